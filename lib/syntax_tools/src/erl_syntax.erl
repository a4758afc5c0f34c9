%% SPDX-License-Identifier: Apache-2.0
%% Syntax trees of Erlang: the Abstract Format, and trees of the same types
%% that also hold what forms cannot: comments, annotations, text, macros.
%%
%% A node is a form as it is, or a #tree{}, or a form in a #wrapper{} when it
%% got attributes. The data of a #tree{} are one value, or a tuple named as
%% its type; unfold/1 makes the same data of a form, so that there is one way
%% to look into both. erl_syntax_forms knows forms, erl_syntax_groups the
%% children of each type.
-module(erl_syntax).
-export([type/1, is_leaf/1, is_form/1, is_literal/1, abstract/1, concrete/1,
         revert/1, revert_forms/1, subtrees/1, make_tree/2, update_tree/2,
         meta/1, get_pos/1, set_pos/2, copy_pos/2, get_precomments/1,
         set_precomments/2, add_precomments/2, get_postcomments/1,
         set_postcomments/2, add_postcomments/2, has_comments/1,
         remove_comments/1, copy_comments/2, join_comments/2, get_ann/1,
         set_ann/2, add_ann/2, copy_ann/2, get_attrs/1, set_attrs/2,
         copy_attrs/2, flatten_form_list/1, cons/2, list_head/1, list_tail/1,
         is_list_skeleton/1, is_proper_list/1, list_elements/1, list_length/1,
         normalize_list/1, compact_list/1, annotated_type/2,
         annotated_type_name/1, annotated_type_body/1, application/2,
         application/3, application_arguments/1, application_operator/1,
         arity_qualifier/2, arity_qualifier_argument/1,
         arity_qualifier_body/1, atom/1, is_atom/2, atom_value/1,
         atom_literal/1, atom_literal/2, atom_name/1, attribute/1,
         attribute/2, attribute_arguments/1, attribute_name/1, binary/1,
         binary_comp/2, binary_comp_template/1, binary_comp_body/1,
         binary_field/1, binary_field/2, binary_field/3, binary_field_body/1,
         binary_field_types/1, binary_field_size/1, binary_fields/1,
         binary_generator/2, binary_generator_body/1,
         binary_generator_pattern/1, bitstring_type/2, bitstring_type_m/1,
         bitstring_type_n/1, block_expr/1, block_expr_body/1, case_expr/2,
         case_expr_argument/1, case_expr_clauses/1, catch_expr/1,
         catch_expr_body/1, char/1, is_char/2, char_value/1, char_literal/1,
         char_literal/2, clause/2, clause/3, clause_body/1, clause_guard/1,
         clause_patterns/1, comment/1, comment/2, comment_padding/1,
         comment_text/1, conjunction/1, conjunction_body/1,
         constrained_function_type/2, constrained_function_type_body/1,
         constrained_function_type_argument/1, constraint/2,
         constraint_argument/1, constraint_body/1, disjunction/1,
         disjunction_body/1, else_expr/1, else_expr_clauses/1, eof_marker/0,
         error_marker/1, error_marker_info/1, float/1, float_value/1,
         float_literal/1, form_list/1, form_list_elements/1, fun_expr/1,
         fun_expr_arity/1, fun_expr_clauses/1, fun_type/0, function/2,
         function_arity/1, function_clauses/1, function_name/1,
         function_type/1, function_type/2, function_type_arguments/1,
         function_type_return/1, generator/2, generator_body/1,
         generator_pattern/1, if_expr/1, if_expr_clauses/1, implicit_fun/1,
         implicit_fun/2, implicit_fun/3, implicit_fun_name/1, infix_expr/3,
         infix_expr_left/1, infix_expr_operator/1, infix_expr_right/1,
         integer/1, is_integer/2, integer_value/1, integer_literal/1,
         integer_range_type/2, integer_range_type_low/1,
         integer_range_type_high/1, list/1, list/2, list_comp/2,
         list_comp_body/1, list_comp_template/1, list_prefix/1, list_suffix/1,
         macro/1, macro/2, macro_arguments/1, macro_name/1, map_comp/2, map_comp_body/1,
         map_comp_template/1, map_generator/2, map_generator_body/1,
         map_generator_pattern/1, map_expr/1,
         map_expr/2, map_expr_argument/1, map_expr_fields/1,
         map_field_assoc/2, map_field_assoc_name/1, map_field_assoc_value/1,
         map_field_exact/2, map_field_exact_name/1, map_field_exact_value/1,
         map_type/0, map_type/1, map_type_fields/1, map_type_assoc/2,
         map_type_assoc_name/1, map_type_assoc_value/1, map_type_exact/2,
         map_type_exact_name/1, map_type_exact_value/1, match_expr/2,
         match_expr_body/1, match_expr_pattern/1, maybe_expr/1, maybe_expr/2,
         maybe_expr_body/1, maybe_expr_else/1, maybe_match_expr/2,
         maybe_match_expr_pattern/1, maybe_match_expr_body/1,
         module_qualifier/2, module_qualifier_argument/1,
         module_qualifier_body/1, named_fun_expr/2, named_fun_expr_arity/1,
         named_fun_expr_clauses/1, named_fun_expr_name/1, nil/0, operator/1,
         operator_literal/1, operator_name/1, parentheses/1,
         parentheses_body/1, prefix_expr/2, prefix_expr_argument/1,
         prefix_expr_operator/1, receive_expr/1, receive_expr/3,
         receive_expr_action/1, receive_expr_clauses/1,
         receive_expr_timeout/1, record_access/3, record_access_argument/1,
         record_access_field/1, record_access_type/1, record_expr/2,
         record_expr/3, record_expr_argument/1, record_expr_fields/1,
         record_expr_type/1, record_field/1, record_field/2,
         record_field_name/1, record_field_value/1, record_index_expr/2,
         record_index_expr_field/1, record_index_expr_type/1, record_type/2,
         record_type_name/1, record_type_fields/1, record_type_field/2,
         record_type_field_name/1, record_type_field_type/1, size_qualifier/2,
         size_qualifier_argument/1, size_qualifier_body/1, strict_binary_generator/2,
         strict_binary_generator_body/1, strict_binary_generator_pattern/1,
         strict_generator/2, strict_generator_body/1,
         strict_generator_pattern/1, strict_map_generator/2,
         strict_map_generator_body/1, strict_map_generator_pattern/1, string/1,
         is_string/2, string_value/1, string_literal/1, string_literal/2,
         text/1, text_string/1, try_expr/2, try_expr/3, try_expr/4,
         try_after_expr/2, try_expr_body/1, try_expr_clauses/1,
         try_expr_handlers/1, try_expr_after/1, tuple_type/0, tuple_type/1,
         tuple_type_elements/1, type_application/2, type_application/3,
         type_application_name/1, type_application_arguments/1, type_union/1,
         type_union_types/1, typed_record_field/2, typed_record_field_body/1,
         typed_record_field_type/1, class_qualifier/2, class_qualifier/3,
         class_qualifier_argument/1, class_qualifier_body/1,
         class_qualifier_stacktrace/1, tuple/1, tuple_elements/1,
         tuple_size/1, underscore/0, user_type_application/2,
         user_type_application_name/1, user_type_application_arguments/1,
         variable/1, variable_name/1, variable_literal/1, warning_marker/1,
         warning_marker_info/1, zip_generator/1, zip_generator_body/1, tree/1, tree/2, data/1, is_tree/1]).
