// SPDX-License-Identifier: Apache-2.0
// Makers of the common items, see pretty_item.h.
#include "pretty_item.h"

#include "print.h"

// The same for all: it is never written to.
const Item item_empty = {.kind = ITEM_EMPTY};

// One allocation: the item, then the pointers to its parts. Their values are
// not set yet.
Item *item_new(Pretty *p, ItemKind kind, size_t count)
{
    size_t words = (sizeof(Item) + sizeof(Term) - 1) / sizeof(Term);
    // On the scratch heap, which goes as a whole when the text is done: no item
    // is freed alone.
    Item *item = (Item *)heap_alloc(&p->scratch, words + count);
    *item = (Item){.kind = (uint8_t)kind, .count = (uint32_t)count};
    item->items = (const Item **)((Term *)item + words);
    // Never NULL: the printer need not ask.
    item->before = item->after = &item_empty;
    item->separator = item->last_separator = &item_empty;
    return item;
}

// Goes up as an ordinary item; the face looks at [bad] in the end.
const Item *item_bad(Pretty *p)
{
    p->bad = true;
    return &item_empty;
}

// Atomic: in a list of many lines several may share one, as numbers do.
const Item *item_leaf(Pretty *p, const char *text)
{
    leaf_add(p, text);
    return leaf_close(p, true);
}

const Item *item_text(Pretty *p, const char *text)
{
    leaf_add(p, text);
    return leaf_close(p, false);
}

// Quoted if need be, and escaped where the encoding has no such letter.
const Item *item_atom(Pretty *p, Term atom)
{
    if (!term_is_atom(atom)) return item_bad(p);
    print_atom(p->node, &p->leaf, atom,
               p->options->latin1 ? PRINT_LATIN1 : PRINT_UNICODE);
    return leaf_close(p, true);
}

// [items] may be an array of the caller's frame.
static Item *copy_items(Pretty *p, ItemKind kind, size_t count,
                        const Item *const *items)
{
    Item *item = item_new(p, kind, count);
    if (count > 0) memcpy(item->items, items, count * sizeof *items);
    return item;
}

const Item *item_row(Pretty *p, size_t count, const Item *const *items)
{
    return copy_items(p, ITEM_ROW, count, items);
}

static const Item *make_pair(Pretty *p, ItemKind kind, const Item *first,
                             const Item *second)
{
    Item *item = item_new(p, kind, 0);
    item->first = first;
    item->second = second;
    return item;
}

const Item *item_step(Pretty *p, const Item *first, const Item *second)
{
    return make_pair(p, ITEM_STEP, first, second);
}

const Item *item_close_step(Pretty *p, const Item *first, const Item *second)
{
    return make_pair(p, ITEM_CLOSE_STEP, first, second);
}

const Item *item_commented(Pretty *p, const Item *first, const Item *second)
{
    return make_pair(p, ITEM_COMMENTED, first, second);
}

const Item *item_list(Pretty *p, size_t count, const Item *const *items)
{
    Item *item = copy_items(p, ITEM_SEQUENCE, count, items);
    item->spaced = true;
    return item;
}

const Item *item_first(Pretty *p, const Item *first, const Item *second)
{
    // Its only element is what follows the text, so it is set like a list of
    // one.
    Item *item = copy_items(p, ITEM_SEQUENCE, 1, &second);
    item->before = first;
    item->spaced = true;
    return item;
}

// A list's elements into the items of a new item; NULL when it is none.
// The list is checked before anything is made of it.
static Item *fill_items(Pretty *p, ItemKind kind, Term t, ItemMaker make)
{
    intptr_t n = term_list_length(t);
    if (n < 0) {
        p->bad = true;
        return NULL;
    }
    Item *item = item_new(p, kind, (size_t)n);
    for (intptr_t i = 0; i < n; i++, t = term_tail(t))
        item->items[i] = make(p, term_head(t));
    return item;
}

static const Item *make_series(Pretty *p, ItemKind kind, const char *separator,
                               Term t, ItemMaker make)
{
    Item *item = fill_items(p, kind, t, make);
    if (item == NULL) return &item_empty;
    if (separator[0] != 0) item->separator = item_text(p, separator);
    item->last_separator = item->separator;
    item->spaced = true;
    return item;
}

const Item *item_series(Pretty *p, const char *separator, Term t,
                        ItemMaker make)
{
    return make_series(p, ITEM_SEQUENCE, separator, t, make);
}

const Item *item_lines(Pretty *p, const char *separator, Term t,
                       ItemMaker make)
{
    return make_series(p, ITEM_LINES, separator, t, make);
}

const Item *item_brackets(Pretty *p, const char *before, const char *after,
                          Term t, ItemMaker make)
{
    Item *item = fill_items(p, ITEM_SEQUENCE, t, make);
    if (item == NULL) return &item_empty;
    item->before = item_text(p, before);
    item->after = item_text(p, after);
    item->separator = item->last_separator = item_text(p, ",");
    item->spaced = true;
    return item;
}
