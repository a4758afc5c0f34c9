// SPDX-License-Identifier: Apache-2.0
// Code generation: the passes over one module, in order.
//
// All that is made lies in the unit's arena and heap and goes at the end; only
// the bytes of the file and the diagnostics outlive it. Nothing is written to
// the node but atoms, so several modules may be compiled at once.
//
// The order of passes is part of the contract between them: simplify makes the
// graphs that all others look at; reach before types, so that what nobody calls
// does not count as a caller; types before floats, who asks what is a float;
// context and receive_mark over the module while all functions still are graphs
// of values; and from frame_place to emit_function one function after the
// other, since registers are of no interest to anybody else.
#include "codegen.h"

#include "assemble.h"
#include "backend.h"
#include "behaviour_info.h"
#include "builder.h"
#include "notice.h"
#include "types.h"

// The function of on_load is none of the exports, as nobody but the loader may
// call it; reach and types ask for it beside them. NIFs are marked so that
// nothing is concluded from code that is replaced.
static void mark_exported(Unit *u)
{
    for (size_t i = 0; i < u->order_count; i++) {
        Definition *d = u->order[i];
        uint64_t key = table_function_key(d->name, d->arity);
        d->function->is_exported =
            u->export_all || table_get(&u->exports, key) != NULL;
        d->function->is_nif = table_get(&u->nifs, key) != NULL;
        if (d->arity != 0 || term_is_none(u->on_load)
            || !term_same(d->name, u->on_load))
            continue;
        d->function->is_on_load = true;
    }
}

// They stand behind all that is written, as erlc puts them:
// module_info(functions) shows the order.
static Function *define_module_info(Unit *u, uint32_t arity)
{
    Function *f = unit_define(u, ATOM_module_info, arity, TERM_NIL,
                              (Place){0, 0})->function;
    f->is_exported = true;
    return f;
}

// module_info/0,1 call erlang:get_module_info/1,2. The atom of the module is
// passed, so a module that was renamed in its file still tells what it was
// compiled as.
static void build_module_info(Unit *u, Function *f, uint32_t arity)
{
    Builder b;
    builder_init(&b, u, NULL, f);
    f->entry = b.cur = build_block(&b);
    Inst *params[1], *args[2];
    if (arity == 1) params[0] = args[1] = build_param(&b, TYPE_ANY);
    args[0] = build_literal(&b, u->name);
    Inst *value = build_call_ext(&b, ATOM_erlang, ATOM_get_module_info,
                                 arity + 1, args);
    build_last(&b, IR_RETURN, 1, &value);
    build_finish(&b, arity, params);
}

// Functions are numbered before they are built (lifted_count): names of funs go
// by the order in the source, while bodies may be built out of order or twice.
static void build_all(Unit *u)
{
    size_t count = u->order_count; // without module_info/0,1
    // The others may call them.
    Function *info_0 = define_module_info(u, 0);
    Function *info_1 = define_module_info(u, 1);
    for (size_t i = 0; i < count; i++) {
        Definition *d = u->order[i];
        Origin origin = {.name = d->name, .arity = d->arity};
        lifted_count(u, &origin, d->clauses);
        build_function(u, NULL, d->function, d->clauses, &origin, TERM_NONE);
    }
    build_module_info(u, info_0, 0);
    build_module_info(u, info_1, 1);
}

// The order in which erlc has them, and module_info(functions) shows them: the
// written ones, then those made of their parts, the latest first. The list of
// `first' has them in the order in which they were finished, so a fun comes
// before the function around it.
static void order_functions(Unit *u)
{
    Function *lifted = NULL, **end = &u->first;
    for (Function *f = u->first, *next; f != NULL; f = next) {
        next = f->next;
        if (f->is_lifted) {
            f->next = lifted;
            lifted = f;
        } else {
            *end = u->last = f;
            end = &f->next;
        }
    }
    *end = lifted;
    while (u->last->next != NULL) u->last = u->last->next;
} // unit_add_function goes by last

// Of no use before all functions are simplified and types are known. The code
// of each goes straight to the assembler, so only one function's registers and
// liveness are there at a time.
static void finish_function(Unit *u, Assembler *a, Function *f)
{
    frame_place(u, f);
    live_compute(u, f);
    live_split(u, f);
    register_assign(u, f);
    emit_function(a, f);
} // the order of backend.h

// What chunk CInf is to hold: {compile_info, List} among the chunks.
static Term compile_info(Term chunks)
{
    for (; term_is_cons(chunks); chunks = term_tail(chunks)) {
        Term pair = term_head(chunks);
        if (term_is_tuple_of(pair, 2)
            && term_same(term_tuple_get(pair, 0), ATOM_compile_info))
            return term_tuple_get(pair, 1);
    }
    return TERM_NIL;
}

// Files are numbered as -file attributes name them; the first is the source
// itself.
static Term first_file(Unit *u)
{
    return u->file_count > 0 ? u->files[0] : TERM_NIL;
}

// A module with errors gets no code; its warnings are told even so, as erlc
// tells those of the passes that it got to.
CodegenResult codegen_module(Node *node, Heap *heap, Term forms, Term options,
                             Term chunks)
{
    CodegenResult result = {.errors = TERM_NIL, .warnings = TERM_NIL};
    Unit u = {.node = node, .atoms = node->atoms, .out = heap};
    u.errors = u.warnings = u.attributes = TERM_NIL;
    // TERM_NONE: not said by the source.
    u.compile_info = compile_info(chunks);
    u.name = u.on_load = u.shown_module = TERM_NONE;
    u.options = options;
    arena_init(&u.arena);
    heap_init(&u.heap);
    u.callbacks = u.optional_callbacks = TERM_NIL;
    unit_read(&u, forms, options); // declarations, and empty functions
    behaviour_info_define(&u);
    u.source = first_file(&u);
    if (!term_is_none(u.name)) { // without -module there is nothing to name
        Assembler a;
        assembler_init(&a, &u);
        mark_exported(&u);
        notice_module(&u);
        build_all(&u);
        if (term_is_nil(u.errors)) {
            for (Function *f = u.first; f != NULL; f = f->next) {
                simplify_function(&u, f);
                rethrow_function(f);
            }
            // Code that functions in C may replace does not say what it does.
            bool plain = !types_has_nifs(&u);
            if (plain) reach_cut(&u);
            if (plain) diverge_cut(&u);
            if (plain) types_infer(&u);
            receive_mark(&u);
            context_reuse(&u);
            order_functions(&u);
            for (Function *f = u.first; f != NULL; f = f->next) {
                if (plain) floats_fuse(&u, f);
                tagged_fuse(&u, f);
                sink_elements(f);
                finish_function(&u, &a, f);
            }
            result.beam = assemble_file(&a, chunks, &result.size);
        }
    }
    result.errors = u.errors;
    result.warnings = u.warnings;
    heap_free(&u.heap);
    arena_free(&u.arena);
    return result;
}
