// SPDX-License-Identifier: Apache-2.0
// erts_debug: what tests of machines ask of the machine and do to it. Which
// of OTP's many items there are is what makes sense here.
// erts_debug:set_internal_state must be switched on first, as in OTP; nothing
// of it is meant for programs.
#include <pthread.h>
#include <time.h>

#include "bif.h"
#include "ets.h"
#include "copy.h"
#include "dist.h"
#include "counted.h"
#include "freeze.h"
#include "hash.h"
#include "map.h"
#include "persistent.h"
#include "process.h"
#include "process_info.h"
#include "process_table.h"
#include "relation_list.h"
#include "request.h"
#include "runtime_bifs.gen.h"
#include "scheduler.h"
#include "signal.h"
#include "watch.h"

static Term boolean(bool b)
{
    return b ? ATOM_true : ATOM_false;
}

// The thread sleeps, not the process.
static void sleep_ms(size_t ms)
{
    struct timespec t = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

// ---- internal state ----

// set_internal_state(available_internal_state, true) is what allows the rest.
// Answers the state before.
static Term set_available(Process *p, Term value)
{
    if (!term_same(value, ATOM_true) && !term_same(value, ATOM_false))
        return bif_error(p, ATOM_badarg);
    return boolean(atomic_exchange(&p->node->state_available,
                                   term_same(value, ATOM_true)));
}

// Waits for what OTP does later: here it is done when it is asked for.
// Nothing is put off here, so there is nothing to wait for.
static Term wait_for(Process *p, Term what)
{
    switch (what.bits) {
    case ATOM_BITS_aux_work:
    case ATOM_BITS_deallocations:
    case ATOM_BITS_thread_progress:
    case ATOM_BITS_timer_cancellations:
        return ATOM_ok;
    default:
        return bif_error(p, ATOM_badarg);
    }
}

// set_internal_state(LoopLimit, Steps | default): a process that takes more
// steps in a loop of that kind gives up its slice; the limit before.
// Small limits make tests of traps possible.
static Term set_loop_limit(Process *p, LoopKind kind, Term value)
{
    size_t n = 0;
    if (!term_same(value, ATOM_default)
        && (!bif_get_size(value, &n) || n > UINT32_MAX))
        return bif_error(p, ATOM_badarg);
    uint32_t before =
        atomic_exchange(&p->node->loop_limits[kind], (uint32_t)n);
    return before == 0 ? ATOM_default : term_small(before);
}

// The kind of loop whose limit [name] is; LOOP_KINDS for other names.
// By the names that OTP's tests use.
static LoopKind loop_kind(Term name)
{
    static const uintptr_t names[LOOP_KINDS] = {
        [LOOP_BINARY] = ATOM_BITS_binary_loop_limit,
        [LOOP_REGEX] = ATOM_BITS_re_loop_limit,
        [LOOP_UNICODE] = ATOM_BITS_unicode_loop_limit,
    };
    LoopKind kind = 0;
    while (kind < LOOP_KINDS && names[kind] != name.bits) kind++;
    return kind;
}

// undef while it is off: as if there were no such function.
Term bif_erts_debug_set_internal_state_2(Process *p, const Term *args)
{
    size_t n;
    bool number = bif_get_size(args[1], &n);
    if (term_same(args[0], ATOM_available_internal_state))
        return set_available(p, args[1]);
    if (!atomic_load(&p->node->state_available))
        return bif_error(p, ATOM_undef);
    LoopKind kind = loop_kind(args[0]);
    if (kind < LOOP_KINDS) return set_loop_limit(p, kind, args[1]);
    switch (args[0].bits) {
    // Only an emulator that was built for it makes ets give up slices, and no
    // table has parts with locks of their own.
    case ATOM_BITS_ets_force_trap:
    case ATOM_BITS_ets_force_split:
    case ATOM_BITS_ets_debug_random_split_join:
        return ATOM_notsup;
    case ATOM_BITS_reds_left:
        if (!number || n > SLICE_REDUCTIONS) break;
        process_set_left(p, (int32_t)n);
        return ATOM_true;
    case ATOM_BITS_wait:
        return wait_for(p, args[1]);
    case ATOM_BITS_sleep: // with all that this scheduler has to run
        if (!number) break;
        sleep_ms(n);
        return ATOM_true;
    case ATOM_BITS_test_long_gc_sleep: // when somebody watches collections
        if (!number || n > UINT32_MAX) break;
        atomic_store(&p->node->watch->delay, (unsigned)n);
        return ATOM_true;
    case ATOM_BITS_block: // the node stands still
        if (!number) break;
        freeze(p->node, n);
        return ATOM_true;
    case ATOM_BITS_next_pid:
        if (!number) break;
        process_table_set_next(p->node->processes, n);
        return args[1];
    case ATOM_BITS_force_gc:
        if (!term_is_local_pid(args[1])) break;
        return bif_trap(p, ATOM_erlang, ATOM_garbage_collect, 1, &args[1]);
    case ATOM_BITS_mbuf: // a term beside the heap, if there were such terms
        return args[1];
    case ATOM_BITS_proc_sig_buffers: // an inbox is all that there is
        return ATOM_true;
    default:
        break;
    }
    return bif_error(p, ATOM_badarg);
}

// #{table => Slots}
static Term persistent_state(Process *p)
{
    Heap *h = process_heap(p);
    Term pairs[] = {ATOM_table,
                    heap_unsigned(h, persistent_slots(p->node->persistent))};
    return map_from_pairs(h, process_atoms(p), 1, pairs);
}

// The C stack that is left to this thread.
// The address of a local variable tells how far it has grown.
static size_t stack_left(void)
{
    pthread_attr_t attributes;
    void *lowest = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
    pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    return (size_t)((char *)&attributes - (char *)lowest);
}

// {binary_info, Binary}: heap_binary, or {refc_binary, Size, {binary,
// Allocated}, Flags} where the bytes lie outside the heap. There is no room
// behind them but what appending has left.
// For tests of appending.
static Term binary_info(Process *p, Term t)
{
    if (!term_is_bitstring(t)) return bif_error(p, ATOM_badarg);
    // Of a part the whole is told.
    if (term_subtag(t) == SUBTAG_BITS) t = term_box_ptr(t)[3];
    if (term_subtag(t) != SUBTAG_COUNTED) return ATOM_heap_binary;
    const Blob *blob = counted_blob(t);
    Heap *h = process_heap(p);
    Term parts[] = {
        ATOM_refc_binary, heap_unsigned(h, blob->size),
        heap_tuple2(h, ATOM_binary, heap_unsigned(h, blob->capacity)),
        term_small(0)};
    return heap_tuple(h, 4, parts);
}

// How processes/0 goes about it, as a record of OTP's tests: the table is one
// piece, which is listed without giving up the slice.
// The tests want numbers to compute with.
static Term processes_info(Process *p)
{
    Heap *h = process_heap(p);
    Term size = heap_unsigned(h, process_table_limit(p->node->processes));
    Term parts[] = {ATOM_ptab_list_bif_info,
                    term_small(10), // reductions that it takes at least
                    term_small(1), size, size, // pieces, their size, a slice
                    term_small(1), term_small(10), term_small(40),
                    term_small(75), term_small(0)};
    return heap_tuple(h, sizeof parts / sizeof *parts, parts);
}

// Nodes that were ever named are known for ever: no references are counted.
static Term no_references(Heap *h)
{
    return heap_tuple2(h, heap_tuple2(h, ATOM_node_references, TERM_NIL),
                       heap_tuple2(h, ATOM_dist_references, TERM_NIL));
}

// Items without an argument.
static Term plain_state(Process *p, Term name)
{
    switch (name.bits) {
    case ATOM_BITS_reds_left:
        return term_small(process_left(p) > 0 ? process_left(p) : 0);
    case ATOM_BITS_persistent_term:
        return persistent_state(p);
    case ATOM_BITS_next_pid:
        return heap_unsigned(process_heap(p),
                             process_table_next(p->node->processes));
    case ATOM_BITS_flxctr_memory_usage: // of counters that are not counted
        return ATOM_notsup;
    case ATOM_BITS_force_heap_frags:
        return ATOM_false;
    case ATOM_BITS_stack_check:
        return heap_unsigned(process_heap(p), stack_left());
    case ATOM_BITS_process_info_args:
        return process_info_names(process_heap(p));
    case ATOM_BITS_processes_bif_info:
        return processes_info(p);
    case ATOM_BITS_processes:
        return bif_trap(p, ATOM_erlang, ATOM_processes, 0, NULL);
    case ATOM_BITS_monitoring_nodes:
        return dist_list_watchers(p->node->dist, process_heap(p));
    case ATOM_BITS_node_and_dist_references:
        return no_references(process_heap(p));
    default:
        return bif_error(p, ATOM_badarg);
    }
}

// The port of the connection to node [name].
static Term connection_port(Process *p, Term name)
{
    DistEntry *e = term_is_atom(name) ? dist_entry(p->node, name, false) : NULL;
    if (e == NULL || e->state != DIST_UP) return bif_error(p, ATOM_badarg);
    return e->carrier;
}

// In the context of the process that is asked about.
static Term answer_links(Node *node, Process *p, Heap *h, Term question)
{
    return p == NULL ? ATOM_undefined : relation_list_links(p, h);
}

static Term answer_monitors(Node *node, Process *p, Heap *h, Term question)
{
    return p == NULL ? ATOM_undefined : relation_list_monitors(p, h);
}

// {process_status, Pid}: undefined when nothing is left of it.
static Term answer_status(Node *node, Process *p, Heap *h, Term question)
{
    if (p == NULL) return ATOM_undefined;
    return process_is_exiting(p) ? ATOM_exiting : ATOM_active;
}

static RequestAnswer process_answer(Term name)
{
    switch (name.bits) {
    case ATOM_BITS_link_list: return answer_links;
    case ATOM_BITS_monitor_list: return answer_monitors;
    case ATOM_BITS_process_status: return answer_status;
    default: return NULL;
    }
}

// Items are atoms, or pairs with what is asked about.
Term bif_erts_debug_get_internal_state_1(Process *p, const Term *args)
{
    Heap *h = process_heap(p);
    bool available = atomic_load(&p->node->state_available);
    if (term_same(args[0], ATOM_available_internal_state))
        return boolean(available);
    if (!available) return bif_error(p, ATOM_undef);
    if (!term_is_tuple_of(args[0], 2)) return plain_state(p, args[0]);
    Term name = term_tuple_get(args[0], 0), of = term_tuple_get(args[0], 1);
    // The hash of maps.
    if (term_same(name, ATOM_internal_hash))
        return heap_unsigned(h, hash_internal(of));
    size_t index;
    // The atom of a number.
    if (term_same(name, ATOM_atom) && bif_get_size(of, &index)
        && index < atom_count(p->node->atoms))
        return term_atom((uint32_t)index);
    if (term_same(name, ATOM_dist_ctrl)) return connection_port(p, of);
    RequestAnswer answer = process_answer(name);
    if (answer != NULL && term_is_local_pid(of))
        return request_process(p, of, answer, TERM_NIL, 1, args);
    if (term_same(name, ATOM_binary_info)) return binary_info(p, of);
    return bif_error(p, ATOM_badarg);
}

// ---- dirty work ----
// Functions that run dirty, as OTP's tests of dirty schedulers call them.

// The kinds of schedulers that run such a BIF, for reschedule.
static const struct {
    uintptr_t kind, function;
} kinds[] = {
    {ATOM_BITS_dirty_cpu, ATOM_BITS_dirty_cpu},
    {ATOM_BITS_dirty_io, ATOM_BITS_dirty_io},
    {ATOM_BITS_normal, ATOM_BITS_dirty},
};

// Counts down by two on one kind of scheduler after the other.
// A test that a BIF may change its kind of scheduler when it traps.
static Term reschedule(Process *p, Term kind, Term count)
{
    int64_t n;
    if (!bif_get_int64(count, &n) || n < 0 || n % 2 != 0)
        return bif_error(p, ATOM_badarg);
    if (n == 0) return ATOM_ok;
    size_t at = 0;
    while (kinds[at].kind != kind.bits) at++;
    // Every second time on the next kind.
    if (n % 4 == 0) at = (at + 1) % 3;
    Term args[] = {{kinds[at].kind}, ATOM_reschedule, term_small(n - 2)};
    bool plain = kinds[at].function == ATOM_BITS_dirty;
    return bif_trap(p, ATOM_erts_debug, (Term){kinds[at].function},
                    plain ? 3 : 2, plain ? args : args + 1);
}

// Only these: others are badarg.
static Term fail_with(Process *p, Term reason)
{
    switch (reason.bits) {
    case ATOM_BITS_notsup:
    case ATOM_BITS_undef:
    case ATOM_BITS_badarith:
    case ATOM_BITS_noproc:
    case ATOM_BITS_system_limit:
        return bif_error(p, reason);
    default:
        return bif_error(p, ATOM_badarg);
    }
}

// Much garbage, built away from any scheduler.
static Term copies(Process *p, Term t)
{
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    for (int i = 0; i < 1000; i++)
        list = heap_cons(h, copy_term(p->node, h, t), list);
    return list;
}

// Tells [pid] that it is ready, works for six seconds and tells when it is
// done.
// A process must be able to get signals while its BIF works.
static Term work_long(Process *p, Term pid)
{
    if (!term_is_local_pid(pid)) return bif_error(p, ATOM_badarg);
    signal_send_message(p->node, NULL, pid, ATOM_ready);
    sleep_ms(6000);
    signal_send_message(p->node, NULL, pid, ATOM_done);
    return ATOM_ok;
}

// Tells [pid] that it is there, and goes on until the process has been ended,
// and for a second more.
static Term work_until_ended(Process *p, Term pid)
{
    if (!term_is_local_pid(pid)) return bif_error(p, ATOM_badarg);
    Term alive = heap_tuple2(process_heap(p), ATOM_alive, p->pid);
    signal_send_message(p->node, NULL, pid, alive);
    while (!p->gone) sleep_ms(10);
    sleep_ms(1000);
    return ATOM_ok;
}

// [args]: what to do, and with what.
static Term work(Process *p, Term kind, const Term *args)
{
    size_t ms;
    switch (args[0].bits) {
    case ATOM_BITS_scheduler:
        return term_same(args[1], ATOM_type) ? kind : bif_error(p, ATOM_badarg);
    case ATOM_BITS_error:
        return fail_with(p, args[1]);
    case ATOM_BITS_copy:
        return copies(p, args[1]);
    case ATOM_BITS_send:
        if (!term_is_local_pid(args[1])) break;
        signal_send_message(p->node, p, args[1], ATOM_ok);
        return ATOM_ok;
    case ATOM_BITS_wait:
        if (!bif_get_size(args[1], &ms)) break;
        sleep_ms(ms);
        return ATOM_ok;
    case ATOM_BITS_reschedule:
        return reschedule(p, kind, args[1]);
    case ATOM_BITS_alive_waitexiting:
        return work_until_ended(p, args[1]);
    case ATOM_BITS_ready_wait6_done:
        return work_long(p, args[1]);
    default:
        break;
    }
    return bif_error(p, ATOM_badarg);
}

// Kinds say where it runs: bif.tab marks both dirty.
Term bif_erts_debug_dirty_cpu_2(Process *p, const Term *args)
{
    return work(p, ATOM_dirty_cpu, args);
}

Term bif_erts_debug_dirty_io_2(Process *p, const Term *args)
{
    return work(p, ATOM_dirty_io, args);
}

Term bif_erts_debug_dirty_3(Process *p, const Term *args)
{
    if (term_same(args[0], ATOM_normal)) return work(p, args[0], args + 1);
    if (!term_same(args[0], ATOM_dirty_cpu)
        && !term_same(args[0], ATOM_dirty_io))
        return bif_error(p, ATOM_badarg);
    return bif_trap(p, ATOM_erts_debug, args[0], 2, args + 1);
}

// alloc_blocks_size(Allocator): the bytes of what is allocated with it, where
// that is counted by itself.
// Of one allocator only; others are malloc's.
Term bif_erts_debug_alloc_blocks_size_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    if (!term_same(args[0], ATOM_ets_alloc)) return ATOM_undefined;
    return heap_unsigned(process_heap(p), ets_bytes(p->node));
}
