#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# rebar3, an escript with an archive in it: a project is compiled and tested.
. "$MERLE_TOP/test/otp_programs/applications.sh"
rebar3=/usr/bin/rebar3
[ -f "$rebar3" ] || {
    echo "no rebar3 here"
    exit 77
}

mkdir -p app/src
cat > app/src/app.app.src <<'EOF'
{application, app, [{vsn, "1"}, {applications, [kernel, stdlib]}]}.
EOF
cat > app/src/app.erl <<'EOF'
-module(app).
-export([next/1]).
-include_lib("eunit/include/eunit.hrl").
next(N) -> N + 1.
next_test() -> ?assertEqual(2, next(1)).
EOF
cd app || exit 1
out=$(HOME=$PWD timeout 60 "$MERLE" "$rebar3" eunit 2>&1 \
          | sed -n 's/.*\([0-9]\) tests, \([0-9]\) failures.*/\1 \2/p')
expect '1 0'
