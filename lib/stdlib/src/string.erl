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

clusters(Text) ->
    case simple(Text) of
        false -> to_graphemes(Text);
        List -> List
    end.

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

%% The characters of a binary that are of ASCII only, else false.
ascii(Text) ->
    List = binary_to_list(Text),
    is_ascii(List) andalso List.

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
        false -> length_1(Text, 0);
        List -> erlang:length(List)
    end.

length_1(Text, N) ->
    case unicode_util:gc(Text) of
        [_ | Rest] -> length_1(Rest, N + 1);
        [] -> N;
        {error, Rest} -> erlang:error({badarg, Rest})
    end.

-spec to_graphemes(unicode:chardata()) -> [grapheme_cluster()].
to_graphemes([C | [D | _] = Rest])
  when is_integer(C), C >= 0, C < 256, C =/= $\r,
       is_integer(D), D >= 0, D < 256 ->
    [C | to_graphemes(Rest)];
to_graphemes(Text) ->
    case unicode_util:gc(Text) of
        [C | Rest] -> [C | to_graphemes(Rest)];
        [] -> [];
        {error, Rest} -> erlang:error({badarg, Rest})
    end.

-spec reverse(unicode:chardata()) -> [grapheme_cluster()].
reverse(Text) ->
    case simple(Text) of
        false -> reverse_1(Text, []);
        List -> lists:reverse(List)
    end.

reverse_1(Text, Reversed) ->
    case unicode_util:gc(Text) of
        [C | Rest] -> reverse_1(Rest, [C | Reversed]);
        [] -> Reversed;
        {error, Rest} -> erlang:error({badarg, Rest})
    end.

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
equal(A, B) -> equal_1(A, B).

-spec equal(unicode:chardata(), unicode:chardata(), boolean()) -> boolean().
equal(A, B, false) -> equal(A, B);
equal(A, B, true) -> equal_nocase(A, B).

-spec equal(unicode:chardata(), unicode:chardata(), boolean(),
            none | nfc | nfd | nfkc | nfkd) -> boolean().
equal(A, B, IgnoreCase, none) -> equal(A, B, IgnoreCase);
equal(A, B, false, Norm) -> equal_norm(A, B, Norm);
equal(A, B, true, Norm) -> equal_norm_nocase(A, B, Norm).

equal_1([C | As], [C | Bs]) when is_integer(C) -> equal_1(As, Bs);
equal_1([A | _], [B | _]) when is_integer(A), is_integer(B) -> false;
equal_1(A, B) ->
    case {unicode_util:cp(A), unicode_util:cp(B)} of
        {[C | As], [C | Bs]} -> equal_1(As, Bs);
        {As, Bs} when is_list(As), is_list(Bs) -> As =:= Bs
    end.

equal_nocase([C | As], [C | Bs]) when is_integer(C) -> equal_nocase(As, Bs);
equal_nocase(A, A) -> true;
equal_nocase(A, B) ->
    case {unicode_util:cp(unicode_util:casefold(A)),
          unicode_util:cp(unicode_util:casefold(B))} of
        {[C | As], [C | Bs]} -> equal_nocase(As, Bs);
        {As, Bs} when is_list(As), is_list(Bs) -> As =:= Bs
    end.

equal_norm(A, A, _) -> true;
equal_norm(A, B, Norm) ->
    case {unicode_util:cp(unicode_util:Norm(A)),
          unicode_util:cp(unicode_util:Norm(B))} of
        {[C | As], [C | Bs]} -> equal_norm(As, Bs, Norm);
        {As, Bs} when is_list(As), is_list(Bs) -> As =:= Bs
    end.

equal_norm_nocase(A, A, _) -> true;
equal_norm_nocase(A, B, Norm) ->
    case {unicode_util:cp(unicode_util:casefold(unicode_util:Norm(A))),
          unicode_util:cp(unicode_util:casefold(unicode_util:Norm(B)))} of
        {[C | As], [C | Bs]} -> equal_norm_nocase(As, Bs, Norm);
        {As, Bs} when is_list(As), is_list(Bs) -> As =:= Bs
    end.

