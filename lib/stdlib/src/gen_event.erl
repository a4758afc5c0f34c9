%% SPDX-License-Identifier: Apache-2.0
%% Event managers: a process that tells events to handlers, which come, go,
%% replace each other, and are dropped when they crash.
-module(gen_event).

-export([start/0, start/1, start/2, start_link/0, start_link/1, start_link/2,
         start_monitor/0, start_monitor/1, start_monitor/2, stop/1, stop/3,
         notify/2, sync_notify/2, add_handler/3, add_sup_handler/3,
         delete_handler/3, swap_handler/3, swap_sup_handler/3,
         which_handlers/1, call/3, call/4,
         send_request/3, send_request/5, wait_response/2, wait_response/3,
         receive_response/2, receive_response/3,
         check_response/2, check_response/3,
         reqids_new/0, reqids_size/1, reqids_add/3, reqids_to_list/1,
         init_it/6, wake_hib/5,
         system_continue/3, system_terminate/4, system_code_change/4,
         system_get_state/1, system_replace_state/2,
         format_status/2, format_log/1, format_log/2]).

-include("gen.hrl").

-type handler_args() :: term().
-type add_handler_ret() :: ok | term() | {'EXIT', term()}.
-type del_handler_ret() :: ok | term() | {'EXIT', term()}.
-type emgr_ref() :: atom() | {atom(), atom()} | {global, term()}
                  | {via, module(), term()} | pid().
-type handler() :: atom() | {atom(), term()}.
-export_type([handler/0, handler_args/0, add_handler_ret/0, emgr_ref/0,
              del_handler_ret/0]).

-callback init(InitArgs :: term()) ->
    {ok, State :: term()} | {ok, State :: term(), hibernate}
  | {error, Reason :: term()}.
-callback handle_event(Event :: term(), State :: term()) ->
    {ok, NewState :: term()} | {ok, NewState :: term(), hibernate}
  | {swap_handler, Args1 :: term(), NewState :: term(),
     Handler2 :: atom() | {atom(), term()}, Args2 :: term()}
  | remove_handler.
-callback handle_call(Request :: term(), State :: term()) ->
    {ok, Reply :: term(), NewState :: term()}
  | {ok, Reply :: term(), NewState :: term(), hibernate}
  | {swap_handler, Reply :: term(), Args1 :: term(), NewState :: term(),
     Handler2 :: atom() | {atom(), term()}, Args2 :: term()}
  | {remove_handler, Reply :: term()}.
-callback handle_info(Info :: term(), State :: term()) ->
    {ok, NewState :: term()} | {ok, NewState :: term(), hibernate}
  | {swap_handler, Args1 :: term(), NewState :: term(),
     Handler2 :: atom() | {atom(), term()}, Args2 :: term()}
  | remove_handler.
-callback terminate(Args :: term(), State :: term()) -> term().
-callback code_change(OldVsn :: term() | {down, term()}, State :: term(),
                      Extra :: term()) -> {ok, NewState :: term()}.
-callback format_status(Opt, StatusData) -> Status when
      Opt :: normal | terminate,
      StatusData :: [PDict | State],
      PDict :: [{Key :: term(), Value :: term()}],
      State :: term(), Status :: term().
-callback format_status(Status) -> NewStatus when
      Status :: #{state => term(), message => term(), reason => term(),
                  log => [term()]},
      NewStatus :: Status.
-optional_callbacks([handle_info/2, terminate/2, code_change/3,
                     format_status/1, format_status/2]).

-record(handler, {module, id = false, state, supervised = false}).
-record(manager, {parent, name, hibernate_after = infinity, debug = []}).

%% ---- starting ----

start() -> run(nolink, [], []).
start(What) -> run_what(nolink, What).
start(Name, Options) -> run(nolink, [Name], Options).
start_link() -> run(link, [], []).
start_link(What) -> run_what(link, What).
start_link(Name, Options) -> run(link, [Name], Options).
start_monitor() -> run(monitor, [], []).
start_monitor(What) -> run_what(monitor, What).
start_monitor(Name, Options) -> run(monitor, [Name], Options).

