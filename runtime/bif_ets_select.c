// SPDX-License-Identifier: Apache-2.0
// ets: match specifications over tables.
//
// Answers of sets and bags come the last found first, those of ordered sets by
// key, as in OTP. Where a traversal with a limit goes on is a term:
//
//   sets, bags   {Table, Bucket, Limit, Spec, Rest, RestSize}
//   ordered      {Table, LastKey, [], Limit, Spec, [], Reverse, 0}
//
// with Spec the magic reference of the compiled specification, and Rest what
// was found beyond the limit already.
// The table is held by an EtsAccess from ets_enter to ets_leave: for reading by
// many, for writing alone. Answers are built on the caller's heap; objects that
// match are copied there by match_spec_run. A traversal with a limit does not
// hold the table between its calls; unless it is fixed (safe_fixtable) it may
// then miss objects or see them twice, as in OTP.
#include <stdlib.h>

#include "bif.h"
#include "bif_ets.h"
#include "compare.h"
#include "copy.h"
#include "ets_ordered.h"
#include "magic.h"
#include "match_spec.h"
#include "process.h"
#include "runtime_bifs.gen.h"

static bool is_ordered(const EtsTable *t)
{
    return t->type == ETS_ORDERED_SET;
}

// ---- visiting what a specification may match ----

// One traversal of a table; on the C stack.
typedef struct Visit Visit;
struct Visit {
    Process *process; // whose heap and reductions
    EtsTable *table;
    MatchSpec *spec; // counted; released by who compiled it
    // What to do with an object that gave [answer]; it may take [o] out.
    void (*act)(Visit *v, EtsObject *o, Term answer);
    Term list;    // found so far
    size_t count; // of answers, or of objects that were changed
    Term range;   // pattern of keys that lie together; NONE: all are visited
};

static void visit_object(Visit *v, EtsObject *o)
{
    Term answer = match_spec_run(v->spec, v->process,
                                 ets_tuple(v->table, o), true, NULL);
    if (!term_is_none(answer)) v->act(v, o, answer);
}

// The one key that can match; false when there are more.
// A specification with one clause whose key is bound needs no traversal: {{k,
// '_'}, [], ['$_']} is a look-up.
static bool single_key(const Visit *v, Term *key)
{
    return v->spec->clause_count == 1
           && match_spec_key(v->spec, 0, v->table->key_position, key);
}

// In a bag there are several; the next is found before the object may go.
static void visit_key(Visit *v, Term key)
{
    for (EtsObject *o = ets_find(v->table, key); o != NULL;) {
        EtsObject *more = ets_find_more(v->table, o);
        visit_object(v, o);
        o = more;
    }
}

// ---- ranges of ordered sets ----
// A key pattern that begins with constants needs a part of the table only.

static int order_of(const void *with, Term key)
{
    const Visit *v = with;
    return match_spec_order(v->spec, v->range, key);
}

static void find_range(Visit *v)
{
    if (!is_ordered(v->table)
        || !match_spec_range(v->spec, v->table->key_position, &v->range))
        v->range = TERM_NONE;
}

// Where a traversal begins, and whether [o] lies behind where it ends.
static EtsObject *begin_range(const Visit *v, bool reverse)
{
    EtsTable *t = v->table;
    if (term_is_none(v->range)) return reverse ? ets_last(t) : ets_first(t);
    return ets_ordered_edge(t, reverse, order_of, v);
}

static bool is_past(const Visit *v, const EtsObject *o, bool reverse)
{
    if (term_is_none(v->range)) return false;
    int order = order_of(v, ets_key(v->table, o));
    return reverse ? order < 0 : order > 0;
}

// Whether to look at what may match is too long for a scheduler.
static bool is_long(const Visit *v)
{
    enum { LOOKED_AT = 2000 }; // of a range, before it counts as the whole
    Term key;
    size_t count = ets_size(v->table);
    if (!bif_is_long(v->process, 4 * count) || single_key(v, &key))
        return false;
    if (term_is_none(v->range)) return true;
    size_t seen = 0;
    const EtsObject *o = begin_range(v, false);
    while (o != NULL && seen < LOOKED_AT && !is_past(v, o, false)) {
        o = ets_next(v->table, o);
        seen++;
    }
    return seen == LOOKED_AT;
}

