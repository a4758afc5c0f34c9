#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What other processes print while something is typed stands above it, and what
# is typed stays whole.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

start
enter 'P = spawn(fun F() -> receive T -> io:put_chars(T), F() end end).'
expect '^<0\.'
# Prints from outside of what is being typed.
enter 'spawn(fun() -> receive after 300 -> P ! "one\ntwo\n" end end).'
expect '^<0.*>$'
type '{half, typed'
expect_rows 'one' 'two' '3> {half, typed'
expect_cursor '15,7'
type '}.'; keys Enter; expect '^{half,typed}$'

# A line without an end stays in front of the prompt until it has one.
enter 'spawn(fun() -> timer:sleep(300), io:put_chars("part"), receive after 1500 -> io:put_chars(" and end\n") end end).'
expect '^part5>'
type '{five}'; expect '^part5> {five}$'
expect '^part and end$'; expect '^5> {five}$'
type '.'; keys Enter; expect '^{five}$'

# Lines of one's own, of which there are several.
enter 'spawn(fun() -> receive after 500 -> P ! "between\n" end end).'
expect '^7>$'
line '[first,'; type 'second'
expect_rows 'between' '7> [first,' '       second'
type '].'; keys Enter; expect '^\[first,second\]$'

# A thousand lines a second, while a line is typed and changed.
keys C-l
enter 'Q = spawn(fun F() -> io:put_chars("noise\n"), timer:sleep(1), F() end).'
expect '^noise$'
type 'R = [12345678,'; keys M-b; type 'a,'; keys C-e; type 'b].'
expect '^9> R = \[a,12345678,b\]\.$'
keys Enter; expect '^10>' # the answer does not stay on the screen for long
enter 'exit(Q, kill).'; expect '^11>'
enter 'R.'; expect '^\[a,12345678,b\]$'
