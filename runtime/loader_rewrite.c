// SPDX-License-Identifier: Apache-2.0
// Guards (loader_when_...) and rewriters of all but bits, see loader_rewrite.h.
#include <stdlib.h>

#include "loader_rewrite.h"
#include "memory.h"

// Called by the generated rules only; these have no header.
bool loader_when_erlang_code(Loader *l, const GenericOperand *v);
bool loader_when_immediate(Loader *l, const GenericOperand *v);
bool loader_when_other_register(Loader *l, const GenericOperand *v);
bool loader_when_small_fourth(Loader *l, const GenericOperand *v);
bool loader_when_small_literal(Loader *l, const GenericOperand *v);
bool loader_when_small_range(Loader *l, const GenericOperand *v);
bool loader_when_next_is_label(Loader *l, const GenericOperand *v);
bool loader_when_same_or_next(Loader *l, const GenericOperand *v);
bool loader_when_two_in_a_row(Loader *l, const GenericOperand *v);
bool loader_when_two_in_a_tuple(Loader *l, const GenericOperand *v);
bool loader_when_three_in_a_row(Loader *l, const GenericOperand *v);

// ---- guards ----

bool loader_when_immediate(Loader *l, const GenericOperand *v)
{
    return term_is_immediate((Term){v[2].value});
}

// P A B: B is a small integer that stands in an instruction.
bool loader_when_small_literal(Loader *l, const GenericOperand *v)
{
    return operand_is_small(&v[2]);
}

// N L P A B: the same.
bool loader_when_small_fourth(Loader *l, const GenericOperand *v)
{
    return operand_is_small(&v[4]);
}

// F S A B: A to B is a row of small integers that stand in an instruction.
bool loader_when_small_range(Loader *l, const GenericOperand *v)
{
    return operand_is_small(&v[2]) && operand_is_small(&v[3])
           && (int64_t)v[2].value <= (int64_t)v[3].value;
}

// F: label F stands right behind.
bool loader_when_next_is_label(Loader *l, const GenericOperand *v)
{
    if (l->behind >= l->op_count) return false; // a fused op may end the code
    const GenericOp *op = &l->ops[l->behind];
    return op->op == GENERIC_label && v[0].kind == GENERIC_LABEL
           && l->operands[op->first].value == v[0].value;
}

// F A B: the same, and B is an immediate.
bool loader_when_same_or_next(Loader *l, const GenericOperand *v)
{
    return loader_when_immediate(l, v) && loader_when_next_is_label(l, v);
}

// A C function that runs at once, as opposed to Erlang code and to what has a
// stub of its own.
static bool is_plain_bif(const Export *e)
{
    return e != NULL && e->bif != NULL
           && (e->bif->kind == BIF_PLAIN || e->bif->kind == BIF_GUARD);
}

// erlang:apply/2 or /3.
static bool is_apply(const Export *e)
{
    return e != NULL && e->bif != NULL && term_same(e->module, ATOM_erlang)
           && term_same(e->function, ATOM_apply);
}

// A B C D: from A to B, then from C to D.
// The second move does not read what the first has written.
bool loader_when_other_register(Loader *l, const GenericOperand *v)
{
    return !operand_same(&v[1], &v[2]);
}

// S D E: a call of E is one of Erlang code.
bool loader_when_erlang_code(Loader *l, const GenericOperand *v)
{
    // Calls of those are instructions of their own, without a frame.
    if (v[2].kind != GENERIC_EXPORT) return false;
    const Export *e = (const Export *)v[2].value;
    return !is_plain_bif(e) && !is_apply(e);
}

// S I A J B: element I to A, then J to B.
bool loader_when_two_in_a_row(Loader *l, const GenericOperand *v)
{
    // Writing A must not overwrite the tuple that J is read from.
    return v[3].value == v[1].value + 1 && !operand_same(&v[0], &v[2]);
}

// F S N I A J B: the same, of S.
bool loader_when_two_in_a_tuple(Loader *l, const GenericOperand *v)
{
    return v[5].value == v[3].value + 1 && !operand_same(&v[1], &v[4]);
}

// S I A J B K C
// Both steps of two in a row.
bool loader_when_three_in_a_row(Loader *l, const GenericOperand *v)
{
    return loader_when_two_in_a_row(l, v) && v[5].value == v[3].value + 1
           && !operand_same(&v[0], &v[4]);
}

// ---- rewriters: helpers ----

static GenericOperand operand_y(unsigned index)
{
    return (GenericOperand){.kind = GENERIC_Y, .value = index};
}

static GenericOperand erlang_export(Loader *l, Term name, unsigned arity)
{
    return operand_export(code_export(l->node, ATOM_erlang, name, arity));
}

