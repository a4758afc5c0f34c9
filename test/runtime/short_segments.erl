%% SPDX-License-Identifier: Apache-2.0
%% Bitstrings built of short segments, at all places in a byte, against a list
%% of their bits: alone, several at once, behind others, and behind one that is
%% used again.
%% expect: ok
-module(short_segments).
-export([main/0]).

main() ->
    [one(Size, N) || Size <- lists:seq(0, 66), N <- numbers()],
    [several(At) || At <- lists:seq(0, 70)],
    [shared(At) || At <- lists:seq(0, 17)],
    [mixed(At, Length) || At <- lists:seq(0, 17),
                          Length <- [0, 1, 7, 8, 9, 63, 64, 65, 70, 300]],
    [{'EXIT', _} = (catch wrapped(N)) || N <- [1, -1]],
    io:format("ok~n").

numbers() -> [0, 1, -1, 16#5A5A5A5A5A5A5A5, -16#123456789ABCDEF].

bits(N, Size) -> [(N bsr I) band 1 || I <- lists:seq(Size - 1, 0, -1)].

little(N, Size) ->
    Whole = lists:append([bits(N bsr (8 * I), 8)
                          || I <- lists:seq(0, Size div 8 - 1)]),
    Whole ++ bits(N bsr (Size - Size rem 8), Size rem 8).

%% A bitstring's bits, which are read one by one.
seen(B) -> [X || <<X:1>> <= B].

check(B, Bits) ->
    Bits = seen(B),
    true = bit_size(B) =:= length(Bits).

one(Size, N) ->
    check(<<N:Size>>, bits(N, Size)),
    check(<<N:Size/little>>, little(N, Size)),
    %% Grown bit by bit, so that it begins at each place of a byte.
    Grown = lists:foldl(fun(I, B) -> <<B/bits, N:Size, I:1>> end, <<>>,
                        lists:seq(1, 40)),
    check(Grown, lists:append([bits(N, Size) ++ [I band 1]
                               || I <- lists:seq(1, 40)])),
    Little = lists:foldl(fun(_, B) -> <<B/bits, N:Size/little>> end, <<>>,
                         lists:seq(1, 40)),
    check(Little, lists:append(lists:duplicate(40, little(N, Size)))),
    check(<< <<N:Size>> || _ <- lists:seq(1, 20) >>,
          lists:append(lists:duplicate(20, bits(N, Size)))).

several(At) ->
    A = bits(-2, At),
    Rest = bits(5, 3) ++ bits(1000, 10) ++ bits($a, 8) ++ bits($b, 8)
        ++ bits(-7, 9),
    check(<<-2:At, 5:3, 1000:10, "ab", -7:9>>, A ++ Rest),
    X = <<-2:At>>,
    Y = <<X/bits, 5:3, 1000:10, "ab", -7:9>>,
    check(Y, A ++ Rest),
    Z = <<Y/bits, 5:3, 1000:10, "ab", -7:9>>,
    check(Z, A ++ Rest ++ Rest),
    check(Y, A ++ Rest),
    %% A word in all, and one bit more.
    [check(<<Z/bits, 1:31, 3:N>>, A ++ Rest ++ Rest ++ bits(1, 31) ++ bits(3, N))
     || N <- [32, 33, 34]],
    check(<< <<I:At, 1:2, I:5>> || I <- lists:seq(1, 30) >>,
          lists:append([bits(I, At) ++ [0, 1] ++ bits(I, 5)
                        || I <- lists:seq(1, 30)])).

%% Two that go on from the same one differ behind it.
shared(At) ->
    B = grow(At, <<>>),
    X = <<B/bits, 5:3, 9:7>>,
    Y = <<B/bits, 2:3, 77:7>>,
    check(X, seen(B) ++ bits(5, 3) ++ bits(9, 7)),
    check(Y, seen(B) ++ bits(2, 3) ++ bits(77, 7)),
    check(<<X/bits, 1:1>>, seen(X) ++ [1]),
    check(<<X/bits, 0:1>>, seen(X) ++ [0]),
    check(X, seen(B) ++ bits(5, 3) ++ bits(9, 7)),
    %% What is no byte cannot be appended to as bytes.
    case bit_size(X) rem 8 of
        0 -> ok;
        _ -> {'EXIT', {badarg, _}} = (catch <<X/binary, 1:8>>)
    end.

grow(0, B) -> <<B/bits, 1:1>>;
grow(N, B) -> grow(N - 1, <<B/bits, 6:4, N:5>>).

%% Binaries, floats and characters between them, at all places in a byte; and
%% parts that are longer than what is built in one go.
mixed(At, Length) ->
    Text = binary:copy(<<"x">>, Length),
    Part = binary:part(<<"..", Text/binary, "..">>, 2, Length),
    <<_:3, Odd:Length/binary-unit:1, _/bits>> = <<0:3, -1:Length, 0:7>>,
    Points = [$a, 16#E9, 16#20AC, 16#1F600],
    Tail = seen(Text) ++ seen(unicode:characters_to_binary(Points))
        ++ bits(16#400921FB54442D18, 64) ++ seen(<<"constant bytes of more">>),
    New = <<-2:At, Text/binary, $a/utf8, 16#E9/utf8, 16#20AC/utf8,
            16#1F600/utf8, 3.141592653589793/float, "constant bytes of more">>,
    check(New, bits(-2, At) ++ Tail),
    Float = element(1, {3.141592653589793, At}),
    More = lists:foldl(fun(P, B) ->
                               <<B/bits, P/binary, $a/utf8, 16#E9/utf8,
                                 16#20AC/utf8, 16#1F600/utf8, Float:64/float,
                                 "constant bytes of more", Odd/bits>>
                       end, <<-2:At>>, [Part, Text]),
    Again = Tail ++ bits(-1, Length),
    check(More, bits(-2, At) ++ Again ++ Again),
    check(<< <<P/binary, Float/float>> || P <- [Part, Text, Part] >>,
          lists:append(lists:duplicate(3, seen(Text) ++ seen(<<Float/float>>)))),
    check(<<More/bits, More/bits>>, seen(More) ++ seen(More)).

%% Times its unit, such a size is that of a word again.
wrapped(Sign) -> <<1:(Sign * (1 bsl 58) + 1)/unit:64>>.
