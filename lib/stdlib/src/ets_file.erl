%% SPDX-License-Identifier: Apache-2.0
%% ets_file: tables in files, for ets.
%%
%% A file is a log of disk_log: first a tuple of all that ets:info/1 says of
%% the table, with the file's own options behind it, then the objects, and at
%% last ['$end_of_table', Sums] where sums were asked for. The MD5 sum is over
%% the bytes of header and objects.
-module(ets_file).

-export([write/3, read/2, info/1]).

-define(EACH, 100). % objects at a time

-record(reading, {log,
                  options = [],   % what the file says it holds sums of
                  md5,            % so far, none: not wanted
                  verify = false,
                  count = 0,
                  last = []}).    % the sums

%%% Writing

-spec write(ets:table(), file:name(), [term()]) -> ok | {error, term()}.
write(Table, File, Options) ->
    try
        {Extended, Sync} = write_options(Options),
        _ = file:delete(File),
        file:read_file_info(File) =:= {error, enoent} orelse throw(eaccess),
        with_log([{file, File}],
                 fun(Log) -> write_log(Table, Log, Extended, Sync) end)
    catch
        throw:Reason ->
            _ = file:delete(File),
            {error, Reason};
        exit:Reason ->
            _ = file:delete(File),
            {error, Reason}
    end.

write_options(Options) ->
    write_options(Options, {none, false}).

write_options([], {none, Sync}) -> {[], Sync};
write_options([], Done) -> Done;
write_options([{sync, Sync} | Options], {E, _}) when is_boolean(Sync) ->
    write_options(Options, {E, Sync});
write_options([{extended_info, L} | Options], {none, Sync}) ->
    write_options(Options, {extended(L), Sync});
write_options([Other | _], _) -> throw({unknown_option, Other});
write_options(Other, _) -> throw({malformed_option, Other}).

extended(L) when is_list(L) ->
    case [E || E <- L, E =/= object_count, E =/= md5sum] of
        [] -> [E || E <- [object_count, md5sum], lists:member(E, L)];
        [Other | _] -> throw({unknown_option, [{extended_info, [Other]}]})
    end;
extended(Other) -> throw({malformed_option, Other}).

write_log(Table, Log, Extended, Sync) ->
    Info = case ets:info(Table) of
               undefined -> throw(badtab);
               I -> I
           end,
    Header = list_to_tuple(Info ++ [{major_version, 1}, {minor_version, 0},
                                    {extended_info, Extended}]),
    Md5 = put_terms(Log, [Header], erlang:md5_init()),
    ets:safe_fixtable(Table, true),
    {Sum, Count} =
        try put_objects(Log, ets:select(Table, [{'_', [], ['$_']}], ?EACH),
                        Md5, 0)
        after
            %% the table may have gone meanwhile
            catch ets:safe_fixtable(Table, false)
        end,
    Sums = [case E of
                object_count -> {count, Count};
                md5sum -> {md5, erlang:md5_final(Sum)}
            end || E <- Extended],
    Sums =:= [] orelse put_terms(Log, [['$end_of_table', Sums]], Sum),
    Sync andalso done(disk_log:sync(Log)),
    ok.

put_objects(_, '$end_of_table', Md5, Count) -> {Md5, Count};
put_objects(Log, {Objects, More}, Md5, Count) ->
    Md51 = put_terms(Log, Objects, Md5),
    put_objects(Log, ets:select(More), Md51, Count + length(Objects)).

put_terms(Log, Terms, Md5) ->
    Bytes = [term_to_binary(T) || T <- Terms],
    done(disk_log:blog_terms(Log, Bytes)),
    erlang:md5_update(Md5, Bytes).

done(ok) -> ok;
done({error, Reason}) -> throw(Reason).

with_log(Options, Do) ->
    Name = make_ref(),
    case disk_log:open([{name, Name} | Options]) of
        {ok, Name} -> within(Name, Do);
        {repaired, Name, _, _} -> within(Name, Do);
        {error, Reason} -> throw(Reason)
    end.

within(Name, Do) ->
    try Do(Name)
    after disk_log:close(Name)
    end.

%%% Reading

-spec read(file:name(), [term()]) -> {ok, ets:table()} | {error, term()}.
read(File, Options) ->
    try
        {Verify, Into} = read_options(Options, {false, none}),
        with_old_log(File, fun(Log) -> read_log(Log, Verify, Into) end)
    catch
        throw:Reason -> {error, Reason};
        exit:Reason -> {error, Reason}
    end.

read_options([], Done) -> Done;
read_options([{verify, Verify} | Options], {_, Into})
  when is_boolean(Verify) ->
    read_options(Options, {Verify, Into});
read_options([{table, Table} | Options], {Verify, none}) ->
    read_options(Options, {Verify, Table});
read_options([Other | _], _) -> throw({unknown_option, Other});
read_options(Other, _) -> throw({malformed_option, Other}).

with_old_log(File, Do) ->
    %% What cannot be opened is told apart from what is wrong within.
    Name = make_ref(),
    case disk_log:open([{name, Name}, {file, File}, {mode, read_only}]) of
        {ok, Name} -> within(Name, Do);
        {error, Reason} -> throw({read_error, Reason})
    end.

