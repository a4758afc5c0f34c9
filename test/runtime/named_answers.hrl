%% SPDX-License-Identifier: Apache-2.0
%% For tests that are a list of {Name, Fun}: cases/0 gives it, and each fun's
%% answer or exception is printed under its name.
-export([main/0]).

main() -> [p(N, t(F)) || {N, F} <- cases()], ok.

%% Small answers are shown, of large ones (and of those beyond ASCII) the hash.
p(N, T) ->
    S = lists:flatten(io_lib:format("~w", [{N, T}])),
    case length(S) < 200 andalso lists:all(fun(C) -> C < 128 end, S) of
        true -> io:format("~s~n", [S]);
        false -> io:format("~w~n", [{N, hash, erlang:phash2(T)}])
    end.

t(F) -> try F() catch C:R -> {C, R} end.
