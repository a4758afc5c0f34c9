// SPDX-License-Identifier: Apache-2.0
// erlang: terms to bytes and back.
// The format itself is external.c's; here are options and errors.
#include <stdlib.h>

#include "bif.h"
#include "bits.h"
#include "external.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum { COMPRESSION_DEFAULT = 6 }; // zlib's own default

// ---- to bytes ----

// {compressed, 0..9}, {minor_version, 0..2}
static bool set_pair(Term name, Term value, ExternalOutput *o)
{
    size_t n;
    if (!bif_get_size(value, &n)) return false;
    if (term_same(name, ATOM_compressed)) {
        o->compression = (int)n;
        return n <= 9;
    }
    if (!term_same(name, ATOM_minor_version)) return false;
    // 0: floats as text; 2: all atoms in UTF-8.
    o->old_floats = n == 0;
    o->utf8_atoms = n == 2;
    return n <= 2;
}

// Unknown options are badarg.
static bool set_option(Term option, ExternalOutput *o)
{
    if (term_same(option, ATOM_compressed))
        o->compression = COMPRESSION_DEFAULT;
    else if (term_same(option, ATOM_deterministic))
        o->deterministic = true;
    else
        return term_is_tuple_of(option, 2)
               && set_pair(term_tuple_get(option, 0),
                           term_tuple_get(option, 1), o);
    return true;
}

// Later ones win.
static bool get_output(Term list, ExternalOutput *o)
{
    *o = (ExternalOutput){0};
    for (; term_is_cons(list); list = term_tail(list))
        if (!set_option(term_head(list), o)) return false;
    return term_is_nil(list);
}

// A large term is left to the pool, which is known when so much of it has been
// written: to measure terms beforehand would cost all of them a walk.
static Term to_binary(Process *p, Term t, ExternalOutput o)
{
    // About what is written in one step; deflating takes twenty times as long.
    enum { STEP_BYTES = 4, DEFLATED_STEPS = 20 };
    size_t steps = bif_steps_most(p);
    o.most = steps == SIZE_MAX ? 0
             : o.compression > 0 ? steps * STEP_BYTES / DEFLATED_STEPS
                                 : steps * STEP_BYTES;
    Term binary = external_encode_binary(p->node, process_heap(p), t, &o);
    return term_is_none(binary) ? bif_to_pool(p) : binary;
}

Term bif_erlang_term_to_binary_1(Process *p, const Term *args)
{
    return to_binary(p, args[0], (ExternalOutput){0});
}

Term bif_erlang_term_to_binary_2(Process *p, const Term *args)
{
    ExternalOutput o;
    if (!get_output(args[1], &o)) return bif_error(p, ATOM_badarg);
    return to_binary(p, args[0], o);
}

static Term to_iovec(Process *p, Term t, ExternalOutput o)
{
    Term binary = to_binary(p, t, o);
    if (term_is_none(binary)) return binary;
    return heap_cons(process_heap(p), binary, TERM_NIL);
}

// One binary: cutting the bytes where a large binary could be shared is not
// worth a list.
Term bif_erlang_term_to_iovec_1(Process *p, const Term *args)
{
    return to_iovec(p, args[0], (ExternalOutput){0});
}

Term bif_erlang_term_to_iovec_2(Process *p, const Term *args)
{
    ExternalOutput o;
    if (!get_output(args[1], &o)) return bif_error(p, ATOM_badarg);
    return to_iovec(p, args[0], o);
}

// What it would take at most, uncompressed.
static Term external_size_of(Process *p, Term t, const ExternalOutput *o)
{
    size_t size = external_size(p->node, t, o);
    return heap_unsigned(process_heap(p), size);
}

Term bif_erlang_external_size_1(Process *p, const Term *args)
{
    return external_size_of(p, args[0], NULL);
}

// Options that say nothing of the size are badarg in OTP.
Term bif_erlang_external_size_2(Process *p, const Term *args)
{
    ExternalOutput o;
    if (!get_output(args[1], &o) || o.compression > 0 || o.utf8_atoms
        || o.deterministic)
        return bif_error(p, ATOM_badarg);
    return external_size_of(p, args[0], &o);
}

// ---- from bytes ----

typedef struct {
    ExternalInput input;
    bool used; // {Term, Used} is asked for
} ReadOptions;

// safe: no new atoms, no new funs.
static bool get_input(Term list, ReadOptions *o)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term option = term_head(list);
        if (term_same(option, ATOM_safe))
            o->input.safe = true;
        else if (term_same(option, ATOM_used))
            o->used = true;
        else
            return false;
    }
    return term_is_nil(list);
}

// What follows the term in the binary is ignored.
// How much was read is told with used.
static Term from_binary(Process *p, Term binary, const ReadOptions *o)
{
    uint8_t *copy = NULL;
    size_t size, used;
    Heap *h = process_heap(p);
    const uint8_t *bytes = bits_bytes(binary, &size, &copy);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    Term t = external_decode(p->node, h, bytes, size, &o->input, &used);
    free(copy);
    if (term_is_none(t)) return bif_error(p, ATOM_badarg);
    if (!o->used) return t;
    return heap_tuple2(h, t, term_small((intptr_t)used));
}

// Bytes that are no term are badarg.
Term bif_erlang_binary_to_term_1(Process *p, const Term *args)
{
    ReadOptions o = {0};
    return from_binary(p, args[0], &o);
}

Term bif_erlang_binary_to_term_2(Process *p, const Term *args)
{
    ReadOptions o = {0};
    if (!get_input(args[1], &o))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    return from_binary(p, args[0], &o);
}
