// SPDX-License-Identifier: Apache-2.0
// Requests: what a BIF asks of another process (process_info and the like) or
// of another scheduler, and waits for.
#ifndef MERLE_REQUEST_H
#define MERLE_REQUEST_H

#include "process.h"
#include "scheduler.h"

// Answers [question] about [receiver], in its context; the answer lies on [h].
// [receiver] is NULL when there is no such process.
typedef Term (*RequestAnswer)(Node *node, Process *receiver, Heap *h,
                              Term question);

// Asks local process [to]; for "return request_process(...)" in a BIF that was
// called with [n] [args]. The BIF is called again until the answer is there.
// When [to] is the caller itself it answers at once.
Term request_process(Process *p, Term to, RequestAnswer answer, Term question,
                     unsigned n, const Term *args);

// The same for what only reads: it need not wait for a dirty BIF of [to].
Term request_look(Process *p, Term to, RequestAnswer answer, Term question,
                  unsigned n, const Term *args);

// Who gets the answer of a request without waiting: {tag, id, Answer} as a
// message, or {tag, Answer} when [id] is TERM_NONE.
typedef struct {
    Term requester; // a local pid
    Term tag, id;   // copied
    bool looks;     // as request_look
} RequestReply;

// Asks local process [to] without waiting.
void request_async(Node *node, Term to, RequestAnswer answer, Term question,
                   const RequestReply *reply);

// Gives the process [to], which waits in a request, its answer. Any thread.
void request_answer(Node *node, Term to, Term answer);

// The same with an answer that lies on [h], which is empty then.
void request_answer_from(Node *node, Term to, Heap *h, Term answer);

// The same for the process [p] of the caller's own slice, at once.
void request_answer_own(Process *p, Heap *h, Term answer);

// For BIFs that ask somebody else: waits until request_answer.
//     if (request_is_new(p)) { ... ask, so that request_answer is called ... }
//     return request_wait(p, n, args);
bool request_is_new(Process *p);
Term request_wait(Process *p, unsigned n, const Term *args);

#endif
