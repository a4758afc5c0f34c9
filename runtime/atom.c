// SPDX-License-Identifier: Apache-2.0
// Atoms. Entries lie in chunks of a directory, so that an index finds its
// entry without a lock and entries never move. A table of slots with linear
// probing finds atoms by their bytes: readers look there without a lock and, if
// they find nothing, look again under the mutex before they add. When the table
// gets full another of twice the size takes its place; a reader of the old one
// may miss what was added since, which the second look mends.
//
//   index -> chunks[index / CHUNK] -> Entry {text, own}
//   bytes -> key -> slots[..], slots[.. + 1], ... -> {key, index + 1}
//
// A look for an atom touches two lines of cache: that of its slot, where the
// key tells it from most others, and that of its entry, which holds the text
// itself unless it is long.
#include "atom.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "crash_dump.h"
#include "external_tag.h"
#include "literal.h"
#include "memory.h"
#include "utf8.h"

enum {
    CHUNK = 1 << ATOM_CHUNK_BITS, // entries of one
    OWN_SIZE = ATOM_OWN_SIZE,
    FIRST_SLOTS = 4096, // doubled when three quarters are in use
    ARENA = 16384       // bytes of texts that are taken from malloc at once
};

typedef AtomEntry Entry;

_Static_assert((int)ATOM_TEXT_READABLE <= (int)OWN_SIZE,
               "what may be read of a text is in its entry");
_Static_assert(offsetof(Entry, own) == offsetof(Entry, text.external)
                   + sizeof ((AtomText *)NULL)->external,
               "a text follows what the external format has before it");

typedef struct Slots Slots;
struct Slots {
    Slots *older;            // kept: readers may still look at it
    size_t mask;             // slots - 1
    _Atomic uint64_t slot[]; // key << 32 | index + 1; 0: vacant
};

// The first chunks of a table: the last of them is not full.
struct AtomImage {
    size_t count;
    Slots *slots;
    Entry *chunks[]; // first entries of each
};

struct AtomTable {
    AtomDirectory directory; // must be first, see atom_text
    size_t chunk_count;      // places in it, fixed: it never moves
    pthread_mutex_t mutex;   // of adding
    const AtomImage *image;  // what it began with, or NULL
    size_t limit;            // most atoms
    _Atomic size_t count;    // atoms; stored after the entry is complete
    _Atomic(Term) node;      // the node's name
    _Atomic(Slots *) slots;
    char *arena;             // where long texts are put next
    size_t arena_left;       // bytes of it
    char **arenas;           // all of them, to free
    size_t arena_count, arena_room;
};

static Entry *entry_at(const AtomTable *table, uint32_t index)
{
    return atom_entry(&table->directory, index);
}

// The hash of OTP's atom table, which phash2 shows: over characters as far as
// they fit a byte, else over the bytes of UTF-8.
static uint32_t hash_text(const uint8_t *p, size_t size)
{
    uint32_t h = 0;
    const uint8_t *end = p + size;
    while (p < end) {
        uint32_t v = *p++;
        // U+0080 to U+00FF: one byte in Latin-1.
        if ((v & 0xFE) == 0xC2 && p < end) v = (v << 6 & 0xFF) | (*p++ & 0x3F);
        h = (h << 4) + v;
        // Keeps the top four bits clear, as ELF's hash does; no branch, for
        // every second one would be a surprise.
        uint32_t g = h & 0xF0000000u;
        h ^= g >> 24 ^ g;
    }
    return h;
}

// What tells texts from each other in the slots. The hash above is slower, and
// its bits are poor.
static uint32_t key_of(const char *bytes, size_t size)
{
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t key = size, word = 0;
    for (; size > sizeof word; bytes += sizeof word, size -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        key = (key ^ word) * factor;
        key ^= key >> 32; // the upper half is the better mixed one
    }
    word = 0;
    if (size > 0) memcpy(&word, bytes, size);
    return (uint32_t)((key ^ word) * factor >> 32);
}

