// SPDX-License-Identifier: Apache-2.0
// Crash dump: a header as crashdump_viewer reads it, and the processes. Others
// may be running, so only what does not move is looked at.
//
// Nothing is allocated if it can be helped: memory may be what is missing.
#include "crash_dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "process.h"
#include "process_table.h"
#include "scheduler.h"

// Only fields that are set once, and the name.
static void write_process(FILE *f, const Node *node, const Process *p)
{
    uint64_t data = term_id_data(p->pid);
    fprintf(f, "=proc:<0.%llu.%llu>\n",
            (unsigned long long)(data & ((1u << ID_NUMBER_BITS) - 1)),
            (unsigned long long)(data >> ID_NUMBER_BITS));
    Term name = atomic_load(&((Process *)p)->name);
    if (!term_is_none(name))
        fprintf(f, "Name: %s\n", atom_text(node->atoms, name)->bytes);
    if (!term_is_atom(p->initial_call[0])) return;
    fprintf(f, "Spawned as: %s:%s/%ld\n",
            atom_text(node->atoms, p->initial_call[0])->bytes,
            atom_text(node->atoms, p->initial_call[1])->bytes,
            (long)term_small_value(p->initial_call[2]));
}

static void write_dump(FILE *f, Node *node, const char *slogan)
{
    char when[64] = "";
    time_t now = time(NULL);
    struct tm local;
    if (localtime_r(&now, &local) != NULL)
        strftime(when, sizeof when, "%a %b %e %H:%M:%S %Y", &local);
    fprintf(f, "=erl_crash_dump:0.5\n%s\nSlogan: %s\n", when, slogan);
    if (node == NULL) return;
    fprintf(f, "System version: merle\nAtoms: %zu\n", atom_count(node->atoms));
    for (size_t i = 0; i < process_table_end(node->processes); i++) {
        const Process *p = process_table_at(node->processes, i);
        if (p != NULL) write_process(f, node, p);
    }
    fprintf(f, "=end\n");
}

// On any thread; a scheduler's knows its node.
void crash_dump(Node *node, const char *slogan)
{
    if (node == NULL && scheduler_self() != NULL)
        node = scheduler_self()->node;
    const char *name = getenv("ERL_CRASH_DUMP");
    const char *seconds = getenv("ERL_CRASH_DUMP_SECONDS");
    if (name == NULL) name = "erl_crash.dump";
    // The slogan first: the file may not come to be.
    fprintf(stderr, "%s\n", slogan);
    if (seconds != NULL && strcmp(seconds, "0") == 0) return;
    fprintf(stderr, "\nCrash dump is being written to: %s...", name);
    FILE *f = fopen(name, "w");
    if (f != NULL) {
        write_dump(f, node, slogan);
        fclose(f);
    }
    fprintf(stderr, "done\n");
}
