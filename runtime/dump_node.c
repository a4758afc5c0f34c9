// SPDX-License-Identifier: Apache-2.0
// Dump: what belongs to no process: schedulers, memory, tables, ports, timers,
// other nodes, code, atoms.
//
// Tables are visited under their locks, so one more reason to wait for nobody
// who may hold them: only when all processes are still.
#include "dump.h"

#include <string.h>

#include "clock.h"
#include "code_module.h"
#include "dist.h"
#include "ets.h"
#include "memory_info.h"
#include "port.h"
#include "scheduler.h"
#include "timer.h"

// ---- before the processes ----

static void write_scheduler(Dump *d, const Scheduler *s)
{
    static const char *const names[] = {"Max", "High", "Normal", "Low"};
    dump_print(d, "=scheduler:%u\nScheduler Sleep Info Flags: %s\n"
               "Scheduler Sleep Info Aux Work: \nCurrent Port: \n",
               s->index + 1, atomic_load(&s->asleep) ? "SLEEPING" : "");
    for (int i = 0; i < PRIORITY_COUNT; i++)
        dump_print(d, "Run Queue %s Length: %zu\n", names[i],
                   s->queue[i].length);
    dump_print(d, "Run Queue Port Length: 0\nRun Queue Flags: \n"
               "Current Process: \n");
}

static void write_memory(Dump *d)
{
    MemoryInfo m;
    memory_info_measure(d->node, &m);
    dump_print(d, "=memory\ntotal: %zu\nprocesses: %zu\nprocesses_used: %zu\n"
               "system: %zu\natom: %zu\natom_used: %zu\nbinary: %zu\n"
               "code: %zu\nets: %zu\n", m.total, m.processes, m.processes,
               m.total - m.processes, m.atoms, m.atoms_used, m.binaries, m.code,
               m.ets);
    size_t atoms = atom_count(d->node->atoms);
    dump_print(d, "=hash_table:atom_tab\nsize: %zu\nused: %zu\nobjs: %zu\n"
               "depth: 0\n", atoms, atoms, atoms);
    dump_print(d, "=index_table:atom_tab\nsize: %zu\nlimit: %zu\n"
               "entries: %zu\n", atoms, atom_limit(d->node->atoms), atoms);
    dump_print(d, "=allocated_areas\natom_space: %zu %zu\nloaded_code: %zu\n",
               m.atoms, m.atoms_used, m.code);
    // Malloc serves all, and keeps no books of its own.
    dump_print(d, "=allocator:sys_alloc\noption e: true\noption m: libc\n");
}

void dump_node_head(Dump *d)
{
    for (unsigned i = 0; i < d->node->scheduler_count; i++)
        write_scheduler(d, d->node->schedulers[i]);
    write_memory(d);
}

// ---- behind them ----

static void write_port(const Port *port, void *data)
{
    Dump *d = data;
    dump_print(d, "=port:");
    dump_term(d, port->id);
    dump_print(d, "\nState: CONNECTED\nSlot: %llu\nConnected: ",
               (unsigned long long)term_id_data(port->id));
    dump_term(d, port->owner);
    if (port->text != NULL)
        dump_print(d, "\nPort controls external process: %s", port->text);
    dump_print(d, "\nInput: %llu\nOutput: %llu\nQueue: %zu\n",
               (unsigned long long)port->input,
               (unsigned long long)port->output, port->queued);
}

