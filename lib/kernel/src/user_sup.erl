%% SPDX-License-Identifier: Apache-2.0
%% user_sup: the place of the process user below kernel_sup. As a rule that
%% process runs before kernel does; here it is only taken in, and let go at the
%% end, so that what is still to be printed is. Only one that the command line
%% names is started here: -user Module, or -master Node for the user there.
-module(user_sup).
-behaviour(supervisor_bridge).

-export([start/0, init/1, terminate/2, relay/1]).

-define(TRIES, 100). % to find the process, every 100 ms

start() -> supervisor_bridge:start_link(?MODULE, []).

init([]) ->
    case wanted(init:get_arguments()) of
        {user, Module} ->
            (list_to_atom(Module)):start(),
            found(?TRIES);
        {master, Node} -> follow(list_to_atom(Node));
        none ->
            case whereis(user) of
                undefined -> ignore;
                Pid -> {ok, Pid, Pid}
            end
    end.

%% The last of such flags counts.
wanted(Flags) ->
    case [Flag || {Key, [Value]} = Flag <- Flags,
                  Key =:= user orelse Key =:= master, Value =/= []] of
        [] -> none;
        Found ->
            {Key, [Value]} = lists:last(Found),
            {Key, Value}
    end.

%% A module may start it without waiting for its name.
found(0) -> {error, nouser};
found(Tries) ->
    case whereis(user) of
        undefined ->
            receive after 100 -> found(Tries - 1) end;
        Pid ->
            link(Pid),
            {ok, Pid, Pid}
    end.

follow(Node) ->
    case rpc:call(Node, erlang, whereis, [user]) of
        User when is_pid(User) ->
            spawn_link(?MODULE, relay, [User]),
            found(?TRIES);
        _ ->
            logger:error("Cannot get remote user"),
            receive after 1000 -> halt() end
    end.

%% Exported: the process is told by its first function.
relay(User) ->
    register(user, self()),
    pass_on(User).

pass_on(User) ->
    receive
        Message ->
            User ! Message,
            pass_on(User)
    end.

terminate(_, Pid) ->
    unlink(Pid),
    ok.
