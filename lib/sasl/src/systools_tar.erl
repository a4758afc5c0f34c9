%% SPDX-License-Identifier: Apache-2.0
%% systools_tar: the package of a release: its applications below lib, and
%% below releases its boot file, configuration and relup.
-module(systools_tar).

-export([write/4]).

-include("systools.hrl").
-include_lib("kernel/include/file.hrl").

write(Name, #release{vsn = Vsn} = Release, Apps, Options) ->
    Base = filename:basename(Name),
    File = case lists:keyfind(outdir, 1, Options) of
               {outdir, Dir} -> filename:join(Dir, Base);
               false -> Name
           end ++ ".tar.gz",
    Boot = filename:join(filename:dirname(Name), Base ++ ".boot"),
    filelib:is_regular(Boot)
        orelse throw({error, {no_boot_file, Base}}),
    Files = lists:append([app_files(A, Options) || A <- Apps])
        ++ release_files(Name, Base, Boot, Vsn)
        ++ extra(Options),
    case erl_tar:create(File, [{T, S} || {_, T, S} <- Files], [compressed]) of
        ok -> ok;
        {error, {Bad, Reason}} ->
            file:delete(File),
            case [{App, Source} || {App, _, Source} <- Files,
                                   Source =:= Bad] of
                [{App, Source} | _] ->
                    throw({error, {tar, App, Source, {Source, Reason}}});
                [] -> throw({error, {open_tar, File, Reason}})
            end
    end,
    _ = Release,
    ok.

extra(Options) ->
    [{extra, To, From} || {extra_files, Files} <- Options,
                          {From, To} <- Files].

release_files(Name, Base, Boot, Vsn) ->
    Dir = filename:dirname(Name),
    In = "releases/" ++ Vsn ++ "/",
    [{rel, "releases/" ++ Base ++ ".rel", rel(Name)},
     {rel, In ++ Base ++ ".rel", rel(Name)},
     {rel, In ++ "start.boot", Boot}]
        ++ [{rel, In ++ F, filename:join(Dir, F)}
            || F <- ["relup", "sys.config", "sys.config.src"],
               filelib:is_regular(filename:join(Dir, F))].

rel(Name) ->
    case filename:extension(Name) of
        ".rel" -> Name;
        _ -> Name ++ ".rel"
    end.

%% [{App, name in the archive, file or bytes}]
app_files(#application{name = Name, vsn = Vsn, dir = Ebin, modules = Mods},
          Options) ->
    To = "lib/" ++ atom_to_list(Name) ++ "-" ++ Vsn ++ "/",
    Full = filename:absname(Ebin),
    Above = filename:dirname(Full),
    Appup = atom_to_list(Name) ++ ".appup",
    Names = [atom_to_list(Name) ++ ".app"]
        ++ [Appup || readable(filename:join(Full, Appup))]
        ++ [atom_to_list(M) ++ code:objfile_extension() || M <- Mods],
    [{Name, To ++ "ebin/" ++ N, source(Ebin, N)} || N <- Names]
        ++ [{Name, To ++ D, filename:join(Above, D)}
            || D <- ["priv" | [atom_to_list(D) || {dirs, Ds} <- Options,
                                                  D <- Ds]],
               filelib:is_dir(filename:join(Above, D))].

readable(File) -> erl_prim_loader:get_file(File) =/= error.

%% A file, or the bytes of one in the program's own pack.
source(Ebin, Name) ->
    File = filename:join(Ebin, Name),
    case filelib:is_regular(File) of
        true -> File;
        false ->
            case erl_prim_loader:get_file(filename:absname(File)) of
                {ok, Bytes, _} -> Bytes;
                error -> File
            end
    end.
