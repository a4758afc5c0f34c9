// SPDX-License-Identifier: Apache-2.0
// ets: making, asking about, and handing on tables.
// A table is named by an atom or a reference; ets_enter finds it, checks the
// right to do what is wanted, takes its lock if others may use it, and raises
// the error when that fails.
#include <stdlib.h>

#include "bif.h"
#include "clock.h"
#include "copy.h"
#include "ets_grave.h"
#include "magic.h"
#include "memory.h"
#include "process.h"
#include "process_table.h"
#include "request.h"
#include "runtime_bifs.gen.h"

static Term boolean(bool is)
{
    return is ? ATOM_true : ATOM_false;
}

// ---- new ----

// {heir, Pid, Data}: keeps a copy of both.
// The data is kept on a heap of its own: the owner's may be collected.
static void set_heir(EtsTable *t, Term heir, Term data)
{
    const Process *process = process_table_find(t->node->processes,
                                                heir);
    heap_free(&t->heir_heap);
    t->heir = heir;
    t->heir_process = process;
    t->heir_life = process == NULL ? 0 : process->life;
    t->heir_data = copy_whole(&t->heir_heap, data);
}

// False when it is neither.
static bool get_boolean(Term t, bool *is)
{
    *is = term_same(t, ATOM_true);
    return *is || term_same(t, ATOM_false);
}

// How many locks OTP would have decides of what info tells.

enum { LOCKS_LEAST = 64, LOCKS_MOST = 32768 };

// {debug_hash_fixed_number_of_locks, N}: N becomes a power of two.
static bool set_lock_count(EtsTable *t, Term value)
{
    size_t n;
    if (!term_is_tuple_of(value, 2)
        || !term_same(term_tuple_get(value, 0),
                      ATOM_debug_hash_fixed_number_of_locks)
        || !bif_get_size(term_tuple_get(value, 1), &n) || n < 1
        || n > LOCKS_MOST)
        return false;
    t->write_concurrency = TERM_NONE;
    t->locks = LOCKS_LEAST;
    while (t->locks * 2 <= n) t->locks *= 2;
    return true;
}

// When all options are known: false when they do not go together. For tables
// that only their owner writes, and for one scheduler, there is nothing to
// decide.
static bool settle_concurrency(EtsTable *t)
{
    bool counted = term_is_none(t->write_concurrency);
    bool is_ordered = t->type == ETS_ORDERED_SET;
    bool is_plain = term_same(t->write_concurrency, ATOM_true);
    if (counted && is_ordered) return false;
    if (t->protection == ETS_PRIVATE || t->node->scheduler_count == 1)
        t->write_concurrency = ATOM_false;
    if (term_same(t->write_concurrency, ATOM_false)) {
        t->locks = 0;
        return true;
    }
    if (!counted) t->locks = LOCKS_LEAST;
    t->decentralized_counters = term_is_none(t->counters_wish)
                                    ? is_ordered || !is_plain
                                    : term_same(t->counters_wish, ATOM_true);
    return true;
}

// Options that are pairs; an unknown name is badarg.
static bool set_pair_option(EtsTable *t, Term name, Term value)
{
    size_t position;
    if (term_same(name, ATOM_keypos)) {
        if (!term_is_small(value) || !bif_get_size(value, &position)
            || position < 1)
            return false;
        t->key_position = position - 1; // counted from 0 in here
        return true;
    }
    if (term_same(name, ATOM_heir)) {
        // {heir, none}: the default.
        t->heir = TERM_NONE;
        return term_same(value, ATOM_none);
    }
    if (term_same(name, ATOM_write_concurrency)) {
        if (term_is_tuple(value)) return set_lock_count(t, value);
        t->write_concurrency = value;
        return term_same(value, ATOM_true) || term_same(value, ATOM_false)
               || term_same(value, ATOM_auto);
    }
    if (term_same(name, ATOM_read_concurrency))
        return get_boolean(value, &t->read_concurrency);
    if (term_same(name, ATOM_decentralized_counters)) {
        bool is;
        t->counters_wish = value;
        return get_boolean(value, &is);
    }
    return false;
}

