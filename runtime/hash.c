// SPDX-License-Identifier: Apache-2.0
// Hashes of terms. hash_phash2 and hash_phash give what OTP gives, to the bit,
// as programs keep such hashes in files; hash_internal gives the order in which
// large maps are iterated, so it follows OTP too where the value of a hash
// does not depend on the run. The mixing is Bob Jenkins's (1996).
//
// All work on one stack of terms; words that are no terms (headers) stand for
// something to do when they come to the top.
#include "hash.h"

#include <stdlib.h>

#include "big.h"
#include "bits.h"
#include "code.h"
#include "identifier.h"
#include "map.h"
#include "term_stack.h"

enum { BYTES_A_ROUND = 12 }; // bytes of a block that are mixed at a time

// Values of OTP's: the hash of [] alone, and what the internal hash starts
// from.
static const uint32_t GOLDEN = 0x9e3779b9, INTERNAL_SALT = 3432918353,
                      NIL_ALONE = 3468870702;

// Multiples of GOLDEN keep the kinds of terms apart.
// The order and the numbers are part of the result: never to be changed.
enum {
    MULTIPLE_INTEGER = 1,
    MULTIPLE_NIL = 2,
    MULTIPLE_ATOM = 3,
    MULTIPLE_STRING = 4,
    MULTIPLE_PID = 5,
    MULTIPLE_PORT = 6,
    MULTIPLE_REF = 7,
    MULTIPLE_REF_REST = 8,
    MULTIPLE_TUPLE = 9,
    MULTIPLE_NEGATIVE = 10,
    MULTIPLE_POSITIVE = 11,
    MULTIPLE_FLOAT = 12,
    MULTIPLE_BINARY = 13,
    MULTIPLE_EXPORT = 14,
    MULTIPLE_LAST_BITS = 15,
    MULTIPLE_MAP = 16,
    MULTIPLE_HEAD = 17,
    MULTIPLE_TAIL = 18,
    MULTIPLE_PAIRS = 19,
    MULTIPLE_FUN = 20,
    MULTIPLE_FUN_INDEX = 21,
    MULTIPLE_SALT = 22
};

// Things to do, in the place of terms on the stack.
// Words of the stack with a header's tag, so no term is taken for one.
enum { TODO_TAIL = 1, TODO_PAIR, TODO_MAP, TODO_WORD, TODO_TUPLE, TODO_LIST };

// Up to 32 bits of data stand above the mark.
static Term todo(unsigned what, uint32_t word)
{
    return (Term){(uintptr_t)word << 8 | what << 2 | TAG_HEADER};
}

static bool is_todo(Term t, unsigned what)
{
    return (t.bits & 0xFF) == todo(what, 0).bits;
}

static uint32_t todo_word(Term t)
{
    return (uint32_t)(t.bits >> 8);
}

// On three locals: through pointers each step would go through memory.
#define MIX(a, b, c) \
    do { \
        a -= b; a -= c; a ^= c >> 13; \
        b -= c; b -= a; b ^= a << 8; \
        c -= a; c -= b; c ^= b >> 13; \
        a -= b; a -= c; a ^= c >> 12; \
        b -= c; b -= a; b ^= a << 16; \
        c -= a; c -= b; c ^= b >> 5; \
        a -= b; a -= c; a ^= c >> 3; \
        b -= c; b -= a; b ^= a << 10; \
        c -= a; c -= b; c ^= b >> 15; \
    } while (0)

// Two words and the hash at once: a round costs the same for one.
static inline uint32_t mix_words(uint32_t hash, uint32_t x, uint32_t y,
                                 unsigned kind)
{
    uint32_t a = GOLDEN * kind + x, b = GOLDEN * kind + y;
    MIX(a, b, hash);
    return hash;
}

static inline uint32_t mix_word(uint32_t hash, uint32_t x, unsigned kind)
{
    return mix_words(hash, x, 0, kind);
}

