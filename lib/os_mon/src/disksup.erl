%% SPDX-License-Identifier: Apache-2.0
%% disksup: how full the disks are. Checks now and then; an alarm
%% {disk_almost_full, Mount point} for each that is.
-module(disksup).
-behaviour(gen_server).

-export([start_link/0, get_disk_data/0, get_disk_info/0, get_disk_info/1]).
-export([get_check_interval/0, set_check_interval/1]).
-export([get_almost_full_threshold/0, set_almost_full_threshold/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

%% disks: [{Mount point, KB, KB that are left, Percent used}].
-record(state, {interval, limit, disks = []}).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% What the last check found.
-spec get_disk_data() -> [{string(), non_neg_integer(), 0..100}].
get_disk_data() ->
    [{Id, KB, Percent}
     || {Id, KB, _, Percent} <- os_mon:call(?MODULE, get_disks,
                                            [{"none", 0, 0, 0}])].

%% What is now.
-spec get_disk_info() ->
          [{string(), non_neg_integer(), non_neg_integer(), 0..100}].
get_disk_info() -> disks("").

get_disk_info(Path) ->
    case disks([$', Path, $']) of
        [] -> [{Path, 0, 0, 0}];
        Disks -> Disks
    end.

get_check_interval() ->
    os_mon:call(?MODULE, get_check_interval,
                os_mon:get_env(disk_space_check_interval) * 60000).

set_check_interval(Minutes) when is_integer(Minutes), Minutes > 0 ->
    os_mon:call(?MODULE, {set_check_interval, Minutes * 60000}, ok);
set_check_interval(_) -> error(badarg).

get_almost_full_threshold() ->
    Default = os_mon:get_env(disk_almost_full_threshold),
    round(100 * os_mon:call(?MODULE, get_limit, Default)).

set_almost_full_threshold(Limit) ->
    os_mon:fraction(Limit) orelse error(badarg),
    os_mon:call(?MODULE, {set_limit, Limit}, ok).

init([]) ->
    process_flag(trap_exit, true),
    process_flag(priority, low),
    S = #state{interval = os_mon:get_env(disk_space_check_interval) * 60000,
               limit = os_mon:get_env(disk_almost_full_threshold)},
    {noreply, Checked} = handle_info(check, S),
    {ok, Checked}.

handle_call(get_disks, _, S) -> {reply, S#state.disks, S};
handle_call(get_check_interval, _, S) -> {reply, S#state.interval, S};
handle_call({set_check_interval, Ms}, _, S) ->
    {reply, ok, S#state{interval = Ms}};
handle_call(get_limit, _, S) -> {reply, S#state.limit, S};
handle_call({set_limit, L}, _, S) -> {reply, ok, S#state{limit = L}}.

handle_cast(_, S) -> {noreply, S}.

handle_info(check, #state{interval = Interval, limit = Limit} = S) ->
    erlang:send_after(Interval, self(), check),
    Disks = disks(""),
    [case Percent > 100 * Limit of
         true -> os_mon:set_alarm({disk_almost_full, Id}, []);
         false -> os_mon:clear_alarm({disk_almost_full, Id})
     end || {Id, _, _, Percent} <- Disks],
    {noreply, S#state{disks = Disks}};
handle_info(_, S) -> {noreply, S}.

terminate(_, _) -> os_mon:clear_alarms().

%% The local disks, or the one that [Path] is on, as df tells of them.
disks(Path) ->
    Lines = string:lexemes(os:cmd(["df -lkP ", Path, " 2>/dev/null"]), "\n"),
    [{string:join(Mount, " "), list_to_integer(KB), list_to_integer(Left),
      list_to_integer(string:trim(Percent, trailing, "%"))}
     || L <- Lines,
        [_, KB, _, Left, Percent | Mount] <- [string:lexemes(L, " ")],
        lists:last(Percent) =:= $%].
