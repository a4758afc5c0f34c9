// SPDX-License-Identifier: Apache-2.0
// erlang: process_info. Each item has a function that answers its value; it
// runs in the context of the process that is asked (request.h).
// Nothing runs meanwhile, so what an item function reads holds still. It builds
// on [h], which may be another process's heap, and copies what lies on the heap
// of [p] unless that is [p]'s own.
#include <stdio.h>

#include "bif.h"
#include "buffer.h"
#include "code.h"
#include "copy.h"
#include "dictionary.h"
#include "dist_damaged.h"
#include "gc.h"
#include "map.h"
#include "nif.h"
#include "off_heap.h"
#include "old_space.h"
#include "print.h"
#include "process.h"
#include "process_info.h"
#include "process_table.h"
#include "ref.h"
#include "relation.h"
#include "remote.h"
#include "request.h"
#include "runtime_bifs.gen.h"
#include "saved_calls.h"
#include "trace.h"

// [p] is the one that is asked about.
typedef Term (*ItemFunction)(Process *p, Heap *h);

// Of exception.h.
Term exception_current_trace(Process *p, Heap *h, const CodeWord *pc);
Term exception_location(Heap *h, const CodePlace *place, Term info);

static Term boolean(bool b)
{
    return b ? ATOM_true : ATOM_false;
}

// ---- where it is ----

// {Module, Function, Arity}
static Term mfa(Heap *h, Term m, Term f, uint32_t arity)
{
    return heap_tuple3(h, m, f, term_small(arity));
}

// Where [p] is; in the stub of a BIF that is where it will return to.
static bool find_place(Process *p, CodePlace *place)
{
    int words;
    if (p->pc == NULL) return false;
    if (code_place(p->node, p->pc, place)) return true;
    const Term *at = p->stack;
    // Frames of the tracer are passed over.
    while (at < p->stack_base
           && (words = breakpoint_frame(p->node, *at)) >= 0)
        at += 1 + words;
    return at < p->stack_base && term_is_header(*at) && !term_is_none(*at)
           && code_place(p->node, (const CodeWord *)at->bits - 1, place);
}

// Whether [p] runs and asks about itself: what it is in then is its caller.
static bool is_asking(const Process *p, const Export *e)
{
    return process_state(p) == PROCESS_RUNNING
           && term_same(e->module, ATOM_erlang)
           && term_same(e->function, ATOM_process_info);
}

// The BIF or NIF that [p] is in, called by its stub; NULL when it is in none.
static const Export *current_native(const Process *p)
{
    const Export *e = p->pc == NULL ? NULL : code_native(p->pc);
    return e != NULL && is_asking(p, e) ? NULL : e;
}

static Term current_function(Process *p, Heap *h)
{
    CodePlace place;
    const Export *native = current_native(p);
    // Its stack is gone, so this is all that can be said.
    if (p->flags & PROCESS_HIBERNATED)
        return mfa(h, ATOM_erlang, ATOM_hibernate, 3);
    if (native != NULL) {
        FunctionName name = code_name_of(native);
        return mfa(h, name.module, name.function, native->arity);
    }
    if (find_place(p, &place))
        return mfa(h, place.module, place.function, place.arity);
    return heap_tuple(h, 3, p->initial_call);
}

// {M, F, A, [{file, File}, {line, Line}]}
static Term current_location(Process *p, Heap *h)
{
    CodePlace place;
    Term where = TERM_NIL;
    if (!find_place(p, &place)) {
        Term parts[] = {p->initial_call[0], p->initial_call[1],
                        p->initial_call[2], TERM_NIL};
        return heap_tuple(h, 4, parts);
    }
    if (place.line > 0) where = exception_location(h, &place, TERM_NIL);
    Term parts[] = {place.module, place.function, term_small(place.arity),
                    where};
    return heap_tuple(h, 4, parts);
}

// A list of places, no longer than backtrace_depth.
static Term current_stacktrace(Process *p, Heap *h)
{
    return exception_current_trace(p, h, p->pc);
}

// That of proc_lib processes is proc_lib:init_p/5.
static Term initial_call(Process *p, Heap *h)
{
    return heap_tuple(h, 3, p->initial_call);
}

// Exiting comes before all else; suspended before waiting.
static Term status(Process *p, Heap *h)
{
    if (process_is_exiting(p)) return ATOM_exiting;
    if (p->flags & PROCESS_SUSPENDED) return ATOM_suspended;
    switch (process_state(p)) {
    case PROCESS_WAITING:
        return ATOM_waiting;
    case PROCESS_RUNNABLE:
        return ATOM_runnable;
    default:
        return ATOM_running;
    }
}

