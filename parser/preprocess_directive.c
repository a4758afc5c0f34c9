// SPDX-License-Identifier: Apache-2.0
// The preprocessor's directives. Each is a form whose tokens are in pp->form:
// a minus, the directive's name and what follows it.
#include <errno.h>
#include <stdlib.h>

#include "environment.h"
#include "memory.h"
#include "preprocess_state.h"

enum { AFTER_NAME = 2 };         // index of the first token behind the name
// Beyond all kinds.
enum { VAR_OR_ATOM = TOKEN_COUNT }; // in patterns

// "-define(..)": token 0 is '-', token 1 the name.
static const Token *name_token(const Preprocess *pp)
{
    return &pp->form.items[1];
}

// ---- patterns ----
// Directives are read by patterns of tokens, not by the grammar: epp does so
// too, and says {bad, define} where the grammar would say "syntax error".

static bool token_fits(const Token *t, int kind)
{
    if (kind == VAR_OR_ATOM)
        return t->kind == TOKEN_VAR || t->kind == TOKEN_ATOM;
    return t->kind == kind;
}

// Whether the tokens of [list] from [from] on are of these [kinds], no more
// and no less. [*wrong] is the first that is not, or the last one there is.
static bool match_tokens(const TokenList *list, size_t from, size_t count,
                         const int *kinds, const Token **wrong)
{
    size_t i = 0;
    while (i < count && from + i < list->count
           && token_fits(&list->items[from + i], kinds[i]))
        i++;
    if (i == count && from + i == list->count) return true;
    // Too short: the last token is to blame.
    size_t at = from + i < list->count ? from + i : from + i - 1;
    *wrong = &list->items[at];
    return false;
}

// epp shows it as "badly formed 'define'".
static void answer_bad(Preprocess *pp, const Token *at)
{
    Term name = name_token(pp)->value;
    answer_error(pp, at, heap_tuple2(pp->heap, ATOM_bad, name));
}

// Matches what follows the name, or answers {bad, Directive}.
static bool expect_tokens(Preprocess *pp, size_t count, const int *kinds)
{
    const Token *wrong = name_token(pp);
    if (match_tokens(&pp->form, AFTER_NAME, count, kinds, &wrong)) return true;
    answer_bad(pp, wrong);
    return false;
}

// The token behind the name, or the name.
static const Token *first_argument(const Preprocess *pp)
{
    return pp->form.count > AFTER_NAME ? &pp->form.items[AFTER_NAME]
                                       : name_token(pp);
}

// Joins neighbouring strings from [from] on.
// "a" "b" is one string to -include as well, but the parser, which joins them
// elsewhere, is not asked here.
static void join_strings(Preprocess *pp, TokenList *list, size_t from)
{
    size_t n = from;
    for (size_t i = from; i < list->count; i++) {
        Token *t = &list->items[i];
        if (n == from || t->kind != TOKEN_STRING
            || list->items[n - 1].kind != TOKEN_STRING) {
            list->items[n++] = *t;
            continue;
        }
        // Both are lists; the first is copied in front of the second.
        Token *last = &list->items[n - 1];
        size_t count = (size_t)term_list_length(last->value), k = 0;
        Term *all = memory_alloc((count + 1) * sizeof *all);
        for (Term c = last->value; term_is_cons(c); c = term_tail(c))
            all[k++] = term_head(c);
        last->value = heap_list(pp->heap, count, all, t->value);
        free(all);
    }
    if (list->count > from) list->count = n;
}

// ---- conditions ----
// The stack holds what each open conditional was last: ifdef, ifndef, if, else
// or elif. Which of them it is decides what may come next.

static void push_condition(SourceFile *f, Term condition)
{
    if (f->condition_count == f->condition_room)
        f->conditions = memory_grow(f->conditions, &f->condition_room, 8,
                                    sizeof *f->conditions);
    f->conditions[f->condition_count++] = condition;
}

static void answer_illegal(Preprocess *pp, const Token *at, const char *how,
                           Term what)
{
    Term text = heap_string(pp->heap, how, strlen(how), TERM_NIL);
    answer_error(pp, at, heap_tuple3(pp->heap, ATOM_illegal, text, what));
}

// What a skipped form does to the conditionals that are skipped.
// ENTER: the forms behind are read again.
typedef enum { SKIP_ON, SKIP_ENTER } Skip;

