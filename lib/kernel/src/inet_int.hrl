%% SPDX-License-Identifier: Apache-2.0
%% Options of sockets, as inet hands them to modules of protocols.

-record(connect_opts, {ifaddr, port = 0, fd = -1, opts = []}).
-record(listen_opts, {ifaddr, port = 0, backlog = 5, fd = -1, opts = []}).
-record(udp_opts, {ifaddr, port = 0, fd = -1, opts = [{active, true}]}).
