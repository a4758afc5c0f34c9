// SPDX-License-Identifier: Apache-2.0
// The BIFs of module merle_compile, which compile is made of.
//
// They take what programs hand them, so shapes are checked before
// (form_check.c); what is bad is a badarg, never a crash. Results lie on the
// process's heap.
#include <stdlib.h>
#include <string.h>

#include "bif.h"
#include "codegen.h"
#include "compile_message.h"
#include "compiler_bifs.gen.h"
#include "deep.h"
#include "environment.h"
#include "form_check.h"
#include "process.h"

typedef struct { // for another stack: nothing of the process is on it
    Process *process;     // whose heap takes the diagnostics
    const Term *args;     // of the BIF
    CodegenResult result; // set by run
} Job;

static void *run(void *data) // on a deep stack, while the process waits
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

static Term buffer_binary(Process *p, Buffer *b) // takes the buffer with it
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

// The text of a binary of bytes, ended by a 0 byte; NULL: it is none.
static char *binary_text(Term t)
{
    Bits bits;
    if (!term_bits(t, &bits) || bits.offset % 8 != 0) return NULL;
    return strndup((const char *)bits.base + bits.offset / 8, bits.size / 8);
}

// merle_compile:message(Place, Words, Prefix, Where) -> binary()
// One message; Where is {Path, Location}, whose line of the source is shown, or
// none. A Prefix of plain text, {coloured, Prefix} for a terminal.
Term bif_merle_compile_message_4(Process *p, const Term *args)
{
    Term prefix = args[2], where = args[3], path = ATOM_none, at = ATOM_none;
    MessageStyle style = {.coloured = term_is_tuple_of(prefix, 2)};
    if (style.coloured) prefix = term_tuple_get(prefix, 1);
    if (term_is_tuple_of(where, 2)) {
        path = term_tuple_get(where, 0);
        at = term_tuple_get(where, 1);
    }
    char *text[] = {binary_text(args[0]), binary_text(args[1]),
                    binary_text(prefix), binary_text(path)};
    bool good = text[0] != NULL && text[1] != NULL && text[2] != NULL;
    Buffer b;
    buffer_init(&b);
    style.prefix = text[2];
    if (good) message_head(&b, text[0], text[1], &style);
    if (good && text[3] != NULL) message_quote(&b, text[3], at, &style);
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) free(text[i]);
    Term binary = buffer_binary(p, &b);
    return good ? binary : bif_error(p, ATOM_badarg);
}

// merle_compile:wants_colour(IsTerminal) -> boolean()
Term bif_merle_compile_wants_colour_1(Process *p, const Term *args)
{
    char *no = environment_get(p->node, "NO_COLOR");
    char *force = environment_get(p->node, "CLICOLOR_FORCE");
    char *term = environment_get(p->node, "TERM");
    ColourWish wish = {no, force, term};
    bool wanted = message_wants_colour(term_same(args[0], ATOM_true), &wish);
    free(no);
    free(force);
    free(term);
    return wanted ? ATOM_true : ATOM_false;
}

// merle_compile:in_order([{File, [Message]}]) -> the same, sorted
Term bif_merle_compile_in_order_1(Process *p, const Term *args)
{
    return messages_in_order(p->node->atoms, process_heap(p), args[0]);
}
