// SPDX-License-Identifier: Apache-2.0
// Term: one Erlang value in one tagged machine word.
//
//   bits 1..0  01  list cell            pointer to two words, head and tail
//              10  boxed object         pointer to a header word and payload
//              11  immediate
//              00  header word (in a heap) or code address (on a stack)
//
//   immediates, by their low bits:
//                 ..iiii 0011  local pid      60 bits of data
//                 ..iiii 0111  local port     60 bits of data
//                 ..iiii 1111  small integer  60 bits, signed
//              ..ii 00 1011    atom           index into the node's table
//              ..ii 01 1011    catch marker   address of a handler (stack only)
//              ..ii 11 1011    nil            the empty list
//
//   header word:  arity << 6 | subtag << 2 | 00
//                 arity counts the payload words behind the header
//
// Payload of the boxed kinds ("raw" words are no terms; the collector treats
// them as its table in gc.c says; all other words are terms):
//
//   TUPLE      elements                                   (arity may be 0)
//   FLATMAP    keys (a TUPLE, sorted), values             see map.h
//   HASHMAP    a node of a hash trie                      see map.h
//   FUN        raw FunEntry *, pid of the maker, environment
//   EXPORT     raw Export *                               fun M:F/A
//   BIG_POS    raw limbs, least significant first         magnitude of a bignum
//   BIG_NEG    the same, of a negative one
//   FLOAT      raw double
//   REF        raw id0, id1 [, pid]  (arity 2 or 3)       see below
//   COUNTED    raw next, raw Blob *, raw size, raw flags  bytes outside the heap
//   BYTES      raw size in bytes, raw bytes               bytes inside the heap
//   BITS       raw bit offset, raw bit size, original     part of BYTES/COUNTED
//   MATCH      raw base *, raw offset, raw end, original  state of a bit match
//   EXT_PID    raw RemoteNode *, raw data                 pid of another node
//   EXT_PORT   raw RemoteNode *, raw data
//   EXT_REF    raw RemoteNode *, raw count, raw ids
//
// A REF's id0 holds 18 + 32 bits (third and second number of the printed
// form), id1 the first. Arity 3 adds the pid that an alias reference leads to.
// A REF of arity 5 is magic: it has the same payload as a COUNTED first (next,
// object, two unused words collapsed into the ids), see counted.h.
#ifndef MERLE_TERM_H
#define MERLE_TERM_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// A struct and not a plain integer, so that the C compiler tells terms from
// numbers; it travels in a register all the same. Compare with term_same.
typedef struct {
    uintptr_t bits;
} Term;

enum {
    TAG_HEADER = 0,    // of a word in a heap or on a stack: no value of its own
    TAG_LIST = 1,      // pointer to a list cell
    TAG_BOXED = 2,     // pointer to a header
    TAG_IMMEDIATE = 3, // the value is in the word
    TAG_MASK = 3, // cells and boxes are aligned to 8 bytes: two bits are free

    TAG_PID = 0x3,   // local pid
    TAG_PORT = 0x7,  // local port
    TAG_SMALL = 0xF, // small integer
    TAG_IMMEDIATE_MASK = 0xF,
    TAG_IMMEDIATE_BITS = 4, // 60 bits are left for their data

    // Kinds that need few values share one immediate tag and are told apart by
    // two bits more.
    TAG_ATOM = 0x0B,
    TAG_CATCH = 0x1B,
    TAG_NIL = 0x3B,
    TAG_SPECIAL_MASK = 0x3F,
    TAG_SPECIAL_BITS = 6 // 58 bits are left
};

// What a boxed object is; bits 5..2 of its header.
// At most 16 fit. A new one needs a row in header_raw_words, which collector
// and copier live by.
typedef enum {
    SUBTAG_TUPLE,
    SUBTAG_FLATMAP,
    SUBTAG_HASHMAP,
    SUBTAG_FUN,
    SUBTAG_EXPORT,
    SUBTAG_BIG_POS,
    SUBTAG_BIG_NEG,
    SUBTAG_FLOAT,
    SUBTAG_REF,
    SUBTAG_COUNTED,
    SUBTAG_BYTES,
    SUBTAG_BITS,
    SUBTAG_MATCH,
    SUBTAG_EXT_PID,
    SUBTAG_EXT_PORT,
    SUBTAG_EXT_REF
} Subtag;

// The absence of a term: a failed BIF's answer, a vacant slot.
// All bits 0, so zeroed memory holds no terms. It has the tag of a header: the
// collector passes over it.
#define TERM_NONE ((Term){0})
#define TERM_NIL ((Term){TAG_NIL})

// 60 bits signed, as in OTP: what system_info and the compiler call a small.
#define SMALL_MAX (((intptr_t)1 << 59) - 1)
#define SMALL_MIN (-((intptr_t)1 << 59))

