#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whatever is done to the prompt, it is there again afterwards.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

start
# an endless loop, compiled or not
enter 'fun F() -> F() end().'; sleep 0.3; keys C-c; expect '^2>'
keys C-l; enter '[X || X <- [1], fun G(Y) -> G(Y + 1) end(X)].'
sleep 0.3; keys C-c; expect '^3>'
# endless output
keys C-l
enter 'F = fun F() -> io:format("more and more~n"), F() end, F().'
expect '^more and more$'
keys C-c; expect '^\*\* exception exit'
keys C-l; enter '40 + 5.'; expect '^45$'
# a list that no memory has room for: C-c stops it, and so does the limit that
# what is typed has (made less here: to fill it takes its time)
keys C-l; enter 'length(lists:seq(1, 700000000)).'
sleep 0.5; keys C-c; expect '^\*\* exception exit: killed$'
enter 'is_map(element(2, process_info(self(), max_heap_size))).'
expect '^true$'
enter 'process_flag(max_heap_size, 5000000).'; expect '^#{'
keys C-l; enter 'lists:seq(1, 700000000).'
expect '^\*\* exception exit: killed$'
enter '40 + 7.'; expect '^47$'
# commands and processes that fail; a terminal server that is asked nonsense
keys C-l; enter 'c:no_such_command().'; expect 'undefined function'
enter 'l(5).'; expect '^\*\* exception error'
enter 'pid(a, b, c).'; expect '^\*\* exception error'
enter 'group_leader() ! {io_request, 1, 2, 3}, group_leader() ! junk.'
expect '^junk$'
enter 'io:request(group_leader(), {put_chars, unicode, nonsense}).'
expect '^{error,{put_chars,'
enter 'exit(self(), kill).'; expect '^\*\* exception exit: killed$'
enter '40 + 8.'; expect '^48$'

# A terminal that nobody knows.
start TERM=nobody-knows-this
enter '40 + 9.'; expect '^49$'

# A terminal that is closed ends the node, whatever it does.
start
enter 'os:getpid().'; expect '^"[0-9]'
pid=$(screen | sed -n 's/^"\([0-9]*\)"$/\1/p')
enter 'fun F() -> F() end().'
$tmux kill-server
is_gone() { ! kill -0 "$pid" 2>/dev/null; }
await is_gone || { kill -9 "$pid"; echo 'lives without a terminal'; exit 1; }
