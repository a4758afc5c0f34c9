%% SPDX-License-Identifier: Apache-2.0
%% Texts in the encodings that XML documents come in, to and from lists of
%% Unicode characters.
-module(xmerl_ucs).
-export([to_unicode/2, is_incharset/2]).
-export([is_iso10646/1, is_unicode/1, is_bmpchar/1, is_latin1/1, is_ascii/1,
         is_visible_latin1/1, is_visible_ascii/1, is_iso646_basic/1]).
-export([to_ucs2be/1, from_ucs2be/1, from_ucs2be/2,
         to_ucs2le/1, from_ucs2le/1, from_ucs2le/2,
         to_ucs4be/1, from_ucs4be/1, from_ucs4be/2,
         to_ucs4le/1, from_ucs4le/1, from_ucs4le/2,
         to_utf16be/1, from_utf16be/1, from_utf16be/2,
         to_utf16le/1, from_utf16le/1, from_utf16le/2,
         to_utf8/1, from_utf8/1, from_latin9/1]).

%% Classes

is_iso10646(C) when is_integer(C), C >= 0 ->
    C < 16#D800 orelse C >= 16#E000 andalso C < 16#FFFE orelse
        C > 16#FFFF andalso C =< 16#7FFFFFFF;
is_iso10646(_) -> false.

is_unicode(C) -> C < 16#110000 andalso is_iso10646(C).

is_bmpchar(C) -> C < 16#10000 andalso is_iso10646(C).

is_latin1(C) -> is_integer(C) andalso C >= 0 andalso C =< 255.

is_ascii(C) -> is_integer(C) andalso C >= 0 andalso C =< 127.

%% Letters, digits and marks that no country replaced in its ISO 646.
is_iso646_basic(C) when is_integer(C), C >= $\s, C =< $z ->
    C >= $a orelse C =:= $_ orelse
        C =< $Z andalso C =/= $# andalso C =/= $$ andalso C =/= $@;
is_iso646_basic(_) -> false.

is_visible_latin1(C) when is_integer(C), C >= $\s ->
    if C =< $~ -> true;
       C >= 161 -> C =< 255
    end;
is_visible_latin1(_) -> false.

is_visible_ascii(C) -> is_integer(C) andalso C >= $\s andalso C =< $~.

%% Wide characters

to_ucs4be(X) -> each(X, fun(C) -> <<(iso(C)):32>> end).
to_ucs4le(X) -> each(X, fun(C) -> <<(iso(C)):32/little>> end).
to_ucs2be(X) -> each(X, fun(C) -> <<(iso(C)):16>> end).
to_ucs2le(X) -> each(X, fun(C) -> <<(iso(C)):16/little>> end).
to_utf16be(X) -> each(X, fun(C) -> <<(wide(C))/utf16>> end).
to_utf16le(X) -> each(X, fun(C) -> <<(wide(C))/utf16-little>> end).

each(List, F) when is_list(List) ->
    lists:flatmap(fun(C) -> each(C, F) end, List);
each(C, F) -> binary_to_list(F(C)).

iso(C) ->
    true = is_iso10646(C),
    C.

%% What UTF-16 cannot hold becomes the replacement character.
wide(C) when is_integer(C), C >= 0 ->
    if C < 16#D800; C >= 16#E000, C < 16#FFFE -> C;
       C > 16#FFFF, C < 16#110000 -> C;
       C > 16#FFFF, C =< 16#7FFFFFFF -> 16#FFFD
    end.

from_ucs4be(X) -> from_ucs4be(X, []).
from_ucs4be(X, Tail) ->
    units(bytes(X), not_ucs4be, [], Tail,
          fun(<<C:32/signed, T/binary>>) -> {C, T}; (_) -> false end).

from_ucs4le(X) -> from_ucs4le(X, []).
from_ucs4le(X, Tail) ->
    units(bytes(X), not_ucs4le, [], Tail,
          fun(<<C:32/little-signed, T/binary>>) -> {C, T}; (_) -> false end).

from_ucs2be(X) -> from_ucs2be(X, []).
from_ucs2be(X, Tail) ->
    units(bytes(X), not_ucs2be, [], Tail,
          fun(<<C:16/signed, T/binary>>) -> {C, T}; (_) -> false end).

from_ucs2le(X) -> from_ucs2le(X, []).
from_ucs2le(X, Tail) ->
    units(bytes(X), not_ucs2le, [], Tail,
          fun(<<C:16/little-signed, T/binary>>) -> {C, T}; (_) -> false end).

from_utf16be(X) -> from_utf16be(X, []).
from_utf16be(X, Tail) ->
    units(bytes(X), not_utf16be, [], Tail,
          fun(<<C/utf16, T/binary>>) when C < 16#FFFE; C > 16#FFFF -> {C, T};
             (_) -> false
          end).

from_utf16le(X) -> from_utf16le(X, []).
from_utf16le(X, Tail) ->
    units(bytes(X), not_utf16le, [], Tail,
          fun(<<C/utf16-little, T/binary>>)
                when C < 16#FFFE; C > 16#FFFF -> {C, T};
             (_) -> false
          end).

bytes(X) when is_binary(X) -> X;
bytes(X) -> list_to_binary(X).

