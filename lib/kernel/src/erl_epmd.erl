%% SPDX-License-Identifier: Apache-2.0
%% erl_epmd: asks the port mapper of a machine, epmd, where nodes listen, and
%% tells that of this machine where this one does. The registration lasts as
%% long as its connection, which the server holds. A machine without a port
%% mapper gets one when it is needed: epmd where that is installed, else
%% merle's own (epmd_server).
-module(erl_epmd).
-behaviour(gen_server).

-export([start/0, start_link/0, stop/0, port_please/2, port_please/3,
         listen_port_please/2, address_please/3, names/0, names/1,
         register_node/2, register_node/3, open/0, open/1, open/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3]).

-define(ALIVE, 120).       % to register
-define(ALIVE_ANSWER, 118).
-define(OLD_ALIVE_ANSWER, 121).
-define(PORT_PLEASE, 122). % to ask for one
-define(PORT_ANSWER, 119).
-define(NAMES, 110).       % to ask for all
-define(VERSION, 6).       % of the distribution's protocol
-define(TIME, 10000).
-define(RECONNECT_TIME, 2000).
-define(START_TRIES, 50).  % of 20 milliseconds each, after starting one

start() -> gen_server:start({local, ?MODULE}, ?MODULE, [], []).
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).
stop() -> gen_server:call(?MODULE, stop, infinity).

%% ---- asking ----

port_please(Name, Host) -> port_please(Name, Host, infinity).

%% {port, Port, Version} | noport | {error, Reason}
port_please(Name, Host, Time) when is_tuple(Host) ->
    ask_port(Name, Host, Time);
port_please(Name, Host, Time) ->
    case inet:getaddr(Host, inet, limit(Time)) of
        {ok, Address} -> ask_port(Name, Address, Time);
        Error -> Error
    end.

limit(infinity) -> ?TIME;
limit(Time) -> Time.

%% A node may be told where others listen.
ask_port(Name, Address, Time) ->
    case init:get_argument(erl_epmd_port) of
        {ok, [[Port | _] | _]} -> {port, list_to_integer(Port), ?VERSION};
        _ -> ask_epmd(text(Name), Address, Time)
    end.

ask_epmd(Name, Address, Time) ->
    Request = [?PORT_PLEASE, Name],
    case request(Address, Request, limit(Time)) of
        {ok, <<?PORT_ANSWER, 0, Port:16, _Type, _Protocol, High:16, Low:16,
               _/binary>>} ->
            case min(High, ?VERSION) of
                Version when Version >= Low -> {port, Port, Version};
                _ -> noport
            end;
        {ok, <<?PORT_ANSWER, _/binary>>} -> noport;
        {ok, _} -> noport;
        {error, _} -> noport
    end.

listen_port_please(_Name, _Host) ->
    case init:get_argument(erl_epmd_port) of
        {ok, [[Port | _] | _]} -> {ok, list_to_integer(Port)};
        _ -> {ok, 0}
    end.

address_please(_Name, Host, Family) -> inet:getaddr(Host, Family).

names() ->
    {ok, Host} = inet:gethostname(),
    names(Host).

%% {ok, [{Name, Port}]}
names(Host) when is_tuple(Host) ->
    case request(Host, [?NAMES], ?TIME) of
        {ok, <<_:32, Text/binary>>} -> {ok, read_names(Text)};
        {ok, _} -> {ok, []};
        {error, _} -> {error, address}
    end;
names(Host) ->
    case inet:getaddr(Host, inet) of
        {ok, Address} -> names(Address);
        Error -> Error
    end.

%% Lines "name NAME at port PORT".
read_names(Text) ->
    lists:append([read_name(string:lexemes(Line, " "))
                  || Line <- string:lexemes(binary_to_list(Text), "\n")]).

read_name(["name", Name, "at", "port", Port]) ->
    [{Name, list_to_integer(Port)}];
read_name(_) -> [].

%% Sends a question and reads all that is answered.
request(Address, Request, Time) ->
    case open(Address, Time) of
        {ok, Socket} ->
            Result = case gen_tcp:send(Socket, packet(Request)) of
                         ok -> read_all(Socket, Time, <<>>);
                         Error -> Error
                     end,
            gen_tcp:close(Socket),
            Result;
        Error -> Error
    end.

read_all(Socket, Time, Bytes) ->
    case gen_tcp:recv(Socket, 0, Time) of
        {ok, More} -> read_all(Socket, Time, <<Bytes/binary, More/binary>>);
        {error, closed} -> {ok, Bytes};
        Error -> Error
    end.

packet(Request) ->
    Bytes = iolist_to_binary(Request),
    <<(byte_size(Bytes)):16, Bytes/binary>>.

open() -> open({127, 0, 0, 1}).
open(Address) -> open(Address, ?TIME).

open(Address, Time) ->
    gen_tcp:connect(Address, port(), [binary, {active, false}], Time).

port() ->
    case init:get_argument(epmd_port) of
        {ok, [[Port | _] | _]} -> list_to_integer(Port);
        _ ->
            try list_to_integer(os:getenv("ERL_EPMD_PORT", "4369"))
            catch error:badarg -> 4369
            end
    end.

