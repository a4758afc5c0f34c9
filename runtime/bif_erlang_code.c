// SPDX-License-Identifier: Apache-2.0
// BIFs of module erlang about loaded code: loading, deleting, purging, what
// there is.
// A module has current code, and old code that processes may still run until it
// is purged. Code is changed under a lock of its own (code.c); these functions
// check arguments and find words for what code.c answers.
#include "bif_load.h"
#include "bits.h"
#include "buffer.h"
#include "code.h"
#include "code_module.h"
#include "disassemble.h"
#include "gc.h"
#include "magic.h"
#include "memory.h"
#include "pack.h"
#include "nif.h"
#include "process.h"
#include "request.h"
#include "runtime_bifs.gen.h"
#include "system_task.h"

#include <stdlib.h>
#include <string.h>

enum { WHY_SIZE = 200 }; // of a text that is not shown

// ---- loading ----

// The reasons are OTP's; why a file is bad is not part of the answer.
static Term load_result(Process *p, Term module, CodeResult result)
{
    Heap *h = process_heap(p);
    switch (result) {
    case CODE_LOADED: return heap_tuple2(h, ATOM_module, module);
    case CODE_ON_LOAD: return heap_tuple2(h, ATOM_error, ATOM_on_load);
    case CODE_NOT_PURGED: return heap_tuple2(h, ATOM_error, ATOM_not_purged);
    default: return heap_tuple2(h, ATOM_error, ATOM_badfile);
    }
}

Term bif_load_code(Process *p, Term module, const uint8_t *bytes, size_t size)
{
    char why[WHY_SIZE];
    CodeResult result = code_load(p->node, &module, bytes, size, why,
                                  sizeof why);
    return load_result(p, module, result);
}

// The file is read where the binary lies; it is copied only if it does not
// begin at a byte.
Term bif_erlang_load_module_2(Process *p, const Term *args)
{
    size_t size;
    uint8_t *copy;
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    // Others run first, as OTP has it: who was just spawned has begun.
    if (!bif_has_yielded(p)) return bif_yield(p, 2, args);
    const uint8_t *bytes = bits_bytes(args[1], &size, &copy);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    Term result = bif_load_code(p, args[0], bytes, size);
    free(copy);
    return result;
}

// Prepared code waits behind a magic reference until it is published.
// So that several modules can be made ready slowly and come at once.
typedef struct {
    Counted counted; // must be first
    Node *node;      // for freeing the code
    Code *code;      // NULL: published
} Prepared;

// Nobody published it.
static void destroy_prepared(Counted *c)
{
    Prepared *prepared = (Prepared *)c;
    if (prepared->code != NULL) code_free(prepared->node, prepared->code);
    free(prepared);
}

// The name must be the file's own.
Term bif_erlang_prepare_loading_2(Process *p, const Term *args)
{
    size_t size;
    uint8_t *copy;
    char why[WHY_SIZE];
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    const uint8_t *bytes = bits_bytes(args[1], &size, &copy);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    Code *code = code_prepare(p->node, args[0], bytes, size, why, sizeof why);
    free(copy);
    if (code == NULL)
        return heap_tuple2(process_heap(p), ATOM_error, ATOM_badfile);
    Prepared *prepared = memory_zeroed(1, sizeof *prepared);
    atomic_init(&prepared->counted.count, 1);
    prepared->counted.destroy = destroy_prepared;
    prepared->node = p->node;
    prepared->code = code;
    return magic_ref_new(p->node, process_heap(p), &prepared->counted);
}

// A reference can be used once.
static Prepared *prepared_of(Term t)
{
    Prepared *prepared = (Prepared *)magic_object(t, destroy_prepared);
    return prepared == NULL || prepared->code == NULL ? NULL : prepared;
}

Term bif_erlang_has_prepared_code_on_load_1(Process *p, const Term *args)
{
    const Prepared *prepared = prepared_of(args[0]);
    if (prepared == NULL) return bif_error(p, ATOM_badarg);
    return prepared->code->on_load >= 0 ? ATOM_true : ATOM_false;
}

// Whether a module of the same name stands before [t] in [list].
// [t] is a part of [list].
static bool is_second(Term list, Term t)
{
    Term name = prepared_of(term_head(t))->code->module;
    for (; !term_same(list, t); list = term_tail(list))
        if (term_same(prepared_of(term_head(list))->code->module, name))
            return true;
    return false;
}

// With old code still there the module would have three versions.
static bool is_not_purged(Node *node, const Code *code)
{
    const Module *m = code_find_module(node, code->module);
    return m != NULL && m->current != NULL && m->old != NULL;
}

