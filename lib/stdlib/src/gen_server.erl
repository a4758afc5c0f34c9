%% SPDX-License-Identifier: Apache-2.0
%% The generic server. Names and arities of the functions that show in stack
%% traces are those that users know, even where fewer arguments would do.
-module(gen_server).

-export([start/3, start/4, start_link/3, start_link/4,
         start_monitor/3, start_monitor/4, stop/1, stop/3,
         call/2, call/3, cast/2, reply/2, abcast/2, abcast/3,
         multi_call/2, multi_call/3, multi_call/4,
         send_request/2, send_request/4, wait_response/2, wait_response/3,
         receive_response/2, receive_response/3,
         check_response/2, check_response/3,
         reqids_new/0, reqids_size/1, reqids_add/3, reqids_to_list/1,
         enter_loop/3, enter_loop/4, enter_loop/5, wake_hib/3, init_it/6,
         system_continue/3, system_terminate/4, system_code_change/4,
         system_get_state/1, system_replace_state/2,
         format_status/2, format_log/1, format_log/2]).

-include("gen.hrl").

-callback init(Args :: term()) ->
    {ok, State :: term()}
  | {ok, State :: term(), timeout() | hibernate | {continue, term()}}
  | {stop, Reason :: term()} | ignore | {error, Reason :: term()}.
-callback handle_call(Request :: term(), From :: {pid(), term()},
                      State :: term()) ->
    {reply, Reply :: term(), NewState :: term()}
  | {reply, Reply :: term(), NewState :: term(),
     timeout() | hibernate | {continue, term()}}
  | {noreply, NewState :: term()}
  | {noreply, NewState :: term(), timeout() | hibernate | {continue, term()}}
  | {stop, Reason :: term(), Reply :: term(), NewState :: term()}
  | {stop, Reason :: term(), NewState :: term()}.
-callback handle_cast(Request :: term(), State :: term()) ->
    {noreply, NewState :: term()}
  | {noreply, NewState :: term(), timeout() | hibernate | {continue, term()}}
  | {stop, Reason :: term(), NewState :: term()}.
-callback handle_info(Info :: timeout | term(), State :: term()) ->
    {noreply, NewState :: term()}
  | {noreply, NewState :: term(), timeout() | hibernate | {continue, term()}}
  | {stop, Reason :: term(), NewState :: term()}.
-callback handle_continue(Info :: term(), State :: term()) ->
    {noreply, NewState :: term()}
  | {noreply, NewState :: term(), timeout() | hibernate | {continue, term()}}
  | {stop, Reason :: term(), NewState :: term()}.
-callback terminate(Reason :: normal | shutdown | {shutdown, term()} | term(),
                    State :: term()) -> term().
-callback code_change(OldVsn :: term() | {down, term()}, State :: term(),
                      Extra :: term()) ->
    {ok, NewState :: term()} | {error, Reason :: term()}.
-callback format_status(Opt, StatusData) -> Status when
      Opt :: normal | terminate,
      StatusData :: [PDict | State],
      PDict :: [{Key :: term(), Value :: term()}],
      State :: term(),
      Status :: term().
-callback format_status(Status) -> NewStatus when
      Status :: #{state => term(), message => term(), reason => term(),
                  log => [sys:system_event()]},
      NewStatus :: Status.
-optional_callbacks([handle_info/2, handle_continue/2, terminate/2,
                     code_change/3, format_status/1, format_status/2]).

%% What does not change while a server runs, but for debug.
-record(server, {parent, name, mod, hibernate_after = infinity, debug = []}).

%% Where we are: the trace of an end that a callback asked for.
-define(STACKTRACE(),
        element(2, process_info(self(), current_stacktrace))).

-define(IS_WHEN(T), T =:= infinity orelse T =:= hibernate
                        orelse is_integer(T) andalso T >= 0
                        orelse is_tuple(T) andalso tuple_size(T) =:= 2
                        andalso element(1, T) =:= continue).

%% ---- starting ----

