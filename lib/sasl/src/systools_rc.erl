%% SPDX-License-Identifier: Apache-2.0
%% systools_rc: instructions of .appup files into those that a running node
%% carries out. Modules that depend on each other are changed together: their
%% processes are suspended, what is depended on first in the list is loaded
%% last on the way down and first on the way up.
-module(systools_rc).

-export([translate_scripts/3, translate_scripts/4, format_error/1]).

-include("systools.hrl").

%% One module's change, of what high instruction it came from.
-record(change, {kind,               % update | load_module | add_module
                 mod, type = dynamic, time = default, change = soft,
                 pre = brutal_purge, post = brutal_purge, deps = []}).

%% {ok, Script} | {error, systools_rc, Reason}. [Apps] is what shall run,
%% [PreApps] what runs now.
translate_scripts(Scripts, Apps, PreApps) ->
    translate_scripts(up, Scripts, Apps, PreApps).

translate_scripts(Mode, Scripts, Apps, PreApps) ->
    try
        Read = [read(I) || Script <- Scripts, I <- Script],
        Expanded = lists:append([expand(I, Apps, PreApps) || I <- Read]),
        Low = in_groups(Expanded, Mode, Apps),
        {ok, in_order(Mode, Low)}
    catch
        throw:Reason -> {error, ?MODULE, Reason}
    end.

format_error({bad_instruction, I}) ->
    io_lib:format("Bad instruction: ~tp~n", [I]);
format_error({no_such_module, M}) ->
    io_lib:format("No such module: ~w~n", [M]);
format_error({no_such_application, App}) ->
    io_lib:format("No such application: ~w~n", [App]);
format_error({removed_application_present, App}) ->
    io_lib:format("Removed application present: ~w~n", [App]);
format_error({undef_module, M}) ->
    io_lib:format("Undefined module: ~w~n", [M]);
format_error(dup_mnesia_backup) ->
    io_lib:format("Duplicate mnesia_backup~n", []);
format_error(muldef_module) ->
    io_lib:format("Module defined more than once~n", []);
format_error(Other) -> io_lib:format("~tp~n", [Other]).

%% ---- what an instruction says ----

read({update, M}) -> #change{kind = update, mod = M};
read({update, M, supervisor}) ->
    #change{kind = update, mod = M, type = static, change = {advanced, []}};
read({update, M, Deps}) when is_list(Deps) ->
    #change{kind = update, mod = M, deps = Deps};
read({update, M, Change}) -> update(M, default, Change, [], {update, M, Change});
read({update, M, Change, Deps} = I) -> update(M, default, Change, Deps, I);
read({update, M, Change, Pre, Post, Deps} = I) ->
    purging(Pre, Post, update(M, default, Change, Deps, I), I);
read({update, M, Time, Change, Pre, Post, Deps} = I) ->
    purging(Pre, Post, update(M, Time, Change, Deps, I), I);
read({update, M, Type, Time, Change, Pre, Post, Deps} = I)
  when Type =:= static; Type =:= dynamic ->
    (purging(Pre, Post, update(M, Time, Change, Deps, I), I))
        #change{type = Type};
read({load_module, M}) -> #change{kind = load_module, mod = M};
read({load_module, M, Deps}) when is_list(Deps) ->
    #change{kind = load_module, mod = M, deps = Deps};
