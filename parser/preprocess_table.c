// SPDX-License-Identifier: Apache-2.0
// The table of macros: names to their definitions, and the predefined ones.
#include <stdlib.h>

#include "map.h"
#include "memory.h"
#include "preprocess_state.h"
#include "utf8.h"

// ---- the table ----
// Open addressing with linear steps; atoms are numbered, and the number is the
// hash. Removed names stay as NAME_ABSENT, so a search never stops too early.

// Where [name] is or would go; a table that is half empty at least has always
// an end to the search.
static size_t slot_of(const MacroTable *table, Term name)
{
    // The golden ratio, for atoms of one file have numbers in a row.
    enum { SPREAD = 0x9E37 };
    size_t i = ((size_t)term_atom_index(name) * SPREAD) & (table->room - 1);
    while (!term_is_none(table->slots[i].name)
           && !term_same(table->slots[i].name, name))
        i = (i + 1) & (table->room - 1);
    return i;
}

// Kept at most half full.
// Slots move: pointers to names are good only up to here.
static void grow_table(MacroTable *table)
{
    MacroTable old = *table;
    enum { ROOM_LEAST = 64 };
    // A power of 2, and enough for a file without many includes.
    table->room = old.room == 0 ? ROOM_LEAST : old.room * 2;
    table->slots = memory_zeroed(table->room, sizeof *table->slots);
    for (size_t i = 0; i < old.room; i++)
        if (!term_is_none(old.slots[i].name))
            table->slots[slot_of(table, old.slots[i].name)] = old.slots[i];
    free(old.slots);
}

// The pointer holds until the next name is added.
static MacroName *find_or_add(MacroTable *table, Term name)
{
    if (2 * table->count >= table->room) grow_table(table);
    MacroName *m = &table->slots[slot_of(table, name)];
    if (term_is_none(m->name)) {
        m->name = name;
        table->count++;
    }
    return m;
}

MacroName *macro_find(const MacroTable *table, Term name)
{
    // Absent names are no names to anybody outside.
    MacroName *m = &table->slots[slot_of(table, name)];
    return term_is_none(m->name) || m->kind == NAME_ABSENT ? NULL : m;
}

// -define(M, 1) and -define(M(X), X) stand side by side: names are overloaded
// by arity.
Macro *macro_find_arity(const MacroName *name, int arity)
{
    for (Macro *m = name->macros; m != NULL; m = m->next)
        if (m->arity == arity) return m;
    return NULL;
}

// A predefined macro without a value does not count for -ifdef.
bool macro_is_defined(const MacroTable *table, Term name)
{
    MacroName *m = macro_find(table, name);
    return m != NULL && m->kind != NAME_UNDEFINED;
}

// Definitions lie on pp->scratch.
void macro_table_free(MacroTable *table)
{
    free(table->slots);
    *table = (MacroTable){0};
}

// ---- definitions ----

// The scratch heap is used as plain memory, freed at once in the end.
static void *copy_plain(Preprocess *pp, const void *from, size_t size)
{
    if (size == 0) return NULL;
    Term *to = heap_alloc(&pp->scratch,
                          (size + sizeof(Term) - 1) / sizeof(Term));
    return memcpy(to, from, size);
}

// Whether a body could call another macro: one that cannot never takes part in
// a circle, and is copied as it stands.
static bool tokens_call(const Token *tokens, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tokens[i].kind == TOKEN_QUESTION) return true;
    return false;
}

// Tokens of a form are overwritten by the next, so all is copied.
static Macro *copy_macro(Preprocess *pp, const Macro *macro)
{
    Macro *m = copy_plain(pp, macro, sizeof *macro);
    // ARITY_NONE is below 0, and -define(M(), ...) has 0.
    size_t parameters = m->arity > 0 ? (size_t)m->arity : 0;
    m->parameters =
        copy_plain(pp, m->parameters, parameters * sizeof *m->parameters);
    m->tokens = copy_plain(pp, m->tokens, m->token_count * sizeof *m->tokens);
    m->uses = copy_plain(pp, m->uses, m->use_count * sizeof *m->uses);
    m->plain = m->arity == ARITY_NONE
               && !tokens_call(m->tokens, m->token_count);
    m->checked = 0; // no generation has this number once a macro was added
    return m;
}

