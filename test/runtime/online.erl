%% SPDX-License-Identifier: Apache-2.0
%% Schedulers that are taken out or blocked, and what is said of them.
%% expect: {enabled,blocked,blocked,[true],blocked,enabled,[]}
%% expect: {blocked_normal,[true],blocked,blocked,blocked_normal,enabled}
%% expect: enabled
%% expect: {true,1,[1],true}
%% expect: 200
-module(online).
-export([main/0]).

main() ->
    io:format("~w~n", [blocking()]),
    io:format("~w~n", [kinds()]),
    io:format("~w~n", [blocker_ends()]),
    io:format("~w~n", [taken_out()]),
    io:format("~w~n", [work()]).

state() -> erlang:system_info(multi_scheduling).
flag(F) -> erlang:system_flag(multi_scheduling, F).
blockers() -> [P =:= self() || P <- erlang:system_info(multi_scheduling_blockers)].

blocking() ->
    Before = state(),
    One = flag(block),
    Two = flag(block),
    Who = blockers(),
    {Before, One, Two, Who, flag(unblock), flag(unblock), blockers()}.

kinds() ->
    One = flag(block_normal),
    Who = [P =:= self()
           || P <- erlang:system_info(normal_multi_scheduling_blockers)],
    {One, Who, flag(block), state(), flag(unblock), flag(unblock_normal)}.

blocker_ends() ->
    {_, M} = spawn_monitor(fun() -> blocked = flag(block) end),
    receive {'DOWN', M, _, _, normal} -> state() end.

%% With one scheduler left all run there.
taken_out() ->
    All = erlang:system_info(schedulers),
    All = erlang:system_flag(schedulers_online, 1),
    Online = erlang:system_info(schedulers_online),
    timer:sleep(20),
    Ids = lists:usort([id() || _ <- lists:seq(1, 50)]),
    1 = erlang:system_flag(schedulers_online, All),
    {All >= 1, Online, Ids, erlang:system_info(schedulers_online) =:= All}.

id() ->
    Self = self(),
    spawn(fun() -> erlang:yield(),
                   Self ! {id, erlang:system_info(scheduler_id)} end),
    receive {id, Id} -> Id end.

%% Nobody is forgotten while they come and go.
work() ->
    Self = self(),
    All = erlang:system_info(schedulers),
    [spawn(fun() -> [begin timer:sleep(rand:uniform(3)), erlang:yield() end
                     || _ <- lists:seq(1, 20)],
                    Self ! done end) || _ <- lists:seq(1, 200)],
    [begin
         flag(block), timer:sleep(1), flag(unblock),
         erlang:system_flag(schedulers_online, 1 + I rem All)
     end || I <- lists:seq(1, 40)],
    erlang:system_flag(schedulers_online, All),
    length([receive done -> ok end || _ <- lists:seq(1, 200)]).
