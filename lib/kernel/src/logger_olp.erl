%% SPDX-License-Identifier: Apache-2.0
%% logger_olp: a process that takes a stream of events and must not drown.
%%
%% How many events wait decides how the next are handed over: few are cast,
%% more make their senders wait (sync), many are dropped by the senders, and
%% very many are thrown away here (flush). The mode is an atomic that senders
%% read. Bursts may be cut, and a process that has grown too large ends itself
%% and comes back after a while.
%%
%% The work is done by a callback module: init(Args), handle_load(Event, S),
%% terminate(Reason, S), and if it has them handle_call/3, handle_cast/2,
%% handle_info/2, notify(What, S), reset_state(S).
-module(logger_olp).
-behaviour(gen_server).

-export([start_link/4, load/2, info/1, reset/1, stop/1, restart/1,
         set_opts/2, get_opts/1, get_default_opts/0, get_pid/1, get_ref/1,
         call/2, cast/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3]).

-define(CALL_TIME, 5000).
-define(IDLE_TIME, 100).    % milliseconds without an event
-define(MOST_FLUSHED, 5000).

-define(ASYNC, 0).
-define(SYNC, 1).
-define(DROP, 2).

%% ---- clients ----

%% {ok, Pid, Olp}: Olp names the process to load/2 and the others here.
start_link(Name, Module, Args, Options) ->
    case check_opts(maps:merge(get_default_opts(), Options)) of
        {ok, All} ->
            Mode = atomics:new(1, []),
            case gen_server:start_link({local, Name}, ?MODULE,
                                       {Name, Module, Args, All, Mode}, []) of
                {ok, Pid} -> {ok, Pid, {Name, Pid, Mode}};
                Error -> Error
            end;
        Error -> Error
    end.

load({_, Pid, Mode}, Event) ->
    case atomics:get(Mode, 1) of
        ?ASYNC ->
            gen_server:cast(Pid, {'$olp_load', Event});
        ?SYNC ->
            try gen_server:call(Pid, {'$olp_load', Event}, ?CALL_TIME) of
                _ -> ok
            catch
                exit:_ -> ok
            end;
        ?DROP -> ok
    end.

info(Olp) -> ask(Olp, '$olp_info').
reset(Olp) -> ask(Olp, '$olp_reset').

stop(Olp) ->
    try gen_server:stop(get_pid(Olp), normal, ?CALL_TIME)
    catch exit:_ -> {error, busy}
    end.

set_opts(Olp, Options) ->
    case check_opts(maps:merge(get_default_opts(), Options)) of
        {ok, _} -> ask(Olp, {'$olp_set', Options});
        Error -> Error
    end.

get_opts(Olp) -> ask(Olp, '$olp_get').

get_pid({_, Pid, _}) -> Pid;
get_pid(Name) -> Name.

get_ref(Name) -> ask(Name, '$olp_ref').

call(Olp, Request) -> ask(Olp, Request).

cast(Olp, Message) -> gen_server:cast(get_pid(Olp), Message).

ask(Olp, Request) ->
    try gen_server:call(get_pid(Olp), Request, ?CALL_TIME)
    catch exit:{Reason, _} -> {error, {?MODULE, Reason}}
    end.

%% Called when a process that ended itself shall come back.
restart(Fun) ->
    try Fun() of
        ok -> ok;
        _ -> ok
    catch _:_ -> ok
    end.

get_default_opts() -> logger_config:olp_options().

check_opts(Options) ->
    case maps:filter(fun(K, V) -> not is_valid(K, V) end, Options) of
        Bad when map_size(Bad) > 0 ->
            {error, {invalid_olp_config, Bad}};
        _ ->
            #{sync_mode_qlen := S, drop_mode_qlen := D, flush_qlen := F} =
                Options,
            if
                S > 0, S =< D, D =< F; S =:= 0, D =< F -> {ok, Options};
                true ->
                    {error, {invalid_olp_levels,
                             #{sync_mode_qlen => S, drop_mode_qlen => D,
                               flush_qlen => F}}}
            end
    end.

is_valid(sync_mode_qlen, N) -> is_integer(N) andalso N >= 0;
is_valid(drop_mode_qlen, N) -> is_integer(N) andalso N > 0;
is_valid(flush_qlen, N) -> is_integer(N) andalso N > 0;
is_valid(burst_limit_enable, V) -> is_boolean(V);
is_valid(burst_limit_max_count, N) -> is_integer(N) andalso N > 0;
is_valid(burst_limit_window_time, N) -> is_integer(N) andalso N > 0;
is_valid(overload_kill_enable, V) -> is_boolean(V);
is_valid(overload_kill_qlen, N) -> is_integer(N) andalso N > 0;
is_valid(overload_kill_mem_size, N) -> is_integer(N) andalso N > 0;
is_valid(overload_kill_restart_after, infinity) -> true;
is_valid(overload_kill_restart_after, N) -> is_integer(N) andalso N >= 0;
is_valid(_, _) -> false.

