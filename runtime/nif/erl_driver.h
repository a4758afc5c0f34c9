// SPDX-License-Identifier: Apache-2.0
// The interface of linked-in drivers, version 3.3: what a library in C includes
// that erl_ddll loads and that is the other end of ports.
//
// Names, types and layouts are those of Erlang/OTP, so that a library that
// was compiled for one loads into the other. All functions of a driver are
// called by one thread, that of input and output; they must not take long.
// Where nothing else is said, what a driver calls is for that thread only.
#ifndef ERL_DRIVER_H
#define ERL_DRIVER_H

#include <sys/types.h>

#include "erl_nif.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- types ----

#define ERL_DRV_EXTENDED_MARKER 0xfeeeeeed
enum {
    ERL_DRV_EXTENDED_MAJOR_VERSION = 3,
    ERL_DRV_EXTENDED_MINOR_VERSION = 3
};

enum { // of driver_flags
    ERL_DRV_FLAG_USE_PORT_LOCKING = 1 << 0,
    ERL_DRV_FLAG_SOFT_BUSY = 1 << 1,  // a busy port lets itself be forced
    ERL_DRV_FLAG_NO_BUSY_MSGQ = 1 << 2,
    ERL_DRV_FLAG_USE_INIT_ACK = 1 << 3
};

enum { // of driver_select
    ERL_DRV_READ = ERL_NIF_SELECT_READ,
    ERL_DRV_WRITE = ERL_NIF_SELECT_WRITE,
    ERL_DRV_USE = ERL_NIF_SELECT_STOP,
    ERL_DRV_USE_NO_CALLBACK = ERL_DRV_USE | ERL_DRV_USE << 1
};

enum { PORT_CONTROL_FLAG_BINARY = 1, PORT_CONTROL_FLAG_HEAVY = 2 };
enum { PORT_FLAG_BINARY = 1, PORT_FLAG_LINE = 2 };
enum { DRIVER_CALL_KEEP_BUFFER = 1 };

typedef ErlNifUInt64 ErlDrvUInt64;
typedef ErlNifSInt64 ErlDrvSInt64;
typedef ErlNifUInt ErlDrvUInt;
typedef ErlNifSInt ErlDrvSInt;
typedef ErlNifUInt ErlDrvTermData;
typedef size_t ErlDrvSizeT;
typedef ssize_t ErlDrvSSizeT;

typedef struct {
    ErlDrvSInt orig_size;
    char orig_bytes[1]; // [orig_size]; not to be changed once they are sent
} ErlDrvBinary;

typedef struct _erl_drv_data *ErlDrvData;   // the driver's own
typedef struct _erl_drv_event *ErlDrvEvent; // a file descriptor
typedef struct _erl_drv_port *ErlDrvPort;
typedef struct _erl_drv_port *ErlDrvThreadData;
typedef struct erl_drv_port_data_lock *ErlDrvPDL;

typedef struct {
    unsigned long megasecs, secs, microsecs;
} ErlDrvNowData;

typedef ErlNifTime ErlDrvTime;
typedef ErlNifTimeUnit ErlDrvTimeUnit;
typedef ErlNifSysInfo ErlDrvSysInfo;
typedef ErlNifMonitor ErlDrvMonitor;
typedef ErlNifTid ErlDrvTid;
typedef ErlNifThreadOpts ErlDrvThreadOpts;
typedef ErlNifMutex ErlDrvMutex;
typedef ErlNifCond ErlDrvCond;
typedef ErlNifRWLock ErlDrvRWLock;
typedef ErlNifTSDKey ErlDrvTSDKey;

// Answers of start that mean failure: open_port raises einval, what errno
// says, or badarg.
#define ERL_DRV_ERROR_GENERAL ((ErlDrvData)-1)
#define ERL_DRV_ERROR_ERRNO ((ErlDrvData)-2)
#define ERL_DRV_ERROR_BADARG ((ErlDrvData)-3)

typedef struct {
    int vsize;        // of iov
    ErlDrvSizeT size; // bytes in all
    SysIOVec *iov;
    ErlDrvBinary **binv; // what the bytes lie in; NULL: nothing counted
} ErlIOVec;

