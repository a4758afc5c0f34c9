// SPDX-License-Identifier: Apache-2.0
// Order and equality of terms. Compound terms are walked with a stack of
// spans, pairs of word arrays that are still to be compared, so depth costs
// memory only. A list cell is a span of two words.
//
// Spans hold what comes after the pair in hand, so the first difference found
// is the first in order, and ends it. For equality alone (no atoms given) any
// non-zero answer will do: no order is worked out.
#include "compare.h"

#include <stdlib.h>

#include "big.h"
#include "bits.h"
#include "code.h"
#include "identifier.h"
#include "map.h"
#include "memory.h"
#include "ref.h"

enum { SPANS_LOCAL = 32 }; // without malloc; deeper terms are rare

typedef struct {
    const Term *a; // next words to compare: these
    Term *owned;   // to be freed when the span is done, or NULL
    // With those. Beside a, both would be read at once, and that waits for
    // the two stores that have just written them.
    const Term *b;
    bool exact;   // integers come before floats
    bool trie;    // the words are children of a HASHMAP node
    size_t count; // how many pairs
} Span;

typedef struct {
    const AtomTable *atoms; // NULL: only equality is asked for
    Span *spans;            // local, or of malloc
    size_t count, room;     // in use, and there are
    bool exact, trie;       // of the pair in hand, as in its span
    Span local[SPANS_LOCAL];
} Walk;

static void init_walk(Walk *w, const AtomTable *atoms, bool exact)
{
    w->atoms = atoms;
    w->spans = w->local;
    w->count = 0;
    w->room = SPANS_LOCAL;
    w->exact = exact;
    w->trie = false;
}

static void end_walk(Walk *w)
{
    while (w->count > 0) free(w->spans[--w->count].owned);
    if (w->spans != w->local) free(w->spans);
}

static void make_room(Walk *w)
{
    Span *old = w->spans;
    w->room *= 2;
    // The local ones cannot be resized: they are copied once.
    w->spans =
        memory_resize(old == w->local ? NULL : old, w->room * sizeof *old);
    if (old == w->local) memcpy(w->spans, old, sizeof w->local);
}

// [exact] is inherited: what lies in a key is compared as the key is.
static inline Span *push_span(Walk *w, const Term *a, const Term *b,
                              size_t count)
{
    if (w->count == w->room) make_room(w);
    Span *s = &w->spans[w->count++];
    *s = (Span){a, NULL, b, w->exact, false, count};
    return s;
}

// The next pair to compare; false when there is none. A span is dropped as
// its last pair is taken, so that long lists do not pile up.
static bool next_pair(Walk *w, Term *a, Term *b)
{
    while (w->count > 0) {
        Span *s = &w->spans[w->count - 1];
        // Equal words need no look: shared subterms cost nothing.
        while (s->count > 0 && term_same(*s->a, *s->b))
            s->a++, s->b++, s->count--;
        if (s->count == 0) {
            free(s->owned);
            w->count--;
            continue;
        }
        *a = *s->a++;
        *b = *s->b++;
        w->exact = s->exact;
        w->trie = s->trie;
        s->count--;
        // Unless it owns memory that must outlive its last pair.
        if (s->count == 0 && s->owned == NULL) w->count--;
        return true;
    }
    return false;
}

// ---- leaves ----

// Places of the kinds in the order of terms; integers and floats differ only
// when the comparison is exact.
typedef enum {
    RANK_INTEGER,
    RANK_FLOAT,
    RANK_ATOM,
    RANK_REF,
    RANK_FUN,
    RANK_PORT,
    RANK_PID,
    RANK_TUPLE,
    RANK_MAP,
    RANK_NIL,
    RANK_LIST,
    RANK_BITS
} Rank;

static Rank rank_boxed(Term t)
{
    static const uint8_t ranks[] = {
        [SUBTAG_TUPLE] = RANK_TUPLE,      [SUBTAG_FLATMAP] = RANK_MAP,
        [SUBTAG_HASHMAP] = RANK_MAP,      [SUBTAG_FUN] = RANK_FUN,
        [SUBTAG_EXPORT] = RANK_FUN,       [SUBTAG_BIG_POS] = RANK_INTEGER,
        [SUBTAG_BIG_NEG] = RANK_INTEGER,  [SUBTAG_FLOAT] = RANK_FLOAT,
        [SUBTAG_REF] = RANK_REF,          [SUBTAG_COUNTED] = RANK_BITS,
        [SUBTAG_BYTES] = RANK_BITS,       [SUBTAG_BITS] = RANK_BITS,
        // A match context counts as the binary that it stands for.
        [SUBTAG_MATCH] = RANK_BITS,       [SUBTAG_EXT_PID] = RANK_PID,
        [SUBTAG_EXT_PORT] = RANK_PORT,    [SUBTAG_EXT_REF] = RANK_REF,
    };
    return (Rank)ranks[term_subtag(t)];
}

