// SPDX-License-Identifier: Apache-2.0
// unicode_util: chardata, character by character.
//
// Each function takes one character, or grapheme cluster, off the front of
// chardata and answers [First | Rest], [] at the end, {error, Rest} when the
// front is no text. Several characters in the place of one are a list.
// string.erl walks texts with these, so most calls are for ASCII in lists and
// must be quick. Tables are utf8proc's, of the same Unicode version for all.
#include <stdlib.h>
#include <utf8proc.h>

#include "bif.h"
#include "encoding.h"
#include "letter_case.h"
#include "map.h"
#include "memory.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "utf8.h"

// ---- taking off one character ----

// FRONT_BAD: no chardata, a crash.
typedef enum { FRONT_CHARACTER, FRONT_END, FRONT_ERROR, FRONT_BAD } Front;

// A binary's first character; [*rest] is what follows, or the binary itself
// when it is no UTF-8. Bits that are no whole bytes are no text at all.
// Only the first few bytes are looked at; the rest is a part of the same
// binary.
static Front binary_front(Heap *h, Term t, intptr_t *c, Term *rest)
{
    Bits bits;
    uint32_t code;
    *rest = t;
    if (!term_bits(t, &bits) || bits.size % 8 != 0) return FRONT_BAD;
    if (bits.size == 0) return FRONT_END;
    uint8_t bytes[UTF8_MOST];
    Bits first = bits;
    if (first.size > UTF8_MOST * 8) first.size = UTF8_MOST * 8;
    bits_copy(bytes, &first);
    unsigned n = utf8_read(bytes, bytes + first.size / 8, &code);
    if (n == 0) return FRONT_ERROR;
    *c = (intptr_t)code;
    *rest = heap_sub_bits(h, t, n * 8, bits.size - n * 8);
    return FRONT_CHARACTER;
}

// [a], a list or binary, in front of [b].
// What string:next and others answer is chardata again, flat where it can be.
static Term join(Heap *h, Term a, Term b)
{
    while (term_is_list(a) && term_is_cons(b) && !term_is_small(term_head(b))
           && term_is_nil(term_tail(b)))
        b = term_head(b); // a list of one text only
    Term joined = b, *link = &joined;
    for (; term_is_cons(a); a = term_tail(a)) {
        *link = heap_cons(h, term_head(a), b);
        link = term_cons_ptr(*link) + 1;
    }
    // A binary needs no list around it if nothing follows.
    if (!term_is_nil(a)) *link = term_is_nil(b) ? a : heap_cons(h, a, b);
    return joined;
}

// A list can only be so deep on purpose.
enum { DEPTH_MOST = 1000 }; // of lists in lists at the front

// Depth first: empty lists and binaries are passed over.
static Front front(Heap *h, Term t, intptr_t *c, Term *rest, unsigned depth)
{
    while (term_is_cons(t)) {
        Term head = term_head(t), tail = term_tail(t);
        if (term_is_small(head)) {
            *c = term_small_value(head);
            *rest = tail;
            return FRONT_CHARACTER;
        }
        // As a C stack is limited.
        if (depth == DEPTH_MOST) return FRONT_BAD;
        Front f = front(h, head, c, rest, depth + 1);
        if (f == FRONT_CHARACTER || f == FRONT_ERROR)
            *rest = join(h, *rest, tail);
        if (f != FRONT_END) return f;
        t = tail;
    }
    if (term_is_nil(t)) {
        *rest = t;
        return FRONT_END;
    }
    return binary_front(h, t, c, rest);
}

// The answer of [function] to a front of [t] that is no character.
static Term front_answer(Process *p, Front f, Term function, Term t, Term rest)
{
    if (f == FRONT_END) return TERM_NIL;
    if (f == FRONT_BAD)
        return bif_trap_to_clauses(p, ATOM_unicode_util, function, 1, &t);
    return heap_tuple2(process_heap(p), ATOM_error, rest);
}