// A driver. Functions that it has not are NULL.
typedef struct erl_drv_entry {
    int (*init)(void); // when it is loaded; not 0: it cannot be
    ErlDrvData (*start)(ErlDrvPort port, char *command); // open_port
    void (*stop)(ErlDrvData data); // the port is closed
    void (*output)(ErlDrvData data, char *bytes, ErlDrvSizeT size);
    void (*ready_input)(ErlDrvData data, ErlDrvEvent event);
    void (*ready_output)(ErlDrvData data, ErlDrvEvent event);
    char *driver_name;
    void (*finish)(void); // before it is unloaded
    void *handle;
    ErlDrvSSizeT (*control)(ErlDrvData data, unsigned command, char *bytes,
                            ErlDrvSizeT size, char **answer,
                            ErlDrvSizeT room); // port_control
    void (*timeout)(ErlDrvData data);
    void (*outputv)(ErlDrvData data, ErlIOVec *bytes); // instead of output
    void (*ready_async)(ErlDrvData data, ErlDrvThreadData result);
    void (*flush)(ErlDrvData data); // it closes with bytes in its queue
    ErlDrvSSizeT (*call)(ErlDrvData data, unsigned command, char *bytes,
                         ErlDrvSizeT size, char **answer, ErlDrvSizeT room,
                         unsigned *flags); // port_call: external terms
    void (*unused_event_callback)(void);
    int extended_marker, major_version, minor_version, driver_flags;
    void *handle2;
    void (*process_exit)(ErlDrvData data, ErlDrvMonitor *monitor);
    void (*stop_select)(ErlDrvEvent event, void *reserved);
    void (*emergency_close)(ErlDrvData data);
} ErlDrvEntry;

// The function of a library that answers its driver.
#define ERL_DRIVER_EXPORT __attribute__((visibility("default")))
#define DRIVER_INIT(NAME)                               \
    ERL_DRIVER_EXPORT ErlDrvEntry *driver_init(void);   \
    ERL_DRIVER_EXPORT ErlDrvEntry *driver_init(void)

// ---- what a port sends its owner ----

// These answer 0, or -1 when the port is on its way out.
int driver_output(ErlDrvPort port, char *bytes, ErlDrvSizeT size);
int driver_output2(ErlDrvPort port, char *header, ErlDrvSizeT header_size,
                   char *bytes, ErlDrvSizeT size);
int driver_output_binary(ErlDrvPort port, char *header,
                         ErlDrvSizeT header_size, ErlDrvBinary *bin,
                         ErlDrvSizeT offset, ErlDrvSizeT size);
int driver_outputv(ErlDrvPort port, char *header, ErlDrvSizeT header_size,
                   ErlIOVec *bytes, ErlDrvSizeT skip);
ErlDrvSizeT driver_vec_to_buf(ErlIOVec *bytes, char *to, ErlDrvSizeT room);

// Items of a term that is sent, with what follows each.
#define ERL_DRV_NIL ((ErlDrvTermData)1)
#define ERL_DRV_ATOM ((ErlDrvTermData)2)         // driver_mk_atom
#define ERL_DRV_INT ((ErlDrvTermData)3)          // ErlDrvSInt
#define ERL_DRV_PORT ((ErlDrvTermData)4)         // driver_mk_port
#define ERL_DRV_BINARY ((ErlDrvTermData)5)       // ErlDrvBinary *, size, offset
#define ERL_DRV_STRING ((ErlDrvTermData)6)       // char *, size
#define ERL_DRV_TUPLE ((ErlDrvTermData)7)        // arity
#define ERL_DRV_LIST ((ErlDrvTermData)8)         // length, the tail too
#define ERL_DRV_STRING_CONS ((ErlDrvTermData)9)  // char *, size: before a list
#define ERL_DRV_PID ((ErlDrvTermData)10)         // driver_connected ...
#define ERL_DRV_FLOAT ((ErlDrvTermData)11)       // double *
#define ERL_DRV_EXT2TERM ((ErlDrvTermData)12)    // char *, size
#define ERL_DRV_UINT ((ErlDrvTermData)13)        // ErlDrvUInt
#define ERL_DRV_BUF2BINARY ((ErlDrvTermData)14)  // char *, size
#define ERL_DRV_INT64 ((ErlDrvTermData)15)       // ErlDrvSInt64 *
#define ERL_DRV_UINT64 ((ErlDrvTermData)16)      // ErlDrvUInt64 *
#define ERL_DRV_MAP ((ErlDrvTermData)17)         // number of pairs
#define TERM_DATA(x) ((ErlDrvTermData)(x))

