%% SPDX-License-Identifier: Apache-2.0
%% From options to a context of tls_context: certificates, keys, versions,
%% suites. Contexts of the same options are one.
-module(ssl_context).

-export([get/2, trust/2, trusted/1, groups/0]).

-import(ssl_options, [value/2]).

%% The options that a context is made of.
-define(OF_CONTEXT,
        [versions, ciphers, cacertfile, cacerts, cert, certfile, key, keyfile,
         password, certs_keys, verify, verify_fun, fail_if_no_peer_cert,
         alpn_advertised_protocols, alpn_preferred_protocols, eccs,
         supported_groups, signature_algs, honor_cipher_order, reuse_sessions,
         session_tickets, client_renegotiation, max_fragment_length,
         certificate_authorities, dh, dhfile, psk_identity, user_lookup_fun,
         keep_secrets]).

%% Throws {error, Reason} for what cannot be read.
get(Role, Options) ->
    Mine = maps:with(?OF_CONTEXT, Options),
    case {Role, value(handshake, Options)} of
        {client, hello} ->
            %% What is trusted, and whether, may change in the middle.
            Context = make(client, Mine),
            tls_context:set(Context, verify, peer),
            Context;
        _ -> ssl_manager:context({Role, Mine}, fun() -> make(Role, Mine) end)
    end.

%% Has a client's context trust what Options say, too.
trust(Context, Options) ->
    tls_context:set(Context, trusted, trusted(Options)).

make(Role, Options) ->
    Context = tls_context:new(Role),
    [set(Context, Key, Value) || {Key, Value} <- settings(Role, Options)],
    Trusted = trusted(Options),
    tls_context:set(Context, trusted, Trusted),
    Role =:= server andalso value(certificate_authorities, Options) =/= false
        andalso tls_context:set(Context, authorities, Trusted),
    [set_pair(Context, Pair) || Pair <- pairs(Options)],
    Context.

set(Context, Key, Value) ->
    tls_context:set(Context, Key, Value)
        orelse throw({error, {options, {Key, Value}}}).

settings(Role, Options) ->
    Versions = usable(value(versions, Options), Options),
    Suites = suites(value(ciphers, Options), Versions),
    lists:append(
      [[{versions, [minor(V) || V <- Versions, has_suites(V, Suites)]},
        {verify, verify(Options)}],
       Suites,
       lists(Options),
       protocols(Role, Options),
       sessions(Role, Options),
       known_keys(Options),
       exchange(Options),
       [{max_fragment, fragment(N)} || #{max_fragment_length := N}
                                           <- [Options]]]).