static Slots *slots_new(size_t size, Slots *older)
{
    Slots *s = memory_zeroed(1, sizeof *s + size * sizeof s->slot[0]);
    s->older = older;
    s->mask = size - 1;
    return s;
}

static bool entry_is(const Entry *e, const char *bytes, size_t size)
{
    return e->text.size == size && memcmp(e->text.bytes, bytes, size) == 0;
}


// Lock-free; may miss an atom that is being added, or was since a doubling.
static Term look_up(AtomTable *table, uint32_t key, const char *bytes,
                    size_t size)
{
    Slots *s = atomic_load_explicit(&table->slots, memory_order_acquire);
    for (size_t i = key & s->mask;; i = (i + 1) & s->mask) {
        uint64_t slot = atomic_load_explicit(&s->slot[i], memory_order_acquire);
        if (slot == 0) return TERM_NONE;
        // Key first: the entry is touched when it is most likely the one.
        if (slot >> 32 != key) continue;
        uint32_t index = (uint32_t)slot - 1;
        if (entry_is(entry_at(table, index), bytes, size))
            return term_atom(index);
    }
}

// Some slot is always vacant.
static void store_slot(Slots *s, uint64_t slot)
{
    size_t i = (size_t)(slot >> 32) & s->mask;
    while (atomic_load_explicit(&s->slot[i], memory_order_relaxed) != 0)
        i = (i + 1) & s->mask;
    // What the slot leads to is seen with it.
    atomic_store_explicit(&s->slot[i], slot, memory_order_release);
}

// Under the mutex. The old slots stay for readers.
static void double_slots(AtomTable *table)
{
    Slots *old = atomic_load(&table->slots);
    Slots *s = slots_new((old->mask + 1) * 2, old);
    for (size_t i = 0; i <= old->mask; i++) {
        uint64_t slot = atomic_load(&old->slot[i]);
        if (slot != 0) store_slot(s, slot);
    }
    atomic_store_explicit(&table->slots, s, memory_order_release);
}

// Memory for a text of [size] bytes and its end that no entry has room for.
static char *text_space(AtomTable *table, size_t size)
{
    if (table->arena_left < size + 1) {
        if (table->arena_count == table->arena_room)
            table->arenas = memory_grow(table->arenas, &table->arena_room, 16,
                                        sizeof *table->arenas);
        table->arena = memory_alloc(ARENA);
        table->arenas[table->arena_count++] = table->arena;
        table->arena_left = ARENA;
    }
    char *space = table->arena;
    table->arena += size + 1;
    table->arena_left -= size + 1;
    return space;
}

// Missing bytes are 0: a shorter text is less, as it should be.
static uint32_t first_bytes(const char *bytes, size_t size)
{
    uint32_t first = 0;
    for (size_t i = 0; i < 4; i++)
        first = first << 8 | (i < size ? (uint8_t)bytes[i] : 0);
    return first;
}

// Without running down: other threads go on using the table.
static _Noreturn void table_full(const AtomTable *table)
{
    char slogan[80];
    snprintf(slogan, sizeof slogan,
             "no more index entries in atom_tab (max=%zu)", table->limit);
    crash_dump(NULL, slogan);
    _Exit(1); // other threads run on
}

// Atoms of short ASCII can be copied into the external format: see atom.h.
static void set_external(AtomText *text)
{
    const size_t head = sizeof text->external;
    if (text->size != text->length || text->size + head > ATOM_EXTERNAL_MOST)
        return;
    text->external_size = (uint8_t)(text->size + head);
    text->external[0] = EXTERNAL_ATOM;
    text->external[1] = 0; // of the size, which has two bytes
    text->external[2] = (uint8_t)text->size;
}

