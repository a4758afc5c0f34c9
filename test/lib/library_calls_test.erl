%% SPDX-License-Identifier: Apache-2.0
%% Every function that a module of the library calls in another one is there.
%%
%% only merle
%% expect: []
-module(library_calls_test).
-export([main/0]).

main() ->
    {ok, _} = xref:start(x, [{xref_mode, modules}]),
    ok = xref:set_default(x, [{verbose, false}, {warnings, false}]),
    ok = xref:set_library_path(x, code_path),
    [{ok, _} = xref:add_directory(x, code:lib_dir(App, ebin)) || App <- apps()],
    {ok, Undefined} = xref:analyze(x, undefined_functions),
    io:format("~p~n", [Undefined]).

apps() ->
    [list_to_atom(hd(string:lexemes(filename:basename(filename:dirname(D)),
                                    "-")))
     || D <- code:get_path(), filename:basename(D) =:= "ebin"].
