#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Colours of what is typed and answered, and matching brackets; nothing of it
# where it is not wanted.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

esc=$(printf '\033')
start
type 'case X of "s" -> 12; '
type "'q a' -> #r{}"
expect_coloured "${esc}[1m${esc}[34mcase"
expect_coloured "${esc}[36mX"
expect_coloured "${esc}[32m\"s\""
expect_coloured "${esc}[35m12"
expect_coloured "${esc}[33m'q a'"
expect_coloured "${esc}[33m#r"
keys C-u; type 'f([{a}])'
expect_coloured "f${esc}[7m("
keys Left
expect_coloured "[7m["
keys C-u; type '")" ++ (1'; keys Left Left
expect_coloured "${esc}[32m\")\""
keys C-c

enter '{"text", 12, atom}.'
expect_coloured "{${esc}[32m\"text\"${esc}[39m,${esc}[35m12${esc}[39m,atom}"
enter '1 + a.'
expect_coloured "${esc}[31m** exception error:${esc}[39m an error"
enter '{a b}.'
expect_coloured "*    ${esc}[31m^"
enter 'b().'; enter 'A = 5.'; enter 'b().'
expect_coloured "A = ${esc}[35m5"

# With NO_COLOR there is an editor, but no colour.
start NO_COLOR=1
enter '{"text", 12}.'; expect '^{"text",12}$'
enter 'lists:rev'; keys C-a C-k
screen -e | grep -q "$esc" && fail 'colours in spite of NO_COLOR'

# A terminal that can do nothing gets plain text, and lines from the system.
start TERM=dumb
enter '{"text", 12}.'; expect '^{"text",12}$'
enter '1 + a.'; expect '^\*\* exception error: an error'
screen -e | grep -q "$esc" && fail 'colours on a dumb terminal'

# Neither gets a pipe any.
printf '{"a", 1}.\n1 + a.\n' | "${MERLE:-merle}" | grep -q "$esc" \
    && fail 'colours in a pipe'
exit 0
