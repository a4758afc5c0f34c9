// SPDX-License-Identifier: Apache-2.0
// Items: what the pretty printer makes of forms before it lays them out. The
// layout (pretty_layout.c) knows items only, the makers (pretty_form.c,
// pretty_type.c, pretty_expression.c) know the Abstract Format.
//
// All items live on the printer's scratch heap, whose words are used as plain
// memory: nothing there is ever collected.
#ifndef MERLE_PRETTY_ITEM_H
#define MERLE_PRETTY_ITEM_H

#include "buffer.h"
#include "pretty.h"

// erl_pp has these as lists and atoms; [lines] of what is laid out follow its
// rules, not nicer ones.
typedef enum {
    ITEM_EMPTY,      // nothing, and no space for it
    ITEM_LEAF,       // text without line breaks
    ITEM_ROW,        // items one after the other
    ITEM_SEQUENCE,   // before, items with separators, after: on one line if
                     // that fits, else with line breaks between the items
    ITEM_LINES,      // items with separators, a line break between them
    ITEM_COMMENTED,  // first is a comment: breaks the line before second
    ITEM_STEP,       // second goes to a new, indented line if need be
    ITEM_CLOSE_STEP, // the same, but not if first is narrower than the indent
    ITEM_STRING,     // a string literal, broken where it is too long
    ITEM_HOOK        // an expression whose text the caller gives
} ItemKind;

// Once made an item is constant, and may stand in several places.
typedef struct Item Item;
struct Item {
    uint8_t kind;     // ItemKind
    bool atomic;      // LEAF: may share a line with its neighbours
    bool spaced;      // SEQUENCE: a space follows each separator
    uint32_t width;   // LEAF: columns; HOOK: precedence
    uint32_t size;    // LEAF: bytes
    uint32_t count;   // ROW, SEQUENCE, LINES
    const uint8_t *bytes; // LEAF: UTF-8 on the scratch heap
    const Item **items; // behind the item itself
    const Item *first, *second;        // COMMENTED, STEP, CLOSE_STEP
    const Item *before, *after;        // SEQUENCE
    const Item *separator, *last_separator; // SEQUENCE, LINES
    Term term;        // STRING: list of characters; HOOK: the expression
};

// One printing. All makers get it as their first argument.
typedef struct {
    Node *node; // whose atoms are printed
    const PrettyOptions *options;
    Heap scratch; // of items and pieces
    Buffer leaf;  // the text of the leaf being written
    bool hooks;   // hooks may be called here
    bool bad;     // something was no form
} Pretty;

// Makes the item of one element of a list.
typedef const Item *(*ItemMaker)(Pretty *p, Term t);

// ---- text (pretty_text.c) ----

// Writing a leaf: append to p->leaf, by these or others, then close it.
// [leaf] is empty between leaves: no maker is called while one is written.
void leaf_add(Pretty *p, const char *text);
void leaf_add_integer(Pretty *p, Term n);
// An atom that always has quotes.
void leaf_add_quoted_atom(Pretty *p, Term atom, bool latin1);
// The bare text of an atom, or the characters of a list; false of else.
bool leaf_add_name(Pretty *p, Term name);
// Any term, as ~w or ~p has it.
void leaf_add_term(Pretty *p, Term t);
void leaf_add_pretty_term(Pretty *p, Term t);
// Empties the leaf. "Atomic" is what may share a broken list's line with
// others, such as the numbers of a long list.
const Item *leaf_close(Pretty *p, bool atomic);

// Columns that [size] bytes of UTF-8 take: their grapheme clusters.
size_t text_width(const uint8_t *bytes, size_t size);

// ---- makers ----

// No space and no separator is lost on it: text that is not there.
extern const Item item_empty;

// Text here is ASCII, written by the makers.
const Item *item_leaf(Pretty *p, const char *text);   // atomic
const Item *item_text(Pretty *p, const char *text);   // not atomic
const Item *item_atom(Pretty *p, Term atom);
const Item *item_row(Pretty *p, size_t count, const Item *const *items);
const Item *item_step(Pretty *p, const Item *first, const Item *second);
const Item *item_close_step(Pretty *p, const Item *first, const Item *second);
const Item *item_commented(Pretty *p, const Item *first, const Item *second);

// A list of [count] items, on one line if that fits.
const Item *item_list(Pretty *p, size_t count, const Item *const *items);
// [second] follows [first], and is indented by its width.
// "f(" and then arguments, lined up behind it.
const Item *item_first(Pretty *p, const Item *first, const Item *second);
// Items made by [make] of the elements of list [t] between the brackets
// [before] and [after], parted by [separator] and a space.
const Item *item_brackets(Pretty *p, const char *before, const char *after,
                          Term t, ItemMaker make);
// The same without brackets.
const Item *item_series(Pretty *p, const char *separator, Term t,
                        ItemMaker make);
// A line for each element of list [t].
const Item *item_lines(Pretty *p, const char *separator, Term t,
                       ItemMaker make);

// A new item of [kind] with room for [count] items, all else empty.
Item *item_new(Pretty *p, ItemKind kind, size_t count);

// Notes that a term is nothing the printer knows.
// Answers an empty item, so that making goes on to its end.
const Item *item_bad(Pretty *p);

// ---- expressions, types, forms ----

// An operand of this precedence is in parentheses unless it is a plain one.
enum { PRECEDENCE_MOST = 900 };

// Greater binds tighter, as in OTP's erl_parse:inop_prec/1.
typedef struct {
    int left, self, right; // what each side must have at least
} Precedence;

Precedence precedence_infix(Term op);
Precedence precedence_prefix(Term op); // left is unused

const Item *make_expression(Pretty *p, Term e);
const Item *make_expression_in(Pretty *p, Term e, int precedence);
const Item *make_parenthesized(Pretty *p, int self, int outer,
                               const Item *item);
const Item *make_call(Pretty *p, const Item *name, Term args);
const Item *make_body(Pretty *p, Term body);
const Item *make_guarded(Pretty *p, const Item *head, Term guard);
const Item *make_guard(Pretty *p, Term guard);
const Item *make_args(Pretty *p, Term args);
const Item *make_record_fields(Pretty *p, Term fields);
// A value, not a form: what stands in attributes and -error(..).
const Item *make_abstract(Pretty *p, Term value, int precedence);
const Item *make_type(Pretty *p, Term type);
const Item *make_typed(Pretty *p, const Item *item, Term type);
const Item *make_signatures(Pretty *p, Term specs);
const Item *make_type_head(Pretty *p, Term name, Term args);
// Forms end in a dot and a newline.
const Item *make_form(Pretty *p, Term form);
const Item *make_attribute(Pretty *p, Term form);
const Item *make_function(Pretty *p, Term form);

// ---- depth (pretty_depth.c) ----

// How deep [form] is nested; more than [most] when it is deeper than that.
size_t pretty_depth(Term form, size_t most);

// ---- layout (pretty_layout.c) ----

// Lays [item] out and puts text or hook into [result].
// [result] has a text or a hook afterwards, or p->bad is set.
void layout_item(Pretty *p, const Item *item, PrettyResult *result);

#endif
