// SPDX-License-Identifier: Apache-2.0
// EditHistory: what was typed, oldest first.
//
// In a file an entry is a line; a line's end inside it is written \n and a
// backslash \\.
// So a file can be read by line, and appended to.
#ifndef MERLE_EDIT_HISTORY_H
#define MERLE_EDIT_HISTORY_H

#include "buffer.h"

// Memory of malloc.
typedef struct {
    Buffer *entries; // oldest first; each is the owner of its bytes
    size_t count;    // entries there are
    size_t room;     // entries allocated
} EditHistory;

void edit_history_free(EditHistory *h);

// Adds an entry; false when it is empty or the same as the one before.
// Blank texts are the caller's to leave out.
bool edit_history_add(EditHistory *h, const void *bytes, size_t size);

// Adds the entries of a file's [bytes]; what is no UTF-8 is left out.
// For a file of the last session.
void edit_history_load(EditHistory *h, const uint8_t *bytes, size_t size);

// Appends to [to] the line of a file for the newest entry.
void edit_history_line(const EditHistory *h, Buffer *to);

// The newest entry before number [before] with [size] [bytes] in it; SIZE_MAX
// when there is none.
// For C-r.
size_t edit_history_search(const EditHistory *h, size_t before,
                           const void *bytes, size_t size);

// The oldest one from number [from] on, the same way.
size_t edit_history_search_newer(const EditHistory *h, size_t from,
                                 const void *bytes, size_t size);

#endif
