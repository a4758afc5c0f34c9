// SPDX-License-Identifier: Apache-2.0
// What the files of nif/ share. ERL_NIF_TERM is the word of a Term.
// A library's C code sees only erl_nif.h; here is what is behind it.
#ifndef MERLE_NIF_PART_H
#define MERLE_NIF_PART_H

#include "bif.h"
#include "buffer.h"
#include "nif.h"
#include "utf8.h"

_Static_assert(sizeof(ERL_NIF_TERM) == sizeof(Term),
               "arrays of the one are arrays of the other");

// Has [blob], of which one count is given, live as long as the terms of [env].
// Freed when the environment is closed.
void nif_lend(ErlNifEnv *env, Blob *blob);

// Memory that lives so.
// For bytes that a library was shown and may keep looking at.
void *nif_lend_bytes(ErlNifEnv *env, size_t size);

#endif
