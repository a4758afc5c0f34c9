// SPDX-License-Identifier: Apache-2.0
// Patterns. One needle is left to the C library, which searches with vector
// instructions; several are looked up by the byte that they begin with.
//
// Only read after it was made: any thread may search with it.
#include "pattern.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

// Counts needles and bytes of [t]; false when it is no pattern.
// Recursion is one level deep: lists in lists are no patterns.
static bool measure(Term t, size_t *count, size_t *bytes)
{
    Bits bits;
    if (!term_is_cons(t)) {
        if (!term_bits(t, &bits) || bits.size % 8 != 0 || bits.size == 0)
            return false;
        *count += 1;
        *bytes += bits.size / 8;
        return true;
    }
    for (; term_is_cons(t); t = term_tail(t))
        if (term_is_cons(term_head(t)) || !measure(term_head(t), count, bytes))
            return false;
    return term_is_nil(t);
}

static void add_needle(Pattern *p, Term t, uint8_t *to)
{
    Bits bits = {0};
    term_bits(t, &bits);
    bits_copy(to, &bits);
    p->needles[p->count++] = (Needle){to, bits.size / 8};
}

// The longest first, so that the first that matches is the longest.
static int compare_needles(const void *a, const void *b)
{
    const Needle *x = a, *y = b;
    if (x->bytes[0] != y->bytes[0]) return x->bytes[0] < y->bytes[0] ? -1 : 1;
    if (x->size != y->size) return x->size > y->size ? -1 : 1;
    return 0;
}

// first[B] to first[B + 1] are those that begin with byte B.
static void index_needles(Pattern *p)
{
    size_t n = 0;
    qsort(p->needles, p->count, sizeof *p->needles, compare_needles);
    for (unsigned byte = 0; byte < 256; byte++) {
        p->first[byte] = (uint32_t)n;
        while (n < p->count && p->needles[n].bytes[0] == byte) n++;
    }
    p->first[256] = (uint32_t)n;
}

// The bytes are copied: the terms may go.
Pattern *pattern_new(Term t)
{
    size_t count = 0, bytes = 0;
    if (!measure(t, &count, &bytes)) return NULL;
    Pattern *p = memory_alloc(sizeof *p);
    atomic_init(&p->counted.count, 1);
    p->counted.destroy = pattern_destroy;
    p->count = 0;
    p->needles = memory_alloc(count * sizeof *p->needles);
    p->bytes = memory_alloc(bytes);
    uint8_t *to = p->bytes;
    if (!term_is_cons(t)) add_needle(p, t, to);
    for (; term_is_cons(t); t = term_tail(t)) {
        add_needle(p, term_head(t), to);
        to += p->needles[p->count - 1].size;
    }
    if (count > 1) index_needles(p); // a single one is never looked up
    return p;
}

void pattern_destroy(Counted *c)
{
    Pattern *p = (Pattern *)c;
    free(p->needles);
    free(p->bytes);
    free(p);
}

// memchr is several times as fast as memmem where the first byte is rare.
static const void *find_bytes(const Needle *needle, const uint8_t *text,
                              size_t size)
{
    enum { TRIES = 16, APART = 64 };
    const uint8_t *at = text, *end = text + size;
    for (size_t tries = 0; (size_t)(end - at) >= needle->size; tries++) {
        if (tries > TRIES && (size_t)(at - text) < tries * APART)
            return memmem(at, (size_t)(end - at), needle->bytes, needle->size);
        at = memchr(at, needle->bytes[0],
                    (size_t)(end - at) - needle->size + 1);
        if (at == NULL || memcmp(at, needle->bytes, needle->size) == 0)
            return at;
        at++;
    }
    return NULL;
}

static bool find_one(const Needle *needle, const uint8_t *text, size_t size,
                     Needle *found)
{
    const void *at = needle->size == 1
                         ? memchr(text, needle->bytes[0], size)
                         : find_bytes(needle, text, size);
    if (at == NULL) return false;
    *found = (Needle){at, needle->size};
    return true;
}

// Whether one of the needles begins at [at]; the longest that does.
static bool match_here(const Pattern *p, const uint8_t *at, size_t left,
                       Needle *found)
{
    for (uint32_t i = p->first[*at]; i < p->first[*at + 1]; i++) {
        const Needle *needle = &p->needles[i];
        if (needle->size > left) continue;
        if (memcmp(at, needle->bytes, needle->size) != 0) continue;
        *found = (Needle){at, needle->size};
        return true;
    }
    return false;
}

bool pattern_find(const Pattern *p, const uint8_t *text, size_t from,
                  size_t to, Needle *found)
{
    if (from >= to) return false;
    if (p->count == 1)
        return find_one(p->needles, text + from, to - from, found);
    for (size_t i = from; i < to; i++) {
        // No needle begins with this byte.
        if (p->first[text[i]] == p->first[text[i] + 1]) continue;
        if (match_here(p, text + i, to - i, found)) return true;
    }
    return false;
}
