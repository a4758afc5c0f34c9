#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Standard input and output that are closed, or that nobody reads any more.
set -e
check() { # EXPECTED GOT
    if [ "$1" != "$2" ]; then echo "expected: $1"; echo "got:      $2"; exit 1; fi
}
status() { # of what follows
    set +e; "$@"; echo "status $?"; set -e
}
say='X = io:get_line(""), io:format("~p~n", [X]), halt(3)'
check 'eof
status 3' "$(status $MERLE -noshell -eval "$say" <&-)"
# a file that is opened does not take their place
$MERLE -noshell -eval '{ok, F} = file:open("kept", [write, raw]), io:format("lost~n"),
    file:write(F, "kept"), halt(4)' <&- >&- 2>&- || [ $? = 4 ]
check kept "$(cat kept)"
# who reads no more ends who writes for ever
check x "$(timeout 20 $MERLE -noshell -eval 'fun F() -> io:format("x~n"), F() end()' 2>said | head -1)"
grep -q terminated said
# ... and a shell, which then ends the node
(echo 'spawn(fun F() -> io:format("x~n"), F() end).'; sleep 1) |
    (timeout 20 $MERLE; echo $? >ended) | head -1 >shown
check 0 "$(cat ended)"
# what a reader leaves of its line is not for the one who waits already
mkfifo typed
timeout 20 $MERLE -noshell -eval '
    [user ! {io_request, self(), R, R} || R <- [{get_line, unicode, ""}, {get_chars, unicode, "", 2}]],
    io:format("ready~n"),
    [receive {io_reply, R, X} -> io:format("~p~n", [X]) end || R <- [{get_chars, unicode, "", 2}, {get_line, unicode, ""}]],
    halt()' <typed >answers &
exec 3>typed
until grep -q ready answers; do sleep 0.1; done
printf 'abc\n' >&3
until grep -q ab answers; do sleep 0.1; done
printf 'd\n' >&3
wait
exec 3>&-
check 'ready
"ab"
"d\n"' "$(cat answers)"
