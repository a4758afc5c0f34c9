%% SPDX-License-Identifier: Apache-2.0
%% public_key: lists of revoked certificates, answers of responders, keys hidden
%% by passwords, groups for Diffie-Hellman.
%% expect: [true,true,false,{rdnSequence,1}]
%% expect: [{bad_cert,{revoked,keyCompromise}},valid,valid]
%% expect: {bad_cert,{revocation_status_undetermined,{bad_crls,[{bad_crl,scope_error}]}}}
%% expect: {bad_cert,revocation_status_undetermined}
%% expect: [true,false,true]
%% expect: [valid,{bad_cert,{revoked,superseded}},{bad_cert,{revocation_status_undetermined,nonce_mismatch}}]
%% expect: {bad_cert,{revocation_status_undetermined,ocsp_response_bad_signature}}
%% expect: {bad_cert,{revocation_status_undetermined,tryLater}}
%% expect: [true,true,true]
%% expect: {error,badmatch}
%% expect: [true,true]
%% expect: [{ok,{2047,{2,b}}},{ok,{4095,{2,c}}},{error,no_group_found}]
-module(revoked_certs_test).
-export([main/0]).

-include_lib("public_key/include/public_key.hrl").

main() ->
    Key = public_key:generate_key({rsa, 1024, 65537}),
    #{cert := Root} = Issuer
        = public_key:pkix_test_root_cert("issuer", [{key, Key}]),
    Peers = [peer(Issuer) || _ <- [1, 2, 3]],
    lists_of(Root, Key, Peers),
    answers(Root, Key, Peers),
    hidden(Key),
    groups().

%% The first is on the list; the others may have been there.
lists_of(Root, Key, [Bad | _] = Peers) ->
    List = signed_list(Root, Key, [entry(Bad)], asn1_NOVALUE),
    {Der, _} = List,
    #{cert := Other}
        = public_key:pkix_test_root_cert("other", [{key, {rsa, 1024, 3}}]),
    {rdnSequence, Parts} = public_key:pkix_crl_issuer(Der),
    show([public_key:pkix_crl_verify(Der, Root),
          public_key:pkix_is_issuer(element(2, List), Root),
          public_key:pkix_crl_verify(Der, Other),
          {rdnSequence, length(Parts) div 6}]),
    show([validate(Peer, [List], Root, []) || Peer <- Peers]),
    Point = #'IssuingDistributionPoint'{onlyContainsCACerts = true},
    Scope = #'Extension'{
               extnID = ?'id-ce-issuingDistributionPoint', critical = true,
               extnValue = public_key:der_encode('IssuingDistributionPoint',
                                                 Point)},
    Narrow = signed_list(Root, Key, asn1_NOVALUE, [Scope]),
    {bad_cert, {revocation_status_undetermined, {bad_crls, Details}}}
        = validate(Bad, [Narrow], Root, [{undetermined_details, true}]),
    show({bad_cert, {revocation_status_undetermined,
                     {bad_crls, [Reason || {Reason, _} <- Details]}}}),
    show(validate(Bad, [Narrow], Root, [])),
    Uri = {fullName, [{uniformResourceIdentifier, "http://a/b"}]},
    Told = #'Extension'{
              extnID = ?'id-ce-issuingDistributionPoint',
              extnValue = public_key:der_encode(
                            'IssuingDistributionPoint',
                            #'IssuingDistributionPoint'{
                               distributionPoint = Uri})},
    {FromPoint, _} = signed_list(Root, Key, asn1_NOVALUE, [Told]),
    Names = [Uri, {fullName, [{uniformResourceIdentifier, "http://c/b"}]},
             asn1_NOVALUE],
    show([public_key:pkix_match_dist_point(
            FromPoint, #'DistributionPoint'{distributionPoint = Name})
          || Name <- Names]).

peer(Issuer) ->
    Config = public_key:pkix_test_data(#{root => Issuer,
                                         peer => [{key, {rsa, 1024, 3}}]}),
    {cert, Der} = lists:keyfind(cert, 1, Config),
    public_key:pkix_decode_cert(Der, otp).

