%% SPDX-License-Identifier: Apache-2.0
%% Looking into processes that follow OTP's design principles: system messages,
%% from both sides, and debug functions.
-module(sys).

-export([suspend/1, suspend/2, resume/1, resume/2,
         get_status/1, get_status/2, get_state/1, get_state/2,
         replace_state/2, replace_state/3,
         change_code/4, change_code/5, terminate/2, terminate/3,
         log/2, log/3, trace/2, trace/3, statistics/2, statistics/3,
         log_to_file/2, log_to_file/3, no_debug/1, no_debug/2,
         install/2, install/3, remove/2, remove/3]).
-export([handle_system_msg/6, handle_system_msg/7, handle_debug/4,
         print_log/1, get_log/1, get_debug/3, debug_options/1,
         suspend_loop_hib/6]).

-define(TIMEOUT, 5000).
-define(LOG_SIZE, 10).

%% ---- the asking side ----

suspend(Name) -> send_system_msg(Name, suspend).
suspend(Name, Timeout) -> send_system_msg(Name, suspend, Timeout).

resume(Name) -> send_system_msg(Name, resume).
resume(Name, Timeout) -> send_system_msg(Name, resume, Timeout).

get_status(Name) -> send_system_msg(Name, get_status).
get_status(Name, Timeout) -> send_system_msg(Name, get_status, Timeout).

get_state(Name) ->
    case send_system_msg(Name, get_state) of
        {error, Reason} -> error(Reason);
        State -> State
    end.
get_state(Name, Timeout) ->
    case send_system_msg(Name, get_state, Timeout) of
        {error, Reason} -> error(Reason);
        State -> State
    end.

replace_state(Name, Fun) ->
    case send_system_msg(Name, {replace_state, Fun}) of
        {error, Reason} -> error(Reason);
        State -> State
    end.
replace_state(Name, Fun, Timeout) ->
    case send_system_msg(Name, {replace_state, Fun}, Timeout) of
        {error, Reason} -> error(Reason);
        State -> State
    end.

change_code(Name, Mod, Vsn, Extra) ->
    send_system_msg(Name, {change_code, Mod, Vsn, Extra}).
change_code(Name, Mod, Vsn, Extra, Timeout) ->
    send_system_msg(Name, {change_code, Mod, Vsn, Extra}, Timeout).

terminate(Name, Reason) -> send_system_msg(Name, {terminate, Reason}).
terminate(Name, Reason, Timeout) ->
    send_system_msg(Name, {terminate, Reason}, Timeout).

log(Name, Flag) -> send_system_msg(Name, {debug, {log, Flag}}).
log(Name, Flag, Timeout) ->
    send_system_msg(Name, {debug, {log, Flag}}, Timeout).

trace(Name, Flag) -> send_system_msg(Name, {debug, {trace, Flag}}).
trace(Name, Flag, Timeout) ->
    send_system_msg(Name, {debug, {trace, Flag}}, Timeout).

statistics(Name, Flag) -> send_system_msg(Name, {debug, {statistics, Flag}}).
statistics(Name, Flag, Timeout) ->
    send_system_msg(Name, {debug, {statistics, Flag}}, Timeout).

log_to_file(Name, File) -> send_system_msg(Name, {debug, {log_to_file, File}}).
log_to_file(Name, File, Timeout) ->
    send_system_msg(Name, {debug, {log_to_file, File}}, Timeout).

no_debug(Name) -> send_system_msg(Name, {debug, no_debug}).
no_debug(Name, Timeout) -> send_system_msg(Name, {debug, no_debug}, Timeout).

install(Name, {_, _} = What) -> send_system_msg(Name, {debug, {install, What}});
install(Name, {_, _, _} = What) ->
    send_system_msg(Name, {debug, {install, What}}).

install(Name, {_, _} = What, Timeout) ->
    send_system_msg(Name, {debug, {install, What}}, Timeout);
install(Name, {_, _, _} = What, Timeout) ->
    send_system_msg(Name, {debug, {install, What}}, Timeout).

remove(Name, What) -> send_system_msg(Name, {debug, {remove, What}}).
remove(Name, What, Timeout) ->
    send_system_msg(Name, {debug, {remove, What}}, Timeout).

%% The caller's exit tells which of our functions was called, and with what.
%% Without a time limit of the caller's the call is told without one.
send_system_msg(Name, Request) ->
    try gen:call(Name, system, Request, ?TIMEOUT) of
        {ok, Reply} -> Reply
    catch
        exit:Reason -> exit({Reason, mfa(Name, Request, ?TIMEOUT)});
        error:Reason:Stack ->
            exit({{Reason, Stack}, mfa(Name, Request, ?TIMEOUT)})
    end.

