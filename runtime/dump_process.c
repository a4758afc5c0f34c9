// SPDX-License-Identifier: Apache-2.0
// Dump: a process. Of one that may be running only what is set once, and its
// name; of one that is still all that it holds.
#include "dump.h"

#include "code.h"
#include "dictionary.h"
#include "gc.h"
#include "gc.h"
#include "mailbox.h"
#include "old_space.h"
#include "relation.h"
#include "saved_calls.h"

static void write_pid(Dump *d, const char *section, const Process *p)
{
    uint64_t data = term_id_data(p->pid);
    dump_print(d, "=%s:<0.%llu.%llu>\n", section,
               (unsigned long long)(data & ((1u << ID_NUMBER_BITS) - 1)),
               (unsigned long long)(data >> ID_NUMBER_BITS));
}

static const char *state_text(const Process *p)
{
    if (process_is_exiting(p)) return "Exiting";
    if (p->flags & PROCESS_SUSPENDED) return "Suspended";
    switch (process_state(p)) {
    case PROCESS_WAITING: return "Waiting";
    case PROCESS_RUNNING:
    case PROCESS_DIRTY:
    case PROCESS_DIRTY_DONE: return "Running";
    case PROCESS_STOPPED: return "Suspended";
    case PROCESS_EXITING:
    case PROCESS_DEAD: return "Exiting";
    default: return "Scheduled";
    }
}

// Names are immediates: no memory is needed for them.
static void write_name(Dump *d, const char *key, Term name)
{
    if (!term_is_none(name))
        dump_print(d, "%s: %s\n", key, atom_text(d->node->atoms, name)->bytes);
}

// One link or monitor of the list, as viewers have them.
static void write_relation(Dump *d, const Process *p, const Relation *r)
{
    RefId id = r->key;
    if (r->kind == RELATION_LINK) {
        dump_term(d, r->other);
        return;
    }
    dump_print(d, r->kind == RELATION_MONITOR ? "{to," : "{from,");
    Term other = r->other;
    if (term_is_none(other)) other = r->name;
    dump_term(d, other);
    dump_print(d, ",#Ref<0.%lu.%lu.%lu>}", (unsigned long)(id.id1 & UINT32_MAX),
               (unsigned long)(id.id0 >> 32),
               (unsigned long)(id.id0 & UINT32_MAX));
}

static void write_relations(Dump *d, const Process *p)
{
    const Relation *r;
    const char *between = "Link list: [";
    for (size_t i = 0; (r = relation_next(p->relations, &i)) != NULL;) {
        if (r->kind != RELATION_LINK && r->kind != RELATION_MONITOR
            && r->kind != RELATION_MONITORED)
            continue;
        dump_print(d, "%s", between);
        write_relation(d, p, r);
        between = ", ";
    }
    if (between[0] == ',') dump_print(d, "]\n");
}

// In words, but for Memory.
static void write_sizes(Dump *d, const Process *p)
{
    const Heap *h = &p->heap;
    size_t fragments = 0, old = 0, old_used = 0, old_bytes = 0;
    for (const Fragment *f = h->fragments; f != NULL; f = f->next) fragments++;
    if (p->old != NULL) {
        old = old_space_size(p->old);
        old_used = old_space_used(p->old);
        old_bytes = p->old->counted_bytes;
    }
    size_t young = p->nursery_room + (size_t)(p->stack_base - p->stack_limit);
    size_t used = gc_heap_used(p) - h->fragment_words - old_used
                  + (size_t)(p->stack_base - p->stack);
    dump_print(d, "Number of heap fragments: %zu\nHeap fragment data: %zu\n",
               fragments, h->fragment_words);
    write_relations(d, p);
    dump_print(d, "Reductions: %llu\nStack+heap: %zu\nOldHeap: %zu\n",
               (unsigned long long)p->reductions_done, young, old);
    dump_print(d, "Heap unused: %zu\nOldHeap unused: %zu\n",
               young - used, old - old_used);
    dump_print(d, "BinVHeap: %zu\nOldBinVHeap: %zu\nBinVHeap unused: %d\n"
               "OldBinVHeap unused: %d\n", h->counted_bytes / sizeof(Term),
               old_bytes / sizeof(Term),
               MIN_BIN_VHEAP_DEFAULT, MIN_BIN_VHEAP_DEFAULT);
    dump_print(d, "Memory: %zu\n",
               (young + old + h->fragment_words + p->mailbox.room)
                   * sizeof(Term) + sizeof *p);
}

static void write_place(Dump *d, const CodeWord *pc)
{
    CodePlace place;
    dump_print(d, "0x%016lx (", (unsigned long)(uintptr_t)pc);
    // What belongs to no function is where a process started.
    if (code_place(d->node, pc, &place))
        dump_function(d, place.module, place.function, place.arity);
    else
        dump_print(d, "<terminate process normally>");
    dump_print(d, ")\n");
}