static uint32_t read_word(const uint8_t *p)
{
    // Byte by byte: the result is the same on every machine.
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16
           | (uint32_t)p[3] << 24;
}

// The last bytes, fewer than a round, with zeros behind. Behind a whole round
// they are the end of the twelve bytes read there: what is copied bytewise and
// read as words again has to wait.
static void read_rest(const uint8_t *p, size_t rest, bool behind_round,
                      uint32_t words[3])
{
    uint8_t copy[BYTES_A_ROUND] = {0};
    if (!behind_round) {
        memcpy(copy, p, rest);
        for (unsigned i = 0; i < 3; i++) words[i] = read_word(copy + 4 * i);
        return;
    }
    const uint8_t *from = p + rest - BYTES_A_ROUND;
    unsigned __int128 all = read_word(from + 8);
    all = all << 64 | (uint64_t)read_word(from + 4) << 32 | read_word(from);
    all >>= (BYTES_A_ROUND - rest) * 8;
    words[0] = (uint32_t)all;
    words[1] = (uint32_t)(all >> 32);
    words[2] = (uint32_t)(all >> 64);
}

// [size] is cut to 32 bits, as the hash is to be the same everywhere.
static uint32_t hash_block(const uint8_t *p, size_t size, uint32_t hash)
{
    uint32_t a = GOLDEN, b = GOLDEN, length = (uint32_t)size, rest[3];
    bool is_long = size >= BYTES_A_ROUND;
    // Whole rounds, then one with what is left, even if that is nothing.
    for (; size >= BYTES_A_ROUND; size -= BYTES_A_ROUND, p += BYTES_A_ROUND) {
        a += read_word(p);
        b += read_word(p + 4);
        hash += read_word(p + 8);
        MIX(a, b, hash);
    }
    read_rest(p, size, is_long, rest);
    a += rest[0];
    b += rest[1];
    hash += (rest[2] << 8) + length; // the low byte is the length's
    MIX(a, b, hash);
    return hash;
}

// [bits] may begin inside a byte; then they are moved to a block first.
static uint32_t hash_whole_bytes(const Bits *bits, size_t bytes, uint32_t hash)
{
    if (bits->offset % 8 == 0)
        return hash_block(bits->base + bits->offset / 8, bytes, hash);
    uint8_t *copy = memory_alloc(bytes + 1);
    bits_copy(copy, bits);
    hash = hash_block(copy, bytes, hash);
    free(copy);
    return hash;
}

// The highest bit first, as a number.
static uint32_t last_bits(const Bits *bits, unsigned count)
{
    uint32_t value = 0;
    size_t at = bits->offset + bits->size - count;
    for (unsigned i = 0; i < count; i++, at++)
        value = value << 1 | (bits->base[at / 8] >> (7 - at % 8) & 1);
    return value;
}

static uint32_t hash_bitstring(Term t, uint32_t hash)
{
    Bits bits;
    term_bits(t, &bits);
    unsigned rest = bits.size % 8;
    uint32_t start = GOLDEN * MULTIPLE_BINARY + hash;
    if (bits.size == 0) return start;
    // Cut as in OTP: beyond 4 GB only the beginning counts.
    hash = hash_whole_bytes(&bits, (uint32_t)(bits.size / 8), start);
    if (rest > 0)
        hash = mix_words(hash, rest, last_bits(&bits, rest),
                         MULTIPLE_LAST_BITS);
    return hash;
}

// Two halves of a limb at a time: OTP's digits have 32 or 64 bits, and both
// give this.
static uint32_t hash_big(Term t, uint32_t hash)
{
    mp_limb_t room;
    Big b = big_view(t, &room);
    unsigned kind = b.negative ? MULTIPLE_NEGATIVE : MULTIPLE_POSITIVE;
    for (size_t i = 0; i < b.size; i++)
        hash = mix_words(hash, (uint32_t)b.limbs[i],
                         (uint32_t)(b.limbs[i] >> 32), kind);
    return hash;
}

