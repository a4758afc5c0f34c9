// SPDX-License-Identifier: Apache-2.0
// erlang: nodes, and the texts of pids, ports, references and funs.
#include <stdio.h>
#include <stdlib.h>

#include "bif.h"
#include "identifier.h"
#include "print.h"
#include "process.h"
#include "ref.h"
#include "remote.h"
#include "runtime_bifs.gen.h"

static Term this_name(const Process *p)
{
    return atomic_load(&p->node->name);
}

Term bif_erlang_node_0(Process *p, const Term *args)
{
    return this_name(p);
}

Term bif_erlang_node_1(Process *p, const Term *args)
{
    if (!term_is_pid(args[0]) && !term_is_port(args[0])
        && !term_is_ref(args[0]))
        return bif_error(p, ATOM_badarg);
    const RemoteNode *node = identifier_node(args[0]);
    return node == NULL ? this_name(p) : node->name;
}

static bool is_alive(const Process *p)
{
    return !term_same(this_name(p), ATOM_nonode_nohost);
}

Term bif_erlang_is_alive_0(Process *p, const Term *args)
{
    return is_alive(p) ? ATOM_true : ATOM_false;
}

// ---- other nodes: none is connected ----

// Whether [type] is one of those of nodes/1; [*self]: it counts this node.
static bool read_node_type(Term type, bool *self)
{
    switch (type.bits) {
    case ATOM_BITS_this:
    case ATOM_BITS_known:
        *self = true;
        return true;
    case ATOM_BITS_visible:
    case ATOM_BITS_hidden:
    case ATOM_BITS_connected:
        return true;
    default:
        return false;
    }
}

static bool read_node_types(Term t, bool *self)
{
    *self = false;
    if (term_is_atom(t)) return read_node_type(t, self);
    for (; term_is_cons(t); t = term_tail(t))
        if (!read_node_type(term_head(t), self)) return false;
    return term_is_nil(t);
}

Term bif_erlang_nodes_0(Process *p, const Term *args)
{
    return TERM_NIL;
}

Term bif_erlang_nodes_1(Process *p, const Term *args)
{
    bool self;
    if (!read_node_types(args[0], &self)) return bif_error(p, ATOM_badarg);
    if (!self) return TERM_NIL;
    return heap_cons(process_heap(p), this_name(p), TERM_NIL);
}

Term bif_erlang_monitor_node_2(Process *p, const Term *args)
{
    bool flag = term_same(args[1], ATOM_true);
    if (!term_is_atom(args[0]) || (!flag && !term_same(args[1], ATOM_false)))
        return bif_error(p, ATOM_badarg);
    if (!is_alive(p)) return bif_error_cause(p, ATOM_notalive, ATOM_notalive);
    return ATOM_true;
}

Term bif_erlang_monitor_node_3(Process *p, const Term *args)
{
    Term list = args[2];
    while (term_is_cons(list)
           && term_same(term_head(list), ATOM_allow_passive_connect))
        list = term_tail(list);
    if (!term_is_nil(list)) return bif_error(p, ATOM_badarg);
    return bif_erlang_monitor_node_2(p, args);
}

// ---- cookies: a node that is alone has none ----

Term bif_erlang_get_cookie_0(Process *p, const Term *args)
{
    return ATOM_nocookie;
}

Term bif_erlang_get_cookie_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    return ATOM_nocookie;
}

Term bif_erlang_set_cookie_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    return bif_error(p, ATOM_distribution_not_started);
}

Term bif_erlang_set_cookie_2(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    return bif_erlang_set_cookie_1(p, args + 1);
}

Term bif_erlang_disconnect_node_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    return ATOM_ignored;
}

// ---- to text ----

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

enum { TEXT_MOST = 64 };

// The characters of a short string as C text; false when it is none.
static bool read_text(Term list, char text[TEXT_MOST])
{
    size_t n = 0;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term c = term_head(list);
        if (n + 1 >= TEXT_MOST || !term_is_small(c)) return false;
        if (term_small_value(c) < 1 || term_small_value(c) > 126) return false;
        text[n++] = (char)term_small_value(c);
    }
    text[n] = 0;
    return term_is_nil(list);
}

// Reads "PREFIX<0.N.N...>" with [count] numbers behind the 0.
static bool read_numbers(Term list, const char *prefix, unsigned count,
                         uint64_t *numbers)
{
    char text[TEXT_MOST], *at = text;
    size_t size = strlen(prefix);
    if (!read_text(list, text) || strncmp(text, prefix, size) != 0)
        return false;
    at += size;
    if (strncmp(at, "<0", 2) != 0) return false;
    at += 2;
    for (unsigned i = 0; i < count; i++) {
        if (at[0] != '.' || at[1] < '0' || at[1] > '9') return false;
        numbers[i] = strtoull(at + 1, &at, 10);
    }
    return strcmp(at, ">") == 0;
}

Term bif_erlang_list_to_pid_1(Process *p, const Term *args)
{
    uint64_t n[2];
    if (!read_numbers(args[0], "", 2, n) || n[0] > PID_NUMBER_MAX
        || n[1] > UINT32_MAX)
        return bif_error(p, ATOM_badarg);
    return term_local_pid(n[1] << ID_NUMBER_BITS | n[0]);
}

Term bif_erlang_list_to_port_1(Process *p, const Term *args)
{
    uint64_t n;
    if (!read_numbers(args[0], "#Port", 1, &n)
        || n >= (uint64_t)1 << (64 - TAG_IMMEDIATE_BITS))
        return bif_error(p, ATOM_badarg);
    return term_local_port(n);
}

Term bif_erlang_list_to_ref_1(Process *p, const Term *args)
{
    uint64_t n[REF_NUMBERS];
    if (!read_numbers(args[0], "#Ref", REF_NUMBERS, n)
        || n[0] > UINT32_MAX || n[1] > UINT32_MAX || n[2] > REF_NUMBER_0_MAX)
        return bif_error(p, ATOM_badarg);
    const uint32_t numbers[] = {(uint32_t)n[2], (uint32_t)n[1],
                                (uint32_t)n[0]};
    return identifier_ref(process_heap(p), numbers);
}

// ---- for those who debug with bare hands ----

Term bif_erlang_display_1(Process *p, const Term *args)
{
    Buffer b;
    PrintOptions o;
    buffer_init(&b);
    print_options_init(&o);
    o.line_length = 0;
    print_pretty(p->node, &b, args[0], &o);
    printf("%.*s\n", (int)b.size, (const char *)b.bytes);
    fflush(stdout);
    buffer_free(&b);
    return ATOM_true;
}

Term bif_erlang_display_string_1(Process *p, const Term *args)
{
    size_t size;
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
