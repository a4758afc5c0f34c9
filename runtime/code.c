// SPDX-License-Identifier: Apache-2.0
// The code table: exports, funs, modules, and which code lies where.
//
// Exports are found without a lock: the table is open addressing over an
// array of pointers that only ever get filled in. When it is half full a
// larger array takes its place; the old ones stay until the node ends, for a
// reader may be at them. Everything else is under one lock.
//
// Memory that exports, fun entries and arrays lie in comes from the literal
// area and is never given back: they may be referred to from any heap and any
// code.
#include "code.h"

#include <pthread.h>
#include <stdlib.h>

#include "breakpoint.h"
#include "code_module.h"
#include "memory.h"
#include "nif.h"
#include "pack.h"

typedef struct ExportArray ExportArray;
// A slot is the address of an export and, in the bits that no address has, some
// of its hash: others are passed over without being touched. 0: free.
struct ExportArray {
    size_t mask; // slots - 1
    ExportArray *older;
    _Atomic uint64_t slots[];
};

// Powers of two; enough for the library without growing.
enum { EXPORTS_FIRST = 16384, MODULE_BUCKETS = 512, FUN_BUCKETS = 1024 };

typedef struct FunNode FunNode;
struct FunNode {
    FunEntry entry; // what fun terms point to
    FunNode *next;  // in the bucket
};

// Code that waits in an image until it is loaded.
typedef struct {
    size_t place; // of the file in the pack
    Code *code;   // NULL: taken
} PackedCode;

struct CodeTable {
    // Of all below but reading exports and codes' contents.
    pthread_mutex_t lock;
    _Atomic(ExportArray *) exports; // the newest array
    size_t export_count;            // so many slots of it are taken
    Module *modules[MODULE_BUCKETS];
    FunNode *funs[FUN_BUCKETS]; // buckets by module and index
    const Code **codes;         // in the order of their addresses
    size_t code_count, code_room;
    CodeWord spawn_entry[2], no_fun[1]; // code that belongs to no module
    uint8_t *space;                     // for what stays as long as the node
    size_t space_left;
    Export **bifs;          // in the order that they were added in
    size_t bif_count, bif_room;
    size_t bif_next;    // of those of an image: to be given its function
    PackedCode *packed; // those of an image, by what they were made from
    size_t packed_count, packed_room;
};

// SPACE: bytes that keep takes at a time.
enum { SPACE = 32768, ARRAY_FIRST = 128 };

// Zeroed memory of the literal area that is never given back.
// Under the lock, or before the node runs.
static void *keep(Node *node, CodeTable *t, size_t size)
{
    if (t->space_left < size) {
        t->space_left = size > SPACE ? size : SPACE;
        t->space = literal_area_take(node->literals, t->space_left);
    }
    void *block = t->space;
    t->space += size;
    t->space_left -= size;
    return memset(block, 0, size); // the area does not clear
}

// A larger copy of an array of keep; [*room] items of [size] bytes.
// The old one is lost: few grow.
static void *keep_more(Node *node, CodeTable *t, const void *array,
                       size_t *room, size_t size)
{
    size_t old = *room;
    *room = old * 2 + ARRAY_FIRST;
    void *new = keep(node, t, *room * size);
    return old == 0 ? new : memcpy(new, array, old * size);
}

// ---- exports ----

static ExportArray *export_array_new(Node *node, CodeTable *t, size_t slots,
                                     ExportArray *older)
{
    ExportArray *a = keep(node, t, sizeof *a + slots * sizeof a->slots[0]);
    a->mask = slots - 1;
    a->older = older;
    return a;
}

enum { ADDRESS_BITS = 48 };

// Atoms are numbered in order, so they are spread by multiplying.
static uint64_t hash_mfa(Term module, Term function, unsigned arity)
{
    uint64_t h = (uint64_t)term_atom_index(module) * 0x9E3779B97F4A7C15u
                 ^ (uint64_t)term_atom_index(function) * 0xC2B2AE3D27D4EB4Fu;
    h += arity;
    return h ^ h >> 29;
}

// The low 48 bits: user addresses have no more.
static Export *slot_export(uint64_t slot)
{
    return (Export *)(uintptr_t)(slot << (64 - ADDRESS_BITS)
                                 >> (64 - ADDRESS_BITS));
}

