%% SPDX-License-Identifier: Apache-2.0
%% OTP-PUB-KEY: the types of PKIX, of PKCS 1, 3, 7 and 10, and of OCSP, as
%% pubkey_der describes types.
-module('OTP-PUB-KEY').

-export([decode/2, encode/2, type/1, open/2]).

-include("OTP-PUB-KEY.hrl").

-define(SHA1, {'HashAlgorithm', ?'id-sha1', 'NULL'}).
-define(MGF1, {'MaskGenAlgorithm', ?'id-mgf1', ?SHA1}).

decode(Type, Bytes) -> pubkey_der:decode(?MODULE, Type, Bytes).

encode(Type, Value) -> pubkey_der:encode(?MODULE, Type, Value).

%%% Keys

type('RSAPublicKey') -> {seq, 'RSAPublicKey', [int, int]};
type('RSAPrivateKey') ->
    {seq, 'RSAPrivateKey',
     [{int, [{'two-prime', 0}, {multi, 1}]}, int, int, int, int, int, int, int,
      int, {opt, 'OtherPrimeInfos'}]};
type('OtherPrimeInfos') -> {seqof, 'OtherPrimeInfo'};
type('OtherPrimeInfo') -> {seq, 'OtherPrimeInfo', [int, int, int]};
type('RSASSA-PSS-params') ->
    {seq, 'RSASSA-PSS-params',
     [{default, ?SHA1, {ex, 0, 'HashAlgorithm'}},
      {default, ?MGF1, {ex, 1, 'MaskGenAlgorithm'}},
      {default, 20, {ex, 2, int}}, {default, 1, {ex, 3, 'TrailerField'}}]};
type('RSAES-OAEP-params') ->
    {seq, 'RSAES-OAEP-params',
     [{default, ?SHA1, {ex, 0, 'HashAlgorithm'}},
      {default, ?MGF1, {ex, 1, 'MaskGenAlgorithm'}},
      {default, {'PSourceAlgorithm', ?'id-pSpecified', <<>>},
       {ex, 2, 'PSourceAlgorithm'}}]};
type('TrailerField') -> {int, [{trailerFieldBC, 1}]};
type('HashAlgorithm') -> algorithm('HashAlgorithm', {open, hashes});
type('MaskGenAlgorithm') -> algorithm('MaskGenAlgorithm', {open, masks});
type('PSourceAlgorithm') -> algorithm('PSourceAlgorithm', {open, sources});
type('EncodingParameters') -> octets;
type('RSAES-AlgorithmIdentifier') ->
    algorithm('RSAES-AlgorithmIdentifier', {open, pkcs1});
type('RSASSA-AlgorithmIdentifier') ->
    algorithm('RSASSA-AlgorithmIdentifier', {open, pkcs1});
type('DigestAlgorithm') -> algorithm('DigestAlgorithm', {open, digests});
type('DigestInfoPKCS-1') ->
    {seq, 'DigestInfoPKCS-1', ['DigestAlgorithm', octets]};
type('DSAPrivateKey') ->
    {seq, 'DSAPrivateKey', [int, int, int, int, int, int]};
type('DSAPublicKey') -> int;
type('DSAParams') -> {choice, [{params, 'Dss-Parms'}, {null, null}]};
type('Dss-Parms') -> {seq, 'Dss-Parms', [int, int, int]};
type('Dss-Sig-Value') -> {seq, 'Dss-Sig-Value', [int, int]};
type('DHParameter') -> {seq, 'DHParameter', [int, int, {opt, int}]};
type('DHPublicKey') -> int;
type('DomainParameters') ->
    {seq, 'DomainParameters',
     [int, int, int, {opt, int}, {opt, 'ValidationParms'}]};
type('ValidationParms') -> {seq, 'ValidationParms', [bits, int]};
type('KEA-Parms-Id') -> octets;
type('KEA-PublicKey') -> int;
type('ECPrivateKey') ->
    {seq, 'ECPrivateKey',
     [int, octets, {opt, {ex, 0, 'EcpkParameters'}}, {opt, {ex, 1, bits}},
      {opt, any}]};
type('CurvePrivateKey') -> octets;
type('CurvePublicKey') -> bits;
type('ECPoint') -> octets;
type('EcpkParameters') ->
    {choice, [{ecParameters, 'ECParameters'}, {namedCurve, oid},
              {implicitlyCA, null}]};
type('ECParameters') ->
    {seq, 'ECParameters',
     [{int, [{ecpVer1, 1}]}, 'FieldID', 'Curve', octets, int, {opt, int}]};
type('Curve') -> {seq, 'Curve', [octets, octets, {opt, bits}]};
type('FieldID') -> {seq, 'FieldID', [oid, any]};
type('OTPFieldID') -> {seq, 'OTPFieldID', [oid, {open, fields}]};
type('Prime-p') -> int;
type('Trinomial') -> int;
type('Pentanomial') -> {seq, 'Pentanomial', [int, int, int]};
type('Characteristic-two') -> {seq, 'Characteristic-two', [int, oid, any]};
type('FieldElement') -> octets;
type('ECDSA-Sig-Value') -> {seq, 'ECDSA-Sig-Value', [int, int]};
type('AES-IV') -> {octets, 16};