%% ---- the process ----

%% A process may have been started without its code; then its state is
%% {lazy, Args} until the first message comes.
init({Name, Module, Args, Options, Mode}) ->
    process_flag(trap_exit, true),
    process_flag(message_queue_data, off_heap),
    put('$logger_cb_process', true),
    put(olp_ref, {Name, self(), Mode}),
    try Module:init(Args) of
        {ok, CbState} ->
            Now = now_us(),
            S = Options#{id => Name, module => Module, cb_state => CbState,
                         mode => async, mode_ref => Mode, idle => true,
                         last_qlen => 0, last_load_ts => Now,
                         burst_win_ts => Now, burst_msg_count => 0},
            {ok, after_restart(S)};
        {error, Reason} -> {stop, Reason};
        Other -> {stop, {bad_return_value, Other}}
    catch
        _:Reason -> {stop, Reason}
    end.

handle_call(Request, From, {lazy, Args}) ->
    {ok, S} = init(Args),
    handle_call(Request, From, S);
handle_call({'$olp_load', Event}, _, S0) ->
    case loaded(Event, S0) of
        {ok, #{mode := drop} = S} -> {reply, dropped, S, ?IDLE_TIME};
        {ok, S} -> {reply, ok, S, ?IDLE_TIME};
        {stop, Reason, S} -> {stop, Reason, ok, S}
    end;
handle_call('$olp_info', _, S) -> {reply, S, S, ?IDLE_TIME};
handle_call('$olp_get', _, S) ->
    {reply, maps:with(maps:keys(get_default_opts()), S), S, ?IDLE_TIME};
handle_call('$olp_ref', _, S) -> {reply, get(olp_ref), S, ?IDLE_TIME};
handle_call({'$olp_set', Options}, _, S) ->
    {reply, ok, maps:merge(S, Options), ?IDLE_TIME};
handle_call('$olp_reset', _, S) ->
    Now = now_us(),
    S1 = called(reset_state, [], S),
    {reply, ok, S1#{last_qlen := 0, last_load_ts := Now, burst_win_ts := Now,
                    burst_msg_count := 0}, ?IDLE_TIME};
