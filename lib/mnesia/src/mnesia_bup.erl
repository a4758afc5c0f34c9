%% SPDX-License-Identifier: Apache-2.0
%% mnesia_bup: backups: lists of {schema, Table, Definition}, of objects under
%% their table's name, and {Table, Key} for what is to be deleted, behind a
%% header; made, restored, copied, and taken as the database of the next start.
-module(mnesia_bup).

-export([backup/1, backup/2, checkpoint/2, checkpoint/3, restore/2, traverse/4]).
-export([install_fallback/2, uninstall_fallback/1, use_fallback/0, put_fallback/2,
         drop_fallback/1]).

-define(FALLBACK, "FALLBACK.BUP").

%% ---- Making ----

backup(Target) -> backup(Target, module()).

module() -> mnesia_lib:env(backup_module).

backup(Target, Module) ->
    case mnesia_checkpoint:activate([{max, mnesia_lib:tables()}]) of
        {ok, Name, _} ->
            try checkpoint(Name, Target, Module)
            after mnesia_checkpoint:deactivate(Name)
            end;
        Error -> Error
    end.

checkpoint(Name, Target) -> checkpoint(Name, Target, module()).

checkpoint(Name, Target, Module) ->
    try
        lists:member(Name, mnesia_checkpoint:names())
            orelse throw({'EXIT', {error, {error, {no_exists, Name}}}}),
        Tables = mnesia_checkpoint:tables(Name),
        Defined = case lists:member(schema, Tables) of
                      true -> mnesia_lib:tables();
                      false -> Tables
                  end,
        Schema = [{schema, T, mnesia_cs:to_list(mnesia_lib:val({T, cs}))}
                  || T <- Defined],
        write(Target, Module,
              [[header()], Schema
               | [[setelement(1, O, T) || O <- mnesia_checkpoint:objects(Name, T)]
                  || T <- Tables, T =/= schema]])
    catch
        throw:Reason -> {error, Reason};
        exit:{aborted, Reason} -> {error, Reason}
    end.

header() ->
    {log_header, backup_log, "1.2", mnesia:system_info(version), node(),
     erlang:timestamp()}.

write(Target, Module, Parts) ->
    Opened = called(Module, open_write, [Target]),
    try lists:foldl(fun([], B) -> B;
                       (Items, B) -> called(Module, write, [B, Items])
                    end, Opened, Parts)
    of Backup ->
        _ = called(Module, commit_write, [Backup]),
        ok
    catch throw:Reason ->
        catch Module:abort_write(Opened),
        {error, Reason}
    end.

called(Module, Function, Args) ->
    try apply(Module, Function, Args) of
        {ok, Value} -> Value;
        {error, Reason} when Function =:= open_read -> throw(Reason);
        {error, Reason} -> throw({'EXIT', {error, Reason}})
    catch error:Reason -> throw({Function, {'EXIT', Reason}})
    end.

%% ---- Reading ----

%% All items but the header.
items(Source, Module) -> items(called(Module, open_read, [Source]), Module, []).

items(Backup, Module, Parts) ->
    try Module:read(Backup) of
        {ok, Last, []} ->
            _ = called(Module, close_read, [Last]),
            case lists:append(lists:reverse(Parts)) of
                [{log_header, backup_log, _, _, _, _} | Items] -> Items;
                Items -> throw({bad_header, Items =/= []})
            end;
        {ok, Next, Items} -> items(Next, Module, [Items | Parts]);
        {error, Reason} -> throw(Reason)
    catch error:Reason -> throw({read, {'EXIT', Reason}})
    end.

