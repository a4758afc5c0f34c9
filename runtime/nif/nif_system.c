// SPDX-License-Identifier: Apache-2.0
// Memory, libraries, formatted output and time for NIFs.
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "memory.h"
#include "nif_part.h"
#include "print.h"

// ---- memory and libraries ----
// malloc's, so a library may mix both.

void *enif_alloc(size_t size)
{
    return malloc(size);
}

void *enif_realloc(void *block, size_t size)
{
    return realloc(block, size);
}

void enif_free(void *block)
{
    free(block);
}

// [complain] gets the reason.
void *enif_dlopen(const char *library,
                  void (*complain)(void *, const char *), void *data)
{
    void *handle = dlopen(library, RTLD_NOW);
    if (handle == NULL && complain != NULL) complain(data, dlerror());
    return handle;
}

void *enif_dlsym(void *handle, const char *symbol,
                 void (*complain)(void *, const char *), void *data)
{
    void *found = dlsym(handle, symbol);
    if (found == NULL && complain != NULL) complain(data, dlerror());
    return found;
}

// Libraries that are older know a smaller structure.
void enif_system_info(ErlNifSysInfo *info, size_t size)
{
    const Node *node = nif_thread()->node;
    ErlNifSysInfo all = {
        .driver_major_version = 3, .driver_minor_version = 3,
        // What OTP 25 says, as libraries may compare.
        .erts_version = "13.1.4", .otp_release = "25", .thread_support = 1,
        .smp_support = 1, .async_threads = 1,
        .scheduler_threads = node == NULL ? 1 : (int)node->scheduler_count,
        .nif_major_version = ERL_NIF_MAJOR_VERSION,
        .nif_minor_version = ERL_NIF_MINOR_VERSION,
        .dirty_scheduler_support = 1};
    memcpy(info, &all, size < sizeof all ? size : sizeof all);
}

// 0: done; 1: there is no such variable; -1: no room, [*size] is what it takes.
// The C program's environment, as in OTP.
int enif_getenv(const char *name, char *value, size_t *size)
{
    const char *found = getenv(name);
    if (found == NULL) return 1;
    size_t length = strlen(found);
    bool room = length < *size;
    if (room) memcpy(value, found, length + 1);
    *size = room ? length : length + 1;
    return room ? 0 : -1;
}

// ---- formatted output: that of printf, and %T for a term ----
// Written out here, for the C library does not know %T.

// What a conversion with this length modifier takes.
// By size on this machine: all pointers are long.
typedef enum { TAKES_INT, TAKES_LONG, TAKES_SIZE } Width;

static Width width_of(const char *specification, size_t size)
{
    if (memchr(specification, 'l', size) != NULL) return TAKES_LONG;
    if (memchr(specification, 'j', size) != NULL) return TAKES_LONG;
    if (memchr(specification, 'z', size) != NULL) return TAKES_SIZE;
    if (memchr(specification, 't', size) != NULL) return TAKES_SIZE;
    return TAKES_INT;
}

// Nothing without a node: atoms have no text then.
static void add_term(Buffer *out, Term t)
{
    const Node *node = nif_thread()->node;
    PrintOptions o;
    print_options_init(&o);
    o.line_length = 0; // "text" as such, all on one line
    if (node != NULL) print_pretty(node, out, t, &o);
}

static void add_integer(Buffer *out, const char *specification, Width width,
                        va_list *args)
{
    char text[64];
    int size;
    if (width == TAKES_LONG)
        size = snprintf(text, sizeof text, specification, va_arg(*args, long));
    else if (width == TAKES_SIZE)
        size = snprintf(text, sizeof text, specification,
                        va_arg(*args, size_t));
    else
        size = snprintf(text, sizeof text, specification, va_arg(*args, int));
    buffer_add(out, text, (size_t)size < sizeof text ? (size_t)size
                                                     : sizeof text - 1);
}

// Widths beyond 500 are cut.
static void add_float(Buffer *out, const char *specification, va_list *args)
{
    char text[512];
    int size = snprintf(text, sizeof text, specification,
                        va_arg(*args, double));
    buffer_add(out, text, (size_t)size < sizeof text ? (size_t)size
                                                     : sizeof text - 1);
}

// Of any length.
static void add_string(Buffer *out, const char *specification, va_list *args)
{
    char *text = NULL;
    int size = asprintf(&text, specification, va_arg(*args, const char *));
    if (size > 0) buffer_add(out, text, (size_t)size);
    free(text);
}

// One conversion; its text, the last character of which says what it is, ends
// with a 0.
// Flags and widths are passed on as they are.
static void convert(Buffer *out, const char *specification, size_t size,
                    va_list *args)
{
    char text[32];
    int n;
    switch (specification[size - 1]) {
    case '%': buffer_add_byte(out, '%'); break;
    case 'T': add_term(out, (Term){va_arg(*args, ERL_NIF_TERM)}); break;
    case 's': add_string(out, specification, args); break;
    case 'p':
        n = snprintf(text, sizeof text, "%p", va_arg(*args, void *));
        buffer_add(out, text, (size_t)n);
        break;
    case 'e': case 'f': case 'g': case 'a': case 'E': case 'F': case 'G':
        add_float(out, specification, args);
        break;
    default:
        add_integer(out, specification, width_of(specification, size), args);
    }
}

