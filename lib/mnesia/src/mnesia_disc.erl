%% SPDX-License-Identifier: Apache-2.0
%% mnesia_disc: the files of a node. schema.DAT holds the properties of tables,
%% TABLE.DCD its objects, LATEST.LOG what has changed since these were written.
%%
%% Files are written under another name first: what is there is whole.
-module(mnesia_disc).

-export([dir/0, has_schema/0, write_schema/1, read_schema/0, delete_schema/0]).
-export([write/2, read/2, path/1]).
-export([open_log/0, close_log/0, has_log/0, log/1, sync/0, replay/1,
         rotate_log/0, forget_old_log/0]).
-export([write_table/2, read_table/1, delete_table/1]).

-define(LOG, latest_log).

dir() ->
    %% The environment is known when the application is. While that runs, its
    %% controller may be waiting for us.
    whereis(mnesia_sup) =:= undefined andalso application:load(mnesia),
    Default = lists:concat(["Mnesia.", node()]),
    case application:get_env(mnesia, dir) of
        {ok, Dir} when is_atom(Dir) -> filename:absname(atom_to_list(Dir));
        {ok, Dir} -> filename:absname(Dir);
        undefined -> filename:absname(Default)
    end.

path(Name) -> filename:join(dir(), Name).

has_schema() -> filelib:is_regular(path("schema.DAT")).

write_schema(Tables) ->
    ok = filelib:ensure_dir(path("schema.DAT")),
    write("schema.DAT", Tables).

read_schema() -> read("schema.DAT", []).

delete_schema() ->
    [file:delete(F) || F <- filelib:wildcard(path("*.{DAT,DCD,LOG,TMP,BUP}"))],
    _ = file:del_dir(dir()),
    ok.

write_table(Table, Objects) -> write(table_file(Table), Objects).

read_table(Table) -> read(table_file(Table), []).

delete_table(Table) ->
    _ = file:delete(path(table_file(Table))),
    ok.

table_file(Table) -> atom_to_list(Table) ++ ".DCD".

write(Name, Term) ->
    Temporary = path(Name ++ ".TMP"),
    ok = file:write_file(Temporary, term_to_binary(Term), [sync]),
    ok = file:rename(Temporary, path(Name)).

read(Name, Default) ->
    case file:read_file(path(Name)) of
        {ok, Bytes} -> binary_to_term(Bytes);
        {error, _} -> Default
    end.

%% ---- The log ----

open_log() -> open_log("LATEST.LOG").

open_log(Name) ->
    Arguments = [{name, ?LOG}, {file, path(Name)}, {quiet, true}],
    case disk_log:open(Arguments) of
        {error, _} ->
            _ = file:delete(path(Name)),
            {ok, _} = disk_log:open(Arguments);
        _ -> ok
    end,
    mnesia_lib:set(has_log, true),
    ok.

close_log() ->
    catch mnesia_lib:unset(has_log),
    disk_log:close(?LOG).

has_log() -> mnesia_lib:val(has_log, false).

log(Ops) -> disk_log:log(?LOG, Ops).

sync() -> disk_log:sync(?LOG).

%% What is logged from now on goes to another file. One that is left of a dump
%% that was cut short is needed until the tables are written: then both stay.
rotate_log() ->
    Previous = path("PREVIOUS.LOG"),
    filelib:is_regular(Previous) orelse disk_log:reopen(?LOG, Previous).

forget_old_log() -> file:delete(path("PREVIOUS.LOG")).

%% Calls [Fun] with each list of changes, in order, and leaves the log open.
replay(Fun) ->
    _ = filelib:is_regular(path("PREVIOUS.LOG")) andalso begin
        open_log("PREVIOUS.LOG"),
        replay(Fun, disk_log:chunk(?LOG, start)),
        disk_log:close(?LOG)
    end,
    open_log(),
    replay(Fun, disk_log:chunk(?LOG, start)).

replay(_, eof) -> ok;
replay(_, {error, _}) -> ok;
replay(Fun, Chunk) ->
    lists:foreach(Fun, element(2, Chunk)),
    replay(Fun, disk_log:chunk(?LOG, element(1, Chunk))).