read_log(Log, Verify, Into) ->
    {Header, Bytes, Next} = header(Log, Verify),
    proplists:get_value(major_version, Header, 0) =< 1
        orelse throw({unsupported_file_version, {2, 0}}),
    Options = case Verify of
                  true -> extended_info(Header);
                  false -> []
              end,
    Md5 = case lists:member(md5sum, Options) of
              true -> erlang:md5_update(erlang:md5_init(), Bytes);
              false -> none
          end,
    Table = table(Header, Into),
    try
        Read = get_objects(Next, Table,
                           #reading{log = Log, options = Options, md5 = Md5,
                                    verify = Verify}),
        Verify andalso check(Read, proplists:get_value(size, Header)),
        {ok, Table}
    catch
        Class:Reason:Stack ->
            ets:delete(Table),
            erlang:raise(Class, Reason, Stack)
    end.

%% {The header's pairs, its bytes, where the objects begin}
header(Log, Verify) ->
    case chunk(Log, start, 1, Verify) of
        {Next, [Bytes]} ->
            case term(Bytes) of
                Tuple when is_tuple(Tuple) ->
                    {checked_header(tuple_to_list(Tuple)), Bytes, Next};
                _ -> throw(badfile)
            end;
        _ -> throw(badfile)
    end.

checked_header(Header) ->
    Keys = [name, type, protection, named_table, keypos, size],
    case [K || K <- Keys, not lists:keymember(K, 1, Header)] of
        [] -> Header;
        _ -> throw(badfile)
    end.

extended_info(Header) ->
    case lists:keyfind(extended_info, 1, Header) of
        {_, L} when is_list(L) -> L;
        _ -> []
    end.

%% Bytes that are no items of a log are an error only when all is verified.
chunk(Log, At, N, Verify) ->
    case disk_log:bchunk(Log, At, N) of
        {_, _, Bad} when Bad > 0, Verify -> throw(badfile);
        {Next, Items, _} -> {Next, Items};
        {error, Reason} -> throw(Reason);
        Other -> Other
    end.

table(Header, none) ->
    Get = fun(Key) -> element(2, lists:keyfind(Key, 1, Header)) end,
    Options = [Get(type), Get(protection), {keypos, Get(keypos)}]
        ++ [named_table || Get(named_table)]
        ++ [compressed || lists:member({compressed, true}, Header)]
        ++ [Pair || {Key, _} = Pair <- Header,
                    Key =:= write_concurrency orelse
                        Key =:= read_concurrency],
    try ets:new(Get(name), Options)
    catch
        error:_ -> throw(cannot_create_table)
    end;
table(_, Table) ->
    Table.

get_objects(At, Table, #reading{log = Log, verify = Verify} = R) ->
    case chunk(Log, At, ?EACH, Verify) of
        eof -> R;
        {Next, Items} ->
            {Objects, R1} = lists:foldl(fun take/2, {[], R}, Items),
            ets:insert(Table, lists:reverse(Objects)),
            get_objects(Next, Table, R1)
    end.

take(Bytes, {Objects, #reading{md5 = Md5, count = N} = R}) ->
    case term(Bytes) of
        ['$end_of_table', Sums] -> {Objects, R#reading{last = Sums}};
        Object ->
            Md51 = case Md5 of
                       none -> none;
                       _ -> erlang:md5_update(Md5, Bytes)
                   end,
            {[Object | Objects], R#reading{md5 = Md51, count = N + 1}}
    end.

term(Bytes) ->
    try binary_to_term(Bytes)
    catch
        error:badarg -> throw(badfile)
    end.

%% Without sums, the number of objects the table had is all there is.
check(#reading{options = [], count = Count}, Size) ->
    Count =:= Size orelse throw(invalid_object_count);
check(#reading{last = []}, _) ->
    throw(badfile);
check(#reading{options = Options, md5 = Md5, count = Count, last = Sums}, _) ->
    lists:member(md5sum, Options)
        andalso proplists:get_value(md5, Sums) =/= erlang:md5_final(Md5)
        andalso throw(checksum_error),
    lists:member(object_count, Options)
        andalso proplists:get_value(count, Sums) =/= Count
        andalso throw(invalid_object_count).

-spec info(file:name()) -> {ok, [tuple()]} | {error, term()}.
info(File) when is_list(File); is_atom(File) ->
    try
        with_old_log(File, fun(Log) ->
            {Header, _, _} = header(Log, false),
            Get = fun(Key) -> lists:keyfind(Key, 1, Header) end,
            Version = {proplists:get_value(major_version, Header, 0),
                       proplists:get_value(minor_version, Header, 0)},
            {ok, [Get(name), Get(type), Get(protection), Get(named_table),
                  Get(keypos), Get(size),
                  {extended_info, extended_info(Header)},
                  {version, Version}]}
        end)
    catch
        throw:Reason -> {error, Reason};
        exit:Reason -> {error, Reason}
    end.
