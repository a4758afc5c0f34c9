%% SPDX-License-Identifier: Apache-2.0
%% public_key: keys and certificates as records, from PEM and DER and back, and
%% what crypto does with them.
-module(public_key).

-export([pem_decode/1, pem_encode/1, pem_entry_decode/1, pem_entry_decode/2,
         pem_entry_encode/2, pem_entry_encode/3, der_decode/2, der_encode/2,
         pkix_decode_cert/2, pkix_encode/3, pkix_sign/2, pkix_verify/2,
         pkix_sign_types/1, pkix_hash_type/1, pkix_is_self_signed/1,
         pkix_is_fixed_dh_cert/1, pkix_is_issuer/2, pkix_issuer_id/2,
         pkix_subject_id/1, pkix_normalize_name/1, pkix_path_validation/3,
         pkix_verify_hostname/2, pkix_verify_hostname/3,
         pkix_verify_hostname_match_fun/1, pkix_test_data/1,
         pkix_test_root_cert/2, pkix_crls_validate/3, pkix_crl_verify/2,
         pkix_crl_issuer/1, pkix_dist_point/1, pkix_dist_points/1,
         pkix_match_dist_point/2, pkix_ocsp_validate/5, ocsp_extensions/1,
         ocsp_responder_id/1, dh_gex_group/4, dh_gex_group_sizes/0,
         short_name_hash/1, cacerts_get/0,
         cacerts_load/0, cacerts_load/1, cacerts_clear/0, sign/3, sign/4,
         verify/4, verify/5, generate_key/1, compute_key/2, compute_key/3,
         ssh_curvename2oid/1, oid2ssh_curvename/1, encrypt_public/2,
         encrypt_public/3, decrypt_private/2, decrypt_private/3,
         encrypt_private/2, encrypt_private/3, decrypt_public/2,
         decrypt_public/3]).

-include("public_key.hrl").

-export_type([public_key/0, private_key/0, pem_entry/0, pki_asn1_type/0,
              asn1_type/0, der_encoded/0, key_params/0, digest_type/0,
              issuer_name/0, cert/0, combined_cert/0, cert_id/0, oid/0,
              cert_opt/0, chain_opts/0, conf_opt/0, test_config/0,
              test_root_cert/0]).

-type der_encoded() :: binary().
-type oid() :: tuple().
-type asn1_type() :: atom().
-type pki_asn1_type() :: atom().
-type pem_entry() :: {pki_asn1_type(), binary(),
                      not_encrypted | {string(), term()}}.