read({load_module, M, Pre, Post, Deps} = I) when is_list(Deps) ->
    purging(Pre, Post, #change{kind = load_module, mod = M, deps = Deps}, I);
read({add_module, M}) -> #change{kind = add_module, mod = M};
read({add_module, M, Deps}) when is_list(Deps) ->
    #change{kind = add_module, mod = M, deps = Deps};
read({delete_module, M}) when is_atom(M) -> {delete_module, M, []};
read({delete_module, M, Deps} = I) when is_atom(M), is_list(Deps) -> I;
read({remove_module, Pre, Post, M}) -> {remove, {M, Pre, Post}};
read({add_application, App}) -> {add_application, App, permanent};
read({add_application, App, Type}) when is_atom(App) ->
    {add_application, App, Type};
read({remove_application, App} = I) when is_atom(App) -> I;
read({restart_application, App} = I) when is_atom(App) -> I;
read({load_object_code, {_, _, Mods}} = I) when is_list(Mods) -> I;
read(point_of_no_return) -> point_of_no_return;
read({load, {_, Pre, Post}} = I) -> checked(Pre, Post, I);
read({remove, {_, Pre, Post}} = I) -> checked(Pre, Post, I);
read({What, Mods} = I) when is_list(Mods), What =:= purge;
                            is_list(Mods), What =:= suspend;
                            is_list(Mods), What =:= resume;
                            is_list(Mods), What =:= code_change;
                            is_list(Mods), What =:= stop;
                            is_list(Mods), What =:= start -> I;
read({code_change, Mode, Mods} = I)
  when is_list(Mods), Mode =:= up orelse Mode =:= down -> I;
read({sync_nodes, _, _} = I) -> I;
read({apply, {M, F, A}} = I) when is_atom(M), is_atom(F), is_list(A) -> I;
read({mnesia_backup, _} = I) -> I;
read(restart_new_emulator) -> restart_new_emulator;
read(restart_emulator) -> restart_emulator;
read(I) -> throw({bad_instruction, I}).

update(M, Time, Change, Deps, _)
  when is_atom(M), is_list(Deps),
       Time =:= default orelse Time =:= infinity
       orelse is_integer(Time) andalso Time > 0,
       Change =:= soft orelse tuple_size(Change) =:= 2
       andalso element(1, Change) =:= advanced ->
    #change{kind = update, mod = M, time = Time, change = Change, deps = Deps};
update(_, _, _, _, I) -> throw({bad_instruction, I}).

purging(Pre, Post, Change, I) ->
    checked(Pre, Post, I),
    Change#change{pre = Pre, post = Post}.

checked(Pre, Post, I) ->
    Known = [soft_purge, brutal_purge],
    case lists:member(Pre, Known) andalso lists:member(Post, Known) of
        true -> I;
        false -> throw({bad_instruction, I})
    end.

%% ---- whole applications ----

expand({add_application, Name, Type}, Apps, _) ->
    #application{modules = Mods} = app(Name, Apps),
    [#change{kind = add_module, mod = M} || M <- Mods] ++ started(Name, Type);
expand({remove_application, Name}, Apps, PreApps) ->
    lists:keymember(Name, #application.name, Apps)
        andalso throw({removed_application_present, Name}),
    stopped(app(Name, PreApps)) ++ [{apply, {application, unload, [Name]}}];
expand({restart_application, Name}, Apps, PreApps) ->
    #application{modules = New, type = Type} = app(Name, Apps),
    stopped(app(Name, PreApps))
        ++ [#change{kind = add_module, mod = M} || M <- New]
        ++ started(Name, Type);
expand({delete_module, M, _}, _, _) ->
    [{remove, {M, brutal_purge, brutal_purge}}, {purge, [M]}];
expand(I, _, _) -> [I].

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

%% Where the first change of a group stands the whole group is made.
in_groups(Instructions, Mode, Apps) ->
    Changes = [C || #change{} = C <- Instructions],
    [known(M, Apps) || #change{mod = M} <- Changes],
    [lists:keymember(D, #change.mod, Changes) orelse throw({undef_module, D})
     || #change{deps = Deps} <- Changes, D <- Deps],
    place(Instructions, groups(Changes), Mode, Apps).

known(M, Apps) ->
    [A || #application{modules = Mods} = A <- Apps, lists:member(M, Mods)]
        =/= [] orelse throw({no_such_module, M}).

place([#change{mod = M} | Rest], Groups, Mode, Apps) ->
    case lists:partition(fun(G) -> lists:keymember(M, #change.mod, G) end,
                         Groups) of
        {[Group | More], Others} ->
            [{objects, object_code(Group, Apps)} | changed(Group, Mode)]
                ++ place(Rest, More ++ Others, Mode, Apps);
        {[], _} -> place(Rest, Groups, Mode, Apps)
    end;
place([I | Rest], Groups, Mode, Apps) ->
    [I | place(Rest, Groups, Mode, Apps)];
place([], _, _, _) -> [].

object_code(Group, Apps) ->
    [{Name, Vsn, [M || #change{mod = M} <- Group, lists:member(M, Mods)]}
     || #application{name = Name, vsn = Vsn, modules = Mods} <- Apps,
        [M || #change{mod = M} <- Group, lists:member(M, Mods)] =/= []].

%% Connected changes, each group with who depends before what it depends on.
groups([]) -> [];
groups([First | Rest]) ->
    {Group, Others} = connected([First], [First], Rest),
    Mods = [M || #change{mod = M} <- [First | Rest],
                 lists:keymember(M, #change.mod, Group)],
    Sorted = topological([lists:keyfind(M, #change.mod, Group) || M <- Mods]),
    [Sorted | groups(Others)].

connected([], Group, Rest) -> {Group, Rest};
connected([#change{mod = M, deps = Deps} | Todo], Group, Rest) ->
    {Near, Far} = lists:partition(
                    fun(#change{mod = N, deps = Ns}) ->
                            lists:member(N, Deps) orelse lists:member(M, Ns)
                    end, Rest),
    connected(Near ++ Todo, Group ++ Near, Far).

%% The first on which no other depends; in a circle the first as given.
topological([]) -> [];
topological(Group) ->
    Free = [C || #change{mod = M} = C <- Group,
                 [x || #change{mod = N, deps = Ns} <- Group, N =/= M,
                       lists:member(M, Ns)] =:= []],
    Next = case Free of
               [C | _] -> C;
               [] -> hd(Group)
           end,
    [Next | topological(lists:delete(Next, Group))].

%% The low instructions for a group.
changed(Group, Mode) ->
    Updates = [C || #change{kind = update} = C <- Group],
    Loads = [{load, {M, Pre, Post}}
             || #change{mod = M, pre = Pre, post = Post} <- Group],
    Static = [{M, X} || #change{mod = M, type = static,
                                change = {advanced, X}} <- Updates],
    Dynamic = [{M, X} || #change{mod = M, type = dynamic,
                                 change = {advanced, X}} <- Updates],
    Suspend = [case Time of
                   default -> M;
                   _ -> {M, Time}
               end || #change{mod = M, time = Time} <- Updates],
    Middle = case Mode of
                 up ->
                     lists:reverse(Loads)
                         ++ code_change(up, [{M, X}
                                             || #change{mod = M,
                                                        change = {advanced,
                                                                  X}}
                                                    <- Updates]);
                 _ ->
                     code_change(down, Dynamic) ++ Loads
                         ++ code_change(down, Static)
             end,
    nonempty(suspend, Suspend) ++ Middle
        ++ nonempty(resume, lists:reverse([M || #change{mod = M} <- Updates])).

code_change(_, []) -> [];
code_change(Mode, Mods) -> [{code_change, Mode, Mods}].

nonempty(_, []) -> [];
nonempty(What, Mods) -> [{What, Mods}].

%% ---- the order of the whole ----

%% All code is read first; then there is no way back.
in_order(Mode, Low0) ->
    Objects = merged([O || {objects, Os} <- Low0, O <- Os]
                     ++ [O || {load_object_code, O} <- Low0]),
    Restart = lists:member(restart_new_emulator, Low0),
    Last = lists:member(restart_emulator, Low0)
        orelse Restart andalso Mode =/= up,
    Low = [I || I <- Low0, not is_object(I), I =/= restart_new_emulator,
                I =/= restart_emulator],
    {Before, After} = case lists:splitwith(fun(I) -> I =/= point_of_no_return
                                           end, Low) of
                          {B, [_ | A]} -> {B, A};
                          {All, []} -> {[], All}
                      end,
    [restart_new_emulator || Restart, Mode =:= up]
        ++ [{load_object_code, O} || O <- Objects] ++ Before
        ++ [point_of_no_return | After]
        ++ [restart_emulator || Last].

is_object({objects, _}) -> true;
is_object({load_object_code, _}) -> true;
is_object(_) -> false.

merged([{Name, Vsn, Mods} | Rest]) ->
    {Same, Others} = lists:partition(fun({N, V, _}) -> N =:= Name
                                                           andalso V =:= Vsn
                                     end, Rest),
    All = Mods ++ lists:append([Ms || {_, _, Ms} <- Same]),
    [{Name, Vsn, unique(All)} | merged(Others)];
merged([]) -> [].

unique([M | Ms]) -> [M | unique([N || N <- Ms, N =/= M])];
unique([]) -> [].
