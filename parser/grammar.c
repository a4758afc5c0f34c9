// SPDX-License-Identifier: Apache-2.0
// Grammar: making it, running it, and saying what is wrong.
//
// Errors are OTP's: the first token that no continuation of what stands before
// it can begin with. mpc reports the furthest token that any rule failed at,
// which is the same token as long as no rule gives up a choice too early; the
// rules are written so. An action may fail too; it does so with the token
// behind what it looked at, and its error comes before that token's.
//
// yecc's tables reduce without a look at the next token where nothing else can
// be done. So when a form is complete but for its dot, its action runs and may
// fail before the token in the dot's place does: run_cut tries that.
#include "grammar.h"

#include <stdlib.h>

#include "abstract.h"
#include "buffer.h"
#include "grammar_part.h"
#include "memory.h"
#include "print.h"
#include "quote.h"

enum { PAGE_ITEMS = 256 }; // 16 KB: most forms need one page

struct ItemPage {
    ItemPage *next; // of the chain in use, or of the spare ones
    size_t used;    // of items
    Item items[PAGE_ITEMS];
};

// ---- making and freeing ----

// A mark of no token: its index is where the next rule begins.
static mpc_val_t *fold_here(int n, mpc_val_t **xs)
{
    long at = ((mpc_state_t *)xs[0])->pos;
    (void)n;
    mpcf_free(xs[0]);
    return token_value((size_t)at);
}

// Rules name each other, so all names are there before any is defined.
Grammar *grammar_new(Node *node)
{
    static const char *const names[RULE_COUNT] = {
#define RULE_TEXT(name) #name,
        RULES(RULE_TEXT)
#undef RULE_TEXT
    };
    Grammar *g = memory_zeroed(1, sizeof *g);
    g->node = node;
    g->atoms = node->atoms;
    for (int i = 0; i < RULE_COUNT; i++) g->rules[i] = mpc_new(names[i]);
    define(g, RULE_HERE, mpc_and(1, fold_here, mpc_state()));
    grammar_define_expressions(g);
    grammar_define_binaries(g);
    grammar_define_blocks(g);
    grammar_define_operators(g);
    grammar_define_types(g);
    grammar_define_forms(g);
    // Both roots: what the second shares with the first is ready then.
    mpc_optimise(g->rules[RULE_FORM]);
    mpc_optimise(g->rules[RULE_EXPRS_FORM]);
    return g;
}

static void free_pages(ItemPage *page)
{
    while (page != NULL) {
        ItemPage *next = page->next;
        free(page);
        page = next;
    }
}

// Frees named parsers; all are emptied before any is gone.
// mpc_delete looks at a parser's children to see whose they are, so no child
// may be gone when its parent is deleted.
static void free_parsers(mpc_parser_t **parsers, size_t count, bool last)
{
    for (size_t i = 0; i < count; i++) {
        if (parsers[i] == NULL) continue;
        if (last)
            mpc_delete(parsers[i]);
        else
            mpc_undefine(parsers[i]);
    }
}

void grammar_free(Grammar *g)
{
    for (int last = 0; last < 2; last++) {
        free_parsers(g->rules, RULE_COUNT, last);
        free_parsers(g->marks, TOKEN_COUNT, last);
        free_parsers(g->skips, TOKEN_COUNT, last);
    }
    for (size_t i = 0; i < g->template_count; i++) free(g->templates[i]);
    free_pages(g->pages);
    free_pages(g->spare);
    free(g->kinds);
    free(g);
}

// ---- what actions need ----

// Zeroed but for [value]; good until the parse ends.
Item *grammar_item(Grammar *g, Term value)
{
    ItemPage *page = g->pages;
    if (page == NULL || page->used == PAGE_ITEMS) {
        page = g->spare;
        if (page != NULL) {
            g->spare = page->next;
            g->spare_count--;
        } else {
            page = memory_alloc(sizeof *page);
        }
        page->used = 0;
        page->next = g->pages;
        g->pages = page;
    }
    Item *item = &page->items[page->used++];
    *item = (Item){.value = value};
    return item;
}

// Keeps some pages for the next parse.
// A form of thousands of items is rare; its pages are not kept for ever.
static void recycle_pages(Grammar *g)
{
    enum { SPARE_MOST = 16 };
    while (g->spare_count < SPARE_MOST && g->pages != NULL) {
        ItemPage *page = g->pages;
        g->pages = page->next;
        page->next = g->spare;
        g->spare = page;
        g->spare_count++;
    }
    free_pages(g->pages);
    g->pages = NULL;
}

