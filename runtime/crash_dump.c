// SPDX-License-Identifier: Apache-2.0
// Crash dump: the file as crashdump_viewer reads it. When a node ends by halt
// with a slogan it is written after the schedulers have ended, and holds all;
// when memory is missing, at once, and only what does not move is looked at.
#include "crash_dump.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dump.h"
#include "environment.h"
#include "nif.h"
#include "process_table.h"
#include "scheduler.h"
#include "system_info.h"

static void write_header(Dump *d, const char *slogan)
{
    char when[64] = "", version[160];
    time_t now = time(NULL);
    struct tm local;
    if (localtime_r(&now, &local) != NULL)
        strftime(when, sizeof when, "%a %b %e %H:%M:%S %Y", &local);
    dump_print(d, "=erl_crash_dump:0.5\n%s\nSlogan: ", when);
    dump_bytes(d, slogan, strlen(slogan));
    dump_print(d, "\n");
    if (d->node == NULL) return;
    system_info_version(d->node, version, sizeof version);
    dump_print(d, "System version: %sTaints: \nAtoms: %zu\n", version,
               atom_count(d->node->atoms));
}

static void each_process(Dump *d, void (*write)(Dump *d, Process *p))
{
    ProcessTable *t = d->node->processes;
    for (size_t i = 0; i < process_table_end(t) && !d->is_cut; i++) {
        Process *p = process_table_at(t, i);
        if (p != NULL) write(d, p);
    }
}

static void write_dump(Dump *d, const char *slogan)
{
    write_header(d, slogan);
    if (d->node != NULL) {
        if (d->is_still) dump_node_head(d);
        each_process(d, dump_process);
        if (d->is_still) {
            dump_node_tables(d);
            each_process(d, dump_process_heap);
            dump_heap_binaries(d);
            dump_node_atoms(d);
        }
    }
    if (d->is_cut)
        fputs("\n=abort:CRASH DUMP SIZE LIMIT REACHED\n", d->file);
    else
        dump_print(d, "=end\n");
}

// As os:putenv has left it; its own table may be locked while others run.
static char *variable(const Dump *d, const char *name)
{
    if (d->is_still) return environment_get(d->node, name);
    const char *text = getenv(name);
    return text == NULL ? NULL : strdup(text);
}

// The number in environment variable [name]; [none] without.
static long long number(const Dump *d, const char *name, long long none)
{
    char *text = variable(d, name);
    long long n = text == NULL || text[0] == 0 ? none : strtoll(text, NULL, 10);
    free(text);
    return n;
}

static void write_file(Dump *d, const char *name, const char *slogan)
{
    long long nice_by = number(d, "ERL_CRASH_DUMP_NICE", 0);
    long long seconds = number(d, "ERL_CRASH_DUMP_SECONDS", -1);
    // It matters to nobody here whether the system allows it.
    if (nice_by > 0 && nice((int)nice_by) == -1) nice_by = 0;
    if (seconds > 0) alarm((unsigned)seconds); // the signal ends the program
    // For its owner only: it may hold secrets.
    d->file = fopen(name, "w");
    if (d->file == NULL) return;
    fchmod(fileno(d->file), S_IRUSR | S_IWUSR | S_IRGRP);
    write_dump(d, slogan);
    fclose(d->file);
}

static void dump(Node *node, const char *slogan, bool is_still)
{
    Dump d = {.node = node, .is_still = is_still, .left = SIZE_MAX};
    // The slogan first: the file may not come to be.
    fprintf(stderr, "%s\n", slogan);
    long long bytes = number(&d, "ERL_CRASH_DUMP_BYTES", -1);
    if (number(&d, "ERL_CRASH_DUMP_SECONDS", -1) == 0 || bytes == 0) return;
    if (bytes > 0) d.left = (size_t)bytes;
    char *name = variable(&d, "ERL_CRASH_DUMP");
    const char *file = name == NULL ? "erl_crash.dump" : name;
    fprintf(stderr, "\nCrash dump is being written to: %s...", file);
    write_file(&d, file, slogan);
    fprintf(stderr, "done\n");
    free(name);
}

// On any thread; a scheduler's and those of the pool know their node.
void crash_dump(Node *node, const char *slogan)
{
    if (node == NULL && scheduler_self() != NULL)
        node = scheduler_self()->node;
    if (node == NULL) node = nif_thread()->node;
    dump(node, slogan, false);
}

void crash_dump_still(Node *node, const char *slogan)
{
    dump(node, slogan, true);
}
