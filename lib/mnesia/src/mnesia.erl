%% SPDX-License-Identifier: Apache-2.0
%% mnesia: a database of Erlang records: tables in memory, on disc if wanted,
%% with copies on several nodes; transactions, indexes, events.
%%
%% mnesia_monitor knows the nodes and owns the tables, mnesia_schema changes
%% what they are, mnesia_tm does activities, mnesia_table the changes, mnesia_part
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
%% Given the activity by its access module.
-export([lock/4, read/5, write/5, delete/5, delete_object/5, match_object/5,
         select/5, select/6, select_cont/3, all_keys/4, index_read/6,
         index_match_object/6, foldl/6, foldr/6, first/3, last/3, next/4, prev/4,
         table_info/4]).
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
-define(KEY, mnesia_activity_state).
-define(KEYS, [{'$1', [], [{element, 2, '$1'}]}]).
-define(IS_TX(Kind), (Kind =:= transaction orelse Kind =:= sync_transaction)).
-define(IS_RETRIES(N), (N =:= infinity orelse is_integer(N) andalso N >= 0)).
-define(IS_TABLE(Table), (is_atom(Table) andalso Table =/= schema)).
-define(IS_RECORD(Object), (is_tuple(Object) andalso tuple_size(Object) > 2)).

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
abort({aborted, _} = Reason) -> exit(Reason);
abort(Reason) -> exit({aborted, Reason}).

%% ---- Activities ----

transaction(Fun) -> transaction(Fun, [], infinity).

transaction(Fun, Retries) when ?IS_RETRIES(Retries) -> transaction(Fun, [], Retries);
transaction(Fun, Args) -> transaction(Fun, Args, infinity).

-spec transaction(fun((...) -> T), list(), infinity | non_neg_integer()) ->
          result(T).
transaction(Fun, Args, Retries) ->
    transaction(get(?KEY), Fun, Args, Retries, mnesia, transaction).

sync_transaction(Fun) -> sync_transaction(Fun, [], infinity).

sync_transaction(Fun, Retries) when ?IS_RETRIES(Retries) ->
    sync_transaction(Fun, [], Retries);
sync_transaction(Fun, Args) -> sync_transaction(Fun, Args, infinity).

sync_transaction(Fun, Args, Retries) ->
    transaction(get(?KEY), Fun, Args, Retries, mnesia, sync_transaction).

transaction(State, Fun, Args, Retries, Module, Kind)
  when is_function(Fun), is_list(Args), is_atom(Module), ?IS_RETRIES(Retries) ->
    mnesia_tm:transaction(State, Fun, Args, Retries, Module, Kind);
transaction(_, Fun, Args, Retries, Module, _) ->
    {aborted, {badarg, Fun, Args, Retries, Module}}.

activity(Kind, Fun) -> activity(Kind, Fun, []).

activity(Kind, Fun, Args) when is_list(Args) ->
    activity(Kind, Fun, Args, mnesia_lib:env(access_module));
activity(Kind, Fun, Module) -> activity(Kind, Fun, [], Module).

activity({Kind, Retries}, Fun, Args, Module) when ?IS_TX(Kind) ->
    wrap_trans(get(?KEY), Fun, Args, Retries, Module, Kind);
activity(Kind, Fun, Args, Module) when ?IS_TX(Kind) ->
    wrap_trans(get(?KEY), Fun, Args, infinity, Module, Kind);
activity(Kind, Fun, Args, Module) when Kind =:= ets; Kind =:= async_dirty;
                                       Kind =:= sync_dirty ->
    non_transaction(Kind, Fun, Args, Module);
activity(Kind, _, _, _) -> {aborted, {bad_type, Kind}}.

wrap_trans(State, Fun, Args, Retries, Module, Kind) ->
    case transaction(State, Fun, Args, Retries, Module, Kind) of
        {atomic, Value} -> Value;
        Aborted -> exit(Aborted)
    end.

non_transaction(Kind, Fun, Args, Module)
  when is_function(Fun), is_list(Args), is_atom(Module) ->
    mnesia_tm:non_transaction(get(?KEY), Fun, Args, Kind, Module);