static inline bool term_same(Term a, Term b)
{
    return a.bits == b.bits;
}

static inline bool term_is_none(Term t)
{
    return t.bits == 0;
}

static inline bool term_is_nil(Term t)
{
    return t.bits == TAG_NIL;
}

static inline bool term_is_immediate(Term t)
{
    return (t.bits & TAG_MASK) == TAG_IMMEDIATE;
}

static inline bool term_is_cons(Term t)
{
    return (t.bits & TAG_MASK) == TAG_LIST;
}

// A list cell or the empty list; what lies behind the cell is not looked at.
static inline bool term_is_list(Term t)
{
    return term_is_cons(t) || term_is_nil(t);
}

static inline bool term_is_boxed(Term t)
{
    return (t.bits & TAG_MASK) == TAG_BOXED;
}

static inline bool term_is_header(Term t)
{
    return (t.bits & TAG_MASK) == TAG_HEADER;
}

// ---- small integers ----

static inline bool term_is_small(Term t)
{
    return (t.bits & TAG_IMMEDIATE_MASK) == TAG_SMALL;
}

static inline bool term_fits_small(int64_t n)
{
    return n >= SMALL_MIN && n <= SMALL_MAX;
}

// [n] must fit; see heap_integer for any int64_t.
static inline Term term_small(intptr_t n)
{
    assert(term_fits_small(n));
    // Shifted unsigned: to shift a negative number left is undefined.
    return (Term){((uintptr_t)n << TAG_IMMEDIATE_BITS) | TAG_SMALL};
}

static inline intptr_t term_small_value(Term t)
{
    assert(term_is_small(t));
    // The shift keeps the sign (arithmetic, as every compiler has it).
    return (intptr_t)t.bits >> TAG_IMMEDIATE_BITS;
}

// ---- atoms, pids, ports, catch markers ----

static inline bool term_is_atom(Term t)
{
    return (t.bits & TAG_SPECIAL_MASK) == TAG_ATOM;
}

static inline Term term_atom(uint32_t index)
{
    return (Term){((uintptr_t)index << TAG_SPECIAL_BITS) | TAG_ATOM};
}

static inline uint32_t term_atom_index(Term t)
{
    assert(term_is_atom(t));
    return (uint32_t)(t.bits >> TAG_SPECIAL_BITS);
}

// Pids and ports print as <0.NUMBER.SERIAL>; their data is
// SERIAL << 28 | NUMBER.
enum { ID_NUMBER_BITS = 28 };

static inline bool term_is_local_pid(Term t)
{
    return (t.bits & TAG_IMMEDIATE_MASK) == TAG_PID;
}

static inline bool term_is_local_port(Term t)
{
    return (t.bits & TAG_IMMEDIATE_MASK) == TAG_PORT;
}

static inline Term term_local_pid(uint64_t data)
{
    return (Term){(data << TAG_IMMEDIATE_BITS) | TAG_PID};
}

static inline Term term_local_port(uint64_t data)
{
    return (Term){(data << TAG_IMMEDIATE_BITS) | TAG_PORT};
}

// The 60 bits of data of a local pid or port.
static inline uint64_t term_id_data(Term t)
{
    return t.bits >> TAG_IMMEDIATE_BITS;
}

static inline bool term_is_catch(Term t)
{
    return (t.bits & TAG_SPECIAL_MASK) == TAG_CATCH;
}

static inline Term term_catch(const void *handler)
{
    // An address of user space has 48 bits, so it fits into the 58.
    return (Term){((uintptr_t)handler << TAG_SPECIAL_BITS) | TAG_CATCH};
}

static inline const void *term_catch_handler(Term t)
{
    return (const void *)(t.bits >> TAG_SPECIAL_BITS);
}

// ---- list cells ----

static inline Term *term_cons_ptr(Term t)
{
    assert(term_is_cons(t));
    // Taken off instead of masked: the C compiler folds it into the offset of
    // the access that follows.
    return (Term *)(t.bits - TAG_LIST);
}

static inline Term term_from_cons(const Term *cell)
{
    return (Term){(uintptr_t)cell + TAG_LIST};
}

static inline Term term_head(Term t)
{
    return term_cons_ptr(t)[0];
}

static inline Term term_tail(Term t)
{
    return term_cons_ptr(t)[1];
}

// ---- boxed objects ----

static inline Term *term_box_ptr(Term t)
{
    assert(term_is_boxed(t));
    return (Term *)(t.bits - TAG_BOXED);
}

static inline Term term_from_box(const Term *box)
{
    return (Term){(uintptr_t)box + TAG_BOXED};
}

static inline Term term_header(Subtag tag, size_t arity)
{
    return (Term){((uintptr_t)arity << 6) | ((uintptr_t)tag << 2)};
}

static inline Subtag header_subtag(Term header)
{
    return (Subtag)((header.bits >> 2) & 15);
}

