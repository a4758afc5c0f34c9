%% SPDX-License-Identifier: Apache-2.0
%% TLS connections, with OTP's interface. A connection is two processes, see
%% ssl_connection and ssl_sender; the protocol is OpenSSL's, see tls_session in
%% the runtime. Datagrams (DTLS) are not built.
-module(ssl).

-export([start/0, start/1, stop/0, connect/2, connect/3, connect/4, listen/2,
         transport_accept/1, transport_accept/2, handshake/1, handshake/2,
         handshake/3, handshake_continue/2, handshake_continue/3,
         handshake_cancel/1, close/1, close/2, shutdown/2, send/2, recv/2,
         recv/3, controlling_process/2, setopts/2, getopts/2, getstat/1,
         getstat/2, peername/1, sockname/1, peercert/1,
         connection_information/1, connection_information/2,
         negotiated_protocol/1, prf/5, renegotiate/1, update_keys/2]).
-export([versions/0, cipher_suites/2, cipher_suites/3, filter_cipher_suites/2,
         prepend_cipher_suites/2, append_cipher_suites/2, suite_to_str/1,
         suite_to_openssl_str/1, str_to_suite/1, eccs/0, eccs/1, groups/0,
         groups/1, format_error/1, clear_pem_cache/0]).

-include("ssl_socket.hrl").

-export_type([socket/0, sslsocket/0, tls_option/0, tls_client_option/0,
              tls_server_option/0, active_msgs/0, host/0, reason/0,
              protocol_version/0, tls_version/0, ciphers/0, cipher_filters/0,
              erl_cipher_suite/0, named_curve/0, group/0, session_id/0,
              protocol_extensions/0, connection_info/0, error_alert/0]).

-type socket() :: gen_tcp:socket().
-type sslsocket() :: #sslsocket{}.
-type host() :: inet:hostname() | inet:ip_address().
-type reason() :: term().
-type error_alert() :: {tls_alert, {atom(), string()}}.
-type tls_version() :: tlsv1 | 'tlsv1.1' | 'tlsv1.2' | 'tlsv1.3'.
-type protocol_version() :: tls_version() | dtlsv1 | 'dtlsv1.2'.
-type tls_option() :: {atom(), term()} | gen_tcp:option().
-type tls_client_option() :: tls_option().
-type tls_server_option() :: tls_option().
-type erl_cipher_suite() :: #{key_exchange := atom(), cipher := atom(),
                              mac := atom(), prf := atom()}.
-type ciphers() :: [erl_cipher_suite()] | string().
-type cipher_filters() ::
        [{key_exchange | cipher | mac | prf, fun((atom()) -> boolean())}].
-type named_curve() :: atom().
-type group() :: atom().
-type session_id() :: binary().
-type protocol_extensions() :: map().
-type connection_info() :: [{atom(), term()}].
-type active_msgs() :: {ssl, sslsocket(), term()} | {ssl_closed, sslsocket()}
                     | {ssl_error, sslsocket(), reason()}
                     | {ssl_passive, sslsocket()}.

-define(IS_TIMEOUT(T), T =:= infinity orelse is_integer(T) andalso T >= 0).
%% What the transport is to do: deliveries are made here.
-define(RAW, [{mode, binary}, {packet, 0}, {active, false}]).

%% ---- the application ----

-spec start() -> ok | {error, reason()}.
start() -> start(temporary).

-spec start(permanent | transient | temporary) -> ok | {error, reason()}.
start(Type) ->
    case application:ensure_all_started(ssl, Type) of
        {ok, _} -> ok;
        Error -> Error
    end.

-spec stop() -> ok | {error, reason()}.
stop() -> application:stop(ssl).

%% ---- clients ----

-spec connect(socket(), [tls_client_option()]) ->
          {ok, sslsocket()} | {error, reason()}.
connect(Socket, Options) -> connect(Socket, Options, infinity).

-spec connect(socket(), [tls_client_option()], timeout()) ->
          {ok, sslsocket()} | {error, reason()};
             (host(), inet:port_number(), [tls_client_option()]) ->
          {ok, sslsocket()} | {ok, sslsocket(), protocol_extensions()}
        | {error, reason()}.
connect(Socket, Options, Timeout)
  when is_list(Options), ?IS_TIMEOUT(Timeout) ->
    try
        Config = upgraded(Socket, ssl_options:read(client, undefined, Options)),
        {Host, Port} = peer(Socket, Config),
        started(ssl_connection:start(client, {Host, Port}, Socket, Config,
                                     undefined), Timeout)
    catch throw:Error -> Error
    end;
