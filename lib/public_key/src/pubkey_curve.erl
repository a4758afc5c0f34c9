%% SPDX-License-Identifier: Apache-2.0
%% pubkey_curve: elliptic curves by name and by object identifier.
-module(pubkey_curve).

-export([oid/1, name/1, kind/1, spec/1, ssh_name/1, ssh_oid/1]).

-include("public_key.hrl").

%% What a curve is for: signatures with crypto's eddsa, shared keys with its
%% eddh, or both as the older ones.
kind({1, 3, 101, N}) when N =:= 112; N =:= 113 -> eddsa;
kind({1, 3, 101, _}) -> eddh;
kind(Name) when Name =:= ed25519; Name =:= ed448 -> eddsa;
kind(Name) when Name =:= x25519; Name =:= x448 -> eddh;
kind(_) -> ec.

%% The curve as crypto takes it.
spec({namedCurve, Curve}) when is_tuple(Curve) -> name(Curve);
spec({namedCurve, Curve}) when is_atom(Curve) -> name(oid(Curve));
spec({ecParameters, Parameters}) -> spec(Parameters);
spec(#'ECParameters'{fieldID = #'FieldID'{fieldType = Type, parameters = Field},
                     curve = #'Curve'{a = A, b = B}, base = Base,
                     order = Order, cofactor = Cofactor}) ->
    {field(Type, Field), {A, B, none}, Base, Order, Cofactor}.

field(?'prime-field', Der) ->
    {prime_field, public_key:der_decode('Prime-p', Der)};
field(?'characteristic-two-field', Der) ->
    #'Characteristic-two'{m = M, basis = Basis, parameters = Parameters}
        = public_key:der_decode('Characteristic-two', Der),
    {characteristic_two_field, M, basis(Basis, Parameters)}.

basis(?ppBasis, Der) ->
    #'Pentanomial'{k1 = K1, k2 = K2, k3 = K3}
        = public_key:der_decode('Pentanomial', Der),
    {ppbasis, K1, K2, K3};
basis(?tpBasis, Der) -> {tpbasis, public_key:der_decode('Trinomial', Der)};
basis(?gnBasis, _) -> onbasis.

name(Oid) -> name_of(lists:keyfind(Oid, 2, curves())).

name_of({Name, _}) -> Name.

oid(Name) -> oid_of(lists:keyfind(Name, 1, curves())).

oid_of({_, Oid}) -> Oid.

ssh_name(?secp256r1) -> <<"nistp256">>;
ssh_name(?secp384r1) -> <<"nistp384">>;
ssh_name(?secp521r1) -> <<"nistp521">>.

ssh_oid(<<"nistp256">>) -> ?secp256r1;
ssh_oid(<<"nistp384">>) -> ?secp384r1;
ssh_oid(<<"nistp521">>) -> ?secp521r1.

curves() ->
    [{secp256r1, ?secp256r1}, {secp192r1, ?secp192r1},
     {x25519, ?'id-X25519'}, {x448, ?'id-X448'},
     {ed25519, ?'id-Ed25519'}, {ed448, ?'id-Ed448'}]
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
