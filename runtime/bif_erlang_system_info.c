// SPDX-License-Identifier: Apache-2.0
// erlang: system_info. Items that never change stand in tables of constants,
// the others have a function each.
// Nothing here blocks or takes a lock for longer than reading a number.
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "arith.h"
#include "bif.h"
#include "clock.h"
#include "code.h"
#include "dist.h"
#include "ets.h"
#include "gc.h"
#include "map.h"
#include "nif.h"
#include "online.h"
#include "port.h"
#include "pool.h"
#include "process.h"
#include "process_log.h"
#include "process_table.h"
#include "ref.h"
#include "runtime_bifs.gen.h"
#include "system_info.h"
#include "scheduler.h"
#include "trace.h"

// The release of OTP that merle stands in for.
// Programs ask it to know what they may use, so it is that of the instructions
// and library, not merle's own version.
#define OTP_RELEASE "25"

// Builds on the heap of [p], which is only who asks.
typedef Term (*ItemFunction)(Process *p);

static Term size_term(Process *p, size_t n)
{
    return heap_unsigned(process_heap(p), n);
}

static Term text(Process *p, const char *s)
{
    return heap_string(process_heap(p), s, strlen(s), TERM_NIL);
}

static Term pair(Process *p, Term a, Term b)
{
    return heap_tuple2(process_heap(p), a, b);
}

// ---- constants ----
// What OTP on Linux would say of the same; merle has one way of doing each.

static const struct {
    uintptr_t name, value; // atoms' bits
} atoms[] = {
    {ATOM_BITS_build_type, ATOM_BITS_opt},
    // No limits of a container are looked at.
    {ATOM_BITS_cpu_quota, ATOM_BITS_unknown},
    {ATOM_BITS_cpu_topology, ATOM_BITS_undefined},
    // select_val with many small values jumps by an index.
    {ATOM_BITS_beam_jump_table, ATOM_BITS_true},
    {ATOM_BITS_constant_pool_support, ATOM_BITS_true},
    {ATOM_BITS_debug_compiled, ATOM_BITS_false},
    {ATOM_BITS_ets_always_compress, ATOM_BITS_false},
    {ATOM_BITS_lock_checking, ATOM_BITS_false},
    {ATOM_BITS_lock_counting, ATOM_BITS_false},
    {ATOM_BITS_dynamic_trace, ATOM_BITS_none},
    {ATOM_BITS_dynamic_trace_probes, ATOM_BITS_false},
    {ATOM_BITS_eager_check_io, ATOM_BITS_true},
    {ATOM_BITS_endian, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
                           ? ATOM_BITS_little : ATOM_BITS_big},
    {ATOM_BITS_emu_flavor, ATOM_BITS_emu},
    {ATOM_BITS_emu_type, ATOM_BITS_opt},
    {ATOM_BITS_heap_type, ATOM_BITS_private},
    {ATOM_BITS_kernel_poll, ATOM_BITS_true},
    {ATOM_BITS_modified_timing_level, ATOM_BITS_undefined},
    {ATOM_BITS_port_parallelism, ATOM_BITS_false},
    {ATOM_BITS_scheduler_bind_type, ATOM_BITS_unbound},
    {ATOM_BITS_smp_support, ATOM_BITS_true},
    {ATOM_BITS_threads, ATOM_BITS_true},
    {ATOM_BITS_time_correction, ATOM_BITS_true},
    // It never changes: there are no time warps.
    {ATOM_BITS_time_offset, ATOM_BITS_final},
    {ATOM_BITS_time_warp_mode, ATOM_BITS_no_time_warp},
    {ATOM_BITS_tolerant_timeofday, ATOM_BITS_enabled},
    {ATOM_BITS_update_cpu_info, ATOM_BITS_unchanged},
};

// context_reductions is the length of a slice here, as it is there.
static const struct {
    uintptr_t name;
    int64_t value;
} numbers[] = {
    {ATOM_BITS_compat_rel, 25}, // its release
    // Reductions of a process before another gets its turn.
    {ATOM_BITS_context_reductions, SLICE_REDUCTIONS},
    {ATOM_BITS_delayed_node_table_gc, 60},
    {ATOM_BITS_dirty_io_schedulers, POOL_IO_SCHEDULERS},
    // Monotonic time, in native units, that the clock may reach.
    {ATOM_BITS_end_time, 8646911283000000000},
    {ATOM_BITS_ets_limit, 8192}, // a recommendation; tables have no limit
    {ATOM_BITS_wordsize, 8},     // bytes
};

