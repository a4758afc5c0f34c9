// SPDX-License-Identifier: Apache-2.0
// erlang: what a process does about itself and others, but for links,
// messages and information.
// What changes another process goes to it as a request and runs in its context
// (request.h); flags are changed by their owner only, so they need no lock.
#include "bif.h"
#include "compare.h"
#include "copy.h"
#include "dist.h"
#include "identifier.h"
#include "dictionary.h"
#include "gc.h"
#include "map.h"
#include "off_heap.h"
#include "port.h"
#include "process.h"
#include "process_table.h"
#include "ref.h"
#include "registry.h"
#include "request.h"
#include "runtime_bifs.gen.h"
#include "saved_calls.h"
#include "signal.h"
#include "system_task.h"
#include "trace.h"

static Term boolean(bool b)
{
    return b ? ATOM_true : ATOM_false;
}

static bool is_boolean(Term t)
{
    return term_same(t, ATOM_true) || term_same(t, ATOM_false);
}

// The instruction serves most calls; this is for apply.
Term bif_erlang_self_0(Process *p, const Term *args)
{
    return p->pid;
}

Term bif_erlang_make_ref_0(Process *p, const Term *args)
{
    return ref_new(p->node, process_heap(p));
}

// ---- names ----
// A name belongs to one process or port, which has at most one.

// Why a name cannot be given to [id], if it is not the name's fault.
// Read without a lock, just to choose the words of the error.
static Term find_name_obstacle(const Process *p, Term id)
{
    if (!term_is_local_pid(id))
        // A port that is there has a name already.
        return port_exists(p->node, id) ? ATOM_registered_name : ATOM_none;
    const Process *named = process_table_find(p->node->processes, id);
    if (named == NULL) return ATOM_notalive;
    return term_is_none(atomic_load(&named->name)) ? ATOM_none
                                                   : ATOM_registered_name;
}

// register(Name, PidOrPort): the atom undefined is refused, since it is an
// answer of whereis.
Term bif_erlang_register_2(Process *p, const Term *args)
{
    if (!term_is_atom(args[0]) || term_same(args[0], ATOM_undefined))
        return bif_error_cause(p, ATOM_badarg, ATOM_none);
    if (term_is_local_port(args[1])
        && port_set_name(p->node, args[1], args[0]))
        return ATOM_true;
    if (term_is_local_pid(args[1])
        && registry_name_process(p->node, args[0], args[1])) {
        trace_process_of(p, args[1], ATOM_register, args[0]);
        return ATOM_true;
    }
    if (!term_is_local_pid(args[1]) && !term_is_local_port(args[1]))
        return bif_error_cause(p, ATOM_badarg, ATOM_none);
    return bif_error_cause(p, ATOM_badarg, find_name_obstacle(p, args[1]));
}

// The tracer is told of the process, which is found before it is forgotten.
Term bif_erlang_unregister_1(Process *p, const Term *args)
{
    Term id = term_is_atom(args[0])
                  ? registry_find(p->node->registry, args[0])
                  : TERM_NONE;
    // Someone else was faster.
    if (term_is_none(id) || !registry_forget(p->node, args[0]))
        return bif_error(p, ATOM_badarg);
    trace_process_of(p, id, ATOM_unregister, args[0]);
    return ATOM_true;
}

Term bif_erlang_whereis_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    Term id = registry_find(p->node->registry, args[0]);
    return term_is_none(id) ? ATOM_undefined : id;
}

// Ports with names as well.
Term bif_erlang_registered_0(Process *p, const Term *args)
{
    return registry_names(p->node->registry, process_heap(p));
}

// ---- who lives ----
// Read from the table without stopping anybody: who is born or dies meanwhile
// may be in the list or not, as in OTP.

Term bif_erlang_processes_0(Process *p, const Term *args)
{
    const ProcessTable *table = p->node->processes;
    Term list = TERM_NIL;
    // From the end, so the oldest is first.
    for (size_t i = process_table_end(table); i-- > 0;) {
        const Process *other = process_table_at(table, i);
        if (other != NULL)
            list = heap_cons(process_heap(p), other->pid, list);
    }
    bif_bump(p, process_table_count(table));
    return list;
}

// An iterator is the slot to look at next: who lives all the time from the
// first call to the last is met once.
Term bif_erlang_processes_iterator_0(Process *p, const Term *args)
{
    return term_small(0);
}