// unicode_util:cp(Chardata)
// The commonest case answers its argument.
Term bif_unicode_util_cp_1(Process *p, const Term *args)
{
    intptr_t c;
    Term rest;
    if (term_is_cons(args[0]) && term_is_small(term_head(args[0])))
        return args[0];
    Front f = front(process_heap(p), args[0], &c, &rest, 0);
    if (f != FRONT_CHARACTER)
        return front_answer(p, f, ATOM_cp, args[0], rest);
    return heap_cons(process_heap(p), term_small(c), rest);
}

// ---- grapheme clusters ----
// Code points that belong together: "e" and an accent, "\r\n", a flag, a family
// of emoji.

// Longer ones are very rare.
enum { CLUSTER_LOCAL = 16 };

// Code points; on the C stack while they are few.
typedef struct {
    utf8proc_int32_t *codes; // [local], or memory of malloc
    size_t count, room;      // in use, and allocated
    utf8proc_int32_t local[CLUSTER_LOCAL];
} Cluster;

static void cluster_init(Cluster *k)
{
    k->codes = k->local;
    k->count = 0;
    k->room = CLUSTER_LOCAL;
}

static void cluster_free(Cluster *k)
{
    if (k->codes != k->local) free(k->codes);
}

// Pointers into the cluster change with it.
static void cluster_reserve(Cluster *k, size_t more)
{
    if (k->room - k->count >= more) return;
    k->room = 2 * (k->count + more);
    utf8proc_int32_t *codes = memory_alloc(k->room * sizeof *codes);
    memcpy(codes, k->codes, k->count * sizeof *codes);
    cluster_free(k);
    k->codes = codes;
}

static void cluster_add(Cluster *k, intptr_t c)
{
    cluster_reserve(k, 1);
    k->codes[k->count++] = (utf8proc_int32_t)c;
}

// A list may hold any integer; it is a cluster by itself.
static bool is_known(intptr_t c)
{
    return c >= 0 && c <= 0x10FFFF;
}

// Whether a cluster ends between [a] and [b].
// The rules need what went before: [state] holds it.
static bool breaks(intptr_t a, intptr_t b, utf8proc_int32_t *state)
{
    if (!is_known(a) || !is_known(b)) return true;
    // Without tables.
    if (a < 128 && b < 128) return a != '\r' || b != '\n';
    return utf8proc_grapheme_break_stateful((utf8proc_int32_t)a,
                                            (utf8proc_int32_t)b, state);
}

// Takes a cluster off [t].
// Looks one character ahead, and answers what is before it.
static Front cluster_front(Heap *h, Term t, Cluster *k, Term *rest)
{
    intptr_t last, next;
    utf8proc_int32_t state = 0;
    Term behind;
    Front f = front(h, t, &last, rest, 0);
    if (f != FRONT_CHARACTER) return f;
    cluster_add(k, last);
    for (;; last = next, *rest = behind) {
        f = front(h, *rest, &next, &behind, 0);
        if (f == FRONT_BAD) return f;
        // The error is found by the next call.
        if (f == FRONT_ERROR) *rest = behind;
        if (f != FRONT_CHARACTER || breaks(last, next, &state))
            return FRONT_CHARACTER;
        cluster_add(k, next);
    }
}

// A single character, or (or if [lists]) the list of several.
// OTP answers [C] in some places where others answer C.
static Term cluster_term(Heap *h, const Cluster *k, bool lists)
{
    if (k->count == 1 && !lists) return term_small(k->codes[0]);
    Term list = TERM_NIL;
    for (size_t i = k->count; i-- > 0;)
        list = heap_cons(h, term_small(k->codes[i]), list);
    return list;
}

// unicode_util:gc(Chardata)
// string:next_grapheme
Term bif_unicode_util_gc_1(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    Cluster k;
    Term rest;
    cluster_init(&k);
    Front f = cluster_front(h, args[0], &k, &rest);
    Term answer = f == FRONT_CHARACTER
                      ? heap_cons(h, cluster_term(h, &k, false), rest)
                      : front_answer(p, f, ATOM_gc, args[0], rest);
    cluster_free(&k);
    return answer;
}

// ---- letter case ----
// Cases of one character, which may become several: ß is "SS".

