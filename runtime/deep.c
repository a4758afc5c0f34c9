// SPDX-License-Identifier: Apache-2.0
// Deep: work on a thread with a large stack.
//
// For code that recurses and cannot be written otherwise (the grammar); without
// the thread it runs where it is.
#include "deep.h"

#include <pthread.h>
#include <stddef.h>

enum { STACK = 256 << 20 }; // 256 MB of addresses; memory as it is touched

void deep_run(void *(*f)(void *), void *context)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    if (pthread_create(&thread, &attributes, f, context) == 0)
        pthread_join(thread, NULL);
    else
        f(context);
    pthread_attr_destroy(&attributes);
}
