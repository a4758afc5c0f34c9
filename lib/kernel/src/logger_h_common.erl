%% SPDX-License-Identifier: Apache-2.0
%% logger_h_common: what logger_std_h and logger_disk_log_h share: a handler
%% with a process under logger_sup, guarded by logger_olp, that writes texts.
%%
%% The event is formatted by the process that logs. The device is the handler
%% module's: init(Id, Config), write(Id, sync | async, Bytes, S),
%% filesync(Id, sync | async, S), and so on.
-module(logger_h_common).

-export([adding_handler/1, removing_handler/1, changing_config/3,
         filter_config/1, log/2, filesync/2, info/2, reset/2]).
-export([init/1, handle_load/2, handle_call/3, handle_cast/2, handle_info/2,
         notify/2, reset_state/1, terminate/2]).

-define(COMMON, [filesync_repeat_interval]).
-define(FILESYNC_TIME, 5000).
%% every so many writes one is waited for
-define(SYNC_EVERY, 20).

%% ---- called by the logger ----

adding_handler(#{id := Id, module := Module} = Handler) ->
    Given = maps:get(config, Handler, #{}),
    case Module:check_config(Id, set, undefined, own(Given)) of
        {ok, Own} ->
            Common = maps:merge(#{filesync_repeat_interval => ?FILESYNC_TIME},
                                maps:merge(maps:with(?COMMON, Given),
                                           maps:with(?COMMON, Own))),
            case check_common(Common) of
                ok ->
                    start(maps:with(olp_keys(), Given),
                          Handler#{config => maps:merge(Common, Own)});
                {error, Bad} -> {error, {invalid_config, Module, Bad}}
            end;
        Error -> Error
    end.

olp_keys() -> maps:keys(logger_olp:get_default_opts()).

%% What belongs to the handler module.
own(Config) -> maps:without([olp | ?COMMON] ++ olp_keys(), Config).

check_common(#{filesync_repeat_interval := Time})
  when Time =:= no_repeat; is_integer(Time), Time > 0 -> ok;
check_common(Config) -> {error, Config}.

start(Options, #{id := Id, module := Module, config := Config} = Handler) ->
    Spec = #{id => Id, restart => temporary, shutdown => 2000,
             start => {logger_olp, start_link,
                       [name(Module, Id), ?MODULE, Handler, Options]},
             modules => [?MODULE]},
    case supervisor:start_child(logger_sup, Spec) of
        {ok, Pid, Olp} ->
            ok = logger_handler_watcher:register_handler(Id, Pid),
            All = maps:merge(Config, logger_olp:get_opts(Olp)),
            {ok, Handler#{config => All#{olp => Olp}}};
        {error, {Reason, Child}} when element(1, Child) =:= child ->
            {error, Reason};
        Error -> Error
    end.

name(Module, Id) ->
    list_to_atom(atom_to_list(Module) ++ "_" ++ atom_to_list(Id)).

removing_handler(#{id := Id, module := Module, config := #{olp := Olp}}) ->
    case whereis(name(Module, Id)) of
        undefined -> ok;
        _ ->
            _ = logger_olp:stop(Olp),
            ok
    end.

changing_config(How, #{id := Id, module := Module, config := Old}, New) ->
    Given = maps:get(config, New, #{}),
    case Module:check_config(Id, How, own(Old), own(Given)) of
        {ok, Own} ->
            Base = case How of
                       set -> #{filesync_repeat_interval => ?FILESYNC_TIME};
                       update -> maps:with(?COMMON, Old)
                   end,
            Common = maps:merge(Base, maps:merge(maps:with(?COMMON, Given),
                                                 maps:with(?COMMON, Own))),
            case check_common(Common) of
                ok -> change(How, Old, Given, Common, Own, New);
                {error, Bad} -> {error, {invalid_config, Module, Bad}}
            end;
        Error -> Error
    end.

change(How, #{olp := Olp} = Old, Given, Common, Own, New) ->
    Base = case How of
               set -> logger_olp:get_default_opts();
               update -> maps:with(olp_keys(), Old)
           end,
    Options = maps:merge(Base, maps:with(olp_keys(), Given)),
    case logger_olp:set_opts(Olp, Options) of
        ok ->
            logger_olp:cast(Olp, {config_changed, Common, Own}),
            Config = maps:merge(maps:merge(Common, Own), Options),
            {ok, New#{config => Config#{olp => Olp}}};
        Error -> Error
    end.

filter_config(#{config := Config} = Handler) ->
    Handler#{config => maps:remove(olp, Config)}.

log(Event, #{config := #{olp := Olp}} = Handler) ->
    true = is_process_alive(logger_olp:get_pid(Olp)),
    logger_olp:load(Olp, text(Event, Handler)).

%% Formatters find with a report what makes text of it.
text(#{msg := {report, _}, meta := Meta} = Event, Handler)
  when not is_map_key(report_cb, Meta) ->
    Default = fun logger:format_otp_report/1,
    text(Event#{meta := Meta#{report_cb => Default}}, Handler);
%% The event's text. A formatter that fails is said to, in the words of the
%% default one.
text(#{msg := Msg} = Event, #{formatter := {Module, Config}}) ->
    try format(Module, Event, Config)
    catch
        %% the default one, with what it was told, said no already
        _:_ when Module =:= logger_formatter, Config =:= #{} ->
            <<"DEFAULT FORMATTER CRASHED\n">>;
        _:_ ->
            try format(logger_formatter,
                       Event#{msg := {"FORMATTER CRASH: ~tp", [Msg]}}, #{})
            catch _:_ -> <<"DEFAULT FORMATTER CRASHED\n">>
            end
    end.

format(Module, Event, Config) ->
    Answer = Module:format(Event, Config),
    try unicode:characters_to_binary(Answer) of
        Text when is_binary(Text) -> Text;
        _ -> <<"FORMATTER ERROR: bad return value\n">>
    catch
        error:badarg -> <<"FORMATTER ERROR: bad return value\n">>
    end.

%% ---- called by users ----

filesync(Module, Id) -> with_process(Module, Id, filesync, filesync).
info(Module, Id) -> with_process(Module, Id, info, '$olp_info').
reset(Module, Id) -> with_process(Module, Id, reset, '$olp_reset').

with_process(Module, Id, _, Request) when is_atom(Id) ->
    try gen_server:call(name(Module, Id), Request, 5000)
    catch
        exit:{timeout, _} -> {error, handler_busy};
        exit:_ -> {error, {badarg, Id}}
    end;
with_process(_, Id, Function, _) -> {error, {badarg, {Function, [Id]}}}.

%% ---- called by logger_olp ----

init(#{id := Id, module := Module, config := Config}) ->
    case Module:init(Id, Config) of
        {ok, Device} ->
            {ok, with_timer(#{id => Id, module => Module,
                              filesync_repeat_interval =>
                                  maps:get(filesync_repeat_interval, Config),
                              ctrl_sync_count => ?SYNC_EVERY, last_op => sync,
                              handler_state => Device})};
        Error -> Error
    end.

handle_load(Text, #{id := Id, module := Module, handler_state := Device,
                    ctrl_sync_count := N} = S) ->
    {How, Left} = case N of
                      0 -> {sync, ?SYNC_EVERY};
                      _ -> {async, N - 1}
                  end,
    {_, New} = Module:write(Id, How, Text, Device),
    S#{handler_state => New, ctrl_sync_count => Left, last_op => write}.

handle_call(filesync, _, #{id := Id, module := Module,
                           handler_state := Device} = S) ->
    {Result, New} = Module:filesync(Id, sync, Device),
    {reply, Result, S#{handler_state => New, last_op => sync}}.

handle_cast({config_changed, #{filesync_repeat_interval := Time}, Config},
            #{id := Id, module := Module, handler_state := Device} = S) ->
    New = try Module:config_changed(Id, Config, Device)
          catch error:undef -> Device
          end,
    S1 = S#{handler_state => New},
    case S1 of
        #{filesync_repeat_interval := Time} -> {noreply, S1};
        _ ->
            {noreply, with_timer(
                        without_timer(S1#{filesync_repeat_interval => Time}))}
    end.

handle_info({timeout, Timer, repeated_filesync},
            #{rep_sync_tref := Timer, id := Id, module := Module,
              handler_state := Device, last_op := Last} = S) ->
    New = case Last of
              sync -> Device;
              _ -> element(2, Module:filesync(Id, async, Device))
          end,
    {noreply, with_timer(S#{handler_state => New, last_op => sync})};
handle_info(Message, #{id := Id, module := Module,
                       handler_state := Device} = S) ->
    {noreply, S#{handler_state => Module:handle_info(Id, Message, Device)}}.

with_timer(#{filesync_repeat_interval := Time} = S) when is_integer(Time) ->
    S#{rep_sync_tref => erlang:start_timer(Time, self(), repeated_filesync)};
with_timer(S) -> S.

without_timer(#{rep_sync_tref := Timer} = S) ->
    erlang:cancel_timer(Timer),
    maps:remove(rep_sync_tref, S);
without_timer(S) -> S.

notify({mode_change, Old, New}, #{id := Id} = S) ->
    say("Handler ~p switched from  ~p to ~p mode", [Id, Old, New], S);
notify({flushed, N}, #{id := Id} = S) ->
    say("Handler ~p flushed ~w log events", [Id, N], S);
notify(restart, #{id := Id} = S) -> say("Handler ~p restarted", [Id], S);
notify(_, S) -> S.

%% An event of the handler's own goes the short way.
say(Format, Args, #{id := Id, module := Module,
                    handler_state := Device} = S) ->
    case logger:get_handler_config(Id) of
        {ok, Handler} ->
            Meta = #{time => logger:timestamp(), pid => self(),
                     gl => group_leader()},
            Text = text(#{level => notice, msg => {Format, Args},
                          meta => Meta}, Handler),
            {_, New} = Module:write(Id, async, Text, Device),
            S#{handler_state => New, last_op => write};
        _ -> S
    end.

reset_state(#{id := Id, module := Module, handler_state := Device} = S) ->
    try S#{handler_state => Module:reset_state(Id, Device)}
    catch error:undef -> S
    end.

terminate(overloaded, #{id := Id, module := Module} = S) ->
    closed(overloaded,
           say("Handler ~p overloaded and stopping", [Id], S)),
    case logger:get_handler_config(Id) of
        {ok, Handler} ->
            spawn(fun() -> logger:remove_handler(Id) end),
            {ok, fun() -> logger:add_handler(Id, Module, Handler) end};
        Error -> Error
    end;
terminate(Reason, S) -> closed(Reason, S).

closed(Reason, #{id := Id, module := Module, handler_state := Device} = S) ->
    without_timer(S),
    _ = Module:terminate(Id, Reason, Device),
    ok.
