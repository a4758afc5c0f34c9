%% SPDX-License-Identifier: Apache-2.0
%% Archives of files, in memory and on disc.
%% expect: {"some files",[{"in/a.txt",5,regular},{"in/deep/b.txt",11000,regular}]}
%% expect: true
%% expect: {ok,["out/in/a.txt","out/in/deep/b.txt"]}
%% expect: true
%% expect: {ok,[{"in/a.txt",<<"hello">>}]}
%% expect: {ok,[{"one",<<"1">>},{"two",<<"22">>}]}
%% expect: true
%% expect: {ok,{"in/a.txt",<<"hello">>}}
%% expect: {error,file_not_found}
%% expect: ok
%% expect: {error,enoent}
%% expect: {ok,["in/a.txt","in/deep/b.txt"]}
%% expect: [{error,{bad_option,foo}},{error,{bad_option,foo}},{error,{bad_option,{compress,foo}}}]
%% expect: {error,einval}
%% expect: {error,einval}
%% expect: {error,enoent}
%% expect: Archive comment: some files
%% expect: in/a.txt
%% expect: in/deep/b.txt
%% expect: ok
-module(zip_test).
-export([main/0]).
-include_lib("stdlib/include/zip.hrl").
-include_lib("kernel/include/file.hrl").

main() ->
    ok = filelib:ensure_dir("in/deep/x"),
    Big = iolist_to_binary(lists:duplicate(1000, "many words ")),
    ok = file:write_file("in/a.txt", "hello"),
    ok = file:write_file("in/deep/b.txt", Big),
    {ok, "a.zip"} = zip:zip("a.zip", ["in/a.txt", "in/deep/b.txt"],
                            [{comment, "some files"}]),
    {ok, [#zip_comment{comment = Comment} | Files]} = zip:list_dir("a.zip"),
    show({Comment, [{N, I#file_info.size, I#file_info.type}
                    || #zip_file{name = N, info = I} <- Files]}),
    show(filelib:file_size("a.zip") < 1000),
    show(zip:unzip("a.zip", [{cwd, "out"}])),
    {ok, Same} = file:read_file("out/in/deep/b.txt"),
    show(Same =:= Big),
    show(zip:unzip("a.zip", [memory, {file_list, ["in/a.txt"]}])),
    {ok, {"m.zip", Bytes}} = zip:zip("m.zip", [{"one", <<"1">>}, {"two", <<"22">>}],
                                     [memory]),
    show(zip:unzip(Bytes, [memory])),
    show(zip:foldl(fun(N, _, Get, Acc) -> [{N, Get()} | Acc] end, [], "a.zip")
         =:= {ok, [{"in/deep/b.txt", Big}, {"in/a.txt", <<"hello">>}]}),
    {ok, Open} = zip:zip_open("a.zip", [memory]),
    show(zip:zip_get("in/a.txt", Open)),
    show(zip:zip_get("nothing", Open)),
    show(zip:zip_close(Open)),
    show(zip:unzip("missing.zip")),
    show(zip:table("a.zip", [names_only])),
    io:format("~0p~n", [[zip:zip("b.zip", [], [foo]), zip:unzip("a.zip", [foo]),
                         zip:zip("b.zip", [], [{compress, foo}])]]),
    show(zip:zip("b.zip", foo)),
    ok = file:write_file("short.zip", "too short"),
    show(zip:unzip("short.zip")),
    show(zip:t("missing.zip")),
    show(zip:t("a.zip")).

show(Term) -> io:format("~p~n", [Term]).