static Term *skip_top(SourceFile *f)
{
    return &f->conditions[f->condition_count - 1];
}

// The one that began the skipping; those above it opened meanwhile.
static bool skips_one(const SourceFile *f)
{
    return f->condition_count == f->skip_base + 1;
}

// While skipping: "-else." of the outermost turns reading on, unless a branch
// of it was read before (elif stands there then).
static Skip skip_else(Preprocess *pp)
{
    SourceFile *f = pp->file;
    if (term_same(*skip_top(f), ATOM_else)) {
        answer_illegal(pp, name_token(pp), "repeated", ATOM_else);
        return SKIP_ON;
    }
    // A branch was true: its else is skipped.
    if (term_same(*skip_top(f), ATOM_elif)) {
        *skip_top(f) = ATOM_else;
        return SKIP_ON;
    }
    if (!skips_one(f)) return SKIP_ON; // of an inner one: all of it is skipped
    *skip_top(f) = ATOM_else;
    return SKIP_ENTER;
}

static Skip skip_elif(Preprocess *pp)
{
    SourceFile *f = pp->file;
    if (term_same(*skip_top(f), ATOM_else)) {
        answer_error(pp, name_token(pp), ATOM_elif_after_else);
        return SKIP_ON;
    }
    // A condition before this one was true.
    // Only the first branch whose condition holds is read.
    if (term_same(*skip_top(f), ATOM_elif) || !skips_one(f)) return SKIP_ON;
    // From here on the next -elif or -else may be the one.
    *skip_top(f) = ATOM_if;
    if (first_argument(pp)->kind != TOKEN_LPAREN) {
        answer_bad(pp, first_argument(pp));
        return SKIP_ON;
    }
    Condition c = condition_evaluate(pp, AFTER_NAME, name_token(pp));
    return c == CONDITION_TRUE ? SKIP_ENTER : SKIP_ON;
}

// The outermost has ended: what follows it is read.
static Skip skip_endif(Preprocess *pp)
{
    SourceFile *f = pp->file;
    f->condition_count--;
    return f->condition_count == f->skip_base ? SKIP_ENTER : SKIP_ON;
}

// Skipped forms are scanned but not expanded; only these names count. "if" and
// "else" are words, the others are atoms.
static Skip skip_form(Preprocess *pp)
{
    const Token *t = pp->form.items;
    // Errors of the scanner in a skipped form were dropped by form_scan.
    if (pp->form.count < AFTER_NAME || t[0].kind != TOKEN_MINUS) return SKIP_ON;
    if (t[1].kind == TOKEN_IF) {
        push_condition(pp->file, ATOM_if);
        return SKIP_ON;
    }
    if (t[1].kind == TOKEN_ELSE) return skip_else(pp);
    if (t[1].kind != TOKEN_ATOM) return SKIP_ON;
    switch (t[1].value.bits) {
    case ATOM_BITS_ifdef:
    case ATOM_BITS_ifndef:
        push_condition(pp->file, t[1].value);
        return SKIP_ON;
    case ATOM_BITS_else: return skip_else(pp);
    case ATOM_BITS_elif: return skip_elif(pp);
    case ATOM_BITS_endif: return skip_endif(pp);
    default: return SKIP_ON;
    }
}

// As a loop here, not as a state of the reader: nothing else is done until the
// conditional ends.
void directive_skip(Preprocess *pp, Term condition)
{
    SourceFile *f = pp->file;
    f->skipping = true;
    f->skip_base = f->condition_count;
    push_condition(f, condition);
    Skip skip = SKIP_ON;
    while (skip == SKIP_ON) {
        // The end of the file has answered "unterminated" for all of them.
        if (!form_scan(pp)) return; // the file was left
        skip = skip_form(pp);
    }
    f->skipping = false;
}

// A name that is badly given counts as a condition that is false.
static void run_ifdef(Preprocess *pp, bool wanted)
{
    static const int PATTERN[] = {TOKEN_LPAREN, VAR_OR_ATOM, TOKEN_RPAREN,
                                  TOKEN_DOT};
    Term directive = name_token(pp)->value;
    bool holds = false;
    if (expect_tokens(pp, 4, PATTERN)) {
        Term name = pp->form.items[AFTER_NAME + 1].value;
        holds = macro_is_defined(&pp->macros, name) == wanted;
    }
    if (holds)
        push_condition(pp->file, directive);
    else
        directive_skip(pp, directive);
}

