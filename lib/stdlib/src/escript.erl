%% SPDX-License-Identifier: Apache-2.0
%% escript: runs a script, which may be Erlang source (with or without "#!" and
%% "%%!" lines before it), a .beam file, or an archive of them. Source is
%% always compiled.
-module(escript).

-export([start/0, start/1, script_name/0]).

-record(part, {main :: module() | none, name :: file:filename()}).

-spec script_name() -> string().
script_name() ->
    [Script | _] = init:get_plain_arguments(),
    Script.

start() -> start([]).

%% Runs the script that the first plain argument names, with the others.
-spec start([term()]) -> no_return().
start(_) ->
    try
        case init:get_plain_arguments() of
            [Script | Args] -> run(Script, Args);
            [] -> fatal("Missing filename")
        end
    of
        _ -> stop(0)
    catch
        throw:{fatal, Text} ->
            io:put_chars(standard_error, ["escript: ", Text, $\n]),
            stop(127);
        Class:Reason:Stack ->
            Text = failure(Class, Reason, Stack),
            io:put_chars(standard_error, ["escript: ", Text, $\n]),
            stop(127)
    end.

%% What was written must be out before the end.
-spec stop(integer()) -> no_return().
stop(Status) ->
    _ = io:put_chars(user, ""),
    halt(Status).

failure(Class, Reason, Stack) ->
    Print = fun(Term, _) -> io_lib:format("~0tp", [Term]) end,
    Own = lists:takewhile(fun({M, _, _, _}) -> M =/= ?MODULE end, Stack),
    erl_error:format_exception(1, Class, Reason, Own,
                               fun(_, _, _) -> false end, Print, unicode).

-spec fatal(iodata()) -> no_return().
fatal(Text) -> throw({fatal, Text}).

run(Script, Args) ->
    Bytes = case file:read_file(Script) of
                {ok, B} -> B;
                {error, _} -> fatal(["Failed to open file: ", Script])
            end,
    Part = #part{main = flag_main(), name = Script},
    Module = load(body(Bytes), Bytes, Part),
    erlang:function_exported(Module, main, 1) orelse
        fatal(io_lib:format("Function main/1 is not exported in module ~tw",
                            [Module])),
    Module:main(Args).

%% -escript main Module
flag_main() ->
    case init:get_argument(escript) of
        {ok, [["main", Name] | _]} -> list_to_atom(Name);
        _ -> none
    end.

%% What follows the lines that tell how to run it.
body(<<"#!", _/binary>> = Bytes) -> after_notes(after_line(Bytes), 2);
body(Bytes) -> Bytes.

after_line(Bytes) ->
    case binary:split(Bytes, <<"\n">>) of
        [_, Rest] -> Rest;
        [_] -> <<>>
    end.

after_notes(<<"%%", _/binary>> = Bytes, N) when N > 0 ->
    after_notes(after_line(Bytes), N - 1);
after_notes(Bytes, _) -> Bytes.

