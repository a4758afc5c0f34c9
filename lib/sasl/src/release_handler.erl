%% SPDX-License-Identifier: Apache-2.0
%% release_handler: changes the code of running applications, one at a time
%% (upgrade_app) or as a release:
%%
%%     unpack -> unpacked -> install -> current -> make_permanent -> permanent
%%
%% The one that was permanent is old then. What is no more than current is
%% unpacked again when the node restarts. remove takes the files of any but
%% the permanent one. Where the files are is told in release_files.
-module(release_handler).
-behaviour(gen_server).

-export([start_link/0, create_RELEASES/1, create_RELEASES/2,
         create_RELEASES/3, create_RELEASES/4, unpack_release/1,
         check_install_release/1, check_install_release/2, install_release/1,
         install_release/2, new_emulator_upgrade/2, remove_release/1,
         which_releases/0, which_releases/1, make_permanent/1,
         reboot_old_release/1, set_unpacked/2, set_removed/1, install_file/2,
         check_script/2, eval_script/5]).
-export([upgrade_app/2, downgrade_app/2, downgrade_app/3, upgrade_script/2,
         downgrade_script/3, eval_appup_script/4]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3]).

-include("release_handler.hrl").

%% How often old code is looked at that somebody still runs.
-define(PURGE_TIME, 10000).

%% start: {checked | unchecked, program by which the node restarts}; static:
%% whether the emulator may not be replaced; unpurged: [{Mod, How}]; early:
%% messages of other nodes that are further than this one.
-record(state, {root, rel_dir, start, static, releases = [], unpurged = [],
                timer, early = []}).

-define(CALL(Request), gen_server:call(?MODULE, Request, infinity)).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% ---- releases ----

which_releases() -> ?CALL(which_releases).

which_releases(Status) ->
    lists:reverse([R || {_, _, _, S} = R <- which_releases(), S =:= Status]).

check_install_release(Vsn) -> check_install_release(Vsn, []).

check_install_release(Vsn, Options) ->
    case [O || O <- Options, O =/= purge] of
        [] -> ?CALL({check_install_release, Vsn, Options =/= []});
        [Bad | _] -> {error, {illegal_option, Bad}}
    end.

install_release(Vsn) -> install_release(Vsn, []).

install_release(Vsn, Options) ->
    case [O || O <- Options, not is_install_option(O)] of
        [] ->
            Action = proplists:get_value(error_action, Options, restart),
            ?CALL({install_release, Vsn, Action,
                   lists:reverse(lists:keydelete(error_action, 1, Options))});
        [Bad | _] -> {error, {illegal_option, Bad}}
    end.

is_install_option({error_action, Action}) ->
    Action =:= restart orelse Action =:= reboot;
is_install_option({Key, Time}) when Key =:= code_change_timeout;
                                    Key =:= suspend_timeout ->
    Time =:= infinity orelse is_integer(Time) andalso Time > 0;
is_install_option({update_paths, Value}) -> is_boolean(Value);
is_install_option(_) -> false.

%% Called by the boot file of the release in between, under the new emulator.
new_emulator_upgrade(Vsn, Options) ->
    Result = ?CALL({install_release, Vsn, reboot, Options}),
    error_logger:info_msg(
      "~w:install_release(~p,~p) completed after node restart "
      "with new emulator version~nResult: ~p~n",
      [?MODULE, Vsn, Options, Result]),
    Result.

make_permanent(Vsn) -> ?CALL({make_permanent, Vsn}).
remove_release(Vsn) -> ?CALL({remove_release, Vsn}).
set_removed(Vsn) -> ?CALL({set_removed, Vsn}).
set_unpacked(RelFile, Libs) -> ?CALL({set_unpacked, RelFile, Libs}).
unpack_release(Name) -> ?CALL({unpack_release, Name}).
install_file(Vsn, File) when is_list(File) -> ?CALL({install_file, File, Vsn}).
reboot_old_release(Vsn) -> ?CALL({reboot_old_release, Vsn}).

create_RELEASES([Root, RelFile | Libs]) ->
    create_RELEASES(Root, filename:join(Root, "releases"), RelFile, Libs).

