%% SPDX-License-Identifier: Apache-2.0
%% State machines. An event goes through these steps: the callback, its result,
%% the actions, a state enter call if there is to be one, then the transition
%% itself (postponed events, timers, inserted events), then the next event.
%%
%% What a step gathers is in a #step{}; the machine between events is #state{},
%% and what hardly ever changes #params{}.
-module(gen_statem).

-export([start/3, start/4, start_link/3, start_link/4,
         start_monitor/3, start_monitor/4, stop/1, stop/3,
         call/2, call/3, cast/2, reply/1, reply/2,
         send_request/2, send_request/4, wait_response/1, wait_response/2,
         wait_response/3, receive_response/1, receive_response/2,
         receive_response/3, check_response/2, check_response/3,
         reqids_new/0, reqids_size/1, reqids_add/3, reqids_to_list/1,
         enter_loop/4, enter_loop/5, enter_loop/6,
         init_it/6, wakeup_from_hibernate/3,
         system_continue/3, system_terminate/4, system_code_change/4,
         system_get_state/1, system_replace_state/2,
         format_status/2, format_log/1, format_log/2]).

-include("gen.hrl").

-type from() :: {To :: pid(), Tag :: term()}.
-type state() :: atom() | term().
-type data() :: term().
-type event_type() :: {call, From :: from()} | cast | info | internal
                    | timeout | state_timeout | {timeout, Name :: term()}.
-type callback_mode_result() :: callback_mode() | [callback_mode()
                                                  | state_enter].
-type callback_mode() :: state_functions | handle_event_function.
-type action() :: term().
-type state_enter_result(State) ::
        {next_state, State, data()} | {next_state, State, data(), term()}
      | state_callback_result().
-type event_handler_result(State) ::
        {next_state, State, data()} | {next_state, State, data(), term()}
      | state_callback_result().
-type state_callback_result() ::
        {keep_state, data()} | {keep_state, data(), term()}
      | keep_state_and_data | {keep_state_and_data, term()}
      | {repeat_state, data()} | {repeat_state, data(), term()}
      | repeat_state_and_data | {repeat_state_and_data, term()}
      | stop | {stop, term()} | {stop, term(), data()}
      | {stop_and_reply, term(), term()}
      | {stop_and_reply, term(), term(), data()}.
-type init_result(State) :: {ok, State, data()} | {ok, State, data(), term()}
                          | ignore | {stop, term()} | {error, term()}.
-export_type([from/0, state/0, data/0, event_type/0, callback_mode_result/0,
              callback_mode/0, action/0, state_enter_result/1,
              event_handler_result/1, init_result/1]).

-callback init(Args :: term()) -> init_result(state()).
-callback callback_mode() -> callback_mode_result().
-callback state_name(enter, OldStateName :: atom(), data()) ->
              state_enter_result(atom());
                    (event_type(), EventContent :: term(), data()) ->
              event_handler_result(atom()).
-callback handle_event(enter, OldState :: state(), state(), data()) ->
              state_enter_result(state());
                      (event_type(), EventContent :: term(), state(),
                       data()) ->
              event_handler_result(state()).
-callback terminate(Reason :: term(), state(), data()) -> any().
-callback code_change(OldVsn :: term(), state(), data(), Extra :: term()) ->
    {ok, NewState :: state(), NewData :: data()} | (Reason :: term()).
-callback format_status(StatusData :: [term()], Opt :: normal | terminate) ->
    Status :: term().
-callback format_status(Status :: map()) -> NewStatus :: map().
-optional_callbacks([format_status/1, format_status/2, terminate/3,
                     code_change/4, state_name/3, handle_event/4]).

-record(params, {callback_mode = state_functions, state_enter = false,
                 parent, modules, name,
                 hibernate_after = infinity}).
-record(state, {state_data = {undefined, undefined},
                postponed = [],  % newest first
                timers = #{},    % Type => {Reference | 0, Message}
                zero = [],       % types of timers that are due at once
                hibernate = false}).
-record(step, {queue,            % the event and those behind it
               state_data, next_events = [], hibernate = false,
               timeouts = [],    % newest first
               postpone = false, call_enter = false, state_call = true}).

-define(STACKTRACE(),
        element(2, process_info(self(), current_stacktrace))).
-define(IS_TIME(T), T =:= infinity orelse is_integer(T) andalso T >= 0).

%% ---- starting ----

start(Mod, Args, Options) when is_atom(Mod), is_list(Options) ->
    gen:start(?MODULE, nolink, Mod, Args, Options).
start(Name, Mod, Args, Options)
  when is_tuple(Name), is_atom(Mod), is_list(Options) ->
    gen:start(?MODULE, nolink, Name, Mod, Args, Options).
start_link(Mod, Args, Options) when is_atom(Mod), is_list(Options) ->
    gen:start(?MODULE, link, Mod, Args, Options).
