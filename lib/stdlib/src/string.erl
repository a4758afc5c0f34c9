%% SPDX-License-Identifier: Apache-2.0
%% string: text in chardata, where a character is what a reader sees as one: a
%% grapheme cluster, an integer or a list of code points.
%%
%% Text is taken apart into a list of clusters (clusters/1), worked on, and put
%% together again: a binary when the argument was one, else a list. A flat
%% list of code points below 256 without a return is its own list of clusters,
%% which is the quick way of most functions.
-module(string).

-compile({no_auto_import, [length/1]}).

-export([is_empty/1, length/1, to_graphemes/1, reverse/1, equal/2, equal/3,
         equal/4, slice/2, slice/3, pad/2, pad/3, pad/4, trim/1, trim/2,
         trim/3, chomp/1, take/2, take/3, take/4, uppercase/1, lowercase/1,
         titlecase/1, casefold/1, prefix/2, split/2, split/3, replace/3,
         replace/4, find/2, find/3, lexemes/2, nth_lexeme/3,
         next_codepoint/1, next_grapheme/1, to_float/1, to_integer/1,
         jaro_similarity/2]).
-export([len/1, concat/2, chr/2, rchr/2, str/2, rstr/2, span/2, cspan/2,
         substr/2, substr/3, tokens/2, chars/2, chars/3, copies/2, words/1,
         words/2, strip/1, strip/2, strip/3, sub_word/2, sub_word/3, left/2,
         left/3, right/2, right/3, sub_string/2, sub_string/3, centre/2,
         centre/3, join/2, to_upper/1, to_lower/1]).

-export_type([grapheme_cluster/0]).

-type grapheme_cluster() :: char() | [char()].
-type direction() :: leading | trailing.

%%% Clusters

%% The clusters of chardata; fails with badarg where there is no text.
clusters(Text) ->
    case simple(Text) of
        false -> all_clusters(unicode_util:gc(Text));
        List -> List
    end.

all_clusters([C | Rest]) -> [C | all_clusters(unicode_util:gc(Rest))];
all_clusters([]) -> [];
all_clusters({error, Rest}) -> erlang:error({badarg, Rest}).

%% The characters of text that are clusters as they stand, else false.
simple(Text) when is_binary(Text) ->
    case ascii(Text) of
        false -> false;
        List -> not lists:member($\r, List) andalso List
    end;
simple(Text) -> is_simple(Text) andalso Text.

is_simple([C | Cs]) when is_integer(C), C >= 0, C < 256, C =/= $\r ->
    is_simple(Cs);
is_simple(Rest) -> Rest =:= [].

%% The characters of text that are of ASCII only, else false.
ascii(Text) when is_binary(Text) ->
    List = binary_to_list(Text),
    is_ascii(List) andalso List;
ascii(Text) -> is_ascii(Text) andalso Text.

is_ascii([C | Cs]) when is_integer(C), C >= 0, C < 128 -> is_ascii(Cs);
is_ascii(Rest) -> Rest =:= [].

%% Puts clusters together, as the kind of chardata that [Like] is.
text_like(Like, Clusters) when is_binary(Like) ->
    case unicode:characters_to_binary(Clusters) of
        Text when is_binary(Text) -> Text;
        _ -> erlang:error(badarg)
    end;
text_like(_, Clusters) -> lists:flatten(Clusters).

-spec is_empty(unicode:chardata()) -> boolean().
is_empty([]) -> true;
is_empty(<<>>) -> true;
is_empty([Part | Rest]) when is_list(Part); is_binary(Part) ->
    is_empty(Part) andalso is_empty(Rest);
is_empty(_) -> false.

-spec length(unicode:chardata()) -> non_neg_integer().
length(Text) ->
    case simple(Text) of
        false -> count(unicode_util:gc(Text), 0);
        List -> erlang:length(List)
    end.

count([_ | Rest], N) -> count(unicode_util:gc(Rest), N + 1);
count([], N) -> N;
count({error, Rest}, _) -> erlang:error({badarg, Rest}).

-spec to_graphemes(unicode:chardata()) -> [grapheme_cluster()].
to_graphemes(Text) -> clusters(Text).