static void run_if(Preprocess *pp)
{
    // An error skips the branch too, so that one mistake is one error.
    Condition c = CONDITION_BAD;
    if (first_argument(pp)->kind == TOKEN_LPAREN)
        c = condition_evaluate(pp, AFTER_NAME, name_token(pp));
    else
        answer_error(pp, first_argument(pp),
                     heap_tuple2(pp->heap, ATOM_bad, ATOM_if));
    if (c == CONDITION_TRUE)
        // What stands on the stack while its branch is read.
        push_condition(pp->file, ATOM_if);
    else
        directive_skip(pp, ATOM_if);
}

static bool has_condition(const SourceFile *f, Term condition)
{
    return f->condition_count > 0
           && term_same(f->conditions[f->condition_count - 1], condition);
}

// Reached while reading: the branch before was the true one, so this one is
// skipped.
static void run_else(Preprocess *pp)
{
    static const int PATTERN[] = {TOKEN_DOT};
    SourceFile *f = pp->file;
    if (!expect_tokens(pp, 1, PATTERN)) return;
    if (f->condition_count == 0) {
        answer_illegal(pp, name_token(pp), "unbalanced", ATOM_else);
        return;
    }
    if (has_condition(f, ATOM_else))
        answer_illegal(pp, name_token(pp), "repeated", ATOM_else);
    f->condition_count--;
    directive_skip(pp, ATOM_else);
}

// Same with -elif: it is not even looked at.
static void run_elif(Preprocess *pp)
{
    SourceFile *f = pp->file;
    bool last = has_condition(f, ATOM_else);
    if (last || f->condition_count == 0)
        answer_illegal(pp, name_token(pp), "unbalanced", ATOM_elif);
    if (f->condition_count == 0) return;
    f->condition_count--;
    // An else was there already; only -endif can follow.
    directive_skip(pp, last ? ATOM_else : ATOM_elif);
}

static void run_endif(Preprocess *pp)
{
    static const int PATTERN[] = {TOKEN_DOT};
    if (!expect_tokens(pp, 1, PATTERN)) return;
    if (pp->file->condition_count > 0)
        pp->file->condition_count--;
    else
        answer_illegal(pp, name_token(pp), "unbalanced", ATOM_endif);
}

// ---- -define and -undef ----
// -define(NAME, tokens). -define(NAME(A, B), tokens).

// The tokens from [from] to the closing parenthesis before the dot.
// The body is any tokens, brackets need not match. The last ')' and the dot
// belong to the directive.
static bool find_body(Preprocess *pp, size_t from, Macro *macro)
{
    const Token *t = pp->form.items;
    size_t n = pp->form.count;
    if (t[n - 1].kind != TOKEN_DOT) {
        answer_error(pp, &t[n - 1], ATOM_premature_end);
        return false;
    }
    if (n < from + 2 || t[n - 2].kind != TOKEN_RPAREN) {
        answer_error(pp, &t[n - 1], ATOM_missing_parenthesis);
        return false;
    }
    // Not copied yet: macro_add does that.
    macro->tokens = pp->form.items + from;
    macro->token_count = n - 2 - from;
    return true;
}

static const Token *token_or_last(const Preprocess *pp, size_t i)
{
    return &pp->form.items[i < pp->form.count ? i : pp->form.count - 1];
}

static bool kind_at(const Preprocess *pp, size_t i, TokenKind kind)
{
    return i < pp->form.count && pp->form.items[i].kind == kind;
}

// Few parameters: a linear look is enough.
static bool add_parameter(Preprocess *pp, Macro *macro, const Token *t)
{
    for (int i = 0; i < macro->arity; i++) {
        if (!term_same(macro->parameters[i], t->value)) continue;
        answer_error(pp, t, heap_tuple2(pp->heap, ATOM_duplicated_argument,
                                        t->value));
        return false;
    }
    macro->parameters[macro->arity++] = t->value;
    return true;
}

