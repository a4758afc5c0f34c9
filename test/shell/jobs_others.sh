#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Jobs are processes of their own: who does not have the terminal is not shown
# and yet goes on, and one that does not listen is killed.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

start
enter 'whereis(user_drv) =/= whereis(user).'; expect '^true$'
enter '[{_, G}] = user_drv:interfaces(whereis(user_drv)), G =:= group_leader().'
expect_rows '.' 'true'
enter 'lists:sort([K || {K, P} <- group:interfaces(G), is_pid(P)]).'
expect '^\[shell,user_drv\]$'
enter 'register(late, spawn(fun() -> receive go -> io:put_chars("la" "te\n") end end)).'
keys C-g; expect '^ -->$'
enter 's'; enter 'c'; expect '^1>$'
# The other job's output is not shown, and its process goes on all the same.
enter 'L = whereis(late), R = monitor(process, L), late ! go.'; expect '^go$'
enter 'receive {_, R, _, _, W} -> W end.'; expect '^normal$'
expect_not '^late$'
# What goes through `user` is shown whoever has the terminal.
enter 'io:put_chars(user, "for" " all\n").'; expect '^for all$'
# A job that runs in vain dies by k, and when its io server does, too.
enter 'fun F() -> F() end().'; sleep 0.3
keys C-g; expect '^ -->$'; enter 'k'; enter 'c'; expect '^Unknown job$'
enter 'j'; expect '^   1  {shell,start,\[init\]}$'
enter 's'; enter 'c'; expect '^1>$'
enter 'io:request(group_leader(), {put_chars, latin1, timer, sleep, [infinity]}).'
sleep 0.3; keys C-g; enter 'k 3'; enter 'c 1'; expect '^[0-9]*>$'
enter '{first, again}.'; expect '^{first,again}$'
# A shell that ends is replaced by another in its place; one that cannot start
# is not.
enter 'exit().'; expect '^\*\*\* Shell process terminated! \*\*\*$'
expect '^1>$'
enter '{in, its, place}.'; expect '^{in,its,place}$'
keys C-l C-g; enter 'j'; expect '^   1\* {shell,start,\[init\]}$'
enter 's nomodule'; enter 'c'
expect '^\*\*\* ERROR: Shell process terminated! (^G to start new job) \*\*\*$'
keys C-g; enter 'c 1'; enter '{back, here}.'; expect '^{back,here}$'
# The line that was begun is there after the window's size has changed.
type 'foo(ba'; keys C-g; expect '^ -->$'
$tmux resize-window -x 60 -y 20; enter 'c'; expect '^[0-9]*> foo(ba'
keys C-u; enter 'io:columns().'; expect '^{ok,60}$'