-spec reverse(unicode:chardata()) -> [grapheme_cluster()].
reverse(Text) -> lists:reverse(clusters(Text)).

-spec next_codepoint(unicode:chardata()) ->
          maybe_improper_list(char(), unicode:chardata()) | {error, term()}.
next_codepoint(Text) -> unicode_util:cp(Text).

-spec next_grapheme(unicode:chardata()) ->
          maybe_improper_list(grapheme_cluster(), unicode:chardata())
        | {error, term()}.
next_grapheme(Text) -> unicode_util:gc(Text).

%%% Comparing

-spec equal(unicode:chardata(), unicode:chardata()) -> boolean().
equal(A, B) when is_binary(A), is_binary(B) -> A =:= B;
equal([C | A], [C | B]) when is_integer(C) -> equal(A, B);
equal([C | _], [D | _]) when is_integer(C), is_integer(D) -> false;
equal([], []) -> true;
equal(A, B) -> equal(A, B, false).

equal(A, B, IgnoreCase) -> equal(A, B, IgnoreCase, none).

-spec equal(unicode:chardata(), unicode:chardata(), boolean(),
            none | nfc | nfd | nfkc | nfkd) -> boolean().
equal(A, B, IgnoreCase, Norm)
  when is_boolean(IgnoreCase), (Norm =:= none orelse Norm =:= nfc
                                orelse Norm =:= nfd orelse Norm =:= nfkc
                                orelse Norm =:= nfkd) ->
    comparable(A, IgnoreCase, Norm) =:= comparable(B, IgnoreCase, Norm).

comparable(Text, IgnoreCase, Norm) ->
    Cased = case IgnoreCase of
                true -> casefold(Text);
                false -> Text
            end,
    case Norm of
        none -> code_points(Cased);
        nfc -> unicode:characters_to_nfc_list(Cased);
        nfd -> unicode:characters_to_nfd_list(Cased);
        nfkc -> unicode:characters_to_nfkc_list(Cased);
        nfkd -> unicode:characters_to_nfkd_list(Cased)
    end.

code_points(Text) ->
    case unicode:characters_to_list(Text) of
        List when is_list(List) -> List;
        _ -> erlang:error(badarg)
    end.

%%% Parts

slice(Text, Start) -> slice(Text, Start, infinity).

-spec slice(unicode:chardata(), non_neg_integer(),
            infinity | non_neg_integer()) -> unicode:chardata().
slice(Text, Start, Length)
  when is_integer(Start), Start >= 0,
       (Length =:= infinity orelse is_integer(Length) andalso Length >= 0) ->
    case drop(Text, Start) of
        [] -> empty_like(Text);
        Rest -> take_first(Text, Rest, Length)
    end.

empty_like(Text) when is_binary(Text) -> <<>>;
empty_like(_) -> [].

%% What is behind the first [N] clusters.
drop(Text, 0) -> Text;
drop([C1 | [C2 | _] = Rest], N)
  when is_integer(C1), is_integer(C2), C1 < 256, C2 < 256, C1 =/= $\r ->
    drop(Rest, N - 1);
drop(Text, N) ->
    case unicode_util:gc(Text) of
        [_ | Rest] -> drop(Rest, N - 1);
        [] -> [];
        {error, Rest} -> erlang:error({badarg, Rest})
    end.

take_first(Like, Rest, infinity) when is_binary(Like), is_list(Rest) ->
    text_like(Like, Rest);
take_first(_, Rest, infinity) -> Rest;
take_first(Like, Rest, N) -> text_like(Like, first(Rest, N)).

first(_, 0) -> [];
first([C1 | [C2 | _] = Rest], N)
  when is_integer(C1), is_integer(C2), C1 < 256, C2 < 256, C1 =/= $\r ->
    [C1 | first(Rest, N - 1)];
first(Text, N) ->
    case unicode_util:gc(Text) of
        [C | Rest] -> [C | first(Rest, N - 1)];
        [] -> [];
        {error, Rest} -> erlang:error({badarg, Rest})
    end.

pad(Text, Length) -> pad(Text, Length, trailing, $\s).

pad(Text, Length, Side) -> pad(Text, Length, Side, $\s).

