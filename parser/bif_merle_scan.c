// SPDX-License-Identifier: Apache-2.0
// The BIFs of module merle_scan, which erl_scan is made of.
// Characters are a list, the scanner wants UTF-8: it is written to a buffer
// first. What is left of the text is answered as the caller's own list, not as
// a copy.
#include <stdlib.h>

#include "bif.h"
#include "buffer.h"
#include "parser.h"
#include "parser_bifs.gen.h"
#include "process.h"

enum { PART_LEAST = 256 }; // characters looked at first

// What a call asks for, and what it works on.
// Lives on the C stack for one call; end frees what it holds.
typedef struct {
    // Its heap is the process's.
    Scanner scanner;
    Buffer bytes;     // the characters in UTF-8
    bool whole;       // all of them
    bool text;        // annotations hold the tokens' texts
    bool words;       // words that no quotes surround are {word, Anno, Atom}
    TokenList tokens; // read so far
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

// At most [most] of them. False for an improper list and for what is no
// character: badarg.
static bool add_characters(Job *j, Term list, size_t most)
{
    for (; term_is_cons(list) && most > 0; list = term_tail(list), most--) {
        Term c = term_head(list);
        if (!term_is_small(c) || term_small_value(c) < 0) return false;
        add_character(&j->bytes, term_small_value(c));
    }
    j->whole = term_is_nil(list);
    return term_is_list(list);
}

// The option "return" is comment and white_space; erl_scan says so.
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
        // For "reserved_word_fun": which words are reserved is asked in Erlang,
        // so all come back as words or atoms.
        j->scanner.options |= SCANNER_PLAIN_WORDS;
        j->words = true;
        return true;
    default: return false;
    }
}

// As many lines or columns as are counted in 31 bits, with room for a text.
static bool is_count(Term t)
{
    return term_is_small(t) && term_small_value(t) >= 0
           && term_small_value(t) <= 1 << 30;
}

// Line alone: columns are not counted.
static bool get_place(Term t, Place *place)
{
    Term line = t, column = term_small(0);
    if (term_is_tuple_of(t, 2)) {
        line = term_tuple_get(t, 0);
        column = term_tuple_get(t, 1);
    }
    if (!is_count(line) || !is_count(column)) return false;
    *place = (Place){(int32_t)term_small_value(line),
                     (int32_t)term_small_value(column)};
    return true;
}

// Reads the arguments Characters, at most [most] of them, Location, Options.
// False: badarg; end has to be called all the same.
static bool begin(Job *j, Process *p, const Term *args, size_t most)
{
    *j = (Job){0};
    if (!add_characters(j, args[0], most)) return false;
    scanner_init(&j->scanner, process_atoms(p), process_heap(p),
                 j->bytes.bytes, j->bytes.size);
    // Not those of scanner_init: maybe is an option here.
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
// From the first byte to the last, as typed: "16#FF", comments included.
static Term text_of(Job *j, const Token *t)
{
    return heap_string_utf8(j->scanner.heap, (char *)j->bytes.bytes + t->start,
                            t->end - t->start, TERM_NIL);
}

// [{text, Text}, {location, Location}]
// In this order: erl_anno shows it so.
static Term anno_with_text(Job *j, const Token *t)
{
    Heap *h = j->scanner.heap;
    Term pairs[] = {heap_tuple2(h, ATOM_text, text_of(j, t)),
                    heap_tuple2(h, ATOM_location, place_to_term(h, t->place))};
    return heap_list(h, 2, pairs, TERM_NIL);
}

// {word, ..} is told from a quoted atom by its first byte.
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
// From the back, so the list needs no turning.
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
// erl_scan:string/3. Dots do not end it: forms are scanned until the text ends.
Term bif_merle_scan_string_3(Process *p, const Term *args)
{
    Job j;
    ScanError error;
    Term result = TERM_NONE;
    if (begin(&j, p, args, SIZE_MAX)) {
        ScanStatus status;
        do {
            status = scanner_form(&j.scanner, &j.tokens, &error);
        } while (status == SCAN_FORM);
        result = status == SCAN_ERROR
                     ? error_term(&j, &error)
                     : heap_tuple3(process_heap(p), ATOM_ok,
                                   token_terms(&j, TERM_NIL), location(&j));
    }
    bif_bump(p, j.bytes.size / 64); // a reduction for 64 bytes
    end(&j);
    return term_is_none(result) ? bif_error(p, ATOM_badarg) : result;
}

// What of [list] the scanner has not read.
// A character is one cell and one first byte, so the cells are counted by the
// bytes.
static Term rest_of(const Job *j, Term list)
{
    const uint8_t *b = j->bytes.bytes;
    for (size_t i = 0; i < j->scanner.at; i++)
        if ((b[i] & 0xC0) != 0x80) list = term_tail(list); // a first byte
    return list;
}

// Scans the first form. Most are short, and a text of many is scanned from the
// front for each of them: so a part is read, and more only when the form does
// not end well before that does.
static bool begin_form(Job *j, Process *p, const Term *args,
                       ScanStatus *status, ScanError *error)
{
    for (size_t most = PART_LEAST; begin(j, p, args, most); most *= 4) {
        *status = scanner_form(&j->scanner, &j->tokens, error);
        bool ended = *status == SCAN_FORM && j->scanner.at < j->bytes.size;
        if (j->whole || ended) return true;
        end(j);
    }
    return false;
}

// form(Characters, Location, Options): the tokens of one form.
//   {form, Tokens, EndLocation, Rest}   up to a dot
//   {rest, Tokens, EndLocation, Rest}   to the end; with the option "more",
//                                       Rest may be the beginning of a token
//   {error, Info, EndLocation, Rest}
// erl_scan:tokens/3 goes on by it: the rest is kept, more text appended, and
// the form scanned again from where it was cut.
Term bif_merle_scan_form_3(Process *p, const Term *args)
{
    Job j;
    ScanError error;
    ScanStatus status;
    Term result = TERM_NONE;
    if (begin_form(&j, p, args, &status, &error)) {
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
// "maybe" and "else" are reserved only if the feature is on, which
// erl_scan:reserved_word/1 does not count.
Term bif_merle_scan_reserved_word_1(Process *p, const Term *args)
{
    (void)p;
    if (!term_is_atom(args[0])) return ATOM_false;
    TokenKind kind = token_kind_of_symbol(args[0]);
    bool reserved = kind >= TOKEN_AFTER && kind <= TOKEN_XOR
                    && kind != TOKEN_MAYBE && kind != TOKEN_ELSE;
    return reserved ? ATOM_true : ATOM_false;
}
