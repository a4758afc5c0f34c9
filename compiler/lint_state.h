// SPDX-License-Identifier: Apache-2.0
// What the files of lint share: the state of a check, tables of variables, and
// what each file offers to the others. Nobody else includes this.
//
// Tables of variables are values: sorted by name, never changed, made in the
// arena. A function that looks at an expression answers what the expression
// did to variables, not all that is known.
//
// Each check of an expression has the same shape: it is given what is known of
// variables before, tells what is wrong on the way, and answers what the
// expression did. The caller joins answers by vars_update (one after the
// other), vars_merge (one or the other) or vars_merge_pattern (beside each
// other). None of them is ever NULL; no_vars is the table without entries.
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

// Adds [place]; the same one may stand there several times.
void places_add(Lint *l, Places *p, Place place);

// The place of that name, or NULL; linear, from the newest.
Place *places_find(const Places *p, Term name, size_t arity);

// The entity of that name, made if need be.
Entity *entity_get(Lint *l, Entities *all, Term name, size_t arity);

// The same, or NULL when nobody has named it.
Entity *entity_find(const Entities *all, Term name, size_t arity);

// Whether an unqualified call of name/arity means the function of erlang, as
// far as the name alone says; and whether the module has said that it does not.
bool lint_is_auto_import(const Lint *l, Term name, size_t arity);
bool lint_is_auto_suppressed(const Lint *l, Term name, size_t arity);

// ---- forms as terms: {Tag, Anno, ...} ----

// Whether [t] is a form of that tag; [tag] is ATOM_BITS_...
static inline bool form_is(Term t, uintptr_t tag)
{
    return term_is_tuple(t) && term_arity(t) >= 1
           && term_tuple_get(t, 0).bits == tag;
}

// Only of what form_check has let pass: the parts are there.
static inline Term form_anno(Term t)
{
    return term_tuple_get(t, 1);
}

// Part [i] behind the annotation, from 0.
static inline Term form_arg(Term t, size_t i)
{
    return term_tuple_get(t, i + 2);
}

// How many parts there are behind the annotation.
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

// The entry of [name], or NULL; it lives as long as the arena.
const Var *vars_find(Vars v, Term name);

// A table of one entry: a new variable bound at [anno], or [var] with another
// state.
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

// Those that are not unsafe, and those that somebody has used: what comes out
// of a fun.
Vars vars_without_unsafe(Lint *l, Vars v);
Vars vars_without_unused(Lint *l, Vars v);

// Warns of new variables that are not used; they count as used then.
Vars vars_check_unused(Lint *l, Vars v, Vars known);

// Warns of those in [known], as well, that were never used: what hides them
// makes that final.
void vars_check_old_unused(Lint *l, Vars v, Vars known);

// Warns of those that hide one in [known]; [in] is the construct, for the text.
void vars_check_shadowed(Lint *l, Vars v, Vars known, Term in);

// Naming a variable in an expression: an error when it is unbound or unsafe.
// Answers its use.
Vars vars_use(Lint *l, Term name, Term anno, Vars known);

// In a pattern: compared when [fresh] or [known] has it, else bound. [fresh] is
// what the same pattern has bound so far.
PatternVars vars_bind(Lint *l, Term name, Term anno, Vars known, Vars fresh);

// In the size of a segment: it must be bound by either.
PatternVars vars_use_in_size(Lint *l, Term name, Term anno, Vars known,
                             Vars fresh);

// Warns that _X is used though its name says it is not.
void vars_warn_underscore(Lint *l, Term name, Term anno);

// ---- lint_expression.c ----

// One expression, where [known] may be used.
Vars lint_expression(Lint *l, Term e, Vars known);

// A body: each sees what those before have bound.
Vars lint_expressions(Lint *l, Term list, Vars known);

// Arguments and the like: none sees another.
Vars lint_expression_list(Lint *l, Term list, Vars known);

// All clauses of a named function.
void lint_function(Lint *l, Term clauses);

// ---- lint_comprehension.c ----

Vars lint_comprehension(Lint *l, Term e, Vars known);

// ---- lint_fun.c: funs, and clauses of case, if, receive, try ----

// Clauses of a fun: answers uses of variables around, and nothing that is
// bound.
Vars lint_fun_clauses(Lint *l, Term clauses, Vars known);

// fun Name(...) -> ...: Name is one more variable within.
Vars lint_named_fun(Lint *l, Term e, Vars known);

