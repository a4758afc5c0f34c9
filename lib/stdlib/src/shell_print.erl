%% SPDX-License-Identifier: Apache-2.0
%% shell_print: what the shell says: results, errors, bindings, history. On a
%% terminal that has colours, values are coloured like what is typed.
-module(shell_print).

-export([report/4, say/3, position/1, result/2, value/3, point_at/2,
         list_commands/2, list_bindings/2, list_records/1, list_forms/1,
         with_terms/1, encoding_option/0, env/2, is_for_people/0]).

-define(DEPTH, 30).         % of results that are shown
-define(LINE_CHARS, 60).    % of their lines

-type severity() :: benign | serious | fatal.

%% The value of a command, cut as deep as OTP cuts it.
result(Value, Records) ->
    put_value("", pretty(Value, 1, ?DEPTH, Records)).

%% A value as it is for [Depth] (-1: all of it).
value(Value, Depth, Records) ->
    put_value("", pretty(Value, 1, Depth, Records)).

%% The text of a value behind what says whose it is, and the line's end.
put_value(Before, Text) ->
    io:requests([{put_chars, latin1, Before},
                 {put_chars, unicode, coloured(Text)}, nl]).

%% Whether the terminal shows colours: its editor knows. Devices of other make
%% are not asked: they need not know what to answer.
has_colours() ->
    is_terminal() andalso io:request(group_leader(), get_colours) =:= true.

%% Only what echoes is one.
is_terminal() ->
    case io:getopts() of
        Options when is_list(Options) -> lists:keymember(echo, 1, Options);
        _ -> false
    end.

coloured(Text) ->
    case has_colours() of
        true -> merle_edit:colour(unicode:characters_to_binary(Text));
        false -> Text
    end.

%% Whether this is a terminal, at which people sit.
-spec is_for_people() -> boolean().
is_for_people() ->
    is_terminal() andalso element(1, io:columns()) =:= ok.

%% What says that something went wrong.
alarm(Text) ->
    case has_colours() of
        true -> ["\e[31m", Text, "\e[0m"];
        false -> Text
    end.

%% On a terminal the line is shown again, with a caret below the place.
point_at({Line, Column}, Tokens) when is_list(Tokens) ->
    case is_for_people() of
        true ->
            Text = line_of(Tokens, Line),
            io:put_chars(["* ", Text, "\n* ",
                          lists:duplicate(max(0, Column - 1), $\s),
                          alarm("^"), "\n"]);
        false -> ok
    end;
point_at(_, _) -> ok.

%% The line as its tokens have it; what stood between them was blank.
line_of(Tokens, Line) ->
    lists:foldl(
      fun(T, Acc) ->
              Anno = element(2, T),
              case {erl_anno:location(Anno), erl_anno:text(Anno)} of
                  {{Line, Column}, [_ | _] = Text} ->
                      string:pad(Acc, Column - 1)
                          ++ string:trim(Text, trailing);
                  _ -> Acc
              end
      end, "", Tokens).

%% What ended an evaluation.
-spec report(error | exit | throw, severity(), {term(), list()},
             shell_records:table()) -> ok.
report(Class, Severity, {Reason, Trace0}, Records) ->
    Tag = tag(Severity),
    Trace = evaluator_frames(Reason, without_helpers(Trace0)),
    Print = fun(Term, Column) ->
                    pretty(Term, Column, ?DEPTH, Records)
            end,
    Trim = fun(M, _, _) ->
                   M =:= erl_eval orelse M =:= shell
                       orelse M =:= shell_restricted
           end,
    Text = erl_error:format_exception(length(Tag) + 1, Class, Reason, Trace,
                                      Trim, Print, encoding()),
    {What, Rest} = split_class(unicode:characters_to_list(Text)),
    io:requests([{put_chars, unicode, [alarm([Tag, What]), Rest]}, nl]).

%% "exception error:" and what follows it.
split_class(Text) ->
    case string:split(Text, ":") of
        [What, Rest] -> {What ++ ":", Rest};
        [_] -> {"", Text}
    end.

