%% SPDX-License-Identifier: Apache-2.0
%% make: compiles the modules whose sources are newer than what was made of
%% them, as a file Emakefile says or all in the folder.
%%
%% A source is newer, too, when a file is that it includes.
-module(make).

-export([all_or_nothing/0, all/0, all/1, files/1, files/2]).

-include_lib("kernel/include/file.hrl").

-type option() :: noexec | load | netload | {emake, [emake()]}
                | compile:option().
-type emake() :: modules() | {modules(), [compile:option()]}.
-type modules() :: atom() | string() | [atom() | string()].

%% Files that are made alike: names without .erl, options of the compiler.
-type group() :: {[file:filename()], [compile:option()]}.

all() -> all([]).

-spec all([option()]) -> up_to_date | error.
all(Options) ->
    run(Options, fun({ok, Emake}, Plain) ->
                         groups(Emake, Plain);
                    (none, Plain) ->
                         Files = filelib:wildcard("*.erl"),
                         [{[filename:rootname(F) || F <- Files], Plain}]
                 end).

%% What the flag -make of the program does.
-spec all_or_nothing() -> up_to_date.
all_or_nothing() ->
    case all() of
        up_to_date -> up_to_date;
        error -> halt(1)
    end.

files(Files) -> files(Files, []).

-spec files([module() | file:filename()], [option()]) -> up_to_date | error.
files(Files, Options) ->
    Names = [filename:rootname(text(F), ".erl") || F <- Files],
    run(Options, fun({ok, Emake}, Plain) ->
                         pick(groups(Emake, Plain), Names, Plain);
                    (none, Plain) ->
                         [{Names, Plain}]
                 end).

run(Options, Groups) ->
    {Own, Plain} = lists:partition(fun is_own/1, Options),
    Emake = case proplists:get_value(emake, Own) of
        undefined -> file:consult("Emakefile");
        Given -> {ok, Given}
    end,
    case Emake of
        {ok, _} ->
            make_groups(Groups(Emake, Plain), Own);
        {error, enoent} ->
            make_groups(Groups(none, Plain), Own);
        {error, Reason} ->
            io:format("make: Trouble reading 'Emakefile':~n~tp~n", [Reason]),
            error
    end.

is_own(noexec) -> true;
is_own(load) -> true;
is_own(netload) -> true;
is_own({emake, _}) -> true;
is_own(_) -> false.

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) -> Name.

%% ---- The Emakefile ----

%% A file belongs to the first element that names it.
-spec groups([emake()], [compile:option()]) -> [group()].
groups(Emake, Plain) ->
    {Groups, _} = lists:mapfoldl(
        fun(Element, Known) ->
            {Modules, Options} = case Element of
                {M, O} -> {M, O ++ Plain};
                M -> {M, Plain}
            end,
            Files = expand(Modules) -- Known,
            {{Files, Options}, Files ++ Known}
        end, [], Emake),
    Groups.

expand([Name | _] = Names) when not is_integer(Name) ->
    lists:append([expand(N) || N <- Names]);
expand([]) ->
    [];
expand(Name) ->
    Text = text(Name),
    case lists:member($*, Text) of
        true -> lists:reverse([filename:rootname(F)
                               || F <- filelib:wildcard(Text ++ ".erl")]);
        false -> [filename:rootname(Text, ".erl")]
    end.

%% Those of [Names] with their options; the last group holds what no group
%% names, and comes first.
pick(Groups, Names, Plain) ->
    {Picked, Rest} = lists:mapfoldl(
        fun({Files, Options}, Left) ->
            Here = [F || F <- Left, lists:member(F, Files)],
            {{lists:reverse(Here), Options}, Left -- Here}
        end, Names, Groups),
    [{Rest, Plain} | lists:reverse(Picked)].

%% ---- Making ----

make_groups(Groups, Own) ->
    Files = [{F, Options} || {Files, Options} <- Groups, F <- Files],
    make_files(Files, Own).

make_files([{File, Options} | Files], Own) ->
    Done = case is_new(File, Options) of
        false ->
            ok;
        true ->
            case lists:member(noexec, Own) of
                true -> io:format("Out of date: ~ts\n", [File]);
                false -> compile(File, Options, Own)
            end
    end,
    case Done of
        error -> error;
        _ -> make_files(Files, Own)
    end;
make_files([], _) ->
    up_to_date.

compile(File, Options, Own) ->
    io:format("Recompile: ~ts\n", [File]),
    Result = compile:file(File, [report_errors, report_warnings | Options]),
    case is_tuple(Result) andalso element(1, Result) of
        ok -> load(element(2, Result), Options, Own);
        _ -> error
    end.

load(Module, Options, Own) ->
    Wanted = [L || L <- [netload, load], lists:member(L, Own)],
    case {Wanted, compile:output_generated(Options)} of
        {[], _} ->
            ok;
        {_, false} ->
            io:format("** Warning: No object file created"
                      " - nothing loaded **~n");
        {[How | _], true} ->
            Dir = proplists:get_value(outdir, Options, "."),
            load_from(How, filename:join(text(Dir), text(Module)), Module)
    end.

load_from(load, Path, Module) ->
    code:purge(Module),
    code:load_abs(Path, Module);
load_from(netload, Path, Module) ->
    File = Path ++ code:objfile_extension(),
    {ok, Binary} = file:read_file(File),
    rpc:eval_everywhere(code, load_binary, [Module, File, Binary]).

%% Whether the source was changed since it was compiled.
is_new(File, Options) ->
    Object = object(File, Options),
    Source = File ++ ".erl",
    case changed(Object) of
        none -> true;
        Made -> changed(Source) > Made
                    orelse lists:any(fun(F) -> changed(F) > Made end,
                                     [F || F <- included(Source, Options),
                                           filelib:is_file(F)])
    end.

object(File, Options) ->
    Name = filename:basename(File) ++ code:objfile_extension(),
    case lists:keyfind(outdir, 1, Options) of
        {outdir, Dir} -> filename:join(text(Dir), Name);
        false -> Name
    end.

changed(File) ->
    case file:read_file_info(File) of
        {ok, #file_info{mtime = Time}} -> Time;
        {error, _} -> none
    end.

included(Source, Options) ->
    {ok, Here} = file:get_cwd(),
    Path = [Here, filename:dirname(Source) | [D || {i, D} <- Options]],
    case epp:parse_file(Source, Path, []) of
        {ok, Forms} -> lists:usort([F || {attribute, _, file, {F, _}} <- Forms]);
        {error, _} -> []
    end.
