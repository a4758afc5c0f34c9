// SPDX-License-Identifier: Apache-2.0
// erlang: spawning.
//
// All forms come down to spawn(): those with a fun start erlang:apply/2. On
// other nodes they are requests (dist.h), which dist_spawn.erl waits for.
// The terms of the call are copied to the new process within process_spawn; [p]
// is charged for it.
#include "atom.h"
#include "bif.h"
#include "code.h"
#include "dist.h"
#include "gc.h"
#include "loop_slow.h"
#include "process.h"
#include "ref.h"
#include "remote.h"
#include "runtime_bifs.gen.h"
#include "scheduler.h"
#include "seq_trace.h"
#include "signal.h"

// ---- options ----

static bool read_size(Term t, size_t *n)
{
    return bif_get_size(t, n);
}

// Options of spawn_opt. A false answer is badopt for the whole list.
static bool read_priority(Term t, uint8_t *priority)
{
    switch (t.bits) {
    case ATOM_BITS_max:
        *priority = PRIORITY_MAX;
        return true;
    case ATOM_BITS_high:
        *priority = PRIORITY_HIGH;
        return true;
    case ATOM_BITS_normal:
        *priority = PRIORITY_NORMAL;
        return true;
    case ATOM_BITS_low:
        *priority = PRIORITY_LOW;
        return true;
    default:
        return false;
    }
}

// {monitor, [{alias, How}, {tag, Term}]}: read again when the monitor is made.
static bool read_monitor_options(Term list)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term o = term_head(list);
        if (!term_is_tuple_of(o, 2)) return false;
        Term key = term_tuple_get(o, 0), value = term_tuple_get(o, 1);
        if (term_same(key, ATOM_tag)) continue; // any term
        if (!term_same(key, ATOM_alias)) return false;
        if (!term_same(value, ATOM_explicit_unalias)
            && !term_same(value, ATOM_demonitor)
            && !term_same(value, ATOM_reply_demonitor))
            return false;
    }
    return term_is_nil(list);
}

// Options with a value; those that are only asked for later are kept.
static bool read_pair(Term key, Term value, SpawnOptions *o)
{
    size_t n;
    switch (key.bits) {
    case ATOM_BITS_priority:
        return read_priority(value, &o->priority);
    case ATOM_BITS_fullsweep_after:
        if (!read_size(value, &n)) return false;
        // Kept in 16 bits.
        o->fullsweep_after = n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
        return true;
    case ATOM_BITS_min_heap_size:
        // The default, which stands there, is the least.
        if (!read_size(value, &n)) return false;
        if (n > o->min_heap) o->min_heap = n;
        return true;
    case ATOM_BITS_min_bin_vheap_size:
        if (!read_size(value, &n) || n > UINT32_MAX) return false;
        o->min_bin_vheap = (uint32_t)n;
        return true;
    case ATOM_BITS_scheduler: // all may run it, whatever was wished
        return read_size(value, &n) && n <= SCHEDULERS_MOST;
    case ATOM_BITS_max_heap_size:
        return process_read_max_heap(value, &o->max_heap, &o->max_heap_flags);
    case ATOM_BITS_message_queue_data:
        o->flags &= ~(uint32_t)PROCESS_OFF_HEAP_MESSAGES;
        if (term_same(value, ATOM_off_heap))
            o->flags |= PROCESS_OFF_HEAP_MESSAGES;
        return term_same(value, ATOM_off_heap)
               || term_same(value, ATOM_on_heap);
    case ATOM_BITS_monitor:
        o->monitor = true;
        o->monitor_options = value;
        return read_monitor_options(value);
    default:
        return false;
    }
}

// [o] was set to the process's defaults before.
bool spawn_options_read(SpawnOptions *o, Term list)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term option = term_head(list);
        if (term_same(option, ATOM_link))
            o->link = true;
        else if (term_same(option, ATOM_monitor))
            o->monitor = true;
        else if (!term_is_tuple_of(option, 2)
                 || !read_pair(term_tuple_get(option, 0),
                               term_tuple_get(option, 1), o))
            return false;
    }
    return term_is_nil(list);
}

// ---- what to run ----

// Arguments must be a proper list; whether the function is there shows when it
// runs.
static bool set_function(SpawnOptions *o, Term m, Term f, Term args)
{
    o->module = m;
    o->function = f;
    o->args = args;
    return term_is_atom(m) && term_is_atom(f) && term_list_length(args) >= 0;
}

