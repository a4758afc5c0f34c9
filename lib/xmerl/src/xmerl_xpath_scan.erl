%% SPDX-License-Identifier: Apache-2.0
%% Splits an XPath expression into tokens {Category, 1, Value}. Abbreviations
%% are written out (// is /descendant-or-self::node()/), and * and names are
%% operators or not by the token before them, as XPath says.
-module(xmerl_xpath_scan).
-export([tokens/1, scan_number/1]).
-include("xmerl.hrl").

tokens(Text) -> tokens(blanks(Text), []).

tokens([], Acc) -> lists:reverse(Acc, [{'$end', 1, '$end'}]);
tokens(Text, Acc) ->
    case token(Text, Acc) of
        {rescan, Long} -> tokens(Long, Acc);
        {Token, Rest} -> tokens(blanks(Rest), [Token | Acc])
    end.

blanks([C | T]) when ?whitespace(C) -> blanks(T);
blanks(T) -> T.

token(".." ++ T, _) -> {rescan, "parent::node()" ++ T};
token("@" ++ T, _) -> {rescan, "attribute::" ++ T};
token("//" ++ T, _) -> {rescan, "/descendant-or-self::node()/" ++ T};
token("::" ++ T, _) -> sign('::', T);
token("!=" ++ T, _) -> sign('!=', T);
token("<=" ++ T, _) -> sign('<=', T);
token(">=" ++ T, _) -> sign('>=', T);
token("*" ++ T, Acc) ->
    case operand_next(Acc) of
        true -> sign(wildcard, T);
        false -> sign('*', T)
    end;
token([C | _] = T, _) when C >= $0, C =< $9 -> scan_number(T);
token([$., C | _] = T, _) when C >= $0, C =< $9 -> scan_number(T);
token("." ++ T, _) -> {rescan, "self::node()" ++ T};
token("$" ++ T, _) ->
    {{Prefix, Local}, Rest} = name(T),
    {{var_reference, 1, list_to_atom(qualified(Prefix, Local))}, Rest};
token([Quote | T], _) when Quote =:= $"; Quote =:= $' ->
    {Literal, [_ | Rest]} = lists:splitwith(fun(C) -> C =/= Quote end, T),
    {{literal, 1, Literal}, Rest};
token([C | T] = Text, Acc) ->
    case lists:member(C, "()[],/|+-=<>") of
        true -> sign(list_to_atom([C]), T);
        false -> word(name(Text), operand_next(Acc), Acc)
    end.

sign(Sign, T) -> {{Sign, 1, Sign}, T}.

%% Can no operator stand here.
operand_next([]) -> true;
operand_next([{Category, _, _} | _]) ->
    lists:member(Category, ['::', ',', '(', '[', '/', '|', '+', '-', '=',
                            '!=', '<', '<=', '>', '>=', 'and', 'or', mod,
                            'div']).

qualified([], Local) -> Local;
qualified(Prefix, Local) -> Prefix ++ ":" ++ Local.

word({Name, T}, true, []) -> operand(Name, T);
word({Name, T}, true, _) -> operand(Name, blanks(T));
word({{[], Name}, T}, false, _) ->
    true = lists:member(Name, ["and", "or", "mod", "div"]),
    sign(list_to_atom(Name), T).

operand({Prefix, []}, "*" ++ T) -> {{prefix_test, 1, Prefix}, T};
operand({[], "processing-instruction"}, "(" ++ _ = T) ->
    sign('processing-instruction', T);
operand({[], Name}, "(" ++ _ = T)
  when Name =:= "comment"; Name =:= "text"; Name =:= "node" ->
    {{node_type, 1, list_to_atom(Name)}, T};
operand({Prefix, Local}, "(" ++ _ = T) ->
    {{function_name, 1, list_to_atom(Prefix ++ Local)}, T};
operand({[], Name}, "::" ++ _ = T) ->
    true = lists:member(Name,
                        ["ancestor-or-self", "ancestor", "attribute",
                         "child", "descendant-or-self", "descendant",
                         "following-sibling", "following", "namespace",
                         "parent", "preceding-sibling", "preceding",
                         "self"]),
    {{axis, 1, list_to_atom([case C of $- -> $_; _ -> C end || C <- Name])},
     T};
operand({Prefix, Local}, T) ->
    {{name, 1, {list_to_atom(qualified(Prefix, Local)), Prefix, Local}}, T}.

name([C, Next | T]) when C =:= $:; C =:= $_ ->
    if ?whitespace(Next) -> exit({invalid_name, [C, Next, '...']});
       true -> prefix(T, [Next, C])
    end;
name([C | T]) ->
    case xmerl_chars:is_letter(C) of
        true -> prefix(T, [C]);
        false -> exit({invalid_name, lists:sublist([C | T], 6)})
    end;
name(T) -> exit({invalid_name, T}).

prefix("::" ++ _ = T, Acc) -> {{[], lists:reverse(Acc)}, T};
prefix(":" ++ T, Acc) ->
    {Local, Rest} = lists:splitwith(fun xmerl_chars:is_namechar/1, T),
    {{lists:reverse(Acc), Local}, Rest};
prefix([C | T] = Text, Acc) ->
    case xmerl_chars:is_namechar(C) of
        true -> prefix(T, [C | Acc]);
        false -> {{[], lists:reverse(Acc)}, Text}
    end;
prefix([], Acc) -> {{[], lists:reverse(Acc)}, []}.

scan_number(T) ->
    Digit = fun(C) -> C >= $0 andalso C =< $9 end,
    case lists:splitwith(Digit, T) of
        {Whole, "." ++ T1} ->
            {Part, Rest} = lists:splitwith(Digit, T1),
            Head = case Whole of [] -> "0"; _ -> Whole end,
            {{number, 1, list_to_float(Head ++ "." ++ Part)}, Rest};
        {Whole, Rest} -> {{number, 1, list_to_integer(Whole)}, Rest}
    end.