%%% Parts

-spec slice(unicode:chardata(), non_neg_integer()) -> unicode:chardata().
slice(Text, Start) when is_integer(Start), Start >= 0 ->
    rest_like(Text, slice_l(Text, Start)).

-spec slice(unicode:chardata(), non_neg_integer(),
            infinity | non_neg_integer()) -> unicode:chardata().
slice(Text, Start, Length)
  when is_integer(Start), Start >= 0, is_integer(Length), Length > 0 ->
    case rest_like(Text, slice_l(Text, Start)) of
        <<>> -> <<>>;
        Rest -> slice_trail(Rest, Length)
    end;
slice(Text, Start, infinity) -> rest_like(Text, slice_l(Text, Start));
slice(Text, _, 0) -> empty_like(Text).

%% What is behind the first [N] clusters.
slice_l(Text, 0) -> Text;
slice_l([C1 | [C2 | _] = Rest], N)
  when is_integer(C1), is_integer(C2), C1 < 256, C2 < 256, C1 =/= $\r, N > 0 ->
    slice_l(Rest, N - 1);
slice_l(Text, N) when N > 0 ->
    case unicode_util:gc(Text) of
        [_ | Rest] -> slice_l(Rest, N - 1);
        [] -> [];
        {error, Rest} -> erlang:error({badarg, Rest})
    end.

slice_trail(Text, N) when is_binary(Text) ->
    text_like(Text, slice_list(Text, N));
slice_trail(Text, N) when is_list(Text) ->
    lists:flatten(slice_list(Text, N)).

%% The first [N] clusters.
slice_list(_, 0) -> [];
slice_list([C1 | [C2 | _] = Rest], N)
  when is_integer(C1), is_integer(C2), C1 < 256, C2 < 256, C1 =/= $\r ->
    [C1 | slice_list(Rest, N - 1)];
slice_list(Text, N) ->
    case unicode_util:gc(Text) of
        [C | Rest] -> [C | slice_list(Rest, N - 1)];
        [] -> [];
        {error, Rest} -> erlang:error({badarg, Rest})
    end.

%% What gc leaves of a text, as the kind that the text is.
rest_like(Text, []) -> empty_like(Text);
rest_like(Text, Rest) when is_binary(Text), is_list(Rest) ->
    unicode:characters_to_binary(Rest);
rest_like(_, Rest) -> Rest.

empty_like(Text) when is_binary(Text) -> <<>>;
empty_like(_) -> [].

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
trim(Text, leading, Set) when is_list(Set) -> trim_l(Text, Set);
trim(Text, trailing, Set) when is_list(Set) -> trim_t(Text, Set);
trim(Text, both, Set) when is_list(Set) ->
    trim(trim(Text, leading, Set), trailing, Set).

trim_l(Text, Set) when is_list(Text); is_binary(Text) ->
    case unicode_util:gc(Text) of
        [C | Rest] ->
            case lists:member(C, Set) of
                true -> trim_l(rest_like(Text, Rest), Set);
                false when is_binary(Text) -> Text;
                false -> [C | Rest]
            end;
        [] -> empty_like(Text);
        {error, Rest} -> erlang:error({badarg, Rest})
    end.

trim_t(Text, Set) when is_list(Text); is_binary(Text) ->
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
chomp(Text) -> trim(Text, trailing, [[$\r, $\n], $\n]).

take(Text, Set) -> take(Text, Set, false, leading).

take(Text, Set, Complement) -> take(Text, Set, Complement, leading).

-spec take(unicode:chardata(), [grapheme_cluster()], boolean(),
           direction()) -> {unicode:chardata(), unicode:chardata()}.
take(Text, [], false, leading) -> {empty_like(Text), Text};
take(Text, [], false, trailing) -> {Text, empty_like(Text)};
take(Text, [], true, leading) -> {Text, empty_like(Text)};
take(Text, [], true, trailing) -> {empty_like(Text), Text};
take(Text, Set, Complement, leading) when is_boolean(Complement) ->
    take_l(Text, Set, Complement);
