%% SPDX-License-Identifier: Apache-2.0
%% dets_format: the bytes of a dets file, version 9 as OTP writes it.
%%
%%   312  head, see head/1
%%   256  pointers to parts (all numbers have 32 bits)
%%        parts: 512 pointers to segments each
%%        segments: 256 slots each, {size, pointer} of a collection or zeros
%%        collections: <<Size, ACTIVE, Objects>>, each in a block of a buddy
%%        system, 2^4 bytes or more, which begins behind the segments
%%        free blocks: <<Size, FREE, Class, Address, ...>> by class (2^(Class-1)
%%        bytes), and <<12, FREE, END>>
%%     4  size of the file, less the base of the buddy system
%%
%% The slot of a key is its phash2 in as many bits as there are slots. The
%% objects of a slot are sorted by key; those of a key in a bag are as old as
%% they come first. An object has its size, with the four bytes of it, before
%% it, and in bags so have the objects of a key.
-module(dets_format).

-export([encode/2, decode/2, head/1, dirty/0]).

-define(COOKIE, 16#0abcdef).
-define(ACTIVE, 16#12345678).
-define(FREE, 16#3abcdef).
-define(END, 12345).
-define(VERSION, 9).

-define(HEAD, 312).
-define(PARTS, 256).
-define(PART, 512).
-define(SEGMENT, 256).
-define(BASE, (?HEAD + 4 * ?PARTS)).
-define(MOST_SLOTS, (32 * 1024 * 1024)).
-define(TOP, 31).       % the largest block has 2^31 bytes

%% ---- Head ----

%% {ok, #{type, keypos, closed, end_of_data, ...}} of the first bytes of a file;
%% at the end of data are free blocks, or what is done to an open file.
-spec head(binary()) -> {ok, map()} | {error, term()}.
head(<<End:32, ?COOKIE:32, Closed:32, Digested:156/binary, Md5:16/binary,
       Base:32, _/binary>>) ->
    <<Type:32, Version:32, _Slots:32, Next:32, KeyPos:32, Objects:32, _:96,
      Method:32, _:32, Counts/binary>> = Digested,
    Good = Md5 =:= <<0:128>> orelse Md5 =:= erlang:md5(Digested),
    if
        Version < ?VERSION -> {error, format_8_no_longer_supported};
        Type < 1; Type > 3 -> {error, invalid_type_code};
        Version =/= ?VERSION; not Good -> {error, not_a_dets_file};
        true ->
            {ok, #{type => element(Type, types()), keypos => KeyPos,
                   closed => Closed =:= 1, end_of_data => End, slots => Next,
                   hash => case Method of
                               0 -> phash;
                               _ -> phash2
                           end,
                   %% Files of before R11 do not count.
                   counts => Objects =:= 0 orelse Counts =/= <<0:(28 * 32)>>,
                   base => case Base of
                               0 -> ?BASE;
                               _ -> Base
                           end}}
    end;
head(_) -> {error, not_a_dets_file}.

types() -> {set, bag, duplicate_bag}.

%% {Position, Bytes} that tell that a file is open.
-spec dirty() -> {non_neg_integer(), binary()}.
dirty() -> {8, <<0:32>>}.

%% ---- Reading ----

%% Gives all objects to [Fun], in lists.
-spec decode(binary(), fun(([tuple()]) -> term())) -> ok.
decode(Bytes, Fun) ->
    {ok, #{type := Type, slots := Slots}} = head(Bytes),
    lists:foreach(
        fun(Slot) ->
            case collection(Slot, Bytes) of
                <<>> -> ok;
                Objects -> Fun(objects(Type, Objects))
            end
        end, lists:seq(0, Slots - 1)).

collection(Slot, Bytes) ->
    Segment = Slot div ?SEGMENT,
    Part = number(?HEAD + 4 * (Segment div ?PART), Bytes),
    At = number(Part + 4 * (Segment rem ?PART), Bytes),
    Place = At + 8 * (Slot rem ?SEGMENT),
    case Bytes of
        _ when Part =:= 0; At =:= 0 -> <<>>;
        <<_:Place/binary, Size:32, Pointer:32, _/binary>>
          when Pointer > 0, Size > 8 ->
            %% A file that was not closed may be shorter.
            case Bytes of
                <<_:Pointer/binary, Whole:32, ?ACTIVE:32, Rest/binary>>
                  when byte_size(Rest) >= Whole - 8, Whole > 8 ->
                    binary:part(Rest, 0, Whole - 8);
                _ -> <<>>
            end;
        _ -> <<>>
    end.

number(At, Bytes) ->
    case Bytes of
        <<_:At/binary, N:32, _/binary>> -> N;
        _ -> 0
    end.

objects(set, Bytes) -> sized(Bytes);
objects(_, <<Size:32, Rest/binary>>) when byte_size(Rest) >= Size - 4 ->
    <<OfKey:(Size - 4)/binary, Others/binary>> = Rest,
    sized(OfKey) ++ objects(bag, Others);
objects(_, _) -> [].

%% What is behind the last whole object is left over from before.
sized(<<Size:32, Rest/binary>>) when Size > 4, byte_size(Rest) >= Size - 4 ->
    <<Object:(Size - 4)/binary, Others/binary>> = Rest,
    [binary_to_term(Object) | sized(Others)];
sized(_) -> [].

%% ---- Writing ----

%% The bytes of a file that is closed, and where its data end. [Options] has
%% type, keypos, min_no_slots and max_no_slots.
-spec encode(ets:table(), map()) -> {iolist(), non_neg_integer()}.
encode(Ets, #{type := Type, keypos := KeyPos} = Options) ->
    Keys = keys(Ets, Type, KeyPos),
    {Least, Most, Slots} = slots(length(Keys), Options),
    Base = ?BASE + 4 * ?PART * parts(Slots)
        + 8 * ?SEGMENT * (Slots div ?SEGMENT),
    Found = lists:sort([{erlang:phash2(K) band (Slots - 1), K} || K <- Keys]),
    Collections = [{Slot, collected(OfSlot, Type, Ets)}
                   || {Slot, OfSlot} <- by_slot(Found, [])],
    {Places, Blocks, Used} = placed(Collections, Base),
    Data = [area(Slots), segments(Places, Slots), Blocks],
    End = ?HEAD + iolist_size(Data),
    Free = free(Used, Base),
    Size = End + iolist_size(Free) + 4 - base_field(Base),
    Head = head_bytes(End, Options, {Slots, Least, Most},
                      {ets:info(Ets, size), length(Keys)},
                      counts(Collections), base_field(Base)),
    {[Head, Data, Free, <<Size:32>>], End}.

base_field(?BASE) -> 0;
base_field(Base) -> Base.

keys(Ets, Type, KeyPos) ->
    All = ets:foldl(fun(O, Acc) -> [element(KeyPos, O) | Acc] end, [], Ets),
    case Type of
        set -> All;
        %% lists:usort would take 1 for 1.0.
        _ -> maps:keys(maps:from_keys(All, []))
    end.

%% {Least, Most, Slots}, powers of two.
slots(Keys, Options) ->
    Most = power(case maps:get(max_no_slots, Options, default) of
                     default -> ?MOST_SLOTS;
                     N -> min(N, ?MOST_SLOTS)
                 end, 256),
    Least = min(Most, power(case maps:get(min_no_slots, Options, default) of
                                default -> 256;
                                M -> M
                            end, 256)),
    {Least, Most, min(Most, power(Keys, Least))}.

power(N, P) when P >= N -> P;
power(N, P) -> power(N, 2 * P).

parts(Slots) -> (Slots - 1) div (?SEGMENT * ?PART) + 1.

by_slot([{Slot, Key} | Rest], [{Slot, Keys} | Done]) ->
    by_slot(Rest, [{Slot, [Key | Keys]} | Done]);
by_slot([{Slot, Key} | Rest], Done) -> by_slot(Rest, [{Slot, [Key]} | Done]);
by_slot([], Done) -> [{Slot, lists:reverse(Keys)} || {Slot, Keys} <- Done].

collected(Keys, Type, Ets) ->
    Objects = [[sized_object(O) || O <- ets:lookup(Ets, K)] || K <- Keys],
    Bytes = case Type of
                set -> Objects;
                _ -> [[<<(iolist_size(Os) + 4):32>>, Os] || Os <- Objects]
            end,
    Size = iolist_size(Bytes) + 8,
    [<<Size:32, ?ACTIVE:32>>, Bytes].

sized_object(Object) ->
    Bytes = term_to_binary(Object),
    [<<(byte_size(Bytes) + 4):32>>, Bytes].

%% The 2-logarithm of the block for so many bytes.
class(Size) -> class(Size, 4).
class(Size, Class) when Size =< 1 bsl Class -> Class;
class(Size, Class) -> class(Size, Class + 1).

%% {#{Slot => {Size, Address}}, bytes of all blocks, bytes that they take}. The
%% largest come first: so each begins at a multiple of its size. The last is
%% not filled up.
placed(Collections, Base) ->
    Sorted = lists:reverse(lists:keysort(1, [{class(iolist_size(C)), Slot, C}
                                             || {Slot, C} <- Collections])),
    place(Sorted, 0, Base, #{}, []).

place([], Offset, _, Places, Blocks) ->
    {Places, lists:reverse(Blocks), Offset};
place([{Class, Slot, Collection} | Rest], Offset, Base, Places, Blocks) ->
    Size = iolist_size(Collection),
    Block = case Rest of
                [] -> Collection;
                _ -> [Collection, <<0:(8 * ((1 bsl Class) - Size))>>]
            end,
    place(Rest, Offset + (1 bsl Class), Base,
          Places#{Slot => {Size, Base + Offset}}, [Block | Blocks]).

%% Pointers to parts, and the parts, which lie before all segments.
area(Slots) ->
    Parts = parts(Slots),
    Segments = Slots div ?SEGMENT,
    First = ?BASE + 4 * ?PART * Parts,
    [[<<(?BASE + 4 * ?PART * P):32>> || P <- lists:seq(0, Parts - 1)],
     <<0:(32 * (?PARTS - Parts))>>,
     [<<(First + 8 * ?SEGMENT * S):32>> || S <- lists:seq(0, Segments - 1)],
     <<0:(32 * (?PART * Parts - Segments))>>].

segments(Places, Slots) ->
    [case Places of
         #{Slot := {Size, Address}} -> <<Size:32, Address:32>>;
         _ -> <<0:64>>
     end || Slot <- lists:seq(0, Slots - 1)].

%% The rest of the space, as the blocks of a buddy system.
free(Used, Base) ->
    [[<<16:32, ?FREE:32, (Class + 1):32, (Base + Offset):32>>
      || {Class, Offset} <- free_blocks(Used)],
     <<12:32, ?FREE:32, ?END:32>>].

free_blocks(0) -> [{?TOP, 0}];
free_blocks(Offset) when Offset >= 1 bsl ?TOP -> [];
free_blocks(Offset) ->
    Class = lowest_bit(Offset, 0),
    [{Class, Offset} | free_blocks(Offset + (1 bsl Class))].

lowest_bit(N, Class) when N band 1 =:= 1 -> Class;
lowest_bit(N, Class) -> lowest_bit(N bsr 1, Class + 1).

%% How many collections have blocks of 2^4, 2^5, ..., 2^31 bytes.
counts(Collections) ->
    Count = lists:foldl(fun({_, C}, Map) ->
                            maps:update_with(class(iolist_size(C)),
                                             fun(N) -> N + 1 end, 1, Map)
                        end, #{}, Collections),
    << <<(maps:get(Class, Count, 0)):32>> || Class <- lists:seq(4, ?TOP) >>.

head_bytes(End, #{type := Type, keypos := KeyPos}, {Slots, Least, Most},
           {Objects, Keys}, Counts, Base) ->
    Number = case Type of
                 set -> 1;
                 bag -> 2;
                 duplicate_bag -> 3
             end,
    Digested = <<Number:32, ?VERSION:32, Slots:32, Slots:32, KeyPos:32,
                 Objects:32, Keys:32, Least:32, Most:32, 1:32, 0:32,
                 Counts/binary>>,
    [<<End:32, ?COOKIE:32, 1:32>>, Digested, erlang:md5(Digested),
     <<Base:32, 0:(8 * 124)>>].
