%% SPDX-License-Identifier: Apache-2.0
%% heart: keeps a program beside the node (the program itself, as
%% "heart-guard") that starts it again when it ends or hangs. It is there when
%% the node was started with -heart.
%%
%% The process beats every few seconds; that of init links to it, and ends it
%% with shutdown when the node takes its leave.
-module(heart).

-export([start/0, init/2, set_cmd/1, get_cmd/0, clear_cmd/0, set_callback/2,
         get_callback/0, clear_callback/0, set_options/1, get_options/0,
         cycle/0]).

-define(ACK, 1).
-define(BEAT, 2).
-define(SHUT_DOWN, 3).
-define(SET_CMD, 4).
-define(CLEAR_CMD, 5).
-define(GET_CMD, 6).
-define(CMD, 7).

-define(PAUSE, 5000).        % between two beats
-define(CYCLE_TIME, 10000).  % for an old guard to go
-define(CMD_MOST, 2047).     % bytes

-record(state, {port, parent, callback = none, options = []}).

-spec start() -> ignore | {error, term()} | {ok, pid()}.
start() ->
    case whereis(?MODULE) of
        undefined ->
            Pid = spawn(?MODULE, init, [self(), whereis(init)]),
            receive {Pid, Answer} -> Answer end;
        Pid -> {ok, Pid}
    end.

init(Starter, Parent) ->
    process_flag(trap_exit, true),
    process_flag(priority, max),
    register(?MODULE, self()),
    case init:get_argument(?MODULE) of
        {ok, _} ->
            Port = start_guard(),
            Starter ! {self(), {ok, self()}},
            loop(#state{port = Port, parent = Parent});
        error -> Starter ! {self(), ignore}
    end.

start_guard() ->
    Command = os:getenv("PROGNAME") ++ " heart-guard " ++ os:getpid(),
    Port = open_port({spawn, Command}, [{packet, 2}]),
    wait_ack(Port),
    Port.

wait_ack(Port) ->
    receive
        {Port, {data, [?ACK]}} -> ok;
        {'EXIT', Port, Reason} -> exit(Reason)
    end.

%%% Questions and wishes

-spec set_cmd(string()) -> ok | {error, {bad_cmd, term()}}.
set_cmd(Command) -> request({set_cmd, Command}).

-spec get_cmd() -> {ok, string()}.
get_cmd() -> request(get_cmd).

-spec clear_cmd() -> ok.
clear_cmd() -> request(clear_cmd).

-spec set_callback(module(), atom()) -> ok | {error, {bad_callback, term()}}.
set_callback(Module, Function) -> request({set_callback, {Module, Function}}).

-spec get_callback() -> {ok, {module(), atom()}} | none.
get_callback() -> request(get_callback).

-spec clear_callback() -> ok.
clear_callback() -> request(clear_callback).

-spec set_options([check_schedulers]) -> ok | {error, {bad_options, term()}}.
set_options(Options) -> request({set_options, Options}).

-spec get_options() -> {ok, [atom()]} | none.
get_options() -> request(get_options).

%% A new guard in the place of the old one.
-spec cycle() -> ok | {error, term()}.
cycle() -> request(cycle).

request(Request) ->
    ?MODULE ! {self(), Request},
    receive {?MODULE, Answer} -> Answer end.

%%% The process

loop(#state{port = Port, parent = Parent} = S) ->
    beat(S),
    receive
        {'EXIT', Parent, shutdown} -> take_leave(Port);
        {'EXIT', Parent, Reason} ->
            exit(Port, Reason),
            exit(Reason);
        {'EXIT', Port, _} -> exit(port_terminated);
        {From, Request} when is_pid(From) ->
            {Answer, S1} = answer(Request, S),
            From ! {?MODULE, Answer},
            loop(S1);
        _ -> loop(S)
    after ?PAUSE -> loop(S)
    end.

%% Who hangs in the callback is started again.
beat(#state{port = Port, callback = Callback}) ->
    case Callback of
        none -> ok;
        {M, F} -> ok = M:F()
    end,
    command(Port, [?BEAT]).

command(Port, Data) -> Port ! {self(), {command, Data}}.

take_leave(Port) ->
    command(Port, [?SHUT_DOWN]),
    receive {'EXIT', Port, _} -> exit(normal) end.

answer({set_cmd, Command}, #state{port = Port} = S) ->
    case catch unicode:characters_to_binary(Command) of
        Bytes when is_binary(Bytes), byte_size(Bytes) < ?CMD_MOST ->
            command(Port, [?SET_CMD, Bytes]),
            {wait_ack(Port), S};
        _ -> {{error, {bad_cmd, Command}}, S}
    end;
answer(clear_cmd, #state{port = Port} = S) ->
    command(Port, [?CLEAR_CMD]),
    {wait_ack(Port), S};
answer(get_cmd, #state{port = Port} = S) ->
    command(Port, [?GET_CMD]),
    receive {Port, {data, [?CMD | Command]}} -> {{ok, Command}, S} end;
answer({set_callback, {M, F}}, S) when is_atom(M), is_atom(F) ->
    {ok, S#state{callback = {M, F}}};
answer({set_callback, Callback}, S) ->
    {{error, {bad_callback, Callback}}, S};
answer(get_callback, #state{callback = none} = S) -> {none, S};
answer(get_callback, #state{callback = Callback} = S) -> {{ok, Callback}, S};
answer(clear_callback, S) -> {ok, S#state{callback = none}};
answer({set_options, Options}, S) ->
    case catch [O || O <- Options, O =/= check_schedulers] of
        [] -> {ok, S#state{options = Options}};
        _ -> {{error, {bad_options, Options}}, S}
    end;
answer(get_options, #state{options = []} = S) -> {none, S};
answer(get_options, #state{options = Options} = S) -> {{ok, Options}, S};
answer(cycle, #state{port = Old} = S) ->
    New = start_guard(),
    command(Old, [?SHUT_DOWN]),
    receive
        {'EXIT', Old, _} -> {ok, S#state{port = New}}
    after ?CYCLE_TIME -> {{error, stop_error}, S#state{port = New}}
    end;
answer(_, S) -> {{error, badrequest}, S}.
