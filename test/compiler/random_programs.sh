#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A few random programs; test/random-programs -n 2000 makes more.
here=$(dirname "$0")
exec "$here/../random-programs" --build "${MERLE_BUILD:-$here/../../build}" \
    -n 8 --seed 7