// In the order of how often they come.
static Rank rank(Term t)
{
    if (term_is_small(t)) return RANK_INTEGER;
    if (term_is_cons(t)) return RANK_LIST;
    if (term_is_boxed(t)) return rank_boxed(t);
    if (term_is_atom(t)) return RANK_ATOM;
    if (term_is_nil(t)) return RANK_NIL;
    return term_is_local_pid(t) ? RANK_PID : RANK_PORT;
}

static int compare_sizes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

// No NaN: three cases are all.
static int compare_doubles(double x, double y)
{
    return (x > y) - (x < y);
}

// An integer and a float by value.
// Exactly: a float beyond 2^53 is not the nearest integer.
static int compare_mixed(Term a, Term b)
{
    if (term_is_float(a)) return -big_compare_double(b, term_float_value(a));
    return big_compare_double(a, term_float_value(b));
}

// Bytes as long as there are whole ones, then bits.
static int compare_unaligned(const Bits *x, const Bits *y, size_t bits)
{
    size_t i = 0;
    for (; i + 8 <= bits; i += 8) {
        int order = bits_byte_at(x->base, x->offset + i)
                    - bits_byte_at(y->base, y->offset + i);
        if (order != 0) return order;
    }
    for (; i < bits; i++) {
        size_t at_x = x->offset + i, at_y = y->offset + i;
        int bit_x = x->base[at_x / 8] >> (7 - at_x % 8) & 1;
        int bit_y = y->base[at_y / 8] >> (7 - at_y % 8) & 1;
        if (bit_x != bit_y) return bit_x - bit_y;
    }
    return 0;
}

static int compare_bitstrings(Term a, Term b)
{
    Bits x, y;
    term_bits(a, &x);
    term_bits(b, &y);
    size_t bits = x.size < y.size ? x.size : y.size;
    int order;
    // Both on byte borders: the common case.
    if (((x.offset | y.offset | bits) % 8) == 0) {
        const uint8_t *p = x.base + x.offset / 8, *q = y.base + y.offset / 8;
        order = bits == 0 ? 0 : memcmp(p, q, bits / 8);
    } else {
        order = compare_unaligned(&x, &y, bits);
    }
    // The shorter is less when it is a beginning.
    return order != 0 ? order : compare_sizes(x.size, y.size);
}

// Most that differ do so in their sizes, or in the first byte.
static bool same_bitstrings(Term a, Term b)
{
    Bits x, y;
    term_bits(a, &x);
    term_bits(b, &y);
    if (x.size != y.size) return false;
    if (x.size == 0) return true;
    if (((x.offset | y.offset | x.size) % 8) != 0)
        return compare_unaligned(&x, &y, x.size) == 0;
    const uint8_t *p = x.base + x.offset / 8, *q = y.base + y.offset / 8;
    return *p == *q && memcmp(p, q, x.size / 8) == 0;
}

static int compare_exports(const Walk *w, Term a, Term b)
{
    const Export *x = (const Export *)term_box_ptr(a)[1].bits;
    const Export *y = (const Export *)term_box_ptr(b)[1].bits;
    if (x == y) return 0;           // one export for each name
    if (w->atoms == NULL) return 1; // only equality is asked for
    int order = atom_compare(w->atoms, x->module, y->module);
    if (order == 0) order = atom_compare(w->atoms, x->function, y->function);
    return order != 0 ? order : compare_sizes(x->arity, y->arity);
}

// ---- compound terms: these answer the order, or 0 and push spans ----

