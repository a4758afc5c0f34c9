%% SPDX-License-Identifier: Apache-2.0
%% mnesia: a database of Erlang records: tables in memory, on disc if wanted,
%% with copies on several nodes; transactions, indexes, events.
%%
%% mnesia_monitor knows the nodes and owns the tables, mnesia_schema changes
%% what they are, mnesia_tx does activities, mnesia_table the changes, mnesia_tm
%% those of other nodes, mnesia_controller brings copies to nodes, mnesia_more
%% has what is used more seldom.
-module(mnesia).

-export([start/0, start/1, stop/0, lkill/0, create_schema/1, create_schema/2,
         delete_schema/1, abort/1]).
-export([transaction/1, transaction/2, transaction/3, sync_transaction/1,
         sync_transaction/2, sync_transaction/3, activity/2, activity/3,
         activity/4, async_dirty/1, async_dirty/2, sync_dirty/1, sync_dirty/2,
         ets/1, ets/2, is_transaction/0]).
-export([read/1, read/2, read/3, wread/1, write/1, write/3, s_write/1,
         delete/1, delete/3, s_delete/1, delete_object/1, delete_object/3,
         s_delete_object/1, lock/2, lock_table/2, read_lock_table/1,
         write_lock_table/1]).
-export([match_object/1, match_object/3, select/1, select/2, select/3, select/4,
         all_keys/1, index_read/3, index_match_object/2, index_match_object/4,
         foldl/3, foldl/4, foldr/3, foldr/4, first/1, last/1, next/2, prev/2,
         table/1, table/2]).
-export([dirty_read/1, dirty_read/2, dirty_write/1, dirty_write/2,
         dirty_delete/1, dirty_delete/2, dirty_delete_object/1,
         dirty_delete_object/2, dirty_match_object/1, dirty_match_object/2,
         dirty_select/2, dirty_all_keys/1, dirty_index_read/3,
         dirty_index_match_object/2, dirty_index_match_object/3,
         dirty_update_counter/2, dirty_update_counter/3, dirty_first/1,
         dirty_last/1, dirty_next/2, dirty_prev/2, dirty_slot/2]).
-export([create_table/1, create_table/2, delete_table/1, clear_table/1,
         transform_table/3, transform_table/4, add_table_index/2,
         del_table_index/2, change_table_copy_type/3, add_table_copy/3,
         del_table_copy/2, move_table_copy/3, change_table_access_mode/2,
         change_table_load_order/2, change_table_majority/2,
         wait_for_tables/2, force_load_table/1]).
-export([table_info/2, system_info/1, subscribe/1, unsubscribe/1,
         report_event/1, error_description/1, info/0, schema/0, schema/1,
         dump_log/0, dump_tables/1, sync_log/0, set_debug_level/1,
         change_config/2, set_master_nodes/1, set_master_nodes/2,
         write_table_property/2, read_table_property/2,
         delete_table_property/2]).
-export([backup/1, backup/2, backup_checkpoint/2, backup_checkpoint/3,
         activate_checkpoint/1, deactivate_checkpoint/1, restore/2,
         traverse_backup/4, traverse_backup/6, install_fallback/1,
         install_fallback/2, uninstall_fallback/0, uninstall_fallback/1,
         dump_to_textfile/1, load_textfile/1]).

-type table() :: atom().
-type result(T) :: {atomic, T} | {aborted, term()}.

-define(WHOLE, '______WHOLETABLE_____').
-define(GLOBAL, '______GLOBAL_____').
-define(IS_TX(Kind), (Kind =:= transaction orelse Kind =:= sync_transaction)).

%% ---- Start and stop ----

start() -> start([]).

start(Settings) ->
    _ = application:load(mnesia),
    case [E || {K, V} <- Settings, E <- [change_env(K, V)], E =/= ok] of
        [] ->
            case application:start(mnesia) of
                {error, {already_started, mnesia}} -> ok;
                {error, {{shutdown, {failed_to_start_child, _, R}}, _}} -> {error, R};
                Result -> Result
            end;
        [Error | _] -> Error
    end.

