// SPDX-License-Identifier: Apache-2.0
// The BIFs of module merle_compile, which compile is made of.
#include <stdlib.h>
#include <string.h>

#include "bif.h"
#include "codegen.h"
#include "compile_message.h"
#include "compiler_bifs.gen.h"
#include "deep.h"
#include "form_check.h"
#include "process.h"

typedef struct {
    Process *process;     // whose heap takes the diagnostics
    const Term *args;     // of the BIF
    CodegenResult result; // set by run
} Job;

static void *run(void *data)
{
    Job *j = data;
    j->result = codegen_module(j->process->node, process_heap(j->process),
                               j->args[0], j->args[1], j->args[2]);
    return NULL;
}

// merle_compile:codegen(Forms, Options, Chunks) -> {Beam, Errors, Warnings}
// Beam is the binary of the .beam file, or none; the others are newest first:
// [{File, Location, Module, Descriptor}].
Term bif_merle_compile_codegen_3(Process *p, const Term *args)
{
    Job job = {p, args, {0}};
    if (!form_check_all(args[0]) || !term_is_list(args[1])
        || !term_is_list(args[2]))
        return bif_error(p, ATOM_badarg);
    // Deep expressions take deep C stacks, of which the pool has none.
    deep_run(run, &job);
    Heap *h = process_heap(p);
    CodegenResult *r = &job.result;
    Term beam = ATOM_none;
    if (r->beam != NULL) beam = heap_binary(h, r->beam, r->size);
    free(r->beam);
    return heap_tuple3(h, beam, r->errors, r->warnings);
}

static Term buffer_binary(Process *p, Buffer *b)
{
    Term t = heap_binary(process_heap(p), b->bytes, b->size);
    buffer_free(b);
    return t;
}

// merle_compile:describe(Module, Descriptor) -> binary()
// The words for a descriptor of the compiler's own passes, as UTF-8.
Term bif_merle_compile_describe_2(Process *p, const Term *args)
{
    Buffer b;
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    buffer_init(&b);
    message_describe(p->node, &b, args[0], args[1]);
    return buffer_binary(p, &b);
}

// merle_compile:quote(Path, Location) -> binary()
// The line of the source and a mark below.
Term bif_merle_compile_quote_2(Process *p, const Term *args)
{
    Bits path;
    Buffer b;
    if (!term_bits(args[0], &path) || path.offset % 8 != 0)
        return bif_error(p, ATOM_badarg);
    char *text = strndup((const char *)path.base + path.offset / 8,
                         path.size / 8);
    buffer_init(&b);
    message_quote(&b, text, args[1]);
    free(text);
    return buffer_binary(p, &b);
}

// merle_compile:in_order([{File, [Message]}]) -> the same, sorted
Term bif_merle_compile_in_order_1(Process *p, const Term *args)
{
    return messages_in_order(p->node->atoms, process_heap(p), args[0]);
}
