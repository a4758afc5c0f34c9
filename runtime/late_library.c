// SPDX-License-Identifier: Apache-2.0
// Loading libraries at their first use.
#include "late_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *found)
{
    if (found != NULL) return found;
    fprintf(stderr, "merle: %s\n", dlerror());
    abort();
}

// RTLD_LOCAL: other libraries may bring an OpenSSL of their own.
void *late_library_open(const char *name)
{
    return must(dlopen(name, RTLD_NOW | RTLD_LOCAL));
}

void late_library_find(void *handle, const char *name, void *function)
{
    void *address = must(dlsym(handle, name));
    memcpy(function, &address, sizeof address); // ISO C knows no such cast
}
