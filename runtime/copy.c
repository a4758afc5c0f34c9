// SPDX-License-Identifier: Apache-2.0
// Copying: measures with a stack, then copies as the collector does, going
// through the copy word by word to replace what it refers to by copies. A
// list's cells are copied at once; words that lead into the copy itself have
// been seen to already.
//
// The copy is one piece of memory, measured before: so a message needs one
// allocation, and the receiver's collector finds it in one place. Sharing
// inside a term is lost, as in OTP; only literals stay shared.
#include "copy.h"

#include "bits.h"
#include "counted.h"
#include "literal.h"
#include "scheduler.h"
#include "term_stack.h"

// Words of a small binary, behind which its bytes lie.
static size_t bytes_words(size_t bytes)
{
    return 2 + (bytes + sizeof(Term) - 1) / sizeof(Term);
}

// Whether box BITS becomes a binary of its own: one so small takes less than a
// reference to what it is part of, and keeps nothing alive.
static bool is_flattened(const Term *box)
{
    size_t size = box[2].bits; // in bits
    return size % 8 == 0 && size / 8 <= BINARY_HEAP_MAX;
}

// The words of a boxed object but for what it refers to, which goes on the
// stack.
static size_t measure_box(Term t, TermStack *stack)
{
    const Term *box = term_box_ptr(t);
    size_t n = header_arity(box[0]);
    size_t from = n + 1; // first word that is a term
    switch (header_subtag(box[0])) {
    case SUBTAG_TUPLE:
    case SUBTAG_FLATMAP:
    case SUBTAG_HASHMAP:
        from = 1;
        break;
    case SUBTAG_FUN:
        // The pid of the maker may be one of another node: a term like the
        // environment.
        from = 2;
        break;
    case SUBTAG_BITS:
        if (is_flattened(box)) return bytes_words(box[2].bits / 8);
        from = 3;
        break;
    default:
        break;
    }
    for (size_t i = from; i <= n; i++)
        // Immediates need no visit, and are what most words are.
        if (!term_is_immediate(box[i])) term_stack_push(stack, box[i]);
    return n + 1;
}

// May stop when there are more than [most] words.
static size_t measure(const LiteralView *literals, TermStack *stack,
                      size_t most)
{
    size_t size = 0;
    while (size <= most && !term_stack_is_empty(stack)) {
        Term t = term_stack_pop(stack);
        // Along the tail without the stack: a long list takes one entry.
        while (term_is_cons(t) && size <= most
               && !literal_is_shared(literals, term_cons_ptr(t))) {
            Term head = term_head(t);
            size += 2;
            if (!term_is_immediate(head)) term_stack_push(stack, head);
            t = term_tail(t);
        }
        if (term_is_boxed(t) && !literal_is_shared(literals, term_box_ptr(t)))
            size += measure_box(t, stack);
    }
    return size;
}

// For copies that share no literals.
// A view without areas: literal_is_shared answers no to every pointer.
static const LiteralView no_literals;

// What a copy by the calling thread may share; other threads than schedulers
// share nothing, for nothing holds back a block until they are done with it.
static const LiteralView *shared_literals(const Node *node)
{
    const Scheduler *self = scheduler_self();
    // A scheduler's view is refreshed between slices only, and a block of
    // literals is freed after all have done so: whatever is in the view stays
    // while this slice lasts.
    return self != NULL && self->node == node ? &self->literals : &no_literals;
}

static size_t measure_term(const LiteralView *literals, Term t, size_t most)
{
    if (term_is_immediate(t)) return 0; // what most messages' parts are
    TermStack stack;
    term_stack_init(&stack);
    term_stack_push(&stack, t);
    size_t size = measure(literals, &stack, most);
    term_stack_free(&stack);
    return size;
}

size_t copy_size(const Node *node, Term t)
{
    return measure_term(shared_literals(node), t, SIZE_MAX);
}

size_t copy_whole_size(Term t)
{
    return measure_term(&no_literals, t, SIZE_MAX);
}

bool copy_is_larger(Term t, size_t words)
{
    Bits bits;
    if (term_bits(t, &bits)) return bits.size / 8 / sizeof(Term) > words;
    return measure_term(&no_literals, t, words) > words;
}

typedef struct {
    const LiteralView *literals; // what is left where it is
    Heap *to;                    // gets the counted boxes
    Term *start;                 // of the copy
    Term *scan;                  // before it nothing is left to be copied
    Term *top;                   // its end so far
} Copier;

