// SPDX-License-Identifier: Apache-2.0
// erlang: what one does to ports. A failure comes back as an atom that no
// success is.
// Each function checks its arguments, starts a PortCall and waits for the
// answer, which is there at once if the port is direct; run_ functions are what
// is done to the port. It may be gone by then: NULL.
#include <stdlib.h>

#include "bif.h"
#include "copy.h"
#include "external.h"
#include "port.h"
#include "process_table.h"
#include "registry.h"
#include "request.h"
#include "runtime_bifs.gen.h"

// The local port of [t], a port or a name; TERM_NONE when it is none.
// Ports of other nodes are none.
static Term get_port(Process *p, Term t)
{
    if (term_is_atom(t)) t = registry_find(p->node->registry, t);
    return term_is_local_port(t) ? t : TERM_NONE;
}

// badarg as an answer means that the port is gone.
static Term answer(Process *p, unsigned n, const Term *args)
{
    Term t = request_wait(p, n, args);
    if (term_same(t, ATOM_badarg) || term_same(t, ATOM_notsup))
        return bif_error(p, t);
    return t;
}

// The same when what is answered comes in a list, lest it be taken for a
// failure.
static Term answer_in_list(Process *p, unsigned n, const Term *args)
{
    Term t = request_wait(p, n, args);
    if (term_is_none(t)) return t;
    if (term_is_cons(t)) t = term_head(t);
    return term_same(t, ATOM_badarg) ? bif_error(p, t) : t;
}

// ---- port_command ----
// port_command(Port, Data, Options).

enum { COMMAND_WAITS = 1, COMMAND_FORCED = 2 }; // number of the call

// The call owns its bytes until the port has taken them.
static Term run_command(Port *port, PortCall *call)
{
    if (port == NULL) return ATOM_badarg;
    bool forced = (call->number & COMMAND_FORCED) != 0;
    bool may_force = port->kind->may_force != NULL
                     && port->kind->may_force(port);
    if (forced && !may_force) return ATOM_notsup;
    if (port->busy && !forced && !(call->number & COMMAND_WAITS))
        return ATOM_false; // nosuspend
    if (port->busy && !forced) {
        // The call waits in the port's queue, and with it the process.
        port_wait(port, call);
        return TERM_NONE;
    }
    uint8_t *bytes = call->bytes;
    // The port's output frees them.
    call->bytes = NULL;
    port->caller = call->caller;
    port->kind->output(port, bytes, call->size);
    return ATOM_true;
}

// Data is copied out of the heap before the process may move it.
static Term command(Process *p, unsigned how, unsigned n, const Term *args)
{
    if (p->request == REQUEST_NONE) {
        size_t size;
        Term id = get_port(p, args[0]);
        if (term_is_none(id)) return bif_error(p, ATOM_badarg);
        uint8_t *bytes = bif_get_iodata(args[1], &size);
        if (bytes == NULL) return bif_error(p, ATOM_badarg);
        request_is_new(p);
        PortCall *call = port_call_new(p, id, run_command);
        call->bytes = bytes;
        call->size = size;
        call->number = how;
        if (how == COMMAND_WAITS && port_is_busy(p->node, id))
            port_suspend(p, id);
        port_call_start(call);
    }
    return answer(p, n, args);
}

Term bif_erlang_port_command_2(Process *p, const Term *args)
{
    return command(p, COMMAND_WAITS, 2, args);
}

// The options are force and nosuspend.
Term bif_erlang_port_command_3(Process *p, const Term *args)
{
    unsigned how = COMMAND_WAITS;
    Term list = args[2];
    for (; term_is_cons(list); list = term_tail(list)) {
        Term option = term_head(list);
        if (term_same(option, ATOM_nosuspend))
            how &= ~(unsigned)COMMAND_WAITS;
        else if (term_same(option, ATOM_force))
            how |= COMMAND_FORCED;
        else
            return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    }
    if (!term_is_nil(list)) return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    return command(p, how, 3, args);
}

// ---- port_close, port_connect ----
// Any process may close, as in OTP.

// Messages of the port come before its end.
static Term run_close(Port *port, PortCall *call)
{
    if (port == NULL) return ATOM_badarg;
    port_exit(port, ATOM_normal);
    return ATOM_true;
}

Term bif_erlang_port_close_1(Process *p, const Term *args)
{
    if (p->request == REQUEST_NONE) {
        Term id = get_port(p, args[0]);
        if (term_is_none(id)) return bif_error(p, ATOM_badarg);
        request_is_new(p);
        port_call_start(port_call_new(p, id, run_close));
    }
    return answer(p, 1, args);
}

// The new owner is an immediate: no copy.
static Term run_connect(Port *port, PortCall *call)
{
    if (port == NULL) return ATOM_badarg;
    port_connect(port, call->question);
    return ATOM_true;
}

