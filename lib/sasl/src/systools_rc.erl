%% SPDX-License-Identifier: Apache-2.0
%% systools_rc: instructions of .appup files into those that a running node
%% carries out. All code is read before the point of no return. Modules that
%% depend on each other are changed together: their processes are suspended,
%% and what others depend on is loaded first on the way up, last on the way
%% down.
-module(systools_rc).

-export([translate_scripts/3, translate_scripts/4, format_error/1]).

-include("systools.hrl").

%% One module's change, of what high instruction it came from. [n] is its
%% place among the changes.
-record(change, {kind,        % update | load_module | delete_module
                 mod, n, type = dynamic, time = default, change = soft,
                 pre = brutal_purge, post = brutal_purge, deps = []}).

%% {ok, Script} | {error, systools_rc, Reason}. [Apps] is what shall run,
%% [PreApps] what runs now.
translate_scripts(Scripts, Apps, PreApps) ->
    translate_scripts(up, Scripts, Apps, PreApps).

translate_scripts(Mode, Scripts, Apps, PreApps) ->
    try
        Halves = [halves([written_out(I) || I <- S]) || S <- Scripts],
        Before = lists:append([B || {B, _} <- Halves]),
        After = lists:append([A || {_, A} <- Halves]),
        [check(I) || I <- Before ++ After],
        check_loads(Before, After),
        check_pairs(After),
        Changes = changes([uniform(I) || I <- applications(After, Apps,
                                                           PreApps)]),
        {Objects, Low} = in_groups(Changes, Mode, Apps),
        {First, Then} = restarts(Mode, merged(Before ++ Objects), Low),
        Script = First ++ [point_of_no_return | Then],
        [check(I) || I <- Script],
        {ok, Script}
    catch
        throw:Reason -> {error, ?MODULE, Reason}
    end.

%% ---- what an instruction says ----

%% Short forms in full.
written_out({load_module, M}) ->
    {load_module, M, brutal_purge, brutal_purge, []};
written_out({load_module, M, Deps}) when is_list(Deps) ->
    {load_module, M, brutal_purge, brutal_purge, Deps};
written_out({update, M}) -> update(M, soft, []);
written_out({update, M, supervisor}) ->
    {update, M, static, default, {advanced, []}, brutal_purge, brutal_purge,
     []};
written_out({update, M, Change}) when is_tuple(Change); Change =:= soft ->
    update(M, Change, []);
written_out({update, M, Deps}) when is_list(Deps) -> update(M, soft, Deps);
written_out({update, M, Change, Deps})
  when is_tuple(Change), is_list(Deps); Change =:= soft, is_list(Deps) ->
    update(M, Change, Deps);
written_out({add_application, App}) -> {add_application, App, permanent};
written_out(I) -> I.

update(M, Change, Deps) ->
    {update, M, Change, brutal_purge, brutal_purge, Deps}.

%% {before, after} the point of no return. Code is always read before it; but
%% for that only functions may be called there.
halves(Script) ->
    {Before, After} = case lists:splitwith(
                             fun(I) -> I =/= point_of_no_return end, Script) of
                          {B, [_ | A]} -> {B, A};
                          {All, []} -> {[], All}
                      end,
    lists:member(point_of_no_return, After)
        andalso throw(too_many_point_of_no_return),
    [throw({bad_op_before_point_of_no_return, I})
     || I <- Before, not is_object(I),
        not (tuple_size(I) =:= 2 andalso element(1, I) =:= apply)],
    {Objects, Rest} = lists:partition(fun is_object/1, After),
    {Before ++ Objects, Rest}.

is_object({load_object_code, _}) -> true;
is_object(_) -> false.

%% The first part of an instruction that is not as it must be is the reason.
check({update, M, Change, Pre, Post, Deps}) ->
    check(mod, M), check(change, Change), check_load(Pre, Post, Deps);
check({update, M, Time, Change, Pre, Post, Deps}) ->
    check(mod, M), check(timeout, Time), check(change, Change),
    check_load(Pre, Post, Deps);
check({update, M, Type, Time, Change, Pre, Post, Deps}) ->
    check(mod, M), check(mod_type, Type), check(timeout, Time),
    check(change, Change), check_load(Pre, Post, Deps);
check({load_module, M, Pre, Post, Deps}) ->
    check(mod, M), check_load(Pre, Post, Deps);