non_transaction(_, Fun, Args, _) -> {aborted, {badarg, Fun, Args}}.

async_dirty(Fun) -> async_dirty(Fun, []).
async_dirty(Fun, Args) -> non_transaction(async_dirty, Fun, Args, mnesia).

sync_dirty(Fun) -> sync_dirty(Fun, []).
sync_dirty(Fun, Args) -> non_transaction(sync_dirty, Fun, Args, mnesia).

ets(Fun) -> ets(Fun, []).
ets(Fun, Args) -> non_transaction(ets, Fun, Args, mnesia).

is_transaction() -> mnesia_tm:is_transaction().

%% Asks the module of the activity, most often this one: its functions have two
%% arguments more, who the activity is and something of its own. Who it is says
%% what is done: {tid, _, _} of a transaction, or {Kind, Pid}.
act(Function, Args) ->
    case mnesia_tm:access() of
        {Module, Id, Own} -> apply(Module, Function, [Id, Own | Args]);
        none -> abort(no_transaction)
    end.

%% Aborts for tables that are not there.
access(Table) ->
    case mnesia_table:exists(Table) of
        true -> ok;
        false -> abort({no_exists, Table})
    end.

%% ---- Reading and writing in activities ----

read({Table, Key}) -> read(Table, Key, read);
read(Item) -> abort({bad_type, Item}).

read(Table, Key) -> read(Table, Key, read).

-spec read(table(), term(), read | write | sticky_write) -> [tuple()].
read(Table, Key, Lock) -> act(read, [Table, Key, Lock]).

read(Id, _, Table, Key, Lock) when ?IS_TABLE(Table) ->
    case Id of
        {ets, _} -> ets:lookup(Table, Key);
        {tid, _, _} ->
            lock_item({Table, Key}, Lock),
            mnesia_tm:read(Table, Key);
        _ -> dirty_read(Table, Key)
    end;
read(_, _, Table, _, _) -> abort({bad_type, Table}).

wread({Table, Key}) -> read(Table, Key, write);
wread(Item) -> abort({bad_type, Item}).

lock_item({Table, _} = Item, Lock) ->
    access(Table),
    mnesia_tm:lock(Item, mode(Table, Lock)).

mode(_, read) -> read;
mode(_, write) -> write;
mode(_, sticky_write) -> write;
mode(Table, Lock) -> abort({bad_type, Table, Lock}).

writing(Table, read) -> abort({bad_type, Table, read});
writing(_, Lock) -> Lock.

write(Object) when ?IS_RECORD(Object) -> write(element(1, Object), Object, write);
write(Object) -> abort({bad_type, Object}).

s_write(Object) -> write(Object).

-spec write(table(), tuple(), write | sticky_write) -> ok.
write(Table, Object, Lock) -> act(write, [Table, Object, Lock]).

write(Id, _, Table, Object, Lock) when ?IS_TABLE(Table), ?IS_RECORD(Object) ->
    case Id of
        {ets, _} ->
            ets:insert(Table, Object),
            ok;
        {tid, _, _} -> change(write, Table, Object, Lock);
        {Kind, _} -> do_dirty_write(Kind, Table, Object)
    end;
write(_, _, Table, Object, Lock) -> abort({bad_type, Table, Object, Lock}).

change(What, Table, Object, Lock) ->
    access(Table),
    validate_record(Table, Object),
    Key = element(2, Object),
    lock_item({Table, Key}, writing(Table, Lock)),
    mnesia_tm:change({What, Table, Object}, Key).

validate_record(Table, Object) ->
    case mnesia_table:info(Table, record_name, none) of
        none -> abort({no_exists, Table});
        Name when element(1, Object) =:= Name ->
            case mnesia_table:info(Table, arity) of
                Arity when tuple_size(Object) =:= Arity -> changeable(Table);
                _ -> abort({bad_type, Object})
            end;
        _ -> abort({bad_type, Object})
    end.

changeable(Table) ->
    case mnesia_table:info(Table, access_mode) of
        read_write -> ok;
        read_only -> abort({no_exists, Table}) % no node may write it
    end.

delete({Table, Key}) -> delete(Table, Key, write);
delete(Item) -> abort({bad_type, Item}).

