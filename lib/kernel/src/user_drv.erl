%% SPDX-License-Identifier: Apache-2.0
%% user_drv: the process of a terminal on which lines are edited. It owns
%% prim_tty and the editor, keeps the jobs, and answers C-g.
%%
%% A job is a process of group, the io server of its shell; `user` is one, too,
%% number 0. They say {Group, Request} here:
%%
%%     {put_chars, unicode, Text}, {put_chars_sync, unicode, Text, Reply}
%%     {read_line, Prompt, Mode, Expand}   a line, please
%%     {read_key, boolean()}               one key as it is typed, or none
%%     {history, own | none | [Line]}      what the editor begins with
%%     tty_geometry, get_unicode_state     (also set_unicode_state, a triple)
%%
%% and are told {Drv, {line, Text}}, {Drv, {data, Bytes}}, {Drv, eof},
%% {reply, Reply}, {Drv, tty_geometry, Size} and the like. An exit signal
%% `interrupt` ends what the shell does, `die` the job. What a job that does not
%% have the terminal writes is not shown; when it reads it waits.
%%
%% This process waits for nobody but a job it has killed.
-module(user_drv).

-export([start/0, start/1, start/2, start/3, start_user/0, interfaces/1,
         server/2]).

-record(read, {prompt :: unicode:chardata(),
               mode :: group_edit:mode(),
               expand :: default | fun(),
               typed = <<>> :: binary()}). % before the line was left

-record(state, {terminal :: reference(),
                encoding :: latin1 | unicode,
                editor = none :: none | group_edit:edit(),
                user :: pid(),
                jobs :: group_jobs:jobs(),
                reads = #{} :: #{pid() => #read{}},
                target = none :: none | switch | pid(), % whose line is edited
                is_switching = false :: boolean(), % after C-g
                held = [] :: [{pid(), term()}],    % until then, newest first
                is_leaving = false :: boolean(),   % abort or continue?
                key_reader = none :: none | pid(),
                has_history = false :: boolean(),
                is_eof = false :: boolean(),
                is_hinted = true :: boolean(),     % since the last key
                breaks = 0 :: non_neg_integer()}). % C-c on nothing, in a row

-define(SHELL, {shell, start, [init]}).
-define(PAUSE, 60). % milliseconds without a key until something is hinted at

%% Takes the terminal and starts `user` and a shell; the arguments are those
%% that OTP's has for its ports, which say nothing here.
-spec start() -> pid().
start() -> start(tty, ?SHELL).

start([Port]) -> start(Port, ?SHELL);
start([_, Shell]) -> start(tty, Shell);
start([_, _, Shell]) -> start(tty, Shell);
start(Port) -> start(Port, ?SHELL).

start(Port, Shell) -> spawn(?MODULE, server, [Port, Shell]).

start(Port, _, Shell) -> start(Port, Shell).

%% The same without a shell, which {start_shell, From, Shell} brings later;
%% `user` is there when this answers.
-spec start_user() -> pid().
start_user() ->
    Pid = spawn(?MODULE, server, [self(), none]),
    receive {Pid, started} -> Pid end.

%% The job that has the terminal.
-spec interfaces(pid()) -> [{current_group, pid()}].
interfaces(Driver) -> group:entries(Driver, [current_group]).

