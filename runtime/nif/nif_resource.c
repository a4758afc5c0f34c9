// SPDX-License-Identifier: Apache-2.0
// Resources: objects of a library that magic references stand for.
//
// The object lies behind a header; the library knows the object's address.
// References and enif_keep_resource count; when the last is gone the type's
// destructor is called, on whatever thread that is.
// A type belongs to a module and a name, and outlives the library that opened
// it until its last object is gone.
#include <stdlib.h>

#include "magic.h"
#include "memory.h"
#include "nif_resource.h"

// The destructor may send messages and free terms, so it has an environment.
static void call_dtor(const ErlNifResourceType *type, NifResource *r)
{
    NifThread before = *nif_thread();
    ErlNifEnv env;
    nif_env_open(&env, type->node, type->library);
    nif_thread()->node = type->node;
    type->init.dtor(&env, r->object);
    nif_thread_return(&before);
    nif_env_close(&env);
}

// Watches end first: their function must not be called for an object that is
// being destroyed.
static void destroy(Counted *counted)
{
    NifResource *r = (NifResource *)counted;
    ErlNifResourceType *type = r->type;
    NifTable *t = type->node->nifs;
    nif_watch_end(r);
    if (type->init.dtor != NULL) call_dtor(type, r);
    free(r);
    pthread_mutex_lock(&t->lock);
    type->objects--;
    // It may have been the last thing that kept the library.
    nif_close_idle(t);
    pthread_mutex_unlock(&t->lock);
}

// ---- types ----

// Under the lock. Types of a library that is gone do not count.
static ErlNifResourceType *find_type(NifTable *t, Term module, Term name)
{
    ErlNifResourceType *type = t->types;
    while (type != NULL
           && !(term_same(type->module, module) && term_same(type->name, name)
                && type->library->loaded))
        type = type->next;
    return type;
}

// Freed with the node: objects may point to it until then.
static ErlNifResourceType *add_type(Node *node, Term module, Term name)
{
    ErlNifResourceType *type = memory_zeroed(1, sizeof *type);
    type->node = node;
    type->module = module;
    type->name = name;
    type->next = node->nifs->types;
    node->nifs->types = type;
    return type;
}

// Called from load and upgrade only.
ErlNifResourceType *enif_init_resource_type(
    ErlNifEnv *env, const char *name, const ErlNifResourceTypeInit *init,
    ErlNifResourceFlags flags, ErlNifResourceFlags *tried)
{
    NifTable *t = env->node->nifs;
    // A library has at least one function.
    Term module = env->library->functions[0].export.module;
    Term atom = atom_from_latin1(env->node->atoms, name, strlen(name));
    pthread_mutex_lock(&t->lock);
    ErlNifResourceType *type = find_type(t, module, atom);
    // The flags say what is acceptable: a new type, or one that an earlier
    // version of the module has opened.
    ErlNifResourceFlags wanted = type == NULL ? ERL_NIF_RT_CREATE
                                              : ERL_NIF_RT_TAKEOVER;
    if (!(flags & wanted))
        type = NULL;
    else if (type == NULL)
        type = add_type(env->node, module, atom);
    if (type != NULL) {
        // From here on the new library's functions are called, for old objects
        // too.
        if (type->library != env->library) {
            type->before = type->library;
            type->init_before = type->init;
        }
        type->library = env->library;
        type->init = *init;
    }
    pthread_mutex_unlock(&t->lock);
    if (tried != NULL) *tried = type == NULL ? flags : wanted;
    return type;
}

// The older call: no dyncall.
ErlNifResourceType *enif_open_resource_type_x(
    ErlNifEnv *env, const char *name, const ErlNifResourceTypeInit *init,
    ErlNifResourceFlags flags, ErlNifResourceFlags *tried)
{
    ErlNifResourceTypeInit own = {.dtor = init->dtor, .stop = init->stop,
                                  .down = init->down, .members = 3};
    return enif_init_resource_type(env, name, &own, flags, tried);
}

// The oldest: a destructor only.
ErlNifResourceType *enif_open_resource_type(
    ErlNifEnv *env, const char *module, const char *name,
    void (*dtor)(ErlNifEnv *, void *), ErlNifResourceFlags flags,
    ErlNifResourceFlags *tried)
{
    ErlNifResourceTypeInit own = {.dtor = dtor, .members = 1};
    (void)module; // must be NULL
    return enif_init_resource_type(env, name, &own, flags, tried);
}

