%% SPDX-License-Identifier: Apache-2.0
%% What programs hold: fd is {Transport, Socket, tls_connection, Trackers} and
%% pid [Receiver, Sender] of a connection; pid is {Socket, #config{}} of one
%% that listens.
-record(sslsocket, {fd = nil, pid = nil}).

%% How data is given to the program: what gen_tcp would do itself.
-record(delivery, {mode = list, packet = 0, packet_size = 0, header = 0,
                   active = true}).

%% Options, sorted out: for TLS, for the transport, and how data is given.
-record(config, {ssl, transport_info, inet = [], delivery, context,
                 asked = []}). % what of the delivery was given at all
