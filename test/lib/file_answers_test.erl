%% SPDX-License-Identifier: Apache-2.0
%% What files answer where names, encodings and owners are unusual.
%% expect: {{error,einval},{error,enotsup},{error,badarg},{error,badarg}}
%% expect: {{error,no_translation},{error,badarg},{error,badarg}}
%% expect: {[228],[120]}
%% expect: {{ok,[97,98]},{ok,[228]},{ok,[99,100]}}
%% expect: {error,enotsup}
%% expect: <<>>
%% expect: <<107,101,112,116>>
%% expect: true
-module(file_answers_test).
-export([main/0]).

main() ->
    show({file:get_cwd("x"), file:get_cwd("c:"), file:get_cwd(<<"c:">>),
          prim_file:get_cwd(a)}),
    show({file:set_cwd(<<"a", 228>>), prim_file:make_dir(name),
          prim_file:rename("a", b)}),
    show({prim_file:internal_normalize_utf8(<<"a", 204, 136>>),
          prim_file:internal_normalize_utf8(<<"x">>)}),
    characters(),
    show(file:altname("x")),
    show(late(kill)),
    show(late(normal)),
    %% the library's folders can be entered
    {ok, Here} = file:get_cwd(),
    Lib = code:lib_dir(stdlib),
    Entered = file:set_cwd(filename:join(Lib, "ebin")) =:= ok
        andalso filelib:is_regular("lists.beam"),
    ok = file:set_cwd(Here),
    show(Entered).

%% pread counts characters, not bytes, where a file has an encoding.
characters() ->
    Name = "characters.txt",
    ok = file:write_file(Name, <<"ab", 228/utf8, "cd">>),
    {ok, F} = file:open(Name, [read, {encoding, utf8}]),
    show({file:pread(F, 0, 2), file:pread(F, {cur, 0}, 1),
          file:pread(F, 4, 2)}),
    file:close(F).

%% What waits to be written when its owner ends with [Reason].
late(Reason) ->
    Name = "late.txt",
    {Pid, Ref} = spawn_monitor(fun() ->
        {ok, F} = file:open(Name, [raw, write, {delayed_write, 1000, 60000}]),
        ok = file:write(F, <<"kept">>),
        exit(Reason)
    end),
    receive {'DOWN', Ref, process, Pid, _} -> ok end,
    timer:sleep(200),
    {ok, Bytes} = file:read_file(Name),
    Bytes.

show(Term) -> io:format("~w~n", [Term]).
