%% SPDX-License-Identifier: Apache-2.0
%% The server that writes to the subscriber database. Reading does not pass
%% through it.
-module(subscriber_db).
-behaviour(gen_server).
-export([start_link/1, stop/0, add/3, remove/1, enable/1, disable/1,
         set_services/2, set_plan/2, find/1, may_use/2]).
-export([init/1, handle_call/3, handle_cast/2, terminate/2]).

-include("subscriber.hrl").

start_link(File) ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, File, []).

stop() -> gen_server:stop(?MODULE).

%% ---- Writing ----

add(Number, Id, Name) ->
    call({add, #subscriber{number = Number, id = Id, name = Name}}).

remove(Id) -> call({remove, Id}).

enable(Id) -> change(Id, fun(S) -> S#subscriber{status = enabled} end).

disable(Id) -> change(Id, fun(S) -> S#subscriber{status = disabled} end).

set_services(Id, Services) ->
    change(Id, fun(S) -> S#subscriber{services = Services} end).

set_plan(Id, Plan) -> change(Id, fun(S) -> S#subscriber{plan = Plan} end).

change(Id, How) -> call({change, Id, How}).

call(Request) -> gen_server:call(?MODULE, Request).

%% ---- Reading ----

find(Number) -> subscriber_store:by_number(Number).

%% Asked for every call and message that somebody wants to send.
may_use(Number, Service) ->
    case find(Number) of
        {ok, #subscriber{status = enabled, services = Services}} ->
            lists:member(Service, Services);
        _ ->
            false
    end.

%% ---- The server ----

init(File) ->
    process_flag(trap_exit, true), % the file is to be closed in the end
    {ok, subscriber_store:open(File)}.

handle_call({add, #subscriber{number = Number, id = Id} = S}, _, Count) ->
    case {subscriber_store:by_number(Number), subscriber_store:by_id(Id)} of
        {{error, not_found}, {error, not_found}} ->
            {reply, subscriber_store:insert(S), Count + 1};
        _ ->
            {reply, {error, instance}, Count}
    end;
handle_call({remove, Id}, _, Count) ->
    case subscriber_store:by_id(Id) of
        {ok, S} -> {reply, subscriber_store:delete(S), Count - 1};
        Error -> {reply, Error, Count}
    end;
handle_call({change, Id, How}, _, Count) ->
    case subscriber_store:by_id(Id) of
        {ok, S} -> {reply, subscriber_store:insert(How(S)), Count};
        Error -> {reply, Error, Count}
    end.

handle_cast(_, Count) ->
    {noreply, Count}.

terminate(_, _) ->
    subscriber_store:close().
