// SPDX-License-Identifier: Apache-2.0
// io: what only the node knows.
#include "bif.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// io:printable_range() -> latin1 | unicode: which lists of integers print as
// strings.
// The flag +pc; nothing else changes it.
Term bif_io_printable_range_0(Process *p, const Term *args)
{
    return p->node->options.unicode_strings ? ATOM_unicode : ATOM_latin1;
}
