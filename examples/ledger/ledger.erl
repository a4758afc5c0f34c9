%% SPDX-License-Identifier: Apache-2.0
%% A ledger: accounts with an amount each, which is never below nothing.
-module(ledger).
-export([new/0, open/2, deposit/3, transfer/4, balance/2, total/1]).

-type name() :: atom().
-type ledger() :: #{name() => non_neg_integer()}.
-type error() :: {error, unknown | exists | funds | amount}.

-spec new() -> ledger().
new() -> #{}.

-spec open(name(), ledger()) -> {ok, ledger()} | error().
open(Name, Ledger) when is_map_key(Name, Ledger) -> {error, exists};
open(Name, Ledger) -> {ok, Ledger#{Name => 0}}.

-spec deposit(name(), pos_integer(), ledger()) -> {ok, ledger()} | error().
deposit(Name, Amount, Ledger) when is_integer(Amount), Amount > 0 ->
    case Ledger of
        #{Name := Balance} -> {ok, Ledger#{Name := Balance + Amount}};
        #{} -> {error, unknown}
    end;
deposit(_, _, _) ->
    {error, amount}.

-spec transfer(name(), name(), pos_integer(), ledger()) ->
          {ok, ledger()} | error().
transfer(From, To, Amount, Ledger) when is_map_key(To, Ledger) ->
    case Ledger of
        #{From := Balance} when Balance >= Amount ->
            deposit(To, Amount, Ledger#{From := Balance - Amount});
        #{From := _} ->
            {error, funds};
        #{} ->
            {error, unknown}
    end;
transfer(_, _, _, _) ->
    {error, unknown}.

-spec balance(name(), ledger()) -> {ok, non_neg_integer()} | error().
balance(Name, Ledger) ->
    case Ledger of
        #{Name := Balance} -> {ok, Balance};
        #{} -> {error, unknown}
    end.

-spec total(ledger()) -> non_neg_integer().
total(Ledger) -> lists:sum(maps:values(Ledger)).
