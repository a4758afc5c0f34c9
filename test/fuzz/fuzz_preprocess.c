// SPDX-License-Identifier: Apache-2.0
// Fuzz target: a whole source file through scanner, preprocessor and grammar,
// with its macros, conditions and includes. What comes of it is forms or
// errors; they can be encoded, and the printer takes them. Run it in a folder
// of its own, as -include reads what lies there. For libFuzzer, see
// fuzz_external.c; sources are in lib/*/src.
#include <stdlib.h>

#include "external.h"
#include "fuzz_node.h"
#include "parser.h"
#include "preprocess.h"
#include "pretty.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

// Forms as epp answers them; errors and eof are forms to the printer, too.
static void print_all(Node *node, Term forms)
{
    PrettyOptions o;
    pretty_options_init(&o);
    for (; term_is_cons(forms); forms = term_tail(forms)) {
        PrettyResult r = pretty_print(node, PRETTY_FORM, term_head(forms), &o);
        free(r.text);
    }
}

// The options that epp has, by the bits of the last byte; that of a source is
// the end of a line, which sets none of them.
static PreprocessOptions make_options(Heap *h, uint8_t bits)
{
    PreprocessOptions o;
    preprocess_options_init(&o);
    o.path = "fuzz.erl";
    if (bits & 1) o.start.column = 0;
    o.maybe_words = bits & 2;
    o.want_tokens = bits & 4;
    o.want_macros = bits & 8;
    o.deterministic = bits & 16;
    if (bits & 32) o.encoding = ENCODING_LATIN1;
    if (bits & 64)
        o.macros = heap_cons(h, heap_tuple2(h, ATOM_debug, ATOM_nil), TERM_NIL);
    return o;
}

static void preprocess(Node *node, const uint8_t *bytes, size_t size)
{
    Heap h;
    PreprocessResult r;
    heap_init(&h);
    PreprocessOptions o = make_options(&h, bytes[size - 1] ^ '\n');
    o.text = bytes;
    o.size = size;
    preprocess_file(node, &h, &o, &r);
    // As epp does it, which looks for applications: here there are none.
    while (!term_is_none(r.library)) {
        Term none = heap_tuple2(&h, r.library, ATOM_none);
        o.libraries = heap_cons(&h, none, o.libraries);
        preprocess_file(node, &h, &o, &r);
    }
    if (term_is_none(r.error) && !o.want_tokens) print_all(node, r.forms);
    size_t used;
    free(external_encode(node, r.forms, &(ExternalOutput){0}, &used));
    heap_free(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size > 0) preprocess(fuzz_node(), bytes, size);
    return 0;
}
