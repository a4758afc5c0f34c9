#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# "merle test": which tests it finds, and its exit status.
fail() { echo "$1"; exit 1; }

mkdir -p src test
cat > src/half.erl <<'END'
-module(half).
-export([cut/1]).
cut(N) -> N div 2.
END
cat > test/half_tests.erl <<'END'
-module(half_tests).
-include_lib("eunit/include/eunit.hrl").
even_test() -> ?assertEqual(2, half:cut(4)).
all_test_() -> [?_assertEqual(N, half:cut(2 * N)) || N <- [1, 2]].
END
cat > wrong.erl <<'END'
-module(wrong).
-include_lib("eunit/include/eunit.hrl").
wrong_test() -> ?assertEqual(3, 1 + 1).
END
echo '-module(broken). f(' > broken.erl

out=$("$MERLE" test test/half_tests.erl) || fail "a file: status $?: $out"
[ "$out" = "  All 3 tests passed." ] || fail "a file: $out"
out=$("$MERLE" test wrong.erl) && fail "a failing test: status 0"
[ $? = 1 ] || fail "a failing test: status is not 1: $out"
echo "$out" | grep -q 'Failed: 1.  Skipped: 0.  Passed: 0.' || fail "$out"
"$MERLE" test broken.erl > out 2>&1
[ $? = 2 ] || fail "a source that does not compile: not 2: $(cat out)"
rm broken.erl wrong.erl
out=$("$MERLE" test .) || fail "a folder: status $?: $out"
[ "$out" = "  All 3 tests passed." ] || fail "a folder: $out"
"$MERLE" test > out 2>&1
[ $? = 2 ] || fail "no argument: not 2: $(cat out)"
exit 0