// The rule has matched any operand here.
static Export *export_of(Loader *l, const GenericOperand *o)
{
    if (o->kind == GENERIC_EXPORT) return (Export *)o->value;
    loader_fail(l, "import expected");
    return NULL;
}

// ---- calls ----
// BIFs that run at once are called without leaving the function. A call of
// apply fails where it stands, if it does.

static void emit_apply(Loader *l, const Export *apply)
{
    if (apply->arity == 3)
        EMIT(l, apply_list, {0});
    else
        EMIT(l, apply_fun_list, {0});
}

static void emit_apply_last(Loader *l, const Export *apply, GenericOperand drop)
{
    if (apply->arity == 3)
        EMIT(l, apply_list_last, drop);
    else
        EMIT(l, apply_fun_list_last, drop);
}

REWRITER(call_ext)
{
    const Export *e = export_of(l, &v[0]);
    if (is_plain_bif(e))
        EMIT(l, call_bif, v[0]);
    else if (is_apply(e))
        emit_apply(l, e);
    else
        EMIT(l, call_ext, v[0]);
}

REWRITER(call_ext_last)
{
    const Export *e = export_of(l, &v[0]);
    if (is_plain_bif(e)) {
        // No tail call is needed for C: it is done when the frame goes.
        EMIT(l, call_bif, v[0]);
        EMIT(l, deallocate_return, v[1]);
    } else if (is_apply(e)) {
        emit_apply_last(l, e, v[1]);
    } else {
        EMIT(l, call_ext_last, v[1], v[0]);
    }
}

REWRITER(call_ext_only)
{
    const Export *e = export_of(l, &v[0]);
    if (is_plain_bif(e)) {
        EMIT(l, call_bif, v[0]);
        EMIT(l, return, {0});
    } else if (is_apply(e)) {
        emit_apply_last(l, e, operand_number(0));
    } else {
        EMIT(l, call_ext_only, v[0]);
    }
}

REWRITER(call_fun)
{
    // The fun stands behind its arguments.
    EMIT(l, call_fun, v[0], operand_x((unsigned)(v[0].value & 255)));
}

REWRITER(call_fun_last)
{
    EMIT(l, call_fun_last, v[0], v[1], operand_x((unsigned)(v[0].value & 255)));
}

REWRITER(send)
{
    Export *e = code_export(l->node, ATOM_erts_internal, ATOM_send_op, 2);
    EMIT(l, call_bif, operand_export(e));
}

// ---- frames ----

// Every y register must be a term before anything can collect.
static void emit_inits(Loader *l, uint64_t count)
{
    if (count > 1024) loader_fail(l, "frame is too large");
    for (unsigned i = 0; i < count && !l->failed; i++)
        EMIT(l, init, operand_y(i));
}

// Instructions of old compilers; clearing is a separate step.
REWRITER(allocate_zero)
{
    EMIT(l, allocate, v[0], v[1]);
    emit_inits(l, v[0].value);
}

REWRITER(allocate_heap_zero)
{
    EMIT(l, allocate_heap, v[0], v[2], v[1]);
    emit_inits(l, v[0].value);
}

// How many of the registers follow each other from the first on.
static uint32_t row_of(const GenericOperand *y, uint32_t count)
{
    uint32_t n = count > 0;
    while (n < count && y[n].kind == GENERIC_Y
           && y[n].value == y[0].value + n)
        n++;
    return n;
}

// In rows, as the compiler's lists mostly are; the rest three at a time.
static void emit_init_list(Loader *l, const GenericOperand *y, uint32_t count)
{
    for (uint32_t n; count > 0; y += n, count -= n) {
        n = row_of(y, count);
        if (n > 3) {
            EMIT(l, init_row, y[0], operand_number(n));
        } else if ((n = count) == 1) {
            EMIT(l, init, y[0]);
        } else if (n == 2) {
            EMIT(l, init2, y[0], y[1]);
        } else {
            n = 3;
            EMIT(l, init3, y[0], y[1], y[2]);
        }
    }
}

// N L, and a list of y registers.
REWRITER(allocate_init)
{
    // The compiler says which ones are read before they are written.
    const GenericOperand *y = loader_items(l, &v[2]);
    uint32_t count = v[2].count;
    if (y == NULL) return;
    uint32_t row = row_of(y, count);
    if (count == 0)
        EMIT(l, allocate, v[0], v[1]);
    else if (count == 1)
        EMIT(l, allocate_init, v[0], v[1], y[0]);
    else if (row > 2)
        EMIT(l, allocate_init_row, v[0], v[1], y[0], operand_number(row));
    else
        EMIT(l, allocate_init2, v[0], v[1], y[0], y[1]);
    uint32_t done = row > 2 ? row : 2;
    if (count > done) emit_init_list(l, y + done, count - done);
}