void grammar_fail(Grammar *g, size_t next, Term anno, Term descriptor)
{
    // A failure at the same token came from a part that was reduced first.
    if (g->failed && g->failed_at <= next) return;
    g->failed = true;
    g->failed_at = next;
    g->failed_location = grammar_location(anno);
    g->failed_descriptor = descriptor;
}

void grammar_fail_text(Grammar *g, size_t next, Term anno, const char *text)
{
    grammar_fail(g, next, anno,
                 heap_string(g->heap, text, strlen(text), TERM_NIL));
}

void grammar_fail_syntax(Grammar *g, size_t index)
{
    grammar_fail(g, index, anno_at(g, index),
                 grammar_syntax_descriptor(g, index));
}

// ---- the text of a token in an error ----

// Appends the token as it could have stood in the source.
// As io_lib writes it, but a variable and a string need their own way.
static void add_token_text(const Grammar *g, Buffer *out, const Token *t)
{
    PrintOptions o;
    const AtomText *name;
    print_options_init(&o);
    o.encoding = PRINT_UNICODE;
    switch (t->kind) {
    case TOKEN_CHAR:
        quote_add_char_literal(out, (uint32_t)term_small_value(t->value),
                               false);
        return;
    case TOKEN_VAR:
        name = atom_text(g->atoms, t->value);
        buffer_add(out, name->bytes, name->size);
        return;
    // The dot of a form is shown as '.', quotes included.
    case TOKEN_DOT: buffer_add(out, "'.'", 3); return;
    case TOKEN_STRING: quote_add_string(out, t->value, false); return;
    case TOKEN_SIGIL_SUFFIX:
        // A list of characters is shown as a string.
        o.strings = true;
        print_write(g->node, out, t->value, &o);
        return;
    default: print_write(g->node, out, t->value, &o);
    }
}

// The text that erl_scan keeps in an annotation; TERM_NONE without.
// The option text of erl_scan keeps how a token was written: "16#FF", not 255.
static Term text_in_anno(Term anno)
{
    for (; term_is_cons(anno); anno = term_tail(anno)) {
        Term pair = term_head(anno);
        if (term_is_tuple_of(pair, 2)
            && term_same(term_tuple_get(pair, 0), ATOM_text))
            return term_tuple_get(pair, 1);
    }
    return TERM_NONE;
}

// ["syntax error before: ", "')'"]; at the very end the text is [].
Term grammar_syntax_descriptor(Grammar *g, size_t index)
{
    static const char words[] = "syntax error before: ";
    Term text = TERM_NIL;
    if (index < g->count) {
        text = text_in_anno(anno_at(g, index));
        if (term_is_none(text)) {
            Buffer b;
            buffer_init(&b);
            add_token_text(g, &b, token_at(g, index));
            text = heap_string_utf8(g->heap, (const char *)b.bytes, b.size,
                                    TERM_NIL);
            buffer_free(&b);
        }
    }
    Term intro = heap_string(g->heap, words, sizeof words - 1, TERM_NIL);
    return heap_list(g->heap, 2, (Term[]){intro, text}, TERM_NIL);
}

// ---- maybe, where it is no reserved word ----
// "maybe" and "else" were atoms for long. Where the scanner was not told to
// reserve them, "maybe" begins an expression if a token follows that cannot
// follow an atom, and "else" goes with it where an atom cannot stand.

// Whether a token of this kind begins an expression and nothing else.
// Behind the atom "maybe" these can only be a syntax error, so "maybe X" is
// safe to take for the block. "maybe (" is a call, "maybe -" a subtraction.
static bool begins_operand(char kind)
{
    switch (kind) {
    case TOKEN_ATOM: case TOKEN_VAR: case TOKEN_INTEGER: case TOKEN_FLOAT:
    case TOKEN_CHAR: case TOKEN_STRING: case TOKEN_SIGIL_PREFIX:
    case TOKEN_LBRACE: case TOKEN_LBRACKET: case TOKEN_LBINARY:
    case TOKEN_BEGIN: case TOKEN_CASE: case TOKEN_IF: case TOKEN_FUN:
    case TOKEN_TRY: case TOKEN_RECEIVE: case TOKEN_MAYBE: case TOKEN_NOT:
    case TOKEN_BNOT: case TOKEN_CATCH:
    // A record or map: an atom has no fields to update.
    case TOKEN_HASH: return true;
    default: return false;
    }
}

