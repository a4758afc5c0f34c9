%% SPDX-License-Identifier: Apache-2.0
%% Where a source that holds bytes that are no text is said to end: behind each of
%% these texts.
-module(epp_damage).
-export([main/0]).

main() ->
    [io:format("~ts ~w~n", [show(Text), ends(Text)]) || Text <- texts()],
    io:format("skipped ~w~n", [ends("-ifdef(x).\nf() ->")]),
    io:format("skipped whole ~w~n", [ends("-ifdef(x).\nf() -> ok.\n")]).

texts() ->
    signs() ++ numbers() ++ quoted() ++ blanks().

signs() ->
    ["f() -> a" ++ Sign || Sign <- string:lexemes(
        "+ ++ - -- -> ->> +- +-> = == =: =:= =/ =/= =< => < << <= <- <: > >> >= "
        ": := :: | || / /= . .. ... ? ?? ?= ! * # ( [ { , ; ) a> <<+", " ")].

numbers() ->
    ["f() -> " ++ Number || Number <- ["1", "12.", "1.2", "1.0e", "16#", "16#f",
                                       "1_", "a.b", "X", "a1@", "case"]].

quoted() ->
    ["f() -> " ++ Text || Text <- ["\"", "\"a", "\"a\"", "'a", "'a'", "\"a\\",
                                   "'a\\", "\"\\x", "\"\\x{1", "\"\\x{1}", "\"\\^",
                                   "\"\\1", "\"\\12", "\"\\123", "\"\\8", "\"\\n",
                                   "\"a\n b", "$", "$a", "$\\", "$\\x{1", "$\\n"]].

blanks() ->
    ["", "f() -> ok.", "f() -> ok. ", "f() -> ok.\n", "f() -> ok.\n ", "f() -> ok.  ",
     "f() -> ok. %", "f() -> ok.\n%% a\n%% b ", "f() -> a\n\t\n  ", "f() -> a\t", "%% a\n"].

show(Text) -> io_lib:format("~0p", [Text]).

%% Errors and the end, without the module that tells of invalid bytes.
ends(Text) ->
    Name = "epp_damage_" ++ os:getpid() ++ ".tmp",
    ok = file:write_file(Name, [Text, 16#FF, " b.\n"]),
    {ok, Forms} = epp:parse_file(Name, [{location, {1, 1}}]),
    ok = file:delete(Name),
    [end_of(F) || F <- Forms, lists:member(element(1, F), [error, eof])].

end_of({error, {Place, _, What}}) -> {What, Place};
end_of(End) -> End.

%% expect: "f() -> a+" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a++" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a-" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a--" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a->" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a->>" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a+-" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> a+->" [{invalid_unicode,{1,12}},{cannot_parse,{1,12}},{eof,{1,12}}]
%% expect: "f() -> a=" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a==" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a=:" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a=:=" [{invalid_unicode,{1,12}},{cannot_parse,{1,12}},{eof,{1,12}}]
%% expect: "f() -> a=/" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a=/=" [{invalid_unicode,{1,12}},{cannot_parse,{1,12}},{eof,{1,12}}]
%% expect: "f() -> a=<" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a=>" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a<" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a<<" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a<=" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a<-" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a<:" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> a>" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a>>" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a>=" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a:" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a:=" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a::" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a|" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a||" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a/" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a/=" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a." [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a.." [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a..." [{invalid_unicode,{1,12}},{cannot_parse,{1,12}},{eof,{1,12}}]
%% expect: "f() -> a?" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> a??" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> a?=" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> a!" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> a*" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> a#" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> a(" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> a[" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> a{" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> a," [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> a;" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> a)" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> aa>" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> a<<+" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> 1" [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> 12." [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> 1.2" [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> 1.0e" [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> 16#" [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> 16#f" [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> 1_" [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> a.b" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> X" [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> a1@" [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> case" [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> \"" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> \"a" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> \"a\"" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> 'a" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> 'a'" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> \"a\\" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> 'a\\" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> \"\\x" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> \"\\x{1" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> \"\\x{1}" [{invalid_unicode,{1,14}},{cannot_parse,{1,14}},{eof,{1,14}}]
%% expect: "f() -> \"\\^" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> \"\\1" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> \"\\12" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "f() -> \"\\123" [{invalid_unicode,{1,13}},{cannot_parse,{1,13}},{eof,{1,13}}]
%% expect: "f() -> \"\\8" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> \"\\n" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: "f() -> \"a\n b" [{invalid_unicode,{2,3}},{cannot_parse,{2,3}},{eof,{2,3}}]
%% expect: "f() -> $" [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> $a" [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> $\\" [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> $\\x{1" [{invalid_unicode,{1,8}},{cannot_parse,{1,8}},{eof,{1,8}}]
%% expect: "f() -> $\\n" [{invalid_unicode,{1,11}},{cannot_parse,{1,11}},{eof,{1,11}}]
%% expect: [] [{cannot_parse,{1,1}},{eof,{1,1}}]
%% expect: "f() -> ok." [{invalid_unicode,{1,10}},{cannot_parse,{1,10}},{eof,{1,10}}]
%% expect: "f() -> ok. " [{cannot_parse,{1,12}},{eof,{1,12}}]
%% expect: "f() -> ok.\n" [{cannot_parse,{2,1}},{eof,{2,1}}]
%% expect: "f() -> ok.\n " [{invalid_unicode,{2,1}},{cannot_parse,{2,1}},{eof,{2,1}}]
%% expect: "f() -> ok.  " [{invalid_unicode,{1,12}},{cannot_parse,{1,12}},{eof,{1,12}}]
%% expect: "f() -> ok. %" [{invalid_unicode,{1,12}},{cannot_parse,{1,12}},{eof,{1,12}}]
%% expect: "f() -> ok.\n%% a\n%% b " [{invalid_unicode,{3,1}},{cannot_parse,{3,1}},{eof,{3,1}}]
%% expect: "f() -> a\n\t\n  " [{invalid_unicode,{3,1}},{cannot_parse,{3,1}},{eof,{3,1}}]
%% expect: "f() -> a\t" [{invalid_unicode,{1,9}},{cannot_parse,{1,9}},{eof,{1,9}}]
%% expect: "%% a\n" [{invalid_unicode,{2,1}},{cannot_parse,{2,1}},{eof,{2,1}}]
%% expect: skipped [{invalid_unicode,{2,7}},{eof,{2,1}}]
%% expect: skipped whole [{cannot_parse,{3,1}},{eof,{3,1}}]
