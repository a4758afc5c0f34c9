// SPDX-License-Identifier: Apache-2.0
// Dump: the file of a crash dump, of limited size, and the texts in it.
//
// Memory may be what is missing: numbers and names need none.
#include "dump.h"

#include <stdarg.h>
#include <string.h>

#include "print.h"

// Never half of what is given: a cut line would be read as another.
void dump_bytes(Dump *d, const void *bytes, size_t size)
{
    if (d->is_cut || size > d->left) {
        d->is_cut = true;
        return;
    }
    d->left -= size;
    fwrite(bytes, 1, size, d->file);
}

void dump_print(Dump *d, const char *format, ...)
{
    char text[1024]; // names have at most 255 characters
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t size = n < 0 ? 0 : (size_t)n;
    dump_bytes(d, text, size < sizeof text ? size : sizeof text - 1);
}

void dump_base64(Dump *d, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    dump_print(d, "%zX:", size);
    for (size_t i = 0; i < size && !d->is_cut; i += 3) {
        uint32_t n = (uint32_t)bytes[i] << 16;
        if (i + 1 < size) n |= (uint32_t)bytes[i + 1] << 8;
        if (i + 2 < size) n |= bytes[i + 2];
        char four[4] = {digits[n >> 18], digits[n >> 12 & 63],
                        i + 1 < size ? digits[n >> 6 & 63] : '=',
                        i + 2 < size ? digits[n & 63] : '='};
        dump_bytes(d, four, sizeof four);
    }
}

void dump_term(Dump *d, Term t)
{
    Buffer b;
    PrintOptions o;
    buffer_init(&b);
    print_options_init(&o);
    print_write(d->node, &b, t, &o);
    dump_bytes(d, b.bytes, b.size);
    buffer_free(&b);
}

void dump_function(Dump *d, Term module, Term function, unsigned arity)
{
    dump_term(d, module);
    dump_print(d, ":");
    dump_term(d, function);
    dump_print(d, "/%u", arity);
}
