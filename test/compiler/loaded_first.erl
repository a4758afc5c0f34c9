%% SPDX-License-Identifier: Apache-2.0
%% The function of -on_load is called by the loader, but nobody else may call
%% it: it is not exported, and not dropped either.
-module(loaded_first).
-export([main/0]).
-on_load(init/0).

init() -> persistent_term:put(?MODULE, loaded).

%% expect: ok
main() ->
    loaded = persistent_term:get(?MODULE),
    false = lists:keymember(init, 1, ?MODULE:module_info(exports)),
    true = lists:member({init, 0}, ?MODULE:module_info(functions)),
    {'EXIT', {undef, _}} = (catch ?MODULE:(hidden())()),
    io:format("ok~n").

hidden() -> list_to_existing_atom("init").