// Adds an atom that is known to be new, of [length] characters. Under the
// mutex.
static Term add(AtomTable *table, uint32_t key, const char *bytes, size_t size,
                size_t length)
{
    size_t index = atomic_load(&table->count);
    if (index >= table->limit) table_full(table);
    _Atomic(Entry *) *chunk =
        &table->directory.chunks[index >> ATOM_CHUNK_BITS];
    if (atomic_load(chunk) == NULL)
        atomic_store(chunk, memory_zeroed(CHUNK, sizeof(Entry)));
    Entry *e = entry_at(table, (uint32_t)index);
    char *text = size < OWN_SIZE ? e->own : text_space(table, size);
    if (size > 0) memcpy(text, bytes, size);
    text[size] = 0;
    e->text = (AtomText){.bytes = text, .size = (uint16_t)size,
                         .length = (uint16_t)length,
                         .hash = hash_text((const uint8_t *)bytes, size),
                         .first = first_bytes(bytes, size)};
    set_external(&e->text);
    // The count before the slot: whoever finds it by bytes may use it.
    atomic_store_explicit(&table->count, index + 1, memory_order_release);
    Slots *s = atomic_load(&table->slots);
    store_slot(s, (uint64_t)key << 32 | (index + 1));
    if (index + 1 > s->mask / 4 * 3) double_slots(table);
    return term_atom((uint32_t)index);
}

Term atom_find(AtomTable *table, const char *bytes, size_t size)
{
    uint32_t key = key_of(bytes, size);
    Term found = look_up(table, key, bytes, size);
    if (!term_is_none(found)) return found;
    // A miss may be due to a doubling: asked again under the mutex.
    pthread_mutex_lock(&table->mutex);
    found = look_up(table, key, bytes, size);
    pthread_mutex_unlock(&table->mutex);
    return found;
}

Term atom_new(AtomTable *table, const char *bytes, size_t size)
{
    uint32_t key = key_of(bytes, size);
    Term found = look_up(table, key, bytes, size);
    if (!term_is_none(found)) return found;
    ptrdiff_t length = utf8_length((const uint8_t *)bytes, size);
    // Asked before the lock is taken.
    if (length < 0 || length > ATOM_MAX_CHARACTERS) return TERM_NONE;
    pthread_mutex_lock(&table->mutex);
    // Somebody may have added it meanwhile.
    found = look_up(table, key, bytes, size);
    if (term_is_none(found))
        found = add(table, key, bytes, size, (size_t)length);
    pthread_mutex_unlock(&table->mutex);
    return found;
}

Term atom_from_latin1(AtomTable *table, const char *bytes, size_t size)
{
    uint8_t utf8[ATOM_MAX_CHARACTERS * 2];
    size_t n = 0;
    if (size > ATOM_MAX_CHARACTERS) return TERM_NONE;
    for (size_t i = 0; i < size; i++)
        n += utf8_write(utf8 + n, (uint8_t)bytes[i]);
    return atom_new(table, (const char *)utf8, n);
}

// The first four bytes decide nearly always, without the texts.
int atom_compare(const AtomTable *table, Term a, Term b)
{
    if (term_same(a, b)) return 0;
    const AtomText *x = atom_text(table, a), *y = atom_text(table, b);
    if (x->first != y->first) return x->first < y->first ? -1 : 1;
    size_t size = x->size < y->size ? x->size : y->size;
    int order = memcmp(x->bytes, y->bytes, size);
    // UTF-8 sorts as the characters do.
    return order != 0 ? order : (int)x->size - (int)y->size;
}

size_t atom_count(const AtomTable *table)
{
    return atomic_load(&table->count);
}

size_t atom_limit(const AtomTable *table)
{
    return table->limit;
}

static const char *const tab_texts[] = {ATOM_TEXTS};

static AtomTable *table_new(size_t limit)
{
    AtomTable *table = memory_zeroed(1, sizeof *table);
    pthread_mutex_init(&table->mutex, NULL);
    table->limit = limit;
    // All places at once: the directory never moves.
    table->chunk_count = (limit + CHUNK - 1) / CHUNK;
    table->directory.chunks = memory_zeroed(table->chunk_count,
                                            sizeof(_Atomic(Entry *)));
    return table;
}

AtomTable *atom_table_new(size_t limit)
{
    AtomTable *table = table_new(limit);
    atomic_init(&table->slots, slots_new(FIRST_SLOTS, NULL));
    // In the order of atoms.tab, so that the constants hold.
    for (size_t i = 0; i < sizeof tab_texts / sizeof *tab_texts; i++) {
        Term atom = atom_new(table, tab_texts[i], strlen(tab_texts[i]));
        assert(term_atom_index(atom) == i);
        (void)atom;
    }
    return table;
}