// Without stopping; the reductions are charged afterwards.
static void visit_all(Visit *v)
{
    Term key;
    if (single_key(v, &key)) {
        visit_key(v, key);
        return;
    }
    size_t visited = 0;
    EtsObject *o = begin_range(v, false);
    for (; o != NULL && !is_past(v, o, false); visited++) {
        // [o] may be removed by what is done with it.
        EtsObject *next = ets_next(v->table, o);
        visit_object(v, o);
        o = next;
    }
    bif_bump(v->process, visited);
}

// Only ordered sets are linked both ways. Nothing is taken out here.
static void visit_all_backwards(Visit *v)
{
    size_t visited = 0;
    EtsObject *o = begin_range(v, true);
    for (; o != NULL && !is_past(v, o, true); visited++) {
        visit_object(v, o);
        o = ets_ordered_next(v->table, o, true);
    }
    bif_bump(v->process, visited);
}

// The object is not kept: the answer is a copy.
static void keep_answer(Visit *v, EtsObject *o, Term answer)
{
    v->list = heap_cons(process_heap(v->process), answer, v->list);
    v->count++;
}

// ---- whole traversals ----

// [{[], [], [true]}]: matches no object.
// select(T, []) is [] in OTP, while an empty list is no specification.
static Term nothing_spec(Process *p)
{
    Heap *h = process_heap(p);
    Term body = heap_cons(h, ATOM_true, TERM_NIL);
    return heap_cons(h, heap_tuple3(h, TERM_NIL, TERM_NIL, body), TERM_NIL);
}

// Compiles [spec], for this call only. The empty list matches nothing. Of one
// that is none [*reason] gets what is to be raised.
static MatchSpec *compile(Process *p, Term spec, Term *reason)
{
    char error[MATCH_ERROR_ROOM];
    if (term_is_nil(spec)) spec = nothing_spec(p);
    // False: literals need not be copied, as the call ends before the term can
    // move.
    MatchSpec *compiled = match_spec_compile(p->node, spec, MATCH_TABLE, false,
                                             error);
    if (compiled == NULL)
        *reason = match_error_is_limit(error) ? ATOM_system_limit : ATOM_badarg;
    return compiled;
}

// select_count counts only what answers true itself.
static void count_true(Visit *v, EtsObject *o, Term answer)
{
    if (term_same(answer, ATOM_true)) v->count++;
}

static void remove_true(Visit *v, EtsObject *o, Term answer)
{
    if (!term_same(answer, ATOM_true)) return;
    ets_remove(v->table, o);
    v->count++;
}

// The answer takes the object's place; its key is the same, as was seen in the
// specification: another one would put the object into the wrong place.
static void replace_object(Visit *v, EtsObject *o, Term answer)
{
    assert(ets_is_object(v->table, answer));
    ets_replace(v->table, o, answer);
    v->count++;
}

// Does [act] for all that [spec] matches in the table. False when it failed
// and an error was raised, or is to be done in the pool.
// The error of ets_enter tells why: no table, no access.
static bool visit_table(Process *p, Term tid, EtsUse use, Term spec, Visit *v)
{
    EtsAccess a;
    if (!ets_enter(p, tid, use, &a)) return false;
    v->process = p;
    v->table = a.table;
    v->list = TERM_NIL;
    // In a bag the answer may be an object that is there already.
    bool replaces = v->act == replace_object;
    bool refused = replaces && a.table->type == ETS_BAG;
    Term reason = ATOM_badarg;
    if (!refused) v->spec = compile(p, spec, &reason);
    bool good = v->spec != NULL
                && (!replaces
                    || match_spec_keeps(v->spec, a.table->key_position));
    if (good) find_range(v);
    bool is_for_pool = good && is_long(v);
    if (good && !is_for_pool) visit_all(v);
    if (v->spec != NULL) counted_release(&v->spec->counted);
    ets_leave(&a);
    if (refused) bif_error_cause(p, ATOM_badarg, ATOM_table_type);
    if (!good && !refused) bif_error(p, reason);
    if (is_for_pool) bif_to_pool(p);
    return good && !is_for_pool;
}

