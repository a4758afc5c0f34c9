%% SPDX-License-Identifier: Apache-2.0
%% mnesia_table: what is done to the ets tables that hold the data, without
%% locks: the objects, the indexes, who wants to know, the log of the disc.
%%
%% An index is a bag of {Value, Key}; its entries may be older than the object, so who reads
%% looks at the object, too.
-module(mnesia_table).

-export([info/2, info/3, exists/1, is_local/1, set_info/3]).
-export([apply_op/2, apply_op/3, log/1, read/2, index_keys/3, index_read/3]).
-export([create/1, drop/1, build_index/2, drop_index/2, fill/2, replace/2,
         targets/1, do/3, here/3]).

-export_type([op/0]).

-type op() :: {write, atom(), tuple()} | {delete, atom(), term()}
            | {delete_object, atom(), tuple()} | {clear, atom()}.

%% The property of a table; aborts where there is none.
info(Table, Key) -> mnesia_lib:val({Table, Key}).

info(Table, Key, Default) -> mnesia_lib:val({Table, Key}, Default).

%% Is it in the schema? Is there a copy here, if only a part of one?
exists(Table) -> mnesia_lib:exists({Table, attributes}).

is_local(Table) -> info(Table, storage_type, unknown) =/= unknown.

set_info(Table, Key, Value) -> mnesia_lib:set({Table, Key}, Value).

%% The nodes that get a change of [Table].
targets(Table) -> [N || {N, _} <- info(Table, where_to_commit, [])].

%% ---- Tables ----

%% By its properties, which stand in mnesia_gvar.
create(Table) ->
    ets:new(Table, [named_table, public, {keypos, 2}, info(Table, type),
                    {read_concurrency, true}
                    | info(Table, storage_properties, [])]),
    [build_index(Table, P) || P <- info(Table, index)],
    ok.

drop(Table) ->
    [drop_index(Table, P) || P <- info(Table, index)],
    ets:delete(Table),
    ok.

fill(Table, Objects) ->
    ets:insert(Table, Objects),
    [index_add(Table, P, O) || P <- info(Table, index), O <- Objects],
    ok.

%% All objects at once.
replace(Table, Objects) ->
    ok = do({clear, Table}, none, false),
    fill(Table, Objects).

build_index(Table, Position) ->
    Index = ets:new(mnesia_index, [bag, public]),
    set_info(Table, {index, Position}, Index),
    ets:foldl(fun(O, _) -> index_add(Table, Position, O) end, true, Table).

drop_index(Table, Position) ->
    ets:delete(info(Table, {index, Position})),
    ets:delete(mnesia_gvar, {Table, {index, Position}}).

index_add(Table, Position, Object) ->
    ets:insert(info(Table, {index, Position}),
               {element(Position, Object), element(2, Object)}).

%% ---- Objects ----

read(Table, Key) -> ets:lookup(Table, Key).

index_keys(Table, Value, Position) ->
    Index = info(Table, {index, Position}),
    lists:usort([Key || {_, Key} <- ets:lookup(Index, Value)]).

index_read(Table, Value, Position) ->
    [O || Key <- index_keys(Table, Value, Position), O <- ets:lookup(Table, Key),
          element(Position, O) =:= Value].

apply_op(Op, Id) -> apply_op(Op, Id, true).

%% Does it, and tells those that want to know: [Id] is the activity. What comes
%% to a copy that is just being fetched waits for the rest of it.
-spec apply_op(op(), term(), boolean()) -> ok.
apply_op(Op, Id, Tell) ->
    case info(element(2, Op), loading, false) of
        true -> mnesia_part:put_off(Op, Id);
        false -> do(Op, Id, Tell)
    end.

do(Op, Id, Tell) ->
    Table = element(2, Op),
    Positions = info(Table, index, []),
    Subscribers = case Tell of
                      true -> info(Table, subscribers, []);
                      false -> []
                  end,
    Old = case Positions =/= [] orelse Subscribers =/= [] of
              true -> old(Op);
              false -> []
          end,
    change(Op),
    [reindex(Op, Table, P, Old) || P <- Positions],
    [tell(S, Op, Old, Id) || S <- Subscribers],
    ok.

%% What another node, or this one, wants to have done here.
here(Ops, Id, Tell) ->
    Local = [Op || Op <- Ops, is_local(element(2, Op))],
    [apply_op(Op, Id, Tell) || Op <- Local],
    log(Local).

old({write, Table, Object}) -> ets:lookup(Table, element(2, Object));
old({delete, Table, Key}) -> ets:lookup(Table, Key);
old({delete_object, _, Object}) -> [Object];
old({clear, _}) -> [].

change({write, Table, Object}) -> ets:insert(Table, Object);
change({delete, Table, Key}) -> ets:delete(Table, Key);
change({delete_object, Table, Object}) -> ets:delete_object(Table, Object);
change({clear, Table}) -> ets:delete_all_objects(Table).

reindex({write, Table, Object}, Table, Position, Old) ->
    index_add(Table, Position, Object),
    case info(Table, type) of
        bag -> ok;
        _ -> index_remove(Table, Position,
                          [O || O <- Old, element(Position, O)
                                              =/= element(Position, Object)])
    end;
reindex({clear, Table}, Table, Position, _) ->
    ets:delete_all_objects(info(Table, {index, Position}));
reindex(_, Table, Position, Old) -> index_remove(Table, Position, Old).

%% Another object of a bag may need the entry still.
index_remove(Table, Position, Objects) ->
    Index = info(Table, {index, Position}),
    [begin
         {Value, Key} = {element(Position, O), element(2, O)},
         lists:any(fun(Other) -> element(Position, Other) =:= Value end,
                   ets:lookup(Table, Key))
             orelse ets:delete_object(Index, {Value, Key})
     end || O <- Objects],
    ok.

tell({Pid, simple}, {write, _, Object}, _, Id) ->
    Pid ! {mnesia_table_event, {write, Object, Id}};
tell({Pid, simple}, {delete, Table, Key}, _, Id) ->
    Pid ! {mnesia_table_event, {delete, {Table, Key}, Id}};
tell({Pid, simple}, {delete_object, _, Object}, _, Id) ->
    Pid ! {mnesia_table_event, {delete_object, Object, Id}};
tell({Pid, detailed}, {write, Table, Object}, Old, Id) ->
    Pid ! {mnesia_table_event, {write, Table, Object, Old, Id}};
tell({Pid, detailed}, {delete, Table, Key}, Old, Id) ->
    Pid ! {mnesia_table_event, {delete, Table, {Table, Key}, Old, Id}};
tell({Pid, detailed}, {delete_object, Table, Object}, Old, Id) ->
    Pid ! {mnesia_table_event, {delete, Table, Object, Old, Id}};
tell({Pid, _}, {clear, Table}, _, Id) ->
    Pid ! {mnesia_table_event, {delete, {schema, Table}, Id}}.

%% Changes of tables that are on disc are logged after they are done, so what
%% is in an older log than the one of now is in the table.
log(Ops) ->
    case [Op || Op <- Ops, info(element(2, Op), storage_type) =/= ram_copies] of
        [] -> ok;
        Kept -> mnesia_dumper:log(Kept)
    end.
