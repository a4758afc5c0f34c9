// SPDX-License-Identifier: Apache-2.0
// Terms that drivers send, given as a list of items in reverse Polish order:
// each takes what it is made of from a stack, where the next may take it.
#include <stdlib.h>

#include "bif.h"
#include "driver.h"
#include "external.h"
#include "io_loop.h"
#include "map.h"
#include "memory.h"
#include "nif.h"

typedef struct {
    Node *node;
    Heap *h;
    Term *stack;  // as many as there are items
    size_t count;
} Builder;

typedef const ErlDrvTermData *Items;

// How many words belong to an item.
static int words_of(ErlDrvTermData kind)
{
    switch (kind) {
    case ERL_DRV_NIL: return 1;
    case ERL_DRV_BINARY: return 4;
    case ERL_DRV_STRING:
    case ERL_DRV_STRING_CONS:
    case ERL_DRV_EXT2TERM:
    case ERL_DRV_BUF2BINARY: return 3;
    default: return kind <= ERL_DRV_MAP && kind > 0 ? 2 : 0;
    }
}

// The [n] terms on top are taken.
static Term *pop(Builder *b, size_t n)
{
    if (n > b->count) return NULL;
    b->count -= n;
    return b->stack + b->count;
}

static Term build_tuple(Builder *b, size_t arity)
{
    const Term *parts = pop(b, arity);
    return parts == NULL ? TERM_NONE : heap_tuple(b->h, arity, parts);
}

static Term build_list(Builder *b, size_t length)
{
    if (length == 0) return TERM_NONE;
    const Term *parts = pop(b, length);
    if (parts == NULL) return TERM_NONE;
    return heap_list(b->h, length - 1, parts, parts[length - 1]);
}

// No key may come twice.
static Term build_map(Builder *b, size_t pairs)
{
    Term *parts = pop(b, 2 * pairs);
    if (parts == NULL) return TERM_NONE;
    Term map = map_from_pairs(b->h, b->node->atoms, pairs, parts);
    return map_size(map) == pairs ? map : TERM_NONE;
}

static Term build_string(Builder *b, Items item)
{
    const char *bytes = (const char *)item[1];
    if (item[0] == ERL_DRV_STRING)
        return heap_string(b->h, bytes, item[2], TERM_NIL);
    const Term *tail = pop(b, 1);
    return tail == NULL ? TERM_NONE
                        : heap_string(b->h, bytes, item[2], *tail);
}

static Term build_external(Builder *b, Items item)
{
    ExternalInput input = {0};
    size_t used;
    return external_decode(b->node, b->h, (const uint8_t *)item[1], item[2],
                           &input, &used);
}

static Term build_binary(Builder *b, Items item)
{
    ErlDrvBinary *bin = (ErlDrvBinary *)item[1];
    if (item[2] == 0 && bin == NULL) return heap_binary(b->h, "", 0);
    if (bin == NULL || item[3] > (ErlDrvUInt)bin->orig_size
        || item[2] > (ErlDrvUInt)bin->orig_size - item[3])
        return TERM_NONE;
    return driver_binary_term(b->h, bin, item[3], item[2]);
}

static Term build_item(Builder *b, Items item)
{
    switch (item[0]) {
    case ERL_DRV_NIL: return TERM_NIL;
    case ERL_DRV_ATOM: {
        Term t = {item[1]};
        return term_is_atom(t) ? t : TERM_NONE;
    }
    case ERL_DRV_INT: return heap_integer(b->h, (ErlDrvSInt)item[1]);
    case ERL_DRV_UINT: return heap_unsigned(b->h, item[1]);
    case ERL_DRV_INT64: return heap_integer(b->h, *(ErlDrvSInt64 *)item[1]);
    case ERL_DRV_UINT64: return heap_unsigned(b->h, *(ErlDrvUInt64 *)item[1]);
    case ERL_DRV_PORT: {
        Term t = {item[1]};
        return term_is_port(t) ? t : TERM_NONE;
    }
    case ERL_DRV_PID: {
        Term t = {item[1]};
        return term_is_pid(t) ? t : TERM_NONE;
    }
    case ERL_DRV_BINARY: return build_binary(b, item);
    case ERL_DRV_BUF2BINARY:
        return item[1] == 0 && item[2] > 0
                   ? TERM_NONE
                   : heap_binary(b->h, (const void *)item[1], item[2]);
    case ERL_DRV_STRING:
    case ERL_DRV_STRING_CONS: return build_string(b, item);
    case ERL_DRV_TUPLE: return build_tuple(b, item[1]);
    case ERL_DRV_LIST: return build_list(b, item[1]);
    case ERL_DRV_MAP: return build_map(b, item[1]);
    case ERL_DRV_FLOAT: {
        double d = *(const double *)item[1];
        return d - d == 0 ? heap_float(b->h, d) : TERM_NONE;
    }
    default: return build_external(b, item);
    }
}

