#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Answers on a terminal: where the parser gave up, what was cut, and the
# commands that only a terminal has.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

start
enter '{1,  a b}.'; expect_rows '* {1,  a b}.' '*        ^'
# A long answer is cut; rp() shows all of it.
enter 'lists:seq(1, 100).'; expect '28,29|\.\.\.\]$'
enter 'rp().'; expect '97,98,99,100\]$'
enter 'v(1).'; expect '28,29|\.\.\.\]$'
enter 'watch(length(nodes())).'; expect '^0$'; keys x; expect '^ok$'
# One key ends it; those behind it are the next line's.
enter 'watch(hd([eight])).'; expect '^eight$'
enter 'xhd([seven]).'; expect '^seven$'
enter 'cost().'; expect 'reductions, '
keys C-l; enter 'help().'; expect 'watch(E)   -- print'
# What only a terminal knows.
enter '{io:columns(), io:rows()}.'; expect '^{{ok,80},{ok,24}}$'
enter '[K || {K, _} <- io:getopts()].'
expect '^\[expand_fun,echo,binary,encoding\]$'
