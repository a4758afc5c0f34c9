// SPDX-License-Identifier: Apache-2.0
// Exceptions: from a failure to its handler, and stack traces.
//
// What failed leaves class and value in the process. exception_raise adds the
// trace in its raw form, finds the handler nearest on the stack and sets the
// registers up for it:
//
//     x0 = TERM_NONE   x1 = value   x2 = raw trace   x3 = class
//
// A raw trace is a tuple, of which the list is made only when it is asked for:
//
//     {Class, Pcs, First, Info, Left}
//                    Pcs: binary of code addresses, newest first; First:
//                    {M, F, Args} or Args of the first entry, or none; Info:
//                    list put behind the place of the first entry; Left: how
//                    much of the stack, behind the handler, is still to be
//                    looked at
//     {Class, List}  of raise/3: made already
//
// A raw trace costs a binary, no more: most exceptions are caught by code that
// never asks where they came from.
#ifndef MERLE_EXCEPTION_H
#define MERLE_EXCEPTION_H

#include "code.h"
#include "process.h"

// Raises the exception that [p] holds, at [pc]. [callee] is the BIF that
// failed with arguments [args], or NULL. p->stack must be current. Answers the
// handler, with p->stack set to its frame; NULL when there is none and the
// process is to end.
const CodeWord *exception_raise(Process *p, Term *x, const CodeWord *pc,
                                const Export *callee, const Term *args);

// Whether [callee] is a BIF that raises what it is told, as erlang:error/1: such
// a one leaves no entry of its own.
bool exception_is_raising(const Export *callee);

// Raises function_clause in the function whose func_info is at [info]; its
// arguments are the registers.
const CodeWord *exception_function_clause(Process *p, Term *x,
                                          const CodeWord *info);

// Raises undef for a call of [callee] with the registers as arguments.
const CodeWord *exception_undefined(Process *p, Term *x, const CodeWord *pc,
                                    const Export *callee);

// Raises again what was caught with raw trace [trace]; the class is that of
// the trace.
const CodeWord *exception_again(Process *p, Term *x, Term trace, Term value);

// Raises class x0, value x1 with raw trace x2.
const CodeWord *exception_raw_raise(Process *p, Term *x);

// The list that raw trace [trace] stands for; a list stays as it is. Asked for
// in the function that has caught it.
Term exception_trace_list(Process *p, Term trace);

// What the trace of a running process would be: current_stacktrace.
Term exception_current_trace(Process *p, Heap *h, const CodeWord *pc);

// The value of a catch expression for the exception in x1 to x3.
Term exception_catch_value(Process *p, const Term *x);

// The list of {file, F} and {line, L} for [place], ending in list [info].
Term exception_location(Heap *h, const CodePlace *place, Term info);

#endif
