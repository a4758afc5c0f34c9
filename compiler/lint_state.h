// SPDX-License-Identifier: Apache-2.0
// What the files of lint share: the state of a check, tables of variables, and
// what each file offers to the others. Nobody else includes this.
//
// Tables of variables are values: sorted by name, never changed, made in the
// arena. A function that looks at an expression answers what the expression
// did to variables, not all that is known.
#ifndef MERLE_LINT_STATE_H
#define MERLE_LINT_STATE_H

#include "arena.h"
#include "atom.h"
#include "heap.h"
#include "lint.h"
#include "node.h"
#include "table.h"

typedef struct Annos Annos;
struct Annos {
    Term anno;         // of one place
    const Annos *next; // ordered, each once
};

// Safe to use; bound by all clauses of a `case' before; bound by some only, so
// its use is an error; of a stack trace, which a guard may not name.
typedef enum { VAR_BOUND, VAR_EXPORTED, VAR_UNSAFE, VAR_STACKTRACE } VarState;

typedef struct {
    Term name;
    uint8_t state;       // VarState
    bool used;           // somebody has asked for its value
    Term from, where;    // of VAR_EXPORTED and VAR_UNSAFE: 'case', Location
    const Annos *annos;  // where it was bound
} Var;

typedef struct {
    size_t count;
    const Var *items; // by name
} Vars;

static const Vars no_vars;

// What a pattern does: to variables that were there, and new ones.
typedef struct {
    Vars old, fresh; // as comparisons; as bindings
} PatternVars;

typedef struct {
    Term file;    // TERM_NONE: belongs to no file yet
    Term message; // {Location, erl_lint, Descriptor}
} Message;

typedef struct {
    Message *items;
    size_t count, room;
} Messages;

typedef struct {
    Term name, anno, fields; // fields: normalised record_field forms
    Term file;  // where it is defined
    bool used;  // something but another definition names it
} RecordInfo;

typedef struct {
    Term name;
    size_t arity;
    Term anno, file;
} Place;

typedef struct {
    Place *items;
    size_t count, room;
} Places;

// A function or type by name and arity, and what is known of it.
typedef struct {
    Term name;
    size_t arity;
    Term anno, file;
    Term attribute;   // of types: type or opaque
    Places calls;     // of functions: what it calls
    bool is_exported, is_defined, is_reached, has_spec, is_used;
    bool is_local;    // the module has a function of that name
    Term imported;    // module it is imported from, TERM_NONE without
    Term import_file; // where it is imported
    bool import_used, is_on_load; // an import that was called; of -on_load
    Term import_anno; // where it is imported
} Entity;

typedef struct {
    Table index; // table_function_key -> Entity
    Entity **items; // in the order of their first mention
    size_t count, room;
} Entities;

typedef enum {
    CONTEXT_GUARD,
    CONTEXT_BIT_SIZE, // size of a segment in a pattern
    CONTEXT_MAP_KEY
} GuardContext;

typedef enum {
    WARN_UNUSED_VARS,
    WARN_UNDERSCORE_MATCH,
    WARN_EXPORT_ALL,
    WARN_EXPORT_VARS,
    WARN_SHADOW_VARS,
    WARN_UNUSED_IMPORT,
    WARN_UNUSED_FUNCTION,
    WARN_UNUSED_TYPE,
    WARN_BIF_CLASH,
    WARN_UNUSED_RECORD,
    WARN_OBSOLETE_GUARD,
    WARN_UNTYPED_RECORD,
    WARN_MISSING_SPEC,
    WARN_MISSING_SPEC_ALL,
    WARN_NIF_INLINE,
    WARN_DEPRECATED_FUNCTION,
    WARN_DEPRECATED_TYPE,
    WARN_REMOVED,
    WARN_COUNT
} Warning;