// All definitions go through here, so the generation always changes.
static void set_macro(Preprocess *pp, Term name, NameKind kind,
                      const Macro *macro, Macro *older)
{
    MacroName *m = find_or_add(&pp->macros, name);
    m->kind = kind;
    m->macros = NULL;
    if (macro != NULL) {
        // An older one of the same arity was refused by the caller.
        m->macros = copy_macro(pp, macro);
        m->macros->next = older;
    }
    // Even if nothing could close a circle: defining is rare.
    pp->macros.generation++;
}

void macro_add(Preprocess *pp, Term name, const Macro *macro)
{
    MacroName *m = macro_find(&pp->macros, name);
    Macro *older = m != NULL && m->kind == NAME_USER ? m->macros : NULL;
    set_macro(pp, name, NAME_USER, macro, older);
}

// The slot stays, see above. -undef of a name that was never defined is no
// error.
void macro_remove(Preprocess *pp, Term name)
{
    MacroName *m = macro_find(&pp->macros, name);
    if (m == NULL) return;
    m->kind = NAME_ABSENT;
    m->macros = NULL; // all arities go at once
    pp->macros.generation++;
}

void macro_predefine(Preprocess *pp, Term name, const Token *token)
{
    // ?MODULE before -module: known, but of no value so far.
    if (token == NULL) {
        set_macro(pp, name, NAME_UNDEFINED, NULL, NULL);
        return;
    }
    // Its place is replaced by that of the call.
    Token copy = *token;
    Macro macro = {.arity = ARITY_NONE, .tokens = &copy, .token_count = 1};
    set_macro(pp, name, NAME_PREDEFINED, &macro, NULL);
}

// ---- the predefined macros ----

// Column 0, line 1: tokens that nobody wrote.
static void add_symbol(TokenList *list, TokenKind kind)
{
    Token token = {.kind = (uint8_t)kind, .place = {1, 0},
                   .value = token_symbol(kind)};
    token_list_add(list, &token);
}

static void add_valued(TokenList *list, TokenKind kind, Term value)
{
    Token token = {.kind = (uint8_t)kind, .place = {1, 0}, .value = value};
    token_list_add(list, &token);
}

// "(X) == feature"; the parentheses are those that any argument may need.
static void add_test(TokenList *list, Term feature)
{
    add_symbol(list, TOKEN_LPAREN);
    add_valued(list, TOKEN_VAR, ATOM_X);
    add_symbol(list, TOKEN_RPAREN);
    add_symbol(list, TOKEN_EQ);
    add_valued(list, TOKEN_ATOM, feature);
}

// Defines a macro of one argument that tells whether it is among [features].
// "-define(FEATURE_ENABLED(X), ((X) == maybe_expr orelse ...))": so it can be
// used in -if without a BIF.
static void define_feature_test(Preprocess *pp, Term name, Term features)
{
    TokenList body = {0};
    // Without features there is nothing to compare with.
    if (term_is_nil(features)) {
        add_valued(&body, TOKEN_ATOM, ATOM_false);
    } else {
        add_symbol(&body, TOKEN_LPAREN);
        for (; term_is_cons(features); features = term_tail(features)) {
            add_test(&body, term_head(features));
            if (term_is_cons(term_tail(features)))
                add_symbol(&body, TOKEN_ORELSE);
        }
        add_symbol(&body, TOKEN_RPAREN);
    }
    Term parameter = ATOM_X;
    Macro macro = {.arity = 1, .parameters = &parameter, .tokens = body.items,
                   .token_count = body.count};
    set_macro(pp, name, NAME_USER, &macro, NULL);
    token_list_free(&body);
}

// Called again whenever a feature is turned on or off.
void macro_set_features(Preprocess *pp)
{
    define_feature_test(pp, ATOM_FEATURE_ENABLED, pp->features);
}

static void predefine_value(Preprocess *pp, Term name, TokenKind kind,
                            Term value)
{
    Token token = {.kind = (uint8_t)kind, .place = {1, 0}, .value = value};
    macro_predefine(pp, name, &token);
}