server(Parent, none) ->
    {ok, Terminal} = prim_tty:start(#{input => true}),
    S = init(Terminal),
    Parent ! {self(), started},
    loop(S);
server(_, Shell) ->
    case group_edit:can_edit() andalso prim_tty:start(#{input => true}) of
        {ok, Terminal} ->
            S = edited(init(Terminal)),
            loop(start_job(Shell, show([erlang:system_info(system_version),
                                        $\n], S)));
        _ -> user:start()
    end.

init(Terminal) ->
    process_flag(trap_exit, true),
    whereis(user_drv) =:= undefined andalso register(user_drv, self()),
    User = start_user_group(),
    put(current_group, User),
    Encoding = case is_utf8_locale() of
                   true -> unicode;
                   false -> latin1
               end,
    #state{terminal = Terminal, user = User, encoding = Encoding,
           jobs = group_jobs:new(User)}.

start_user_group() ->
    case whereis(user) of
        undefined ->
            User = group:start(self(), {}, group_options()),
            register(user, User),
            group_leader(User, User),
            group_leader(User, self()), % what groups themselves print
            User;
        User -> User
    end.

group_options() -> [edits, {colours, group_edit:has_colours()}].

is_utf8_locale() ->
    Values = [V || Name <- ["LC_ALL", "LC_CTYPE", "LANG"],
                   V <- [os:getenv(Name)], V =/= false, V =/= ""],
    case Values of
        [Locale | _] ->
            Lower = string:lowercase(Locale),
            string:find(Lower, "utf-8") =/= nomatch
                orelse string:find(Lower, "utf8") =/= nomatch;
        [] -> false
    end.

loop(S) ->
    receive Message -> loop(retarget(handle(Message, S)))
    after pause(S) ->
            group_edit:hint(S#state.editor),
            loop(S#state{is_hinted = true})
    end.

pause(#state{is_hinted = false, target = Group} = S) when is_pid(Group) ->
    case mode(S) of
        expression -> ?PAUSE;
        _ -> infinity
    end;
pause(_) -> infinity.

handle({prim_tty, Ref, {data, Bytes}}, #state{terminal = Ref} = S) ->
    typed(Bytes, S);
handle({prim_tty, Ref, {signal, winch}}, #state{terminal = Ref} = S) ->
    S#state.editor =:= none orelse group_edit:resize(S#state.editor),
    S;
handle({prim_tty, Ref, {signal, resume}}, #state{terminal = Ref} = S) ->
    group_edit:resume(S#state.editor), % who made the mode raw
    S;
handle({prim_tty, Ref, eof}, #state{terminal = Ref, reads = Reads} = S0) ->
    S = left(S0),
    [Group ! {self(), eof} || Group <- maps:keys(Reads)],
    S#state{is_eof = true, reads = #{}};
handle({Group, set_unicode_state, Is}, S) when is_boolean(Is) ->
    Group ! {self(), set_unicode_state, S#state.encoding =:= unicode},
    Encoding = case Is of
                   true -> unicode;
                   false -> latin1
               end,
    encoded(S#state{encoding = Encoding});
handle({start_shell, From, Shell}, S) ->
    S1 = start_job(Shell, edited(S)),
    From ! {user, shell_started, current(S1)},
    S1;
handle({forget_shell, From}, S) ->
    S1 = forget_jobs(S),
    From ! {user, shell_forgotten},
    S1;
handle({Group, Request}, S) when is_pid(Group) -> request(Request, Group, S);
handle({'EXIT', User, shutdown}, #state{user = User} = S) -> S;
handle({'EXIT', User, _}, #state{user = User} = S) -> % it is kept alive
    New = start_user_group(),
    S#state{user = New, jobs = group_jobs:replace(User, New, S#state.jobs)};
handle({'EXIT', Pid, Reason}, S) when is_pid(Pid) -> job_ended(Pid, Reason, S);
handle(_, S) -> S.

%%% Jobs

current(#state{jobs = Jobs}) -> group_jobs:current(Jobs).

start_job(Shell, S) ->
    with_jobs(group_jobs:add(start_group(Shell), Shell, S#state.jobs), S).

start_group(Shell) -> group:start(self(), Shell, group_options()).

%% For interfaces/1, too.
with_jobs(Jobs, S) ->
    put(current_group, group_jobs:current(Jobs)),
    S#state{jobs = Jobs}.

%% A shell that ends is replaced, if it is of this node. Who dies of the user's
%% own command is not mourned.
job_ended(Group, Reason, #state{jobs = Jobs, reads = Reads} = S0) ->
    S = S0#state{reads = maps:remove(Group, Reads)},
    Shell = group_jobs:shell(Group, Jobs),
    case group_jobs:current(Jobs) of
        Group when Reason =/= die, Reason =/= terminated, Shell =/= none ->
            mourn(Group, Shell, Reason, left(S));
        _ -> with_jobs(group_jobs:delete(Group, Jobs), S)
    end.

mourn(Group, Shell, Reason, #state{jobs = Jobs} = S0) ->
    What = case Reason of
               normal -> "";
               _ -> "ERROR: "
           end,
    S = show(["*** ", What, "Shell process terminated! "], S0),
    case Shell of
        {shell, start, _} ->
            S1 = show("***\n", S),
            with_jobs(group_jobs:replace(Group, start_group(Shell), Jobs), S1);
        _ ->
            S1 = show("(^G to start new job) ***\n", S),
            with_jobs(group_jobs:delete(Group, Jobs), S1)
    end.

%% The node begins again, and will want others.
forget_jobs(#state{jobs = Jobs, user = User} = S0) ->
    S = left(S0),
    [begin
         unlink(Group),
         exit(Group, kill)
     end || Group <- group_jobs:groups(Jobs), Group =/= User],
    with_jobs(group_jobs:new(User), S#state{reads = #{}}).

%%% What the groups say

%% Who chooses a job is not disturbed by those there are.
request(Put, Group, #state{is_switching = true, held = Held} = S)
  when element(1, Put) =:= put_chars; element(1, Put) =:= put_chars_sync ->
    S#state{held = [{Group, Put} | Held]};
request({put_chars, unicode, Text}, Group, S) -> show_of(Group, Text, S);
request({put_chars_sync, unicode, Text, Reply}, Group, S) ->
    S1 = show_of(Group, Text, S),
    Group ! {reply, Reply},
    S1;
request({requests, Requests}, Group, S) ->
    lists:foldl(fun(R, S1) -> request(R, Group, S1) end, S, Requests);
request({read_line, _, _, _}, Group, #state{is_eof = true} = S) ->
    Group ! {self(), eof},
    S;
request({read_line, Prompt, Mode, Expand}, Group, #state{reads = Reads} = S0) ->
    S = case S0#state.target of
            Group -> left(S0);
            _ -> S0
        end,
    Read = #read{prompt = Prompt, mode = Mode, expand = Expand},
    edited(S#state{reads = Reads#{Group => Read}});
request({read_key, true}, Group, S) -> S#state{key_reader = Group};
request({read_key, false}, Group, S) ->
    Group ! {self(), read_key, ok},
    S#state{key_reader = none};
request({history, Lines}, _, #state{has_history = false} = S0)
  when Lines =/= none ->
    S = edited(S0),
    Editor = group_edit:with_history(Lines, S#state.editor),
    S#state{editor = Editor, has_history = true};
request(tty_geometry, Group, S) ->
    Group ! {self(), tty_geometry, geometry(S)},
    S;
request(get_unicode_state, Group, S) ->
    Group ! {self(), get_unicode_state, S#state.encoding =:= unicode},
    S;
request(beep, _, S) ->
    prim_tty:write(S#state.terminal, <<7>>),
    S;
request(_, _, S) -> S.

%% A terminal that does not know has the usual size.
geometry(#state{terminal = Terminal}) ->
    case prim_tty:window_size(Terminal) of
        undefined -> {80, 24};
        Size -> Size
    end.

show_of(Group, Text, #state{user = User} = S) ->
    case Group =:= User orelse Group =:= current(S) of
        true -> show(Text, S);
        false -> S
    end.

%% What the terminal's encoding lacks is written as \x{...}.
show(Text, #state{editor = none, terminal = Terminal} = S) ->
    prim_tty:write(Terminal, group:encode(Text, S#state.encoding)),
    S;
show(Text, #state{editor = Editor} = S) ->
    group_edit:show(Editor, Text),
    S.

encoded(#state{editor = none} = S) -> S;
encoded(#state{editor = Editor, encoding = Encoding} = S) ->
    S#state{editor = group_edit:encoded(Encoding, Editor)}.

%% From the first line that is to be edited on the terminal sends keys.
edited(#state{editor = none, terminal = Terminal, encoding = Encoding} = S) ->
    S#state{editor = group_edit:new(Terminal, Encoding)};
edited(S) -> S.

%%% Whose line is edited

%% What reads through `user` comes before the shell, which always does.
wanted(#state{is_leaving = true}) -> none;
wanted(#state{is_switching = true}) -> switch;
wanted(#state{reads = Reads, user = User} = S) ->
    Current = current(S),
    case Reads of
        #{User := _} -> User;
        #{Current := _} -> Current;
        _ -> none
    end.

retarget(#state{target = Target} = S) ->
    case wanted(S) of
        Target -> S;
        Wanted -> retarget(enter(Wanted, left(S)))
    end.

%% Leaves the line that is edited; what was typed is there again later.
left(#state{target = none} = S) -> S;
left(#state{target = Target, editor = Editor, reads = Reads} = S) ->
    group_edit:stop(Editor),
    S1 = S#state{target = none},
    case Reads of
        #{Target := Read} ->
            Typed = Read#read{typed = group_edit:text(Editor)},
            S1#state{reads = Reads#{Target := Typed}};
        _ -> S1
    end.

enter(none, S) -> S;
enter(switch, S) ->
    group_edit:start(S#state.editor, " --> ", line),
    feed(<<>>, S#state{target = switch});
enter(Group, #state{editor = Editor0, reads = Reads} = S) ->
    #{Group := #read{prompt = Prompt, mode = Mode, typed = Typed} = Read} =
        Reads,
    Editor = group_edit:serving(Group, Read#read.expand, Editor0),
    group_edit:start(Editor, Prompt, Mode),
    Typed =:= <<>> orelse group_edit:insert(Editor, Typed),
    feed(<<>>, S#state{editor = Editor, target = Group, is_hinted = true}).

mode(#state{target = Group, reads = Reads}) when is_pid(Group) ->
    (map_get(Group, Reads))#read.mode;
mode(_) -> line.

%%% Keys

typed(<<>>, S) -> S;
%% One key is asked for; what is typed behind it is for who reads next.
typed(Bytes, #state{key_reader = Group} = S0) when Group =/= none ->
    S = S0#state{key_reader = none},
    case current(S) of
        Group ->
            {Key, Others} = first_key(Bytes),
            Group ! {self(), {data, Key}},
            typed(Others, S);
        _ -> typed(Bytes, S)
    end;
typed(<<28>>, _) -> halt(131, [{flush, false}]); % C-\: quits, whatever runs
typed(<<Key, _/binary>>, #state{is_leaving = true} = S) ->
    group_edit:show(S#state.editor, "\n"),
    lists:member(Key, [$a, $y, $q, 3, 4]) andalso halt(0),
    S#state{is_leaving = false};
typed(Bytes, #state{editor = none} = S) -> % nobody has asked for a line yet
    typed(Bytes, edited(S));
typed(Typed, S) ->
    case break(Typed) of
        interrupt ->
            S#state.target =:= none orelse group_edit:stay(S#state.editor),
            interrupt(S);
        Bytes -> feed(Bytes, S#state{is_hinted = false})
    end.

first_key(<<27, _/binary>> = Escape) -> {Escape, <<>>};
first_key(Bytes) -> split_binary(Bytes, 1).

%% C-c as the flag +B has it: it ends the evaluation, at the prompt, too (c),
%% the node (d), or nothing (i). Without the flag it belongs to the editor.
break(Bytes) ->
    case binary:match(Bytes, <<3>>) =/= nomatch andalso prim_tty:break_mode() of
        $c -> interrupt;
        $d -> halt(130, [{flush, false}]);
        $i -> binary:replace(Bytes, <<3>>, <<>>, [global]);
        _ -> Bytes
    end.

feed(Bytes, #state{editor = Editor, target = Target} = S) ->
    case group_edit:feed(Editor, Bytes, mode(S)) of
        {line, Text} when Target =:= switch ->
            command(Text, S#state{target = none});
        {line, Text} when is_pid(Target) ->
            answer({line, Text}, S#state{breaks = 0});
        eof when Target =:= switch -> switched(S#state{target = none});
        eof when is_pid(Target) -> answer(eof, S);
        switch -> switch(S);
        interrupt -> interrupted(mode(S), S);
        _ -> S
    end.

answer(What, #state{target = Group, reads = Reads} = S) ->
    Group ! {self(), What},
    S#state{target = none, reads = maps:remove(Group, Reads)}.

%% C-c drops what was typed. On nothing, and again, it is no slip: does the
%% user want to leave?
interrupted(_, #state{target = switch} = S) -> S#state{target = none};
interrupted(Mode, #state{target = Group, editor = Editor, breaks = N} = S)
  when is_pid(Group), Mode =:= expression orelse Mode =:= entry ->
    case group_edit:text(Editor) of
        <<>> when N > 0 ->
            group_edit:show(Editor, "BREAK: (a)bort (c)ontinue "),
            S#state{target = none, is_leaving = true, breaks = 0};
        <<>> -> S#state{target = none, breaks = N + 1};
        _ -> S#state{target = none, breaks = 0}
    end;
interrupted(_, S) -> interrupt(S).

%% Ends what the shell does, be it that it reads. Without a shell that is all
%% the node does.
interrupt(#state{user = User, reads = Reads} = S) ->
    case current(S) of
        User -> halt(130, [{flush, false}]);
        Group ->
            exit(Group, interrupt),
            S#state{target = none, reads = maps:remove(Group, Reads)}
    end.

%%% C-g

switch(#state{target = switch} = S) -> S#state{target = none};
switch(#state{target = Target, reads = Reads} = S0) ->
    S = case Reads of
            #{Target := Read} ->
                Typed = Read#read{typed = group_edit:text(S0#state.editor)},
                S0#state{reads = Reads#{Target := Typed}, target = none};
            _ -> show("\n", S0)
        end,
    case application:get_env(stdlib, shell_esc) of
        {ok, abort} -> start_anew(S);
        _ -> (show("User switch command\n", S))#state{is_switching = true}
    end.

%% The user wants no jobs, but a new shell in the place of this one.
start_anew(#state{jobs = Jobs} = S) ->
    {_, Jobs1} = group_jobs:kill(current(S), Jobs),
    start_job({shell, start, []}, S#state{jobs = Jobs1}).

command(Text, S) ->
    case group_jobs:command(Text, S#state.jobs, fun start_group/1) of
        {done, Jobs} -> switched(with_jobs(Jobs, S));
        {Output, Jobs} -> with_jobs(Jobs, show(Output, S))
    end.

switched(#state{held = Held} = S) ->
    lists:foldr(fun({Group, Put}, S1) -> request(Put, Group, S1) end,
                S#state{is_switching = false, held = []}, Held).
