%% SPDX-License-Identifier: Apache-2.0
%% user: the process for the node's standard input and output. On a terminal
%% where a shell is wanted it is a job of user_drv's; else it serves the pipe or
%% terminal itself (group:serve), and is the group leader of a shell, too.
-module(user).

-export([start/0, start/1, start_out/0, start_shell/1, interfaces/1]).

-spec start() -> pid().
start() -> start([{noshell, []}]).

%% Starts the process for the command line's [Flags].
-spec start([{atom(), [string()]}]) -> pid().
start(Flags) ->
    case whereis(user) of
        undefined ->
            case is_edited(Flags) of
                true -> user_drv:start_user();
                false -> start_plain(Flags)
            end;
        Pid -> Pid
    end.

start_out() -> start([{noinput, []}]).

%% What is typed is a file's to the old shell.
is_edited(Flags) ->
    not lists:any(fun(Flag) -> lists:keymember(Flag, 1, Flags) end,
                  [noinput, noshell, oldshell])
        andalso group_edit:can_edit().

start_plain(Flags) ->
    Parent = self(),
    Input = not lists:keymember(noinput, 1, Flags),
    Old = lists:keymember(oldshell, 1, Flags),
    Pid = spawn(fun() -> serve(Parent, Input, Old) end),
    receive {Pid, started} -> Pid end.

serve(Parent, Input, Old) ->
    register(user, self()),
    process_flag(trap_exit, true),
    group_leader(self(), self()),
    {ok, Terminal} = prim_tty:start(#{input => Input}),
    Parent ! {self(), started},
    group:serve(Terminal, not Old andalso prim_tty:is_terminal()).

%% Starts the shell: here, or on the node that -remsh names.
-spec start_shell([{atom(), [string()]}]) -> ok.
start_shell(Flags) ->
    Server = case whereis(user_drv) of
                 undefined -> user;
                 Driver -> Driver
             end,
    Server ! {start_shell, self(), wanted_shell(Flags)},
    receive {user, shell_started, _Pid} -> ok end.

wanted_shell(Flags) ->
    case lists:keyfind(remsh, 1, Flags) of
        {_, [Name | _]} -> {remote_node(Name), shell, start, []};
        _ -> {shell, start, [init]}
    end.

%% A node without a name takes one, for nobody but that other node.
remote_node(Name) ->
    is_alive() orelse name_this(Name),
    [_, Own] = string:split(atom_to_list(node()), "@"),
    Node = case lists:member($@, Name) of
               true -> list_to_atom(Name);
               false -> list_to_atom(Name ++ "@" ++ Own)
           end,
    case net_kernel:connect_node(Node) of
        true -> Node;
        _ ->
            io:put_chars(user, ["Could not connect to \"", atom_to_list(Node),
                                "\"\n"]),
            halt(1)
    end.

name_this(Name) ->
    Domain = case lists:member($., Name) of
                 true -> longnames;
                 false -> shortnames
             end,
    Host = case string:split(Name, "@") of
               [_, H] when Domain =:= longnames -> "@" ++ H;
               _ -> ""
           end,
    Own = list_to_atom("rem-" ++ os:getpid() ++ Host),
    _ = net_kernel:start(Own, #{name_domain => Domain, dist_listen => false,
                                hidden => true}),
    is_alive() orelse
        begin
            io:put_chars(user, "Could not start distribution\n"),
            halt(1)
        end.

%% The shell of a [User] that serves it.
-spec interfaces(pid()) -> [{shell, pid()}].
interfaces(User) -> group:entries(User, [shell]).
