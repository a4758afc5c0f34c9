%% SPDX-License-Identifier: Apache-2.0
%% What may stand in -if, and whether it holds: guard BIFs, bit syntax, maps,
%% operators; and what may not.
-module(if_conditions).
-export([main/0]).

main() ->
    [io:format("~ts: ~w~n", [E, holds(E)]) || E <- expressions()].

holds(E) ->
    Text = ["-if(", E, ").\nyes() -> 1.\n-else.\nno() -> 1.\n-endif.\n"],
    ok = file:write_file("condition.hrl", unicode:characters_to_binary(Text)),
    {ok, Forms} = epp:parse_file("condition.hrl", []),
    [case F of
         {function, _, Name, _, _} -> Name;
         {error, {_, _, What}} -> What
     end || F <- Forms, element(1, F) =/= attribute, element(1, F) =/= eof].

expressions() ->
    ["abs(-1) =:= 1", "abs(a) =:= 1",
     "binary_part(<<\"abc\">>, 1, 2) =:= <<\"bc\">>",
     "binary_part(<<\"abc\">>, 3, -2) =:= <<\"bc\">>",
     "binary_part(<<\"abc\">>, {0, 1}) =:= <<\"a\">>",
     "is_binary(binary_part(<<\"abc\">>, 2, 2))",
     "bit_size(<<1:3>>) =:= 3", "bit_size(<<\"ab\">>) =:= 16", "bit_size(a) > 1",
     "byte_size(<<1:3>>) =:= 1", "byte_size(<<1:9>>) =:= 2",
     "ceil(1.5) =:= 2", "element(2, {a, b}) =:= b", "element(3, {a, b}) =:= b",
     "float(1) =:= 1.0", "float(1 bsl 2000) > 1.0", "float(a) =:= 1.0",
     "floor(1.5) =:= 1", "hd([a, b]) =:= a", "hd([]) =:= a",
     "is_map_key(a, #{a => 1})", "is_map_key(b, #{a => 1})",
     "is_map_key(a, [])", "length([1, 2]) =:= 2", "length(a) =:= 2",
     "map_size(#{a => 1}) =:= 1", "map_get(a, #{a => 1}) =:= 1",
     "map_get(b, #{a => 1}) =:= 1", "node() =:= nonode@nohost",
     "node(self()) =:= nonode@nohost", "is_pid(self())", "node(a) =:= a",
     "round(1.5) =:= 2", "size({a, b}) =:= 2", "size(<<1:9>>) =:= 1",
     "size(\"ab\") =:= 2", "tl([a, b]) =:= [b]", "trunc(1.9) =:= 1",
     "tuple_size({}) =:= 0", "tuple_size([]) =:= 0",
     "is_atom(a)", "is_atom(1)", "is_binary(<<>>)", "is_binary(<<1:1>>)",
     "is_bitstring(<<1:1>>)", "is_boolean(true)", "is_boolean(a)",
     "is_float(1.0)", "is_float(1)", "is_integer(1 bsl 70)",
     "is_integer(1.0)", "is_list([])", "is_list(\"\")", "is_map(#{})",
     "is_number(1.0)", "is_number(a)", "is_tuple({})", "is_port(a)",
     "is_reference(a)", "is_function(a)", "not is_function(a, 1)",
     "not is_function(a, -1)", "not is_function(a, b)",
     "is_record({r, 1}, r)", "is_record({r, 1}, s)", "is_record({}, r)",
     "is_record({r, 1}, r, 2)", "is_record({r, 1}, r, 3)",
     "not is_record({r, 1}, r, -1)", "not is_record({r, 1}, 1)",
     "is_record(r, r)", "erlang:is_atom(a)", "erlang:length([a]) =:= 1",
     "erlang:bit_size(<<1:2>>) =:= 2", "erlang:float(2) == 2",
     "erlang:is_record({r}, r)", "erlang:is_record({r}, r, 1)",
     "erlang:node() =:= nonode@nohost", "erlang:self() =:= self()",
     "is_list(atom_to_list(a))", "foo()", "foo() =:= 1", "foo(1, 2, 3, 4)",
     "lists:member(1, [1])", "length([foo()]) =:= 1", "throw(a)",
     "erlang:foo(1)", "is_process_alive(self())", "get() =:= []",
     "<<1, 2>> =:= <<1:8, 2:8>>", "<<258:16>> =:= <<1, 2>>",
     "<<258:16/little>> =:= <<2, 1>>", "<<258:16/native>> =:= <<2, 1>>",
     "<<-1:4>> =:= <<15:4>>", "<<1:12/little>> =:= <<1, 0:4>>",
     "<<300>> =:= <<44>>", "<<(1 bsl 70):80>> =:= <<64, 0:72>>",
     "<<(-(1 bsl 70)):80/little>> =:= <<0:64, 192, 255>>",
     "<<1.5>> =:= <<1.5/float>>", "<<1.5/float>> =:= <<63, 248, 0:48>>",
     "<<1.5:32/float>> =:= <<63, 192, 0, 0>>",
     "<<1.5:16/float>> =:= <<62, 0>>", "<<1:64/float-little>> =:= <<0:56>>",
     "bit_size(<<1.5:17/float>>) =:= 17", "<<16#e5/utf8>> =:= <<195, 165>>",
     "<<16#1F600/utf16>> =:= <<16#D83D:16, 16#DE00:16>>",
     "<<16#1F600/utf32-little>> =:= <<0, 16#F6, 1, 0>>",
     "byte_size(<<16#D800/utf8>>) > 1", "<<\"\\xe5\"/utf8>> =:= <<195, 165>>",
     "<<\"ab\":16>> =:= <<0, $a, 0, $b>>", "<<\"ab\"/utf16>> =:= <<0, $a, 0, $b>>",
     "<<(<<1, 2>>)/binary, 3>> =:= <<1, 2, 3>>",
     "<<(<<1, 2>>):1/binary>> =:= <<1>>", "byte_size(<<(<<1>>):2/binary>>) > 0",
     "bit_size(<<(<<1:3>>)/bits, 1:1>>) =:= 4",
     "is_binary(<<(<<1:3>>)/binary>>)", "<<5:2/unit:8>> =:= <<0, 5>>",
     "<<(<<1, 2, 3>>):2/binary-unit:8>> =:= <<1, 2>>",
     "is_binary(<<1:(1 + 7)>>)", "is_binary(<<1:(-8)>>)", "is_binary(<<a>>)",
     "#{a => 1, a => 2} =:= #{a => 2}", "#{a := 1} =:= #{}",
     "(#{a => 1})#{a := 2} =:= #{a => 2}", "(#{})#{a := 2} =:= #{a => 2}",
     "{1, 2.0} == {1.0, 2}", "1 =:= 1.0", "[1 | 2] =:= [1 | 2]",
     "1 div 0 =:= 1", "5 div 2 =:= 2 andalso 5 rem 2 =:= 1", "1 bsl 3 =:= 8",
     "not true", "not 1", "true and false", "true xor false", "a or true",
     "false andalso foo()", "true orelse foo()", "a andalso true",
     "1 =:= 1 orelse a", "[1] ++ [2] =:= [1, 2]", "a ! b", "X", "X =:= 1",
     "fun() -> a end =:= a", "begin true end", "case a of a -> true end",
     "[X || X <- [1]] =:= [1]", "a", "\"true\"", "1", "true, true", "",
     "catch true", "$a =:= 97", "\"a\" \"b\" =:= \"ab\"",
     "defined(X)", "defined(MACHINE)", "defined(1)", "defined(a, b)",
     "length(defined(a)) =:= 1"].

