%% SPDX-License-Identifier: Apache-2.0
%% What the library's functions say of arguments that are none: reason, and
%% the functions that users see below it.
%%
%% expect: length function_clause  unicode_util:cp[5] unicode_util:gc/1 string:length_1/2
%% expect: length function_clause  unicode_util:cp[foo] unicode_util:gc_1/1 string:length_1/2
%% expect: to_graphemes function_clause  unicode_util:cp[foo] unicode_util:gc_1/1 string:to_graphemes/1
%% expect: reverse function_clause  unicode_util:cp[foo] unicode_util:gc_1/1 string:reverse_1/2
%% expect: equal function_clause  unicode_util:cp[ab] string:equal_1/2
%% expect: equal function_clause  unicode_util:cp[ab] unicode_util:casefold/1 string:equal_nocase/2
%% expect: equal function_clause  string:equal["ab","ab",yes]
%% expect: slice function_clause  unicode_util:cp[ab] unicode_util:gc/1 string:slice_l/2 string:slice/2
%% expect: slice function_clause  string:slice["ab",-1]
%% expect: slice function_clause  string:slice_trail[ab,1]
%% expect: pad function_clause  unicode_util:cp[ab] unicode_util:gc/1 string:length_1/2 string:pad/4
%% expect: trim function_clause  string:trim_l[ab,["\r\n",9,10,11,12,13,32,133,8206,8207,8232,8233]] string:trim/3
%% expect: trim function_clause  unicode_util:cp[foo] unicode_util:gc/1 string:trim_l/2
%% expect: uppercase {badarg,ab}  string:uppercase/1
%% expect: uppercase function_clause  unicode_util:cp[foo] unicode_util:uppercase/1 string:uppercase_list/2 string:uppercase_list/2 string:uppercase/1
%% expect: lowercase function_clause  unicode_util:cp[foo] unicode_util:lowercase/1 string:lowercase_list/2 string:lowercase/1
%% expect: casefold {badarg,<<1:3>>}  string:casefold/1
%% expect: titlecase function_clause  unicode_util:cp[foo] unicode_util:titlecase/1 string:titlecase/1
%% expect: prefix badarg  unicode:characters_to_list[a] string:prefix/2
%% expect: prefix function_clause  unicode_util:cp[ab] unicode_util:gc/1 string:prefix_1/2 string:prefix/2
%% expect: split {badmatch,ab}  string:bin_search_str_1/4 string:split_1/6 string:split/3
%% expect: split function_clause  unicode_util:cpl[a,[b]] string:split_1/6 string:split/3
%% expect: split {case_clause,[]}  string:split_1/6 string:split/3
%% expect: replace {badmatch,ab}  string:bin_search_str_1/4 string:split_1/6 string:split/3 string:replace/3
%% expect: replace ["a",[],[]]
%% expect: find {badmatch,ab}  string:bin_search_str_1/4 string:find_l/2
%% expect: find badarg  unicode:characters_to_list[ab] string:find/3
%% expect: find function_clause  string:find["ab","b",none]
%% expect: tokens {case_clause,b}  string:tokens/2
%% expect: span function_clause  string:span[ab,"a",0]
%% expect: substr function_clause  string:substr2[ab,2]
%% expect: chars badarith  string:chars/3
%% expect: copies function_clause  string:copies["a",1.5]
%% expect: words function_clause  string:strip_left[ab,32] string:strip/3 string:words/2
%% expect: strip function_clause  string:strip_left[ab,32] string:strip/2
%% expect: left function_clause  string:left["ab",x]
%% expect: centre badarith  erlang:-[x,2] string:centre/3
-module(failures_test).
-export([main/0]).

main() ->
    [show(Call) || Call <- calls()].

calls() ->
    [{string, length, [5]},
     {string, length, [[65 | foo]]},
     {string, to_graphemes, [["a", foo]]},
     {string, reverse, [[1000, foo]]},
     {string, equal, ["ab", ab]},
     {string, equal, ["ab", ab, true]},
     {string, equal, ["ab", "ab", yes]},
     {string, slice, [ab, 1]},
     {string, slice, ["ab", -1]},
     {string, slice, [ab, 0, 1]},
     {string, pad, [ab, 5]},
     {string, trim, [ab]},
     {string, trim, [[foo], leading]},
     {string, uppercase, [ab]},
     {string, uppercase, [["a", foo]]},
     {string, lowercase, [[foo]]},
     {string, casefold, [<<1:3>>]},
     {string, titlecase, [[foo]]},
     {string, prefix, ["ab", a]},
     {string, prefix, [ab, "a"]},
     {string, split, [ab, "b"]},
     {string, split, [[a, b], "b"]},
     {string, split, ["ab", "b", none]},
     {string, replace, [ab, "b", "c"]},
     {string, replace, ["ab", "b", "", all]},
     {string, find, [ab, "b"]},
     {string, find, ["ab", ab]},
     {string, find, ["ab", "b", none]},
     {string, tokens, ["ab", b]},
     {string, span, [ab, "a"]},
     {string, substr, [ab, 2]},
     {string, chars, [$a, b]},
     {string, copies, ["a", 1.5]},
     {string, words, [ab]},
     {string, strip, [ab]},
     {string, left, ["ab", x]},
     {string, centre, ["ab", x, $a]}].

show({M, F, Args}) ->
    try apply(M, F, Args) of
        Value -> io:format("~s ~0p~n", [F, Value])
    catch
        _:Reason:Trace ->
            Inner = lists:takewhile(fun(E) -> element(1, E) =/= ?MODULE end,
                                    Trace),
            io:format("~s ~0p ~s~n", [F, Reason, [text(E) || E <- Inner]])
    end.

text({M, F, A, _}) when is_integer(A) -> io_lib:format(" ~s:~s/~w", [M, F, A]);
text({M, F, As, _}) -> io_lib:format(" ~s:~s~0p", [M, F, As]).
