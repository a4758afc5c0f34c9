%% SPDX-License-Identifier: Apache-2.0
%% crypto_ec_curves: the elliptic curves that have names. What they are made
%% of, libcrypto knows.
-module(crypto_ec_curves).

-export([curve/1, curves/0]).

%% Written out as {Field, {A, B, Seed}, BasePoint, Order, CoFactor}.
curve(Name) when Name =/= ed25519, Name =/= ed448 ->
    case lists:member(Name, curves()) andalso crypto:curve_nif(Name) of
        false -> error(function_clause, [Name]);
        Curve -> Curve
    end.

curves() ->
    [secp160k1, secp160r1, secp160r2, secp192k1, secp224k1, secp224r1,
     secp256k1, secp384r1, secp521r1, secp192r1, prime192v1, prime192v2,
     prime192v3, prime239v1, prime239v2, prime239v3, secp256r1, prime256v1,
     wtls7, wtls9, wtls12, brainpoolP160r1, brainpoolP160t1, brainpoolP192r1,
     brainpoolP192t1, brainpoolP224r1, brainpoolP224t1, brainpoolP256r1,
     brainpoolP256t1, brainpoolP320r1, brainpoolP320t1, brainpoolP384r1,
     brainpoolP384t1, brainpoolP512r1, brainpoolP512t1, sect163k1, sect163r1,
     sect163r2, sect193r1, sect193r2, sect233k1, sect233r1, sect239k1,
     sect283k1, sect283r1, sect409k1, sect409r1, sect571k1, sect571r1,
     c2pnb163v1, c2pnb163v2, c2pnb163v3, c2pnb176v1, c2tnb191v1, c2tnb191v2,
     c2tnb191v3, c2pnb208w1, c2tnb239v1, c2tnb239v2, c2tnb239v3, c2pnb272w1,
     c2pnb304w1, c2tnb359v1, c2pnb368w1, c2tnb431r1, wtls3, wtls5, wtls10,
     wtls11, secp112r1, secp112r2, secp128r1, secp128r2, wtls6, wtls8,
     sect113r1, sect113r2, sect131r1, sect131r2, wtls1, wtls4, ipsec3, ipsec4,
     ed25519, ed448].