// Reads parameters behind the open parenthesis at [i], and the body.
// -define(F(), 1) has arity 0, which is not ARITY_NONE.
static bool read_parameters(Preprocess *pp, size_t i, Macro *macro)
{
    const Token *t = pp->form.items;
    macro->arity = 0;
    // No more than there are tokens.
    macro->parameters = (Term *)heap_alloc(&pp->scratch, pp->form.count);
    for (i++; !kind_at(pp, i, TOKEN_RPAREN); i++) {
        if (macro->arity > 0) {
            if (!kind_at(pp, i, TOKEN_COMMA)
                || !kind_at(pp, i + 1, TOKEN_VAR)) {
                answer_bad(pp, token_or_last(pp, i));
                return false;
            }
            i++;
        } else if (!kind_at(pp, i, TOKEN_VAR)) {
            answer_bad(pp, token_or_last(pp, i));
            return false;
        }
        if (!add_parameter(pp, macro, &t[i])) return false;
    }
    if (!kind_at(pp, i + 1, TOKEN_COMMA)) {
        answer_error(pp, token_or_last(pp, i + 1), ATOM_missing_comma);
        return false;
    }
    return find_body(pp, i + 2, macro);
}

// Errors name the first token that is out of place, as OTP's do.
static bool read_macro(Preprocess *pp, Macro *macro)
{
    static const int PATTERN[] = {TOKEN_LPAREN, VAR_OR_ATOM};
    enum { NAME = AFTER_NAME + 1, NEXT };
    const Token *wrong = name_token(pp);
    if (!kind_at(pp, AFTER_NAME, TOKEN_LPAREN)
        || (!kind_at(pp, NAME, TOKEN_VAR) && !kind_at(pp, NAME, TOKEN_ATOM))) {
        match_tokens(&pp->form, AFTER_NAME, 2, PATTERN, &wrong);
        answer_bad(pp, wrong);
        return false;
    }
    if (kind_at(pp, NEXT, TOKEN_COMMA)) {
        macro->arity = ARITY_NONE;
        return find_body(pp, NEXT + 1, macro);
    }
    if (kind_at(pp, NEXT, TOKEN_LPAREN))
        return read_parameters(pp, NEXT, macro);
    // Neither ',' nor '(' behind the name.
    answer_bad(pp, NEXT < pp->form.count ? &pp->form.items[NEXT]
                                         : name_token(pp));
    return false;
}

static void run_define(Preprocess *pp)
{
    Macro macro = {0};
    if (!read_macro(pp, &macro)) return;
    const Token *name = &pp->form.items[AFTER_NAME + 1];
    MacroName *old = macro_find(&pp->macros, name->value);
    // Macros are overloaded by arity: F and F(X) may both be there, but each
    // only once. Predefined ones never.
    if (old != NULL
        && (old->kind != NAME_USER || macro_find_arity(old, macro.arity))) {
        Term what = old->kind == NAME_USER ? ATOM_redefine
                                           : ATOM_redefine_predef;
        answer_error(pp, name, heap_tuple2(pp->heap, what, name->value));
        return;
    }
    // A wrong call in the body ("?G(" without end) is found here.
    if (macro_note_uses(pp, &macro))
        macro_add(pp, name->value, &macro);
    else
        answer_error(pp, &pp->failed, pp->failure);
    free(macro.uses);
}

// Undefining what is not defined is no error.
static void run_undef(Preprocess *pp)
{
    static const int PATTERN[] = {TOKEN_LPAREN, VAR_OR_ATOM, TOKEN_RPAREN,
                                  TOKEN_DOT};
    // -define and -include leave the prefix as it is, -undef does not: as epp.
    pp->in_prefix = false;
    if (expect_tokens(pp, 4, PATTERN))
        macro_remove(pp, pp->form.items[AFTER_NAME + 1].value);
}

// ---- -error and -warning ----

// -error(Term). -warning(Term). The term may use macros, and is answered with
// the place of the directive.
static void run_message(Preprocess *pp)
{
    pp->in_prefix = false;
    Token name = *name_token(pp);
    if (!kind_at(pp, AFTER_NAME, TOKEN_LPAREN)) {
        answer_bad(pp, first_argument(pp));
        return;
    }
    Term value;
    ParseError error;
    pp->function = FUNCTION_NOT_SOUGHT;
    if (!macro_expand(pp, &pp->form, AFTER_NAME)
        || !grammar_parse_term(pp->grammar, pp->heap, &pp->expanded, &value,
                               &error)) {
        answer_bad(pp, &name);
        return;
    }
    Heap *h = pp->heap;
    Term info = heap_tuple3(h, place_to_term(h, name.place), ATOM_epp,
                            heap_tuple2(h, name.value, value));
    answer_term(pp, heap_tuple2(h, name.value, info));
}

// ---- -include and -include_lib ----