// Linear: neighbours share a cache line. At most half full, so a free slot ends
// every search.
static Export *find(const ExportArray *a, Term module, Term function,
                    unsigned arity)
{
    uint64_t h = hash_mfa(module, function, arity);
    for (size_t i = h;; i++) {
        // Acquire: the export that the slot leads to is seen whole.
        uint64_t slot = atomic_load_explicit(&a->slots[i & a->mask],
                                             memory_order_acquire);
        if (slot == 0) return NULL;
        // Another hash: not touched.
        if ((slot ^ h) >> ADDRESS_BITS != 0) continue;
        Export *e = slot_export(slot);
        if (term_same(e->function, function) && term_same(e->module, module)
            && e->arity == arity)
            return e;
    }
}

// Under the lock: the only writer. Release, after the export is complete.
static void insert(ExportArray *a, Export *e)
{
    uint64_t h = hash_mfa(e->module, e->function, e->arity);
    size_t i = h;
    while (atomic_load(&a->slots[i & a->mask]) != 0) i++;
    atomic_store_explicit(&a->slots[i & a->mask],
                          h >> ADDRESS_BITS << ADDRESS_BITS | (uintptr_t)e,
                          memory_order_release);
}

// Readers may be at the old array: it is complete for what they look up, or
// they come again under the lock.
static void grow_exports(Node *node, CodeTable *t)
{
    ExportArray *old = atomic_load(&t->exports);
    ExportArray *new = export_array_new(node, t, (old->mask + 1) * 2, old);
    for (size_t i = 0; i <= old->mask; i++) {
        uint64_t slot = atomic_load(&old->slots[i]);
        if (slot != 0) insert(new, slot_export(slot));
    }
    // From here on new readers use it.
    atomic_store_explicit(&t->exports, new, memory_order_release);
}

// The stub is what an export leads to while there is no Erlang code.
void code_init_export(Export *e, const Bif *bif)
{
    e->bif = bif;
    atomic_store(&e->call, bif == NULL ? NULL : bif->function);
    Op op = OP_call_error_handler;
    if (e->bif != NULL) op = OP_call_bif_stub;
    // BIFs that the loop itself does, since they go on in other code.
    if (e->bif != NULL && e->bif->kind == BIF_OP) {
        if (term_same(e->function, ATOM_apply))
            op = e->arity == 2 ? OP_apply_fun_stub : OP_apply_stub;
        else if (term_same(e->function, ATOM_hibernate))
            op = OP_hibernate_stub;
    }
    e->stub[0] = code_plain(op);
    e->stub[1] = (uintptr_t)e;
    e->stub[2] = code_plain(OP_dirty_done);
    // Traced, the same stub with another first instruction.
    memcpy(e->traced_stub, e->stub, sizeof e->stub);
    if (e->bif == NULL)
        e->traced_stub[0] = code_plain(OP_breakpoint_export);
    // Last: whoever finds the export may call it.
    atomic_store_explicit(&e->address, e->stub, memory_order_release);
}

static Export *add_export(Node *node, Term module, Term function,
                          unsigned arity)
{
    CodeTable *t = node->code;
    // Again, under the lock: another may have made it meanwhile.
    Export *e = find(atomic_load(&t->exports), module, function, arity);
    if (e != NULL) return e;
    if (2 * t->export_count >= atomic_load(&t->exports)->mask)
        grow_exports(node, t); // before it is half full
    e = keep(node, t, sizeof *e);
    e->module = module;
    e->function = function;
    e->arity = arity;
    code_init_export(e, NULL);
    insert(atomic_load(&t->exports), e); // complete by now
    t->export_count++;
    return e;
}

Export *code_find_export(Node *node, Term module, Term function,
                         unsigned arity)
{
    const ExportArray *a = atomic_load_explicit(&node->code->exports,
                                                memory_order_acquire);
    return find(a, module, function, arity);
}

bool code_is_send_operator(const Export *e)
{
    return term_same(e->function, ATOM_send_op)
           && term_same(e->module, ATOM_erts_internal);
}

FunctionName code_name_of(const Export *e)
{
    if (code_is_send_operator(e)) return (FunctionName){ATOM_erlang, ATOM_send};
    return (FunctionName){e->module, e->function};
}

// The first look needs no lock: nearly always it is there.
Export *code_export(Node *node, Term module, Term function, unsigned arity)
{
    Export *e = code_find_export(node, module, function, arity);
    if (e != NULL) return e;
    pthread_mutex_lock(&node->code->lock);
    e = add_export(node, module, function, arity);
    pthread_mutex_unlock(&node->code->lock);
    return e;
}

