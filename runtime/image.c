// SPDX-License-Identifier: Apache-2.0
// Image: opening and writing.
//
// What is written is the literal area as it lies in memory, so it must hold no
// address outside of itself: freezing takes those out.
#include "image.h"

#include <stdio.h>
#include <string.h>

#include "code_module.h"
#include "instruction.h"
#include "literal.h"
#include "program_file.h"

enum { PAGE_BYTES = 4096 }; // the file's part is mapped in pages

// The last character is the version of the layout.
static const char magic[8] = "merleI1";

static uint64_t mix(uint64_t h, uint64_t n)
{
    return (h ^ n) * 0x9E3779B97F4A7C15u ^ h >> 29;
}

// What code and the tables around it depend on: where the handlers of
// instructions lie in the loop, and the sizes of what is stored.
static uint64_t program_stamp(void)
{
    const int32_t *handlers = loop_handlers();
    uint64_t h = mix(sizeof(Export), sizeof(Code));
    for (size_t i = 0; i < OP_COUNT; i++) h = mix(h, (uint32_t)handlers[i]);
    return h;
}

// Anything else would run into foreign code, so every field counts.
static bool fits(const Image *image, const LiteralArea *area, size_t size)
{
    return size >= sizeof *image
           && memcmp(image->magic, magic, sizeof magic) == 0
           && image->size == size && image->base == area->base
           && image->stamp == program_stamp();
}

// The head's place is taken in any case: it stands at the area's beginning.
const Image *image_open(Node *node)
{
    LiteralArea *area = node->literals;
    const Image *image = (const Image *)node->options.image;
    size_t size = node->options.image_size;
    if (image == NULL || !fits(image, area, size)) {
        literal_area_take(area, sizeof *image);
        return NULL;
    }
    // The first that is taken from the area: it lies at its base.
    void *at = literal_area_take(area, size);
    // What is mapped may be another file by now.
    if (!program_file_map(at, image, size)
        || memcmp(at, image, sizeof *image) != 0)
        memcpy(at, image, size);
    return at;
}

// Nothing may run any more: tables are changed for writing.
bool image_write(Node *node, const char *path)
{
    LiteralArea *area = node->literals;
    Image *image = (Image *)area->base;
    image->atoms = atom_table_freeze(node->atoms, area);
    image->code = code_table_freeze(node);
    memcpy(image->magic, magic, sizeof magic);
    image->stamp = program_stamp();
    image->base = area->base;
    // Measured last: freezing takes memory too.
    image->size = (literal_area_used(area) + PAGE_BYTES - 1) / PAGE_BYTES
                  * PAGE_BYTES;
    FILE *f = fopen(path, "wb");
    bool good = f != NULL && fwrite(image, 1, image->size, f) == image->size;
    if (f != NULL) good &= fclose(f) == 0;
    if (!good) perror(path);
    return good;
}
