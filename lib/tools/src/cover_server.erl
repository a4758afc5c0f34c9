%% SPDX-License-Identifier: Apache-2.0
%% cover_server: what cover knows. The modules' counts are arrays of counters,
%% found by the code that counts under the persistent term {cover, Module};
%% what was fetched from them, and from other nodes, is summed in a table.
%%
%% Other nodes that count have a server of the same name, which only keeps
%% their arrays: the main one, where cover was started, asks it for them. A node
%% that is lost and comes back is given what it lacks.
-module(cover_server).
-behaviour(gen_server).

-export([start/0, call/1]).

-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(SUMS, cover_collected_remote_data_table). % as OTP's is called

%% What code:which/1 answers for a module that is compiled with counts.
-define(TAG, cover_compiled).

%% A compiled module.
-record(code, {file, keys, clauses, beam}).

-record(main, {code = #{} :: #{module() => #code{}},
               order = [] :: [module()],   % as they were compiled
               %% {Module, File, Files with counts}, and their clauses
               imported = [] :: [{module(), file:filename(),
                                  [file:filename()]}],
               clauses = #{} :: #{module() => [tuple()]},
               nodes = [] :: [node()],
               lost = [] :: [node()],
               local_only = false}).

-record(remote, {main :: node(), compiled = [] :: [module()]}).

start() ->
    gen_server:start({local, ?MODULE}, ?MODULE, main, []).

call(Request) ->
    _ = whereis(?MODULE) =/= undefined orelse start(),
    gen_server:call(?MODULE, Request, infinity).

