// SPDX-License-Identifier: Apache-2.0
// Guards and conditions: boolean expressions as jumps.
//
// In a guard (b->fail is set) nothing raises: what fails makes the guard false.
// Outside, only what gives a boolean for sure and binds nothing is a condition,
// as in case is_atom(X) of ...; all else is a value that is then matched.
//
// A condition never has a value: it has a block where it does not hold, and the
// builder goes on where it does. So `X > 1 andalso Y' costs two tests and no
// booleans, and what the tests show is known behind them.
#include "builder.h"
#include "fold.h"

// Name and arguments of a call in a guard: an operator or a BIF.
typedef struct {
    Term name;    // as erlang has it
    size_t n;     // of args
    Term args[3]; // forms; no guard BIF has more
} GuardCall;

// False for calls with more than three arguments, which are of no guard BIF.
static bool read_args(GuardCall *c, Term list)
{
    c->n = 0;
    for (; term_is_cons(list); list = term_tail(list)) {
        if (c->n == 3) return false;
        c->args[c->n++] = term_head(list);
    }
    return true;
}

// Type tests of old had no is_ before their names. record/2 is told from a type
// by its arity. Where the module has a function of that name the test is not
// meant.
static Term modern_name(Builder *b, Term name, size_t n)
{
    if (build_is_local(b, name, n)) return name;
    if (n == 2 && term_same(name, ATOM_record)) return ATOM_is_record;
    if (n != 1) return name;
    switch (name.bits) {
    case ATOM_BITS_atom: return ATOM_is_atom;
    case ATOM_BITS_binary: return ATOM_is_binary;
    case ATOM_BITS_function: return ATOM_is_function;
    case ATOM_BITS_integer: return ATOM_is_integer;
    case ATOM_BITS_list: return ATOM_is_list;
    case ATOM_BITS_number: return ATOM_is_number;
    case ATOM_BITS_pid: return ATOM_is_pid;
    case ATOM_BITS_port: return ATOM_is_port;
    case ATOM_BITS_reference: return ATOM_is_reference;
    case ATOM_BITS_tuple: return ATOM_is_tuple;
    default: return name;
    }
}

// Whether [e] is an operator or a call of a BIF that has an instruction, by its
// own name or by erlang's. Within a guard a plain name can only be erlang's;
// outside of one size(X) is the module's own function when there is one.
static bool guard_call(Builder *b, Term e, GuardCall *c)
{
    if (form_is(e, ATOM_op)) {
        c->name = form_get(e, 3);
        c->n = term_arity(e) - 3;
        for (size_t i = 0; i < c->n && i < 3; i++)
            c->args[i] = form_get(e, 4 + i);
        return build_is_guard_bif(c->name, c->n);
    }
    if (!form_is(e, ATOM_call) || !read_args(c, form_get(e, 4))) return false;
    Term f = form_get(e, 3);
    if (form_is(f, ATOM_remote)) {
        if (!form_is(form_get(f, 3), ATOM_atom)
            || !term_same(form_get(form_get(f, 3), 3), ATOM_erlang)
            || !form_is(form_get(f, 4), ATOM_atom))
            return false;
        f = form_get(f, 4);
    } else if (!form_is(f, ATOM_atom)
               || (b->fail == NULL
                   && build_is_local(b, form_get(f, 3), c->n))) {
        return false;
    }
    c->name = form_get(f, 3);
    if (b->fail != NULL && form_is(form_get(e, 3), ATOM_atom))
        c->name = modern_name(b, c->name, c->n);
    return build_is_guard_bif(c->name, c->n)
           || (term_same(c->name, ATOM_is_record) && (c->n == 2 || c->n == 3));
}

// Operators that need no value for their operands: two of them choose the way,
// and `not' exchanges the ways.
static bool is_logic(Term e)
{
    if (!form_is(e, ATOM_op)) return false;
    Term name = form_get(e, 3);
    return (term_arity(e) == 5 && (term_same(name, ATOM_andalso)
                                   || term_same(name, ATOM_orelse)))
           || (term_arity(e) == 4 && term_same(name, ATOM_not));
}