static uint64_t float_bits(Term t)
{
    double d = term_float_value(t);
    uint64_t bits;
    if (d == 0) d = 0; // -0.0 equals 0.0
    memcpy(&bits, &d, sizeof bits);
    return d == 0 ? 0 : bits;
}

// Pushes [count] terms so that the first comes off first.
static void push_terms(TermStack *s, const Term *terms, size_t count)
{
    while (count > 0) term_stack_push(s, terms[--count]);
}

// Lists of bytes are hashed as strings, for these are the most.
static bool is_byte(Term t)
{
    return term_is_small(t) && (uintptr_t)term_small_value(t) < 256;
}

// ---- phash2 ----
// Never to change: programs keep such hashes in files.

// The hash itself goes from hand to hand: in memory it would be late.
typedef struct {
    const AtomTable *atoms;
    TermStack stack;
    uint32_t pairs; // of the map in hand: its pairs' hashes by xor
} Portable;

static inline uint32_t hash_small(intptr_t n, uint32_t hash)
{
    // Twice for negative ones: an oddity that is part of the result.
    if (n >= -(1 << 27) && n < 1 << 27) { // was a small on any machine once
        if (n < 0) hash = mix_word(hash, (uint32_t)-n, MULTIPLE_INTEGER);
        return mix_word(hash, (uint32_t)n, MULTIPLE_INTEGER);
    }
    // What a machine of 32 bits has as a bignum is hashed as one everywhere.
    uint64_t magnitude = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    return mix_words(hash, (uint32_t)magnitude, (uint32_t)(magnitude >> 32),
                     n < 0 ? MULTIPLE_NEGATIVE : MULTIPLE_POSITIVE);
}

// Numbers only, not the node: the same wherever it is asked.
static uint32_t hash_identifier(Term t, uint32_t hash)
{
    uint32_t numbers[REF_NUMBERS_MOST] = {0};
    if (term_is_ref(t)) {
        // Only the first number: what old formats kept.
        identifier_ref_numbers(t, numbers);
        return mix_word(hash, numbers[0], MULTIPLE_REF);
    }
    if (term_is_pid(t))
        return mix_word(hash, identifier_pid_number(t), MULTIPLE_PID);
    uint64_t n = identifier_port_number(t);
    return mix_words(hash, (uint32_t)n, (uint32_t)(n >> 32), MULTIPLE_PORT);
}

// An atom or [] alone is not mixed: so it always was.
static inline uint32_t hash_immediate(const AtomTable *atoms, Term t,
                                      uint32_t hash)
{
    if (term_is_small(t)) return hash_small(term_small_value(t), hash);
    if (term_is_atom(t)) {
        uint32_t text = atom_text(atoms, t)->hash;
        return hash == 0 ? text : mix_word(hash, text, MULTIPLE_ATOM);
    }
    if (term_is_nil(t))
        return hash == 0 ? NIL_ALONE : mix_word(hash, 2, MULTIPLE_NIL);
    return hash_identifier(t, hash);
}

// A run of bytes in a list is hashed four at a time. Answers what is no
// immediate among the heads, with the tail waiting, or the list's end.
static inline Term hash_list(Portable *p, Term t, uint32_t *into)
{
    uint32_t hash = *into, four = 0;
    unsigned count = 0;
    for (; term_is_cons(t); t = term_tail(t)) {
        Term head = term_head(t);
        if (is_byte(head)) {
            four = (four << 8) + (uint32_t)term_small_value(head);
            if (++count < 4) continue;
        }
        if (count > 0) {
            hash = mix_word(hash, four, MULTIPLE_STRING);
            four = count = 0;
            if (is_byte(head)) continue;
        }
        if (!term_is_immediate(head)) {
            term_stack_push(&p->stack, term_tail(t));
            *into = hash;
            return head;
        }
        hash = hash_immediate(p->atoms, head, hash);
    }
    if (count > 0) hash = mix_word(hash, four, MULTIPLE_STRING);
    *into = hash;
    return t;
}