%%% Names

type('Name') -> {choice, [{rdnSequence, 'RDNSequence'}]};
type('RDNSequence') -> {seqof, 'RelativeDistinguishedName'};
type('DistinguishedName') -> type('RDNSequence');
type('RelativeDistinguishedName') -> {setof, 'AttributeTypeAndValue'};
type('AttributeTypeAndValue') -> {seq, 'AttributeTypeAndValue', [oid, any]};
type('AttributeType') -> oid;
type('AttributeValue') -> any;
type('Attribute') -> {seq, 'Attribute', [oid, {setof, any}]};
type('OTPAttributeTypeAndValue') ->
    {seq, 'OTPAttributeTypeAndValue', [oid, {open, attributes}]};
type('X520name') -> directory_string(65536, 65536, 131072);
type('X520CommonName') -> directory_string(128, 128, 256);
type('X520LocalityName') -> directory_string(128, 128, 256);
type('X520StateOrProvinceName') -> directory_string(128, 128, 256);
type('X520OrganizationName') -> directory_string(128, 128, 256);
type('X520OrganizationalUnitName') -> directory_string(128, 128, 256);
type('X520Title') -> directory_string(128, 128, 256);
type('X520Pseudonym') -> directory_string(128, 128, 256);
type('DirectoryString') -> directory_string(infinity, infinity, infinity);
type('X520dnQualifier') -> {text, printable};
type('X520countryName') -> {text, printable, 2, 2};
type('X520SerialNumber') -> {text, printable, 1, 64};
type('DomainComponent') -> {text, ia5};
type('EmailAddress') -> {text, ia5, 1, 255};
type('OTP-X520countryname') ->
    {choice, [{printableString, {text, printable, 2, 3}},
              {utf8String, {text, utf8}}]};
type('OTP-emailAddress') ->
    {choice, [{ia5String, {text, ia5, 1, 255}}, {utf8String, {text, utf8}}]};
type('GeneralNames') -> {seqof, 'GeneralName'};
type('GeneralName') ->
    {choice, [{otherName, {im, 0, 'AnotherName'}},
              {rfc822Name, {im, 1, {text, ia5}}},
              {dNSName, {im, 2, {text, ia5}}},
              {x400Address, {im, 3, 'ORAddress'}},
              {directoryName, {ex, 4, 'Name'}},
              {ediPartyName, {im, 5, 'EDIPartyName'}},
              {uniformResourceIdentifier, {im, 6, {text, ia5}}},
              {iPAddress, {im, 7, octets}}, {registeredID, {im, 8, oid}}]};
type('AnotherName') -> {seq, 'AnotherName', [oid, {ex, 0, any}]};
type('EDIPartyName') ->
    {seq, 'EDIPartyName',
     [{opt, {ex, 0, 'DirectoryString'}}, {ex, 1, 'DirectoryString'}]};

%%% Certificates and lists of revoked ones

type('Certificate') ->
    {seq, 'Certificate', ['TBSCertificate', 'AlgorithmIdentifier', bits]};
type(signed) -> {seq, signed, [raw, any, any]};
type('TBSCertificate') ->
    {seq, 'TBSCertificate',
     certified('AlgorithmIdentifier', 'SubjectPublicKeyInfo')};
type('OTPCertificate') ->
    {seq, 'OTPCertificate', ['OTPTBSCertificate', 'SignatureAlgorithm', bits]};
type('OTPTBSCertificate') ->
    {seq, 'OTPTBSCertificate',
     certified('SignatureAlgorithm', 'OTPSubjectPublicKeyInfo')};
type('Version') -> {int, [{v1, 0}, {v2, 1}, {v3, 2}]};
type('CertificateSerialNumber') -> int;
type('UniqueIdentifier') -> bits;
type('Validity') -> {seq, 'Validity', ['Time', 'Time']};
type('Time') ->
    {choice, [{utcTime, {text, utc}}, {generalTime, {text, generalized}}]};
type('AlgorithmIdentifier') -> algorithm('AlgorithmIdentifier', any);
type('SignatureAlgorithm-Any') -> algorithm('SignatureAlgorithm-Any', any);
type('SignatureAlgorithm') ->
    algorithm('SignatureAlgorithm', {open, signatures});
type('PublicKeyAlgorithm') -> algorithm('PublicKeyAlgorithm', {open, keys});
type('SubjectPublicKeyInfo') ->
    {seq, 'SubjectPublicKeyInfo', ['AlgorithmIdentifier', bits]};
type('OTPSubjectPublicKeyInfo') ->
    {seq, 'OTPSubjectPublicKeyInfo', ['PublicKeyAlgorithm', bits]};
type('OTPSubjectPublicKeyInfo-Any') ->
    {seq, 'OTPSubjectPublicKeyInfo-Any', ['PublicKeyAlgorithm', any]};
type('Extensions') -> {seqof, 'Extension'};
type('Extension') ->
    {seq, 'Extension', [oid, {default, false, bool}, octets]};
type('Extension-Any') ->
    {seq, 'Extension-Any', [oid, {default, false, bool}, any]};