static const struct {
    uintptr_t name;
    const char *value;
} texts[] = { // as a list of characters
    {ATOM_BITS_driver_version, "3.3"},
    {ATOM_BITS_machine, "BEAM"},
    {ATOM_BITS_nif_version, "2.16"},
    {ATOM_BITS_otp_release, OTP_RELEASE},
    {ATOM_BITS_system_architecture, "x86_64-pc-linux-gnu"},
    {ATOM_BITS_version, ERTS_VERSION},
};

// Known to OTP, with nothing in them here.
static const uintptr_t empty_lists[] = {
    ATOM_BITS_alloc_util_allocators, ATOM_BITS_check_io,
};

// ---- what varies ----

static Term atom_count_item(Process *p)
{
    return size_term(p, atom_count(p->node->atoms));
}

// Of the connections to other nodes.
static Term dist_ctrl(Process *p)
{
    return dist_list_carriers(p->node, process_heap(p));
}

static Term atom_limit_item(Process *p)
{
    return size_term(p, atom_limit(p->node->atoms));
}

static Term requests_limit(Process *p)
{
    return term_small((intptr_t)atomic_load(&p->node->requests_limit));
}

static Term system_logger(Process *p)
{
    return process_logger(p->node);
}

// The list is made only to be counted: nobody asks often.
static Term ets_count(Process *p)
{
    Term all = ets_all(p->node, process_heap(p));
    return term_small(term_list_length(all));
}

// For a walk over all exports.
typedef struct {
    Heap *heap; // of the process that asks
    Term list;  // names found so far
} Functions;

static void add_if_bif(Export *e, void *data)
{
    Functions *f = data;
    // Exports of Erlang code have no C function.
    if (e->bif == NULL) return;
    Term name = heap_tuple3(f->heap, e->module, e->function,
                            term_small(e->arity));
    f->list = heap_cons(f->heap, name, f->list);
}

// {Module, Function, Arity} of all that is written in C.
// OTP's name for it: snifs.
static Term static_functions(Process *p)
{
    Functions f = {process_heap(p), TERM_NIL};
    code_each_export(p->node, add_if_bif, &f);
    return f.list;
}

// {gnuc, Version}: clang says it is gcc 4.2.
static Term compiler(Process *p)
{
    Heap *h = process_heap(p);
    Term version = heap_tuple3(h, term_small(__GNUC__),
                               term_small(__GNUC_MINOR__),
                               term_small(__GNUC_PATCHLEVEL__));
    return heap_tuple2(h, ATOM_gnuc, version);
}

// Memory is malloc's; which one that is, is not known.
static Term allocator(Process *p)
{
    Term n = TERM_NIL;
    return heap_tuple(process_heap(p), 4, (Term[]){ATOM_undefined, n, n, n});
}

// The same as erlang:memory(), under its old name.
static Term allocated_areas(Process *p)
{
    return bif_erlang_memory_0(p, NULL);
}

// The flag +A; there is at least one.
static Term thread_pool(Process *p)
{
    size_t threads = p->node->options.pool_threads;
    return size_term(p, threads == 0 ? 1 : threads);
}

static Term break_ignored(Process *p)
{
    return p->node->options.break_mode == 'i' ? ATOM_true : ATOM_false;
}

// Each default may be set by erlang:system_flag.
// Collections of the young part before a whole one.
static Term fullsweep(Process *p)
{
    unsigned n = atomic_load(&p->node->heap_defaults.fullsweep_after);
    return pair(p, ATOM_fullsweep_after, term_small(n));
}

// Of a process that did not ask otherwise.
static Term message_queue_data(Process *p)
{
    return p->node->heap_defaults.off_heap_messages ? ATOM_off_heap
                                                    : ATOM_on_heap;
}

static Term min_heap(Process *p)
{
    size_t n = atomic_load(&p->node->heap_defaults.min_heap);
    // 0: no flag was given.
    return pair(p, ATOM_min_heap_size,
                size_term(p, n == 0 ? MIN_HEAP_DEFAULT : n));
}

static Term min_bin_vheap(Process *p)
{
    size_t n = atomic_load(&p->node->heap_defaults.min_bin_vheap);
    return pair(p, ATOM_min_bin_vheap_size,
                size_term(p, n == 0 ? MIN_BIN_VHEAP_DEFAULT : n));
}

