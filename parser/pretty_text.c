// SPDX-License-Identifier: Apache-2.0
// Leaves of the pretty printer: literals and names as text.
#include <utf8proc.h>

#include "big.h"
#include "number_text.h"
#include "pretty_item.h"
#include "print.h"
#include "quote.h"

// NUL ends it: never text from a term.
void leaf_add(Pretty *p, const char *text)
{
    buffer_add(&p->leaf, text, strlen(text));
}

// Of any size; printed in full.
void leaf_add_integer(Pretty *p, Term n)
{
    size_t size;
    char *text = big_to_text(n, 10, &size);
    buffer_add(&p->leaf, text, size);
    free(text);
}

// 'like this', also where no quotes are needed: types may ask for it.
void leaf_add_quoted_atom(Pretty *p, Term atom, bool latin1)
{
    const AtomText *text = atom_text(p->node->atoms, atom);
    const uint8_t *at = (const uint8_t *)text->bytes, *end = at + text->size;
    uint32_t c;
    buffer_add_byte(&p->leaf, '\'');
    for (unsigned n; (n = utf8_read(at, end, &c)) > 0; at += n)
        quote_add_char(&p->leaf, c, '\'', latin1);
    buffer_add_byte(&p->leaf, '\'');
}

// A name may come as a list in forms that tools make.
bool leaf_add_name(Pretty *p, Term name)
{
    if (term_is_atom(name)) {
        const AtomText *text = atom_text(p->node->atoms, name);
        buffer_add(&p->leaf, text->bytes, text->size);
        return true;
    }
    for (; term_is_cons(name); name = term_tail(name)) {
        Term c = term_head(name);
        if (!term_is_small(c) || !utf8_is_valid((uint32_t)term_small_value(c)))
            return false;
        buffer_add_utf8(&p->leaf, (uint32_t)term_small_value(c));
    }
    return term_is_nil(name);
}

static PrintOptions print_options(const Pretty *p)
{
    PrintOptions o;
    print_options_init(&o);
    o.encoding = p->options->latin1 ? PRINT_LATIN1 : PRINT_UNICODE;
    return o;
}

void leaf_add_term(Pretty *p, Term t)
{
    PrintOptions o = print_options(p);
    print_write(p->node, &p->leaf, t, &o);
}

void leaf_add_pretty_term(Pretty *p, Term t)
{
    PrintOptions o = print_options(p);
    print_pretty(p->node, &p->leaf, t, &o);
}

// Nearly all text: then bytes, characters and columns are the same.
static bool text_is_ascii(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] >= 0x80) return false;
    return true;
}

// By clusters as string:length/1 counts them, which erl_pp uses; wide East
// Asian characters count as one.
size_t text_width(const uint8_t *bytes, size_t size)
{
    if (text_is_ascii(bytes, size)) return size;
    size_t width = 0;
    utf8proc_int32_t state = 0;
    uint32_t before = 0, c;
    const uint8_t *end = bytes + size;
    for (unsigned n; (n = utf8_read(bytes, end, &c)) > 0; bytes += n) {
        if (width == 0
            || utf8proc_grapheme_break_stateful((utf8proc_int32_t)before,
                                                (utf8proc_int32_t)c, &state))
            width++;
        before = c;
    }
    return width;
}

// The text moves to the scratch heap, where it stays; the buffer is used again.
const Item *leaf_close(Pretty *p, bool atomic)
{
    size_t size = p->leaf.size;
    Term *room = heap_alloc(&p->scratch, size / sizeof(Term) + 1);
    if (size > 0) memcpy(room, p->leaf.bytes, size);
    p->leaf.size = 0;
    Item *item = item_new(p, ITEM_LEAF, 0);
    item->bytes = (const uint8_t *)room;
    item->size = (uint32_t)size;
    item->width = (uint32_t)text_width(item->bytes, size);
    item->atomic = atomic;
    return item;
}
