%% SPDX-License-Identifier: Apache-2.0
%% inet_parse: texts of IP addresses, read and written.
-module(inet_parse).

-export([ipv4_address/1, ipv4strict_address/1, ipv6_address/1,
         ipv6strict_address/1, address/1, strict_address/1, ntoa/1]).

-define(EINVAL, {error, einval}).

-spec address(string()) -> {ok, inet:ip_address()} | {error, einval}.
address(Text) -> either(Text, fun ipv4_address/1, fun ipv6_address/1).

strict_address(Text) ->
    either(Text, fun ipv4strict_address/1, fun ipv6strict_address/1).

either(Text, First, Second) ->
    case First(Text) of
        {ok, _} = Ok -> Ok;
        _ -> Second(Text)
    end.

%%% IPv4: up to four numbers, of which the last takes what is left

ipv4_address(Text) ->
    try
        Parts = [number(P) || P <- split(Text, $.)],
        true = length(Parts) =< 4,
        {Front, [Last]} = lists:split(length(Parts) - 1, Parts),
        true = lists:all(fun(N) -> N < 256 end, Front),
        Bytes = 4 - length(Front),
        true = Last < 1 bsl (8 * Bytes),
        <<A, B, C, D>> = <<(list_to_binary(Front))/binary, Last:Bytes/unit:8>>,
        {ok, {A, B, C, D}}
    catch
        error:_ -> ?EINVAL
    end.

ipv4strict_address(Text) ->
    try length(split(Text, $.)) of
        4 -> ipv4_address(Text);
        _ -> ?EINVAL
    catch
        error:_ -> ?EINVAL
    end.

split(Text, Separator) ->
    case lists:splitwith(fun(C) -> C =/= Separator end, Text) of
        {Part, [_ | Rest]} -> [Part | split(Rest, Separator)];
        {Part, []} -> [Part]
    end.

%% As C has numbers: 0x of base 16, 0 of base 8.
number([$0, X | Digits]) when X =:= $x; X =:= $X -> digits(Digits, 16);
number([$0 | [_ | _] = Digits]) -> digits(Digits, 8);
number(Digits) -> digits(Digits, 10).

digits([D | _] = Digits, Base) when D =/= $-, D =/= $+ ->
    list_to_integer(Digits, Base).

%%% IPv6: eight numbers, of which :: stands for those that are 0

ipv6_address(Text) ->
    case ipv6strict_address(Text) of
        {ok, _} = Ok -> Ok;
        Error ->
            case ipv4_address(Text) of
                {ok, {A, B, C, D}} ->
                    {ok, {0, 0, 0, 0, 0, 16#ffff, A bsl 8 bor B,
                          C bsl 8 bor D}};
                _ -> Error
            end
    end.

ipv6strict_address(Text0) ->
    try
        [Text | Zone] = split(Text0, $%),
        Words = case string:split(Text, "::") of
                    [Front, Back] ->
                        F = words(Front),
                        B = words(Back),
                        Zeros = 8 - length(F) - length(B),
                        true = Zeros >= 1,
                        F ++ lists:duplicate(Zeros, 0) ++ B;
                    [All] -> words(All)
                end,
        8 = length(Words),
        Zone =:= [] orelse (true = has_zones(Words)),
        {ok, list_to_tuple(Words)}
    catch
        error:_ -> ?EINVAL
    end.

%% Addresses of one link have zones, which count for nothing here.
has_zones([16#fe80, 0 | _]) -> true;
has_zones([16#ff02, 0 | _]) -> true;
has_zones(_) -> false.

words("") -> [];
words(Text) -> words_of(split(Text, $:)).

words_of([Last]) ->
    case lists:member($., Last) of
        true ->
            {ok, {A, B, C, D}} = ipv4strict_address(Last),
            [A bsl 8 bor B, C bsl 8 bor D];
        false -> [word(Last)]
    end;
words_of([Part | Parts]) -> [word(Part) | words_of(Parts)].

word(Digits) when length(Digits) =< 4 -> digits(Digits, 16).

%%% Writing

-spec ntoa(inet:ip_address()) -> string() | {error, einval}.
ntoa({A, B, C, D} = Ip) ->
    case inet:is_ipv4_address(Ip) of
        true -> lists:flatten(io_lib:format("~w.~w.~w.~w", [A, B, C, D]));
        false -> ?EINVAL
    end;
ntoa({0, 0, 0, 0, 0, W, G, H}) when W =:= 0, G =/= 0; W =:= 16#ffff ->
    case ntoa({G bsr 8, G band 255, H bsr 8, H band 255}) of
        {error, _} = Error -> Error;
        V4 when W =:= 0 -> "::" ++ V4;
        V4 -> "::ffff:" ++ V4
    end;
ntoa(Ip) ->
    case inet:is_ipv6_address(Ip) of
        true ->
            {Before, After} = cut_zeros(tuple_to_list(Ip)),
            hex(Before) ++ after_zeros(After);
        false -> ?EINVAL
    end.

after_zeros(none) -> "";
after_zeros(Words) -> "::" ++ hex(Words).

hex(Words) ->
    lists:flatten(lists:join($:, [string:lowercase(integer_to_list(W, 16))
                                  || W <- Words])).

%% Cuts the longest run of at least two zeros out.
cut_zeros(Words) ->
    Runs = [{zeros(lists:nthtail(I, Words)), -I} || I <- lists:seq(0, 7)],
    case lists:max(Runs) of
        {N, I} when N >= 2 -> {lists:sublist(Words, -I),
                               lists:nthtail(N - I, Words)};
        _ -> {Words, none}
    end.

zeros([0 | Words]) -> 1 + zeros(Words);
zeros(_) -> 0.
