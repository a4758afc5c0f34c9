%% SPDX-License-Identifier: Apache-2.0
%% dist_ac: distributed applications: which are started on several nodes, but
%% run on one of them, the first in their list that is there and may. When that
%% node goes down the next one takes its place; one that comes up and stands
%% further in front takes over.
%%
%% Each node has such a process; all come to the same decisions because all are
%% told the same: who loaded what, who may run it, who runs it. What happens at
%% the start of a node, and permissions, are changed under a global lock. The
%% messages are those of OTP's nodes.
%%
%% It controls applications for the application controller, which asks before
%% it starts one: see application_controller:control_application/1.
-module(dist_ac).
-behaviour(gen_server).

-export([start_link/0, load_application/2, takeover_application/2,
         permit_application/2, permit_only_loaded_application/2,
         get_known_nodes/0, info/0]).
-export([init/1, handle_continue/2, handle_call/3, handle_cast/2,
         handle_info/2, terminate/2, code_change/3]).

%% id: undefined | local | {distributed, Node} | run_waiting (to be told how
%% the start went) | {failover, Node} | takeover; run: [{Node, Permission}] of
%% nodes, undefined while it is not loaded there.
-record(appl, {name, id, restart_time = 0, nodes = [], run = []}).

%% locals: [{App, Weight, Node}] of nodes that want to choose; remote_started:
%% [{Node, App}] of what ran before it was started here; weights: what was told
%% for the time of a choice; dist_loaded: [{{App, Node}, Nodes, Permission}];
%% the others: who waits for a takeover, a stop, a permission.
-record(state, {appls = [], locals = [], remote_started = [], known = [],
                started = [], weights = [], dist_loaded = [], t_reqs = [],
                s_reqs = [], p_reqs = []}).

-define(VSN, 1).
-define(AC, application_controller).
-define(LOCK, ?MODULE).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

call(Request) -> gen_server:call(?MODULE, Request, infinity).

info() -> call(info).
get_known_nodes() -> call(get_known_nodes).

%% [Nodes]: {App, [Node]} | {App, Time, [Node]} | default.
load_application(App, Nodes) -> call({load_application, App, Nodes}).

takeover_application(App, Restart) ->
    case lists:member(Restart, [permanent, temporary, transient]) of
        true ->
            wait_for_others(),
            Nodes = call({get_nodes, App}),
            global:trans({?LOCK, self()},
                         fun() -> call({takeover_application, App, Restart})
                         end, Nodes);
        false -> {error, {invalid_restart_type, Restart}}
    end.

permit_application(App, Permission) -> permit(App, Permission, started).

permit_only_loaded_application(App, Permission) ->
    permit(App, Permission, only_loaded).

permit(App, Permission, What) ->
    wait_for_others(),
    Lock = {?LOCK, self()},
    global:trans(Lock,
                 fun() ->
                         call({permit_application, App, Permission, Lock,
                               What})
                 end).

%% This node is to be the first that takes the lock.
wait_for_others() ->
    case ets:lookup(ac_tab, sync_dacs) of
        [{sync_dacs, ok}] -> ok;
        _ ->
            timer:sleep(100),
            wait_for_others()
    end.

%% ---- the start ----

