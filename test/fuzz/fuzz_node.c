// SPDX-License-Identifier: Apache-2.0
// FuzzNode: a node with atoms, literals, code and the parser; nothing runs on it.
#include "fuzz_node.h"

#include "code.h"
#include "literal.h"
#include "parser.h"

Node *fuzz_node(void)
{
    static Node node;
    if (node.atoms != NULL) return &node;
    node.atoms = atom_table_new(1 << 24);
    node.literals = literal_area_new();
    node.code = code_table_new(&node);
    parser_attach(&node);
    return &node;
}
