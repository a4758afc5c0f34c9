// SPDX-License-Identifier: Apache-2.0
// Chunks: the chunks, in the order in which OTP's compiler writes them.
//
// Each is a name of four letters, a size of 32 bits and its contents, filled up
// with zeros to a multiple of four bytes, which the size does not count. All
// numbers are big-endian. The MD5 is over what the code does: where it was
// compiled, and what is for debugging, comes behind.
//
//     "FOR1" size "BEAM"   then per chunk: name size contents zeros
// The loader needs the chunks up to the literals; the others are read when
// somebody asks. What refers to atoms by number is written before the table of
// atoms is, as it may still add some.
#include "chunk.h"

#include <stdlib.h>
#include <zlib.h>

#include "big.h"
#include "external.h"
#include "md5.h"
#include "memory.h"
#include "utf8.h"

// Room at least doubles, so adding is cheap on the whole.
void bytes_add(Bytes *b, const void *bytes, size_t size)
{
    if (b->room - b->size < size)
        b->bytes = memory_grow(b->bytes, &b->room, b->size + size + 256, 1);
    if (size > 0) memcpy(b->bytes + b->size, bytes, size);
    b->size += size;
}

void bytes_put(Bytes *b, uint8_t byte)
{
    if (b->size < b->room) b->bytes[b->size++] = byte;
    else bytes_add(b, &byte, 1);
}

void bytes_put32(Bytes *b, uint32_t n) // the highest byte first
{
    uint8_t bytes[] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16),
                       (uint8_t)(n >> 8), (uint8_t)n};
    bytes_add(b, bytes, 4);
}

static void set32(Bytes *b, size_t at, uint32_t n)
{
    for (size_t i = 0; i < 4; i++)
        b->bytes[at + i] = (uint8_t)(n >> (24 - 8 * i));
}

// ---- chunks ----

// Answers where the contents begin; the size in front is set at the end.
static size_t chunk_begin(Bytes *b, const char *name)
{
    bytes_add(b, name, 4);
    bytes_put32(b, 0);
    return b->size;
}

// The size was left open; it does not count the zeros behind.
static void chunk_end(Bytes *b, size_t start)
{
    set32(b, start - 4, (uint32_t)(b->size - start));
    while (b->size % 4 != 0) bytes_put(b, 0);
}

// All, written and lifted, as labels are given to all.
static size_t count_functions(const Unit *u)
{
    size_t n = 0;
    for (Function *f = u->first; f != NULL; f = f->next) n++;
    return n;
}

// The module's name is the first atom: nothing else says what it is called.
// Numbers of atoms begin with 1.
static void put_atoms(Assembler *a, Bytes *b)
{
    size_t start = chunk_begin(b, "AtU8");
    bytes_put32(b, (uint32_t)a->atom_count);
    for (size_t i = 0; i < a->atom_count; i++) {
        const AtomText *text = atom_text(a->u->atoms, a->atom_list[i]);
        bytes_put(b, (uint8_t)text->size);
        bytes_add(b, text->bytes, text->size);
    }
    chunk_end(b, start);
}

// A loader that does not know the highest instruction refuses the file. Labels
// are counted from 0, so one more than the last is told.
static void put_code(Assembler *a, Bytes *b, const Bytes *code)
{
    size_t start = chunk_begin(b, "Code");
    bytes_put32(b, 16); // size of this head
    bytes_put32(b, 0);  // version of the instruction set
    bytes_put32(b, OP_HIGHEST);
    bytes_put32(b, a->labels + 1);
    bytes_put32(b, (uint32_t)count_functions(a->u));
    bytes_add(b, code->bytes, code->size);
    chunk_end(b, start);
}

// What is called elsewhere, in the order in which the code first names it.
static void put_imports(Assembler *a, Bytes *b)
{
    size_t start = chunk_begin(b, "ImpT");
    bytes_put32(b, (uint32_t)a->import_count);
    for (size_t i = 0; i < a->import_count; i++) {
        bytes_put32(b, a->import_list[i]->module_atom);
        bytes_put32(b, a->import_list[i]->function_atom);
        bytes_put32(b, a->import_list[i]->arity);
    }
    chunk_end(b, start);
}

