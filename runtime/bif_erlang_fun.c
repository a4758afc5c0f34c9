// SPDX-License-Identifier: Apache-2.0
// BIFs of module erlang about funs.
// A fun is [header, entry, maker, free variables...] or, of m:f/A, [header,
// export].
#include "bif.h"
#include "code.h"
#include "fun.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// Exports live as long as the node, so the pointer stays good.
Term fun_new_export(Heap *h, const Export *e)
{
    Term *box = heap_alloc(h, 2);
    box[0] = term_header(SUBTAG_EXPORT, 1);
    box[1].bits = (uintptr_t)e;
    return term_from_box(box);
}

// The entry belongs to the code that has the fun.
const FunEntry *fun_entry(Term fun)
{
    assert(term_has_subtag(fun, SUBTAG_FUN));
    return (const FunEntry *)term_box_ptr(fun)[1].bits;
}

const Export *fun_export(Term fun)
{
    assert(term_has_subtag(fun, SUBTAG_EXPORT));
    return (const Export *)term_box_ptr(fun)[1].bits;
}

// "-f/1-fun-0-": of code that is gone there is no name.
Term fun_name(Node *node, Term fun)
{
    CodePlace place;
    if (term_subtag(fun) == SUBTAG_EXPORT) return fun_export(fun)->function;
    if (code_place(node, atomic_load(&fun_entry(fun)->address), &place))
        return place.function;
    return ATOM_empty;
}

// The function need not exist. It has at most 255 arguments.
Term bif_erlang_make_fun_3(Process *p, const Term *args)
{
    size_t arity;
    if (!term_is_atom(args[0]) || !term_is_atom(args[1])
        || !bif_get_size(args[2], &arity) || arity > 255)
        return bif_error(p, ATOM_badarg);
    return fun_new_export(
        process_heap(p),
        code_export(p->node, args[0], args[1], (unsigned)arity));
}

// ---- fun_info ----
// Items of local funs, and of external ones.

// Values of free variables, in the order of the code. They follow header, entry
// and maker.
static Term environment(Heap *h, Term fun)
{
    return heap_list(h, fun_entry(fun)->free_count, term_box_ptr(fun) + 3,
                     TERM_NIL);
}

static Term local_info(Process *p, Term fun, Term what)
{
    const FunEntry *f = fun_entry(fun);
    Heap *h = process_heap(p);
    switch (what.bits) {
    case ATOM_BITS_type: return ATOM_local;
    case ATOM_BITS_pid: return term_box_ptr(fun)[2]; // the process that made it
    case ATOM_BITS_module: return f->module;
    case ATOM_BITS_name: return fun_name(p->node, fun);
    case ATOM_BITS_arity: return term_small(f->arity);
    case ATOM_BITS_env: return environment(h, fun);
    case ATOM_BITS_new_index: return term_small(f->index);
    case ATOM_BITS_new_uniq: return heap_binary(h, f->uniq, sizeof f->uniq);
    case ATOM_BITS_index: return term_small(f->old_index);
    // It is a signed number in OTP.
    case ATOM_BITS_uniq: return term_small((int32_t)f->old_uniq);
    default: return TERM_NONE;
    }
}

static Term export_info(Term fun, Term what)
{
    const Export *e = fun_export(fun);
    switch (what.bits) {
    case ATOM_BITS_type: return ATOM_external;
    case ATOM_BITS_module: return e->module;
    case ATOM_BITS_name: return e->function;
    case ATOM_BITS_arity: return term_small((intptr_t)e->arity);
    case ATOM_BITS_env: return TERM_NIL;
    // An external fun was made by nobody.
    case ATOM_BITS_pid:
    case ATOM_BITS_new_index:
    case ATOM_BITS_new_uniq:
    case ATOM_BITS_index:
    case ATOM_BITS_uniq:
    case ATOM_BITS_refc: return ATOM_undefined;
    default: return TERM_NONE;
    }
}

// TERM_NONE: no such item.
static Term info(Process *p, Term fun, Term what)
{
    if (!term_is_fun(fun)) return TERM_NONE;
    return term_subtag(fun) == SUBTAG_FUN ? local_info(p, fun, what)
                                          : export_info(fun, what);
}

Term bif_erlang_fun_info_2(Process *p, const Term *args)
{
    // Nobody has counted: all processes are asked.
    if (term_same(args[1], ATOM_refc) && term_has_subtag(args[0], SUBTAG_FUN))
        return bif_trap(p, ATOM_fun_count, ATOM_info, 1, args);
    Term value = info(p, args[0], args[1]);
    if (term_is_none(value)) return bif_error(p, ATOM_badarg);
    return heap_tuple2(process_heap(p), args[1], value);
}

// Items that are undefined are left out.
Term bif_erlang_fun_info_1(Process *p, const Term *args)
{
    static const uintptr_t keys[] = {
        ATOM_BITS_type, ATOM_BITS_env, ATOM_BITS_arity, ATOM_BITS_name,
        ATOM_BITS_uniq, ATOM_BITS_index, ATOM_BITS_new_uniq,
        ATOM_BITS_new_index, ATOM_BITS_module, ATOM_BITS_pid};
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    if (!term_is_fun(args[0])) return bif_error(p, ATOM_badarg);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        Term key = {keys[i]}, value = info(p, args[0], key);
        if (!term_same(value, ATOM_undefined))
            list = heap_cons(h, heap_tuple2(h, key, value), list);
    }
    return list;
}

// For crash reports: {M, F, A}.
Term bif_erlang_fun_info_mfa_1(Process *p, const Term *args)
{
    Term fun = args[0];
    if (!term_is_fun(fun)) return bif_error(p, ATOM_badarg);
    // All three are known for both kinds: none can fail here.
    return heap_tuple3(process_heap(p), info(p, fun, ATOM_module),
                       info(p, fun, ATOM_name), info(p, fun, ATOM_arity));
}
