#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sourced: looks for an application of an installed OTP and runs expressions
# with its compiled modules on merle's path.

# need APP: $ebin is the folder of its modules; skips the test without it.
need() {
    for ebin in /usr/lib/erlang/lib/"$1"-*/ebin; do
        [ -f "$ebin/$1.app" ] && return
    done
    echo "no $1 of OTP here"
    exit 77
}

# run EXPRESSIONS: their output in $out.
run() {
    out=$(timeout 60 "$MERLE" -noinput -pa "$ebin" -pa . \
              -eval "try $1, halt() catch C:R:S -> \
                     io:format(\"~p~n\", [{C, R, S}]), halt(1) end." 2>&1) \
        || fail "status $?: $out"
}

fail() {
    echo "$1"
    exit 1
}

# expect TEXT: what the last run wrote.
expect() {
    [ "$out" = "$1" ] || fail "expected: $1
got:      $out"
}
