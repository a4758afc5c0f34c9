%% SPDX-License-Identifier: Apache-2.0
%% Compiled regular expressions are data: equal when their sources are, kept in
%% files, sent away and read again; what is none is refused, and so many in
%% turn that no cache holds them are right all the same.
%% expect: {true,false,true}
%% expect: {match,[{1,2},{2,1}]}
%% expect: {match,["\r"]}
%% expect: [nomatch,nomatch,nomatch,nomatch,{match,[{1,1}]}]
%% expect: [refused,refused,refused,refused]
%% expect: {match,[{0,2},{1,1}]}
%% expect: {ok,true}
-module(kept_patterns).
-export([main/0]).

main() ->
    {ok, P} = re:compile("A(b)", [caseless]),
    {ok, Q} = re:compile(<<"A(b)">>, [caseless]),
    {ok, Other} = re:compile("A(b)"),
    show({P =:= Q, P =:= Other, is_binary(element(5, P))}),
    Read = binary_to_term(term_to_binary(P)),
    show(re:run("xabx", Read)),
    {ok, Lines} = re:compile(".", [{newline, lf}]),
    show(re:run("\r", Lines, [{capture, all, list}])),
    show([re:run("a\rb", "^b", [multiline, {newline, lf}])
          || _ <- lists:seq(1, 4)]
         ++ [re:run("\rb", "^b", [multiline, {newline, cr}])]),
    {re_pattern, C, U, L, Bytes} = P,
    <<_:4/binary, Rest/binary>> = Bytes,
    show([refused({re_pattern, C, U, L, B})
          || B <- [<<>>, <<"junk">>, binary:part(Bytes, 0, 6), Rest]]),
    %% A binary that begins inside a byte of another.
    <<_:3, Moved/bitstring>> = <<0:3, Bytes/binary>>,
    show(re:run("AB", {re_pattern, C, U, L, Moved})),
    Many = [{N, element(2, re:compile(["^", integer_to_list(N), "$"]))}
            || N <- lists:seq(1, 3000)],
    Right = [{match, [{0, length(integer_to_list(N))}]}
                 =:= re:run(integer_to_list(N), M)
             || _ <- [1, 2], {N, M} <- Many],
    show({ok, lists:all(fun(R) -> R end, Right)}).

refused(Pattern) ->
    try re:run("ab", Pattern) catch error:_ -> refused end.

show(Term) -> io:format("~0p~n", [Term]).