change_env(K, V) ->
    case mnesia_more:is_setting(K, V) of
        true -> application:set_env(mnesia, K, V);
        false -> {error, {bad_type, K, V}}
    end.

stop() ->
    case application:stop(mnesia) of
        ok -> stopped;
        {error, {not_started, mnesia}} -> stopped;
        Error -> Error
    end.

%% At once, as if it had crashed.
lkill() ->
    case whereis(mnesia_sup) of
        undefined -> ok;
        _ ->
            [exit(P, kill) || N <- [mnesia_sup, mnesia_controller, mnesia_tm,
                                    mnesia_dumper, mnesia_locker, mnesia_subscr,
                                    mnesia_monitor],
                              P <- [whereis(N)], is_pid(P)],
            killed()
    end.

killed() ->
    case whereis(mnesia_monitor) of
        undefined -> ok;
        _ ->
            timer:sleep(1),
            killed()
    end.

create_schema(Nodes) -> create_schema(Nodes, []).
create_schema(Nodes, Options) -> mnesia_schema:create(Nodes, Options).

delete_schema(Nodes) -> mnesia_schema:delete(Nodes).

-spec abort(term()) -> no_return().
abort(Reason) -> exit({aborted, Reason}).

%% ---- Activities ----

transaction(Fun) -> transaction(Fun, [], infinity).

transaction(Fun, Args) when is_list(Args) -> transaction(Fun, Args, infinity);
transaction(Fun, Retries) -> transaction(Fun, [], Retries).

-spec transaction(fun((...) -> T), list(), infinity | non_neg_integer()) ->
          result(T).
transaction(Fun, Args, Retries) ->
    mnesia_tx:transaction(transaction, Fun, Args, Retries).

sync_transaction(Fun) -> sync_transaction(Fun, [], infinity).

sync_transaction(Fun, Args) when is_list(Args) ->
    sync_transaction(Fun, Args, infinity);
sync_transaction(Fun, Retries) -> sync_transaction(Fun, [], Retries).

sync_transaction(Fun, Args, Retries) ->
    mnesia_tx:transaction(sync_transaction, Fun, Args, Retries).

activity(Kind, Fun) -> activity(Kind, Fun, []).

activity(Kind, Fun, Args) when is_list(Args) ->
    activity(Kind, Fun, Args, mnesia);
activity(Kind, Fun, Module) -> activity(Kind, Fun, [], Module).

activity({Kind, Retries}, Fun, Args, _) when ?IS_TX(Kind) ->
    value(mnesia_tx:transaction(Kind, Fun, Args, Retries));
activity(Kind, Fun, Args, _) when ?IS_TX(Kind) ->
    value(mnesia_tx:transaction(Kind, Fun, Args, infinity));
activity(Kind, Fun, Args, _) when Kind =:= ets; Kind =:= async_dirty;
                                  Kind =:= sync_dirty ->
    mnesia_tx:activity(Kind, Fun, Args);
activity(Kind, _, _, _) -> {aborted, {bad_type, Kind}}.

value({atomic, Value}) -> Value;
value({aborted, Reason}) -> exit({aborted, Reason}).

async_dirty(Fun) -> async_dirty(Fun, []).
async_dirty(Fun, Args) -> mnesia_tx:activity(async_dirty, Fun, Args).

sync_dirty(Fun) -> sync_dirty(Fun, []).
sync_dirty(Fun, Args) -> mnesia_tx:activity(sync_dirty, Fun, Args).

ets(Fun) -> ets(Fun, []).
ets(Fun, Args) -> mnesia_tx:activity(ets, Fun, Args).

is_transaction() -> mnesia_tx:is_transaction().

%% Aborts outside of activities, and for tables that are not there.
access(Table) ->
    case mnesia_tx:kind() of
        none -> abort(no_transaction);
        _ ->
            case mnesia_table:exists(Table) of
                true -> ok;
                false -> abort({no_exists, Table})
            end
    end.