start(Mod, Args, Options) ->
    gen:start(?MODULE, nolink, Mod, Args, Options).
start(Name, Mod, Args, Options) ->
    gen:start(?MODULE, nolink, Name, Mod, Args, Options).

start_link(Mod, Args, Options) ->
    gen:start(?MODULE, link, Mod, Args, Options).
start_link(Name, Mod, Args, Options) ->
    gen:start(?MODULE, link, Name, Mod, Args, Options).

start_monitor(Mod, Args, Options) ->
    gen:start(?MODULE, monitor, Mod, Args, Options).
start_monitor(Name, Mod, Args, Options) ->
    gen:start(?MODULE, monitor, Name, Mod, Args, Options).

stop(Server) -> gen:stop(Server).
stop(Server, Reason, Timeout) -> gen:stop(Server, Reason, Timeout).

init_it(Starter, self, Name, Mod, Args, Options) ->
    init_it(Starter, self(), Name, Mod, Args, Options);
init_it(Starter, Parent, Name0, Mod, Args, Options) ->
    Name = gen:name(Name0),
    S = #server{parent = Parent, name = Name, mod = Mod,
                hibernate_after = gen:hibernate_after(Options),
                debug = gen:debug_options(Name, Options)},
    case init_it(Mod, Args) of
        {ok, {ok, State}} ->
            proc_lib:init_ack(Starter, {ok, self()}),
            loop(S, State, infinity);
        {ok, {ok, State, When}} when ?IS_WHEN(When) ->
            proc_lib:init_ack(Starter, {ok, self()}),
            loop(S, State, When);
        {ok, {stop, Reason}} ->
            init_failed(Starter, Name0, {error, Reason}),
            exit(Reason);
        {ok, {error, _} = Error} ->
            gen:unregister_name(Name0),
            proc_lib:init_fail(Starter, Error, {exit, normal});
        {ok, ignore} ->
            init_failed(Starter, Name0, ignore),
            exit(normal);
        {ok, Other} ->
            Reason = {bad_return_value, Other},
            init_failed(Starter, Name0, {error, Reason}),
            exit(Reason);
        {'EXIT', Class, Reason, Trace} ->
            Error = {error, terminate_reason(Class, Reason, Trace)},
            init_failed(Starter, Name0, Error),
            erlang:raise(Class, Reason, Trace)
    end.

init_it(Mod, Args) ->
    try {ok, Mod:init(Args)}
    catch
        throw:Value -> {ok, Value};
        Class:Reason:Trace -> {'EXIT', Class, Reason, Trace}
    end.

%% The name must be free before the starter hears of the failure.
init_failed(Starter, Name, Ack) ->
    gen:unregister_name(Name),
    proc_lib:init_ack(Starter, Ack).

enter_loop(Mod, Options, State) ->
    enter_loop(Mod, Options, State, self(), infinity).

enter_loop(Mod, Options, State, When) when ?IS_WHEN(When) ->
    enter_loop(Mod, Options, State, self(), When);
enter_loop(Mod, Options, State, Name) ->
    enter_loop(Mod, Options, State, Name, infinity).

enter_loop(Mod, Options, State, Name0, When)
  when is_atom(Mod), is_list(Options), ?IS_WHEN(When) ->
    Name = gen:get_proc_name(Name0),
    loop(#server{parent = gen:get_parent(), name = Name, mod = Mod,
                 hibernate_after = gen:hibernate_after(Options),
                 debug = gen:debug_options(Name, Options)},
         State, When).

%% ---- clients ----

call(Server, Request) ->
    try gen:call(Server, '$gen_call', Request) of
        {ok, Reply} -> Reply
    catch
        exit:Reason -> exit({Reason, {?MODULE, call, [Server, Request]}});
        error:Reason:Trace ->
            exit({{Reason, Trace}, {?MODULE, call, [Server, Request]}})
    end.