-spec pad(unicode:chardata(), non_neg_integer(), direction() | both,
          grapheme_cluster()) -> unicode:charlist().
pad(Text, Length, leading, Char) when is_integer(Length) ->
    [lists:duplicate(max(0, Length - length(Text)), Char), Text];
pad(Text, Length, trailing, Char) when is_integer(Length) ->
    [Text | lists:duplicate(max(0, Length - length(Text)), Char)];
pad(Text, Length, both, Char) when is_integer(Length) ->
    Missing = max(0, Length - length(Text)),
    Before = lists:duplicate(Missing div 2, Char),
    [Before, Text, Before | [Char || Missing rem 2 =:= 1]].

%%% Trimming

trim(Text) -> trim(Text, both, unicode_util:whitespace()).

trim(Text, Side) -> trim(Text, Side, unicode_util:whitespace()).

-spec trim(unicode:chardata(), direction() | both, [grapheme_cluster()]) ->
          unicode:chardata().
trim(Text, _, []) -> Text;
trim(Text, leading, Set) when is_list(Set) -> trim_front(Text, Set);
trim(Text, trailing, Set) when is_list(Set) -> trim_back(Text, Set);
trim(Text, both, Set) when is_list(Set) ->
    trim_back(trim_front(Text, Set), Set).

trim_front(Text, Set) ->
    case unicode_util:gc(Text) of
        [C | Rest] ->
            case lists:member(C, Set) of
                true -> trim_front(rest_like(Text, Rest), Set);
                false when is_binary(Text) -> Text;
                false -> [C | Rest]
            end;
        [] -> empty_like(Text);
        {error, Rest} -> erlang:error({badarg, Rest})
    end.

rest_like(Text, []) -> empty_like(Text);
rest_like(Text, Rest) when is_binary(Text), is_list(Rest) ->
    unicode:characters_to_binary(Rest);
rest_like(_, Rest) -> Rest.

trim_back(Text, Set) ->
    Reversed = lists:reverse(clusters(Text)),
    case drop_members(Reversed, Set) of
        Reversed when is_binary(Text) -> Text;
        Kept -> text_like(Text, lists:reverse(Kept))
    end.

%% A line feed is one of the set behind a carriage return, too.
drop_members([C | Cs] = All, Set) ->
    case lists:member(C, Set) of
        true -> drop_members(Cs, Set);
        false when C =:= [$\r, $\n] ->
            case lists:member($\n, Set) of
                true -> drop_members([$\r | Cs], Set);
                false -> All
            end;
        false -> All
    end;
drop_members([], _) -> [].

-spec chomp(unicode:chardata()) -> unicode:chardata().
chomp(Text) -> trim_back(Text, [[$\r, $\n], $\n]).

take(Text, Set) -> take(Text, Set, false, leading).

take(Text, Set, Complement) -> take(Text, Set, Complement, leading).

-spec take(unicode:chardata(), [grapheme_cluster()], boolean(),
           direction()) -> {unicode:chardata(), unicode:chardata()}.
take(Text, Set, Complement, leading) ->
    {A, B} = lists:splitwith(fun(C) -> lists:member(C, Set) =/= Complement end,
                             clusters(Text)),
    {text_like(Text, A), text_like(Text, B)};
take(Text, Set, Complement, trailing) ->
    {A, B} = lists:splitwith(fun(C) -> lists:member(C, Set) =/= Complement end,
                             lists:reverse(clusters(Text))),
    {text_like(Text, lists:reverse(B)), text_like(Text, lists:reverse(A))}.

%%% Case

-spec uppercase(unicode:chardata()) -> unicode:chardata().
uppercase(Text) ->
    case ascii(Text) of
        false -> change_case(Text, fun unicode_util:uppercase/1);
        List -> ascii_like(Text, to_upper(List))
    end.

-spec lowercase(unicode:chardata()) -> unicode:chardata().
lowercase(Text) ->
    case ascii(Text) of
        false -> change_case(Text, fun unicode_util:lowercase/1);
        List -> ascii_like(Text, to_lower(List))
    end.

