// SPDX-License-Identifier: Apache-2.0
// File names.
//
// Names go to the system as bytes: a string in UTF-8, a binary as it is, so
// that any file can be named.
#include "file_name.h"

#include <errno.h>
#include <stdlib.h>

#include "memory.h"
#include "process.h"
#include "utf8.h"

char *file_name_get(Process *p, Term t, int *error)
{
    Bits bits;
    char *name;
    size_t size;
    *error = 0;
    if (term_bits(t, &bits)) {
        if (bits.size % 8 != 0) return NULL;
        size = bits.size / 8;
        name = memory_alloc(size + 1);
        bits_copy((uint8_t *)name, &bits);
        name[size] = 0;
    } else {
        name = bif_get_text(p, t, &size);
        if (name == NULL) return NULL;
    }
    // No 0 inside: the system would cut there.
    if (strlen(name) == size) return name;
    free(name);
    if (!term_is_list(t)) *error = EINVAL;
    return NULL;
}

char *file_name_string(Process *p, Term t, int *error)
{
    *error = 0;
    return term_is_atom(t) ? NULL : file_name_get(p, t, error);
}

// In Erlang a name that is no UTF-8 can only be a binary.
Term file_name_term(Process *p, const char *bytes, size_t size)
{
    if (utf8_length((const uint8_t *)bytes, size) < 0) return TERM_NONE;
    return heap_string_utf8(process_heap(p), bytes, size, TERM_NIL);
}
