// SPDX-License-Identifier: Apache-2.0
// Match functions: what guards and bodies of match specifications may call.
#ifndef MERLE_MATCH_FUNCTION_H
#define MERLE_MATCH_FUNCTION_H

#include "bif.h"

// The function [name]/[arity], NULL when there is none.
BifFunction match_function_find(Term name, unsigned arity);

#endif
