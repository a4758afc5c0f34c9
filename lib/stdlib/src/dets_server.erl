%% SPDX-License-Identifier: Apache-2.0
%% dets_server: which dets tables are open, and who uses them. A table is
%% closed when its last user closes it or ends.
-module(dets_server).
-behaviour(gen_server).

-export([start/1, open/2, close/1, all/0, find/1, users/1, start_link/0]).

-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

%% Open tables: {Name, What dets_table:describe/1 tells}.
-define(REGISTRY, dets_registry).

%% Who has opened them: {{Name, User}, How often, Monitor}.
-define(OWNERS, dets_owners).

-record(server, {tables = #{} :: #{term() => pid()}}).

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
    ?OWNERS = ets:new(?OWNERS, [named_table, ordered_set]),
    {ok, #server{}}.

handle_call({open, Name, Options}, {User, _}, #server{tables = Tables} = S) ->
    case Tables of
        #{Name := Pid} ->
            case dets_table:is_compatible(Pid, Options) of
                true ->
                    add_user(Name, User),
                    {reply, {ok, Name}, S};
                false -> {reply, {error, incompatible_arguments}, S}
            end;
        #{} ->
            case dets_table:start_link(Options) of
                {ok, Pid} ->
                    ets:insert(?REGISTRY, {Name, dets_table:describe(Pid)}),
                    add_user(Name, User),
                    {reply, {ok, Name}, S#server{tables = Tables#{Name => Pid}}};
                {error, _} = Error ->
                    {reply, Error, S}
            end
    end;
handle_call({close, Name}, {User, _}, S) ->
    case ets:lookup(?OWNERS, {Name, User}) of
        [{Key, 1, Monitor}] ->
            demonitor(Monitor, [flush]),
            ets:delete(?OWNERS, Key),
            {Answer, S1} = leave(Name, S),
            {reply, Answer, S1};
        [{Key, _, _}] ->
            ets:update_counter(?OWNERS, Key, -1),
            {reply, ok, S};
        [] -> {reply, {error, not_owner}, S}
    end;
handle_call({users, Name}, _, S) ->
    {reply, users_of(Name), S}.

users_of(Name) ->
    lists:append([lists:duplicate(N, User)
                  || {{_, User}, N, _}
                         <- ets:match_object(?OWNERS, {{Name, '_'}, '_', '_'})]).

handle_cast(_, S) ->
    {noreply, S}.

handle_info({'DOWN', _, process, User, _}, S) ->
    Left = ets:match_object(?OWNERS, {{'_', User}, '_', '_'}),
    {noreply, lists:foldl(fun({{Name, _} = Key, _, Monitor}, S0) ->
                              demonitor(Monitor, [flush]),
                              ets:delete(?OWNERS, Key),
                              {_, S1} = leave(Name, S0),
                              S1
                          end, S, Left)};
handle_info({'EXIT', Pid, _}, #server{tables = Tables} = S) ->
    %% a table that failed
    Lost = [Name || {Name, P} <- maps:to_list(Tables), P =:= Pid],
    [begin
         ets:delete(?REGISTRY, Name),
         [demonitor(Monitor, [flush])
          || {_, _, Monitor} <- ets:match_object(?OWNERS,
                                                 {{Name, '_'}, '_', '_'})],
         ets:match_delete(?OWNERS, {{Name, '_'}, '_', '_'})
     end || Name <- Lost],
    {noreply, S#server{tables = maps:without(Lost, Tables)}};
handle_info(_, S) ->
    {noreply, S}.

terminate(_, #server{tables = Tables}) ->
    [dets_table:close(Pid) || Pid <- maps:values(Tables)],
    ok.

add_user(Name, User) ->
    Key = {Name, User},
    case ets:member(?OWNERS, Key) of
        true -> ets:update_counter(?OWNERS, Key, 1);
        false -> ets:insert(?OWNERS, {Key, 1, monitor(process, User)})
    end.

%% The last one closes it.
leave(Name, #server{tables = Tables} = S) ->
    case users_of(Name) of
        [] ->
            ets:delete(?REGISTRY, Name),
            #{Name := Pid} = Tables,
            Answer = dets_table:close(Pid),
            receive {'EXIT', Pid, _} -> ok end,
            {Answer, S#server{tables = maps:remove(Name, Tables)}};
        _ -> {ok, S}
    end.
