// SPDX-License-Identifier: Apache-2.0
// Messages of the compiler.
//
// The texts are those of OTP's modules, to the byte, since build tools read
// them. Which module made a descriptor decides where its text is: lint's are in
// lint_text.c, those of the passes behind it in notice_text.c, and what keeps a
// text from being read (epp, erl_scan, erl_parse, compile) in tables here.
//
// A message on a terminal is a line FILE:LINE:COLUMN: WORDS, the line of the
// source and a mark below the column:
//    x.erl:3:5: Warning: variable 'X' is unused
//    %    3|     X = 1.
//    %     |     ^
#include "compile_message.h"

#include <stdio.h>
#include <stdlib.h>

#include "compare.h"
#include "lint.h"
#include "notice_text.h"
#include "print.h"

static void add(Buffer *out, const char *text)
{
    buffer_add(out, text, strlen(text));
}

// A string, atom, binary or deep list of them as it stands (~ts); a number as
// its digits.
static void add_text(Node *node, Buffer *out, Term t)
{
    if (term_is_atom(t)) {
        const AtomText *text = atom_text(node->atoms, t);
        buffer_add(out, text->bytes, text->size);
        return;
    }
    Bits bits;
    if (term_bits(t, &bits) && bits.offset % 8 == 0) {
        buffer_add(out, bits.base + bits.offset / 8, bits.size / 8);
        return;
    }
    for (; term_is_cons(t); t = term_tail(t)) {
        Term c = term_head(t);
        if (term_is_small(c))
            buffer_add_utf8(out, (uint32_t)term_small_value(c));
        else add_text(node, out, c);
    }
    if (term_is_small(t)) { // of an error of erl_parse, as it was made
        char text[24];
        snprintf(text, sizeof text, "%lld", (long long)term_small_value(t));
        add(out, text);
    }
}

// [pretty] as ~p, else as ~w.
static void add_term(Node *node, Buffer *out, Term t, bool pretty)
{
    PrintOptions o;
    print_options_init(&o);
    if (pretty) print_pretty(node, out, t, &o);
    else print_write(node, out, t, &o);
}

// Words with ~ where the descriptor's elements from the second on stand: ~t
// plain text, ~w and ~p written. The words name as many elements as the
// descriptor has: tables say for what arity they are.
static void add_words(Node *node, Buffer *out, const char *words, Term d)
{
    size_t next = 1;
    for (; *words != 0; words++) {
        if (*words != '~') {
            buffer_add_byte(out, (uint8_t)*words);
            continue;
        }
        words++;
        Term t = term_tuple_get(d, next++);
        if (*words == 't') add_text(node, out, t);
        else add_term(node, out, t, *words == 'p');
    }
}

typedef struct {
    uintptr_t name; // the descriptor, or its first element
    uint8_t arity; // 0: the atom itself
    const char *words; // for add_words; NULL ends a table
} Words;

// Of epp: what it finds while it reads, so there is no form behind.
static const Words epp_words[] = {
    {ATOM_BITS_cannot_parse, 0, "cannot parse file, giving up"},
    {ATOM_BITS_bad, 2, "badly formed '~t'"},
    {ATOM_BITS_duplicated_argument, 2, "argument '~t' already used"},
    {ATOM_BITS_missing_parenthesis, 0,
     "badly formed define: missing closing right parenthesis"},
    {ATOM_BITS_missing_comma, 0, "badly formed define: missing comma"},
    {ATOM_BITS_premature_end, 0, "premature end"},
    {ATOM_BITS_call, 2, "illegal macro call '~t'"},
    {ATOM_BITS_depth, 2, "~t too deep"},
    {ATOM_BITS_mismatch, 2, "argument mismatch for macro '~t'"},
    {ATOM_BITS_arg_error, 2, "badly formed argument for macro '~t'"},
    {ATOM_BITS_redefine, 2, "redefining macro '~t'"},
    {ATOM_BITS_redefine_predef, 2, "redefining predefined macro '~t'"},
    {ATOM_BITS_include, 3, "can't find include ~t \"~t\""},
    {ATOM_BITS_illegal, 3, "~t '-~t'"},
    {ATOM_BITS_illegal_function, 2, "?~t can only be used within a function"},
    {ATOM_BITS_illegal_function_usage, 2, "?~t must not begin a form"},
    {ATOM_BITS_elif_after_else, 0, "'elif' following 'else'"},
    {ATOM_BITS_error, 2, "-error(~p)."},
    {ATOM_BITS_warning, 2, "-warning(~p)."},
    {ATOM_BITS_ftr_after_prefix, 0,
     "feature directive not allowed after exports or record definitions"},
    {0, 0, NULL}};

