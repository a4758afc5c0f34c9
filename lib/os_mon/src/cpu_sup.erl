%% SPDX-License-Identifier: Apache-2.0
%% cpu_sup: the load of the machine and what its processors do, from /proc.
%%
%% util answers for the time since the same process asked before.
-module(cpu_sup).
-behaviour(gen_server).

-export([start_link/0, start/0, stop/0, ping/0]).
-export([nprocs/0, avg1/0, avg5/0, avg15/0, util/0, util/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% What a processor did, in the order of /proc/stat.
-define(KINDS, [user, nice_user, kernel, idle, wait, hard_irq, soft_irq,
                steal]).
-define(IDLE, [wait, idle, steal]).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

start() -> gen_server:start({local, ?MODULE}, ?MODULE, [], []).

stop() -> gen_server:stop(?MODULE).

ping() -> os_mon:call(?MODULE, ping, 0).

-spec nprocs() -> non_neg_integer() | {error, term()}.
nprocs() -> os_mon:call(?MODULE, {load, fun([_, _, _, N]) -> N end}, 0).

%% Loads times 256, of the last minutes.
avg1() -> os_mon:call(?MODULE, {load, fun([L | _]) -> L end}, 0).
avg5() -> os_mon:call(?MODULE, {load, fun([_, L | _]) -> L end}, 0).
avg15() -> os_mon:call(?MODULE, {load, fun([_, _, L | _]) -> L end}, 0).

%% Percent of the time that processors were busy.
util() ->
    case util([]) of
        {all, Busy, _, _} -> Busy;
        Error -> Error
    end.

-spec util([detailed | per_cpu]) ->
          {all | [term()], Busy, NonBusy, Misc :: []} | list() | {error, _}
              when Busy :: number() | list(), NonBusy :: number() | list().
util(Options) when is_list(Options) ->
    Detailed = lists:member(detailed, Options),
    PerCpu = lists:member(per_cpu, Options),
    Options -- [detailed, per_cpu] =:= [] orelse error(badarg),
    case os_mon:call(?MODULE, {util, self()}, none) of
        none when Detailed; PerCpu -> {all, [], [], []};
        none -> {all, 0, 0, []};
        {[_ | _] = All, Before} ->
            Parts = [part(Cpu, Before) || Cpu <- All],
            answer(Parts, Detailed, PerCpu)
    end;
util(_) -> error(badarg).

%% {Processor, [{Kind, Percent}]} of the time since [Before].
part({Cpu, Now}, Before) ->
    Then = proplists:get_value(Cpu, Before, [0 || _ <- Now]),
    Times = lists:zipwith(fun(A, B) -> max(0, A - B) end, Now, Then),
    Sum = max(1, lists:sum(Times)),
    {Cpu, lists:zip(?KINDS, [100 * T / Sum || T <- Times])}.

answer(Parts, Detailed, true) ->
    [one(P, Detailed) || {Cpu, _} = P <- Parts, Cpu =/= all];
answer(Parts, true, false) ->
    {_, Busy, NonBusy, Misc} = one(lists:keyfind(all, 1, Parts), true),
    {[Cpu || {Cpu, _} <- Parts, Cpu =/= all], Busy, NonBusy, Misc};
answer(Parts, false, false) -> one(lists:keyfind(all, 1, Parts), false).

one({Cpu, Times}, Detailed) ->
    {NonBusy, Busy} = lists:partition(fun({K, _}) -> lists:member(K, ?IDLE) end,
                                      Times),
    case Detailed of
        true -> {Cpu, Busy, NonBusy, []};
        false -> {Cpu, sum(Busy), sum(NonBusy), []}
    end.

sum(Times) -> lists:sum([T || {_, T} <- Times]).

%% ---- The server: [{Pid of who asked, what the processors had done}] ----

init([]) -> {ok, #{}}.

handle_call(ping, _, Asked) -> {reply, 4711, Asked};
handle_call({load, Pick}, _, Asked) ->
    {reply, case load() of
                {ok, Loads} -> Pick(Loads);
                Error -> Error
            end, Asked};
handle_call({util, Pid}, _, Asked) ->
    is_map_key(Pid, Asked) orelse monitor(process, Pid),
    Now = times(),
    {reply, {Now, maps:get(Pid, Asked, [])}, Asked#{Pid => Now}}.

handle_cast(_, Asked) -> {noreply, Asked}.

handle_info({'DOWN', _, process, Pid, _}, Asked) ->
    {noreply, maps:remove(Pid, Asked)};
handle_info(_, Asked) -> {noreply, Asked}.

%% Three loads times 256 and the number of processes.
load() ->
    case os_mon:read_lines("/proc/loadavg") of
        [[A, B, C, Tasks | _] | _] ->
            [_, All] = string:lexemes(Tasks, "/"),
            {ok, [round(256 * list_to_float(L)) || L <- [A, B, C]]
                 ++ [list_to_integer(All)]};
        _ -> {error, not_available}
    end.

times() ->
    [{cpu(Name), [list_to_integer(T) || T <- lists:sublist(Times, 8)]}
     || ["cpu" ++ _ = Name | Times] <- os_mon:read_lines("/proc/stat"),
        length(Times) >= 8].

cpu("cpu") -> all;
cpu("cpu" ++ N) -> list_to_integer(N).
