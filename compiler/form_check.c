// SPDX-License-Identifier: Apache-2.0
// The shape of forms. A table tells of each kind what its parts behind the
// annotation are, a letter for each.
//
// The compiler reads forms without looking twice: form_get on what is no tuple
// would read anything. So forms that no parser of this house has made (of parse
// transforms, of compile:forms) are looked at here before. It is about shape
// alone; what a form means is lint's matter, and what is refused here OTP
// mostly crashes on.
#include "form_check.h"

#include "operator.h"

enum { DEPTH_MOST = 2000 }; // what lies deeper is taken on trust

// Letters: a atom, 1 prefix operator, 2 infix operator, n number, t any term, s
// list of characters, e expression or pattern, E list of these, G guard, C
// clauses, F body of a fun, S size of a segment. Kinds with several shapes have
// a row for each, and the first that fits will do.
static const struct {
    uintptr_t tag;
    const char *parts;
} kinds[] = {
    {ATOM_BITS_var, "a"}, {ATOM_BITS_atom, "a"}, {ATOM_BITS_integer, "n"},
    {ATOM_BITS_float, "n"}, {ATOM_BITS_char, "n"}, {ATOM_BITS_string, "s"},
    {ATOM_BITS_nil, ""}, {ATOM_BITS_cons, "ee"}, {ATOM_BITS_tuple, "E"},
    {ATOM_BITS_match, "ee"}, {ATOM_BITS_maybe_match, "ee"},
    {ATOM_BITS_bin, "E"}, {ATOM_BITS_bin_element, "eSt"},
    {ATOM_BITS_op, "1e"}, {ATOM_BITS_op, "2ee"},
    {ATOM_BITS_call, "eE"}, {ATOM_BITS_remote, "ee"},
    {ATOM_BITS_record, "aE"}, {ATOM_BITS_record, "eaE"},
    {ATOM_BITS_record_field, "e"}, {ATOM_BITS_record_field, "ee"},
    {ATOM_BITS_record_field, "eae"}, {ATOM_BITS_record_index, "ae"},
    {ATOM_BITS_typed_record_field, "t"},
    {ATOM_BITS_map, "E"}, {ATOM_BITS_map, "eE"},
    {ATOM_BITS_map_field_assoc, "ee"}, {ATOM_BITS_map_field_exact, "ee"},
    {ATOM_BITS_lc, "eE"}, {ATOM_BITS_bc, "eE"}, {ATOM_BITS_mc, "eE"},
    {ATOM_BITS_generate, "ee"}, {ATOM_BITS_generate_strict, "ee"},
    {ATOM_BITS_b_generate, "ee"}, {ATOM_BITS_b_generate_strict, "ee"},
    {ATOM_BITS_m_generate, "ee"}, {ATOM_BITS_m_generate_strict, "ee"},
    {ATOM_BITS_zip, "E"},
    {ATOM_BITS_block, "E"}, {ATOM_BITS_if, "C"}, {ATOM_BITS_case, "eC"},
    {ATOM_BITS_try, "ECCE"}, {ATOM_BITS_catch, "e"},
    {ATOM_BITS_receive, "C"}, {ATOM_BITS_receive, "CeE"},
    {ATOM_BITS_maybe, "E"}, {ATOM_BITS_maybe, "Ee"}, {ATOM_BITS_else, "C"},
    {ATOM_BITS_fun, "F"}, {ATOM_BITS_named_fun, "aC"},
    {ATOM_BITS_clause, "EGE"},
};

static bool is_expr(Term e, unsigned depth);

// Improper lists are refused by the way.
static bool is_list_of(Term list, bool (*is_one)(Term, unsigned),
                       unsigned depth)
{
    for (; term_is_cons(list); list = term_tail(list))
        if (!is_one(term_head(list), depth)) return false;
    return term_is_nil(list);
}

static bool is_exprs(Term list, unsigned depth)
{
    return is_list_of(list, is_expr, depth);
}

// A body must not be empty: it would have no value.
static bool is_clause(Term c, unsigned depth)
{
    return term_is_tuple_of(c, 5)
           && term_same(term_tuple_get(c, 0), ATOM_clause)
           && term_is_cons(term_tuple_get(c, 4)) && is_expr(c, depth);
}

