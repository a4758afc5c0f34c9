// SPDX-License-Identifier: Apache-2.0
// Regex tables: what bytes are to regular expressions that know no Unicode.
#ifndef MERLE_REGEX_TABLE_H
#define MERLE_REGEX_TABLE_H

#include <stdint.h>

// PCRE's tables with the letters of Latin-1, to be freed by the other one.
uint8_t *regex_table_new(void);
void regex_table_free(uint8_t *tables);

#endif
