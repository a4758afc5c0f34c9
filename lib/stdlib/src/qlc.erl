%% SPDX-License-Identifier: Apache-2.0
%% qlc: queries over lists, tables and each other.
%%
%% A handle says what to evaluate. qlc_plan decides how (which tables are
%% looked up in, what is joined, what is cached), qlc_run does it, qlc_text
%% shows it. qlc_pt makes comprehensions in calls of q/1,2 what is expected
%% here, {qlc_lc, Fun, _}, also in files that OTP compiled.
-module(qlc).

-export([parse_transform/2, parse_transform_info/0,
         transform_from_evaluator/2]).
-export([q/1, q/2, e/1, e/2, eval/1, eval/2, fold/3, fold/4]).
-export([cursor/1, cursor/2, next_answers/1, next_answers/2, delete_cursor/1]).
-export([append/1, append/2, sort/1, sort/2, keysort/2, keysort/3, table/2]).
-export([string_to_handle/1, string_to_handle/2, string_to_handle/3]).
-export([info/1, info/2, format_error/1]).

-include("qlc.hrl").

-export_type([query_handle/0, query_cursor/0]).

%% A cursor is its process and the process that may ask it.
-record(qlc_cursor, {c}).

-opaque query_handle() :: {qlc_handle, term()}.
-opaque query_cursor() :: {qlc_cursor, term()}.

-define(EVALUATION, [unique_all, cache_all, tmpdir, max_list_size,
                     tmpdir_usage]).
-define(QUERY, [unique, cache, max_lookup, join, lookup]).
-define(SORT, [tmpdir, order, unique, compressed, size, no_files]).
-define(TABLE, [pre_fun, post_fun, info_fun, format_fun, lookup_fun,
                parent_fun, key_equality]).

parse_transform(Forms, Options) -> qlc_pt:parse_transform(Forms, Options).

parse_transform_info() -> #{error_location => column}.

%% For erl_eval.
transform_from_evaluator(Lc, Bindings) ->
    qlc_pt:transform_from_evaluator(Lc, Bindings).

%% ---- Handles ----

q(Lc) -> q(Lc, []).

-spec q(term(), term()) -> query_handle().
q(#qlc_lc{} = Lc, Options) ->
    case qlc_options:values(Options, ?QUERY) of
        badarg -> error(badarg, [Lc, Options]);
        Values -> query(Lc, Values)
    end;
q(Other, Options) -> error(badarg, [Other, Options]).

query(Lc, [Unique, Cache, Max, Join, Lookup]) ->
    Settings = #qlc_opt{unique = Unique, cache = Cache, max_lookup = Max,
                         join = Join, lookup = Lookup},
    #qlc_handle{h = Lc#qlc_lc{settings = Settings}}.

append(Handles) -> appended(Handles, [Handles]).

append(A, B) -> appended([A, B], [A, B]).

appended(Handles, Args) ->
    Inner = [qlc_plan:inside(H) || H <- Handles],
    lists:member(badarg, Inner) andalso error(badarg, Args),
    #qlc_handle{h = #qlc_append{handles = Inner}}.

sort(Handle) -> sort(Handle, []).

sort(Handle, Options) ->
    sorted(sort, Handle, Options, [Handle, Options]).

keysort(Key, Handle) -> keysort(Key, Handle, []).

keysort(Key, Handle, Options) ->
    Args = [Key, Handle, Options],
    is_key(Key) orelse error(badarg, Args),
    sorted({keysort, Key}, Handle, Options, Args).

is_key([_ | _] = Keys) ->
    try lists:all(fun(K) -> is_integer(K) andalso K > 0 end, Keys)
    catch error:_ -> false
    end;
is_key(Key) -> is_integer(Key) andalso Key > 0.

sorted(Key, Handle, Options, Args) ->
    case {qlc_options:values(Options, ?SORT), qlc_plan:inside(Handle)} of
        {Bad1, Bad2} when Bad1 =:= badarg; Bad2 =:= badarg ->
            error(badarg, Args);
        {[Dir, Order, Unique, Compressed | _], Inner} ->
            List = if is_list(Options) -> Options; true -> [Options] end,
            #qlc_handle{h = #qlc_sort{handle = Inner, key = Key,
                                      unique = Unique, order = Order,
                                      compressed = Compressed,
                                      options = List, tmpdir = Dir}}
    end.

