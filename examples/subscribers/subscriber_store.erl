%% SPDX-License-Identifier: Apache-2.0
%% The tables of the subscriber database: ets to look things up, dets to keep
%% them. Numbers and ids are both unique; the index follows the table.
-module(subscriber_store).
-export([open/1, close/0, insert/1, delete/1, by_number/1, by_id/1,
         with_service/1, prepaid_numbers/0, fold/2]).

-include("subscriber.hrl").
-include_lib("stdlib/include/ms_transform.hrl").

-define(TABLE, subscriber).
-define(INDEX, subscriber_index). % {Id, Number}

%% The calling process owns the tables; everybody may read.
open(File) ->
    ?TABLE = ets:new(?TABLE, [named_table, {keypos, #subscriber.number},
                              {read_concurrency, true}]),
    ?INDEX = ets:new(?INDEX, [named_table]),
    {ok, ?TABLE} = dets:open_file(?TABLE, [{file, File},
                                           {keypos, #subscriber.number}]),
    dets:traverse(?TABLE, fun(S) -> remember(S), continue end),
    ets:info(?TABLE, size).

close() ->
    ets:delete(?INDEX),
    ets:delete(?TABLE),
    dets:close(?TABLE).

remember(#subscriber{id = Id, number = Number} = S) ->
    ets:insert(?TABLE, S),
    ets:insert(?INDEX, {Id, Number}),
    ok.

insert(S) ->
    remember(S),
    dets:insert(?TABLE, S).

delete(#subscriber{id = Id, number = Number}) ->
    ets:delete(?INDEX, Id),
    ets:delete(?TABLE, Number),
    dets:delete(?TABLE, Number).

by_number(Number) ->
    case ets:lookup(?TABLE, Number) of
        [S] -> {ok, S};
        [] -> {error, not_found}
    end.

by_id(Id) ->
    case ets:lookup(?INDEX, Id) of
        [{Id, Number}] -> by_number(Number);
        [] -> {error, not_found}
    end.

%% Names of those who may use a service. Lists cannot be searched by a match
%% specification, so that all are visited.
with_service(Service) ->
    lists:sort(fold(fun(#subscriber{name = Name, services = Services,
                                    status = enabled}, Names) ->
                            [Name || lists:member(Service, Services)] ++ Names;
                       (_, Names) -> Names
                    end, [])).

prepaid_numbers() ->
    lists:sort(ets:select(?TABLE, ets:fun2ms(
        fun(#subscriber{number = N, plan = prepaid, status = enabled}) ->
            N
        end))).

fold(F, Acc) -> ets:foldl(F, Acc, ?TABLE).
