%% SPDX-License-Identifier: Apache-2.0
%% A process that says its version when it is asked, and takes on new code when
%% it is told to.
-module(loop).
-export([start/0, ask/1, switch/1, loop/0]).

-ifndef(VERSION).
-define(VERSION, 1).
-endif.

start() -> spawn(?MODULE, loop, []).

ask(Pid) ->
    Pid ! {ask, self()},
    receive {version, Version} -> Version end.

switch(Pid) ->
    Pid ! switch,
    ok.

loop() ->
    receive
        {ask, From} ->
            From ! {version, ?VERSION},
            loop();         % stays in this version
        switch ->
            ?MODULE:loop()  % the newest there is
    end.