-spec casefold(unicode:chardata()) -> unicode:chardata().
casefold(Text) ->
    case ascii(Text) of
        false -> change_case(Text, fun unicode_util:casefold/1);
        List -> ascii_like(Text, to_lower(List))
    end.

-spec titlecase(unicode:chardata()) -> unicode:chardata().
titlecase(Text) when is_list(Text); is_binary(Text) ->
    case unicode_util:titlecase(Text) of
        [] -> empty_like(Text);
        [C | Rest] when is_binary(Text), is_binary(Rest) ->
            %% the rest may be no text at all
            <<(unicode:characters_to_binary([C]))/binary, Rest/binary>>;
        [C | Rest] when is_binary(Text) ->
            unicode:characters_to_binary([C, Rest]);
        [C | Rest] -> lists:flatten([C | code_points(Rest)]);
        {error, Rest} -> erlang:error({badarg, Rest})
    end.

change_case(Text, Next) when is_list(Text); is_binary(Text) ->
    text_like(Text, cased(Next(Text), Next));
change_case(Other, _) -> erlang:error({badarg, Other}).

ascii_like(Like, List) when is_binary(Like) -> list_to_binary(List);
ascii_like(_, List) -> List.

cased([C | Rest], Next) -> [C | cased(Next(Rest), Next)];
cased([], _) -> [];
cased({error, Rest}, _) -> erlang:error({badarg, Rest}).

%%% Searching

%% A match may begin at any code point; from there on it is of whole clusters:
%% one that ends within a cluster does not count.

-spec prefix(unicode:chardata(), unicode:chardata()) ->
          nomatch | unicode:chardata().
prefix(Text, Prefix) ->
    after_clusters(Text, pattern(Prefix)).

%% The clusters of what is searched for.
pattern(Pattern) ->
    case is_simple(Pattern) of
        true -> Pattern;
        false -> clusters(unicode:characters_to_list(Pattern))
    end.

split(Text, Pattern) -> split(Text, Pattern, leading).

-spec split(unicode:chardata(), unicode:chardata(), direction() | all) ->
          [unicode:chardata()].
split(Text, Pattern, Where) ->
    case pattern(Pattern) of
        [] -> [Text];
        Clusters -> parts(Text, Clusters, Where)
    end.

parts(Text, Pattern, leading) ->
    case cut(Text, Pattern) of
        {Before, _, After} -> [Before, After];
        nomatch -> [Text]
    end;
parts(Text, Pattern, trailing) ->
    case last_cut(Text, Pattern) of
        {Before, _, After} -> [Before, After];
        nomatch -> [Text]
    end;
parts(Text, Pattern, all) ->
    case cut(Text, Pattern) of
        {Before, _, After} -> [Before | parts(After, Pattern, all)];
        nomatch -> [Text]
    end.

%% {Before, Match, Behind} of the first match of [Pattern], clusters; Match is
%% all from there on. Texts stay of the kind that they are.
cut(Text, Pattern) when is_binary(Text) ->
    case binary_match(Text, 0, Pattern) of
        {At, After} -> parted(Text, At, After);
        nomatch -> nomatch
    end;
cut(Text, [C | _] = Pattern) -> cut(Text, first_point(C), Pattern, []).

cut([C | Rest] = Text, C, Pattern, Acc) ->
    case after_clusters(Text, Pattern) of
        nomatch -> cut(Rest, C, Pattern, [C | Acc]);
        After -> {lists:reverse(Acc), Text, After}
    end;
cut([P | Rest], C, Pattern, Acc) when is_integer(P) ->
    cut(Rest, C, Pattern, [P | Acc]);
cut(Text, C, Pattern, Acc) ->
    case unicode_util:cp(Text) of
        [P | Rest] when P =/= C -> cut(Rest, C, Pattern, [P | Acc]);
        [_ | Rest] = Front ->
            case after_clusters(Front, Pattern) of
                nomatch -> cut(Rest, C, Pattern, [C | Acc]);
                After -> {lists:reverse(Acc), Text, After}
            end;
        [] -> nomatch;
        {error, Rest} -> erlang:error({badarg, Rest})
    end.

