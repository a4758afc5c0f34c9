// SPDX-License-Identifier: Apache-2.0
// What NIFs make terms with and take them apart: numbers, atoms, strings,
// lists, tuples.
// get functions answer 0 and leave the target alone when the term is something
// else; make functions build on the environment's heap. None of them collects,
// so terms hold still during a call.
#include <math.h>
#include <stdlib.h>

#include "compare.h"
#include "hash.h"
#include "memory.h"
#include "nif_part.h"

// ---- what a term is ----

// In the order of what is frequent; each term is of one kind only, so that a
// reference is what remains.
ErlNifTermType enif_term_type(ErlNifEnv *env, ERL_NIF_TERM term)
{
    Term t = {term};
    (void)env;
    if (term_is_integer(t)) return ERL_NIF_TERM_TYPE_INTEGER;
    if (term_is_atom(t)) return ERL_NIF_TERM_TYPE_ATOM;
    if (term_is_list(t)) return ERL_NIF_TERM_TYPE_LIST;
    if (term_is_tuple(t)) return ERL_NIF_TERM_TYPE_TUPLE;
    if (term_is_bitstring(t)) return ERL_NIF_TERM_TYPE_BITSTRING;
    if (term_is_map(t)) return ERL_NIF_TERM_TYPE_MAP;
    if (term_is_float(t)) return ERL_NIF_TERM_TYPE_FLOAT;
    if (term_is_fun(t)) return ERL_NIF_TERM_TYPE_FUN;
    if (term_is_pid(t)) return ERL_NIF_TERM_TYPE_PID;
    if (term_is_port(t)) return ERL_NIF_TERM_TYPE_PORT;
    return ERL_NIF_TERM_TYPE_REFERENCE;
}

// One function each, of the same shape.
#define IS(name, test)                                \
    int enif_is_##name(ErlNifEnv *env, ERL_NIF_TERM t) \
    {                                                 \
        (void)env;                                    \
        return test((Term){t});                       \
    }
IS(atom, term_is_atom)
IS(binary, term_is_binary)
IS(ref, term_is_ref)
IS(fun, term_is_fun)
IS(pid, term_is_pid)
IS(port, term_is_port)
IS(list, term_is_list)
IS(empty_list, term_is_nil)
IS(tuple, term_is_tuple)
IS(number, term_is_number)
IS(map, term_is_map)
#undef IS

// What enif_make_badarg answered.
// The word of it is no term; the NIF may only return it.
int enif_is_exception(ErlNifEnv *env, ERL_NIF_TERM term)
{
    return env->failed && term == TERM_NONE.bits;
}

// =:=, not the same word.
int enif_is_identical(ERL_NIF_TERM a, ERL_NIF_TERM b)
{
    return term_exact_equal((Term){a}, (Term){b});
}

// Below 0, 0 or above; without a node atoms are compared without texts.
int enif_compare(ERL_NIF_TERM a, ERL_NIF_TERM b)
{
    const Node *node = nif_thread()->node;
    // A thread of the library's own, outside of any call.
    return term_compare(node == NULL ? NULL : node->atoms, (Term){a},
                        (Term){b});
}

// The internal hash is salted, and changes from node to node; phash2 does not.
ErlNifUInt64 enif_hash(ErlNifHash kind, ERL_NIF_TERM term, ErlNifUInt64 salt)
{
    Term t = {term};
    if (kind == ERL_NIF_INTERNAL_HASH)
        return hash_internal_salted(t, (uint32_t)salt);
    const Node *node = nif_thread()->node;
    // The range of erlang:phash2/1.
    return hash_phash2(node->atoms, t) & 0x07FFFFFF;
}

// ---- numbers ----
// Integers of all sizes; too large ones are 0.

int enif_get_int64(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifSInt64 *n)
{
    (void)env;
    return bif_get_int64((Term){term}, n);
}

int enif_get_uint64(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifUInt64 *n)
{
    (void)env;
    return bif_get_uint64((Term){term}, n);
}

// Long has 64 bits on all systems merle runs on.
int enif_get_long(ErlNifEnv *env, ERL_NIF_TERM term, long *n)
{
    return enif_get_int64(env, term, n);
}

int enif_get_ulong(ErlNifEnv *env, ERL_NIF_TERM term, unsigned long *n)
{
    return enif_get_uint64(env, term, n);
}

// 0 if it does not fit.
// The target keeps its value then: some libraries count on their default.
int enif_get_int(ErlNifEnv *env, ERL_NIF_TERM term, int *n)
{
    int64_t value;
    (void)env;
    if (!bif_get_int64((Term){term}, &value) || value != (int)value) return 0;
    *n = (int)value;
    return 1;
}

int enif_get_uint(ErlNifEnv *env, ERL_NIF_TERM term, unsigned *n)
{
    uint64_t value;
    (void)env;
    if (!bif_get_uint64((Term){term}, &value) || value != (unsigned)value)
        return 0;
    *n = (unsigned)value;
    return 1;
}