run_what(Link, Name) when is_tuple(Name) -> run(Link, [Name], []);
run_what(Link, Options) when is_list(Options) -> run(Link, [], Options).

run(Link, [], Options) ->
    gen:start(?MODULE, Link, 'no callback module', [], Options);
run(Link, [Name], Options) ->
    gen:start(?MODULE, Link, Name, 'no callback module', [], Options).

stop(Manager) -> gen:stop(Manager).
stop(Manager, Reason, Timeout) -> gen:stop(Manager, Reason, Timeout).

init_it(Starter, self, Name, Mod, Args, Options) ->
    init_it(Starter, self(), Name, Mod, Args, Options);
init_it(Starter, Parent, Name0, _, _, Options) ->
    process_flag(trap_exit, true),
    Name = gen:name(Name0),
    M = #manager{parent = Parent, name = Name,
                 hibernate_after = gen:hibernate_after(Options),
                 debug = gen:debug_options(Name, Options)},
    proc_lib:init_ack(Starter, {ok, self()}),
    fetch_msg(M, [], false).

%% ---- clients ----

notify(Manager, Event) -> send(Manager, {notify, Event}).
sync_notify(Manager, Event) -> rpc(Manager, {sync_notify, Event}).

add_handler(Manager, Handler, Args) ->
    rpc(Manager, {add_handler, Handler, Args}).
add_sup_handler(Manager, Handler, Args) ->
    rpc(Manager, {add_sup_handler, Handler, Args, self()}).
delete_handler(Manager, Handler, Args) ->
    rpc(Manager, {delete_handler, Handler, Args}).
swap_handler(Manager, {H1, A1}, {H2, A2}) ->
    rpc(Manager, {swap_handler, H1, A1, H2, A2}).
swap_sup_handler(Manager, {H1, A1}, {H2, A2}) ->
    rpc(Manager, {swap_sup_handler, H1, A1, H2, A2, self()}).
which_handlers(Manager) -> rpc(Manager, which_handlers).

rpc(Manager, Request) ->
    {ok, Reply} = gen:call(Manager, self(), Request, infinity),
    Reply.

call(Manager, Handler, Query) -> call1(Manager, Handler, Query).
call(Manager, Handler, Query, Timeout) ->
    call1(Manager, Handler, Query, Timeout).

call1(Manager, Handler, Query) ->
    try gen:call(Manager, self(), {call, Handler, Query}) of
        {ok, Reply} -> Reply
    catch
        exit:Reason ->
            exit({Reason, {?MODULE, call, [Manager, Handler, Query]}})
    end.

call1(Manager, Handler, Query, Timeout) ->
    try gen:call(Manager, self(), {call, Handler, Query}, Timeout) of
        {ok, Reply} -> Reply
    catch
        exit:Reason ->
            exit({Reason, {?MODULE, call, [Manager, Handler, Query, Timeout]}})
    end.

send({global, _} = To, Msg) -> gen:send_named(To, Msg);
send({via, _, _} = To, Msg) -> gen:send_named(To, Msg);
send(Manager, Msg) ->
    Manager ! Msg,
    ok.

send_request(Manager, Handler, Query) ->
    ?OR_BADARG(gen:send_request(Manager, self(), {call, Handler, Query}),
               [Manager, Handler, Query]).
send_request(Manager, Handler, Query, Label, Ids) ->
    ?OR_BADARG(gen:send_request(Manager, self(), {call, Handler, Query}, Label,
                                Ids),
               [Manager, Handler, Query, Label, Ids]).
wait_response(Id, Timeout) ->
    ?OR_BADARG(bare(gen:wait_response(Id, Timeout)), [Id, Timeout]).