static const Words scan_words[] = {
    {ATOM_BITS_char, 0, "unterminated character"},
    {ATOM_BITS_illegal, 2, "illegal ~w"},
    {ATOM_BITS_base, 2, "illegal base '~w'"},
    {0, 0, NULL}};

static const Words compile_words[] = {
    {ATOM_BITS_undef_parse_transform, 2, "undefined parse transform '~t'"},
    {ATOM_BITS_open, 1, "no such file or directory"},
    {ATOM_BITS_nesting_too_deep, 0, "expression is nested too deep"},
    {ATOM_BITS_write_error, 1, "error writing file"},
    {ATOM_BITS_no_module, 0, "no module definition"},
    {0, 0, NULL}};

// Name and arity choose; linear, messages are few.
static bool use_words(Node *node, Buffer *out, const Words *w, Term d)
{
    bool tuple = term_is_tuple(d) && term_arity(d) > 0;
    Term name = tuple ? term_tuple_get(d, 0) : d;
    size_t arity = tuple ? term_arity(d) : 0;
    for (; w->words != NULL; w++) {
        if (w->name != name.bits || w->arity != arity) continue;
        add_words(node, out, w->words, d);
        return true;
    }
    return false;
}

// {undefined | circular, Name, Arity | none}: macros, called with arguments or
// without.
static bool macro_words(Node *node, Buffer *out, Term d)
{
    if (!term_is_tuple_of(d, 3)) return false;
    bool undefined = term_same(term_tuple_get(d, 0), ATOM_undefined);
    if (!undefined && !term_same(term_tuple_get(d, 0), ATOM_circular))
        return false;
    add(out, undefined ? "undefined macro '" : "circular macro '");
    add_text(node, out, term_tuple_get(d, 1));
    if (!term_same(term_tuple_get(d, 2), ATOM_none)) {
        add(out, "/");
        add_term(node, out, term_tuple_get(d, 2), true);
    }
    add(out, "'");
    return true;
}

// {string, Quote, Head}: what was never closed, with its first characters,
// which show where it began.
static bool string_words(Node *node, Buffer *out, Term d)
{
    if (!term_is_tuple_of(d, 3)
        || !term_same(term_tuple_get(d, 0), ATOM_string))
        return false;
    bool atom = term_same(term_tuple_get(d, 1), term_small('\''));
    add(out, atom ? "unterminated atom" : "unterminated string");
    add(out, " starting with ");
    if (!atom) {
        add_term(node, out, term_tuple_get(d, 2), true);
        return true;
    }
    add(out, "'");
    // Characters are shown as they are within quotes.
    for (Term l = term_tuple_get(d, 2); term_is_cons(l); l = term_tail(l))
        print_char(out, (uint32_t)term_small_value(term_head(l)), '\'',
                   PRINT_UNICODE);
    add(out, "'");
    return true;
}

// What no table knows is written as a term, so nothing is ever lost.
void message_describe(Node *node, Buffer *out, Term module, Term descriptor)
{
    const Words *words = compile_words;
    switch (module.bits) {
    case ATOM_BITS_erl_parse:
        add_text(node, out, descriptor);
        return;
    case ATOM_BITS_epp:
        if (macro_words(node, out, descriptor)) return;
        words = epp_words;
        break;
    case ATOM_BITS_erl_scan:
        if (string_words(node, out, descriptor)) return;
        words = scan_words;
        break;
    case ATOM_BITS_erl_lint: {
        char *text = lint_format(node, descriptor);
        add(out, text);
        free(text);
        return;
    }
    default:
        if (notice_describe(node, out, module, descriptor)) return;
        break;
    }
    if (!use_words(node, out, words, descriptor))
        add_term(node, out, descriptor, true);
}

// ---- colours ----
// What is bold without them is the place; red are errors, yellow the word that
// makes a message a warning, and the mark has the colour of its message. The
// words themselves are never changed: without the sequences the text is that
// of a file.

