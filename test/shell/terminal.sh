#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The prompt in a terminal: keys are sent to tmux, and the screen must come to
# show what is expected.
command -v tmux >/dev/null || { echo "no tmux"; exit 77; }
home=$(mktemp -d)
tmux="tmux -L merle-$$ -f /dev/null"
trap '$tmux kill-server 2>/dev/null; rm -rf "$home"' EXIT

start() {
    $tmux new-session -d -x 80 -y 24 env LC_ALL=C.UTF-8 HOME="$home" \
        XDG_CACHE_HOME="$home" "${MERLE:-merle}" || exit 77
    expect '^1>'
}

keys() { $tmux send-keys "$@"; }

# Waits until a row of the screen matches $1.
expect() {
    tries=0
    until $tmux capture-pane -p | grep -q -- "$1"; do
        tries=$((tries + 1))
        if [ $tries -gt 100 ]; then
            echo "not on the screen: $1"
            $tmux capture-pane -p
            exit 1
        fi
        sleep 0.1
    done
}

start
keys 'A = 1+' Enter '2' C-b 4 C-e '.' Enter
expect '^43$'
keys 'lists:rever' Tab '[x,y]).' Enter
expect '^\[y,x\]$'
keys Up; expect '^3> lists:reverse(\[x,y\]).'
keys C-a C-k 'spawn(fun() -> timer:sleep(300), io:format("hello~n") end).' Enter
expect '^4>'
keys 'A + '
expect '^hello$'
keys '7.' Enter
expect '^50$'
keys 'timer:sleep(infinity).' Enter
sleep 0.5
keys C-c
expect 'exception exit: killed'
keys 'A + 57.' Enter
expect '^100$'
keys C-r 'infin'
expect "search.*infin.: timer:sleep(infinity)"
keys C-g C-c C-l 'io:get_password().' Enter
sleep 0.3
keys 'hidden' Enter
expect '^"hidden"$'
# Completion, hints and signatures.
keys 'lists:rever'; expect '^[0-9]*> lists:reverse($'
keys C-a C-k 'M = #{first => 1}, rd(pos, {left, top}).' Enter
expect '^pos$'
keys 'M#{' Tab '9}.' Enter
expect '^#{first => 9}$'
keys '#pos{to' Tab '5}.' Enter
expect '#pos{left = undefined,top = 5}'
keys 'lists:mapf'; keys Tab; keys Tab
expect 'mapfoldl(.*mapfoldr('
keys C-a C-k 'lists:nth('
expect '^lists:nth(N, '
keys C-a C-k 'begin' Enter 'X = 1,' Enter 'X + 1' Enter 'end.' Enter
expect '^2$'
# A caret below what is wrong; commands of merle's own.
keys '{1,  a b}.' Enter
expect '^\*        ^$'
keys 'watch(length(nodes())).' Enter; sleep 1.5; keys x
expect '^ok$'
keys 'cost().' Enter; expect 'reductions, '
keys C-l 'help().' Enter; expect 'watch(E)   -- print'
keys 'foo(' C-c C-d
tries=0
while $tmux has-session 2>/dev/null && [ $tries -lt 50 ]; do
    tries=$((tries + 1)); sleep 0.1
done
$tmux has-session 2>/dev/null && { echo "C-d does not leave"; exit 1; }

# The history of that session.
grep -q '^A = 1+' \
    "$home/merle/history" || { echo "no history file"; exit 1; }
grep -q '^hidden' "$home/merle/history" && { echo "password kept"; exit 1; }
start
keys Up
expect '^1> help()'
keys C-u C-c

# Job control: C-g, a second shell, and back.
keys 'J = 12.' Enter; expect '^12$'
keys C-g; expect '^User switch command'
keys s Enter j Enter; expect '2\* {shell,start,\[\]}'
keys c Enter; expect '^1>'
keys 'K = 13.' Enter; expect '^13$'
keys C-g 'c 1' Enter 'J + 100.' Enter; expect '^112$'
keys C-g 'k 2' Enter j Enter c Enter 'J + 200.' Enter; expect '^212$'
keys C-g r Enter; expect '^Not alive: a remote shell needs a node with a name'
keys c Enter 'J + 300.' Enter; expect '^312$'

# What is pasted at once, however much: 100 KB.
restart() { # MORE: variables of the environment
    $tmux kill-server 2>/dev/null
    # The server that is told to go may still be there to be asked.
    tries=0
    until $tmux new-session -d -x 80 -y 24 env LC_ALL=C.UTF-8 HOME="$home" \
        XDG_CACHE_HOME="$home" "$@" "${MERLE:-merle}" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -gt 50 ] && { echo "tmux does not start"; exit 77; }
        sleep 0.1
    done
    expect '^1>'
}
restart
{ printf 'length("'; yes abcdefghi | head -c 100000 | tr '\n' 'x'; printf '").\n'; } > "$home/paste"
$tmux load-buffer "$home/paste"
$tmux paste-buffer -p
expect '").'
keys Enter; expect '^100000$'

# A history that is too long or broken, a place where none can be kept, and a
# terminal that nobody knows.
yes 'lists:seq(1, 100).' | head -c 400000 > "$home/merle/history"
printf '\377\376broken\n' >> "$home/merle/history"
restart
[ "$(wc -c < "$home/merle/history")" -lt 262144 ] \
    || { echo "the history is not shortened"; exit 1; }
keys Up; expect '^1> lists:seq(1, 100)'
keys C-u '40 + 2.' Enter; expect '^42$'
restart XDG_CACHE_HOME=/proc/nowhere HOME=/proc/nowhere
keys '40 + 3.' Enter; expect '^43$'
restart TERM=nobody-knows-this
keys '40 + 4.' Enter; expect '^44$'

# Endless output is stopped by C-c; the prompt comes back.
restart
keys 'F = fun F() -> io:format("more and more~n"), F() end, F().' Enter
expect '^more and more$'
keys C-c; expect '^\*\* exception exit'
keys '40 + 5.' Enter; expect '^45$'
