%% SPDX-License-Identifier: Apache-2.0
%% What a transform puts in the place of a number, a location say, is a literal
%% of that value.
-module(transformed_literals).
-export([main/0, parse_transform/2]).

%% expect: {{3,7},"x"}
%% expect: [1,{a,"b"}]

main() ->
    show(location),
    show(term).

show(What) ->
    Forms = [{attribute, 1, module, made}, {attribute, 1, export, [{f, 0}]},
             {function, 1, f, 0, [{clause, 1, [], [], [{atom, {3, 7}, What}]}]}],
    {ok, made, Beam} = compile:forms(Forms, [{parse_transform, ?MODULE}]),
    {module, made} = code:load_binary(made, "made", Beam),
    io:format("~p~n", [made:f()]).

parse_transform(Forms, _) ->
    [case Form of
         {function, A, f, 0, [{clause, C, [], [], [{atom, At, What}]}]} ->
             {function, A, f, 0, [{clause, C, [], [], [value(What, At)]}]};
         _ -> Form
     end || Form <- Forms].

value(location, At) ->
    {tuple, At, [{integer, At, At}, {string, At, "x"}]};
value(term, At) ->
    {cons, At, {integer, At, 1},
     {cons, At, {atom, At, {a, "b"}}, {nil, At}}}.
