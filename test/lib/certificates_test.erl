%% SPDX-License-Identifier: Apache-2.0
%% public_key: certificates with all inside decoded, chains of them, names.
%% expect: {[{{2,5,29,15},[keyCertSign,cRLSign]},{{2,5,29,19},{'BasicConstraints',true,asn1_NOVALUE}}],[{printableString,"test root"},"SE"],true,true}
%% expect: {true,true,true,true}
%% expect: {ok,true}
%% expect: {error,{bad_cert,invalid_signature}}
%% expect: {error,{bad_cert,invalid_issuer}}
%% expect: {error,{bad_cert,cert_expired}}
%% expect: {error,{bad_cert,max_path_length_reached}}
%% expect: {ok,[valid,{extension,{2,5,29,17}},valid_peer]}
%% expect: {error,{bad_cert,selfsigned_peer}}
%% expect: {error,{bad_cert,name_not_permitted}}
%% expect: {error,{bad_cert,unknown_critical_extension}}
%% expect: [true,false,true,true,false]
%% expect: [false,true]
%% expect: [true,false,true,false]
%% expect: ["77103f76","49cdc5e0"]
%% expect: {error,asn1}
-module(certificates_test).
-export([main/0]).

-include_lib("public_key/include/public_key.hrl").

-define(CURVE, {namedCurve, ?secp256r1}).

main() ->
    #{cert := Root} = Issuer
        = public_key:pkix_test_root_cert("test root", [{key, ?CURVE}]),
    root(public_key:pkix_decode_cert(Root, otp), Root),
    kinds(),
    paths(Issuer),
    hosts(),
    hashes(),
    show(try public_key:pkix_decode_cert(binary:part(Root, 0, 100), otp)
         catch
             error:{badmatch, {error, {asn1, _}}} -> {error, asn1}
         end).

root(#'OTPCertificate'{tbsCertificate = Tbs} = Cert, Der) ->
    {rdnSequence, Parts} = Tbs#'OTPTBSCertificate'.subject,
    show({[{Id, Value} || #'Extension'{extnID = Id, extnValue = Value}
                              <- Tbs#'OTPTBSCertificate'.extensions],
          [Value || [#'AttributeTypeAndValue'{type = Id, value = Value}]
                        <- Parts,
                    Id =:= ?'id-at-commonName'
                        orelse Id =:= ?'id-at-countryName'],
          public_key:pkix_encode('OTPCertificate', Cert, otp) =:= Der,
          public_key:pkix_is_self_signed(Der)}).

%% Each kind of key signs and is known again.
kinds() ->
    Rsa = public_key:generate_key({rsa, 1024, 65537}),
    Pss = #'RSASSA-PSS-params'{
             hashAlgorithm = #'HashAlgorithm'{algorithm = ?'id-sha256',
                                              parameters = 'NULL'},
             maskGenAlgorithm =
                 #'MaskGenAlgorithm'{
                    algorithm = ?'id-mgf1',
                    parameters = #'HashAlgorithm'{algorithm = ?'id-sha256',
                                                  parameters = 'NULL'}},
             saltLength = 32, trailerField = 1},
    show(list_to_tuple(
           [verified(Key, Public)
            || {Key, Public} <-
                   [{Rsa, rsa_public(Rsa)},
                    {{Rsa, Pss}, {rsa_public(Rsa), Pss}},
                    ec({namedCurve, ?secp384r1}),
                    ec({namedCurve, ?'id-Ed25519'})]])).

verified(Key, Public) ->
    #{cert := Der} = public_key:pkix_test_root_cert("x", [{key, Key},
                                                          {digest, sha256}]),
    public_key:pkix_verify(Der, Public).