// Kinds and rights exclude each other: the last one wins.
static bool set_atom_option(EtsTable *t, Term option)
{
    static const struct {
        uintptr_t name;
        uint8_t type, protection; // UINT8_MAX: it says nothing of it
    } options[] = {
        {ATOM_BITS_set, ETS_SET, UINT8_MAX},
        {ATOM_BITS_bag, ETS_BAG, UINT8_MAX},
        {ATOM_BITS_duplicate_bag, ETS_DUPLICATE_BAG, UINT8_MAX},
        {ATOM_BITS_ordered_set, ETS_ORDERED_SET, UINT8_MAX},
        {ATOM_BITS_private, UINT8_MAX, ETS_PRIVATE},
        {ATOM_BITS_protected, UINT8_MAX, ETS_PROTECTED},
        {ATOM_BITS_public, UINT8_MAX, ETS_PUBLIC},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (options[i].name != option.bits) continue;
        if (options[i].type != UINT8_MAX) t->type = options[i].type;
        if (options[i].protection != UINT8_MAX)
            t->protection = options[i].protection;
        return true;
    }
    // An assignment, and true.
    if (term_same(option, ATOM_named_table)) return t->is_named = true;
    if (term_same(option, ATOM_compressed)) return t->compressed = true;
    return false;
}

// {heir, Pid, Data} is the only one of three.
static bool set_option(EtsTable *t, Term option)
{
    if (term_is_atom(option)) return set_atom_option(t, option);
    if (term_is_tuple_of(option, 2))
        return set_pair_option(t, term_tuple_get(option, 0),
                               term_tuple_get(option, 1));
    // An heir on another node is badarg.
    if (!term_is_tuple_of(option, 3)
        || !term_same(term_tuple_get(option, 0), ATOM_heir)
        || !term_is_local_pid(term_tuple_get(option, 1)))
        return false;
    set_heir(t, term_tuple_get(option, 1), term_tuple_get(option, 2));
    return true;
}

static bool set_options(EtsTable *t, Term list)
{
    for (; term_is_cons(list); list = term_tail(list))
        if (!set_option(t, term_head(list))) return false;
    return term_is_nil(list);
}

// The table is private memory until ets_create has put it into the node's
// tables.
Term bif_ets_new_2(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    EtsTable *t = memory_zeroed(1, sizeof *t);
    t->node = p->node;
    t->name = args[0];
    t->protection = ETS_PROTECTED;
    t->write_concurrency = ATOM_false;
    if (!set_options(t, args[1]) || !settle_concurrency(t)) {
        // Nothing else is held by it yet.
        heap_free(&t->heir_heap);
        free(t);
        return bif_error(p, ATOM_badarg);
    }
    if (!ets_create(p, t))
        return bif_error_cause(p, ATOM_badarg, ATOM_already_exists);
    return ets_table_term(process_heap(p), t);
}

// The signal by which the table comes to its new owner is among those that are
// looked at before this goes on.
static Term again_when_owned(EtsAccess *a, Process *p, unsigned n,
                             const Term *args)
{
    ets_leave(a);
    return bif_yield(p, n, args);
}

// Others with the right to write may delete it. Called again after a yield, it
// has the grave in the place of the table.
Term bif_ets_delete_1(Process *p, const Term *args)
{
    EtsAccess a;
    EtsGrave *grave = ets_grave_of(args[0]);
    if (grave == NULL) {
        if (!ets_enter(p, args[0], ETS_WRITE, &a)) return TERM_NONE;
        if (ets_is_coming(a.table, p)) return again_when_owned(&a, p, 1, args);
        grave = ets_delete(&a, p);
        ets_grave_own(grave, p);
    }
    if (ets_grave_step(grave, p)) return ATOM_true;
    Term again = ets_grave_ref(grave, p);
    return bif_yield(p, 1, &again);
}

// A taken name, or no name, is badarg.
Term bif_ets_rename_2(Process *p, const Term *args)
{
    EtsAccess a;
    if (!ets_enter(p, args[0], ETS_WRITE, &a)) return TERM_NONE;
    bool renamed = term_is_atom(args[1]) && ets_rename(a.table, args[1]);
    Term answer = renamed ? ets_table_term(process_heap(p), a.table)
                          : TERM_NONE;
    ets_leave(&a);
    return renamed ? answer : bif_error(p, ATOM_badarg);
}

