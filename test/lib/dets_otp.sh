#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tables that OTP's dets writes are read and changed here, and the other way
# round, with the same answers.
command -v erl >/dev/null && command -v erlc >/dev/null || {
    echo "no Erlang/OTP installed"
    exit 77
}
cat > tables.erl <<'END'
-module(tables).
-export([write/0, change/0]).
write() -> each(fun write/1).
change() -> each(fun change/1).
each(Fun) -> lists:foreach(Fun, [set, bag, duplicate_bag]), halt(0).
write(Type) ->
    {ok, t} = open(Type),
    [ok = dets:insert(t, [{I rem 3, I div 2, lists:seq(1, I rem 50)}])
     || I <- lists:seq(1, 3000)],
    [ok = dets:insert(t, {x, {big, K}, <<0:(8 * K)>>}) || K <- [9, 100, 70000]],
    ok = dets:delete(t, 7),
    ok = dets:insert(t, {a, 1.0, b}),
    ok = dets:close(t).
change(Type) ->
    {ok, t} = open(Type),
    tell(),
    [ok = dets:insert(t, {new, K, K}) || K <- lists:seq(5000, 7000)],
    [ok = dets:delete(t, K) || K <- lists:seq(1, 100)],
    ok = dets:close(t),
    {ok, t} = open(Type),
    tell(),
    ok = dets:close(t).
open(Type) ->
    dets:open_file(t, [{file, atom_to_list(Type) ++ ".dets"}, {type, Type},
                       {keypos, 2}, {repair, false}]).
tell() ->
    io:format("~p ~p ~p ~p~n",
              [dets:info(t, size), dets:info(t, no_keys),
               erlang:phash2(lists:sort(dets:match_object(t, '_'))),
               [dets:lookup(t, K) || K <- [7, 8, 1.0, 1, 6999, 150]]]).
END
erlc tables.erl || exit 1
merle="$MERLE_BUILD/merle"
for pair in "erl erl" "erl merle" "merle erl" "merle merle"; do
    rm -f ./*.dets
    for one in $pair; do
        case $one in merle) vm=$merle ;; *) vm=erl ;; esac
        [ -e set.dets ] && what=change || what=write
        "$vm" -noshell -s tables $what > out.last 2>&1 || {
            cat out.last
            exit 1
        }
    done
    if [ -e out.first ]; then
        cmp out.first out.last || { echo "$pair differ"; exit 1; }
    else
        mv out.last out.first
    fi
done
