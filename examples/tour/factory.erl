%% SPDX-License-Identifier: Apache-2.0
%% A factory: a supervisor over a store and two makers.
-module(factory).
-behaviour(supervisor).
-export([start/0, order/1, stored/0, init/1]).
-export([start_store/0, store/1]).

start() ->
    {ok, Sup} = supervisor:start_link({local, ?MODULE}, ?MODULE, []),
    unlink(Sup),
    ok.

%% Orders go to the makers by the number: odd ones to the left.
order(N) -> maker:order(element(1 + N rem 2, {right, left}), N).

%% What has been made so far.
stored() ->
    Ref = monitor(process, store),
    store ! {stored, self(), Ref},
    receive
        {Ref, Things} ->
            demonitor(Ref, [flush]),
            Things;
        {'DOWN', Ref, _, _, Reason} ->
            exit(Reason)
    end.

init([]) ->
    {ok, {#{}, [#{id => store, start => {?MODULE, start_store, []}}
                | [#{id => Name, start => {maker, start_link, [Name]}}
                   || Name <- [left, right]]]}}.

%% The store is a plain process.
start_store() ->
    Pid = proc_lib:spawn_link(?MODULE, store, [[]]),
    register(store, Pid),
    {ok, Pid}.

store(Things) ->
    receive
        {made, Thing} ->
            store([Thing | Things]);
        {stored, From, Ref} ->
            From ! {Ref, lists:reverse(Things)},
            store(Things)
    end.
