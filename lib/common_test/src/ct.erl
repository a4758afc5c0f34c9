%% SPDX-License-Identifier: Apache-2.0
%% ct: runs test suites, and what test cases may call. ct_run does the work.
-module(ct).

-export([run_test/1, run/1, run/2, run/3, run_testspec/1]).
-export([log/1, log/2, log/3, print/1, print/2, print/3, pal/1, pal/2, pal/3,
         comment/1, comment/2, fail/1, fail/2, sleep/1, timetrap/1]).
-export([get_config/1, get_config/2, require/1, require/2, get_status/0,
         notify/2, parse_table/1, make_priv_dir/0]).

-type result() :: {Ok :: non_neg_integer(), Failed :: non_neg_integer(),
                   {UserSkipped :: non_neg_integer(),
                    AutoSkipped :: non_neg_integer()}}.

%% Options: {dir, Folders}, {suite, Suites}, {group, Groups}, {testcase, Cases},
%% {logdir, Folder}, {config, Files}, {event_handler, Handlers}, {repeat, N},
%% {auto_compile, Boolean}, {include, Folders}.
-spec run_test([{atom(), term()}]) -> result() | [result()] | {error, term()}.
run_test(Options) -> ct_run:run(lists:flatten([Options])).

run(Dir) -> run_test([{dir, Dir}]).
run(Dir, Suite) -> run_test([{dir, Dir}, {suite, Suite}]).
run(Dir, Suite, Cases) ->
    run_test([{dir, Dir}, {suite, Suite}, {testcase, Cases}]).

run_testspec(_) -> {error, no_test_specifications}.

%% ---- For test cases ----

log(Format) -> log(Format, []).
log(Format, Args) -> ct_run:log(Format, Args).
log(_, Format, Args) -> log(Format, Args).

print(Format) -> print(Format, []).
print(Format, Args) -> io:format(user, Format ++ "~n", Args).
print(_, Format, Args) -> print(Format, Args).

%% On the terminal and in the log.
pal(Format) -> pal(Format, []).
pal(Format, Args) ->
    log(Format, Args),
    io:format(Format ++ "~n", Args).
pal(_, Format, Args) -> pal(Format, Args).

comment(Comment) -> log("Comment: ~tp", [Comment]).
comment(Format, Args) -> comment(io_lib:format(Format, Args)).

-spec fail(term()) -> no_return().
fail(Reason) -> exit({test_case_failed, Reason}).

fail(Format, Args) -> fail(lists:flatten(io_lib:format(Format, Args))).

sleep(Time) -> timer:sleep(ct_run:time(Time)).

%% A new limit for the case that runs, from now on.
timetrap(Time) -> ct_run:timetrap(ct_run:time(Time)).

get_config(Key) -> get_config(Key, undefined).

get_config(Key, Default) -> ct_run:config(Key, Default).

require(Key) ->
    case ct_run:config(Key, Ref = make_ref()) of
        Ref -> {error, {not_available, Key}};
        _ -> ok
    end.

require(Name, Key) ->
    case require(Key) of
        ok -> ct_run:name_config(Name, get_config(Key));
        Error -> Error
    end.

get_status() -> no_tests_running.

notify(Name, Data) -> ct_run:notify(Name, Data).

parse_table([Head | Rows]) ->
    {list_to_tuple(Head), [list_to_tuple(R) || R <- Rows]}.

make_priv_dir() -> ok.
