// SPDX-License-Identifier: Apache-2.0
// Saved calls: a ring of the last ones.
//
// An entry is the address of an Export, which stays for the node's life, or the
// bits of an atom: these have another tag.
#include "saved_calls.h"

#include <stdlib.h>

#include "breakpoint.h"
#include "memory.h"
#include "trace.h"

struct SavedCalls {
    unsigned room;  // calls that are kept
    unsigned count; // that there are, at most [room]
    unsigned next;  // place of the next one
    int32_t left;   // reductions of the slice, while the process's are 0
    bool again;     // the last call was of a BIF that is called once more
    uintptr_t calls[];
};

static SavedCalls *saved_calls(const Process *p)
{
    return p->trace == NULL ? NULL : p->trace->calls;
}

// ---- reductions ----

int32_t process_left_beside(const Process *p)
{
    return p->reductions + saved_calls(p)->left;
}

void process_set_left_beside(Process *p, int32_t left)
{
    saved_calls(p)->left = left;
    p->reductions = 0;
}

void saved_calls_begin_slice(Process *p)
{
    process_set_left_beside(p, p->reductions);
}

void saved_calls_end_slice(Process *p)
{
    p->reductions = process_left_beside(p);
    saved_calls(p)->left = 0;
}

bool saved_calls_goes_on(Process *p)
{
    int32_t left = process_left(p);
    process_set_left(p, left);
    return left >= 0;
}

// ---- which calls ----

unsigned saved_calls_set(Process *p, unsigned count)
{
    TraceState *t = trace_state(p);
    SavedCalls *old = t->calls, *new = NULL;
    unsigned before = old == NULL ? 0 : old->room;
    int32_t left = process_left(p);
    if (count > 0) {
        new = memory_zeroed(1, sizeof *new + count * sizeof *new->calls);
        new->room = count;
    }
    // First it, for then BIFs are led by.
    if ((old == NULL) != (new == NULL))
        breakpoint_save_calls(p->node, new != NULL);
    t->calls = new;
    free(old);
    p->flags &= ~(uint32_t)PROCESS_SAVE_CALLS;
    if (new != NULL) p->flags |= PROCESS_SAVE_CALLS;
    process_set_left(p, left);
    trace_update(p);
    return before;
}

static void note(Process *p, uintptr_t call)
{
    SavedCalls *s = saved_calls(p);
    if (p->flags & PROCESS_SENSITIVE) return;
    s->calls[s->next++] = call;
    if (s->next == s->room) s->next = 0;
    if (s->count < s->room) s->count++;
}

void saved_calls_note_atom(Process *p, Term what)
{
    note(p, what.bits);
}

// The operator is called as the function that it stands for.
void saved_calls_note(Process *p, const Export *e)
{
    if (code_is_send_operator(e))
        e = code_export(p->node, ATOM_erlang, ATOM_send, 2);
    bool erlang = e->bif != NULL && term_same(e->module, ATOM_erlang);
    note(p, (uintptr_t)e);
    if (erlang && term_same(e->function, ATOM_send))
        saved_calls_note_atom(p, ATOM_send);
}

// A BIF that waits or yields is called again to go on: that is the same call.
Term saved_calls_call_bif(Process *p, const Term *args)
{
    const Export *e = (const Export *)p->pc[1];
    if (!(p->flags & PROCESS_SAVE_CALLS)) return e->bif->function(p, args);
    if (!saved_calls(p)->again) saved_calls_note(p, e);
    Term answer = e->bif->function(p, args);
    // It may have been process_flag.
    if (p->flags & PROCESS_SAVE_CALLS)
        saved_calls(p)->again = term_is_none(answer)
                                && (p->reason == REASON_WAIT
                                    || p->reason == REASON_YIELD);
    return answer;
}

// ---- telling ----

void saved_calls_each(const Process *p,
                      void (*visit)(void *with, const Export *e, Term atom),
                      void *with)
{
    const SavedCalls *s = saved_calls(p);
    for (unsigned i = 1; s != NULL && i <= s->count; i++) {
        uintptr_t call = s->calls[(s->next + s->room - i) % s->room];
        bool atom = term_is_atom((Term){call});
        visit(with, atom ? NULL : (const Export *)call,
              atom ? (Term){call} : TERM_NONE);
    }
}

typedef struct {
    Heap *heap;
    Term list; // of what was visited
} Listing;

static void list_call(void *with, const Export *e, Term atom)
{
    Listing *l = with;
    Term call = e == NULL ? atom
                          : heap_tuple3(l->heap, e->module, e->function,
                                        term_small((intptr_t)e->arity));
    l->list = heap_cons(l->heap, call, l->list);
}

Term saved_calls_list(const Process *p, Heap *h)
{
    Listing l = {h, TERM_NIL};
    if (saved_calls(p) == NULL) return ATOM_false;
    saved_calls_each(p, list_call, &l);
    return l.list;
}
