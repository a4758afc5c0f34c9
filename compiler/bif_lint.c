// SPDX-License-Identifier: Apache-2.0
// merle_lint: the checks of lint, for erl_lint of the library.
//
// erl_lint calls these for all that it is asked; only what needs other modules
// is left there.
#include <stdlib.h>
#include <string.h>

#include "bif.h"
#include "compiler_bifs.gen.h"
#include "copy.h"
#include "form_check.h"
#include "lint.h"
#include "obsolete.h"
#include "process.h"

enum { STEPS_A_WORD = 40 }; // see bif_is_long

static Term result_term(Heap *h, LintResult r) // as erl_lint:module/3 answers
{
    if (term_is_nil(r.errors)) return heap_tuple2(h, ATOM_ok, r.warnings);
    return heap_tuple3(h, ATOM_error, r.errors, r.warnings);
}

// merle_lint:module(Forms, File, Options)
Term bif_merle_lint_module_3(Process *p, const Term *args)
{
    if (!form_check_all(args[0]) || term_list_length(args[2]) < 0)
        return bif_error(p, ATOM_badarg);
    Heap *h = process_heap(p);
    return result_term(h, lint_module(p->node, h, args[0], args[1], args[2]));
}

// merle_lint:exprs(Exprs, [Variable | RecordAttribute], Options)
// At the prompt expressions are short and many: they do not wait for the pool,
// or what one spawns would run before the next.
Term bif_merle_lint_exprs_3(Process *p, const Term *args)
{
    if (bif_is_long(p, copy_size(p->node, args[0]) * STEPS_A_WORD))
        return bif_to_pool(p);
    for (int i = 0; i < 3; i++)
        if (term_list_length(args[i]) < 0) return bif_error(p, ATOM_badarg);
    if (!form_check_exprs(args[0])) return bif_error(p, ATOM_badarg);
    Heap *h = process_heap(p);
    return result_term(
        h, lint_expressions_of(p->node, h, args[0], args[1], args[2]));
}

// [text] in front of [tail]; what is marked in it is a string of its own:
// io_lib:format nests its lists so, and programs flatten them or not.
static Term nested_string(Heap *h, const char *text, Term tail)
{
    const char *mark = strchr(text, LINT_MARK);
    if (mark == NULL) return heap_string_utf8(h, text, strlen(text), tail);
    const char *end = strchr(mark + 1, LINT_MARK);
    tail = nested_string(h, end + 1, tail);
    tail = heap_cons(h, heap_string_utf8(h, mark + 1, (size_t)(end - mark) - 1,
                                         TERM_NIL), tail);
    return heap_string_utf8(h, text, (size_t)(mark - text), tail);
}

// merle_lint:format_error(Descriptor) -> chars() | none
// What the descriptor names stands in strings of its own, as io_lib has it.
Term bif_merle_lint_format_error_1(Process *p, const Term *args)
{
    char *text = lint_format_marked(p->node, args[0]);
    if (text == NULL) return ATOM_none;
    Term t = nested_string(process_heap(p), text, TERM_NIL);
    free(text);
    return t;
}

// merle_lint:obsolete(function | type, Module, Name, Arity) -> no
//     | {deprecated | removed, Text} | {.., Text, Release}
Term bif_merle_lint_obsolete_4(Process *p, const Term *args)
{
    if (!term_is_atom(args[1]) || !term_is_atom(args[2])
        || !term_is_small(args[3]))
        return ATOM_no;
    ObsoleteKind kind = term_same(args[0], ATOM_type) ? OBSOLETE_TYPE
                                                      : OBSOLETE_FUNCTION;
    const Obsolete *o
        = obsolete_find(p->node->atoms, kind, args[1], args[2],
                        (size_t)term_small_value(args[3]));
    if (o == NULL) return ATOM_no;
    return obsolete_tuple(process_heap(p), o, TERM_NONE);
}
