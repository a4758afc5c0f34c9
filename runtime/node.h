// SPDX-License-Identifier: Apache-2.0
// Node: one instance of the runtime. Everything that is not a process's own
// hangs off it; a C program may have several. Each part is defined by the
// header that its field names; a part is created in the order of the fields
// and freed in the opposite order.
#ifndef MERLE_NODE_H
#define MERLE_NODE_H

#include <stdatomic.h>

#include "bif.h"
#include "atom.h"
#include "term.h"

typedef struct BifModule BifModule;       // bif.h
typedef struct BreakpointTable BreakpointTable; // breakpoint.h
typedef struct CodeTable CodeTable;       // code.h
typedef struct CryptoLibrary CryptoLibrary; // crypto_library.h
typedef struct Dist Dist;                 // dist.h
typedef struct Environment Environment;   // environment.h
typedef struct EtsTables EtsTables;       // ets.h
typedef struct IoLoop IoLoop;             // io_loop.h
typedef struct Poller Poller;             // poller.h
typedef struct NifTable NifTable;         // nif.h
typedef struct DriverTable DriverTable;   // driver.h
typedef struct PackFile PackFile;         // pack.h
typedef struct PersistentTerms PersistentTerms; // persistent.h
typedef struct Online Online;             // online.h
typedef struct NameLookups NameLookups;   // name_lookup.h
typedef struct Pool Pool;                 // pool.h
typedef struct ProcessTable ProcessTable; // process_table.h
typedef struct PortTable PortTable;       // port.h
typedef struct Process Process;           // process.h
typedef struct ProcessSlab ProcessSlab;   // process.c
typedef struct RegexCache RegexCache;     // regex_cache.h
typedef struct Registry Registry;         // registry.h
typedef struct RemoteNode RemoteNode;     // remote.h
typedef struct Scheduler Scheduler;       // scheduler.h
typedef struct SignalWatches SignalWatches; // signal_watch.c
typedef struct TlsLibrary TlsLibrary;     // tls_library.h
typedef struct TraceTable TraceTable;     // trace.h
typedef struct Watch Watch;               // watch.h

typedef struct Node Node;

// What the program was started with; strings outlive the node.
typedef struct {
    unsigned schedulers;   // 0: one for each core
    unsigned online;       // of them at the start; 0: all
    size_t atom_limit;     // 0: the default
    size_t process_limit;  // 0: the default (262144)
    size_t port_limit;     // 0: the default
    size_t dist_busy_limit; // kilobytes for another node that make senders
                            // wait; 0: the default
    size_t min_heap;       // words, of a new process; 0: the default
    size_t min_bin_vheap;  // the same of its counted binaries
    size_t max_heap;       // words, 0: no limit
    bool max_heap_spares;  // who exceeds it lives on
    bool max_heap_silent;  // and that is not logged
    bool off_heap_messages; // message_queue_data of processes to come
    size_t pool_threads;   // said of the pool: +A; 0: 1
    bool unicode_strings;  // what counts as printable: +pc unicode
    char break_mode;       // of ^C: 'c', 'd', 'i', or 0 (+B)
    char warning_mode;     // warnings are: 'e', 'i', 'w', or 0 (+W)
    char bad_name_mode;    // names of files that are no UTF-8 are an error: 'e',
                           // left out: 'i', with a warning: 'w', or 0 (+fnu)
    int argc;              // the program's arguments, for init
    char **argv;
    const char *program;   // path of this executable
    const char *root;      // where the library seems to lie
    const uint8_t *pack;   // the library, see pack.h; may be NULL
    size_t pack_size;
    const uint8_t *image;  // of the pack's modules, see image.h; may be NULL
    size_t image_size;
} NodeOptions;

// What processes have that do not say, as system_flag sets it.
typedef struct {
    _Atomic size_t min_heap, max_heap; // words; 0: least, no limit
    atomic_uint fullsweep_after, min_bin_vheap;
    atomic_uint max_heap_flags;        // MAX_HEAP_...
    bool off_heap_messages;            // as the program was started
} HeapDefaults;