call(Server, Request, Timeout) ->
    try gen:call(Server, '$gen_call', Request, Timeout) of
        {ok, Reply} -> Reply
    catch
        exit:Reason ->
            exit({Reason, {?MODULE, call, [Server, Request, Timeout]}});
        error:Reason:Trace ->
            exit({{Reason, Trace},
                  {?MODULE, call, [Server, Request, Timeout]}})
    end.

cast({global, _} = To, Request) -> gen:send_named(To, {'$gen_cast', Request});
cast({via, _, _} = To, Request) -> gen:send_named(To, {'$gen_cast', Request});
cast({Name, Node} = To, Request) when is_atom(Name), is_atom(Node) ->
    send_cast(To, Request);
cast(To, Request) when is_atom(To); is_pid(To) -> send_cast(To, Request).

send_cast(To, Request) ->
    try erlang:send(To, {'$gen_cast', Request})
    catch error:_ -> ok
    end,
    ok.

reply(Client, Reply) -> gen:reply(Client, Reply).

abcast(Name, Request) when is_atom(Name) ->
    abcast([node() | nodes()], Name, Request).

abcast(Nodes, Name, Request) when is_list(Nodes), is_atom(Name) ->
    lists:foreach(fun(Node) when is_atom(Node) ->
                          send_cast({Name, Node}, Request)
                  end, Nodes),
    abcast.

multi_call(Name, Request) when is_atom(Name) ->
    multi_call([node() | nodes()], Name, Request, infinity).

multi_call(Nodes, Name, Request) when is_list(Nodes), is_atom(Name) ->
    multi_call(Nodes, Name, Request, infinity).

multi_call(Nodes, Name, Request, Timeout)
  when is_list(Nodes), is_atom(Name),
       Timeout =:= infinity orelse is_integer(Timeout) andalso Timeout >= 0 ->
    Until = case Timeout of
                infinity -> infinity;
                _ -> erlang:monotonic_time(millisecond) + Timeout
            end,
    Monitors = [{Node, multi_request(Node, Name, Request)}
                || Node <- Nodes],
    multi_collect(Monitors, Until, [], []).

multi_request(Node, Name, Request) ->
    try monitor(process, {Name, Node}, [{alias, demonitor}]) of
        Ref ->
            erlang:send({Name, Node},
                        {'$gen_call', {self(), [[alias | Ref], Node]},
                         Request},
                        [noconnect]),
            Ref
    catch
        error:_ ->
            %% as if its connection had been lost
            Ref = make_ref(),
            self() ! {'DOWN', Ref, process, {Name, Node}, noconnection},
            Ref
    end.

multi_collect([], _, Good, Bad) ->
    {lists:reverse(Good), lists:reverse(Bad)};
multi_collect([{Node, Ref} | Rest], Until, Good, Bad) ->
    Time = case Until of
               infinity -> infinity;
               _ -> max(0, Until - erlang:monotonic_time(millisecond))
           end,
    receive
        {[[alias | Ref], Node], Reply} ->
            demonitor(Ref, [flush]),
            multi_collect(Rest, Until, [{Node, Reply} | Good], Bad);
        {'DOWN', Ref, _, _, _} ->
            multi_collect(Rest, Until, Good, [Node | Bad])
    after Time ->
        demonitor(Ref, [flush]),
        multi_collect(Rest, Until, Good, [Node | Bad])
    end.

send_request(Server, Request) ->
    ?OR_BADARG(gen:send_request(Server, '$gen_call', Request),
               [Server, Request]).
send_request(Server, Request, Label, Ids) ->
    ?OR_BADARG(gen:send_request(Server, '$gen_call', Request, Label, Ids),
               [Server, Request, Label, Ids]).
wait_response(Id, Timeout) ->
    ?OR_BADARG(gen:wait_response(Id, Timeout), [Id, Timeout]).
wait_response(Ids, Timeout, Delete) ->
    ?OR_BADARG(gen:wait_response(Ids, Timeout, Delete), [Ids, Timeout, Delete]).
receive_response(Id, Timeout) ->
    ?OR_BADARG(gen:receive_response(Id, Timeout), [Id, Timeout]).
