// SPDX-License-Identifier: Apache-2.0
// Characters of string, atom and character literals as text.
#ifndef MERLE_QUOTE_H
#define MERLE_QUOTE_H

#include "buffer.h"
#include "term.h"

// Appends [c] as it stands in a literal between [quote]s (0: behind a $),
// escaped if need be; with [latin1] what is above 255 is escaped too.
void quote_add_char(Buffer *out, uint32_t c, uint32_t quote, bool latin1);

// Appends "$c"; a space is written $\s, but plain with [latin1].
void quote_add_char_literal(Buffer *out, uint32_t c, bool latin1);

// Appends the literal of a proper list of characters, in double quotes. That it
// is one is for the caller to have checked.
void quote_add_string(Buffer *out, Term string, bool latin1);

#endif
