// SPDX-License-Identifier: Apache-2.0
// The literal area: one range of addresses, reserved at the start, of which
// the system gives memory as it is touched. Blocks are taken from its end, or
// from holes that freed blocks left; holes are kept in the order of their
// addresses and grow together. Sizes are multiples of GRAIN.
//
//     | image | block | block | hole | block | ..... never used ..... |
//     base                                   top
//
// One lock for taking and giving: it happens when code is loaded and when
// blocks go, never when code runs. Who asks whether an address lies within
// takes no lock, since the range never changes.
#include "literal.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "copy.h"
#include "literal_collect.h"
#include "memory.h"

// GRAIN: of sizes and addresses, as an image wants it.
enum { AREA_BYTES = 1 << 30, GRAIN = 16 };

// The collector looks through all heaps: so many bytes or blocks are worth it,
// also one alone that holds binaries.
enum { WORTH_BYTES = 1 << 16, WORTH_BLOCKS = 64 };

// Where the area is to begin, so that an image of it fits: far from where
// systems put programs, stacks and libraries. Elsewhere if this is taken.
#define AREA_BASE ((void *)0x200000000000)

// Lies in the free memory itself.
typedef struct Hole Hole;
struct Hole {
    size_t size; // bytes
    Hole *next;  // at a higher address
};

// Heads a block; the terms follow.
struct LiteralBlock {
    LiteralBlock *next; // among the retired ones
    size_t size;   // bytes, with this head
    Term *counted; // binaries that the terms hold
    Term words[];
};

struct AreaState {
    pthread_mutex_t lock;
    uint8_t *top;          // the end of what was ever taken
    Hole *holes;           // by address; no two of them touch
    LiteralBlock *retired; // to leave, in the order of their addresses
    size_t retired_bytes, retired_blocks; // since the collector has started
    LiteralBlock *leaving;                // one row, which is on its way out
    bool collecting; // the collector has been started, and runs
};

LiteralArea *literal_area_new(void)
{
    LiteralArea *area = memory_zeroed(1, sizeof *area);
    AreaState *state = memory_zeroed(1, sizeof *state);
    void *base = mmap(AREA_BASE, AREA_BYTES, PROT_READ | PROT_WRITE,
                      // NORESERVE: a gigabyte of addresses, not of memory.
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) memory_exhausted("literal area", AREA_BYTES);
    pthread_mutex_init(&state->lock, NULL);
    state->top = base;
    area->base = (uintptr_t)base;
    area->size = AREA_BYTES;
    area->state = state;
    return area;
}

void literal_area_free(LiteralArea *area)
{
    AreaState *state = area->state;
    // No heap is left: what the terms count can be released.
    for (LiteralBlock *b = state->leaving; b != NULL; b = b->next)
        literal_block_release(b);
    for (LiteralBlock *b = state->retired; b != NULL; b = b->next)
        literal_block_release(b);
    munmap((void *)area->base, area->size);
    pthread_mutex_destroy(&state->lock);
    free(state);
    free(area);
}

// First fit: there are few holes, and low addresses stay in use.
static void *take_hole(AreaState *state, size_t size)
{
    for (Hole **link = &state->holes; *link != NULL; link = &(*link)->next) {
        Hole *hole = *link;
        if (hole->size < size) continue;
        if (hole->size > size) {
            // At least GRAIN bytes: room for a Hole.
            Hole *rest = (Hole *)((uint8_t *)hole + size);
            *rest = (Hole){hole->size - size, hole->next};
            *link = rest;
        } else {
            *link = hole->next;
        }
        return hole;
    }
    return NULL;
}

static size_t rounded(size_t size)
{
    return (size + GRAIN - 1) / GRAIN * GRAIN;
}

void *literal_area_take(LiteralArea *area, size_t size)
{
    AreaState *state = area->state;
    size = rounded(size);
    pthread_mutex_lock(&state->lock);
    void *block = take_hole(state, size);
    if (block == NULL) {
        // Never used: zeroed by the system, but nobody relies on it.
        size_t left = area->base + area->size - (uintptr_t)state->top;
        if (left < size) memory_exhausted("literals", size);
        block = state->top;
        state->top += size;
    }
    pthread_mutex_unlock(&state->lock);
    return block;
}