typedef struct Lint Lint;
struct Lint {
    Arena arena;         // tables of variables and all else but descriptors
    Node *node;          // whose atoms the forms name
    Heap *heap;          // where descriptors are built
    Term file;           // current
    Term options;        // all, those of the module first
    Term module;         // its name, TERM_NONE before it was told
    bool warns[WARN_COUNT]; // which warnings are wanted
    int warn_format;     // 0: not, 1: what is sure, 2: what may be wrong
    Messages errors, warnings; // in the order in which they were found
    Entities functions, types; // all that are named anywhere
    RecordInfo **records; // in the order of their definitions
    size_t record_count, record_room;
    Entity *function;    // the one being checked, NULL outside
    Term behaviours;     // [{Anno, Behaviour, File}], newest first
    Places specs, callbacks, optional_callbacks, nifs;
    Places redefined; // functions that are defined once more
    Term on_load_name, on_load_anno, on_load_file;
    size_t on_load_arity, on_load_count;
    bool in_record_definition, export_all, no_auto_all, loads_nif;
    bool saw_module, saw_function, in_bit_pattern;
    Vars bit_pattern;    // bound so far in a binary pattern
    GuardContext context; // where guard expressions stand now, for the error
    unsigned depth;      // of nesting
    bool asks_behaviours; // some behaviour is not known
    bool includes_qlc;   // qlc.hrl, so qlc:q/1,2 works
};

// ---- lint.c ----

// Adds an error or warning about [descriptor] at [anno].
void lint_error(Lint *l, Term anno, Term descriptor);
void lint_warning(Lint *l, Term anno, Term descriptor);

// An error that has no place: {erl_lint, Descriptor}.
void lint_error_anywhere(Lint *l, Term descriptor);

// A warning about something in [file].
void lint_warning_in(Lint *l, Term file, Term anno, Term descriptor);

// Whether [form] is a -file attribute, which tells where the next ones are.
bool lint_set_file(Lint *l, Term form);

// Descriptors {Tag, A} and {Tag, {Name, Arity}}.
Term lint_tuple1(Lint *l, Term tag, Term a);
Term lint_tuple2(Lint *l, Term tag, Term a, Term b);
Term lint_function_tuple(Lint *l, Term tag, Term name, size_t arity);

// The location of an annotation: Line or {Line, Column}.
Term lint_location(Term anno);

// Whether compile option [name], or {name, ...}, was given.
bool lint_has_option(const Lint *l, Term name);

// Whether {name, [F/A]} among the options names name/arity.
bool lint_option_names(const Lint *l, Term option, Term name, size_t arity);

void places_add(Lint *l, Places *p, Place place);

// The place of that name, or NULL; linear, from the newest.
Place *places_find(const Places *p, Term name, size_t arity);

// The entity of that name, made if need be.
Entity *entity_get(Lint *l, Entities *all, Term name, size_t arity);
Entity *entity_find(const Entities *all, Term name, size_t arity);

// Whether an unqualified call of name/arity means the function of erlang.
bool lint_is_auto_import(const Lint *l, Term name, size_t arity);
bool lint_is_auto_suppressed(const Lint *l, Term name, size_t arity);

// ---- forms as terms: {Tag, Anno, ...} ----

static inline bool form_is(Term t, uintptr_t tag)
{
    return term_is_tuple(t) && term_arity(t) >= 1
           && term_tuple_get(t, 0).bits == tag;
}

static inline Term form_anno(Term t)
{
    return term_tuple_get(t, 1);
}

static inline Term form_arg(Term t, size_t i)
{
    return term_tuple_get(t, i + 2);
}

static inline size_t form_arity(Term t)
{
    return term_arity(t) - 2;
}

// How many forms there are in [list]; none in one that is improper.
static inline size_t form_count(Term list)
{
    intptr_t n = term_list_length(list);
    return n < 0 ? 0 : (size_t)n;
}

// Reads {Name, Arity} as attributes name functions; false when it is something
// else. An arity below 0 is taken as it stands: no function has it.
bool lint_read_function(Term t, Term *name, size_t *arity);

// ---- lint_variable.c ----

const Var *vars_find(Vars v, Term name);
Vars vars_one(Lint *l, Term name, VarState state, bool used, Term anno);
Vars vars_copy_of(Lint *l, const Var *var, VarState state, bool used);

// Both tables; of a variable in both the state is [a]'s (update), or the worse
// one (merge); merge_pattern also warns of _Var bound twice.
Vars vars_update(Lint *l, Vars a, Vars b);
Vars vars_merge(Lint *l, Vars a, Vars b);
Vars vars_merge_pattern(Lint *l, Vars a, Vars b);

// Of [a] those that are in [b], and those that are not.
Vars vars_old(Lint *l, Vars a, Vars b);
Vars vars_new(Lint *l, Vars a, Vars b);

