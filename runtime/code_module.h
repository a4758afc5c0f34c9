// SPDX-License-Identifier: Apache-2.0
// Code and modules as the loader makes them and the code table keeps them.
// For the parts of code loading only; others use code.h.
#ifndef MERLE_CODE_MODULE_H
#define MERLE_CODE_MODULE_H

#include "code.h"
#include "instruction.h"
#include "literal.h"

typedef struct {
    Term name;      // of the function, as the source calls it
    uint32_t info;  // word of its func_info
    uint16_t arity; // arguments
    bool is_nif;    // declared to be native, by -nifs
} CodeFunction;

typedef struct {
    uint32_t at;    // first word that it holds of
    uint32_t line;  // 0: not known
    uint32_t file;  // index into Code.files
} CodeLine;

typedef struct {
    Export *export; // the place of its calls
    uint32_t entry; // word
} CodeExport;

typedef struct {
    FunEntry *entry; // for the node's life
    uint32_t at;     // word
} CodeFun;

// One loaded version of a module. It lies in the literal area, and its tables
// lie behind it in the same block.
// Everything but [literals], [strings] and [nifs] goes with the block.
typedef struct Code Code;
struct Code {
    Term module;     // as the file calls it
    size_t size;     // bytes of the block
    CodeWord *words; // the instructions
    size_t word_count;
    CodeFunction *functions; // in the order of their words
    size_t function_count;
    CodeLine *lines;         // in the order of their words
    size_t line_count;
    Term *files;             // string literals; [0] is the module's own
    size_t file_count;
    CodeExport *exports;
    size_t export_count;
    CodeFun *funs;
    size_t fun_count;
    LiteralBlock *literals;
    Term attributes, compile_info; // literals
    uint8_t md5[16];               // of the file, as module_info(md5) has it
    uint8_t *strings;              // what bs_match_string and the like refer to
    size_t strings_size;           // bytes
    int64_t on_load;               // word of the function to run, or -1
    struct NifLibrary *nifs;       // what load_nif has brought, or NULL
    bool is_packed; // the program's own, which functions in C may complete
};

// At most two versions can run, and a third waits for its on_load, or is to be
// purged since that said no.
struct Module {
    Term name;
    Code *current, *old;
    Code *kept;    // old code beside other that is purged before it
    Code *pending; // its on_load function is running
    atomic_bool purged; // the old code is to go: its funs are not to be called
    Module *next;    // in the bucket of the table
};

// Frees code that was never published, or is not in use any more.
void code_free(Node *node, Code *code);

// Makes [code] the current code of its module, whose code becomes old; its
// funs and exports lead there. With an on_load function the exports stay as
// they are until code_on_load_done.
CodeResult code_publish(Node *node, Code *code);

// Loads [bytes] without publishing; NULL with [why] when it is damaged.
Code *code_prepare(Node *node, Term module, const uint8_t *bytes, size_t size,
                   char *why, size_t why_size);

// Prepares the [bytes] of a file of the node's pack for its image; false with
// [why] when they are damaged.
bool code_prepare_packed(Node *node, const uint8_t *bytes, size_t size,
                         char *why, size_t why_size);

// What was prepared for an image from these bytes of the pack; NULL without,
// and when it was taken before.
Code *code_take_prepared(Node *node, const uint8_t *bytes);

// Has exports and funs lead to [code]; or the exports to it no more.
void code_activate(Code *code);
void code_deactivate(const Code *code);

// The on_load function of [m] is done: its code becomes the current one if
// [keep], and then none may be old if it makes other code that; else it becomes
// old code, since processes may run it, and what was old is kept beside it.
void code_finish_on_load(Node *node, Module *m, bool keep);

// Makes the current code of [m] old; there must be no old code.
void code_delete(Node *node, Module *m);

// From here on calls of funs of the old code of [m] wait; after all they do not.
void code_begin_purge(Node *node, Module *m);
void code_abort_purge(Node *node, Module *m);

// Whether the module called [name] is between these, or purged.
bool code_is_purged(Node *node, Term name);

// Frees the old code of [m]; no process may run it any more.
void code_purge(Node *node, Module *m);

// Bytes of all loaded code with its literals.
size_t code_bytes(Node *node);

// Whether [pc] lies in [code].
bool code_contains(const Code *code, const CodeWord *pc);

// Whether there is code for [fun].
bool code_fun_is_loaded(Node *node, const FunEntry *fun);

// Calls [visit] for each module, or export; nothing may be loaded meanwhile.
void code_each_module(Node *node, void (*visit)(Module *m, void *data),
                      void *data);
void code_each_export(Node *node, void (*visit)(Export *e, void *data),
                      void *data);

// The module called [name], NULL if nothing of it was ever loaded.
Module *code_find_module(Node *node, Term name);

#endif