send_system_msg(Name, Request, Timeout) ->
    try gen:call(Name, system, Request, Timeout) of
        {ok, Reply} -> Reply
    catch
        exit:Reason -> exit({Reason, mfa(Name, Request, Timeout)});
        error:Reason:Stack ->
            exit({{Reason, Stack}, mfa(Name, Request, Timeout)})
    end.

mfa(Name, Request, ?TIMEOUT) -> call_of(Name, Request, []);
mfa(Name, Request, Timeout) -> call_of(Name, Request, [Timeout]).

call_of(Name, {debug, {Function, Argument}}, Rest) ->
    {?MODULE, Function, [Name, Argument | Rest]};
call_of(Name, {change_code, Mod, Vsn, Extra}, Rest) ->
    {?MODULE, change_code, [Name, Mod, Vsn, Extra | Rest]};
call_of(Name, {terminate, Reason}, Rest) ->
    {?MODULE, terminate, [Name, Reason | Rest]};
call_of(Name, Request, Rest) -> {?MODULE, Request, [Name | Rest]}.

%% ---- the answering side ----

handle_system_msg(Msg, From, Parent, Mod, Debug, Misc) ->
    handle_system_msg(running, Msg, From, Parent, Mod, Debug, Misc, false).

handle_system_msg(Msg, From, Parent, Mod, Debug, Misc, Hib) ->
    handle_system_msg(running, Msg, From, Parent, Mod, Debug, Misc, Hib).

handle_system_msg(State, Msg, From, Parent, Mod, Debug, Misc, Hib) ->
    {NewState, Reply, NewDebug, NewMisc} =
        command(State, Msg, Parent, Mod, Debug, Misc),
    gen:reply(From, Reply),
    case NewState of
        suspended ->
            suspend_loop(suspended, Parent, Mod, NewDebug, NewMisc, Hib);
        running ->
            Mod:system_continue(Parent, NewDebug, NewMisc);
        {terminating, Reason} ->
            Mod:system_terminate(Reason, Parent, NewDebug, NewMisc)
    end.

suspend_loop(State, Parent, Mod, Debug, Misc, true) ->
    suspend_loop_hib(State, Parent, Mod, Debug, Misc, true);
suspend_loop(State, Parent, Mod, Debug, Misc, Hib) ->
    receive
        {system, From, Msg} ->
            handle_system_msg(State, Msg, From, Parent, Mod, Debug, Misc, Hib);
        {'EXIT', Parent, Reason} ->
            Mod:system_terminate(Reason, Parent, Debug, Misc)
    end.

suspend_loop_hib(State, Parent, Mod, Debug, Misc, Hib) ->
    receive
        {system, From, Msg} ->
            handle_system_msg(State, Msg, From, Parent, Mod, Debug, Misc, Hib);
        {'EXIT', Parent, Reason} ->
            Mod:system_terminate(Reason, Parent, Debug, Misc)
    after 0 ->
        proc_lib:hibernate(?MODULE, suspend_loop_hib,
                           [State, Parent, Mod, Debug, Misc, Hib])
    end.

command(_, suspend, _, _, Debug, Misc) -> {suspended, ok, Debug, Misc};
command(_, resume, _, _, Debug, Misc) -> {running, ok, Debug, Misc};
command(State, get_state, _, Mod, Debug, Misc) ->
    {State, state_of(Mod, Misc), Debug, Misc};
command(State, {replace_state, Fun}, _, Mod, Debug, Misc) ->
    {Reply, NewMisc} = replaced(Fun, Mod, Misc),
    {State, Reply, Debug, NewMisc};
command(State, get_status, Parent, Mod, Debug, Misc) ->
    {State, status(State, Parent, Mod, Debug, Misc), Debug, Misc};
command(State, {debug, What}, _, _, Debug, Misc) ->
    {Reply, NewDebug} = debug_command(What, Debug),
    {State, Reply, NewDebug, Misc};
command(_, {terminate, Reason}, _, _, Debug, Misc) ->
    {{terminating, Reason}, ok, Debug, Misc};
command(suspended, {change_code, Module, Vsn, Extra}, _, Mod, Debug, Misc) ->
    case catch Mod:system_code_change(Misc, Module, Vsn, Extra) of
        {ok, NewMisc} -> {suspended, ok, Debug, NewMisc};
        Other -> {suspended, {error, Other}, Debug, Misc}
    end;
