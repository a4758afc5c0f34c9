%% SPDX-License-Identifier: Apache-2.0
%% mnesia_schema: changes of the definitions of tables, on all nodes at once:
%% {atomic, ok} or {aborted, Reason}. And the schema on disc before mnesia runs.
-module(mnesia_schema).

-export([create/2, delete/1]).
-export([create_table/2, delete_table/1, clear_table/1, transform_table/4,
         add_index/2, del_index/2, change_copy_type/3, add_copy/3, del_copy/2,
         move_copy/3, set/3, write_property/2, delete_property/2,
         attr_tab_to_pos/2]).

-define(WHOLE, '______WHOLETABLE_____').

%% ---- Before it runs ----

create(Nodes, Options) when is_list(Nodes), Nodes =/= [] ->
    Properties = [P || {user_properties, _} = P <- Options],
    Bad = [N || N <- Nodes, not is_atom(N)],
    case {Bad, Nodes -- lists:usort(Nodes)} of
        {[], []} -> create_on(Nodes, Properties);
        _ -> {error, {combine_error, schema, Nodes}}
    end;
create([], Options) -> create([node()], Options);
create(Nodes, _) -> {error, {badarg, Nodes}}.

create_on(Nodes, Properties) ->
    case first_error([{N, on(N, fun obstacle/0)} || N <- Nodes]) of
        none ->
            Cs = mnesia_cs:new(schema, [{disc_copies, Nodes},
                                        {attributes, [table, cstruct]} | Properties]),
            case first_error([{N, on(N, fun() -> mnesia_disc:write_schema([Cs]) end)}
                              || N <- Nodes]) of
                none -> ok;
                Error -> Error
            end;
        Error -> Error
    end.

obstacle() ->
    Node = node(),
    case {mnesia_lib:is_running(), mnesia_disc:has_schema()} of
        {no, false} -> ok;
        {no, true} -> {error, {already_exists, Node}};
        _ -> {error, {"Cannot create schema, Mnesia is running", Node}}
    end.

first_error(Answers) ->
    case [{error, {N, Reason}} || {N, {error, Reason}} <- Answers] of
        [] -> none;
        [Error | _] -> Error
    end.

on(Node, Fun) ->
    try mnesia_lib:ask(Node, erlang, apply, [Fun, []])
    catch exit:{aborted, {node_not_running, Node}} ->
              {error, {"All nodes not running", Node, nodedown}};
          exit:{aborted, Reason} -> {error, Reason};
          error:Reason -> {error, Reason}
    end.

delete(Nodes) when is_list(Nodes) ->
    Answers = [{N, on(N, fun mnesia_lib:is_running/0)} || N <- Nodes],
    case {[N || {N, {error, _}} <- Answers],
          [N || {N, S} <- Answers, lists:member(S, [yes, starting, stopping])]} of
        {[], []} ->
            case first_error([{N, on(N, fun mnesia_disc:delete_schema/0)} || N <- Nodes]) of
                none -> ok;
                Error -> Error
            end;
        {[], Running} -> {error, {"Mnesia is not stopped everywhere", Running}};
        {Gone, _} -> {error, {"All nodes not running", Gone}}
    end;
delete(Nodes) -> {error, {badarg, Nodes}}.

attr_tab_to_pos(_, Position) when is_integer(Position) -> Position;
attr_tab_to_pos(Table, Attribute) ->
    Attributes = mnesia_table:info(Table, attributes),
    case [P || {P, A} <- lists:enumerate(2, Attributes), A =:= Attribute] of
        [P] -> P;
        [] -> mnesia:abort({bad_type, Attribute})
    end.

%% ---- Changes ----

%% [Fun] says what is to be, under the lock of the schema; all nodes that run
%% agree to it, and do it.
change(Fun) ->
    case {mnesia_tm:is_transaction(), mnesia_lib:is_running()} of
        {true, _} -> {aborted, nested_transaction};
        {_, yes} ->
            mnesia_tm:schema(
                fun() ->
                    Running = mnesia_lib:running(),
                    mnesia_tm:lock_at(Running, {schema, ?WHOLE}, write),
                    commit(Fun(), Running)
                end);
        _ -> {aborted, {node_not_running, node()}}
    end.

commit(Ops, Running) ->
    [mnesia_tm:lock_at(mnesia_table:info(T, where_to_write, []), {T, ?WHOLE}, write)
     || {T, _, _} <- Ops, T =/= schema],
    [mnesia_lib:ask(N, mnesia_monitor, prepare, [Ops]) || N <- Running],
    [mnesia_monitor:define(N, Ops) || N <- Running],
    ok.