s_delete(Item) -> delete(Item).

delete(Table, Key, Lock) -> act(delete, [Table, Key, Lock]).

delete(Id, _, Table, Key, Lock) when ?IS_TABLE(Table) ->
    case Id of
        {ets, _} ->
            ets:delete(Table, Key),
            ok;
        {tid, _, _} ->
            access(Table),
            changeable(Table),
            lock_item({Table, Key}, writing(Table, Lock)),
            mnesia_tm:change({delete, Table, Key}, Key);
        {Kind, _} -> do_dirty_delete(Kind, Table, Key)
    end;
delete(_, _, Table, _, _) -> abort({bad_type, Table}).

delete_object(Object) when ?IS_RECORD(Object) ->
    delete_object(element(1, Object), Object, write);
delete_object(Object) -> abort({bad_type, Object}).

s_delete_object(Object) -> delete_object(Object).

delete_object(Table, Object, Lock) -> act(delete_object, [Table, Object, Lock]).

delete_object(Id, _, Table, Object, Lock) when ?IS_TABLE(Table), ?IS_RECORD(Object) ->
    case {has_variables(Object), Id} of
        {true, _} -> abort({bad_type, Table, Object});
        {_, {ets, _}} ->
            ets:match_delete(Table, Object),
            ok;
        {_, {tid, _, _}} -> change(delete_object, Table, Object, Lock);
        {_, {Kind, _}} -> do_dirty_delete_object(Kind, Table, Object)
    end;
delete_object(_, _, Table, _, _) -> abort({bad_type, Table}).

lock(Item, Lock) -> act(lock, [Item, Lock]).

lock({tid, _, _}, _, Item, Lock) ->
    case Item of
        {record, Table, Key} when is_atom(Table) -> lock_item({Table, Key}, Lock);
        {table, Table} when is_atom(Table) ->
            Nodes = lock_item({Table, ?WHOLE}, Lock),
            case Lock of
                read -> ok;
                _ -> Nodes
            end;
        {Kind, Table} when Kind =:= table -> abort({bad_type, Table});
        {record, Table, _} -> abort({bad_type, Table});
        {global, Key, Nodes} when is_list(Nodes) ->
            Running = mnesia_lib:running(),
            [abort({node_not_running, N}) || N <- Nodes, not lists:member(N, Running)],
            mnesia_tm:lock_at(Nodes, {?GLOBAL, Key}, mode(Key, Lock)),
            Nodes;
        {global, _, Nodes} -> abort({bad_type, Nodes});
        _ -> abort({bad_type, Item})
    end;
lock(_, _, _, _) -> [].

lock_table(Table, Lock) -> lock({table, Table}, Lock).

read_lock_table(Table) ->
    lock({table, Table}, read),
    ok.

write_lock_table(Table) ->
    lock({table, Table}, write),
    ok.

%% Looks at many objects: the whole table is locked, or a key that is given.
reading(Table, Pattern, Lock) when ?IS_RECORD(Pattern) ->
    Key = element(2, Pattern),
    lock_item({Table, case has_variables(Key) of
                          true -> ?WHOLE;
                          false -> Key
                      end}, Lock);
reading(Table, _, Lock) -> lock_item({Table, ?WHOLE}, Lock).

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

match_object(Pattern) when ?IS_RECORD(Pattern) ->
    match_object(element(1, Pattern), Pattern, read);
match_object(Pattern) -> abort({bad_type, Pattern}).

match_object(Table, Pattern, Lock) -> act(match_object, [Table, Pattern, Lock]).

match_object(Id, _, Table, Pattern, Lock) when ?IS_TABLE(Table), ?IS_RECORD(Pattern) ->
    case Id of
        {ets, _} -> ets:match_object(Table, Pattern);
        {tid, _, _} ->
            reading(Table, Pattern, Lock),
            asked(with_table, Table, [Pattern],
                  fun(T) -> ets:match_object(T, Pattern) end);
        _ -> dirty_match_object(Table, Pattern)
    end;
match_object(_, _, Table, Pattern, _) -> abort({bad_type, Table, Pattern}).

select(Table, Spec) -> select(Table, Spec, read).