// As viewers have it, the last one first.
static void write_call(void *with, const Export *e, Term atom)
{
    Dump *d = with;
    dump_print(d, " ");
    if (e == NULL)
        dump_term(d, atom);
    else
        dump_function(d, e->module, e->function, e->arity);
    dump_print(d, "\n");
}

static void write_calls(Dump *d, const Process *p)
{
    bool saved = p->flags & PROCESS_SAVE_CALLS;
    if (!saved || p->flags & PROCESS_SENSITIVE) return;
    dump_print(d, "Last calls:");
    saved_calls_each(p, write_call, d);
    dump_print(d, "\n");
}

void dump_process(Dump *d, Process *p)
{
    write_pid(d, "proc", p);
    if (d->is_still) dump_print(d, "State: %s\n", state_text(p));
    write_name(d, "Name", atomic_load(&p->name));
    if (term_is_atom(p->initial_call[0]))
        dump_print(d, "Spawned as: %s:%s/%ld\n",
                   atom_text(d->node->atoms, p->initial_call[0])->bytes,
                   atom_text(d->node->atoms, p->initial_call[1])->bytes,
                   (long)term_small_value(p->initial_call[2]));
    if (!d->is_still) return;
    dump_print(d, "Spawned by: ");
    if (term_is_local_pid(p->parent))
        dump_term(d, p->parent);
    else
        dump_print(d, "[]");
    dump_print(d, "\nMessage queue length: %zu\n", p->mailbox.count);
    write_sizes(d, p);
    write_calls(d, p);
    dump_print(d, "Program counter: ");
    write_place(d, p->pc);
    dump_print(d, "arity = %u\n", (unsigned)p->live);
    dump_print(d, "Internal State: USR_PRIO_%s\n",
               p->priority == PRIORITY_MAX      ? "MAX"
               : p->priority == PRIORITY_HIGH   ? "HIGH"
               : p->priority == PRIORITY_NORMAL ? "NORMAL"
                                                : "LOW");
}

static void write_messages(DumpHeap *h, Dump *d, const Process *p)
{
    const Mailbox *m = &p->mailbox;
    if (m->count == 0) return;
    write_pid(d, "proc_messages", p);
    for (size_t i = m->head; i < m->tail; i++) {
        if (term_is_none(m->slots[i])) continue;
        dump_heap_word(h, m->slots[i]);
        dump_print(d, ":");
        dump_heap_word(h, mailbox_token(m, i));
        dump_print(d, "\n");
    }
}

// Pairs are no tuples here; they are written as if they were.
static void write_dictionary(Dump *d, const Process *p)
{
    size_t n;
    if (p->dictionary == NULL || dictionary_count(p->dictionary) == 0) return;
    const Term *words = dictionary_words(p->dictionary, &n);
    write_pid(d, "proc_dictionary", p);
    for (size_t i = 0; i < n; i += 2)
        if (!term_is_none(words[i]))
            dump_print(d, "H%lX\n", (unsigned long)(uintptr_t)&words[i]);
}

static void write_dictionary_pairs(DumpHeap *h, const Process *p)
{
    size_t n;
    if (p->dictionary == NULL) return;
    const Term *words = dictionary_words(p->dictionary, &n);
    for (size_t i = 0; i < n; i += 2)
        if (!term_is_none(words[i]))
            dump_heap_pair(h, &words[i], words[i], words[i + 1]);
}

// From its top, with the address of each word that returns.
static void write_stack(DumpHeap *h, Dump *d, const Process *p)
{
    size_t slot = 0;
    write_pid(d, "proc_stack", p);
    for (const Term *t = p->stack; t < p->stack_base; t++) {
        if (term_is_header(*t)) {
            dump_print(d, "0x%016lx:SReturn addr ",
                       (unsigned long)(uintptr_t)t);
            write_place(d, (const CodeWord *)t->bits);
            slot = 0;
        } else {
            dump_print(d, "y%zu:", slot++);
            dump_heap_word(h, *t);
            dump_print(d, "\n");
        }
    }
}

void dump_process_heap(Dump *d, Process *p)
{
    // Its secrets stay its own; and one that has ended holds nothing.
    if (p->flags & PROCESS_SENSITIVE || process_is_dirty(p)
        || process_is_exiting(p))
        return;
    DumpHeap *h = dump_heap_new(d);
    write_messages(h, d, p);
    write_dictionary(d, p);
    write_stack(h, d, p);
    write_pid(d, "proc_heap", p);
    write_dictionary_pairs(h, p);
    dump_heap_write(h);
    dump_heap_free(h);
}
