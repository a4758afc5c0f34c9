// SPDX-License-Identifier: Apache-2.0
// The container of a .beam file ("FOR1", size, "BEAM", chunks) and the tables
// that its chunks hold. All numbers are big-endian; every count is checked
// against the bytes there are before memory is taken for it.
//
// Spans point into the file's bytes, so nothing is copied but what was
// compressed. Rows are allocated with one more than there are, so that no table
// is NULL.
#include "beam_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "beam_reader.h"
#include "gzip.h"
#include "md5.h"
#include "memory.h"
#include "utf8.h"

enum {
    LITERALS_MOST = 1 << 28,    // bytes of what is inflated
    INSTRUCTION_SET = 0,        // the only one there ever was
    NAME_MOST = 255
};

// What all readers of tables need.
typedef struct {
    BeamFile *file;
    Node *node;
    char *why;
    size_t why_size;
} Reading;

static bool bad(const Reading *r, const char *what)
{
    snprintf(r->why, r->why_size, "%s", what);
    return false;
}

bool beam_file_chunk(Span bytes, const char *id, Span *chunk)
{
    BeamReader b = {bytes.bytes, bytes.bytes + bytes.size};
    if (bytes.size < 12 || memcmp(bytes.bytes, "FOR1", 4) != 0
        || memcmp(bytes.bytes + 8, "BEAM", 4) != 0)
        return false;
    b.at += 12; // FOR1, size, BEAM
    const uint8_t *name;
    uint32_t size;
    while (reader_bytes(&b, 4, &name) && reader_u32(&b, &size)) {
        const uint8_t *data;
        // The chunk is cut short.
        if (!reader_bytes(&b, size, &data)) return false;
        if (memcmp(name, id, 4) == 0) {
            *chunk = (Span){data, size};
            return true;
        }
        // Chunks begin at multiples of 4.
        size_t pad = (4 - size % 4) % 4;
        if ((size_t)(b.end - b.at) < pad) return false;
        b.at += pad;
    }
    return false;
}

// ---- atoms ----

static Term read_atom(const Reading *r, BeamReader *b, bool utf8,
                      bool long_form)
{
    size_t size;
    if (long_form) {
        BeamTagged length;
        if (!reader_tagged(b, &length) || length.tag != BEAM_TAG_U
            || !length.fits)
            return TERM_NONE;
        size = (size_t)length.value;
    } else { // the older forms: one byte of length
        uint8_t length;
        if (!reader_u8(b, &length)) return TERM_NONE;
        size = length;
    }
    const uint8_t *name;
    if (!reader_bytes(b, size, &name)) return TERM_NONE;
    return utf8 ? atom_new(r->node->atoms, (const char *)name, size)
                : atom_from_latin1(r->node->atoms, (const char *)name, size);
}

// OTP 28 marks its form, whose lengths are compact terms, by a negative count.
static bool read_atoms(const Reading *r, Span chunk, bool utf8)
{
    BeamReader b = {chunk.bytes, chunk.bytes + chunk.size};
    uint32_t word;
    if (!reader_u32(&b, &word)) return bad(r, "atom table is cut short");
    bool long_form = (int32_t)word < 0;
    // Also -2^31.
    size_t count = long_form ? (size_t)0 - (size_t)(int32_t)word : word;
    // Each atom takes a byte at least.
    if (count == 0 || count > chunk.size) return bad(r, "bad atom count");
    r->file->atoms_span = chunk;
    r->file->atoms = memory_alloc((count + 1) * sizeof(Term));
    r->file->atoms[0] = TERM_NIL;
    for (size_t i = 1; i <= count; i++) {
        Term atom = read_atom(r, &b, utf8, long_form);
        if (term_is_none(atom)) return bad(r, "bad atom");
        r->file->atoms[i] = atom;
        r->file->atom_count = i; // kept for whoever fails in between
    }
    return true;
}

// Indices count from 1; 0 stands for nil in code.
static bool get_atom(const BeamFile *file, uint32_t index, Term *atom)
{
    if (index == 0 || index > file->atom_count) return false;
    *atom = file->atoms[index];
    return true;
}

