%% SPDX-License-Identifier: Apache-2.0
%% A coffee machine as a process: a function for each state.
-module(coffee_process).
-export([start/0, stop/0, tea/0, espresso/0, cappuccino/0, pay/1, cancel/0,
         take_cup/0]).

start() ->
    Starter = self(),
    {Pid, Monitor} = spawn_monitor(fun() ->
        register(?MODULE, self()),
        hw:reboot(),
        Starter ! {self(), ready},
        selection()
    end),
    receive
        {Pid, ready} ->
            demonitor(Monitor, [flush]),
            {ok, Pid};
        {'DOWN', Monitor, process, Pid, Reason} ->
            {error, Reason}
    end.

stop() -> press(stop).

%% ---- Keys: pressed without waiting for what comes of it ----

tea() -> press({choose, tea, 100}).
espresso() -> press({choose, espresso, 150}).
cappuccino() -> press({choose, cappuccino, 200}).
pay(Coin) -> press({pay, Coin}).
cancel() -> press(cancel).
take_cup() -> press(take_cup).

press(Key) ->
    ?MODULE ! {key, Key},
    ok.

%% ---- States ----

selection() ->
    hw:display("Make your selection", []),
    await_selection().

await_selection() ->
    receive
        {key, {choose, Drink, Price}} ->
            hw:display("Please pay: ~w", [Price]),
            payment(Drink, Price, 0);
        {key, {pay, Coin}} ->
            hw:return_change(Coin),
            await_selection();
        {key, stop} ->
            ok;
        {key, _} ->
            await_selection()
    end.

payment(Drink, Price, Paid) ->
    receive
        {key, {pay, Coin}} when Paid + Coin >= Price ->
            hw:display("Preparing drink", []),
            hw:return_change(Paid + Coin - Price),
            hw:drop_cup(),
            hw:prepare(Drink),
            hw:display("Remove drink", []),
            remove();
        {key, {pay, Coin}} ->
            hw:display("Please pay: ~w", [Price - Paid - Coin]),
            payment(Drink, Price, Paid + Coin);
        {key, cancel} ->
            hw:return_change(Paid),
            selection();
        {key, stop} ->
            hw:return_change(Paid);
        {key, _} ->
            payment(Drink, Price, Paid)
    end.

remove() ->
    receive
        {key, take_cup} ->
            selection();
        {key, {pay, Coin}} ->
            hw:return_change(Coin),
            remove();
        {key, stop} ->
            ok;
        {key, _} ->
            remove()
    end.
