// SPDX-License-Identifier: Apache-2.0
// POSIX errors.
//
// Names are the system's own, in small letters: what OTP's tables have.
#include "posix_error.h"

#include <ctype.h>

#include "process.h"

Term posix_error_name(AtomTable *atoms, int error)
{
    char text[32];
    size_t n = 0;
    const char *name = strerrorname_np(error);
    if (name == NULL) name = "UNKNOWN";
    for (; name[n] != 0 && n < sizeof text; n++)
        text[n] = (char)tolower((unsigned char)name[n]);
    return atom_new(atoms, text, n);
}

Term posix_error_atom(Process *p, int error)
{
    return posix_error_name(process_atoms(p), error);
}

Term posix_error_tuple(Process *p, int error)
{
    return heap_tuple2(process_heap(p), ATOM_error,
                       posix_error_atom(p, error));
}
