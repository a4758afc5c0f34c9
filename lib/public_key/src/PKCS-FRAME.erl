%% SPDX-License-Identifier: Apache-2.0
%% PKCS-FRAME: the types of private keys in their wrappings (PKCS 8) and of what
%% passwords hide (PKCS 5), as pubkey_der describes types.
-module('PKCS-FRAME').

-export([decode/2, encode/2, type/1, open/2]).

-include("PKCS-FRAME.hrl").

decode(Type, Bytes) -> pubkey_der:decode(?MODULE, Type, Bytes).

encode(Type, Value) -> pubkey_der:encode(?MODULE, Type, Value).

type('PrivateKeyInfo') ->
    {seq, 'PrivateKeyInfo',
     [{int, [{v1, 0}]},
      algorithm('PrivateKeyInfo_privateKeyAlgorithm', opentype), octets,
      {opt, {im, 0, 'Attributes'}}]};
type('OneAsymmetricKey') ->
    {seq, 'OneAsymmetricKey',
     [{int, [{v1, 0}]},
      algorithm('OneAsymmetricKey_privateKeyAlgorithm', opentype), octets,
      {opt, {im, 0, 'Attributes'}}, {opt, {im, 1, bits}}, more]};
type('Attributes') ->
    {setof, {seq, 'PKAttribute', [oid, {setof, opentype}, {opt, any}]}};
type('PrivateKey') -> octets;
type('PublicKey') -> bits;
type('EncryptedPrivateKeyInfo') ->
    {seq, 'EncryptedPrivateKeyInfo',
     [algorithm('EncryptedPrivateKeyInfo_encryptionAlgorithm', opentype),
      octets]};
type('EncryptedData') -> octets;
type('PBEParameter') -> {seq, 'PBEParameter', [{octets, 8}, int]};
type('PBES2-params') ->
    {seq, 'PBES2-params',
     [algorithm('PBES2-params_keyDerivationFunc', {open, derivations}),
      algorithm('PBES2-params_encryptionScheme', opentype)]};
type('PBMAC1-params') ->
    {seq, 'PBMAC1-params',
     [algorithm('PBMAC1-params_keyDerivationFunc', {open, derivations}),
      algorithm('PBMAC1-params_messageAuthScheme', opentype)]};
type('PBKDF2-params') ->
    {seq, 'PBKDF2-params',
     [{choice, [{specified, octets},
                {otherSource,
                 algorithm('PBKDF2-params_salt_otherSource', opentype)}]},
      {range, 1, infinity}, {opt, {range, 1, infinity}},
      {default, {'PBKDF2-params_prf', ?'id-hmacWithSHA1', 'NULL'},
       algorithm('PBKDF2-params_prf', {open, functions})}]};
type('RC2-CBC-Parameter') ->
    {seq, 'RC2-CBC-Parameter', [{opt, int}, {octets, 8}]};
type('RC5-CBC-Parameters') ->
    {seq, 'RC5-CBC-Parameters',
     [{int, [{'v1-0', 16}]}, {range, 8, 127}, int, {opt, octets}]};
type(_) -> undefined.

algorithm(Name, Parameters) -> {seq, Name, [oid, {opt, Parameters}]}.

open(derivations, ?'id-PBKDF2') -> 'PBKDF2-params';
open(functions, ?'id-hmacWithSHA1') -> null;
open(_, _) -> opentype.