// A stub leads to the error handler.
bool code_export_is_defined(const Export *e)
{
    return e->bif != NULL || atomic_load(&e->address) != e->stub;
}

static void note_bif(Node *node, Export *e)
{
    CodeTable *t = node->code;
    if (t->bif_count == t->bif_room)
        t->bifs = keep_more(node, t, t->bifs, &t->bif_room, sizeof *t->bifs);
    t->bifs[t->bif_count++] = e;
    t->bif_next = t->bif_count;
}

static void add_bif(Node *node, const char *module, const Bif *b)
{
    CodeTable *t = node->code;
    // Of an image: the exports are there, only C addresses are missing, for
    // these differ from run to run.
    if (t->bif_next < t->bif_count) {
        Export *e = t->bifs[t->bif_next++];
        assert(e->arity == b->arity
               && strcmp(atom_text(node->atoms, e->function)->bytes,
                         b->name) == 0);
        e->bif = b;
        atomic_store(&e->call, b->function);
        return;
    }
    Export *e = code_export(
        node, atom_new(node->atoms, module, strlen(module)),
        atom_new(node->atoms, b->name, strlen(b->name)), b->arity);
    code_init_export(e, b);
    note_bif(node, e);
}

void code_add_bifs(Node *node, const BifModule *table)
{
    for (const BifModule *m = table; m->module != NULL; m++)
        for (const Bif *b = m->bifs; b->name != NULL; b++)
            add_bif(node, m->module, b);
}

void code_each_bif(Node *node, void (*visit)(const Export *e, void *data),
                   void *data)
{
    for (size_t i = 0; i < node->code->bif_count; i++)
        visit(node->code->bifs[i], data);
}

void code_each_export(Node *node, void (*visit)(Export *e, void *data),
                      void *data)
{
    const ExportArray *a = atomic_load(&node->code->exports);
    for (size_t i = 0; i <= a->mask; i++) {
        uint64_t slot = atomic_load(&a->slots[i]);
        if (slot != 0) visit(slot_export(slot), data);
    }
}

// ---- funs ----

static size_t hash_fun(Term module, uint32_t index)
{
    return (size_t)(term_atom_index(module) * 31 + index) % FUN_BUCKETS;
}

static FunNode *find_fun(FunNode *f, const FunEntry *fun)
{
    while (f != NULL
           && !(term_same(f->entry.module, fun->module)
                && f->entry.index == fun->index
                && f->entry.old_uniq == fun->old_uniq
                && memcmp(f->entry.uniq, fun->uniq, 16) == 0))
        f = f->next;
    return f;
}

// Funs of the same module version share an entry, wherever they come from:
// code, messages of other nodes, files.
FunEntry *code_fun_entry(Node *node, const FunEntry *fun, bool make)
{
    CodeTable *t = node->code;
    FunNode **bucket = &t->funs[hash_fun(fun->module, fun->index)];
    pthread_mutex_lock(&t->lock);
    FunNode *f = find_fun(*bucket, fun);
    if (f == NULL && make) {
        f = keep(node, t, sizeof *f); // for the node's life: heaps refer to it
        f->entry = *fun;
        // Until the module is loaded.
        atomic_store(&f->entry.address, t->no_fun);
        f->next = *bucket;
        *bucket = f;
    }
    pthread_mutex_unlock(&t->lock);
    return f == NULL ? NULL : &f->entry;
}

bool code_fun_is_loaded(Node *node, const FunEntry *fun)
{
    return atomic_load(&fun->address) != node->code->no_fun;
}

// ---- the table ----

CodeTable *code_table_new(Node *node)
{
    // The table lies in memory that it hands out itself.
    CodeTable first = {.space = NULL};
    CodeTable *t = keep(node, &first, sizeof *t);
    *t = first;
    pthread_mutex_init(&t->lock, NULL);
    atomic_store(&t->exports, export_array_new(node, t, EXPORTS_FIRST, NULL));
    t->spawn_entry[0] = code_plain(OP_spawn_entry);
    t->spawn_entry[1] = code_plain(OP_finish);
    t->no_fun[0] = code_plain(OP_call_fun_handler);
    return t;
}

// ---- images ----