static Term max_heap(Process *p)
{
    const HeapDefaults *d = &p->node->heap_defaults;
    // A map: #{error_logger, kill, size, ...}.
    return process_limit_map(p->node, process_heap(p),
                             atomic_load(&d->max_heap),
                             atomic_load(&d->max_heap_flags));
}

static Term max_heap_words(Process *p)
{
    return size_term(p, atomic_load(&p->node->heap_defaults.max_heap));
}

// As pairs, in OTP's order.
static Term collection(Process *p)
{
    Term items[] = {pair(p, ATOM_max_heap_size, max_heap_words(p)),
                    min_bin_vheap(p), min_heap(p), fullsweep(p)};
    return heap_list(process_heap(p), 4, items, TERM_NIL);
}

// Sizes that a first heap can have.
static Term heap_sizes(Process *p)
{
    Term list = TERM_NIL;
    size_t sizes[GC_SIZES];
    for (size_t i = gc_sizes(sizes); i-- > 0;)
        list = heap_cons(process_heap(p), size_term(p, sizes[i]), list);
    return list;
}

static Term schedulers(Process *p)
{
    return term_small(p->node->scheduler_count);
}

static Term schedulers_online(Process *p)
{
    return term_small(online_count(p->node));
}

// Schedulers that may run now, a bit each.
static Term schedulers_active(Process *p)
{
    return term_small(__builtin_popcountl(atomic_load(&p->node->allowed)));
}

static Term multi_scheduling(Process *p)
{
    return online_state(p->node);
}

// Processes that have asked for a single scheduler.
static Term blockers(Process *p)
{
    return online_blockers(p->node, process_heap(p), BLOCK_ALL);
}

static Term normal_blockers(Process *p)
{
    return online_blockers(p->node, process_heap(p), BLOCK_NORMAL);
}

static Term processors(Process *p)
{
    return term_small(sysconf(_SC_NPROCESSORS_CONF));
}

static Term processors_online(Process *p)
{
    return term_small(sysconf(_SC_NPROCESSORS_ONLN));
}

// Where the process runs; numbers begin with 1.
static Term scheduler_id(Process *p)
{
    return term_small(process_home(p)->index + 1);
}

// No thread is bound to a core.
static Term bindings(Process *p)
{
    // A tuple of any size: heap_tuple would need the elements in an array
    // first.
    Term *box = heap_alloc(process_heap(p), p->node->scheduler_count + 1);
    box[0] = term_header(SUBTAG_TUPLE, p->node->scheduler_count);
    for (unsigned i = 1; i <= p->node->scheduler_count; i++)
        box[i] = ATOM_unbound;
    return term_from_box(box);
}

// {Schedulers, Online, Active}
static Term schedulers_state(Process *p)
{
    return heap_tuple3(process_heap(p), schedulers(p), schedulers_online(p),
                       schedulers_active(p));
}

// Threads of the pool stand for both kinds of dirty schedulers.
static Term all_schedulers_state(Process *p)
{
    Heap *h = process_heap(p);
    Term n = schedulers(p), io = term_small(POOL_IO_SCHEDULERS);
    Term items[] = {
        heap_tuple(h, 4, (Term[]){ATOM_normal, n, schedulers_online(p),
                                  schedulers_active(p)}),
        heap_tuple(h, 4, (Term[]){ATOM_dirty_cpu, n, n, n}),
        heap_tuple(h, 4, (Term[]){ATOM_dirty_io, io, io, io}),
    };
    return heap_list(h, 3, items, TERM_NIL);
}

// Exiting ones count as long as their place is taken.
static Term process_count(Process *p)
{
    return size_term(p, process_table_count(p->node->processes));
}

static Term process_limit(Process *p)
{
    return size_term(p, process_table_limit(p->node->processes));
}

static Term port_count(Process *p)
{
    return term_small((intptr_t)port_table_count(p->node));
}

// 0 without a name.
static Term creation(Process *p)
{
    RemoteNode *own = atomic_load(&p->node->this_node);
    return heap_unsigned(process_heap(p), own->creation);
}

static Term dist_busy_limit(Process *p)
{
    return size_term(p, p->node->dist->busy_limit);
}

static Term port_limit(Process *p)
{
    size_t limit = p->node->options.port_limit;
    return size_term(p, limit == 0 ? 65536 : limit); // OTP's default
}

// Monotonic time at the start, in native units.
static Term start_time(Process *p)
{
    return heap_integer(process_heap(p),
                        clock_to_erlang(p->node->start_time));
}