// ---- objects ----

// Count 1, which is the library's: it calls enif_release_resource.
void *enif_alloc_resource(ErlNifResourceType *type, size_t size)
{
    NifResource *r = memory_alloc(sizeof *r + size);
    atomic_init(&r->counted.count, 1);
    r->counted.destroy = destroy;
    r->type = type;
    r->size = size;
    r->id = ref_id_new(type->node);
    r->watches = NULL;
    pthread_mutex_lock(&type->node->nifs->lock);
    // The type counts its objects, see nif_close_idle.
    type->objects++;
    pthread_mutex_unlock(&type->node->nifs->lock);
    return r->object;
}

void enif_release_resource(void *object)
{
    counted_release(&nif_resource_of(object)->counted);
}

void enif_keep_resource(void *object)
{
    counted_keep(&nif_resource_of(object)->counted);
}

// References have the resource's own number, so all of them are equal.
Term nif_resource_term(Heap *h, NifResource *r)
{
    counted_keep(&r->counted);
    return magic_ref_from_id(h, &r->counted, r->id);
}

// Compare and exchange: from 0 no count comes back.
bool nif_resource_keep(NifResource *r)
{
    size_t count = atomic_load(&r->counted.count);
    while (count > 0)
        if (atomic_compare_exchange_weak(&r->counted.count, &count, count + 1))
            return true;
    return false;
}

ERL_NIF_TERM enif_make_resource(ErlNifEnv *env, void *object)
{
    return nif_resource_term(env->heap, nif_resource_of(object)).bits;
}

// Stands behind the bytes of a resource binary.
// The resource is counted once for each such binary.
typedef struct {
    NifResource *resource;
    void (*destroy)(Counted *); // the blob's own
} Holder;

// In the order of making: what the blob was must come last.
static void destroy_binary(Counted *counted)
{
    const Blob *blob = (const Blob *)counted;
    Holder holder;
    memcpy(&holder, blob->bytes + blob->size, sizeof holder);
    counted_release(&holder.resource->counted);
    holder.destroy(counted);
}

// The bytes are copied, unlike OTP's, where the library keeps them.
ERL_NIF_TERM enif_make_resource_binary(ErlNifEnv *env, void *object,
                                       const void *data, size_t size)
{
    NifResource *r = nif_resource_of(object);
    Blob *blob = blob_new(size + sizeof(Holder));
    Holder holder = {r, blob->counted.destroy};
    blob->size = size;
    memcpy(blob->bytes, data, size);
    memcpy(blob->bytes + size, &holder, sizeof holder);
    counted_keep(&r->counted);
    blob->counted.destroy = destroy_binary;
    return heap_binary_from_blob(env->heap, blob, size).bits;
}

// What [t] is a reference to, or a binary that holds it; NULL for others.
// A part of a resource binary leads to it as well.
static NifResource *find_resource(Term t)
{
    Holder holder;
    if (!term_is_boxed(t)) return NULL;
    if (term_subtag(t) == SUBTAG_BITS) t = term_box_ptr(t)[3];
    if (term_subtag(t) != SUBTAG_COUNTED)
        return (NifResource *)magic_object(t, destroy);
    const Blob *blob = counted_blob(t);
    if (blob->counted.destroy != destroy_binary) return NULL;
    memcpy(&holder, blob->bytes + blob->size, sizeof holder);
    return holder.resource;
}

// 0: no resource, or of another type.
int enif_get_resource(ErlNifEnv *env, ERL_NIF_TERM term,
                      ErlNifResourceType *type, void **object)
{
    NifResource *r = find_resource((Term){term});
    (void)env;
    if (r == NULL || r->type != type) return 0;
    *object = r->object;
    return 1;
}

size_t enif_sizeof_resource(void *object)
{
    return nif_resource_of(object)->size;
}

// 0: the type's function was called.
// 1: no such resource, or its type has no such function.
int enif_dynamic_resource_call(ErlNifEnv *env, ERL_NIF_TERM module,
                               ERL_NIF_TERM name, ERL_NIF_TERM resource,
                               void *data)
{
    NifResource *r = (NifResource *)magic_object((Term){resource}, destroy);
    if (r == NULL || !term_same(r->type->module, (Term){module})
        || !term_same(r->type->name, (Term){name})
        || r->type->init.dyncall == NULL)
        return 1;
    r->type->init.dyncall(env, r->object, data);
    return 0;
}
