%% SPDX-License-Identifier: Apache-2.0
%% Timers beyond those of the runtime: calls after a time and at intervals, and
%% small helpers about time. The server starts when it is first needed.
-module(timer).
-behaviour(gen_server).

-export([apply_after/2, apply_after/3, apply_after/4, send_after/2,
         send_after/3, exit_after/2, exit_after/3, kill_after/1, kill_after/2,
         apply_interval/2, apply_interval/3, apply_interval/4,
         apply_repeatedly/2, apply_repeatedly/3, apply_repeatedly/4,
         send_interval/2, send_interval/3, cancel/1, sleep/1,
         tc/1, tc/2, tc/3, tc/4, now_diff/2, seconds/1, minutes/1, hours/1,
         hms/3, start/0, start_link/0, send/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-export_type([tref/0]).
-opaque tref() :: {atom(), reference()}.

%% ---- timers ----

apply_after(Time, F) -> apply_after(Time, F, []).

apply_after(Time, F, A) when is_list(A), is_function(F, length(A)) ->
    apply_after(Time, erlang, apply, [F, A]);
apply_after(_, _, _) -> {error, badarg}.

apply_after(0, M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    _ = spawn(M, F, A),
    {ok, {instant, make_ref()}};
apply_after(Time, M, F, A)
  when is_integer(Time), Time > 0, is_atom(M), is_atom(F), is_list(A) ->
    request({once, Time, {M, F, A}});
apply_after(_, _, _, _) -> {error, badarg}.

send_after(Time, Message) -> send_after(Time, self(), Message).

send_after(Time, Pid, Message)
  when is_integer(Time), Time >= 0,
       is_pid(Pid) andalso node(Pid) =:= node() orelse is_atom(Pid) ->
    case Time of
        0 ->
            _ = send(Pid, Message),
            {ok, {instant, make_ref()}};
        _ when is_pid(Pid) ->
            {ok, {send_local, erlang:send_after(Time, Pid, Message)}};
        _ -> apply_after(Time, ?MODULE, send, [Pid, Message])
    end;
send_after(Time, To, Message) ->
    case is_receiver(To) of
        true -> apply_after(Time, erlang, send, [To, Message]);
        false -> {error, badarg}
    end.

send(To, Message) ->
    try To ! Message
    catch _:_ -> Message
    end.

is_receiver(To) when is_pid(To); is_atom(To) -> true;
is_receiver({Name, Node}) -> is_atom(Name) andalso is_atom(Node);
is_receiver(_) -> false.

exit_after(Time, Reason) -> exit_after(Time, self(), Reason).
exit_after(Time, Pid, Reason) when is_pid(Pid) ->
    apply_after(Time, erlang, exit, [Pid, Reason]);
exit_after(Time, Name, Reason) when is_atom(Name) ->
    case whereis(Name) of
        undefined -> {error, badarg};
        Pid -> exit_after(Time, Pid, Reason)
    end;
exit_after(_, _, _) -> {error, badarg}.

kill_after(Time) -> exit_after(Time, kill).
kill_after(Time, Pid) -> exit_after(Time, Pid, kill).

apply_interval(Time, F) -> apply_interval(Time, F, []).

apply_interval(Time, F, A) -> each_round(interval, Time, F, A).

apply_interval(Time, M, F, A) -> each_round(interval, Time, M, F, A).

%% The next call waits for the one before; what is late is caught up with.
apply_repeatedly(Time, F) -> apply_repeatedly(Time, F, []).

apply_repeatedly(Time, F, A) -> each_round(one_by_one, Time, F, A).

apply_repeatedly(Time, M, F, A) -> each_round(one_by_one, Time, M, F, A).

each_round(Kind, Time, F, A) when is_list(A), is_function(F, length(A)) ->
    each_round(Kind, Time, erlang, apply, [F, A]);
each_round(_, _, _, _) -> {error, badarg}.

each_round(Kind, Time, M, F, A)
  when is_integer(Time), Time >= 0, is_atom(M), is_atom(F), is_list(A) ->
    request({Kind, Time, self(), {M, F, A}});
each_round(_, _, _, _, _) -> {error, badarg}.

send_interval(Time, Message) -> send_interval(Time, self(), Message).

send_interval(Time, To, Message) when is_integer(Time), Time >= 0 ->
    Pid = case To of
              _ when is_pid(To) -> To;
              _ when is_atom(To) -> whereis(To);
              _ -> self()
          end,
    case is_pid(Pid) andalso is_receiver(To) of
        true -> request({interval, Time, Pid, {erlang, send, [To, Message]}});
        false -> {error, badarg}
    end;
send_interval(_, _, _) -> {error, badarg}.

cancel({instant, Ref}) when is_reference(Ref) -> {ok, cancel};
cancel({send_local, Ref}) when is_reference(Ref) ->
    _ = erlang:cancel_timer(Ref),
    {ok, cancel};
cancel({Kind, Ref}) when is_reference(Ref),
                         Kind =:= once orelse Kind =:= interval ->
    request({cancel, Ref}),
    {ok, cancel};
cancel(_) -> {error, badarg}.

%% ---- helpers ----

%% What receive waits at most.
-define(LONGEST, 16#ffffffff).

sleep(Time) when is_integer(Time), Time > ?LONGEST ->
    receive after ?LONGEST -> sleep(Time - ?LONGEST) end;
sleep(Time) -> receive after Time -> ok end.

%% Each calls by itself: traces of what fails in there name it.
tc(F) ->
    Before = erlang:monotonic_time(),
    Value = F(),
    {since(Before, microsecond), Value}.

tc(F, Unit) when is_atom(Unit) ->
    Before = erlang:monotonic_time(),
    Value = F(),
    {since(Before, Unit), Value};
tc(F, A) ->
    Before = erlang:monotonic_time(),
    Value = apply(F, A),
    {since(Before, microsecond), Value}.

tc(F, A, Unit) when is_function(F), is_atom(Unit) ->
    Before = erlang:monotonic_time(),
    Value = apply(F, A),
    {since(Before, Unit), Value};
tc(M, F, A) ->
    Before = erlang:monotonic_time(),
    Value = apply(M, F, A),
    {since(Before, microsecond), Value}.

tc(M, F, A, Unit) ->
    Before = erlang:monotonic_time(),
    Value = apply(M, F, A),
    {since(Before, Unit), Value}.

since(Before, Unit) ->
    After = erlang:monotonic_time(),
    erlang:convert_time_unit(After - Before, native, Unit).

now_diff({A2, B2, C2}, {A1, B1, C1}) ->
    ((A2 - A1) * 1000000 + B2 - B1) * 1000000 + C2 - C1.

seconds(Seconds) -> 1000 * Seconds.
minutes(Minutes) -> 60000 * Minutes.
hours(Hours) -> 3600000 * Hours.
hms(H, M, S) -> hours(H) + minutes(M) + seconds(S).

%% ---- the server: a map of running timers ----

%% The server is a child of kernel from its first timer on; a node without
%% kernel has it all the same.
start() ->
    Spec = #{id => timer_server, start => {?MODULE, start_link, []},
             restart => permanent, shutdown => 1000, modules => [?MODULE]},
    case whereis(kernel_sup) of
        undefined -> started(gen_server:start({local, timer_server}, ?MODULE,
                                              [], []));
        Sup ->
            case supervisor:start_child(Sup, Spec) of
                {error, already_present} ->
                    started(supervisor:restart_child(Sup, timer_server));
                Result -> started(Result)
            end
    end.

started({ok, _}) -> ok;
started({error, {already_started, _}}) -> ok;
started({error, running}) -> ok.

start_link() -> gen_server:start_link({local, timer_server}, ?MODULE, [], []).

request(Request) ->
    case whereis(timer_server) of
        undefined -> start();
        _ -> ok
    end,
    gen_server:call(timer_server, Request, infinity).

init([]) ->
    process_flag(trap_exit, true),
    {ok, #{}}.

handle_call({once, Time, MFA}, _, Timers) ->
    try erlang:start_timer(Time, self(), run) of
        Ref -> {reply, {ok, {once, Ref}}, Timers#{Ref => {once, Ref, MFA}}}
    catch
        error:badarg -> {reply, {error, badarg}, Timers} % so late there is none
    end;
handle_call({Kind, Time, Pid, MFA}, _, Timers) ->
    %% known by the monitor's reference; each round starts a timer anew
    Ref = monitor(process, Pid),
    Next = erlang:monotonic_time(millisecond) + Time,
    try next_round(Next, Ref) of
        Timer ->
            {reply, {ok, {interval, Ref}},
             Timers#{Ref => {Kind, Timer, Next, Time, MFA}}}
    catch
        error:badarg ->
            demonitor(Ref, [flush]),
            {reply, {error, badarg}, Timers}
    end;
handle_call({cancel, Ref}, _, Timers) -> {reply, ok, forget(Ref, Timers)};
handle_call(_, _, Timers) -> {noreply, Timers}.

next_round(Time, Ref) ->
    erlang:start_timer(Time, self(), {round, Ref}, [{abs, true}]).

handle_cast(_, Timers) -> {noreply, Timers}.

handle_info({timeout, Ref, run}, Timers) when is_map_key(Ref, Timers) ->
    {once, Ref, MFA} = maps:get(Ref, Timers),
    run(MFA),
    {noreply, maps:remove(Ref, Timers)};
handle_info({timeout, _, {round, Ref}}, Timers) when is_map_key(Ref, Timers) ->
    case Timers of
        #{Ref := {interval, _, Last, Time, MFA}} ->
            Next = Last + Time,
            Timer = next_round(Next, Ref),
            run(MFA),
            {noreply, Timers#{Ref := {interval, Timer, Next, Time, MFA}}};
        #{Ref := {one_by_one, _, _, _, {M, F, A}}} ->
            %% its end starts the timer of the next one
            _ = spawn_opt(M, F, A, [{monitor, [{tag, {ended, Ref}}]}]),
            {noreply, Timers}
    end;
handle_info({{ended, Ref}, _, process, _, _}, Timers)
  when is_map_key(Ref, Timers) ->
    {one_by_one, _, Last, Time, MFA} = maps:get(Ref, Timers),
    Next = Last + Time,
    Timer = next_round(Next, Ref),
    {noreply, Timers#{Ref := {one_by_one, Timer, Next, Time, MFA}}};
handle_info({'DOWN', Ref, process, _, _}, Timers) ->
    {noreply, forget(Ref, Timers)};
handle_info(_, Timers) -> {noreply, Timers}.

forget(Ref, Timers) ->
    case Timers of
        #{Ref := {once, Timer, _}} -> _ = erlang:cancel_timer(Timer);
        #{Ref := {_, Timer, _, _, _}} ->
            _ = erlang:cancel_timer(Timer),
            demonitor(Ref, [flush]);
        _ -> ok
    end,
    maps:remove(Ref, Timers).

%% Sending cannot fail or take long; all else gets a process.
run({erlang, send, [To, Message]}) -> send(To, Message);
run({?MODULE, send, [To, Message]}) -> send(To, Message);
run({erlang, exit, [Pid, Reason]}) -> exit(Pid, Reason);
run({M, F, A}) ->
    try spawn(M, F, A)
    catch _:_ -> ok
    end.