// Whether one of several modules has an on_load function, which can be run
// for one module only.
static bool has_on_load_among(Term list)
{
    if (!term_is_cons(list) || term_is_nil(term_tail(list))) return false;
    for (; term_is_cons(list); list = term_tail(list))
        if (prepared_of(term_head(list))->code->on_load >= 0) return true;
    return false;
}

// What keeps all modules of [list] from being published at once: their names.
// The first kind of obstacle that is found, all modules that have it.
static Term find_obstacle(Process *p, Term list, Term *names)
{
    const uintptr_t whys[] = {ATOM_BITS_duplicated, ATOM_BITS_not_purged};
    *names = TERM_NIL;
    for (size_t i = 0; i < 2 && term_is_nil(*names); i++) {
        for (Term t = list; term_is_cons(t); t = term_tail(t)) {
            const Code *code = prepared_of(term_head(t))->code;
            bool bad = i == 0 ? is_second(list, t)
                              : is_not_purged(p->node, code);
            if (bad) *names = heap_cons(process_heap(p), code->module, *names);
        }
        if (!term_is_nil(*names)) return (Term){whys[i]};
    }
    return TERM_NONE;
}

// [Prepared] -> ok | {Why, Modules} | {on_load, [Module]}.
Term bif_erlang_finish_loading_1(Process *p, const Term *args)
{
    Term names, list = args[0];
    // All are checked before any is published.
    while (term_is_cons(list) && prepared_of(term_head(list)) != NULL)
        list = term_tail(list);
    if (!term_is_nil(list)) return bif_error(p, ATOM_badarg);
    if (has_on_load_among(args[0])) return bif_error(p, ATOM_system_limit);
    Term why = find_obstacle(p, args[0], &names);
    if (!term_is_none(why)) return heap_tuple2(process_heap(p), why, names);
    CodeResult result = CODE_LOADED;
    // Nothing fails from here on.
    for (list = args[0]; term_is_cons(list); list = term_tail(list)) {
        Prepared *prepared = prepared_of(term_head(list));
        names = heap_cons(process_heap(p), prepared->code->module, TERM_NIL);
        result = code_publish(p->node, prepared->code);
        // Its reference is of no use any more.
        prepared->code = NULL;
    }
    if (result == CODE_ON_LOAD)
        return heap_tuple2(process_heap(p), ATOM_on_load, names);
    return ATOM_ok;
}

// The on_load function is called in the place of this BIF.
// So it runs as part of the caller's process, and may wait.
Term bif_erlang_call_on_load_function_1(Process *p, const Term *args)
{
    const Module *m = term_is_atom(args[0]) ? code_find_module(p->node, args[0])
                                            : NULL;
    if (m == NULL || m->pending == NULL) return bif_error(p, ATOM_badarg);
    return bif_trap_to(p, m->pending->words + m->pending->on_load, 0, NULL);
}

// true: the function said ok, and the code becomes current; where that makes
// other code old, what was old must have been purged. Else it becomes old, to be
// purged at once, before what was old until now.
Term bif_erlang_finish_after_on_load_2(Process *p, const Term *args)
{
    Module *m = term_is_atom(args[0]) ? code_find_module(p->node, args[0])
                                      : NULL;
    if (m == NULL || m->pending == NULL) return bif_error(p, ATOM_badarg);
    bool keep = term_same(args[1], ATOM_true);
    if (m->old != NULL && (keep ? m->current : m->kept) != NULL)
        return bif_error_cause(p, ATOM_badarg, ATOM_not_purged);
    code_finish_on_load(p->node, m, keep);
    return ATOM_true;
}

// ---- deleting and purging ----

// Current code becomes old; a module that never had any is undefined.
Term bif_erlang_delete_module_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    Module *m = code_find_module(p->node, args[0]);
    if (m == NULL) return ATOM_undefined;
    if (m->old != NULL) return bif_error_cause(p, ATOM_badarg, ATOM_not_purged);
    if (m->current != NULL) code_delete(p->node, m);
    return ATOM_true;
}

Term bif_erlang_check_old_code_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    const Module *m = code_find_module(p->node, args[0]);
    return m != NULL && m->old != NULL ? ATOM_true : ATOM_false;
}

// Processes that run the old code are killed.
Term bif_erlang_purge_module_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    const Module *m = code_find_module(p->node, args[0]);
    if (m == NULL || m->old == NULL) return bif_error(p, ATOM_badarg);
    return bif_trap(p, ATOM_erts_code_purger, ATOM_purge_module, 1, args);
}

// ---- who runs old code ----
// Asked of each process in its own context, so its stack holds still.

