%% SPDX-License-Identifier: Apache-2.0
%% file_server: the process that other nodes send their requests for this
%% node's files to. On this node everyone asks the system by itself.
-module(file_server).
-behaviour(gen_server).

-export([start/0, start_link/0, stop/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(SERVER, file_server_2).

start() -> gen_server:start({local, ?SERVER}, ?MODULE, [], []).
start_link() -> gen_server:start_link({local, ?SERVER}, ?MODULE, [], []).
stop() -> gen_server:call(?SERVER, stop, infinity).

init([]) ->
    process_flag(trap_exit, true),
    {ok, undefined}.

%% An open file is linked to who asked for it.
handle_call({open, Name, Modes}, {Pid, _}, S) when is_list(Modes) ->
    {reply, file_io_server:start(Pid, Name, Modes), S};
handle_call(stop, _, S) -> {stop, normal, stopped, S};
handle_call(Request, _, S) when is_tuple(Request), tuple_size(Request) > 0 ->
    [Function | Args] = tuple_to_list(Request),
    {reply, try apply(prim_file, Function, Args)
            catch error:_ -> {error, enotsup}
            end, S};
handle_call(Function, _, S) ->
    handle_call({Function}, undefined, S).

handle_cast(_, S) -> {noreply, S}.
handle_info(_, S) -> {noreply, S}.
terminate(_, _) -> ok.