// What is no character stays as it is.
static Term mapped_term(Heap *h, LetterCase to_case, intptr_t c)
{
    uint32_t to[LETTER_CASE_MOST];
    if (!is_known(c) || !utf8_is_valid((uint32_t)c)) return term_small(c);
    unsigned n = letter_case_map(to_case, (uint32_t)c, to);
    Term list = TERM_NIL;
    if (n == 1) return term_small(to[0]);
    while (n-- > 0) list = heap_cons(h, term_small(to[n]), list);
    return list;
}

static Term map_front(Process *p, Term function, Term t, LetterCase to_case)
{
    Heap *h = process_heap(p);
    intptr_t c;
    Term rest;
    Front f = front(h, t, &c, &rest, 0);
    // With bytes that are no text, too.
    if (f == FRONT_ERROR) f = FRONT_BAD;
    if (f != FRONT_CHARACTER) return front_answer(p, f, function, t, rest);
    return heap_cons(h, mapped_term(h, to_case, c), rest);
}

Term bif_unicode_util_uppercase_1(Process *p, const Term *args)
{
    return map_front(p, ATOM_uppercase, args[0], LETTER_UPPER);
}

Term bif_unicode_util_lowercase_1(Process *p, const Term *args)
{
    return map_front(p, ATOM_lowercase, args[0], LETTER_LOWER);
}

Term bif_unicode_util_titlecase_1(Process *p, const Term *args)
{
    return map_front(p, ATOM_titlecase, args[0], LETTER_TITLE);
}

Term bif_unicode_util_casefold_1(Process *p, const Term *args)
{
    return map_front(p, ATOM_casefold, args[0], LETTER_FOLD);
}

// ---- normal forms, cluster by cluster ----
// A cluster holds all that canonical order moves, so cluster by cluster is the
// same as the whole text.

static int combining_class(utf8proc_int32_t c)
{
    return utf8proc_get_property(c)->combining_class;
}

// Puts marks into canonical order.
// An insertion sort: marks are few, and equal ones must keep their order.
static void order_marks(Cluster *k)
{
    // Class 0 is no mark: nothing moves over it.
    for (size_t i = 1; i < k->count; i++) {
        utf8proc_int32_t c = k->codes[i];
        int class = combining_class(c);
        size_t at = i;
        if (class == 0) continue;
        while (at > 0 && combining_class(k->codes[at - 1]) > class) {
            k->codes[at] = k->codes[at - 1];
            at--;
        }
        k->codes[at] = c;
    }
}

static void decompose(const Cluster *from, Cluster *to, bool compatible)
{
    // U+FDFA is the longest, 18.
    enum { MOST = 32 }; // characters that one may become
    int options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE;
    if (compatible) options |= UTF8PROC_COMPAT;
    for (size_t i = 0; i < from->count; i++) {
        int class = 0;
        cluster_reserve(to, MOST);
        utf8proc_ssize_t n = utf8proc_decompose_char(
            from->codes[i], to->codes + to->count, MOST,
            (utf8proc_option_t)options, &class);
        // What cannot be taken apart stays.
        if (n < 1 || n > MOST) {
            to->codes[to->count] = from->codes[i];
            n = 1;
        }
        to->count += (size_t)n;
    }
    order_marks(to);
}