static void write_table(const EtsTable *t, void *data)
{
    static const char *const types[] = {"set", "bag", "duplicate_bag",
                                        "ordered_set"};
    static const char *const protections[] = {"private", "protected", "public"};
    Dump *d = data;
    Term owner = {atomic_load(&t->owner)};
    dump_print(d, "=ets:");
    dump_term(d, owner);
    dump_print(d, "\nSlot: %lu\nTable: ", (unsigned long)(uintptr_t)t);
    dump_term(d, t->name);
    dump_print(d, "\nName: ");
    dump_term(d, t->name);
    if (t->type == ETS_ORDERED_SET)
        dump_print(d, "\nOrdered set (AVL tree), Elements: %zu",
                   ets_size(t));
    else
        dump_print(d, "\nBuckets: %zu", t->active);
    dump_print(d, "\nFixed: %s\nObjects: %zu\nWords: %zu\nType: %s\n"
               "Protection: %s\nCompressed: %s\nWrite Concurrency: ",
               t->fixes != NULL ? "true" : "false", ets_size(t),
               ets_words(t), types[t->type],
               protections[atomic_load(&t->protection)],
               t->compressed ? "true" : "false");
    dump_term(d, t->write_concurrency);
    dump_print(d, "\nRead Concurrency: %s\n",
               t->read_concurrency ? "true" : "false");
}

static void write_timer(Term to, Term message, int64_t left, void *data)
{
    Dump *d = data;
    dump_print(d, "=timer:");
    dump_term(d, to);
    dump_print(d, "\nMessage: ");
    dump_term(d, message);
    dump_print(d, "\nTime left: %lld\n", (long long)(left > 0 ? left : 0));
}

// Who is connected, and who was.
static void write_nodes(Dump *d)
{
    if (!dist_is_alive(d->node)) {
        dump_print(d, "=no_distribution\n");
        return;
    }
    dump_print(d, "=node:");
    dump_term(d, atom_table_node(d->node->atoms));
    dump_print(d, "\n");
    for (DistEntry *e = atomic_load(&d->node->dist->entries); e != NULL;
         e = e->next) {
        dump_print(d, "=%s:%u\nName: ",
                   e->state != DIST_UP         ? "not_connected"
                   : e->flags & DIST_PUBLISHED ? "visible_node"
                                               : "hidden_node",
                   e->connection);
        dump_term(d, e->name);
        dump_print(d, "\n");
    }
}

static void add_size(Module *m, void *data)
{
    size_t *sizes = data;
    if (m->current != NULL) sizes[0] += m->current->size;
    if (m->old != NULL) sizes[1] += m->old->size;
}

static void write_module(Module *m, void *data)
{
    Dump *d = data;
    if (m->current == NULL && m->old == NULL) return;
    dump_print(d, "=mod:");
    dump_term(d, m->name);
    dump_print(d, "\nCurrent size: %zu\n",
               m->current == NULL ? 0 : m->current->size);
    if (m->old != NULL) dump_print(d, "Old size: %zu\n", m->old->size);
}

static void write_funs(Module *m, void *data)
{
    Dump *d = data;
    const Code *code = m->current;
    if (code == NULL) return;
    for (size_t i = 0; i < code->fun_count; i++) {
        const FunEntry *e = code->funs[i].entry;
        dump_print(d, "=fun\nModule: ");
        dump_term(d, m->name);
        dump_print(d, "\nUniq: %u\nIndex: %u\nAddress: 0x%016lx\nRefc: 1\n",
                   e->old_uniq, e->index,
                   (unsigned long)(uintptr_t)&code->words[code->funs[i].at]);
    }
}

void dump_node_tables(Dump *d)
{
    Node *node = d->node;
    size_t sizes[2] = {0};
    port_each(node, write_port, d);
    ets_each(node, write_table, d);
    for (unsigned i = 0; i < node->scheduler_count; i++)
        timer_each(node->schedulers[i]->timers, write_timer, d);
    write_nodes(d);
    code_each_module(node, add_size, sizes);
    dump_print(d, "=loaded_modules\nCurrent code: %zu\nOld code: %zu\n",
               sizes[0], sizes[1]);
    code_each_module(node, write_module, d);
    code_each_module(node, write_funs, d);
}

// The newest first.
void dump_node_atoms(Dump *d)
{
    dump_print(d, "=atoms\n");
    for (size_t i = atom_count(d->node->atoms); i > 0 && !d->is_cut; i--) {
        dump_term(d, term_atom((uint32_t)(i - 1)));
        dump_print(d, "\n");
    }
}