receive_response(Ids, Timeout, Delete) ->
    ?OR_BADARG(gen:receive_response(Ids, Timeout, Delete),
               [Ids, Timeout, Delete]).
check_response(Msg, Id) -> ?OR_BADARG(gen:check_response(Msg, Id), [Msg, Id]).
check_response(Msg, Ids, Delete) ->
    ?OR_BADARG(gen:check_response(Msg, Ids, Delete), [Msg, Ids, Delete]).
reqids_new() -> gen:reqids_new().
reqids_size(Ids) -> ?OR_BADARG(gen:reqids_size(Ids), [Ids]).
reqids_add(Id, Label, Ids) ->
    ?OR_BADARG(gen:reqids_add(Id, Label, Ids), [Id, Label, Ids]).
reqids_to_list(Ids) -> ?OR_BADARG(gen:reqids_to_list(Ids), [Ids]).

%% ---- the server ----

loop(#server{parent = Parent, name = Name, mod = Mod,
             hibernate_after = HibernateAfter} = S, State, When) ->
    loop(Parent, Name, State, Mod, When, HibernateAfter, S).

%% Where a server waits: seven arguments, so that its current_function reads
%% as people know it.
loop(Parent, Name, State, Mod, infinity, HibernateAfter, S) ->
    receive
        Msg ->
            decode_msg(Msg, Parent, Name, State, Mod, infinity,
                       HibernateAfter, S, false)
    after HibernateAfter ->
        loop(Parent, Name, State, Mod, hibernate, HibernateAfter, S)
    end;
loop(_, _, State, _, hibernate, _, S) ->
    proc_lib:hibernate(?MODULE, wake_hib, [S, State, hibernate]);
loop(Parent, Name, State, Mod, {continue, Continue} = Msg, _, S) ->
    Result = try_dispatch(Mod, handle_continue, Continue, State),
    handle_common_reply(Result, Parent, Name, undefined, Msg, Mod,
                        traced(Msg, S), State);
loop(Parent, Name, State, Mod, Time, HibernateAfter, S) ->
    Msg = receive Input -> Input after Time -> timeout end,
    decode_msg(Msg, Parent, Name, State, Mod, Time, HibernateAfter, S, false).