take(Text, Set, Complement, trailing) when is_boolean(Complement) ->
    take_t(Text, Set, Complement).

take_l(Text, Set, Complement) when is_list(Text); is_binary(Text) ->
    {A, B} = lists:splitwith(fun(C) -> lists:member(C, Set) =/= Complement end,
                             clusters(Text)),
    {text_like(Text, A), text_like(Text, B)}.

take_t(Text, Set, Complement) when is_list(Text); is_binary(Text) ->
    {A, B} = lists:splitwith(fun(C) -> lists:member(C, Set) =/= Complement end,
                             lists:reverse(clusters(Text))),
    {text_like(Text, lists:reverse(B)), text_like(Text, lists:reverse(A))}.

%%% Case

-spec uppercase(unicode:chardata()) -> unicode:chardata().
uppercase(Text) when is_list(Text); is_binary(Text) ->
    try uppercase_list(plain(Text), false) of
        Changed when is_binary(Text) -> text_like(Text, Changed);
        Changed -> Changed
    catch
        unchanged -> Text
    end;
uppercase(Other) -> erlang:error({badarg, Other}).

-spec lowercase(unicode:chardata()) -> unicode:chardata().
lowercase(Text) when is_list(Text); is_binary(Text) ->
    try lowercase_list(plain(Text), false) of
        Changed when is_binary(Text) -> text_like(Text, Changed);
        Changed -> Changed
    catch
        unchanged -> Text
    end;
lowercase(Other) -> erlang:error({badarg, Other}).

-spec casefold(unicode:chardata()) -> unicode:chardata().
casefold(Text) when is_list(Text); is_binary(Text) ->
    try casefold_list(plain(Text), false) of
        Changed when is_binary(Text) -> text_like(Text, Changed);
        Changed -> Changed
    catch
        unchanged -> Text
    end;
casefold(Other) -> erlang:error({badarg, Other}).

%% ASCII in a binary is quicker as a list.
plain(Text) when is_binary(Text) ->
    case ascii(Text) of
        false -> Text;
        List -> List
    end;
plain(Text) -> Text.

%% Letters are changed one by one; [Changed] tells whether one was another.
uppercase_list([C | Rest], _) when is_integer(C), C >= $a, C =< $z ->
    [C - 32 | uppercase_list(Rest, true)];
uppercase_list([C | Rest], Changed) when is_integer(C), C >= 0, C < 128 ->
    [C | uppercase_list(Rest, Changed)];
uppercase_list([], true) -> [];
uppercase_list(Text, Changed) ->
    case unicode_util:uppercase(Text) of
        [C | Rest] when C =:= hd(Text) -> [C | uppercase_list(Rest, Changed)];
        [C | Rest] -> append(C, uppercase_list(Rest, true));
        [] -> end_of_case(Changed)
    end.

lowercase_list([C | Rest], _) when is_integer(C), C >= $A, C =< $Z ->
    [C + 32 | lowercase_list(Rest, true)];
lowercase_list([C | Rest], Changed) when is_integer(C), C >= 0, C < 128 ->
    [C | lowercase_list(Rest, Changed)];
lowercase_list([], true) -> [];
lowercase_list(Text, Changed) ->
    case unicode_util:lowercase(Text) of
        [C | Rest] when C =:= hd(Text) -> [C | lowercase_list(Rest, Changed)];
        [C | Rest] -> append(C, lowercase_list(Rest, true));
        [] -> end_of_case(Changed)
    end.

casefold_list([C | Rest], _) when is_integer(C), C >= $A, C =< $Z ->
    [C + 32 | casefold_list(Rest, true)];
casefold_list([C | Rest], Changed) when is_integer(C), C >= 0, C < 128 ->
    [C | casefold_list(Rest, Changed)];
casefold_list([], true) -> [];
casefold_list(Text, Changed) ->
    case unicode_util:casefold(Text) of
        [C | Rest] when C =:= hd(Text) -> [C | casefold_list(Rest, Changed)];
        [C | Rest] -> append(C, casefold_list(Rest, true));
        [] -> end_of_case(Changed)
    end.

