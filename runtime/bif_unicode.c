// SPDX-License-Identifier: Apache-2.0
// unicode: between chardata, lists of characters and encoded binaries.
//
// One walk over the data feeds a sink. A character may be spread over several
// binaries: what is left of one waits in [cut] for the next. On bad data the
// walk stops, and what was not done is put together again as chardata.
// The answers are {error, Done, Rest} and {incomplete, Done, Rest}, where Rest
// is chardata from which the walk could go on.
#include "bif.h"
#include "bits.h"
#include "buffer.h"
#include "encoding.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "term_stack.h"

enum { BYTES_A_REDUCTION = 256 }; // reading and writing take about that

typedef enum { DONE, BAD_DATA, BAD_ARGUMENT } Outcome; // BAD_ARGUMENT: badarg

// One conversion; on the C stack.
typedef struct {
    Process *process; // whose heap it builds on
    Encoding in, out; // encodings of binaries; of integers none
    bool to_list;     // else a binary
    bool wraps;       // a bad integer is left over as a list of it
    // The sink: a list, or bytes.
    Term list, *link; // where the next cell goes
    Buffer bytes;     // the sink of a binary
    // The walk.
    uint8_t cut[ENCODING_MOST];
    size_t cut_size; // bytes in [cut]
    Term rest;       // what was not done, when data is bad
    TermStack stack; // of lists around the place
    size_t done;     // bytes and characters, for reductions
} Walk;

// ---- the sink ----

// False when the encoding has no such character.
// Latin-1 ends at 255; surrogates are nowhere.
static bool put(Walk *w, uint32_t c)
{
    if (w->to_list) {
        *w->link = heap_cons(process_heap(w->process), term_small(c),
                             TERM_NIL);
        w->link = term_cons_ptr(*w->link) + 1;
        return true;
    }
    buffer_reserve(&w->bytes, ENCODING_MOST);
    unsigned n = encoding_write(w->out, w->bytes.bytes + w->bytes.size, c);
    w->bytes.size += n;
    return n > 0;
}

// Cells for [size] bytes, of which there is one at least, side by side.
static void put_cells(Walk *w, const uint8_t *bytes, size_t size)
{
    Term *cell = heap_alloc(process_heap(w->process), 2 * size);
    for (size_t i = 0; i < size; i++, cell += 2) {
        *w->link = term_from_cons(cell);
        cell[0] = term_small(bytes[i]);
        w->link = cell + 1;
    }
    *w->link = TERM_NIL;
}

// Puts bytes that are ASCII.
// Nearly all text: copied in one go.
static void put_ascii(Walk *w, const uint8_t *bytes, size_t size)
{
    if (w->to_list) {
        put_cells(w, bytes, size);
    } else if (w->out <= ENCODING_UTF8) {
        buffer_add(&w->bytes, bytes, size);
    } else {
        for (size_t i = 0; i < size; i++) put(w, bytes[i]);
    }
}

// What was done, also of a failure.
static Term sink_term(Walk *w)
{
    if (w->to_list) return w->list;
    return heap_binary(process_heap(w->process), w->bytes.bytes,
                       w->bytes.size);
}

// ---- the walk ----

// Adds bytes of [bytes] to the cut character until it is whole; how many, or
// -1 when none comes of it.
// The first bytes of a character lie in one binary, the others in the next, or
// the one behind that.
static ptrdiff_t complete(Walk *w, const uint8_t *bytes, size_t size)
{
    uint8_t joined[ENCODING_MOST];
    uint32_t c;
    size_t used = 0, n = w->cut_size;
    memcpy(joined, w->cut, n);
    while (used < size) {
        joined[n++] = bytes[used++];
        int read = encoding_read(w->in, joined, n, &c);
        if (read == ENCODING_BAD) return -1;
        if (read == ENCODING_CUT) continue;
        if (!put(w, c)) return -1;
        n = 0;
        break;
    }
    memcpy(w->cut, joined, n);
    w->cut_size = n;
    return (ptrdiff_t)used;
}

// Walks over bytes; how many were done. Fewer than [size] when those that
// follow are bad; the beginning of a character at the end is done, and kept.
// Runs of ASCII are found by words of eight bytes.
static size_t walk_bytes(Walk *w, const uint8_t *bytes, size_t size)
{
    size_t at = 0;
    uint32_t c;
    while (at < size) {
        if (w->in <= ENCODING_UTF8) {
            size_t run = encoding_ascii_run(bytes + at, size - at);
            if (run > 0) put_ascii(w, bytes + at, run);
            at += run;
            if (at == size) break;
        }
        int n = encoding_read(w->in, bytes + at, size - at, &c);
        // The end of the binary, not of the data.
        if (n == ENCODING_CUT) {
            w->cut_size = size - at;
            memcpy(w->cut, bytes + at, w->cut_size);
            return size;
        }
        if (n == ENCODING_BAD || !put(w, c)) return at;
        at += (size_t)n;
    }
    return size;
}

