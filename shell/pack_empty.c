// SPDX-License-Identifier: Apache-2.0
// No library: for the program that compiles it.
#include "pack_data.h"

const uint8_t pack_data[1] = {0};
const size_t pack_data_size = 0;
