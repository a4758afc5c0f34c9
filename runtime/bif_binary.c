// SPDX-License-Identifier: Apache-2.0
// binary: bytes, parts, integers and hexadecimal text. Searching is in
// bif_binary_match.c.
// Binaries may begin within a byte (parts of bitstrings), so bytes are read
// through Bits.
#include <stdlib.h>

#include "big.h"
#include "bif.h"
#include "bits.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum { BYTES_A_REDUCTION = 1024 }; // copied

// The bits of binary [t]; false when it is none.
// A bitstring with odd bits is none.
static bool get_binary(Term t, Bits *bits)
{
    return term_bits(t, bits) && bits->size % 8 == 0;
}

// ---- single bytes ----

// Byte number [i] of binary [t].
// badarg beyond the end.
static Term byte_at(Process *p, const Bits *bits, size_t i)
{
    if (i >= bits->size / 8) return bif_error(p, ATOM_badarg);
    return term_small(bits_byte_at(bits->base, bits->offset + i * 8));
}

Term bif_binary_at_2(Process *p, const Term *args)
{
    Bits bits;
    size_t i;
    if (!get_binary(args[0], &bits) || !bif_get_size(args[1], &i))
        return bif_error(p, ATOM_badarg);
    return byte_at(p, &bits, i);
}

Term bif_binary_first_1(Process *p, const Term *args)
{
    Bits bits;
    if (!get_binary(args[0], &bits)) return bif_error(p, ATOM_badarg);
    return byte_at(p, &bits, 0);
}

Term bif_binary_last_1(Process *p, const Term *args)
{
    Bits bits;
    if (!get_binary(args[0], &bits)) return bif_error(p, ATOM_badarg);
    return byte_at(p, &bits, bits.size / 8 - 1); // of none: out of range too
}

// ---- parts and lists ----
// Synonyms of functions in erlang.

Term bif_binary_part_2(Process *p, const Term *args)
{
    return bif_erlang_binary_part_2(p, args);
}

Term bif_binary_part_3(Process *p, const Term *args)
{
    return bif_erlang_binary_part_3(p, args);
}

Term bif_binary_list_to_bin_1(Process *p, const Term *args)
{
    return bif_erlang_list_to_binary_1(p, args);
}

Term bif_binary_bin_to_list_1(Process *p, const Term *args)
{
    return bif_erlang_binary_to_list_1(p, args);
}

// A part is no copy; the list is made of it.
Term bif_binary_bin_to_list_2(Process *p, const Term *args)
{
    Term part = bif_erlang_binary_part_2(p, args);
    return term_is_none(part) ? part : bif_erlang_binary_to_list_1(p, &part);
}

Term bif_binary_bin_to_list_3(Process *p, const Term *args)
{
    Term part = bif_erlang_binary_part_3(p, args);
    return term_is_none(part) ? part : bif_erlang_binary_to_list_1(p, &part);
}

// Memory in 2^n steps: each copies what is there.
static Term copies(Process *p, Term t, size_t n)
{
    Bits bits;
    size_t total;
    if (!get_binary(t, &bits)) return bif_error(p, ATOM_badarg);
    size_t size = bits.size / 8;
    // 256 TB: no such binary can be.
    if (__builtin_mul_overflow(size, n, &total) || total >> 48 != 0)
        return bif_error(p, ATOM_system_limit);
    uint8_t *to;
    Term copy = heap_binary_new(process_heap(p), total, &to);
    if (total == 0) return copy;
    bits_copy(to, &bits);
    if (size == 1) { // memset is quicker
        memset(to, to[0], total);
        size = total;
    }
    while (size < total) { // doubling what is there
        size_t more = size < total - size ? size : total - size;
        memcpy(to + size, to, more);
        size += more;
    }
    bif_bump_loop(p, LOOP_BINARY, total, BYTES_A_REDUCTION);
    return copy;
}

// A copy of its own, so that a large binary can go.
Term bif_binary_copy_1(Process *p, const Term *args)
{
    return copies(p, args[0], 1);
}

Term bif_binary_copy_2(Process *p, const Term *args)
{
    size_t n;
    if (!bif_get_size(args[1], &n)) return bif_error(p, ATOM_badarg);
    return copies(p, args[0], n);
}

// What is kept alive by this part.
Term bif_binary_referenced_byte_size_1(Process *p, const Term *args)
{
    Bits bits;
    Term t = args[0];
    if (!term_bits(t, &bits)) return bif_error(p, ATOM_badarg);
    // A part knows the whole.
    if (term_subtag(t) == SUBTAG_BITS) {
        t = term_box_ptr(t)[3];
        term_bits(t, &bits);
    }
    size_t size = (bits.size + 7) / 8;
    if (term_subtag(t) == SUBTAG_COUNTED) size = counted_blob(t)->size;
    return term_small((intptr_t)size);
}

// ---- integers ----
// Integers as bytes, without a sign.

// Reads [big|little]; false when it is neither.
static bool get_endian(Term t, bool *little)
{
    *little = term_same(t, ATOM_little);
    return *little || term_same(t, ATOM_big);
}

// Of no bytes it is 0.
static Term decode_unsigned(Process *p, Term t, bool little)
{
    uint8_t *copy;
    size_t size;
    const uint8_t *bytes = bits_bytes(t, &size, &copy);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    Term n = big_from_bytes(process_heap(p), bytes, size, little, false);
    free(copy);
    // More bytes than an integer can have.
    return term_is_none(n) ? bif_error(p, ATOM_system_limit) : n;
}

Term bif_binary_decode_unsigned_1(Process *p, const Term *args)
{
    return decode_unsigned(p, args[0], false);
}