// A binary; when it is bad, [w->rest] is what is left of it.
// The part that is left shares the binary's bytes.
static Outcome walk_binary(Walk *w, Term t)
{
    uint8_t *copy;
    size_t size, at = 0;
    const uint8_t *bytes = bits_bytes(t, &size, &copy);
    if (bytes == NULL) return BAD_ARGUMENT;
    if (w->cut_size > 0) {
        ptrdiff_t used = complete(w, bytes, size);
        if (used < 0) {
            free(copy);
            // All of it counts as rest, behind what waits in [cut].
            w->rest = t;
            return BAD_DATA;
        }
        at = (size_t)used;
    }
    if (w->cut_size == 0) at += walk_bytes(w, bytes + at, size - at);
    free(copy);
    w->done += size;
    if (at == size) return DONE;
    w->rest = heap_sub_bits(process_heap(w->process), t, at * 8,
                            (size - at) * 8);
    return BAD_DATA;
}

// Whether small [t] is a character, and nothing waits to be completed.
// An integer is a code point, whatever the encoding of binaries; in Latin-1 it
// must be a byte.
static bool walk_integer(Walk *w, Term t)
{
    intptr_t c = term_small_value(t);
    if (w->cut_size > 0 || c < 0 || c > 0x10FFFF) return false;
    if (!utf8_is_valid((uint32_t)c)) return false;
    if (w->in == ENCODING_LATIN1 && c > 255) return false;
    return put(w, (uint32_t)c);
}

// Puts the ASCII characters that list [t] begins with, and answers what
// follows: gathered first, for nearly all text is such.
static Term walk_ascii(Walk *w, Term t)
{
    uint8_t bytes[256];
    size_t n = 0;
    if (w->cut_size > 0) return t;
    while (n < sizeof bytes && term_is_cons(t)) {
        Term head = term_head(t);
        if (!term_is_small(head) || (uintptr_t)term_small_value(head) > 127)
            break;
        bytes[n++] = (uint8_t)term_small_value(head);
        t = term_tail(t);
    }
    put_ascii(w, bytes, n);
    w->done += n;
    return t;
}

// What is left of a list whose first element, an integer, is bad.
// OTP's answers differ here, and people compare them.
static Term rest_of_list(Walk *w, Term list)
{
    if (!w->wraps || w->cut_size > 0) return list;
    Heap *h = process_heap(w->process);
    return heap_cons(h, heap_cons(h, term_head(list), TERM_NIL),
                     term_tail(list));
}

// A list up to its first element that is a list.
// The tail waits on the stack.
static Outcome walk_list(Walk *w, Term t)
{
    while (term_is_cons(t = walk_ascii(w, t))) {
        Term head = term_head(t);
        // Bignums are no characters, but chardata's type.
        if (term_is_integer(head)) {
            w->done++;
            if (term_is_small(head) && walk_integer(w, head)) {
                t = term_tail(t);
                continue;
            }
            w->rest = rest_of_list(w, t);
            return BAD_DATA;
        }
        if (term_is_list(head)) {
            term_stack_push(&w->stack, term_tail(t));
            term_stack_push(&w->stack, head);
            return DONE;
        }
        Outcome outcome = walk_binary(w, head);
        if (outcome == DONE) {
            t = term_tail(t);
            continue;
        }
        if (outcome == BAD_DATA)
            w->rest = heap_cons(process_heap(w->process), w->rest,
                                term_tail(t));
        return outcome;
    }
    // A list may end in a binary.
    return term_is_nil(t) ? DONE : walk_binary(w, t);
}

// No recursion: lists may nest as deep as they like.
static Outcome walk(Walk *w, Term t)
{
    Outcome outcome = DONE;
    term_stack_push(&w->stack, t);
    while (outcome == DONE && !term_stack_is_empty(&w->stack))
        outcome = walk_list(w, term_stack_pop(&w->stack));
    return outcome;
}

// ---- what is left ----

// Whether all of [t] has the types that chardata has.
// An error must not hide that the rest is no chardata: then it is badarg.
static bool is_chardata(Term t)
{
    TermStack stack;
    bool good = true;
    term_stack_init(&stack);
    term_stack_push(&stack, t);
    while (good && !term_stack_is_empty(&stack)) {
        t = term_stack_pop(&stack);
        for (; good && term_is_cons(t); t = term_tail(t)) {
            Term head = term_head(t);
            if (term_is_list(head)) {
                term_stack_push(&stack, head);
            } else {
                good = term_is_integer(head) || term_is_binary(head);
            }
        }
        good = good && (term_is_nil(t) || term_is_binary(t));
    }
    term_stack_free(&stack);
    return good;
}

// The bytes of a character that was begun.
static Term cut_term(Walk *w)
{
    return heap_binary(process_heap(w->process), w->cut, w->cut_size);
}

// All that was not done, with the lists around it.
// From the inside out, as the stack has it.
static Term whole_rest(Walk *w)
{
    Heap *h = process_heap(w->process);
    Term rest = w->rest;
    while (!term_stack_is_empty(&w->stack))
        rest = heap_cons(h, rest, term_stack_pop(&w->stack));
    if (w->cut_size == 0) return rest;
    return heap_cons(h, cut_term(w), heap_cons(h, rest, TERM_NIL));
}

