%% SPDX-License-Identifier: Apache-2.0
%% A coffee machine as a gen_statem: a function for each state, called when it
%% is entered and for each key.
-module(coffee_statem).
-behaviour(gen_statem).
-export([start_link/1, stop/0, tea/0, espresso/0, cappuccino/0, pay/1,
         cancel/0, take_cup/0]).
-export([init/1, callback_mode/0, terminate/3, selection/3, payment/3,
         remove/3]).

%% Milliseconds that a customer has to pay; coins so far; what is made.
-record(machine, {patience, drink, price, paid = 0}).

start_link(Patience) ->
    gen_statem:start_link({local, ?MODULE}, ?MODULE, Patience, []).

stop() -> gen_statem:stop(?MODULE).

tea() -> press({choose, tea, 100}).
espresso() -> press({choose, espresso, 150}).
cappuccino() -> press({choose, cappuccino, 200}).
pay(Coin) -> press({pay, Coin}).
cancel() -> press(cancel).
take_cup() -> press(take_cup).

press(Key) -> gen_statem:cast(?MODULE, Key).

callback_mode() -> [state_functions, state_enter].

init(Patience) ->
    process_flag(trap_exit, true),
    hw:reboot(),
    {ok, selection, #machine{patience = Patience}}.

selection(enter, _, M) ->
    hw:display("Make your selection", []),
    {keep_state, M#machine{drink = none, price = 0, paid = 0}};
selection(cast, {choose, Drink, Price}, M) ->
    {next_state, payment, M#machine{drink = Drink, price = Price}};
selection(cast, Key, _) ->
    ignore(Key).

payment(enter, _, #machine{price = Price} = M) ->
    hw:display("Please pay: ~w", [Price]),
    {keep_state_and_data, patience(M)};
payment(cast, {pay, Coin}, #machine{paid = Paid, price = Price} = M)
  when Paid + Coin >= Price ->
    hw:display("Preparing drink", []),
    hw:return_change(Paid + Coin - Price),
    hw:drop_cup(),
    hw:prepare(M#machine.drink),
    {next_state, remove, M#machine{paid = 0}};
payment(cast, {pay, Coin}, #machine{paid = Paid, price = Price} = M) ->
    hw:display("Please pay: ~w", [Price - Paid - Coin]),
    {keep_state, M#machine{paid = Paid + Coin}, patience(M)};
payment(cast, cancel, M) ->
    hw:return_change(M#machine.paid),
    {next_state, selection, M};
payment(state_timeout, too_late, M) ->
    hw:display("Too slow", []),
    hw:return_change(M#machine.paid),
    {next_state, selection, M};
payment(cast, Key, _) ->
    ignore(Key).

patience(#machine{patience = Time}) -> {state_timeout, Time, too_late}.

remove(enter, _, _) ->
    hw:display("Remove drink", []),
    keep_state_and_data;
remove(cast, take_cup, M) ->
    {next_state, selection, M};
remove(cast, Key, _) ->
    ignore(Key).

%% Keys that mean nothing now; coins are given back.
ignore({pay, Coin}) ->
    hw:return_change(Coin),
    keep_state_and_data;
ignore(_) ->
    keep_state_and_data.

terminate(_, payment, #machine{paid = Paid}) -> hw:return_change(Paid);
terminate(_, _, _) -> ok.
