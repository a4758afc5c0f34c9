%% SPDX-License-Identifier: Apache-2.0
%% JSON from and to terms.
%% only merle: OTP has it since 27
%% expect: #{<<"a">> => [1,2.5,-300.0,true,null,<<"x\n">>],<<"b">> => #{}}
%% expect: [12,-0.5,<<195,169,240,159,152,128>>,[]]
%% expect: [unexpected_end,unexpected_end,{invalid_byte,93},{invalid_byte,120}]
%% expect: {"a":[1,2.5,"q\"\n",null,{}],"b":true}
%% expect: {error,{unsupported_type,{a}}}
%% expect: {[1,2],ok,<<" x">>}
%% expect: {[{<<"k">>,v}],[],<<>>}
%% expect: "\u00E9\uD83D\uDE00"
-module(json_test).
-export([main/0]).

main() ->
    show(json:decode(<<"{\"a\": [1, 2.5, -3e2, true, null, \"x\\n\"], \"b\":{}}">>)),
    show([json:decode(T) || T <- [<<"12">>, <<"-0.5 ">>,
                                  <<"\"\\u00e9\\ud83d\\ude00\"">>, <<"[]">>]]),
    show([failed(fun() -> json:decode(T) end)
          || T <- [<<"tru">>, <<"[1,">>, <<"[1,]">>, <<"x">>]]),
    io:format("~ts~n", [json:encode(#{a => [1, 2.5, <<"q\"\n">>, null, #{}],
                                      b => true})]),
    show({error, failed(fun() -> json:encode({a}) end)}),
    {continue, State} = json:decode_start(<<"[1,">>, ok, #{}),
    show(json:decode_continue(<<"2] x">>, State)),
    show(json:decode(<<"{\"k\":null}">>, [],
                     #{null => v, object_start => fun(_) -> [] end,
                       object_push => fun(K, V, Acc) -> [{K, V} | Acc] end,
                       object_finish => fun(Acc, Old) -> {Acc, Old} end})),
    io:format("~ts~n", [json:encode_binary_escape_all(
                            <<16#e9/utf8, 16#1f600/utf8>>)]).

failed(Fun) ->
    try Fun() of Value -> {no_error, Value}
    catch error:Reason -> Reason
    end.

show(Term) -> io:format("~p~n", [Term]).
