%% SPDX-License-Identifier: Apache-2.0
%% The code path of nodes that are given ERL_LIBS: the highest version of each
%% application, folders before archives, an application in an archive whose own
%% folder has no version, folders of it within and beside the archive. What a
%% node has loaded from the start cannot be loaded again.
%%
%% expect: ["b-1.10/ebin","c-1.ez/c/ebin","d-2/ebin"]
%% expect: {"/c-1","/c-1.ez/c/priv","/c-1/other",<<"text">>}
%% expect: {error,sticky_directory}
%% expect: true
-module(code_path_test).
-export([main/0]).

main() ->
    Dir = filename:absname("libs"),
    [ok = filelib:ensure_dir(filename:join([Dir, D, "x"]))
     || D <- ["b-1.9/ebin", "b-1.10/ebin", "c-1/other", "d-2/ebin"]],
    {ok, _} = zip:create(filename:join(Dir, "c-1.ez"),
                         [{"c/ebin/c.beam", <<>>},
                          {"c/priv/t.txt", <<"text">>}], [{compress, []}]),
    {ok, _} = zip:create(filename:join(Dir, "d-2.ez"),
                         [{"d-2/ebin/d.beam", <<>>}], []),
    {ok, Peer, _} = peer:start(#{connection => standard_io,
                                 env => [{"ERL_LIBS", Dir}]}),
    Call = fun(M, F, A) -> peer:call(Peer, M, F, A) end,
    Path = Call(code, get_path, []),
    show(lists:sort([lists:nthtail(length(Dir) + 1, P)
                     || P <- Path, lists:prefix(Dir, P)])),
    Priv = Call(code, priv_dir, [c]),
    {ok, Text, _} = Call(erl_prim_loader, get_file, [Priv ++ "/t.txt"]),
    Short = fun(P) -> lists:nthtail(length(Dir), P) end,
    show({Short(Call(code, lib_dir, [c])), Short(Priv),
          Short(Call(code, lib_dir, [c, other])), Text}),
    peer:stop(Peer),
    logger:set_primary_config(level, none),
    show(code:load_file(logger)),
    Known = [M || {M, _} <- code:all_loaded()],
    Available = code:all_available(),
    show([M || M <- Known, not lists:keymember(atom_to_list(M), 1, Available)]
         =:= []).

show(Term) -> io:format("~0p~n", [Term]).
