%% SPDX-License-Identifier: Apache-2.0
%% mnesia_locker: the locks of transactions, on records and on whole tables.
%%
%% A transaction that wants what a younger one has waits for that; one that wants
%% what an older one has, or waits for, is sent back to start anew under its old
%% number. So nobody waits in a circle, and all become the oldest. Each node has
%% the locks of what it holds: who reads asks one, who writes all with a copy.
-module(mnesia_locker).
-behaviour(gen_server).

-export([start_link/0, new_tid/0, lock/4, release/2, finish/2, info/1,
         restarted/0]).
-export([mnesia_down/1, get_held_locks/0, get_lock_queue/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-export_type([tid/0, item/0, mode/0]).

-type tid() :: {tid, pos_integer(), pid()}.
-type item() :: {Table :: atom(), Key :: term()}.
-type mode() :: read | write.

-define(WHOLE, '______WHOLETABLE_____').

%% locks: Table => #{Key | ?WHOLE => [{Tid, Mode}]}. waiting: in the order
%% they came. owners: Tid => the monitor of its process.
-record(state, {next = 1, locks = #{}, waiting = [], owners = #{},
                restarts = 0}).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

-spec new_tid() -> tid().
new_tid() -> gen_server:call(?MODULE, new_tid, infinity).

%% Asks the nodes that are named. No circle of those that wait goes over nodes:
%% everywhere it is older ones that wait for younger ones.
-spec lock(tid(), [node()], item(), mode()) -> granted | restart | {down, node()}.
lock(Tid, Nodes, Item, Mode) ->
    answers([{N, gen_server:send_request({?MODULE, N}, {lock, Tid, Item, Mode})}
             || N <- Nodes], granted).

answers([], Answer) -> Answer;
answers([{Node, Request} | Rest], Answer) ->
    Timeout = case Answer of granted -> infinity; _ -> 0 end,
    answers(Rest, case gen_server:receive_response(Request, Timeout) of
                      {reply, New} when Answer =:= granted -> New;
                      {error, _} when Answer =:= granted -> {down, Node};
                      _ -> Answer
                  end).

%% Here at once, elsewhere some time later.
-spec release(tid(), [node()]) -> ok.
release(Tid, Nodes) -> release(Tid, Nodes, release).

%% The same for good.
finish(Tid, Nodes) -> release(Tid, Nodes, finish).

release(Tid, Nodes, How) ->
    [gen_server:cast({?MODULE, N}, {release, Tid}) || N <- Nodes, N =/= node()],
    gen_server:call(?MODULE, {How, Tid}, infinity).

restarted() -> gen_server:cast(?MODULE, restarted).

info(Item) -> gen_server:call(?MODULE, {info, Item}, infinity).

%% Who does transactions there has no locks any more.
mnesia_down(Node) -> gen_server:cast(?MODULE, {mnesia_down, Node}).

get_held_locks() -> info(held_locks).
get_lock_queue() -> info(lock_queue).

init([]) ->
    process_flag(trap_exit, true),
    {ok, #state{}}.

handle_call(new_tid, {Pid, _}, #state{next = N} = S) ->
    link(Pid), % a transaction does not outlive its database
    Tid = {tid, N, Pid},
    {reply, Tid, known(Tid, S)};
handle_call({lock, Tid, Item, Mode}, From, S0) ->
    S = known(Tid, S0),
    case verdict(Tid, Item, Mode, S) of
        grant -> {reply, granted, granted(Tid, Item, Mode, S)};
        wait ->
            Waiting = S#state.waiting ++ [{From, Tid, Item, Mode}],
            {noreply, S#state{waiting = Waiting}};
        restart -> {reply, restart, S}
    end;
handle_call({release, Tid}, _, S) -> {reply, ok, served(forgotten(Tid, S))};
handle_call({finish, {tid, _, Pid} = Tid}, _, S) ->
    unlink(Pid),
    {reply, ok, served(forgotten(Tid, S))};
handle_call({info, held_locks}, _, #state{locks = Locks} = S) ->
    {reply, [{{Tab, Key}, Mode, Tid}
             || {Tab, Items} <- maps:to_list(Locks),
                {Key, Holders} <- maps:to_list(Items),
                {Tid, Mode} <- Holders], S};
handle_call({info, lock_queue}, _, S) ->
    {reply, [{Item, Mode, Pid, Tid, hd(blockers(Tid, Item, Mode, S) ++ [Tid])}
             || {_, {_, _, Pid} = Tid, Item, Mode} <- S#state.waiting], S};
handle_call({info, transactions}, _, S) -> {reply, maps:keys(S#state.owners), S};
handle_call({info, restarts}, _, S) -> {reply, S#state.restarts, S}.

%% Numbers of nodes that speak with each other do not drift apart.
known({tid, N, Pid} = Tid, #state{next = Next, owners = Owners} = S) ->
    case Owners of
        #{Tid := _} -> S;
        _ -> S#state{next = max(N + 1, Next),
                     owners = Owners#{Tid => monitor(process, Pid)}}
    end.

handle_cast({release, Tid}, S) -> {noreply, served(forgotten(Tid, S))};
handle_cast({mnesia_down, Node}, #state{owners = Owners} = S) ->
    Gone = [Tid || {tid, _, Pid} = Tid <- maps:keys(Owners), node(Pid) =:= Node],
    {noreply, served(lists:foldl(fun forgotten/2, S, Gone))};
handle_cast(restarted, S) ->
    {noreply, S#state{restarts = S#state.restarts + 1}}.

handle_info({'DOWN', Monitor, process, _, _}, #state{owners = Owners} = S) ->
    Gone = [Tid || {Tid, M} <- maps:to_list(Owners), M =:= Monitor],
    {noreply, served(lists:foldl(fun forgotten/2, S, Gone))};
handle_info(_, S) -> {noreply, S}.

%% Waits for younger ones, those before it that wait among them.
verdict(Tid, Item, Mode, #state{waiting = Waiting} = S) ->
    Queued = [T || {_, T, I, M} <- Waiting, T =/= Tid,
                   Mode =:= write orelse M =:= write, near(I, Item)],
    case blockers(Tid, Item, Mode, S) ++ Queued of
        [] -> grant;
        Others ->
            case lists:all(fun(T) -> older(Tid, T) end, Others) of
                true -> wait;
                false -> restart
            end
    end.

near({Tab, A}, {Tab, B}) -> A =:= B orelse A =:= ?WHOLE orelse B =:= ?WHOLE;
near(_, _) -> false.

older({tid, N, P}, {tid, M, Q}) -> {N, node(P), P} < {M, node(Q), Q}.

%% The transactions that stand against a lock.
blockers(Tid, {Tab, Place}, Mode, #state{locks = Locks}) ->
    Items = maps:get(Tab, Locks, #{}),
    Near = case Place of
               ?WHOLE -> lists:append(maps:values(Items));
               Key -> maps:get(Key, Items, []) ++ maps:get(?WHOLE, Items, [])
           end,
    [T || {T, M} <- Near, T =/= Tid, Mode =:= write orelse M =:= write].

granted(Tid, {Tab, Place}, Mode, #state{locks = Locks} = S) ->
    Items = maps:get(Tab, Locks, #{}),
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
            case verdict(Tid, Item, Mode, S) of
                grant ->
                    gen_server:reply(From, granted),
                    granted(Tid, Item, Mode, S);
                wait -> S#state{waiting = S#state.waiting ++ [W]};
                restart ->
                    gen_server:reply(From, restart),
                    S
            end
        end, S0#state{waiting = []}, Waiting).
