// SPDX-License-Identifier: Apache-2.0
// The BIFs of module merle_scan, which erl_scan is made of.
#include <stdlib.h>

#include "bif.h"
#include "buffer.h"
#include "parser.h"
#include "parser_bifs.gen.h"
#include "process.h"

// What a call asks for, and what it works on.
typedef struct {
    Scanner scanner;
    Buffer bytes;  // the characters in UTF-8
    bool text;     // annotations hold the tokens' texts
    bool words;    // words that no quotes surround are {word, Anno, Atom}
    TokenList tokens;
} Job;

// Characters of any value: surrogates in three bytes, as the scanner knows
// them, what is beyond Unicode as a byte that no text holds.
static void add_character(Buffer *b, intptr_t c)
{
    if (c >= 0xD800 && c <= 0xDFFF) {
        buffer_add_byte(b, 0xED);
        buffer_add_byte(b, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
        buffer_add_byte(b, (uint8_t)(0x80 | (c & 0x3F)));
    } else if (c > 0x10FFFF) {
        buffer_add_byte(b, 0xFF);
    } else {
        buffer_add_utf8(b, (uint32_t)c);
    }
}

static bool add_characters(Buffer *b, Term list)
{
    for (; term_is_cons(list); list = term_tail(list)) {
        Term c = term_head(list);
        if (!term_is_small(c) || term_small_value(c) < 0) return false;
        add_character(b, term_small_value(c));
    }
    return term_is_nil(list);
}

static bool set_option(Job *j, Term option)
{
    switch (option.bits) {
    case ATOM_BITS_comment: j->scanner.options |= SCANNER_COMMENTS; return true;
    case ATOM_BITS_white_space:
        j->scanner.options |= SCANNER_WHITE_SPACE;
        return true;
    case ATOM_BITS_more: j->scanner.options |= SCANNER_MORE; return true;
    case ATOM_BITS_maybe: j->scanner.options |= SCANNER_MAYBE; return true;
    case ATOM_BITS_text: j->text = true; return true;
    case ATOM_BITS_words:
        j->scanner.options |= SCANNER_PLAIN_WORDS;
        j->words = true;
        return true;
    default: return false;
    }
}

static bool get_place(Term t, Place *place)
{
    Term line = t, column = term_small(0);
    if (term_is_tuple_of(t, 2)) {
        line = term_tuple_get(t, 0);
        column = term_tuple_get(t, 1);
    }
    if (!term_is_small(line) || !term_is_small(column)) return false;
    *place = (Place){(int32_t)term_small_value(line),
                     (int32_t)term_small_value(column)};
    return true;
}

// Reads the arguments Characters, Location, Options.
static bool begin(Job *j, Process *p, const Term *args)
{
    *j = (Job){0};
    if (!add_characters(&j->bytes, args[0])) return false;
    scanner_init(&j->scanner, process_atoms(p), process_heap(p),
                 j->bytes.bytes, j->bytes.size);
    j->scanner.options = 0;
    if (!get_place(args[1], &j->scanner.place)) return false;
    for (Term o = args[2]; term_is_cons(o); o = term_tail(o))
        if (!set_option(j, term_head(o))) return false;
    return true;
}

static void end(Job *j)
{
    token_list_free(&j->tokens);
    buffer_free(&j->bytes);
}

// The token's text as a list of characters.
static Term text_of(Job *j, const Token *t)
{
    return heap_string_utf8(j->scanner.heap, (char *)j->bytes.bytes + t->start,
                            t->end - t->start, TERM_NIL);
}

// [{text, Text}, {location, Location}]
static Term anno_with_text(Job *j, const Token *t)
{
    Heap *h = j->scanner.heap;
    Term pairs[] = {heap_tuple2(h, ATOM_text, text_of(j, t)),
                    heap_tuple2(h, ATOM_location, place_to_term(h, t->place))};
    return heap_list(h, 2, pairs, TERM_NIL);
}

static Term token_term(Job *j, Token *t)
{
    Heap *h = j->scanner.heap;
    if (j->text && t->end > t->start) t->anno = anno_with_text(j, t);
    bool word = j->words && t->kind == TOKEN_ATOM
                && j->bytes.bytes[t->start] != '\'';
    if (word) return heap_tuple3(h, ATOM_word, token_anno(h, t), t->value);
    return token_to_term(h, t);
}

// The tokens as a list that ends in [tail].
static Term token_terms(Job *j, Term tail)
{
    for (size_t i = j->tokens.count; i-- > 0;)
        tail = heap_cons(j->scanner.heap, token_term(j, &j->tokens.items[i]),
                         tail);
    return tail;
}

static Term location(const Job *j)
{
    return place_to_term(j->scanner.heap, j->scanner.place);
}

// {error, {Location, erl_scan, Descriptor}, EndLocation}
static Term error_term(Job *j, const ScanError *e)
{
    Heap *h = j->scanner.heap;
    Term info = heap_tuple3(h, place_to_term(h, e->place), ATOM_erl_scan,
                            e->descriptor);
    return heap_tuple3(h, ATOM_error, info, place_to_term(h, e->end));
}

// string(Characters, Location, Options): all tokens, of however many forms.
//   {ok, Tokens, EndLocation} | {error, Info, EndLocation}
Term bif_merle_scan_string_3(Process *p, const Term *args)
{
    Job j;
    ScanError error;
    Term result = TERM_NONE;
    if (begin(&j, p, args)) {
        ScanStatus status;
        do {
            status = scanner_form(&j.scanner, &j.tokens, &error);
        } while (status == SCAN_FORM);
        result = status == SCAN_ERROR
                     ? error_term(&j, &error)
                     : heap_tuple3(process_heap(p), ATOM_ok,
                                   token_terms(&j, TERM_NIL), location(&j));
    }
    bif_bump(p, j.bytes.size / 64);
    end(&j);
    return term_is_none(result) ? bif_error(p, ATOM_badarg) : result;
}

// What of [list] the scanner has not read.
static Term rest_of(const Job *j, Term list)
{
    const uint8_t *b = j->bytes.bytes;
    for (size_t i = 0; i < j->scanner.at; i++)
        if ((b[i] & 0xC0) != 0x80) list = term_tail(list); // a first byte
    return list;
}

// form(Characters, Location, Options): the tokens of one form.
//   {form, Tokens, EndLocation, Rest}   up to a dot
//   {rest, Tokens, EndLocation, Rest}   to the end; with the option "more",
//                                       Rest may be the beginning of a token
//   {error, Info, EndLocation, Rest}
Term bif_merle_scan_form_3(Process *p, const Term *args)
{
    Job j;
    ScanError error;
    Term result = TERM_NONE;
    if (begin(&j, p, args)) {
        ScanStatus status = scanner_form(&j.scanner, &j.tokens, &error);
        Term rest = rest_of(&j, args[0]);
        Term parts[] = {status == SCAN_FORM ? ATOM_form : ATOM_rest,
                        TERM_NIL, location(&j), rest};
        if (status == SCAN_ERROR) {
            Term e = error_term(&j, &error);
            parts[0] = ATOM_error;
            parts[1] = term_tuple_get(e, 1);
            parts[2] = term_tuple_get(e, 2);
        } else {
            parts[1] = token_terms(&j, TERM_NIL);
        }
        result = heap_tuple(process_heap(p), 4, parts);
    }
    bif_bump(p, j.bytes.size / 64);
    end(&j);
    return term_is_none(result) ? bif_error(p, ATOM_badarg) : result;
}

// reserved_word(Atom): whether it is one, maybe and else not counted.
Term bif_merle_scan_reserved_word_1(Process *p, const Term *args)
{
    (void)p;
    if (!term_is_atom(args[0])) return ATOM_false;
    TokenKind kind = token_kind_of_symbol(args[0]);
    bool reserved = kind >= TOKEN_AFTER && kind <= TOKEN_XOR
                    && kind != TOKEN_MAYBE && kind != TOKEN_ELSE;
    return reserved ? ATOM_true : ATOM_false;
}
