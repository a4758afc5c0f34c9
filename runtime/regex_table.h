// SPDX-License-Identifier: Apache-2.0
// Regex tables: what bytes are to regular expressions that know no Unicode.
#ifndef MERLE_REGEX_TABLE_H
#define MERLE_REGEX_TABLE_H

#include "node.h"

// PCRE's tables with the letters of Latin-1, made at the first use; the node's.
const uint8_t *regex_tables(Node *node);

// At the end of [node], when no regular expression is left.
void regex_tables_free(Node *node);

#endif
