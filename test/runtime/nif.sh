#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A library of native functions is compiled, loaded, used, and replaced with
# its module. Runs on erl as well.
command -v cc >/dev/null || { echo "no cc"; exit 77; }
merle=${MERLE:-merle}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

cat > native.c <<'C'
#include <erl_nif.h>
#include <string.h>

static ErlNifResourceType *counters;

static void count_end(ErlNifEnv *env, void *object)
{
    ErlNifPid *owner = object;
    ErlNifEnv *own = enif_alloc_env();
    enif_send(NULL, owner, own, enif_make_atom(own, "ended"));
    enif_free_env(own);
}

static int load(ErlNifEnv *env, void **data, ERL_NIF_TERM info)
{
    int n;
    if (!enif_get_int(env, info, &n)) return 1;
    *data = enif_alloc(sizeof n);
    memcpy(*data, &n, sizeof n);
    counters = enif_open_resource_type(env, NULL, "counter", count_end,
                                       ERL_NIF_RT_CREATE, NULL);
    return counters == NULL ? 2 : 0;
}

static int upgrade(ErlNifEnv *env, void **data, void **old, ERL_NIF_TERM info)
{
    *data = *old;
    *old = NULL;
    counters = enif_open_resource_type(env, NULL, "counter", count_end,
                                       ERL_NIF_RT_TAKEOVER, NULL);
    return 0;
}

static void unload(ErlNifEnv *env, void *data)
{
    enif_free(data);
}

static ERL_NIF_TERM number(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    return enif_make_int(env, *(int *)enif_priv_data(env));
}

static ERL_NIF_TERM sizes(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    ErlNifBinary bin;
    size_t size;
    unsigned length;
    if (enif_inspect_binary(env, argv[0], &bin))
        return enif_make_tuple2(env, enif_make_atom(env, "binary"),
                                enif_make_uint64(env, bin.size));
    if (enif_get_map_size(env, argv[0], &size))
        return enif_make_tuple2(env, enif_make_atom(env, "map"),
                                enif_make_uint64(env, size));
    if (enif_get_list_length(env, argv[0], &length))
        return enif_make_tuple2(env, enif_make_atom(env, "list"),
                                enif_make_uint(env, length));
    return enif_raise_exception(env, enif_make_atom(env, "sizeless"));
}

static ERL_NIF_TERM upper(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    ErlNifBinary from, to;
    if (!enif_inspect_iolist_as_binary(env, argv[0], &from))
        return enif_make_badarg(env);
    enif_alloc_binary(from.size, &to);
    for (size_t i = 0; i < from.size; i++)
        to.data[i] = from.data[i] >= 'a' && from.data[i] <= 'z'
                         ? from.data[i] - 32 : from.data[i];
    return enif_make_binary(env, &to);
}

static ERL_NIF_TERM counter(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    ErlNifPid *owner = enif_alloc_resource(counters, sizeof *owner);
    enif_self(env, owner);
    ERL_NIF_TERM term = enif_make_resource(env, owner);
    enif_release_resource(owner);
    return term;
}

static ERL_NIF_TERM down(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    int n;
    ERL_NIF_TERM next[2];
    if (!enif_get_int(env, argv[0], &n)) return enif_make_badarg(env);
    if (n == 0) return argv[1];
    next[0] = enif_make_int(env, n - 1);
    next[1] = enif_make_list_cell(env, argv[0], argv[1]);
    return enif_schedule_nif(env, "down",
                             n % 2 ? ERL_NIF_DIRTY_JOB_CPU_BOUND : 0, down, 2,
                             next);
}

static ERL_NIF_TERM where(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    return enif_make_int(env, enif_thread_type());
}

static ERL_NIF_TERM text(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    char text[100];
    enif_snprintf(text, sizeof text, "<%T>", argv[0]);
    return enif_make_string(env, text, ERL_NIF_LATIN1);
}

// More keys than POSIX has; each thread has its own values.
static ERL_NIF_TERM keys(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    static ErlNifTSDKey all[3000];
    long good = 0;
    for (long i = 0; i < 3000; i++) {
        if (enif_tsd_key_create("key", &all[i]) != 0) break;
        enif_tsd_set(all[i], (void *)(i + 1));
    }
    for (long i = 0; i < 3000; i++)
        if ((long)enif_tsd_get(all[i]) == i + 1) good++;
    for (long i = 0; i < 3000; i++) enif_tsd_key_destroy(all[i]);
    return enif_make_int64(env, good);
}

