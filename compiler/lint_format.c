// SPDX-License-Identifier: Apache-2.0
// Lint of calls of io:format and its relatives: a literal format string must
// fit the literal list of its arguments.
#include "lint_state.h"

// How many arguments a format takes; -1 when the format is wrong. [*bad] is
// then the text that OTP has for it.
static int count_arguments(Term chars, const char **bad)
{
    int count = 0;
    for (; term_is_cons(chars); chars = term_tail(chars)) {
        if (!term_same(term_head(chars), term_small('~'))) continue;
        int c = 0;
        for (chars = term_tail(chars); term_is_cons(chars);
             chars = term_tail(chars)) {
            c = (int)term_small_value(term_head(chars));
            if (c == '*') count++;
            if (strchr("*.-tlkK0123456789", c) == NULL) break;
        }
        if (!term_is_cons(chars)) {
            *bad = "format string invalid (truncated)";
            return -1;
        }
        if (strchr("~n", c) != NULL) continue;
        if (strchr("cfegswpbBi+#", c) != NULL)
            count++;
        else if (strchr("WPxX", c) != NULL)
            count += 2;
        else
            return -2; // left to the run time
    }
    return count;
}

// Whether [t] is a list form of known length.
static bool literal_length(Term t, int *n)
{
    for (*n = 0; form_is(t, ATOM_BITS_cons); t = form_arg(t, 1)) (*n)++;
    if (form_is(t, ATOM_BITS_string)) {
        *n += (int)term_list_length(form_arg(t, 0));
        return true;
    }
    return form_is(t, ATOM_BITS_nil);
}

static bool is_format_function(Term m, Term f)
{
    bool is_format = term_same(f, ATOM_format) || term_same(f, ATOM_fwrite);
    return is_format
           && (term_same(m, ATOM_io) || term_same(m, ATOM_io_lib));
}

static void warn(Lint *l, Term anno, const char *text)
{
    Term chars = heap_string(l->heap, text, strlen(text), TERM_NIL);
    lint_warning(l, anno,
                 lint_tuple1(l, ATOM_format_error,
                             heap_tuple2(l->heap, chars, TERM_NIL)));
}

void lint_check_format_call(Lint *l, Term anno, Term m, Term f, Term args)
{
    intptr_t n = term_list_length(args);
    if (!l->warns[WARN_FORMAT] || !is_format_function(m, f)) return;
    if (n < 1 || n > 3) return;
    Term format = term_head(args), list = TERM_NONE;
    if (n == 3) {
        if (term_same(m, ATOM_io_lib)) return;
        format = term_head(term_tail(args));
        list = term_head(term_tail(term_tail(args)));
    } else if (n == 2) {
        list = term_head(term_tail(args));
    }
    if (!form_is(format, ATOM_BITS_string)) return;
    const char *bad = NULL;
    int given = 0, wanted = count_arguments(form_arg(format, 0), &bad);
    if (bad != NULL)
        warn(l, anno, bad);
    else if (wanted >= 0
             && (term_is_none(list) || literal_length(list, &given))
             && given != wanted)
        warn(l, anno, "wrong number of arguments in format call");
}
