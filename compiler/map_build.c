// SPDX-License-Identifier: Apache-2.0
// Maps: made and updated.
//
// Keys of one instruction are literals that differ, or it has one key only:
// the machine takes no key twice. Associations overwrite from left to right,
// #{a => 1, a => 2} is #{a => 2}. All keys and values are evaluated before the
// map is looked at, so badmap comes behind their errors.
#include "builder.h"
#include "compare.h"
#include "map.h"

typedef struct {
    Inst *key, *value; // both evaluated
    bool exact; // := instead of =>
} Pair;

// From left to right, key before value, whatever becomes of them.
static Pair *read_pairs(Builder *b, Term list, size_t *n)
{
    *n = (size_t)term_list_length(list);
    Pair *pairs = arena_alloc(&b->u->arena, (*n + 1) * sizeof *pairs);
    for (size_t i = 0; i < *n; i++, list = term_tail(list)) {
        Term field = term_head(list);
        pairs[i].key = build_value(b, form_get(field, 3));
        pairs[i].value = build_value(b, form_get(field, 4));
        pairs[i].exact = form_is(field, ATOM_map_field_exact);
    }
    return pairs;
}

// The map of literals; TERM_NONE when they are no literals. Later keys win, as
// map_from_pairs has it.
static Term literal_map(Builder *b, const Pair *pairs, size_t n)
{
    Term *flat = arena_alloc(&b->u->arena, (2 * n + 1) * sizeof *flat);
    for (size_t i = 0; i < n; i++) {
        if (!ir_is_literal(pairs[i].key) || !ir_is_literal(pairs[i].value))
            return TERM_NONE;
        flat[2 * i] = pairs[i].key->term;
        flat[2 * i + 1] = pairs[i].value->term;
    }
    return map_from_pairs(&b->u->heap, b->u->atoms, n, flat);
}

// Whether [key] stands among [n] pairs already; its place.
static size_t find_key(const Pair *pairs, size_t n, const Inst *key)
{
    for (size_t i = 0; i < n; i++) {
        const Inst *k = pairs[i].key;
        if (k == key
            || (ir_is_literal(k) && ir_is_literal(key)
                && term_exact_equal(k->term, key->term)))
            return i;
    }
    return n;
}

// Order of keys: that of terms, integers before floats that equal them.
static bool is_before(const Builder *b, const Pair *x, const Pair *y)
{
    int c = term_compare(b->u->atoms, x->key->term, y->key->term);
    return c < 0
           || (c == 0 && term_is_integer(x->key->term)
               && term_is_float(y->key->term));
}

// Of several keys that are not there the first in order is told: OTP sorts them
// so, and badkey names one.
static void sort_pairs(const Builder *b, Pair *pairs, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && is_before(b, &pairs[k], &pairs[k - 1]);
             k--) {
            Pair x = pairs[k];
            pairs[k] = pairs[k - 1];
            pairs[k - 1] = x;
        }
}

// One instruction for [n] pairs of one kind. What adds cannot fail, so it is
// safe; what replaces fails where a key is not there.
static Inst *update(Builder *b, Inst *map, Pair *pairs, size_t n)
{
    if (n > 1) sort_pairs(b, pairs, n);
    Inst **args = arena_alloc(&b->u->arena, (2 * n + 1) * sizeof *args);
    args[0] = map;
    for (size_t i = 0; i < n; i++) {
        args[2 * i + 1] = pairs[i].key;
        args[2 * i + 2] = pairs[i].value;
    }
    bool exact = pairs[0].exact;
    Inst *i = exact && b->fail != NULL
                  ? build_ending(b, IR_MAP, 2 * n + 1, args, b->fail)
                  : build_inst(b, IR_MAP, 2 * n + 1, args);
    i->index = exact;
    i->type = TYPE_MAP;
    if (!exact) i->flags |= INST_SAFE;
    return i;
}

// Goes on where [map] is one; raises badmap, or fails the guard.
static void check_map(Builder *b, Inst *map)
{
    Block *no = b->fail != NULL ? b->fail : build_block(b);
    build_test(b, ATOM_is_map, 1, &map, true, no);
    // It is known to be a map, or failure goes to the guard's.
    if (b->fail != NULL || no->prev_count == 0) return;
    Block *on = b->cur;
    build_at(b, no);
    build_error(b, ATOM_badmap, map);
    build_at(b, on);
}

// Pairs are taken in runs of one kind. Keys that are not literals might be
// equal, so each of them is a run of its own.
static Inst *update_all(Builder *b, Inst *map, const Pair *pairs, size_t n)
{
    Pair *run = arena_alloc(&b->u->arena, (n + 1) * sizeof *run);
    for (size_t i = 0; i < n;) {
        size_t count = 0, first = i;
        for (; i < n && pairs[i].exact == pairs[first].exact; i++) {
            if (!ir_is_literal(pairs[i].key) && i > first) break;
            size_t at = find_key(run, count, pairs[i].key);
            // The later one wins.
            if (at < count) run[at].value = pairs[i].value;
            else run[count++] = pairs[i];
            if (!ir_is_literal(pairs[i].key)) {
                i++;
                break;
            }
        }
        map = update(b, map, run, count);
    }
    return map;
}

// Without a map in front one is made of nothing and updated, which the machine
// does in one instruction for all keys that are literals.
Inst *build_map(Builder *b, Term e)
{
    size_t n;
    if (term_arity(e) == 3) {
        Pair *pairs = read_pairs(b, form_get(e, 3), &n);
        Term known = literal_map(b, pairs, n);
        if (!term_is_none(known)) return build_literal(b, known);
        build_place(b, form_get(e, 2));
        return update_all(b, build_literal(b, map_new(&b->u->heap)), pairs, n);
    }
    Inst *map = build_value(b, form_get(e, 3));
    Pair *pairs = read_pairs(b, form_get(e, 4), &n);
    build_place(b, form_get(e, 2));
    check_map(b, map);
    return n > 0 ? update_all(b, map, pairs, n) : map;
}
