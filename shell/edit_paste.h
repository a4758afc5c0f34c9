// SPDX-License-Identifier: Apache-2.0
// EditPaste: pasted text made fit for the prompt.
#ifndef MERLE_EDIT_PASTE_H
#define MERLE_EDIT_PASTE_H

#include "buffer.h"

// Appends [bytes] to [to] with lines that end in '\n', valid UTF-8, without
// control characters and without the last line's end. Of a transcript (its
// first line has a prompt such as "1> ") only what was typed is taken: lines
// with a prompt, without it, and those that follow until one ends in a dot.
// What is pasted from a session can so be run again.
void edit_paste_clean(Buffer *to, const uint8_t *bytes, size_t size);

#endif
