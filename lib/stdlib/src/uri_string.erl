%% SPDX-License-Identifier: Apache-2.0
%% uri_string: URIs (RFC 3986), taken apart and put together, and the queries of
%% HTML forms.
%%
%% Inside, all text is UTF-8 in binaries; results are of the kind the argument
%% was: string or binary.
-module(uri_string).

-export([parse/1, recompose/1, normalize/1, normalize/2]).
-export([resolve/2, resolve/3, transcode/2, allowed_characters/0]).
-export([quote/1, quote/2, unquote/1, percent_decode/1]).
-export([compose_query/1, compose_query/2, dissect_query/1]).
-export([is_host/1, is_path/1]).

-export_type([uri_string/0, uri_map/0, error/0]).

%% What may be escaped.
-define(TEXT_PARTS, [userinfo, host, path, query, fragment]).

-type uri_string() :: iodata().
-type error() :: {error, atom(), term()}.
-type uri_map() :: #{scheme => unicode:chardata(),
                     userinfo => unicode:chardata(),
                     host => unicode:chardata(),
                     port => non_neg_integer() | undefined,
                     path => unicode:chardata(),
                     query => unicode:chardata(),
                     fragment => unicode:chardata()}.

-define(IS_ALPHA(C), (C >= $a andalso C =< $z orelse C >= $A andalso C =< $Z)).
-define(IS_DIGIT(C), (C >= $0 andalso C =< $9)).

-define(IS_HEX(C), (?IS_DIGIT(C) orelse C >= $a andalso C =< $f
                    orelse C >= $A andalso C =< $F)).

-define(UNRESERVED, "-._~").
-define(SUB_DELIMS, "!$&'()*+,;=").

%% ---- Parse ----

-spec parse(uri_string()) -> uri_map() | error().
parse(Uri) when is_binary(Uri); is_list(Uri) ->
    Text = to_binary(Uri),
    try
        returned(parse_text(Text), Uri)
    catch throw:{bad, Char} ->
        {error, invalid_uri, unicode:characters_to_list(Char)}
    end.