static inline size_t header_arity(Term header)
{
    assert(term_is_header(header));
    return header.bits >> 6;
}

// From a header on, the words that are no terms: what scans a run of words
// goes on behind them.
static inline size_t header_raw_words(Term header)
{
    switch (header_subtag(header)) {
    case SUBTAG_TUPLE:
    case SUBTAG_FLATMAP:
    case SUBTAG_HASHMAP: return 1;
    case SUBTAG_FUN: return 2;  // header and FunEntry; then pid and environment
    case SUBTAG_BITS: return 3; // header, offset, size; then the original
    case SUBTAG_MATCH: return 4; // header, base, offset, end; then the original
    default: return 1 + header_arity(header); // numbers and bytes only
    }
}

static inline Subtag term_subtag(Term t)
{
    return header_subtag(*term_box_ptr(t));
}

// Payload words of a boxed object.
static inline size_t term_arity(Term t)
{
    return header_arity(*term_box_ptr(t));
}

static inline bool term_has_subtag(Term t, Subtag tag)
{
    return term_is_boxed(t) && term_subtag(t) == tag;
}

static inline bool term_is_tuple(Term t)
{
    return term_has_subtag(t, SUBTAG_TUPLE);
}

static inline bool term_is_tuple_of(Term t, size_t arity)
{
    // One comparison for kind and arity: what pattern matching asks most.
    return term_is_boxed(t)
           && term_same(*term_box_ptr(t), term_header(SUBTAG_TUPLE, arity));
}

// Element [i] of a tuple, counted from 0.
static inline Term term_tuple_get(Term t, size_t i)
{
    assert(term_is_tuple(t) && i < term_arity(t));
    return term_box_ptr(t)[1 + i];
}

static inline bool term_is_float(Term t)
{
    return term_has_subtag(t, SUBTAG_FLOAT);
}

static inline double term_float_value(Term t)
{
    assert(term_is_float(t));
    double d;
    // Copied, for a float box is only aligned as terms are, and a cast would
    // break the aliasing rules.
    memcpy(&d, term_box_ptr(t) + 1, sizeof d);
    return d;
}

static inline bool term_is_big(Term t)
{
    if (!term_is_boxed(t)) return false;
    Subtag tag = term_subtag(t);
    return tag == SUBTAG_BIG_POS || tag == SUBTAG_BIG_NEG;
}

static inline bool term_is_integer(Term t)
{
    return term_is_small(t) || term_is_big(t);
}

static inline bool term_is_number(Term t)
{
    return term_is_integer(t) || term_is_float(t);
}

static inline bool term_is_map(Term t)
{
    if (!term_is_boxed(t)) return false;
    Subtag tag = term_subtag(t);
    return tag == SUBTAG_FLATMAP || tag == SUBTAG_HASHMAP;
}

// A local fun or fun M:F/A.
static inline bool term_is_fun(Term t)
{
    if (!term_is_boxed(t)) return false;
    Subtag tag = term_subtag(t);
    return tag == SUBTAG_FUN || tag == SUBTAG_EXPORT;
}

static inline bool term_is_pid(Term t)
{
    return term_is_local_pid(t) || term_has_subtag(t, SUBTAG_EXT_PID);
}

static inline bool term_is_port(Term t)
{
    return term_is_local_port(t) || term_has_subtag(t, SUBTAG_EXT_PORT);
}

static inline bool term_is_ref(Term t)
{
    if (!term_is_boxed(t)) return false;
    Subtag tag = term_subtag(t);
    return tag == SUBTAG_REF || tag == SUBTAG_EXT_REF;
}

// Any bitstring: BYTES, COUNTED or BITS (a MATCH never leaves registers).
static inline bool term_is_bitstring(Term t)
{
    if (!term_is_boxed(t)) return false;
    Subtag tag = term_subtag(t);
    return tag == SUBTAG_COUNTED || tag == SUBTAG_BYTES || tag == SUBTAG_BITS;
}

// Length of a proper list, or -1 of anything else.
intptr_t term_list_length(Term list);

// ---- bitstrings ----

// Where the bits of a bitstring lie: [size] bits, from bit [offset] of [base]
// on, most significant bit of a byte first. Good until the next collection.
typedef struct {
    const uint8_t *base; // first byte; never NULL but for no bits
    size_t offset;       // bits to skip there, may be above 7
    size_t size;         // bits, not bytes
} Bits;

// The bits of [t]; false when it is no bitstring.
bool term_bits(Term t, Bits *bits);

// True of a bitstring of whole bytes.
bool term_is_binary(Term t);

// Size in bytes of a binary.
size_t term_binary_size(Term t);

// Copies [bits] to whole bytes at [to]; unused bits of the last byte are 0.
void bits_copy(uint8_t *to, const Bits *bits);

#endif