// Nothing is raised while the table is held.
static Term select_all(Process *p, Term tid, Term spec, bool reverse)
{
    Visit v = {.process = p, .act = keep_answer, .list = TERM_NIL};
    EtsAccess a;
    Term key, reason;
    if (!ets_enter(p, tid, ETS_READ, &a)) return TERM_NONE;
    v.table = a.table;
    v.spec = compile(p, spec, &reason);
    bool good = v.spec != NULL;
    if (good) find_range(&v);
    bool is_for_pool = good && is_long(&v);
    if (is_for_pool) {
        counted_release(&v.spec->counted);
    } else if (good) {
        // Found in the opposite order, as the list is built from its end.
        if (is_ordered(v.table) && !reverse && !single_key(&v, &key)) {
            visit_all_backwards(&v);
        } else {
            visit_all(&v);
        }
        // The count is 1 here: nobody else knows of it, and this frees it.
        counted_release(&v.spec->counted);
    }
    ets_leave(&a);
    if (is_for_pool) return bif_to_pool(p);
    return good ? v.list : bif_error(p, reason);
}

Term bif_ets_select_2(Process *p, const Term *args)
{
    return select_all(p, args[0], args[1], false);
}

Term bif_ets_select_reverse_2(Process *p, const Term *args)
{
    return select_all(p, args[0], args[1], true);
}

Term bif_ets_select_count_2(Process *p, const Term *args)
{
    Visit v = {.act = count_true};
    if (!visit_table(p, args[0], ETS_READ, args[1], &v)) return TERM_NONE;
    return term_small((intptr_t)v.count);
}

Term bif_ets_internal_select_delete_2(Process *p, const Term *args)
{
    Visit v = {.act = remove_true};
    if (!visit_table(p, args[0], ETS_WRITE, args[1], &v)) return TERM_NONE;
    return term_small((intptr_t)v.count);
}

Term bif_ets_select_replace_2(Process *p, const Term *args)
{
    Visit v = {.act = replace_object};
    if (!visit_table(p, args[0], ETS_WRITE, args[1], &v)) return TERM_NONE;
    return term_small((intptr_t)v.count);
}

// ---- match and match_object are selections ----
// match answers ['$1', '$2', ...], which is the body '$$'.

// [{Pattern, [], [Body]}]
static Term pattern_spec(Process *p, Term pattern, Term body)
{
    Heap *h = process_heap(p);
    Term clause = heap_tuple3(h, pattern, TERM_NIL,
                              heap_cons(h, body, TERM_NIL));
    return heap_cons(h, clause, TERM_NIL);
}

Term bif_ets_match_2(Process *p, const Term *args)
{
    Term spec = pattern_spec(p, args[1], ATOM_dollar_dollar);
    return select_all(p, args[0], spec, false);
}

// match_object answers the objects: '$_'.
Term bif_ets_match_object_2(Process *p, const Term *args)
{
    if (term_same(args[1], ATOM_underscore)) return bif_ets_all_objects(p, args);
    Term spec = pattern_spec(p, args[1], ATOM_dollar_underscore);
    return select_all(p, args[0], spec, false);
}

// ---- traversals with a limit ----
// A chunk ends at the end of a bucket, since only there a later call can go on;
// what is beyond the limit waits in the continuation.

// What a continuation holds besides its place.
typedef struct {
    Term tid;       // as it goes into the continuation: the reference
    Term spec_term; // magic reference of the specification
    size_t limit;   // answers in one chunk, at least 1
    bool reverse;   // of ordered sets
} Chunk;

// The first [count] elements of [list] go in front of [tail], turned round.
// Moves [*list] on.
static Term turn(Heap *h, Term *list, size_t count, Term tail)
{
    for (; count > 0; count--, *list = term_tail(*list))
        tail = heap_cons(h, term_head(*list), tail);
    return tail;
}

