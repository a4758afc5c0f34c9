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
%% expect: parse function_clause  uri_string:parse[ab]
%% expect: percent_decode function_clause  uri_string:percent_decode[5]
%% expect: normalize function_clause  uri_string:normalize["a",b]
%% expect: store {badrecord,[]}  dict:get_slot/2 dict:store/3
%% expect: fetch {badrecord,[]}  dict:get_slot/2 dict:fetch/2
%% expect: fetch badarg  dict:fetch[a,{dict,0,16,16,8,80,48,{[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]},{{[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]}}}]
%% expect: update badarg  dict:update[a,f,{dict,0,16,16,8,80,48,{[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]},{{[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]}}}]
%% expect: map {badrecord,[]}  dict:map_dict/2
%% expect: merge {badrecord,[]}  dict:fold_dict/3
%% expect: append function_clause  orddict:append[a,1,b]
%% expect: from_list function_clause  orddict:reverse_pairs[[a,b],[]] orddict:from_list/1
%% expect: fetch_keys function_clause  orddict:fetch_keys[[a]]
%% expect: take function_clause  orddict:take_1[a,b,[]]
%% expect: union function_clause  ordsets:union[[a],b]
%% expect: is_disjoint function_clause  ordsets:is_disjoint[a,[b]]
%% expect: union function_clause  gb_sets:union[{0,nil},a] gb_sets:union_list/2
%% expect: is_subset function_clause  gb_sets:is_subset[a,b]
%% expect: is_defined function_clause  gb_trees:is_defined_1[a,b]
%% expect: keys function_clause  gb_trees:keys[b,[]]
%% expect: expand function_clause  proplists:expand[[],a]
%% expect: normalize function_clause  proplists:apply_stages[[],a] proplists:normalize/2
%% expect: split function_clause  proplists:split[b,#{a => [a]},[]] proplists:split/2
%% expect: substitute_aliases function_clause  proplists:substitute_aliases_1[a,b] proplists:-substitute_aliases/2-lc$^0/1-0-/2
%% expect: new badarg  array:new_1/4
%% expect: add_vertex {badrecord,a}  digraph:new_vertex_id/1 digraph:add_vertex/1
%% expect: del_edges {badrecord,a}  digraph:do_del_edges/2
%% expect: out_neighbours {badrecord,a}  digraph:out_neighbours/2
%% expect: seconds_to_daystime badarith  erlang:div[a,86400] calendar:seconds_to_daystime/1
%% expect: get badarg  array:get/2
%% expect: foldl badarg  ets:safe_fixtable[c,true] ets:foldl/3
%% expect: encode function_clause  base64:encode[a]
%% expect: seed function_clause  rand:mk_alg[a] rand:seed_s/2 rand:seed/1
%% expect: tc {badfun,a}  timer:tc/1 timer:tc/1
%% expect: tc badarg  erlang:apply[a,b,c] timer:tc/3
%% expect: basename function_clause  filename:do_flatten[5,[]] filename:basename/1
%% expect: join function_clause  filename:join[[a],{b}]
%% expect: append badarg  erlang:++[a,"/b"] filename:append/2
%% expect: pathtype function_clause  filename:pathtype[5]
%% expect: absname function_clause  filename:pathtype[5] filename:absname/2
%% expect: is_dir false
%% expect: is_file false
%% expect: file_size 0
%% expect: is_dir function_clause  filelib:is_dir["a",5]
%% expect: wildcard function_clause  filelib:wildcard[5]
%% expect: setopts function_clause  prim_inet:setopts[a,[]]
%% expect: monitor badarg  inet:monitor[a]
%% expect: register_name function_clause  global:register_name[a,b]
%% expect: send_request function_clause  gen:send_request[a,'$gen_call',b,c,d] gen_server:send_request/4
%% expect: wait_response badarg  gen_server:wait_response[a,-1]
%% expect: receive_response function_clause  gen:receive_response[#{},0,a] gen_server:receive_response/3
%% expect: check_response badarg  gen_statem:check_response[a,b]
%% expect: reqids_add badarg  gen_event:reqids_add[a,b,c]
%% expect: reqids_size badarg  gen_server:reqids_size[a]
%% expect: call badarg  rpc:rpcify_exception/2
%% expect: line badarg  erl_anno:anno_info[a] erl_anno:line/1
%% expect: arith_op function_clause  erl_internal:arith_op["+",2]
-module(failures_test).
-export([main/0]).

main() ->
    [show(Call) || Call <- text() ++ data() ++ names() ++ servers()].

text() ->
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
     {string, centre, ["ab", x, $a]},
     {uri_string, parse, [ab]},
     {uri_string, percent_decode, [5]},
     {uri_string, normalize, ["a", b]}].

data() ->
    [{dict, store, [a, 1, []]},
     {dict, fetch, [a, []]},
     {dict, fetch, [a, dict:new()]},
     {dict, update, [a, f, dict:new()]},
     {dict, map, [fun(_, V) -> V end, []]},
     {dict, merge, [f, #{}, []]},
     {orddict, append, [a, 1, b]},
     {orddict, from_list, [[a, b]]},
     {orddict, fetch_keys, [[a]]},
     {orddict, take, [a, b]},
     {ordsets, union, [[a], b]},
     {ordsets, is_disjoint, [a, [b]]},
     {gb_sets, union, [[gb_sets:new(), a]]},
     {gb_sets, is_subset, [a, b]},
     {gb_trees, is_defined, [a, {1, b}]},
     {gb_trees, keys, [{1, b}]},
     {proplists, expand, [[], a]},
     {proplists, normalize, [[], a]},
     {proplists, split, [[a | b], [a]]},
     {proplists, substitute_aliases, [a, [b]]},
     {array, new, [[a]]},
     {digraph, add_vertex, [a]},
     {digraph, del_edges, [a, [b]]},
     {digraph, out_neighbours, [a, b]},
     {calendar, seconds_to_daystime, [a]},
     {array, get, [0, a]},
     {ets, foldl, [a, b, c]},
     {base64, encode, [a]},
     {rand, seed, [a]},
     {timer, tc, [a]},
     {timer, tc, [a, b, c]}].

names() ->
    [{filename, basename, [5]},
     {filename, join, [[a], {b}]},
     {filename, append, [a, "b"]},
     {filename, pathtype, [5]},
     {filename, absname, [5]},
     {filelib, is_dir, [5]},
     {filelib, is_file, [{a}]},
     {filelib, file_size, [5]},
     {filelib, is_dir, ["a", 5]},
     {filelib, wildcard, [5]},
     {inet, setopts, [a, []]},
     {inet, monitor, [a]},
     {global, register_name, [a, b]}].

servers() ->
    [{gen_server, send_request, [a, b, c, d]},
     {gen_server, wait_response, [a, -1]},
     {gen_server, receive_response, [#{}, 0, a]},
     {gen_statem, check_response, [a, b]},
     {gen_event, reqids_add, [a, b, c]},
     {gen_server, reqids_size, [a]},
     {rpc, call, [5, a, b, []]},
     {erl_anno, line, [a]},
     {erl_internal, arith_op, ["+", 2]}].

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