static void hash_pair(Portable *p, Term key, Term value)
{
    if (term_is_immediate(key) && term_is_immediate(value)) {
        uint32_t hash = hash_immediate(p->atoms, key, 0);
        p->pairs ^= hash_immediate(p->atoms, value, hash);
        return;
    }
    term_stack_push(&p->stack, todo(TODO_PAIR, 0));
    term_stack_push(&p->stack, value);
    term_stack_push(&p->stack, key);
}

// A map's hash must not depend on the order of its pairs: they are hashed each
// for itself and joined by xor. What the hash was before waits on the stack.
// The stack from below: pairs and hash of before, a mark for the end, then for
// each pair a mark, its value and its key.
static uint32_t hash_map(Portable *p, Term map, uint32_t hash)
{
    size_t size = map_size(map);
    hash = mix_word(hash, (uint32_t)size, MULTIPLE_MAP);
    if (size == 0) return hash;
    term_stack_push(&p->stack, todo(TODO_WORD, p->pairs));
    term_stack_push(&p->stack, todo(TODO_WORD, hash));
    term_stack_push(&p->stack, todo(TODO_MAP, 0));
    p->pairs = 0;
    if (map_is_flat(map)) {
        const Term *keys = term_box_ptr(flatmap_keys(map)) + 1;
        const Term *values = term_box_ptr(map) + 2;
        for (size_t i = 0; i < size; i++) hash_pair(p, keys[i], values[i]);
        return 0;
    }
    MapIterator it;
    Term key, value;
    map_iterate(&it, map);
    while (map_next(&it, &key, &value)) hash_pair(p, key, value);
    return 0;
}

// Index and old uniq: what a fun of the same code has on each node.
static uint32_t hash_fun(Portable *p, Term t, uint32_t hash)
{
    const Term *box = term_box_ptr(t);
    const FunEntry *e = (const FunEntry *)box[1].bits;
    size_t free_count = header_arity(box[0]) - 2;
    hash = mix_words(hash, (uint32_t)free_count,
                     atom_text(p->atoms, e->module)->hash, MULTIPLE_INTEGER);
    hash = mix_words(hash, e->index, e->old_uniq, MULTIPLE_INTEGER);
    push_terms(&p->stack, box + 3, free_count);
    return hash;
}

static uint32_t hash_export(const AtomTable *atoms, Term t, uint32_t hash)
{
    const Export *e = (const Export *)term_box_ptr(t)[1].bits;
    hash = mix_words(hash, e->arity, atom_text(atoms, e->module)->hash,
                     MULTIPLE_INTEGER);
    return mix_word(hash, atom_text(atoms, e->function)->hash,
                    MULTIPLE_EXPORT);
}

// All but tuples.
static inline uint32_t hash_boxed(Portable *p, Term t, uint32_t hash)
{
    uint64_t bits;
    switch (term_subtag(t)) {
    case SUBTAG_FLATMAP:
    case SUBTAG_HASHMAP: return hash_map(p, t, hash);
    case SUBTAG_FUN: return hash_fun(p, t, hash);
    case SUBTAG_EXPORT: return hash_export(p->atoms, t, hash);
    case SUBTAG_BIG_POS:
    case SUBTAG_BIG_NEG: return hash_big(t, hash);
    case SUBTAG_FLOAT:
        bits = float_bits(t);
        return mix_words(hash, (uint32_t)(bits >> 32), (uint32_t)bits,
                         MULTIPLE_FLOAT);
    case SUBTAG_COUNTED:
    case SUBTAG_BYTES:
    case SUBTAG_BITS: return hash_bitstring(t, hash);
    default: return hash_identifier(t, hash);
    }
}

// Joins what was hashed since the pair or the map of [t] began.
static uint32_t finish_map_part(Portable *p, Term t, uint32_t hash)
{
    if (is_todo(t, TODO_PAIR)) {
        p->pairs ^= hash;
        return 0;
    }
    // The map is done: both words were put below its mark.
    uint32_t before = todo_word(term_stack_pop(&p->stack));
    hash = mix_word(before, p->pairs, MULTIPLE_PAIRS);
    p->pairs = todo_word(term_stack_pop(&p->stack));
    return hash;
}

