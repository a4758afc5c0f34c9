#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Expressions of many lines: they are indented, moved about in and changed as a
# whole, and Enter runs them from wherever the cursor is.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

start
line 'F = fun(X) ->'
line 'case X of'
line '1 ->'
line 'one;'
line '_ -> many'
expect_rows '1> F = fun(X) ->' \
            '           case X of' \
            '               1 ->' \
            '                   one;' \
            '               _ -> many'
line 'end' # moves out
expect_rows '               _ -> many' '           end'
enter 'end.'
expect_rows '           end' '   end.'
expect '^#Fun<'
enter '{F(1), F(2)}.'; expect '^{one,many}$'

# Up and down within the lines keep the column; past them comes the history.
line '[alpha,'; line 'beta,'
type 'gamma].'
expect_rows '3> [alpha,' '       beta,' '       gamma].'
keys Up; keys Up
expect_cursor '10,11'
keys C-e; type ' aleph,'
keys Down; keys C-a; keys M-f; type 'x'
keys C-n; keys Enter # in the middle of the last line
expect '^\[alpha,aleph,betax,gamma\]$'
keys Up
expect_rows '4> [alpha, aleph,' '       betax,' '       gamma].'
keys M-'<'; keys Up; expect '^4> {F(1), F(2)}\.$'
keys Down; keys Down; keys Down; keys C-c

# A line in the middle: M-Enter opens one anywhere, Tab indents it.
line 'begin'; type 'ok end.'; keys C-a M-Enter
expect_rows 'begin' '' '       ok end.'
keys C-c

# Blanks within a string are the user's.
line 'length("one'; line 'two'; enter '").'; expect '^8$'

# What is copied from the screen has only blanks in front of further lines.
keys C-l
line 'begin'; line '1 +'
expect_rows 'begin' '       1 +'
line '2'; enter 'end.'; expect '^3$'