static void add_text(Buffer *b, const char *text)
{
    buffer_add(b, text, strlen(text));
}

// The words of the stack as text, for those who look at dead-locks.
// The text is merle's own, near to OTP's; nothing reads it by machine.
static Term backtrace(Process *p, Heap *h)
{
    // A process that is sensitive shows neither stack nor messages nor
    // dictionary.
    if (p->flags & PROCESS_SENSITIVE) return heap_binary(h, "", 0);
    Buffer b;
    PrintOptions o;
    buffer_init(&b);
    print_options_init(&o);
    o.depth = 8; // deep terms are cut
    add_text(&b, "Program counter: ");
    print_write(p->node, &b, current_function(p, h), &o);
    buffer_add_byte(&b, '\n');
    size_t slot = 0;
    for (const Term *t = p->stack; t < p->stack_base; t++) {
        CodePlace place;
        if (!term_is_header(*t)) {
            char text[32];
            snprintf(text, sizeof text, "y(%zu)     ", slot++);
            add_text(&b, text);
            // A catch's word is no term that could be printed.
            print_write(p->node, &b, term_is_catch(*t) ? ATOM_catch : *t, &o);
        } else if (code_place(p->node, (const CodeWord *)t->bits, &place)) {
            slot = 0;
            add_text(&b, "\nReturn addr ");
            print_write(p->node, &b,
                        mfa(h, place.module, place.function, place.arity), &o);
        } else {
            continue; // a frame of the machine's own
        }
        buffer_add_byte(&b, '\n');
    }
    Term t = heap_binary(h, b.bytes, b.size);
    buffer_free(&b);
    return t;
}

// One word for each catch that is open.
static Term catch_level(Process *p, Heap *h)
{
    intptr_t n = 0;
    for (const Term *t = p->stack; t < p->stack_base; t++)
        n += term_is_catch(*t);
    return term_small(n);
}

// ---- with whom ----
// Relations are kept by the process itself, so no lock is needed.

// Of OTP 25: undefined for the first process.
static Term parent(Process *p, Heap *h)
{
    return term_is_none(p->parent) ? ATOM_undefined : p->parent;
}

static Term group_leader(Process *p, Heap *h)
{
    return p->group_leader;
}

// atomic: a name may be given by another process.
static Term registered_name(Process *p, Heap *h)
{
    Term name = atomic_load(&p->name);
    return term_is_none(name) ? TERM_NIL : name;
}

static Term links(Process *p, Heap *h)
{
    // The order of the table, oldest first: OTP promises none, but of two it
    // shows them so.
    Term list = TERM_NIL, ordered = TERM_NIL;
    const Relation *r;
    for (size_t i = 0; (r = relation_next(p->relations, &i)) != NULL;)
        if (r->kind == RELATION_LINK)
            list = heap_cons(h, copy_term(p->node, h, r->other), list);
    for (; term_is_cons(list); list = term_tail(list))
        ordered = heap_cons(h, term_head(list), ordered);
    return ordered;
}

// {process, Pid}, {process, {Name, Node}}, {port, Id}, {time_offset,
// clock_service}.
static Term monitor_item(Process *p, Heap *h, const Relation *r)
{
    Term type = ATOM_process, what = r->other;
    if (term_is_local_port(r->other)) type = ATOM_port;
    if (term_same(r->other, ATOM_time_offset)) {
        type = ATOM_time_offset;
        what = ATOM_clock_service;
    }
    if (!term_is_none(r->name)) {
        bool here = !term_is_atom(what);
        // By name: the node is ours, or it is what is monitored.
        what = heap_tuple2(h, r->name,
                           here ? atomic_load(&p->node->name) : what);
    }
    what = copy_term(p->node, h, what);
    return heap_tuple2(h, type, what);
}

static Term monitors(Process *p, Heap *h)
{
    Term list = TERM_NIL;
    const Relation *r;
    for (size_t i = 0; (r = relation_next(p->relations, &i)) != NULL;)
        if (r->kind == RELATION_MONITOR)
            list = heap_cons(h, monitor_item(p, h, r), list);
    return list;
}

// Who monitors it: processes, nodes and NIF resources.
static Term monitored_by(Process *p, Heap *h)
{
    Term list = TERM_NIL;
    const Relation *r;
    for (size_t i = 0; (r = relation_next(p->relations, &i)) != NULL;)
        if (r->kind == RELATION_MONITORED || r->kind == RELATION_WATCHED) {
            list = heap_cons(h, copy_term(p->node, h, r->other), list);
        } else if (r->kind == RELATION_RESOURCE) {
            Term resource = nif_watch_term(p->node, h, r->key);
            if (!term_is_none(resource)) list = heap_cons(h, resource, list);
        }
    return list;
}