// Whether "maybe" at [i] begins "maybe (...) ?= ...": a call is no pattern.
static bool begins_match(const Grammar *g, size_t i)
{
    if (g->kinds[++i] != TOKEN_LPAREN) return false;
    for (size_t open = 0; i + 1 < g->count; i++) {
        if (g->kinds[i] == TOKEN_LPAREN) open++;
        else if (g->kinds[i] == TOKEN_RPAREN && --open == 0)
            return g->kinds[i + 1] == TOKEN_MAYBE_MATCH;
    }
    return false;
}

static bool ends_operand(char kind)
{
    switch (kind) {
    case TOKEN_ATOM: case TOKEN_VAR: case TOKEN_INTEGER: case TOKEN_FLOAT:
    case TOKEN_CHAR: case TOKEN_STRING: case TOKEN_SIGIL_SUFFIX:
    case TOKEN_RPAREN: case TOKEN_RBRACE: case TOKEN_RBRACKET:
    case TOKEN_RBINARY: case TOKEN_END: return true;
    default: return false;
    }
}

// Gives the kinds of reserved words to "maybe" and "else" where they are such.
// A prompt reads "maybe ok ?= f() else _ -> no end" with maybe as an atom.
static void reserve_maybe(Grammar *g)
{
    bool open = false;
    // The last token is the dot.
    for (size_t i = 0; i + 1 < g->count; i++) {
        if (g->kinds[i] != TOKEN_ATOM) continue;
        Term name = g->tokens[i].value;
        if (term_same(name, ATOM_maybe)
            && (begins_operand(g->kinds[i + 1]) || begins_match(g, i))) {
            g->kinds[i] = TOKEN_MAYBE;
            open = true;
        } else if (open && term_same(name, ATOM_else)
                   && ends_operand(g->kinds[i - 1])) {
            g->kinds[i] = TOKEN_ELSE;
        }
    }
}

// ---- parsing ----

// Takes the kinds of the tokens for mpc to read; notes whether their places
// rise, for macros can mix those of two lines.
// The check for order makes grammar_first_anno quick in nearly all forms.
static void take_kinds(Grammar *g)
{
    const Token *tokens = g->tokens;
    char *kinds = g->kinds;
    bool named = false; // an atom that may be a reserved word
    bool ordered = true;
    uint64_t last = 0;
    // Without branches: it is run over all tokens of all forms.
    for (size_t i = 0, n = g->count; i < n; i++) {
        uint64_t place = (uint64_t)(uint32_t)tokens[i].place.line << 32
                         | (uint32_t)tokens[i].place.column;
        kinds[i] = (char)tokens[i].kind;
        ordered &= place >= last;
        named |= term_same(tokens[i].value, ATOM_maybe);
        last = place;
    }
    kinds[g->count] = 0; // a NUL, for mpc_parse's sake
    g->ordered = ordered;
    if (named) reserve_maybe(g);
}

// Nothing of an earlier parse is left but memory.
static void begin(Grammar *g, Heap *heap, TokenList *tokens)
{
    g->heap = heap;
    g->tokens = tokens->items;
    g->count = tokens->count;
    g->failed = false;
    g->run_start = g->run_end = 0;
    if (g->kinds_room < tokens->count + 1)
        g->kinds = memory_grow(g->kinds, &g->kinds_room, tokens->count + 1, 1);
    take_kinds(g);
}

// "-spec" and "-callback" have a token of their own in the grammar.
// Elsewhere "spec" is an atom: spec(X) -> X. is a function.
static void mark_spec(Grammar *g)
{
    if (g->count < 2 || g->kinds[0] != TOKEN_MINUS || g->kinds[1] != TOKEN_ATOM)
        return;
    Term name = g->tokens[1].value;
    if (term_same(name, ATOM_spec)) g->kinds[1] = TOKEN_SPEC;
    if (term_same(name, ATOM_callback)) g->kinds[1] = TOKEN_CALLBACK;
}

// The places of an empty form and of no expressions are those of OTP, which
// reads expressions as the body of a function in line 0.
// 999999 is what yecc's end of input answers: {'$end', 999999}.
static Term fail_location(Grammar *g, RuleName name, size_t at)
{
    if (g->count == 0) return term_small(name == RULE_FORM ? 999999 : 0);
    return grammar_location(anno_at(g, at < g->count ? at : g->count - 1));
}

// Fills [error] for a parse by [name] that stopped at token [at].
static void report(Grammar *g, RuleName name, size_t at, ParseError *error)
{
    *error = (ParseError){.module = ATOM_erl_parse, .token = at};
    // An action's failure counts only if it comes first in the text.
    if (g->failed && g->failed_at <= at) {
        error->location = g->failed_location;
        error->descriptor = g->failed_descriptor;
        error->token = g->failed_at;
        return;
    }
    error->location = fail_location(g, name, at);
    error->descriptor = grammar_syntax_descriptor(g, at);
}

