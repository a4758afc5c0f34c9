// SPDX-License-Identifier: Apache-2.0
// Lint of calls of io:format and its relatives: a literal format string must
// fit the list of its arguments, as far as both can be seen.
//
// It reads what io_lib does, but only to count: how many arguments each
// directive takes. What is not a literal is passed over, unless warn_format
// asks for more. Texts are made here, as the descriptor that OTP has holds them
// ready.
#include "lint_state.h"

#include <stdio.h>

// A format as it is read, and what is wrong with it, if anything.
typedef struct {
    Term rest;     // characters still to be read
    int needs;     // arguments, so far
    char bad[24];  // "truncated", "invalid control ~x"; empty: nothing
} Format;

static int peek(const Format *f) // 0: the end
{
    return term_is_cons(f->rest) && term_is_small(term_head(f->rest))
               ? (int)term_small_value(term_head(f->rest))
               : 0;
}

// If the next character is [c] it is taken.
static bool skip(Format *f, int c)
{
    if (peek(f) != c) return false;
    f->rest = term_tail(f->rest);
    return true;
}

// Any number of digits; false without.
static bool skip_digits(Format *f)
{
    bool any = false;
    while (peek(f) >= '0' && peek(f) <= '9') {
        f->rest = term_tail(f->rest);
        any = true;
    }
    return any;
}

static bool skip_star(Format *f) // counted where it stands: before the value
{
    if (!skip(f, '*')) return false;
    // ~*s takes its width from the arguments.
    f->needs++;
    return true;
}

// Field width, precision and pad character: F.P.Pad, each of which may be
// missing. A minus without digits is no width and is put back.
static void skip_sizes(Format *f)
{
    Term before = f->rest;
    bool minus = skip(f, '-');
    if (!skip_digits(f) && !skip_star(f) && minus) f->rest = before;
    if (!skip(f, '.')) return;
    if (!skip_digits(f)) skip_star(f);
    if (!skip(f, '.') || skip_star(f)) return;
    // Whatever stands there is the pad character.
    if (term_is_cons(f->rest)) f->rest = term_tail(f->rest);
}

// [modifiers] is what stood between ~ and the letter.
static void invalid(Format *f, const char *modifiers, int c)
{
    if (c == 0)
        snprintf(f->bad, sizeof f->bad, "truncated");
    else
        snprintf(f->bad, sizeof f->bad, "invalid control ~%s%c", modifiers,
                 c < 128 ? c : '?');
}

// Modifiers, in any order, and the letter. Some letters take none of them.
static void read_control(Format *f)
{
    char modifiers[5] = "";
    const char *allowed = "cspPwW"; // by ~t; terms alone by ~k, ~p by ~l
    size_t n = 0;
    for (int m; n < 4 && (m = peek(f)) != 0 && strchr("ltkK", m) != NULL; n++) {
        modifiers[n] = (char)m;
        skip(f, m);
        if (m == 'K') f->needs++; // the order of keys
        if (m == 'l')
            allowed = "pP";
        else if (m != 't' && strchr(allowed, 'w') != NULL)
            allowed = "pPwW";
    }
    int c = peek(f);
    if (c == 0 || (n > 0 && strchr(allowed, c) == NULL)) {
        invalid(f, modifiers, c);
        return;
    }
    f->rest = term_tail(f->rest);
    if (strchr("~n", c) != NULL) return; // nothing to show
    if (strchr("cfegswpbBi+#", c) != NULL)
        f->needs++;
    else if (strchr("WPxX", c) != NULL)
        // ~W and ~P take a depth, ~x and ~X a prefix.
        f->needs += 2;
    else
        invalid(f, "", c);
}

// Stops at the first thing that is wrong: what follows would be counted
// wrongly.
static void read_format(Format *f)
{
    while (term_is_cons(f->rest) && f->bad[0] == 0) {
        if (!skip(f, '~')) {
            f->rest = term_tail(f->rest);
            continue;
        }
        skip_sizes(f);
        read_control(f);
    }
}

// ---- warnings ----
// A warning is {format_error, {Words, Texts}}, put together by lint_text.c.

static Term text(Lint *l, const char *s)
{
    return heap_string(l->heap, s, strlen(s), TERM_NIL);
}

// [words] with [n] texts for its ~s.
static void warn(Lint *l, Term anno, const char *words, size_t n,
                 const Term *texts)
{
    Term list = heap_list(l->heap, n, texts, TERM_NIL);
    lint_warning(l, anno,
                 lint_tuple1(l, ATOM_format_error,
                             heap_tuple2(l->heap, text(l, words), list)));
}

// The words are OTP's, with their singular.
static Term arguments(Lint *l, int n)
{
    char s[32];
    snprintf(s, sizeof s, n == 1 ? "1 argument" : "%d arguments", n);
    return text(l, s);
}

