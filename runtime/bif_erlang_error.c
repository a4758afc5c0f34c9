// SPDX-License-Identifier: Apache-2.0
// BIFs of module erlang that raise, and calls by apply.
// The trace of an error is made by exception.c, from what is left in
// p->exception_trace.
#include "bif.h"
#include "map.h"
#include "process.h"
#include "runtime_bifs.gen.h"

enum { ARGUMENTS_MOST = 255 }; // as many as a function can have

Term bif_erlang_error_1(Process *p, const Term *args)
{
    return bif_error(p, args[0]);
}

// Leaves {Args, Info} for the trace, see exception.c.
// What is no list at all is as no arguments.
static Term fail_with(Process *p, Term reason, Term args, Term info)
{
    bif_error(p, reason);
    if (!term_is_list(args)) args = ATOM_none;
    p->exception_trace = heap_tuple2(process_heap(p), args, info);
    return TERM_NONE;
}

// The arguments are shown in the place of the arity.
Term bif_erlang_error_2(Process *p, const Term *args)
{
    return fail_with(p, args[0], args[1], TERM_NIL);
}

// What an explicit call of a BIF with wrong arguments leaves.
// error/3 itself is at fault.
static Term bad_call(Process *p)
{
    bif_error(p, ATOM_badarg);
    p->exception_trace = ATOM_badarg;
    return TERM_NONE;
}

// Options: [{error_info, Map}]; with others among them there are none.
// The map tells the shell how to explain the error.
Term bif_erlang_error_3(Process *p, const Term *args)
{
    Term info = TERM_NIL;
    if (term_list_length(args[1]) < 0 && !term_same(args[1], ATOM_none))
        return bad_call(p);
    Term l = args[2];
    for (; term_is_cons(l); l = term_tail(l)) {
        Term option = term_head(l);
        if (!term_is_tuple_of(option, 2)
            || !term_same(term_tuple_get(option, 0), ATOM_error_info)
            || !term_is_map(term_tuple_get(option, 1)))
            break;
        info = heap_cons(process_heap(p), option, TERM_NIL);
    }
    if (!term_is_nil(l)) info = TERM_NIL;
    return fail_with(p, args[0], args[1], info);
}

// Caught by catch and try.
Term bif_erlang_throw_1(Process *p, const Term *args)
{
    return bif_raise(p, ATOM_throw, args[0]);
}

// Replaced when a NIF library is loaded; until then it is an error.
Term bif_erlang_nif_error_1(Process *p, const Term *args)
{
    return bif_error(p, args[0]);
}

Term bif_erlang_nif_error_2(Process *p, const Term *args)
{
    return fail_with(p, args[0], args[1], TERM_NIL);
}

// An entry of a stack trace as raise/3 takes it, with its location added when
// it has none; TERM_NONE for anything else.
// {M, F, ArityOrArgs, Location} or {Fun, Args, Location}.
static Term check_entry(Heap *h, Term entry)
{
    if (!term_is_tuple(entry)) return TERM_NONE;
    size_t n = term_arity(entry);
    const Term *e = term_box_ptr(entry) + 1;
    if ((n == 2 || n == 3) && term_is_fun(e[0]))
        return n == 3 ? entry : heap_tuple3(h, e[0], e[1], TERM_NIL);
    if (n != 3 && n != 4) return TERM_NONE;
    if (!term_is_atom(e[0]) || !term_is_atom(e[1])) return TERM_NONE;
    if (n == 4) return entry;
    return heap_tuple(h, 4, (Term[]){e[0], e[1], e[2], TERM_NIL});
}

// Answers badarg, and raises nothing, when the arguments make no sense.
// OTP answers badarg, as there is no trace to raise it with.
Term bif_erlang_raise_3(Process *p, const Term *args)
{
    Term class = args[0], list = TERM_NIL, *link = &list;
    if (!term_same(class, ATOM_error) && !term_same(class, ATOM_exit)
        && !term_same(class, ATOM_throw))
        return ATOM_badarg;
    if (term_list_length(args[2]) < 0) return ATOM_badarg;
    for (Term l = args[2]; term_is_cons(l); l = term_tail(l)) {
        Term entry = check_entry(process_heap(p), term_head(l));
        if (term_is_none(entry)) return ATOM_badarg;
        *link = heap_cons(process_heap(p), entry, TERM_NIL);
        link = term_cons_ptr(*link) + 1;
    }
    // The trace is kept as given.
    bif_raise(p, class, args[1]);
    p->exception_trace = list;
    return TERM_NONE;
}

// ---- apply: code reaches these by instructions of its own ----
// Only apply of apply comes here.

// -1: no list, or too long.
static int spread(Term list, Term *to)
{
    int n = 0;
    for (; term_is_cons(list); list = term_tail(list)) {
        if (n == ARGUMENTS_MOST) return -1;
        to[n++] = term_head(list);
    }
    return term_is_nil(list) ? n : -1;
}

// The called function takes this call's place.
Term bif_erlang_apply_3(Process *p, const Term *args)
{
    Term to[ARGUMENTS_MOST];
    int n = spread(args[2], to);
    if (n < 0 || !term_is_atom(args[0]) || !term_is_atom(args[1]))
        return bif_error(p, ATOM_badarg);
    return bif_trap(p, args[0], args[1], (unsigned)n, to);
}

Term bif_erlang_apply_2(Process *p, const Term *args)
{
    return bif_trap(p, ATOM_erlang, ATOM_apply, 2, args);
}

// Also when it is called through a fun.
Term bif_erlang_hibernate_3(Process *p, const Term *args)
{
    return bif_trap(p, ATOM_erlang, ATOM_hibernate, 3, args);
}