// ---- code, imports, exports, funs ----

static bool read_code_head(const Reading *r, Span chunk)
{
    BeamReader b = {chunk.bytes, chunk.bytes + chunk.size};
    uint32_t head_size, set;
    BeamFile *f = r->file;
    if (!reader_u32(&b, &head_size) || head_size < 16
        || head_size > chunk.size - 4 || !reader_u32(&b, &set)
        || !reader_u32(&b, &f->op_most) || !reader_u32(&b, &f->label_count)
        || !reader_u32(&b, &f->function_count))
        return bad(r, "bad code header");
    if (set != INSTRUCTION_SET) return bad(r, "unknown instruction set");
    // Each label and function takes a byte of code.
    if (f->label_count > chunk.size || f->function_count > chunk.size)
        return bad(r, "bad code header");
    // Newer heads are longer: what is not known is passed over.
    f->code = (Span){chunk.bytes + 4 + head_size, chunk.size - 4 - head_size};
    return true;
}

// Starts a table of rows of [row_size] bytes.
static bool read_count(BeamReader *b, size_t row_size, uint32_t *count)
{
    return reader_u32(b, count)
           && *count <= (size_t)(b->end - b->at) / row_size;
}

static bool read_imports(const Reading *r, Span chunk)
{
    BeamReader b = {chunk.bytes, chunk.bytes + chunk.size};
    BeamFile *f = r->file;
    uint32_t count, module, function;
    if (!read_count(&b, 12, &count)) return bad(r, "bad import table");
    f->imports = memory_zeroed(count + 1, sizeof *f->imports);
    f->import_count = count;
    for (uint32_t i = 0; i < count; i++) {
        BeamImport *row = &f->imports[i];
        if (!reader_u32(&b, &module) || !reader_u32(&b, &function)
            || !reader_u32(&b, &row->arity)
            || !get_atom(f, module, &row->module)
            || !get_atom(f, function, &row->function) || row->arity > 255)
            return bad(r, "bad import table");
    }
    return true;
}

static bool read_exports(const Reading *r, Span chunk)
{
    BeamReader b = {chunk.bytes, chunk.bytes + chunk.size};
    BeamFile *f = r->file;
    uint32_t count, function;
    if (!read_count(&b, 12, &count)) return bad(r, "bad export table");
    f->exports = memory_zeroed(count + 1, sizeof *f->exports);
    f->export_count = count;
    for (uint32_t i = 0; i < count; i++) {
        BeamExport *row = &f->exports[i];
        if (!reader_u32(&b, &function) || !reader_u32(&b, &row->arity)
            || !reader_u32(&b, &row->label)
            || !get_atom(f, function, &row->function) || row->arity > 255
            || row->label >= f->label_count)
            return bad(r, "bad export table");
    }
    return true;
}

static bool read_funs(const Reading *r, Span chunk)
{
    BeamReader b = {chunk.bytes, chunk.bytes + chunk.size};
    BeamFile *f = r->file;
    uint32_t count, function;
    if (!read_count(&b, 24, &count)) return bad(r, "bad fun table");
    f->funs = memory_zeroed(count + 1, sizeof *f->funs);
    f->fun_count = count;
    for (uint32_t i = 0; i < count; i++) {
        BeamFun *row = &f->funs[i];
        // Free variables are arguments too.
        if (!reader_u32(&b, &function) || !reader_u32(&b, &row->arity)
            || !reader_u32(&b, &row->label) || !reader_u32(&b, &row->index)
            || !reader_u32(&b, &row->free_count)
            || !reader_u32(&b, &row->old_uniq)
            || !get_atom(f, function, &row->function) || row->arity > 255
            || row->free_count > row->arity || row->label >= f->label_count)
            return bad(r, "bad fun table");
    }
    return true;
}

// ---- literals ----