// Answers the first element that is no immediate, with those behind it
// waiting, or TERM_NONE.
static inline Term hash_tuple(Portable *p, Term t, uint32_t *hash)
{
    const Term *box = term_box_ptr(t);
    size_t n = header_arity(box[0]);
    *hash = mix_word(*hash, (uint32_t)n, MULTIPLE_TUPLE);
    for (size_t i = 1; i <= n; i++) {
        if (!term_is_immediate(box[i])) {
            push_terms(&p->stack, box + i + 1, n - i);
            return box[i];
        }
        *hash = hash_immediate(p->atoms, box[i], *hash);
    }
    return TERM_NONE;
}

// [t] is no immediate.
static uint32_t hash_compound_portable(const AtomTable *atoms, Term t)
{
    Portable p; // not set to zeros: the stack is large
    p.atoms = atoms;
    p.pairs = 0;
    uint32_t hash = 0;
    term_stack_init(&p.stack);
    for (;;) {
        if (term_is_cons(t)) {
            t = hash_list(&p, t, &hash);
            continue;
        }
        if (term_is_tuple(t)) {
            t = hash_tuple(&p, t, &hash);
            if (!term_is_none(t)) continue;
        } else if (term_is_header(t)) {
            hash = finish_map_part(&p, t, hash);
        } else if (term_is_boxed(t)) {
            hash = hash_boxed(&p, t, hash);
        } else {
            hash = hash_immediate(atoms, t, hash);
        }
        if (term_stack_is_empty(&p.stack)) break;
        t = term_stack_pop(&p.stack);
    }
    term_stack_free(&p.stack);
    return hash;
}

uint32_t hash_phash2(const AtomTable *atoms, Term t)
{
    return term_is_immediate(t) ? hash_immediate(atoms, t, 0)
                                : hash_compound_portable(atoms, t);
}

// ---- phash ----
// The older hash multiplies by primes, one for each kind.

static const uint32_t PRIMES[] = {0,         268440163, 268439161, 268435459,
                                  268436141, 268438633, 268437017, 268438039,
                                  268437511, 268439627, 268440479, 268440577,
                                  268440581, 268440593, 268440611};

typedef struct {
    const AtomTable *atoms;
    TermStack stack;
    uint32_t hash;
} OldHash;

// The four bytes of [n], lowest first.
static uint32_t old_word(uint32_t hash, uint32_t n, uint32_t prime)
{
    for (int i = 0; i < 4; i++, n >>= 8) hash = hash * prime + (n & 0xFF);
    return hash;
}

// Bytes from the lowest; the sign is last.
static uint32_t old_integer(Term t, uint32_t hash)
{
    mp_limb_t room;
    Big b = big_view(t, &room);
    // 0 has no limbs, but a word.
    if (b.size == 0) hash = old_word(hash, 0, PRIMES[2]);
    for (size_t i = 0; i < b.size; i++) {
        hash = old_word(hash, (uint32_t)b.limbs[i], PRIMES[2]);
        // The upper half of the last limb only if there is one.
        if (i + 1 < b.size || b.limbs[i] >> 32 != 0)
            hash = old_word(hash, (uint32_t)(b.limbs[i] >> 32), PRIMES[2]);
    }
    return hash * PRIMES[b.negative ? 4 : 3];
}

// Bytes first, then bits, then the number of bytes.
static uint32_t old_bitstring(Term t, uint32_t hash)
{
    Bits bits;
    term_bits(t, &bits);
    size_t bytes = bits.size / 8;
    unsigned rest = bits.size % 8;
    for (size_t i = 0; i < bytes; i++)
        // The offset may lie inside a byte.
        hash = hash * PRIMES[1] + bits_byte_at(bits.base, bits.offset + i * 8);
    if (rest > 0)
        hash = (hash * PRIMES[1] + last_bits(&bits, rest)) * PRIMES[12] + rest;
    return hash * PRIMES[4] + (uint32_t)bytes;
}