end_of_case(true) -> [];
end_of_case(false) -> throw(unchanged).

append(C, Rest) when is_integer(C), is_list(Rest) -> [C | Rest];
append(C, Bytes) when is_binary(Bytes) -> [C | [Bytes || Bytes =/= <<>>]];
append(Cs, Rest) -> Cs ++ Rest.

-spec titlecase(unicode:chardata()) -> unicode:chardata().
titlecase(Text) when is_list(Text) ->
    case unicode_util:titlecase(Text) of
        [C | Rest] -> append(C, Rest);
        [] -> []
    end;
titlecase(Text) when is_binary(Text) ->
    case unicode_util:titlecase(Text) of
        %% the rest may be no text at all
        [C | Rest] -> <<(text_like(Text, [C]))/binary, Rest/binary>>;
        [] -> <<>>
    end.

%%% Searching

%% A match may begin at any code point; from there on it is of whole clusters:
%% one that ends within a cluster does not count.

-spec prefix(unicode:chardata(), unicode:chardata()) ->
          nomatch | unicode:chardata().
prefix(Text, Prefix) ->
    Behind = case unicode:characters_to_list(Prefix) of
                 [] -> Text;
                 Points -> prefix_1(Text, Points)
             end,
    case Behind of
        [] -> empty_like(Text);
        _ -> Behind
    end.

%% What is behind code points that end a cluster, at the front of a text.
prefix_1(Text, [C]) ->
    case unicode_util:gc(Text) of
        [C | Rest] -> Rest;
        _ -> nomatch
    end;
prefix_1([C | Rest], [D | Points]) when is_integer(C) ->
    case C of
        D -> prefix_1(Rest, Points);
        _ -> nomatch
    end;
prefix_1(Text, [C | Points]) ->
    case unicode_util:cp(Text) of
        [C | Rest] -> prefix_1(Rest, Points);
        _ -> nomatch
    end.

split(Text, Pattern) -> split(Text, Pattern, leading).

-spec split(unicode:chardata(), unicode:chardata(), direction() | all) ->
          [unicode:chardata()].
split(Text, Pattern, Where) ->
    case is_empty(Pattern) of
        true -> [Text];
        false ->
            Points = unicode:characters_to_list(Pattern),
            case split_1(Text, Points, 0, Where, [], []) of
                {_, []} -> [Text];
                {_, Parts} when Where =:= trailing -> Parts;
                {Last, Parts} when Where =:= all ->
                    lists:reverse(Parts, [Last]);
                Parts when is_list(Parts) -> Parts
            end
    end.

%% [Front | Behind] of the first match, or {Last, Parts}: what no match is in,
%% and the two parts of the last match or, last first, what is between them
%% all. [Before] is what a list has had since the last match.
split_1([C | Rest] = Text, [C | _] = Points, _, Where, Before, Parts) ->
    case prefix_1(Text, Points) of
        nomatch -> split_1(Rest, Points, 0, Where, [C | Before], Parts);
        Behind when Where =:= leading -> [lists:reverse(Before), Behind];
        Behind when Where =:= trailing ->
            split_1(Rest, Points, 0, Where, [C | Before],
                    [lists:reverse(Before), Behind]);
        Behind when Where =:= all ->
            split_1(Behind, Points, 0, Where, [],
                    [lists:reverse(Before) | Parts])
    end;
split_1([C | Rest], Points, _, Where, Before, Parts) when is_integer(C) ->
    split_1(Rest, Points, 0, Where, [C | Before], Parts);
split_1(Text, Points, _, Where, Before, Parts)
  when is_list(Text); is_binary(Text), Before =/= [] ->
    case unicode_util:cp(Text) of
        [_ | _] = Front -> split_1(Front, Points, 0, Where, Before, Parts);
        [] -> {lists:reverse(Before), Parts};
        {error, Rest} -> erlang:error({badarg, Rest})
    end;
