%% SPDX-License-Identifier: Apache-2.0
%% pubkey_ocsp: what a responder answered about a certificate (RFC 6960).
-module(pubkey_ocsp).

-export([validate/5, verify_ocsp_response/3, decode_ocsp_response/1,
         extensions/1, get_nonce_extn/1, get_ocsp_responder_id/1]).

-include("public_key.hrl").

%% Certs: those that may have signed the answer, beside those that came with it.
validate(Cert, Issuer, Der, Certs, Nonce) ->
    case verify_ocsp_response(Der, Certs, Nonce) of
        {ok, Responses} ->
            case [R || R <- Responses, is_about(R, Cert, Issuer)] of
                [#'SingleResponse'{certStatus = Status} | _] -> status(Status);
                [] -> undetermined(no_matched_response)
            end;
        {error, Reason} -> undetermined(Reason)
    end.

undetermined(Reason) -> {bad_cert, {revocation_status_undetermined, Reason}}.

status({good, _}) -> valid;
status({unknown, Reason}) -> undetermined(Reason);
status({revoked, Reason}) -> {bad_cert, {revoked, Reason}}.

%% What an answer says, when it is well signed and for the nonce.
verify_ocsp_response(Der, Certs, Nonce) ->
    case decode_ocsp_response(Der) of
        {ok, Basic} -> verified(Basic, Certs, Nonce);
        Error -> Error
    end.

decode_ocsp_response(Der) ->
    case public_key:der_decode('OCSPResponse', Der) of
        #'OCSPResponse'{
           responseStatus = successful,
           responseBytes =
               #'ResponseBytes'{responseType = ?'id-pkix-ocsp-basic',
                                response = Basic}} ->
            {ok, public_key:der_decode('BasicOCSPResponse', Basic)};
        #'OCSPResponse'{responseStatus = successful,
                        responseBytes = #'ResponseBytes'{responseType = Id}} ->
            {error, {ocsp_response_type_not_supported, Id}};
        #'OCSPResponse'{responseStatus = Status} -> {error, Status}
    end.

verified(#'BasicOCSPResponse'{tbsResponseData = Data, signature = Signature,
                              signatureAlgorithm = Algorithm, certs = Own},
         Certs, Nonce) ->
    #'ResponseData'{responderID = Id, responses = Responses,
                    responseExtensions = Extensions} = Data,
    All = case Own of
              asn1_NOVALUE -> Certs;
              _ -> Own ++ Certs
          end,
    case lists:search(fun(Cert) -> is_responder(Id, otp(Cert)) end, All) of
        false -> {error, ocsp_responder_cert_not_found};
        {value, Cert} ->
            {Digest, _} = public_key:pkix_sign_types(
                            Algorithm#'AlgorithmIdentifier'.algorithm),
            Signed = public_key:der_encode('ResponseData', Data),
            Nonces = pubkey_cert:extension(?'id-pkix-ocsp-nonce', Extensions),
            case public_key:verify(Signed, Digest, Signature,
                                   verifier(otp(Cert))) of
                false -> {error, ocsp_response_bad_signature};
                true when Nonces =:= Nonce -> {ok, Responses};
                true -> {error, nonce_mismatch}
            end
    end.

otp(#'OTPCertificate'{} = Cert) -> Cert;
otp(#'Certificate'{} = Cert) ->
    pubkey_cert_records:decode(public_key:der_encode('Certificate', Cert));
otp(Der) -> pubkey_cert_records:decode(Der).

is_responder({byName, Name}, Cert) ->
    public_key:der_encode('Name', Name) =:= subject(Cert);
is_responder({byKey, Hash}, Cert) -> Hash =:= crypto:hash(sha, key(Cert)).

is_about(#'SingleResponse'{
            certID = #'CertID'{hashAlgorithm = Algorithm, serialNumber = Serial,
                               issuerNameHash = Name, issuerKeyHash = Key}},
         Cert, Issuer) ->
    Digest = public_key:pkix_hash_type(
               Algorithm#'AlgorithmIdentifier'.algorithm),
    #'OTPCertificate'{tbsCertificate = Tbs} = otp(Cert),
    Serial =:= Tbs#'OTPTBSCertificate'.serialNumber
        andalso Name =:= crypto:hash(Digest, subject(otp(Issuer)))
        andalso Key =:= crypto:hash(Digest, key(otp(Issuer))).

subject(#'OTPCertificate'{tbsCertificate = Tbs}) ->
    public_key:pkix_encode('Name', Tbs#'OTPTBSCertificate'.subject, otp).

key_info(#'OTPCertificate'{tbsCertificate = Tbs}) ->
    Tbs#'OTPTBSCertificate'.subjectPublicKeyInfo.

verifier(Cert) ->
    #'OTPSubjectPublicKeyInfo'{
       algorithm = #'PublicKeyAlgorithm'{algorithm = Id,
                                         parameters = Parameters},
       subjectPublicKey = Key} = key_info(Cert),
    case {Key, Parameters} of
        {#'RSAPublicKey'{}, _} -> Key;
        {#'ECPoint'{}, asn1_NOVALUE} -> {Key, {namedCurve, Id}};
        {_, {params, Dss}} -> {Key, Dss};
        _ -> {Key, Parameters}
    end.

%% The bytes of the public key.
key(Cert) ->
    case (key_info(Cert))#'OTPSubjectPublicKeyInfo'.subjectPublicKey of
        #'RSAPublicKey'{} = Key -> public_key:der_encode('RSAPublicKey', Key);
        #'ECPoint'{point = Point} -> Point;
        Y when is_integer(Y) -> public_key:der_encode('DSAPublicKey', Y)
    end.

%% For a request: the nonce that must come back, and what is understood.
extensions(Nonce) ->
    Types = public_key:der_encode('AcceptableResponses',
                                  [?'id-pkix-ocsp-basic']),
    [Extension || #'Extension'{} = Extension <- [get_nonce_extn(Nonce)]]
        ++ [#'Extension'{extnID = ?'id-pkix-ocsp-response',
                         extnValue = Types}].

get_nonce_extn(undefined) -> undefined;
get_nonce_extn(Nonce) when is_binary(Nonce) ->
    #'Extension'{extnID = ?'id-pkix-ocsp-nonce', extnValue = Nonce}.

get_ocsp_responder_id(#'Certificate'{tbsCertificate = Tbs}) ->
    public_key:der_encode('ResponderID',
                          {byName, Tbs#'TBSCertificate'.subject}).