// Clauses of if, case, receive, try or maybe, with what they export; [tag] and
// [anno] say in messages what made a variable unsafe.
Vars lint_icrt(Lint *l, Term clauses, Term tag, Term anno, Vars known);

// receive ... after ..., whose last part is a clause as well.
Vars lint_receive_after(Lint *l, Term e, Vars known);

// try with all of its parts: nothing bound within is safe behind.
Vars lint_try(Lint *l, Term e, Vars known);

// ---- lint_call.c ----

Vars lint_call(Lint *l, Term e, Vars known);
// Warns when M:F/A is deprecated or gone.
void lint_check_obsolete(Lint *l, Term anno, Term m, Term f, size_t arity);

// Notes a call, or fun name/arity, in the function that is checked.
void lint_note_call(Lint *l, Term anno, Term name, size_t arity);

// ---- lint_attribute.c ----

// Whether [name] may be a module's.
void lint_check_module_name(Lint *l, Term anno, Term name);

// ---- lint_pattern.c ----

// A pattern: [known] is for sizes and keys, names in [bound] are compared.
PatternVars lint_pattern(Lint *l, Term p, Vars known, Vars bound);

// Patterns side by side: arguments of a head, elements of a tuple.
PatternVars lint_head(Lint *l, Term patterns, Vars known, Vars bound);

// Both of two parts of one pattern.
PatternVars patterns_join(Lint *l, PatternVars a, PatternVars b);

// Whether [p] is a number, an atom or arithmetic on numbers.
bool lint_is_pattern_constant(const Lint *l, Term p);

// ---- lint_binary.c ----

// What looks at an expression: lint_expression or lint_guard_expression.
typedef Vars (*LintCheck)(Lint *l, Term e, Vars known);

// The segments of a binary that is made, looked at by [check].
Vars lint_binary(Lint *l, Term segments, Vars known, LintCheck check);

// Those of a pattern: a size may use what segments before have bound.
PatternVars lint_binary_pattern(Lint *l, Term segments, Vars known,
                                Vars bound);

// ---- lint_guard.c ----

// Alternatives of tests; answers what they use, as a guard binds nothing.
Vars lint_guard(Lint *l, Term guard, Vars known);
// One test of a guard, where the tests of old may stand.
Vars lint_guard_test(Lint *l, Term g, Vars known);

// An expression within a guard, or where guards' rules hold: keys, sizes.
Vars lint_guard_expression(Lint *l, Term e, Vars known);

// Whether [e] could be a guard test, by its form alone; tells nothing.
bool lint_is_guard_test(const Lint *l, Term e);

// ---- lint_record.c ----

// NULL: there is no such record.
RecordInfo *record_find(Lint *l, Term name);

// The place of the field that form [key] names, from 0; -1 without.
intptr_t record_place(const RecordInfo *r, Term key);

// Notes a use of record [name] at [anno]; NULL, and an error, without one.
RecordInfo *record_use(Lint *l, Term name, Term anno);

// A definition: its defaults and types are looked at when it is known.
void lint_record_definition(Lint *l, Term anno, Term name, Term fields);

// #r{...}, E#r{...}, E#r.f or #r.f, with parts looked at by [check].
Vars lint_record_expression(Lint *l, Term e, Vars known, LintCheck check);

// #r{...} or #r.f as a pattern.
PatternVars lint_record_pattern(Lint *l, Term p, Vars known, Vars bound);

// An error unless [field], a form, names one of [fields] of record [name].
void lint_record_field(Lint *l, Term field, Term name, Term fields);

// ---- lint_type.c ----

// -type or -opaque: {Name, Type, Variables}.
void lint_type_definition(Lint *l, Term attribute, Term anno, Term value);

// -spec or -callback: {{F, A} or {M, F, A}, [Type]}.
void lint_spec(Lint *l, Term anno, Term value, bool is_callback);

// Types of a record's fields: what they name is used.
void lint_type_attribute_types(Lint *l, Term types);

// -export_type([{Name, Arity}]).
void lint_export_type(Lint *l, Term anno, Term types);

// In the end: types that are undefined or unused.
void lint_check_types(Lint *l);

// ---- lint_format.c ----

// Warns when [args], forms, are not what a literal format string asks for.
void lint_check_format_call(Lint *l, Term anno, Term module, Term name,
                            Term args);

#endif