Term bif_erlang_port_connect_2(Process *p, const Term *args)
{
    if (p->request == REQUEST_NONE) {
        Term id = get_port(p, args[0]);
        // A dead owner is badarg.
        if (term_is_none(id) || !term_is_local_pid(args[1])
            || process_table_find(p->node->processes, args[1]) == NULL)
            return bif_error(p, ATOM_badarg);
        request_is_new(p);
        PortCall *call = port_call_new(p, id, run_connect);
        call->question = args[1];
        port_call_start(call);
    }
    return answer(p, 2, args);
}

// ---- port_set_data, port_get_data: a term that the port keeps ----

// Copied with its literals, whose code may go.
static Term run_set_data(Port *port, PortCall *call)
{
    if (port == NULL) return ATOM_badarg;
    heap_free(&port->data_heap);
    heap_init(&port->data_heap);
    port->data = copy_whole(&port->data_heap, call->question);
    return ATOM_true;
}

Term bif_erlang_port_set_data_2(Process *p, const Term *args)
{
    if (p->request == REQUEST_NONE) {
        Term id = get_port(p, args[0]);
        if (term_is_none(id)) return bif_error(p, ATOM_badarg);
        request_is_new(p);
        PortCall *call = port_call_new(p, id, run_set_data);
        call->question = copy_whole(&call->heap, args[1]);
        port_call_start(call);
    }
    return answer(p, 2, args);
}

static Term run_get_data(Port *port, PortCall *call)
{
    if (port == NULL) return ATOM_badarg;
    Term data = copy_whole(&call->heap, port->data);
    return heap_cons(&call->heap, data, TERM_NIL);
}

Term bif_erlang_port_get_data_1(Process *p, const Term *args)
{
    if (p->request == REQUEST_NONE) {
        Term id = get_port(p, args[0]);
        if (term_is_none(id)) return bif_error(p, ATOM_badarg);
        request_is_new(p);
        port_call_start(port_call_new(p, id, run_get_data));
    }
    return answer_in_list(p, 1, args);
}

// ---- port_control, port_call: kinds of ports that have none refuse ----

static Term run_control(Port *port, PortCall *call)
{
    if (port == NULL || port->kind->control == NULL) return ATOM_badarg;
    port->caller = call->caller;
    return heap_cons(&call->heap, port->kind->control(port, call), TERM_NIL);
}

static Term run_call(Port *port, PortCall *call)
{
    if (port == NULL || port->kind->call == NULL) return ATOM_badarg;
    port->caller = call->caller;
    return heap_cons(&call->heap, port->kind->call(port, call), TERM_NIL);
}

// Asks with [bytes] of malloc, which may be NULL: the wrong argument. What is
// answered comes in a list, lest it be taken for a failure.
static bool start_asking(Process *p, const Term *args, PortCall *call,
                         uint8_t *bytes)
{
    size_t operation;
    call->bytes = bytes;
    bool good = bytes != NULL && bif_get_size(args[1], &operation)
                && operation <= UINT32_MAX;
    if (!good) {
        port_call_free(call);
        return false;
    }
    call->number = (unsigned)operation;
    request_is_new(p);
    port_call_start(call);
    return true;
}

Term bif_erlang_port_control_3(Process *p, const Term *args)
{
    if (p->request == REQUEST_NONE) {
        Term id = get_port(p, args[0]);
        if (term_is_none(id)) return bif_error(p, ATOM_badarg);
        PortCall *call = port_call_new(p, id, run_control);
        uint8_t *bytes = bif_get_iodata(args[2], &call->size);
        if (!start_asking(p, args, call, bytes))
            return bif_error(p, ATOM_badarg);
    }
    return answer_in_list(p, 3, args);
}

static Term call_port(Process *p, Term data, unsigned n, const Term *args)
{
    if (p->request == REQUEST_NONE) {
        Term id = get_port(p, args[0]);
        if (term_is_none(id)) return bif_error(p, ATOM_badarg);
        PortCall *call = port_call_new(p, id, run_call);
        ExternalOutput output = {0};
        uint8_t *bytes = external_encode(p->node, data, &output, &call->size);
        Term operation[] = {args[0], n == 3 ? args[1] : term_small(0)};
        if (!start_asking(p, operation, call, bytes))
            return bif_error(p, ATOM_badarg);
    }
    return answer_in_list(p, n, args);
}

Term bif_erlang_port_call_2(Process *p, const Term *args)
{
    return call_port(p, args[1], 2, args);
}

Term bif_erlang_port_call_3(Process *p, const Term *args)
{
    return call_port(p, args[2], 3, args);
}

// ---- port_info ----
// Each item has a function, run on the port's thread.

// [] is no name.
static Term get_name(const Port *port, Heap *h)
{
    return term_is_none(port->name) ? TERM_NIL : port->name;
}

// OTP's numbers are multiples of 8.
static Term get_id(const Port *port, Heap *h)
{
    return term_small((intptr_t)(term_id_data(port->id) << 3));
}

static Term get_connected(const Port *port, Heap *h)
{
    return port->owner;
}