last_cut(Text, Pattern) when is_binary(Text) ->
    case last_match(Text, Pattern, binary_match(Text, 0, Pattern), nomatch) of
        {At, After} -> parted(Text, At, After);
        nomatch -> nomatch
    end;
last_cut(Text, Pattern) ->
    case cut(Text, Pattern) of
        nomatch -> nomatch;
        Found -> last_cut(Found, Pattern, Found)
    end.

last_cut({_, Match, _}, Pattern, {Before, _, _} = Found) ->
    [C | Rest] = unicode_util:cp(Match),
    case cut(Rest, Pattern) of
        {More, Next, After} ->
            Later = {Before ++ [C | More], Next, After},
            last_cut(Later, Pattern, Later);
        nomatch -> Found
    end.

last_match(_, _, nomatch, Found) -> Found;
last_match(Text, Pattern, {At, _} = Found, _) ->
    last_match(Text, Pattern, binary_match(Text, At + 1, Pattern), Found).

parted(Text, At, After) ->
    <<Before:At/binary, Match/binary>> = Text,
    {Before, Match, After}.

%% Where a match is and the text behind it.
binary_match(Text, From, Pattern) ->
    Bytes = unicode:characters_to_binary(Pattern),
    case binary:match(Text, Bytes,
                      [{scope, {From, byte_size(Text) - From}}]) of
        {At, _} ->
            <<_:At/binary, Match/binary>> = Text,
            case after_clusters(Match, Pattern) of
                nomatch -> binary_match(Text, At + 1, Pattern);
                After -> {At, After}
            end;
        nomatch -> nomatch
    end.

first_point([C | _]) -> C;
first_point(C) -> C.

%% What is behind the clusters of [Pattern] at the front of a text.
after_clusters(Text, [C | Pattern]) ->
    case unicode_util:gc(Text) of
        [C | []] when is_binary(Text) -> after_clusters(<<>>, Pattern);
        [C | Rest] -> after_clusters(Rest, Pattern);
        _ -> nomatch
    end;
after_clusters(Text, []) -> Text.

replace(Text, Pattern, New) -> replace(Text, Pattern, New, leading).

-spec replace(unicode:chardata(), unicode:chardata(), unicode:chardata(),
              direction() | all) -> [unicode:chardata()].
replace(Text, Pattern, New, Where) ->
    case is_empty(New) of
        true -> split(Text, Pattern, Where);
        false -> lists:join(New, split(Text, Pattern, Where))
    end.

find(Text, Pattern) -> find(Text, Pattern, leading).

-spec find(unicode:chardata(), unicode:chardata(), direction()) ->
          unicode:chardata() | nomatch.
find(Text, Pattern, Where) ->
    Found = case pattern(Pattern) of
                [] -> {[], Text, Text};
                Clusters when Where =:= leading -> cut(Text, Clusters);
                Clusters when Where =:= trailing -> last_cut(Text, Clusters)
            end,
    case Found of
        {_, Match, _} -> Match;
        nomatch -> nomatch
    end.

-spec lexemes(unicode:chardata(), [grapheme_cluster()]) ->
          [unicode:chardata()].
lexemes(Text, []) -> [Text];
lexemes(Text, Separators) when is_list(Separators) ->
    [text_like(Text, L) || L <- words_of(clusters(Text), Separators)].

words_of(Text, [C]) when is_integer(C) -> words_at(Text, C);
words_of(Text, Separators) ->
    case drop_separators(Text, Separators) of
        [] -> [];
        Rest ->
            {Word, After} = take_word(Rest, Separators, []),
            [Word | words_of(After, Separators)]
    end.

drop_separators([C | Cs] = Text, Separators) ->
    case lists:member(C, Separators) of
        true -> drop_separators(Cs, Separators);
        false -> Text
    end;
drop_separators([], _) -> [].

take_word([C | Cs] = Text, Separators, Acc) ->
    case lists:member(C, Separators) of
        true -> {lists:reverse(Acc), Text};
        false when C =:= [$\r, $\n] ->
            take_line_end(C, Cs, Separators, Acc);
        false -> take_word(Cs, Separators, [C | Acc])
    end;
take_word([], _, Acc) -> {lists:reverse(Acc), []}.