static uint32_t old_atom(const AtomTable *atoms, Term atom, uint32_t hash)
{
    return hash * PRIMES[1] + atom_text(atoms, atom)->hash;
}

static void old_list(OldHash *p, Term t)
{
    while (term_is_cons(t) && is_byte(term_head(t))) {
        uint32_t byte = (uint32_t)term_small_value(term_head(t));
        p->hash = p->hash * PRIMES[2] + byte;
        t = term_tail(t);
    }
    Term rest = term_is_cons(t) ? term_tail(t) : t;
    // Behind the last tail its mark is mixed in.
    if (!term_is_cons(rest)) term_stack_push(&p->stack, todo(TODO_LIST, 0));
    term_stack_push(&p->stack, rest);
    if (term_is_cons(t)) term_stack_push(&p->stack, term_head(t));
}

static void old_fun(OldHash *p, Term t)
{
    const Term *box = term_box_ptr(t);
    const FunEntry *e = (const FunEntry *)box[1].bits;
    size_t free_count = header_arity(box[0]) - 2;
    p->hash = p->hash * PRIMES[10] + (uint32_t)free_count;
    p->hash = old_atom(p->atoms, e->module, p->hash);
    p->hash = p->hash * PRIMES[2] + e->index;
    p->hash = p->hash * PRIMES[2] + e->old_uniq;
    push_terms(&p->stack, box + 3, free_count);
}

static void old_export(OldHash *p, Term t)
{
    const Export *e = (const Export *)term_box_ptr(t)[1].bits;
    p->hash = p->hash * PRIMES[11] + e->arity;
    p->hash = old_atom(p->atoms, e->module, p->hash);
    p->hash = old_atom(p->atoms, e->function, p->hash);
}

static uint32_t old_identifier(Term t, uint32_t hash)
{
    uint32_t numbers[REF_NUMBERS_MOST] = {0};
    if (term_is_pid(t))
        return old_word(hash, identifier_pid_number(t), PRIMES[5]) * PRIMES[6];
    if (term_is_ref(t)) {
        identifier_ref_numbers(t, numbers);
        return old_word(hash, numbers[0], PRIMES[9]) * PRIMES[10];
    }
    uint64_t n = identifier_port_number(t);
    if (n >> 32 != 0) hash = old_word(hash, (uint32_t)(n >> 32), PRIMES[11]);
    return old_word(hash, (uint32_t)n, PRIMES[9]) * PRIMES[10];
}

// The arity comes last: its mark lies below the elements.
static void old_tuple(OldHash *p, Term t)
{
    size_t arity = term_arity(t);
    term_stack_push(&p->stack, todo(TODO_TUPLE, (uint32_t)arity));
    push_terms(&p->stack, term_box_ptr(t) + 1, arity);
}

static void old_boxed(OldHash *p, Term t)
{
    uint64_t bits;
    switch (term_subtag(t)) {
    case SUBTAG_TUPLE: old_tuple(p, t); break;
    case SUBTAG_FLATMAP:
    case SUBTAG_HASHMAP:
        // Maps are younger than phash: they use the newer hash.
        p->hash = p->hash * PRIMES[13] + PRIMES[14] + hash_phash2(p->atoms, t);
        break;
    case SUBTAG_FUN: old_fun(p, t); break;
    case SUBTAG_EXPORT: old_export(p, t); break;
    case SUBTAG_BIG_POS:
    case SUBTAG_BIG_NEG: p->hash = old_integer(t, p->hash); break;
    case SUBTAG_FLOAT:
        bits = float_bits(t);
        bits ^= bits >> 32;
        p->hash = p->hash * PRIMES[6] + (uint32_t)bits;
        break;
    case SUBTAG_COUNTED:
    case SUBTAG_BYTES:
    case SUBTAG_BITS: p->hash = old_bitstring(t, p->hash); break;
    default: p->hash = old_identifier(t, p->hash);
    }
}

