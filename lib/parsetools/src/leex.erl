%% SPDX-License-Identifier: Apache-2.0
%% leex: makes a scanner, an Erlang module, of regular expressions with actions.
%%
%% This module reads the file (definitions, rules, Erlang code), leex_regexp
%% its expressions, leex_dfa makes an automaton of them, leex_code the module.
-module(leex).

-export([file/1, file/2, compile/3, format_error/1]).

-include("leex.hrl").

-type option() :: {atom(), term()} | atom().

-spec file(file:filename()) -> term().
file(File) -> file(File, []).

-spec file(file:filename(), option() | [option()]) ->
          {ok, file:filename()} | {ok, file:filename(), list()}
          | error | {error, list(), list()}.
file(File, Given) when is_list(Given) ->
    Options = parsetools_job:options(Given, [{scannerfile, []},
                                             {dfa_graph, false}]),
    is_map(Options) andalso parsetools_job:is_name(File)
        orelse error(badarg, [File, Given]),
    make(names(File, Options));
file(File, Option) -> file(File, [Option]).

%% For erl_compile.
-spec compile(file:filename(), file:filename(), tuple()) -> ok | error.
compile(In, Out, Batch) ->
    Options = parsetools_job:batch_options(Batch),
    parsetools_job:batch_result(
        file(parsetools_job:with_extension(In, ".xrl"),
             [{scannerfile, parsetools_job:with_extension(Out, ".erl")}
              | Options])).

names(File, #{scannerfile := Scanner, includefile := Include} = Options) ->
    Given = filename:flatten(File),
    Base = filename:join(filename:dirname(Given),
                         filename:basename(Given, ".xrl")),
    Out = case filename:flatten(Scanner) of
              [] -> Base ++ ".erl";
              Name -> Name
          end,
    #scanner{module = list_to_atom(filename:basename(Base)),
             infile = Base ++ ".xrl", outfile = Out, options = Options,
             includefile =
                 case filename:flatten(Include) of
                     [] -> filename:join([code:lib_dir(parsetools), "include",
                                          "leexinc.hrl"]);
                     I -> I
                 end}.

