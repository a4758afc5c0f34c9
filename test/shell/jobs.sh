#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Job control: C-g, and shells beside each other.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

start
enter 'J = 12.'; expect '^12$'
type 'J + '; keys C-g; expect '^User switch command'; expect '^ -->'
enter 'h'; expect '^  c \[nn\] *- connect to job$'
enter 'j'; expect '^   1\* {shell,start,'
enter 'c'; expect '^2> J +$' # what was typed is there again
type '1.'; keys Enter; expect '^13$'
keys C-g; enter 's'; enter 'j'; expect '^   2\* {shell,start,'
enter 'c'; expect '^1>'
enter 'K = 13.'; expect '^13$'
enter 'J.'; expect "variable 'J' is unbound"
keys C-g; enter 'c 1'; expect '^3>'
enter 'J + 100.'; expect '^112$'
# a job that runs in vain is interrupted; one that is killed is gone
enter 'receive never -> ok end.'; sleep 0.2
keys C-g; expect '^ -->'; enter 'i'; enter 'c'; expect '^\*\* exception exit: killed$'
enter 'J + 150.'; expect '^162$'
keys C-g; enter 'k 2'; enter 'j'; enter 'c 2'; expect '^Unknown job$'
enter 'x'; expect '^Unknown command$'
enter 'r'; expect '^Not alive: a remote shell needs a node with a name'
enter 'c'; enter 'J + 200.'; expect '^212$'
# what one shell compiles is none of the other's
enter 'F = fun(X) -> [X * Y || Y <- [1,2,3]] end.'; expect '^#Fun<'
keys C-g; enter 's'; enter 'c'; expect '^1>'
enter 'G = fun(X) -> [X + Y || Y <- [1,2,3]] end.'; expect '^#Fun<'
enter 'G(1000).'; expect '^\[1001,1002,1003\]$'
enter 'mine() -> second.'; expect '^ok$'
keys C-g; enter 'c 1'; enter ''; enter 'F(2).'; expect '^\[2,4,6\]$'
enter 'mine() -> first.'; expect '^ok$'
keys C-g; enter 'c 3'; enter ''; enter '{mine()}.'; expect '^{second}$'
keys C-g; expect '^ -->'; enter 'q'; expect_end