%% The same with a single character, as most have it.
words_at([C | Cs], C) -> words_at(Cs, C);
words_at([], _) -> [];
words_at(Text, C) ->
    {Word, After} = take_until(Text, C, []),
    [Word | words_at(After, C)].

take_until([C | _] = Text, C, Acc) -> {lists:reverse(Acc), Text};
take_until([X | Cs], C, Acc) when is_integer(X) ->
    take_until(Cs, C, [X | Acc]);
take_until(Text, C, Acc) -> take_word(Text, [C], Acc).

%% A line feed parts words behind a carriage return, too, which stays; unless
%% that parts words itself, but not this one.
take_line_end(C, Cs, Separators, Acc) ->
    case lists:member($\r, Separators) of
        true -> take_word(Cs, Separators, [C | Acc]);
        false -> take_word([$\n | Cs], Separators, [$\r | Acc])
    end.

-spec nth_lexeme(unicode:chardata(), non_neg_integer(),
                 [grapheme_cluster()]) -> unicode:chardata().
nth_lexeme(Text, 1, []) -> Text;
nth_lexeme(Text, N, Separators) when is_list(Separators), is_integer(N),
                                     N > 0 ->
    case lists:nthtail(min(N - 1, erlang:length(lexemes(Text, Separators))),
                       lexemes(Text, Separators)) of
        [Lexeme | _] -> Lexeme;
        [] -> empty_like(Text)
    end.

%%% Numbers

-spec to_float(unicode:chardata()) ->
          {float(), unicode:chardata()} | {error, no_float | badarg}.
to_float(Text) ->
    number(Text, fun leading_float/1, no_float, fun list_to_float/1).

-spec to_integer(unicode:chardata()) ->
          {integer(), unicode:chardata()} | {error, no_integer | badarg}.
to_integer(Text) ->
    number(Text, fun leading_integer/1, no_integer, fun list_to_integer/1).

number(Text, Leading, None, Convert) ->
    try code_points(Text) of
        Chars ->
            case Leading(Chars) of
                {[_ | _] = Number, Rest} ->
                    {Convert(Number), rest_as(Text, Rest)};
                {[], _} -> {error, None}
            end
    catch
        error:_ -> {error, badarg}
    end.

rest_as(Text, Rest) when is_binary(Text) ->
    unicode:characters_to_binary(Rest);
rest_as(_, Rest) -> Rest.

%% The longest beginning that is a number, and the rest.
leading_integer(Chars) ->
    {Sign, Rest} = sign(Chars),
    case digits(Rest) of
        {[], _} -> {[], Chars};
        {Digits, Rest1} -> {Sign ++ Digits, Rest1}
    end.

leading_float(Chars) ->
    {Sign, Rest} = sign(Chars),
    case digits(Rest) of
        {[_ | _] = Whole, [Point | Rest1]}
          when Point =:= $.; Point =:= $, ->
            case digits(Rest1) of
                {[_ | _] = Fraction, Rest2} ->
                    {Exponent, Rest3} = exponent(Rest2),
                    {Sign ++ Whole ++ "." ++ Fraction ++ Exponent, Rest3};
                {[], _} -> {[], Chars}
            end;
        _ -> {[], Chars}
    end.

sign([C | Cs]) when C =:= $+; C =:= $- -> {[C], Cs};
sign(Cs) -> {[], Cs}.

digits(Cs) -> lists:splitwith(fun(C) -> C >= $0 andalso C =< $9 end, Cs).

exponent([E | Cs] = All) when E =:= $e; E =:= $E ->
    {Sign, Rest} = sign(Cs),
    case digits(Rest) of
        {[], _} -> {[], All};
        {Digits, Rest1} -> {[E | Sign] ++ Digits, Rest1}
    end;
exponent(Cs) -> {[], Cs}.

%%% Likeness

%% Jaro's measure: characters that both have not too far from each other, and
%% how many of these are in another order.
-spec jaro_similarity(unicode:chardata(), unicode:chardata()) -> float().
jaro_similarity(A0, B0) ->
    case {clusters(A0), clusters(B0)} of
        {[], []} -> 1.0;
        {[], _} -> 0.0;
        {_, []} -> 0.0;
        {Same, Same} -> 1.0;
        {A, B} -> jaro(A, B)
    end.