// Only what is on the stack counts, or the native function that runs in the
// pool. A fun of code that is gone fails when it is called, and literals are
// copied later.
static bool runs(Process *p, const Code *code)
{
    if (code_contains(code, p->pc)) return true;
    if (code->nifs != NULL && nif_runs(p, code->nifs)) return true;
    for (const Term *at = p->stack; at < p->stack_base; at++) {
        // Return addresses have a header's tag; all other words are terms.
        if (term_is_header(*at)
            && code_contains(code, (const CodeWord *)at->bits))
            return true;
    }
    return false;
}

// [h] is not needed: the answer is an atom.
Term system_task_check(Node *node, Process *receiver, Heap *h, Term module)
{
    if (receiver == NULL) return ATOM_false;
    const Module *m = code_find_module(node, module);
    if (m == NULL || m->old == NULL) return ATOM_false;
    return runs(receiver, m->old) ? ATOM_true : ATOM_false;
}

Term bif_erlang_check_process_code_2(Process *p, const Term *args)
{
    if (!term_is_local_pid(args[0]) || !term_is_atom(args[1]))
        return bif_error(p, ATOM_badarg);
    // The process is asked by a signal; the BIF waits.
    return request_look(p, args[0], system_task_check, args[1], 2, args);
}

// check_process_code(Pid, Module, Options): {async, Id} answers by a message;
// {allow_gc, Bool} says nothing here, where nothing is collected for it.
// [{async, Id}, {allow_gc, Bool}]
Term bif_erlang_check_process_code_3(Process *p, const Term *args)
{
    Term id = TERM_NONE, list = args[2];
    for (; term_is_cons(list); list = term_tail(list)) {
        Term o = term_head(list);
        if (!term_is_tuple_of(o, 2)) break;
        Term name = term_tuple_get(o, 0), value = term_tuple_get(o, 1);
        if (term_same(name, ATOM_async))
            id = value;
        else if (!term_same(name, ATOM_allow_gc)
                 || (!term_same(value, ATOM_true)
                     && !term_same(value, ATOM_false)))
            break;
    }
    if (!term_is_nil(list))
        return bif_error_cause(p, ATOM_badarg, ATOM_bad_option);
    if (!term_is_local_pid(args[0]) || !term_is_atom(args[1]))
        return bif_error(p, ATOM_badarg);
    if (term_is_none(id))
        return request_look(p, args[0], system_task_check, args[1], 3, args);
    // All processes are asked at once in this way by who purges.
    RequestReply reply = {p->pid, ATOM_check_process_code, id, true};
    request_async(p->node, args[0], system_task_check, args[1], &reply);
    return ATOM_async;
}

// ---- modules that are C functions only ----

static Term name_and_arity(Heap *h, Term name, uint32_t arity)
{
    return heap_tuple2(h, name, term_small((intptr_t)arity));
}

// They are there from the start and have no .beam file: to their users they are
// preloaded modules.
// erlang, ets and others: all of a module, with no line of Erlang.
typedef struct {
    Node *node;  // whose BIFs are listed
    Heap *heap;  // where the list is built; NULL: only look
    Term module; // the one that is looked for, or the last one seen
    // What is found.
    Term list;  // modules, or functions of [module]
    const Code *code; // what it exports is left out
    bool found; // a function of [module] was seen
} NativeSearch;

// A module with a .beam file in the pack may have BIFs as well.
static bool is_packed(const Node *node, Term module)
{
    PackEntry entry;
    const AtomText *name = atom_text(node->atoms, module);
    return node->pack != NULL
           && pack_find_module(node->pack, name->bytes, name->size, &entry);
}

// BIFs come by module, so one look back tells a new one.
static void visit_module(const Export *e, void *data)
{
    NativeSearch *s = data;
    if (term_same(e->module, s->module)) return; // the module goes on
    s->module = e->module;
    if (!is_packed(s->node, e->module))
        s->list = heap_cons(s->heap, e->module, s->list);
}

static bool exports(const Code *c, const Export *e)
{
    for (size_t i = 0; i < c->export_count; i++)
        if (c->exports[i].export == e) return true;
    return false;
}

static void visit_function(const Export *e, void *data)
{
    NativeSearch *s = data;
    if (!term_same(e->module, s->module)
        || (s->code != NULL && exports(s->code, e)))
        return;
    s->found = true;
    if (s->heap != NULL)
        s->list = heap_cons(s->heap,
                            name_and_arity(s->heap, e->function, e->arity),
                            s->list);
}

