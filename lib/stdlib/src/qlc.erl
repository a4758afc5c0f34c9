%% SPDX-License-Identifier: Apache-2.0
%% qlc: queries over lists, tables and each other.
%%
%% A handle is {qlc_handle, Query}. qlc_pt makes the calls of q/1,2 what is
%% expected here. A query is evaluated as a whole: its sources are read, then
%% the comprehension runs over them.
-module(qlc).

-export([parse_transform/2, transform_from_evaluator/2]).
-export([q/1, q/2, e/1, e/2, eval/1, eval/2, fold/3, fold/4]).
-export([cursor/1, cursor/2, next_answers/1, next_answers/2, delete_cursor/1]).
-export([append/1, append/2, sort/1, sort/2, keysort/2, keysort/3, table/2]).
-export([string_to_handle/1, string_to_handle/2, string_to_handle/3]).
-export([info/1, info/2, format_error/1]).

-export_type([query_handle/0, query_cursor/0]).

-record(qlc_handle, {query}).
-record(qlc_cursor, {pid, owner}).

-type query_() :: {qlc_lc, [query_()], fun(), Unique :: boolean()}
                | {list, list()} | {append, [query_()]}
                | {sort, query_(), fun((list()) -> list())}
                | {table, fun(), list()}.
-opaque query_handle() :: #qlc_handle{query :: query_()}.
-opaque query_cursor() :: #qlc_cursor{}.

-define(OPTIONS, [unique, cache, max_lookup, join, lookup, unique_all,
                  cache_all, tmpdir, max_list_size, tmpdir_usage]).

parse_transform(Forms, Options) -> qlc_pt:parse_transform(Forms, Options).

%% For erl_eval.
transform_from_evaluator(Lc, Bindings) ->
    qlc_pt:transform_expression(Lc, Bindings).

q(Lc) -> q(Lc, []).

q({qlc_lc, Sources, Fun} = Lc, Options) ->
    Known = options(Options, [Lc, Options]),
    Queries = [query(S, [Lc, Options]) || S <- Sources],
    #qlc_handle{query = {qlc_lc, Queries, Fun,
                         proplists:get_bool(unique, Known)}};
q(Lc, Options) -> error(badarg, [Lc, Options]).

options(Option, Args) when not is_list(Option) -> options([Option], Args);
options(Options, Args) ->
    Known = proplists:unfold(Options),
    lists:all(fun({K, _}) -> lists:member(K, ?OPTIONS);
                 (_) -> false
              end, Known) orelse error(badarg, Args),
    Known.