// Of a name, never of a reference.
Term bif_ets_whereis_1(Process *p, const Term *args)
{
    EtsAccess a;
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    // Any failure is undefined here.
    if (!term_is_none(ets_try_enter(p, args[0], ETS_INFO, &a)))
        return ATOM_undefined;
    Term ref = ets_table_ref(process_heap(p), a.table);
    ets_leave(&a);
    return ref;
}

// References, or names of named tables.
Term bif_ets_all_0(Process *p, const Term *args)
{
    return ets_all(p->node, process_heap(p));
}

// ---- owners ----
// The owner's end is the table's end, unless it has an heir.

static bool is_owner(const EtsTable *t, const Process *p)
{
    return atomic_load(&t->owner) == p->pid.bits;
}

// give_away(Table, Pid, Gift)
// The receiver gets {'ETS-TRANSFER', Table, FromPid, Gift}.
Term bif_ets_give_away_3(Process *p, const Term *args)
{
    EtsAccess a;
    Term cause = TERM_NONE;
    if (!ets_enter(p, args[0], ETS_WRITE, &a)) return TERM_NONE;
    if (ets_is_coming(a.table, p)) return again_when_owned(&a, p, 3, args);
    bool is_self = term_same(args[1], p->pid);
    if (!is_owner(a.table, p)) {
        cause = ATOM_not_owner;
    } else if (is_self) {
        cause = ATOM_owner;
    }
    // ets_give takes the locks in its own order, so the table is left before.
    ets_leave(&a);
    bool is_given = term_is_none(cause) && term_is_local_pid(args[1])
                    && ets_give(a.table, p, args[1], args[2]);
    return is_given ? ATOM_true : bif_error_cause(p, ATOM_badarg, cause);
}

// By protection.
static const uintptr_t protection_names[] = {
    [ETS_PRIVATE] = ATOM_BITS_private, [ETS_PROTECTED] = ATOM_BITS_protected,
    [ETS_PUBLIC] = ATOM_BITS_public};

// A table that becomes private stays one whose lock is used: somebody may be
// waiting for it.
// From private to another: from now on a lock is taken.
static bool set_protection(EtsTable *t, Term protection)
{
    for (size_t i = ETS_PRIVATE; i <= ETS_PUBLIC; i++) {
        if (protection_names[i] != protection.bits) continue;
        if (i != ETS_PRIVATE) atomic_store(&t->is_shared, true);
        atomic_store(&t->protection, (uint8_t)i);
        return true;
    }
    return false;
}

// One option of setopts: {heir, none}, {heir, Pid, Data} or {protection, P}.
// The others cannot change after new.
static bool set_late_option(EtsTable *t, Term option)
{
    if (term_is_tuple_of(option, 2)
        && term_same(term_tuple_get(option, 0), ATOM_protection))
        return set_protection(t, term_tuple_get(option, 1));
    return term_is_tuple(option) && term_arity(option) >= 2
           && term_same(term_tuple_get(option, 0), ATOM_heir)
           && set_option(t, option);
}

// A single option needs no list.
Term bif_ets_setopts_2(Process *p, const Term *args)
{
    EtsAccess a;
    if (!ets_enter(p, args[0], ETS_WRITE, &a)) return TERM_NONE;
    bool good = is_owner(a.table, p);
    Term options = args[1];
    if (!term_is_list(options))
        options = heap_cons(process_heap(p), options, TERM_NIL);
    // Options before a bad one stay set.
    for (; good && term_is_cons(options); options = term_tail(options))
        good = set_late_option(a.table, term_head(options));
    ets_leave(&a);
    return good && term_is_nil(options) ? ATOM_true
                                        : bif_error(p, ATOM_badarg);
}

// safe_fixtable(Table, Boolean)
// While somebody has fixed it, a table's objects that are deleted are only
// marked, so a traversal finds its way.
Term bif_ets_safe_fixtable_2(Process *p, const Term *args)
{
    EtsAccess a;
    bool fix;
    // Who may read may fix; the table's lock is taken as for a writer.
    Term cause = ets_try_enter(p, args[0], ETS_READ, &a);
    if (!term_is_none(cause)) return bif_error_cause(p, ATOM_badarg, cause);
    bool good = get_boolean(args[1], &fix);
    ets_enter_again(&a);
    if (good && !atomic_load(&a.table->is_deleted)) {
        if (fix) {
            ets_fix(a.table, p);
        } else {
            ets_unfix(a.table, p);
        }
    }
    ets_leave(&a);
    return good ? ATOM_true : bif_error(p, ATOM_badarg);
}

