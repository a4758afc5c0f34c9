// SPDX-License-Identifier: Apache-2.0
// Requests: a call signal to the one that is asked, another one back.
//
// The requester waits as a BIF that is called again (bif_wait); its state is in
// p->request and p->answer, so that it can be interrupted by anything. An
// answer that comes when nobody waits is dropped.
#include "request.h"

#include <stdlib.h>

#include "copy.h"
#include "memory.h"
#include "signal.h"

// What is asked: with the one that is asked, or on its way there.
typedef struct {
    RequestAnswer answer; // to be run there
    Term requester;       // pid that gets the answer
    Heap heap;            // of tag and id
    Term tag, id; // of the message; tag is TERM_NONE of a request that waits
} Question;

// What is long is taken as it lies; the next collection brings it home.
void request_answer_own(Process *p, Heap *h, Term answer)
{
    if (h->fragment_words < ADOPTED_LEAST) {
        answer = copy_term(p->node, &p->heap, answer);
    } else {
        heap_adopt(&p->heap, h);
        if (p->heap.fragment_words > p->nursery_size)
            p->flags |= PROCESS_WANTS_GC;
    }
    p->answer = answer;
    p->request = REQUEST_ANSWERED;
}

// In the requester's context: takes the answer in.
static bool take_answer(Node *node, Process *p, Signal *s)
{
    // It was killed, or has given up.
    if (p == NULL || p->request != REQUEST_SENT) return false;
    request_answer_own(p, &s->heap, s->message);
    return true;
}

// The answer's heap becomes the signal's: no copy here.
void request_answer_from(Node *node, Term to, Heap *h, Term answer)
{
    Signal *reply = signal_new(SIGNAL_CALL, TERM_NONE);
    reply->call = take_answer;
    reply->message = answer;
    heap_adopt(&reply->heap, h);
    signal_push(node, to, reply);
}

void request_answer(Node *node, Term to, Term answer)
{
    Heap h;
    heap_init(&h);
    answer = copy_term(node, &h, answer);
    request_answer_from(node, to, &h, answer);
}

// In the context of the one that is asked.
static bool answer_question(Node *node, Process *p, Signal *s)
{
    Question *q = s->data;
    Heap h;
    heap_init(&h);
    Term answer = q->answer(node, p, &h, s->message);
    // What lies on the receiver's heap stays there.
    if (p != NULL) answer = copy_term(node, &h, answer);
    if (term_is_none(q->tag)) { // it waits
        request_answer_from(node, q->requester, &h, answer);
    } else {
        // Asynchronous: an ordinary message, in either form.
        Term message = term_is_none(q->id)
                           ? heap_tuple2(&h, q->tag, answer)
                           : heap_tuple3(&h, q->tag, q->id, answer);
        signal_send_message(node, NULL, q->requester, message);
    }
    heap_free(&h);
    heap_free(&q->heap);
    free(q);
    return false;
}

static Signal *new_question(Node *node, RequestAnswer answer, Term question,
                            const RequestReply *reply)
{
    Signal *s = signal_new(SIGNAL_CALL, reply->requester);
    Question *q = memory_zeroed(1, sizeof *q);
    q->answer = answer;
    q->requester = reply->requester;
    heap_init(&q->heap);
    q->tag = copy_term(node, &q->heap, reply->tag);
    q->id = copy_term(node, &q->heap, reply->id);
    s->call = answer_question;
    s->data = q;
    s->reads = reply->looks;
    s->message = copy_term(node, &s->heap, question);
    return s;
}

// The first call of a BIF; later ones find it sent or answered.
bool request_is_new(Process *p)
{
    if (p->request != REQUEST_NONE) return false;
    p->request = REQUEST_SENT;
    return true;
}

// Looks at the inbox first: the answer may be there, without a slice.
Term request_wait(Process *p, unsigned n, const Term *args)
{
    // A port that has answered at once may have linked itself before.
    if (signal_is_waiting(p)) args = signal_receive_with(p, n, args);
    // A signal may have ended the process meanwhile.
    if (process_is_exiting(p)) {
        p->reason = REASON_EXIT;
        return TERM_NONE;
    }
    if (p->request == REQUEST_SENT) return bif_wait(p, n, args);
    Term answer = p->answer;
    p->answer = TERM_NONE;
    p->request = REQUEST_NONE;
    return answer;
}

// What [looks] can be answered while a BIF of [to] runs.
static Term ask(Process *p, Term to, RequestAnswer answer, Term question,
                bool looks)
{
    RequestReply reply = {p->pid, TERM_NONE, TERM_NIL, looks};
    if (term_same(to, p->pid)) // nothing to wait for
        return answer(p->node, p, &p->heap, question);
    if (request_is_new(p))
        signal_push(p->node, to,
                    new_question(p->node, answer, question, &reply));
    return TERM_NONE;
}

Term request_process(Process *p, Term to, RequestAnswer answer, Term question,
                     unsigned n, const Term *args)
{
    Term own = ask(p, to, answer, question, false);
    return term_is_none(own) ? request_wait(p, n, args) : own;
}

Term request_look(Process *p, Term to, RequestAnswer answer, Term question,
                  unsigned n, const Term *args)
{
    Term own = ask(p, to, answer, question, true);
    return term_is_none(own) ? request_wait(p, n, args) : own;
}

void request_async(Node *node, Term to, RequestAnswer answer, Term question,
                   const RequestReply *reply)
{
    signal_push(node, to, new_question(node, answer, question, reply));
}
