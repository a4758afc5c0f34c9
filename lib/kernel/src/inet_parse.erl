%% SPDX-License-Identifier: Apache-2.0
%% inet_parse: texts of IP addresses, read and written, and the files of a
%% system that tell about its network.
-module(inet_parse).

-export([ipv4_address/1, ipv4strict_address/1, ipv6_address/1,
         ipv6strict_address/1, address/1, strict_address/1, ntoa/1]).
-export([hosts/1, hosts/2, resolv/1, resolv/2, services/1, services/2,
         rpc/1, rpc/2, protocols/1, protocols/2, networks/1, networks/2,
         netmasks/1, netmasks/2, host_conf_linux/1, host_conf_linux/2,
         host_conf_freebsd/1, host_conf_freebsd/2, host_conf_bsdos/1,
         host_conf_bsdos/2, nsswitch_conf/1, nsswitch_conf/2]).
-export([domain/1, dots/1, visible_string/1, split_line/1]).

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
    try [plain(P) || P <- split(Text, $.)] of
        [A, B, C, D] -> {ok, {A, B, C, D}};
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
        {ok, list_to_tuple(with_zone(Words, Zone))}
    catch
        error:_ -> ?EINVAL
    end.

%% Addresses of one link have zones. A zone counts when it is a number that
%% begins with 0: then it is the second word.
with_zone(Words, []) -> Words;
with_zone([First, 0 | Words], [Zone])
  when First =:= 16#fe80; First =:= 16#ff02 ->
    case catch zone(Zone) of
        N when is_integer(N), N =< 16#ffff -> [First, N | Words];
        _ -> [First, 0 | Words]
    end.

zone([$0 | [D | _] = Digits]) when D >= $0, D =< $9 -> list_to_integer(Digits).

words("") -> [];
words(Text) -> words_of(split(Text, $:)).

words_of([Last]) ->
    case lists:member($., Last) of
        true ->
            [A, B, C, D] = [plain(P) || P <- split(Last, $.)],
            [A bsl 8 bor B, C bsl 8 bor D];
        false -> [word(Last)]
    end;
words_of([Part | Parts]) -> [word(Part) | words_of(Parts)].

%% A part of an address of IPv4, in base 10 only.
plain("0") -> 0;
plain([D | _] = Digits) when D >= $1, D =< $9 ->
    N = list_to_integer(Digits),
    true = N < 256,
    N.

word(Digits) when length(Digits) =< 4 -> digits(Digits, 16).

%%% Writing

-spec ntoa(inet:ip_address()) -> string() | {error, einval}.
ntoa({A, B, C, D} = Ip) ->
    case inet:is_ipv4_address(Ip) of
        true -> lists:flatten(io_lib:format("~w.~w.~w.~w", [A, B, C, D]));
        false -> ?EINVAL
    end;
ntoa({0, 0, 0, 0, 0, W, G, H})
  when W =:= 0, G =/= 0; W =:= 0, H > 1; W =:= 16#ffff ->
    case ntoa({G bsr 8, G band 255, H bsr 8, H band 255}) of
        {error, _} = Error -> Error;
        V4 when W =:= 0 -> "::" ++ V4;
        V4 -> "::ffff:" ++ V4
    end;
%% The zone of a link's address, see with_zone/2.
ntoa({First, Zone, _, _, _, _, _, _} = Ip)
  when First =:= 16#fe80, Zone =/= 0; First =:= 16#ff02, Zone =/= 0 ->
    case ntoa(setelement(2, Ip, 0)) of
        {error, _} = Error -> Error;
        Text -> Text ++ "%0" ++ integer_to_list(Zone)
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

%%% Files of the system
%% Each takes the name of a file, or [_] and {chars, Text} or an open file, and
%% answers what the lines say that make sense.

hosts(File) -> entries(File, fun host/1).
hosts(_, Source) -> entries(Source, fun host/1).

host([Address | Names]) ->
    case address(Address) of
        {ok, Ip} when Names =/= [] -> [{Ip, hd(Names), tl(Names)}];
        _ -> []
    end.

resolv(File) -> entries(File, fun resolver/1).
resolv(_, Source) -> entries(Source, fun resolver/1).

resolver(["domain", Name | _]) -> [{domain, Name} || domain(Name)];
resolver(["nameserver" | Addresses]) ->
    [{nameserver, Ip} || A <- Addresses, {ok, Ip} <- [address(A)]];
resolver(["search" | Names]) -> [{search, [N || N <- Names, domain(N)]}];
resolver(["lookup" | Ways]) -> [{lookup, lists:flatmap(fun way/1, Ways)}];
resolver(_) -> [].

way("bind") -> [dns];
way("dns") -> [dns];
way("hosts") -> [file];
way("files") -> [file];
way("file") -> [file];
way("yp") -> [yp];
way("nis") -> [nis];
way("nisplus") -> [nisplus];
way(_) -> [].

host_conf_linux(File) -> entries(File, fun order/1).
host_conf_linux(_, Source) -> entries(Source, fun order/1).

order(["order" | Ways]) ->
    [{lookup, lists:flatmap(fun way/1, [string:trim(W, both, ",")
                                        || W <- Ways])}];
