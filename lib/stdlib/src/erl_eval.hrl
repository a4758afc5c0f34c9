%% SPDX-License-Identifier: Apache-2.0
%% What shell_compile and erl_eval tell each other of compiled parts.

-record(part, {name = none :: atom(),        % of a named fun
               arity = none :: none | arity(), % none: no fun
               free = [] :: [atom()],        % variables it is given, sorted
               is_pure = false :: boolean(), % may be run again
               form :: tuple(),              % what was typed
               function = none :: atom()}).  % in the module

%% The parts of an expression. As long as the token is anywhere the code is
%% kept. [env] is erl_eval's: what local functions mean.
-record(region, {module :: module(), token :: reference(),
                 parts :: tuple(), env = none}).
