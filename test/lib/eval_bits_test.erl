%% SPDX-License-Identifier: Apache-2.0
%% Segments of binaries whose types are at odds, when evaluated without having
%% been checked: an error in a construction and in a generator, no match in a
%% pattern.
%% expect: error {bittype_mismatch,signed,unsigned,[115,105,103,110]}
%% expect: <<0,0,0,17>>
%% expect: error {bittype_mismatch,big,little,[101,110,100,105,97,110,110,101,115,115]}
%% expect: error {bittype_mismatch,integer,float,[116,121,112,101]}
%% expect: error {bittype_mismatch,4,8,[117,110,105,116]}
%% expect: error {bittype_mismatch,8,1,[117,110,105,116]}
%% expect: error {bittype_mismatch,utf8,integer,[116,121,112,101]}
%% expect: error {bittype_mismatch,big,native,[101,110,100,105,97,110,110,101,115,115]}
%% expect: error {undefined_bittype,apa}
%% expect: error {undefined_bittype,{unit,300}}
%% expect: error utf_bittype_size_or_unit
%% expect: error utf_bittype_size_or_unit
%% expect: error bittype_unit
%% expect: <<1>>
%% expect: <<1>>
%% expect: error {bittype_mismatch,unsigned,signed,[115,105,103,110]}
%% expect: error {badmatch,<<17>>}
%% expect: error {badmatch,<<1>>}
%% expect: none
%% expect: error function_clause
-module(eval_bits_test).
-export([main/0]).

main() ->
    lists:foreach(fun show/1, texts()).

show(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    try erl_eval:exprs(Exprs, [], none) of
        {value, Value, _} -> io:format("~w~n", [Value])
    catch
        error:Reason -> io:format("error ~w~n", [Reason])
    end.

texts() ->
    ["<<17:32/unsigned-signed>>.",
     "<<17:32/signed-signed>>.",
     "<<1/little-big>>.",
     "<<1:8/float-integer>>.",
     "<<1:8/unit:8-unit:4>>.",
     "<<(<<1>>)/bits-unit:8>>.",
     "<<1/integer-utf8>>.",
     "<<1/native-big>>.",
     "<<1/apa>>.",
     "<<1/unit:300>>.",
     "<<1/utf8-unit:8>>.",
     "<<1:2/utf8>>.",
     "<<1/float-unit:2>>.",
     "<<(<<1>>)/bytes-binary>>.",
     "<<1/utf8-signed>>.",
     "[X || <<X/signed-unsigned>> <= <<1>>].",
     "<<_/apa>> = <<17>>.",
     "<<A/little-big>> = <<1>>.",
     "case <<1>> of <<A/big-little>> -> A; _ -> none end.",
     "fun(<<A/signed-unsigned>>) -> A end(<<1>>)."].
