// SPDX-License-Identifier: Apache-2.0
// erlang:open_port/2: reads what is asked for and has it opened.
// Everything is read and checked here, in the process; the port itself is
// opened by the thread of ports, which answers the request. What was read is in
// memory of malloc, for the process's heap may change before that.
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "bif.h"
#include "driver.h"
#include "environment.h"
#include "file_name.h"
#include "memory.h"
#include "port_stream.h"
#include "posix_error.h"
#include "request.h"
#include "runtime_bifs.gen.h"

enum { LINE_DEFAULT = 512 }; // longest line of who does not say

// What is being read, of [p]; [executable]: args and arg0 may be given.
// port_options_free takes what is in [o], whoever has it then.
typedef struct {
    Process *p;
    PortOptions o; // to be handed over
    bool executable, has_args;
    char *arg0; // of malloc; becomes the first argument
} Reader;

// ---- texts ----

// A text that is neither empty nor holds a 0; NULL when it is none.
// A command with a 0 byte would be cut there.
static char *read_text(Process *p, Term t)
{
    size_t size;
    char *text = bif_get_text(p, t, &size);
    if (text == NULL || (size > 0 && strlen(text) == size)) return text;
    free(text);
    return NULL;
}

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_alloc(size), text, size);
}

// [a] and [b], one behind the other.
static char *join(const char *a, const char *b)
{
    char *text = memory_alloc(strlen(a) + strlen(b) + 1);
    stpcpy(stpcpy(text, a), b);
    return text;
}

// The arguments of {args, List}, behind an empty place for the first.
// The first is what the program is called, see read_executable.
static bool read_args(Reader *r, Term list)
{
    intptr_t n = term_list_length(list);
    if (n < 0 || r->o.args != NULL) return false; // given twice
    r->o.args = memory_zeroed((size_t)n + 2, sizeof *r->o.args);
    r->o.args[0] = copy_text("");
    r->has_args = true;
    int error;
    for (size_t i = 1; term_is_cons(list); list = term_tail(list), i++) {
        Term arg = term_head(list);
        r->o.args[i] = file_name_get(r->p, arg, &error);
        if (r->o.args[i] == NULL) return false;
    }
    return true;
}

// ---- environment ----

// "NAME=value" is an entry of the environment.
static bool is_variable(const char *entry, const char *name, size_t size)
{
    return strncmp(entry, name, size) == 0 && entry[size] == '=';
}

// Takes the entry of [name] out of [all], which has [*count] entries.
// The order of entries means nothing.
static void remove_variable(char **all, size_t *count, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < *count; i++) {
        if (!is_variable(all[i], name, size)) continue;
        all[i] = all[--*count];
        return;
    }
}

// Unlike a command it may be empty.
static char *read_variable(Process *p, Term t)
{
    size_t size;
    if (!term_is_list(t) && !term_is_binary(t)) return NULL;
    char *text = bif_get_text(p, t, &size);
    if (text == NULL || strlen(text) == size) return text;
    free(text);
    return NULL;
}

// {Name, Value | false}: [all] has room for one more.
// "A=" is unset by false, set to nothing by "".
static bool read_setting(Process *p, Term t, char **all, size_t *count)
{
    if (!term_is_tuple_of(t, 2)) return false;
    char *name = read_variable(p, term_tuple_get(t, 0));
    if (name == NULL || strchr(name, '=') != NULL) { // no name can have one
        free(name);
        return false;
    }
    Term value = term_tuple_get(t, 1);
    bool unset = term_same(value, ATOM_false);
    char *text = unset ? NULL : read_variable(p, value);
    // The last setting of a name wins.
    if (unset || text != NULL) remove_variable(all, count, name);
    if (text != NULL) {
        char *start = join(name, "=");
        all[(*count)++] = join(start, text);
        free(start);
    }
    free(name);
    free(text);
    return unset || text != NULL;
}

