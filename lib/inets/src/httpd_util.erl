%% SPDX-License-Identifier: Apache-2.0
%% httpd_util: what modules of an HTTP server need: properties, texts, dates,
%% and checks of what properties may be.
-module(httpd_util).

-export([lookup/2, lookup/3, multi_lookup/2, lookup_mime/2, lookup_mime/3,
         lookup_mime_default/2, lookup_mime_default/3, reason_phrase/1,
         message/3, rfc1123_date/0, rfc1123_date/1, custom_date/0,
         convert_request_date/1, create_etag/1, day/1, month/1]).
-export([split/3, split_path/1, split_script_path/1, strip/1, suffix/1,
         strip_extension_dot/1, flatlength/1, hexlist_to_integer/1,
         integer_to_hexlist/1, decode_hex/1, encode_hex/1, uniq/1,
         ip_address/2, make_name/3, make_name/4, html_encode/1,
         modules_validate/1, error_log/2]).

-include_lib("kernel/include/file.hrl").

%% ---- properties ----

%% The first value of a property, of which a server may have several.
lookup(Table, Key) -> lookup(Table, Key, undefined).

lookup(Table, Key, Default) ->
    try ets:lookup(Table, Key) of
        [{_, Value} | _] -> Value;
        [] -> Default
    catch error:badarg -> Default
    end.

multi_lookup(Table, Key) -> [Value || {_, Value} <- ets:lookup(Table, Key)].

%% The type of files with an extension.
lookup_mime(Table, Extension) -> lookup_mime(Table, Extension, undefined).

lookup_mime(Table, Extension, Default) ->
    proplists:get_value(Extension, lookup(Table, mime_types, []), Default).

lookup_mime_default(Table, Extension) ->
    lookup_mime_default(Table, Extension, undefined).

lookup_mime_default(Table, Extension, Default) ->
    case lookup_mime(Table, Extension) of
        undefined -> lookup(Table, default_type, Default);
        Type -> Type
    end.

%% ---- texts ----

reason_phrase(100) -> "Continue";
reason_phrase(101) -> "Switching Protocols";
reason_phrase(102) -> "Processing";
reason_phrase(200) -> "OK";
reason_phrase(201) -> "Created";
reason_phrase(202) -> "Accepted";
reason_phrase(203) -> "Non-Authoritative Information";
reason_phrase(204) -> "No Content";
reason_phrase(205) -> "Reset Content";
reason_phrase(206) -> "Partial Content";
reason_phrase(207) -> "Multi-Status";
reason_phrase(226) -> "IM Used";
reason_phrase(300) -> "Multiple Choices";
reason_phrase(301) -> "Moved Permanently";
reason_phrase(302) -> "Moved Temporarily";
reason_phrase(303) -> "See Other";
reason_phrase(304) -> "Not Modified";
reason_phrase(305) -> "Use Proxy";
reason_phrase(306) -> "(unused)";
reason_phrase(307) -> "Temporary Redirect";
reason_phrase(308) -> "Permanent Redirect";
reason_phrase(400) -> "Bad Request";
reason_phrase(401) -> "Unauthorized";
reason_phrase(402) -> "Payment Required";
reason_phrase(403) -> "Forbidden";
reason_phrase(404) -> "Object Not Found";
reason_phrase(405) -> "Method Not Allowed";
reason_phrase(406) -> "Not Acceptable";
reason_phrase(407) -> "Proxy Authentication Required";
reason_phrase(408) -> "Request Time-out";
reason_phrase(409) -> "Conflict";
reason_phrase(410) -> "Gone";
reason_phrase(411) -> "Length Required";
reason_phrase(412) -> "Precondition Failed";
reason_phrase(413) -> "Request Entity Too Large";
reason_phrase(414) -> "Request-URI Too Large";
reason_phrase(415) -> "Unsupported Media Type";
reason_phrase(416) -> "Requested Range Not Satisfiable";
reason_phrase(417) -> "Expectation Failed";
reason_phrase(422) -> "Unprocessable Entity";
reason_phrase(423) -> "Locked";
reason_phrase(424) -> "Failed Dependency";
reason_phrase(425) -> "";
reason_phrase(426) -> "Upgrade Required";
reason_phrase(501) -> "Not Implemented";
reason_phrase(502) -> "Bad Gateway";
reason_phrase(503) -> "Service Unavailable";
reason_phrase(504) -> "Gateway Time-out";
reason_phrase(505) -> "HTTP Version not supported";
reason_phrase(507) -> "Insufficient Storage";
reason_phrase(_) -> "Internal Server Error".

%% What a page tells of a status; Arg depends on the status.
message(301, Url, _) ->
    "The document has moved <A HREF=\"" ++ html_encode(Url) ++ "\">here</A>.";
message(304, _, _) -> "The document has not been changed.";
message(400, Arg, _) ->
    "Your browser sent a query that this server could not understand. "
        ++ case Arg of
               none -> "";
               _ -> html_encode(Arg)
           end;
message(401, none, _) ->
    "This server could not verify that you\nare authorized to access the "
        "document you\n\trequested.  Either you supplied the wrong\n"
        "credentials (e.g., bad password), or your\nbrowser doesn't "
        "understand how to supply\nthe credentials required.";
message(403, Uri, _) ->
    "You don't have permission to access " ++ html_encode(Uri)
        ++ " on this server.";
message(404, Uri, _) ->
    "The requested URL " ++ html_encode(Uri)
        ++ " was not found on this server.";
