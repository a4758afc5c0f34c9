// SPDX-License-Identifier: Apache-2.0
// The program merlec: the compiler without a node around it.
#include <stdlib.h>

#include "compile.h"
#include "parser.h"

int main(int argc, char **argv)
{
    Node node = {.atoms = atom_table_new(ATOM_LIMIT_DEFAULT)};
    parser_attach(&node);
    int status = compile_command(&node, argc, argv);
    parser_detach(&node);
    atom_table_free(node.atoms);
    return status;
}
