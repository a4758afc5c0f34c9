%% SPDX-License-Identifier: Apache-2.0
%% inet_tls_dist: connections to other nodes over TLS, with -proto_dist
%% inet_tls and options from -ssl_dist_optfile or -ssl_dist_opt.
%%
%% The handshake of the distribution, in the process that watches the
%% connection, goes over the ciphered socket, with four bytes of length from the
%% beginning. Then two processes carry it: one
%% sends what the emulator has, the other brings what comes.
-module(inet_tls_dist).

-export([childspecs/0, listen/1, listen/2, accept/1, accept_connection/5,
         setup/5, close/1, select/1, address/0, is_node_name/1, setopts/2]).
-export([do_accept/6, do_setup/6, send_init/1, receive_init/2]).

-include_lib("kernel/include/net_address.hrl").
-include_lib("kernel/include/dist_util.hrl").

%% A connection: the ciphered socket and the process that sends.
-record(tls, {socket, sender}).

childspecs() -> {ok, []}.
is_node_name(Node) -> dist_util:is_node_name(Node).
select(Node) -> inet_tcp_dist:select(Node).
close(Socket) -> gen_tcp:close(Socket).
setopts(Socket, Options) -> inet_tcp_dist:setopts(Socket, Options).

address() ->
    Address = inet_tcp_dist:address(),
    Address#net_address{protocol = tls}.

%% ---- being called ----

listen(Name) ->
    {ok, Host} = inet:gethostname(),
    listen(Name, Host).

listen(Name, Host) ->
    case inet_tcp_dist:listen(Name, Host) of
        {ok, {Socket, Address, Creation}} ->
            {ok, {Socket, Address#net_address{protocol = tls}, Creation}};
        Error -> Error
    end.

accept(Listen) -> inet_tcp_dist:gen_accept(inet_tcp, tls, Listen).

accept_connection(Acceptor, Socket, Own, Allowed, Time) ->
    spawn_opt(?MODULE, do_accept, [self(), Acceptor, Socket, Own, Allowed,
                                   Time],
              dist_util:net_ticker_spawn_options()).

%% A slow client holds up nobody else: the acceptor has gone on.
do_accept(Kernel, Acceptor, Socket, Own, Allowed, Time) ->
    receive {Acceptor, controller} -> ok end,
    Timer = dist_util:start_timer(Time),
    case ssl:handshake(Socket, options(server), Time) of
        {ok, Tls} ->
            Data = data(Kernel, Tls, Timer),
            dist_util:handshake_other_started(
              Data#hs_data{this_node = Own, allowed = Allowed});
        {error, Reason} ->
            complain("Cannot accept a connection from another node", Reason),
            ?shutdown(no_node)
    end.

complain(What, Reason) ->
    error_logger:error_msg("** ~s over TLS: ~tp **~n", [What, Reason]).

%% ---- calling ----

setup(Node, Type, Own, Domain, Time) ->
    spawn_opt(?MODULE, do_setup, [self(), Node, Type, Own, Domain, Time],
              dist_util:net_ticker_spawn_options()).

do_setup(Kernel, Node, Type, Own, Domain, Time) ->
    {ok, Socket, Version, Timer} =
        inet_tcp_dist:connect(inet, Node, Domain, Time),
    {node, _, Host} = dist_util:split_node(Node),
    Options = [{server_name_indication, Host} | options(client)],
    case ssl:connect(Socket, Options, Time) of
        {ok, Tls} ->
            Data = data(Kernel, Tls, Timer),
            dist_util:handshake_we_started(
              Data#hs_data{other_node = Node, this_node = Own,
                           other_version = Version, request_type = Type});
        {error, Reason} ->
            complain("Cannot connect to node " ++ atom_to_list(Node), Reason),
            ?shutdown(Node)
    end.

%% ---- options ----

options(Role) ->
    Given = case init:get_argument(ssl_dist_optfile) of
                {ok, [[File | _] | _]} -> from_file(File, Role);
                _ ->
                    case init:get_argument(ssl_dist_opt) of
                        {ok, All} -> from_words(lists:append(All), Role);
                        _ -> []
                    end
            end,
    [O || O <- Given, not is_own(O)]
        ++ [{mode, binary}, {packet, 4}, {active, false}].

is_own({Key, _}) -> lists:member(Key, [mode, packet, active, erl_dist]);
is_own(_) -> false.

%% [{server, Options}, {client, Options}]: an expression, which may have funs.
from_file(File, Role) ->
    {ok, Bytes} = file:read_file(File),
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Bytes)),
    {ok, [Expression]} = erl_parse:parse_exprs(Tokens),
    {value, Roles, _} = erl_eval:expr(Expression, []),
    [with_fun(O) || O <- proplists:get_value(Role, Roles, [])].

