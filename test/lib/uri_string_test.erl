%% SPDX-License-Identifier: Apache-2.0
%% -*- coding: utf-8 -*-
%% URIs taken apart, put together, resolved; queries of forms.
%% expect: #{fragment => "nose",host => "example.com",path => "/over/there",port => 8042,
%% expect:   query => "name=ferret",scheme => "foo",userinfo => "user"}
%% expect: #{host => <<"::1">>,path => <<"/%C3%B6">>,scheme => <<"http">>}
%% expect: {error,invalid_uri," "}
%% expect: #{host => "h",path => "/p",port => undefined}
%% expect: {error,invalid_uri,":"}
%% expect: #{path => "a@b.c",scheme => "mailto"}
%% expect: "http://example.com/b/c/~%C3"
%% expect: "/b"
%% expect: "http://h/"
%% expect: "s://h/a%20b?%C3%B6?"
%% expect: <<"//[::1]:80">>
%% expect: {error,invalid_map,#{}}
%% expect: "g:h"
%% expect: "http://a/b/c/g"
%% expect: "http://a/b/c/g/"
%% expect: "http://a/g"
%% expect: "http://g"
%% expect: "http://a/b/c/d;p?y"
%% expect: "http://a/b/c/d;p?q#s"
%% expect: "http://a/b/c/d;p?q"
%% expect: "http://a/g"
%% expect: ["a%2Fb%20~","a/b",<<"a b">>,{error,invalid_utf8,<<"�">>}]
%% expect: "a+b=1%262&c"
%% expect: [{<<"a b">>,<<"1&2">>},{<<"c">>,true},{<<"d">>,<<>>}]
%% expect: "foo%C3%B6bar"
%% expect: {error,invalid_scheme,"h t"}
%% expect: "1a:b"
%% expect: {error,invalid_scheme,<<>>}
%% expect: "//u:3a"
%% expect: invalid_map
%% expect: function_clause
%% expect: function_clause
%% expect: invalid_utf8
%% expect: {error,{invalid,{path,{invalid_percent_encoding,<<"%zz">>}}}}
%% expect: {error,invalid_percent_encoding,<<"%zz">>}
%% expect: #{path => "a b",scheme => "%20"}
-module(uri_string_test).
-export([main/0]).

main() ->
    [show(uri_string:parse(U))
     || U <- ["foo://user@example.com:8042/over/there?name=ferret#nose",
              <<"http://[::1]/%C3%B6">>, "a b", "//h:/p", "http://h:x/",
              "mailto:a@b.c"]],
    [show(uri_string:normalize(U))
     || U <- ["HTTP://EXAMPLE.com:80/a/../b/./c/%7e%c3", "a/../b", "http://h"]],
    [show(uri_string:recompose(M))
     || M <- [#{path => "/a b", host => "h", scheme => "s", query => "ö?"},
              #{path => <<>>, host => <<"::1">>, port => 80}, #{}]],
    [show(uri_string:resolve(R, "http://a/b/c/d;p?q"))
     || R <- ["g:h", "g", "./g/.", "/g", "//g", "?y", "#s", "", "../../../g"]],
    show([uri_string:quote("a/b ~"), uri_string:quote("a/b", "/"),
          uri_string:unquote(<<"a%20b">>), uri_string:percent_decode("%C3")]),
    show(uri_string:compose_query([{"a b", "1&2"}, {"c", true}])),
    show(uri_string:dissect_query(<<"a+b=1%262&c&d=">>)),
    show(uri_string:transcode("foo%F6bar", [{in_encoding, latin1}])),
    [show(uri_string:recompose(M))
     || M <- [#{scheme => "h t", host => "a", path => "/"},
              #{scheme => "1a", path => "b"},
              #{scheme => <<>>, path => <<"b">>},
              #{userinfo => "u", port => 3, path => "a"}]],
    show(element(2, uri_string:recompose(#{path => "a", host => "h", no => 1}))),
    [try uri_string:F(<<255>>) catch error:E -> show(E) end
     || F <- [parse, normalize]],
    {error, {invalid, {host, {Reason, _}}}} =
        uri_string:percent_decode(#{host => "%FF", path => "a"}),
    show(Reason),
    [show(uri_string:percent_decode(M))
     || M <- [#{path => "%zz"}, #{path => <<"%zz">>},
              #{path => "a%20b", scheme => "%20"}]].

show(Term) -> io:format("~p~n", [Term]).
