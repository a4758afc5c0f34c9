%% SPDX-License-Identifier: Apache-2.0
%% gen_sctp: merle's sockets have no SCTP. Opening one is an error, as where the
%% system has no such protocol; the functions that need an open socket are not
%% there.
-module(gen_sctp).

-export([open/0, open/1, open/2, error_string/1]).

-spec open() -> {error, eprotonosupport}.
open() -> open([]).

-spec open(inet:port_number() | [term()]) -> {error, eprotonosupport}.
open(Options) when is_list(Options) -> {error, eprotonosupport};
open(Port) when is_integer(Port) -> open(Port, []).

-spec open(inet:port_number(), [term()]) -> {error, eprotonosupport}.
open(Port, Options) when is_integer(Port), is_list(Options) ->
    {error, eprotonosupport}.

%% Of the numbers that associations end with.
-spec error_string(integer()) -> ok | string() | unknown_error.
error_string(0) -> ok;
error_string(1) -> "Invalid Stream Identifier";
error_string(2) -> "Missing Mandatory Parameter";
error_string(3) -> "Stale Cookie Error";
error_string(4) -> "Out of Resource";
error_string(5) -> "Unresolvable Address";
error_string(6) -> "Unrecognized Chunk Type";
error_string(7) -> "Invalid Mandatory Parameter";
error_string(8) -> "Unrecognized Parameters";
error_string(9) -> "No User Data";
error_string(10) -> "Cookie Received While Shutting Down";
error_string(11) -> "Restart of an Association with New Addresses";
error_string(12) -> "User Initiated Abort";
error_string(13) -> "Protocol Violation";
error_string(N) when is_integer(N) -> unknown_error.
