%% SPDX-License-Identifier: Apache-2.0
%% mnesia_dumper: what programs ask of OTP's process of that name.
-module(mnesia_dumper).

-export([get_log_writes/0]).

%% How many transactions were written to the log, since mnesia was started.
-spec get_log_writes() -> non_neg_integer().
get_log_writes() -> mnesia:system_info(transaction_log_writes).
