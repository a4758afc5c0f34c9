%% SPDX-License-Identifier: Apache-2.0
%% slave: nodes that this one starts, here or through a remote shell, and that
%% end when it does.
%%
%% The new node is told by its command line to run slave_start: it says to a
%% registered process here that it lives, and watches this node from then on.
-module(slave).

-export([start/1, start/2, start/3, start/5, start_link/1, start_link/2,
         start_link/3, stop/1, pseudo/1, pseudo/2, relay/1]).
-export([slave_start/1]).

-define(TIME, 32000). % that a node may take to start

start(Host) -> start(Host, own_name()).
start(Host, Name) -> start(Host, Name, "").
start(Host, Name, Args) -> start(Host, Name, Args, no_link, program()).

start_link(Host) -> start_link(Host, own_name()).
start_link(Host, Name) -> start_link(Host, Name, "").
start_link(Host, Name, Args) -> start(Host, Name, Args, self(), program()).

own_name() -> hd(string:split(atom_to_list(node()), "@")).

program() ->
    case init:get_argument(progname) of
        {ok, [[Program]]} -> Program;
        _ -> "no_prog_name"
    end.

%% [Owner] is whose end is the node's end, too, or no_link.
start(Host0, Name, Args, Owner, Program) ->
    Host = host(Host0),
    Node = list_to_atom(lists:concat([Name, "@", Host])),
    case net_adm:ping(Node) of
        pong -> {error, {already_running, Node}};
        pang ->
            Self = self(),
            Ref = make_ref(),
            spawn(fun() -> launch(Self, Ref, Host, Node, Args, Owner, Program)
                  end),
            receive
                {Ref, Result} -> Result
            end
    end.

host(Host) ->
    case net_kernel:longnames() of
        ignored -> exit(not_alive);
        true -> full_name(text(Host));
        false -> hd(string:split(text(Host), "."))
    end.

full_name(Host) ->
    case inet:gethostbyname(Host) of
        {ok, Found} -> element(2, Found);
        {error, _} -> Host
    end.

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) -> Name.

launch(Caller, Ref, Host, Node, Args, Owner, Program) ->
    Waiter = register_waiter(0),
    case command(Host, Node, Waiter, Args, Program) of
        {ok, Command} ->
            open_port({spawn, Command}, [stream]),
            receive
                {Pid, slave_started} ->
                    unregister(Waiter),
                    Owner =:= no_link orelse link_all(Owner, Pid),
                    Caller ! {Ref, {ok, node(Pid)}},
                    Owner =:= no_link orelse watch(Owner, Pid)
            after ?TIME ->
                %% it may have come half of the way
                net_adm:ping(Node) =:= pong
                    andalso spawn(Node, erlang, halt, []),
                Caller ! {Ref, {error, timeout}}
            end;
        Error ->
            Caller ! {Ref, Error}
    end.

register_waiter(N) ->
    Name = list_to_atom("slave_waiter_" ++ integer_to_list(N)),
    try register(Name, self()) of
        true -> Name
    catch
        error:badarg -> register_waiter(N + 1)
    end.

command(Host, Node, Waiter, Args, Program) ->
    Flag = case net_kernel:longnames() of
               true -> "-name";
               false -> "-sname"
           end,
    Command = lists:concat([quoted(text(Program)),
                            " -detached -noinput -master ", node(), " ", Flag,
                            " ", Node, " -s slave slave_start ", node(), " ",
                            Waiter, " ", Args]),
    case string:split(atom_to_list(node()), "@") of
        [_, Host] -> {ok, Command};
        _ -> remote(Host, Command)
    end.

%% A program with arguments stays one with arguments.
quoted(Program) ->
    case string:split(Program, " ") of
        [Name, Args] ->
            case os:find_executable(Name) of
                false -> "\"" ++ Program ++ "\"";
                _ -> "\"" ++ Name ++ "\" " ++ Args
            end;
        _ -> "\"" ++ Program ++ "\""
    end.

remote(Host, Command) ->
    Shell = case init:get_argument(rsh) of
                {ok, [[Program]]} -> Program;
                _ -> "ssh"
            end,
    case os:find_executable(Shell) of
        false -> {error, no_rsh};
        Path -> {ok, lists:concat([Path, " ", Host, " ", Command])}
    end.

link_all(Owner, Pid) ->
    process_flag(trap_exit, true),
    link(Owner),
    link(Pid).

%% The owner's end ends the node; the node's end does nothing to the owner.
watch(Owner, Pid) ->
    receive
        {'EXIT', Owner, _} ->
            unlink(Pid),
            Pid ! {nodedown, node()};
        {'EXIT', Pid, _} ->
            unlink(Owner);
        _ ->
            watch(Owner, Pid)
    end.

%% Runs on the new node.
slave_start([Master, Waiter]) ->
    spawn(fun() ->
                  process_flag(trap_exit, true),
                  monitor_node(Master, true),
                  {Waiter, Master} ! {self(), slave_started},
                  serve(Master)
          end).

serve(Master) ->
    receive
        {nodedown, Master} -> halt();
        _ -> serve(Master)
    end.

stop(Node) ->
    _ = rpc:call(Node, erlang, halt, []),
    ok.

%% Names here whose messages go to the processes of the same names there.
pseudo([Master | Names]) -> pseudo(Master, Names).

pseudo(_, []) ->
    ok;
pseudo(Master, [Name | Names]) ->
    %% a process of that name that is here already stays
    whereis(Name) =:= undefined
        andalso register(Name, spawn(?MODULE, relay, [{Name, Master}])),
    pseudo(Master, Names).

relay(To) ->
    receive
        Message -> To ! Message
    end,
    relay(To).