// Functions that are exported, or those that are not: ExpT and LocT. The last
// comes first, as in the files of OTP: the loader conses its lists of them.
static void put_functions(Assembler *a, Bytes *b, const char *name,
                          bool exported)
{
    size_t start = chunk_begin(b, name);
    uint32_t n = 0;
    for (const Function *f = a->u->first; f != NULL; f = f->next)
        n += f->is_exported == exported;
    bytes_put32(b, n);
    size_t at = b->size + (size_t)n * 12;
    for (uint32_t i = 0; i < n * 3; i++) bytes_put32(b, 0);
    for (const Function *f = a->u->first; f != NULL; f = f->next) {
        if (f->is_exported != exported) continue;
        at -= 12;
        set32(b, at, assemble_atom(a, f->name));
        set32(b, at + 4, f->arity);
        set32(b, at + 8, f->label + 1);
    }
    chunk_end(b, start);
}

// [at] answers where the chunk stands, 0 without funs: the module's MD5 is
// known only later.
static size_t put_funs(Assembler *a, Bytes *b)
{
    if (a->fun_count == 0) return 0;
    size_t start = chunk_begin(b, "FunT");
    bytes_put32(b, (uint32_t)a->fun_count);
    for (size_t i = 0; i < a->fun_count; i++) {
        Function *f = a->funs[i];
        bytes_put32(b, assemble_atom(a, f->name));
        bytes_put32(b, f->arity);
        bytes_put32(b, f->label + 1); // the entry, behind func_info
        bytes_put32(b, (uint32_t)i);
        bytes_put32(b, f->free_count);
        bytes_put32(b, 0); // part of the module's MD5, see stamp_funs
    }
    chunk_end(b, start);
    return start;
}

// Packed as one: literals of a module are alike. Deterministic, so that a map
// gives the same bytes however it was made.
static void put_literals(Assembler *a, Bytes *b)
{
    if (a->literal_count == 0) return;
    Bytes plain = {0};
    bytes_put32(&plain, (uint32_t)a->literal_count);
    for (size_t i = 0; i < a->literal_count; i++) {
        ExternalOutput output = {.deterministic = true};
        size_t size;
        uint8_t *bytes = external_encode(a->u->node, a->literals[i], &output,
                                         &size);
        bytes_put32(&plain, (uint32_t)size);
        bytes_add(&plain, bytes, size);
        free(bytes);
    }
    uLongf packed_size = compressBound(plain.size);
    uint8_t *packed = memory_alloc(packed_size);
    // A low level: higher ones gain little and take long.
    compress2(packed, &packed_size, plain.bytes, plain.size, 3);
    size_t start = chunk_begin(b, "LitT");
    bytes_put32(b, (uint32_t)plain.size);
    bytes_add(b, packed, packed_size);
    chunk_end(b, start);
    free(packed);
    free(plain.bytes);
}

// Bytes that instructions match and build with; short ones that stand there
// already are not added again (assemble_string).
static void put_strings(Assembler *a, Bytes *b)
{
    size_t start = chunk_begin(b, "StrT");
    bytes_add(b, a->strings, a->string_size);
    chunk_end(b, start);
}

// ---- lines ----

// The name of a file as in the table: whole, or its last part under
// `deterministic', so that files do not tell where they were made. Forms can name
// any list: what is no character is left out, and what is too long for the
// table's 16 bits is cut off.
static void put_file_name(Assembler *a, Bytes *b, Term name)
{
    Bytes text = {0};
    for (; term_is_cons(name) && text.size + UTF8_MOST <= UINT16_MAX;
         name = term_tail(name)) {
        uint8_t utf8[UTF8_MOST];
        Term c = term_head(name);
        if (!term_is_small(c)) continue;
        intptr_t value = term_small_value(c);
        if (value < 0 || value > UINT32_MAX || !utf8_is_valid((uint32_t)value))
            continue;
        if (a->u->deterministic && value == '/') text.size = 0;
        else bytes_add(&text, utf8, utf8_write(utf8, (uint32_t)value));
    }
    bytes_put(b, (uint8_t)(text.size >> 8));
    bytes_put(b, (uint8_t)text.size);
    bytes_add(b, text.bytes, text.size);
    free(text.bytes);
}

