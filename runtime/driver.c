// SPDX-License-Identifier: Apache-2.0
// Drivers: the table of them, loading and unloading, and their binaries.
#include "driver.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "bif.h"
#include "memory.h"
#include "nif.h"
#include "signal.h"
#include "request.h"
#include "runtime_bifs.gen.h"

DriverTable *driver_table_new(Node *node)
{
    DriverTable *t = memory_zeroed(1, sizeof *t);
    t->node = node;
    t->watcher = TERM_NONE;
    return t;
}

void driver_table_stop(DriverTable *t)
{
    if (t->async != NULL) t->end_async(t->async);
    t->async = NULL;
}

// Libraries stay open: threads of theirs may still run.
void driver_table_free(DriverTable *t)
{
    while (t->first != NULL) {
        Driver *d = t->first;
        t->first = d->next;
        free(d);
    }
    free(t);
}

// Few drivers are loaded at a time.
static Driver **find_link(Node *node, Term name)
{
    Driver **link = &node->drivers->first;
    while (*link != NULL && !term_same((*link)->name, name))
        link = &(*link)->next;
    return link;
}

Driver *driver_find(Node *node, Term name)
{
    return *find_link(node, name);
}

// Only an atom that exists can be a driver's name: none is made here.
Driver *driver_for_command(Node *node, const char *command)
{
    Term name = atom_find(node->atoms, command, strcspn(command, " \t"));
    return term_is_none(name) ? NULL : driver_find(node, name);
}

// Sent by nobody: as a message of the runtime.
void driver_tell(const Driver *driver, Node *node, Term what)
{
    Signal *s = signal_new(SIGNAL_MESSAGE, ATOM_undefined);
    s->message = heap_tuple2(&s->heap, what, driver->name);
    if (term_is_none(node->drivers->watcher))
        signal_free(s);
    else
        signal_push(node, node->drivers->watcher, s);
}

// ---- loading ----

// Opens the library and asks it for its driver. [*why] is an atom when that
// cannot be, or TERM_NONE: what dlerror says.
static const ErlDrvEntry *read_entry(void *handle, const char *name, Term *why)
{
    // Every check comes before what relies on it: the fields behind the marker
    // are there only in the extended entry.
    ErlDrvEntry *(*init)(void);
    // As POSIX wants the conversion of a data pointer to a function's.
    *(void **)&init = dlsym(handle, "driver_init");
    if (init == NULL) {
        *why = ATOM_no_driver_init;
        return NULL;
    }
    const ErlDrvEntry *e = init();
    if (e == NULL)
        *why = ATOM_driver_init_failed;
    else if ((unsigned)e->extended_marker != ERL_DRV_EXTENDED_MARKER
             || e->major_version < ERL_DRV_EXTENDED_MAJOR_VERSION - 1
             || e->major_version > ERL_DRV_EXTENDED_MAJOR_VERSION
             || (e->major_version == ERL_DRV_EXTENDED_MAJOR_VERSION
                 && e->minor_version > ERL_DRV_EXTENDED_MINOR_VERSION))
        *why = ATOM_driver_incorrect_version;
    else if (strcmp(e->driver_name, name) != 0)
        *why = ATOM_bad_driver_name;
    // Last, for it may start what only unloading ends.
    else if (e->init != NULL && e->init() != 0)
        *why = ATOM_driver_init_failed;
    else
        return e;
    return NULL;
}

// Functions of drivers ask for their node without saying which: the thread
// knows.
static void be_on_loop(Node *node)
{
    nif_thread()->node = node;
    nif_thread()->loop = true;
}

static Term error_of(Heap *h, Term why)
{
    return heap_tuple2(h, ATOM_error, why);
}

// Runs on the loop's thread: the driver that [question], {Path, Name}, names.
static Term run_open(Port *none, PortCall *call)
{
    Node *node = call->node;
    const char *path = (const char *)call->bytes;
    const char *name = path + strlen(path) + 1;
    Heap *h = &call->heap;
    Term why = TERM_NONE, atom = atom_new(node->atoms, name, strlen(name));
    be_on_loop(node);
    if (term_is_none(atom)) return error_of(h, ATOM_bad_driver_name);
    void *handle = dlopen(path, RTLD_NOW);
    if (handle == NULL) {
        // Good until the next call of dl...: copied at once.
        const char *text = dlerror();
        Term string = heap_string(h, text, strlen(text), TERM_NIL);
        return error_of(h, heap_tuple2(h, ATOM_open_error, string));
    }
    const ErlDrvEntry *entry = read_entry(handle, name, &why);
    if (entry == NULL) {
        // It has not been told init, or has refused it: nothing to finish.
        dlclose(handle);
        return error_of(h, why);
    }
    Driver *d = memory_zeroed(1, sizeof *d);
    *d = (Driver){.next = node->drivers->first, .handle = handle,
                  .entry = entry, .name = atom};
    node->drivers->first = d;
    // Whoever loads is erl_ddll's process: it keeps the accounts.
    node->drivers->watcher = call->caller;
    return ATOM_ok;
}

