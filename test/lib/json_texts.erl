%% SPDX-License-Identifier: Apache-2.0
%% JSON: what is no good text, texts in parts, options; OTP 27's answers.
%% only merle: OTP has it since 27
%% expect: {<<"1.0e5">>,[],<<>>}
%% expect: {error,{invalid_byte,120}}
%% expect: {[1,2],ok,<<" x">>}
%% expect: {<<"a">>,ok,<<>>}
%% expect: #{<<"a">> => 1}
%% expect: [unexpected_end,unexpected_end,{invalid_byte,114},{invalid_byte,97},{invalid_byte,120},{invalid_byte,48},{invalid_byte,120},{invalid_byte,120},{invalid_byte,120},unexpected_end,{unexpected_sequence,<<"1.0e999">>}]
%% expect: [{invalid_byte,93},{invalid_byte,125},{invalid_byte,49},{invalid_byte,50},{invalid_byte,49},{invalid_byte,125},{invalid_byte,93},{invalid_byte,239}]
%% expect: [{invalid_byte,1},{invalid_byte,128},{invalid_byte,40},{invalid_byte,40},{invalid_byte,160},{invalid_byte,128},{invalid_byte,248},{invalid_byte,34}]
%% expect: [unexpected_end,{invalid_byte,120},{unexpected_sequence,<<"\\udc00">>},unexpected_end,{unexpected_sequence,<<"\\u+123">>},<<240,159,152,128>>,{invalid_byte,107},{unexpected_sequence,<<"\\ud800\\ud800">>}]
%% expect: {error,unexpected_end}
%% expect: {12,ok,<<>>}
%% expect: true
%% expect: {{[#{a => {int,<<"1">>}}|{[]}],[]},[],<<>>}
%% expect: true
%% expect: [<<"1.0e300">>,<<"[\"undefined\",true,[]]">>,<<"{\"1\":2,\"1.5\":\"a\"}">>,<<34,127,92,117,48,48,48,49,47,60,62,92,110,34>>,<<"{}">>,<<"[97,98]">>]
%% expect: [{unsupported_type,{a}},function_clause,function_clause,{unsupported_type,<<1:1>>},{invalid_byte,255},unexpected_end,{invalid_byte,40}]
%% expect: <<"\"a\\u00E9\\u20AC\\uD83D\\uDE00\\u0007/\"">>
%% expect: {error,{invalid_byte,195}}
%% expect: {error,{duplicate_key,<<"a">>}}
%% expect: <<"{\n  \"a\": {\n    \"b\": [1,2,3,4,5],\n    \"c\": [\n      [],\n      {},\n      \"x\"\n    ]\n  },\n  \"d\": { \"e\": 1 }\n}\n">>
%% expect: <<"[\n    [1,2,3,4,5,\n        6,7,8,9,\n        10],\n    { \"k\": \"v\" }\n]\n">>
%% expect: <<"{\n  \"b\": 1,\n  \"a\": \"x\"\n}\n">>
-module(json_texts).
-export([main/0]).

main() ->
    show(fun() -> json:decode(<<"1e5">>, [], #{float => fun(X) -> X end}) end),
    show(fun() -> json:decode(<<"[1,2]x">>) end),
    show(fun() -> json:decode(<<"[1,2] x">>, ok, #{}) end),
    show(fun() -> json:decode(<<"\"a\"  ">>, ok, #{}) end),
    show(fun() -> json:decode(<<"{\"a\":1,\"a\":2}">>) end),
    show(fun() -> [try json:decode(T) catch error:R -> R end || T <- [<<>>,
                  <<"tru">>, <<"truyx">>, <<"falsxx">>, <<"nullx">>, <<"00">>,
                  <<"-x">>, <<"1.x">>, <<"1ex">>, <<"1e">>, <<"1e999">>]] end),
    show(fun() -> [try json:decode(T) catch error:R -> R end || T <-
                  [<<"[1,]">>, <<"{\"a\":1,}">>, <<"{1:2}">>, <<"[1 2]">>,
                  <<"{\"a\" 1}">>, <<"{\"a\"}">>, <<" ]">>, <<239, 187, 191,
                  $1>>]] end),
    show(fun() -> [try json:decode(<<$", T/binary, $">>) catch error:R -> R end
                  || T <- [<<1>>, <<128>>, <<195, 40>>, <<226, 130, 40>>, <<237,
                  160, 128>>, <<240, 128, 128, 128>>, <<248>>, <<226, 130>>]]
                  end),
    show(fun() -> [try json:decode(<<$", T/binary, $">>) catch error:R -> R end
                  || T <- [<<"\\ud800x">>, <<"\\ud800xaaaaaa">>, <<"\\udc00">>,
                  <<"\\u12">>, <<"\\u+123">>, <<"\\ud83d\\ude00">>, <<"\\k">>,
                  <<"\\ud800\\ud800">>]] end),
    show(fun() -> json:decode_continue(end_of_input, element(2,
                  json:decode_start(<<"[1">>, ok, #{}))) end),
    show(fun() -> json:decode_continue(end_of_input, element(2,
                  json:decode_start(<<" 12">>, ok, #{}))) end),
    show(fun() -> begin Text = <<" {\"a\" : [1, -2.5e3, \"\\u00e9x\\n\", {},
                  []], \"b\":null } ">>, Feed = fun Feed(<<>>, S) -> S;
                  Feed(<<C, R/binary>>, S) -> case json:decode_continue(<<C>>,
                  S) of {continue, Next} -> Feed(R, Next); Done -> Done end end,
                  {continue, S} = json:decode_start(<<>>, ok, #{}), Feed(Text,
                  S) =:= {json:decode(Text), ok, <<>>} end end),
    show(fun() -> json:decode(<<"[{\"a\":1}]">>, [], #{array_start => fun(Outer)
                  -> {Outer} end, array_push => fun(V, A) -> [V | A] end,
                  array_finish => fun(A, Outer) -> {{A, Outer}, Outer} end,
                  integer => fun(T) -> {int, T} end, string => fun
                  binary_to_atom/1}) end),
    show(fun() -> begin Long = iolist_to_binary(lists:duplicate(300000,
                  <<"abcd", 16#e9/utf8>>)), Long =:=
                  json:decode(iolist_to_binary(json:encode(Long))) end end),
    show(fun() -> [iolist_to_binary(json:encode(V)) || V <- [1.0e300,
                  [undefined, true, []], #{1 => 2, 1.5 => a}, <<127, 1,
                  "/<>\n">>, #{}, "ab"]] end),
    show(fun() -> [try json:encode(V) catch error:R -> R end || V <- [{a}, #{[]
                  => a}, [a | b], <<1:1>>, <<"a", 255>>, <<"a", 195>>, <<195,
                  40>>]] end),
    show(fun() -> iolist_to_binary(json:encode_binary_escape_all(<<$a, 233/utf8,
                  8364/utf8, 128512/utf8, 7, $/>>)) end),
    show(fun() -> json:encode_binary_escape_all(<<195, 40>>) end),
    show(fun() -> json:encode_key_value_list_checked([{a, 1}, {<<"a">>, 2}], fun
                  json:encode_value/2) end),
    show(fun() -> iolist_to_binary(json:format(#{a => #{b => lists:seq(1, 5),
                  <<"c">> => [[], #{}, <<"x">>]}, d => #{e => 1}})) end),
    show(fun() -> iolist_to_binary(json:format([lists:seq(1, 10), #{k => v}],
                  #{indent => 4, max => 14})) end),
    show(fun() -> iolist_to_binary(json:format({kv, [{b, 1}, {a, <<"x">>}]},
                  fun({kv, L}, F, S) -> json:format_key_value_list(L, F, S); (V,
                  F, S) -> json:format_value(V, F, S) end)) end).

show(Fun) ->
    Answer = try Fun()
             catch Class:Reason -> {Class, Reason}
             end,
    io:format("~0tp~n", [Answer]).
