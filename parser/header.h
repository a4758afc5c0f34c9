// SPDX-License-Identifier: Apache-2.0
// Header: the tokens of a text that is included again and again, kept on the
// node so that it is not scanned each time.
// A header is known by its text and by how it is read, never by a name or a
// time: who asks has read the file, and a file that was changed is another
// text. Only what is met for the second time is kept, so that a header of one
// module costs nothing but a number.
#ifndef MERLE_HEADER_H
#define MERLE_HEADER_H

#include "scanner.h"

typedef struct Header Header;
typedef struct HeaderTable HeaderTable;

// The headers of a node; any thread may use them.
HeaderTable *header_table_new(void);
// All headers must have been given back.
void header_table_free(HeaderTable *table);

// The header of the text that [s] stands at the beginning of, for the caller
// until it is given back; NULL when the text was not met before. [s] does not
// move.
Header *header_take(HeaderTable *table, const Scanner *s);
void header_give_back(HeaderTable *table, Header *header);

// Reads form [n] as scanner_form would: appends its tokens to [out], with
// values on the heap of [s], and moves [s] behind it. False, and nothing done,
// when there is no such form, or when it is not what [s] is about to read: it
// stands elsewhere, or counts lines otherwise behind a -file, or words are
// others behind a -feature.
bool header_read_form(const Header *header, size_t n, Scanner *s,
                      TokenList *out);

#endif