%% Keys that are known before are of the versions before 1.3.
usable(Versions, #{user_lookup_fun := _}) -> Versions -- ['tlsv1.3'];
usable(Versions, _) -> Versions.

known_keys(#{user_lookup_fun := _} = Options) ->
    [{psk, maps:get(psk_identity, Options, <<>>)}];
known_keys(_) -> [].

%% The parameters of a server's own, and whether secrets are noted.
exchange(Options) ->
    [{dh, Der} || Der <- dh(Options)]
        ++ [{secrets, true} || value(keep_secrets, Options)].

dh(#{dh := Der}) -> [Der];
dh(#{dhfile := File}) ->
    case [Der || {'DHParameter', Der, not_encrypted}
                     <- public_key:pem_decode(read(dhfile, File))] of
        [] -> throw({error, {options, {dhfile, to_text(File),
                                       {error, asn1}}}});
        [Der | _] -> [Der]
    end;
dh(_) -> [].

minor('tlsv1.3') -> 4;
minor('tlsv1.2') -> 3;
minor('tlsv1.1') -> 2;
minor(tlsv1) -> 1.

fragment(512) -> 1;
fragment(1024) -> 2;
fragment(2048) -> 3;
fragment(4096) -> 4.

%% libssl would take its own suites for a version that is given none.
has_suites('tlsv1.3', Suites) -> lists:keymember(cipher_suites, 1, Suites);
has_suites(_, Suites) -> lists:keymember(ciphers, 1, Suites).

%% A function that judges wants to see certificates in any case.
verify(#{verify := verify_peer, fail_if_no_peer_cert := true}) -> required;
verify(#{verify := verify_peer}) -> peer;
verify(#{verify_fun := _}) -> peer;
verify(_) -> none.

%% Those of TLS 1.3 are apart in libssl.
suites([], Versions) ->
    suites(ssl_suites:list(default, hd(Versions)), Versions);
suites(Value, _) ->
    Named = [{Kex, ssl_suites:to_openssl(S)}
             || #{key_exchange := Kex} = S <- ssl_suites:chosen(Value)],
    [{Key, lists:join($:, Names)}
     || {Key, Names} <- [{cipher_suites, [N || {any, N} <- Named]},
                         {ciphers, [N || {K, N} <- Named, K =/= any]}],
        Names =/= []].

lists(Options) ->
    Groups = case Options of
                 #{supported_groups := G} -> G;
                 #{eccs := E} -> E;
                 _ -> default_groups()
             end,
    [{groups, lists:join($:, [group(G) || G <- Groups])}]
        ++ [{signatures, lists:join($:, signatures(Algs))}
            || #{signature_algs := [_ | _] = Algs} <- [Options]].

%% Version 1.2 takes keys of certificates on these curves only.
default_groups() ->
    First = groups() ++ [secp521r1],
    First ++ [Curve || Curve <- ssl:eccs(), not lists:member(Curve, First)].

%% What OTP offers by default.
groups() -> [x25519, x448, secp256r1, secp384r1].

group(x25519) -> "X25519";
group(x448) -> "X448";
group(secp256r1) -> "P-256";
group(secp384r1) -> "P-384";
group(secp521r1) -> "P-521";
group(Name) -> atom_to_list(Name).

%% OpenSSL's names of signature algorithms.
signatures(Algorithms) ->
    [Name || A <- Algorithms, Name <- [signature(A)], Name =/= none].

signature({Hash, Sign}) when Sign =:= rsa; Sign =:= dsa; Sign =:= ecdsa ->
    [string:uppercase(atom_to_list(Sign)), $+, digest(Hash)];
signature(eddsa_ed25519) -> "ed25519";
signature(eddsa_ed448) -> "ed448";
signature(Scheme) when is_atom(Scheme) ->
    case atom_to_list(Scheme) of
        "ecdsa_sha1" -> "ECDSA+SHA1";
        "rsa_pkcs1_sha1" -> "RSA+SHA1";
        Name -> Name
    end;
signature(_) -> none.

digest(sha) -> "SHA1";
digest(Hash) -> string:uppercase(atom_to_list(Hash)).

protocols(Role, Options) ->
    Key = case Role of
              client -> alpn_advertised_protocols;
              server -> alpn_preferred_protocols
          end,
    [{alpn, [[byte_size(P), P] || P <- List]}
     || #{Key := [_ | _] = List} <- [Options]].

%% Sessions of TLS 1.2 and before have numbers; a ticket is of TLS 1.3 only.
sessions(client, _) -> [{no_ticket, true}];
sessions(server, Options) ->
    Tickets = value(session_tickets, Options),
    [{server_order, value(honor_cipher_order, Options) =:= true},
     {no_ticket, Tickets =/= stateless},
     {no_sessions, value(reuse_sessions, Options) =:= false},
     {no_renegotiation, value(client_renegotiation, Options) =:= false},
     {session_context, <<"merle">>},
     {tickets, case Tickets of disabled -> 0; _ -> 3 end}].

%% ---- certificates and keys ----

%% The certificates that are trusted, as bytes.
trusted(#{cacerts := [_ | _] = List}) -> [der(C) || C <- List];
trusted(#{cacertfile := File}) when File =/= <<>> ->
    case certificates(cacertfile, File) of
        [] -> throw({error, {options, {cacertfile, to_text(File),
                                       {error, enoent}}}});
        List -> List
    end;
trusted(_) -> [].

%% A certificate may come decoded along with its bytes.
der({cert, Der, _}) -> Der;
der(Der) -> Der.

%% [{Certificates, Key, Password}]
pairs(#{certs_keys := Pairs}) -> [pair(P) || P <- Pairs];
pairs(Options) ->
    case maps:with([cert, certfile, key, keyfile], Options) of
        None when None =:= #{} -> [];
        _ -> [pair(Options)]
    end.

%% A missing file is that of the key, as OTP looks for that first.
pair(Options) ->
    Key = key(Options),
    {chain(Options), Key, password(value(password, Options))}.

password(Fun) when is_function(Fun) -> Fun();
password(Text) -> Text.

chain(#{cert := Cert}) -> lists:flatten([Cert]);
chain(#{certfile := File}) when File =/= <<>>, File =/= "" ->
    certificates(certfile, File);
chain(_) -> [].

key(#{key := {_, Der}}) -> {key, Der};
key(#{keyfile := File}) when File =/= <<>> -> {File, read(keyfile, File)};
key(#{certfile := File}) when File =/= <<>>, File =/= "" ->
    {File, read(keyfile, File)};
key(_) -> none.

certificates(Option, File) ->
    [Der || {'Certificate', Der, _}
                <- public_key:pem_decode(read(Option, File))].

read(Option, File) ->
    case file:read_file(File) of
        {ok, Bytes} -> Bytes;
        {error, Reason} ->
            throw({error, {options, {Option, to_text(File),
                                     {error, Reason}}}})
    end.

to_text(File) when is_binary(File) -> unicode:characters_to_list(File);
to_text(File) -> File.

set_pair(_, {[], _, _}) -> ok;
set_pair(Context, {Chain, Key, Password}) ->
    tls_context:set(Context, certificates, Chain)
        orelse throw({error, {options, {cert, Chain}}}),
    set_key(Context, Key, Password).

set_key(_, none, _) -> ok;
set_key(Context, {Where, Bytes}, Password) ->
    case tls_context:set(Context, key, {Bytes, Password}) of
        true -> ok;
        false when Where =:= key -> throw({error, {options, {key, Bytes}}});
        false ->
            throw({error, {options, {keyfile, to_text(Where),
                                     {error, {asn1, decode_failed}}}}})
    end.