static Term os_type(Process *p)
{
    return pair(p, ATOM_unix, ATOM_linux);
}

// What the machine does by itself: the C compiler's atomics.
// erlang:system_info(ethread_info), for reports.
static Term thread_info(Process *p)
{
    static const char *const sizes[] = {"Double word native atomics",
                                        "64-bit native atomics",
                                        "32-bit native atomics"};
    // Two words at once are not asked for.
    static const bool native[] = {false, ATOMIC_LLONG_LOCK_FREE == 2,
                                  ATOMIC_INT_LOCK_FREE == 2};
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        Term item = heap_tuple3(h, text(p, sizes[i]),
                                text(p, native[i] ? "yes" : "no"),
                                text(p, native[i] ? "stdatomic" : ""));
        list = heap_cons(h, item, list);
    }
    return list;
}

// {Major, Minor, Patch} of the system's kernel.
// "6.1.0-18-amd64" is {6, 1, 0}.
static Term os_version(Process *p)
{
    struct utsname system;
    int part[3] = {0, 0, 0}; // a release may have fewer numbers
    if (uname(&system) == 0)
        sscanf(system.release, "%d.%d.%d", &part[0], &part[1], &part[2]);
    return heap_tuple3(process_heap(p), term_small(part[0]),
                       term_small(part[1]), term_small(part[2]));
}

// Printed by the shell as its first line, so it ends one.
void system_info_version(const Node *node, char *s, size_t size)
{
    unsigned n = node->scheduler_count;
    snprintf(s, size,
             "Erlang/OTP " OTP_RELEASE " [erts-" ERTS_VERSION
             "] [merle] [64-bit] [smp:%u:%u] [ds:%u:%u:10] "
             "[async-threads:1]\n", n, n, n, n);
}

static Term system_version(Process *p)
{
    char s[160];
    system_info_version(p->node, s, sizeof s);
    return text(p, s);
}

// Proplist of OTP, whose names are clock_gettime's.
static Term time_source(Process *p, Term clock, int64_t now, bool extended)
{
    Heap *h = process_heap(p);
    Term items[6];
    size_t n = 0;
    items[n++] = pair(p, ATOM_function, ATOM_clock_gettime);
    items[n++] = pair(p, ATOM_clock_id, clock);
    items[n++] = pair(p, ATOM_resolution, term_small(1000000000));
    if (extended) items[n++] = pair(p, ATOM_extended, ATOM_no);
    items[n++] = pair(p, ATOM_parallel, ATOM_yes);
    items[n++] = pair(p, ATOM_time, heap_integer(h, now));
    return heap_list(h, n, items, TERM_NIL);
}

static Term monotonic_source(Process *p)
{
    return time_source(p, ATOM_CLOCK_MONOTONIC, clock_monotonic(), true);
}

static Term system_source(Process *p)
{
    return time_source(p, ATOM_CLOCK_REALTIME, clock_system(p->node), false);
}

// Of crash dumps: OTP gives much text, merle points elsewhere.
static Term procs_text(Process *p)
{
    return heap_binary(process_heap(p), "=processes\n", 11);
}

// {sequential_tracer, false | Pid | Port}
static Term sequential_tracer(Process *p)
{
    Term tracer = atomic_load(&p->node->trace->seq_tracer);
    return pair(p, ATOM_sequential_tracer,
                term_is_none(tracer) ? ATOM_false : tracer);
}

// The modules that have brought native functions in.
static Term taints(Process *p)
{
    return nif_modules(p->node, process_heap(p));
}

static Term control_word(Process *p)
{
    return term_small((intptr_t)atomic_load(&p->node->trace->control_word));
}