REWRITER(init_yregs)
{
    const GenericOperand *y = loader_items(l, &v[0]);
    if (y != NULL) emit_init_list(l, y, v[0].count);
}

// ---- data ----

// Items stand behind the instruction; their count is in it.
static void emit_items(Loader *l, const GenericOperand *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) loader_emit_item(l, &items[i]);
}

// Only old compilers emit it: on tuples that nobody else has seen.
REWRITER(set_tuple_element)
{
    EMIT(l, set_tuple_element, v[0], v[1], v[2]);
}

REWRITER(put_tuple2)
{
    if (!loader_check_sources(l, &v[1])) return;
    const GenericOperand *items = loader_items(l, &v[1]);
    uint32_t count = v[1].count;
    // Pairs and triples are by far the most, and have no tail to walk.
    if (count == 2) {
        EMIT(l, put_tuple2, items[0], items[1], v[0]);
    } else if (count == 3) {
        EMIT(l, put_tuple3, items[0], items[1], items[2], v[0]);
    } else {
        EMIT(l, put_tuple, v[0], operand_number(count));
        emit_items(l, items, count);
    }
}

// N S D L: a copy of tuple S of N elements to D with L's positions set.
REWRITER(update_record)
{
    const GenericOperand *items = loader_items(l, &v[3]);
    if (items == NULL) return;
    GenericOperand src = loader_in_register(l, &v[1]), dst = operand_out(&v[2]);
    // An odd list is a bad file: the last item is dropped rather than read
    // past.
    EMIT(l, update_record, v[0], src, dst, operand_number(v[3].count & ~1u));
    for (uint32_t i = 0; i + 1 < v[3].count; i += 2) {
        int64_t position = operand_value(&items[i]);
        // Checked here, so the loop need not.
        if (position < 1 || (uint64_t)position > v[0].value)
            loader_fail(l, "bad position in update_record");
        loader_emit_word(l, (CodeWord)position);
        loader_emit_item(l, &items[i + 1]);
    }
    loader_take_out(l, &dst, &v[2]);
}

// F S D N L: S with the pairs of L to D.
static void emit_put_map(Loader *l, bool exact, const GenericOperand *v)
{
    if (!loader_check_sources(l, &v[4])) return;
    GenericOperand src = v[1], dst = operand_out(&v[2]);
    // A constant map: the instruction takes a register.
    if (!operand_is_register(&src)) src = loader_in_register(l, &v[1]);
    GenericOperand count = operand_number(v[4].count & ~1u);
    if (exact)
        EMIT(l, put_map_exact, src, dst, v[3], v[0], count);
    else
        EMIT(l, put_map_assoc, src, dst, v[3], count);
    emit_items(l, loader_items(l, &v[4]), v[4].count & ~1u);
    loader_take_out(l, &dst, &v[2]);
}

// F S D N L: the pairs of L to D, with the keys S that they are in order of.
static void emit_new_map(Loader *l, const GenericOperand *v)
{
    if (!loader_check_sources(l, &v[4])) return;
    const GenericOperand *items = loader_items(l, &v[4]);
    EMIT(l, new_map, v[2], operand_constant((Term){v[1].value}), v[3],
         operand_number(v[4].count / 2));
    for (uint32_t i = 1; i < v[4].count; i += 2)
        loader_emit_item(l, &items[i]);
}

REWRITER(put_map_assoc)
{
    if (v[1].kind == GENERIC_KEYS)
        emit_new_map(l, v);
    else
        emit_put_map(l, false, v);
}

REWRITER(put_map_exact)
{
    emit_put_map(l, true, v);
}

REWRITER(get_map_elements)
{
    if (!loader_check_sources(l, &v[2])) return;
    const GenericOperand *items = loader_items(l, &v[2]);
    // One key: the most common by far, with its own instruction.
    if (v[2].count == 2) {
        EMIT(l, get_map_element, v[1], items[0], items[1], v[0]);
        return;
    }
    // Every second item is written to.
    for (uint32_t i = 1; i < v[2].count; i += 2) {
        if (!operand_is_register(&items[i])) loader_fail(l, "bad destination");
    }
    GenericOperand src = loader_in_register(l, &v[1]);
    EMIT(l, get_map_elements, src, operand_number(v[2].count & ~1u), v[0]);
    emit_items(l, items, v[2].count & ~1u);
}