jaro(A, B) ->
    LengthA = erlang:length(A),
    LengthB = erlang:length(B),
    Range = max(0, max(LengthA, LengthB) div 2 - 1),
    Numbered = lists:zip(lists:seq(1, LengthB), B),
    {Pairs, _} = lists:foldl(fun({I, C}, {Found, Left}) ->
                                     pick(C, I, Range, Left, Found)
                             end, {[], Numbered},
                             lists:zip(lists:seq(1, LengthA), A)),
    case erlang:length(Pairs) of
        0 -> 0.0;
        M ->
            InA = lists:reverse(Pairs),
            InB = lists:keysort(1, InA),
            Moved = erlang:length([x || {{_, X}, {_, Y}} <- lists:zip(InA, InB),
                                        X =/= Y]),
            (M / LengthA + M / LengthB + (M - Moved / 2) / M) / 3
    end.

%% Takes the first [C] near place [I] out of what is left.
pick(C, I, Range, Left, Found) ->
    Near = fun({J, X}) -> X =:= C andalso abs(I - J) =< Range end,
    case lists:search(Near, Left) of
        {value, {J, _} = Entry} -> {[{J, C} | Found], lists:delete(Entry, Left)};
        false -> {Found, Left}
    end.

%%% The older functions, on flat lists

-spec len(string()) -> non_neg_integer().
len(S) -> erlang:length(S).

-spec concat(string(), string()) -> string().
concat(A, B) -> A ++ B.

-spec chr(string(), char()) -> non_neg_integer().
chr(S, C) when is_integer(C) -> chr(S, C, 1).

chr([C | _], C, I) -> I;
chr([_ | Cs], C, I) -> chr(Cs, C, I + 1);
chr([], _, _) -> 0.

-spec rchr(string(), char()) -> non_neg_integer().
rchr(S, C) when is_integer(C) -> rchr(S, C, 1, 0).

rchr([C | Cs], C, I, _) -> rchr(Cs, C, I + 1, I);
rchr([_ | Cs], C, I, Last) -> rchr(Cs, C, I + 1, Last);
rchr([], _, _, Last) -> Last.

-spec str(string(), string()) -> non_neg_integer().
str(_, []) -> 0;
str(S, [C | _] = Sub) -> str(S, C, Sub, 1).

str([C | T] = S, C, Sub, I) ->
    case lists:prefix(Sub, S) of
        true -> I;
        false -> str(T, C, Sub, I + 1)
    end;
str([_ | T], C, Sub, I) -> str(T, C, Sub, I + 1);
str([], _, _, _) -> 0.

-spec rstr(string(), string()) -> non_neg_integer().
rstr(_, []) -> 0;
rstr(S, Sub) when is_list(Sub) -> rstr(S, Sub, 1, 0).

rstr([_ | T] = S, Sub, I, Last) ->
    case lists:prefix(Sub, S) of
        true -> rstr(T, Sub, I + 1, I);
        false -> rstr(T, Sub, I + 1, Last)
    end;
rstr([], _, _, Last) -> Last.

-spec span(string(), string()) -> non_neg_integer().
span(S, Set) when is_list(Set) ->
    erlang:length(lists:takewhile(fun(C) -> lists:member(C, Set) end, S)).

-spec cspan(string(), string()) -> non_neg_integer().
cspan(S, Set) when is_list(Set) ->
    erlang:length(lists:takewhile(fun(C) -> not lists:member(C, Set) end, S)).

-spec substr(string(), pos_integer()) -> string().
substr(S, 1) when is_list(S) -> S;
substr(S, Start) when is_integer(Start), Start > 1 -> substr2(S, Start).

substr2(S, 1) -> S;
substr2([_ | S], Start) -> substr2(S, Start - 1).

-spec substr(string(), pos_integer(), non_neg_integer()) -> string().
substr(S, Start, Length) when is_integer(Start), Start >= 1,
                              is_integer(Length), Length >= 0 ->
    lists:sublist(substr(S, Start), Length).

-spec tokens(string(), string()) -> [string()].
tokens(S, Separators) -> words_of(S, Separators).

