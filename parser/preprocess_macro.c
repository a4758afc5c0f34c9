// SPDX-License-Identifier: Apache-2.0
// Expansion of macros.
//
// Tokens are taken from a source: first from a stack of pending ones (what a
// macro became, to be looked at again together with what follows it), then
// from the form. A macro's tokens get the place of the call, its arguments
// keep theirs.
#include <stdlib.h>

#include "memory.h"
#include "preprocess_state.h"
#include "print.h"
#include "quote.h"

// One run over some tokens. Expanding a constant macro runs another of its own,
// for what it becomes must be complete before it is looked at.
typedef struct {
    Preprocess *pp;      // table of macros, heap, failure
    const Token *tokens; // of the form
    size_t at, count;    // the next token; how many there are
    TokenList pending;   // the last one is the next
    TokenList *out;      // where tokens go that are done
    bool names;          // ?FUNCTION_NAME and its like are known or sought
} Expansion;

static bool expand_tokens(Preprocess *pp, const Token *tokens, size_t count,
                          TokenList *out, bool names);

// The token is copied, for lists of tokens may move.
bool fail_at(Preprocess *pp, const Token *token, Term descriptor)
{
    pp->failed = *token;
    pp->failure = descriptor;
    return false;
}

// Token [k] of those to come; NULL behind the last.
// Looking ahead crosses from what was expanded to the form: ?A(1) where A is
// "B" and "(1)" stands in the text.
static const Token *peek(const Expansion *e, size_t k)
{
    size_t pending = e->pending.count;
    if (k < pending) return &e->pending.items[pending - 1 - k];
    size_t i = e->at + (k - pending);
    return i < e->count ? &e->tokens[i] : NULL;
}

// Never more than there are.
static void drop(Expansion *e, size_t n)
{
    size_t pending = n < e->pending.count ? n : e->pending.count;
    e->pending.count -= pending;
    e->at += n - pending;
}

// Puts tokens before those to come.
// Backwards, since the next one is the last.
static void push_tokens(Expansion *e, const Token *tokens, size_t count)
{
    for (size_t i = count; i-- > 0;) token_list_add(&e->pending, &tokens[i]);
}

// ---- arguments ----

// What closes the bracket or block that [t] opens; TOKEN_EOF if it opens none.
// Commas within brackets do not part arguments, nor do those within "begin ...
// end". Mismatched ones are ignored.
static TokenKind closer_of(const Token *t, const Token *next,
                           const Token *third)
{
    switch (t->kind) {
    case TOKEN_LPAREN: return TOKEN_RPAREN;
    case TOKEN_LBINARY: return TOKEN_RBINARY;
    case TOKEN_LBRACKET: return TOKEN_RBRACKET;
    case TOKEN_LBRACE: return TOKEN_RBRACE;
    case TOKEN_BEGIN: case TOKEN_IF: case TOKEN_CASE: case TOKEN_RECEIVE:
    case TOKEN_TRY: case TOKEN_COND: case TOKEN_MAYBE: return TOKEN_END;
    // "fun f/1" and "fun m:f/1" have no end, "fun F(X) ->" has.
    case TOKEN_FUN: // fun name/1 has no end
        if (next != NULL && next->kind == TOKEN_VAR) next = third;
        if (next != NULL && next->kind == TOKEN_LPAREN) return TOKEN_END;
        return TOKEN_EOF;
    default: return TOKEN_EOF;
    }
}

enum { NESTING_LOCAL = 64 }; // deeper is rare

// Kinds are bytes, so deep nests cost a byte each.
typedef struct {
    // [local], or memory of malloc.
    uint8_t *kinds;     // closers that are awaited
    size_t count, room; // in use, and allocated
    uint8_t local[NESTING_LOCAL];
} Nesting;

static void nest(Nesting *n, TokenKind closer)
{
    if (n->count == n->room) {
        uint8_t *old = n->kinds == n->local ? NULL : n->kinds;
        // [local] cannot be resized.
        uint8_t *wider = memory_resize(old, n->room * 2);
        if (old == NULL) memcpy(wider, n->local, n->room);
        n->kinds = wider;
        n->room *= 2;
    }
    n->kinds[n->count++] = (uint8_t)closer;
}

