%% SPDX-License-Identifier: Apache-2.0
%% What outlives a connection: contexts that were made of the same options,
%% sessions that a client may resume, options of listening sockets, and lists of
%% revoked certificates.
-module(ssl_manager).
-behaviour(gen_server).

-export([start_link/0, context/2, clear/0, save_session/3, saved_session/2,
         add_listener/2, listener/1, set_listener/2, crls/0, crls_at/2,
         crls_of/2, insert_crls/2, delete_crls/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-include_lib("public_key/include/public_key.hrl").

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

%% When there are too many, all are forgotten: those that are of use come back.
save_session(Key, Options, Session) ->
    try
        ets:info(ssl_sessions, size) < ?SESSIONS
            orelse ets:delete_all_objects(ssl_sessions),
        ets:insert(ssl_sessions, {{Key, Options}, Session})
    catch error:badarg -> false % the application is not running
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

%% ---- lists of revoked certificates: {Path, Issuer, Der} ----

%% The table; none when the application is not running.
crls() ->
    case ets:whereis(ssl_crls) of
        undefined -> none;
        _ -> ssl_crls
    end.

crls_at(Table, Path) -> [Der || {_, _, Der} <- ets:lookup(Table, Path)].

crls_of(Table, Issuer) ->
    Name = public_key:pkix_normalize_name(Issuer),
    [Der || [Der] <- ets:match(Table, {'_', Name, '$1'})].

insert_crls(Path, Lists) ->
    New = [{Path, public_key:pkix_normalize_name(issuer(Der)), Der}
           || Der <- Lists],
    try ets:insert(ssl_crls, New), ok
    catch error:badarg -> {error, ssl_not_started}
    end.

%% Its parts are encoded, as in public_key:pkix_dist_point.
issuer(Der) ->
    #'CertificateList'{tbsCertList = Tbs} =
        public_key:der_decode('CertificateList', Der),
    Tbs#'TBSCertList'.issuer.

%% {path, Path}, or {lists, [Der]} wherever they are.
delete_crls(What) ->
    try
        case What of
            {path, Path} -> ets:delete(ssl_crls, Path);
            {lists, Lists} ->
                [ets:match_delete(ssl_crls, {'_', '_', Der}) || Der <- Lists]
        end,
        ok
    catch error:badarg -> {error, ssl_not_started}
    end.

init([]) ->
    [ets:new(Name, [named_table, public, {read_concurrency, true}])
     || Name <- [ssl_contexts, ssl_sessions, ssl_listeners]],
    ets:new(ssl_crls, [named_table, public, bag]),
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