// The four ways to be wrong have four texts.
static void compare(Lint *l, Term anno, int needs, int given)
{
    Term texts[] = {arguments(l, needs), arguments(l, given)};
    if (needs == given) return;
    if (needs == 0)
        warn(l, anno,
             "the format string requires an empty argument list, but the "
             "argument list contains ~s", 1, texts + 1);
    else if (given == 0)
        warn(l, anno,
             "the format string requires an argument list with ~s, but the "
             "argument list is empty", 1, texts);
    else
        warn(l, anno,
             given < needs
                 ? "the format string requires an argument list with ~s, but "
                   "the argument list contains only ~s"
                 : "the format string requires an argument list with ~s, but "
                   "the argument list contains ~s", 2, texts);
}

// The place where [e] begins: of an operator its left operand's, of a call that
// of what is called. Forms of these have the place of the operator.
static Term first_anno(Term e)
{
    while (form_is(e, ATOM_BITS_op) && form_arity(e) == 3) e = form_arg(e, 1);
    if (form_is(e, ATOM_BITS_call)) return first_anno(form_arg(e, 0));
    if (form_is(e, ATOM_BITS_remote)) return first_anno(form_arg(e, 0));
    if (form_is(e, ATOM_BITS_match)) return first_anno(form_arg(e, 0));
    return form_anno(e);
}

// PERHAPS_LIST: what a variable or a call gives.
typedef enum { LIST, NO_LIST, PERHAPS_LIST } ListKind;

// Whether form [t] is a list, and of what length. A list with a tail that is
// not seen may be of any length.
static ListKind list_kind(Term t, int *n)
{
    *n = 0;
    if (form_is(t, ATOM_BITS_string)) {
        *n = (int)term_list_length(form_arg(t, 0));
        return LIST;
    }
    for (; form_is(t, ATOM_BITS_cons); t = form_arg(t, 1)) (*n)++;
    if (form_is(t, ATOM_BITS_nil)) return LIST;
    if (form_is(t, ATOM_BITS_atom) || form_is(t, ATOM_BITS_integer)
        || form_is(t, ATOM_BITS_float))
        return NO_LIST;
    // A variable, a call ...
    return PERHAPS_LIST;
}

// What is wrong with the format is told only when the arguments are a list, as
// in OTP.
static void check_needs(Lint *l, Term format, Term chars, Term list)
{
    int given = 0;
    ListKind kind = term_is_none(list) ? LIST : list_kind(list, &given);
    if (kind == NO_LIST) {
        warn(l, form_anno(list), "format arguments not a list", 0, NULL);
        return;
    }
    if (kind == PERHAPS_LIST) {
        if (l->warn_format > 1)
            warn(l, first_anno(list), "format arguments perhaps not a list",
                 0, NULL);
        return;
    }
    Format f = {.rest = chars};
    read_format(&f);
    if (f.bad[0] != 0) {
        Term why = text(l, f.bad);
        warn(l, form_anno(format), "format string invalid (~ts)", 1, &why);
    } else if (!term_is_none(list)) {
        compare(l, form_anno(list), f.needs, given);
    } else if (f.needs > 0) {
        Term needs = arguments(l, f.needs);
        warn(l, form_anno(format),
             "the format string requires an argument list with ~s, but no "
             "argument list is given", 1, &needs);
    }
}

// These are io:format and io:fwrite, and those of io_lib.
static bool is_format_function(Term m, Term f)
{
    bool is_format = term_same(f, ATOM_format) || term_same(f, ATOM_fwrite);
    return is_format
           && (term_same(m, ATOM_io) || term_same(m, ATOM_io_lib));
}

// The text of an atom as a list: io:format('x ~p', [X]) is as good.
static Term atom_chars(Lint *l, Term atom)
{
    const AtomText *t = atom_text(l->node->atoms, atom);
    return heap_string_utf8(l->heap, t->bytes, t->size, TERM_NIL);
}

// With three arguments the first is the device, with one there are no arguments
// at all. More or less than that is no call of this function.
void lint_check_format_call(Lint *l, Term anno, Term m, Term f, Term args)
{
    intptr_t n = term_list_length(args);
    if (l->warn_format < 1 || !is_format_function(m, f)) return;
    if (n < 1 || n > 3) {
        warn(l, anno, "format call with wrong number of arguments", 0, NULL);
        return;
    }
    // The first one is a device.
    if (n == 3) args = term_tail(args);
    Term format = term_head(args);
    Term list = n == 1 ? TERM_NONE : term_head(term_tail(args));
    if (form_is(format, ATOM_BITS_string))
        check_needs(l, format, form_arg(format, 0), list);
    else if (form_is(format, ATOM_BITS_atom))
        check_needs(l, format, atom_chars(l, form_arg(format, 0)), list);
    else if (l->warn_format > 1)
        warn(l, first_anno(format), "format string not a textual constant",
             0, NULL);
}
