%% SPDX-License-Identifier: Apache-2.0
%% mnesia_server: the owner of the tables. What changes tables themselves goes
%% through it, one at a time: {atomic, ok} or {aborted, Reason}.
-module(mnesia_server).
-behaviour(gen_server).

-export([start_link/0, schema/1, subscribe/3, unsubscribe/3, dump/0]).
-export([defaults/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

%% subscribers: of the system's events.
-record(state, {subscribers = []}).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% Changes the schema: {create, Table, Definition}, {delete, Table} ...
schema(Change) -> call({schema, Change}).

subscribe(Pid, What, Kind) -> call({subscribe, Pid, What, Kind}).

unsubscribe(Pid, What, Kind) -> call({unsubscribe, Pid, What, Kind}).

%% Writes all tables, and empties the log.
dump() -> call(dump).

call(Request) ->
    try gen_server:call(?MODULE, Request, infinity)
    catch exit:{Reason, _} when Reason =:= noproc; Reason =:= shutdown;
                                Reason =:= normal ->
        {aborted, {node_not_running, node()}}
    end.

init([]) ->
    process_flag(trap_exit, true),
    ets:new(mnesia_gvar, [named_table, public, {read_concurrency, true}]),
    ets:new(mnesia_count, [named_table, public]),
    ets:insert(mnesia_count, [{commits, 0}, {failures, 0}, {writes, 0}]),
    case mnesia_disc:has_schema() of
        true -> load();
        false -> define(schema_table(ram_copies))
    end,
    {ok, #state{}}.

schema_table(Storage) ->
    {schema, defaults(schema, [{Storage, [node()]}, {attributes, [table, cstruct]}])}.

define({Table, Properties}) ->
    [mnesia_table:set_info(Table, K, V) || {K, V} <- maps:to_list(Properties)],
    mnesia_table:create(Table),
    Table =:= schema
        orelse ets:insert(schema, {schema, Table, maps:to_list(Properties)}).

load() ->
    define(schema_table(disc_copies)),
    Tables = mnesia_disc:read_schema(),
    [begin
         define(T),
         map_get(storage_type, P) =:= ram_copies
             orelse mnesia_table:fill(Name, mnesia_disc:read_table(Name))
     end || {Name, P} = T <- Tables],
    mnesia_disc:open_log(),
    mnesia_disc:replay(fun(Ops) ->
                           [catch mnesia_table:apply_op(Op, none, false)
                            || Op <- Ops]
                       end),
    write_tables().

on_disc() -> mnesia_table:info(schema, storage_type) =:= disc_copies.

write_schema() ->
    on_disc() andalso mnesia_disc:write_schema(
        [{T, maps:from_list([P || {K, _} = P <- mnesia_table:properties(T),
                                  is_atom(K), K =/= subscribers])}
         || T <- tables(), T =/= schema]).

tables() -> [T || [T] <- ets:match(mnesia_gvar, {{'$1', storage_type}, '_'})].

write_tables() ->
    [write_table(T) || T <- tables(), T =/= schema],
    mnesia_disc:clear_log(),
    dumped.

write_table(Table) ->
    mnesia_table:info(Table, storage_type) =:= ram_copies
        orelse mnesia_disc:write_table(Table, ets:tab2list(Table)).

%% ---- Requests ----

handle_call({schema, Change}, _, S) ->
    Answer = try
                 ok = change(Change),
                 write_schema(),
                 {atomic, ok}
             catch throw:Reason -> {aborted, Reason}
             end,
    {reply, Answer, S};
handle_call({subscribe, Pid, system, _}, _, #state{subscribers = Ps} = S) ->
    monitor(process, Pid),
    {reply, {ok, node()}, S#state{subscribers = lists:usort([Pid | Ps])}};
handle_call({subscribe, Pid, Table, Kind}, _, S) ->
    {reply, case mnesia_table:exists(Table) of
                true ->
                    monitor(process, Pid),
                    Others = [P || {P1, _} = P <- subscribers(Table), P1 =/= Pid],
                    set(Table, subscribers, [{Pid, Kind} | Others]),
                    {ok, node()};
                false -> {error, {no_exists, Table}}
            end, S};
handle_call({unsubscribe, Pid, system, _}, _, #state{subscribers = Ps} = S) ->
    {reply, {ok, node()}, S#state{subscribers = lists:delete(Pid, Ps)}};
handle_call({unsubscribe, Pid, Table, _}, _, S) ->
    forget(Pid, Table),
    {reply, {ok, node()}, S};
handle_call({event, Event}, _, S) ->
    [P ! {mnesia_system_event, Event} || P <- S#state.subscribers],
    {reply, ok, S};
handle_call(dump, _, S) ->
    {reply, case on_disc() of
                true -> write_tables();
                false -> dumped
            end, S}.

handle_cast(_, S) -> {noreply, S}.

handle_info({'DOWN', _, process, Pid, _}, #state{subscribers = Ps} = S) ->
    [forget(Pid, T) || T <- tables()],
    {noreply, S#state{subscribers = lists:delete(Pid, Ps)}};
handle_info(_, S) -> {noreply, S}.

terminate(_, _) ->
    case on_disc() of
        true ->
            write_tables(),
            mnesia_disc:close_log();
        false -> ok
    end.

subscribers(Table) -> mnesia_table:info(Table, subscribers, []).

forget(Pid, Table) ->
    case lists:keydelete(Pid, 1, subscribers(Table)) of
        [] -> ets:delete(mnesia_gvar, {Table, subscribers});
        Others -> set(Table, subscribers, Others)
    end.

set(Table, Key, Value) -> mnesia_table:set_info(Table, Key, Value).

%% ---- Changes of the schema ----

change({create, Table, Definition}) ->
    mnesia_table:exists(Table) andalso throw({already_exists, Table}),
    Properties = defaults(Table, Definition),
    on_disc() orelse map_get(storage_type, Properties) =:= ram_copies
        orelse throw({bad_type, Table, map_get(storage_type, Properties),
                      node()}),
    define({Table, Properties}),
    write_table(Table),
    ok;
change({delete, Table}) ->
    need(Table),
    mnesia_table:drop(Table),
    ets:delete(schema, Table),
    mnesia_disc:delete_table(Table);
change({transform, Table, Fun, Attributes, Name}) ->
    need(Table),
    transform(Table, Fun, Attributes, Name);
change({add_index, Table, Attribute}) ->
    need(Table),
    Position = position(Table, Attribute),
    Index = mnesia_table:info(Table, index),
    lists:member(Position, Index) andalso throw({already_exists, Table, Position}),
    mnesia_table:build_index(Table, Position),
    set_shown(Table, index, lists:sort([Position | Index]));
change({del_index, Table, Attribute}) ->
    need(Table),
    Position = position(Table, Attribute),
    Index = mnesia_table:info(Table, index),
    lists:member(Position, Index) orelse throw({no_exists, Table, Position}),
    set_shown(Table, index, lists:delete(Position, Index)),
    mnesia_table:drop_index(Table, Position),
    ok;
change({copy_type, schema, Node, Type}) when Node =:= node() ->
    change_schema(Type);
change({copy_type, Table, Node, Type}) ->
    need(Table),
    Node =:= node() orelse throw({badarg, Table, unknown}),
    Old = mnesia_table:info(Table, storage_type),
    Old =:= Type andalso throw({already_exists, Table, Node, Type}),
    lists:member(Type, [ram_copies, disc_copies, disc_only_copies])
        orelse throw({bad_type, Table, Type}),
    on_disc() orelse throw({has_no_disc, node()}),
    set_shown(Table, Old, []),
    set_shown(Table, Type, [node()]),
    set_shown(Table, storage_type, Type),
    case Type of
        ram_copies -> mnesia_disc:delete_table(Table);
        _ -> write_table(Table)
    end,
    ok;
change({set, Table, Key, Value}) ->
    need(Table),
    set_shown(Table, Key, Value).

%% The schema itself comes to the disc, or leaves it.
change_schema(Type) ->
    Old = mnesia_table:info(schema, storage_type),
    Old =:= Type andalso throw({already_exists, schema, node(), Type}),
    set_shown(schema, Old, []),
    set_shown(schema, Type, [node()]),
    set_shown(schema, storage_type, Type),
    case Type of
        disc_copies ->
            write_schema(),
            mnesia_disc:open_log();
        _ ->
            mnesia_disc:close_log(),
            mnesia_disc:delete_schema()
    end,
    ok.

need(Table) -> mnesia_table:exists(Table) orelse throw({no_exists, Table}).

set_shown(Table, Key, Value) ->
    set(Table, Key, Value),
    Shown = [P || {K, _} = P <- mnesia_table:properties(Table), is_atom(K)],
    Table =:= schema orelse ets:insert(schema, {schema, Table, Shown}),
    ok.

position(Table, Attribute) when is_atom(Attribute) ->
    Attributes = mnesia_table:info(Table, attributes),
    case [P || {P, A} <- lists:zip(lists:seq(2, length(Attributes) + 1),
                                   Attributes), A =:= Attribute] of
        [P] when P > 2 -> P;
        [P] -> throw({bad_type, Table, {index, [P]}});
        [] -> throw({bad_type, Attribute})
    end;
position(Table, P) ->
    P > 2 andalso P =< length(mnesia_table:info(Table, attributes)) + 1
        orelse throw({bad_type, Table, {index, [P]}}),
    P.

transform(Table, Fun, Attributes, Name) ->
    is_list(Attributes) andalso lists:all(fun is_atom/1, Attributes)
        andalso length(Attributes) > 1
        orelse throw({bad_type, Table, {attributes, Attributes}}),
    New = case Fun of
              ignore -> none;
              _ -> [transformed(O, Fun, Name, length(Attributes) + 1, Table)
                    || O <- ets:tab2list(Table)]
          end,
    set(Table, attributes, Attributes),
    set(Table, record_name, Name),
    set(Table, arity, length(Attributes) + 1),
    set_shown(Table, wild_pattern, wild_pattern(Name, Attributes)),
    case New of
        none -> ok;
        _ ->
            ok = mnesia_table:apply_op({clear, Table}, schema, false),
            mnesia_table:fill(Table, New),
            write_table(Table)
    end,
    ok.

transformed(Object, Fun, Name, Arity, Table) ->
    try Fun(Object) of
        New when tuple_size(New) =:= Arity, element(1, New) =:= Name -> New;
        New -> throw({bad_type, Object, New})
    catch
        throw:Reason -> throw(Reason);
        _:Reason -> throw({"Bad transform function", Table, Reason})
    end.

%% ---- Definitions ----

wild_pattern(Name, Attributes) ->
    list_to_tuple([Name | ['_' || _ <- Attributes]]).

%% All properties of a table by what was asked for.
-spec defaults(atom(), [{atom(), term()}]) -> #{atom() => term()}.
defaults(Table, Definition) ->
    is_list(Definition) orelse throw({badarg, Table, Definition}),
    [check(Table, O) || O <- Definition],
    Get = fun(Key, Default) ->
        proplists:get_value(Key, Definition, Default) end,
    Attributes = Get(attributes, [key, val]),
    Name = Get(record_name, Table),
    {Storage, Copies} = storage(Table, Definition),
    Positions = lists:usort([attribute_position(Table, A, Attributes)
                             || A <- Get(index, [])]),
    #{attributes => Attributes, record_name => Name,
      arity => length(Attributes) + 1,
      wild_pattern => wild_pattern(Name, Attributes),
      type => Get(type, set), index => Positions, storage_type => Storage,
      ram_copies => proplists:get_value(ram_copies, Copies, []),
      disc_copies => proplists:get_value(disc_copies, Copies, []),
      disc_only_copies => proplists:get_value(disc_only_copies, Copies, []),
      load_order => Get(load_order, 0), majority => Get(majority, false),
      access_mode => Get(access_mode, read_write),
      local_content => Get(local_content, false),
      user_properties => Get(user_properties, []),
      frag_properties => Get(frag_properties, []), snmp => Get(snmp, []),
      storage_properties => proplists:get_value(ets,
                                                Get(storage_properties, []), []),
      cookie => Get(cookie, {erlang:timestamp(), node()}),
      version => Get(version, {{2, 0}, []})}.

storage(Table, Definition) ->
    Copies = [C || {K, [_ | _]} = C <- Definition,
                   lists:member(K, [ram_copies, disc_copies, disc_only_copies])],
    case [{K, N} || {K, Nodes} <- Copies, N <- Nodes] of
        [] -> {ram_copies, [{ram_copies, [node()]}]};
        [{Storage, Node}] when Node =:= node() -> {Storage, Copies};
        Several ->
            case [N || {_, N} <- Several, N =/= node()] of
                [Other | _] -> throw({not_active, Table, [Other]});
                [] -> throw({combine_error, Table, Copies})
            end
    end.

attribute_position(_, P, _) when is_integer(P) -> P;
attribute_position(Table, A, Attributes) ->
    case [P || {P, B} <- lists:zip(lists:seq(2, length(Attributes) + 1),
                                   Attributes), A =:= B] of
        [P] -> P;
        [] -> throw({bad_type, Table, {index, [A]}})
    end.

check(Table, {Key, Value} = Option) ->
    case is_option(Key, Value) of
        true -> ok;
        false -> throw({bad_type, Table, Option});
        unknown -> throw({badarg, Table, Key})
    end;
check(Table, Other) -> throw({badarg, Table, Other}).

is_option(attributes, As) ->
    is_list(As) andalso length(As) > 1 andalso lists:all(fun is_atom/1, As)
        andalso length(lists:usort(As)) =:= length(As);
is_option(type, T) -> lists:member(T, [set, ordered_set, bag]);
is_option(record_name, N) -> is_atom(N);
is_option(index, Is) -> is_list(Is);
is_option(Copies, Ns) when Copies =:= ram_copies; Copies =:= disc_copies;
                           Copies =:= disc_only_copies ->
    is_list(Ns) andalso lists:all(fun is_atom/1, Ns);
is_option(access_mode, M) -> M =:= read_write orelse M =:= read_only;
is_option(load_order, N) -> is_integer(N);
is_option(majority, B) -> is_boolean(B);
is_option(local_content, B) -> is_boolean(B);
is_option(Key, _) ->
    lists:member(Key, [user_properties, frag_properties, snmp, cookie, version,
                       storage_properties]) orelse unknown.
