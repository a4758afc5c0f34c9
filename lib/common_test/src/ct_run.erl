%% SPDX-License-Identifier: Apache-2.0
%% ct_run: runs suites: init_per_suite, the cases and groups of all/0,
%% end_per_suite; each case in a process of its own with a limit of time.
%%
%% The table ct_run has the run's configuration and where logs go.
-module(ct_run).

-export([run/1, log/2, config/2, name_config/2, timetrap/1, time/1, notify/2]).

-include("ct_event.hrl").

-define(LIMIT, 30 * 60000).

%% ok, failed, user skipped, auto skipped; dir: of the run's logs.
-record(run, {ok = 0, failed = 0, skipped = 0, auto = 0, dir, events, suite,
              wanted = all, limit = ?LIMIT}).

run(Options) ->
    Get = fun(Key, Default) -> proplists:get_value(Key, Options, Default) end,
    LogDir = Get(logdir, "."),
    case filelib:is_dir(LogDir) of
        true ->
            Self = self(),
            Ref = make_ref(),
            Pid = spawn_link(fun() -> Self ! {Ref, start(Options, LogDir)} end),
            receive {Ref, Result} ->
                unlink(Pid),
                Result
            end;
        false -> {error, {invalid_directory, LogDir, enoent}}
    end.

start(Options, LogDir) ->
    ets:new(ct_run, [named_table, public]),
    {ok, Events} = gen_event:start_link(),
    [ok = gen_event:add_handler(Events, M, Args)
     || {M, Args} <- handlers(proplists:get_value(event_handler, Options, []))],
    ets:insert(ct_run, [{events, Events}, {runner, self()},
                        {config, read_config(Options)}]),
    Dir = filename:join(LogDir, "ct_run." ++ lists:concat([node(), ".", stamp()])),
    ok = filelib:ensure_dir(filename:join(Dir, "x")),
    R0 = #run{dir = Dir, events = Events, wanted = wanted(Options)},
    notify(start_logging, Dir),
    Suites = suites(Options),
    Results = [begin
                   R = lists:foldl(fun suite/2, R0, Suites),
                   {R#run.ok, R#run.failed, {R#run.skipped, R#run.auto}}
               end || _ <- lists:seq(1, proplists:get_value(repeat, Options, 1))],
    notify(test_done, calendar:local_time()),
    write_index(LogDir, Dir, Results),
    _ = gen_event:stop(Events),
    case Results of
        [Result] -> Result;
        _ -> Results
    end.

handlers(Given) ->
    [case H of
         {M, Args} when is_atom(M) -> {M, Args};
         M -> {M, []}
     end || H <- lists:flatten([Given])].

stamp() ->
    {{Y, Mo, D}, {H, Mi, S}} = calendar:local_time(),
    lists:flatten(io_lib:format("~w-~2..0w-~2..0w_~2..0w.~2..0w.~2..0w",
                                [Y, Mo, D, H, Mi, S])).

read_config(Options) ->
    Files = case proplists:get_value(config, Options, []) of
                [C | _] = File when is_integer(C) -> [File];
                Several -> Several
            end,
    lists:append([Terms || F <- Files, {ok, Terms} <- [file:consult(F)]]).

wanted(Options) ->
    case {proplists:get_value(group, Options), proplists:get_value(testcase, Options)} of
        {undefined, undefined} -> all;
        {undefined, Cases} -> {cases, lists:flatten([Cases])};
        {Groups, undefined} -> {groups, lists:flatten([Groups]), all};
        {Groups, Cases} ->
            {groups, lists:flatten([Groups]), lists:flatten([Cases])}
    end.

%% [{Suite, loaded | {error, Reason}}], compiled when there is a source.
suites(Options) ->
    Dirs = case proplists:get_value(dir, Options, ".") of
               [C | _] = Dir when is_integer(C) -> [Dir];
               Several -> Several
           end,
    Names = case proplists:get_value(suite, Options) of
                undefined ->
                    [filename:rootname(F)
                     || D <- Dirs, F <- filelib:wildcard(filename:join(D, "*_SUITE.erl"))];
                [C1 | _] = Name when is_integer(C1) -> [Name];
                Name when is_atom(Name) -> [atom_to_list(Name)];
                List -> [text(N) || N <- List]
            end,
    [load(N, Dirs, Options) || N <- Names].

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) -> Name.

