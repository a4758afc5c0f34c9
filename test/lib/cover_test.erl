%% SPDX-License-Identifier: Apache-2.0
%% cover: lines and calls of a module that is compiled with counts.
%% expect: {ok,m}
%% expect: [big,small,{caught,x}]
%% expect: {ok,[{{m,idle,0},0},{{m,risk,1},1},{{m,size,1},2}]}
%% expect: {ok,{m,{6,1}}}
%% expect: {ok,[{{m,idle,0},{0,1}},{{m,risk,1},{3,0}},{{m,size,1},{3,0}}]}
%% expect: {ok,[{{m,4},2},{{m,5},1},{{m,6},1},{{m,9},1},{{m,10},1},{{m,12},1},{{m,15},0}]}
%% expect: {true,cover_compiled,[m]}
%% expect: {ok,{m,{0,7}}}
%% expect: {error,{not_cover_compiled,lists}}
%% expect: {ok,non_existing}
%% expect: {ok,true}
-module(cover_test).
-export([main/0]).

main() ->
    ok = file:write_file("m.erl",
        "-module(m).\n-export([size/1, risk/1, idle/0]).\nsize(N) ->\n"
        "    case N > 10 of\n        true -> big;\n        false -> small\n"
        "    end.\nrisk(X) ->\n    try\n        throw(X)\n    catch\n"
        "        Y -> {caught, Y}\n    end.\nidle() ->\n    never.\n"),
    show(cover:compile_module(m)),
    show([m:size(11), m:size(1), m:risk(x)]),
    show(cover:analyse(m, calls, function)),
    show(cover:analyse(m, coverage, module)),
    show(cover:analyse(m, coverage, function)),
    show(cover:analyse(m, calls, line)),
    show({element(1, cover:is_compiled(m)) =:= file, code:which(m),
          cover:modules()}),
    cover:reset(m),
    show(cover:analyse(m, coverage, module)),
    show(cover:analyse(lists)),
    show({cover:stop(), code:which(m)}),
    %% where there is a file, the module without counts is loaded at once
    {ok, m} = compile:file("m.erl", [debug_info]),
    {ok, m} = cover:compile_beam(m),
    show({cover:stop(), {file, code:which(m)} =:= code:is_loaded(m)}).

show(X) -> io:format("~1000p~n", [X]).