// With the next hole, when there is nothing between.
static void join(Hole *hole)
{
    Hole *next = hole->next;
    if (next == NULL || (uint8_t *)hole + hole->size != (uint8_t *)next) return;
    hole->size += next->size;
    hole->next = next->next;
}

void literal_area_give(LiteralArea *area, void *block, size_t size)
{
    AreaState *state = area->state;
    if (size == 0) return;
    pthread_mutex_lock(&state->lock);
    Hole *before = NULL, *hole = block;
    // To its place in the order; linear, but given back seldom.
    Hole **link = &state->holes;
    for (; *link != NULL && *link < hole; link = &(*link)->next)
        before = *link;
    *hole = (Hole){rounded(size), *link};
    *link = hole;
    // First with the one behind, then the one before with both.
    join(hole);
    if (before != NULL) join(before);
    pthread_mutex_unlock(&state->lock);
}

size_t literal_area_used(LiteralArea *area)
{
    AreaState *state = area->state;
    pthread_mutex_lock(&state->lock);
    size_t used = (uintptr_t)state->top - area->base;
    for (const Hole *h = state->holes; h != NULL; h = h->next) used -= h->size;
    pthread_mutex_unlock(&state->lock);
    return used;
}

LiteralBlock *literal_block_new(Node *node, size_t n, Term *terms)
{
    // No terms, no block: many modules have none.
    if (n == 0) return NULL;
    size_t words = 0;
    // Nothing is shared with other blocks: each can be freed alone.
    for (size_t i = 0; i < n; i++) words += copy_whole_size(terms[i]);
    size_t size = sizeof(LiteralBlock) + words * sizeof(Term);
    LiteralBlock *block = literal_area_take(node->literals, size);
    block->next = NULL;
    Heap heap;
    heap_init(&heap);
    Term *at = block->words;
    for (size_t i = 0; i < n; i++)
        terms[i] = copy_whole_into(&heap, terms[i], &at);
    assert(at == block->words + words); // measured and copied alike
    block->size = size;
    block->counted = heap.counted;
    return block;
}

size_t literal_block_size(const LiteralBlock *block)
{
    return block == NULL ? 0 : block->size;
}

void literal_block_pin(Node *node, LiteralBlock *block)
{
    Term *box = block == NULL ? NULL : block->counted;
    // An image is a picture of memory: what lies in malloc cannot be in it.
    for (; box != NULL; box = (Term *)box[COUNTED_NEXT].bits) {
        Blob *blob = (Blob *)box[COUNTED_OBJECT].bits;
        size_t size = sizeof *blob + blob->size;
        Blob *copy = literal_area_take(node->literals, size);
        memcpy(copy, blob, size);
        copy->counted.destroy = NULL; // its count never falls to 0:
        // one for the box, one that nobody gives back
        atomic_init(&copy->counted.count, 2);
        copy->capacity = copy->size;
        copy->total = NULL;
        box[COUNTED_OBJECT].bits = (uintptr_t)copy;
        counted_release(&blob->counted);
    }
}

// A heap to hang the boxes on; its fragments are none.
void literal_block_release(LiteralBlock *block)
{
    if (block == NULL) return;
    Heap heap;
    heap_init(&heap);
    heap.counted = block->counted;
    heap_free(&heap);
}

void literal_block_free(Node *node, LiteralBlock *block)
{
    if (block == NULL) return;
    literal_block_release(block);
    literal_area_give(node->literals, block, block->size);
}

// ---- leaving ----

// Address and size are two words: see set_leaving for why they fit together.
void literal_view_update(LiteralView *view, const LiteralArea *area)
{
    view->leaving = atomic_load_explicit(&area->leaving, memory_order_relaxed);
    view->leaving_size = atomic_load_explicit(&area->leaving_size,
                                              memory_order_acquire);
    view->base = area->base;
    view->size = area->size;
}

