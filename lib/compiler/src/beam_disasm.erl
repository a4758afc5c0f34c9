%% SPDX-License-Identifier: Apache-2.0
%% beam_disasm: the code of a .beam file as terms, with names in place of
%% numbers. The names of the instructions are the loader's.
-module(beam_disasm).

-export([file/1, format_error/1]).

-record(tables, {atoms, imports, literals = #{}, lambdas = #{}, strings,
                 module}).

file(File) ->
    try disassemble(File)
    catch
        error:Reason:Stack ->
            {error, ?MODULE, {internal, {Reason, Stack}}}
    end.

format_error({internal, Error}) ->
    io_lib:format("~p: disassembly failed with reason ~P.",
                  [?MODULE, Error, 25]);
format_error({error, Module, Error}) ->
    lists:flatten(Module:format_error(Error)).

disassemble(File) ->
    case beam_lib:chunks(File, [atoms, "Code", "StrT", indexed_imports,
                                labeled_exports]) of
        {ok, {Module, [{atoms, Atoms}, {"Code", Code}, {"StrT", Strings},
                       {indexed_imports, Imports},
                       {labeled_exports, Exports}]}} ->
            Tables = #tables{
                atoms = maps:from_list(Atoms),
                imports = #{N - 1 => {extfunc, M, F, A}
                            || {N, M, F, A} <- Imports},
                literals = literals(chunk(File, "LitT")),
                strings = Strings, module = Module},
            <<_:32, _:32, _:32, _:32, _:32, Bytes/binary>> = Code,
            Is = instructions(Bytes, Tables),
            Lambdas = lambdas(chunk(File, "FunT"), Tables),
            {beam_file, Module, Exports, attributes(File), compile_info(File),
             functions(Is, Tables#tables{lambdas = Lambdas})};
        Error -> Error
    end.

chunk(File, Name) ->
    case beam_lib:chunks(File, [Name]) of
        {ok, {_, [{Name, Bytes}]}} -> Bytes;
        {error, beam_lib, {missing_chunk, _, _}} -> none
    end.

attributes(File) ->
    case chunk(File, attributes) of
        none -> [];
        List -> List
    end.

compile_info(File) ->
    case chunk(File, "CInf") of
        none -> [];
        Bytes -> binary_to_term(Bytes)
    end.

literals(none) -> #{};
literals(<<0:32, _:32, Table/binary>>) -> literals(Table, 0);
literals(<<_:32, Packed/binary>>) ->
    <<_:32, Table/binary>> = zlib:uncompress(Packed),
    literals(Table, 0).

literals(<<Size:32, Term:Size/binary, Rest/binary>>, N) ->
    (literals(Rest, N + 1))#{N => binary_to_term(Term)};
literals(<<>>, _) -> #{}.

lambdas(none, _) -> #{};
lambdas(<<_:32, Table/binary>>, Tables) -> lambdas(Table, 0, Tables).

lambdas(<<F:32, A:32, Label:32, Index:32, Free:32, Uniq:32, Rest/binary>>, N,
        #tables{atoms = Atoms} = Tables) ->
    (lambdas(Rest, N + 1, Tables))#{N => {maps:get(F, Atoms), A, Label, Index,
                                          Free, Uniq}};
lambdas(<<>>, _, _) -> #{}.

%% Instructions: {Name, [Operand]}.

instructions(<<>>, _) -> [];
instructions(<<Code, Bytes/binary>>, Tables) ->
    {Name, Arity} = merle_disasm:opcode(Code),
    {Operands, Rest} = operands(Arity, Bytes, Tables),
    [{Name, Operands} | instructions(Rest, Tables)].

operands(0, Bytes, _) -> {[], Bytes};
operands(N, Bytes, Tables) ->
    {Operand, Rest} = operand(Bytes, Tables),
    {Operands, End} = operands(N - 1, Rest, Tables),
    {[Operand | Operands], End}.

operand(<<2#0001:4, 0:1, 7:3, Bytes/binary>>, Tables) ->
    {{u, N}, Rest} = operand(Bytes, Tables),
    {Items, End} = operands(N, Rest, Tables),
    {{list, Items}, End};
operand(<<2#0010:4, 0:1, 7:3, Bytes/binary>>, Tables) ->
    {{u, N}, Rest} = operand(Bytes, Tables),
    {{fr, N}, Rest};
operand(<<2#0011:4, 0:1, 7:3, Bytes/binary>>, Tables) ->
    {{u, N}, Rest} = operand(Bytes, Tables),
    {Pairs, End} = operands(2 * N, Rest, Tables),
    {{alloc, allocations(Pairs)}, End};
operand(<<2#0100:4, 0:1, 7:3, Bytes/binary>>, Tables) ->
    {{u, N}, Rest} = operand(Bytes, Tables),
    {{literal, maps:get(N, Tables#tables.literals)}, Rest};
operand(<<2#0101:4, 0:1, 7:3, Bytes/binary>>, Tables) ->
    {Register, Rest} = operand(Bytes, Tables),
    {{u, _Type}, End} = operand(Rest, Tables),
    {Register, End};
operand(<<N:4, 0:1, Tag:3, Rest/binary>>, Tables) ->
    {tagged(Tag, N, Tables), Rest};
operand(<<High:3, 1:2, Tag:3, Low, Rest/binary>>, Tables) ->
    {tagged(Tag, High bsl 8 bor Low, Tables), Rest};
operand(<<7:3, 3:2, Tag:3, Bytes/binary>>, Tables) ->
    {{u, N}, Rest} = operand(Bytes, Tables),
    wide(Tag, N + 9, Rest, Tables);
operand(<<N:3, 3:2, Tag:3, Rest/binary>>, Tables) ->
    wide(Tag, N + 2, Rest, Tables).

wide(Tag, Size, Bytes, Tables) ->
    <<Number:Size/signed-unit:8, Rest/binary>> = Bytes,
    {tagged(Tag, Number, Tables), Rest}.

allocations([{u, Kind}, {u, N} | Pairs]) ->
    [{element(Kind + 1, {words, floats, funs}), N} | allocations(Pairs)];
allocations([]) -> [].

tagged(0, N, _) -> {u, N};
tagged(1, N, _) -> {integer, N};
tagged(2, 0, _) -> nil;
tagged(2, N, #tables{atoms = Atoms}) -> {atom, maps:get(N, Atoms)};
tagged(3, N, _) -> {x, N};
tagged(4, N, _) -> {y, N};
tagged(5, N, _) -> {f, N};
tagged(6, N, _) -> {h, N}.

%% Functions: {function, Name, Arity, Entry, Instructions}.

functions(Is, Tables) ->
    Parts = parts(Is),
    Labels = maps:from_list([entry(P) || P <- Parts]),
    [function(P, Labels, Tables) || P <- Parts].

%% Each begins with the label and line before its func_info.
parts([{int_code_end, []} | _]) -> [];
parts([]) -> [];
parts(Is) ->
    {Head, [Info | Rest]} =
        lists:splitwith(fun({Name, _}) -> Name =/= func_info end, Is),
    {Body, Next} = body(Rest, []),
    [{Head, Info, Body} | parts(Next)].

body([{label, _}, {func_info, _} | _] = Is, Body) ->
    {lists:reverse(Body), Is};
body([{label, _}, {line, _}, {func_info, _} | _] = Is, Body) ->
    {lists:reverse(Body), Is};
body([{line, _}, {label, _}, {func_info, _} | _] = Is, Body) ->
    {lists:reverse(Body), Is};
body([{int_code_end, []} | _] = Is, Body) -> {lists:reverse(Body), Is};
body([I | Is], Body) -> body(Is, [I | Body]);
body([], Body) -> {lists:reverse(Body), []}.

entry({_, {func_info, [_, {atom, F}, {u, A}]}, [{label, [{u, L}]} | _]}) ->
    {L, {F, A}}.

function({Head, {func_info, [M, {atom, F}, {u, A}]}, Body}, Labels, Tables) ->
    [{label, [{u, Entry}]} | _] = Body,
    Is = [resolve(I, Labels, Tables) || I <- Head]
        ++ [{func_info, M, {atom, F}, A}]
        ++ [resolve(I, Labels, Tables) || I <- Body],
    {function, F, A, Entry, Is}.

%% Operands as compilers write them.

resolve({label, [{u, L}]}, _, _) -> {label, L};
resolve({line, [{u, L}]}, _, _) -> {line, L};
resolve({call, [{u, N}, F]}, Ls, T) -> {call, N, local(F, Ls, T)};
resolve({call_last, [{u, N}, F, {u, D}]}, Ls, T) ->
    {call_last, N, local(F, Ls, T), D};
resolve({call_only, [{u, N}, F]}, Ls, T) -> {call_only, N, local(F, Ls, T)};
resolve({call_ext, [{u, N}, {u, I}]}, _, T) -> {call_ext, N, import(I, T)};
resolve({call_ext_only, [{u, N}, {u, I}]}, _, T) ->
    {call_ext_only, N, import(I, T)};
resolve({call_ext_last, [{u, N}, {u, I}, {u, D}]}, _, T) ->
    {call_ext_last, N, import(I, T), D};
resolve({bif0, [{u, B}, D]}, _, T) -> {bif, name(B, T), nofail, [], D};
resolve({bif1, [F, {u, B}, A, D]}, _, T) -> {bif, name(B, T), F, [A], D};
resolve({bif2, [F, {u, B}, A1, A2, D]}, _, T) ->
    {bif, name(B, T), F, [A1, A2], D};
resolve({gc_bif1, [F, {u, L}, {u, B}, A, D]}, _, T) ->
    {gc_bif, name(B, T), F, L, [A], D};
resolve({gc_bif2, [F, {u, L}, {u, B}, A1, A2, D]}, _, T) ->
    {gc_bif, name(B, T), F, L, [A1, A2], D};
resolve({gc_bif3, [F, {u, L}, {u, B}, A1, A2, A3, D]}, _, T) ->
    {gc_bif, name(B, T), F, L, [A1, A2, A3], D};
resolve({make_fun3, [{u, N}, D, {list, Free}]}, Ls, #tables{lambdas = L} = T) ->
    {_, _, Label, Index, _, Uniq} = maps:get(N, L),
    {make_fun3, local({f, Label}, Ls, T), Index, Uniq, D, {list, Free}};
resolve({select_val, [S, F, {list, L}]}, _, _) ->
    {select_val, S, F, {list, L}};
resolve({select_tuple_arity, [S, F, {list, L}]}, _, _) ->
    {select_tuple_arity, S, F, {list, [plain(X) || X <- L]}};
resolve({bs_match_string, [F, S, {u, Bits}, {u, At}]}, _, T) ->
    {test, bs_match_string, F, [S, Bits, bits(T, At, Bits)]};
resolve({bs_create_bin, [F, {u, A}, {u, L}, {u, U}, D, {list, Parts}]}, _, T) ->
    {bs_create_bin, F, A, L, U, D, {list, segments(Parts, T)}};
resolve({bs_get_tail, [S, D, {u, L}]}, _, _) -> {bs_get_tail, S, D, L};
resolve({bs_start_match4, [F, {u, L}, S, D]}, _, _) ->
    {bs_start_match4, F, L, S, D};
resolve({get_map_elements, [F, S, L]}, _, _) -> {get_map_elements, F, S, L};
resolve({has_map_fields, [F, S, L]}, _, _) ->
    {test, has_map_fields, F, S, L};
resolve({Name, [F | Args]}, _, _)
  when Name =:= bs_get_integer2; Name =:= bs_get_float2;
       Name =:= bs_get_binary2; Name =:= bs_get_utf8; Name =:= bs_get_utf16;
       Name =:= bs_get_utf32 ->
    [Context, {u, Live} | Rest] = Args,
    {Sizes, [D]} = lists:split(length(Rest) - 1, Rest),
    {test, Name, F, Live, [Context | [flags(X) || X <- Sizes]], D};
resolve({bs_start_match3, [F, S, {u, L}, D]}, _, _) ->
    {test, bs_start_match3, F, L, [S], D};
resolve({Name, [{f, _} = F | Args]}, _, _) ->
    case is_test(Name) of
        true -> {test, Name, F, [flags(A) || A <- Args]};
        false -> list_to_tuple([Name, F | [plain(A) || A <- Args]])
    end;
resolve({Name, []}, _, _) -> Name;
resolve({Name, Args}, _, _) ->
    list_to_tuple([Name | [plain(A) || A <- Args]]).

is_test(test_arity) -> true;
is_test(Name) ->
    case atom_to_list(Name) of
        "is_" ++ _ -> true;
        "bs_test_" ++ _ -> true;
        "bs_skip_" ++ _ -> true;
        _ -> false
    end.

plain({u, N}) -> N;
plain(Other) -> Other.

flags({u, N}) -> N;
flags(Other) -> Other.

local({f, L}, Labels, #tables{module = M}) ->
    {F, A} = maps:get(L, Labels),
    {M, F, A}.

import(N, #tables{imports = Imports}) -> maps:get(N, Imports).

name(N, Tables) ->
    {extfunc, _, F, _} = import(N, Tables),
    F.

bits(#tables{strings = Strings}, At, Bits) ->
    <<_:At/binary, Text:Bits/bitstring, _/bitstring>> = Strings,
    Text.

%% Six operands each: type, sequence number, unit, flags, value, size.
segments([{atom, string}, {u, S}, {u, U}, Flags, {u, At}, {integer, Size}
          | Parts], T) ->
    Text = binary_part(T#tables.strings, At, Size),
    [{atom, string}, S, U, Flags, {string, Text}, {integer, Size}
     | segments(Parts, T)];
segments([Type, {u, S}, {u, U}, Flags, Value, Size | Parts], T) ->
    [Type, S, U, Flags, Value, Size | segments(Parts, T)];
segments([], _) -> [].