// Visits whole buckets from [bucket] on until there are enough; the next one,
// or SIZE_MAX at the end.
// Only between two buckets a place in the table can be named by a number.
// [v]->list may hold answers from the call before.
static size_t visit_buckets(Visit *v, size_t bucket, size_t limit)
{
    EtsTable *t = v->table;
    EtsObject *o = ets_hash_from(t, bucket);
    size_t visited = 0;
    while (o != NULL) {
        // Before the visit, which may remove it.
        size_t at = ets_hash_bucket(t, o->hash);
        visit_object(v, o);
        visited++;
        o = ets_next(t, o);
        if (o == NULL || ets_hash_bucket(t, o->hash) == at) continue;
        if (v->count >= limit) {
            bif_bump(v->process, visited);
            return at + 1;
        }
    }
    bif_bump(v->process, visited);
    return SIZE_MAX;
}

// {Found, Continuation} | '$end_of_table'
static Term hash_chunk(Visit *v, const Chunk *c, size_t bucket)
{
    Heap *h = process_heap(v->process);
    Term key, rest = TERM_NIL;
    size_t next = SIZE_MAX, more = 0;
    if (bucket == 0 && single_key(v, &key)) {
        visit_key(v, key);
    } else if (bucket != SIZE_MAX && v->count < c->limit) {
        // Enough may be there already: then no bucket is read.
        next = visit_buckets(v, bucket, c->limit);
    } else {
        next = bucket;
    }
    // In a first call the list runs from the newest on, in later ones it begins
    // with what was left: the order of both is OTP's.
    if (v->count > c->limit) {
        more = v->count - c->limit;
        rest = turn(h, &v->list, more, TERM_NIL);
        if (bucket == 0) rest = turn(h, &rest, more, TERM_NIL);
    }
    if (next == SIZE_MAX && more == 0) {
        if (term_is_nil(v->list)) return ATOM_dollar_end_of_table;
        return heap_tuple2(h, v->list, ATOM_dollar_end_of_table);
    }
    // -1: nothing is left in the table, only in the rest.
    Term where = term_small(next == SIZE_MAX ? -1 : (intptr_t)next);
    Term continuation[] = {c->tid, where, term_small((intptr_t)c->limit),
                           c->spec_term, rest, term_small((intptr_t)more)};
    return heap_tuple2(h, v->list, heap_tuple(h, 6, continuation));
}

// The key may have been deleted since: the next one is found by order.
static EtsObject *ordered_start(EtsTable *t, Term after, bool reverse)
{
    EtsObject *o;
    if (reverse) {
        ets_previous_key(t, after, &o);
    } else {
        ets_next_key(t, after, &o);
    }
    return o;
}

// The same of an ordered set, behind key [after], or from the start.
// A key is the place, so changes between two calls do no harm.
static Term ordered_chunk(Visit *v, const Chunk *c, Term after)
{
    Heap *h = process_heap(v->process);
    find_range(v);
    EtsObject *o = term_is_none(after)
                       ? begin_range(v, c->reverse)
                       : ordered_start(v->table, after, c->reverse);
    EtsObject *last = NULL;
    size_t visited = 0;
    while (o != NULL && v->count < c->limit && !is_past(v, o, c->reverse)) {
        last = o;
        visit_object(v, o);
        visited++;
        // By key, as [o] may be gone.
        if (c->reverse) {
            ets_previous_key(v->table, ets_key(v->table, o), &o);
        } else {
            o = ets_next(v->table, o);
        }
    }
    bif_bump(v->process, visited);
    Term found = turn(h, &v->list, v->count, TERM_NIL);
    if (v->count < c->limit) {
        if (v->count == 0) return ATOM_dollar_end_of_table;
        return heap_tuple2(h, found, ATOM_dollar_end_of_table);
    }
    // The key is part of the table, which may be gone when the call comes.
    Term key = copy_term(v->process->node, h, ets_key(v->table, last));
    Term continuation[] = {c->tid, key, TERM_NIL,
                           term_small((intptr_t)c->limit), c->spec_term,
                           TERM_NIL, term_small(c->reverse), term_small(0)};
    return heap_tuple2(h, found, heap_tuple(h, 8, continuation));
}