// The number of the token that ends the argument that begins with token [k]:
// a comma, a closing parenthesis, or none.
// The index, not the token, for the caller looks behind it.
static size_t argument_end(const Expansion *e, size_t k)
{
    Nesting n = {.room = NESTING_LOCAL};
    n.kinds = n.local;
    const Token *t;
    for (; (t = peek(e, k)) != NULL; k++) {
        if (n.count == 0
            && (t->kind == TOKEN_COMMA || t->kind == TOKEN_RPAREN))
            break;
        TokenKind closer = closer_of(t, peek(e, k + 1), peek(e, k + 2));
        if (closer != TOKEN_EOF)
            nest(&n, closer);
        else if (n.count > 0 && n.kinds[n.count - 1] == t->kind)
            n.count--;
    }
    if (n.kinds != n.local) free(n.kinds);
    return k;
}

// {What, Name}, for example {mismatch, 'F'}: argument mismatch for macro 'F'.
static bool fail_name(Preprocess *pp, const Token *call, Term what, Term name)
{
    return fail_at(pp, call, heap_tuple2(pp->heap, what, name));
}

static bool kind_is(const Token *t, TokenKind kind)
{
    return t != NULL && t->kind == kind;
}

// Counts the arguments that stand in parentheses from token [k] on;
// ARITY_NONE when there are none.
// False: ?F(,) or ?F(1,) or no closing parenthesis.
static bool count_arguments(Expansion *e, size_t k, const Token *call,
                            int *arity)
{
    Preprocess *pp = e->pp;
    Token at = *call;
    *arity = ARITY_NONE;
    if (!kind_is(peek(e, k), TOKEN_LPAREN)) return true;
    *arity = 0;
    if (kind_is(peek(e, k + 1), TOKEN_RPAREN)) return true;
    if (kind_is(peek(e, k + 1), TOKEN_COMMA))
        return fail_name(pp, &at, ATOM_arg_error, at.value);
    for (k = k + 1;; k++) {
        k = argument_end(e, k);
        ++*arity;
        if (kind_is(peek(e, k), TOKEN_RPAREN)) return true;
        if (peek(e, k) == NULL || kind_is(peek(e, k + 1), TOKEN_RPAREN))
            return fail_name(pp, &at, ATOM_arg_error, at.value);
    }
}

// ---- uses and circles ----
// A macro that calls itself, through others perhaps, would expand for ever. It
// is refused when it is called, not when it is defined, since the others may be
// defined later.

// The order in which epp looks at uses, as it decides which circle is reported.
static int compare_uses(const AtomTable *atoms, const MacroUse *a,
                        const MacroUse *b)
{
    int order = atom_compare(atoms, a->name, b->name);
    if (order != 0 || a->arity == b->arity) return order;
    // Numbers come before the atom none.
    if (a->arity == ARITY_NONE || b->arity == ARITY_NONE)
        return a->arity == ARITY_NONE ? 1 : -1;
    return a->arity < b->arity ? -1 : 1;
}

// Inserts [use] where it belongs, once.
// Kept sorted: a macro calls few others.
static void add_use(Preprocess *pp, Macro *macro, size_t *room, MacroUse use)
{
    size_t i = 0;
    int order = 1;
    for (; i < macro->use_count; i++) {
        order = compare_uses(pp->atoms, &macro->uses[i], &use);
        if (order >= 0) break;
    }
    if (i < macro->use_count && order == 0) return;
    if (macro->use_count == *room)
        macro->uses = memory_grow(macro->uses, room, 8, sizeof use);
    memmove(macro->uses + i + 1, macro->uses + i,
            (macro->use_count - i) * sizeof use);
    macro->uses[i] = use;
    macro->use_count++;
}

static bool is_name(const Token *t)
{
    return kind_is(t, TOKEN_ATOM) || kind_is(t, TOKEN_VAR);
}