create_RELEASES(Root, RelFile) ->
    create_RELEASES(Root, filename:join(Root, "releases"), RelFile, []).

create_RELEASES(RelDir, RelFile, Libs) ->
    create_RELEASES("", RelDir, RelFile, Libs).

create_RELEASES(Root, RelDir, RelFile, Libs) ->
    try
        Release = release_files:release(RelFile, Libs, Root),
        release_files:save(RelDir, [Release#release{status = permanent}])
    catch
        throw:{error, _} = Error -> Error
    end.

check_script(Script, Libs) -> release_handler_1:check_script(Script, Libs).

eval_script(Script, Apps, Libs, NewLibs, Options) ->
    release_handler_1:eval_script(Script, Apps, Libs, NewLibs, Options).

%% ---- one application ----

upgrade_app(App, Dir) ->
    try
        NewDir = release_files:path(Dir),
        {ok, Vsn, Script} = upgrade_script(App, NewDir),
        eval_appup_script(App, Vsn, NewDir, Script)
    catch throw:Reason -> {error, Reason}
    end.

downgrade_app(App, Dir) ->
    case string:lexemes(filename:basename(Dir), "-") of
        [_, Vsn] -> downgrade_app(App, Vsn, Dir);
        _ -> {error, {unknown_version, App}}
    end.

downgrade_app(App, Vsn, Dir) ->
    try
        {ok, Script} = downgrade_script(App, Vsn, Dir),
        eval_appup_script(App, Vsn, Dir, Script)
    catch throw:Reason -> {error, Reason}
    end.

%% {ok, NewVsn, Script}: how to get to the version in [Dir].
upgrade_script(App, Dir) ->
    NewDir = release_files:path(Dir),
    OldVsn = running_version(App),
    {NewVsn, Script} = appup(App, NewDir, OldVsn, 2),
    {ok, NewVsn, translated(up, Script, {App, NewVsn, NewDir},
                            {App, OldVsn, code:lib_dir(App)})}.

downgrade_script(App, OldVsn, OldDir) ->
    NewVsn = running_version(App),
    NewDir = code:lib_dir(App),
    {NewVsn, Script} = appup(App, NewDir, OldVsn, 3),
    {ok, translated(dn, Script, {App, OldVsn, OldDir},
                    {App, NewVsn, NewDir})}.

running_version(App) ->
    case lists:keyfind(App, 1, application:which_applications()) of
        {App, _, Vsn} -> Vsn;
        false -> throw({app_not_running, App})
    end.

%% The version of an .appup file and its script for another version, of what
%% the field [N] has.
appup(App, Dir, Vsn, N) ->
    File = filename:join([Dir, "ebin", atom_to_list(App) ++ ".appup"]),
    case release_files:consult(File) of
        {ok, [{_, _, _} = Appup]} ->
            case systools_relup:script_for(Vsn, element(N, Appup)) of
                {ok, Script} -> {element(1, Appup), Script};
                error -> throw({version_not_in_appup, Vsn})
            end;
        {error, enoent} -> throw(no_appup_found);
        {error, Reason} -> throw(Reason)
    end.

translated(Mode, Script, To, From) ->
    case systools_rc:translate_scripts(Mode, [Script], [app(To)],
                                       [app(From)]) of
        {ok, Low} -> Low;
        {error, _, Reason} -> throw(Reason)
    end.

app({App, Vsn, Dir}) ->
    case systools_read:application(atom_to_list(App), Vsn,
                                   [filename:join(release_files:path(Dir),
                                                  "ebin")], []) of
        {ok, Read} -> Read;
        {error, {not_found, _}} -> throw({no_app_found, Vsn, Dir});
        {error, Reason} -> throw(Reason)
    end.

%% Runs a script that leads to version [Vsn] in [Dir].
eval_appup_script(App, Vsn, Dir, Script) ->
    Before = application_controller:prep_config_change(),
    Spec = case systools_read:term(
                  filename:join([release_files:path(Dir), "ebin",
                                 atom_to_list(App) ++ ".app"])) of
               {ok, Term} -> Term;
               {error, Reason} -> throw(Reason)
           end,
    Libs = [{App, Vsn, Dir}],
    Result = release_handler_1:eval_script(Script, [], Libs, Libs, []),
    case Result of
        {ok, _} ->
            application_controller:change_application_data([Spec], []),
            application_controller:config_change(Before);
        _ -> ok
    end,
    Result.

%% ---- the server ----

init([]) ->
    {ok, [[Root]]} = init:get_argument(root),
    Dir = case {application:get_env(sasl, releases_dir), os:getenv("RELDIR")} of
              {{ok, Named}, _} -> Named;
              {_, false} -> filename:join(Root, "releases");
              {_, Named} -> Named
          end,
    Start = case application:get_env(sasl, start_prg) of
                {ok, Program} when is_list(Program) -> {checked, Program};
                _ -> {unchecked, filename:join([Root, "bin", "start"])}
            end,
    {ok, #state{root = Root, rel_dir = Dir, start = Start,
                static = application:get_env(sasl, static_emulator)
                    =:= {ok, true},
                releases = at_start(Dir, Root)}}.

%% Without a file there is the one that runs; an installed system's own file
%% would name its applications.
at_start(Dir, Root) ->
    Id = {Name, Vsn} = init:script_id(),
    case release_files:known(Dir) of
        {ok, Releases} -> after_restart(Id, Releases, Dir);
        error ->
            Own = filename:join(Root, "releases"),
            [#release{name = Name, vsn = Vsn, status = permanent,
                      erts_vsn = erlang:system_info(version),
                      libs = [{A, V, code:lib_dir(A)}
                              || Dir =:= Own,
                                 {A, _, V} <- lists:reverse(
                                                application:
                                                loaded_applications()),
                                 is_list(code:lib_dir(A))]}]
    end.

