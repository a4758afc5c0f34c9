%% SPDX-License-Identifier: Apache-2.0
%% Digests of the forms of source files, and of the texts that erl_pp makes of
%% them; run by the program "forms" beside this file, on either Erlang.
-module(forms_digest).
-export([main/1]).

main([List, Out]) ->
    {ok, Names} = file:read_file(List),
    Files = [binary_to_list(N) || N <- binary:split(Names, <<"\n">>, [global]),
                                  N =/= <<>>],
    Start = erlang:monotonic_time(microsecond),
    Read = [{F, read(F)} || F <- Files],
    Middle = erlang:monotonic_time(microsecond),
    Lines = [line(R) || R <- Read],
    End = erlang:monotonic_time(microsecond),
    ok = file:write_file(Out, [Lines, io_lib:format("time ~w ~w~n",
                                                    [Middle - Start,
                                                     End - Middle])]),
    halt().

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

line({File, Forms}) ->
    Texts = [text(F) || F <- Forms],
    [File, $\s, digest(term_to_binary(Forms)), $\s, digest(Texts), $\n].

text(Form) ->
    try unicode:characters_to_binary(erl_pp:form(Form))
    catch Class:Reason -> io_lib:format("~p", [{Class, Reason}])
    end.

digest(Bytes) ->
    [io_lib:format("~2.16.0b", [B]) || <<B>> <= erlang:md5(Bytes)].