split_1(Text, Points, Start, Where, _, Parts) ->
    case bin_search_str(Text, Start, Points) of
        nomatch -> {Text, Parts};
        {Before, _, Behind} when Where =:= leading -> [Before, Behind];
        {Before, _, Behind} when Where =:= trailing ->
            split_1(Text, Points, byte_size(Before) + 1, Where, [],
                    [Before, Behind]);
        {Before, _, Behind} when Where =:= all ->
            split_1(Behind, Points, 0, Where, [], [Before | Parts])
    end.

%% {Before, Match, Behind} in a binary; Match is all from there on.
bin_search_str(Text, Start, Points) ->
    Pattern = binary:compile_pattern(unicode:characters_to_binary(Points)),
    bin_search_str_1(Text, Start, Pattern, Points).

bin_search_str_1(Text, Start, Pattern, Points) ->
    <<_:Start/binary, Part/binary>> = Text,
    case binary:match(Part, Pattern) of
        nomatch -> nomatch;
        {At, _} ->
            <<_:At/binary, Match/binary>> = Part,
            case prefix_1(Match, Points) of
                nomatch ->
                    bin_search_str_1(Text, Start + At + 1, Pattern, Points);
                Behind ->
                    <<Before:(Start + At)/binary, _/binary>> = Text,
                    {Before, Match, rest_like(Text, Behind)}
            end
    end.

replace(Text, Pattern, New) ->
    lists:join(New, split(Text, Pattern)).

-spec replace(unicode:chardata(), unicode:chardata(), unicode:chardata(),
              direction() | all) -> [unicode:chardata()].
replace(Text, Pattern, New, Where) ->
    lists:join(New, split(Text, Pattern, Where)).

find(Text, Pattern) -> find(Text, Pattern, leading).

-spec find(unicode:chardata(), unicode:chardata(), direction()) ->
          unicode:chardata() | nomatch.
find(Text, [], _) -> Text;
find(Text, <<>>, _) -> Text;
find(Text, Pattern, leading) ->
    find_l(Text, unicode:characters_to_list(Pattern));
find(Text, Pattern, trailing) ->
    find_r(Text, unicode:characters_to_list(Pattern), nomatch).

find_l([C | Rest] = Text, [C | _] = Points) ->
    case prefix_1(Text, Points) of
        nomatch -> find_l(Rest, Points);
        _ -> Text
    end;
find_l([C | Rest], [_ | _] = Points) when is_integer(C) ->
    find_l(Rest, Points);
find_l(Text, [C | _] = Points) when is_list(Text) ->
    case unicode_util:cp(Text) of
        [C | Rest] ->
            case prefix_1(Text, Points) of
                nomatch -> find_l(Rest, Points);
                _ -> Text
            end;
        [_ | Rest] -> find_l(Rest, Points);
        [] -> nomatch
    end;
find_l(Text, [_ | _] = Points) ->
    case bin_search_str(Text, 0, Points) of
        {_, Match, _} -> Match;
        nomatch -> nomatch
    end.

find_r([C | Rest], [D | _] = Points, Found) when is_integer(C), C =/= D ->
    find_r(Rest, Points, Found);
find_r(Text, [C | _] = Points, Found) when is_list(Text) ->
    case unicode_util:cp(Text) of
        [C | Rest] ->
            case prefix_1(Text, Points) of
                nomatch -> find_r(Rest, Points, Found);
                _ -> find_r(Rest, Points, Text)
            end;
        [_ | Rest] -> find_r(Rest, Points, Found);
        [] -> Found
    end;
find_r(Text, [_ | _] = Points, Found) -> find_last(Text, 0, Points, Found).

find_last(Text, Start, Points, Found) ->
    case bin_search_str(Text, Start, Points) of
        {Before, Match, _} ->
            find_last(Text, byte_size(Before) + 1, Points, Match);
        nomatch -> Found
    end.

-spec lexemes(unicode:chardata(), [grapheme_cluster()]) ->
          [unicode:chardata()].