struct Node {
    NodeOptions options;   // as they were given
    LiteralArea *literals; // range of literals and code; see literal.h
    AtomTable *atoms;
    TraceTable *trace; // flags and patterns of the whole node
    BreakpointTable *breakpoints;
    Watch *watch;         // system_monitor
    NifTable *nifs;       // libraries and resources
    DriverTable *drivers; // libraries of drivers, by name
    CodeTable *code;
    ProcessTable *processes;
    Registry *registry;
    PersistentTerms *persistent;
    EtsTables *ets;
    Pool *pool; // threads for blocking work
    NameLookups *name_lookups; // questions to the system's resolver
    PortTable *ports;
    IoLoop *io;                         // the thread of ports and signals
    Poller *poller;                     // of sockets
    SignalWatches *signal_watches;      // NULL until a signal is handled
    PackFile *pack;                     // NULL: no pack
    Scheduler **schedulers;             // [scheduler_count]
    unsigned scheduler_count;           // also bits used in idle and allowed
    _Atomic(RemoteNode *) this_node;    // name and creation of this node
    _Atomic(RemoteNode *) remote_nodes; // all, with those it was before
    Dist *dist;                         // see dist.h
    _Atomic(Term) name;     // this node's name, nonode@nohost when alone
    atomic_int exit_status; // -1 while running
    atomic_bool flushes;    // what ports have to write is written before its end
    _Atomic(char *) slogan; // of the crash dump to end with; NULL: none
    _Atomic(Environment *) environment; // made at its first use
    _Atomic(CryptoLibrary *) crypto;    // loaded at its first use
    _Atomic(TlsLibrary *) tls;          // likewise
    _Atomic(RegexCache *) regex_cache;  // made at its first use
    _Atomic int64_t clock_offset;       // see clock.h; 0: not yet taken
    _Atomic int64_t now_last;           // microseconds, of erlang:now
    _Atomic uint64_t unique_plain;      // of erlang:unique_integer
    _Atomic uint64_t unique_ordered;    // the same, for monotonic ones
    int64_t start_time;                 // monotonic ns
    // What statistics/1 answered last.
    _Atomic uint64_t last_reductions, last_runtime, last_wall_clock;
    atomic_int backtrace_depth;      // entries of a stack trace
    HeapDefaults heap_defaults;
    _Atomic(Term) system_logger;     // a pid, or the atoms logger, undefined
    atomic_int wall_time_users;      // who wants scheduler_wall_time
    atomic_uint requests_limit;      // outstanding_system_requests_limit
    atomic_bool state_available;     // to erts_debug:set_internal_state
    _Atomic uint32_t loop_limits[LOOP_KINDS]; // steps a slice, 0: no limit
    _Atomic uint64_t foreign_refs;   // references made by other threads
    _Atomic(ProcessSlab *) slabs;    // where processes lie
    _Atomic(Process *) free_processes; // what a scheduler had too many of
    atomic_bool trims_processes;    // one gives their memory back
    _Atomic uint64_t idle;  // bit i: scheduler i sleeps and asks for work
    _Atomic uint64_t allowed; // bit i: scheduler i may run processes
    Online *online;         // see online.h
    void *extension;        // what the layers above hang on (parser, shell)
};

// The version of OTP's emulator that merle stands in for.
#define ERTS_VERSION "13.1.5"

// A node with all its parts, not yet running. Never fails but by ending the
// program with a message (no memory, no threads).
Node *node_new(const NodeOptions *options);

// Adds C functions that Erlang code can call; before node_run only. [table] is
// ended by an entry without a name and must outlive the node.
void node_add_bifs(Node *node, const BifModule *table);

// Starts the schedulers, spawns [module]:[function]([args]) and waits until
// the node halts; the answer is the exit status.
int node_run(Node *node, Term module, Term function, Term args);

// Halts: schedulers stop at their next slice, node_run returns [status]. What
// ports have still to write is lost unless it [flushes].
void node_halt(Node *node, int status, bool flushes);

// Halts with a crash dump of that slogan, memory of malloc that is the node's
// then.
void node_crash(Node *node, char *slogan);

// Ends the threads that serve input and blocking work, after node_run: nothing
// refers to the embedder's objects any more. node_free does it, too. False when
// one of them does not end: such a node cannot be freed.
bool node_stop(Node *node);

void node_free(Node *node);

#endif