bool code_prepare_packed(Node *node, const uint8_t *bytes, size_t size,
                         char *why, size_t why_size)
{
    CodeTable *t = node->code;
    Code *code = code_prepare(node, TERM_NONE, bytes, size, why, why_size);
    if (code == NULL) return false;
    literal_block_pin(node, code->literals); // the image must hold all of it
    if (t->packed_count == t->packed_room)
        t->packed = keep_more(node, t, t->packed, &t->packed_room,
                              sizeof *t->packed);
    t->packed[t->packed_count++]
        = (PackedCode){pack_place(node->pack, bytes), code};
    return true;
}

// Once only: a second load of the same file gets its own code.
Code *code_take_prepared(Node *node, const uint8_t *bytes)
{
    CodeTable *t = node->code;
    Code *code = NULL;
    size_t place = node->pack == NULL ? 0 : pack_place(node->pack, bytes);
    if (place == 0) return NULL; // not from a pack
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->packed_count && code == NULL; i++) {
        if (t->packed[i].place != place) continue;
        code = t->packed[i].code;
        t->packed[i].code = NULL;
    }
    pthread_mutex_unlock(&t->lock);
    return code;
}

CodeTable *code_table_freeze(Node *node)
{
    CodeTable *t = node->code;
    // Addresses of this run: the next one has others.
    for (size_t i = 0; i < t->bif_count; i++) {
        t->bifs[i]->bif = NULL;
        atomic_store(&t->bifs[i]->call, NULL);
    }
    t->bif_next = 0;
    // A lock is not to be written into a file.
    memset(&t->lock, 0, sizeof t->lock);
    return t;
}

CodeTable *code_table_thaw(CodeTable *t)
{
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

// When the node ends; the code goes with the literal area.
static void free_module(Module *m)
{
    Code *all[] = {m->current, m->old, m->kept, m->pending};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i] == NULL) continue;
        literal_block_release(all[i]->literals);
        if (all[i]->nifs != NULL) nif_unload(all[i]->nifs);
    }
    free(m);
}

void code_table_free(CodeTable *t)
{
    for (size_t i = 0; i < MODULE_BUCKETS; i++) {
        for (Module *m = t->modules[i]; m != NULL;) {
            Module *next = m->next;
            free_module(m);
            m = next;
        }
    }
    free(t->codes);
    pthread_mutex_destroy(&t->lock);
}

// Code of two words: apply, then end.
const CodeWord *code_spawn_entry(Node *node)
{
    return node->code->spawn_entry;
}

const CodeWord *code_apply_stub(Node *node)
{
    return code_export(node, ATOM_erlang, ATOM_apply, 3)->stub;
}

// ---- modules ----

// Few modules for each bucket: atoms are numbered in order.
static Module **bucket_of(CodeTable *t, Term name)
{
    return &t->modules[term_atom_index(name) % MODULE_BUCKETS];
}

Module *code_find_module(Node *node, Term name)
{
    pthread_mutex_lock(&node->code->lock);
    Module *m = *bucket_of(node->code, name);
    while (m != NULL && !term_same(m->name, name)) m = m->next;
    pthread_mutex_unlock(&node->code->lock);
    return m;
}

// The loader has put a call of the BIF in front of them.
const CodeWord *code_clauses_of(Node *node, const Export *e)
{
    const Module *m = code_find_module(node, e->module);
    const Code *code = m == NULL ? NULL : m->current;
    for (size_t i = 0; code != NULL && i < code->export_count; i++) {
        const CodeWord *entry = code->words + code->exports[i].entry;
        if (code->exports[i].export == e)
            return entry + instructions[code_op(entry)].words;
    }
    return NULL;
}

// One loads at a time, so nobody adds the same name between the two locks.
static Module *add_module(Node *node, Term name)
{
    Module *m = code_find_module(node, name);
    if (m != NULL) return m;
    m = memory_zeroed(1, sizeof *m);
    m->name = name;
    pthread_mutex_lock(&node->code->lock);
    Module **bucket = bucket_of(node->code, name);
    m->next = *bucket;
    *bucket = m;
    pthread_mutex_unlock(&node->code->lock);
    return m;
}

// With the lock held: visit must not load.
void code_each_module(Node *node, void (*visit)(Module *m, void *data),
                      void *data)
{
    pthread_mutex_lock(&node->code->lock);
    for (size_t i = 0; i < MODULE_BUCKETS; i++) {
        for (Module *m = node->code->modules[i]; m != NULL; m = m->next)
            visit(m, data);
    }
    pthread_mutex_unlock(&node->code->lock);
}

// ---- which code lies where ----

static size_t size_of_code(const Code *c)
{
    return c->size + c->export_count * sizeof(Export)
           + c->fun_count * sizeof(FunNode) + c->strings_size
           + literal_block_size(c->literals);
}

