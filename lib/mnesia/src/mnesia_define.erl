%% SPDX-License-Identifier: Apache-2.0
%% mnesia_define: what a table is on this node: brings what is here from one
%% definition to another, and knows which nodes have a copy to read and write.
%%
%% Run by mnesia_monitor, the owner of the ets tables.
-module(mnesia_define).

-export([prepare/1, apply_op/2, schema/0, refresh/1, refresh_all/0,
         set_active/2, save/0]).

-export_type([op/0]).

%% What is done beside: a new table is complete wherever it is; objects change.
-type op() :: {atom(), mnesia_cs:cs() | deleted, created | none |
               {transform, fun((tuple()) -> tuple())}}.

schema() -> [mnesia_lib:val({T, cs}) || T <- mnesia_lib:tables()].

%% Can it be done here? Aborts if not.
-spec prepare(op()) -> ok.
prepare({_, deleted, _}) -> ok;
prepare({schema, _, _}) -> ok;
prepare({Table, Cs, What}) ->
    Old = mnesia_lib:val({Table, cs}, none),
    New = mnesia_cs:storage(Cs, node()),
    New =:= unknown orelse New =:= ram_copies orelse mnesia_disc:has_log()
        orelse mnesia:abort(case Old of
                                none -> {bad_type, Table, New, node()};
                                _ -> {has_no_disc, node()}
                            end),
    %% Somebody else's.
    New =/= unknown andalso not mnesia_table:is_local(Table)
        andalso ets:whereis(Table) =/= undefined
        andalso mnesia:abort({system_limit, Table, {"Failed to create ets table",
                                                    badarg}}),
    case What of
        {transform, Fun} when New =/= unknown ->
            mnesia_lib:set({Table, transformed}, transformed(Table, Fun, Cs));
        _ -> ok
    end,
    ok.

