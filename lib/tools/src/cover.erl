%% SPDX-License-Identifier: Apache-2.0
%% cover: which lines of modules run, and how often. This is what users call;
%% cover_server holds what is known, cover_code puts counts into code, and
%% cover_report writes the files.
-module(cover).

-export([start/0, start/1, stop/0, stop/1, local_only/0, flush/1,
         which_nodes/0, get_main_node/0]).
-export([compile/1, compile/2, compile_module/1, compile_module/2,
         compile_directory/0, compile_directory/1, compile_directory/2,
         compile_beam/1, compile_beam_directory/0, compile_beam_directory/1]).
-export([analyse/0, analyse/1, analyse/2, analyse/3,
         analyze/0, analyze/1, analyze/2, analyze/3]).
-export([analyse_to_file/0, analyse_to_file/1, analyse_to_file/2,
         analyse_to_file/3, analyze_to_file/0, analyze_to_file/1,
         analyze_to_file/2, analyze_to_file/3, async_analyse_to_file/1,
         async_analyse_to_file/2, async_analyse_to_file/3,
         async_analyze_to_file/1, async_analyze_to_file/2,
         async_analyze_to_file/3]).
-export([export/1, export/2, import/1, imported/0, imported_modules/0,
         reset/0, reset/1, modules/0, is_compiled/1]).

-define(is_analysis(A), (A =:= coverage orelse A =:= calls)).
-define(is_level(L), (L =:= line orelse L =:= clause orelse L =:= function
                      orelse L =:= module)).

%% ---- Server and nodes ----

-spec start() -> {ok, pid()} | {error, {already_started, pid()} | term()}.
start() -> cover_server:start().

%% Counts on other nodes, too; {ok, Nodes} says on which now.
-spec start(node() | [node()]) ->
          {ok, [node()]} | {error, not_main_node | local_only}.
start(Node) when is_atom(Node) -> start([Node]);
start(Nodes) -> call({start, others(Nodes)}).

-spec stop() -> ok | {error, not_main_node}.
stop() -> call(stop).

-spec stop(node() | [node()]) -> ok | {error, not_main_node}.
stop(Node) when is_atom(Node) -> stop([Node]);
stop(Nodes) -> call({stop, others(Nodes)}).

%% No other nodes will be started: then code need not look up its counts.
-spec local_only() -> ok | {error, too_late}.
local_only() -> call(local_only).

%% Fetches the counts of other nodes.
-spec flush(node() | [node()]) -> ok | {error, not_main_node}.
flush(Node) when is_atom(Node) -> flush([Node]);
flush(Nodes) -> call({flush, others(Nodes)}).

-spec which_nodes() -> [node()].
which_nodes() -> call(which_nodes).

get_main_node() -> call(get_main_node).

others(Nodes) -> lists:usort(Nodes) -- [node()].

call(Request) -> cover_server:call(Request).

%% ---- Compiling ----

compile(Modules) -> compile_module(Modules, []).

compile(Modules, Options) -> compile_module(Modules, Options).

compile_module(Modules) -> compile_module(Modules, []).

%% One module or file, or a list of them.
compile_module(Module, Options)
  when is_atom(Module); is_integer(hd(Module)) ->
    [Result] = compile_module([Module], Options),
    Result;
compile_module(Modules, Options) when is_list(Options) ->
    call({compile, [source(M) || M <- Modules], Options}).

source(Module) when is_atom(Module) -> source(atom_to_list(Module));
source(File) -> filename:absname(with_suffix(File, ".erl")).

with_suffix(File, Suffix) -> filename:rootname(File, Suffix) ++ Suffix.

compile_directory() -> compile_directory(".", []).

compile_directory(Dir) when is_list(Dir) -> compile_directory(Dir, []).

compile_directory(Dir, Options) when is_list(Dir), is_list(Options) ->
    with_files(Dir, ".erl", fun(Files) -> call({compile, Files, Options}) end).

%% What follows for the files of a folder.
with_files(Dir, Suffix, Do) ->
    case file:list_dir(Dir) of
        {ok, Names} ->
            Do([filename:absname(filename:join(Dir, N))
                || N <- Names, filename:extension(N) =:= Suffix]);
        Error -> Error
    end.

compile_beam(Module) when is_atom(Module); is_integer(hd(Module)) ->
    case compile_beams([Module]) of
        [{error, {non_existing, _}}] -> {error, non_existing};
        [Result] -> Result
    end;
