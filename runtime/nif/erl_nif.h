// SPDX-License-Identifier: Apache-2.0
// The interface of native functions (NIFs), version 2.16: what a library in C
// includes that Erlang code loads with erlang:load_nif/2.
//
// Names, types and layouts are those of Erlang/OTP, so that a library that
// was compiled for one loads into the other.
#ifndef ERL_NIF_H
#define ERL_NIF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

// Libraries of a larger minor version use what is not here, and are refused.
enum { ERL_NIF_MAJOR_VERSION = 2, ERL_NIF_MINOR_VERSION = 16 };
// As OTP's: a library carries it, and both sides compare.
#define ERL_NIF_VM_VARIANT "beam.vanilla"
#define ERL_NIF_MIN_ERTS_VERSION "erts-12.0"

// 64 bits on every machine that merle runs on.
typedef unsigned long ErlNifUInt64;
typedef long ErlNifSInt64;
typedef unsigned long ErlNifUInt;
typedef long ErlNifSInt;
typedef ErlNifUInt ERL_NIF_TERM;
typedef ERL_NIF_TERM ERL_NIF_UINT;

// ---- environments, libraries ----

// An environment holds terms. The one that a function is called with lives
// until it returns; those of enif_alloc_env until they are freed.
typedef struct enif_environment_t ErlNifEnv;

