%% SPDX-License-Identifier: Apache-2.0
%% pubkey_pem: DER in Base64 between lines that tell what it is.
-module(pubkey_pem).

-export([decode/1, encode/1]).

%% [{Type, Der, not_encrypted | {Cipher, Salt}}]; what stands between the parts
%% is for people.
decode(Bytes) ->
    parts([string:trim(L) || L <- binary:split(Bytes, <<"\n">>, [global])]).

parts([<<"-----BEGIN ", Rest/binary>> | Lines]) ->
    [Label | _] = binary:split(Rest, <<"-----">>),
    End = <<"-----END ", Label/binary, "-----">>,
    {Body, [End | Others]} = lists:splitwith(fun(L) -> L =/= End end, Lines),
    [entry(type(Label), Body) | parts(Others)];
parts([_ | Lines]) -> parts(Lines);
parts([]) -> [].

%% Lines of a head tell how the body is hidden.
entry(Type, Lines) ->
    {Head, Body} = lists:partition(fun(L) ->
                                           binary:match(L, <<":">>) =/= nomatch
                                   end, Lines),
    Hidden = case [Info || <<"DEK-Info: ", Info/binary>> <- Head] of
                 [] -> not_encrypted;
                 [Info] ->
                     [Cipher, Salt] = binary:split(Info, <<",">>),
                     {binary_to_list(Cipher), binary:decode_hex(Salt)}
             end,
    {Type, base64:decode(iolist_to_binary(Body)), Hidden}.

encode(Entries) -> iolist_to_binary([text(Entry) || Entry <- Entries]).

text({Type, Der, not_encrypted}) ->
    Label = label(Type),
    ["-----BEGIN ", Label, "-----\n", lines(base64:encode(Der)),
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
     {<<"ENCRYPTED PRIVATE KEY">>, 'EncryptedPrivateKeyInfo'},
     {<<"CERTIFICATE REQUEST">>, 'CertificationRequest'},
     {<<"X509 CRL">>, 'CertificateList'},
     {<<"EC PARAMETERS">>, 'EcpkParameters'},
     {<<"EC PRIVATE KEY">>, 'ECPrivateKey'}].

type(Label) ->
    {_, Type} = lists:keyfind(Label, 1, labels()),
    Type.

label(Type) ->
    {Label, _} = lists:keyfind(Type, 2, labels()),
    Label.
