// SPDX-License-Identifier: Apache-2.0
// binary: searching and splitting.
// A search looks at bytes in place. One pattern is found by its rarest bytes,
// several by an automaton (pattern.h).
#include <stdlib.h>

#include "bif.h"
#include "bits.h"
#include "magic.h"
#include "memory.h"
#include "pattern.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum { BYTES_A_REDUCTION = 256 }; // searched

// What a search needs; search_end gives back what it holds.
// On the C stack, for one call.
typedef struct {
    Term subject;        // the binary; parts are of it
    const uint8_t *text; // its bytes
    uint8_t *copy;       // of a subject that begins inside a byte
    size_t size;         // of the subject
    size_t from, to;     // where to search: {scope, _}
    // NULL in an empty subject.
    Pattern *pattern;            // counted once for the search
    bool global, trim, trim_all; // options of split
} Search;

// ---- arguments ----

// The pattern of [t]: as pattern_new has it, or a compiled one.
// {bm, Ref} or {ac, Ref}, as binary:compile_pattern made it.
static Pattern *get_pattern(Term t)
{
    if (!term_is_tuple_of(t, 2)) return pattern_new(t);
    Counted *c = magic_object(term_tuple_get(t, 1), pattern_destroy);
    if (c == NULL) return NULL;
    Pattern *pattern = (Pattern *)c;
    Term kind = pattern->count == 1 ? ATOM_bm : ATOM_ac;
    // The atom must tell the kind, though the reference knows it.
    if (!term_same(term_tuple_get(t, 0), kind)) return NULL;
    counted_keep(c);
    return pattern;
}

// {scope, {Start, Length}}; a negative length counts to the left.
// {scope, {5, -3}} is bytes 2 to 4.
static bool get_scope(Search *s, Term option)
{
    int64_t start, length;
    if (!term_is_tuple_of(option, 2)
        || !term_same(term_tuple_get(option, 0), ATOM_scope))
        return false;
    Term part = term_tuple_get(option, 1);
    if (!term_is_tuple_of(part, 2)
        || !bif_get_int64(term_tuple_get(part, 0), &start)
        || !bif_get_int64(term_tuple_get(part, 1), &length))
        return false;
    int64_t size = (int64_t)s->size;
    // Within the subject on both sides.
    if (start < 0 || start > size || length > size - start || length < -start)
        return false;
    s->from = (size_t)(length < 0 ? start + length : start);
    s->to = (size_t)(length < 0 ? start : start + length);
    return true;
}

// The options of split, or (not [splits]) of match and matches.
// Later options win.
static bool get_options(Search *s, Term list, bool splits)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term option = term_head(list);
        if (splits && term_same(option, ATOM_global)) {
            s->global = true;
        } else if (splits && term_same(option, ATOM_trim)) {
            s->trim = true;
        } else if (splits && term_same(option, ATOM_trim_all)) {
            s->trim_all = true;
        } else if (!get_scope(s, option)) {
            return false;
        }
    }
    return term_is_nil(list);
}

// The pattern is freed with the last who uses it.
static void search_end(Search *s)
{
    free(s->copy);
    if (s->pattern != NULL) counted_release(&s->pattern->counted);
}

// Reads subject, pattern and [options]; false, and nothing to end, when they
// are bad.
static bool search_begin(Search *s, const Term *args, Term options,
                         bool splits)
{
    *s = (Search){.subject = args[0]};
    s->text = bits_bytes(args[0], &s->size, &s->copy);
    if (s->text == NULL) return false;
    s->to = s->size;
    // In an empty subject nothing is searched for, not even a bad pattern.
    if (s->size > 0) s->pattern = get_pattern(args[1]);
    // The options are read all the same, and may be bad.
    if ((s->pattern != NULL || s->size == 0)
        && get_options(s, options, splits))
        return true;
    search_end(s);
    return false;
}

// ---- finding ----

// The next occurrence, as {Position, Length} relative to the whole.
// The next search begins behind it: occurrences never overlap.
static bool search_next(Search *s, size_t *at, size_t *length)
{
    Needle found;
    if (s->pattern == NULL
        || !pattern_find(s->pattern, s->text, s->from, s->to, &found))
        return false;
    *at = (size_t)(found.bytes - s->text);
    *length = found.size;
    s->from = *at + *length;
    return true;
}

static Term position_term(Heap *h, size_t at, size_t length)
{
    return heap_tuple2(h, term_small((intptr_t)at),
                       term_small((intptr_t)length));
}

// A first search goes no further than a scheduler is to be held for. Whoever
// calls it in a loop finds something soon, and never sees the pool. True when
// [to] was cut: what begins near it might be longer without that.
static bool search_cut(const Process *p, Search *s, size_t *near)
{
    enum { BYTES_A_STEP = 8, MARGIN_STEPS = 8 };
    size_t most = bif_steps_most(p);
    *near = s->to;
    if ((s->to - s->from) / BYTES_A_STEP <= most) return false;
    s->to = s->from + most * BYTES_A_STEP;
    *near = s->to - most * BYTES_A_STEP / MARGIN_STEPS;
    return true;
}