units(<<>>, _, Acc, Tail, _) -> lists:reverse(Acc, Tail);
units(Bytes, Name, Acc, Tail, Next) ->
    case Next(Bytes) of
        {C, _} when C < 0; C >= 16#D800, C < 16#E000; C =:= 16#FFFE;
                    C =:= 16#FFFF ->
            exit({bad_character_code, C});
        {C, Rest} -> units(Rest, Name, [C | Acc], Tail, Next);
        false ->
            error_logger:error_msg(
              "~w: Bin=~p~n     Acc=~p~n     Tail=~p~n",
              [?MODULE, Bytes, Acc, Tail]),
            {error, Name}
    end.

%% UTF-8, of up to six bytes a character as it once was

to_utf8(List) when is_list(List) -> lists:flatmap(fun to_utf8/1, List);
to_utf8(C) when is_integer(C), C >= 0 ->
    if C < 16#80 -> [C];
       C < 16#800 -> [16#C0 + (C bsr 6) | low(C, 1)];
       C < 16#D800; C > 16#DFFF, C < 16#FFFE ->
            [16#E0 + (C bsr 12) | low(C, 2)];
       C > 16#FFFF, C < 16#200000 -> [16#F0 + (C bsr 18) | low(C, 3)];
       C > 16#FFFF, C < 16#4000000 -> [16#F8 + (C bsr 24) | low(C, 4)];
       C > 16#FFFF, C < 16#80000000 -> [16#FC + (C bsr 30) | low(C, 5)]
    end.

low(C, N) ->
    [16#80 + ((C bsr (6 * I)) band 63) || I <- lists:seq(N - 1, 0, -1)].

from_utf8(Bytes) when is_binary(Bytes) -> from_utf8(binary_to_list(Bytes));
from_utf8(List) -> utf8(List, []).

utf8([C | T], Acc) when C < 16#80 -> utf8(T, [C | Acc]);
utf8([C, C1 | T], Acc) when C >= 16#C2, C < 16#E0, C1 band 16#C0 =:= 16#80 ->
    utf8(T, [((C band 31) bsl 6) bor (C1 band 63) | Acc]);
utf8([C, C1, C2 | T], Acc)
  when C band 16#F0 =:= 16#E0, C1 band 16#C0 =:= 16#80,
       C2 band 16#C0 =:= 16#80, C + C1 > 16#E0 + 16#9F ->
    utf8(T, [((C band 15) bsl 12) bor ((C1 band 63) bsl 6) bor
                 (C2 band 63) | Acc]);
utf8([C, C1, C2, C3 | T], Acc)
  when C band 16#F8 =:= 16#F0, C1 band 16#C0 =:= 16#80,
       C2 band 16#C0 =:= 16#80, C3 band 16#C0 =:= 16#80,
       C + C1 > 16#F0 + 16#8F ->
    utf8(T, [((C band 7) bsl 18) bor ((C1 band 63) bsl 12) bor
                 ((C2 band 63) bsl 6) bor (C3 band 63) | Acc]);
utf8([], Acc) -> lists:reverse(Acc);
utf8(_, _) -> exit({ucs, {bad_utf8_character_code}}).

from_latin9(Bytes) when is_binary(Bytes) ->
    from_latin9(binary_to_list(Bytes));
from_latin9(List) -> [latin9(C) || C <- List].

latin9(16#A4) -> 16#20AC;
latin9(16#A6) -> 16#160;
latin9(16#A8) -> 16#161;
latin9(16#B4) -> 16#17D;
latin9(16#B8) -> 16#17E;
latin9(16#BC) -> 16#152;
latin9(16#BD) -> 16#153;
latin9(16#BE) -> 16#178;
latin9(C) -> C.

%% By the name of a charset

to_unicode(Text, Name) ->
    case charset(Name) of
        as_it_is -> Text;
        {as_it_is, _} -> Text;
        F when is_function(F) -> F(Text);
        unknown -> exit({bad_character_code, Text, Name})
    end.

is_incharset(X, Name) ->
    case charset(Name) of
        {as_it_is, Is} when is_integer(X) -> Is(X);
        {as_it_is, Is} -> lists:all(Is, X);
        _ ->
            Text = if is_integer(X) -> [X]; true -> X end,
            case to_unicode(Text, Name) of
                {error, unsupported_charset} = E -> E;
                {error, _} -> false;
                [C] when is_integer(C) -> true
            end
    end.

charset(Name) ->
    Groups = [{{as_it_is, fun is_ascii/1},
               ['ansi_x3.4-1968', 'iso-ir-6', 'ansi_x3.4-1986',
                'iso_646.irv:1991', ascii, 'iso646-us', 'us-ascii', us,
                ibm367, cp367, csascii]},
              {{as_it_is, fun is_unicode/1},
               ['iso-10646-utf-1', csiso10646utf1]},
              {{as_it_is, fun is_iso646_basic/1},
               ['iso_646.basic:1983', ref, csiso646basic1983]},
              {{as_it_is, fun is_latin1/1},
               ['iso_8859-1:1987', 'iso-ir-100', 'iso_8859-1', 'iso-8859-1',
                latin1, l1, ibm819, cp819, csisolatin1]},
              {fun from_latin9/1, ['iso_8859-15', 'iso-8859-15', latin9]},
              {fun from_ucs2be/1, ['iso-10646-ucs-2', csunicode]},
              {fun from_ucs4be/1, ['iso-10646-ucs-4', csucs4]},
              {fun from_utf16be/1, ['utf-16be', 'utf-16']},
              {fun from_utf16le/1, ['utf-16le']},
              {fun from_utf8/1, ['utf-8']}],
    case [How || {How, Names} <- Groups, lists:member(Name, Names)] of
        [How] -> How;
        [] -> unknown
    end.