serial(#'OTPCertificate'{tbsCertificate = Tbs}) ->
    Tbs#'OTPTBSCertificate'.serialNumber.

entry(Cert) ->
    #'TBSCertList_revokedCertificates_SEQOF'{
       userCertificate = serial(Cert),
       revocationDate = {utcTime, "200101000000Z"},
       crlEntryExtensions =
           [#'Extension'{extnID = ?'id-ce-cRLReasons',
                         extnValue = public_key:der_encode('CRLReason',
                                                           keyCompromise)}]}.

signed_list(Root, Key, Entries, Extensions) ->
    #'Certificate'{tbsCertificate = #'TBSCertificate'{subject = Subject}}
        = public_key:pkix_decode_cert(Root, plain),
    Algorithm = algorithm(),
    Tbs = #'TBSCertList'{version = v2, signature = Algorithm, issuer = Subject,
                         thisUpdate = {utcTime, "200101000000Z"},
                         nextUpdate = {utcTime, "490101000000Z"},
                         revokedCertificates = Entries,
                         crlExtensions = Extensions},
    Signature = public_key:sign(public_key:der_encode('TBSCertList', Tbs),
                                sha256, Key),
    List = #'CertificateList'{tbsCertList = Tbs,
                              signatureAlgorithm = Algorithm,
                              signature = Signature},
    Der = public_key:der_encode('CertificateList', List),
    {Der, public_key:der_decode('CertificateList', Der)}.

algorithm() ->
    #'AlgorithmIdentifier'{algorithm = ?sha256WithRSAEncryption,
                           parameters = <<5, 0>>}.

validate(Cert, Lists, Root, Options) ->
    Otp = public_key:pkix_decode_cert(Root, otp),
    Find = fun(_, _, _, _) -> {ok, Otp, []} end,
    Point = public_key:pkix_dist_point(Cert),
    public_key:pkix_crls_validate(Cert, [{Point, List} || List <- Lists],
                                  [{issuer_fun, {Find, none}} | Options]).

%% A responder that is the issuer itself.
answers(Root, Key, [Good, Bad, Other]) ->
    Revoked = #'RevokedInfo'{revocationTime = "20200101000000Z",
                             revocationReason = superseded},
    Status = [{Good, {good, 'NULL'}}, {Bad, {revoked, Revoked}},
              {Other, {unknown, 'NULL'}}],
    Answer = answer(Root, Key, Status, <<1, 2, 3>>),
    Ask = fun(Cert, Nonce) ->
                  public_key:pkix_ocsp_validate(Cert, Root, Answer, [], Nonce)
          end,
    show([Ask(Good, <<1, 2, 3>>),
          case Ask(Bad, <<1, 2, 3>>) of
              {bad_cert, {revoked, #'RevokedInfo'{revocationReason = Why}}} ->
                  {bad_cert, {revoked, Why}}
          end,
          Ask(Good, <<3>>)]),
    Wrong = answer(Root, public_key:generate_key({rsa, 1024, 3}), Status,
                   <<1>>),
    show(public_key:pkix_ocsp_validate(Good, Root, Wrong, [], <<1>>)),
    Later = public_key:der_encode('OCSPResponse',
                                  #'OCSPResponse'{responseStatus = tryLater}),
    show(public_key:pkix_ocsp_validate(Good, Root, Later, [], undefined)).

answer(Root, Key, Status, Nonce) ->
    #'Certificate'{tbsCertificate =
                       #'TBSCertificate'{subject = Subject,
                                         subjectPublicKeyInfo = Info}} = Plain
        = public_key:pkix_decode_cert(Root, plain),
    #'SubjectPublicKeyInfo'{subjectPublicKey = Bits} = Info,
    Name = crypto:hash(sha, public_key:der_encode('Name', Subject)),
    Responses =
        [#'SingleResponse'{
            certID = #'CertID'{
                        hashAlgorithm =
                            #'AlgorithmIdentifier'{algorithm = ?'id-sha1'},
                        issuerNameHash = Name,
                        issuerKeyHash = crypto:hash(sha, Bits),
                        serialNumber = serial(Cert)},
            certStatus = What, thisUpdate = "20200101000000Z"}
         || {Cert, What} <- Status],
    [Extension | _] = public_key:ocsp_extensions(Nonce),
    Data = #'ResponseData'{responderID = {byName, Subject},
                           producedAt = "20200101000000Z",
                           responses = Responses,
                           responseExtensions = [Extension]},
    Signature = public_key:sign(public_key:der_encode('ResponseData', Data),
                                sha256, Key),
    Basic = #'BasicOCSPResponse'{tbsResponseData = Data,
                                 signatureAlgorithm = algorithm(),
                                 signature = Signature, certs = [Plain]},
    public_key:der_encode(
      'OCSPResponse',
      #'OCSPResponse'{
         responseStatus = successful,
         responseBytes =
             #'ResponseBytes'{responseType = ?'id-pkix-ocsp-basic',
                              response = public_key:der_encode(
                                           'BasicOCSPResponse', Basic)}}).

