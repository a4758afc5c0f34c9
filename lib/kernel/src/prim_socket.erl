%% SPDX-License-Identifier: Apache-2.0
%% prim_socket: the system's calls for module socket (runtime/endpoint.h). None
%% waits: {error, eagain} says that the caller would have to, select/3 has a
%% message sent when it need not any more.
-module(prim_socket).

-export([accept/1, bind/2, cancel/2, close/1, connect/2, connected/1, getopt/4,
         info/1, ioctl/3, listen/2, numbers/0, open/2, open/4, peername/1,
         protocols/0, recvmsg/4, select/3, sendmsg/5, setopt/4, shutdown/2,
         sockname/1]).

%%% Stubs of what is written in C

accept(_) -> erlang:nif_error(undef).
bind(_, _) -> erlang:nif_error(undef).
cancel(_, _) -> erlang:nif_error(undef).
close(_) -> erlang:nif_error(undef).
connect(_, _) -> erlang:nif_error(undef).
connected(_) -> erlang:nif_error(undef).
getopt(_, _, _, _) -> erlang:nif_error(undef).
info(_) -> erlang:nif_error(undef).
ioctl(_, _, _) -> erlang:nif_error(undef).
listen(_, _) -> erlang:nif_error(undef).
numbers() -> erlang:nif_error(undef).
open(_, _) -> erlang:nif_error(undef).
open(_, _, _, _) -> erlang:nif_error(undef).
peername(_) -> erlang:nif_error(undef).
protocols() -> erlang:nif_error(undef).
recvmsg(_, _, _, _) -> erlang:nif_error(undef).
select(_, _, _) -> erlang:nif_error(undef).
sendmsg(_, _, _, _, _) -> erlang:nif_error(undef).
setopt(_, _, _, _) -> erlang:nif_error(undef).
shutdown(_, _) -> erlang:nif_error(undef).
sockname(_) -> erlang:nif_error(undef).