// Places are told by file and line; a file only when it is another than that of
// the place before. Numbers have the form of operands: tag 1 is a line, tag 2
// the file of those behind.
static void put_lines(Assembler *a, Bytes *b)
{
    size_t start = chunk_begin(b, "Line");
    // File 0 is the module's own, MODULE.erl: that of forms without -file. All
    // others are named here.
    size_t files = a->u->file_count;
    // Without -file attributes all is of file 0; else the first line names
    // file 1.
    uint32_t file = files == 0, head[] = {0, 0, (uint32_t)a->line_ops,
                                          (uint32_t)a->line_count,
                                          (uint32_t)files};
    for (size_t i = 0; i < 5; i++) bytes_put32(b, head[i]);
    for (size_t i = 0; i < a->line_count; i++) {
        if (a->lines[i].file + 1 != file) {
            file = a->lines[i].file + 1;
            encode_number(b, 2, file);
        }
        encode_number(b, 1, a->lines[i].line);
    }
    for (size_t i = 0; i < files; i++)
        put_file_name(a, b, a->u->files[i]);
    chunk_end(b, start);
}

// ---- the module's MD5 ----

// Over the contents of the chunks from [first] on, without names and sizes, as
// beam_lib:md5/1 reckons it from chunks.
static void hash_chunks(const Bytes *b, size_t first, uint8_t md5[16])
{
    Md5 context;
    md5_init(&context);
    for (size_t at = first; at < b->size;) {
        const uint8_t *p = b->bytes + at;
        size_t size = (size_t)p[4] << 24 | (size_t)p[5] << 16
                      | (size_t)p[6] << 8 | p[7];
        md5_update(&context, p + 8, size);
        at += 8 + ((size + 3) & ~(size_t)3);
    }
    md5_final(&context, md5);
}

// A fun that outlives its module is known by part of the MD5: whether the code
// that is there now is that which made it.
static void stamp_funs(Assembler *a, Bytes *b, size_t start,
                       const uint8_t md5[16])
{
    uint32_t uniq = ((uint32_t)md5[0] << 24 | (uint32_t)md5[1] << 16
                     | (uint32_t)md5[2] << 8 | md5[3]) >> 5;
    for (size_t i = 0; start != 0 && i < a->fun_count; i++)
        set32(b, start + 4 + 24 * i + 20, uniq);
}

static void put_term(Assembler *a, Bytes *b, const char *name, Term t)
{
    size_t size, start = chunk_begin(b, name);
    uint8_t *bytes = external_encode(a->u->node, t, NULL, &size);
    bytes_add(b, bytes, size);
    free(bytes);
    chunk_end(b, start);
}

// The attributes, with a vsn made of the MD5 unless there is one;
// module_info(attributes) and release handling read it.
static Term attributes(Assembler *a, const uint8_t md5[16])
{
    Heap *h = &a->u->heap;
    bool has_vsn = false;
    Term list = TERM_NIL;
    for (Term l = a->u->attributes; term_is_cons(l); l = term_tail(l)) {
        has_vsn |= term_same(term_tuple_get(term_head(l), 0), ATOM_vsn);
        list = heap_cons(h, term_head(l), list);
    }
    if (has_vsn) return list;
    Term number = big_from_bytes(h, md5, 16, false, false);
    Term vsn = heap_tuple2(h, ATOM_vsn, heap_cons(h, number, TERM_NIL));
    return heap_cons(h, vsn, list);
}

static Term compile_info(Assembler *a) // whose compiler it claims to be
{
    Heap *h = &a->u->heap;
    Term list = a->u->compile_info;
    Term version = heap_string(h, "8.2.3", 5, TERM_NIL);
    return heap_cons(h, heap_tuple2(h, ATOM_version, version), list);
}

// Meta says what the module asks of the language: it counts for the module's
// MD5, and stands before it.
static bool is_meta(const Bits *name)
{
    char text[4];
    bits_copy((uint8_t *)text, name);
    return memcmp(text, "Meta", 4) == 0;
}

