%% SPDX-License-Identifier: Apache-2.0
%% systools_make: boot scripts and packages of releases. Reading is done by
%% systools_read, what must hold is known to systools_check.
-module(systools_make).

-export([make_script/1, make_script/2, make_script/3, make_tar/1, make_tar/2,
         get_release/2, get_release/3, read_release/2, read_application/4,
         make_hybrid_boot/4, format_error/1, format_warning/1]).

-include("systools.hrl").

make_script(Name) -> make_script(Name, []).

make_script(Name, Options) when is_list(Name), is_list(Options) ->
    Base = proplists:get_value(script_name, Options, Name),
    make_script(Name, case proplists:get_value(outdir, Options) of
                          [_ | _] = Dir ->
                              filename:join(Dir, filename:basename(Base));
                          _ -> Base
                      end, Options);
make_script(Name, Options) -> bad(Name, Options).

make_script(Name, Output, Options) when is_list(Name), is_list(Options) ->
    case wrong(fun script_option/1, Options) of
        [] -> ok;
        Bad -> erlang:error({badarg, Bad}, [Name, Options])
    end,
    made(Name, Options,
         fun(Release, Apps, _) ->
                 write_script(Output,
                              systools_script:script(Release, Apps, Options))
         end);
make_script(Name, _, Options) -> bad(Name, Options).

make_tar(Name) -> make_tar(Name, []).

make_tar(Name, Options) when is_list(Name), is_list(Options) ->
    case wrong(fun tar_option/1, Options) of
        [] -> ok;
        Bad -> erlang:error({badarg, Bad}, [Name, Options])
    end,
    made(Name, Options,
         fun(Release, Apps, Given) ->
                 systools_tar:write(Name, Release, Apps, Given, Options)
         end);
make_tar(Name, Options) -> bad(Name, Options).

-spec bad(term(), term()) -> no_return().
bad(Name, Options) when is_list(Options) ->
    erlang:error({badarg, Name}, [Name, Options]);
bad(Name, Options) -> erlang:error({badarg, Options}, [Name, Options]).

%% ---- options, and how the outcome is told ----

%% The error for it is raised by the caller, whose name is in the report.
wrong(Is, Options) -> [O || O <- Options, not Is(O)].

script_option(no_dot_erlang) -> true;
script_option({script_name, Name}) -> is_list(Name);
script_option(Option) -> common_option(Option).

tar_option({dirs, Dirs}) -> systools_read:are_atoms(Dirs);
tar_option({erts, Dir}) -> is_list(Dir);
tar_option(erts_all) -> true;
tar_option({var_tar, What}) -> lists:member(What, [include, ownfile, omit]);
tar_option({extra_files, Files}) -> is_list(Files);
tar_option(Option) -> common_option(Option).

common_option(Option) when is_atom(Option) ->
    lists:member(Option, [silent, local, src_tests, exref, otp_build,
                          warnings_as_errors, no_warn_sasl, no_module_tests]);
common_option({path, Path}) ->
    is_list(Path) andalso lists:all(fun is_list/1, Path);
common_option({outdir, Dir}) -> is_list(Dir);
common_option({exref, Apps}) -> systools_read:are_atoms(Apps);
common_option({variables, Variables}) ->
    is_list(Variables)
        andalso lists:all(fun({Name, Dir}) ->
                                  (is_atom(Name) orelse is_list(Name))
                                      andalso is_list(Dir);
                             (_) -> false
                          end, Variables);
common_option(_) -> false.

%% Has Fun make something of the release, unless warnings forbid it. Silently
%% the outcome comes back as terms, else it is printed.
made(Name, Options, Fun) ->
    Given = systools_read:folders(proplists:get_value(path, Options, [])),
    try
        {Release, Apps, Warnings0} =
            read(Name, systools_read:search_path(Options), Options),
        Warnings = [W || W <- Warnings0, W =/= {warning, missing_sasl}
                             orelse not lists:member(no_warn_sasl, Options)],
        Warnings =/= [] andalso lists:member(warnings_as_errors, Options)
            andalso throw({error, {warnings_treated_as_errors,
                                   [W || {warning, W} <- Warnings]}}),
        _ = Fun(Release, Apps, Given),
        Warnings
    of
        Outcome -> told(lists:member(silent, Options), Outcome)
    catch
        throw:{error, Reason} -> failed(lists:member(silent, Options), Reason)
    end.

told(true, Warnings) -> {ok, ?MODULE, Warnings};
told(false, Warnings) ->
    io:format("~ts", [format_warning(Warnings)]),
    ok.

failed(true, Reason) -> {error, ?MODULE, Reason};
failed(false, Reason) ->
    io:format("~ts", [format_error(Reason)]),
    error.

write_script(Base, Script) ->
    Text = io_lib:format("%% ~s\n~tp.\n", [epp:encoding_to_string(utf8),
                                           Script]),
    write(Base ++ ".script", unicode:characters_to_binary(Text)),
    write(Base ++ ".boot", term_to_binary(Script)).

write(File, Bytes) ->
    case file:write_file(File, Bytes) of
        ok -> ok;
        {error, Reason} -> throw({error, {open, File, Reason}})
    end.

%% ---- reading ----

read(Name, Path, Options) ->
    {Release, Warnings} = systools_read:release(Name, Path),
    Apps = systools_check:applications(
             systools_read:applications(Release, Path), Release),
    More = systools_check:modules(Apps, Path, Options),
    {Release, systools_check:in_start_order(Apps), Warnings ++ More}.

%% {ok, #release{}, [{{Name, Vsn}, #application{}}], Warnings} with the
%% applications in the order of their start, or {error, systools_make, Reason}.
get_release(Name, Path) -> get_release(Name, Path, {false, false}).

get_release(Name, Path, {SourceTests, References}) ->
    Options = [src_tests || SourceTests]
        ++ case References of
               {true, Apps} -> [{exref, Apps}];
               true -> [exref];
               false -> []
           end,
    try read(Name, Path, Options) of
        {Release, Read, Warnings} ->
            {ok, Release, [{{A#application.name, A#application.vsn}, A}
                           || A <- Read], Warnings}
    catch
        throw:{error, Reason} -> {error, ?MODULE, Reason}
    end.

read_release(Name, Path) ->
    try systools_read:release(Name, Path) of
        {Release, Warnings} -> {ok, Release, Warnings}
    catch
        throw:{error, Reason} -> {error, ?MODULE, Reason}
    end.

read_application(Name, Vsn, Path, Includes) ->
    systools_read:application(Name, Vsn, Path, Includes).

make_hybrid_boot(Vsn, OldBoot, NewBoot, Args) ->
    systools_script:hybrid(Vsn, OldBoot, NewBoot, Args).

format_error(Reason) -> systools_text:error(Reason).

format_warning(Warnings) -> systools_text:warnings(Warnings).
