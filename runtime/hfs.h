// SPDX-License-Identifier: Apache-2.0
// Names as HFS+ had them: taken apart.
#ifndef MERLE_HFS_H
#define MERLE_HFS_H

#include "buffer.h"

// Adds [name], good UTF-8, with the characters that HFS+ would take apart.
void hfs_compose(const char *name, size_t size, Buffer *out);

#endif
