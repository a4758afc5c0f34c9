%% SPDX-License-Identifier: Apache-2.0
%% Makes a subsystem that follows no behaviour a child of a supervisor.
-module(supervisor_bridge).
-behaviour(gen_server).

-export([start_link/2, start_link/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3, format_log/1, format_log/2]).

-callback init(Args :: term()) ->
    {ok, Pid :: pid(), State :: term()} | ignore | {error, Error :: term()}.
-callback terminate(Reason :: shutdown | term(), State :: term()) ->
    Ignored :: term().

-record(state, {mod, pid, child_state, name}).

start_link(Mod, Args) ->
    gen_server:start_link(?MODULE, [Mod, Args, self], []).
start_link(Name, Mod, Args) ->
    gen_server:start_link(Name, ?MODULE, [Mod, Args, Name], []).

init([Mod, Args, Name0]) ->
    process_flag(trap_exit, true),
    Name = case Name0 of self -> {self(), Mod}; _ -> Name0 end,
    case Mod:init(Args) of
        {ok, Pid, State} when is_pid(Pid) ->
            link(Pid),
            logger_config:allow(info, ?MODULE) andalso
                report(info, progress,
                       [{supervisor, Name},
                        {started, [{pid, Pid}, {mod, Mod}]}]),
            {ok, #state{mod = Mod, pid = Pid, child_state = State,
                        name = Name}};
        ignore -> ignore;
        {error, Reason} -> {stop, Reason}
    end.

handle_call(which_children, _, #state{mod = Mod, pid = Pid} = S) ->
    {reply, [{Mod, Pid, worker, [Mod]}], S};
handle_call(count_children, _, S) ->
    {reply, [{specs, 1}, {active, 1}, {supervisors, 0}, {workers, 1}], S};
handle_call(_, _, S) -> {reply, {error, badcall}, S}.

handle_cast(_, S) -> {noreply, S}.

handle_info({'EXIT', Pid, Reason}, #state{pid = Pid} = S) ->
    case Reason of
        normal -> ok;
        shutdown -> ok;
        _ ->
            report(error, child_terminated,
                   [{supervisor, S#state.name},
                    {errorContext, child_terminated}, {reason, Reason},
                    {offender, [{pid, Pid}, {mod, S#state.mod}]}])
    end,
    {stop, Reason, S#state{pid = undefined}};
handle_info(_, S) -> {noreply, S}.

terminate(_, #state{pid = undefined}) -> ok;
terminate(Reason, #state{mod = Mod, pid = Pid, child_state = State}) ->
    unlink(Pid),
    Mod:terminate(Reason, State),
    ok.

code_change(_, S, _) -> {ok, S}.

report(Level, What, Report) ->
    {Title, Tag, Type} = case Level of
                             info -> {"PROGRESS REPORT", info_report,
                                      progress};
                             error -> {"SUPERVISOR REPORT", error_report,
                                       supervisor_report}
                         end,
    logger:log(Level, #{label => {supervisor, What}, report => Report},
               #{domain => [otp, sasl],
                 report_cb => fun ?MODULE:format_log/2,
                 logger_formatter => #{title => Title},
                 error_logger => #{tag => Tag, type => Type,
                                   report_cb => fun ?MODULE:format_log/1}}).

%% The texts are a supervisor's.
format_log(#{label := {supervisor, progress},
             report := [Name, {started, Started}]} = Report) ->
    %% the arguments of the call alone are long
    Depth = error_logger:get_format_depth(),
    Limited = [case Pair of
                   {mfa, {M, F, Args}} when Depth =/= unlimited ->
                       {mfa, {M, F, [io_lib:limit_term(A, Depth)
                                     || A <- Args]}};
                   _ -> Pair
               end || Pair <- Started],
    gen_report:arguments(Report#{report := [Name, {started, Limited}]}, [],
                         fun format_report/2);
format_log(Report) ->
    gen_report:arguments(Report, [report], fun format_report/2).

format_log(Report, Options) ->
    gen_report:text(Report, Options, fun format_report/2).

format_report(#{label := {supervisor, Label}, report := Report},
              #{single_line := true} = Options) ->
    P = gen_report:modifier(Options),
    {Known, [{_, Offender}]} = lists:split(length(Report) - 1, Report),
    {Tag, Format} = case Label of
                        progress -> {"Started:", ["Supervisor: ", P, "."]};
                        _ -> {"Offender:", ["Supervisor: ", P, ". Context: ",
                                            P, ". Reason: ", P, "."]}
                    end,
    {OffenderFormat, Args} = offender(Offender, P),
    {lists:append(Format ++ [" ~s pid=~w,", OffenderFormat, "."]),
     gen_report:pairs([V || {_, V} <- Known], Options)
     ++ [Tag, proplists:get_value(pid, Offender)]
     ++ case Label of
            progress -> gen_report:pairs(Args, Options);
            _ -> Args
        end};
format_report(#{report := Report}, Options) ->
    P = gen_report:modifier(Options),
    {lists:append([lists:append(["    ", atom_to_list(Key), ": ", P, "~n"])
                   || {Key, _} <- Report]),
     gen_report:pairs([Value || {_, Value} <- Report], Options)}.

offender(Offender, P) ->
    case lists:keyfind(mfa, 1, Offender) of
        {mfa, Call} -> {"mfa=" ++ P, [Call]};
        false -> {"mod=~w", [proplists:get_value(mod, Offender)]}
    end.
