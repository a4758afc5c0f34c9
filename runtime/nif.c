// SPDX-License-Identifier: Apache-2.0
// NIFs: loading libraries, and calling what is in them.
//
// A NIF is a function like a BIF: its stub calls call_plain or call_dirty,
// which find the native code by the stub's second word. The entry of the Erlang
// function of that name leads to the stub.
//
// A library is told to unload and closed (dlclose) only when its module is
// gone, no dirty call of it runs and no resource has a destructor in it:
// otherwise code that is not there any more would be called.
#include "nif.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>

#include "breakpoint.h"
#include "memory.h"
#include "print.h"

// Native code calls without any context in places: the thread knows it.
static _Thread_local NifThread this_thread;

NifThread *nif_thread(void)
{
    return &this_thread;
}

void nif_thread_return(const NifThread *before)
{
    this_thread.node = before->node;
    this_thread.type = before->type;
    this_thread.calls = before->calls;
}

NifTable *nif_table_new(void)
{
    NifTable *t = memory_zeroed(1, sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    // What a thread leaves under a key is freed at its end.
    pthread_key_create(&t->data, free);
    return t;
}

static void free_functions(NifLibrary *l)
{
    free(l->functions);
    while (l->scheduled != NULL) {
        NifFunction *f = l->scheduled;
        l->scheduled = f->next;
        free(f);
    }
}

// At the node's end; libraries that are still open stay so.
void nif_table_free(NifTable *t)
{
    while (t->types != NULL) {
        ErlNifResourceType *type = t->types;
        t->types = type->next;
        free(type);
    }
    while (t->libraries != NULL) {
        NifLibrary *l = t->libraries;
        t->libraries = l->next;
        free_functions(l);
        free(l);
    }
    nif_selects_free(t->selects);
    pthread_key_delete(t->data);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

// Whether there are objects that may call into the library.
static bool has_objects(const NifTable *t, const NifLibrary *l)
{
    for (const ErlNifResourceType *type = t->types; type != NULL;
         type = type->next) {
        const ErlNifResourceTypeInit *i = &type->init;
        bool calls = i->dtor != NULL || i->stop != NULL || i->down != NULL
                     || i->dyncall != NULL;
        if (type->library == l && type->objects > 0 && calls) return true;
    }
    return false;
}

// Open, but neither its module is there nor anything else that needs it.
static NifLibrary *find_idle(const NifTable *t)
{
    NifLibrary *l = t->libraries;
    while (l != NULL
           && (l->handle == NULL || l->loaded || l->users > 0
               || has_objects(t, l)))
        l = l->next;
    return l;
}

// The library's last call.
static void say_goodbye(NifLibrary *l)
{
    NifThread before = this_thread;
    ErlNifEnv env;
    this_thread.node = l->node;
    nif_env_open(&env, l->node, l);
    l->entry->unload(&env, l->priv_data);
    nif_thread_return(&before);
    nif_env_close(&env);
}

void nif_close_idle(NifTable *t)
{
    NifLibrary *l;
    while ((l = find_idle(t)) != NULL) {
        // Not under the lock: it may call back into the runtime. As a user, so
        // that nobody else finds it idle.
        if (l->entered && l->entry->unload != NULL) {
            l->users++;
            pthread_mutex_unlock(&t->lock);
            say_goodbye(l);
            pthread_mutex_lock(&t->lock);
            l->users--;
        }
        dlclose(l->handle);
        l->handle = NULL;
    }
}

// ---- environments ----

// [own] is not set up: it is not needed within a call.
void nif_env_begin(ErlNifEnv *env, Process *p, NifLibrary *library)
{
    env->node = p->node;
    env->process = p;
    env->self = p->pid;
    env->library = library;
    env->heap = process_heap(p);
    env->loans = NULL;
    env->failed = false;
    env->function = NULL;
    env->args = NULL;
}

// Loans are binaries that enif_inspect has shown: for the call only.
void nif_free_loans(ErlNifEnv *env)
{
    while (env->loans != NULL) {
        NifLoan *loan = env->loans;
        env->loans = loan->next;
        counted_release(&loan->blob->counted);
        free(loan);
    }
}

void nif_env_open(ErlNifEnv *env, Node *node, NifLibrary *library)
{
    *env = (ErlNifEnv){.node = node, .self = TERM_NONE, .library = library};
    heap_init(&env->own);
    env->heap = &env->own;
}

void nif_env_close(ErlNifEnv *env)
{
    nif_free_loans(env);
    heap_free(&env->own);
}

// ---- calling ----

static Term call(Process *p, const NifFunction *f, const Term *args, int type)
{
    ErlNifEnv env;
    // Native code may call back into the runtime, so the thread is what it was
    // afterwards.
    NifThread before = this_thread;
    this_thread.node = p->node;
    this_thread.type = type;
    this_thread.calls = true;
    nif_env_begin(&env, p, f->library);
    env.function = f;
    env.args = args;
    p->reason = REASON_NONE; // of the call: to be set by enif_schedule_nif
    unsigned arity = f->export.arity - (f->is_scheduled ? 1 : 0);
    Term answer = {f->code(&env, (int)arity, (const ERL_NIF_TERM *)args)};
    nif_free_loans(&env);
    nif_thread_return(&before);
    // The library has scheduled another function in its place.
    if (p->reason == REASON_TRAP) return TERM_NONE;
    if (env.failed) answer = TERM_NONE;
    // 0 is no term: libraries answer it for badarg.
    if (term_is_none(answer) && !env.failed) bif_error(p, ATOM_badarg);
    return answer;
}

// The stub at which [p] is, before or behind its first instruction.
static const NifFunction *function_at(const CodeWord *stub)
{
    return (const NifFunction *)stub[1];
}

static Term call_plain(Process *p, const Term *args)
{
    return call(p, function_at(p->pc), args, ERL_NIF_THR_NORMAL_SCHEDULER);
}

// On a thread of the pool.
static Term call_dirty(Process *p, const Term *args)
{
    // The pc has been moved behind the stub when the call left the loop.
    const NifFunction *f = function_at(p->pc - WORDS_call_bif_stub);
    NifTable *t = p->node->nifs;
    pthread_mutex_lock(&t->lock);
    f->library->users++; // not to be closed while it runs
    pthread_mutex_unlock(&t->lock);
    int type = f->flags == ERL_NIF_DIRTY_JOB_IO_BOUND
                   ? ERL_NIF_THR_DIRTY_IO_SCHEDULER
                   : ERL_NIF_THR_DIRTY_CPU_SCHEDULER;
    Term answer = call(p, f, args, type);
    pthread_mutex_lock(&t->lock);
    f->library->users--;
    nif_close_idle(t);
    pthread_mutex_unlock(&t->lock);
    return answer;
}

bool nif_runs(const Process *p, const NifLibrary *library)
{
    return process_is_dirty(p) && p->dirty_function == call_dirty
           && function_at(p->pc - WORDS_call_bif_stub)->library == library;
}

// A dirty one goes through the pool, as dirty BIFs do.
static void init_function(NifFunction *f, NifLibrary *l, NifCode code,
                          unsigned flags)
{
    f->library = l;
    f->code = code;
    f->flags = flags;
    f->bif = (Bif){.arity = (uint8_t)f->export.arity,
                   .kind = flags == 0 ? BIF_PLAIN
                           : flags == ERL_NIF_DIRTY_JOB_IO_BOUND
                               ? BIF_DIRTY : BIF_DIRTY_CPU,
                   .function = flags == 0 ? call_plain : call_dirty};
    code_init_export(&f->export, &f->bif);
}

Term nif_origin(ErlNifEnv *env)
{
    const NifFunction *f = env->function;
    if (f == NULL) return TERM_NIL; // not in a call
    const Export *e = &f->export;
    if (f->is_scheduled) return env->args[e->arity - 1];
    Term args = heap_list(env->heap, e->arity, env->args, TERM_NIL);
    return heap_tuple3(env->heap, e->module, e->function, args);
}

Term nif_origin_of(const Export *callee, const Term *args)
{
    bool nif = callee->bif != NULL
               && (callee->bif->function == call_plain
                   || callee->bif->function == call_dirty);
    if (!nif || !((const NifFunction *)callee)->is_scheduled) return TERM_NONE;
    return args[callee->arity - 1];
}

// Kept for ever: a process may be about to call it. Few, so a list does.
NifFunction *nif_schedule(NifLibrary *l, Term name, NifCode code,
                          unsigned arity, unsigned flags)
{
    NifTable *t = l->node->nifs;
    pthread_mutex_lock(&t->lock);
    // The same function again: no new one.
    NifFunction *f = l->scheduled;
    while (f != NULL
           && (f->code != code || f->flags != flags
               || f->export.arity != arity + 1
               || !term_same(f->export.function, name)))
        f = f->next;
    if (f == NULL) {
        f = memory_zeroed(1, sizeof *f);
        f->export.module = l->functions[0].export.module;
        f->export.function = name;
        f->export.arity = arity + 1;
        f->is_scheduled = true;
        init_function(f, l, code, flags);
        f->next = l->scheduled;
        l->scheduled = f;
    }
    pthread_mutex_unlock(&t->lock);
    return f;
}

// ---- loading ----

typedef struct {
    Process *p;
    Module *module; // of the caller
    Code *code;     // the version that calls
    NifLibrary *library;
    Term load_info;
    Term failure; // {error, {Reason, Text}} once something went wrong
} Loading;

// Texts are OTP's: programs match on them.
static bool fail(Loading *l, Term reason, const char *format, ...)
{
    char text[1024];
    Heap *h = process_heap(l->p);
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    Term string = heap_string_utf8(h, text, strlen(text), TERM_NIL);
    l->failure = heap_tuple2(h, ATOM_error, heap_tuple2(h, reason, string));
    return false;
}

static const char *text_of(const Loading *l, Term atom)
{
    return atom_text(l->p->node->atoms, atom)->bytes;
}

// Finds the code that calls load_nif.
static bool find_caller(Loading *l)
{
    CodePlace place;
    const CodeWord *pc = l->p->pc;
    // Where the call stands tells whose library it is.
    l->module = NULL;
    if (code_place(l->p->node, pc, &place))
        l->module = code_find_module(l->p->node, place.module);
    Module *m = l->module;
    if (m == NULL)
        return fail(l, ATOM_bad_lib,
                    "load_nif/2 must be explicitly called from the NIF module. "
                    "It cannot be called through apply/3.");
    if (m->old != NULL && code_contains(m->old, pc))
        return fail(l, ATOM_old_code,
                    "Calling load_nif from old module '%s' not allowed",
                    text_of(l, m->name));
    // During on_load the code is not the current one yet.
    l->code = m->pending != NULL && code_contains(m->pending, pc)
                  ? m->pending
                  : m->current;
    if (l->code->nifs != NULL)
        return fail(l, ATOM_reload, "NIF library already loaded (reload "
                                    "disallowed since OTP 20).");
    return true;
}

static bool open_library(Loading *l, const char *path)
{
    size_t size = strlen(path) + sizeof ".so";
    char *file = memory_alloc(size);
    // ".so" is added, as erl_nif's documentation says.
    snprintf(file, size, "%s.so", path);
    // All symbols at once: missing ones are found here.
    l->library->handle = dlopen(file, RTLD_NOW);
    free(file);
    if (l->library->handle == NULL)
        return fail(l, ATOM_load_failed, "Failed to load NIF library: '%s'",
                    dlerror());
    ErlNifEntry *(*init)(void);
    // As POSIX wants the conversion of a data pointer to a function's.
    *(void **)&init = dlsym(l->library->handle, "nif_init");
    if (init == NULL)
        return fail(l, ATOM_bad_lib,
                    "Failed to find library init function: '%s'", dlerror());
    l->library->entry = init();
    if (l->library->entry == NULL)
        return fail(l, ATOM_bad_lib, "Library init-call unsuccessful");
    return true;
}

// Before anything of the entry is relied on.
static bool check_entry(Loading *l)
{
    const ErlNifEntry *e = l->library->entry;
    const char *module = text_of(l, l->module->name);
    if (e->major > ERL_NIF_MAJOR_VERSION
        || (e->major == ERL_NIF_MAJOR_VERSION
            && e->minor > ERL_NIF_MINOR_VERSION))
        return fail(l, ATOM_bad_lib,
                    "That '%s' NIF library needs %s or newer. Either try to "
                    "recompile the NIF lib or use a newer erts runtime.",
                    module, e->minor >= 14 ? e->min_erts : "erts-10.0");
    if (e->major < ERL_NIF_MAJOR_VERSION || e->minor == 5)
        return fail(l, ATOM_bad_lib,
                    "That old NIF library (%d.%d) is not compatible with this "
                    "version of the runtime (%d.%d). Try recompile the NIF "
                    "lib.",
                    e->major, e->minor, ERL_NIF_MAJOR_VERSION,
                    ERL_NIF_MINOR_VERSION);
    // Older entries end before that field.
    if (e->minor >= 1 && strcmp(e->vm_variant, ERL_NIF_VM_VARIANT) != 0)
        return fail(l, ATOM_bad_lib,
                    "Library (%s) not compiled for this vm variant (%s).",
                    e->vm_variant, ERL_NIF_VM_VARIANT);
    if (strcmp(e->name, module) != 0)
        return fail(l, ATOM_bad_lib,
                    "Library module name '%s' does not match calling module "
                    "'%s'",
                    e->name, module);
    return true;
}

// The place of the function in the code; NULL when it has none.
static const CodeFunction *find_function(const Code *c, Term name,
                                         unsigned arity)
{
    for (size_t i = 0; i < c->function_count; i++)
        if (term_same(c->functions[i].name, name)
            && c->functions[i].arity == arity)
            return &c->functions[i];
    return NULL;
}

// All functions may be native in a module that declares none by -nifs.
static bool is_declared(const Code *c, const CodeFunction *f)
{
    if (f->is_nif) return true;
    for (size_t i = 0; i < c->function_count; i++)
        if (c->functions[i].is_nif) return false;
    return true;
}

static bool add_function(Loading *l, const ErlNifFunc *given, NifFunction *f)
{
    AtomTable *atoms = l->p->node->atoms;
    const char *module = text_of(l, l->module->name);
    Term name = atom_new(atoms, given->name, strlen(given->name));
    const CodeFunction *own = term_is_none(name)
        ? NULL : find_function(l->code, name, given->arity);
    if (own == NULL)
        return fail(l, ATOM_bad_lib, "Function not found %s:%s/%u", module,
                    given->name, given->arity);
    if (!is_declared(l->code, own))
        return fail(l, ATOM_bad_lib, "Function not declared as nif %s:%s/%u",
                    module, given->name, given->arity);
    if (given->flags > ERL_NIF_DIRTY_JOB_IO_BOUND)
        return fail(l, ATOM_bad_lib,
                    "Illegal flags field value %d for NIF %s:%s/%u",
                    (int)given->flags, module, given->name, given->arity);
    // Those before it in the library.
    for (const NifFunction *g = l->library->functions; g < f; g++)
        if (term_same(g->export.function, name)
            && g->export.arity == given->arity)
            return fail(l, ATOM_bad_lib, "Duplicate NIF entry for %s:%s/%u",
                        module, given->name, given->arity);
    f->export.module = l->module->name;
    f->export.function = name;
    f->export.arity = given->arity;
    // Leads nowhere from Erlang yet: see enter_functions.
    init_function(f, l->library, given->fptr, given->flags);
    return true;
}

// Entries before version 2.7 have no flags.
static bool add_functions(Loading *l)
{
    const ErlNifEntry *e = l->library->entry;
    size_t count = (size_t)e->num_of_funcs, stride = sizeof(ErlNifFunc);
    if (e->minor < 7) stride = offsetof(ErlNifFunc, flags);
    // One more than there are: [0] tells the module even if there are none.
    l->library->functions = memory_zeroed(count + 1,
                                          sizeof *l->library->functions);
    l->library->functions[0].export.module = l->module->name;
    for (size_t i = 0; i < count; i++) {
        ErlNifFunc given = {0};
        memcpy(&given, (const char *)e->funcs + i * stride, stride);
        if (!add_function(l, &given, &l->library->functions[i])) return false;
    }
    return true;
}

// Calls load or upgrade of the library.
static bool greet(Loading *l)
{
    NifLibrary *n = l->library;
    // An upgrade is from the version that runs, or that has just become old.
    const Code *before = l->code == l->module->pending ? l->module->current
                                                       : NULL;
    if (before == NULL) before = l->module->old;
    NifLibrary *old = before == NULL ? NULL : before->nifs;
    NifThread thread = this_thread;
    ErlNifEnv env;
    int veto = 0;
    if (old != NULL && n->entry->upgrade == NULL)
        return fail(l, ATOM_upgrade,
                    "Upgrade not supported by this NIF library.");
    // As in a call: load may make terms and resources.
    this_thread = (NifThread){.node = l->p->node, .calls = true,
                              .type = ERL_NIF_THR_NORMAL_SCHEDULER};
    nif_env_begin(&env, l->p, n);
    if (old != NULL)
        veto = n->entry->upgrade(&env, &n->priv_data, &old->priv_data,
                                 l->load_info.bits);
    else if (n->entry->load != NULL)
        veto = n->entry->load(&env, &n->priv_data, l->load_info.bits);
    nif_free_loans(&env);
    nif_thread_return(&thread);
    l->p->reason = REASON_NONE; // load cannot schedule a NIF
    if (veto == 0) return true;
    return fail(l, old != NULL ? ATOM_upgrade : ATOM_load,
                "Library %s-call unsuccessful (%d).",
                old != NULL ? "upgrade" : "load", veto);
}

// Has the entry of [f] lead to its stub. Other threads may be running there.
static void replace(const Code *c, const NifFunction *f)
{
    const CodeFunction *at = find_function(c, f->export.function,
                                           f->export.arity);
    CodeWord *info = c->words + at->info;
    // The function first: whoever comes to the entry reads it.
    __atomic_store_n(&info[FUNCTION_NIF], (CodeWord)f, __ATOMIC_RELEASE);
    breakpoint_replace(info + FUNCTION_WORDS, OP_nif_entry);
}

// Under the lock of code changes: breakpoints stand at entries too.
static void enter_functions(Loading *l)
{
    NifLibrary *n = l->library;
    breakpoint_lock(n->node);
    l->code->nifs = n;
    n->entered = true;
    for (int i = 0; i < n->entry->num_of_funcs; i++)
        replace(l->code, &n->functions[i]);
    breakpoint_unlock(n->node);
}

// Before the library is opened, so that its types find it.
static void add_library(NifLibrary *n)
{
    NifTable *t = n->node->nifs;
    n->loaded = true;
    pthread_mutex_lock(&t->lock);
    n->next = t->libraries;
    t->libraries = n;
    pthread_mutex_unlock(&t->lock);
}

// Its functions stay: code may have pointers to them.
static void drop_library(NifLibrary *n)
{
    NifTable *t = n->node->nifs;
    pthread_mutex_lock(&t->lock);
    n->loaded = false;
    nif_close_idle(t);
    pthread_mutex_unlock(&t->lock);
}

// The types that [n] has taken over are again what they were.
static void give_types_back(const NifLibrary *n)
{
    NifTable *t = n->node->nifs;
    pthread_mutex_lock(&t->lock);
    for (ErlNifResourceType *type = t->types; type != NULL; type = type->next)
        if (type->library == n && type->before != NULL) {
            type->library = type->before;
            type->init = type->init_before;
        }
    pthread_mutex_unlock(&t->lock);
}

Term nif_load(Process *p, const char *path, Term load_info)
{
    Loading l = {.p = p, .load_info = load_info, .failure = TERM_NONE};
    if (!find_caller(&l)) return l.failure;
    l.library = memory_zeroed(1, sizeof *l.library);
    l.library->node = p->node;
    add_library(l.library);
    // Each step needs the one before; the first that fails has set the text.
    if (open_library(&l, path) && check_entry(&l) && add_functions(&l)
        && greet(&l)) {
        enter_functions(&l);
        return ATOM_ok;
    }
    give_types_back(l.library);
    drop_library(l.library);
    return l.failure;
}

// Whether a library that comes earlier in the list is of the same module.
static bool is_named_before(const NifTable *t, const NifLibrary *l)
{
    const NifLibrary *other = t->libraries;
    while (other != l
           && !(other->entered
                && term_same(other->functions[0].export.module,
                             l->functions[0].export.module)))
        other = other->next;
    return other != l;
}

Term nif_modules(Node *node, Heap *h)
{
    NifTable *t = node->nifs;
    Term list = TERM_NIL;
    pthread_mutex_lock(&t->lock);
    for (const NifLibrary *l = t->libraries; l != NULL; l = l->next)
        if (l->entered && !is_named_before(t, l))
            list = heap_cons(h, l->functions[0].export.module, list);
    pthread_mutex_unlock(&t->lock);
    return list;
}

// ---- calls by the runtime ----

// The function, whose library has one user more until nif_close_idle is to be
// called; NULL without.
static const NifFunction *take_function(Node *node, Term module, Term name,
                                        unsigned arity)
{
    NifTable *t = node->nifs;
    const NifFunction *found = NULL;
    const Module *m = code_find_module(node, module);
    if (m == NULL) return NULL;
    pthread_mutex_lock(&t->lock);
    for (NifLibrary *l = t->libraries; l != NULL && found == NULL;
         l = l->next) {
        if (!l->entered || !l->loaded || l->handle == NULL) continue;
        if (m->current == NULL || m->current->nifs != l) continue;
        for (int i = 0; i < l->entry->num_of_funcs && found == NULL; i++)
            if (term_same(l->functions[i].export.function, name)
                && l->functions[i].export.arity == arity)
                found = &l->functions[i];
    }
    if (found != NULL) found->library->users++;
    pthread_mutex_unlock(&t->lock);
    return found;
}

static void give_back(Node *node, const NifFunction *f)
{
    pthread_mutex_lock(&node->nifs->lock);
    f->library->users--;
    nif_close_idle(node->nifs);
    pthread_mutex_unlock(&node->nifs->lock);
}

bool nif_has_function(Node *node, Term module, Term function, unsigned arity)
{
    const NifFunction *f = take_function(node, module, function, arity);
    if (f != NULL) give_back(node, f);
    return f != NULL;
}

Term nif_call(const NifCall *c)
{
    const NifFunction *f = take_function(c->node, c->module, c->function,
                                         c->arity);
    if (f == NULL) return TERM_NONE;
    NifThread before = this_thread;
    this_thread.node = c->node;
    this_thread.calls = true;
    ErlNifEnv env = {.node = c->node, .self = c->self, .library = f->library,
                     .heap = c->heap};
    Term answer = {f->code(&env, (int)c->arity, (const ERL_NIF_TERM *)c->args)};
    nif_free_loans(&env);
    nif_thread_return(&before);
    give_back(c->node, f);
    return env.failed ? TERM_NONE : answer;
}

// Never fails: the code goes in any case.
void nif_unload(NifLibrary *n)
{
    drop_library(n);
}