%% What a handle or list stands for; a list may end in a function.
query(#qlc_handle{query = Query}, _) -> Query;
query(List, _) when is_list(List) -> {list, List};
query(_, Args) -> error(badarg, Args).

%% ---- Evaluation ----

e(Handle) -> eval(Handle, []).
e(Handle, Options) -> eval(Handle, Options).

eval(Handle) -> eval(Handle, []).

-spec eval(query_handle() | list(), term()) ->
    list() | {error, module(), term()}.
eval(Handle, Options) ->
    Unique = proplists:get_bool(unique_all, options(Options, [Handle, Options])),
    answers(query(Handle, [Handle, Options]), Unique).

fold(Fun, Acc, Handle) -> fold(Fun, Acc, Handle, []).

fold(Fun, Acc, Handle, Options) ->
    Unique = proplists:get_bool(unique_all, options(Options, [Handle])),
    lists:foldl(Fun, Acc, answers(query(Handle, [Fun, Acc, Handle]), Unique)).

answers(Query, true) -> unique(values(Query));
answers(Query, false) -> values(Query).

values({list, List}) -> list(List);
values({append, Queries}) -> lists:flatmap(fun values/1, Queries);
values({sort, Query, Sort}) -> Sort(values(Query));
values({table, Traverse, Options}) -> traverse(Traverse, Options);
values({qlc_lc, Sources, Fun, Unique}) ->
    Found = apply(Fun, [values(S) || S <- Sources]),
    case Unique of
        true -> unique(Found);
        false -> Found
    end.

%% The rest of a list may come from a function.
list([H | T]) -> [H | list(T)];
list(Fun) when is_function(Fun, 0) -> list(Fun());
list(End) -> End.

%% A function of one argument gets match specifications; here one that takes
%% all.
traverse(Traverse, Options) ->
    Value = case proplists:get_value(parent_fun, Options) of
                undefined -> undefined;
                Parent -> Parent()
            end,
    Pre = proplists:get_value(pre_fun, Options),
    is_function(Pre, 1) andalso Pre([{parent_value, Value},
                                     {stop_fun, fun() -> ok end}]),
    try
        if
            is_function(Traverse, 1) -> list(Traverse([{'$1', [], ['$1']}]));
            true -> list(Traverse())
        end
    after
        Post = proplists:get_value(post_fun, Options),
        is_function(Post, 0) andalso Post()
    end.

%% The first of each.
unique(List) ->
    {Kept, _} = lists:foldl(fun(T, {Ts, Seen}) when is_map_key(T, Seen) ->
                                    {Ts, Seen};
                               (T, {Ts, Seen}) -> {[T | Ts], Seen#{T => true}}
                            end, {[], #{}}, List),
    lists:reverse(Kept).

%% ---- Cursors: processes that hold answers ----

cursor(Handle) -> cursor(Handle, []).

-spec cursor(query_handle() | list(), term()) -> query_cursor().
cursor(Handle, Options) ->
    _ = options(proplists:delete(spawn_options, lists:flatten([Options])),
                [Handle, Options]),
    Query = query(Handle, [Handle, Options]),
    Owner = self(),
    Pid = spawn(fun() ->
                    Ref = monitor(process, Owner),
                    give(values(Query), Ref)
                end),
    #qlc_cursor{pid = Pid, owner = Owner}.

give(Answers, Ref) ->
    receive
        {next, From, all_remaining} ->
            From ! {self(), Answers},
            give([], Ref);
        {next, From, N} ->
            {Part, Rest} = lists:split(min(N, length(Answers)), Answers),
            From ! {self(), Part},
            give(Rest, Ref);
        stop -> ok;
        {'DOWN', Ref, process, _, _} -> ok
    end.

next_answers(Cursor) -> next_answers(Cursor, 10).

-spec next_answers(query_cursor(), pos_integer() | all_remaining) ->
          list() | {error, module(), term()}.
next_answers(#qlc_cursor{pid = Pid, owner = Owner} = Cursor, N)
  when Owner =:= self(), N =:= all_remaining orelse is_integer(N), N > 0 ->
    Ref = monitor(process, Pid),
    Pid ! {next, self(), N},
    receive
        {Pid, Answers} ->
            demonitor(Ref, [flush]),
            Answers;
        {'DOWN', Ref, process, Pid, {Reason, _}} when Reason =/= noproc ->
            error(Reason);
        {'DOWN', Ref, process, Pid, _} -> error(badarg, [Cursor, N])
    end;
next_answers(#qlc_cursor{owner = Owner}, _) when Owner =/= self() ->
    error(not_cursor_owner);
next_answers(Cursor, N) -> error(badarg, [Cursor, N]).

delete_cursor(#qlc_cursor{pid = Pid, owner = Owner}) when Owner =:= self() ->
    Pid ! stop,
    ok;
delete_cursor(#qlc_cursor{}) -> error(not_cursor_owner);
delete_cursor(Cursor) -> error(badarg, [Cursor]).

%% ---- Handles of handles ----

append(Handles) ->
    #qlc_handle{query = {append, [query(H, [Handles]) || H <- Handles]}}.

append(A, B) ->
    #qlc_handle{query = {append, [query(A, [A, B]), query(B, [A, B])]}}.

sort(Handle) -> sort(Handle, []).

%% Options as those of file_sorter: {order, ascending | descending | Fun},
%% {unique, Boolean}.
sort(Handle, Options) ->
    Sort = sorter(Options, fun lists:sort/1, fun lists:usort/1, fun lists:sort/2),
    #qlc_handle{query = {sort, query(Handle, [Handle, Options]), Sort}}.

keysort(Key, Handle) -> keysort(Key, Handle, []).

keysort(Key, Handle, Options) ->
    Keys = lists:flatten([Key]),
    Of = fun(T) -> [element(K, T) || K <- Keys] end,
    By = fun(L) ->
        [T || {_, T} <- lists:keysort(1, [{Of(T), T} || T <- L])] end,
    Sort = sorter(Options, By,
                  fun(L) ->
                      [T || {_, T} <- lists:ukeysort(1, [{Of(T), T} || T <- L])]
                  end,
                  fun(F, L) -> lists:sort(fun(A, B) -> F(Of(A), Of(B)) end, L) end),
    #qlc_handle{query = {sort, query(Handle, [Key, Handle, Options]), Sort}}.

sorter(Options, Sort, UniqueSort, SortBy) ->
    Known = lists:flatten([Options]),
    Ascending = case proplists:get_bool(unique, Known) of
                    true -> UniqueSort;
                    false -> Sort
                end,
    case proplists:get_value(order, Known, ascending) of
        ascending -> Ascending;
        descending -> fun(L) -> lists:reverse(Ascending(L)) end;
        Fun when is_function(Fun, 2) -> fun(L) -> SortBy(Fun, L) end
    end.

%% A source of one's own: [Traverse] gives its objects.
-spec table(fun(), list()) -> query_handle().
table(Traverse, Options) when is_function(Traverse, 0);
                              is_function(Traverse, 1) ->
    is_list(Options) orelse error(badarg, [Traverse, Options]),
    #qlc_handle{query = {table, Traverse, Options}};
table(Traverse, Options) -> error(badarg, [Traverse, Options]).

string_to_handle(Text) -> string_to_handle(Text, []).
string_to_handle(Text, Options) -> string_to_handle(Text, Options, []).

-spec string_to_handle(string(), list(), erl_eval:binding_struct()) ->
          query_handle() | {error, module(), term()}.
string_to_handle(Text, Options, Bindings) ->
    case erl_scan:string(Text, 1) of
        {ok, Tokens, _} ->
            case erl_parse:parse_exprs(Tokens) of
                {ok, [{lc, _, _, _} = Lc]} -> from_lc(Lc, Options, Bindings);
                {ok, _} ->
                    {error, ?MODULE, {1, ?MODULE, not_a_query_list_comprehension}};
                {error, Error} -> {error, ?MODULE, Error}
            end;
        {error, Error, _} -> {error, ?MODULE, Error}
    end.

from_lc(Lc, Options, Bindings) ->
    case transform_from_evaluator(Lc, Bindings) of
        {ok, {call, _, _, [Expression]}} ->
            {value, Handle, _} = erl_eval:expr(Expression, Bindings),
            q(Handle, Options);
        {not_ok, Error} -> Error
    end.

%% ---- What a query looks like ----

info(Handle) -> info(Handle, []).

%% As text; the option {format, abstract_code} is not known.
info(Handle, Options) -> lists:flatten(shown(query(Handle, [Handle, Options]))).

shown({list, List}) -> io_lib:format("~p", [List]);
shown({append, Queries}) ->
    ["qlc:append([", lists:join(",", [shown(Q) || Q <- Queries]), "])"];
shown({sort, Query, _}) -> ["qlc:sort(", shown(Query), ")"];
shown({table, Traverse, Options}) ->
    Format = proplists:get_value(format_fun, Options),
    try Format(all) of
        {M, F, Args} ->
            io_lib:format("~w:~w(~ts)",
                          [M, F, lists:join(",", [io_lib:format("~tp", [A])
                                                  || A <- Args])]);
        Text when is_list(Text) -> Text;
        _ -> io_lib:format("~p", [Traverse])
    catch _:_ -> "'$MOD':'$FUN'()"
    end;
shown({qlc_lc, Sources, _, _}) ->
    ["qlc:q([ ... || ",
     lists:join(",", [["_ <- ", shown(S)] || S <- Sources]), "])"].

format_error(not_a_query_list_comprehension) ->
    "argument is not a query list comprehension";
format_error({used_generator_variable, V}) ->
    io_lib:format("generated variable ~w must not be used in list expression",
                  [V]);
format_error(binary_generator) -> "cannot handle binary generators";
format_error(too_complex_join) ->
    "cannot handle join of three or more generators efficiently";
format_error(too_many_joins) ->
    "cannot handle more than one join efficiently";
format_error(nomatch_pattern) -> "pattern cannot possibly match";
format_error(nomatch_filter) -> "filter evaluates to 'false'";
format_error({error, Module, Reason}) -> Module:format_error(Reason);
format_error({{_, _} = Where, Module, Reason}) ->
    located(Where, Module, Reason);
format_error({Line, Module, Reason}) when is_integer(Line) ->
    located(Line, Module, Reason);
format_error(Other) -> io_lib:format("~tp~n", [Other]).

located(Where, Module, Reason) ->
    Place = case Where of
                {Line, Column} -> io_lib:format("~w:~w", [Line, Column]);
                Line -> integer_to_list(Line)
            end,
    io_lib:format("~s: ~ts~n", [Place, lists:flatten(Module:format_error(Reason))]).
