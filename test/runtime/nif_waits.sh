#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Native functions that wait: resources that watch processes, descriptors,
# queues of bytes, binaries that hold a resource. Runs on erl as well.
command -v cc >/dev/null || { echo "no cc"; exit 77; }
merle=${MERLE:-merle}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

cat > waits.c <<'C'
#include <erl_nif.h>
#include <unistd.h>

typedef struct {
    ErlNifPid owner;
    int fds[2];
} Object;

static ErlNifResourceType *objects;

static void tell(const ErlNifPid *to, const char *what)
{
    ErlNifEnv *own = enif_alloc_env();
    enif_send(NULL, to, own, enif_make_atom(own, what));
    enif_free_env(own);
}

static void on_down(ErlNifEnv *env, void *object, ErlNifPid *pid,
                    ErlNifMonitor *monitor)
{
    tell(&((Object *)object)->owner, "down");
}

static void on_stop(ErlNifEnv *env, void *object, ErlNifEvent fd, int direct)
{
    close(fd);
    tell(&((Object *)object)->owner, "stopped");
}

static void on_end(ErlNifEnv *env, void *object)
{
    tell(&((Object *)object)->owner, "ended");
}

static int load(ErlNifEnv *env, void **data, ERL_NIF_TERM info)
{
    ErlNifResourceTypeInit init = {on_end, on_stop, on_down};
    objects = enif_open_resource_type_x(env, "object", &init,
                                        ERL_NIF_RT_CREATE, NULL);
    return objects == NULL;
}

static ERL_NIF_TERM new(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    Object *o = enif_alloc_resource(objects, sizeof *o);
    enif_self(env, &o->owner);
    if (pipe(o->fds) != 0) return enif_make_badarg(env);
    ERL_NIF_TERM term = enif_make_resource(env, o);
    enif_release_resource(o);
    return term;
}

static Object *get(ErlNifEnv *env, ERL_NIF_TERM term)
{
    void *object;
    return enif_get_resource(env, term, objects, &object) ? object : NULL;
}

// watch(Object, Pid) -> Answer; unwatch(Object, Pid): the same taken back
static ERL_NIF_TERM watch(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    ErlNifPid pid;
    ErlNifMonitor m;
    enif_get_local_pid(env, argv[1], &pid);
    return enif_make_int(env, enif_monitor_process(env, get(env, argv[0]),
                                                   &pid, &m));
}

static ERL_NIF_TERM unwatch(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    ErlNifPid pid;
    ErlNifMonitor m;
    Object *o = get(env, argv[0]);
    enif_get_local_pid(env, argv[1], &pid);
    enif_monitor_process(env, o, &pid, &m);
    int first = enif_demonitor_process(env, o, &m);
    int second = enif_demonitor_process(env, o, &m);
    return enif_make_tuple2(env, enif_make_int(env, first),
                            enif_make_int(env, second != 0));
}

// select(Object, Flags, Ref)
static ERL_NIF_TERM wait_for(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    Object *o = get(env, argv[0]);
    int flags, fd;
    enif_get_int(env, argv[1], &flags);
    fd = o->fds[flags & ERL_NIF_SELECT_WRITE ? 1 : 0];
    return enif_make_int(env, enif_select(env, fd, flags, o, NULL, argv[2]));
}

static ERL_NIF_TERM put(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    return enif_make_long(env, write(get(env, argv[0])->fds[1], "x", 1));
}

static ERL_NIF_TERM bytes(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    return enif_make_resource_binary(env, get(env, argv[0]), "bytes", 5);
}

// queue(Binaries, Skip, Drop): what is left of them
static ERL_NIF_TERM queue(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    ErlNifIOVec *v = NULL;
    ERL_NIF_TERM tail, head, list = enif_make_list(env, 0);
    unsigned skip, drop;
    size_t size;
    if (!enif_inspect_iovec(env, 100, argv[0], &tail, &v))
        return enif_make_badarg(env);
    enif_get_uint(env, argv[1], &skip);
    enif_get_uint(env, argv[2], &drop);
    ErlNifIOQueue *q = enif_ioq_create(ERL_NIF_IOQ_NORMAL);
    enif_ioq_enqv(q, v, skip);
    enif_ioq_deq(q, drop, NULL);
    while (enif_ioq_peek_head(env, q, &size, &head)) {
        list = enif_make_list_cell(env, head, list);
        enif_ioq_deq(q, size, NULL);
    }
    enif_ioq_destroy(q);
    return list;
}

static ErlNifFunc functions[] = {
    {"new", 0, new}, {"watch", 2, watch}, {"unwatch", 2, unwatch},
    {"select", 3, wait_for}, {"put", 1, put}, {"bytes", 1, bytes},
    {"queue", 3, queue}};

ERL_NIF_INIT(waits, functions, load, NULL, NULL, NULL)
C

cat > waits.erl <<'ERL'
-module(waits).
-export([main/0, new/0, watch/2, unwatch/2, select/3, put/1, bytes/1, queue/3]).

main() ->
    ok = erlang:load_nif("./waits", 0),
    true = lists:member(waits, erlang:system_info(taints)),
    watching(), selecting(), holding(),
    [<<"three">>, <<"o">>] = queue([<<"one">>, <<>>, <<"two">>, <<"three">>], 3, 2),
    [] = queue([<<"a">>], 1, 0),
    badarg = try queue([a], 0, 0) catch error:R -> R end,
    halt(0).

watching() ->
    O = new(),
    P = spawn(fun() -> receive stop -> ok end end),
    {0, 1} = unwatch(O, P),
    {monitored_by, []} = process_info(P, monitored_by),
    0 = watch(O, P),
    {monitored_by, [O]} = process_info(P, monitored_by),
    P ! stop,
    down = next(),
    nothing = next(10),
    1 = watch(O, P),
    0 = watch(O, self()),
    nothing = next(10),
    {monitored_by, [O]} = process_info(self(), monitored_by).

selecting() ->
    erlang:garbage_collect(),
    ended = next(),
    O = new(),
    Ref = make_ref(),
    0 = select(O, 1, Ref),
    nothing = next(10),
    1 = put(O),
    {select, O, Ref, ready_input} = next(),
    nothing = next(10),
    0 = select(O, 2, Ref),
    {select, O, Ref, ready_output} = next(),
    0 = select(O, 1, Ref),
    {select, O, Ref, ready_input} = next(),
    1 = select(O, 4, Ref),
    stopped = next(),
    1 = select(O, 6, Ref),
    stopped = next().

holding() ->
    erlang:garbage_collect(),
    ended = next(),
    B = bytes(new()),
    erlang:garbage_collect(),
    nothing = next(10),
    <<"bytes">> = B,
    0 = watch(B, spawn(fun() -> timer:sleep(20) end)),
    down = next(),
    self() ! {B},
    {<<"bytes">>} = next(),
    erlang:garbage_collect(),
    ended = next().

next() -> next(5000).
next(T) -> receive X -> X after T -> nothing end.

new() -> erlang:nif_error(undef).
watch(_, _) -> erlang:nif_error(undef).
unwatch(_, _) -> erlang:nif_error(undef).
select(_, _, _) -> erlang:nif_error(undef).
put(_) -> erlang:nif_error(undef).
bytes(_) -> erlang:nif_error(undef).
queue(_, _, _) -> erlang:nif_error(undef).
ERL

root=$("$merle" -noshell -eval 'io:put_chars(code:root_dir()), halt().')
cc -w -shared -fPIC -I "$root/usr/include" -o waits.so waits.c || exit 1
"${MERLEC:-merlec}" waits.erl || exit 1
exec timeout 60 "$merle" -noshell -s waits main
