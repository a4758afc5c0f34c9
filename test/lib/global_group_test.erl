%% SPDX-License-Identifier: Apache-2.0
%% A node of one of two groups: its own, the others, who is not there; names
%% within the group.
%%
%% expect: {{g1,[g2]},[a,b],[{no_contact,[b]},{own_group_name,g1}]}
%% expect: {[in_g1],true,undefined,[]}
%% expect: {{badarg,{none,x}},ok}
-module(global_group_test).
-export([main/0]).

main() ->
    {ok, Host} = inet:gethostname(),
    Own = "gga" ++ os:getpid(),
    Node = fun(Name) -> list_to_atom(Name ++ "@" ++ Host) end,
    A = Node(Own),
    B = Node("gb" ++ Own),
    Groups = io_lib:format("[{g1,['~s','~s']},{g2,['~s']}]",
                           [A, B, Node("gc" ++ Own)]),
    {ok, Peer, A} = peer:start(#{name => list_to_atom(Own),
                                 connection => standard_io,
                                 args => ["-kernel", "global_groups",
                                          lists:flatten(Groups)]}),
    Call = fun(M, F, Args) -> peer:call(Peer, M, F, Args) end,
    timer:sleep(200),
    Short = fun(Nodes) -> [case N of A -> a; B -> b; _ -> N end
                           || N <- Nodes] end,
    Info = Call(global_group, info, []),
    {_, Missing} = lists:keyfind(no_contact, 1, Info),
    show({Call(global_group, global_groups, []),
          lists:sort(Short(Call(global_group, own_nodes, []))),
          [{no_contact, Short(Missing)},
           lists:keyfind(own_group_name, 1, Info)]}),
    Pid = Call(erlang, whereis, [init]),
    yes = Call(global, register_name, [in_g1, Pid]),
    show({Call(global_group, registered_names, [{group, g1}]),
          Call(global_group, whereis_name, [{group, g1}, in_g1]) =:= Pid,
          Call(global_group, whereis_name, [{group, g2}, in_g1]),
          Call(global_group, registered_names, [{group, g2}])}),
    show({Call(global_group, send, [none, x]),
          Call(global_group, monitor_nodes, [true])}),
    peer:stop(Peer).

show(Term) -> io:format("~0p~n", [Term]).