// [args]: table, pattern or specification, limit.
static Term select_limited(Process *p, const Term *args, Term spec,
                           bool reverse)
{
    EtsAccess a;
    Chunk c = {.reverse = reverse};
    Visit v = {.process = p, .act = keep_answer, .list = TERM_NIL};
    if (!ets_enter(p, args[0], ETS_READ, &a)) return TERM_NONE;
    bool good = bif_get_size(args[2], &c.limit) && c.limit > 0;
    if (good)
        // True: literals are copied, since the specification outlives the call.
        v.spec = match_spec_compile(p->node, spec, MATCH_TABLE, true, NULL);
    good = v.spec != NULL;
    Term answer = TERM_NONE;
    if (good) {
        v.table = a.table;
        // Kept alive by the reference from here on.
        c.spec_term = magic_ref_new(p->node, process_heap(p),
                                    &v.spec->counted);
        c.tid = ets_table_ref(process_heap(p), a.table);
        answer = is_ordered(a.table) ? ordered_chunk(&v, &c, TERM_NONE)
                                     : hash_chunk(&v, &c, 0);
    }
    ets_leave(&a);
    return good ? answer : bif_error(p, ATOM_badarg);
}

Term bif_ets_select_3(Process *p, const Term *args)
{
    return select_limited(p, args, args[1], false);
}

Term bif_ets_select_reverse_3(Process *p, const Term *args)
{
    return select_limited(p, args, args[1], true);
}

Term bif_ets_match_3(Process *p, const Term *args)
{
    Term spec = pattern_spec(p, args[1], ATOM_dollar_dollar);
    return select_limited(p, args, spec, false);
}

Term bif_ets_match_object_3(Process *p, const Term *args)
{
    Term spec = pattern_spec(p, args[1], ATOM_dollar_underscore);
    return select_limited(p, args, spec, false);
}

// ---- going on ----
// Continuations are terms that anybody can make, so each part is checked; only
// the magic reference cannot be forged.

// Reads a continuation of either kind; false when it is none.
static bool get_chunk(Term t, Chunk *c, MatchSpec **spec)
{
    bool ordered = term_is_tuple_of(t, 8);
    if (!ordered && !term_is_tuple_of(t, 6)) return false;
    c->tid = term_tuple_get(t, 0);
    c->spec_term = term_tuple_get(t, ordered ? 4 : 3);
    c->reverse = ordered
                 && !term_same(term_tuple_get(t, 6), term_small(0));
    // Another magic reference, or a copy that went through a file, is none.
    *spec = (MatchSpec *)magic_object(c->spec_term, match_spec_destroy);
    return *spec != NULL
           && bif_get_size(term_tuple_get(t, ordered ? 3 : 2), &c->limit)
           && c->limit > 0;
}

static Term go_on_hash(Visit *v, const Chunk *c, Term t)
{
    Term where = term_tuple_get(t, 1);
    intptr_t bucket = term_is_small(where) ? term_small_value(where) : -2;
    // No bucket is 0 here, and none below -1.
    if (!bif_get_size(term_tuple_get(t, 5), &v->count) || bucket < -1
        || bucket == 0
        || term_list_length(term_tuple_get(t, 4)) != (intptr_t)v->count)
        return TERM_NONE;
    v->list = term_tuple_get(t, 4);
    return hash_chunk(v, c, bucket < 0 ? SIZE_MAX : (size_t)bucket);
}

static Term go_on(Process *p, Term t)
{
    EtsAccess a;
    Chunk c;
    Visit v = {.process = p, .act = keep_answer, .list = TERM_NIL};
    // OTP answers so instead of failing.
    if (term_same(t, ATOM_dollar_end_of_table)) return t;
    if (!get_chunk(t, &c, &v.spec)) return bif_error(p, ATOM_badarg);
    // The table may be deleted by now: badarg.
    if (!ets_enter(p, c.tid, ETS_READ, &a)) return TERM_NONE;
    v.table = a.table;
    Term answer = TERM_NONE;
    // A continuation of an ordered set for a set is none.
    if (is_ordered(a.table) == term_is_tuple_of(t, 8))
        answer = is_ordered(a.table)
                     ? ordered_chunk(&v, &c, term_tuple_get(t, 1))
                     : go_on_hash(&v, &c, t);
    ets_leave(&a);
    return term_is_none(answer) ? bif_error(p, ATOM_badarg) : answer;
}