static void set_leaving(LiteralArea *area, LiteralBlock *first, size_t size)
{
    area->state->leaving = first;
    // The size last, the address first: half a view would be none.
    atomic_store(&area->leaving_size, 0); // from here on nothing leaves
    if (first == NULL) return;
    atomic_store(&area->leaving, (uintptr_t)first);
    atomic_store(&area->leaving_size, size);
}

// Retired blocks with nothing but holes between them, and where the list leads
// to the first.
typedef struct {
    LiteralBlock **link, *last;
    size_t count;
} Row;

// The list of holes is in the order of addresses too, so both are walked once.
static Row find_row(const AreaState *state, LiteralBlock **link)
{
    const Hole *hole = state->holes;
    Row row = {link, *link, 1};
    for (; row.last->next != NULL; row.last = row.last->next, row.count++) {
        uint8_t *end = (uint8_t *)row.last + rounded(row.last->size);
        while (hole != NULL && (uint8_t *)hole < end) hole = hole->next;
        // A hole in between leaves with them.
        if (hole != NULL && (uint8_t *)hole == end) end += hole->size;
        if ((uint8_t *)row.last->next != end) break;
    }
    return row;
}

// One range of addresses leaves at a time. Where blocks come and go fast, many
// are neighbours: the longest row of them goes at once.
// The view has room for one range: two compares for each copy.
static void start_leaving(LiteralArea *area)
{
    AreaState *state = area->state;
    Row best = {.count = 0};
    for (LiteralBlock **link = &state->retired; *link != NULL;) {
        Row row = find_row(state, link);
        if (row.count > best.count) best = row;
        link = &row.last->next;
    }
    // Only called when there is one: best is not empty.
    LiteralBlock *first = *best.link;
    *best.link = best.last->next;
    best.last->next = NULL;
    set_leaving(area, first, (size_t)((uint8_t *)best.last + best.last->size
                                      - (uint8_t *)first));
}

bool literal_leave(Node *node)
{
    LiteralArea *area = node->literals;
    AreaState *state = area->state;
    pthread_mutex_lock(&state->lock);
    // One row at a time; the collector asks again for the next.
    bool leaves = state->leaving == NULL && state->retired != NULL;
    if (leaves) start_leaving(area);
    state->collecting = leaves;
    pthread_mutex_unlock(&state->lock);
    return leaves;
}

void literal_left(Node *node)
{
    AreaState *state = node->literals->state;
    pthread_mutex_lock(&state->lock);
    LiteralBlock *block = state->leaving;
    // First nothing leaves any more, then the memory may be used again.
    set_leaving(node->literals, NULL, 0);
    pthread_mutex_unlock(&state->lock);
    while (block != NULL) {
        LiteralBlock *next = block->next;
        literal_block_free(node, block);
        block = next;
    }
}

// Whether the collector is to start, now that [block] is retired.
static bool is_worth_it(AreaState *state, const LiteralBlock *block)
{
    if (state->collecting) return false;
    state->retired_bytes += block->size;
    state->retired_blocks++;
    // Few bytes wait: a sweep of all heaps would cost more than they do.
    // Binaries of any size may hang on a small block.
    if (block->counted == NULL && state->retired_bytes < WORTH_BYTES
        && state->retired_blocks < WORTH_BLOCKS)
        return false;
    state->retired_bytes = state->retired_blocks = 0;
    return state->collecting = true;
}

void literal_block_retire(Node *node, LiteralBlock *block)
{
    AreaState *state = node->literals->state;
    if (block == NULL) return;
    pthread_mutex_lock(&state->lock);
    bool worth = is_worth_it(state, block);
    LiteralBlock **link = &state->retired;
    // In order of addresses, for the rows.
    while (*link != NULL && *link < block) link = &(*link)->next;
    block->next = *link;
    *link = block;
    pthread_mutex_unlock(&state->lock);
    // Outside the lock: it spawns a process.
    if (worth) literal_collect_start(node);
}
