// SPDX-License-Identifier: Apache-2.0
// Fuzz target: scanner and grammar take any bytes, and answer forms that can be
// encoded or errors with a text. For libFuzzer, see fuzz_external.c.
#include <stdlib.h>

#include "external.h"
#include "fuzz_node.h"
#include "parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void parse(Node *node, Grammar *g, Heap *h, TokenList *tokens)
{
    Term result = TERM_NIL;
    ParseError error;
    if (!grammar_parse_form(g, h, tokens, &result, &error))
        result = grammar_error_term(h, &error);
    size_t used;
    free(external_encode(node, result, &(ExternalOutput){0}, &used));
    grammar_parse_exprs(g, h, tokens, &result, &error);
    grammar_parse_term(g, h, tokens, &result, &error);
    // The tokens as terms and back must parse as well.
    for (size_t i = 0; i < tokens->count; i++) {
        Token t = tokens->items[i];
        if (!token_from_term(token_to_term(h, &t), &tokens->items[i])) abort();
    }
    grammar_parse_form(g, h, tokens, &result, &error);
}

// The last byte chooses the options; that of a source sets none of them.
static void scan(Node *node, Grammar *g, const uint8_t *bytes, size_t size)
{
    Heap h;
    TokenList tokens = {0};
    Scanner s;
    ScanStatus status;
    heap_init(&h);
    scanner_init(&s, node->atoms, &h, bytes, size);
    uint8_t bits = bytes[size - 1] ^ '\n';
    s.options = bits & (SCANNER_WHITE_SPACE | SCANNER_COMMENTS
                        | SCANNER_MAYBE | SCANNER_PLAIN_WORDS);
    if (bits & 0x80) s.place.column = 0;
    if (!(bits & 0x40)) s.words = word_cache_new();
    do {
        ScanError error;
        tokens.count = 0;
        status = scanner_form(&s, &tokens, &error);
        if (status != SCAN_ERROR) parse(node, g, &h, &tokens);
    } while (status == SCAN_FORM || (status == SCAN_ERROR && s.at < s.size));
    token_list_free(&tokens);
    free(s.words);
    heap_free(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0) return 0;
    Node *node = fuzz_node();
    Grammar *g = parser_take_grammar(node);
    scan(node, g, bytes, size);
    parser_return_grammar(node, g);
    return 0;
}
