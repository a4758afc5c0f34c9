%% SPDX-License-Identifier: Apache-2.0
%% release_handler: changes the code of running applications, one at a time
%% (upgrade_app) or as a release (unpack, install, make permanent, remove).
%% What releases there are stands in RELEASES of the releases folder:
%% [{release, Name, Vsn, ErtsVsn, [{App, Vsn, Dir}], Status}].
-module(release_handler).
-behaviour(gen_server).

-export([start_link/0, create_RELEASES/1, create_RELEASES/2,
         create_RELEASES/3, create_RELEASES/4, unpack_release/1,
         check_install_release/1, check_install_release/2, install_release/1,
         install_release/2, remove_release/1, which_releases/0,
         which_releases/1, make_permanent/1, reboot_old_release/1,
         set_unpacked/2, set_removed/1, install_file/2]).
-export([upgrade_app/2, downgrade_app/2, downgrade_app/3, upgrade_script/2,
         downgrade_script/3, eval_appup_script/4]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3]).

-include("systools.hrl").

%% [libs]: [{App, Vsn, Dir}]; [status]: unpacked | current | permanent | old.
-record(rel, {name, vsn, erts_vsn, libs = [], status}).
-record(state, {root, rel_dir, releases = [], unpurged = []}).

-define(CALL(Request), gen_server:call(?MODULE, Request, infinity)).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% ---- releases ----

which_releases() -> ?CALL(which_releases).

which_releases(Status) ->
    [R || {_, _, _, S} = R <- which_releases(), S =:= Status].

check_install_release(Vsn) -> check_install_release(Vsn, []).

check_install_release(Vsn, Options) ->
    case [O || O <- Options, O =/= purge] of
        [] -> ?CALL({check_install, Vsn, Options});
        Bad -> erlang:error({illegal_option, Bad})
    end.

install_release(Vsn) -> install_release(Vsn, []).
install_release(Vsn, Options) -> ?CALL({install, Vsn, Options}).

make_permanent(Vsn) -> ?CALL({make_permanent, Vsn}).
remove_release(Vsn) -> ?CALL({remove, Vsn}).
set_removed(Vsn) -> ?CALL({set_removed, Vsn}).
set_unpacked(RelFile, Libs) -> ?CALL({set_unpacked, RelFile, Libs}).
unpack_release(Name) -> ?CALL({unpack, Name}).
install_file(Vsn, File) -> ?CALL({install_file, Vsn, File}).
reboot_old_release(Vsn) -> ?CALL({reboot_old, Vsn}).

create_RELEASES([Root, RelFile | Libs]) ->
    create_RELEASES(Root, filename:join(Root, "releases"), RelFile, Libs).

create_RELEASES(RelDir, RelFile) -> create_RELEASES(RelDir, RelFile, []).

create_RELEASES(RelDir, RelFile, Libs) ->
    create_RELEASES("", RelDir, RelFile, Libs).