command(State, Other, _, _, Debug, Misc) ->
    {State, {error, {unknown_system_msg, Other}}, Debug, Misc}.

state_of(Mod, Misc) ->
    case erlang:function_exported(Mod, system_get_state, 1) of
        false -> Misc;
        true ->
            try
                {ok, State} = Mod:system_get_state(Misc),
                State
            catch
                Class:Reason -> failed({Mod, system_get_state}, Class, Reason)
            end
    end.

replaced(Fun, Mod, Misc) ->
    case erlang:function_exported(Mod, system_replace_state, 2) of
        true ->
            try
                {ok, State, NewMisc} = Mod:system_replace_state(Fun, Misc),
                {State, NewMisc}
            catch
                Class:Reason ->
                    {failed({Mod, system_replace_state}, Class, Reason), Misc}
            end;
        false ->
            try
                New = Fun(Misc),
                {New, New}
            catch
                Class:Reason -> {failed(Fun, Class, Reason), Misc}
            end
    end.

failed(What, Class, Reason) ->
    {error, {callback_failed, What, {Class, Reason}}}.

status(State, Parent, Mod, Debug, Misc) ->
    Dictionary = get(),
    Shown = case erlang:function_exported(Mod, format_status, 2) of
                true ->
                    Mod:format_status(normal, [Dictionary, State, Parent,
                                               Debug, Misc]);
                false -> Misc
            end,
    {status, self(), {module, Mod}, [Dictionary, State, Parent, Debug, Shown]}.

%% ---- debug structures: [{Key, Data}] ----

debug_options(Options) -> debug_options(Options, []).

debug_options([Option | Options], Debug) ->
    debug_options(Options, debug_option(Option, Debug));
debug_options([], Debug) -> Debug.

debug_option(trace, Debug) -> install_debug(trace, true, Debug);
debug_option(log, Debug) -> install_debug(log, log_new(?LOG_SIZE), Debug);
debug_option({log, N}, Debug) when is_integer(N), N > 0 ->
    install_debug(log, log_new(N), Debug);
debug_option(statistics, Debug) ->
    install_debug(statistics, new_statistics(), Debug);
debug_option({log_to_file, Name}, Debug) ->
    case open_log(Name) of
        {ok, Fd} -> install_debug(log_to_file, Fd, Debug);
        _ -> Debug
    end;
debug_option({install, {Fun, State}}, Debug) ->
    install_debug(Fun, State, Debug);
debug_option({install, {Id, Fun, State}}, Debug) ->
    install_debug(Id, {Fun, State}, Debug);
debug_option(_, Debug) -> Debug.

debug_command({trace, true}, Debug) ->
    {ok, install_debug(trace, true, Debug)};
debug_command({trace, false}, Debug) -> {ok, remove_debug(trace, Debug)};
debug_command({log, true}, Debug) ->
    debug_command({log, {true, ?LOG_SIZE}}, Debug);
debug_command({log, {true, N}}, Debug) when is_integer(N), N >= 1 ->
    %% a log that is kept keeps its size
    {ok, install_debug(log, log_new(N), Debug)};
debug_command({log, false}, Debug) -> {ok, remove_debug(log, Debug)};
debug_command({log, print}, Debug) ->
    print_log(Debug),
    {ok, Debug};
debug_command({log, get}, Debug) -> {{ok, get_log(Debug)}, Debug};
debug_command({log_to_file, false}, Debug) -> {ok, close_log(Debug)};
debug_command({log_to_file, Name}, Debug) ->
    Closed = close_log(Debug),
    case open_log(Name) of
        {ok, Fd} -> {ok, install_debug(log_to_file, Fd, Closed)};
        _ -> {{error, open_file}, Closed}
    end;
debug_command({statistics, true}, Debug) ->
    {ok, install_debug(statistics, new_statistics(), Debug)};
debug_command({statistics, false}, Debug) ->
    {ok, remove_debug(statistics, Debug)};
debug_command({statistics, get}, Debug) ->
    {{ok, show_statistics(get_debug(statistics, Debug, []))}, Debug};
debug_command(no_debug, Debug) ->
    close_log(Debug),
    {ok, []};
debug_command({install, {Fun, State}}, Debug) ->
    {ok, install_debug(Fun, State, Debug)};
debug_command({install, {Id, Fun, State}}, Debug) ->
    {ok, install_debug(Id, {Fun, State}, Debug)};
