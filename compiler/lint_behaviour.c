// SPDX-License-Identifier: Apache-2.0
// Lint of behaviours: the callbacks that a module must export. What a
// behaviour asks for is found by whoever can load modules and comes as option
// {behaviour_callbacks, [{Behaviour, Callbacks, Optional}]}; those of the
// library are known here.
#include "compare.h"
#include "lint_module.h"

// Callbacks as "name/arity"; optional ones are left out: nobody misses them.
static const struct {
    const char *behaviour;
    const char *callbacks;
} known[] = {
    {"gen_server", "handle_call/3 handle_cast/2 init/1"},
    {"gen_statem", "callback_mode/0 init/1"},
    {"gen_event", "handle_call/2 handle_event/2 init/1"},
    {"gen_fsm", "handle_event/3 handle_sync_event/4 init/1"},
    {"supervisor", "init/1"},
    {"supervisor_bridge", "init/1 terminate/2"},
    {"application", "start/2 stop/1"},
};

static void miss(Lint *l, Term anno, Term behaviour, Term name, size_t arity)
{
    const Entity *f = entity_find(&l->functions, name, arity);
    if (f != NULL && (f->is_exported || (l->export_all && f->is_defined)))
        return;
    Term pair = heap_tuple2(l->heap, name, term_small((intptr_t)arity));
    lint_warning(l, anno,
                 lint_tuple2(l, ATOM_undefined_behaviour_func, pair,
                             behaviour));
}

static void check_known(Lint *l, Term anno, Term behaviour, const char *list)
{
    while (*list != 0) {
        size_t size = strcspn(list, "/");
        Term name = atom_new(l->node->atoms, list, size);
        miss(l, anno, behaviour, name, (size_t)(list[size + 1] - '0'));
        list += size + 2;
        if (*list == ' ') list++;
    }
}

static bool is_in(Term list, Term item)
{
    for (; term_is_cons(list); list = term_tail(list))
        if (term_exact_equal(term_head(list), item)) return true;
    return false;
}

// {Behaviour, Callbacks, Optional} of option behaviour_callbacks.
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

static void check_told(Lint *l, Term anno, Term told)
{
    Term behaviour = term_tuple_get(told, 0);
    Term callbacks = term_tuple_get(told, 1);
    Term optional = term_tuple_get(told, 2);
    if (!term_is_list(callbacks)) {
        lint_warning(l, anno,
                     lint_tuple1(l, ATOM_undefined_behaviour_callbacks,
                                 behaviour));
        return;
    }
    for (; term_is_cons(callbacks); callbacks = term_tail(callbacks)) {
        Term c = term_head(callbacks);
        if (!term_is_tuple_of(c, 2) || is_in(optional, c)) continue;
        miss(l, anno, behaviour, term_tuple_get(c, 0),
             (size_t)term_small_value(term_tuple_get(c, 1)));
    }
}

static void check(Lint *l, Term anno, Term behaviour)
{
    if (!term_is_atom(behaviour)) return;
    Term told = find_told(l, behaviour);
    if (!term_is_none(told)) {
        check_told(l, anno, told);
        return;
    }
    const char *name = atom_text(l->node->atoms, behaviour)->bytes;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].behaviour, name) != 0) continue;
        check_known(l, anno, behaviour, known[i].callbacks);
        return;
    }
    lint_warning(l, anno,
                 lint_tuple1(l, ATOM_undefined_behaviour, behaviour));
}

void lint_check_behaviours(Lint *l)
{
    for (Term b = l->behaviours; term_is_cons(b); b = term_tail(b))
        check(l, term_tuple_get(term_head(b), 0),
              term_tuple_get(term_head(b), 1));
}
