%% SPDX-License-Identifier: Apache-2.0
%% systools_relup: the way from one release to another and back, made of the
%% .appup files of their applications.
-module(systools_relup).

-export([mk_relup/3, mk_relup/4, script_for/2, format_error/1,
         format_warning/1]).

-include("systools.hrl").

%% The first version whose release handler can go on after the emulator was
%% replaced; older ones do that at the very end.
-define(NEW_EMULATOR_FIRST, "2.2").

mk_relup(Name, UpFrom, DownTo) -> mk_relup(Name, UpFrom, DownTo, []).

%% Writes the file relup: {Vsn, [{FromVsn, Text, Script}], [{ToVsn, ..}]}.
mk_relup(Name, UpFrom, DownTo, Options) ->
    [erlang:error({badarg, [O]}) || {outdir, Dir} = O <- Options,
                                    not is_list(Dir)],
    Path = systools_read:search_path(Options),
    Has = fun(Option) -> lists:member(Option, Options) end,
    Silent = Has(silent) orelse Has(noexec),
    try
        {Top, TopApps, W0} = release(Name, Path),
        {Ups, W1} = ways(up, UpFrom, {Top, TopApps}, Path, Options),
        {Downs, W2} = ways(dn, DownTo, {Top, TopApps}, Path, Options),
        Warnings = W2 ++ W1 ++ W0,
        Warnings =/= [] andalso Has(warnings_as_errors)
            andalso throw({error, ?MODULE,
                           {warnings_treated_as_errors, Warnings}}),
        Relup = {Top#release.vsn, Ups, Downs},
        Has(noexec) orelse write(Relup, proplists:get_value(outdir, Options,
                                                            ".")),
        case Silent of
            true -> {ok, Relup, ?MODULE, Warnings};
            false ->
                io:format("~ts", [format_warning(Warnings)]),
                ok
        end
    catch
        throw:{error, _, _} = Error when Silent -> Error;
        throw:{error, Module, Reason} ->
            io:format("~ts", [Module:format_error(Reason)]),
            error
    end.

write(Relup, Dir) ->
    Text = io_lib:format("%% ~s~n~tp.~n", [epp:encoding_to_string(utf8),
                                           Relup]),
    case file:write_file(filename:join(filename:absname(Dir), "relup"),
                         unicode:characters_to_binary(Text)) of
        ok -> ok;
        {error, Reason} ->
            throw({error, ?MODULE, {file_problem, {"relup",
                                                   {open, Reason}}}})
    end.

%% A release without sasl cannot be upgraded.
release(Name, Path) ->
    case systools_make:get_release(text(Name), Path) of
        {ok, Release, Apps, Warnings} ->
            lists:member({warning, missing_sasl}, Warnings)
                andalso throw({error, ?MODULE, {missing_sasl, Release}}),
            {Release, [A || {_, A} <- Apps], Warnings};
        Error -> throw(Error)
    end.

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) -> Name.

%% The last named comes first.
ways(Mode, Names, Top, Path, Options) ->
    Ways = [case Entry of
                {Name, Text} -> way(Mode, Name, Text, Top, Path, Options);
                Name -> way(Mode, Name, [], Top, Path, Options)
            end || Entry <- Names],
    {Entries, Warnings} = lists:unzip(lists:reverse(Ways)),
    {Entries, lists:append(Warnings)}.

