#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The batch command with erlc's options: what it says, what it writes, and how
# it ends. MERLEC=erlc runs the same on an installed Erlang.
set -u
mkdir -p out
cat > good.erl <<'E'
-module(good).
-export([f/1]).
-include("h.hrl").
f(X) -> {?V, X}.
g() -> 1.
E
echo '-define(V, v).' > h.hrl
printf -- '-module(bad).\n-export([f/0]).\nf() -> X.\n' > bad.erl
printf -- '-module(other).\n-export([f/0]).\nf() -> ?FOO.\n' > named.erl

run() {
    echo "== $*" | sed "s#$PWD#HERE#g"
    "$MERLEC" "$@" > said 2> failed
    echo "rc $?"
    cat said failed | sed "s#$PWD#HERE#g" | head -8
    for f in good.beam out/good.beam bad.beam dep.mk good.Pbeam good.P; do
        [ -e "$f" ] && echo "made $f"
    done
    [ -e dep.mk ] && cat dep.mk
    rm -f good.beam out/good.beam dep.mk good.Pbeam good.P
}

{
    run good.erl
    run -W0 good.erl
    run -Werror good.erl
    run -Wnone good.erl
    run -o out -W0 good.erl
    run -o
    run -o none -W0 good.erl
    run +brief bad.erl good.erl
    run -W0 good.erl bad.erl
    run -DFOO=1 named.erl
    run "-DFOO={a" named.erl
    run -M good.erl
    run -M -MT 'a$b' good.erl
    run -M -MQ 'a$b' -MP good.erl
    run -MF dep.mk good.erl
    run -W0 -MMD -MF dep.mk good.erl
    run -MX good.erl
    run -W0 -P good.erl
    run -W0 -- good.erl
    run -W0 ./good.erl
    run -W0 "$PWD/good.erl"
    run good
    run good.foo
    run gone.erl
    run -enable-feature none good.erl
    run -describe-feature none
    touch bad.beam
    run +brief bad.erl
} > got
sed '1,/^exit$/d' "$0" > wanted
diff wanted got
exit
== good.erl
rc 0
good.erl:5:1: Warning: function g/0 is unused
%    5| g() -> 1.
%     | ^

made good.beam
== -W0 good.erl
rc 0
made good.beam
== -Werror good.erl
rc 1
compile: warnings being treated as errors
good.erl:5:1: function g/0 is unused
%    5| g() -> 1.
%     | ^

== -Wnone good.erl
rc 1
Usage: erlc [Options] file.ext ...
Options:
-b type        type of output file (e.g. beam)
-d             turn on debugging of erlc itself
-Dname         define name
-Dname=value   define name to have value
-help          shows this help text
-I path        where to search for include files
== -o out -W0 good.erl
rc 0
made out/good.beam
== -o
rc 1
No value given to -o option
== -o none -W0 good.erl
rc 1
HERE/none/good.bea#: error writing file: no such file or directory
== +brief bad.erl good.erl
rc 1
bad.erl:3:8: variable 'X' is unbound
== -W0 good.erl bad.erl
rc 1
bad.erl:3:8: variable 'X' is unbound
%    3| f() -> X.
%     |        ^

made good.beam
== -DFOO=1 named.erl
rc 1
HERE/named.beam: Module name 'other' does not match file name 'named'
== -DFOO={a named.erl
rc 1
syntax error before: '.': {a
== -M good.erl
rc 0
good.beam: good.erl h.hrl
== -M -MT a$b good.erl
rc 0
a$b: good.erl h.hrl
== -M -MQ a$b -MP good.erl
rc 0
a$$b: good.erl h.hrl

h.hrl:
== -MF dep.mk good.erl
rc 0
made dep.mk
good.beam: good.erl h.hrl
== -W0 -MMD -MF dep.mk good.erl
rc 0
made good.beam
made dep.mk
good.beam: good.erl h.hrl
== -MX good.erl
rc 1
Unknown option: -MX
Usage: erlc [Options] file.ext ...
Options:
-b type        type of output file (e.g. beam)
-d             turn on debugging of erlc itself
-Dname         define name
-Dname=value   define name to have value
-help          shows this help text
== -W0 -P good.erl
rc 0
made good.P
== -W0 -- good.erl
rc 0
made good.beam
== -W0 ./good.erl
rc 0
made good.beam
== -W0 HERE/good.erl
rc 0
made good.beam
== good
rc 1
File has no extension: HERE/good
== good.foo
rc 1
Unknown extension: '.foo'
== gone.erl
rc 1
gone.erl: no such file or directory
== -enable-feature none good.erl
rc 1
good.erl: the feature 'none' does not exist.
== -describe-feature none
rc 1
Unknown feature: none
== +brief bad.erl
rc 1
bad.erl:3:8: variable 'X' is unbound
