// SPDX-License-Identifier: Apache-2.0
// Logging of the runtime: {log, Level, Format, Args, Metadata} to the process
// `logger`, as OTP's emulator sends it.
//
// Sent by whatever thread has something to say, so terms are built beside any
// process and copied.
#include "process_log.h"

#include <stdio.h>

#include "buffer.h"
#include "clock.h"
#include "map.h"
#include "print.h"
#include "registry.h"
#include "signal.h"

// #{error_logger => #{emulator => true, tag => error}, gl => ..., pid => ...,
// time => ...}
static Term new_metadata(Node *node, Heap *h, Term level, const Process *about)
{
    const AtomTable *atoms = node->atoms;
    Term origin[] = {ATOM_emulator, ATOM_true, ATOM_tag, level};
    Term pairs[8]; // four pairs at most
    size_t n = 0;
    pairs[n++] = ATOM_error_logger;
    pairs[n++] = map_from_pairs(h, atoms, 2, origin);
    pairs[n++] = ATOM_time;
    // Microseconds, as logger has them.
    pairs[n++] = heap_integer(h, clock_system(node) / 1000);
    if (about != NULL) {
        pairs[n++] = ATOM_gl;
        pairs[n++] = about->group_leader;
        pairs[n++] = ATOM_pid;
        pairs[n++] = about->pid;
    }
    return map_from_pairs(h, atoms, n / 2, pairs);
}

// Without a logger: the format with its ~p filled in, on stderr.
static void print_event(Node *node, Term level, const char *format, Term args)
{
    Buffer b;
    PrintOptions o;
    buffer_init(&b);
    print_options_init(&o);
    for (const char *c = format; *c != 0; c++) {
        if (*c != '~') {
            buffer_add_byte(&b, (uint8_t)*c);
        } else if (*++c == 'n') { // ~n
            buffer_add_byte(&b, '\n');
        } else if (term_is_cons(args)) {
            // ~p, ~s and the like: all as ~p has them.
            print_pretty(node, &b, term_head(args), &o);
            args = term_tail(args);
        }
    }
    fprintf(stderr, "=%s REPORT====\n%.*s\n",
            term_same(level, ATOM_error) ? "ERROR" : "WARNING", (int)b.size,
            (const char *)b.bytes);
    buffer_free(&b);
}

// Asked by any thread.
Term process_logger(Node *node)
{
    Term to = atomic_load(&node->system_logger);
    if (!term_is_local_pid(to)) return to;
    // One that has ended is forgotten.
    return process_lives(node, to) ? to : ATOM_logger;
}

void process_log(Node *node, Term level, const char *format, Term args,
                 Process *about)
{
    Term logger = process_logger(node);
    if (term_same(logger, ATOM_undefined)) return;
    if (term_is_atom(logger)) logger = registry_find(node->registry, logger);
    // When there is no such process yet, or any more: at least on stderr.
    if (!term_is_local_pid(logger)) {
        print_event(node, level, format, args);
        return;
    }
    Heap h;
    heap_init(&h);
    Term event = heap_tuple(&h, 5, (Term[]){
        ATOM_log, level, heap_string(&h, format, strlen(format), TERM_NIL),
        args, new_metadata(node, &h, level, about)});
    signal_send_named(node, logger, event);
    heap_free(&h);
}

void process_log_exit(Process *p)
{
    if (!(p->flags & PROCESS_CRASHED)) return;
    Heap h;
    heap_init(&h);
    Term args = heap_cons(&h, p->exit_reason, TERM_NIL);
    Term name = atomic_load(&p->node->name);
    bool alive = !term_same(name, ATOM_nonode_nohost);
    if (alive) args = heap_cons(&h, name, args);
    args = heap_cons(&h, p->pid, args);
    process_log(p->node, ATOM_error,
                alive ? "Error in process ~p on node ~p with exit value:~n~p~n"
                      : "Error in process ~p with exit value:~n~p~n",
                args, p);
    heap_free(&h);
}
