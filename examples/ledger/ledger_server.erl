%% SPDX-License-Identifier: Apache-2.0
%% A ledger that several processes use: its functions, one at a time.
-module(ledger_server).
-behaviour(gen_server).
-export([start_link/0, stop/1, change/3, ask/3]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link() -> gen_server:start_link(?MODULE, [], []).

stop(Server) -> gen_server:stop(Server).

%% Calls ledger:Function(Args..., Ledger), which answers a new ledger.
change(Server, Function, Args) ->
    gen_server:call(Server, {change, Function, Args}).

%% The same for what only asks.
ask(Server, Function, Args) ->
    gen_server:call(Server, {ask, Function, Args}).

init([]) ->
    {ok, ledger:new()}.

handle_call({change, Function, Args}, _, Ledger) ->
    case apply(ledger, Function, Args ++ [Ledger]) of
        {ok, Ledger1} -> {reply, ok, Ledger1};
        {error, _} = Error -> {reply, Error, Ledger}
    end;
handle_call({ask, Function, Args}, _, Ledger) ->
    {reply, apply(ledger, Function, Args ++ [Ledger]), Ledger}.

handle_cast(_, Ledger) ->
    {noreply, Ledger}.
