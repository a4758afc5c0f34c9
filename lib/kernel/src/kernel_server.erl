%% SPDX-License-Identifier: Apache-2.0
%% Servers of the kernel whose first state needs no code of their own. They
%% start, registered and under kernel_sup as on any node, without their
%% module: the first message for one of them loads it. So a node has all of
%% them from the start and pays only for those that somebody asks. They do not
%% trap exits: an end asked for by the supervisor needs no code either.
-module(kernel_server).

-export([start_link/3, start_link/4]).
-export([init/4]).

start_link(Name, Module, State) -> start_link(Name, Module, State, []).

%% [Tables] are the ets tables that the server owns: {Name, Options}.
start_link(Name, Module, State, Tables) ->
    proc_lib:start_link(?MODULE, init, [Name, Module, State, Tables]).

init(Name, Module, State, Tables) ->
    %% whoever looks shall see the server, not how it began
    put('$initial_call', {Module, init, 1}),
    process_flag(message_queue_data, off_heap),
    try register(Name, self()) of
        true ->
            [ets:new(Table, [named_table | Options])
             || {Table, Options} <- Tables],
            proc_lib:init_ack({ok, self()}),
            gen_server:enter_loop(Module, [], State, {local, Name})
    catch
        error:badarg ->
            proc_lib:init_ack({error, {already_started, whereis(Name)}})
    end.
