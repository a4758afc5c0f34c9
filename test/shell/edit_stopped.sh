#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The program is stopped and goes on, by C-z and from outside: the line stays
# as it was, the terminal is the shell's meanwhile.
. "${MERLE_TOP:?}/test/shell/tmux.inc"
command -v bash >/dev/null || { echo 'no bash'; exit 77; }

window PS1='$ ' bash --norc -i
expect '^\$'
enter "${MERLE:-merle}"; expect '^1>'
line '[first,'; type 'second'; keys Up
keys C-z; expect 'Stopped'
expect_rows '1> [first,' '       second'
enter 'stty -a'; expect ' icanon'; expect ' echo '
keys C-l; enter 'fg'; expect_rows '1> [first,' '       second'
keys C-e; type ' again,'; keys Down C-e; type '].'; keys Enter
expect '^\[first,again,second\]$'

keys C-l; type '{third}'; expect '^2> {third}$'
pid=$(ps -o pid= --ppid "$($tmux display-message -p '#{pane_pid}')")
kill -STOP $pid; expect 'Stopped'
keys C-l; enter 'fg'; expect '^2> {third}$'
expect_cursor '10,2'
type '.'; keys Enter; expect '^{third}$'
# while the program only runs, the mode is put back all the same
line 'timer:sleep(infinity).'
kill -STOP $pid; expect 'Stopped'
enter 'fg'; keys C-c; expect '^\*\* exception exit: killed$'
enter '{alive}.'; expect '^{alive}$'
