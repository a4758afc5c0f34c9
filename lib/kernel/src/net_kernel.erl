%% SPDX-License-Identifier: Apache-2.0
%% net_kernel: connections to other nodes. This node is alone, so there are
%% none to make; all that can be asked is answered as by such a node.
-module(net_kernel).

-export([allow/1, allowed/0, connect_node/1, hidden_connect_node/1,
         disconnect/1, monitor_nodes/1, monitor_nodes/2, longnames/0,
         nodename/0, get_net_ticktime/0, set_net_ticktime/1,
         set_net_ticktime/2, get_state/0, getopts/2, setopts/2, start/1,
         start/2, stop/0, verbose/1, node_info/1, node_info/2, nodes_info/0,
         i/0, i/1, publish_on_node/1, epmd_module/0, protocol_childspecs/0]).

-type connection_state() :: pending | up | up_pending.
-export_type([connection_state/0]).

allow(_) -> ignored.
allowed() -> ignored.
connect_node(Node) when is_atom(Node) -> ignored.
hidden_connect_node(Node) when is_atom(Node) -> ignored.
disconnect(_) -> ignored.
longnames() -> ignored.
nodename() -> ignored.
verbose(_) -> ignored.
publish_on_node(_) -> ignored.
get_net_ticktime() -> ignored.
set_net_ticktime(Time) -> set_net_ticktime(Time, 60).
set_net_ticktime(Time, Period)
  when is_integer(Time), Time > 0, is_integer(Period), Period >= 0 ->
    ignored.
getopts(_, _) -> ignored.
setopts(_, _) -> ignored.
get_state() -> #{started => no}.
stop() -> {error, not_found}.
epmd_module() -> erl_epmd.
protocol_childspecs() -> [].

%% No node will come or go.
monitor_nodes(Flag) when is_boolean(Flag) -> ok;
monitor_nodes(Flag) -> {error, {bad_flag, Flag}}.

monitor_nodes(Flag, Options) when is_boolean(Flag), is_list(Options) -> ok;
monitor_nodes(Flag, Options) when is_list(Options) ->
    {error, {bad_flag, Flag}};
monitor_nodes(_, Options) -> {error, {options_not_a_list, Options}}.

start(Name, Options) when is_atom(Name), is_map(Options) ->
    {error, {nodistribution, Name}};
start(Name, Options) -> error(badarg, [Name, Options]).

start([Name | _]) when is_atom(Name) -> {error, {nodistribution, Name}};
start(Other) -> error(badarg, [Other]).

node_info(_) -> {error, badarg}.
node_info(_, _) -> {error, badarg}.
nodes_info() -> {error, badarg}.

i() ->
    io:format("~-20s ~-7s ~-9s~7s~8s~8s~n",
              ["Node", "State", "Type", "In", "Out", "Address"]),
    {error, badarg}.

i(_) -> {error, badarg}.
