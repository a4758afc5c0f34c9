%% SPDX-License-Identifier: Apache-2.0
%% Files in memory.
%% expect: {ok,<<"some">>}
%% expect: {ok,5}
%% expect: ok
%% expect: {ok,<<"some word and more">>}
%% expect: {ok,18}
%% expect: {ok,[<<"so">>,eof,<<"word">>]}
%% expect: ok
%% expect: {ok,<<101,0,0,33>>}
%% expect: {error,einval}
%% expect: {ok,18}
%% expect: ok
%% expect: {ok,0}
%% expect: {ok,<<"some word and more">>}
%% expect: eof
%% expect: ok
%% expect: {error,einval}
%% expect: [{ok,"ab"},{error,ebadf},{error,eacces},{ok,"abc"}]
%% expect: 'EXIT'
-module(ram_file_test).
-export([main/0]).

main() ->
    {ok, F} = file:open(<<"some text">>, [ram, binary, read, write]),
    show(file:read(F, 4)),
    show(file:position(F, {cur, 1})),
    show(file:write(F, "word and more")),
    show(ram_file:get_file(F)),
    show(ram_file:get_size(F)),
    show(file:pread(F, [{0, 2}, {100, 1}, {5, 4}])),
    show(file:pwrite(F, 20, "!")),
    show(file:pread(F, 17, 10)),
    show(file:position(F, {bof, -1})),
    show(file:position(F, {eof, -3})),
    show(file:truncate(F)),
    show(file:position(F, bof)),
    show(file:read(F, 100)),
    show(file:read(F, 1)),
    show(file:close(F)),
    show(file:read(F, 1)),
    {ok, R} = file:open("abc", [ram, read]),
    show([file:read(R, 2), file:write(R, "x"), file:truncate(R),
          file:pread(R, 0, 3)]),
    show(element(1, catch file:open("abc", [ram, raw]))).

show(Term) -> io:format("~tp~n", [Term]).