enum { SLOTS_AT_ONCE = 10000 }; // of a table that was once full

// {Pid, Iterator}, or none.
Term bif_erlang_processes_next_1(Process *p, const Term *args)
{
    const ProcessTable *table = p->node->processes;
    size_t slot;
    if (!bif_get_size(args[0], &slot)) return bif_error(p, ATOM_badarg);
    size_t end = process_table_end(table);
    for (unsigned n = 0; slot < end && n < SLOTS_AT_ONCE; n++) {
        const Process *other = process_table_at(table, slot++);
        Term next = term_small((intptr_t)slot);
        if (other != NULL)
            return heap_tuple2(process_heap(p), other->pid, next);
    }
    if (slot >= end) return ATOM_none;
    Term again[] = {term_small((intptr_t)slot)};
    return bif_yield(p, 1, again);
}

// A process that is exiting is not alive, though signals still reach it.
static Term answer_alive(Node *node, Process *p, Heap *h, Term question)
{
    return boolean(p != NULL && !process_is_exiting(p));
}

// By a signal, so that who has sent it an exit before gets the right answer:
// signals between two processes keep their order.
Term bif_erlang_is_process_alive_1(Process *p, const Term *args)
{
    const RemoteNode *node = term_is_pid(args[0]) ? identifier_node(args[0])
                                                  : NULL;
    // Of this node, but before it was restarted.
    if (node != NULL && term_same(node->name, atomic_load(&p->node->name)))
        return ATOM_false;
    // A pid of another node.
    if (!term_is_local_pid(args[0])) return bif_error(p, ATOM_badarg);
    return request_process(p, args[0], answer_alive, TERM_NIL, 1, args);
}

// ---- group leader ----
// The leader is a pid of any node.

Term bif_erlang_group_leader_0(Process *p, const Term *args)
{
    return p->group_leader;
}

// The answer badarg means that there is no such process.
static Term answer_led(Node *node, Process *p, Heap *h, Term leader)
{
    if (p == NULL || process_is_exiting(p)) return ATOM_badarg;
    // On its own heap: it must not point to the caller's.
    p->group_leader = copy_term(node, &p->heap, leader);
    return ATOM_true;
}

// group_leader(Leader, Pid)
Term bif_erlang_group_leader_2(Process *p, const Term *args)
{
    if (!term_is_pid(args[0]) || !term_is_pid(args[1]))
        return bif_error(p, ATOM_badarg);
    // Of another node: a message of the protocol, without an answer.
    if (!term_is_local_pid(args[1])) {
        dist_group_leader(p, args[0], args[1]);
        return ATOM_true;
    }
    Term done = request_process(p, args[1], answer_led, args[0], 2, args);
    return term_same(done, ATOM_badarg) ? bif_error(p, ATOM_badarg) : done;
}

// ---- dictionary ----
// The dictionary belongs to the process, so all of these work on its own heap.

static Term or_undefined(Term t)
{
    return term_is_none(t) ? ATOM_undefined : t;
}

Term bif_erlang_get_1(Process *p, const Term *args)
{
    return or_undefined(dictionary_get(p->dictionary, args[0]));
}

Term bif_erlang_put_2(Process *p, const Term *args)
{
    return or_undefined(dictionary_put(p, args[0], args[1]));
}

Term bif_erlang_erase_1(Process *p, const Term *args)
{
    return or_undefined(dictionary_erase(p, args[0]));
}

// The list is in the table's order, as OTP's is in its own.
Term bif_erlang_get_0(Process *p, const Term *args)
{
    return dictionary_to_list(p->dictionary, process_heap(p));
}

Term bif_erlang_erase_0(Process *p, const Term *args)
{
    // The list holds the values: nothing is copied.
    Term list = dictionary_to_list(p->dictionary, process_heap(p));
    dictionary_clear(p);
    return list;
}

// The keys; of those with [value] only, unless that is TERM_NONE.
// Keys and values in turn; TERM_NONE is a free place.
static Term list_keys(Process *p, Term value)
{
    if (p->dictionary == NULL) return TERM_NIL;
    size_t n;
    const Term *words = dictionary_words(p->dictionary, &n);
    Term list = TERM_NIL;
    for (size_t i = 0; i < n; i += 2) {
        if (term_is_none(words[i])) continue;
        // =:= decides: 1 and 1.0 are different values.
        if (term_is_none(value) || term_exact_equal(words[i + 1], value))
            list = heap_cons(process_heap(p), words[i], list);
    }
    return list;
}