// Funs of code come before fun M:F/A; then module, index, version, environment.
static int enter_funs(Walk *w, Term a, Term b)
{
    bool local_a = term_subtag(a) == SUBTAG_FUN;
    bool local_b = term_subtag(b) == SUBTAG_FUN;
    if (local_a != local_b) return local_a ? -1 : 1;
    if (!local_a) return compare_exports(w, a, b);
    const Term *p = term_box_ptr(a), *q = term_box_ptr(b);
    const FunEntry *x = (const FunEntry *)p[1].bits;
    const FunEntry *y = (const FunEntry *)q[1].bits;
    if (x != y) {
        if (w->atoms == NULL) return 1;
        int order = atom_compare(w->atoms, x->module, y->module);
        if (order == 0) order = compare_sizes(x->index, y->index);
        if (order == 0) order = compare_sizes(x->old_uniq, y->old_uniq);
        if (order != 0) return order;
    }
    int order = compare_sizes(header_arity(p[0]), header_arity(q[0]));
    if (order == 0) push_span(w, p + 3, q + 3, header_arity(p[0]) - 2);
    return order;
}

// Smaller tuples first, whatever is in them.
static int enter_tuples(Walk *w, Term a, Term b)
{
    size_t size = term_arity(a);
    int order = compare_sizes(size, term_arity(b));
    if (order != 0) return order;
    const Term *x = term_box_ptr(a) + 1, *y = term_box_ptr(b) + 1;
    // Equal words at the front need no span: often they are all there is.
    for (; size > 0 && term_same(*x, *y); size--) x++, y++;
    if (size > 0) push_span(w, x, y, size);
    return 0;
}

// The keys of [map] in order, then the values of these keys.
static void put_sorted(const Walk *w, Term map, Term *to)
{
    size_t n = map_size(map);
    Term *pairs = memory_alloc(2 * n * sizeof *pairs);
    MapIterator it;
    map_iterate(&it, map);
    for (size_t i = 0; i < n; i++)
        map_next(&it, &pairs[2 * i], &pairs[2 * i + 1]);
    map_sort_pairs(w->atoms, pairs, n);
    for (size_t i = 0; i < n; i++) {
        to[i] = pairs[2 * i];
        to[n + i] = pairs[2 * i + 1];
    }
    free(pairs);
}

// Two children of tries, for equality only. Equal sets of keys make tries of
// the same form, so nodes are compared child by child; of the leaves, list
// cells [Key | Value], the keys must be equal exactly.
static int enter_children(Walk *w, Term a, Term b)
{
    if (term_is_cons(a) != term_is_cons(b)) return 1;
    if (term_is_cons(a)) {
        // The value waits below the key: keys are compared first.
        push_span(w, term_cons_ptr(a) + 1, term_cons_ptr(b) + 1, 1);
        push_span(w, term_cons_ptr(a), term_cons_ptr(b), 1)->exact = true;
        return 0;
    }
    const Term *x = term_box_ptr(a), *y = term_box_ptr(b);
    // Same bitmap and same number of children, or different keys.
    if (!term_same(x[0], y[0]) || !term_same(x[1], y[1])) return 1;
    push_span(w, x + 2, y + 2, header_arity(x[0]) - 1)->trie = true;
    return 0;
}

// Large maps of equal size compare by their sorted keys, then by the values of
// these keys.
static int enter_hashmaps(Walk *w, Term a, Term b)
{
    if (w->atoms == NULL) return enter_children(w, a, b);
    size_t n = map_size(a);
    Term *sorted = memory_alloc(4 * n * sizeof *sorted);
    put_sorted(w, a, sorted);
    put_sorted(w, b, sorted + 2 * n);
    // Keys lie above values, so they come first; freed with the values.
    push_span(w, sorted + n, sorted + 3 * n, n)->owned = sorted;
    push_span(w, sorted, sorted + 2 * n, n)->exact = true;
    return 0;
}

// Size first, then all keys, then values.
static int enter_maps(Walk *w, Term a, Term b)
{
    int order = compare_sizes(map_size(a), map_size(b));
    if (order != 0) return order;
    if (!map_is_flat(a)) return enter_hashmaps(w, a, b);
    size_t n = map_size(a);
    // Below the keys: looked at last. The keys are often the same tuple.
    push_span(w, term_box_ptr(a) + 2, term_box_ptr(b) + 2, n);
    Term keys_a = flatmap_keys(a), keys_b = flatmap_keys(b);
    if (!term_same(keys_a, keys_b))
        push_span(w, term_box_ptr(keys_a) + 1, term_box_ptr(keys_b) + 1, n)
            ->exact = true;
    return 0;
}

