%% SPDX-License-Identifier: Apache-2.0
%% Files of terms, sorted, merged and checked.
%% expect: {2,{1,z}}
%% expect: [ok,[{1,a},{1,z},{2,b},{3,c}]]
%% expect: [ok,[{1,z},{1,a},{2,b},{3,c}]]
%% expect: [ok,[{1,z},{3,c},{2,b},{1,a}]]
%% expect: [ok,3]
%% expect: [ok,[{0,q},{1,a},{1,z},{2,b},{3,c},{9,q}]]
%% expect: {ok,[]}
%% expect: [1,2,3]
%% expect: error
-module(file_sorter_test).
-export([main/0]).

main() ->
    write("a", [{3, c}, {1, z}, {2, b}, {1, a}]),
    {ok, [{_, Place, Bad}]} = file_sorter:check("a"),
    show({Place, Bad}),
    show([file_sorter:sort(["a"], "b"), read("b")]),
    show([file_sorter:keysort(1, ["a"], "b"), read("b")]),
    show([file_sorter:keysort(2, ["a"], "b", [{order, descending}]), read("b")]),
    show([file_sorter:keysort(1, ["a"], "b", [{unique, true}]), length(read("b"))]),
    write("c", [{0, q}, {9, q}]),
    ok = file_sorter:sort("a"),
    show([file_sorter:merge(["a", "c"], "d"), read("d")]),
    show(file_sorter:check("d")),
    show(file_sorter:sort(input([[3, 1], [2]]), output([]), [{format, term}])),
    show(element(1, file_sorter:sort(["missing"], "x"))).

write(File, Terms) ->
    ok = file:write_file(File, [<<(byte_size(B)):32, B/binary>>
                                || T <- Terms, B <- [term_to_binary(T)]]).

read(File) ->
    {ok, Bytes} = file:read_file(File),
    [binary_to_term(B) || <<N:32, B:N/binary>> <= Bytes].

input([]) -> fun(close) -> ok; (read) -> end_of_input end;
input([Part | Rest]) ->
    fun(close) -> ok; (read) -> {Part, input(Rest)} end.

output(Found) ->
    fun(close) -> lists:append(lists:reverse(Found));
       (Terms) -> output([Terms | Found])
    end.

show(Term) -> io:format("~p~n", [Term]).
