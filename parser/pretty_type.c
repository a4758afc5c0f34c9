// SPDX-License-Identifier: Apache-2.0
// Items of types, specs and the values in attributes.
#include <stdio.h>

#include "atom.h"
#include "map.h"
#include "pretty_item.h"

// Element [i], from 0: the tag is 0, the name of a type 2.
static Term at(Term tuple, size_t i)
{
    return term_tuple_get(tuple, i);
}

static bool is_node(Term t, Term tag, size_t arity)
{
    return term_is_tuple_of(t, arity) && term_same(at(t, 0), tag);
}

// {type, _, Name, Arguments}
static bool is_type(Term t, Term name)
{
    return is_node(t, ATOM_type, 4) && term_same(at(t, 2), name);
}

// [outer] is the precedence that its surroundings ask for.
static const Item *make_type_in(Pretty *p, Term type, int outer);

static const Item *make_row2(Pretty *p, const Item *a, const Item *b)
{
    return item_row(p, 2, (const Item *[]){a, b});
}

static const Item *make_list1(Pretty *p, const Item *a)
{
    return item_list(p, 1, &a);
}

// "left SIGN right" with right on a line of its own if need be.
// "a :: t()", "k => v"
static const Item *make_signed(Pretty *p, const Item *left, const char *sign,
                               const Item *right)
{
    const Item *head = make_row2(p, left, item_leaf(p, sign));
    return make_list1(p, item_close_step(p, head, right));
}

// Also of record fields and type definitions.
const Item *make_typed(Pretty *p, const Item *item, Term type)
{
    return make_signed(p, item, " ::", make_type(p, type));
}

static const Item *make_type_args(Pretty *p, Term types)
{
    return item_brackets(p, "(", ")", types, make_type);
}

static const Item *make_braces(Pretty *p, Term list, ItemMaker make)
{
    if (term_is_nil(list)) return item_leaf(p, "{}");
    return item_brackets(p, "{", "}", list, make);
}

// name(Args), and "name()" without arguments.
static const Item *make_named(Pretty *p, Term name, Term args)
{
    return item_first(p, item_atom(p, name), make_type_args(p, args));
}

// ---- the parts of composed types ----
// Each maker is for elements of one kind of list.

// 170 is the union's own, so a union in a union needs no parentheses.
static const Item *make_union_member(Pretty *p, Term type)
{
    enum { INNER = 170 };
    return make_type_in(p, type, INNER);
}

// Ends of a range are expressions: 1..(1 bsl 8) - 1.
static const Item *make_range_end(Pretty *p, Term e)
{
    enum { INNER = 300 };
    return make_expression_in(p, e, INNER);
}

// #{k := v} has type map_field_exact.
static const Item *make_map_pair(Pretty *p, Term t)
{
    bool exact = is_type(t, ATOM_map_field_exact);
    if ((!exact && !is_type(t, ATOM_map_field_assoc))
        || term_list_length(at(t, 3)) != 2)
        return item_bad(p);
    Term key = term_head(at(t, 3)), value = term_head(term_tail(at(t, 3)));
    return make_signed(p, make_type(p, key), exact ? " :=" : " =>",
                       make_type(p, value));
}

// #r{a :: t()}
static const Item *make_field_type(Pretty *p, Term t)
{
    if (!is_type(t, ATOM_field_type) || term_list_length(at(t, 3)) != 2)
        return item_bad(p);
    Term name = term_head(at(t, 3)), type = term_head(term_tail(at(t, 3)));
    return make_typed(p, make_expression(p, name), type);
}

// "(...)" of any arguments, "(A, B)" of these.
static const Item *make_fun_args(Pretty *p, Term args)
{
    if (is_node(args, ATOM_type, 3) && term_same(at(args, 2), ATOM_any))
        return item_leaf(p, "(...)");
    if (!is_type(args, ATOM_product)) return item_bad(p);
    return make_type_args(p, at(args, 3));
}