Term bif_binary_decode_unsigned_2(Process *p, const Term *args)
{
    bool little;
    if (!get_endian(args[1], &little)) return bif_error(p, ATOM_badarg);
    return decode_unsigned(p, args[0], little);
}

// 0 is one byte.
static Term encode_unsigned(Process *p, Term t, bool little)
{
    if (!term_is_integer(t) || big_sign(t) < 0)
        return bif_error(p, ATOM_badarg);
    size_t size = big_byte_size(t);
    uint8_t *to;
    Term binary = heap_binary_new(process_heap(p), size, &to);
    // Little-endian is how it is stored.
    big_to_bytes(t, to);
    if (little) return binary;
    for (size_t i = 0; i < size / 2; i++) {
        uint8_t byte = to[i];
        to[i] = to[size - 1 - i];
        to[size - 1 - i] = byte;
    }
    return binary;
}

Term bif_binary_encode_unsigned_1(Process *p, const Term *args)
{
    return encode_unsigned(p, args[0], false);
}

Term bif_binary_encode_unsigned_2(Process *p, const Term *args)
{
    bool little;
    if (!get_endian(args[1], &little)) return bif_error(p, ATOM_badarg);
    return encode_unsigned(p, args[0], little);
}

// ---- what several binaries share ----

// How many bytes of [a] and [b] are the same, from the start or from the end.
// [most]: no more than the others had.
static size_t common(const Bits *a, const Bits *b, size_t most, bool from_end)
{
    size_t a_size = a->size / 8, b_size = b->size / 8;
    if (most > a_size) most = a_size;
    if (most > b_size) most = b_size;
    for (size_t i = 0; i < most; i++) {
        size_t x = from_end ? a_size - 1 - i : i;
        size_t y = from_end ? b_size - 1 - i : i;
        if (bits_byte_at(a->base, a->offset + x * 8)
            != bits_byte_at(b->base, b->offset + y * 8))
            return i;
    }
    return most;
}

// One binary alone shares all of itself.
static Term longest_common(Process *p, Term list, bool from_end)
{
    Bits first, bits;
    if (!term_is_cons(list) || !get_binary(term_head(list), &first))
        return bif_error(p, ATOM_badarg);
    size_t length = first.size / 8;
    for (list = term_tail(list); term_is_cons(list); list = term_tail(list)) {
        if (!get_binary(term_head(list), &bits))
            return bif_error(p, ATOM_badarg);
        length = common(&first, &bits, length, from_end);
    }
    if (!term_is_nil(list)) return bif_error(p, ATOM_badarg);
    return term_small((intptr_t)length);
}

Term bif_binary_longest_common_prefix_1(Process *p, const Term *args)
{
    return longest_common(p, args[0], false);
}

Term bif_binary_longest_common_suffix_1(Process *p, const Term *args)
{
    return longest_common(p, args[0], true);
}

// ---- hexadecimal ----
// OTP 24 has upper case only, 26 lower case, too.

// Two digits for a byte.
static Term encode_hex(Process *p, Term t, const char *digits)
{
    Bits bits;
    if (!get_binary(t, &bits)) return bif_error(p, ATOM_badarg);
    size_t size = bits.size / 8;
    uint8_t *to;
    Term text = heap_binary_new(process_heap(p), size * 2, &to);
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = bits_byte_at(bits.base, bits.offset + i * 8);
        to[2 * i] = (uint8_t)digits[byte >> 4];
        to[2 * i + 1] = (uint8_t)digits[byte & 15];
    }
    bif_bump_loop(p, LOOP_BINARY, size, BYTES_A_REDUCTION);
    return text;
}

Term bif_binary_encode_hex_1(Process *p, const Term *args)
{
    return encode_hex(p, args[0], "0123456789ABCDEF");
}

// encode_hex(Binary, uppercase | lowercase)
Term bif_binary_encode_hex_2(Process *p, const Term *args)
{
    if (term_same(args[1], ATOM_uppercase))
        return encode_hex(p, args[0], "0123456789ABCDEF");
    if (term_same(args[1], ATOM_lowercase))
        return encode_hex(p, args[0], "0123456789abcdef");
    return bif_error(p, ATOM_badarg);
}

// The value of a digit, or 16.
// Lower and upper case.
static unsigned hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 16u;
}

// Fails with the two bytes at bit [at] of [text]: as a function that OTP has
// for them, so that the error tells which they are.
// OTP's error is a crash in unhex/1, which people see in the trace.
static Term no_digits(Process *p, Term text, size_t at)
{
    Term digits = heap_sub_bits(process_heap(p), text, at, 16);
    return bif_trap(p, ATOM_binary, ATOM_unhex, 1, &digits);
}

// An odd number of digits is badarg.
Term bif_binary_decode_hex_1(Process *p, const Term *args)
{
    Bits bits;
    if (!get_binary(args[0], &bits) || bits.size % 16 != 0)
        return bif_error(p, ATOM_badarg);
    size_t size = bits.size / 16;
    uint8_t *to;
    Term binary = heap_binary_new(process_heap(p), size, &to);
    for (size_t i = 0; i < size; i++) {
        size_t at = bits.offset + i * 16;
        unsigned high = hex_value(bits_byte_at(bits.base, at));
        unsigned low = hex_value(bits_byte_at(bits.base, at + 8));
        if (high > 15 || low > 15) return no_digits(p, args[0], i * 16);
        to[i] = (uint8_t)(high << 4 | low);
    }
    bif_bump_loop(p, LOOP_BINARY, size, BYTES_A_REDUCTION);
    return binary;
}
