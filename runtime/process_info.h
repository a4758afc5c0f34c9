// SPDX-License-Identifier: Apache-2.0
// What process_info can be asked for.
#ifndef MERLE_PROCESS_INFO_H
#define MERLE_PROCESS_INFO_H

#include "heap.h"

// The names of all items, as a list.
Term process_info_names(Heap *h);

#endif
