%% SPDX-License-Identifier: Apache-2.0
%% What outlives a connection: contexts that were made of the same options,
%% sessions that a client may resume, and options of listening sockets.
-module(ssl_manager).
-behaviour(gen_server).

-export([start_link/0, context/2, clear/0, save_session/3, saved_session/2,
         add_listener/2, listener/1, set_listener/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(CONTEXTS, 64). % that are kept
-define(SESSIONS, 1000).
-define(CLEARED, 120000). % files may have changed: OTP looks as often

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% The context of Key, made by Make if there is none. Making one takes longer
%% than a handshake does.
context(Key, Make) ->
    try ets:lookup(ssl_contexts, Key) of
        [{_, Context}] -> Context;
        [] ->
            Context = Make(),
            case ets:info(ssl_contexts, size) < ?CONTEXTS of
                true -> ets:insert(ssl_contexts, {Key, Context});
                false -> ok
            end,
            Context
    catch error:badarg -> Make() % the application is not running
    end.

clear() ->
    try ets:delete_all_objects(ssl_contexts), ok
    catch error:badarg -> ok
    end.

save_session(Key, Options, Session) ->
    case ets:info(ssl_sessions, size) of
        N when is_integer(N), N < ?SESSIONS ->
            ets:insert(ssl_sessions, {{Key, Options}, Session});
        _ -> false
    end.

saved_session(Key, Options) ->
    try ets:lookup(ssl_sessions, {Key, Options}) of
        [{_, Session}] -> Session;
        [] -> none
    catch error:badarg -> none
    end.

%% How accepted sockets of Socket deliver data; setopts changes it.
add_listener(Socket, Delivery) ->
    gen_server:call(?MODULE, {add_listener, Socket, Delivery}).

listener(Socket) ->
    try ets:lookup_element(ssl_listeners, Socket, 2)
    catch error:badarg -> none
    end.

set_listener(Socket, Delivery) ->
    ets:update_element(ssl_listeners, Socket, {2, Delivery}).

init([]) ->
    [ets:new(Name, [named_table, public, {read_concurrency, true}])
     || Name <- [ssl_contexts, ssl_sessions, ssl_listeners]],
    erlang:send_after(?CLEARED, self(), clear),
    {ok, none}.

handle_call({add_listener, Socket, Delivery}, _From, State) ->
    is_port(Socket) andalso erlang:monitor(port, Socket),
    ets:insert(ssl_listeners, {Socket, Delivery}),
    {reply, self(), State}.

handle_cast(_, State) -> {noreply, State}.

handle_info(clear, State) ->
    clear(),
    erlang:send_after(?CLEARED, self(), clear),
    {noreply, State};
handle_info({'DOWN', _, port, Socket, _}, State) ->
    ets:delete(ssl_listeners, Socket),
    {noreply, State};
handle_info(_, State) ->
    {noreply, State}.
