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

void late_library_find_beside(const void *address, const char *name,
                              void *function)
{
    Dl_info info;
    if (dladdr(address, &info) == 0) abort(); // it is code that runs
    void *handle = must(dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD));
    late_library_find(handle, name, function);
    dlclose(handle); // it stays loaded: it is in use
}
