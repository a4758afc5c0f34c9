#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A node that ends while its tables are written, twice, keeps what was logged
# before the first time.
merle=${MERLE:-merle}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
run() {
    "$merle" -noshell -mnesia dir '"db"' -eval "$1, halt()." </dev/null
}
begin='ok = mnesia:start(), ok = mnesia:wait_for_tables([t], 5000)'
run 'ok = mnesia:create_schema([node()]), ok = mnesia:start(),
     {atomic, ok} = mnesia:create_table(t, [{disc_copies, [node()]}]),
     dumped = mnesia:dump_log(),
     ok = mnesia:dirty_write({t, 1, one}), ok = mnesia:sync_log()' || exit 1
mv db/LATEST.LOG db/PREVIOUS.LOG
run "$begin, ok = mnesia:dirty_write({t, 2, two}), mnesia_disc:rotate_log(),
     ok = mnesia:sync_log()" || exit 1
out=$(run "$begin, io:format(\"~p~n\", [lists:sort(ets:tab2list(t))]),
     dumped = mnesia:dump_log()")
left=$(ls db | grep -c PREVIOUS)
out2=$(run "$begin, io:format(\"~p~n\", [lists:sort(ets:tab2list(t))])")
[ "$out" = "[{t,1,one},{t,2,two}]" ] && [ "$out2" = "$out" ] \
    && [ "$left" = 0 ] && exit 0
echo "$out" "$out2" "$left"
exit 1