// A fun's arity is not checked here: the new process dies of badarity, as in
// OTP.
static bool set_fun(Process *p, SpawnOptions *o, Term fun)
{
    Heap *h = process_heap(p);
    if (!term_is_fun(fun)) return false;
    // apply(Fun, [])
    Term args = heap_cons(h, TERM_NIL, TERM_NIL);
    args = heap_cons(h, fun, args);
    return set_function(o, ATOM_erlang, ATOM_apply, args);
}

// nonode@nohost is this node too, when it has no name.
static bool is_this_node(Process *p, Term node)
{
    return term_same(node, atomic_load(&p->node->name));
}

// ---- doing it ----
// The limit of processes is the only failure of a good call.

static Term spawn(Process *p, const SpawnOptions *o)
{
    Term ref = TERM_NONE;
    Term pid = process_spawn(p->node, p, o, &ref);
    if (term_is_none(pid)) return bif_error(p, ATOM_system_limit);
    // A spawn is dearer than a call.
    bif_bump(p, 10);
    if (!o->monitor) return pid;
    return heap_tuple2(process_heap(p), pid, ref);
}

static Term spawn_mfa(Process *p, const Term *mfa, SpawnOptions *o)
{
    if (!set_function(o, mfa[0], mfa[1], mfa[2]))
        return bif_error(p, ATOM_badarg);
    return spawn(p, o);
}

static Term spawn_fun(Process *p, Term fun, SpawnOptions *o)
{
    if (!set_fun(p, o, fun)) return bif_error(p, ATOM_badarg);
    return spawn(p, o);
}

static SpawnOptions options_with(Process *p, bool link, bool monitor)
{
    SpawnOptions o;
    spawn_options_init(&o, p);
    o.link = link;
    o.monitor = monitor;
    return o;
}

// The forms without options are the common ones.
Term bif_erlang_spawn_1(Process *p, const Term *args)
{
    SpawnOptions o = options_with(p, false, false);
    return spawn_fun(p, args[0], &o);
}

Term bif_erlang_spawn_3(Process *p, const Term *args)
{
    SpawnOptions o = options_with(p, false, false);
    return spawn_mfa(p, args, &o);
}

Term bif_erlang_spawn_link_1(Process *p, const Term *args)
{
    SpawnOptions o = options_with(p, true, false);
    return spawn_fun(p, args[0], &o);
}

Term bif_erlang_spawn_link_3(Process *p, const Term *args)
{
    SpawnOptions o = options_with(p, true, false);
    return spawn_mfa(p, args, &o);
}

Term bif_erlang_spawn_monitor_1(Process *p, const Term *args)
{
    SpawnOptions o = options_with(p, false, true);
    return spawn_fun(p, args[0], &o);
}

Term bif_erlang_spawn_monitor_3(Process *p, const Term *args)
{
    SpawnOptions o = options_with(p, false, true);
    return spawn_mfa(p, args, &o);
}

// Bad options are found before bad functions.
Term bif_erlang_spawn_opt_2(Process *p, const Term *args)
{
    SpawnOptions o = options_with(p, false, false);
    if (!spawn_options_read(&o, args[1]))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    return spawn_fun(p, args[0], &o);
}

Term bif_erlang_spawn_opt_4(Process *p, const Term *args)
{
    SpawnOptions o = options_with(p, false, false);
    if (!spawn_options_read(&o, args[3]))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    return spawn_mfa(p, args, &o);
}

// ---- on a node ----
// spawn(Node, ...) with the node first.

// spawn_opt in the module for other nodes, for [n] arguments behind the node
// and with [options] before those that stand there.
// In Erlang, since an answer has to be waited for.
static Term elsewhere(Process *p, const Term *args, unsigned n, Term options)
{
    SpawnOptions o;
    spawn_options_init(&o, p);
    bool good = n == 1 ? set_fun(p, &o, args[1])
                       : set_function(&o, args[1], args[2], args[3]);
    if (!good) return bif_error(p, ATOM_badarg);
    Term all[] = {args[0], o.module, o.function, o.args, options};
    return bif_trap(p, ATOM_dist_spawn, ATOM_spawn_opt, 5, all);
}

// For the forms with a node first, of [n] arguments behind it: this one, or
// another.
// spawn/2 on this node is spawn/1 with the rest of the arguments.
static Term on_node(Process *p, const Term *args, BifFunction here, unsigned n,
                    Term options)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    if (is_this_node(p, args[0])) return here(p, args + 1);
    return elsewhere(p, args, n, options);
}

// A list of one option, for the other node.
static Term option(Process *p, Term o)
{
    return heap_cons(process_heap(p), o, TERM_NIL);
}

Term bif_erlang_spawn_2(Process *p, const Term *args)
{
    return on_node(p, args, bif_erlang_spawn_1, 1, TERM_NIL);
}

