#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An image is the same whenever it is made: nothing in it leads out of it, for
# what lies elsewhere has another address in each run.
# not with b_sanitize=thread: it has places of its own for what is mapped
make=$MERLE_BUILD/shell/make-image pack=$MERLE_BUILD/lib/library.pack
modules="lists gen_server unicode_util shell erl_eval io_lib_pretty"
[ -x "$make" ] || { echo "no make-image here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
"$make" "$pack" one $modules && "$make" "$pack" two $modules || exit 1
cmp one two || exit 1