// Whether [e] may bind variables. In a condition it must not: they would be
// seen on one way only. A fun binds nothing outside of itself, so its body is
// not looked at.
static bool binds(Term e)
{
    switch (form_tag(e).bits) {
    case ATOM_BITS_match: case ATOM_BITS_block: case ATOM_BITS_case:
    case ATOM_BITS_if: case ATOM_BITS_receive: case ATOM_BITS_catch:
        return true;
    case ATOM_BITS_var: case ATOM_BITS_atom: case ATOM_BITS_integer:
    case ATOM_BITS_fun: case ATOM_BITS_named_fun: case ATOM_BITS_string:
        return false; // as most operands are
    default: break;
    }
    if (term_is_tuple(e))
        for (size_t i = 0; i < term_arity(e); i++)
            if (binds(term_tuple_get(e, i))) return true;
    for (; term_is_cons(e); e = term_tail(e))
        if (binds(term_head(e))) return true;
    return false;
}

// Whether the call of is_record says what record, so that no BIF is needed.
static bool names_record(const Builder *b, const GuardCall *c)
{
    if (!form_is(c->args[1], ATOM_atom)) return false;
    if (c->n == 2)
        return unit_record(b->u, form_get(c->args[1], 3)) != NULL;
    if (!form_is(c->args[2], ATOM_integer)) return false;
    Term size = form_get(c->args[2], 3);
    return term_is_small(size) && term_small_value(size) > 0;
}

// `and', `or', `xor' and `not' must look at both operands and raise for what is
// no boolean; is_function(F, A) raises when A is no arity and is_map_key(K, M)
// when M is no map. These are values. So is the record test of a name that is
// not known before the program runs.
bool build_is_condition(Builder *b, Term e)
{
    GuardCall c;
    if (is_logic(e)) {
        for (size_t i = 4; i <= term_arity(e); i++)
            if (!build_is_condition(b, form_get(e, i))) return false;
        return true;
    }
    if (!guard_call(b, e, &c)) return false;
    if (b->fail == NULL) // a guard binds nothing
        for (size_t i = 0; i < c.n; i++)
            if (binds(c.args[i])) return false;
    switch (c.name.bits) {
    case ATOM_BITS_and: case ATOM_BITS_or: case ATOM_BITS_xor:
    case ATOM_BITS_not: case ATOM_BITS_is_map_key:
        return false;
    case ATOM_BITS_is_function:
        return c.n == 1;
    case ATOM_BITS_is_record:
        return names_record(b, &c);
    default:
        return build_bif_is_boolean(c.name, c.n);
    }
}

// ---- records ----

// is_record(value, tag, size) as tests. The three stand side by side so that
// tagged_fuse can make one instruction of them, as OTP's loader wants it:
// is_tagged_tuple.
void build_record_test(Builder *b, Inst *v, Term tag, intptr_t size, Block *no)
{
    build_test(b, ATOM_is_tuple, 1, &v, true, no);
    build_test(b, ATOM_test_arity, 2,
               (Inst *[]){v, build_literal(b, term_small(size))}, true, no);
    // What is known rules the record out, so one of the two was folded into a
    // jump. The element must not be read then: it may not be there.
    if ((v->type & 0xFFFF) != TYPE_TUPLE || v->type >> TYPE_ARITY_SHIFT < 2) {
        build_jump(b, no);
        return;
    }
    Inst *first = build_element(b, v, 0);
    build_test(b, ATOM_exact_eq, 2, (Inst *[]){first, build_literal(b, tag)},
               true, no);
}

static bool record_condition(Builder *b, const GuardCall *c, bool sense,
                             Block *other)
{
    if (!names_record(b, c)) return false; // left to the BIF
    Term tag = form_get(c->args[1], 3);
    intptr_t size = c->n == 3
                        ? term_small_value(form_get(c->args[2], 3))
                        : (intptr_t)unit_record(b->u, tag)->count + 1;
    Inst *v = build_value(b, c->args[0]);
    if (sense) {
        build_record_test(b, v, tag, size, other);
        return true;
    }
    // `not is_record(V, r)': the tests lead to where the builder goes on, and
    // when all three hold it jumps away.
    size_t mark = build_mark(b);
    Block *no = build_block(b);
    build_record_test(b, v, tag, size, no);
    build_jump(b, other);
    build_undo(b, mark);
    build_at(b, no);
    return true;
}

// ---- conditions ----

// andalso and orelse by jumps. When both operands must be [sense] they are
// asked one after the other. When one of them is enough (`A orelse B' is to be
// true, `A andalso B' to be false) the first that is goes on at once, and only
// the second leads to [other].
static void logic_condition(Builder *b, Term e, bool sense, Block *other)
{
    bool both = term_same(form_get(e, 3), ATOM_andalso);
    if (both == sense) {
        // Both must be [sense]: one after the other.
        build_condition(b, form_get(e, 4), sense, other);
        build_condition(b, form_get(e, 5), sense, other);
        return;
    }
    Block *on = build_block(b);
    size_t mark = build_mark(b);
    build_condition(b, form_get(e, 4), !sense, on);
    build_condition(b, form_get(e, 5), sense, other);
    build_jump(b, on);
    build_undo(b, mark);
    build_at(b, on);
}

