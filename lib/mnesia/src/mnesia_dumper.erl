%% SPDX-License-Identifier: Apache-2.0
%% mnesia_dumper: brings what the log says into the files of the tables, from
%% time to time. Changes go to a new log before the tables are written.
-module(mnesia_dumper).
-behaviour(gen_server).

-export([start_link/0, get_log_writes/0, log/1, dump/0, dump/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% How many transactions were written to the log, since mnesia was started.
-spec get_log_writes() -> non_neg_integer().
get_log_writes() -> mnesia:system_info(transaction_log_writes).

log(Ops) ->
    ets:insert(mnesia_changed, [{element(2, Op)} || Op <- Ops]),
    _ = mnesia_disc:log(Ops),
    N = ets:update_counter(mnesia_count, log, 1),
    N rem mnesia_lib:val(dump_limit) =:= 0
        andalso gen_server:cast(?MODULE, dump),
    ok.

%% Writes the tables that were changed, or those named.
dump() -> gen_server:call(?MODULE, dump, infinity).
dump(Tables) -> gen_server:call(?MODULE, {dump, Tables}, infinity).

init([]) ->
    process_flag(trap_exit, true),
    mnesia_lib:set(dump_limit, mnesia_lib:env(dump_log_write_threshold)),
    {ok, next_dump()}.

next_dump() ->
    case mnesia_lib:env(dump_log_time_threshold) of
        infinity -> ok;
        Time -> _ = erlang:send_after(Time, self(), dump)
    end.

handle_call(dump, _, S) -> {reply, dumped(), S};
handle_call({dump, Tables}, _, S) ->
    {reply, [case mnesia_disc:has_log() of
                 true -> write(T, mnesia_table:info(T, storage_type, unknown));
                 false -> has_no_disc
             end || T <- Tables], S}.

handle_cast(dump, S) ->
    dumped(dump_log_write_threshold),
    {noreply, S}.

handle_info(dump, S) ->
    dumped(dump_log_time_threshold),
    next_dump(),
    {noreply, S};
handle_info(_, S) -> {noreply, S}.

terminate(_, _) ->
    ets:whereis(mnesia_gvar) =:= undefined orelse dumped(),
    mnesia_disc:close_log().

dumped() ->
    _ = mnesia_disc:has_log() andalso begin
        mnesia_disc:rotate_log(),
        Changed = ets:tab2list(mnesia_changed),
        [ets:delete_object(mnesia_changed, C) || C <- Changed],
        [write(T) || {T} <- Changed],
        mnesia_disc:forget_old_log()
    end,
    dumped.

dumped(Why) ->
    mnesia_disc:has_log() andalso ets:info(mnesia_changed, size) > 0
        andalso mnesia_lib:report({mnesia_info, "Dump log: ~w~n", [Why]}),
    dumped().

write(Table) ->
    case mnesia_table:info(Table, storage_type, unknown) of
        ram_copies -> ok;
        Storage -> write(Table, Storage)
    end.

%% It may be gone by now.
write(_, unknown) -> ok;
write(Table, _) ->
    try
        mnesia_table:info(Table, loading, false)
            orelse mnesia_disc:write_table(Table, ets:tab2list(Table))
    catch error:badarg -> ok
    end.
