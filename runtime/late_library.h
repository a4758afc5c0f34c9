// SPDX-License-Identifier: Apache-2.0
// Libraries that merle is built with but that are loaded when a program first
// asks for them: few programs do, and mapping one takes time and memory.
#ifndef MERLE_LATE_LIBRARY_H
#define MERLE_LATE_LIBRARY_H

// The versions of the build: others have other names for their functions.
#define LATE_LIBRARY_TEXT(number) #number
#define LATE_LIBRARY_NAME(library, version) \
    library ".so." LATE_LIBRARY_TEXT(version)

// Loads library [name]. Ends the program with a message when it is not there:
// it was when the program was built.
void *late_library_open(const char *name);

// Writes the address of function [name], of the library or of one it needs, to
// the pointer to a function at [function]. Ends the program likewise.
void late_library_find(void *handle, const char *name, void *function);

// Finds a function of the library that has the code at [address]. For what such
// a library calls with nothing that leads back to what was found in it before.
void late_library_find_beside(const void *address, const char *name,
                              void *function);

#endif
