%% SPDX-License-Identifier: Apache-2.0
%% init: the first process. Reads the command line, starts what a node needs
%% before anything can be asked of it, runs -s, -run and -eval, starts the
%% shell, and ends the node in good order.
%%
%% The process itself (registered as init) only answers requests; the work of
%% the start is done by a process of its own, so that -eval may block.
-module(init).

-export([boot/1, start/0, get_arguments/0, get_argument/1,
         get_plain_arguments/0, get_status/0, script_id/0, script_name/0,
         stop/0, stop/1, restart/0, restart/1, reboot/0, make_permanent/2,
         notify_when_started/1, wait_until_started/0, fetch_loaded/0,
         ensure_loaded/1, objfile_extension/0, code_path_choice/0,
         run_on_load_handlers/0, archive_extension/0]).

-type flag() :: {atom(), [string()]}.

-record(state, {flags = [] :: [flag()],
                plain = [] :: [string()],
                starts = [] :: [tuple()],
                script = {"Erlang/OTP", "25"} :: term(),
                status = {starting, starting} :: {atom(), term()},
                boot :: pid() | undefined,
                waiting = [] :: [pid()],
                kernel = [] :: [{pid(), atom()}],
                %% boot and configuration file of the next restart
                permanent = [] :: [flag()],
                args = [] :: [binary()]}).

%% Stack traces of a start that fails show functions alone.
-compile(no_line_info).

%% How long kernel's start waits for the prompt, in milliseconds.
-define(PROMPT_TIME, 30).

%%% The questions that can be asked of a running node

-spec get_arguments() -> [flag()].
get_arguments() -> request(get_arguments).

-spec get_argument(atom()) -> {ok, [[string()]]} | error.
get_argument(Flag) -> request({get_argument, Flag}).

-spec get_plain_arguments() -> [string()].
get_plain_arguments() -> request(get_plain_arguments).

-spec get_status() -> {atom(), term()}.
get_status() -> request(get_status).

%% The path of the boot file, or of the one that would do what is done without.
-spec script_name() -> string().
script_name() ->
    case get_argument(boot) of
        {ok, Boots} when Boots =/= [[]] ->
            Boot = filename:rootname(hd(lists:last(Boots)), ".boot") ++ ".boot",
            %% those that come with the program are known by their names
            case filelib:is_file(Boot) of
                true -> filename:absname(Boot);
                false -> filename:join([code:root_dir(), "bin", Boot])
            end;
        _ -> filename:join([code:root_dir(), "bin", "start.boot"])
    end.

-spec script_id() -> term().
script_id() -> request(script_id).

-spec make_permanent(file:filename(), file:filename() | false) ->
          ok | {error, term()}.
make_permanent(Boot, Config) -> request({make_permanent, Boot, Config}).

-spec fetch_loaded() -> [{module(), file:filename()}].
fetch_loaded() -> [].

-spec ensure_loaded(module()) -> {module, module()} | not_allowed.
ensure_loaded(Module) -> code:ensure_loaded(Module).

-spec notify_when_started(pid()) -> ok | started.
notify_when_started(Pid) -> request({notify_when_started, Pid}).

-spec wait_until_started() -> ok.
wait_until_started() -> receive {init, started} -> ok end.

objfile_extension() -> ".beam".

archive_extension() -> ".ez".

code_path_choice() -> relaxed.

run_on_load_handlers() -> ok.

-spec start() -> term().
start() -> boot([]).

-spec stop() -> ok.
stop() -> stop(0).

-spec stop(non_neg_integer() | string()) -> ok.
stop(Status) when is_integer(Status), Status >= 0 -> init ! {stop, Status}, ok;
stop(Status) ->
    case is_flat_text(Status) of
        true -> init ! {stop, Status}, ok;
        false -> erlang:error(badarg)
    end.

%% Bytes, not nested.
is_flat_text([C | Cs]) when is_integer(C), C >= 0, C =< 255 -> is_flat_text(Cs);
is_flat_text(Cs) -> Cs =:= [].

-spec restart() -> ok.
restart() -> init ! {stop, restart}, ok.

-spec restart([{mode, embedded | interactive}]) -> ok.
restart([]) -> restart();
restart([{mode, Mode}]) when Mode =:= embedded; Mode =:= interactive ->
    init ! {stop, {restart, Mode}},
    ok;
