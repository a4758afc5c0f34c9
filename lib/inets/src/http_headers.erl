%% SPDX-License-Identifier: Apache-2.0
%% http_headers: lists of {Name in lower case, Value}, and the order in which
%% the known ones are sent by clients and shown by them.
-module(http_headers).

-export([get/2, get/3, set/3, delete/2, is_token/3, is_usual/1, parse/1,
         request/1, response/1]).

general() ->
    ["cache-control", "connection", "date", "pragma", "trailer",
     "transfer-encoding", "upgrade", "via", "warning"].

of_request() ->
    ["accept", "accept-charset", "accept-encoding", "accept-language",
     "authorization", "expect", "from", "host", "if-match",
     "if-modified-since", "if-none-match", "if-range", "if-unmodified-since",
     "max-forwards", "proxy-authorization", "range", "referer", "te",
     "user-agent"].

of_response() ->
    ["accept-ranges", "age", "etag", "location", "proxy-authenticate",
     "retry-after", "server", "vary", "www-authenticate"].

entity() ->
    ["allow", "content-encoding", "content-language", "content-length",
     "content-location", "content-md5", "content-range", "content-type",
     "expires", "last-modified"].

get(Name, Headers) -> get(Name, Headers, undefined).

get(Name, Headers, Default) ->
    case lists:keyfind(Name, 1, Headers) of
        {_, Value} -> Value;
        false -> Default
    end.

set(Name, Value, Headers) -> lists:keystore(Name, 1, Headers, {Name, Value}).

delete(Name, Headers) -> lists:keydelete(Name, 1, Headers).

%% Whether the value of Name is Word, whatever its case.
is_token(Name, Word, Headers) ->
    string:lowercase(unicode:characters_to_list(get(Name, Headers, "")))
        =:= Word.

%% Whether requests have such a header by the standard.
is_usual(Name) ->
    lists:member(Name, general() ++ of_request() ++ entity()).

%% Headers of lines without their ends; a line that begins with a space goes
%% on with the one before. A line without a colon is an error.
parse(Lines) -> [pair(Line) || Line <- unfold(Lines)].

unfold([Line, <<C, Rest/binary>> | Lines]) when C =:= $\s; C =:= $\t ->
    unfold([<<Line/binary, $\s, (http_head:trim(Rest))/binary>> | Lines]);
unfold([Line | Lines]) -> [Line | unfold(Lines)];
unfold([]) -> [].

pair(Line) ->
    [Name, Value] = binary:split(Line, <<":">>),
    {lower(binary_to_list(http_head:trim(Name))),
     binary_to_list(http_head:trim(Value))}.

%% Of ASCII, as headers are bytes.
lower(Text) ->
    [case C of _ when C >= $A, C =< $Z -> C + 32; _ -> C end || C <- Text].

%% As a client sends them: known ones first, the general ones last of these;
%% of two with one name the later one counts.
request(Headers) ->
    Known = lists:reverse(general() ++ of_request() ++ entity()),
    known(Known, lists:reverse(Headers)) ++ others(Known, Headers).

%% As a client shows them; of two with one name the first one counts.
response(Headers) ->
    Known = general() ++ of_response() ++ entity(),
    known(Known, Headers) ++ others(Known, Headers).

known(Names, Headers) ->
    [Header || Name <- Names,
               {_, Value} = Header <- [lists:keyfind(Name, 1, Headers)],
               Value =/= undefined].

others(Names, Headers) ->
    [H || {Name, _} = H <- Headers, not lists:member(Name, Names)].
