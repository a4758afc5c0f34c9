// SPDX-License-Identifier: Apache-2.0
// EditHistory: what was typed, oldest first.
//
// In a file an entry is a line; a line's end inside it is written \n and a
// backslash \\.
#ifndef MERLE_EDIT_HISTORY_H
#define MERLE_EDIT_HISTORY_H

#include "buffer.h"

typedef struct {
    Buffer *entries;
    size_t count;
    size_t room;
} EditHistory;

void edit_history_free(EditHistory *h);

// Adds an entry; false when it is empty or the same as the one before.
bool edit_history_add(EditHistory *h, const void *bytes, size_t size);

// Adds the entries of a file's [bytes]; what is no UTF-8 is left out.
void edit_history_load(EditHistory *h, const uint8_t *bytes, size_t size);

// Appends to [to] the line of a file for the newest entry.
void edit_history_line(const EditHistory *h, Buffer *to);

// The newest entry before number [before] with [size] [bytes] in it; SIZE_MAX
// when there is none.
size_t edit_history_search(const EditHistory *h, size_t before,
                           const void *bytes, size_t size);

// The oldest one from number [from] on, the same way.
size_t edit_history_search_newer(const EditHistory *h, size_t from,
                                 const void *bytes, size_t size);

#endif