select(Table, Spec, Lock) when ?IS_TABLE(Table), is_list(Spec), is_atom(Lock) ->
    act(select, [Table, Spec, Lock]);
select(Table, Spec, N) when is_integer(N) -> select(Table, Spec, N, read);
select(Table, Spec, _) -> abort({badarg, Table, Spec}).

%% In parts: all is selected at once, and given away by N.
select(Table, Spec, N, Lock) when ?IS_TABLE(Table), is_list(Spec), is_integer(N) ->
    act(select, [Table, Spec, N, Lock]);
select(Table, Spec, N, _) -> abort({badarg, Table, Spec, N}).

select(Id, _, Table, Spec, Lock) ->
    case Id of
        {ets, _} -> ets:select(Table, Spec);
        {tid, _, _} ->
            reading(Table, case Spec of [{P, _, _}] -> P; _ -> '_' end, Lock),
            asked(with_table, Table, [Spec], fun(T) -> ets:select(T, Spec) end);
        _ -> dirty_select(Table, Spec)
    end.

select(Id, Own, Table, Spec, N, Lock) -> part(Id, select(Id, Own, Table, Spec, Lock), N).

select(Continuation) -> act(select_cont, [Continuation]).

select_cont(_, _, '$end_of_table') -> '$end_of_table';
select_cont({tid, _, _} = Id, _, {mnesia_select, Other, _, _}) when Id =/= Other ->
    abort(wrong_transaction);
select_cont(Id, _, {mnesia_select, _, Objects, N}) -> part(Id, Objects, N);
select_cont(_, _, Continuation) -> abort({badarg, Continuation}).

part(_, [], _) -> '$end_of_table';
part(Id, Objects, N) when length(Objects) =< N -> {Objects, {mnesia_select, Id, [], N}};
part(Id, Objects, N) ->
    {Part, Rest} = lists:split(N, Objects),
    {Part, {mnesia_select, Id, Rest, N}}.

all_keys(Table) -> act(all_keys, [Table, read]).

all_keys(Id, Own, Table, Lock) when ?IS_TABLE(Table) ->
    _ = mnesia_table:info(Table, wild_pattern),
    keys(Table, select(Id, Own, Table, ?KEYS, Lock));
all_keys(_, _, Table, _) -> abort({bad_type, Table}).

keys(Table, Keys) ->
    case mnesia_table:info(Table, type) of
        bag -> lists:usort(Keys);
        _ -> Keys
    end.

index_read(Table, Value, Attribute) -> act(index_read, [Table, Value, Attribute, read]).

index_read({tid, _, _}, _, Table, Value, Attribute, Lock) when ?IS_TABLE(Table) ->
    access(Table),
    P = mnesia_schema:attr_tab_to_pos(Table, Attribute),
    has_variables(Value) andalso abort({bad_type, Table, Attribute, Value}),
    lock_item({Table, ?WHOLE}, Lock),
    has_index(Table, P) orelse abort({no_exists, Table, {index, [P]}}),
    mnesia_tm:with_table(Table, fun(T) -> with(T, P, Value) end);
index_read(_, _, Table, Value, Attribute, _) -> dirty_index_read(Table, Value, Attribute).

with(Table, Position, Value) when is_atom(Table) ->
    mnesia_table:index_read(Table, Value, Position);
with(Table, Position, Value) ->
    [O || O <- ets:tab2list(Table), element(Position, O) =:= Value].

has_index(Table, Position) ->
    lists:member(Position, mnesia_table:info(Table, index)).

index_match_object(Pattern, Attribute) when ?IS_RECORD(Pattern) ->
    index_match_object(element(1, Pattern), Pattern, Attribute, read);
index_match_object(Pattern, _) -> abort({bad_type, Pattern}).

index_match_object(Table, Pattern, Attribute, Lock) ->
    act(index_match_object, [Table, Pattern, Attribute, Lock]).

index_match_object({tid, _, _} = Id, Own, Table, Pattern, Attribute, Lock)
  when ?IS_TABLE(Table), ?IS_RECORD(Pattern) ->
    access(Table),
    case unfit(Table, Pattern, Attribute) of
        false -> match_object(Id, Own, Table, Pattern, Lock);
        Reason -> abort(Reason)
    end;