// [macro]'s tokens are read as if they stood in a form.
bool macro_note_uses(Preprocess *pp, Macro *macro)
{
    Expansion e = {.pp = pp, .tokens = macro->tokens,
                   .count = macro->token_count};
    size_t room = 0;
    for (size_t k = 0; k < e.count; k++) {
        if (!kind_is(peek(&e, k), TOKEN_QUESTION)) continue;
        const Token *name = peek(&e, k + 1);
        // ??Arg is no call.
        if (kind_is(name, TOKEN_QUESTION)) {
            k++;
            continue;
        }
        if (!is_name(name)) continue;
        // Behind the name; a name alone may still take arguments from what
        // follows the call, but epp looks no further.
        MacroUse use = {.name = name->value};
        if (!count_arguments(&e, k + 2, name, &use.arity)) return false;
        add_use(pp, macro, &room, use);
        k++;
    }
    return true;
}

// The macros on the way to the one looked at.
// On the C stack: each level is one macro on the way.
typedef struct Ancestor Ancestor;
struct Ancestor {
    const Ancestor *up;
    MacroUse use;
};

// Without a definition for that arity the constant one is meant, whose body may
// be the name of a function: ?F(1) with -define(F, f).
static Macro *find_used(const MacroTable *table, MacroUse use)
{
    MacroName *name = macro_find(table, use.name);
    if (name == NULL || name->kind != NAME_USER) return NULL;
    Macro *m = macro_find_arity(name, use.arity);
    return m != NULL ? m : macro_find_arity(name, ARITY_NONE);
}

// Depth first. A definition is checked once in a generation, so a large set of
// macros is not walked at every call.
static bool check_circle(Preprocess *pp, MacroUse use, const Ancestor *up,
                         const Token *call)
{
    for (const Ancestor *a = up; a != NULL; a = a->up) {
        if (!term_same(a->use.name, use.name) || a->use.arity != use.arity)
            continue;
        Term arity = use.arity == ARITY_NONE ? ATOM_none
                                             : term_small(use.arity);
        return fail_at(pp, call, heap_tuple3(pp->heap, ATOM_circular, use.name,
                                             arity));
    }
    Macro *m = find_used(&pp->macros, use);
    // Undefined or known to be good.
    if (m == NULL || m->checked == pp->macros.generation) return true;
    Ancestor self = {up, use};
    for (size_t i = 0; i < m->use_count; i++)
        if (!check_circle(pp, m->uses[i], &self, call)) return false;
    m->checked = pp->macros.generation;
    return true;
}

// ---- ??Argument ----
// "-define(T(X), ??X)": ?T(a + b) is "a + b", the tokens with spaces between.

// Escapes are written as for Latin-1, as io_lib:write_string does it.
static void write_token(const Preprocess *pp, Buffer *out, const Token *t)
{
    PrintOptions o;
    print_options_init(&o);
    o.encoding = PRINT_LATIN1;
    const AtomText *text;
    switch (t->kind) {
    case TOKEN_DOT: buffer_add_byte(out, '.'); return;
    case TOKEN_CHAR:
        quote_add_char_literal(out, (uint32_t)term_small_value(t->value),
                               false);
        return;
    case TOKEN_STRING: quote_add_string(out, t->value, false); return;
    case TOKEN_ATOM:
    case TOKEN_SIGIL_PREFIX:
    case TOKEN_SIGIL_SUFFIX:
    case TOKEN_INTEGER:
    case TOKEN_FLOAT: print_write(pp->node, out, t->value, &o); return;
    default:
        text = atom_text(pp->atoms, t->value);
        buffer_add(out, text->bytes, text->size);
    }
}

// A string token of the text of [count] tokens, at the place of [call].
// Not the source's text: 16#FF becomes "255".
static Token stringify(Preprocess *pp, const Token *tokens, size_t count,
                       const Token *call)
{
    Buffer out;
    buffer_init(&out);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) buffer_add_byte(&out, ' ');
        write_token(pp, &out, &tokens[i]);
    }
    Token token = *call;
    token.kind = TOKEN_STRING;
    token.value = heap_string_utf8(pp->heap, (const char *)out.bytes, out.size,
                                   TERM_NIL);
    buffer_free(&out);
    return token;
}

// ---- a call ----
// ?F(a, b): tokens of the body with tokens of arguments between. The result
// goes back to the source, to be expanded together with what follows.

