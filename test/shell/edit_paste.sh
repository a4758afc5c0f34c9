#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is pasted runs as it was meant: expressions, a transcript with prompts
# and answers, a module, definitions, 100 KB, and pastes without marks.
# not with stress_gc=true: each of 100000 characters copies those before it.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

start
cat > "$home/text" <<'T'
case 1 of
    1 -> one;
    _ -> other
end.
T
paste "$home/text"; expect '^   end\.$'
expect_rows '1> case 1 of' '       1 -> one;' '       _ -> other' '   end.'
keys Enter; expect '^one$'

cat > "$home/text" <<'T'
Erlang/OTP 25 [erts-13.1.5] [source] [64-bit]

1> X = 5.
5
2> Y = case X of
2>   5 -> five
2> end.
five
(me@here)3> {X,
(me@here)3>  Y}.
{5,five}
T
sed 1,2d "$home/text" > "$home/typed"
paste "$home/typed"; expect ' Y}\.$'
expect_not 'me@here'
keys Enter; expect '^4> {5,five}$'
# each expression is an entry of the history
keys Up; expect_rows '5> {X,' '    Y}.'
keys C-c C-c

cat > "$home/text" <<'T'
%% A module, with its comments.
-module(pasted_one).
-export([f/1]).
-include_lib("kernel/include/file.hrl").
-define(ONE, 1).
-record(r, {a, b = ?ONE}).

f(0) -> #r{}#r.b;
f(N) when N > 0 ->
    N * f(N - 1).
T
keys C-l
paste "$home/text"; expect '       N \* f(N - 1)\.$'
keys Enter; expect '^{ok,pasted_one}$'
enter 'pasted_one:f(5).'; expect '^120$'
keys Up Up; expect '^6> -module\|^[67]> %% A module'
keys C-c; keys C-l
printf -- '-module(pasted_two).\nf() -> X.\n' > "$home/text"
paste "$home/text"; keys Enter
expect "^pasted:2:8: variable 'X' is unbound$"
expect '^error$'

# Functions, records and types alone.
keys C-l
cat > "$home/text" <<'T'
-record(point, {x = 0, y}).
-spec twice(number()) -> number().
twice(N) ->
    N * 2.
T
paste "$home/text"; expect '    N \* 2'; keys Enter; expect '^point$'
enter 'twice(21).'; expect '^42$'
enter '#point{y = twice(2)}.'; expect '^#point{x = 0,y = 4}$'
enter 'lists:map(fun twice/1, [1, 2]).'; expect '^\[2,4\]$'
enter 'lf().'; expect '^twice(N) ->$'

# Much at once; what is pasted without marks keeps its blanks.
start
{ printf 'length("'; yes abcdefghi | head -c 100000 | tr '\n' 'x'; printf '").\n'; } > "$home/text"
paste "$home/text"; expect '").'
keys Enter; expect '^100000$'
keys C-l
printf 'foo(\n  "a\n  b"\n).\n' > "$home/text"
$tmux load-buffer "$home/text"; $tmux paste-buffer
expect 'undefined shell command foo/1'
expect_rows '2> foo(' '     "a' '     b"' '   ).'
