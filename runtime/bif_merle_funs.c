// SPDX-License-Identifier: Apache-2.0
// merle_funs: how often a fun is there, for erlang:fun_info(Fun, refc).
//
// Nobody counts funs when they are made or forgotten. When somebody asks, each
// process looks through its own heap and the tables that it owns: word by word,
// for a fun begins with a header that tells its size, and the address of its
// entry. What is garbage but not collected counts, as it does in OTP; what is
// on its way, or waits in timers and ports, does not.
#include "bif.h"
#include "code_module.h"
#include "ets.h"
#include "fun.h"
#include "old_space.h"
#include "process.h"
#include "request.h"
#include "runtime_bifs.gen.h"

static size_t count_words(const FunEntry *f, const Term *at, const Term *end)
{
    Term header = term_header(SUBTAG_FUN, f->free_count + 2);
    size_t n = 0;
    for (; end - at > 1; at++)
        if (term_same(at[0], header) && at[1].bits == (uintptr_t)f) n++;
    return n;
}

static size_t count_fragments(const FunEntry *f, const Fragment *part)
{
    size_t n = 0;
    for (; part != NULL; part = part->next)
        n += count_words(f, part->words, part->words + part->used);
    return n;
}

static size_t count_heap(const FunEntry *f, Process *p)
{
    heap_close_fragment(&p->heap); // [used] of all holds then
    size_t n = count_words(f, p->nursery, p->heap.top)
               + count_fragments(f, p->heap.fragments);
    for (size_t i = p->mailbox.head; i < p->mailbox.tail; i++)
        n += count_fragments(f, mailbox_fragments(&p->mailbox, i));
    if (p->old == NULL) return n;
    n += count_fragments(f, p->old->adopted);
    for (const Chunk *c = p->old->first; c != NULL; c = c->next)
        n += count_words(f, c->words, c->top);
    return n;
}

static size_t count_table(const FunEntry *f, EtsTable *t)
{
    size_t n = 0;
    for (const EtsObject *o = ets_first(t); o != NULL; o = ets_next(t, o)) {
        const Term *words = (const Term *)(o->next + t->links);
        n += count_words(f, words, words + o->words);
    }
    return n;
}

// The owner alone may enter a private table, so each looks into its own.
static size_t count_tables(const FunEntry *f, Process *p)
{
    size_t n = 0;
    Heap h;
    heap_init(&h);
    Term list = ets_owned_by(p->node, p->pid, &h);
    for (; term_is_cons(list); list = term_tail(list)) {
        EtsAccess a;
        Term why = ets_try_enter(p, term_head(list), ETS_READ, &a);
        if (!term_is_none(why)) continue; // has ended
        n += count_table(f, a.table);
        ets_leave(&a);
    }
    heap_free(&h);
    return n;
}

// Entries stay for the node's life: the address is the question.
static Term answer_count(Node *node, Process *p, Heap *h, Term question)
{
    uint64_t address = 0;
    if (p == NULL || process_is_exiting(p)
        || !bif_get_uint64(question, &address))
        return term_small(0);
    const FunEntry *f = (const FunEntry *)(uintptr_t)address;
    return term_small((intptr_t)(count_heap(f, p) + count_tables(f, p)));
}

// count(Pid, Fun): how many of the same fun the process has.
Term bif_merle_funs_count_2(Process *p, const Term *args)
{
    if (!term_is_local_pid(args[0]) || !term_has_subtag(args[1], SUBTAG_FUN))
        return bif_error(p, ATOM_badarg);
    Term address = heap_unsigned(process_heap(p),
                                 (uintptr_t)fun_entry(args[1]));
    return request_process(p, args[0], answer_count, address, 2, args);
}

// is_loaded(Fun): whether its code is there, which counts as one more.
Term bif_merle_funs_is_loaded_1(Process *p, const Term *args)
{
    if (!term_has_subtag(args[0], SUBTAG_FUN)) return bif_error(p, ATOM_badarg);
    return code_fun_is_loaded(p->node, fun_entry(args[0])) ? ATOM_true
                                                           : ATOM_false;
}