%% expect: abs(-1) =:= 1: [yes]
%% expect: abs(a) =:= 1: [no]
%% expect: binary_part(<<"abc">>, 1, 2) =:= <<"bc">>: [yes]
%% expect: binary_part(<<"abc">>, 3, -2) =:= <<"bc">>: [yes]
%% expect: binary_part(<<"abc">>, {0, 1}) =:= <<"a">>: [yes]
%% expect: is_binary(binary_part(<<"abc">>, 2, 2)): [no]
%% expect: bit_size(<<1:3>>) =:= 3: [yes]
%% expect: bit_size(<<"ab">>) =:= 16: [yes]
%% expect: bit_size(a) > 1: [no]
%% expect: byte_size(<<1:3>>) =:= 1: [yes]
%% expect: byte_size(<<1:9>>) =:= 2: [yes]
%% expect: ceil(1.5) =:= 2: [yes]
%% expect: element(2, {a, b}) =:= b: [yes]
%% expect: element(3, {a, b}) =:= b: [no]
%% expect: float(1) =:= 1.0: [yes]
%% expect: float(1 bsl 2000) > 1.0: [no]
%% expect: float(a) =:= 1.0: [no]
%% expect: floor(1.5) =:= 1: [yes]
%% expect: hd([a, b]) =:= a: [yes]
%% expect: hd([]) =:= a: [no]
%% expect: is_map_key(a, #{a => 1}): [yes]
%% expect: is_map_key(b, #{a => 1}): [no]
%% expect: is_map_key(a, []): [no]
%% expect: length([1, 2]) =:= 2: [yes]
%% expect: length(a) =:= 2: [no]
%% expect: map_size(#{a => 1}) =:= 1: [yes]
%% expect: map_get(a, #{a => 1}) =:= 1: [yes]
%% expect: map_get(b, #{a => 1}) =:= 1: [no]
%% expect: node() =:= nonode@nohost: [yes]
%% expect: node(self()) =:= nonode@nohost: [yes]
%% expect: is_pid(self()): [yes]
%% expect: node(a) =:= a: [no]
%% expect: round(1.5) =:= 2: [yes]
%% expect: size({a, b}) =:= 2: [yes]
%% expect: size(<<1:9>>) =:= 1: [yes]
%% expect: size("ab") =:= 2: [no]
%% expect: tl([a, b]) =:= [b]: [yes]
%% expect: trunc(1.9) =:= 1: [yes]
%% expect: tuple_size({}) =:= 0: [yes]
%% expect: tuple_size([]) =:= 0: [no]
%% expect: is_atom(a): [yes]
%% expect: is_atom(1): [no]
%% expect: is_binary(<<>>): [yes]
%% expect: is_binary(<<1:1>>): [no]
%% expect: is_bitstring(<<1:1>>): [yes]
%% expect: is_boolean(true): [yes]
%% expect: is_boolean(a): [no]
%% expect: is_float(1.0): [yes]
%% expect: is_float(1): [no]
%% expect: is_integer(1 bsl 70): [yes]
%% expect: is_integer(1.0): [no]
%% expect: is_list([]): [yes]
%% expect: is_list(""): [yes]
%% expect: is_map(#{}): [yes]
%% expect: is_number(1.0): [yes]
%% expect: is_number(a): [no]
%% expect: is_tuple({}): [yes]
%% expect: is_port(a): [no]
%% expect: is_reference(a): [no]
%% expect: is_function(a): [no]
%% expect: not is_function(a, 1): [yes]
%% expect: not is_function(a, -1): [no]
%% expect: not is_function(a, b): [no]
%% expect: is_record({r, 1}, r): [yes]
%% expect: is_record({r, 1}, s): [no]
%% expect: is_record({}, r): [no]
%% expect: is_record({r, 1}, r, 2): [yes]
%% expect: is_record({r, 1}, r, 3): [no]
%% expect: not is_record({r, 1}, r, -1): [yes]
%% expect: not is_record({r, 1}, 1): [no]
%% expect: is_record(r, r): [no]
%% expect: erlang:is_atom(a): [yes]
%% expect: erlang:length([a]) =:= 1: [yes]
%% expect: erlang:bit_size(<<1:2>>) =:= 2: [yes]
%% expect: erlang:float(2) == 2: [yes]
%% expect: erlang:is_record({r}, r): [yes]
%% expect: erlang:is_record({r}, r, 1): [yes]
%% expect: erlang:node() =:= nonode@nohost: [yes]
%% expect: erlang:self() =:= self(): [yes]
%% expect: is_list(atom_to_list(a)): [{bad,'if'},no]
%% expect: foo(): [no]
%% expect: foo() =:= 1: [no]
%% expect: foo(1, 2, 3, 4): [no]
%% expect: lists:member(1, [1]): [{bad,'if'},no]
%% expect: length([foo()]) =:= 1: [no]
%% expect: throw(a): [{bad,'if'},no]
%% expect: erlang:foo(1): [{bad,'if'},no]
%% expect: is_process_alive(self()): [{bad,'if'},no]
%% expect: get() =:= []: [{bad,'if'},no]
%% expect: <<1, 2>> =:= <<1:8, 2:8>>: [yes]
%% expect: <<258:16>> =:= <<1, 2>>: [yes]
%% expect: <<258:16/little>> =:= <<2, 1>>: [yes]
%% expect: <<258:16/native>> =:= <<2, 1>>: [yes]
%% expect: <<-1:4>> =:= <<15:4>>: [yes]
%% expect: <<1:12/little>> =:= <<1, 0:4>>: [yes]
%% expect: <<300>> =:= <<44>>: [yes]
%% expect: <<(1 bsl 70):80>> =:= <<64, 0:72>>: [no]
%% expect: <<(-(1 bsl 70)):80/little>> =:= <<0:64, 192, 255>>: [yes]
%% expect: <<1.5>> =:= <<1.5/float>>: [no]
%% expect: <<1.5/float>> =:= <<63, 248, 0:48>>: [yes]
%% expect: <<1.5:32/float>> =:= <<63, 192, 0, 0>>: [yes]
%% expect: <<1.5:16/float>> =:= <<62, 0>>: [yes]
%% expect: <<1:64/float-little>> =:= <<0:56>>: [no]
%% expect: bit_size(<<1.5:17/float>>) =:= 17: [no]
%% expect: <<16#e5/utf8>> =:= <<195, 165>>: [yes]
%% expect: <<16#1F600/utf16>> =:= <<16#D83D:16, 16#DE00:16>>: [yes]
%% expect: <<16#1F600/utf32-little>> =:= <<0, 16#F6, 1, 0>>: [yes]
%% expect: byte_size(<<16#D800/utf8>>) > 1: [no]
%% expect: <<"\xe5"/utf8>> =:= <<195, 165>>: [yes]
%% expect: <<"ab":16>> =:= <<0, $a, 0, $b>>: [yes]
%% expect: <<"ab"/utf16>> =:= <<0, $a, 0, $b>>: [yes]
%% expect: <<(<<1, 2>>)/binary, 3>> =:= <<1, 2, 3>>: [yes]
%% expect: <<(<<1, 2>>):1/binary>> =:= <<1>>: [yes]
%% expect: byte_size(<<(<<1>>):2/binary>>) > 0: [no]
%% expect: bit_size(<<(<<1:3>>)/bits, 1:1>>) =:= 4: [yes]
%% expect: is_binary(<<(<<1:3>>)/binary>>): [no]
%% expect: <<5:2/unit:8>> =:= <<0, 5>>: [yes]
%% expect: <<(<<1, 2, 3>>):2/binary-unit:8>> =:= <<1, 2>>: [yes]
%% expect: is_binary(<<1:(1 + 7)>>): [yes]
%% expect: is_binary(<<1:(-8)>>): [no]
%% expect: is_binary(<<a>>): [no]
%% expect: #{a => 1, a => 2} =:= #{a => 2}: [yes]
%% expect: #{a := 1} =:= #{}: [no]
%% expect: (#{a => 1})#{a := 2} =:= #{a => 2}: [yes]
%% expect: (#{})#{a := 2} =:= #{a => 2}: [no]
%% expect: {1, 2.0} == {1.0, 2}: [yes]
%% expect: 1 =:= 1.0: [no]
%% expect: [1 | 2] =:= [1 | 2]: [yes]
%% expect: 1 div 0 =:= 1: [no]
%% expect: 5 div 2 =:= 2 andalso 5 rem 2 =:= 1: [yes]
%% expect: 1 bsl 3 =:= 8: [yes]
%% expect: not true: [no]
%% expect: not 1: [no]
%% expect: true and false: [no]
%% expect: true xor false: [yes]
%% expect: a or true: [no]
%% expect: false andalso foo(): [no]
%% expect: true orelse foo(): [yes]
%% expect: a andalso true: [no]
%% expect: 1 =:= 1 orelse a: [yes]
%% expect: [1] ++ [2] =:= [1, 2]: [{bad,'if'},no]
%% expect: a ! b: [{bad,'if'},no]
%% expect: X: [no]
%% expect: X =:= 1: [no]
%% expect: fun() -> a end =:= a: [{bad,'if'},no]
%% expect: begin true end: [{bad,'if'},no]
%% expect: case a of a -> true end: [{bad,'if'},no]
%% expect: [X || X <- [1]] =:= [1]: [{bad,'if'},no]
%% expect: a: [no]
%% expect: "true": [no]
%% expect: 1: [no]
%% expect: true, true: [[[115,121,110,116,97,120,32,101,114,114,111,114,32,98,101,102,111,114,101,58,32],[39,44,39]],no]
%% expect: : [[[115,121,110,116,97,120,32,101,114,114,111,114,32,98,101,102,111,114,101,58,32],[39,41,39]],no]
%% expect: catch true: [{bad,'if'},no]
%% expect: $a =:= 97: [yes]
%% expect: "a" "b" =:= "ab": [yes]
%% expect: defined(X): [no]
%% expect: defined(MACHINE): [yes]
%% expect: defined(1): [{bad,'if'},no]
%% expect: defined(a, b): [no]
%% expect: length(defined(a)) =:= 1: [no]