// A value that should be a boolean: anything else fails a guard. There are
// three outcomes: it holds, it does not, it is no boolean. The third needs a
// test of its own only in a guard under a `not' or an orelse, where not to hold
// and to fail are different ways. Outside of guards nothing but booleans comes
// here.
static void value_condition(Builder *b, Term e, bool sense, Block *other)
{
    Inst *v = build_value(b, e);
    Inst *want = build_literal(b, sense ? ATOM_true : ATOM_false);
    if (!(v->type & ~(uint64_t)TYPE_BOOL) || b->fail == other
        || b->fail == NULL) {
        build_test(b, ATOM_exact_eq, 2, (Inst *[]){v, want}, true, other);
        return;
    }
    Block *no = build_block(b);
    size_t mark = build_mark(b);
    build_test(b, ATOM_exact_eq, 2, (Inst *[]){v, want}, true, no);
    Block *on = build_aside(b, mark, no);
    build_test(b, ATOM_exact_eq, 2,
               (Inst *[]){v, build_literal(b, sense ? ATOM_false : ATOM_true)},
               true, b->fail);
    build_jump(b, other);
    build_undo(b, mark);
    build_at(b, on);
}

// > and =< are tested as < and >= with the operands exchanged. The machine has
// is_lt and is_ge only.
static void compare(Builder *b, Term name, Inst **args, bool sense,
                    Block *other)
{
    Inst *x = args[0], *y = args[1];
    switch (name.bits) {
    case ATOM_BITS_gt:
        build_test(b, ATOM_lt, 2, (Inst *[]){y, x}, sense, other);
        break;
    case ATOM_BITS_le:
        build_test(b, ATOM_ge, 2, (Inst *[]){y, x}, sense, other);
        break;
    default:
        // A literal comes second: X == 1 and 1 == X are then the same test to
        // whoever compares or joins tests, and select_val wants it so.
        if (ir_is_literal(x) && !term_same(name, ATOM_lt)
            && !term_same(name, ATOM_ge)) {
            args[0] = y;
            args[1] = x;
        }
        build_test(b, name, 2, args, sense, other);
    }
}

// Strict and/or whose operands cannot fail are as good as andalso/orelse.
// Nobody can tell whether the second was looked at, and old code, which says
// `and' where it means `andalso', gets the same jumps.
static bool strict_condition(Builder *b, Term e, bool sense, Block *other)
{
    Term name = form_get(e, 3);
    if (b->fail == NULL || term_arity(e) != 5) return false;
    bool both = term_same(name, ATOM_and);
    if (!both && !term_same(name, ATOM_or)) return false;
    if (!build_is_condition(b, form_get(e, 4))
        || !build_is_condition(b, form_get(e, 5)) || !form_is_safe(b, e))
        return false;
    Term as = heap_tuple(&b->u->heap, 5,
                         (Term[]){ATOM_op, form_get(e, 2),
                                  both ? ATOM_andalso : ATOM_orelse,
                                  form_get(e, 4), form_get(e, 5)});
    logic_condition(b, as, sense, other);
    return true;
}

// What has an instruction that jumps is tested by it; everything else becomes a
// value that is compared with true. The place is set behind the operands, as
// their own were.
void build_condition(Builder *b, Term e, bool sense, Block *other)
{
    GuardCall c;
    if (is_logic(e)) {
        if (term_arity(e) == 5) logic_condition(b, e, sense, other);
        else build_condition(b, form_get(e, 4), !sense, other);
        return;
    }
    if (form_is(e, ATOM_op) && strict_condition(b, e, sense, other)) return;
    if (!guard_call(b, e, &c)) {
        value_condition(b, e, sense, other);
        return;
    }
    // float/1 converts elsewhere, but as a whole test it is the type test of
    // old, as in `f(X) when float(X)'.
    if (b->fail != NULL && c.n == 1 && term_same(c.name, ATOM_float))
        c.name = ATOM_is_float;
    if (term_same(c.name, ATOM_is_record)) {
        if (record_condition(b, &c, sense, other)) return;
        value_condition(b, e, sense, other);
        return;
    }
    switch (c.name.bits) {
    case ATOM_BITS_and: case ATOM_BITS_or: case ATOM_BITS_xor:
    case ATOM_BITS_not: case ATOM_BITS_is_map_key:
        value_condition(b, e, sense, other);
        return;
    default: break;
    }
    if (!build_bif_is_boolean(c.name, c.n)
        || (c.n == 2 && term_same(c.name, ATOM_is_function)
            && b->fail == NULL)) {
        value_condition(b, e, sense, other);
        return;
    }
    Inst *args[2];
    for (size_t i = 0; i < c.n; i++) args[i] = build_value(b, c.args[i]);
    build_place(b, form_get(e, 2));
    if (c.n == 2) compare(b, c.name, args, sense, other);
    else build_test(b, c.name, 1, args, sense, other);
}