init(main) ->
    ?SUMS = ets:new(?SUMS, [named_table, public]),
    ok = net_kernel:monitor_nodes(true),
    {ok, #main{}};
init({remote, Main}) ->
    {ok, #remote{main = Main}}.

handle_call(get_main_node, _, #remote{main = Main} = S) -> {reply, Main, S};
handle_call(get_main_node, _, S) -> {reply, node(), S};
handle_call({remote, Request}, _, #remote{} = S) -> served(Request, S);
handle_call(_, _, #remote{} = S) -> {reply, {error, not_main_node}, S};
handle_call(stop, _, S) ->
    [remote(Node, stop) || Node <- S#main.nodes],
    {stop, normal, ok, S};
handle_call(Request, _, S0) ->
    {Reply, S} = answer(Request, S0),
    {reply, Reply, S}.

handle_cast(_, S) ->
    {noreply, S}.

handle_info({nodedown, Node}, #main{nodes = Nodes} = S) ->
    case lists:member(Node, Nodes) of
        true -> {noreply, lose(Node, S)};
        false -> {noreply, S}
    end;
handle_info({nodeup, Node}, #main{lost = Lost} = S) ->
    case lists:member(Node, Lost) of
        true -> {noreply, found_again(Node, S)};
        false -> {noreply, S}
    end;
handle_info(_, S) ->
    {noreply, S}.

terminate(_, #main{code = Code}) -> unload(maps:keys(Code));
terminate(_, #remote{compiled = Modules}) -> unload(Modules).

lose(Node, #main{nodes = Nodes, lost = Lost} = S) ->
    S#main{nodes = lists:delete(Node, Nodes), lost = [Node | Lost]}.

%% ---- Requests ----

answer(local_only, #main{code = Code, nodes = []} = S)
  when map_size(Code) =:= 0 ->
    {ok, S#main{local_only = true}};
answer(local_only, S) -> {{error, too_late}, S};
answer({start, _}, #main{local_only = true} = S) -> {{error, local_only}, S};
answer({start, Nodes}, S) -> start_nodes(Nodes, S);
answer({stop, Nodes}, #main{nodes = Running, lost = Lost} = S) ->
    fetch(Nodes, S),
    [remote(Node, stop) || Node <- Nodes],
    {ok, S#main{nodes = Running -- Nodes, lost = Lost -- Nodes}};
answer({flush, Nodes}, S) ->
    fetch(Nodes, S),
    {ok, S};
answer(which_nodes, S) -> {S#main.nodes, S};
answer({compile, Files, Options}, S) ->
    Kept = kept_options(Options),
    lists:mapfoldl(fun(File, Acc) -> compile_source(File, Kept, Acc) end, S,
                   Files);
answer({compile_beams, Found}, S) ->
    lists:mapfoldl(fun compile_found/2, S, Found);
answer(modules, S0) ->
    S = still_loaded(S0),
    {S#main.order, S};
answer({is_compiled, Module}, S0) ->
    case still_loaded(S0) of
        #main{code = #{Module := #code{file = File}}} = S -> {{file, File}, S};
        S -> {false, S}
    end;
answer(imported_modules, S) -> {[M || {M, _, _} <- S#main.imported], S};
answer(imported, S) ->
    {lists:uniq(lists:append([Files || {_, _, Files} <- S#main.imported])), S};
answer({reset, What}, S) -> reset(What, still_loaded(S));
answer({analyse, What, Kind, Level}, S0) ->
    S = still_loaded(S0),
    {analyse(What, S, fun({Module, _}) ->
                              {ok, cover_report:sums(Kind, Level, Module,
                                                     counts(Module))}
                      end), S};
answer({to_file, What, Options}, S0) ->
    S = still_loaded(S0),
    {analyse(What, S, fun({Module, File}) ->
                              cover_report:to_file(Module, File,
                                                   counts(Module), Options)
                      end), S};
answer({export, File, What}, S0) ->
    S = still_loaded(S0),
    {export(File, What, S), S};
answer({import, File}, S) -> import(File, S).

%% ---- Compiling ----

kept_options(Options) -> [O || O <- Options, is_kept(O)].

is_kept({i, Dir}) -> is_list(Dir);
is_kept({Key, _}) -> Key =:= d;
is_kept({Key, _, _}) -> Key =:= d orelse Key =:= feature;
is_kept(Option) -> Option =:= export_all orelse Option =:= tuple_calls.

compile_source(File, Options, S) ->
    case compile:file(File, [debug_info, binary, report_errors,
                             report_warnings | Options]) of
        {ok, Module, Beam} ->
            case count(Module, Beam, Options) of
                {ok, Code} -> add(Module, Code#code{file = File}, S);
                _ -> {{error, File}, S}
            end;
        error -> {{error, File}, S}
    end.

compile_found({error, _} = Error, S) -> {Error, S};
compile_found({ok, Module, ?TAG}, S) ->
    #code{file = File} = maps:get(Module, S#main.code, #code{file = ""}),
    case filename:extension(File) of
        ".beam" -> compile_found({ok, Module, File}, S);
        _ -> {{error, {already_cover_compiled, no_beam_found, Module}}, S}
    end;
compile_found({ok, Module, File}, S) ->
    Options = proplists:get_value(options, compile_info(File), []),
    case count(Module, File, kept_options(Options)) of
        {ok, Code} -> add(Module, Code#code{file = File}, S);
        error -> {{error, File}, S};
        {error, Reason} -> {{error, {Reason, File}}, S}
    end.

compile_info(Beam) ->
    case beam_lib:chunks(Beam, [compile_info]) of
        {ok, {_, [{compile_info, Info}]}} -> Info;
        _ -> []
    end.

%% Loads the module with counts.
count(Module, Beam, Options) ->
    clear([Module]),
    case forms(Module, Beam) of
        {ok, Forms} ->
            Counters = erl_parse:abstract({cover, Module}),
            A = erl_anno:new(0),
            Array = {call, A, {remote, A, {atom, A, persistent_term},
                               {atom, A, get}}, [Counters]},
            case cover_code:instrument(Module, Forms, Array) of
                {error, _} = Error -> Error;
                {Counting, Keys, Clauses} ->
                    Source = [O || {source, _} = O <- compile_info(Beam)],
                    {ok, Module, Code} = compile:forms(Counting,
                                                       Source ++ Options),
                    load(Module, #code{keys = Keys, clauses = Clauses,
                                       beam = Code})
            end;
        Error -> Error
    end.

forms(Module, Beam) ->
    case beam_lib:chunks(Beam, [abstract_code]) of
        {ok, {Module, [{abstract_code, {raw_abstract_v1, Forms}}]}} ->
            {ok, Forms};
        {ok, _} -> {error, no_abstract_code};
        {error, _, {key_missing_or_invalid, _, _}} ->
            {error, encrypted_abstract_code};
        {error, _, {missing_backend, _, Backend}} ->
            {error, {missing_backend, Backend}};
        {error, _, {file_error, _, _}} -> error;
        {error, _, _} -> {error, no_abstract_code}
    end.

load(Module, #code{keys = Keys, beam = Beam} = Code) ->
    case load(Module, length(Keys), Beam) of
        {module, Module} -> {ok, Code};
        _ ->
            clear([Module]),
            error
    end.

load(Module, Size, Beam) ->
    Array = counters:new(max(1, Size), [write_concurrency]),
    persistent_term:put({cover, Module}, Array),
    code:load_binary(Module, ?TAG, Beam).

%% Other nodes count it, too.
add(Module, Code, S0) ->
    #main{code = Codes, order = Order} = S1 = drop_imported(Module, S0),
    S = S1#main{code = Codes#{Module => Code},
                order = [M || M <- Order, M =/= Module] ++ [Module]},
    Loaded = [Node || Node <- S#main.nodes,
                      remote(Node, {load, to_send([Module], S)}) =/= ok],
    {{ok, Module}, lists:foldl(fun lose/2, S, Loaded)}.

to_send(Modules, #main{code = Codes}) ->
    [{M, length(Keys), Beam}
     || M <- Modules,
        #code{keys = Keys, beam = Beam} <- [map_get(M, Codes)]].

drop_imported(Module, #main{imported = Imported} = S) ->
    case lists:keytake(Module, 1, Imported) of
        {value, {_, _, Files}, Rest} ->
            io:fwrite("WARNING: Deleting data for module ~w imported from~n"
                      "~tp~n", [Module, Files]),
            S#main{imported = Rest};
        false -> S
    end.

%% Forgets the modules that were loaded without counts since.
still_loaded(#main{code = Codes} = S) ->
    case [M || M <- maps:keys(Codes), code:which(M) =/= ?TAG] of
        [] -> S;
        Gone ->
            clear(Gone),
            [remote(Node, {unload, Gone}) || Node <- S#main.nodes],
            S#main{code = maps:without(Gone, Codes),
                   order = S#main.order -- Gone}
    end.

clear(Modules) ->
    [begin
         persistent_term:erase({cover, M}),
         ets:match_delete(?SUMS, {{bump, M, '_', '_', '_', '_'}, '_'})
     end || M <- Modules].

%% The modules without counts take their places before the counting code is
%% purged: funs of names go on in them.
unload(Modules) ->
    [begin
         case code:which(M) of
             ?TAG ->
                 code:purge(M),
                 code:delete(M),
                 code:load_file(M),
                 code:purge(M);
             _ -> ok
         end,
         persistent_term:erase({cover, M})
     end || M <- Modules],
    ok.

%% ---- Counts ----

%% [{Key, Count}] of a module.
counts(Module) ->
    ets:match_object(?SUMS, {{bump, Module, '_', '_', '_', '_'}, '_'}).

sum(Key, N) -> ets:update_counter(?SUMS, Key, N, {Key, 0}).

%% Takes the counts of modules here and on the other nodes.
collect(Modules, #main{code = Codes, nodes = Nodes}) ->
    Counted = maps:with(Modules, Codes),
    maps:foreach(fun(M, Code) -> sum_all(Code, take(M)) end, Counted),
    fetch_from(Nodes, Counted).

fetch(Nodes, #main{code = Codes}) -> fetch_from(Nodes, Codes).

fetch_from(Nodes, Codes) ->
    [sum_all(map_get(M, Codes), Counts)
     || Node <- Nodes, {M, Counts} <- taken(Node, maps:keys(Codes))],
    ok.

taken(Node, Modules) ->
    case remote(Node, {take, Modules}) of
        Taken when is_list(Taken) -> Taken;
        _ -> []
    end.

sum_all(#code{keys = Keys}, Counts) ->
    [sum(Key, N) || {Key, N} <- pairs(Keys, Counts)].

%% An array has at least one counter.
pairs([Key | Keys], [N | Ns]) -> [{Key, N} | pairs(Keys, Ns)];
pairs([], _) -> [].

%% The counts of a module's array, which is then zero.
take(Module) ->
    case persistent_term:get({cover, Module}, none) of
        none -> [];
        Array ->
            #{size := Size} = counters:info(Array),
            [begin
                 N = counters:get(Array, I),
                 counters:sub(Array, I, N),
                 N
             end || I <- lists:seq(1, Size)]
    end.

reset('_', #main{code = Codes, nodes = Nodes} = S) ->
    forget(maps:keys(Codes), Nodes),
    {ok, S#main{imported = []}};
reset(Module, S) ->
    case place(Module, S) of
        {ok, _} ->
            forget([Module], S#main.nodes),
            {ok, drop_imported(Module, S)};
        Error -> {Error, S}
    end.

forget(Modules, Nodes) ->
    [take(M) || M <- Modules],
    [taken(Node, Modules) || Node <- Nodes],
    [ets:match_delete(?SUMS, {{bump, M, '_', '_', '_', '_'}, '_'})
     || M <- Modules].

%% ---- Analysis ----

%% A result {ok, R} of one module; {result, Rs, Errors} of several, or of all.
analyse('_', S, Do) ->
    Modules = [{M, File} || {M, File, _} <- S#main.imported,
                            not is_map_key(M, S#main.code)],
    Compiled = [{M, (map_get(M, S#main.code))#code.file} || M <- S#main.order],
    all_results(Modules ++ Compiled, [], S, Do);
analyse(Modules, S, Do) when is_list(Modules) ->
    Places = [{place(M, S), M} || M <- Modules],
    all_results([{M, File} || {{ok, File}, M} <- Places],
                [Why || {{error, Why}, _} <- Places], S, Do);
analyse(Module, S, Do) ->
    case place(Module, S) of
        {ok, File} ->
            tell_imported("Analysis", Module, S),
            collect([Module], S),
            Do({Module, File});
        Error -> Error
    end.

all_results(Modules, Errors, S, Do) ->
    collect([M || {M, _} <- Modules], S),
    Results = [Do(M) || M <- Modules],
    {result, lists:append([as_list(R) || {ok, R} <- Results]),
     Errors ++ [Why || {error, Why} <- Results]}.

%% A module's results are several, but not its sum or its file.
as_list([E | _] = R) when is_tuple(E) -> R;
as_list([]) -> [];
as_list(R) -> [R].

%% {ok, File that it is from}
place(Module, #main{code = Codes, imported = Imported}) ->
    case Codes of
        #{Module := #code{file = File}} -> {ok, File};
        #{} ->
            case lists:keyfind(Module, 1, Imported) of
                {_, File, _} -> {ok, File};
                false -> {error, {not_cover_compiled, Module}}
            end
    end.

tell_imported(What, Module, #main{imported = Imported}) ->
    case lists:keyfind(Module, 1, Imported) of
        {_, _, Files} ->
            io:format("~ts includes data from imported files~n~tp~n",
                      [What, Files]);
        false -> ok
    end.

%% ---- Files of counts ----

%% Terms, each behind its size: a module's file, its clauses, its counts.
export(File, What, S) ->
    case exported(What, S) of
        {error, _} = Error -> Error;
        Modules ->
            collect([M || {M, _} <- Modules], S),
            Terms = [[{file, M, From}, {M, clauses(M, S)} | counts(M)]
                     || {M, From} <- Modules],
            Bytes = [sized(T) || T <- lists:append(Terms)],
            case file:write_file(File, Bytes) of
                ok -> ok;
                {error, Reason} -> {error, {cant_open_file, File, Reason}}
            end
    end.

exported('_', #main{imported = Imported} = S) ->
    [{M, File} || {M, File, _} <- lists:reverse(Imported),
                  not is_map_key(M, S#main.code)]
        ++ [{M, (map_get(M, S#main.code))#code.file} || M <- S#main.order];
exported(Module, S) ->
    case place(Module, S) of
        {ok, File} -> [{Module, File}];
        Error -> Error
    end.

clauses(Module, #main{code = Codes, clauses = Imported}) ->
    case Codes of
        #{Module := #code{clauses = Clauses}} -> Clauses;
        #{} -> maps:get(Module, Imported, [])
    end.

sized(Term) ->
    Bytes = term_to_binary(Term, [compressed]),
    case byte_size(Bytes) of
        Size when Size > 255 ->
            Told = term_to_binary({'$size', Size}),
            [byte_size(Told), Told, Bytes];
        Size -> [Size, Bytes]
    end.

import(File, S) ->
    case file:read_file(File) of
        {ok, Bytes} ->
            {ok, import_terms(Bytes, filename:absname(File), none, S)};
        {error, Reason} -> {{error, {cant_open_file, File, Reason}}, S}
    end.

%% [Module]: whose terms are taken now.
import_terms(<<Size, Bytes:Size/binary, Rest/binary>>, File, Module, S) ->
    case binary_to_term(Bytes) of
        {'$size', Large} ->
            <<Term:Large/binary, Rest1/binary>> = Rest,
            import_term(binary_to_term(Term), Rest1, File, Module, S);
        Term -> import_term(Term, Rest, File, Module, S)
    end;
import_terms(<<>>, _, _, S) -> S.

import_term({file, Module, From}, Rest, File, _, S) ->
    {Taken, S1} = import_module(Module, From, File, S),
    import_terms(Rest, File, Taken, S1);
import_term({{bump, Module, _, _, _, _} = Key, N}, Rest, File, Module, S) ->
    sum(Key, N),
    import_terms(Rest, File, Module, S);
import_term({Module, Clauses}, Rest, File, Module, S) ->
    import_terms(Rest, File, Module,
                 S#main{clauses = (S#main.clauses)#{Module => Clauses}});
import_term(_, Rest, File, Module, S) ->
    import_terms(Rest, File, Module, S).

import_module(Module, From, File, #main{imported = Imported} = S) ->
    case lists:keyfind(Module, 1, Imported) of
        false -> {Module, S#main{imported = Imported
                                     ++ [{Module, From, [File]}]}};
        {_, _, Files} ->
            case lists:member(File, Files) of
                true ->
                    io:fwrite("WARNING: Module ~w already imported from ~tp~n"
                              "Not importing again!~n", [Module, File]),
                    {none, S};
                false ->
                    Entry = {Module, From, [File | Files]},
                    {Module, S#main{imported = lists:keyreplace(
                                                 Module, 1, Imported, Entry)}}
            end
    end.

%% ---- Other nodes ----

%% Asks the server of a node.
remote(Node, Request) ->
    try gen_server:call({?MODULE, Node}, {remote, Request}, infinity)
    catch exit:_ -> {error, node_dead}
    end.

start_nodes(Nodes, S) ->
    New = [Node || Node <- Nodes, not lists:member(Node, S#main.nodes),
                   start_node(Node, S)],
    {{ok, New}, S#main{nodes = New ++ S#main.nodes,
                       lost = S#main.lost -- New}}.

start_node(Node, S) ->
    case rpc:call(Node, gen_server, start,
                  [{local, ?MODULE}, ?MODULE, {remote, node()}, []]) of
        {ok, _} ->
            remote(Node, {load, to_send(S#main.order, S)}) =:= ok;
        _ -> false
    end.

%% It may have been away only, or be another that is called the same.
found_again(Node, S0) ->
    S = still_loaded(S0),
    case remote(Node, compiled) of
        Modules when is_list(Modules) ->
            Wanted = S#main.order,
            remote(Node, {unload, Modules -- Wanted}),
            remote(Node, {load, to_send(Wanted -- Modules, S)}),
            found(Node, S);
        _ ->
            case start_node(Node, S) of
                true -> found(Node, S);
                false -> S
            end
    end.

found(Node, #main{nodes = Nodes, lost = Lost} = S) ->
    S#main{nodes = [Node | Nodes], lost = lists:delete(Node, Lost)}.

%% What such a node's server does.
served(compiled, #remote{compiled = Modules} = S) -> {reply, Modules, S};
served({load, Codes}, #remote{compiled = Modules} = S) ->
    [load(M, Size, Beam) || {M, Size, Beam} <- Codes],
    {reply, ok, S#remote{compiled = lists:usort([M || {M, _, _} <- Codes]
                                                ++ Modules)}};
served({unload, Gone}, #remote{compiled = Modules} = S) ->
    unload(Gone),
    {reply, ok, S#remote{compiled = Modules -- Gone}};
served({take, Wanted}, #remote{compiled = Modules} = S) ->
    {reply, [{M, take(M)} || M <- Wanted, lists:member(M, Modules)], S};
served(stop, S) ->
    {stop, normal, ok, S}.
