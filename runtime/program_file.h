// SPDX-License-Identifier: Apache-2.0
// The program's file, of which parts can be mapped a second time.
#ifndef MERLE_PROGRAM_FILE_H
#define MERLE_PROGRAM_FILE_H

#include <stdbool.h>
#include <stddef.h>

// Maps [size] bytes at [bytes], which are constant data of the program, to the
// address [at] as well, in the place of what is mapped there; they can be
// written there without anybody else seeing it. Both addresses begin a page.
// False, and nothing changed, when the system does not let us.
bool program_file_map(void *at, const void *bytes, size_t size);

#endif
