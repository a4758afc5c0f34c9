%% SPDX-License-Identifier: Apache-2.0
%% pubkey_cert: what is asked about a certificate that is decoded (otp): its
%% extensions, its names, how it is signed.
-module(pubkey_cert).

-export([extensions_list/1, select_extension/2, extension/2, is_issuer/2,
         is_directory_name/3, normal_name/1, is_self_signed/1, issuer_id/2,
         cert_auth_key_id/1, subject_id/1, is_fixed_dh/1, signed_parts/2,
         sign_types/1, pss_options/1, seconds/1, short_name_hash/1]).

-include("public_key.hrl").

%%% Extensions

extensions_list(#'OTPCertificate'{tbsCertificate = Tbs}) ->
    extensions_list(Tbs#'OTPTBSCertificate'.extensions);
extensions_list(asn1_NOVALUE) -> [];
extensions_list(Extensions) -> Extensions.

select_extension(Id, Extensions) ->
    case lists:keyfind(Id, #'Extension'.extnID, extensions_list(Extensions)) of
        false -> undefined;
        Extension -> Extension
    end.

%% The value of an extension of a certificate or a list of extensions.
extension(Id, Holder) ->
    case select_extension(Id, Holder) of
        undefined -> undefined;
        #'Extension'{extnValue = Value} -> Value
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

is_issuer({rdnSequence, _} = One, {rdnSequence, _} = Other) ->
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
    is_issuer(Issuer, Subject).

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
        undefined -> {error, issuer_not_found};
        Identifier -> cert_auth_key_id(Identifier)
    end.

cert_auth_key_id(#'AuthorityKeyIdentifier'{
                    authorityCertIssuer = asn1_NOVALUE}) ->
    {error, issuer_not_found};
cert_auth_key_id(#'AuthorityKeyIdentifier'{
                    authorityCertIssuer = [{Kind, Name}],
                    authorityCertSerialNumber = Serial}) ->
    {ok, {Serial, case Kind of
                      directoryName -> normal_name(Name);
                      _ -> Name
                  end}}.

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
    Canonical = [public_key:der_encode('RelativeDistinguishedName',
                                       canonical(Part)) || Part <- Parts],
    <<Hash:32/little, _/binary>> = crypto:hash(sha, Canonical),
    string:to_lower(string:right(integer_to_list(Hash, 16), 8, $0)).

canonical([#'AttributeTypeAndValue'{value = Bytes} = Attribute] = Part)
  when is_binary(Bytes) ->
    case pubkey_cert_records:transform(Attribute, decode) of
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
    Der = public_key:der_encode('X520CommonName', {utf8String, Bytes}),
    [Attribute#'AttributeTypeAndValue'{value = Der}].

lower(C) when C >= $A, C =< $Z -> C + 32;
lower(C) -> C.