compile_beam(Modules) when is_list(Modules) -> compile_beams(Modules).

compile_beam_directory() -> compile_beam_directory(".").

compile_beam_directory(Dir) when is_list(Dir) ->
    with_files(Dir, ".beam", fun compile_beams/1).

compile_beams(Modules) ->
    Found = [found(M) || M <- Modules],
    call({compile_beams, without_twins(Found, [])}).

found(Module) when is_atom(Module) ->
    case code:which(Module) of
        non_existing -> {error, {non_existing, Module}};
        File -> {ok, Module, File}
    end;
found(File0) ->
    File = filename:absname(with_suffix(File0, ".beam")),
    {ok, list_to_atom(filename:basename(File, ".beam")), File}.

%% The same file once more is nothing, another one of the same name wrong.
without_twins([{ok, M, File} = Found | Rest], Before) ->
    case lists:keyfind(M, 2, Before) of
        {ok, M, File} -> without_twins(Rest, Before);
        {ok, M, _} -> without_twins(Rest, [{error, {duplicate, M}} | Before]);
        false -> without_twins(Rest, [Found | Before])
    end;
without_twins([Error | Rest], Before) -> without_twins(Rest, [Error | Before]);
without_twins([], Before) -> lists:reverse(Before).

%% ---- Analysis ----

analyse() -> analyse('_').

analyse(What) when ?is_analysis(What) -> analyse('_', What);
analyse(Level) when ?is_level(Level) -> analyse('_', Level);
analyse(Modules) -> analyse(Modules, coverage).

analyse(What, Level) when ?is_analysis(What), ?is_level(Level) ->
    analyse('_', What, Level);
analyse(Modules, What) when ?is_analysis(What) ->
    analyse(Modules, What, function);
analyse(Modules, Level) when ?is_level(Level) ->
    analyse(Modules, coverage, Level).

%% A module's {ok, Result}, or {result, Results, Errors} of several.
analyse(Modules, What, Level) when ?is_analysis(What), ?is_level(Level) ->
    call({analyse, Modules, What, Level}).

analyze() -> analyse().
analyze(A) -> analyse(A).
analyze(A, B) -> analyse(A, B).
analyze(A, B, C) -> analyse(A, B, C).

analyse_to_file() -> analyse_to_file('_').

analyse_to_file(Arg) ->
    case is_options(Arg) of
        true -> analyse_to_file('_', Arg);
        false -> analyse_to_file(Arg, [])
    end.

is_options([html]) -> true; % a module may be called so, but hardly is
is_options([html | Options]) -> is_options(Options);
is_options([{Key, _} | _]) -> Key =:= outfile orelse Key =:= outdir;
is_options(_) -> false.

analyse_to_file(Module, File) when is_integer(hd(File)) ->
    analyse_to_file(Module, [{outfile, File}]);
analyse_to_file(Modules, Options) when is_list(Options) ->
    call({to_file, Modules, Options}).

analyse_to_file(Module, File, Options) ->
    analyse_to_file(Module, [{outfile, File} | Options]).

analyze_to_file() -> analyse_to_file().
analyze_to_file(A) -> analyse_to_file(A).
analyze_to_file(A, B) -> analyse_to_file(A, B).
analyze_to_file(A, B, C) -> analyse_to_file(A, B, C).

async_analyse_to_file(A) -> aside([A]).
async_analyse_to_file(A, B) -> aside([A, B]).
async_analyse_to_file(A, B, C) -> aside([A, B, C]).

async_analyze_to_file(A) -> aside([A]).
async_analyze_to_file(A, B) -> aside([A, B]).
async_analyze_to_file(A, B, C) -> aside([A, B, C]).

aside(Args) ->
    spawn_link(fun() ->
                       case apply(?MODULE, analyse_to_file, Args) of
                           {error, Reason} -> exit(Reason);
                           _ -> ok
                       end
               end).

%% ---- Counts ----

export(File) -> export(File, '_').
export(File, Module) -> call({export, File, Module}).

import(File) -> call({import, File}).

imported() -> call(imported).

imported_modules() -> call(imported_modules).

reset() -> call({reset, '_'}).
reset(Module) when is_atom(Module) -> call({reset, Module}).

modules() -> call(modules).

is_compiled(Module) when is_atom(Module) -> call({is_compiled, Module}).
