// SPDX-License-Identifier: Apache-2.0
// erlang: nodes, and the texts of pids, ports, references and funs.
#include <stdio.h>
#include <stdlib.h>

#include "bif.h"
#include "dist.h"
#include "identifier.h"
#include "print.h"
#include "process.h"
#include "ref.h"
#include "remote.h"
#include "runtime_bifs.gen.h"

// It changes while the node runs: net_kernel:start gives it one.
static Term this_name(const Process *p)
{
    return atomic_load(&p->node->name);
}

// nonode@nohost without a name.
Term bif_erlang_node_0(Process *p, const Term *args)
{
    return this_name(p);
}

// Of a local pid it is this node's present name.
Term bif_erlang_node_1(Process *p, const Term *args)
{
    if (!term_is_pid(args[0]) && !term_is_port(args[0])
        && !term_is_ref(args[0]))
        return bif_error(p, ATOM_badarg);
    const RemoteNode *node = identifier_node(args[0]);
    return node == NULL ? this_name(p) : node->name;
}

// ---- to text ----
// <0.1.0>, #Port<0.1>, #Ref<0.1.2.3>, #Fun<m.0.1>.

// All of them are written as io:format's ~w writes them.
static Term text_of(Process *p, Term t)
{
    Buffer b;
    PrintOptions o;
    buffer_init(&b);
    print_options_init(&o);
    print_write(p->node, &b, t, &o);
    Term list = heap_string_utf8(process_heap(p), (const char *)b.bytes,
                                 b.size, TERM_NIL);
    buffer_free(&b);
    return list;
}

Term bif_erlang_pid_to_list_1(Process *p, const Term *args)
{
    if (!term_is_pid(args[0])) return bif_error(p, ATOM_badarg);
    return text_of(p, args[0]);
}

Term bif_erlang_port_to_list_1(Process *p, const Term *args)
{
    if (!term_is_port(args[0])) return bif_error(p, ATOM_badarg);
    return text_of(p, args[0]);
}

Term bif_erlang_ref_to_list_1(Process *p, const Term *args)
{
    if (!term_is_ref(args[0])) return bif_error(p, ATOM_badarg);
    return text_of(p, args[0]);
}

Term bif_erlang_fun_to_list_1(Process *p, const Term *args)
{
    if (!term_is_fun(args[0])) return bif_error(p, ATOM_badarg);
    return text_of(p, args[0]);
}

// ---- from text ----
// For people at the prompt: list_to_pid("<0.1.0>").

enum { TEXT_MOST = 64 }; // the longest reference has fewer characters

// The characters of a short string as C text; false when it is none.
// Longer than any such text is a mistake.
static bool read_text(Term list, char text[TEXT_MOST])
{
    size_t n = 0;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term c = term_head(list);
        // The 0 behind it needs room.
        if (n + 1 >= TEXT_MOST || !term_is_small(c)) return false;
        if (term_small_value(c) < 1 || term_small_value(c) > 126) return false;
        text[n++] = (char)term_small_value(c);
    }
    text[n] = 0;
    return term_is_nil(list);
}

// The node whose name is atom [index], as it is connected now or was seen
// last; [*node] is NULL for this one. False when there is none.
// The first number is the index of the node's name as an atom; 0 is this node.
static bool find_node(Process *p, uint64_t index, RemoteNode **node)
{
    *node = NULL;
    Term own = this_name(p);
    // Both name this node: 0 in its own texts, the atom in those of others.
    if (index == 0 || (dist_is_alive(p->node) && term_atom_index(own) == index))
        return true;
    // An index of no atom must not become a term.
    if (index >= atom_count(p->node->atoms)) return false;
    Term name = term_atom((uint32_t)index);
    // A connection says which of the node's lives is meant.
    DistEntry *e = dist_entry(p->node, name, false);
    if (e != NULL && e->state == DIST_UP) {
        *node = remote_node(p->node, name, e->creation);
        return true;
    }
    // Else the last one that was seen.
    *node = atomic_load(&p->node->remote_nodes);
    while (*node != NULL && !term_same((*node)->name, name))
        *node = atomic_load(&(*node)->next);
    return *node != NULL;
}

