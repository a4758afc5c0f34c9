#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A disk of 64 KB that is full: each writer says so, none waits or ends the node.
MERLE=${MERLE:?}
mkdir -p disk
if [ "${1:-}" != mounted ]; then
    unshare -rm true 2>/dev/null || { echo 'no namespaces for a disk of its own'; exit 77; }
    exec unshare -rm sh "$0" mounted
fi
mount -t tmpfs -o size=64k none disk || { echo 'no disk of its own'; exit 77; }
printf -- '-module(big).\n-export([f/0]).\nf() -> "%s".\n' "$(head -c 9000 /dev/zero | tr '\0' x)" > big.erl
head -c 60000 /dev/zero > disk/most
said=$($MERLE -noshell -eval '
    Big = binary:copy(<<"x">>, 100000),
    Shown = fun(X) -> io:format("~0P~n", [X, 12]) end,
    Shown(file:write_file("disk/most", Big)),
    {ok, F} = file:open("disk/f", [write]),
    Shown(file:write(F, Big)),
    Shown(file:write(F, "more")),
    {ok, R} = file:open("disk/r", [write, raw, delayed_write]),
    Shown([file:write(R, Big), file:close(R), file:close(R)]),
    Shown(disk_log:open([{name, l}, {file, "disk/l"}])),
    Shown(disk_log:open([{name, w}, {file, "disk/w"}, {type, wrap}, {size, {1000, 2}}])),
    Shown(dets:open_file(t, [{file, "disk/t"}])),
    Shown(file:copy("disk/most", "disk/again")),
    Shown(compile:file("big", [{outdir, "disk"}])),
    Shown(zip:create("disk/z.zip", ["big.erl", {"b", Big}], [{compress, []}])),
    ok = file:make_dir("disk/d"),
    halt()' 2>&1) || { echo "$said"; exit 1; }
cat > expected <<'END'
{error,enospc}
{error,enospc}
{error,terminated}
[{error,enospc},ok,{error,einval}]
{error,{file_error,"disk/l",enospc}}
{error,{file_error,"disk/w.1",enospc}}
{error,{file_error,"disk/t",enospc}}
{error,enospc}
error
{error,enospc}
END
echo "$said" | diff expected -
