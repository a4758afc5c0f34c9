// SPDX-License-Identifier: Apache-2.0
// Random terms for the C tests.
#include "terms.h"

#include "big.h"

enum { ELEMENTS_MOST = 6, KEYS_MOST = 50, BYTES_MOST = 90 };

Term bench_integer(Bench *b, size_t limbs)
{
    mp_limb_t room[64];
    size_t size = bench_below(b, limbs + 1);
    for (size_t i = 0; i < size; i++) {
        size_t kind = bench_below(b, 4); // runs of ones and zeros find carries
        room[i] = kind == 0 ? 0 : kind == 1 ? ~(mp_limb_t)0 : bench_random(b);
    }
    if (size > 0) room[size - 1] >>= bench_below(b, 64);
    return big_from_limbs(&b->heap, room, size, bench_below(b, 2) == 0);
}

static Term random_bits(Bench *b)
{
    uint8_t bytes[BYTES_MOST + 2];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)bench_random(b);
    Term t = heap_binary(&b->heap, bytes, sizeof bytes);
    size_t size = bench_below(b, BYTES_MOST * 8);
    if (bench_below(b, 2) == 0) size -= size % 8;
    return heap_sub_bits(&b->heap, t, bench_below(b, 16), size);
}

static Term random_leaf(Bench *b)
{
    static const char *const names[] = {"a", "foo", "Bar baz", "", "\xC3\xA9",
                                        "\xCE\xBB", "when"};
    const char *name = names[bench_below(b, 7)];
    switch (bench_below(b, 7)) {
    case 0: return term_small((intptr_t)bench_below(b, 300));
    case 1: return bench_integer(b, 3);
    case 2: return heap_float(&b->heap, (double)bench_below(b, 1000) / 8);
    case 3: return atom_new(b->node.atoms, name, strlen(name));
    case 4: return random_bits(b);
    case 5: return heap_string(&b->heap, "text", bench_below(b, 5), TERM_NIL);
    default: return TERM_NIL;
    }
}

static Term random_map(Bench *b, unsigned depth)
{
    Term pairs[2 * KEYS_MOST];
    size_t n = bench_below(b, bench_below(b, 2) ? KEYS_MOST : ELEMENTS_MOST);
    for (size_t i = 0; i < 2 * n; i += 2) {
        pairs[i] = bench_term(b, depth / 2);
        pairs[i + 1] = random_leaf(b);
    }
    return map_from_pairs(&b->heap, b->node.atoms, n, pairs);
}

Term bench_term(Bench *b, unsigned depth)
{
    Term elements[ELEMENTS_MOST];
    size_t n = bench_below(b, ELEMENTS_MOST);
    if (depth == 0 || bench_below(b, 3) == 0) return random_leaf(b);
    size_t kind = bench_below(b, 4);
    if (kind == 3) return random_map(b, depth);
    for (size_t i = 0; i < n; i++) elements[i] = bench_term(b, depth - 1);
    if (kind == 0) return heap_tuple(&b->heap, n, elements);
    Term tail = kind == 1 ? TERM_NIL : random_leaf(b);
    return heap_list(&b->heap, n, elements, tail);
}