// Chunks that the caller brings: debug information, documentation. What is no
// {<<_:32>>, Binary} is passed over.
static void put_extra(Bytes *b, Term chunks, bool meta)
{
    for (; term_is_cons(chunks); chunks = term_tail(chunks)) {
        Bits name, contents;
        Term pair = term_head(chunks);
        if (!term_is_tuple_of(pair, 2)
            || !term_bits(term_tuple_get(pair, 0), &name)
            || !term_bits(term_tuple_get(pair, 1), &contents)
            || name.size != 32 || is_meta(&name) != meta)
            continue;
        char text[4];
        bits_copy((uint8_t *)text, &name);
        size_t start = chunk_begin(b, text), size = contents.size / 8;
        uint8_t *copy = memory_alloc(size + 1);
        bits_copy(copy, &contents);
        bytes_add(b, copy, size);
        free(copy);
        chunk_end(b, start);
    }
}

static void put64(Bytes *b, int64_t n) // two's complement
{
    bytes_put32(b, (uint32_t)((uint64_t)n >> 32));
    bytes_put32(b, (uint32_t)n);
}

// A set of kinds as OTP 25 has it, and a range; the one from 0 to -1 says
// nothing.
static void put_type(Bytes *b, const Told *told)
{
    // In the order of OTP's bits. What may be a bitstring may, handed from
    // function to function, be a match context.
    static const uint16_t sets[] = {
        TYPE_ATOM, TYPE_BITSTRING, TYPE_BITSTRING, TYPE_CONS, TYPE_FLOAT,
        TYPE_FUN, TYPE_INTEGER, TYPE_MAP, TYPE_NIL, TYPE_PID, TYPE_PORT,
        TYPE_REF, TYPE_TUPLE,
    };
    unsigned bits = 0;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (told->kinds == 0 || told->kinds & sets[i]) bits |= 1u << i;
    bytes_put(b, (uint8_t)(bits >> 8));
    bytes_put(b, (uint8_t)bits);
    put64(b, told->has_range ? told->range.low : 0);
    put64(b, told->has_range ? told->range.high : -1);
}

// Types that registers have: a machine that makes code of it tests less. Type 0
// is what may be anything; operands name the others.
static void put_types(Assembler *a, Bytes *b)
{
    size_t start = chunk_begin(b, "Type");
    bytes_put32(b, 1); // version
    if (a->type_count == 0) a->type_count = 1; // what may be anything
    bytes_put32(b, (uint32_t)a->type_count);
    for (size_t i = 0; i < a->type_count; i++) put_type(b, &a->types[i]);
    chunk_end(b, start);
}

// The order is that of OTP: whoever compares files wants few differences.
// [*size] bytes of malloc.
uint8_t *assemble_file(Assembler *a, Term chunks, size_t *size)
{
    Bytes b = {0}, code = {0}, rest = {0};
    uint8_t md5[16];
    assemble(a, OP_INT_CODE_END, 0, NULL);
    encode_code(a, &code);
    // These refer to atoms, whose table comes before them.
    put_code(a, &rest, &code);
    put_strings(a, &rest);
    put_imports(a, &rest);
    put_functions(a, &rest, "ExpT", true);
    size_t funs = put_funs(a, &rest);
    put_literals(a, &rest);
    put_extra(&rest, chunks, true);
    size_t essential = rest.size; // the MD5 is of what is before this
    if (!a->u->slim) put_functions(a, &rest, "LocT", false);
    bytes_add(&b, "FOR1\0\0\0\0BEAM", 12);
    put_atoms(a, &b);
    size_t shift = b.size;
    bytes_add(&b, rest.bytes, essential);
    hash_chunks(&b, 12, md5);
    stamp_funs(a, &b, funs == 0 ? 0 : funs + shift, md5);
    bytes_add(&b, rest.bytes + essential, rest.size - essential);
    put_term(a, &b, "Attr", attributes(a, md5));
    if (!a->u->slim) { // slim files: code, and nothing to look at
        put_term(a, &b, "CInf", compile_info(a));
        put_extra(&b, chunks, false);
        put_lines(a, &b);
    }
    put_types(a, &b);
    set32(&b, 4, (uint32_t)(b.size - 8));
    free(code.bytes);
    free(rest.bytes);
    *size = b.size;
    return b.bytes;
}