// The arguments of a call, one after the other.
typedef struct {
    TokenList tokens;
    size_t *ends; // of argument i; it begins where the one before ended
} Arguments;

// Takes "(Arg, ...)" off the source.
// The count is known to fit, see expand_macro.
static void take_arguments(Expansion *e, int arity, Arguments *args)
{
    drop(e, 1); // the '('
    for (int i = 0; i < arity; i++) {
        size_t end = argument_end(e, 0);
        for (size_t k = 0; k < end; k++)
            token_list_add(&args->tokens, peek(e, k));
        args->ends[i] = args->tokens.count;
        drop(e, end + 1); // and the comma or parenthesis
    }
    if (arity == 0) drop(e, 1); // and the ')'
}

// -1: no parameter, an ordinary variable.
static int find_parameter(const Macro *m, Term name)
{
    for (int i = 0; i < m->arity; i++)
        if (term_same(m->parameters[i], name)) return i;
    return -1;
}

// Appends [token] as if it stood where [place] does.
// So errors in a macro are shown where it is called.
static void add_placed(TokenList *out, const Token *token, const Token *place)
{
    Token t = *token;
    t.place = place->place;
    t.anno = place->anno;
    token_list_add(out, &t);
}

// What a macro becomes: parameters are replaced, and what follows an argument
// has its place.
// From an argument on the place is the argument's last token's: odd, but forms
// are compared with OTP's place by place.
static void substitute(Preprocess *pp, const Macro *m, const Token *call,
                       const Arguments *args, TokenList *out)
{
    Token place = *call;
    for (size_t i = 0; i < m->token_count; i++) {
        const Token *t = &m->tokens[i];
        // Three tokens "? ? X" are one.
        bool text = t->kind == TOKEN_QUESTION && i + 2 < m->token_count
                    && t[1].kind == TOKEN_QUESTION && t[2].kind == TOKEN_VAR;
        if (text) t += 2, i += 2;
        int n = t->kind == TOKEN_VAR ? find_parameter(m, t->value) : -1;
        if (n < 0) {
            add_placed(out, t, &place);
            continue;
        }
        size_t from = n == 0 ? 0 : args->ends[n - 1];
        const Token *arg = args->tokens.items + from;
        size_t count = args->ends[n] - from;
        if (text) {
            Token string = stringify(pp, arg, count, &place);
            token_list_add(out, &string);
            continue;
        }
        for (size_t k = 0; k < count; k++) token_list_add(out, &arg[k]);
        // Every argument has a token, see check_arguments.
        place = arg[count - 1];
    }
}

// An argument must not be empty.
// ?F(,a) is found earlier; ?F(()) has tokens.
static bool check_arguments(Preprocess *pp, int arity, const Arguments *args,
                            const Token *call)
{
    for (int i = 0; i < arity; i++)
        if (args->ends[i] == (i == 0 ? 0 : args->ends[i - 1]))
            return fail_name(pp, call, ATOM_mismatch, call->value);
    return true;
}

// Arguments are not expanded before: that comes when the result is read again,
// so an argument that becomes "a, b" is still one.
static bool expand_call(Expansion *e, const Macro *m, const Token *call)
{
    enum { ARITY_LOCAL = 16 };
    size_t local[ARITY_LOCAL];
    Arguments args = {.ends = local};
    if (m->arity > ARITY_LOCAL)
        args.ends = memory_alloc((size_t)m->arity * sizeof *args.ends);
    take_arguments(e, m->arity, &args);
    bool ok = check_arguments(e->pp, m->arity, &args, call);
    if (ok) {
        TokenList body = {0};
        substitute(e->pp, m, call, &args, &body);
        push_tokens(e, body.items, body.count);
        token_list_free(&body);
    }
    token_list_free(&args.tokens);
    if (args.ends != local) free(args.ends);
    return ok;
}

// A macro without parentheses is expanded alone before what follows is seen.
static bool expand_constant(Expansion *e, const Macro *m, const Token *call)
{
    TokenList body = {0}, done = {0};
    substitute(e->pp, m, call, NULL, &body);
    bool ok = true;
    // Nearly all macros: constants and names.
    if (m->plain) {
        push_tokens(e, body.items, body.count);
    } else {
        ok = expand_tokens(e->pp, body.items, body.count, &done, e->names);
        push_tokens(e, done.items, done.count);
    }
    token_list_free(&body);
    token_list_free(&done);
    return ok;
}