%% ---- Reading and writing in activities ----

read({Table, Key}) -> read(Table, Key, read).

read(Table, Key) -> read(Table, Key, read).

-spec read(table(), term(), read | write | sticky_write) -> [tuple()].
read(Table, Key, Lock) ->
    access(Table),
    mnesia_tx:lock({Table, Key}, mode(Table, Lock)),
    mnesia_tx:read(Table, Key).

wread({Table, Key}) -> read(Table, Key, write).

mode(_, read) -> read;
mode(_, write) -> write;
mode(_, sticky_write) -> write;
mode(Table, Lock) -> abort({bad_type, Table, Lock}).

write(Object) when is_tuple(Object), tuple_size(Object) > 2 ->
    write(element(1, Object), Object, write);
write(Object) -> abort({bad_type, Object}).

s_write(Object) -> write(Object).

-spec write(table(), tuple(), write | sticky_write) -> ok.
write(Table, Object, Lock) -> change_object(write, Table, Object, Lock).

change_object(What, Table, Object, Lock) ->
    access(Table),
    writable(Table, Object),
    Key = element(2, Object),
    mnesia_tx:lock({Table, Key}, mode(Table, Lock)),
    mnesia_tx:change({What, Table, Object}, Key).

writable(Table, Object) ->
    is_tuple(Object)
        andalso tuple_size(Object) =:= mnesia_table:info(Table, arity)
        andalso element(1, Object) =:= mnesia_table:info(Table, record_name)
        orelse abort({bad_type, Object}),
    changeable(Table).

changeable(Table) ->
    case mnesia_table:info(Table, access_mode) of
        read_write -> ok;
        read_only -> abort({no_exists, Table}) % no node may write it
    end.

delete({Table, Key}) -> delete(Table, Key, write).

s_delete(Item) -> delete(Item).

delete(Table, Key, Lock) ->
    access(Table),
    changeable(Table),
    mnesia_tx:lock({Table, Key}, mode(Table, Lock)),
    mnesia_tx:change({delete, Table, Key}, Key).

delete_object(Object) when is_tuple(Object), tuple_size(Object) > 2 ->
    delete_object(element(1, Object), Object, write);
delete_object(Object) -> abort({bad_type, Object}).

s_delete_object(Object) -> delete_object(Object).

delete_object(Table, Object, Lock) ->
    change_object(delete_object, Table, Object, Lock).

lock({record, Table, Key}, Lock) -> locked(Table, {Table, Key}, Lock);
lock({table, Table}, Lock) -> locked(Table, {Table, ?WHOLE}, Lock);
lock({global, Key, Nodes}, Lock) ->
    mnesia_tx:is_transaction() orelse abort(no_transaction),
    is_list(Nodes) orelse abort({bad_type, Nodes}),
    Running = mnesia_lib:running(),
    [abort({node_not_running, N}) || N <- Nodes, not lists:member(N, Running)],
    mnesia_tx:lock_at(Nodes, {?GLOBAL, Key}, mode(Key, Lock)),
    Nodes;
lock(Item, _) -> abort({bad_type, Item}).

locked(Table, Item, Lock) ->
    access(Table),
    mnesia_tx:lock(Item, mode(Table, Lock)).

lock_table(Table, Lock) -> lock({table, Table}, Lock).

read_lock_table(Table) ->
    lock_table(Table, read),
    ok.

write_lock_table(Table) ->
    lock_table(Table, write),
    ok.

%% Looks at many objects: the whole table is locked, or a key that is given.
reading(Table, Pattern, Lock) ->
    access(Table),
    Place = case Pattern of
                _ when is_tuple(Pattern), tuple_size(Pattern) > 1 ->
                    case has_variables(element(2, Pattern)) of
                        true -> ?WHOLE;
                        false -> element(2, Pattern)
                    end;
                _ -> ?WHOLE
            end,
    mnesia_tx:lock({Table, Place}, mode(Table, Lock)).

