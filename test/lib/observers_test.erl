%% SPDX-License-Identifier: Apache-2.0
%% What etop, msacc and observer_backend tell of a node.
%% only merle: observer is often left out of an OTP
%% expect: {error,illegal_opt}
%% expect: stop
%% expect: <<"5000">>
%% expect: true
%% expect: [ignore,0,set,1]
%% expect: [[{1}],[{2}]]
%% expect: '$end_of_table'
-module(observers_test).
-export([main/0]).

main() ->
    Full = spawn(fun() -> receive stop -> ok end end),
    register(full, Full),
    [Full ! N || N <- lists:seq(1, 5000)],
    Device = spawn(fun() -> keep([]) end),
    spawn(fun() ->
              group_leader(Device, self()),
              etop:start([{sort, msg_q}, {lines, 2}, {interval, 1},
                          {tracing, off}, {output, text}])
          end),
    timer:sleep(300),
    etop:dump("dump"),
    timer:sleep(200),
    show(etop:config(lines, 0)),
    show(etop:stop()),
    {ok, Text} = file:read_file("dump"),
    [Row | _] = [L || L <- binary:split(Text, <<"\n">>, [global]),
                      binary:match(L, <<"full ">>) =/= nomatch],
    show(lists:nth(6, string:lexemes(Row, " "))),
    msacc:start(20),
    [#{counters := Counters, type := scheduler} | _] =
        [S || #{type := scheduler} = S <- msacc:stats()],
    show(is_map_key(emulator, Counters)),
    ets:new(shown, [named_table, public]),
    [Table] = [T || T <- observer_backend:get_table_list(ets, []),
                    {name, shown} <- T],
    show([proplists:get_value(K, Table) || K <- [id, size, type, keypos]]),
    ets:insert(shown, [{1}, {2}]),
    Pid = observer_backend:get_table(self(), shown, ets),
    show(receive {Pid, Objects} -> lists:sort(Objects) end),
    show(receive {Pid, End} -> End end),
    Full ! stop,
    ok.

%% A group leader that takes all it is given.
keep(Told) ->
    receive
        {io_request, From, Ref, Request} ->
            From ! {io_reply, Ref, ok},
            keep([Request | Told])
    end.

show(Term) -> io:format("~p~n", [Term]).
