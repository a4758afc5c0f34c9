// SPDX-License-Identifier: Apache-2.0
// Suspends: which processes a process has suspended, and how often.
#include <stdlib.h>

#include "process.h"

struct Suspends {
    Suspends *next;
    Term pid;
    size_t count;
};

void process_free_suspends(Process *p)
{
    while (p->suspends != NULL) {
        Suspends *next = p->suspends->next;
        free(p->suspends);
        p->suspends = next;
    }
}
