// SPDX-License-Identifier: Apache-2.0
// The library's pack (pack.h) and the image of its first modules (image.h),
// linked into the program.
#ifndef MERLE_PACK_DATA_H
#define MERLE_PACK_DATA_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t pack_data[];
extern const size_t pack_data_size;
extern const uint8_t image_data[];
extern const size_t image_data_size;

#endif
