%% SPDX-License-Identifier: Apache-2.0
%% public_key: keys and certificates as records, from PEM and DER and back, and
%% what crypto does with them.
%%
%% Certificates are shown as they are written (plain); OTP's other form, paths
%% of them, lists of revoked ones and keys hidden by passwords are not here.
-module(public_key).

-export([pem_decode/1, pem_encode/1, pem_entry_decode/1, pem_entry_encode/2,
         der_decode/2, der_encode/2, pkix_decode_cert/2, pkix_encode/3,
         pkix_verify/2, sign/3, sign/4, verify/4, verify/5, generate_key/1,
         compute_key/2, compute_key/3, encrypt_public/2, encrypt_public/3,
         decrypt_private/2, decrypt_private/3, encrypt_private/2,
         encrypt_private/3, decrypt_public/2, decrypt_public/3]).

-include_lib("public_key/include/public_key.hrl").

-export_type([der_encoded/0, pem_entry/0]).

-type der_encoded() :: binary().
-type pem_entry() ::
        {atom(), der_encoded(), not_encrypted | {string(), term()}}.

-define(RSA, {1, 2, 840, 113549, 1, 1, 1}).
-define(DSA, {1, 2, 840, 10040, 4, 1}).
-define(EC, {1, 2, 840, 10045, 2, 1}).
-define(NULL, <<5, 0>>).

%%% PEM and DER

%% The parts of a PEM file.
-spec pem_decode(binary()) -> [pem_entry()].
pem_decode(Bytes) when is_binary(Bytes) -> pubkey_pem:decode(Bytes).

-spec pem_encode([pem_entry()]) -> binary().
pem_encode(Entries) when is_list(Entries) -> pubkey_pem:encode(Entries).

%% The key or certificate of a part that is not hidden.
-spec pem_entry_decode(pem_entry()) -> term().
pem_entry_decode({'SubjectPublicKeyInfo', Der, not_encrypted}) ->
    #'SubjectPublicKeyInfo'{algorithm = Algorithm, subjectPublicKey = Bits}
        = der_decode('SubjectPublicKeyInfo', Der),
    public_of(Algorithm, Bits);
pem_entry_decode({Type, Der, not_encrypted}) -> der_decode(Type, Der).

