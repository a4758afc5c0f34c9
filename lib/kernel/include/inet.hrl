%% SPDX-License-Identifier: Apache-2.0
%% What inet:gethostbyname and inet:gethostbyaddr answer of a host.
-ifndef(INET_HRL_).
-define(INET_HRL_, 1).

-record(hostent,
        {h_name :: inet:hostname(),
         h_aliases = [] :: [inet:hostname()],
         h_addrtype :: inet | inet6,
         %% bytes of each address
         h_length :: non_neg_integer(),
         h_addr_list = [] :: [inet:ip_address()]}).

-endif.