// The definition that a call with [arity] arguments means.
// A macro with one constant definition takes any call: its arguments are what
// follows it.
static Macro *choose_macro(Preprocess *pp, const Token *call, int arity)
{
    MacroName *name = macro_find(&pp->macros, call->value);
    // ?MODULE before -module is undefined.
    if (name == NULL || name->kind == NAME_UNDEFINED) {
        Term count = arity == ARITY_NONE ? ATOM_none : term_small(arity);
        fail_at(pp, call, heap_tuple3(pp->heap, ATOM_undefined, call->value,
                                      count));
        return NULL;
    }
    Macro *only = name->macros;
    if (name->kind == NAME_PREDEFINED
        || (only->arity == ARITY_NONE && only->next == NULL))
        return only;
    Macro *m = macro_find_arity(name, arity);
    if (m == NULL) fail_name(pp, call, ATOM_mismatch, call->value);
    return m;
}

// [call] is copied, for the tokens it lies among are about to move.
static bool expand_macro(Expansion *e)
{
    Preprocess *pp = e->pp;
    // Token 0 is the '?', 1 the name, 2 perhaps '('.
    Token call = *peek(e, 1);
    int arity;
    if (!count_arguments(e, 2, &call, &arity)) return false;
    Macro *m = choose_macro(pp, &call, arity);
    if (m == NULL) return false;
    MacroUse use = {call.value, m->arity};
    if (!check_circle(pp, use, NULL, &call)) return false;
    drop(e, 2); // the '?' and the name
    if (m->arity == ARITY_NONE) return expand_constant(e, m, &call);
    return expand_call(e, m, &call);
}

// ---- macros that depend on where they stand ----
// ?FUNCTION_NAME, ?FUNCTION_ARITY and ?LINE have no tokens of their own.

// How many arguments the function has whose parenthesis is open before
// [tokens]. Commas count in the outermost brackets only.
// Tokens of the first clause's head are enough; the arity is 1 as soon as any
// token stands there, and each comma makes one more.
static int count_parameters(const Token *tokens, size_t count)
{
    int arity = 0;
    size_t depth = 1;
    for (size_t i = 0; i < count; i++) {
        switch (tokens[i].kind) {
        case TOKEN_COMMA:
            if (depth == 1) arity++;
            break;
        case TOKEN_LPAREN: case TOKEN_LBRACE: case TOKEN_LBRACKET:
        case TOKEN_LBINARY: depth++; break;
        case TOKEN_RPAREN: case TOKEN_RBRACE: case TOKEN_RBRACKET:
        case TOKEN_RBINARY:
            if (depth == 1) return arity;
            depth--;
            break;
        default:
            // Something stands before the first comma.
            if (arity == 0) arity = 1;
        }
    }
    return arity;
}

// A form that begins with a name and '(' is a function.
static bool note_function(Preprocess *pp, const TokenList *form,
                          const Token *call)
{
    const Token *t = form->items;
    if (form->count > 1 && t[0].kind == TOKEN_ATOM
        && t[1].kind == TOKEN_LPAREN) {
        pp->function = FUNCTION_KNOWN;
        pp->function_name = t[0].value;
        pp->function_arity = count_parameters(t + 2, form->count - 2);
        return true;
    }
    // "?NAME(X) -> .." expands to its name only with this form.
    bool begins = form->count > 0 && t[0].kind == TOKEN_QUESTION;
    return fail_name(pp, call, begins ? ATOM_illegal_function_usage
                                      : ATOM_illegal_function, call->value);
}

// Finds the name and arity of the function that the form defines.
// The form is expanded twice then: once to find the head, with these macros
// left as they are, once for good.
static bool seek_function(Preprocess *pp, const Token *call)
{
    if (pp->function == FUNCTION_KNOWN) return true;
    TokenList expanded = {0};
    const TokenList *form = pp->function_form;
    bool ok = true;
    // NULL within -if and the like: there is no function.
    if (form != NULL
        && !expand_tokens(pp, form->items, form->count, &expanded, false)) {
        // The same error comes up again where it belongs.
        pp->function = FUNCTION_KNOWN;
        pp->function_name = ATOM_underscore;
        pp->function_arity = 0;
    } else {
        ok = note_function(pp, &expanded, call);
    }
    token_list_free(&expanded);
    return ok;
}