// Immediates and marks.
static void old_other(OldHash *p, Term t)
{
    if (is_todo(t, TODO_LIST)) p->hash *= PRIMES[8];
    else if (is_todo(t, TODO_TUPLE))
        p->hash = p->hash * PRIMES[9] + todo_word(t);
    else if (term_is_small(t)) p->hash = old_integer(t, p->hash);
    else if (term_is_atom(t)) p->hash = old_atom(p->atoms, t, p->hash);
    else if (term_is_nil(t)) p->hash = p->hash * PRIMES[3] + 1;
    else p->hash = old_identifier(t, p->hash);
}

uint32_t hash_phash(const AtomTable *atoms, Term t)
{
    OldHash p;
    p.atoms = atoms;
    p.hash = 0;
    term_stack_init(&p.stack);
    term_stack_push(&p.stack, t);
    while (!term_stack_is_empty(&p.stack)) {
        t = term_stack_pop(&p.stack);
        if (term_is_cons(t)) old_list(&p, t);
        else if (term_is_boxed(t)) old_boxed(&p, t);
        else old_other(&p, t);
    }
    term_stack_free(&p.stack);
    return p.hash;
}

// ---- the internal hash ----
// Only within this run: addresses and indices may be mixed.

// Cheap: for marks that only keep shapes apart.
static uint32_t mix_constant(uint32_t hash, unsigned kind)
{
    hash ^= GOLDEN * kind;
    return (hash << 17) ^ (hash >> 15);
}

static uint32_t mix_pointer(uint32_t hash, uint64_t bits, unsigned kind)
{
    return mix_words(hash, (uint32_t)bits, (uint32_t)(bits >> 32), kind);
}

// As phash2 does it, but with the number of bytes in the last group, and marks
// for head and tail, so that [[a],b] and [[a,b]] differ.
static uint32_t internal_list(TermStack *s, Term t, uint32_t hash)
{
    uint32_t four = 0;
    unsigned count = 0;
    while (term_is_cons(t) && is_byte(term_head(t))) {
        four = (four << 8) + (uint32_t)term_small_value(term_head(t));
        t = term_tail(t);
        if (++count == 4) {
            hash = mix_word(hash, four, MULTIPLE_STRING);
            four = count = 0;
        }
    }
    if (count > 0) hash = mix_words(hash, four, count, MULTIPLE_SALT);
    if (!term_is_cons(t)) {
        term_stack_push(s, t);
        return hash;
    }
    term_stack_push(s, term_tail(t));
    if (!term_is_cons(term_tail(t))) term_stack_push(s, todo(TODO_TAIL, 0));
    term_stack_push(s, term_head(t));
    return mix_constant(hash, MULTIPLE_HEAD);
}

// Equal maps have the same form, so here order may count.
static uint32_t internal_map(TermStack *s, Term map, uint32_t hash)
{
    MapIterator it;
    Term key, value;
    size_t size = map_size(map);
    // From the last to the first, so that the first comes off first.
    if (map_is_flat(map)) {
        const Term *keys = term_box_ptr(flatmap_keys(map)) + 1;
        for (size_t i = size; i-- > 0;) {
            term_stack_push(s, term_box_ptr(map)[2 + i]);
            term_stack_push(s, keys[i]);
        }
    } else {
        map_iterate_fold(&it, map);
        while (map_next(&it, &key, &value)) {
            term_stack_push(s, value);
            term_stack_push(s, key);
        }
    }
    return mix_word(hash, (uint32_t)size, MULTIPLE_MAP);
}

