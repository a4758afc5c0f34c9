%% SPDX-License-Identifier: Apache-2.0
%% gen.hrl: what the behaviours on gen have in common.

%% A badarg of [Do] is one of the function that calls it with [Args].
-define(OR_BADARG(Do, Args),
        try Do catch error:badarg -> error(badarg, Args) end).
