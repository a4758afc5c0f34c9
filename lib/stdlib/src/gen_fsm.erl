%% SPDX-License-Identifier: Apache-2.0
%% The state machine of old, for those that still have one: gen_statem is what
%% to use.
-module(gen_fsm).

-export([start/3, start/4, start_link/3, start_link/4, stop/1, stop/3,
         send_event/2, sync_send_event/2, sync_send_event/3,
         send_all_state_event/2, sync_send_all_state_event/2,
         sync_send_all_state_event/3, reply/2, start_timer/2,
         send_event_after/2, cancel_timer/1,
         enter_loop/4, enter_loop/5, enter_loop/6, wake_hib/3, init_it/6,
         system_continue/3, system_terminate/4, system_code_change/4,
         system_get_state/1, system_replace_state/2, format_status/2,
         format_log/1, format_log/2]).

-deprecated({'_', '_', "use the 'gen_statem' module instead"}).

-callback init(Args :: term()) ->
    {ok, StateName :: atom(), StateData :: term()}
  | {ok, StateName :: atom(), StateData :: term(), timeout() | hibernate}
  | {stop, Reason :: term()} | ignore.
-callback handle_event(Event :: term(), StateName :: atom(),
                       StateData :: term()) ->
    {next_state, NextStateName :: atom(), NewStateData :: term()}
  | {next_state, NextStateName :: atom(), NewStateData :: term(),
     timeout() | hibernate}
  | {stop, Reason :: term(), NewStateData :: term()}.
-callback handle_sync_event(Event :: term(), From :: {pid(), Tag :: term()},
                            StateName :: atom(), StateData :: term()) ->
    {reply, Reply :: term(), NextStateName :: atom(), NewStateData :: term()}
  | {reply, Reply :: term(), NextStateName :: atom(), NewStateData :: term(),
     timeout() | hibernate}
  | {next_state, NextStateName :: atom(), NewStateData :: term()}
  | {next_state, NextStateName :: atom(), NewStateData :: term(),
     timeout() | hibernate}
  | {stop, Reason :: term(), Reply :: term(), NewStateData :: term()}
  | {stop, Reason :: term(), NewStateData :: term()}.
-callback handle_info(Info :: term(), StateName :: atom(),
                      StateData :: term()) ->
    {next_state, NextStateName :: atom(), NewStateData :: term()}
  | {next_state, NextStateName :: atom(), NewStateData :: term(),
     timeout() | hibernate}
  | {stop, Reason :: term(), NewStateData :: term()}.
-callback terminate(Reason :: term(), StateName :: atom(),
                    StateData :: term()) -> term().
-callback code_change(OldVsn :: term(), StateName :: atom(),
                      StateData :: term(), Extra :: term()) ->
    {ok, NextStateName :: atom(), NewStateData :: term()}.
-callback format_status(Opt :: normal | terminate, StatusData :: [term()]) ->
    Status :: term().
-optional_callbacks([handle_info/3, terminate/3, code_change/4,
                     format_status/2]).

-record(fsm, {parent, name, mod, hibernate_after = infinity, debug = []}).

-define(IS_WHEN(T), T =:= infinity orelse T =:= hibernate
                        orelse is_integer(T) andalso T >= 0).

%% ---- starting ----

start(Mod, Args, Options) -> gen:start(?MODULE, nolink, Mod, Args, Options).
start(Name, Mod, Args, Options) ->
    gen:start(?MODULE, nolink, Name, Mod, Args, Options).
start_link(Mod, Args, Options) -> gen:start(?MODULE, link, Mod, Args, Options).
start_link(Name, Mod, Args, Options) ->
    gen:start(?MODULE, link, Name, Mod, Args, Options).

stop(Name) -> gen:stop(Name).
stop(Name, Reason, Timeout) -> gen:stop(Name, Reason, Timeout).

init_it(Starter, self, Name, Mod, Args, Options) ->
    init_it(Starter, self(), Name, Mod, Args, Options);