load(Name, Dirs, Options) ->
    Suite = list_to_atom(filename:basename(Name)),
    Sources = [F || D <- ["." | Dirs], F <- [filename:join(D, Name ++ ".erl"),
                                             Name ++ ".erl"],
                    filelib:is_regular(F)],
    Includes = [{i, I} || I <- proplists:get_value(include, Options, [])],
    case Sources of
        [Source | _] ->
            case compile:file(Source, [report, debug_info, binary | Includes]) of
                {ok, Suite, Beam} ->
                    code:purge(Suite),
                    {module, Suite} = code:load_binary(Suite, Source, Beam),
                    {Suite, loaded};
                _ -> {Suite, {error, make_failed}}
            end;
        [] ->
            case code:ensure_loaded(Suite) of
                {module, Suite} -> {Suite, loaded};
                _ -> {Suite, {error, no_such_suite}}
            end
    end.

%% ---- A suite ----

suite({Suite, {error, Reason}}, R) ->
    io:format("~nSuite ~w cannot be run: ~p~n", [Suite, Reason]),
    R;
suite({Suite, loaded}, R0) ->
    Info = info(Suite, suite, 0),
    R = R0#run{suite = Suite, limit = limit(Info, ?LIMIT)},
    Before = counts(R),
    Config0 = [{data_dir, atom_to_list(Suite) ++ "_data/"},
               {priv_dir, priv_dir(R)}],
    All = selected(Suite:all(), groups(Suite), R#run.wanted),
    io:format("~nTesting ~w: Starting test~n", [Suite]),
    notify(test_start, {calendar:local_time(), R#run.dir}),
    R2 = case around(Suite, init_per_suite, [Config0], R) of
             {ok, Config} ->
                 R1 = tests(All, Config, R),
                 _ = around(Suite, end_per_suite, [Config], R),
                 R1;
             {skip, Reason} -> skip_all(All, Reason, R)
         end,
    {Ok, Failed, Skipped} = difference(counts(R2), Before),
    io:format("Testing ~w: ~w ok, ~w failed~s of ~w test cases~n~n",
              [Suite, Ok, Failed,
               case Skipped of 0 -> ""; _ -> io_lib:format(", ~w skipped", [Skipped]) end,
               Ok + Failed + Skipped]),
    R2.

priv_dir(#run{dir = Dir, suite = Suite}) ->
    Priv = filename:join([Dir, atom_to_list(Suite), "log_private"]) ++ "/",
    ok = filelib:ensure_dir(Priv),
    Priv.

counts(#run{ok = O, failed = F, skipped = S, auto = A}) -> {O, F, S + A}.

difference({A, B, C}, {D, E, F}) -> {A - D, B - E, C - F}.

groups(Suite) ->
    case erlang:function_exported(Suite, groups, 0) of
        true -> Suite:groups();
        false -> []
    end.

info(Suite, Name, Arity) ->
    case erlang:function_exported(Suite, Name, Arity) of
        true -> Suite:Name();
        false -> []
    end.

limit(Info, Default) ->
    case lists:keyfind(timetrap, 1, Info) of
        {_, Time} -> time(Time);
        false -> Default
    end.

time({hours, N}) -> round(N * 3600000);
time({minutes, N}) -> round(N * 60000);
time({seconds, N}) -> round(N * 1000);
time(infinity) -> infinity;
time(N) when is_integer(N) -> N;
time(N) when is_float(N) -> round(N).

%% The tests wanted, groups as {group, Name, Properties, Tests}.
selected(All, Groups, all) -> [expand(T, Groups) || T <- All];
selected(_, _, {cases, Cases}) -> Cases;
selected(_, Groups, {groups, Names, Wanted}) ->
    [case {expand({group, N}, Groups), Wanted} of
         {Group, all} -> Group;
         {{group, N, Properties, _}, Cases} -> {group, N, Properties, Cases}
     end || N <- Names].

expand({group, Name}, Groups) -> expand({group, Name, default}, Groups);
expand({group, Name, More}, Groups) ->
    case lists:keyfind(Name, 1, Groups) of
        {_, Properties, Tests} -> group(Name, Properties, Tests, More, Groups);
        {_, Tests} -> group(Name, [], Tests, More, Groups);
        false -> {missing, Name}
    end;
expand({Name, Properties, Tests}, Groups) when is_list(Properties) ->
    group(Name, Properties, Tests, default, Groups);
expand({testcase, Case, _}, _) -> Case;
expand(Case, _) -> Case.

group(Name, Properties, Tests, More, Groups) ->
    {group, Name, case More of default -> Properties; _ -> More end,
     [expand(T, Groups) || T <- Tests]}.

tests(Tests, Config, R) -> tests(Tests, Config, [], R).

%% In a sequence a failed case is the last one that runs.
tests([], _, _, R) -> R;
tests([Test | More], Config, Properties, R0) ->
    R = test(Test, Config, R0),
    case lists:member(sequence, Properties)
         andalso R#run.failed > R0#run.failed of
        true -> skip_all(More, {failed, {R#run.suite, Test}}, R);
        false -> tests(More, Config, Properties, R)
    end.

test({group, Name, Properties, Tests}, Config, #run{suite = Suite} = R) ->
    In = [{tc_group_properties, [{name, Name} | Properties]} | Config],
    case around(Suite, init_per_group, [Name, In], R) of
        {ok, Inner} ->
            Times = case lists:keyfind(repeat, 1, Properties) of
                        {_, N} when is_integer(N) -> N;
                        _ -> 1
                    end,
            R1 = lists:foldl(fun(_, Acc) -> tests(Tests, Inner, Properties, Acc) end,
                             R, lists:seq(1, Times)),
            _ = around(Suite, end_per_group, [Name, Inner], R),
            R1;
        {skip, Reason} -> skip_all(Tests, Reason, R)
    end;
test({missing, Name}, _, R) ->
    done({group, Name}, {auto_skipped, {no_such_group, Name}}, R);
test(Case, Config, R) -> testcase(Case, Config, R).

skip_all(Tests, Reason, R0) ->
    lists:foldl(fun({group, _, _, Inner}, R) -> skip_all(Inner, Reason, R);
                   (Case, R) -> done(Case, {auto_skipped, Reason}, R)
                end, R0, Tests).

%% Configuration functions around suites and groups: new Config, or a reason
%% to skip all within.
around(Suite, Name, Args, R) ->
    case erlang:function_exported(Suite, Name, length(Args)) of
        false -> {ok, lists:last(Args)};
        true ->
            notify(tc_start, {Suite, Name}),
            Result = in_process(fun() -> apply(Suite, Name, Args) end, R),
            {Told, Answer} = judged(Result, lists:last(Args)),
            Who = case Args of
                      [Group, _] -> {Name, Group, []};
                      _ -> Name
                  end,
            notify(tc_done, {Suite, Who, Told}),
            Answer
    end.

judged({ok, {skip, Reason}}, _) -> {{skipped, Reason}, {skip, Reason}};
judged({ok, {skip_and_save, Reason, _}}, _) ->
    {{skipped, Reason}, {skip, Reason}};
judged({ok, [_ | _] = New}, _) -> {ok, {ok, New}};
judged({ok, _}, Old) -> {ok, {ok, Old}};
judged({failed, Reason}, _) -> {{failed, Reason}, {skip, {failed, Reason}}}.

%% ---- A case ----

testcase(Case, Config, #run{suite = Suite, limit = Limit} = R) ->
    notify(tc_start, {Suite, Case}),
    Info = info(Suite, Case, 0),
    Run = fun() -> run_case(Suite, Case, Config) end,
    Result = in_process(Run, R#run{limit = limit(Info, Limit)}),
    done(Case, case Result of
                   {ok, Value} -> Value;
                   {failed, Reason} -> {failed, Reason}
               end, R).

run_case(Suite, Case, Config) ->
    case called(Suite, init_per_testcase, [Case, Config], Config) of
        {skip, Reason} -> {skipped, Reason};
        {fail, Reason} -> {failed, Reason};
        {failed, Reason} ->
            {auto_skipped, {failed, {Suite, init_per_testcase, Reason}}};
        New ->
            Status = result(guarded(fun() -> Suite:Case(New) end)),
            Ended = guarded(fun() ->
                                called(Suite, end_per_testcase,
                                       [Case, [{tc_status, Status} | New]], ok)
                            end),
            case Ended of
                {ok, {fail, Reason}} -> {failed, Reason};
                _ -> Status
            end
    end.

called(Suite, Name, Args, Default) ->
    case erlang:function_exported(Suite, Name, length(Args)) of
        true ->
            case guarded(fun() -> apply(Suite, Name, Args) end) of
                {ok, Value} -> Value;
                Failed -> Failed
            end;
        false -> Default
    end.

guarded(Fun) ->
    try {ok, Fun()}
    catch
        error:Reason:Trace -> {failed, {error, {Reason, Trace}}};
        exit:Reason -> {failed, {error, Reason}};
        throw:Thrown:Trace -> {failed, {error, {{thrown, Thrown}, Trace}}}
    end.

result({ok, {skip, Reason}}) -> {skipped, Reason};
result({ok, {skipped, Reason}}) -> {skipped, Reason};
result({ok, {skip_and_save, Reason, _}}) -> {skipped, Reason};
result({ok, {fail, Reason}}) -> {failed, Reason};
result({ok, _}) -> ok;
result({failed, Reason}) -> {failed, Reason}.

%% {ok, Value} or {failed, Reason}; when its time is over the process is
%% killed.
in_process(Fun, #run{limit = Limit}) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit({ct_result, guarded(Fun)}) end),
    await(Pid, Ref, Limit).

await(Pid, Ref, Limit) ->
    receive
        {'DOWN', Ref, process, Pid, {ct_result, Result}} -> Result;
        {'DOWN', Ref, process, Pid, Reason} -> {failed, {error, Reason}};
        {timetrap, Pid, New} -> await(Pid, Ref, New)
    after Limit ->
        demonitor(Ref, [flush]),
        exit(Pid, kill),
        {failed, {timetrap_timeout, Limit}}
    end.

timetrap(Time) ->
    ets:lookup_element(ct_run, runner, 2) ! {timetrap, self(), Time},
    ok.

done(Case, Result, #run{suite = Suite} = R0) ->
    R = case Result of
            ok -> R0#run{ok = R0#run.ok + 1};
            {failed, Reason} ->
                io:format("~n- - - - - - - - - - - - - - - - - - - - - - - - - -~n"
                          "~w:~tw failed~nReason: ~tp~n"
                          "- - - - - - - - - - - - - - - - - - - - - - - - - -~n",
                          [Suite, Case, short(Reason)]),
                R0#run{failed = R0#run.failed + 1};
            {skipped, _} -> R0#run{skipped = R0#run.skipped + 1};
            {auto_skipped, _} -> R0#run{auto = R0#run.auto + 1}
        end,
    log("~w:~tw: ~tp", [Suite, Case, Result]),
    notify(tc_done, {Suite, Case, Result}),
    notify(test_stats, {R#run.ok, R#run.failed, {R#run.skipped, R#run.auto}}),
    R.

short({error, {Reason, [_ | _]}}) -> Reason;
short(Reason) -> Reason.

%% ---- Events, logs, configuration ----

notify(Name, Data) ->
    Events = ets:lookup_element(ct_run, events, 2),
    Name =:= start_logging andalso ets:insert(ct_run, {dir, Data}),
    gen_event:sync_notify(Events, #event{name = Name, node = node(), data = Data}).

log(Format, Args) ->
    Dir = ets:lookup_element(ct_run, dir, 2),
    Text = io_lib:format(Format ++ "~n", Args),
    file:write_file(filename:join(Dir, "suite.log"),
                    unicode:characters_to_binary(Text), [append]).

config({Key, Sub}, Default) ->
    case config(Key, Default) of
        List when is_list(List) -> proplists:get_value(Sub, List, Default);
        _ -> Default
    end;
config(Key, Default) ->
    Known = try ets:lookup_element(ct_run, config, 2)
            catch error:badarg -> []
            end,
    case lists:keyfind(Key, 1, Known) of
        {_, Value} -> Value;
        false -> Default
    end.

name_config(Name, Value) ->
    Known = ets:lookup_element(ct_run, config, 2),
    ets:insert(ct_run, {config, [{Name, Value} | Known]}),
    ok.

write_index(LogDir, Dir, Results) ->
    Rows = [io_lib:format("<tr><td><a href=\"~ts/suite.log\">~ts</a></td><td>~w ok</td>"
                          "<td>~w failed</td><td>~w skipped</td></tr>~n",
                          [filename:basename(Dir), filename:basename(Dir), Ok,
                           Failed, User + Auto])
            || {Ok, Failed, {User, Auto}} <- Results],
    Page = ["<html><head><title>Test Results</title></head><body>\n"
            "<h1>Test Results</h1>\n<table>\n", Rows, "</table>\n</body></html>\n"],
    ok = file:write_file(filename:join(LogDir, "index.html"),
                         unicode:characters_to_binary(Page)).
