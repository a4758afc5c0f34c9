%% SPDX-License-Identifier: Apache-2.0
%% What all behaviours share: starting under a name, calling, replying, and
%% requests whose answers are collected later.
-module(gen).

-export([start/5, start/6, debug_options/2, hibernate_after/1, name/1,
         unregister_name/1, get_proc_name/1, get_parent/0,
         call/3, call/4, reply/2, send_named/2, stop/1, stop/3,
         send_request/3, send_request/5, wait_response/2, receive_response/2,
         check_response/2, wait_response/3, receive_response/3,
         check_response/3, reqids_new/0, reqids_size/1, reqids_add/3,
         reqids_to_list/1,
         format_status_header/2, format_status/4,
         init_it/6, init_it/7]).

-define(CALL_TIMEOUT, 5000).
-define(LONGEST, 16#ffffffff). % that receive waits

%% ---- starting ----

start(GenMod, Link, Name, Mod, Args, Options) ->
    case where(Name) of
        undefined ->
            do_spawn(GenMod, Link, Name, Mod, Args, Options);
        Pid ->
            {error, {already_started, Pid}}
    end.

start(GenMod, Link, Mod, Args, Options) ->
    do_spawn(GenMod, Link, nameless, Mod, Args, Options).

do_spawn(GenMod, Link, Name, Mod, Args, Options) ->
    Time = timeout(Options),
    Init = init_args(GenMod, Link, Name, Mod, Args, Options),
    Spawn = spawn_opts(Options),
    case Link of
        link -> proc_lib:start_link(?MODULE, init_it, Init, Time, Spawn);
        monitor ->
            Ret = proc_lib:start_monitor(?MODULE, init_it, Init, Time, Spawn),
            monitor_return(Ret);
        _ -> proc_lib:start(?MODULE, init_it, Init, Time, Spawn)
    end.

init_args(GenMod, Link, nameless, Mod, Args, Options) ->
    [GenMod, self(), parent(Link), Mod, Args, Options];
init_args(GenMod, Link, Name, Mod, Args, Options) ->
    [GenMod, self(), parent(Link), Name, Mod, Args, Options].

parent(link) -> self();
parent(monitor) -> self();
parent(_) -> self.

monitor_return({{ok, Pid}, Ref}) when is_pid(Pid), is_reference(Ref) ->
    {ok, {Pid, Ref}};
monitor_return({Error, Ref}) when is_reference(Ref) ->
    %% The process is gone, and its 'DOWN' with it.
    receive {'DOWN', Ref, process, _, _} -> ok end,
    Error.

timeout(Options) -> option(timeout, Options, infinity).
spawn_opts(Options) -> option(spawn_opt, Options, []).
hibernate_after(Options) -> option(hibernate_after, Options, infinity).

option(Key, Options, Default) ->
    case lists:keyfind(Key, 1, Options) of
        {Key, Value} -> Value;
        false -> Default
    end.

debug_options(Name, Options) ->
    case option(debug, Options, none) of
        none -> [];
        Debug ->
            try sys:debug_options(Debug)
            catch _:_ ->
                error_logger:format(
                  "~tp: ignoring erroneous debug options - ~tp~n",
                  [Name, Debug]),
                []
            end
    end.

%% Where a started process begins. Both arities, as stack traces and
%% $initial_call show them.
init_it(GenMod, Starter, Parent, Mod, Args, Options) ->
    init_it2(GenMod, Starter, Parent, self(), Mod, Args, Options).

init_it(GenMod, Starter, Parent, Name, Mod, Args, Options) ->
    case register_name(Name) of
        true ->
            init_it2(GenMod, Starter, Parent, Name, Mod, Args, Options);
        {false, Pid} ->
            proc_lib:init_ack(Starter, {error, {already_started, Pid}})
    end.

init_it2(GenMod, Starter, Parent, Name, Mod, Args, Options) ->
    GenMod:init_it(Starter, Parent, Name, Mod, Args, Options).

%% ---- names ----

where({global, Name}) -> global:whereis_name(Name);
where({via, Module, Name}) -> Module:whereis_name(Name);
where({local, Name}) -> whereis(Name).

register_name({local, Name} = LN) ->
    try register(Name, self()) of
        true -> true
    catch
        error:_ -> {false, where(LN)}
    end;
register_name({global, Name} = GN) ->
    case global:register_name(Name, self()) of
        yes -> true;
        no -> {false, where(GN)}
    end;
register_name({via, Module, Name} = GN) ->
    case Module:register_name(Name, self()) of
        yes -> true;
        no -> {false, where(GN)}
    end.

name({local, Name}) -> Name;
name({global, Name}) -> Name;
name({via, _, Name}) -> Name;
name(Pid) when is_pid(Pid) -> Pid.

unregister_name({local, Name}) ->
    try unregister(Name) of
        _ -> ok
    catch
        _:_ -> ok
    end;
unregister_name({global, Name}) ->
    _ = global:unregister_name(Name),
    ok;
unregister_name({via, Module, Name}) ->
    _ = Module:unregister_name(Name),
    ok;
unregister_name(Pid) when is_pid(Pid) -> ok.

%% The name of an entering loop, which must be ours.
get_proc_name(Pid) when is_pid(Pid) -> Pid;
get_proc_name({local, Name}) ->
    case process_info(self(), registered_name) of
        {registered_name, Name} -> Name;
        {registered_name, _} -> exit(process_not_registered);
        [] -> exit(process_not_registered)
    end;
get_proc_name({global, Name}) ->
    case global:whereis_name(Name) of
        undefined -> exit(process_not_registered_globally);
        Pid when Pid =:= self() -> Name;
        _ -> exit(process_not_registered_globally)
    end;
get_proc_name({via, Module, Name}) ->
    case Module:whereis_name(Name) of
        undefined -> exit({process_not_registered_via, Module});
        Pid when Pid =:= self() -> Name;
        _ -> exit({process_not_registered_via, Module})
    end.

get_parent() ->
    case get('$ancestors') of
        [Parent | _] when is_pid(Parent) -> Parent;
        [Parent | _] when is_atom(Parent) ->
            case whereis(Parent) of
                undefined ->
                    case global:whereis_name(Parent) of
                        undefined -> exit(could_not_find_registered_name);
                        Pid -> Pid
                    end;
                Pid -> Pid
            end;
        _ -> exit(process_was_not_started_by_proc_lib)
    end.

%% ---- calling ----

call(Process, Label, Request) ->
    call(Process, Label, Request, ?CALL_TIMEOUT).

call(Process, Label, Request, Timeout)
  when is_pid(Process),
       Timeout =:= infinity orelse is_integer(Timeout) andalso Timeout >= 0 ->
    do_call(Process, Label, Request, Timeout);
call(Process, Label, Request, Timeout)
  when Timeout =:= infinity; is_integer(Timeout), Timeout >= 0 ->
    do_for_proc(Process, fun(P) -> do_call(P, Label, Request, Timeout) end).

do_call(Process, _Label, _Request, _Timeout) when Process =:= self() ->
    exit(calling_self);
do_call(Process, Label, Request, infinity)
  when is_pid(Process), node(Process) =:= node() ->
    %% An answer or its end will come: no alias is needed.
    Ref = monitor(process, Process),
    Process ! {Label, {self(), Ref}, Request},
    receive
        {Ref, Reply} ->
            demonitor(Ref, [flush]),
            {ok, Reply};
        {'DOWN', Ref, _, _, Reason} ->
            exit(Reason)
    end;
do_call(Process, Label, Request, Timeout) ->
    Ref = monitor(process, Process, [{alias, demonitor}]),
    Tag = [alias | Ref],
    erlang:send(Process, {Label, {self(), Tag}, Request}, [noconnect]),
    receive
        {Tag, Reply} ->
            demonitor(Ref, [flush]),
            {ok, Reply};
        {'DOWN', Ref, _, _, noconnection} ->
            exit({nodedown, node_of(Process)});
        {'DOWN', Ref, _, _, Reason} ->
            exit(Reason)
    after Timeout ->
        demonitor(Ref, [flush]),
        receive
            {Tag, Reply} -> {ok, Reply}
        after 0 -> exit(timeout)
        end
    end.

node_of({_, Node}) -> Node;
node_of(Pid) when is_pid(Pid) -> node(Pid);
node_of(_) -> node().

%% Calls Fun with a pid or {Name, Node}.
do_for_proc(Pid, Fun) when is_pid(Pid) -> Fun(Pid);
do_for_proc(Name, Fun) when is_atom(Name) ->
    case whereis(Name) of
        Pid when is_pid(Pid) -> Fun(Pid);
        undefined -> exit(noproc);
        _Port -> exit(noproc)
    end;
do_for_proc({Tag, _} = Process, Fun) when Tag =:= global ->
    with_named(Fun, Process);
do_for_proc({via, _, _} = Process, Fun) -> with_named(Fun, Process);
do_for_proc({Name, Node}, Fun) when is_atom(Name), Node =:= node() ->
    do_for_proc(Name, Fun);
do_for_proc({Name, Node} = Process, Fun) when is_atom(Name), is_atom(Node) ->
    if
        node() =:= nonode@nohost -> exit({nodedown, Node});
        true -> Fun(Process)
    end.

with_named(Fun, Process) ->
    case where(Process) of
        Pid when is_pid(Pid) ->
            Node = node(Pid),
            try Fun(Pid)
            catch
                exit:{nodedown, Node} -> exit(noproc);
                exit:noproc -> exit(noproc)
            end;
        undefined -> exit(noproc)
    end.

reply({_To, [alias | Alias] = Tag}, Reply) when is_reference(Alias) ->
    Alias ! {Tag, Reply},
    ok;
reply({_To, [[alias | Alias] | _] = Tag}, Reply) when is_reference(Alias) ->
    Alias ! {Tag, Reply},
    ok;
reply({To, Tag}, Reply) ->
    try To ! {Tag, Reply}, ok
    catch _:_ -> ok
    end.

stop(Process) -> stop(Process, normal, infinity).

stop(Process, Reason, Timeout)
  when Timeout =:= infinity; is_integer(Timeout), Timeout >= 0 ->
    do_for_proc(Process, fun(P) -> proc_lib:stop(P, Reason, Timeout) end).

%% ---- requests ----

send_request(Process, Label, Request) when is_pid(Process) ->
    request(Process, Label, Request);
send_request(Process, Label, Request) ->
    try do_for_proc(Process, fun(P) -> request(P, Label, Request) end)
    catch
        exit:Reason ->
            %% As if there had been a process, which is gone now.
            Ref = make_ref(),
            self() ! {'DOWN', Ref, process, Process, Reason},
            Ref
    end.

request(Process, Label, Request) ->
    Ref = monitor(process, Process, [{alias, demonitor}]),
    erlang:send(Process, {Label, {self(), [alias | Ref]}, Request},
                [noconnect]),
    Ref.

send_request(Process, Label, Request, UserLabel, Ids) when is_map(Ids) ->
    reqids_add(send_request(Process, Label, Request), UserLabel, Ids).

reqids_new() -> #{}.

reqids_size(Ids) when is_map(Ids) -> maps:size(Ids);
reqids_size(_) -> error(badarg).

reqids_add(Id, Label, Ids) when is_reference(Id), is_map(Ids),
                                not is_map_key(Id, Ids) ->
    Ids#{Id => Label};
reqids_add(_, _, _) -> error(badarg).

reqids_to_list(Ids) when is_map(Ids) -> maps:to_list(Ids);
reqids_to_list(_) -> error(badarg).

wait_response(Id, Timeout) -> await(Id, Timeout, keep).
receive_response(Id, Timeout) -> await(Id, Timeout, abandon).

await(Id, Timeout, AtEnd) ->
    Time = timeout_value(Timeout),
    receive
        {[alias | Id], Reply} ->
            demonitor(Id, [flush]),
            {reply, Reply};
        {'DOWN', Id, _, Object, Reason} ->
            {error, {Reason, Object}}
    after Time ->
        case AtEnd of
            keep -> timeout;
            abandon -> abandon(Id)
        end
    end.

abandon(Id) ->
    demonitor(Id, [flush]),
    receive
        {[alias | Id], Reply} -> {reply, Reply}
    after 0 -> timeout
    end.

%% {abs, Time} is monotonic time in milliseconds.
timeout_value({abs, Time}) when is_integer(Time) ->
    timeout_value(max(0, Time - erlang:monotonic_time(millisecond)));
timeout_value(infinity) -> infinity;
timeout_value(Time) when Time >= 0, Time =< ?LONGEST -> Time;
timeout_value(_) -> error(badarg).

check_response({[alias | Id], Reply}, Id) when is_reference(Id) ->
    demonitor(Id, [flush]),
    {reply, Reply};
check_response({'DOWN', Id, _, Object, Reason}, Id) when is_reference(Id) ->
    {error, {Reason, Object}};
check_response(_, Id) when is_reference(Id) -> no_reply;
check_response(_, _) -> error(badarg).

wait_response(Ids, Timeout, Delete) when is_map(Ids), is_boolean(Delete) ->
    await_any(Ids, Timeout, Delete, keep).
receive_response(Ids, Timeout, Delete) when is_map(Ids), is_boolean(Delete) ->
    await_any(Ids, Timeout, Delete, abandon).

await_any(Ids, Timeout, _, _) when map_size(Ids) =:= 0 ->
    _ = timeout_value(Timeout),
    no_request;
await_any(Ids, Timeout, Delete, AtEnd) ->
    Time = timeout_value(Timeout),
    receive
        {[alias | Id], Reply} when is_map_key(Id, Ids) ->
            demonitor(Id, [flush]),
            answer({reply, Reply}, Id, Ids, Delete);
        {'DOWN', Id, _, Object, Reason} when is_map_key(Id, Ids) ->
            answer({error, {Reason, Object}}, Id, Ids, Delete)
    after Time ->
        case AtEnd of
            keep -> ok;
            abandon -> [demonitor(Id, [flush]) || Id <- maps:keys(Ids)]
        end,
        timeout
    end.

check_response(_, Ids, Delete) when map_size(Ids) =:= 0, is_boolean(Delete) ->
    no_request;
check_response({[alias | Id], Reply}, Ids, Delete)
  when is_map_key(Id, Ids), is_boolean(Delete) ->
    demonitor(Id, [flush]),
    answer({reply, Reply}, Id, Ids, Delete);
check_response({'DOWN', Id, _, Object, Reason}, Ids, Delete)
  when is_map_key(Id, Ids), is_boolean(Delete) ->
    answer({error, {Reason, Object}}, Id, Ids, Delete);
check_response(_, Ids, Delete) when is_map(Ids), is_boolean(Delete) ->
    no_reply.

answer(Answer, Id, Ids, true) ->
    {Answer, maps:get(Id, Ids), maps:remove(Id, Ids)};
answer(Answer, Id, Ids, false) ->
    {Answer, maps:get(Id, Ids), Ids}.

%% ---- status ----

format_status_header(Line, Pid) when is_pid(Pid) ->
    lists:concat([Line, " ", pid_to_list(Pid)]);
format_status_header(Line, Name) when is_atom(Name) ->
    lists:concat([Line, " ", Name]);
format_status_header(Line, Name) ->
    {Line, Name}.

%% The status map as the callback module shows it: changed by its
%% format_status/1, or with '$status' from format_status/2, or with 'EXIT' and
%% a text of what went wrong.
format_status(Mod, Opt, Status, Args) ->
    case {erlang:function_exported(Mod, format_status, 1),
          erlang:function_exported(Mod, format_status, 2)} of
        {true, _} ->
            new_status(Mod, Status);
        {false, true} when is_list(Args) ->
            try Mod:format_status(Opt, Args) of
                Result -> Status#{'$status' => Result}
            catch
                throw:Result -> Status#{'$status' => Result};
                _:_ -> status_error(Mod, "2 crashed", Status)
            end;
        _ -> Status
    end.

new_status(Mod, Status) ->
    try Mod:format_status(Status) of
        New when is_map(New) ->
            Merged = maps:merge(Status, New),
            case maps:size(Merged) =:= maps:size(New) of
                true -> Merged;
                false ->
                    status_error(Mod, "1 returned a map with unknown keys",
                                 Status)
            end;
        _ -> status_error(Mod, "1 did not return a map", Status)
    catch
        _:_ -> status_error(Mod, "1 crashed", Status)
    end.

status_error(Mod, What, Status) ->
    Status#{'EXIT' => atom_to_list(Mod) ++ ":format_status/" ++ What}.

%% A message to a name of another registry; nobody is told when there is no
%% such name.
send_named({global, Name}, Msg) -> send_by(global, Name, Msg);
send_named({via, Registry, Name}, Msg) -> send_by(Registry, Name, Msg).

send_by(Registry, Name, Msg) ->
    try Registry:send(Name, Msg)
    catch _:_ -> ok
    end,
    ok.
