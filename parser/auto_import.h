// SPDX-License-Identifier: Apache-2.0
// The functions of module erlang that need no module name (OTP 25).
#ifndef MERLE_AUTO_IMPORT_H
#define MERLE_AUTO_IMPORT_H

#include "atom.h"

// Whether [name]/[arity] is imported, as erl_internal:bif/2 says.
// Such a function is called as erlang:Name unless the module defines it.
bool auto_import_has(const AtomTable *atoms, Term name, size_t arity);

// Whether it is allowed in guards as well, as erl_internal:guard_bif/2 says.
bool auto_import_has_guard(const AtomTable *atoms, Term name, size_t arity);

// Whether it was imported before R14, as erl_internal:old_bif/2 says.
// The old ones are an error if defined without no_auto_import, the others a
// warning: lint asks.
bool auto_import_has_old(const AtomTable *atoms, Term name, size_t arity);

#endif
