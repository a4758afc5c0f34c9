#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A linked-in driver is compiled, loaded, used in all the ways there are, and
# unloaded. Runs on erl as well.
command -v cc >/dev/null || { echo "no cc"; exit 77; }
merle=${MERLE:-merle}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

cat > all_drv.c <<'C'
#include <erl_driver.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    ErlDrvPort port;
    int pipe[2];
    ErlDrvMonitor monitor;
} Data;

static ErlDrvData start(ErlDrvPort port, char *command)
{
    if (strstr(command, "refuse") != NULL) return ERL_DRV_ERROR_BADARG;
    Data *d = driver_alloc(sizeof *d);
    memset(d, 0, sizeof *d);
    d->port = port;
    return (ErlDrvData)d;
}

static void send_atom(Data *d, char *what)
{
    ErlDrvTermData items[] = {
        ERL_DRV_ATOM, driver_mk_atom(what),
        ERL_DRV_PORT, driver_mk_port(d->port),
        ERL_DRV_TUPLE, 2};
    erl_drv_output_term(driver_mk_port(d->port), items, 6);
}

static void stop(ErlDrvData data)
{
    Data *d = (Data *)data;
    if (d->pipe[0] != 0) {
        driver_select(d->port, (ErlDrvEvent)(long)d->pipe[0],
                      ERL_DRV_READ | ERL_DRV_USE, 0);
        close(d->pipe[1]);
    }
    driver_free(d);
}

static void stop_select(ErlDrvEvent event, void *reserved)
{
    close((int)(long)event);
}

// "T": in 10 ms. "S": a pipe. "A": in another thread. "M": the caller's end.
// "Q...": put aside until the port closes. "E": the end. "!": a large term.
static void work(void *data)
{
    *(int *)data += 1;
}

static void large(Data *d)
{
    ErlDrvBinary *bin = driver_alloc_binary(1000);
    memset(bin->orig_bytes, 'x', 1000);
    double pi = 3.25;
    ErlDrvSInt64 n = -5000000000;
    ErlDrvTermData items[] = {
        ERL_DRV_ATOM, driver_mk_atom("key"),
        ERL_DRV_BINARY, (ErlDrvTermData)bin, 990, 10,
        ERL_DRV_STRING, (ErlDrvTermData)"text", 4,
        ERL_DRV_FLOAT, (ErlDrvTermData)&pi,
        ERL_DRV_MAP, 2,
        ERL_DRV_INT64, (ErlDrvTermData)&n,
        ERL_DRV_NIL,
        ERL_DRV_STRING_CONS, (ErlDrvTermData)"ab", 2,
        ERL_DRV_PID, driver_connected(d->port),
        ERL_DRV_LIST, 3,
        ERL_DRV_TUPLE, 2};
    erl_drv_send_term(driver_mk_port(d->port), driver_caller(d->port), items,
                      sizeof items / sizeof *items);
    driver_free_binary(bin);
}

static void outputv(ErlDrvData data, ErlIOVec *v)
{
    Data *d = (Data *)data;
    char what = 0;
    driver_vec_to_buf(v, &what, 1);
    switch (what) {
    case 'T': driver_set_timer(d->port, 10); break;
    case 'S':
        if (pipe(d->pipe) != 0 || write(d->pipe[1], "y", 1) != 1) abort();
        driver_select(d->port, (ErlDrvEvent)(long)d->pipe[0],
                      ERL_DRV_READ | ERL_DRV_USE, 1);
        break;
    case 'A': {
        int *n = driver_alloc(sizeof *n);
        *n = 41;
        driver_async(d->port, NULL, work, n, driver_free);
        break;
    }
    case 'M':
        driver_monitor_process(d->port, driver_caller(d->port), &d->monitor);
        send_atom(d, "watching");
        break;
    case 'Q': driver_enqv(d->port, v, 1); break;
    case 'B': set_busy_port(d->port, 1); break;
    case 'E': driver_failure_posix(d->port, 2); break;
    case '!': large(d); break;
    default: driver_outputv(d->port, "<", 1, v, 0);
    }
}

static void ready_input(ErlDrvData data, ErlDrvEvent event)
{
    char c;
    if (read((int)(long)event, &c, 1) == 1) send_atom((Data *)data, "read");
}

static void timeout(ErlDrvData data)
{
    send_atom((Data *)data, "timeout");
}