init_it(Starter, Parent, Name0, Mod, Args, Options) ->
    Name = gen:name(Name0),
    F = #fsm{parent = Parent, name = Name, mod = Mod,
             hibernate_after = gen:hibernate_after(Options),
             debug = gen:debug_options(Name, Options)},
    case catch Mod:init(Args) of
        {ok, State, Data} ->
            proc_lib:init_ack(Starter, {ok, self()}),
            loop(F, State, Data, infinity);
        {ok, State, Data, When} when ?IS_WHEN(When) ->
            proc_lib:init_ack(Starter, {ok, self()}),
            loop(F, State, Data, When);
        {stop, Reason} -> init_failed(Starter, Name0, {error, Reason}, Reason);
        ignore -> init_failed(Starter, Name0, ignore, normal);
        {'EXIT', Reason} ->
            init_failed(Starter, Name0, {error, Reason}, Reason);
        Other ->
            Error = {bad_return_value, Other},
            init_failed(Starter, Name0, {error, Error}, Error)
    end.

init_failed(Starter, Name, Ack, Reason) ->
    gen:unregister_name(Name),
    proc_lib:init_ack(Starter, Ack),
    exit(Reason).

enter_loop(Mod, Options, State, Data) ->
    enter_loop(Mod, Options, State, Data, self(), infinity).
enter_loop(Mod, Options, State, Data, When) when ?IS_WHEN(When) ->
    enter_loop(Mod, Options, State, Data, self(), When);
enter_loop(Mod, Options, State, Data, Name) ->
    enter_loop(Mod, Options, State, Data, Name, infinity).
enter_loop(Mod, Options, State, Data, Name0, When) ->
    Name = gen:get_proc_name(Name0),
    loop(#fsm{parent = gen:get_parent(), name = Name, mod = Mod,
              hibernate_after = gen:hibernate_after(Options),
              debug = gen:debug_options(Name, Options)}, State, Data, When).

%% ---- clients ----

send_event(To, Event) -> send(To, {'$gen_event', Event}).
send_all_state_event(To, Event) -> send(To, {'$gen_all_state_event', Event}).

send({global, _} = To, Msg) -> gen:send_named(To, Msg);
send({via, _, _} = To, Msg) -> gen:send_named(To, Msg);
send(To, Msg) ->
    To ! Msg,
    ok.

sync_send_event(To, Event) ->
    sync(To, '$gen_sync_event', Event, [],
         {?MODULE, sync_send_event, [To, Event]}).
sync_send_event(To, Event, Timeout) ->
    sync(To, '$gen_sync_event', Event, [Timeout],
         {?MODULE, sync_send_event, [To, Event, Timeout]}).
sync_send_all_state_event(To, Event) ->
    sync(To, '$gen_sync_all_state_event', Event, [],
         {?MODULE, sync_send_all_state_event, [To, Event]}).
sync_send_all_state_event(To, Event, Timeout) ->
    sync(To, '$gen_sync_all_state_event', Event, [Timeout],
         {?MODULE, sync_send_all_state_event, [To, Event, Timeout]}).

sync(To, Label, Event, Timeout, MFA) ->
    case catch apply(gen, call, [To, Label, Event | Timeout]) of
        {ok, Reply} -> Reply;
        {'EXIT', Reason} -> exit({Reason, MFA})
    end.

reply(From, Reply) -> gen:reply(From, Reply).

start_timer(Time, Msg) ->
    erlang:start_timer(Time, self(), {'$gen_timer', Msg}).
send_event_after(Time, Event) ->
    erlang:start_timer(Time, self(), {'$gen_event', Event}).

cancel_timer(Ref) ->
    case erlang:cancel_timer(Ref) of
        false -> receive {timeout, Ref, _} -> 0 after 0 -> false end;
        Left -> Left
    end.

%% ---- the machine ----

loop(F, State, Data, hibernate) ->
    proc_lib:hibernate(?MODULE, wake_hib, [F, State, Data]);
