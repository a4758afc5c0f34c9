%% SPDX-License-Identifier: Apache-2.0
%% Parses XML for its events: fun(Event, {Location, Entity, Line}, State) is
%% called with each and returns the next state. Input may come in pieces,
%% from a continuation function.
-module(xmerl_sax_parser).
-export([file/2, stream/2, stream/3, default_continuation_cb/1]).
-include("xmerl_sax_parser.hrl").

file(Name, Options) ->
    case file:open(Name, [raw, read_ahead, read, binary]) of
        {error, Reason} -> {error, {Name, file:format_error(Reason)}};
        {ok, Fd} ->
            Ours = [{continuation_fun, fun default_continuation_cb/1},
                    {continuation_state, Fd},
                    {current_location,
                     filename:absname(filename:dirname(Name))},
                    {entity, filename:basename(Name)}],
            Result = stream(<<>>, Ours ++ Options, file),
            ok = file:close(Fd),
            Result
    end.

default_continuation_cb(Fd) ->
    case file:read(Fd, 1024) of
        eof -> {<<>>, Fd};
        {ok, Bytes} -> {Bytes, Fd}
    end.

stream(Xml, Options) -> stream(Xml, Options, stream).

stream(Xml, Options, Type) when is_list(Options) ->
    case options(Options, initial()) of
        {error, Reason} -> {error, Reason};
        S when is_list(Xml) ->
            parse(Xml, S#sax{encoding = list,
                                                input_type = Type});
        S when is_binary(Xml) ->
            S1 = S#sax{input_type = Type},
            try detect(Xml, S1) of
                {Xml1, S2} ->
                    {Text, S3} = xmerl_sax_text:decode(Xml1, S2),
                    parse(Text, S3)
            catch throw:{fatal_error, {S2, Reason}} ->
                    #sax{current_location = Place,
                                            entity = Entity,
                                            event_state = State} = S2,
                    {fatal_error, {Place, Entity, 1}, Reason, [], State}
            end
    end.

initial() ->
    #sax{
       event_fun = fun(_, _, State) -> State end,
       ns = [{"xml", "http://www.w3.org/XML/1998/namespace"}],
       current_location = ".", entity = ""}.

options([], S) -> S;
options([Option | Options], S) ->
    case option(Option, S) of
        #sax{} = S1 -> options(Options, S1);
        {error, Reason} -> {error, lists:flatten(Reason)}
    end.

option({event_state, X}, S) -> S#sax{event_state = X};
option({event_fun, X}, S) -> S#sax{event_fun = X};
option({continuation_state, X}, S) ->
    S#sax{continuation_state = X};
option({continuation_fun, X}, S) ->
    S#sax{continuation_fun = X};
option({file_type, X}, S) when X =:= normal; X =:= dtd ->
    S#sax{file_type = X};
option({encoding, utf16}, S) ->
    S#sax{encoding = {utf16, big}};
option({encoding, X}, S) ->
    case lists:member(X, [utf8, {utf16, little}, {utf16, big}, latin1,
                          list]) of
        true -> S#sax{encoding = X};
        false ->
            {error, io_lib:format("Character set ~p not supported", [X])}
    end;
option({current_location, X}, S) ->
    S#sax{current_location = X};
option({entity, X}, S) -> S#sax{entity = X};
option(skip_external_dtd, S) ->
    S#sax{skip_external_dtd = true};
option(Option, _) ->
    {error, io_lib:format("Option: ~p not supported", [Option])}.

%% The encoding: by a byte order mark, by < in wide characters, or by what
%% the declaration says, as far as its own bytes are ASCII.

