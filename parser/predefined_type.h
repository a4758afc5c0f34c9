// SPDX-License-Identifier: Apache-2.0
// The types that need no definition.
#ifndef MERLE_PREDEFINED_TYPE_H
#define MERLE_PREDEFINED_TYPE_H

#include "term.h"

// Whether [name]/[arity] is a predefined type, as erl_internal:is_type/2 says.
// These need no definition; a type of a user with the same name and arity is an
// error, but for those that lint lets pass.
bool predefined_type_has(Term name, size_t arity);

#endif
