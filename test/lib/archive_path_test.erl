%% SPDX-License-Identifier: Apache-2.0
%% An application in an archive on the code path: its code, its folders.
%%
%% expect: true
%% expect: "/small-1.0.ez/small-1.0/ebin/small.beam"
%% expect: 42
%% expect: [{ok,["small-1.0"]},{ok,["ebin","priv"]},{ok,["small.beam"]}]
%% expect: "/small-1.0.ez/small-1.0/priv"
%% expect: [error,error]
%% expect: [directory,regular,error]
-module(archive_path_test).
-export([main/0]).

main() ->
    Forms = [{attribute, 1, module, small}, {attribute, 1, export, [{f, 0}]},
             {function, 2, f, 0, [{clause, 2, [], [], [{integer, 2, 42}]}]}],
    {ok, small, Code} = compile:forms(Forms),
    {ok, _} = zip:create("small-1.0.ez", [{"small-1.0/ebin/small.beam", Code},
                                      {"small-1.0/priv/data", <<"data">>}]),
    io:format("~p~n", [code:add_patha(filename:absname("small-1.0.ez/small-1.0/ebin"))]),
    io:format("~p~n", [below(code:which(small))]),
    io:format("~p~n", [small:f()]),
    io:format("~p~n", [[sorted(Dir) || Dir <- ["small-1.0.ez", "small-1.0.ez/small-1.0",
                                               "small-1.0.ez/small-1.0/ebin"]]]),
    io:format("~p~n", [below(code:priv_dir(small))]),
    io:format("~p~n", [[erl_prim_loader:list_dir(Dir)
                        || Dir <- ["small-1.0.ez/none", "small-1.0.ez/small-1.0/eb"]]]),
    io:format("~p~n", [[type(Name) || Name <- ["small-1.0.ez/small-1.0/ebin",
                                               "small-1.0.ez/small-1.0/priv/data",
                                               "small-1.0.ez/small-1.0/data"]]]).

below(Path) ->
    {ok, Here} = file:get_cwd(),
    string:prefix(Path, Here).

sorted(Dir) ->
    {ok, Names} = erl_prim_loader:list_dir(Dir),
    {ok, lists:sort(Names)}.

type(Name) ->
    case erl_prim_loader:read_file_info(Name) of
        {ok, Info} -> element(3, Info);
        error -> error
    end.
