%% SPDX-License-Identifier: Apache-2.0
%% user: the process for the node's standard input and output, and the group
%% leader of the shell. The work is done by group; here it gets its terminal.
-module(user).

-export([start/0, start/1, start_out/0, start_shell/1, interfaces/1]).

-spec start() -> pid().
start() -> start([]).

%% Starts the process for the command line's [Flags].
-spec start([{atom(), [string()]}]) -> pid().
start(Flags) ->
    case whereis(user) of
        undefined ->
            Parent = self(),
            Input = not lists:keymember(noinput, 1, Flags),
            Pid = spawn(fun() -> serve(Parent, Input) end),
            receive {Pid, started} -> Pid end;
        Pid -> Pid
    end.

start_out() -> start([{noinput, []}]).

serve(Parent, Input) ->
    register(user, self()),
    process_flag(trap_exit, true),
    group_leader(self(), self()),
    Terminal = case prim_tty:start(#{input => Input}) of
                   {ok, Ref} -> Ref
               end,
    Parent ! {self(), started},
    group:serve(Terminal).

%% Starts the shell, which talks to the user process.
-spec start_shell([{atom(), [string()]}]) -> ok.
start_shell(_Flags) ->
    user ! {start_shell, self()},
    receive {user, shell_started, _Pid} -> ok end.

%% The processes behind [User]: its shell.
-spec interfaces(pid()) -> [{shell, pid()}].
interfaces(User) ->
    case process_info(User, dictionary) of
        {dictionary, Dictionary} ->
            [Entry || {shell, Pid} = Entry <- Dictionary, is_pid(Pid)];
        undefined -> []
    end.