%% A source of one's own: [Traverse] gives its objects.
-spec table(fun(), term()) -> query_handle().
table(Traverse, Options) when is_function(Traverse, 0);
                              is_function(Traverse, 1) ->
    case qlc_options:values(Options, ?TABLE) of
        badarg -> error(badarg, [Traverse, Options]);
        [Pre, Post, Info, Format, Lookup, Parent, Equality] ->
            #qlc_handle{h = #qlc_table{traverse = Traverse,
                                       selects = is_function(Traverse, 1),
                                       pre = Pre, post = Post, info = Info,
                                       format = Format, lookup = Lookup,
                                       parent = Parent, equality = Equality}}
    end;
table(Traverse, Options) -> error(badarg, [Traverse, Options]).

string_to_handle(Text) -> string_to_handle(Text, []).

string_to_handle(Text, Options) ->
    string_to_handle(Text, Options, erl_eval:new_bindings()).

-spec string_to_handle(string(), term(), erl_eval:binding_struct()) ->
          query_handle() | {error, module(), term()}.
string_to_handle(Text, Options, Bindings) when is_list(Text) ->
    Args = [Text, Options, Bindings],
    Values = qlc_options:values(Options, ?QUERY),
    Values =:= badarg andalso error(badarg, Args),
    maybe_parsed(Text, Args, fun(Expression) ->
        case qlc_pt:transform_expression(Expression, Bindings) of
            {ok, {call, _, _, Handle}} ->
                {value, Lc, _} = erl_eval:exprs(Handle, Bindings),
                query(Lc, Values);
            {not_ok, [{error, Error} | _]} -> {error, ?MODULE, Error}
        end
    end);
string_to_handle(Text, Options, Bindings) ->
    error(badarg, [Text, Options, Bindings]).

%% What [Fun] makes of the only expression in [Text].
maybe_parsed(Text, Args, Fun) ->
    case erl_scan:string(Text, 1, [text]) of
        {ok, Tokens, _} ->
            case erl_eval:extended_parse_exprs(Tokens) of
                {ok, [Expression]} -> Fun(Expression);
                {ok, _} -> error(badarg, Args);
                {error, Error} -> {error, ?MODULE, Error}
            end;
        {error, Error, _} -> {error, ?MODULE, Error}
    end.

%% ---- Evaluation ----

e(Handle) -> eval(Handle, []).
e(Handle, Options) -> eval(Handle, Options).

eval(Handle) -> eval(Handle, []).

-spec eval(query_handle() | list(), term()) ->
    list() | {error, module(), term()}.
eval(Handle, Options) ->
    {Inner, Settings} = given(Handle, Options, [Handle, Options]),
    qlc_run:with(fun(Run) ->
        Plan = qlc_plan:plan(Inner, [], Settings),
        case qlc_run:open(Plan, Run) of
            List when is_list(List) -> List;
            Objects -> qlc_run:all(Objects)
        end
    end).

fold(Fun, Acc, Handle) -> fold(Fun, Acc, Handle, []).

-spec fold(fun((term(), Acc) -> Acc), Acc, query_handle() | list(), term()) ->
    Acc | {error, module(), term()}.
fold(Fun, Acc, Handle, Options) ->
    {Inner, Settings} = given(Handle, Options, [Fun, Acc, Handle, Options]),
    qlc_run:with(fun(Run) ->
        Plan = qlc_plan:plan(Inner, not_a_list, Settings),
        qlc_run:fold(Fun, Acc, qlc_run:open(Plan, Run))
    end).

%% What is to be evaluated, and the settings for all of it.
given(Handle, Options, Args) ->
    case {qlc_options:values(Options, ?EVALUATION), qlc_plan:inside(Handle)} of
        {Bad1, Bad2} when Bad1 =:= badarg; Bad2 =:= badarg ->
            error(badarg, Args);
        {Values, Inner} -> {Inner, settings(Values)}
    end.

