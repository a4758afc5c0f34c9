#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# top() in windows of few rows and columns, while they change.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

start
enter 'top([{interval, 200}]).'; expect '^Pid .*Reductions'
$tmux resize-window -x 80 -y 2; expect '^up '; expect_not '^Pid'
$tmux resize-window -x 12 -y 1; sleep 0.2
$tmux resize-window -x 30 -y 12; expect '^Pid '
$tmux resize-window -x 80 -y 24; expect '^Pid .*Reductions'
keys q; enter '{here}.'; expect '^{here}$'
screen | grep -q 'exception' && fail 'an exception'
exit 0
