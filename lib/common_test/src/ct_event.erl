%% SPDX-License-Identifier: Apache-2.0
%% ct_event: the event manager of test runs. Tests tell it what they measure;
%% whoever wants to know adds a handler to it. Without a manager, what is told
%% is heard by nobody.
-module(ct_event).

-export([start_link/0, stop/0, notify/1, sync_notify/1, is_alive/0]).

start_link() -> gen_event:start_link({local, ?MODULE}).

stop() -> gen_event:stop(?MODULE).

is_alive() -> whereis(?MODULE) =/= undefined.

%% #event{} of ct_event.hrl.
notify(Event) ->
    try gen_event:notify(?MODULE, Event)
    catch
        error:Reason -> {error, {notify, Reason}}
    end.

sync_notify(Event) ->
    try gen_event:sync_notify(?MODULE, Event)
    catch
        exit:Reason -> {error, {sync_notify, Reason}}
    end.