%% Its name must be known before other nodes are, but there is nothing to be
%% said to them before all are there: kernel_config tells.
init([]) ->
    process_flag(trap_exit, true),
    {ok, #state{}, {continue, start}}.

handle_continue(start, S) ->
    receive
        {go, KernelConfig} ->
            Appls = configured(),
            [application_controller:control_application(A#appl.name)
             || A <- Appls],
            KernelConfig ! dist_ac_took_control,
            ok = net_kernel:monitor_nodes(true),
            {Known, Merged, Started} =
                global:trans({?LOCK, sync_dacs},
                             fun() -> introduced(nodes(), Appls) end),
            ets:insert(ac_tab, {sync_dacs, ok}),
            {noreply, S#state{appls = Merged, known = Known,
                              remote_started = Started}}
    end.

configured() ->
    case application_controller:get_env(kernel, distributed) of
        {ok, Listed} ->
            [A#appl{run = [{node(), default_permission(A#appl.name)}]}
             || L <- Listed, #appl{} = A <- [appl(L)]];
        undefined -> []
    end.

appl({App, Nodes}) -> appl({App, 0, Nodes});
appl({App, Time, Nodes}) when Time =:= infinity;
                              is_integer(Time), Time >= 0 ->
    #appl{name = App, restart_time = Time, nodes = Nodes};
appl(_) -> bad.

default_permission(App) ->
    case application_controller:get_env(kernel, permissions) of
        {ok, Permissions} -> proplists:get_value(App, Permissions, true);
        undefined -> true
    end.

%% Tells all other nodes, and hears of each what runs there.
introduced(Nodes, Appls) ->
    Message = {dist_ac_new_node, ?VSN, node(), Appls, []},
    Others = [N || N <- Nodes,
                   is_pid(rpc:call(N, erlang, whereis, [?MODULE]))],
    tell(Message, Others),
    lists:foldl(
      fun(Node, {Known, Mine, Started}) ->
              monitor_node(Node, true),
              Result = receive
                           {dist_ac_new_node, _, Node, His, HisStarted} ->
                               {[Node | Known], merged(Mine, His, Node),
                                Started ++ HisStarted};
                           {nodedown, Node} -> {Known, Mine, Started}
                       end,
              monitor_node(Node, false),
              Result
      end, {[node()], Appls, []}, Others).

%% With another node's permissions.
merged(Mine, His, Node) ->
    [case lists:keyfind(Name, #appl.name, His) of
         #appl{run = HisRun} ->
             Permission = proplists:get_value(Node, HisRun, undefined),
             A#appl{run = lists:keystore(Node, 1, A#appl.run,
                                         {Node, Permission})};
         false -> A
     end || #appl{name = Name} = A <- Mine].

tell(Message, Nodes) ->
    [{?MODULE, N} ! Message || N <- Nodes, N =/= node()],
    ok.

%% ---- what is asked for ----

handle_call(info, _, S) -> {reply, S, S};
handle_call(get_known_nodes, _, S) -> {reply, S#state.known, S};
handle_call({get_nodes, App}, _, #state{appls = Appls, known = Known} = S) ->
    {reply, [N || N <- flat(nodes_of(App, Appls)), lists:member(N, Known)], S};
handle_call({load_application, _, default}, _, S) -> {reply, ok, S};
handle_call({load_application, App, Nodes}, _, #state{appls = Appls} = S) ->
    case appl(Nodes) of
        #appl{name = App, nodes = Listed} = New ->
            lists:keymember(App, #appl.name, Appls)
                orelse application_controller:control_application(App),
            Run = [{N, undefined} || N <- flat(Listed)],
            {reply, ok, load(App, with_appl(New#appl{run = Run}, S))};
        _ -> {reply, {error, {bad_distribution_spec, Nodes}}, S}
    end;
handle_call({takeover_application, App, Restart}, From,
            #state{t_reqs = Waiting} = S) ->
    case find(App, S) of
        #appl{id = {distributed, Node}} = A ->
            change(App, {takeover, Node, Restart}),
            {noreply, with_appl(A#appl{id = takeover},
                                S#state{t_reqs = [{App, From} | Waiting]})};
        #appl{id = local} ->
            {reply, {error, {already_running_locally, App}}, S};
        _ -> {reply, {error, {not_running_distributed, App}}, S}
    end;
handle_call({permit_application, App, Permission, Lock, What}, From, S0) ->
    S = with_permission(App, node(), Permission, S0),
    #appl{id = Id, nodes = Nodes} = find(App, S),
    tell({dist_ac_new_permission, node(), App, Permission, Id =:= local},
         flat(Nodes)),
    case What of
        only_loaded -> {reply, ok, S};
        started when Permission -> permit_start(App, Id, From, Lock, S);
        started -> permit_stop(App, Id, From, S)
    end;
handle_call({distribution_changed, New}, _, #state{appls = Appls} = S) ->
    Changed = [A || L <- New, #appl{} = A <- [appl(L)]],
    {reply, ok,
     S#state{appls = [case lists:keyfind(Name, #appl.name, Changed) of
                          #appl{restart_time = Time, nodes = Nodes} ->
                              A#appl{restart_time = Time, nodes = Nodes};
                          false -> A
                      end || #appl{name = Name} = A <- Appls]}}.

handle_cast(_, S) -> {noreply, S}.

%% It runs here or elsewhere already, or the start is waited for.
permit_start(_, local, _, _, S) -> {reply, ok, S};
permit_start(App, _, From, Lock, S) ->
    case started(App, request, S) of
        {ok, #state{t_reqs = Waiting} = New, true} ->
            %% others may start it, too
            global:del_lock(Lock),
            {noreply, New#state{t_reqs = [{App, From} | Waiting]}};
        {ok, _, false} -> {reply, ok, S};
        {error, Reason} -> {stop, Reason, {error, Reason}, S}
    end.

%% Another node has to start it before this one may stop it.
permit_stop(_, undefined, _, S) -> {reply, ok, S};
permit_stop(_, {distributed, _}, _, S) -> {reply, ok, S};
permit_stop(App, _, From, #state{s_reqs = Stops, p_reqs = Permits} = S) ->
    #appl{run = Run} = find(App, S),
    case [N || {N, true} <- Run] of
        [] ->
            change(App, stop_it),
            {noreply, S#state{s_reqs = [{App, From} | Stops]}};
        Nodes ->
            {noreply, S#state{p_reqs = [{From, App, false, Nodes} | Permits]}}
    end.

terminate(_, _) -> ok.
code_change(_, S, _) -> {ok, S}.

%% ---- what the application controller says ----

handle_info({ac_load_application_req, App}, S) ->
    New = load(App, S),
    ?AC ! {ac_load_application_reply, App, ok},
    {noreply, New};
handle_info({ac_application_unloaded, App}, S) ->
    #appl{nodes = Nodes} = A = find(App, S),
    tell({dist_ac_app_unloaded, node(), App}, flat(Nodes)),
    {noreply, with_appl(A#appl{id = undefined, run = []}, S)};
handle_info({ac_start_application_req, App} = Request, S) ->
    Lock = {?LOCK, self()},
    case global:set_lock(Lock, [node()], 0) of
        true ->
            Result = started(App, reply, S),
            global:del_lock(Lock),
            case Result of
                {ok, New, _} -> {noreply, New};
                Error ->
                    ?AC ! {ac_start_application_reply, App, Error},
                    {noreply, S}
            end;
        false ->
            erlang:send_after(100, self(), Request),
            {noreply, S}
    end;
handle_info({ac_application_run, App, Result}, S) ->
    tell({dist_ac_app_started, node(), App, Result}, S#state.known),
    Id = case Result of
             ok -> local;
             _ -> undefined
         end,
    {noreply, with_id(App, Id, answered_takeover(App, Result, S))};
handle_info({ac_application_not_run, App}, S) -> {noreply, stopped(App, S)};
handle_info({ac_application_stopped, App}, #state{started = Started} = S) ->
    {noreply, (stopped(App, S))#state{started = lists:delete(App, Started)}};

%% ---- what other nodes say ----

handle_info({dist_ac_new_node, _, Node, His, _}, #state{appls = Appls} = S) ->
    Local = [{node(), Name} || #appl{name = Name, id = local} <- Appls],
    tell({dist_ac_new_node, ?VSN, node(), Appls, Local}, [Node]),
    {noreply, S#state{appls = merged(Appls, His, Node),
                      known = [Node | lists:delete(Node, S#state.known)]}};
handle_info({dist_ac_app_started, Node, App, Result}, S) ->
    {noreply, started_there(App, Node, Result, S)};
handle_info({dist_ac_app_stopped, App}, S0) ->
    S = S0#state{remote_started = lists:keydelete(App, 2,
                                                  S0#state.remote_started)},
    {noreply, with_id(App, undefined, S)};
handle_info({dist_ac_weight, App, Weight, Node}, S) ->
    {noreply, weighed(App, Weight, Node, S)};
handle_info({dist_ac_app_loaded, Node, App, Nodes, Permission, KnowsMe}, S) ->
    case find(App, S) of
        #appl{nodes = Mine, run = Run} ->
            case proplists:get_value(node(), Run) of
                undefined ->
                    {noreply, remembered(App, Node, Nodes, Permission, S)};
                MyPermission ->
                    check_same(App, Node, Mine, Nodes),
                    KnowsMe orelse
                        tell({dist_ac_app_loaded, node(), App, Mine,
                              MyPermission =:= true, true}, [Node]),
                    {noreply, with_permission(App, Node, Permission, S)}
            end;
        false -> {noreply, remembered(App, Node, Nodes, Permission, S)}
    end;
handle_info({dist_ac_app_unloaded, Node, App}, S) ->
    Left = lists:keydelete({App, Node}, 1, S#state.dist_loaded),
    {noreply, with_permission(App, Node, undefined,
                              S#state{dist_loaded = Left})};
handle_info({dist_ac_new_permission, Node, App, Permission, WasThere}, S0) ->
    S = with_permission(App, Node, Permission, S0),
    case not Permission andalso WasThere andalso may_run(App, S)
        andalso started(App, request, S) of
        {ok, New, _} -> {noreply, New};
        _ -> {noreply, S}
    end;
handle_info({nodedown, Node}, S) -> {noreply, gone(Node, S)};
handle_info({internal_restart_appl, App}, S) ->
    case find(App, S) of
        #appl{id = {failover, _}} ->
            case started(App, request, S) of
                {ok, New, _} -> {noreply, New};
                {error, Reason} ->
                    error_logger:error_msg(
                      "dist_ac on node ~p:~nError when restarting application "
                      "~p: ~p~n", [node(), App, Reason]),
                    {noreply, S}
            end;
        _ -> {noreply, S}
    end;
handle_info(_, S) -> {noreply, S}.

%% ---- applications ----

find(App, #state{appls = Appls}) -> lists:keyfind(App, #appl.name, Appls).

with_appl(#appl{name = App} = A, #state{appls = Appls} = S) ->
    S#state{appls = lists:keystore(App, #appl.name, Appls, A)}.

with_id(App, Id, S) ->
    case find(App, S) of
        #appl{} = A -> with_appl(A#appl{id = Id}, S);
        false -> S
    end.

with_permission(App, Node, Permission, S) ->
    case find(App, S) of
        #appl{run = Run} = A ->
            with_appl(A#appl{run = lists:keystore(Node, 1, Run,
                                                  {Node, Permission})}, S);
        false -> S
    end.

may_run(App, S) ->
    #appl{run = Run} = find(App, S),
    lists:member({node(), true}, Run).

nodes_of(App, Appls) ->
    case lists:keyfind(App, #appl.name, Appls) of
        #appl{nodes = Nodes} -> Nodes;
        false -> []
    end.

%% Any node of a tuple is as good as the others.
flat(Nodes) ->
    lists:append([case N of
                      _ when is_tuple(N) -> tuple_to_list(N);
                      _ -> [N]
                  end || N <- Nodes]).

remembered(App, Node, Nodes, Permission, #state{dist_loaded = Loaded} = S) ->
    S#state{dist_loaded = [{{App, Node}, Nodes, Permission} | Loaded]}.

check_same(App, Node, Mine, His) ->
    Sorted = fun(Nodes) ->
                     [case N of
                          _ when is_tuple(N) -> lists:sort(tuple_to_list(N));
                          _ -> N
                      end || N <- Nodes]
             end,
    case Sorted(Mine) =:= Sorted(His) of
        true -> ok;
        false ->
            error_logger:error_msg(
              "dist_ac on node ~p:~nDistribution mismatch for application "
              "\"~p\" on nodes ~p and ~p~n", [node(), App, node(), Node]),
            exit({distribution_mismatch, App, Node})
    end.

%% It is loaded here now: the others are told, those that have it are known.
load(App, S0) ->
    {Loaded, Left} = lists:partition(fun({{Name, _}, _, _}) -> Name =:= App
                                     end, S0#state.dist_loaded),
    Permission = default_permission(App),
    S1 = with_permission(App, node(), Permission,
                         S0#state{dist_loaded = Left}),
    #appl{nodes = Nodes} = find(App, S1),
    S = lists:foldl(fun({{_, Node}, His, HisPermission}, Acc) ->
                            check_same(App, Node, Nodes, His),
                            with_permission(App, Node, HisPermission, Acc)
                    end, S1, Loaded),
    [tell({dist_ac_app_loaded, node(), App, Nodes, Permission,
           lists:any(fun({{_, Node}, _, _}) -> Node =:= N end, Loaded)}, [N])
     || N <- flat(Nodes)],
    S.

%% ---- starting ----

%% {ok, State, whether the start here is waited for} | {error, Reason}. [How]:
%% reply, when the controller has asked, or request.
started(App, How, #state{started = Started} = S) ->
    case find(App, S) of
        #appl{id = local} -> {ok, S, false};
        #appl{run = Run} = A ->
            case [N || {N, undefined} <- Run, lists:member(N, nodes())] of
                [] ->
                    Permitted = [N || {N, true} <- Run],
                    {Id, Waits} = start_somewhere(A, Permitted, S, How),
                    New = forget_choice(App, with_id(App, Id, S)),
                    {ok, New#state{started = [App | lists:delete(App,
                                                                 Started)],
                                   remote_started =
                                       lists:keydelete(
                                         App, 2, S#state.remote_started)},
                     Waits};
                Missing -> {error, {app_not_loaded, App, Missing}}
            end;
        false -> {error, {unknown_application, App}}
    end.

forget_choice(App, #state{locals = Locals, weights = Weights} = S) ->
    S#state{locals = [L || L <- Locals, element(1, L) =/= App],
            weights = lists:keydelete(App, 1, Weights)}.

%% {Id, whether it starts here}
start_somewhere(#appl{name = App, id = Id} = A, Permitted, S, How) ->
    case start_node(A, Permitted, S) of
        {ok, Node} when Node =:= node() ->
            start_here(App, Id, S, How),
            {run_waiting, true};
        {already_started, Node} ->
            runs_there(App, Node, How),
            {{distributed, Node}, false};
        {ok, Node} when Id =:= {distributed, Node} ->
            runs_there(App, Node, How),
            {Id, false};
        {ok, Node} -> wait_start(Node, A, Permitted, S, How);
        not_started -> wait_start(any, A, Permitted, S, How);
        no_permission ->
            case How of
                reply -> ?AC ! {ac_start_application_reply, App, not_started};
                request -> change(App, stop_it)
            end,
            {undefined, false}
    end.

start_here(App, {failover, Node}, _, request) ->
    change(App, {failover, Node, undefined});
start_here(App, {distributed, Node}, _, request) ->
    change(App, {takeover, Node, undefined});
start_here(App, _, _, request) -> change(App, start_it);
start_here(App, _, S, reply) ->
    Answer = case lists:keyfind(App, 2, S#state.remote_started) of
                 {Node, App} -> {takeover, Node};
                 false -> start_it
             end,
    ?AC ! {ac_start_application_reply, App, Answer}.

change(App, Wish) -> ?AC ! {ac_change_application_req, App, Wish}.

runs_there(App, Node, reply) ->
    ?AC ! {ac_start_application_reply, App, {started, Node}};
runs_there(App, Node, request) -> change(App, {started, Node}).

%% Another node is to start it, or has been asked to: what it says decides.
wait_start(From, #appl{name = App, id = Id} = A, Permitted, S, How) ->
    is_named(From) andalso monitor_node(From, true),
    receive
        {dist_ac_app_started, Node, App, Result} when From =:= any;
                                                      Node =:= From ->
            is_named(From) andalso monitor_node(From, false),
            case Result of
                ok ->
                    runs_there(App, Node, How),
                    {{distributed, Node}, false};
                {error, Reason} ->
                    How =:= reply andalso
                        (?AC ! {ac_start_application_reply, App,
                                {error, {Node, Reason}}}),
                    {Id, false}
            end;
        {dist_ac_weight, App, _, From} ->
            %% it chooses, too, and wins whatever is said
            monitor_node(From, false),
            tell({dist_ac_weight, App, weight(App, S), node()}, [From]),
            wait_start(From, A, Permitted, S, How);
        {nodedown, Node} when From =:= any; Node =:= From ->
            is_named(From) andalso monitor_node(From, false),
            Locals = [L || {N, _, L0} = L <- S#state.locals,
                           {N, L0} =/= {App, Node}],
            start_somewhere(A, lists:delete(Node, Permitted),
                            S#state{locals = Locals}, How)
    end.

is_named(Node) -> Node =/= any.

%% {ok, the node where it is to run} | {already_started, Node} | not_started
%% (others will) | no_permission.
start_node(#appl{name = App, nodes = Nodes} = A, Permitted, S) ->
    All = [N || N <- flat(Nodes), lists:member(N, Permitted)],
    case {lists:member(node(), All),
          lists:keyfind(App, 2, S#state.remote_started)} of
        {true, _} -> first_node(Nodes, A, All, S);
        {false, {Node, _}} -> {already_started, Node};
        {false, false} when All =/= [] -> not_started;
        _ -> no_permission
    end.

first_node([Any | Nodes], A, All, S) when is_tuple(Any) ->
    case any_node([N || N <- tuple_to_list(Any), lists:member(N, All)], A, All,
                  S) of
        none -> first_node(Nodes, A, All, S);
        Found -> Found
    end;
first_node([Node | Nodes], A, All, S) ->
    case lists:member(Node, All) of
        true ->
            case runs_at(A, S) of
                Node -> {already_started, Node};
                _ -> {ok, Node}
            end;
        false -> first_node(Nodes, A, All, S)
    end;
first_node([], _, _, _) -> not_started.

runs_at(#appl{id = {distributed, Node}}, _) -> Node;
runs_at(#appl{name = App}, #state{remote_started = Started}) ->
    case lists:keyfind(App, 2, Started) of
        {Node, App} -> Node;
        false -> none
    end.

%% Of nodes that are equally good the one with the least to do; all nodes ask
%% all others, so that all choose the same.
any_node(Nodes, #appl{name = App} = A, All, S) ->
    Runs = runs_at(A, S),
    case lists:member(Runs, Nodes) of
        true -> {already_started, Runs};
        false ->
            Weight = weight(App, S),
            tell({dist_ac_weight, App, Weight, node()}, All),
            Weights = [{Weight, node()}
                       | lists:append([answer(N, App, S)
                                       || N <- All, N =/= node()])],
            case [N || {_, N} <- lists:sort(Weights), lists:member(N, Nodes),
                       lists:member(N, S#state.known)] of
                [Node | _] -> {ok, Node};
                [] -> none
            end
    end.

answer(Node, App, #state{locals = Locals}) ->
    case [W || {A, W, N} <- Locals, A =:= App, N =:= Node] of
        [Weight | _] -> [{Weight, Node}];
        [] ->
            monitor_node(Node, true),
            Answer = receive
                         {dist_ac_weight, App, Weight, Node} ->
                             [{Weight, Node}];
                         {nodedown, Node} -> []
                     end,
            monitor_node(Node, false),
            Answer
    end.

weight(App, #state{weights = Weights}) ->
    case lists:keyfind(App, 1, Weights) of
        {App, Weight} -> Weight;
        false -> length(application:which_applications())
    end.

%% A node that chooses must be told something, now or when this one chooses.
weighed(App, Weight, Node, #state{locals = Locals, weights = Weights} = S) ->
    Id = case find(App, S) of
             #appl{id = I} -> I;
             false -> undefined
         end,
    case Id of
        run_waiting ->
            tell({dist_ac_weight, App, 0, node()}, [Node]),
            S;
        _ when Id =:= undefined; Id =:= takeover;
               element(1, Id) =:= failover ->
            S#state{locals = [{App, Weight, Node} | Locals]};
        _ ->
            Mine = weight(App, S),
            tell({dist_ac_weight, App, Mine, node()}, [Node]),
            S#state{weights = lists:keystore(App, 1, Weights, {App, Mine})}
    end.

%% ---- what has happened ----

%% Who waits for the end of a takeover or a stop hears of it.
stopped(App, S0) ->
    S = answered_stop(App, answered_takeover(App, {error, stopped}, S0)),
    Remote = case find(App, S) of
                 #appl{id = local} ->
                     tell({dist_ac_app_stopped, App}, S#state.known),
                     S#state.remote_started;
                 #appl{id = {distributed, Node}} ->
                     [{Node, App} | S#state.remote_started];
                 _ -> S#state.remote_started
             end,
    with_id(App, undefined, S#state{remote_started = Remote}).

answered_takeover(App, Result, #state{t_reqs = Waiting} = S) ->
    {Mine, Others} = lists:partition(fun({A, _}) -> A =:= App end, Waiting),
    [gen_server:reply(From, Result) || {_, From} <- Mine],
    S#state{t_reqs = Others}.

answered_stop(App, #state{s_reqs = Waiting} = S) ->
    {Mine, Others} = lists:partition(fun({A, _}) -> A =:= App end, Waiting),
    [gen_server:reply(From, ok) || {_, From} <- Mine],
    S#state{s_reqs = Others}.

started_there(App, Node, Result, #state{started = Started} = S) ->
    case find(App, S) =/= false andalso lists:member(App, Started) of
        true ->
            %% if it ran here it does not any more
            change(App, {started, Node}),
            Id = case Result of
                     ok -> {distributed, Node};
                     _ -> undefined % that node has to do something
                 end,
            {Mine, Others} = lists:partition(
                               fun({_, A, P, _}) -> A =:= App andalso not P
                               end, S#state.p_reqs),
            [gen_server:reply(From, ok) || {From, _, _, _} <- Mine],
            Weights = lists:keydelete(App, 1, S#state.weights),
            with_id(App, Id, S#state{p_reqs = Others, weights = Weights});
        false ->
            S#state{remote_started = [{Node, App} | S#state.remote_started]}
    end.

%% What ran on a node that went down starts again, after its time.
gone(Node, #state{appls = Appls} = S0) ->
    His = [A || #appl{name = Name, id = {distributed, N}} = A <- Appls,
                N =:= Node, may_run(Name, S0)],
    Left = [begin
                Run = lists:keydelete(Node, 1, A#appl.run),
                case A of
                    #appl{id = {distributed, Node}} ->
                        Id = case lists:member(A, His) of
                                 true -> {failover, Node};
                                 false ->
                                     change(A#appl.name, not_running),
                                     undefined
                             end,
                        A#appl{id = Id, run = Run};
                    _ -> A#appl{run = Run}
                end
            end || A <- Appls],
    S = permits_without(Node, S0#state{
          appls = Left, known = lists:delete(Node, S0#state.known),
          remote_started = [R || {N, _} = R <- S0#state.remote_started,
                                 N =/= Node]}),
    [erlang:send_after(Time, self(), {internal_restart_appl, Name})
     || #appl{name = Name, restart_time = Time} <- lists:reverse(His),
        is_integer(Time)],
    S.

%% Nobody is left who would start what was to be stopped here.
permits_without(Node, #state{p_reqs = Permits, s_reqs = Stops} = S) ->
    Left = [{From, App, P, lists:delete(Node, Nodes)}
            || {From, App, P, Nodes} <- Permits],
    {Over, Waiting} = lists:partition(fun({_, _, P, Nodes}) ->
                                              not P andalso Nodes =:= []
                                      end, Left),
    [change(App, stop_it) || {_, App, _, _} <- Over],
    S#state{p_reqs = Waiting,
            s_reqs = [{App, From} || {From, App, _, _} <- Over] ++ Stops}.