wait_response(Ids, Timeout, Delete) ->
    ?OR_BADARG(bare(gen:wait_response(Ids, Timeout, Delete)),
               [Ids, Timeout, Delete]).
receive_response(Id, Timeout) ->
    ?OR_BADARG(bare(gen:receive_response(Id, Timeout)), [Id, Timeout]).
receive_response(Ids, Timeout, Delete) ->
    ?OR_BADARG(bare(gen:receive_response(Ids, Timeout, Delete)),
               [Ids, Timeout, Delete]).
check_response(Msg, Id) ->
    ?OR_BADARG(bare(gen:check_response(Msg, Id)), [Msg, Id]).
check_response(Msg, Ids, Delete) ->
    ?OR_BADARG(bare(gen:check_response(Msg, Ids, Delete)), [Msg, Ids, Delete]).
reqids_new() -> gen:reqids_new().
reqids_size(Ids) -> ?OR_BADARG(gen:reqids_size(Ids), [Ids]).
reqids_add(Id, Label, Ids) ->
    ?OR_BADARG(gen:reqids_add(Id, Label, Ids), [Id, Label, Ids]).
reqids_to_list(Ids) -> ?OR_BADARG(gen:reqids_to_list(Ids), [Ids]).

%% An error that the manager answers is one of the call.
bare({reply, {error, _} = Error}) -> Error;
bare({{reply, {error, _} = Error}, Label, Ids}) -> {Error, Label, Ids};
bare(Response) -> Response.

%% ---- the manager ----

loop(M, Handlers, true) ->
    #manager{parent = Parent, name = Name, hibernate_after = After,
             debug = Debug} = M,
    proc_lib:hibernate(?MODULE, wake_hib,
                       [Parent, Name, Handlers, After, Debug]);
loop(M, Handlers, _) -> fetch_msg(M, Handlers, false).

wake_hib(Parent, Name, Handlers, After, Debug) ->
    fetch_msg(#manager{parent = Parent, name = Name, hibernate_after = After,
                       debug = Debug}, Handlers, true).

fetch_msg(M, Handlers, Hib) ->
    receive
        Msg -> decode_msg(Msg, M, Handlers, Hib)
    after M#manager.hibernate_after ->
        loop(M, Handlers, true)
    end.

decode_msg({system, From, Request}, M, Handlers, Hib) ->
    sys:handle_system_msg(Request, From, M#manager.parent, ?MODULE,
                          M#manager.debug,
                          [M#manager.name, Handlers, M#manager.hibernate_after,
                           Hib], Hib);
decode_msg({'EXIT', Parent, Reason}, #manager{parent = Parent} = M, Handlers,
           _) ->
    terminate_server(Reason, M, Handlers);
decode_msg(Msg, #manager{parent = Parent, name = Name, debug = Debug,
                         hibernate_after = After}, Handlers, _) ->
    New = case Debug of
              [] -> [];
              _ -> sys:handle_debug(Debug, fun print_event/3, Name, {in, Msg})
          end,
    handle_msg(Msg, Parent, Name, Handlers, After, New).

%% The arguments stand one by one as every stack trace of a handler shows
%% them.
handle_msg(Msg, Parent, Name, Handlers, After, Debug) ->
    M = #manager{parent = Parent, name = Name, hibernate_after = After,
                 debug = Debug},
    case Msg of
        {notify, Event} ->
            {Hib, New} = server_notify(Event, handle_event, Handlers, Name),
            loop(M, New, Hib);
        {_, Tag, {sync_notify, Event}} ->
            {Hib, New} = server_notify(Event, handle_event, Handlers, Name),
            gen:reply(Tag, ok),
            loop(M, New, Hib);
        {'EXIT', From, Reason} ->
            Left = drop_supervised(From, Reason, Handlers, Name),
            {_, New} = server_notify(Msg, handle_info, Left, Name),
            loop(M, New, false);
        {_, Tag, stop} ->
            try terminate_server(normal, M, Handlers)
            catch _:_ -> gen:reply(Tag, ok)
            end;
        {_, Tag, Request} ->
            case request(Request, Handlers, Name) of
                {Hib, Reply, New} ->
                    gen:reply(Tag, Reply),
                    loop(M, New, Hib);
                unknown -> tell_info(Msg, M, Handlers)
            end;
        _ -> tell_info(Msg, M, Handlers)
    end.