index_match_object(_, _, Table, Pattern, Attribute, _) ->
    dirty_index_match_object(Table, Pattern, Attribute).

%% Why the attribute's index is not one for the pattern, if there is no key.
unfit(Table, Pattern, Attribute) ->
    P = mnesia_schema:attr_tab_to_pos(Table, Attribute),
    case P > tuple_size(Pattern) orelse has_variables(element(2, Pattern))
             andalso has_variables(element(P, Pattern)) of
        true when P > tuple_size(Pattern) -> {bad_type, Table, P};
        true -> {bad_type, Table, Attribute, element(P, Pattern)};
        false ->
            has_variables(element(2, Pattern)) andalso not has_index(Table, P)
                andalso {badarg, [Table, Pattern, P]}
    end.

foldl(Fun, Acc, Table) -> foldl(Fun, Acc, Table, read).

foldl(Fun, Acc, Table, Lock) when is_function(Fun) ->
    act(foldl, [Fun, Acc, Table, Lock]).

foldl(Id, _, Fun, Acc, Table, Lock) ->
    fold(foldl, Fun, Acc, objects(Id, Table, Lock)).

fold(Fold, Fun, Acc, Objects) ->
    try lists:Fold(Fun, Acc, Objects)
    catch
        throw:Value -> Value;
        _:Reason -> abort(Reason)
    end.

foldr(Fun, Acc, Table) -> foldr(Fun, Acc, Table, read).

foldr(Fun, Acc, Table, Lock) when is_function(Fun) ->
    act(foldr, [Fun, Acc, Table, Lock]).

foldr(Id, _, Fun, Acc, Table, Lock) ->
    fold(foldr, Fun, Acc, objects(Id, Table, Lock)).

objects({tid, _, _}, Table, Lock) ->
    lock_item({Table, ?WHOLE}, Lock),
    mnesia_tm:with_table(Table, fun ets:tab2list/1);
objects(_, Table, _) -> asked(run, Table, [], fun ets:tab2list/1).

first(Table) -> act(first, [Table]).
last(Table) -> act(last, [Table]).
next(Table, Key) -> act(next, [Table, Key]).
prev(Table, Key) -> act(prev, [Table, Key]).

first(Id, _, Table) -> step(Id, first, [Table]).
last(Id, _, Table) -> step(Id, last, [Table]).
next(Id, _, Table, Key) -> step(Id, next, [Table, Key]).
prev(Id, _, Table, Key) -> step(Id, prev, [Table, Key]).

step({ets, _}, Step, Args) -> apply(ets, Step, Args);
step({tid, _, _}, Step, [Table | Key]) when ?IS_TABLE(Table) ->
    lock_item({Table, ?WHOLE}, read),
    asked(with_table, Table, Key, fun(T) -> apply(ets, Step, [T | Key]) end);
step(_, Step, [Table | Key]) -> dirty_step(Step, Table, Key).

table(Table) -> table(Table, []).

%% A handle for qlc.
table(Table, Options) ->
    access(Table),
    mnesia_more:table(Table, Options).

%% ---- Dirty ----

dirty_read({Table, Key}) -> dirty_read(Table, Key);
dirty_read(Item) -> abort({bad_type, Item}).

dirty_read(Table, Key) when ?IS_TABLE(Table) ->
    asked(run, Table, [Key], fun(T) -> ets:lookup(T, Key) end);
dirty_read(Table, _) -> abort({bad_type, Table}).

%% Calls [Fun] where there is a copy, with the table as a transaction sees it, or
%% as it is.
asked(View, Table, Args, Fun) ->
    case mnesia_table:info(Table, where_to_read, nowhere) of
        nowhere -> abort({no_exists, [Table | Args]});
        _ ->
            try mnesia_tm:View(Table, Fun)
            catch error:_ -> abort({badarg, [Table | Args]})
            end
    end.

dirty_write(Object) when ?IS_RECORD(Object) -> dirty_write(element(1, Object), Object);
dirty_write(Object) -> abort({bad_type, Object}).

