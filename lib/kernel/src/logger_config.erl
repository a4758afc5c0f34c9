%% SPDX-License-Identifier: Apache-2.0
%% Where the logger's configuration is kept: one map, read by every log call
%% and changed rarely, so a persistent term; written by logger_server alone.
%%
%%   primary   #{level, filters, filter_default, metadata}
%%   handlers  [{Id, Config}], in the order of their adding
%%   modules   #{Module => Level}
%%   proxy     options of the proxy
-module(logger_config).

-export([read/0, write/1, olp_options/0, allow/2, level_number/1]).

read() ->
    case persistent_term:get(?MODULE, none) of
        none -> default();
        Config -> Config
    end.

write(Config) -> persistent_term:put(?MODULE, Config).

default() ->
    #{primary => #{level => notice, filters => [], filter_default => log,
                   metadata => #{}},
      handlers => [], modules => #{},
      proxy => (olp_options())#{sync_mode_qlen => 500, drop_mode_qlen => 1000,
                                flush_qlen => 5000,
                                burst_limit_enable => false}}.

%% What guards a handler's process against too many events (see logger_olp).
olp_options() ->
    #{sync_mode_qlen => 10, drop_mode_qlen => 200, flush_qlen => 1000,
      burst_limit_enable => true, burst_limit_max_count => 500,
      burst_limit_window_time => 1000, overload_kill_enable => false,
      overload_kill_qlen => 20000, overload_kill_mem_size => 3000000,
      overload_kill_restart_after => 5000}.

%% Whether events of [Level] from [Module] (none: not known) are to be logged.
allow(Level, Module) ->
    #{primary := #{level := Primary}, modules := Modules} = read(),
    Limit = case Modules of
                #{Module := L} -> L;
                _ -> Primary
            end,
    level_number(Level) =< level_number(Limit).

level_number(none) -> -1;
level_number(emergency) -> 0;
level_number(alert) -> 1;
level_number(critical) -> 2;
level_number(error) -> 3;
level_number(warning) -> 4;
level_number(notice) -> 5;
level_number(info) -> 6;
level_number(debug) -> 7;
level_number(all) -> 8.
