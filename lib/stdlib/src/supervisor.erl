%% SPDX-License-Identifier: Apache-2.0
%% Supervisors: start children in order, restart them by a strategy, take them
%% down in reverse order. A gen_server whose state is as sys:get_state shows it
%% to users, so the records keep their fields.
-module(supervisor).
-behaviour(gen_server).

-export([start_link/2, start_link/3, start_child/2, restart_child/2,
         delete_child/2, terminate_child/2, which_children/1, which_child/2,
         count_children/1,
         check_childspecs/1, check_childspecs/2, get_childspec/2,
         get_callback_module/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3, format_status/2, format_log/1, format_log/2]).

-export_type([child_spec/0, startchild_ret/0, strategy/0, sup_flags/0,
              sup_name/0, sup_ref/0]).

-type child() :: undefined | pid().
-type child_id() :: term().
-type strategy() :: one_for_all | one_for_one | rest_for_one
                  | simple_one_for_one.
-type sup_flags() :: #{strategy => strategy(),
                       intensity => non_neg_integer(),
                       period => pos_integer(),
                       auto_shutdown => never | any_significant
                                      | all_significant}
                   | {strategy(), non_neg_integer(), pos_integer()}.
-type child_spec() :: #{id := child_id(),
                        start := {module(), atom(), [term()] | undefined},
                        restart => permanent | transient | temporary,
                        significant => boolean(),
                        shutdown => brutal_kill | timeout(),
                        type => worker | supervisor,
                        modules => [module()] | dynamic}
                    | {child_id(), {module(), atom(), [term()] | undefined},
                       permanent | transient | temporary,
                       brutal_kill | timeout(), worker | supervisor,
                       [module()] | dynamic}.
-type sup_name() :: {local, atom()} | {global, term()}
                  | {via, module(), term()}.
-type sup_ref() :: atom() | {atom(), node()} | {global, term()}
                 | {via, module(), term()} | pid().
-type startchild_ret() :: {ok, child()} | {ok, child(), term()}
                        | {error, already_present | {already_started, child()}
                                | term()}.

-callback init(Args :: term()) ->
    {ok, {sup_flags(), [child_spec()]}} | ignore.

-record(child, {pid = undefined,  % undefined, {restarting, Pid}, or a pid
                id, mfargs, restart_type, significant, shutdown, child_type,
                modules = []}).
