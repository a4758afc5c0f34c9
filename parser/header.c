// SPDX-License-Identifier: Apache-2.0
// Headers. The tokens of all forms up to the first error lie in one list, with
// values on the header's own heap; who reads a form gets copies.
// A header never changes once it is in the table. It is freed when it has left
// the table, for others were used since, and nobody reads it any more.
#include "header.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "copy.h"
#include "memory.h"

enum {
    HEADERS_MOST = 64,       // that are kept
    BYTES_MOST = 4 << 20,    // of all that are kept, about
    TEXT_MOST = 256 << 10,   // of one: its tokens take several times as much
    MET_COUNT = 1024         // numbers of texts that were met
};

// A form as the scanner found it.
typedef struct {
    size_t at, next_at; // bytes of the text: where it begins, and behind it
    Place place, next_place;
    size_t end;       // of its tokens; they begin where the last form's end
    bool holds_terms; // some value lies on the heap
} HeaderForm;

struct Header {
    uint64_t hash;    // of the text, and of what else it is known by
    uint8_t *text;    // a copy: equal numbers are not enough
    size_t size;      // of the text
    unsigned options; // of the scanner
    Place start;      // likewise
    TokenList tokens;
    Heap heap;
    HeaderForm *forms;
    size_t count, room; // of forms
    unsigned users;     // the table is one of them
};

struct HeaderTable {
    pthread_mutex_t lock;       // of all below, and of users
    Header *kept[HEADERS_MOST]; // the last one used is the first
    size_t count;               // of kept
    size_t bytes;               // that these take
    uint64_t met[MET_COUNT];    // by their last bits; the newest stays
};

HeaderTable *header_table_new(void)
{
    HeaderTable *table = memory_zeroed(1, sizeof *table);
    pthread_mutex_init(&table->lock, NULL);
    return table;
}

static void free_header(Header *h)
{
    heap_free(&h->heap);
    token_list_free(&h->tokens);
    free(h->forms);
    free(h->text);
    free(h);
}

void header_table_free(HeaderTable *table)
{
    for (size_t i = 0; i < table->count; i++) free_header(table->kept[i]);
    pthread_mutex_destroy(&table->lock);
    free(table);
}

// What strings and the like take is little beside the tokens.
static size_t bytes_of(const Header *h)
{
    return h->size + h->tokens.room * sizeof *h->tokens.items
           + h->room * sizeof *h->forms;
}

// Eight bytes at a time: it is made of every header that is read.
static uint64_t hash_scanner(const Scanner *s)
{
    const uint64_t factor = 0x9E3779B97F4A7C15u;
    uint64_t hash = s->size ^ (uint64_t)s->options << 32;
    size_t i = 0;
    for (; i + sizeof hash <= s->size; i += sizeof hash) {
        uint64_t bytes;
        memcpy(&bytes, s->text + i, sizeof bytes);
        // The upper half is the better mixed one.
        hash = (hash ^ bytes) * factor;
        hash ^= hash >> 32;
    }
    for (; i < s->size; i++) hash = (hash ^ s->text[i]) * factor;
    // Whether columns are counted.
    return (hash ^ (uint64_t)s->place.column) * factor;
}

static bool is_place(Place a, Place b)
{
    return a.line == b.line && a.column == b.column;
}

static bool is_header_of(const Header *h, uint64_t hash, const Scanner *s)
{
    return h->hash == hash && h->size == s->size && h->options == s->options
           && is_place(h->start, s->place)
           && memcmp(h->text, s->text, s->size) == 0;
}

// ---- the table; its lock is held ----

static void release(Header *h)
{
    if (--h->users == 0) free_header(h);
}

// The [n]th becomes the first, or [h] comes before all when n is their count.
static void move_to_front(HeaderTable *table, size_t n, Header *h)
{
    memmove(table->kept + 1, table->kept, n * sizeof *table->kept);
    table->kept[0] = h;
}