// Several names may lead to one function.
static const struct {
    uintptr_t name;
    ItemFunction function;
} functions[] = {
    {ATOM_BITS_all_schedulers_state, all_schedulers_state},
    {ATOM_BITS_allocated_areas, allocated_areas},
    {ATOM_BITS_allocator, allocator},
    {ATOM_BITS_atom_count, atom_count_item},
    {ATOM_BITS_atom_limit, atom_limit_item},
    {ATOM_BITS_creation, creation},
    {ATOM_BITS_dist_buf_busy_limit, dist_busy_limit},
    {ATOM_BITS_dist_ctrl, dist_ctrl},
    {ATOM_BITS_outstanding_system_requests_limit, requests_limit},
    {ATOM_BITS_break_ignored, break_ignored},
    {ATOM_BITS_c_compiler_used, compiler},
    {ATOM_BITS_dirty_cpu_schedulers, schedulers},
    {ATOM_BITS_dirty_cpu_schedulers_online, schedulers},
    {ATOM_BITS_ethread_info, thread_info},
    {ATOM_BITS_ets_count, ets_count},
    {ATOM_BITS_system_logger, system_logger},
    {ATOM_BITS_fullsweep_after, fullsweep},
    {ATOM_BITS_garbage_collection, collection},
    {ATOM_BITS_heap_sizes, heap_sizes},
    {ATOM_BITS_info, procs_text},
    {ATOM_BITS_logical_processors, processors},
    {ATOM_BITS_logical_processors_available, processors_online},
    {ATOM_BITS_logical_processors_online, processors_online},
    {ATOM_BITS_max_heap_size, max_heap},
    {ATOM_BITS_min_bin_vheap_size, min_bin_vheap},
    {ATOM_BITS_min_heap_size, min_heap},
    {ATOM_BITS_multi_scheduling, multi_scheduling},
    {ATOM_BITS_multi_scheduling_blockers, blockers},
    {ATOM_BITS_message_queue_data, message_queue_data},
    {ATOM_BITS_normal_multi_scheduling_blockers, normal_blockers},
    {ATOM_BITS_os_monotonic_time_source, monotonic_source},
    {ATOM_BITS_os_system_time_source, system_source},
    {ATOM_BITS_os_type, os_type},
    {ATOM_BITS_os_version, os_version},
    {ATOM_BITS_port_count, port_count},
    {ATOM_BITS_port_limit, port_limit},
    {ATOM_BITS_process_count, process_count},
    {ATOM_BITS_process_limit, process_limit},
    {ATOM_BITS_procs, procs_text},
    {ATOM_BITS_scheduler_bindings, bindings},
    {ATOM_BITS_scheduler_id, scheduler_id},
    {ATOM_BITS_run_queues, schedulers},
    {ATOM_BITS_schedulers, schedulers},
    {ATOM_BITS_schedulers_active, schedulers_active},
    {ATOM_BITS_schedulers_online, schedulers_online},
    {ATOM_BITS_schedulers_state, schedulers_state},
    {ATOM_BITS_sequential_tracer, sequential_tracer},
    {ATOM_BITS_snifs, static_functions},
    {ATOM_BITS_start_time, start_time},
    {ATOM_BITS_system_version, system_version},
    {ATOM_BITS_taints, taints},
    {ATOM_BITS_thread_pool_size, thread_pool},
    {ATOM_BITS_trace_control_word, control_word},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

// By the name's bits: each table is a few dozen rows.
static Term find_constant(Process *p, Term name)
{
    for (size_t i = 0; i < COUNT(atoms); i++)
        if (atoms[i].name == name.bits) return (Term){atoms[i].value};
    for (size_t i = 0; i < COUNT(numbers); i++)
        if (numbers[i].name == name.bits)
            return heap_integer(process_heap(p), numbers[i].value);
    for (size_t i = 0; i < COUNT(texts); i++)
        if (texts[i].name == name.bits) return text(p, texts[i].value);
    for (size_t i = 0; i < COUNT(empty_lists); i++)
        if (empty_lists[i] == name.bits) return TERM_NIL;
    // None: the functions are looked through next.
    return TERM_NONE;
}

// {wordsize, internal}, {cpu_topology, used} and the like.
// wordsize has two kinds in OTP; they are the same on 64 bits.
static Term find_pair(Process *p, Term item)
{
    if (!term_is_tuple_of(item, 2)) return TERM_NONE;
    Term key = term_tuple_get(item, 0);
    if (term_same(key, ATOM_wordsize)) return term_small(8);
    if (term_same(key, ATOM_cpu_topology)) return ATOM_undefined;
    if (term_same(key, ATOM_allocator)) return ATOM_false;
    if (term_same(key, ATOM_allocator_sizes)) return ATOM_false;
    return TERM_NONE;
}

// An unknown item is badarg; erl_erts_errors then says so.
Term bif_erlang_system_info_1(Process *p, const Term *args)
{
    Term found = find_pair(p, args[0]);
    if (term_is_none(found)) found = find_constant(p, args[0]);
    if (!term_is_none(found)) return found;
    for (size_t i = 0; i < COUNT(functions); i++)
        if (functions[i].name == args[0].bits) return functions[i].function(p);
    return bif_error(p, ATOM_badarg);
}
