#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What other processes print while something is typed stands above it, and what
# is typed stays whole.
. "${MERLE_TOP:?}/test/shell/tmux.inc"


start
enter 'P = spawn(fun F() -> receive T -> io:put_chars(T), F() end end).'
expect '^<0\.'
# Text of a process that waits until a file is there.
enter 'L = fun(N, T) -> spawn(fun W() -> case file:delete(N) of ok -> P ! T; _ -> timer:sleep(20), W() end end) end, ok.'
expect '^ok$'
# Prints from outside of what is being typed.
enter 'L("go", "one\ntwo\n").'
expect '^<0.*>$'
type '{half, typed'; expect '^4> {half, typed$'
touch "$home/go"
expect_rows 'one' 'two' '4> {half, typed'
expect_cursor '15,10'
type '}.'; keys Enter; expect '^{half,typed}$'

# A line without an end stays in front of the prompt until it has one.
enter 'L("part", "part"), L("rest", " and end\n").'
expect '^6>$'; touch "$home/part"; expect '^part6>'
type '{five}'; expect '^part6> {five}$'
touch "$home/rest"
expect '^part and end$'; expect '^6> {five}$'
type '.'; keys Enter; expect '^{five}$'

# Lines of one's own, of which there are several.
enter 'L("go", "between\n").'
expect '^8>$'
line '[first,'; type 'second'; expect '^       second$'
touch "$home/go"
expect_rows 'between' '8> [first,' '       second'
type '].'; keys Enter; expect '^\[first,second\]$'

# A thousand lines a second, while a line is typed and changed.
keys C-l
enter 'Q = spawn(fun F() -> io:put_chars("noise\n"), timer:sleep(1), F() end).'
expect '^noise$'
type 'R = [12345678,'; keys M-b; type 'a,'; keys C-e; type 'b].'
expect '^10> R = \[a,12345678,b\]\.$'
keys Enter; expect '^11>' # the answer does not stay on the screen for long
enter 'exit(Q, kill).'; expect '^12>'
enter 'R.'; expect '^\[a,12345678,b\]$'