type('ObjId') -> oid;
type('Boolean') -> bool;
type('Any') -> any;
type('CertificateList') ->
    {seq, 'CertificateList', ['TBSCertList', 'AlgorithmIdentifier', bits]};
type('TBSCertList') ->
    {seq, 'TBSCertList',
     [{opt, 'Version'}, 'AlgorithmIdentifier', 'Name', 'Time', {opt, 'Time'},
      {opt, {seqof, {seq, 'TBSCertList_revokedCertificates_SEQOF',
                     [int, 'Time', {opt, 'Extensions'}]}}},
      {opt, {ex, 0, 'Extensions'}}]};

%%% Extensions

type('AuthorityKeyIdentifier') ->
    {seq, 'AuthorityKeyIdentifier',
     [{opt, {im, 0, octets}}, {opt, {im, 1, 'GeneralNames'}},
      {opt, {im, 2, int}}]};
type('SubjectKeyIdentifier') -> octets;
type('KeyIdentifier') -> octets;
type('KeyUsage') ->
    {flags, [digitalSignature, nonRepudiation, keyEncipherment,
             dataEncipherment, keyAgreement, keyCertSign, cRLSign,
             encipherOnly, decipherOnly]};
type('PrivateKeyUsagePeriod') ->
    {seq, 'PrivateKeyUsagePeriod',
     [{opt, {im, 0, {text, generalized}}},
      {opt, {im, 1, {text, generalized}}}]};
type('CertificatePolicies') -> {seqof, 'PolicyInformation'};
type('PolicyInformation') ->
    {seq, 'PolicyInformation', [oid, {opt, {seqof, 'PolicyQualifierInfo'}}]};
type('PolicyQualifierInfo') -> {seq, 'PolicyQualifierInfo', [oid, any]};
type('PolicyQualifierId') -> oid;
type('CertPolicyId') -> oid;
type('CPSuri') -> {text, ia5};
type('UserNotice') ->
    {seq, 'UserNotice', [{opt, 'NoticeReference'}, {opt, 'DisplayText'}]};
type('NoticeReference') ->
    {seq, 'NoticeReference', ['DisplayText', {seqof, int}]};
type('DisplayText') ->
    {choice, [{ia5String, {text, ia5, 1, 200}},
              {visibleString, {text, visible, 1, 200}},
              {bmpString, {text, bmp, 1, 200}}, {utf8String, {text, utf8}}]};
type('PolicyMappings') ->
    {seqof, {seq, 'PolicyMappings_SEQOF', [oid, oid]}};
type('SubjectAltName') -> type('GeneralNames');
type('IssuerAltName') -> type('GeneralNames');
type('SubjectDirectoryAttributes') -> {seqof, 'Attribute'};
type('BasicConstraints') ->
    {seq, 'BasicConstraints',
     [{default, false, bool}, {opt, {range, 0, infinity}}]};
type('NameConstraints') ->
    {seq, 'NameConstraints',
     [{opt, {im, 0, 'GeneralSubtrees'}}, {opt, {im, 1, 'GeneralSubtrees'}}]};
type('GeneralSubtrees') -> {seqof, 'GeneralSubtree'};
type('GeneralSubtree') ->
    {seq, 'GeneralSubtree',
     ['GeneralName', {default, 0, {im, 0, 'BaseDistance'}},
      {opt, {im, 1, 'BaseDistance'}}]};
type('BaseDistance') -> {range, 0, infinity};
type('PolicyConstraints') ->
    {seq, 'PolicyConstraints',
     [{opt, {im, 0, 'SkipCerts'}}, {opt, {im, 1, 'SkipCerts'}}]};
type('SkipCerts') -> {range, 0, infinity};
type('InhibitAnyPolicy') -> {range, 0, infinity};
type('CRLDistributionPoints') -> {seqof, 'DistributionPoint'};
type('FreshestCRL') -> type('CRLDistributionPoints');
type('DistributionPoint') ->
    {seq, 'DistributionPoint',
     [{opt, {ex, 0, 'DistributionPointName'}}, {opt, {im, 1, 'ReasonFlags'}},
      {opt, {im, 2, 'GeneralNames'}}]};
type('DistributionPointName') ->
    {choice, [{fullName, {im, 0, 'GeneralNames'}},
              {nameRelativeToCRLIssuer, {im, 1, 'RelativeDistinguishedName'}}]};
type('ReasonFlags') ->
    {flags, [unused, keyCompromise, cACompromise, affiliationChanged,
             superseded, cessationOfOperation, certificateHold,
             privilegeWithdrawn, aACompromise]};
type('ExtKeyUsageSyntax') -> {seqof, oid};
type('KeyPurposeId') -> oid;
type('AuthorityInfoAccessSyntax') -> {seqof, 'AccessDescription'};
type('SubjectInfoAccessSyntax') -> {seqof, 'AccessDescription'};
type('AccessDescription') ->
    {seq, 'AccessDescription', [oid, 'GeneralName']};
