%% SPDX-License-Identifier: Apache-2.0
%% What EUnit's listeners hear of tests, groups and fixtures, and its reports.
%% expect: passed: ok
%% expect: first: ok
%% expect: second: {error,{assertEqual,"1 + 1",3,2}}
%% expect: third: {error,{assertMatch,"{ ok , 1 }"}}
%% expect: pass 2 fail 2 skip 0 cancel 0
%% expect: error
%% expect: : ok
%% expect: : ok
%% expect: missing: {skipped,{module_not_found,no_such_module}}
%% expect: cancel group setup_failed
%% expect: a: ok
%% expect: cancel group cleanup_failed
%% expect: pass 3 fail 0 skip 1 cancel 2
%% expect: error
%% expect: 1: ok
%% expect: 2: ok
%% expect: 3: ok
%% expect: 4: ok
%% expect: pass 4 fail 0 skip 0 cancel 0
%% expect: ok
%% expect: cancel test timeout
%% expect: cancel group blame
%% expect: pass 0 fail 0 skip 0 cancel 2
%% expect: error
%% expect: [set_up,{a,1},clean_up,set_up,{b,1},clean_up]
%% expect:   All 3 tests passed.
%% expect: undefined
%% expect: *** bad test descriptor ***
%% expect: **{nonsense,1}
%% expect:
%% expect: =======================================================
%% expect:   Failed: 0.  Skipped: 0.  Passed: 0.
%% expect: One or more tests were cancelled.
-module(eunit_events).
-export([main/0, init/1, handle_begin/3, handle_end/3, handle_cancel/3,
         terminate/2]).
-define(EUNIT_NOAUTO, true).
-include_lib("eunit/include/eunit.hrl").

main() ->
    run([{"passed", ?_assert(is_list(get()))},
         {"first", ?_assertError(badarg, list_to_atom(id(a)))},
         {"second", ?_assertEqual(3, 1 + 1)},
         {"third", ?_assertMatch({ok, 1}, id({ok, 2}))}]),
    run([{setup, fun() -> 1 end, fun(X) -> [?_assertEqual(1, X),
                                            ?_assertNotEqual(2, X)] end},
         {"missing", {no_such_module, f}},
         {setup, fun() -> error(no) end, {"never", fun main/0}},
         {setup, fun() -> 1 end, fun(_) -> error(no) end,
          {"a", fun() -> ok end}}]),
    run({inparallel, [{integer_to_list(N), fun() -> timer:sleep(50 - 10 * N) end}
                      || N <- [1, 2, 3, 4]]}),
    run({timeout, 0.05, fun() -> timer:sleep(5000) end}),
    Log = ets:new(log, [public, ordered_set]),
    Say = fun(X) -> ets:insert(Log, {ets:info(Log, size), X}) end,
    eunit:test({foreach, fun() -> Say(set_up), 1 end, fun(1) -> Say(clean_up) end,
                [fun(X) -> ?_test(Say({T, X})) end || T <- [a, b]]}, [no_tty]),
    io:format("~w~n", [[X || {_, X} <- ets:tab2list(Log)]]),
    eunit:test([?_assertExit(a, exit(a)), ?_assertThrow(b, throw(b)),
                ?_test(begin io:format("heard"),
                             "heard" = ?capturedOutput end)]),
    eunit:test({nonsense, 1}).

id(X) -> X.

run(Tests) ->
    io:format("~w~n", [eunit:test(Tests, [no_tty, {report, listener()}])]).

listener() -> eunit_listener:start(?MODULE).

init(_) -> none.

handle_begin(_, _, S) -> S.

handle_end(test, Data, S) ->
    [Title, Status] = [proplists:get_value(K, Data) || K <- [desc, status]],
    io:format("~ts: ~p~n", [case Title of undefined -> ""; _ -> Title end,
                            short(Status)]),
    S;
handle_end(_, _, S) -> S.

handle_cancel(Type, Data, S) ->
    Why = case proplists:get_value(reason, Data) of
        {abort, {Reason, _}} -> Reason;
        Reason when is_tuple(Reason) -> element(1, Reason);
        Reason -> Reason
    end,
    io:format("cancel ~w ~w~n", [Type, Why]),
    S.

terminate({ok, Counts}, _) ->
    [io:format("~w ~w~c", [K, proplists:get_value(K, Counts),
                           case K of cancel -> $\n; _ -> $\s end])
     || K <- [pass, fail, skip, cancel]].

short({error, {error, {Kind, Info}, _}}) ->
    {error, list_to_tuple([Kind | [V || {K, V} <- Info,
                                        not lists:member(K, [module, line])
                                            andalso (Kind =/= assertMatch
                                                     orelse K =:= pattern)]])};
short(Status) -> Status.
