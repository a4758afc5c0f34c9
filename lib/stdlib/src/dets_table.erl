%% SPDX-License-Identifier: Apache-2.0
%% dets_table: the process of an open dets table. All objects are in an ets
%% table, which users read themselves; changes go through the process, to the
%% file and to the ets table before it answers.
-module(dets_table).
-behaviour(gen_server).

-export([start_link/1, describe/1, is_compatible/2, close/1, change/2, sync/1,
         save/1, file_info/1]).

-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-record(table, {ets, file, options, timer}).

%% The options of dets:open_file/2, as a map with all of them.
start_link(Options) ->
    case gen_server:start_link(?MODULE, Options, []) of
        {ok, Pid} ->
            {ok, Pid};
        {error, {shutdown, Reason} = Why} ->
            receive {'EXIT', _, Why} -> ok after 0 -> ok end,
            {error, Reason}
    end.

%% Options, ets table and pid, as a map.
describe(Pid) -> gen_server:call(Pid, describe, infinity).

%% Whether the table can be opened once more with these options.
is_compatible(Pid, Options) ->
    Own = describe(Pid),
    lists:all(fun(K) -> maps:get(K, Own) =:= maps:get(K, Options) end,
              [type, keypos, file, access, ram_file] -- maps:get(default,
                                                                 Options)).

close(Pid) -> gen_server:call(Pid, close, infinity).

%% Does the entries of dets_file to the table, or what a fun of the ets table
%% finds to be done: it answers {Result, Entries}.
change(Pid, What) -> gen_server:call(Pid, {change, What}, infinity).

sync(Pid) -> gen_server:call(Pid, sync, infinity).

%% Writes the file as that of a closed table.
save(Pid) -> gen_server:call(Pid, save, infinity).

%% dets_file:info/1
file_info(Pid) -> gen_server:call(Pid, file_info, infinity).

%% ---- The process ----

init(#{file := File} = Options) ->
    process_flag(trap_exit, true),
    try
        Known = head(File, Options),
        #{type := Type, keypos := KeyPos} = All = maps:merge(Options, Known),
        Ets = ets:new(dets, [Type, {keypos, KeyPos}, public]),
        F = open(Known, All, Ets),
        {ok, #table{ets = Ets, file = F,
                    options = maps:without([default | maps:keys(Known)
                                            -- [type, keypos]], All)}}
    catch
        throw:Reason -> {stop, {shutdown, Reason}} % no report of a crash
    end.

%% What the file knows of the table; empty for one that is to be made.
head(File, #{access := Access, must_exist := MustExist} = Options) ->
    case dets_file:read_head(File) of
        {ok, Head} ->
            check(type, type_mismatch, Head, Options),
            check(keypos, keypos_mismatch, Head, Options),
            check_closed(File, Head, Options),
            Head;
        {error, enoent} when Access =:= read_write, not MustExist ->
            #{};
        {error, Reason} when Reason =:= not_a_dets_file;
                             Reason =:= invalid_type_code;
                             Reason =:= format_8_no_longer_supported ->
            throw({Reason, File});
        {error, Reason} ->
            throw({file_error, File, Reason})
    end.

check(Key, Mismatch, Head, #{file := File, default := Default} = Options) ->
    lists:member(Key, Default)
        orelse maps:get(Key, Head) =:= maps:get(Key, Options)
        orelse throw({Mismatch, File}).

check_closed(_, #{closed := true}, #{repair := Repair}) when Repair =/= force ->
    ok;
check_closed(File, _, #{repair := false}) ->
    throw({needs_repair, File});
check_closed(File, _, #{repair := true}) ->
    io:format(user, "dets: file ~tp not properly closed, repairing ...~n",
              [File]);
check_closed(File, _, #{repair := force}) ->
    io:format(user, "dets: file ~tp repair forced.~n", [File]).

open(Known, #{file := File, access := Access} = Options, Ets) ->
    Opened = case map_size(Known) of
        0 -> dets_file:create(File, Options);
        _ -> dets_file:open(File, Access, Options, Ets)
    end,
    case Opened of
        {ok, F} -> F;
        {error, Reason} -> throw({file_error, File, Reason})
    end.

handle_call(describe, _, #table{ets = Ets, options = Options} = T) ->
    {reply, Options#{ets => Ets, pid => self()}, T};
handle_call({change, _}, _, #table{options = #{access := read} = Options}
            = T) ->
    {reply, {error, {access_mode, maps:get(file, Options)}}, T};
handle_call({change, Find}, _, #table{ets = Ets} = T) when is_function(Find) ->
    try Find(Ets) of
        {Result, Entries} ->
            {Answer, T1} = perform(Entries, Result, T),
            {reply, Answer, T1}
    catch
        error:badarg -> {reply, badarg, T}
    end;
handle_call({change, Entries}, _, T) ->
    {Answer, T1} = perform(Entries, ok, T),
    {reply, Answer, T1};
handle_call(sync, _, #table{file = F} = T) ->
    {reply, dets_file:sync(F), T};
handle_call(save, _, T) ->
    {reply, ok, saved(T)};
handle_call(file_info, _, #table{file = F} = T) ->
    {reply, dets_file:info(F), T};
handle_call(close, _, #table{file = F, ets = Ets} = T) ->
    {stop, normal, dets_file:close(F, Ets), T}.

handle_cast(_, T) ->
    {noreply, T}.

handle_info({timeout, Timer, save}, #table{timer = Timer} = T) ->
    {noreply, saved(T)};
handle_info({'EXIT', _, Reason}, T) ->
    {stop, Reason, T};
handle_info(_, T) ->
    {noreply, T}.

perform([Entry | Entries], Result, #table{file = F, ets = Ets} = T) ->
    case dets_file:append(Entry, F) of
        {ok, F1} ->
            dets_file:perform(Entry, Ets),
            perform(Entries, Result, save_later(T#table{file = F1}));
        {error, _} = Error ->
            {Error, T}
    end;
perform([], Result, T) ->
    {Result, T}.

%% After a while without a save the file is made one that is properly closed.
save_later(#table{timer = undefined, options = #{auto_save := Time}} = T)
  when is_integer(Time) ->
    T#table{timer = erlang:start_timer(Time, self(), save)};
save_later(T) ->
    T.

saved(#table{file = F, timer = Timer, ets = Ets} = T) ->
    Timer =:= undefined orelse erlang:cancel_timer(Timer),
    T#table{file = dets_file:save(F, Ets), timer = undefined}.
