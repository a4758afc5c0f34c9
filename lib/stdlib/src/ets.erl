%% SPDX-License-Identifier: Apache-2.0
%% ets: tables of terms. The tables themselves are written in C; those
%% functions stand here as stubs. In Erlang: folding, files, listings.
-module(ets).

-export([all/0, delete/1, delete/2, delete_all_objects/1, delete_object/2,
         first/1, first_lookup/1, give_away/3, info/1, info/2, insert/2,
         insert_new/2, is_compiled_ms/1, last/1, last_lookup/1, lookup/2,
         lookup_element/3, lookup_element/4, match/1, match/2, match/3,
         match_delete/2, match_object/1, match_object/2, match_object/3,
         match_spec_compile/1, match_spec_run/2, match_spec_run_r/3, member/2,
         new/2, next/2, next_lookup/2, prev/2, prev_lookup/2, rename/2,
         safe_fixtable/2, select/1, select/2, select/3, select_count/2,
         select_delete/2, select_replace/2, select_reverse/1, select_reverse/2,
         select_reverse/3, setopts/2, slot/2, take/2, update_counter/3,
         update_counter/4, update_element/3, update_element/4, whereis/1,
         internal_delete_all/2, internal_select_delete/2,
         internal_request_all/0]).
-export([foldl/3, foldr/3, tab2list/1, from_dets/2, to_dets/2, fun2ms/1,
         init_table/2, file2tab/1, file2tab/2, tab2file/2, tab2file/3,
         tabfile_info/1, table/1, table/2, test_ms/2, repair_continuation/2,
         i/0, i/1, i/2, i/3]).

-export_type([table/0, tab/0, tid/0, match_spec/0, comp_match_spec/0,
              match_pattern/0, table_access/0, table_type/0]).

-type table() :: atom() | reference().
-type tab() :: table().
-type tid() :: reference().
-type match_spec() :: [{tuple() | '_' | atom(), [term()], [term()]}].
-type comp_match_spec() :: reference().
-type match_pattern() :: atom() | tuple().
-type table_access() :: public | protected | private.
-type table_type() :: set | ordered_set | bag | duplicate_bag.

-define(STUB, erlang:nif_error(undef)).

all() -> ?STUB.
delete(_) -> ?STUB.
delete(_, _) -> ?STUB.
delete_object(_, _) -> ?STUB.
first(_) -> ?STUB.
first_lookup(_) -> ?STUB.
give_away(_, _, _) -> ?STUB.
info(_) -> ?STUB.
info(_, _) -> ?STUB.
insert(_, _) -> ?STUB.
insert_new(_, _) -> ?STUB.
internal_delete_all(_, _) -> ?STUB.
internal_select_delete(_, _) -> ?STUB.
internal_request_all() -> ?STUB.
is_compiled_ms(_) -> ?STUB.
last(_) -> ?STUB.
last_lookup(_) -> ?STUB.
lookup(_, _) -> ?STUB.
lookup_element(_, _, _) -> ?STUB.
lookup_element(_, _, _, _) -> ?STUB.
match(_) -> ?STUB.
match(_, _) -> ?STUB.
match(_, _, _) -> ?STUB.
match_object(_) -> ?STUB.
match_object(_, _) -> ?STUB.
match_object(_, _, _) -> ?STUB.
match_spec_compile(_) -> ?STUB.
match_spec_run_r(_, _, _) -> ?STUB.
member(_, _) -> ?STUB.
new(_, _) -> ?STUB.
next(_, _) -> ?STUB.
next_lookup(_, _) -> ?STUB.
prev(_, _) -> ?STUB.
prev_lookup(_, _) -> ?STUB.
rename(_, _) -> ?STUB.
safe_fixtable(_, _) -> ?STUB.
select(_) -> ?STUB.
select(_, _) -> ?STUB.
select(_, _, _) -> ?STUB.
select_count(_, _) -> ?STUB.
select_replace(_, _) -> ?STUB.
select_reverse(_) -> ?STUB.
select_reverse(_, _) -> ?STUB.
select_reverse(_, _, _) -> ?STUB.
setopts(_, _) -> ?STUB.
slot(_, _) -> ?STUB.
take(_, _) -> ?STUB.
update_counter(_, _, _) -> ?STUB.
update_counter(_, _, _, _) -> ?STUB.
update_element(_, _, _) -> ?STUB.
update_element(_, _, _, _) -> ?STUB.
whereis(_) -> ?STUB.

