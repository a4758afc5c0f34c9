// SPDX-License-Identifier: Apache-2.0
// NIFs: functions of a module that a shared library brings in.
//
// erlang:load_nif/2 opens the library and has the entries of the functions it
// names lead to stubs like those of BIFs. Libraries belong to one version of
// their module: they are unloaded with it, and closed when no object of theirs
// is left that would need their code. What loaded code may refer to stays for
// the node's life. The functions that libraries call stand in nif/.
//
// One library may be loaded by several modules and nodes: each has an entry of
// its own, and the system counts how often it is open.
#ifndef MERLE_NIF_H
#define MERLE_NIF_H

#include <pthread.h>

#include "code.h"
#include "code_module.h"
#include "nif/erl_nif.h"
#include "ref.h"

typedef struct NifLibrary NifLibrary;
typedef struct NifTable NifTable;
typedef struct NifSelects NifSelects; // nif_select.c
typedef struct NifWatch NifWatch;     // nif_monitor.c
typedef ERL_NIF_TERM (*NifCode)(ErlNifEnv *env, int argc,
                                const ERL_NIF_TERM argv[]);

typedef struct NifFunction NifFunction;
struct NifFunction {
    Export export;       // of its own, in no table; its stub leads to [bif]
    Bif bif;             // as the loop sees it
    NifCode code;        // what the library has given
    unsigned flags;      // 0, or which kind of dirty
    NifLibrary *library; // that it is part of
    NifFunction *next;   // of those that enif_schedule_nif has made
    // Made by enif_schedule_nif: has one argument more, the first entry of an
    // exception's trace, which tells what Erlang code has called.
    bool is_scheduled;
};

// A kind of resources. Under the table's lock but for what never changes.
struct enif_resource_type_t {
    ErlNifResourceType *next;    // of the node
    Node *node;                  // whose memory and processes it uses
    NifLibrary *library;         // whose functions [init] has
    Term module, name;           // what opens it: module and name
    ErlNifResourceTypeInit init; // its destructor and others
    size_t objects;              // alive
    // What it was before [library] took it over, should that fail to load.
    NifLibrary *before;
    ErlNifResourceTypeInit init_before;
};

struct NifLibrary {
    NifLibrary *next;       // of the node's
    Node *node;             // that it was loaded on
    void *handle;           // of dlopen; NULL when it is closed
    ErlNifEntry *entry;     // what nif_init answered; lies in the library
    void *priv_data;        // the library's own
    NifFunction *functions; // [entry->num_of_funcs]
    NifFunction *scheduled; // made by enif_schedule_nif
    bool loaded;            // its module is there
    bool entered;           // its functions were called, or could have been
    size_t users;           // dirty calls that run; objects of its types
};

enum { NIF_WATCH_CHAINS = 256 };

struct NifTable {
    pthread_mutex_t lock;      // of what follows
    NifLibrary *libraries;     // all that were ever loaded
    ErlNifResourceType *types; // kinds of resources, of all libraries
    int data_keys;             // that enif_tsd_key_create has given out
    pthread_key_t data;        // leads to what a thread has put under them
    NifSelects *selects;       // NULL until a library waits for a descriptor
    NifWatch *watches[NIF_WATCH_CHAINS]; // monitors of resources
};

// Memory that goes when an environment's terms do.
typedef struct NifLoan NifLoan;
struct NifLoan {
    NifLoan *next; // of the same environment
    Blob *blob;    // keeps its memory until then
};

struct enif_environment_t {
    Node *node;
    Process *process; // NULL in an environment of its own
    Term self;      // pid of who calls; TERM_NONE without
    NifLibrary *library;
    Heap *heap;     // where terms are built
    NifLoan *loans; // binaries that must stay meanwhile
    bool failed;    // an exception is pending
    const NifFunction *function; // that is called, NULL without
    const Term *args;            // with what
    Heap own;       // of an environment of its own
};

// What a thread that runs native code knows of itself.
typedef struct {
    Node *node; // whose code it runs; NULL: none
    int type;   // as enif_thread_type has it
    void *made; // what enif_thread_create has made of it, or NULL
    bool loop;  // it is the I/O loop's
    bool calls; // within a call of native code, which may hold its locks
} NifThread;

NifTable *nif_table_new(void);
void nif_table_free(NifTable *t);

// Loads the library at [path] for the code that [p] runs. The answer of
// load_nif/2.
Term nif_load(Process *p, const char *path, Term load_info);

// The modules that have or had native functions, as a list.
Term nif_modules(Node *node, Heap *h);

// A call of a native function by the runtime itself, in no process's name.
typedef struct {
    Node *node;
    Term module, function;
    unsigned arity;
    const Term *args;
    Heap *heap; // for what it builds
    Term self;  // what enif_self is to answer; TERM_NONE: nobody
} NifCall;

bool nif_has_function(Node *node, Term module, Term function, unsigned arity);

// Its answer; TERM_NONE when there is no such function, or it fails.
Term nif_call(const NifCall *c);

// Whether [p] runs a function of [library] in the pool.
bool nif_runs(const Process *p, const NifLibrary *library);

// The code goes that [library] belongs to.
void nif_unload(NifLibrary *library);

// {M, F, Args} that has led to what [env] is of; on its heap.
Term nif_origin(ErlNifEnv *env);

// The same of the failed call of [callee] with [args]; TERM_NONE when that is
// not what enif_schedule_nif has made.
Term nif_origin_of(const Export *callee, const Term *args);

// The function that stands for [code], for enif_schedule_nif.
NifFunction *nif_schedule(NifLibrary *l, Term name, NifCode code,
                          unsigned arity, unsigned flags);

// An environment within a call from [p].
void nif_env_begin(ErlNifEnv *env, Process *p, NifLibrary *library);

// Frees what [env] has on loan: its end, within a call.
void nif_free_loans(ErlNifEnv *env);

// An environment with a heap of its own, and its end.
void nif_env_open(ErlNifEnv *env, Node *node, NifLibrary *library);
void nif_env_close(ErlNifEnv *env);

// A process that a resource watches under [id] has ended.
void nif_watch_fire(Node *node, RefId id);

// A reference to the resource that watches under [id], TERM_NONE without.
Term nif_watch_term(Node *node, Heap *h, RefId id);

// Ends all waiting; after the I/O loop has ended.
void nif_selects_free(NifSelects *s);

// What the calling thread is; all zero in those that no node knows.
NifThread *nif_thread(void);

// Ends a call: the thread is what it was [before], but for its data.
void nif_thread_return(const NifThread *before);

// A library has one user less, or a type one object less: closes what nobody
// needs any more. The table's lock is held, but not while a library is told.
void nif_close_idle(NifTable *t);

#endif
