%% SPDX-License-Identifier: Apache-2.0
%% The hardware of a coffee machine: what it does is printed.
-module(hw).
-export([display/2, return_change/1, drop_cup/0, prepare/1, reboot/0]).

display(Format, Args) -> print("Display: " ++ Format, Args).

return_change(0) -> ok;
return_change(Coins) -> print("Machine: returned ~w in change", [Coins]).

drop_cup() -> print("Machine: dropped cup", []).

prepare(Drink) -> print("Machine: preparing ~p", [Drink]).

reboot() -> print("Machine: rebooted hardware", []).

print(Format, Args) -> io:format(Format ++ "~n", Args).
