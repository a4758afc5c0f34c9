%% SPDX-License-Identifier: Apache-2.0
%% mnesia_cs: the definition of a table, a map of its properties as the options
%% of mnesia:create_table/2 name them: made of options, checked, asked.
-module(mnesia_cs).

-export([new/2, to_list/1, from_list/1, storage/2, holders/1, disc_holders/1,
         position/2, positions/2, wild_pattern/1, touch/1, checked/1, put_copy/3,
         drop_copy/2, newer/2, copy_kinds/0]).

-export_type([cs/0]).

-type cs() :: #{atom() => term()}.

-define(COPIES, [ram_copies, disc_copies, disc_only_copies]).

copy_kinds() -> ?COPIES.

%% In OTP's order.
to_list(Cs) -> [{K, map_get(K, Cs)} || K <- keys()].

keys() ->
    [name, type, ram_copies, disc_copies, disc_only_copies, load_order,
     access_mode, majority, index, snmp, local_content, record_name, attributes,
     user_properties, frag_properties, storage_properties, cookie, version].

%% What else stands there, as other kinds of copies do, is left out.
from_list(List) ->
    Known = maps:with(keys(), maps:from_list(List)),
    maps:merge(defaults(maps:get(name, Known, schema)), Known).

defaults(Table) ->
    #{name => Table, type => set, ram_copies => [], disc_copies => [],
      disc_only_copies => [], load_order => 0, access_mode => read_write,
      majority => false, index => [], snmp => [], local_content => false,
      record_name => Table, attributes => [key, val], user_properties => [],
      frag_properties => [], storage_properties => [],
      cookie => {{erlang:monotonic_time(), erlang:unique_integer(), 1}, node()},
      version => {{2, 0}, []}}.

-spec new(atom(), [{atom(), term()}]) -> cs().
new(Table, Options) ->
    is_list(Options) orelse mnesia:abort({badarg, Options}),
    is_atom(Table) orelse mnesia:abort({bad_type, Table}),
    Defaults = defaults(Table),
    [case O of
         {K, _} when is_map_key(K, Defaults) -> ok;
         {K, _} -> mnesia:abort({badarg, Table, K});
         _ -> mnesia:abort({badarg, Table, O})
     end || O <- Options],
    Keys = [K || {K, _} <- Options],
    Keys =:= lists:uniq(Keys)
        orelse mnesia:abort({badarg, Table, "Duplicate keys",
                             lists:uniq(Keys -- lists:uniq(Keys))}),
    Cs = maps:merge(Defaults, maps:from_list(Options)),
    checked(case holders(Cs) of
                [] -> Cs#{ram_copies := [node()]};
                _ -> Cs
            end).

%% With its indexes as positions; aborts when it makes no sense.
checked(#{name := Table} = Cs) ->
    [good(K, map_get(K, Cs)) orelse mnesia:abort({bad_type, Table,
                                                  {K, map_get(K, Cs)}})
     || K <- keys()],
    check_attributes(Table, map_get(attributes, Cs)),
    check_storage(Table, lists:append(proplists:get_all_values(
                                        ets, map_get(storage_properties, Cs)))),
    #{type := Type, disc_only_copies := DiscOnly} = Cs,
    Type =:= ordered_set andalso DiscOnly =/= []
        andalso mnesia:abort({bad_type, Table,
                              {not_supported, Type, disc_only_copies}}),
    case Cs of
        #{local_content := true, majority := true} ->
            mnesia:abort({combine_error, Table, [{local_content, true},
                                                 {majority, true}]});
        _ -> ok
    end,
    check_holders(Table, holders(Cs)),
    Cs#{index := positions(Cs, map_get(index, Cs))}.

check_attributes(Table, As) ->
    [is_atom(A) orelse mnesia:abort({bad_type, Table, {attributes, [A]}})
     || A <- As],
    case As -- lists:uniq(As) of
        [] -> ok;
        [A | _] -> mnesia:abort({combine_error, Table, {attributes, [A | As]}})
    end.

%% Options of ets:new/2 that do not say what the table's properties say.
check_storage(Table, Options) ->
    Own = [set, ordered_set, bag, duplicate_bag, public, private, protected,
           named_table],
    try
        false = lists:any(fun(O) -> lists:member(O, Own) end, Options),
        false = lists:keymember(keypos, 1, Options),
        ets:delete(ets:new(mnesia_cs, Options))
    catch error:_ -> mnesia:abort({badarg, Table, {ets, Options}})
    end.

check_holders(Table, Nodes) ->
    [is_atom(N) orelse mnesia:abort({bad_type, Table, N}) || N <- Nodes],
    Nodes =:= lists:uniq(Nodes)
        orelse mnesia:abort({combine_error, Table, Nodes}).

good(type, T) -> lists:member(T, [set, ordered_set, bag]);
good(access_mode, M) -> M =:= read_write orelse M =:= read_only;
good(Key, B) when Key =:= majority; Key =:= local_content -> is_boolean(B);
good(Key, A) when Key =:= name; Key =:= record_name -> is_atom(A);
good(load_order, N) -> is_integer(N);
good(attributes, As) -> proper(As) andalso length(As) > 1;
good(Key, Ps) when Key =:= user_properties; Key =:= frag_properties ->
    proper(Ps) andalso lists:all(fun(P) -> is_tuple(P) andalso P =/= {} end, Ps);
good(Key, _) when Key =:= cookie; Key =:= version -> true;
good(_, List) -> proper(List).

proper(List) -> is_list(List) andalso length(List) >= 0.

storage(Cs, Node) ->
    case [K || K <- ?COPIES, lists:member(Node, map_get(K, Cs))] of
        [Kind | _] -> Kind;
        [] -> unknown
    end.

holders(Cs) -> lists:append([map_get(K, Cs) || K <- ?COPIES]).

disc_holders(#{disc_copies := A, disc_only_copies := B}) -> A ++ B.

put_copy(Cs, Node, Kind) -> maps:update_with(Kind, fun(Ns) -> Ns ++ [Node] end,
                                             drop_copy(Cs, Node)).

drop_copy(Cs, Node) ->
    lists:foldl(fun(K, C) -> C#{K := lists:delete(Node, map_get(K, C))} end, Cs,
                ?COPIES).

positions(#{name := Table} = Cs, Index) ->
    [case position(Cs, A) of
         P when P > 2 -> P;
         P -> mnesia:abort({bad_type, Table, {index, [P]}})
     end || A <- Index].

%% The place of an attribute in the record.
position(#{name := Table, attributes := As}, P) when is_integer(P) ->
    P > 1 andalso P =< length(As) + 1
        orelse mnesia:abort({bad_type, Table, {index, [P]}}),
    P;
position(#{name := Table, attributes := As}, A) ->
    case [P || {P, B} <- lists:enumerate(2, As), A =:= B] of
        [P] -> P;
        [] when is_atom(A) -> mnesia:abort({bad_type, A});
        [] -> mnesia:abort({bad_type, Table, {index, A}})
    end.

wild_pattern(#{record_name := Name, attributes := As}) ->
    list_to_tuple([Name | ['_' || _ <- As]]).

%% It is another version now.
touch(#{version := {{Major, Minor}, _}} = Cs) ->
    Cs#{version := {{Major, Minor + 1}, {node(), erlang:timestamp()}}}.

%% The newer one of two definitions of a table.
newer(#{version := {A, _}} = Cs, #{version := {B, _}}) when A >= B -> Cs;
newer(_, Cs) -> Cs.