// Copies the conversion at [format] to [to], with what its stars stand for;
// answers its length.
// "%-*.*f" becomes "%-8.3f".
static size_t read_conversion(const char *format, char *to, size_t room,
                              va_list *args)
{
    size_t size = 1 + strcspn(format + 1, "%diouxXeEfFgGaAcspT");
    size_t length = format[size] == 0 ? size : size + 1, used = 0;
    for (size_t i = 0; i < length && used + 12 < room; i++) {
        if (format[i] == '*')
            used += (size_t)snprintf(to + used, room - used, "%d",
                                     va_arg(*args, int));
        else
            to[used++] = format[i];
    }
    to[used] = 0;
    return length;
}

// Text without a conversion is copied as it is.
static Buffer format_all(const char *format, va_list *args)
{
    Buffer out = {0};
    while (*format != 0) {
        char conversion[64];
        size_t plain = strcspn(format, "%");
        buffer_add(&out, format, plain);
        format += plain;
        if (*format == 0) break;
        format += read_conversion(format, conversion, sizeof conversion, args);
        convert(&out, conversion, strlen(conversion), args);
    }
    return out;
}

// The caller's list must not be used up.
int enif_vfprintf(FILE *file, const char *format, va_list args)
{
    va_list own;
    va_copy(own, args);
    Buffer out = format_all(format, &own);
    va_end(own);
    size_t size = out.size;
    bool written = size == 0 || fwrite(out.bytes, 1, size, file) == size;
    buffer_free(&out);
    return written ? (int)size : -1;
}

int enif_fprintf(FILE *file, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = enif_vfprintf(file, format, args);
    va_end(args);
    return size;
}

// As snprintf: the length that it would have had.
int enif_vsnprintf(char *to, size_t size, const char *format, va_list args)
{
    va_list own;
    va_copy(own, args);
    Buffer out = format_all(format, &own);
    va_end(own);
    size_t whole = out.size, copied = whole < size ? whole : size - 1;
    if (size > 0) {
        if (copied > 0) memcpy(to, out.bytes, copied);
        to[copied] = 0;
    }
    buffer_free(&out);
    return (int)whole;
}

int enif_snprintf(char *to, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int whole = enif_vsnprintf(to, size, format, args);
    va_end(args);
    return whole;
}

// ---- time ----
// Native time is in nanoseconds.

// Nanoseconds of a unit; 0 when it is none.
static int64_t unit_size(ErlNifTimeUnit unit)
{
    switch (unit) {
    case ERL_NIF_SEC: return 1000000000;
    case ERL_NIF_MSEC: return 1000000;
    case ERL_NIF_USEC: return 1000;
    case ERL_NIF_NSEC: return 1;
    default: return 0;
    }
}

// Below 0 too.
static int64_t divide_down(int64_t n, int64_t by)
{
    return n / by - (n % by < 0);
}

// To a smaller unit by multiplying, to a larger one rounding down.
ErlNifTime enif_convert_time_unit(ErlNifTime time, ErlNifTimeUnit from,
                                  ErlNifTimeUnit to)
{
    int64_t a = unit_size(from), b = unit_size(to);
    if (a == 0 || b == 0) return ERL_NIF_TIME_ERROR;
    return a >= b ? time * (a / b) : divide_down(time, b / a);
}

ErlNifTime enif_monotonic_time(ErlNifTimeUnit unit)
{
    return enif_convert_time_unit(clock_to_erlang(clock_monotonic()),
                                  ERL_NIF_NSEC, unit);
}

// Only a node has one.
ErlNifTime enif_time_offset(ErlNifTimeUnit unit)
{
    Node *node = nif_thread()->node;
    if (node == NULL) return ERL_NIF_TIME_ERROR;
    return enif_convert_time_unit(clock_erlang_offset(node), ERL_NIF_NSEC, unit);
}

// Never twice the same.
ERL_NIF_TERM enif_now_time(ErlNifEnv *env)
{
    return clock_now(env->node, env->heap).bits;
}

// Of all threads together.
ERL_NIF_TERM enif_cpu_time(ErlNifEnv *env)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return clock_stamp(env->heap,
                       used.tv_sec * 1000000 + used.tv_nsec / 1000)
        .bits;
}

// As erlang:unique_integer.
ERL_NIF_TERM enif_make_unique_integer(ErlNifEnv *env,
                                      ErlNifUniqueInteger properties)
{
    return clock_unique_integer(env->node, env->heap,
                                (properties & ERL_NIF_UNIQUE_POSITIVE) != 0,
                                (properties & ERL_NIF_UNIQUE_MONOTONIC) != 0)
        .bits;
}
