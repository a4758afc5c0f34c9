// SPDX-License-Identifier: Apache-2.0
// Node: its parts, their life, and running.
//
// The order of creation matters: literals and image before atoms, atoms before
// all that has names, schedulers last, for processes need all of it. The order
// of freeing is not simply the reverse: what counts objects goes before what
// they are counted by.
#include "node.h"
#include "dist.h"

#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "code.h"
#include "crash_dump.h"
#include "crypto_library.h"
#include "driver.h"
#include "environment.h"
#include "ets.h"
#include "gc.h"
#include "image.h"
#include "io_loop.h"
#include "literal.h"
#include "memory.h"
#include "name_lookup.h"
#include "nif.h"
#include "online.h"
#include "pack.h"
#include "persistent.h"
#include "poller.h"
#include "pool.h"
#include "port.h"
#include "process.h"
#include "process_table.h"
#include "regex_cache.h"
#include "registry.h"
#include "remote.h"
#include "runtime_bifs.gen.h"
#include "scheduler.h"
#include "signal.h"
#include "signal_watch.h"
#include "tls_library.h"
#include "trace.h"
#include "watch.h"

enum {
    POOL_THREADS = 16,
    REQUESTS_DEFAULT = 4 // OTP has twice the number of its schedulers
};

// As many as cores, within what 64 bits of Node.idle can name.
static unsigned count_schedulers(const NodeOptions *o)
{
    unsigned n = o->schedulers;
    if (n == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        n = cores < 1 ? 1 : (unsigned)cores;
    }
    return n > SCHEDULERS_MOST ? SCHEDULERS_MOST : n;
}

// Before the node has a name: creation 0.
static RemoteNode *new_this_node(void)
{
    RemoteNode *r = memory_zeroed(1, sizeof *r);
    r->name = ATOM_nonode_nohost;
    return r;
}

static void set_heap_defaults(HeapDefaults *d, const NodeOptions *o)
{
    // Less than OTP's own is not taken: 0 stays, for the default.
    if (o->min_heap > MIN_HEAP_DEFAULT)
        atomic_init(&d->min_heap, gc_rounded_size(o->min_heap));
    if (o->min_bin_vheap > MIN_BIN_VHEAP_DEFAULT)
        atomic_init(&d->min_bin_vheap,
                    (unsigned)gc_rounded_size(o->min_bin_vheap));
    atomic_init(&d->fullsweep_after, UINT16_MAX);
    atomic_init(&d->max_heap, o->max_heap);
    atomic_init(&d->max_heap_flags,
                (o->max_heap_spares ? 0u : MAX_HEAP_KILL)
                    | (o->max_heap_silent ? 0u : MAX_HEAP_LOG));
    d->off_heap_messages = o->off_heap_messages;
}

Node *node_new(const NodeOptions *options)
{
    memory_init(); // malloc's settings, of the whole program
    Node *node = memory_zeroed(1, sizeof *node);
    node->options = *options;
    atomic_init(&node->requests_limit, REQUESTS_DEFAULT);
    node->literals = literal_area_new();
    // An image brings atoms and code: both tables begin with them.
    const Image *image = image_open(node);
    size_t atoms = options->atom_limit;
    if (atoms == 0) atoms = ATOM_LIMIT_DEFAULT;
    node->atoms = image == NULL ? atom_table_new(atoms)
                                : atom_table_thaw(image->atoms, atoms);
    atomic_init(&node->name, ATOM_nonode_nohost);
    atomic_init(&node->exit_status, -1);    // running
    atomic_init(&node->backtrace_depth, 8); // entries, as in OTP
    atomic_init(&node->system_logger, ATOM_logger);
    node->start_time = clock_monotonic();
    atomic_init(&node->remote_nodes, new_this_node());
    atomic_init(&node->this_node, node->remote_nodes);
    atom_table_set_node(node->atoms, ATOM_nonode_nohost);
    node->dist = dist_new(node);
    node->scheduler_count = count_schedulers(options);
    node->processes =
        process_table_new(options->process_limit, node->scheduler_count);
    node->registry = registry_new(options->atom_limit);
    node->trace = trace_table_new();
    node->breakpoints = breakpoint_table_new();
    node->watch = watch_new();
    node->nifs = nif_table_new();
    node->drivers = driver_table_new(node);
    node->code =
        image == NULL ? code_table_new(node) : code_table_thaw(image->code);
    node->ets = ets_tables_new(node);
    node->persistent = persistent_new();
    node->pool = pool_new(node, POOL_THREADS);
    node->name_lookups = name_lookups_new(node);
    node->ports = port_table_new(node, options->port_limit);
    node->io = io_loop_new(node);
    node->poller = poller_new(node);
    // Files and modules in the program itself.
    if (options->pack != NULL)
        node->pack = pack_open(options->pack, options->pack_size);
    node->schedulers =
        memory_zeroed(node->scheduler_count, sizeof *node->schedulers);
    for (unsigned i = 0; i < node->scheduler_count; i++)
        node->schedulers[i] = scheduler_new(node, i);
    node->online = online_new(node);
    set_heap_defaults(&node->heap_defaults, options);
    node_add_bifs(node, runtime_bifs);
    return node;
}