static void ready_async(ErlDrvData data, ErlDrvThreadData result)
{
    int *n = (int *)result;
    send_atom((Data *)data, *n == 42 ? "done" : "wrong");
    driver_free(n);
}

// One byte of the queue each time, backwards.
static void flush(ErlDrvData data)
{
    Data *d = (Data *)data;
    int i = 0;
    driver_pushq(d->port, ">", 1);
    while (driver_sizeq(d->port) > 0) {
        int n;
        SysIOVec *v = driver_peekq(d->port, &n);
        if (i++ == 0 && *(char *)v[0].iov_base != '>') abort();
        driver_output(d->port, v[0].iov_base, 1); // nobody gets it any more
        driver_deq(d->port, 1);
    }
    if (i != 4) abort();
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned command, char *bytes,
                            ErlDrvSizeT size, char **answer, ErlDrvSizeT room)
{
    Data *d = (Data *)data;
    if (command == 0) return -1;
    if (command == 1) set_busy_port(d->port, bytes[0]);
    if (command == 2) set_port_control_flags(d->port, bytes[0]);
    if (size > room) *answer = driver_alloc(size);
    if (command == 3) memcpy(*answer, bytes, size);
    return command == 3 ? (ErlDrvSSizeT)size : 0;
}

static ErlDrvSSizeT call(ErlDrvData data, unsigned command, char *bytes,
                         ErlDrvSizeT size, char **answer, ErlDrvSizeT room,
                         unsigned *flags)
{
    if (command != 7) return -1;
    if (size > room) *answer = driver_alloc(size);
    memcpy(*answer, bytes, size);
    return size;
}

static void process_exit(ErlDrvData data, ErlDrvMonitor *m)
{
    Data *d = (Data *)data;
    send_atom(d, driver_compare_monitors(m, &d->monitor) == 0 ? "ended"
                                                              : "other");
}

static ErlDrvEntry entry = {
    .start = start, .stop = stop, .ready_input = ready_input,
    .driver_name = "all_drv", .control = control, .timeout = timeout,
    .outputv = outputv, .ready_async = ready_async, .flush = flush,
    .call = call, .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .process_exit = process_exit, .stop_select = stop_select};

DRIVER_INIT(all_drv)
{
    return &entry;
}
C

cat > main.erl <<'ERL'
-module(main).
-export([main/0]).
main() ->
    process_flag(trap_exit, true),
    {error, Why} = erl_ddll:load(".", "no_drv"),
    true = is_list(erl_ddll:format_error(Why)),
    {ok, loaded} = erl_ddll:try_load(".", all_drv, []),
    {ok, already_loaded} = erl_ddll:try_load(".", all_drv, []),
    {ok, Names} = erl_ddll:loaded_drivers(),
    {error, linked_in_driver} = erl_ddll:unload_driver(ram_file_drv),
    {error, linked_in_driver} = erl_ddll:load(".", "tcp_inet"),
    true = erl_ddll:info("tcp_inet", linked_in_driver),
    true = lists:member("tcp_inet", Names),
    true = lists:member("all_drv", Names),
    badarg = try open_port({spawn_driver, "none_such"}, [])
             catch error:W1 -> W1 end,
    badarg = try open_port({spawn, "all_drv refuse"}, [])
             catch error:W2 -> W2 end,
    P = open_port({spawn, "all_drv 1"}, []),
    [{_, 2}] = erl_ddll:info(all_drv, processes),
    1 = erl_ddll:info(all_drv, port_count),
    {name, "all_drv 1"} = erlang:port_info(P, name),
    talk(P),
    control(P),
    busy(P),
    closing(P),
    B = open_port({spawn_driver, "all_drv"}, [binary]),
    Bytes = binary:copy(<<"z">>, 500),
    true = port_command(B, Bytes),
    [$< | Bytes] = receive {B, {data, D}} -> D end,
    unloading(B),
    io:format("fine~n").

