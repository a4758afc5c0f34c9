%% SPDX-License-Identifier: Apache-2.0
%% What is told of clauses that cannot match, and of calls that must fail.
%%
%% expect: X = 3, case 1 + 1 of X -> a; _ -> b end
%% expect:   22 this clause cannot match because its guard evaluates to 'false'
%% expect: X = 3, case {2, 4} of {X, X} -> a; _ -> b end
%% expect:   23 this clause cannot match because its guard evaluates to 'false'
%% expect: X = 3, case {2, P} of {X, Q} -> a; _ -> b end
%% expect: X = 3, case 2 of X when P -> a; _ -> b end
%% expect: X = 3, case 2.0 of X -> a; _ -> b end
%% expect:   20 this clause cannot match because its guard evaluates to 'false'
%% expect: X = 3, case P of X -> a; _ -> b end
%% expect: X = {3, 4}, case {3, 5} of X -> a; _ -> b end
%% expect:   28 this clause cannot match because its guard evaluates to 'false'
%% expect: X = 3, X = 4
%% expect:   8 this clause cannot match because its guard evaluates to 'false'
%% expect:   8 no clause will ever match
%% expect: X = 3, case 2 of X -> ok end
%% expect:   8 no clause will ever match
%% expect:   18 this clause cannot match because its guard evaluates to 'false'
%% expect: {X, X} = {3, 4}, X
%% expect:   1 this clause cannot match because its guard evaluates to 'false'
%% expect:   1 no clause will ever match
%% expect: case {P, Q} of {_, _, _} -> a; [_ | _] -> b; {_, _} -> c end
%% expect:   16 this clause cannot match because of different types/sizes
%% expect:   32 this clause cannot match because of different types/sizes
%% expect: case P of _ -> a; 1 -> b end
%% expect:   19 this clause cannot match because a previous clause at line 1 always matches
%% expect: case P of 1 when 2 < 1 -> a; _ when false -> b; _ -> c end
%% expect:   11 this clause cannot match because its guard evaluates to 'false'
%% expect:   30 this clause cannot match because its guard evaluates to 'false'
%% expect: case P of {ok, _} = {error, _} -> a; _ -> b end
%% expect:   11 pattern cannot possibly match
%% expect: if 1 > 2 -> a; true -> b end
%% expect:   4 this clause cannot match because its guard evaluates to 'false'
%% expect: 1 + a
%% expect:   3 evaluation of operator '+'/2 will fail with a 'badarith' exception
%% expect:   3 the result of evaluating operator '+'/2 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: hd([])
%% expect:   1 the call to hd/1 will fail with a 'badarg' exception
%% expect:   1 the result of calling hd/1 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: length(a)
%% expect:   1 the call to length/1 will fail with a 'badarg' exception
%% expect:   1 the result of calling length/1 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: atom_to_list(1)
%% expect:   1 the call to atom_to_list/1 will fail with a 'badarg' exception
%% expect:   1 the result of calling atom_to_list/1 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: abs(x)
%% expect:   1 the call to abs/1 will fail with a 'badarg' exception
%% expect:   1 the result of calling abs/1 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: 1 and true
%% expect:   3 evaluation of operator 'and'/2 will fail with a 'badarg' exception
%% expect:   3 the result of evaluating operator 'and'/2 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: list_to_integer("abc")
%% expect:   1 the call to list_to_integer/1 will fail with a 'badarg' exception
%% expect:   1 the result of calling list_to_integer/1 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: binary_to_atom(abc)
%% expect:   1 the call to binary_to_atom/1 will fail with a 'badarg' exception
%% expect:   1 the result of calling binary_to_atom/1 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: list_to_binary(["foo", bar])
%% expect:   1 the call to list_to_binary/1 will fail with a 'badarg' exception
%% expect:   1 the result of calling list_to_binary/1 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: maps:get("a", #{})
%% expect:   1 the call to map_get/2 will fail with a '{badkey,"a"}' exception
%% expect:   1 the result of calling map_get/2 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect:   1 the result of calling maps:get/2 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: math:sqrt(-1)
%% expect:   1 the call to math:sqrt/1 will fail with a 'badarith' exception
%% expect:   1 the result of calling math:sqrt/1 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: lists:append([1 | b], [2])
%% expect:   1 the call to lists:append/2 will fail with a 'badarg' exception
%% expect:   1 the result of calling lists:append/2 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: [1 | b] ++ [2]
%% expect:   9 evaluation of operator '++'/2 will fail with a 'badarg' exception
%% expect:   9 the result of evaluating operator '++'/2 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: maps:is_key(a, [])
%% expect:   1 the call to is_map_key/2 will fail with a '{badmap,[]}' exception
%% expect:   1 the result of calling is_map_key/2 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect:   1 the result of calling maps:is_key/2 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: setelement(3, {a, b}, c)
%% expect:   1 the call to setelement/3 will fail with a 'badarg' exception
%% expect:   1 the result of calling setelement/3 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: X = list_to_integer("12"), X + a
%% expect:   30 evaluation of operator '+'/2 will fail with a 'badarith' exception
%% expect:   30 the result of evaluating operator '+'/2 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: element(1, x)
%% expect:   1 the call to element/2 will fail with a 'badarg' exception
%% expect:   1 the result of calling element/2 is ignored (suppress the warning by assigning the expression to the _ variable)
%% expect: P + 1, Q
%% expect:   3 the result of evaluating operator '+'/2 is ignored (suppress the warning by assigning the expression to the _ variable)
-module(never_matches).
-export([main/0]).

main() ->
    [one(Text) || Text <- texts()],
    ok.

texts() ->
    [%% a bound variable is compared
     "X = 3, case 1 + 1 of X -> a; _ -> b end",
     "X = 3, case {2, 4} of {X, X} -> a; _ -> b end",
     "X = 3, case {2, P} of {X, Q} -> a; _ -> b end",
     "X = 3, case 2 of X when P -> a; _ -> b end",
     "X = 3, case 2.0 of X -> a; _ -> b end",
     "X = 3, case P of X -> a; _ -> b end",
     "X = {3, 4}, case {3, 5} of X -> a; _ -> b end",
     "X = 3, X = 4",
     "X = 3, case 2 of X -> ok end",
     "{X, X} = {3, 4}, X",
     %% types and sizes, shadows, guards
     "case {P, Q} of {_, _, _} -> a; [_ | _] -> b; {_, _} -> c end",
     "case P of _ -> a; 1 -> b end",
     "case P of 1 when 2 < 1 -> a; _ when false -> b; _ -> c end",
     "case P of {ok, _} = {error, _} -> a; _ -> b end",
     "if 1 > 2 -> a; true -> b end",
     %% calls
     "1 + a", "hd([])", "length(a)", "atom_to_list(1)", "abs(x)",
     "1 and true", "list_to_integer(\"abc\")", "binary_to_atom(abc)",
     "list_to_binary([\"foo\", bar])", "maps:get(\"a\", #{})", "math:sqrt(-1)",
     "lists:append([1 | b], [2])", "[1 | b] ++ [2]", "maps:is_key(a, [])",
     "setelement(3, {a, b}, c)", "X = list_to_integer(\"12\"), X + a",
     "element(1, x)", "P + 1, Q"].

one(Text) ->
    Source = "f(P, Q) -> " ++ Text ++ ", {P, Q}.",
    {ok, Tokens, _} = erl_scan:string(Source, {1, 1}),
    {ok, Form} = erl_parse:parse_form(Tokens),
    {ok, m, _, Warnings} =
        compile:forms([{attribute, 1, module, m}, {attribute, 1, export, [{f, 2}]},
                       Form], [return]),
    io:format("~ts~n", [Text]),
    [io:format("  ~w ~ts~n", [Column - 11, Module:format_error(What)])
     || {_, List} <- Warnings, {{_, Column}, Module, What} <- List].
