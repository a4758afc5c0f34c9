#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A node that never comes to hear of it ends on SIGTERM all the same, and one
# whose tables are full says so and leaves a dump with its processes.
merle=${MERLE:-merle}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

"$merle" -noshell -eval '[spawn_opt(fun L() -> L() end, [{priority, high}])
                          || _ <- lists:seq(1, 20)].' &
node=$!
sleep 1
kill -TERM $node
(sleep 15; kill -KILL $node 2>/dev/null) &
watchdog=$!
wait $node
status=$?
kill $watchdog 2>/dev/null
[ $status -eq 143 ] || { echo "ended with $status"; exit 1; }

"$merle" +t 16384 -noshell -eval 'F = fun L(N) ->
    list_to_atom("a" ++ integer_to_list(N)), L(N + 1) end, F(0).' 2>said
[ $? -eq 1 ] || { echo "atoms: ended with $?"; exit 1; }
grep -q 'no more index entries in atom_tab (max=16384)' said || exit 1
grep -q '^Slogan: no more index entries' erl_crash.dump || exit 1
grep -q '^=proc:<0' erl_crash.dump || { echo "no process in dump"; exit 1; }
