// SPDX-License-Identifier: Apache-2.0
// Loading code for a BIF.
#ifndef MERLE_BIF_LOAD_H
#define MERLE_BIF_LOAD_H

#include "bif.h"

// Loads the .beam file in [bytes] as [module]; answers what
// erlang:load_module/2 does.
Term bif_load_code(Process *p, Term module, const uint8_t *bytes, size_t size);

#endif
