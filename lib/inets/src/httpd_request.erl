%% SPDX-License-Identifier: Apache-2.0
%% httpd_request: requests as they come.
-module(httpd_request).

-export([parse/1, parse_more/1, validate/3, update/5]).

-include("httpd.hrl").

-define(VERSION, "HTTP/1.1"). % to answer with when none is known
-define(METHOD_SIZE, 20).
-define(VERSION_SIZE, 8).

%% [Bytes, Options] -> {ok, {Method, Uri, Version, {Headers, Headers}, Rest}},
%% {error, What, Version}, or {Module, Function, Args}: to be called with
%% [MoreBytes | Args]. Options are max_uri, max_header, max_content_length and
%% customize.
parse([Bytes, Options]) -> parse_more([Bytes, <<>>, Options]).

parse_more([Bytes, Before, Options]) ->
    All = <<Before/binary, Bytes/binary>>,
    case http_head:lines(All) of
        {[], Rest} when Rest =/= <<>> -> parse([Rest, Options]);
        {[First | Lines], Rest} -> whole(First, Lines, Rest, Options);
        _ ->
            [First | Lines] = binary:split(All, <<"\n">>),
            Words = words(First),
            try
                check_line(Words, Options),
                check_headers(Lines, version(Words), Options),
                {?MODULE, parse_more, [All, Options]}
            catch throw:{error, _, _} = Error -> Error
            end
    end.

whole(First, Lines, Rest, Options) ->
    Words = words(First),
    try
        check_line(Words, Options),
        check_headers(Lines, version(Words), Options),
        {Method, Uri, Version} = first_line(Words),
        Headers = headers(Lines),
        [check_length(V, Options, Version)
         || {"content-length", V} <- Headers],
        Module = proplists:get_value(customize, Options, none),
        Own = lists:reverse(httpd_custom:request(Module, Headers)),
        {ok, {Method, Uri, Version, {Own, Own}, Rest}}
    catch throw:{error, _, _} = Error -> Error
    end.

words(Line) -> binary:split(http_head:trim(Line), <<" ">>, [global, trim_all]).

%% That of the request if it is known already.
version([_, _, Version]) -> binary_to_list(Version);
version(_) -> ?VERSION.

first_line([Method, Uri, Version]) ->
    {binary_to_list(Method), binary_to_list(Uri), binary_to_list(Version)};
first_line(_) ->
    throw({error, {version_error, 505, "HTTP Version not supported"},
           ?VERSION}).

%% Lines without a colon, or with a space in front of it, are passed over.
headers(Lines) ->
    lists:append([try
                      [Name, _] = binary:split(Line, <<":">>),
                      false = Name =:= <<>> orelse binary:last(Name) =:= $\s,
                      http_headers:parse([Line])
                  catch error:_ -> []
                  end || Line <- Lines]).

check_line([Method | Words], Options) ->
    byte_size(Method) > ?METHOD_SIZE
        andalso too_long(?METHOD_SIZE, 413, "Method unreasonably long",
                         ?VERSION),
    Most = proplists:get_value(max_uri, Options, nolimit),
    case Words of
        [Uri | _] when is_integer(Most), byte_size(Uri) > Most ->
            too_long(Most, 414, "URI unreasonably long", ?VERSION);
        [_, Version | _] ->
            byte_size(http_head:trim(Version)) > ?VERSION_SIZE
                andalso too_long(?VERSION_SIZE, 413,
                                 "Version string unreasonably long", ?VERSION);
        _ -> ok
    end;
check_line([], _) -> ok.

check_headers(Lines, Version, Options) ->
    Most = proplists:get_value(max_header, Options, nolimit),
    Most =/= nolimit
        andalso lists:sum([byte_size(L) || L <- Lines]) > Most
        andalso too_long(Most, 413, "Headers unreasonably long", Version).

too_long(Most, Code, Text, Version) ->
    throw({error, {size_error, Most, Code, Text}, Version}).

check_length(Text, Options, Version) ->
    Most = proplists:get_value(max_content_length, Options, 100000000),
    Bad = fun(Code, Why) -> too_long(Most, Code, Why, Version) end,
    length(Text) =< length(integer_to_list(Most))
        orelse Bad(413, "content-length unreasonably long"),
    case string:to_integer(Text) of
        {N, []} when N >= 0 -> ok;
        {N, []} when is_integer(N) -> Bad(411, "negative content-length");
        _ -> Bad(411, "content-length not an integer")
    end.

%% {ok, Uri} | {error, Reason}
validate("TRACE", Uri, "HTTP/1." ++ [N | _]) when N >= $1 -> normal(Uri);
validate(Method, Uri, Version) ->
    Known = lists:member(Method, ["HEAD", "GET", "PUT", "DELETE", "POST",
                                  "PATCH"]),
    case Version of
        "HTTP/1." ++ _ when Known -> normal(Uri);
        _ when Version =:= "HTTP/1.1"; Version =:= "HTTP/1.0" ->
            {error, {not_supported, {Method, Uri, Version}}};
        _ -> {error, {bad_version, Version}}
    end.

normal(Uri) ->
    case uri_string:normalize(Uri) of
        {error, _, _} -> {error, {bad_request, {malformed_syntax, Uri}}};
        Normal -> {ok, Normal}
    end.

%% The #mod{} of a request.
update(#mod{config_db = Table} = Mod, Method, Uri, Version, Headers) ->
    Mod#mod{data = [], method = Method, http_version = Version,
            absolute_uri = absolute(Uri, Headers), request_uri = local(Uri),
            request_line = Method ++ " " ++ Uri ++ " " ++ Version,
            parsed_header = Headers,
            connection = httpd_util:lookup(Table, keep_alive, true)
                andalso Version >= "HTTP/1.1"
                andalso http_headers:get("connection", Headers, "keep-alive")
                            =:= "keep-alive"}.

absolute("http://" ++ Uri, _) -> "HTTP://" ++ Uri;
absolute("HTTP://" ++ _ = Uri, _) -> Uri;
absolute(Uri, Headers) ->
    case http_headers:get("host", Headers) of
        undefined -> nohost;
        Host -> Host ++ Uri
    end.

local("http://" ++ Rest) -> behind_host(Rest);
local("HTTP://" ++ Rest) -> behind_host(Rest);
local(Uri) -> Uri.

behind_host(Rest) ->
    case lists:dropwhile(fun(C) -> C =/= $/ end, Rest) of
        [] -> "/";
        Path -> Path
    end.
