%% SPDX-License-Identifier: Apache-2.0
%% peer_command: what starts a peer: its options, checked; the socket that it
%% is to call back at; its command line.
-module(peer_command).

-export([check/1, listen/1, line/2, node_name/1]).

-define(LEAST_TIME, 1000). % that a peer gets to end itself
-define(MOST_TIME, 16#ffffffff).

-define(IS_TIME(T), (T =:= infinity
                     orelse is_integer(T) andalso T >= ?LEAST_TIME
                            andalso T =< ?MOST_TIME)).

%% Raises an error for options that make no sense.
-spec check(map()) -> ok.
check(Options) ->
    check_args(maps:get(args, Options, [])),
    %% a node that is alone must be reached in another way
    is_map_key(connection, Options)
        orelse is_map_key(name, Options) andalso is_alive()
        orelse error(not_alive),
    check_exec(Options),
    check_shutdown(Options).

check_args(Args) when is_list(Args) ->
    [error({invalid_arg, A}) || A <- Args, not io_lib:char_list(A)],
    ok;
check_args(Args) -> error({invalid_arg, Args}).

check_exec(#{exec := {Program, Args}}) ->
    check_program(Program),
    [error({exec, A}) || A <- Args, not io_lib:char_list(A)];
check_exec(#{exec := Program}) -> check_program(Program);
check_exec(_) -> ok.

check_program(Program) ->
    io_lib:char_list(Program) orelse error({exec, Program}).

check_shutdown(#{shutdown := How}) ->
    case How of
        close -> ok;
        halt -> ok;
        {halt, Time} when ?IS_TIME(Time) -> ok;
        {Time, Node} when ?IS_TIME(Time), is_atom(Node) -> ok;
        Time when ?IS_TIME(Time) -> ok;
        _ -> error({shutdown, How})
    end;
check_shutdown(_) -> ok.

%% The socket for a peer that calls back, and {Addresses, Port} to tell it.
-spec listen(map()) ->
          none | {gen_tcp:socket(), {[inet:ip_address()], inet:port_number()}}.
listen(#{connection := Port}) when is_integer(Port) ->
    {Socket, Number} = listening(Port, []),
    {Socket, {own_addresses(), Number}};
listen(#{connection := {Address, Port}}) ->
    {Socket, Number} = listening(Port, [{ip, Address}]),
    {Socket, {[Address], Number}};
listen(_) -> none.

listening(Port, Options) ->
    {ok, Socket} = gen_tcp:listen(Port, [binary, {reuseaddr, true},
                                         {packet, 4}, {active, false}
                                         | Options]),
    {ok, Number} = inet:port(Socket),
    {Socket, Number}.

%% Those of this machine that are up, its own loop first: the peer tries one
%% after the other.
own_addresses() ->
    {ok, Interfaces} = inet:getifaddrs(),
    Up = [A || {_, Values} <- Interfaces,
               lists:member(up, proplists:get_value(flags, Values, [])),
               {addr, A} <- Values, is_list(inet:ntoa(A))],
    {Loop, Others} = lists:partition(fun is_loop/1, Up),
    Loop ++ Others.

is_loop({127, _, _, _}) -> true;
is_loop({0, 0, 0, 0, 0, 0, 0, 1}) -> true;
is_loop(_) -> false.

%% {Program, Arguments}. [Where] is listen/1's. The peer runs peer:start as its
%% process user, which reads -origin.
-spec line(none | {term(), term()}, map()) -> {string(), [string()]}.
line(Where, Options) ->
    {Program, First} = program(Options),
    Own = First ++ name_flags(Options) ++ connection_flags(Where, Options)
        ++ maps:get(args, Options, []),
    {Program, case Options of
                  #{post_process_args := Fun} -> Fun(Own);
                  _ -> Own
              end}.

connection_flags(none, #{connection := standard_io}) -> ["-user", "peer"];
connection_flags(none, _) ->
    Origin = base64:encode_to_string(term_to_binary(self())),
    ["-detached", "-noinput", "-user", "peer", "-origin", Origin];
connection_flags({_, {Addresses, Port}}, _) ->
    List = lists:append(lists:join(",", [inet:ntoa(A) || A <- Addresses])),
    ["-detached", "-noinput", "-user", "peer", "-origin", List,
     integer_to_list(Port)].

program(#{exec := {Program, Args}}) -> {Program, Args};
program(#{exec := Program}) -> {Program, []};
program(_) ->
    {ok, [[Name]]} = init:get_argument(progname),
    case os:find_executable(Name) of
        false -> {Name, []};
        Path -> {Path, []}
    end.

name_flags(Options) when is_map_key(name, Options);
                         is_map_key(host, Options) ->
    Flag = case maps:get(longnames, Options, net_kernel:longnames()) of
               true -> "-name";
               _ -> "-sname" % also where this node has no name
           end,
    [Flag, full_name(Options) | cookie_flags(Options)];
name_flags(_) -> [].

%% A host alone takes this node's name to that host.
full_name(#{name := Name, host := Host}) -> lists:concat([Name, "@", Host]);
full_name(#{name := Name}) -> lists:concat([Name]);
full_name(#{host := Host}) ->
    [Own, _] = string:split(atom_to_list(node()), "@"),
    Own ++ "@" ++ Host.

%% A cookie of this node's command line is in no file that the peer could read.
cookie_flags(Options) ->
    Args = maps:get(args, Options, []),
    case init:get_argument(setcookie) =/= error
        andalso not lists:member("-setcookie", Args) of
        true -> ["-setcookie", atom_to_list(erlang:get_cookie())];
        false -> []
    end.

%% What is known of the node's name before it has started.
-spec node_name(map()) -> node() | undefined.
node_name(#{name := _, host := _} = Options) ->
    list_to_atom(full_name(Options));
node_name(_) -> undefined.
