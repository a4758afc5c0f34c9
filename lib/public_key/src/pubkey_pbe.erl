%% SPDX-License-Identifier: Apache-2.0
%% pubkey_pbe: keys hidden by a password: as PKCS 5 has it in two versions, and
%% as OpenSSL had it before (a salt in the head of a PEM entry).
%%
%% Parameters: a salt, {#'PBEParameter'{}, Digest} or #'PBES2-params'{}.
-module(pubkey_pbe).

-export([encode/4, decode/4, pbdkdf1/4, pbdkdf2/7, decrypt_parameters/1,
         encrypt_parameters/1]).

-include("public_key.hrl").

encode(Bytes, Password, Cipher, Parameters) ->
    {_, _, Name, _, Block} = cipher(Cipher),
    {Key, Iv} = key_and_iv(Password, Cipher, Parameters),
    N = Block - byte_size(Bytes) rem Block,
    Padded = [Bytes, binary:copy(<<N>>, N)],
    crypto:crypto_one_time(Name, Key, Iv, Padded, true).

%% What fills the last block stays: DER says itself where it ends.
decode(Bytes, Password, Cipher, Parameters) ->
    {_, _, Name, _, _} = cipher(Cipher),
    {Key, Iv} = key_and_iv(Password, Cipher, Parameters),
    crypto:crypto_one_time(Name, Key, Iv, Bytes, false).

%% {Name, Identifier, crypto's name, Bytes of its key, Bytes of a block}
ciphers() ->
    [{"DES-CBC", ?desCBC, des_cbc, 8, 8},
     {"DES-EDE3-CBC", ?'des-EDE3-CBC', des_ede3_cbc, 24, 8},
     {"RC2-CBC", ?rc2CBC, rc2_cbc, 16, 8},
     {"AES-128-CBC", ?'id-aes128-CBC', aes_128_cbc, 16, 16},
     {"AES-192-CBC", ?'id-aes192-CBC', aes_192_cbc, 24, 16},
     {"AES-256-CBC", ?'id-aes256-CBC', aes_256_cbc, 32, 16}].

cipher(Name) ->
    At = case is_list(Name) of
             true -> 1;
             false -> 2
         end,
    {_, _, _, _, _} = lists:keyfind(Name, At, ciphers()).

key_and_iv(Password, _, #'PBES2-params'{
                           keyDerivationFunc = Derivation,
                           encryptionScheme = Scheme}) ->
    #'PBES2-params_keyDerivationFunc'{
       algorithm = ?'id-PBKDF2',
       parameters = #'PBKDF2-params'{salt = {specified, Salt},
                                     iterationCount = Count,
                                     keyLength = Told, prf = Prf}}
        = Derivation,
    #'PBES2-params_encryptionScheme'{algorithm = Id, parameters = Parameters}
        = Scheme,
    {_, _, _, Usual, _} = cipher(Id),
    Size = case Told of
               asn1_NOVALUE -> Usual;
               _ -> Told
           end,
    {crypto:pbkdf2_hmac(digest(Prf), iolist_to_binary(Password), Salt, Count,
                        Size), iv(Id, Parameters)};
key_and_iv(Password, _, {#'PBEParameter'{salt = Salt, iterationCount = Count},
                         Digest}) ->
    <<Key:8/binary, Iv:8/binary, _/binary>>
        = pbdkdf1(Password, Salt, Count, Digest),
    {Key, Iv};
key_and_iv(Password, Cipher, <<Salt:8/binary, _/binary>> = Iv) ->
    {_, _, _, Size, _} = cipher(Cipher),
    First = crypto:hash(md5, [Password, Salt]),
    Second = crypto:hash(md5, [First, Password, Salt]),
    {binary:part(<<First/binary, Second/binary>>, 0, Size), Iv}.

%% OpenSSL's name of the function, and those that PKCS 5 has.
digest(#'PBKDF2-params_prf'{algorithm = {_, _, _, 'id-hmacWithSHA1'}}) -> sha;
digest(#'PBKDF2-params_prf'{algorithm = {1, 2, 840, 113549, 2, N}}) ->
    maps:get(N, #{7 => sha, 8 => sha224, 9 => sha256, 10 => sha384,
                  11 => sha512}).

iv(?rc2CBC, {asn1_OPENTYPE, Der}) ->
    {ok, #'RC2-CBC-Parameter'{iv = Iv}}
        = 'PKCS-FRAME':decode('RC2-CBC-Parameter', Der),
    Iv;
iv(_, {asn1_OPENTYPE, <<4, Size, Iv:Size/binary>>}) -> Iv.

%% The digest of the digest ..., so many times.
pbdkdf1(_, _, 0, Key) -> Key;
pbdkdf1(Password, Salt, Count, Digest) ->
    again(crypto:hash(Digest, [Password, Salt]), Count - 1, Digest).

again(Hash, 0, _) -> Hash;
again(Hash, Count, Digest) ->
    again(crypto:hash(Digest, Hash), Count - 1, Digest).

%% The function and the size of what it gives are those of the digest.
pbdkdf2(Password, Salt, Count, Size, _Function, Digest, _FunctionSize) ->
    crypto:pbkdf2_hmac(Digest, iolist_to_binary(Password),
                       iolist_to_binary(Salt), Count, Size).

%% {Cipher, Parameters} as the entry of a PEM file tells them.
decrypt_parameters(#'EncryptedPrivateKeyInfo_encryptionAlgorithm'{
                      algorithm = ?'id-PBES2',
                      parameters = {asn1_OPENTYPE, Der}}) ->
    {ok, #'PBES2-params'{
            encryptionScheme =
                #'PBES2-params_encryptionScheme'{algorithm = Id}} = Parameters}
        = 'PKCS-FRAME':decode('PBES2-params', Der),
    {element(1, cipher(Id)), Parameters};
decrypt_parameters(#'EncryptedPrivateKeyInfo_encryptionAlgorithm'{
                      algorithm = Id, parameters = {asn1_OPENTYPE, Der}}) ->
    {ok, Parameters} = 'PKCS-FRAME':decode('PBEParameter', Der),
    {_, Cipher, Digest} = lists:keyfind(Id, 1, old_kinds()),
    {Cipher, {Parameters, Digest}}.

encrypt_parameters({_, #'PBES2-params'{} = Parameters}) ->
    {ok, Der} = 'PKCS-FRAME':encode('PBES2-params', Parameters),
    #'EncryptedPrivateKeyInfo_encryptionAlgorithm'{
       algorithm = ?'id-PBES2', parameters = {asn1_OPENTYPE, Der}};
encrypt_parameters({Cipher, {#'PBEParameter'{} = Parameters, Digest}}) ->
    {ok, Der} = 'PKCS-FRAME':encode('PBEParameter', Parameters),
    [Id] = [I || {I, C, D} <- old_kinds(), C =:= Cipher, D =:= Digest],
    #'EncryptedPrivateKeyInfo_encryptionAlgorithm'{
       algorithm = Id, parameters = {asn1_OPENTYPE, Der}}.

old_kinds() ->
    [{?'pbeWithSHA1AndRC2-CBC', "RC2-CBC", sha},
     {?'pbeWithSHA1AndDES-CBC', "DES-CBC", sha},
     {?'pbeWithMD5AndRC2-CBC', "RC2-CBC", md5},
     {?'pbeWithMD5AndDES-CBC', "DES-CBC", md5}].