static Header *find(HeaderTable *table, uint64_t hash, const Scanner *s)
{
    for (size_t i = 0; i < table->count; i++) {
        Header *h = table->kept[i];
        if (!is_header_of(h, hash, s)) continue;
        move_to_front(table, i, h);
        h->users++;
        return h;
    }
    return NULL;
}

// What was not used for longest makes room.
static void add(HeaderTable *table, Header *h)
{
    table->bytes += bytes_of(h);
    while (table->count == HEADERS_MOST
           || (table->count > 0 && table->bytes > BYTES_MOST)) {
        Header *last = table->kept[--table->count];
        table->bytes -= bytes_of(last);
        release(last);
    }
    h->users++;
    move_to_front(table, table->count++, h);
}

// Whether a text of this number was met before; from now on it was.
static bool meet(HeaderTable *table, uint64_t hash)
{
    uint64_t *met = &table->met[hash % MET_COUNT];
    bool known = *met == hash;
    *met = hash;
    return known;
}

// ---- scanning ----

static void add_form(Header *h, const Scanner *from, const Scanner *to)
{
    if (h->count == h->room)
        h->forms = memory_grow(h->forms, &h->room, 64, sizeof *h->forms);
    size_t first = h->count == 0 ? 0 : h->forms[h->count - 1].end;
    HeaderForm form = {.at = from->at, .place = from->place,
                       .next_at = to->at, .next_place = to->place,
                       .end = h->tokens.count};
    for (size_t i = first; i < form.end; i++)
        if (!term_is_immediate(h->tokens.items[i].value))
            form.holds_terms = true;
    h->forms[h->count++] = form;
}

static Header *scan_header(uint64_t hash, const Scanner *s)
{
    Header *h = memory_zeroed(1, sizeof *h);
    h->hash = hash;
    h->size = s->size;
    h->text = memcpy(memory_alloc(s->size + 1), s->text, s->size);
    h->options = s->options;
    h->start = s->place;
    h->users = 1; // the caller
    heap_init(&h->heap);
    Scanner to = *s;
    to.heap = &h->heap;
    for (;;) {
        Scanner from = to;
        ScanError error;
        // What is wrong is told by who reads it.
        if (scanner_form(&to, &h->tokens, &error) != SCAN_FORM) return h;
        add_form(h, &from, &to);
    }
}

Header *header_take(HeaderTable *table, const Scanner *s)
{
    if (s->size > TEXT_MOST) return NULL;
    uint64_t hash = hash_scanner(s);
    pthread_mutex_lock(&table->lock);
    Header *h = find(table, hash, s);
    bool known = h != NULL || meet(table, hash);
    pthread_mutex_unlock(&table->lock);
    if (h != NULL || !known) return h;
    // Without the lock: another thread may do the same, and one of the two
    // will grow old in the table.
    h = scan_header(hash, s);
    pthread_mutex_lock(&table->lock);
    add(table, h);
    pthread_mutex_unlock(&table->lock);
    return h;
}

void header_give_back(HeaderTable *table, Header *header)
{
    pthread_mutex_lock(&table->lock);
    release(header);
    pthread_mutex_unlock(&table->lock);
}

// ---- reading ----

bool header_read_form(const Header *header, size_t n, Scanner *s,
                      TokenList *out)
{
    if (n >= header->count) return false;
    const HeaderForm *form = &header->forms[n];
    if (form->at != s->at || !is_place(form->place, s->place)
        || header->options != s->options)
        return false;
    size_t first = n == 0 ? 0 : header->forms[n - 1].end;
    size_t count = form->end - first;
    token_list_append(out, header->tokens.items + first, count);
    if (form->holds_terms) {
        Token *t = out->items + out->count - count;
        for (size_t i = 0; i < count; i++)
            if (!term_is_immediate(t[i].value))
                t[i].value = copy_whole(s->heap, t[i].value);
    }
    s->at = form->next_at;
    s->place = form->next_place;
    return true;
}