// "$VAR/rest" with the variable's value, if it has one.
// -include("$PROJECT/include/x.hrl").
static char *expand_variable(Preprocess *pp, char *path)
{
    if (path[0] != '$') return path;
    size_t n = strcspn(path, "/");
    char end = path[n];
    path[n] = 0;
    char *value = environment_get(pp->node, path + 1);
    // The slash again: the path is used when there is no such variable.
    path[n] = end;
    if (value == NULL) return path;
    char *all = end == 0 ? path_join("", value)
                         : path_join(value, path + n + 1);
    free(value);
    free(path);
    return all;
}

// The path that an include directive names; NULL: an error was answered.
// Names are found without macros: -include(?FILE) is "bad".
static char *include_path(Preprocess *pp)
{
    static const int PATTERN[] = {TOKEN_LPAREN, TOKEN_STRING, TOKEN_RPAREN,
                                  TOKEN_DOT};
    join_strings(pp, &pp->form, AFTER_NAME);
    if (!expect_tokens(pp, 4, PATTERN)) return NULL;
    char *path = string_to_path(pp->form.items[AFTER_NAME + 1].value);
    if (path == NULL) {
        answer_bad(pp, &pp->form.items[AFTER_NAME + 1]);
        return NULL;
    }
    return expand_variable(pp, path);
}

// The name in forms is the path as it was put together.
static bool enter_path(Preprocess *pp, char *path)
{
    bool ok = source_enter(pp, path);
    free(path);
    return ok;
}

// Enters the first file called [name] on the path of includes.
// First beside the file that includes it, then along the path of {i, Dir}.
static bool enter_found(Preprocess *pp, const char *name)
{
    if (enter_path(pp, path_join(pp->file->directory, name))) return true;
    // A file that is there but cannot be read ends the search.
    if (errno != ENOENT || path_is_absolute(name)) return false;
    Term t = pp->options->includes;
    for (; term_is_cons(t); t = term_tail(t)) {
        char *directory = string_to_path(term_head(t));
        if (directory == NULL) return false;
        // Compilers are told of a source's own directory, too.
        bool tried = strcmp(directory, pp->file->directory) == 0;
        bool entered = !tried && enter_path(pp, path_join(directory, name));
        free(directory);
        if (entered) return true;
        if (errno != ENOENT) return false;
    }
    return false;
}

// The includer's own depth: 8 files below the main one.
static bool is_too_deep(Preprocess *pp, const Token *at, const char *what)
{
    if (pp->depth < INCLUDE_DEPTH_MOST) return false;
    Term text = heap_string(pp->heap, what, strlen(what), TERM_NIL);
    answer_error(pp, at, heap_tuple2(pp->heap, ATOM_depth, text));
    return true;
}

// {include, file, "x.hrl"}: can't find include file "x.hrl".
static void answer_not_found(Preprocess *pp, const Token *at, Term kind,
                             const char *path)
{
    answer_error(pp, at, heap_tuple3(pp->heap, ATOM_include, kind,
                                     path_to_string(pp, path)));
}

// The token is copied: entering the file scans into pp->form.
static void run_include(Preprocess *pp)
{
    char *path = include_path(pp);
    if (path == NULL) return;
    Token at = pp->form.items[AFTER_NAME + 1];
    if (!is_too_deep(pp, &at, "include") && !enter_found(pp, path))
        answer_not_found(pp, &at, ATOM_file, path);
    free(path);
}

// The directory of the application that [path] begins with, as the caller
// knows it; NULL when it has none, or is still to be asked (pp->library).
// -include_lib("stdlib/include/x.hrl"): the first component is an application.
// Where it lies only Erlang code knows (code:lib_dir).
static char *library_directory(Preprocess *pp, const char *path)
{
    Term name = atom_new(pp->atoms, path, strcspn(path, "/"));
    if (term_is_none(name)) return NULL;
    Term known = pp->options->libraries;
    for (; term_is_cons(known); known = term_tail(known)) {
        Term pair = term_head(known);
        if (!term_is_tuple_of(pair, 2)
            || !term_same(term_tuple_get(pair, 0), name))
            continue;
        Term directory = term_tuple_get(pair, 1);
        // The caller found none: an atom.
        return term_is_cons(directory) ? string_to_path(directory) : NULL;
    }
    // Not asked yet: preprocess_file ends, and is called again.
    pp->library = name;
    return NULL;
}

