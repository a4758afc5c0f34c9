%% SPDX-License-Identifier: Apache-2.0
%% Cipher suites: the numbers and parts of those that OTP knows, in its order
%% of preference, and their names in the RFCs and in OpenSSL.
-module(ssl_suites).

-export([list/2, filter/2, from_code/1, to_name/1, to_openssl/1, from_name/1,
         ok/1, chosen/1]).

-define(DEFAULT, default_prf).

%% Suites of a kind, as maps.
list(Kind, 'dtlsv1.2') -> list(Kind, 'tlsv1.2');
list(Kind, dtlsv1) -> list(Kind, 'tlsv1.1');
list(Kind, Version) -> [to_map(S) || S <- kind(Kind, Version)].

kind(exclusive, 'tlsv1.3') -> suites(exclusive13);
kind(exclusive, 'tlsv1.2') -> suites(exclusive12);
kind(exclusive, 'tlsv1.1') -> [];
kind(exclusive, tlsv1) -> suites(exclusive10);
kind(default, 'tlsv1.3') -> suites(exclusive13) ++ kind(default, 'tlsv1.2');
kind(default, 'tlsv1.2') -> suites(exclusive12) ++ suites(exclusive10);
kind(default, _) -> suites(exclusive10);
kind(all, 'tlsv1.3') -> suites(exclusive13) ++ kind(all, 'tlsv1.2');
kind(all, 'tlsv1.2') ->
    Rare = suites(rsa_psk) ++ suites(srp),
    kind(default, 'tlsv1.2')
        ++ [S || {_, _, Cipher, _, _} = S <- Rare, Cipher =/= '3des_ede_cbc']
        ++ suites(rsa12) ++ suites(weak);
kind(all, 'tlsv1.1') ->
    suites(exclusive10) ++ suites(srp) ++ suites(weak);
kind(all, tlsv1) ->
    suites(exclusive10) ++ suites(rsa_psk) ++ suites(srp) ++ suites(weak);
kind(exclusive_anonymous, 'tlsv1.3') -> [];
kind(exclusive_anonymous, 'tlsv1.2') -> suites(anonymous12);
kind(exclusive_anonymous, 'tlsv1.1') -> suites(anonymous11);
kind(exclusive_anonymous, tlsv1) -> suites(anonymous10);
kind(anonymous, 'tlsv1.2') ->
    suites(anonymous12) ++ kind(anonymous, 'tlsv1.1');
kind(anonymous, 'tlsv1.1') -> suites(anonymous11) ++ suites(anonymous10);
kind(anonymous, Version) -> kind(exclusive_anonymous, Version).

every() -> kind(all, 'tlsv1.3') ++ suites(rsa_psk) ++ suites(srp)
               ++ kind(anonymous, 'tlsv1.2').

to_map({_, Kex, Cipher, Mac, Prf}) ->
    #{key_exchange => Kex, cipher => Cipher, mac => Mac, prf => Prf}.

%% The suite of the number that is sent.
from_code(Code) ->
    case lists:keyfind(Code, 1, every()) of
        false -> #{key_exchange => null, cipher => null, mac => null,
                   prf => null};
        Suite -> to_map(Suite)
    end.

filter(Suites, Filters) ->
    [S || S <- Suites,
          lists:all(fun({Key, Fun}) -> Fun(maps:get(Key, S));
                       (_) -> true
                    end, Filters)].

%% ---- names ----