// Those that it has suspended, with how often.
static Term suspending(Process *p, Heap *h)
{
    return process_suspending(p, h);
}

// ---- what it holds ----

// Only what has come in already; signals on their way are not counted.
static Term message_queue_len(Process *p, Heap *h)
{
    return heap_unsigned(h, p->mailbox.count + dist_damaged_count(p));
}

static Term messages(Process *p, Heap *h)
{
    const Mailbox *m = &p->mailbox;
    Term list = TERM_NIL;
    if (p->flags & PROCESS_SENSITIVE) return list;
    // From the back: the oldest is first in the list.
    for (size_t i = m->tail; i-- > m->head;) {
        Term message = m->slots[i];
        if (term_is_none(message)) continue; // a place that was taken
        // No heap may refer to it.
        if (mailbox_fragments(m, i) != NULL)
            message = copy_term(p->node, h, message);
        list = heap_cons(h, message, list);
    }
    return list;
}

static Term message_queue_data(Process *p, Heap *h)
{
    return p->flags & PROCESS_OFF_HEAP_MESSAGES ? ATOM_off_heap : ATOM_on_heap;
}

static Term dictionary(Process *p, Heap *h)
{
    if (p->flags & PROCESS_SENSITIVE) return TERM_NIL;
    return dictionary_to_list(p->dictionary, h);
}

// The value of [key] alone, undefined without; of a sensitive process always.
static Term dictionary_value(Process *p, Term key)
{
    if (p->flags & PROCESS_SENSITIVE) return ATOM_undefined;
    Term value = dictionary_get(p->dictionary, key);
    return term_is_none(value) ? ATOM_undefined : value;
}

// What proc_lib:set_label/1 said.
static Term label(Process *p, Heap *h)
{
    return dictionary_value(p, ATOM_dollar_process_label);
}

static Term binary(Process *p, Heap *h)
{
    // Both generations of the heap have a chain of their own.
    Term list = heap_binaries(h, p->heap.counted, TERM_NIL);
    return p->old == NULL ? list : heap_binaries(h, p->old->counted, list);
}

// [{Address, References, true}] of the magic references.
static Term magic_ref(Process *p, Heap *h)
{
    Term list = TERM_NIL;
    Term *lists[] = {p->heap.counted, p->old == NULL ? NULL : p->old->counted};
    for (int i = 0; i < 2; i++) {
        for (Term *box = lists[i]; box != NULL;
             box = (Term *)box[COUNTED_NEXT].bits) {
            if (header_subtag(box[0]) == SUBTAG_COUNTED) continue;
            const Counted *object = (Counted *)box[COUNTED_OBJECT].bits;
            size_t count = atomic_load(&object->count);
            Term entry = heap_tuple3(h, heap_unsigned(h, (uintptr_t)object),
                                     heap_unsigned(h, count), ATOM_true);
            list = heap_cons(h, entry, list);
        }
    }
    return list;
}

static Term sequential_trace_token(Process *p, Heap *h)
{
    return p->seq_token;
}

// ---- memory ----
// In words, but memory, which is in bytes.

static size_t stack_words(const Process *p)
{
    return (size_t)(p->stack_base - p->stack);
}

// Of one that hibernates: what it holds, which is all it would need.
// The rest of its nursery is given back when it wakes.
static Term heap_size(Process *p, Heap *h)
{
    if (p->flags & PROCESS_HIBERNATED)
        return heap_unsigned(h, (size_t)(p->heap.top - p->nursery));
    return heap_unsigned(h, p->nursery_room);
}

// Young and old together.
static Term total_heap_size(Process *p, Heap *h)
{
    size_t words = gc_heap_size(p);
    if (p->flags & PROCESS_HIBERNATED)
        words -= p->nursery_room - (size_t)(p->heap.top - p->nursery);
    return heap_unsigned(h, words);
}

static Term stack_size(Process *p, Heap *h)
{
    return heap_unsigned(h, stack_words(p));
}

// What the process costs: itself, heaps, stack, mailbox, relations. Binaries
// are shared and not counted.
static Term memory(Process *p, Heap *h)
{
    size_t words = gc_heap_size(p);
    words += (size_t)(p->stack_base - p->stack_limit);
    words += p->mailbox.room + off_heap_words(p);
    return heap_unsigned(h, sizeof *p + words * sizeof(Term)
                                + relation_count(p->relations)
                                      * sizeof(Relation));
}

