%% SPDX-License-Identifier: Apache-2.0
%% mnesia_locker: the locks of transactions, on records and on whole tables.
%%
%% A transaction that wants what an older one has is sent back to start anew
%% under its old number; an older one waits for younger ones. So nobody waits in
%% a circle, and everybody is the oldest some day.
-module(mnesia_locker).
-behaviour(gen_server).

-export([start_link/0, new_tid/0, lock/3, release/1, info/1, restarted/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-type tid() :: pos_integer().
-type item() :: {Table :: atom(), Key :: term()} | {Table :: atom(), whole}.
-type mode() :: read | write.

%% locks: Table => #{{key, Key} | whole => [{Tid, Mode}]}. waiting: in the order
%% they came. owners: Tid => the monitor of its process.
-record(state, {next = 1, locks = #{}, waiting = [], owners = #{},
                restarts = 0}).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

-spec new_tid() -> tid().
new_tid() -> gen_server:call(?MODULE, new_tid, infinity).

-spec lock(tid(), item(), mode()) -> granted | restart.
lock(Tid, Item, Mode) ->
    gen_server:call(?MODULE, {lock, Tid, Item, Mode}, infinity).

-spec release(tid()) -> ok.
release(Tid) -> gen_server:call(?MODULE, {release, Tid}, infinity).

restarted() -> gen_server:cast(?MODULE, restarted).

info(Item) -> gen_server:call(?MODULE, {info, Item}, infinity).

init([]) -> {ok, #state{}}.

handle_call(new_tid, {Pid, _}, #state{next = N, owners = Owners} = S) ->
    {reply, N, S#state{next = N + 1,
                       owners = Owners#{N => monitor(process, Pid)}}};
handle_call({lock, Tid, Item, Mode}, From, S) ->
    case blockers(Tid, Item, Mode, S) of
        [] -> {reply, granted, granted(Tid, Item, Mode, S)};
        Tids ->
            case lists:all(fun(T) -> T > Tid end, Tids) of
                true ->
                    Waiting = S#state.waiting ++ [{From, Tid, Item, Mode}],
                    {noreply, S#state{waiting = Waiting}};
                false -> {reply, restart, S}
            end
    end;
handle_call({release, Tid}, _, S) -> {reply, ok, served(forgotten(Tid, S))};
handle_call({info, held_locks}, _, #state{locks = Locks} = S) ->
    {reply, [{{Tab, key(Key)}, Mode, {tid, Tid, none}}
             || {Tab, Items} <- maps:to_list(Locks),
                {Key, Holders} <- maps:to_list(Items),
                {Tid, Mode} <- Holders], S};
handle_call({info, lock_queue}, _, S) ->
    {reply, [{Item, Mode, {tid, Tid, Pid}}
             || {{Pid, _}, Tid, Item, Mode} <- S#state.waiting], S};
handle_call({info, transactions}, _, S) ->
    {reply, [{tid, Tid, none} || Tid <- maps:keys(S#state.owners)], S};
handle_call({info, restarts}, _, S) -> {reply, S#state.restarts, S}.

key(whole) -> '______WHOLETABLE_____';
key({key, Key}) -> Key.

handle_cast(restarted, S) ->
    {noreply, S#state{restarts = S#state.restarts + 1}}.

handle_info({'DOWN', Monitor, process, _, _}, #state{owners = Owners} = S) ->
    Gone = [Tid || {Tid, M} <- maps:to_list(Owners), M =:= Monitor],
    {noreply, served(lists:foldl(fun forgotten/2, S, Gone))};
handle_info(_, S) -> {noreply, S}.

place({_, whole}) -> whole;
place({_, Key}) -> {key, Key}.

%% The transactions that stand against a lock.
blockers(Tid, {Tab, _} = Item, Mode, #state{locks = Locks}) ->
    Items = maps:get(Tab, Locks, #{}),
    Near = case place(Item) of
               whole -> lists:append(maps:values(Items));
               Key -> maps:get(Key, Items, []) ++ maps:get(whole, Items, [])
           end,
    [T || {T, M} <- Near, T =/= Tid, Mode =:= write orelse M =:= write].

granted(Tid, {Tab, _} = Item, Mode, #state{locks = Locks} = S) ->
    Items = maps:get(Tab, Locks, #{}),
    Place = place(Item),
    Holders = maps:get(Place, Items, []),
    S#state{locks = Locks#{Tab => Items#{Place => [{Tid, Mode} | Holders]}}}.

forgotten(Tid, #state{locks = Locks, owners = Owners, waiting = Ws} = S) ->
    case Owners of
        #{Tid := Monitor} -> demonitor(Monitor, [flush]);
        _ -> true
    end,
    S#state{locks = maps:filtermap(fun(_, Items) -> without(Tid, Items) end,
                                   Locks),
            owners = maps:remove(Tid, Owners),
            waiting = [W || {_, T, _, _} = W <- Ws, T =/= Tid]}.

without(Tid, Items) ->
    Left = maps:filtermap(
        fun(_, Holders) ->
            case [H || {T, _} = H <- Holders, T =/= Tid] of
                [] -> false;
                Others -> {true, Others}
            end
        end, Items),
    case map_size(Left) of
        0 -> false;
        _ -> {true, Left}
    end.

%% Gives those that wait what they can have now.
served(#state{waiting = Waiting} = S0) ->
    lists:foldl(
        fun({From, Tid, Item, Mode} = W, S) ->
            case blockers(Tid, Item, Mode, S) of
                [] ->
                    gen_server:reply(From, granted),
                    granted(Tid, Item, Mode, S);
                Tids ->
                    case lists:all(fun(T) -> T > Tid end, Tids) of
                        true -> S#state{waiting = S#state.waiting ++ [W]};
                        false ->
                            gen_server:reply(From, restart),
                            S
                    end
            end
        end, S0#state{waiting = []}, Waiting).