// Whether evaluating guard expression [e] can never fail: tests of variables
// and literals. Sums, sizes and reads may fail, whatever they are of.
bool form_is_safe(Builder *b, Term e)
{
    switch (form_tag(e).bits) {
    case ATOM_BITS_var: case ATOM_BITS_integer: case ATOM_BITS_atom:
    case ATOM_BITS_float: case ATOM_BITS_char: case ATOM_BITS_nil:
    case ATOM_BITS_string:
        return true;
    default: break;
    }
    GuardCall c;
    if (is_logic(e)) {
        c.n = term_arity(e) - 3;
        for (size_t i = 0; i < c.n; i++) c.args[i] = form_get(e, 4 + i);
    } else if (!guard_call(b, e, &c) || !build_bif_is_boolean(c.name, c.n)
               || term_same(c.name, ATOM_is_map_key)
               || (c.n == 2 && term_same(c.name, ATOM_is_function))) {
        return false;
    }
    for (size_t i = 0; i < c.n; i++)
        if (!form_is_safe(b, c.args[i])) return false;
    return true;
}

static bool is_guard_expr(Builder *b, Term e);

// Associations and exact fields are alike here.
static bool are_guard_fields(Builder *b, Term fields)
{
    for (; term_is_cons(fields); fields = term_tail(fields))
        if (!is_guard_expr(b, form_get(term_head(fields), 3))
            || !is_guard_expr(b, form_get(term_head(fields), 4)))
            return false;
    return true;
}

// The size of a segment may be `default', which is an atom and no form.
static bool are_guard_segments(Builder *b, Term list)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term size = form_get(term_head(list), 4);
        if (!is_guard_expr(b, form_get(term_head(list), 3))
            || (term_is_tuple(size) && !is_guard_expr(b, size)))
            return false;
    }
    return true;
}

// #r{...} with the defaults that are put in.
static bool is_guard_record(Builder *b, Term e)
{
    // NULL when lint has told of it; a fifth element makes it an update.
    Record *r = unit_record(b->u, form_get(e, 3));
    if (r == NULL || term_arity(e) != 4) return false;
    for (Term f = form_get(e, 4); term_is_cons(f); f = term_tail(f))
        if (!is_guard_expr(b, form_get(term_head(f), 4))) return false;
    for (size_t i = 0; i < r->count; i++)
        if (!term_is_none(r->defaults[i])
            && !is_guard_expr(b, r->defaults[i]))
            return false;
    return true;
}

// Whether [e] is made of what guards are made of. A filter of a comprehension
// that is one is a guard, so it is false when it fails; any other is an
// expression, and raises. erl_lint draws the line by the form alone, and so
// must this: types that are known here do not count.
static bool is_guard_expr(Builder *b, Term e)
{
    GuardCall c;
    switch (form_tag(e).bits) {
    case ATOM_BITS_var: case ATOM_BITS_integer: case ATOM_BITS_atom:
    case ATOM_BITS_float: case ATOM_BITS_char: case ATOM_BITS_nil:
    case ATOM_BITS_string: case ATOM_BITS_record_index:
        return true;
    case ATOM_BITS_cons:
        return is_guard_expr(b, form_get(e, 3))
               && is_guard_expr(b, form_get(e, 4));
    case ATOM_BITS_record_field: return is_guard_expr(b, form_get(e, 3));
    case ATOM_BITS_record: return is_guard_record(b, e);
    case ATOM_BITS_bin: return are_guard_segments(b, form_get(e, 3));
    case ATOM_BITS_map:
        return (term_arity(e) == 3 || is_guard_expr(b, form_get(e, 3)))
               && are_guard_fields(b, form_get(e, term_arity(e)));
    case ATOM_BITS_tuple:
        for (Term l = form_get(e, 3); term_is_cons(l); l = term_tail(l))
            if (!is_guard_expr(b, term_head(l))) return false;
        return true;
    case ATOM_BITS_op: case ATOM_BITS_call: break;
    default: return false;
    }
    if (is_logic(e)) {
        c.n = term_arity(e) - 3;
        for (size_t i = 0; i < c.n; i++) c.args[i] = form_get(e, 4 + i);
    } else if (!guard_call(b, e, &c)) {
        return false;
    }
    for (size_t i = 0; i < c.n; i++)
        if (!is_guard_expr(b, c.args[i])) return false;
    return true;
}

