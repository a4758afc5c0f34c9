// SPDX-License-Identifier: Apache-2.0
// erts_internal: what the library's modules ask of the runtime beside
// erlang's functions; tools and tests of OTP do as well.
#include "bif.h"
#include "code_module.h"
#include "process.h"
#include "process_table.h"
#include "request.h"
#include "runtime_bifs.gen.h"
#include "system_task.h"

// ---- system tasks ----
// Something is to be done for a process, with another's priority: a process
// that is there for this alone has it, and asks in the requester's name.

// {Type, Id[, What]}
static bool is_task(Term t)
{
    if (!term_is_tuple_of(t, 2) && !term_is_tuple_of(t, 3)) return false;
    Term what = term_is_tuple_of(t, 3) ? term_tuple_get(t, 2) : TERM_NIL;
    switch (term_tuple_get(t, 0).bits) {
    case ATOM_BITS_system_task_test: return term_is_tuple_of(t, 2);
    case ATOM_BITS_check_process_code: return term_is_atom(what);
    case ATOM_BITS_garbage_collect:
        return term_same(what, ATOM_major) || term_same(what, ATOM_minor);
    default: return false;
    }
}

static Term answer_test(Node *node, Process *p, Heap *h, Term question)
{
    return p == NULL ? ATOM_false : ATOM_true;
}

static bool read_priority(Term t, uint8_t *priority)
{
    static const uintptr_t names[PRIORITY_COUNT] = {
        ATOM_BITS_max, ATOM_BITS_high, ATOM_BITS_normal, ATOM_BITS_low};
    for (uint8_t i = 0; i < PRIORITY_COUNT; i++) {
        if (names[i] != t.bits) continue;
        *priority = i;
        return true;
    }
    return false;
}

// run_system_task(Requester, Pid, Task): what such a process runs.
Term bif_erts_internal_run_system_task_3(Process *p, const Term *args)
{
    if (!term_is_local_pid(args[0]) || !term_is_local_pid(args[1])
        || !is_task(args[2]))
        return bif_error(p, ATOM_badarg);
    Term type = term_tuple_get(args[2], 0), id = term_tuple_get(args[2], 1);
    bool test = term_same(type, ATOM_system_task_test);
    bool check = term_same(type, ATOM_check_process_code);
    RequestReply reply = {args[0], type, id, check};
    request_async(p->node, args[1],
                  test    ? answer_test
                  : check ? system_task_check
                          : system_task_collect,
                  test ? TERM_NIL : term_tuple_get(args[2], 2), &reply);
    return ATOM_ok;
}

// [args]: pid, priority, task.
static Term request_task(Process *p, Term requester, const Term *args)
{
    SpawnOptions o;
    spawn_options_init(&o, NULL);
    if (!term_is_local_pid(requester) || !term_is_local_pid(args[0])
        || !read_priority(args[1], &o.priority) || !is_task(args[2]))
        return bif_error(p, ATOM_badarg);
    Term all[] = {requester, args[0], args[2]};
    o.module = ATOM_erts_internal;
    o.function = ATOM_run_system_task;
    o.args = heap_list(process_heap(p), 3, all, TERM_NIL);
    o.group_leader = p->group_leader;
    if (term_is_none(process_spawn(p->node, NULL, &o, NULL)))
        return bif_error(p, ATOM_system_limit);
    return ATOM_ok;
}

// request_system_task(Pid, Priority, Task): the caller gets {Type, Id, Answer}.
Term bif_erts_internal_request_system_task_3(Process *p, const Term *args)
{
    return request_task(p, p->pid, args);
}

// The same for another, who is named first.
Term bif_erts_internal_request_system_task_4(Process *p, const Term *args)
{
    return request_task(p, args[0], args + 1);
}

// ---- clocks ----
// How many native units are a second: both clocks are told in ns.

Term bif_erts_internal_time_unit_0(Process *p, const Term *args)
{
    return term_small(1000000000);
}

Term bif_erts_internal_perf_counter_unit_0(Process *p, const Term *args)
{
    return term_small(1000000000);
}

// ---- purging ----

// purge_module(Module, Step): prepare has calls of the old code's funs wait,
// and answers whether there is any; complete takes it away, abort leaves it.
// For erts_code_purger, which sees to it that nobody runs it.
Term bif_erts_internal_purge_module_2(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    Module *m = code_find_module(p->node, args[0]);
    bool has = m != NULL && m->old != NULL;
    switch (args[1].bits) {
    case ATOM_BITS_prepare:
    case ATOM_BITS_prepare_on_load:
        if (has) code_begin_purge(p->node, m);
        return has ? ATOM_true : ATOM_false;
    case ATOM_BITS_complete:
        if (has) code_purge(p->node, m);
        return has ? ATOM_true : ATOM_false;
    case ATOM_BITS_abort:
        if (has) code_abort_purge(p->node, m);
        return ATOM_false;
    default:
        return bif_error(p, ATOM_badarg);
    }
}
