#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# History: kept over sessions, whole expressions, searchable both ways, without
# secrets; and files that are broken or cannot be.
. "${MERLE_TOP:?}/test/shell/tmux.inc"
file="$home/merle/history"

start
enter 'alpha = alpha.'; expect '^alpha$'
line 'begin'; line 'beta,'; enter 'gamma end.'; expect '^gamma$'
enter '"two.", {delta}.'; expect '^{delta}$'
enter 'io:get_password().'; sleep 0.3
enter 'hidden'; expect '^"hidden"$'
enter 'halt().'; expect_end
grep -q '^alpha = alpha\.$' "$file" || fail 'no history file'
grep -q '^begin\\n    beta,\\n    gamma end\.$' "$file" || fail 'no whole entry'
grep -q 'hidden' "$file" && fail 'the password is kept'

# Another session has it; what is searched for may stand in any line.
start
keys C-r; type 'beta'
expect_rows "(search)\`beta': begin" "                    beta," \
            "                    gamma end."
keys C-e; expect_rows '1> begin' '       beta,' '       gamma end.'
type 'x'; keys BSpace Enter; expect '^gamma$'
keys C-r; type 'a'; expect "a': begin"
keys C-r; expect "a': halt"
keys C-r; expect "a': io:get_password"
keys C-s; expect "a': halt"
keys BSpace; type 'delta'; expect "delta': \"two"
keys C-g; expect '^2>$'
# What was begun is there again behind the newest entry.
type 'new'; keys Up; expect '^2> begin$'
keys M-p; expect '^2> halt().$'
keys M-n M-n; expect '^2> new$'
keys C-c C-l
enter 'h().'; expect '^1: '
enter 'halt().'; expect_end

# A history that is too long or broken.
yes 'lists:seq(1, 100).' | head -c 400000 > "$file"
printf '\377\376broken\n' >> "$file"
chmod 600 "$file"
start
[ "$(wc -c < "$file")" -lt 262144 ] || fail 'the history is not shortened'
[ "$(stat -c %a "$file")" = 600 ] || fail 'others may read the history'
keys Up; expect '^1> lists:seq(1, 100)'
keys C-u; enter '40 + 2.'; expect '^42$'
head -c 3000 /dev/urandom > "$file"
start; enter '40 + 3.'; expect '^43$'

# A place where none can be kept: there is one for this session.
start XDG_CACHE_HOME=/proc/nowhere HOME=/proc/nowhere
enter '40 + 4.'; expect '^44$'
keys Up; expect '^2> 40 + 4\.$'
keys C-c
chmod a-w "$home/merle" "$file"
start; enter '40 + 5.'; expect '^45$'
keys Up; expect '^2> 40 + 5\.$'
chmod u+w "$home/merle"
rm -f "$file"; mkdir "$file" # something else has its name
start; enter '40 + 6.'; expect '^46$'
rmdir "$file"; mkfifo "$file" # and nobody writes to it
start
