// SPDX-License-Identifier: Apache-2.0
// erlang: atoms and their texts.
// Atoms are never freed, so what comes from outside should use the existing_
// functions.
#include <stdlib.h>

#include "bif.h"
#include "bits.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "utf8.h"

// Code points.
Term bif_erlang_atom_to_list_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    const AtomText *text = atom_text(process_atoms(p), args[0]);
    return heap_string_utf8(process_heap(p), text->bytes, text->size,
                            TERM_NIL);
}

// UTF-8.
Term bif_erlang_atom_to_binary_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    const AtomText *text = atom_text(process_atoms(p), args[0]);
    return heap_binary(process_heap(p), text->bytes, text->size);
}

// The Latin-1 bytes of [text] in [to]; -1 when a character has none.
// At most 255 characters.
static int latin1_from_text(const AtomText *text, uint8_t *to)
{
    const uint8_t *at = (const uint8_t *)text->bytes, *end = at + text->size;
    int n = 0;
    while (at < end) {
        uint32_t c;
        at += utf8_read(at, end, &c);
        if (c > 255) return -1;
        to[n++] = (uint8_t)c;
    }
    return n;
}

// Both names are the same.
static bool is_utf8_name(Term t)
{
    return term_same(t, ATOM_utf8) || term_same(t, ATOM_unicode);
}

// Latin-1 of an atom beyond it is badarg.
Term bif_erlang_atom_to_binary_2(Process *p, const Term *args)
{
    if (is_utf8_name(args[1])) return bif_erlang_atom_to_binary_1(p, args);
    if (!term_is_atom(args[0]) || !term_same(args[1], ATOM_latin1))
        return bif_error(p, ATOM_badarg);
    uint8_t bytes[ATOM_MAX_CHARACTERS];
    int n = latin1_from_text(atom_text(process_atoms(p), args[0]), bytes);
    if (n < 0) return bif_error(p, ATOM_badarg);
    return heap_binary(process_heap(p), bytes, (size_t)n);
}

enum { NAME_ROOM = ATOM_MAX_CHARACTERS * UTF8_MOST };

// The UTF-8 of a list of characters in [bytes]; badarg, system_limit or, when
// all is well, TERM_NONE.
// The whole list is looked at: bad characters win over too many.
static Term name_from_list(Term list, char *bytes, size_t *size)
{
    size_t n = 0;
    *size = 0;
    for (; term_is_cons(list); list = term_tail(list), n++) {
        Term head = term_head(list);
        if (!term_is_small(head)) return ATOM_badarg;
        intptr_t c = term_small_value(head);
        if (c < 0 || c > 0x10FFFF || !utf8_is_valid((uint32_t)c))
            return ATOM_badarg;
        if (n < ATOM_MAX_CHARACTERS)
            *size += utf8_write((uint8_t *)bytes + *size, (uint32_t)c);
    }
    if (!term_is_nil(list)) return ATOM_badarg;
    return n > ATOM_MAX_CHARACTERS ? ATOM_system_limit : TERM_NONE;
}

// Too long: system_limit, as there is no such atom.
Term bif_erlang_list_to_atom_1(Process *p, const Term *args)
{
    char bytes[NAME_ROOM];
    size_t size;
    Term reason = name_from_list(args[0], bytes, &size);
    if (!term_is_none(reason)) return bif_error(p, reason);
    return atom_new(process_atoms(p), bytes, size);
}

// Any failure is badarg: no such atom can exist.
Term bif_erlang_list_to_existing_atom_1(Process *p, const Term *args)
{
    char bytes[NAME_ROOM];
    size_t size;
    Term reason = name_from_list(args[0], bytes, &size);
    if (!term_is_none(reason)) return bif_error(p, ATOM_badarg);
    Term atom = atom_find(process_atoms(p), bytes, size);
    return term_is_none(atom) ? bif_error(p, ATOM_badarg) : atom;
}

// How many of the [size] bytes the first characters take, as many as an atom
// may have.
static size_t beginning(const uint8_t *bytes, size_t size)
{
    size_t characters = 0, i = 0;
    for (; i < size; i++)
        if ((bytes[i] & 0xC0) != 0x80 && characters++ == ATOM_MAX_CHARACTERS)
            break;
    return i;
}

// The same for [size] bytes in an encoding: the text in [to].
// Latin-1 bytes are characters each.
static Term name_from_bytes(const uint8_t *bytes, size_t size, bool latin1,
                            char *to, size_t *used)
{
    if (latin1) {
        *used = 0;
        if (size > ATOM_MAX_CHARACTERS) return ATOM_system_limit;
        for (size_t i = 0; i < size; i++)
            *used += utf8_write((uint8_t *)to + *used, bytes[i]);
        return TERM_NONE;
    }
    // Whether what is too much is bad, too, does not matter.
    size_t first = beginning(bytes, size);
    if (utf8_length(bytes, first) < 0) return ATOM_badarg;
    if (first < size) return ATOM_system_limit;
    if (size > 0) memcpy(to, bytes, size);
    *used = size;
    return TERM_NONE;
}

// The atom named by binary [t] in [encoding].
// [add]: make it if it is new.
static Term atom_from_binary(Process *p, Term t, Term encoding, bool add)
{
    bool latin1 = term_same(encoding, ATOM_latin1);
    char name[NAME_ROOM];
    uint8_t *copy;
    size_t size, used = 0;
    if (!latin1 && !is_utf8_name(encoding)) return bif_error(p, ATOM_badarg);
    const uint8_t *bytes = bits_bytes(t, &size, &copy);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    Term reason = name_from_bytes(bytes, size, latin1, name, &used);
    free(copy);
    if (!term_is_none(reason)) return bif_error(p, add ? reason : ATOM_badarg);
    Term atom = add ? atom_new(process_atoms(p), name, used)
                    : atom_find(process_atoms(p), name, used);
    return term_is_none(atom) ? bif_error(p, ATOM_badarg) : atom;
}

Term bif_erlang_binary_to_atom_1(Process *p, const Term *args)
{
    return atom_from_binary(p, args[0], ATOM_utf8, true);
}

Term bif_erlang_binary_to_atom_2(Process *p, const Term *args)
{
    return atom_from_binary(p, args[0], args[1], true);
}

Term bif_erlang_binary_to_existing_atom_1(Process *p, const Term *args)
{
    return atom_from_binary(p, args[0], ATOM_utf8, false);
}

Term bif_erlang_binary_to_existing_atom_2(Process *p, const Term *args)
{
    return atom_from_binary(p, args[0], args[1], false);
}
