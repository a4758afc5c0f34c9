%% SPDX-License-Identifier: Apache-2.0
%% pubkey_der: terms from DER and back, along a description of the type.
%%
%%     int, bool, null, oid, octets, bits   what ASN.1 calls them, as Erlang's
%%     any                                  the bytes of the whole element
%%     raw                                  the same, not looked into
%%     opentype                             the same: {asn1_OPENTYPE, Bytes}
%%     {int, Names} {enum, Names}           numbers shown by name: [{Name, N}]
%%     {range, Min, Max}                    int; Max may be infinity
%%     {flags, Names}                       bits shown by name, from bit 0
%%     {octets, Size}                       octets that are so many
%%     {text, Kind} {text, Kind, Min, Max}  characters, as a list
%%     {seq, Name, Types} {set, ...}        a record; more: what else is there
%%     {seqof, Type} {setof, Type}          a list
%%     {choice, [{Name, Type}]}             {Name, Value}
%%     {opt, Type}                          asn1_NOVALUE when it is not there
%%     {default, Value, Type}               the value when it is not there
%%     {ex, N, Type} {im, N, Type}          with context tag N, before or in
%%                                          place of its own
%%     {open, Table}                        as the record's first field tells
%%     Name                                 a type of the module's that is asked
%%
%% A module of types exports type/1, and open/2 for the tables. Lengths that are
%% not told and strings in parts are taken, as BER has them, but never written.
-module(pubkey_der).

-export([decode/3, encode/3]).