// Those of [a] not in [b], as unsafe after [tag] at [anno].
Vars vars_unsafe(Lint *l, Term tag, Term anno, Vars a, Vars b);

Vars vars_without_unsafe(Lint *l, Vars v);
Vars vars_without_unused(Lint *l, Vars v);

// Warns of new variables that are not used; they count as used then.
Vars vars_check_unused(Lint *l, Vars v, Vars known);
void vars_check_old_unused(Lint *l, Vars v, Vars known);
void vars_check_shadowed(Lint *l, Vars v, Vars known, Term in);

// What naming a variable in an expression or pattern does.
Vars vars_use(Lint *l, Term name, Term anno, Vars known);
PatternVars vars_bind(Lint *l, Term name, Term anno, Vars known, Vars fresh);
PatternVars vars_use_in_size(Lint *l, Term name, Term anno, Vars known,
                             Vars fresh);
void vars_warn_underscore(Lint *l, Term name, Term anno);

// ---- lint_expression.c ----

Vars lint_expression(Lint *l, Term e, Vars known);
Vars lint_expressions(Lint *l, Term list, Vars known);
Vars lint_expression_list(Lint *l, Term list, Vars known);
void lint_function(Lint *l, Term clauses);

// ---- lint_comprehension.c ----

Vars lint_comprehension(Lint *l, Term e, Vars known);

// ---- lint_fun.c: funs, and clauses of case, if, receive, try ----

Vars lint_fun_clauses(Lint *l, Term clauses, Vars known);
Vars lint_named_fun(Lint *l, Term e, Vars known);
Vars lint_icrt(Lint *l, Term clauses, Term tag, Term anno, Vars known);
Vars lint_receive_after(Lint *l, Term e, Vars known);
Vars lint_try(Lint *l, Term e, Vars known);

// ---- lint_call.c ----

Vars lint_call(Lint *l, Term e, Vars known);
// Warns when M:F/A is deprecated or gone.
void lint_check_obsolete(Lint *l, Term anno, Term m, Term f, size_t arity);
void lint_note_call(Lint *l, Term anno, Term name, size_t arity);

// ---- lint_attribute.c ----

// Whether [name] may be a module's.
void lint_check_module_name(Lint *l, Term anno, Term name);

// ---- lint_pattern.c ----

PatternVars lint_pattern(Lint *l, Term p, Vars known, Vars bound);
PatternVars lint_head(Lint *l, Term patterns, Vars known, Vars bound);
PatternVars patterns_join(Lint *l, PatternVars a, PatternVars b);
bool lint_is_pattern_constant(const Lint *l, Term p);
void lint_check_alias(Lint *l, Term a, Term b, Vars known);

// ---- lint_binary.c ----

typedef Vars (*LintCheck)(Lint *l, Term e, Vars known);
Vars lint_binary(Lint *l, Term segments, Vars known, LintCheck check);
PatternVars lint_binary_pattern(Lint *l, Term segments, Vars known,
                                Vars bound);

// ---- lint_guard.c ----

Vars lint_guard(Lint *l, Term guard, Vars known);
// One test of a guard, where the tests of old may stand.
Vars lint_guard_test(Lint *l, Term g, Vars known);

Vars lint_guard_expression(Lint *l, Term e, Vars known);
bool lint_is_guard_test(const Lint *l, Term e);

// ---- lint_record.c ----

RecordInfo *record_find(Lint *l, Term name);

// The place of the field that form [key] names, from 0; -1 without.
intptr_t record_place(const RecordInfo *r, Term key);
RecordInfo *record_use(Lint *l, Term name, Term anno);
void lint_record_definition(Lint *l, Term anno, Term name, Term fields);
Vars lint_record_expression(Lint *l, Term e, Vars known, LintCheck check);
PatternVars lint_record_pattern(Lint *l, Term p, Vars known, Vars bound);
void lint_record_field(Lint *l, Term field, Term name, Term fields);

// ---- lint_type.c ----

void lint_type_definition(Lint *l, Term attribute, Term anno, Term value);
void lint_spec(Lint *l, Term anno, Term value, bool is_callback);
void lint_type_attribute_types(Lint *l, Term types);
void lint_export_type(Lint *l, Term anno, Term types);
void lint_check_types(Lint *l);

// ---- lint_format.c ----

void lint_check_format_call(Lint *l, Term anno, Term module, Term name,
                            Term args);

#endif
