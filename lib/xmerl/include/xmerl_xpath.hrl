%% SPDX-License-Identifier: Apache-2.0
%% What a step of an XPath expression hands to the next.
-record(state, {context = #xmlContext{}, acc = []}).