type('CRLNumber') -> {range, 0, infinity};
type('BaseCRLNumber') -> {range, 0, infinity};
type('IssuingDistributionPoint') ->
    {seq, 'IssuingDistributionPoint',
     [{opt, {ex, 0, 'DistributionPointName'}}, {default, false, {im, 1, bool}},
      {default, false, {im, 2, bool}}, {opt, {im, 3, 'ReasonFlags'}},
      {default, false, {im, 4, bool}}, {default, false, {im, 5, bool}}]};
type('CRLReason') ->
    {enum, [{unspecified, 0}, {keyCompromise, 1}, {cACompromise, 2},
            {affiliationChanged, 3}, {superseded, 4},
            {cessationOfOperation, 5}, {certificateHold, 6},
            {removeFromCRL, 8}, {privilegeWithdrawn, 9}, {aACompromise, 10}]};
type('CertificateIssuer') -> type('GeneralNames');
type('HoldInstructionCode') -> oid;
type('InvalidityDate') -> {text, generalized};

%%% Requests for certificates (PKCS 10)

type('CertificationRequest') ->
    {seq, 'CertificationRequest',
     ['CertificationRequestInfo',
      algorithm('CertificationRequest_signatureAlgorithm', opentype), bits]};
type('CertificationRequestInfo') ->
    {seq, 'CertificationRequestInfo',
     [{int, [{v1, 0}]}, 'Name',
      {seq, 'CertificationRequestInfo_subjectPKInfo',
       [algorithm('CertificationRequestInfo_subjectPKInfo_algorithm', opentype),
        bits]},
      {im, 0, {setof, {seq, 'AttributePKCS-10', [oid, {setof, opentype}]}}}]};
type('ExtensionRequest') -> type('Extensions');

%%% Messages (PKCS 7)

type('ContentInfo') ->
    {seq, 'ContentInfo', [oid, {opt, {ex, 0, {open, contents}}}]};
type('ContentType') -> oid;
type('Data') -> octets;
type('MessageDigest') -> octets;
type('SigningTime') -> type('Time');
type('SignedData') ->
    {seq, 'SignedData',
     [{int, [{sdVer1, 1}, {sdVer2, 2}]}, 'DigestAlgorithmIdentifiers',
      'ContentInfo', {opt, sent_certificates}, {opt, sent_lists},
      'SignerInfos']};
type(sent_certificates) ->
    {choice,
     [{certSet, {im, 0, {setof, 'ExtendedCertificateOrCertificate'}}},
      {certSequence, {im, 2, {seqof, 'Certificate'}}}]};
type(sent_lists) ->
    {choice, [{crlSet, {im, 1, {setof, 'CertificateList'}}},
              {crlSequence, {im, 3, {seqof, 'CertificateList'}}}]};
type('Certificates') -> {seqof, 'Certificate'};
type('CRLSequence') -> {seqof, 'CertificateList'};
type('CertificateRevocationLists') -> {setof, 'CertificateList'};
type('ExtendedCertificatesAndCertificates') ->
    {setof, 'ExtendedCertificateOrCertificate'};
type('ExtendedCertificateOrCertificate') ->
    {choice, [{certificate, 'Certificate'},
              {extendedCertificate, {im, 0, 'Certificate'}}]};
type('SignerInfos') ->
    {choice, [{siSet, {setof, 'SignerInfo'}},
              {siSequence, {seqof, 'SignerInfo'}}]};
type('DigestAlgorithmIdentifiers') ->
    {choice, [{daSet, {setof, 'DigestAlgorithmIdentifier'}},
              {daSequence, {seqof, 'DigestAlgorithmIdentifier'}}]};
type('SignerInfo') ->
    {seq, 'SignerInfo',
     [{int, [{siVer1, 1}, {siVer2, 2}]}, 'IssuerAndSerialNumber',
      'DigestAlgorithmIdentifier',
      {opt, 'SignerInfoAuthenticatedAttributes'},
      'DigestEncryptionAlgorithmIdentifier', octets,
      {opt, {choice, [{uaSet, {im, 1, {setof, attribute_of(unauthenticated)}}},
                      {uaSequence,
                       {im, 3, {seqof, attribute_of(unauthenticated)}}}]}}]};
type('SignerInfoAuthenticatedAttributes') ->
    {choice, [{aaSet, {im, 0, {setof, attribute_of(authenticated)}}},
              {aaSequence, {ex, 2, {seqof, attribute_of(authenticated)}}}]};
type('IssuerAndSerialNumber') -> {seq, 'IssuerAndSerialNumber', ['Name', int]};
type('DigestAlgorithmIdentifier') ->
    algorithm('DigestAlgorithmIdentifier', opentype);
type('DigestEncryptionAlgorithmIdentifier') ->
    algorithm('DigestEncryptionAlgorithmIdentifier', opentype);
type('KeyEncryptionAlgorithmIdentifier') ->
    algorithm('KeyEncryptionAlgorithmIdentifier', opentype);
type('ContentEncryptionAlgorithmIdentifier') ->
    algorithm('ContentEncryptionAlgorithmIdentifier', opentype);
type('EnvelopedData') ->
    {seq, 'EnvelopedData',
     [{int, [{edVer0, 0}, {edVer1, 1}]}, 'RecipientInfos',
      'EncryptedContentInfo']};
