%% SPDX-License-Identifier: Apache-2.0
%% Digests of the forms of source files, and of the texts that erl_pp makes of
%% them, and how many of those texts are read back as the same form; run by the
%% program "forms" beside this file, on either Erlang.
-module(forms_digest).
-export([main/1]).

main([List, Out]) ->
    {ok, Names} = file:read_file(List),
    Files = [binary_to_list(N) || N <- binary:split(Names, <<"\n">>, [global]),
                                  N =/= <<>>],
    {Lines, Times} = lists:unzip([one(F) || F <- Files]),
    {Reads, Prints} = lists:unzip(Times),
    Time = io_lib:format("time ~w ~w~n", [lists:sum(Reads), lists:sum(Prints)]),
    ok = file:write_file(Out, [Lines, Time]),
    halt().

%% A line about the file, and how long reading and printing it took.
one(File) ->
    Start = erlang:monotonic_time(microsecond),
    Forms = read(File),
    Middle = erlang:monotonic_time(microsecond),
    Texts = [text(Form) || Form <- Forms],
    End = erlang:monotonic_time(microsecond),
    {line(File, Forms, Texts), {Middle - Start, End - Middle}}.

read(File) ->
    Dir = filename:dirname(File),
    Includes = [filename:join(Dir, D)
                || D <- ["../include", "../internal_include",
                         "../../kernel/include", "../../kernel/src",
                         "../../stdlib/include"]],
    try epp:parse_file(File, [{includes, Includes}, {location, {1, 1}}]) of
        {ok, Forms} -> Forms;
        Error -> [Error]
    catch
        Class:Reason -> [{Class, Reason}]
    end.

line(File, Forms, Texts) ->
    Same = [true || {F, T} <- lists:zip(Forms, Texts), reads_back(F, T)],
    io_lib:format("~ts ~s ~s ~w ~w~n",
                  [File, digest(term_to_binary(Forms)), digest(Texts),
                   length(Same), length(Forms)]).

%% The end of the file has no text.
reads_back({eof, _}, _) -> true;
reads_back(Form, Text) ->
    try
        {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Text)),
        {ok, Again} = erl_parse:parse_form(Tokens),
        without_places(Again) =:= without_places(Form)
    catch
        _:_ -> false
    end.

without_places(Form) ->
    erl_parse:map_anno(fun(_) -> 0 end, Form).

text(Form) ->
    try unicode:characters_to_binary(erl_pp:form(Form))
    catch Class:Reason -> io_lib:format("~p", [{Class, Reason}])
    end.

digest(Bytes) ->
    [io_lib:format("~2.16.0b", [B]) || <<B>> <= erlang:md5(Bytes)].
