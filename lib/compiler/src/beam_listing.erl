%% SPDX-License-Identifier: Apache-2.0
%% Assembly as text, one term a line, as erlc -S writes it: module, exports,
%% attributes, number of labels, and the instructions of each function; and
%% forms, as terms or as source.
-module(beam_listing).

-export([file/4, module/2, from_beam/2]).

%% Writes forms or assembly to the file [Path], as source or as terms; the
%% first line names the encoding when there is one.
file(Path, How, Encoding, Code) ->
    case file:open(Path, [write, delayed_write]) of
        {ok, Device} ->
            ok = io:setopts(Device, [{encoding, used(Encoding)}]),
            Encoding =:= none orelse
                io:fwrite(Device, "%% ~s\n",
                          [epp:encoding_to_string(Encoding)]),
            write(How, Device, Code),
            file:close(Device);
        Error -> Error
    end.

used(none) -> epp:default_encoding();
used(Encoding) -> Encoding.

write(terms, Device, Code) -> module(Device, Code);
write(source, Device, Forms) ->
    Encoding = lists:keyfind(encoding, 1, io:getopts(Device)),
    lists:foreach(fun(F) ->
                          io:put_chars(Device, [erl_pp:form(F, [Encoding]),
                                                $\n])
                  end, Forms).

%% {Module, Exports, Attributes, [{function, F, A, Entry, Code}], Labels} to
%% [Device].
module(Device, {Module, Exports, Attributes, Functions, Labels}) ->
    io:format(Device, "{module, ~tp}.  %% version = 0\n\n", [Module]),
    io:format(Device, "{exports, ~tp}.\n\n", [Exports]),
    io:format(Device, "{attributes, ~tp}.\n\n", [Attributes]),
    io:format(Device, "{labels, ~p}.\n\n", [Labels]),
    lists:foreach(fun(F) -> function(Device, F) end, Functions);
module(Device, Forms) when is_list(Forms) ->
    lists:foreach(fun(F) -> io:format(Device, "~tp.\n", [F]) end, Forms).

function(Device, {function, Name, Arity, Entry, Code}) ->
    io:format(Device, "\n{function, ~tw, ~w, ~w}.\n", [Name, Arity, Entry]),
    lists:foreach(fun(I) -> instruction(Device, I) end, Code),
    io:nl(Device).

instruction(Device, {label, _} = Label) ->
    io:format(Device, "  ~p.\n", [Label]);
instruction(Device, Other) ->
    io:format(Device, "    ~tp.\n", [Other]).

%% What module/2 writes, of an object file made of [Source].
from_beam(Beam, Source) ->
    {beam_file, Module, Exports, Attributes, _, Functions} =
        beam_disasm:file(Beam),
    {ok, {_, [{"Code", <<_:32, _:32, _:32, Labels:32, _/binary>>}]}} =
        beam_lib:chunks(Beam, ["Code"]),
    Entries = #{{F, A} => E || {function, F, A, E, _} <- Functions},
    Lines = lines(Beam, Source),
    {Module, [{F, A} || {F, A, _} <- Exports],
     [A || {Name, _} = A <- Attributes, Name =/= vsn],
     [{function, F, A, E, [readable(I, Module, Entries, Lines) || I <- Code]}
      || {function, F, A, E, Code} <- Functions],
     Labels + 1}.

%% Functions of the module are named by their labels, lines by their places.
readable({line, N}, _, _, Lines) ->
    {line, maps:get(N, Lines, [])};
readable({raise, Trace, Reason}, _, _, _) ->
    {bif, raise, {f, 0}, [Trace, Reason], {x, 0}};
readable({Name, Fail, A, B, To}, _, _, _)
  when Name =:= fadd; Name =:= fsub; Name =:= fmul; Name =:= fdiv ->
    {bif, Name, Fail, [A, B], To};
readable({fnegate, Fail, A, To}, _, _, _) -> {bif, fnegate, Fail, [A], To};
readable({test, Name, Fail, Live, Args, To}, _, _, _) ->
    {test, Name, Fail, Live, flags_last(Name, Args), To};
readable({test, Name, Fail, [_ | _] = Args}, _, _, _) ->
    {test, Name, Fail, flags_last(Name, Args)};
readable({make_fun3, {M, F, A}, Index, Unique, To, Free}, M, Entries, _) ->
    {make_fun3, {f, maps:get({F, A}, Entries)}, Index, Unique, To, Free};
readable(I, Module, Entries, _)
  when element(1, I) =:= call; element(1, I) =:= call_only;
       element(1, I) =:= call_last ->
    {Module, F, A} = element(3, I),
    setelement(3, I, {f, maps:get({F, A}, Entries)});
readable(I, _, _, _) -> I.

%% Of tests that read bits the last argument is flags.
flags_last(Name, Args) ->
    case atom_to_list(Name) of
        "bs_" ++ _ when length(Args) > 2 ->
            [Flags | Rest] = lists:reverse(Args),
            lists:reverse(Rest, [flags(Flags)]);
        _ -> Args
    end.

flags(N) when is_integer(N) ->
    {field_flags,
     [Name || {Bit, Name} <- [{2, little}, {4, signed}, {16, native}],
              N band Bit =/= 0]};
flags(Other) -> Other.

%% Places by the numbers that line instructions have, from 1.
lines(Beam, Source) ->
    case beam_lib:chunks(Beam, ["Line"], [allow_missing_chunks]) of
        {ok, {_, [{_, <<_:32, _:32, _:32, Count:32, _:32, Data/binary>>}]}} ->
            {Places, Names} = places(Count, 0, Data, []),
            Files = maps:from_list(
                      lists:enumerate(0, [Source | file_names(Names)])),
            #{N => [{location, maps:get(File, Files, Source), Line}]
              || {N, {File, Line}} <- lists:enumerate(Places)};
        _ -> #{}
    end.

places(0, _, Rest, Places) -> {lists:reverse(Places), Rest};
places(Count, File, Data, Places) ->
    case number(Data) of
        {2, Other, Rest} -> places(Count, Other, Rest, Places);
        {_, Line, Rest} -> places(Count - 1, File, Rest, [{File, Line} | Places])
    end.

%% {Tag, Number, Rest} of what is written in as few bytes as it takes.
number(<<N:4, 0:1, Tag:3, Rest/binary>>) -> {Tag, N, Rest};
number(<<High:3, 1:2, Tag:3, Low, Rest/binary>>) ->
    {Tag, High bsl 8 bor Low, Rest};
number(<<Size:3, 3:2, Tag:3, Data/binary>>) ->
    Bytes = Size + 2,
    <<N:Bytes/unit:8, Rest/binary>> = Data,
    {Tag, N, Rest}.

file_names(<<Size:16, Name:Size/binary, Rest/binary>>) ->
    [unicode:characters_to_list(Name) | file_names(Rest)];
file_names(_) -> [].