Term bif_erlang_get_keys_0(Process *p, const Term *args)
{
    return list_keys(p, TERM_NONE);
}

Term bif_erlang_get_keys_1(Process *p, const Term *args)
{
    return list_keys(p, args[0]);
}

// ---- flags ----
// process_flag: each answers the old value. A wrong value is badarg.

// From the highest; PRIORITY_ constants count in this order.
static const uintptr_t priorities[PRIORITY_COUNT] = {
    ATOM_BITS_max, ATOM_BITS_high, ATOM_BITS_normal, ATOM_BITS_low};

static Term set_priority(Process *p, Term value)
{
    for (uint8_t i = 0; i < PRIORITY_COUNT; i++) {
        if (priorities[i] != value.bits) continue;
        Term old = {priorities[p->priority]};
        // It counts when the process is next put into a queue.
        p->priority = i;
        return old;
    }
    return bif_error(p, ATOM_badarg);
}

// trap_exit and sensitive take effect for the next signal.
static Term set_bit(Process *p, uint32_t bit, Term value)
{
    if (!is_boolean(value)) return bif_error(p, ATOM_badarg);
    Term old = boolean((p->flags & bit) != 0);
    p->flags &= ~bit;
    if (term_same(value, ATOM_true)) p->flags |= bit;
    return old;
}

// Kept in 16 bits; more collections than that are never.
static Term set_fullsweep(Process *p, Term value)
{
    size_t n;
    if (!bif_get_size(value, &n)) return bif_error(p, ATOM_badarg);
    Term old = term_small(p->fullsweep_after);
    p->fullsweep_after = n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
    return old;
}

// 0 stands for the machine's default; the node's is the least.
static Term set_min_heap(Process *p, Term value)
{
    size_t n;
    if (!bif_get_size(value, &n)) return bif_error(p, ATOM_badarg);
    size_t old = p->min_heap;
    size_t least = atomic_load(&p->node->heap_defaults.min_heap);
    if (n < least) n = least;
    process_set_min_heap(p, n > MIN_HEAP_DEFAULT ? gc_rounded_size(n) : 0);
    return heap_unsigned(process_heap(p), old == 0 ? MIN_HEAP_DEFAULT : old);
}

// Kept for those who ask: what binaries a process holds asks for a collection
// at HEAP_COUNTED_MOST.
// OTP has a virtual heap of binaries for each process.
static Term set_min_vheap(Process *p, Term value)
{
    size_t n;
    if (!bif_get_size(value, &n) || n > UINT32_MAX)
        return bif_error(p, ATOM_badarg);
    Term old = process_min_bin_vheap(p);
    p->min_bin_vheap = (uint32_t)gc_rounded_size(n);
    return old;
}

Term process_min_bin_vheap(const Process *p)
{
    return term_small(p->min_bin_vheap == 0 ? MIN_BIN_VHEAP_DEFAULT
                                            : p->min_bin_vheap);
}

// What is in the mailbox goes there, too.
static Term set_queue_data(Process *p, Term value)
{
    if (!term_same(value, ATOM_on_heap) && !term_same(value, ATOM_off_heap))
        return bif_error(p, ATOM_badarg);
    bool off = p->flags & PROCESS_OFF_HEAP_MESSAGES;
    p->flags &= ~(uint32_t)PROCESS_OFF_HEAP_MESSAGES;
    if (term_same(value, ATOM_off_heap)) {
        p->flags |= PROCESS_OFF_HEAP_MESSAGES;
        off_heap_move(p);
    } else {
        off_heap_join_all(p);
    }
    return off ? ATOM_off_heap : ATOM_on_heap;
}

// Of max_heap_size: a number of words, or a map with size, kill, error_logger
// and include_shared_binaries.
// Given to spawn_opt as well.
static bool read_max_heap_flag(Term map, Term key, uint8_t bit, uint8_t *flags)
{
    Term value = map_get(map, key);
    if (term_is_none(value)) return true; // not said: as it was
    if (!is_boolean(value)) return false;
    *flags &= (uint8_t)~bit;
    if (term_same(value, ATOM_true)) *flags |= bit;
    return true;
}

