%% SPDX-License-Identifier: Apache-2.0
%% Messages of the domain name system as records.

-record(dns_header, {id = 0, qr = 0, opcode = 0, aa = 0, tc = 0, rd = 0,
                     ra = 0, pr = 0, rcode = 0}).

-record(dns_rec, {header,
                  qdlist = [],   % questions
                  anlist = [],   % answers
                  nslist = [],   % authorities
                  arlist = []}). % what else is told

-record(dns_rr, {domain = "", type = any, class = in, cnt = 0, ttl = 0,
                 data = [],
                 tm,             % when it came, in seconds
                 bm = "",        % the domain in small letters
                 func = false}). % mDNS: older records are to be forgotten

-record(dns_rr_opt, {domain = "", type = opt, udp_payload_size = 1280,
                     ext_rcode = 0, version = 0, z = 0, data = []}).

-record(dns_query, {domain, type, class, unicast_response = false}).
