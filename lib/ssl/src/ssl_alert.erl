%% SPDX-License-Identifier: Apache-2.0
%% Alerts: their names and texts, and where in its own sources OTP says to have
%% found what one is about.
-module(ssl_alert).

-export([number/1, own/4, received/3, of_certificate/1, format/1]).

-define(IS_13(Version), Version =:= 16#0304).

%% {Number, Name, Text}
names() ->
    [{0, close_notify, "Close Notify"},
     {10, unexpected_message, "Unexpected Message"},
     {20, bad_record_mac, "Bad Record MAC"},
     {21, decryption_failed_reserved, "Decryption Failed Reserved"},
     {22, record_overflow, "Record Overflow"},
     {30, decompression_failure, "Decompression Failure"},
     {40, handshake_failure, "Handshake Failure"},
     {41, no_certificate_reserved, "No Certificate Reserved"},
     {42, bad_certificate, "Bad Certificate"},
     {43, unsupported_certificate, "Unsupported Certificate"},
     {44, certificate_revoked, "Certificate Revoked"},
     {45, certificate_expired, "Certificate Expired"},
     {46, certificate_unknown, "Certificate Unknown"},
     {47, illegal_parameter, "Illegal Parameter"},
     {48, unknown_ca, "Unknown CA"},
     {49, access_denied, "Access Denied"},
     {50, decode_error, "Decode Error"},
     {51, decrypt_error, "Decrypt Error"},
     {60, export_restriction, "Export Restriction"},
     {70, protocol_version, "Protocol Version"},
     {71, insufficient_security, "Insufficient Security"},
     {80, internal_error, "Internal Error"},
     {86, inappropriate_fallback, "Inappropriate Fallback"},
     {90, user_canceled, "User Canceled"},
     {100, no_renegotiation, "No Renegotiation"},
     {109, missing_extension, "Missing extension"},
     {110, unsupported_extension, "Unsupported Extension"},
     {111, certificate_unobtainable, "Certificate Unobtainable"},
     {112, unrecognized_name, "Unrecognized Name"},
     {113, bad_certificate_status_response,
      "Bad Certificate Status Response"},
     {114, bad_certificate_hash_value, "Bad Certificate Hash Value"},
     {115, unknown_psk_identity, "Unknown Psk Identity"},
     {116, certificate_required, "Certificate required"},
     {120, no_application_protocol, "No application protocol"}].

number(Name) ->
    {Number, _, _} = lists:keyfind(Name, 2, names()),
    Number.

named(Number) ->
    case lists:keyfind(Number, 1, names()) of
        {_, Name, Text} -> {Name, Text};
        false ->
            {'unsupported/unknown_alert',
             io_lib:format("unsupported/unknown alert: ~p", [Number])}
    end.

%% {Alert, Line of ssl_handshake.erl, Reason | undefined} for what is wrong
%% with a certificate.
of_certificate({bad_cert, cert_expired}) -> {45, 2094, undefined};
of_certificate({bad_cert, invalid_issuer}) -> {42, 2096, undefined};
of_certificate({bad_cert, invalid_signature}) -> {42, 2098, undefined};
of_certificate({bad_cert, name_not_permitted}) -> {42, 2100, undefined};
of_certificate({bad_cert, unknown_critical_extension}) ->
    {43, 2102, undefined};
of_certificate({bad_cert, {revoked, _}}) -> {44, 2104, undefined};
of_certificate({bad_cert, {revocation_status_undetermined, Details}}) ->
    {42, 2106, Details};
of_certificate({bad_cert, selfsigned_peer}) -> {42, 2109, undefined};
of_certificate({bad_cert, unknown_ca}) -> {48, 2111, undefined};
of_certificate(Reason) -> {40, 2113, Reason}.

%% An alert of this side; Why is {certificate, What} or libssl's text. Answers
%% {ErrorReason, Report for the logger}.
own(Role, #{version := Version} = Where, Number, Why) ->
    {State, File, Line, Reason} = place(Role, Version, Number, Why, Where),
    {Name, Text} = named(Number),
    Begin = io_lib:format("TLS ~s: In state ~s at ~s:~b generated ~s ALERT: "
                          "Fatal - ~s\n",
                          [Role, State, File, Line, upper(Role), Text]),
    {Told, Logged} =
        case Reason of
            undefined -> {"", ""};
            _ -> {io_lib:format(" ~P", [Reason, 20]),
                  io_lib:format(" - ~p", [Reason])}
        end,
    {{tls_alert, {Name, lists:flatten([Begin, Told])}},
     lists:flatten([Begin, Logged])}.

received(Role, Where, Number) ->
    {Name, Text} = named(Number),
    State = state(Role, Where),
    All = lists:flatten(
            io_lib:format("TLS ~s: In state ~s received ~s ALERT: Fatal - ~s\n",
                          [Role, State, upper(other(Role)), Text])),
    {{tls_alert, {Name, All}}, All}.

%% For the logger.
format(#{text := Text}) -> {"~ts", [Text]};
format(#{description := Description, reason := Reason}) ->
    {"~12s ~p~n~12s ~p~n", ["Description:", Description, "Reason:", Reason]}.

upper(Role) -> string:uppercase(atom_to_list(Role)).

other(client) -> server;
other(server) -> client.

place(Role, Version, _, {certificate, What}, _) ->
    {_, Line, Reason} = of_certificate(What),
    State = case {Role, ?IS_13(Version)} of
                {client, true} -> wait_cert_cr;
                {server, true} -> wait_cert;
                _ -> certify
            end,
    {State, "ssl_handshake.erl", Line, Reason};
place(server, Version, 116, _, _) when ?IS_13(Version) ->
    {wait_cert, "tls_handshake_1_3.erl", 1484, certificate_required};
place(server, _, 40, "peer did not return a certificate", _) ->
    {certify, "tls_dtls_connection.erl", 315, no_client_certificate_provided};
place(server, Version, 120, _, _) when ?IS_13(Version) ->
    {start, "tls_handshake_1_3.erl", 2269, undefined};
place(server, _, 120, _, _) ->
    {hello, "ssl_handshake.erl", 3440, undefined};
place(server, _, 70, _, #{versions := [4]}) ->
    {start, "tls_connection_1_3.erl", 315, undefined};
place(server, _, 70, _, #{versions := [_, _]}) ->
    {hello, "tls_handshake.erl", 366, undefined};
place(server, _, 70, _, _) ->
    {hello, "tls_handshake.erl", 390, undefined};
place(server, Version, 71, _, _) when ?IS_13(Version) ->
    {start, "tls_handshake_1_3.erl", 698, no_suitable_cipher};
place(server, _, 71, _, _) ->
    {hello, "tls_handshake.erl", 348, no_suitable_ciphers};
place(Role, _, 10, {unsupported_record_type, _} = Why, Where) ->
    {state(Role, Where), "tls_record.erl", 564, Why};
place(Role, _, 90, _, Where) ->
    {state(Role, Where), "ssl_gen_statem.erl", 517, "user_canceled"};
place(Role, _, 20, _, Where) ->
    {state(Role, Where), "tls_record_1_3.erl", 253, decryption_failed};
place(Role, _, _, Why, Where) ->
    {state(Role, Where), "tls_connection.erl", 1, list_to_atom(Why)}.

%% OTP's name of the state; libssl's are numbers.
state(_, #{state := 1}) -> connection;
state(client, #{state := S, versions := [4]}) when S < 4; S =:= 12 -> wait_sh;
state(client, #{state := S}) when S < 4; S =:= 12 -> hello;
state(client, #{state := S, version := V}) when ?IS_13(V) ->
    case S of
        38 -> wait_ee;
        39 -> wait_cv;
        11 -> wait_finished;
        _ -> wait_cert_cr
    end;
state(client, #{state := S}) when S >= 4, S =< 8 -> certify;
state(client, _) -> cipher;
state(server, #{state := S, versions := [4]}) when S =:= 0; S =:= 20 -> start;
state(server, #{state := S}) when S =:= 0; S =:= 20 -> hello;
state(server, #{state := S, version := V, judged := Judged}) when ?IS_13(V) ->
    case S of
        29 -> wait_cv;
        32 -> wait_finished;
        _ when Judged -> wait_cert;
        _ -> wait_finished
    end;
state(server, #{state := S}) when S >= 29, S < 33 -> cipher;
state(server, _) -> certify.
