%% SPDX-License-Identifier: Apache-2.0
%% mnesia_part: changes that come from other nodes: of transactions, first all
%% that is to be done, then that it is to be done; and dirty ones.
%%
%% When who does the transaction is gone in between, those that take part ask
%% each other: it is done if one of them was told so.
-module(mnesia_part).
-behaviour(gen_server).

-export([start_link/0, prepare/4, commit/2, abort/2, dirty/3, count/4, put_off/2, loaded/1,
         info/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% ops: what was prepared. uncertain: false, or the nodes that did not answer
%% yet what they know. asked: those that want to know it of us.
-record(part, {ops, nodes, monitor, uncertain = false, asked = []}).

%% parts: Tid => #part{}. done: the Tids of late that were committed. late:
%% what came for copies that are being fetched, newest first.
-record(state, {parts = #{}, done = queue:new(), late = []}).

-define(REMEMBERED, 1000).

%% The process is named as OTP's.
-define(NAME, mnesia_tm).

start_link() -> gen_server:start_link({local, ?NAME}, ?MODULE, [], []).

%% All nodes say yes, or one says no or is down.
-spec prepare(mnesia_locker:tid(), [mnesia_table:op()], [node()], [term()]) ->
          ok | {no, term()} | {down, node()}.
prepare(Tid, Ops, Nodes, Checks) ->
    Message = {prepare, Tid, Ops, Nodes, Checks},
    answers([{N, gen_server:send_request({?NAME, N}, Message)} || N <- Nodes]).

answers(Requests) ->
    Answers = [{N, gen_server:receive_response(R, infinity)} || {N, R} <- Requests],
    case [A || {_, Answer} = A <- Answers, Answer =/= {reply, ok}] of
        [] -> ok;
        [{_, {reply, {no, _} = No}} | _] -> No;
        [{Node, {error, _}} | _] -> {down, Node}
    end.

commit(Tid, Nodes) ->
    answers([{N, gen_server:send_request({?NAME, N}, {commit, Tid})} || N <- Nodes]).

abort(Tid, Nodes) ->
    [gen_server:cast({?NAME, N}, {abort, Tid}) || N <- Nodes],
    ok.

%% What is to be done is done where [Wait] says when this returns.
dirty(Id, Ops, {Nodes, Wait}) ->
    [gen_server:cast({?NAME, N}, {dirty, Id, Ops}) || N <- Nodes -- Wait],
    answers([{N, gen_server:send_request({?NAME, N}, {dirty, Id, Ops})}
             || N <- Wait]).

%% A counter's new value.
count(Node, Table, Key, N) ->
    try gen_server:call({?NAME, Node}, {count, Table, Key, N}, infinity)
    catch exit:_ -> mnesia:abort({node_not_running, Node})
    end.

%% For later: the copy is not complete.
put_off(Op, Id) ->
    case whereis(?NAME) =:= self() of
        true -> self() ! {late, Op, Id};
        false -> gen_server:call(?NAME, {late, Op, Id}, infinity)
    end,
    ok.

%% The copy of [Table] has come; what waited for it is done.
loaded(Table) -> gen_server:call(?NAME, {loaded, Table}, infinity).

%% What takes part here, and what is under way here.
info(Timeout) -> gen_server:call(?NAME, info, Timeout).

init([]) -> {ok, #state{}}.

handle_call({prepare, {tid, _, Pid} = Tid, Ops, Nodes, Checks}, _, S) ->
    case lists:all(fun holds/1, Checks) of
        true ->
            Part = #part{ops = Ops, nodes = Nodes, monitor = monitor(process, Pid)},
            {reply, ok, S#state{parts = (S#state.parts)#{Tid => Part}}};
        false -> {reply, {no, changed}, S}
    end;
handle_call({commit, Tid}, _, S) -> {reply, ok, decided(commit, Tid, S)};
handle_call({dirty, Id, Ops}, _, S) ->
    mnesia_table:here(Ops, Id, true),
    {reply, ok, S};
handle_call({count, Table, Key, N}, {Pid, _}, S) ->
    Name = mnesia_table:info(Table, record_name),
    New = case ets:lookup(Table, Key) of
              [{_, _, Old}] -> max(0, Old + N);
              [] -> max(0, N)
          end,
    Op = {write, Table, {Name, Key, New}},
    mnesia_table:here([Op], {dirty, Pid}, true),
    dirty({dirty, Pid}, [Op], {mnesia_table:targets(Table) -- [node()], []}),
    {reply, New, S};
handle_call({late, Op, Id}, _, S) -> {reply, ok, late(Op, Id, S)};
handle_call({loaded, Table}, _, #state{late = Late} = S) ->
    mnesia_lib:unset({Table, loading}),
    {Mine, Others} = lists:partition(fun({Op, _}) -> element(2, Op) =:= Table end,
                                     Late),
    [mnesia_table:do(Op, Id, true) || {Op, Id} <- lists:reverse(Mine)],
    {reply, ok, S#state{late = Others}};
handle_call(info, _, #state{parts = Parts} = S) ->
    Mine = [T || {tid, _, P} = T <- mnesia_locker:info(transactions),
                 node(P) =:= node()],
    {reply, {info, maps:keys(Parts), Mine}, S}.

%% The tables of a transaction have the copies still that it knows of.
holds({Table, Nodes}) -> lists:sort(mnesia_table:targets(Table)) =:= Nodes.

late(Op, Id, #state{late = Late} = S) ->
    case mnesia_table:info(element(2, Op), loading, false) of
        true -> S#state{late = [{Op, Id} | Late]};
        false ->
            mnesia_table:here([Op], Id, true),
            S
    end.

handle_cast({dirty, Id, Ops}, S) ->
    mnesia_table:here(Ops, Id, true),
    {noreply, S};
handle_cast({uncertain, Tid, Node}, #state{parts = Parts, done = Done} = S) ->
    case Parts of
        #{Tid := #part{uncertain = false, asked = Ns} = Part} ->
            {noreply, S#state{parts = Parts#{Tid := Part#part{asked = [Node | Ns]}}}};
        _ ->
            Known = case queue:member(Tid, Done) of
                        true -> commit;
                        false -> unknown
                    end,
            gen_server:cast({?NAME, Node}, {Known, Tid, node()}),
            {noreply, S}
    end;
handle_cast({unknown, Tid, Node}, #state{parts = Parts} = S) ->
    case Parts of
        #{Tid := #part{uncertain = [_ | _] = Ns} = Part} ->
            {noreply, given_up(Tid, Part#part{uncertain = lists:delete(Node, Ns)}, S)};
        _ -> {noreply, S}
    end;
handle_cast({Decision, Tid, _}, S) -> {noreply, decided(Decision, Tid, S)};
handle_cast({Decision, Tid}, S) -> {noreply, decided(Decision, Tid, S)}.

decided(Decision, {tid, _, Pid} = Tid, #state{parts = Parts} = S) ->
    case maps:take(Tid, Parts) of
        {#part{ops = Ops, monitor = Monitor, asked = Ns}, Rest} ->
            demonitor(Monitor, [flush]),
            Answer = case Decision of commit -> commit; abort -> unknown end,
            [gen_server:cast({?NAME, N}, {Answer, Tid, node()}) || N <- Ns],
            Decision =:= commit andalso mnesia_table:here(Ops, Tid, true),
            node(Pid) =:= node() orelse mnesia_locker:release(Tid, []),
            S#state{parts = Rest, done = remembered(Decision, Tid, S#state.done)};
        error -> S
    end.

remembered(commit, Tid, Done) ->
    New = queue:in(Tid, Done),
    case queue:len(New) > ?REMEMBERED of
        true -> queue:drop(New);
        false -> New
    end;
remembered(abort, _, Done) -> Done.

handle_info({late, Op, Id}, S) -> {noreply, late(Op, Id, S)};
handle_info({'DOWN', Monitor, process, _, _}, #state{parts = Parts} = S) ->
    case [X || {_, #part{monitor = M}} = X <- maps:to_list(Parts), M =:= Monitor] of
        [{Tid, Part}] ->
            Others = [N || N <- Part#part.nodes -- [node()],
                           lists:member(N, mnesia_lib:running())],
            [gen_server:cast({?NAME, N}, {uncertain, Tid, node()}) || N <- Others],
            Asking = Others -- Part#part.asked,
            [gen_server:cast({?NAME, N}, {unknown, Tid, node()})
             || N <- Part#part.asked],
            {noreply, given_up(Tid, Part#part{uncertain = Asking, asked = []}, S)};
        [] -> {noreply, S}
    end;
handle_info({mnesia_down, Node}, #state{parts = Parts} = S0) ->
    {noreply, maps:fold(
        fun(Tid, #part{uncertain = Ns} = Part, S) when is_list(Ns) ->
                given_up(Tid, Part#part{uncertain = lists:delete(Node, Ns)}, S);
           (_, _, S) -> S
        end, S0, Parts)};
handle_info(_, S) -> {noreply, S}.

%% Nobody is left who could know.
given_up(Tid, #part{uncertain = []} = Part, #state{parts = Parts} = S) ->
    decided(abort, Tid, S#state{parts = Parts#{Tid => Part}});
given_up(Tid, Part, #state{parts = Parts} = S) ->
    S#state{parts = Parts#{Tid => Part}}.
