#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is wrong on the command line ends the node and is told, as in OTP.
merle=${MERLE:-merle}
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
cd "$dir" || exit 1
export ERL_CRASH_DUMP_SECONDS=0
failed=0

# see TEXT STATUS ARG...: the program ends so, and says TEXT.
see() {
    text=$1 status=$2
    shift 2
    timeout -s KILL 60 "$merle" -noshell "$@" > out 2>&1 < /dev/null
    got=$?
    if [ $got != "$status" ] || ! grep -qF -- "$text" out; then
        echo "$*: status $got"
        cat out
        failed=1
    fi
}

echo '[{kernel,[{x,2}]},"good"].' > names.config
echo '[{kernel,[{x,2}]},"good"].' > sys.config
echo '[{kernel,[{y,1}]}].' > good.config
Both='io:format("~w", [[application:get_env(kernel, K) || K <- [x, y]]]), halt().'

see 'System process <0.0.0> terminated: killed' 1 \
    -eval 'exit(whereis(init), kill), receive after infinity -> ok end'
see 'badarg' 1 -run erlang halt 4
see nodistribution 1 -name name
see 'Invalid node name!' 1 -sname 'a b'
see 'bad_environment_value' 1 -kernel x '{'
see 'invalid application config: "good"' 1 -config names
see '[{ok,2},{ok,1}]' 0 -config sys -eval "$Both"
see 'on' 0 -eval -eval 'io:format("on"), halt().'
long=$(printf '%05000d' 7)
ERL_FLAGS="-long $long" \
    see 5000 0 -eval '{ok, [[T]]} = init:get_argument(long),
                      io:format("~w", [length(T)]), halt().'
exit $failed
