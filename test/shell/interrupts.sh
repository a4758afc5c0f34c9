#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# C-c, C-d, C-l, C-z and C-\.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

start
# C-c ends what runs, not what is bound, and not the node.
enter 'A = 1, register(keeper, spawn(timer, sleep, [infinity])), A.'
expect '^1$'
enter 'lists:foldl(fun F(X, S) -> F(X, S + 1) end, 0, [1]).'
sleep 0.5; keys C-c; expect '^\*\* exception exit: killed$'
enter '{A + 1, is_pid(whereis(keeper))}.'; expect '^{2,true}$'
enter 'receive never -> ok end.'; sleep 0.3; keys C-c C-l
enter 'A + 2.'; expect '^3$'
keys Up Up; expect 'receive never -> ok end\.$'
# At the prompt it drops what was typed, even many lines of it.
keys C-c; line '{half,'; type 'typed'; keys C-c
enter 'A + 3.'; expect '^4$'
# Input that a program waits for.
enter 'io:get_line("name: ").'; expect '^name:'; type 'x'; keys C-c
expect 'exit: killed'
# Twice on an empty prompt asks whether to leave.
keys C-l C-c C-c; expect '(a)bort'
keys n; expect '^[0-9]*>$'
enter 'A + 4.'; expect '^5$'

# C-l clears the screen and keeps what is typed.
type 'A + 5'; keys C-l
expect_cursor '8,0'
type '.'; keys Enter; expect '^6$'

# C-z stops the program; the system's shell brings it back.
window PS1='sh$ ' bash --norc -i
expect 'sh\$'
enter "${MERLE:-merle}"; expect '^1>'
type 'B = '; keys C-z; expect '[Ss]topped'
enter 'echo between'; expect '^between$'
enter 'fg'; type '7.'; keys Enter; expect '^7$'
# C-d leaves, but not while there is text.
type 'B'; keys C-d; type ' + 1.'; keys Enter; expect '^8$'
keys C-d; expect '^sh\$$'
enter 'stty -a | grep -o " echo "; echo back'; expect '^back$'
expect '^ echo'

# C-\ quits, whatever runs.
start
enter 'receive never -> ok end.'; sleep 0.3; keys 'C-\'; expect_end