rsa_public(#'RSAPrivateKey'{modulus = N, publicExponent = E}) ->
    #'RSAPublicKey'{modulus = N, publicExponent = E}.

ec(Curve) ->
    Key = public_key:generate_key(Curve),
    {Key, {#'ECPoint'{point = Key#'ECPrivateKey'.publicKey}, Curve}}.

paths(#{cert := Root} = Issuer) ->
    {Between, Peer} = chain(Issuer, [], []),
    {ok, {{?'id-ecPublicKey', #'ECPoint'{}, ?CURVE}, _}}
        = public_key:pkix_path_validation(Root, [Between, Peer], []),
    show({ok, true}),
    show(broken(Root, [Between, with_last_bit(Peer)])),
    show(broken(Root, [Peer])),
    {Old, _} = chain(Issuer, [{validity, {{2001, 1, 1}, {2002, 1, 1}}}], []),
    show(broken(Root, [Old])),
    show(public_key:pkix_path_validation(Root, [Between, Peer],
                                         [{max_path_length, 0}])),
    {Seen, Told} = chain(Issuer, [], [extension(?'id-ce-subjectAltName', false,
                                                [{dNSName, "a.b"}])]),
    Self = self(),
    {ok, _} = public_key:pkix_path_validation(
                Root, [Seen, Told], [{verify_fun, {fun note/3, Self}}]),
    show({ok, noted()}),
    show(public_key:pkix_path_validation(selfsigned_peer, [Root], [])),
    Tree = #'GeneralSubtree'{base = {dNSName, "example.org"}},
    Narrow = #'NameConstraints'{permittedSubtrees = [Tree]},
    {Only, Other} = chain(Issuer, [{extensions,
                                    [extension(?'id-ce-nameConstraints', true,
                                               Narrow)]}],
                          [extension(?'id-ce-subjectAltName', false,
                                     [{dNSName, "example.com"}])]),
    show(broken(Root, [Only, Other])),
    {Fine, Strange} = chain(Issuer, [], [extension({1, 2, 3}, true, <<5, 0>>)]),
    show(broken(Root, [Fine, Strange])).

broken(Root, Chain) -> public_key:pkix_path_validation(Root, Chain, []).

chain(Issuer, Options, Extensions) ->
    Config = public_key:pkix_test_data(
               #{root => Issuer, intermediates => [[{key, ?CURVE} | Options]],
                 peer => [{key, ?CURVE}, {extensions, Extensions}]}),
    {cacerts, [_, Between | _]} = lists:keyfind(cacerts, 1, Config),
    {cert, Peer} = lists:keyfind(cert, 1, Config),
    {Between, Peer}.

extension(Id, Critical, Value) ->
    #'Extension'{extnID = Id, critical = Critical, extnValue = Value}.

%% The signature's own last bit is another.
with_last_bit(Der) ->
    Size = byte_size(Der) - 1,
    <<Start:Size/binary, Last>> = Der,
    <<Start/binary, (Last bxor 1)>>.

note(_, {extension, #'Extension'{extnID = Id}}, Self) ->
    Id =:= ?'id-ce-subjectAltName' andalso (Self ! {event, {extension, Id}}),
    {unknown, Self};
note(_, Event, Self) ->
    Self ! {event, Event},
    {valid, Self}.

noted() ->
    receive
        {event, Event} -> [Event | noted()]
    after 0 -> []
    end.

hosts() ->
    Names = [{dNSName, "*.example.org"}, {dNSName, "Plain.org"},
             {iPAddress, <<127, 0, 0, 1>>},
             {uniformResourceIdentifier, "https://uri.org/x"}],
    #{cert := Der} = public_key:pkix_test_root_cert(
                       "cn", [{key, ?CURVE},
                              {extensions,
                               [extension(?'id-ce-subjectAltName', false,
                                          Names)]}]),
    show([public_key:pkix_verify_hostname(Der, [Name])
          || Name <- [{dns_id, "plain.ORG"}, {dns_id, "www.example.org"},
                      {ip, {127, 0, 0, 1}}, {uri_id, "https://plain.org/a"},
                      {ip, "127.0.0.2"}]]),
    Https = [{match_fun, public_key:pkix_verify_hostname_match_fun(https)}],
    show([public_key:pkix_verify_hostname(Der, [{dns_id, Name}], Https)
          || Name <- ["a.b.example.org", "www.example.org"]]),
    #{cert := Old} = public_key:pkix_test_root_cert("*a.example.org",
                                                    [{key, ?CURVE}]),
    show([public_key:pkix_verify_hostname(Old, [Name])
          || Name <- [{dns_id, "aa.example.org"}, {dns_id, "b.example.org"},
                      {uri_id, "https://A.example.org"},
                      {uri_id, "http://a.example.org"}]]).

%% As OpenSSL names files of certificates.
hashes() ->
    Name = fun(Values) ->
                   {rdnSequence,
                    [[#'AttributeTypeAndValue'{type = Id, value = Value}]
                     || {Id, Value} <- Values]}
           end,
    show([public_key:short_name_hash(Name(Values))
          || Values <- [[{?'id-at-countryName', "SE"},
                         {?'id-at-commonName', {utf8String, <<"A  b ">>}}],
                        [{?'id-at-commonName', {printableString, "A B"}}]]]).

show(Value) -> io:format("~0p~n", [Value]).
