#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A log that is open when the node is stopped is closed, not to be repaired.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cat > "$dir/stop.erl" <<'E'
-module(stop).
-export([log/0, read/0]).
log() ->
    Self = self(),
    spawn(fun() ->
                  {ok, log} = open([{size, {60000, 4}}]),
                  [ok = disk_log:log(log, lists:seq(1, 500))
                   || _ <- lists:seq(1, 100)],
                  Self ! logged,
                  receive never -> ok end
          end),
    receive logged -> init:stop() end.
read() ->
    io:format("~p~n", [open([])]),
    init:stop().
open(Options) ->
    disk_log:open([{name, log}, {file, "the.log"}, {type, wrap},
                   {notify, false} | Options]).
E
cd "$dir" || exit 1
"${MERLEC:?}" stop.erl || exit 1
for i in 1 2 3 4 5; do
    rm -f the.log.*
    "${MERLE:?}" -noshell -s stop log
    got=$("$MERLE" -noshell -s stop read | head -1)
    [ "$got" = '{ok,log}' ] || { echo "answered $got"; exit 1; }
done
