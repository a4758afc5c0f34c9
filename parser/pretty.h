// SPDX-License-Identifier: Apache-2.0
// Pretty printer: forms, expressions and types of the Abstract Format as
// Erlang text, with the line breaks and indentation of erl_pp.
#ifndef MERLE_PRETTY_H
#define MERLE_PRETTY_H

#include "heap.h"
#include "node.h"

typedef enum {
    PRETTY_FORM,        // a form: attribute, function, error, warning, eof
    PRETTY_ATTRIBUTE,   // an attribute
    PRETTY_FUNCTION,    // a function
    PRETTY_GUARD,       // a guard: a list of lists of tests
    PRETTY_EXPRESSIONS, // a list of expressions
    PRETTY_EXPRESSION   // one expression
} PrettyKind;

// All of them are erl_pp's own; see there for the defaults.
typedef struct {
    intptr_t column;      // where the text starts; below 0: no line breaks
    intptr_t precedence;  // of what surrounds an expression
    intptr_t indent;      // columns of one step, usually 4
    intptr_t width;       // columns of a line, usually 72
    bool latin1;          // escape characters above 255
    bool latin1_lists;    // only lists of Latin-1 characters are strings
    bool quote_types;     // atoms in types are always quoted
    bool hooks;           // unknown expressions are for the caller's hook
    Term answers;         // list of binaries: texts of the hooks met so far
} PrettyOptions;

// One of four: not valid, too deep, a hook to ask, or a text.
typedef struct {
    bool valid;     // false: the term was nothing of the kind
    bool too_deep;  // nested deeper than can be printed
    uint8_t *text;  // UTF-8, of malloc; NULL when not valid or at a hook
    size_t size; // bytes of the text
    Term hook;      // the unknown expression a text is asked for, TERM_NONE
                    // without; call again with one more answer
    intptr_t hook_column; // where its text begins; below 0: on one line
    intptr_t hook_precedence; // of what surrounds it
} PrettyResult;

// Column 0, steps of 4, lines of 72 and no hook.
void pretty_options_init(PrettyOptions *o);

// The text of [t].
// Reads terms only: may be called with the process's own, whose heap does not
// grow meanwhile.
PrettyResult pretty_print(Node *node, PrettyKind kind, Term t,
                          const PrettyOptions *o);

#endif
