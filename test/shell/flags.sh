#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Flags from files and the environment; what C code reads of them.
set -e
check() { # EXPECTED GOT
    if [ "$1" != "$2" ]; then echo "expected: $1"; echo "got:      $2"; exit 1; fi
}
cat > more.args <<'END'
-later yes   # a comment
END
cat > vm.args <<'END'
+P 4096
# a line of comment
-env FOO "two words"
-words a\ b 'c d'
-args_file more.args
END
check '{4096,"two words",{ok,[["a b","c d"]]},{ok,[["yes"]]}}' "$($MERLE -args_file vm.args -noshell -eval 'io:format("~0p", [{erlang:system_info(process_limit), os:getenv("FOO"), init:get_argument(words), init:get_argument(later)}]), halt()')"
check '{8192,{ok,[["a"],["b"],["c"]]}}' "$(ERL_AFLAGS='-x a' ERL_FLAGS='+P 8192 -x c' $MERLE -x b -noshell -eval 'io:format("~0p", [{erlang:system_info(process_limit), init:get_argument(x)}]), halt()')"
check '{610,{min_heap_size,610},5,true}' "$($MERLE +hms 500 +A 5 +Bi -noshell -eval 'S = fun erlang:system_info/1, {min_heap_size, N} = S(min_heap_size), io:format("~0p", [{N, process_info(spawn(fun() -> receive x -> ok end end), min_heap_size), S(thread_pool_size), S(break_ignored)}]), halt()')"
check '{[610,610,987],[610,610,987]}' "$($MERLE +hms 500 -noshell -eval 'Of = fun(N) -> element(2, process_info(spawn_opt(fun() -> receive x -> ok end end, [{min_heap_size, N}]), min_heap_size)) end, io:format("~w", [{[Of(N) || N <- [0, 376, 700]], [process_flag(min_heap_size, N) || N <- [1, 700, 1]]}]), halt()')"
check '{true,"beam",true}' "$($MERLE -noshell -eval 'io:format("~0p", [{os:getenv("ROOTDIR") =:= code:root_dir(), os:getenv("EMU"), {ok, [[os:getenv("PROGNAME")]]} =:= init:get_argument(progname)}]), halt()')"
printf -- '-a b -extra x # y\nz\n' > extra.args
plain() { "$@" -eval 'io:format("~0p", [{init:get_argument(a), init:get_plain_arguments()}]), halt()'; }
check '{{ok,[["b"]]},["x","z","--"]}' "$(plain $MERLE -args_file extra.args -noshell)"
check '{{ok,[["b"],["c"]]},["x","z","--","p","q","e","--"]}' "$(ERL_FLAGS='-a c -extra e' $MERLE -args_file extra.args -noshell -eval 'io:format("~0p", [{init:get_argument(a), init:get_plain_arguments()}]), halt()' -extra p q)"
if $MERLE -args_file nosuch.args -noshell 2>/dev/null; then echo 'a missing file passes'; exit 1; fi
$MERLE -emu_args_exit +P 2048 -a b > shown
for word in -P 2048 -root -bindir -progname -home -a b; do grep -qx -e "$word" shown; done
for flag in '+pc unicode' +pcunicode; do
    check unicode "$($MERLE $flag -noshell -eval 'io:format("~p", [io:printable_range()]), halt()')"
done
check 'bad range of printable characters: unnicode' "$($MERLE +pcunnicode -run erlang halt 2>&1 | head -1)"
for flag in +Meamax '+Mea min' +MBasbf '+MBas bf' +MBsbct512 '+Mulmbcs 20' +Muycs10; do
    check ok "$($MERLE $flag -noshell -eval 'io:format("ok"), halt()')"
done
