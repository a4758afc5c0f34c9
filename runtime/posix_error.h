// SPDX-License-Identifier: Apache-2.0
// POSIX errors as Erlang has them: enoent, eacces ...
#ifndef MERLE_POSIX_ERROR_H
#define MERLE_POSIX_ERROR_H

#include "bif.h"

// The atom of error number [error].
Term posix_error_name(AtomTable *atoms, int error);

// The same in a BIF.
Term posix_error_atom(Process *p, int error);

// {error, Atom}.
Term posix_error_tuple(Process *p, int error);

#endif
