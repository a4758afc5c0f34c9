// SPDX-License-Identifier: Apache-2.0
// The C functions of parser, compiler and shell.
#include "program_bifs.h"

#include "compiler_bifs.gen.h"
#include "parser.h"
#include "shell_bifs.gen.h"

// make_image does the same, so the order is the same.
void program_add_bifs(Node *node)
{
    node_add_bifs(node, parser_bifs);
    node_add_bifs(node, compiler_bifs);
    node_add_bifs(node, shell_bifs);
}