// Reads "PREFIX<NODE.N.N...>" with [count] numbers behind the node.
// Signs and blanks are none of it: strtoull alone would take them.
static bool read_numbers(Process *p, Term list, const char *prefix,
                         unsigned count, uint64_t *numbers, RemoteNode **node)
{
    char text[TEXT_MOST], *at = text;
    size_t size = strlen(prefix);
    if (!read_text(list, text) || strncmp(text, prefix, size) != 0)
        return false;
    at += size; // at the node's number
    if (at[0] != '<' || at[1] < '0' || at[1] > '9') return false;
    if (!find_node(p, strtoull(at + 1, &at, 10), node)) return false;
    for (unsigned i = 0; i < count; i++) {
        if (at[0] != '.' || at[1] < '0' || at[1] > '9') return false;
        numbers[i] = strtoull(at + 1, &at, 10);
    }
    return strcmp(at, ">") == 0; // nothing may follow
}

Term bif_erlang_list_to_pid_1(Process *p, const Term *args)
{
    uint64_t n[2];
    RemoteNode *node;
    // A local pid has 28 bits of number in all.
    if (!read_numbers(p, args[0], "", 2, n, &node) || n[1] > UINT32_MAX
        || n[0] > (node == NULL ? PID_NUMBER_MAX : UINT32_MAX))
        return bif_error(p, ATOM_badarg);
    if (node != NULL)
        return identifier_remote_pid(process_heap(p), node, (uint32_t)n[0],
                                     (uint32_t)n[1]);
    // The pid may not be alive, or never have been.
    return term_local_pid(n[1] << ID_NUMBER_BITS | n[0]);
}

Term bif_erlang_list_to_port_1(Process *p, const Term *args)
{
    uint64_t n;
    RemoteNode *node;
    if (!read_numbers(p, args[0], "#Port", 1, &n, &node))
        return bif_error(p, ATOM_badarg);
    if (node != NULL) return identifier_remote_port(process_heap(p), node, n);
    // What a word can hold.
    if (n >= (uint64_t)1 << (64 - TAG_IMMEDIATE_BITS))
        return bif_error(p, ATOM_badarg);
    return term_local_port(n);
}

// The parts stand in the reverse order.
Term bif_erlang_list_to_ref_1(Process *p, const Term *args)
{
    uint64_t n[REF_NUMBERS];
    RemoteNode *node;
    if (!read_numbers(p, args[0], "#Ref", REF_NUMBERS, n, &node)
        || n[0] > UINT32_MAX || n[1] > UINT32_MAX
        || n[2] > (node == NULL ? REF_NUMBER_0_MAX : UINT32_MAX))
        return bif_error(p, ATOM_badarg);
    // The text has the last number first: #Ref<0.1.2.3> is {3, 2, 1}.
    const uint32_t numbers[] = {(uint32_t)n[2], (uint32_t)n[1],
                                (uint32_t)n[0]};
    if (node != NULL)
        return identifier_remote_ref(process_heap(p), node, REF_NUMBERS,
                                     numbers);
    return identifier_ref(process_heap(p), numbers);
}

// ---- for those who debug with bare hands ----
// To standard output, past the io server.

// On one line, whatever it is.
Term bif_erlang_display_1(Process *p, const Term *args)
{
    Buffer b;
    PrintOptions o;
    buffer_init(&b);
    print_options_init(&o);
    o.line_length = 0; // no limit: it is not broken
    o.encoding = PRINT_DISPLAY;
    print_pretty(p->node, &b, args[0], &o);
    printf("%.*s\n", (int)b.size, (const char *)b.bytes);
    fflush(stdout);
    buffer_free(&b);
    return ATOM_true;
}

Term bif_erlang_display_string_1(Process *p, const Term *args)
{
    size_t size;
    // Other characters than bytes are written as UTF-8.
    char *text = term_is_list(args[0]) ? bif_get_text(p, args[0], &size) : NULL;
    if (text == NULL) return bif_error(p, ATOM_badarg);
    fwrite(text, 1, size, stdout);
    fflush(stdout);
    free(text);
    return ATOM_true;
}

Term bif_erlang_display_nl_0(Process *p, const Term *args)
{
    putchar('\n');
    fflush(stdout);
    return ATOM_true;
}