// Integers are no floats here.
int enif_get_double(ErlNifEnv *env, ERL_NIF_TERM term, double *d)
{
    (void)env;
    if (!term_is_float((Term){term})) return 0;
    *d = term_float_value((Term){term});
    return 1;
}

ERL_NIF_TERM enif_make_int64(ErlNifEnv *env, ErlNifSInt64 n)
{
    return heap_integer(env->heap, n).bits;
}

ERL_NIF_TERM enif_make_uint64(ErlNifEnv *env, ErlNifUInt64 n)
{
    return heap_unsigned(env->heap, n).bits;
}

ERL_NIF_TERM enif_make_int(ErlNifEnv *env, int n)
{
    return enif_make_int64(env, n);
}

ERL_NIF_TERM enif_make_uint(ErlNifEnv *env, unsigned n)
{
    return enif_make_uint64(env, n);
}

ERL_NIF_TERM enif_make_long(ErlNifEnv *env, long n)
{
    return enif_make_int64(env, n);
}

ERL_NIF_TERM enif_make_ulong(ErlNifEnv *env, unsigned long n)
{
    return enif_make_uint64(env, n);
}

// NaN and infinity are badarg, as in OTP.
// The process fails once the NIF has returned, with badarg.
ERL_NIF_TERM enif_make_double(ErlNifEnv *env, double d)
{
    if (!isfinite(d)) return enif_make_badarg(env);
    return heap_float(env->heap, d).bits;
}

// ---- atoms ----
// Latin-1 only, as version 2.16 has it.

// Writes UTF-8 text as Latin-1, with a 0 behind it; false when it does not
// fit, or is not Latin-1.
static bool put_latin1(const AtomText *text, char *to, size_t size)
{
    const uint8_t *p = (const uint8_t *)text->bytes, *end = p + text->size;
    if (text->length >= size) return false; // the 0 needs a byte too
    while (p < end) {
        uint32_t c;
        p += utf8_read(p, end, &c);
        if (c > 0xFF) return false;
        *to++ = (char)c;
    }
    *to = 0;
    return true;
}

// Bytes with the final 0, or 0.
int enif_get_atom(ErlNifEnv *env, ERL_NIF_TERM atom, char *to, unsigned size,
                  ErlNifCharEncoding encoding)
{
    if (!term_is_atom((Term){atom}) || encoding != ERL_NIF_LATIN1) return 0;
    const AtomText *text = atom_text(env->node->atoms, (Term){atom});
    return put_latin1(text, to, size) ? text->length + 1 : 0;
}

// Without that 0.
int enif_get_atom_length(ErlNifEnv *env, ERL_NIF_TERM atom, unsigned *length,
                         ErlNifCharEncoding encoding)
{
    // The longest atom fits, so 0 says that it is none, or not Latin-1.
    char text[ATOM_MAX_CHARACTERS + 1];
    int size = enif_get_atom(env, atom, text, sizeof text, encoding);
    if (size == 0) return 0;
    *length = (unsigned)size - 1;
    return 1;
}

// Longer than 255 characters: badarg.
ERL_NIF_TERM enif_make_atom_len(ErlNifEnv *env, const char *name,
                                size_t length)
{
    Term atom = atom_from_latin1(env->node->atoms, name, length);
    return term_is_none(atom) ? enif_make_badarg(env) : atom.bits;
}

ERL_NIF_TERM enif_make_atom(ErlNifEnv *env, const char *name)
{
    return enif_make_atom_len(env, name, strlen(name));
}

// 0: there is no such atom.
int enif_make_existing_atom_len(ErlNifEnv *env, const char *name,
                                size_t length, ERL_NIF_TERM *atom,
                                ErlNifCharEncoding encoding)
{
    // The table holds UTF-8: the name is written so before it is looked for.
    Buffer text = {0};
    if (encoding != ERL_NIF_LATIN1 || length > ATOM_MAX_CHARACTERS) return 0;
    for (size_t i = 0; i < length; i++)
        buffer_add_utf8(&text, (uint8_t)name[i]);
    Term found = atom_find(env->node->atoms, (const char *)text.bytes,
                           text.size);
    buffer_free(&text);
    if (term_is_none(found)) return 0;
    *atom = found.bits;
    return 1;
}

int enif_make_existing_atom(ErlNifEnv *env, const char *name,
                            ERL_NIF_TERM *atom, ErlNifCharEncoding encoding)
{
    return enif_make_existing_atom_len(env, name, strlen(name), atom, encoding);
}

// ---- strings ----