create_RELEASES(Root, RelDir, RelFile, Libs) ->
    case read_release(RelFile, Libs, Root) of
        {ok, Rel} -> write_releases(RelDir, [Rel#rel{status = permanent}]);
        Error -> Error
    end.

%% ---- one application ----

upgrade_app(App, NewDir) ->
    with_script(upgrade_script(App, NewDir), App, NewDir).

downgrade_app(App, OldDir) ->
    case string:split(filename:basename(OldDir), "-", trailing) of
        [_, Vsn] -> downgrade_app(App, Vsn, OldDir);
        _ -> {error, {unknown_version, App}}
    end.

downgrade_app(App, OldVsn, OldDir) ->
    with_script(downgrade_script(App, OldVsn, OldDir), App, OldDir).

with_script({ok, Script}, App, Dir) ->
    with_script({ok, undefined, Script}, App, Dir);
with_script({ok, Vsn, Script}, App, Dir) ->
    eval_appup_script(App, Vsn, Dir, Script);
with_script(Error, _, _) -> Error.

%% {ok, NewVsn, Script}: how to get to the version in [NewDir].
upgrade_script(App, Dir) ->
    try
        NewDir = filename:absname(Dir, code:root_dir()),
        OldVsn = running_version(App),
        OldDir = code:lib_dir(App),
        {NewVsn, Script} = appup(App, NewDir, OldVsn, 2),
        {ok, NewVsn, translated(up, Script, App, NewDir, OldDir)}
    catch
        throw:Reason -> {error, Reason}
    end.

downgrade_script(App, OldVsn, Dir) ->
    try
        OldDir = filename:absname(Dir, code:root_dir()),
        running_version(App),
        NewDir = code:lib_dir(App),
        {_, Script} = appup(App, NewDir, OldVsn, 3),
        {ok, translated(dn, Script, App, OldDir, NewDir)}
    catch
        throw:Reason -> {error, Reason}
    end.

running_version(App) ->
    case lists:keyfind(App, 1, application:which_applications()) of
        {App, _, Vsn} -> Vsn;
        false -> throw({app_not_running, App})
    end.

%% The version of an .appup file and its script for another version, of what
%% the field [N] has.
appup(App, Dir, Vsn, N) ->
    File = filename:join([Dir, "ebin", atom_to_list(App) ++ ".appup"]),
    case file:consult(File) of
        {ok, [{_, _, _} = Appup]} ->
            case systools_relup:script_for(Vsn, element(N, Appup)) of
                {ok, Script} -> {element(1, Appup), Script};
                error -> throw({version_not_in_appup, Vsn})
            end;
        {ok, _} -> throw({bad_appup, File});
        {error, _} -> throw(no_appup_found)
    end.

translated(Mode, Script, App, ToDir, FromDir) ->
    case systools_rc:translate_scripts(Mode, [Script],
                                       [app_record(App, ToDir)],
                                       [app_record(App, FromDir)]) of
        {ok, Low} -> Low;
        {error, systools_rc, Reason} -> throw(Reason)
    end.

app_record(App, Dir) ->
    {application, _, Keys} = app_spec(App, Dir),
    #application{name = App, vsn = proplists:get_value(vsn, Keys, ""),
                 modules = proplists:get_value(modules, Keys, []),
                 mod = proplists:get_value(mod, Keys, [])}.

app_spec(App, Dir) ->
    File = filename:join([Dir, "ebin", atom_to_list(App) ++ ".app"]),
    case erl_prim_loader:get_file(File) of
        {ok, Bytes, _} ->
            {ok, Tokens, _} = erl_scan:string(binary_to_list(Bytes)),
            {ok, Spec} = erl_parse:parse_term(Tokens),
            Spec;
        error -> throw({no_such_file, File})
    end.

%% Runs a script that leads to the version in [ToDir].
eval_appup_script(App, _ToVsn, ToDir, Script) ->
    try app_spec(App, ToDir) of
        {application, App, Keys} = Spec ->
            Lib = {App, proplists:get_value(vsn, Keys, ""), ToDir},
            %% what the script calls may be new
            case release_handler_1:eval_script(Script, [], [Lib], [Lib], []) of
                {ok, Unpurged} ->
                    ok = application_controller:change_application_data(
                           [Spec], keep),
                    {ok, [P || {_, soft_purge} = P <- Unpurged]};
                Other -> Other
            end
    catch
        throw:{no_such_file, _} = Reason -> {error, Reason}
    end.

%% ---- the server ----

init([]) ->
    Root = code:root_dir(),
    Named = case application:get_env(sasl, releases_dir) of
                {ok, Dir} -> Dir;
                undefined -> os:getenv("RELDIR")
            end,
    RelDir = case Named of
                 false -> filename:join(Root, "releases");
                 _ -> Named
             end,
    {ok, #state{root = Root, rel_dir = RelDir,
                releases = known_releases(RelDir, Named =:= false)}}.