-spec chars(char(), non_neg_integer()) -> string().
chars(C, N) when is_integer(C) -> lists:duplicate(N, C).

-spec chars(char(), non_neg_integer(), string()) -> string().
chars(C, N, Tail) when N > 0 -> chars(C, N - 1, [C | Tail]);
chars(C, 0, Tail) when is_integer(C) -> Tail.

-spec copies(string(), non_neg_integer()) -> string().
copies(S, N) when is_list(S), N >= 0 ->
    lists:append(lists:duplicate(N, S)).

-spec words(string()) -> pos_integer().
words(S) -> words(S, $\s).

-spec words(string(), char()) -> pos_integer().
words(S, C) when is_integer(C) ->
    max(1, erlang:length(words_of(S, [C]))).

-spec sub_word(string(), integer()) -> string().
sub_word(S, N) -> sub_word(S, N, $\s).

-spec sub_word(string(), integer(), char()) -> string().
sub_word(S, N, C) when is_integer(N), N >= 1, is_integer(C) ->
    case lists:sublist(words_of(S, [C]), N, 1) of
        [Word] -> Word;
        [] -> []
    end.

strip(S) -> strip(S, both).

strip(S, Side) -> strip(S, Side, $\s).

-spec strip(string(), left | right | both, char()) -> string().
strip(S, left, C) when is_integer(C) ->
    lists:dropwhile(fun(X) -> X =:= C end, S);
strip(S, right, C) -> lists:reverse(strip(lists:reverse(S), left, C));
strip(S, both, C) -> strip(strip(S, left, C), right, C).

left(S, N) -> left(S, N, $\s).

-spec left(string(), non_neg_integer(), char()) -> string().
left(S, N, C) when is_integer(C) ->
    case erlang:length(S) of
        L when L >= N -> lists:sublist(S, N);
        L -> S ++ lists:duplicate(N - L, C)
    end.

right(S, N) -> right(S, N, $\s).

-spec right(string(), non_neg_integer(), char()) -> string().
right(S, N, C) when is_integer(C) ->
    case erlang:length(S) of
        L when L >= N -> lists:nthtail(L - N, S);
        L -> lists:duplicate(N - L, C) ++ S
    end.

centre(S, N) -> centre(S, N, $\s).

-spec centre(string(), non_neg_integer(), char()) -> string().
centre(_, 0, C) when is_integer(C) -> [];
centre(S, N, C) when is_integer(C) ->
    case erlang:length(S) of
        L when L > N -> lists:sublist(S, (L - N) div 2 + 1, N);
        L ->
            Before = (N - L) div 2,
            lists:duplicate(Before, C) ++ S
                ++ lists:duplicate(N - L - Before, C)
    end.

-spec sub_string(string(), pos_integer()) -> string().
sub_string(S, Start) -> substr(S, Start).

-spec sub_string(string(), pos_integer(), pos_integer()) -> string().
sub_string(S, Start, Stop) -> substr(S, Start, Stop - Start + 1).

-spec join([string()], string()) -> string().
join([], Separator) when is_list(Separator) -> [];
join([First | Rest], Separator) ->
    First ++ lists:append([Separator ++ S || S <- Rest]).

%% Case in Latin-1 only.
to_lower(S) when is_list(S) -> [to_lower_char(C) || C <- S];
to_lower(C) when is_integer(C) -> to_lower_char(C).

to_upper(S) when is_list(S) -> [to_upper_char(C) || C <- S];
to_upper(C) when is_integer(C) -> to_upper_char(C).

to_lower_char(C) when is_integer(C), C >= $A, C =< $Z -> C + 32;
to_lower_char(C) when is_integer(C), C >= 192, C =< 214 -> C + 32;
to_lower_char(C) when is_integer(C), C >= 216, C =< 222 -> C + 32;
to_lower_char(C) -> C.

to_upper_char(C) when is_integer(C), C >= $a, C =< $z -> C - 32;
to_upper_char(C) when is_integer(C), C >= 224, C =< 246 -> C - 32;
to_upper_char(C) when is_integer(C), C >= 248, C =< 254 -> C - 32;
to_upper_char(C) -> C.
