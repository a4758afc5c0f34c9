%% SPDX-License-Identifier: Apache-2.0
%% Options of connections: which there are, what each may be, and which go to
%% the transport instead. What is refused is thrown in OTP's form.
-module(ssl_options).

-export([read/3, merge/3, delivery/2, is_now_passive/3, get_all/3, transport/1,
         value/2]).

-include("ssl_socket.hrl").

-define(DELIVERY, [mode, packet, packet_size, header, active]).
-define(PLAIN, [inet, inet6, local]). % the transport's
-define(OLD, ['tlsv1', 'tlsv1.1', 'tlsv1.2']).

%% The value of an option that may not be given.
value(Key, Options) ->
    case Options of
        #{Key := Value} -> Value;
        #{} -> default(Key)
    end.

default(versions) -> ['tlsv1.3', 'tlsv1.2'];
default(verify) -> verify_none;
default(depth) -> 10;
default(crl_check) -> false;
default(crl_cache) -> {ssl_crl_cache, {internal, []}};
default(log_level) ->
    case logger:get_module_level(ssl) of
        [] -> notice;
        [{ssl, Level}] -> Level
    end;
default(handshake) -> full;
default(hibernate_after) -> infinity;
default(session_tickets) -> disabled;
default(Key) when Key =:= reuse_sessions; Key =:= secure_renegotiate;
                  Key =:= client_renegotiation -> true;
default(Key) when Key =:= fail_if_no_peer_cert; Key =:= honor_cipher_order;
                  Key =:= fallback; Key =:= keep_secrets -> false;
default(Key) when Key =:= sni_hosts; Key =:= customize_hostname_check;
                  Key =:= ciphers -> [];
default(password) -> "";
default(_) -> undefined.