%% Without a file there is the one that runs; its applications are known where
%% an installed system has its own file.
known_releases(RelDir, IsOwn) ->
    case file:consult(filename:join(RelDir, "RELEASES")) of
        {ok, [Releases]} ->
            [#rel{name = N, vsn = V, erts_vsn = E, libs = L,
                  status = at_start(S)} || {release, N, V, E, L, S}
                                               <- Releases];
        _ ->
            {Name, Vsn} = init:script_id(),
            [#rel{name = Name, vsn = Vsn,
                  erts_vsn = erlang:system_info(version),
                  libs = [{App, V, code:lib_dir(App)}
                          || IsOwn,
                             {App, _, V} <- lists:reverse(
                                              application:loaded_applications()),
                             is_list(code:lib_dir(App))],
                  status = permanent}]
    end.

at_start(current) -> unpacked;
at_start(Status) -> Status.

handle_call(which_releases, _, #state{releases = Releases} = S) ->
    {reply, [{N, V, [lib_name(L) || L <- Libs], Status}
             || #rel{name = N, vsn = V, libs = Libs, status = Status}
                    <- Releases], S};
handle_call(Request, _, S) ->
    try request(Request, S) of
        {Answer, New} -> {reply, Answer, New}
    catch
        throw:Reason -> {reply, {error, Reason}, S}
    end.

lib_name({App, Vsn, _}) -> atom_to_list(App) ++ "-" ++ Vsn.

handle_cast(_, S) -> {noreply, S}.
handle_info(_, S) -> {noreply, S}.
terminate(_, _) -> ok.
code_change(_, S, _) -> {ok, S}.

request({set_unpacked, RelFile, Libs}, #state{releases = Known} = S) ->
    #rel{vsn = Vsn} = Rel = read_or_throw(RelFile, Libs, S#state.root),
    lists:keymember(Vsn, #rel.vsn, Known)
        andalso throw({existing_release, Vsn}),
    {{ok, Vsn}, saved([Rel#rel{status = unpacked} | Known], S)};
request({unpack, Name}, #state{rel_dir = Dir, root = Root,
                               releases = Known} = S) ->
    Tar = filename:join(Dir, Name ++ ".tar.gz"),
    filelib:is_regular(Tar) orelse throw({no_such_file, Tar}),
    RelName = filename:join("releases", Name ++ ".rel"),
    case erl_tar:extract(Tar, [compressed, {cwd, Root}, {files, [RelName]}])
    of
        ok -> ok;
        {error, Reason} -> throw(Reason)
    end,
    #rel{vsn = Vsn} = Rel = read_or_throw(filename:join(Root, RelName), [],
                                          Root),
    lists:keymember(Vsn, #rel.vsn, Known)
        andalso throw({existing_release, Vsn}),
    case erl_tar:extract(Tar, [compressed, {cwd, Root}]) of
        ok -> ok;
        {error, Error} -> throw(Error)
    end,
    {{ok, Vsn}, saved([Rel#rel{status = unpacked} | Known], S)};
request({check_install, Vsn, Options}, S) ->
    {Rel, _, Script, {Other, Extra}} = plan(Vsn, S),
    case release_handler_1:check_script(Script, Rel#rel.libs) of
        ok ->
            lists:member(purge, Options) andalso
                [code:purge(M) || {load, {M, _, _}} <- Script],
            {{ok, Other, Extra}, S};
        {error, Reason} -> throw(Reason)
    end;
request({install, Vsn, Options}, S) -> install(Vsn, Options, S);
request({make_permanent, Vsn}, #state{releases = Known, rel_dir = Dir} = S) ->
    case lists:keyfind(Vsn, #rel.vsn, Known) of
        #rel{status = permanent} -> {ok, S};
        #rel{status = current} = Rel ->
            ok = file:write_file(filename:join(Dir, "start_erl.data"),
                                 [Rel#rel.erts_vsn, " ", Vsn]),
            {ok, saved([case R of
                            #rel{vsn = Vsn} -> R#rel{status = permanent};
                            #rel{status = permanent} -> R#rel{status = old};
                            _ -> R
                        end || R <- Known], S)};
        #rel{status = Status} -> throw({bad_status, Status});
        false -> throw({no_such_release, Vsn})
    end;
request({set_removed, Vsn}, S) -> removed(Vsn, fun(_, _) -> ok end, S);
request({remove, Vsn}, S) -> removed(Vsn, fun delete_files/2, S);
request({reboot_old, Vsn}, #state{releases = Known} = S) ->
    case lists:keyfind(Vsn, #rel.vsn, Known) of
        #rel{status = old} ->
            {ok, New} = {ok, saved([case R of
                                        #rel{vsn = Vsn} ->
                                            R#rel{status = permanent};
                                        #rel{status = permanent} ->
                                            R#rel{status = old};
                                        _ -> R
                                    end || R <- Known], S)},
            init:reboot(),
            {ok, New};
        #rel{status = Status} -> throw({bad_status, Status});
        false -> throw({no_such_release, Vsn})
    end;
request({install_file, Vsn, File}, #state{rel_dir = Dir, releases = Known}
        = S) ->
    case lists:keyfind(Vsn, #rel.vsn, Known) of
        #rel{status = Status} when Status =:= permanent; Status =:= old;
                                   Status =:= current;
                                   Status =:= unpacked ->
            To = filename:join([Dir, Vsn, filename:basename(File)]),
            ok = filelib:ensure_dir(To),
            case file:copy(File, To) of
                {ok, _} -> {ok, S};
                {error, Reason} -> throw({Reason, File})
            end;
        false -> throw({no_such_release, Vsn})
    end.

removed(Vsn, Delete, #state{releases = Known} = S) ->
    case lists:keyfind(Vsn, #rel.vsn, Known) of
        #rel{status = permanent} -> throw({permanent, Vsn});
        #rel{} = Rel ->
            Left = lists:delete(Rel, Known),
            Delete(Rel, S#state{releases = Left}),
            {ok, saved(Left, S)};
        false -> throw({no_such_release, Vsn})
    end.

%% The folders that no other release has.
delete_files(#rel{vsn = Vsn, libs = Libs}, #state{releases = Left,
                                                  rel_dir = Dir}) ->
    Used = [D || #rel{libs = Ls} <- Left, {_, _, D} <- Ls],
    [file:del_dir_r(D) || {_, _, D} <- Libs, not lists:member(D, Used)],
    _ = file:del_dir_r(filename:join(Dir, Vsn)),
    ok.

%% ---- installing ----

%% {Release, the one that runs, script, {the version that the relup's entry is
%% for, what it says}}
plan(Vsn, #state{releases = Known, rel_dir = Dir}) ->
    Current = running(Known),
    case lists:keyfind(Vsn, #rel.vsn, Known) of
        #rel{status = current} -> throw({already_installed, Vsn});
        #rel{} = Rel ->
            {Extra, Script} = relup(Rel, Current, Dir),
            {Rel, Current, Script, Extra};
        false -> throw({no_such_release, Vsn})
    end.

running(Known) ->
    case lists:keyfind(current, #rel.status, Known) of
        #rel{} = Current -> Current;
        false -> lists:keyfind(permanent, #rel.status, Known)
    end.

%% From the relup of the target, upwards, or of the one that runs, downwards.
relup(#rel{vsn = To}, #rel{vsn = From}, Dir) ->
    case entry(From, 2, consult(filename:join([Dir, To, "relup"]), To)) of
        {ok, Found} -> Found;
        error ->
            case entry(To, 3, consult(filename:join([Dir, From, "relup"]),
                                      From)) of
                {ok, Found} -> Found;
                error -> throw({no_matching_relup, To, From})
            end
    end.

consult(File, Vsn) ->
    case file:consult(File) of
        {ok, [{Vsn, _, _} = Relup]} -> Relup;
        _ -> none
    end.

entry(_, _, none) -> error;
entry(Vsn, N, Relup) ->
    case lists:keyfind(Vsn, 1, element(N, Relup)) of
        {Vsn, Extra, Script} -> {ok, {{Vsn, Extra}, Script}};
        false -> error
    end.

install(Vsn, Options, #state{releases = Known, rel_dir = Dir} = S) ->
    {Rel, Current, Script, {Other, Extra}} = plan(Vsn, S),
    Before = application_controller:prep_config_change(),
    Changed = [L || L <- Rel#rel.libs, not lists:member(L, Current#rel.libs)],
    Config = config(filename:join([Dir, Vsn, "sys.config"])),
    Specs = [app_spec(App, D) || {App, _, D} <- Rel#rel.libs],
    case release_handler_1:eval_script(Script, [], Rel#rel.libs, Changed,
                                       Options) of
        {ok, Unpurged} ->
            _ = application_controller:change_application_data(Specs, Config),
            _ = application_controller:config_change(Before),
            New = [status_after(R, Vsn, Current) || R <- Known],
            {{ok, Other, Extra},
             saved(New, S#state{unpurged = Unpurged})};
        restart_emulator ->
            New = [status_after(R, Vsn, Current) || R <- Known],
            init:reboot(),
            {{ok, Other, Extra}, saved(New, S)};
        {error, Reason} -> throw(Reason)
    end.

status_after(#rel{vsn = Vsn} = R, Vsn, _) ->
    case R of
        #rel{status = permanent} -> R;
        _ -> R#rel{status = current}
    end;
status_after(#rel{vsn = Old, status = current} = R, _, #rel{vsn = Old}) ->
    R#rel{status = old};
status_after(R, _, _) -> R.

config(File) ->
    case file:consult(File) of
        {ok, [Config]} -> Config;
        _ -> []
    end.

%% ---- files ----

read_or_throw(RelFile, Libs, Root) ->
    case read_release(RelFile, Libs, Root) of
        {ok, Rel} -> Rel;
        {error, Reason} -> throw(Reason)
    end.

read_release(RelFile, Libs, Root) ->
    case file:consult(RelFile) of
        {ok, [{release, {Name, Vsn}, {erts, Erts}, Apps}]} ->
            {ok, #rel{name = Name, vsn = Vsn, erts_vsn = Erts,
                      libs = [lib(App, Libs, Root) || App <- Apps]}};
        {ok, _} -> {error, {bad_rel_file, RelFile}};
        {error, Reason} -> {error, {Reason, RelFile}}
    end.

lib(App, Libs, Root) ->
    Name = element(1, App),
    Vsn = element(2, App),
    case lists:keyfind(Name, 1, Libs) of
        {Name, Vsn, Dir} ->
            {Name, Vsn, filename:join(Dir, atom_to_list(Name) ++ "-" ++ Vsn)};
        _ -> {Name, Vsn, lib_dir(Name, Vsn, Root)}
    end.

lib_dir(Name, Vsn, Root) ->
    Usual = filename:join([Root, "lib", atom_to_list(Name) ++ "-" ++ Vsn]),
    case code:lib_dir(Name) of
        Dir when is_list(Dir) ->
            case filename:basename(Dir) =:= filename:basename(Usual) of
                true -> Dir;
                false -> Usual
            end;
        _ -> Usual
    end.

saved(Releases, #state{rel_dir = Dir} = S) ->
    case write_releases(Dir, Releases) of
        ok -> S#state{releases = Releases};
        {error, Reason} -> throw(Reason)
    end.

write_releases(Dir, Releases) ->
    Terms = [{release, N, V, E, L, S}
             || #rel{name = N, vsn = V, erts_vsn = E, libs = L, status = S}
                    <- Releases],
    File = filename:join(Dir, "RELEASES"),
    _ = filelib:ensure_dir(File),
    file:write_file(File, io_lib:format("%% ~s~n~tp.~n",
                                        [epp:encoding_to_string(utf8),
                                         Terms])).