static bool enter_library(Preprocess *pp, const char *path)
{
    char *directory = library_directory(pp, path);
    if (directory == NULL) return false;
    const char *rest = path + strcspn(path, "/");
    while (*rest == '/') rest++;
    char *full = path_join(directory, rest);
    free(directory);
    return enter_path(pp, full);
}

// OTP tries it as an ordinary include first.
static void run_include_lib(Preprocess *pp)
{
    Token name = *name_token(pp);
    char *path = include_path(pp);
    if (path == NULL) return;
    Token at = pp->form.items[AFTER_NAME + 1];
    if (!is_too_deep(pp, &name, "include_lib") && !enter_found(pp, path)
        && !enter_library(pp, path) && term_is_none(pp->library))
        answer_not_found(pp, &at, ATOM_lib, path);
    free(path);
}

// ---- -file ----
// -file("x.yrl", 12). what follows comes from line 12 of x.yrl; generators
// write it. Lines are counted on from there.

// Lines are counted in 31 bits; no text is as long as what is cut off here, so
// that counting on does not wrap round.
enum { LINE_MOST = 1 << 30 };

static int32_t file_line(Term line)
{
    if (!term_is_small(line) || term_small_value(line) > LINE_MOST)
        return LINE_MOST;
    return (int32_t)term_small_value(line);
}

static void run_file(Preprocess *pp)
{
    static const int PATTERN[] = {TOKEN_LPAREN,  TOKEN_STRING, TOKEN_COMMA,
                                  TOKEN_INTEGER, TOKEN_RPAREN, TOKEN_DOT};
    enum { NAME = 1, LINE = 3 };
    Token at = *name_token(pp);
    const Token *wrong = &at;
    pp->function = FUNCTION_NOT_SOUGHT;
    if (!macro_expand(pp, &pp->form, AFTER_NAME)) {
        answer_error(pp, &pp->failed, pp->failure);
        return;
    }
    // Macros may make several strings of one.
    join_strings(pp, &pp->expanded, 0);
    if (pp->expanded.count == 0
        || !match_tokens(&pp->expanded, 0, 6, PATTERN, &wrong)) {
        answer_bad(pp, wrong);
        return;
    }
    Term name = pp->expanded.items[NAME].value;
    int32_t line = file_line(pp->expanded.items[LINE].value);
    SourceFile *f = pp->file;
    // A generated form: tools know that no one wrote it.
    answer_file(pp, at.place, true, name, (Place){line, 0});
    Token string = {.kind = TOKEN_STRING, .place = {1, 0},
                    .value = source_name(pp, name)};
    // What ?FILE shows; the directory for includes stays that of the file.
    macro_predefine(pp, ATOM_FILE, &string);
    f->name2 = name;
    // On leaving an include the true line is needed again.
    f->delta += at.place.line - line;
    // Forms may span lines: the scanner is behind the directive's dot.
    f->scanner.place.line = line + (f->scanner.place.line - at.place.line);
    if (f->scanner.place.column > 0) f->scanner.place.column = 1;
}

// ---- -feature ----
// -feature(maybe_expr, enable). Only this one feature exists.

static bool is_enabled(const Preprocess *pp, Term feature)
{
    for (Term t = pp->features; term_is_cons(t); t = term_tail(t))
        if (term_same(term_head(t), feature)) return true;
    return false;
}

// Lists of one or two elements: recursion is fine.
static Term features_without(Preprocess *pp, Term features, Term feature)
{
    if (!term_is_cons(features)) return TERM_NIL;
    Term rest = features_without(pp, term_tail(features), feature);
    if (term_same(term_head(features), feature)) return rest;
    return heap_cons(pp->heap, term_head(features), rest);
}

static void set_feature(Preprocess *pp, Term feature, bool enable)
{
    if (!enable)
        pp->features = features_without(pp, pp->features, feature);
    else if (!is_enabled(pp, feature))
        pp->features = heap_cons(pp->heap, feature, pp->features);
    // The scanner stands behind this form, so what follows is read so.
    pp->maybe_words = enable;
    pp->file->scanner.options = enable ? SCANNER_MAYBE : 0;
    macro_set_features(pp);
}