-record(state, {name, strategy,
                children = {[], #{}}, % ids, newest first, and their records
                dynamics,             % {maps, #{Pid => Args}} or
                                      % {mapsets, #{Pid => []}} of temporary
                intensity, period, restarts = [], dynamic_restarts = 0,
                auto_shutdown, module, args}).

-define(IS_SIMPLE(S), S#state.strategy =:= simple_one_for_one).

%% ---- clients ----

start_link(Mod, Args) ->
    gen_server:start_link(?MODULE, {self, Mod, Args}, []).
start_link(Name, Mod, Args) ->
    gen_server:start_link(Name, ?MODULE, {Name, Mod, Args}, []).

start_child(Sup, Spec) -> call(Sup, {start_child, Spec}).
restart_child(Sup, Id) -> call(Sup, {restart_child, Id}).
delete_child(Sup, Id) -> call(Sup, {delete_child, Id}).
terminate_child(Sup, Id) -> call(Sup, {terminate_child, Id}).
get_childspec(Sup, Id) -> call(Sup, {get_childspec, Id}).
which_children(Sup) -> call(Sup, which_children).
which_child(Sup, Id) -> call(Sup, {which_child, Id}).
count_children(Sup) -> call(Sup, count_children).

get_callback_module(Pid) -> call(Pid, get_callback_module).

call(Sup, Request) -> gen_server:call(Sup, Request, infinity).

check_childspecs(Specs) -> check_childspecs(Specs, undefined).

check_childspecs(Specs, AutoShutdown) when is_list(Specs) ->
    case valid_auto_shutdown(AutoShutdown)
         orelse AutoShutdown =:= undefined of
        false -> {error, {badarg, AutoShutdown}};
        true ->
            case check_specs(Specs, AutoShutdown) of
                {ok, _} -> ok;
                Error -> {error, Error}
            end
    end;
check_childspecs(Specs, _) -> {error, {badarg, Specs}}.

%% ---- starting ----

init({Name, Mod, Args}) ->
    process_flag(trap_exit, true),
    case Mod:init(Args) of
        {ok, {Flags, Specs}} ->
            case init_state(Name, Flags, Mod, Args) of
                {ok, S} when ?IS_SIMPLE(S) -> init_dynamic(S, Specs);
                {ok, S} -> init_children(S, Specs);
                Error -> {stop, {supervisor_data, Error}}
            end;
        ignore -> ignore;
        Error -> {stop, {bad_return, {Mod, init, Error}}}
    end.

init_children(#state{name = Name} = S, Specs) ->
    case check_specs(Specs, S#state.auto_shutdown) of
        {ok, Children} ->
            case start_children(Children, Name) of
                {ok, Started} -> {ok, S#state{children = Started}};
                {error, Started, Reason} ->
                    _ = terminate_children(Started, Name),
                    {stop, {shutdown, Reason}}
            end;
        Error -> {stop, {start_spec, Error}}
    end.

init_dynamic(S, [Spec]) ->
    case check_specs([Spec], S#state.auto_shutdown) of
        {ok, {[Id], Map} = Children} ->
            Store = case (maps:get(Id, Map))#child.restart_type of
                        temporary -> {mapsets, #{}};
                        _ -> {maps, #{}}
                    end,
            {ok, S#state{children = Children, dynamics = Store}};
        Error -> {stop, {start_spec, Error}}
    end;
init_dynamic(_, Specs) -> {stop, {bad_start_spec, Specs}}.

init_state(Name, Flags, Mod, Args) ->
    try
        Map = flags(Flags),
        check_flags(Map),
        #{strategy := Strategy, intensity := Intensity, period := Period,
          auto_shutdown := AutoShutdown} = Map,
        {ok, #state{name = sup_name(Name, Mod), strategy = Strategy,
                    intensity = Intensity, period = Period,
                    auto_shutdown = AutoShutdown, module = Mod, args = Args}}
    catch
        throw:Error -> Error
    end.

sup_name(self, Mod) -> {self(), Mod};
sup_name(Name, _) -> Name.

flags(Map) when is_map(Map) ->
    maps:merge(#{strategy => one_for_one, intensity => 1, period => 5,
                 auto_shutdown => never}, Map);
flags({Strategy, Intensity, Period}) ->
    #{strategy => Strategy, intensity => Intensity, period => Period,
      auto_shutdown => never};
flags(Other) -> throw({invalid_type, Other}).

check_flags(#{strategy := Strategy, intensity := Intensity, period := Period,
              auto_shutdown := AutoShutdown}) ->
    check(lists:member(Strategy, [one_for_one, one_for_all, rest_for_one,
                                  simple_one_for_one]),
          {invalid_strategy, Strategy}),
    check(is_integer(Intensity) andalso Intensity >= 0,
          {invalid_intensity, Intensity}),
    check(is_integer(Period) andalso Period > 0, {invalid_period, Period}),
    check(valid_auto_shutdown(AutoShutdown),
          {invalid_auto_shutdown, AutoShutdown}).

valid_auto_shutdown(Value) ->
    lists:member(Value, [never, any_significant, all_significant]).

check(true, _) -> ok;
check(false, Error) -> throw(Error).

%% ---- child specifications ----

check_specs(Specs, AutoShutdown) -> check_specs(Specs, AutoShutdown, [], #{}).

check_specs([], _, Ids, Map) -> {ok, {lists:reverse(Ids), Map}};
check_specs([Spec | Rest], AutoShutdown, Ids, Map) ->
    case check_spec(Spec, AutoShutdown) of
        {ok, #child{id = Id}} when is_map_key(Id, Map) ->
            {duplicate_child_name, Id};
        {ok, #child{id = Id} = Child} ->
            check_specs(Rest, AutoShutdown, [Id | Ids], Map#{Id => Child});
        Error -> Error
    end.

check_spec(Spec, AutoShutdown) when is_map(Spec) ->
    try {ok, child(maps:merge(#{restart => permanent, type => worker}, Spec),
                   AutoShutdown)}
    catch throw:Error -> Error
    end;
check_spec({Id, Start, Restart, Shutdown, Type, Modules}, AutoShutdown) ->
    check_spec(#{id => Id, start => Start, restart => Restart,
                 significant => false, shutdown => Shutdown, type => Type,
                 modules => Modules}, AutoShutdown);
check_spec(Spec, _) -> {invalid_child_spec, Spec}.

child(Spec, AutoShutdown) ->
    Id = required(id, missing_id, Spec),
    Start = required(start, missing_start, Spec),
    case Start of
        {M, F, A} when is_atom(M), is_atom(F), is_list(A) -> ok;
        _ -> throw({invalid_mfa, Start})
    end,
    #{restart := Restart, type := Type} = Spec,
    check(lists:member(Restart, [permanent, transient, temporary]),
          {invalid_restart_type, Restart}),
    Significant = maps:get(significant, Spec, false),
    check_significant(Significant, Restart, AutoShutdown),
    check(Type =:= worker orelse Type =:= supervisor,
          {invalid_child_type, Type}),
    Shutdown = maps:get(shutdown, Spec,
                        case Type of worker -> 5000; _ -> infinity end),
    check(Shutdown =:= infinity orelse Shutdown =:= brutal_kill
          orelse is_integer(Shutdown) andalso Shutdown >= 0,
          {invalid_shutdown, Shutdown}),
    Modules = maps:get(modules, Spec, [element(1, Start)]),
    check_modules(Modules),
    #child{id = Id, mfargs = Start, restart_type = Restart,
           significant = Significant, shutdown = Shutdown, child_type = Type,
           modules = Modules}.

required(Key, Error, Spec) ->
    case Spec of
        #{Key := Value} -> Value;
        _ -> throw(Error)
    end.

check_significant(true, _, never) ->
    throw({bad_combination, [{auto_shutdown, never}, {significant, true}]});
check_significant(true, permanent, _) ->
    throw({bad_combination, [{restart, permanent}, {significant, true}]});
check_significant(Value, _, _) ->
    check(is_boolean(Value), {invalid_significant, Value}).

check_modules(dynamic) -> ok;
check_modules(Modules) when is_list(Modules) ->
    [check(is_atom(M), {invalid_module, M}) || M <- Modules],
    ok;
check_modules(Modules) -> throw({invalid_modules, Modules}).

to_spec(#child{id = Id, mfargs = Start, restart_type = Restart,
               significant = Significant, shutdown = Shutdown,
               child_type = Type, modules = Modules}) ->
    #{id => Id, start => Start, restart => Restart,
      significant => Significant, shutdown => Shutdown, type => Type,
      modules => Modules}.

%% ---- starting children ----

%% Starts children whose ids stand in start order; hands back the table with
%% the newest first, on a failure with those that do not run in it.
start_children({Ids, Map}, Name) ->
    Start = fun(Id, Child) ->
                    case do_start_child(Name, Child) of
                        {ok, undefined}
                          when Child#child.restart_type =:= temporary ->
                            remove;
                        {error, Reason} ->
                            report(start_error, Reason, Child, Name),
                            {abort, {failed_to_start_child, Id, Reason}};
                        Ok -> {update, Child#child{pid = element(2, Ok)}}
                    end
            end,
    children_map(Start, Ids, [], Map).

%% Does as Fun says with each child.
children_map(_, [], Done, Map) -> {ok, {Done, Map}};
children_map(Fun, [Id | Rest], Done, Map) ->
    case Fun(Id, maps:get(Id, Map)) of
        {update, Child} ->
            children_map(Fun, Rest, [Id | Done], Map#{Id := Child});
        remove -> children_map(Fun, Rest, Done, maps:remove(Id, Map));
        {abort, Reason} ->
            {error, {lists:reverse([Id | Rest], Done), Map}, Reason}
    end.

do_start_child(Name, #child{mfargs = {M, F, A}} = Child) ->
    case do_start_child_i(M, F, A) of
        {error, _} = Error -> Error;
        Ok ->
            case element(2, Ok) of
                Pid when is_pid(Pid) ->
                    progress(Child#child{pid = Pid}, Name);
                undefined -> ok
            end,
            Ok
    end.

do_start_child_i(M, F, A) ->
    case catch apply(M, F, A) of
        {ok, Pid} when is_pid(Pid) -> {ok, Pid};
        {ok, Pid, Extra} when is_pid(Pid) -> {ok, Pid, Extra};
        ignore -> {ok, undefined};
        {error, Error} -> {error, Error};
        What -> {error, What}
    end.

%% ---- calls ----

handle_call({start_child, More}, _, S) when ?IS_SIMPLE(S) ->
    #child{mfargs = {M, F, A}} = template(S),
    Args = A ++ More,
    case do_start_child_i(M, F, Args) of
        {ok, undefined} = Reply -> {reply, Reply, S};
        {error, _} = Reply -> {reply, Reply, S};
        Reply -> {reply, Reply, store(element(2, Reply), Args, S)}
    end;
handle_call({start_child, Spec}, _, S) ->
    case check_spec(Spec, S#state.auto_shutdown) of
        {ok, Child} ->
            {Reply, S2} = add_child(Child, S),
            {reply, Reply, S2};
        Error -> {reply, {error, Error}, S}
    end;
handle_call({terminate_child, Id}, _, S) when ?IS_SIMPLE(S), not is_pid(Id) ->
    {reply, {error, simple_one_for_one}, S};
handle_call({terminate_child, Id}, _, S) ->
    case find_child(Id, S) of
        {ok, Child} ->
            do_terminate(Child, S#state.name),
            {reply, ok, del_child(Child, S)};
        error when ?IS_SIMPLE(S) ->
            case is_process_alive(Id) of
                true -> {reply, {error, not_found}, S};
                false -> {reply, ok, S}
            end;
        error -> {reply, {error, not_found}, S}
    end;
handle_call({restart_child, _}, _, S) when ?IS_SIMPLE(S) ->
    {reply, {error, simple_one_for_one}, S};
handle_call({restart_child, Id}, _, S) ->
    case find_child(Id, S) of
        {ok, #child{pid = undefined} = Child} ->
            case do_start_child(S#state.name, Child) of
                {error, _} = Error -> {reply, Error, S};
                Ok -> {reply, Ok, set_pid(element(2, Ok), Id, S)}
            end;
        Found -> {reply, busy(Found), S}
    end;
handle_call({delete_child, _}, _, S) when ?IS_SIMPLE(S) ->
    {reply, {error, simple_one_for_one}, S};
handle_call({delete_child, Id}, _, S) ->
    case find_child(Id, S) of
        {ok, #child{pid = undefined}} -> {reply, ok, forget(Id, S)};
        Found -> {reply, busy(Found), S}
    end;
handle_call({get_childspec, Pid}, _, S) when ?IS_SIMPLE(S) ->
    %% all have the same, whatever they were started with
    case find_child(Pid, S) of
        {ok, _} -> {reply, {ok, to_spec(template(S))}, S};
        error -> {reply, {error, not_found}, S}
    end;
handle_call({get_childspec, Id}, _, S) ->
    case find_child(Id, S) of
        {ok, Child} -> {reply, {ok, to_spec(Child)}, S};
        error -> {reply, {error, not_found}, S}
    end;
handle_call(which_children, _, S) when ?IS_SIMPLE(S) ->
    #child{child_type = Type, modules = Modules} = template(S),
    {_, Map} = S#state.dynamics,
    {reply, [{undefined, shown_pid(Pid), Type, Modules}
             || Pid <- maps:keys(Map)], S};
handle_call(which_children, _, #state{children = {Ids, Map}} = S) ->
    {reply, [shown(Id, maps:get(Id, Map)) || Id <- Ids], S};
handle_call({which_child, _}, _, S) when ?IS_SIMPLE(S) ->
    {reply, {error, simple_one_for_one}, S};
handle_call({which_child, Id}, _, #state{children = {_, Map}} = S) ->
    {reply, case Map of
                #{Id := Child} -> {ok, shown(Id, Child)};
                #{} -> {error, not_found}
            end, S};
handle_call(count_children, _, S) when ?IS_SIMPLE(S) ->
    {_, Map} = S#state.dynamics,
    Size = maps:size(Map),
    Active = Size - S#state.dynamic_restarts,
    {Supervisors, Workers} = case (template(S))#child.child_type of
                                 supervisor -> {Size, 0};
                                 worker -> {0, Size}
                             end,
    {reply, counts(1, Active, Supervisors, Workers), S};
handle_call(count_children, _, #state{children = {Ids, Map}} = S) ->
    Children = maps:values(Map),
    Active = length([C || C <- Children, is_pid(C#child.pid),
                          is_process_alive(C#child.pid)]),
    Workers = length([C || C <- Children, C#child.child_type =:= worker]),
    Size = length(Ids),
    {reply, counts(Size, Active, Size - Workers, Workers), S};
handle_call(get_callback_module, _, #state{module = Mod} = S) ->
    {reply, Mod, S}.

counts(Specs, Active, Supervisors, Workers) ->
    [{specs, Specs}, {active, Active}, {supervisors, Supervisors},
     {workers, Workers}].

shown(Id, #child{pid = Pid, child_type = Type, modules = Modules}) ->
    {Id, shown_pid(Pid), Type, Modules}.

shown_pid({restarting, _}) -> restarting;
shown_pid(Pid) -> Pid.

busy({ok, #child{pid = {restarting, _}}}) -> {error, restarting};
busy({ok, _}) -> {error, running};
busy(error) -> {error, not_found}.

add_child(#child{id = Id} = Child, S) ->
    case find_child(Id, S) of
        {ok, #child{pid = Pid}} when is_pid(Pid) ->
            {{error, {already_started, Pid}}, S};
        {ok, _} -> {{error, already_present}, S};
        error ->
            case do_start_child(S#state.name, Child) of
                {ok, undefined} when Child#child.restart_type =:= temporary ->
                    {{ok, undefined}, S};
                {error, What} -> {{error, {What, Child}}, S};
                Ok -> {Ok, save(Child#child{pid = element(2, Ok)}, S)}
            end
    end.

%% A restart that failed is tried again when what came meanwhile was seen to.
handle_cast({try_again_restart, Id}, S) ->
    case find_child(Id, S) of
        {ok, #child{pid = {restarting, _}} = Child} ->
            stop_or_go_on(restart(Child, S));
        _ -> {noreply, S}
    end.

stop_or_go_on({ok, S}) -> {noreply, S};
stop_or_go_on({shutdown, S}) -> {stop, shutdown, S}.

handle_info({'EXIT', Pid, Reason}, S) ->
    case find_by_pid(Pid, S) of
        {ok, Child} -> stop_or_go_on(do_restart(Reason, Child, S));
        error -> {noreply, S}
    end;
handle_info(Msg, S) ->
    logger:error("Supervisor received unexpected message: ~tp~n", [Msg],
                 #{domain => [otp],
                   error_logger => #{tag => error}}),
    {noreply, S}.

terminate(_, S) when ?IS_SIMPLE(S) -> terminate_dynamic(S);
terminate(_, #state{children = Children, name = Name}) ->
    terminate_children(Children, Name).

%% ---- upgrading: the callback's new specifications, the old pids ----

format_status(terminate, [_, S]) -> S;
format_status(normal, [_, #state{module = Mod} = S]) ->
    [{data, [{"State", S}]}, {supervisor, [{"Callback", Mod}]}].

code_change(_, #state{module = Mod, args = Args} = S, _) ->
    case Mod:init(Args) of
        {ok, {Flags, Specs}} ->
            try
                Map = flags(Flags),
                check_flags(Map),
                change_specs(Specs, change_flags(Map, S))
            catch
                throw:{invalid_type, Bad} -> {error, {bad_flags, Bad}};
                throw:Error -> {error, Error}
            end;
        ignore -> {ok, S};
        Error -> Error
    end.

change_flags(#{strategy := Strategy, intensity := Intensity, period := Period,
               auto_shutdown := AutoShutdown}, S) ->
    S#state{strategy = Strategy, intensity = Intensity, period = Period,
            auto_shutdown = AutoShutdown}.

change_specs(Specs, S) when ?IS_SIMPLE(S) ->
    case check_specs(Specs, S#state.auto_shutdown) of
        {ok, {[_], _} = Children} -> {ok, S#state{children = Children}};
        Error -> {error, Error}
    end;
change_specs(Specs, #state{children = {OldIds, Old}} = S) ->
    case check_specs(Specs, S#state.auto_shutdown) of
        {ok, {NewIds, New}} ->
            Kept = maps:map(fun(Id, Child) ->
                                    case Old of
                                        #{Id := #child{pid = Pid}} ->
                                            Child#child{pid = Pid};
                                        _ -> Child
                                    end
                            end, New),
            Gone = [Id || Id <- OldIds, not is_map_key(Id, New)],
            {ok, S#state{children = {Gone ++ lists:reverse(NewIds),
                                     maps:merge(Old, Kept)}}};
        Error -> {error, Error}
    end.

%% ---- a child has ended ----

do_restart(Reason, #child{restart_type = permanent} = Child, S) ->
    report(child_terminated, Reason, Child, S#state.name),
    restart(Child, S);
do_restart(Reason, #child{restart_type = transient} = Child, S) ->
    case is_expected(Reason) of
        true -> auto_shutdown(Child, del_child(Child, S));
        false ->
            report(child_terminated, Reason, Child, S#state.name),
            restart(Child, S)
    end;
do_restart(Reason, #child{restart_type = temporary} = Child, S) ->
    case is_expected(Reason) of
        true -> ok;
        false -> report(child_terminated, Reason, Child, S#state.name)
    end,
    auto_shutdown(Child, del_child(Child, S)).

is_expected(normal) -> true;
is_expected(shutdown) -> true;
is_expected({shutdown, _}) -> true;
is_expected(_) -> false.

%% The end of a significant child may be the supervisor's own.
auto_shutdown(#child{significant = true},
              #state{auto_shutdown = any_significant} = S) ->
    {shutdown, S};
auto_shutdown(#child{significant = true},
              #state{auto_shutdown = all_significant} = S) ->
    case is_significant_left(S) of
        true -> {ok, S};
        false -> {shutdown, S}
    end;
auto_shutdown(_, S) -> {ok, S}.

is_significant_left(#state{dynamics = {_, Map}} = S) when ?IS_SIMPLE(S) ->
    map_size(Map) > 0;
is_significant_left(#state{children = {_, Map}}) ->
    lists:any(fun(#child{significant = Is, pid = Pid}) ->
                      Is andalso Pid =/= undefined
              end, maps:values(Map)).

restart(Child, S) ->
    case add_restart(S) of
        {ok, S2} ->
            case restart(S2#state.strategy, Child, S2) of
                {{try_again, Id}, S3} ->
                    gen_server:cast(self(), {try_again_restart, Id}),
                    {ok, S3};
                Done -> Done
            end;
        {terminate, S2} ->
            report(shutdown, reached_max_restart_intensity, Child,
                   S#state.name),
            {shutdown, del_child(Child, S2)}
    end.

restart(simple_one_for_one, #child{pid = Old, mfargs = {M, F, A}} = Child,
        S) ->
    S2 = erase_dynamic(Old, case Old of
                                {restarting, _} -> count_restarts(-1, S);
                                _ -> S
                            end),
    case do_start_child_i(M, F, A) of
        {error, Error} ->
            Again = restarting(Old),
            S3 = store(Again, A, count_restarts(1, S2)),
            report(start_error, Error, Child, S3#state.name),
            {{try_again, Again}, S3};
        Ok -> {ok, store(element(2, Ok), A, S2)}
    end;
restart(one_for_one, #child{id = Id, pid = Old} = Child, S) ->
    case do_start_child(S#state.name, Child) of
        {error, Reason} ->
            S2 = set_pid(restarting(Old), Id, S),
            report(start_error, Reason, Child, S#state.name),
            {{try_again, Id}, S2};
        Ok -> {ok, set_pid(element(2, Ok), Id, S)}
    end;
restart(rest_for_one, #child{id = Id} = Child,
        #state{children = {Ids, Map}} = S) ->
    {Later, [Id | Earlier]} = lists:splitwith(fun(I) -> I =/= Id end, Ids),
    {Result, {Ids2, Map2}} =
        restart_several(Child, {Later ++ [Id], Map}, S#state.name),
    {Result, S#state{children = {Ids2 ++ Earlier, Map2}}};
restart(one_for_all, Child, S) ->
    {Result, Children} =
        restart_several(Child, S#state.children, S#state.name),
    {Result, S#state{children = Children}}.

%% Takes [Ids] down and starts them again.
restart_several(#child{id = Id, pid = Old}, {Ids, Map}, Name) ->
    Dead = (maps:get(Id, Map))#child{pid = undefined},
    {Stopped, Map1} = terminate_children({Ids, Map#{Id := Dead}}, Name),
    case start_children({lists:reverse(Stopped), Map1}, Name) of
        {ok, Children} -> {ok, Children};
        {error, {Ids2, Map2}, {failed_to_start_child, Failed, _}} ->
            Again = case Failed of
                        Id -> restarting(Old);
                        _ -> {restarting, undefined}
                    end,
            Child = maps:get(Failed, Map2),
            {{try_again, Failed},
             {Ids2, Map2#{Failed := Child#child{pid = Again}}}}
    end.

restarting({restarting, _} = Again) -> Again;
restarting(Pid) -> {restarting, Pid}.

count_restarts(N, #state{dynamic_restarts = Count} = S) ->
    S#state{dynamic_restarts = Count + N}.

%% Notes a restart; too many within the period end the supervisor.
add_restart(#state{intensity = Most, period = Period, restarts = Old} = S) ->
    Now = erlang:monotonic_time(1),
    Recent = [Now | lists:takewhile(fun(T) -> T >= Now - Period end, Old)],
    S2 = S#state{restarts = Recent},
    case length(Recent) =< Most of
        true -> {ok, S2};
        false -> {terminate, S2}
    end.

%% ---- taking children down ----

%% In reverse start order; temporary children are forgotten.
terminate_children({Ids, Map}, Name) ->
    Map2 = lists:foldl(
             fun(Id, M) ->
                     #{Id := Child} = M,
                     do_terminate(Child, Name),
                     case Child#child.restart_type of
                         temporary -> maps:remove(Id, M);
                         _ -> M#{Id := Child#child{pid = undefined}}
                     end
             end, Map, Ids),
    {[Id || Id <- Ids, is_map_key(Id, Map2)], Map2}.

do_terminate(#child{pid = Pid} = Child, Name) when is_pid(Pid) ->
    case shutdown(Child) of
        ok -> ok;
        {error, Reason} -> report(shutdown_error, Reason, Child, Name)
    end;
do_terminate(_, _) -> ok.

shutdown(#child{pid = Pid, shutdown = brutal_kill} = Child) ->
    Ref = monitor(process, Pid),
    exit(Pid, kill),
    receive
        {'DOWN', Ref, process, Pid, Reason0} ->
            case unlinked(Pid, Reason0) of
                killed -> ok;
                shutdown when Child#child.restart_type =/= permanent -> ok;
                {shutdown, _} when Child#child.restart_type =/= permanent ->
                    ok;
                normal when Child#child.restart_type =/= permanent -> ok;
                Reason -> {error, Reason}
            end
    end;
shutdown(#child{pid = Pid, shutdown = Time} = Child) ->
    Ref = monitor(process, Pid),
    exit(Pid, shutdown),
    receive
        {'DOWN', Ref, process, Pid, Reason0} ->
            case unlinked(Pid, Reason0) of
                shutdown -> ok;
                {shutdown, _} when Child#child.restart_type =/= permanent ->
                    ok;
                normal when Child#child.restart_type =/= permanent -> ok;
                Reason -> {error, Reason}
            end
    after Time ->
        exit(Pid, kill),
        receive
            {'DOWN', Ref, process, Pid, Reason} ->
                {error, unlinked(Pid, Reason)}
        end
    end.

%% The reason of a child that ended before it was told to is in its exit
%% signal; the monitor came too late and knows none.
unlinked(Pid, Reason) ->
    unlink(Pid),
    receive
        {'EXIT', Pid, Real} when Reason =:= noproc -> Real;
        {'EXIT', Pid, _} -> Reason
    after 0 -> Reason
    end.

%% All dynamic children at once, each with its time.
terminate_dynamic(#state{dynamics = {_, Map}} = S) ->
    Child = template(S),
    Pids = [P || P <- maps:keys(Map), is_pid(P)],
    Waiting = maps:from_list([{monitor(process, P), P} || P <- Pids]),
    Signal = case Child#child.shutdown of
                 brutal_kill -> kill;
                 _ -> shutdown
             end,
    [exit(P, Signal) || P <- Pids],
    Timer = case Child#child.shutdown of
                Time when is_integer(Time) ->
                    erlang:start_timer(Time, self(), kill);
                _ -> undefined
            end,
    Errors = wait_dynamic(Waiting, Child, Timer, #{}),
    maps:foreach(fun(Reason, Count) ->
                         report(shutdown_error, Reason,
                                Child#child{pid = lists:duplicate(Count, x)},
                                S#state.name)
                 end, Errors).

wait_dynamic(Waiting, _, Timer, Errors) when map_size(Waiting) =:= 0 ->
    case Timer of
        undefined -> ok;
        _ -> erlang:cancel_timer(Timer)
    end,
    receive {timeout, Timer, kill} -> ok after 0 -> ok end,
    Errors;
wait_dynamic(Waiting, Child, Timer, Errors) ->
    receive
        {'DOWN', Ref, process, Pid, Reason0} when is_map_key(Ref, Waiting) ->
            Left = maps:remove(Ref, Waiting),
            Reason = unlinked(Pid, Reason0),
            case is_good_end(Reason, Child) of
                true -> wait_dynamic(Left, Child, Timer, Errors);
                false ->
                    Count = maps:get(Reason, Errors, 0) + 1,
                    wait_dynamic(Left, Child, Timer, Errors#{Reason => Count})
            end;
        {timeout, Timer, kill} ->
            [exit(P, kill) || P <- maps:values(Waiting)],
            wait_dynamic(Waiting, Child, undefined, Errors)
    end.

is_good_end(shutdown, _) -> true;
is_good_end(killed, #child{shutdown = brutal_kill}) -> true;
is_good_end({shutdown, _}, #child{restart_type = Type}) ->
    Type =/= permanent;
is_good_end(normal, #child{restart_type = Type}) -> Type =/= permanent;
is_good_end(_, _) -> false.

%% ---- the children's table ----

template(#state{children = {[Id], Map}}) -> maps:get(Id, Map).

find_child(Pid, S) when is_pid(Pid), ?IS_SIMPLE(S) ->
    %% it may be about to be started again
    case find_dynamic(Pid, S) of
        error ->
            case find_dynamic({restarting, Pid}, S) of
                error -> find_ended(Pid, S);
                Restarting -> Restarting
            end;
        Found -> Found
    end;
find_child({restarting, _} = Pid, S) when ?IS_SIMPLE(S) ->
    find_dynamic(Pid, S);
find_child(Id, #state{children = {_, Map}}) -> maps:find(Id, Map).

%% A process that is none any more may have been a child until just now.
find_ended(Pid, S) ->
    case node(Pid) =/= node() orelse is_process_alive(Pid) of
        true -> error;
        false -> {ok, template(S)}
    end.

find_dynamic(Pid, #state{dynamics = {Kind, Map}} = S) ->
    case Map of
        #{Pid := Args} ->
            #child{mfargs = {M, F, _}} = Child = template(S),
            Args2 = case Kind of maps -> Args; mapsets -> undefined end,
            {ok, Child#child{pid = Pid, mfargs = {M, F, Args2}}};
        _ -> error
    end.

find_by_pid(Pid, S) when ?IS_SIMPLE(S) -> find_dynamic(Pid, S);
find_by_pid(Pid, #state{children = {_, Map}}) ->
    case [C || #child{pid = P} = C <- maps:values(Map), P =:= Pid] of
        [Child] -> {ok, Child};
        [] -> error
    end.

save(#child{id = Id, restart_type = Type, mfargs = {M, F, _}} = Child,
     #state{children = {Ids, Map}} = S) ->
    Kept = case Type of
               temporary -> Child#child{mfargs = {M, F, undefined}};
               _ -> Child
           end,
    S#state{children = {[Id | Ids], Map#{Id => Kept}}}.

set_pid(Pid, Id, #state{children = {Ids, Map}} = S) ->
    #{Id := Child} = Map,
    S#state{children = {Ids, Map#{Id := Child#child{pid = Pid}}}}.

%% A child that has ended: temporary ones are forgotten, others stay known.
del_child(#child{pid = Pid}, S) when ?IS_SIMPLE(S) ->
    S2 = case Pid of
             {restarting, _} -> count_restarts(-1, S);
             _ -> S
         end,
    erase_dynamic(Pid, S2);
del_child(#child{id = Id, restart_type = temporary}, S) -> forget(Id, S);
del_child(#child{id = Id}, S) -> set_pid(undefined, Id, S).

forget(Id, #state{children = {Ids, Map}} = S) ->
    S#state{children = {lists:delete(Id, Ids), maps:remove(Id, Map)}}.

store(Pid, _, #state{dynamics = {mapsets, Map}} = S) ->
    S#state{dynamics = {mapsets, Map#{Pid => []}}};
store(Pid, Args, #state{dynamics = {maps, Map}} = S) ->
    S#state{dynamics = {maps, Map#{Pid => Args}}}.

erase_dynamic(Pid, #state{dynamics = {Kind, Map}} = S) ->
    S#state{dynamics = {Kind, maps:remove(Pid, Map)}}.

%% ---- reports ----

report(Error, Reason, Child, Name) ->
    logger:error(#{label => {supervisor, Error},
                   report => [{supervisor, Name}, {errorContext, Error},
                              {reason, Reason}, {offender, offender(Child)}]},
                 metadata(?LINE, "SUPERVISOR REPORT", error_report,
                          supervisor_report)).

%% Made only where somebody wants to see it: a tree starts quietly as a rule.
progress(Child, Name) ->
    case logger_config:allow(info, ?MODULE) of
        true ->
            logger:info(#{label => {supervisor, progress},
                          report => [{supervisor, Name},
                                     {started, offender(Child)}]},
                        metadata(?LINE, "PROGRESS REPORT", info_report,
                                 progress));
        false -> ok
    end.

metadata(Line, Title, Tag, Type) ->
    #{domain => [otp, sasl], mfa => {?MODULE, report, 4},
      file => ?FILE, line => Line,
      report_cb => fun ?MODULE:format_log/2,
      logger_formatter => #{title => Title},
      error_logger => #{tag => Tag, type => Type,
                        report_cb => fun ?MODULE:format_log/1}}.

offender(#child{pid = Pid} = Child) ->
    First = case is_list(Pid) of
                true -> {nb_children, length(Pid)};
                false -> {pid, Pid}
            end,
    [First, {id, Child#child.id}, {mfargs, Child#child.mfargs},
     {restart_type, Child#child.restart_type},
     {significant, Child#child.significant},
     {shutdown, Child#child.shutdown},
     {child_type, Child#child.child_type}].

format_log(Report) ->
    gen_report:arguments(Report, [report], fun format_report/2).

format_log(Report, Options) ->
    gen_report:text(Report, Options, fun format_report/2).

format_report(#{label := {supervisor, progress},
                report := [{supervisor, Name}, {started, Child}]},
              #{single_line := true} = Options) ->
    P = gen_report:modifier(Options),
    {ChildFormat, ChildArgs} = child_single(Child, "Started:"),
    {"Supervisor: " ++ P ++ "." ++ ChildFormat,
     gen_report:pairs([Name], Options) ++ ChildArgs};
format_report(#{label := {supervisor, progress}, report := Report}, Options) ->
    lines(Report, Options);
format_report(#{label := {supervisor, _},
                report := [{supervisor, Name}, {errorContext, Context},
                           {reason, Reason}, {offender, Child}]},
              #{single_line := true} = Options) ->
    P = gen_report:modifier(Options),
    {ChildFormat, ChildArgs} = child_single(Child, "Offender:"),
    {lists:append(["Supervisor: ", P, ". Context: ", P, ". Reason: ", P, ".",
                   ChildFormat]),
     gen_report:pairs([Name, Context, Reason], Options) ++ ChildArgs};
format_report(#{label := {supervisor, _}, report := Report}, Options) ->
    lines(Report, Options).

lines(Report, Options) ->
    P = gen_report:modifier(Options),
    {lists:append([lists:append(["    ", atom_to_list(Key), ": ", P, "~n"])
                   || {Key, _} <- Report]),
     gen_report:pairs([Value || {_, Value} <- Report], Options)}.

%% The tag is an argument, which is cut where characters are few.
child_single(Child, Tag) ->
    {id, Id} = lists:keyfind(id, 1, Child),
    {Format, Args} =
        case lists:keyfind(pid, 1, Child) of
            {pid, Pid} -> {",pid=~w.", [Pid]};
            false ->
                {nb_children, N} = lists:keyfind(nb_children, 1, Child),
                {",nb_children=~w.", [N]}
        end,
    {" ~s id=~w" ++ Format, [Tag, Id | Args]}.
