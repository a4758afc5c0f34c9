%% SPDX-License-Identifier: Apache-2.0
%% mnesia_subscr: who wants to know what happens: to tables, which the tables'
%% property `subscribers' says, and to the system.
-module(mnesia_subscr).
-behaviour(gen_server).

-export([start_link/0, subscribe/2, unsubscribe/2, report/1, subscribers/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% subscriptions: [{Pid, system | activity | {table, Table, Kind}}].
-record(state, {subscriptions = []}).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

subscribe(Pid, What) -> ask(subscribe, Pid, What).

unsubscribe(Pid, What) -> ask(unsubscribe, Pid, What).

ask(Do, Pid, {table, Table}) -> ask(Do, Pid, {table, Table, simple});
ask(Do, Pid, What) ->
    case What of
        _ when What =:= system; What =:= activity -> call({Do, Pid, What});
        {table, _, Kind} when Kind =:= simple; Kind =:= detailed ->
            call({Do, Pid, What});
        _ -> {error, {badarg, What}}
    end.

call(Request) ->
    try gen_server:call(?MODULE, Request, infinity)
    catch exit:_ -> {error, {node_not_running, node()}}
    end.

subscribers() -> gen_server:call(?MODULE, subscribers, infinity).

%% To those that subscribe to the system, and to the log if it is bad news.
report(Event) ->
    catch gen_server:cast(?MODULE, {event, Event}),
    case Event of
        {inconsistent_database, _, _} -> log("mnesia_event got ~tw~n", [Event]);
        {mnesia_error, Format, Args} -> log(Format, Args);
        _ -> ok
    end.

log(Format, Args) ->
    error_logger:format("Mnesia(~p): ** ERROR ** " ++ Format, [node() | Args]).

init([]) ->
    process_flag(trap_exit, true),
    {ok, #state{}}.

handle_call({subscribe, Pid, What}, _, #state{subscriptions = Ss} = S) ->
    case subscribable(What) of
        true ->
            case known(Pid, What, Ss) of
                [] ->
                    link(Pid),
                    New = S#state{subscriptions = [{Pid, What} | Ss]},
                    {reply, {ok, node()}, shown(What, New)};
                _ -> {reply, {error, {already_exists, What}}, S}
            end;
        Reason -> {reply, {error, Reason}, S}
    end;
handle_call({unsubscribe, Pid, What}, _, #state{subscriptions = Ss} = S) ->
    case lists:delete({Pid, What}, Ss) of
        Ss -> {reply, {error, badarg}, S};
        Rest ->
            lists:keymember(Pid, 1, Rest) orelse unlink(Pid),
            {reply, {ok, node()}, shown(What, S#state{subscriptions = Rest})}
    end;
handle_call(subscribers, _, #state{subscriptions = Ss} = S) ->
    {reply, [P || {P, system} <- Ss], S};
handle_call({sync, Event}, _, S) ->
    tell(Event, S),
    {reply, ok, S}.

%% A process has one kind of subscription to a table.
known(Pid, {table, T, _}, Ss) -> [S || {P, {table, U, _}} = S <- Ss, P =:= Pid, T =:= U];
known(Pid, What, Ss) -> [S || S <- Ss, S =:= {Pid, What}].

subscribable({table, Table, _}) ->
    case {mnesia_table:exists(Table), mnesia_table:is_local(Table)} of
        {true, true} -> true;
        {true, false} -> {not_active_local, Table};
        _ -> {no_exists, Table}
    end;
subscribable(_) -> true.

shown({table, Table, _}, #state{subscriptions = Ss} = S) ->
    Key = {Table, subscribers},
    case [{P, K} || {P, {table, T, K}} <- Ss, T =:= Table] of
        [] -> mnesia_lib:unset(Key);
        Those -> mnesia_lib:set(Key, Those)
    end,
    S;
shown(_, S) -> S.

handle_cast({event, Event}, S) ->
    tell(Event, S),
    {noreply, S}.

tell(Event, #state{subscriptions = Ss}) ->
    [P ! {mnesia_system_event, Event} || {P, system} <- Ss].

handle_info({'EXIT', Pid, _}, #state{subscriptions = Ss} = S) ->
    {Gone, Rest} = lists:partition(fun({P, _}) -> P =:= Pid end, Ss),
    {noreply, lists:foldl(fun({_, What}, St) -> shown(What, St) end,
                          S#state{subscriptions = Rest}, Gone)};
handle_info(_, S) -> {noreply, S}.