%% The calls behind these are what errors tell.
delete_all_objects(Table) ->
    _ = ets:internal_delete_all(Table, undefined),
    true.

select_delete(Table, [{'_', [], [true]}]) ->
    ets:internal_delete_all(Table, undefined);
select_delete(Table, Spec) -> ets:internal_select_delete(Table, Spec).

match_delete(Table, Pattern) ->
    _ = ets:select_delete(Table, [{Pattern, [], [true]}]),
    true.

tab2list(Table) -> ets:match_object(Table, '_').

-define(FAIL(Args),
        erlang:error(badarg, Args,
                     [{error_info, #{module => erl_stdlib_errors,
                                     cause => id}}])).

%%% Match specifications

-spec match_spec_run([term()], comp_match_spec()) -> [term()].
match_spec_run(List, Compiled) ->
    lists:reverse(ets:match_spec_run_r(List, Compiled, [])).

%% A compiled specification that went through a file or to another node is a
%% reference to nothing.
repair_continuation('$end_of_table', _) -> '$end_of_table';
repair_continuation({_, _, _, N1, Compiled, L, N2, N3} = Ordered, Spec)
  when is_integer(N1), is_list(L), is_integer(N2), is_integer(N3) ->
    setelement(5, Ordered, repaired(Compiled, Spec));
repair_continuation({_, N1, N2, Compiled, L, N3} = Hash, Spec)
  when is_integer(N1), is_integer(N2), is_list(L), is_integer(N3) ->
    setelement(4, Hash, repaired(Compiled, Spec)).

repaired(Compiled, Spec) ->
    case ets:is_compiled_ms(Compiled) of
        true -> Compiled;
        false -> ets:match_spec_compile(Spec)
    end.

%% Only the parse transform can make one of a fun that is compiled; at the
%% prompt the fun's own clauses are there.
-spec fun2ms(function()) -> match_spec().
fun2ms(Fun) when is_function(Fun) ->
    case erl_eval:fun_data(Fun) of
        {fun_data, Bindings, Clauses} ->
            case ms_transform:transform_from_shell(?MODULE, Clauses,
                                                   Bindings) of
                {error, [{_, [{_, _, Code} | _]} | _], _} ->
                    io:format("Error: ~ts~n",
                              [ms_transform:format_error(Code)]),
                    {error, transform_error};
                Spec -> Spec
            end;
        _ -> exit({badarg, {?MODULE, fun2ms,
                            [function, called, with, real, 'fun', should, be,
                             transformed, with, parse_transform, 'or',
                             called, with, a, 'fun', generated, in, the,
                             shell]}})
    end.

-spec test_ms(tuple(), match_spec()) ->
          {ok, term()} | {error, [{warning | error, string()}]}.
test_ms(Term, Spec) ->
    case erlang:match_spec_test(Term, Spec, table) of
        {ok, Result, _, _} -> {ok, Result};
        {error, _} = Error -> Error
    end.

%%% Folding

%% The table is fixed, so that the fold sees each object once.
-spec foldl(fun((term(), Acc) -> Acc), Acc, table()) -> Acc.
foldl(Fun, Acc, Table) ->
    ets:safe_fixtable(Table, true),
    fold(Fun, Acc, Table, fun first/1, fun next/2).

-spec foldr(fun((term(), Acc) -> Acc), Acc, table()) -> Acc.
foldr(Fun, Acc, Table) ->
    ets:safe_fixtable(Table, true),
    fold(Fun, Acc, Table, fun last/1, fun prev/2).

fold(Fun, Acc, Table, First, Next) ->
    try fold_keys(Fun, Acc, Table, First(Table), Next)
    after
        ets:safe_fixtable(Table, false)
    end.

fold_keys(_, Acc, _, '$end_of_table', _) -> Acc;
fold_keys(Fun, Acc, Table, Key, Next) ->
    Acc1 = lists:foldl(Fun, Acc, ets:lookup(Table, Key)),
    fold_keys(Fun, Acc1, Table, Next(Table, Key), Next).

from_dets(Table, Dets) ->
    try dets:to_ets(Dets, Table) of
        {error, Reason} -> erlang:error(Reason, [Table, Dets]);
        Table -> true
    catch
        error:badarg -> erlang:error(badarg, [Table, Dets])
    end.