%% A release that was to be current is so if this node was started with it.
after_restart({_, Vsn}, Releases, Dir) ->
    Left = case release_emulator:is_between(Vsn) of
               true -> lists:keydelete(Vsn, #release.vsn, Releases);
               false -> [with_status(R, tmp_current, unpacked) || R <- Releases]
           end,
    Left =:= Releases orelse release_files:save(Dir, Left),
    [case R of
         #release{vsn = Vsn} -> with_status(R, tmp_current, current);
         _ -> with_status(R, tmp_current, unpacked)
     end || R <- Releases].

with_status(#release{status = Old} = R, Old, New) -> R#release{status = New};
with_status(R, _, _) -> R.

handle_call(which_releases, _, #state{releases = Releases} = S) ->
    {reply, [{N, V, [lists:concat([A, "-", AV]) || {A, AV, _} <- Libs], Status}
             || #release{name = N, vsn = V, libs = Libs, status = Status}
                    <- Releases], S};
handle_call({install_release, Vsn, Action, Options}, From, S0) ->
    S = with_early(S0),
    case guarded(fun() -> install(Vsn, Options, S) end) of
        {'EXIT', Reason} ->
            io:format("release_handler:install_release(Vsn=~tp Opts=~tp) "
                      "failed, Reason=~tp~n", [Vsn, Options, Reason]),
            gen_server:reply(From, {error, Reason}),
            init:Action(),
            {noreply, S};
        {restart, Answer} ->
            gen_server:reply(From, Answer),
            init:reboot(),
            {noreply, S};
        {error, _} = Error -> {reply, Error, S};
        {Answer, New} -> {reply, Answer, New}
    end;
handle_call({reboot_old_release, Vsn}, From, S) ->
    case guarded(fun() -> make_old_permanent(Vsn, S) end) of
        ok ->
            gen_server:reply(From, ok),
            init:reboot(),
            {noreply, S};
        Error -> {reply, Error, S}
    end;
handle_call(Request, _, S) ->
    case guarded(fun() -> request(Request, S) end) of
        {error, _} = Error -> {reply, Error, S};
        {'EXIT', Reason} -> {reply, {error, Reason}, S};
        {Answer, New} -> {reply, Answer, New}
    end.

%% What Fun answers or throws; {'EXIT', Reason} when it fails.
guarded(Fun) -> catch Fun().

handle_cast(_, S) -> {noreply, S}.

handle_info(timeout, #state{unpurged = Unpurged, timer = Timer} = S) ->
    case [E || {M, _} = E <- Unpurged, not code:soft_purge(M)] of
        [] ->
            _ = timer:cancel(Timer),
            {noreply, S#state{unpurged = [], timer = undefined}};
        Left -> {noreply, S#state{unpurged = Left}}
    end;
handle_info({sync_nodes, _, _} = Early, #state{early = Others} = S) ->
    {noreply, S#state{early = [Early | Others]}};
handle_info(Message, S) ->
    error_logger:info_msg("release_handler: got unknown message: ~p~n",
                          [Message]),
    {noreply, S}.

terminate(_, _) -> ok.
code_change(_, S, _) -> {ok, S}.

with_early(#state{early = Early} = S) ->
    [self() ! Message || Message <- Early],
    S#state{early = []}.

%% ---- what is asked for ----

request({set_unpacked, RelFile, Libs}, #state{root = Root, rel_dir = Dir} = S) ->
    #release{vsn = Vsn} = Release = release_files:release(RelFile, Libs, Root),
    check_new(Vsn, S),
    _ = file:make_dir(release_files:path(filename:join(Dir, Vsn))),
    {{ok, Vsn}, added(Release, S)};
request({unpack_release, Name}, #state{rel_dir = Dir, root = Root} = S) ->
    Tar = filename:join(Dir, Name ++ ".tar.gz"),
    release_files:check(Tar, regular),
    %% somebody may have put the release file there by hand
    InTar = filename:join("releases", Name ++ ".rel"),
    catch release_files:extract(Tar, Root, [{files, [InTar]}]),
    RelFile = filename:join(Dir, Name ++ ".rel"),
    #release{vsn = Vsn} = Release = release_files:release(RelFile, [], ""),
    check_new(Vsn, S),
    release_files:extract(Tar, Root, [keep_old_files]),
    New = added(Release, S),
    release_files:copy(RelFile, filename:join(Dir, Vsn)),
    catch release_files:remove(Tar),
    catch release_files:remove(RelFile),
    {{ok, Vsn}, New};
request({check_install_release, Vsn, Purge}, #state{rel_dir = Dir} = S) ->
    #release{libs = Libs} = Release = not_installed(Vsn, S),
    In = fun(Name) -> filename:join([Dir, Vsn, Name]) end,
    release_files:check(In("start.boot"), regular),
    HasRelup = is_there(In("relup")),
    is_there(In("sys.config")),
    [release_files:check(D, directory)
     || {_, _, Lib} <- Libs, D <- [Lib, filename:join(Lib, "ebin")]],
    case HasRelup of
        true -> {check_relup(Release, Purge, S), S};
        false -> {{ok, Vsn, ""}, S}
    end;
request({make_permanent, Vsn}, #state{rel_dir = Dir} = S) ->
    case found(Vsn, S) of
        #release{status = permanent} -> {ok, S};
        #release{status = Status} when Status =:= unpacked; Status =:= old ->
            throw({error, {bad_status, Status}});
        #release{erts_vsn = Erts} ->
            Start = filename:join([Dir, Vsn, "start"]),
            release_files:check(Start ++ ".boot", regular),
            write_start_data(Erts, Vsn, S),
            Releases = set_status(Vsn, permanent, S#state.releases),
            release_files:save(Dir, Releases),
            Config = filename:join([Dir, Vsn, "sys"]),
            HasConfig = release_files:is_there(Config ++ ".config", regular),
            ok = init:make_permanent(Start, HasConfig andalso Config),
            [code:purge(M) || {M, brutal_purge} <- S#state.unpurged],
            {ok, S#state{releases = Releases,
                         unpurged = [E || {_, soft_purge} = E
                                              <- S#state.unpurged]}}
    end;
request({set_removed, Vsn}, S) ->
    {_, Left} = without(Vsn, S),
    {ok, saved(Left, S)};
request({remove_release, Vsn}, #state{root = Root, rel_dir = Dir} = S) ->
    {#release{libs = Libs, erts_vsn = Erts}, Left} = without(Vsn, S),
    Used = [{A, V} || #release{libs = Ls} <- Left, {A, V, _} <- Ls],
    [release_files:remove(D) || {A, V, D} <- Libs,
                                not lists:member({A, V}, Used)],
    release_files:remove(filename:join(Dir, Vsn)),
    lists:keymember(Erts, #release.erts_vsn, Left)
        orelse release_files:remove(filename:join(Root, "erts-" ++ Erts)),
    {ok, saved(Left, S)};
request({install_file, File, Vsn}, #state{rel_dir = Dir} = S) ->
    _ = found(Vsn, S),
    {release_files:copy(File, filename:join(Dir, Vsn)), S}.

found(Vsn, #state{releases = Releases}) ->
    case lists:keyfind(Vsn, #release.vsn, Releases) of
        false -> throw({error, {no_such_release, Vsn}});
        Release -> Release
    end.

not_installed(Vsn, S) ->
    case found(Vsn, S) of
        #release{status = current} ->
            throw({error, {already_installed, Vsn}});
        Release -> Release
    end.

check_new(Vsn, #state{releases = Releases}) ->
    lists:keymember(Vsn, #release.vsn, Releases)
        andalso throw({error, {existing_release, Vsn}}),
    ok.

without(Vsn, #state{releases = Releases} = S) ->
    case found(Vsn, S) of
        #release{status = permanent} -> throw({error, {permanent, Vsn}});
        Release -> {Release, lists:delete(Release, Releases)}
    end.

added(Release, #state{releases = Releases} = S) ->
    saved([Release#release{status = unpacked} | Releases], S).

saved(Releases, #state{rel_dir = Dir} = S) ->
    release_files:save(Dir, Releases),
    S#state{releases = Releases}.

is_there(File) ->
    Is = release_files:is_there(File, regular),
    Is orelse io:format("Warning: ~tp missing (optional)~n", [File]),
    Is.

%% A permanent release that is installed again stays permanent.
set_status(Vsn, Status, Releases) ->
    [case R of
         #release{vsn = Vsn, status = permanent} -> R;
         #release{vsn = Vsn} -> R#release{status = Status};
         #release{status = Status} -> R#release{status = old};
         _ -> R
     end || R <- Releases].

write_start_data(Erts, Vsn, #state{rel_dir = Dir}) ->
    release_files:write(filename:join(Dir, "start_erl.data"),
                        [Erts, " ", Vsn]).

make_old_permanent(Vsn, #state{rel_dir = Dir, releases = Releases} = S) ->
    case found(Vsn, S) of
        #release{status = old, erts_vsn = Erts} ->
            write_start_data(Erts, Vsn, S),
            release_files:save(Dir, set_status(Vsn, permanent, Releases));
        #release{status = Status} -> {error, {bad_status, Status}}
    end.

%% ---- installing ----

running(Releases) ->
    case lists:keyfind(current, #release.status, Releases) of
        #release{} = Current -> Current;
        false -> lists:keyfind(permanent, #release.status, Releases)
    end.

check_relup(#release{libs = Libs} = Release, Purge, S) ->
    {Vsn, Text, Script} = script(Release, S),
    case release_handler_1:check_script(Script, Libs) of
        {ok, Soft} when Purge ->
            {ok, Brutal} = release_handler_1:check_old_processes(Script,
                                                                 brutal_purge),
            [code:soft_purge(M) || M <- Soft ++ Brutal],
            {ok, Vsn, Text};
        {ok, _} -> {ok, Vsn, Text};
        Error -> Error
    end.

%% {Vsn, Text, Script}: from the relup of the target, upwards, or of the one
%% that runs, downwards.
script(#release{vsn = To}, #state{releases = Releases, rel_dir = Dir}) ->
    #release{vsn = Running} = running(Releases),
    case Running of
        "__new_emulator__" ++ From ->
            {Vsn, Text, [restart_new_emulator | Script]} =
                script(To, From, Dir),
            {Vsn, Text, Script};
        From -> script(To, From, Dir)
    end.

script(To, From, Dir) ->
    case entry(From, 2, To, Dir) of
        {_, _, _} = Up -> Up;
        none ->
            case entry(To, 3, From, Dir) of
                {_, _, _} = Down -> Down;
                none -> throw({error, {no_matching_relup, To, From}})
            end
    end.

entry(Other, N, Vsn, Dir) ->
    File = filename:join([Dir, Vsn, "relup"]),
    case release_files:consult(File) of
        {ok, [{Vsn, _, _} = Relup]} ->
            case lists:keyfind(Other, 1, element(N, Relup)) of
                false -> none;
                Entry -> Entry
            end;
        {error, enoent} -> none;
        {error, Reason} when is_atom(Reason) ->
            throw({error, {Reason, File}});
        _ -> throw({error, {bad_relup_file, File}})
    end.

%% {Answer, State} | {restart, Answer} | {error, Reason} | {'EXIT', Reason}
install(Vsn, Options, #state{static = Static} = S) ->
    Release = not_installed(Vsn, S),
    case script(Release, S) of
        {_, _, [restart_new_emulator | _]} when Static ->
            {error, static_emulator};
        {From, Text, [restart_new_emulator | _]} ->
            #state{releases = Releases, rel_dir = Dir, start = Start} = S,
            Between = release_emulator:between(running(Releases), Release, Dir,
                                               Options),
            release_emulator:prepare_restart(Between, [Between | Releases],
                                             Dir, Start),
            {restart, {continue_after_restart, From, Text}};
        {From, Text, Script} ->
            install(Release, {From, Text}, Script, Options, S)
    end.

install(#release{vsn = Vsn, libs = Libs} = Release, {From, Text}, Script,
        Options, #state{releases = Known, rel_dir = Dir} = S) ->
    Running = running(Known),
    Releases = release_emulator:without_between(Running#release.vsn, Dir,
                                                Known),
    Before = application_controller:prep_config_change(),
    Apps = change_apps(Vsn, Dir),
    ok = net_kernel:monitor_nodes(true),
    Result = (catch release_handler_1:eval_script(
                      Script, Apps, Libs, changed(Running#release.libs, Libs),
                      Options)),
    unmonitored(),
    case Result of
        {ok, Unpurged} ->
            application_controller:config_change(Before),
            New = S#state{releases = set_status(Vsn, current, Releases)},
            {{ok, From, Text}, with_unpurged(Unpurged, New)};
        restart_emulator when S#state.static -> {error, static_emulator};
        restart_emulator ->
            release_emulator:prepare_restart(Release, Releases, Dir,
                                             S#state.start),
            {restart, {ok, From, Text}};
        Error ->
            application_controller:config_change(Before),
            Error
    end.

%% The folders of applications with other versions than before.
changed(Old, New) ->
    [L || {App, Vsn, _} <- Old, {A, V, _} = L <- New, A =:= App, V =/= Vsn].

unmonitored() ->
    ok = net_kernel:monitor_nodes(false),
    forget_nodes().

forget_nodes() ->
    receive
        {nodedown, _} -> forget_nodes();
        {nodeup, _} -> forget_nodes()
    after 0 -> ok
    end.

with_unpurged([], S) -> S;
with_unpurged(Unpurged, #state{timer = undefined} = S) ->
    {ok, Timer} = timer:send_interval(?PURGE_TIME, timeout),
    S#state{unpurged = Unpurged, timer = Timer};
with_unpurged(Unpurged, S) -> S#state{unpurged = Unpurged}.

%% The applications' resources and configuration are those of the new release
%% from now on.
change_apps(Vsn, Dir) ->
    Boot = filename:join([Dir, Vsn, "start.boot"]),
    Config = case release_files:consult(filename:join([Dir, Vsn,
                                                       "sys.config"])) of
                 {ok, [Read]} -> Read;
                 _ -> []
             end,
    case release_files:read(Boot) of
        {ok, Bytes} ->
            {script, _, Commands} = binary_to_term(Bytes),
            Apps = lists:reverse(lists:append([resource(C) || C <- Commands])),
            case application_controller:change_application_data(Apps,
                                                                Config) of
                ok -> Apps;
                {error, Reason} -> exit({change_appl_data, Reason})
            end;
        {error, _} -> throw({error, {no_such_file, Boot}})
    end.

resource({kernelProcess, application_controller, {_, start, [App]}}) -> [App];
resource({apply, {application, load, [App]}}) -> [App];
resource(_) -> [].