// As in OTP: negative, and cut, when it is too long; 0 when it is no string.
int enif_get_string(ErlNifEnv *env, ERL_NIF_TERM list, char *to, unsigned size,
                    ErlNifCharEncoding encoding)
{
    Term t = {list};
    unsigned n = 0;
    (void)env;
    if (size == 0 || encoding != ERL_NIF_LATIN1) return 0;
    for (; term_is_cons(t); t = term_tail(t)) {
        Term c = term_head(t);
        if (!term_is_small(c) || (uintptr_t)term_small_value(c) > 0xFF) break;
        if (n == size - 1) { // more follows: what fits stays
            to[n] = 0;
            return -(int)size;
        }
        to[n++] = (char)term_small_value(c);
    }
    // What was no string leaves an empty text.
    to[term_is_nil(t) ? n : 0] = 0;
    return term_is_nil(t) ? (int)n + 1 : 0;
}

ERL_NIF_TERM enif_make_string_len(ErlNifEnv *env, const char *string,
                                  size_t length, ErlNifCharEncoding encoding)
{
    (void)encoding;
    return heap_string(env->heap, string, length, TERM_NIL).bits;
}

ERL_NIF_TERM enif_make_string(ErlNifEnv *env, const char *string,
                              ErlNifCharEncoding encoding)
{
    return enif_make_string_len(env, string, strlen(string), encoding);
}

// ---- lists and tuples ----
// Cells and elements are words of the same size on both sides.

int enif_get_list_cell(ErlNifEnv *env, ERL_NIF_TERM list, ERL_NIF_TERM *head,
                       ERL_NIF_TERM *tail)
{
    Term t = {list};
    (void)env;
    if (!term_is_cons(t)) return 0;
    *head = term_head(t).bits;
    *tail = term_tail(t).bits;
    return 1;
}

// 0 for improper lists too.
int enif_get_list_length(ErlNifEnv *env, ERL_NIF_TERM list, unsigned *length)
{
    // -1: improper, or no list at all.
    intptr_t n = term_list_length((Term){list});
    (void)env;
    if (n < 0 || n > UINT32_MAX) return 0;
    *length = (unsigned)n;
    return 1;
}

// 0: no proper list.
int enif_make_reverse_list(ErlNifEnv *env, ERL_NIF_TERM list,
                           ERL_NIF_TERM *reversed)
{
    Term t = {list}, r = TERM_NIL;
    // Checked first, so that nothing is built for what fails.
    if (term_list_length(t) < 0) return 0;
    for (; term_is_cons(t); t = term_tail(t))
        r = heap_cons(env->heap, term_head(t), r);
    *reversed = r.bits;
    return 1;
}

ERL_NIF_TERM enif_make_list_cell(ErlNifEnv *env, ERL_NIF_TERM head,
                                 ERL_NIF_TERM tail)
{
    return heap_cons(env->heap, (Term){head}, (Term){tail}).bits;
}

ERL_NIF_TERM enif_make_list_from_array(ErlNifEnv *env,
                                       const ERL_NIF_TERM elements[],
                                       unsigned count)
{
    // A Term is that word in a struct.
    return heap_list(env->heap, count, (const Term *)elements, TERM_NIL).bits;
}

ERL_NIF_TERM enif_make_tuple_from_array(ErlNifEnv *env,
                                        const ERL_NIF_TERM elements[],
                                        unsigned count)
{
    return heap_tuple(env->heap, count, (const Term *)elements).bits;
}

// The [count] terms of [args] in memory of malloc.
// One more, since memory of no size is none.
static ERL_NIF_TERM *read_terms(unsigned count, va_list args)
{
    ERL_NIF_TERM *terms = memory_alloc((count + 1) * sizeof *terms);
    for (unsigned i = 0; i < count; i++) terms[i] = va_arg(args, ERL_NIF_TERM);
    return terms;
}

ERL_NIF_TERM enif_make_list(ErlNifEnv *env, unsigned count, ...)
{
    va_list args;
    va_start(args, count);
    ERL_NIF_TERM *terms = read_terms(count, args);
    va_end(args);
    ERL_NIF_TERM list = enif_make_list_from_array(env, terms, count);
    free(terms);
    return list;
}

ERL_NIF_TERM enif_make_tuple(ErlNifEnv *env, unsigned count, ...)
{
    va_list args;
    va_start(args, count);
    ERL_NIF_TERM *terms = read_terms(count, args);
    va_end(args);
    ERL_NIF_TERM tuple = enif_make_tuple_from_array(env, terms, count);
    free(terms);
    return tuple;
}

// The elements lie in the term itself: not to be written to.
// They live as long as the environment's terms do.
int enif_get_tuple(ErlNifEnv *env, ERL_NIF_TERM tuple, int *arity,
                   const ERL_NIF_TERM **elements)
{
    (void)env;
    if (!term_is_tuple((Term){tuple})) return 0;
    *arity = (int)term_arity((Term){tuple});
    *elements = (const ERL_NIF_TERM *)(term_box_ptr((Term){tuple}) + 1);
    return 1;
}