settings([Unique, Cache, Dir, Max, Usage]) ->
    #qlc_opt{unique = Unique, cache = Cache, tmpdir = Dir, max_list = Max,
              tmpdir_usage = Usage}.

%% ---- Cursors: processes that hold answers ----

cursor(Handle) -> cursor(Handle, []).

-spec cursor(query_handle() | list(), term()) ->
    query_cursor() | {error, module(), term()}.
cursor(Handle, Options) ->
    case {qlc_options:values(Options, ?EVALUATION ++ [spawn_options]),
          qlc_plan:inside(Handle)} of
        {Bad1, Bad2} when Bad1 =:= badarg; Bad2 =:= badarg ->
            error(badarg, [Handle, Options]);
        {Values, Inner} ->
            {Evaluation, [Spawn]} = lists:split(length(?EVALUATION), Values),
            case qlc_cursor:start(Inner, settings(Evaluation), Spawn) of
                Pid when is_pid(Pid) -> #qlc_cursor{c = {Pid, self()}};
                Error -> Error
            end
    end.

next_answers(Cursor) -> next_answers(Cursor, 10).

-spec next_answers(query_cursor(), pos_integer() | all_remaining) ->
    list() | {error, module(), term()}.
next_answers(#qlc_cursor{c = {Pid, Owner}} = Cursor, N) ->
    Owner =:= self() orelse error(not_cursor_owner, [Cursor, N]),
    case N of
        all_remaining -> qlc_cursor:answers(Pid, -1);
        _ when is_integer(N), N > 0 -> qlc_cursor:answers(Pid, N);
        _ -> error(badarg, [Cursor, N])
    end;
next_answers(Other, N) -> error(badarg, [Other, N]).

-spec delete_cursor(query_cursor()) -> ok.
delete_cursor(#qlc_cursor{c = {Pid, Owner}} = Cursor) ->
    Owner =:= self() orelse error(not_cursor_owner, [Cursor]),
    qlc_cursor:stop(Pid);
delete_cursor(Other) -> error(badarg, [Other]).

%% ---- What a query looks like ----

info(Handle) -> info(Handle, []).

-spec info(query_handle() | list(), term()) ->
    string() | erl_parse:abstract_expr() | {error, module(), term()}.
info(Handle, Options) ->
    Names = ?EVALUATION ++ [flat, format, n_elements, depth],
    case {qlc_options:values(Options, Names), qlc_plan:inside(Handle)} of
        {Bad1, Bad2} when Bad1 =:= badarg; Bad2 =:= badarg ->
            error(badarg, [Handle, Options]);
        {Values, Inner} ->
            {Evaluation, [Flat, Format, Elements, Depth]} =
                lists:split(length(?EVALUATION), Values),
            qlc_run:with(fun(_) ->
                Plan = qlc_plan:plan(Inner, [], settings(Evaluation)),
                qlc_text:info(Plan, Format, Flat, {Elements, Depth})
            end)
    end.

%% ---- Errors ----

-spec format_error(term()) -> io_lib:chars().
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
format_error({Line, Module, Reason}) when is_integer(Line) ->
    located(integer_to_list(Line), Module, Reason);
format_error({{Line, Column}, Module, Reason}) ->
    located(io_lib:format("~w:~w", [Line, Column]), Module, Reason);
format_error({bad_object, File}) ->
    io_lib:format("the temporary file \"~ts\" holding answers is corrupt",
                  [File]);
format_error(bad_object) -> "the keys could not be extracted from some term";
format_error({file_error, File, Reason}) ->
    io_lib:format("\"~ts\": ~tp~n", [File, file:format_error(Reason)]);
format_error({premature_eof, File}) ->
    io_lib:format("\"~ts\": end-of-file was encountered inside some binary "
                  "term", [File]);
format_error({tmpdir_usage, Why}) ->
    io_lib:format("temporary file was needed for ~w~n", [Why]);
format_error({error, Module, Reason}) -> Module:format_error(Reason);
format_error(Other) -> io_lib:format("~tp~n", [Other]).

located(Place, Module, Reason) ->
    io_lib:format("~s: ~ts~n",
                  [Place, lists:flatten(Module:format_error(Reason))]).
