%% SPDX-License-Identifier: Apache-2.0
%% A pool: lends workers, one to each borrower, and keeps a queue.
-module(pool).
-behaviour(gen_server).
-export([start_link/3, with/2, with/3, status/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2,
         handle_continue/2]).

-record(pool, {sup,                  % of the workers
               free = [],            % workers
               lent = #{},           % Worker => {Borrower, Monitor}
               queue = queue:new()}).% {From, Monitor} of who waits

start_link(Name, Size, Sup) ->
    gen_server:start_link({local, Name}, ?MODULE, {Size, Sup}, []).

%% Borrows a worker for as long as [F] runs.
with(Pool, F) -> with(Pool, F, infinity).

with(Pool, F, Timeout) ->
    Worker = gen_server:call(Pool, borrow, Timeout),
    try
        F(Worker)
    after
        gen_server:cast(Pool, {give_back, Worker})
    end.

%% {Free, Lent, Waiting}
status(Pool) -> gen_server:call(Pool, status).

%% The supervisor is busy starting this process: it is asked for its other
%% child afterwards.
init({Size, Sup}) ->
    {ok, #pool{}, {continue, {start_workers, Size, Sup}}}.

handle_continue({start_workers, Size, Sup}, P) ->
    {workers, Workers, _, _} =
        lists:keyfind(workers, 1, supervisor:which_children(Sup)),
    {noreply, lists:foldl(fun(_, P1) -> start_worker(P1) end,
                          P#pool{sup = Workers}, lists:seq(1, Size))}.

start_worker(#pool{sup = Sup} = P) ->
    {ok, Worker} = supervisor:start_child(Sup, []),
    monitor(process, Worker),
    lend(Worker, P).

%% To who has waited longest, if anybody.
lend(Worker, #pool{queue = Queue, free = Free} = P) ->
    case queue:out(Queue) of
        {{value, {From, Monitor}}, Rest} ->
            lend_to(Worker, From, Monitor, P#pool{queue = Rest});
        {empty, _} ->
            P#pool{free = [Worker | Free]}
    end.

lend_to(Worker, {Borrower, _} = From, Monitor, #pool{lent = Lent} = P) ->
    gen_server:reply(From, Worker),
    P#pool{lent = Lent#{Worker => {Borrower, Monitor}}}.

handle_call(borrow, {Borrower, _} = From, P) ->
    Monitor = monitor(process, Borrower),
    case P of
        #pool{free = [Worker | Free]} ->
            {noreply, lend_to(Worker, From, Monitor, P#pool{free = Free})};
        #pool{queue = Queue} ->
            {noreply, P#pool{queue = queue:in({From, Monitor}, Queue)}}
    end;
handle_call(status, _, #pool{free = Free, lent = Lent, queue = Queue} = P) ->
    {reply, {length(Free), map_size(Lent), queue:len(Queue)}, P}.

handle_cast({give_back, Worker}, #pool{lent = Lent} = P) ->
    case maps:take(Worker, Lent) of
        {{_, Monitor}, Rest} ->
            demonitor(Monitor, [flush]),
            {noreply, lend(Worker, P#pool{lent = Rest})};
        error ->
            {noreply, P} % it has died
    end.

%% Workers and borrowers are monitored: which of them is gone?
handle_info({'DOWN', Monitor, process, Pid, _}, #pool{lent = Lent} = P) ->
    Waits = fun({_, M}) -> M =:= Monitor end,
    case [W || {W, {B, M}} <- maps:to_list(Lent), {B, M} =:= {Pid, Monitor}] of
        [Worker] ->
            {noreply, lend(Worker, P#pool{lent = maps:remove(Worker, Lent)})};
        [] ->
            case queue:any(Waits, P#pool.queue) of
                true ->
                    {noreply, P#pool{queue = queue:delete_with(Waits,
                                                               P#pool.queue)}};
                false ->
                    {noreply, start_worker(without(Pid, P))}
            end
    end.

without(Worker, #pool{free = Free, lent = Lent} = P) ->
    case Lent of
        #{Worker := {_, Monitor}} -> demonitor(Monitor, [flush]);
        #{} -> ok
    end,
    P#pool{free = lists:delete(Worker, Free), lent = maps:remove(Worker, Lent)}.
