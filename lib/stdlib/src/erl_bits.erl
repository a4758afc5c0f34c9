%% SPDX-License-Identifier: Apache-2.0
%% erl_bits: what the types written in a segment of a binary come to.
-module(erl_bits).

-export([system_bittypes/0, system_bitdefault/0, set_bit_type/2, as_list/1]).

-include("../include/erl_bits.hrl").

-spec system_bitdefault() -> no_system_bitdefault.
system_bitdefault() -> no_system_bitdefault.

-spec system_bittypes() -> no_system_types.
system_bittypes() -> no_system_types.

-spec as_list(#bittype{}) -> [term()].
as_list(#bittype{type = Type, unit = Unit, sign = Sign, endian = Endian}) ->
    [Type, {unit, Unit}, Sign, Endian].

%% Size is default, or what an expander left: a number, an expression.
-spec set_bit_type(term(), default | [term()]) ->
          {ok, term(), #bittype{}} | {error, term()}.
set_bit_type(Size, default) -> set_bit_type(Size, []);
set_bit_type(Size, Types) ->
    try
        #bittype{type = T} = Given =
            lists:foldl(fun given/2, #bittype{}, Types),
        complete(T, Size, Given)
    catch
        throw:Error -> {error, Error}
    end.

given(Word, Bt) ->
    lists:foldl(fun set_field/2, Bt, fields(Word)).

fields(T) when T =:= integer; T =:= float; T =:= binary; T =:= utf8;
               T =:= utf16; T =:= utf32 ->
    [{type, T}];
fields(bytes) -> [{type, binary}, {unit, 8}];
fields(B) when B =:= bits; B =:= bitstring -> [{type, binary}, {unit, 1}];
fields({unit, undefined}) -> [];
fields({unit, N} = Unit) when is_integer(N), N > 0, N =< 256 -> [Unit];
fields(E) when E =:= big; E =:= little; E =:= native -> [{endian, E}];
fields(S) when S =:= signed; S =:= unsigned -> [{sign, S}];
fields(Word) -> throw({undefined_bittype, Word}).

set_field({type, X}, Bt) ->
    Bt#bittype{type = agree(X, Bt#bittype.type, "type")};
set_field({unit, X}, Bt) ->
    Bt#bittype{unit = agree(X, Bt#bittype.unit, "unit")};
set_field({sign, X}, Bt) ->
    Bt#bittype{sign = agree(X, Bt#bittype.sign, "sign")};
set_field({endian, X}, Bt) ->
    Bt#bittype{endian = agree(X, Bt#bittype.endian, "endianness")}.

agree(New, undefined, _) -> New;
agree(Same, Same, _) -> Same;
agree(New, Old, What) -> throw({bittype_mismatch, New, Old, What}).

%% The defaults of the type.
complete(undefined, Size, Bt) ->
    complete(integer, Size, Bt#bittype{type = integer});
complete(binary, default, Bt) -> complete(binary, all, Bt);
complete(binary, Size, Bt) -> done(Size, 8, Bt);
complete(integer, default, Bt) -> done(8, no_unit(Bt), Bt);
complete(float, default, Bt) -> done(64, no_unit(Bt), Bt);
complete(T, Size, Bt) when T =:= integer; T =:= float -> done(Size, 1, Bt);
complete(_, default, Bt) -> utf(undefined, Bt);
complete(_, Size, Bt) -> utf(Size, Bt).

no_unit(#bittype{unit = undefined}) -> 1;
no_unit(_) -> throw(bittype_unit).

utf(Size, #bittype{unit = undefined} = Bt) ->
    case Size of
        undefined -> done(Size, undefined, Bt);
        {Atom, _, undefined} when Atom =:= atom; Atom =:= value ->
            done(Size, undefined, Bt);
        _ -> throw(utf_bittype_size_or_unit)
    end;
utf(_, _) -> throw(utf_bittype_size_or_unit).

done(Size, Unit, Bt) ->
    {ok, Size, Bt#bittype{unit = default(Bt#bittype.unit, Unit),
                          sign = default(Bt#bittype.sign, unsigned),
                          endian = default(Bt#bittype.endian, big)}}.

default(undefined, Default) -> Default;
default(Given, _) -> Given.
