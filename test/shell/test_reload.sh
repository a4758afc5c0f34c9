#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# r() loads what has changed and tells who runs old code; src/2 shows source.
fail() { echo "$1"; exit 1; }
cat > m.erl <<'E'
-module(m).
-export([f/0, wait/0]).

%% One.
f() ->
    one.

%% Waits.
wait() -> receive stop -> ok end.
E
cat > session <<'E'
c(m).
P = spawn(fun m:wait/0), m:f().
src(m, f).
os:getpid().
{ok, B} = file:read_file("m.erl"), timer:sleep(1100), file:write_file("m.erl", string:replace(B, "one.", "two.")).
r().
m:f().
E
out=$("$MERLE" < session 2>&1)
echo "$out" | grep -q '^    one\.' || fail "src: $out"
echo "$out" | grep -q 'Waits' && fail "src shows too much: $out"
echo "$out" | grep -q 'm is loaded' || fail "r: $out"
echo "$out" | grep -q 'm: old code is still run by \[<' || fail "old: $out"
echo "$out" | grep -q '^7> two' || fail "f: $out"
exit 0
