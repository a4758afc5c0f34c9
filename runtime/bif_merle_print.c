// SPDX-License-Identifier: Apache-2.0
// merle_print: what io_lib and io_lib_pretty stand on.
//
//   write(Term, Options), pretty(Term, Options) -> io_lib:chars()
//
// The lists are nested as OTP's are, which shows where somebody prints them.
//
// Options is a map of depth, chars, encoding (latin1 or unicode), and for
// pretty also column, line_length, max_line, strings, unicode_strings and
// records (#{{Name, FieldCount} => [Field]}), and for both orders (#{Map =>
// [Key]}, of maps whose keys have another order). What is not there has the
// value of print_options_init.
// Wrong values are ignored: the callers are the library's own.
#include "bif.h"
#include "map.h"
#include "print.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// [n] stays as it is if nothing is given.
static void read_number(Term options, Term name, intptr_t *n)
{
    Term value = map_get(options, name);
    if (!term_is_none(value) && term_is_small(value))
        *n = term_small_value(value);
}

static void read_flag(Term options, Term name, bool *flag)
{
    Term value = map_get(options, name);
    if (!term_is_none(value)) *flag = term_same(value, ATOM_true);
}

// False: no map.
static bool read_options(Term options, PrintOptions *o)
{
    if (!term_is_map(options)) return false;
    print_options_init(o);
    o->nested = true;
    Term encoding = map_get(options, ATOM_encoding);
    if (!term_is_none(encoding) && term_same(encoding, ATOM_latin1))
        o->encoding = PRINT_LATIN1;
    Term records = map_get(options, ATOM_records);
    if (!term_is_none(records) && term_is_map(records)) o->records = records;
    Term orders = map_get(options, ATOM_orders);
    if (!term_is_none(orders) && term_is_map(orders)) o->orders = orders;
    read_number(options, ATOM_depth, &o->depth);
    read_number(options, ATOM_chars, &o->max_chars);
    read_number(options, ATOM_column, &o->column);
    read_number(options, ATOM_line_length, &o->line_length);
    read_number(options, ATOM_max_line, &o->max_line);
    read_flag(options, ATOM_strings, &o->strings);
    read_flag(options, ATOM_unicode_strings, &o->unicode_strings);
    return true;
}

// Both printers have this shape.
typedef void (*PrintFunction)(const Node *node, Buffer *out, Term t,
                              const PrintOptions *o);

// The text is UTF-8 with marks in a buffer, and then a list.
static Term print(Process *p, PrintFunction function, const Term *args)
{
    PrintOptions o;
    if (!read_options(args[1], &o)) return bif_error(p, ATOM_badarg);
    Buffer out;
    buffer_init(&out);
    function(p->node, &out, args[0], &o);
    Term text = print_list(process_heap(p), &out);
    buffer_free(&out);
    return text;
}

Term bif_merle_print_write_2(Process *p, const Term *args)
{
    return print(p, print_write, args);
}

Term bif_merle_print_pretty_2(Process *p, const Term *args)
{
    return print(p, print_pretty, args);
}
