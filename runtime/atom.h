// SPDX-License-Identifier: Apache-2.0
// Atoms: names of up to 255 characters (UTF-8), each kept once for the node's
// life. Index order is creation order; the atoms of atoms.tab come first, in
// the same places in every node, and are the constants ATOM_...
//
// Any thread may read and add. Reading an index takes no lock: texts lie in
// chunks that never move.
//
// Atoms are never removed, so an index is good as long as the node is.
#ifndef MERLE_ATOM_H
#define MERLE_ATOM_H

#include <stdatomic.h>
#include <stddef.h>

#include "atoms.gen.h" // ATOM_ok and the like: generated from atoms.tab
#include "term.h"

typedef struct AtomImage AtomImage;
typedef struct AtomTable AtomTable;
typedef struct LiteralArea LiteralArea; // literal.h

// So many bytes of a text may be read, also where it is shorter.
// Encoders copy a fixed number of bytes rather than call for each length.
enum { ATOM_TEXT_READABLE = 16 };

typedef struct {
    const char *bytes; // UTF-8, ended by a 0 byte
    uint16_t size;     // bytes
    uint16_t length;   // characters
    uint32_t hash;     // of the bytes, as phash2 of the atom has it
    uint32_t first;    // first four bytes, big-endian: orders most pairs
    // Of short ASCII, how the external term format begins with it, so that an
    // encoder copies an atom whole: see atom_external.
    uint8_t external_size; // bytes with the text; 0: it is none
    uint8_t external[3];   // tag and size; the text follows in the entry
} AtomText;

// Texts lie in entries, and these in chunks, of which the directory with which
// a table begins tells where they are. Here only for atom_text to be inline.
enum {
    ATOM_CHUNK_BITS = 10, // of an index: the entry of a chunk
    ATOM_OWN_SIZE = 24,   // bytes of a text in its entry, with its end
    ATOM_EXTERNAL_MOST = 24 // bytes of [external] with the text
};

typedef struct {
    AtomText text;
    char own[ATOM_OWN_SIZE]; // the text, if it fits
} AtomEntry;

typedef struct {
    _Atomic(AtomEntry *) *chunks; // NULL: not needed yet
} AtomDirectory;

// Acquire: the chunk's contents are seen with its address.
static inline AtomEntry *atom_entry(const AtomDirectory *directory,
                                    uint32_t index)
{
    AtomEntry *chunk =
        atomic_load_explicit(&directory->chunks[index >> ATOM_CHUNK_BITS],
                             memory_order_acquire);
    return chunk + (index & ((1u << ATOM_CHUNK_BITS) - 1));
}

enum { ATOM_MAX_CHARACTERS = 255, ATOM_LIMIT_DEFAULT = 1048576 }; // as in OTP

// A table for at most [limit] atoms, holding those of atoms.tab.
AtomTable *atom_table_new(size_t limit);
void atom_table_free(AtomTable *table);

// A copy of all atoms in [area], for an image; and a table that begins with
// those of an image, which must outlive it.
AtomImage *atom_table_freeze(AtomTable *table, LiteralArea *area);
AtomTable *atom_table_thaw(AtomImage *image, size_t limit);

// The atom of [size] bytes of valid UTF-8. TERM_NONE when it has more than 255
// characters or the bytes are no UTF-8. Ends the program with "no more index
// entries in atom_tab (max=N)" when the table is full, as OTP does.
Term atom_new(AtomTable *table, const char *bytes, size_t size);

// The same from Latin-1 bytes.
Term atom_from_latin1(AtomTable *table, const char *bytes, size_t size);

// The atom of these bytes if there is one, else TERM_NONE; adds nothing.
Term atom_find(AtomTable *table, const char *bytes, size_t size);

// The text of [atom].
static inline const AtomText *atom_text(const AtomTable *table, Term atom)
{
    const AtomDirectory *directory = (const AtomDirectory *)table;
    return &atom_entry(directory, term_atom_index(atom))->text;
}

// ATOM_EXTERNAL_MOST bytes, the first [external_size] of which are the atom.
static inline const void *atom_external(const AtomText *text)
{
    return (const char *)text + offsetof(AtomEntry, text.external);
}

// Order of two atoms by their texts: <0, 0, >0.
int atom_compare(const AtomTable *table, Term a, Term b);

// The name of the node, which orders its identifiers among those of others.
// Kept here, for those who compare identifiers have the atoms at hand.
void atom_table_set_node(AtomTable *table, Term name);
Term atom_table_node(const AtomTable *table);

// How many atoms there are, and how many there may be.
size_t atom_count(const AtomTable *table);
size_t atom_limit(const AtomTable *table);

// Bytes of the table, and of what of it is in use.
size_t atom_table_bytes(AtomTable *table, size_t *used);

#endif
