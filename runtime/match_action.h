// SPDX-License-Identifier: Apache-2.0
// Match actions: the special forms of match specifications for tracing, such
// as {return_trace} or {set_tcw, 1}. Most act on the process whose call is
// looked at.
#ifndef MERLE_MATCH_ACTION_H
#define MERLE_MATCH_ACTION_H

#include "match_spec.h"

// Named as in match specifications, with get_tcw and set_tcw as CONTROL.
typedef enum {
    ACTION_MESSAGE,
    ACTION_RETURN_TRACE,
    ACTION_EXCEPTION_TRACE,
    ACTION_SILENT,
    ACTION_CALLER,
    ACTION_CALLER_LINE,
    ACTION_STACKTRACE,
    ACTION_PROCESS_DUMP,
    ACTION_DISPLAY,
    ACTION_ENABLE_TRACE,
    ACTION_DISABLE_TRACE,
    ACTION_TRACE,
    ACTION_SET_CONTROL,
    ACTION_GET_CONTROL,
    ACTION_IS_SEQ_TRACE,
    ACTION_SET_SEQ_TOKEN,
    ACTION_GET_SEQ_TOKEN
} MatchAction;

typedef struct {
    uintptr_t name;      // atom's bits
    uint8_t action;      // MatchAction
    uint8_t least, most; // arguments
    bool in_guards;      // may stand in a guard too
} MatchActionInfo;

// The action called [name], NULL without.
const MatchActionInfo *match_action_find(Term name);

// Does it, in the context of [p], with [n] [args]; answers its value. What is
// to be done with the call itself it leaves in [actions].
Term match_action(Process *p, unsigned action, size_t n, const Term *args,
                  MatchActions *actions);

#endif
