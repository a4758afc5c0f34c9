%% SPDX-License-Identifier: Apache-2.0
%% Tables in files, and tables that change their protection.
%% expect: ok
%% expect: {ok,[{name,words},
%% expect:      {type,ordered_set},
%% expect:      {protection,public},
%% expect:      {named_table,false},
%% expect:      {keypos,2},
%% expect:      {size,250},
%% expect:      {extended_info,[object_count,md5sum]},
%% expect:      {version,{1,0}}]}
%% expect: true
%% expect: [words,ordered_set,public,2]
%% expect: {value,1,[1]}
%% expect: error
%% expect: {error,{unknown_option,sorted}}
%% expect: {error,badtab}
%% expect: read_error
%% expect: private
-module(table_files_test).
-export([main/0]).

main() ->
    T = ets:new(words, [ordered_set, public, {keypos, 2}]),
    ets:insert(T, [{value, N, lists:seq(1, N)} || N <- lists:seq(1, 250)]),
    show(ets:tab2file(T, "t.tab", [{extended_info, [md5sum, object_count]}])),
    show(ets:tabfile_info("t.tab")),
    {ok, Again} = ets:file2tab("t.tab", [{verify, true}]),
    show(ets:tab2list(Again) =:= ets:tab2list(T)),
    show([ets:info(Again, K) || K <- [name, type, protection, keypos]]),
    %% the file is a log
    {ok, log} = disk_log:open([{name, log}, {file, "t.tab"}]),
    {_, [_, First | _]} = disk_log:chunk(log, start),
    show(First),
    ok = disk_log:close(log),
    %% one byte of an object
    {ok, Bytes} = file:read_file("t.tab"),
    At = byte_size(Bytes) div 2,
    <<Before:At/binary, C, After/binary>> = Bytes,
    ok = file:write_file("t.tab", [Before, C bxor 1, After]),
    show(element(1, ets:file2tab("t.tab", [{verify, true}]))),
    show(ets:tab2file(T, "u.tab", [sorted])),
    show(ets:tab2file(nothing, "u.tab")),
    show(element(1, element(2, ets:file2tab("none.tab")))),
    true = ets:setopts(T, {protection, private}),
    show(ets:info(T, protection)).

show(Term) -> io:format("~tp~n", [Term]).
