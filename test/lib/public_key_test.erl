%% SPDX-License-Identifier: Apache-2.0
%% public_key: keys and certificates from PEM and back, and what they are for.
%% expect: {{namedCurve,{1,2,840,10045,3,1,7}},63783557}
%% expect: true
%% expect: {107663319,true}
%% expect: true
%% expect: {'Certificate',4236223,[{'Extension',{2,5,29,19},true,<<48,3,1,1,255>>}]}
%% expect: true
%% expect: {true,false}
%% expect: {true,false,true}
%% expect: true
%% expect: true
%% expect: [true,true]
%% expect: <<"secret">>
%% expect: <<"open">>
%% expect: [true,true]
%% expect: <<"-----BEGIN RSA PUBLIC KEY-----\nMDgCMwEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAQIBAw==\n-----END RSA PUBLIC KEY-----\n\n">>
%% expect: [{'RSAPrivateKey',<<0,1,2>>,{"DES-EDE3-CBC",<<1,2,3,4,5,6,7,8>>}}]
-module(public_key_test).
-export([main/0]).

main() ->
    [{'EcpkParameters', _, _} = Curve, {'ECPrivateKey', _, _} = Entry]
        = public_key:pem_decode(ec_key()),
    Key = public_key:pem_entry_decode(Entry),
    show({public_key:pem_entry_decode(Curve), erlang:phash2(Key)}),
    show(public_key:pem_entry_encode('ECPrivateKey', Key) =:= Entry),
    Public = {{'ECPoint', element(5, Key)}, element(4, Key)},
    Info = public_key:pem_entry_encode('SubjectPublicKeyInfo', Public),
    show({erlang:phash2(Info), public_key:pem_entry_decode(Info) =:= Public}),
    Wrapped = public_key:der_encode('PrivateKeyInfo', Key),
    show(public_key:der_decode('PrivateKeyInfo', Wrapped) =:= Key),
    certificate(Public),
    signatures(Key, Public),
    rsa(),
    hidden().

%% It signed itself.
certificate(Public) ->
    [{'Certificate', Der, not_encrypted}]
        = public_key:pem_decode(certificate()),
    Plain = public_key:pkix_decode_cert(Der, plain),
    show({element(1, Plain), erlang:phash2(Plain),
          [E || {'Extension', _, true, _} = E <-
                    element(11, element(2, Plain))]}),
    show(public_key:pkix_encode('Certificate', Plain, plain) =:= Der),
    Other = public_key:generate_key({namedCurve, secp256r1}),
    show({public_key:pkix_verify(Der, Public),
          public_key:pkix_verify(Der, {{'ECPoint', element(5, Other)},
                                       element(4, Other)})}).

signatures(Key, Public) ->
    Signature = public_key:sign("text", sha256, Key),
    show({public_key:verify("text", sha256, Signature, Public),
          public_key:verify("texts", sha256, Signature, Public),
          public_key:verify({digest, crypto:hash(sha256, "text")}, sha256,
                            Signature, Public)}),
    Ed = public_key:generate_key({namedCurve, ed25519}),
    show(public_key:verify("text", none, public_key:sign("text", none, Ed),
                           {{'ECPoint', element(5, Ed)}, element(4, Ed)})),
    A = public_key:generate_key({namedCurve, {1, 3, 132, 0, 34}}),
    B = public_key:generate_key({namedCurve, secp384r1}),
    show(public_key:compute_key({'ECPoint', element(5, A)}, B) =:=
             public_key:compute_key({'ECPoint', element(5, B)}, A)).

rsa() ->
    Key = public_key:generate_key({rsa, 1024, 65537}),
    Public = {'RSAPublicKey', element(3, Key), element(4, Key)},
    show([public_key:der_decode(T, public_key:der_encode(T, Key)) =:= Key
          || T <- ['RSAPrivateKey', 'PrivateKeyInfo']]),
    show(public_key:decrypt_private(
           public_key:encrypt_public(<<"secret">>, Public), Key)),
    show(public_key:decrypt_public(
           public_key:encrypt_private(<<"open">>, Key), Public)),
    Pem = public_key:pem_encode(
            [public_key:pem_entry_encode('RSAPrivateKey', Key),
             public_key:pem_entry_encode('SubjectPublicKeyInfo', Public)]),
    show([public_key:pem_entry_decode(E) =:= K
          || {E, K} <- lists:zip(public_key:pem_decode(Pem), [Key, Public])]),
    show(public_key:pem_encode(
           [public_key:pem_entry_encode('RSAPublicKey',
                                        {'RSAPublicKey', 1 bsl 400 + 1, 3})])).

%% Of a key with a password only that can be told.
hidden() ->
    show(public_key:pem_decode(
           <<"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
             "DEK-Info: DES-EDE3-CBC,0102030405060708\n\nAAEC\n"
             "-----END RSA PRIVATE KEY-----\n">>)).

show(Term) -> io:format("~0p~n", [Term]).

ec_key() ->
    <<"-----BEGIN EC PARAMETERS-----\n"
      "BggqhkjOPQMBBw==\n"
      "-----END EC PARAMETERS-----\n"
      "-----BEGIN EC PRIVATE KEY-----\n"
      "MHcCAQEEIEvS8lCv5M18iD7P2AEZvIBYjixdsN5TJefh0Rh6BzSEoAoGCCqGSM49\n"
      "AwEHoUQDQgAE7v5rkfjNEV7ptOzZFfUElK1lKbNulk5yVUdvnDpAkCht2mP0QoiH\n"
      "hwSWl7mZclivdSmhgcIqovnFhY4UDobRow==\n"
      "-----END EC PRIVATE KEY-----\n">>.

certificate() ->
    <<"-----BEGIN CERTIFICATE-----\n"
      "MIIBbTCCAROgAwIBAgIUAz73uEdD1DP4OcZ+vRAdX1EB1rkwCgYIKoZIzj0EAwIw\n"
      "DDEKMAgGA1UEAwwBRTAeFw0yNjExMjEyMzAyMDlaFw0yNjExMjQyMzAyMDlaMAwx\n"
      "CjAIBgNVBAMMAUUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATu/muR+M0RXum0\n"
      "7NkV9QSUrWUps26WTnJVR2+cOkCQKG3aY/RCiIeHBJaXuZlyWK91KaGBwiqi+cWF\n"
      "jhQOhtGjo1MwUTAdBgNVHQ4EFgQUxfiJGEUvIfGnVCkDc9zRK1oILfMwHwYDVR0j\n"
      "BBgwFoAUxfiJGEUvIfGnVCkDc9zRK1oILfMwDwYDVR0TAQH/BAUwAwEB/zAKBggq\n"
      "hkjOPQQDAgNIADBFAiEA4UGBb6Br7MpT0P9VP7O0E76ZumcXG028+fuaea9zUiEC\n"
      "IFyauGlxIT6by9oRwdmTIqMS65WdCk7BO5hjszz963Ie\n"
      "-----END CERTIFICATE-----\n">>.