%% Something: [scheme ":"] ["//" authority] path ["?" query] ["#" fragment].
parse_text(Text) ->
    case scheme(Text) of
        {Scheme, Rest} ->
            try parts(Rest, #{scheme => Scheme})
            %% Read without a scheme, the colon is what is wrong.
            catch throw:{bad, _} -> throw({bad, <<":">>})
            end;
        none -> parts(Text, #{})
    end.

scheme(<<C, _/binary>> = Text) when ?IS_ALPHA(C) ->
    N = count(Text, fun(X) -> is_alnum(X) orelse lists:member(X, "+-.") end),
    case Text of
        <<Scheme:N/binary, $:, Rest/binary>> -> {Scheme, Rest};
        _ -> none
    end;
scheme(_) -> none.

parts(Text, Map0) ->
    {Before, Map1} = cut_fragment(Text, Map0),
    {Hier, Map2} = cut_query(Before, Map1),
    case Hier of
        <<"//", Rest/binary>> ->
            N = count(Rest, fun(C) -> C =/= $/ end),
            <<Authority:N/binary, Path/binary>> = Rest,
            check(Path, "/:@"),
            authority(Authority, Map2#{path => Path});
        _ ->
            check_path(Hier, Map2),
            Map2#{path => Hier}
    end.

%% Without a scheme no colon stands in the first part of a path.
check_path(Path, Map) ->
    case is_map_key(scheme, Map) of
        true -> check(Path, "/:@");
        false ->
            [First | _] = binary:split(Path, <<"/">>),
            check(First, "@"),
            check(Path, "/:@")
    end.

cut_fragment(Text, Map) ->
    case binary:split(Text, <<"#">>) of
        [Before, Fragment] ->
            check(Fragment, "/:@?"),
            {Before, Map#{fragment => Fragment}};
        [_] -> {Text, Map}
    end.

cut_query(Text, Map) ->
    case binary:split(Text, <<"?">>) of
        [Before, Query] ->
            check(Query, "/:@?"),
            {Before, Map#{query => Query}};
        [_] -> {Text, Map}
    end.

authority(Text, Map0) ->
    {HostPort, Map} = case binary:split(Text, <<"@">>) of
                          [User, Rest] ->
                              check(User, ":"),
                              {Rest, Map0#{userinfo => User}};
                          [_] -> {Text, Map0}
                      end,
    case HostPort of
        <<"[", Rest1/binary>> ->
            N = count(Rest1, fun is_address_char/1),
            case Rest1 of
                <<Host:N/binary, "]", Port/binary>> ->
                    is_address(Host) orelse throw({bad, Host}),
                    port(Port, Map#{host => Host});
                <<_:N/binary, C/utf8, _/binary>> -> throw({bad, <<C/utf8>>});
                _ -> throw({bad, <<>>})
            end;
        _ ->
            N = count(HostPort, fun(C) -> C =/= $: end),
            <<Host:N/binary, Port/binary>> = HostPort,
            check(Host, ""),
            port(Port, Map#{host => Host})
    end.

is_address_char(C) ->
    ?IS_HEX(C) orelse C =:= $: orelse C =:= $. .

is_address(Host) ->
    case inet:parse_ipv6strict_address(binary_to_list(Host)) of
        {ok, _} -> true;
        _ -> false
    end.

port(<<>>, Map) -> Map;
port(<<":">>, Map) -> Map#{port => undefined};
port(<<$:, Digits/binary>>, Map) ->
    N = count(Digits, fun(C) -> ?IS_DIGIT(C) end),
    case Digits of
        <<_:N/binary>> -> Map#{port => binary_to_integer(Digits)};
        <<_:N/binary, C/utf8, _/binary>> -> throw({bad, <<C/utf8>>})
    end;
port(<<C/utf8, _/binary>>, _) -> throw({bad, <<C/utf8>>}).

%% All characters of a part are unreserved, percent signs, delimiters or among
%% [Others].
check(Text, Others) ->
    N = count(Text, fun(C) -> is_plain(C) orelse C =:= $%
                                  orelse lists:member(C, ?SUB_DELIMS)
                                  orelse lists:member(C, Others)
                    end),
    case Text of
        <<_:N/binary>> -> ok;
        <<_:N/binary, C/utf8, _/binary>> -> throw({bad, <<C/utf8>>})
    end.

count(Text, Is) -> count(Text, Is, 0).

count(<<C, Rest/binary>>, Is, N) ->
    case Is(C) of
        true -> count(Rest, Is, N + 1);
        false -> N
    end;
count(<<>>, _, N) -> N.

is_alnum(C) -> ?IS_ALPHA(C) orelse ?IS_DIGIT(C).

is_plain(C) -> is_alnum(C) orelse lists:member(C, ?UNRESERVED).

%% ---- Kinds of text ----

to_binary(Text) -> utf8(unicode:characters_to_binary(Text)).

utf8(Binary) when is_binary(Binary) -> Binary.

as(Binary, Like) when is_binary(Like) -> Binary;
as(Binary, _) -> unicode:characters_to_list(Binary).

returned(Map, Like) ->
    maps:map(fun(port, Port) -> Port;
                (_, Text) -> as(Text, Like)
             end, Map).

%% ---- Recompose ----

-spec recompose(uri_map()) -> uri_string() | error().
recompose(Map) ->
    case is_whole(Map) of
        false -> {error, invalid_map, Map};
        true ->
            try recompose_text(maps:map(fun encoded/2, Map)) of
                Text -> as(Text, like(Map))
            catch throw:{error, _, _} = Error -> Error
            end
    end.

%% Text, if any part is.
like(Map) ->
    case [T || T <- maps:values(Map), is_list(T)] of
        [Text | _] -> Text;
        [] -> <<>>
    end.

%% A port needs a host, or at least a user.
is_whole(#{path := _} = Map) ->
    lists:all(fun is_part/1, maps:keys(Map)) andalso
        (is_map_key(host, Map) orelse is_map_key(userinfo, Map)
         orelse not is_map_key(port, Map));
is_whole(_) -> false.

is_part(Key) -> lists:member(Key, [port | ?TEXT_PARTS]) orelse Key =:= scheme.

encoded(port, Port) -> Port;
encoded(scheme, Text) ->
    Scheme = to_binary(Text),
    %% It may begin as it likes, unlike one that is read.
    case scheme(<<"a", Scheme/binary, ":">>) of
        {<<"a", Scheme/binary>>, <<>>} when Scheme =/= <<>> -> Scheme;
        _ -> throw({error, invalid_scheme, Text})
    end;
encoded(userinfo, Text) -> escaped(Text, ?SUB_DELIMS ":%");
encoded(host, Text) ->
    Host = to_binary(Text),
    case is_address(Host) of
        true -> <<"[", Host/binary, "]">>;
        false -> escaped(Text, ?SUB_DELIMS "%")
    end;
encoded(path, Text) -> escaped(Text, ?SUB_DELIMS "/:@%");
encoded(_, Text) -> escaped(Text, ?SUB_DELIMS "/:@?%").

recompose_text(#{path := Path} = Map) ->
    Of = fun(Key, Before, After) ->
             case Map of
                 #{Key := Value} -> [Before, Value, After];
                 _ -> ""
             end
         end,
    Port = case Map of
               #{port := undefined} -> ":";
               #{port := N} -> [":", integer_to_binary(N)];
               _ -> ""
           end,
    Host = case Map of
               #{host := H} -> ["//", Of(userinfo, "", "@"), H];
               #{userinfo := U} -> ["//", U];
               _ -> ""
           end,
    Slash = case Path of
                <<C, _/binary>> when C =/= $/, is_map_key(host, Map) -> "/";
                _ -> ""
            end,
    iolist_to_binary([Of(scheme, "", ":"), Host, Port, Slash, Path,
                      Of(query, "?", ""), Of(fragment, "#", "")]).

%% All but letters, digits, "-._~" and [Safe] as %XX.
escaped(Text, Safe) ->
    << <<(escape(C, Safe))/binary>> || <<C>> <= to_binary(Text) >>.

escape(C, Safe) ->
    case is_plain(C) orelse lists:member(C, Safe) of
        true -> <<C>>;
        false -> percent(C)
    end.

percent(C) -> <<$%, (hex(C bsr 4)), (hex(C band 15))>>.

hex(N) when N < 10 -> $0 + N;
hex(N) -> $A + N - 10.

%% ---- Normalize ----

normalize(Uri) -> normalize(Uri, []).

-spec normalize(uri_string() | uri_map(), [return_map]) ->
          uri_string() | uri_map() | error().
normalize(Map, Options) when is_map(Map) ->
    Like = map_get(path, Map),
    Text = maps:map(fun(port, P) -> P;
                       (_, T) -> to_binary(T)
                    end, Map),
    try {returned(normalized(Text), Like), Options} of
        {Normal, [return_map]} -> Normal;
        {Normal, _} -> recompose(Normal)
    catch throw:{error, _, _} = Error -> Error
    end;
normalize(Uri, Options) when is_list(Options) ->
    case parse(Uri) of
        Map when is_map(Map) -> normalize(Map, Options);
        Error -> Error
    end.

normalized(Map0) ->
    Map1 = maps:map(fun(Key, Text) when Key =:= scheme; Key =:= host ->
                            lower(unescaped(Text));
                       (port, Port) -> Port;
                       (_, Text) -> unescaped(Text)
                    end, Map0),
    Path = without_dots(map_get(path, Map1)),
    by_scheme(Map1#{path := Path}).

%% Escapes of characters that need none are undone, others in upper case.
unescaped(<<$%, A, B, Rest/binary>>) ->
    try list_to_integer([A, B], 16) of
        C ->
            Shown = case is_plain(C) of
                        true -> <<C>>;
                        false -> escape(C, "")
                    end,
            <<Shown/binary, (unescaped(Rest))/binary>>
    catch error:badarg ->
        throw({error, invalid_percent_encoding, <<$%, A, B>>})
    end;
unescaped(<<C, Rest/binary>>) -> <<C, (unescaped(Rest))/binary>>;
unescaped(<<>>) -> <<>>.

%% Letters outside of escapes.
lower(<<$%, A, B, Rest/binary>>) -> <<$%, A, B, (lower(Rest))/binary>>;
lower(<<C, Rest/binary>>) when C >= $A, C =< $Z ->
    <<(C + 32), (lower(Rest))/binary>>;
lower(<<C, Rest/binary>>) -> <<C, (lower(Rest))/binary>>;
lower(<<>>) -> <<>>.

by_scheme(#{port := undefined} = Map) -> by_scheme(maps:remove(port, Map));
by_scheme(#{scheme := Scheme, path := Path} = Map0) ->
    Map = case {default_port(Scheme), Map0} of
              {Port, #{port := Port}} -> maps:remove(port, Map0);
              _ -> Map0
          end,
    case Path of
        <<>> when Scheme =:= <<"http">>; Scheme =:= <<"https">> ->
            Map#{path := <<"/">>};
        _ -> Map
    end;
by_scheme(Map) -> Map.

default_port(<<"http">>) -> 80;
default_port(<<"https">>) -> 443;
default_port(<<"ftp">>) -> 21;
default_port(<<"ssh">>) -> 22;
default_port(<<"sftp">>) -> 22;
default_port(<<"tftp">>) -> 69;
default_port(_) -> none.

%% ---- Resolve ----

resolve(Ref, Base) -> resolve(Ref, Base, []).

%% The URI that a reference means where [Base] is the URI of the text it
%% stands in.
-spec resolve(uri_string() | uri_map(), uri_string() | uri_map(),
              [return_map]) -> uri_string() | uri_map() | error().
resolve(Ref, Base, Options) ->
    case {to_map(Ref), to_map(Base)} of
        {#{} = R, #{scheme := _} = B} ->
            Map = resolved(R, B),
            case Options of
                [return_map] -> Map;
                _ -> recompose(Map)
            end;
        {#{} = R, #{} = B} -> resolve_relative(R, B, Options);
        {#{}, Error} -> Error;
        {Error, _} -> Error
    end.

%% A base without a scheme will do only where the reference has one.
resolve_relative(#{scheme := _} = Ref, Base, Options) ->
    Map = resolved(Ref, Base),
    case Options of
        [return_map] -> Map;
        _ -> recompose(Map)
    end;
resolve_relative(_, _, _) -> {error, invalid_scheme, ""}.

to_map(Map) when is_map(Map) -> Map;
to_map(Uri) -> parse(Uri).

resolved(#{scheme := _, path := Path} = Ref, _) -> Ref#{path := plain(Path)};
resolved(#{host := _, path := Path} = Ref, Base) ->
    inherit([scheme], Base, Ref#{path := plain(Path)});
resolved(#{path := Path} = Ref, #{path := Under} = Base) ->
    Inherited = inherit([scheme, userinfo, host, port], Base, Ref),
    case to_binary(Path) of
        <<>> ->
            Map = Inherited#{path := Under},
            case is_map_key(query, Ref) of
                true -> Map;
                false -> inherit([query], Base, Map)
            end;
        <<"/", _/binary>> -> Inherited#{path := plain(Path)};
        Text ->
            Merged = merge(to_binary(Under), Text, Base),
            Inherited#{path := as(without_dots(Merged), Path)}
    end.

plain(Path) -> as(without_dots(to_binary(Path)), Path).

inherit(Keys, From, To) -> maps:merge(maps:with(Keys, From), To).

merge(<<>>, Path, #{host := _}) -> <<"/", Path/binary>>;
merge(Under, Path, _) ->
    case binary:matches(Under, <<"/">>) of
        [] -> Path;
        Slashes ->
            {At, 1} = lists:last(Slashes),
            <<(binary:part(Under, 0, At + 1))/binary, Path/binary>>
    end.

%% Segments . and .. are gone through (RFC 3986, 5.2.4).
without_dots(Path) -> without_dots(Path, <<>>).

without_dots(<<>>, Out) -> Out;
without_dots(<<"../", Rest/binary>>, Out) -> without_dots(Rest, Out);
without_dots(<<"./", Rest/binary>>, Out) -> without_dots(Rest, Out);
without_dots(<<"/./", Rest/binary>>, Out) ->
    without_dots(<<"/", Rest/binary>>, Out);
without_dots(<<"/.">>, Out) -> without_dots(<<"/">>, Out);
without_dots(<<"/../", Rest/binary>>, Out) ->
    without_dots(<<"/", Rest/binary>>, without_last(Out));
without_dots(<<"/..">>, Out) -> without_dots(<<"/">>, without_last(Out));
without_dots(<<".">>, Out) -> Out;
without_dots(<<"..">>, Out) -> Out;
without_dots(<<C, Rest/binary>>, Out) ->
    N = count(Rest, fun(X) -> X =/= $/ end),
    <<Segment:N/binary, More/binary>> = Rest,
    without_dots(More, <<Out/binary, C, Segment/binary>>).

without_last(Out) ->
    case binary:matches(Out, <<"/">>) of
        [] -> <<>>;
        Slashes -> binary:part(Out, 0, element(1, lists:last(Slashes)))
    end.

%% ---- Percent signs ----

-spec quote(unicode:chardata()) -> unicode:chardata().
quote(Text) -> quote(Text, "").

%% As %XX all but letters, digits, "-._~" and the characters of [Safe].
quote(Text, Safe) -> encode(Text, Safe).

encode(Text, Safe) when is_binary(Text); is_list(Text) ->
    as(escaped(Text, Safe), Text).

-spec unquote(unicode:chardata()) -> unicode:chardata() | error().
unquote(Text) ->
    Bytes = case Text of
                _ when is_binary(Text) -> Text;
                _ -> to_binary(Text)
            end,
    try as(decoded(Bytes), Text)
    catch throw:{error, _, _} = Error -> Error
    end.

-spec percent_decode(uri_string() | uri_map()) ->
          uri_string() | uri_map() | error().
percent_decode(Map) when is_map(Map) ->
    try maps:map(fun decoded_part/2, Map)
    catch throw:Error -> Error
    end;
percent_decode(Text) when is_binary(Text); is_list(Text) -> unquote(Text).

decoded_part(Key, Text) ->
    case lists:member(Key, ?TEXT_PARTS) andalso unquote(Text) of
        false -> Text;
        {error, _, _} = Error when is_binary(Text) -> throw(Error);
        {error, Reason, About} ->
            throw({error, {invalid, {Key, {Reason, About}}}});
        Plain -> Plain
    end.

decoded(Text) ->
    Bytes = bytes(Text),
    case unicode:characters_to_binary(Bytes) of
        Bytes -> Bytes;
        _ -> throw({error, invalid_utf8, Bytes})
    end.

bytes(Text) -> bytes(Text, <<>>).

bytes(<<$%, A, B, Rest/binary>>, Before) ->
    try list_to_integer([A, B], 16) of
        C -> bytes(Rest, <<Before/binary, C>>)
    catch error:badarg ->
        throw({error, invalid_percent_encoding, <<$%, A, B>>})
    end;
bytes(<<C, Rest/binary>>, Before) -> bytes(Rest, <<Before/binary, C>>);
bytes(<<>>, Done) -> Done.

%% Reads what stands behind percent signs in one encoding, writes it in another.
-spec transcode(uri_string(), [{in_encoding | out_encoding,
                                unicode:encoding()}]) -> uri_string() | error().
transcode(Uri, Options) ->
    In = proplists:get_value(in_encoding, Options, utf8),
    Out = proplists:get_value(out_encoding, Options, utf8),
    try
        Text = converted(Uri, In, utf8),
        ok = check_escapes(Text),
        Coded = << <<(recoded(Part, In, Out))/binary>>
                   || Part <- re:split(Text, "((?:%[0-9A-Fa-f]{2})+)") >>,
        case is_binary(Uri) of
            true -> converted(Coded, utf8, Out);
            false -> unicode:characters_to_list(Coded)
        end
    catch throw:{error, _, _} = Error -> Error
    end.

%% Two digits of base 16 must stand behind each percent sign that has two
%% characters behind it.
check_escapes(Text) ->
    case re:run(Text, "%(?![0-9A-Fa-f]{2})..", [dotall]) of
        nomatch -> ok;
        {match, [{At, _}]} ->
            Rest = binary:part(Text, At, byte_size(Text) - At),
            throw({error, invalid_percent_encoding,
                   unicode:characters_to_list(Rest)})
    end.

recoded(<<$%, _, _, _/binary>> = Part, In, Out) ->
    Bytes = converted(bytes(Part), In, Out),
    << <<(escape(C, ""))/binary>> || <<C>> <= Bytes >>;
recoded(Part, _, _) -> Part.

converted(Text, In, Out) ->
    case unicode:characters_to_binary(Text, In, Out) of
        {_, _, Rest} -> throw({error, invalid_input, Rest});
        Converted -> Converted
    end.

allowed_characters() ->
    Letters = lists:seq($A, $Z) ++ lists:seq($a, $z),
    Digits = "0123456789",
    Pchar = ?SUB_DELIMS ++ ":@",
    [{scheme, "+-." ++ Digits ++ Letters},
     {userinfo, lists:sort(?SUB_DELIMS "%:" ?UNRESERVED ++ Digits ++ Letters)},
     {host, lists:sort(?SUB_DELIMS ":" ?UNRESERVED ++ Digits ++ Letters)},
     {ipv4, ".0123456789"},
     {ipv6, ".0123456789:ABCDEFabcdef"},
     {regname, lists:sort(?SUB_DELIMS "%" ?UNRESERVED ++ Digits ++ Letters)},
     {path, lists:sort(Pchar ++ "/%" ?UNRESERVED ++ Digits ++ Letters)},
     {query, lists:sort(Pchar ++ "/%?" ?UNRESERVED ++ Digits ++ Letters)},
     {fragment, lists:sort(Pchar ++ "/%?" ?UNRESERVED ++ Digits ++ Letters)},
     {reserved, lists:sort(?SUB_DELIMS ":/?#[]@")},
     {unreserved, lists:sort(?UNRESERVED ++ Digits ++ Letters)}].

is_host(C) ->
    C =:= $: orelse is_plain(C) orelse lists:member(C, ?SUB_DELIMS).

is_path(C) ->
    is_plain(C) orelse lists:member(C, ?SUB_DELIMS "/:@").

%% ---- Queries ----

compose_query(Pairs) -> compose_query(Pairs, [{encoding, utf8}]).

%% Pairs as forms send them: spaces are +, pairs joined by &.
-spec compose_query([{unicode:chardata(), unicode:chardata() | true}],
                    [{encoding, atom()}]) -> uri_string() | error().
compose_query([], _) -> [];
compose_query(Pairs, Options) when is_list(Pairs) ->
    try
        Encoding = encoding(proplists:get_value(encoding, Options, utf8)),
        Text = iolist_to_binary(lists:join("&", [pair(P, Encoding)
                                                 || P <- Pairs])),
        IsText = lists:any(fun({K, V}) -> is_list(K) orelse is_list(V) end,
                           Pairs),
        case IsText of
            true -> unicode:characters_to_list(Text);
            false -> Text
        end
    catch throw:{error, _, _} = Error -> Error
    end.

pair({Key, true}, Encoding) -> form(Key, Encoding);
pair({Key, Value}, Encoding) ->
    [form(Key, Encoding), "=", form(Value, Encoding)].

encoding(latin1) -> latin1;
encoding(Encoding) when Encoding =:= utf8; Encoding =:= unicode -> utf8;
encoding(Encoding) -> throw({error, invalid_encoding, Encoding}).

form(Text, _) when not is_list(Text), not is_binary(Text) ->
    throw({error, invalid_input, Text});
form(Text, Encoding) ->
    case unicode:characters_to_list(Text) of
        Chars when is_list(Chars) -> [form_char(C, Encoding) || C <- Chars];
        {_, _, Rest} -> throw({error, invalid_input, Rest})
    end.

%% What the encoding lacks stands as the entity of HTML.
form_char($\s, _) -> "+";
form_char(C, _) when ?IS_ALPHA(C); ?IS_DIGIT(C); C =:= $*; C =:= $-; C =:= $.;
                     C =:= $_ ->
    [C];
form_char(C, utf8) -> [percent(B) || <<B>> <= <<C/utf8>>];
form_char(C, latin1) when C < 256 -> percent(C);
form_char(C, _) ->
    [form_char(X, utf8) || X <- "&#" ++ integer_to_list(C) ++ ";"].

%% The same, backwards; a name alone has the value true.
-spec dissect_query(uri_string()) ->
          [{unicode:chardata(), unicode:chardata() | true}] | error().
dissect_query(<<>>) -> [];
dissect_query([]) -> [];
dissect_query(Text) ->
    try
        Parts = binary:split(form_bytes(Text), <<"&">>, [global]),
        [case binary:split(P, <<"=">>) of
             [Key, Value] -> {form_text(Key, Text), form_text(Value, Text)};
             [Key] -> {form_text(Key, Text), true}
         end || P <- Parts]
    catch throw:{error, _, _} = Error -> Error
    end.

form_bytes(Text) when is_list(Text) -> converted(Text, utf8, utf8);
form_bytes(Text) ->
    case unicode:characters_to_binary(Text) of
        {_, _, <<Byte, _/binary>>} -> throw({error, invalid_character, [Byte]});
        Bytes -> Bytes
    end.

form_text(Part, Like) ->
    Spaced = binary:replace(Part, <<"+">>, <<" ">>, [global]),
    as(entities(form_decoded(Spaced)), Like).

form_decoded(Text) ->
    Bytes = try bytes(Text)
            catch throw:{error, invalid_percent_encoding, Bad} ->
                {At, _} = binary:match(Text, Bad),
                Rest = binary:part(Text, At, byte_size(Text) - At),
                throw({error, invalid_percent_encoding,
                       unicode:characters_to_list(Rest)})
            end,
    case unicode:characters_to_list(Bytes) of
        Chars when is_list(Chars) -> Chars;
        {_, _, <<Byte, _/binary>>} -> throw({error, invalid_input, [Byte]})
    end.

entities(Chars) -> numbered(unicode:characters_to_binary(Chars)).

%% &#N; is the character of number N.
numbered(Bytes) ->
    case binary:split(Bytes, <<"&#">>) of
        [_] -> Bytes;
        [Before, Rest] ->
            N = count(Rest, fun(C) -> ?IS_DIGIT(C) end),
            case Rest of
                <<Digits:N/binary, $;, After/binary>> when N > 0 ->
                    <<Before/binary, (binary_to_integer(Digits))/utf8,
                      (numbered(After))/binary>>;
                _ -> <<Before/binary, "&#", (numbered(Rest))/binary>>
            end
    end.