%% The frames of prim_eval that the evaluator stands on are as little the user's
%% as its own, but where it is prim_eval that failed.
without_helpers([{prim_eval, _, _, []} = F | Trace]) ->
    [F | without_helpers(Trace)];
without_helpers([{prim_eval, _, _, _} | Trace]) -> without_helpers(Trace);
without_helpers([F | Trace]) -> [F | without_helpers(Trace)];
without_helpers(Trace) -> Trace.

%% The evaluator's functions by the names that people know from OTP's. Compiled
%% code that was typed has but one name: the reason tells what failed.
evaluator_frames({bad_generator, _},
                 [{erl_eval, expr, 6, _}, {erl_eval, F, _, Info} | Trace]) ->
    [{erl_eval, if F =:= each -> eval_generate; true -> eval_b_generate end,
      8, Info} | evaluator_frames(Trace)];
evaluator_frames({try_clause, _},
                 [{erl_eval, expr, 6, _}, {erl_eval, try_body, _, _} = F
                  | Trace]) ->
    evaluator_frames([F | Trace]);
evaluator_frames(Reason, [{erl_eval, expr, 6, Info} | Trace]) ->
    {F, A} = failed_in(Reason),
    [{erl_eval, F, A, Info} | evaluator_frames(Trace)];
evaluator_frames({badfun, _}, [F, {erl_eval, fun_call, _, _},
                              {erl_eval, fun_call, _, Info} | Trace]) ->
    [F, {erl_eval, do_apply, 6, Info} | evaluator_frames(Trace)];
evaluator_frames({badfun, _}, [F, {erl_eval, fun_call, _, _} | Trace]) ->
    [F | evaluator_frames(Trace)];
evaluator_frames(_, Trace) -> evaluator_frames(Trace).

failed_in({case_clause, _}) -> {case_clauses, 8};
failed_in(if_clause) -> {if_clauses, 7};
failed_in({try_clause, _}) -> {try_clauses, 10};
failed_in({badarity, _}) -> {do_apply, 6};
failed_in(_) -> {expr, 6}.

%% A typed fun's body goes on in place of its call; what it calls last does not.
evaluator_frames([{M, _, _, _} = F, {erl_eval, fun_call, _, Info} | Trace])
  when M =/= erl_eval ->
    [F, {erl_eval, do_apply, 7, Info} | evaluator_frames(Trace)];
evaluator_frames([{erl_eval, F, A, Info} | Trace]) ->
    [{erl_eval, F1, A1, Info} || {F1, A1} <- known_as(F, A)]
        ++ evaluator_frames(Trace);
evaluator_frames([F | Trace]) -> [F | evaluator_frames(Trace)];
evaluator_frames([]) -> [].

known_as(eval, 4) -> [{expr, 6}];
known_as(body, 4) -> [{exprs, 6}];
known_as(list, 5) -> [{expr_list, 7}];
known_as(local_call, _) -> [{local_func, 8}];
known_as(receive_body, _) -> [{receive_clauses, 8}];
known_as(try_body, _) -> [{try_clauses, 10}];
known_as(each, _) -> [{eval_generate, 8}];
known_as(eval_lc, _) -> [{eval_lc, 7}];
known_as(eval_bc, _) -> [{eval_bc, 7}];
known_as('-eval_lc/5-fun-0-', _) -> [{eval_lc1, 7}];
known_as('-eval_bc/5-fun-0-', _) -> [{eval_bc1, 7}];
known_as(F, A) ->
    [{F, A} || not lists:member(F, [map_fields, field_values, generate,
                                    fun_call, catch_value])].

-spec say(severity(), string(), list()) -> ok.
say(Severity, Format, Args) ->
    io:put_chars([alarm(tag(Severity)), io_lib:format(Format, Args), $\n]).

tag(fatal) -> "*** ";
tag(serious) -> "** ";
tag(benign) -> "* ".