// ---- info ----
// Most of it read without stopping writers: atomics, or fields that never
// change.

static Term type_atom(const EtsTable *t)
{
    static const uintptr_t names[] = {ATOM_BITS_set, ATOM_BITS_bag,
                                      ATOM_BITS_duplicate_bag,
                                      ATOM_BITS_ordered_set};
    return (Term){names[t->type]};
}

static Term protection_atom(const EtsTable *t)
{
    return (Term){protection_names[atomic_load(&t->protection)]};
}

// Words of a table: as OTP counts them, as far as that can be told.
// OTP's formula for what it would take there; 305 and 139 are the words of an
// empty table, 99 of a tree that many may write.
static size_t empty_words(const EtsTable *t)
{
    enum { HASH = 305, TREE = 139, WRITERS_TREE = 99, LOCK = 16, LOCKS = 32,
           COUNTERS = 34 };
    size_t words = t->decentralized_counters ? COUNTERS : 0;
    bool fine = !term_same(t->write_concurrency, ATOM_false);
    if (t->type == ETS_ORDERED_SET) return words + (fine ? WRITERS_TREE : TREE);
    return words + HASH + (fine ? t->locks * LOCK + LOCKS : 0);
}

static Term memory_term(const EtsTable *t)
{
    enum { HASH_OBJECT = 4, TREE_OBJECT };
    bool is_tree = t->type == ETS_ORDERED_SET;
    size_t words = ets_words(t)
                   + ets_size(t)
                         * (size_t)(is_tree ? TREE_OBJECT : HASH_OBJECT);
    if (!is_tree) words += t->active - 256;
    return term_small((intptr_t)(words + empty_words(t)));
}

static Term concurrency_term(Heap *h, const EtsTable *t)
{
    if (!term_is_none(t->write_concurrency)) return t->write_concurrency;
    return heap_tuple2(h, ATOM_debug_hash_fixed_number_of_locks,
                       term_small((intptr_t)t->locks));
}

// [{Pid, Count}] of those that fix the table.
// A process may fix it several times.
static Term fixes_term(Heap *h, const EtsTable *t)
{
    Term list = TERM_NIL;
    for (const EtsFix *fix = t->fixes; fix != NULL; fix = fix->next) {
        Term pair = heap_tuple2(h, fix->pid, term_small((intptr_t)fix->count));
        list = heap_cons(h, pair, list);
    }
    return list;
}

// {When, Fixes}, or false.
// In OTP's old form of time, or in native units.
static Term safe_fixed_term(Heap *h, const EtsTable *t, bool monotonic)
{
    if (!ets_is_fixed(t)) return ATOM_false;
    int64_t since = t->fixed_since;
    Term when = heap_integer(h, clock_to_erlang(since));
    if (!monotonic) {
        int64_t us = (since + atomic_load(&t->node->clock_offset)) / 1000;
        when = heap_tuple3(h, term_small(us / 1000000000000),
                           term_small(us / 1000000 % 1000000),
                           term_small(us % 1000000));
    }
    return heap_tuple2(h, when, fixes_term(h, t));
}

// {Buckets, average, deviation, expected deviation, shortest, longest, fixed,
// locks}: only the first and the length of the longest chain are told.
// Chains are not measured.
static Term stats_term(Heap *h, const EtsTable *t)
{
    if (t->type == ETS_ORDERED_SET) return ATOM_false;
    size_t count = ets_size(t);
    double average = (double)count / (double)t->active;
    Term average_term = heap_float(h, average);
    Term stats[] = {term_small((intptr_t)t->active), average_term,
                    average_term, average_term, term_small(0), term_small(1),
                    term_small((intptr_t)t->marked),
                    term_small(t->locks == 0 ? 1 : (intptr_t)t->locks)};
    return heap_tuple(h, 8, stats);
}

// An heir that has ended is none.
// Looked up each time, for nobody tells the table.
static Term heir_of(const EtsTable *t)
{
    return ets_heir_lives(t) ? t->heir : ATOM_none;
}

