%% SPDX-License-Identifier: Apache-2.0
%% httpc: a client for HTTP/1.1. A profile's state is httpc_manager's, a
%% connection httpc_handler's.
-module(httpc).

-export([request/1, request/2, request/4, request/5, cancel_request/1,
         cancel_request/2, stream_next/1]).
-export([set_options/1, set_options/2, set_option/2, set_option/3,
         get_options/1, get_options/2, get_option/1, get_option/2, info/0,
         info/1, default_profile/0, profile_name/1, profile_name/2,
         ssl_verify_host_options/1]).
-export([store_cookies/2, store_cookies/3, cookie_header/1, cookie_header/2,
         cookie_header/3, which_cookies/0, which_cookies/1, reset_cookies/0,
         reset_cookies/1, which_sessions/0, which_sessions/1]).

-include("httpc.hrl").

-type url() :: uri_string:uri_string().
-type header() :: {string(), iodata()}.
-type body() :: iodata() | {fun(), term()} | {chunkify, fun(), term()}.
-type request() :: {url(), [header()]}
                 | {url(), [header()], ContentType :: string(), body()}.
-type profile() :: atom() | pid().

-define(IS_PROFILE(P), is_atom(P) orelse is_pid(P)).

default_profile() -> default.

%% The name of a profile's process.
profile_name(default) -> httpc_manager;
profile_name(Pid) when is_pid(Pid) -> Pid;
profile_name(Profile) -> profile_name("httpc_", Profile).

profile_name(Prefix, Profile) when is_atom(Profile) ->
    list_to_atom(Prefix ++ atom_to_list(Profile));
profile_name(_, Pid) -> Pid.

%% ---- requests ----

request(Url) -> request(Url, default).

-spec request(url(), profile()) -> {ok, term()} | {error, term()}.
request(Url, Profile) -> request(get, {Url, []}, [], [], Profile).

request(Method, Request, HttpOptions, Options) ->
    request(Method, Request, HttpOptions, Options, default).

%% The answer, or with {sync, false} {ok, Ref}: then it comes as a message
%% {http, {Ref, Answer}}.
-spec request(atom(), request(), list(), list(), profile()) ->
          {ok, term()} | {error, term()}.
