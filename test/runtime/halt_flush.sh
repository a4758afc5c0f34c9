#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# halt() waits until what ports have to write is written, if it is to.
merle=${MERLE:-merle}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
cat > late.sh <<'END'
#!/bin/sh
while [ ! -e go ]; do [ -e late.sh ] || exit; sleep 0.02; done
cat > "$1"
: > "$1.done"
END
chmod +x late.sh
run() {
    "$merle" -noshell -eval "
        P = open_port({spawn, \"./late.sh $1\"}, [out]),
        Q = open_port({spawn, \"./late.sh other-$1\"}, [out]),
        [port_command(R, binary:copy(<<\"x\">>, 500000)) || R <- [P, Q]],
        halt(0, [{flush, $2}])." </dev/null
}
run flushed true &
node=$!
sleep 0.5
kill -0 $node || { echo "it did not wait"; exit 1; }
: > go
wait $node
rm go
run lost false
: > go
for file in flushed other-flushed lost other-lost; do
    while [ ! -e $file.done ]; do sleep 0.02; done
done
stat -c '%n %s' flushed other-flushed
[ "$(stat -c %s flushed)" = 500000 ] || exit 1
[ "$(stat -c %s other-flushed)" = 500000 ] || exit 1
[ "$(stat -c %s lost)" -lt 500000 ] || exit 1