void macro_table_init(Preprocess *pp, Term source)
{
    enum { OTP_RELEASE = 25 };
    grow_table(&pp->macros); // slot_of needs a table that is not empty
    predefine_value(pp, ATOM_FILE, TOKEN_STRING, source);
    // Only so that it is defined: ?LINE is expanded by itself.
    predefine_value(pp, ATOM_LINE, TOKEN_INTEGER, term_small(1));
    predefine_value(pp, ATOM_MACHINE, TOKEN_ATOM, ATOM_BEAM);
    predefine_value(pp, ATOM_BEAM, TOKEN_ATOM, ATOM_true);
    predefine_value(pp, ATOM_OTP_RELEASE, TOKEN_INTEGER,
                    term_small(OTP_RELEASE));
    const Term undefined[] = {ATOM_FUNCTION_NAME, ATOM_FUNCTION_ARITY,
                              ATOM_MODULE, ATOM_MODULE_STRING,
                              ATOM_BASE_MODULE, ATOM_BASE_MODULE_STRING};
    for (size_t i = 0; i < sizeof undefined / sizeof undefined[0]; i++)
        macro_predefine(pp, undefined[i], NULL);
    // Features that exist, on or off.
    Term available = heap_cons(pp->heap, ATOM_maybe_expr, TERM_NIL);
    define_feature_test(pp, ATOM_FEATURE_AVAILABLE, available);
    macro_set_features(pp);
}

// ---- macros given by options ----
// compile's {d, Name} and {d, Name, Value}. A value becomes tokens, since that
// is what macros are made of.

static bool is_character(Term t)
{
    return term_is_small(t) && term_small_value(t) >= 0
           && utf8_is_valid((uint32_t)term_small_value(t));
}

// What [list] ends with that is a string: all of it, or a part, or nothing but
// its end. One walk, as lists may be long.
static Term string_end(Term list)
{
    Term from = list;
    for (; term_is_cons(list); list = term_tail(list))
        if (!is_character(term_head(list))) from = term_tail(list);
    return term_is_nil(list) ? from : list;
}

static void add_value(TokenList *list, Term value); // values contain values

static void add_tuple(TokenList *list, Term tuple)
{
    add_symbol(list, TOKEN_LBRACE);
    for (size_t i = 0; i < term_arity(tuple); i++) {
        if (i > 0) add_symbol(list, TOKEN_COMMA);
        add_value(list, term_tuple_get(tuple, i));
    }
    add_symbol(list, TOKEN_RBRACE);
}

static void add_map(TokenList *list, Term map)
{
    MapIterator it;
    Term key, value;
    bool first = true;
    add_symbol(list, TOKEN_HASH);
    add_symbol(list, TOKEN_LBRACE);
    // In the map's own order: nobody can see another one.
    for (map_iterate(&it, map); map_next(&it, &key, &value); first = false) {
        if (!first) add_symbol(list, TOKEN_COMMA);
        add_value(list, key);
        add_symbol(list, TOKEN_MAP_ASSOC);
        add_value(list, value);
    }
    add_symbol(list, TOKEN_RBRACE);
}

// [tail] is the string_end of [value]; a tail that is a string stays one:
// [a | "bc"].
static void add_list(TokenList *list, Term value, Term tail)
{
    add_symbol(list, TOKEN_LBRACKET);
    for (Term t = value; !term_same(t, tail); t = term_tail(t)) {
        if (!term_same(t, value)) add_symbol(list, TOKEN_COMMA);
        add_value(list, term_head(t));
    }
    // Improper, or a string: what stands behind "|".
    if (!term_is_nil(tail)) {
        add_symbol(list, TOKEN_BAR);
        add_value(list, tail);
    }
    add_symbol(list, TOKEN_RBRACKET);
}

// The tokens of a literal for [value].
static void add_value(TokenList *list, Term value)
{
    Term end;
    // Common ones first; [] is no string here.
    if (term_is_atom(value)) {
        add_valued(list, TOKEN_ATOM, value);
    } else if (term_is_integer(value)) {
        add_valued(list, TOKEN_INTEGER, value);
    } else if (term_is_float(value)) {
        add_valued(list, TOKEN_FLOAT, value);
    } else if (term_is_nil(value)) {
        add_symbol(list, TOKEN_LBRACKET);
        add_symbol(list, TOKEN_RBRACKET);
    } else if (term_is_tuple(value)) {
        add_tuple(list, value);
    } else if (term_is_map(value)) {
        add_map(list, value);
    } else if (term_is_cons(value)) {
        end = string_end(value);
        if (term_same(end, value)) add_valued(list, TOKEN_STRING, value);
        else add_list(list, value, end);
    } else {
        // Pids and funs have no literal; the parser will refuse the token.
        add_valued(list, TOKEN_OTHER, value);
    }
}