// Size 0 says that the terms follow as they are (OTP 28).
static bool inflate_literals(const Reading *r, Span chunk, Span *plain)
{
    BeamReader b = {chunk.bytes, chunk.bytes + chunk.size};
    uint32_t size;
    if (!reader_u32(&b, &size)) return bad(r, "bad literal table");
    *plain = (Span){b.at, (size_t)(b.end - b.at)};
    if (size == 0) return true;
    // As in external_decode.c: zlib packs no better than that.
    if (size > LITERALS_MOST || size / 1100 > plain->size)
        return bad(r, "bad literal table");
    r->file->inflated = memory_alloc(size);
    uLongf got = size;
    if (uncompress(r->file->inflated, &got, plain->bytes,
                   (uLong)plain->size) != Z_OK || got != size)
        return bad(r, "literal table does not inflate");
    *plain = (Span){r->file->inflated, size};
    return true;
}

static bool read_literals(const Reading *r, Span chunk)
{
    Span plain;
    BeamFile *f = r->file;
    if (!inflate_literals(r, chunk, &plain)) return false;
    BeamReader b = {plain.bytes, plain.bytes + plain.size};
    uint32_t count, size;
    // A size and a byte each.
    if (!read_count(&b, 5, &count)) return bad(r, "bad literal table");
    f->literals = memory_zeroed(count + 1, sizeof *f->literals);
    f->literal_count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (!reader_u32(&b, &size)
            || !reader_bytes(&b, size, &f->literals[i].bytes))
            return bad(r, "bad literal table");
        f->literals[i].size = size;
    }
    return true;
}

// ---- lines ----

// Larger ones are not told, as in OTP.
enum { LINE_MOST = (1 << 24) - 1 };

// Rows are numbers: a line each, and a file's index before where it changes.
static bool read_line_rows(const Reading *r, BeamReader *b)
{
    BeamFile *f = r->file;
    uint32_t file = 0;
    // A change of file makes no row.
    for (size_t i = 1; i <= f->line_count;) {
        BeamTagged t;
        if (!reader_tagged(b, &t) || !t.fits || t.value < 0
            || t.value > INT32_MAX)
            return bad(r, "bad line table");
        if (t.tag == BEAM_TAG_A && (size_t)t.value <= f->file_count) {
            file = (uint32_t)t.value;
        } else if (t.tag == BEAM_TAG_I) {
            f->lines[i++] = (BeamLine){file, t.value <= LINE_MOST
                                                 ? (uint32_t)t.value
                                                 : 0};
        } else {
            return bad(r, "bad line table");
        }
    }
    return true;
}

static bool read_lines(const Reading *r, Span chunk)
{
    BeamReader b = {chunk.bytes, chunk.bytes + chunk.size};
    BeamFile *f = r->file;
    uint32_t version, flags, instructions, rows, files;
    if (!reader_u32(&b, &version)) return bad(r, "bad line table");
    if (version != 0) return true; // newer forms: lines are not known then
    if (!reader_u32(&b, &flags) || !reader_u32(&b, &instructions)
        || !reader_u32(&b, &rows) || !reader_u32(&b, &files)
        || rows > chunk.size || files > chunk.size)
        return bad(r, "bad line table");
    f->lines = memory_zeroed((size_t)rows + 1, sizeof *f->lines);
    f->line_count = rows;
    f->files = memory_zeroed((size_t)files + 1, sizeof *f->files);
    f->file_count = files;
    if (!read_line_rows(r, &b)) return false;
    for (uint32_t i = 1; i <= files; i++) {
        uint16_t size;
        // Names are shown as text.
        if (!reader_u16(&b, &size)
            || !reader_bytes(&b, size, &f->files[i].bytes)
            || utf8_length(f->files[i].bytes, size) < 0)
            return bad(r, "bad line table");
        f->files[i].size = size;
    }
    return true;
}

// ---- the whole ----

// The module's MD5 is that of its essential chunks, with the uniq field of
// each fun taken as 0 (compilers fill it in from this very sum).
static void sum_funs(Md5 *md5, Span chunk)
{
    static const uint8_t zero[4];
    md5_update(md5, chunk.bytes, chunk.size < 4 ? chunk.size : 4);
    for (size_t at = 4; at + 24 <= chunk.size; at += 24) {
        md5_update(md5, chunk.bytes + at, 20);
        md5_update(md5, zero, sizeof zero);
    }
}

