// SPDX-License-Identifier: Apache-2.0
// erlang: what module seq_trace is made of.
// The token is a term of the process, sent along with its messages.
#include "bif.h"
#include "compare.h"
#include "runtime_bifs.gen.h"
#include "seq_trace.h"

// Answers the old value of what was set.
Term bif_erlang_seq_trace_2(Process *p, const Term *args)
{
    Term old = seq_trace_set(p, args[0], args[1]);
    return term_is_none(old) ? bif_error(p, ATOM_badarg) : old;
}

// Without a token the answer is [].
Term bif_erlang_seq_trace_info_1(Process *p, const Term *args)
{
    Term value = seq_trace_get(p, args[0]);
    if (term_is_none(value)) return bif_error(p, ATOM_badarg);
    return term_is_nil(value) ? value
                              : heap_tuple2(process_heap(p), args[0], value);
}

// false: nothing was printed, as there is no token.
Term bif_erlang_seq_trace_print_1(Process *p, const Term *args)
{
    if (!seq_trace_is_on(p)) return ATOM_false;
    seq_trace_print(p, args[0]);
    return ATOM_true;
}

// Only where the token has this label.
Term bif_erlang_seq_trace_print_2(Process *p, const Term *args)
{
    if (!seq_trace_is_on(p)
        || !term_exact_equal(args[0], term_tuple_get(p->seq_token, SEQ_LABEL)))
        return ATOM_false;
    seq_trace_print(p, args[1]);
    return ATOM_true;
}