static void define_value(Preprocess *pp, Term name, Term value, NameKind kind)
{
    TokenList body = {0};
    add_value(&body, value);
    Macro macro = {.arity = ARITY_NONE, .tokens = body.items,
                   .token_count = body.count};
    set_macro(pp, name, kind, &macro, NULL);
    token_list_free(&body);
}

// Name alone means true.
// {d, debug} is -define(debug, true).
static bool define_option(Preprocess *pp, Term option, Term *error)
{
    bool again = term_is_tuple_of(option, 3)
                 && term_same(term_tuple_get(option, 2), ATOM_redefine);
    Term name = option, value = ATOM_true;
    if (again || term_is_tuple_of(option, 2)) {
        name = term_tuple_get(option, 0);
        value = term_tuple_get(option, 1);
    }
    if (!term_is_atom(name)) {
        *error = heap_tuple2(pp->heap, ATOM_bad, option);
        return false;
    }
    MacroName *m = macro_find(&pp->macros, name);
    // Twice the same name in options is an error, unless {Name, Value,
    // redefine} says otherwise.
    if (m != NULL && !again) {
        Term what = m->kind == NAME_USER ? ATOM_redefine : ATOM_redefine_predef;
        *error = heap_tuple2(pp->heap, what, name);
        return false;
    }
    // Redefined ones cannot be changed by the file.
    define_value(pp, name, value, again ? NAME_PREDEFINED : NAME_USER);
    return true;
}

bool macro_define_options(Preprocess *pp, Term macros, Term *error)
{
    // What was defined before the error stays: the caller gives up anyway.
    for (; term_is_cons(macros); macros = term_tail(macros))
        if (!define_option(pp, term_head(macros), error)) return false;
    return true;
}

// ---- the table as a term ----

static Term tokens_to_term(Preprocess *pp, const Macro *macro)
{
    Term list = TERM_NIL;
    for (size_t i = macro->token_count; i-- > 0;)
        list = heap_cons(pp->heap, token_to_term(pp->heap, &macro->tokens[i]),
                         list);
    return list;
}

// {none, Tokens} or {Parameters, Tokens}
static Term macro_to_term(Preprocess *pp, const Macro *m)
{
    Term parameters = ATOM_none;
    if (m->arity != ARITY_NONE)
        parameters =
            heap_list(pp->heap, (size_t)m->arity, m->parameters, TERM_NIL);
    return heap_tuple2(pp->heap, parameters, tokens_to_term(pp, m));
}

// One of three shapes: undefined, one definition, or a list by arity.
static Term name_to_term(Preprocess *pp, const MacroName *name)
{
    if (name->kind == NAME_UNDEFINED) return ATOM_undefined;
    if (name->kind == NAME_PREDEFINED) return macro_to_term(pp, name->macros);
    Term list = TERM_NIL;
    for (const Macro *m = name->macros; m != NULL; m = m->next) {
        Term arity = m->arity == ARITY_NONE ? ATOM_none : term_small(m->arity);
        Term pair = heap_tuple2(pp->heap, arity, macro_to_term(pp, m));
        list = heap_cons(pp->heap, pair, list);
    }
    // The list was made from the newest to the oldest: turn it around.
    Term turned = TERM_NIL;
    for (; term_is_cons(list); list = term_tail(list))
        turned = heap_cons(pp->heap, term_head(list), turned);
    return turned;
}

Term macro_table_to_term(Preprocess *pp)
{
    Term list = TERM_NIL;
    for (size_t i = 0; i < pp->macros.room; i++) {
        const MacroName *name = &pp->macros.slots[i];
        if (term_is_none(name->name) || name->kind == NAME_ABSENT) continue;
        Term key = heap_tuple2(pp->heap, ATOM_atom, name->name);
        list = heap_cons(pp->heap,
                         heap_tuple2(pp->heap, key, name_to_term(pp, name)),
                         list);
    }
    return list;
}