transformed(Table, Fun, #{attributes := As, record_name := Name}) ->
    Arity = length(As) + 1,
    [try Fun(Object) of
         New when tuple_size(New) =:= Arity, element(1, New) =:= Name -> New;
         New -> mnesia:abort({bad_type, Object, New})
     catch
         exit:Reason -> exit(Reason);
         _:Reason -> mnesia:abort({"Bad transform function", Table, Reason})
     end || Object <- ets:tab2list(Table)].

%% ---- From one definition to another ----

-spec apply_op(op(), boolean()) -> ok.
apply_op({Table, deleted, _}, _) ->
    mnesia_table:exists(Table) andalso begin
        drop(Table),
        ets:delete(schema, Table),
        ets:match_delete(mnesia_gvar, {{Table, '_'}, '_'})
    end,
    ok;
apply_op({Table, Cs, What}, Loaded) ->
    Old = mnesia_table:info(Table, storage_type, unknown),
    New = mnesia_cs:storage(Cs, node()),
    Indexes = [P || {P, _} <- mnesia_table:info(Table, index_info, [])],
    set(Table, Cs),
    case Table of
        schema -> schema_moved(Old, New);
        _ -> moved(Table, Old, New, Loaded orelse What =:= created)
    end,
    Old =/= unknown andalso New =/= unknown andalso begin
        Wanted = map_get(index, Cs),
        [mnesia_table:drop_index(Table, P) || P <- Indexes -- Wanted],
        [mnesia_table:build_index(Table, P) || P <- Wanted -- Indexes]
    end,
    What =:= created andalso set_active(Table, mnesia_cs:holders(Cs)),
    transform(Table, What),
    mnesia_table:set_info(Table, index_info, [{P, P} || P <- map_get(index, Cs)]),
    ets:insert(schema, {schema, Table, mnesia_cs:to_list(Cs)}),
    refresh(Table).

set(Table, #{attributes := As} = Cs) ->
    [mnesia_table:set_info(Table, K, V) || {K, V} <- mnesia_cs:to_list(Cs),
                                           K =/= name, K =/= storage_properties],
    Options = lists:append(proplists:get_all_values(ets, map_get(storage_properties, Cs))),
    [mnesia_table:set_info(Table, K, V)
     || {K, V} <- [{cs, Cs}, {arity, length(As) + 1},
                   {wild_pattern, mnesia_cs:wild_pattern(Cs)},
                   {storage_type, mnesia_cs:storage(Cs, node())},
                   {storage_properties, Options}]].

moved(_, Same, Same, _) -> ok;
moved(Table, unknown, New, Loaded) ->
    mnesia_table:create(Table),
    Loaded andalso kept(Table, New);
moved(Table, _, unknown, _) ->
    set_active(Table, mnesia_table:info(Table, active_replicas, []) -- [node()]),
    drop(Table);
moved(Table, _, New, _) -> kept(Table, New).

%% A table's objects, on disc or not.
kept(Table, ram_copies) -> mnesia_disc:has_log() andalso mnesia_disc:delete_table(Table);
kept(Table, _) -> mnesia_disc:write_table(Table, ets:tab2list(Table)).

drop(Table) ->
    ets:whereis(Table) =/= undefined andalso begin
        mnesia_table:drop(Table),
        mnesia_disc:has_log() andalso mnesia_disc:delete_table(Table)
    end.

%% The schema itself comes to the disc, or leaves it.
schema_moved(unknown, _) -> mnesia_table:create(schema);
schema_moved(ram_copies, disc_copies) ->
    ok = filelib:ensure_dir(mnesia_disc:path("schema.DAT")),
    mnesia_disc:open_log();
schema_moved(disc_copies, ram_copies) ->
    mnesia_disc:close_log(),
    mnesia_disc:delete_schema();
schema_moved(_, _) -> ok.

transform(Table, {transform, _}) ->
    case mnesia_lib:val({Table, transformed}, none) of
        none -> ok;
        Objects ->
            mnesia_lib:unset({Table, transformed}),
            mnesia_table:replace(Table, Objects),
            mnesia_table:info(Table, storage_type) =:= ram_copies
                orelse kept(Table, disc_copies),
            ok
    end;
transform(_, _) -> ok.

%% The definitions are written where they are kept on disc.
save() ->
    mnesia_disc:has_log() andalso mnesia_disc:write_schema(schema()),
    ok.

%% ---- Who has it ----

%% All that is said of a table: where it is read, who is told of changes.
set_active(Table, Nodes) ->
    mnesia_table:set_info(Table, active_replicas, Nodes),
    refresh(Table).

refresh_all() -> lists:foreach(fun refresh/1, mnesia_lib:tables()).

refresh(Table) ->
    Cs = mnesia_lib:val({Table, cs}),
    Holders = mnesia_cs:holders(Cs),
    Running = mnesia_lib:running(),
    Up = fun(Ns) -> [N || N <- Holders, lists:member(N, Ns), lists:member(N, Running)] end,
    Active = case Table of
                 schema -> Up(Holders);
                 _ -> Up(mnesia_table:info(Table, active_replicas, []))
             end,
    Fetching = Up(mnesia_table:info(Table, fetching, [])) -- Active,
    Told = case Cs of
               #{local_content := true} -> mnesia_lib:intersect([node()], Active);
               _ -> Active ++ Fetching
           end,
    [mnesia_table:set_info(Table, K, V)
     || {K, V} <- [{active_replicas, Active}, {where_to_write, Active},
                   {fetching, Fetching},
                   {where_to_read, where_to_read(Table, Cs, Active)},
                   {where_to_commit, [{N, mnesia_cs:storage(Cs, N)} || N <- Told]}]],
    ok.

%% A copy of its own that is not complete hides those of others.
where_to_read(Table, #{local_content := Local} = Cs, Active) ->
    Now = mnesia_table:info(Table, where_to_read, nowhere),
    Here = mnesia_cs:storage(Cs, node()) =/= unknown,
    case lists:member(node(), Active) of
        true -> node();
        false when Here andalso (Local orelse Now =:= nowhere orelse Now =:= node()) ->
            nowhere;
        false ->
            case {lists:member(Now, Active), Active} of
                {true, _} -> Now;
                {false, [Node | _]} -> Node;
                {false, []} -> nowhere
            end
    end.
