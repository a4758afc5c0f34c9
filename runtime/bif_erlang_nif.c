// SPDX-License-Identifier: Apache-2.0
// BIFs of module erlang about native functions.
// A NIF's own functions are in nif/; this is the way in.
#include <stdlib.h>

#include "bif.h"
#include "nif.h"
#include "runtime_bifs.gen.h"

// load_nif(Path, Info). The caller's module is found by nif_load; an atom is no
// path in OTP.
Term bif_erlang_load_nif_2(Process *p, const Term *args)
{
    size_t size;
    if (term_is_atom(args[0])) return bif_error(p, ATOM_badarg);
    char *path = bif_get_text(p, args[0], &size);
    if (path == NULL) return bif_error(p, ATOM_badarg);
    Term answer = nif_load(p, path, args[1]);
    free(path);
    return answer;
}