request(Method, Request, HttpOptions, Options, Profile)
  when ?IS_PROFILE(Profile) ->
    try
        {Url, Headers, Type, Body} = parts(Method, Request),
        Uri = uri(Url),
        check_headers(Headers),
        How = httpc_options:of_request(Options),
        Settings = httpc_options:settings(HttpOptions),
        Job = job(Method, Uri, Headers, {Type, Body}, Settings, How),
        start(Job#request{uri = Url}, How, Profile)
    catch throw:{error, _} = Error -> Error
    end.

parts(Method, {Url, Headers})
  when Method =:= get; Method =:= head; Method =:= options;
       Method =:= trace; Method =:= put; Method =:= delete ->
    {Url, Headers, [], []};
parts(Method, {Url, Headers, Type, Body})
  when Method =:= post; Method =:= put; Method =:= patch; Method =:= delete ->
    is_list(Type) orelse throw({error, invalid_request}),
    case Body of
        _ when is_list(Body); is_binary(Body) -> ok;
        {Fun, _} when is_function(Fun, 1) -> ok;
        {chunkify, Fun, _} when is_function(Fun, 1) -> ok;
        _ when is_tuple(Body) -> throw({error, {bad_body_generator, Body}});
        _ -> throw({error, invalid_request})
    end,
    {Url, Headers, Type, Body};
parts(Method, _) ->
    case lists:member(Method, [get, head, options, trace, post, put, patch,
                               delete]) of
        true -> throw({error, invalid_request});
        false -> throw({error, invalid_method})
    end.

uri(Url) ->
    case uri_string:normalize(unicode:characters_to_list(Url), [return_map]) of
        {error, Reason, _} -> throw({error, Reason});
        Uri -> Uri
    end.

check_headers(Headers) ->
    [case Header of
         {Name, _} when not is_list(Name) ->
             throw({error, {headers_error, invalid_field}});
         {_, Value} when is_list(Value); is_binary(Value) -> ok;
         {_, _} -> throw({error, {headers_error, invalid_value}})
     end || Header <- Headers].

job(Method, Uri, Headers, {Type, Body}, Settings, How) ->
    #{ipv6_host_with_brackets := Brackets} = How,
    Scheme = scheme(Uri),
    Host = bracketed(maps:get(host, Uri, ""), Brackets),
    Port = maps:get(port, Uri, httpc_request:default_port(Scheme)),
    Lower = [{string:lowercase(Name), Value} || {Name, Value} <- Headers],
    {Own, Content} = chunked(Lower, Body),
    #request{from = maps:get(receiver, How), scheme = Scheme,
             address = {Host, Port},
             path = uri_string:recompose(#{path => maps:get(path, Uri, "")}),
             query = query(Uri), method = Method,
             headers = httpc_request:usual_headers(
                         Own, httpc_request:host_header(Scheme, Host, Port),
                         Settings#settings.version),
             content = {Type, Content}, settings = Settings,
             userinfo = maps:get(userinfo, Uri, ""),
             stream = maps:get(stream, How),
             as_is = case How of
                         #{headers_as_is := true} -> Headers;
                         #{} -> []
                     end,
             socket_opts = case maps:get(socket_opts, How) of
                               [] -> undefined;
                               Options -> Options
                           end,
             started = erlang:monotonic_time(millisecond),
             brackets = Brackets}.

scheme(#{scheme := "http"}) -> http;
scheme(#{scheme := "https"}) -> https;
scheme(#{scheme := Scheme}) -> throw({error, {bad_scheme, Scheme}});
scheme(#{}) -> throw({error, {no_scheme}}).

query(#{query := [_ | _] = Query}) -> [$? | Query];
query(#{}) -> "".

bracketed(Host, true) ->
    case inet:parse_ipv6strict_address(Host) of
        {ok, _} -> "[" ++ Host ++ "]";
        _ -> Host
    end;
bracketed(Host, false) -> Host.

%% A body of chunks is made by a function that puts sizes in front.
chunked(Headers, {chunkify, Fun, Acc}) ->
    Part = fun(eof_body) -> eof;
              (From) ->
                   case Fun(From) of
                       eof -> {ok, <<"0\r\n\r\n">>, eof_body};
                       {ok, Data, Next} ->
                           {ok, [integer_to_list(iolist_size(Data), 16),
                                 "\r\n", Data, "\r\n"], Next}
                   end
           end,
    {http_headers:set("transfer-encoding", "chunked", Headers), {Part, Acc}};
chunked(Headers, Body) -> {Headers, Body}.

start(Job, #{sync := Sync} = How, Profile) ->
    case gen_server:call(profile_name(Profile), {request, Job}, infinity) of
        {ok, Id} when Sync -> await(Id, How, Profile);
        Answer -> Answer
    end.

await(Id, How, Profile) ->
    Monitor = erlang:monitor(process, profile_name(Profile)),
    Answer = receive
                 {http, {Id, saved_to_file}} -> {ok, saved_to_file};
                 {http, {Id, {error, _} = Error}} -> Error;
                 {http, {Id, {Status, Headers, Body}}} ->
                     shown(Status, Headers, Body, How);
                 {'DOWN', Monitor, _, _, Reason} -> {error, Reason}
             end,
    erlang:demonitor(Monitor, [flush]),
    Answer.

shown(Status, Headers, Bytes, #{body_format := Format, full_result := Full}) ->
    Body = case Format of
               string -> binary_to_list(Bytes);
               binary -> Bytes
           end,
    case Full of
        true -> {ok, {Status, Headers, Body}};
        false -> {ok, {element(2, Status), Body}}
    end.

cancel_request(Id) -> cancel_request(Id, default).

-spec cancel_request(reference(), profile()) -> ok.
cancel_request(Id, Profile) when ?IS_PROFILE(Profile) ->
    gen_server:cast(profile_name(Profile), {cancel, Id}).

%% For {stream, {self, once}}: asks for the next part.
-spec stream_next(pid()) -> ok.
stream_next(Pid) -> httpc_handler:stream_next(Pid).

%% ---- options ----

set_options(Options) -> set_options(Options, default).

-spec set_options(list(), profile()) -> ok | {error, term()}.
set_options(Options, Profile) when ?IS_PROFILE(Profile) ->
    case httpc_options:check(Options) of
        {ok, Good} ->
            gen_server:cast(profile_name(Profile), {set_options, Good});
        Error -> Error
    end.

set_option(Key, Value) -> set_option(Key, Value, default).
set_option(Key, Value, Profile) -> set_options([{Key, Value}], Profile).

get_options(Names) -> get_options(Names, default).

-spec get_options(all | [atom()], profile()) ->
          {ok, [{atom(), term()}]} | {error, term()}.
get_options(all, Profile) ->
    get_options([K || {K, _} <- httpc_options:defaults()], Profile);
get_options(Names, Profile) when is_list(Names), ?IS_PROFILE(Profile) ->
    case Names -- [K || {K, _} <- httpc_options:defaults()] of
        [] ->
            case httpc_manager:call(Profile, {get_options, Names}) of
                {error, {not_started, _}} -> {error, inets_not_started};
                Values -> {ok, Values}
            end;
        Wrong -> {error, {invalid_options, Wrong}}
    end.

get_option(Key) -> get_option(Key, default).
get_option(Key, Profile) ->
    case get_options([Key], Profile) of
        {ok, [{Key, Value}]} -> {ok, Value};
        Error -> Error
    end.

%% Options of TLS for servers of the web.
-spec ssl_verify_host_options(boolean()) -> list().
ssl_verify_host_options(Wildcard) when is_boolean(Wildcard) ->
    [{verify, verify_peer}, {cacerts, public_key:cacerts_get()}]
        ++ [{customize_hostname_check,
             [{match_fun, public_key:pkix_verify_hostname_match_fun(https)}]}
            || Wildcard].

info() -> info(default).
info(Profile) -> httpc_manager:call(Profile, info).

%% {Good, Bad, NoSessions}: the last two are for what a table should not have.
which_sessions() -> which_sessions(default).
which_sessions(Profile) ->
    case httpc_manager:call(Profile, sessions) of
        {error, _} -> {[], [], []};
        Sessions -> {Sessions, [], []}
    end.

%% ---- cookies ----

store_cookies(Headers, Url) -> store_cookies(Headers, Url, default).

-spec store_cookies([header()], url(), profile()) -> ok | {error, term()}.
store_cookies(Headers, Url, Profile) when ?IS_PROFILE(Profile) ->
    case uri_string:normalize(Url, [return_map]) of
        {error, Reason, _} -> {error, {parse_failed, Reason}};
        Uri ->
            try
                scheme(Uri),
                Cookies = httpc_cookie:of_headers(Headers,
                                                  maps:get(path, Uri, ""),
                                                  maps:get(host, Uri, "")),
                gen_server:cast(profile_name(Profile),
                                {store_cookies, Cookies})
            catch throw:{error, _} = Error -> Error
            end
    end.

cookie_header(Url) -> cookie_header(Url, [], default).
cookie_header(Url, Options) when is_list(Options) ->
    cookie_header(Url, Options, default);
cookie_header(Url, Profile) -> cookie_header(Url, [], Profile).

-spec cookie_header(url(), list(), profile()) -> header() | {error, term()}.
cookie_header(Url, _, Profile) when ?IS_PROFILE(Profile) ->
    httpc_manager:call(Profile, {cookie_header, Url}).

which_cookies() -> which_cookies(default).
which_cookies(Profile) -> httpc_manager:call(Profile, which_cookies).

reset_cookies() -> reset_cookies(default).
reset_cookies(Profile) -> httpc_manager:call(Profile, reset_cookies).
