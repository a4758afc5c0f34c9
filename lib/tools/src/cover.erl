%% SPDX-License-Identifier: Apache-2.0
%% cover: which lines of modules run, and how often. A module is compiled with
%% a count before each expression of its bodies; the counts are in a table that
%% a server owns.
-module(cover).
-behaviour(gen_server).

-export([start/0, start/1, stop/0, compile/1, compile/2, compile_module/1,
         compile_module/2, compile_beam/1, compile_directory/0,
         compile_directory/1, compile_directory/2, analyse/0, analyse/1,
         analyse/2, analyse/3, analyze/0, analyze/1, analyze/2, analyze/3,
         analyse_to_file/1, analyse_to_file/2, analyze_to_file/1,
         analyze_to_file/2, export/1, export/2, import/1, imported/0, reset/0,
         reset/1, modules/0, imported_modules/0, is_compiled/1, which_nodes/0]).

-export([init/1, handle_call/3, handle_cast/2, terminate/2]).

%% {{Module, Function, Arity, Clause, Line}, Count}
-define(COUNTS, cover_counts).

%% What code:which/1 answers for a module that is compiled with counts.
-define(TAG, cover_compiled).

%% #{Module => File}; counts and names of files that were imported.
-record(cover, {compiled = #{}, imported = #{}, files = []}).

%% ---- For users ----

start() ->
    case gen_server:start({local, cover_server}, ?MODULE, [], []) of
        {ok, Pid} -> {ok, Pid};
        {error, {already_started, _}} = Error -> Error
    end.

%% Nodes other than this one are not reached.
start(_Nodes) -> start().

stop() ->
    case whereis(cover_server) of
        undefined -> ok;
        _ -> call(stop)
    end.

which_nodes() -> [].

call(Request) ->
    start(),
    gen_server:call(cover_server, Request, infinity).

compile(Module) -> compile_module(Module).

compile(Module, Options) -> compile_module(Module, Options).

compile_module(Module) -> compile_module(Module, []).

%% One module or file, or a list of them.
compile_module(Modules, Options) when is_list(Modules), is_atom(hd(Modules)) ->
    [compile_module(M, Options) || M <- Modules];
compile_module(Module, Options) ->
    Name = if is_atom(Module) -> atom_to_list(Module); true -> Module end,
    File = filename:absname(filename:rootname(Name, ".erl")) ++ ".erl",
    Kept = [O || O <- Options, is_kept(O)],
    case compile:file(File, [debug_info, binary, report | Kept]) of
        {ok, M, Beam} -> call({compile, M, File, Beam, Kept});
        error -> {error, File}
    end.

is_kept({Key, _}) -> lists:member(Key, [i, d]);
is_kept({d, _, _}) -> true;
is_kept(_) -> false.

compile_directory() -> compile_directory(".").

compile_directory(Dir) -> compile_directory(Dir, []).

compile_directory(Dir, Options) ->
    case file:list_dir(Dir) of
        {ok, Names} ->
            [compile_module(filename:join(Dir, N), Options)
             || N <- lists:sort(Names), filename:extension(N) =:= ".erl"];
        Error ->
            Error
    end.

compile_beam(Module) when is_atom(Module) ->
    case code:which(Module) of
        File when is_list(File) -> compile_beam(File);
        Other -> {error, Other}
    end;
compile_beam(File) ->
    case file:read_file(File) of
        {ok, Beam} ->
            {ok, {M, _}} = beam_lib:chunks(Beam, []),
            call({compile, M, File, Beam, []});
        {error, _} ->
            {error, non_existing}
    end.

analyse() -> analyse('_').

analyse(What) when What =:= coverage; What =:= calls ->
    analyse('_', What);
analyse(Level) when Level =:= line; Level =:= clause; Level =:= function;
                    Level =:= module ->
    analyse('_', coverage, Level);
analyse(Modules) ->
    analyse(Modules, coverage).

analyse(Modules, What) when What =:= coverage; What =:= calls ->
    analyse(Modules, What, function);
analyse(Modules, Level) ->
    analyse(Modules, coverage, Level).

analyse('_', What, Level) ->
    analyse(modules(), What, Level);
analyse(Modules, What, Level) when is_list(Modules) ->
    Each = [call({analyse, M, What, Level}) || M <- Modules],
    {result, lists:append([case A of
                               L when is_list(L) -> L;
                               One -> [One]
                           end || {ok, A} <- Each]),
     [Why || {error, Why} <- Each]};
analyse(Module, What, Level) ->
    call({analyse, Module, What, Level}).

analyze() -> analyse().
analyze(A) -> analyse(A).
analyze(A, B) -> analyse(A, B).
analyze(A, B, C) -> analyse(A, B, C).

analyse_to_file(Module) ->
    analyse_to_file(Module, atom_to_list(Module) ++ ".COVER.out").

analyse_to_file(Module, [O | _] = Options) when is_tuple(O); is_atom(O) ->
    Dir = proplists:get_value(outdir, Options, "."),
    analyse_to_file(Module, filename:join(Dir, atom_to_list(Module)
                                          ++ ".COVER.out"));
analyse_to_file(Module, File) ->
    call({to_file, Module, File}).

analyze_to_file(Module) -> analyse_to_file(Module).
analyze_to_file(Module, File) -> analyse_to_file(Module, File).

export(File) -> call({export, File, '_'}).
export(File, Module) -> call({export, File, Module}).

import(File) -> call({import, File}).

imported() -> call(imported).

imported_modules() -> call(imported_modules).

reset() -> call({reset, '_'}).
reset(Module) -> call({reset, Module}).

modules() -> call(modules).

is_compiled(Module) -> call({is_compiled, Module}).

%% ---- The server ----

init([]) ->
    process_flag(trap_exit, true),
    ?COUNTS = ets:new(?COUNTS, [named_table, public, ordered_set,
                                {write_concurrency, true}]),
    {ok, #cover{}}.

handle_call({compile, Module, File, Beam, Options}, _, S) ->
    case beam_lib:chunks(Beam, [abstract_code]) of
        {ok, {Module, [{abstract_code, {_, Forms}}]}} ->
            load(Module, instrument(Module, Forms), Options),
            #cover{compiled = Compiled} = S,
            {reply, {ok, Module},
             S#cover{compiled = Compiled#{Module => File}}};
        _ ->
            {reply, {error, {no_abstract_code, File}}, S}
    end;
handle_call({analyse, Module, What, Level}, _, S) ->
    {reply, with_counts(Module, S, fun(Counts) ->
        {ok, result(What, Level, Module, Counts)}
    end), S};
handle_call({to_file, Module, File}, _, #cover{compiled = Compiled} = S) ->
    {reply, with_counts(Module, S, fun(Counts) ->
        case source_of(Module, maps:get(Module, Compiled, "")) of
            none -> {error, {no_source_code_found, Module}};
            Source -> write_source(Source, Counts, File)
        end
    end), S};
handle_call({export, File, Module}, _, S) ->
    Data = [{K, N} || {{M, _, _, _, _} = K, N} <- ets:tab2list(?COUNTS),
                      Module =:= '_' orelse M =:= Module],
    case file:write_file(File, term_to_binary({cover, Data})) of
        ok -> {reply, ok, S};
        {error, Reason} -> {reply, {error, {cant_open_file, File, Reason}}, S}
    end;
handle_call({import, File}, _, #cover{imported = Imported, files = Fs} = S) ->
    case file:read_file(File) of
        {ok, Bytes} ->
            {cover, Data} = binary_to_term(Bytes),
            Sums = lists:foldl(fun({K, N}, Acc) ->
                maps:update_with(K, fun(Old) -> Old + N end, N, Acc)
            end, Imported, Data),
            {reply, ok, S#cover{imported = Sums,
                                files = Fs ++ [filename:absname(File)]}};
        {error, Reason} ->
            {reply, {error, {cant_open_file, File, Reason}}, S}
    end;
handle_call(imported, _, S) ->
    {reply, S#cover.files, S};
handle_call(imported_modules, _, S) ->
    {reply, lists:usort([M || {M, _, _, _, _} <- maps:keys(S#cover.imported)]),
     S};
handle_call({reset, Module}, _, #cover{imported = Imported} = S) ->
    Is = fun(M) -> Module =:= '_' orelse M =:= Module end,
    [ets:insert(?COUNTS, {K, 0})
     || {{M, _, _, _, _} = K, _} <- ets:tab2list(?COUNTS), Is(M)],
    Kept = maps:filter(fun({M, _, _, _, _}, _) -> not Is(M) end, Imported),
    {reply, ok, S#cover{imported = Kept}};
handle_call(modules, _, S) ->
    {reply, lists:sort(maps:keys(S#cover.compiled)), S};
handle_call({is_compiled, Module}, _, S) ->
    {reply, case S#cover.compiled of
                #{Module := File} -> {file, File};
                #{} -> false
            end, S};
handle_call(stop, _, S) ->
    {stop, normal, ok, S}.

handle_cast(_, S) ->
    {noreply, S}.

%% Modules are loaded anew, without counts, when they are called next.
terminate(_, #cover{compiled = Compiled}) ->
    [begin
         code:purge(M),
         code:delete(M),
         code:purge(M)
     end || M <- maps:keys(Compiled)],
    ok.

%% ---- Compiling ----

load(Module, Forms, Options) ->
    {ok, Module, Beam} = compile:forms(Forms, [binary, debug_info | Options]),
    code:purge(Module),
    {module, Module} = code:load_binary(Module, ?TAG, Beam),
    ok.

instrument(Module, Forms) ->
    ets:match_delete(?COUNTS, {{Module, '_', '_', '_', '_'}, '_'}),
    [form(F, Module) || F <- Forms].

form({function, Anno, F, A, Clauses}, Module) ->
    Numbered = lists:zip(lists:seq(1, length(Clauses)), Clauses),
    {function, Anno, F, A, [clause(C, {Module, F, A, N}) || {N, C} <- Numbered]};
form(Form, _) ->
    Form.

clause({clause, Anno, Head, Guards, Body}, Place) ->
    {clause, Anno, Head, Guards, body(Body, none, Place)}.

%% A count before each expression that begins on a line of its own.
body([E | Es], Last, Place) ->
    Line = erl_anno:line(element(2, E)),
    Inner = inner(E, Place),
    case Line of
        Last -> [Inner | body(Es, Line, Place)];
        0 -> [Inner | body(Es, Last, Place)];
        _ -> [count(Line, element(2, E), Place), Inner | body(Es, Line, Place)]
    end;
body([], _, _) ->
    [].

count(Line, Anno, {M, F, A, C}) ->
    Key = {M, F, A, C, Line},
    ets:insert_new(?COUNTS, {Key, 0}),
    {call, Anno, {remote, Anno, {atom, Anno, ets}, {atom, Anno, update_counter}},
     [{atom, Anno, ?COUNTS}, erl_parse:abstract(Key, [{location, Line}]),
      {integer, Anno, 1}]}.

%% Bodies within an expression.
inner({clause, _, _, _, _} = C, Place) -> clause(C, Place);
inner({block, Anno, Body}, Place) -> {block, Anno, body(Body, none, Place)};
inner({'try', Anno, Body, Of, Catch, After}, Place) ->
    {'try', Anno, body(Body, none, Place), [clause(C, Place) || C <- Of],
     [clause(C, Place) || C <- Catch], body(After, none, Place)};
inner({'receive', Anno, Clauses, Time, After}, Place) ->
    {'receive', Anno, [clause(C, Place) || C <- Clauses], Time,
     body(After, none, Place)};
inner(E, Place) when is_tuple(E) ->
    list_to_tuple([inner(X, Place) || X <- tuple_to_list(E)]);
inner([H | T], Place) -> [inner(H, Place) | inner(T, Place)];
inner(E, _) -> E.

%% ---- Results ----

%% [{{Function, Arity, Clause, Line}, Count}] of a module, in order.
with_counts(Module, #cover{compiled = Compiled, imported = Imported,
                           files = Files}, F) ->
    Own = ets:match_object(?COUNTS, {{Module, '_', '_', '_', '_'}, '_'}),
    Known = [K || {M, _, _, _, _} = K <- maps:keys(Imported), M =:= Module],
    case is_map_key(Module, Compiled) orelse Known =/= [] of
        false ->
            {error, {not_cover_compiled, Module}};
        true ->
            Known =:= []
                orelse io:format("Analysis includes data from imported "
                                 "files~n~tp~n", [Files]),
            Sums = lists:foldl(fun({K, N}, Acc) ->
                maps:update_with(K, fun(Old) -> Old + N end, N, Acc)
            end, maps:with(Known, Imported), Own),
            F([{{Fun, A, C, L}, N}
               || {{_, Fun, A, C, L}, N} <- lists:sort(
                      fun({{_, _, _, _, L1}, _}, {{_, _, _, _, L2}, _}) ->
                          L1 =< L2
                      end, maps:to_list(Sums))])
    end.

result(calls, line, M, Counts) -> [{{M, L}, N} || {{_, _, _, L}, N} <- Counts];
result(coverage, line, M, Counts) ->
    [{{M, L}, covered([N])} || {{_, _, _, L}, N} <- Counts];
result(What, module, M, Counts) ->
    Values = [V || {_, V} <- by_function(What, Counts)],
    {M, add(What, Values)};
result(What, function, M, Counts) ->
    [{{M, F, A}, V} || {{F, A}, V} <- lists:sort(by_function(What, Counts))];
result(What, clause, M, Counts) ->
    [{{M, F, A, C}, V} || {{F, A, C}, V} <- lists:sort(by_clause(What, Counts))].

by_function(What, Counts) ->
    grouped([{{F, A}, V} || {{F, A, _}, V} <- by_clause(What, Counts)],
            fun(Vs) -> add(What, Vs) end).

%% The calls of a clause are those of its first line.
by_clause(What, Counts) ->
    grouped([{{F, A, C}, N} || {{F, A, C, _}, N} <- Counts],
            fun(Ns) ->
                case What of
                    calls -> hd(Ns);
                    coverage -> covered(Ns)
                end
            end).

%% Values of the same key, keys in the order of their first.
grouped(Pairs, F) ->
    [{K, F([V || {K1, V} <- Pairs, K1 =:= K])}
     || K <- lists:uniq([K || {K, _} <- Pairs])].

covered(Counts) ->
    Run = length([N || N <- Counts, N > 0]),
    {Run, length(Counts) - Run}.

add(calls, Values) -> lists:sum(Values);
add(coverage, Values) ->
    {lists:sum([A || {A, _} <- Values]), lists:sum([B || {_, B} <- Values])}.

%% The source with the count of each line.
%% The source of a module that was compiled from [File]: beside the object file,
%% in the folder of sources beside that, or where the compiler found it.
source_of(Module, File) ->
    case filename:extension(File) of
        ".beam" ->
            Name = filename:basename(File, ".beam") ++ ".erl",
            Dir = filename:dirname(File),
            Told = proplists:get_value(source, Module:module_info(compile), Name),
            first_file([filename:join(Dir, Name),
                        filename:join([Dir, "..", "src", Name]), Told]);
        _ -> File
    end.

%% What stands behind the last line's end is no line.
rows(Split) ->
    case lists:last(Split) of
        <<>> -> lists:droplast(Split);
        _ -> Split
    end.

first_file(Files) ->
    case lists:search(fun filelib:is_regular/1, Files) of
        {value, File} -> File;
        false -> none
    end.

write_source(Source, Counts, File) ->
    case file:read_file(Source) of
        {ok, Text} ->
            Lines = maps:from_list([{L, N} || {{_, _, _, L}, N} <- Counts]),
            {{Y, Mo, D}, {H, Mi, S}} = calendar:local_time(),
            Head = io_lib:format(
                "File generated from ~ts by COVER "
                "~4w-~2..0w-~2..0w at ~2..0w:~2..0w:~2..0w~n~n~ts~n~n",
                [Source, Y, Mo, D, H, Mi, S, lists:duplicate(76, $*)]),
            Rows = rows(binary:split(Text, <<"\n">>, [global])),
            Body = [[case Lines of
                         #{L := N} -> io_lib:format("~6w..|  ", [N]);
                         #{} -> "        |  "
                     end, Row, "\n"]
                    || {L, Row} <- lists:zip(lists:seq(1, length(Rows)), Rows)],
            case file:write_file(File, unicode:characters_to_binary([Head, Body])) of
                ok -> {ok, File};
                {error, Reason} -> {error, {file, File, Reason}}
            end;
        {error, _} ->
            {error, no_source_code_found}
    end.