// Whether [e] is a type test by the name that only guards know.
static bool is_old_test(Builder *b, Term e)
{
    GuardCall c;
    if (!form_is(e, ATOM_call) || !form_is(form_get(e, 3), ATOM_atom)
        || !read_args(&c, form_get(e, 4)))
        return false;
    Term name = form_get(form_get(e, 3), 3);
    if (term_same(modern_name(b, name, c.n), name)) return false;
    for (size_t i = 0; i < c.n; i++)
        if (!is_guard_expr(b, c.args[i])) return false;
    return true;
}

bool build_is_guard_test(Builder *b, Term e)
{
    return is_guard_expr(b, e) || is_old_test(b, e);
}

// ---- guards ----

// Alternatives, of which one must hold, are tried in order; the tests of each
// one all must. What an alternative has shown is not known in the next, and
// behind several of them only what was known before: they meet in [on]. With
// one alternative, as nearly always, no block is needed and the body profits of
// what the guard has shown:
//   f(T) when is_tuple(T), tuple_size(T) =:= 2 -> element(1, T)
// is a plain read.
void build_guard(Builder *b, Term guard, Block *fail)
{
    Block *outer = b->fail;
    Place place = b->place;
    if (!term_is_cons(guard)) return;
    Block *on = NULL;
    for (; term_is_cons(guard); guard = term_tail(guard)) {
        bool last = term_is_nil(term_tail(guard));
        Block *no = last ? fail : build_block(b);
        size_t mark = build_mark(b);
        b->fail = no;
        for (Term l = term_head(guard); term_is_cons(l); l = term_tail(l))
            build_condition(b, term_head(l), true, no);
        if (last && on == NULL) break; // facts stay
        if (on == NULL) on = build_block(b);
        build_jump(b, on);
        build_undo(b, mark);
        build_at(b, last ? on : no);
    }
    b->fail = outer;
    b->place = place;
}

// ---- values in guards ----

// A literal when no way leads to failure.
Inst *build_condition_value(Builder *b, Term e)
{
    Block *no = build_block(b), *join = build_block(b);
    size_t mark = build_mark(b);
    build_condition(b, e, true, no);
    build_jump(b, join);
    build_undo(b, mark);
    build_at(b, no);
    bool never = no->prev_count == 0;
    if (!never) build_jump(b, join);
    build_at(b, join);
    Inst *values[] = {build_literal(b, ATOM_true),
                      build_literal(b, ATOM_false)};
    return build_phi(b, never ? 1 : 2, values);
}

static Inst *guard_bif(Builder *b, Term e, const GuardCall *c)
{
    Inst *args[3];
    for (size_t i = 0; i < c->n; i++)
        args[i] = ir_value(build_guard_expr(b, c->args[i]));
    build_place(b, form_get(e, 2));
    return build_bif(b, c->name, c->n, args);
}

// As long as b->fail is set no part of it may raise; what is not known as a
// guard call (literals, variables, tuples) is built as anywhere, and its
// operands come back here through build_value.
Inst *build_guard_expr(Builder *b, Term e)
{
    GuardCall c;
    if (is_logic(e) && term_arity(e) == 5) {
        // The second operand may be any value.
        if (!build_is_condition(b, e)) return build_logic(b, e);
        return build_condition_value(b, e);
    }
    if ((form_is(e, ATOM_op) || form_is(e, ATOM_call))
        && guard_call(b, e, &c)) {
        if (!term_same(c.name, ATOM_is_record)) return guard_bif(b, e, &c);
        if (build_is_condition(b, e)) return build_condition_value(b, e);
        return guard_bif(b, e, &c);
    }
    return build_expr(b, e);
}

Inst *build_value(Builder *b, Term e)
{
    return ir_value(b->fail != NULL ? build_guard_expr(b, e)
                                    : build_expr(b, e));
}
