// SPDX-License-Identifier: Apache-2.0
// os: environment, process and clock.
// The environment is the node's own copy, with a lock; os:putenv changes it,
// and programs started by ports see it.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bif.h"
#include "clock.h"
#include "environment.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "signal_watch.h"

// Text of the system, taken for UTF-8.
static Term string_term(Process *p, const char *text, size_t size)
{
    return heap_string_utf8(process_heap(p), text, size, TERM_NIL);
}

// ---- environment ----

// The text of string [t], which holds no 0 character; NULL when it
// is none.
// A 0 would cut the text.
static char *get_string(Term t)
{
    size_t size;
    char *text = bif_get_characters(t, &size);
    if (text == NULL || strlen(text) == size) return text;
    free(text);
    return NULL;
}

// The name of a variable: without "=", but it may be empty.
static char *get_name(Term t)
{
    char *name = get_string(t);
    if (name == NULL) return NULL;
    if (strchr(name, '=') == NULL) return name;
    free(name);
    return NULL;
}

// os:env() -> [{Name, Value}]
// In the order of the environment, turned round.
Term bif_os_env_0(Process *p, const Term *args)
{
    char **all = environment_copy(p->node);
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    for (char **at = all; *at != NULL; at++) {
        const char *equals = strchr(*at, '=');
        if (equals == NULL) continue; // of whoever started the program
        Term name = string_term(p, *at, (size_t)(equals - *at));
        Term value = string_term(p, equals + 1, strlen(equals + 1));
        list = heap_cons(h, heap_tuple2(h, name, value), list);
    }
    free(all);
    return list;
}

// false when it is not set.
Term bif_os_getenv_1(Process *p, const Term *args)
{
    char *name = get_name(args[0]);
    if (name == NULL) return bif_error(p, ATOM_badarg);
    char *value = environment_get(p->node, name);
    free(name);
    if (value == NULL) return ATOM_false;
    Term answer = string_term(p, value, strlen(value));
    free(value);
    return answer;
}

// An empty value is one.
Term bif_os_putenv_2(Process *p, const Term *args)
{
    char *name = get_name(args[0]);
    char *value = get_string(args[1]);
    bool good = name != NULL && value != NULL;
    if (good) environment_put(p->node, name, value);
    free(name);
    free(value);
    return good ? ATOM_true : bif_error(p, ATOM_badarg);
}

// That it is not there is no error.
Term bif_os_unsetenv_1(Process *p, const Term *args)
{
    char *name = get_name(args[0]);
    if (name == NULL) return bif_error(p, ATOM_badarg);
    environment_remove(p->node, name);
    free(name);
    return ATOM_true;
}

// ---- process and clock ----
// Of the operating system, unlike erlang:system_time.

// As a string, for the sake of other systems.
Term bif_os_getpid_0(Process *p, const Term *args)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%ld", (long)getpid());
    return heap_string(process_heap(p), text, (size_t)n, TERM_NIL);
}

// May jump; nobody smooths it.
static int64_t system_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

Term bif_os_system_time_0(Process *p, const Term *args)
{
    return heap_integer(process_heap(p), system_now());
}

Term bif_os_system_time_1(Process *p, const Term *args)
{
    Term now = heap_integer(process_heap(p), system_now());
    return bif_erlang_convert_time_unit_3(
        p, (Term[]){now, ATOM_native, args[0]});
}

Term bif_os_perf_counter_0(Process *p, const Term *args)
{
    return heap_integer(process_heap(p), clock_monotonic());
}

Term bif_os_timestamp_0(Process *p, const Term *args)
{
    int64_t us = system_now() / 1000;
    return heap_tuple3(process_heap(p), term_small(us / 1000000000000),
                       term_small(us / 1000000 % 1000000),
                       term_small(us % 1000000));
}

// os:set_signal(Signal, handle | ignore | default) -> ok
// Signals of the operating system go to erl_signal_server.
Term bif_os_set_signal_2(Process *p, const Term *args)
{
    SignalAction action = SIGNAL_DEFAULT;
    if (term_same(args[1], ATOM_handle))
        action = SIGNAL_HANDLE;
    else if (term_same(args[1], ATOM_ignore))
        action = SIGNAL_IGNORE;
    else if (!term_same(args[1], ATOM_default))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    if (signal_watch_set(p->node, args[0], action)) return ATOM_ok;
    return bif_error(p, ATOM_badarg);
}

// merle_init:arguments() -> [binary()]: the words the program was called with.
// As typed, options too; init makes sense of them.
Term bif_merle_init_arguments_0(Process *p, const Term *args)
{
    const NodeOptions *o = &p->node->options;
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    for (int i = o->argc; i-- > 0;)
        list = heap_cons(h, heap_binary(h, o->argv[i], strlen(o->argv[i])),
                         list);
    return list;
}