// Runs of equal words at the front need no spans.
static int enter_lists(Walk *w, Term a, Term b)
{
    const Term *x = term_cons_ptr(a), *y = term_cons_ptr(b);
    while (term_same(x[0], y[0])) {
        if (term_same(x[1], y[1])) return 0; // a shared tail: equal to the end
        if (!term_is_cons(x[1]) || !term_is_cons(y[1])) break;
        x = term_cons_ptr(x[1]);
        y = term_cons_ptr(y[1]);
    }
    push_span(w, x, y, 2);
    return 0;
}

static int compare_boxed(Walk *w, Rank kind, Term a, Term b)
{
    switch (kind) {
    case RANK_INTEGER: return big_compare(a, b);
    case RANK_FLOAT:
        return compare_doubles(term_float_value(a), term_float_value(b));
    case RANK_TUPLE: return enter_tuples(w, a, b);
    case RANK_MAP: return enter_maps(w, a, b);
    case RANK_FUN: return enter_funs(w, a, b);
    case RANK_BITS: return compare_bitstrings(a, b);
    default: return identifier_compare(w->atoms, a, b);
    }
}

// In the order of likelihood; both words differ.
static int compare_pair(Walk *w, Term a, Term b)
{
    if (w->trie) return enter_children(w, a, b);
    if (term_is_small(a) && term_is_small(b))
        return term_small_value(a) < term_small_value(b) ? -1 : 1;
    if (term_is_atom(a) && term_is_atom(b))
        return w->atoms == NULL ? 1 : atom_compare(w->atoms, a, b);
    if (term_is_cons(a) && term_is_cons(b)) return enter_lists(w, a, b);
    // A tuple beside a tuple, mostly: no look for what else there may be.
    bool boxed = term_is_boxed(a) && term_is_boxed(b);
    Rank kind_a = boxed ? rank_boxed(a) : rank(a);
    Rank kind_b = boxed ? rank_boxed(b) : rank(b);
    if (kind_a == kind_b) return compare_boxed(w, kind_a, a, b);
    // By value across the two kinds of number, as == has it.
    if (!w->exact && kind_a <= RANK_FLOAT && kind_b <= RANK_FLOAT)
        return compare_mixed(a, b);
    return kind_a < kind_b ? -1 : 1;
}

static int compare_all(Walk *w, Term a, Term b)
{
    int order = 0;
    do {
        if (term_same(a, b)) continue;
        order = compare_pair(w, a, b);
        if (order != 0) break;
    } while (next_pair(w, &a, &b));
    end_walk(w);
    return order;
}

// Keys of maps, mostly, need no walk. False: another case.
static bool compare_leaves(const AtomTable *atoms, Term a, Term b, int *order)
{
    if (term_is_small(a) && term_is_small(b))
        *order = (intptr_t)a.bits < (intptr_t)b.bits ? -1 : 1;
    else if (term_is_atom(a) && term_is_atom(b))
        *order = atoms == NULL ? 1 : atom_compare(atoms, a, b);
    else if (term_is_bitstring(a) && term_is_bitstring(b))
        *order = compare_bitstrings(a, b);
    else
        return false;
    return true;
}

// Apart from those who need none: it takes much of the stack.
static __attribute__((noinline)) int walk_both(const AtomTable *atoms,
                                               Term a, Term b, bool exact)
{
    Walk w;
    init_walk(&w, atoms, exact);
    return compare_all(&w, a, b);
}

static int compare_shallow(const AtomTable *atoms, Term a, Term b, bool exact,
                           unsigned left);

// Two words that differ, of lists or tuples.
static inline int compare_parts(const AtomTable *atoms, Term a, Term b,
                                bool exact, unsigned left)
{
    if (term_is_small(a) && term_is_small(b))
        return (intptr_t)a.bits < (intptr_t)b.bits ? -1 : 1;
    return left == 0 ? walk_both(atoms, a, b, exact)
                     : compare_shallow(atoms, a, b, exact, left - 1);
}

// Tuples of one size.
static inline int compare_tuples(const AtomTable *atoms, const Term *a, const Term *b,
                          bool exact, unsigned left)
{
    size_t n = header_arity(a[0]);
    int order = 0;
    for (size_t i = 1; i <= n && order == 0; i++)
        if (!term_same(a[i], b[i]))
            order = compare_parts(atoms, a[i], b[i], exact, left);
    return order;
}

