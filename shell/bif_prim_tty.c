// SPDX-License-Identifier: Apache-2.0
// prim_tty: the terminal, for the library's io server.
#include <stdlib.h>

#include "bif.h"
#include "map.h"
#include "process.h"
#include "shell_bifs.gen.h"
#include "terminal.h"

enum { WRITE_AT_ONCE = 4096 }; // bytes; what a pipe takes in one piece

// prim_tty:start(#{input => boolean()}) -> {ok, Ref} | {error, already_open}
// One process at a time reads what is typed.
Term bif_prim_tty_start_1(Process *p, const Term *args)
{
    if (!term_is_map(args[0])) return bif_error(p, ATOM_badarg);
    Heap *h = process_heap(p);
    Term input = map_get(args[0], ATOM_input);
    RefId ref = ref_id_new(p->node);
    if (!terminal_open(terminal_of(p->node), p->pid, ref,
                       !term_same(input, ATOM_false)))
        return heap_tuple2(h, ATOM_error, ATOM_already_open);
    return heap_tuple2(h, ATOM_ok, ref_from_id(h, ref));
}

// Writes now; ok | {error, Posix}. EPIPE and the like say that nobody reads.
// Any failure is eio: who reads the terminal is gone, and the io server then
// ends.
static Term write_now(Process *p, Term data)
{
    size_t size;
    uint8_t *bytes = bif_get_iodata(data, &size);
    if (bytes == NULL) return bif_error(p, ATOM_badarg);
    int error = terminal_write(bytes, size);
    free(bytes);
    if (error == 0) return ATOM_ok;
    return heap_tuple2(process_heap(p), ATOM_error, ATOM_eio);
}

// prim_tty:write(Ref, IoData): little is written at once where that does not
// wait, else the pool does it.
// A slow terminal must not hold a scheduler.
Term bif_prim_tty_write_2(Process *p, const Term *args)
{
    Bits bits;
    if (term_bits(args[1], &bits) && bits.size / 8 <= WRITE_AT_ONCE
        && terminal_can_write())
        return write_now(p, args[1]);
    // The stub in Erlang runs on a thread of the pool and calls this again.
    return bif_trap(p, ATOM_prim_tty, ATOM_write_wait, 2, args);
}

// Waits until all is written.
Term bif_prim_tty_write_wait_2(Process *p, const Term *args)
{
    return write_now(p, args[1]);
}

// prim_tty:set_raw(Ref, boolean()) -> boolean()
// false where standard input is no terminal.
Term bif_prim_tty_set_raw_2(Process *p, const Term *args)
{
    bool raw = term_same(args[1], ATOM_true);
    if (!raw && !term_same(args[1], ATOM_false))
        return bif_error(p, ATOM_badarg);
    return terminal_set_raw(terminal_of(p->node), raw) ? ATOM_true
                                                       : ATOM_false;
}

// prim_tty:suspend() -> ok: stops the program until the shell goes on with it.
Term bif_prim_tty_suspend_0(Process *p, const Term *args)
{
    terminal_suspend(terminal_of(p->node));
    return ATOM_ok;
}

// prim_tty:window_size(Ref) -> {Columns, Rows} | undefined
// undefined where standard output is no terminal.
Term bif_prim_tty_window_size_1(Process *p, const Term *args)
{
    int columns, rows;
    if (!terminal_window_size(&columns, &rows)) return ATOM_undefined;
    return heap_tuple2(process_heap(p), term_small(columns), term_small(rows));
}

// prim_tty:break_mode() -> 0 | $c | $d | $i: what C-c does, from the flag +B;
// 0 is merle's own way.
// A small integer, so that 0 needs no atom.
Term bif_prim_tty_break_mode_0(Process *p, const Term *args)
{
    return term_small(p->node->options.break_mode);
}

Term bif_prim_tty_is_terminal_0(Process *p, const Term *args)
{
    return terminal_is_terminal() ? ATOM_true : ATOM_false;
}
