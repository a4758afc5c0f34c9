%% SPDX-License-Identifier: Apache-2.0
%% Logs in files: written, read in chunks, full, around and around, damaged.
%%
%% expect: {ok,[{a,1},b,c],eof}
%% expect: {error,{full,small}}
%% expect: {true,[3,3]}
%% expect: wrapped: {error,{is_wrapped,1}}
%% expect: {{repaired,hurt,{recovered,2},{badbytes,5}},[x,y]}
%% expect: {error,no_such_log}
-module(disk_log_test).
-export([main/0]).

main() ->
    Dir = "/tmp/disk_log_test." ++ os:getpid(),
    ok = file:make_dir(Dir),
    try
        whole(Dir ++ "/whole"),
        small(Dir ++ "/small"),
        wrap(Dir ++ "/wrap"),
        wrapped(Dir ++ "/wrapped"),
        hurt(Dir ++ "/hurt")
    after
        file:del_dir_r(Dir)
    end,
    show(disk_log:log(nobody, x)).

whole(File) ->
    {ok, whole} = disk_log:open([{name, whole}, {file, File}]),
    ok = disk_log:log(whole, {a, 1}),
    ok = disk_log:log_terms(whole, [b, c]),
    {Next, Terms} = disk_log:chunk(whole, start),
    Last = disk_log:chunk(whole, Next),
    show({disk_log:close(whole), Terms, Last}).

small(File) ->
    {ok, small} = disk_log:open([{name, small}, {file, File}, {size, 100}]),
    Full = [disk_log:log(small, lists:duplicate(30, $x))
            || _ <- lists:seq(1, 5)],
    disk_log:close(small),
    show(lists:last(Full)).

wrap(File) ->
    {ok, wrap} = disk_log:open([{name, wrap}, {file, File}, {type, wrap},
                                {size, {200, 3}}]),
    [ok = disk_log:log(wrap, {N, lists:duplicate(10, $x)})
     || N <- lists:seq(1, 50)],
    {_, [{First, _} | _]} = disk_log:chunk(wrap, start),
    {size, {_, Files}} = lists:keyfind(size, 1, disk_log:info(wrap)),
    disk_log:close(wrap),
    show({First > 1,
          [Files, length(filelib:wildcard(File ++ ".[0-9]"))]}).

%% The file that follows is older than the one that was being read.
wrapped(File) ->
    {ok, wrap} = disk_log:open([{name, wrap}, {file, File}, {type, wrap},
                                {size, {100, 3}}]),
    [ok = disk_log:log(wrap, {N, lists:duplicate(80, $x)})
     || N <- lists:seq(1, 3)],
    disk_log:close(wrap),
    Second = File ++ ".2",
    {ok, Reader} = wrap_log_reader:open(File),
    {Next, [{1, _}]} = wrap_log_reader:chunk(Reader),
    ok = file:change_time(Second, {{2000, 1, 1}, {0, 0, 0}}),
    {error, {is_wrapped, Read}} = wrap_log_reader:chunk(Next),
    io:format("wrapped: ~p~n",
              [{error, {is_wrapped, list_to_integer(filename:extension(Read)
                                                        -- ".")}}]),
    wrap_log_reader:close(Next),
    ok = file:write_file(File ++ ".idx", <<0, 0, 7>>),
    {error, {index_file_not_found, File}} = wrap_log_reader:open(File, 1).

%% The end of the file was lost while the log was open.
hurt(File) ->
    {ok, hurt} = disk_log:open([{name, hurt}, {file, File}]),
    ok = disk_log:log_terms(hurt, [x, y]),
    ok = disk_log:sync(hurt),
    {ok, Bytes} = file:read_file(File),
    ok = disk_log:close(hurt),
    ok = file:write_file(File, [Bytes, <<0, 0, 0, 9, 1>>]),
    Opened = disk_log:open([{name, hurt}, {file, File}, {quiet, true}]),
    {_, Terms} = disk_log:chunk(hurt, start),
    disk_log:close(hurt),
    show({Opened, Terms}).

show(Term) -> io:format("~0p~n", [Term]).
