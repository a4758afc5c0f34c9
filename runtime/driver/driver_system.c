// SPDX-License-Identifier: Apache-2.0
// What drivers use of the system: memory, time, libraries, threads. Most of it
// has another name for NIFs.
#include <dlfcn.h>
#include <stdlib.h>

#include "bif.h"
#include "driver.h"
#include "environment.h"
#include "memory.h"
#include "nif.h"
#include "posix_error.h"

// ---- memory ----

void *driver_alloc(ErlDrvSizeT size)
{
    return enif_alloc(size);
}

void *driver_realloc(void *block, ErlDrvSizeT size)
{
    return enif_realloc(block, size);
}

void driver_free(void *block)
{
    enif_free(block);
}

ErlDrvBinary *driver_alloc_binary(ErlDrvSizeT size)
{
    return driver_binary_new(size);
}

ErlDrvBinary *driver_realloc_binary(ErlDrvBinary *bin, ErlDrvSizeT size)
{
    if (bin == NULL) return driver_binary_new(size);
    size_t old = (size_t)bin->orig_size;
    ErlDrvBinary *other = driver_binary_new(size);
    memcpy(other->orig_bytes, bin->orig_bytes, old < size ? old : size);
    driver_free_binary(bin);
    return other;
}

void driver_free_binary(ErlDrvBinary *bin)
{
    if (bin != NULL) counted_release(&driver_blob(bin)->counted);
}

ErlDrvSInt driver_binary_get_refc(ErlDrvBinary *bin)
{
    return (ErlDrvSInt)atomic_load(&driver_blob(bin)->counted.count);
}

ErlDrvSInt driver_binary_inc_refc(ErlDrvBinary *bin)
{
    return (ErlDrvSInt)atomic_fetch_add(&driver_blob(bin)->counted.count, 1)
           + 1;
}

ErlDrvSInt driver_binary_dec_refc(ErlDrvBinary *bin)
{
    return (ErlDrvSInt)atomic_fetch_sub(&driver_blob(bin)->counted.count, 1)
           - 1;
}

// ---- the system ----

void driver_system_info(ErlDrvSysInfo *info, size_t size)
{
    enif_system_info(info, size);
}

char *erl_errno_id(int error)
{
    AtomTable *atoms = nif_thread()->node->atoms;
    Term name = posix_error_name(atoms, error);
    return (char *)(uintptr_t)atom_text(atoms, name)->bytes;
}

int erl_drv_consume_timeslice(ErlDrvPort port, int percent)
{
    (void)port;
    return percent >= 100;
}

int driver_get_now(ErlDrvNowData *now)
{
    ErlDrvTime us = enif_monotonic_time(ERL_NIF_USEC)
                    + enif_time_offset(ERL_NIF_USEC);
    now->megasecs = (unsigned long)(us / 1000000000000);
    now->secs = (unsigned long)(us / 1000000 % 1000000);
    now->microsecs = (unsigned long)(us % 1000000);
    return 0;
}

ErlDrvTime erl_drv_monotonic_time(ErlDrvTimeUnit unit)
{
    return enif_monotonic_time(unit);
}

ErlDrvTime erl_drv_time_offset(ErlDrvTimeUnit unit)
{
    return enif_time_offset(unit);
}

ErlDrvTime erl_drv_convert_time_unit(ErlDrvTime value, ErlDrvTimeUnit from,
                                     ErlDrvTimeUnit to)
{
    return enif_convert_time_unit(value, from, to);
}

void *driver_dl_open(char *library)
{
    return dlopen(library, RTLD_NOW);
}

void *driver_dl_sym(void *handle, char *symbol)
{
    return dlsym(handle, symbol);
}

int driver_dl_close(void *handle)
{
    return dlclose(handle);
}

char *driver_dl_error(void)
{
    return dlerror();
}

int erl_drv_putenv(const char *name, char *value)
{
    environment_put(nif_thread()->node, name, value);
    return 0;
}

int erl_drv_getenv(const char *name, char *value, size_t *size)
{
    char *found = environment_get(nif_thread()->node, name);
    if (found == NULL) return -1;
    size_t length = strlen(found);
    bool room = length < *size;
    if (room) memcpy(value, found, length + 1);
    *size = room ? length : length + 1;
    free(found);
    return room ? 0 : 1;
}