// Most terms are lists and tuples that lie a few deep in each other: these are
// compared by recursion, [left] deep, and without spans. What lies deeper, and
// what is of another kind, is walked.
static int compare_shallow(const AtomTable *atoms, Term a, Term b, bool exact,
                           unsigned left)
{
    int order = 0;
    while (term_is_cons(a) && term_is_cons(b)) {
        const Term *x = term_cons_ptr(a), *y = term_cons_ptr(b);
        if (!term_same(x[0], y[0]))
            order = compare_parts(atoms, x[0], y[0], exact, left);
        if (order != 0 || term_same(x[1], y[1])) return order;
        a = x[1];
        b = y[1];
    }
    if (term_is_tuple(a) && term_is_tuple_of(b, term_arity(a)))
        return compare_tuples(atoms, term_box_ptr(a), term_box_ptr(b), exact,
                              left);
    return compare_leaves(atoms, a, b, &order) ? order
                                               : walk_both(atoms, a, b, exact);
}

enum { SHALLOW = 8 };

int term_compare(const AtomTable *atoms, Term a, Term b)
{
    if (term_same(a, b)) return 0;
    if (term_is_small(a) && term_is_small(b))
        return (intptr_t)a.bits < (intptr_t)b.bits ? -1 : 1;
    // Sorting lists of tuples asks this mostly.
    if (term_is_tuple(a) && term_is_tuple_of(b, term_arity(a)))
        return compare_tuples(atoms, term_box_ptr(a), term_box_ptr(b), false,
                              SHALLOW);
    return compare_shallow(atoms, a, b, false, SHALLOW);
}

int term_compare_exact(const AtomTable *atoms, Term a, Term b)
{
    if (term_same(a, b)) return 0;
    return compare_shallow(atoms, a, b, true, SHALLOW);
}

// Of equality; unknown means that the walk has to find out.
typedef enum { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN } Answer;

// Tuples of the same size, up to the first elements that differ.
static Answer answer_for_tuples(const Term *a, const Term *b, bool exact)
{
    size_t n = header_arity(a[0]);
    for (size_t i = 1; i <= n; i++) {
        if (term_same(a[i], b[i])) continue;
        bool x = term_is_immediate(a[i]), y = term_is_immediate(b[i]);
        // Immediates are equal as words or not at all. By ==, one may equal a
        // float: 1 == 1.0.
        return (x && y) || (exact && (x || y)) ? ANSWER_NO : ANSWER_UNKNOWN;
    }
    return ANSWER_YES;
}

// Most terms that are asked about are references, small tuples, or of different
// kinds: there a look is enough.
static Answer answer_at_once(Term a, Term b, bool exact)
{
    // A list equals nothing but a list, by == too.
    if (term_is_cons(a) != term_is_cons(b)) return ANSWER_NO;
    if (!term_is_boxed(a) || !term_is_boxed(b)) return ANSWER_UNKNOWN;
    const Term *x = term_box_ptr(a), *y = term_box_ptr(b);
    unsigned kind = header_subtag(x[0]), other = header_subtag(y[0]);
    if (kind == SUBTAG_REF && other == SUBTAG_REF)
        return ref_id_same(ref_to_id(a), ref_to_id(b)) ? ANSWER_YES
                                                       : ANSWER_NO;
    if (kind == SUBTAG_TUPLE && other == SUBTAG_TUPLE)
        return term_same(x[0], y[0]) ? answer_for_tuples(x, y, exact)
                                     : ANSWER_NO;
    if (term_is_bitstring(a) && term_is_bitstring(b))
        return same_bitstrings(a, b) ? ANSWER_YES : ANSWER_NO;
    return ANSWER_UNKNOWN;
}

bool term_exact_equal_slow(Term a, Term b)
{
    Answer answer = answer_at_once(a, b, true);
    if (answer != ANSWER_UNKNOWN) return answer == ANSWER_YES;
    return compare_shallow(NULL, a, b, true, SHALLOW) == 0;
}

bool term_equal_slow(Term a, Term b)
{
    Answer answer = answer_at_once(a, b, false);
    if (answer != ANSWER_UNKNOWN) return answer == ANSWER_YES;
    return compare_shallow(NULL, a, b, false, SHALLOW) == 0;
}