%% Table => its objects, and its definition.
content(Items) ->
    Definitions = #{T => Cs || {schema, T, Cs} <- Items},
    {Definitions, lists:foldl(fun keep/2, #{T => [] || T := _ <- Definitions}, Items)}.

keep({schema, _, _}, Content) -> Content;
keep({schema, Table}, Content) -> maps:remove(Table, Content);
keep({Table, Key}, Content) ->
    maps:update_with(Table, fun(Os) -> [O || O <- Os, element(2, O) =/= Key] end, [],
                     Content);
keep(Object, Content) ->
    maps:update_with(element(1, Object), fun(Os) -> [Object | Os] end, [Object],
                     Content).

%% ---- Restoring ----

restore(Source, Options) when is_list(Options) ->
    try
        [throw({badarg, case O of
                            {default_op, Op} -> {bad_default_op, Op};
                            _ -> O
                        end}) || O <- Options, not restore_option(O)],
        {Definitions, Content} =
            content(items(Source, proplists:get_value(module, Options, module()))),
        Chosen = [{T, operation(T, Options)} || T := _ <- Content, T =/= schema,
                                                is_map_key(T, Definitions)],
        Tables = [{T, Op} || {T, Op} <- Chosen, Op =/= skip_tables],
        [recreate(T, map_get(T, Definitions)) || {T, recreate_tables} <- Tables],
        [mnesia_table:exists(T) orelse throw({no_exists, T}) || {T, _} <- Tables],
        case mnesia:sync_transaction(
                 fun() -> [put_back(T, Op, map_get(T, Content)) || {T, Op} <- Tables] end) of
            {atomic, _} -> {atomic, [T || {T, _} <- Tables]};
            Aborted -> Aborted
        end
    catch throw:Reason -> {aborted, Reason}
    end;
restore(_, Options) -> {aborted, {badarg, Options}}.

restore_option({module, M}) -> is_atom(M);
restore_option({default_op, Op}) -> is_operation(Op);
restore_option({Op, Ts}) -> is_operation(Op) andalso is_list(Ts);
restore_option(_) -> false.

is_operation(Op) ->
    lists:member(Op, [clear_tables, keep_tables, recreate_tables, skip_tables]).

operation(Table, Options) ->
    case [Op || {Op, Tables} <- Options, is_list(Tables), lists:member(Table, Tables)] of
        [Op | _] -> Op;
        [] -> proplists:get_value(default_op, Options, clear_tables)
    end.

recreate(Table, Definition) ->
    mnesia_table:exists(Table) andalso done(mnesia:delete_table(Table)),
    done(mnesia:create_table(Table, [P || {K, _} = P <- Definition, K =/= name])).

done({atomic, ok}) -> ok;
done({aborted, Reason}) -> throw(Reason).

put_back(Table, Operation, Objects) ->
    mnesia:write_lock_table(Table),
    Operation =:= keep_tables
        orelse mnesia_tm:change({clear, Table}, '______WHOLETABLE_____'),
    Name = mnesia_table:info(Table, record_name),
    [mnesia:write(Table, setelement(1, O, Name), write) || O <- lists:reverse(Objects)].

%% ---- Copying ----

%% [Fun] is given each item and Acc: {Items, Acc}. A target of module read_only
%% is not written.
traverse({Source, Module}, {Target, Other}, Fun, Acc0) ->
    try
        {Parts, Acc} = lists:mapfoldl(
            fun(Item, Acc) ->
                case Fun(Item, Acc) of
                    {Items, New} when is_list(Items) -> {Items, New};
                    Bad -> throw({"Fun must return a list", Bad})
                end
            end, Acc0, items(Source, Module)),
        case Other =:= read_only
                 orelse write(Target, Other, [[header()] | Parts]) of
            {error, {'EXIT', {error, Reason}}} -> {error, Reason};
            {error, Reason} -> {error, Reason};
            _ -> {ok, Acc}
        end
    catch
        error:Reason1:Trace -> {error, {"Backup traversal failed", {Reason1, Trace}}};
        _:Reason1 -> {error, {"Backup traversal failed", Reason1}}
    end;
traverse(Source, Target, Fun, Acc) when not is_tuple(Source); tuple_size(Source) =/= 2 ->
    traverse({Source, module()}, Target, Fun, Acc);
traverse(Source, Target, Fun, Acc) ->
    traverse(Source, {Target, module()}, Fun, Acc).

%% ---- The database of the next start ----

install_fallback(Source, Module) when is_atom(Module) ->
    install_fallback(Source, [{module, Module}]);
install_fallback(Source, Arguments) when is_list(Arguments) ->
    try
        [lists:member(K, [module, scope, mnesia_dir, keep_tables, skip_tables,
                          default_op]) orelse throw({badarg, A})
         || A <- Arguments, K <- [is_tuple(A) andalso element(1, A)]],
        Items = items(Source, proplists:get_value(module, Arguments, module())),
        {#{schema := Schema}, _} = content(Items),
        everywhere(fallback_nodes(Schema, Arguments), put_fallback, [Arguments, Items])
    catch
        throw:{open_read, {'EXIT', Reason}} ->
            {error, {"Cannot install fallback", Reason}};
        throw:Reason when is_atom(Reason) -> {error, {"Cannot install fallback", Reason}};
        throw:Reason -> {error, Reason};
        error:{badmatch, _} -> {error, {"Cannot install fallback", {"Cannot lookup", schema}}}
    end;
install_fallback(_, Arguments) -> {error, {badarg, Arguments}}.

fallback_nodes(Schema, Arguments) ->
    Holders = mnesia_cs:disc_holders(mnesia_cs:from_list(Schema)),
    case proplists:get_value(scope, Arguments, global) of
        local -> [node()];
        global ->
            lists:member(node(), Holders)
                orelse throw({"No disc resident schema on local node", Holders}),
            Holders;
        Scope -> throw({badarg, {scope, Scope}})
    end.

everywhere(Nodes, Function, Args) ->
    case [N || N <- Nodes, N =/= node(), net_adm:ping(N) =:= pang] of
        [] ->
            case [E || N <- Nodes, E <- [catch mnesia_lib:ask(N, ?MODULE, Function, Args)],
                       E =/= ok] of
                [] -> ok;
                [{'EXIT', {aborted, Reason}} | _] -> {error, Reason};
                [{error, _} = Error | _] -> Error
            end;
        Gone -> {error, {node_not_running, hd(Gone)}}
    end.

fallback(Arguments) ->
    filename:join(proplists:get_value(mnesia_dir, Arguments, mnesia_disc:dir()),
                  ?FALLBACK).

put_fallback(Arguments, Items) ->
    File = fallback(Arguments),
    case filelib:is_regular(File) of
        true -> {error, {"Cannot install fallback", {already_exists, node()}}};
        false ->
            ok = filelib:ensure_dir(File),
            file:write_file(File, term_to_binary(Items), [sync])
    end.

uninstall_fallback(Arguments) ->
    case [A || A <- Arguments, not is_tuple(A)] of
        [] -> uninstall(Arguments);
        [Bad | _] -> {error, {badarg, Bad}}
    end.

uninstall(Arguments) ->
    case {filelib:is_regular(fallback(Arguments)), proplists:get_value(scope, Arguments, global)} of
        {false, _} -> {error, enoent};
        {true, local} -> drop_fallback(Arguments);
        {true, global} ->
            {ok, Bytes} = file:read_file(fallback(Arguments)),
            {#{schema := Schema}, _} = content(binary_to_term(Bytes)),
            everywhere(fallback_nodes(Schema, Arguments), drop_fallback, [Arguments])
    end.

drop_fallback(Arguments) -> file:delete(fallback(Arguments)).

%% What was on disc before is gone then.
use_fallback() ->
    not mnesia_lib:env(ignore_fallback_at_startup)
        andalso case mnesia_disc:read(?FALLBACK, none) of
                    none -> false;
                    Items -> installed(content(Items))
                end.

installed({Definitions, Content}) ->
    mnesia_disc:delete_schema(),
    Css = #{T => mnesia_cs:from_list(Cs) || T := Cs <- Definitions},
    mnesia_disc:write_schema(maps:values(Css)),
    [mnesia_disc:write_table(T, [setelement(1, O, map_get(record_name, Cs))
                                 || O <- lists:reverse(map_get(T, Content))])
     || T := Cs <- Css, T =/= schema, mnesia_cs:storage(Cs, node()) =/= unknown],
    true.