// The module by its atom, which is enough within a run.
static uint32_t internal_fun(TermStack *s, Term t, uint32_t hash)
{
    const Term *box = term_box_ptr(t);
    const FunEntry *e = (const FunEntry *)box[1].bits;
    size_t free_count = header_arity(box[0]) - 2;
    hash = mix_words(hash, (uint32_t)free_count, (uint32_t)e->module.bits,
                     MULTIPLE_FUN);
    hash = mix_words(hash, e->index, e->old_uniq, MULTIPLE_FUN_INDEX);
    push_terms(s, box + 3, free_count);
    return hash;
}

// The node is mixed in: identifiers of different nodes differ.
static uint32_t internal_identifier(Term t, uint32_t hash)
{
    uint32_t numbers[REF_NUMBERS_MOST] = {0};
    uintptr_t node = (uintptr_t)identifier_node(t);
    if (term_is_ref(t)) {
        identifier_ref_numbers(t, numbers);
        if (node != 0) hash = mix_pointer(hash, node, MULTIPLE_REF);
        hash = mix_word(hash, numbers[0], MULTIPLE_REF);
        return mix_words(hash, numbers[1], numbers[2], MULTIPLE_REF_REST);
    }
    bool is_pid = term_is_pid(t);
    unsigned kind = is_pid ? MULTIPLE_PID : MULTIPLE_PORT;
    hash = mix_pointer(hash, node, kind);
    if (is_pid)
        return mix_words(hash, identifier_pid_number(t),
                         identifier_pid_serial(t), kind);
    return mix_pointer(hash, identifier_port_number(t), kind);
}

static uint32_t internal_boxed(TermStack *s, Term t, uint32_t hash)
{
    const Term *box = term_box_ptr(t);
    switch (term_subtag(t)) {
    case SUBTAG_TUPLE:
        push_terms(s, box + 1, term_arity(t));
        return mix_word(hash, (uint32_t)term_arity(t), MULTIPLE_TUPLE);
    case SUBTAG_FLATMAP:
    case SUBTAG_HASHMAP: return internal_map(s, t, hash);
    case SUBTAG_FUN: return internal_fun(s, t, hash);
    case SUBTAG_EXPORT:
        // One export for each name, so its address stands for it.
        return mix_pointer(hash, box[1].bits, MULTIPLE_EXPORT);
    case SUBTAG_BIG_POS:
    case SUBTAG_BIG_NEG: return hash_big(t, hash);
    case SUBTAG_FLOAT:
        return mix_pointer(hash, float_bits(t), MULTIPLE_FLOAT);
    case SUBTAG_COUNTED:
    case SUBTAG_BYTES:
    case SUBTAG_BITS: return hash_bitstring(t, hash);
    default: return internal_identifier(t, hash);
    }
}

static uint32_t hash_compound(Term t, uint32_t hash)
{
    TermStack s;
    term_stack_init(&s);
    term_stack_push(&s, t);
    while (!term_stack_is_empty(&s)) {
        t = term_stack_pop(&s);
        if (term_is_header(t)) hash = mix_constant(hash, MULTIPLE_TAIL);
        else if (term_is_cons(t)) hash = internal_list(&s, t, hash);
        else if (term_is_boxed(t)) hash = internal_boxed(&s, t, hash);
        else hash = mix_pointer(hash, t.bits, MULTIPLE_INTEGER);
    }
    term_stack_free(&s);
    return hash;
}

// Immediates need no stack; their bits tell them.
uint32_t hash_internal_salted(Term t, uint32_t salt)
{
    uint32_t hash = salt ^ INTERNAL_SALT;
    if (term_is_immediate(t))
        return mix_pointer(hash, t.bits, MULTIPLE_INTEGER);
    return hash_compound(t, hash);
}

uint32_t hash_internal(Term t)
{
    return hash_internal_salted(t, 0);
}

// The salt is made from the depth by mixing, so levels are independent.
uint32_t hash_internal_deep(Term t, unsigned depth)
{
    uint32_t salt = 0;
    if (depth > 0) salt = mix_words(0, depth, 1, MULTIPLE_SALT);
    return hash_internal_salted(t, salt);
}
