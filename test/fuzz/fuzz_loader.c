// SPDX-License-Identifier: Apache-2.0
// Fuzz target: a damaged .beam file is refused, never believed. What loads is
// loaded, deleted and purged again, but not run. For libFuzzer, with clang:
//
//     CC=clang meson setup fuzz -Db_sanitize=address,undefined \
//         -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link
//     ninja -C fuzz test/fuzz_loader
//     mkdir corpus; cp build/lib/ebin/*/ebin/*.beam corpus
//     fuzz/test/fuzz_loader corpus
#include "code_module.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

// One node for all inputs: making one takes longer than a file does. Atoms
// and exports stay, so a run ends when the atom table is full.
static Node *get_node(void)
{
    static Node *node;
    static const NodeOptions options = {.schedulers = 1,
                                        .atom_limit = 1 << 24};
    if (node == NULL) node = node_new(&options);
    return node;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char why[200];
    Node *node = get_node();
    Code *code = code_prepare(node, TERM_NONE, bytes, size, why, sizeof why);
    if (code == NULL) return 0;
    Module *m;
    Term name = code->module;
    CodeResult result = code_publish(node, code);
    m = code_find_module(node, name);
    if (result == CODE_ON_LOAD) {
        code_finish_on_load(node, m, false);
    } else {
        code_delete(node, m);
        code_purge(node, m);
    }
    return 0;
}