ErlDrvTermData driver_mk_atom(char *name);
ErlDrvTermData driver_mk_port(ErlDrvPort port);
ErlDrvTermData driver_mk_term_nil(void);
extern const ErlDrvTermData driver_term_nil;
ErlDrvTermData driver_connected(ErlDrvPort port);
ErlDrvTermData driver_caller(ErlDrvPort port);

// To the owner, or to process [to]: 1, or 0 when that is not there, or -1 for
// a bad term. Threads of a driver may call the two that take a term for port.
int erl_drv_output_term(ErlDrvTermData port, ErlDrvTermData *items, int count);
int erl_drv_send_term(ErlDrvTermData port, ErlDrvTermData to,
                      ErlDrvTermData *items, int count);
int driver_output_term(ErlDrvPort port, ErlDrvTermData *items, int count);
int driver_send_term(ErlDrvPort port, ErlDrvTermData to, ErlDrvTermData *items,
                     int count);

// ---- the end of a port ----

int driver_failure_eof(ErlDrvPort port);
int driver_failure_atom(ErlDrvPort port, char *reason);
int driver_failure_posix(ErlDrvPort port, int error);
int driver_failure(ErlDrvPort port, int code);
int driver_exit(ErlDrvPort port, int error);

// ---- waiting ----

int driver_select(ErlDrvPort port, ErlDrvEvent event, int mode, int on);
int driver_set_timer(ErlDrvPort port, unsigned long ms);
int driver_cancel_timer(ErlDrvPort port);
int driver_read_timer(ErlDrvPort port, unsigned long *ms);
long driver_async(ErlDrvPort port, unsigned *key, void (*invoke)(void *),
                  void *data, void (*free)(void *));
unsigned driver_async_port_key(ErlDrvPort port);
int erl_drv_consume_timeslice(ErlDrvPort port, int percent);

int driver_monitor_process(ErlDrvPort port, ErlDrvTermData process,
                           ErlDrvMonitor *monitor);
int driver_demonitor_process(ErlDrvPort port, const ErlDrvMonitor *monitor);
ErlDrvTermData driver_get_monitored_process(ErlDrvPort port,
                                            const ErlDrvMonitor *monitor);
int driver_compare_monitors(const ErlDrvMonitor *a, const ErlDrvMonitor *b);

// ---- ports ----

#define ERL_DRV_BUSY_MSGQ_DISABLED (~(ErlDrvSizeT)0)
void erl_drv_busy_msgq_limits(ErlDrvPort port, ErlDrvSizeT *low,
                              ErlDrvSizeT *high);
void set_busy_port(ErlDrvPort port, int on);
void set_port_control_flags(ErlDrvPort port, int flags);
int get_port_flags(ErlDrvPort port);
void erl_drv_set_os_pid(ErlDrvPort port, ErlDrvSInt pid);
ErlDrvPort driver_create_port(ErlDrvPort creator, ErlDrvTermData owner,
                              char *name, ErlDrvData data);
int driver_lock_driver(ErlDrvPort port);

// ---- memory, binaries: any thread ----

void *driver_alloc(ErlDrvSizeT size);
void *driver_realloc(void *block, ErlDrvSizeT size);
void driver_free(void *block);
ErlDrvBinary *driver_alloc_binary(ErlDrvSizeT size);
ErlDrvBinary *driver_realloc_binary(ErlDrvBinary *bin, ErlDrvSizeT size);
void driver_free_binary(ErlDrvBinary *bin);
ErlDrvSInt driver_binary_get_refc(ErlDrvBinary *bin);
ErlDrvSInt driver_binary_inc_refc(ErlDrvBinary *bin);
ErlDrvSInt driver_binary_dec_refc(ErlDrvBinary *bin);

// ---- a port's queue: other threads under the port data lock ----

int driver_enq(ErlDrvPort port, char *bytes, ErlDrvSizeT size);
int driver_pushq(ErlDrvPort port, char *bytes, ErlDrvSizeT size);
int driver_enq_bin(ErlDrvPort port, ErlDrvBinary *bin, ErlDrvSizeT offset,
                   ErlDrvSizeT size);
int driver_pushq_bin(ErlDrvPort port, ErlDrvBinary *bin, ErlDrvSizeT offset,
                     ErlDrvSizeT size);
