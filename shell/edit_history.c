// SPDX-License-Identifier: Apache-2.0
// EditHistory: what was typed.
#include "edit_history.h"

// Half of them are dropped at once when there are more, so that it is rare.
enum { ENTRIES_MOST = 2000 };

// The oldest [n] go.
static void forget(EditHistory *h, size_t n)
{
    for (size_t i = 0; i < n; i++) buffer_free(&h->entries[i]);
    h->count -= n;
    memmove(h->entries, h->entries + n, h->count * sizeof *h->entries);
}

void edit_history_free(EditHistory *h)
{
    if (h->count > 0) forget(h, h->count);
    free(h->entries);
    *h = (EditHistory){0};
}

bool edit_history_add(EditHistory *h, const void *bytes, size_t size)
{
    if (size == 0) return false;
    // The same line again is no entry: "up" then shows something else.
    if (h->count > 0) {
        const Buffer *last = &h->entries[h->count - 1];
        if (last->size == size && memcmp(last->bytes, bytes, size) == 0)
            return false;
    }
    if (h->count == ENTRIES_MOST) forget(h, ENTRIES_MOST / 2);
    if (h->count == h->room)
        h->entries = memory_grow(h->entries, &h->room, 64, sizeof *h->entries);
    Buffer *entry = &h->entries[h->count++];
    buffer_init(entry);
    buffer_add(entry, bytes, size);
    return true;
}

// Adds the entry that a file's line holds.
// Lines of other programs may have anything in them: control characters are
// left out.
static void load_line(EditHistory *h, const uint8_t *line, size_t size)
{
    Buffer text = {0};
    for (size_t i = 0; i < size; i++) {
        uint8_t c = line[i];
        if (c == '\\' && i + 1 < size) c = line[++i] == 'n' ? '\n' : line[i];
        if (c >= ' ' || c == '\n' || c == '\t') buffer_add_byte(&text, c);
    }
    if (text.size > 0 && utf8_length(text.bytes, text.size) >= 0)
        edit_history_add(h, text.bytes, text.size);
    buffer_free(&text);
}

void edit_history_load(EditHistory *h, const uint8_t *bytes, size_t size)
{
    // The last line may have no end.
    for (size_t at = 0; at < size;) {
        const uint8_t *end = memchr(bytes + at, '\n', size - at);
        size_t length = end == NULL ? size - at : (size_t)(end - bytes) - at;
        load_line(h, bytes + at, length);
        at += length + 1;
    }
}

// Only the newest: the file is appended to when a line is entered.
void edit_history_line(const EditHistory *h, Buffer *to)
{
    if (h->count == 0) return;
    const Buffer *entry = &h->entries[h->count - 1];
    for (size_t i = 0; i < entry->size; i++) {
        uint8_t c = entry->bytes[i];
        if (c == '\n' || c == '\\') buffer_add_byte(to, '\\');
        buffer_add_byte(to, c == '\n' ? 'n' : c);
    }
    buffer_add_byte(to, '\n');
}

// Anywhere in the entry, by bytes.
static bool has(const EditHistory *h, size_t i, const void *bytes, size_t size)
{
    const Buffer *entry = &h->entries[i];
    return memmem(entry->bytes, entry->size, bytes, size) != NULL;
}

size_t edit_history_search(const EditHistory *h, size_t before,
                           const void *bytes, size_t size)
{
    for (size_t i = before; i-- > 0;)
        if (has(h, i, bytes, size)) return i;
    return SIZE_MAX;
}

size_t edit_history_search_newer(const EditHistory *h, size_t from,
                                 const void *bytes, size_t size)
{
    for (size_t i = from; i < h->count; i++)
        if (has(h, i, bytes, size)) return i;
    return SIZE_MAX;
}