lexemes([], _) -> [];
lexemes(Text, []) -> [Text];
lexemes(Text, Separators) when is_list(Separators) ->
    lexemes_m(Text, Separators, empty_like(Text)).

%% Lexemes as the text [Like] is.
lexemes_m(Text, Separators, Like) when is_list(Text); is_binary(Text) ->
    [text_like(Like, L) || L <- words_of(clusters(Text), Separators)].

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
    Lexemes = lexemes(Text, Separators),
    case lists:sublist(Lexemes, N, 1) of
        [Lexeme] -> Lexeme;
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

code_points(Text) ->
    case unicode:characters_to_list(Text) of
        List when is_list(List) -> List;
        _ -> erlang:error(badarg)
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
str(S, Sub) when is_list(Sub) ->
    case merle_lists:position(Sub, S) of
        false -> str(S, Sub, 1);
        At -> At
    end.

str([C | T], [C | More] = Sub, I) ->
    case l_prefix(More, T) of
        true -> I;
        false -> str(T, Sub, I + 1)
    end;
str([_ | T], Sub, I) -> str(T, Sub, I + 1);
str([], _, _) -> 0.

-spec rstr(string(), string()) -> non_neg_integer().
rstr(S, Sub) when is_list(Sub) -> rstr(S, Sub, 1, 0).

rstr([C | T], [C | More] = Sub, I, Last) ->
    case l_prefix(More, T) of
        true -> rstr(T, Sub, I + 1, I);
        false -> rstr(T, Sub, I + 1, Last)
    end;
rstr([_ | T], Sub, I, Last) -> rstr(T, Sub, I + 1, Last);
rstr([], _, _, Last) -> Last.

l_prefix([C | Sub], [C | S]) -> l_prefix(Sub, S);
l_prefix(Sub, S) when is_list(Sub), is_list(S) -> Sub =:= [].

-spec span(string(), string()) -> non_neg_integer().
span(S, Set) when is_list(Set) -> span(S, Set, 0).

span([C | S], Set, N) ->
    case lists:member(C, Set) of
        true -> span(S, Set, N + 1);
        false -> N
    end;
span([], _, N) -> N.

-spec cspan(string(), string()) -> non_neg_integer().
cspan(S, Set) when is_list(Set) -> cspan(S, Set, 0).

cspan([C | S], Set, N) ->
    case lists:member(C, Set) of
        true -> N;
        false -> cspan(S, Set, N + 1)
    end;
cspan([], _, N) -> N.

-spec substr(string(), pos_integer()) -> string().
substr(S, 1) when is_list(S) -> S;
substr(S, Start) when is_integer(Start), Start > 1 -> substr2(S, Start).

substr2(S, 1) when is_list(S) -> S;
substr2([_ | S], Start) -> substr2(S, Start - 1).

-spec substr(string(), pos_integer(), non_neg_integer()) -> string().
substr(S, Start, Length) when is_integer(Start), Start >= 1,
                              is_integer(Length), Length >= 0 ->
    substr1(substr2(S, Start), Length).

substr1([C | S], N) when N > 0 -> [C | substr1(S, N - 1)];
substr1(S, _) when is_list(S) -> [].

-spec tokens(string(), string()) -> [string()].
tokens([], []) -> [];
tokens([_ | _] = S, []) -> [S];
tokens(S, [C]) -> tokens_single_1(lists:reverse(S), C, []);
tokens(S, [_ | _] = Set) -> tokens_multiple_1(lists:reverse(S), Set, []);
tokens(_, Set) -> erlang:error({case_clause, Set}).

%% From the end on: words come out in order.
tokens_single_1([C | S], C, Tokens) -> tokens_single_1(S, C, Tokens);
tokens_single_1([X | S], C, Tokens) -> tokens_single_2(S, C, Tokens, [X]);
tokens_single_1([], _, Tokens) -> Tokens.

tokens_single_2([C | S], C, Tokens, Token) ->
    tokens_single_1(S, C, [Token | Tokens]);
