%% SPDX-License-Identifier: Apache-2.0
%% Assembly as terms to the bytes of a .beam file: for those who write
%% assembly, or let 'S' write it and change it. What merle compiles itself
%% never is assembly as terms.
%%
%% Operands are looked up in tables of the module that grow on the way; such a
%% table is a map from what is looked up to its number.
-module(beam_asm).

-export([module/4, from_listing/1]).

-record(tables, {opcodes, highest = 0,
                 atoms = #{}, imports = #{}, literals = #{}, lambdas = [],
                 strings = <<>>, lines = #{}, files = #{}, line_count = 0,
                 exports = [], locals = [], names = #{}}).

%% {Module, Exports, Attributes, Functions, Labels} of the terms of a file.
from_listing(Terms) ->
    Head = fun(Key) -> proplists:get_value(Key, Terms, []) end,
    {_, Is} = lists:splitwith(fun(T) -> element(1, T) =/= function end, Terms),
    %% Who writes by hand may count them wrong.
    Labels = lists:max([Head(labels) | [L + 1 || {label, L} <- Is]]),
    {Head(module), Head(exports), Head(attributes), functions(Is), Labels}.

functions([]) -> [];
functions([{function, Name, Arity, Entry} | Terms]) ->
    IsCode = fun(T) -> not is_tuple(T) orelse element(1, T) =/= function end,
    {Code, Rest} = lists:splitwith(IsCode, Terms),
    [{function, Name, Arity, Entry, Code} | functions(Rest)].

module({Module, Exports, Attributes0, Functions0, Labels}, Chunks, Info,
       Options) ->
    {Functions, Attributes} = on_load(Functions0, Attributes0),
    T0 = #tables{opcodes = opcodes(),
                 names = #{E => {F, A} || {function, F, A, E, _} <- Functions}},
    {1, T1} = atom(Module, T0),
    {Code, T2} = lists:mapfoldl(
                   fun(F, T) -> function(F, Exports, T) end, T1, Functions),
    {End, T} = op(int_code_end, [], T2),
    Bytes = iolist_to_binary([Code, End]),
    {ok, file(Bytes, Labels, length(Functions), T,
              {Attributes, Chunks, Info, Options})}.

opcodes() ->
    opcodes(1, #{}).

opcodes(N, Known) ->
    try merle_disasm:opcode(N) of
        NameArity -> opcodes(N + 1, Known#{NameArity => N})
    catch
        error:badarg when N < 255 -> opcodes(N + 1, Known);
        error:badarg -> Known
    end.

%% The function that runs at load time says so itself.
on_load(Functions, Attributes) ->
    case proplists:get_value(on_load, Attributes) of
        [{Name, 0}] ->
            {[case F of
                  {function, Name, 0, Entry, Code} ->
                      {function, Name, 0, Entry, marked(Code, Entry)};
                  _ -> F
              end || F <- Functions],
             proplists:delete(on_load, Attributes)};
        undefined -> {Functions, Attributes}
    end.

marked([{label, Entry} = L | Is], Entry) -> [L, on_load | Is];
marked([I | Is], Entry) -> [I | marked(Is, Entry)].

function({function, Name, Arity, Entry, Code}, Exports, T0) ->
    {Number, T1} = atom(Name, T0),
    Row = <<Number:32, Arity:32, Entry:32>>,
    T = case lists:member({Name, Arity}, Exports) of
            true -> T1#tables{exports = [Row | T1#tables.exports]};
            false -> T1#tables{locals = [Row | T1#tables.locals]}
        end,
    lists:mapfoldl(fun instruction/2, T, Code).

%% ---- Instructions ----

instruction({'%', _}, T) -> {[], T};
instruction({line, Place}, T0) ->
    {Number, T} = line(Place, T0),
    op(line, [Number], T);
instruction({bif, Name, _, [], To}, T) ->
    op(bif0, [{extfunc, erlang, Name, 0}, To], T);
instruction({bif, raise, _, Args, _}, T) -> op(raise, Args, T);
instruction({bif, Name, Fail, Args, To}, T)
  when Name =:= fadd; Name =:= fsub; Name =:= fmul; Name =:= fdiv;
       Name =:= fnegate ->
    op(Name, [Fail | Args] ++ [To], T);
instruction({bif, Name, Fail, Args, To}, T) ->
    Arity = length(Args),
    op(element(Arity, {bif1, bif2}),
       [Fail, {extfunc, erlang, Name, Arity} | Args] ++ [To], T);
instruction({gc_bif, Name, Fail, Live, Args, To}, T) ->
    Arity = length(Args),
    op(element(Arity, {gc_bif1, gc_bif2, gc_bif3}),
       [Fail, Live, {extfunc, erlang, Name, Arity} | Args] ++ [To], T);
instruction({bs_add, Fail, [A, B, Unit], To}, T) ->
    op(bs_add, [Fail, A, B, Unit, To], T);
instruction({test, Name, Fail, Source, {list, _} = List}, T) ->
    op(Name, [Fail, Source, List], T);
instruction({test, Name, Fail, Args}, T) -> op(Name, [Fail | Args], T);
instruction({test, Name, Fail, Live, [First | Args], To}, T) ->
    op(Name, [Fail, First, Live | Args] ++ [To], T);
instruction({make_fun2, {f, Label}, _, _, Free}, T0) ->
    {Number, T} = lambda(Label, Free, T0),
    op(make_fun2, [Number], T);
instruction({make_fun3, {f, Label}, _, _, To, {list, Free}}, T0) ->
    {Number, T} = lambda(Label, length(Free), T0),
    op(make_fun3, [Number, To, {list, Free}], T);
instruction({call_fun2, {f, _}, Arity, Fun}, T) ->
    op(call_fun2, [{atom, unsafe}, Arity, Fun], T);
instruction({kill, Y}, T) -> op(init, [Y], T);
instruction(I, T) when is_tuple(I) ->
    [Name | Args] = tuple_to_list(I),
    op(Name, Args, T);
instruction(Name, T) -> op(Name, [], T).

op(Name, Args, #tables{opcodes = Opcodes, highest = Highest} = T0) ->
    case Opcodes of
        #{{Name, length(Args)} := Code} ->
            {Operands, T} = lists:mapfoldl(fun operand/2, T0, Args),
            {[Code | Operands], T#tables{highest = max(Code, Highest)}};
        #{} -> error({no_instruction, Name, length(Args)})
    end.

%% ---- Operands ----

%% What is known of registers' values is not written.
operand({tr, Register, _}, T) -> operand(Register, T);
operand({x, N}, T) -> {number(3, N), T};
operand({y, N}, T) -> {number(4, N), T};
operand({f, N}, T) -> {number(5, N), T};
operand(nil, T) -> {number(2, 0), T};
operand({atom, Atom}, T0) ->
    {Number, T} = atom(Atom, T0),
    {number(2, Number), T};
operand({integer, N}, T) when N < 1 bsl 128, N > -(1 bsl 128) ->
    {number(1, N), T};
operand({integer, N}, T) -> literal(N, T);
operand({float, F}, T) -> literal(F, T);
operand({literal, []}, T) -> operand(nil, T);
operand({literal, A}, T) when is_atom(A) -> operand({atom, A}, T);
operand({literal, N}, T) when is_integer(N) -> operand({integer, N}, T);
operand({literal, Term}, T) -> literal(Term, T);
operand({fr, N}, T) -> {[number(7, 2), number(0, N)], T};
operand({list, List}, T0) ->
    {Items, T} = lists:mapfoldl(fun operand/2, T0, List),
    {[number(7, 1), number(0, length(List)) | Items], T};
operand({alloc, List}, T) ->
    Pairs = [[number(0, kind(Kind)), number(0, N)] || {Kind, N} <- List],
    {[number(7, 3), number(0, length(List)) | Pairs], T};
operand({field_flags, Flags}, T) ->
    {number(0, lists:sum([flag(F) || F <- Flags])), T};
operand({string, Text}, T0) ->
    {Offset, T} = string(Text, T0),
    {number(0, Offset), T};
operand({extfunc, M, F, A}, T0) ->
    {Module, T1} = atom(M, T0),
    {Function, T2} = atom(F, T1),
    {Number, Imports} = enter({Module, Function, A}, 0, T2#tables.imports),
    {number(0, Number), T2#tables{imports = Imports}};
operand(N, T) when is_integer(N) -> {number(0, N), T}.

kind(words) -> 0;
kind(floats) -> 1;
kind(funs) -> 2.

flag(little) -> 2;
flag(signed) -> 4;
flag(native) -> 16;
flag(_) -> 0.

literal(Term, #tables{literals = Literals0} = T) ->
    %% As a binary: 0.0 and -0.0 are different keys.
    Bytes = term_to_binary(Term, [{minor_version, 2}, deterministic]),
    {Number, Literals} = enter(Bytes, 0, Literals0),
    {[number(7, 4), number(0, Number)], T#tables{literals = Literals}}.

%% A tag and a number in as few bytes as it takes.
number(Tag, N) when N < 0; N >= 1 bsl 11 -> long(Tag, N, signed_size(N));
number(Tag, N) when N < 16 -> N bsl 4 bor Tag;
number(Tag, N) -> [(N bsr 3) band 16#E0 bor 16#08 bor Tag, N band 16#FF].

long(Tag, N, Size) when Size < 2 -> long(Tag, N, 2);
long(Tag, N, Size) when Size =< 8 ->
    [(Size - 2) bsl 5 bor 16#18 bor Tag, <<N:Size/signed-unit:8>>];
long(Tag, N, Size) ->
    [7 bsl 5 bor 16#18 bor Tag, number(0, Size - 9),
     <<N:Size/signed-unit:8>>].

signed_size(N) when N >= -128, N < 128 -> 1;
signed_size(N) -> 1 + signed_size(N bsr 8).

%% ---- Tables ----

enter(Key, First, Map) ->
    case Map of
        #{Key := Number} -> {Number, Map};
        #{} ->
            Number = First + map_size(Map),
            {Number, Map#{Key => Number}}
    end.

%% Keys by their numbers.
in_order(Map) ->
    [Key || {Key, _} <- lists:keysort(2, maps:to_list(Map))].

atom(Atom, #tables{atoms = Atoms0} = T) ->
    {Number, Atoms} = enter(Atom, 1, Atoms0),
    {Number, T#tables{atoms = Atoms}}.

string(Text, #tables{strings = Strings} = T) ->
    case binary:match(Strings, Text) of
        {At, _} when Text =/= <<>> -> {At, T};
        _ -> {byte_size(Strings),
              T#tables{strings = <<Strings/binary, Text/binary>>}}
    end.

lambda(Label, Free, #tables{names = Names, lambdas = Lambdas} = T0) ->
    case lists:keyfind({Label, Free}, 1, Lambdas) of
        {_, Number, _} -> {Number, T0};
        false ->
            {Name, Arity} = map_get(Label, Names),
            {Atom, T} = atom(Name, T0),
            Number = length(Lambdas),
            Row = <<Atom:32, (Arity):32, Label:32, Number:32, Free:32, 0:32>>,
            {Number, T#tables{lambdas = [{{Label, Free}, Number, Row}
                                         | Lambdas]}}
    end.

%% Line 0 is none.
line(Place, #tables{line_count = Count} = T0) ->
    T = T0#tables{line_count = Count + 1},
    case lists:keyfind(location, 1, Place) of
        {location, File, Line} ->
            {FileNumber, Files} = enter(File, 1, T#tables.files),
            {Number, Lines} = enter({FileNumber, Line}, 1, T#tables.lines),
            {Number, T#tables{files = Files, lines = Lines}};
        false -> {0, T}
    end.

%% ---- The file ----

file(Code, Labels, Count, T, {Attributes, Chunks, Info, Options}) ->
    {Meta, Others} = lists:partition(fun({N, _}) -> N =:= <<"Meta">> end,
                                     Chunks),
    Essential = essential(Code, Labels, Count, T)
        ++ [chunk(N, B) || {N, B} <- Meta],
    MD5 = erlang:md5([content(C) || C <- Essential]),
    Rest = case lists:member(slim, Options) of
               true -> [];
               false ->
                   Version = proplists:get_value(
                               version, ?MODULE:module_info(compile)),
                   [chunk(<<"CInf">>,
                          term_to_binary([{version, Version} | Info])),
                    [chunk(N, B) || {N, B} <- Others],
                    chunk(<<"Line">>, line_table(T))]
           end,
    Body = iolist_to_binary(
             [[stamped(C, MD5) || C <- Essential],
              chunk(<<"LocT">>, rows(T#tables.locals)),
              chunk(<<"Attr">>, term_to_binary(with_vsn(Attributes, MD5))),
              Rest]),
    <<"FOR1", (byte_size(Body) + 4):32, "BEAM", Body/binary>>.

essential(Code, Labels, Count, T) ->
    Imports = [<<M:32, F:32, A:32>> || {M, F, A} <- in_order(T#tables.imports)],
    Atoms = [begin
                 Text = atom_to_binary(A),
                 <<(byte_size(Text)), Text/binary>>
             end || A <- in_order(T#tables.atoms)],
    Head = <<16:32, 0:32, (T#tables.highest):32, Labels:32, Count:32>>,
    [chunk(<<"AtU8">>, rows(Atoms)),
     chunk(<<"Code">>, <<Head/binary, Code/binary>>),
     chunk(<<"StrT">>, T#tables.strings),
     chunk(<<"ImpT">>, rows(Imports)),
     chunk(<<"ExpT">>, rows(T#tables.exports))]
        ++ [chunk(<<"FunT">>,
                  rows(lists:reverse([R || {_, _, R} <- T#tables.lambdas])))
            || T#tables.lambdas =/= []]
        ++ [chunk(<<"LitT">>, literal_table(T))
            || map_size(T#tables.literals) > 0].

rows(Rows) ->
    iolist_to_binary([<<(length(Rows)):32>> | Rows]).

literal_table(#tables{literals = Literals}) ->
    Table = rows([[<<(byte_size(B)):32>>, B] || B <- in_order(Literals)]),
    <<(byte_size(Table)):32, (zlib:compress(Table))/binary>>.

line_table(#tables{lines = Lines, files = Files, line_count = Count}) ->
    Names = [begin
                 Text = unicode:characters_to_binary(F),
                 <<(byte_size(Text)):16, Text/binary>>
             end || F <- in_order(Files)],
    {Items, _} = lists:mapfoldl(
                   fun({File, Line}, File) -> {number(1, Line), File};
                      ({File, Line}, _) ->
                           {[number(2, File), number(1, Line)], File}
                   end, 0, in_order(Lines)),
    iolist_to_binary([<<0:32, 0:32, Count:32, (map_size(Lines)):32,
                        (map_size(Files)):32>>, Items, Names]).

chunk(Name, Bytes) ->
    Padding = -byte_size(Bytes) band 3,
    <<Name/binary, (byte_size(Bytes)):32, Bytes/binary, 0:(Padding * 8)>>.

content(<<_:32, Size:32, Bytes:Size/binary, _/binary>>) -> Bytes.

%% Funs carry a part of what the module is known by.
stamped(<<"FunT", Size:32, Count:32, Rows/binary>>, <<Unique:27, _/bits>>) ->
    <<"FunT", Size:32, Count:32,
      << <<Row/binary, Unique:32>>
         || <<Row:20/binary, 0:32>> <= Rows >>/binary>>;
stamped(Chunk, _) -> Chunk.

with_vsn(Attributes, <<Number:128>>) ->
    case lists:keymember(vsn, 1, Attributes) of
        true -> Attributes;
        false -> [{vsn, [Number]} | Attributes]
    end.