// [before] and then "(Args) -> Result".
// Also a signature of a spec, where [before] is empty.
static const Item *make_fun_type(Pretty *p, const Item *before, Term fun)
{
    if (!is_type(fun, ATOM_fun) || term_list_length(at(fun, 3)) != 2)
        return item_bad(p);
    Term args = term_head(at(fun, 3));
    Term result = term_head(term_tail(at(fun, 3)));
    const Item *head = make_row2(p, make_fun_args(p, args),
                                 item_leaf(p, " ->"));
    return item_first(p, before, item_step(p, head, make_type(p, result)));
}

// The inner parentheses are the arguments': fun((A) -> B).
static const Item *make_whole_fun_type(Pretty *p, Term type)
{
    if (term_is_nil(at(type, 3))) return item_leaf(p, "fun()");
    const Item *before = make_row2(p, item_leaf(p, "fun"), item_text(p, "("));
    return make_row2(p, make_fun_type(p, before, type), item_text(p, ")"));
}

// What is missing in <<_:8>> is a unit of zero.
static bool is_zero(Term e)
{
    return is_node(e, ATOM_integer, 3) && term_same(at(e, 2), term_small(0));
}

// <<_:Size, _:_*Unit>>
// The expressions may not be operators without parentheses.
static const Item *make_binary_type(Pretty *p, Term sizes)
{
    if (term_list_length(sizes) != 2) return item_bad(p);
    Term size = term_head(sizes), unit = term_head(term_tail(sizes));
    Item *item = item_new(p, ITEM_SEQUENCE, 2);
    size_t n = 0;
    if (!is_zero(size))
        item->items[n++] =
            make_row2(p, item_leaf(p, "_:"),
                      make_expression_in(p, size, PRECEDENCE_MOST));
    if (!is_zero(unit))
        item->items[n++] =
            make_row2(p, item_leaf(p, "_:_*"),
                      make_expression_in(p, unit, PRECEDENCE_MOST));
    if (n == 0) return item_leaf(p, "<<>>");
    item->count = (uint32_t)n; // one or two were made
    item->before = item_leaf(p, "<<");
    item->after = item_leaf(p, ">>");
    item->separator = item->last_separator = item_text(p, ",");
    item->spaced = true;
    return item;
}

// [t()]: no space, as there is only one element.
static const Item *make_list_type(Pretty *p, Term args)
{
    Item *item = (Item *)item_brackets(p, "[", "]", args, make_type);
    if (item->kind == ITEM_SEQUENCE) item->spaced = false;
    return item;
}

// [t(), ...]
static const Item *make_nonempty_type(Pretty *p, Term type)
{
    Item *item = item_new(p, ITEM_SEQUENCE, 2);
    item->items[0] = make_type(p, type);
    item->items[1] = item_leaf(p, "...");
    item->before = item_text(p, "[");
    item->after = item_text(p, "]");
    item->separator = item->last_separator = item_text(p, ",");
    item->spaced = true;
    return item;
}

// The first argument is the record's name as a form.
static const Item *make_record_type(Pretty *p, Term args, int outer)
{
    if (!term_is_cons(args) || !is_node(term_head(args), ATOM_atom, 3))
        return item_bad(p);
    const Item *name = make_row2(p, item_text(p, "#"),
                                 item_atom(p, at(term_head(args), 2)));
    const Item *item = item_first(
        p, name, make_braces(p, term_tail(args), make_field_type));
    return make_parenthesized(p, precedence_prefix(ATOM_hash).self, outer,
                              item);
}

// map() prints so, #{} is the empty map.
static const Item *make_map_type(Pretty *p, Term pairs, int outer)
{
    if (term_same(pairs, ATOM_any)) return make_named(p, ATOM_map, TERM_NIL);
    const Item *item = item_first(p, item_text(p, "#"),
                                  make_braces(p, pairs, make_map_pair));
    return make_parenthesized(p, precedence_prefix(ATOM_hash).self, outer,
                              item);
}

