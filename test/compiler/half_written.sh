#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A disk that takes no more: an error is told, and nothing is left behind, not
# even the file of an earlier run. A limit on the size of files stands for it.
set -u
{
    printf -- '-module(large).\n-export([f/0]).\nf() -> <<"'
    head -c 60000 /dev/urandom | base64 -w0
    printf '">>.\n'
} > large.erl
echo old > large.beam
(
    trap '' XFSZ
    ulimit -f 16
    "$MERLEC" large.erl > said
)
status=$?
cat said
[ $status -eq 1 ] || exit 1
grep -q 'large.bea#: error writing file: ' said || exit 1
[ "$(echo large.*)" = large.erl ] || exit 1
# With room it goes through.
"$MERLEC" large.erl && [ -s large.beam ] && [ "$(echo large.bea*)" = large.beam ]
