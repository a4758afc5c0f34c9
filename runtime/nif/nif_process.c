// SPDX-License-Identifier: Apache-2.0
// Environments, failing, and processes for NIFs.
#include <stdlib.h>

#include "copy.h"
#include "memory.h"
#include "nif_part.h"
#include "ref.h"
#include "registry.h"
#include "scheduler.h"
#include "signal.h"
#include "trace.h"

// ---- environments ----
// An environment is where terms are built: a process's heap during a call, or a
// heap of its own.

// The library's, since its load function set it.
void *enif_priv_data(ErlNifEnv *env)
{
    return env->library->priv_data;
}

// For messages and for keeping terms; the library frees it.
ErlNifEnv *enif_alloc_env(void)
{
    Node *node = nif_thread()->node;
    if (node == NULL) return NULL; // no thread of a node
    ErlNifEnv *env = memory_alloc(sizeof *env);
    nif_env_open(env, node, NULL);
    return env;
}

// Terms in it are gone; the memory is used again.
void enif_clear_env(ErlNifEnv *env)
{
    nif_env_close(env);
    nif_env_open(env, env->node, env->library);
}

void enif_free_env(ErlNifEnv *env)
{
    nif_env_close(env);
    free(env);
}

// The only way for a term into another environment.
ERL_NIF_TERM enif_make_copy(ErlNifEnv *to, ERL_NIF_TERM term)
{
    return copy_term(to->node, to->heap, (Term){term}).bits;
}

// ---- failing, being scheduled ----
// A NIF cannot jump: it notes the failure and returns.

// Outside a process there is nobody to raise it in.
ERL_NIF_TERM enif_raise_exception(ErlNifEnv *env, ERL_NIF_TERM reason)
{
    env->failed = true;
    if (env->process != NULL) bif_error(env->process, (Term){reason});
    return TERM_NONE.bits;
}

ERL_NIF_TERM enif_make_badarg(ErlNifEnv *env)
{
    return enif_raise_exception(env, ATOM_badarg.bits);
}

// The reason, if it is wanted.
int enif_has_pending_exception(ErlNifEnv *env, ERL_NIF_TERM *reason)
{
    if (!env->failed) return 0;
    if (reason != NULL) *reason = env->process->exception_value.bits;
    return 1;
}

// True when the slice is used up.
int enif_consume_timeslice(ErlNifEnv *env, int percent)
{
    // Not in a process: nothing to consume.
    if (env->process == NULL) return 0;
    bif_bump(env->process, (size_t)(percent * SLICE_REDUCTIONS / 100));
    return env->process->reductions == 0;
}

// The function runs in the place of this NIF when it returns, on a dirty
// scheduler if flags say so.
ERL_NIF_TERM enif_schedule_nif(
    ErlNifEnv *env, const char *name, int flags,
    ERL_NIF_TERM (*function)(ErlNifEnv *env, int argc,
                             const ERL_NIF_TERM argv[]),
    int argc, const ERL_NIF_TERM argv[])
{
    Term atom = atom_from_latin1(env->node->atoms, name, strlen(name));
    if (env->process == NULL || term_is_none(atom) || argc < 0 || argc > 254
        || flags < 0 || flags > ERL_NIF_DIRTY_JOB_IO_BOUND)
        return enif_make_badarg(env);
    // An export of its own, as the loop calls nothing else.
    NifFunction *f = nif_schedule(env->library, atom, function, (unsigned)argc,
                                  (unsigned)flags);
    Term args[255];
    if (argc > 0) memcpy(args, argv, (size_t)argc * sizeof *args);
    args[argc] = nif_origin(env);
    return bif_trap_to(env->process, f->export.stub, (unsigned)argc + 1, args)
        .bits;
}

// Whether this thread may block.
int enif_thread_type(void)
{
    return nif_thread()->type;
}

// ---- processes ----
// Pids and ports are immediates inside of a struct.

// NULL outside of a process.
ErlNifPid *enif_self(ErlNifEnv *env, ErlNifPid *pid)
{
    if (env == NULL || term_is_none(env->self)) return NULL;
    pid->pid = env->self.bits;
    return pid;
}

int enif_get_local_pid(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifPid *pid)
{
    (void)env;
    if (!term_is_local_pid((Term){term})) return 0;
    pid->pid = term;
    return 1;
}

int enif_get_local_port(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifPort *port)
{
    (void)env;
    if (!term_is_local_port((Term){term})) return 0;
    port->port_id = term;
    return 1;
}

// 0: no process has the name.
int enif_whereis_pid(ErlNifEnv *env, ERL_NIF_TERM name, ErlNifPid *pid)
{
    if (!term_is_atom((Term){name})) return 0;
    const Node *node = env != NULL ? env->node : nif_thread()->node;
    Term found = registry_find(node->registry, (Term){name});
    return enif_get_local_pid(env, found.bits, pid);
}

int enif_is_process_alive(ErlNifEnv *env, ErlNifPid *pid)
{
    Node *node = env != NULL ? env->node : nif_thread()->node;
    return process_lives(node, (Term){pid->pid});
}

int enif_is_current_process_alive(ErlNifEnv *env)
{
    return env->process != NULL && process_lives(env->node, env->process->pid);
}

// A pid that is no process, for optional fields.
void enif_set_pid_undefined(ErlNifPid *pid)
{
    pid->pid = ATOM_undefined.bits;
}

int enif_is_pid_undefined(const ErlNifPid *pid)
{
    return pid->pid == ATOM_undefined.bits;
}

// Sends what lies in an environment of its own, with all of its heap.
// No copy: the heap itself goes with the message.
static bool send_whole(ErlNifEnv *from, Term to, ErlNifEnv *message_env,
                       Term message)
{
    Node *node = message_env->node;
    bool known = from != NULL && from->process != NULL;
    Signal *s = signal_new(SIGNAL_MESSAGE,
                           known ? from->process->pid : ATOM_undefined);
    heap_adopt(&s->heap, &message_env->own);
    s->message = message;
    s->token = TERM_NIL;
    nif_free_loans(message_env);
    return signal_push(node, to, s);
}

// 0: no such process; the message is lost but the environment stays the
// library's.
int enif_send(ErlNifEnv *env, const ErlNifPid *to, ErlNifEnv *message_env,
              ERL_NIF_TERM message)
{
    Term pid = {to->pid};
    if (!term_is_local_pid(pid)) return 0;
    Process *p = env != NULL ? env->process : NULL;
    // Who has been killed while it runs here sends no more.
    if (p != NULL && p->gone) return 0;
    if (p != NULL && p->flags & PROCESS_TRACED)
        trace_sent(p, pid, (Term){message});
    if (message_env != NULL) {
        if (!process_lives(message_env->node, (Term){to->pid})) return 0;
        // From threads of the library, too.
        return send_whole(env, pid, message_env, (Term){message});
    }
    if (!process_lives(env->node, (Term){to->pid})) return 0;
    signal_send_message(env->node, env->process, pid, (Term){message});
    return 1;
}

ERL_NIF_TERM enif_make_ref(ErlNifEnv *env)
{
    return ref_new(env->node, env->heap).bits;
}
