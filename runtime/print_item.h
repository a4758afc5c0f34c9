// SPDX-License-Identifier: Apache-2.0
// Items: a term cut to its printed parts, each with its length, before it is
// laid out on lines. Behind print.h only.
//
// Items are never changed once they are made, so that the versions of
// different depth that a limit on characters asks for can share them.
//
// The tree of an item is linked by first and next, as lists are; a row knows
// its last so that appending is one step. All of it lies in the printer's
// blocks and goes with them.
#ifndef MERLE_PRINT_ITEM_H
#define MERLE_PRINT_ITEM_H

#include "map.h"
#include "print.h"

typedef enum {
    ITEM_TEXT,   // something that is never broken
    ITEM_BYTES,  // <<1,2,3>>
    ITEM_LIST,   // [a,b|c]
    ITEM_TUPLE,  // {a,b}
    ITEM_MAP,    // #{a => b}
    ITEM_PAIR,   // of a map: first is the key, its next the value
    ITEM_RECORD, // text is "#name"
    ITEM_FIELD,  // text is the name, first the value
    ITEM_DOTS    // what was left out
} ItemKind;

// How an item gets longer when more depth is given.
typedef enum {
    MORE_TERM,   // the term, measured again
    MORE_LIST,   // the following: elements of the item that holds the dots
    MORE_TUPLE,
    MORE_MAP,
    MORE_FIELDS
} MoreKind;

typedef struct {
    MoreKind kind;
    Term term;      // the term; the rest of a list; the tuple or map
    Term fields;    // the rest of the field names
    size_t index;   // of the next element or pair
    intptr_t depth; // that it was measured with
    intptr_t inner; // map: that its pairs were measured with
} More;

typedef struct Item Item;
struct Item {
    ItemKind kind;
    bool tagged;          // a tuple of several elements, the first an atom
    intptr_t length;      // characters on one line
    intptr_t dots;        // characters of dots in it
    size_t text, size;    // in the text of all items
    intptr_t name_length; // record: of "#name"; field: of "name = "
    Item *first, *last;   // what is in it
    Item *rest;           // improper tail, or dots
    Item *next;           // in the item around it
    const More *more;     // NULL: this is all
};

// The pairs of a map as they are printed: in the order of [orders], if that has
// one for it.
typedef struct {
    MapIterator it;
    Term map;
    Term keys; // that are left; TERM_NONE: in the map's own order
} PrintPairs;

void print_pairs_start(PrintPairs *pairs, Term map, Term orders);
bool print_pairs_next(PrintPairs *pairs, Term *key, Term *value);

// Lays [t] out on [out] by items; line_length 0: on one line.
void print_items(const Node *node, Buffer *out, Term t, const PrintOptions *o);

// [n] - [m] where n < 0 stands for no limit; not below 0.
static inline intptr_t print_minus(intptr_t n, intptr_t m)
{
    if (n < 0) return n;
    return n >= m ? n - m : 0;
}

// ---- print_layout.c ----

// Writes [item], whose texts lie in [texts], in lines as [o] has them.
void print_layout(Buffer *out, const Buffer *texts, const Item *item,
                  const PrintOptions *o);

#endif
