%% SPDX-License-Identifier: Apache-2.0
%% A maker: does orders, one after the other. Multiples of ten are polished,
%% and that takes long: REST milliseconds too long.
-module(maker).
-behaviour(gen_server).
-export([start_link/1, order/2]).
-export([init/1, handle_call/3, handle_cast/2]).
-export([make/1, polish/1]).

-ifndef(REST).
-define(REST, 300).
-endif.

start_link(Name) -> gen_server:start_link({local, Name}, ?MODULE, Name, []).

order(Name, N) -> gen_server:cast(Name, {order, N}).

init(Name) ->
    {ok, #{name => Name, made => 0}}.

handle_call(_, _, S) ->
    {noreply, S}.

handle_cast({order, N}, #{made := Made} = S) ->
    store ! {made, ?MODULE:make(N)},
    {noreply, S#{made := Made + 1}}.

make(N) when N rem 10 =:= 0 -> ?MODULE:polish({thing, N});
make(N) -> {thing, N}.

polish(Thing) ->
    timer:sleep(?REST),
    {shining, Thing}.
