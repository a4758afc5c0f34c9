%% SPDX-License-Identifier: Apache-2.0
%% What event handlers of a test run get.
-record(event, {name, node, data}).