// One test each: a failing one goes to the same label.
REWRITER(has_map_fields)
{
    const GenericOperand *items = loader_items(l, &v[2]);
    for (uint32_t i = 0; items != NULL && i < v[2].count; i++)
        EMIT(l, has_map_field, v[1], items[i], v[0]);
}

static FunEntry *fun_of(Loader *l, const GenericOperand *index)
{
    // An index from the file.
    if (index->kind == GENERIC_NUMBER && index->value < l->file->fun_count)
        return l->funs[index->value];
    loader_fail(l, "bad index of a fun");
    return NULL;
}

static void emit_fun(Loader *l, const FunEntry *fun, const GenericOperand *dst)
{
    // The entry's address lies in the code: entries are never freed.
    EMIT(l, make_fun, *dst, operand_number(fun->free_count),
         operand_number((uintptr_t)fun));
}

// Before OTP 24: the environment is in x0, x1 ...
REWRITER(make_fun2)
{
    const FunEntry *fun = fun_of(l, &v[0]);
    GenericOperand x0 = operand_x(0);
    if (fun == NULL) return;
    emit_fun(l, fun, &x0);
    for (unsigned i = 0; i < fun->free_count; i++)
        loader_emit_word(l, item_register(false, i));
}

REWRITER(make_fun3)
{
    const FunEntry *fun = fun_of(l, &v[0]);
    if (fun == NULL || !loader_check_sources(l, &v[2])) return;
    // Its free variables are told twice by a file; both must agree.
    if (fun->free_count != v[2].count) {
        loader_fail(l, "environment of a fun has another size");
        return;
    }
    GenericOperand dst = operand_out(&v[1]);
    emit_fun(l, fun, &dst);
    emit_items(l, loader_items(l, &v[2]), v[2].count);
    loader_take_out(l, &dst, &v[1]);
}

// ---- selection ----

// One branch of a selection.
typedef struct {
    uint64_t value;
    GenericOperand label;
} Choice;

// By words, unsigned: as the loop's search compares them.
static int compare_choices(const void *a, const void *b)
{
    const Choice *x = a, *y = b;
    return x->value < y->value ? -1 : x->value > y->value;
}

// Smalls can become a table of jumps; immediates are searched by word; others
// must be compared as terms.
enum { CHOICES_NONE, CHOICES_SMALL, CHOICES_IMMEDIATE, CHOICES_OTHER };

// The pairs of value and label in list [o], sorted; [*kind] is what the values
// are all of.
static Choice *read_choices(Loader *l, const GenericOperand *o, int *kind)
{
    const GenericOperand *items = loader_items(l, o);
    uint32_t count = o->count / 2;
    *kind = CHOICES_NONE;
    if (items == NULL || o->count % 2 != 0) {
        loader_fail(l, "bad list of choices");
        return NULL;
    }
    Choice *choices = memory_alloc((count + 1) * sizeof *choices);
    *kind = CHOICES_SMALL;
    // Every value is looked at: one odd one decides for all.
    for (uint32_t i = 0; i < count; i++) {
        const GenericOperand *value = &items[2 * i];
        Term t = {value->value};
        if (items[2 * i + 1].kind != GENERIC_LABEL
            || (value->kind != GENERIC_CONSTANT
                && value->kind != GENERIC_NUMBER))
            loader_fail(l, "bad list of choices");
        choices[i] = (Choice){value->value, items[2 * i + 1]};
        if (value->kind == GENERIC_CONSTANT && !term_is_immediate(t))
            *kind = CHOICES_OTHER;
        else if (*kind == CHOICES_SMALL && !term_is_small(t))
            *kind = CHOICES_IMMEDIATE;
    }
    // Sorted even if not searched by halves: duplicates of a bad file do no
    // harm then.
    qsort(choices, count, sizeof *choices, compare_choices);
    return choices;
}

static void emit_choices(Loader *l, const Choice *choices, uint32_t count,
                         size_t origin)
{
    // All values first: the search reads them in a row.
    for (uint32_t i = 0; i < count; i++) loader_emit_word(l, choices[i].value);
    for (uint32_t i = 0; i < count; i++)
        loader_emit_label(l, &choices[i].label, origin);
}

// Below that the search takes as few steps.
enum { JUMP_TABLE_LEAST = 4 };

