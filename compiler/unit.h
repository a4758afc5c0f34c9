// SPDX-License-Identifier: Apache-2.0
// Unit: the module that is being compiled, and what its forms declare.
#ifndef MERLE_UNIT_H
#define MERLE_UNIT_H

#include "atom.h"
#include "heap.h"
#include "ir.h"
#include "node.h"
#include "table.h"

// A function of the source, or one made for a fun or comprehension.
typedef struct {
    Term name;
    uint32_t arity;
    Term clauses; // the form's
    Place place;  // of the form
    Function *function; // what becomes of it
    bool inlining; // its clauses are being put in place of a call
} Definition;

typedef struct {
    Term name;
    size_t count;   // of the fields
    Term *fields;   // names
    Term *defaults; // expressions, TERM_NONE: undefined
} Record;

typedef struct Unit {
    Node *node; // whose atoms the terms name
    const AtomTable *atoms; // the node's
    Arena arena; // all that is made; freed at the end
    Heap heap;       // terms that are made on the way: literals, names
    Term name;
    Term shown_module, shown_function; // what stack traces are to call all
                                       // functions, or TERM_NONE
    Table functions; // name/arity -> Definition
    Table records;   // name -> Record
    Table imports;   // name/arity -> module
    Table exports;   // name/arity
    Table no_auto;   // name/arity: not auto-imported
    Table inlines;   // name/arity
    Table nifs;      // name/arity
    // As the compile options of the same names say.
    bool no_auto_import, export_all, inline_all, no_line_info, deterministic;
    bool slim, too_deep; // option slim; some form was nested too deep
    bool lazy_sequences; // generators count through lists:seq(A, B)
    Definition **order; // definitions in order of the source
    size_t order_count, order_room;
    Function *first, *last; // functions in order of code
    Function *split;  // of live_split
    bool marks_changed, tells_receives; // of receive_mark.c
    size_t inline_depth, inline_total; // of inline.c
    size_t inline_size; // up to which functions that are not named are inlined
    uint32_t stamp;   // of LiveSet, never used twice
    Term on_load;    // name of the function, TERM_NONE without
    Term attributes; // [{Name, Value}], in order of the source
    Term callbacks, optional_callbacks; // [{Name, Arity}], newest first
    Term options;    // compile options: those given, then those of the source
    Term compile_info; // options and source, for chunk CInf
    Term source;     // the first file
    Term *files;     // of -file attributes
    size_t file_count, file_room;
    uint32_t current_file; // of the form that is looked at
    uint32_t fun_count; // entries of FunT
    Heap *out;       // where diagnostics are built
    Term errors, warnings; // [{File, Location, Module, Descriptor}], newest
                           // first
} Unit;

// Reads all that [forms] declare; functions are entered, not compiled.
void unit_read(Unit *u, Term forms, Term options);

// The literal value of a -compile-like option list: whether [atom] is in it.
bool unit_option(Term options, Term atom);

// Reports a diagnostic at the annotation [anno] in file [file].
void unit_warn(Unit *u, uint32_t file, Term anno, Term module, Term what);
void unit_error(Unit *u, uint32_t file, Term anno, Term module, Term what);

// Tells what a pass has done at [place], which has a line at most.
void unit_inform(Unit *u, Place place, Term module, Term what);

// The place that an annotation names.
Place unit_place(const Unit *u, Term anno);

// An atom made from a format of printf.
Term unit_atom(Unit *u, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

Definition *unit_find(const Unit *u, Term name, size_t arity);
Record *unit_record(const Unit *u, Term name);

// Enters a function; it comes behind all others.
Definition *unit_define(Unit *u, Term name, size_t arity, Term clauses,
                        Place place);

#endif
