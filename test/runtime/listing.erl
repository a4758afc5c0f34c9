%% SPDX-License-Identifier: Apache-2.0
%% Loaded code can be listed, all of it.
%% only merle
%% expect: {ok,true,true}
%% expect: {undef,nowhere}
-module(listing).
-export([main/0, bytes/2]).

main() ->
    ok = file:set_cwd(filename:dirname(code:which(?MODULE))),
    Answer = erts_debug:df(?MODULE),
    {ok, Text} = file:read_file("listing.dis"),
    [{_, _, _} = erts_debug_size(M) || {M, _} <- code:all_loaded()],
    io:format("~w~n", [{Answer, binary:match(Text, <<"bytes">>) =/= nomatch,
                        binary:match(Text, <<"bs_create_bin">>) =/= nomatch}]),
    io:format("~w~n", [erts_debug:df(nowhere)]).

erts_debug_size(M) ->
    Listed = [erts_debug:disassemble({M, F, A})
              || {F, A} <- M:module_info(functions)],
    {M, length(Listed), iolist_size([L || L <- Listed, is_binary(L)])}.

bytes(A, B) -> <<A:16, 1:3, B/binary, A/float, "text">>.
