%% SPDX-License-Identifier: Apache-2.0
%% What the first message of a peer says, for programs that choose options by
%% it. libssl reads it again for itself.
-module(ssl_hello).

-export([read/2]).

%% {ok, Extensions} | more | error. Role is that of this side.
read(Role, Bytes) -> message(Role, Bytes, <<>>).

%% The message may lie in several records.
message(Role, <<22, 3, _, Size:16, Part:Size/binary, More/binary>>, Before) ->
    case <<Before/binary, Part/binary>> of
        <<Kind, Length:24, Hello:Length/binary, _/binary>> ->
            hello(Role, Kind, Hello);
        Begin -> message(Role, More, Begin)
    end;
message(_, <<22, 3, _/binary>>, _) -> more;
message(_, Bytes, _) when byte_size(Bytes) < 3 -> more;
message(_, _, _) -> error.

hello(server, 1, <<_:34/binary, S, _:S/binary, C:16, _:C/binary,
                   Z, _:Z/binary, Rest/binary>>) ->
    Found = extensions(Rest),
    {ok, maps:merge(none([client, case Found of
                                      #{new := _} -> new;
                                      _ -> old
                                  end]),
                    maps:remove(new, Found))};
hello(client, 2, <<_:34/binary, S, _:S/binary, _:3/binary, Rest/binary>>) ->
    Found = extensions(Rest),
    Kind = case Found of
               #{server_hello_selected_version := _} -> server_new;
               _ -> server
           end,
    {ok, maps:merge(none([Kind]), maps:remove(new, Found))};
hello(_, _, _) -> error.

%% What is undefined if it is not there.
none(Kinds) ->
    maps:from_list([{K, undefined} || Kind <- Kinds, K <- keys(Kind)]).

keys(client) ->
    [alpn, ec_point_formats, elliptic_curves, signature_algs, sni];
keys(new) ->
    [certificate_authorities, client_hello_versions, cookie, key_share,
     pre_shared_key, psk_key_exchange_modes, signature_algs_cert];
keys(old) -> [next_protocol_negotiation, renegotiation_info, srp];
keys(server) ->
    [alpn, ec_point_formats, next_protocol_negotiation, renegotiation_info];
keys(server_new) -> [key_share, pre_shared_key].

extensions(<<Size:16, All:Size/binary>>) ->
    maps:from_list(lists:append([extension(Type, Data)
                                 || <<Type:16, L:16, Data:L/binary>> <= All]));
extensions(_) -> #{}.

extension(0, <<_:16, 0, Size:16, Name:Size/binary, _/binary>>) ->
    [{sni, binary_to_list(Name)}];
extension(10, <<_:16, Groups/binary>>) ->
    [{elliptic_curves, [G || <<G:16>> <= Groups]}];
extension(11, <<_, Formats/binary>>) ->
    [{ec_point_formats, binary_to_list(Formats)}];
extension(13, <<_:16, Algorithms/binary>>) ->
    [{signature_algs, [A || <<A:16>> <= Algorithms]}];
extension(16, <<_:16, List/binary>>) -> [{alpn, List}];
extension(43, <<Version:16>>) ->
    [{server_hello_selected_version, {Version bsr 8, Version band 255}}];
extension(43, <<_, Versions/binary>>) ->
    [{new, true} || <<3, 4>> <- [<<V:16>> || <<V:16>> <= Versions]]
        ++ [{client_hello_versions, [{M, N} || <<M, N>> <= Versions]}];
extension(16#ff01, <<Size, Info:Size/binary>>) ->
    [{renegotiation_info, Info}];
extension(_, _) -> [].
