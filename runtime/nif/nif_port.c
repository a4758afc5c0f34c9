// SPDX-License-Identifier: Apache-2.0
// Ports for NIFs.
#include <stdlib.h>

#include "memory.h"
#include "nif_part.h"
#include "port.h"
#include "registry.h"

// Threads of the library have no environment, but their node.
static Node *node_of(const ErlNifEnv *env)
{
    return env != NULL ? env->node : nif_thread()->node;
}

// 0: no port of that name.
int enif_whereis_port(ErlNifEnv *env, ERL_NIF_TERM name, ErlNifPort *port)
{
    if (!term_is_atom((Term){name})) return 0;
    Term found = registry_find(node_of(env)->registry, (Term){name});
    return enif_get_local_port(env, found.bits, port);
}

int enif_is_port_alive(ErlNifEnv *env, ErlNifPort *port)
{
    return port_exists(node_of(env), (Term){port->port_id});
}

// Bytes that a port is to write.
// Travels to the thread of ports.
typedef struct {
    IoTask task;    // must be first
    Term port;      // its id
    uint8_t *bytes; // of malloc; the port's afterwards
    size_t size;    // of bytes
} Command;

// The port may have closed meanwhile.
static void run(IoLoop *io, IoTask *task)
{
    Command *c = (Command *)task;
    Port *port = port_find(io_loop_node(io), c->port);
    if (port != NULL)
        port->kind->output(port, c->bytes, c->size);
    else
        free(c->bytes);
    free(c);
}

// 1 means that it was sent, not that it was written.
int enif_port_command(ErlNifEnv *env, const ErlNifPort *port,
                      ErlNifEnv *message_env, ERL_NIF_TERM message)
{
    Command *c;
    size_t size;
    if (!port_exists(env->node, (Term){port->port_id})) return 0;
    uint8_t *bytes = bif_get_iodata((Term){message}, &size);
    if (bytes == NULL) return 0;
    c = memory_zeroed(1, sizeof *c);
    *c = (Command){{.run = run}, {port->port_id}, bytes, size};
    // As OTP: the environment of the message is spent.
    if (message_env != NULL) enif_clear_env(message_env);
    io_loop_add(env->node->io, &c->task);
    return 1;
}
