// SPDX-License-Identifier: Apache-2.0
// Tables of variables: looking up, joining, and what their use means.
//
// Tables are sorted by the bits of the name, not by its text: all that counts
// is that two of them can be joined in one walk. None is changed, so what a
// branch knew is still there when the next one is looked at.
//
// What erl_lint keeps in an ordered dictionary {Name, {State, Used, [Anno]}} is
// a row of an array here. A function's answer is a small table of what one
// expression did; the whole of what is known is made by vars_update, which
// costs as much as both tables together, so statements in a row take time in
// proportion to the variables that are known, as in OTP.
#include "lint_state.h"

#include "compare.h"

static bool starts_with_underscore(const Lint *l, Term name) // _ as well as _X
{
    return atom_text(l->node->atoms, name)->bytes[0] == '_';
}

const Var *vars_find(Vars v, Term name)
{
    // By halves: a function may have thousands of variables.
    size_t low = 0, high = v.count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (term_same(v.items[middle].name, name)) return v.items + middle;
        if (v.items[middle].name.bits < name.bits)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

// One per binding; the places of a variable that several clauses bind are
// joined, so that an unused one is told at each of them.
static const Annos *annos_one(Lint *l, Term anno)
{
    Annos *a = arena_alloc(&l->arena, sizeof *a);
    a->anno = anno;
    a->next = NULL;
    return a;
}

// In order and each once, since joins of tables that come from the same binding
// meet it on both sides.
static const Annos *annos_union(Lint *l, const Annos *a, const Annos *b)
{
    // As most often: both come from the same binding.
    if (a == b || b == NULL) return a;
    if (a == NULL) return b;
    int order = term_compare(l->node->atoms, a->anno, b->anno);
    Annos *first = arena_alloc(&l->arena, sizeof *first);
    first->anno = order <= 0 ? a->anno : b->anno;
    first->next = annos_union(l, order <= 0 ? a->next : a,
                              order >= 0 ? b->next : b);
    return first;
}

// Tables of one entry are what most expressions answer.
static Vars vars_from(Lint *l, Var var)
{
    Var *item = arena_alloc(&l->arena, sizeof *item);
    *item = var;
    return (Vars){1, item};
}

// [anno] is kept for the warning that nobody used it.
Vars vars_one(Lint *l, Term name, VarState state, bool used, Term anno)
{
    return vars_from(l, (Var){.name = name, .state = (uint8_t)state,
                              .used = used, .annos = annos_one(l, anno)});
}

// The places stay: a use is no new binding.
Vars vars_copy_of(Lint *l, const Var *var, VarState state, bool used)
{
    Var copy = *var;
    copy.state = (uint8_t)state;
    copy.used = used;
    return vars_from(l, copy);
}

// For expressions in a row: of what was known before and what is known now the
// newer state counts, which is [a]'s by convention.
static Var join_update(Lint *l, const Var *a, const Var *b)
{
    // Uses and places add up, whichever of the two tells the state.
    Var v = *a;
    v.used = a->used || b->used;
    v.annos = annos_union(l, a->annos, b->annos);
    return v;
}

// For clauses side by side, of which one was taken: the worse state, unsafe
// before exported before bound.
static Var join_merge(Lint *l, const Var *a, const Var *b)
{
    bool second = a->state != VAR_UNSAFE
                  && (b->state == VAR_UNSAFE || a->state == VAR_BOUND);
    const Var *worse = second ? b : a;
    Var v = *worse;
    v.used = a->used || b->used;
    v.annos = annos_union(l, a->annos, b->annos);
    return v;
}

// _X that is bound twice in one pattern is compared, which its name denies.
static void warn_annos(Lint *l, Term name, const Annos *annos)
{
    if (!l->warns[WARN_UNDERSCORE_MATCH] || !starts_with_underscore(l, name))
        return;
    for (; annos != NULL; annos = annos->next)
        lint_warning(l, annos->anno,
                     lint_tuple1(l, ATOM_match_underscore_var_pat, name));
}

// Parts of one pattern. Which of the two is to blame shows from their use: one
// that was bound before is used, and only the others are told of.
static Var join_pattern(Lint *l, const Var *a, const Var *b)
{
    Var v = join_merge(l, a, b);
    if (!a->used && !b->used)
        warn_annos(l, a->name, v.annos);
    else if (!a->used)
        warn_annos(l, a->name, a->annos);
    else if (!b->used)
        warn_annos(l, a->name, b->annos);
    // {X, X}: to be compared is a use.
    v.used = true;
    return v;
}

typedef Var (*Join)(Lint *l, const Var *a, const Var *b);

// Both are sorted by name, so one walk does; linear, and neither is changed.
static Vars merge(Lint *l, Vars a, Vars b, Join join)
{
    // Most expressions touch few variables, many none at all.
    if (a.count == 0) return b;
    if (b.count == 0) return a;
    Var *out = arena_alloc(&l->arena, (a.count + b.count) * sizeof *out);
    size_t n = 0, i = 0, j = 0;
    while (i < a.count && j < b.count) {
        const Var *x = a.items + i, *y = b.items + j;
        if (term_same(x->name, y->name)) {
            out[n++] = join(l, x, y);
            i++;
            j++;
        } else if (x->name.bits < y->name.bits) {
            out[n++] = *x;
            i++;
        } else {
            out[n++] = *y;
            j++;
        }
    }
    while (i < a.count) out[n++] = a.items[i++];
    while (j < b.count) out[n++] = b.items[j++];
    return (Vars){n, out};
}

Vars vars_update(Lint *l, Vars a, Vars b)
{
    return merge(l, a, b, join_update);
}

Vars vars_merge(Lint *l, Vars a, Vars b)
{
    return merge(l, a, b, join_merge);
}

Vars vars_merge_pattern(Lint *l, Vars a, Vars b)
{
    return merge(l, a, b, join_pattern);
}

// Those of [a] for which being in [b] is [wanted]. By halves for each: [a] is
// what one expression did, [b] often all that is known.
static Vars select_by(Lint *l, Vars a, Vars b, bool wanted)
{
    if (a.count == 0 || (b.count == 0 && wanted)) return no_vars;
    if (b.count == 0) return a;
    Var *out = arena_alloc(&l->arena, a.count * sizeof *out);
    size_t n = 0;
    for (size_t i = 0; i < a.count; i++) {
        bool is_in = vars_find(b, a.items[i].name) != NULL;
        if (is_in == wanted) out[n++] = a.items[i];
    }
    return (Vars){n, out};
}

Vars vars_old(Lint *l, Vars a, Vars b)
{
    return select_by(l, a, b, true);
}

Vars vars_new(Lint *l, Vars a, Vars b)
{
    return select_by(l, a, b, false);
}

// New ones only: what was known before keeps its state whatever happened in the
// clause.
Vars vars_unsafe(Lint *l, Term tag, Term anno, Vars a, Vars b)
{
    Vars fresh = vars_new(l, a, b);
    if (fresh.count == 0) return fresh;
    Var *out = arena_alloc(&l->arena, fresh.count * sizeof *out);
    for (size_t i = 0; i < fresh.count; i++) {
        out[i] = fresh.items[i];
        out[i].state = VAR_UNSAFE;
        out[i].from = tag;
        out[i].where = lint_location(anno);
    }
    return (Vars){fresh.count, out};
}

// A fun passes on nothing but uses, and what it binds is its own.
Vars vars_without_unsafe(Lint *l, Vars v)
{
    Var *out = arena_alloc(&l->arena, v.count * sizeof *out + 1);
    size_t n = 0;
    for (size_t i = 0; i < v.count; i++)
        if (v.items[i].state != VAR_UNSAFE) out[n++] = v.items[i];
    return (Vars){n, out};
}

// So that a fun that names a variable in its head only does not count as a use.
Vars vars_without_unused(Lint *l, Vars v)
{
    Var *out = arena_alloc(&l->arena, v.count * sizeof *out + 1);
    size_t n = 0;
    for (size_t i = 0; i < v.count; i++)
        if (v.items[i].used) out[n++] = v.items[i];
    return (Vars){n, out};
}

// Names with _ in front say that nobody is to use them.
static bool is_unused(const Lint *l, const Var *v)
{
    // _X says that it is meant so.
    return !v->used && !starts_with_underscore(l, v->name);
}

// At each place where it was bound: case clauses bind it separately.
static void warn_unused(Lint *l, const Var *v)
{
    if (!l->warns[WARN_UNUSED_VARS]) return;
    for (const Annos *a = v->annos; a != NULL; a = a->next)
        lint_warning(l, a->anno, lint_tuple1(l, ATOM_unused_var, v->name));
}

// At the end of a scope: [known] are those around, whose turn comes later.
Vars vars_check_unused(Lint *l, Vars v, Vars known)
{
    Var *out = arena_alloc(&l->arena, v.count * sizeof *out + 1);
    for (size_t i = 0; i < v.count; i++) {
        out[i] = v.items[i];
        if (!is_unused(l, out + i) || vars_find(known, out[i].name) != NULL)
            continue;
        warn_unused(l, out + i);
        // It is told once, not again in the scope around.
        out[i].used = true;
    }
    return (Vars){v.count, out};
}

// The same for variables that a new binding hides: this is the last place that
// could have used them.
void vars_check_old_unused(Lint *l, Vars v, Vars known)
{
    for (size_t i = 0; i < v.count; i++)
        if (is_unused(l, v.items + i)
            && vars_find(known, v.items[i].name) != NULL)
            warn_unused(l, v.items + i);
}

// [in] is what hides it, for the text: 'fun', 'generate', 'named fun'.
void vars_check_shadowed(Lint *l, Vars v, Vars known, Term in)
{
    if (!l->warns[WARN_SHADOW_VARS]) return;
    for (size_t i = 0; i < v.count; i++) {
        const Var *old = vars_find(known, v.items[i].name);
        // Nobody could have used an unsafe one.
        if (old == NULL || old->state == VAR_UNSAFE) continue;
        lint_warning(l, v.items[i].annos->anno,
                     lint_tuple2(l, ATOM_shadowed_var, v.items[i].name, in));
    }
}

// {Tag, Name, {From, Where}}: the text says what made it unsafe, and where.
static Term from_descriptor(Lint *l, Term tag, const Var *v)
{
    return lint_tuple2(l, tag, v->name,
                       heap_tuple2(l->heap, v->from, v->where));
}

// Several errors may be told of one use; the variable counts as used in any
// case, so no warning follows from an error. Behind the warning about an
// exported variable it counts as bound: it is told once.
static Vars use(Lint *l, Term name, Term anno, Vars known)
{
    const Var *v = vars_find(known, name);
    if (v == NULL) {
        lint_error(l, anno, lint_tuple1(l, ATOM_unbound_var, name));
        // It counts as bound from here on, so that one error is enough.
        return vars_one(l, name, VAR_BOUND, true, anno);
    }
    if (v->state == VAR_UNSAFE)
        lint_error(l, anno, from_descriptor(l, ATOM_unsafe_var, v));
    if (v->state == VAR_STACKTRACE)
        lint_error(l, anno, lint_tuple1(l, ATOM_stacktrace_guard, name));
    // Without the warning it stays exported for later uses.
    if (v->state == VAR_EXPORTED && !l->warns[WARN_EXPORT_VARS])
        return vars_copy_of(l, v, VAR_EXPORTED, true);
    if (v->state == VAR_EXPORTED)
        lint_warning(l, anno, from_descriptor(l, ATOM_exported_var, v));
    return vars_copy_of(l, v, VAR_BOUND, true);
}

// In the size of a segment the variables of the segments before it are seen,
// which are not yet among the known ones.
Vars vars_use(Lint *l, Term name, Term anno, Vars known)
{
    if (!l->in_bit_pattern) return use(l, name, anno, known);
    PatternVars pv = vars_use_in_size(l, name, anno, known, l->bit_pattern);
    l->bit_pattern = vars_merge(l, l->bit_pattern, pv.fresh);
    return pv.old;
}

void vars_warn_underscore(Lint *l, Term name, Term anno)
{
    if (l->warns[WARN_UNDERSCORE_MATCH] && starts_with_underscore(l, name))
        lint_warning(l, anno,
                     lint_tuple1(l, ATOM_match_underscore_var, name));
}

// In a pattern a name is a comparison if this pattern has bound it before, or
// something around has; else it is bound. An unsafe one is neither: nobody can
// say which it would be.
PatternVars vars_bind(Lint *l, Term name, Term anno, Vars known, Vars fresh)
{
    const Var *v = vars_find(fresh, name);
    if (v != NULL) {
        // <<_X, _X>>: a name that says `not used' is compared.
        vars_warn_underscore(l, name, anno);
        return (PatternVars){no_vars, vars_copy_of(l, v, VAR_BOUND, true)};
    }
    v = vars_find(known, name);
    if (v == NULL) {
        // -record(r, {f = (X = 1)}): defaults have no variables.
        if (l->in_record_definition)
            lint_error(l, anno,
                       lint_tuple1(l, ATOM_variable_in_record_def, name));
        return (PatternVars){no_vars,
                             vars_one(l, name, VAR_BOUND, false, anno)};
    }
    if (v->state == VAR_UNSAFE)
        lint_error(l, anno, from_descriptor(l, ATOM_unsafe_var, v));
    else
        vars_warn_underscore(l, name, anno);
    if (v->state == VAR_EXPORTED)
        lint_warning(l, anno, from_descriptor(l, ATOM_exported_var, v));
    return (PatternVars){vars_copy_of(l, v, VAR_BOUND, true), no_vars};
}

// For <<N, X:N>>, where N comes from this pattern or from around; it is never
// bound by being a size.
PatternVars vars_use_in_size(Lint *l, Term name, Term anno, Vars known,
                             Vars fresh)
{
    const Var *v = vars_find(fresh, name);
    if (v != NULL)
        return (PatternVars){no_vars, vars_copy_of(l, v, VAR_BOUND, true)};
    v = vars_find(known, name);
    if (v == NULL) {
        lint_error(l, anno, lint_tuple1(l, ATOM_unbound_var, name));
        return (PatternVars){vars_one(l, name, VAR_BOUND, true, anno),
                             no_vars};
    }
    if (v->state == VAR_UNSAFE)
        lint_error(l, anno, from_descriptor(l, ATOM_unsafe_var, v));
    if (v->state == VAR_EXPORTED && l->warns[WARN_EXPORT_VARS])
        lint_warning(l, anno, from_descriptor(l, ATOM_exported_var, v));
    return (PatternVars){vars_copy_of(l, v, VAR_BOUND, true), no_vars};
}
