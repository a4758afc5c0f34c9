%% SPDX-License-Identifier: Apache-2.0
%% Where a node is: address is what its protocol takes for one.
-record(net_address, {address, host, protocol, family}).
