%% SPDX-License-Identifier: Apache-2.0
%% Files that are written late: what waits, and for how long, what writes it,
%% whom it belongs to, and when an error is told.
%% expect: waits: {0,ok,5}
%% expect: too much: 12
%% expect: in its time: true
%% expect: position: {{ok,3},3}
%% expect: read: {{ok,<<"bcd">>},{ok,<<"ef">>}}
%% expect: pwrite: <<"aXYdef">>
%% expect: sync: {ok,3}
%% expect: bad data: [{error,badarg},ok,<<"ab">>]
%% expect: another process: {not_on_controlling_process,0}
%% expect: with its owner: <<"abc">>
%% expect: after the close: {error,einval}
%% expect: full at once: {error,enospc}
%% expect: full at close: {error,enospc}
%% expect: lists: {ok,"abc"}
%% expect: not raw: {0,<<"abc">>}
-module(late_writes).
-export([main/0]).

main() ->
    File = "late_writes." ++ os:getpid(),
    waiting(File),
    operations(File),
    users(File),
    errors(),
    kinds(File),
    file:delete(File).

show(Name, Term) -> io:format("~s: ~0p~n", [Name, Term]).

open(File, Size, Delay) ->
    {ok, Fd} = file:open(File, [write, read, raw, binary,
                                {delayed_write, Size, Delay}]),
    file:truncate(Fd),
    Fd.

in_file(File) -> filelib:file_size(File).

read(File) -> element(2, file:read_file(File)).

waiting(File) ->
    A = open(File, 100, 60000),
    file:write(A, <<"ab">>),
    file:write(A, ["c", [$d, <<"e">>]]),
    show("waits", {in_file(File), file:close(A), in_file(File)}),
    B = open(File, 10, 60000),
    [file:write(B, "four") || _ <- [1, 2, 3]],
    show("too much", in_file(File)),
    file:close(B),
    C = open(File, 100, 10),
    file:write(C, "in time"),
    show("in its time", wait(fun() -> in_file(File) =:= 7 end)),
    file:close(C).

wait(Holds) ->
    case Holds() of
        true -> true;
        false -> timer:sleep(5), wait(Holds)
    end.

operations(File) ->
    A = open(File, 100, 60000),
    file:write(A, "abc"),
    show("position", {file:position(A, cur), in_file(File)}),
    file:write(A, "def"),
    show("read", {file:pread(A, 1, 3), begin file:position(A, 4),
                                             file:read(A, 10) end}),
    file:pwrite(A, 1, "XY"),
    show("pwrite", read(File)),
    file:close(A),
    B = open(File, 100, 60000),
    file:write(B, "abc"),
    show("sync", {file:sync(B), in_file(File)}),
    file:close(B),
    C = open(File, 100, 60000),
    Bad = [begin file:write(C, "a"), file:write(C, [b]) end,
           file:write(C, "b")],
    file:close(C),
    show("bad data", Bad ++ [read(File)]).

users(File) ->
    A = open(File, 100, 60000),
    Self = self(),
    spawn(fun() -> Self ! {told, catch file:write(A, "x")} end),
    show("another process", {receive {told, {'EXIT', {T, _}}} -> T end, in_file(File)}),
    file:close(A),
    {_, Ref} = spawn_monitor(fun() -> file:write(open(File, 100, 60000), "abc")
                             end),
    receive {'DOWN', Ref, _, _, _} -> ok end,
    show("with its owner", begin wait(fun() -> in_file(File) =:= 3 end),
                                 read(File) end),
    B = open(File, 100, 60000),
    file:close(B),
    show("after the close", file:position(B, cur)).

%% Of a device that is always full.
full(Size, Delay) ->
    {ok, Fd} = file:open("/dev/full", [write, raw, {delayed_write, Size, Delay}]),
    Fd.

errors() ->
    A = full(2, 60000),
    show("full at once", file:write(A, "abc")),
    catch file:close(A),
    C = full(100, 60000),
    ok = file:write(C, "abc"),
    show("full at close", file:close(C)).

kinds(File) ->
    {ok, A} = file:open(File, [write, read, raw, delayed_write]),
    file:write(A, "abc"),
    show("lists", file:pread(A, 0, 9)),
    file:close(A),
    {ok, B} = file:open(File, [write, delayed_write]),
    file:write(B, "abc"),
    Size = in_file(File),
    file:close(B),
    show("not raw", {Size, read(File)}).
