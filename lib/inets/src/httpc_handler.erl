%% SPDX-License-Identifier: Apache-2.0
%% httpc_handler: a connection of the HTTP client. It sends requests, one after
%% the other or some at once (see `type' of its session), and tells their
%% answers; between them it waits for more for as long as its profile says.
-module(httpc_handler).
-behaviour(gen_server).

-export([start_link/1, request/2, cancel/2, stream_next/1, info/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-include("httpc.hrl").

-define(ON_ITS_WAY, 500). % ms that a request and a server's end may cross

-record(state, {request = none,     % the one whose answer is awaited
                session = none,
                manager, table, options,
                status = new,       % new | keep_alive | pipeline | close
                phase = idle,       % idle | tunnel | head | body
                bytes = <<>>,       % of a head that is not whole
                head,               % {{Version, Code, Phrase}, Headers}
                decoder,            % of the body
                size = 0,           % bytes of the body so far
                body = [],          % parts that nobody has got yet
                wanted = false,     % {self, once}: the next part is asked for
                file = none,        % that the body goes into
                queue = [],         % further requests, next one first
                sent,               % ms of when the request was
                timers = #{},       % of requests by their number
                idle = none}).      % the timer that ends waiting

start_link(Args) -> gen_server:start_link(?MODULE, Args, []).

request(Pid, Request) -> gen_server:cast(Pid, {request, Request}).
cancel(Pid, Id) -> gen_server:cast(Pid, {cancel, Id}).
stream_next(Pid) -> gen_server:cast(Pid, stream_next).

info(Pid) ->
    try gen_server:call(Pid, info)
    catch exit:_ -> []
    end.

%% ---- gen_server ----

init({Manager, Table, Options}) ->
    erlang:monitor(process, Manager),
    {ok, #state{manager = Manager, table = Table, options = Options}}.

handle_call(info, _, S) -> {reply, show(S), S}.

handle_cast({request, Request}, #state{session = none} = S) ->
    connect(Request, S);
handle_cast({request, Request}, #state{request = none} = S) ->
    case transmit(Request, S) of
        ok -> await(begin_with(Request, S));
        {error, _} -> {stop, normal, S} % another one will do it
    end;
handle_cast({request, Request}, #state{status = pipeline} = S) ->
    case transmit(Request, S) of
        ok -> {noreply, enqueue(Request, S)};
        {error, _} -> {stop, normal, S}
    end;
handle_cast({request, Request}, S) -> {noreply, enqueue(Request, S)};
handle_cast({cancel, Id}, #state{request = #request{id = Id}} = S) ->
    {stop, normal, S};
handle_cast({cancel, Id}, S) -> {noreply, forget(Id, S)};
handle_cast(stream_next, #state{phase = body, body = []} = S) ->
    more(S#state{wanted = true});
handle_cast(stream_next, #state{phase = body, body = Data} = S) ->
    {noreply, give(Data, S)};
handle_cast(stream_next, S) -> {noreply, S#state{wanted = true}}.

handle_info({Tag, _, Bytes}, S) when Tag =:= tcp; Tag =:= ssl ->
    feed(Bytes, S);
handle_info({Tag, _}, S) when Tag =:= tcp_closed; Tag =:= ssl_closed ->
    closed(S);
handle_info({Tag, _, _} = Reason, S) when Tag =:= tcp_error;
                                          Tag =:= ssl_error ->
    failed(Reason, S);
handle_info({timeout, Timer, idle}, #state{idle = Timer} = S) ->
    {stop, normal, S};
handle_info({timeout, _, Id}, #state{request = #request{id = Id}} = S) ->
    failed(timeout, S);
handle_info({timeout, _, Id}, #state{queue = Queue} = S)
  when is_reference(Id) ->
    [answer({error, timeout}, R, S) || #request{id = I} = R <- Queue, I =:= Id],
    {noreply, forget(Id, S)};
handle_info({'DOWN', _, process, Manager, _}, #state{manager = Manager} = S) ->
    {stop, normal, S};
handle_info(_, S) -> {noreply, S}.

terminate(_, #state{session = none}) -> ok;
terminate(_, #state{session = #session{id = Id, socket = Socket},
                    table = Table, file = File}) ->
    File =:= none orelse file:close(File),
    httpc_manager:delete_session(Table, Id),
    http_transport:close(Socket).

show(#state{request = Request, session = Session, queue = Queue,
            status = Status}) ->
    Current = case Request of
                  none -> [];
                  #request{id = Id, started = At} -> [{id, Id}, {started, At}]
              end,
    #session{type = Type, scheme = Scheme, socket = Socket} = Session,
    [{status, Status}, {current_request, Current},
     {session, [{type, Type}, {queue_length, length(Queue)}, {scheme, Scheme},
                {socket_info,
                 [{remote, http_transport:peername(Socket)},
                  {local, http_transport:sockname(Socket)},
                  {socket_opts, http_transport:options(Socket, [nodelay])},
                  {socket_stats, http_transport:stats(Socket)}]}]}].

%% ---- connecting ----

connect(#request{scheme = Scheme, address = Own,
                 settings = #settings{ssl = Ssl, connect_timeout = Time}} =
            Request, S) ->
    Address = via(Request, S),
    Type = case Scheme of
               https when Address =:= Own -> Ssl;
               _ -> ip_comm
           end,
    httpc_manager:started(S#state.manager, Request#request.id),
    case try_families(Type, Address, S#state.options, Time) of
        {ok, Socket} ->
            Session = #session{id = {Own, self()}, scheme = Scheme,
                               socket = Socket, socket_type = Type,
                               client_close = httpc_request:is_closing(Request),
                               type = session_type(S#state.options)},
            first(Scheme =:= https andalso Address =/= Own, Request,
                  S#state{session = Session});
        {error, Reason} -> failed(Reason, S#state{request = Request})
    end.

session_type(#{pipeline_timeout := 0}) -> keep_alive;
session_type(_) -> pipeline.

%% The first request; behind a proxy a way for TLS is asked for before it.
first(Tunnel, Request, S) ->
    ToSend = case Tunnel of
                 true -> httpc_request:tunnel(Request);
                 false -> Request
             end,
    New = begin_with(Request, S),
    case transmit(ToSend, New) of
        ok when Tunnel -> await(New#state{phase = tunnel});
        ok -> await(New);
        {error, Reason} -> failed(Reason, New)
    end.

%% The address to connect to: that of a proxy, or its own.
via(#request{scheme = Scheme, address = {Host, _} = Own},
    #state{options = #{proxy := Plain, https_proxy := Secure}}) ->
    {Proxy, Direct} = case {Scheme, Secure} of
                          {https, {{_, _}, _}} -> Secure;
                          _ -> Plain
                      end,
    case Proxy =:= undefined
        orelse lists:any(fun(Name) -> is_direct(Name, Host) end, Direct) of
        true -> Own;
        false -> Proxy
    end.

%% "*.domain", a name, or how an address begins.
is_direct("*." ++ Domain, Host) -> lists:suffix(Domain, Host);
is_direct(Host, Host) -> true;
is_direct(Begin, Host) ->
    inet:parse_address(Host) =/= {error, einval}
        andalso lists:prefix(Begin, Host).

try_families(Type, Address, #{ipfamily := Family} = Options, Time) ->
    Given = [{ip, A} || #{ip := A} <- [Options], A =/= default]
        ++ [{port, P} || #{port := P} <- [Options], P =/= default]
        ++ map_get(socket_opts, Options),
    case Family of
        inet6fb4 -> try_each([inet6, inet], Type, Address, Given, Time, []);
        local ->
            #{unix_socket := Path} = Options,
            Local = {local, Path},
            try_each([local], Type, {Local, 0}, Given, Time, []);
        _ -> try_each([Family], Type, Address, Given, Time, [])
    end.

try_each([Family | Others], Type, Address, Given, Time, Failed) ->
    Options = [Family | Given],
    case http_transport:connect(Type, Address, Options, Time) of
        {ok, Socket} -> {ok, Socket};
        {error, Reason} ->
            try_each(Others, Type, Address, Given, Time,
                     [{Family, Options, Reason} | Failed])
    end;
try_each([], _, Address, _, _, Failed) ->
    To = case Address of
             {{local, _} = Local, 0} -> Local;
             _ -> Address
         end,
    {error, {failed_connect, [{to_address, To} | lists:reverse(Failed)]}}.

%% The proxy has opened a way.
upgrade(#state{request = Request, session = Session} = S) ->
    #request{address = {Host, _} = Address, settings = Settings} = Request,
    #settings{ssl = {_, Given} = Type, connect_timeout = Time} = Settings,
    Options = case inet:parse_address(Host) of
                  {error, _} ->
                      [{server_name_indication, Host}
                       || not lists:keymember(server_name_indication, 1, Given)]
                          ++ Given;
                  _ -> Given
              end,
    case ssl:connect(Session#session.socket, Options, Time) of
        {ok, Socket} ->
            New = S#state{phase = head, bytes = <<>>,
                          session = Session#session{socket = Socket,
                                                    socket_type = Type}},
            case transmit(Request, New) of
                ok -> await(New);
                {error, Reason} -> failed(Reason, New)
            end;
        {error, Reason} ->
            failed({failed_connect, [{to_address, Address},
                                     {tls, Options, Reason}]}, S)
    end.

%% ---- requests ----

transmit(#request{socket_opts = [_ | _] = Options} = Request,
         #state{session = #session{socket = Socket}} = S) ->
    case http_transport:set(Socket, Options) of
        ok -> transmit(Request#request{socket_opts = undefined}, S);
        {error, Reason} -> {error, {setopts_failed, Reason}}
    end;
transmit(Request, #state{session = Session} = S) ->
    httpc_request:send(via(Request, S), Session, Request).

%% Its answer is the next to come.
begin_with(#request{id = Id} = Request, #state{manager = Manager} = S) ->
    httpc_manager:started(Manager, Id),
    S#state.idle =:= none orelse erlang:cancel_timer(S#state.idle),
    limited(Request, S#state{request = Request, phase = head, idle = none,
                             sent = erlang:monotonic_time(millisecond),
                             bytes = <<>>, body = [], size = 0,
                             wanted = false}).

limited(#request{id = Id, settings = #settings{timeout = Time}},
        #state{timers = Timers} = S) ->
    case Time =:= infinity orelse is_map_key(Id, Timers) of
        true -> S;
        false ->
            Timer = erlang:start_timer(Time, self(), Id),
            S#state{timers = Timers#{Id => Timer}}
    end.

enqueue(Request, #state{queue = Queue} = S) ->
    publish(limited(Request, S#state{queue = Queue ++ [Request]})).

%% A request that nobody waits for: one that is sent has an answer, still.
forget(Id, #state{queue = Queue, status = Status} = S) ->
    S#state{queue = lists:append([case R of
                                      #request{id = Id} ->
                                          [R#request{from = nobody}
                                           || Status =:= pipeline];
                                      _ -> [R]
                                  end || R <- Queue])}.

%% The manager may give it more requests, or none.
publish(#state{status = close, session = #session{id = Id},
               table = Table} = S) ->
    httpc_manager:delete_session(Table, Id),
    S;
publish(#state{session = Session, queue = Queue, request = R,
               table = Table} = S) ->
    Current = case R of none -> 0; _ -> 1 end,
    New = Session#session{queue_length = length(Queue) + Current},
    httpc_manager:put_session(Table, New),
    S#state{session = New}.

answer(Answer, #request{id = Id, from = From}, #state{manager = Manager}) ->
    httpc_manager:done(Manager, Id),
    httpc_response:tell(From, case Answer of
                                  {stream_end, Headers} ->
                                      {Id, stream_end, Headers};
                                  _ -> {Id, Answer}
                              end).

failed(_, #state{request = none} = S) -> {stop, normal, S};
failed(Reason, #state{request = Request} = S) ->
    answer({error, Reason}, Request, S),
    {stop, normal, S#state{request = none}}.

%% ---- what comes ----

await(#state{session = #session{socket = Socket}} = S) ->
    case http_transport:set(Socket, [{active, once}]) of
        ok -> {noreply, S};
        {error, _} -> closed(S)
    end.

%% More of a body is read when somebody wants it.
more(#state{phase = body, request = #request{stream = {self, once}} = Request,
            wanted = false, head = {{_, Code, _}, _}} = S) ->
    case httpc_response:is_streamed(Code, Request) of
        true -> {noreply, S};
        false -> await(S)
    end;
more(S) -> await(S).

%% The end of an answer that has no body may come late; anything else between
%% two requests is no good.
feed(<<"0\r\n\r\n">>, #state{request = none} = S) -> await(S);
feed(_, #state{request = none} = S) -> {stop, normal, S};
feed(Bytes, #state{phase = body, decoder = Decoder} = S) ->
    try http_body:decode(Bytes, Decoder) of
        {more, Data, Next} ->
            more(take(Data, counted(Data, S#state{decoder = Next})));
        {done, Data, Trailer, Rest} ->
            whole(Rest, take(Data, counted(Data, S)), Trailer)
    catch throw:{error, Reason} -> failed(Reason, S)
    end;
feed(Bytes, #state{bytes = Before} = S) ->
    All = <<Before/binary, Bytes/binary>>,
    Begin = min(byte_size(All), 5),
    case http_head:lines(All) of
        _ when binary_part(All, 0, Begin) =/= binary_part(<<"HTTP/">>, 0,
                                                           Begin) ->
            failed({could_not_parse_as_http, Bytes}, S);
        more -> await(S#state{bytes = All});
        {Lines, Rest} ->
            try httpc_response:parse(Lines, S#state.request) of
                Head -> head(Rest, S#state{head = Head, bytes = <<>>})
            catch error:_ -> failed({could_not_parse_as_http, Bytes}, S)
            end
    end.

head(_, #state{phase = tunnel, head = {{_, 200, _}, _}} = S) -> upgrade(S);
head(_, #state{phase = tunnel, head = {Status, _}} = S) ->
    failed({could_not_establish_ssl_tunnel, Status}, S);
head(Rest, #state{head = {{_, Code, _}, _}, request = Request,
                  session = Session} = S) when Code >= 100, Code < 200 ->
    case Code =:= 100 andalso httpc_request:expects(Request) of
        true ->
            case httpc_request:send_body(Session, Request) of
                ok -> again(Rest, S);
                {error, Reason} -> failed(Reason, S)
            end;
        false -> again(Rest, S)
    end;
head(Rest, #state{head = {{_, Code, _}, Headers},
                  request = #request{method = Method} = Request} = S) ->
    case httpc_response:body(Method, Code, Headers) of
        unknown_encoding -> failed(unknown_encoding, S);
        Kind ->
            New = S#state{phase = body, decoder = http_body:new(Kind)},
            Begun = case httpc_response:is_streamed(Code, Request) of
                        true -> start_stream(Headers, New);
                        false -> New
                    end,
            case Kind of
                0 -> feed(Rest, Begun);
                _ when Rest =:= <<>> -> more(Begun);
                _ -> feed(Rest, Begun)
            end
    end.

again(<<>>, S) -> await(S);
again(Rest, S) -> feed(Rest, S).

closed(#state{request = none} = S) -> {stop, normal, S};
closed(#state{phase = body, decoder = Decoder} = S) ->
    case http_body:closed(Decoder) of
        true -> whole(<<>>, S#state{status = close}, []);
        false when element(1, Decoder) =:= length ->
            failed({shutdown, server_closed}, S);
        false -> failed(socket_closed_remotely, S)
    end;
closed(#state{phase = head, bytes = <<>>, status = Status, manager = Manager,
              sent = Sent, request = #request{method = Method} = Request} = S)
  when Status =/= new ->
    %% The server may have closed it while the request was on its way.
    Waited = erlang:monotonic_time(millisecond) - Sent,
    case Waited < ?ON_ITS_WAY andalso httpc_request:is_idempotent(Method) of
        true ->
            httpc_manager:again(Manager, Request, 0),
            {stop, normal, S#state{request = none}};
        false -> failed(socket_closed_remotely, S)
    end;
closed(S) -> failed(socket_closed_remotely, S).

%% ---- bodies ----

start_stream(Headers, #state{request = #request{id = Id, from = From,
                                                stream = Stream}} = S) ->
    case Stream of
        self -> httpc_response:tell(From, {Id, stream_start, Headers}), S;
        {self, once} ->
            httpc_response:tell(From, {Id, stream_start, Headers, self()}),
            S;
        _ ->
            {ok, File} = file:open(Stream, [write, raw, append,
                                            delayed_write]),
            S#state{file = File}
    end.

counted(Data, #state{size = Size} = S) ->
    S#state{size = Size + iolist_size(Data)}.

%% A part of the body goes to who wants it, or is kept.
take(Data, #state{request = #request{stream = Stream} = Request,
                  head = {{_, Code, _}, _}, body = Before,
                  file = File} = S) ->
    Streamed = httpc_response:is_streamed(Code, Request),
    case Stream of
        _ when not Streamed -> S#state{body = [Before | Data]};
        self -> give(Data, S);
        {self, once} when S#state.wanted -> give([Before | Data], S);
        {self, once} -> S#state{body = [Before | Data]};
        _ ->
            ok = file:write(File, Data),
            S
    end.

give(Data, #state{request = #request{id = Id, from = From}} = S) ->
    case iolist_to_binary(Data) of
        <<>> -> S#state{body = []};
        Bytes ->
            httpc_response:tell(From, {Id, stream, Bytes}),
            S#state{body = [], wanted = false}
    end.

%% The answer is whole; Rest belongs to the next one.
whole(Rest, #state{request = Request, head = {{_, Code, _} = Status, Old}} = S,
      Trailer) ->
    Headers = http_headers:response(Trailer ++ dechunked(Old, S)),
    keep_cookies(Headers, S),
    %% Who hears the answer may ask for more at once.
    Kept = publish(keep(Headers, S)),
    case httpc_response:is_streamed(Code, Request) of
        true -> end_stream(Headers, S);
        false -> conclude(Status, Headers, S)
    end,
    next(Rest, Kept).

%% Without chunks a body has a length. As in OTP, "chunked" in capitals stays.
dechunked(Headers, #state{size = Size}) ->
    Length = {"content-length", integer_to_list(Size)},
    case http_headers:get("transfer-encoding", Headers) of
        undefined -> Headers;
        "chunked" ->
            [Length | http_headers:delete("transfer-encoding", Headers)];
        _ -> [Length | Headers]
    end.

keep_cookies(Headers, #state{options = #{cookies := enabled}, manager = Manager,
                             request = #request{path = Path,
                                                address = {Host, _}}}) ->
    httpc_manager:store_cookies(Manager, httpc_cookie:of_headers(Headers, Path,
                                                                 Host));
keep_cookies(_, _) -> ok.

end_stream(Headers, #state{request = Request, file = none, body = Left} = S) ->
    give(Left, S),
    answer({stream_end, Headers}, Request, S);
end_stream(_, #state{request = Request, file = File} = S) ->
    Answer = case file:close(File) of
                 ok -> saved_to_file;
                 {error, Reason} -> {error, {stream_to_file_failed, Reason}}
             end,
    answer(Answer, Request, S).

conclude(Status, Headers, #state{request = Request, body = Parts,
                                 manager = Manager} = S) ->
    Body = iolist_to_binary(Parts),
    case httpc_response:next(Status, Headers, Body, Request) of
        {answer, Answer} -> answer(Answer, Request, S);
        {redirect, Next} -> httpc_manager:again(Manager, Next, 0);
        {retry, Ms} -> httpc_manager:again(Manager, Request, Ms)
    end.

%% Whether the connection may serve more requests.
keep(Headers, #state{status = Before, session = Session,
                     request = #request{id = Id, method = Method},
                     timers = Timers, head = {{Version, _, _}, _}} = S) ->
    is_map_key(Id, Timers) andalso erlang:cancel_timer(map_get(Id, Timers)),
    Left = maps:remove(Id, Timers),
    Stays = Before =/= close andalso not Session#session.client_close
        andalso not http_headers:is_token("connection", "close", Headers)
        andalso (Version =/= "HTTP/1.0"
                 orelse http_headers:is_token("connection", "keep-alive",
                                              Headers)),
    Pipes = Session#session.type =:= pipeline
        andalso (Before =:= pipeline
                 orelse httpc_request:is_idempotent(Method)),
    Type = case Pipes of true -> pipeline; false -> keep_alive end,
    S#state{request = none, phase = idle, body = [], file = none,
            timers = Left,
            session = Session#session{type = Type, available = true},
            status = case Stays of true -> Type; false -> close end}.

next(_, #state{status = close} = S) -> {stop, normal, S};
next(<<>>, #state{queue = []} = S) ->
    #{keep_alive_timeout := Keep, pipeline_timeout := Pipe} = S#state.options,
    Timer = case {S#state.status, Keep, Pipe} of
                {keep_alive, infinity, _} -> none;
                {pipeline, _, infinity} -> none;
                {keep_alive, Ms, _} -> erlang:start_timer(Ms, self(), idle);
                {pipeline, _, Ms} -> erlang:start_timer(Ms, self(), idle)
            end,
    await(publish(S#state{idle = Timer}));
next(_, #state{queue = []} = S) -> {stop, normal, S}; % of no request
next(Rest, #state{status = pipeline, queue = [Request | Queue]} = S) ->
    again(Rest, publish(begin_with(Request, S#state{queue = Queue})));
next(_, #state{queue = [Request | Queue]} = S) ->
    case transmit(Request, S) of
        ok -> await(publish(begin_with(Request, S#state{queue = Queue})));
        {error, _} -> {stop, normal, S}
    end.
