%% SPDX-License-Identifier: Apache-2.0
%% What the parts of the HTTP client share.

%% Options of one request: the second list of httpc:request/4.
-record(settings, {version = "HTTP/1.1", timeout = infinity,
                   autoredirect = true, ssl = [], proxy_auth, relaxed = false,
                   url_encode = false, connect_timeout}).

%% One request on its way.
-record(request, {id,                % reference of it, and of its answer
                  from,              % pid, function or {M, F, Args}
                  redirects = 0,     % followed so far
                  scheme,            % http | https
                  address,           % {Host, Port}
                  path, query,       % query with its question mark, or ""
                  method,
                  headers,           % [{Name in lower case, Value}]
                  content,           % {Type, Body}
                  settings,
                  uri,
                  userinfo = "",
                  stream = none,     % none | self | {self, once} | file
                  as_is = [],        % headers to send as they are; []: none
                  socket_opts,
                  started,           % ms of the clock
                  brackets = false}). % hosts of IPv6 keep theirs

%% A connection that is kept for more requests, as it stands in the table of
%% its profile and is shown by httpc:which_sessions().
-record(session, {id,                % {{Host, Port}, Pid}
                  client_close,
                  scheme,
                  socket,
                  socket_type,       % ip_comm | {essl, Options}
                  queue_length = 1,
                  type,              % pipeline | keep_alive
                  available = false}). % its first answer has come
