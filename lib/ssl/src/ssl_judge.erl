%% SPDX-License-Identifier: Apache-2.0
%% Whether a peer's certificate will do. libssl has built its chain and noted
%% the first fault; names of hosts are compared here, and where a program has a
%% function of its own, public_key goes along the chain with it.
-module(ssl_judge).

-export([verdict/4]).

-import(ssl_options, [value/2]).

-include_lib("public_key/include/public_key.hrl").

-define(EXT_KEY_USAGE, {2, 5, 29, 37}).
-define(SERVER_AUTH, {1, 3, 6, 1, 5, 5, 7, 3, 1}).
-define(CLIENT_AUTH, {1, 3, 6, 1, 5, 5, 7, 3, 2}).

%% ok | {bad_cert, Reason}. Host is what a client connects to.
verdict(Session, Role, Host, Options) ->
    Peer = tls_session:info(Session, peer),
    Built = tls_session:info(Session, built),
    Fault = fault(tls_session:info(Session, fault), Built, Options),
    Name = name(Role, Host, Options),
    case Options of
        #{verify_fun := {Fun, State}} ->
            with_fun(Peer, Built, Fault, {Fun, State},
                     #{role => Role, name => Name, options => Options,
                       certs => Built ++ Peer});
        #{} when not is_map_key(verify, Options);
                 map_get(verify, Options) =:= verify_none -> ok;
        #{} when Fault =/= none -> partial(Peer, Built, Fault, Name, Options);
        #{crl_check := How} when How =/= false ->
            %% Certificate by certificate, without a program's function.
            [Anchor | Path] = lists:reverse(Built),
            along(Anchor, Path, {none, none},
                  #{role => Role, name => Name, options => Options,
                    certs => Built ++ Peer});
        #{} -> host(hd(Peer), Name, Options)
    end.

%% What OTP calls libssl's X509_V_ERR_... of the first fault. A peer that
%% brings one certificate, signed by itself, is refused even if it is trusted.
fault({0, _}, [_], _) -> selfsigned_peer;
fault({0, _}, Built, Options) ->
    case length(Built) - 2 > value(depth, Options) of
        true -> max_path_length_reached;
        false -> none
    end;
fault({18, _}, _, _) -> selfsigned_peer;
fault({Number, _}, _, _) when Number =:= 9; Number =:= 10 -> cert_expired;
fault({Number, _}, _, _) when Number =:= 7; Number =:= 8 -> invalid_signature;
fault({23, _}, _, _) -> {revoked, unspecified};
fault({24, _}, _, _) -> missing_basic_constraint;
fault({Number, _}, _, _) when Number =:= 22; Number =:= 25 ->
    max_path_length_reached;
fault({26, _}, _, _) -> invalid_ext_key_usage;
fault({29, _}, _, _) -> invalid_issuer;
fault({32, _}, _, _) -> invalid_key_usage;
fault({34, _}, _, _) -> unknown_critical_extension;
fault({47, _}, _, _) -> name_not_permitted;
fault({48, _}, _, _) -> name_not_permitted;
fault(_, _, _) -> unknown_ca.

%% A program may trust a certificate that the peer has brought.
partial(Peer, _, unknown_ca, Name, #{partial_chain := Fun} = Options) ->
    case Fun(Peer) of
        {trusted_ca, Der} ->
            {Path, _} = lists:splitwith(fun(C) -> C =/= Der end, Peer),
            State = #{role => client, name => Name, options => Options,
                      certs => [Der | Peer]},
            along(Der, lists:reverse(Path), {none, none}, State);
        _ -> {bad_cert, unknown_ca}
    end;
partial(_, _, Fault, _, _) -> {bad_cert, Fault}.

%% ---- names of hosts ----

name(server, _, _) -> disable;
name(client, _, #{server_name_indication := disable}) -> disable;
name(client, Host, #{server_name_indication := Sni}) when Sni =/= Host ->
    {dns, Sni};
name(client, Host, _) -> {any, Host}.

host(_, disable, _) -> ok;
host(Cert, Name, Options) ->
    Customize = value(customize_hostname_check, Options),
    Ids = case Name of
              {dns, Host} -> [[{dns_id, Host}]];
              {any, Host} when is_tuple(Host) -> [[{ip, Host}]];
              {any, Host} -> [[{dns_id, to_text(Host)}], [{ip, to_text(Host)}]]
          end,
    case lists:any(fun(Id) ->
                           public_key:pkix_verify_hostname(Cert, Id, Customize)
                   end, Ids) of
        true -> ok;
        false -> {bad_cert, hostname_check_failed}
    end.

to_text(Host) when is_atom(Host) -> atom_to_list(Host);
to_text(Host) -> Host.

%% ---- a program's own function ----

with_fun(Peer, _, Fault, Fun, State)
  when Fault =:= unknown_ca; Fault =:= selfsigned_peer ->
    along(Fault, lists:reverse(Peer), Fun, State);
with_fun(_, Built, _, Fun, State) ->
    [Anchor | Path] = lists:reverse(Built),
    along(Anchor, Path, Fun, State).

along(Anchor, Path, {Fun, UserState},
      #{options := Options, certs := Certs} = Given) ->
    State = case ssl_options:value(crl_check, Options) of
                false -> Given;
                _ -> Given#{certs := [public_key:pkix_decode_cert(C, otp)
                                      || C <- lists:usort(
                                               Certs
                                               ++ ssl_context:trusted(
                                                    Options))]}
            end,
    Step = fun(Cert, Event, User) -> step(Cert, Event, User, Fun, State) end,
    case public_key:pkix_path_validation(
           Anchor, Path, [{max_path_length, value(depth, Options)},
                          {verify_fun, {Step, UserState}}]) of
        {ok, _} -> ok;
        {error, Reason} -> Reason
    end.

%% The use of a key is known here; all else is the program's to say.
step(Cert, {extension, #'Extension'{extnID = ?EXT_KEY_USAGE,
                                 extnValue = Uses}},
     User, Fun, #{role := Role}) ->
    Peers = case Role of
                client -> ?SERVER_AUTH;
                server -> ?CLIENT_AUTH
            end,
    case lists:member(Peers, Uses) of
        true -> {valid, User};
        false when Fun =:= none -> {fail, {bad_cert, invalid_ext_key_usage}};
        false -> ask(Fun, Cert, {bad_cert, invalid_ext_key_usage}, User)
    end;
step(Cert, valid_peer, User, Fun,
     #{name := Name, options := Options} = State) ->
    Event = case host(Cert, Name, Options) of
                ok -> unrevoked(Cert, valid_peer, State);
                Bad -> Bad
            end,
    told(Event, Cert, User, Fun);
step(Cert, valid, User, Fun, State) ->
    told(unrevoked(Cert, valid, State), Cert, User, Fun);
step(Cert, Event, User, Fun, _) -> told(Event, Cert, User, Fun).

unrevoked(Cert, Event, #{options := Options, certs := Certs}) ->
    case ssl_crl:check(Cert, Event, Certs, Options) of
        valid -> Event;
        Bad -> Bad
    end.

told({bad_cert, _} = Bad, _, _, none) -> {fail, Bad};
told({extension, _}, _, User, none) -> {unknown, User};
told(_, _, User, none) -> {valid, User};
told(Event, Cert, User, Fun) -> ask(Fun, Cert, Event, User).

ask(Fun, Cert, Event, User) when is_function(Fun, 4) ->
    Fun(Cert, public_key:pkix_encode('OTPCertificate', Cert, otp), Event, User);
ask(Fun, Cert, Event, User) -> Fun(Cert, Event, User).
