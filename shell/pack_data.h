// SPDX-License-Identifier: Apache-2.0
// The library's pack (pack.h), linked into the program; empty in the program
// that compiles the library.
#ifndef MERLE_PACK_DATA_H
#define MERLE_PACK_DATA_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t pack_data[];
extern const size_t pack_data_size;

#endif
