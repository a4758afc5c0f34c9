%% SPDX-License-Identifier: Apache-2.0
%% What a carrier of the distribution tells dist_util of a connection, and gets
%% back of it; the names are those that OTP documents for carriers.

-define(trace(Format, Args), ok).
-define(trace_factor, 1).
-define(debug(Term), ok).

-define(shutdown(Data), dist_util:shutdown(?MODULE, ?LINE, Data)).
-define(shutdown2(Data, Reason),
        dist_util:shutdown(?MODULE, ?LINE, Data, Reason)).

-record(hs_data, {kernel_pid,    % net_kernel
                  other_node,    % known from the beginning by who connects
                  this_node,
                  socket,        % whatever the carrier calls a connection
                  timer,         % of dist_util:start_timer/1
                  this_flags,    % what this node says that it can
                  allowed,       % nodes that may connect; []: all
                  other_version,
                  other_flags,
                  other_started, % who connects is the other node
                  f_send,        % as gen_tcp:send/2
                  f_recv,        % as gen_tcp:recv/3
                  f_setopts_pre_nodeup,  % before and after the node is up;
                  f_setopts_post_nodeup, % of Socket, to ok
                  f_getll,       % of Socket: {ok, port() | pid()}
                  f_address,     % of Socket and Node: #net_address{}
                  mf_tick,       % of Socket: sends a sign of life
                  mf_getstat,    % of Socket: {ok, Received, Sent, Pending}
                  request_type = normal, % or hidden
                  mf_setopts,    % of Socket and options
                  mf_getopts,
                  f_handshake_complete, % of Socket, Node, DHandle
                  add_flags,     % beside or without those that all have
                  reject_flags,
                  require_flags, % that the other node must have
                  this_creation,
                  other_creation}).