int driver_enqv(ErlDrvPort port, ErlIOVec *bytes, ErlDrvSizeT skip);
int driver_pushqv(ErlDrvPort port, ErlIOVec *bytes, ErlDrvSizeT skip);
ErlDrvSizeT driver_deq(ErlDrvPort port, ErlDrvSizeT size);
ErlDrvSizeT driver_sizeq(ErlDrvPort port);
ErlDrvSizeT driver_peekqv(ErlDrvPort port, ErlIOVec *bytes);
SysIOVec *driver_peekq(ErlDrvPort port, int *count);

ErlDrvPDL driver_pdl_create(ErlDrvPort port);
void driver_pdl_lock(ErlDrvPDL lock);
void driver_pdl_unlock(ErlDrvPDL lock);
ErlDrvSInt driver_pdl_get_refc(ErlDrvPDL lock);
ErlDrvSInt driver_pdl_inc_refc(ErlDrvPDL lock);
ErlDrvSInt driver_pdl_dec_refc(ErlDrvPDL lock);

// ---- the system; threads as in erl_nif.h ----

void driver_system_info(ErlDrvSysInfo *info, size_t size);
char *erl_errno_id(int error);
int driver_get_now(ErlDrvNowData *now);
ErlDrvTime erl_drv_monotonic_time(ErlDrvTimeUnit unit);
ErlDrvTime erl_drv_time_offset(ErlDrvTimeUnit unit);
ErlDrvTime erl_drv_convert_time_unit(ErlDrvTime value, ErlDrvTimeUnit from,
                                     ErlDrvTimeUnit to);
void *driver_dl_open(char *library);
void *driver_dl_sym(void *handle, char *symbol);
int driver_dl_close(void *handle);
char *driver_dl_error(void);
int erl_drv_putenv(const char *name, char *value);
int erl_drv_getenv(const char *name, char *value, size_t *size);

ErlDrvMutex *erl_drv_mutex_create(char *name);
void erl_drv_mutex_destroy(ErlDrvMutex *m);
int erl_drv_mutex_trylock(ErlDrvMutex *m);
void erl_drv_mutex_lock(ErlDrvMutex *m);
void erl_drv_mutex_unlock(ErlDrvMutex *m);
char *erl_drv_mutex_name(ErlDrvMutex *m);
ErlDrvCond *erl_drv_cond_create(char *name);
void erl_drv_cond_destroy(ErlDrvCond *c);
void erl_drv_cond_signal(ErlDrvCond *c);
void erl_drv_cond_broadcast(ErlDrvCond *c);
void erl_drv_cond_wait(ErlDrvCond *c, ErlDrvMutex *m);
char *erl_drv_cond_name(ErlDrvCond *c);
ErlDrvRWLock *erl_drv_rwlock_create(char *name);
void erl_drv_rwlock_destroy(ErlDrvRWLock *l);
int erl_drv_rwlock_tryrlock(ErlDrvRWLock *l);
void erl_drv_rwlock_rlock(ErlDrvRWLock *l);
void erl_drv_rwlock_runlock(ErlDrvRWLock *l);
int erl_drv_rwlock_tryrwlock(ErlDrvRWLock *l);
void erl_drv_rwlock_rwlock(ErlDrvRWLock *l);
void erl_drv_rwlock_rwunlock(ErlDrvRWLock *l);
char *erl_drv_rwlock_name(ErlDrvRWLock *l);
int erl_drv_tsd_key_create(char *name, ErlDrvTSDKey *key);
void erl_drv_tsd_key_destroy(ErlDrvTSDKey key);
void erl_drv_tsd_set(ErlDrvTSDKey key, void *data);
void *erl_drv_tsd_get(ErlDrvTSDKey key);
ErlDrvThreadOpts *erl_drv_thread_opts_create(char *name);
void erl_drv_thread_opts_destroy(ErlDrvThreadOpts *options);
int erl_drv_thread_create(char *name, ErlDrvTid *id, void *(*function)(void *),
                          void *data, ErlDrvThreadOpts *options);
ErlDrvTid erl_drv_thread_self(void);
int erl_drv_equal_tids(ErlDrvTid a, ErlDrvTid b);
void erl_drv_thread_exit(void *answer);
int erl_drv_thread_join(ErlDrvTid id, void **answer);
char *erl_drv_thread_name(ErlDrvTid id);

#ifdef __cplusplus
}
#endif

#endif