%% As OpenSSL did, and in the two versions of PKCS 5.
hidden(Key) ->
    Old = {"AES-128-CBC", <<1:128>>},
    First = {"DES-EDE3-CBC", <<1:64>>},
    show([again('RSAPrivateKey', Key, Old), again('RSAPrivateKey', Key, First),
          again('PrivateKeyInfo', Key, second())]),
    Entry = public_key:pem_entry_encode('RSAPrivateKey', Key,
                                        {Old, "password"}),
    show(try public_key:pem_entry_decode(Entry, "passwort")
         catch
             error:{badmatch, _} -> {error, badmatch}
         end),
    Ed = public_key:generate_key({namedCurve, ?'id-Ed25519'}),
    Wrapped = public_key:der_encode('OneAsymmetricKey', Ed),
    show([public_key:der_decode('PrivateKeyInfo', Wrapped)
          =:= Ed#'ECPrivateKey'{version = 2},
          public_key:pem_entry_decode(
            public_key:pem_entry_encode('PrivateKeyInfo', Key)) =:= Key]).

again(Type, Key, Info) ->
    Entry = public_key:pem_entry_encode(Type, Key, {Info, "password"}),
    [Read] = public_key:pem_decode(public_key:pem_encode([Entry])),
    public_key:pem_entry_decode(Read, fun() -> "password" end) =:= Key.

second() ->
    Prf = #'PBKDF2-params_prf'{algorithm = ?'id-hmacWithSHA256',
                               parameters = {asn1_OPENTYPE, <<5, 0>>}},
    Derivation = #'PBKDF2-params'{salt = {specified, <<1:64>>},
                                  iterationCount = 10, prf = Prf},
    {"AES-256-CBC",
     #'PBES2-params'{
        keyDerivationFunc =
            #'PBES2-params_keyDerivationFunc'{algorithm = ?'id-PBKDF2',
                                              parameters = Derivation},
        encryptionScheme =
            #'PBES2-params_encryptionScheme'{
               algorithm = ?'id-aes256-CBC',
               parameters = {asn1_OPENTYPE, <<4, 16, 1:128>>}}}}.

groups() ->
    Groups = [{1023, [{2, a}]}, {2047, [{2, b}]}, {4095, [{2, c}]}],
    show([public_key:dh_gex_group(Min, N, Max, Groups)
          || {Min, N, Max} <- [{1024, 2000, 5000}, {2100, 2200, 4100},
                               {5000, 6000, 7000}]]).

show(Value) -> io:format("~0p~n", [Value]).
