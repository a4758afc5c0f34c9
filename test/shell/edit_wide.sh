#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Characters that are wide, or have none, and windows that change.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

start
type '"漢字é'; expect_cursor '9,1'
keys Left Left; expect_cursor '6,1'
type 'x'; expect '^1> "漢x字é$'
keys BSpace BSpace; expect '^1> "字é$'; expect_cursor '4,1'
keys C-a; type 'length('; keys End; type '").'; expect '^1> length("字é").$'
keys Enter; expect '^2$'
# a mark that has no width belongs to the letter before it
type "\"ae$(printf '\314\201')b"; expect_cursor '7,3'
keys Left; expect_cursor '6,3'; keys BSpace; expect '^2> "ab$'
keys C-c

# A wide character does not fit into a row's last column.
start
type '{"'; for i in 1 2 3 4 5 6 7; do type '漢字漢字漢'; done
expect_cursor '75,1'
type 'xy漢漢'; expect_cursor '2,2'
expect_rows '1> {"漢字漢字漢漢字漢字漢漢字漢字漢漢字漢字漢漢字漢字漢漢字漢字漢漢字漢字漢xy漢' '漢'
type '"}.'; keys C-a Right; type '1,'; keys Enter
expect '28450,23383'

# The window gets narrower and wider while a line is edited.
start
type 'lists:sum([100, 200, 300, 400, 500, 600, 700, 800, 900])'
$tmux resize-window -x 40 -y 24
expect_rows '1> lists:sum([100, 200, 300, 400, 500, 6' '00, 700, 800, 900])'
type '.'; expect '^00, 700, 800, 900\])\.$'
is_once() { [ "$(screen | grep -c '1> lists')" = 1 ]; }
await is_once || fail 'the line is there twice'
$tmux resize-window -x 100 -y 30
expect '^1> lists:sum(\[100, 200, 300, 400, 500, 600, 700, 800, 900\])\.$'
keys Enter; expect '^4500$'
enter 'io:columns().'; expect '^{ok,100}$'