#define BOLD "\x1b[1m"
#define RED "\x1b[1;31m"
#define YELLOW "\x1b[1;33m"
#define PLAIN "\x1b[0m"

static bool is_text(const char *value) // unset and empty are the same
{
    return value != NULL && *value != 0;
}

// NO_COLOR wins over all else, as no-color.org asks; CLICOLOR_FORCE colours
// pipes as well; else it is a matter of the terminal.
bool message_wants_colour(bool terminal, const ColourWish *wish)
{
    // Any text in NO_COLOR counts, also "0".
    if (is_text(wish->no_color)) return false;
    if (is_text(wish->clicolor_force) && strcmp(wish->clicolor_force, "0") != 0)
        return true;
    return terminal && is_text(wish->term) && strcmp(wish->term, "dumb") != 0;
}

// Nothing is painted around nothing: a sequence would show in a file.
static void paint(Buffer *out, const char *colour, const char *text,
                  const MessageStyle *style)
{
    if (style->coloured && *text != 0) add(out, colour);
    add(out, text);
    if (style->coloured && *text != 0) add(out, PLAIN);
}

// [prefix] is "Warning: " or nothing, which makes it an error.
void message_head(Buffer *out, const char *place, const char *words,
                  const MessageStyle *style)
{
    bool warning = *style->prefix != 0;
    paint(out, BOLD, place, style);
    add(out, " ");
    paint(out, YELLOW, style->prefix, style);
    if (warning) add(out, words);
    else paint(out, RED, words, style);
    add(out, "\n");
}

// ---- the source ----

static char *file_path(Node *node, Term file) // of malloc, ended by a zero
{
    Buffer path = {0};
    add_text(node, &path, file);
    buffer_add_byte(&path, 0);
    return (char *)path.bytes;
}

// The source is read again for each message that quotes: there are few, and it
// may have been read from another place meanwhile. A line that is not there is
// just not quoted. The caller frees.
static char *read_line(const char *path, size_t number, size_t *size)
{
    FILE *f = fopen(path, "rb");
    char *line = NULL;
    size_t room = 0;
    ssize_t n = -1;
    if (f == NULL) return NULL;
    while (number-- > 0 && (n = getline(&line, &room, f)) >= 0) continue;
    fclose(f);
    if (n < 0) {
        free(line);
        return NULL;
    }
    while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r')) n--;
    *size = (size_t)n;
    return line;
}

// A mark below column [column] of the line; below its end and up to there when
// it is shorter. Tabs are kept so that the mark stands below whatever the
// terminal makes of them; characters of several bytes count one column each.
static void mark(Buffer *out, const char *line, size_t size, size_t column,
                 const MessageStyle *style)
{
    size_t at = 1;
    for (size_t i = 0; at < column && i < size; at++) {
        buffer_add_byte(out, line[i] == '\t' ? '\t' : ' ');
        i++;
        while (i < size && ((uint8_t)line[i] & 0xC0) == 0x80) i++;
    }
    if (style->coloured) add(out, *style->prefix != 0 ? YELLOW : RED);
    for (; at <= column; at++) buffer_add_byte(out, '^');
    if (style->coloured) add(out, PLAIN);
}

// The line, and a mark below [column] unless that is 0. Numbers have four
// places at least, as OTP's.
static void quote(Buffer *out, const char *path, size_t number, size_t column,
                  const MessageStyle *style)
{
    size_t size;
    char *line = read_line(path, number, &size), head[40];
    if (line == NULL) return;
    snprintf(head, sizeof head, "%% %4zu| ", number);
    add(out, head);
    buffer_add(out, line, size);
    add(out, "\n");
    if (column > 0) {
        int width = (int)strlen(head) - 4;
        snprintf(head, sizeof head, "%% %*s| ", width, "");
        add(out, head);
        mark(out, line, size, column, style);
        add(out, "\n");
    }
    add(out, "\n");
    free(line);
}

// A line alone has column 0; `none' is no location.
static bool read_location(Term at, size_t *line, size_t *column)
{
    *column = 0;
    if (term_is_small(at)) {
        *line = (size_t)term_small_value(at);
        return true;
    }
    if (!term_is_tuple_of(at, 2)) return false;
    *line = (size_t)term_small_value(term_tuple_get(at, 0));
    *column = (size_t)term_small_value(term_tuple_get(at, 1));
    return true;
}