// [*flags] come in with the node's defaults. Size 0 is no limit, any other less
// than a first heap makes no sense.
bool process_read_max_heap(Term t, size_t *size, uint8_t *flags)
{
    Term n = t;
    if (term_is_map(t)) {
        n = map_get(t, ATOM_size);
        if (term_is_none(n)
            || !read_max_heap_flag(t, ATOM_kill, MAX_HEAP_KILL, flags)
            || !read_max_heap_flag(t, ATOM_error_logger, MAX_HEAP_LOG, flags)
            || !read_max_heap_flag(t, ATOM_include_shared_binaries,
                                   MAX_HEAP_SHARED_BINARIES, flags))
            return false;
    }
    return bif_get_size(n, size) && (*size == 0 || *size >= MIN_HEAP_DEFAULT);
}

// The map has three keys; OTP 25 does not show the fourth.
Term process_limit_map(Node *node, Heap *h, size_t size, unsigned flags)
{
    Term pairs[] = {
        ATOM_error_logger, boolean(flags & MAX_HEAP_LOG),
        ATOM_kill, boolean(flags & MAX_HEAP_KILL),
        ATOM_size, heap_unsigned(h, size),
    };
    return map_from_pairs(h, node->atoms, 3, pairs);
}

Term process_max_heap_map(const Process *p, Heap *h)
{
    return process_limit_map(p->node, h, p->max_heap, p->max_heap_flags);
}

// Looked at by the next collection.
static Term set_max_heap(Process *p, Term value)
{
    size_t size;
    uint8_t flags =
        (uint8_t)atomic_load(&p->node->heap_defaults.max_heap_flags);
    if (!process_read_max_heap(value, &size, &flags))
        return bif_error(p, ATOM_badarg);
    Term old = process_max_heap_map(p, process_heap(p));
    p->max_heap = size;
    p->max_heap_flags = flags;
    return old;
}

// The module that is called for functions that are not there.
static Term set_error_handler(Process *p, Term value)
{
    if (!term_is_atom(value)) return bif_error(p, ATOM_badarg);
    Term old = p->error_handler;
    p->error_handler = value;
    return term_is_none(old) ? ATOM_error_handler : old;
}

// What was saved so far is forgotten.
static Term set_save_calls(Process *p, Term value)
{
    size_t n;
    if (!bif_get_size(value, &n) || n > SAVED_CALLS_MOST)
        return bif_error(p, ATOM_badarg);
    return term_small((intptr_t)saved_calls_set(p, (unsigned)n));
}

// Kept for those who ask: whatever is wished, all may run it.
// 0: any.
static Term set_scheduler(Process *p, Term value)
{
    size_t n;
    if (!bif_get_size(value, &n) || n > p->node->scheduler_count)
        return bif_error(p, ATOM_badarg);
    Term old = term_small(p->wished_scheduler);
    p->wished_scheduler = (uint16_t)n;
    return old;
}

// The process's own flags; badopt for names that are none.
Term bif_erlang_process_flag_2(Process *p, const Term *args)
{
    switch (args[0].bits) {
    case ATOM_BITS_trap_exit:
        return set_bit(p, PROCESS_TRAP_EXIT, args[1]);
    case ATOM_BITS_sensitive:
        return set_bit(p, PROCESS_SENSITIVE, args[1]);
    case ATOM_BITS_async_dist:
        return set_bit(p, PROCESS_ASYNC_DIST, args[1]);
    case ATOM_BITS_priority:
        return set_priority(p, args[1]);
    case ATOM_BITS_fullsweep_after:
        return set_fullsweep(p, args[1]);
    case ATOM_BITS_min_heap_size:
        return set_min_heap(p, args[1]);
    case ATOM_BITS_min_bin_vheap_size:
        return set_min_vheap(p, args[1]);
    case ATOM_BITS_max_heap_size:
        return set_max_heap(p, args[1]);
    case ATOM_BITS_message_queue_data:
        return set_queue_data(p, args[1]);
    case ATOM_BITS_error_handler:
        return set_error_handler(p, args[1]);
    case ATOM_BITS_save_calls:
        return set_save_calls(p, args[1]);
    case ATOM_BITS_scheduler:
        return set_scheduler(p, args[1]);
    default:
        // The cause makes the text "invalid process flag".
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    }
}

static Term answer_save_calls(Node *node, Process *p, Heap *h, Term value)
{
    return p == NULL ? ATOM_badarg : set_save_calls(p, value);
}

