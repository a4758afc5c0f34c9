%% SPDX-License-Identifier: Apache-2.0
%% What the descriptions of tests are turned into.

%% One test.
-record(test, {run,         % fun/0 or {Module, Function}
               desc,        % title, a binary, or undefined
               timeout,     % milliseconds, or undefined
               location,    % {M, F, A} of the function that is the test
               line = 0}).

%% Tests that run under the same conditions; each is undefined if not given.
-record(group, {desc,
                order,      % inorder, {inparallel, Most}
                timeout,    % milliseconds for all of them
                fixture,    % #fixture{}: tests is then what makes them
                spawn,      % local, {remote, Node}: in a process of their own
                tests}).

-record(fixture, {setup, cleanup,
                  process}).    % local, spawn, {spawn, Node}
