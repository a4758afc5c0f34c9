// SPDX-License-Identifier: Apache-2.0
// Fuzz target: what the decoder takes must print, hash, compare and encode,
// and come back the same. For libFuzzer, with clang:
//
//     CC=clang meson setup fuzz -Db_sanitize=address,undefined \
//         -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link
//     ninja -C fuzz test/fuzz_external && fuzz/test/fuzz_external
#include <stdlib.h>

#include "code.h"
#include "compare.h"
#include "external.h"
#include "hash.h"
#include "literal.h"
#include "print.h"
#include "remote.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

// Uses the term in all ways that walk it.
static void use(const Node *node, Heap *h, Term t)
{
    PrintOptions o;
    Buffer text = {0};
    print_options_init(&o);
    o.max_chars = 1000;
    print_pretty(node, &text, t, &o);
    print_write(node, &text, t, &o);
    buffer_free(&text);
    hash_phash2(node->atoms, t);
    hash_internal(t);
    Term binary = external_encode_binary(node, h, t, NULL);
    Bits bits;
    if (!term_bits(binary, &bits)) abort();
    Term back = external_decode((Node *)node, h, bits.base, bits.size / 8,
                                NULL, NULL);
    if (term_is_none(back) || !term_exact_equal(t, back)
        || term_compare(node->atoms, t, back) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    RemoteNode self = {.name = ATOM_nonode_nohost};
    Node node = {.atoms = atom_table_new(ATOM_LIMIT_DEFAULT),
                 .this_node = &self};
    Heap h;
    size_t used;
    node.literals = literal_area_new();
    node.code = code_table_new(&node);
    heap_init(&h);
    Term t = external_decode(&node, &h, bytes, size, NULL, &used);
    if (!term_is_none(t)) use(&node, &h, t);
    heap_free(&h);
    for (RemoteNode *e = atomic_load(&node.remote_nodes); e != NULL;) {
        RemoteNode *next = atomic_load(&e->next);
        free(e);
        e = next;
    }
    code_table_free(node.code);
    literal_area_free(node.literals);
    atom_table_free(node.atoms);
    return 0;
}