%% {Module, Function, State} stands for one, too.
with_fun({verify_fun, {Module, Function, State}}) ->
    {verify_fun, {fun Module:Function/3, State}};
with_fun(Option) -> Option.

%% Pairs of words: server_certfile FILE ...
from_words([Word, Value | Rest], Role) ->
    Prefix = atom_to_list(Role) ++ "_",
    case string:prefix(Word, Prefix) of
        nomatch -> from_words(Rest, Role);
        Name -> [with_fun({list_to_atom(Name), value(Name, Value)})
                 | from_words(Rest, Role)]
    end;
from_words(_, _) -> [].

value(Name, Value) ->
    Text = ["certfile", "cacertfile", "keyfile", "password", "dhfile",
            "ciphers"],
    Numbers = ["depth", "hibernate_after"],
    Terms = ["verify_fun", "crl_cache"],
    case [lists:member(Name, Names) || Names <- [Text, Numbers, Terms]] of
        [true, _, _] -> Value;
        [_, true, _] -> list_to_integer(Value);
        [_, _, true] ->
            {ok, Tokens, _} = erl_scan:string(Value ++ "."),
            {ok, Term} = erl_parse:parse_term(Tokens),
            Term;
        _ -> list_to_atom(Value)
    end.

%% ---- the connection ----

data(Kernel, Socket, Timer) ->
    Sender = spawn_opt(?MODULE, send_init, [Socket],
                       [link, {priority, max}, {message_queue_data, off_heap},
                        {fullsweep_after, 0}]),
    #hs_data{kernel_pid = Kernel, timer = Timer, this_flags = 0,
             socket = #tls{socket = Socket, sender = Sender},
             f_send = fun(#tls{socket = S}, Bytes) -> ssl:send(S, Bytes) end,
             f_recv = fun(#tls{socket = S}, Size, Time) ->
                              ssl:recv(S, Size, Time)
                      end,
             f_setopts_pre_nodeup = fun(_) -> ok end,
             f_setopts_post_nodeup = fun(_) -> ok end,
             f_getll = fun(#tls{sender = Pid}) -> {ok, Pid} end,
             f_address = fun remote/2,
             f_handshake_complete = fun(#tls{sender = Pid}, _, Handle) ->
                                            Pid ! {handle, Handle}
                                    end,
             mf_tick = fun(#tls{sender = Pid}) -> Pid ! tick end,
             mf_setopts = fun(#tls{socket = S}, Options) ->
                                  set_options(S, Options)
                          end,
             mf_getopts = fun(#tls{socket = S}, Options) ->
                                  ssl:getopts(S, Options)
                          end}.

remote(#tls{socket = Socket}, Node) ->
    {node, _, Host} = dist_util:split_node(Node),
    Address = (address())#net_address{host = Host},
    case ssl:peername(Socket) of
        {ok, Where} -> Address#net_address{address = Where};
        _ -> Address
    end.

set_options(Socket, Options) ->
    case [O || {Key, _} = O <- Options,
               lists:member(Key, [active, deliver, packet])] of
        [] -> ssl:setopts(Socket, Options);
        Bad -> {error, {badopts, Bad}}
    end.

%% All three processes end with the first of them.
send_init(Socket) ->
    receive
        {handle, Handle} ->
            Self = self(),
            Receiver = spawn_opt(?MODULE, receive_init, [Self, Socket],
                                 [link, {priority, max}]),
            ok = erlang:dist_ctrl_input_handler(Handle, Receiver),
            Receiver ! {Self, Handle},
            ok = erlang:dist_ctrl_get_data_notification(Handle),
            send_loop(Socket, Handle)
    end.

send_loop(Socket, Handle) ->
    receive
        dist_data -> send_data(Socket, Handle);
        tick -> send(Socket, <<>>);
        _ -> ok
    end,
    send_loop(Socket, Handle).

send_data(Socket, Handle) ->
    case erlang:dist_ctrl_get_data(Handle) of
        none -> erlang:dist_ctrl_get_data_notification(Handle);
        Data ->
            send(Socket, Data),
            send_data(Socket, Handle)
    end.

send(Socket, Data) ->
    case ssl:send(Socket, Data) of
        ok -> ok;
        {error, _} -> exit(connection_closed)
    end.

receive_init(Sender, Socket) ->
    receive {Sender, Handle} -> receive_loop(Socket, Handle) end.

receive_loop(Socket, Handle) ->
    case ssl:recv(Socket, 0) of
        {ok, Data} ->
            erlang:dist_ctrl_put_data(Handle, Data),
            receive_loop(Socket, Handle);
        {error, _} -> exit(connection_closed)
    end.