size_t code_bytes(Node *node)
{
    CodeTable *t = node->code;
    size_t bytes = 0;
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->code_count; i++)
        bytes += size_of_code(t->codes[i]);
    pthread_mutex_unlock(&t->lock);
    return bytes;
}

static size_t range_index(const CodeTable *t, const CodeWord *pc)
{
    size_t low = 0, high = t->code_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (t->codes[middle]->words <= pc)
            low = middle + 1;
        else
            high = middle;
    }
    return low; // number of codes that begin at or before pc
}

// In order: places in code are searched by address.
static void add_range(CodeTable *t, const Code *code)
{
    pthread_mutex_lock(&t->lock);
    if (t->code_count == t->code_room)
        t->codes = memory_grow(t->codes, &t->code_room, 128, sizeof *t->codes);
    size_t at = range_index(t, code->words);
    memmove(t->codes + at + 1, t->codes + at,
            (t->code_count - at) * sizeof *t->codes);
    t->codes[at] = code;
    t->code_count++;
    pthread_mutex_unlock(&t->lock);
}

static void remove_range(CodeTable *t, const Code *code)
{
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->code_count; i++) {
        if (t->codes[i] != code) continue;
        memmove(t->codes + i, t->codes + i + 1,
                (t->code_count - i - 1) * sizeof *t->codes);
        t->code_count--;
        break;
    }
    pthread_mutex_unlock(&t->lock);
}

bool code_contains(const Code *code, const CodeWord *pc)
{
    return pc >= code->words && pc < code->words + code->word_count;
}

// The last line that begins at or before [at] and in the same function: one
// that begins before the function holds of another.
static void find_line(const Code *code, uint32_t at, uint32_t begin,
                      CodePlace *place)
{
    size_t low = 0, high = code->line_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code->lines[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    place->line = 0;
    place->file = TERM_NIL;
    // No line known since the function began.
    if (low == 0 || code->lines[low - 1].at < begin) return;
    const CodeLine *row = &code->lines[low - 1];
    if (row->line == 0) return;
    place->line = row->line;
    place->file = code->files[row->file];
}

static bool find_function(const Code *code, uint32_t at, CodePlace *place)
{
    size_t low = 0, high = code->function_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code->functions[middle].info <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) return false;
    const CodeFunction *f = &code->functions[low - 1];
    // As the func_info has it: code of the prompt goes by another name.
    place->module = (Term){code->words[f->info + FUNCTION_MODULE]};
    place->function = f->name;
    place->arity = f->arity;
    find_line(code, at, f->info, place);
    return true;
}

// Locked: exceptions and traces ask, and code may go meanwhile.
bool code_place(Node *node, const CodeWord *pc, CodePlace *place)
{
    CodeTable *t = node->code;
    pthread_mutex_lock(&t->lock);
    size_t index = range_index(t, pc);
    const Code *code = index == 0 ? NULL : t->codes[index - 1];
    bool found = code != NULL && code_contains(code, pc)
                 && find_function(code, (uint32_t)(pc - code->words), place);
    pthread_mutex_unlock(&t->lock);
    return found;
}

const Export *code_native(const CodeWord *pc)
{
    const int32_t *handlers = loop_handlers();
    int32_t handler = code_handler(pc);
    if (handler == handlers[OP_call_bif_stub]) return (const Export *)pc[1];
    if (handler != handlers[OP_dirty_done]) return NULL;
    return (const Export *)(pc - WORDS_call_bif_stub)[1];
}

// ---- publishing ----

// Also before on_load is done: the on_load function may make funs.
static void activate_funs(Code *code)
{
    for (size_t i = 0; i < code->fun_count; i++)
        atomic_store_explicit(&code->funs[i].entry->address,
                              code->words + code->funs[i].at,
                              memory_order_release);
}

// BIFs stay C, whatever the module exports by that name.
void code_activate(Code *code)
{
    activate_funs(code);
    for (size_t i = 0; i < code->export_count; i++) {
        const CodeExport *row = &code->exports[i];
        Export *e = row->export;
        if (e->bif == NULL)
            atomic_store_explicit(&e->address, code->words + row->entry,
                                  memory_order_release);
    }
}