type('RecipientInfos') ->
    {choice, [{riSet, {setof, 'RecipientInfo'}},
              {riSequence, {seqof, 'RecipientInfo'}}]};
type('RecipientInfo') ->
    {seq, 'RecipientInfo',
     [{int, [{riVer0, 0}]}, 'IssuerAndSerialNumber',
      'KeyEncryptionAlgorithmIdentifier', octets]};
type('EncryptedContentInfo') ->
    {seq, 'EncryptedContentInfo',
     [oid, 'ContentEncryptionAlgorithmIdentifier', {opt, {im, 0, octets}}]};
type('SignedAndEnvelopedData') ->
    {seq, 'SignedAndEnvelopedData',
     [{int, [{seVer1, 1}, {seVer2, 2}]}, 'RecipientInfos',
      'DigestAlgorithmIdentifiers', 'EncryptedContentInfo',
      {opt, sent_certificates}, {opt, sent_lists}, 'SignerInfos']};
type('DigestedData') ->
    {seq, 'DigestedData',
     [{int, [{ddVer0, 0}]}, 'DigestAlgorithmIdentifier', 'ContentInfo',
      octets]};
type('EncryptedData') ->
    {seq, 'EncryptedData', [{int, [{edVer0, 0}]}, 'EncryptedContentInfo']};
type('DigestInfoPKCS-7') ->
    {seq, 'DigestInfoPKCS-7', ['DigestAlgorithmIdentifier', octets]};

%%% Asking whether a certificate is still good (OCSP)

type('OCSPRequest') ->
    {seq, 'OCSPRequest', ['TBSRequest', {opt, {ex, 0, 'Signature'}}]};
type('TBSRequest') ->
    {seq, 'TBSRequest',
     [{default, 0, {ex, 0, {int, [{v1, 0}]}}}, {opt, {ex, 1, 'GeneralName'}},
      {seqof, 'Request'}, {opt, {ex, 2, 'Extensions'}}]};
type('Signature') ->
    {seq, 'Signature',
     ['AlgorithmIdentifier', bits, {opt, {ex, 0, {seqof, 'Certificate'}}}]};
type('Request') -> {seq, 'Request', ['CertID', {opt, {ex, 0, 'Extensions'}}]};
type('CertID') ->
    {seq, 'CertID', ['AlgorithmIdentifier', octets, octets, int]};
type('OCSPResponse') ->
    {seq, 'OCSPResponse',
     ['OCSPResponseStatus', {opt, {ex, 0, 'ResponseBytes'}}]};
type('OCSPResponseStatus') ->
    {enum, [{successful, 0}, {malformedRequest, 1}, {internalError, 2},
            {tryLater, 3}, {sigRequired, 5}, {unauthorized, 6}]};
type('ResponseBytes') -> {seq, 'ResponseBytes', [oid, octets]};
type('BasicOCSPResponse') ->
    {seq, 'BasicOCSPResponse',
     ['ResponseData', 'AlgorithmIdentifier', bits,
      {opt, {ex, 0, {seqof, 'Certificate'}}}]};
type('ResponseData') ->
    {seq, 'ResponseData',
     [{default, 0, {ex, 0, {int, [{v1, 0}]}}}, 'ResponderID',
      {text, generalized}, {seqof, 'SingleResponse'},
      {opt, {ex, 1, 'Extensions'}}]};
type('ResponderID') ->
    {choice, [{byName, {ex, 1, 'Name'}}, {byKey, {ex, 2, octets}}]};
type('KeyHash') -> octets;
type('SingleResponse') ->
    {seq, 'SingleResponse',
     ['CertID', 'CertStatus', {text, generalized},
      {opt, {ex, 0, {text, generalized}}}, {opt, {ex, 1, 'Extensions'}}]};
type('CertStatus') ->
    {choice, [{good, {im, 0, null}}, {revoked, {im, 1, 'RevokedInfo'}},
              {unknown, {im, 2, null}}]};
type('RevokedInfo') ->
    {seq, 'RevokedInfo', [{text, generalized}, {opt, {ex, 0, 'CRLReason'}}]};
type('ArchiveCutoff') -> {text, generalized};
type('AcceptableResponses') -> {seqof, oid};
type('ServiceLocator') ->
    {seq, 'ServiceLocator', ['Name', 'AuthorityInfoAccessSyntax']};
type('CrlID') ->
    {seq, 'CrlID', [{opt, {ex, 0, {text, ia5}}}, {opt, {ex, 1, int}},
                    {opt, {ex, 2, {text, generalized}}}]};
type('PreferredSignatureAlgorithms') ->
    {seqof, 'PreferredSignatureAlgorithm'};
type('PreferredSignatureAlgorithm') ->
    {seq, 'PreferredSignatureAlgorithm',
     ['AlgorithmIdentifier', {opt, 'AlgorithmIdentifier'}]};
type('Nonce') -> octets;
type(Name) -> address(Name).

%%% Addresses of X.400

address('ORAddress') ->
    {seq, 'ORAddress',
     ['BuiltInStandardAttributes', {opt, 'BuiltInDomainDefinedAttributes'},
      {opt, 'ExtensionAttributes'}]};