// Only the first: {Position, Length} or nomatch.
static Term match(Process *p, const Term *args, Term options)
{
    Search s;
    size_t at, length;
    Term answer = ATOM_nomatch;
    if (!search_begin(&s, args, options, false))
        return bif_error(p, ATOM_badarg);
    size_t from = s.from, near;
    bool cut = search_cut(p, &s, &near), found = search_next(&s, &at, &length);
    if (cut && (!found || at >= near)) {
        answer = bif_to_pool(p);
    } else if (found) {
        answer = position_term(process_heap(p), at, length);
        // What was searched is what it costs.
        bif_bump_loop(p, LOOP_BINARY, at - from, BYTES_A_REDUCTION);
    } else {
        bif_bump_loop(p, LOOP_BINARY, s.to - from, BYTES_A_REDUCTION);
    }
    search_end(&s);
    return answer;
}

Term bif_binary_match_2(Process *p, const Term *args)
{
    return match(p, args, TERM_NIL);
}

Term bif_binary_match_3(Process *p, const Term *args)
{
    return match(p, args, args[2]);
}

// Of a search for all occurrences.
static bool is_long(const Process *p, const Search *s)
{
    enum { BYTES_A_STEP = 4 };
    return bif_is_long(p, (s->to - s->from) / BYTES_A_STEP);
}

// [] without any, not nomatch.
static Term matches(Process *p, const Term *args, Term options)
{
    Heap *h = process_heap(p);
    Search s;
    size_t at, length;
    Term answer = TERM_NIL, *link = &answer;
    if (!search_begin(&s, args, options, false))
        return bif_error(p, ATOM_badarg);
    if (is_long(p, &s)) {
        search_end(&s);
        return bif_to_pool(p);
    }
    while (search_next(&s, &at, &length)) {
        *link = heap_cons(h, position_term(h, at, length), TERM_NIL);
        link = term_cons_ptr(*link) + 1;
    }
    bif_bump_loop(p, LOOP_BINARY, s.size, BYTES_A_REDUCTION);
    search_end(&s);
    return answer;
}

Term bif_binary_matches_2(Process *p, const Term *args)
{
    return matches(p, args, TERM_NIL);
}

Term bif_binary_matches_3(Process *p, const Term *args)
{
    return matches(p, args, args[2]);
}

// ---- splitting ----
// Parts are sub-binaries of the subject.

// The list grows at its end.
typedef struct {
    Process *process;
    Search *search;
    Term first, *link; // the list so far, and its end
    Term *full;        // the end behind the last part that is not empty
} Split;

// trim_all leaves out every empty part, trim only those at the end.
static void split_add(Split *split, size_t from, size_t to)
{
    Heap *h = process_heap(split->process);
    if (from == to && split->search->trim_all) return;
    Term part = heap_sub_bits(h, split->search->subject, from * 8,
                              (to - from) * 8);
    *split->link = heap_cons(h, part, TERM_NIL);
    split->link = term_cons_ptr(*split->link) + 1;
    // The list may end here later.
    if (from < to) split->full = split->link;
}

static Term split(Process *p, const Term *args, Term options)
{
    Search s;
    size_t at, length, last = 0;
    if (!search_begin(&s, args, options, true))
        return bif_error(p, ATOM_badarg);
    if (s.global && is_long(p, &s)) {
        search_end(&s);
        return bif_to_pool(p);
    }
    Split parts = {.process = p, .search = &s};
    parts.link = parts.full = &parts.first;
    while (search_next(&s, &at, &length)) {
        split_add(&parts, last, at);
        last = at + length;
        if (!s.global) break;
    }
    // What is behind the last occurrence, though a scope ended before.
    split_add(&parts, last, s.size);
    if (s.trim) parts.link = parts.full; // cut off what was empty since
    *parts.link = TERM_NIL;
    bif_bump_loop(p, LOOP_BINARY, s.size, BYTES_A_REDUCTION);
    search_end(&s);
    return parts.first;
}

Term bif_binary_split_2(Process *p, const Term *args)
{
    return split(p, args, TERM_NIL);
}

Term bif_binary_split_3(Process *p, const Term *args)
{
    return split(p, args, args[2]);
}

// ---- compiling ----
// A pattern that is used often.

Term bif_binary_compile_pattern_1(Process *p, const Term *args)
{
    Pattern *pattern = pattern_new(args[0]);
    if (pattern == NULL) return bif_error(p, ATOM_badarg);
    Term kind = pattern->count == 1 ? ATOM_bm : ATOM_ac;
    Term ref = magic_ref_new(p->node, process_heap(p), &pattern->counted);
    return heap_tuple2(process_heap(p), kind, ref);
}