check({What, M}) when What =:= add_module; What =:= delete_module ->
    check(mod, M);
check({What, M, Deps}) when What =:= add_module; What =:= delete_module ->
    check(mod, M), check_mods(Deps);
check({What, App}) when What =:= remove_application;
                        What =:= restart_application ->
    check(appl, App);
check({add_application, App, Type}) ->
    check(appl, App), check(start_type, Type);
check({load_object_code, {App, Vsn, Mods}}) ->
    check(lib, App), check(lib_vsn, Vsn), check_mods(Mods);
check({What, {M, Pre, Post}}) when What =:= load; What =:= remove ->
    check(mod, M), check(purge, Pre), check(purge, Post);
check({What, Mods}) when What =:= purge; What =:= resume; What =:= stop;
                         What =:= start ->
    check_mods(Mods);
check({suspend, Mods}) ->
    check(list, Mods),
    [case E of
         {M, Time} -> check(mod, M), check(timeout, Time);
         _ -> check(mod, E)
     end || E <- Mods];
check({code_change, Mods}) -> check_code_changes(Mods);
check({code_change, Mode, Mods}) ->
    check(list, Mods), check(mode, Mode), check_code_changes(Mods);
check({sync_nodes, _, {M, F, A}}) -> check_call(M, F, A);
check({sync_nodes, _, Nodes}) ->
    check(list, Nodes),
    [check(node, N) || N <- Nodes];
check({apply, {M, F, A}}) -> check_call(M, F, A);
check(mnesia_backup) -> throw({not_yet_implemented, mnesia_backup});
check(I) when I =:= point_of_no_return; I =:= restart_emulator;
              I =:= restart_new_emulator; I =:= restart; I =:= reboot -> ok;
check(I) -> throw({bad_instruction, I}).

check_load(Pre, Post, Deps) ->
    check(purge, Pre), check(purge, Post), check_mods(Deps).

check_mods(Mods) ->
    check(list, Mods),
    [check(mod, M) || M <- Mods].

check_call(M, F, A) -> check(mod, M), check(func, F), check(args, A).

check_code_changes(Mods) ->
    check(list, Mods),
    [case E of
         {M, _} -> check(mod, M);
         _ -> throw({bad_code_change, E})
     end || E <- Mods].

check(What, Value) ->
    is(What, Value) orelse throw({reason(What), Value}).

is(What, V) when What =:= mod; What =:= func; What =:= lib; What =:= node;
                 What =:= appl -> is_atom(V);
is(What, V) when What =:= list; What =:= lib_vsn; What =:= args -> is_list(V);
is(change, {advanced, _}) -> true;
is(change, V) -> V =:= soft;
is(timeout, V) when is_integer(V) -> V > 0;
is(timeout, V) -> V =:= default orelse V =:= infinity;
is(mod_type, V) -> V =:= static orelse V =:= dynamic;
is(mode, V) -> V =:= up orelse V =:= down;
is(purge, V) -> V =:= soft_purge orelse V =:= brutal_purge;
is(start_type, V) ->
    lists:member(V, [none, load, temporary, transient, permanent]).

reason(mod) -> bad_module;
reason(change) -> bad_change;
reason(mod_type) -> bad_mod_type;
reason(purge) -> bad_purge_method;
reason(list) -> bad_list;
reason(args) -> bad_args_list;
reason(node) -> bad_node;
reason(appl) -> bad_application;
reason(start_type) -> bad_start_type;
reason(func) -> bad_func;
reason(lib) -> bad_lib;
reason(lib_vsn) -> bad_lib_vsn;
reason(timeout) -> bad_timeout;
reason(mode) -> bad_mode.

%% Low instructions that stand by themselves must fit each other, too.
check_loads(Before, After) ->
    Read = lists:append([Mods || {load_object_code, {_, _, Mods}} <- Before]),
    [lists:member(M, Read) orelse throw({no_object_code, M})
     || {load, {M, _, _}} <- After].

check_pairs(After) ->
    Of = fun(What) -> lists:append([Ms || {W, Ms} <- After, W =:= What]) end,
    Suspended = [case E of
                     {M, _} -> M;
                     M -> M
                 end || E <- Of(suspend)],
    within(Suspended, Of(resume), suspended_not_resumed),
    within(Of(resume), Suspended, resumed_not_suspended),
    within([M || {code_change, _, Ms} <- After, {M, _} <- Ms], Suspended,
           code_change_not_suspended),
    within(Of(start), Of(stop), start_not_stop),
    within(Of(stop), Of(start), stop_not_start).