// Complete, cut off at the end, or bad.
static Term walk_answer(Walk *w, Outcome outcome)
{
    Process *p = w->process;
    if (outcome == DONE && w->cut_size == 0) return sink_term(w);
    if (outcome == DONE)
        return heap_tuple3(process_heap(p), ATOM_incomplete, sink_term(w),
                           cut_term(w));
    Term rest = outcome == BAD_DATA ? whole_rest(w) : TERM_NONE;
    if (outcome == BAD_ARGUMENT || !is_chardata(rest))
        return bif_error(p, ATOM_badarg);
    return heap_tuple3(process_heap(p), ATOM_error, sink_term(w), rest);
}

// All that is held is freed here, whatever came of it.
static Term convert(Walk *w, Term data)
{
    w->list = TERM_NIL;
    w->link = &w->list;
    buffer_init(&w->bytes);
    term_stack_init(&w->stack);
    Outcome outcome = walk(w, data);
    Term answer = walk_answer(w, outcome);
    bif_bump_loop(w->process, LOOP_UNICODE, w->done, BYTES_A_REDUCTION);
    term_stack_free(&w->stack);
    buffer_free(&w->bytes);
    return answer;
}

// ---- arguments ----

// The encoding that [t] names, big-endian when it does not say.
// unicode is utf8, {utf16, little}, {utf32, big}.
static bool get_encoding(Term t, Encoding *e)
{
    bool little = false;
    if (term_is_tuple_of(t, 2)) {
        little = term_same(term_tuple_get(t, 1), ATOM_little);
        if (!little && !term_same(term_tuple_get(t, 1), ATOM_big)) return false;
        t = term_tuple_get(t, 0);
        if (!term_same(t, ATOM_utf16) && !term_same(t, ATOM_utf32))
            return false;
    }
    if (term_same(t, ATOM_unicode) || term_same(t, ATOM_utf8)) {
        *e = ENCODING_UTF8;
    } else if (term_same(t, ATOM_latin1)) {
        *e = ENCODING_LATIN1;
    } else if (term_same(t, ATOM_utf16)) {
        *e = little ? ENCODING_UTF16_LITTLE : ENCODING_UTF16_BIG;
    } else if (term_same(t, ATOM_utf32)) {
        *e = little ? ENCODING_UTF32_LITTLE : ENCODING_UTF32_BIG;
    } else {
        return false;
    }
    return true;
}

// For other encodings OTP goes another way, which wraps.
static Term to_list(Process *p, Term data, Term encoding)
{
    Walk w = {.process = p, .to_list = true};
    if (!get_encoding(encoding, &w.in)) return bif_error(p, ATOM_badarg);
    w.wraps = w.in > ENCODING_UTF8;
    return convert(&w, data);
}

Term bif_unicode_characters_to_list_1(Process *p, const Term *args)
{
    return to_list(p, args[0], ATOM_unicode);
}

Term bif_unicode_characters_to_list_2(Process *p, const Term *args)
{
    return to_list(p, args[0], args[1]);
}

// Whether [t] is a binary that conversion from [in] to [out] leaves as it is:
// ASCII, or correct UTF-8. Then characters_to_binary answers its argument.
static bool stays_same(Term t, Encoding in, Encoding out)
{
    Bits bits;
    if (in > ENCODING_UTF8 || out > ENCODING_UTF8) return false;
    if (!term_bits(t, &bits) || bits.size % 8 != 0 || bits.offset % 8 != 0)
        return false;
    const uint8_t *bytes = bits.base + bits.offset / 8;
    size_t size = bits.size / 8, run = encoding_ascii_run(bytes, size);
    return run == size
           || (in == out && utf8_length(bytes + run, size - run) >= 0);
}

// The common call: UTF-8 from lists and binaries.
static Term to_binary(Process *p, Term data, Term in, Term out)
{
    Walk w = {.process = p};
    if (!get_encoding(in, &w.in) || !get_encoding(out, &w.out))
        return bif_error(p, ATOM_badarg);
    if (stays_same(data, w.in, w.out)) return data;
    w.wraps = w.in > ENCODING_UTF8 || w.out != ENCODING_UTF8;
    return convert(&w, data);
}

Term bif_unicode_characters_to_binary_1(Process *p, const Term *args)
{
    return to_binary(p, args[0], ATOM_unicode, ATOM_unicode);
}

Term bif_unicode_characters_to_binary_2(Process *p, const Term *args)
{
    return to_binary(p, args[0], args[1], ATOM_unicode);
}

Term bif_unicode_characters_to_binary_3(Process *p, const Term *args)
{
    return to_binary(p, args[0], args[1], args[2]);
}

// For io: such a binary needs no conversion.
Term bif_unicode_bin_is_7bit_1(Process *p, const Term *args)
{
    uint8_t *copy;
    size_t size;
    const uint8_t *bytes = bits_bytes(args[0], &size, &copy);
    if (bytes == NULL) return ATOM_false;
    bool is = encoding_ascii_run(bytes, size) == size;
    free(copy);
    return is ? ATOM_true : ATOM_false;
}