way(Mode, Name, Text, {Top, TopApps}, Path, Options) ->
    {Base, BaseApps, W0} = release(Name, Path),
    {From, FromApps, To, ToApps} = case Mode of
                                       up -> {Base, BaseApps, Top, TopApps};
                                       dn -> {Top, TopApps, Base, BaseApps}
                                   end,
    {Scripts, W1} = scripts(Mode, TopApps, Base),
    Added = [[{add_application, N, T}]
             || {N, _, T} <- To#release.applications, is_missing(N, From)],
    Removed = [[{remove_application, N}]
               || {N, _, _} <- From#release.applications,
                  is_missing(N, To)],
    W2 = [{erts_vsn_changed, {id(Top), id(Base)}}
          || Top#release.erts_vsn =/= Base#release.erts_vsn],
    All = [[restart_new_emulator] || W2 =/= []]
        ++ Added ++ Scripts ++ Removed
        ++ [[restart_emulator] || lists:member(restart_emulator, Options)],
    case systools_rc:translate_scripts(Mode, All, ToApps, FromApps) of
        {ok, Script} ->
            {Final, W3} = for_old_handler(Script, Base),
            {{Base#release.vsn, Text, Final}, W3 ++ W2 ++ W1 ++ W0};
        Error -> throw(Error)
    end.

id(#release{name = Name, erts_vsn = Vsn}) -> {Name, Vsn}.

is_missing(Name, #release{applications = Apps}) ->
    not lists:keymember(Name, 1, Apps).

for_old_handler([restart_new_emulator | Rest] = Script,
                #release{applications = Apps}) ->
    case lists:keyfind(sasl, 1, Apps) of
        {_, Vsn, _} when Vsn < ?NEW_EMULATOR_FIRST ->
            {lists:delete(restart_emulator, Rest) ++ [restart_new_emulator],
             [pre_R15_emulator_upgrade]};
        _ -> {Script, []}
    end;
for_old_handler(Script, _) -> {Script, []}.

%% What the .appup files say of the applications whose versions differ.
scripts(Mode, TopApps, #release{applications = Base}) ->
    Found = [script(Mode, App, Vsn)
             || #application{name = Name, vsn = New} = App <- TopApps,
                {N, Vsn, _} <- Base, N =:= Name, Vsn =/= New],
    {[S || {S, _} <- Found], lists:append([W || {_, W} <- Found])}.

script(Mode, #application{name = Name, vsn = New, dir = Dir} = App, Vsn) ->
    File = filename:join(Dir, atom_to_list(Name) ++ ".appup"),
    {Known, Up, Down} = case systools_read:term(File) of
                            {ok, {_, _, _} = Appup} -> Appup;
                            Other -> throw({error, ?MODULE,
                                            {file_problem, {File, Other}}})
                        end,
    case script_for(Vsn, case Mode of up -> Up; dn -> Down end) of
        {ok, Script} ->
            {Script, [{bad_vsn, {Known, New}} || Known =/= New]};
        error -> throw({error, ?MODULE, {no_relup, File, App, Vsn}})
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

%% ---- texts ----

format_warning(Warnings) -> [warning("*WARNING* ", W) || W <- Warnings].

warning(Prefix, {erts_vsn_changed, {Rel1, Rel2}}) ->
    io_lib:format("~tsThe ERTS version changed between ~tp and ~tp~n",
                  [Prefix, Rel1, Rel2]);
warning(Prefix, pre_R15_emulator_upgrade) ->
    io_lib:format("~tsUpgrade from an OTP version earlier than R15. New code "
                  "should be compiled with the old emulator.~n", [Prefix]);
warning(Prefix, What) -> io_lib:format("~ts~tp~n", [Prefix, What]).

format_error({file_problem, {File, What}}) ->
    io_lib:format("Could not ~w file ~ts~n", [step(What), File]);
format_error({no_relup, File, #application{name = App, vsn = New}, Vsn}) ->
    io_lib:format("No release upgrade script entry for ~w-~ts to ~w-~ts "
                  "in file ~ts~n", [App, New, App, Vsn, File]);
format_error({missing_sasl, #release{name = Name, vsn = Vsn}}) ->
    io_lib:format("No sasl application in release ~ts, ~ts. "
                  "Can not be upgraded.", [Name, Vsn]);
format_error({warnings_treated_as_errors, Warnings}) ->
    ["Warnings being treated as errors:\n" | [warning("", W) || W <- Warnings]];
format_error(Other) -> io_lib:format("~tp~n", [Other]).

%% Where reading or writing a file failed.
step({error, What}) -> step(What);
step({ok, _}) -> parse;
step(What) when is_tuple(What) -> element(1, What);
step(What) -> What.
