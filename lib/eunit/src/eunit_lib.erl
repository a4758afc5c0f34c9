%% SPDX-License-Identifier: Apache-2.0
%% Texts of failures, and commands of the operating system.
-module(eunit_lib).

-export([format_exception/1, format_exception/2, format_error/1,
         format_error/2, format_stacktrace/1, format_waiting/1, prune/1]).

-export([is_string/1, command/1, command/2, command/3]).

-define(DEPTH, 20).

%% So deep are arguments in a stack written.
-define(ARGUMENT_DEPTH, 15).

%% ---- Failures ----

format_exception(Exception) ->
    format_exception(Exception, ?DEPTH).

format_exception({Class, Reason, Stack}, Depth)
  when is_atom(Class), is_list(Stack) ->
    [format_stacktrace(Stack),
     io_lib:format("**~w:", [Class]),
     io_lib:format("~tP\n", [Reason, Depth])];
format_exception(Term, Depth) ->
    io_lib:format("~tP\n", [Term, Depth]).

%% The calls of the stack, innermost first, without those of EUnit itself.
format_stacktrace(Stack) -> format_calls(prune(Stack)).

%% Where a test was when its time was over, as OTP shows it: to the very end.
format_waiting(Stack) -> format_calls(Stack).

format_calls(Stack) ->
    case Stack of
        [First | Rest] ->
            [format_call("in function", First)
             | [format_call("in call from", C) || C <- Rest]];
        [] ->
            []
    end.

%% The stack down to where EUnit called.
prune(Stack) ->
    lists:takewhile(fun(Call) ->
                        M = element(1, Call),
                        M =/= eunit_data andalso M =/= eunit_proc
                    end, Stack).

format_call(Where, {M, F, A}) ->
    format_call(Where, {M, F, A, []});
format_call(Where, {M, F, A, Place}) when is_integer(A) ->
    io_lib:format("~ts ~w:~tw/~w~ts\n", [Where, M, F, A, place(Place)]);
format_call(Where, {M, F, Args, Place}) ->
    io_lib:format("~ts ~w:~tw/~w~ts\n  called as ~ts\n",
                  [Where, M, F, length(Args), place(Place),
                   written(M, F, [argument(A) || A <- Args])]).

place(Info) ->
    case {proplists:get_value(file, Info), proplists:get_value(line, Info)} of
        {File, Line} when File =/= undefined, Line =/= undefined ->
            io_lib:format(" (~ts, line ~w)", [File, Line]);
        _ ->
            ""
    end.

argument(A) -> io_lib:format("~tP", [A, ?ARGUMENT_DEPTH]).

%% A call as the source has it, operators between their operands.
written(M, F, Args) ->
    case {is_operator(M, F, length(Args)), Args} of
        {true, [A]} -> io_lib:format("~ts ~ts", [F, A]);
        {true, [A, B]} -> io_lib:format("~ts ~ts ~ts", [A, F, B]);
        {false, _} -> io_lib:format("~tw(~ts)", [F, lists:join(",", Args)])
    end.

is_operator(erlang, F, A) ->
    lists:any(fun(Kind) -> erl_internal:Kind(F, A) end,
              [arith_op, bool_op, comp_op, list_op, send_op]);
is_operator(_, _, _) ->
    false.

%% Why tests could not be run.
format_error(Error) ->
    format_error(Error, ?DEPTH).

format_error(Error, Depth) ->
    {Title, Text} = case Error of
        {bad_test, T} ->
            {"bad test descriptor", term(T, Depth)};
        {bad_generator, {F, T}} ->
            {["result from generator ", name(F), " is not a test"],
             term(T, Depth)};
        {generator_failed, {F, Exception}} ->
            {["test generator ", name(F), " failed"],
             ["**", format_exception(Exception, Depth)]};
        {no_such_function, F} ->
            {["no such function: ", name(F)], "**"};
        {module_not_found, M} ->
            {"test module not found", io_lib:format("**~tp", [M])};
        {application_not_found, A} ->
            {"application not found", io_lib:format("**~w", [A])};
        {file_read_error, {_, Message, File}} ->
            {"error reading file",
             io_lib:format("**~ts: ~ts", [Message, File])};
        {{bad_instantiator, {F, T}}, _} ->
            {["result from instantiator ", name(F), " is not a test"],
             term(T, Depth)};
        {Step, Exception} ->
            {step(Step), ["**", format_exception(Exception, Depth)]}
    end,
    io_lib:format("*** ~ts ***\n~ts\n\n", [Title, Text]).

step(setup_failed) -> "context setup failed";
step(cleanup_failed) -> "context cleanup failed";
step(instantiation_failed) -> "instantiation of subtests failed".

name({M, F, A}) -> io_lib:format("~w:~tw/~w", [M, F, A]).

%% The mark is a part of the text that lines are broken by.
term(T, Depth) -> io_lib:format("**~tP", [T, Depth]).

%% ---- Strings and commands ----

%% Whether a list holds characters only, and at least one.
is_string([C | Cs]) when is_integer(C), C >= 0, C =< 16#10ffff ->
    Cs =:= [] orelse is_string(Cs);
is_string(_) ->
    false.

%% {ExitStatus, Output} of a command, lines ended by \n.
command(Command) ->
    command(Command, "").

command(Command, Dir) ->
    command(Command, Dir, []).

command(Command, Dir, Env) ->
    Options = [{cd, Dir} || Dir =/= ""] ++ [{env, Env} || Env =/= []],
    Port = open_port({spawn, Command},
                     Options ++ [stream, exit_status, use_stdio,
                                 stderr_to_stdout, in, eof]),
    read_port(Port, []).

read_port(Port, Output) ->
    receive
        {Port, {data, Data}} ->
            read_port(Port, [Output | Data]);
        {Port, eof} ->
            Port ! {self(), close},
            receive
                {Port, {exit_status, Status}} ->
                    Text = lists:flatten(Output),
                    {Status, lists:flatten(string:replace(
                        string:replace(Text, "\r\n", "\n", all),
                        "\r", "\n", all))}
            end
    end.
