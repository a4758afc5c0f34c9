%% SPDX-License-Identifier: Apache-2.0
%% What a module with tests includes: assertions, the objects that describe
%% tests, commands of the operating system, and messages for debugging.
%%
%% Defines TEST and EUNIT, unless NOTEST is defined and TEST is not. With
%% tests, functions named *_test and *_test_ are exported and test/0 is added;
%% without, those not exported are left out (EUNIT_NOAUTO: neither).
-ifndef(EUNIT_HRL).
-define(EUNIT_HRL, true).

-ifdef(TEST).
-undef(NOTEST).
-endif.

-ifdef(DEBUG).
-undef(NODEBUG).
-endif.

-ifdef(NOTEST).
-undef(EUNIT).
-else.
-ifndef(TEST).
-define(TEST, true).
-endif.
-ifndef(EUNIT).
-define(EUNIT, true).
-endif.
-ifndef(ASSERT).
-define(ASSERT, true).
-endif.
-endif.

-include_lib("stdlib/include/assert.hrl").

-ifndef(EUNIT_NOAUTO).
-ifdef(NOTEST).
-compile({parse_transform, eunit_striptests}).
-else.
-compile({parse_transform, eunit_autoexport}).
-endif.
-endif.

%% ---- Small helpers ----

-ifndef(LET).
-define(LET(X, Value, Body), begin ((fun (X) -> (Body) end)(Value)) end).
-endif.

-ifndef(IF).
-define(IF(Condition, Then, Else),
        begin
            (case (Condition) of true -> (Then); false -> (Else) end)
        end).
-endif.

-ifndef(MATCHES).
-define(MATCHES(Guard, Expr),
        begin (case (Expr) of Guard -> true; _ -> false end) end).
-endif.

%% A process runs under EUnit when its group leader belongs to the runner.
-ifndef(UNDER_EUNIT).
-define(UNDER_EUNIT,
        (?MATCHES({current_function, {eunit_proc, _, _}},
                  erlang:process_info(erlang:group_leader(),
                                      current_function)))).
-endif.

-ifndef(capturedOutput).
-define(capturedOutput,
        ?IF(?UNDER_EUNIT, eunit_proc:get_output(), "")).
-endif.

%% ---- Tests as objects: a line and a fun ----

-define(_test(Expr), {?LINE, fun () -> (Expr) end}).
-define(_assert(Expr), ?_test(?assert(Expr))).
-define(_assertNot(Expr), ?_assert(not (Expr))).
-define(_assertMatch(Guard, Expr), ?_test(?assertMatch(Guard, Expr))).
-define(_assertNotMatch(Guard, Expr), ?_test(?assertNotMatch(Guard, Expr))).
-define(_assertEqual(Expect, Expr), ?_test(?assertEqual(Expect, Expr))).
-define(_assertNotEqual(Unexpected, Expr),
        ?_test(?assertNotEqual(Unexpected, Expr))).
-define(_assertException(Class, Term, Expr),
        ?_test(?assertException(Class, Term, Expr))).
-define(_assertNotException(Class, Term, Expr),
        ?_test(?assertNotException(Class, Term, Expr))).
-define(_assertError(Term, Expr), ?_assertException(error, Term, Expr)).
-define(_assertExit(Term, Expr), ?_assertException(exit, Term, Expr)).
-define(_assertThrow(Term, Expr), ?_assertException(throw, Term, Expr)).

%% ---- Commands of the operating system ----

%% {Status, Output} of the command.
-define(_cmd_(Cmd), (eunit_lib:command(Cmd))).

-define(CMD__FAIL(Kind, Cmd, Wanted, Got),
        erlang:error({Kind, [{module, ?MODULE}, {line, ?LINE},
                             {command, (Cmd)}, Wanted, Got]})).

-define(cmdStatus(N, Cmd),
        begin
        ((fun () ->
            case ?_cmd_(Cmd) of
                {(N), X__Out} -> X__Out;
                {X__N, _} ->
                    ?CMD__FAIL(command_failed, Cmd, {expected_status, (N)},
                               {status, X__N})
            end
          end)())
        end).
-define(cmd(Cmd), ?cmdStatus(0, Cmd)).
-define(_cmdStatus(N, Cmd), ?_test(?cmdStatus(N, Cmd))).
-define(_cmd(Cmd), ?_test(?cmd(Cmd))).

-ifdef(NOASSERT).
-define(assertCmdStatus(N, Cmd), ok).
-define(assertCmdOutput(Text, Cmd), ok).
-else.
-define(assertCmdStatus(N, Cmd),
        begin
        ((fun () ->
            case ?_cmd_(Cmd) of
                {(N), _} -> ok;
                {X__N, _} ->
                    ?CMD__FAIL(assertCmd_failed, Cmd, {expected_status, (N)},
                               {status, X__N})
            end
          end)())
        end).
-define(assertCmdOutput(Text, Cmd),
        begin
        ((fun () ->
            case ?_cmd_(Cmd) of
                {_, (Text)} -> ok;
                {_, X__Out} ->
                    ?CMD__FAIL(assertCmdOutput_failed, Cmd,
                               {expected_output, (Text)}, {output, X__Out})
            end
          end)())
        end).
-endif.
-define(assertCmd(Cmd), ?assertCmdStatus(0, Cmd)).
-define(_assertCmdStatus(N, Cmd), ?_test(?assertCmdStatus(N, Cmd))).
-define(_assertCmd(Cmd), ?_test(?assertCmd(Cmd))).
-define(_assertCmdOutput(Text, Cmd), ?_test(?assertCmdOutput(Text, Cmd))).

%% ---- Messages for debugging, on the console even while output is captured ----

-ifdef(NODEBUG).
-define(debugMsg(Text), ok).
-define(debugHere, ok).
-define(debugFmt(Format, Args), ok).
-define(debugVal(Expr), (Expr)).
-define(debugVal(Expr, Depth), (Expr)).
-define(debugTime(Text, Expr), (Expr)).
-else.
-define(debugMsg(Text),
        begin
            io:fwrite(user, <<"~ts:~w:~w: ~ts\n">>,
                      [?FILE, ?LINE, self(), Text]),
            ok
        end).
-define(debugHere, (?debugMsg("<-"))).
-define(debugFmt(Format, Args),
        (?debugMsg(io_lib:format((Format), (Args))))).
-ifndef(EUNIT_DEBUG_VAL_DEPTH).
-define(EUNIT_DEBUG_VAL_DEPTH, 15).
-endif.
-define(debugVal(Expr), ?debugVal(Expr, ?EUNIT_DEBUG_VAL_DEPTH)).
-define(debugVal(Expr, Depth),
        begin
        ((fun (X__V) ->
            ?debugFmt(<<"~ts = ~tP">>, [(??Expr), X__V, Depth]),
            X__V
          end)(Expr))
        end).
-define(debugTime(Text, Expr),
        begin
        ((fun () ->
            {X__T0, _} = statistics(wall_clock),
            X__V = (Expr),
            {X__T1, _} = statistics(wall_clock),
            ?debugFmt(<<"~ts: ~.3f s">>, [(Text), (X__T1 - X__T0) / 1000]),
            X__V
          end)())
        end).
-endif.

-endif.