// A row of the library's table of functions.
typedef struct enif_func_t {
    const char *name; // as Erlang calls it
    unsigned arity;   // of arguments
    ERL_NIF_TERM (*fptr)(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
    unsigned flags; // 0, or one of ErlNifDirtyTaskFlags
} ErlNifFunc;

// Such functions run on the pool, where they may take their time.
typedef enum {
    ERL_NIF_DIRTY_JOB_CPU_BOUND = 1,
    ERL_NIF_DIRTY_JOB_IO_BOUND = 2
} ErlNifDirtyTaskFlags;

// What nif_init answers. Layout and order are OTP's.
typedef struct enif_entry_t {
    int major, minor; // of this header when it was compiled
    const char *name; // of the module
    int num_of_funcs; // in [funcs]
    ErlNifFunc *funcs;
    // Called by load_nif; not 0: the library is not loaded.
    int (*load)(ErlNifEnv *env, void **priv_data, ERL_NIF_TERM load_info);
    // Never called.
    int (*reload)(ErlNifEnv *env, void **priv_data, ERL_NIF_TERM load_info);
    // Called instead of load where the module has an older library.
    int (*upgrade)(ErlNifEnv *env, void **priv_data, void **old_priv_data,
                   ERL_NIF_TERM load_info);
    // Called when the code is purged.
    void (*unload)(ErlNifEnv *env, void *priv_data);
    const char *vm_variant; // ERL_NIF_VM_VARIANT
    unsigned options;       // 1: functions may be dirty
    size_t sizeof_ErlNifResourceTypeInit;
    const char *min_erts; // oldest release it runs on
} ErlNifEntry;

#ifdef __cplusplus
#define ERL_NIF_INIT_PROLOGUE extern "C" {
#define ERL_NIF_INIT_EPILOGUE }
#else
#define ERL_NIF_INIT_PROLOGUE
#define ERL_NIF_INIT_EPILOGUE
#endif
#define ERL_NIF_INIT_EXPORT __attribute__((visibility("default")))

// Makes the file a library of native functions for module NAME.
#define ERL_NIF_INIT(NAME, FUNCS, LOAD, RELOAD, UPGRADE, UNLOAD)              \
    ERL_NIF_INIT_PROLOGUE                                                     \
    ERL_NIF_INIT_EXPORT ErlNifEntry *nif_init(void);                          \
    ERL_NIF_INIT_EXPORT ErlNifEntry *nif_init(void)                           \
    {                                                                         \
        static ErlNifEntry entry = {                                          \
            ERL_NIF_MAJOR_VERSION, ERL_NIF_MINOR_VERSION, #NAME,              \
            sizeof(FUNCS) / sizeof *(FUNCS), FUNCS, LOAD, RELOAD, UPGRADE,    \
            UNLOAD, ERL_NIF_VM_VARIANT, 1, sizeof(ErlNifResourceTypeInit),    \
            ERL_NIF_MIN_ERTS_VERSION};                                        \
        return &entry;                                                        \
    }                                                                         \
    ERL_NIF_INIT_EPILOGUE

void *enif_priv_data(ErlNifEnv *env);
ErlNifEnv *enif_alloc_env(void); // NULL in threads that no node knows
void enif_free_env(ErlNifEnv *env);
void enif_clear_env(ErlNifEnv *env);
ERL_NIF_TERM enif_make_copy(ErlNifEnv *to, ERL_NIF_TERM term);

// ---- memory, libraries, the system ----

void *enif_alloc(size_t size);
void *enif_realloc(void *block, size_t size);
void enif_free(void *block);
void *enif_dlopen(const char *library,
                  void (*complain)(void *, const char *), void *data);
void *enif_dlsym(void *handle, const char *symbol,
                 void (*complain)(void *, const char *), void *data);
int enif_getenv(const char *name, char *value, size_t *size);
int enif_fprintf(FILE *file, const char *format, ...);
int enif_vfprintf(FILE *file, const char *format, va_list args);
int enif_snprintf(char *to, size_t size, const char *format, ...);
int enif_vsnprintf(char *to, size_t size, const char *format, va_list args);

// In the order that OTP has; older libraries pass a smaller size.
typedef struct {
    int driver_major_version;
    int driver_minor_version;
    char *erts_version; // "13.1.4"
    char *otp_release;  // "25"
    int thread_support; // all of these are 1
    int smp_support;
    int async_threads;
    int scheduler_threads; // how many there are
    int nif_major_version;
    int nif_minor_version;
    int dirty_scheduler_support;
} ErlNifSysInfo;

void enif_system_info(ErlNifSysInfo *info, size_t size);

// ---- what a term is ----

typedef enum {
    ERL_NIF_TERM_TYPE_ATOM = 1,
    ERL_NIF_TERM_TYPE_BITSTRING = 2,
    ERL_NIF_TERM_TYPE_FLOAT = 3,
    ERL_NIF_TERM_TYPE_FUN = 4,
    ERL_NIF_TERM_TYPE_INTEGER = 5,
    ERL_NIF_TERM_TYPE_LIST = 6,
    ERL_NIF_TERM_TYPE_MAP = 7,
    ERL_NIF_TERM_TYPE_PID = 8,
    ERL_NIF_TERM_TYPE_PORT = 9,
    ERL_NIF_TERM_TYPE_REFERENCE = 10,
    ERL_NIF_TERM_TYPE_TUPLE = 11,
    // Makes compilers warn of a switch without a default.
    ERL_NIF_TERM_TYPE__MISSING_DEFAULT_CASE__READ_THE_MANUAL = -1
} ErlNifTermType;

ErlNifTermType enif_term_type(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_atom(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_binary(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_ref(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_fun(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_pid(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_port(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_list(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_empty_list(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_tuple(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_number(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_map(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_exception(ErlNifEnv *env, ERL_NIF_TERM term);
int enif_is_identical(ERL_NIF_TERM a, ERL_NIF_TERM b);
int enif_compare(ERL_NIF_TERM a, ERL_NIF_TERM b);
#define enif_compare_pids(a, b) enif_compare((a)->pid, (b)->pid)

// The first is for tables of one run, the second the same everywhere.
typedef enum { ERL_NIF_INTERNAL_HASH = 1, ERL_NIF_PHASH2 = 2 } ErlNifHash;

ErlNifUInt64 enif_hash(ErlNifHash kind, ERL_NIF_TERM term, ErlNifUInt64 salt);

// ---- numbers, atoms, strings ----

// The only one of this version.
typedef enum { ERL_NIF_LATIN1 = 1 } ErlNifCharEncoding;

int enif_get_int(ErlNifEnv *env, ERL_NIF_TERM term, int *n);
int enif_get_uint(ErlNifEnv *env, ERL_NIF_TERM term, unsigned *n);
int enif_get_long(ErlNifEnv *env, ERL_NIF_TERM term, long *n);
int enif_get_ulong(ErlNifEnv *env, ERL_NIF_TERM term, unsigned long *n);
int enif_get_int64(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifSInt64 *n);
int enif_get_uint64(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifUInt64 *n);
int enif_get_double(ErlNifEnv *env, ERL_NIF_TERM term, double *d);
ERL_NIF_TERM enif_make_int(ErlNifEnv *env, int n);
ERL_NIF_TERM enif_make_uint(ErlNifEnv *env, unsigned n);
ERL_NIF_TERM enif_make_long(ErlNifEnv *env, long n);
ERL_NIF_TERM enif_make_ulong(ErlNifEnv *env, unsigned long n);
ERL_NIF_TERM enif_make_int64(ErlNifEnv *env, ErlNifSInt64 n);
ERL_NIF_TERM enif_make_uint64(ErlNifEnv *env, ErlNifUInt64 n);
ERL_NIF_TERM enif_make_double(ErlNifEnv *env, double d);

int enif_get_atom(ErlNifEnv *env, ERL_NIF_TERM atom, char *to, unsigned size,
                  ErlNifCharEncoding encoding);
int enif_get_atom_length(ErlNifEnv *env, ERL_NIF_TERM atom, unsigned *length,
                         ErlNifCharEncoding encoding);
ERL_NIF_TERM enif_make_atom(ErlNifEnv *env, const char *name);
ERL_NIF_TERM enif_make_atom_len(ErlNifEnv *env, const char *name,
                                size_t length);
int enif_make_existing_atom(ErlNifEnv *env, const char *name,
                            ERL_NIF_TERM *atom, ErlNifCharEncoding encoding);
int enif_make_existing_atom_len(ErlNifEnv *env, const char *name,
                                size_t length, ERL_NIF_TERM *atom,
                                ErlNifCharEncoding encoding);

// Of lists of characters.
int enif_get_string(ErlNifEnv *env, ERL_NIF_TERM list, char *to, unsigned size,
                    ErlNifCharEncoding encoding);
ERL_NIF_TERM enif_make_string(ErlNifEnv *env, const char *string,
                              ErlNifCharEncoding encoding);
ERL_NIF_TERM enif_make_string_len(ErlNifEnv *env, const char *string,
                                  size_t length, ErlNifCharEncoding encoding);

// ---- lists, tuples, maps ----

int enif_get_list_cell(ErlNifEnv *env, ERL_NIF_TERM list, ERL_NIF_TERM *head,
                       ERL_NIF_TERM *tail);
int enif_get_list_length(ErlNifEnv *env, ERL_NIF_TERM list, unsigned *length);
int enif_make_reverse_list(ErlNifEnv *env, ERL_NIF_TERM list,
                           ERL_NIF_TERM *reversed);
ERL_NIF_TERM enif_make_list(ErlNifEnv *env, unsigned count, ...);
ERL_NIF_TERM enif_make_list_cell(ErlNifEnv *env, ERL_NIF_TERM head,
                                 ERL_NIF_TERM tail);
ERL_NIF_TERM enif_make_list_from_array(ErlNifEnv *env,
                                       const ERL_NIF_TERM elements[],
                                       unsigned count);
int enif_get_tuple(ErlNifEnv *env, ERL_NIF_TERM tuple, int *arity,
                   const ERL_NIF_TERM **elements);
ERL_NIF_TERM enif_make_tuple(ErlNifEnv *env, unsigned count, ...);
ERL_NIF_TERM enif_make_tuple_from_array(ErlNifEnv *env,
                                        const ERL_NIF_TERM elements[],
                                        unsigned count);

// For libraries with a fixed number of elements.
#define enif_make_list1(env, a) enif_make_list(env, 1, a)
#define enif_make_list2(env, a, b) enif_make_list(env, 2, a, b)
#define enif_make_list3(env, a, b, c) enif_make_list(env, 3, a, b, c)
#define enif_make_list4(env, a, b, c, d) enif_make_list(env, 4, a, b, c, d)
#define enif_make_list5(env, a, b, c, d, e) \
    enif_make_list(env, 5, a, b, c, d, e)
#define enif_make_list6(env, a, b, c, d, e, f) \
    enif_make_list(env, 6, a, b, c, d, e, f)
#define enif_make_list7(env, a, b, c, d, e, f, g) \
    enif_make_list(env, 7, a, b, c, d, e, f, g)
#define enif_make_list8(env, a, b, c, d, e, f, g, h) \
    enif_make_list(env, 8, a, b, c, d, e, f, g, h)
#define enif_make_list9(env, a, b, c, d, e, f, g, h, i) \
    enif_make_list(env, 9, a, b, c, d, e, f, g, h, i)
#define enif_make_tuple1(env, a) enif_make_tuple(env, 1, a)
#define enif_make_tuple2(env, a, b) enif_make_tuple(env, 2, a, b)
#define enif_make_tuple3(env, a, b, c) enif_make_tuple(env, 3, a, b, c)
#define enif_make_tuple4(env, a, b, c, d) enif_make_tuple(env, 4, a, b, c, d)
#define enif_make_tuple5(env, a, b, c, d, e) \
    enif_make_tuple(env, 5, a, b, c, d, e)
#define enif_make_tuple6(env, a, b, c, d, e, f) \
    enif_make_tuple(env, 6, a, b, c, d, e, f)
#define enif_make_tuple7(env, a, b, c, d, e, f, g) \
    enif_make_tuple(env, 7, a, b, c, d, e, f, g)
#define enif_make_tuple8(env, a, b, c, d, e, f, g, h) \
    enif_make_tuple(env, 8, a, b, c, d, e, f, g, h)
#define enif_make_tuple9(env, a, b, c, d, e, f, g, h, i) \
    enif_make_tuple(env, 9, a, b, c, d, e, f, g, h, i)
#define enif_make_pid(env, which) \
    ((void)(env), (const ERL_NIF_TERM)((which)->pid))

int enif_get_map_size(ErlNifEnv *env, ERL_NIF_TERM map, size_t *size);
int enif_get_map_value(ErlNifEnv *env, ERL_NIF_TERM map, ERL_NIF_TERM key,
                       ERL_NIF_TERM *value);
ERL_NIF_TERM enif_make_new_map(ErlNifEnv *env);
int enif_make_map_put(ErlNifEnv *env, ERL_NIF_TERM map, ERL_NIF_TERM key,
                      ERL_NIF_TERM value, ERL_NIF_TERM *to);
int enif_make_map_update(ErlNifEnv *env, ERL_NIF_TERM map, ERL_NIF_TERM key,
                         ERL_NIF_TERM value, ERL_NIF_TERM *to);
int enif_make_map_remove(ErlNifEnv *env, ERL_NIF_TERM map, ERL_NIF_TERM key,
                         ERL_NIF_TERM *to);
int enif_make_map_from_arrays(ErlNifEnv *env, ERL_NIF_TERM keys[],
                              ERL_NIF_TERM values[], size_t count,
                              ERL_NIF_TERM *to);

typedef struct {             // its members are not for the library
    ERL_NIF_TERM map;        // that is walked over
    ERL_NIF_UINT size;       // of pairs
    ERL_NIF_UINT index;      // 0: before the first
    void *pairs, *unused[3]; // keys and values; OTP's size
} ErlNifMapIterator;

typedef enum {
    ERL_NIF_MAP_ITERATOR_FIRST = 1,
    ERL_NIF_MAP_ITERATOR_LAST = 2,
    ERL_NIF_MAP_ITERATOR_HEAD = ERL_NIF_MAP_ITERATOR_FIRST,
    ERL_NIF_MAP_ITERATOR_TAIL = ERL_NIF_MAP_ITERATOR_LAST
} ErlNifMapIteratorEntry;

int enif_map_iterator_create(ErlNifEnv *env, ERL_NIF_TERM map,
                             ErlNifMapIterator *iterator,
                             ErlNifMapIteratorEntry entry);
void enif_map_iterator_destroy(ErlNifEnv *env, ErlNifMapIterator *iterator);
int enif_map_iterator_is_head(ErlNifEnv *env, ErlNifMapIterator *iterator);
int enif_map_iterator_is_tail(ErlNifEnv *env, ErlNifMapIterator *iterator);
int enif_map_iterator_next(ErlNifEnv *env, ErlNifMapIterator *iterator);
int enif_map_iterator_prev(ErlNifEnv *env, ErlNifMapIterator *iterator);
int enif_map_iterator_get_pair(ErlNifEnv *env, ErlNifMapIterator *iterator,
                               ERL_NIF_TERM *key, ERL_NIF_TERM *value);

// ---- binaries ----

typedef struct {
    size_t size;              // in bytes
    unsigned char *data;      // to be read, or filled if it was allocated
    void *ref_bin, *spare[2]; // not for the library
} ErlNifBinary;

// Refuses new atoms and external funs.
typedef enum { ERL_NIF_BIN2TERM_SAFE = 0x20000000 } ErlNifBinaryToTerm;

int enif_inspect_binary(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifBinary *bin);
int enif_inspect_iolist_as_binary(ErlNifEnv *env, ERL_NIF_TERM term,
                                  ErlNifBinary *bin);
int enif_alloc_binary(size_t size, ErlNifBinary *bin);
int enif_realloc_binary(ErlNifBinary *bin, size_t size);
void enif_release_binary(ErlNifBinary *bin);
ERL_NIF_TERM enif_make_binary(ErlNifEnv *env, ErlNifBinary *bin);
unsigned char *enif_make_new_binary(ErlNifEnv *env, size_t size,
                                    ERL_NIF_TERM *term);
ERL_NIF_TERM enif_make_sub_binary(ErlNifEnv *env, ERL_NIF_TERM bin,
                                  size_t at, size_t size);
// The bytes are copied; [object] lives as long as the binary does.
ERL_NIF_TERM enif_make_resource_binary(ErlNifEnv *env, void *object,
                                       const void *data, size_t size);
int enif_term_to_binary(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifBinary *bin);
size_t enif_binary_to_term(ErlNifEnv *env, const unsigned char *data,
                           size_t size, ERL_NIF_TERM *term, unsigned options);

// ---- vectors of bytes, queues of them ----

// Pieces for which the structure has room itself.
enum { ERL_NIF_IOVEC_SIZE = 16 };

typedef struct iovec SysIOVec;

typedef struct erl_nif_io_vec {
    int iovcnt;      // of iov
    size_t size;     // bytes in all
    SysIOVec *iov;   // pieces to be written
    void **ref_bins; // what follows is not for the library
    int flags;
    SysIOVec small_iov[ERL_NIF_IOVEC_SIZE];
    void *small_ref_bin[ERL_NIF_IOVEC_SIZE];
} ErlNifIOVec;

typedef struct erts_io_queue ErlNifIOQueue;

// The only kind.
typedef enum { ERL_NIF_IOQ_NORMAL = 1 } ErlNifIOQueueOpts;

// The first [most] binaries of a list, and what is behind them. [*iovec] is
// a structure to fill, or NULL: a new one, which goes with [env], or where
// that is NULL with enif_free_iovec.
int enif_inspect_iovec(ErlNifEnv *env, size_t most, ERL_NIF_TERM list,
                       ERL_NIF_TERM *tail, ErlNifIOVec **iovec);
void enif_free_iovec(ErlNifIOVec *iovec);
ErlNifIOQueue *enif_ioq_create(ErlNifIOQueueOpts options);
void enif_ioq_destroy(ErlNifIOQueue *q);
int enif_ioq_enq_binary(ErlNifIOQueue *q, ErlNifBinary *bin, size_t skip);
int enif_ioq_enqv(ErlNifIOQueue *q, ErlNifIOVec *iovec, size_t skip);
size_t enif_ioq_size(ErlNifIOQueue *q);
int enif_ioq_deq(ErlNifIOQueue *q, size_t count, size_t *size);
SysIOVec *enif_ioq_peek(ErlNifIOQueue *q, int *count);
int enif_ioq_peek_head(ErlNifEnv *env, ErlNifIOQueue *q, size_t *size,
                       ERL_NIF_TERM *head);

// ---- failing, being scheduled ----

ERL_NIF_TERM enif_make_badarg(ErlNifEnv *env);
ERL_NIF_TERM enif_raise_exception(ErlNifEnv *env, ERL_NIF_TERM reason);
int enif_has_pending_exception(ErlNifEnv *env, ERL_NIF_TERM *reason);
int enif_consume_timeslice(ErlNifEnv *env, int percent);
ERL_NIF_TERM enif_schedule_nif(
    ErlNifEnv *env, const char *name, int flags,
    ERL_NIF_TERM (*function)(ErlNifEnv *env, int argc,
                             const ERL_NIF_TERM argv[]),
    int argc, const ERL_NIF_TERM argv[]);

// Answers of enif_thread_type.
enum {
    ERL_NIF_THR_UNDEFINED = 0,
    ERL_NIF_THR_NORMAL_SCHEDULER = 1,
    ERL_NIF_THR_DIRTY_CPU_SCHEDULER = 2,
    ERL_NIF_THR_DIRTY_IO_SCHEDULER = 3
};

int enif_thread_type(void);

// ---- processes ----

// A pid that can be kept: it needs no environment.
typedef struct {
    ERL_NIF_TERM pid;
} ErlNifPid;

typedef struct {
    ERL_NIF_TERM port_id;
} ErlNifPort;

ErlNifPid *enif_self(ErlNifEnv *env, ErlNifPid *pid);
int enif_get_local_pid(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifPid *pid);
int enif_get_local_port(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifPort *port);
int enif_whereis_pid(ErlNifEnv *env, ERL_NIF_TERM name, ErlNifPid *pid);
int enif_whereis_port(ErlNifEnv *env, ERL_NIF_TERM name, ErlNifPort *port);
int enif_is_port_alive(ErlNifEnv *env, ErlNifPort *port);
// Has [port], whoever owns it, write the iodata [message].
int enif_port_command(ErlNifEnv *env, const ErlNifPort *port,
                      ErlNifEnv *message_env, ERL_NIF_TERM message);
int enif_is_process_alive(ErlNifEnv *env, ErlNifPid *pid);
int enif_is_current_process_alive(ErlNifEnv *env);
void enif_set_pid_undefined(ErlNifPid *pid);
int enif_is_pid_undefined(const ErlNifPid *pid);

// Sends [message] of [message_env], which is empty then; or of [env] where
// that is NULL. False when nobody can get it.
int enif_send(ErlNifEnv *env, const ErlNifPid *to, ErlNifEnv *message_env,
              ERL_NIF_TERM message);

ERL_NIF_TERM enif_make_ref(ErlNifEnv *env);

// Bits; as the options of erlang:unique_integer/1.
typedef enum {
    ERL_NIF_UNIQUE_POSITIVE = 1,
    ERL_NIF_UNIQUE_MONOTONIC = 2
} ErlNifUniqueInteger;

ERL_NIF_TERM enif_make_unique_integer(ErlNifEnv *env,
                                      ErlNifUniqueInteger properties);

// ---- time ----

typedef ErlNifSInt64 ErlNifTime;
#define ERL_NIF_TIME_ERROR ((ErlNifTime)INT64_MIN)

typedef enum {
    ERL_NIF_SEC,
    ERL_NIF_MSEC,
    ERL_NIF_USEC,
    ERL_NIF_NSEC
} ErlNifTimeUnit;

ErlNifTime enif_monotonic_time(ErlNifTimeUnit unit);
ErlNifTime enif_time_offset(ErlNifTimeUnit unit);
ErlNifTime enif_convert_time_unit(ErlNifTime time, ErlNifTimeUnit from,
                                  ErlNifTimeUnit to);

// {MegaSeconds, Seconds, MicroSeconds}: erlang:now(); what the program has
// used of the processors.
ERL_NIF_TERM enif_now_time(ErlNifEnv *env);
ERL_NIF_TERM enif_cpu_time(ErlNifEnv *env);

// ---- resources: objects of a library that terms refer to ----

typedef int ErlNifEvent;
// A number, in bytes that are the library's to keep.
typedef struct {
    unsigned char data[4 * sizeof(void *)];
} ErlNifMonitor;

typedef struct enif_resource_type_t ErlNifResourceType;
// The last reference is gone.
typedef void ErlNifResourceDtor(ErlNifEnv *env, void *object);
// The descriptor may be closed now.
typedef void ErlNifResourceStop(ErlNifEnv *env, void *object, ErlNifEvent event,
                                int is_direct_call);
// A process that was watched has ended.
typedef void ErlNifResourceDown(ErlNifEnv *env, void *object, ErlNifPid *pid,
                                ErlNifMonitor *monitor);
// Called by another library, with data of its own.
typedef void ErlNifResourceDynCall(ErlNifEnv *env, void *object, void *data);

typedef struct {
    ErlNifResourceDtor *dtor; // any of these may be NULL
    ErlNifResourceStop *stop;
    ErlNifResourceDown *down;
    int members;              // of enif_init_resource_type
    ErlNifResourceDynCall *dyncall;
} ErlNifResourceTypeInit;

// Bits: whether a new type, or one that is there, is wanted.
typedef enum {
    ERL_NIF_RT_CREATE = 1,
    ERL_NIF_RT_TAKEOVER = 2
} ErlNifResourceFlags;

ErlNifResourceType *enif_open_resource_type(
    ErlNifEnv *env, const char *module, const char *name,
    void (*dtor)(ErlNifEnv *, void *), ErlNifResourceFlags flags,
    ErlNifResourceFlags *tried);
ErlNifResourceType *enif_open_resource_type_x(
    ErlNifEnv *env, const char *name, const ErlNifResourceTypeInit *init,
    ErlNifResourceFlags flags, ErlNifResourceFlags *tried);
ErlNifResourceType *enif_init_resource_type(
    ErlNifEnv *env, const char *name, const ErlNifResourceTypeInit *init,
    ErlNifResourceFlags flags, ErlNifResourceFlags *tried);
void *enif_alloc_resource(ErlNifResourceType *type, size_t size);
void enif_release_resource(void *object);
void enif_keep_resource(void *object);
ERL_NIF_TERM enif_make_resource(ErlNifEnv *env, void *object);
int enif_get_resource(ErlNifEnv *env, ERL_NIF_TERM term,
                      ErlNifResourceType *type, void **object);
size_t enif_sizeof_resource(void *object);
int enif_dynamic_resource_call(ErlNifEnv *env, ERL_NIF_TERM module,
                               ERL_NIF_TERM name, ERL_NIF_TERM resource,
                               void *data);

// ---- what a resource waits for ----

// 0: [pid] is watched, and the type's down function will be called; 1: it is
// gone; -1: the type has no such function.
int enif_monitor_process(ErlNifEnv *env, void *object, const ErlNifPid *pid,
                         ErlNifMonitor *monitor);
int enif_demonitor_process(ErlNifEnv *env, void *object,
                           const ErlNifMonitor *monitor);
int enif_compare_monitors(const ErlNifMonitor *a, const ErlNifMonitor *b);
ERL_NIF_TERM enif_make_monitor_term(ErlNifEnv *env,
                                    const ErlNifMonitor *monitor);

// What to wait for, and how.
enum ErlNifSelectFlags {
    ERL_NIF_SELECT_READ = 1 << 0,
    ERL_NIF_SELECT_WRITE = 1 << 1,
    ERL_NIF_SELECT_STOP = 1 << 2,
    ERL_NIF_SELECT_CANCEL = 1 << 3,
    ERL_NIF_SELECT_CUSTOM_MSG = 1 << 4,
    ERL_NIF_SELECT_ERROR = 1 << 5
};

enum { // answers; negative with one of these: it has failed
    ERL_NIF_SELECT_STOP_CALLED = 1 << 0,
    ERL_NIF_SELECT_STOP_SCHEDULED = 1 << 1,
    ERL_NIF_SELECT_INVALID_EVENT = 1 << 2,
    ERL_NIF_SELECT_FAILED = 1 << 3,
    ERL_NIF_SELECT_READ_CANCELLED = 1 << 4,
    ERL_NIF_SELECT_WRITE_CANCELLED = 1 << 5,
    ERL_NIF_SELECT_ERROR_CANCELLED = 1 << 6,
    ERL_NIF_SELECT_NOTSUP = 1 << 7
};

// Has [pid] (NULL: the caller) get {select, Object, Ref, ready_input |
// ready_output | ready_error}, or a message of its own, once.
int enif_select(ErlNifEnv *env, ErlNifEvent event, enum ErlNifSelectFlags flags,
                void *object, const ErlNifPid *pid, ERL_NIF_TERM ref);
int enif_select_x(ErlNifEnv *env, ErlNifEvent event,
                  enum ErlNifSelectFlags flags, void *object,
                  const ErlNifPid *pid, ERL_NIF_TERM message,
                  ErlNifEnv *message_env);

#define enif_select_read(env, event, object, pid, message, message_env)       \
    enif_select_x(env, event,                                                 \
                  ERL_NIF_SELECT_READ | ERL_NIF_SELECT_CUSTOM_MSG, object,    \
                  pid, message, message_env)
#define enif_select_write(env, event, object, pid, message, message_env)      \
    enif_select_x(env, event,                                                 \
                  ERL_NIF_SELECT_WRITE | ERL_NIF_SELECT_CUSTOM_MSG, object,   \
                  pid, message, message_env)
#define enif_select_error(env, event, object, pid, message, message_env)      \
    enif_select_x(env, event,                                                 \
                  ERL_NIF_SELECT_ERROR | ERL_NIF_SELECT_CUSTOM_MSG, object,   \
                  pid, message, message_env)

// ---- threads ----

// Opaque: known by pointer only.
typedef struct ErlNifTid_ *ErlNifTid;
typedef struct ErlNifMutex_ ErlNifMutex;
typedef struct ErlNifCond_ ErlNifCond;
typedef struct ErlNifRWLock_ ErlNifRWLock;
typedef int ErlNifTSDKey;
typedef struct {
    int suggested_stack_size; // in kilowords; negative: the default
} ErlNifThreadOpts;

ErlNifMutex *enif_mutex_create(char *name);
void enif_mutex_destroy(ErlNifMutex *m);
int enif_mutex_trylock(ErlNifMutex *m); // 0: locked
void enif_mutex_lock(ErlNifMutex *m);
void enif_mutex_unlock(ErlNifMutex *m);
char *enif_mutex_name(ErlNifMutex *m);
ErlNifCond *enif_cond_create(char *name);
void enif_cond_destroy(ErlNifCond *c);
void enif_cond_signal(ErlNifCond *c);
void enif_cond_broadcast(ErlNifCond *c);
void enif_cond_wait(ErlNifCond *c, ErlNifMutex *m);
char *enif_cond_name(ErlNifCond *c);
ErlNifRWLock *enif_rwlock_create(char *name);
void enif_rwlock_destroy(ErlNifRWLock *l);
int enif_rwlock_tryrlock(ErlNifRWLock *l);
void enif_rwlock_rlock(ErlNifRWLock *l);
void enif_rwlock_runlock(ErlNifRWLock *l);
int enif_rwlock_tryrwlock(ErlNifRWLock *l);
void enif_rwlock_rwlock(ErlNifRWLock *l);
void enif_rwlock_rwunlock(ErlNifRWLock *l);
char *enif_rwlock_name(ErlNifRWLock *l);
int enif_tsd_key_create(char *name, ErlNifTSDKey *key);
void enif_tsd_key_destroy(ErlNifTSDKey key);
void enif_tsd_set(ErlNifTSDKey key, void *data);
void *enif_tsd_get(ErlNifTSDKey key);
ErlNifThreadOpts *enif_thread_opts_create(char *name);
void enif_thread_opts_destroy(ErlNifThreadOpts *options);
int enif_thread_create(char *name, ErlNifTid *id, void *(*function)(void *),
                       void *data, ErlNifThreadOpts *options);
ErlNifTid enif_thread_self(void);
int enif_equal_tids(ErlNifTid a, ErlNifTid b);
void enif_thread_exit(void *answer);
int enif_thread_join(ErlNifTid id, void **answer);
char *enif_thread_name(ErlNifTid id);

#ifdef __cplusplus
}
#endif

#endif