static bool expand_function_macro(Expansion *e)
{
    Token call = *peek(e, 1);
    // The run that only seeks the head leaves them in place.
    if (!e->names) {
        token_list_add(e->out, peek(e, 0));
        token_list_add(e->out, &call);
        drop(e, 2);
        return true;
    }
    if (!seek_function(e->pp, &call)) return false;
    // An atom, or an integer.
    bool name = term_same(call.value, ATOM_FUNCTION_NAME);
    call.kind = name ? TOKEN_ATOM : TOKEN_INTEGER;
    call.value = name ? e->pp->function_name
                      : term_small(e->pp->function_arity);
    token_list_add(e->out, &call);
    drop(e, 2);
    return true;
}

// The place of the call is known, also inside of a macro's body.
static void expand_line(Expansion *e)
{
    Token t = *peek(e, 1);
    t.kind = TOKEN_INTEGER;
    t.value = term_small(t.place.line);
    token_list_add(e->out, &t);
    drop(e, 2);
}

// ?( and the like.
// {call, [$?, Text]}: illegal macro call '?('. The text is io_lib's, with lists
// in it.
static bool fail_call(Preprocess *pp, const Token *t)
{
    PrintOptions o;
    print_options_init(&o);
    o.nested = true;
    Buffer out;
    buffer_init(&out);
    print_pretty(pp->node, &out, t->value, &o);
    Term text = print_list(pp->heap, &out);
    buffer_free(&out);
    Term called = heap_cons(pp->heap, text, TERM_NIL);
    called = heap_cons(pp->heap, term_small('?'), called);
    return fail_at(pp, t, heap_tuple2(pp->heap, ATOM_call, called));
}

// The token behind decides. "?" at the end is left for the parser.
static bool expand_question(Expansion *e)
{
    const Token *t = peek(e, 1);
    if (t == NULL) {
        token_list_add(e->out, peek(e, 0));
        drop(e, 1);
        return true;
    }
    if (t->kind == TOKEN_VAR && (term_same(t->value, ATOM_FUNCTION_NAME)
                                 || term_same(t->value, ATOM_FUNCTION_ARITY)))
        return expand_function_macro(e);
    if (t->kind == TOKEN_VAR && term_same(t->value, ATOM_LINE)) {
        expand_line(e);
        return true;
    }
    // A name is an atom or a variable: ?foo and ?FOO.
    if (!is_name(t)) return fail_call(e->pp, t);
    return expand_macro(e);
}

// Tokens up to the next call are done, all at once.
static void copy_run(Expansion *e)
{
    size_t end = e->at;
    while (end < e->count && e->tokens[end].kind != TOKEN_QUESTION) end++;
    token_list_append(e->out, e->tokens + e->at, end - e->at);
    e->at = end;
}

// [out] gets what is done; on failure it is of no use.
static bool expand_tokens(Preprocess *pp, const Token *tokens, size_t count,
                          TokenList *out, bool names)
{
    Expansion e = {.pp = pp, .tokens = tokens, .count = count, .out = out,
                   .names = names};
    const Token *t;
    bool ok = true;
    while (ok && (t = peek(&e, 0)) != NULL) {
        // Expansion may put tokens before those to come, so the loop looks at
        // the source anew each time.
        if (t->kind == TOKEN_QUESTION) {
            ok = expand_question(&e);
        } else if (e.pending.count == 0) {
            copy_run(&e);
        } else {
            token_list_add(out, t);
            drop(&e, 1);
        }
    }
    token_list_free(&e.pending);
    return ok;
}

// Without macros the form is copied; form_run avoids that.
bool macro_expand(Preprocess *pp, const TokenList *form, size_t from)
{
    pp->expanded.count = 0;
    if (from >= form->count) return true;
    return expand_tokens(pp, form->items + from, form->count - from,
                         &pp->expanded, true);
}
