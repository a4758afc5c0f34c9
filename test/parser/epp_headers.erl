%% SPDX-License-Identifier: Apache-2.0
%% A header that many modules include: each of them sees the same, whatever
%% stands in it, and a change of it is seen at once.
-module(epp_headers).
-export([main/0]).

-define(TIMES, 4).

main() ->
    [io:format("~tw~n", [same(Header, "m")]) || Header <- headers()],
    %% Of the same size, within the same second.
    [io:format("~tw~n", [forms(Header, "m")])
     || Header <- ["a() -> 1.\n", "a() -> 2.\n", "a() -> 1.\n"]],
    %% Columns are counted, or not.
    [io:format("~tw~n", [forms("a() -> \"x\".\n", "m", Location)])
     || Location <- [1, {1, 1}, 1, {1, 1}]],
    big(),
    ok.

headers() ->
    [%% values that are no immediates, in forms and in macros
     "-define(S, \"text\").\n-define(B, 123456789012345678901234567890).\n"
     "a() -> {?S, ?B, 1.5, \"more\", $c, <<\"bin\">>}.\nb() -> ?LINE.\n",
     %% lines that are counted otherwise from the middle on
     "a() -> ?LINE.\n-file(\"x.yrl\", 100).\nb() -> ?LINE.\nc() -> {?FILE, ?LINE}.\n",
     %% what is wrong is told each time
     "a() -> 1.\nb() -> \"\\x{110000}\".\nc() -> 3.\n",
     "a() -> 1.\nb( -> 2.\nc() -> 'open\n",
     "a() -> 1.\n-ifdef(NO).\nb() -> 2.\n",
     "a() -> 1.\nb() -> 2",
     %% words, with and without the feature
     "a() -> maybe.\n-feature(maybe_expr, enable).\nb() -> else.\n",
     "a('maybe') -> 'else'.\n",
     %% comments and blank lines behind the last form
     "a() -> 1.\n\n%% end\n\n",
     "",
     "%% no form\n"].

same(Header, Name) ->
    [Forms | More] = [forms(Header, Name) || _ <- lists:seq(1, ?TIMES)],
    [Forms = Again || Again <- More],
    Forms.

forms(Header, Name) -> forms(Header, Name, {1, 1}).

forms(Header, Name, Location) ->
    ok = file:write_file("h.hrl", Header),
    ok = file:write_file(Name ++ ".erl",
                         "-include(\"h.hrl\").\nz() -> {?FILE, ?LINE}.\n"),
    {ok, Forms} = epp:parse_file(Name ++ ".erl", [{location, Location}]),
    Forms.

%% So many and so long that not all of them are kept.
big() ->
    Names = ["big" ++ integer_to_list(N) ++ ".hrl" || N <- lists:seq(1, 90)],
    [ok = file:write_file(Name, big(Name)) || Name <- Names],
    ok = file:write_file("m.erl", [["-include(\"", Name, "\").\n"]
                                   || Name <- Names]),
    [{ok, Forms} | More] = [epp:parse_file("m.erl", [])
                            || _ <- lists:seq(1, ?TIMES)],
    [{ok, Forms} = Again || Again <- More],
    io:format("~p~n", [erlang:phash2(Forms)]).

