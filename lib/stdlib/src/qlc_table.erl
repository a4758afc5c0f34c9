%% SPDX-License-Identifier: Apache-2.0
%% Handles of qlc over tables of ets and dets.
-module(qlc_table).

-export([handle/3]).

%% [Module] is ets or dets. Options {traverse, How}, {n_objects, N | default},
%% and those of qlc:table; badarg when they are wrong.
-spec handle(ets | dets, term(), term()) -> qlc:query_handle() | badarg.
handle(Module, Table, Options) ->
    try options(Module, Options) of
        {Traverse, N, Rest} ->
            qlc:table(traverse(Traverse, Module, Table, N),
                      functions(Module, Table, Options, Traverse) ++ Rest)
    catch error:_ -> badarg
    end.

options(Module, Options) when is_list(Options) ->
    Traverse = case lists:keyfind(traverse, 1, Options) of
                   false -> select;
                   {_, How} when How =:= select; How =:= first_next;
                                 How =:= last_prev, Module =:= ets -> How;
                   {_, {select, _} = Select} -> Select
               end,
    N = case lists:keyfind(n_objects, 1, Options) of
            {_, Number} when is_integer(Number), Number > 0 -> Number;
            Default when Default =:= false;
                         element(2, Default) =:= default -> default(Module)
        end,
    Rest = lists:keydelete(traverse, 1, lists:keydelete(n_objects, 1, Options)),
    Module =:= ets orelse Rest =:= [] orelse error(badarg),
    {Traverse, N, Rest};
options(Module, Option) -> options(Module, [Option]).

default(ets) -> 100;
default(dets) -> default.

traverse(first_next, M, Table, _) ->
    fun() -> by_key(M, Table, M:first(Table), next) end;
traverse(last_prev, M, Table, _) ->
    fun() -> by_key(M, Table, M:last(Table), prev) end;
traverse(select, M, Table, N) ->
    fun(Spec) -> selected(M, M:select(Table, Spec, N)) end;
traverse({select, Spec}, M, Table, N) ->
    fun() -> selected(M, M:select(Table, Spec, N)) end.

by_key(_, _, '$end_of_table', _) -> [];
by_key(M, Table, Key, Step) ->
    case M:lookup(Table, Key) of
        Objects when is_list(Objects) ->
            Objects ++ fun() -> by_key(M, Table, M:Step(Table, Key), Step) end;
        Error -> exit(Error)    % as first and next do
    end.

selected(_, '$end_of_table') -> [];
selected(M, {Objects, Continuation}) when is_list(Objects) ->
    Objects ++ fun() -> selected(M, M:select(Continuation)) end;
selected(_, Error) -> Error.

%% The objects stay as they are while the query runs. A table that is given by
%% a match specification is not looked up in.
functions(M, Table, Options, Traverse) ->
    Lookup = case Traverse of
                 {select, _} -> undefined;
                 _ -> fun(_, Keys) -> of_keys(M, Table, Keys) end
             end,
    Sorted = M =:= ets andalso ets:info(Table, type) =:= ordered_set,
    [{pre_fun, fun(_) -> M:safe_fixtable(Table, true) end},
     {post_fun, fun() -> M:safe_fixtable(Table, false) end},
     {info_fun, fun(Tag) -> about(Tag, M, Table) end},
     {format_fun, fun(What) -> shown(What, M, Table, Options) end},
     {key_equality, if Sorted -> '=='; true -> '=:=' end},
     {lookup_fun, Lookup}].

of_keys(M, Table, [Key]) -> M:lookup(Table, Key);
of_keys(ets, Table, Keys) -> [O || K <- Keys, O <- ets:lookup(Table, K)];
of_keys(dets, Table, Keys) -> dets:lookup_keys(Table, Keys).

about(num_of_objects, M, Table) -> M:info(Table, size);
about(keypos, M, Table) -> M:info(Table, keypos);
about(is_unique_objects, M, Table) -> M:info(Table, type) =/= duplicate_bag;
about(is_sorted_key, ets, Table) -> ets:info(Table, type) =:= ordered_set;
about(_, _, _) -> undefined.

shown({all, _, _}, M, Table, []) -> {M, table, [Table]};
shown({all, _, _}, M, Table, Options) -> {M, table, [Table, Options]};
shown({match_spec, Spec}, M, Table, Options) ->
    List = if is_list(Options) -> Options; true -> [Options] end,
    {M, table, [Table, [{traverse, {select, Spec}} | List]]};
shown({lookup, _, [Key], _, Cut}, M, Table, _) ->
    io_lib:format("~w:lookup(~w, ~w)", [M, Table, Cut(Key)]);
shown({lookup, _, Keys, _, Cut}, M, Table, _) ->
    io_lib:format("lists:flatmap(fun(V) -> ~w:lookup(~w, V) end, ~w)",
                  [M, Table, [Cut(K) || K <- Keys]]).
