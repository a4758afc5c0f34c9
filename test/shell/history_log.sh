#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# History as kernel's shell_history has it: in a log of OTP's form, whose size
# may change and which may be broken, or in a module of the user's.
. "${MERLE_TOP:?}/test/shell/tmux.inc"
log="$home/log/erlang-shell-log"

with() {
    window "${MERLE:-merle}" -pa "$home" -kernel shell_history_path "\"$home/log\"" \
        shell_history "$@"
    expect '^1>'
}

with enabled
enter 'alpha.'; expect '^alpha$'
enter '{two,'; enter 'lines}.'; expect '^{two,lines}$'
enter 'q().'; expect_end
[ -f "$log.1" ] || fail 'no log'

with enabled shell_history_file_bytes 900000 shell_history_drop '["drop."]'
expect '^The configured log history file size is different'
expect '^resized the log history file'
keys Up; expect '^1> q()\.$'
keys M-p M-p; expect '^1> alpha\.$'; keys Enter; expect '^alpha$'
enter 'drop.'; expect '^drop$'
enter 'halt().'; expect_end

# It was not closed, which is no damage; bytes that are none of it are.
with enabled shell_history_file_bytes 900000
keys Up; expect '^1> alpha\.$'
keys C-u; enter 'halt().'; expect_end
printf '\n\n' >> "$log.1"
with enabled shell_history_file_bytes 900000
expect '^The shell history log file was corrupted and was repaired'
keys Up; expect '^1> alpha\.$'
keys C-u; enter 'halt().'; expect_end

# A module of the user's; one that fails is asked no more.
cat > "$home/kept.erl" <<'E'
-module(kept).
-export([load/0, add/1]).
load() -> ["newest.\n", "oldest.\n"].
add("fail" ++ _) -> error(failed);
add(Line) -> io:format("kept ~p~n", [Line]).
E
(cd "$home" && "${MERLEC:?}" kept.erl) || fail 'does not compile'
with kept
keys Up Up; expect '^1> oldest\.$'; keys Enter
expect '^kept "oldest\.\\n"$'; expect '^oldest$'
enter 'fail.'; expect "^The configured custom shell_history provider 'kept' crashed"
expect '^Disabling shell history logging\.$'; expect '^fail$'
enter 'still.'; expect '^still$'; expect_not '^kept "still'