has_variables('_') -> true;
has_variables(A) when is_atom(A) ->
    case atom_to_list(A) of
        [$$ | Digits] ->
            Digits =/= []
                andalso lists:all(fun(C) -> C >= $0 andalso C =< $9 end, Digits);
        _ -> false
    end;
has_variables([H | T]) -> has_variables(H) orelse has_variables(T);
has_variables(T) when is_tuple(T) -> has_variables(tuple_to_list(T));
has_variables(M) when is_map(M) -> has_variables(maps:to_list(M));
has_variables(_) -> false.

match_object(Pattern) when is_tuple(Pattern), tuple_size(Pattern) > 2 ->
    match_object(element(1, Pattern), Pattern, read);
match_object(Pattern) -> abort({bad_type, Pattern}).

match_object(Table, Pattern, Lock) ->
    reading(Table, Pattern, Lock),
    mnesia_tx:with_table(Table, fun(T) -> ets:match_object(T, Pattern) end).

select(Table, Spec) -> select(Table, Spec, read).

select(Table, Spec, Lock) when is_atom(Lock) ->
    reading(Table, case Spec of [{P, _, _}] -> P; _ -> '_' end, Lock),
    mnesia_tx:with_table(Table, fun(T) -> ets:select(T, Spec) end);
select(Table, Spec, N) -> select(Table, Spec, N, read).

%% In parts: all is selected at once, and given away by N.
select(Table, Spec, N, Lock) -> part(select(Table, Spec, Lock), N).

select({mnesia_select, [], _}) -> '$end_of_table';
select({mnesia_select, Objects, N}) -> part(Objects, N);
select('$end_of_table') -> '$end_of_table'.

part([], _) -> '$end_of_table';
part(Objects, N) when length(Objects) =< N ->
    {Objects, {mnesia_select, [], N}};
part(Objects, N) ->
    {Part, Rest} = lists:split(N, Objects),
    {Part, {mnesia_select, Rest, N}}.

all_keys(Table) ->
    reading(Table, '_', read),
    mnesia_tx:keys(Table).

index_read(Table, Value, Attribute) ->
    access(Table),
    Position = index_position(Table, Attribute),
    mnesia_tx:lock({Table, ?WHOLE}, read),
    case mnesia_tx:is_transaction() of
        true -> mnesia_tx:with_table(Table, fun(T) -> with(T, Position, Value) end);
        false -> dirty_index_read(Table, Value, Position)
    end.

with(Table, Position, Value) when is_atom(Table) ->
    mnesia_table:index_read(Table, Value, Position);
with(Table, Position, Value) ->
    [O || O <- ets:tab2list(Table), element(Position, O) =:= Value].

%% An index must be there.
index_position(Table, Attribute) when is_atom(Attribute) ->
    Attributes = mnesia_table:info(Table, attributes),
    case [P || {P, A} <- lists:zip(lists:seq(2, length(Attributes) + 1),
                                   Attributes), A =:= Attribute] of
        [P] -> index_position(Table, P);
        [] -> abort({bad_type, Table, Attribute})
    end;
index_position(Table, Position) ->
    case lists:member(Position, mnesia_table:info(Table, index)) of
        true -> Position;
        false -> abort({badarg, Table, Position})
    end.

index_match_object(Pattern, Attribute) ->
    index_match_object(element(1, Pattern), Pattern, Attribute, read).

index_match_object(Table, Pattern, Attribute, Lock) ->
    access(Table),
    _ = index_position(Table, Attribute),
    match_object(Table, Pattern, Lock).

foldl(Fun, Acc, Table) -> foldl(Fun, Acc, Table, read).

foldl(Fun, Acc, Table, Lock) ->
    reading(Table, '_', Lock),
    lists:foldl(Fun, Acc, mnesia_tx:objects(Table)).

foldr(Fun, Acc, Table) -> foldr(Fun, Acc, Table, read).

