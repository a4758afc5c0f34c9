#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Modules in the working folder that are called like those of the library do not
# come between a node and its prompt.
set -eu
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"
for m in string unicode group lists code_server; do
    echo "-module($m). -export([lowercase/1]). lowercase(_) -> stranger." > $m.erl
    "${MERLEC:-merlec}" $m.erl
done
out=$("${MERLE:-merle}" -noshell -eval \
    'io:format("~s~n", [string:lowercase("OK")]), init:stop().')
[ "$out" = ok ] || { echo "$out"; exit 1; }
out=$(printf '1 + 1.\n' | "${MERLE:-merle}")
echo "$out" | grep -q '^1> 2$' || { echo "$out"; exit 1; }
