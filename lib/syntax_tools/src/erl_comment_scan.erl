%% SPDX-License-Identifier: Apache-2.0
%% Finds the comments of a source text: {Line, Column, Indentation, Lines},
%% where the indentation is the distance from what stands before on the line.
-module(erl_comment_scan).
-export([file/1, string/1, scan_lines/1, join_lines/1]).
-export_type([comment/0]).

-type comment() :: {integer(), integer(), integer(), [string()]}.

file(Name0) ->
    Name = name(Name0),
    case file:read_file(Name) of
        {ok, Bytes} -> string(characters(Bytes, Name));
        {error, Reason} ->
            report("error reading file `~ts'.", [Name]),
            exit({read, Reason})
    end.

name(Name) ->
    case catch lists:all(fun(C) -> is_integer(C) andalso C > 0 end, Name) of
        true -> Name;
        _ ->
            report("bad filename: `~tP'.", [Name, 25]),
            exit(error)
    end.

%% In the encoding that the file names, else the usual one, else Latin-1.
characters(Bytes, Name) ->
    Encodings = case epp:read_encoding_from_binary(Bytes) of
                    none -> [epp:default_encoding(), latin1];
                    Encoding -> [Encoding]
                end,
    Texts = [unicode:characters_to_list(Bytes, E) || E <- Encodings],
    case lists:filter(fun is_list/1, Texts) of
        [Text | _] -> Text;
        [] ->
            report("error reading file `~ts'.", [Name]),
            exit(hd(Texts))
    end.

report(Format, Args) ->
    error_logger:error_msg(lists:concat([?MODULE, ": ", Format, "\n"]), Args).

string(Text) -> lists:reverse(join_lines(scan_lines(Text))).

%% One entry a line, the last line first, each with its text.
scan_lines(Text) -> code(Text, 1, 0, 0, []).

%% Col is the column from 0, Code where the last code of the line ended.
code([$\s | T], L, Col, Code, Acc) -> code(T, L, Col + 1, Code, Acc);
code([$\t | T], L, Col, Code, Acc) -> code(T, L, tab(Col), Code, Acc);
code([$\r, $\n | T], L, _, _, Acc) -> code(T, L + 1, 0, 0, Acc);
code([C | T], L, _, _, Acc) when C =:= $\n; C =:= $\r ->
    code(T, L + 1, 0, 0, Acc);
code([$% | T], L, Col, Code, Acc) ->
    {Text, Rest} = lists:splitwith(fun(C) -> C =/= $\n andalso C =/= $\r end,
                                   T),
    Line = lists:reverse(string:trim(lists:reverse(Text), leading)),
    code(line_end(Rest), L + 1, 0, 0, [{L, Col + 1, Col - Code, Line} | Acc]);
code([$$ | T], L, Col, _, Acc) -> character(T, L, Col + 1, Acc);
code([Quote | T], L, Col, _, Acc) when Quote =:= $"; Quote =:= $' ->
    quoted(T, Quote, L, Col + 1, Acc);
code([_ | T], L, Col, _, Acc) -> code(T, L, Col + 1, Col + 1, Acc);
code([], _, _, _, Acc) -> Acc.

tab(Col) -> Col - Col rem 8 + 8.

line_end([$\r, $\n | T]) -> T;
line_end([_ | T]) -> T;
line_end([]) -> [].

%% After $: the character means nothing.
character([$\t | T], L, Col, Acc) -> code(T, L, tab(Col), tab(Col), Acc);
character([C | _] = T, L, _, Acc) when C =:= $\n; C =:= $\r ->
    code(line_end(T), L + 1, 0, 0, Acc);
character([$\\, _ | T], L, Col, Acc) -> code(T, L, Col + 2, Col + 2, Acc);
character([_ | T], L, Col, Acc) -> code(T, L, Col + 1, Col + 1, Acc);
character([], _, _, Acc) -> Acc.

quoted([Quote | T], Quote, L, Col, Acc) ->
    code(T, L, Col + 1, Col + 1, Acc);
quoted([$\t | T], Quote, L, Col, Acc) -> quoted(T, Quote, L, tab(Col), Acc);
quoted([C | _] = T, Quote, L, _, Acc) when C =:= $\n; C =:= $\r ->
    quoted(line_end(T), Quote, L + 1, 0, Acc);
quoted([$\\, _ | T], Quote, L, Col, Acc) ->
    quoted(T, Quote, L, Col + 2, Acc);
quoted([_ | T], Quote, L, Col, Acc) -> quoted(T, Quote, L, Col + 1, Acc);
quoted([], _, _, _, Acc) -> Acc.

%% Lines below each other and in the same column are one comment, if all but
%% the first are alone on their lines.
join_lines([]) -> [];
join_lines([{L, Col, Indent, Text} | Lines]) ->
    join(Lines, [Text], L, Col, Indent).

join([{L1, Col, Indent1, Text} | Lines], Texts, L, Col, Indent)
  when L1 =:= L - 1, Indent + 1 =:= Col ->
    join(Lines, [Text | Texts], L1, Col, Indent1);
join(Lines, Texts, L, Col, Indent) ->
    [{L, Col, Indent, Texts} | join_lines(Lines)].