// Only looks: nothing is built.
static bool is_native(Node *node, Term module)
{
    NativeSearch s = {.node = node, .module = module};
    if (is_packed(node, module)) return false;
    code_each_bif(node, visit_function, &s);
    return s.found;
}

// The names of such modules, before [list].
static Term list_natives(Process *p, Term list)
{
    NativeSearch s = {.node = p->node, .heap = process_heap(p), .list = list};
    code_each_bif(p->node, visit_module, &s);
    return s.list;
}

// ---- what there is ----
// Functions that ask the tables of modules and exports.

static const Code *current_code(Process *p, Term module)
{
    if (!term_is_atom(module)) return NULL;
    const Module *m = code_find_module(p->node, module);
    return m == NULL ? NULL : m->current;
}

Term bif_erlang_module_loaded_1(Process *p, const Term *args)
{
    if (!term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    // Native modules are always there.
    return current_code(p, args[0]) != NULL
                   || is_native(p->node, args[0])
               ? ATOM_true : ATOM_false;
}

// The export that M:F/A names; NULL when there is none. [known] is false when
// these are no name of a function.
// Any integer is a number of arguments for the check, but only 0 to 255 find
// something.
static const Export *named_export(Process *p, const Term *args, bool *known)
{
    *known = term_is_atom(args[0]) && term_is_atom(args[1])
             && term_is_integer(args[2]);
    size_t arity;
    if (!*known || !bif_get_size(args[2], &arity) || arity > 255) return NULL;
    return code_find_export(p->node, args[0], args[1], (unsigned)arity);
}

// A stub that was never loaded has an export too: it is not defined.
Term bif_erlang_function_exported_3(Process *p, const Term *args)
{
    bool known;
    const Export *e = named_export(p, args, &known);
    if (!known) return bif_error(p, ATOM_badarg);
    return e != NULL && code_export_is_defined(e) ? ATOM_true : ATOM_false;
}

Term bif_erlang_is_builtin_3(Process *p, const Term *args)
{
    bool known;
    const Export *e = named_export(p, args, &known);
    if (!known) return bif_error(p, ATOM_badarg);
    return e != NULL && e->bif != NULL ? ATOM_true : ATOM_false;
}

// Of code_each_module.
typedef struct {
    Heap *heap;
    Term list;
} ModuleList;

static void add_loaded(Module *m, void *data)
{
    ModuleList *l = data;
    if (m->current != NULL) l->list = heap_cons(l->heap, m->name, l->list);
}

Term bif_erlang_loaded_0(Process *p, const Term *args)
{
    ModuleList l = {process_heap(p), list_natives(p, TERM_NIL)};
    code_each_module(p->node, add_loaded, &l);
    return l.list;
}

// OTP has a dozen of them; tools take them for modules without a file.
Term bif_erlang_pre_loaded_0(Process *p, const Term *args)
{
    Term init = heap_cons(process_heap(p), ATOM_init, TERM_NIL);
    return list_natives(p, init); // init runs before there is a code path
}

// erts_debug:df-like: the instructions of a function, or of all functions of a
// module, as a binary; undefined when there are none.
// For people who look at what the loader made.
static Term disassemble(Process *p, Term module, Term name, intptr_t arity)
{
    const Module *m = term_is_atom(module) ? code_find_module(p->node, module)
                                           : NULL;
    // Old code is not shown.
    if (m == NULL || m->current == NULL) return ATOM_undefined;
    const Code *c = m->current;
    Buffer text;
    buffer_init(&text);
    for (size_t i = 0; i < c->function_count; i++) {
        const CodeFunction *f = &c->functions[i];
        if (term_is_none(name)
            || (term_same(f->name, name) && f->arity == (uint32_t)arity))
            disassemble_function(p->node, c, i, &text);
    }
    Term t = heap_binary(process_heap(p), text.bytes, text.size);
    buffer_free(&text);
    return t;
}

// Module, or {Module, Function, Arity}.
Term bif_erts_debug_disassemble_1(Process *p, const Term *args)
{
    Term t = args[0];
    if (term_is_atom(t)) return disassemble(p, t, TERM_NONE, 0);
    if (!term_is_tuple_of(t, 3) || !term_is_small(term_tuple_get(t, 2)))
        return bif_error(p, ATOM_badarg);
    return disassemble(p, term_tuple_get(t, 0), term_tuple_get(t, 1),
                       term_small_value(term_tuple_get(t, 2)));
}

// ---- module_info ----
// What Module:module_info/1 calls.

// Before [list], the functions of [module] in C but for those in [c]. Whoever
// loads a module of his own in the place of one has nothing to do with them.
static Term list_native(Process *p, Term module, const Code *c, Term list)
{
    if (c != NULL && !c->is_packed) return list;
    NativeSearch s = {.node = p->node, .heap = process_heap(p),
                      .module = module, .list = list, .code = c};
    code_each_bif(p->node, visit_function, &s);
    return s.list;
}

static Term list_exports(Process *p, const Code *c)
{
    Heap *h = process_heap(p);
    Term list = list_native(p, c->module, c, TERM_NIL);
    for (size_t i = 0; i < c->export_count; i++) {
        const Export *e = c->exports[i].export;
        list = heap_cons(h, name_and_arity(h, e->function, e->arity), list);
    }
    return list;
}

// Those that a NIF library has replaced.
static Term list_nifs(Heap *h, const Code *c)
{
    Term list = TERM_NIL;
    for (size_t i = c->function_count; i-- > 0;) {
        const CodeFunction *f = &c->functions[i];
        if (c->words[f->info + FUNCTION_NIF] != 0) // the NIF's address, or 0
            list = heap_cons(h, name_and_arity(h, f->name, f->arity), list);
    }
    return list;
}

static Term list_functions(Process *p, const Code *c)
{
    Heap *h = process_heap(p);
    Term list = list_native(p, c->module, c, TERM_NIL);
    for (size_t i = c->function_count; i-- > 0;)
        list = heap_cons(h, name_and_arity(h, c->functions[i].name,
                                           c->functions[i].arity), list);
    return list;
}

// attributes and compile are literals of the module.
static Term module_info(Process *p, const Code *c, Term what)
{
    Heap *h = process_heap(p);
    switch (what.bits) {
    case ATOM_BITS_module: return c->module;
    case ATOM_BITS_exports: return list_exports(p, c);
    case ATOM_BITS_functions: return list_functions(p, c);
    case ATOM_BITS_attributes: return c->attributes;
    case ATOM_BITS_compile: return c->compile_info;
    case ATOM_BITS_md5: return heap_binary(h, c->md5, sizeof c->md5);
    case ATOM_BITS_nifs: return list_nifs(h, c);
    case ATOM_BITS_native: return ATOM_false;
    case ATOM_BITS_native_addresses: return TERM_NIL;
    default: return TERM_NONE;
    }
}

// module_info is there for every module, though no BIF.
static Term native_exports(Process *p, Term module)
{
    Heap *h = process_heap(p);
    Term list = heap_cons(h, name_and_arity(h, ATOM_module_info, 1), TERM_NIL);
    list = heap_cons(h, name_and_arity(h, ATOM_module_info, 0), list);
    return list_native(p, module, NULL, list);
}

// Without a file there is nothing to tell.
static Term native_info(Process *p, Term module, Term what)
{
    static const uint8_t no_md5[16];
    switch (what.bits) {
    case ATOM_BITS_module: return module;
    case ATOM_BITS_exports:
    case ATOM_BITS_functions: return native_exports(p, module);
    case ATOM_BITS_attributes:
    case ATOM_BITS_nifs:
    case ATOM_BITS_native_addresses:
    case ATOM_BITS_compile: return TERM_NIL;
    case ATOM_BITS_md5:
        return heap_binary(process_heap(p), no_md5, sizeof no_md5);
    case ATOM_BITS_native: return ATOM_false;
    default: return TERM_NONE;
    }
}

// Item [what] of [module]; TERM_NONE when one of them is not there.
// Any item is asked of both kinds in the same way.
static Term info_item(Process *p, Term module, Term what)
{
    const Code *c = current_code(p, module);
    if (c != NULL) return module_info(p, c, what);
    if (!term_is_atom(module) || !is_native(p->node, module)) return TERM_NONE;
    return native_info(p, module, what);
}

Term bif_erlang_get_module_info_2(Process *p, const Term *args)
{
    Term t = info_item(p, args[0], args[1]);
    return term_is_none(t) ? bif_error(p, ATOM_badarg) : t;
}

// In OTP's order: from the last key to the first, as the list grows at its
// front.
Term bif_erlang_get_module_info_1(Process *p, const Term *args)
{
    static const uintptr_t keys[] = {ATOM_BITS_md5, ATOM_BITS_compile,
                                     ATOM_BITS_attributes, ATOM_BITS_exports,
                                     ATOM_BITS_module};
    Heap *h = process_heap(p);
    Term list = TERM_NIL;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        Term key = {keys[i]}, value = info_item(p, args[0], key);
        if (term_is_none(value)) return bif_error(p, ATOM_badarg);
        list = heap_cons(h, heap_tuple2(h, key, value), list);
    }
    return list;
}