position({Line, Column}) -> io_lib:format("~w:~w", [Line, Column]);
position(Line) -> io_lib:format("~w", [Line]).

pretty(Value, Column, Depth, Records) ->
    io_lib_pretty:print(Value,
                        [{column, Column}, {line_length, columns()},
                         {depth, Depth}, {line_max_chars, ?LINE_CHARS},
                         {strings, env(shell_strings, true) =/= false},
                         {record_print_fun,
                          shell_records:print_fun(Records)},
                         {encoding, encoding()}]).

columns() ->
    case io:columns() of
        {ok, N} -> N;
        _ -> 80
    end.

encoding() ->
    case lists:keyfind(encoding, 1, io:getopts()) of
        {_, Encoding} -> Encoding;
        false -> latin1
    end.

encoding_option() -> [{encoding, encoding()}].

list_commands([{{N, command}, Exprs} | Entries], Records) ->
    Number = io_lib:format("~w: ", [N]),
    Text = erl_pp:exprs(with_calls(Exprs), iolist_size(Number),
                        encoding_option()),
    io:requests([{put_chars, latin1, Number},
                 {format, "~ts\n", [Text]}]),
    list_result(N, Entries, Records);
list_commands([_ | Entries], Records) -> list_commands(Entries, Records);
list_commands([], _) -> ok.

list_result(N, [{{N, result}, Value} | Entries], Records) ->
    Text = pretty(Value, 4, ?DEPTH, Records),
    put_value("-> ", Text),
    list_commands(Entries, Records);
list_result(_, Entries, Records) -> list_commands(Entries, Records).

list_bindings([{Name, Value} | Bindings], Records) ->
    case erl_eval:fun_data(Value) of
        {fun_data, _, Clauses} ->
            show_fun(Name, {'fun', 0, {clauses, with_terms(Clauses)}});
        {named_fun_data, _, FunName, Clauses} ->
            show_fun(Name, {named_fun, 0, FunName, with_terms(Clauses)});
        false ->
            Left = io_lib:format("~s = ", [Name]),
            put_value(Left, pretty(Value, iolist_size(Left) + 1, ?DEPTH,
                                   Records))
    end,
    list_bindings(Bindings, Records);
list_bindings([], _) -> ok.

show_fun(Name, Fun) ->
    Match = {match, 0, {var, 0, Name}, Fun},
    io:format("~ts\n", [erl_pp:expr(Match, encoding_option())]).

%% Functions and types that were typed.
list_forms(Forms) ->
    lists:foreach(fun(Form) ->
                          io:format("~ts", [erl_pp:form(Form,
                                                        encoding_option())])
                  end, Forms).

list_records(Records) ->
    lists:foreach(fun({_, Attribute}) ->
                          io:format("~ts", [erl_pp:attribute(
                                              Attribute, encoding_option())])
                  end, Records).

%% Values within expressions as terms, or as the call of v/1 they came from.
with_terms(E) ->
    substitute(fun(Number, Value) ->
                       try erl_parse:abstract(Value)
                       catch _:_ -> value_call(Number)
                       end
               end, E).

with_calls(E) ->
    substitute(fun(Anno, _) -> value_call(erl_anno:line(Anno)) end, E).

value_call(Number) -> {call, 0, {atom, 0, v}, [{integer, 0, Number}]}.

substitute(Fun, {value, Anno, Value}) -> Fun(Anno, Value);
substitute(Fun, T) when is_tuple(T) ->
    list_to_tuple(substitute(Fun, tuple_to_list(T)));
substitute(Fun, [E | Es]) -> [substitute(Fun, E) | substitute(Fun, Es)];
substitute(_, E) -> E.

%%% Settings

%% The environment of stdlib; nobody set anything as long as the module that
%% keeps it is not even loaded.
env(Name, Default) ->
    case erlang:module_loaded(application) of
        true ->
            case application:get_env(stdlib, Name) of
                {ok, Value} -> Value;
                undefined -> Default
            end;
        false -> Default
    end.
