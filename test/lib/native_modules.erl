%% SPDX-License-Identifier: Apache-2.0
%% Modules without a .beam file of their own are there like others.
%% expect: {module,erlang}
%% expect: {true,preloaded,{file,preloaded}}
%% expect: {erlang,true,true}
%% expect: undef
-module(native_modules).
-export([main/0]).

main() ->
    io:format("~w~n", [code:ensure_loaded(erlang)]),
    io:format("~w~n", [{erlang:module_loaded(erlang), code:which(erlang),
                        code:is_loaded(erlang)}]),
    Exports = erlang:module_info(exports),
    io:format("~w~n", [{erlang:module_info(module),
                        lists:member({self, 0}, Exports),
                        lists:keymember(exports, 1, erlang:module_info())}]),
    try erlang:no_such_function(1)
    catch error:Reason -> io:format("~w~n", [Reason])
    end.