%% The definition of a table that is there, of which a copy is in use.
known(Table) ->
    is_atom(Table) orelse mnesia:abort({bad_type, Table}),
    mnesia_lib:val({Table, cs}, none) =:= none andalso mnesia:abort({no_exists, Table}),
    mnesia_lib:val({Table, cs}).

changeable(schema) -> mnesia:abort({bad_type, schema});
changeable(Table) ->
    Cs = known(Table),
    case mnesia_cs:disc_holders(Cs) -- mnesia_table:info(Table, active_replicas) of
        _ when map_get(local_content, Cs) -> ok;
        [] -> ok;
        Nodes -> mnesia:abort({not_active, "All replicas on diskfull nodes are "
                               "not active yet", Table, Nodes})
    end,
    mnesia_table:info(Table, active_replicas) =:= []
        andalso mnesia:abort({no_exists, Table}),
    Cs.

one(Cs) -> [op(Cs, none)].

op(#{name := Table} = Cs, What) ->
    {Table, mnesia_cs:touch(mnesia_cs:checked(Cs)), What}.

create_table(Table, Options) ->
    change(fun() ->
               Cs = mnesia_cs:new(Table, Options),
               mnesia_table:exists(Table) andalso mnesia:abort({already_exists, Table}),
               Running = mnesia_lib:running(),
               [mnesia:abort({not_active, Table, N})
                || N <- mnesia_cs:disc_holders(Cs), not lists:member(N, Running)],
               [{Table, Cs, created}]
           end).

delete_table(Table) ->
    change(fun() ->
               Table =:= schema andalso mnesia:abort({bad_type, schema}),
               _ = changeable(Table),
               [{Table, deleted, none}]
           end).

clear_table(schema) -> {aborted, {bad_type, schema}};
clear_table(Table) ->
    case mnesia_tm:is_transaction() of
        true -> mnesia:abort(nested_transaction);
        false ->
            mnesia:sync_transaction(
                fun() ->
                    mnesia_table:exists(Table) orelse mnesia:abort({no_exists, Table}),
                    mnesia_table:info(Table, access_mode) =:= read_only
                        andalso mnesia:abort({read_only, Table}),
                    mnesia_tm:lock({Table, ?WHOLE}, write),
                    mnesia_tm:change({clear, Table}, ?WHOLE)
                end)
    end.

transform_table(Table, Fun, Attributes, Name) ->
    change(fun() ->
               Cs = changeable(Table),
               map_get(index, Cs) =/= [] andalso length(Attributes)
                   < lists:max(map_get(index, Cs)) - 1
                   andalso mnesia:abort({combine_error, Table,
                                         "Delete the index first"}),
               [op(Cs#{attributes := Attributes, record_name := Name},
                   case Fun of ignore -> none; _ -> {transform, Fun} end)]
           end).

add_index(Table, Attribute) ->
    change(fun() ->
               #{index := Old} = Cs = changeable(Table),
               [P] = mnesia_cs:positions(Cs, [Attribute]),
               lists:member(P, Old) andalso mnesia:abort({already_exists, Table, P}),
               one(Cs#{index := lists:sort([P | Old])})
           end).

del_index(Table, Attribute) ->
    change(fun() ->
               #{index := Old} = Cs = changeable(Table),
               P = mnesia_cs:position(Cs, Attribute),
               lists:member(P, Old) orelse mnesia:abort({no_exists, Table, P}),
               one(Cs#{index := lists:delete(P, Old)})
           end).

is_kind(Kind) -> lists:member(Kind, mnesia_cs:copy_kinds()).

change_copy_type(Table, Node, Kind) ->
    change(fun() ->
               Cs = case Table of schema -> known(schema); _ -> changeable(Table) end,
               is_atom(Node) orelse mnesia:abort({badarg, Table, Node}),
               Old = mnesia_cs:storage(Cs, Node),
               Old =:= unknown andalso mnesia:abort({badarg, Table, unknown}),
               Old =:= Kind andalso mnesia:abort({already_exists, Table, Node, Kind}),
               is_kind(Kind) orelse mnesia:abort({bad_type, {storage_type, Kind}}),
               lists:member(Node, mnesia_lib:running())
                   orelse mnesia:abort({not_active, schema, Node}),
               Table =:= schema andalso Kind =:= ram_copies
                   andalso disc_tables(Node),
               one(mnesia_cs:put_copy(Cs, Node, Kind))
           end).

%% A node with tables on disc keeps its schema there.
disc_tables(Node) ->
    case [T || T <- mnesia_lib:tables(), T =/= schema,
               lists:member(Node, mnesia_cs:disc_holders(mnesia_lib:val({T, cs})))] of
        [] -> ok;
        Tables -> mnesia:abort({"Disc resident tables", Tables, Node})
    end.

add_copy(Table, Node, Kind) ->
    Answer = change(
        fun() ->
            is_kind(Kind) orelse mnesia:abort({badarg, Table, Kind}),
            Cs = case Table of schema -> known(schema); _ -> changeable(Table) end,
            is_atom(Node) orelse mnesia:abort({badarg, Table, Node}),
            lists:member(Node, mnesia_cs:holders(Cs))
                andalso mnesia:abort({already_exists, Table, Node}),
            lists:member(Node, mnesia_lib:running())
                orelse mnesia:abort({not_active, schema, Node}),
            one(mnesia_cs:put_copy(Cs, Node, Kind))
        end),
    settled(Answer, Table, Node).

%% It is there when its objects are.
settled({atomic, ok}, Table, Node) ->
    case mnesia_lib:exists({Table, cs}) andalso lists:member(Node, mnesia_lib:running()) of
        true ->
            catch mnesia_lib:ask(Node, mnesia_controller, settle, [Table]),
            {atomic, ok};
        false -> {atomic, ok}
    end;
settled(Answer, _, _) -> Answer.

del_copy(schema, Node) ->
    change(fun() ->
               Cs = known(schema),
               mnesia_cs:storage(Cs, Node) =:= unknown
                   andalso mnesia:abort({badarg, schema, unknown}),
               lists:member(Node, mnesia_lib:running())
                   andalso mnesia:abort({active, "Mnesia is running", Node}),
               [op(mnesia_cs:drop_copy(Cs, Node), none)
                | [without(mnesia_lib:val({T, cs}), Node)
                   || T <- mnesia_lib:tables(), T =/= schema,
                      mnesia_cs:storage(mnesia_lib:val({T, cs}), Node) =/= unknown]]
           end);
del_copy(Table, Node) ->
    change(fun() ->
               Cs = known(Table),
               is_atom(Node) orelse mnesia:abort({badarg, Table, Node}),
               mnesia_cs:storage(Cs, Node) =:= unknown
                   andalso mnesia:abort({badarg, Table, unknown}),
               lists:member(Node, mnesia_lib:running()) andalso changeable(Table),
               [without(Cs, Node)]
           end).

%% The last copy is the table.
without(#{name := Table} = Cs, Node) ->
    case mnesia_cs:drop_copy(Cs, Node) of
        New when New#{name := Table} =/= Cs ->
            case mnesia_cs:holders(New) of
                [] -> {Table, deleted, none};
                _ -> op(New, none)
            end
    end.

move_copy(Table, From, To) ->
    Answer = change(
        fun() ->
            Cs = changeable(Table),
            Running = mnesia_lib:running(),
            is_atom(From) andalso is_atom(To)
                orelse mnesia:abort({badarg, Table, From, To}),
            Kind = mnesia_cs:storage(Cs, From),
            mnesia_cs:storage(Cs, To) =/= unknown
                andalso mnesia:abort({already_exists, Table, To}),
            Kind =:= unknown andalso mnesia:abort({not_active, Table, From}),
            lists:member(To, Running) orelse mnesia:abort({not_active, schema, To}),
            one(mnesia_cs:put_copy(Cs, To, Kind))
        end),
    case settled(Answer, Table, To) of
        {atomic, ok} -> del_copy(Table, From);
        Aborted -> Aborted
    end.

%% One property of those that are plain.
set(Table, Key, Value) ->
    change(fun() ->
               Cs = changeable(Table),
               map_get(Key, Cs) =:= Value
                   andalso mnesia:abort({already_exists, Table, Value}),
               one(Cs#{Key := Value})
           end).

write_property(Table, Property) when is_tuple(Property), Property =/= {} ->
    properties(Table, fun(Old) ->
                          lists:keydelete(element(1, Property), 1, Old) ++ [Property]
                      end);
write_property(Table, Property) -> {aborted, {bad_type, Table, Property}}.

delete_property(Table, Key) ->
    properties(Table, fun(Old) -> lists:keydelete(Key, 1, Old) end).

properties(Table, Fun) ->
    change(fun() ->
               #{user_properties := Old} = Cs = mnesia_lib:val({Table, cs}),
               one(Cs#{user_properties := Fun(Old)})
           end).
