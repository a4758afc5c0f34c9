// SPDX-License-Identifier: Apache-2.0
// Pack: reading the library inside the program. All offsets are checked when
// the pack is opened, so that the finders need not.
//
// Files are found by halves, by name; modules by halves over a second index.
#include "pack.h"

#include <stdlib.h>
#include <string.h>

#include "gzip.h"
#include "memory.h"

// Bytes of header and of a file's record.
enum { HEADER_SIZE = 12, RECORD_SIZE = 16 };

struct PackFile {
    const uint8_t *bytes;
    size_t size;
    uint32_t files, modules; // numbers of records in the two tables
};

static uint32_t read_word(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16
           | (uint32_t)p[3] << 24;
}

// Written so that the sum cannot overflow.
static bool is_inside(const PackFile *pack, uint32_t offset, uint32_t size)
{
    return offset <= pack->size && size <= pack->size - offset;
}

static bool check(const PackFile *pack)
{
    uint64_t tables = HEADER_SIZE + (uint64_t)pack->files * RECORD_SIZE
                      + (uint64_t)pack->modules * 4;
    if (tables > pack->size) return false;
    for (uint32_t i = 0; i < pack->files; i++) {
        const uint8_t *r = pack->bytes + HEADER_SIZE + i * RECORD_SIZE;
        if (!is_inside(pack, read_word(r), read_word(r + 4))
            || !is_inside(pack, read_word(r + 8), read_word(r + 12)))
            return false;
    }
    const uint8_t *index = pack->bytes + HEADER_SIZE
                           + (size_t)pack->files * RECORD_SIZE;
    for (uint32_t i = 0; i < pack->modules; i++)
        if (read_word(index + 4 * i) >= pack->files) return false;
    return true;
}

PackFile *pack_open(const uint8_t *bytes, size_t size)
{
    if (size < HEADER_SIZE || memcmp(bytes, "MRL1", 4) != 0) return NULL;
    PackFile *pack = memory_alloc(sizeof *pack);
    *pack = (PackFile){bytes, size, read_word(bytes + 4), read_word(bytes + 8)};
    // The numbers are checked before anything relies on them.
    if (check(pack)) return pack;
    free(pack);
    return NULL;
}

void pack_close(PackFile *pack)
{
    free(pack);
}

// An image knows prepared modules by this: an address would not last.
size_t pack_place(const PackFile *pack, const uint8_t *bytes)
{
    uintptr_t place = (uintptr_t)bytes - (uintptr_t)pack->bytes;
    return place < pack->size ? place : 0;
}

// The names and data of the entry lie in the pack.
bool pack_entry(const PackFile *pack, size_t i, PackEntry *entry)
{
    if (i >= pack->files) return false;
    const uint8_t *r = pack->bytes + HEADER_SIZE + i * RECORD_SIZE;
    entry->name = (const char *)pack->bytes + read_word(r);
    entry->name_size = read_word(r + 4);
    entry->data = pack->bytes + read_word(r + 8);
    entry->size = read_word(r + 12);
    return true;
}

// As memcmp has it; a beginning comes before what is longer.
static int compare_text(const char *a, size_t a_size, const char *b,
                        size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    if (order != 0) return order;
    return (a_size > b_size) - (a_size < b_size);
}

// By halves; [*entry] holds what was looked at last, also without success.
bool pack_find(const PackFile *pack, const char *name, size_t size,
               PackEntry *entry)
{
    size_t low = 0, high = pack->files;
    while (low < high) {
        size_t middle = (low + high) / 2;
        pack_entry(pack, middle, entry);
        int order = compare_text(name, size, entry->name, entry->name_size);
        if (order == 0) return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

// Modules are compressed, too, but as files of their own.
static bool is_compressed(const PackEntry *entry)
{
    const char *end = ".hrl";
    size_t size = strlen(end);
    return entry->name_size > size
           && memcmp(entry->name + entry->name_size - size, end, size) == 0
           && gzip_is(entry->data, entry->size);
}

size_t pack_file_size(const PackEntry *entry)
{
    return is_compressed(entry) ? gzip_plain_size(entry->data, entry->size)
                                : entry->size;
}

uint8_t *pack_file_bytes(const PackEntry *entry)
{
    size_t size = pack_file_size(entry);
    uint8_t *bytes = memory_alloc(size + 1);
    if (!is_compressed(entry))
        memcpy(bytes, entry->data, size);
    else
        gzip_inflate(entry->data, entry->size, bytes, (uint32_t)size);
    return bytes;
}

// The module's name within a file's name: "lists" of ".../ebin/lists.beam".
static const char *base_name(const PackEntry *entry, size_t *size)
{
    size_t end = entry->name_size - strlen(".beam"), start = end;
    while (start > 0 && entry->name[start - 1] != '/') start--;
    *size = end - start;
    return entry->name + start;
}

// The second table is sorted by the modules' names alone.
bool pack_find_module(const PackFile *pack, const char *module, size_t size,
                      PackEntry *entry)
{
    const uint8_t *index = pack->bytes + HEADER_SIZE
                           + (size_t)pack->files * RECORD_SIZE;
    size_t low = 0, high = pack->modules;
    while (low < high) {
        size_t middle = (low + high) / 2, base_size;
        pack_entry(pack, read_word(index + 4 * middle), entry);
        const char *base = base_name(entry, &base_size);
        int order = compare_text(module, size, base, base_size);
        if (order == 0) return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}