static Term run_close(Port *none, PortCall *call)
{
    Driver **link = find_link(call->node, call->question), *d = *link;
    // Ports that still write count too: their functions will be called.
    if (d == NULL || d->ports > 0 || d->permanent) return ATOM_false;
    *link = d->next;
    be_on_loop(call->node);
    // Before its code goes; what init has made is given back here.
    if (d->entry->finish != NULL) d->entry->finish();
    dlclose(d->handle);
    free(d);
    return ATOM_true;
}

static Term run_count(Port *none, PortCall *call)
{
    const Driver *d = driver_find(call->node, call->question);
    if (d == NULL) return ATOM_undefined;
    return d->permanent ? ATOM_permanent : term_small((intptr_t)d->ports);
}

// Ends all ports of a driver; those that are on their way out go on.
static Term run_kill_ports(Port *none, PortCall *call)
{
    DriverPort *next;
    for (DriverPort *d = call->node->drivers->ports; d != NULL; d = next) {
        // Ending may free it.
        next = d->next;
        if (term_same(d->driver->name, call->question) && !d->port.ended)
            driver_port_exit(d, ATOM_driver_unloaded);
    }
    return ATOM_true;
}

// ---- what erl_ddll's process asks for ----

// driver_open(Path, Name): ok, or {error, Reason}. Whoever asks is told
// {driver_idle, Name} and {driver_permanent, Name}.
Term bif_erts_internal_driver_open_2(Process *p, const Term *args)
{
    size_t path_size, name_size;
    // Once; when it is called again the answer is there, or is waited for.
    if (p->request == REQUEST_NONE) {
        char *path = bif_get_text(p, args[0], &path_size);
        char *name = bif_get_text(p, args[1], &name_size);
        bool good = path != NULL && name != NULL;
        if (good) {
            request_is_new(p);
            PortCall *call = port_call_new(p, TERM_NONE, run_open);
            // Both texts with their 0 bytes, one behind the other.
            call->bytes =
                memory_alloc(path_size + name_size + sizeof ".so" + 1);
            char *end = stpcpy((char *)call->bytes, path);
            stpcpy(stpcpy(end, ".so") + 1, name);
            port_call_start(call);
        }
        free(path);
        free(name);
        if (!good) return bif_error(p, ATOM_badarg);
    }
    return request_wait(p, 2, args);
}

static Term ask(Process *p, Term (*run)(Port *port, PortCall *call),
                const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    if (request_is_new(p)) {
        PortCall *call = port_call_new(p, TERM_NONE, run);
        call->question = args[0];
        port_call_start(call);
    }
    return request_wait(p, 1, args);
}

// driver_close(Name): unloads it; false when it has ports.
Term bif_erts_internal_driver_close_1(Process *p, const Term *args)
{
    return ask(p, run_close, args);
}

// driver_count(Name): the number of its ports, permanent, or undefined.
Term bif_erts_internal_driver_count_1(Process *p, const Term *args)
{
    return ask(p, run_count, args);
}

Term bif_erts_internal_driver_kill_ports_1(Process *p, const Term *args)
{
    return ask(p, run_kill_ports, args);
}

// ---- binaries ----

// A binary of a driver lies in a blob's bytes, its size first, so that terms
// can share it.
// What is added to a blob's bytes.
enum { BIN_HEAD = offsetof(ErlDrvBinary, orig_bytes) };

Blob *driver_blob(ErlDrvBinary *bin)
{
    return (Blob *)((char *)bin - offsetof(Blob, bytes));
}

ErlDrvBinary *driver_binary_new(size_t size)
{
    Blob *blob = blob_new(BIN_HEAD + size);
    blob->size = BIN_HEAD + size;
    ErlDrvBinary *bin = (ErlDrvBinary *)blob->bytes;
    bin->orig_size = (ErlDrvSInt)size;
    return bin;
}

Term driver_binary_term(Heap *h, ErlDrvBinary *bin, size_t offset, size_t size)
{
    // Below that a copy is smaller than a shared part and its boxes.
    enum { COPIED_MOST = 64 };
    if (size <= COPIED_MOST)
        return heap_binary(h, bin->orig_bytes + offset, size);
    Blob *blob = driver_blob(bin);
    // For the term; the driver's own count stays.
    counted_keep(&blob->counted);
    Term whole = heap_binary_from_blob(h, blob, blob->size);
    return heap_sub_bits(h, whole, 8 * (BIN_HEAD + offset), 8 * size);
}