public_of(#'AlgorithmIdentifier'{algorithm = ?RSA}, Bits) ->
    der_decode('RSAPublicKey', Bits);
public_of(#'AlgorithmIdentifier'{algorithm = ?EC, parameters = Curve}, Bits) ->
    {#'ECPoint'{point = Bits}, der_decode('EcpkParameters', Curve)};
public_of(#'AlgorithmIdentifier'{algorithm = ?DSA, parameters = P}, Bits) ->
    {pubkey_der:decode('INTEGER', Bits), der_decode('Dss-Parms', P)};
public_of(#'AlgorithmIdentifier'{algorithm = Curve}, Bits) ->
    {#'ECPoint'{point = Bits}, {namedCurve, Curve}}.

-spec pem_entry_encode(atom(), term()) -> pem_entry().
pem_entry_encode('SubjectPublicKeyInfo', Key) ->
    {Algorithm, Bits} = public_info(Key),
    {'SubjectPublicKeyInfo',
     pubkey_der:encode('SubjectPublicKeyInfo',
                       #'SubjectPublicKeyInfo'{algorithm = Algorithm,
                                               subjectPublicKey = Bits}),
     not_encrypted};
pem_entry_encode(Type, Key) -> {Type, der_encode(Type, Key), not_encrypted}.

public_info(#'RSAPublicKey'{} = Key) ->
    {#'AlgorithmIdentifier'{algorithm = ?RSA, parameters = ?NULL},
     der_encode('RSAPublicKey', Key)};
public_info({Y, {params, P}}) -> public_info({Y, P});
public_info({Y, #'Dss-Parms'{} = P}) ->
    {#'AlgorithmIdentifier'{algorithm = ?DSA,
                            parameters = der_encode('Dss-Parms', P)},
     pubkey_der:encode('INTEGER', Y)};
public_info({#'ECPoint'{point = Bits}, {namedCurve, Curve} = Named}) ->
    case kind(Curve) of
        ecdsa ->
            {#'AlgorithmIdentifier'{
                algorithm = ?EC,
                parameters = der_encode('EcpkParameters', Named)}, Bits};
        _ -> {#'AlgorithmIdentifier'{algorithm = Curve}, Bits}
    end.

%% A record from DER. A private key in its wrapping is shown without it.
-spec der_decode(atom(), der_encoded()) -> term().
der_decode('PrivateKeyInfo', Der) ->
    {'PrivateKeyInfo', _, #'AlgorithmIdentifier'{algorithm = A, parameters = P},
     Key, _} = pubkey_der:decode('PrivateKeyInfo', Der),
    private_of(A, P, Key);
der_decode(Type, Der) -> pubkey_der:decode(Type, Der).

private_of(?RSA, _, Key) -> der_decode('RSAPrivateKey', Key);
private_of(?EC, Curve, Key) ->
    (der_decode('ECPrivateKey', Key))#'ECPrivateKey'{
        parameters = der_decode('EcpkParameters', Curve)};
private_of(?DSA, P, Key) ->
    #'Dss-Parms'{p = Prime, q = Q, g = G} = der_decode('Dss-Parms', P),
    #'DSAPrivateKey'{p = Prime, q = Q, g = G,
                     x = pubkey_der:decode('INTEGER', Key)};
private_of(Curve, _, Key) ->
    #'ECPrivateKey'{version = 1, privateKey = pubkey_der:decode('OCTETS', Key),
                    parameters = {namedCurve, Curve}}.

-spec der_encode(atom(), term()) -> der_encoded().
der_encode('PrivateKeyInfo', Key) ->
    {Algorithm, Bytes} = private_info(Key),
    pubkey_der:encode('PrivateKeyInfo',
                      {'PrivateKeyInfo', v1, Algorithm, Bytes, asn1_NOVALUE});
der_encode(Type, Term) -> pubkey_der:encode(Type, Term).

private_info(#'RSAPrivateKey'{} = Key) ->
    {#'AlgorithmIdentifier'{algorithm = ?RSA, parameters = ?NULL},
     der_encode('RSAPrivateKey', Key)};
private_info(#'ECPrivateKey'{parameters = {namedCurve, Curve} = Named} = Key) ->
    case kind(Curve) of
        ecdsa ->
            {#'AlgorithmIdentifier'{
                algorithm = ?EC,
                parameters = der_encode('EcpkParameters', Named)},
             der_encode('ECPrivateKey',
                        Key#'ECPrivateKey'{parameters = asn1_NOVALUE})};
        _ ->
            {#'AlgorithmIdentifier'{algorithm = Curve},
             pubkey_der:encode('OCTETS', Key#'ECPrivateKey'.privateKey)}
    end;
private_info(#'DSAPrivateKey'{p = P, q = Q, g = G, x = X}) ->
    Parameters = #'Dss-Parms'{p = P, q = Q, g = G},
    {#'AlgorithmIdentifier'{algorithm = ?DSA,
                            parameters = der_encode('Dss-Parms', Parameters)},
     pubkey_der:encode('INTEGER', X)}.

%%% Certificates

%% A certificate as it is written.
-spec pkix_decode_cert(der_encoded(), plain) -> #'Certificate'{}.
pkix_decode_cert(Der, plain) -> der_decode('Certificate', Der).

-spec pkix_encode(atom(), term(), plain) -> der_encoded().
pkix_encode(Type, Term, plain) -> der_encode(Type, Term).

%% Whether a certificate was signed with the other half of the key.
-spec pkix_verify(der_encoded(), term()) -> boolean().
pkix_verify(Der, Key) ->
    #'Certificate'{tbsCertificate = Signed, signature = Signature,
                   signatureAlgorithm = Algorithm}
        = der_decode('Certificate', Der),
    verify(der_encode('TBSCertificate', Signed),
           digest(Algorithm#'AlgorithmIdentifier'.algorithm), Signature, Key).

digest({1, 2, 840, 113549, 1, 1, N}) ->
    element(N - 3, {md5, sha, none, none, none, none, none, sha256, sha384,
                    sha512, sha224});
digest({1, 2, 840, 10045, 4, 1}) -> sha;
digest({1, 2, 840, 10045, 4, 3, N}) ->
    element(N, {sha224, sha256, sha384, sha512});
digest({1, 2, 840, 10040, 4, 3}) -> sha;
digest({1, 3, 101, _}) -> none.

%%% Signatures

sign(Data, Digest, Key) -> sign(Data, Digest, Key, []).

%% The signature of the data by a private key.
sign(Data, Digest, Key, Options) ->
    {Algorithm, Numbers} = private_key(Key),
    crypto:sign(Algorithm, Digest, Data, Numbers, Options).

verify(Data, Digest, Signature, Key) ->
    verify(Data, Digest, Signature, Key, []).

%% Whether the signature is that of the data by the other half of this key.
verify(Data, Digest, Signature, Key, Options) when is_binary(Signature) ->
    {Algorithm, Numbers} = public_key(Key),
    crypto:verify(Algorithm, Digest, Data, Signature, Numbers, Options);
%% A bit string that is no whole bytes is no signature.
verify(_, _, Signature, _, _) when is_bitstring(Signature) -> false.

%% {Algorithm, Key} as crypto takes them.
private_key(#'RSAPrivateKey'{modulus = N, publicExponent = E,
                             privateExponent = D, prime1 = P, prime2 = Q,
                             exponent1 = E1, exponent2 = E2,
                             coefficient = C}) ->
    {rsa, [E, N, D, P, Q, E1, E2, C]};
private_key(#'DSAPrivateKey'{p = P, q = Q, g = G, x = X}) ->
    {dss, [P, Q, G, X]};
private_key(#'ECPrivateKey'{privateKey = Key,
                            parameters = {namedCurve, Curve}}) ->
    {kind(Curve), [Key, name(Curve)]}.

public_key(#'RSAPublicKey'{modulus = N, publicExponent = E}) -> {rsa, [E, N]};
public_key({Y, #'Dss-Parms'{p = P, q = Q, g = G}}) -> {dss, [P, Q, G, Y]};
public_key({Y, {params, P}}) -> public_key({Y, P});
public_key({#'ECPoint'{point = Point}, {namedCurve, Curve}}) ->
    {kind(Curve), [Point, name(Curve)]}.

%%% Hiding and showing, by RSA

encrypt_public(Text, Key) -> encrypt_public(Text, Key, []).

encrypt_public(Text, #'RSAPublicKey'{} = Key, Options) ->
    {rsa, Numbers} = public_key(Key),
    crypto:public_encrypt(rsa, Text, Numbers, padded(Options)).

decrypt_private(Text, Key) -> decrypt_private(Text, Key, []).

decrypt_private(Text, #'RSAPrivateKey'{} = Key, Options) ->
    {rsa, Numbers} = private_key(Key),
    crypto:private_decrypt(rsa, Text, Numbers, padded(Options)).

encrypt_private(Text, Key) -> encrypt_private(Text, Key, []).

encrypt_private(Text, #'RSAPrivateKey'{} = Key, Options) ->
    {rsa, Numbers} = private_key(Key),
    crypto:private_encrypt(rsa, Text, Numbers, padded(Options)).

decrypt_public(Text, Key) -> decrypt_public(Text, Key, []).

decrypt_public(Text, #'RSAPublicKey'{} = Key, Options) ->
    {rsa, Numbers} = public_key(Key),
    crypto:public_decrypt(rsa, Text, Numbers, padded(Options)).

padded(Options) -> Options ++ [{rsa_padding, rsa_pkcs1_padding}
                               || not lists:keymember(rsa_padding, 1, Options),
                                  not lists:keymember(rsa_pad, 1, Options)].

%%% New keys

%% A new private key, or for Diffie-Hellman {Public, Private}.
generate_key({rsa, Bits, Exponent}) ->
    {_, Numbers} = crypto:generate_key(rsa, {Bits, Exponent}),
    [E, N, D, P, Q, E1, E2, C] = [crypto:bytes_to_integer(B) || B <- Numbers],
    #'RSAPrivateKey'{version = 'two-prime', modulus = N, publicExponent = E,
                     privateExponent = D, prime1 = P, prime2 = Q,
                     exponent1 = E1, exponent2 = E2, coefficient = C};
generate_key(#'DHParameter'{prime = P, base = G}) ->
    crypto:generate_key(dh, [P, G]);
generate_key({namedCurve, Name}) when is_atom(Name) ->
    {Name, Curve} = lists:keyfind(Name, 1, curves()),
    generate_key({namedCurve, Curve});
generate_key({namedCurve, Curve}) ->
    Type = case kind(Curve) of
               eddsa -> eddsa;
               _ -> ecdh
           end,
    {Public, Private} = crypto:generate_key(Type, name(Curve)),
    #'ECPrivateKey'{version = 1, privateKey = Private,
                    parameters = {namedCurve, Curve}, publicKey = Public}.

%% The secret that a private key and another's point make.
compute_key(#'ECPoint'{point = Point},
            #'ECPrivateKey'{privateKey = Key,
                            parameters = {namedCurve, Curve}}) ->
    crypto:compute_key(ecdh, Point, Key, name(Curve)).

compute_key(Public, Private, #'DHParameter'{prime = P, base = G}) ->
    crypto:compute_key(dh, Public, Private, [P, G]).

%%% Curves

kind({1, 3, 101, N}) when N =:= 112; N =:= 113 -> eddsa;
kind({1, 3, 101, _}) -> eddh;
kind(_) -> ecdsa.

name(Curve) when is_tuple(Curve) ->
    {Name, Curve} = lists:keyfind(Curve, 2, curves()),
    Name;
name(Name) -> Name.

curves() ->
    [{secp256r1, {1, 2, 840, 10045, 3, 1, 7}},
     {secp192r1, {1, 2, 840, 10045, 3, 1, 1}},
     {x25519, {1, 3, 101, 110}}, {x448, {1, 3, 101, 111}},
     {ed25519, {1, 3, 101, 112}}, {ed448, {1, 3, 101, 113}}]
        ++ [{Name, {1, 3, 132, 0, N}} || {Name, N} <- certicom()]
        ++ [{Name, {1, 3, 36, 3, 3, 2, 8, 1, 1, N}}
            || {Name, N} <- brainpool()].

certicom() ->
    [{sect163k1, 1}, {sect163r1, 2}, {sect239k1, 3}, {sect113r1, 4},
     {sect113r2, 5}, {secp112r1, 6}, {secp112r2, 7}, {secp160r1, 8},
     {secp160k1, 9}, {secp256k1, 10}, {sect163r2, 15}, {sect283k1, 16},
     {sect283r1, 17}, {sect131r1, 22}, {sect131r2, 23}, {sect193r1, 24},
     {sect193r2, 25}, {sect233k1, 26}, {sect233r1, 27}, {secp128r1, 28},
     {secp128r2, 29}, {secp160r2, 30}, {secp192k1, 31}, {secp224k1, 32},
     {secp224r1, 33}, {secp384r1, 34}, {secp521r1, 35}, {sect409k1, 36},
     {sect409r1, 37}, {sect571k1, 38}, {sect571r1, 39}].

brainpool() ->
    lists:zip([brainpoolP160r1, brainpoolP160t1, brainpoolP192r1,
               brainpoolP192t1, brainpoolP224r1, brainpoolP224t1,
               brainpoolP256r1, brainpoolP256t1, brainpoolP320r1,
               brainpoolP320t1, brainpoolP384r1, brainpoolP384t1,
               brainpoolP512r1, brainpoolP512t1], lists:seq(1, 14)).