foldr(Fun, Acc, Table, Lock) ->
    reading(Table, '_', Lock),
    lists:foldr(Fun, Acc, mnesia_tx:objects(Table)).

first(Table) -> step(Table, fun ets:first/1).
last(Table) -> step(Table, fun ets:last/1).
next(Table, Key) -> step(Table, fun(T) -> ets:next(T, Key) end).
prev(Table, Key) -> step(Table, fun(T) -> ets:prev(T, Key) end).

step(Table, Fun) ->
    reading(Table, '_', read),
    mnesia_tx:with_table(Table, Fun).

table(Table) -> table(Table, []).

%% A handle for qlc.
table(Table, Options) ->
    case mnesia_table:exists(Table) of
        true -> ok;
        false -> abort({no_exists, Table})
    end,
    mnesia_more:table(Table, Options).

%% ---- Dirty ----

dirty_read({Table, Key}) -> dirty_read(Table, Key).

dirty_read(Table, Key) ->
    case mnesia_table:exists(Table) of
        true -> somewhere(Table, [Key], fun(T) -> ets:lookup(T, Key) end);
        false -> abort({no_exists, [Table, Key]})
    end.

somewhere(Table, Args, Fun) ->
    case mnesia_table:info(Table, where_to_read) of
        nowhere -> abort({no_exists, [Table | Args]});
        _ -> mnesia_tx:run(Table, Fun)
    end.

dirty_write(Object) when is_tuple(Object), tuple_size(Object) > 2 ->
    dirty_write(element(1, Object), Object);
dirty_write(Object) -> abort({bad_type, Object}).

dirty_write(Table, Object) ->
    dirty(Table),
    writable(Table, Object),
    change({write, Table, Object}).

dirty_delete({Table, Key}) -> dirty_delete(Table, Key).

dirty_delete(Table, Key) ->
    dirty(Table),
    changeable(Table),
    change({delete, Table, Key}).

dirty_delete_object(Object) -> dirty_delete_object(element(1, Object), Object).

dirty_delete_object(Table, Object) ->
    dirty(Table),
    writable(Table, Object),
    change({delete_object, Table, Object}).

dirty(Table) ->
    case mnesia_table:exists(Table) of
        true -> ok;
        false -> abort({no_exists, Table})
    end.

change(Op) -> mnesia_tx:dirty(Op, async_dirty).

dirty_match_object(Pattern) ->
    dirty_match_object(element(1, Pattern), Pattern).

dirty_match_object(Table, Pattern) ->
    asked(Table, [Pattern], fun(T) -> ets:match_object(T, Pattern) end).

dirty_select(Table, Spec) ->
    asked(Table, [Spec], fun(T) -> ets:select(T, Spec) end).

dirty_all_keys(Table) ->
    asked(Table, [], fun(T) ->
                         lists:usort(ets:select(T, [{'$1', [],
                                                     [{element, 2, '$1'}]}]))
                     end).

dirty_first(Table) -> asked(Table, [], fun(T) -> ets:first(T) end).
dirty_last(Table) -> asked(Table, [], fun(T) -> ets:last(T) end).
dirty_next(Table, Key) ->
    asked(Table, [Key], fun(T) -> ets:next(T, Key) end).
dirty_prev(Table, Key) ->
    asked(Table, [Key], fun(T) -> ets:prev(T, Key) end).
dirty_slot(Table, N) -> asked(Table, [N], fun(T) -> ets:slot(T, N) end).

asked(Table, Args, Fun) ->
    case mnesia_table:exists(Table) of
        true ->
            try somewhere(Table, Args, Fun)
            catch error:badarg -> abort({badarg, [Table | Args]})
            end;
        false -> abort({no_exists, [Table | Args]})
    end.

dirty_index_read(Table, Value, Attribute) ->
    dirty(Table),
    Position = index_position(Table, Attribute),
    somewhere(Table, [Value, Attribute],
              fun(T) -> mnesia_table:index_read(T, Value, Position) end).