// In this order, whatever the order in the file.
static void sum_chunks(BeamFile *f, Span bytes)
{
    static const char *const ids[] = {"Code", "StrT", "ImpT", "ExpT"};
    Md5 md5;
    Span chunk;
    md5_init(&md5);
    md5_update(&md5, f->atoms_span.bytes, f->atoms_span.size);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (beam_file_chunk(bytes, ids[i], &chunk))
            md5_update(&md5, chunk.bytes, chunk.size);
    }
    if (beam_file_chunk(bytes, "FunT", &chunk)) sum_funs(&md5, chunk);
    for (size_t i = 0; i < 2; i++) {
        if (beam_file_chunk(bytes, i == 0 ? "LitT" : "Meta", &chunk))
            md5_update(&md5, chunk.bytes, chunk.size);
    }
    md5_final(&md5, f->md5);
}

static bool read_chunks(const Reading *r, Span bytes)
{
    BeamFile *f = r->file;
    Span chunk;
    // Atom is Latin-1, of compilers before OTP 20.
    bool utf8 = beam_file_chunk(bytes, "AtU8", &chunk);
    if (!utf8 && !beam_file_chunk(bytes, "Atom", &chunk))
        return bad(r, "no atom table, or no .beam file");
    if (!read_atoms(r, chunk, utf8)) return false;
    if (!beam_file_chunk(bytes, "Code", &chunk)) return bad(r, "no code");
    if (!read_code_head(r, chunk)) return false;
    if (!beam_file_chunk(bytes, "ImpT", &chunk)) return bad(r, "no imports");
    if (!read_imports(r, chunk)) return false;
    if (!beam_file_chunk(bytes, "ExpT", &chunk)) return bad(r, "no exports");
    if (!read_exports(r, chunk)) return false;
    // The rest may be missing.
    if (beam_file_chunk(bytes, "FunT", &chunk) && !read_funs(r, chunk))
        return false;
    if (beam_file_chunk(bytes, "LitT", &chunk) && !read_literals(r, chunk))
        return false;
    if (beam_file_chunk(bytes, "Line", &chunk) && !read_lines(r, chunk))
        return false;
    beam_file_chunk(bytes, "StrT", &f->strings);
    beam_file_chunk(bytes, "Attr", &f->attributes);
    beam_file_chunk(bytes, "CInf", &f->compile_info);
    return true;
}

// A file may be compressed as a whole (beam_lib:strip does it).
static bool unzip(const Reading *r, Span *bytes)
{
    if (!gzip_is(bytes->bytes, bytes->size)) return true;
    uint32_t size = gzip_plain_size(bytes->bytes, bytes->size);
    // As above; a megabyte of zeros must not ask for a gigabyte.
    if (size > LITERALS_MOST || size / 1100 > bytes->size)
        return bad(r, "bad size of a compressed file");
    r->file->unzipped = memory_alloc(size + 1);
    if (!gzip_inflate(bytes->bytes, bytes->size, r->file->unzipped, size))
        return bad(r, "the file does not inflate");
    *bytes = (Span){r->file->unzipped, size};
    return true;
}

bool beam_file_read(BeamFile *file, Node *node, Span bytes, char *why,
                    size_t why_size)
{
    *file = (BeamFile){0};
    Reading r = {file, node, why, why_size};
    if (!unzip(&r, &bytes) || !read_chunks(&r, bytes)) return false;
    // Of the plain bytes, as beam_lib has it.
    sum_chunks(file, bytes);
    return true;
}

// Also after an error: what was not read is NULL.
void beam_file_free(BeamFile *file)
{
    free(file->unzipped);
    free(file->inflated);
    free(file->atoms);
    free(file->imports);
    free(file->exports);
    free(file->funs);
    free(file->literals);
    free(file->lines);
    free(file->files);
}