text(Name) when is_atom(Name) -> atom_to_binary(Name);
text(Name) -> unicode:characters_to_binary(Name).

%% ---- registering ----

register_node(Name, Port) -> register_node(Name, Port, inet).

%% {ok, Creation} | {error, already_registered | duplicate_name | Reason}
register_node(Name, Port, inet_tcp) -> register_node(Name, Port, inet);
register_node(Name, Port, inet6_tcp) -> register_node(Name, Port, inet6);
register_node(Name, Port, Family) ->
    gen_server:call(?MODULE, {register, Name, Port, Family}, infinity).

%% The state: none, or the registration: the socket that holds it, unless that
%% was closed, and what it is of. A port mapper that comes back hears of it
%% again.
-record(held, {socket, name, port}).

init([]) -> {ok, none}.

handle_call({register, Name, Port, _}, _, none) ->
    case register_at(open(), text(Name), Port) of
        {ok, Socket, Creation} ->
            {reply, {ok, Creation},
             #held{socket = Socket, name = text(Name), port = Port}};
        Error -> {reply, unregistered(Error), none}
    end;
handle_call({register, _, _, _}, _, S) ->
    {reply, {error, already_registered}, S};
handle_call(stop, _, S) -> {stop, shutdown, ok, S};
handle_call(_, _, S) -> {noreply, S}.

handle_cast(_, S) -> {noreply, S}.

handle_info({tcp_closed, Socket}, #held{socket = Socket} = S) ->
    {noreply, again_later(S)};
handle_info(reconnect, #held{socket = none, name = Name, port = Port} = S) ->
    case open() of
        {ok, Socket} ->
            case send_alive(Socket, Name, Port) of
                {ok, Socket, _} -> {noreply, S#held{socket = Socket}};
                _ -> {noreply, again_later(S)}
            end;
        _ -> {noreply, again_later(S)}
    end;
handle_info(_, S) -> {noreply, S}.

again_later(S) ->
    erlang:send_after(?RECONNECT_TIME, self(), reconnect),
    S#held{socket = none}.

terminate(_, #held{socket = Socket}) when Socket =/= none ->
    gen_tcp:close(Socket);
terminate(_, _) -> ok.

code_change(_, S, _) -> {ok, S}.

%% Who tells others the port itself needs no port mapper; the creation is then
%% for others to choose.
unregistered(Error) ->
    case init:get_argument(erl_epmd_port) of
        {ok, _} -> {ok, -1};
        error -> Error
    end.

register_at({ok, Socket}, Name, Port) -> send_alive(Socket, Name, Port);
register_at(Error, Name, Port) ->
    case init:get_argument(start_epmd) of
        {ok, [["false"] | _]} -> Error;
        _ ->
            start_epmd(),
            register_at(open_started(?START_TRIES), Name, Port, last)
    end.

register_at({ok, Socket}, Name, Port, last) -> send_alive(Socket, Name, Port);
register_at(Error, _, _, last) -> Error.

send_alive(Socket, Name, Port) ->
    Type = case is_hidden() of
               true -> 72;
               false -> 77
           end,
    Request = <<?ALIVE, Port:16, Type, 0, ?VERSION:16, 5:16,
                (byte_size(Name)):16, Name/binary, 0:16>>,
    ok = gen_tcp:send(Socket, packet(Request)),
    Answer = case gen_tcp:recv(Socket, 2, ?TIME) of
                 {ok, <<?ALIVE_ANSWER, 0>>} -> gen_tcp:recv(Socket, 4, ?TIME);
                 {ok, <<?OLD_ALIVE_ANSWER, 0>>} ->
                     gen_tcp:recv(Socket, 2, ?TIME);
                 {ok, _} -> {error, duplicate_name};
                 Error -> Error
             end,
    case Answer of
        {ok, Bytes} ->
            ok = inet:setopts(Socket, [{active, true}]),
            {ok, Socket, creation(binary:decode_unsigned(Bytes))};
        Failure ->
            gen_tcp:close(Socket),
            Failure
    end.

%% An old port mapper counts to three only: the rest is random.
creation(N) when N > 3 -> N;
creation(_) -> 4 + erlang:phash2({os:system_time(), os:getpid()},
                                 16#fffffff0).

is_hidden() -> init:get_argument(hidden) =/= error.

%% ---- starting one ----

open_started(0) -> open();
open_started(Tries) ->
    case open() of
        {ok, Socket} -> {ok, Socket};
        {error, _} ->
            receive after 20 -> open_started(Tries - 1) end
    end.

%% Its own session, so that it outlives this node.
start_epmd() ->
    Command = case os:find_executable("epmd") of
                  false -> own_epmd();
                  Program -> [quoted(Program), " -daemon"]
              end,
    os:cmd(lists:flatten([Command, " </dev/null >/dev/null 2>&1"])),
    ok.

own_epmd() ->
    {ok, [[Program | _] | _]} = init:get_argument(progname),
    Path = case os:find_executable(Program) of
               false -> Program;
               Found -> Found
           end,
    ["(setsid ", quoted(Path), " -noshell -noinput -run epmd_server start ",
     integer_to_list(port()), " &)"].

quoted(Text) -> ["'", string:replace(Text, "'", "'\\''", all), "'"].
