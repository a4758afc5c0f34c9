%% SPDX-License-Identifier: Apache-2.0
%% Records of keys and certificates, named as in their ASN.1.
-ifndef(public_key).
-define(public_key, true).

-record('RSAPublicKey', {modulus, publicExponent}).
-record('RSAPrivateKey',
        {version, modulus, publicExponent, privateExponent, prime1, prime2,
         exponent1, exponent2, coefficient, otherPrimeInfos = asn1_NOVALUE}).
-record('DSAPrivateKey', {version, p, q, g, y, x}).
-record('Dss-Parms', {p, q, g}).
-record('DHParameter', {prime, base, privateValueLength = asn1_NOVALUE}).
-record('ECPrivateKey',
        {version, privateKey, parameters = asn1_NOVALUE,
         publicKey = asn1_NOVALUE, attributes = asn1_NOVALUE}).
-record('ECPoint', {point}).
-record('AlgorithmIdentifier', {algorithm, parameters = asn1_NOVALUE}).
-record('SubjectPublicKeyInfo', {algorithm, subjectPublicKey}).
-record('AttributeTypeAndValue', {type, value}).
-record('Validity', {notBefore, notAfter}).
-record('Extension', {extnID, critical = asn1_DEFAULT, extnValue}).
-record('TBSCertificate',
        {version = asn1_DEFAULT, serialNumber, signature, issuer, validity,
         subject, subjectPublicKeyInfo, issuerUniqueID = asn1_NOVALUE,
         subjectUniqueID = asn1_NOVALUE, extensions = asn1_NOVALUE}).
-record('Certificate', {tbsCertificate, signatureAlgorithm, signature}).

-endif.