void node_add_bifs(Node *node, const BifModule *table)
{
    code_add_bifs(node, table);
}

// Runs until somebody halts; the caller's thread only waits.
int node_run(Node *node, Term module, Term function, Term args)
{
    SpawnOptions o;
    spawn_options_init(&o, NULL);
    o.module = module;
    o.function = function;
    o.args = args;
    // Before any scheduler runs: it is given to the first.
    process_spawn(node, NULL, &o, NULL);
    // All begin at once; a single process wakes them as it makes work.
    for (unsigned i = 0; i < node->scheduler_count; i++) {
        Scheduler *s = node->schedulers[i];
        if (pthread_create(&s->thread, NULL, scheduler_run, s) != 0)
            // Nothing can be done without its threads.
            memory_exhausted("scheduler_thread", 0);
    }
    for (unsigned i = 0; i < node->scheduler_count; i++)
        pthread_join(node->schedulers[i]->thread, NULL);
    char *slogan = atomic_load(&node->slogan);
    if (slogan != NULL) crash_dump_still(node, slogan);
    free(slogan);
    return atomic_load(&node->exit_status);
}

// The first status counts; others come too late.
void node_halt(Node *node, int status, bool flushes)
{
    int running = -1;
    if (flushes) atomic_store(&node->flushes, true);
    atomic_compare_exchange_strong(&node->exit_status, &running, status);
    for (unsigned i = 0; i < node->scheduler_count; i++)
        // Sleepers look at the status when they wake.
        scheduler_unpark(node->schedulers[i]);
}

// The first slogan counts, as the first status does.
void node_crash(Node *node, char *slogan)
{
    char *none = NULL;
    if (!atomic_compare_exchange_strong(&node->slogan, &none, slogan))
        free(slogan);
    node_halt(node, 1, false);
}

// Frees what the processes hold that are left; nobody is told anything.
static void free_processes(Node *node)
{
    size_t left = process_table_count(node->processes);
    // Stops when all are found: most slots were never used.
    size_t limit = process_table_end(node->processes);
    for (size_t i = 0; left > 0 && i < limit; i++) {
        Process *p = process_table_at(node->processes, i);
        if (p == NULL) continue;
        // Its signals and messages go with it.
        process_free(p);
        left--;
    }
    for (unsigned i = 0; i < node->scheduler_count; i++)
        scheduler_free_ending(node->schedulers[i]);
    dist_ending_free(node->dist);
    process_free_slabs(node);
}

// All that were ever named: identifiers point to them.
static void free_remote_nodes(RemoteNode *r)
{
    while (r != NULL) {
        RemoteNode *next = atomic_load(&r->next);
        free(r);
        r = next;
    }
}

// Twice is harmless: node_free comes this way again.
bool node_stop(Node *node)
{
    bool stopped = true;
    // The thread of drivers calls the loop: it ends before.
    driver_table_stop(node->drivers);
    if (node->io != NULL) io_loop_free(node->io);
    // Now that nothing is on its way to ports any more.
    if (node->io != NULL && atomic_load(&node->flushes)) {
        dist_flush_all(node);
        port_table_flush(node->ports);
    }
    if (node->pool != NULL) stopped = pool_free(node->pool);
    if (node->name_lookups != NULL) name_lookups_free(node->name_lookups);
    node->io = NULL;
    node->pool = NULL;
    node->name_lookups = NULL;
    return stopped;
}

void node_free(Node *node)
{
    if (!node_stop(node)) return;
    // No thread of the node runs from here on.
    signal_watch_free(node);
    poller_free(node->poller); // lets go of ports
    port_table_free(node->ports);
    free_processes(node);
    // Processes first: their pages go back to these caches.
    for (unsigned i = 0; i < node->scheduler_count; i++)
        scheduler_close(node->schedulers[i]);
    if (node->pack != NULL) pack_close(node->pack);
    // Tables hold binaries, which are counted at schedulers.
    ets_tables_free(node->ets);
    environment_free(node);
    tls_library_free(node);
    crypto_library_free(node);
    regex_cache_free(node);
    code_table_free(node->code);
    watch_free(node->watch);
    online_free(node->online);
    driver_table_free(node->drivers);
    nif_table_free(node->nifs);
    breakpoint_table_free(node->breakpoints);
    trace_table_free(node->trace);
    registry_free(node->registry);
    persistent_free(node->persistent);
    process_table_free(node->processes);
    dist_free(node->dist);
    free_remote_nodes(node->remote_nodes);
    atom_table_free(node->atoms);
    literal_area_free(node->literals);
    // Last: freeing a binary counts at its scheduler.
    for (unsigned i = 0; i < node->scheduler_count; i++)
        scheduler_free(node->schedulers[i]);
    free(node->schedulers);
    free(node);
}