// Never more characters than before.
static void compose(Cluster *k)
{
    utf8proc_ssize_t n = utf8proc_normalize_utf32(
        k->codes, (utf8proc_ssize_t)k->count,
        (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (n > 0) k->count = (size_t)n;
}

// The cluster in normal form; NFKC answers a list wherever it took apart.
// As OTP's nfkc does.
static Term normal_term(Heap *h, const Cluster *from, bool composed,
                        bool compatible)
{
    Cluster to;
    cluster_init(&to);
    decompose(from, &to, compatible);
    bool lists = compatible && composed && (to.count > 1 || from->count > 1);
    if (composed) compose(&to);
    Term t = cluster_term(h, &to, lists);
    cluster_free(&to);
    return t;
}

static Term normalize(Process *p, Term function, Term t, bool composed,
                      bool compatible)
{
    Heap *h = process_heap(p);
    Cluster k;
    Term rest;
    cluster_init(&k);
    Front f = cluster_front(h, t, &k, &rest);
    Term answer;
    if (f != FRONT_CHARACTER) {
        answer = front_answer(p, f, function, t, rest);
    } else if (k.count == 1 && k.codes[0] < 128) {
        // ASCII is in every normal form.
        answer = heap_cons(h, cluster_term(h, &k, false), rest);
    } else {
        answer = heap_cons(h, normal_term(h, &k, composed, compatible), rest);
    }
    cluster_free(&k);
    return answer;
}

Term bif_unicode_util_nfc_1(Process *p, const Term *args)
{
    return normalize(p, ATOM_nfc, args[0], true, false);
}

Term bif_unicode_util_nfd_1(Process *p, const Term *args)
{
    return normalize(p, ATOM_nfd, args[0], false, false);
}

Term bif_unicode_util_nfkc_1(Process *p, const Term *args)
{
    return normalize(p, ATOM_nfkc, args[0], true, true);
}

Term bif_unicode_util_nfkd_1(Process *p, const Term *args)
{
    return normalize(p, ATOM_nfkd, args[0], false, true);
}

// ---- properties ----
// Space is what OTP's unicode_util says, Pattern_White_Space.

static const uint16_t spaces[] = {9, 10, 11, 12, 13, 32, 133, 8206,
                                  8207, 8232, 8233};

static Term line_end(Heap *h)
{
    return heap_string(h, "\r\n", 2, TERM_NIL);
}

// unicode_util:whitespace() -> [GraphemeCluster]
// "\r\n" is one of them.
Term bif_unicode_util_whitespace_0(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    for (size_t i = sizeof spaces / sizeof *spaces; i-- > 0;)
        list = heap_cons(h, term_small(spaces[i]), list);
    return heap_cons(h, line_end(h), list);
}

static bool is_line_end(Term t)
{
    return term_is_cons(t) && term_same(term_head(t), term_small('\r'))
           && term_is_cons(term_tail(t))
           && term_same(term_head(term_tail(t)), term_small('\n'))
           && term_is_nil(term_tail(term_tail(t)));
}

// Of a cluster as a list too.
Term bif_unicode_util_is_whitespace_1(Process *p, const Term *args)
{
    bool is = is_line_end(args[0]);
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (term_same(args[0], term_small(spaces[i]))) is = true;
    return is ? ATOM_true : ATOM_false;
}

static bool is_wide(Term t)
{
    if (!term_is_small(t)) return false;
    intptr_t c = term_small_value(t);
    return is_known(c) && utf8proc_charwidth((utf8proc_int32_t)c) == 2;
}

// unicode_util:is_wide(Character | GraphemeCluster): takes two columns.
// A cluster is wide if one of its characters is; a selector of emoji makes it
// so, too.
Term bif_unicode_util_is_wide_1(Process *p, const Term *args)
{
    Term t = args[0];
    if (is_wide(t)) return ATOM_true;
    for (bool first = true; term_is_cons(t); t = term_tail(t), first = false) {
        Term head = term_head(t);
        bool selects = term_same(head, term_small(0xFE0F))
                       || term_same(head, term_small(0xFE0E));
        if (is_wide(head) || (!first && selects)) return ATOM_true;
    }
    return ATOM_false;
}

// unicode_util:get_case(Character) -> #{upper, lower, title, fold}
// Each item may be a list.
Term bif_unicode_util_get_case_1(Process *p, const Term *args)
{
    if (!term_is_small(args[0])) return bif_error(p, ATOM_function_clause);
    Heap *h = process_heap(p);
    intptr_t c = term_small_value(args[0]);
    Term fold = mapped_term(h, LETTER_FOLD, c);
    Term lower = mapped_term(h, LETTER_LOWER, c);
    Term title = mapped_term(h, LETTER_TITLE, c);
    Term upper = mapped_term(h, LETTER_UPPER, c);
    Term pairs[] = {ATOM_fold, fold, ATOM_lower, lower,
                    ATOM_title, title, ATOM_upper, upper};
    return map_from_pairs(h, process_atoms(p), 4, pairs);
}