handle_call(Request, From, #{module := Module, cb_state := CbState} = S) ->
    case Module:handle_call(Request, From, CbState) of
        {reply, Answer, New} ->
            {reply, Answer, S#{cb_state := New}, ?IDLE_TIME};
        {reply, Answer, New, _} ->
            {reply, Answer, S#{cb_state := New}, ?IDLE_TIME};
        Other -> own_state(Other, S)
    end.

handle_cast(Message, {lazy, Args}) ->
    {ok, S} = init(Args),
    handle_cast(Message, S);
handle_cast({'$olp_load', Event}, S0) ->
    case loaded(Event, S0) of
        {ok, S} -> {noreply, S, ?IDLE_TIME};
        Stop -> Stop
    end;
handle_cast(Message, #{module := Module, cb_state := CbState} = S) ->
    own_state(Module:handle_cast(Message, CbState), S).

handle_info(Message, {lazy, Args}) ->
    {ok, S} = init(Args),
    handle_info(Message, S);
handle_info(timeout, #{idle := true} = S) -> {noreply, S};
handle_info(timeout, S) ->
    S1 = mode_changed(async, notify(idle, S)),
    {noreply, S1#{idle := true, last_qlen := 0, burst_msg_count := 0}};
handle_info(Message, #{module := Module, cb_state := CbState} = S) ->
    case Module:handle_info(Message, CbState) of
        {load, New} ->
            handle_cast({'$olp_load', Message}, S#{cb_state := New});
        Answer -> own_state(Answer, S)
    end.

own_state({noreply, New}, S) ->
    {noreply, S#{cb_state := New}, ?IDLE_TIME};
own_state({noreply, New, _}, S) ->
    {noreply, S#{cb_state := New}, ?IDLE_TIME};
own_state({stop, Reason, New}, S) -> {stop, Reason, S#{cb_state := New}};
own_state({stop, Reason, Answer, New}, S) ->
    {stop, Reason, Answer, S#{cb_state := New}}.

terminate(Reason, {lazy, Args}) ->
    {ok, S} = init(Args),
    terminate(Reason, S);
terminate({shutdown, {overloaded, _, _}},
          #{id := Name, module := Module, cb_state := CbState,
            overload_kill_restart_after := After}) ->
    unregister(Name),
    case try Module:terminate(overloaded, CbState) catch _:_ -> ok end of
        {ok, Fun} when is_function(Fun, 0), is_integer(After) ->
            persistent_term:put({?MODULE, restarting, Name}, true),
            {ok, _} = timer:apply_after(After, ?MODULE, restart, [Fun]),
            ok;
        _ -> ok
    end;
terminate(Reason, #{module := Module, cb_state := CbState}) ->
    _ = try Module:terminate(Reason, CbState) catch _:_ -> ok end,
    ok.

code_change(_, S, _) -> {ok, S}.

%% Tells the callback that it is back after its own end.
after_restart(#{id := Name} = S) ->
    case persistent_term:erase({?MODULE, restarting, Name}) of
        true -> notify(restart, S);
        false -> S
    end.

%% ---- an event ----

loaded(Event, #{flush_qlen := Most} = S0) ->
    S = S0#{idle := false},
    case queue_length() of
        N when N >= Most -> flushed(S);
        N ->
            S1 = mode_changed(mode(N, S), S),
            case kill_reason(N, S1) of
                none -> {ok, limited(Event, S1#{last_qlen := N})};
                Reason -> {stop, {shutdown, Reason}, S1}
            end
    end.

queue_length() ->
    {_, N} = process_info(self(), message_queue_len),
    N.

mode(N, #{drop_mode_qlen := Drop}) when N >= Drop -> drop;
mode(N, #{sync_mode_qlen := Sync}) when N >= Sync -> sync;
mode(_, _) -> async.

mode_changed(Mode, #{mode := Mode} = S) -> S;
mode_changed(Mode, #{mode := Old, mode_ref := Ref} = S) ->
    atomics:put(Ref, 1, case Mode of
                            async -> ?ASYNC;
                            sync -> ?SYNC;
                            drop -> ?DROP
                        end),
    New = S#{mode := Mode},
    case Mode =:= drop orelse Old =:= drop of
        true -> notify({mode_change, Old, Mode}, New);
        false -> New
    end.

kill_reason(_, #{overload_kill_enable := false}) -> none;
kill_reason(N, #{overload_kill_qlen := MostQueued,
                 overload_kill_mem_size := MostMemory}) ->
    {_, Memory} = process_info(self(), memory),
    if
        N > MostQueued; Memory > MostMemory -> {overloaded, N, Memory};
        true -> none
    end.

flushed(S0) ->
    S = mode_changed(drop, S0),
    N = flush(0) + 1,
    S1 = notify({flushed, N}, S#{last_qlen := 0}),
    {ok, mode_changed(mode(queue_length(), S1), S1)}.

flush(?MOST_FLUSHED = N) -> N;
flush(N) ->
    receive
        {'$gen_cast', {'$olp_load', _}} -> flush(N + 1);
        {'$gen_call', {Pid, Ref}, {'$olp_load', _}} ->
            gen_server:reply({Pid, Ref}, dropped),
            flush(N + 1);
        {log, _, _, _, _} -> flush(N + 1);
        {log, _, _, _} -> flush(N + 1)
    after 0 -> N
    end.

%% Hands the event to the callback, unless a burst is being cut.
limited(Event, #{burst_limit_enable := false} = S) -> handle(Event, S);
limited(Event, #{burst_win_ts := Start, burst_msg_count := N,
                 burst_limit_max_count := Most,
                 burst_limit_window_time := Window} = S) ->
    case N < Most of
        true -> handle(Event, S#{burst_msg_count := N + 1});
        false ->
            %% the clock is looked at when enough have come only
            case now_us() of
                Now when Now - Start < Window * 1000 -> S;
                Now -> handle(Event, S#{burst_win_ts := Now,
                                        burst_msg_count := 0})
            end
    end.

handle(Event, S) -> (called(handle_load, [Event], S))#{last_load_ts := now_us()}.

notify(What, S) -> called(notify, [What], S).

%% A callback that fails or is missing changes nothing.
called(Function, Args, #{module := Module, cb_state := CbState} = S) ->
    try S#{cb_state := apply(Module, Function, Args ++ [CbState])}
    catch error:undef -> S
    end.

now_us() -> erlang:monotonic_time(microsecond).
