%% SPDX-License-Identifier: Apache-2.0
%% pubkey_pem: DER in Base64 between lines that tell what it is.
-module(pubkey_pem).

-export([decode/1, encode/1]).

-include("public_key.hrl").

%% [{Type, Der, not_encrypted | {Cipher, Parameters}}]; what stands between the
%% parts is for people.
decode(Bytes) ->
    parts(binary:split(Bytes, [<<"\r\n">>, <<"\r">>, <<"\n">>], [global])).

parts([<<"-----BEGIN ", _/binary>> = Start | Lines]) ->
    case binary:split(string:trim(Start, trailing), [<<"BEGIN ">>, <<"-----">>],
                      [global]) of
        [<<>>, <<>>, Label, <<>>] -> part(type(Label), Lines);
        _ -> parts(Lines)
    end;
parts([_ | Lines]) -> parts(Lines);
parts([]) -> [].

part(undefined, Lines) -> parts(Lines);
part(Type, Lines) ->
    {Body, Others} = body(Lines, []),
    [entry(Type, Body) | parts(Others)].

body([<<"-----END ", _/binary>> | Others], Body) ->
    {lists:reverse(Body), Others};
body([Line | Lines], Body) -> body(Lines, [Line | Body]).

%% A head tells how the body is hidden; or the body itself does.
entry(Type, [<<"Proc-Type: 4,ENCRYPTED", _/binary>>, Info | Lines]) ->
    [_, Hidden] = string:lexemes(binary_to_list(Info), ": "),
    [Cipher, Salt] = string:lexemes(Hidden, ","),
    {Type, bytes(Lines), {Cipher, binary:decode_hex(list_to_binary(Salt))}};
entry('EncryptedPrivateKeyInfo' = Type, Lines) ->
    #'EncryptedPrivateKeyInfo'{encryptionAlgorithm = Algorithm,
                               encryptedData = Hidden}
        = public_key:der_decode(Type, bytes(Lines)),
    {'PrivateKeyInfo', Hidden, pubkey_pbe:decrypt_parameters(Algorithm)};
entry(Type, Lines) -> {Type, bytes(Lines), not_encrypted}.

bytes(Lines) -> base64:mime_decode(iolist_to_binary(Lines)).

encode(Entries) -> iolist_to_binary([text(Entry) || Entry <- Entries]).

text({Type, Der, not_encrypted}) -> text(label(Type), [], Der);
text({'PrivateKeyInfo', Hidden, Parameters}) ->
    Type = 'EncryptedPrivateKeyInfo',
    Info = #'EncryptedPrivateKeyInfo'{
              encryptionAlgorithm = pubkey_pbe:encrypt_parameters(Parameters),
              encryptedData = Hidden},
    text(label(Type), [], public_key:der_encode(Type, Info));
text({Type, Hidden, {Cipher, Salt}}) ->
    text(label(Type), ["Proc-Type: 4,ENCRYPTED\nDEK-Info: ", Cipher, $,,
                       binary:encode_hex(Salt), "\n\n"], Hidden).

text(Label, Head, Der) ->
    ["-----BEGIN ", Label, "-----\n", Head, lines(base64:encode(Der)),
     "-----END ", Label, "-----\n\n"].

lines(<<Line:64/binary, Rest/binary>>) when Rest =/= <<>> ->
    [Line, $\n | lines(Rest)];
lines(Line) -> [Line, $\n].

labels() ->
    [{<<"CERTIFICATE">>, 'Certificate'},
     {<<"RSA PRIVATE KEY">>, 'RSAPrivateKey'},
     {<<"RSA PUBLIC KEY">>, 'RSAPublicKey'},
     {<<"DSA PRIVATE KEY">>, 'DSAPrivateKey'},
     {<<"DH PARAMETERS">>, 'DHParameter'},
     {<<"PUBLIC KEY">>, 'SubjectPublicKeyInfo'},
     {<<"PRIVATE KEY">>, 'PrivateKeyInfo'},
     {<<"PRIVATE KEY">>, 'OneAsymmetricKey'},
     {<<"ENCRYPTED PRIVATE KEY">>, 'EncryptedPrivateKeyInfo'},
     {<<"CERTIFICATE REQUEST">>, 'CertificationRequest'},
     {<<"PKCS7">>, 'ContentInfo'},
     {<<"X509 CRL">>, 'CertificateList'},
     {<<"EC PARAMETERS">>, 'EcpkParameters'},
     {<<"EC PRIVATE KEY">>, 'ECPrivateKey'},
     {<<"OPENSSH PRIVATE KEY">>, {no_asn1, new_openssh}}].

type(Label) ->
    case lists:keyfind(Label, 1, labels()) of
        {_, Type} -> Type;
        false -> undefined
    end.

label(Type) -> label_of(lists:keyfind(Type, 2, labels())).

label_of({Label, _}) -> Label.