static Term min_heap_size(Process *p, Heap *h)
{
    // 0 stands for the default: nothing larger was asked for.
    return heap_unsigned(h, p->min_heap == 0 ? MIN_HEAP_DEFAULT : p->min_heap);
}

static Term min_bin_vheap_size(Process *p, Heap *h)
{
    return process_min_bin_vheap(p);
}

static Term max_heap_size(Process *p, Heap *h)
{
    return process_max_heap_map(p, h);
}

static Term fullsweep_after(Process *p, Heap *h)
{
    return term_small(p->fullsweep_after);
}

static Term garbage_collection(Process *p, Heap *h)
{
    Term items[] = {
        heap_tuple2(h, ATOM_max_heap_size, max_heap_size(p, h)),
        heap_tuple2(h, ATOM_min_bin_vheap_size, min_bin_vheap_size(p, h)),
        heap_tuple2(h, ATOM_min_heap_size, min_heap_size(p, h)),
        heap_tuple2(h, ATOM_fullsweep_after, fullsweep_after(p, h)),
        heap_tuple2(h, ATOM_minor_gcs, term_small(p->collections)),
    };
    return heap_list(h, sizeof items / sizeof *items, items, TERM_NIL);
}

// Sizes and tops of the heap's parts.
static Term garbage_collection_info(Process *p, Heap *h)
{
    return gc_info(p, h);
}

// ---- flags ----

static Term trap_exit(Process *p, Heap *h)
{
    return boolean(p->flags & PROCESS_TRAP_EXIT);
}

static Term async_dist(Process *p, Heap *h)
{
    return boolean(p->flags & PROCESS_ASYNC_DIST);
}

static Term error_handler(Process *p, Heap *h)
{
    return term_is_none(p->error_handler) ? ATOM_error_handler
                                          : p->error_handler;
}

static Term priority(Process *p, Heap *h)
{
    const Term names[] = {ATOM_max, ATOM_high, ATOM_normal, ATOM_low};
    return names[p->priority];
}

// A running process has used part of its slice, which is not added yet.
static Term reductions(Process *p, Heap *h)
{
    uint64_t n = p->reductions_done;
    if (process_state(p) == PROCESS_RUNNING)
        n += (uint64_t)(SLICE_REDUCTIONS - process_left(p));
    return heap_unsigned(h, n);
}

static Term last_calls(Process *p, Heap *h)
{
    return saved_calls_list(p, h);
}

// The bits of its trace flags.
static Term trace(Process *p, Heap *h)
{
    return term_small(p->trace == NULL ? 0 : (intptr_t)p->trace->flags);
}

// In the order of process_info/1, which is the first [ITEMS_OF_ALL].
// The rest is asked for by name only.
static const struct {
    uintptr_t name;
    ItemFunction function; // runs in the context of [p]
} items[] = {
    {ATOM_BITS_registered_name, registered_name},
    {ATOM_BITS_current_function, current_function},
    {ATOM_BITS_initial_call, initial_call},
    {ATOM_BITS_status, status},
    {ATOM_BITS_message_queue_len, message_queue_len},
    {ATOM_BITS_links, links},
    {ATOM_BITS_dictionary, dictionary},
    {ATOM_BITS_trap_exit, trap_exit},
    {ATOM_BITS_error_handler, error_handler},
    {ATOM_BITS_priority, priority},
    {ATOM_BITS_group_leader, group_leader},
    {ATOM_BITS_total_heap_size, total_heap_size},
    {ATOM_BITS_heap_size, heap_size},
    {ATOM_BITS_stack_size, stack_size},
    {ATOM_BITS_reductions, reductions},
    {ATOM_BITS_garbage_collection, garbage_collection},
    {ATOM_BITS_suspending, suspending},
    {ATOM_BITS_async_dist, async_dist},
    {ATOM_BITS_backtrace, backtrace},
    {ATOM_BITS_binary, binary},
    {ATOM_BITS_catchlevel, catch_level},
    {ATOM_BITS_current_location, current_location},
    {ATOM_BITS_current_stacktrace, current_stacktrace},
    {ATOM_BITS_fullsweep_after, fullsweep_after},
    {ATOM_BITS_garbage_collection_info, garbage_collection_info},
    {ATOM_BITS_label, label},
    {ATOM_BITS_last_calls, last_calls},
    {ATOM_BITS_magic_ref, magic_ref},
    {ATOM_BITS_max_heap_size, max_heap_size},
    {ATOM_BITS_memory, memory},
    {ATOM_BITS_message_queue_data, message_queue_data},
    {ATOM_BITS_messages, messages},
    {ATOM_BITS_min_bin_vheap_size, min_bin_vheap_size},
    {ATOM_BITS_min_heap_size, min_heap_size},
    {ATOM_BITS_monitored_by, monitored_by},
    {ATOM_BITS_monitors, monitors},
    {ATOM_BITS_parent, parent},
    {ATOM_BITS_sequential_trace_token, sequential_trace_token},
    {ATOM_BITS_trace, trace},
};

