// SPDX-License-Identifier: Apache-2.0
// Lint of behaviours: the callbacks that a module must export, and those that
// two behaviours ask for. What a behaviour asks for is found by whoever can
// load modules and comes as option
// {behaviour_callbacks, [{Behaviour, Callbacks, Optional}]}; those of the
// library are known here.
//
// merlec cannot load modules. It finds the library's behaviours in the table;
// for others it asks (asks_behaviours), and whoever can load them runs the
// check again with the option.
#include "compare.h"
#include "lint_module.h"

// Callbacks as "name/arity", optional ones with a ? before them.
static const struct {
    const char *behaviour; // its module
    const char *callbacks; // with blanks between
} known[] = {
    {"gen_server",
     "handle_call/3 handle_cast/2 init/1 ?handle_info/2 ?terminate/2 "
     "?code_change/3 ?format_status/1 ?format_status/2 ?handle_continue/2"},
    {"gen_statem",
     "callback_mode/0 init/1 ?state_name/3 ?handle_event/4 ?terminate/3 "
     "?code_change/4 ?format_status/1 ?format_status/2"},
    {"gen_event",
     "handle_call/2 handle_event/2 init/1 ?handle_info/2 ?terminate/2 "
     "?code_change/3 ?format_status/1 ?format_status/2"},
    {"gen_fsm",
     "handle_event/3 handle_sync_event/4 init/1 ?handle_info/3 ?terminate/3 "
     "?code_change/4 ?format_status/2 ?state_name/2 ?state_name/3"},
    {"supervisor", "init/1"},
    {"supervisor_bridge", "init/1 terminate/2"},
    {"application",
     "start/2 stop/1 ?start_phase/3 ?prep_stop/1 ?config_change/3"},
};

// The behaviour that is looked at, and callbacks of all those before it in the
// module.
typedef struct {
    Term anno, behaviour, file; // of the -behaviour attribute
    Term seen; // [{Callback, Location, Behaviour}]
} Look;

// Always at the -behaviour attribute: the function that is missing has no
// place.
static void warn(Lint *l, const Look *k, Term descriptor)
{
    lint_warning_in(l, k->file, k->anno, descriptor);
}

// The first behaviour that asked for [callback], as it is in seen, or NONE. The
// newest comes first in the list, so the last that fits is the oldest.
static Term find_seen(const Look *k, Term callback)
{
    Term found = TERM_NONE;
    for (Term s = k->seen; term_is_cons(s); s = term_tail(s))
        if (term_exact_equal(term_tuple_get(term_head(s), 0), callback))
            found = term_head(s);
    return found;
}

// A required one that is missing is told, but counts as seen: the next
// behaviour that asks for it is in conflict even so, as in OTP.
static void callback(Lint *l, Look *k, Term pair, bool optional)
{
    Term name = term_tuple_get(pair, 0);
    size_t arity = (size_t)term_small_value(term_tuple_get(pair, 1));
    const Entity *f = entity_find(&l->functions, name, arity);
    bool exported = f != NULL
                    && (f->is_exported || (l->export_all && f->is_defined));
    // One that is there counts for conflicts like any other.
    if (optional && !exported) return;
    if (!exported)
        warn(l, k, lint_tuple2(l, ATOM_undefined_behaviour_func, pair,
                               k->behaviour));
    Term first = find_seen(k, pair);
    if (!term_is_none(first)) {
        Term parts[] = {ATOM_conflicting_behaviours, pair, k->behaviour,
                        term_tuple_get(first, 1), term_tuple_get(first, 2)};
        warn(l, k, heap_tuple(l->heap, 5, parts));
    }
    Term entry = heap_tuple3(l->heap, pair, lint_location(k->anno),
                             k->behaviour);
    k->seen = heap_cons(l->heap, entry, k->seen);
}

// The table's text is read in place: name, slash, digit.
static void check_known(Lint *l, Look *k, const char *list)
{
    while (*list != 0) {
        bool optional = *list == '?';
        if (optional) list++;
        size_t size = strcspn(list, "/");
        Term name = atom_new(l->node->atoms, list, size);
        // One digit.
        Term arity = term_small(list[size + 1] - '0');
        Term pair = heap_tuple2(l->heap, name, arity);
        callback(l, k, pair, optional);
        list += size + 2;
        if (*list == ' ') list++;
    }
}