// The term of [count] words of items, which is one; TERM_NONE when they are
// wrong.
static Term build(Node *node, Heap *h, Items items, int count)
{
    Builder b = {.node = node, .h = h};
    bool good = count > 0;
    b.stack = memory_alloc(((size_t)(count > 0 ? count : 0) + 1)
                           * sizeof *b.stack);
    for (int at = 0; good && at < count;) {
        int words = words_of(items[at]);
        good = words > 0 && words <= count - at;
        if (!good) break;
        Term t = build_item(&b, items + at);
        good = !term_is_none(t);
        b.stack[b.count++] = t;
        at += words;
    }
    Term t = good && b.count == 1 ? b.stack[0] : TERM_NONE;
    free(b.stack);
    return t;
}

// ---- sending ----

// Of a thread that may not look at ports.
typedef struct {
    IoTask task; // must be first
    Term port;
    Signal *signal;
} Late;

static void send_late(IoLoop *io, IoTask *task)
{
    Late *late = (Late *)task;
    Port *port = port_find(io_loop_node(io), late->port);
    if (port != NULL)
        signal_push(port->node, port->owner, late->signal);
    else
        signal_free(late->signal);
    free(late);
}

static int send_to_owner(Node *node, Term id, Signal *s)
{
    if (nif_thread()->loop) {
        const Port *port = port_find(node, id);
        if (port != NULL) return signal_push(node, port->owner, s) ? 1 : 0;
        signal_free(s);
        return 0;
    }
    Late *late = memory_zeroed(1, sizeof *late);
    *late = (Late){{.run = send_late}, id, s};
    io_loop_add(node->io, &late->task);
    return 1;
}

int erl_drv_send_term(ErlDrvTermData port, ErlDrvTermData to,
                      ErlDrvTermData *items, int count)
{
    Node *node = nif_thread()->node;
    if (node == NULL || !term_is_local_port((Term){port})) return -1;
    Signal *s = signal_new(SIGNAL_MESSAGE, (Term){port});
    s->message = build(node, &s->heap, items, count);
    if (term_is_none(s->message) || !term_is_local_pid((Term){to})) {
        int failed = term_is_none(s->message) ? -1 : 0;
        signal_free(s);
        return failed;
    }
    return signal_push(node, (Term){to}, s) ? 1 : 0;
}

int erl_drv_output_term(ErlDrvTermData port, ErlDrvTermData *items, int count)
{
    Node *node = nif_thread()->node;
    if (node == NULL || !term_is_local_port((Term){port})) return -1;
    Signal *s = signal_new(SIGNAL_MESSAGE, (Term){port});
    s->message = build(node, &s->heap, items, count);
    if (!term_is_none(s->message)) return send_to_owner(node, (Term){port}, s);
    signal_free(s);
    return -1;
}

int driver_output_term(ErlDrvPort port, ErlDrvTermData *items, int count)
{
    const DriverPort *d = (const DriverPort *)port;
    return erl_drv_output_term(d->port.id.bits, items, count);
}

int driver_send_term(ErlDrvPort port, ErlDrvTermData to, ErlDrvTermData *items,
                     int count)
{
    const DriverPort *d = (const DriverPort *)port;
    return erl_drv_send_term(d->port.id.bits, to, items, count);
}

ErlDrvTermData driver_mk_atom(char *name)
{
    return atom_new(nif_thread()->node->atoms, name, strlen(name)).bits;
}

ErlDrvTermData driver_mk_term_nil(void)
{
    return TERM_NIL.bits;
}
