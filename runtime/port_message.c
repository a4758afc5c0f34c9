// SPDX-License-Identifier: Apache-2.0
// Messages of ports: what a port sends to processes, and what they ask of it by
// {Owner, close}, {Owner, {command, Data}} and {Owner, {connect, Pid}}.
#include "port_message.h"

#include <string.h>

#include "iodata.h"
#include "process_log.h"

Signal *port_message_new(Port *port)
{
    return signal_new(SIGNAL_MESSAGE, port->id);
}

void port_message_send(Port *port, Signal *s, Term what)
{
    s->message = heap_tuple2(&s->heap, port->id, what);
    signal_push(port->node, port->owner, s);
}

static void send_atom(Port *port, Term to, Term what)
{
    Signal *s = port_message_new(port);
    s->message = heap_tuple2(&s->heap, port->id, what);
    signal_push(port->node, to, s);
}

// A message that means nothing: its port's owner is to blame.
static void send_badsig(Port *port)
{
    signal_send_exit(port->node, SIGNAL_EXIT, port->id, port->owner,
                     ATOM_badsig);
}

static void log_bad_value(Port *port)
{
    Heap h;
    heap_init(&h);
    Term text = heap_string_utf8(&h, port->text, strlen(port->text), TERM_NIL);
    process_log(port->node, ATOM_error, "Bad value on output port '~ts'\n\n",
                heap_cons(&h, text, TERM_NIL), NULL);
    heap_free(&h);
}

// {Owner, {command, Data}}: [from] has to wait if the port is busy.
// Data is taken also when it is busy: the sender waits afterwards.
static void take_command(Port *port, Term from, Term data)
{
    size_t size;
    uint8_t *bytes = bif_get_iodata(data, &size);
    if (bytes == NULL) {
        // As OTP: the owner gets an exit, and the log a line.
        send_badsig(port);
        log_bad_value(port);
        return;
    }
    if (port->busy) port_suspend_sender(port, from);
    // For kinds that ask who sent the bytes.
    port->caller = from;
    port->kind->output(port, bytes, size);
}

static bool take_connect(Port *port, Term old, Term pid)
{
    if (!term_is_local_pid(pid)) return false;
    port->owner = pid; // no link: that is port_connect's
    send_atom(port, old, ATOM_connected);
    return true;
}

void port_message_take(Port *port, Term from, Term message)
{
    // Only the owner is obeyed; others' messages are an error of theirs.
    if (!term_is_tuple_of(message, 2)
        || !term_same(term_tuple_get(message, 0), port->owner)) {
        send_badsig(port);
        return;
    }
    Term owner = port->owner, what = term_tuple_get(message, 1);
    if (term_same(what, ATOM_close)) {
        // Built before the port goes, sent after its links are told.
        Signal *s = port_message_new(port);
        s->message = heap_tuple2(&s->heap, port->id, ATOM_closed);
        Node *node = port->node;
        // May free the port: only what was taken out of it before is used
        // below.
        port_exit(port, ATOM_normal);
        signal_push(node, owner, s);
        return;
    }
    Term verb = term_is_tuple_of(what, 2) ? term_tuple_get(what, 0) : TERM_NONE;
    if (term_same(verb, ATOM_command))
        take_command(port, from, term_tuple_get(what, 1));
    else if (!term_same(verb, ATOM_connect)
             || !take_connect(port, owner, term_tuple_get(what, 1)))
        send_badsig(port);
}

// Whoever Owner is: port_message_take asks that.
bool port_message_is_command(Term message)
{
    if (!term_is_tuple_of(message, 2)) return false;
    Term what = term_tuple_get(message, 1);
    return term_is_tuple_of(what, 2)
           && term_same(term_tuple_get(what, 0), ATOM_command);
}