debug_command({remove, Id}, Debug) -> {ok, remove_debug(Id, Debug)};
debug_command(_, Debug) -> {unknown_debug, Debug}.

install_debug(Key, Data, Debug) ->
    case lists:keymember(Key, 1, Debug) of
        false -> [{Key, Data} | Debug];
        true -> Debug
    end.

remove_debug(Key, Debug) -> lists:keydelete(Key, 1, Debug).

get_debug(Key, Debug, Default) ->
    case lists:keyfind(Key, 1, Debug) of
        {Key, Data} -> Data;
        false -> Default
    end.

open_log(Name) -> file:open(Name, [write, {encoding, utf8}]).

close_log(Debug) ->
    case get_debug(log_to_file, Debug, none) of
        none -> Debug;
        Fd ->
            ok = file:close(Fd),
            remove_debug(log_to_file, Debug)
    end.

%% Tells the debug functions of an event; those that are done fall out.
handle_debug([], _, _, _) -> [];
handle_debug([{trace, true} = E | Rest], Form, State, Event) ->
    Form(standard_io, Event, State),
    [E | handle_debug(Rest, Form, State, Event)];
handle_debug([{log, Log} | Rest], Form, State, Event) ->
    [{log, log_put({Event, State, Form}, Log)}
     | handle_debug(Rest, Form, State, Event)];
handle_debug([{log_to_file, Fd} = E | Rest], Form, State, Event) ->
    Form(Fd, Event, State),
    [E | handle_debug(Rest, Form, State, Event)];
handle_debug([{statistics, Counts} | Rest], Form, State, Event) ->
    [{statistics, count(Event, Counts)}
     | handle_debug(Rest, Form, State, Event)];
handle_debug([{Id, {Fun, Data}} | Rest], Form, State, Event)
  when is_function(Fun, 3) ->
    case debug_call(Fun, Data, Event, State) of
        {ok, New} ->
            [{Id, {Fun, New}} | handle_debug(Rest, Form, State, Event)];
        done -> handle_debug(Rest, Form, State, Event)
    end;
handle_debug([{Fun, Data} | Rest], Form, State, Event) ->
    case debug_call(Fun, Data, Event, State) of
        {ok, New} -> [{Fun, New} | handle_debug(Rest, Form, State, Event)];
        done -> handle_debug(Rest, Form, State, Event)
    end.

debug_call(Fun, Data, Event, State) ->
    try Fun(Data, Event, State) of
        done -> done;
        New -> {ok, New}
    catch
        throw:done -> done;
        throw:New -> {ok, New};
        _:_ -> done
    end.

%% The log is visible in a status: [Free | NewestFirst] while there is room,
%% [NewestFirst | OldestFirst] when it is full.
log_new(Size) -> [Size].

log_put(Entry, [1 | Newest]) -> [[Entry | Newest]];
log_put(Entry, [Free | Newest]) when is_integer(Free) ->
    [Free - 1, Entry | Newest];
log_put(Entry, [Newest, _Oldest | Rest]) -> [[Entry | Newest] | Rest];
log_put(Entry, [Newest]) ->
    [_Oldest | Rest] = lists:reverse(Newest, [Entry]),
    [[] | Rest].

log_list([Newest | Oldest]) when is_list(Newest) ->
    Oldest ++ lists:reverse(Newest);
log_list([_Free | Newest]) -> lists:reverse(Newest).

log_entries(Debug) -> log_list(get_debug(log, Debug, log_new(?LOG_SIZE))).

get_log(Debug) -> [Event || {Event, _, _} <- log_entries(Debug)].

print_log(Debug) ->
    lists:foreach(fun({Event, State, Form}) ->
                          Form(standard_io, Event, State)
                  end, log_entries(Debug)).

%% ---- statistics ----

new_statistics() ->
    {erlang:localtime(), process_info(self(), reductions), 0, 0}.

show_statistics({Time, {reductions, Before}, In, Out}) ->
    {reductions, Now} = process_info(self(), reductions),
    [{start_time, Time}, {current_time, erlang:localtime()},
     {reductions, Now - Before}, {messages_in, In}, {messages_out, Out}];
show_statistics(_) -> no_statistics.

count(Event, {Time, Reductions, In, Out}) ->
    case Event of
        {in, _} -> {Time, Reductions, In + 1, Out};
        {in, _, _} -> {Time, Reductions, In + 1, Out};
        {out, _, _} -> {Time, Reductions, In, Out + 1};
        {out, _, _, _} -> {Time, Reductions, In, Out + 1};
        _ -> {Time, Reductions, In, Out}
    end.