// ---- threads ----

ErlDrvMutex *erl_drv_mutex_create(char *name)
{
    return enif_mutex_create(name);
}

void erl_drv_mutex_destroy(ErlDrvMutex *m)
{
    enif_mutex_destroy(m);
}

int erl_drv_mutex_trylock(ErlDrvMutex *m)
{
    return enif_mutex_trylock(m);
}

void erl_drv_mutex_lock(ErlDrvMutex *m)
{
    enif_mutex_lock(m);
}

void erl_drv_mutex_unlock(ErlDrvMutex *m)
{
    enif_mutex_unlock(m);
}

char *erl_drv_mutex_name(ErlDrvMutex *m)
{
    return enif_mutex_name(m);
}

ErlDrvCond *erl_drv_cond_create(char *name)
{
    return enif_cond_create(name);
}

void erl_drv_cond_destroy(ErlDrvCond *c)
{
    enif_cond_destroy(c);
}

void erl_drv_cond_signal(ErlDrvCond *c)
{
    enif_cond_signal(c);
}

void erl_drv_cond_broadcast(ErlDrvCond *c)
{
    enif_cond_broadcast(c);
}

void erl_drv_cond_wait(ErlDrvCond *c, ErlDrvMutex *m)
{
    enif_cond_wait(c, m);
}

char *erl_drv_cond_name(ErlDrvCond *c)
{
    return enif_cond_name(c);
}

ErlDrvRWLock *erl_drv_rwlock_create(char *name)
{
    return enif_rwlock_create(name);
}

void erl_drv_rwlock_destroy(ErlDrvRWLock *l)
{
    enif_rwlock_destroy(l);
}

int erl_drv_rwlock_tryrlock(ErlDrvRWLock *l)
{
    return enif_rwlock_tryrlock(l);
}

void erl_drv_rwlock_rlock(ErlDrvRWLock *l)
{
    enif_rwlock_rlock(l);
}

void erl_drv_rwlock_runlock(ErlDrvRWLock *l)
{
    enif_rwlock_runlock(l);
}

int erl_drv_rwlock_tryrwlock(ErlDrvRWLock *l)
{
    return enif_rwlock_tryrwlock(l);
}

void erl_drv_rwlock_rwlock(ErlDrvRWLock *l)
{
    enif_rwlock_rwlock(l);
}

void erl_drv_rwlock_rwunlock(ErlDrvRWLock *l)
{
    enif_rwlock_rwunlock(l);
}

char *erl_drv_rwlock_name(ErlDrvRWLock *l)
{
    return enif_rwlock_name(l);
}

int erl_drv_tsd_key_create(char *name, ErlDrvTSDKey *key)
{
    return enif_tsd_key_create(name, key);
}

void erl_drv_tsd_key_destroy(ErlDrvTSDKey key)
{
    enif_tsd_key_destroy(key);
}

void erl_drv_tsd_set(ErlDrvTSDKey key, void *data)
{
    enif_tsd_set(key, data);
}

void *erl_drv_tsd_get(ErlDrvTSDKey key)
{
    return enif_tsd_get(key);
}

ErlDrvThreadOpts *erl_drv_thread_opts_create(char *name)
{
    return enif_thread_opts_create(name);
}

void erl_drv_thread_opts_destroy(ErlDrvThreadOpts *options)
{
    enif_thread_opts_destroy(options);
}

int erl_drv_thread_create(char *name, ErlDrvTid *id, void *(*function)(void *),
                          void *data, ErlDrvThreadOpts *options)
{
    return enif_thread_create(name, id, function, data, options);
}

ErlDrvTid erl_drv_thread_self(void)
{
    return enif_thread_self();
}

int erl_drv_equal_tids(ErlDrvTid a, ErlDrvTid b)
{
    return enif_equal_tids(a, b);
}

void erl_drv_thread_exit(void *answer)
{
    enif_thread_exit(answer);
}

int erl_drv_thread_join(ErlDrvTid id, void **answer)
{
    return enif_thread_join(id, answer);
}

char *erl_drv_thread_name(ErlDrvTid id)
{
    return enif_thread_name(id);
}