Term bif_erlang_spawn_4(Process *p, const Term *args)
{
    return on_node(p, args, bif_erlang_spawn_3, 3, TERM_NIL);
}

Term bif_erlang_spawn_link_2(Process *p, const Term *args)
{
    return on_node(p, args, bif_erlang_spawn_link_1, 1, option(p, ATOM_link));
}

Term bif_erlang_spawn_link_4(Process *p, const Term *args)
{
    return on_node(p, args, bif_erlang_spawn_link_3, 3, option(p, ATOM_link));
}

Term bif_erlang_spawn_monitor_2(Process *p, const Term *args)
{
    return on_node(p, args, bif_erlang_spawn_monitor_1, 1,
                   option(p, ATOM_monitor));
}

Term bif_erlang_spawn_monitor_4(Process *p, const Term *args)
{
    return on_node(p, args, bif_erlang_spawn_monitor_3, 3,
                   option(p, ATOM_monitor));
}

Term bif_erlang_spawn_opt_3(Process *p, const Term *args)
{
    return on_node(p, args, bif_erlang_spawn_opt_2, 1, args[2]);
}

Term bif_erlang_spawn_opt_5(Process *p, const Term *args)
{
    return on_node(p, args, bif_erlang_spawn_opt_4, 3, args[4]);
}

// ---- spawn_request ----
// Never waits: the reply comes as a message, here too.

// {reply_tag, T}, {reply, yes | no | success_only | error_only}
typedef struct {
    Term tag;            // of the reply
    bool success, error; // which replies are wanted
} ReplyWish;

// What is none of the four stays among the other options.
static bool read_wish(Term value, ReplyWish *wish)
{
    bool yes = term_same(value, ATOM_yes);
    bool success = yes || term_same(value, ATOM_success_only);
    bool error = yes || term_same(value, ATOM_error_only);
    if (!success && !error && !term_same(value, ATOM_no)) return false;
    wish->success = success;
    wish->error = error;
    return true;
}

// Takes the options that only spawn_request has out of the list; the others,
// in [*rest], are those of spawn_opt.
// The tag is spawn_reply if nothing is said.
static bool read_request(Process *p, Term list, ReplyWish *wish, Term *rest)
{
    *wish = (ReplyWish){ATOM_spawn_reply, true, true};
    *rest = TERM_NIL;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term o = term_head(list);
        bool pair = term_is_tuple_of(o, 2);
        if (pair && term_same(term_tuple_get(o, 0), ATOM_reply_tag)) {
            wish->tag = term_tuple_get(o, 1);
        } else if (pair && term_same(term_tuple_get(o, 0), ATOM_reply)
                   && read_wish(term_tuple_get(o, 1), wish)) {
            continue;
        } else { // a good one of spawn_opt, or none at all
            // The order turns round, which changes nothing.
            *rest = heap_cons(process_heap(p), o, *rest);
        }
    }
    return term_is_nil(list);
}

// {Tag, Reference, ok | error, PidOrReason}
static void send_reply(Process *p, const ReplyWish *wish, Term ref,
                       Term result, Term value)
{
    Term reply = heap_tuple(process_heap(p), 4, (Term[]){
        wish->tag, ref, result, value});
    // Sequential tracing has told of it when the process was spawned.
    bool told = seq_trace_is_on(p) && term_same(result, ATOM_ok);
    signal_send_message(p->node, told ? NULL : p, p->pid, reply);
}

// Spawns what [o] says; [options] are those of spawn_request.
// A bad option is told by the reply, not by an error: badopt.
static Term request_spawn(Process *p, SpawnOptions *o, Term options)
{
    ReplyWish wish;
    Term rest, ref = TERM_NONE;
    if (!read_request(p, options, &wish, &rest))
        return bif_error(p, ATOM_badarg);
    bool good = spawn_options_read(o, rest);
    if (seq_trace_is_on(p) && !o->monitor) {
        o->request = ref = ref_new(p->node, process_heap(p));
        o->reply_tag = wish.tag;
    }
    Term pid = good ? process_spawn(p->node, p, o, &ref) : TERM_NONE;
    // The reply needs a reference, even where nothing was monitored.
    if (term_is_none(ref)) ref = ref_new(p->node, process_heap(p));
    if (!term_is_none(pid) && wish.success)
        send_reply(p, &wish, ref, ATOM_ok, pid);
    if (term_is_none(pid) && wish.error)
        send_reply(p, &wish, ref, ATOM_error,
                   good ? ATOM_system_limit : ATOM_badopt);
    return ref;
}