within(Some, All, Reason) ->
    case [M || M <- Some, not lists:member(M, All)] of
        [] -> ok;
        Left -> throw({Reason, Left})
    end.

%% ---- whole applications ----

applications(Instructions, Apps, PreApps) ->
    lists:append([application(I, Apps, PreApps) || I <- Instructions]).

application({add_application, Name, Type}, Apps, _) ->
    #application{modules = Mods} = app(Name, Apps),
    [{add_module, M} || M <- Mods] ++ started(Name, Type);
application({remove_application, Name}, Apps, PreApps) ->
    lists:keymember(Name, #application.name, Apps)
        andalso throw({removed_application_present, Name}),
    stopped(app(Name, PreApps)) ++ [{apply, {application, unload, [Name]}}];
application({restart_application, Name}, Apps, PreApps) ->
    Old = app(Name, PreApps),
    #application{modules = New, type = Type} = app(Name, Apps),
    stopped(Old) ++ [{add_module, M} || M <- New] ++ started(Name, Type);
application(I, _, _) -> [I].

app(Name, Apps) ->
    case lists:keyfind(Name, #application.name, Apps) of
        false -> throw({no_such_application, Name});
        App -> App
    end.

stopped(#application{name = Name, modules = Mods}) ->
    [{apply, {application, stop, [Name]}}
     | [{remove, {M, brutal_purge, brutal_purge}} || M <- Mods]]
        ++ [{purge, Mods}].

started(_, none) -> [];
started(Name, load) -> [{apply, {application, load, [Name]}}];
started(Name, Type) -> [{apply, {application, start, [Name, Type]}}].

%% ---- modules that depend on each other ----

uniform({update, M, Change, Pre, Post, Deps}) ->
    #change{kind = update, mod = M, change = Change, pre = Pre, post = Post,
            deps = Deps};
uniform({update, M, Time, Change, Pre, Post, Deps}) ->
    (uniform({update, M, Change, Pre, Post, Deps}))#change{time = Time};
uniform({update, M, Type, Time, Change, Pre, Post, Deps}) ->
    (uniform({update, M, Time, Change, Pre, Post, Deps}))#change{type = Type};
uniform({load_module, M, Pre, Post, Deps}) ->
    #change{kind = load_module, mod = M, pre = Pre, post = Post, deps = Deps};
uniform({add_module, M}) -> uniform({add_module, M, []});
uniform({add_module, M, Deps}) ->
    %% nothing of it is there that would have to be purged
    #change{kind = load_module, mod = M, deps = Deps};
uniform({delete_module, M}) -> uniform({delete_module, M, []});
uniform({delete_module, M, Deps}) ->
    #change{kind = delete_module, mod = M, deps = Deps};
uniform(I) -> I.

%% Numbers the changes. A module has one, and depends on such as have one.
changes(Instructions) ->
    {Numbered, _} = lists:mapfoldl(fun(#change{} = C, N) ->
                                           {C#change{n = N}, N + 1};
                                      (I, N) -> {I, N}
                                   end, 1, Instructions),
    Changes = [C || #change{} = C <- Numbered],
    lists:foldl(fun(#change{mod = M}, Seen) ->
                        lists:member(M, Seen)
                            andalso throw({muldef_module, M}),
                        [M | Seen]
                end, [], Changes),
    [lists:keymember(D, #change.mod, Changes) orelse throw({undef_module, D})
     || #change{deps = Deps} <- Changes, D <- Deps],
    Numbered.

%% {instructions that read code, those of the change}. Where the first change
%% of a group stands the whole group is made.
in_groups(Instructions, Mode, Apps) ->
    place(Instructions, groups([C || #change{} = C <- Instructions]), Mode,
          Apps, [], []).

place([#change{n = N} | Rest], Groups, Mode, Apps, Objects, Low) ->
    case lists:partition(fun(G) -> lists:keymember(N, #change.n, G) end,
                         Groups) of
        {[Group], Others} ->
            place(Rest, Others, Mode, Apps, [object_code(Group, Apps)
                                             | Objects],
                  [changed(Group, Mode) | Low]);
        {[], _} -> place(Rest, Groups, Mode, Apps, Objects, Low)
    end;
place([I | Rest], Groups, Mode, Apps, Objects, Low) ->
    place(Rest, Groups, Mode, Apps, Objects, [[I] | Low]);
place([], [], _, _, Objects, Low) ->
    {lists:append(lists:reverse(Objects)), lists:append(lists:reverse(Low))}.

object_code(Group, Apps) ->
    [begin
         {App, Vsn} = home(M, Apps),
         {load_object_code, {App, Vsn, [M]}}
     end || #change{kind = Kind, mod = M} <- Group, Kind =/= delete_module].

home(M, Apps) ->
    case [{N, V} || #application{name = N, vsn = V, modules = Mods} <- Apps,
                    lists:member(M, Mods)] of
        [Home | _] -> Home;
        [] -> throw({no_such_module, M})
    end.

%% Connected changes, each group with who depends before what it depends on.
groups([]) -> [];
groups([First | Rest]) ->
    {Group, Others} = connected([First], [First], Rest),
    [lists:append(circles_in_order(lists:keysort(#change.n, Group)))
     | groups(Others)].

connected([], Group, Rest) -> {Group, Rest};
connected([C | Todo], Group, Rest) ->
    {Near, Far} = lists:partition(fun(D) -> depends(C, D) orelse depends(D, C)
                                  end, Rest),
    connected(Near ++ Todo, Group ++ Near, Far).

depends(#change{deps = Deps}, #change{mod = M}) -> lists:member(M, Deps).

%% Those that depend on each other in a circle stay together, as given.
circles_in_order(Group) ->
    Graph = digraph:new(),
    [digraph:add_vertex(Graph, N) || #change{n = N} <- Group],
    [digraph:add_edge(Graph, A#change.n, B#change.n)
     || A <- Group, B <- Group, depends(A, B)],
    Circles = [lists:sort(C) || C <- digraph_utils:strong_components(Graph)],
    Reach = [{C, digraph_utils:reachable(C, Graph)} || C <- Circles],
    digraph:delete(Graph),
    [[lists:keyfind(N, #change.n, Group) || N <- Circle]
     || Circle <- topological(lists:sort(Reach))].

%% Next comes the first from which no other leads here.
topological([]) -> [];
topological(Circles) ->
    {Next, _} = Entry =
        hd([E || {[N | _], _} = E <- Circles,
                 not lists:any(fun({_, Reach} = Other) ->
                                       Other =/= E
                                           andalso lists:member(N, Reach)
                               end, Circles)]),
    [Next | topological(lists:delete(Entry, Circles))].

%% The low instructions for a group.
changed(Group, Mode) ->
    Updates = [C || #change{kind = update} = C <- Group],
    Suspend = [case Time of
                   default -> M;
                   _ -> {M, Time}
               end || #change{mod = M, time = Time} <- Updates],
    Resume = lists:reverse([M || #change{mod = M} <- Updates]),
    nonempty(suspend, Suspend) ++ code(Mode, Group, Updates)
        ++ nonempty(resume, Resume).

code(up, Group, Updates) ->
    lists:append(lists:reverse([loads(C) || C <- Group]))
        ++ code_change(up, Updates);
code(dn, Group, Updates) ->
    {Static, Dynamic} = lists:partition(fun(#change{type = Type}) ->
                                                Type =:= static
                                        end, Updates),
    code_change(down, Dynamic) ++ lists:append([loads(C) || C <- Group])
        ++ code_change(down, Static).

loads(#change{kind = delete_module, mod = M}) ->
    [{remove, {M, brutal_purge, brutal_purge}}, {purge, [M]}];
loads(#change{mod = M, pre = Pre, post = Post}) -> [{load, {M, Pre, Post}}].

code_change(Mode, Updates) ->
    case [{M, X} || #change{mod = M, change = {advanced, X}} <- Updates] of
        [] -> [];
        Mods -> [{code_change, Mode, Mods}]
    end.

nonempty(_, []) -> [];
nonempty(What, Mods) -> [{What, Mods}].

%% ---- the order of the whole ----

%% Code is read first, of each application at once.
merged(Instructions) ->
    {Objects, Rest} = lists:partition(fun is_object/1, Instructions),
    by_app([O || {load_object_code, O} <- Objects]) ++ Rest.

by_app([{App, Vsn, Mods} | Rest]) ->
    {Same, Others} = lists:partition(fun({A, _, _}) -> A =:= App end, Rest),
    [throw({conflicting_versions, App, Vsn, V}) || {_, V, _} <- Same,
                                                   V =/= Vsn],
    All = Mods ++ lists:append([Ms || {_, _, Ms} <- Same]),
    [{load_object_code, {App, Vsn, unique(All)}} | by_app(Others)];
by_app([]) -> [].

unique([M | Ms]) -> [M | unique([N || N <- Ms, N =/= M])];
unique([]) -> [].

%% The new emulator is needed before everything else, the old one after it.
restarts(Mode, First, Then) ->
    New = lists:member(restart_new_emulator, Then),
    Last = lists:member(restart_emulator, Then)
        orelse New andalso Mode =:= dn,
    {[restart_new_emulator || New, Mode =:= up] ++ First,
     [I || I <- Then, I =/= restart_new_emulator, I =/= restart_emulator]
     ++ [restart_emulator || Last]}.

%% ---- texts ----

format_error({bad_op_before_point_of_no_return, I}) ->
    io_lib:format("Bad instruction ~p~nbefore point_of_no_return~n", [I]);
format_error({no_object_code, M}) ->
    io_lib:format("No load_object_code found for module: ~w~n", [M]);
format_error({suspended_not_resumed, Mods}) ->
    io_lib:format("Suspended but not resumed: ~p~n", [Mods]);
format_error({resumed_not_suspended, Mods}) ->
    io_lib:format("Resumed but not suspended: ~p~n", [Mods]);
format_error({code_change_not_suspended, Mods}) ->
    io_lib:format("Code changed but not suspended: ~p~n", [Mods]);
format_error({start_not_stop, Mods}) ->
    io_lib:format("Started but not stopped: ~p~n", [Mods]);
format_error({stop_not_start, Mods}) ->
    io_lib:format("Stopped but not started: ~p~n", [Mods]);
format_error({no_such_application, App}) ->
    io_lib:format("Started undefined application: ~w~n", [App]);
format_error({removed_application_present, App}) ->
    io_lib:format("Removed application present: ~w~n", [App]);
format_error({conflicting_versions, App, V1, V2}) ->
    io_lib:format("Conflicting versions for ~w, ~ts and ~ts~n",
                  [App, V1, V2]);
format_error({no_such_module, M}) ->
    io_lib:format("No such module: ~w~n", [M]);
format_error(too_many_point_of_no_return) -> "Too many point_of_no_return\n";
format_error({bad_instruction, I}) ->
    io_lib:format("Bad instruction: ~tp~n", [I]);
format_error({undef_module, M}) ->
    io_lib:format("Undefined module: ~p~n", [M]);
format_error({muldef_module, M}) ->
    io_lib:format("Multiply defined module: ~p~n", [M]);
format_error({bad_list, List}) ->
    io_lib:format("Bad list: ~tp~n", [List]);
format_error({bad_args_list, Args}) ->
    io_lib:format("Bad argument list: ~tp~n", [Args]);
format_error({Reason, Value} = Error) ->
    case bad_part(Reason) of
        {What, Should} ->
            io_lib:format("Bad ~s: ~tp(should be ~s)~n", [What, Value, Should]);
        none -> io_lib:format("~tp~n", [Error])
    end;
format_error(Other) -> io_lib:format("~tp~n", [Other]).

bad_part(bad_module) -> {"module", "atom()"};
bad_part(bad_code_change) -> {"code_change", "{Mod, Extra}"};
bad_part(bad_change) -> {"change spec", "soft | {advanced, E}"};
bad_part(bad_mod_type) -> {"module type", "static | dynamic"};
bad_part(bad_purge_method) -> {"purge method", "soft_purge | brutal_purge"};
bad_part(bad_node) -> {"node", "atom()"};
bad_part(bad_application) -> {"application", "atom()"};
bad_part(bad_func) -> {"function", "atom()"};
bad_part(bad_lib) -> {"library", "atom()"};
bad_part(bad_lib_vsn) -> {"library version", "string()"};
bad_part(bad_timeout) -> {"timeout", "infinity | int() > 0"};
bad_part(_) -> none.