// Brief style has no quotes, and messages without a line nothing to quote.
void message_quote(Buffer *out, const char *path, Term location,
                   const MessageStyle *style)
{
    size_t line, column;
    if (!style->brief && read_location(location, &line, &column) && line > 0)
        quote(out, path, line, column, style);
}

// A message is {Location, Module, Descriptor} or {Module, Descriptor}. The
// place is put together first, as it is painted as one.
void message_format(Node *node, Buffer *out, Term file, Term message,
                    const MessageStyle *style)
{
    size_t n = term_arity(message); // 2 when it has no place
    Term at = n == 2 ? ATOM_none : term_tuple_get(message, 0);
    char position[64] = "";
    size_t line = 0, column = 1;
    if (read_location(at, &line, &column)) {
        if (term_is_small(at))
            snprintf(position, sizeof position, "%zu:", line);
        else
            snprintf(position, sizeof position, "%zu:%zu:", line, column);
    }
    char *path = file_path(node, file);
    Buffer place = {0}, words = {0};
    add(&place, path);
    add(&place, ":");
    add(&place, position);
    message_describe(node, &words, term_tuple_get(message, n - 2),
                     term_tuple_get(message, n - 1));
    buffer_add_byte(&place, 0);
    buffer_add_byte(&words, 0);
    message_head(out, (char *)place.bytes, (char *)words.bytes, style);
    message_quote(out, path, at, style);
    buffer_free(&place);
    buffer_free(&words);
    free(path);
}

// ---- order ----
// erlc tells errors of reading first, whatever file they are in; all others by
// file and place. Messages of one file are put into one list again.

typedef struct {
    Term file, message;
    int module; // rank of what kept the text from being read; 0: all else
} Message;

// Of scanner, preprocessor and grammar, as they come when they are at one
// place.
static int rank(Term message)
{
    // Forms of a parse transform may tell anything.
    if (!term_is_tuple(message) || term_arity(message) < 2) return 0;
    Term module = term_tuple_get(message, term_arity(message) - 2);
    if (term_same(module, ATOM_erl_scan)) return 1;
    if (term_same(module, ATOM_epp)) return 2;
    return term_same(module, ATOM_erl_parse) ? 3 : 0;
}

// A total order: equal messages are the same, so qsort may do as it likes.
static int compare_messages(const void *a, const void *b, void *atoms)
{
    const Message *m = a, *n = b;
    if ((m->module == 0) != (n->module == 0)) return m->module != 0 ? -1 : 1;
    int c = term_compare(atoms, m->file, n->file);
    if (c == 0 && m->module != 0) {
        c = term_compare(atoms, term_tuple_get(m->message, 0),
                         term_tuple_get(n->message, 0));
        if (c == 0) c = m->module - n->module;
    }
    return c != 0 ? c : term_compare(atoms, m->message, n->message);
}

// Twice: to count, then to fill.
static size_t gather(Term list, Message *to)
{
    size_t n = 0;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term file = term_tuple_get(term_head(list), 0);
        Term l = term_tuple_get(term_head(list), 1);
        for (; term_is_cons(l); l = term_tail(l), n++)
            if (to != NULL)
                to[n] = (Message){file, term_head(l), rank(term_head(l))};
    }
    return n;
}

// On [heap]; [list] itself stays as it is.
Term messages_in_order(AtomTable *atoms, Heap *heap, Term list)
{
    size_t n = gather(list, NULL);
    Message *all = memory_alloc(n * sizeof *all + 1);
    Term result = TERM_NIL;
    gather(list, all);
    qsort_r(all, n, sizeof *all, compare_messages, atoms);
    while (n > 0) {
        Message last = all[n - 1];
        Term messages = TERM_NIL;
        for (; n > 0 && (all[n - 1].module == 0) == (last.module == 0)
               && term_exact_equal(all[n - 1].file, last.file); n--)
            messages = heap_cons(heap, all[n - 1].message, messages);
        result = heap_cons(heap, heap_tuple2(heap, last.file, messages),
                           result);
    }
    free(all);
    return result;
}