-define(CONSTRUCTED, 16#20).

%% The first element of the bytes, as the type has it. What is behind it does
%% not matter.
-spec decode(module(), atom(), binary()) ->
          {ok, term()} | {error, {asn1, {term(), term()}}}.
decode(Module, Name, Bytes) ->
    guarded(fun() ->
                    {Value, _} = take(type(Module, Name), Bytes, Module),
                    Value
            end).

-spec encode(module(), atom(), term()) ->
          {ok, binary()} | {error, {asn1, {term(), term()}}}.
encode(Module, Name, Value) ->
    guarded(fun() ->
                    Type = type(Module, Name),
                    iolist_to_binary(put_value(Type, Value, Module))
            end).

guarded(Do) ->
    try {ok, Do()}
    catch
        throw:Reason:Stack -> {error, {asn1, {Reason, Stack}}};
        error:Reason:Stack -> {error, {asn1, {Reason, Stack}}}
    end.

type(Module, Name) ->
    case Module:type(Name) of
        undefined -> throw({undefined_type, Name});
        Type -> Type
    end.

%%% Decoding: {Value, Bytes behind it}

take({opt, Type}, Bytes, M) -> take({default, asn1_NOVALUE, Type}, Bytes, M);
take({default, Value, Type}, Bytes, M) ->
    case is_next(Type, Bytes, M) of
        true -> take(Type, Bytes, M);
        false -> {Value, Bytes}
    end;
take({choice, Choices}, Bytes, M) ->
    case [Choice || {_, Type} = Choice <- Choices, is_next(Type, Bytes, M)] of
        [{Name, Type} | _] ->
            {Value, Rest} = take(Type, Bytes, M),
            {{Name, Value}, Rest};
        [] -> throw({invalid_choice_tag, Bytes})
    end;
take(any, Bytes, _) -> whole(Bytes);
take(raw, Bytes, _) ->
    {_, _, _, Rest} = element_of(Bytes),
    {binary:part(Bytes, 0, byte_size(Bytes) - byte_size(Rest)), Rest};
take(opentype, Bytes, _) ->
    {Whole, Rest} = whole(Bytes),
    {{asn1_OPENTYPE, Whole}, Rest};
take({im, N, Type}, Bytes, M) -> take_content(Type, tag(N), Bytes, M);
take({wrong, Id}, Bytes, _) -> wrong(Id, Bytes);
take({ex, N, _} = Type, Bytes, M) -> take_content(Type, tag(N), Bytes, M);
take(Type, Bytes, M) ->
    case own_tag(Type) of
        undefined -> take(type(M, Type), Bytes, M);
        Tag -> take_content(Type, Tag, Bytes, M)
    end.

%% A table that is complete does not have the identifier.
wrong(Id, Value) ->
    throw({'Type not compatible with table constraint', {component, 'Type'},
           {value, Value}, {unique_name_and_value, id, Id}}).

take_content(Type, Tag, Bytes, M) ->
    case element_of(Bytes) of
        {Tag, Form, Content, Rest} -> {content(Type, Form, Content, M), Rest};
        {Got, _, Content, _} ->
            throw({wrong_tag, {{expected, Tag}, {got, Got, Content}}})
    end.

content({seq, Name, Types}, 1, Content, M) -> fields(Name, Types, Content, M);
content({set, Name, Types}, 1, Content, M) ->
    %% In any order; the types are in that of their tags.
    fields(Name, Types, iolist_to_binary(by_tag(wholes(Content))), M);
content({seqof, Type}, 1, Content, M) -> take_all(Type, Content, M);
content({setof, Type}, 1, Content, M) -> take_all(Type, Content, M);
content({ex, _, Type}, 1, Content, M) ->
    {Value, <<>>} = take(Type, Content, M),
    Value;
content(octets, Form, Content, _) -> joined(Form, Content);
content(bits, Form, Content, _) -> bits(Form, Content);
content({octets, Size}, Form, Content, _) ->
    Octets = joined(Form, Content),
    sized(Octets, byte_size(Octets), Size, Size);
content({flags, Names}, Form, Content, _) ->
    flags(bits(Form, Content), Names, 0);
content({text, Kind}, Form, Content, _) -> text(Kind, joined(Form, Content));
content({text, utf8, _, _}, Form, Content, _) -> joined(Form, Content);
content({text, Kind, Min, Max}, Form, Content, _) ->
    Text = text(Kind, joined(Form, Content)),
    sized(Text, length(Text), Min, Max);
content(int, 0, Content, _) ->
    Size = bit_size(Content),
    <<N:Size/signed>> = Content,
    N;
content({range, Min, Max}, 0, Content, M) ->
    N = content(int, 0, Content, M),
    sized(N, N, Min, Max);
content({int, Names}, 0, Content, M) ->
    N = content(int, 0, Content, M),
    case lists:keyfind(N, 2, Names) of
        {Name, _} -> Name;
        false -> N
    end;
content({enum, Names}, 0, Content, M) ->
    case content({int, Names}, 0, Content, M) of
        N when is_integer(N) -> throw({enumerated_not_in_range, N});
        Name -> Name
    end;
content(bool, 0, <<N>>, _) -> N =/= 0;
content(null, 0, <<>>, _) -> 'NULL';
content(oid, 0, Content, _) -> list_to_tuple(first_arcs(arcs(Content, 0)));
content(Name, Form, Content, M) when is_atom(Name), Form =< 1 ->
    case M:type(Name) of
        undefined -> throw({wrong_content, Name, Content});
        Type -> content(Type, Form, Content, M)
    end.

fields(Name, Types, Content, M) ->
    case take_fields(Types, Content, none, M) of
        {Values, <<>>} -> list_to_tuple([Name | Values]);
        {_, Rest} -> throw({unexpected, Rest})
    end.

%% First: what the first field of the record was; tables ask for it.
take_fields([more], _, _, _) -> {[], <<>>};
take_fields([Type | Types], Content, First, M) ->
    {Value, Rest} = take(closed(Type, First, M), Content, M),
    Next = case First of
               none -> {Value};
               _ -> First
           end,
    {Values, Behind} = take_fields(Types, Rest, Next, M),
    {[Value | Values], Behind};
take_fields([], Rest, _, _) -> {[], Rest}.

take_all(_, <<>>, _) -> [];
take_all(Type, Bytes, M) ->
    {Value, Rest} = take(Type, Bytes, M),
    [Value | take_all(Type, Rest, M)].

%% The type with what its table says in place of {open, Table}.
closed({open, Table}, {First}, M) -> M:open(Table, First);
closed({opt, Type}, First, M) -> {opt, closed(Type, First, M)};
closed({setof, Type}, First, M) -> {setof, closed(Type, First, M)};
closed({Tagged, N, Type}, First, M) when Tagged =:= ex; Tagged =:= im ->
    {Tagged, N, closed(Type, First, M)};
closed(Type, _, _) -> Type.

sized(Value, Size, Min, Max) when Min =< Size, Size =< Max -> Value;
sized(_, _, _, _) -> throw(bad_range).

is_next(_, <<>>, _) -> false;
is_next(Type, Bytes, M) ->
    case first_tags(Type, M) of
        any -> true;
        Tags ->
            {Tag, _, _} = tag_of(Bytes),
            lists:member(Tag, Tags)
    end.

bits(0, <<Unused, Content/binary>>) ->
    Size = bit_size(Content) - Unused,
    <<Bits:Size/bitstring, _/bitstring>> = Content,
    Bits;
bits(1, <<>>) -> <<>>;
bits(1, Parts) ->
    {3, Form, Content, Rest} = element_of(Parts),
    First = bits(Form, Content),
    Others = bits(1, Rest),
    <<First/bitstring, Others/bitstring>>.

flags(<<1:1, Bits/bitstring>>, [Name | Names], N) ->
    [Name | flags(Bits, Names, N + 1)];
flags(<<0:1, Bits/bitstring>>, [_ | Names], N) -> flags(Bits, Names, N + 1);
flags(<<1:1, Bits/bitstring>>, [], N) -> [{bit, N} | flags(Bits, [], N + 1)];
flags(<<0:1, Bits/bitstring>>, [], N) -> flags(Bits, [], N + 1);
flags(<<>>, _, _) -> [].

%% A string that came in parts, in one.
joined(0, Content) -> Content;
joined(1, <<>>) -> <<>>;
joined(1, Parts) ->
    {_, Form, Content, Rest} = element_of(Parts),
    First = joined(Form, Content),
    Others = joined(1, Rest),
    <<First/binary, Others/binary>>.

%% Characters over 255 are four numbers.
text(utf8, Content) -> Content;
text(bmp, Content) ->
    [case Unit of <<0, C>> -> C; <<A, B>> -> {0, 0, A, B} end
     || <<Unit:2/binary>> <= Content];
text(universal, Content) ->
    [case Unit of <<0:24, C>> -> C; _ -> list_to_tuple(binary_to_list(Unit)) end
     || <<Unit:4/binary>> <= Content];
text(_, Content) -> binary_to_list(Content).

arcs(<<1:1, High:7, Rest/binary>>, N) -> arcs(Rest, N bsl 7 bor High);
arcs(<<0:1, Low:7, Rest/binary>>, N) -> [N bsl 7 bor Low | arcs(Rest, 0)];
arcs(<<>>, _) -> [].

%% The first number stands for two.
first_arcs([N | Rest]) when N < 80 -> [N div 40, N rem 40 | Rest];
first_arcs([N | Rest]) -> [2, N - 80 | Rest].

%% {Tag without the bit of its form, Form, Content, Bytes behind it}
element_of(Bytes) ->
    {Tag, Form, Behind} = tag_of(Bytes),
    case Behind of
        <<0:1, Size:7, Content:Size/binary, Rest/binary>> ->
            {Tag, Form, Content, Rest};
        <<128, Rest/binary>> when Form =:= 1 ->
            {Content, Others} = until_end(Rest, []),
            {Tag, Form, Content, Others};
        <<1:1, N:7, Size:N/unit:8, Content:Size/binary, Rest/binary>>
          when N > 0 ->
            {Tag, Form, Content, Rest};
        _ -> throw({invalid_length, Bytes})
    end.

tag_of(<<Class:2, Form:1, 31:5, Rest/binary>>) ->
    long_tag(Rest, Class bsl 6, Form);
tag_of(<<Class:2, Form:1, N:5, Rest/binary>>) ->
    {Class bsl 6 bor N, Form, Rest};
tag_of(<<>>) -> throw({invalid_tag, <<>>}).

%% Numbers over 30: no type has them, their pairs are only like themselves.
long_tag(<<1:1, N:7, Rest/binary>>, Tag, Form) ->
    long_tag(Rest, Tag bsl 7 bor N, Form);
long_tag(<<0:1, N:7, Rest/binary>>, Tag, Form) ->
    {{long, Tag bsl 7 bor N}, Form, Rest};
long_tag(<<>>, Tag, _) -> throw({invalid_tag, Tag}).

until_end(<<0, 0, Rest/binary>>, Parts) ->
    {iolist_to_binary(lists:reverse(Parts)), Rest};
until_end(Bytes, Parts) ->
    {Part, Rest} = whole(Bytes),
    until_end(Rest, [Part | Parts]).

%% An element as DER writes it, and what is behind it. All that is in it is
%% looked at: so no broken one goes on.
whole(<<First, _/binary>> = Bytes) ->
    {Tag, Form, Content, Rest} = element_of(Bytes),
    Inner = case Form of
                0 -> Content;
                1 -> wholes(Content)
            end,
    case Tag of
        {long, _} ->
            {binary:part(Bytes, 0, byte_size(Bytes) - byte_size(Rest)), Rest};
        _ -> {iolist_to_binary(put_element(First, Inner)), Rest}
    end;
whole(<<>>) -> throw({invalid_tag, <<>>}).

wholes(<<>>) -> [];
wholes(Bytes) ->
    {Whole, Rest} = whole(Bytes),
    [Whole | wholes(Rest)].

by_tag(Elements) ->
    Tagged = [{element(1, tag_of(E)), E} || E <- Elements],
    [E || {_, E} <- lists:keysort(1, Tagged)].

%%% Tags

%% The tags that a value of the type may begin with, or any.
first_tags({choice, Choices}, M) ->
    lists:append([first_tags(Type, M) || {_, Type} <- Choices]);
first_tags({im, N, _}, _) -> [tag(N)];
first_tags({ex, N, _}, _) -> [tag(N)];
first_tags(any, _) -> any;
first_tags(raw, _) -> any;
first_tags(opentype, _) -> any;
first_tags({wrong, _}, _) -> any;
first_tags(Type, M) ->
    case own_tag(Type) of
        undefined -> first_tags(type(M, Type), M);
        Tag -> [Tag]
    end.

%% A tag of another class is told whole.
tag(N) when N < 64 -> 128 bor N;
tag(N) -> N.

own_tag(bool) -> 1;
own_tag(int) -> 2;
own_tag({int, _}) -> 2;
own_tag({range, _, _}) -> 2;
own_tag(bits) -> 3;
own_tag({flags, _}) -> 3;
own_tag(octets) -> 4;
own_tag({octets, _}) -> 4;
own_tag(null) -> 5;
own_tag(oid) -> 6;
own_tag({enum, _}) -> 10;
own_tag({seq, _, _}) -> 16;
own_tag({seqof, _}) -> 16;
own_tag({set, _, _}) -> 17;
own_tag({setof, _}) -> 17;
own_tag({text, Kind, _, _}) -> own_tag({text, Kind});
own_tag({text, Kind}) ->
    case Kind of
        utf8 -> 12; numeric -> 18; printable -> 19; teletex -> 20; ia5 -> 22;
        utc -> 23; generalized -> 24; visible -> 26; universal -> 28;
        bmp -> 30
    end;
own_tag(_) -> undefined.

%%% Encoding

put_value({opt, _}, asn1_NOVALUE, _) -> [];
put_value({opt, Type}, Value, M) -> put_value(Type, Value, M);
put_value({default, _, _}, asn1_DEFAULT, _) -> [];
put_value({default, Value, _}, Value, _) -> [];
put_value({default, Default, Type}, Value, M) ->
    %% The same by another name is not written either.
    Usual = iolist_to_binary(put_value(Type, Default, M)),
    case iolist_to_binary(put_value(Type, Value, M)) of
        Usual -> [];
        Bytes -> Bytes
    end;
put_value({choice, Choices}, {Name, Value}, M) ->
    case lists:keyfind(Name, 1, Choices) of
        {_, Type} -> put_value(Type, Value, M);
        false -> throw({invalid_choice_type, Name})
    end;
put_value(any, Bytes, _) -> iolist_to_binary(Bytes);
put_value(opentype, {asn1_OPENTYPE, Bytes}, _) -> Bytes;
put_value({im, N, Type}, Value, M) ->
    {Own, Content} = body(Type, Value, M),
    put_element(tag(N) bor (Own band ?CONSTRUCTED), Content);
put_value({wrong, Id}, Value, _) -> wrong(Id, Value);
put_value(Type, Value, M) ->
    case body(Type, Value, M) of
        {Tag, Content} -> put_element(Tag, Content);
        Whole -> Whole
    end.

%% {First byte, Content}, or the whole element where that has no tag of its own.
body({ex, N, Type}, Value, M) ->
    {tag(N) bor ?CONSTRUCTED, put_value(Type, Value, M)};
body({seq, _, Types}, Record, M) ->
    {16 bor ?CONSTRUCTED, put_fields(Types, Record, M)};
body({set, _, Types}, Record, M) ->
    {17 bor ?CONSTRUCTED, put_fields(Types, Record, M)};
body({seqof, Type}, Values, M) ->
    {16 bor ?CONSTRUCTED, [put_value(Type, V, M) || V <- Values]};
body({setof, Type}, Values, M) ->
    {17 bor ?CONSTRUCTED,
     lists:sort([iolist_to_binary(put_value(Type, V, M)) || V <- Values])};
body(Type, Value, M) ->
    case own_tag(Type) of
        undefined ->
            case type(M, Type) of
                {choice, _} = Choice -> [put_value(Choice, Value, M)];
                any -> [put_value(any, Value, M)];
                Described -> body(Described, Value, M)
            end;
        Tag -> {Tag, put_content(Type, Value)}
    end.

%% The name of the record does not matter.
put_fields(Types0, Record, M) ->
    [_ | Values] = tuple_to_list(Record),
    First = case Values of
                [Value | _] -> {Value};
                [] -> none
            end,
    Types = Types0 -- [more],
    lists:zipwith(fun(Type, V) -> put_value(closed(Type, First, M), V, M) end,
                  Types, Values).

put_content(int, N) when is_integer(N) -> integer_bytes(N, 1);
put_content({range, _, _}, N) when is_integer(N) -> integer_bytes(N, 1);
put_content({int, _}, N) when is_integer(N) -> integer_bytes(N, 1);
put_content({Named, Names}, Name) when Named =:= int; Named =:= enum ->
    case lists:keyfind(Name, 1, Names) of
        {_, N} -> integer_bytes(N, 1);
        false -> throw({encode_integer_namednumber, Name})
    end;
put_content(bool, Value) -> case Value of true -> [255]; false -> [0] end;
put_content(null, _) -> [];
put_content(octets, Bytes) -> iolist_to_binary(Bytes);
put_content({octets, _}, Bytes) -> iolist_to_binary(Bytes);
put_content(bits, Bits) ->
    Unused = (8 - bit_size(Bits) rem 8) rem 8,
    [Unused, <<Bits/bitstring, 0:Unused>>];
put_content({flags, _}, Bits) when is_bitstring(Bits) ->
    put_content(bits, Bits);
put_content({flags, Names}, Set) ->
    Numbers = [flag_number(Flag, Names, 0) || Flag <- Set],
    Last = lists:max([-1 | Numbers]),
    put_content(bits, << <<(case lists:member(N, Numbers) of
                                true -> 1;
                                false -> 0
                            end):1>> || N <- lists:seq(0, Last)>>);
put_content(oid, Oid) ->
    [First, Second | Rest] = tuple_to_list(Oid),
    [arc(N) || N <- [First * 40 + Second | Rest]];
put_content({text, Kind, _, _}, Text) -> put_content({text, Kind}, Text);
put_content({text, bmp}, Text) -> [wide(C, 2) || C <- Text];
put_content({text, universal}, Text) -> [wide(C, 4) || C <- Text];
put_content({text, _}, Text) -> iolist_to_binary(Text).

flag_number({bit, N}, _, _) -> N;
flag_number(Flag, [Flag | _], N) -> N;
flag_number(Flag, [_ | Names], N) -> flag_number(Flag, Names, N + 1);
flag_number(Flag, [], _) -> throw({bitstring_namedbit, Flag}).

wide({A, B, C, D}, 4) -> [A, B, C, D];
wide({0, 0, C, D}, 2) -> [C, D];
wide(C, Size) -> <<C:Size/unit:8>>.

integer_bytes(N, Size) ->
    Half = 1 bsl (Size * 8 - 1),
    case N >= -Half andalso N < Half of
        true -> <<N:Size/unit:8>>;
        false -> integer_bytes(N, Size + 1)
    end.

arc(N) when N < 128 -> [N];
arc(N) -> [high_arc(N bsr 7), N band 127].

high_arc(0) -> [];
high_arc(N) -> [high_arc(N bsr 7), N band 127 bor 128].

put_element(Tag, Content) ->
    Size = iolist_size(Content),
    Length = case Size < 128 of
                 true -> Size;
                 false ->
                     Bytes = binary:encode_unsigned(Size),
                     [128 + byte_size(Bytes), Bytes]
             end,
    [Tag, Length, Content].
