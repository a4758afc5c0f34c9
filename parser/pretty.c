// SPDX-License-Identifier: Apache-2.0
// The pretty printer's face: a term to items, items to text.
#include "pretty.h"

#include "pretty_item.h"

void pretty_options_init(PrettyOptions *o)
{
    *o = (PrettyOptions){.indent = 4, .width = 72, .answers = TERM_NIL};
}

static const Item *make_item(Pretty *p, PrettyKind kind, Term t)
{
    switch (kind) {
    case PRETTY_FORM: return make_form(p, t);
    case PRETTY_ATTRIBUTE: return make_attribute(p, t);
    case PRETTY_FUNCTION: return make_function(p, t);
    case PRETTY_GUARD: return make_guard(p, t);
    case PRETTY_EXPRESSIONS: return item_series(p, ",", t, make_expression);
    case PRETTY_EXPRESSION:
        return make_expression_in(p, t, (int)p->options->precedence);
    }
    return item_bad(p);
}

PrettyResult pretty_print(Node *node, PrettyKind kind, Term t,
                          const PrettyOptions *o)
{
    PrettyResult result = {0};
    Pretty p = {.node = node, .options = o, .hooks = o->hooks};
    heap_init(&p.scratch);
    buffer_init(&p.leaf);
    const Item *item = make_item(&p, kind, t);
    if (!p.bad) layout_item(&p, item, &result);
    result.valid = !p.bad;
    buffer_free(&p.leaf);
    heap_free(&p.scratch);
    return result;
}