static Term get_links(const Port *port, Heap *h)
{
    return port_peers(port, h, SIGNAL_LINK);
}

// The command, or what else it was opened with.
static Term get_text(const Port *port, Heap *h)
{
    return heap_string_utf8(h, port->text, strlen(port->text), TERM_NIL);
}

static Term get_input(const Port *port, Heap *h)
{
    return heap_unsigned(h, port->input);
}

// What waits counts as written.
static Term get_output(const Port *port, Heap *h)
{
    return heap_unsigned(h, port->output);
}

// Of a program only.
static Term get_os_pid(const Port *port, Heap *h)
{
    int64_t pid = port->kind->os_pid == NULL ? 0 : port->kind->os_pid(port);
    return pid == 0 ? ATOM_undefined : heap_integer(h, pid);
}

// Ports of drivers may watch processes; others monitor nobody.
static Term get_monitors(const Port *port, Heap *h)
{
    return port->kind->watched == NULL ? TERM_NIL
                                       : port->kind->watched(port, h);
}

static Term get_monitored_by(const Port *port, Heap *h)
{
    return port_peers(port, h, SIGNAL_MONITOR);
}

static Term get_queue_size(const Port *port, Heap *h)
{
    if (port->kind->queue_size != NULL)
        return heap_unsigned(h, port->kind->queue_size(port));
    return heap_unsigned(h, port->queued);
}

static Term get_memory(const Port *port, Heap *h)
{
    return heap_unsigned(h, sizeof *port + port->queued);
}

// Ports are used by one thread at a time.
static Term get_parallelism(const Port *port, Heap *h)
{
    return ATOM_false;
}

static Term get_locking(const Port *port, Heap *h)
{
    return ATOM_port_level;
}

// In the order of port_info/1.
typedef struct {
    uintptr_t item; // bits of an atom
    Term (*get)(const Port *port, Heap *h);
} PortItem;

enum { LISTED = 8 }; // of the items: what port_info/1 lists

static const PortItem items[] = {
    {ATOM_BITS_registered_name, get_name},
    {ATOM_BITS_name, get_text},
    {ATOM_BITS_links, get_links},
    {ATOM_BITS_id, get_id},
    {ATOM_BITS_connected, get_connected},
    {ATOM_BITS_input, get_input},
    {ATOM_BITS_output, get_output},
    {ATOM_BITS_os_pid, get_os_pid},
    {ATOM_BITS_monitors, get_monitors},
    {ATOM_BITS_monitored_by, get_monitored_by},
    {ATOM_BITS_queue_size, get_queue_size},
    {ATOM_BITS_memory, get_memory},
    {ATOM_BITS_parallelism, get_parallelism},
    {ATOM_BITS_locking, get_locking},
};

static const PortItem *find_item(Term name)
{
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (items[i].item == name.bits) return &items[i];
    return NULL;
}

static Term pair_of(const Port *port, Heap *h, const PortItem *item)
{
    return heap_tuple2(h, (Term){item->item}, item->get(port, h));
}

// question nil: all items.
static Term run_info(Port *port, PortCall *call)
{
    if (port == NULL) return ATOM_undefined;
    Heap *h = &call->heap;
    if (!term_is_nil(call->question)) {
        const PortItem *item = find_item(call->question);
        // A name is left out, not shown as empty.
        if (item->get == get_name && term_is_none(port->name)) return TERM_NIL;
        return pair_of(port, h, item);
    }
    Term list = TERM_NIL;
    for (size_t i = LISTED; i-- > 0;)
        if (i > 0 || !term_is_none(port->name))
            list = heap_cons(h, pair_of(port, h, &items[i]), list);
    return list;
}

// undefined for a port that is gone, or for a name that nobody has.
static Term info(Process *p, Term item, unsigned n, const Term *args)
{
    if (p->request == REQUEST_NONE) {
        Term id = get_port(p, args[0]);
        if (term_is_none(id))
            return term_is_atom(args[0]) || term_is_port(args[0])
                       ? ATOM_undefined
                       : bif_error(p, ATOM_badarg);
        request_is_new(p);
        PortCall *call = port_call_new(p, id, run_info);
        call->question = item;
        port_call_start(call);
    }
    return request_wait(p, n, args);
}

Term bif_erlang_port_info_1(Process *p, const Term *args)
{
    return info(p, TERM_NIL, 1, args);
}

// Unknown items are badarg, in any case.
Term bif_erlang_port_info_2(Process *p, const Term *args)
{
    if (!term_is_atom(args[0]) && !term_is_port(args[0]))
        return bif_error_cause(p, ATOM_badarg, ATOM_badtype);
    if (find_item(args[1]) == NULL) return bif_error(p, ATOM_badarg);
    return info(p, args[1], 2, args);
}

// Those that are open now.
Term bif_erlang_ports_0(Process *p, const Term *args)
{
    return port_list(p->node, process_heap(p));
}
