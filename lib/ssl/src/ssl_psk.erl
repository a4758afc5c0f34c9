%% SPDX-License-Identifier: Apache-2.0
%% Keys that both sides know before (versions before 1.3): a program's function
%% has them by the name that a client sends. The messages that name one are not
%% ciphered; they are read here before libssl gets them, for it asks at once.
-module(ssl_psk).

-export([new/2, read/3, first_key/2]).

%% What is kept: bytes that are no whole record or message yet, or done.
-record(reader, {records = <<>>, messages = <<>>}).

-define(HANDSHAKE, 22).
-define(SERVER_KEY_EXCHANGE, 12).
-define(CLIENT_KEY_EXCHANGE, 16).

new(_, #{user_lookup_fun := _}) -> #reader{};
new(_, _) -> done.

%% A client's key, when a server gives no hint.
first_key(Session, #{user_lookup_fun := _} = Options) ->
    look_up(Session, undefined, maps:get(psk_identity, Options, <<>>),
            Options);
first_key(_, _) -> ok.

%% Bytes that come; answers the reader for what comes behind them.
read(Bytes, Session, {#reader{records = Before} = R, Role, Options}) ->
    records(<<Before/binary, Bytes/binary>>, R, Session, {Role, Options}).

records(<<?HANDSHAKE, _:16, Size:16, Part:Size/binary, Rest/binary>>,
        #reader{messages = Before} = R, Session, Who) ->
    case messages(<<Before/binary, Part/binary>>, Session, Who) of
        done -> done;
        Left -> records(Rest, R#reader{messages = Left}, Session, Who)
    end;
records(<<?HANDSHAKE, _/binary>> = Bytes, R, _, _) -> R#reader{records = Bytes};
records(<<>>, R, _, _) -> R#reader{records = <<>>};
records(_, _, _, _) -> done. % what comes now is ciphered

messages(<<Kind, Size:24, Body:Size/binary, Rest/binary>>, Session,
         {Role, Options} = Who) ->
    case {Role, Kind, Body} of
        {client, ?SERVER_KEY_EXCHANGE, <<N:16, Hint:N/binary, _/binary>>} ->
            is_psk(Session) andalso Hint =/= <<>>
                andalso look_up(Session, Hint,
                                maps:get(psk_identity, Options, <<>>),
                                Options),
            done;
        {server, ?CLIENT_KEY_EXCHANGE, <<N:16, Name:N/binary, _/binary>>} ->
            is_psk(Session) andalso look_up(Session, Name, Name, Options),
            done;
        _ -> messages(Rest, Session, Who)
    end;
messages(Left, _, _) -> Left.

is_psk(Session) ->
    #{key_exchange := Kind} =
        ssl_suites:from_code(tls_session:info(Session, cipher)),
    lists:member(Kind, [psk, dhe_psk, ecdhe_psk, rsa_psk]).

%% Without a key the handshake fails.
look_up(Session, Asked, Name, #{user_lookup_fun := {Fun, State}}) ->
    try Fun(psk, Asked, State) of
        {ok, Key} when is_binary(Key) -> tls_session:psk(Session, Name, Key);
        _ -> error
    catch _:_ -> error
    end.
