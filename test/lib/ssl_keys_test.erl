%% SPDX-License-Identifier: Apache-2.0
%% ssl: keys that both sides know before, parameters of Diffie-Hellman of the
%% server's own, secrets for who looks into what is sent, certificates on rare
%% curves, upgrades of connections.
%% expect: {psk,[psk,alert,alert]}
%% expect: {dhe_psk,[dhe_psk,alert,alert]}
%% expect: {ecdhe_psk,[ecdhe_psk,alert,alert]}
%% expect: {dh,{protocol,'tlsv1.2'}}
%% expect: {dhfile,{protocol,'tlsv1.2'}}
%% expect: refused
%% expect: {'tlsv1.2',false,[["CLIENT_RANDOM",64,96]]}
%% expect: {'tlsv1.2',true,[["CLIENT_RANDOM",64,96]]}
%% expect: {'tlsv1.3',false,[]}
%% expect: {'tlsv1.3',true,[["CLIENT_HANDSHAKE_TRAFFIC_SECRET",64,96],["SERVER_HANDSHAKE_TRAFFIC_SECRET",64,96],["CLIENT_TRAFFIC_SECRET_0",64,96],["SERVER_TRAFFIC_SECRET_0",64,96]]}
%% expect: {{ok,"a"},{ok,[{active,false},{mode,list}]},ok,{ok,<<"b">>}}
%% expect: {curve,{protocol,'tlsv1.2'}}
-module(ssl_keys_test).
-export([main/0]).

-include_lib("public_key/include/public_key.hrl").

main() ->
    ok = ssl:start(),
    logger:set_primary_config(level, none),
    Rsa = chain({rsa, 1024, 65537}),
    [psk(Kex, Rsa) || Kex <- [psk, dhe_psk, ecdhe_psk]],
    dh(Rsa),
    [secrets(V, Keep, Rsa) || V <- ['tlsv1.2', 'tlsv1.3'],
                              Keep <- [false, true]],
    upgrade(Rsa),
    show({curve, kind(outcome(chain({namedCurve, secp256k1}),
                              [{versions, ['tlsv1.2']}], [protocol]))}),
    ok.

chain(Key) ->
    public_key:pkix_test_data(#{root => [{key, Key}], peer => [{key, Key}]}).

%% A client is known by its name, or not.
psk(Kex, Server) ->
    Suites = [S || #{key_exchange := K, cipher := aes_128_cbc, mac := sha} = S
                       <- ssl:cipher_suites(anonymous, 'tlsv1.2')
                       ++ ssl:cipher_suites(all, 'tlsv1.2'), K =:= Kex],
    Common = [{versions, ['tlsv1.2']}, {ciphers, Suites}],
    Find = fun(psk, <<"joe">>, Key) -> {ok, Key};
              (psk, _, _) -> error
           end,
    Give = fun(psk, Hint, Key) ->
                   (Hint =:= undefined orelse is_binary(Hint)) andalso
                       {ok, Key}
           end,
    Key = binary:copy(<<"k">>, 16),
    Own = [{user_lookup_fun, {Find, Key}}],
    Client = fun(Name, K) ->
                     [{psk_identity, Name}, {user_lookup_fun, {Give, K}}]
             end,
    Try = fun(Name, K) ->
                  kind(connect(Server ++ Common ++ Own,
                               Common ++ Client(Name, K),
                               [selected_cipher_suite]))
          end,
    show({Kex, [Try("joe", Key), Try("jim", Key),
                Try("joe", binary:copy(<<"x">>, 16))]}).

dh(Server) ->
    {2, P} = {2, 16#FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF},
    Der = public_key:der_encode('DHParameter',
                                #'DHParameter'{prime = P, base = 2}),
    ok = file:write_file("dh.pem",
                         public_key:pem_encode([{'DHParameter', Der,
                                                 not_encrypted}])),
    Suites = [S || #{key_exchange := dhe_rsa} = S
                       <- ssl:cipher_suites(default, 'tlsv1.2')],
    Common = [{versions, ['tlsv1.2']}, {ciphers, Suites}],
    [show({K, kind(connect(Server ++ Common ++ [Option], Common, [protocol]))})
     || {K, _} = Option <- [{dh, Der}, {dhfile, "dh.pem"}]],
    show(try_file("none.pem", Server)).

try_file(File, Server) ->
    case connect(Server ++ [{versions, ['tlsv1.2']}, {dhfile, File}],
                 [{versions, ['tlsv1.2']}], []) of
        {ok, _} -> connected;
        _ -> refused
    end.

%% Options of the new connection count more than those of the old one.
upgrade(Server) ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {ip, {127, 0, 0, 1}},
                                        {active, false}]),
    {ok, Port} = inet:port(Listener),
    spawn_link(fun() ->
                       {ok, Plain} = gen_tcp:accept(Listener),
                       {ok, Socket} = ssl:handshake(Plain, Server),
                       ok = ssl:send(Socket, "a"),
                       ok = ssl:send(Socket, "b"),
                       receive stop -> ok end
               end),
    {ok, Plain} = gen_tcp:connect({127, 0, 0, 1}, Port,
                                  [binary, {active, false}]),
    {ok, Socket} = ssl:connect(Plain, [{mode, list}, {verify, verify_none},
                                       {log_level, none}]),
    show({ssl:recv(Socket, 1), ssl:getopts(Socket, [mode, active]),
          ssl:setopts(Socket, [binary]), ssl:recv(Socket, 1)}).

secrets(Version, Keep, Server) ->
    More = [{versions, [Version]}, {keep_secrets, Keep}],
    {ok, Info} = outcome(Server, More, [keylog]),
    show({Version, Keep,
          [[case re:run(W, "^[0-9A-F]+$") of nomatch -> W; _ -> length(W) end
            || W <- string:lexemes(lists:flatten(Line), " ")]
           || Line <- proplists:get_value(keylog, Info, [])]}).

kind({ok, [{selected_cipher_suite, #{key_exchange := Kex}}]}) -> Kex;
kind({ok, [{Key, Value}]}) -> {Key, Value};
kind({error, {tls_alert, _}}) -> alert;
kind({error, closed}) -> alert;
kind(Other) -> Other.

outcome(Server, More, Items) -> connect(Server ++ More, More, Items).

connect(ServerOptions, ClientOptions, Items) ->
    {ok, Listener} = ssl:listen(0, [{log_level, none}, {ip, {127, 0, 0, 1}},
                                    {reuseaddr, true} | ServerOptions]),
    {ok, {_, Port}} = ssl:sockname(Listener),
    Pid = spawn_link(fun() ->
                             {ok, S} = ssl:transport_accept(Listener),
                             _ = ssl:handshake(S, 5000),
                             receive stop -> ok end
                     end),
    Result = ssl:connect({127, 0, 0, 1}, Port,
                         [{verify, verify_none}, {log_level, none}
                          | ClientOptions], 5000),
    Answer = case Result of
                 {ok, Socket} -> ssl:connection_information(Socket, Items);
                 Error -> Error
             end,
    Pid ! stop,
    ssl:close(Listener),
    Answer.

show(Term) -> io:format("~0p~n", [Term]).