address('BuiltInStandardAttributes') ->
    {seq, 'BuiltInStandardAttributes',
     [{opt, 'CountryName'}, {opt, 'AdministrationDomainName'},
      {opt, {im, 0, 'NetworkAddress'}}, {opt, {im, 1, 'TerminalIdentifier'}},
      {opt, {ex, 2, 'PrivateDomainName'}}, {opt, {im, 3, 'OrganizationName'}},
      {opt, {im, 4, 'NumericUserIdentifier'}}, {opt, {im, 5, 'PersonalName'}},
      {opt, {im, 6, 'OrganizationalUnitNames'}}]};
%% These two have tags of the class of applications.
address('CountryName') -> {ex, 16#41, 'PhysicalDeliveryCountryName'};
address('AdministrationDomainName') -> {ex, 16#42, domain(0)};
address('PrivateDomainName') -> domain(1);
address('NetworkAddress') -> {text, numeric, 1, 16};
address('X121Address') -> {text, numeric, 1, 16};
address('TerminalIdentifier') -> {text, printable, 1, 24};
address('OrganizationName') -> {text, printable, 1, 128};
address('NumericUserIdentifier') -> {text, numeric, 1, 32};
address('PersonalName') -> {set, 'PersonalName', person(printable)};
address('TeletexPersonalName') ->
    {set, 'TeletexPersonalName', person(teletex)};
address('OrganizationalUnitNames') -> {seqof, 'OrganizationalUnitName'};
address('OrganizationalUnitName') -> {text, printable, 1, 128};
address('TeletexOrganizationalUnitNames') ->
    {seqof, 'TeletexOrganizationalUnitName'};
address('TeletexOrganizationalUnitName') -> {text, teletex, 1, 128};
address('TeletexOrganizationName') -> {text, teletex, 1, 128};
address('BuiltInDomainDefinedAttributes') ->
    {seqof, 'BuiltInDomainDefinedAttribute'};
address('BuiltInDomainDefinedAttribute' = Name) ->
    {seq, Name, [{text, printable, 1, 8}, {text, printable, 1, 128}]};
address('TeletexDomainDefinedAttributes') ->
    {seqof, 'TeletexDomainDefinedAttribute'};
address('TeletexDomainDefinedAttribute' = Name) ->
    {seq, Name, [{text, teletex, 1, 8}, {text, teletex, 1, 128}]};
address('ExtensionAttributes') -> {setof, 'ExtensionAttribute'};
address('ExtensionAttribute') ->
    {seq, 'ExtensionAttribute', [{im, 0, {range, 0, 256}}, {ex, 1, any}]};
address('CommonName') -> {text, printable, 1, 128};
address('TeletexCommonName') -> {text, teletex, 1, 128};
address('PDSName') -> {text, printable, 1, 16};
address('PhysicalDeliveryCountryName') ->
    {choice, [{'x121-dcc-code', {text, numeric, 3, 3}},
              {'iso-3166-alpha2-code', {text, printable, 2, 2}}]};
address('PostalCode') ->
    {choice, [{'numeric-code', {text, numeric, 1, 16}},
              {'printable-code', {text, printable, 1, 16}}]};
address('PDSParameter') ->
    {set, 'PDSParameter',
     [{opt, {text, printable, 1, 30}}, {opt, {text, teletex, 1, 30}}]};
address('UnformattedPostalAddress') ->
    {set, 'UnformattedPostalAddress',
     [{opt, {seqof, {text, printable, 1, 30}}},
      {opt, {text, teletex, 1, 180}}]};
address('ExtendedNetworkAddress') ->
    {choice, [{'e163-4-address',
               {seq, 'ExtendedNetworkAddress_e163-4-address',
                [{im, 0, {text, numeric, 1, 15}},
                 {opt, {im, 1, {text, numeric, 1, 40}}}]}},
              {'psap-address', {im, 0, 'PresentationAddress'}}]};
address('PresentationAddress') ->
    {seq, 'PresentationAddress',
     [{opt, {ex, 0, octets}}, {opt, {ex, 1, octets}}, {opt, {ex, 2, octets}},
      {ex, 3, {setof, octets}}]};
address('TerminalType') ->
    {int, [{telex, 3}, {teletex, 4}, {'g3-facsimile', 5}, {'g4-facsimile', 6},
           {'ia5-terminal', 7}, {videotex, 8}]};
address(Name) ->
    IsPart = lists:member(Name, ['PhysicalDeliveryOfficeName',
                                 'PhysicalDeliveryOfficeNumber',
                                 'ExtensionORAddressComponents',
                                 'PhysicalDeliveryPersonalName',
                                 'PhysicalDeliveryOrganizationName',
                                 'ExtensionPhysicalDeliveryAddressComponents',
                                 'StreetAddress', 'PostOfficeBoxAddress',
                                 'PosteRestanteAddress', 'UniquePostalName',
                                 'LocalPostalAttributes']),
    case IsPart of
        true -> address('PDSParameter');
        false -> attributes(Name)
    end.

domain(Min) ->
    {choice, [{numeric, {text, numeric, Min, 16}},
              {printable, {text, printable, Min, 16}}]}.

person(Kind) ->
    [{im, 0, {text, Kind, 1, 40}}, {opt, {im, 1, {text, Kind, 1, 16}}},
     {opt, {im, 2, {text, Kind, 1, 5}}}, {opt, {im, 3, {text, Kind, 1, 3}}}].

%%% Certificates of attributes (RFC 3281)

attributes('AttributeCertificate') ->
    {seq, 'AttributeCertificate',
     ['AttributeCertificateInfo', 'AlgorithmIdentifier', bits]};
attributes('AttributeCertificateInfo') ->
    {seq, 'AttributeCertificateInfo',
     ['AttCertVersion', 'Holder', 'AttCertIssuer', 'AlgorithmIdentifier', int,
      'AttCertValidityPeriod', {seqof, 'Attribute'}, {opt, bits},
      {opt, 'Extensions'}]};
attributes('AttCertVersion') -> {int, [{v2, 1}]};
attributes('Holder') ->
    {seq, 'Holder',
     [{opt, {im, 0, 'IssuerSerial'}}, {opt, {im, 1, 'GeneralNames'}},
      {opt, {im, 2, 'ObjectDigestInfo'}}]};
attributes('ObjectDigestInfo') ->
    {seq, 'ObjectDigestInfo',
     [{enum, [{publicKey, 0}, {publicKeyCert, 1}, {otherObjectTypes, 2}]},
      {opt, oid}, 'AlgorithmIdentifier', bits]};
attributes('AttCertIssuer') ->
    {choice, [{v1Form, 'GeneralNames'}, {v2Form, {im, 0, 'V2Form'}}]};
attributes('V2Form') ->
    {seq, 'V2Form',
     [{opt, 'GeneralNames'}, {opt, {im, 0, 'IssuerSerial'}},
      {opt, {im, 1, 'ObjectDigestInfo'}}]};
attributes('IssuerSerial') ->
    {seq, 'IssuerSerial', ['GeneralNames', int, {opt, bits}]};
attributes('AttCertValidityPeriod') ->
    {seq, 'AttCertValidityPeriod', [{text, generalized}, {text, generalized}]};
attributes('Targets') -> {seqof, 'Target'};
attributes('Target') ->
    {choice, [{targetName, {ex, 0, 'GeneralName'}},
              {targetGroup, {ex, 1, 'GeneralName'}},
              {targetCert, {im, 2, 'TargetCert'}}]};
attributes('TargetCert') ->
    {seq, 'TargetCert',
     ['IssuerSerial', {opt, 'GeneralName'}, {opt, 'ObjectDigestInfo'}]};
attributes('IetfAttrSyntax') ->
    {seq, 'IetfAttrSyntax',
     [{opt, {im, 0, 'GeneralNames'}},
      {seqof, {choice, [{octets, octets}, {oid, oid},
                        {string, {text, utf8}}]}}]};
attributes('SvceAuthInfo') ->
    {seq, 'SvceAuthInfo', ['GeneralName', 'GeneralName', {opt, octets}]};
attributes('RoleSyntax') ->
    {seq, 'RoleSyntax',
     [{opt, {im, 0, 'GeneralNames'}}, {ex, 1, 'GeneralName'}]};
attributes('Clearance') ->
    {seq, 'Clearance',
     [{im, 0, oid}, {default, [unclassified], {im, 1, 'ClassList'}},
      {opt, {im, 2, {setof, 'SecurityCategory'}}}]};
attributes('ClassList') ->
    {flags, [unmarked, unclassified, restricted, confidential, secret,
             topSecret]};
attributes('SecurityCategory') ->
    {seq, 'SecurityCategory', [{im, 0, oid}, {ex, 1, any}]};
attributes('AAControls') ->
    {seq, 'AAControls',
     [{opt, {range, 0, infinity}}, {opt, {im, 0, 'AttrSpec'}},
      {opt, {im, 1, 'AttrSpec'}}, {default, true, bool}]};
attributes('AttrSpec') -> {seqof, oid};
attributes('ACClearAttrs') ->
    {seq, 'ACClearAttrs', ['GeneralName', int, {seqof, 'Attribute'}]};
attributes('ProxyInfo') -> {seqof, 'Targets'};
attributes(Name) ->
    %% Other names of types.
    maps:get(Name, #{'OTPExtensions' => {seqof, 'Extension'},
                     'ExtendedCertificate' => type('Certificate'),
                     'VersionPKIX1Explicit88' => type('Version'),
                     'VersionPKCS-1' => {int, [{'two-prime', 0}, {multi, 1}]},
                     'VersionOCSP-2013-88' => {int, [{v1, 0}]},
                     'ECPVer' => {int, [{ecpVer1, 1}]},
                     'Digest' => octets, 'EncryptedKey' => octets,
                     'EncryptedDigest' => octets, 'EncryptedContent' => octets,
                     'SHA1Parameters' => null, 'UnknownInfo' => null},
             undefined).

algorithm(Name, Parameters) -> {seq, Name, [oid, {opt, Parameters}]}.

certified(Algorithm, KeyInfo) ->
    [{default, 0, {ex, 0, 'Version'}}, int, Algorithm, 'Name', 'Validity',
     'Name', KeyInfo, {opt, {im, 1, bits}}, {opt, {im, 2, bits}},
     {opt, {ex, 3, 'Extensions'}}].

directory_string(Teletex, Printable, Wide) ->
    {choice, [{teletexString, {text, teletex, 1, Teletex}},
              {printableString, {text, printable, 1, Printable}},
              {universalString, {text, universal, 1, Wide}},
              {utf8String, {text, utf8}}, {bmpString, {text, bmp, 1, Wide}}]}.

attribute_of(Table) ->
    {seq, 'AttributePKCS-7', [oid, {setof, {open, Table}}]}.

%%% Tables: the type that goes with an identifier

open(signatures, {1, 2, 840, 113549, 1, 1, N})
  when N =:= 2; N =:= 4; N =:= 5; N >= 11, N =< 14 -> null;
open(signatures, ?'sha-1WithRSAEncryption') -> null;
open(signatures, ?'id-RSASSA-PSS') -> 'RSASSA-PSS-params';
open(signatures, {1, 2, 840, 10045, 4, 1}) -> 'EcpkParameters';
open(signatures, {1, 2, 840, 10045, 4, 3, N}) when N >= 1, N =< 4 ->
    'EcpkParameters';
open(signatures, ?'id-dsa-with-sha1') -> 'DSAParams';
open(signatures, ?'id-dsaWithSHA1') -> 'DSAParams';
open(signatures, ?'id-dsa-with-sha224') -> 'DSAParams';
open(signatures, ?'id-dsa-with-sha256') -> 'DSAParams';
open(keys, ?rsaEncryption) -> null;
open(keys, ?'id-RSASSA-PSS') -> 'RSASSA-PSS-params';
open(keys, ?'id-dsa') -> 'DSAParams';
open(keys, ?'id-ecPublicKey') -> 'EcpkParameters';
open(keys, ?dhpublicnumber) -> 'DomainParameters';
open(keys, ?'id-keyExchangeAlgorithm') -> 'KEA-Parms-Id';
open(fields, ?'prime-field') -> 'Prime-p';
open(fields, ?'characteristic-two-field') -> 'Characteristic-two';
open(attributes, Id) -> attribute(Id);
open(digests, ?'id-md2') -> null;
open(digests, ?'id-md5') -> null;
open(Table, ?'id-sha1') when Table =:= hashes; Table =:= digests -> null;
open(Table, {2, 16, 840, 1, 101, 3, 4, 2, N})
  when N =< 3, Table =:= hashes; N =< 3, Table =:= digests -> null;
open(masks, ?'id-mgf1') -> 'HashAlgorithm';
open(Table, ?'id-pSpecified') when Table =:= sources; Table =:= pkcs1 ->
    octets;
open(pkcs1, {1, 2, 840, 113549, 1, 1, N})
  when N =:= 1; N =:= 2; N =:= 4; N =:= 5; N >= 11, N =< 13 -> null;
open(pkcs1, ?'id-RSAES-OAEP') -> 'RSAES-OAEP-params';
open(pkcs1, ?'id-RSASSA-PSS') -> 'RSASSA-PSS-params';
open(contents, ?data) -> octets;
open(contents, ?signedData) -> 'SignedData';
open(contents, ?envelopedData) -> 'EnvelopedData';
open(contents, ?signedAndEnvelopedData) -> 'SignedAndEnvelopedData';
open(contents, ?digestedData) -> 'DigestedData';
open(contents, ?encryptedData) -> 'EncryptedData';
open(_, ?'pkcs-9-at-contentType') -> oid;
open(_, ?'pkcs-9-at-messageDigest') -> octets;
open(authenticated, ?'pkcs-9-at-signingTime') -> 'Time';
open(unauthenticated, ?'pkcs-9-at-counterSignature') -> 'SignerInfo';
open(authenticated, {2, 16, 840, 1, 113733, 1, 9, N})
  when N =:= 2; N =:= 3; N =:= 4; N =:= 7 -> {text, printable};
open(authenticated, {2, 16, 840, 1, 113733, 1, 9, N}) when N =:= 5; N =:= 6 ->
    octets;
open(Table, Id) when Table =:= signatures; Table =:= keys; Table =:= fields;
                     Table =:= digests -> {wrong, Id};
open(_, _) -> opentype.

attribute({2, 5, 4, N}) ->
    case N of
        3 -> 'X520CommonName'; 5 -> 'X520SerialNumber'; 6 -> 'X520countryName';
        7 -> 'X520LocalityName'; 8 -> 'X520StateOrProvinceName';
        10 -> 'X520OrganizationName'; 11 -> 'X520OrganizationalUnitName';
        12 -> 'X520Title'; 46 -> 'X520dnQualifier'; 65 -> 'X520Pseudonym';
        _ when N =:= 4; N >= 41, N =< 44 -> 'X520name';
        _ -> {wrong, {2, 5, 4, N}}
    end;
attribute(?'id-domainComponent') -> 'DomainComponent';
attribute(?'id-emailAddress') -> 'EmailAddress';
attribute(Id) -> {wrong, Id}.