start_link(Name, Mod, Args, Options)
  when is_tuple(Name), is_atom(Mod), is_list(Options) ->
    gen:start(?MODULE, link, Name, Mod, Args, Options).
start_monitor(Mod, Args, Options) when is_atom(Mod), is_list(Options) ->
    gen:start(?MODULE, monitor, Mod, Args, Options).
start_monitor(Name, Mod, Args, Options)
  when is_tuple(Name), is_atom(Mod), is_list(Options) ->
    gen:start(?MODULE, monitor, Name, Mod, Args, Options).

stop(Server) -> gen:stop(Server).
stop(Server, Reason, Timeout) -> gen:stop(Server, Reason, Timeout).

init_it(Starter, self, Name, Mod, Args, Options) ->
    init_it(Starter, self(), Name, Mod, Args, Options);
init_it(Starter, Parent, Name0, Mod, Args, Options) ->
    Name = gen:get_proc_name(Name0),
    Debug = gen:debug_options(Name, Options),
    P = #params{parent = Parent, name = Name, modules = [Mod],
                hibernate_after = gen:hibernate_after(Options)},
    try Mod:init(Args) of
        Result -> init_result(Starter, Name0, Result, P, Debug)
    catch
        throw:Result -> init_result(Starter, Name0, Result, P, Debug);
        Class:Reason:Trace ->
            gen:unregister_name(Name0),
            proc_lib:init_ack(Starter, {error, Reason}),
            error_info(Class, Reason, Trace, P, Debug, #state{}, []),
            erlang:raise(Class, Reason, Trace)
    end.

init_result(Starter, Name, Result, P, Debug) ->
    case Result of
        {ok, State, Data} ->
            proc_lib:init_ack(Starter, {ok, self()}),
            enter(P, Debug, State, Data, []);
        {ok, State, Data, Actions} ->
            proc_lib:init_ack(Starter, {ok, self()}),
            enter(P, Debug, State, Data, Actions);
        {stop, Reason} ->
            gen:unregister_name(Name),
            proc_lib:init_ack(Starter, {error, Reason}),
            exit(Reason);
        {error, _} ->
            gen:unregister_name(Name),
            proc_lib:init_fail(Starter, Result, {exit, normal});
        ignore ->
            gen:unregister_name(Name),
            proc_lib:init_ack(Starter, ignore),
            exit(normal);
        _ ->
            gen:unregister_name(Name),
            Error = {bad_return_from_init, Result},
            proc_lib:init_ack(Starter, {error, Error}),
            error_info(error, Error, ?STACKTRACE(), P, Debug, #state{}, []),
            exit(Error)
    end.

enter_loop(Mod, Options, State, Data) ->
    enter_loop(Mod, Options, State, Data, self(), []).

enter_loop(Mod, Options, State, Data, Actions) when is_list(Actions) ->
    enter_loop(Mod, Options, State, Data, self(), Actions);
enter_loop(Mod, Options, State, Data, Name) ->
    enter_loop(Mod, Options, State, Data, Name, []).

enter_loop(Mod, Options, State, Data, Name0, Actions) ->
    is_atom(Mod) orelse error({atom, Mod}),
    Parent = gen:get_parent(),
    Name = gen:get_proc_name(Name0),
    P = #params{parent = Parent, name = Name, modules = [Mod],
                hibernate_after = gen:hibernate_after(Options)},
    enter(P, gen:debug_options(Name, Options), State, Data, Actions).

%% The first state is entered by an event of our own, which cannot be
%% postponed.
enter(#params{modules = Modules} = P, Debug, State, Data, Actions) ->
    S = #state{state_data = {State, Data}},
    Step = #step{queue = [{internal, init_state}], state_data = {State, Data},
                 call_enter = true},
    case get_callback_mode(P, Modules) of
        #params{} = P1 ->
            Debug1 = traced({enter, hd(Modules), State}, P1, Debug),
            loop_actions(P1, Debug1, S, Step,
                         listify(Actions) ++ [{postpone, false}]);
        {Class, Reason, Trace} ->
            terminate(Class, Reason, Trace, P, Debug, S, Step#step.queue)
    end.

%% ---- clients ----

call(Server, Request) -> call(Server, Request, infinity).

call(Server, Request, {dirty_timeout, T} = Timeout) ->
    call_dirty(Server, Request, Timeout, T);
call(Server, Request, {clean_timeout, T} = Timeout) ->
    call_dirty(Server, Request, Timeout, T);
call(Server, Request, {_, _} = Timeout) ->
    error(badarg, [Server, Request, Timeout]);
call(Server, Request, Timeout) ->
    call_dirty(Server, Request, Timeout, Timeout).

%% A late answer goes to an alias that is gone, so that no call is unclean.
call_dirty(Server, Request, Timeout, T) ->
    try gen:call(Server, '$gen_call', Request, T) of
        {ok, Reply} -> Reply
    catch
        exit:Reason:Trace ->
            erlang:raise(exit,
                         {Reason, {?MODULE, call, [Server, Request, Timeout]}},
                         Trace)
    end.

cast({global, _} = To, Msg) -> gen:send_named(To, {'$gen_cast', Msg});
cast({via, _, _} = To, Msg) -> gen:send_named(To, {'$gen_cast', Msg});
cast({Name, Node} = Server, Msg) when is_atom(Name), is_atom(Node) ->
    send_cast(Server, Msg);
cast(Server, Msg) when is_atom(Server); is_pid(Server) ->
    send_cast(Server, Msg).

send_cast(Server, Msg) ->
    try erlang:send(Server, {'$gen_cast', Msg})
    catch error:_ -> ok
    end,
    ok.

reply({reply, From, Reply}) -> reply(From, Reply);
reply(Replies) when is_list(Replies) -> lists:foreach(fun reply/1, Replies).

reply(From, Reply) -> gen:reply(From, Reply).

send_request(Server, Request) ->
    ?OR_BADARG(gen:send_request(Server, '$gen_call', Request),
               [Server, Request]).
send_request(Server, Request, Label, Ids) ->
    ?OR_BADARG(gen:send_request(Server, '$gen_call', Request, Label, Ids),
               [Server, Request, Label, Ids]).
wait_response(Id) -> wait_response(Id, infinity).
wait_response(Id, Timeout) ->
    ?OR_BADARG(gen:wait_response(Id, Timeout), [Id, Timeout]).
wait_response(Ids, Timeout, Delete) ->
    ?OR_BADARG(gen:wait_response(Ids, Timeout, Delete), [Ids, Timeout, Delete]).
receive_response(Id) -> receive_response(Id, infinity).
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

%% ---- receiving ----

loop(P, Debug, #state{hibernate = true} = S) ->
    proc_lib:hibernate(?MODULE, wakeup_from_hibernate, [P, Debug, S]);
loop(P, Debug, S) -> loop_receive(P, Debug, S).

wakeup_from_hibernate(P, Debug, S) -> loop_receive(P, Debug, S).

loop_receive(#params{parent = Parent} = P, Debug, S) ->
    receive
        {system, From, Request} ->
            sys:handle_system_msg(Request, From, Parent, ?MODULE, Debug,
                                  {P, S}, S#state.hibernate);
        {'EXIT', Parent, Reason} ->
            terminate(exit, Reason, ?STACKTRACE(), P, Debug, S, []);
        Msg ->
            {Event, S1} = event(Msg, S),
            loop_receive_result(P, Debug, S1, Event)
    after P#params.hibernate_after ->
        proc_lib:hibernate(?MODULE, wakeup_from_hibernate, [P, Debug, S])
    end.

event({'$gen_call', From, Request}, S) -> {{{call, From}, Request}, S};
event({'$gen_cast', Msg}, S) -> {{cast, Msg}, S};
event({timeout, Ref, Type} = Msg, #state{timers = Timers} = S)
  when is_reference(Ref) ->
    case Timers of
        #{Type := {Ref, Content}} ->
            {{Type, Content}, S#state{timers = maps:remove(Type, Timers)}};
        _ -> {{info, Msg}, S}
    end;
event(Msg, S) -> {{info, Msg}, S}.

loop_receive_result(P, Debug, #state{state_data = {State, _}} = S, Event) ->
    loop_event(P, traced({in, Event, State}, P, Debug), S, Event, []).

loop_event(P, Debug, #state{hibernate = Hibernate} = S, Event, Events) ->
    %% what hibernation would have done before the next event
    Hibernate andalso garbage_collect(),
    loop_state_callback(P, Debug, S, [Event | Events], S#state.state_data,
                        [], false, [], false, true, Event).

traced(_, _, []) -> [];
traced(Entry, #params{name = Name}, Debug) ->
    sys:handle_debug(Debug, fun print_event/3, Name, Entry).

%% ---- the callback and its result ----

%% The arity is the one that users know from stack traces.
loop_state_callback(#params{callback_mode = Mode, modules = [Mod | _]} = P,
                    Debug, S, Queue, {State, Data} = StateData,
                    NextEvents, Hibernate, Timeouts, Postpone, StateCall,
                    {Type, Content}) ->
    try
        case Mode of
            state_functions -> Mod:State(Type, Content, Data);
            handle_event_function ->
                Mod:handle_event(Type, Content, State, Data)
        end
    of
        Result ->
            loop_state_callback_result(
              P, Debug, S, Queue, StateData, NextEvents, Hibernate, Timeouts,
              Postpone, StateCall, Result)
    catch
        throw:Result ->
            loop_state_callback_result(
              P, Debug, S, Queue, StateData, NextEvents, Hibernate, Timeouts,
              Postpone, StateCall, Result);
        Class:Reason:Trace ->
            terminate(Class, Reason, Trace, P, Debug, S, Queue)
    end.

loop_state_callback_result(P, Debug, S0, Queue, {State, _} = StateData,
                           NextEvents, Hibernate, Timeouts, Postpone,
                           StateCall, Result) ->
    Step = #step{queue = Queue, state_data = StateData,
                 next_events = NextEvents, hibernate = Hibernate,
                 timeouts = Timeouts, postpone = Postpone,
                 state_call = StateCall},
    S = S0#state{state_data = StateData, hibernate = Hibernate},
    case next(Result, StateData, StateCall) of
        {Kind, New, Actions} ->
            loop_actions(P, Debug, S0,
                         Step#step{state_data = New,
                                   call_enter = Kind =:= enter}, Actions);
        {stop, Reason, Data, Replies} ->
            reply_then_terminate(exit, Reason, ?STACKTRACE(), P, Debug,
                                 S#state{state_data = {State, Data}}, Queue,
                                 listify(Replies));
        bad_enter ->
            terminate(error,
                      {bad_state_enter_return_from_state_function, Result},
                      ?STACKTRACE(), P, Debug, S, Queue);
        bad ->
            terminate(error, {bad_return_from_state_function, Result},
                      ?STACKTRACE(), P, Debug, S, Queue)
    end.

%% {enter | stay, {State, Data}, Actions}, {stop, Reason, Data, Replies}, bad
next({next_state, State, Data}, Old, StateCall) ->
    next({next_state, State, Data, []}, Old, StateCall);
next({next_state, State, Data, Actions}, {State, _}, _) ->
    {stay, {State, Data}, Actions};
next({next_state, State, Data, Actions}, _, true) ->
    {enter, {State, Data}, Actions};
next({next_state, _, _, _}, _, false) -> bad_enter;
next({keep_state, Data}, {State, _}, _) -> {stay, {State, Data}, []};
next({keep_state, Data, Actions}, {State, _}, _) ->
    {stay, {State, Data}, Actions};
next(keep_state_and_data, Old, _) -> {stay, Old, []};
next({keep_state_and_data, Actions}, Old, _) -> {stay, Old, Actions};
next({repeat_state, Data}, {State, _}, _) -> {enter, {State, Data}, []};
next({repeat_state, Data, Actions}, {State, _}, _) ->
    {enter, {State, Data}, Actions};
next(repeat_state_and_data, Old, _) -> {enter, Old, []};
next({repeat_state_and_data, Actions}, Old, _) -> {enter, Old, Actions};
next(stop, {_, Data}, _) -> {stop, normal, Data, []};
next({stop, Reason}, {_, Data}, _) -> {stop, Reason, Data, []};
next({stop, Reason, Data}, _, _) -> {stop, Reason, Data, []};
next({stop_and_reply, Reason, Replies}, {_, Data}, _) ->
    {stop, Reason, Data, Replies};
next({stop_and_reply, Reason, Replies, Data}, _, _) ->
    {stop, Reason, Data, Replies};
next(_, _, _) -> bad.

%% ---- actions ----

loop_actions(P, Debug, S, Step, Actions) ->
    loop_actions_list(P, Debug, S, Step, listify(Actions)).

loop_actions_list(#params{state_enter = true} = P, Debug, S,
                  #step{call_enter = true} = Step, []) ->
    loop_state_enter(P, Debug, S, Step);
loop_actions_list(P, Debug, S, Step, []) ->
    loop_state_transition(P, Debug, S, Step);
loop_actions_list(P, Debug, S, Step, [Action | Actions]) ->
    case action(Action, P, Debug, Step) of
        {ok, Step1} -> loop_actions_list(P, Debug, S, Step1, Actions);
        {ok, P1, Debug1, Step1} ->
            loop_actions_list(P1, Debug1, S, Step1, Actions);
        {bad, Tag, Bad} ->
            terminate(error, {Tag, Bad}, ?STACKTRACE(), P, Debug,
                      stepped(S, Step), Step#step.queue);
        {raise, Class, Reason, Trace} ->
            terminate(Class, Reason, Trace, P, Debug, stepped(S, Step),
                      Step#step.queue)
    end.

stepped(S, #step{state_data = StateData, hibernate = Hibernate}) ->
    S#state{state_data = StateData, hibernate = Hibernate}.

action({reply, From, Reply} = Action, P, Debug, Step) ->
    case is_from(From) of
        true ->
            gen:reply(From, Reply),
            {ok, P, traced({out, Reply, From}, P, Debug), Step};
        false -> {bad, bad_action_from_state_function, Action}
    end;
action(hibernate, _, _, Step) -> {ok, Step#step{hibernate = true}};
action({hibernate, Value}, _, _, Step) when is_boolean(Value) ->
    {ok, Step#step{hibernate = Value}};
action(postpone, P, Debug, Step) -> action({postpone, true}, P, Debug, Step);
action({postpone, true}, _, _, #step{state_call = false}) ->
    {bad, bad_state_enter_action_from_state_function, postpone};
action({postpone, Value}, _, _, Step) when is_boolean(Value) ->
    {ok, Step#step{postpone = Value}};
action({next_event, Type, Content} = Action, P, Debug,
       #step{next_events = Events, state_data = {State, _}} = Step) ->
    case is_event_type(Type) of
        true ->
            Event = {Type, Content},
            {ok, P, traced({in, Event, State}, P, Debug),
             Step#step{next_events = [Event | Events]}};
        false -> {bad, bad_action_from_state_function, Action}
    end;
action({change_callback_module, Mod} = Action, #params{modules = [_ | Old]} = P,
       Debug, Step) when is_atom(Mod) ->
    change_module([Mod | Old], Action, P, Debug, Step);
action({push_callback_module, Mod} = Action, #params{modules = Old} = P, Debug,
       Step) when is_atom(Mod) ->
    change_module([Mod | Old], Action, P, Debug, Step);
action(pop_callback_module = Action, #params{modules = [_ | [_ | _] = Old]} = P,
       Debug, Step) ->
    change_module(Old, Action, P, Debug, Step);
action(Action, _, _, #step{timeouts = Timeouts} = Step) ->
    case timeout_action(Action) of
        bad -> {bad, bad_action_from_state_function, Action};
        Timeout -> {ok, Step#step{timeouts = [Timeout | Timeouts]}}
    end.

change_module(_, Action, _, _, #step{state_call = false}) ->
    {bad, bad_state_enter_action_from_state_function, Action};
change_module([Mod | _] = Modules, _, P, Debug,
              #step{state_data = {State, _}} = Step) ->
    case get_callback_mode(P, Modules) of
        #params{} = P1 ->
            {ok, P1, traced({module, Mod, State}, P, Debug), Step};
        {Class, Reason, Trace} -> {raise, Class, Reason, Trace}
    end.

%% {Type, Time, Message, Options}; Time may also be update.
timeout_action({Type, cancel}) -> timeout(Type, infinity, undefined, []);
timeout_action({Type, update, Msg}) -> timeout(Type, update, Msg, []);
timeout_action({Type, Time, Msg}) when ?IS_TIME(Time) ->
    timeout(Type, Time, Msg, []);
timeout_action({Type, Time, Msg, Options}) ->
    case {absolute(listify(Options), false), Time} of
        {true, infinity} -> timeout(Type, Time, Msg, []);
        {true, _} when is_integer(Time) ->
            timeout(Type, Time, Msg, [{abs, true}]);
        {false, _} when ?IS_TIME(Time) -> timeout(Type, Time, Msg, []);
        _ -> bad
    end;
timeout_action(Time) when ?IS_TIME(Time) -> timeout(timeout, Time, Time, []);
timeout_action(_) -> bad.

timeout(Type, Time, Msg, Options) ->
    case is_timeout_type(Type) of
        true -> {Type, Time, Msg, Options};
        false -> bad
    end.

absolute([], Abs) -> Abs;
absolute([{abs, Abs} | Rest], _) when is_boolean(Abs) -> absolute(Rest, Abs);
absolute(_, _) -> bad.

is_timeout_type(timeout) -> true;
is_timeout_type(state_timeout) -> true;
is_timeout_type({timeout, _}) -> true;
is_timeout_type(_) -> false.

is_event_type({call, From}) -> is_from(From);
is_event_type(Type) ->
    lists:member(Type, [cast, info, internal]) orelse is_timeout_type(Type).

is_from({Pid, _}) when is_pid(Pid) -> true;
is_from(_) -> false.

listify(List) when is_list(List) -> List;
listify(Item) -> [Item].

%% ---- the transition ----

loop_state_enter(P, Debug, #state{state_data = {Old, _}} = S,
                 #step{queue = Queue, state_data = New,
                       next_events = NextEvents, hibernate = Hibernate,
                       timeouts = Timeouts, postpone = Postpone}) ->
    loop_state_callback(P, Debug, S, Queue, New, NextEvents, Hibernate,
                        Timeouts, Postpone, false, {enter, Old}).

loop_state_transition(P, Debug, #state{state_data = {Old, _}} = S,
                      #step{queue = [Event | Events],
                            state_data = {State, _}} = Step) ->
    {Tag, Postponed} = case Step#step.postpone of
                           true -> {postpone, [Event | S#state.postponed]};
                           false -> {consume, S#state.postponed}
                       end,
    Debug1 = traced({Tag, Event, Old, State}, P, Debug),
    {S1, Events1} =
        case State =:= Old of
            true -> {S#state{postponed = Postponed}, Events};
            false ->
                {cancel(state_timeout, S#state{postponed = []}),
                 lists:reverse(Postponed, Events)}
        end,
    S2 = stepped(cancel(timeout, S1), Step),
    {S3, Debug2} = start_timers(Step#step.timeouts, P, Debug1, S2),
    loop_done(P, Debug2, S3, lists:reverse(Step#step.next_events, Events1)).

%% With no event left those timers are due that were set to 0.
loop_done(P, Debug, #state{zero = [Type | _], timers = Timers} = S, []) ->
    #{Type := {0, Content}} = Timers,
    loop_receive_result(P, Debug, cancel(Type, S), {Type, Content});
loop_done(P, Debug, S, []) -> loop(P, Debug, S);
loop_done(P, Debug, S, [Event | Events]) ->
    loop_event(P, Debug, S, Event, Events).

%% The last action of each type counts, and is seen to first; but those that
%% are due at once come in the order of the actions.
start_timers(Newest, P, Debug, S) ->
    Last = lists:foldl(fun({Type, _, _, _} = T, Kept) ->
                               case lists:keymember(Type, 1, Kept) of
                                   true -> Kept;
                                   false -> [T | Kept]
                               end
                       end, [], Newest),
    {S1, Debug1, Due} =
        lists:foldr(fun(T, Acc) -> start_timer(T, P, Acc) end,
                    {S, Debug, []}, Last),
    {S1#state{zero = S1#state.zero ++ Due}, Debug1}.

start_timer({Type, infinity, _, _}, _, {S, Debug, Due}) ->
    {cancel(Type, S), Debug, Due};
start_timer({Type, update, Msg, _}, _,
            {#state{timers = Timers} = S, Debug, Due}) ->
    case Timers of
        #{Type := {Ref, _}} ->
            {S#state{timers = Timers#{Type := {Ref, Msg}}}, Debug, Due};
        _ -> {set_timer(Type, 0, Msg, S), Debug, [Type | Due]}
    end;
start_timer({Type, Time, Msg, Options}, P,
            {#state{state_data = {State, _}} = S, Debug, Due}) ->
    Debug1 = traced({start_timer, {Type, Time, Msg, Options}, State}, P,
                    Debug),
    S1 = cancel(Type, S),
    case Time of
        0 when Options =:= [] ->
            {set_timer(Type, 0, Msg, S1), Debug1, [Type | Due]};
        _ ->
            Ref = erlang:start_timer(Time, self(), Type, Options),
            {set_timer(Type, Ref, Msg, S1), Debug1, Due}
    end.

set_timer(Type, Ref, Msg, #state{timers = Timers} = S) ->
    S#state{timers = Timers#{Type => {Ref, Msg}}}.

cancel(Type, #state{timers = Timers, zero = Zero} = S) ->
    case Timers of
        #{Type := {0, _}} ->
            S#state{timers = maps:remove(Type, Timers),
                    zero = lists:delete(Type, Zero)};
        #{Type := {Ref, _}} ->
            case erlang:cancel_timer(Ref) of
                false -> receive {timeout, Ref, _} -> ok after 0 -> ok end;
                _ -> ok
            end,
            S#state{timers = maps:remove(Type, Timers)};
        _ -> S
    end.

get_callback_mode(P, [Mod | _] = Modules) ->
    try Mod:callback_mode() of
        Result -> callback_mode(listify(Result), Result, P, Modules)
    catch
        throw:Result -> callback_mode(listify(Result), Result, P, Modules);
        Class:Reason:Trace -> {Class, Reason, Trace}
    end.

callback_mode(List, Result, P, Modules) ->
    Modes = [M || M <- List, M =:= state_functions
                      orelse M =:= handle_event_function],
    case {Modes, [E || E <- List, E =/= state_enter] -- Modes} of
        {[_ | _], []} ->
            P#params{modules = Modules, callback_mode = lists:last(Modes),
                     state_enter = lists:member(state_enter, List)};
        _ -> {error, {bad_return_from_callback_mode, Result}, ?STACKTRACE()}
    end.

%% ---- ending ----

reply_then_terminate(Class, Reason, Trace, P, Debug, S, Queue, []) ->
    terminate(Class, Reason, Trace, P, Debug, S, Queue);
reply_then_terminate(Class, Reason, Trace, P, Debug, S, Queue,
                     [{reply, {Pid, _} = From, Reply} | Replies])
  when is_pid(Pid) ->
    gen:reply(From, Reply),
    reply_then_terminate(Class, Reason, Trace, P,
                         traced({out, Reply, From}, P, Debug), S, Queue,
                         Replies);
reply_then_terminate(_, _, _, P, Debug, S, Queue, [Bad | _]) ->
    terminate(error, {bad_reply_action_from_state_function, Bad},
              ?STACKTRACE(), P, Debug, S, Queue).

terminate(Class, Reason, Trace, #params{modules = [Mod | _]} = P, Debug,
          #state{state_data = {State, Data}} = S, Queue) ->
    case erlang:function_exported(Mod, terminate, 3) of
        true ->
            try Mod:terminate(Reason, State, Data)
            catch
                throw:_ -> ok;
                Class2:Reason2:Trace2 ->
                    error_info(Class2, Reason2, Trace2, P, Debug, S, Queue),
                    erlang:raise(Class2, Reason2, Trace2)
            end;
        false -> ok
    end,
    case is_expected(Reason) of
        true -> traced({terminate, Reason, State}, P, Debug);
        false -> error_info(Class, Reason, Trace, P, Debug, S, Queue)
    end,
    erlang:raise(Class, Reason, Trace).

is_expected(normal) -> true;
is_expected(shutdown) -> true;
is_expected({shutdown, _}) -> true;
is_expected(_) -> false.

%% ---- reports ----

error_info(Class, Reason, Trace, #params{modules = [Mod | _]} = P, Debug,
           #state{state_data = {State, Data}} = S, Queue) ->
    Status = gen:format_status(Mod, terminate,
                               #{reason => Reason, state => State,
                                 data => Data, queue => Queue,
                                 postponed => S#state.postponed,
                                 timeouts => timeouts(S),
                                 log => sys:get_log(Debug)},
                               [get(), State, Data]),
    #{queue := Queue1, postponed := Postponed, timeouts := Timeouts,
      log := Log, reason := Reason1, state := State1, data := Data1} = Status,
    Report = #{label => {gen_statem, terminate},
               name => P#params.name,
               queue => Queue1,
               postponed => Postponed,
               modules => P#params.modules,
               callback_mode => P#params.callback_mode,
               state_enter => P#params.state_enter,
               state => maps:get('EXIT', Status,
                                 maps:get('$status', Status, {State1, Data1})),
               timeouts => {map_size(S#state.timers), Timeouts},
               log => Log,
               reason => {Class, Reason1, Trace},
               client_info => client_info(Queue)},
    logger:error(gen_report:with_label(Report),
                 #{domain => [otp], mfa => {?MODULE, error_info, 7},
                   file => ?FILE, line => ?LINE,
                   report_cb => fun ?MODULE:format_log/2,
                   error_logger => #{tag => error,
                                     report_cb => fun ?MODULE:format_log/1}}).

timeouts(#state{timers = Timers}) ->
    maps:fold(fun(Type, {_, Msg}, Acc) -> [{Type, Msg} | Acc] end, [], Timers).

client_info([{{call, From}, _} | _]) -> gen_report:client_info(From);
client_info(_) -> undefined.

format_log(Report) ->
    Keys = [queue, postponed, state, timeouts, log, reason, client_info,
            process_label],
    gen_report:arguments(Report, Keys, fun format_report/2).

format_log(Report, Options) ->
    gen_report:text(Report, Options, fun format_report/2).

%% A report is parts, each a text for a term; those without a term fall out.
format_report(#{label := {gen_statem, terminate},
                reason := {Class, Reason, Trace}, client_info := Client} = R,
              #{single_line := Single} = Options) ->
    P = gen_report:modifier(Options),
    {Why, Stack} = undef_reason(Class, Reason, Trace),
    Parts = case Single of
                true -> single_parts(R, Why, Stack, P);
                false -> parts(R, Class, Why, Stack, P)
            end,
    {ClientFormat, ClientArgs} =
        case Single of
            true -> gen_report:client_single(Client, Options);
            false -> gen_report:client(Client, Options)
        end,
    {lists:append([Text || {Text, _} <- Parts] ++ [ClientFormat]),
     gen_report:pairs(lists:append([Terms || {_, Terms} <- Parts]), Options)
     ++ ClientArgs}.

parts(#{name := Name, queue := Queue, state := State, modules := Modules,
        callback_mode := Mode, state_enter := Enter, postponed := Postponed,
        timeouts := Timeouts, log := Log} = R, Class, Why, Stack, P) ->
    Shown = case Enter of true -> [Mode, state_enter]; false -> Mode end,
    [{"** State machine " ++ P ++ " terminating~n", [Name]},
     gen_report:label(R, "** Process label = " ++ P ++ "~n")]
        ++ [{"** Last event = " ++ P ++ "~n", [hd(Queue)]} || Queue =/= []]
        ++ [{"** When server state  = " ++ P ++ "~n", [State]},
            {lists:append(["** Reason for termination = ", P, ":", P, "~n"]),
             [Class, Why]},
            {"** Callback modules = " ++ P ++ "~n", [Modules]},
            {"** Callback mode = " ++ P ++ "~n", [Shown]}]
        ++ [{"** Queued = " ++ P ++ "~n", [tl(Queue)]} || length(Queue) > 1]
        ++ [{"** Postponed = " ++ P ++ "~n", [Postponed]} || Postponed =/= []]
        ++ [{"** Stacktrace =~n**  " ++ P ++ "~n", [Stack]} || Stack =/= []]
        ++ [{"** Time-outs: " ++ P ++ "~n", [Timeouts]}
            || element(1, Timeouts) =/= 0]
        ++ [{"** Log =~n**  " ++ P ++ "~n", [Log]} || Log =/= []].

single_parts(#{name := Name, queue := Queue, state := State, log := Log} = R,
             Why, Stack, P) ->
    [{lists:append(["State machine ", P, " terminating"]), [Name]},
     gen_report:label(R, ". Label: " ++ P), {". Reason: " ++ P, [Why]}]
        ++ [{". Stack: " ++ P, [Stack]} || Stack =/= []]
        ++ [{". Last event: " ++ P, [hd(Queue)]} || Queue =/= []]
        ++ [{". State: " ++ P, [State]}]
        ++ [{". Log: " ++ P, [Log]} || Log =/= []]
        ++ [{".", []}].

undef_reason(error, undef, [{M, F, Args, _} | Rest] = Trace) ->
    Arity = case Args of
                _ when is_list(Args) -> length(Args);
                _ -> Args
            end,
    case code:is_loaded(M) of
        false -> {{'module could not be loaded', M}, Rest};
        _ ->
            case erlang:function_exported(M, F, Arity) of
                true -> {undef, Trace};
                false -> {{'function not exported', {M, F, Arity}}, Rest}
            end
    end;
undef_reason(_, Reason, Trace) -> {Reason, Trace}.

print_event(Device, Entry, Name) ->
    {Format, Args} = entry(Entry),
    io:format(Device, "*DBG* ~tp " ++ Format ++ "~n", [Name | Args]).

entry({in, Event, State}) ->
    {"receive ~ts in state ~tp", [event_string(Event), State]};
entry({out, Reply, {To, _}}) -> {"send ~tp to ~tw", [Reply, To]};
entry({terminate, Reason, State}) ->
    {"terminate ~tp in state ~tp", [Reason, State]};
entry({Tag, Event, State, Next}) when Tag =:= postpone; Tag =:= consume ->
    Change = case Next of
                 State -> io_lib:format("~tp", [State]);
                 _ -> io_lib:format("~tp => ~tp", [State, Next])
             end,
    {"~tw ~ts in state ~ts", [Tag, event_string(Event), Change]};
entry({Tag, What, State}) -> {"~tw ~tp in state ~tp", [Tag, What, State]}.

event_string({{call, {Pid, _}}, Request}) ->
    io_lib:format("call ~tp from ~tw", [Request, Pid]);
event_string({Type, Content}) -> io_lib:format("~tw ~tp", [Type, Content]).

%% ---- system messages; Misc is {Params, State} ----

system_continue(Parent, Debug, {P, S}) ->
    loop(P#params{parent = Parent}, Debug, S).

system_terminate(Reason, Parent, Debug, {P, S}) ->
    terminate(exit, Reason, ?STACKTRACE(), P#params{parent = Parent}, Debug, S,
              []).

system_code_change({#params{modules = [Mod | _] = Modules} = P,
                    #state{state_data = {State, Data}} = S}, _, OldVsn,
                   Extra) ->
    Result = try Mod:code_change(OldVsn, State, Data, Extra)
             catch throw:Value -> Value
             end,
    case Result of
        {ok, NewState, NewData} ->
            case get_callback_mode(P, Modules) of
                #params{} = P1 ->
                    {ok, {P1, S#state{state_data = {NewState, NewData}}}};
                {Class, Reason, Trace} -> erlang:raise(Class, Reason, Trace)
            end;
        {ok, _} -> error({case_clause, Result});
        _ -> Result
    end.

system_get_state({_, #state{state_data = StateData}}) -> {ok, StateData}.

system_replace_state(Fun, {P, #state{state_data = StateData} = S}) ->
    New = Fun(StateData),
    {ok, New, {P, S#state{state_data = New}}}.

format_status(Opt, [Dictionary, SysState, Parent, Debug,
                    {#params{name = Name, modules = [Mod | _] = Modules},
                     #state{state_data = {State, Data}} = S}]) ->
    Status = gen:format_status(Mod, Opt,
                               #{state => State, data => Data,
                                 postponed => S#state.postponed,
                                 log => sys:get_log(Debug),
                                 timeouts => timeouts(S)},
                               [Dictionary, State, Data]),
    Shown = case Status of
                #{'EXIT' := Text} -> [{data, [{"State", {State, Text}}]}];
                #{'$status' := List} when is_list(List) -> List;
                #{'$status' := Term} -> [Term];
                #{state := State1, data := Data1} ->
                    [{data, [{"State", {State1, Data1}}]}]
            end,
    [{header, gen:format_status_header("Status for state machine", Name)},
     {data, [{"Status", SysState}, {"Parent", Parent}, {"Modules", Modules},
             {"Time-outs", {map_size(S#state.timers),
                            maps:get(timeouts, Status)}},
             {"Logged Events", maps:get(log, Status)},
             {"Postponed", maps:get(postponed, Status)}]}
     | Shown].
