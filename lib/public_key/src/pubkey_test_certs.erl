%% SPDX-License-Identifier: Apache-2.0
%% pubkey_test_certs: chains of certificates with keys, for tests.
-module(pubkey_test_certs).

-export([chains/1, root/2]).

-include("public_key.hrl").

%% Options of one side for the maps of both, or of one alone. Each side trusts
%% the root of the other.
chains(#{client_chain := Client0, server_chain := Server0}) ->
    Server = chain(server, "SERVER ROOT CA", Server0),
    Client = chain(client, "CLIENT ROOT CA", Client0),
    #{server_config => config(Server, Client),
      client_config => config(Client, Server)};
chains(Options) ->
    Chain = chain(server, "SERVER ROOT CA", Options),
    config(Chain, Chain).

%% What it trusts: the root of the other, and its own line up to the root.
config([{Cert, Key} | Between], Other) ->
    {Root, _} = lists:last(Other),
    [{cert, Cert}, {key, encoded(Key)},
     {cacerts, [Root | [C || {C, _} <- Between]]}].

%% [{Certificate, Key}], the root last.
chain(Role, RootName, #{root := Root, peer := Peer} = Options) ->
    #{cert := Cert, key := Key} = case Root of
                                      #{} -> Root;
                                      _ -> root(RootName, Root)
                                  end,
    Between = maps:get(intermediates, Options, []),
    Steps = [{"webadmin", " Intermediate CA " ++ integer_to_list(N), O, ca}
             || {N, O} <- lists:zip(lists:seq(0, length(Between) - 1), Between)]
        ++ [{"admin", " Peer cert", Peer, peer}],
    lists:foldl(fun(Step, Chain) -> [issued(Role, Step, hd(Chain)) | Chain] end,
                [{Cert, Key}], Steps).

issued(Role, {Contact, Name, Options, Kind}, {Issuer, IssuerKey}) ->
    #'OTPCertificate'{
       tbsCertificate = #'OTPTBSCertificate'{subject = Subject}}
        = public_key:pkix_decode_cert(Issuer, otp),
    Key = key(Options),
    {signed(Subject, subject(Contact, atom_to_list(Role) ++ Name), Key,
            IssuerKey, extensions(Role, Kind, Options), Options), Key}.

%% A certificate that signs itself.
root(Name, Options) ->
    Key = key(Options),
    Subject = subject("root", Name),
    #{cert => signed(Subject, Subject, Key, Key,
                     extensions(undefined, ca, Options), Options),
      key => Key}.

signed(Issuer, Subject, Key, IssuerKey, Extensions, Options) ->
    Algorithm = sign_algorithm(IssuerKey, Options),
    Tbs = #'OTPTBSCertificate'{
             version = v3,
             serialNumber = erlang:unique_integer([positive, monotonic]),
             signature = Algorithm, issuer = Issuer,
             validity = validity(Options), subject = Subject,
             subjectPublicKeyInfo = key_info(Key), extensions = Extensions},
    public_key:pkix_sign(Tbs, IssuerKey).