// The options as another node may know them: what a monitor is to do here is
// not its concern.
// {monitor, Options} goes as monitor.
static Term plain_options(Process *p, Term list)
{
    Term plain = TERM_NIL;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term o = term_head(list);
        bool monitor = term_is_tuple_of(o, 2)
                       && term_same(term_tuple_get(o, 0), ATOM_monitor);
        plain = heap_cons(process_heap(p), monitor ? ATOM_monitor : o, plain);
    }
    return plain;
}

// A request for another node.
static Term request_elsewhere(Process *p, Term node, const Term *mfa,
                              Term options)
{
    ReplyWish wish;
    Term rest;
    SpawnOptions o = options_with(p, false, false);
    if (!term_is_atom(node) || !set_function(&o, mfa[0], mfa[1], mfa[2])
        || !read_request(p, options, &wish, &rest))
        return bif_error(p, ATOM_badarg);
    // Options are checked here, so no message is sent in vain.
    if (!spawn_options_read(&o, rest)) {
        Term ref = ref_new(p->node, process_heap(p));
        if (wish.error) send_reply(p, &wish, ref, ATOM_error, ATOM_badopt);
        return ref;
    }
    // A view of the request: dist_spawn copies what it keeps.
    SpawnRequest r = {.node = node, .module = mfa[0], .function = mfa[1],
                      .args = mfa[2], .options = plain_options(p, rest),
                      .tag = wish.tag, .success = wish.success,
                      .error = wish.error, .monitor = o.monitor,
                      .monitor_options = o.monitor_options};
    return dist_spawn(p, &r);
}

// A fun of no arguments is the only one that makes sense.
static Term request_fun_elsewhere(Process *p, Term node, Term fun,
                                  Term options)
{
    SpawnOptions o = options_with(p, false, false);
    if (!slow_is_function(fun, term_small(0)) || !set_fun(p, &o, fun))
        return bif_error(p, ATOM_badarg);
    return request_elsewhere(p, node, (Term[]){ATOM_erlang, ATOM_apply, o.args},
                             options);
}

// Here, unlike spawn/1, the arity is checked.
static Term request_fun(Process *p, Term fun, Term options)
{
    SpawnOptions o = options_with(p, false, false);
    if (!slow_is_function(fun, term_small(0)) || !set_fun(p, &o, fun))
        return bif_error(p, ATOM_badarg);
    return request_spawn(p, &o, options);
}

static Term request_mfa(Process *p, const Term *mfa, Term options)
{
    SpawnOptions o = options_with(p, false, false);
    if (!set_function(&o, mfa[0], mfa[1], mfa[2]))
        return bif_error(p, ATOM_badarg);
    return request_spawn(p, &o, options);
}

// By the number and kinds of arguments the form is told.
Term bif_erlang_spawn_request_1(Process *p, const Term *args)
{
    return request_fun(p, args[0], TERM_NIL);
}

Term bif_erlang_spawn_request_2(Process *p, const Term *args)
{
    if (term_is_atom(args[0])) { // Node, Fun
        if (is_this_node(p, args[0])) return request_fun(p, args[1], TERM_NIL);
        return request_fun_elsewhere(p, args[0], args[1], TERM_NIL);
    }
    return request_fun(p, args[0], args[1]);
}

Term bif_erlang_spawn_request_3(Process *p, const Term *args)
{
    if (term_is_fun(args[1])) { // Node, Fun, Options
        if (is_this_node(p, args[0])) return request_fun(p, args[1], args[2]);
        return request_fun_elsewhere(p, args[0], args[1], args[2]);
    }
    return request_mfa(p, args, TERM_NIL);
}

Term bif_erlang_spawn_request_4(Process *p, const Term *args)
{
    if (term_is_atom(args[2])) { // Node, Module, Function, Args
        if (is_this_node(p, args[0])) return request_mfa(p, args + 1, TERM_NIL);
        return request_elsewhere(p, args[0], args + 1, TERM_NIL);
    }
    return request_mfa(p, args, args[3]);
}

// Only this one has all five.
Term bif_erlang_spawn_request_5(Process *p, const Term *args)
{
    if (is_this_node(p, args[0])) return request_mfa(p, args + 1, args[4]);
    return request_elsewhere(p, args[0], args + 1, args[4]);
}

// A request for this node is done when spawn_request returns.
// So there is nothing to forget: false.
Term bif_erlang_spawn_request_abandon_1(Process *p, const Term *args)
{
    if (!term_is_ref(args[0])) return bif_error(p, ATOM_badarg);
    bool forgotten = ref_is_local(args[0]) && dist_spawn_abandon(p, args[0]);
    return forgotten ? ATOM_true : ATOM_false;
}