// process_flag(Pid, save_calls, N): the only flag of others.
Term bif_erlang_process_flag_3(Process *p, const Term *args)
{
    size_t n;
    if (!term_is_local_pid(args[0]) || !term_same(args[1], ATOM_save_calls))
        return bif_error_cause(p, ATOM_badarg, ATOM_badtype);
    // Checked here: over there nothing can be raised.
    if (!bif_get_size(args[2], &n) || n > SAVED_CALLS_MOST)
        return bif_error(p, ATOM_badarg);
    Term old = request_process(p, args[0], answer_save_calls, args[2], 3, args);
    return term_same(old, ATOM_badarg)
               ? bif_error_cause(p, ATOM_badarg, ATOM_badtype) : old;
}

// ---- giving way ----
// A BIF that yields is called again from the start, with the same arguments.

Term bif_erlang_yield_0(Process *p, const Term *args)
{
    return bif_has_yielded(p) ? ATOM_true : bif_yield(p, 0, args);
}

Term bif_erlang_bump_reductions_1(Process *p, const Term *args)
{
    size_t n;
    if (!bif_get_size(args[0], &n)) return bif_error(p, ATOM_badarg);
    bif_bump(p, n);
    return ATOM_true;
}

// ---- collecting ----

static Term collect_self(Process *p, uint32_t kind, unsigned n,
                         const Term *args)
{
    if (bif_has_yielded(p)) return ATOM_true;
    p->flags |= kind;
    return bif_collect(p, n, args);
}

Term bif_erlang_garbage_collect_0(Process *p, const Term *args)
{
    return collect_self(p, PROCESS_WANTS_SHRINK, 0, args);
}

// One that runs on another scheduler collects when its slice ends.
Term system_task_collect(Node *node, Process *p, Heap *h, Term type)
{
    if (p == NULL) return ATOM_false;
    p->flags |= PROCESS_WANTS_GC;
    if (!term_same(type, ATOM_minor)) p->flags |= PROCESS_WANTS_SHRINK;
    // It holds still: here and now.
    if (process_state(p) != PROCESS_RUNNING) {
        process_collect_now(p);
        // It was found to be larger than it may be: it wakes to end.
        if (process_is_exiting(p)) process_wake(p);
    }
    return ATOM_true;
}

// Dead pids are false, not an error.
Term bif_erlang_garbage_collect_1(Process *p, const Term *args)
{
    if (!term_is_local_pid(args[0])) return bif_error(p, ATOM_badarg);
    if (term_same(args[0], p->pid))
        return collect_self(p, PROCESS_WANTS_SHRINK, 1, args);
    return request_process(p, args[0], system_task_collect, ATOM_major, 1, args);
}

// [{type, major | minor}, {async, Id}]
Term bif_erlang_garbage_collect_2(Process *p, const Term *args)
{
    Term type = ATOM_major, id = TERM_NONE, list = args[1];
    for (; term_is_cons(list); list = term_tail(list)) {
        Term o = term_head(list);
        if (!term_is_tuple_of(o, 2)) break;
        if (term_same(term_tuple_get(o, 0), ATOM_type))
            type = term_tuple_get(o, 1);
        else if (term_same(term_tuple_get(o, 0), ATOM_async))
            id = term_tuple_get(o, 1);
        else
            break;
    }
    // A minor collection looks at young terms only.
    bool minor = term_same(type, ATOM_minor);
    if (!term_is_nil(list) || (!minor && !term_same(type, ATOM_major)))
        return bif_error_cause(p, ATOM_badarg, ATOM_bad_option);
    if (!term_is_local_pid(args[0])) return bif_error(p, ATOM_badarg);
    if (!term_is_none(id)) {
        RequestReply reply = {p->pid, ATOM_garbage_collect, id, false};
        request_async(p->node, args[0], system_task_collect, type, &reply);
        return ATOM_async;
    }
    if (term_same(args[0], p->pid))
        return collect_self(p, minor ? 0 : PROCESS_WANTS_SHRINK, 2, args);
    return request_process(p, args[0], system_task_collect, type, 2, args);
}

// Whether to start a minor collection when the last BIF has built much: here
// they start by themselves.
Term bif_erts_internal_garbage_collect_1(Process *p, const Term *args)
{
    bool minor = term_same(args[0], ATOM_minor);
    return collect_self(p, minor ? 0 : PROCESS_WANTS_SHRINK, 1, args);
}