big(Name) ->
    ["%% ", Name, "\n", [["-record(r", integer_to_list(N), filename:rootname(Name),
                          ", {f = \"", Name, "\"}).\n"]
                         || N <- lists:seq(1, 300)]].
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{3,1},a,0,[{clause,{3,1},[],[],[{tuple,{3,8},[{string,{3,10},[116,101,120,116]},{integer,{3,14},123456789012345678901234567890},{float,{3,17},1.5},{string,{3,22},[109,111,114,101]},{char,{3,30},99},{bin,{3,34},[{bin_element,{3,36},{string,{3,36},[98,105,110]},default,default}]}]}]}]},{function,{4,1},b,0,[{clause,{4,1},[],[],[{integer,{4,9},4}]}]},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,0,[{clause,{1,1},[],[],[{integer,{1,9},1}]}]},{attribute,[{generated,true},{location,{2,2}}],file,{[120,46,121,114,108],100}},{function,{101,1},b,0,[{clause,{101,1},[],[],[{integer,{101,9},101}]}]},{function,{102,1},c,0,[{clause,{102,1},[],[],[{tuple,{102,8},[{string,{102,10},[120,46,121,114,108]},{integer,{102,17},102}]}]}]},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,0,[{clause,{1,1},[],[],[{integer,{1,8},1}]}]},{error,{{2,9},erl_scan,{illegal,character}}},{error,{{2,19},erl_scan,{string,34,[46,10,99,40,41,32,45,62,32,51,46,10]}}},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,0,[{clause,{1,1},[],[],[{integer,{1,8},1}]}]},{error,{{2,4},erl_parse,[[115,121,110,116,97,120,32,101,114,114,111,114,32,98,101,102,111,114,101,58,32],[39,45,62,39]]}},{error,{{3,8},erl_scan,{string,39,[111,112,101,110,10]}}},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,0,[{clause,{1,1},[],[],[{integer,{1,8},1}]}]},{error,{{4,1},epp,{illegal,[117,110,116,101,114,109,105,110,97,116,101,100],ifdef}}},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,0,[{clause,{1,1},[],[],[{integer,{1,8},1}]}]},{error,{{2,8},erl_parse,[[115,121,110,116,97,120,32,101,114,114,111,114,32,98,101,102,111,114,101,58,32],[]]}},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,0,[{clause,{1,1},[],[],[{atom,{1,8},maybe}]}]},{error,{{2,2},epp,ftr_after_prefix}},{function,{3,1},b,0,[{clause,{3,1},[],[],[{atom,{3,8},else}]}]},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,1,[{clause,{1,1},[{atom,[{text,[39,109,97,121,98,101,39]},{location,{1,3}}],maybe}],[],[{atom,[{text,[39,101,108,115,101,39]},{location,{1,15}}],else}]}]},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,0,[{clause,{1,1},[],[],[{integer,{1,8},1}]}]},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,0,[{clause,{1,1},[],[],[{integer,{1,8},1}]}]},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,0,[{clause,{1,1},[],[],[{integer,{1,8},2}]}]},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,0,[{clause,{1,1},[],[],[{integer,{1,8},1}]}]},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,1,file,{[109,46,101,114,108],1}},{attribute,1,file,{[104,46,104,114,108],1}},{function,1,a,0,[{clause,1,[],[],[{string,1,[120]}]}]},{attribute,2,file,{[109,46,101,114,108],2}},{function,2,z,0,[{clause,2,[],[],[{tuple,2,[{string,2,[109,46,101,114,108]},{integer,2,2}]}]}]},{eof,3}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,0,[{clause,{1,1},[],[],[{string,{1,8},[120]}]}]},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: [{attribute,1,file,{[109,46,101,114,108],1}},{attribute,1,file,{[104,46,104,114,108],1}},{function,1,a,0,[{clause,1,[],[],[{string,1,[120]}]}]},{attribute,2,file,{[109,46,101,114,108],2}},{function,2,z,0,[{clause,2,[],[],[{tuple,2,[{string,2,[109,46,101,114,108]},{integer,2,2}]}]}]},{eof,3}]
%% expect: [{attribute,{1,1},file,{[109,46,101,114,108],1}},{attribute,{1,1},file,{[104,46,104,114,108],1}},{function,{1,1},a,0,[{clause,{1,1},[],[],[{string,{1,8},[120]}]}]},{attribute,{2,1},file,{[109,46,101,114,108],2}},{function,{2,1},z,0,[{clause,{2,1},[],[],[{tuple,{2,8},[{string,{2,10},[109,46,101,114,108]},{integer,{2,17},2}]}]}]},{eof,{3,1}}]
%% expect: 130328692
