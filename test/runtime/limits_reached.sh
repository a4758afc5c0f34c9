#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# not with b_sanitize=address: it takes more address space than it is given.
# not with b_sanitize=thread: it takes more address space than it is given.
# A full table of ports, and a node that gets no more memory.
merle=${MERLE:-merle}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
cat > limits.erl <<'END'
-module(limits).
-export([ports/0, heap/0, binaries/0, table/0]).

ports() ->
    Open = fun Open(Ports) ->
                   try open_port({spawn, "cat"}, []) of
                       Port -> Open([Port | Ports])
                   catch error:Why -> {Why, Ports}
                   end
           end,
    {Why, Ports} = Open([]),
    io:format("~p ~p~n", [Why, gen_tcp:listen(0, [])]),
    try os:cmd("echo hi")
    catch error:Reason:Stack ->
        [{os, cmd, _, Info} | _] = Stack,
        io:format("~p ~p~n~ts~n",
                  [Reason, maps:get(cause, proplists:get_value(error_info, Info)),
                   maps:get(general, erl_kernel_errors:format_error(Reason, Stack))])
    end,
    [port_close(P) || P <- Ports],
    io:format("~s", [os:cmd("echo hi")]).

heap() -> heap([]).
heap(L) -> heap([lists:seq(1, 100000) | L]).

binaries() -> binaries([]).
binaries(L) -> binaries([binary:copy(<<1>>, 10000000) | L]).

table() -> table(ets:new(t, []), 1).
table(T, N) -> ets:insert(T, {N, lists:seq(1, 1000)}), table(T, N + 1).
END
"${MERLEC:-merlec}" limits.erl || exit 1
"$merle" +Q 1024 -noshell -pa . -run limits ports -run init stop > got || exit 1
cat > expected <<'END'
system_limit {error,system_limit}
badarg {open_port,system_limit}
open_port failed with reason: system_limit
hi
END
diff expected got || exit 1

for what in heap binaries table; do
    rm -f erl_crash.dump
    (ulimit -v 1500000; exec "$merle" -noshell -pa . -run limits $what) > said 2>&1
    status=$?
    [ $status -eq 1 ] || { echo "$what: ended with $status"; cat said; exit 1; }
    grep -q 'Cannot allocate [0-9]* bytes of memory (of type "' said || { cat said; exit 1; }
    grep -q '^Slogan: .*Cannot allocate' erl_crash.dump || exit 1
    grep -q '^=proc:<0' erl_crash.dump || { echo "no process in dump"; exit 1; }
done
