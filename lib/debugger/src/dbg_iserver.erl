%% SPDX-License-Identifier: Apache-2.0
%% dbg_iserver: knows what is debugged: modules, break points, processes.
-module(dbg_iserver).
-behaviour(gen_server).

-export([start/0, stop/0, find/0, call/1, safe_call/1, cast/1]).
-export([enter/2, leave/1, status/3, hit/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% modules: Name => source. processes: [{Pid, Function, Status, Info}], the
%% newest last. auto: {Flags, Function} that attaches.
-record(state, {modules = #{}, processes = [], subscribers = [], auto = false,
                stack_trace = all}).

start() ->
    case gen_server:start({local, ?MODULE}, ?MODULE, [], []) of
        {error, {already_started, Pid}} -> {ok, Pid};
        Result -> Result
    end.

stop() -> gen_server:stop(?MODULE).

find() -> whereis(?MODULE).

call(Request) -> gen_server:call(?MODULE, Request, infinity).

safe_call(Request) ->
    {ok, _} = start(),
    call(Request).

cast(Request) -> gen_server:cast(?MODULE, Request).

%% ---- From processes ----

enter(Pid, Function) -> call({enter, Pid, Function}).
leave(Pid) -> call({leave, Pid}).
status(Pid, Status, Info) -> call({status, Pid, Status, Info}).

%% What a break point does when it was hit: enable, disable, delete.
hit(_, _, enable) -> ok;
hit(Module, Line, disable) ->
    call({change_break, Module, Line,
          fun([_ | Rest]) -> [inactive | Rest] end});
hit(Module, Line, delete) -> call({delete_break, Module, Line}).

init([]) ->
    ets:new(dbg_int, [named_table, public, {read_concurrency, true}]),
    {ok, #state{}}.

handle_call({interpret, Module, Source}, _, #state{modules = Ms} = S) ->
    tell(S, {interpret, Module}),
    {reply, ok, S#state{modules = Ms#{Module => Source}}};
handle_call({forget, Module}, _, #state{modules = Ms} = S) ->
    ets:match_delete(dbg_int, {{break, Module, '_'}, '_'}),
    tell(S, {no_interpret, Module}),
    {reply, ok, S#state{modules = maps:remove(Module, Ms)}};
handle_call(interpreted, _, #state{modules = Ms} = S) ->
    {reply, maps:keys(Ms), S};
handle_call({file, Module}, _, #state{modules = Ms} = S) ->
    {reply, maps:get(Module, Ms, {error, not_loaded}), S};
handle_call({add_break, Module, Line, Options}, _, S) ->
    case ets:insert_new(dbg_int, {{break, Module, Line}, Options}) of
        true ->
            tell(S, {new_break, {{Module, Line}, Options}}),
            {reply, ok, S};
        false -> {reply, {error, break_exists}, S}
    end;
handle_call({change_break, Module, Line, Change}, _, S) ->
    case ets:lookup(dbg_int, {break, Module, Line}) of
        [{Key, Options}] -> ets:insert(dbg_int, {Key, Change(Options)});
        [] -> ok
    end,
    {reply, ok, S};
handle_call({delete_break, Module, Line}, _, S) ->
    ets:delete(dbg_int, {break, Module, Line}),
    tell(S, {delete_break, {Module, Line}}),
    {reply, ok, S};
handle_call({no_break, Module}, _, S) ->
    ets:match_delete(dbg_int, {{break, Module, '_'}, '_'}),
    tell(S, no_break),
    {reply, ok, S};
handle_call(breaks, _, S) ->
    Found = ets:match(dbg_int, {{break, '$1', '$2'}, '$3'}),
    {reply, lists:sort([{{M, L}, Options} || [M, L, Options] <- Found]), S};
handle_call(snapshot, _, S) -> {reply, S#state.processes, S};
handle_call({enter, Pid, Function}, _, #state{processes = Ps} = S) ->
    ets:insert(dbg_int, {{mode, Pid}, continue}),
    New = {Pid, Function, running, {}},
    case lists:keymember(Pid, 1, Ps) of
        true ->
            {reply, ok, S#state{processes = lists:keystore(Pid, 1, Ps, New)}};
        false ->
            monitor(process, Pid),
            Meta = spawn(dbg_debugged, meta, [Pid]),
            ets:insert(dbg_int, {{meta, Pid}, Meta}),
            tell(S, {new_process, New}),
            attach(init, Pid, S),
            {reply, ok, S#state{processes = Ps ++ [New]}}
    end;
handle_call({leave, Pid}, _, S) ->
    ets:insert(dbg_int, {{mode, Pid}, idle}),
    {reply, ok, changed(Pid, idle, {}, S)};
handle_call({status, Pid, Status, Info}, _, S) ->
    Status =:= break andalso attach(break, Pid, S),
    {reply, ok, changed(Pid, Status, Info, S)};
handle_call({get_meta, Pid}, _, S) ->
    {reply, case ets:lookup(dbg_int, {meta, Pid}) of
                [{_, Meta}] -> {ok, Meta};
                [] -> {error, not_interpreted}
            end, S};
handle_call(clear, _, #state{processes = Ps} = S) ->
    {reply, ok, S#state{processes = [P || {_, _, Status, _} = P <- Ps,
                                          Status =/= exit]}};
handle_call({subscribe, Pid}, _, #state{subscribers = Ss} = S) ->
    monitor(process, Pid),
    {reply, ok, S#state{subscribers = [Pid | Ss]}};
handle_call(auto_attach, _, S) -> {reply, S#state.auto, S};
handle_call({auto_attach, Auto}, _, S) -> {reply, ok, S#state{auto = Auto}};
handle_call(stack_trace, _, S) -> {reply, S#state.stack_trace, S};
handle_call({stack_trace, Flag}, _, S) ->
    {reply, ok, S#state{stack_trace = Flag}}.

handle_cast(_, S) -> {noreply, S}.

handle_info({'DOWN', _, process, Pid, Reason}, #state{subscribers = Ss} = S) ->
    ets:delete(dbg_int, {mode, Pid}),
    Known = lists:keymember(Pid, 1, S#state.processes),
    Known andalso attach(exit, Pid, S),
    {noreply, case Known of
                  true -> changed(Pid, exit, Reason, S);
                  false -> S#state{subscribers = lists:delete(Pid, Ss)}
              end};
handle_info(_, S) -> {noreply, S}.

changed(Pid, Status, Info, #state{processes = Ps} = S) ->
    case lists:keyfind(Pid, 1, Ps) of
        {Pid, Function, _, _} ->
            tell(S, {new_status, Pid, Status, Info}),
            New = {Pid, Function, Status, Info},
            S#state{processes = lists:keyreplace(Pid, 1, Ps, New)};
        false -> S
    end.

tell(#state{subscribers = Ss}, Message) -> [P ! {int, Message} || P <- Ss], ok.

attach(When, Pid, #state{auto = {Flags, {M, F, Args}}}) ->
    lists:member(When, Flags) andalso spawn(M, F, [Pid | Args]);
attach(_, _, _) -> false.
