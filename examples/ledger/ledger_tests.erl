%% SPDX-License-Identifier: Apache-2.0
%% Tests of ledger and ledger_server.
-module(ledger_tests).
-include_lib("eunit/include/eunit.hrl").

%% Accounts of three with something in them.
ledger() ->
    lists:foldl(fun({Name, Amount}, L0) ->
                    {ok, L1} = ledger:open(Name, L0),
                    {ok, L2} = ledger:deposit(Name, Amount, L1),
                    L2
                end, ledger:new(), [{ann, 100}, {bob, 50}, {cid, 1}]).

%% ---- Cases, one function each ----

new_test() ->
    ?assertEqual(0, ledger:total(ledger:new())).

open_twice_test() ->
    ?assertEqual({error, exists}, ledger:open(ann, ledger())).

transfer_test() ->
    {ok, L} = ledger:transfer(ann, bob, 30, ledger()),
    ?assertEqual({ok, 70}, ledger:balance(ann, L)),
    ?assertEqual({ok, 80}, ledger:balance(bob, L)),
    ?assertMatch({error, _}, ledger:balance(dora, L)).

transfer_to_oneself_test() ->
    ?assertEqual({ok, ledger()}, ledger:transfer(ann, ann, 10, ledger())).

%% ---- Cases from a table ----

refused_test_() ->
    [{lists:flatten(io_lib:format("~w to ~w: ~w", [From, To, Amount])),
      ?_assertEqual({error, Why}, ledger:transfer(From, To, Amount, ledger()))}
     || {From, To, Amount, Why} <- [{ann, bob, 101, funds},
                                    {cid, ann, 2, funds},
                                    {ann, dora, 1, unknown},
                                    {dora, ann, 1, unknown},
                                    {ann, bob, 0, amount},
                                    {ann, bob, -5, amount}]].

total_is_kept_test_() ->
    Names = [ann, bob, cid],
    [?_assertEqual(151, total_after(ledger:transfer(A, B, N, ledger())))
     || A <- Names, B <- Names, N <- [1, 50]].

total_after({ok, Ledger}) -> ledger:total(Ledger);
total_after({error, _}) -> ledger:total(ledger()).

%% ---- With a server, a new one for each ----

server_test_() ->
    {foreach, fun start/0, fun ledger_server:stop/1,
     [fun balance_case/1, fun refusal_case/1, fun many_clients_case/1]}.

start() ->
    {ok, S} = ledger_server:start_link(),
    [begin
         ok = change(S, open, [Name]),
         ok = change(S, deposit, [Name, 100])
     end || Name <- [ann, bob, cid]],
    S.

balance_case(S) ->
    {"balance", ?_assertEqual({ok, 100}, ask(S, balance, [ann]))}.

refusal_case(S) ->
    {"a refusal changes nothing",
     [?_assertEqual({error, funds}, change(S, transfer, [cid, ann, 101])),
      ?_assertEqual(300, ask(S, total, []))]}.

%% Whoever wins which race, nothing is lost.
many_clients_case(S) ->
    {"many clients", {timeout, 20, fun() ->
        Names = [ann, bob, cid],
        Clients = [spawn_monitor(fun() ->
                       [change(S, transfer, [A, B, 60]) || A <- Names, B <- Names]
                   end) || _ <- lists:seq(1, 20)],
        [receive {'DOWN', M, process, P, normal} -> ok end || {P, M} <- Clients],
        ?assertEqual(300, ask(S, total, []))
    end}}.

change(S, Function, Args) -> ledger_server:change(S, Function, Args).

ask(S, Function, Args) -> ledger_server:ask(S, Function, Args).