// Packs the entries into the one block that PortOptions has them in.
// One allocation: pointers, then texts, so that one free is enough.
static char **pack_strings(char *const *all, size_t count)
{
    size_t size = (count + 1) * sizeof(char *);
    for (size_t i = 0; i < count; i++) size += strlen(all[i]) + 1;
    char **packed = memory_alloc(size);
    char *to = (char *)(packed + count + 1);
    for (size_t i = 0; i < count; i++) {
        packed[i] = to;
        to = stpcpy(to, all[i]) + 1;
    }
    packed[count] = NULL;
    return packed;
}

// The node's environment with the settings of [list].
static bool read_environment(Reader *r, Term list)
{
    intptr_t n = term_list_length(list);
    if (n < 0) return false;
    // The node's, which os:putenv has changed; not that of the C program.
    char **own = environment_copy(r->p->node);
    size_t count = 0, most = (size_t)n;
    while (own[count] != NULL) count++;
    size_t room = count + most + 1;
    char **all = memory_zeroed(room, sizeof *all);
    char **made = memory_zeroed(most + 1, sizeof *made);
    memcpy(all, own, count * sizeof *all);
    // Entries made here are freed here, wherever they are in [all].
    size_t made_count = 0;
    bool good = true;
    for (; good && term_is_cons(list); list = term_tail(list)) {
        good = read_setting(r->p, term_head(list), all, &count);
        // read_setting put it last.
        if (good && count > 0 && !term_same(term_tuple_get(term_head(list), 1),
                                            ATOM_false))
            made[made_count++] = all[count - 1];
    }
    free(r->o.environment);
    r->o.environment = pack_strings(all, count);
    while (made_count > 0) free(made[--made_count]);
    free(made);
    free(all);
    free(own);
    return good;
}

// ---- options ----
// A false answer is badopt.

static bool read_limits(Reader *r, Term t)
{
    if (term_same(t, ATOM_disabled)) { // never full
        r->o.low = r->o.high = SIZE_MAX;
        return true;
    }
    return term_is_tuple_of(t, 2)
           && bif_get_size(term_tuple_get(t, 0), &r->o.low)
           && bif_get_size(term_tuple_get(t, 1), &r->o.high)
           && r->o.low >= 1 && r->o.low <= r->o.high;
}

// Bytes of the length before each packet.
static bool read_packet(Reader *r, Term t)
{
    size_t n;
    if (!bif_get_size(t, &n) || (n != 1 && n != 2 && n != 4)) return false;
    r->o.packet = (unsigned)n;
    return true;
}

// {line, N}: longer lines come in pieces, {noeol, Part}.
static bool read_line(Reader *r, Term t)
{
    return bif_get_size(t, &r->o.line) && r->o.line > 0;
}

// The last one given counts.
static bool read_directory(Reader *r, Term t)
{
    int error;
    free(r->o.directory);
    r->o.directory = file_name_get(r->p, t, &error);
    return r->o.directory != NULL;
}

// arg0 twice is an error in OTP.
static bool read_arg0(Reader *r, Term t)
{
    int error;
    if (r->arg0 != NULL) return false;
    r->arg0 = file_name_get(r->p, t, &error);
    return r->arg0 != NULL;
}

// Options that are pairs.
static bool read_pair(Reader *r, Term key, Term value)
{
    switch (key.bits) {
    case ATOM_BITS_packet: return read_packet(r, value);
    case ATOM_BITS_line: return read_line(r, value);
    case ATOM_BITS_cd: return read_directory(r, value);
    case ATOM_BITS_env: return read_environment(r, value);
    case ATOM_BITS_args: return read_args(r, value);
    case ATOM_BITS_arg0: return read_arg0(r, value);
    case ATOM_BITS_busy_limits_port: return read_limits(r, value);
    // Messages to a port are taken as they come.
    case ATOM_BITS_busy_limits_msgq: return true;
    case ATOM_BITS_parallelism:
        return term_same(value, ATOM_true) || term_same(value, ATOM_false);
    default: return false;
    }
}