to_dets(Table, Dets) ->
    try dets:from_ets(Dets, Table) of
        {error, Reason} -> erlang:error(Reason, [Table, Dets]);
        ok -> Dets
    catch
        error:badarg -> erlang:error(badarg, [Table, Dets])
    end.

%% Fills the table with what [Init] answers, {Objects, NextInit}, up to
%% end_of_input.
-spec init_table(table(), fun((read | close) -> term())) -> true.
init_table(Table, Init) ->
    ets:delete_all_objects(Table),
    init_from(Table, Init).

init_from(Table, Init) ->
    case Init(read) of
        end_of_input -> true;
        {Objects, Next} when is_list(Objects), is_function(Next) ->
            ets:insert(Table, Objects),
            init_from(Table, Next);
        Other -> erlang:error(Other, [Table, Init])
    end.

%%% Files

-spec tab2file(table(), file:name()) -> ok | {error, term()}.
tab2file(Table, File) -> tab2file(Table, File, []).

-spec tab2file(table(), file:name(), [term()]) -> ok | {error, term()}.
tab2file(Table, File, Options) -> ets_file:write(Table, File, Options).

-spec file2tab(file:name()) -> {ok, table()} | {error, term()}.
file2tab(File) -> file2tab(File, []).

-spec file2tab(file:name(), [{verify, boolean()}]) ->
          {ok, table()} | {error, term()}.
file2tab(File, Options) -> ets_file:read(File, Options).

-spec tabfile_info(file:name()) -> {ok, [tuple()]} | {error, term()}.
tabfile_info(File) -> ets_file:info(File).

%%% Query list comprehensions

table(Table) -> table(Table, []).

-spec table(table(), term()) -> qlc:query_handle().
table(Table, Options) ->
    case qlc_table:handle(ets, Table, Options) of
        badarg -> erlang:error(badarg, [Table, Options]);
        Handle -> Handle
    end.

%%% Listings

-spec i() -> ok.
i() ->
    listing("id", "name", "type", "size", "mem", "owner"),
    io:format(" ----------------------------------------------------------"
              "------------------\n"),
    lists:foreach(fun line/1, lists:sort(ets:all())).

line(Table) ->
    try
        Get = fun(Item) -> ets:info(Table, Item) end,
        Owner = case process_info(Get(owner), registered_name) of
                    {registered_name, Name} -> Name;
                    _ -> Get(owner)
                end,
        listing(short(Table), short(Get(name)), Get(type), Get(size),
                Get(memory), Owner)
    catch
        error:_ -> ok
    end.

short(Term) -> lists:flatten(io_lib:format("~tp", [Term])).

%% A long name pushes the rest of its line to the right rather than be cut.
listing(Id, Name, Type, Size, Memory, Owner) ->
    Columns = [{Id, 15}, {Name, 17}, {Type, 5}, {Size, 6}, {Memory, 8},
               {Owner, 0}],
    io:put_chars([[[$\s, string:pad(text(Term), Width)]
                   || {Term, Width} <- Columns], $\n]).

text(Text) when is_list(Text) -> Text;
text(Term) -> short(Term).

i(Table) -> i(Table, 40).

i(Table, Height) when is_integer(Height) -> i(Table, Height, 80).

%% Shows the objects, numbered; asks at the end of each page.
i(Table, Height, Width) when is_integer(Height), is_integer(Width) ->
    _ = ets:first(Table),
    show(ets:tab2list(Table), 1, Height, Height, Width).

show([Object | Objects], N, Left, Height, Width) when Left > 0 ->
    Text = lists:flatten(io_lib:format("~-4w ~0tp", [N, Object])),
    io:format("<~ts\n", [lists:sublist(Text, Width - 1)]),
    show(Objects, N + 1, Left - 1, Height, Width);
show([], _, _, _, _) ->
    io:format("EOT  (q)uit (p)Digits (k)ill /Regexp -->"),
    asked(io:get_line(''));
show(Objects, N, _, Height, Width) ->
    io:format("(q)uit (p)Digits (k)ill /Regexp -->"),
    case io:get_line('') of
        "\n" -> show(Objects, N, Height, Height, Width);
        Other -> asked(Other)
    end.

asked(_) -> ok.