// What mpc says besides "expected": its depth is exhausted.
// Only with an installed mpc, whose recursion has a cap; merle's own has none.
static bool too_deep(const mpc_err_t *e)
{
    return e->failure != NULL && strstr(e->failure, "depth") != NULL;
}

// Whether exhausted depth is why [name] stops at token [at], though mpc does
// not say so: what was expected there hides it. With more parsers around it
// such a parse stops at an earlier token, any other at the same one.
static bool stops_for_depth(Grammar *g, RuleName name, size_t at)
{
    // More than a level of any nest takes; and what it takes at least of tokens
    // to come to mpc's cap.
    enum { LEVELS = 64, TOKENS = 50 };
    if (at < TOKENS) return false;
    mpc_parser_t *p = g->rules[name];
    for (int i = 0; i < LEVELS; i++) p = mpc_and(1, mpcf_fst, p);
    mpc_result_t r;
    bool earlier = false;
    if (!mpc_nparse("", g->kinds, g->count, p, &r)) {
        earlier = too_deep(r.error) || (size_t)r.error->state.pos < at;
        mpc_err_delete(r.error);
    }
    mpc_delete(p);
    return earlier;
}

// Runs [name] on the tokens before [at], as if a dot stood there: what an
// action finds wrong then comes before the token at [at].
// "-export(foo) x." is "bad attribute" in OTP, and not "before: x": the
// attribute was complete; so it is without any more tokens. There is room for
// one kind more than tokens. The parse's result is of no interest here.
static void run_cut(Grammar *g, RuleName name, size_t at)
{
    mpc_result_t r;
    char kind = g->kinds[at];
    g->kinds[at] = TOKEN_DOT;
    if (!mpc_nparse("", g->kinds, at + 1, g->rules[name], &r))
        mpc_err_delete(r.error);
    g->kinds[at] = kind;
}

// Whatever happens, items are gone behind this; terms stay on the caller's
// heap.
static bool run(Grammar *g, RuleName name, Term *result, ParseError *error)
{
    mpc_result_t r;
    bool good = mpc_nparse("", g->kinds, g->count, g->rules[name], &r);
    if (good) {
        *result = value_term(r.output);
        // Every token is in place, so an action's failure counts.
        if (g->failed) report(g, name, SIZE_MAX, error);
        good = !g->failed;
    } else {
        size_t at = (size_t)r.error->state.pos;
        if (too_deep(r.error) || stops_for_depth(g, name, at))
            grammar_fail_text(g, 0, anno_at(g, at < g->count ? at : 0),
                              "nesting too deep");
        // If an action failed already its token decides, see report.
        else if (!g->failed && g->count > 0)
            run_cut(g, name, at);
        mpc_err_delete(r.error);
        report(g, name, at, error);
    }
    recycle_pages(g);
    return good;
}

bool grammar_parse_form(Grammar *g, Heap *heap, TokenList *tokens, Term *form,
                        ParseError *error)
{
    begin(g, heap, tokens);
    mark_spec(g);
    return run(g, RULE_FORM, form, error);
}

bool grammar_parse_exprs(Grammar *g, Heap *heap, TokenList *tokens,
                         Term *exprs, ParseError *error)
{
    begin(g, heap, tokens);
    return run(g, RULE_EXPRS_FORM, exprs, error);
}

Term grammar_error_term(Heap *heap, const ParseError *error)
{
    return heap_tuple3(heap, error->location, error->module,
                       error->descriptor);
}

bool grammar_parse_term(Grammar *g, Heap *heap, TokenList *tokens, Term *term,
                        ParseError *error)
{
    Term exprs, wrong;
    // An expression first: a term is one without variables, calls and the like.
    if (!grammar_parse_exprs(g, heap, tokens, &exprs, error)) return false;
    wrong = term_head(exprs);
    if (term_is_cons(term_tail(exprs)))
        // "1, 2." is bad at the second expression.
        wrong = term_head(term_tail(exprs));
    // Arithmetic is no term either: "1 + 1." is bad, "-1." is not.
    else if (abstract_normalise(g->node, heap, wrong, NORMALISE_TERM, term))
        return true;
    *error = (ParseError){.module = ATOM_erl_parse};
    error->location = grammar_location(grammar_leftmost(g, wrong));
    error->descriptor = heap_string(heap, "bad term", 8, TERM_NIL);
    return false;
}
