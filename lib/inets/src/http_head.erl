%% SPDX-License-Identifier: Apache-2.0
%% http_head: the lines in front of a body.
-module(http_head).

-export([lines/1, split/2, status/2]).

%% The lines up to an empty one, without it, and what is behind; or more. Lines
%% may lack their carriage return.
lines(<<"\r\n", Rest/binary>>) -> {[], Rest};
lines(<<"\n", Rest/binary>>) -> {[], Rest};
lines(Bytes) ->
    case split(Bytes, 0) of
        more -> more;
        {Head, Rest} ->
            {[string:trim(L, trailing, "\r")
              || L <- binary:split(Head, <<"\n">>, [global])], Rest}
    end.

%% {Head, Rest} at the first empty line that begins at From or behind.
split(Bytes, From) ->
    Scope = {From, byte_size(Bytes) - From},
    case binary:match(Bytes, [<<"\n\r\n">>, <<"\n\n">>], [{scope, Scope}]) of
        {At, Size} ->
            <<Head:At/binary, _:Size/binary, Rest/binary>> = Bytes,
            {Head, Rest};
        nomatch -> more
    end.

%% {Version, Code, Phrase} of the first line of an answer; the last space may
%% only be missing for who is relaxed. Fails with an error if it is none.
status(Line, Relaxed) ->
    [<<"HTTP/", _/binary>> = Version, Text] = binary:split(Line, <<" ">>),
    {Code, Phrase} = case binary:split(Text, <<" ">>) of
                         [C, P] -> {C, P};
                         [C] when Relaxed -> {C, <<" ">>}
                     end,
    {binary_to_list(Version), binary_to_integer(string:trim(Code)),
     binary_to_list(Phrase)}.