dirty_write(Table, Object) -> do_dirty_write(async_dirty, Table, Object).

do_dirty_write(Kind, Table, Object) when ?IS_TABLE(Table), ?IS_RECORD(Object) ->
    validate_record(Table, Object),
    mnesia_tm:dirty(Kind, {write, Table, Object});
do_dirty_write(_, Table, Object) -> abort({bad_type, Table, Object}).

dirty_delete({Table, Key}) -> dirty_delete(Table, Key);
dirty_delete(Item) -> abort({bad_type, Item}).

dirty_delete(Table, Key) -> do_dirty_delete(async_dirty, Table, Key).

do_dirty_delete(Kind, Table, Key) when ?IS_TABLE(Table) ->
    mnesia_tm:dirty(Kind, {delete, Table, Key});
do_dirty_delete(_, Table, _) -> abort({bad_type, Table}).

dirty_delete_object(Object) when ?IS_RECORD(Object) ->
    dirty_delete_object(element(1, Object), Object);
dirty_delete_object(Object) -> abort({bad_type, Object}).

dirty_delete_object(Table, Object) -> do_dirty_delete_object(async_dirty, Table, Object).

do_dirty_delete_object(Kind, Table, Object)
  when ?IS_TABLE(Table), ?IS_RECORD(Object) ->
    case has_variables(Object) of
        false -> mnesia_tm:dirty(Kind, {delete_object, Table, Object});
        true -> abort({bad_type, Table, Object})
    end;
do_dirty_delete_object(_, Table, Object) -> abort({bad_type, Table, Object}).

dirty_match_object(Pattern) when ?IS_RECORD(Pattern) ->
    dirty_match_object(element(1, Pattern), Pattern);
dirty_match_object(Pattern) -> abort({bad_type, Pattern}).

dirty_match_object(Table, Pattern) when ?IS_TABLE(Table), ?IS_RECORD(Pattern) ->
    asked(run, Table, [Pattern], fun(T) -> ets:match_object(T, Pattern) end);
dirty_match_object(Table, Pattern) -> abort({bad_type, Table, Pattern}).

dirty_select(Table, Spec) when ?IS_TABLE(Table), is_list(Spec) ->
    asked(run, Table, [Spec], fun(T) -> ets:select(T, Spec) end);
dirty_select(Table, Spec) -> abort({bad_type, Table, Spec}).

dirty_all_keys(Table) when ?IS_TABLE(Table) ->
    case mnesia_table:exists(Table) of
        true -> keys(Table, dirty_select(Table, ?KEYS));
        false -> abort({no_exists, Table})
    end;
dirty_all_keys(Table) -> abort({bad_type, Table}).

dirty_first(Table) -> dirty_step(first, Table, []).
dirty_last(Table) -> dirty_step(last, Table, []).
dirty_next(Table, Key) -> dirty_step(next, Table, [Key]).
dirty_prev(Table, Key) -> dirty_step(prev, Table, [Key]).

dirty_slot(Table, N) when is_integer(N) -> dirty_step(slot, Table, [N]);
dirty_slot(Table, N) -> abort({bad_type, Table, N}).

dirty_step(Step, Table, Args) when ?IS_TABLE(Table) ->
    asked(run, Table, Args, fun(T) -> apply(ets, Step, [T | Args]) end);
dirty_step(_, Table, _) -> abort({bad_type, Table}).

dirty_index_read(Table, Value, Attribute) when ?IS_TABLE(Table) ->
    P = mnesia_schema:attr_tab_to_pos(Table, Attribute),
    case {has_variables(Value), has_index(Table, P)} of
        {true, _} -> abort({bad_type, Table, Attribute, Value});
        {_, false} -> abort({badarg, [Table, Value, P]});
        _ ->
            asked(run, Table, [Value, P],
                  fun(T) -> mnesia_table:index_read(T, Value, P) end)
    end;
dirty_index_read(Table, _, _) -> abort({bad_type, Table}).

dirty_index_match_object(Pattern, Attribute) when ?IS_RECORD(Pattern) ->
    dirty_index_match_object(element(1, Pattern), Pattern, Attribute);
dirty_index_match_object(Pattern, _) -> abort({bad_type, Pattern}).

