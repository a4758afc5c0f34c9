%% SPDX-License-Identifier: Apache-2.0
%% http_head: the lines in front of a body.
-module(http_head).

-export([lines/1, status/2, trim/1, without_return/1]).

%% The lines up to an empty one, without it, and what is behind; or more. Lines
%% may lack their carriage return.
lines(<<"\r\n", Rest/binary>>) -> {[], Rest};
lines(<<"\n", Rest/binary>>) -> {[], Rest};
lines(Bytes) ->
    case binary:match(Bytes, [<<"\n\r\n">>, <<"\n\n">>]) of
        {At, Size} ->
            <<Head:At/binary, _:Size/binary, Rest/binary>> = Bytes,
            {[without_return(L)
              || L <- binary:split(Head, <<"\n">>, [global])], Rest};
        nomatch -> more
    end.

%% These are bytes, of whatever encoding.
without_return(Line) ->
    Size = byte_size(Line) - 1,
    case Line of
        <<Begin:Size/binary, $\r>> -> Begin;
        _ -> Line
    end.

%% Without spaces around it.
trim(<<C, Rest/binary>>) when C =:= $\s; C =:= $\t -> trim(Rest);
trim(Bytes) ->
    Size = byte_size(Bytes) - 1,
    case Bytes of
        <<Begin:Size/binary, C>> when C =:= $\s; C =:= $\t; C =:= $\r ->
            trim(Begin);
        _ -> Bytes
    end.

%% {Version, Code, Phrase} of the first line of an answer; the last space may
%% only be missing for who is relaxed. Fails with an error if it is none.
status(Line, Relaxed) ->
    [<<"HTTP/", _/binary>> = Version, Text] = binary:split(Line, <<" ">>),
    {Code, Phrase} = case binary:split(Text, <<" ">>) of
                         [C, P] -> {C, P};
                         [C] when Relaxed -> {C, <<" ">>}
                     end,
    {binary_to_list(Version), binary_to_integer(trim(Code)),
     binary_to_list(Phrase)}.
