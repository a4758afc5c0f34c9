// SPDX-License-Identifier: Apache-2.0
// The BIFs of module merle_compile, which compile is made of.
#include <pthread.h>
#include <stdlib.h>

#include "bif.h"
#include "codegen.h"
#include "compiler_bifs.gen.h"
#include "process.h"

typedef struct {
    Process *process;
    const Term *args;
    CodegenResult result;
} Job;

static void *run(void *data)
{
    Job *j = data;
    j->result = codegen_module(j->process->node, process_heap(j->process),
                               j->args[0], j->args[1], j->args[2]);
    return NULL;
}

enum { STACK = 256 << 20 };

// Deep expressions take deep C stacks, of which the pool's threads have none.
static void run_deep(Job *j)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    if (pthread_create(&thread, &attributes, run, j) == 0)
        pthread_join(thread, NULL);
    else
        run(j);
    pthread_attr_destroy(&attributes);
}

// merle_compile:codegen(Forms, Options, Chunks) -> {Beam, Errors, Warnings}
// Beam is the binary of the .beam file, or none; the others are newest first:
// [{File, Location, Module, Descriptor}].
Term bif_merle_compile_codegen_3(Process *p, const Term *args)
{
    Job job = {p, args, {0}};
    if (!term_is_list(args[0]) || !term_is_list(args[1])
        || !term_is_list(args[2]))
        return bif_error(p, ATOM_badarg);
    run_deep(&job);
    Heap *h = process_heap(p);
    CodegenResult *r = &job.result;
    Term beam = ATOM_none;
    if (r->beam != NULL) beam = heap_binary(h, r->beam, r->size);
    free(r->beam);
    return heap_tuple3(h, beam, r->errors, r->warnings);
}
