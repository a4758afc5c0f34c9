#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Diagnostics in colours on a terminal, of the command and of the prompt; not a
# byte of that elsewhere, or where it is not wanted.
. "${MERLE_TOP:?}/test/shell/tmux.inc"
: "${MERLEC:?}"

esc=$(printf '\033')
cd "$home" || exit 1
cat > bad.erl <<'E2'
-module(bad).
-export([f/1]).
f(X) -> Y.
E2
cat > told.erl <<'E2'
-module(told).
-export([parse_transform/2, format_error/1]).
parse_transform(Forms, _) ->
    {warning, Forms, [{"seen.erl", [{1, told, seen}]}]}.
format_error(seen) -> "seen".
E2
cat > seen.erl <<'E2'
-module(seen).
-compile({parse_transform, told}).
E2

# $1 is said with the environment $2...; {bold}, {red}, {yellow}, {plain} stand
# for sequences.
says() {
    wanted=$(printf '%s\n' "$1" | sed "s/{bold}/$esc[1m/g; s/{red}/$esc[1;31m/g
        s/{yellow}/$esc[1;33m/g; s/{plain}/$esc[0m/g")
    shift
    said=$(env "$@")
    [ "$said" = "$wanted" ] || { echo "said by $*: $said"; exit 1; }
}

plain="bad.erl:3:9: variable 'Y' is unbound
%    3| f(X) -> Y.
%     |         ^

bad.erl:3:3: Warning: variable 'X' is unused
%    3| f(X) -> Y.
%     |   ^"
coloured="{bold}bad.erl:3:9:{plain} {red}variable 'Y' is unbound{plain}
%    3| f(X) -> Y.
%     |         {red}^{plain}

{bold}bad.erl:3:3:{plain} {yellow}Warning: {plain}variable 'X' is unused
%    3| f(X) -> Y.
%     |   {yellow}^{plain}"
says "$plain" -u CLICOLOR_FORCE -u NO_COLOR TERM=xterm "$MERLEC" bad.erl
says "$coloured" -u NO_COLOR CLICOLOR_FORCE=1 "$MERLEC" bad.erl
says "$plain" NO_COLOR=1 CLICOLOR_FORCE=1 "$MERLEC" bad.erl
# What a node is started for is told in the same way.
"$MERLEC" told.erl || exit 1
says "{bold}seen.erl:1:{plain} {yellow}Warning: {plain}seen
%    1| -module(seen)." -u NO_COLOR CLICOLOR_FORCE=1 "$MERLEC" -pa . seen.erl

# As a terminal gets it.
red="${esc}[1m${esc}[31m"
window sh -c "'$MERLEC' bad.erl; sleep 60"
expect_coloured "${red}variable 'Y' is unbound"
window NO_COLOR=1 sh -c "'$MERLEC' bad.erl; echo; echo done; sleep 60"
expect '^done'
screen -e | grep -q "$esc" && fail 'colours in spite of NO_COLOR'
window TERM=dumb sh -c "'$MERLEC' bad.erl; echo; echo done; sleep 60"
expect '^done'
screen -e | grep -q "$esc" && fail 'colours on a dumb terminal'

# At the prompt; somebody who reads what is said gets the text only.
start
enter 'c(bad).'
expect_coloured "${red}variable 'Y' is unbound"
expect_coloured "${esc}[33mWarning:"
start NO_COLOR=1
enter 'c(bad).'
expect '^error'
screen -e | grep -q "$esc" && fail 'colours at the prompt in spite of NO_COLOR'
exit 0
