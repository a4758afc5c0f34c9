// SPDX-License-Identifier: Apache-2.0
// Collecting literals, one block, or one row of neighbours, at a time:
//
//   1. the block leaves (literal_leave): copies of its terms are made of its
//      terms from now on whenever a term is copied, so that no message, table
//      or new process gets to refer to it
//   2. when each scheduler has begun a new slice, nobody works with the view
//      of before; what is on its way lies in inboxes
//   3. each process takes what is in its inbox, and then replaces what its
//      heap refers to by copies (copy_out)
//   4. nobody refers to the block: it is freed
//
// An Erlang process goes through these steps with the BIFs below.
//
// A heap is looked through word by word for addresses within the block, be
// they terms or not; only if there are some it is put in order by a full
// collection, as then all its words can be told apart.
#include "literal_collect.h"

#include "bif.h"
#include "copy.h"
#include "gc.h"
#include "literal.h"
#include "old_space.h"
#include "persistent.h"
#include "off_heap.h"
#include "process.h"
#include "process_table.h"
#include "registry.h"
#include "request.h"
#include "runtime_bifs.gen.h"

enum { KEPT_COPIES = 16 }; // a message often has the same literal many times

typedef struct {
    Process *p;           // whose heap; it does not run
    uintptr_t base, size; // of the block, in bytes
    bool found;           // some word leads there
    unsigned next;        // entry of [kept] to be used next, modulo its size
    struct {
        Term of, copy;
    } kept[KEPT_COPIES]; // the latest copies: a term is often met again
} Search;

void literal_collect_start(Node *node)
{
    // Without a code server the node is starting or stopping: later, then.
    Term server = registry_find(node->registry, ATOM_code_server);
    if (!term_is_local_pid(server)) return;
    SpawnOptions o;
    spawn_options_init(&o, NULL);
    o.module = ATOM_literal_collector;
    o.function = ATOM_run;
    o.group_leader = server;
    process_spawn(node, NULL, &o, NULL);
}

// ---- looking ----

// Tag and range by one difference: an immediate may look like an address.
static bool leads_there(const Search *s, Term t)
{
    uintptr_t tag = t.bits & TAG_MASK;
    return (tag == TAG_LIST || tag == TAG_BOXED)
           && t.bits - s->base < s->size;
}

// Raw data may look like a pointer there; then a collection is done for
// nothing, which is harmless.
static void look_at_words(Search *s, const Term *from, const Term *to)
{
    while (from < to && !s->found) s->found = leads_there(s, *from++);
}

static void look_at_fragments(Search *s, const Fragment *f)
{
    // Closed before: [used] holds of all.
    for (; f != NULL; f = f->next)
        look_at_words(s, f->words, f->words + f->used);
}

static void look_at_root(void *context, Term *root)
{
    Search *s = context;
    s->found |= leads_there(s, *root);
}

// Reads every word once; most heaps have none and are left alone.
static void look(Search *s)
{
    Process *p = s->p;
    heap_close_fragment(&p->heap);
    gc_visit_roots(p, p->saved, p->live, look_at_root, s);
    look_at_words(s, p->nursery, p->heap.top);
    look_at_fragments(s, p->heap.fragments);
    for (size_t i = p->mailbox.head; i < p->mailbox.tail; i++)
        look_at_fragments(s, mailbox_fragments(&p->mailbox, i));
    if (p->old == NULL) return;
    look_at_fragments(s, p->old->adopted);
    for (const Chunk *c = p->old->first; c != NULL; c = c->next)
        look_at_words(s, c->words, c->top);
}

// ---- replacing ----

// Equal pointers get the same copy while it is remembered: sharing of common
// literals survives, in good part.
static Term copy_of(Search *s, Term t)
{
    for (unsigned i = 0; i < KEPT_COPIES; i++)
        if (term_same(s->kept[i].of, t)) return s->kept[i].copy;
    // In fragments: nothing moves meanwhile.
    Term copy = copy_whole(&s->p->heap, t);
    unsigned i = s->next++ % KEPT_COPIES;
    s->kept[i].of = t;
    s->kept[i].copy = copy;
    return copy;
}

static void replace(void *context, Term *slot)
{
    Search *s = context;
    if (leads_there(s, *slot)) *slot = copy_of(s, *slot);
}

// After a full collection only whole objects lie there, so headers tell where
// raw words are.
static Term *replace_word(Search *s, Term *at)
{
    if (!term_is_header(*at)) {
        replace(s, at);
        return at + 1;
    }
    return at + header_raw_words(*at);
}

static void replace_in(Search *s, Term *from, const Term *to)
{
    while (from < to) from = replace_word(s, from);
}

// The copies are young and the old may refer to them: a full collection, which
// also has match contexts lead to where their binaries are now, ends it.
static void replace_all(Search *s)
{
    Process *p = s->p;
    off_heap_join_all(p); // messages, too
    // Before: garbage and forwarding words would be taken for terms. After: no
    // old term may point to a young one.
    gc_full(p, p->saved, p->live);
    heap_close_fragment(&p->heap);
    replace_in(s, p->nursery, p->heap.top);
    for (Chunk *c = p->old == NULL ? NULL : p->old->first; c != NULL;
         c = c->next)
        replace_in(s, c->words, c->top);
    gc_visit_roots(p, p->saved, p->live, replace, s);
    gc_full(p, p->saved, p->live);
}

// Runs as a signal in the process's own context.
static Term answer_copy_out(Node *node, Process *p, Heap *h, Term question)
{
    const LiteralArea *area = node->literals;
    // What it holds goes with it.
    if (p == NULL || process_is_exiting(p)) return ATOM_false;
    Search s = {.p = p, .base = atomic_load(&area->leaving),
                .size = atomic_load(&area->leaving_size)};
    look(&s);
    if (s.found) replace_all(&s);
    return s.found ? ATOM_true : ATOM_false;
}

// ---- the steps ----

// leave(): {Stamp, Mark} when a block leaves now, else false.
Term bif_merle_literals_leave_0(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    if (!literal_leave(p->node)) return ATOM_false;
    // What persistent_term has dropped before this mark can go as well.
    uintptr_t mark = (uintptr_t)persistent_mark(p->node->persistent);
    uint64_t stamp = process_table_stamp(p->node->processes);
    return heap_tuple2(h, heap_unsigned(h, stamp), heap_unsigned(h, mark));
}

// is_quiet(Stamp): whether each scheduler has begun a new slice since.
Term bif_merle_literals_is_quiet_1(Process *p, const Term *args)
{
    uint64_t stamp;
    if (!bif_get_uint64(args[0], &stamp)) return bif_error(p, ATOM_badarg);
    return process_table_is_past(p->node->processes, stamp) ? ATOM_true
                                                            : ATOM_false;
}

// copy_out(Pid): has the process replace what it has of the block.
Term bif_merle_literals_copy_out_1(Process *p, const Term *args)
{
    if (!term_is_local_pid(args[0])) return bif_error(p, ATOM_badarg);
    return request_process(p, args[0], answer_copy_out, TERM_NIL, 1, args);
}

// left(Mark): all have; the block is freed.
Term bif_merle_literals_left_1(Process *p, const Term *args)
{
    uint64_t mark;
    if (!bif_get_uint64(args[0], &mark)) return bif_error(p, ATOM_badarg);
    persistent_trim(p->node->persistent, (void *)(uintptr_t)mark);
    literal_left(p->node);
    return ATOM_true;
}
