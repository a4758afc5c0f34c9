#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Scripts and expressions on the command line: what they get, say and answer.
fail() { echo "$1"; exit 1; }

cat > plain.escript <<'E'
#!/usr/bin/env escript
%% a script
%%! +S 1 -sname_is not_set
main(["crash"]) -> 1 / length([]);
main([Text]) ->
    {ok, [Flag]} = init:get_argument(sname_is),
    io:format("~s ~p ~s", [Text, Flag, io:get_line("")]);
main(_) -> halt(3).
E
out=$(echo typed | "$MERLE" plain.escript given) || fail "status $?: $out"
[ "$out" = 'given ["not_set"] typed' ] || fail "plain: $out"
"$MERLE" plain.escript; [ $? = 3 ] || fail "halt/1 in a script"
out=$("$MERLE" plain.escript crash 2>&1); [ $? = 127 ] || fail "crash: $out"
echo "$out" | grep -q 'main/1 (plain.escript, line 4)' || fail "place: $out"
out=$("$MERLE" none.erl 2>&1); [ $? = 127 ] || fail "missing: $out"
[ "$out" = "escript: Failed to open file: none.erl" ] || fail "missing: $out"

cat > module.erl <<'E'
-module(module).
-export([main/1]).
main(Args) -> io:format("~p~n", [{?MODULE, Args}]).
E
[ "$("$MERLE" module.erl -a b)" = '{module,["-a","b"]}' ] || fail "a module"
"$MERLE" compile module.erl || fail "compile"
[ "$("$MERLE" module.beam)" = '{module,[]}' ] || fail "a beam file"
echo 'main( ->' > broken.erl
out=$("$MERLE" broken.erl 2>&1); [ $? = 127 ] || fail "broken: $out"

[ "$("$MERLE" -e 'io:put_chars(init:get_plain_arguments())' x y)" = xy ] \
    || fail "-e"
"$MERLE" -e 'halt(4)'; [ $? = 4 ] || fail "-e halt"
ERL_CRASH_DUMP_SECONDS=0 "$MERLE" -e 'error(x)' > out 2>&1
[ $? = 1 ] || fail "-e fails: $(cat out)"
"$MERLE" -h | grep -q '^usage: merle' || fail "-h"
[ "$(ERL_FLAGS='-one "t w"' "$MERLE" -noshell -eval \
    'io:format("~p", [init:get_argument(one)]), halt().')" \
    = '{ok,[["t w"]]}' ] || fail "ERL_FLAGS"

# An archive with an application in it, in an escript and on the code path.
mkdir -p packed/ebin
cat > packed/ebin/packed.app <<'E'
{application, packed, [{vsn, "1"}, {modules, [packed]},
                       {applications, [kernel, stdlib]}, {env, [{key, set}]}]}.
E
cat > packed.erl <<'E'
-module(packed).
-export([main/1]).
main(_) ->
    ok = application:load(packed),
    Dir = filename:dirname(filename:dirname(code:which(packed))),
    {ok, Names} = erl_prim_loader:list_dir(Dir),
    io:format("~p ~s ~p", [application:get_env(packed, key),
                           filename:basename(code:which(packed)), Names]).
E
"$MERLE" compile -o packed/ebin packed.erl || fail "compile packed"
rm packed.erl
"$MERLE" -e '
    Files = ["packed/ebin/packed.beam", "packed/ebin/packed.app"],
    {ok, _} = zip:create("packed-1.ez", Files),
    {ok, Zip} = file:read_file("packed-1.ez"),
    ok = escript:create("packed.es", [shebang, {archive, Zip}]),
    ok = file:del_dir_r("packed")' || fail "zip"
[ "$("$MERLE" packed.es 2>&1)" = '{ok,set} packed.beam ["ebin"]' ] \
    || fail "an archive: $("$MERLE" packed.es 2>&1)"
out=$("$MERLE" -noshell -pa packed-1.ez/packed/ebin -eval \
    'packed:main([]), init:stop()')
[ "$out" = '{ok,set} packed.beam ["ebin"]' ] || fail "packed-1.ez: $out"
exit 0