%% What a program gave, as #config{}. Host is that of a client, or undefined.
read(Role, Host, Options) ->
    {Given, Others} = sort_out(Role, Options),
    Ssl = with_host(dependencies(Given), Role, Host),
    warn(Ssl, Role),
    {Delivery, Inet} = lists:partition(
                         fun({K, _}) -> lists:member(K, ?DELIVERY);
                            (_) -> false
                         end, Others),
    #config{ssl = Ssl, transport_info = transport(Options), inet = Inet,
            asked = Delivery, delivery = delivery(Delivery, #delivery{})}.

%% More options on top of those of a listening socket, or of the first half of
%% a handshake.
merge(Role, Options, #config{ssl = Before} = Config) ->
    {Given, Others} = sort_out(Role, Options),
    Config#config{ssl = dependencies(maps:merge(Before, Given)),
                  inet = Others, context = undefined}.

%% Options for TLS, as a map, and the others.
sort_out(Role, Options) ->
    is_list(Options)
        orelse throw({error, {options, {not_a_proplist, Options}}}),
    Expanded = proplists:expand([{binary, [{mode, binary}]},
                                 {list, [{mode, list}]}], Options),
    [throw({option_not_a_key_value_tuple, O})
     || O <- Expanded, not is_pair(O), not lists:member(O, ?PLAIN)],
    {Own, Others} = lists:partition(fun is_own/1, Expanded),
    {given(Own, Role), Others}.

is_pair({_, _}) -> true;
is_pair({raw, _, _, _}) -> true;
is_pair(_) -> false.

is_own({Key, _}) -> lists:member(Key, keys());
is_own(_) -> false.

keys() ->
    [alpn_advertised_protocols, alpn_preferred_protocols, anti_replay,
     beast_mitigation, cacertfile, cacerts, cb_info, cert, certfile,
     certificate_authorities, certs_keys, ciphers,
     client_preferred_next_protocols, client_renegotiation, cookie, crl_cache,
     crl_check, customize_hostname_check, depth, dh, dhfile, early_data, eccs,
     erl_dist, fail_if_no_peer_cert, fallback, handshake, hibernate_after,
     honor_cipher_order, honor_ecc_order, keep_secrets, key, key_update_at,
     keyfile, log_alert, log_level, max_fragment_length, max_handshake_size,
     middlebox_comp_mode, next_protocols_advertised, ocsp_nonce,
     ocsp_responder_certs, ocsp_stapling, padding_check, partial_chain,
     password, protocol, psk_identity, receiver_spawn_opts, renegotiate_at,
     reuse_session, reuse_sessions, secure_renegotiate, sender_spawn_opts,
     server_name_indication, session_tickets, signature_algs,
     signature_algs_cert, sni_fun, sni_hosts, srp_identity, ssl_imp,
     supported_groups, use_ticket, user_lookup_fun, verify, verify_fun,
     versions].

%% The last of two values counts, but what stands before versions counts more,
%% and the first of it most: OTP passes over it until versions are known.
given(Own, Role) ->
    {Early, Others} = lists:splitwith(fun({K, _}) -> K =/= versions end, Own),
    Ordered = case Others of
                  [] -> Early;
                  _ -> Others ++ lists:reverse(Early)
              end,
    lists:foldl(fun({Key, Value}, Map) ->
                        put_option(Key, Value, Role, Map)
                end, #{}, Ordered).

put_option(log_alert, true, _, Map) -> Map;
put_option(log_alert, false, _, Map) -> Map#{log_level => none};
put_option(ssl_imp, _, _, Map) -> Map;
put_option(Key, Value, Role, Map) ->
    case check(Key, Value, Role) of
        true -> Map#{Key => Value};
        {ok, Changed} -> Map#{Key => Changed};
        false when Value =:= undefined -> Map;
        false -> throw({error, {options, {Key, Value}}})
    end.

check(protocol, dtls, _) -> false; % datagrams are not built
check(protocol, Value, _) -> Value =:= tls;
check(versions, Value, _) -> {ok, versions(Value)};
check(cacertfile, [_ | _] = Value, _) -> file_name(filename:absname(Value));
check(Key, [_ | _] = Value, _) when Key =:= keyfile; Key =:= dhfile ->
    file_name(Value);
check(certfile, Value, _) when is_list(Value) -> file_name(Value);
check(Key, Value, _) when Key =:= cacertfile; Key =:= keyfile;
                          Key =:= dhfile; Key =:= certfile; Key =:= dh ->
    is_binary(Value);
check(cert, Value, _) when is_binary(Value) -> {ok, [Value]};
check(signature_algs, [], _) ->
    throw({error, {options, no_supported_signature_schemes,
                   {signature_algs, []}}});
check(Key, Value, _) when Key =:= cert; Key =:= cacerts; Key =:= certs_keys;
                          Key =:= customize_hostname_check;
                          Key =:= signature_algs; Key =:= signature_algs_cert;
                          Key =:= ocsp_responder_certs;
                          Key =:= use_ticket; Key =:= eccs;
                          Key =:= supported_groups;
                          Key =:= receiver_spawn_opts;
                          Key =:= sender_spawn_opts ->
    is_list(Value);
check(key, {Type, Der}, _) when is_binary(Der) ->
    lists:member(Type, [rsa, dsa, 'RSAPrivateKey', 'DSAPrivateKey',
                        'ECPrivateKey', 'PrivateKeyInfo']);
check(key, Value, _) -> is_map(Value);
check(password, Value, _) ->
    is_list(Value) orelse is_binary(Value) orelse is_function(Value, 0);
check(verify, Value, _) -> lists:member(Value, [verify_none, verify_peer]);
check(verify_fun, {Fun, _}, _) -> is_function(Fun);
check(verify_fun, Fun, _) when is_function(Fun) ->
    {ok, {fun old_verify_fun/3, Fun}};
check(partial_chain, Value, _) -> is_function(Value);
check(depth, Value, _) -> is_integer(Value) andalso Value >= 0
                              andalso Value =< 255;
check(Key, Value, _) when Key =:= alpn_advertised_protocols;
                          Key =:= alpn_preferred_protocols ->
    is_list(Value) andalso protocols(Key, Value);
check(ciphers, Value, _) -> is_list(Value) andalso ssl_suites:ok(Value);
check(server_name_indication, Value, _) ->
    is_list(Value) orelse Value =:= disable;
check(sni_hosts, Value, _) -> is_list(Value) andalso sni_hosts(Value);
check(sni_fun, Value, _) -> is_function(Value);
check(user_lookup_fun, {Fun, _}, _) -> is_function(Fun, 3);
check(psk_identity, [_ | _] = Value, _) ->
    {ok, unicode:characters_to_binary(Value)};
check(handshake, Value, _) -> lists:member(Value, [hello, full]);
check(log_level, Value, _) ->
    lists:member(Value, [none, all, emergency, alert, critical, error, warning,
                         notice, info, debug]);
check(hibernate_after, Value, _) -> Value =:= infinity orelse is_natural(Value);
check(max_fragment_length, Value, _) ->
    lists:member(Value, [512, 1024, 2048, 4096]);
check(reuse_sessions, Value, _) -> is_boolean(Value) orelse Value =:= save;
check(reuse_session, {Id, Data}, _) -> is_binary(Id) andalso is_binary(Data);
check(reuse_session, Value, _) -> is_function(Value) orelse is_binary(Value);
check(session_tickets, Value, Role) -> tickets(Value, Role);
%% Early data is not built: it would be lost.
check(early_data, Value, client) ->
    is_binary(Value)
        orelse throw({error, {options, type,
                              {early_data, {Value, not_binary}}}}),
    false;
check(early_data, Value, server) ->
    lists:member(Value, [enabled, disabled])
        orelse throw({error, {options, role,
                              {early_data, {Value, {server, [disabled,
                                                             enabled]}}}}}),
    Value =:= disabled;
check(beast_mitigation, Value, _) ->
    lists:member(Value, [one_n_minus_one, zero_n, disabled]);
check(crl_check, Value, _) ->
    lists:member(Value, [true, false, peer, best_effort]);
check(crl_cache, {Module, {_, Arguments}}, _) ->
    is_atom(Module) andalso is_list(Arguments);
check(Key, Value, _) when Key =:= renegotiate_at; Key =:= key_update_at;
                          Key =:= max_handshake_size ->
    is_natural(Value);
check(Key, Value, Role) when Key =:= honor_cipher_order;
                             Key =:= honor_ecc_order;
                             Key =:= client_renegotiation; Key =:= cookie ->
    is_boolean(Value) andalso only(server, Role, server_only, Key);
check(fallback, Value, Role) ->
    is_boolean(Value) andalso only(client, Role, client_only, fallback);
check(Key, Value, _) when Key =:= fail_if_no_peer_cert; Key =:= keep_secrets;
                          Key =:= certificate_authorities;
                          Key =:= secure_renegotiate; Key =:= erl_dist;
                          Key =:= middlebox_comp_mode; Key =:= ocsp_nonce;
                          Key =:= padding_check ->
    is_boolean(Value);
check(ocsp_stapling, Value, _) -> Value =:= false; % not built
check(cb_info, Value, _) ->
    is_tuple(Value) andalso lists:member(tuple_size(Value), [4, 5])
        andalso lists:all(fun is_atom/1, tuple_to_list(Value));
check(_, _, _) -> false. % or not built: NPN, SRP, anti_replay

is_natural(Value) -> is_integer(Value) andalso Value >= 0.

file_name(Name) ->
    {ok, unicode:characters_to_binary(Name, unicode,
                                      file:native_name_encoding())}.

only(Role, Role, _, _) -> true;
only(_, _, Which, Key) -> throw({error, {option, Which, Key}}).

protocols(Key, List) ->
    [throw({error, {options, {Key, {invalid_protocol, P}}}})
     || P <- List, not (is_binary(P) andalso byte_size(P) > 0
                        andalso byte_size(P) < 256)],
    true.

sni_hosts(Hosts) ->
    lists:all(fun({Name, Options}) when is_list(Name), is_list(Options) ->
                      case proplists:get_value(sni_hosts, Options) of
                          undefined -> true;
                          Inner ->
                              throw({error, {options, {sni_hosts, Inner}}})
                      end;
                 (_) -> false
              end, Hosts).

tickets(Value, Role) ->
    Allowed = case Role of
                  server -> [disabled, stateful, stateless];
                  client -> [disabled, manual, auto]
              end,
    lists:member(Value, Allowed)
        orelse throw({error, {options, role,
                              {session_tickets, {Value, {Role, Allowed}}}}}).

%% Highest first.
versions(Versions) when is_list(Versions) ->
    Known = ['tlsv1.3', 'tlsv1.2', 'tlsv1.1', tlsv1],
    [throw({error, {options, {V, {versions, Versions}}}})
     || V <- Versions, not lists:member(V, Known)],
    lists:member('tlsv1.3', Versions) andalso length(Versions) > 1
        andalso not lists:member('tlsv1.2', Versions)
        andalso throw({error, {options, missing_version,
                               {'tlsv1.2', {versions, Versions}}}}),
    [V || V <- Known, lists:member(V, Versions)];
versions(Versions) -> throw({error, {options, {versions, Versions}}}).

%% A function of one argument, as it was long ago.
old_verify_fun(_, {bad_cert, _} = Reason, Fun) ->
    case Fun([Reason]) of
        true -> {valid, Fun};
        false -> {fail, Reason}
    end;
old_verify_fun(_, {extension, _}, Fun) -> {unknown, Fun};
old_verify_fun(_, _, Fun) -> {valid, Fun}.

%% Options that only some versions, or only others with them, have.
dependencies(Given) ->
    Versions = value(versions, Given),
    [needs(Key, Versions, ['tlsv1.3'])
     || Key <- [anti_replay, certificate_authorities, cookie, early_data,
                key_update_at, session_tickets, supported_groups, use_ticket],
        is_map_key(Key, Given)],
    [needs(Key, Versions, ?OLD)
     || Key <- [client_renegotiation, next_protocols_advertised,
                client_preferred_next_protocols, psk_identity, reuse_session,
                reuse_sessions, secure_renegotiate, srp_identity,
                user_lookup_fun],
        is_map_key(Key, Given)],
    [needs(Key, Versions, [tlsv1])
     || Key <- [beast_mitigation, padding_check], is_map_key(Key, Given)],
    is_map_key(sni_fun, Given) andalso value(sni_hosts, Given) =/= []
        andalso throw({error, {conflict_options, [sni_fun, sni_hosts]}}),
    no_authorities(Given),
    Given.

needs(Key, Versions, Allowed) ->
    lists:any(fun(V) -> lists:member(V, Allowed) end, Versions)
        orelse throw({error, {options, dependency,
                              {Key, {versions, Allowed}}}}).

%% A peer cannot be verified by nothing.
no_authorities(#{verify := verify_peer} = Given) ->
    case Given of
        #{cacertfile := _} -> ok;
        #{cacerts := [_ | _]} -> ok;
        #{verify_fun := _} -> ok;
        #{} -> throw({error, {options, {cacertfile, ""}}})
    end;
no_authorities(_) -> ok.

%% The name that the server's certificate must have, and that is sent.
with_host(#{server_name_indication := _} = Ssl, _, _) -> Ssl;
with_host(Ssl, client, Host) when is_list(Host) ->
    Ssl#{server_name_indication => string:trim(Host, trailing, ".")};
with_host(Ssl, client, Host) when is_atom(Host), Host =/= undefined ->
    Ssl#{server_name_indication => atom_to_list(Host)};
with_host(Ssl, _, _) -> Ssl.

warn(#{verify := _}, _) -> ok;
warn(Ssl, client) ->
    Level = value(log_level, Ssl),
    lists:member(logger:compare_levels(Level, warning), [lt, eq])
        andalso logger:log(
                  warning,
                  #{description =>
                        "Server authenticity is not verified since "
                        "certificate path validation is not enabled",
                    reason =>
                        "The option {verify, verify_peer} and one of the "
                        "options 'cacertfile' or 'cacerts' are required to "
                        "enable this."},
                  #{report_cb => fun ssl_alert:format/1, depth => 20,
                    mfa => {ssl, maybe_client_warn_no_verify, 2}}),
    ok;
warn(_, _) -> ok.

%% {Module, DataTag, ClosedTag, ErrorTag, PassiveTag}
transport(Options) when is_list(Options) ->
    case proplists:get_value(cb_info, Options) of
        undefined -> {gen_tcp, tcp, tcp_closed, tcp_error, tcp_passive};
        {M, Data, Closed, Error} ->
            {M, Data, Closed, Error,
             list_to_atom(atom_to_list(Data) ++ "_passive")};
        Info -> Info
    end.

%% The values of options, those of the transport by Get; in OTP's order.
get_all(Names, Delivery, Get) -> get_all(Names, Delivery, Get, []).

get_all([], _, _, Found) -> {ok, Found};
get_all([Name | Names], Delivery, Get, Found) ->
    case lists:member(Name, ?DELIVERY) orelse Get([Name]) of
        true ->
            N = proplists:get_value(Name, fields()),
            Value = case element(N, Delivery) of
                        {Type, headers} -> Type;
                        Other -> Other
                    end,
            get_all(Names, Delivery, Get, [{Name, Value} | Found]);
        {ok, [Option]} -> get_all(Names, Delivery, Get, [Option | Found]);
        {ok, []} -> {error, {options, {socket_options, Name, einval}}};
        {error, Reason} -> {error, {options, {socket_options, Name, Reason}}}
    end.

fields() ->
    [{mode, #delivery.mode}, {packet, #delivery.packet},
     {packet_size, #delivery.packet_size}, {header, #delivery.header},
     {active, #delivery.active}].

%% Whether a count in Options has fallen to nothing, which is told as in
%% gen_tcp.
is_now_passive(Before, #delivery{active = false}, Options) ->
    case lists:keyfind(active, 1, Options) of
        {_, 0} -> true;
        {_, N} when is_integer(N) -> Before#delivery.active =/= false;
        _ -> false
    end;
is_now_passive(_, _, _) -> false.

%% Changes how data is given.
delivery(Options, Delivery) ->
    lists:foldl(fun({Key, Value}, D) ->
                        good(Key, Value)
                            orelse throw({error, {options, {Key, Value}}}),
                        deliver(Key, Value, D)
                end, Delivery, Options).

good(mode, Value) -> lists:member(Value, [list, binary]);
good(packet, Value) ->
    lists:member(Value, [raw, 0, 1, 2, 4, asn1, cdr, sunrm, fcgi, line, tpkt,
                         http, httph, http_bin, httph_bin]);
good(packet_size, Value) -> is_integer(Value);
good(header, Value) -> is_integer(Value);
good(active, Value) when is_integer(Value) ->
    Value >= -32768 andalso Value =< 32767;
good(active, Value) -> lists:member(Value, [once, true, false]);
good(_, _) -> false.

deliver(mode, Value, D) -> D#delivery{mode = Value};
deliver(packet, Value, D) -> D#delivery{packet = Value};
deliver(packet_size, Value, D) -> D#delivery{packet_size = Value};
deliver(header, Value, D) -> D#delivery{header = Value};
deliver(active, N, #delivery{active = Now} = D) when is_integer(N) ->
    Before = case is_integer(Now) of true -> Now; false -> 0 end,
    case Before + N of
        Sum when Sum > 32767 -> throw({error, {options, {active, N}}});
        Sum when Sum =< 0 -> D#delivery{active = false};
        Sum -> D#delivery{active = Sum}
    end;
deliver(active, Value, D) -> D#delivery{active = Value}.