dirty_index_match_object(Table, Pattern, Attribute)
  when ?IS_TABLE(Table), ?IS_RECORD(Pattern) ->
    case unfit(Table, Pattern, Attribute) of
        false -> dirty_match_object(Table, Pattern);
        Reason -> abort(Reason)
    end;
dirty_index_match_object(Table, Pattern, _) -> abort({bad_type, Table, Pattern}).

dirty_update_counter({Table, Key}, N) -> dirty_update_counter(Table, Key, N);
dirty_update_counter(Counter, _) -> abort({bad_type, Counter}).

dirty_update_counter(Table, Key, N) ->
    do_dirty_update_counter(async_dirty, Table, Key, N).

%% Counters do not go below 0.
do_dirty_update_counter(_, Table, Key, N) when ?IS_TABLE(Table), is_integer(N) ->
    access(Table),
    case {mnesia_table:info(Table, type), mnesia_table:info(Table, arity)} of
        {Type, 3} when Type =/= bag -> count(Table, Key, N);
        _ -> abort({combine_error, Table, update_counter})
    end;
do_dirty_update_counter(_, Table, _, N) -> abort({bad_type, Table, N}).

%% One node counts for all.
count(Table, Key, N) ->
    case lists:sort(mnesia_table:info(Table, active_replicas)) of
        [] -> abort({no_exists, Table});
        Nodes ->
            Node = case lists:member(node(), Nodes)
                            andalso mnesia_table:info(Table, local_content) of
                       true -> node();
                       false -> hd(Nodes)
                   end,
            mnesia_part:count(Node, Table, Key, N)
    end.

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
    case lists:keyfind(Key, 1, mnesia_table:info(Table, user_properties, [])) of
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
        _ -> {error, {no_exists, Table}}
    end.

%% ---- Looking at it ----

table_info(Table, Item) ->
    case mnesia_tm:access() of
        none -> mnesia_more:table_info(Table, Item);
        _ -> act(table_info, [Table, Item])
    end.

table_info(_, _, Table, Item) -> mnesia_more:table_info(Table, Item).

system_info(Item) -> mnesia_more:system_info(Item).

info() -> mnesia_more:info().

schema() -> mnesia_more:schema().
schema(Table) -> mnesia_more:schema(Table).

error_description(Error) -> mnesia_more:error_description(Error).

subscribe(What) -> mnesia_subscr:subscribe(self(), What).

unsubscribe(What) -> mnesia_subscr:unsubscribe(self(), What).

report_event(Event) ->
    mnesia_lib:report({mnesia_user, Event}),
    io:format("Mnesia(~p): User event: ~tp~n", [node(), Event]).

dump_log() ->
    case mnesia_lib:is_running() of
        no -> {error, {node_not_running, node()}};
        _ -> mnesia_dumper:dump()
    end.

dump_tables(Tables) -> mnesia_more:dump_tables(Tables).

sync_log() ->
    case mnesia_disc:has_log() of
        true -> mnesia_disc:sync();
        false -> {error, no_such_log}
    end.

set_debug_level(Level) ->
    Old = mnesia_lib:env(debug),
    case change_env(debug, Level) of
        ok -> Old;
        Error -> Error
    end.

%% Nodes that are reached become one cluster with this one.
change_config(Key, Value) ->
    case {mnesia_lib:is_running(), mnesia_more:is_setting(Key, Value), Key} of
        {yes, true, extra_db_nodes} -> mnesia_join:join(Value);
        {_, true, extra_db_nodes} -> {error, {node_not_running, node()}};
        {yes, true, dc_dump_limit} ->
            application:set_env(mnesia, Key, Value),
            {ok, Value};
        {_, true, dc_dump_limit} -> {error, {not_started, mnesia}};
        _ -> {error, {badarg, Key}}
    end.

set_master_nodes(Nodes) ->
    mnesia_more:set_master_nodes(case mnesia_lib:is_running() of
                                     no -> [];
                                     _ -> mnesia_lib:tables()
                                 end, Nodes).
set_master_nodes(Table, Nodes) when not is_list(Nodes) ->
    {error, {bad_type, Table, Nodes}};
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
