%% SPDX-License-Identifier: Apache-2.0
%% systools_relup: the way from one release to another and back, made of the
%% .appup files of their applications.
-module(systools_relup).

-export([make_relup/3, make_relup/4, script_for/2, format_error/1,
         format_warning/1]).

-include("systools.hrl").

make_relup(Name, UpFrom, DownTo) -> make_relup(Name, UpFrom, DownTo, []).

%% Writes the file relup: {Vsn, [{FromVsn, Text, Script}], [{ToVsn, ..}]}.
make_relup(Name, UpFrom, DownTo, Options) ->
    Path = lists:append([P || {path, P} <- Options]),
    try
        {Top, TopApps, W0} = release(Name, Path),
        {Ups, W1} = ways(up, UpFrom, {Top, TopApps}, Path, Options),
        {Downs, W2} = ways(dn, DownTo, {Top, TopApps}, Path, Options),
        Relup = {Top#release.vsn, Ups, Downs},
        Warnings = W0 ++ W1 ++ W2,
        Warnings =/= [] andalso lists:member(warnings_as_errors, Options)
            andalso throw({error, {warnings_treated_as_errors, Warnings}}),
        done(Relup, Warnings, Options)
    catch
        throw:{error, Reason} -> failed(?MODULE, Reason, Options);
        throw:{error, Module, Reason} -> failed(Module, Reason, Options)
    end.

failed(Module, Reason, Options) ->
    case is_silent(Options) of
        true -> {error, Module, Reason};
        false ->
            io:format("~ts", [Module:format_error(Reason)]),
            error
    end.

is_silent(Options) ->
    lists:member(silent, Options) orelse lists:member(noexec, Options).

done(Relup, Warnings, Options) ->
    lists:member(noexec, Options) orelse write(Relup, Options),
    case is_silent(Options) of
        true -> {ok, Relup, ?MODULE, Warnings};
        false ->
            io:format("~ts", [format_warning(Warnings)]),
            ok
    end.

write(Relup, Options) ->
    File = case lists:keyfind(outdir, 1, Options) of
               {outdir, Dir} -> filename:join(Dir, "relup");
               false -> "relup"
           end,
    Text = io_lib:format("%% ~s~n~tp.~n", [epp:encoding_to_string(utf8),
                                           Relup]),
    case file:write_file(File, unicode:characters_to_binary(Text)) of
        ok -> ok;
        {error, Reason} -> throw({error, {file_problem, {File, Reason}}})
    end.

release(Name, Path) ->
    case systools_make:get_release(Name, Path) of
        {ok, Release, Apps, Warnings} -> {Release, Apps, Warnings};
        {error, Module, Reason} -> throw({error, Module, Reason})
    end.

ways(Mode, Names, Top, Path, Options) ->
    {Ways, Warnings} =
        lists:unzip([way(Mode, N, Top, Path, Options) || N <- Names]),
    {Ways, lists:append(Warnings)}.

way(Mode, {Name, Text}, Top, Path, Options) ->
    way(Mode, Name, Text, Top, Path, Options);
way(Mode, Name, Top, Path, Options) ->
    way(Mode, Name, [], Top, Path, Options).

way(Mode, Name, Text, {Top, TopApps}, Path, Options) ->
    {Base, BaseApps, _} = release(Name, Path),
    {From, To} = case Mode of
                     up -> {BaseApps, TopApps};
                     dn -> {TopApps, BaseApps}
                 end,
    Core = core_changed(BaseApps, TopApps),
    {Restart, Last, Warnings} =
        restarts(Mode, Base, Top, Core, Options),
    Scripts = [script(Mode, A, TopApps, BaseApps) || A <- common(From, To)],
    Added = [[{add_application, N, T}]
             || #application{name = N, type = T} <- To, missing(N, From)],
    Removed = [[{remove_application, N}]
               || #application{name = N} <- From, missing(N, To)],
    All = Restart ++ Scripts ++ Added ++ Removed ++ Last,
    case systools_rc:translate_scripts(Mode, All, To, From) of
        {ok, Script} -> {{Base#release.vsn, Text, Script}, Warnings};
        {error, Module, Reason} -> throw({error, Module, Reason})
    end.

missing(Name, Apps) -> not lists:keymember(Name, #application.name, Apps).

%% Applications of both releases, in the order of the target.
common(From, To) ->
    [{Old, New} || #application{name = N} = New <- To,
                   Old <- [lists:keyfind(N, #application.name, From)],
                   Old =/= false,
                   Old#application.vsn =/= New#application.vsn].

%% A new emulator or new core applications need a restart in between.
restarts(Mode, #release{erts_vsn = E1}, #release{erts_vsn = E2}, Core,
         Options) ->
    Asked = [[restart_emulator] || lists:member(restart_emulator, Options)],
    case E1 =/= E2 orelse Core of
        true ->
            {[[restart_new_emulator]], case Mode of up -> Asked; dn -> [] end,
             [erts_vsn_changed || E1 =/= E2]};
        false -> {[], Asked, []}
    end.

core_changed(BaseApps, TopApps) ->
    lists:any(fun(N) ->
                      A = lists:keyfind(N, #application.name, BaseApps),
                      B = lists:keyfind(N, #application.name, TopApps),
                      A =/= false andalso B =/= false andalso
                          A#application.vsn =/= B#application.vsn
              end, [kernel, stdlib, sasl]).

script(Mode, {#application{name = Name, vsn = From, dir = FromDir},
              #application{vsn = To, dir = ToDir}}, _, _) ->
    {Dir, TopVsn, Vsn, N} = case Mode of
                                up -> {ToDir, To, From, 2};
                                dn -> {FromDir, From, To, 3}
                            end,
    File = filename:join(Dir, atom_to_list(Name) ++ ".appup"),
    case file:consult(File) of
        {ok, [{TopVsn, _, _} = Appup]} ->
            case script_for(Vsn, element(N, Appup)) of
                {ok, Script} -> Script;
                error -> throw({error, {no_relup, File, Name, Vsn}})
            end;
        {ok, _} -> throw({error, {bad_version, File}});
        {error, Reason} -> throw({error, {file_problem, {File, Reason}}})
    end.

%% {ok, Script} of the entry for version [Vsn] in a list of an .appup file:
%% an entry names one version, or as a binary a regular expression for all of
%% it.
script_for(Vsn, [{Pattern, Script} | Rest]) when is_binary(Pattern) ->
    case re:run(Vsn, Pattern, [unicode, {capture, first, list}]) of
        {match, [Vsn]} -> {ok, Script};
        _ -> script_for(Vsn, Rest)
    end;
script_for(Vsn, [{Vsn, Script} | _]) -> {ok, Script};
script_for(Vsn, [_ | Rest]) -> script_for(Vsn, Rest);
script_for(_, []) -> error.

format_warning(Warnings) -> [warning(W) || W <- Warnings].

warning({warning, W}) -> warning(W);
warning(erts_vsn_changed) -> "*WARNING* The ERTS version changed\n";
warning(missing_sasl) ->
    "*WARNING* Missing application sasl. Can not upgrade with this release\n";
warning(W) -> io_lib:format("*WARNING* ~tp~n", [W]).

format_error({file_problem, {File, {open, enoent}}}) ->
    format_error({file_problem, {File, enoent}});
format_error({file_problem, {File, enoent}}) ->
    io_lib:format("File not found: ~tp~n", [File]);
format_error({file_problem, {File, Reason}}) ->
    io_lib:format("Could not read file ~tp: ~tp~n", [File, Reason]);
format_error({no_relup, File, App, Vsn}) ->
    io_lib:format("No release upgrade script entry for ~w-~ts to ~w-~ts "
                  "in file ~ts~n", [App, Vsn, App, Vsn, File]);
format_error({warnings_treated_as_errors, Warnings}) ->
    ["Warnings being treated as errors:\n" | format_warning(Warnings)];
format_error(Other) -> io_lib:format("~tp~n", [Other]).
