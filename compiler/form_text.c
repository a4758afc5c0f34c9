// SPDX-License-Identifier: Apache-2.0
// Form text: the parser's word for it. Apart from those who use it because the
// parser and the compiler each have a Place of their own.
//
// Every use is a text of this house's own, so what cannot be parsed is a
// mistake that shows at once.
#include "form_text.h"

#include "parser.h"

Term form_text_expression(Node *node, Heap *heap, const char *text)
{
    TokenList tokens = {0};
    Scanner s;
    ScanError scan_error;
    ParseError error;
    Term exprs = TERM_NIL;
    scanner_init(&s, node->atoms, heap, (const uint8_t *)text, strlen(text));
    Grammar *g = parser_take_grammar(node);
    bool good = scanner_form(&s, &tokens, &scan_error) == SCAN_FORM
                && grammar_parse_exprs(g, heap, &tokens, &exprs, &error);
    parser_return_grammar(node, g);
    token_list_free(&tokens);
    return good ? term_head(exprs) : TERM_NONE;
}
