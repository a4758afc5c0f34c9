%% SPDX-License-Identifier: Apache-2.0
%% filelib:wildcard/3: files by pattern, also of a module that has its own
%% files and no more than the two functions that are asked for.
%% expect: ["c.erl","src/a.erl","src/deep/b.erl"]
%% expect: ["src/a.erl","src/deep/b.erl"]
%% expect: ["c.erl","src","src/a.erl","src/deep","src/deep/b.erl"]
%% expect: ["src/deep/b.erl"]
%% expect: ["src/deep"]
%% expect: ["src/a.erl"]
%% expect: []
-module(wildcard_test).
-export([main/0, list_dir/1, read_link_info/1]).

main() ->
    [io:format("~p~n", [filelib:wildcard(Pattern, "root", ?MODULE)])
     || Pattern <- ["**/*.erl", "**/**/*.erl", "**", "**/{b,x}.erl", "*/deep",
                    "src/[ab].erl", "c.erl/*"]].

list_dir(Name) ->
    case clean(Name) of
        "root" -> {ok, ["src", "c.erl"]};
        "root/src" -> {ok, ["deep", "a.erl"]};
        "root/src/deep" -> {ok, ["b.erl"]};
        _ -> {error, enotdir}
    end.

read_link_info(Name) ->
    case clean(Name) of
        "root/src/deep" -> {ok, there};
        _ -> {error, enoent}
    end.

clean(Name) -> filename:join([P || P <- filename:split(Name), P =/= "."]).