static bool is_clauses(Term list, unsigned depth)
{
    return is_list_of(list, is_clause, depth);
}

// Any number will do: what is no code point shows when it runs.
static bool is_character(Term t, unsigned depth)
{
    (void)depth;
    return term_is_small(t) && term_small_value(t) >= 0;
}

// {clauses, Clauses}, {function, F, A} or {function, M, F, A}
static bool is_fun(Term t, unsigned depth)
{
    if (!term_is_tuple(t) || term_arity(t) < 2) return false;
    if (term_same(term_tuple_get(t, 0), ATOM_clauses))
        return term_arity(t) == 2 && term_is_cons(term_tuple_get(t, 1))
               && is_clauses(term_tuple_get(t, 1), depth);
    if (!term_same(term_tuple_get(t, 0), ATOM_function)) return false;
    if (term_arity(t) == 3)
        return term_is_atom(term_tuple_get(t, 1))
               && is_character(term_tuple_get(t, 2), depth);
    return term_arity(t) == 4;
}

// An operator without a class has effects, or answers lists: these are named
// here. Any other atom would reach code that knows no such operator.
static bool is_operator(Term t, size_t arity)
{
    if (!term_is_atom(t)) return false;
    if (operator_class(t, arity) != OPERATOR_NONE) return true;
    return arity == 2
           && (term_same(t, ATOM_andalso) || term_same(t, ATOM_orelse)
               || term_same(t, ATOM_append) || term_same(t, ATOM_subtract)
               || term_same(t, ATOM_send_op));
}

// The letter `t' stands for what is not looked at.
static bool is_part(Term t, char letter, unsigned depth)
{
    switch (letter) {
    case 'a': return term_is_atom(t);
    case '1': return is_operator(t, 1);
    case '2': return is_operator(t, 2);
    case 'n': return term_is_integer(t) || term_is_float(t);
    case 's': return is_list_of(t, is_character, depth);
    case 'e': return is_expr(t, depth);
    case 'E': return is_exprs(t, depth);
    case 'G': return is_list_of(t, is_exprs, depth);
    case 'C': return is_clauses(t, depth);
    case 'F': return is_fun(t, depth);
    case 'S': return term_same(t, ATOM_default) || is_expr(t, depth);
    default: return true;
    }
}

// Lines and arities.
static bool is_number(Term t)
{
    return term_is_small(t) && term_small_value(t) >= 0;
}

// Line, {Line, Column} or a list of properties, of which those that are not
// known do no harm.
static bool is_anno(Term a)
{
    if (term_is_tuple_of(a, 2))
        return is_number(term_tuple_get(a, 0))
               && is_number(term_tuple_get(a, 1));
    return is_number(a) || term_list_length(a) >= 0;
}

// The number of parts must be that of the row, so optional parts are rows.
static bool fits(Term e, const char *parts, unsigned depth)
{
    size_t n = 0;
    while (parts[n] != 0) n++;
    if (term_arity(e) != n + 2) return false;
    for (size_t i = 0; i < n; i++)
        if (!is_part(term_tuple_get(e, i + 2), parts[i], depth)) return false;
    return true;
}

// Each level tries the rows of its tag only; the depth is bounded since C stack
// is, and deeper than that is refused later as nested too deep.
static bool is_expr(Term e, unsigned depth)
{
    if (depth > DEPTH_MOST) return true;
    if (!term_is_tuple(e) || term_arity(e) < 2
        || !is_anno(term_tuple_get(e, 1)))
        return false;
    uintptr_t tag = term_tuple_get(e, 0).bits;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].tag == tag && fits(e, kinds[i].parts, depth + 1))
            return true;
    return false;
}

// Clauses that all take [arity]: builders number parameters by it.
static bool is_function(Term f)
{
    Term arity = term_tuple_get(f, 3), clauses = term_tuple_get(f, 4);
    if (!term_is_atom(term_tuple_get(f, 2)) || !is_number(arity)
        || !term_is_cons(clauses) || !is_clauses(clauses, 0))
        return false;
    for (; term_is_cons(clauses); clauses = term_tail(clauses))
        if (term_list_length(term_tuple_get(term_head(clauses), 2))
            != term_small_value(arity))
            return false;
    return true;
}

