%% SPDX-License-Identifier: Apache-2.0
%% appmon_info: tells clients of the applications of a node and the processes
%% of each. A task is done once, or again and again (option timeout, in ms);
%% its results come as {delivery, Server, Task, About, Result} when they change.
-module(appmon_info).
-behaviour(gen_server).

-export([start_link/3, start_link2/3, app_ctrl/4, load/4, app/4, pinfo/4]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% A task: {Kind, About, Client} => {Last result, Options, Timer}.
-record(state, {clients, tasks = #{}}).

start_link(Node, Client, Options) when Node =:= node() ->
    start_link2(self(), Client, Options);
start_link(Node, Client, Options) ->
    rpc:call(Node, ?MODULE, start_link2, [self(), Client, Options]).

start_link2(_, Client, _) ->
    case gen_server:start({local, ?MODULE}, ?MODULE, Client, []) of
        {ok, Pid} -> {ok, Pid};
        {error, {already_started, Pid}} ->
            ok = gen_server:call(Pid, {client, Client}),
            {ok, Pid}
    end.

%% The applications that run: [{Pid of the master, Name, {Name, Description,
%% Version}}].
app_ctrl(Server, Node, On, Options) ->
    task(Server, app_ctrl, Node, On, Options).

%% How busy the node is: {Before, Now} in percent of the queue or the processor.
load(Server, Node, On, Options) -> task(Server, load, Node, On, Options).

%% The processes of an application: {Root, [{Pid, Name}], Links, Other links},
%% pids as text.
app(Server, Name, On, Options) -> task(Server, app, Name, On, Options).

pinfo(Server, Pid, On, Options) -> task(Server, pinfo, Pid, On, Options).

task(Server, Kind, About, On, Options) ->
    gen_server:cast(Server, {{Kind, About, self()}, On, Options}).

init(Client) ->
    process_flag(trap_exit, true),
    link(Client),
    {ok, #state{clients = [Client]}}.

handle_call({client, Client}, _, #state{clients = Clients} = S) ->
    link(Client),
    {reply, ok, S#state{clients = lists:usort([Client | Clients])}}.

handle_cast({Task, true, Options}, #state{tasks = Tasks} = S) ->
    {noreply, S#state{tasks = run(Task, none, Options, dropped(Task, Tasks))}};
handle_cast({Task, false, _}, #state{tasks = Tasks} = S) ->
    {noreply, S#state{tasks = dropped(Task, Tasks)}}.

handle_info({again, Task}, #state{tasks = Tasks} = S) ->
    case Tasks of
        #{Task := {Last, Options, _}} ->
            {noreply, S#state{tasks = run(Task, Last, Options, Tasks)}};
        _ -> {noreply, S}
    end;
handle_info({'EXIT', Pid, _}, #state{clients = Clients, tasks = Tasks} = S) ->
    Left = maps:filter(fun({_, _, Client}, _) -> Client =/= Pid end, Tasks),
    case lists:delete(Pid, Clients) of
        [] -> {stop, normal, S};
        Others -> {noreply, S#state{clients = Others, tasks = Left}}
    end;
handle_info(_, S) -> {noreply, S}.

dropped(Task, Tasks) ->
    case Tasks of
        #{Task := {_, _, Timer}} ->
            _ = erlang:cancel_timer(Timer),
            maps:remove(Task, Tasks);
        _ -> Tasks
    end.

run({Kind, About, Client} = Task, Last, Options, Tasks) ->
    Result = result(Kind, About),
    Result =:= Last orelse (Client ! {delivery, self(), Kind, About, Result}),
    case proplists:get_value(timeout, Options, at_most_once) of
        Ms when is_integer(Ms) ->
            Timer = erlang:send_after(Ms, self(), {again, Task}),
            Tasks#{Task => {Result, Options, Timer}};
        _ -> maps:remove(Task, Tasks)
    end.

result(app_ctrl, _) ->
    [{Pid, Name, About} || {Name, _, _} = About
                               <- application:which_applications(),
                           Pid <- [application_controller:get_master(Name)],
                           is_pid(Pid)];
result(load, _) -> {0, min(100, 100 * statistics(run_queue) div 20)};
result(pinfo, Pid) -> process_info(Pid);
result(app, Name) ->
    case application_controller:get_master(Name) of
        Pid when is_pid(Pid) -> tree(Pid);
        _ -> {[], [], [], []}
    end.

%% ---- The tree of an application ----

%% Along links from its master to processes of the same group leader.
tree(Master) ->
    Avoid = [P || Name <- [application_controller, init, error_logger],
                  P <- [whereis(Name)], is_pid(P)],
    {Pids, Links, Others} = walk([Master], [], [], [], Avoid),
    {text(Master), [{text(P), name(P)} || P <- Pids], pairs(Links),
     pairs(Others)}.

walk([], Seen, Links, Others, _) ->
    {lists:reverse(Seen), lists:reverse(Links), lists:reverse(Others)};
walk([P | Todo], Seen, Links, Others, Avoid) ->
    Near = case process_info(P, links) of
               {links, L} -> [C || C <- L, is_pid(C), node(C) =:= node(),
                                   not lists:member(C, Avoid)];
               undefined -> []
           end,
    New = [C || C <- Near, not lists:member(C, [P | Seen])],
    {Own, Extra} = lists:partition(fun(C) -> is_child(C, P) end, New),
    Children = Own -- Todo,
    walk(Todo ++ Children, [P | Seen],
         lists:reverse([{P, C} || C <- Children], Links),
         lists:reverse([{P, C} || C <- Extra, same_leader(C, P)], Others),
         Avoid).

%% By what proc_lib knows of its parent; others by their group leader.
is_child(Pid, Parent) ->
    {dictionary, Dictionary} = process_info(Pid, dictionary),
    case lists:keyfind('$ancestors', 1, Dictionary) of
        {_, [Name | _]} when is_atom(Name) -> whereis(Name) =:= Parent;
        {_, [First | _]} -> First =:= Parent;
        _ -> same_leader(Pid, Parent)
    end.

same_leader(A, B) ->
    process_info(A, group_leader) =:= process_info(B, group_leader).

pairs(Links) -> [{text(A), text(B)} || {A, B} <- Links].

text(Pid) -> pid_to_list(Pid).

name(Pid) ->
    case process_info(Pid, registered_name) of
        {registered_name, Name} -> atom_to_list(Name);
        _ -> text(Pid)
    end.
