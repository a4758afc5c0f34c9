%% SPDX-License-Identifier: Apache-2.0
%% httpc_manager: a profile of the HTTP client: its options, its cookies, which
%% connections there are, and which of them has which request.
%%
%% A request stands in `requests' from when it is taken until its connection
%% says that it is answered. Connections give no requests back: those that a
%% connection has not begun with when it ends are given to others.
-module(httpc_manager).
-behaviour(gen_server).

-export([start_link/3, call/2, done/2, again/3, started/2, put_session/2,
         delete_session/2, store_cookies/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-include("httpc.hrl").

%% requests: Id => {Pid, waits | begun, #request{}}.
-record(state, {profile, supervised, options, requests = #{}, sessions,
                cookies}).

start_link(Profile, CookiesDir, Supervised) ->
    Args = {Profile, CookiesDir, Supervised},
    case Supervised of
        true -> gen_server:start_link({local, httpc:profile_name(Profile)},
                                      ?MODULE, Args, []);
        false -> gen_server:start_link(?MODULE, Args, [])
    end.

%% {error, {not_started, Profile}} if it is not.
call(Profile, Request) ->
    try gen_server:call(httpc:profile_name(Profile), Request, infinity)
    catch exit:{noproc, _} -> {error, {not_started, Profile}}
    end.

%% ---- for connections ----

%% A request is begun with, or answered.
started(Manager, Id) -> gen_server:cast(Manager, {started, Id}).
done(Manager, Id) -> gen_server:cast(Manager, {done, Id}).

%% Has a request, with its old number, done anew after some ms.
again(Manager, Request, 0) -> gen_server:cast(Manager, {again, Request});
again(Manager, #request{id = Id} = Request, Ms) ->
    done(Manager, Id),
    _ = erlang:send_after(Ms, Manager, {again, Request}),
    ok.

store_cookies(Manager, Cookies) ->
    gen_server:cast(Manager, {store_cookies, Cookies}).

put_session(Table, Session) -> ets:insert(Table, Session).

%% The table may be gone already.
delete_session(Table, Id) -> catch ets:delete(Table, Id).

%% ---- gen_server ----

init({Profile, CookiesDir, Supervised}) ->
    process_flag(trap_exit, true),
    Name = httpc:profile_name("", Profile),
    case httpc_cookie:open(Name, CookiesDir) of
        {ok, Jar} ->
            Table = ets:new(httpc_sessions, [public, {keypos, #session.id}]),
            {ok, #state{profile = Profile, supervised = Supervised,
                        options = maps:from_list(httpc_options:defaults()),
                        sessions = Table, cookies = Jar}};
        {error, Reason} -> {stop, Reason}
    end.

handle_call({request, Request}, _, S) ->
    Id = make_ref(),
    {reply, {ok, Id}, place(Request#request{id = Id}, S)};
handle_call({get_options, Names}, _, #state{options = Options} = S) ->
    {reply, [{Name, map_get(Name, Options)} || Name <- Names], S};
handle_call(sessions, _, #state{sessions = Table} = S) ->
    {reply, ets:tab2list(Table), S};
handle_call(reset_cookies, _, #state{cookies = Jar} = S) ->
    {reply, httpc_cookie:reset(Jar), S};
handle_call(which_cookies, _, #state{cookies = Jar} = S) ->
    {reply, httpc_cookie:all(Jar), S};
handle_call({cookie_header, Url}, _, #state{cookies = Jar} = S) ->
    {reply, cookie_header(uri_string:normalize(Url, [return_map]), Jar), S};
handle_call(info, From, S) ->
    %% Connections are asked, which may take a while.
    Manager = self(),
    spawn_link(fun() -> gen_server:reply(From, info(Manager, S)) end),
    {noreply, S}.

cookie_header(#{scheme := Scheme, host := Host} = Uri, Jar) ->
    Secure = case Scheme of "https" -> https; _ -> http end,
    httpc_cookie:header(Jar, Secure, Host, maps:get(path, Uri, ""));
cookie_header({error, Reason, Term}, _) -> {error, {Reason, Term}};
cookie_header(Other, _) -> {error, {unexpected, Other}}.

handle_cast({started, Id}, #state{requests = Rs} = S) ->
    case Rs of
        #{Id := {Pid, _, Request}} ->
            {noreply, S#state{requests = Rs#{Id := {Pid, begun, Request}}}};
        #{} -> {noreply, S}
    end;
handle_cast({done, Id}, #state{requests = Rs} = S) ->
    {noreply, S#state{requests = maps:remove(Id, Rs)}};
handle_cast({again, Request}, S) -> {noreply, place(Request, S)};
handle_cast({cancel, Id}, #state{requests = Rs} = S) ->
    case maps:take(Id, Rs) of
        {{Pid, _, _}, Others} ->
            httpc_handler:cancel(Pid, Id),
            {noreply, S#state{requests = Others}};
        error -> {noreply, S}
    end;
handle_cast({set_options, New}, #state{options = Options} = S) ->
    All = maps:merge(Options, maps:from_list(New)),
    trace(map_get(verbose, Options), map_get(verbose, All)),
    {noreply, S#state{options = All}};
handle_cast({store_cookies, Cookies},
            #state{options = Options, cookies = Jar} = S) ->
    map_get(cookies, Options) =:= disabled
        orelse [httpc_cookie:insert(Jar, C) || C <- Cookies],
    {noreply, S}.

handle_info({again, Request}, S) -> {noreply, place(Request, S)};
handle_info({'DOWN', _, process, Pid, Reason},
            #state{requests = Rs, sessions = Table} = S) ->
    ets:match_delete(Table, #session{id = {'_', Pid}, _ = '_'}),
    Left = [R || {P, _, _} = R <- maps:values(Rs), P =:= Pid],
    Others = maps:filter(fun(_, {P, _, _}) -> P =/= Pid end, Rs),
    {noreply, lists:foldl(fun(R, Acc) -> left(R, Reason, Acc) end,
                          S#state{requests = Others}, Left)};
handle_info(_, S) -> {noreply, S}.

%% Nobody else will answer what a connection has begun with.
left({_, waits, Request}, _, S) -> place(Request, S);
left({_, begun, #request{id = Id, from = From}}, Reason, S) ->
    httpc_response:tell(From, {Id, {error, Reason}}),
    S.

terminate(_, #state{cookies = Jar}) -> httpc_cookie:close(Jar).

%% ---- where a request goes ----

place(#request{settings = #settings{version = "HTTP/1.0"}} = Request, S) ->
    new_connection(httpc_request:close(with_cookies(Request, S)),
                   S#state.options, S);
place(#request{socket_opts = [_ | _] = Options} = Request, S) ->
    Own = lists:foldl(fun own_option/2, S#state.options, Options),
    Alone = httpc_request:close(with_cookies(Request, S)),
    new_connection(Alone#request{socket_opts = undefined}, Own, S);
place(Given, #state{options = Options} = S) ->
    Request = with_cookies(Given, S),
    #{max_sessions := Most} = Options,
    case choose(Request, S) of
        {ok, Pid} -> give(Request, Pid, S);
        {none, Busy} when Busy > 0, Busy >= Most ->
            new_connection(httpc_request:close(Request), Options, S);
        {none, _} -> new_connection(Request, Options, S)
    end.

own_option({Key, Value}, Options)
  when Key =:= ipfamily; Key =:= ip; Key =:= port ->
    Options#{Key := Value};
own_option(Option, #{socket_opts := Others} = Options) ->
    Options#{socket_opts := Others ++ [Option]}.

%% The connection to the same place with the fewest requests, or how many there
%% are that have too many. One of TLS must have the same options: they say whom
%% to trust.
choose(#request{method = Method, address = Address, scheme = Scheme,
                settings = #settings{ssl = Ssl}},
       #state{options = Options, sessions = Table}) ->
    {Type, Most} = case Options of
                       #{pipeline_timeout := 0,
                         max_keep_alive_length := N} -> {keep_alive, N};
                       #{max_pipeline_length := N} -> {pipeline, N}
                   end,
    Pattern = #session{id = {Address, '_'}, client_close = false,
                       scheme = Scheme, type = Type, available = true,
                       _ = '_'},
    Suits = Type =:= keep_alive orelse httpc_request:is_idempotent(Method),
    Found = [{Length, Pid}
             || Suits, #session{id = {_, Pid}, queue_length = Length,
                                socket_type = Socket}
                           <- ets:match_object(Table, Pattern),
                Scheme =:= http orelse Socket =:= Ssl],
    case lists:sort([F || {Length, _} = F <- Found, Length =< Most]) of
        [{_, Pid} | _] -> {ok, Pid};
        [] -> {none, length(Found)}
    end.

with_cookies(Request, #state{options = #{cookies := disabled}}) -> Request;
with_cookies(#request{scheme = Scheme, address = {Host, _}, path = Path,
                      headers = Headers} = Request, #state{cookies = Jar}) ->
    case httpc_cookie:header(Jar, Scheme, Host, Path) of
        {_, ""} -> Request;
        {Name, Text} ->
            Request#request{headers = http_headers:set(Name, Text, Headers)}
    end.

new_connection(Request, Options, #state{supervised = Supervised,
                                        sessions = Table} = S) ->
    Args = {self(), Table, Options},
    {ok, Pid} = case Supervised of
                    true -> httpc_handler_sup:start_child(Args);
                    false -> httpc_handler:start_link(Args)
                end,
    erlang:monitor(process, Pid),
    give(Request, Pid, S).

give(#request{id = Id} = Request, Pid, #state{requests = Rs} = S) ->
    httpc_handler:request(Pid, Request),
    S#state{requests = Rs#{Id => {Pid, waits, Request}}}.

%% ---- what is told ----

info(Manager, #state{options = Options, requests = Rs, sessions = Table}) ->
    Pids = lists:usort([P || {P, _, _} <- maps:values(Rs)]),
    [{handlers, [{Pid, lists:sort([Id || {Id, {P, _, _}} <- maps:to_list(Rs),
                                         P =:= Pid]),
                  httpc_handler:info(Pid)} || Pid <- Pids]},
     {sessions, {ets:tab2list(Table), [], []}},
     {options, [{K, map_get(K, Options)}
                || {K, _} <- httpc_options:defaults()]},
     {cookies, gen_server:call(Manager, which_cookies)}].

trace(Same, Same) -> ok;
trace(_, false) -> dbg:stop();
trace(_, Level) ->
    _ = dbg:tracer(),
    _ = dbg:p(self(), [case Level of verbose -> r; _ -> call end]),
    Level =:= trace andalso dbg:tpl(?MODULE, [{'_', [], [{return_trace}]}]).