restart(Options) -> erlang:error(badarg, [Options]).

-spec reboot() -> ok.
reboot() -> init ! {stop, reboot}, ok.

request(Request) ->
    init ! {self(), Request},
    receive {init, Answer} -> Answer end.

%%% The first process

%% boot([Argument]): where the node begins. Arguments are what followed the
%% program's name, as binaries.
-spec boot([binary()]) -> no_return().
boot(Arguments) ->
    register(init, self()),
    process_flag(trap_exit, true),
    run(Arguments, []).

run(Arguments, Permanent) ->
    State0 = read_arguments(Arguments),
    State = State0#state{args = Arguments, permanent = Permanent,
                         flags = with_permanent(Permanent,
                                                State0#state.flags)},
    loop(State#state{boot = start_boot(State)}).

with_permanent(Permanent, Flags) ->
    lists:foldl(fun({Name, _} = Flag, Acc) ->
                        lists:keystore(Name, 1, Acc, Flag)
                end, Flags, Permanent).

start_boot(State) ->
    Init = self(),
    spawn_link(fun() -> do_boot(Init, State#state.flags, State) end).

loop(State) ->
    receive
        {From, Request} when is_pid(From) ->
            {Answer, State1} = answer(Request, State),
            From ! {init, Answer},
            loop(State1);
        {stop, {restart, Mode}} ->
            Mode1 = {mode, [atom_to_list(Mode)]},
            Permanent = lists:keystore(mode, 1, State#state.permanent, Mode1),
            end_node(restart, State#state{permanent = Permanent});
        {stop, Status} ->
            end_node(Status, State);
        {status, Boot, started} when Boot =:= State#state.boot ->
            loop(tell_started(State#state{status = {started, started}}));
        {'EXIT', Boot, Reason} when Boot =:= State#state.boot ->
            boot_ended(Reason, State);
        {progress, started} -> % what -s and -eval run may still be on its way
            loop(tell_started(State#state{status = {starting, started}}));
        {progress, What} ->
            loop(State#state{status = {starting, What}});
        {script_id, Id} ->
            loop(State#state{script = Id});
        {kernel_process, Name, Pid} ->
            link(Pid),
            loop(State#state{kernel = [{Pid, Name} | State#state.kernel]});
        {'EXIT', Pid, Reason} ->
            kernel_ended(lists:keyfind(Pid, 1, State#state.kernel), Reason),
            loop(State);
        _ ->
            loop(State)
    end.

%% Who asked to be told of it.
tell_started(State) ->
    [Pid ! {init, started} || Pid <- State#state.waiting],
    State#state{waiting = []}.

answer(get_arguments, #state{flags = Flags} = S) -> {Flags, S};
answer({get_argument, Flag}, #state{flags = Flags} = S) ->
    {values(Flag, Flags), S};
answer(get_plain_arguments, #state{plain = Plain} = S) -> {Plain, S};
answer(get_status, #state{status = Status} = S) -> {Status, S};
answer(script_id, #state{script = Id} = S) -> {Id, S};
answer({notify_when_started, _}, #state{status = {stopping, _}} = S) ->
    {ok, S}; % nothing starts any more
answer({notify_when_started, _}, #state{status = {_, started}} = S) ->
    {started, S};
answer({notify_when_started, Pid}, #state{waiting = Waiting} = S) ->
    is_pid(S#state.boot) andalso (S#state.boot ! go),
    {ok, S#state{waiting = [Pid | Waiting]}};
answer({make_permanent, Boot, Config}, S) ->
    Permanent = [{boot, [Boot]}
                 | [{config, [Config]} || Config =/= false]],
    {ok, S#state{permanent = Permanent,
                 flags = with_permanent(Permanent, S#state.flags)}};
answer(_, S) -> {{error, badrequest}, S}.

%% Without its kernel processes a node cannot go on. Reports of why, which pass
%% several processes, are written first.
kernel_ended(false, _) -> ok;
kernel_ended({_, Name}, Reason) ->
    receive after 500 -> ok end,
    flush_output(),
    crash("Kernel pid terminated", Name, Reason).

boot_ended(normal, State) -> loop(State#state{boot = undefined});
boot_ended({'could not start kernel pid', Name, Reason}, _State) ->
    crash("could not start kernel pid", Name, Reason);
boot_ended(Reason, _State) -> crash("init terminating in do_boot", Reason).

%%% The command line

%% Sorts the arguments into flags, plain arguments and things to start.
read_arguments(Arguments) ->
    {Starts, Flags, Plain} = read(expand(Arguments), [], [], []),
    #state{starts = Starts,
           flags = own_flags(Flags) ++ no_input(Flags) ++ Flags,
           plain = Plain}.

%% Where the configuration comes from standard input there is nothing else.
no_input(Flags) ->
    [{noinput, []} || {configfd, ["0" ++ _]} <- Flags,
                      values(noinput, Flags) =:= error].

%% The flags that the program itself is known by.
own_flags(Flags) ->
    [{F, [V]} || {F, V} <- [{root, merle_pack:root()},
                            {bindir, os:getenv("BINDIR")},
                            {progname, os:getenv("PROGNAME")},
                            {home, home()}],
                 V =/= false, values(F, Flags) =:= error].

home() ->
    case os:getenv("HOME") of
        false -> "/";
        Home -> Home
    end.

%% -make stands for a whole command.
expand([<<"-extra">> | _] = Arguments) -> Arguments;
expand([<<"-make">> | Rest]) ->
    [<<"-noshell">>, <<"-noinput">>, <<"-s">>, <<"make">>,
     <<"all_or_nothing">>, <<"-s">>, <<"erlang">>, <<"halt">>
     | expand(Rest)];
expand([Argument | Rest]) -> [Argument | expand(Rest)];
expand([]) -> [].

read([Argument | Rest], Starts, Flags, Plain) ->
    case kind(Argument) of
        extra ->
            read([], Starts, Flags,
                 lists:reverse([to_text(A) || A <- Rest], Plain));
        arg -> read(Rest, Starts, Flags, [to_text(Argument) | Plain]);
        end_of_flags -> read(Rest, Starts, Flags, Plain);
        {flag, Flag} ->
            {Values, Rest1} = values_of(Rest, []),
            read(Rest1, Starts,
                 [{Flag, [to_text(V) || V <- Values]} | Flags], Plain);
        Start ->
            {Values, Rest1} = values_of(Rest, []),
            read(Rest1, [{Start, Values} | Starts], Flags, Plain)
    end;
read([], Starts, Flags, Plain) ->
    {lists:reverse(Starts), lists:reverse(Flags), lists:reverse(Plain)}.

kind(<<"-extra">>) -> extra;
kind(<<"--">>) -> end_of_flags;
kind(<<"-s">>) -> s;
kind(<<"-run">>) -> run;
kind(<<"-eval">>) -> eval;
kind(<<"-e">>) -> eval;
kind(<<"-">>) -> arg;
kind(<<"-", Flag/binary>>) -> {flag, binary_to_atom(Flag)};
kind(_) -> arg.

values_of([<<"--">> | Rest], Values) -> {lists:reverse(Values), Rest};
values_of([Argument | Rest] = All, Values) ->
    case kind(Argument) of
        arg -> values_of(Rest, [Argument | Values]);
        _ -> {lists:reverse(Values), All}
    end;
values_of([], Values) -> {lists:reverse(Values), []}.

values(Flag, Flags) ->
    case [V || {F, V} <- Flags, F =:= Flag] of
        [] -> error;
        Values -> {ok, Values}
    end.

to_text(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Bytes)
    end.

%%% Starting

%% Its name and those of start_em are in the slogan of a start that fails.
do_boot(Init, Flags, #state{starts = Starts, plain = Plain}) ->
    %% what -s and -run start may end on its own
    process_flag(trap_exit, true),
    ok = code_server:start(Flags),
    said_all(Flags),
    start_user(Flags),
    start_heart(Init, Flags),
    case is_prompt_first(Flags, Starts) of
        true ->
            start_shell(Flags, Plain),
            receive go -> ok after ?PROMPT_TIME -> ok end,
            start_standard(Init, Flags, []),
            Init ! {status, self(), started};
        false ->
            start_booted(Init, Flags),
            start_em(Starts),
            Init ! {status, self(), started},
            start_shell(Flags, Plain)
    end.

%% The watchdog, for those who want one.
start_heart(Init, Flags) ->
    case lists:keymember(heart, 1, Flags) andalso heart:start() of
        {ok, Pid} -> Init ! {kernel_process, heart, Pid};
        _ -> ok
    end.

%% As a boot file says, or as the standard ones would.
start_booted(Init, Flags) ->
    case lists:keymember(boot, 1, Flags) andalso init_script:name(Flags) of
        {file, Boot} -> init_script:run(Init, Boot, Flags);
        {standard, Apps} -> start_standard(Init, Flags, Apps);
        false -> start_standard(Init, Flags, [])
    end.

start_standard(Init, Flags, Apps) ->
    say_steps(Flags, [{progress, preloaded}, {progress, kernel_load_completed},
                      {progress, modules_loaded}, {start, heart},
                      {start, logger}, {start, application_controller},
                      {progress, init_kernel_started},
                      {progress, applications_loaded}]),
    start_applications(Init, Flags),
    is_own_user(Flags) andalso follow_user(),
    say_steps(Flags, [{apply, {application, start_boot, [App, permanent]}}
                      || App <- [kernel, stdlib]]),
    [ok = application_controller:boot(App) || App <- Apps,
                                              App =/= no_dot_erlang],
    lists:member(no_dot_erlang, Apps) orelse run_dot_erlang(Flags),
    say_steps(Flags, [{progress, started}]),
    Init ! {progress, started},
    ok.

%% What a boot file would have done so far, for -init_debug.
say_steps(Flags, Steps) ->
    lists:keymember(init_debug, 1, Flags)
        andalso [erlang:display(Step) || Step <- Steps].

%% The user's own file .erlang, if there is one.
run_dot_erlang(Flags) ->
    Places = [Home ++ "/.erlang" || {home, [Home]} <- Flags]
        ++ [Dir ++ "/erlang/.erlang" || Dir <- config_dirs(Flags)],
    case [P || P <- Places, is_file(P)] of
        [] -> ok;
        _ -> c:erlangrc()
    end.

config_dirs(Flags) ->
    case os:getenv("XDG_CONFIG_HOME") of
        false -> [Home ++ "/.config" || {home, [Home]} <- Flags];
        Dir -> [Dir]
    end.

is_file(Name) ->
    case prim_file:read_file_info(Name) of
        {ok, _} -> true;
        _ -> false
    end.

%% Where nothing but the prompt is asked for it comes first; kernel starts
%% while somebody types, or at once when a command is there: the shell waits
%% with its first command until the node has started.
is_prompt_first(Flags, []) ->
    is_shell_wanted(Flags)
        andalso not lists:any(fun(Flag) -> lists:keymember(Flag, 1, Flags) end,
                              [config, configfd, kernel, name, sname, remsh])
        andalso not lists:keymember(boot, 1, Flags);
is_prompt_first(_, _) -> false.

%% -version says what this is and ends the node.
said_all(Flags) ->
    case values(version, Flags) of
        error -> ok;
        {ok, _} ->
            erlang:display_string("merle " ++ version() ++ "\n"),
            halt(0)
    end.

version() ->
    try erlang:system_info(merle_version)
    catch error:_ -> erlang:system_info(version)
    end.

%% The process for standard input and output. One of the command line's may
%% need kernel, and is started by user_sup.
start_user(Flags) ->
    is_own_user(Flags) orelse user:start(Flags),
    follow_user().

is_own_user(Flags) ->
    values(user, Flags) =/= error orelse values(master, Flags) =/= error.

follow_user() ->
    case whereis(user) of
        undefined -> ok;
        User ->
            %% what applications print goes to the leader of who starts them
            [group_leader(User, Pid)
             || Pid <- [self(), whereis(application_controller)], is_pid(Pid)]
    end.

%% The logger, and the applications kernel and stdlib. Their first processes
%% belong to init, which ends the node when one of them ends.
start_applications(Init, Flags) ->
    kernel:boot(Flags,
                fun() -> [Init ! {kernel_process, Name, whereis(Name)}
                          || Name <- [logger, application_controller]]
                end).

start_em([{s, [M]} | Starts]) ->
    apply(binary_to_atom(M), start, []),
    start_em(Starts);
start_em([{Kind, Values} | Starts]) ->
    run_start(Kind, Values),
    start_em(Starts);
start_em([]) -> ok.

run_start(_, []) -> ok;
run_start(eval, Values) -> start_it(join(Values));
run_start(s, [M, F]) -> apply(binary_to_atom(M), binary_to_atom(F), []);
run_start(s, [M, F | Args]) ->
    apply(binary_to_atom(M), binary_to_atom(F),
          [[binary_to_atom(A) || A <- Args]]);
run_start(run, [M]) -> apply(binary_to_atom(M), start, []);
run_start(run, [M, F]) -> apply(binary_to_atom(M), binary_to_atom(F), []);
run_start(run, [M, F | Args]) ->
    apply(binary_to_atom(M), binary_to_atom(F), [[to_text(A) || A <- Args]]).

join(Values) ->
    lists:append(lists:join(" ", [to_text(V) || V <- Values])).

%% Runs an expression of the command line; failures name this function.
start_it(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    Tokens1 = case lists:reverse(Tokens) of
                  [{dot, _} | _] -> Tokens;
                  Reversed -> lists:reverse([{dot, 1} | Reversed])
              end,
    {ok, Exprs} = erl_parse:parse_exprs(Tokens1),
    Bindings = erl_eval:new_bindings(),
    %% without the compiler's checks, what is wrong shows on the way
    {value, _, _} =
        case code:ensure_loaded(erl_lint) =/= {module, erl_lint}
            orelse erl_eval:check_command(Exprs, Bindings) of
            true -> erl_eval:exprs(Exprs, Bindings, none, none, none);
            ok -> erl_eval:exprs(compiled(Exprs), Bindings, none, none, none);
            _ -> erl_eval:exprs(Exprs, Bindings)
        end,
    ok.

%% What is worth it is code, as at the prompt (see shell_compile); it stays.
compiled(Exprs) ->
    Keeper = merle_keep:keeper(),
    Load = fun(Make) -> load_made(merle_keep:name(Keeper), Keeper, Make) end,
    shell_compile:exprs(Exprs, [], {fun(_, _) -> false end, Load}).

load_made(Name, Keeper, Make) ->
    case Make(Name) of
        {ok, Beam} ->
            {module, Name} = erlang:load_module(Name, Beam),
            {ok, Name, merle_keep:token(Keeper, Name)};
        error -> error
    end.

start_shell(Flags, _Plain) ->
    case is_shell_wanted(Flags) of
        true -> user:start_shell(Flags);
        false -> ok
    end.

is_shell_wanted(Flags) ->
    values(noshell, Flags) =:= error
        andalso values(noinput, Flags) =:= error
        andalso values(user, Flags) =:= error.

%%% Ending

%% Stops the applications, then all processes, then the node.
end_node(Status, State0) ->
    {_, Step} = State0#state.status,
    State = State0#state{status = {stopping, Step}},
    Status =:= restart andalso forget_shell(),
    %% who asked for the end may still say so: to other nodes before the
    %% connections go
    nodes(connected) =:= [] orelse receive after 100 -> ok end,
    stop_applications(State),
    lists:member(Status, [restart, reboot]) orelse stop_heart(State),
    receive after 10 -> ok end,
    flush_output(),
    case Status of
        restart -> restart_node(State);
        reboot -> halt(0);
        abort -> halt(abort);
        _ -> halt(Status)
    end.

stop_applications(State) ->
    case whereis(application_controller) of
        undefined -> ok;
        Controller ->
            Monitor = monitor(process, Controller),
            exit(Controller, shutdown),
            wait_end(Monitor, start_shutdown_timer(State), State)
    end.

%% The guard of a node that takes its leave need not start it again.
stop_heart(State) ->
    case whereis(heart) of
        undefined -> ok;
        Heart ->
            Monitor = monitor(process, Heart),
            exit(Heart, shutdown),
            wait_end(Monitor, none, State)
    end.

start_shutdown_timer(#state{flags = Flags}) ->
    case values(shutdown_time, Flags) of
        {ok, [[Time | _] | _]} ->
            erlang:start_timer(list_to_integer(Time), self(), shutdown);
        _ -> none
    end.

%% Questions are answered while the end is near.
wait_end(Monitor, Timer, State) ->
    receive
        {'DOWN', Monitor, _, _, _} -> ok;
        {timeout, Timer, shutdown} ->
            erlang:display({init, shutdown_timeout});
        {From, Request} when is_pid(From) ->
            {Answer, State1} = answer(Request, State),
            From ! {init, Answer},
            wait_end(Monitor, Timer, State1)
    end.

wait_down(Monitor, Time) ->
    receive {'DOWN', Monitor, _, _, _} -> ok
    after Time -> ok
    end.

%% What was written to standard output must be out before the end.
flush_output() ->
    case whereis(user) of
        undefined -> ok;
        User ->
            Monitor = monitor(process, User),
            User ! {io_request, self(), Monitor, {requests, []}},
            receive
                {io_reply, Monitor, _} -> ok;
                {'DOWN', Monitor, _, _, _} -> ok
            after 5000 -> ok
            end
    end.

%% The process user stays over a restart, its shell does not.
forget_shell() ->
    [begin
         Server ! {forget_shell, self()},
         receive {user, shell_forgotten} -> ok
         after 1000 -> ok
         end
     end || Server <- [whereis(user_drv), whereis(user)], is_pid(Server)].

%% Starts again from the beginning, in the same node. A process user that the
%% command line names is started by kernel, and so goes with it.
restart_node(#state{args = Arguments, permanent = Permanent,
                    flags = Flags}) ->
    Keep = [self(), whereis(heart)
            | [whereis(Name) || Name <- [user, user_drv],
                                not is_own_user(Flags)]],
    Kill = [P || P <- processes(), not lists:member(P, Keep)],
    Monitors = [monitor(process, P) || P <- Kill],
    [exit(P, kill) || P <- Kill],
    [wait_down(M, 5000) || M <- Monitors],
    [unload(M) || M <- erlang:loaded(), merle_pack:find(M) =:= undefined,
                  %% what is C alone has no such function
                  erlang:function_exported(M, module_info, 0)],
    flush_messages(),
    run(Arguments, Permanent).

%% What is not the program's own is found and loaded anew.
unload(M) ->
    erlang:check_old_code(M) andalso erlang:purge_module(M),
    erlang:delete_module(M) =:= true andalso erlang:purge_module(M).

flush_messages() ->
    receive _ -> flush_messages()
    after 0 -> ok
    end.

%% Says why the node cannot go on: as a term, and in the slogan of the crash
%% dump.
-spec crash(string(), term()) -> no_return().
crash(What, Reason) -> crash(What, [Reason], {What, Reason}).

-spec crash(string(), atom(), term()) -> no_return().
crash(What, Name, Reason) when is_atom(Name) ->
    crash(What, [Name, Reason], {What, Name, Reason});
crash(What, Terms, Shown) ->
    flush_output(),
    erlang:display(Shown),
    halt(lists:append([What | [" (" ++ brief(T, 4) ++ ")" || T <- Terms]])).

%% A term in one line: texts without quotes, and nothing below some depth.
brief([], _) -> "[]";
brief(T, _) when is_atom(T) -> atom_to_list(T);
brief(T, _) when is_integer(T) -> integer_to_list(T);
brief(T, _) when is_float(T) -> float_to_list(T, [short]);
brief(T, _) when is_pid(T) -> pid_to_list(T);
brief(T, 0) when is_tuple(T) -> "{_}";
brief(T, 0) when is_list(T) -> "[_]";
brief(T, D) when is_tuple(T) ->
    "{" ++ commas([brief(E, D - 1) || E <- tuple_to_list(T)]) ++ "}";
brief([_ | _] = T, D) ->
    case is_text(T) of
        true -> [case C of $\n -> $\s; _ -> C end || C <- T];
        false -> "[" ++ commas(brief_list(T, D - 1)) ++ "]"
    end;
brief(_, _) -> "".

brief_list([H | T], D) -> [brief(H, D) | brief_list(T, D)];
brief_list([], _) -> [];
brief_list(T, D) -> ["|" ++ brief(T, D)].

commas(Texts) -> lists:append(lists:join(",", Texts)).

is_text([C | Cs]) when is_integer(C), C >= $\s, C =/= 127, C < 16#110000;
                       C =:= $\n -> is_text(Cs);
is_text(End) -> End =:= [].