message(408, Text, _) -> Text;
message(412, none, _) -> "The requested preconditions were false";
message(413, Reason, _) -> "Entity: " ++ html_encode(Reason);
message(414, Phrase, _) -> "Message " ++ html_encode(Phrase) ++ ".";
message(500, _, Table) ->
    Admin = lookup(Table, server_admin, "unknown@unknown"),
    "The server encountered an internal error or misconfiguration and was "
        "unable to complete your request.<P>Please contact the server "
        "administrator " ++ html_encode(Admin)
        ++ ", and inform them of the time the error occurred and anything "
        "you might have done that may have caused the error.";
message(501, {Method, Uri, Version}, _) ->
    lists:concat([Method, " to ", html_encode(Uri), " (", Version,
                  ") not supported."]);
message(503, Text, _) ->
    "This service in unavailable due to: " ++ html_encode(Text);
message(_, Phrase, _) -> html_encode(Phrase).

html_encode(Text) -> lists:append([escape(C) || C <- lists:flatten(Text)]).

escape(C) ->
    case lists:member(C, "&<>\"'/") of
        true -> lists:append(["&#", integer_to_list(C), ";"]);
        false -> [C]
    end.

%% ---- dates ----

rfc1123_date() -> http_text:date().

rfc1123_date(undefined) -> undefined;
rfc1123_date(Local) ->
    http_text:date(case calendar:local_time_to_universal_time_dst(Local) of
                       [] -> Local;
                       Times -> lists:last(Times)
                   end).

%% For files of logs.
custom_date() ->
    {{Y, Mo, D}, {H, Mi, S}} = Local = calendar:local_time(),
    Ahead = calendar:datetime_to_gregorian_seconds(Local)
        - calendar:datetime_to_gregorian_seconds(calendar:universal_time()),
    Minutes = abs(round(Ahead / 60)),
    Sign = case Ahead > 0 of true -> $+; false -> $- end,
    lists:flatten(io_lib:format("~2..0w/~s/~4w:~2..0w:~2..0w:~2..0w "
                                "~c~2..0w~2..0w",
                                [D, month(Mo), Y, H, Mi, S, Sign,
                                 Minutes div 60, Minutes rem 60])).

convert_request_date(Text) -> http_text:parse_date(Text).

day(N) ->
    element(N, {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}).

month(N) ->
    element(N, {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
                "Oct", "Nov", "Dec"}).

%% A name of what a file holds: of its time and size.
create_etag(#file_info{mtime = {{Y, Mo, D}, {H, Mi, S}}, size = Size}) ->
    [figure(N rem 60) || N <- [Y, Mo, D, H, Mi, S]] ++ integer_to_list(Size).

figure(N) when N =< 25 -> $A + N;
figure(N) when N =< 50 -> $a + N - 25;
figure(N) -> N - 3.

%% ---- text of all kinds ----

split(Text, Pattern, N) ->
    {ok, re:split(Text, Pattern, [{parts, N}, {return, list}])}.

%% {Path, Query}
split_path(Uri) ->
    case uri_string:parse(Uri) of
        #{path := Path, query := Query, fragment := Fragment} ->
            {Path, Query ++ "#" ++ Fragment};
        #{path := Path, query := Query} -> {Path, Query};
        #{path := Path} -> {Path, []}
    end.

%% {Path, {PathInfo, Query}}
split_script_path(Uri) ->
    case uri_string:parse(Uri) of
        #{fragment := _, query := _} -> not_a_script;
        #{path := Path, query := Query} -> {Path, {[], Query}};
        #{path := Path} -> {Path, []}
    end.

strip(Text) -> string:trim(Text, both, " \t").

suffix(Path) -> strip_extension_dot(Path).

strip_extension_dot(Path) ->
    case filename:extension(Path) of
        [] -> [];
        [_ | Extension] -> Extension
    end.

flatlength(Data) -> iolist_size(Data).

hexlist_to_integer(Text) -> list_to_integer(Text, 16).
integer_to_hexlist(N) -> integer_to_list(N, 16).

decode_hex(Text) -> uri_string:unquote(Text).
encode_hex(Text) -> uri_string:quote(Text, "!$()*").

uniq([A, A | More]) -> uniq([A | More]);
uniq([A | More]) -> [A | uniq(More)];
uniq([]) -> [].

ip_address(Address, _) when is_tuple(Address) -> {ok, Address};
ip_address(Host, Family) -> inet:getaddr(Host, Family).

make_name(Prefix, Address, Port) -> make_name(Prefix, Address, Port, "").

make_name(Prefix, Any, Port, Suffix) when Any =:= any; Any =:= undefined;
                                          Any =:= "*" ->
    list_to_atom(lists:concat([Prefix, "_", Port, Suffix]));
make_name(Prefix, Address, Port, Suffix) ->
    Text = case Address of
               _ when is_tuple(Address) ->
                   lists:concat(lists:join("_", tuple_to_list(Address)));
               _ -> lists:map(fun($.) -> $_; (C) -> C end, Address)
           end,
    list_to_atom(lists:concat([Prefix, "__", Text, "__", Port, Suffix])).

%% ---- checks; what is wrong is thrown ----

modules_validate(Modules) ->
    [case code:which(M) of
         non_existing -> throw({module_does_not_exist, M});
         _ -> ok
     end || M <- Modules, is_atom(M) orelse throw({module_name_not_atom, M})],
    ok.

%% ---- what has gone wrong ----

%% Report goes to the logger, if a property says so, and to files of logs.
error_log(Table, Report) ->
    case lookup(Table, logger) of
        undefined -> ok;
        Logger ->
            Domain = proplists:get_value(error, Logger),
            logger:log(error, Report,
                       #{domain => [otp, inets, httpd, Domain, error],
                         report_cb => fun httpd_log:format/1})
    end,
    Modules = lookup(Table, modules, httpd_conf:defaults()),
    [Module:report_error(Table, httpd_log:line(Report))
     || Module <- [mod_log, mod_disk_log], lists:member(Module, Modules)],
    ok.
