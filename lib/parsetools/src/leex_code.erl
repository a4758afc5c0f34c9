%% SPDX-License-Identifier: Apache-2.0
%% leex_code: the text of a scanner.
%%
%% It is leexinc.hrl, or the user's own include file, whose lines ##module,
%% ##code, ##dfa and ##actions make room for what belongs to this scanner.
-module(leex_code).

-export([module/2, graph/1]).

-include("leex.hrl").

-spec module(#scanner{}, [leex_dfa:state()]) -> iolist().
module(#scanner{includefile = Include} = S, Dfa) ->
    case parsetools_job:read(Include) of
        {ok, Text, _} ->
            [directive(Include, 0, S)
             | lines(string:split(Text, "\n", all), 1, S, Dfa)];
        {bad, Text, _} ->
            throw({in, Include, {parsetools_job:last_line(Text),
                                 cannot_parse}});
        {error, Reason} -> throw({none, Reason})
    end.

lines([], _, _, _) -> [];
lines([""], _, _, _) -> [];
lines([Line | More], N, S, Dfa) ->
    [case Line of
         "##mod" ++ _ -> io_lib:format("-module(~tw).\n", [S#scanner.module]);
         "##cod" ++ _ -> [code(S), directive(S#scanner.includefile, N, S)];
         "##dfa" ++ _ -> [dfa(Dfa), directive(S#scanner.includefile, N, S)];
         "##act" ++ _ -> actions(S);
         _ -> [Line, $\n]
     end | lines(More, N + 1, S, Dfa)].

code(#scanner{code = Text, code_line = Line, infile = In} = S) ->
    [directive(In, Line - 1, S), Text, $\n].

%% The line that follows is number Line + 1.
directive(File, Line, #scanner{options = Options}) ->
    io_lib:format("-file(~ts, ~w).\n",
                  [parsetools_job:file_name(File, Options), max(Line, 0)]).

%% ---- The automaton ----

dfa([{Start, _, _} | _] = Dfa) ->
    [io_lib:format("yystate() -> ~w.\n\n", [Start]),
     [state(S) || S <- Dfa],
     "yystate(S, Ics, Line, Tlen, Action, Alen) ->\n"
     "    {Action,Alen,Tlen,Ics,Line,S}.\n"].

state({N, none, Trans}) ->
    [clause(N, E, "Action", "Alen") || E <- edges(Trans)];
state({N, Accept, Trans}) ->
    Rule = integer_to_list(Accept),
    [[clause(N, E, Rule, "Tlen") || E <- edges(Trans)],
     io_lib:format("yystate(~w, Ics, Line, Tlen, _, _) ->\n"
                   "    {~s,Tlen,Ics,Line~s};\n",
                   [N, Rule, case Trans of
                                 [] -> "";
                                 _ -> [$, | integer_to_list(N)]
                             end])].

%% A new line has an edge of its own: lines are counted there.
edges(Trans) -> lists:flatmap(fun apart/1, Trans).

apart({{A, B}, To}) when A =< $\n, $\n =< B ->
    [{R, To} || {C, D} = R <- [{A, $\n - 1}, {$\n, $\n}, {$\n + 1, B}], C =< D];
apart(Edge) -> [Edge].

clause(N, {Range, To}, Rule, Length) ->
    {Pattern, Guard, Line} =
        case Range of
            {$\n, $\n} -> {"10", "", "Line+1"};
            {C, C} -> {integer_to_list(C), "", "Line"};
            {A, maxchar} ->
                {"C", io_lib:format(" when C >= ~w", [A]), "Line"};
            {A, B} ->
                {"C", io_lib:format(" when C >= ~w, C =< ~w", [A, B]), "Line"}
        end,
    Unused = case Rule of
                 "Action" -> "Action, Alen";
                 _ -> "_, _"
             end,
    io_lib:format("yystate(~w, [~s|Ics], Line, Tlen, ~s)~s ->\n"
                  "    yystate(~w, Ics, ~s, Tlen+1, ~s, ~s);\n",
                  [N, Pattern, Unused, Guard, To, Line, Rule, Length]).

%% ---- Actions ----

actions(#scanner{rules = Rules} = S) ->
    [[select(N, Tokens) || {N, _, Tokens} <- Rules],
     "yyaction(_, _, _, _) -> error.\n",
     [action(N, Tokens, S) || {N, _, [_ | _] = Tokens} <- Rules]].

select(N, []) -> io_lib:format("yyaction(~w, _, _, _) -> skip_token;\n", [N]);
select(N, Tokens) ->
    Used = used(Tokens),
    Is = fun(V) -> lists:member(V, Used) end,
    Chars = Is("TokenChars"),
    io_lib:format("yyaction(~w, ~s, ~s, ~s) ->\n~s    yyaction_~w(~s);\n",
                  [N,
                   if_used(Chars orelse Is("TokenLen"), "TokenLen"),
                   if_used(Chars, "YYtcs"),
                   if_used(Is("TokenLine"), "TokenLine"),
                   if
                       Chars -> "    TokenChars = yypre(YYtcs, TokenLen),\n";
                       true -> ""
                   end,
                   N, lists:join(", ", Used)]).

if_used(true, Name) -> Name;
if_used(false, _) -> "_".

used(Tokens) ->
    [V || V <- ["TokenChars", "TokenLen", "TokenLine"],
          lists:any(fun({var, _, Name}) -> atom_to_list(Name) =:= V;
                       (_) -> false
                    end, Tokens)].

%% The action's first token gets the line that it has in the source.
action(N, [First | _] = Tokens, #scanner{infile = In} = S) ->
    Used = used(Tokens),
    ["\n-compile({inline,yyaction_", integer_to_list(N), "/",
     integer_to_list(length(Used)), "}).\n",
     directive(In, erl_scan:line(First) - 2, S),
     io_lib:format("yyaction_~w(~s) ->\n   ", [N, lists:join(", ", Used)]),
     [erl_scan:text(T) || T <- Tokens], ".\n"].

%% ---- For graphviz ----

graph([{Start, _, _} | _] = Dfa) ->
    ["digraph DFA {\n",
     [io_lib:format("  ~w [shape=~s~s];\n",
                    [N, case Accept of none -> "circle"; _ -> "doublecircle" end,
                     case N of Start -> " color=green"; _ -> "" end])
      || {N, Accept, _} <- Dfa],
     [io_lib:format("  ~w -> ~w [label=\"~ts\"];\n", [N, To, label(R)])
      || {N, _, Trans} <- Dfa, {R, To} <- Trans],
     "}\n"].

label({C, C}) -> quoted(C);
label({A, B}) -> ["[", quoted(A), "-", quoted(B), "]"].

quoted(maxchar) -> "MAXCHAR";
quoted(C) when C > $\s, C < 127, C =/= $", C =/= $\\ -> [C];
quoted(C) -> io_lib:format("\\\\x{~.16b}", [C]).