wake_hib(#server{parent = Parent, name = Name, mod = Mod} = S, State, When) ->
    receive
        Msg ->
            decode_msg(Msg, Parent, Name, State, Mod, When,
                       S#server.hibernate_after, S, true)
    end.

decode_msg({system, From, Request}, Parent, Name, State, Mod, When,
           HibernateAfter, S, Hib) ->
    sys:handle_system_msg(Request, From, Parent, ?MODULE, S#server.debug,
                          [Name, State, Mod, When, HibernateAfter], Hib);
decode_msg({'EXIT', Parent, Reason} = Msg, Parent, _, State, _, _, _, S, _) ->
    terminate(exit, Reason, {asked, ?STACKTRACE()}, S, undefined, Msg, State);
decode_msg(Msg, Parent, Name, State, Mod, _, _, S, _) ->
    handle_msg(Msg, Parent, Name, State, Mod, traced({in, Msg}, S)).

traced(_, #server{debug = []} = S) -> S;
traced(Event, #server{debug = Debug, name = Name} = S) ->
    S#server{debug = sys:handle_debug(Debug, fun print_event/3, Name, Event)}.

handle_msg({'$gen_call', From, Msg}, Parent, Name, State, Mod, S) ->
    case try_handle_call(Mod, Msg, From, State) of
        {ok, {reply, Reply, New}} ->
            loop(replied(From, Reply, New, S), New, infinity);
        {ok, {reply, Reply, New, When}} when ?IS_WHEN(When) ->
            loop(replied(From, Reply, New, S), New, When);
        {ok, {stop, Reason, Reply, New}} ->
            try terminate(exit, Reason, {asked, ?STACKTRACE()}, S, From, Msg,
                          New)
            after replied(From, Reply, New, S)
            end;
        Other ->
            handle_common_reply(Other, Parent, Name, From, Msg, Mod, S, State)
    end;
handle_msg(Msg, Parent, Name, State, Mod, S) ->
    Result = try_dispatch(Msg, Mod, State),
    handle_common_reply(Result, Parent, Name, undefined, Msg, Mod, S, State).

replied(From, Reply, State, S) ->
    gen:reply(From, Reply),
    traced({out, Reply, From, State}, S).

handle_common_reply({ok, {noreply, New}}, _, _, _, _, _, S, _) ->
    loop(traced({noreply, New}, S), New, infinity);
handle_common_reply({ok, {noreply, New, When}}, _, _, _, _, _, S, _)
  when ?IS_WHEN(When) ->
    loop(traced({noreply, New}, S), New, When);
handle_common_reply({ok, {stop, Reason, New}}, _, _, From, Msg, _, S, _) ->
    terminate(exit, Reason, {asked, ?STACKTRACE()}, S, From, Msg, New);
handle_common_reply({'EXIT', Class, Reason, Trace}, _, _, From, Msg, _, S,
                    State) ->
    terminate(Class, Reason, Trace, S, From, Msg, State);
handle_common_reply({ok, Other}, _, _, From, Msg, _, S, State) ->
    terminate(exit, {bad_return_value, Other}, {asked, ?STACKTRACE()}, S, From,
              Msg, State).

try_dispatch({'$gen_cast', Msg}, Mod, State) ->
    try_dispatch(Mod, handle_cast, Msg, State);
try_dispatch(Msg, Mod, State) ->
    try_dispatch(Mod, handle_info, Msg, State).

try_dispatch(Mod, Function, Msg, State) ->
    try {ok, Mod:Function(Msg, State)}
    catch
        throw:Value -> {ok, Value};
        error:undef = Reason:Trace when Function =:= handle_info ->
            case erlang:function_exported(Mod, handle_info, 2) of
                false ->
                    warn_unhandled(Mod, Msg),
                    {ok, {noreply, State}};
                true -> {'EXIT', error, Reason, Trace}
            end;
        Class:Reason:Trace -> {'EXIT', Class, Reason, Trace}
    end.

try_handle_call(Mod, Msg, From, State) ->
    try {ok, Mod:handle_call(Msg, From, State)}
    catch
        throw:Value -> {ok, Value};
        Class:Reason:Trace -> {'EXIT', Class, Reason, Trace}
    end.

try_terminate(Mod, Reason, State) ->
    case erlang:function_exported(Mod, terminate, 2) of
        false -> {ok, ok};
        true ->
            try {ok, Mod:terminate(Reason, State)}
            catch
                throw:Value -> {ok, Value};
                Class:Reason2:Trace -> {'EXIT', Class, Reason2, Trace}
            end
    end.

%% Ends the server. The trace is {asked, Trace} when a callback asked for the
%% end: the report then tells none.
terminate(Class, Reason, Trace, #server{mod = Mod} = S, From, Msg, State) ->
    case try_terminate(Mod, terminate_reason(Class, Reason, Trace), State) of
        {'EXIT', Class2, Reason2, Trace2} ->
            error_info(Reason2, Trace2, S, From, Msg, State),
            erlang:raise(Class2, Reason2, Trace2);
        {ok, _} ->
            report_end(Class, Reason, Trace, S, From, Msg, State),
            erlang:raise(Class, Reason, trace(Trace))
    end.

report_end(exit, normal, _, _, _, _, _) -> ok;
report_end(exit, shutdown, _, _, _, _, _) -> ok;
report_end(exit, {shutdown, _}, _, _, _, _, _) -> ok;
report_end(_, Reason, Trace, S, From, Msg, State) ->
    error_info(Reason, Trace, S, From, Msg, State).

trace({asked, Trace}) -> Trace;
trace(Trace) -> Trace.

terminate_reason(error, Reason, Trace) -> {Reason, Trace};
terminate_reason(exit, Reason, _) -> Reason.

%% ---- reports ----

%% The application controller's end is told by init.
error_info(_, _, #server{name = application_controller}, _, _, _) -> ok;
error_info(Reason, Trace, S, From, Msg, State) ->
    #server{name = Name, mod = Mod, debug = Debug} = S,
    Status = gen:format_status(Mod, terminate,
                               #{reason => Reason, state => State,
                                 message => Msg, log => sys:get_log(Debug)},
                               [get(), State]),
    #{reason := Reason1, message := Msg1, state := State1, log := Log} = Status,
    Report = #{label => {gen_server, terminate},
               name => Name,
               last_message => Msg1,
               state => shown(Status, State1),
               log => shown_log(Mod, Log),
               reason => case Trace of
                             {asked, _} -> Reason1;
                             _ -> {Reason1, Trace}
                         end,
               client_info => gen_report:client_info(From)},
    logger:error(gen_report:with_label(Report), metadata(error, ?LINE)).

%% What format_status made of a state, or the text of what went wrong in it.
shown(#{'EXIT' := Text}, _) -> Text;
shown(#{'$status' := Term}, _) -> Term;
shown(_, State) -> State.

warn_unhandled(Mod, Msg) ->
    logger:warning(#{label => {gen_server, no_handle_info},
                     module => Mod, message => Msg},
                   metadata(warning_msg, ?LINE)).

metadata(Tag, Line) ->
    #{domain => [otp], mfa => {?MODULE, error_info, 6},
      file => ?FILE, line => Line,
      report_cb => fun ?MODULE:format_log/2,
      error_logger => #{tag => Tag, report_cb => fun ?MODULE:format_log/1}}.

%% States in logged events, as format_status/2 shows states; format_status/1
%% has seen the log already.
shown_log(Mod, Log) ->
    case erlang:function_exported(Mod, format_status, 1) of
        true -> Log;
        false -> [shown_event(Mod, E) || E <- Log]
    end.

shown_event(Mod, {out, Msg, From, State}) ->
    {out, Msg, From, shown_state(Mod, State)};
shown_event(Mod, {noreply, State}) -> {noreply, shown_state(Mod, State)};
shown_event(_, Event) -> Event.

shown_state(Mod, State) ->
    Status = gen:format_status(Mod, terminate, #{state => State},
                               [get(), State]),
    maps:get(state, Status).

print_event(Device, {in, {'$gen_call', {From, _}, Call}}, Name) ->
    io:format(Device, "*DBG* ~tp got call ~tp from ~tw~n", [Name, Call, From]);
print_event(Device, {in, {'$gen_cast', Cast}}, Name) ->
    io:format(Device, "*DBG* ~tp got cast ~tp~n", [Name, Cast]);
print_event(Device, {in, Msg}, Name) ->
    io:format(Device, "*DBG* ~tp got ~tp~n", [Name, Msg]);
print_event(Device, {out, Msg, {To, _}, State}, Name) ->
    io:format(Device, "*DBG* ~tp sent ~tp to ~tw, new state ~tp~n",
              [Name, Msg, To, State]);
print_event(Device, {noreply, State}, Name) ->
    io:format(Device, "*DBG* ~tp new state ~tp~n", [Name, State]);
print_event(Device, Event, Name) ->
    io:format(Device, "*DBG* ~tp dbg  ~tp~n", [Name, Event]).

%% For error_logger: {Format, Arguments}.
format_log(Report) ->
    Keys = [last_message, state, log, reason, client_info, message,
            process_label],
    gen_report:arguments(Report, Keys, fun format_report/2).

format_log(Report, Options) ->
    gen_report:text(Report, Options, fun format_report/2).

format_report(#{label := {gen_server, terminate}, name := Name,
                last_message := Msg, state := State, log := Log,
                reason := Reason, client_info := Client} = Report,
              #{single_line := true} = Options) ->
    P = gen_report:modifier(Options),
    {LabelFormat, Label} = gen_report:label(Report, ". Label: " ++ P),
    {ClientFormat, ClientArgs} = gen_report:client_single(Client, Options),
    {LogFormat, LogTerms} = case Log of
                                [] -> {"", []};
                                _ -> {" Log: " ++ P, [Log]}
                            end,
    {lists:append(["Generic server ", P, " terminating", LabelFormat,
                   ". Reason: ", P, ". Last message: ", P, ". State: ", P, ".",
                   LogFormat, ClientFormat]),
     gen_report:pairs([Name] ++ Label ++ [gen_report:reason(Reason), Msg, State]
                      ++ LogTerms, Options) ++ ClientArgs};
format_report(#{label := {gen_server, terminate}, name := Name,
                last_message := Msg, state := State, log := Log,
                reason := Reason, client_info := Client} = Report, Options) ->
    P = gen_report:modifier(Options),
    {LabelFormat, Label} =
        gen_report:label(Report, "** Process label == " ++ P ++ "~n"),
    {ClientFormat, ClientArgs} = gen_report:client(Client, Options),
    LogFormat = case Log of
                    [] -> "";
                    _ -> ["** Log ==~n** [",
                          gen_report:repeat(length(Log), P), "]~n"]
                end,
    {lists:append(["** Generic server ", P, " terminating \n", LabelFormat,
                   "** Last message in was ", P, "~n"
                   "** When Server state == ", P, "~n"
                   "** Reason for termination ==~n** ", P, "~n",
                   lists:append(LogFormat), ClientFormat]),
     gen_report:pairs([Name] ++ Label ++ [Msg, State, gen_report:reason(Reason)
                                          | Log], Options) ++ ClientArgs};
format_report(#{label := {gen_server, no_handle_info}, module := Mod,
                message := Msg}, #{single_line := true} = Options) ->
    P = gen_report:modifier(Options),
    {lists:append(["Undefined handle_info in ", P, ". Unhandled message: ", P,
                   "."]),
     gen_report:pairs([Mod, Msg], Options)};
format_report(#{label := {gen_server, no_handle_info}, module := Mod,
                message := Msg}, Options) ->
    P = gen_report:modifier(Options),
    {"** Undefined handle_info in ~p~n** Unhandled message: " ++ P ++ "~n",
     [Mod | gen_report:pairs([Msg], Options)]}.

%% ---- system messages; Misc is [Name, State, Mod, When, HibernateAfter] ----

system_continue(Parent, Debug, [Name, State, Mod, When, HibernateAfter]) ->
    loop(#server{parent = Parent, name = Name, mod = Mod, debug = Debug,
                 hibernate_after = HibernateAfter}, State, When).

system_terminate(Reason, Parent, Debug,
                 [Name, State, Mod, _, HibernateAfter]) ->
    terminate(exit, Reason, {asked, ?STACKTRACE()},
              #server{parent = Parent, name = Name, mod = Mod, debug = Debug,
                      hibernate_after = HibernateAfter},
              undefined, [], State).

system_code_change([Name, State, Mod, When, HibernateAfter], _, OldVsn,
                   Extra) ->
    case catch Mod:code_change(OldVsn, State, Extra) of
        {ok, New} -> {ok, [Name, New, Mod, When, HibernateAfter]};
        Other -> Other
    end.

system_get_state([_, State | _]) -> {ok, State}.

system_replace_state(Fun, [Name, State | Rest]) ->
    New = Fun(State),
    {ok, New, [Name, New | Rest]}.

format_status(Opt, [Dictionary, SysState, Parent, Debug,
                    [Name, State, Mod | _]]) ->
    Status = gen:format_status(Mod, Opt,
                               #{state => State, log => sys:get_log(Debug)},
                               [Dictionary, State]),
    Shown = case Status of
                #{'EXIT' := Text} -> [{data, [{"State", Text}]}];
                #{'$status' := List} when is_list(List) -> List;
                #{'$status' := Term} -> [Term];
                #{state := Term} -> [{data, [{"State", Term}]}]
            end,
    [{header, gen:format_status_header("Status for generic server", Name)},
     {data, [{"Status", SysState}, {"Parent", Parent},
             {"Logged events", shown_log(Mod, maps:get(log, Status))}]}
     | Shown].