// The value of info item [item]; TERM_NONE when there is none of that name.
// [h] is the caller's.
static Term info_item(Heap *h, EtsTable *t, Term item)
{
    switch (item.bits) {
    case ATOM_BITS_id:
        return ets_table_ref(h, t);
    case ATOM_BITS_name:
        return t->name;
    case ATOM_BITS_size:
        return term_small((intptr_t)ets_size(t));
    case ATOM_BITS_memory:
        return memory_term(t);
    case ATOM_BITS_owner:
        return (Term){atomic_load(&t->owner)};
    case ATOM_BITS_heir:
        return heir_of(t);
    case ATOM_BITS_type:
        return type_atom(t);
    case ATOM_BITS_protection:
        return protection_atom(t);
    case ATOM_BITS_keypos:
        return term_small((intptr_t)t->key_position + 1);
    case ATOM_BITS_named_table:
        return boolean(t->is_named);
    case ATOM_BITS_node:
        return atomic_load(&t->node->name);
    case ATOM_BITS_compressed:
        return boolean(t->compressed);
    case ATOM_BITS_read_concurrency:
        return boolean(t->read_concurrency);
    case ATOM_BITS_write_concurrency:
        return concurrency_term(h, t);
    case ATOM_BITS_decentralized_counters:
        return boolean(t->decentralized_counters);
    case ATOM_BITS_fixed:
        return boolean(ets_is_fixed(t));
    case ATOM_BITS_safe_fixed:
        return safe_fixed_term(h, t, false);
    case ATOM_BITS_safe_fixed_monotonic_time:
        return safe_fixed_term(h, t, true);
    case ATOM_BITS_stats:
        return stats_term(h, t);
    case ATOM_BITS_binary:
        return ets_binaries(t, h);
    default:
        return TERM_NONE;
    }
}

// Enters the table to be asked about; undefined when it has gone.
// Of no table at all, such as a number: badarg.
static Term enter_info(Process *p, Term tid, EtsAccess *a)
{
    Term cause = ets_try_enter(p, tid, ETS_INFO, a);
    if (term_same(cause, ATOM_id)) return ATOM_undefined;
    if (!term_is_none(cause)) bif_error_cause(p, ATOM_badarg, cause);
    return TERM_NONE;
}

// The items of OTP 25; they come in the opposite order, as the list is built
// from its end.
Term bif_ets_info_1(Process *p, const Term *args)
{
    static const uintptr_t items[] = {
        ATOM_BITS_protection, ATOM_BITS_keypos, ATOM_BITS_type,
        ATOM_BITS_named_table, ATOM_BITS_node, ATOM_BITS_size, ATOM_BITS_name,
        ATOM_BITS_heir, ATOM_BITS_owner, ATOM_BITS_memory,
        ATOM_BITS_compressed, ATOM_BITS_write_concurrency,
        ATOM_BITS_read_concurrency, ATOM_BITS_decentralized_counters,
        ATOM_BITS_id};
    EtsAccess a = {0};
    Heap *h = process_heap(p);
    Term gone = enter_info(p, args[0], &a);
    if (!term_is_none(gone) || a.table == NULL) return gone;
    Term list = TERM_NIL;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        Term item = {items[i]};
        Term pair = heap_tuple2(h, item, info_item(h, a.table, item));
        list = heap_cons(h, pair, list);
    }
    ets_leave(&a);
    return list;
}

// Runs in the owner of a private table, whose objects nobody else may look at.
static Term answer_binaries(Node *node, Process *owner, Heap *h, Term tid)
{
    EtsAccess a;
    if (owner == NULL || !term_is_none(ets_try_enter(owner, tid, ETS_INFO, &a)))
        return ATOM_undefined;
    // Given away since: the new owner changes it.
    bool may = a.is_locked || is_owner(a.table, owner);
    Term list = may ? ets_binaries(a.table, h) : TERM_NIL;
    ets_leave(&a);
    return list;
}

// A table that is gone: undefined; an unknown item: badarg.
Term bif_ets_info_2(Process *p, const Term *args)
{
    EtsAccess a = {0};
    Term gone = enter_info(p, args[0], &a);
    if (!term_is_none(gone) || a.table == NULL) return gone;
    if (term_same(args[1], ATOM_binary) && !a.is_locked) {
        Term owner = {atomic_load(&a.table->owner)};
        ets_leave(&a);
        return request_process(p, owner, answer_binaries, args[0], 2, args);
    }
    Term value = info_item(process_heap(p), a.table, args[1]);
    ets_leave(&a);
    return term_is_none(value) ? bif_error(p, ATOM_badarg) : value;
}