// Smalls sort by their bits as their values do, but the negative ones behind
// the others; a table is worth it when at least half of it is used.
static bool emit_jump_table(Loader *l, const GenericOperand *v,
                            const Choice *choices, uint32_t count)
{
    // The first is the least, unless there are negative ones.
    intptr_t first = term_small_value((Term){choices[0].value});
    intptr_t last = term_small_value((Term){choices[count - 1].value});
    if (count < JUMP_TABLE_LEAST || first < 0 || last < first
        || last - first >= 2 * (intptr_t)count)
        return false;
    uint32_t room = (uint32_t)(last - first + 1), next = 0;
    GenericOperand src = loader_in_register(l, &v[0]);
    size_t at = EMIT(l, select_jump, src, operand_number(choices[0].value),
                     operand_number(room), v[1]);
    // Gaps lead to the label of no match.
    for (uint32_t i = 0; i < room; i++) {
        bool here = term_small_value((Term){choices[next].value})
                    == first + (intptr_t)i;
        loader_emit_label(l, here ? &choices[next].label : &v[1], at);
        if (here && next + 1 < count) next++;
    }
    return true;
}

// S F L
REWRITER(select_val)
{
    int kind;
    uint32_t count = v[2].count / 2;
    Choice *choices = read_choices(l, &v[2], &kind);
    // A selection among nothing is a jump.
    if (l->failed || count == 0) {
        free(choices);
        if (!l->failed) EMIT(l, jump, v[1]);
        return;
    }
    GenericOperand number = operand_number(count);
    if (kind == CHOICES_SMALL && emit_jump_table(l, v, choices, count)) {
        free(choices);
        return;
    }
    GenericOperand src = loader_in_register(l, &v[0]);
    if (kind == CHOICES_OTHER) {
        size_t at = EMIT(l, select_exact, src, number, v[1]);
        emit_choices(l, choices, count, at);
    } else if (count == 2) {
        // Two: compared one after the other, without a loop.
        EMIT(l, select_val2, src, choices[0].label, choices[1].label,
             operand_constant((Term){choices[0].value}),
             operand_constant((Term){choices[1].value}));
        EMIT(l, jump, v[1]);
    } else {
        size_t at = EMIT(l, select_val, src, number, v[1]);
        emit_choices(l, choices, count, at);
    }
    free(choices);
}

// Headers are compared in place of arities: no shift when it runs.
REWRITER(select_tuple_arity)
{
    int kind;
    Choice *choices = read_choices(l, &v[2], &kind);
    uint32_t count = v[2].count / 2;
    for (uint32_t i = 0; choices != NULL && i < count; i++)
        choices[i].value = term_header(SUBTAG_TUPLE, choices[i].value).bits;
    if (!l->failed) {
        GenericOperand src = loader_in_register(l, &v[0]);
        size_t at = EMIT(l, select_arity, src, operand_number(count), v[1]);
        emit_choices(l, choices, count, at);
    }
    free(choices);
}

// ---- guard BIFs ----

// The export that the operator being translated stands for.
static GenericOperand operator_export(Loader *l)
{
    const OperatorInfo *o = operator_infos;
    // Every op that has this rewriter is in the list.
    while (o->generic != l->op->op) o++;
    Term name = atom_new(l->node->atoms, o->function, strlen(o->function));
    GenericOperand e = erlang_export(l, name, o->arity);
    if (((Export *)e.value)->bif == NULL)
        loader_fail(l, "erlang:%s/%u is no BIF", o->function, o->arity);
    return e;
}

// Any guard BIF without an instruction of its own: one or two arguments.
REWRITER(operator)
{
    GenericOperand e = operator_export(l);
    if (l->op->count == 5)
        EMIT(l, guard2, v[2], v[3], v[4], v[1], v[0], e);
    else
        EMIT(l, guard1, v[2], v[3], v[1], v[0], e);
}

// Found without a call mostly.
REWRITER(map_get)
{
    EMIT(l, map_get, v[2], v[3], v[4], v[1], v[0], operator_export(l));
}

// element(N, T) with a constant N needs no test of N.
REWRITER(element)
{
    int64_t index = v[2].kind == GENERIC_CONSTANT ? operand_value(&v[2]) : -1;
    GenericOperand e = operator_export(l);
    if (index >= 1 && index <= UINT16_MAX)
        EMIT(l, element_small, operand_number((uint64_t)index), v[3], v[4],
             v[0], e);
    else if (operand_is_register(&v[2]))
        EMIT(l, element, v[2], v[3], v[4], v[0], e);
    else
        EMIT(l, guard2, v[2], v[3], v[4], v[1], v[0], e);
}

// These fail to a label, or raise as the BIF that they stand for.
REWRITER(hd)
{
    EMIT(l, bif_hd, v[2], v[3], v[0], operator_export(l));
}

REWRITER(tl)
{
    EMIT(l, bif_tl, v[2], v[3], v[0], operator_export(l));
}

REWRITER(tuple_size)
{
    EMIT(l, bif_tuple_size, v[2], v[3], v[0], operator_export(l));
}
