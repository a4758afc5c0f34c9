%% SPDX-License-Identifier: Apache-2.0
%% A node that gets its files from another one, hosts that may, and files by the
%% loader's path.
%%
%% expect: {[{{255,255,255,255},{127,0,0,1}}],true,false}
%% expect: {error,{badarg,"no such host"}}
%% expect: {ok,[["inet"]]}
%% expect: {{ok,<<"remote">>},{ok,["file"]},error,true}
%% expect: [{{255,255,255,0},{127,0,0,0}}]
%% expect: {ok,"lists.beam"}
%% expect: {[{lists,true}],[{no_such,enoent}]}
%% expect: true
-module(boot_server_test).
-export([main/0]).

main() ->
    {ok, Server} = erl_boot_server:start([{127, 0, 0, 1}]),
    show({erl_boot_server:which_slaves(),
          erl_boot_server:would_be_booted({127, 0, 0, 1}),
          erl_boot_server:would_be_booted({127, 0, 0, 2})}),
    show(erl_boot_server:add_slave("no such host")),
    Dir = filename:absname("remote"),
    File = filename:join(Dir, "file"),
    ok = filelib:ensure_dir(File),
    ok = file:write_file(File, "remote"),
    {ok, Peer, _} = peer:start(#{connection => standard_io,
                                 args => ["-loader", "inet", "-hosts",
                                          "127.0.0.1"]}),
    show(peer:call(Peer, init, get_argument, [loader])),
    {ok, Bytes, File} = peer:call(Peer, erl_prim_loader, get_file, [File]),
    {ok, Info} = file:read_file_info(File),
    show({{ok, Bytes}, peer:call(Peer, erl_prim_loader, list_dir, [Dir]),
          peer:call(Peer, erl_prim_loader, get_file, ["/none"]),
          peer:call(Peer, erl_prim_loader, read_file_info, [File])
              =:= {ok, Info}}),
    peer:stop(Peer),
    ok = erl_boot_server:delete_slave({127, 0, 0, 1}),
    ok = erl_boot_server:add_subnet({255, 255, 255, 0}, {127, 0, 0, 0}),
    show(erl_boot_server:which_slaves()),
    exit(Server, kill),
    {ok, _, Found} = erl_prim_loader:get_file("lists.beam"),
    show({ok, filename:basename(Found)}),
    {ok, {Good, Bad}} =
        erl_prim_loader:get_modules([lists, no_such],
                                    fun(_, _, Code) -> {ok, is_binary(Code)}
                                    end),
    show({Good, Bad}),
    {ok, Path} = erl_prim_loader:get_path(),
    ok = erl_prim_loader:set_path(Path ++ ["none"]),
    {ok, New} = erl_prim_loader:get_path(),
    show(New =:= Path ++ ["none"]).

show(Term) -> io:format("~0p~n", [Term]).
