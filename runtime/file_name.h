// SPDX-License-Identifier: Apache-2.0
// File names: strings in Erlang, bytes (UTF-8) for the system.
#ifndef MERLE_FILE_NAME_H
#define MERLE_FILE_NAME_H

#include "bif.h"

// The bytes of name [t] (chardata; a binary stands for itself, whatever its
// bytes), ended by a 0 byte, of malloc. NULL when it is none or holds a 0;
// [*error] tells:
// EINVAL for a binary with a 0, else 0: a bad argument.
char *file_name_get(Process *p, Term t, int *error);

// The same, but an atom is no name: so module prim_file has it.
char *file_name_string(Process *p, Term t, int *error);

// The string of [size] bytes; TERM_NONE when they are no UTF-8.
Term file_name_term(Process *p, const char *bytes, size_t size);

#endif
