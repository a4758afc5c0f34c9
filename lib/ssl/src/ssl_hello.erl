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
    extensions(Rest);
hello(client, 2, <<_:34/binary, S, _:S/binary, _:3/binary, Rest/binary>>) ->
    extensions(Rest);
hello(_, _, _) -> error.

extensions(<<Size:16, All:Size/binary>>) ->
    {ok, maps:from_list(lists:append(
                          [extension(Type, Data)
                           || <<Type:16, L:16, Data:L/binary>> <= All]))};
extensions(_) -> {ok, #{}}.

extension(0, <<_:16, 0, Size:16, Name:Size/binary, _/binary>>) ->
    [{sni, binary_to_list(Name)}];
extension(10, <<_:16, Groups/binary>>) ->
    [{elliptic_curves, [G || <<G:16>> <= Groups]}];
extension(11, <<_, Formats/binary>>) ->
    [{ec_point_formats, binary_to_list(Formats)}];
extension(16, <<_:16, List/binary>>) ->
    [{alpn, [P || <<Size, P:Size/binary>> <= List]}];
extension(16#ff01, <<Size, Info:Size/binary>>) ->
    [{renegotiation_info, Info}];
extension(_, _) -> [].
