%% SPDX-License-Identifier: Apache-2.0
%% yecc: makes an LALR(1) parser, an Erlang module, of a grammar.
%%
%% yeccparser reads the grammar, this module checks it, yecc_states makes the
%% automaton and decides conflicts, yecc_code writes the module.
-module(yecc).

-export([file/1, file/2, compile/3, format_error/1]).
-export([yecc/2, yecc/3, yecc/4]).  % as it was called once

-include("yecc.hrl").

%% What is gathered while the forms are read and checked. Declarations stand
%% as they are written: Name => [symbol()].
-record(st, {file, declared = #{}, precedences = [], rules = [],
             header = [], code = none, errors = [], warnings = []}).

-type option() :: {atom(), term()} | atom().

-spec file(file:filename()) -> term().
file(File) -> file(File, [report_errors, report_warnings]).

-spec file(file:filename(), option() | [option()]) ->
          {ok, file:filename()} | {ok, file:filename(), list()}
          | error | {error, list(), list()}.
file(File, Given) when is_list(Given) ->
    Own = [{parserfile, []}, {error_location, column}, {time, false},
           {file_attributes, true}],
    Options = parsetools_job:options(Given, Own),
    is_map(Options) andalso parsetools_job:is_name(File)
        orelse error(badarg, [File, Given]),
    make(names(File, Options), Options);
file(File, Option) -> file(File, [Option]).

%% For erl_compile.
-spec compile(file:filename(), file:filename(), tuple()) -> ok | error.
compile(In, Out, Batch) ->
    Options = parsetools_job:batch_options(Batch),
    parsetools_job:batch_result(file(In, [{parserfile, Out} | Options])).

yecc(In, Out) -> yecc(In, Out, false, []).

yecc(In, Out, Verbose) -> yecc(In, Out, Verbose, []).

%% What statistics(runtime) says afterwards.
yecc(In, Out, Verbose, Include) ->
    _ = statistics(runtime),
    case file(In, [{parserfile, Out}, {verbose, Verbose}, report,
                   {includefile, Include}]) of
        {ok, _} -> statistics(runtime);
        error -> exit(error)
    end.

names(File, #{parserfile := Parser, includefile := Include}) ->
    Base = case filename:flatten(Parser) of
               [] -> filename:rootname(filename:flatten(File), ".yrl");
               Name -> Name
           end,
    Out = parsetools_job:with_extension(Base, ".erl"),
    #grammar{module = list_to_atom(filename:basename(Out, ".erl")),
             infile = parsetools_job:with_extension(File, ".yrl"),
             outfile = Out,
             includefile =
                 case filename:flatten(Include) of
                     [] -> none;
                     I -> parsetools_job:with_extension(I, ".hrl")
                 end}.

