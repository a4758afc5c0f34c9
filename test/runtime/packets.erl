%% SPDX-License-Identifier: Apache-2.0
%% Packets: erlang:decode_packet/3 with every type.
%% expect: {ok,{http_request,'GET',{abs_path,"/"},{1,1}},<<"rest">>}
%% expect: {ok,{http_request,'POST',{absoluteURI,http,<<"a.b">>,80,<<"/c?d">>},{1,0}},<<>>}
%% expect: {ok,{http_request,"FOO",{scheme,"x","y"},{0,9}},<<>>}
%% expect: {ok,{http_error,"GET\r\n"},<<>>}
%% expect: {ok,{http_response,{1,1},404,[]},<<>>}
%% expect: {ok,{http_header,14,'Host',"host","x"},<<"\r\n">>}
%% expect: {more,undefined}
%% expect: {ok,{http_header,0,<<"X-Foo">>,<<"x-foo">>,<<"1\r\n 2">>},<<"\r\n">>}
%% expect: {ok,http_eoh,<<"X">>}
%% expect: {ok,<<"abc\n">>,<<"def">>}
%% expect: {ok,<<"abc">>,<<"defg\n">>}
%% expect: {error,invalid}
%% expect: {ok,<<"abc;">>,<<"d">>}
%% expect: {ok,<<"abc">>,<<"d">>}
%% expect: {more,5}
%% expect: {error,invalid}
%% expect: {ok,<<"abc">>,<<>>}
%% expect: {ok,<<48,129,3,97,98,99>>,<<"d">>}
%% expect: {ok,<<128,0,0,1,97>>,<<"b">>}
%% expect: {ok,<<71,73,79,80,1,2,1,0,1,0,0,0,97>>,<<"b">>}
%% expect: {ok,<<1,1,0,1,0,1,1,0,97>>,<<"b">>}
%% expect: {ok,<<3,0,0,5,97>>,<<"b">>}
%% expect: {ok,{ssl_tls,[],22,{3,1},<<"abc">>},<<"d">>}
%% expect: {ok,{ssl_tls,[],22,{3,1},<<1,0,0,6,3,1,97,98,99,100>>},<<"ef">>}
%% expect: {ok,<<2>>,<<3:4>>}
%% expect: badarg
-module(packets).
-export([main/0]).

main() ->
    [io:format("~0p~n", [try erlang:decode_packet(Type, Bytes, Options)
                         catch error:E -> E end])
     || {Type, Bytes, Options} <-
            [{http, <<"GET / HTTP/1.1\r\nrest">>, []},
             {http_bin, <<"POST http://a.b:80/c?d HTTP/1.0\n">>, []},
             {http, <<"FOO x:y\r\n">>, []},
             {http, <<"GET\r\n">>, []},
             {http, <<"HTTP/1.1 404\r\n">>, []},
             {httph, <<"host: x\r\n\r\n">>, []},
             {httph, <<"host: x\r\n">>, []},
             {httph_bin, <<"x-foo: 1\r\n 2\r\n\r\n">>, []},
             {httph, <<"\r\nX">>, []},
             {line, <<"abc\ndef">>, []},
             {line, <<"abcdefg\n">>, [{line_length, 3}]},
             {line, <<"abcdefg\n">>, [{packet_size, 3}]},
             {line, <<"abc;d">>, [{line_delimiter, $;}]},
             {1, <<3, "abcd">>, []},
             {2, <<0, 3, "ab">>, []},
             {4, <<0, 0, 0, 3, "abcd">>, [{packet_size, 2}]},
             {raw, <<"abc">>, []},
             {asn1, <<16#30, 16#81, 3, "abcd">>, []},
             {sunrm, <<128, 0, 0, 1, "ab">>, []},
             {cdr, <<"GIOP", 1, 2, 1, 0, 1, 0, 0, 0, "ab">>, []},
             {fcgi, <<1, 1, 0, 1, 0, 1, 1, 0, "axb">>, []},
             {tpkt, <<3, 0, 0, 5, "ab">>, []},
             {ssl_tls, <<22, 3, 1, 0, 3, "abcd">>, []},
             {ssl_tls, <<128, 7, 1, 3, 1, "abcdef">>, []},
             {1, <<1, 2, 3:4>>, []},
             {1, <<>>, [nonsense]}]].
