%% SPDX-License-Identifier: Apache-2.0
%% yecc_code: the text of a parser.
%%
%% The functions that every parser has come from an include file, yeccpre.hrl
%% or the user's own. It calls yeccpars2/7 with a state, the category of the
%% next token, the states and values below, the token, those behind it, and
%% where more come from; it offers yeccpars1/7, which shifts, and yeccerror/1.
%% Each state has a function yeccpars2_N, each rule yeccreduce_N and its action
%% yeccrule_N, each nonterminal yeccgoto_NAME.
-module(yecc_code).

-export([module/3]).

-include("yecc.hrl").

-define(ARGS, "Cat, Ss, Stack, T, Ts, Tzr").

-spec module(#grammar{}, [{non_neg_integer(), list()}], term()) -> iolist().
module(G, Actions, Tables) ->
    Head = [[[H, $\n] || H <- G#grammar.header],
            io_lib:format("-module(~tw).\n", [G#grammar.module])],
    {Include, Runtime} = runtime(G),
    Api = "-export([parse/1, parse_and_scan/1, format_error/1]).\n",
    %% The user's own runtime stands first: it may hold attributes.
    Own = case G#grammar.includefile of
              none ->
                  [Head, Api, code(G), $\n, directive(Include, 0, G), Runtime];
              _ -> [Head, directive(Include, 0, G), Runtime, $\n, code(G)]
          end,
    Line = length([C || C <- lists:flatten(Own), C =:= $\n]) + 1,
    [Own, $\n, directive(G#grammar.outfile, Line + 1, G),
     states(Actions),
     gotos(yecc_states:gotos(Tables), Actions),
     rules(G, Actions)].

%% Throws {Line | none, Descriptor}.
runtime(#grammar{includefile = none}) ->
    runtime(filename:join([code:lib_dir(parsetools), "include", "yeccpre.hrl"]));
runtime(#grammar{includefile = File}) -> runtime(File);
runtime(File) ->
    case parsetools_job:read(File) of
        {ok, Text, _} -> {File, Text};
        {bad, Text, _} ->
            throw({parsetools_job:last_line(Text), cannot_parse});
        {error, Reason} -> throw({none, Reason})
    end.

code(#grammar{code = none}) -> "";
code(#grammar{code = {Text, End}, infile = In} = G) ->
    Line = case End of
               {L, _} -> L;
               L -> L
           end,
    [directive(In, Line - 1, G), Text, $\n].

%% The line that follows is number Line + 1.
directive(File, Line, #grammar{options = #{file_attributes := true} = Os}) ->
    io_lib:format("-file(~ts, ~w).\n",
                  [parsetools_job:file_name(File, Os), max(Line, 0)]);
directive(_, _, _) -> "".

%% ---- States ----

states(Actions) ->
    [unused("yeccpars2", 7), lists:join(";\n", [dispatch(S) || S <- Actions]),
     ".\n\n", [state(S) || S <- Actions]].

dispatch({N, _} = State) ->
    io_lib:format("yeccpars2(~w = S, " ?ARGS ") ->\n ~s(S, " ?ARGS ")",
                  [N, entry(State)]).

%% The function that does what is to be done in a state.
entry({N, Actions}) ->
    case only_reduction(Actions) of
        {true, Rule} -> ["yeccreduce_", integer_to_list(Rule)];
        false -> ["yeccpars2_", integer_to_list(N)]
    end.

%% A state that can do nothing but reduce does so before it looks at the next
%% token: an error is found before that is shifted in any case.
only_reduction([{{reduce, Rule}, _}]) -> {true, Rule};
only_reduction(_) -> false.

call_reduce(Rule) -> io_lib:format("yeccreduce_~w(S, " ?ARGS ")", [Rule]).

state({N, Actions}) ->
    case only_reduction(Actions) of
        {true, _} -> "";
        false ->
            Name = io_lib:format("yeccpars2_~w", [N]),
            {Default, Others} = default(Actions),
            Clauses = [clause(Name, A, S) || {A, Ss} <- Others, S <- Ss],
            [unused(Name, 7), Clauses,
             case Default of
                 none -> [Name, "(_, _, _, _, T, _, _) ->\n yeccerror(T).\n\n"];
                 Rule -> [Name, "(S, " ?ARGS ") ->\n ", call_reduce(Rule),
                          ".\n\n"]
             end]
    end.

%% The reduction of the most terminals needs no clause for each of them.
default(Actions) ->
    case lists:sort([{-length(Ss), R} || {{reduce, R}, Ss} <- Actions]) of
        [] -> {none, Actions};
        [{_, Rule} | _] -> {Rule, lists:keydelete({reduce, Rule}, 1, Actions)}
    end.

clause(Name, nonassoc, S) ->
    io_lib:format("~s(_, ~tw, _, _, T, _, _) ->\n yeccerror(T);\n", [Name, S]);
clause(Name, accept, S) ->
    io_lib:format("~s(_, ~tw, _, Stack, _, _, _) ->\n {ok, hd(Stack)};\n",
                  [Name, S]);
clause(Name, {shift, To}, S) ->
    io_lib:format("~s(S, ~tw, Ss, Stack, T, Ts, Tzr) ->\n"
                  " yeccpars1(S, ~w, Ss, Stack, T, Ts, Tzr);\n", [Name, S, To]);
clause(Name, {reduce, Rule}, S) ->
    io_lib:format("~s(S, ~tw = Cat, Ss, Stack, T, Ts, Tzr) ->\n ~s;\n",
                  [Name, S, call_reduce(Rule)]).

%% They call the function of the state, not yeccpars2/7: compilers get on
%% better with many small circles of calls than with one.
gotos(Gotos, Actions) ->
    Entries = maps:from_list([{N, entry(S)} || {N, _} = S <- Actions]),
    [goto(goto_name(Name), Pairs, Entries) || {Name, Pairs} <- Gotos].

goto(Name, Pairs, Entries) ->
    [unused(Name, 7),
     lists:join(";\n", [io_lib:format("~ts(~w, " ?ARGS ") ->\n"
                                      " ~s(~w, " ?ARGS ")",
                                      [Name, From, map_get(To, Entries), To])
                        || {From, To} <- Pairs]),
     ".\n\n"].

goto_name(Name) ->
    io_lib:format("~tw", [list_to_atom("yeccgoto_" ++ atom_to_list(Name))]).

unused(Name, Arity) ->
    io_lib:format("-dialyzer({nowarn_function, ~ts/~w}).\n"
                  "-compile({nowarn_unused_function, ~ts/~w}).\n",
                  [Name, Arity, Name, Arity]).

%% ---- Rules ----

%% Those that some state reduces.
rules(#grammar{rules = Rules} = G, Actions) ->
    Reduced = lists:usort([R || {_, As} <- Actions, {{reduce, R}, _} <- As]),
    [rule(N, element(N + 1, Rules), G) || N <- Reduced].

rule(N, #rule{head = Head, body = Body} = Rule, G) ->
    {Ss, From, Below} =
        case length(Body) of
            0 -> {"Ss", "S", "[S | Ss]"};
            1 -> {"Ss", "hd(Ss)", "Ss"};
            L -> {["[", lists:duplicate(L - 2, "_, "), "_ | Ss]"],
                  "hd(Ss)", "Ss"}
        end,
    S = case Body of [] -> "S"; _ -> "_" end,
    Reduce = io_lib:format("yeccreduce_~w", [N]),
    [unused(Reduce, 7),
     io_lib:format("~s(~s, Cat, ~s, Stack, T, Ts, Tzr) ->\n"
                   " ~ts(~s, Cat, ~s, yeccrule_~w(Stack), T, Ts, Tzr).\n\n",
                   [Reduce, S, Ss, goto_name(Head), From, Below, N]),
     action(N, Rule, G)].

%% The action's first token gets the line that it has in the grammar.
action(N, #rule{action = Tokens, body = Body}, #grammar{infile = In} = G) ->
    Name = io_lib:format("yeccrule_~w", [N]),
    Values = lists:join(",", ["___" ++ integer_to_list(I)
                              || I <- lists:seq(length(Body), 1, -1)]),
    Pattern = case Body of
                  [] -> "__Stack";
                  _ -> ["[", Values, " | __Stack]"]
              end,
    {Line, Text} = text(Tokens),
    [io_lib:format("-compile({inline, ~s/1}).\n", [Name]), unused(Name, 1),
     directive(In, Line - 4, G),
     Name, "(__Stack0) ->\n ", Pattern, " = __Stack0,\n [begin\n", Text,
     "\n  end | __Stack].\n\n"].

text([]) -> {0, "'$undefined'"};
text([First | _] = Tokens) ->
    Column = case erl_scan:column(First) of
                 undefined -> 1;
                 C -> C
             end,
    {erl_scan:line(First),
     [lists:duplicate(Column - 1, $\s) | [erl_scan:text(T) || T <- Tokens]]}.
