%% SPDX-License-Identifier: Apache-2.0
%% mnesia_disc: the files of a node. schema.DAT holds the properties of tables,
%% TABLE.DCD its objects, LATEST.LOG what has changed since these were written.
%%
%% Files are written under another name first: what is there is whole.
-module(mnesia_disc).

-export([dir/0, has_schema/0, write_schema/1, read_schema/0, delete_schema/0]).
-export([open_log/0, close_log/0, log/1, sync/0, replay/1, clear_log/0]).
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

read_schema() -> read("schema.DAT").

delete_schema() ->
    [file:delete(F) || F <- filelib:wildcard(path("*.{DAT,DCD,LOG,TMP}"))],
    _ = file:del_dir(dir()),
    ok.

write_table(Table, Objects) -> write(table_file(Table), Objects).

read_table(Table) ->
    case filelib:is_regular(path(table_file(Table))) of
        true -> read(table_file(Table));
        false -> []
    end.

delete_table(Table) ->
    _ = file:delete(path(table_file(Table))),
    ok.

table_file(Table) -> atom_to_list(Table) ++ ".DCD".

write(Name, Term) ->
    Temporary = path(Name ++ ".TMP"),
    ok = file:write_file(Temporary, term_to_binary(Term), [sync]),
    ok = file:rename(Temporary, path(Name)).

read(Name) ->
    {ok, Bytes} = file:read_file(path(Name)),
    binary_to_term(Bytes).

%% ---- The log ----

open_log() ->
    case disk_log:open([{name, ?LOG}, {file, path("LATEST.LOG")},
                        {quiet, true}]) of
        {ok, _} -> ok;
        {repaired, _, _, _} -> ok
    end.

close_log() -> disk_log:close(?LOG).

log(Ops) -> disk_log:log(?LOG, Ops).

sync() -> disk_log:sync(?LOG).

clear_log() -> disk_log:truncate(?LOG).

%% Calls [Fun] with each list of changes, in order.
replay(Fun) -> replay(Fun, disk_log:chunk(?LOG, start)).

replay(_, eof) -> ok;
replay(_, {error, _}) -> ok;
replay(Fun, Chunk) ->
    lists:foreach(Fun, element(2, Chunk)),
    replay(Fun, disk_log:chunk(?LOG, element(1, Chunk))).