to_name(#{key_exchange := null, cipher := null}) ->
    "TLS_EMPTY_RENEGOTIATION_INFO_SCSV";
to_name(#{key_exchange := Kex, cipher := Cipher} = Suite) ->
    string:join(["TLS" | kex(Kex)] ++ [upper(Cipher) | hash(Suite)], "_").

kex(any) -> [];
kex(dh_anon) -> ["DH_anon", "WITH"];
kex(ecdh_anon) -> ["ECDH_anon", "WITH"];
kex(srp_anon) -> ["SRP_SHA", "WITH"];
kex(srp_rsa) -> ["SRP_SHA_RSA", "WITH"];
kex(srp_dss) -> ["SRP_SHA_DSS", "WITH"];
kex(Kex) -> [upper(Kex), "WITH"].

hash(#{mac := aead, prf := ?DEFAULT}) -> [];
hash(#{mac := aead, prf := Prf}) -> [upper(Prf)];
hash(#{mac := Mac}) -> [upper(Mac)].

upper(Atom) -> string:uppercase(atom_to_list(Atom)).

to_openssl(#{key_exchange := any} = Suite) -> to_name(Suite);
to_openssl(#{key_exchange := Kex, cipher := Cipher} = Suite) ->
    string:join(openssl_kex(Kex, Cipher) ++ openssl_cipher(Kex, Cipher)
                ++ openssl_hash(Suite), "-").

openssl_kex(rsa, _) -> [];
openssl_kex(dhe_rsa, Cipher) when Cipher =:= '3des_ede_cbc';
                                  Cipher =:= des_cbc -> ["EDH-RSA"];
openssl_kex(dh_anon, _) -> ["ADH"];
openssl_kex(ecdh_anon, _) -> ["AECDH"];
openssl_kex(srp_anon, _) -> ["SRP"];
openssl_kex(Kex, _) -> [dashes(upper(Kex))].

%% The names are as old as the suites are.
openssl_cipher(Kex, '3des_ede_cbc')
  when Kex =:= psk; Kex =:= dhe_psk; Kex =:= ecdhe_psk; Kex =:= srp_anon ->
    ["3DES-EDE-CBC"];
openssl_cipher(_, '3des_ede_cbc') -> ["DES-CBC3"];
openssl_cipher(_, des_cbc) -> ["DES-CBC"];
openssl_cipher(_, rc4_128) -> ["RC4"];
openssl_cipher(Kex, Cipher) when Kex =:= srp_anon; Kex =:= srp_rsa ->
    [dashes(upper(Cipher))];
openssl_cipher(Kex, Cipher) ->
    case string:lexemes(upper(Cipher), "_") of
        ["AES", Size, "CBC"] ->
            Named = lists:member(Kex, [psk, dhe_psk, ecdhe_psk, rsa_psk,
                                       srp_dss]),
            ["AES" ++ Size | ["CBC" || Named]];
        ["AES", Size, "CCM", "8"] -> ["AES" ++ Size, "CCM8"];
        ["AES", Size, Mode] -> ["AES" ++ Size, Mode];
        Parts -> Parts
    end.

openssl_hash(#{cipher := chacha20_poly1305}) -> [];
openssl_hash(Suite) -> hash(Suite).

dashes(Text) -> lists:map(fun($_) -> $-; (C) -> C end, Text).

%% The suite of a name of either kind; throws not_recognized.
from_name(Name) ->
    Maps = [to_map(S) || S <- every()],
    case [M || M <- Maps, to_openssl(M) =:= Name orelse to_name(M) =:= Name] of
        [Suite | _] -> Suite;
        [] -> throw({not_recognized, Name})
    end.

%% ---- option ciphers: maps, tuples as of old, names, or one text ----

ok(Value) ->
    try chosen(Value) of
        _ -> true
    catch _:_ -> false
    end.

chosen([]) -> [];
chosen([Map | _] = Maps) when is_map(Map) ->
    known(Maps);
chosen([Tuple | _] = Tuples) when is_tuple(Tuple) ->
    known([from_tuple(T) || T <- Tuples]);
chosen([Code | _] = Codes) when is_binary(Code) ->
    [from_code(C) || <<C:16>> <- Codes];
chosen([Name | _] = Names) when is_list(Name) -> [from_name(N) || N <- Names];
chosen(Text) -> [from_name(N) || N <- string:lexemes(Text, ":")].

known(Maps) ->
    All = [to_map(S) || S <- every()],
    [throw({not_recognized, M}) || M <- Maps, not lists:member(M, All)],
    Maps.

from_tuple({Kex, Cipher, Mac}) -> from_tuple({Kex, Cipher, Mac, ?DEFAULT});
from_tuple({Kex, Cipher, Mac, Prf}) ->
    Aead = lists:member(Cipher, [aes_128_gcm, aes_256_gcm, chacha20_poly1305]),
    #{key_exchange => Kex, cipher => Cipher, prf => Prf,
      mac => case Aead of true -> aead; false -> Mac end}.

%% ---- {Number, KeyExchange, Cipher, Mac, Prf} ----

suites(exclusive13) ->
    [{16#1302, any, aes_256_gcm, aead, sha384},
     {16#1301, any, aes_128_gcm, aead, sha256},
     {16#1303, any, chacha20_poly1305, aead, sha256},
     {16#1304, any, aes_128_ccm, aead, sha256},
     {16#1305, any, aes_128_ccm_8, aead, sha256}];
suites(exclusive12) ->
    [{16#C02C, ecdhe_ecdsa, aes_256_gcm, aead, sha384},
     {16#C030, ecdhe_rsa, aes_256_gcm, aead, sha384},
     {16#C0AD, ecdhe_ecdsa, aes_256_ccm, aead, default_prf},
     {16#C0AF, ecdhe_ecdsa, aes_256_ccm_8, aead, default_prf},
     {16#C024, ecdhe_ecdsa, aes_256_cbc, sha384, sha384},
     {16#C028, ecdhe_rsa, aes_256_cbc, sha384, sha384},
     {16#CCA9, ecdhe_ecdsa, chacha20_poly1305, aead, sha256},
     {16#CCA8, ecdhe_rsa, chacha20_poly1305, aead, sha256},
     {16#C02B, ecdhe_ecdsa, aes_128_gcm, aead, sha256},
     {16#C02F, ecdhe_rsa, aes_128_gcm, aead, sha256},
     {16#C0AC, ecdhe_ecdsa, aes_128_ccm, aead, default_prf},
     {16#C0AE, ecdhe_ecdsa, aes_128_ccm_8, aead, default_prf},
     {16#C02E, ecdh_ecdsa, aes_256_gcm, aead, sha384},
     {16#C032, ecdh_rsa, aes_256_gcm, aead, sha384},
     {16#C026, ecdh_ecdsa, aes_256_cbc, sha384, sha384},
     {16#C02A, ecdh_rsa, aes_256_cbc, sha384, sha384},
     {16#C02D, ecdh_ecdsa, aes_128_gcm, aead, sha256},
     {16#C031, ecdh_rsa, aes_128_gcm, aead, sha256},
     {16#C023, ecdhe_ecdsa, aes_128_cbc, sha256, sha256},
     {16#C027, ecdhe_rsa, aes_128_cbc, sha256, sha256},
     {16#C025, ecdh_ecdsa, aes_128_cbc, sha256, sha256},
     {16#C029, ecdh_rsa, aes_128_cbc, sha256, sha256},
     {16#009F, dhe_rsa, aes_256_gcm, aead, sha384},
     {16#00A3, dhe_dss, aes_256_gcm, aead, sha384},
     {16#006B, dhe_rsa, aes_256_cbc, sha256, default_prf},
     {16#006A, dhe_dss, aes_256_cbc, sha256, default_prf},
     {16#009E, dhe_rsa, aes_128_gcm, aead, sha256},
     {16#00A2, dhe_dss, aes_128_gcm, aead, sha256},
     {16#CCAA, dhe_rsa, chacha20_poly1305, aead, sha256},
     {16#0067, dhe_rsa, aes_128_cbc, sha256, default_prf},
     {16#0040, dhe_dss, aes_128_cbc, sha256, default_prf}];
suites(exclusive10) ->
    [{16#C00A, ecdhe_ecdsa, aes_256_cbc, sha, default_prf},
     {16#C014, ecdhe_rsa, aes_256_cbc, sha, default_prf},
     {16#C005, ecdh_ecdsa, aes_256_cbc, sha, default_prf},
     {16#C00F, ecdh_rsa, aes_256_cbc, sha, default_prf},
     {16#C009, ecdhe_ecdsa, aes_128_cbc, sha, default_prf},
     {16#C013, ecdhe_rsa, aes_128_cbc, sha, default_prf},
     {16#C004, ecdh_ecdsa, aes_128_cbc, sha, default_prf},
     {16#C00E, ecdh_rsa, aes_128_cbc, sha, default_prf},
     {16#0039, dhe_rsa, aes_256_cbc, sha, default_prf},
     {16#0038, dhe_dss, aes_256_cbc, sha, default_prf},
     {16#0033, dhe_rsa, aes_128_cbc, sha, default_prf},
     {16#0032, dhe_dss, aes_128_cbc, sha, default_prf}];
suites(rsa_psk) ->
    [{16#00AD, rsa_psk, aes_256_gcm, aead, sha384},
     {16#00B7, rsa_psk, aes_256_cbc, sha384, sha384},
     {16#00AC, rsa_psk, aes_128_gcm, aead, sha256},
     {16#00B6, rsa_psk, aes_128_cbc, sha256, default_prf},
     {16#0095, rsa_psk, aes_256_cbc, sha, default_prf},
     {16#0094, rsa_psk, aes_128_cbc, sha, default_prf},
     {16#0094, rsa_psk, '3des_ede_cbc', sha, default_prf},
     {16#0092, rsa_psk, rc4_128, sha, default_prf}];
suites(srp) ->
    [{16#C021, srp_rsa, aes_256_cbc, sha, default_prf},
     {16#C022, srp_dss, aes_256_cbc, sha, default_prf},
     {16#C01E, srp_rsa, aes_128_cbc, sha, default_prf},
     {16#C01F, srp_dss, aes_128_cbc, sha, default_prf},
     {16#C01B, srp_rsa, '3des_ede_cbc', sha, default_prf},
     {16#C01C, srp_dss, '3des_ede_cbc', sha, default_prf}];
suites(rsa12) ->
    [{16#009D, rsa, aes_256_gcm, aead, sha384},
     {16#003D, rsa, aes_256_cbc, sha256, default_prf},
     {16#009C, rsa, aes_128_gcm, aead, sha256},
     {16#003C, rsa, aes_128_cbc, sha256, default_prf}];
suites(weak) ->
    [{16#0035, rsa, aes_256_cbc, sha, default_prf},
     {16#002F, rsa, aes_128_cbc, sha, default_prf},
     {16#000A, rsa, '3des_ede_cbc', sha, default_prf},
     {16#C008, ecdhe_ecdsa, '3des_ede_cbc', sha, default_prf},
     {16#C012, ecdhe_rsa, '3des_ede_cbc', sha, default_prf},
     {16#0016, dhe_rsa, '3des_ede_cbc', sha, default_prf},
     {16#0013, dhe_dss, '3des_ede_cbc', sha, default_prf},
     {16#C003, ecdh_ecdsa, '3des_ede_cbc', sha, default_prf},
     {16#C00D, ecdh_rsa, '3des_ede_cbc', sha, default_prf},
     {16#0015, dhe_rsa, des_cbc, sha, default_prf},
     {16#0009, rsa, des_cbc, sha, default_prf},
     {16#C007, ecdhe_ecdsa, rc4_128, sha, default_prf},
     {16#C011, ecdhe_rsa, rc4_128, sha, default_prf},
     {16#C002, ecdh_ecdsa, rc4_128, sha, default_prf},
     {16#C00C, ecdh_rsa, rc4_128, sha, default_prf},
     {16#0005, rsa, rc4_128, sha, default_prf},
     {16#0004, rsa, rc4_128, md5, default_prf}];
suites(anonymous12) ->
    [{16#00AB, dhe_psk, aes_256_gcm, aead, sha384},
     {16#00A9, psk, aes_256_gcm, aead, sha384},
     {16#C0A7, dhe_psk, aes_256_ccm, aead, default_prf},
     {16#C0AB, dhe_psk, aes_256_ccm_8, aead, default_prf},
     {16#C0A5, psk, aes_256_ccm, aead, default_prf},
     {16#C0A9, psk, aes_256_ccm_8, aead, default_prf},
     {16#D001, ecdhe_psk, aes_128_gcm, aead, sha256},
     {16#D005, ecdhe_psk, aes_128_ccm, aead, sha256},
     {16#D003, ecdhe_psk, aes_128_ccm_8, aead, sha256},
     {16#00AA, dhe_psk, aes_128_gcm, aead, sha256},
     {16#00A8, psk, aes_128_gcm, aead, sha256},
     {16#D001, ecdhe_psk, aes_128_gcm, aead, sha256},
     {16#D003, ecdhe_psk, aes_128_ccm_8, aead, sha256},
     {16#C0A6, dhe_psk, aes_128_ccm, aead, default_prf},
     {16#C0AA, dhe_psk, aes_128_ccm_8, aead, default_prf},
     {16#C0A4, psk, aes_128_ccm, aead, default_prf},
     {16#C0A8, psk, aes_128_ccm_8, aead, default_prf},
     {16#00A6, dh_anon, aes_128_gcm, aead, sha256},
     {16#00A7, dh_anon, aes_256_gcm, aead, sha384},
     {16#006C, dh_anon, aes_128_cbc, sha256, sha256},
     {16#006D, dh_anon, aes_256_cbc, sha256, sha256},
     {16#C018, ecdh_anon, aes_128_cbc, sha, default_prf},
     {16#C019, ecdh_anon, aes_256_cbc, sha, default_prf},
     {16#C017, ecdh_anon, '3des_ede_cbc', sha, default_prf},
     {16#0018, dh_anon, rc4_128, md5, default_prf}];
suites(anonymous11) ->
    [{16#C018, ecdh_anon, aes_128_cbc, sha, default_prf},
     {16#C019, ecdh_anon, aes_256_cbc, sha, default_prf},
     {16#C017, ecdh_anon, '3des_ede_cbc', sha, default_prf},
     {16#001A, dh_anon, des_cbc, sha, default_prf},
     {16#0018, dh_anon, rc4_128, md5, default_prf}];
suites(anonymous10) ->
    [{16#C038, ecdhe_psk, aes_256_cbc, sha384, sha384},
     {16#00B3, dhe_psk, aes_256_cbc, sha384, sha384},
     {16#00AF, psk, aes_256_cbc, sha384, sha384},
     {16#C037, ecdhe_psk, aes_128_cbc, sha256, sha256},
     {16#00B2, dhe_psk, aes_128_cbc, sha256, sha256},
     {16#00AE, psk, aes_128_cbc, sha256, sha256},
     {16#C033, ecdhe_psk, rc4_128, sha, default_prf},
     {16#0091, dhe_psk, aes_256_cbc, sha, default_prf},
     {16#008D, psk, aes_256_cbc, sha, default_prf},
     {16#C035, ecdhe_psk, aes_128_cbc, sha, default_prf},
     {16#0090, dhe_psk, aes_128_cbc, sha, default_prf},
     {16#008C, psk, aes_128_cbc, sha, default_prf},
     {16#C034, ecdhe_psk, '3des_ede_cbc', sha, default_prf},
     {16#008F, dhe_psk, '3des_ede_cbc', sha, default_prf},
     {16#008B, psk, '3des_ede_cbc', sha, default_prf},
     {16#C033, ecdhe_psk, rc4_128, sha, default_prf},
     {16#008E, dhe_psk, rc4_128, sha, default_prf},
     {16#008A, psk, rc4_128, sha, default_prf},
     {16#0018, dh_anon, rc4_128, md5, default_prf},
     {16#001B, dh_anon, '3des_ede_cbc', sha, default_prf},
     {16#001A, dh_anon, des_cbc, sha, default_prf},
     {16#C01D, srp_anon, aes_128_cbc, sha, default_prf},
     {16#C020, srp_anon, aes_256_cbc, sha, default_prf},
     {16#C01A, srp_anon, '3des_ede_cbc', sha, default_prf}].