// ---- types ----
// Types are checked since lint walks them; the code does not need them.

static bool is_type(Term t, unsigned depth);

static bool is_types(Term list, unsigned depth)
{
    return is_list_of(list, is_type, depth);
}

// {atom, A, Name}
static bool is_name(Term t)
{
    return term_is_tuple_of(t, 3) && term_same(term_tuple_get(t, 0), ATOM_atom)
           && is_anno(term_tuple_get(t, 1))
           && term_is_atom(term_tuple_get(t, 2));
}

// Of two elements, as many lists in types are.
static bool is_pair(Term list)
{
    return term_list_length(list) == 2;
}

static Term second(Term list)
{
    return term_head(term_tail(list));
}

// #name{field :: T, ...}: the name, and field types.
static bool is_record_type(Term args, unsigned depth)
{
    return term_is_cons(args) && is_name(term_head(args))
           && is_types(term_tail(args), depth);
}

// [M, F, Args] of M:F(...); module and name are literals.
static bool is_remote_type(Term args, unsigned depth)
{
    return term_list_length(args) == 3 && is_name(term_head(args))
           && is_name(second(args))
           && is_types(second(term_tail(args)), depth);
}

// What stands behind {type, A, Name}: mostly a list of types, but some names
// have lists of another kind.
static bool is_type_args(Term name, Term args, unsigned depth)
{
    switch (name.bits) {
    case ATOM_BITS_record: return is_record_type(args, depth);
    case ATOM_BITS_field_type:
        return is_pair(args) && is_name(term_head(args))
               && is_type(second(args), depth);
    case ATOM_BITS_constraint:
        return is_pair(args) && is_name(term_head(args))
               && is_pair(second(args)) && is_types(second(args), depth);
    case ATOM_BITS_bounded_fun:
        return is_pair(args) && is_type(term_head(args), depth)
               && is_types(second(args), depth);
    default:
        return term_same(args, ATOM_any) || is_types(args, depth);
    }
}

// The kinds that erl_parse makes of types. Expressions of integers are
// operators on types.
static bool is_type(Term t, unsigned depth)
{
    if (depth > DEPTH_MOST) return true;
    if (!term_is_tuple(t) || term_arity(t) < 3
        || !is_anno(term_tuple_get(t, 1)))
        return false;
    size_t n = term_arity(t);
    Term what = term_tuple_get(t, 2);
    switch (term_tuple_get(t, 0).bits) {
    case ATOM_BITS_var: case ATOM_BITS_atom:
        return n == 3 && term_is_atom(what);
    case ATOM_BITS_integer: case ATOM_BITS_char:
        return n == 3 && term_is_integer(what);
    case ATOM_BITS_op:
        return term_is_atom(what) && (n == 4 || n == 5)
               && is_type(term_tuple_get(t, 3), depth + 1)
               && (n == 4 || is_type(term_tuple_get(t, 4), depth + 1));
    case ATOM_BITS_ann_type:
        return n == 3 && is_pair(what) && is_types(what, depth + 1);
    case ATOM_BITS_paren_type:
        return n == 3 && term_list_length(what) == 1
               && is_types(what, depth + 1);
    case ATOM_BITS_remote_type:
        return n == 3 && is_remote_type(what, depth + 1);
    case ATOM_BITS_user_type:
        return n == 4 && term_is_atom(what)
               && is_types(term_tuple_get(t, 3), depth + 1);
    case ATOM_BITS_type:
        // {type, A, any} is the domain of fun((...) -> T).
        return term_is_atom(what)
               && (n == 3 || (n == 4 && is_type_args(what, term_tuple_get(t, 3),
                                                     depth + 1)));
    default: return false;
    }
}

// What a function takes and gives, maybe with constraints. Each signature of a
// spec is a fun type, or one with constraints that holds it.
static bool is_signature(Term t, unsigned depth)
{
    if (!is_type(t, depth) || term_arity(t) != 4) return false;
    Term name = term_tuple_get(t, 2), args = term_tuple_get(t, 3);
    if (term_same(name, ATOM_bounded_fun))
        return is_signature(term_head(args), depth);
    return term_same(name, ATOM_fun) && is_pair(args);
}

