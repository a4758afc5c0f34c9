%% SPDX-License-Identifier: Apache-2.0
%% base64: there and back, and what is no good text.
%% expect: 2502526
%% expect: true
%% expect: true
%% expect: {<<"YWJjZA==">>,"//4="}
%% expect: {[],<<>>,<<>>,[]}
%% expect: {"QQ==",<<"A">>,<<"A">>,"A"}
%% expect: {"Q Q\n= =",<<"A">>,<<"A">>,"A"}
%% expect: {"QQ",error,error,error}
%% expect: {"Q",error,error,error}
%% expect: {"QQ=A",error,error,error}
%% expect: {"QUI=QUI=",error,<<65,66,16,80>>,error}
%% expect: {"====",error,<<>>,error}
%% expect: {"QU*I=",error,<<"AB">>,error}
%% expect: {"QQ==\n ",<<"A">>,<<"A">>,"A"}
%% expect: {"=Q=U=I=",error,<<"AB">>,error}
%% expect: {"QU=I",error,error,error}
%% expect: {"QUI=D",error,<<65,66,3>>,error}
%% expect: {"QUJDQU-I=",error,<<"ABCAB">>,error}
%% expect: {"A=",error,error,error}
%% expect: [function_clause,function_clause,{case_clause,eq},badarith,badarith,badarg,{case_clause,26}]
-module(base64_test).
-export([main/0]).

main() ->
    Bins = [list_to_binary([X * 7 band 255 || X <- lists:seq(1, N)])
            || N <- lists:seq(0, 300)],
    Texts = [base64:encode(B) || B <- Bins],
    show(erlang:phash2(Texts)),
    show(Bins =:= [base64:decode(T) || T <- Texts]),
    show(Bins =:= [base64:mime_decode(binary_to_list(T)) || T <- Texts]),
    show({base64:encode("abcd"), base64:encode_to_string(<<255, 254>>)}),
    [show({T, decoded(decode, T), decoded(mime_decode, T),
           decoded(decode_to_string, T)})
     || T <- ["", "QQ==", "Q Q\n= =", "QQ", "Q", "QQ=A", "QUI=QUI=", "====",
              "QU*I=", "QQ==\n ", "=Q=U=I=", "QU=I", "QUI=D", "QUJDQU-I=",
              "A="]],
    io:format("~0p~n", [[try base64:decode(T) catch error:Reason -> Reason end
          || T <- ["YQ", "=", "YQ===", "Y@==", "====", "YW!j", "YQ==a"]]]).

decoded(F, Text) ->
    try base64:F(Text) catch error:_ -> error end.

show(X) -> io:format("~p~n", [X]).