-type rsa_private_key() :: #'RSAPrivateKey'{}
                         | {#'RSAPrivateKey'{}, #'RSASSA-PSS-params'{}}.
-type private_key() :: rsa_private_key() | #'DSAPrivateKey'{}
                     | #'ECPrivateKey'{}.
-type curve() :: {ecParameters, #'ECParameters'{}} | #'ECParameters'{}
               | {namedCurve, oid() | atom()}.
-type public_key() :: #'RSAPublicKey'{}
                    | {#'RSAPublicKey'{}, #'RSASSA-PSS-params'{}}
                    | {integer(), #'Dss-Parms'{}} | {#'ECPoint'{}, curve()}.
-type key_params() :: #'DHParameter'{} | curve()
                    | {rsa, Size :: integer(), Exponent :: integer()}.
-type digest_type() :: none | sha1 | atom().
-type issuer_name() :: {rdnSequence, [[#'AttributeTypeAndValue'{}]]}.
-type cert_id() :: {Serial :: integer(), issuer_name()}.
-type combined_cert() :: #cert{}.
-type cert() :: der_encoded() | #'OTPCertificate'{}.
-type cert_opt() :: {digest, digest_type()}
                  | {key, key_params() | private_key()}
                  | {validity, {From :: term(), To :: term()}}
                  | {extensions, [#'Extension'{}]}.
-type chain_opts() :: #{root | peer := [cert_opt()],
                        intermediates => [[cert_opt()]]}.
-type conf_opt() :: {cert, der_encoded()} | {key, private_key()}
                  | {cacerts, [der_encoded()]}.
-type test_config() :: #{server_config := [conf_opt()],
                         client_config := [conf_opt()]}.
-type test_root_cert() :: #{cert := der_encoded(), key := private_key()}.

-define(NULL, <<5, 0>>).
-define(IS_EDWARDS(Id), (Id =:= ?'id-Ed25519' orelse Id =:= ?'id-Ed448')).

%%% PEM and DER

%% The parts of a PEM file.
-spec pem_decode(binary()) -> [pem_entry()].
pem_decode(Bytes) when is_binary(Bytes) -> pubkey_pem:decode(Bytes).

-spec pem_encode([pem_entry()]) -> binary().
pem_encode(Entries) when is_list(Entries) -> pubkey_pem:encode(Entries).

%% The key or certificate of a part that is not hidden.
-spec pem_entry_decode(pem_entry()) -> term().
pem_entry_decode({'SubjectPublicKeyInfo', Der, _}) ->
    #'SubjectPublicKeyInfo'{
       algorithm = #'AlgorithmIdentifier'{algorithm = Id,
                                          parameters = Parameters},
       subjectPublicKey = Key} = der_decode('SubjectPublicKeyInfo', Der),
    case pubkey_cert_records:key_type(Id) of
        'RSAPublicKey' -> der_decode('RSAPublicKey', Key);
        'DSAPublicKey' ->
            {params, Dss} = der_decode('DSAParams', Parameters),
            {der_decode('DSAPublicKey', Key), Dss};
        'ECPoint' when Parameters =:= asn1_NOVALUE ->
            {#'ECPoint'{point = Key}, {namedCurve, Id}};
        'ECPoint' ->
            {#'ECPoint'{point = Key}, der_decode('EcpkParameters', Parameters)}
    end;
pem_entry_decode({Type, Der, not_encrypted}) when is_atom(Type),
                                                  is_binary(Der) ->
    der_decode(Type, Der).

%% The same, hidden by a password.
-spec pem_entry_decode(pem_entry(), iodata() | fun(() -> iodata())) -> term().
pem_entry_decode(Entry, Password) when is_function(Password, 0) ->
    pem_entry_decode(Entry, Password());
pem_entry_decode({Type, Der, not_encrypted}, _) when is_atom(Type),
                                                     is_binary(Der) ->
    der_decode(Type, Der);
pem_entry_decode({Type, Hidden, {Cipher, Parameters}}, Password)
  when is_atom(Type), is_binary(Hidden), is_list(Cipher) ->
    der_decode(Type, pubkey_pbe:decode(Hidden, Password, Cipher, Parameters)).

-spec pem_entry_encode(pki_asn1_type(), term()) -> pem_entry().
pem_entry_encode('SubjectPublicKeyInfo' = Type, Key) ->
    {Type, der_encode(Type, key_info(Key)), not_encrypted};
pem_entry_encode(Type, Key) when is_atom(Type) ->
    {Type, der_encode(Type, Key), not_encrypted}.

-spec pem_entry_encode(pki_asn1_type(), term(), {term(), iodata()}) ->
          pem_entry().
pem_entry_encode(Type, Key, {{Cipher, Parameters} = Info, Password})
  when is_atom(Type), is_list(Password), is_list(Cipher) ->
    Der = der_encode(Type, Key),
    {Type, pubkey_pbe:encode(Der, Password, Cipher, Parameters), Info}.

key_info(#'RSAPublicKey'{} = Key) ->
    key_info(?rsaEncryption, ?NULL, der_encode('RSAPublicKey', Key));
key_info({Y, #'Dss-Parms'{} = P}) when is_integer(Y) ->
    key_info(?'id-dsa', der_encode('DSAParams', {params, P}),
             der_encode('DSAPublicKey', Y));
key_info({#'ECPoint'{point = Point}, {namedCurve, Id}})
  when ?IS_EDWARDS(Id), is_binary(Point) ->
    key_info(Id, asn1_NOVALUE, Point);
key_info({#'ECPoint'{point = Point}, Curve}) when is_binary(Point) ->
    key_info(?'id-ecPublicKey', der_encode('EcpkParameters', Curve), Point);
key_info(Info) -> Info.

key_info(Id, Parameters, Bits) ->
    #'SubjectPublicKeyInfo'{
       algorithm = #'AlgorithmIdentifier'{algorithm = Id,
                                          parameters = Parameters},
       subjectPublicKey = Bits}.

%% A record from DER. A private key in its wrapping is shown without it.
-spec der_decode(asn1_type(), der_encoded()) -> term().
der_decode('PrivateKeyInfo', Der) when is_binary(Der) ->
    try unwrapped(decoded('PKCS-FRAME', 'PrivateKeyInfo', Der))
    catch
        error:{badmatch, {error, _}} ->
            unwrapped(decoded('PKCS-FRAME', 'OneAsymmetricKey', Der))
    end;
der_decode('EncryptedPrivateKeyInfo' = Type, Der) when is_binary(Der) ->
    decoded('PKCS-FRAME', Type, Der);
der_decode(Type, Der) when is_atom(Type), is_binary(Der) ->
    decoded('OTP-PUB-KEY', Type, Der).

decoded(Module, Type, Der) ->
    {ok, Value} = Module:decode(Type, Der),
    Value.

unwrapped(#'PrivateKeyInfo'{
             version = v1,
             privateKeyAlgorithm =
                 #'PrivateKeyInfo_privateKeyAlgorithm'{algorithm = Id,
                                                       parameters = Parameters},
             privateKey = Key} = Info) ->
    case {Id, Parameters} of
        {?rsaEncryption, _} -> der_decode('RSAPrivateKey', Key);
        {?'id-RSASSA-PSS', {asn1_OPENTYPE, Der}} ->
            {der_decode('RSAPrivateKey', Key),
             der_decode('RSASSA-PSS-params', Der)};
        {?'id-ecPublicKey', {asn1_OPENTYPE, Der}} ->
            (der_decode('ECPrivateKey', Key))#'ECPrivateKey'{
                parameters = der_decode('EcpkParameters', Der)};
        {?'id-dsa', {asn1_OPENTYPE, Der}} ->
            {params, #'Dss-Parms'{p = P, q = Q, g = G}}
                = der_decode('DSAParams', Der),
            #'DSAPrivateKey'{p = P, q = Q, g = G,
                             x = der_decode('Prime-p', Key)};
        _ when ?IS_EDWARDS(Id) ->
            #'ECPrivateKey'{version = 1, parameters = {namedCurve, Id},
                            privateKey = der_decode('CurvePrivateKey', Key)};
        _ -> Info
    end;
unwrapped(#'OneAsymmetricKey'{
             privateKeyAlgorithm =
                 #'OneAsymmetricKey_privateKeyAlgorithm'{algorithm = Id},
             privateKey = Key, attributes = Attributes, publicKey = Public})
  when ?IS_EDWARDS(Id) ->
    #'ECPrivateKey'{version = 2, parameters = {namedCurve, Id},
                    privateKey = der_decode('CurvePrivateKey', Key),
                    attributes = Attributes, publicKey = Public};
unwrapped(Info) -> Info.

-spec der_encode(asn1_type(), term()) -> der_encoded().
der_encode('PrivateKeyInfo', Key) ->
    encoded('PKCS-FRAME', 'PrivateKeyInfo', wrapped(Key));
der_encode('OneAsymmetricKey' = Type,
           #'ECPrivateKey'{parameters = {namedCurve, Id}, privateKey = Key,
                           attributes = Attributes, publicKey = Public}) ->
    Algorithm = #'OneAsymmetricKey_privateKeyAlgorithm'{algorithm = Id},
    Bytes = case ?IS_EDWARDS(Id) of
                true -> der_encode('CurvePrivateKey', Key);
                false -> Key
            end,
    encoded('PKCS-FRAME', Type,
            #'OneAsymmetricKey'{version = 1, privateKeyAlgorithm = Algorithm,
                                privateKey = Bytes, attributes = Attributes,
                                publicKey = Public});
der_encode(Type, Key) when Type =:= 'OneAsymmetricKey';
                           Type =:= 'EncryptedPrivateKeyInfo' ->
    encoded('PKCS-FRAME', Type, Key);
der_encode(Type, Value) when is_atom(Type) ->
    encoded('OTP-PUB-KEY', Type, Value).

encoded(Module, Type, Value) ->
    {ok, Der} = Module:encode(Type, Value),
    Der.

wrapped(#'RSAPrivateKey'{} = Key) ->
    wrapped(?rsaEncryption, {asn1_OPENTYPE, ?NULL},
            der_encode('RSAPrivateKey', Key));
wrapped({#'RSAPrivateKey'{} = Key, Parameters}) ->
    wrapped(?'id-RSASSA-PSS',
            {asn1_OPENTYPE, der_encode('RSASSA-PSS-params', Parameters)},
            der_encode('RSAPrivateKey', Key));
wrapped(#'DSAPrivateKey'{p = P, q = Q, g = G, x = X}) ->
    wrapped(?'id-dsa',
            {asn1_OPENTYPE, der_encode('Dss-Parms',
                                       #'Dss-Parms'{p = P, q = Q, g = G})},
            der_encode('Prime-p', X));
wrapped(#'ECPrivateKey'{parameters = {namedCurve, Id}, privateKey = Key})
  when ?IS_EDWARDS(Id) ->
    wrapped(Id, asn1_NOVALUE, der_encode('CurvePrivateKey', Key));
wrapped(#'ECPrivateKey'{parameters = Curve} = Key) ->
    wrapped(?'id-ecPublicKey',
            {asn1_OPENTYPE, der_encode('EcpkParameters', Curve)},
            der_encode('ECPrivateKey',
                       Key#'ECPrivateKey'{parameters = asn1_NOVALUE}));
wrapped(Info) -> Info.

wrapped(Id, Parameters, Bytes) ->
    #'PrivateKeyInfo'{
       version = v1, privateKey = Bytes,
       privateKeyAlgorithm =
           #'PrivateKeyInfo_privateKeyAlgorithm'{algorithm = Id,
                                                 parameters = Parameters}}.

%%% Certificates

%% A certificate as it is written, or with all inside decoded.
-spec pkix_decode_cert(der_encoded(), plain | otp) ->
          #'Certificate'{} | #'OTPCertificate'{}.
pkix_decode_cert(Der, plain) when is_binary(Der) ->
    der_decode('Certificate', Der);
pkix_decode_cert(Der, otp) when is_binary(Der) ->
    pubkey_cert_records:decode(Der).

-spec pkix_encode(asn1_type(), term(), otp | plain) -> der_encoded().
pkix_encode(Type, Term, plain) when is_atom(Type) -> der_encode(Type, Term);
pkix_encode(Type, Term, otp) when is_atom(Type) ->
    der_encode(Type, pubkey_cert_records:transform(Term, encode)).

otp(#'OTPCertificate'{} = Cert) -> Cert;
otp(Der) when is_binary(Der) -> pkix_decode_cert(Der, otp).

%% A certificate of these contents, signed with the key.
-spec pkix_sign(#'OTPTBSCertificate'{}, private_key()) -> der_encoded().
pkix_sign(#'OTPTBSCertificate'{signature = #'SignatureAlgorithm'{} = Algorithm}
          = Tbs, Key) ->
    Signed = pkix_encode('OTPTBSCertificate', Tbs, otp),
    {Digest, _, Options} = pubkey_cert:sign_types(Algorithm),
    Signature = sign(Signed, Digest,
                     case Key of
                         {#'RSAPrivateKey'{} = Rsa, _} -> Rsa;
                         _ -> Key
                     end, Options),
    pkix_encode('OTPCertificate',
                #'OTPCertificate'{tbsCertificate = Tbs,
                                  signatureAlgorithm = Algorithm,
                                  signature = Signature}, otp).

%% Whether a certificate was signed with the other half of the key.
-spec pkix_verify(der_encoded(), public_key()) -> boolean().
pkix_verify(Der, #'RSAPublicKey'{} = Key) when is_binary(Der) ->
    verify_cert(Der, Key, any, []);
pkix_verify(Der, {#'RSAPublicKey'{} = Key, #'RSASSA-PSS-params'{} = Parameters})
  when is_binary(Der) ->
    verify_cert(Der, Key, any, pubkey_cert:pss_options(Parameters));
pkix_verify(Der, {#'ECPoint'{}, {namedCurve, Id}} = Key)
  when ?IS_EDWARDS(Id), is_binary(Der) ->
    verify_cert(Der, Key, none, []);
pkix_verify(Der, {#'ECPoint'{}, _} = Key) when is_binary(Der) ->
    verify_cert(Der, Key, some, []);
pkix_verify(Der, {Y, #'Dss-Parms'{}} = Key) when is_binary(Der),
                                                 is_integer(Y) ->
    verify_cert(Der, Key, any, []).

verify_cert(Der, Key, Hashed, Options) ->
    {Digest, Signed, Signature}
        = pubkey_cert:signed_parts(pkix_decode_cert(Der, otp), Der),
    (Hashed =:= any orelse (Hashed =:= none) =:= (Digest =:= none))
        andalso verify(Signed, Digest, Signature, Key, Options).

%% {Digest, Kind of key} of an algorithm of signatures.
-spec pkix_sign_types(oid()) -> {digest_type(), rsa | dsa | ecdsa | eddsa}.
pkix_sign_types(?sha1WithRSAEncryption) -> {sha, rsa};
pkix_sign_types(?'sha-1WithRSAEncryption') -> {sha, rsa};
pkix_sign_types(?sha224WithRSAEncryption) -> {sha224, rsa};
pkix_sign_types(?sha256WithRSAEncryption) -> {sha256, rsa};
pkix_sign_types(?sha384WithRSAEncryption) -> {sha384, rsa};
pkix_sign_types(?sha512WithRSAEncryption) -> {sha512, rsa};
pkix_sign_types(?md5WithRSAEncryption) -> {md5, rsa};
pkix_sign_types(?'id-dsa-with-sha1') -> {sha, dsa};
pkix_sign_types(?'id-dsaWithSHA1') -> {sha, dsa};
pkix_sign_types(?'id-dsa-with-sha224') -> {sha224, dsa};
pkix_sign_types(?'id-dsa-with-sha256') -> {sha256, dsa};
pkix_sign_types(?'ecdsa-with-SHA1') -> {sha, ecdsa};
pkix_sign_types(?'ecdsa-with-SHA256') -> {sha256, ecdsa};
pkix_sign_types(?'ecdsa-with-SHA384') -> {sha384, ecdsa};
pkix_sign_types(?'ecdsa-with-SHA512') -> {sha512, ecdsa};
pkix_sign_types(Id) when ?IS_EDWARDS(Id) -> {none, eddsa}.

-spec pkix_hash_type(oid() | atom()) -> digest_type().
pkix_hash_type(?'id-sha1') -> sha;
pkix_hash_type(?'id-sha224') -> sha224;
pkix_hash_type(?'id-sha256') -> sha256;
pkix_hash_type(?'id-sha384') -> sha384;
pkix_hash_type(?'id-sha512') -> sha512;
pkix_hash_type(?'id-md5') -> md5;
%% OTP takes the names of these two.
pkix_hash_type('id-sha224') -> sha224;
pkix_hash_type('id-md5') -> md5.

-spec pkix_is_self_signed(cert()) -> boolean().
pkix_is_self_signed(Cert) -> pubkey_cert:is_self_signed(otp(Cert)).

-spec pkix_is_fixed_dh_cert(cert()) -> boolean().
pkix_is_fixed_dh_cert(Cert) -> pubkey_cert:is_fixed_dh(otp(Cert)).

%% Whether the names say that one issued the other.
-spec pkix_is_issuer(cert() | #'CertificateList'{}, cert()) -> boolean().
pkix_is_issuer(#'CertificateList'{tbsCertList = List}, Candidate) ->
    Issuer = pubkey_cert_records:transform(List#'TBSCertList'.issuer, decode),
    pubkey_cert:is_issuer(subject(otp(Candidate)), Issuer);
pkix_is_issuer(Cert, Candidate) ->
    #'OTPCertificate'{tbsCertificate = Tbs} = otp(Cert),
    pubkey_cert:is_issuer(Tbs#'OTPTBSCertificate'.issuer,
                             subject(otp(Candidate))).

subject(#'OTPCertificate'{tbsCertificate = Tbs}) ->
    Tbs#'OTPTBSCertificate'.subject.

-spec pkix_issuer_id(cert(), self | other) -> {ok, cert_id()} | {error, term()}.
pkix_issuer_id(Cert, By) when By =:= self; By =:= other ->
    pubkey_cert:issuer_id(otp(Cert), By).

-spec pkix_subject_id(cert()) -> cert_id().
pkix_subject_id(Cert) -> pubkey_cert:subject_id(otp(Cert)).

-spec pkix_normalize_name(issuer_name() | der_encoded()) -> issuer_name().
pkix_normalize_name(Der) when is_binary(Der) ->
    Name = pubkey_cert_records:transform(der_decode('Name', Der), decode),
    pkix_normalize_name(Name);
pkix_normalize_name(Name) -> pubkey_cert:normal_name(Name).

-spec short_name_hash(issuer_name()) -> string().
short_name_hash(Name) -> pubkey_cert:short_name_hash(Name).

%% Whether the chain leads from the trusted certificate to its last. In place of
%% the trusted one: why there is none.
-spec pkix_path_validation(cert() | atom(), [cert() | combined_cert()],
                           list()) ->
          {ok, {tuple(), term()}} | {error, {bad_cert, term()}}.
pkix_path_validation(Fault, [Cert | Chain], Options) when is_atom(Fault) ->
    {Verify, User0} = proplists:get_value(verify_fun, Options,
                                          ?DEFAULT_VERIFYFUN),
    Otp = case Cert of
              #cert{otp = Inner} -> Inner;
              _ -> otp(Cert)
          end,
    Reason = {bad_cert, Fault},
    try Verify(Otp, Reason, User0) of
        {valid, User} ->
            Others = proplists:delete(verify_fun, Options),
            pkix_path_validation(Otp, Chain,
                                 [{verify_fun, {Verify, User}} | Others]);
        {fail, Other} -> {error, Other}
    catch
        _:_ -> {error, Reason}
    end;
pkix_path_validation(Trusted, Chain, Options) when is_list(Chain),
                                                   is_list(Options) ->
    pubkey_path:validate(otp(Trusted), Chain, Options).

%% Whether the certificate is that of one of the names.
-spec pkix_verify_hostname(cert(), [{term(), term()}]) -> boolean().
pkix_verify_hostname(Cert, Names) -> pkix_verify_hostname(Cert, Names, []).

-spec pkix_verify_hostname(cert(), [{term(), term()}], list()) -> boolean().
pkix_verify_hostname(Cert, Names, Options) ->
    pubkey_hostname:verify(otp(Cert), Names, Options).

-spec pkix_verify_hostname_match_fun(https) -> fun().
pkix_verify_hostname_match_fun(Protocol) -> pubkey_hostname:match_fun(Protocol).

-spec pkix_test_data(#{} | chain_opts()) -> test_config() | [conf_opt()].
pkix_test_data(#{} = Options) -> pubkey_test_certs:chains(Options).

-spec pkix_test_root_cert(string(), [cert_opt()]) -> test_root_cert().
pkix_test_root_cert(Name, Options) -> pubkey_test_certs:root(Name, Options).

%%% Revoked certificates

%% Whether lists say that a certificate is still good. With each list comes the
%% point that it is from.
-spec pkix_crls_validate(#'OTPCertificate'{}, list(), list()) ->
          valid | {bad_cert, term()}.
pkix_crls_validate(Cert, Lists, Options) ->
    pubkey_crl:validate(Cert, Lists, Options).

%% Whether a list was signed with the key of the certificate.
-spec pkix_crl_verify(der_encoded() | #'CertificateList'{}, cert()) ->
          boolean().
pkix_crl_verify(List, Cert) ->
    #'CertificateList'{} = Crl = crl(List),
    #'OTPCertificate'{tbsCertificate = Tbs} = otp(Cert),
    #'OTPSubjectPublicKeyInfo'{
       subjectPublicKey = Key,
       algorithm = #'PublicKeyAlgorithm'{parameters = Parameters}}
        = Tbs#'OTPTBSCertificate'.subjectPublicKeyInfo,
    pubkey_crl:verify(der_encode('CertificateList', Crl), Crl, Key, Parameters).

crl(Der) when is_binary(Der) -> der_decode('CertificateList', Der);
crl(#'CertificateList'{} = List) -> List.

-spec pkix_crl_issuer(der_encoded() | #'CertificateList'{}) -> issuer_name().
pkix_crl_issuer(List) ->
    #'CertificateList'{tbsCertList = Tbs} = crl(List),
    pubkey_cert_records:transform(Tbs#'TBSCertList'.issuer, decode).

%% A point for lists of the issuer, when the certificate tells none.
-spec pkix_dist_point(cert()) -> #'DistributionPoint'{}.
pkix_dist_point(Cert0) ->
    #'OTPCertificate'{tbsCertificate = Tbs} = Cert = otp(Cert0),
    Issuer = pubkey_cert_records:transform(Tbs#'OTPTBSCertificate'.issuer,
                                           encode),
    Others = case pubkey_cert:extension(?'id-ce-issuerAltName', Cert) of
                 undefined -> [];
                 Names -> Names
             end,
    Name = [{directoryName, pkix_normalize_name(Issuer)} | Others],
    #'DistributionPoint'{distributionPoint = {fullName, Name}}.

-spec pkix_dist_points(cert()) -> [#'DistributionPoint'{}].
pkix_dist_points(Cert) ->
    case pubkey_cert:extension(?'id-ce-cRLDistributionPoints', otp(Cert)) of
        undefined -> [];
        Points -> lists:reverse(Points)
    end.

%% Whether a list is one for the point.
-spec pkix_match_dist_point(der_encoded() | #'CertificateList'{},
                            #'DistributionPoint'{}) -> boolean().
pkix_match_dist_point(List, #'DistributionPoint'{distributionPoint = Name}) ->
    #'CertificateList'{tbsCertList = Tbs} = crl(List),
    Id = ?'id-ce-issuingDistributionPoint',
    Scope = pubkey_cert:extension(Id, Tbs#'TBSCertList'.crlExtensions),
    case Name of
        asn1_NOVALUE -> true;
        {fullName, _} when Scope =:= undefined -> true;
        {fullName, Names} ->
            #'IssuingDistributionPoint'{distributionPoint = {fullName, Own}}
                = der_decode('IssuingDistributionPoint', Scope),
            pubkey_crl:match_one(Own, Names)
    end.

%% What a responder's answer says of a certificate.
-spec pkix_ocsp_validate(cert(), cert(), der_encoded(), [cert()],
                         undefined | binary()) -> valid | {bad_cert, term()}.
pkix_ocsp_validate(Cert, Issuer, Answer, Certs, Nonce) ->
    pubkey_ocsp:validate(otp(Cert), otp(Issuer), Answer, Certs, Nonce).

-spec ocsp_extensions(undefined | binary()) -> [#'Extension'{}].
ocsp_extensions(Nonce) -> pubkey_ocsp:extensions(Nonce).

-spec ocsp_responder_id(#'Certificate'{}) -> binary().
ocsp_responder_id(Cert) -> pubkey_ocsp:get_ocsp_responder_id(Cert).

%%% Certificates that the system trusts

-spec cacerts_get() -> [combined_cert()].
cacerts_get() -> pubkey_os_cacerts:get().

-spec cacerts_load() -> ok | {error, term()}.
cacerts_load() -> pubkey_os_cacerts:load().

-spec cacerts_load(file:filename_all()) -> ok | {error, term()}.
cacerts_load(File) -> pubkey_os_cacerts:load([File]).

-spec cacerts_clear() -> boolean().
cacerts_clear() -> pubkey_os_cacerts:clear().

%%% Signatures

-spec sign(iodata() | {digest, binary()}, digest_type(), private_key()) ->
          binary().
sign(Data, Digest, Key) -> sign(Data, Digest, Key, []).

%% The signature of the data by a private key.
-spec sign(iodata() | {digest, binary()}, digest_type(), private_key(),
           list()) -> binary().
sign(Data, none, #'DSAPrivateKey'{} = Key, Options) when is_binary(Data) ->
    sign({digest, Data}, sha, Key, Options);
sign(Data, Digest, Key, Options) ->
    case private_key(Key) of
        badarg -> erlang:error(badarg, [Data, Digest, Key, Options]);
        {Algorithm, Numbers} ->
            plainly(fun() ->
                            crypto:sign(Algorithm, Digest, Data, Numbers,
                                        Options)
                    end)
    end.

-spec verify(iodata() | {digest, binary()}, digest_type(), binary(),
             public_key()) -> boolean().
verify(Data, Digest, Signature, Key) ->
    verify(Data, Digest, Signature, Key, []).

%% Whether the signature is that of the data by the other half of this key.
-spec verify(iodata() | {digest, binary()}, digest_type(), binary(),
             public_key(), list()) -> boolean().
verify(Data, none, Signature, {_, #'Dss-Parms'{}} = Key, Options)
  when is_binary(Data) ->
    verify({digest, Data}, sha, Signature, Key, Options);
verify(Data, Digest, Signature, Key, Options) when is_binary(Signature) ->
    case public_key(Key) of
        badarg -> erlang:error(badarg, [Data, Digest, Signature, Key, Options]);
        {Algorithm, Numbers} ->
            plainly(fun() ->
                            crypto:verify(Algorithm, Digest, Data, Signature,
                                          Numbers, Options)
                    end)
    end;
%% A bit string that is no whole bytes is no signature.
verify(_, _, _, _, _) -> false.

%% crypto's errors without where they come from.
plainly(Do) ->
    try Do()
    catch
        error:{Reason, _, _} when Reason =:= notsup; Reason =:= error;
                                  Reason =:= badarg ->
            error(Reason)
    end.

%% {Algorithm, Key} as crypto takes them.
private_key(#'RSAPrivateKey'{} = Key) -> {rsa, rsa_numbers(Key)};
private_key(#'DSAPrivateKey'{p = P, q = Q, g = G, x = X}) ->
    {dss, [P, Q, G, X]};
private_key(#'ECPrivateKey'{privateKey = Key, parameters = Curve}) ->
    {signer(Curve), [Key, pubkey_curve:spec(Curve)]};
private_key({ed_pri, Curve, _, Key}) -> {eddsa, [Key, Curve]};
private_key(_) -> badarg.

rsa_numbers(#'RSAPrivateKey'{modulus = N, publicExponent = E,
                             privateExponent = D, prime1 = P, prime2 = Q,
                             exponent1 = E1, exponent2 = E2, coefficient = C})
  when is_integer(N), is_integer(E), is_integer(D) ->
    case lists:all(fun is_integer/1, [P, Q, E1, E2, C]) of
        true -> [E, N, D, P, Q, E1, E2, C];
        false -> [E, N, D]
    end.

public_key(#'RSAPublicKey'{modulus = N, publicExponent = E}) -> {rsa, [E, N]};
public_key({#'ECPoint'{point = Point}, Curve}) ->
    {signer(Curve), [Point, pubkey_curve:spec(Curve)]};
public_key({Y, #'Dss-Parms'{p = P, q = Q, g = G}}) -> {dss, [P, Q, G, Y]};
public_key({ed_pub, Curve, Key}) -> {eddsa, [Key, Curve]};
public_key(#'RSAPrivateKey'{modulus = N, publicExponent = E}) -> {rsa, [E, N]};
public_key(#'ECPrivateKey'{parameters = Curve, publicKey = {_, Point}}) ->
    public_key({#'ECPoint'{point = Point}, Curve});
public_key(#'ECPrivateKey'{parameters = Curve, publicKey = Point}) ->
    public_key({#'ECPoint'{point = Point}, Curve});
public_key(#'DSAPrivateKey'{y = Y, p = P, q = Q, g = G}) ->
    {dss, [P, Q, G, Y]};
public_key(_) -> badarg.

signer({namedCurve, Id}) when ?IS_EDWARDS(Id) -> eddsa;
signer(_) -> ecdsa.

%%% Hiding and showing, by RSA

-spec encrypt_public(binary(), public_key()) -> binary().
encrypt_public(Text, Key) -> encrypt_public(Text, Key, []).

-spec encrypt_public(binary(), public_key(), list()) -> binary().
encrypt_public(Text, #'RSAPublicKey'{modulus = N, publicExponent = E}, Options)
  when is_binary(Text), is_list(Options) ->
    crypto:public_encrypt(rsa, Text, [E, N], padded(Options)).

-spec decrypt_private(binary(), private_key()) -> binary().
decrypt_private(Text, Key) -> decrypt_private(Text, Key, []).

-spec decrypt_private(binary(), private_key(), list()) -> binary().
decrypt_private(Text, #'RSAPrivateKey'{} = Key, Options)
  when is_binary(Text), is_list(Options) ->
    crypto:private_decrypt(rsa, Text, rsa_numbers(Key), padded(Options)).

-spec encrypt_private(binary(), private_key()) -> binary().
encrypt_private(Text, Key) -> encrypt_private(Text, Key, []).

-spec encrypt_private(binary(), private_key(), list()) -> binary().
encrypt_private(Text, #'RSAPrivateKey'{} = Key, Options)
  when is_binary(Text), is_list(Options) ->
    crypto:private_encrypt(rsa, Text, rsa_numbers(Key), padded(Options)).

-spec decrypt_public(binary(), public_key()) -> binary().
decrypt_public(Text, Key) -> decrypt_public(Text, Key, []).

-spec decrypt_public(binary(), public_key(), list()) -> binary().
decrypt_public(Text, #'RSAPublicKey'{modulus = N, publicExponent = E}, Options)
  when is_binary(Text), is_list(Options) ->
    crypto:public_decrypt(rsa, Text, [E, N], padded(Options)).

%% One padding: told by either name or alone, else that of PKCS 1.
padded(Options) ->
    Alone = [O || O <- Options, not is_tuple(O)] ++ [rsa_pkcs1_padding],
    Named = proplists:get_value(rsa_padding, Options, hd(Alone)),
    Padding = proplists:get_value(rsa_pad, Options, Named),
    [{rsa_padding, Padding}
     | [{K, V} || {K, V} <- Options, K =/= rsa_padding, K =/= rsa_pad]].

%%% New keys

%% A new private key, or for Diffie-Hellman {Public, Private}.
-spec generate_key(key_params()) -> private_key() | {binary(), binary()}.
generate_key(#'DHParameter'{prime = P, base = G}) ->
    crypto:generate_key(dh, [P, G]);
generate_key({rsa, Bits, Exponent}) ->
    {_, Numbers} = crypto:generate_key(rsa, {Bits, Exponent}),
    [E, N, D, P, Q, E1, E2, C] = [crypto:bytes_to_integer(B) || B <- Numbers],
    #'RSAPrivateKey'{version = 'two-prime', modulus = N, publicExponent = E,
                     privateExponent = D, prime1 = P, prime2 = Q,
                     exponent1 = E1, exponent2 = E2, coefficient = C};
generate_key({namedCurve, Name}) when is_atom(Name) ->
    generate_key({namedCurve, pubkey_curve:oid(Name)});
generate_key(#'ECParameters'{} = Curve) -> generate_key({ecParameters, Curve});
generate_key({Kind, Curve} = Parameters) when Kind =:= namedCurve;
                                              Kind =:= ecParameters ->
    Type = case pubkey_curve:kind(Curve) of
               ec -> ecdh;
               Other -> Other
           end,
    {Public, Private}
        = crypto:generate_key(Type, pubkey_curve:spec(Parameters)),
    #'ECPrivateKey'{version = 1, privateKey = Private, parameters = Parameters,
                    publicKey = Public}.

%% The secret that a private key and another's point make.
-spec compute_key(#'ECPoint'{}, #'ECPrivateKey'{}) -> binary().
compute_key(#'ECPoint'{point = Point},
            #'ECPrivateKey'{privateKey = Key,
                            parameters = {_, Curve} = Parameters}) ->
    Type = case pubkey_curve:kind(Curve) of
               eddh -> eddh;
               _ -> ecdh
           end,
    crypto:compute_key(Type, Point, Key, pubkey_curve:spec(Parameters)).

-spec compute_key(binary(), binary(), #'DHParameter'{}) -> binary().
compute_key(Public, Private, #'DHParameter'{prime = P, base = G}) ->
    crypto:compute_key(dh, Public, Private, [P, G]).

%% A group for Diffie-Hellman of about this size.
-spec dh_gex_group(pos_integer(), pos_integer(), pos_integer(),
                   undefined | [{pos_integer(), [{pos_integer(),
                                                  pos_integer()}]}]) ->
          {ok, {pos_integer(), {pos_integer(), pos_integer()}}}
        | {error, term()}.
dh_gex_group(Min, Wanted, Max, Groups) ->
    pubkey_dh:group(Min, Wanted, Max, Groups).

-spec dh_gex_group_sizes() -> [pos_integer()].
dh_gex_group_sizes() -> pubkey_dh:sizes().

-spec ssh_curvename2oid(binary()) -> oid().
ssh_curvename2oid(Name) -> pubkey_curve:ssh_oid(Name).

-spec oid2ssh_curvename(oid()) -> binary().
oid2ssh_curvename(Id) -> pubkey_curve:ssh_name(Id).