// Whether a pointer needs no copy: a literal, or in the copy already.
static bool is_settled(const Copier *c, const Term *p)
{
    return literal_is_shared(c->literals, p) || (p >= c->start && p < c->top);
}

// Copies cells in order, so that the copy of a list lies side by side. Leading
// ones that hold immediates are not scanned, if nothing waits before them.
static void copy_list(Copier *c, Term *slot)
{
    Term t = *slot, *to = c->top;
    bool plain = c->scan == to;
    // The shared tail of a list, for example a literal, is left.
    while (term_is_cons(t) && !is_settled(c, term_cons_ptr(t))) {
        const Term *from = term_cons_ptr(t);
        // The pointer to the cell, in what was copied before.
        *slot = term_from_cons(to);
        to[0] = from[0];
        plain = plain && term_is_immediate(from[0]);
        if (plain) c->scan = to + 1; // the tail may be what ends the list
        slot = to + 1;
        t = from[1];
        to += 2;
    }
    *slot = t;
    c->top = to;
}

// A copy of a reference to something counted is one reference more.
static void count_copy(Copier *c, Term *box)
{
    Subtag tag = header_subtag(box[0]);
    bool magic = tag == SUBTAG_REF && header_arity(box[0]) == MAGIC_REF_ARITY;
    // Most boxes end here: no list and no atomic for them.
    if (tag != SUBTAG_COUNTED && !magic) return;
    // The sender's reference keeps the object alive meanwhile, so a relaxed
    // increment is enough.
    counted_keep((Counted *)box[COUNTED_OBJECT].bits);
    heap_link_counted(c->to, box);
    if (!magic) c->to->counted_bytes += box[COUNTED_SIZE].bits;
}

// Writes the binary that a small part of one becomes.
static void copy_flattened(Copier *c, Term *slot)
{
    Bits bits;
    if (!term_bits(*slot, &bits)) assert(false);
    size_t words = bytes_words(bits.size / 8);
    Term *to = c->top;
    c->top += words;
    to[0] = term_header(SUBTAG_BYTES, words - 1);
    to[1].bits = bits.size / 8;
    if (words > 2) to[words - 1].bits = 0; // no garbage behind the last byte
    bits_put((uint8_t *)(to + 2), 0, &bits);
    *slot = term_from_box(to);
}

static void copy_box(Copier *c, Term *slot)
{
    const Term *from = term_box_ptr(*slot);
    if (is_settled(c, from)) return;
    if (header_subtag(from[0]) == SUBTAG_BITS && is_flattened(from)) {
        copy_flattened(c, slot);
        return;
    }
    size_t n = 1 + header_arity(from[0]);
    Term *to = c->top;
    c->top += n;
    // References to other places stay in the copy until the scan meets them.
    for (size_t i = 0; i < n; i++) to[i] = from[i];
    count_copy(c, to);
    *slot = term_from_box(to);
}

static inline void copy_slot(Copier *c, Term *slot)
{
    if (term_is_cons(*slot))
        copy_list(c, slot);
    else if (term_is_boxed(*slot))
        copy_box(c, slot);
}

// What the word that is scanned next refers to is copied.
static void scan_word(Copier *c)
{
    Term *at = c->scan;
    c->scan = term_is_header(*at) ? at + header_raw_words(*at) : at + 1;
    copy_slot(c, at); // a header refers to nothing
}

static Term copy_with(const LiteralView *literals, Heap *to, Term t, Term **at)
{
    // The scan chases the top: a queue that needs no memory of its own.
    Copier c = {literals, to, *at, *at, *at};
    copy_slot(&c, &t);
    while (c.scan < c.top) scan_word(&c);
    *at = c.top;
    return t;
}

// [*at] must have as many words as copy_size answered for the same thread,
// which shares the same literals.
Term copy_into(const Node *node, Heap *to, Term t, Term **at)
{
    return copy_with(shared_literals(node), to, t, at);
}

Term copy_whole_into(Heap *to, Term t, Term **at)
{
    return copy_with(&no_literals, to, t, at);
}

Term copy_whole(Heap *to, Term t)
{
    size_t size = copy_whole_size(t);
    if (size == 0) return t; // nothing to copy: an immediate, or all literal
    Term *at = heap_alloc(to, size);
    return copy_whole_into(to, t, &at);
}

Term copy_term(const Node *node, Heap *to, Term t)
{
    size_t size = copy_size(node, t);
    if (size == 0) return t;
    Term *at = heap_alloc(to, size);
    return copy_into(node, to, t, &at);
}
