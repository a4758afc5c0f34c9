// SPDX-License-Identifier: Apache-2.0
// Code: modules, their exported functions and funs.
//
// An Export is the place where all calls of M:F/A go through; there is one for
// each M:F/A that was ever named, for the node's life. Loading a module stores
// new addresses into its exports; the code that was there becomes old. Any
// thread may look up; loading and purging is done by one at a time.
//
//   call M:F/A -> Export.address -> code of the current version
//                                -> stub: C function, or error handler
//   fun        -> FunEntry.address -> code, or call_fun_handler
//
// Addresses are stored with release and read with acquire: whoever reads the
// new one sees the code behind it.
#ifndef MERLE_CODE_H
#define MERLE_CODE_H

#include <stdatomic.h>

#include "bif.h"
#include "node.h"
#include "process.h"

typedef struct Module Module;
typedef struct Breakpoint Breakpoint; // breakpoint.h

typedef struct Export {
    _Atomic(const CodeWord *) address; // code to run, never NULL: undefined
                                       // ones lead to the error handler
    Term module, function;     // the name that it stands for
    uint32_t arity;            // 0 to 255
    const Bif *bif;            // the C function, or NULL
    _Atomic(BifFunction) call; // what call_bif calls: that, or what leads its
                               // calls to the stub while they are traced
    CodeWord stub[3];    // call_error_handler, or call_bif_stub
    CodeWord traced_stub[3]; // breakpoint_export, or a copy of the BIF's stub
    _Atomic(Breakpoint *) breakpoint; // NULL if it was never traced
} Export;

// What a local fun refers to, for the node's life.
typedef struct FunEntry {
    _Atomic(const CodeWord *) address;
    Term module;    // of the module that it was made in
    uint32_t arity; // of the fun itself, without its environment
    // Number in FunT; what older formats tell funs by.
    uint32_t index, old_index, old_uniq;
    uint32_t free_count; // terms of the environment
    uint8_t uniq[16];    // MD5 of the module
} FunEntry;

// The entry of the fun that [key] tells: module, arity, index, old_index,
// old_uniq, free_count and uniq; without [make] NULL when there is none. Calls
// of a new one lead to badfun until its module is loaded.
FunEntry *code_fun_entry(Node *node, const FunEntry *key, bool make);

CodeTable *code_table_new(Node *node);
void code_table_free(CodeTable *table);

// The table of [node] made ready for an image, with the modules that
// code_prepare_packed has made; and the table of an image for a new node.
CodeTable *code_table_freeze(Node *node);
CodeTable *code_table_thaw(CodeTable *table);

// Adds the C functions of [table], which must outlive the node. Where the
// node has an image, they must be those that it was made with, in the same
// order.
void code_add_bifs(Node *node, const BifModule *table);

// Calls [visit] for each C function; those of a module follow each other.
void code_each_bif(Node *node, void (*visit)(const Export *e, void *data),
                   void *data);

// Whether [e] is erts_internal:'!'/2, which the operator calls: tracers are told
// of calls of send/2 only, but failures and saved calls name it send/2.
bool code_is_send_operator(const Export *e);

// What failures call the function, and what a process is said to be in.
typedef struct {
    Term module, function;
} FunctionName;

FunctionName code_name_of(const Export *e);

// The export of M:F/A, made if need be.
Export *code_export(Node *node, Term module, Term function, unsigned arity);

// Has calls through [e], whose names are set, lead to [bif] (NULL: to the error
// handler). For exports that stand in no table.
void code_init_export(Export *e, const Bif *bif);

// The export of M:F/A if one was ever named, else NULL.
Export *code_find_export(Node *node, Term module, Term function,
                         unsigned arity);

// Whether calls of [e] run code or a BIF (not the error handler).
bool code_export_is_defined(const Export *e);

// The atoms of code:load_binary's errors come from these.
typedef enum {
    CODE_LOADED,
    CODE_BAD_FILE,    // damaged, or needs instructions that are not there
    CODE_NOT_PURGED,  // there is old code already
    CODE_ON_LOAD      // loaded, its on_load function is still to run
} CodeResult;

// Loads the .beam file in [bytes] as [module] (TERM_NONE: as it is called).
// [why] gets a text of the error, in at most [why_size] bytes.
CodeResult code_load(Node *node, Term *module, const uint8_t *bytes,
                     size_t size, char *why, size_t why_size);

// The clauses that the module has for the BIF of [e]; NULL while it is not
// loaded.
const CodeWord *code_clauses_of(Node *node, const Export *e);

// The function that [pc] lies in and its place in the source; false when it
// lies in no code. The arity is that of the function; file is a string term or
// nil, line 0 when not known.
typedef struct {
    Term module, function;
    uint32_t arity;
    Term file; // literal string
    uint32_t line;
} CodePlace;
bool code_place(Node *node, const CodeWord *pc, CodePlace *place);

// The BIF or NIF that a process is in when it is to go on at [pc]: its stub, or
// behind it while the pool does the work. NULL: in none.
const Export *code_native(const CodeWord *pc);

// Code that applies x0:x1(x2) in the place of its caller.
const CodeWord *code_apply_stub(Node *node);

// Code that applies x0:x1(x2) and then ends the process normally: where new
// processes start.
const CodeWord *code_spawn_entry(Node *node);

#endif
