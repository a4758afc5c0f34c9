// SPDX-License-Identifier: Apache-2.0
// Memory of malloc that cannot fail: out of memory ends the program with a
// message and a crash dump, so that no caller has to handle it.
#ifndef MERLE_MEMORY_H
#define MERLE_MEMORY_H

#include <stddef.h>

// Contents are as malloc has them, zeroed, or kept. Freed by free.
void *memory_alloc(size_t size);
void *memory_zeroed(size_t count, size_t size);
void *memory_resize(void *block, size_t size);

// An array of [count] items of [size] bytes made half as large again, at least
// [least] items; [*count] is set. For arrays that grow by appending.
void *memory_grow(void *block, size_t *count, size_t least, size_t size);

// Has malloc keep what is freed, until memory_trim gives it to the system.
void memory_init(void);
void memory_trim(void);

// Bytes that blocks of malloc take.
size_t memory_in_use(void);

// Ends the program: [text] names what could not be had.
_Noreturn void memory_exhausted(const char *text, size_t size);

#endif