// Lists are short.
static bool is_in(Term list, Term item)
{
    for (; term_is_cons(list); list = term_tail(list))
        if (term_exact_equal(term_head(list), item)) return true;
    return false;
}

// What behaviour_info gives can be anything, as any module may have one.
static bool is_function_list(Term list)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term c = term_head(list);
        if (!term_is_tuple_of(c, 2) || !term_is_atom(term_tuple_get(c, 0))
            || !term_is_small(term_tuple_get(c, 1))
            || term_small_value(term_tuple_get(c, 1)) < 0)
            return false;
    }
    return term_is_nil(list);
}

// {Behaviour, Callbacks, Optional} of option behaviour_callbacks; either list
// is `undefined' where the module has none.
static Term find_told(const Lint *l, Term behaviour)
{
    for (Term o = l->options; term_is_cons(o); o = term_tail(o)) {
        Term item = term_head(o);
        if (!term_is_tuple_of(item, 2)
            || !term_same(term_tuple_get(item, 0), ATOM_behaviour_callbacks))
            continue;
        for (Term b = term_tuple_get(item, 1); term_is_cons(b);
             b = term_tail(b))
            if (term_same(term_tuple_get(term_head(b), 0), behaviour))
                return term_head(b);
    }
    return TERM_NONE;
}

// Callbacks are judged only if their list is one; wrong optional ones are told
// and then count as none.
static void check_told(Lint *l, Look *k, Term told)
{
    Term callbacks = term_tuple_get(told, 1);
    Term optional = term_tuple_get(told, 2);
    if (term_same(callbacks, ATOM_undefined)) {
        warn(l, k, lint_tuple1(l, ATOM_undefined_behaviour_callbacks,
                               k->behaviour));
        return;
    }
    if (!is_function_list(callbacks)) {
        warn(l, k, lint_tuple1(l, ATOM_ill_defined_behaviour_callbacks,
                               k->behaviour));
        return;
    }
    // Behaviours need not have optional callbacks.
    if (term_same(optional, ATOM_undefined)) {
        optional = TERM_NIL;
    } else if (!is_function_list(optional)) {
        warn(l, k, lint_tuple1(l, ATOM_ill_defined_optional_callbacks,
                               k->behaviour));
        optional = TERM_NIL;
    }
    for (; term_is_cons(callbacks); callbacks = term_tail(callbacks))
        callback(l, k, term_head(callbacks),
                 is_in(optional, term_head(callbacks)));
}

// The warning that a behaviour is undefined may be taken back: it is told only
// if nobody can answer the question either.
static void check(Lint *l, Look *k)
{
    if (!term_is_atom(k->behaviour)) return;
    // What was told goes before what is known: it is of the modules at hand.
    Term told = find_told(l, k->behaviour);
    if (!term_is_none(told)) {
        check_told(l, k, told);
        return;
    }
    const char *name = atom_text(l->node->atoms, k->behaviour)->bytes;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].behaviour, name) != 0) continue;
        check_known(l, k, known[i].callbacks);
        return;
    }
    l->asks_behaviours = true;
    warn(l, k, lint_tuple1(l, ATOM_undefined_behaviour, k->behaviour));
    lint_check_module_name(l, k->anno, k->behaviour);
}

// Conflicts need all of them, so seen grows over the whole module.
void lint_check_behaviours(Lint *l)
{
    Term list = TERM_NIL;
    Look k = {.seen = TERM_NIL};
    // In the order of the source, so that the second is told to conflict.
    for (Term b = l->behaviours; term_is_cons(b); b = term_tail(b))
        list = heap_cons(l->heap, term_head(b), list);
    for (; term_is_cons(list); list = term_tail(list)) {
        Term b = term_head(list);
        k.anno = term_tuple_get(b, 0);
        k.behaviour = term_tuple_get(b, 1);
        k.file = term_tuple_get(b, 2);
        check(l, &k);
    }
}