static void run_feature(Preprocess *pp)
{
    static const int PATTERN[] = {TOKEN_LPAREN, TOKEN_ATOM, TOKEN_COMMA,
                                  TOKEN_ATOM,   TOKEN_RPAREN, TOKEN_DOT};
    enum { NAME = AFTER_NAME + 1, HOW = AFTER_NAME + 3 };
    const Token *wrong, *t = pp->form.items;
    bool fits = match_tokens(&pp->form, AFTER_NAME, 6, PATTERN, &wrong);
    bool enable = fits && term_same(t[HOW].value, ATOM_enable);
    if (fits && !pp->in_prefix) {
        answer_error(pp, name_token(pp), ATOM_ftr_after_prefix);
    } else if (!enable && !(fits && term_same(t[HOW].value, ATOM_disable))) {
        answer_bad(pp, first_argument(pp));
    } else if (term_same(t[NAME].value, ATOM_maybe_expr)) {
        set_feature(pp, ATOM_maybe_expr, enable);
    } else {
        Heap *h = pp->heap;
        Term names = heap_cons(h, t[NAME].value, TERM_NIL);
        Term info = heap_tuple3(h, place_to_term(h, t[1].place),
                                ATOM_erl_features,
                                heap_tuple2(h, ATOM_invalid_features, names));
        answer_term(pp, heap_tuple2(h, ATOM_error, info));
    }
}

// ---- -doc and -moduledoc ----

// Only those with a tuple are directives: -doc {file, "x.md"}. with or without
// parentheses.
static bool run_document(Preprocess *pp)
{
    enum { TUPLE = 5 }; // tokens of it
    int pattern[TUPLE + 2] = {TOKEN_LBRACE, TOKEN_ATOM, TOKEN_COMMA,
                              TOKEN_STRING, TOKEN_RBRACE};
    size_t count = TUPLE;
    bool enclosed = kind_at(pp, AFTER_NAME, TOKEN_LPAREN);
    size_t from = AFTER_NAME + enclosed;
    if (pp->options->want_tokens || !kind_at(pp, from, TOKEN_LBRACE))
        return false;
    Token name = *name_token(pp);
    join_strings(pp, &pp->form, from);
    if (enclosed) pattern[count++] = TOKEN_RPAREN;
    pattern[count++] = TOKEN_DOT;
    const Token *wrong, *t = pp->form.items + from;
    if (kind_at(pp, from + 1, TOKEN_ATOM)
        && !term_same(t[1].value, ATOM_file)) {
        answer_error(pp, &t[1], heap_tuple3(pp->heap, name.value, ATOM_invalid,
                                            ATOM_file));
    } else if (!match_tokens(&pp->form, from, count, pattern, &wrong)) {
        answer_bad(pp, wrong);
    } else {
        directive_document(pp, &name, &t[3],
                           &pp->form.items[pp->form.count - 1]);
    }
    return true;
}

// ---- all of them ----
// By atom: the numbers of atoms in atoms.tab are constants.

static bool run_named(Preprocess *pp, Term name)
{
    switch (name.bits) {
    case ATOM_BITS_feature: run_feature(pp); return true;
    case ATOM_BITS_define: run_define(pp); return true;
    case ATOM_BITS_undef: run_undef(pp); return true;
    case ATOM_BITS_error:
    case ATOM_BITS_warning: run_message(pp); return true;
    case ATOM_BITS_include: run_include(pp); return true;
    case ATOM_BITS_include_lib: run_include_lib(pp); return true;
    case ATOM_BITS_ifdef: run_ifdef(pp, true); return true;
    case ATOM_BITS_ifndef: run_ifdef(pp, false); return true;
    case ATOM_BITS_else: run_else(pp); return true;
    case ATOM_BITS_elif: run_elif(pp); return true;
    case ATOM_BITS_endif: run_endif(pp); return true;
    case ATOM_BITS_file: run_file(pp); return true;
    case ATOM_BITS_doc: case ATOM_BITS_moduledoc: return run_document(pp);
    default: return false;
    }
}

bool directive_run(Preprocess *pp)
{
    const Token *t = pp->form.items;
    if (pp->form.count < AFTER_NAME || t[0].kind != TOKEN_MINUS) return false;
    switch (t[1].kind) {
    // Unknown names are attributes, which the parser reads.
    case TOKEN_ATOM: return run_named(pp, t[1].value);
    // "if" and "else" are reserved words, so no atoms.
    case TOKEN_IF: run_if(pp); return true;
    case TOKEN_ELSE: run_else(pp); return true;
    default: return false;
    }
}
