%% SPDX-License-Identifier: Apache-2.0
%% pubkey_cert: certificates in the form where all that is known is decoded
%% (otp), and what is asked about one of them.
%%
%% The bytes of names, extensions and public keys have types of their own, told
%% by object identifiers: transform goes through a term and puts the values in
%% their place, or the bytes back.
-module(pubkey_cert).

-export([decode/1, transform/2, key_type/1, extensions/1, extension/2,
         is_same_name/2, is_directory_name/3, normal_name/1, is_self_signed/1,
         issuer_id/2, subject_id/1, is_fixed_dh/1, signed_parts/2, sign_types/1,
         pss_options/1, seconds/1, short_name_hash/1]).

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

%%% Extensions of one

extensions(#'OTPCertificate'{tbsCertificate = Tbs}) ->
    case Tbs#'OTPTBSCertificate'.extensions of
        asn1_NOVALUE -> [];
        Extensions -> Extensions
    end.

%% The value of an extension of a certificate or a list of extensions.
extension(Id, #'OTPCertificate'{} = Cert) -> extension(Id, extensions(Cert));
extension(_, asn1_NOVALUE) -> undefined;
extension(Id, Extensions) ->
    case lists:keyfind(Id, #'Extension'.extnID, Extensions) of
        #'Extension'{extnValue = Value} -> Value;
        false -> undefined
    end.

%%% Names

%% Spaces and case do not matter in printable strings.
normal_name({rdnSequence, Parts}) ->
    {rdnSequence, [normal_part(Part) || Part <- Parts]}.

normal_part([#'AttributeTypeAndValue'{value = {printableString, Text}} = A]) ->
    [A#'AttributeTypeAndValue'{value = {printableString, normal_text(Text)}}];
normal_part(Part) -> Part.

normal_text(Text) ->
    string:to_lower(lists:append(lists:join(" ", string:tokens(Text, " ")))).

is_same_name({rdnSequence, _} = One, {rdnSequence, _} = Other) ->
    {rdnSequence, Parts} = normal_name(One),
    {rdnSequence, Others} = normal_name(Other),
    is_directory_name(Parts, Others, exact).

%% Whether the parts of a name are these, or with prefix: begin with these.
is_directory_name([], [], _) -> true;
is_directory_name([Part | Parts], [Part | Others], How) ->
    is_directory_name(Parts, Others, How);
is_directory_name([[#'AttributeTypeAndValue'{type = Id, value = One}] | Parts],
                  [[#'AttributeTypeAndValue'{type = Id, value = Other}]
                   | Others], How) ->
    is_same_text(One, Other) andalso is_directory_name(Parts, Others, How);
is_directory_name(_, [], prefix) -> true;
is_directory_name(_, _, _) -> false.

is_same_text(Text, Text) -> true;
is_same_text({printableString, One}, {printableString, Other}) ->
    normal_text(One) =:= normal_text(Other);
is_same_text({utf8String, One}, Other) ->
    is_same_text({printableString, unicode:characters_to_list(One)}, Other);
is_same_text(One, {utf8String, Other}) ->
    is_same_text(One, {printableString, unicode:characters_to_list(Other)});
is_same_text(_, _) -> false.

is_self_signed(#'OTPCertificate'{
                  tbsCertificate = #'OTPTBSCertificate'{issuer = Issuer,
                                                        subject = Subject}}) ->
    is_same_name(Issuer, Subject).

subject_id(#'OTPCertificate'{
              tbsCertificate = #'OTPTBSCertificate'{serialNumber = Serial,
                                                    subject = Subject}}) ->
    {Serial, normal_name(Subject)}.

issuer_id(#'OTPCertificate'{
             tbsCertificate = #'OTPTBSCertificate'{serialNumber = Serial,
                                                   issuer = Issuer}}, self) ->
    {ok, {Serial, normal_name(Issuer)}};
issuer_id(Cert, other) ->
    case extension(?'id-ce-authorityKeyIdentifier', Cert) of
        #'AuthorityKeyIdentifier'{authorityCertIssuer = [{Kind, Name}],
                                  authorityCertSerialNumber = Serial} ->
            {ok, {Serial, case Kind of
                              directoryName -> normal_name(Name);
                              _ -> Name
                          end}};
        _ -> {error, issuer_not_found}
    end.

%% Whether its key is one of Diffie-Hellman that may agree on keys.
is_fixed_dh(#'OTPCertificate'{tbsCertificate = Tbs} = Cert) ->
    #'OTPTBSCertificate'{
       subjectPublicKeyInfo =
           #'OTPSubjectPublicKeyInfo'{
              algorithm = #'PublicKeyAlgorithm'{algorithm = Id}}} = Tbs,
    Id =:= ?dhpublicnumber andalso
        case extension(?'id-ce-keyUsage', Cert) of
            undefined -> true;
            Usage -> lists:member(keyAgreement, Usage)
        end.

%%% Signatures

%% {Digest, Bytes that are signed, Signature}
signed_parts(#'OTPCertificate'{signatureAlgorithm = Algorithm,
                               signature = Signature}, Der) ->
    {ok, {_, Signed, _, _}} = 'OTP-PUB-KEY':decode(signed, Der),
    {Digest, _, _} = sign_types(Algorithm),
    {Digest, Signed, Signature}.

%% {Digest, Kind of key, Options for crypto}
sign_types(#'SignatureAlgorithm'{
              algorithm = ?'id-RSASSA-PSS',
              parameters = #'RSASSA-PSS-params'{
                              saltLength = Salt,
                              hashAlgorithm =
                                  #'HashAlgorithm'{algorithm = Id}}}) ->
    Hash = public_key:pkix_hash_type(Id),
    {Hash, rsa_pss_pss, [{rsa_padding, rsa_pkcs1_pss_padding},
                         {rsa_pss_saltlen, Salt}, {rsa_mgf1_md, Hash}]};
sign_types(#'SignatureAlgorithm'{algorithm = Id}) ->
    {Digest, Kind} = public_key:pkix_sign_types(Id),
    {Digest, Kind, []}.

%% The options for crypto that a key's parameters ask for.
pss_options(#'RSASSA-PSS-params'{
               saltLength = Salt,
               maskGenAlgorithm =
                   #'MaskGenAlgorithm'{
                      algorithm = ?'id-mgf1',
                      parameters = #'HashAlgorithm'{algorithm = Id}}}) ->
    [{rsa_padding, rsa_pkcs1_pss_padding}, {rsa_pss_saltlen, Salt},
     {rsa_mgf1_md, public_key:pkix_hash_type(Id)}].

%%% Times

%% Seconds since the year 0 of a time as text. Years of two digits are those
%% from 1950 to 2049.
seconds({utcTime, [Tens, _ | _] = Text}) when length(Text) =:= 13 ->
    Century = case Tens >= $5 of
                  true -> "19";
                  false -> "20"
              end,
    seconds({generalTime, Century ++ Text});
seconds({_, [_, _, _, _, _, _, _, _, _, _, _, _, _, _, $Z] = Text}) ->
    [Year, Month, Day, Hour, Minute, Second]
        = [list_to_integer(lists:sublist(Text, At, Size))
           || {At, Size} <- [{1, 4}, {5, 2}, {7, 2}, {9, 2}, {11, 2}, {13, 2}]],
    calendar:datetime_to_gregorian_seconds(
      {{Year, Month, Day}, {Hour, Minute, Second}}).

%%% The hash that OpenSSL names files of certificates by

short_name_hash({rdnSequence, Parts}) ->
    Canonical = [coded(encode, 'RelativeDistinguishedName', canonical(Part))
                 || Part <- Parts],
    <<Hash:32/little, _/binary>> = crypto:hash(sha, Canonical),
    string:to_lower(string:right(integer_to_list(Hash, 16), 8, $0)).

canonical([#'AttributeTypeAndValue'{value = Bytes} = Attribute] = Part)
  when is_binary(Bytes) ->
    case transform(Attribute, decode) of
        #'AttributeTypeAndValue'{value = Bytes} -> Part;
        Decoded -> canonical([Decoded])
    end;
canonical([#'AttributeTypeAndValue'{value = {Kind, Text}} = Attribute])
  when Kind =:= utf8String; Kind =:= printableString; Kind =:= teletexString;
       Kind =:= ia5String ->
    canonical([Attribute#'AttributeTypeAndValue'{value = Text}], Text);
canonical([#'AttributeTypeAndValue'{value = Text}] = Part) when is_list(Text) ->
    canonical(Part, Text).

canonical([Attribute], Text) ->
    Words = string:lexemes(unicode:characters_to_binary(Text), " \f\n\r\t\v"),
    Bytes = << <<(lower(C))>>
               || <<C>> <= iolist_to_binary(lists:join(" ", Words)) >>,
    Der = coded(encode, 'X520CommonName', {utf8String, Bytes}),
    [Attribute#'AttributeTypeAndValue'{value = Der}].

lower(C) when C >= $A, C =< $Z -> C + 32;
lower(C) -> C.
