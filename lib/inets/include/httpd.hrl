%% SPDX-License-Identifier: Apache-2.0
%% A request on its way through the modules of a server: Module:do(#mod{})
%% answers {proceed, Data}, {break, Data} or done, Data a list for those behind.
-record(init_data, {peername, sockname, resolve}).

-record(mod, {init_data, data = [], socket_type = ip_comm, socket, config_db,
              method, absolute_uri = [], request_uri, http_version,
              request_line, parsed_header = [], entity_body, connection}).
