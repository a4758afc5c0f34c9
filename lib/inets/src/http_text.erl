%% SPDX-License-Identifier: Apache-2.0
%% http_text: what client and server of HTTP have in common: heads of messages,
%% bodies in chunks, phrases, dates.
%%
%% Headers are {Name in lower case, Value}, both strings.
-module(http_text).

-export([receive_head/2, receive_body/4, phrase/1, date/0, date/1]).
-export([header/3, format_headers/1]).

-type header() :: {string(), string()}.
-export_type([header/0]).

-type socket() :: gen_tcp:socket() | ssl:sslsocket().

%% Reads the first line and the headers; the socket is passive.
%% [Deadline]: in monotonic ms, or infinity.
-spec receive_head(socket(), integer() | infinity) ->
          {ok, tuple(), [header()]} | {error, term()}.
receive_head(Socket, Deadline) ->
    _ = http_transport:set(Socket, [{packet, http}, {active, false}]),
    case http_transport:recv(Socket, 0, left(Deadline)) of
        {ok, {http_error, Text}} -> {error, {bad_head, Text}};
        {ok, First} -> headers(Socket, Deadline, First, []);
        Error -> Error
    end.

headers(Socket, Deadline, First, Found) ->
    case http_transport:recv(Socket, 0, left(Deadline)) of
        {ok, {http_header, _, Name, _, Value}} ->
            Header = {string:lowercase(name(Name)), Value},
            headers(Socket, Deadline, First, [Header | Found]);
        {ok, http_eoh} ->
            _ = http_transport:set(Socket, [{packet, raw}]),
            {ok, First, lists:reverse(Found)};
        {ok, {http_error, Text}} -> {error, {bad_head, Text}};
        Error -> Error
    end.

name(Name) when is_atom(Name) -> atom_to_list(Name);
name(Name) -> Name.

left(infinity) -> infinity;
left(Deadline) -> max(0, Deadline - erlang:monotonic_time(millisecond)).

%% Reads a body, whose parts go through [Add] into an accumulator.
-spec receive_body(socket(), chunked | non_neg_integer() | until_closed,
                   integer() | infinity, {fun((binary(), A) -> A), A}) ->
          {ok, A} | {error, term()}.
receive_body(_, 0, _, {_, Acc}) -> {ok, Acc};
receive_body(Socket, chunked, Deadline, Into) ->
    chunk(Socket, Deadline, Into);
receive_body(Socket, until_closed, Deadline, {Add, Acc} = Into) ->
    case receive_bytes(Socket, 0, Deadline) of
        {ok, Bytes} ->
            receive_body(Socket, until_closed, Deadline,
                         setelement(2, Into, Add(Bytes, Acc)));
        {error, closed} -> {ok, Acc};
        Error -> Error
    end;
receive_body(Socket, Length, Deadline, {Add, Acc}) ->
    %% Large ones come in parts.
    case receive_bytes(Socket, min(Length, 1 bsl 20), Deadline) of
        {ok, Bytes} ->
            receive_body(Socket, Length - byte_size(Bytes), Deadline,
                         {Add, Add(Bytes, Acc)});
        Error -> Error
    end.

receive_bytes(Socket, Length, Deadline) ->
    case http_transport:recv(Socket, Length, left(Deadline)) of
        {ok, Bytes} -> {ok, iolist_to_binary(Bytes)};
        Error -> Error
    end.

chunk(Socket, Deadline, {Add, Acc} = Into) ->
    case receive_line(Socket, Deadline) of
        %% The line that ends the chunk before.
        {ok, "\r\n"} -> chunk(Socket, Deadline, Into);
        {ok, Line} -> sized_chunk(size_of(Line), Socket, Deadline, Add, Acc);
        Error -> Error
    end.

