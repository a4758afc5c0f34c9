%% SPDX-License-Identifier: Apache-2.0
%% Forms that name files by lists that are no names: the code can be loaded.
%% only merle
%% expect: {"a.erl",7}
%% expect: {"a",7}
%% expect: {65532,7}
-module(file_names).
-export([main/0]).

main() ->
    [io:format("~p~n", [place(Name)])
     || Name <- ["a.erl", [$a, 1 bsl 27, -1, 16#D800, x],
                 lists:duplicate(70000, $n)]].

place(File) ->
    Forms = [{attribute, 1, file, {File, 1}}, {attribute, 1, module, named},
             {attribute, 2, export, [{f, 1}]},
             {function, 7, f, 1, [{clause, 7, [{atom, 7, no}], [], [{nil, 7}]}]}],
    {ok, named, Code} = compile:forms(Forms, []),
    {module, named} = code:load_binary(named, "named", Code),
    try named:f(yes)
    catch error:function_clause:Stack ->
            [{named, f, _, [{file, Name}, {line, Line}]} | _] = Stack,
            {case length(Name) of
                 N when N > 100 -> N;
                 _ -> Name
             end, Line}
    end.