tell_info(Msg, M, Handlers) ->
    {Hib, New} = server_notify(Msg, handle_info, Handlers, M#manager.name),
    loop(M, New, Hib).

%% {Hibernate, Reply, Handlers}
request({call, Key, Query}, Handlers, Name) ->
    server_call(Key, Query, Handlers, Name);
request({add_handler, Key, Args}, Handlers, _) ->
    server_add_handler(Key, Args, false, Handlers);
request({add_sup_handler, Key, Args, Parent}, Handlers, _) ->
    link(Parent),
    server_add_handler(Key, Args, Parent, Handlers);
request({delete_handler, Key, Args}, Handlers, Name) ->
    server_delete_handler(Key, Args, Handlers, Name);
request({swap_handler, Key1, Args1, Key2, Args2}, Handlers, Name) ->
    swap(Key1, Args1, Key2, Args2, false, Handlers, Name);
request({swap_sup_handler, Key1, Args1, Key2, Args2, Parent}, Handlers,
        Name) ->
    swap(Key1, Args1, Key2, Args2, Parent, Handlers, Name);
request(which_handlers, Handlers, _) ->
    {false, [key(H) || H <- Handlers], Handlers};
request(get_modules, Handlers, _) ->
    {false, lists:usort([H#handler.module || H <- Handlers]), Handlers};
request(_, _, _) -> unknown.

terminate_server(Reason, #manager{parent = Parent, name = Name}, Handlers) ->
    [do_terminate(H#handler.module, H, stop, H#handler.state, stop, Name,
                  shutdown)
     || H <- Handlers],
    [unlink(Pid) || #handler{supervised = Pid} <- Handlers, is_pid(Pid),
                    Pid =/= Parent],
    exit(Reason).

%% Handlers whose supervising process has ended.
drop_supervised(Pid, Reason, Handlers, Name) ->
    {Dropped, Left} = lists:partition(
                        fun(H) -> H#handler.supervised =:= Pid end, Handlers),
    [do_terminate(H#handler.module, H, {stop, Reason}, H#handler.state,
                  {parent_terminated, {Pid, Reason}}, Name, shutdown)
     || H <- Dropped],
    Left.

server_delete_handler(Key, Args, Handlers, Name) ->
    case split(Key, Handlers) of
        {Mod, Handler, Others} ->
            Answer = do_terminate(Mod, Handler, Args, Handler#handler.state,
                                  delete, Name, normal),
            {false, Answer, Others};
        error -> {false, {error, module_not_found}, Handlers}
    end.

server_add_handler(Key, Args, Parent, Handlers) ->
    Handler = new_handler(Key, Parent),
    Mod = Handler#handler.module,
    case catch Mod:init(Args) of
        {ok, State} ->
            {false, ok, [Handler#handler{state = State} | Handlers]};
        {ok, State, hibernate} ->
            {true, ok, [Handler#handler{state = State} | Handlers]};
        Other ->
            is_pid(Parent) andalso unlink(Parent),
            {false, Other, Handlers}
    end.

new_handler({Mod, Id}, Parent) ->
    #handler{module = Mod, id = Id, supervised = Parent};
new_handler(Mod, Parent) -> #handler{module = Mod, supervised = Parent}.

swap(Key1, Args1, Key2, Args2, Parent, Handlers, Name) ->
    {State, OldParent, Left} =
        case split(Key1, Handlers) of
            {Mod, #handler{supervised = Old, state = S} = Handler, Others} ->
                New = case Parent of false -> Old; _ -> Parent end,
                {do_terminate(Mod, Handler, Args1, S, swapped, Name,
                              {swapped, Key2, New}), Old, Others};
            error -> {error, false, Handlers}
        end,
    NewParent = case Parent of false -> OldParent; _ -> Parent end,
    is_pid(NewParent) andalso link(NewParent),
    case server_add_handler(Key2, {Args2, State}, NewParent, Left) of
        {Hib, ok, All} -> {Hib, ok, All};
        {Hib, What, All} -> {Hib, {error, What}, All}
    end.

split(Key, Handlers) ->
    case lists:splitwith(fun(H) -> key(H) =/= Key end, Handlers) of
        {Before, [Handler | After]} ->
            {Handler#handler.module, Handler, Before ++ After};
        {_, []} -> error
    end.

key(#handler{module = Mod, id = false}) -> Mod;
key(#handler{module = Mod, id = Id}) -> {Mod, Id}.

%% Tells all handlers; {Hibernate, those that stay}.
server_notify(_, _, [], _) -> {false, []};
server_notify(Event, Function, [Handler | Rest], Name) ->
    case server_update(Handler, Function, Event, Name) of
        {ok, New} ->
            {Hib, Others} = server_notify(Event, Function, Rest, Name),
            {Hib, [New | Others]};
        {hibernate, New} ->
            {_, Others} = server_notify(Event, Function, Rest, Name),
            {true, [New | Others]};
        no -> server_notify(Event, Function, Rest, Name)
    end.

server_update(#handler{module = Mod, state = State} = Handler, Function,
              Event, Name) ->
    case catch Mod:Function(Event, State) of
        {ok, New} -> {ok, Handler#handler{state = New}};
        {ok, New, hibernate} -> {hibernate, Handler#handler{state = New}};
        {swap_handler, Args1, New, Key2, Args2} ->
            do_swap(Mod, Handler, Args1, New, Key2, Args2, Name);
        remove_handler ->
            do_terminate(Mod, Handler, remove_handler, State, remove, Name,
                         normal),
            no;
        {'EXIT', {undef, [{Mod, handle_info, [_, _], _} | _]}} ->
            logger:warning(#{label => {gen_event, no_handle_info},
                             module => Mod, message => Event},
                           metadata(warning_msg, ?LINE)),
            {ok, Handler};
        Other ->
            do_terminate(Mod, Handler, {error, Other}, State, Event, Name,
                         crash),
            no
    end.

server_call(Key, Query, Handlers, Name) ->
    case lists:splitwith(fun(H) -> key(H) =/= Key end, Handlers) of
        {Before, [Handler | After]} ->
            {Result, Reply} = server_call_update(Handler, Query, Name),
            case Result of
                no -> {false, Reply, Before ++ After};
                {ok, New} -> {false, Reply, Before ++ [New | After]};
                {hibernate, New} -> {true, Reply, Before ++ [New | After]}
            end;
        {_, []} -> {false, {error, bad_module}, Handlers}
    end.

server_call_update(#handler{module = Mod, state = State} = Handler, Query, Name) ->
    case catch Mod:handle_call(Query, State) of
        {ok, Reply, New} -> {{ok, Handler#handler{state = New}}, Reply};
        {ok, Reply, New, hibernate} ->
            {{hibernate, Handler#handler{state = New}}, Reply};
        {swap_handler, Reply, Args1, New, Key2, Args2} ->
            {do_swap(Mod, Handler, Args1, New, Key2, Args2, Name), Reply};
        {remove_handler, Reply} ->
            do_terminate(Mod, Handler, remove_handler, State, remove, Name,
                         normal),
            {no, Reply};
        Other ->
            do_terminate(Mod, Handler, {error, Other}, State, Query, Name,
                         crash),
            {no, {error, Other}}
    end.

do_swap(Mod, #handler{supervised = Parent} = Old, Args1, State, Key2, Args2,
        Name) ->
    Left = do_terminate(Mod, Old, Args1, State, swapped, Name,
                        {swapped, Key2, Parent}),
    New = #handler{module = Mod2} = new_handler(Key2, Parent),
    case catch Mod2:init({Args2, Left}) of
        {ok, State2} -> {ok, New#handler{state = State2}};
        {ok, State2, hibernate} -> {hibernate, New#handler{state = State2}};
        Other ->
            tell_end(New, crash, {error, Other}, Name, false),
            no
    end.

%% Ends a handler; the answer is what its terminate gave. How: crash, normal,
%% shutdown, {swapped, NewHandler, NewParent}.
do_terminate(Mod, Handler, Args, State, LastIn, Name, How) ->
    Result = case erlang:function_exported(Mod, terminate, 2) of
                 true -> catch Mod:terminate(Args, State);
                 false -> ok
             end,
    Reason = case {How, Args} of
                 {crash, {error, Why}} -> Why;
                 _ -> How
             end,
    tell_end(Handler, Reason, State, LastIn, Name),
    Result.

tell_end(#handler{supervised = Parent} = Handler, Reason, State, LastIn,
         Name) ->
    report_error(Handler, Reason, State, LastIn, Name),
    case Parent of
        false -> ok;
        Pid ->
            Pid ! {gen_event_EXIT, key(Handler), Reason},
            ok
    end.

%% ---- reports ----

report_error(_, normal, _, _, _) -> ok;
report_error(_, shutdown, _, _, _) -> ok;
report_error(_, {swapped, _, _}, _, _, _) -> ok;
report_error(Handler, Exit, State, LastIn, Name) ->
    {Reason, Wrap} = unwrapped(Exit),
    Status = gen:format_status(Handler#handler.module, terminate,
                               #{state => State, message => LastIn,
                                 reason => Reason}, [get(), State]),
    #{message := Msg, reason := Reason1, state := State1} = Status,
    Report = #{label => {gen_event, terminate},
               handler => key(Handler), name => Name,
               last_message => Msg,
               state => maps:get('EXIT', Status,
                                 maps:get('$status', Status, State1)),
               reason => Wrap(Reason1)},
    logger:error(gen_report:with_label(Report), metadata(error, ?LINE)).

%% format_status is to see the bare reason, not what catch made of it.
unwrapped({'EXIT', {Reason, Trace}}) ->
    {Reason, fun(R) -> {'EXIT', {R, Trace}} end};
unwrapped({'EXIT', Reason}) -> {Reason, fun(R) -> {'EXIT', R} end};
unwrapped(Reason) -> {Reason, fun(R) -> R end}.

metadata(Tag, Line) ->
    #{domain => [otp], mfa => {?MODULE, report_error, 5},
      file => ?FILE, line => Line,
      report_cb => fun ?MODULE:format_log/2,
      error_logger => #{tag => Tag, report_cb => fun ?MODULE:format_log/1}}.

format_log(Report) ->
    Keys = [last_message, state, reason, message, process_label],
    gen_report:arguments(Report, Keys, fun format_report/2).

format_log(Report, Options) ->
    gen_report:text(Report, Options, fun format_report/2).

format_report(#{label := {gen_event, terminate}, handler := Handler,
                name := Name, last_message := Msg, state := State,
                reason := Reason0} = Report,
              #{single_line := Single} = Options) ->
    P = gen_report:modifier(Options),
    LabelText = case Single of
                    true -> ". Label: " ++ P;
                    false -> "** Process label == " ++ P ++ "\n"
                end,
    {LabelFormat, Label} = gen_report:label(Report, LabelText),
    Reason = case Reason0 of
                 {'EXIT', R} -> gen_report:reason(R);
                 R -> R
             end,
    {case Single of
         true -> lists:append(["Generic event handler ", P,
                               " crashed. Installed: ", P, LabelFormat,
                               ". Last event: ", P,
                               ". State: ", P, ". Reason: ", P, "."]);
         false -> lists:append(["** gen_event handler ", P, " crashed.\n"
                                "** Was installed in ", P, "\n",
                                LabelFormat,
                                "** Last event was: ", P, "\n"
                                "** When handler state == ", P, "\n"
                                "** Reason == ", P, "\n"])
     end,
     gen_report:pairs([Handler, Name] ++ Label ++ [Msg, State, Reason],
                      Options)};
format_report(#{label := {gen_event, no_handle_info}, module := Mod,
                message := Msg}, #{single_line := true} = Options) ->
    P = gen_report:modifier(Options),
    {lists:append(["Undefined handle_info in ", P, ". Unhandled message: ", P,
                   "."]),
     gen_report:pairs([Mod, Msg], Options)};
format_report(#{label := {gen_event, no_handle_info}, module := Mod,
                message := Msg}, Options) ->
    P = gen_report:modifier(Options),
    {"** Undefined handle_info in ~p\n** Unhandled message: " ++ P ++ "\n",
     [Mod | gen_report:pairs([Msg], Options)]}.

print_event(Device, {in, {notify, Event}}, Name) ->
    io:format(Device, "*DBG* ~tp got event ~tp~n", [Name, Event]);
print_event(Device, {in, {_, _, {call, Handler, Query}}}, Name) ->
    io:format(Device, "*DBG* ~tp(~tp) got call ~tp~n", [Name, Handler, Query]);
print_event(Device, {in, Msg}, Name) ->
    io:format(Device, "*DBG* ~tp got ~tp~n", [Name, Msg]);
print_event(Device, Event, Name) ->
    io:format(Device, "*DBG* ~tp dbg  ~tp~n", [Name, Event]).

%% ---- system messages; Misc is [Name, Handlers, HibernateAfter, Hib] ----

system_continue(Parent, Debug, [Name, Handlers, After, Hib]) ->
    loop(#manager{parent = Parent, name = Name, hibernate_after = After,
                  debug = Debug}, Handlers, Hib).

system_terminate(Reason, Parent, Debug, [Name, Handlers, After, _]) ->
    terminate_server(Reason, #manager{parent = Parent, name = Name,
                                      hibernate_after = After, debug = Debug},
                     Handlers).

system_code_change([Name, Handlers | Rest], Module, OldVsn, Extra) ->
    New = [case H of
               #handler{module = Module, state = State} ->
                   {ok, State1} = Module:code_change(OldVsn, State, Extra),
                   H#handler{state = State1};
               _ -> H
           end || H <- Handlers],
    {ok, [Name, New | Rest]}.

system_get_state([_, Handlers | _]) ->
    {ok, [shown(H) || H <- Handlers]}.

shown(#handler{module = Mod, id = Id, state = State}) -> {Mod, Id, State}.

%% A state that Fun fails on, or gives a wrong shape for, stays.
system_replace_state(Fun, [Name, Handlers | Rest]) ->
    New = [try Fun(shown(H)) of
               {Mod, Id, State} when Mod =:= H#handler.module,
                                     Id =:= H#handler.id ->
                   H#handler{state = State};
               _ -> H
           catch _:_ -> H
           end || H <- Handlers],
    {ok, [shown(H) || H <- New], [Name, New | Rest]}.

format_status(Opt, [Dictionary, SysState, Parent, Debug,
                    [Name, Handlers | _]]) ->
    {Shown, Log} =
        lists:mapfoldl(
          fun(#handler{module = Mod, state = State} = H, Log0) ->
                  Status = gen:format_status(Mod, Opt,
                                             #{log => Log0, state => State},
                                             [Dictionary, State]),
                  {H#handler{state = maps:get('$status', Status,
                                              maps:get(state, Status))},
                   maps:get(log, Status)}
          end, sys:get_log(Debug), Handlers),
    [{header, gen:format_status_header("Status for event handler", Name)},
     {data, [{"Status", SysState}, {"Logged Events", Log},
             {"Parent", Parent}]},
     {items, {"Installed handlers", Shown}}].