// Options that are atoms.
static bool read_option(Reader *r, Term t)
{
    if (term_is_tuple_of(t, 2))
        return read_pair(r, term_tuple_get(t, 0), term_tuple_get(t, 1));
    PortOptions *o = &r->o;
    switch (t.bits) {
    case ATOM_BITS_stream: o->packet = 0; return true;
    case ATOM_BITS_line: o->line = LINE_DEFAULT; return true;
    case ATOM_BITS_use_stdio: o->stdio = true; return true;
    case ATOM_BITS_nouse_stdio: o->stdio = false; return true;
    case ATOM_BITS_stderr_to_stdout: o->stderr_to_stdout = true; return true;
    case ATOM_BITS_exit_status: o->exit_status = true; return true;
    case ATOM_BITS_binary: o->binary = true; return true;
    case ATOM_BITS_eof: o->eof = true; return true;
    case ATOM_BITS_in: o->in = true; return true;
    case ATOM_BITS_out: o->out = true; return true;
    case ATOM_BITS_hide:
    case ATOM_BITS_overlapped_io: return true; // for other systems
    default: return false;
    }
}

static bool read_options(Reader *r, Term list)
{
    for (; term_is_cons(list); list = term_tail(list))
        if (!read_option(r, term_head(list))) return false;
    // What excludes each other.
    if (r->o.line > 0 && r->o.packet > 0) return false;
    if (r->o.stderr_to_stdout && !r->o.stdio) return false;
    if (!r->o.in && !r->o.out) r->o.in = r->o.out = true; // neither said: both
    if (r->o.environment == NULL)
        r->o.environment = environment_copy(r->p->node);
    return term_is_nil(list);
}

// ---- what to open; these answer an error number, -1 for a bad argument ----

// The driver of OTP's terminal is opened to see whether there is one. Here it is
// a port for the terminal's bytes.
static bool names_terminal(const char *command)
{
    size_t size = sizeof "tty_sl" - 1;
    return strncmp(command, "tty_sl", size) == 0
           && (command[size] == ' ' || command[size] == '\0');
}

static int read_terminal(Reader *r)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return EINVAL;
    free(r->o.text);
    r->o.text = copy_text("/dev/tty");
    r->o.is_file = true;
    return 0;
}

// {spawn, Command}
// A shell runs it, as in OTP, unless a driver has that name, see run_open: it
// may have several words, and pipes. "exec" saves the shell's own process.
static int read_command(Reader *r, Term t)
{
    if (r->has_args || r->arg0 != NULL) return -1; // for spawn_executable only
    r->o.text = read_text(r->p, t);
    if (r->o.text == NULL) return -1;
    if (names_terminal(r->o.text)) return read_terminal(r);
    r->o.is_program = true;
    r->o.command = copy_text("/bin/sh");
    r->o.args = memory_zeroed(4, sizeof *r->o.args);
    r->o.args[0] = copy_text("sh");
    r->o.args[1] = copy_text("-c");
    r->o.args[2] = join("exec ", r->o.text);
    return 0;
}

// {spawn_executable, File}: it is not looked for along PATH.
static int read_executable(Reader *r, Term t)
{
    int error;
    char *file = file_name_get(r->p, t, &error);
    if (file == NULL) return -1;
    r->o.text = file;
    if (file[0] == 0) return -1;
    r->o.command = copy_text(file);
    // So errors of names are told at once, as exceptions.
    if (access(file, F_OK) != 0) return errno;
    if (access(file, X_OK) != 0) return EACCES;
    // args are read before the file is, since options come first.
    if (!r->has_args) r->o.args = memory_zeroed(2, sizeof *r->o.args);
    free(r->o.args[0]);
    r->o.args[0] = r->arg0 != NULL ? r->arg0 : copy_text(file);
    r->arg0 = NULL;
    return 0;
}