// Of process_info/1.
enum { ITEM_COUNT = sizeof items / sizeof *items, ITEMS_OF_ALL = 17 };

// A few dozen names: a linear search.
static int find_item(Term name)
{
    for (int i = 0; i < ITEM_COUNT; i++)
        if (items[i].name == name.bits) return i;
    return -1;
}

// For the shell's completion.
Term process_info_names(Heap *h)
{
    Term list = TERM_NIL;
    for (int i = ITEM_COUNT; i-- > 0;)
        list = heap_cons(h, (Term){items[i].name}, list);
    return list;
}

static Term item_pair(Process *p, Heap *h, int i)
{
    return heap_tuple2(h, (Term){items[i].name}, items[i].function(p, h));
}

// Whether [t] is {dictionary, Key}.
static bool is_key_item(Term t)
{
    return term_is_tuple_of(t, 2)
           && term_same(term_tuple_get(t, 0), ATOM_dictionary);
}

static bool is_item(Term t)
{
    return term_is_atom(t) ? find_item(t) >= 0 : is_key_item(t);
}

// The pair of an item that is known to be good.
static Term named_pair(Process *p, Heap *h, Term name)
{
    if (term_is_atom(name)) return item_pair(p, h, find_item(name));
    Term value = dictionary_value(p, term_tuple_get(name, 1));
    return heap_tuple2(h, copy_term(p->node, h, name), value);
}

// ---- answering ----
// The three kinds of question, answered on the other side.

// registered_name is left out without a name.
static Term answer_all(Node *node, Process *p, Heap *h, Term question)
{
    // Exiting is as gone: undefined.
    if (p == NULL || process_is_exiting(p)) return ATOM_undefined;
    dist_damaged_look(p);
    Term list = TERM_NIL;
    for (int i = ITEMS_OF_ALL; i-- > 0;) {
        bool unnamed = i == 0 && term_is_none(atomic_load(&p->name));
        if (!unnamed) list = heap_cons(h, item_pair(p, h, i), list);
    }
    return list;
}

// Whether who asks for [name] has the process look at its messages.
static bool looks(Term name)
{
    return term_same(name, ATOM_messages)
           || term_same(name, ATOM_total_heap_size);
}

// The name is known to be good.
static Term answer_item(Node *node, Process *p, Heap *h, Term name)
{
    if (p == NULL || process_is_exiting(p)) return ATOM_undefined;
    if (looks(name)) dist_damaged_look(p);
    Term pair = named_pair(p, h, name);
    // A process without a name has an empty answer.
    if (term_same(name, ATOM_registered_name)
        && term_is_nil(term_tuple_get(pair, 1)))
        return TERM_NIL;
    return pair;
}

// Here {registered_name, []} stays in the list, as in OTP.
static Term answer_items(Node *node, Process *p, Heap *h, Term names)
{
    if (p == NULL || process_is_exiting(p)) return ATOM_undefined;
    Term first = TERM_NIL, *link = &first;
    for (Term rest = names; term_is_cons(rest); rest = term_tail(rest))
        if (looks(term_head(rest))) dist_damaged_look(p);
    for (; term_is_cons(names); names = term_tail(names)) {
        Term pair = named_pair(p, h, term_head(names));
        *link = heap_cons(h, pair, TERM_NIL);
        link = term_cons_ptr(*link) + 1;
    }
    return first;
}

// Of itself it is answered without a signal.
Term bif_erlang_process_info_1(Process *p, const Term *args)
{
    if (!term_is_local_pid(args[0])) return bif_error(p, ATOM_badarg);
    return request_look(p, args[0], answer_all, TERM_NIL, 1, args);
}

// An unknown item is badarg, before anybody is asked.
static bool are_items(Term list)
{
    while (term_is_cons(list) && is_item(term_head(list)))
        list = term_tail(list);
    return term_is_nil(list);
}

Term bif_erlang_process_info_2(Process *p, const Term *args)
{
    if (!term_is_local_pid(args[0])) return bif_error(p, ATOM_badarg);
    RequestAnswer answer = answer_items;
    if (is_item(args[1])) {
        answer = answer_item;
    } else if (!are_items(args[1])) {
        return bif_error(p, ATOM_badarg);
    }
    return request_look(p, args[0], answer, args[1], 2, args);
}
