// SPDX-License-Identifier: Apache-2.0
// Letter case of single characters.
#ifndef MERLE_LETTER_CASE_H
#define MERLE_LETTER_CASE_H

#include <stdint.h>

typedef enum {
    LETTER_UPPER,
    LETTER_LOWER,
    LETTER_TITLE,
    LETTER_FOLD // for comparing without regard to case
} LetterCase;

enum { LETTER_CASE_MOST = 3 }; // characters that one may become

// The characters that valid [c] becomes, in [to]; how many.
unsigned letter_case_map(LetterCase to_case, uint32_t c, uint32_t *to);

#endif