// ---- images ----

static size_t chunks_of(size_t count)
{
    return (count + CHUNK - 1) / CHUNK;
}

// Entries as they will lie in the file, and long texts behind them.
static Entry *freeze_chunk(AtomTable *table, size_t chunk, LiteralArea *area)
{
    size_t left = atom_count(table) - chunk * CHUNK;
    // The last chunk may not be full.
    size_t count = left < CHUNK ? left : CHUNK;
    Entry *copy = literal_area_take(area, CHUNK * sizeof *copy);
    memset(copy, 0, CHUNK * sizeof *copy);
    memcpy(copy, atomic_load(&table->directory.chunks[chunk]),
           count * sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        AtomText *text = &copy[i].text;
        size_t size = text->size + 1u;
        text->bytes = size <= OWN_SIZE
                          ? copy[i].own
                          : memcpy(literal_area_take(area, size), text->bytes,
                                   size);
    }
    return copy;
}

AtomImage *atom_table_freeze(AtomTable *table, LiteralArea *area)
{
    size_t chunks = chunks_of(atom_count(table));
    const Slots *s = atomic_load(&table->slots);
    size_t size = sizeof *s + (s->mask + 1) * sizeof s->slot[0];
    AtomImage *image = literal_area_take(area, sizeof *image
                                               + chunks * sizeof(Entry *));
    image->count = atom_count(table);
    // Slots hold indices, so they are good anywhere.
    image->slots = memcpy(literal_area_take(area, size), s, size);
    image->slots->older = NULL;
    for (size_t i = 0; i < chunks; i++)
        image->chunks[i] = freeze_chunk(table, i, area);
    return image;
}

// Chunks of the image are used in place; the last one is filled further, in the
// node's private copy of the page.
AtomTable *atom_table_thaw(AtomImage *image, size_t limit)
{
    AtomTable *table = table_new(limit < image->count ? image->count : limit);
    table->image = image;
    atomic_init(&table->slots, image->slots);
    for (size_t i = 0; i < chunks_of(image->count); i++)
        atomic_init(&table->directory.chunks[i], image->chunks[i]);
    atomic_init(&table->count, image->count);
    return table;
}

void atom_table_set_node(AtomTable *table, Term name)
{
    atomic_store_explicit(&table->node, name, memory_order_relaxed);
}

Term atom_table_node(const AtomTable *table)
{
    return atomic_load_explicit(&table->node, memory_order_relaxed);
}

void atom_table_free(AtomTable *table)
{
    const AtomImage *image = table->image;
    // Those of the image are not malloc's.
    size_t i = image == NULL ? 0 : chunks_of(image->count);
    for (; i < table->chunk_count; i++)
        free(atomic_load(&table->directory.chunks[i]));
    for (i = 0; i < table->arena_count; i++) free(table->arenas[i]);
    for (Slots *s = atomic_load(&table->slots);
         s != (image == NULL ? NULL : image->slots);) {
        Slots *older = s->older;
        free(s);
        s = older;
    }
    free(table->arenas);
    free(table->directory.chunks);
    pthread_mutex_destroy(&table->mutex);
    free(table);
}

size_t atom_table_bytes(AtomTable *table, size_t *used)
{
    pthread_mutex_lock(&table->mutex);
    size_t slots = 0, count = atom_count(table);
    for (const Slots *s = atomic_load(&table->slots); s != NULL; s = s->older)
        slots += sizeof *s + (s->mask + 1) * sizeof s->slot[0];
    size_t chunks = chunks_of(count);
    size_t bytes = slots + table->arena_count * ARENA
                   + chunks * CHUNK * sizeof(Entry);
    *used = bytes - table->arena_left
            - (chunks * CHUNK - count) * sizeof(Entry);
    pthread_mutex_unlock(&table->mutex);
    return bytes;
}