talk(P) ->
    P ! {self(), {command, ["ab", <<"cd">>]}},
    "<abcd" = receive {P, {data, D}} -> D end,
    [begin port_command(P, C), receive {What, P} -> ok end end
     || {C, What} <- [{"T", timeout}, {"S", read}, {"A", done}]],
    Self = self(),
    {Pid, Ref} = spawn_monitor(fun() ->
        port_command(P, "M"), receive {go, Self} -> ok end end),
    receive {watching, P} -> ok end,
    {monitors, [{process, Pid}]} = erlang:port_info(P, monitors),
    Pid ! {go, self()},
    receive {'DOWN', Ref, _, _, _} -> ok end,
    receive {ended, P} -> ok end,
    port_command(P, "!"),
    Large = binary:copy(<<"x">>, 990),
    {#{key := Large, "text" := 3.25}, [-5000000000, "ab" | Self]} =
        receive T when is_tuple(T), is_map(element(1, T)) -> T end.

control(P) ->
    "" = port_control(P, 2, [0]),
    "abc" = port_control(P, 3, ["a", <<"bc">>]),
    Long = lists:duplicate(300, $l),
    Long = port_control(P, 3, Long),
    port_control(P, 2, [1]),
    <<"abc">> = port_control(P, 3, "abc"),
    badarg = try port_control(P, 0, "") catch error:W1 -> W1 end,
    {term, [1.5]} = erlang:port_call(P, 7, {term, [1.5]}),
    badarg = try erlang:port_call(P, 8, x) catch error:W2 -> W2 end.

busy(P) ->
    Self = self(),
    port_control(P, 1, [1]),
    nosuspend = erlang:send(P, {self(), {command, "no"}}, [nosuspend]),
    false = port_command(P, "no", [nosuspend]),
    Pid = spawn(fun() ->
        [begin P ! {Self, {command, [C]}}, timer:sleep(5) end || C <- "123"],
        Self ! through end),
    suspended(Pid),
    receive through -> exit(through) after 0 -> ok end,
    port_control(P, 1, [0]),
    receive through -> ok end,
    ["<1", "<2", "<3"] =
        [receive {P, {data, D}} -> D end || _ <- "123"],
    at_once(P).

%% The first command makes it busy: whoever sends the next one has to wait,
%% though nothing lies between them.
at_once(P) ->
    Self = self(),
    Pid = spawn(fun() ->
        [P ! {Self, {command, [C]}} || C <- "B45"],
        Self ! through end),
    suspended(Pid),
    {current_function, {erlang, send, 2}} = process_info(Pid, current_function),
    receive through -> exit(through) after 50 -> ok end,
    port_control(P, 1, [0]),
    receive through -> ok end,
    ["<4", "<5"] = [receive {P, {data, D}} -> D end || _ <- "45"],
    %% Who waits goes on when the port ends.
    E = open_port({spawn, "all_drv"}, []),
    unlink(E),
    Last = spawn(fun() ->
        [E ! {Self, {command, [C]}} || C <- "B6"],
        Self ! through end),
    suspended(Last),
    port_close(E),
    receive through -> ok end.

suspended(Pid) ->
    case process_info(Pid, status) of
        {status, suspended} -> ok;
        _ -> timer:sleep(1), suspended(Pid)
    end.

closing(P) ->
    port_command(P, "Qrst"),
    {queue_size, 3} = erlang:port_info(P, queue_size),
    P ! {self(), close},
    receive {P, closed} -> ok end,
    receive {'EXIT', P, normal} -> ok end,
    E = open_port({spawn, "all_drv"}, []),
    E ! {self(), {command, "E"}},
    receive {'EXIT', E, enoent} -> ok end.

unloading(B) ->
    {ok, pending_process} = erl_ddll:try_unload(all_drv, []),
    {ok, pending_driver, Ref} =
        erl_ddll:try_unload(all_drv, [{monitor, pending_driver}]),
    receive {'DOWN', Ref, _, _, _} -> exit(early) after 20 -> ok end,
    port_close(B),
    receive {'DOWN', Ref, driver, all_drv, unloaded} -> ok end,
    {error, not_loaded} = erl_ddll:try_unload(all_drv, []),
    Ref2 = erl_ddll:monitor(driver, {all_drv, loaded}),
    receive {'DOWN', Ref2, driver, all_drv, unloaded} -> ok end.
ERL

include=$("$merle" -noshell -eval \
    'io:put_chars(code:root_dir() ++ "/usr/include"), halt().')
cc -O1 -w -shared -fPIC -I "$include" -o all_drv.so all_drv.c || exit 1
timeout 60 "$merle" -noshell -eval 'c:c(main), main:main(), halt().' \
    >answer 2>&1 </dev/null
grep -q fine answer || { cat answer; exit 1; }