Term bif_ets_select_1(Process *p, const Term *args)
{
    return go_on(p, args[0]);
}

Term bif_ets_select_reverse_1(Process *p, const Term *args)
{
    return go_on(p, args[0]);
}

Term bif_ets_match_1(Process *p, const Term *args)
{
    return go_on(p, args[0]);
}

Term bif_ets_match_object_1(Process *p, const Term *args)
{
    return go_on(p, args[0]);
}

// ---- specifications by themselves ----
// ets:match_spec_compile/1 and run/2, for lists instead of tables.

Term bif_ets_match_spec_compile_1(Process *p, const Term *args)
{
    char error[MATCH_ERROR_ROOM];
    MatchSpec *spec = match_spec_compile(p->node, args[0], MATCH_TABLE, true,
                                         error);
    if (spec == NULL)
        return bif_error(p, match_error_is_limit(error) ? ATOM_system_limit
                                                        : ATOM_badarg);
    return magic_ref_new(p->node, process_heap(p), &spec->counted);
}

Term bif_ets_is_compiled_ms_1(Process *p, const Term *args)
{
    return magic_object(args[0], match_spec_destroy) != NULL ? ATOM_true
                                                             : ATOM_false;
}

// match_spec_run_r(List, Compiled, Tail): the answers in reverse, before Tail.
// ets.erl turns the answer round.
Term bif_ets_match_spec_run_r_3(Process *p, const Term *args)
{
    const MatchSpec *spec =
        (const MatchSpec *)magic_object(args[1], match_spec_destroy);
    Term list = args[0], found = args[2];
    size_t n = 0;
    if (spec == NULL) return bif_error(p, ATOM_badarg);
    for (; term_is_cons(list); list = term_tail(list), n++) {
        // Terms are the caller's own: nothing is copied.
        Term answer = match_spec_run(spec, p, term_head(list), false, NULL);
        if (!term_is_none(answer))
            found = heap_cons(process_heap(p), answer, found);
    }
    bif_bump(p, n);
    // A list that does not end well is badarg, though work was done.
    return term_is_nil(list) ? found : bif_error(p, ATOM_badarg);
}

// {error, [{error, Text}]}
static Term test_error(Process *p, const char *text)
{
    Heap *h = process_heap(p);
    Term string = heap_string(h, text, strlen(text), TERM_NIL);
    Term error = heap_tuple2(h, ATOM_error, string);
    return heap_tuple2(h, ATOM_error, heap_cons(h, error, TERM_NIL));
}

// match_spec_test(Subject, Spec, table | trace) ->
//     {ok, Answer | false, Flags, Warnings} | {error, Errors}
// erlang:match_spec_test/3, which ets:test_ms is made of.
// What a trace would do (message, return_trace) is answered instead.
Term bif_erlang_match_spec_test_3(Process *p, const Term *args)
{
    char error[MATCH_ERROR_ROOM];
    MatchActions actions = {.message = TERM_NONE};
    bool is_trace = term_same(args[2], ATOM_trace);
    // The subject of a trace is the list of arguments.
    bool good = is_trace ? term_is_list(args[0])
                         : term_same(args[2], ATOM_table);
    if (!good) return bif_error(p, ATOM_badarg);
    MatchSpec *spec = match_spec_compile(p->node, args[1],
                                         is_trace ? MATCH_TRACE : MATCH_TABLE,
                                         false, error);
    if (spec == NULL) return test_error(p, error);
    Term answer = match_spec_run(spec, p, args[0], false, &actions);
    counted_release(&spec->counted);
    // true without a message action: the trace would be sent as it is.
    if (is_trace && !term_is_none(answer))
        answer = term_is_none(actions.message) ? ATOM_true : actions.message;
    Heap *h = process_heap(p);
    Term flags = TERM_NIL;
    if (actions.exception_trace)
        flags = heap_cons(h, ATOM_exception_trace, flags);
    if (actions.return_trace) flags = heap_cons(h, ATOM_return_trace, flags);
    Term all[] = {ATOM_ok, term_is_none(answer) ? ATOM_false : answer, flags,
                  TERM_NIL};
    return heap_tuple(h, 4, all);
}
