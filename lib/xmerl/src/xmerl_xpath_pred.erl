%% SPDX-License-Identifier: Apache-2.0
%% Expressions of XPath: operators, conversions and the core functions. A
%% value is an #xmlObj{}. Where OTP's answers differ from the XPath standard
%% (all four order operators compare as >, no string is
%% a number) they are OTP's.
-module(xmerl_xpath_pred).
-export([eval/2, call/3, core_function/1]).
-export([boolean/1, boolean/2, ceiling/2, concat/2, contains/2, count/2,
         floor/2, fn_false/2, fn_not/2, fn_true/2, id/2, lang/2, last/2,
         'local-name'/2, 'namespace-uri'/2, name/2, nodeset/1,
         'normalize-space'/2, number/1, number/2, position/2, round/2,
         'starts-with'/2, string/1, string/2, 'string-length'/2,
         substring/2, 'substring-after'/2, 'substring-before'/2, sum/2,
         translate/2]).
-include("xmerl.hrl").
-include("xmerl_xpath.hrl").

%% Does the predicate hold for the context's node: a number is a position.
eval(Expr, #xmlContext{context_node = #xmlNode{pos = Pos}} = C) ->
    case value(Expr, C) of
        #xmlObj{type = number, value = N} -> N == Pos;
        Obj -> mk_boolean(C, Obj)
    end.

string(X) -> #xmlObj{type = string, value = X}.
nodeset(X) -> #xmlObj{type = nodeset, value = X}.
number(X) -> #xmlObj{type = number, value = X}.
boolean(X) -> #xmlObj{type = boolean, value = X}.

value({arith, Op, E1, E2}, C) ->
    number(arithmetic(Op, mk_number(C, E1), mk_number(C, E2)));
value({comp, Op, E1, E2}, C) ->
    boolean(compare(Op, value(E1, C), value(E2, C), C));
value({bool, 'or', E1, E2}, C) ->
    boolean(mk_boolean(C, E1) or mk_boolean(C, E2));
value({bool, 'and', E1, E2}, C) ->
    boolean(mk_boolean(C, E1) and mk_boolean(C, E2));
value({negative, E}, C) -> - mk_number(C, E);
value({number, N}, _) -> number(N);
value({literal, Text}, _) -> string(Text);
value({function_call, F, Args}, C) -> call(F, Args, C);
value({path, Type, Path}, C) ->
    #state{context = #xmlContext{nodeset = Nodes}} =
        xmerl_xpath:eval_path(Type, Path, C),
    nodeset(Nodes);
value(Expr, _) -> exit({unknown_expr, Expr}).

arithmetic('+', A, B) -> A + B;
arithmetic('-', A, B) -> A - B;
arithmetic('*', A, B) -> A * B;
arithmetic('div', A, B) -> A / B;
arithmetic(mod, A, B) -> A rem B.

compare('=', A, B, C) -> equal(A, B, C) == equal(B, A, C);
compare('!=', A, B, C) -> equal(A, B, C) /= equal(B, A, C);
compare(_, A, B, C) -> order(A, B, C) > order(B, A, C).

%% What A is compared as, beside B.
equal(#xmlObj{type = T1} = A, #xmlObj{type = T2} = B, C) ->
    Has = fun(T) -> T1 =:= T orelse T2 =:= T end,
    case {Has(nodeset), Has(boolean), Has(number)} of
        {true, _, _} -> of_nodes(A, B, C);
        {_, true, _} -> mk_boolean(C, A);
        {_, _, true} -> mk_number(C, A);
        _ -> mk_string(C, string_value(A))
    end.

order(#xmlObj{type = T1} = A, #xmlObj{type = T2} = B, C) ->
    case T1 =:= nodeset orelse T2 =:= nodeset of
        true -> of_nodes(A, B, C);
        false -> mk_number(C, A)
    end;
order(A, _, C) -> mk_number(C, A).

of_nodes(#xmlObj{type = nodeset} = A, #xmlObj{type = Type}, C) ->
    case Type of
        number -> mk_number(C, string_value(A));
        boolean -> mk_boolean(C, A);
        _ -> mk_string(C, string_value(A))
    end;
of_nodes(#xmlObj{type = number} = A, _, C) -> mk_number(C, A);
of_nodes(#xmlObj{type = boolean} = A, _, C) -> mk_boolean(C, A);
of_nodes(#xmlObj{type = string} = A, _, C) -> mk_string(C, A).

%% Functions

call(F, Args, C) ->
    case core_function(F) of
        {true, Name} -> ?MODULE:Name(C, Args);
        true -> ?MODULE:F(C, Args);
        false -> exit({not_a_core_function, F})
    end.

core_function('not') -> {true, fn_not};
core_function(true) -> {true, fn_true};
core_function(false) -> {true, fn_false};
core_function(F) ->
    lists:member(F, [last, position, count, id, 'local-name',
                     'namespace-uri', name, string, concat, 'starts-with',
                     contains, 'substring-before', 'substring-after',
                     substring, 'string-length', 'normalize-space',
                     translate, boolean, lang, number, sum, floor, ceiling,
                     round])
        andalso F =/= substring.

last(#xmlContext{nodeset = Nodes}, []) -> number(length(Nodes)).

position(#xmlContext{context_node = #xmlNode{pos = Pos}}, []) -> number(Pos).

count(C, [Arg]) -> number(length(mk_nodeset(C, Arg))).

id(#xmlContext{whole_document = Root} = C, [Arg]) ->
    case mk_object(C, Arg) of
        #xmlObj{type = nodeset, value = Nodes} ->
            Ids = lists:append([ids(string_value(N))
                                || N <- lists:reverse(Nodes)]),
            Test = fun(#xmlNode{node = N}, _) -> has_id(N, Ids) end,
            nodeset(xmerl_xpath:axis(descendant_or_self, Test,
                                     C#xmlContext{nodeset = [Root]}));
        #xmlObj{value = Value} ->
            #xmlNode{node = #xmlDocument{content = Content}} = Root,
            nodeset(lists:foldl(fun(Id, Acc) -> with_id([Content], Id, Acc)
                                end, [], ids(string_value(Value))))
    end.

ids(#xmlObj{type = string, value = Text}) -> string:tokens(Text, " \t\n\r").

has_id(#xmlElement{attributes = As}, Ids) ->
    case lists:keyfind(id, #xmlAttribute.name, As) of
        #xmlAttribute{value = Id} -> lists:member(Id, Ids);
        false -> false
    end;
has_id(_, _) -> false.

with_id([#xmlElement{content = Content} = E | Rest], Id, Acc) ->
    Acc1 = case has_id(E, [Id]) of true -> [E | Acc]; false -> Acc end,
    with_id(Rest, Id, with_id(Content, Id, Acc1));
with_id([#xmlText{} | Rest], Id, Acc) -> with_id(Rest, Id, Acc);
with_id([], _, Acc) -> Acc.

'local-name'(C, Args) -> local_name(given(C, Args)).

local_name([]) -> string([]);
local_name([#xmlNode{type = element, node = E} | _]) -> local_name([E]);
local_name([#xmlNode{type = attribute, node = A} | _]) ->
    local(A#xmlAttribute.name, A#xmlAttribute.nsinfo);
local_name([#xmlNode{type = namespace, node = N} | _]) ->
    string(N#xmlNsNode.prefix);
local_name([#xmlElement{name = Name, nsinfo = Info} | _]) ->
    local(Name, Info).

local(_, {_, Local}) -> string(Local);
local(Name, []) -> string(atom_to_list(Name)).

'namespace-uri'(C, Args) -> uri(given(C, Args)).

uri([#xmlElement{nsinfo = Info, namespace = Space} | _]) -> uri(Info, Space);
uri([#xmlNode{type = element, node = E} | _]) -> uri([E]);
uri([#xmlNode{type = attribute, node = A} | _]) ->
    uri(A#xmlAttribute.nsinfo, A#xmlAttribute.namespace);
uri(_) -> string([]).

uri({Prefix, _}, #xmlNamespace{nodes = Nodes}) ->
    case lists:keyfind(Prefix, 1, Nodes) of
        {_, URI} -> string_value(URI);
        false -> string([])
    end;
uri([], _) -> string([]).

name(C, Args) ->
    case given(C, Args) of
        [] -> string([]);
        Nodes ->
            #xmlObj{value = Local} = local_name(Nodes),
            case uri(Nodes) of
                #xmlObj{value = []} -> string(Local);
                #xmlObj{value = URI} -> string("{" ++ URI ++ "}" ++ Local)
            end
    end.

string(#xmlContext{context_node = N}, []) -> string_value(N);
string(C, [Arg]) -> string_value(mk_object(C, Arg)).

concat(C, [_, _ | _] = Args) ->
    string(lists:append([mk_string(C, A) || A <- Args])).

'starts-with'(C, [A, B]) ->
    boolean(lists:prefix(mk_string(C, B), mk_string(C, A))).

contains(C, [A, B]) ->
    boolean(string:str(mk_string(C, A), mk_string(C, B)) > 0).

'substring-before'(C, [A, B]) ->
    Text = mk_string(C, A),
    string(string:substr(Text, 1, string:str(Text, mk_string(C, B)))).

'substring-after'(C, [A, B]) ->
    Text = mk_string(C, A),
    case string:str(Text, mk_string(C, B)) of
        0 -> string([]);
        Pos -> string(string:substr(Text, Pos))
    end.

substring(C, [A, From]) ->
    string(string:substr(mk_string(C, A), mk_integer(C, From)));
substring(C, [A, From, Length]) ->
    string(string:substr(mk_string(C, A), mk_integer(C, From),
                         mk_integer(C, Length))).

'string-length'(#xmlContext{context_node = N} = C, []) ->
    length(mk_string(C, string_value(N)));
'string-length'(C, [Arg]) -> length(mk_string(C, Arg)).

'normalize-space'(#xmlContext{context_node = N} = C, []) ->
    normalize(mk_string(C, string_value(N)));
'normalize-space'(C, [Arg]) -> normalize(mk_string(C, Arg)).

%% White space at the head goes, the rest is as accumulate_whitespace of the
%% scanner has it: one blank at the very end goes.
normalize([C | T]) when ?whitespace(C) -> normalize(T);
normalize(Text) -> lists:reverse(trimmed(normalize(Text, []))).

normalize([$\r, $\n | T], Acc) -> normalize([$\n | T], Acc);
normalize([$\r | T], Acc) -> normalize([$\n | T], Acc);
normalize([C | T], Acc) -> normalize(T, [C | Acc]);
normalize([], Acc) -> Acc.

trimmed([$\s | Acc]) -> Acc;
trimmed(Acc) -> Acc.

translate(C, [A, From, To]) ->
    Map = translations(mk_string(C, From), mk_string(C, To)),
    string(lists:append([case lists:keyfind(Ch, 1, Map) of
                             {_, New} -> New;
                             false -> [Ch]
                         end || Ch <- mk_string(C, A)])).

translations([H | T], [H1 | T1]) -> [{H, [H1]} | translations(T, T1)];
translations(Rest, []) -> [{C, []} || C <- Rest];
translations([], _) -> [].

boolean(C, [Arg]) -> boolean(mk_boolean(C, Arg)).
fn_not(C, [Arg]) -> boolean(not mk_boolean(C, Arg)).
fn_true(_, []) -> boolean(true).
fn_false(_, []) -> boolean(false).

lang(#xmlContext{context_node = N} = C, [Arg]) ->
    Wanted = string:to_upper(mk_string(C, Arg)),
    case language(N) of
        [] -> boolean(false);
        Language ->
            case lists:prefix(Wanted, string:to_upper(Language)) of
                true ->
                    Rest = lists:nthtail(length(Wanted), Language),
                    boolean(Rest =:= [] orelse hd(Rest) =:= $-);
                false -> boolean(false)
            end
    end.

language(#xmlElement{language = L}) -> L;
language(#xmlAttribute{language = L}) -> L;
language(#xmlText{language = L}) -> L;
language(#xmlComment{language = L}) -> L;
language(_) -> [].

number(#xmlContext{context_node = N} = C, []) ->
    number(mk_number(C, string(C, N)));
number(C, [Arg]) -> number(mk_number(C, Arg)).

sum(C, [Arg]) ->
    lists:sum([mk_number(C, string(C, N)) || N <- mk_nodeset(C, Arg)]).

floor(C, [Arg]) -> number(erlang:floor(mk_number(C, Arg))).

ceiling(C, [Arg]) -> number(erlang:ceil(mk_number(C, Arg))).

round(C, [Arg]) ->
    case mk_number(C, Arg) of
        F when is_float(F) -> erlang:round(F);
        N -> N
    end.

%% Conversions

given(#xmlContext{context_node = N}, []) -> [N];
given(C, [Arg]) -> mk_nodeset(C, Arg).

mk_nodeset(_, #xmlContext{nodeset = Nodes}) -> Nodes;
mk_nodeset(_, #xmlObj{type = nodeset, value = Nodes}) -> Nodes;
mk_nodeset(C, Expr) ->
    case value(Expr, C) of
        #xmlObj{type = nodeset, value = Nodes} -> Nodes;
        Other -> exit({expected_nodeset, Other})
    end.

mk_object(_, #xmlObj{} = Obj) -> Obj;
mk_object(C, Expr) -> value(Expr, C).

mk_string(_, #xmlObj{type = string, value = Text}) -> Text;
mk_string(C, #xmlObj{} = Obj) -> mk_string(C, string_value(Obj));
mk_string(C, Expr) -> mk_string(C, value(Expr, C)).

mk_integer(_, #xmlObj{type = number, value = N}) -> erlang:round(N);
mk_integer(C, Expr) -> mk_integer(C, value(Expr, C)).

mk_number(_, #xmlObj{type = string}) -> 'NaN';
mk_number(_, #xmlObj{type = number, value = N}) -> N;
mk_number(C, #xmlObj{type = nodeset} = Obj) ->
    mk_number(C, string_value(Obj));
mk_number(_, #xmlObj{type = boolean, value = false}) -> 0;
mk_number(_, #xmlObj{type = boolean, value = true}) -> 1;
mk_number(C, Expr) -> mk_number(C, value(Expr, C)).

mk_boolean(_, #xmlObj{type = boolean, value = B}) -> B;
mk_boolean(_, #xmlObj{type = number, value = N}) when is_number(N) ->
    N =/= 0;
mk_boolean(_, #xmlObj{type = Type, value = V})
  when Type =:= nodeset; Type =:= string -> V =/= [];
mk_boolean(C, Expr) -> mk_boolean(C, value(Expr, C)).

string_value(#xmlObj{type = nodeset, value = []}) -> string("");
string_value(#xmlObj{type = nodeset, value = [N | _]}) -> string_value(N);
string_value(#xmlObj{value = Value}) -> string_value(Value);
string_value(#xmlNode{type = attribute, node = #xmlAttribute{value = V}}) ->
    string(V);
string_value(#xmlNode{type = namespace, node = #xmlNsNode{uri = URI}}) ->
    string(atom_to_list(URI));
string_value(#xmlNode{type = element, node = E}) ->
    string(lists:flatten(lists:map(fun text/1, E#xmlElement.content)));
string_value(#xmlNode{type = text, node = #xmlText{value = V}}) -> string(V);
string_value(#xmlNode{type = comment, node = #xmlComment{value = V}}) ->
    string(V);
string_value(infinity) -> string("Infinity");
string_value(neg_infinity) -> string("-Infinity");
string_value(A) when is_atom(A) -> string(atom_to_list(A));
string_value(N) when is_integer(N) -> string(integer_to_list(N));
string_value(F) when is_float(F) -> string(decimal(F));
string_value(Text) when is_list(Text) -> string(Text).

%% Texts below the first element of a level only: a list of content has no
%% text by itself.
text(#xmlText{value = Text}) -> Text;
text(_) -> [].

%% Fifteen places, without the zeroes at their end.
decimal(F) ->
    Digits = lists:reverse(integer_to_list(erlang:round(F * 1.0e16))),
    places(Digits, 15, []).

places([H | T], 0, Acc) -> lists:reverse(T) ++ [$., H | Acc];
places([$0 | T], N, []) -> places(T, N - 1, []);
places([H | T], N, Acc) -> places(T, N - 1, [H | Acc]).
