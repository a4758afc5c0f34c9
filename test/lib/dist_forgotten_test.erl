%% SPDX-License-Identifier: Apache-2.0
%% Of messages of another node that are begun and never end nothing is left when
%% the connection has ended.
%% not with b_sanitize=address: what is freed is kept from use for a while.
%% not with b_sanitize=address,undefined: the same.
%% not with b_sanitize=thread: it takes memory of its own.
%% expect: forgotten: true
-module(dist_forgotten_test).
-export([main/0]).
-include("other_node.hrl").

main() ->
    logger:set_primary_config(level, none),
    {ok, _} = net_kernel:start([list_to_atom("df" ++ os:getpid()), shortnames]),
    ok = net_kernel:monitor_nodes(true, [nodedown_reason]),
    io:format("forgotten: ~p~n", [forgets(port())]).

forgets(Port) ->
    S0 = connect(Port),
    gen_tcp:close(S0),
    down(),
    erlang:garbage_collect(),
    Before = resident(),
    Bytes = binary:copy(<<0>>, 60000),
    [begin
         S = connect(Port),
         [ok = gen_tcp:send(S, first(I, 1 bsl 60, [bare({2, '', self()}),
                                                   Bytes]))
          || I <- lists:seq(1, 300)],
         [ok = gen_tcp:send(S, first(I, 1 bsl 60, []))
          || I <- lists:seq(1000, 20000)],
         %% All has arrived when this is refused.
         ok = gen_tcp:send(S, next(0, 1, [])),
         true = gone(S),
         gen_tcp:close(S),
         down()
     end || _ <- lists:seq(1, 5)],
    After = resident(),
    After - Before < 60000 orelse {After, Before}.