make(#grammar{infile = In, outfile = Out} = G0, Options) ->
    St0 = #st{file = In},
    St = case parsetools_job:read(In) of
             {Read, Text, Encoding} when Read =/= error ->
                 try
                     from_text({Read, Text}, Encoding,
                               G0#grammar{options = Options}, St0)
                 catch throw:{Where, Reason} when is_integer(Where);
                                                  Where =:= none ->
                     add_error(Where, Reason, St0)
                 end;
             {error, Reason} -> add_error(none, Reason, St0)
         end,
    parsetools_job:finish(Out, St#st.errors, St#st.warnings, Options,
                          fun() -> file:delete(Out) end).

from_text(Text, Encoding, G0, St0) ->
    Start = case G0#grammar.options of
                #{error_location := column} -> {1, 1};
                _ -> 1
            end,
    Read = lists:foldl(fun take/2, St0, yeccparser:parse(Text, Start)),
    case Read of
        #st{errors = []} ->
            case check(G0, Read) of
                {G, #st{errors = []} = St} -> automaton(G, Encoding, St);
                {_, St} -> St
            end;
        _ -> Read
    end.

automaton(G, Encoding, St0) ->
    Tables = yecc_states:make(G),
    St1 = check_usage(G, yecc_states:used(Tables), St0),
    case St1 of
        #st{errors = []} ->
            {Actions, Conflicts} = yecc_states:actions(G, Tables),
            St2 = add_conflicts(G, yecc_states:count(Tables), Conflicts, St1),
            St2#st.errors =/= []
                orelse write(yecc_code:module(G, Actions, Tables), Encoding, G),
            St2;
        _ -> St1
    end.

write(Text, Encoding, G) ->
    ok = parsetools_job:write(G#grammar.outfile, Text, Encoding).

%% ---- Forms ----

take({error, Where, What}, St) -> add_error(Where, What, St);
take({code, Text, End}, St) -> St#st{code = {Text, End}};
take({strings, {'Header', _}, Strings}, St) ->
    St#st{header = [S || {S, _} <- Strings]};
take({strings, _, [{String, Where} | _]}, St) ->
    add_error(Where, {bad_symbol, String}, St);
take({rule, [Head | Body], Action}, St) ->
    {Tokens, Bad} = variables(Action, [N || {N, _} <- Body]),
    add_errors([{W, {undefined_pseudo_variable, V}} || {V, W} <- Bad],
               St#st{rules = [{Head, Body, Tokens} | St#st.rules]});
take({declaration, {Name, Where}, Symbols}, St) ->
    case {associativity(Name), Symbols} of
        {none, _} -> declare(Name, Where, Symbols, St);
        {A, [{N, _}, Op | Ops]} when is_integer(N) ->
            Found = [{O, {N, A}} || O <- [Op | Ops]],
            St#st{precedences = St#st.precedences ++ Found};
        _ -> add_warning(Where, bad_declaration, St)
    end.

declare(Name, Where, Symbols, #st{declared = D} = St) ->
    case is_declaration(Name, length(Symbols)) of
        true when is_map_key(Name, D) ->
            add_error(Where, {duplicate_declaration, Name}, St);
        true -> St#st{declared = D#{Name => Symbols}};
        false -> add_warning(Where, bad_declaration, St)
    end.

is_declaration('Nonterminals', _) -> true;
is_declaration('Terminals', _) -> true;
is_declaration('Rootsymbol', N) -> N =:= 1;
is_declaration('Endsymbol', N) -> N =:= 1;
is_declaration('Expect', N) -> N =:= 1;
is_declaration('States', N) -> N =:= 1;
is_declaration(_, _) -> false.

associativity('Left') -> left;
associativity('Right') -> right;
associativity('Unary') -> unary;
associativity('Nonassoc') -> nonassoc;
associativity(_) -> none.

%% Writes ___1 for '$1', which is as long: columns stay what they are.
variables(Tokens, Body) ->
    N = case Body of
            ['$empty'] -> 0;
            _ -> length(Body)
        end,
    lists:mapfoldl(fun(T, Bad) -> variable(T, N, Bad) end, [], Tokens).

variable({atom, Anno, Atom} = Token, Most, Bad) ->
    case string:to_integer(string:prefix(atom_to_list(Atom), "$")) of
        {N, []} when is_integer(N), N > 0, N =< Most ->
            Name = "___" ++ integer_to_list(N),
            {{var, erl_anno:set_text(Name, Anno), list_to_atom(Name)}, Bad};
        {N, []} when is_integer(N) ->
            {Token, Bad ++ [{Atom, erl_scan:location(Token)}]};
        _ -> {Token, Bad}
    end;
variable(Token, _, Bad) -> {Token, Bad}.

%% ---- Checks ----

check(G0, #st{} = St0) ->
    {Ns, St1} = symbols('Nonterminals', nonterminals_missing,
                        duplicate_nonterminal, St0),
    {Ts, St2} = symbols('Terminals', terminals_missing, duplicate_terminal,
                        St1),
    Both = [{where(S, 'Nonterminals', St2), {symbol_terminal_and_nonterminal, S}}
            || S <- Ts, lists:member(S, Ns)],
    G = G0#grammar{nonterminals = Ns, terminals = Ts,
                   header = St2#st.header, code = St2#st.code},
    Checks = [fun check_root/2, fun check_end/2, fun check_expect/2,
              fun check_states/2, fun check_precedences/2, fun check_rules/2],
    lists:foldl(fun(Check, {Gr, St}) -> Check(Gr, St) end,
                {places(G, St2), add_errors(Both, St2)}, Checks).

symbols(Declaration, Missing, Duplicate, #st{declared = D} = St) ->
    Names = [N || {N, _} <- maps:get(Declaration, D, [])],
    Unique = lists:usort(Names),
    St1 = case Names of
              [] -> add_error(none, Missing, St);
              _ -> St
          end,
    St2 = lists:foldl(fun(N, S) ->
                          add_warning(where(N, Declaration, S),
                                      {Duplicate, N}, S)
                      end, St1, Names -- Unique),
    {Unique, add_errors([{where(N, Declaration, St2), {reserved, N}}
                         || N <- Unique,
                            lists:member(N, ['$empty', '$end', '$undefined'])],
                        St2)}.

where(Name, Declaration, #st{declared = D}) ->
    proplists:get_value(Name, maps:get(Declaration, D, []), none).

places(G, #st{declared = D}) ->
    All = maps:get('Terminals', D, []) ++ maps:get('Nonterminals', D, []),
    G#grammar{places = maps:from_list(lists:reverse(All))}.

kind(Name, #grammar{nonterminals = Ns, terminals = Ts, endsymbol = End}) ->
    case lists:member(Name, Ns) of
        true -> nonterminal;
        false ->
            case lists:member(Name, Ts) of
                true -> terminal;
                false when Name =:= End -> endsymbol;
                false -> unknown
            end
    end.

check_root(G, #st{declared = #{'Rootsymbol' := [{Name, Where}]}} = St) ->
    case kind(Name, G) of
        nonterminal -> {G#grammar{root = Name}, St};
        _ -> {G, add_error(Where, {bad_rootsymbol, Name}, St)}
    end;
check_root(G, St) -> {G, add_error(none, rootsymbol_missing, St)}.

check_end(G, #st{declared = #{'Endsymbol' := [{Name, Where}]}} = St) ->
    case kind(Name, G) of
        nonterminal ->
            {G, add_error(Where, {endsymbol_is_nonterminal, Name}, St)};
        terminal -> {G, add_error(Where, {endsymbol_is_terminal, Name}, St)};
        _ -> {G#grammar{endsymbol = Name}, St}
    end;
check_end(G, St) -> {G, St}.

check_expect(G, #st{declared = #{'Expect' := [{N, Where}]}} = St) ->
    case is_integer(N) of
        true -> {G#grammar{expect = N}, St};
        false -> {G, add_error(Where, {bad_expect, N}, St)}
    end;
check_expect(G, St) -> {G, St}.

check_states(G, #st{declared = #{'States' := [{N, Where}]}} = St) ->
    case is_integer(N) of
        true -> {G#grammar{states = N}, St};
        false -> {G, add_error(Where, {bad_states, N}, St)}
    end;
check_states(G, St) -> {G, St}.

check_precedences(G, #st{precedences = Found} = St0) ->
    {Table, St} = lists:foldl(fun(P, {T, S}) -> precedence(P, G, T, S) end,
                              {#{}, St0}, Found),
    {G#grammar{precedences = Table}, St}.

precedence({{Op, Where}, Precedence}, G, Table, St) ->
    case kind(Op, G) of
        _ when is_map_key(Op, Table) ->
            {Table, add_error(Where, {duplicate_precedence, Op}, St)};
        endsymbol ->
            {Table, add_error(Where, {precedence_op_is_endsymbol, Op}, St)};
        unknown ->
            {Table, add_error(Where, {precedence_op_is_unknown, Op}, St)};
        _ -> {Table#{Op => Precedence}, St}
    end.

check_rules(G, #st{rules = []} = St) ->
    {G, add_error(none, no_grammar_rules, St)};
check_rules(G, #st{rules = Rules} = St0) ->
    {Found, St} = lists:mapfoldl(fun(R, S) -> check_rule(R, G, S) end, St0,
                                 lists:reverse(Rules)),
    Start = #rule{head = {}, body = [G#grammar.root]},
    {G#grammar{rules = list_to_tuple([Start | Found])}, St}.

check_rule({{Head, Where}, Body, Action}, G, St0) ->
    Rule = #rule{head = Head, place = Where, action = Action,
                 body = [N || {N, _} <- Body, N =/= '$empty']},
    St = case kind(Head, G) of
             nonterminal -> check_body(Body, G, St0);
             _ -> add_error(Where, {undefined_nonterminal, Head}, St0)
         end,
    {Rule, St}.

check_body([{'$empty', _}], _, St) -> St;
check_body([{'$empty', Where} | _], _, St) ->
    add_error(Where, illegal_empty, St);
check_body(Body, G, St) ->
    add_errors([{Where, case Name of
                            '$empty' -> illegal_empty;
                            _ -> {undefined_symbol, Name}
                        end} || {Name, Where} <- Body,
                                not is_symbol(kind(Name, G))], St).

is_symbol(Kind) -> Kind =:= terminal orelse Kind =:= nonterminal.

%% Symbols that no state reaches, nonterminals that are used without a rule.
check_usage(#grammar{places = Places, rules = Rules} = G, Used, St0) ->
    At = fun(Tag, Names) -> [{map_get(N, Places), {Tag, N}} || N <- Names] end,
    Idle = G#grammar.nonterminals -- Used,
    Heads = [H || #rule{head = H} <- tuple_to_list(Rules)],
    St1 = lists:foldl(fun({Where, W}, St) -> add_warning(Where, W, St) end, St0,
                      At(unused_nonterminal, Idle)
                      ++ At(unused_terminal, G#grammar.terminals -- Used)),
    add_errors(At(missing_syntax_rule,
                  (G#grammar.nonterminals -- Heads) -- Idle), St1).

add_conflicts(G, States, {ShiftReduce, Fatal, Unsolved}, St0) ->
    St1 = add_errors([{none, {conflict, C}} || C <- Fatal], St0),
    St2 = case {ShiftReduce, Unsolved} of
              {N, 0} when N =:= G#grammar.expect -> St1;
              _ -> add_warning(none, {conflicts, ShiftReduce, Unsolved}, St1)
          end,
    case G#grammar.states of
        N1 when N1 =:= undefined; N1 =:= States -> St2;
        N1 -> add_warning(none, {n_states, N1, States}, St2)
    end.

add_error(Where, What, #st{file = File, errors = Es} = St) ->
    St#st{errors = [{File, {Where, ?MODULE, What}} | Es]}.

add_errors(Found, St0) ->
    lists:foldl(fun({Where, E}, St) -> add_error(Where, E, St) end, St0, Found).

add_warning(Where, What, #st{file = File, warnings = Ws} = St) ->
    St#st{warnings = [{File, {Where, ?MODULE, What}} | Ws]}.

%% ---- Texts ----

-spec format_error(term()) -> io_lib:chars().
format_error({conflict, Conflict}) -> yecc_states:format_conflict(Conflict);
format_error({conflicts, SR, RR}) ->
    io_lib:format("conflicts: ~w shift/reduce, ~w reduce/reduce", [SR, RR]);
format_error({error, Module, Error}) -> Module:format_error(Error);
format_error({file_error, Reason}) ->
    io_lib:format("~ts", [file:format_error(Reason)]);
format_error({n_states, Expected, N}) ->
    io_lib:format("expected ~w states, but got ~p states", [Expected, N]);
format_error({duplicate_declaration, Tag}) ->
    io_lib:format("duplicate declaration of ~s", [Tag]);
format_error({reserved, Name}) ->
    io_lib:format("the use of ~w should be avoided", [Name]);
format_error({bad_symbol, String}) ->
    io_lib:format("bad symbol ~ts", [String]);
format_error({undefined_pseudo_variable, Atom}) ->
    io_lib:format("undefined pseudo variable ~w", [Atom]);
format_error({Tag, Symbol}) ->
    io_lib:format(symbol_error(Tag), [yecc_states:format_symbol(Symbol)]);
format_error(Plain) -> plain_error(Plain).

plain_error(bad_declaration) -> "unknown or bad declaration, ignored";
plain_error(illegal_empty) -> "illegal use of empty symbol";
plain_error(no_grammar_rules) -> "grammar rules are missing";
plain_error(nonterminals_missing) -> "Nonterminals is missing";
plain_error(rootsymbol_missing) -> "Rootsymbol is missing";
plain_error(terminals_missing) -> "Terminals is missing";
plain_error(cannot_parse) -> "cannot parse; possibly encoding mismatch".

symbol_error(bad_expect) -> "argument ~ts of Expect is not an integer";
symbol_error(bad_rootsymbol) -> "rootsymbol ~ts is not a nonterminal";
symbol_error(bad_states) -> "argument ~ts of States is not an integer";
symbol_error(duplicate_nonterminal) -> "duplicate non-terminals ~ts";
symbol_error(duplicate_precedence) -> "duplicate precedence operator ~ts";
symbol_error(duplicate_terminal) -> "duplicate terminal ~ts";
symbol_error(endsymbol_is_nonterminal) -> "endsymbol ~ts is a nonterminal";
symbol_error(endsymbol_is_terminal) -> "endsymbol ~ts is a terminal";
symbol_error(missing_syntax_rule) ->
    "no syntax rule for non-terminal symbol ~ts";
symbol_error(precedence_op_is_endsymbol) ->
    "precedence operator ~ts is endsymbol";
symbol_error(precedence_op_is_unknown) -> "unknown precedence operator ~ts";
symbol_error(symbol_terminal_and_nonterminal) ->
    "symbol ~ts is both a terminal and nonterminal";
symbol_error(undefined_nonterminal) -> "undefined nonterminal: ~ts";
symbol_error(undefined_symbol) -> "undefined rhs symbol ~ts";
symbol_error(unused_nonterminal) -> "non-terminal symbol ~ts not used";
symbol_error(unused_terminal) -> "terminal symbol ~ts not used".