order(_) -> [].

host_conf_freebsd(File) -> [{lookup, one_way(File)}].
host_conf_freebsd(_, Source) -> [{lookup, one_way(Source)}].

one_way(Source) -> entries(Source, fun([Way | _]) -> way(Way) end).

host_conf_bsdos(File) -> [{lookup, ways_of_hosts(File)}].
host_conf_bsdos(_, Source) -> [{lookup, ways_of_hosts(Source)}].

ways_of_hosts(Source) ->
    entries(Source, fun(["hosts" | Ways]) -> lists:flatmap(fun way/1, Ways);
                       (_) -> []
                    end).

nsswitch_conf(File) -> entries(File, fun switch/1).
nsswitch_conf(_, Source) -> entries(Source, fun switch/1).

switch(["hosts:" | Ways]) -> [{lookup, lists:flatmap(fun way/1, Ways)}];
switch(_) -> [].

services(File) -> entries(File, fun service/1).
services(_, Source) -> entries(Source, fun service/1).

%% {Name, Protocol, Port, Aliases}
service([Name, Which | Aliases]) ->
    case split(Which, $/) of
        [Port, Protocol] ->
            [{Name, list_to_atom(Protocol), list_to_integer(Port), Aliases}];
        _ -> []
    end;
service(_) -> [].

rpc(File) -> entries(File, fun numbered/1).
rpc(_, Source) -> entries(Source, fun numbered/1).

numbered([Name, Number | Aliases]) ->
    [{Name, list_to_integer(Number), Aliases}];
numbered(_) -> [].

protocols(File) -> entries(File, fun protocol/1).
protocols(_, Source) -> entries(Source, fun protocol/1).

protocol([Name, Number, Alias | _]) ->
    [{list_to_atom(Name), list_to_integer(Number), Alias}];
protocol(_) -> [].

networks(File) -> entries(File, fun network/1).
networks(_, Source) -> entries(Source, fun network/1).

network([Name, Address | _]) ->
    [{list_to_atom(Name), Ip} || {ok, Ip} <- [address(Address)]];
network(_) -> [].

netmasks(File) -> entries(File, fun netmask/1).
netmasks(_, Source) -> entries(Source, fun netmask/1).

netmask([Network, Mask | _]) ->
    [{Ip, M} || {ok, Ip} <- [address(Network)], {ok, M} <- [address(Mask)]];
netmask(_) -> [].

%% {ok, Entries}; what is wrong with a line is no reason to read no other.
entries(Source, Read) ->
    case text(Source) of
        {ok, Text} ->
            {ok, [Entry || Line <- string:split(Text, "\n", all),
                           Words <- [split_line(uncommented(Line))],
                           Words =/= [],
                           Entry <- try Read(Words) catch error:_ -> [] end]};
        Error -> Error
    end.

uncommented(Line) ->
    lists:takewhile(fun(C) -> C =/= $# andalso C =/= $; end, Line).

text({chars, Chars}) when is_binary(Chars) -> {ok, binary_to_list(Chars)};
text({chars, Chars}) -> {ok, lists:flatten(Chars)};
text({fd, Fd}) -> text(Fd);
text(Fd) when is_pid(Fd); is_tuple(Fd) ->
    case file:read(Fd, 1 bsl 20) of
        {ok, Text} when is_binary(Text) -> {ok, binary_to_list(Text)};
        Other -> Other
    end;
text(File) ->
    case file:read_file(File) of
        {ok, Bytes} -> {ok, binary_to_list(Bytes)};
        Error -> Error
    end.

%%% Words

-spec split_line(string()) -> [string()].
split_line(Line) -> string:lexemes(Line, " \t\r\n").

%% Whether it is a name of labels with dots between them.
-spec domain(string()) -> boolean().
domain([]) -> false;
domain(Name) ->
    case lists:reverse(split(Name, $.)) of
        ["", First | Labels] -> lists:all(fun is_label/1, [First | Labels]);
        Labels -> lists:all(fun is_label/1, Labels)
    end.

is_label([C | Cs]) ->
    (is_alnum(C) orelse C =:= $_)
        andalso lists:all(fun(D) -> is_alnum(D) orelse D =:= $-
                                        orelse D =:= $_ end, Cs);
is_label([]) -> false.

is_alnum(C) ->
    C >= $a andalso C =< $z orelse C >= $A andalso C =< $Z
        orelse C >= $0 andalso C =< $9.

%% How many dots are inside, and whether there is one at the end.
-spec dots(string()) -> {non_neg_integer(), boolean()}.
dots(Name) ->
    Dots = length([C || C <- Name, C =:= $.]),
    case Name =/= "" andalso lists:last(Name) of
        $. -> {Dots - 1, true};
        _ -> {Dots, false}
    end.

-spec visible_string(term()) -> boolean().
visible_string([_ | _] = Text) ->
    is_list(Text) andalso lists:all(fun is_visible/1, Text);
visible_string(_) -> false.

is_visible(C) ->
    is_integer(C) andalso (C > 32 andalso C < 127 orelse C > 160
                           andalso C =< 255).