tokens_single_2([X | S], C, Tokens, Token) ->
    tokens_single_2(S, C, Tokens, [X | Token]);
tokens_single_2([], _, Tokens, Token) -> [Token | Tokens].

tokens_multiple_1([C | S], Set, Tokens) ->
    case lists:member(C, Set) of
        true -> tokens_multiple_1(S, Set, Tokens);
        false -> tokens_multiple_2(S, Set, Tokens, [C])
    end;
tokens_multiple_1([], _, Tokens) -> Tokens.

tokens_multiple_2([C | S], Set, Tokens, Token) ->
    case lists:member(C, Set) of
        true -> tokens_multiple_1(S, Set, [Token | Tokens]);
        false -> tokens_multiple_2(S, Set, Tokens, [C | Token])
    end;
tokens_multiple_2([], _, Tokens, Token) -> [Token | Tokens].

-spec chars(char(), non_neg_integer()) -> string().
chars(C, N) -> chars(C, N, []).

-spec chars(char(), non_neg_integer(), string()) -> string().
chars(C, N, Tail) when N > 0 -> chars(C, N - 1, [C | Tail]);
chars(C, 0, Tail) when is_integer(C) -> Tail.

-spec copies(string(), non_neg_integer()) -> string().
copies(S, N) when is_list(S), is_integer(N), N >= 0 ->
    lists:append(lists:duplicate(N, S)).

-spec words(string()) -> pos_integer().
words(S) -> words(S, $\s).

-spec words(string(), char()) -> pos_integer().
words(S, C) when is_integer(C) ->
    max(1, erlang:length(tokens(strip(S, both, C), [C]))).

-spec sub_word(string(), integer()) -> string().
sub_word(S, N) -> sub_word(S, N, $\s).

-spec sub_word(string(), integer(), char()) -> string().
sub_word(S, N, C) when is_integer(N), is_integer(C) ->
    case words(S, C) of
        Count when Count < N -> [];
        _ -> lists:append(lists:sublist(tokens(S, [C]), N, 1))
    end.

strip(S) -> strip(S, both).

strip(S, left) -> strip_left(S, $\s);
strip(S, right) -> strip_right(S, $\s);
strip(S, both) -> strip_right(strip_left(S, $\s), $\s).

-spec strip(string(), left | right | both, char()) -> string().
strip(S, left, C) -> strip_left(S, C);
strip(S, right, C) -> strip_right(S, C);
strip(S, both, C) -> strip_right(strip_left(S, C), C).

strip_left([C | S], C) -> strip_left(S, C);
strip_left([_ | _] = S, C) when is_integer(C) -> S;
strip_left([], C) when is_integer(C) -> [].

strip_right([C | S], C) ->
    case strip_right(S, C) of
        [] -> [];
        Rest -> [C | Rest]
    end;
strip_right([X | S], C) -> [X | strip_right(S, C)];
strip_right([], C) when is_integer(C) -> [].

left(S, N) when is_integer(N) -> left(S, N, $\s).

-spec left(string(), non_neg_integer(), char()) -> string().
left(S, N, C) when is_integer(C) ->
    case erlang:length(S) of
        L when L >= N -> substr(S, 1, N);
        L -> S ++ chars(C, N - L)
    end.

right(S, N) when is_integer(N) -> right(S, N, $\s).

-spec right(string(), non_neg_integer(), char()) -> string().
right(S, N, C) when is_integer(C) ->
    case erlang:length(S) of
        L when L >= N -> substr(S, L - N + 1);
        L -> chars(C, N - L, S)
    end.

centre(S, N) when is_integer(N) -> centre(S, N, $\s).

-spec centre(string(), non_neg_integer(), char()) -> string().
centre(S, 0, C) when is_list(S), is_integer(C) -> [];
centre(S, N, C) when is_integer(C) ->
    case erlang:length(S) of
        L when L >= N -> substr(S, (L - N) div 2 + 1, N);
        L ->
            Before = (N - L) div 2,
            chars(C, Before, S ++ chars(C, N - L - Before))
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
