// SPDX-License-Identifier: Apache-2.0
// BIFs of module prim_eval: waiting for messages without taking one.
#include "bif.h"
#include "process.h"
#include "runtime_bifs.gen.h"
#include "signal.h"
#include "timer.h"

// The timer is the receive's own; it must not fire later.
static Term end_wait(Process *p, Term answer)
{
    if (timer_has_receive(p)) timer_cancel_receive(p);
    return answer;
}

// prim_eval:wait(Seen, Ms): true once more than Seen messages are in the
// queue, false when the time is over. It is called again whenever something
// has come, with the timer that the first call has set.
Term bif_prim_eval_wait_2(Process *p, const Term *args)
{
    size_t seen, ms = 0;
    // Messages that have come are put into the mailbox first.
    if (signal_is_waiting(p)) args = signal_receive_with(p, 2, args);
    if (process_is_exiting(p)) {
        p->reason = REASON_EXIT; // killed while it waited
        return TERM_NONE;
    }
    bool forever = term_same(args[1], ATOM_infinity);
    if (!bif_get_size(args[0], &seen)
        || (!forever && !bif_get_size(args[1], &ms)))
        return bif_error(p, ATOM_badarg);
    // What came after the time was over is left alone, as by loop_rec.
    if (p->flags & PROCESS_TIMED_OUT) return end_wait(p, ATOM_false);
    // More than were seen: the caller looks at them itself.
    if (p->mailbox.count > seen) return end_wait(p, ATOM_true);
    if (!forever && p->timer == NULL) {
        if (ms == 0) return ATOM_false; // after 0: no wait at all
        timer_set_receive(p, ms);
    }
    return bif_wait(p, 2, args);
}