// integer() | atom()
static const Item *make_union(Pretty *p, Term types, int outer)
{
    enum { SELF = 170 };
    Item *item =
        (Item *)item_series(p, " |", types, make_union_member);
    return make_parenthesized(p, SELF, outer, item);
}

// 1..10
static const Item *make_range(Pretty *p, Term ends, int outer)
{
    enum { SELF = 200 };
    Item *item = (Item *)item_series(p, "..", ends, make_range_end);
    if (item->kind == ITEM_SEQUENCE) item->spaced = false;
    return make_parenthesized(p, SELF, outer, item);
}

// {type, _, Name, Arguments}
// Names that are written in a way of their own; all others are name(Args).
static const Item *make_builtin_type(Pretty *p, Term type, int outer)
{
    Term name = at(type, 2), args = at(type, 3);
    bool one = term_is_cons(args) && term_is_nil(term_tail(args));
    switch (name.bits) {
    case ATOM_BITS_union: return make_union(p, args, outer);
    case ATOM_BITS_list:
        if (one) return make_list_type(p, args);
        break;
    case ATOM_BITS_nonempty_list:
        if (one) return make_nonempty_type(p, term_head(args));
        break;
    case ATOM_BITS_nil:
        if (term_is_nil(args)) return item_leaf(p, "[]");
        break;
    case ATOM_BITS_map: return make_map_type(p, args, outer);
    case ATOM_BITS_tuple:
        if (term_same(args, ATOM_any))
            return make_named(p, ATOM_tuple, TERM_NIL);
        return make_braces(p, args, make_type);
    case ATOM_BITS_record: return make_record_type(p, args, outer);
    case ATOM_BITS_range: return make_range(p, args, outer);
    case ATOM_BITS_binary:
        if (term_is_cons(args)) return make_binary_type(p, args);
        break;
    // A fun is more than its arguments.
    case ATOM_BITS_fun: return make_whole_fun_type(p, type);
    }
    return make_named(p, name, args);
}

// With the option, 'ok' has quotes, so that types stand out.
static const Item *make_atom_type(Pretty *p, Term atom)
{
    if (!p->options->quote_types || !term_is_atom(atom))
        return item_atom(p, atom);
    leaf_add_quoted_atom(p, atom, p->options->latin1);
    return leaf_close(p, true);
}

// m:t(A). The names are forms of atoms.
static const Item *make_remote_type(Pretty *p, Term parts)
{
    if (term_list_length(parts) != 3) return item_bad(p);
    Precedence prec = precedence_infix(ATOM_colon);
    Term name = term_tail(parts);
    const Item *head = item_row(
        p, 3, (const Item *[]){
                  make_expression_in(p, term_head(parts), prec.left),
                  item_text(p, ":"),
                  make_expression_in(p, term_head(name), prec.right)});
    return item_first(p, head,
                      make_type_args(p, term_head(term_tail(name))));
}

// {ann_type, _, [Var, Type]}
// The variable is printed like a type.
static const Item *make_annotated(Pretty *p, Term parts, int outer)
{
    enum { SELF = 150, RIGHT = 160 };
    if (term_list_length(parts) != 2) return item_bad(p);
    const Item *left = make_type_in(p, term_head(parts), SELF);
    const Item *right = make_type_in(p, term_head(term_tail(parts)), RIGHT);
    return make_parenthesized(p, SELF, outer,
                              make_signed(p, left, " ::", right));
}

// What is not known here may be an expression: 1, $a, -1, X.
static const Item *make_type_in(Pretty *p, Term type, int outer)
{
    if (is_node(type, ATOM_ann_type, 3))
        return make_annotated(p, at(type, 2), outer);
    // Of old forms: parentheses that somebody wrote.
    if (is_node(type, ATOM_paren_type, 3) && term_is_cons(at(type, 2)))
        return make_type_in(p, term_head(at(type, 2)), outer);
    if (is_node(type, ATOM_type, 4)) return make_builtin_type(p, type, outer);
    if (is_node(type, ATOM_user_type, 4))
        return make_named(p, at(type, 2), at(type, 3));
    if (is_node(type, ATOM_remote_type, 3))
        return make_remote_type(p, at(type, 2));
    if (is_node(type, ATOM_atom, 3)) return make_atom_type(p, at(type, 2));
    // Precedences of types and expressions are of one scale.
    return make_expression_in(p, type, outer);
}