connect(Host, Port, Options) -> connect(Host, Port, Options, infinity).

-spec connect(host(), inet:port_number(), [tls_client_option()], timeout()) ->
          {ok, sslsocket()} | {ok, sslsocket(), protocol_extensions()}
        | {error, reason()}.
connect(Host, Port, Options, Timeout) when ?IS_TIMEOUT(Timeout) ->
    try
        no_datagrams(Options),
        Config = ssl_options:read(client, Host, Options),
        Socket = transport_connect(Host, Port, Config, Timeout),
        started(ssl_connection:start(client, {Host, Port}, Socket, Config,
                                     undefined), Timeout)
    catch throw:Error -> Error
    end.

transport_connect(Host, Port, #config{inet = Inet} = Config, Timeout) ->
    Options = Inet ++ [{packet_size, 0}, {packet, 0}, {header, 0},
                       {active, false}, {mode, binary}],
    try (transport(Config)):connect(Host, Port, Options, Timeout) of
        {ok, Socket} -> Socket;
        {error, _} = Error -> throw(Error)
    catch
        exit:{function_clause, _} ->
            throw({error, {options,
                           {cb_info, Config#config.transport_info}}});
        exit:badarg -> throw({error, {options, {socket_options, Options}}});
        exit:{badarg, _} ->
            throw({error, {options, {socket_options, Options}}})
    end.

transport(#config{transport_info = Info}) -> element(1, Info).

no_datagrams(Options) ->
    is_list(Options) andalso proplists:get_value(protocol, Options) =:= dtls
        andalso throw({error, {options, {protocol, dtls}}}).

started({ok, Pid}, Timeout) ->
    ssl_connection:call(Pid, {handshake, [], Timeout});
started(Error, _) -> Error.

%% A socket of gen_tcp gives data as before, if nothing else is said.
upgraded(Socket, #config{asked = Asked} = Config) ->
    Names = [mode, packet, packet_size, header, active],
    case options_of(Socket, Config, Names) of
        {ok, Was} ->
            Old = [O || {K, V} = O <- Was, K =/= active orelse V =/= 0],
            ok = set_options(Socket, Config, ?RAW),
            Config#config{delivery = ssl_options:delivery(Old ++ Asked,
                                                          #delivery{})};
        {error, _} = Error -> throw(Error)
    end.

options_of(Socket, Config, Names) ->
    case transport(Config) of
        gen_tcp -> inet:getopts(Socket, Names);
        Transport -> Transport:getopts(Socket, Names)
    end.

set_options(Socket, Config, Options) ->
    case transport(Config) of
        gen_tcp -> inet:setopts(Socket, Options);
        Transport -> Transport:setopts(Socket, Options)
    end.

peer(Socket, Config) ->
    case transport(Config) of
        gen_tcp -> inet_peer(inet:peername(Socket));
        Transport -> inet_peer(Transport:peername(Socket))
    end.

inet_peer({ok, {Host, Port}}) -> {Host, Port};
inet_peer(_) -> {undefined, 0}.

%% ---- servers ----

-spec listen(inet:port_number(), [tls_server_option()]) ->
          {ok, sslsocket()} | {error, reason()}.
listen(_, []) -> {error, nooptions};
listen(Port, Options) ->
    try
        no_datagrams(Options),
        Config = ssl_options:read(server, undefined, Options),
        Socket = transport_listen(Port, Config),
        is_pid(whereis(ssl_manager))
            andalso ssl_manager:add_listener(Socket, Config#config.delivery),
        {ok, #sslsocket{pid = {Socket, Config}}}
    catch throw:{error, _} = Error -> Error
    end.

transport_listen(Port, #config{inet = Inet} = Config) ->
    case (transport(Config)):listen(Port, Inet ++ ?RAW) of
        {ok, Socket} -> Socket;
        {error, _} = Error -> throw(Error)
    end.

-spec transport_accept(sslsocket()) -> {ok, sslsocket()} | {error, reason()}.
transport_accept(Listening) -> transport_accept(Listening, infinity).

-spec transport_accept(sslsocket(), timeout()) ->
          {ok, sslsocket()} | {error, reason()}.
transport_accept(#sslsocket{pid = {Listening, #config{} = Config}}, Timeout)
  when ?IS_TIMEOUT(Timeout) ->
    case (transport(Config)):accept(Listening, Timeout) of
        {ok, Socket} ->
            Delivery = case ssl_manager:listener(Listening) of
                           none -> Config#config.delivery;
                           Now -> Now
                       end,
            accepted(Socket, Config#config{delivery = Delivery});
        Error -> Error
    end.

accepted(Socket, #config{ssl = Ssl} = Config) ->
    Manager = whereis(ssl_manager),
    Tickets = ssl_options:value(session_tickets, Ssl),
    Trackers = [{option_tracker, Manager},
                {session_tickets_tracker,
                 case Tickets of disabled -> disabled; _ -> Manager end},
                {session_id_tracker, Manager}],
    case ssl_connection:start(server, peer(Socket, Config), Socket, Config,
                              Trackers) of
        {ok, Pid} -> ssl_connection:socket(Pid);
        Error -> Error
    end.

-spec handshake(sslsocket()) ->
          {ok, sslsocket()} | {ok, sslsocket(), protocol_extensions()}
        | {error, reason()}.
handshake(Socket) -> handshake(Socket, infinity).

-spec handshake(sslsocket(), timeout() | [tls_server_option()]) ->
          {ok, sslsocket()} | {ok, sslsocket(), protocol_extensions()}
        | {error, reason()};
               (socket(), [tls_server_option()]) ->
          {ok, sslsocket()} | {ok, sslsocket(), protocol_extensions()}
        | {error, reason()}.
handshake(#sslsocket{pid = [Pid | _]}, Timeout) when ?IS_TIMEOUT(Timeout) ->
    started({ok, Pid}, Timeout);
handshake(Socket, Options) -> handshake(Socket, Options, infinity).

-spec handshake(sslsocket() | socket(), [tls_server_option()], timeout()) ->
          {ok, sslsocket()} | {ok, sslsocket(), protocol_extensions()}
        | {error, reason()}.
handshake(#sslsocket{} = Socket, [], Timeout) -> handshake(Socket, Timeout);
handshake(#sslsocket{pid = [Pid | _]}, Options, Timeout)
  when ?IS_TIMEOUT(Timeout) ->
    ssl_connection:call(Pid, {handshake, Options, Timeout});
handshake(Socket, Options, Timeout) when ?IS_TIMEOUT(Timeout) ->
    try
        Config = upgraded(Socket,
                          ssl_options:read(server, undefined, Options)),
        case accepted(Socket, Config) of
            {ok, Accepted} -> handshake(Accepted, Timeout);
            Error -> Error
        end
    catch throw:Thrown -> Thrown
    end.

-spec handshake_continue(sslsocket(), [tls_option()]) ->
          {ok, sslsocket()} | {error, reason()}.
handshake_continue(Socket, Options) ->
    handshake_continue(Socket, Options, infinity).

-spec handshake_continue(sslsocket(), [tls_option()], timeout()) ->
          {ok, sslsocket()} | {error, reason()}.
handshake_continue(#sslsocket{pid = [Pid | _]}, Options, Timeout) ->
    ssl_connection:call(Pid, {continue, Options, Timeout}).

-spec handshake_cancel(sslsocket()) -> ok | {error, reason()}.
handshake_cancel(#sslsocket{pid = [Pid | _]}) ->
    ssl_connection:call(Pid, cancel).

%% ---- data ----

-spec send(sslsocket(), iodata()) -> ok | {error, reason()}.
send(#sslsocket{pid = [_, Sender]}, Data) ->
    ssl_sender:send(Sender, erlang:iolist_to_iovec(Data));
send(#sslsocket{}, _) -> {error, enotconn}.

-spec recv(sslsocket(), non_neg_integer()) -> {ok, term()} | {error, reason()}.
recv(Socket, Length) -> recv(Socket, Length, infinity).

-spec recv(sslsocket(), non_neg_integer(), timeout()) ->
          {ok, term()} | {error, reason()}.
recv(#sslsocket{pid = [Pid | _]}, Length, Timeout) when ?IS_TIMEOUT(Timeout) ->
    ssl_connection:call(Pid, {recv, Length, Timeout});
recv(#sslsocket{}, _, _) -> {error, enotconn}.

-spec controlling_process(sslsocket(), pid()) -> ok | {error, reason()}.
controlling_process(#sslsocket{pid = [Pid | _]}, New) when is_pid(New) ->
    ssl_connection:call(Pid, {owner, New});
controlling_process(#sslsocket{pid = {Socket, Config}}, New)
  when is_pid(New) ->
    (transport(Config)):controlling_process(Socket, New).

-spec close(sslsocket()) -> ok | {error, reason()}.
close(Socket) -> close(Socket, 5000).

-spec close(sslsocket(), timeout() | {pid(), timeout()}) ->
          ok | {ok, socket()} | {error, reason()}.
close(#sslsocket{pid = [Pid | _]}, How) ->
    case {ssl_connection:call(Pid, {close, How}), How} of
        {{error, closed}, _} when not is_tuple(How) -> ok;
        {ok, {_, _}} -> {error, closed};
        {Answer, _} -> Answer
    end;
close(#sslsocket{pid = {Socket, Config}}, _) ->
    (transport(Config)):close(Socket).

-spec shutdown(sslsocket(), read | write | read_write) ->
          ok | {error, reason()}.
shutdown(#sslsocket{pid = [Pid | _]}, How) ->
    ssl_connection:call(Pid, {shutdown, How});
shutdown(#sslsocket{pid = {Socket, Config}}, How) ->
    (transport(Config)):shutdown(Socket, How).

%% ---- options and addresses ----

-spec setopts(sslsocket(), [gen_tcp:option()]) -> ok | {error, reason()}.
setopts(#sslsocket{} = S, Options) when is_list(Options) ->
    try proplists:expand([{binary, [{mode, binary}]},
                          {list, [{mode, list}]}], Options) of
        Expanded -> set_expanded(S, Expanded)
    catch _:_ -> {error, {options, {not_a_proplist, Options}}}
    end;
setopts(#sslsocket{}, Options) ->
    {error, {options, {not_a_proplist, Options}}}.

set_expanded(#sslsocket{pid = [Pid | _]}, Options) ->
    ssl_connection:call(Pid, {setopts, Options});
set_expanded(#sslsocket{pid = {Socket, Config}} = S, Options) ->
    {Own, Others} = lists:partition(fun is_delivery/1, Options),
    try set_delivery(ssl_manager:listener(Socket), S, Own) of
        _ -> set_others(Others, Socket, Config, Options)
    catch throw:{error, {options, Option}} ->
            {error, {options, {socket_options, Option}}}
    end.

%% Of those who will be accepted.
set_delivery(none, _, _) -> ok;
set_delivery(Before, #sslsocket{pid = {Socket, _}} = S, Options) ->
    After = ssl_options:delivery(Options, Before),
    ssl_manager:set_listener(Socket, After),
    ssl_options:is_now_passive(Before, After, Options)
        andalso (self() ! {ssl_passive, S}).

set_others(Others, Socket, Config, Options) ->
    case Others =:= [] orelse set_options(Socket, Config, Others) of
        true -> ok;
        ok -> ok;
        {error, Reason} ->
            {error, {options, {socket_options, Options, Reason}}}
    end.

is_delivery({Key, _}) ->
    lists:member(Key, [mode, packet, packet_size, header, active]);
is_delivery(_) -> false.

-spec getopts(sslsocket(), [gen_tcp:option_name()]) ->
          {ok, [gen_tcp:option()]} | {error, reason()}.
getopts(#sslsocket{pid = [Pid | _]}, Names) when is_list(Names) ->
    ssl_connection:call(Pid, {getopts, Names});
getopts(#sslsocket{pid = {Socket, Config}}, Names) when is_list(Names) ->
    #config{delivery = First} = Config,
    D = case ssl_manager:listener(Socket) of none -> First; Now -> Now end,
    ssl_options:get_all(Names, D, fun(N) -> options_of(Socket, Config, N) end);
getopts(#sslsocket{}, Names) -> {error, {options, {socket_options, Names}}}.

-spec getstat(sslsocket()) -> {ok, [term()]} | {error, reason()}.
getstat(Socket) -> getstat(Socket, inet:stats()).

-spec getstat(sslsocket(), [inet:stat_option()]) ->
          {ok, [term()]} | {error, reason()}.
getstat(Socket, Names) -> of_transport(Socket, getstat, [Names]).

-spec sockname(sslsocket()) -> {ok, term()} | {error, reason()}.
sockname(Socket) -> of_transport(Socket, sockname, []).

-spec peername(sslsocket()) -> {ok, term()} | {error, reason()}.
peername(#sslsocket{pid = {_, _}}) -> {error, enotconn};
peername(Socket) -> of_transport(Socket, peername, []).

of_transport(#sslsocket{pid = [_ | _], fd = {Transport, Socket, _, _}},
             Function, Args) ->
    ask_transport(Transport, Socket, Function, Args);
of_transport(#sslsocket{pid = {Socket, Config}}, Function, Args) ->
    ask_transport(transport(Config), Socket, Function, Args).

ask_transport(gen_tcp, Socket, Function, Args) ->
    apply(inet, Function, [Socket | Args]);
ask_transport(Transport, Socket, Function, Args) ->
    apply(Transport, Function, [Socket | Args]).

%% ---- about a connection ----

with_session(#sslsocket{pid = [Pid | _]}, Fun) ->
    case ssl_connection:call(Pid, session) of
        {ok, Session, Options} -> Fun(Session, Options);
        Error -> Error
    end;
with_session(_, _) -> {error, enotconn}.

-spec peercert(sslsocket()) -> {ok, binary()} | {error, reason()}.
peercert(Socket) ->
    with_session(Socket, fun(Session, _) ->
                                 case tls_session:info(Session, peer) of
                                     [Der | _] -> {ok, Der};
                                     [] -> {error, no_peercert}
                                 end
                         end).

-spec negotiated_protocol(sslsocket()) -> {ok, binary()} | {error, reason()}.
negotiated_protocol(Socket) ->
    with_session(Socket,
                 fun(Session, _) ->
                         case tls_session:info(Session, alpn) of
                             none -> {error, protocol_not_negotiated};
                             Protocol -> {ok, Protocol}
                         end
                 end).

-spec connection_information(sslsocket()) ->
          {ok, connection_info()} | {error, reason()}.
connection_information(Socket) ->
    with_session(Socket,
                 fun(Session, Options) ->
                         {ok, [Item || {_, V} = Item
                                           <- ssl_info:all(Session, Options),
                                       V =/= undefined]}
                 end).

-spec connection_information(sslsocket(), [atom()]) ->
          {ok, connection_info()} | {error, reason()}.
connection_information(Socket, Names) ->
    with_session(Socket,
                 fun(Session, Options) ->
                         {ok, ssl_info:some(Names, Session, Options)}
                 end).

-spec prf(sslsocket(), binary() | master_secret, binary(),
          [binary() | client_random | server_random], non_neg_integer()) ->
          {ok, binary()} | {error, reason()}.
prf(Socket, Secret, Label, Seed, Size) ->
    with_session(Socket,
                 fun(Session, _) ->
                         ssl_info:prf(Session, Secret, Label, Seed, Size)
                 end).

-spec renegotiate(sslsocket()) -> ok | {error, reason()}.
renegotiate(#sslsocket{pid = [_, Sender]}) ->
    case ssl_sender:act(Sender, renegotiate) of
        {error, failed} -> {error, renegotiation_rejected};
        Answer -> Answer
    end;
renegotiate(#sslsocket{}) -> {error, enotconn}.

-spec update_keys(sslsocket(), write | read_write) -> ok | {error, reason()}.
update_keys(#sslsocket{pid = [_, Sender]}, Type)
  when Type =:= write; Type =:= read_write ->
    ssl_sender:act(Sender, Type);
update_keys(_, Type) -> {error, {illegal_parameter, Type}}.

%% ---- what there is ----

-spec versions() -> [{atom(), term()}].
versions() ->
    Supported = application:get_env(ssl, protocol_version,
                                    ['tlsv1.3', 'tlsv1.2']),
    All = ['tlsv1.3', 'tlsv1.2', 'tlsv1.1', tlsv1],
    {ok, Version} = version(),
    [{ssl_app, Version}, {supported, lists:flatten([Supported])},
     {supported_dtls, []}, {available, All}, {available_dtls, []},
     {implemented, All}, {implemented_dtls, []}].

version() ->
    _ = application:load(ssl),
    application:get_key(ssl, vsn).

-spec cipher_suites(atom(), protocol_version()) -> ciphers().
cipher_suites(Kind, Version) -> ssl_suites:list(Kind, Version).

-spec cipher_suites(atom(), protocol_version(), rfc | openssl) -> [string()].
cipher_suites(Kind, Version, rfc) ->
    [suite_to_str(S) || S <- cipher_suites(Kind, Version)];
cipher_suites(Kind, Version, openssl) ->
    [suite_to_openssl_str(S) || S <- cipher_suites(Kind, Version)].

-spec filter_cipher_suites(ciphers(), cipher_filters()) -> ciphers().
filter_cipher_suites(Suites, Filters) -> ssl_suites:filter(Suites, Filters).

-spec prepend_cipher_suites(ciphers() | cipher_filters(), ciphers()) ->
          ciphers().
prepend_cipher_suites([First | _] = Preferred, Suites) when is_map(First) ->
    Preferred ++ (Suites -- Preferred);
prepend_cipher_suites(Filters, Suites) ->
    Preferred = filter_cipher_suites(Suites, Filters),
    Preferred ++ (Suites -- Preferred).

-spec append_cipher_suites(ciphers() | cipher_filters(), ciphers()) ->
          ciphers().
append_cipher_suites([First | _] = Deferred, Suites) when is_map(First) ->
    (Suites -- Deferred) ++ Deferred;
append_cipher_suites(Filters, Suites) ->
    Deferred = filter_cipher_suites(Suites, Filters),
    (Suites -- Deferred) ++ Deferred.

-spec suite_to_str(erl_cipher_suite()) -> string().
suite_to_str(Suite) -> ssl_suites:to_name(Suite).

-spec suite_to_openssl_str(erl_cipher_suite()) -> string().
suite_to_openssl_str(Suite) -> ssl_suites:to_openssl(Suite).

-spec str_to_suite(string()) ->
          erl_cipher_suite() | {error, {not_recognized, string()}}.
str_to_suite(Name) ->
    try ssl_suites:from_name(Name)
    catch _:_ -> {error, {not_recognized, Name}}
    end.

-spec eccs() -> [named_curve()].
eccs() ->
    Supported = crypto:supports(curves),
    [C || C <- [sect571r1, sect571k1, secp521r1, brainpoolP512r1, sect409k1,
                sect409r1, brainpoolP384r1, secp384r1, sect283k1, sect283r1,
                brainpoolP256r1, secp256k1, secp256r1, sect239k1, sect233k1,
                sect233r1, secp224k1, secp224r1, sect193r1, sect193r2,
                secp192k1, secp192r1, sect163k1, sect163r1, sect163r2,
                secp160k1, secp160r1, secp160r2],
          lists:member(C, Supported)].

-spec eccs(protocol_version()) -> [named_curve()].
eccs(Version) when Version =:= 'tlsv1.2'; Version =:= 'tlsv1.1';
                   Version =:= tlsv1; Version =:= 'dtlsv1.2';
                   Version =:= dtlsv1 ->
    eccs().

-spec groups() -> [group()].
groups() ->
    groups(default) ++ [secp521r1, ffdhe2048, ffdhe3072, ffdhe4096, ffdhe6144,
                        ffdhe8192].

-spec groups(default) -> [group()].
groups(default) -> ssl_context:groups().

-spec clear_pem_cache() -> ok.
clear_pem_cache() -> ssl_manager:clear().

-spec format_error({error, reason()} | reason()) -> string().
format_error({error, Reason}) -> format_error(Reason);
format_error(Reason) when is_list(Reason) -> Reason;
format_error(closed) -> "TLS connection is closed";
format_error({tls_alert, {_, Description}}) -> Description;
format_error({options, {Kind, File, Reason}})
  when Kind =:= cacertfile; Kind =:= certfile; Kind =:= keyfile;
       Kind =:= dhfile ->
    kind(Kind) ++ File ++ ": " ++ file_error(Reason);
format_error({options, {socket_options, Option, Error}}) ->
    text("Invalid transport socket option ~p: ~s",
         [Option, format_error(Error)]);
format_error({options, {socket_options, Option}}) ->
    text("Invalid socket option: ~p", [Option]);
format_error({options, Options}) -> text("Invalid TLS option: ~p", [Options]);
format_error(Error) ->
    case inet:format_error(Error) of
        "unknown POSIX" ++ _ -> text("Unexpected error: ~p", [Error]);
        Text -> Text
    end.

text(Format, Args) -> lists:flatten(io_lib:format(Format, Args)).

kind(cacertfile) -> "Invalid CA certificate file ";
kind(certfile) -> "Invalid certificate file ";
kind(keyfile) -> "Invalid key file ";
kind(dhfile) -> "Invalid DH params file ".

file_error({error, Error}) ->
    case file:format_error(Error) of
        "unknown POSIX error" -> "decoding error";
        Text -> Text
    end;
file_error(_) -> "decoding error".