loop(#fsm{hibernate_after = After} = F, State, Data, infinity) ->
    receive
        Msg -> decode_msg(Msg, F, State, Data, infinity, false)
    after After -> loop(F, State, Data, hibernate)
    end;
loop(F, State, Data, Time) ->
    Msg = receive
              Input -> Input
          after Time -> {'$gen_event', timeout}
          end,
    decode_msg(Msg, F, State, Data, Time, false).

wake_hib(F, State, Data) ->
    receive
        Msg -> decode_msg(Msg, F, State, Data, hibernate, true)
    end.

decode_msg({system, From, Request}, F, State, Data, When, Hib) ->
    sys:handle_system_msg(Request, From, F#fsm.parent, ?MODULE, F#fsm.debug,
                          [F#fsm.name, State, Data, F#fsm.mod, When,
                           F#fsm.hibernate_after], Hib);
decode_msg({'EXIT', Parent, Reason} = Msg, #fsm{parent = Parent} = F, State,
           Data, _, _) ->
    terminate(Reason, F, undefined, Msg, State, Data);
decode_msg(Msg, F, State, Data, _, _) ->
    handle_msg(Msg, traced({in, Msg, State}, F), State, Data).

traced(_, #fsm{debug = []} = F) -> F;
traced(Event, #fsm{debug = Debug, name = Name} = F) ->
    F#fsm{debug = sys:handle_debug(Debug, fun print_event/3, Name, Event)}.

handle_msg(Msg, #fsm{mod = Mod} = F, State, Data) ->
    From = from(Msg),
    case catch dispatch(Msg, Mod, State, Data) of
        {next_state, NewState, NewData} ->
            loop(traced({noreply, NewState}, F), NewState, NewData, infinity);
        {next_state, NewState, NewData, When} ->
            loop(traced({noreply, NewState}, F), NewState, NewData, When);
        {reply, Reply, NewState, NewData} when From =/= undefined ->
            loop(replied(From, Reply, NewState, F), NewState, NewData,
                 infinity);
        {reply, Reply, NewState, NewData, When} when From =/= undefined ->
            loop(replied(From, Reply, NewState, F), NewState, NewData, When);
        {stop, Reason, NewData} ->
            terminate(Reason, F, From, Msg, State, NewData);
        {stop, Reason, Reply, NewData} when From =/= undefined ->
            try terminate(Reason, F, From, Msg, State, NewData)
            after replied(From, Reply, State, F)
            end;
        {'EXIT', {undef, [{Mod, handle_info, [_, _, _], _} | _]}} ->
            logger:warning(#{label => {gen_fsm, no_handle_info},
                             module => Mod, message => Msg},
                           metadata(warning_msg)),
            loop(F, State, Data, infinity);
        {'EXIT', Reason} -> terminate(Reason, F, From, Msg, State, Data);
        Other ->
            terminate({bad_return_value, Other}, F, From, Msg, State, Data)
    end.

replied(From, Reply, State, F) ->
    gen:reply(From, Reply),
    traced({out, Reply, From, State}, F).

dispatch({'$gen_event', Event}, Mod, State, Data) -> Mod:State(Event, Data);
dispatch({'$gen_all_state_event', Event}, Mod, State, Data) ->
    Mod:handle_event(Event, State, Data);
dispatch({'$gen_sync_event', From, Event}, Mod, State, Data) ->
    Mod:State(Event, From, Data);
dispatch({'$gen_sync_all_state_event', From, Event}, Mod, State, Data) ->
    Mod:handle_sync_event(Event, From, State, Data);
dispatch({timeout, Ref, {'$gen_timer', Msg}}, Mod, State, Data) ->
    Mod:State({timeout, Ref, Msg}, Data);
dispatch({timeout, _, {'$gen_event', Event}}, Mod, State, Data) ->
    Mod:State(Event, Data);
dispatch(Info, Mod, State, Data) -> Mod:handle_info(Info, State, Data).

from({'$gen_sync_event', From, _}) -> From;
from({'$gen_sync_all_state_event', From, _}) -> From;
from(_) -> undefined.

terminate(Reason, #fsm{mod = Mod} = F, From, Msg, State, Data) ->
    case erlang:function_exported(Mod, terminate, 3) of
        true ->
            case catch Mod:terminate(Reason, State, Data) of
                {'EXIT', Crash} ->
                    error_info(Crash, F, From, Msg, State, Data),
                    exit(Crash);
                _ -> ok
            end;
        false -> ok
    end,
    case Reason of
        normal -> ok;
        shutdown -> ok;
        {shutdown, _} -> ok;
        _ -> error_info(Reason, F, From, Msg, State, Data)
    end,
    exit(Reason).

%% ---- reports ----

error_info(Reason, #fsm{name = Name, mod = Mod, debug = Debug}, From, Msg,
           State, Data) ->
    logger:error(#{label => {gen_fsm, terminate}, name => Name,
                   last_message => Msg, state_name => State,
                   state_data => shown(terminate, Mod, get(), Data),
                   log => sys:get_log(Debug), reason => Reason,
                   client_info => gen_report:client_info(From)},
                 metadata(error)).

metadata(Tag) ->
    #{domain => [otp], report_cb => fun ?MODULE:format_log/2,
      error_logger => #{tag => Tag, report_cb => fun ?MODULE:format_log/1}}.

format_log(Report) ->
    Keys = [last_message, state_data, log, reason, client_info, message],
    gen_report:arguments(Report, Keys, fun format_report/2).

format_log(Report, Options) ->
    gen_report:text(Report, Options, fun format_report/2).

format_report(#{label := {gen_fsm, terminate}, name := Name,
                last_message := Msg, state_name := State, state_data := Data,
                log := Log, reason := Reason, client_info := Client},
              #{single_line := Single} = Options) ->
    P = gen_report:modifier(Options),
    Why = gen_report:reason(Reason),
    {Format, Terms} =
        case Single of
            true ->
                {["State machine ", P, " terminating. Reason: ", P,
                  ". Last event: ", P, ". State: ", P, ". Data: ", P,
                  [". Log: " ++ P || Log =/= []], "."],
                 [Name, Why, single_event(Msg), State, Data]
                 ++ [Log || Log =/= []]};
            false ->
                {["** State machine ", P, " terminating \n", last_text(Msg, P),
                  "** When State == ", P, "~n**      Data  == ", P,
                  "~n** Reason for termination ==~n** ", P, "~n",
                  ["** Log ==~n**" ++ P ++ "~n" || Log =/= []]],
                 [Name | last_terms(Msg)] ++ [State, Data, Why]
                 ++ [Log || Log =/= []]}
        end,
    {ClientFormat, ClientArgs} =
        case Single of
            true -> gen_report:client_single(Client, Options);
            false -> gen_report:client(Client, Options)
        end,
    {lists:flatten([Format, ClientFormat]),
     gen_report:pairs(Terms, Options) ++ ClientArgs};
format_report(#{label := {gen_fsm, no_handle_info}, module := Mod,
                message := Msg}, #{single_line := true} = Options) ->
    P = gen_report:modifier(Options),
    {lists:append(["Undefined handle_info in ", P, ". Unhandled message: ", P,
                   "."]),
     gen_report:pairs([Mod, Msg], Options)};
format_report(#{label := {gen_fsm, no_handle_info}, module := Mod,
                message := Msg}, Options) ->
    P = gen_report:modifier(Options),
    {"** Undefined handle_info in ~p~n** Unhandled message: " ++ P ++ "~n",
     [Mod | gen_report:pairs([Msg], Options)]}.

last_event({'$gen_event', Event}) -> Event;
last_event({'$gen_sync_event', _, Event}) -> Event;
last_event({'$gen_all_state_event', Event}) -> Event;
last_event({'$gen_sync_all_state_event', _, Event}) -> Event;
last_event({timeout, Ref, {'$gen_timer', Msg}}) -> {timeout, Ref, Msg};
last_event({timeout, _, {'$gen_event', Event}}) -> Event;
last_event(Msg) -> Msg.

%% On one line a message that is no event stands in a list.
single_event(Msg) ->
    case last_event(Msg) of
        Msg -> [Msg];
        Event -> Event
    end.

last_text({'$gen_event', _}, P) -> "** Last event in was " ++ P ++ "~n";
last_text({'$gen_sync_event', _, _}, P) ->
    lists:append(["** Last sync event in was ", P, " from ~tw~n"]);
last_text({'$gen_all_state_event', _}, P) ->
    lists:append(["** Last event in was ", P, " (for all states)~n"]);
last_text({'$gen_sync_all_state_event', _, _}, P) ->
    lists:append(["** Last sync event in was ", P,
                  " (for all states) from ~tw~n"]);
last_text({timeout, _, {'$gen_timer', _}}, P) ->
    "** Last timer event in was " ++ P ++ "~n";
last_text({timeout, _, {'$gen_event', _}}, P) ->
    "** Last timer event in was " ++ P ++ "~n";
last_text(_, P) -> "** Last message in was " ++ P ++ "~n".

last_terms({'$gen_sync_event', {Pid, _}, Event}) -> [Event, Pid];
last_terms({'$gen_sync_all_state_event', {Pid, _}, Event}) -> [Event, Pid];
last_terms(Msg) -> [last_event(Msg)].

print_event(Device, {in, Msg, State}, Name) ->
    {Format, Args} = event_text(Msg),
    io:format(Device, "*DBG* ~tp got " ++ Format ++ " in state ~tw~n",
              [Name | Args] ++ [State]);
print_event(Device, {out, Msg, {To, _}, State}, Name) ->
    io:format(Device, "*DBG* ~tp sent ~tp to ~tw~n"
              "      and switched to state ~tw~n", [Name, Msg, To, State]);
print_event(Device, {noreply, State}, Name) ->
    io:format(Device, "*DBG* ~tp switched to state ~tw~n", [Name, State]).

event_text({'$gen_event', Event}) -> {"event ~tp", [Event]};
event_text({'$gen_all_state_event', Event}) ->
    {"all_state_event ~tp", [Event]};
event_text({'$gen_sync_event', {From, _}, Event}) ->
    {"sync_event ~tp from ~tw", [Event, From]};
event_text({'$gen_sync_all_state_event', {From, _}, Event}) ->
    {"sync_all_state_event ~tp from ~tw", [Event, From]};
event_text({timeout, Ref, {'$gen_timer', Msg}}) ->
    {"timer ~tp", [{timeout, Ref, Msg}]};
event_text({timeout, _, {'$gen_event', Event}}) -> {"timer ~tp", [Event]};
event_text(Msg) -> {"~tp", [Msg]}.

%% ---- system messages; Misc: [Name, State, Data, Mod, When, HibernateAfter]

from_misc(Parent, Debug, [Name, _, _, Mod, _, After]) ->
    #fsm{parent = Parent, name = Name, mod = Mod, hibernate_after = After,
         debug = Debug}.

system_continue(Parent, Debug, [_, State, Data, _, When, _] = Misc) ->
    loop(from_misc(Parent, Debug, Misc), State, Data, When).

system_terminate(Reason, Parent, Debug, [_, State, Data | _] = Misc) ->
    terminate(Reason, from_misc(Parent, Debug, Misc), undefined, [], State,
              Data).

system_code_change([Name, State, Data, Mod | Rest], _, OldVsn, Extra) ->
    case catch Mod:code_change(OldVsn, State, Data, Extra) of
        {ok, NewState, NewData} -> {ok, [Name, NewState, NewData, Mod | Rest]};
        Other -> Other
    end.

system_get_state([_, State, Data | _]) -> {ok, {State, Data}}.

system_replace_state(Fun, [Name, State, Data | Rest]) ->
    {NewState, NewData} = Result = Fun({State, Data}),
    {ok, Result, [Name, NewState, NewData | Rest]}.

format_status(Opt, [Dictionary, SysState, Parent, Debug,
                    [Name, State, Data, Mod | _]]) ->
    Specific = case shown(Opt, Mod, Dictionary, Data) of
                   List when is_list(List) -> List;
                   Term -> [Term]
               end,
    [{header, gen:format_status_header("Status for state machine", Name)},
     {data, [{"Status", SysState}, {"Parent", Parent},
             {"Logged events", sys:get_log(Debug)}, {"StateName", State}]}
     | Specific].

shown(Opt, Mod, Dictionary, Data) ->
    Default = case Opt of
                  terminate -> Data;
                  _ -> [{data, [{"StateData", Data}]}]
              end,
    case erlang:function_exported(Mod, format_status, 2) of
        true ->
            case catch Mod:format_status(Opt, [Dictionary, Data]) of
                {'EXIT', _} -> Default;
                Other -> Other
            end;
        false -> Default
    end.
