%% SPDX-License-Identifier: Apache-2.0
%% epmd_server: merle's own port mapper, for machines that have no epmd. It
%% speaks the same protocol: nodes register with a name and a port and stay so
%% as long as their connection is there; anybody may ask.
-module(epmd_server).

-export([start/1]).

%% The table: {Name, Port, Rest of the request, Creation, Owner}.

%% -run epmd_server start PORT
start([Port]) ->
    case gen_tcp:listen(list_to_integer(Port),
                        [binary, {packet, 2}, {active, false},
                         {reuseaddr, true}, {backlog, 64}]) of
        {ok, Listener} ->
            ets:new(?MODULE, [named_table, public]),
            accept(Listener, Port);
        {error, _} -> halt(1) % there is one
    end.

accept(Listener, Port) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Pid = spawn(fun() -> receive go -> serve(Socket, Port) end end),
    ok = gen_tcp:controlling_process(Socket, Pid),
    Pid ! go,
    accept(Listener, Port).

serve(Socket, Own) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, <<120, Port:16, Info:6/binary, Size:16, Name:Size/binary,
               Extra/binary>>} ->
            register_node(Socket, Name, Port, {Info, Extra});
        {ok, <<122, Name/binary>>} -> answer(Socket, find(Name));
        {ok, <<110>>} ->
            Lines = [io_lib:format("name ~ts at port ~w\n", [Name, Port])
                     || {Name, Port, _, _, _} <- ets:tab2list(?MODULE)],
            answer(Socket, [<<(list_to_integer(Own)):32>>, Lines]);
        _ -> gen_tcp:close(Socket)
    end.

answer(Socket, Bytes) ->
    ok = inet:setopts(Socket, [{packet, raw}]),
    _ = gen_tcp:send(Socket, Bytes),
    gen_tcp:close(Socket).

find(Name) ->
    case ets:lookup(?MODULE, Name) of
        [{_, Port, {Info, Extra}, _, _}] ->
            <<119, 0, Port:16, Info/binary, (byte_size(Name)):16,
              Name/binary, Extra/binary>>;
        [] -> <<119, 1>>
    end.

%% The registration ends with the connection.
register_node(Socket, Name, Port, Info) ->
    Creation = 4 + erlang:phash2({Name, os:system_time()}, 16#fffffff0),
    ok = inet:setopts(Socket, [{packet, raw}]),
    case ets:insert_new(?MODULE, {Name, Port, Info, Creation, self()}) of
        true ->
            _ = gen_tcp:send(Socket, <<118, 0, Creation:32>>),
            wait(Socket),
            ets:delete(?MODULE, Name);
        false -> _ = gen_tcp:send(Socket, <<118, 1, Creation:32>>)
    end,
    gen_tcp:close(Socket).

wait(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, _} -> wait(Socket);
        {error, _} -> ok
    end.
