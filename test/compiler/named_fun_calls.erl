%% SPDX-License-Identifier: Apache-2.0
%% Named funs that call themselves, with variables from around, in all places.
%% expect: 20 512
%% expect: ok
%% expect: 7 [7,14]
%% expect: [6,7,7]
%% expect: 4
%% expect: [7,7,hello,5]
%% expect: 500500
%% expect: {shadowed,3}
-module(named_fun_calls).
-export([main/0]).

main() ->
    A = list_to_integer("5"),
    B = list_to_integer("7"),
    Own = fun G(0) -> A;
              G(N) when N > 100 -> B + G(100);
              G(N) -> A + G(N - 1)
          end,
    io:format("~p ~p~n", [Own(3), Own(1000)]),
    %% Of another arity it fails as a fun does.
    Other = fun G(0, _) -> ok;
                G(N, X) ->
                    {'EXIT', {{badarity, {G, [X]}}, _}} = (catch G(X)),
                    G(N - 1, X)
            end,
    io:format("~p~n", [Other(3, x)]),
    Passed = fun G(0) -> fun() -> G(1) end;
                 G(N) when N > 5 -> lists:map(G, [1, 2]);
                 G(N) -> N * B
             end,
    io:format("~p ~p~n", [(Passed(0))(), Passed(7)]),
    Tried = fun G([]) -> [];
                G([X | Xs]) -> [try X + A catch _:_ -> B end | G(Xs)]
            end,
    io:format("~p~n", [Tried([1, a, 2])]),
    Listed = fun G(N) -> [] = [G(M) + B || M <- lists:seq(1, N - 1), M < 0], N end,
    io:format("~p~n", [Listed(4)]),
    Received = fun G(N, Acc) when N > 0 ->
                       receive X -> G(N - 1, [X, A | Acc])
                       after 0 -> G(N - 1, [B | Acc])
                       end;
                   G(_, Acc) -> Acc
               end,
    self() ! hello,
    io:format("~p~n", [Received(3, [])]),
    io:format("~p~n", [(fun G(0, S) -> S; G(N, S) -> G(N - 1, S + N) end)(1000, 0)]),
    Hidden = fun G(G1) -> (fun G(0) -> {shadowed, G1}; G(N) -> G(N - 1) end)(G1) end,
    io:format("~p~n", [Hidden(3)]).
