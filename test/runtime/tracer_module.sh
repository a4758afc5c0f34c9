#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A tracer that is a module with native functions: it is asked what it wants,
# told that and in whose name, and goes with its code. It can be the tracer of
# sequential tracing, too. Runs on erl as well.
command -v cc >/dev/null || { echo "no cc"; exit 77; }
merle=${MERLE:-merle}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

cat > tell.c <<'C'
#include <erl_nif.h>

// State is {Tags, Pid}: what is wanted, who is told.
static ERL_NIF_TERM enabled(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    const ERL_NIF_TERM *state;
    ERL_NIF_TERM list, head;
    int n;
    if (!enif_get_tuple(env, argv[1], &n, &state)) return argv[1];
    for (list = state[0]; enif_get_list_cell(env, list, &head, &list);)
        if (enif_is_identical(head, argv[0]))
            return enif_make_atom(env, "trace");
    return enif_make_atom(env, "discard");
}

static ERL_NIF_TERM trace(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    const ERL_NIF_TERM *state;
    ErlNifPid to, self;
    int n;
    enif_get_tuple(env, argv[1], &n, &state);
    enif_get_local_pid(env, state[1], &to);
    ERL_NIF_TERM who = enif_self(env, &self) == NULL
                           ? enif_make_atom(env, "nobody")
                           : enif_make_pid(env, &self);
    enif_send(env, &to, NULL,
              enif_make_tuple5(env, argv[0], argv[2], argv[3], argv[4], who));
    return enif_make_atom(env, "ok");
}

static ErlNifFunc functions[] = {{"enabled", 3, enabled}, {"trace", 5, trace}};

ERL_NIF_INIT(tell, functions, NULL, NULL, NULL, NULL)
C

cat > tell.erl <<'ERL'
-module(tell).
-export([enabled/3, trace/5]).
-on_load(load/0).
load() -> erlang:load_nif("./tell", 0).
enabled(_, _, _) -> erlang:nif_error(not_loaded).
trace(_, _, _, _, _) -> erlang:nif_error(not_loaded).
ERL

cat > main.erl <<'ERL'
-module(main).
-export([main/0, work/1]).
main() ->
    {ok, tell} = compile:file(tell),
    S = self(),
    P = spawn_link(fun loop/0),
    State = {[call, send, register], S},
    undef = try erlang:trace(P, true, [send, {tracer, no_such, State}])
             catch error:Why -> Why end,
    1 = erlang:trace(P, true, [call, send, procs, timestamp,
                               {tracer, tell, State}]),
    {tracer, {tell, State}} = erlang:trace_info(P, tracer),
    1 = erlang:trace_pattern({main, work, 1}, [{'_', [], [{return_trace}]}],
                             [local]),
    P ! {S, 20},
    receive done -> ok end,
    [{register, P, worker, #{timestamp := timestamp}, _},
     {call, P, {main, work, [20]}, _, P},
     {return_from, P, {main, work, 1}, #{extra := 21}, P},
     {send, P, done, #{extra := S}, P}] = told(4),
    sequential(S),
    true = code:delete(tell),
    code:purge(tell),
    P ! {S, 1},
    receive done -> ok end,
    {tracer, []} = erlang:trace_info(P, tracer),
    [] = told(0),
    io:format("fine~n").

sequential(S) ->
    Tracer = {tell, {[seq_trace], S}},
    false = seq_trace:set_system_tracer(Tracer),
    Tracer = seq_trace:get_system_tracer(),
    P = spawn_link(fun() ->
                           seq_trace:set_token(label, {a, "label"}),
                           seq_trace:set_token(print, true),
                           seq_trace:set_token(timestamp, true),
                           seq_trace:print(hello),
                           seq_trace:set_token([]),
                           unlink(S)
                   end),
    [{seq_trace, {a, "label"}, {print, {0, 1}, P, [], hello}, Options, _}] =
        told(1),
    [timestamp] = maps:keys(Options),
    {'EXIT', {badarg, _}} =
        (catch erlang:system_flag(sequential_tracer, {no_such, x})),
    Tracer = seq_trace:set_system_tracer(false).

told(0) -> receive M -> [M] after 20 -> [] end;
told(N) -> receive M -> [M | told1(N - 1)] end.

told1(0) -> [];
told1(N) -> told(N).

loop() ->
    receive
        {From, N} ->
            catch register(worker, self()),
            N1 = work(N),
            true = N1 =:= N + 1,
            From ! done,
            loop()
    end.

work(N) -> N + 1.
ERL

include=$("$merle" -noshell -eval \
    'io:put_chars(code:root_dir() ++ "/usr/include"), halt().')
cc -O1 -w -shared -fPIC -I "$include" -o tell.so tell.c || exit 1
timeout 60 "$merle" -noshell -eval 'c:c(main), main:main(), halt().' \
    >answer 2>&1 </dev/null
grep -q fine answer || { cat answer; exit 1; }