key(Options) ->
    case proplists:get_value(key, Options, default_key()) of
        #'RSAPrivateKey'{} = Key -> Key;
        {#'RSAPrivateKey'{}, _} = Key -> Key;
        #'DSAPrivateKey'{} = Key -> Key;
        #'ECPrivateKey'{} = Key -> Key;
        Parameters -> public_key:generate_key(Parameters)
    end.

default_key() ->
    case crypto:ec_curves() of
        [] -> {rsa, 2048, 17};
        [Curve | _] -> {namedCurve, pubkey_curve:oid(Curve)}
    end.

subject(Contact, Name) ->
    {rdnSequence,
     [[#'AttributeTypeAndValue'{type = Type, value = Value}]
      || {Type, Value} <-
             [{?'id-emailAddress', Contact ++ "@example.org"},
              {?'id-at-commonName', {printableString, Name}},
              {?'id-at-localityName', {printableString, "Stockholm"}},
              {?'id-at-countryName', "SE"},
              {?'id-at-organizationName', {printableString, "erlang"}},
              {?'id-at-organizationalUnitName',
               {printableString, "automated testing"}}]]}.

%% From yesterday for a week, when it is not told.
validity(Options) ->
    Today = calendar:date_to_gregorian_days(date()),
    Default = {calendar:gregorian_days_to_date(Today - 1),
               calendar:gregorian_days_to_date(Today + 7)},
    {From, To} = proplists:get_value(validity, Options, Default),
    #'Validity'{notBefore = noon(From), notAfter = noon(To)}.

noon({Year, Month, Day}) ->
    Text = lists:flatten(io_lib:format("~4..0w~2..0w~2..0w130000Z",
                                       [Year, Month, Day])),
    case Year >= 2049 of
        true -> {generalTime, Text};
        false -> {utcTime, lists:nthtail(2, Text)}
    end.

sign_algorithm(#'RSAPrivateKey'{}, Options) ->
    Default = case proplists:get_value(rsa_padding, Options) of
                  rsa_pss_rsae -> sha256;
                  _ -> sha1
              end,
    Digest = proplists:get_value(digest, Options, Default),
    #'SignatureAlgorithm'{algorithm = rsa_with(Digest), parameters = 'NULL'};
sign_algorithm({#'RSAPrivateKey'{}, Parameters}, _) ->
    #'SignatureAlgorithm'{algorithm = ?'id-RSASSA-PSS',
                          parameters = Parameters};
sign_algorithm(#'DSAPrivateKey'{p = P, q = Q, g = G}, _) ->
    #'SignatureAlgorithm'{algorithm = ?'id-dsa-with-sha1',
                          parameters = {params, #'Dss-Parms'{p = P, q = Q,
                                                             g = G}}};
sign_algorithm(#'ECPrivateKey'{parameters = {namedCurve, Id}}, _)
  when Id =:= ?'id-Ed25519'; Id =:= ?'id-Ed448' ->
    #'SignatureAlgorithm'{algorithm = Id};
sign_algorithm(#'ECPrivateKey'{parameters = Parameters}, Options) ->
    Digest = proplists:get_value(digest, Options, sha1),
    #'SignatureAlgorithm'{algorithm = ecdsa_with(Digest),
                          parameters = Parameters}.

rsa_with(Id) when is_tuple(Id) -> Id;
rsa_with(md5) -> ?md5WithRSAEncryption;
rsa_with(sha256) -> ?sha256WithRSAEncryption;
rsa_with(sha384) -> ?sha384WithRSAEncryption;
rsa_with(sha512) -> ?sha512WithRSAEncryption;
rsa_with(Sha) when Sha =:= sha; Sha =:= sha1 -> ?sha1WithRSAEncryption.

ecdsa_with(Id) when is_tuple(Id) -> Id;
ecdsa_with(sha256) -> ?'ecdsa-with-SHA256';
ecdsa_with(sha384) -> ?'ecdsa-with-SHA384';
ecdsa_with(sha512) -> ?'ecdsa-with-SHA512';
ecdsa_with(Sha) when Sha =:= sha; Sha =:= sha1 -> ?'ecdsa-with-SHA1'.

key_info({#'RSAPrivateKey'{} = Key, Parameters}) ->
    #'OTPSubjectPublicKeyInfo'{
       algorithm = #'PublicKeyAlgorithm'{algorithm = ?'id-RSASSA-PSS',
                                         parameters = Parameters},
       subjectPublicKey = rsa_public(Key)};
key_info(#'RSAPrivateKey'{} = Key) ->
    #'OTPSubjectPublicKeyInfo'{
       algorithm = #'PublicKeyAlgorithm'{algorithm = ?rsaEncryption,
                                         parameters = 'NULL'},
       subjectPublicKey = rsa_public(Key)};
key_info(#'DSAPrivateKey'{p = P, q = Q, g = G, y = Y}) ->
    Parameters = {params, #'Dss-Parms'{p = P, q = Q, g = G}},
    #'OTPSubjectPublicKeyInfo'{
       algorithm = #'PublicKeyAlgorithm'{algorithm = ?'id-dsa',
                                         parameters = Parameters},
       subjectPublicKey = Y};
key_info(#'ECPrivateKey'{parameters = Parameters, publicKey = Point}) ->
    Algorithm = case Parameters of
                    {namedCurve, Id} when Id =:= ?'id-Ed25519';
                                          Id =:= ?'id-Ed448' ->
                        #'PublicKeyAlgorithm'{algorithm = Id};
                    _ ->
                        #'PublicKeyAlgorithm'{algorithm = ?'id-ecPublicKey',
                                              parameters = Parameters}
                end,
    #'OTPSubjectPublicKeyInfo'{algorithm = Algorithm,
                               subjectPublicKey = #'ECPoint'{point = Point}}.

rsa_public(#'RSAPrivateKey'{modulus = N, publicExponent = E}) ->
    #'RSAPublicKey'{modulus = N, publicExponent = E}.

%% Those that are told, and the usual ones that are not.
extensions(Role, Kind, Options) ->
    Told = proplists:get_value(extensions, Options, []),
    Told ++ [E || #'Extension'{extnID = Id} = E <- usual(Role, Kind),
                  not lists:keymember(Id, #'Extension'.extnID, Told)].

usual(_, ca) ->
    [#'Extension'{extnID = ?'id-ce-keyUsage', critical = false,
                  extnValue = [keyCertSign, cRLSign]},
     #'Extension'{extnID = ?'id-ce-basicConstraints', critical = true,
                  extnValue = #'BasicConstraints'{cA = true}}];
usual(server, peer) ->
    [#'Extension'{extnID = ?'id-ce-keyUsage', critical = false,
                  extnValue = [digitalSignature, keyAgreement]},
     #'Extension'{extnID = ?'id-ce-subjectAltName', critical = false,
                  extnValue = [{dNSName, net_adm:localhost()}]}];
usual(client, peer) -> [].

encoded({#'RSAPrivateKey'{}, _} = Key) ->
    {'PrivateKeyInfo', public_key:der_encode('PrivateKeyInfo', Key)};
encoded(Key) ->
    Type = element(1, Key),
    {Type, public_key:der_encode(Type, Key)}.