// Functions that the module does not export any more are undefined again.
// Only if nobody has overwritten them since: newer code has the same name.
void code_deactivate(const Code *code)
{
    for (size_t i = 0; i < code->export_count; i++) {
        const CodeExport *row = &code->exports[i];
        Export *e = row->export;
        if (e->bif == NULL
            && atomic_load(&e->address) == code->words + row->entry)
            atomic_store_explicit(&e->address, e->stub, memory_order_release);
    }
}

static void make_old(Node *node, Module *m)
{
    breakpoint_unload(node, m->current);
    // Exports first: no new call may come in while it is called old.
    code_deactivate(m->current);
    m->old = m->current;
    m->current = NULL;
}

// Breakpoints are moved with the names they were set on.
static void replace_current(Node *node, Module *m, Code *code)
{
    breakpoint_lock(node);
    if (m->current != NULL) make_old(node, m);
    code_activate(code);
    // Last: who finds the module there takes its functions to be there.
    atomic_thread_fence(memory_order_release);
    m->current = code;
    breakpoint_load(node, m->name);
    breakpoint_unlock(node);
}

CodeResult code_publish(Node *node, Code *code)
{
    Module *m = add_module(node, code->module);
    // At most one old version: as in OTP, purge comes first.
    if (m->current != NULL && m->old != NULL) return CODE_NOT_PURGED;
    add_range(node->code, code); // exceptions in it can be placed from now on
    if (code->on_load >= 0) {
        m->pending = code;
        // Exports stay: others go on calling what was there.
        activate_funs(code);
        return CODE_ON_LOAD;
    }
    replace_current(node, m, code);
    return CODE_LOADED;
}

// Literals may have got anywhere by now, in heaps and messages, be it only as
// file names of a stack trace: they go later.
static void free_used(Node *node, Code *code)
{
    literal_block_retire(node, code->literals);
    code->literals = NULL;
    code_free(node, code);
}

void code_finish_on_load(Node *node, Module *m, bool keep)
{
    Code *code = m->pending;
    m->pending = NULL;
    if (keep) {
        replace_current(node, m, code);
        return;
    }
    // Its function may have started processes: to be purged, while what was
    // old before stays.
    m->kept = m->old;
    m->old = code;
}

void code_delete(Node *node, Module *m)
{
    breakpoint_lock(node);
    make_old(node, m);
    breakpoint_unlock(node);
}

// Those that newer code has taken over lead there, and stay.
void code_begin_purge(Node *node, Module *m)
{
    atomic_store(&m->purged, true);
    for (size_t i = 0; i < m->old->fun_count; i++) {
        FunEntry *f = m->old->funs[i].entry;
        if (code_contains(m->old, atomic_load(&f->address)))
            atomic_store(&f->address, node->code->no_fun);
    }
}

void code_abort_purge(Node *node, Module *m)
{
    for (size_t i = 0; i < m->old->fun_count; i++) {
        const CodeFun *fun = &m->old->funs[i];
        if (!code_fun_is_loaded(node, fun->entry))
            atomic_store_explicit(&fun->entry->address,
                                  m->old->words + fun->at,
                                  memory_order_release);
    }
    atomic_store(&m->purged, false);
}

bool code_is_purged(Node *node, Term name)
{
    const Module *m = code_find_module(node, name);
    return m != NULL && atomic_load(&m->purged);
}

void code_purge(Node *node, Module *m)
{
    Code *code = m->old;
    m->old = m->kept;
    m->kept = NULL;
    free_used(node, code);
    atomic_store(&m->purged, false);
}

void code_free(Node *node, Code *code)
{
    CodeTable *t = node->code;
    remove_range(t, code);
    // Funs that newer code has taken over lead there by now.
    for (size_t i = 0; i < code->fun_count; i++) {
        FunEntry *f = code->funs[i].entry;
        if (code_contains(code, atomic_load(&f->address)))
            atomic_store(&f->address, t->no_fun);
    }
    // Not retired: nobody was ever given these terms, or none is left.
    literal_block_free(node, code->literals);
    if (code->nifs != NULL) nif_unload(code->nifs);
    literal_area_give(node->literals, code->strings, code->strings_size);
    literal_area_give(node->literals, code, code->size);
}

CodeResult code_load(Node *node, Term *module, const uint8_t *bytes,
                     size_t size, char *why, size_t why_size)
{
    Code *code = code_prepare(node, *module, bytes, size, why, why_size);
    if (code == NULL) return CODE_BAD_FILE;
    *module = code->module;
    CodeResult result = code_publish(node, code);
    // Thrown away: it was never published.
    if (result == CODE_NOT_PURGED) code_free(node, code);
    return result;
}
