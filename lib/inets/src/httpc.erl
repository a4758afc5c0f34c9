%% SPDX-License-Identifier: Apache-2.0
%% httpc: a client for HTTP/1.1. What travels is httpc_request's matter.
-module(httpc).

-export([request/1, request/2, request/4, request/5, cancel_request/1,
         cancel_request/2, stream_next/1]).
-export([set_options/1, set_options/2, set_option/2, set_option/3,
         get_options/1, get_options/2, info/0, info/1]).
-export([store_cookies/2, store_cookies/3, cookie_header/1, cookie_header/2,
         cookie_header/3, which_cookies/0, which_cookies/1, reset_cookies/0,
         reset_cookies/1, which_sessions/0, which_sessions/1]).

-type url() :: uri_string:uri_string().
-type header() :: {string(), iodata()}.
-type request() :: {url(), [header()]}
                 | {url(), [header()], ContentType :: string(), Body :: term()}.

request(Url) -> request(Url, default).

request(Url, Profile) -> request(get, {Url, []}, [], [], Profile).

request(Method, Request, HttpOptions, Options) ->
    request(Method, Request, HttpOptions, Options, default).

%% The answer, or with {sync, false} {ok, Ref}: then it comes as a message
%% {http, {Ref, Answer}}.
-spec request(atom(), request(), list(), list(), atom() | pid()) ->
          {ok, term()} | {error, term()}.
request(Method, Request, HttpOptions, Options, Profile) ->
    case httpc_request:prepare(Method, Request, HttpOptions, Options) of
        {ok, Job} -> start(Job, Options, Profile);
        Error -> Error
    end.

start(Job, Options, Profile) ->
    Receiver = proplists:get_value(receiver, Options, self()),
    Sync = proplists:get_value(sync, Options, true),
    To = case Sync of
             true -> alias();
             false -> Receiver
         end,
    Run = fun(Ref, Settings) -> httpc_request:run(Job, To, Ref, Settings) end,
    case httpc_manager:call(Profile, {start, Run}) of
        {ok, Ref} when Sync -> await(Ref, To);
        {ok, Ref} -> {ok, Ref};
        Error -> Error
    end.

%% The process of the request tells its own death as an answer.
await(Ref, Alias) ->
    receive {http, {Ref, Answer}} ->
        _ = unalias(Alias),
        case Answer of
            {error, _} -> Answer;
            saved_to_file -> {ok, saved_to_file};
            _ -> {ok, Answer}
        end
    end.

cancel_request(Ref) -> cancel_request(Ref, default).
cancel_request(Ref, Profile) -> httpc_manager:call(Profile, {cancel, Ref}).

%% For {stream, {self, once}}: asks for the next part.
stream_next(Pid) ->
    Pid ! stream_next,
    ok.

set_options(Options) -> set_options(Options, default).
set_options(Options, Profile) ->
    httpc_manager:call(Profile, {set_options, Options}).

set_option(Key, Value) -> set_option(Key, Value, default).
set_option(Key, Value, Profile) -> set_options([{Key, Value}], Profile).

get_options(Items) -> get_options(Items, default).
get_options(Items, Profile) ->
    case httpc_manager:call(Profile, options) of
        {ok, Options} when Items =:= all -> {ok, maps:to_list(Options)};
        {ok, Options} -> {ok, [{I, maps:get(I, Options, undefined)}
                               || I <- Items]};
        Error -> Error
    end.

info() -> info(default).
info(Profile) -> httpc_manager:call(Profile, info).

%% ---- Cookies ----

store_cookies(Headers, Url) -> store_cookies(Headers, Url, default).
store_cookies(Headers, Url, Profile) ->
    #{host := Host} = uri_string:parse(Url),
    Found = [httpc_request:cookie(Text, Host)
             || {"set-cookie", Text} <- Headers],
    httpc_manager:call(Profile, {store_cookies, Found}).

cookie_header(Url) -> cookie_header(Url, []).
cookie_header(Url, Profile) when is_atom(Profile) ->
    cookie_header(Url, [], Profile);
cookie_header(Url, Options) -> cookie_header(Url, Options, default).
cookie_header(Url, _, Profile) ->
    #{host := Host, path := Path} = uri_string:parse(Url),
    case httpc_manager:call(Profile, cookies) of
        {error, _} = Error -> Error;
        Cookies -> {"cookie", httpc_request:cookies(Cookies, Host, Path)}
    end.

which_cookies() -> which_cookies(default).
which_cookies(Profile) ->
    [{cookies, httpc_manager:call(Profile, cookies)}, {session_cookies, []}].

reset_cookies() -> reset_cookies(default).
reset_cookies(Profile) -> httpc_manager:call(Profile, reset_cookies).

%% Connections are not kept.
which_sessions() -> which_sessions(default).
which_sessions(_) -> {[], [], []}.
