%% SPDX-License-Identifier: Apache-2.0
%% net_adm: finding other nodes.
-module(net_adm).

-export([ping/1, ping_list/1, host_file/0, localhost/0, names/0, names/1,
         dns_hostname/1, world/0, world/1, world_list/1, world_list/2]).

ping(Node) when is_atom(Node) ->
    case Node =:= node() of
        true -> case is_alive() of true -> pong; false -> pang end;
        false ->
            try gen:call({net_kernel, Node}, '$gen_call', {is_auth, node()},
                         infinity) of
                {ok, yes} -> pong;
                _ ->
                    erlang:disconnect_node(Node),
                    pang
            catch
                exit:_ -> pang
            end
    end.

ping_list(Nodes) -> [Node || Node <- Nodes, ping(Node) =:= pong].

%% The hosts that a file .hosts.erlang names.
host_file() ->
    Home = case init:get_argument(home) of
               {ok, [[Dir | _] | _]} -> [Dir];
               _ -> []
           end,
    first_hosts(["."] ++ Home ++ [code:root_dir()]).

first_hosts([]) -> {error, enoent};
first_hosts([Dir | Dirs]) ->
    case file:consult(filename:join(Dir, ".hosts.erlang")) of
        {ok, Hosts} -> Hosts;
        {error, enoent} -> first_hosts(Dirs);
        {error, enotdir} -> first_hosts(Dirs);
        Error -> Error
    end.

localhost() ->
    {ok, Host} = inet:gethostname(),
    case inet_db:res_option(domain) of
        "" -> Host;
        Domain -> Host ++ "." ++ Domain
    end.

%% Names are kept by epmd.
names() ->
    {ok, Host} = inet:gethostname(),
    names(Host).

names(Host) -> (net_kernel:epmd_module()):names(Host).

dns_hostname(Host) ->
    case inet:gethostbyname(Host) of
        {ok, Entry} -> {ok, element(2, Entry)};
        _ -> {error, Host}
    end.

world() -> world(silent).

world(Verbose) ->
    case host_file() of
        {error, _} = Error -> exit(Error);
        Hosts -> world_list(Hosts, Verbose)
    end.

world_list(Hosts) when is_list(Hosts) -> world_list(Hosts, silent).

world_list(Hosts, Verbose) when is_list(Hosts) ->
    lists:append([nodes_of(Host, Verbose) || Host <- Hosts]).

%% Nodes of a host that answer.
nodes_of(Host, Verbose) ->
    Suffix = lists:concat([Host]),
    case names(Host) of
        {ok, Names} ->
            [Node || {Name, _} <- Names,
                     Node <- [list_to_atom(Name ++ "@" ++ Suffix)],
                     ping(Node, Verbose) =:= pong];
        Error ->
            say(Verbose, "EPMD at ~s: ~p~n", [Suffix, Error]),
            []
    end.

ping(Node, Verbose) ->
    say(Verbose, "Pinging ~w -> ", [Node]),
    Answer = ping(Node),
    say(Verbose, "~p~n", [Answer]),
    Answer.

say(verbose, Format, Args) -> io:format(Format, Args);
say(_, _, _) -> ok.