%% The reading functions throw {Line | none, Descriptor}; [Warnings] are
%% such, too.
make(#scanner{infile = In, outfile = Out, options = Options} = S0) ->
    About = fun(Found) -> [{In, {L, ?MODULE, W}} || {L, W} <- Found] end,
    Failed = fun(Errors) -> parsetools_job:finish(Out, Errors, [], Options) end,
    try
        {S, Warnings} = read(S0),
        Dfa = automaton(S),
        Fatal = map_get(warnings_as_errors, Options) andalso Warnings =/= [],
        Fatal orelse write(S, Dfa),
        parsetools_job:finish(Out, [], About(Warnings), Options)
    catch
        throw:{Line, _} = E when is_integer(Line); Line =:= none ->
            Failed(About([E]));
        throw:{in, File, {Line, What}} -> Failed([{File, {Line, ?MODULE, What}}]);
        throw:{_, _, _} = Elsewhere -> Failed([{In, Elsewhere}])
    end.

automaton(#scanner{rules = Rules} = S) ->
    {Dfa, Nfa, Before} = leex_dfa:make([{N, Re} || {N, Re, _} <- Rules]),
    say(S, "NFA contains ~w states, DFA contains ~w states, "
        "minimised to ~w states.~n", [Nfa, Before, length(Dfa)]),
    Dfa.

write(#scanner{outfile = Out, encoding = Encoding} = S, Dfa) ->
    say(S, "Writing file ~ts, ", [Out]),
    case parsetools_job:write(Out, leex_code:module(S, Dfa), Encoding) of
        ok -> say(S, "ok~n", []);
        {error, Reason} -> throw({none, {file_error, Reason}})
    end,
    write_graph(S, Dfa).

write_graph(#scanner{options = #{dfa_graph := true}, outfile = Out}, Dfa) ->
    ok = file:write_file(filename:rootname(Out) ++ ".dot",
                         unicode:characters_to_binary(leex_code:graph(Dfa)));
write_graph(_, _) -> ok.

say(#scanner{options = #{verbose := true}}, Format, Args) ->
    io:format(Format, Args);
say(_, _, _) -> ok.

%% ---- The file ----

read(#scanner{infile = In} = S0) ->
    say(S0, "Parsing file ~ts, ", [In]),
    case parsetools_job:read(In) of
        {ok, Text, Encoding} ->
            {S, Warnings} = sections(next_line(whole_lines(Text), 1),
                                     S0#scanner{encoding = Encoding}),
            say(S, "contained ~w rules.~n", [length(S#scanner.rules)]),
            {S, Warnings};
        {bad, Text, _} ->
            throw({parsetools_job:last_line(Text), cannot_parse});
        {error, Reason} -> throw({none, Reason})
    end.

whole_lines([]) -> [];
whole_lines(Text) ->
    case lists:last(Text) of
        $\n -> Text;
        _ -> Text ++ "\n"
    end.

sections(At0, S) ->
    {At1, W1} = heading("Definitions.", missing_defs, At0),
    {Macros, At2} = definitions(blank_out(At1), []),
    {At3, W2} = heading("Rules.", missing_rules, At2),
    {Rules, At4} = rules(blank_out(At3), Macros, []),
    {{Code, Line}, W3} = heading("Erlang code.", missing_code, At4),
    {S#scanner{rules = Rules, code = Code, code_line = Line}, W1 ++ W2 ++ W3}.

%% {Text behind the line, number of its first line} and a warning about what
%% else stands in the line.
heading(Title, Missing, {Text, Line}) ->
    case string:prefix(Text, Title) of
        nomatch -> throw({Line, Missing});
        Rest ->
            {More, At} = rest_of_line(Rest, Line),
            case [C || C <- More, C > $\s, C < 8#200 orelse C > 8#240] of
                [] -> {At, []};
                _ -> {At, [{Line, ignored_characters}]}
            end
    end.

rest_of_line(Text, Line) ->
    case lists:splitwith(fun(C) -> C =/= $\n end, Text) of
        {Here, [$\n | Rest]} -> {Here, {Rest, Line + 1}};
        {Here, []} -> {Here, {[], Line}}
    end.

blank_out({Text, Line}) -> next_line(Text, Line).

%% Goes on to a line that has more than blanks and comments.
next_line([], Line) -> {[], max(1, Line - 1)};
next_line(Text, Line) ->
    {Here, {Rest, Next}} = rest_of_line(Text, Line),
    case string:trim(Here, leading, " \t") of
        [C | _] when C =/= $% -> {Text, Line};
        _ when Next =:= Line -> {[], Line};
        _ -> next_line(Rest, Next)
    end.

definitions({Text, Line} = At, Macros) ->
    {Here, {Rest, Next}} = rest_of_line(Text, Line),
    Form = "^[ \t]*([A-Z_][A-Za-z0-9_]*)[ \t]*=[ \t]*([^ \t\r\n]*)[ \t\r\n]*$",
    case re:run(Here, Form, [{capture, all_but_first, list}, unicode]) of
        {match, [Name, Value]} ->
            definitions(next_line(Rest, Next), [{Name, Value} | Macros]);
        nomatch -> {Macros, At}
    end.

%% [{N, Expression, Tokens of the action}].
rules({Text, Line}, Macros, Found) ->
    case Text =:= [] orelse string:prefix(Text, "Erlang code.") =/= nomatch of
        true when Found =:= [] -> throw({Line, empty_rules});
        true -> {lists:reverse(Found), {Text, Line}};
        false ->
            {Expression, Rest} = string:take(Text, " \t\r\n", true),
            {Action, At} = action(Rest, Line),
            Parsed = regexp(Expression, Macros, Line),
            rules(At, Macros, [{length(Found), Parsed, Action} | Found])
    end.

%% The action ends with a dot; what else stands in that line is passed over.
action(Text, Line) ->
    case erl_scan:tokens([], Text, Line, [text, return]) of
        {done, {ok, Tokens, End}, Rest} ->
            Last = erl_scan:line(lists:last(Tokens)),
            {_, {More, Next}} = case End of
                                    Last -> rest_of_line(Rest, End);
                                    _ -> {[], {Rest, End}}
                                end,
            {colon(Tokens, Line), next_line(More, Next)};
        {done, {error, {L, Module, What}, _}, _} ->
            throw({L, Module, What});
        {more, Continuation} ->
            {done, Last, _} = erl_scan:tokens(Continuation, eof, Line),
            unfinished(Last, Line);
        {done, {eof, End}, _} -> throw({End, bad_rule})
    end.

%% The text ended before the rule did.
unfinished({ok, Tokens, End}, Line) ->
    case lists:all(fun is_blank/1, Tokens) of
        true -> throw({Line + 1, bad_rule});
        %% What is missing next is told.
        false -> {colon(Tokens ++ [none], Line), {[], End}}
    end;
unfinished({error, {L, Module, What}, _}, _) -> throw({L, Module, What});
unfinished({eof, _}, Line) -> throw({Line + 1, bad_rule}).

colon(Tokens, Line) ->
    case lists:dropwhile(fun is_blank/1, Tokens) of
        [{':', _} | Action] ->
            lists:droplast(trim(Action));
        _ -> throw({Line, bad_rule})
    end.

trim(Tokens) -> lists:dropwhile(fun is_blank/1, Tokens).

is_blank(none) -> false;
is_blank(Token) ->
    lists:member(element(1, Token), [white_space, comment]).

%% Macros are put in the last one first: one may name those before it.
regexp(Text, Macros, Line) ->
    Full = lists:foldl(
        fun({Name, Value}, T) ->
            lists:append(lists:join(Value, string:split(T, "{" ++ Name ++ "}",
                                                        all)))
        end, Text, Macros),
    case leex_regexp:parse(Full) of
        {ok, Re} -> Re;
        {error, E} -> throw({Line, {regexp, E}})
    end.

%% ---- Texts ----

-spec format_error(term()) -> io_lib:chars().
format_error({file_error, Reason}) ->
    io_lib:format("~ts", [file:format_error(Reason)]);
format_error({regexp, {unterminated, Text}}) ->
    ["bad regexp `unterminated ", Text, "'"];
format_error({regexp, {illegal_char, Text}}) ->
    ["bad regexp `illegal character ", Text, "'"];
format_error({regexp, {char_class, Text}}) ->
    ["bad regexp `illegal character class ", io_lib:write_string(Text), "'"];
format_error(missing_defs) -> "missing Definitions";
format_error(missing_rules) -> "missing Rules";
format_error(missing_code) -> "missing Erlang code";
format_error(empty_rules) -> "no rules";
format_error(bad_rule) -> "bad rule";
format_error(ignored_characters) -> "ignored characters";
format_error(cannot_parse) -> "cannot parse; probably encoding mismatch".