-export([unfold/1]).
-export_type([forms/0, syntaxTree/0, syntaxTreeAttributes/0, padding/0]).
-compile({no_auto_import, [is_atom/2, is_integer/2, float/1, tuple_size/1]}).

-record(com, {pre = [], post = []}).
-record(attr, {pos = erl_anno:new(0), ann = [], com = none}).
-record(tree, {type, attr = #attr{}, data}).
-record(wrapper, {type, attr = #attr{}, tree}).

-type syntaxTree() :: #tree{} | #wrapper{} | tuple().
-type syntaxTreeAttributes() :: #attr{}.
-type forms() :: syntaxTree() | [syntaxTree()].
-type padding() :: none | integer().

%% Nodes

tree(Type) -> tree(Type, []).
tree(Type, Data) -> #tree{type = Type, data = Data}.

is_tree(Node) -> is_record(Node, tree).

data(#tree{data = Data}) -> Data;
data(Node) -> error({badarg, Node}).

wrap(#tree{} = Node) -> Node;
wrap(#wrapper{} = Node) -> Node;
wrap(Node) ->
    #wrapper{type = type(Node), attr = #attr{pos = get_pos(Node)},
             tree = Node}.

unwrap(#wrapper{tree = Node}) -> Node;
unwrap(Node) -> Node.

type(#tree{type = Type}) -> Type;
type(#wrapper{type = Type}) -> Type;
type(Node) -> erl_syntax_forms:type(Node).

%% The data of a tree, or of the tree that a form could be.
unfold(#tree{data = Data}) -> Data;
unfold(#wrapper{tree = Form}) -> erl_syntax_forms:unfold(Form);
unfold(Form) -> erl_syntax_forms:unfold(Form).

%% The data of a node of Type, where a tree is trusted to be one; field I of
%% such as are tuples.
value(_, #tree{data = Data}) -> Data;
value(Type, Node) ->
    case type(Node) of
        Type -> unfold(Node);
        _ -> error({badarg, Node})
    end.

part(Type, I, Node) ->
    case unfold(Node) of
        Data when element(1, Data) =:= Type -> element(I, Data);
        Data -> error({badrecord, Data})
    end.

is_leaf(Node) ->
    case type(Node) of
        map_expr -> unfold(Node) =:= {map_expr, none, []};
        map_type -> unfold(Node) =:= any_size;
        tuple_type -> unfold(Node) =:= any_size;
        tuple -> unfold(Node) =:= [];
        Type ->
            lists:member(Type,
                         [atom, char, comment, eof_marker, error_marker,
                          float, fun_type, integer, nil, operator, string,
                          text, underscore, variable, warning_marker])
    end.

is_form(Node) ->
    lists:member(type(Node),
                 [attribute, comment, function, eof_marker, error_marker,
                  form_list, warning_marker, text]).

%% Attributes

get_attrs(#tree{attr = Attr}) -> Attr;
get_attrs(#wrapper{attr = Attr}) -> Attr;
get_attrs(Node) -> #attr{pos = get_pos(Node)}.

set_attrs(Node, Attr) ->
    case wrap(Node) of
        #tree{} = Tree -> Tree#tree{attr = Attr};
        Wrapper -> Wrapper#wrapper{attr = Attr}
    end.

copy_attrs(From, To) -> set_attrs(To, get_attrs(From)).

get_pos(#tree{attr = Attr}) -> Attr#attr.pos;
get_pos(#wrapper{attr = Attr}) -> Attr#attr.pos;
get_pos({error, {Pos, _, _}}) -> Pos;
get_pos({warning, {Pos, _, _}}) -> Pos;
get_pos(Node) -> element(2, Node).

set_pos(Node, Pos) -> set_attrs(Node, (get_attrs(Node))#attr{pos = Pos}).
copy_pos(From, To) -> set_pos(To, get_pos(From)).

get_ann(Node) -> (attrs_or_none(Node))#attr.ann.
set_ann(Node, Ann) -> set_attrs(Node, (get_attrs(Node))#attr{ann = Ann}).
add_ann(A, Node) -> set_ann(Node, [A | get_ann(Node)]).
copy_ann(From, To) -> set_ann(To, get_ann(From)).

%% Forms have no attributes but a position, which need not be looked for.
attrs_or_none(#tree{attr = Attr}) -> Attr;
attrs_or_none(#wrapper{attr = Attr}) -> Attr;
attrs_or_none(_) -> #attr{pos = 0}.

get_com(Node) -> (attrs_or_none(Node))#attr.com.
set_com(Node, Com) -> set_attrs(Node, (get_attrs(Node))#attr{com = Com}).

comments(Node) ->
    case get_com(Node) of
        none -> #com{};
        Com -> Com
    end.

get_precomments(Node) -> (comments(Node))#com.pre.
set_precomments(Node, Cs) -> set_com(Node, (comments(Node))#com{pre = Cs}).
add_precomments(Cs, Node) ->
    set_precomments(Node, get_precomments(Node) ++ Cs).

get_postcomments(Node) -> (comments(Node))#com.post.
set_postcomments(Node, Cs) -> set_com(Node, (comments(Node))#com{post = Cs}).
add_postcomments(Cs, Node) ->
    set_postcomments(Node, get_postcomments(Node) ++ Cs).

has_comments(Node) -> comments(Node) =/= #com{}.

remove_comments(#tree{attr = A} = Node) ->
    Node#tree{attr = A#attr{com = none}};
remove_comments(#wrapper{attr = A} = Node) ->
    Node#wrapper{attr = A#attr{com = none}};
remove_comments(Node) -> Node.

copy_comments(From, To) -> set_com(To, get_com(From)).

join_comments(From, To) ->
    add_postcomments(get_postcomments(From),
                     add_precomments(get_precomments(From), To)).

%% Comments, forms, text

comment(Lines) -> comment(none, Lines).
comment(Padding, Lines) -> tree(comment, {comment, Padding, Lines}).
comment_padding(Node) -> part(comment, 2, Node).
comment_text(Node) -> part(comment, 3, Node).

text(Text) -> tree(text, Text).
text_string(Node) -> data(Node).

form_list(Forms) -> tree(form_list, Forms).
form_list_elements(Node) -> data(Node).

flatten_form_list(Node) ->
    copy_attrs(Node, form_list(flat_forms(form_list_elements(Node)))).

flat_forms(Forms) ->
    lists:flatmap(fun(F) ->
                          case type(F) of
                              form_list -> flat_forms(form_list_elements(F));
                              _ -> [F]
                          end
                  end, Forms).

error_marker(Error) -> tree(error_marker, Error).
error_marker_info(Node) -> value(error_marker, Node).
warning_marker(Warning) -> tree(warning_marker, Warning).
warning_marker_info(Node) -> value(warning_marker, Node).
eof_marker() -> tree(eof_marker).

%% Names and literals

variable(Name) when is_atom(Name) -> tree(variable, Name);
variable(Name) -> tree(variable, list_to_atom(Name)).

variable_name(Node) ->
    case type(Node) of
        underscore -> value(underscore, Node);
        _ -> value(variable, Node)
    end.
variable_literal(Node) -> atom_to_list(variable_name(Node)).

underscore() -> tree(underscore, []).

operator(Name) when is_atom(Name) -> tree(operator, Name);
operator(Name) -> tree(operator, list_to_atom(Name)).
operator_name(Node) -> data(Node).
operator_literal(Node) -> atom_to_list(operator_name(Node)).

atom(Name) when is_atom(Name) -> tree(atom, Name);
atom(Name) -> tree(atom, list_to_atom(Name)).
is_atom(Node, Value) -> is(atom, Node, Value).
atom_value(Node) -> value(atom, Node).
atom_name(Node) -> atom_to_list(atom_value(Node)).
atom_literal(Node) -> atom_literal(Node, latin1).
atom_literal(Node, latin1) -> io_lib:write_atom_as_latin1(atom_value(Node));
atom_literal(Node, Encoding) when Encoding =:= utf8; Encoding =:= unicode ->
    io_lib:write_atom(atom_value(Node)).

integer(Value) -> tree(integer, Value).
is_integer(Node, Value) -> is(integer, Node, Value).
integer_value(Node) -> value(integer, Node).
integer_literal(Node) -> integer_to_list(integer_value(Node)).

float(Value) -> tree(float, Value).
float_value(Node) -> value(float, Node).
float_literal(Node) -> float_to_list(float_value(Node)).

char(Value) -> tree(char, Value).
is_char(Node, Value) -> is(char, Node, Value).
char_value(Node) -> value(char, Node).
char_literal(Node) -> char_literal(Node, latin1).
char_literal(Node, latin1) -> io_lib:write_char_as_latin1(char_value(Node));
char_literal(Node, Encoding) when Encoding =:= utf8; Encoding =:= unicode ->
    io_lib:write_char(char_value(Node)).

string(Value) -> tree(string, Value).
is_string(Node, Value) -> is(string, Node, Value).
string_value(Node) -> value(string, Node).
string_literal(Node) -> string_literal(Node, latin1).
string_literal(Node, latin1) ->
    io_lib:write_string_as_latin1(string_value(Node));
string_literal(Node, Encoding) when Encoding =:= utf8; Encoding =:= unicode ->
    io_lib:write_string(string_value(Node)).

is(Type, Node, Value) -> type(Node) =:= Type andalso unfold(Node) =:= Value.

%% Tuples and lists

tuple(Elements) -> tree(tuple, Elements).
tuple_elements(Node) -> value(tuple, Node).
tuple_size(Node) -> length(tuple_elements(Node)).

nil() -> tree(nil).

list(Elements) -> list(Elements, none).
list([], none) -> nil();
list(Elements, Tail) when Elements =/= [] ->
    tree(list, {list, Elements, Tail}).
list_prefix(Node) -> part(list, 2, Node).
list_suffix(Node) -> part(list, 3, Node).

cons(Head, Tail) ->
    case type(Tail) of
        list ->
            copy_comments(Tail, list([Head | list_prefix(Tail)],
                                     list_suffix(Tail)));
        nil -> copy_comments(Tail, list([Head]));
        _ -> list([Head], Tail)
    end.

list_head(Node) -> hd(list_prefix(Node)).

list_tail(Node) ->
    case {tl(list_prefix(Node)), list_suffix(Node)} of
        {[], none} -> nil();
        {[], Tail} -> Tail;
        {Elements, Tail} -> list(Elements, Tail)
    end.

is_list_skeleton(Node) -> lists:member(type(Node), [list, nil]).

is_proper_list(Node) ->
    case type(Node) of
        list ->
            case list_suffix(Node) of
                none -> true;
                Tail -> is_proper_list(Tail)
            end;
        Type -> Type =:= nil
    end.

list_elements(Node) ->
    case type(Node) of
        nil -> [];
        list ->
            case list_suffix(Node) of
                none -> list_prefix(Node);
                Tail -> list_prefix(Node) ++ list_elements(Tail)
            end
    end.

list_length(Node) -> length(list_elements(Node)).

%% One element a node, or as many as there are.
normalize_list(Node) ->
    case type(Node) of
        list ->
            Tail = case list_suffix(Node) of
                       none -> nil();
                       Suffix -> normalize_list(Suffix)
                   end,
            copy_attrs(Node, lists:foldr(fun(E, Acc) -> list([E], Acc) end,
                                         Tail, list_prefix(Node)));
        _ -> Node
    end.

compact_list(Node) ->
    case type(Node) =:= list andalso list_suffix(Node) of
        Same when Same =:= false; Same =:= none -> Node;
        Tail ->
            case type(Tail) of
                list ->
                    Tail1 = compact_list(Tail),
                    Whole = list(list_prefix(Node) ++ list_prefix(Tail1),
                                 list_suffix(Tail1)),
                    join_comments(Tail1, copy_attrs(Node, Whole));
                nil ->
                    join_comments(Tail, copy_attrs(Node,
                                                   list(list_prefix(Node))));
                _ -> Node
            end
    end.

%% Binaries

binary(Fields) -> tree(binary, Fields).
binary_fields(Node) -> value(binary, Node).

binary_field(Body) -> binary_field(Body, []).
binary_field(Body, Types) -> tree(binary_field, {binary_field, Body, Types}).
binary_field(Body, none, Types) -> binary_field(Body, Types);
binary_field(Body, Size, Types) ->
    binary_field(size_qualifier(Body, Size), Types).
binary_field_body(Node) -> part(binary_field, 2, Node).
binary_field_types(Node) -> part(binary_field, 3, Node).
binary_field_size(Node) ->
    Body = binary_field_body(Node),
    case type(Body) of
        size_qualifier -> size_qualifier_argument(Body);
        _ -> none
    end.

%% Functions, clauses, funs

function(Name, Clauses) -> tree(function, {func, Name, Clauses}).
function_name(Node) -> part(func, 2, Node).
function_clauses(Node) -> part(func, 3, Node).
function_arity(Node) -> arity(function_clauses(Node)).

arity([Clause | _]) -> length(clause_patterns(Clause)).

clause(Guard, Body) -> clause([], Guard, Body).
clause(Patterns, Guard, Body) ->
    tree(clause, {clause, Patterns, guard(Guard), Body}).
clause_patterns(Node) -> part(clause, 2, Node).
clause_guard(Node) -> part(clause, 3, Node).
clause_body(Node) -> part(clause, 4, Node).

guard([]) -> none;
guard([L | _] = Guard) when is_list(L) ->
    disjunction([conjunction(C) || C <- Guard]);
guard([_ | _] = Guard) -> conjunction(Guard);
guard(Guard) -> Guard.

fun_expr(Clauses) -> tree(fun_expr, Clauses).
fun_expr_clauses(Node) -> value(fun_expr, Node).
fun_expr_arity(Node) -> arity(fun_expr_clauses(Node)).
named_fun_expr_arity(Node) -> arity(named_fun_expr_clauses(Node)).

implicit_fun(Name) -> tree(implicit_fun, Name).
implicit_fun(Name, none) -> implicit_fun(Name);
implicit_fun(Name, Arity) -> implicit_fun(arity_qualifier(Name, Arity)).
implicit_fun(none, Name, Arity) -> implicit_fun(Name, Arity);
implicit_fun(Module, Name, Arity) ->
    implicit_fun(module_qualifier(Module, arity_qualifier(Name, Arity))).
implicit_fun_name(Node) -> value(implicit_fun, Node).

application(none, Name, Arguments) -> application(Name, Arguments);
application(Module, Name, Arguments) ->
    application(module_qualifier(Module, Name), Arguments).

%% Expressions with a choice of parts

receive_expr(Clauses) -> receive_expr(Clauses, none, []).
receive_expr(Clauses, none, _) ->
    tree(receive_expr, {receive_expr, Clauses, none, []});
receive_expr(Clauses, Timeout, Action) ->
    tree(receive_expr, {receive_expr, Clauses, Timeout, Action}).
receive_expr_clauses(Node) -> part(receive_expr, 2, Node).
receive_expr_timeout(Node) -> part(receive_expr, 3, Node).
receive_expr_action(Node) -> part(receive_expr, 4, Node).

try_expr(Body, Handlers) -> try_expr(Body, [], Handlers).
try_expr(Body, Clauses, Handlers) -> try_expr(Body, Clauses, Handlers, []).
try_after_expr(Body, After) -> try_expr(Body, [], [], After).

infix_expr(Left, Operator, Right) ->
    tree(infix_expr, {infix_expr, Operator, Left, Right}).
infix_expr_operator(Node) -> part(infix_expr, 2, Node).
infix_expr_left(Node) -> part(infix_expr, 3, Node).
infix_expr_right(Node) -> part(infix_expr, 4, Node).

class_qualifier(Class, Body) ->
    class_qualifier(Class, Body, {var, get_pos(Body), '_'}).

map_expr(Fields) -> map_expr(none, Fields).
record_expr(Type, Fields) -> record_expr(none, Type, Fields).
record_field(Name) -> record_field(Name, none).
attribute(Name) -> attribute(Name, none).
macro(Name) -> macro(Name, none).
maybe_expr(Body) -> maybe_expr(Body, none).

%% Types with a choice of parts

fun_type() -> tree(fun_type).
map_type() -> map_type(any_size).
tuple_type() -> tuple_type(any_size).

function_type(Type) -> function_type(any_arity, Type).
function_type(Arguments, Return) ->
    tree(function_type, {function_type, Arguments, Return}).
function_type_arguments(Node) -> part(function_type, 2, Node).
function_type_return(Node) -> part(function_type, 3, Node).

type_application(none, Name, Arguments) -> type_application(Name, Arguments);
type_application(Module, Name, Arguments) ->
    type_application(module_qualifier(Module, Name), Arguments).
type_application(Name, Arguments) ->
    tree(type_application, {type_application, Name, Arguments}).
type_application_name(Node) -> part(type_application, 2, Node).
type_application_arguments(Node) -> part(type_application, 3, Node).

constrained_function_type(Type, Constraints) ->
    tree(constrained_function_type,
         {constrained_function_type, Type, conjunction(Constraints)}).
constrained_function_type_body(Node) ->
    part(constrained_function_type, 2, Node).
constrained_function_type_argument(Node) ->
    part(constrained_function_type, 3, Node).

%% The types whose data are one value

block_expr(Body) -> tree(block_expr, Body).
block_expr_body(Node) -> value(block_expr, Node).

catch_expr(Body) -> tree(catch_expr, Body).
catch_expr_body(Node) -> value(catch_expr, Node).

if_expr(Clauses) -> tree(if_expr, Clauses).
if_expr_clauses(Node) -> value(if_expr, Node).

else_expr(Clauses) -> tree(else_expr, Clauses).
else_expr_clauses(Node) -> value(else_expr, Node).

conjunction(Body) -> tree(conjunction, Body).
conjunction_body(Node) -> value(conjunction, Node).

disjunction(Body) -> tree(disjunction, Body).
disjunction_body(Node) -> value(disjunction, Node).

parentheses(Body) -> tree(parentheses, Body).
parentheses_body(Node) -> value(parentheses, Node).

map_type(Fields) -> tree(map_type, Fields).
map_type_fields(Node) -> value(map_type, Node).

tuple_type(Elements) -> tree(tuple_type, Elements).
tuple_type_elements(Node) -> value(tuple_type, Node).

type_union(Types) -> tree(type_union, Types).
type_union_types(Node) -> value(type_union, Node).

%% The types whose data are a tuple of parts

map_expr(Argument, Fields) -> tree(map_expr, {map_expr, Argument, Fields}).
map_expr_argument(Node) -> part(map_expr, 2, Node).
map_expr_fields(Node) -> part(map_expr, 3, Node).

map_field_assoc(Name, Value) ->
    tree(map_field_assoc, {map_field_assoc, Name, Value}).
map_field_assoc_name(Node) -> part(map_field_assoc, 2, Node).
map_field_assoc_value(Node) -> part(map_field_assoc, 3, Node).

map_field_exact(Name, Value) ->
    tree(map_field_exact, {map_field_exact, Name, Value}).
map_field_exact_name(Node) -> part(map_field_exact, 2, Node).
map_field_exact_value(Node) -> part(map_field_exact, 3, Node).

match_expr(Pattern, Body) -> tree(match_expr, {match_expr, Pattern, Body}).
match_expr_pattern(Node) -> part(match_expr, 2, Node).
match_expr_body(Node) -> part(match_expr, 3, Node).

maybe_match_expr(Pattern, Body) ->
    tree(maybe_match_expr, {maybe_match_expr, Pattern, Body}).
maybe_match_expr_pattern(Node) -> part(maybe_match_expr, 2, Node).
maybe_match_expr_body(Node) -> part(maybe_match_expr, 3, Node).

record_index_expr(Type, Field) ->
    tree(record_index_expr, {record_index_expr, Type, Field}).
record_index_expr_type(Node) -> part(record_index_expr, 2, Node).
record_index_expr_field(Node) -> part(record_index_expr, 3, Node).

record_access(Argument, Type, Field) ->
    tree(record_access, {record_access, Argument, Type, Field}).
record_access_argument(Node) -> part(record_access, 2, Node).
record_access_type(Node) -> part(record_access, 3, Node).
record_access_field(Node) -> part(record_access, 4, Node).

record_expr(Argument, Type, Fields) ->
    tree(record_expr, {record_expr, Argument, Type, Fields}).
record_expr_argument(Node) -> part(record_expr, 2, Node).
record_expr_type(Node) -> part(record_expr, 3, Node).
record_expr_fields(Node) -> part(record_expr, 4, Node).

annotated_type(Name, Body) ->
    tree(annotated_type, {annotated_type, Name, Body}).
annotated_type_name(Node) -> part(annotated_type, 2, Node).
annotated_type_body(Node) -> part(annotated_type, 3, Node).

bitstring_type(M, N) -> tree(bitstring_type, {bitstring_type, M, N}).
bitstring_type_m(Node) -> part(bitstring_type, 2, Node).
bitstring_type_n(Node) -> part(bitstring_type, 3, Node).

constraint(Argument, Body) -> tree(constraint, {constraint, Argument, Body}).
constraint_argument(Node) -> part(constraint, 2, Node).
constraint_body(Node) -> part(constraint, 3, Node).

map_type_assoc(Name, Value) ->
    tree(map_type_assoc, {map_type_assoc, Name, Value}).
map_type_assoc_name(Node) -> part(map_type_assoc, 2, Node).
map_type_assoc_value(Node) -> part(map_type_assoc, 3, Node).

map_type_exact(Name, Value) ->
    tree(map_type_exact, {map_type_exact, Name, Value}).
map_type_exact_name(Node) -> part(map_type_exact, 2, Node).
map_type_exact_value(Node) -> part(map_type_exact, 3, Node).

integer_range_type(Low, High) ->
    tree(integer_range_type, {integer_range_type, Low, High}).
integer_range_type_low(Node) -> part(integer_range_type, 2, Node).
integer_range_type_high(Node) -> part(integer_range_type, 3, Node).

record_type(Name, Fields) -> tree(record_type, {record_type, Name, Fields}).
record_type_name(Node) -> part(record_type, 2, Node).
record_type_fields(Node) -> part(record_type, 3, Node).

record_type_field(Name, Type) ->
    tree(record_type_field, {record_type_field, Name, Type}).
record_type_field_name(Node) -> part(record_type_field, 2, Node).
record_type_field_type(Node) -> part(record_type_field, 3, Node).

typed_record_field(Body, Type) ->
    tree(typed_record_field, {typed_record_field, Body, Type}).
typed_record_field_body(Node) -> part(typed_record_field, 2, Node).
typed_record_field_type(Node) -> part(typed_record_field, 3, Node).

list_comp(Template, Body) -> tree(list_comp, {list_comp, Template, Body}).
list_comp_template(Node) -> part(list_comp, 2, Node).
list_comp_body(Node) -> part(list_comp, 3, Node).

binary_comp(Template, Body) ->
    tree(binary_comp, {binary_comp, Template, Body}).
binary_comp_template(Node) -> part(binary_comp, 2, Node).
binary_comp_body(Node) -> part(binary_comp, 3, Node).

generator(Pattern, Body) -> tree(generator, {generator, Pattern, Body}).
generator_pattern(Node) -> part(generator, 2, Node).
generator_body(Node) -> part(generator, 3, Node).

binary_generator(Pattern, Body) ->
    tree(binary_generator, {binary_generator, Pattern, Body}).
binary_generator_pattern(Node) -> part(binary_generator, 2, Node).
binary_generator_body(Node) -> part(binary_generator, 3, Node).

map_comp(Template, Body) -> tree(map_comp, {map_comp, Template, Body}).
map_comp_template(Node) -> part(map_comp, 2, Node).
map_comp_body(Node) -> part(map_comp, 3, Node).

map_generator(Pattern, Body) ->
    tree(map_generator, {map_generator, Pattern, Body}).
map_generator_pattern(Node) -> part(map_generator, 2, Node).
map_generator_body(Node) -> part(map_generator, 3, Node).

strict_generator(Pattern, Body) ->
    tree(strict_generator, {strict_generator, Pattern, Body}).
strict_generator_pattern(Node) -> part(strict_generator, 2, Node).
strict_generator_body(Node) -> part(strict_generator, 3, Node).

strict_binary_generator(Pattern, Body) ->
    tree(strict_binary_generator, {strict_binary_generator, Pattern, Body}).
strict_binary_generator_pattern(Node) ->
    part(strict_binary_generator, 2, Node).
strict_binary_generator_body(Node) -> part(strict_binary_generator, 3, Node).

strict_map_generator(Pattern, Body) ->
    tree(strict_map_generator, {strict_map_generator, Pattern, Body}).
strict_map_generator_pattern(Node) -> part(strict_map_generator, 2, Node).
strict_map_generator_body(Node) -> part(strict_map_generator, 3, Node).

zip_generator(Generators) -> tree(zip_generator, Generators).
zip_generator_body(Node) -> value(zip_generator, Node).

case_expr(Argument, Clauses) ->
    tree(case_expr, {case_expr, Argument, Clauses}).
case_expr_argument(Node) -> part(case_expr, 2, Node).
case_expr_clauses(Node) -> part(case_expr, 3, Node).

arity_qualifier(Body, Argument) ->
    tree(arity_qualifier, {arity_qualifier, Body, Argument}).
arity_qualifier_body(Node) -> part(arity_qualifier, 2, Node).
arity_qualifier_argument(Node) -> part(arity_qualifier, 3, Node).

module_qualifier(Argument, Body) ->
    tree(module_qualifier, {module_qualifier, Argument, Body}).
module_qualifier_argument(Node) -> part(module_qualifier, 2, Node).
module_qualifier_body(Node) -> part(module_qualifier, 3, Node).

size_qualifier(Body, Argument) ->
    tree(size_qualifier, {size_qualifier, Body, Argument}).
size_qualifier_body(Node) -> part(size_qualifier, 2, Node).
size_qualifier_argument(Node) -> part(size_qualifier, 3, Node).

named_fun_expr(Name, Clauses) ->
    tree(named_fun_expr, {named_fun_expr, Name, Clauses}).
named_fun_expr_name(Node) -> part(named_fun_expr, 2, Node).
named_fun_expr_clauses(Node) -> part(named_fun_expr, 3, Node).

attribute(Name, Arguments) -> tree(attribute, {attribute, Name, Arguments}).
attribute_name(Node) -> part(attribute, 2, Node).
attribute_arguments(Node) -> part(attribute, 3, Node).

macro(Name, Arguments) -> tree(macro, {macro, Name, Arguments}).
macro_name(Node) -> part(macro, 2, Node).
macro_arguments(Node) -> part(macro, 3, Node).

record_field(Name, Value) -> tree(record_field, {record_field, Name, Value}).
record_field_name(Node) -> part(record_field, 2, Node).
record_field_value(Node) -> part(record_field, 3, Node).

maybe_expr(Body, Else) -> tree(maybe_expr, {maybe_expr, Body, Else}).
maybe_expr_body(Node) -> part(maybe_expr, 2, Node).
maybe_expr_else(Node) -> part(maybe_expr, 3, Node).

try_expr(Body, Clauses, Handlers, After) ->
    tree(try_expr, {try_expr, Body, Clauses, Handlers, After}).
try_expr_body(Node) -> part(try_expr, 2, Node).
try_expr_clauses(Node) -> part(try_expr, 3, Node).
try_expr_handlers(Node) -> part(try_expr, 4, Node).
try_expr_after(Node) -> part(try_expr, 5, Node).

application(Operator, Arguments) ->
    tree(application, {application, Operator, Arguments}).
application_operator(Node) -> part(application, 2, Node).
application_arguments(Node) -> part(application, 3, Node).

user_type_application(Name, Arguments) ->
    tree(user_type_application, {user_type_application, Name, Arguments}).
user_type_application_name(Node) -> part(user_type_application, 2, Node).
user_type_application_arguments(Node) -> part(user_type_application, 3, Node).

class_qualifier(Argument, Body, Stacktrace) ->
    tree(class_qualifier, {class_qualifier, Argument, Body, Stacktrace}).
class_qualifier_argument(Node) -> part(class_qualifier, 2, Node).
class_qualifier_body(Node) -> part(class_qualifier, 3, Node).
class_qualifier_stacktrace(Node) -> part(class_qualifier, 4, Node).

prefix_expr(Operator, Argument) ->
    tree(prefix_expr, {prefix_expr, Operator, Argument}).
prefix_expr_operator(Node) -> part(prefix_expr, 2, Node).
prefix_expr_argument(Node) -> part(prefix_expr, 3, Node).

%% Terms and trees

abstract([H | T] = List) when is_integer(H) ->
    case io_lib:printable_list(List) of
        true -> string(List);
        false -> abstract_cells(H, T)
    end;
abstract([H | T]) -> abstract_cells(H, T);
abstract([]) -> nil();
abstract(A) when is_atom(A) -> atom(A);
abstract(I) when is_integer(I) -> integer(I);
abstract(F) when is_float(F) -> ?MODULE:float(F);
abstract(T) when is_tuple(T) ->
    tuple([abstract(E) || E <- tuple_to_list(T)]);
abstract(M) when is_map(M) ->
    map_expr([map_field_assoc(abstract(K), abstract(V))
              || {K, V} <- maps:to_list(M)]);
abstract(Bits) when is_bitstring(Bits) ->
    Rest = bit_size(Bits) rem 8,
    Bytes = byte_size(Bits) - (Rest + 7) div 8,
    <<Whole:Bytes/binary, Last:Rest>> = Bits,
    binary([binary_field(integer(B)) || <<B>> <= Whole] ++
               [binary_field(integer(Last), integer(Rest), [])
                || Rest > 0]);
abstract(Term) -> error({badarg, Term}).

abstract_cells(H, [H1 | T]) -> cons(abstract(H), abstract_cells(H1, T));
abstract_cells(H, T) -> cons(abstract(H), abstract(T)).

concrete(Node) ->
    case type(Node) of
        Type when Type =:= atom; Type =:= integer; Type =:= float;
                  Type =:= char; Type =:= string -> unfold(Node);
        nil -> [];
        list -> [concrete(list_head(Node)) | concrete(list_tail(Node))];
        tuple -> list_to_tuple([concrete(E) || E <- tuple_elements(Node)]);
        map_expr ->
            New = maps:from_list([concrete_field(F)
                                  || F <- map_expr_fields(Node)]),
            case map_expr_argument(Node) of
                none -> New;
                Old -> maps:merge(concrete(Old), New)
            end;
        binary -> concrete_binary(Node);
        arity_qualifier ->
            A = arity_qualifier_argument(Node),
            F = arity_qualifier_body(Node),
            case {type(A), type(F)} of
                {integer, atom} -> {F, A};
                _ -> error({badarg, Node})
            end;
        _ -> error({badarg, Node})
    end.

concrete_field(Field) ->
    {concrete(map_field_assoc_name(Field)),
     concrete(map_field_assoc_value(Field))}.

concrete_binary(Node) ->
    Fields = [erl_syntax_forms:fold(binary_field, unfold(F), 0, F)
              || F <- binary_fields(Node)],
    {value, Binary, _} =
        eval_bits:expr_grp(Fields, [],
                           fun(F, _) -> {value, concrete(F), []} end),
    Binary.

is_literal(Node) ->
    case type(Node) of
        Type when Type =:= atom; Type =:= integer; Type =:= float;
                  Type =:= char; Type =:= string; Type =:= nil -> true;
        list -> is_literal(list_head(Node)) andalso
                    is_literal(list_tail(Node));
        tuple -> lists:all(fun is_literal/1, tuple_elements(Node));
        map_expr ->
            case map_expr_argument(Node) of
                none -> true;
                Argument -> is_literal(Argument)
            end andalso lists:all(fun is_literal_field/1,
                                  map_expr_fields(Node));
        binary ->
            lists:all(fun is_literal_segment/1, binary_fields(Node));
        _ -> false
    end.

is_literal_field(Field) ->
    type(Field) =:= map_field_assoc andalso
        is_literal(map_field_assoc_name(Field)) andalso
        is_literal(map_field_assoc_value(Field)).

is_literal_segment(Field) ->
    Body = binary_field_body(Field),
    binary_field_types(Field) =:= [] andalso
        case type(Body) of
            size_qualifier -> is_literal(size_qualifier_body(Body)) andalso
                                  is_literal(size_qualifier_argument(Body));
            _ -> is_literal(Body)
        end.

%% Back to forms; what has no form stays a tree

revert(#tree{} = Node) ->
    Node1 = case is_leaf(Node) of
                true -> Node;
                false ->
                    update_tree(Node, [[revert(T) || T <- Group]
                                       || Group <- subtrees(Node)])
            end,
    erl_syntax_forms:fold(type(Node1), unfold(Node1), get_pos(Node1), Node1);
revert(Node) -> unwrap(Node).

revert_forms(Forms) when is_list(Forms) -> revert_forms(form_list(Forms));
revert_forms(Node) ->
    case type(Node) of
        form_list ->
            [revert_form(F)
             || F <- form_list_elements(flatten_form_list(Node)),
                type(F) =/= comment];
        _ -> error({badarg, Node})
    end.

revert_form(Form) ->
    case revert(Form) of
        #tree{} = Tree -> error({error, Tree});
        Reverted -> Reverted
    end.

%% Children

subtrees(Node) ->
    case is_leaf(Node) of
        true -> [];
        false -> erl_syntax_groups:subtrees(type(Node), unfold(Node))
    end.

make_tree(Type, Groups) -> erl_syntax_groups:make(Type, Groups).

update_tree(Node, Groups) ->
    copy_attrs(Node, make_tree(type(Node), Groups)).

%% Code that makes the tree; variables with the annotation meta_var stand
%% for themselves

meta(Node) ->
    case type(Node) =:= variable andalso
        lists:member(meta_var, get_ann(Node)) of
        true -> set_ann(Node, lists:delete(meta_var, get_ann(Node)));
        false -> meta_before(Node)
    end.

meta_before(Node) ->
    case get_precomments(Node) of
        [] -> meta_after(Node);
        Cs ->
            meta_call(set_precomments, [meta_after(Node), meta_list(Cs)])
    end.

meta_after(Node) ->
    Bare = case has_comments(Node) of
               true -> remove_comments(Node);
               false -> Node
           end,
    case get_postcomments(Node) of
        [] -> meta_tree(Bare);
        Cs -> meta_call(set_postcomments, [meta_tree(Bare), meta_list(Cs)])
    end.

meta_list(Trees) -> list([meta(T) || T <- Trees]).

meta_tree(Node) ->
    case type(Node) of
        Type when Type =:= atom; Type =:= char; Type =:= float;
                  Type =:= integer; Type =:= string ->
            meta_call(Type, [Node]);
        comment ->
            meta_call(comment, [list([string(S)
                                      || S <- comment_text(Node)])]);
        Type when Type =:= eof_marker; Type =:= nil; Type =:= underscore ->
            meta_call(Type, []);
        Type when Type =:= error_marker; Type =:= warning_marker ->
            meta_call(Type, [abstract(unfold(Node))]);
        operator -> meta_call(operator, [atom(operator_name(Node))]);
        text -> meta_call(text, [string(text_string(Node))]);
        variable -> meta_call(variable, [string(variable_literal(Node))]);
        list ->
            Tail = case list_suffix(Node) of
                       none -> [];
                       Suffix -> [meta(Suffix)]
                   end,
            meta_call(list, [meta_list(list_prefix(Node)) | Tail]);
        tuple -> meta_call(tuple, [meta_list(tuple_elements(Node))]);
        Type ->
            meta_call(make_tree,
                      [abstract(Type),
                       list([meta_list(G) || G <- subtrees(Node)])])
    end.

meta_call(F, Args) -> application(atom(?MODULE), atom(F), Args).
