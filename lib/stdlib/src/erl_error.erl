%% SPDX-License-Identifier: Apache-2.0
%% erl_error: exceptions as text, as the shell and reports show them.
%%
%% [How] is carried through all functions: how terms are printed, in which
%% encoding, and how many characters may be used in all (below 0: any).
-module(erl_error).

-export([format_exception/3, format_exception/4, format_exception/6,
         format_exception/7, format_exception/8, format_stacktrace/4,
         format_stacktrace/5, format_call/4, format_call/5, format_fun/1,
         format_fun/2]).

-export_type([column/0, format_options/0]).

-type column() :: pos_integer().
-type stack_trim_fun() :: fun((module(), atom(), arity()) -> boolean()).
-type format_fun() :: fun((term(), column()) -> unicode:chardata()).
-type format_options() :: #{column => column(),
                            stack_trim_fun => stack_trim_fun(),
                            format_fun => format_fun()}.

%% [print] is fun(Term, Column, Limit) -> {Text, LimitLeft}.
-record(how, {print :: fun(), encoding :: latin1 | unicode}).

%%% The face

-spec format_exception(error | exit | throw, term(), list()) ->
          unicode:chardata().
format_exception(Class, Reason, Trace) ->
    format_exception(Class, Reason, Trace, #{}).

-spec format_exception(error | exit | throw, term(), list(),
                       format_options()) -> unicode:chardata().
format_exception(Class, Reason, Trace, Options) ->
    Column = maps:get(column, Options, 1),
    Trim = maps:get(stack_trim_fun, Options, fun(_, _, _) -> false end),
    Print = maps:get(format_fun, Options,
                     fun(Term, I) -> io_lib:print(Term, I, 80, 30) end),
    format_exception(Column, Class, Reason, Trace, Trim, Print, unicode).

format_exception(Column, Class, Reason, Trace, Trim, Print) ->
    format_exception(Column, Class, Reason, Trace, Trim, Print, latin1).

format_exception(Column, Class, Reason, Trace, Trim, Print, Encoding) ->
    Limited = fun(Term, I, Limit) -> {Print(Term, I), Limit} end,
    format_exception(Column, Class, Reason, Trace, Trim, Limited, Encoding,
                     -1).

%% The text without a newline at its end; it begins in [Column].
format_exception(Column, Class, Reason, Trace0, Trim, Print, Encoding, Limit)
  when is_integer(Column), Column >= 1, is_function(Trim, 3),
       is_function(Print, 3), is_integer(Limit) ->
    How = #how{print = Print, encoding = simple(Encoding)},
    Margin = spaces(Column - 1),
    {Term, Called, Trace} = analyze(Class, Reason, Trace0),
    %% a third of the text is for the trace
    TraceLimit = case Limit < 0 of
                     true -> Limit;
                     false -> Limit div 3
                 end,
    Explained = explanation(Reason, Trace),
    Frames = frames(Margin, Trace, Trim, How, TraceLimit, Explained),
    Left = minus(minus(Limit, exited(Class)), Frames),
    Text = case Explained of
               #{reason := Given} -> Given;
               #{} -> explain(Term, Class, Called, Margin, How, Left)
           end,
    First = [exited(Class), text(Text)],
    case Frames of
        [] -> First;
        _ -> [First, $\n, Frames]
    end.

%% Binaries hold UTF-8.
text(Text) -> unicode:characters_to_list(Text).

simple(latin1) -> latin1;
simple(_) -> unicode.

format_stacktrace(Column, Trace, Trim, Print) ->
    format_stacktrace(Column, Trace, Trim, Print, latin1).

format_stacktrace(Column, Trace, Trim, Print, Encoding)
  when is_integer(Column), Column >= 1, is_function(Trim, 3),
       is_function(Print, 2) ->
    How = how(Print, Encoding),
    frames(spaces(Column - 1), Trace, Trim, How, -1, #{}).

format_call(Column, Called, Args, Print) ->
    format_call(Column, Called, Args, Print, latin1).

format_call(Column, Called, Args, Print, Encoding)
  when is_integer(Column), Column >= 1, is_list(Args),
       is_function(Print, 2) ->
    call("", spaces(Column - 1), Called, Args, how(Print, Encoding), -1).

how(Print, Encoding) ->
    #how{print = fun(Term, I, Limit) -> {Print(Term, I), Limit} end,
         encoding = simple(Encoding)}.

format_fun(Fun) -> format_fun(Fun, latin1).

format_fun(Fun, Encoding) when is_function(Fun) ->
    {module, M} = erlang:fun_info(Fun, module),
    {name, F} = erlang:fun_info(Fun, name),
    {arity, A} = erlang:fun_info(Fun, arity),
    case erlang:fun_info(Fun, type) of
        {type, local} when F =:= "" -> io_lib:format("~w", [Fun]);
        {type, local} when M =:= erl_eval ->
            io_lib:format("interpreted function with arity ~w", [A]);
        _ -> mfa(M, F, A, simple(Encoding))
    end.

spaces(N) -> lists:duplicate(N, $\s).

%% What is left of a limit after [Text].
minus(Limit, _) when Limit < 0 -> Limit;
minus(Limit, Text) -> max(0, Limit - string:length(Text)).

%%% The reason

%% {Reason, the call that it is about if any, the trace}.
analyze(error, Reason, Trace) ->
    case {is_trace(Trace), Reason, Trace} of
        {true, function_clause, [{_, _, Args, _} = Call | Rest]}
          when is_list(Args) -> {Reason, [Call], Rest};
        {true, function_clause, [{shell, F, A, _}]} when is_integer(A) ->
            {Reason, [{F, A}], []};
        {true, undef, [{_, _, _, _} = Call | Rest]} ->
            {Reason, [Call], Rest};
        {true, _, _} -> {Reason, [], Trace};
        {false, _, _} -> {{Reason, Trace}, [], []}
    end;
analyze(_, Reason, Trace) ->
    case is_trace(Trace) of
        true -> {Reason, [], Trace};
        false -> {{Reason, Trace}, [], []}
    end.

is_trace([{M, F, A, Info} | Trace])
  when is_atom(M), is_atom(F), is_list(Info),
       is_integer(A) orelse length(A) >= 0 ->
    is_trace(Trace);
is_trace(Trace) -> Trace =:= [].

explain(badarg, error, [], _, _, _) -> "bad argument";
explain({badarg, V}, error, [], Margin, How, Limit) ->
    with_value("bad argument: ", V, error, Margin, How, Limit);
explain({badkey, V}, error, [], Margin, How, Limit) ->
    with_value("bad key: ", V, error, Margin, How, Limit);
explain({badmap, V}, error, [], Margin, How, Limit) ->
    with_value("bad map: ", V, error, Margin, How, Limit);
explain(badarith, error, [], _, _, _) ->
    "an error occurred when evaluating an arithmetic expression";
explain({badarity, {Fun, Args}}, error, [], _, How, _)
  when is_function(Fun) ->
    [format_fun(Fun, How#how.encoding), " called with ",
     counted(length(Args))];
explain({badfun, V}, error, [], Margin, How, Limit) ->
    with_value("bad function ", V, error, Margin, How, Limit);
explain({badmatch, V}, error, [], Margin, How, Limit) ->
    with_value("no match of right hand side value ", V, error, Margin, How,
               Limit);
explain({case_clause, V}, error, [], Margin, How, Limit) ->
    with_value("no case clause matching ", V, error, Margin, How, Limit);
explain(function_clause, error, [{F, A}], _, _, _) ->
    io_lib:format("no function clause matching call to ~w/~w", [F, A]);
explain(function_clause, error, [{M, F, Args, Info}], Margin, How, Limit) ->
    [call_behind("no function clause matching ", error, {M, F}, Args, Margin,
                 How, Limit), $\s | place(Info)];
explain(if_clause, error, [], _, _, _) ->
    "no true branch found when evaluating an if expression";
explain(noproc, error, [], _, _, _) -> "no such process or port";
explain(notalive, error, [], _, _, _) ->
    "the node cannot be part of a distributed system";
explain(system_limit, error, [], _, _, _) ->
    "a system limit has been reached";
explain(timeout_value, error, [], _, _, _) -> "bad receive timeout value";
explain({try_clause, V}, error, [], Margin, How, Limit) ->
    with_value("no try clause matching ", V, error, Margin, How, Limit);
explain(undef, error, [{M, F, A, _}], _, How, _) ->
    ["undefined function ", mfa(M, F, arity(A), How#how.encoding)];
explain({shell_undef, F, A, _}, error, [], _, How, _) ->
    io_lib:format("undefined shell command ~ts/~w",
                  [name(F, How#how.encoding), arity(A)]);
explain({argument_limit, _}, error, [], _, _, _) ->
    "limit of number of arguments to interpreted function exceeded";
explain({bad_filter, V}, error, [], Margin, How, Limit) ->
    with_value("bad filter ", V, error, Margin, How, Limit);
explain({bad_generator, V}, error, [], Margin, How, Limit) ->
    with_value("bad generator ", V, error, Margin, How, Limit);
explain({unbound, V}, error, [], _, _, _) ->
    io_lib:format("variable ~w is unbound", [V]);
explain({restricted_shell_bad_return, V}, exit, [], Margin, How, Limit) ->
    with_value("restricted shell module returned bad value ", V, exit,
               Margin, How, Limit);
explain({restricted_shell_disallowed, {Called, Args}}, exit, [], Margin, How,
        Limit) ->
    call_behind("restricted shell does not allow ", exit, Called, Args,
                Margin, How, Limit);
explain(restricted_shell_started, exit, [], _, _, _) ->
    "restricted shell starts now";
explain(restricted_shell_stopped, exit, [], _, _, _) ->
    "restricted shell stopped";
explain(calling_self, exit, [], _, _, _) ->
    "the current process attempted to call itself";
explain(Reason, Class, [], Margin, How, Limit) ->
    {Text, _} = print(Reason, length(Margin) + 1 + length(exited(Class)),
                      How, Limit),
    Text.

arity(A) when is_integer(A) -> A;
arity(Args) -> length(Args).

counted(0) -> "no arguments";
counted(1) -> "one argument";
counted(2) -> "two arguments";
counted(N) -> io_lib:format("~w arguments", [N]).

exited(error) -> "exception error: ";
exited(exit) -> "exception exit: ";
exited(throw) -> "exception throw: ".

print(Term, Column, #how{print = Print}, Limit) -> Print(Term, Column, Limit).

%% A value behind some words; on a line of its own when that makes it shorter.
with_value(Words, V, Class, Margin, How, Limit) ->
    Before = Margin ++ spaces(length(exited(Class))),
    Column = length(Before ++ Words),
    {Same, _} = print(V, Column + 1, How, Limit),
    case lines(Same) of
        N when N > 1 ->
            {Own, _} = print(V, length(Before) + 1, How, Limit),
            case lines(Own) < N of
                true -> [Words, $\n, Before | Own];
                false -> [Words | Same]
            end;
        _ -> [Words | Same]
    end.

lines(Text) ->
    length([C || C <- unicode:characters_to_list(Text), C =:= $\n]).

%%% Calls

call_behind(Words, Class, Called, Args, Margin, How, Limit) ->
    Before = Margin ++ spaces(length(exited(Class))),
    call(Words, Before, Called, Args, How, Limit).

%% Text of a call behind [Words], or below them when it is shorter there.
call(Words, Before, Called, Args, How, Limit) ->
    Arity = length(Args),
    case operator(Called, Arity) of
        {yes, Op} -> [Words | operation(Words, Before, Op, Args, How, Limit)];
        no ->
            Name = called_name(Called, Arity, How#how.encoding),
            Behind = string:length([Before, Words | Name]),
            Below = string:length([Before | Name]),
            S1 = arguments(Args, Behind, How, Limit),
            S2 = arguments(Args, Below, How, Limit),
            %% is there room behind at all?
            Probe = arguments([a2345, b2345], Behind, How, Limit),
            case lines(Probe) > 0 orelse lines(S2) < lines(S1) of
                true -> [Words, $\n, Before, Name, S2];
                false -> [Words, Name, S1]
            end
    end.

operation(Words, Before, Op, [A], How, Limit) ->
    Name = atom_to_list(Op) ++ " ",
    Column = string:length([Words, Before, Name]) + 1,
    {Text, _} = print(A, Column, How, Limit),
    [Name | Text];
operation(Words, Before, Op, [A, B], How, Limit) ->
    Indent = string:length([Words, Before]),
    {S1, Limit1} = print(A, Indent + 1, How, Limit),
    {S2, _} = print(B, Indent + 1, How, Limit1),
    Name = atom_to_list(Op),
    Newline = [$\n | spaces(Indent)],
    Apart = [S1, Newline, Name, Newline | S2],
    case lines(S1) > 0 of
        true -> Apart;
        false ->
            Between = [$\s, Name, $\s],
            Column = string:length([Words, Before, Between])
                + string:length(S1) + 1,
            {S3, _} = print(B, Column, How, Limit1),
            case lines(S2) < lines(S3) of
                true -> Apart;
                false -> [S1, Between | S3]
            end
    end.

%% The arguments as a list prints, in round brackets. A list that would look
%% like a string has its first element printed as an atom of its length.
arguments([First | Rest] = Args, Column, How, Limit) ->
    case is_printable(Args, How) of
        true ->
            Digits = integer_to_list(First),
            Stand = list_to_atom(lists:duplicate(length(Digits), $a)),
            {Text, _} = print([Stand | Rest], Column + 1, How, Limit),
            Chars = unicode:characters_to_list(Text),
            round_brackets([$[, Digits,
                            lists:nthtail(1 + length(Digits), Chars)]);
        false ->
            {Text, _} = print(Args, Column + 1, How, Limit),
            round_brackets(Text)
    end;
arguments([], _, _, _) -> "()".

is_printable(Args, #how{encoding = latin1}) ->
    io_lib:printable_latin1_list(Args);
is_printable(Args, _) -> io_lib:printable_list(Args).

round_brackets(Text) ->
    [$[ | Rest] = unicode:characters_to_list(Text),
    [$(, lists:droplast(Rest), $)].

mfa(M, F, A, Encoding) ->
    [called_name({M, F}, A, Encoding), $/, integer_to_list(A)].

called_name({M, F}, A, Encoding) ->
    case {erl_internal:bif(M, F, A), operator({M, F}, A)} of
        {true, _} -> io_lib:format("~w", [F]);
        {_, {yes, '/'}} -> io_lib:format("~w", [F]);
        {_, {yes, F}} -> atom_to_list(F);
        _ -> [io_lib:format("~w:", [M]) | name(F, Encoding)]
    end;
called_name(Fun, _, Encoding) when is_function(Fun) ->
    format_fun(Fun, Encoding);
called_name(F, _, Encoding) -> name(F, Encoding).

name(Atom, latin1) when is_atom(Atom) -> io_lib:write_atom_as_latin1(Atom);
name(Atom, _) when is_atom(Atom) -> io_lib:write_atom(Atom);
name(Term, _) -> io_lib:format("~tw", [Term]).

operator({erlang, Op}, A) ->
    case A =< 2 andalso A > 0
        andalso (erl_internal:arith_op(Op, A) orelse erl_internal:bool_op(Op, A)
                 orelse erl_internal:comp_op(Op, A)
                 orelse erl_internal:list_op(Op, A)
                 orelse erl_internal:send_op(Op, A)) of
        true -> {yes, Op};
        false -> no
    end;
operator(_, _) -> no.

%%% The trace

%% Frames at the end that [Trim] names are left out.
frames(Margin, Trace, Trim, How, Limit, Explained) ->
    Kept = lists:reverse(
             lists:dropwhile(fun({M, F, A, _}) -> Trim(M, F, A) end,
                             lists:reverse(Trace))),
    frame_lines("  " ++ Margin, Kept, 1, How, Limit, Explained).

frame_lines(_, _, _, _, 0, _) -> [];
frame_lines(Margin, [{M, F, A, Info} | Trace], N, How, Limit, Explained) ->
    Lead = case N of
               1 -> Margin;
               _ -> [$\n | Margin]
           end,
    Called = mfa(M, F, arity(A), How#how.encoding),
    Details = details(A, {M, F}, Info, Margin, How, Limit),
    Text = [Lead, origin(N, M, F, arity(A)), $\s, Called, Details
            | argument_errors(Explained, A, Lead)],
    [Text | frame_lines(Margin, Trace, N + 1, How, minus(Limit, Text), #{})];
frame_lines(_, [], _, _, _, _) -> [].

origin(1, M, F, A) ->
    case operator({M, F}, A) of
        {yes, _} -> "in operator ";
        no -> "in function "
    end;
origin(_, _, _, _) -> "in call from".

details(A, _, Info, _, _, _) when is_integer(A) -> [$\s | place(Info)];
details(Args, Called, _, Margin, How, Limit) ->
    Before = Margin ++ "   called as ",
    [$\n, Before | call("", Before, Called, Args, How, Limit)].

place(Info) ->
    case {proplists:get_value(file, Info), proplists:get_value(line, Info)} of
        {File, Line} when File =/= undefined, Line =/= undefined ->
            io_lib:format("(~ts, line ~w)", [File, Line]);
        _ -> ""
    end.

%%% What is wrong with which argument

%% Asks the module that knows about it: #{1 => Text, general => Text, ...}.
explanation(Reason, [{M, _, _, Info} | _] = Trace) ->
    case lists:keyfind(error_info, 1, Info) of
        {error_info, Given} when is_map(Given) ->
            Module = maps:get(module, Given, M),
            Function = maps:get(function, Given, format_error),
            try Module:Function(Reason, Trace)
            catch error:_ -> #{}
            end;
        _ -> #{}
    end;
explanation(_, []) -> #{}.

argument_errors(Explained, A, Lead) ->
    Texts = lists:append([argument_error(I, Explained)
                          || I <- lists:seq(1, arity(A))])
        ++ case Explained of
               #{general := Text} -> [["*** ", Text]];
               #{} -> []
           end,
    [[$\n, Lead, "   ", io_lib:format("~ts", [Text])] || Text <- Texts].

argument_error(I, Explained) ->
    case Explained of
        #{I := Text} ->
            Head = io_lib:format("*** argument ~w: ", [I]),
            [First | Rest] = string:lexemes(Text, "\r\n"),
            Indent = spaces(string:length(Head)),
            [[Head, First] | [[Indent, Line] || Line <- Rest]];
        #{} -> []
    end.
