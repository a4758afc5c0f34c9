%% SPDX-License-Identifier: Apache-2.0
%% A server of frequencies, as a gen_server that is supervised and tells what
%% it does to a counter.
-module(frequency).
-behaviour(gen_server).
-export([start_link/0, stop/0, allocate/0, deallocate/1, free/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% Frequencies that are free, and of each that is not its client and the
%% monitor that tells of the client's end.
-record(state, {free :: [pos_integer()],
                taken = #{} :: #{pos_integer() => {pid(), reference()}}}).

%% ---- For clients ----

start_link() ->
    gen_server:start_link({local, frequency}, ?MODULE, lists:seq(10, 15), []).

stop() -> gen_server:stop(frequency).

allocate() -> gen_server:call(frequency, allocate).

deallocate(Frequency) ->
    gen_server:call(frequency, {deallocate, Frequency}).

free() -> gen_server:call(frequency, free).

%% ---- The server ----

init(Frequencies) ->
    frequency_count:add(started),
    {ok, #state{free = Frequencies}}.

handle_call(allocate, _, #state{free = []} = S) ->
    frequency_count:add(refused),
    {reply, {error, no_frequency}, S};
handle_call(allocate, {Client, _}, #state{free = [F | Free], taken = Taken}) ->
    Owner = {Client, monitor(process, Client)},
    frequency_count:add(allocated),
    {reply, {ok, F}, #state{free = Free, taken = Taken#{F => Owner}}};
handle_call({deallocate, F}, {Client, _}, #state{taken = Taken} = S) ->
    case Taken of
        #{F := {Client, Monitor}} ->
            demonitor(Monitor, [flush]),
            {reply, ok, give_back(F, S)};
        #{} ->
            {reply, {error, not_yours}, S}
    end;
handle_call(free, _, #state{free = Free} = S) ->
    {reply, length(Free), S}.

handle_cast(_, S) ->
    {noreply, S}.

handle_info({'DOWN', Monitor, process, Client, _}, #state{taken = Taken} = S) ->
    [F] = [F || {F, Owner} <- maps:to_list(Taken),
                Owner =:= {Client, Monitor}],
    {noreply, give_back(F, S)}.

give_back(F, #state{free = Free, taken = Taken}) ->
    #state{free = [F | Free], taken = maps:remove(F, Taken)}.