load(<<"FOR1", _/binary>> = Beam, _, Part) ->
    load_beam(Beam, Part#part.name);
load(<<"PK", _/binary>> = Archive, _, Part) -> load_archive(Archive, Part);
load(<<>>, _, _) -> fatal("Premature end of file reached");
load(_, Bytes, Part) -> load_source(Bytes, Part).

load_beam(Beam, Name) ->
    case beam_lib:info(Beam) of
        Info when is_list(Info) ->
            {_, Module} = lists:keyfind(module, 1, Info),
            {module, Module} = code:load_binary(Module, Name, Beam),
            Module;
        _ -> fatal("Beam file expected")
    end.

%%% Source

load_source(Bytes, #part{name = Name}) ->
    Forms0 = parse(Bytes, Name),
    {Module, Forms} = as_module(Forms0, Name),
    %% OTP interprets most scripts: it warns of what can be seen without
    %% compiling them
    compile:noenv_forms(Forms, [basic_validation, report, brief]) =:= error
        andalso fatal("There were compilation errors."),
    {ok, Module, Beam} = compile:noenv_forms(Forms, []),
    {module, Module} = code:load_binary(Module, Name, Beam),
    Module.

%% The preprocessor reads files: without its first line, which it would not
%% understand, the source goes into a file of its own for a moment.
parse(<<"#!", _/binary>> = Bytes, Name) ->
    First = unicode:characters_to_binary(
              io_lib:format("-file(~tp, 1).\n", [Name])),
    Copy = filename:join(temporary_dir(),
                         "merle-script-" ++ os:getpid() ++ ".erl"),
    case file:write_file(Copy, [First, after_line(Bytes)]) of
        ok ->
            Result = epp:parse_file(Copy, options(Name)),
            _ = file:delete(Copy),
            forms(Result, Name);
        {error, E} ->
            fatal([Copy, ": ", file:format_error(E)])
    end;
parse(_, Name) -> forms(epp:parse_file(Name, options(Name)), Name).

options(Name) ->
    [{includes, [filename:dirname(Name)]}, {location, {1, 1}}].

temporary_dir() -> os:getenv("TMPDIR", "/tmp").

forms({ok, Forms}, _) -> Forms;
forms({error, _}, Name) -> fatal(["Failed to open file: ", Name]).

%% Main/1 is exported, and a script without a module's name gets one.
as_module(Forms0, Name) ->
    Forms1 = [F || F <- Forms0, element(1, F) =/= eof],
    case lists:keyfind(module, 3, Forms1) of
        {attribute, _, module, Module} ->
            {Before, [M | After]} =
                lists:splitwith(fun(F) -> element(3, F) =/= module end,
                                [F || F <- Forms1]),
            {Module, Before ++ [M, export(Forms1) | After]};
        false ->
            Module = list_to_atom(filename:basename(Name, ".erl")
                                  ++ "__escript__" ++ os:getpid()),
            {Module, [{attribute, 1, file, {Name, 1}},
                      {attribute, 1, module, Module}, export(Forms1)
                      | Forms1]}
    end.

export(Forms) ->
    Exported = [main || {attribute, _, export, List} <- Forms,
                        lists:member({main, 1}, List)],
    {attribute, 0, export, [{main, 1} || Exported =:= []]}.

%%% Archives

%% Loads all modules of the archive; answers the one with main/1.
load_archive(Archive, #part{main = Main, name = Name}) ->
    Files = archive_files(Archive),
    Modules = [load_beam(Bytes, filename:join(Name, File))
               || {File, Bytes} <- Files,
                  filename:extension(File) =:= ".beam"],
    Base = list_to_atom(filename:basename(Name, ".escript")),
    case Main of
        none ->
            case lists:member(Base, Modules) of
                true -> Base;
                false -> fatal(io_lib:format("Failed to load ~tw", [Base]))
            end;
        _ -> Main
    end.

%% The files of a zip archive, by its directory at the end.
archive_files(Archive) ->
    case binary:matches(Archive, <<"PK", 5, 6>>) of
        [] -> fatal("Archive is damaged");
        Ends ->
            {At, _} = lists:last(Ends),
            <<_:At/binary, _:80, Count:16/little, Size:32/little,
              _/binary>> = Archive,
            Start = At - Size,
            <<_:Start/binary, Directory:Size/binary, _/binary>> = Archive,
            %% places count from the first file, wherever the archive begins
            directory(Directory, Archive, Count)
    end.

directory(<<"PK", 1, 2, _:6/binary, Method:16/little, _:8/binary,
            Size:32/little, _:32, NameSize:16/little, ExtraSize:16/little,
            NoteSize:16/little, _:8/binary, At:32/little,
            Name:NameSize/binary, _:ExtraSize/binary, _:NoteSize/binary,
            Rest/binary>>, Archive, Count) when Count > 0 ->
    <<_:At/binary, "PK", 3, 4, _:22/binary, N:16/little, E:16/little,
      _:N/binary, _:E/binary, Data:Size/binary, _/binary>> = Archive,
    Bytes = case Method of
                0 -> Data;
                8 -> zlib:unzip(Data)
            end,
    [{binary_to_list(Name), Bytes} | directory(Rest, Archive, Count - 1)];
directory(_, _, _) -> [].
