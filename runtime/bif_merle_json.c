// SPDX-License-Identifier: Apache-2.0
// merle_json: how far a text stands for itself in a JSON string, for json.erl.
#include <stdlib.h>

#include "bif.h"
#include "bits.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "utf8.h"

// A reduction's worth of bytes, and as many as are read without a pause.
enum { BYTES_A_REDUCTION = 1024, BYTES_AT_ONCE = 1 << 20 };

static bool is_plain(uint8_t c)
{
    return c >= ' ' && c < 0x80 && c != '"' && c != '\\';
}

static size_t text_size(const uint8_t *text, size_t size)
{
    size_t i = 0, most = size < BYTES_AT_ONCE ? size : BYTES_AT_ONCE;
    while (i < most) {
        uint32_t c;
        while (i < most && is_plain(text[i])) i++;
        if (i == most || text[i] < 0x80) break;
        unsigned n = utf8_read(text + i, text + size, &c);
        if (n == 0) break;
        i += n;
    }
    return i;
}

// The size of the part of a text before the first quote, backslash, control
// character or byte that is no UTF-8; of a very long one a part of that part.
Term bif_merle_json_text_size_1(Process *p, const Term *args)
{
    size_t size;
    uint8_t *copy;
    const uint8_t *text = bits_bytes(args[0], &size, &copy);
    if (text == NULL) return bif_error(p, ATOM_badarg);
    size_t n = text_size(text, size);
    free(copy);
    bif_bump(p, n / BYTES_A_REDUCTION);
    return term_small((intptr_t)n);
}
