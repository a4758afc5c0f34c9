// SPDX-License-Identifier: Apache-2.0
// parse_file [-l] [-t] [-s N] FILE: parses every form of a file that has no
// macros and writes the results in the external format to standard output: a
// list of what erl_scan:tokens or erl_parse:parse_form answers. -l counts lines
// only, -t writes the tokens instead, -s N parses N times and prints the
// best speed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "code.h"
#include "external.h"
#include "literal.h"
#include "parser.h"

typedef struct {
    Node node;
    Grammar *grammar;
    uint8_t *text;
    size_t size;
    bool lines_only, tokens_only;
    size_t token_count;
    WordCache *words;
} Job;

static uint8_t *read_file(const char *name, size_t *size)
{
    FILE *f = fopen(name, "rb");
    if (f == NULL) return NULL;
    uint8_t *text = NULL;
    size_t room = 0, n;
    *size = 0;
    do {
        room += 65536;
        text = realloc(text, room);
        n = fread(text + *size, 1, room - *size, f);
        *size += n;
    } while (n > 0);
    fclose(f);
    return text;
}

// One form's result.
static Term parse_one(Job *j, Heap *h, TokenList *tokens)
{
    Term form;
    ParseError error;
    if (grammar_parse_form(j->grammar, h, tokens, &form, &error))
        return heap_tuple2(h, ATOM_ok, form);
    return heap_tuple2(h, ATOM_error, grammar_error_term(h, &error));
}

static Term list_tokens(Heap *h, TokenList *tokens)
{
    Term list = TERM_NIL;
    for (size_t i = tokens->count; i-- > 0;)
        list = heap_cons(h, token_to_term(h, &tokens->items[i]), list);
    return list;
}

static Term parse_all(Job *j, Heap *h)
{
    Term results = TERM_NIL, *end = &results;
    TokenList tokens = {0};
    Scanner s;
    scanner_init(&s, j->node.atoms, h, j->text, j->size);
    s.options &= ~(unsigned)SCANNER_MAYBE;
    s.words = j->words;
    if (j->lines_only) s.place.column = 0;
    for (;;) {
        ScanError e;
        tokens.count = 0;
        ScanStatus status = scanner_form(&s, &tokens, &e);
        j->token_count += tokens.count;
        if (status == SCAN_END && tokens.count == 0) break;
        Term x;
        if (status == SCAN_ERROR) {
            Term info = heap_tuple3(h, place_to_term(h, e.place),
                                    atom_new(j->node.atoms, "erl_scan", 8),
                                    e.descriptor);
            x = heap_tuple3(h, ATOM_error, info, place_to_term(h, e.end));
        } else {
            x = j->tokens_only ? list_tokens(h, &tokens)
                               : parse_one(j, h, &tokens);
        }
        *end = heap_cons(h, x, TERM_NIL);
        end = term_cons_ptr(*end) + 1;
        if (status == SCAN_END) break;
    }
    token_list_free(&tokens);
    return results;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void measure(Job *j, int times)
{
    double best = 1e9;
    for (int i = 0; i < times; i++) {
        Heap h;
        heap_init(&h);
        j->token_count = 0;
        double start = seconds();
        parse_all(j, &h);
        double passed = seconds() - start;
        if (passed < best) best = passed;
        heap_free(&h);
    }
    printf("%.2f million tokens a second, %.2f ms a file\n",
           (double)j->token_count / best / 1e6, best * 1e3);
}

int main(int argc, char **argv)
{
    Job j = {0};
    int times = 0, i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (argv[i][1] == 'l') j.lines_only = true;
        if (argv[i][1] == 't') j.tokens_only = true;
        if (argv[i][1] == 's') times = atoi(argv[++i]);
    }
    j.node.atoms = atom_table_new(ATOM_LIMIT_DEFAULT);
    j.node.literals = literal_area_new();
    j.node.code = code_table_new(&j.node);
    parser_attach(&j.node);
    j.grammar = parser_take_grammar(&j.node);
    j.words = word_cache_new();
    for (; i < argc; i++) {
        j.text = read_file(argv[i], &j.size);
        if (j.text == NULL) return 2;
        if (scanner_encoding(j.text, j.size) == ENCODING_LATIN1) {
            uint8_t *utf8 = scanner_text_from_latin1(j.text, j.size, &j.size);
            free(j.text);
            j.text = utf8;
        }
        if (times > 0) {
            measure(&j, times);
        } else {
            Heap h;
            heap_init(&h);
            size_t size;
            uint8_t *bytes = external_encode(&j.node, parse_all(&j, &h),
                                             &(ExternalOutput){0}, &size);
            fwrite(bytes, 1, size, stdout);
            free(bytes);
            heap_free(&h);
        }
        free(j.text);
    }
    parser_return_grammar(&j.node, j.grammar);
    parser_detach(&j.node);
    free(j.words);
    code_table_free(j.node.code);
    literal_area_free(j.node.literals);
    atom_table_free(j.node.atoms);
    return 0;
}
