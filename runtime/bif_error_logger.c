// SPDX-License-Identifier: Apache-2.0
// error_logger: what was said on the command line of warnings.
#include "bif.h"
#include "process.h"
#include "runtime_bifs.gen.h"

// error_logger:warning_map() -> warning | info | error: as what warnings are
// told (+W).
Term bif_error_logger_warning_map_0(Process *p, const Term *args)
{
    (void)args;
    switch (p->node->options.warning_mode) {
    case 'e':
        return ATOM_error;
    case 'i':
        return ATOM_info;
    default:
        return ATOM_warning;
    }
}
