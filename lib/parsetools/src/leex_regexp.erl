%% SPDX-License-Identifier: Apache-2.0
%% leex_regexp: regular expressions as leex writes them, as terms.
-module(leex_regexp).

-export([parse/1]).
-export_type([regexp/0, range/0]).

%% From first to last; maxchar is above all characters.
-type range() :: {char(), char() | maxchar}.
-type regexp() :: {seq, [regexp()]} | {alt, [regexp()]} | {star, regexp()}
                | {plus, regexp()} | {optional, regexp()}
                | {chars, [range()]}.

-spec parse(string()) -> {ok, regexp()} | {error, {atom(), string()}}.
parse(Text) ->
    try alternatives(Text) of
        {Re, []} -> {ok, Re};
        {_, [C | _]} -> {error, {illegal_char, [C]}}
    catch throw:{bad, Error} -> {error, Error}
    end.

alternatives(Text) ->
    case sequence(Text, []) of
        {Re, [$| | Rest]} ->
            case alternatives(Rest) of
                {{alt, Res}, More} -> {{alt, [Re | Res]}, More};
                {Other, More} -> {{alt, [Re, Other]}, More}
            end;
        Last -> Last
    end.

sequence([C | _] = Text, Res) when C =/= $|, C =/= $) ->
    {Single, Rest} = single(Text),
    {Re, More} = repeated(Single, Rest),
    sequence(More, [Re | Res]);
sequence(Text, [Re]) -> {Re, Text};
sequence(Text, Res) -> {{seq, lists:reverse(Res)}, Text}.

repeated(Re, [$* | Rest]) -> repeated({star, Re}, Rest);
repeated(Re, [$+ | Rest]) -> repeated({plus, Re}, Rest);
repeated(Re, [$? | Rest]) -> repeated({optional, Re}, Rest);
repeated(Re, Rest) -> {Re, Rest}.

single([$( | Text]) ->
    case alternatives(Text) of
        {Re, [$) | Rest]} -> {Re, Rest};
        _ -> throw({bad, {unterminated, "("}})
    end;
single([$. | Rest]) -> {{chars, complement([{$\n, $\n}])}, Rest};
single("[^" ++ Text) ->
    {Ranges, Rest} = class(Text),
    {{chars, complement(Ranges)}, Rest};
single([$[ | Text]) ->
    {Ranges, Rest} = class(Text),
    {{chars, Ranges}, Rest};
single([C | _]) when C =:= $^; C =:= $$; C =:= $*; C =:= $+; C =:= $? ->
    throw({bad, {illegal_char, [C]}});
single(Text) ->
    {C, Rest} = char(Text),
    {{chars, [{C, C}]}, Rest}.

%% A ] that comes first stands for itself.
class([$] | Text]) -> class(Text, [{$], $]}]);
class(Text) -> class(Text, []).

class([$] | Rest], Ranges) -> {union(Ranges), Rest};
class([], _) -> throw({bad, {unterminated, "["}});
class(Text, Ranges) ->
    case char(Text) of
        {First, [$-, C | Rest]} when C =/= $] ->
            case char([C | Rest]) of
                {Last, More} when First < Last ->
                    class(More, [{First, Last} | Ranges]);
                {_, More} ->
                    Part = lists:sublist(Text, length(Text) - length(More)),
                    throw({bad, {char_class, Part}})
            end;
        {C, Rest} -> class(Rest, [{C, C} | Ranges])
    end.

char([$\\, A, B, C | Rest]) when A >= $0, A =< $7, B >= $0, B =< $7,
                                 C >= $0, C =< $7 ->
    {list_to_integer([A, B, C], 8), Rest};
char("\\x{" ++ Text) ->
    case lists:splitwith(fun is_hex/1, Text) of
        {[_ | _] = Digits, [$} | Rest]} ->
            case list_to_integer(Digits, 16) of
                C when C =< 16#10ffff -> {C, Rest};
                _ -> throw({bad, {illegal_char, "\\x{" ++ Digits ++ "}"}})
            end;
        _ -> throw({bad, {unterminated, "\\x{"}})
    end;
char([$\\, $x | Text]) ->
    case Text of
        [A, B | Rest] ->
            is_hex(A) andalso is_hex(B)
                orelse throw({bad, {illegal_char, "\\x"}}),
            {list_to_integer([A, B], 16), Rest};
        _ -> throw({bad, {illegal_char, "\\x"}})
    end;
char([$\\, C | Rest]) -> {escaped(C), Rest};
char([$\\]) -> throw({bad, {unterminated, "\\"}});
char([C | Rest]) -> {C, Rest}.

is_hex(C) ->
    C >= $0 andalso C =< $9 orelse C >= $a andalso C =< $f
        orelse C >= $A andalso C =< $F.

escaped($n) -> $\n;
escaped($r) -> $\r;
escaped($t) -> $\t;
escaped($v) -> $\v;
escaped($b) -> $\b;
escaped($f) -> $\f;
escaped($e) -> $\e;
escaped($s) -> $\s;
escaped($d) -> $\d;
escaped(C) -> C.

%% Sorted, and joined where they overlap or touch.
union(Ranges) -> join(lists:sort(Ranges)).

join([{A, B}, {C, D} | More]) when C =< B + 1 -> join([{A, max(B, D)} | More]);
join([Range | More]) -> [Range | join(More)];
join([]) -> [].

complement(Ranges) -> complement(Ranges, 0).

complement([], From) -> [{From, maxchar}];
complement([{From, B} | More], From) -> complement(More, B + 1);
complement([{A, B} | More], From) -> [{From, A - 1} | complement(More, B + 1)].
