%% SPDX-License-Identifier: Apache-2.0
%% pubkey_cert_records: certificates in the form where all that is known is
%% decoded (otp).
%%
%% The bytes of names, extensions and public keys have types of their own, told
%% by object identifiers: transform goes through a term and puts the values in
%% their place, or the bytes back.
-module(pubkey_cert_records).

-export([decode/1, transform/2, key_type/1, extension_type/1, namedCurves/1]).

-include("public_key.hrl").

%% A certificate, or badmatch as its DER's decoder says.
-spec decode(binary()) -> #'OTPCertificate'{}.
decode(Der) ->
    {ok, #'OTPCertificate'{} = Cert}
        = 'OTP-PUB-KEY':decode('OTPCertificate', Der),
    transform(Cert, decode).

%%% The bytes inside and their values

-spec transform(term(), encode | decode) -> term().
transform(#'OTPCertificate'{tbsCertificate = Tbs} = Cert, Way) ->
    Cert#'OTPCertificate'{tbsCertificate = transform(Tbs, Way)};
transform(#'OTPTBSCertificate'{issuer = Issuer, subject = Subject,
                               subjectPublicKeyInfo = Key,
                               extensions = Extensions} = Tbs, Way) ->
    Tbs#'OTPTBSCertificate'{
      issuer = transform(Issuer, Way), subject = transform(Subject, Way),
      subjectPublicKeyInfo = key_info(Key, Way),
      extensions = case Extensions of
                       asn1_NOVALUE -> asn1_NOVALUE;
                       _ -> [known_extension(E, Way) || E <- Extensions]
                   end};
transform(#'AttributeTypeAndValue'{type = Id, value = Value} = Attribute,
          Way) ->
    Attribute#'AttributeTypeAndValue'{value = attribute(Id, Value, Way)};
transform(#'AuthorityKeyIdentifier'{authorityCertIssuer = Issuer} = Key, Way) ->
    Key#'AuthorityKeyIdentifier'{authorityCertIssuer = transform(Issuer, Way)};
transform(#'NameConstraints'{permittedSubtrees = Permitted,
                             excludedSubtrees = Excluded}, Way) ->
    #'NameConstraints'{permittedSubtrees = subtrees(Permitted, Way),
                       excludedSubtrees = subtrees(Excluded, Way)};
%% Only alone: among other names OTP leaves it as it is.
transform([{directoryName, Name}], Way) ->
    [{directoryName, transform(Name, Way)}];
transform({directoryName, Name}, Way) -> {directoryName, transform(Name, Way)};
transform({rdnSequence, Parts}, Way) when is_list(Parts) ->
    {rdnSequence, [[transform(A, Way) || A <- Part] || Part <- Parts]};
transform(Other, _) -> Other.

subtrees(asn1_NOVALUE, _) -> asn1_NOVALUE;
subtrees(Trees, Way) ->
    [Tree#'GeneralSubtree'{base = transform(Base, Way)}
     || #'GeneralSubtree'{base = Base} = Tree <- Trees].

coded(Way, Type, Value) ->
    {ok, Coded} = 'OTP-PUB-KEY':Way(Type, Value),
    Coded.

attribute(Id, Value, Way) ->
    case 'OTP-PUB-KEY':open(attributes, Id) of
        {wrong, _} -> Value;
        'X520countryName' when Way =:= decode ->
            lenient('OTP-PUB-KEY':decode('OTP-X520countryname', Value));
        'EmailAddress' when Way =:= decode ->
            lenient('OTP-PUB-KEY':decode('OTP-emailAddress', Value));
        Type -> coded(Way, Type, Value)
    end.

%% What should be ASCII is in UTF-8 with some.
lenient(Decoded) ->
    case Decoded of
        {ok, {utf8String, Bytes}} -> unicode:characters_to_list(Bytes);
        {ok, {_, Text}} -> Text
    end.

key_info(#'OTPSubjectPublicKeyInfo'{
            algorithm = #'PublicKeyAlgorithm'{algorithm = Id} = Algorithm,
            subjectPublicKey = Key}, Way) ->
    Coded = case {key_type(Id), Way} of
                {'ECPoint', decode} -> #'ECPoint'{point = Key};
                {'ECPoint', encode} -> Key#'ECPoint'.point;
                {Type, _} -> coded(Way, Type, Key)
            end,
    #'OTPSubjectPublicKeyInfo'{algorithm = Algorithm, subjectPublicKey = Coded}.

%% The type of the public keys of an algorithm.
key_type(?rsaEncryption) -> 'RSAPublicKey';
key_type(?'id-RSASSA-PSS') -> 'RSAPublicKey';
key_type(?'id-dsa') -> 'DSAPublicKey';
key_type(?dhpublicnumber) -> 'DHPublicKey';
key_type(?'id-keyExchangeAlgorithm') -> 'KEA-PublicKey';
key_type(?'id-ecPublicKey') -> 'ECPoint';
key_type({1, 3, 101, N}) when N >= 110, N =< 113 -> 'ECPoint'.

known_extension(#'Extension'{extnID = Id, extnValue = Value} = Extension,
                Way) ->
    case extension_type(Id) of
        undefined -> Extension;
        Type when Way =:= decode ->
            Inner = coded(decode, Type, iolist_to_binary(Value)),
            Extension#'Extension'{extnValue = transform(Inner, decode)};
        Type ->
            Inner = transform(Value, encode),
            Extension#'Extension'{extnValue = coded(encode, Type, Inner)}
    end.

extension_type({2, 5, 29, N}) ->
    Types = #{9 => 'SubjectDirectoryAttributes', 14 => 'SubjectKeyIdentifier',
              15 => 'KeyUsage', 16 => 'PrivateKeyUsagePeriod',
              17 => 'SubjectAltName', 18 => 'IssuerAltName',
              19 => 'BasicConstraints', 20 => 'CRLNumber', 21 => 'CRLReason',
              23 => 'HoldInstructionCode', 24 => 'InvalidityDate',
              27 => 'BaseCRLNumber', 28 => 'IssuingDistributionPoint',
              29 => 'CertificateIssuer', 30 => 'NameConstraints',
              31 => 'CRLDistributionPoints', 32 => 'CertificatePolicies',
              33 => 'PolicyMappings', 35 => 'AuthorityKeyIdentifier',
              36 => 'PolicyConstraints', 37 => 'ExtKeyUsageSyntax',
              46 => 'FreshestCRL', 54 => 'InhibitAnyPolicy'},
    maps:get(N, Types, undefined);
extension_type(?'id-pe-authorityInfoAccess') -> 'AuthorityInfoAccessSyntax';
extension_type(?'id-pe-subjectInfoAccess') -> 'SubjectInfoAccessSyntax';
extension_type(_) -> undefined.

%% The name of a curve for its identifier, the identifier for its name.
namedCurves(Name) when is_atom(Name) -> pubkey_curve:oid(Name);
namedCurves(Id) -> pubkey_curve:name(Id).
