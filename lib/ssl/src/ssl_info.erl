%% SPDX-License-Identifier: Apache-2.0
%% What can be known of a connection.
-module(ssl_info).

-export([all/2, some/3, prf/5]).

-define(SHOWN, [protocol, session_id, session_resumption, selected_cipher_suite,
                sni_hostname, srp_username, ecc]).

%% All that is no secret.
all(Session, Options) ->
    Other = lists:sort(maps:keys(maps:without([key, password, certs_keys,
                                               role],
                                              Options))),
    items(?SHOWN ++ Other, Session, Options).

%% In OTP's order, whatever that of Names is.
some(Names, Session, Options) ->
    First = ?SHOWN ++ [client_random, server_random, master_secret, keylog],
    items([N || N <- First, lists:member(N, Names)] ++ (Names -- First),
          Session, Options).

items(Names, Session, Options) ->
    [{Name, Value}
     || Name <- Names,
        Value <- [item(Name, Session, Options)], Value =/= undefined].

item(protocol, Session, _) -> version(tls_session:info(Session, version));
item(session_id, Session, _) -> tls_session:info(Session, session_id);
item(session_resumption, Session, _) -> tls_session:info(Session, reused);
item(selected_cipher_suite, Session, _) ->
    ssl_suites:from_code(tls_session:info(Session, cipher));
item(sni_hostname, _, #{role := client}) -> undefined;
item(sni_hostname, Session, _) ->
    case tls_session:info(Session, server_name) of
        none -> undefined;
        Name -> binary_to_list(Name)
    end;
item(client_random, Session, _) -> secret(1, Session);
item(server_random, Session, _) -> secret(2, Session);
item(master_secret, Session, _) -> secret(3, Session);
item(keylog, Session, _) ->
    case version(tls_session:info(Session, version)) of
        'tlsv1.3' -> logged(tls_session:info(Session, keylog));
        'tlsv1.2' -> [line("CLIENT_RANDOM", secret(1, Session),
                           secret(3, Session))];
        _ -> undefined
    end;
item(ecc, Session, _) ->
    case tls_session:info(Session, version) of
        16#0304 -> undefined;
        _ -> curve(tls_session:info(Session, group))
    end;
item(versions, _, Options) ->
    [number(V) || V <- ssl_options:value(versions, Options)];
item(Name, _, Options) -> maps:get(Name, Options, undefined).

%% In the form that analysers of traffic read.
line(Label, Random, Secret) ->
    lists:concat([Label, " ", hex(Random), " ", hex(Secret)]).

hex(Bytes) -> binary_to_list(binary:encode_hex(Bytes)).

%% Of what libssl has told, what OTP tells; undefined if it was not asked to.
logged(<<>>) -> undefined;
logged(Text) ->
    Lines = [binary:split(L, <<" ">>, [global])
             || L <- binary:split(Text, <<"\n">>, [global, trim])],
    [binary_to_list(iolist_to_binary([Label, " ", string:uppercase(Random),
                                      " ", string:uppercase(Secret)]))
     || Name <- [<<"CLIENT_HANDSHAKE_TRAFFIC_SECRET">>,
                 <<"SERVER_HANDSHAKE_TRAFFIC_SECRET">>,
                 <<"CLIENT_TRAFFIC_SECRET_0">>,
                 <<"SERVER_TRAFFIC_SECRET_0">>],
        [Label, Random, Secret] <- Lines, Label =:= Name].

version(16#0304) -> 'tlsv1.3';
version(16#0303) -> 'tlsv1.2';
version(16#0302) -> 'tlsv1.1';
version(16#0301) -> tlsv1.

number('tlsv1.3') -> {3, 4};
number('tlsv1.2') -> {3, 3};
number('tlsv1.1') -> {3, 2};
number(tlsv1) -> {3, 1}.

secret(N, Session) -> element(N, tls_session:info(Session, secrets)).

%% libcrypto's numbers of the usual ones.
curve(1034) -> {named_curve, x25519};
curve(1035) -> {named_curve, x448};
curve(415) -> {named_curve, secp256r1};
curve(715) -> {named_curve, secp384r1};
curve(716) -> {named_curve, secp521r1};
curve(_) -> undefined.

%% The function by which TLS makes keys of secrets, before version 1.3.
prf(Session, Secret, Label, Seed, Size) ->
    #{prf := Prf} = ssl_suites:from_code(tls_session:info(Session, cipher)),
    Bytes = iolist_to_binary([Label | [part(S, Session) || S <- Seed]]),
    Key = case Secret of
              master_secret -> secret(3, Session);
              _ -> Secret
          end,
    case tls_session:info(Session, version) of
        16#0304 -> {error, undefined};
        16#0303 -> {ok, expand(hash(Prf), Key, Bytes, Size)};
        _ -> {ok, old(Key, Bytes, Size)}
    end.

part(client_random, Session) -> secret(1, Session);
part(server_random, Session) -> secret(2, Session);
part(Bytes, _) -> Bytes.

hash(default_prf) -> sha256;
hash(Hash) -> Hash.

expand(Hash, Key, Seed, Size) -> expand(Hash, Key, Seed, Seed, Size, <<>>).

expand(_, _, _, _, Size, Done) when byte_size(Done) >= Size ->
    binary:part(Done, 0, Size);
expand(Hash, Key, Seed, Before, Size, Done) ->
    A = crypto:mac(hmac, Hash, Key, Before),
    More = crypto:mac(hmac, Hash, Key, [A, Seed]),
    expand(Hash, Key, Seed, A, Size, <<Done/binary, More/binary>>).

%% Half of the key for MD5, half for SHA-1.
old(Key, Seed, Size) ->
    Half = (byte_size(Key) + 1) div 2,
    First = binary:part(Key, 0, Half),
    Second = binary:part(Key, byte_size(Key), -Half),
    crypto:exor(expand(md5, First, Seed, Size),
                expand(sha, Second, Seed, Size)).