const Item *make_type(Pretty *p, Term type)
{
    // No hook is asked for what stands in types.
    bool hooks = p->hooks;
    p->hooks = false;
    const Item *item = make_type_in(p, type, 0);
    p->hooks = hooks;
    return item;
}

// "t(A, B)": the parameters are forms of variables.
const Item *make_type_head(Pretty *p, Term name, Term args)
{
    return make_call(p, item_atom(p, name), args);
}

// ---- specs ----

// Var :: Type, or a test as in older forms.
// is_subtype(V, T) is written as V :: T, the way of today.
static const Item *make_constraint(Pretty *p, Term t)
{
    if (!is_type(t, ATOM_constraint) || term_list_length(at(t, 3)) != 2)
        return item_bad(p);
    Term tag = term_head(at(t, 3)), args = term_head(term_tail(at(t, 3)));
    if (!is_node(tag, ATOM_atom, 3)) return item_bad(p);
    if (term_same(at(tag, 2), ATOM_is_subtype) && term_list_length(args) == 2
        && is_node(term_head(args), ATOM_var, 3))
        return make_typed(p, make_expression(p, term_head(args)),
                          term_head(term_tail(args)));
    return make_named(p, at(tag, 2), args);
}

// "(A) -> B when A :: atom()", the constraints below if need be.
static const Item *make_signature(Pretty *p, Term t)
{
    if (!is_type(t, ATOM_bounded_fun))
        return make_fun_type(p, &item_empty, t);
    if (term_list_length(at(t, 3)) != 2) return item_bad(p);
    Term fun = term_head(at(t, 3)), guard = term_head(term_tail(at(t, 3)));
    const Item *constraints = item_series(p, ",", guard, make_constraint);
    const Item *when =
        make_list1(p, item_step(p, item_leaf(p, "when"), constraints));
    // Two steps: the arrow's, and that of "when".
    return make_list1(p, item_step(p, make_fun_type(p, &item_empty, fun),
                                   when));
}

// With the name before the first only; ";" between.
const Item *make_signatures(Pretty *p, Term specs)
{
    return item_lines(p, ";", specs, make_signature);
}

// ---- values ----

// erl_pp asks io_lib's printable_list or latin1's.
static bool is_character(const Pretty *p, Term t)
{
    if (!term_is_small(t)) return false;
    intptr_t c = term_small_value(t);
    if (p->options->latin1_lists) return c >= 0 && c < 256;
    return (c >= 0 && c < 0xD800) || (c > 0xDFFF && c < 0xFFFE)
           || (c > 0xFFFF && c <= 0x10FFFF);
}

// What [list] ends with that is a string: all of it, or a part, or nothing but
// its end. One walk, as lists may be long.
static Term string_end(const Pretty *p, Term list)
{
    Term from = list;
    for (; term_is_cons(list); list = term_tail(list))
        if (!is_character(p, term_head(list))) from = term_tail(list);
    return term_is_nil(list) ? from : list;
}

// ItemMaker has no precedence.
static const Item *make_value(Pretty *p, Term value)
{
    return make_abstract(p, value, 0);
}

