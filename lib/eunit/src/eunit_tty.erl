%% SPDX-License-Identifier: Apache-2.0
%% The report of a test run as text, and its result to whoever asked for it.
-module(eunit_tty).

-export([start/0, start/1]).

-export([init/1, handle_begin/3, handle_end/3, handle_cancel/3, terminate/2]).

-define(BAR, "=======================================================\n").

-record(tty, {verbose,
              silent,       % no text at all
              indent = 0,
              depth}).      % terms are written this deep

start() ->
    start([]).

start(Options) ->
    eunit_listener:start(?MODULE, Options).

init(Options) ->
    St = #tty{verbose = proplists:get_bool(verbose, Options),
              silent = proplists:get_bool(no_tty, Options),
              depth = proplists:get_value(print_depth, Options, 20)},
    receive
        {start, _} -> ok
    end,
    St#tty.verbose andalso write(St, "======================== EUnit"
                                 " ========================\n"),
    St.

terminate({ok, Counts}, St) ->
    [Pass, Fail, Skip, Cancel] = [proplists:get_value(K, Counts, 0)
                                  || K <- [pass, fail, skip, cancel]],
    case Fail + Skip + Cancel of
        0 ->
            write_success(Pass, St),
            finish(ok);
        _ ->
            write(St, ?BAR),
            write(St, "  Failed: ~w.  Skipped: ~w.  Passed: ~w.\n",
                  [Fail, Skip, Pass]),
            Cancel =:= 0
                orelse write(St, "One or more tests were cancelled.\n"),
            finish(error)
    end;
terminate({error, Reason}, #tty{depth = Depth} = St) ->
    write(St, "Internal error: ~tP.\n", [Reason, Depth]),
    finish(error);
terminate({error, _}, _) ->
    finish(error). % init/1 failed

write_success(0, St) ->
    write(St, "  There were no tests to run.\n");
write_success(N, St) ->
    St#tty.verbose andalso write(St, ?BAR),
    case N of
        1 -> write(St, "  Test passed.\n");
        2 -> write(St, "  2 tests passed.\n");
        _ -> write(St, "  All ~w tests passed.\n", [N])
    end.

finish(Result) ->
    receive
        {stop, Ref, From} -> From ! {result, Ref, Result}
    end.

%% ---- Events ----

handle_begin(group, Data, St) ->
    case is_titled(Data) andalso St#tty.verbose of
        true ->
            write_title(Data, St),
            indent(1, St);
        false ->
            St
    end;
handle_begin(test, Data, St) ->
    St#tty.verbose andalso write_test(Data, St),
    St.

handle_end(group, Data, St) ->
    case is_titled(Data) andalso St#tty.verbose of
        true ->
            Time = proplists:get_value(time, Data),
            Time > 0 andalso write(St, "~ts[done in ~.3f s]\n",
                                   [spaces(St), Time / 1000]),
            indent(-1, St);
        false ->
            St
    end;
handle_end(test, Data, #tty{verbose = Verbose} = St) ->
    case proplists:get_value(status, Data) of
        ok ->
            Verbose andalso write_passed(proplists:get_value(time, Data, 0),
                                         St);
        Status ->
            Verbose orelse write_test(Data, St),
            write_failed(Status, proplists:get_value(output, Data), St)
    end,
    St.

handle_cancel(group, Data, St) ->
    Inside = is_titled(Data) andalso St#tty.verbose,
    case proplists:get_value(reason, Data) of
        undefined ->
            ok;
        Reason ->
            Inside orelse write_title(Data, St),
            write_cancelled_group(Reason, St)
    end,
    indent(-1, St);
handle_cancel(test, Data, St) ->
    St#tty.verbose orelse write_test(Data, St),
    write(St, format_cancel(proplists:get_value(reason, Data), St)),
    St.

%% ---- Texts ----

is_titled(Data) ->
    Title = proplists:get_value(desc, Data),
    Title =/= undefined andalso Title =/= "" andalso Title =/= <<>>.

write_title(Data, St) ->
    write(St, "~ts~ts\n", [spaces(St), proplists:get_value(desc, Data)]).

write_test(Data, St) ->
    Line = case proplists:get_value(line, Data, 0) of
        0 -> "";
        N -> [integer_to_list(N), $:]
    end,
    Title = case is_titled(Data) of
        true -> [" (", proplists:get_value(desc, Data), ")"];
        false -> ""
    end,
    Name = case proplists:get_value(source, Data) of
        {M, F, _} -> io_lib:format("~ts:~ts ~ts", [M, Line, F]);
        _ -> Line
    end,
    write(St, "~ts~ts~ts...", [spaces(St), Name, Title]).

write_passed(0, St) -> write(St, "ok\n");
write_passed(Time, St) -> write(St, "[~.3f s] ok\n", [Time / 1000]).

write_failed({error, Exception}, Output, #tty{depth = Depth} = St) ->
    write(St, "*failed*\n~ts", [eunit_lib:format_exception(Exception, Depth)]),
    write(St, "  output:<<\"~ts\">>\n\n", [Output]);
write_failed({skipped, Reason}, _, St) ->
    Why = case Reason of
        {module_not_found, M} ->
            io_lib:format("missing module: ~w", [M]);
        {no_such_function, {M, F, A}} ->
            io_lib:format("no such function: ~w:~tw/~w", [M, F, A])
    end,
    write(St, "*did not run*\n::~ts\n", [Why]).

write_cancelled_group({blame, _}, _) -> ok;
write_cancelled_group(Reason, St) ->
    write(St, [spaces(St), format_cancel(Reason, St)]).

format_cancel(undefined, _) ->
    "*skipped*\n";
format_cancel(timeout, _) ->
    "*timed out*\n";
format_cancel({timeout, #{stacktrace := Stack}}, _) ->
    ["*timed out*\n", eunit_lib:format_waiting(Stack)];
format_cancel({startup, Reason}, #tty{depth = Depth}) ->
    io_lib:format("*could not start test process*\n::~tP\n\n",
                  [Reason, Depth]);
format_cancel({blame, _}, _) ->
    "*cancelled because of subtask*\n";
format_cancel({exit, Reason}, #tty{depth = Depth}) ->
    io_lib:format("*unexpected termination of test process*\n::~tP\n\n",
                  [Reason, Depth]);
format_cancel({abort, Reason}, #tty{depth = Depth}) ->
    eunit_lib:format_error(Reason, Depth).

spaces(#tty{indent = N}) -> lists:duplicate(2 * max(N, 0), $\s).

indent(N, #tty{indent = Indent} = St) -> St#tty{indent = Indent + N}.

write(St, Text) ->
    write(St, "~ts", [Text]).

write(#tty{silent = true}, _, _) -> ok;
write(_, Format, Args) -> io:fwrite(Format, Args).