dirty_index_match_object(Pattern, Attribute) ->
    dirty_index_match_object(element(1, Pattern), Pattern, Attribute).

dirty_index_match_object(Table, Pattern, Attribute) ->
    dirty(Table),
    _ = index_position(Table, Attribute),
    somewhere(Table, [Pattern, Attribute], fun(T) -> ets:match_object(T, Pattern) end).

dirty_update_counter({Table, Key}, N) -> dirty_update_counter(Table, Key, N).

%% Counters do not go below 0.
dirty_update_counter(Table, Key, N) when is_integer(N) ->
    dirty(Table),
    mnesia_table:info(Table, type) =/= bag
        andalso mnesia_table:info(Table, arity) =:= 3
        orelse abort({combine_error, Table, update_counter}),
    %% One node counts for all.
    case lists:sort(mnesia_table:info(Table, active_replicas)) of
        [] -> abort({no_exists, Table});
        Nodes ->
            Node = case lists:member(node(), Nodes)
                            andalso mnesia_table:info(Table, local_content) of
                       true -> node();
                       false -> hd(Nodes)
                   end,
            mnesia_tm:count(Node, Table, Key, N)
    end;
dirty_update_counter(Table, Key, N) -> abort({bad_type, Table, Key, N}).

%% ---- The schema ----

create_table(Options) when not is_list(Options) -> {aborted, {badarg, Options}};
create_table(Options) ->
    case lists:keytake(name, 1, Options) of
        {value, {_, Table}, Rest} -> create_table(Table, Rest);
        _ -> {aborted, {badarg, Options}}
    end.

-spec create_table(table(), [{atom(), term()}]) -> result(ok).
create_table(Table, Options) -> mnesia_schema:create_table(Table, Options).

delete_table(Table) -> mnesia_schema:delete_table(Table).

clear_table(Table) -> mnesia_schema:clear_table(Table).

transform_table(Table, Fun, Attributes) ->
    case mnesia_table:info(Table, record_name, none) of
        none -> abort({no_exists, {Table, record_name}});
        Name -> transform_table(Table, Fun, Attributes, Name)
    end.

