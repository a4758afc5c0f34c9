// SPDX-License-Identifier: Apache-2.0
// erlang: hashes of terms that are the same everywhere.
// Files and other nodes keep these numbers, so they can never change. For its
// own maps and tables merle has a faster hash.
#include "bif.h"
#include "hash.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// Without a range OTP answers 27 bits, so that it is a small integer on 32 bits
// too.
enum { PHASH2_BITS = 27 };

// A range from 1 to 2^32.
// 2^32 itself is allowed.
static bool get_range(Term t, uint64_t *range)
{
    return bif_get_uint64(t, range) && *range >= 1
           && *range <= (uint64_t)1 << 32;
}

Term bif_erlang_phash2_1(Process *p, const Term *args)
{
    uint32_t hash = hash_phash2(process_atoms(p), args[0]);
    return term_small(hash & ((1 << PHASH2_BITS) - 1));
}

Term bif_erlang_phash2_2(Process *p, const Term *args)
{
    uint64_t range;
    if (!get_range(args[1], &range)) return bif_error(p, ATOM_badarg);
    uint64_t hash = hash_phash2(process_atoms(p), args[0]);
    return term_small((intptr_t)(hash % range));
}

// The old hash, from 1 on.
Term bif_erlang_phash_2(Process *p, const Term *args)
{
    uint64_t range;
    if (!get_range(args[1], &range)) return bif_error(p, ATOM_badarg);
    uint64_t hash = hash_phash(process_atoms(p), args[0]);
    return term_small((intptr_t)(hash % range + 1));
}