sized_chunk(0, Socket, Deadline, _, Acc) -> trailer(Socket, Deadline, Acc);
sized_chunk(Size, Socket, Deadline, Add, Acc) ->
    _ = http_transport:set(Socket, [{packet, raw}]),
    case receive_body(Socket, Size, Deadline, {Add, Acc}) of
        {ok, More} -> chunk(Socket, Deadline, {Add, More});
        Error -> Error
    end.

%% A chunk's size may have extensions behind it.
size_of(Line) ->
    list_to_integer(lists:takewhile(fun(C) -> not lists:member(C, "; \r\n") end,
                                    Line), 16).

trailer(Socket, Deadline, Acc) ->
    case receive_line(Socket, Deadline) of
        {ok, "\r\n"} ->
            _ = http_transport:set(Socket, [{packet, raw}]),
            {ok, Acc};
        {ok, _} -> trailer(Socket, Deadline, Acc);
        Error -> Error
    end.

receive_line(Socket, Deadline) ->
    _ = http_transport:set(Socket, [{packet, line}]),
    case http_transport:recv(Socket, 0, left(Deadline)) of
        {ok, Line} when is_binary(Line) -> {ok, binary_to_list(Line)};
        Other -> Other
    end.

header(Name, Headers, Default) ->
    case lists:keyfind(Name, 1, Headers) of
        {_, Value} -> Value;
        false -> Default
    end.

format_headers(Headers) ->
    [[text(Name), ": ", text(Value), "\r\n"] || {Name, Value} <- Headers].

text(Value) when is_integer(Value) -> integer_to_list(Value);
text(Value) when is_atom(Value) -> atom_to_list(Value);
text(Value) -> Value.

date() -> date(erlang:universaltime()).

%% As RFC 1123 has it.
date({{Y, Mo, D} = Day, {H, Mi, S}}) ->
    Weekday = element(calendar:day_of_the_week(Day),
                      {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}),
    Month = element(Mo, {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
                         "Aug", "Sep", "Oct", "Nov", "Dec"}),
    lists:flatten(io_lib:format("~s, ~2..0w ~s ~w ~2..0w:~2..0w:~2..0w GMT",
                                [Weekday, D, Month, Y, H, Mi, S])).

phrase(100) -> "Continue";
phrase(101) -> "Switching Protocols";
phrase(200) -> "OK";
phrase(201) -> "Created";
phrase(202) -> "Accepted";
phrase(203) -> "Non-Authoritative Information";
phrase(204) -> "No Content";
phrase(205) -> "Reset Content";
phrase(206) -> "Partial Content";
phrase(300) -> "Multiple Choices";
phrase(301) -> "Moved Permanently";
phrase(302) -> "Moved Temporarily";
phrase(303) -> "See Other";
phrase(304) -> "Not Modified";
phrase(307) -> "Temporary Redirect";
phrase(308) -> "Permanent Redirect";
phrase(400) -> "Bad Request";
phrase(401) -> "Unauthorized";
phrase(402) -> "Payment Required";
phrase(403) -> "Forbidden";
phrase(404) -> "Object Not Found";
phrase(405) -> "Method Not Allowed";
phrase(406) -> "Not Acceptable";
phrase(408) -> "Request Time-out";
phrase(409) -> "Conflict";
phrase(410) -> "Gone";
phrase(411) -> "Length Required";
phrase(412) -> "Precondition Failed";
phrase(413) -> "Request Entity Too Large";
phrase(414) -> "Request-URI Too Large";
phrase(415) -> "Unsupported Media Type";
phrase(416) -> "Requested Range Not Satisfiable";
phrase(417) -> "Expectation Failed";
phrase(429) -> "Too Many Requests";
phrase(500) -> "Internal Server Error";
phrase(501) -> "Not Implemented";
phrase(502) -> "Bad Gateway";
phrase(503) -> "Service Unavailable";
phrase(504) -> "Gateway Time-out";
phrase(505) -> "HTTP Version not supported";
phrase(_) -> "".