%% Fun makes of each object one with the new attributes; `ignore' only changes
%% what is said of them.
transform_table(Table, Fun, Attributes, Name)
  when is_function(Fun) orelse Fun =:= ignore,
       is_list(Attributes), is_atom(Name) ->
    mnesia_schema:transform_table(Table, Fun, Attributes, Name);
transform_table(Table, Fun, Attributes, Name) ->
    {aborted, {bad_type, Table, Fun, Attributes, Name}}.

add_table_index(Table, Attribute) -> mnesia_schema:add_index(Table, Attribute).

del_table_index(Table, Attribute) -> mnesia_schema:del_index(Table, Attribute).

change_table_copy_type(Table, Node, Kind) ->
    mnesia_schema:change_copy_type(Table, Node, Kind).

add_table_copy(Table, Node, Kind) -> mnesia_schema:add_copy(Table, Node, Kind).

del_table_copy(Table, Node) -> mnesia_schema:del_copy(Table, Node).

move_table_copy(Table, From, To) -> mnesia_schema:move_copy(Table, From, To).

change_table_access_mode(Table, Mode) -> mnesia_schema:set(Table, access_mode, Mode).

change_table_load_order(Table, N) -> mnesia_schema:set(Table, load_order, N).

change_table_majority(Table, M) -> mnesia_schema:set(Table, majority, M).

write_table_property(Table, Property) ->
    mnesia_schema:write_property(Table, Property).

read_table_property(Table, Key) ->
    case lists:keyfind(Key, 1, table_info(Table, user_properties)) of
        false -> abort({no_exists, {Table, user_property, Key}});
        Property -> Property
    end.

delete_table_property(Table, Key) -> mnesia_schema:delete_property(Table, Key).

wait_for_tables(Tables, Timeout) when is_list(Tables), Timeout =:= infinity orelse
                                      is_integer(Timeout) andalso Timeout >= 0 ->
    mnesia_controller:wait(Tables, Timeout);
wait_for_tables(Tables, Timeout) -> {error, {badarg, Tables, Timeout}}.

force_load_table(Table) ->
    case {mnesia_lib:is_running(), mnesia_table:exists(Table)} of
        {yes, true} ->
            mnesia_controller:force(Table),
            yes;
        {yes, false} -> {error, {no_exists, Table}};
        _ -> {error, {node_not_running, node()}}
    end.

%% ---- Looking at it ----

table_info(Table, Item) -> mnesia_more:table_info(Table, Item).

system_info(Item) -> mnesia_more:system_info(Item).

info() -> mnesia_more:info().

schema() -> mnesia_more:schema().
schema(Table) -> mnesia_more:schema(Table).

error_description(Error) -> mnesia_more:error_description(Error).

subscribe(What) -> mnesia_subscr:subscribe(self(), What).

unsubscribe(What) -> mnesia_subscr:unsubscribe(self(), What).

report_event(Event) -> mnesia_lib:report({mnesia_user, Event}).

dump_log() ->
    mnesia_lib:is_running() =:= no andalso abort({node_not_running, node()}),
    mnesia_dumper:dump().

dump_tables(Tables) -> mnesia_more:dump_tables(Tables).

sync_log() ->
    case mnesia_disc:has_log() of
        true -> mnesia_disc:sync();
        false -> ok
    end.

set_debug_level(Level) ->
    Old = application:get_env(mnesia, debug, none),
    application:set_env(mnesia, debug, Level),
    Old.

%% Nodes that are reached become one cluster with this one.
change_config(Key, Value) ->
    case {mnesia_lib:is_running(), mnesia_more:is_setting(Key, Value), Key} of
        {yes, true, extra_db_nodes} -> mnesia_join:join(Value);
        {yes, true, _} when Key =:= dc_dump_limit; Key =:= dump_log_time_threshold;
                            Key =:= dump_log_write_threshold ->
            application:set_env(mnesia, Key, Value),
            {ok, Value};
        {yes, _, _} -> {error, {badarg, Key, Value}};
        _ -> {error, {node_not_running, node()}}
    end.

set_master_nodes(Nodes) ->
    mnesia_more:set_master_nodes([T || T <- mnesia_lib:tables()], Nodes).
set_master_nodes(Table, Nodes) -> mnesia_more:set_master_nodes([Table], Nodes).

%% ---- Copies ----

backup(Target) -> mnesia_bup:backup(Target).
backup(Target, Module) -> mnesia_bup:backup(Target, Module).

backup_checkpoint(Name, Target) -> mnesia_bup:checkpoint(Name, Target).
backup_checkpoint(Name, Target, Module) ->
    mnesia_bup:checkpoint(Name, Target, Module).

activate_checkpoint(Options) -> mnesia_checkpoint:activate(Options).
deactivate_checkpoint(Name) -> mnesia_checkpoint:deactivate(Name).

restore(Source, Options) -> mnesia_bup:restore(Source, Options).

traverse_backup(Source, Target, Fun, Acc) ->
    mnesia_bup:traverse(Source, Target, Fun, Acc).
traverse_backup(Source, Module, Target, Other, Fun, Acc) ->
    mnesia_bup:traverse({Source, Module}, {Target, Other}, Fun, Acc).

install_fallback(Source) -> mnesia_bup:install_fallback(Source, []).
install_fallback(Source, Arguments) -> mnesia_bup:install_fallback(Source, Arguments).

uninstall_fallback() -> mnesia_bup:uninstall_fallback([]).
uninstall_fallback(Arguments) -> mnesia_bup:uninstall_fallback(Arguments).

dump_to_textfile(File) -> mnesia_more:dump_to_textfile(File).

load_textfile(File) -> mnesia_more:load_textfile(File).
