// SPDX-License-Identifier: Apache-2.0
// The pretty printer's face: a term to items, items to text.
#include "pretty.h"

#include "deep.h"
#include "pretty_item.h"

void pretty_options_init(PrettyOptions *o)
{
    *o = (PrettyOptions){.indent = 4, .width = 72, .answers = TERM_NIL};
}

// Types are never printed alone; they come within forms and specs.
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

// Arguments of print, for a function on another stack takes one pointer.
typedef struct {
    Pretty *pretty;
    PrettyKind kind;
    Term form;
    PrettyResult *result; // filled in here
} Job;

// Making and laying out in one go: both recurse.
static void *print(void *data)
{
    Job *j = data;
    const Item *item = make_item(j->pretty, j->kind, j->form);
    if (!j->pretty->bad) layout_item(j->pretty, item, j->result);
    j->result->valid = !j->pretty->bad;
    return NULL;
}

// The printer recurses, with up to 2 KB of stack for a level.
// Forms made by machines, such as a list of 10 000 nested calls, are printed on
// a stack made for them; what people write is not that deep.
enum { SHALLOW = 1000, DEPTH_MOST = 100000 };

PrettyResult pretty_print(Node *node, PrettyKind kind, Term t,
                          const PrettyOptions *o)
{
    PrettyResult result = {0};
    Pretty p = {.node = node, .options = o, .hooks = o->hooks};
    Job job = {&p, kind, t, &result};
    // The depth is measured before anything is made, without recursion.
    size_t depth = pretty_depth(t, DEPTH_MOST);
    heap_init(&p.scratch);
    buffer_init(&p.leaf);
    if (depth > DEPTH_MOST)
        result.too_deep = true;
    else if (depth > SHALLOW)
        deep_run(print, &job);
    else
        print(&job);
    // All items, pieces and lists made on the way are freed at once.
    buffer_free(&p.leaf);
    heap_free(&p.scratch);
    return result;
}