// The elements of a list up to the first that is no character; what follows
// it is a value of its own, maybe a string.
// [a | "bc"] is how a list with characters at its end is printed.
static const Item *make_list_value(Pretty *p, Term list)
{
    Term t = list, end = string_end(p, list);
    // [] was taken before.
    if (term_same(end, list)) {
        Item *string = item_new(p, ITEM_STRING, 0);
        string->term = list;
        return string;
    }
    size_t count = 0;
    for (; !term_same(t, end); t = term_tail(t)) count++;
    bool proper = term_is_nil(t);
    Item *item = item_new(p, ITEM_SEQUENCE, count + !proper);
    for (size_t i = 0; i < count; i++, list = term_tail(list))
        item->items[i] = make_value(p, term_head(list));
    if (!proper) item->items[count] = make_value(p, t);
    item->before = item_text(p, "[");
    item->after = item_text(p, "]");
    item->separator = item->last_separator = item_text(p, ",");
    if (!proper) item->last_separator = item_leaf(p, " |");
    item->spaced = true;
    return item;
}

// Elements lie side by side behind the header.
static const Item *make_tuple_value(Pretty *p, Term tuple)
{
    Term list = heap_list(&p->scratch, term_arity(tuple),
                          term_box_ptr(tuple) + 1, TERM_NIL);
    return make_braces(p, list, make_value);
}

// In the order of the map's own iteration.
static const Item *make_map_value(Pretty *p, Term map, int outer)
{
    if (map_size(map) == 0)
        return item_first(p, item_text(p, "#"), item_leaf(p, "{}"));
    Item *item = item_new(p, ITEM_SEQUENCE, map_size(map));
    MapIterator it;
    Term key, value;
    size_t n = 0;
    map_iterate(&it, map);
    while (map_next(&it, &key, &value)) {
        const Item *head = make_row2(p, make_value(p, key),
                                     item_leaf(p, " =>"));
        item->items[n++] =
            make_list1(p, item_step(p, head, make_value(p, value)));
    }
    item->before = item_text(p, "{");
    item->after = item_text(p, "}");
    item->separator = item->last_separator = item_text(p, ",");
    item->spaced = true;
    return make_parenthesized(p, precedence_prefix(ATOM_hash).self, outer,
                              item_first(p, item_text(p, "#"), item));
}

// The bytes of a bitstring, and what is left as Value:Size.
// <<1,2,3:4>>; never as a string.
static const Item *make_bits_value(Pretty *p, Term t)
{
    Bits bits;
    term_bits(t, &bits);
    if (bits.size == 0) return item_leaf(p, "<<>>");
    size_t count = (bits.size + 7) / 8;
    uint8_t *bytes = (uint8_t *)heap_alloc(&p->scratch, count / 8 + 1);
    bits_copy(bytes, &bits);
    Item *series = item_new(p, ITEM_SEQUENCE, count);
    for (size_t i = 0; i < count; i++) {
        // Bits of the last byte.
        unsigned used = i + 1 == count && bits.size % 8 ? bits.size % 8 : 8;
        char text[16];
        snprintf(text, sizeof text, used == 8 ? "%u" : "%u:%u",
                 bytes[i] >> (8 - used), used); // the value is in the top bits
        series->items[i] = item_leaf(p, text);
    }
    series->separator = series->last_separator = item_text(p, ",");
    return item_row(p, 3, (const Item *[]){item_leaf(p, "<<"), series,
                                           item_leaf(p, ">>")});
}

// Pids, ports, references and local funs have no text that could be read back;
// they are bad.
const Item *make_abstract(Pretty *p, Term value, int precedence)
{
    if (term_is_atom(value)) return item_atom(p, value);
    if (term_is_nil(value)) return item_leaf(p, "[]");
    if (term_is_cons(value)) return make_list_value(p, value);
    if (term_is_tuple(value)) return make_tuple_value(p, value);
    if (term_is_map(value)) return make_map_value(p, value, precedence);
    if (term_is_bitstring(value)) return make_bits_value(p, value);
    // fun m:f/1 is a value with a text.
    bool external = term_has_subtag(value, SUBTAG_EXPORT);
    if (!term_is_number(value) && !external) return item_bad(p);
    leaf_add_term(p, value);
    return leaf_close(p, !external);
}
