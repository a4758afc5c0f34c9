%% SPDX-License-Identifier: Apache-2.0
%% dets_server: which dets tables are open, and who uses them. A table is
%% closed when its last user closes it or ends.
-module(dets_server).
-behaviour(gen_server).

-export([open/2, close/1, all/0, find/1, users/1, start_link/0]).

-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

%% Open tables: {Name, What dets_table:describe/1 tells}.
-define(REGISTRY, dets_registry).

%% Name => {Pid, [{User, Monitor}]}; a user is there as often as it opened it.
-record(server, {tables = #{}}).

%% What is known of the open table [Name], or undefined.
find(Name) ->
    try
        ets:lookup_element(?REGISTRY, Name, 2)
    catch
        error:badarg -> undefined
    end.

all() ->
    try
        [Name || {Name, _} <- ets:tab2list(?REGISTRY)]
    catch
        error:badarg -> []
    end.

open(Name, Options) -> call({open, Name, Options}).

close(Name) -> call({close, Name}).

users(Name) -> call({users, Name}).

call(Request) ->
    start(whereis(dets)),
    gen_server:call(dets, Request, infinity).

start(undefined) ->
    case whereis(kernel_safe_sup) of
        undefined ->
            gen_server:start({local, dets}, ?MODULE, [], []);
        Supervisor ->
            supervisor:start_child(Supervisor, #{
                id => dets, start => {?MODULE, start_link, []},
                restart => permanent, shutdown => 2000})
    end;
start(_) ->
    ok.

start_link() ->
    gen_server:start_link({local, dets}, ?MODULE, [], []).

init([]) ->
    process_flag(trap_exit, true),
    ?REGISTRY = ets:new(?REGISTRY, [named_table, {read_concurrency, true}]),
    {ok, #server{}}.

handle_call({open, Name, Options}, {User, _}, #server{tables = Tables} = S) ->
    case Tables of
        #{Name := {Pid, Users}} ->
            case dets_table:is_compatible(Pid, Options) of
                true -> {reply, {ok, Name}, add_user(Name, Pid, User, Users, S)};
                false -> {reply, {error, incompatible_arguments}, S}
            end;
        #{} ->
            case dets_table:start_link(Options) of
                {ok, Pid} ->
                    ets:insert(?REGISTRY, {Name, dets_table:describe(Pid)}),
                    {reply, {ok, Name}, add_user(Name, Pid, User, [], S)};
                {error, _} = Error ->
                    {reply, Error, S}
            end
    end;
handle_call({close, Name}, {User, _}, #server{tables = Tables} = S) ->
    case Tables of
        #{Name := {Pid, Users}} ->
            case lists:keytake(User, 1, Users) of
                {value, {User, Monitor}, Rest} ->
                    demonitor(Monitor, [flush]),
                    {Answer, S1} = leave(Name, Pid, Rest, S),
                    {reply, Answer, S1};
                false ->
                    {reply, {error, not_owner}, S}
            end;
        #{} ->
            {reply, {error, not_owner}, S}
    end;
handle_call({users, Name}, _, #server{tables = Tables} = S) ->
    {_, Users} = maps:get(Name, Tables, {none, []}),
    {reply, [U || {U, _} <- Users], S}.

handle_cast(_, S) ->
    {noreply, S}.

handle_info({'DOWN', Monitor, process, User, _}, S) ->
    Names = [{Name, Pid, Users -- [{User, Monitor}]}
             || {Name, {Pid, Users}} <- maps:to_list(S#server.tables),
                lists:member({User, Monitor}, Users)],
    {noreply, lists:foldl(fun({Name, Pid, Rest}, S0) ->
                              {_, S1} = leave(Name, Pid, Rest, S0),
                              S1
                          end, S, Names)};
handle_info({'EXIT', Pid, _}, #server{tables = Tables} = S) ->
    %% a table that failed
    Lost = [Name || {Name, {P, _}} <- maps:to_list(Tables), P =:= Pid],
    [ets:delete(?REGISTRY, Name) || Name <- Lost],
    {noreply, S#server{tables = maps:without(Lost, Tables)}};
handle_info(_, S) ->
    {noreply, S}.

terminate(_, #server{tables = Tables}) ->
    [dets_table:close(Pid) || {Pid, _} <- maps:values(Tables)],
    ok.

add_user(Name, Pid, User, Users, #server{tables = Tables} = S) ->
    Monitor = monitor(process, User),
    S#server{tables = Tables#{Name => {Pid, [{User, Monitor} | Users]}}}.

leave(Name, Pid, [], #server{tables = Tables} = S) ->
    ets:delete(?REGISTRY, Name),
    Answer = dets_table:close(Pid),
    receive {'EXIT', Pid, _} -> ok end,
    {Answer, S#server{tables = maps:remove(Name, Tables)}};
leave(Name, Pid, Users, #server{tables = Tables} = S) ->
    {ok, S#server{tables = Tables#{Name => {Pid, Users}}}}.