// {{F, A}, [Signature]}, or {M, F, A} in front.
static bool is_spec(Term value)
{
    if (!term_is_tuple_of(value, 2)) return false;
    Term mfa = term_tuple_get(value, 0);
    if (!term_is_tuple_of(mfa, 2) && !term_is_tuple_of(mfa, 3)) return false;
    size_t n = term_arity(mfa);
    return term_is_atom(term_tuple_get(mfa, 0))
           && term_is_atom(term_tuple_get(mfa, n - 2))
           && is_number(term_tuple_get(mfa, n - 1))
           && is_list_of(term_tuple_get(value, 1), is_signature, 0);
}

// {{record, Name}, [Field | _], []}: compilers before OTP 19 kept the types of
// a record's fields so. Lint tells that it is too old.
static bool is_old_record_type(Term value)
{
    Term name = term_tuple_get(value, 0), fields = term_tuple_get(value, 1);
    if (!term_is_tuple_of(name, 2) || !term_is_cons(fields)) return false;
    Term field = term_head(fields);
    return term_same(term_tuple_get(name, 0), ATOM_record)
           && term_is_tuple_of(field, 3)
           && term_same(term_tuple_get(field, 0), ATOM_typed_record_field)
           && is_expr(term_tuple_get(field, 1), 0);
}

// {Name, Type, Variables}, of which the last are types, too.
static bool is_type_definition(Term value)
{
    if (!term_is_tuple_of(value, 3)) return false;
    if (!term_is_atom(term_tuple_get(value, 0)))
        return is_old_record_type(value);
    return is_type(term_tuple_get(value, 1), 0)
           && is_types(term_tuple_get(value, 2), 0);
}

// {Name, Fields}
// Fields are {record_field, ...}, typed or not, and their names are atoms:
// everything about records relies on that.
static bool is_record(Term r)
{
    if (!term_is_tuple_of(r, 2) || !term_is_atom(term_tuple_get(r, 0)))
        return false;
    Term fields = term_tuple_get(r, 1);
    for (; term_is_cons(fields); fields = term_tail(fields)) {
        Term f = term_head(fields);
        if (term_is_tuple_of(f, 3)
            && term_same(term_tuple_get(f, 0), ATOM_typed_record_field)) {
            if (!is_type(term_tuple_get(f, 2), 0)) return false;
            f = term_tuple_get(f, 1);
        }
        if (!is_expr(f, 0)
            || !term_same(term_tuple_get(f, 0), ATOM_record_field)
            || !is_name(term_tuple_get(f, 2)))
            return false;
    }
    return term_is_nil(fields);
}

// Others may have any value: whoever reads them looks first.
static bool is_attribute(Term name, Term value)
{
    switch (name.bits) {
    case ATOM_BITS_record: return is_record(value);
    case ATOM_BITS_spec: case ATOM_BITS_callback: return is_spec(value);
    case ATOM_BITS_type: case ATOM_BITS_opaque:
        return is_type_definition(value);
    default: return true;
    }
}

// Forms of errors are passed on by lint; unknown forms need an annotation only.
static bool is_form(Term f)
{
    if (!term_is_tuple(f) || term_arity(f) < 2
        || !term_is_atom(term_tuple_get(f, 0)))
        return false;
    switch (term_tuple_get(f, 0).bits) {
    case ATOM_BITS_error: case ATOM_BITS_warning: return true;
    case ATOM_BITS_function:
        return term_arity(f) == 5 && is_anno(term_tuple_get(f, 1))
               && is_function(f);
    case ATOM_BITS_attribute:
        if (term_arity(f) != 4 || !is_anno(term_tuple_get(f, 1))
            || !term_is_atom(term_tuple_get(f, 2)))
            return false;
        return is_attribute(term_tuple_get(f, 2), term_tuple_get(f, 3));
    default: return is_anno(term_tuple_get(f, 1));
    }
}

// The list itself must be proper.
bool form_check_all(Term forms)
{
    for (; term_is_cons(forms); forms = term_tail(forms))
        if (!is_form(term_head(forms))) return false;
    return term_is_nil(forms);
}

bool form_check_exprs(Term exprs)
{
    return is_exprs(exprs, 0);
}