detect(<<>>, #sax{continuation_fun = undefined} = S) ->
    xmerl_sax_text:fatal(
      S, "Can't detect character encoding due to lack of indata");
detect(<<>>, S) ->
    {Bytes, S1} = more_bytes(<<>>, S),
    detect(Bytes, S1);
detect(Bytes, S) ->
    case unicode:bom_to_encoding(Bytes) of
        {latin1, 0} -> detect_start(Bytes, S);
        {Encoding, Length} ->
            <<_:Length/binary, Rest/binary>> = Bytes,
            {Rest, S#sax{encoding = Encoding}}
    end.

detect_start(<<0, $<, 0, $?, _/binary>> = Bytes, S) ->
    {Bytes, S#sax{encoding = {utf16, big}}};
detect_start(<<$<, 0, $?, 0, _/binary>> = Bytes, S) ->
    {Bytes, S#sax{encoding = {utf16, little}}};
detect_start(<<"<?xml", _/binary>> = Bytes, S) ->
    case binary:match(Bytes, <<"?>">>) of
        nomatch ->
            {Bytes1, S1} = more_bytes(Bytes, S),
            detect_start(Bytes1, S1);
        {End, _} ->
            {Bytes, declared(binary:part(Bytes, 5, End - 3), S)}
    end;
detect_start(Bytes, S) ->
    Starts = [<<0, $<, 0, $?>>, <<$<, 0, $?, 0>>, <<"<?xml">>],
    case lists:any(fun(Start) ->
                           binary:longest_common_prefix([Bytes, Start])
                               =:= byte_size(Bytes)
                   end, Starts) of
        true ->
            {Bytes1, S1} = more_bytes(Bytes, S),
            detect_start(Bytes1, S1);
        false -> {Bytes, S}
    end.

more_bytes(Bytes, S) ->
    Raw = S#sax{encoding = list},
    try xmerl_sax_text:more([], Raw) of
        {New, #sax{continuation_state = State}} ->
            {<<Bytes/binary, New/binary>>,
             S#sax{continuation_state = State}}
    catch throw:{fatal_error, {_, "No more bytes"}} ->
            xmerl_sax_text:fatal(
              S, "Can't detect character encoding due to lack of indata")
    end.

declared(<<C, Text/binary>>, S) ->
    lists:member(C, " \t\r\n") orelse
        xmerl_sax_text:fatal(S, "Expected whitespace in directive"),
    case lists:keyfind("encoding", 1, pairs(binary_to_list(Text), S, [])) of
        {_, Name} ->
            Encoding = encoding(string:to_lower(Name), Name, S),
            S#sax{encoding = Encoding};
        false -> S
    end.

%% [{Name, Value}], the last first, up to ?>
pairs(Text, S, Acc) ->
    case blanks(Text) of
        "?>" ++ _ -> Acc;
        [C | _] = T when C >= $a, C =< $z ->
            {Name, T1} = lists:splitwith(fun(X) -> X >= $a andalso X =< $z
                                         end, T),
            {Value, T2} = paired(blanks(T1), S),
            pairs(T2, S, [{Name, Value} | Acc]);
        _ ->
            xmerl_sax_text:fatal(S, "Unknown attribute in xml directive")
    end.

paired([$= | T], S) ->
    case blanks(T) of
        [Quote | T1] when Quote =:= $'; Quote =:= $" ->
            case lists:splitwith(fun(C) -> C =/= Quote end, T1) of
                {Value, [_ | T2]} -> {Value, T2};
                _ ->
                    xmerl_sax_text:fatal(
                      S, "end of input and no ' or \" found")
            end;
        _ -> xmerl_sax_text:fatal(S, "', \" or whitespace expected")
    end;
paired(_, S) -> xmerl_sax_text:fatal(S, "expecting = or whitespace").

blanks(T) -> lists:dropwhile(fun(C) -> lists:member(C, " \t\r\n") end, T).

encoding("utf-8", _, _) -> utf8;
encoding("us-ascii", _, _) -> utf8;
encoding("latin1", _, _) -> latin1;
encoding([$i, $s, $o, $-, $8, $8, $5, $9, $-, N], _, _)
  when N >= $1, N =< $9 -> latin1;
encoding(_, Name, S) ->
    xmerl_sax_text:fatal(S, "Unknown encoding: " ++ Name).

%% One document; its end is an event after errors as well.

parse(Text, S) ->
    Result = try
                 S1 = xmerl_sax_text:event(startDocument, S),
                 case S#sax.file_type of
                     normal -> xmerl_sax_content:document(Text, S1);
                     dtd -> xmerl_sax_dtd:document(Text, S1)
                 end
             catch throw:Thrown -> Thrown;
                   _:Error -> {other, Error, S}
             end,
    try finish(Result)
    catch throw:{event_receiver_error, S2, {Tag, Reason}} ->
            report(Tag, S2, Reason);
          _:Other -> {fatal_error, Other}
    end.

finish({ok, Rest, S}) ->
    S1 = xmerl_sax_text:event(endDocument, S),
    case S1#sax.input_type =:= stream orelse Rest =:= [] of
        true -> done(Rest, S1);
        false -> report(fatal_error, S1, "Input found after legal document")
    end;
finish({endDocument, Rest, S}) ->
    done(Rest, xmerl_sax_text:event(endDocument, S));
finish({fatal_error, {S, Reason}}) ->
    report(fatal_error, xmerl_sax_text:event(endDocument, S), Reason);
finish({event_receiver_error, S, {Tag, Reason}}) ->
    report(Tag, xmerl_sax_text:event(endDocument, S), Reason);
finish({other, Error, S}) ->
    xmerl_sax_text:event(endDocument, S),
    {fatal_error, Error};
finish({Rest, S}) -> done(Rest, xmerl_sax_text:event(endDocument, S)).

done(Rest, #sax{event_state = State} = S) ->
    {ok, State, xmerl_sax_text:encode(Rest, S)}.

report(Tag, S, Reason) ->
    #sax{current_location = Place, entity = Entity,
                            line_no = Line, end_tags = Open,
                            event_state = State} = S,
    {Tag, {Place, Entity, Line}, Reason, [element(3, E) || E <- Open], State}.
