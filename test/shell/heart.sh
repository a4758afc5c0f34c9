#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The guard of a node starts it again, unless the node has taken its leave.
set -e
export HEART_COMMAND="echo again >> again.txt"
$MERLE -heart -noshell -eval '{ok, []} = heart:get_cmd(), none = heart:get_options(), ok = heart:set_options([check_schedulers]), init:stop()' 2> log
sleep 1
if [ -e again.txt ]; then echo 'started again after a leave'; exit 1; fi
$MERLE -heart -noshell -eval 'halt(1)' 2> log || true
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -e again.txt ] && break
    sleep 0.5
done
[ "$(cat again.txt)" = again ] || { echo 'not started again'; cat log; exit 1; }
grep -q 'Erlang has closed' log
$MERLE -heart -noshell -eval 'ok = heart:set_cmd("echo other > other.txt"), {ok, "echo other > other.txt"} = heart:get_cmd(), halt(1)' 2> log || true
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -e other.txt ] && break
    sleep 0.5
done
[ "$(cat other.txt)" = other ]
