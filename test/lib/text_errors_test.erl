%% SPDX-License-Identifier: Apache-2.0
%% Texts and maps: what is found within \r\n, what regular expressions part and
%% put in, letters of Latin-1, and which argument failed.
%%
%% expect: {"\nb",["a\r","b"],["a\r","b"],"a\r"}
%% expect: {<<"bc">>,[98,99|<<"abc">>]}
%% expect: {["a"," ","b"," ","c"," "],[<<"a">>,<<"c">>],[<<>>,<<"a">>,<<"b">>]}
%% expect: {"abcd",[<<"a">>,[<<"<">>,<<"b">>,<<">">>]|<<"cd">>],"012bc"}
%% expect: {{match,[{0,1}]},{match,[{0,1}]},{match,[{0,2}]},nomatch}
%% expect: {{match,[{0,6}]},{match,[{0,2}]}}
%% expect: {incomplete,[],<<224,128>>}
%% expect: {{badmap,abc},maps,filter,#{2 => <<"not a map or an iterator">>}}
%% expect: {badarg,maps,fold,#{1 => <<"not a fun that takes three arguments">>,3 => <<"not a map or an iterator">>}}
%% expect: {badarg,unicode,characters_to_nfc_list,#{1 => <<"not valid character data (an iodata term)">>}}
%% expect: {badarg,binary,part,#{2 => <<"out of range">>}}
%% expect: {badarg,binary,unhex,#{1 => <<"GG is not a valid hex">>}}
%% expect: {badarg,re,run,#{1 => <<"not an iodata term">>,2 => <<"could not parse regular expression\nmissing ) on character 1">>}}
-module(text_errors_test).
-export([main/0]).

main() ->
    Text = "a\r\nb",
    show({string:find(Text, "\n"), string:split(Text, "\n", all),
          string:lexemes(Text, "\n"), string:trim("a\r\n", trailing, "\n")}),
    show({string:slice(<<"abc">>, 1), string:slice(["abc", <<"abc">>], 1)}),
    show({re:split("a b c ", "( *)", [{return, list}, trim]),
          re:split("abc", "b", [{parts, 0}]),
          re:split("xaxbx", "x", [{parts, 3}, trim])}),
    show({re:replace("abcd", "x", "y"), re:replace("abcd", "(b)", "<&>"),
          re:replace("abc", "(.)", "\\012", [{return, list}])}),
    show({re:run([229], "\\w"), re:run([229], [197], [caseless]),
          re:run([229], "\\w", [unicode]), re:run([1024], "\\w", [unicode])}),
    {ok, Line} = re:compile("ab.*c"),
    show({re:run("ab\ncdc", Line, [{newline, cr}]), re:run("2-", "[\\d-z]+")}),
    show(unicode:characters_to_list(<<224, 128>>)),
    failed(maps, filter, [fun(_, _) -> true end, abc]),
    failed(maps, fold, [x, 0, abc]),
    failed(unicode, characters_to_nfc_list, [[abc]]),
    failed(binary, part, [<<"abc">>, {0, 99}]),
    failed(binary, decode_hex, [<<"GG">>]),
    failed(re, run, [{}, "("]).

failed(M, F, Args) ->
    try apply(M, F, Args)
    catch
        error:Reason:Trace ->
            [{Module, Function, _, _} | _] = Trace,
            show({Reason, Module, Function,
                  erl_stdlib_errors:format_error(Reason, Trace)})
    end.

show(Term) -> io:format("~0p~n", [Term]).