static ErlNifFunc functions[] = {
    {"text", 1, text}, {"keys", 0, keys},
    {"number", 0, number}, {"sizes", 1, sizes}, {"upper", 1, upper},
    {"counter", 0, counter}, {"down", 2, down}, {"where", 0, where},
    {"where_dirty", 0, where, ERL_NIF_DIRTY_JOB_IO_BOUND}};

ERL_NIF_INIT(native, functions, load, NULL, upgrade, unload)
C

cat > native.erl <<'ERL'
-module(native).
-export([load/1, number/0, sizes/1, upper/1, counter/0, down/2, where/0,
         where_dirty/0, text/1, keys/0]).
-ifdef(DECLARED).
-nifs([number/0, sizes/1]).
-endif.
load(X) -> erlang:load_nif("./native", X).
number() -> erlang:nif_error(not_loaded).
sizes(_) -> erlang:nif_error(not_loaded).
upper(_) -> erlang:nif_error(not_loaded).
counter() -> erlang:nif_error(not_loaded).
down(_, _) -> erlang:nif_error(not_loaded).
where() -> erlang:nif_error(not_loaded).
where_dirty() -> erlang:nif_error(not_loaded).
text(_) -> erlang:nif_error(not_loaded).
keys() -> erlang:nif_error(not_loaded).
ERL

cat > main.erl <<'ERL'
-module(main).
-export([main/0, hold/1]).
main() ->
    {'EXIT', {badarg, _}} = (catch erlang:load_nif(native, 0)),
    {ok, native} = compile:file(native, [{d, 'DECLARED'}]),
    {module, native} = code:load_file(native),
    {error, {bad_lib, "Function not declared as nif native:" ++ _}} =
        native:load(7),
    {ok, native} = compile:file(native),
    code:purge(native),
    {module, native} = code:load_file(native),
    true = code:soft_purge(native),
    not_loaded = (catch native:number()) =:= x orelse not_loaded,
    {error, {load_failed, _}} = load_other(),
    {error, {load, "Library load-call unsuccessful (1)."}} = native:load(a),
    ok = native:load(7),
    {error, {reload, _}} = native:load(7),
    7 = native:number(),
    "<{a,\"b c\",[1000]}>" = native:text({a, "b c", [1000]}),
    3000 = native:keys(),
    [{binary, 3}, {map, 2}, {list, 1}] =
        [native:sizes(T) || T <- [<<"abc">>, #{a => 1, b => 2}, [x]]],
    {'EXIT', {sizeless, [{native, sizes, [x], _} | _]}} =
        (catch native:sizes(x)),
    {'EXIT', {badarg, [{native, upper, [x], _} | _]}} = (catch native:upper(x)),
    <<"ABC-DEF">> = native:upper(["abc", $-, <<"def">>]),
    Long = binary:copy(<<"xy">>, 5000),
    true = native:upper(Long) =:= binary:copy(<<"XY">>, 5000),
    [1, 2, 3, 4, 5] = native:down(5, []),
    [1, 3] = [native:where(), native:where_dirty()],
    {_, Ref} = spawn_monitor(?MODULE, hold, [self()]),
    receive {'DOWN', Ref, _, _, normal} -> ok end,
    {module, native} = code:load_file(native),
    {'EXIT', {not_loaded, _}} = (catch native:number()),
    ok = native:load(8),
    7 = native:number(),
    true = code:soft_purge(native),
    7 = native:number(),
    true = code:delete(native),
    true = code:purge(native) =:= false,
    io:format("fine~n").

load_other() ->
    {ok, other, B} = compile:forms(
        [{attribute, 1, module, other}, {attribute, 1, export, [{f, 0}]},
         {function, 1, f, 0,
          [{clause, 1, [], [],
            [{call, 1, {remote, 1, {atom, 1, erlang}, {atom, 1, load_nif}},
              [{string, 1, "./nowhere"}, {integer, 1, 0}]}]}]}]),
    {module, other} = code:load_binary(other, "other", B),
    other:f().

%% The last reference to a counter goes with the process that it was sent to.
hold(_) ->
    Holder = spawn_link(fun() -> receive {keep, _} -> ok end end),
    give(Holder),
    garbage_collect(),
    receive ended -> ok after 10000 -> exit(not_ended) end.

give(Holder) ->
    C = native:counter(),
    true = is_reference(C),
    Holder ! {keep, C},
    ok.
ERL

include=$("$merle" -noshell -eval \
    'io:put_chars(code:root_dir() ++ "/usr/include"), halt().')
cc -O1 -w -shared -fPIC -I "$include" -o native.so native.c || exit 1
timeout 60 "$merle" -noshell -eval 'c:c(main), main:main(), halt().' \
    >answer 2>&1 </dev/null
grep -q fine answer || { cat answer; exit 1; }