// {fd, In, Out}
// Descriptors stay the caller's; a wrong number is einval.
static int read_fds(Reader *r, Term in, Term out)
{
    if (!term_is_small(in) || !term_is_small(out)) return -1;
    intptr_t a = term_small_value(in), b = term_small_value(out);
    if (a < 0 || b < 0 || a > INT32_MAX || b > INT32_MAX) return EINVAL;
    r->o.in_fd = (int)a;
    r->o.out_fd = (int)b;
    // The port's name, as port_info shows it.
    char text[32];
    snprintf(text, sizeof text, "%d/%d", (int)a, (int)b);
    r->o.text = copy_text(text);
    return 0;
}

// A file's name, alone
// open_port("/dev/x", ...): an old form.
static int read_file(Reader *r, Term t)
{
    int error;
    r->o.text = file_name_get(r->p, t, &error);
    r->o.is_file = true;
    return r->o.text == NULL || r->o.text[0] == 0 ? -1 : 0;
}

// By its shape.
static int read_name(Reader *r, Term t)
{
    if (term_is_tuple_of(t, 3) && term_same(term_tuple_get(t, 0), ATOM_fd))
        return read_fds(r, term_tuple_get(t, 1), term_tuple_get(t, 2));
    if (term_is_atom(t) || term_is_cons(t)) return read_file(r, t);
    if (!term_is_tuple_of(t, 2)) return -1;
    if (term_same(term_tuple_get(t, 0), ATOM_spawn))
        return read_command(r, term_tuple_get(t, 1));
    if (term_same(term_tuple_get(t, 0), ATOM_spawn_driver)) {
        r->o.is_driver = true;
        return read_command(r, term_tuple_get(t, 1));
    }
    if (term_same(term_tuple_get(t, 0), ATOM_spawn_executable))
        return read_executable(r, term_tuple_get(t, 1));
    return -1;
}

// ---- opening ----
// From here on the thread of ports has the options.

// Runs there. The answer is a port, or an atom: the error's name.
static Term run_open(Port *none, PortCall *call)
{
    PortOptions *o = (PortOptions *)call->bytes;
    Term id;
    if (!port_table_has_room(call->node)) {
        port_options_free(o);
        return ATOM_system_limit;
    }
    Driver *driver = o->is_program && o->text != NULL
                         ? driver_for_command(call->node, o->text)
                         : NULL;
    int error = -1;
    if (driver != NULL)
        error = driver_port_open(call->node, driver, o, call->caller, &id);
    else if (!o->is_driver)
        error = port_stream_open(call->node, o, call->caller, &id);
    port_options_free(o);
    if (error == 0) return id;
    if (error == -1) return ATOM_badarg;
    return posix_error_name(call->node->atoms, error);
}

static Term read_and_ask(Process *p, const Term *args, Reader *r)
{
    // Options first, in OTP's order.
    if (!read_options(r, args[1]))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    int error = read_name(r, args[0]);
    if (error == -1) return bif_error(p, ATOM_badarg);
    if (error != 0) return bif_error(p, posix_error_atom(p, error));
    // The request begins before the call, or the answer could be too early.
    request_is_new(p);
    PortCall *call = port_call_new(p, TERM_NONE, run_open);
    PortOptions *o = memory_alloc(sizeof *o);
    *o = r->o;
    r->o = (PortOptions){0}; // handed over: nothing left to free
    call->bytes = (uint8_t *)o;
    port_call_start(call);
    return ATOM_true;
}

// Called again with the answer.
Term bif_erlang_open_port_2(Process *p, const Term *args)
{
    if (p->request == REQUEST_NONE) {
        Reader r = {.p = p, .o = {.stdio = true}};
        Term asked = read_and_ask(p, args, &r);
        port_options_free(&r.o);
        free(r.arg0);
        if (term_is_none(asked)) return asked;
    }
    Term answer = request_wait(p, 2, args);
    // A port is no atom.
    if (term_is_atom(answer)) return bif_error(p, answer);
    return answer;
}
