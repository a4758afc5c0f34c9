// SPDX-License-Identifier: Apache-2.0
// Messages off the heap.
#include "off_heap.h"

#include "copy.h"
#include "gc.h"

// What is on [part] passes to the mailbox of [p].
static MailboxBeside take_part(Process *p, Term token, Heap *part)
{
    heap_close_fragment(part);
    MailboxBeside beside = {token, part->fragments, part->counted};
    heap_init(part);
    // It may be what a receive has waited for, and looks at next.
    p->mailbox.seen = MAILBOX_SEEN;
    if (beside.fragments != NULL) p->flags |= PROCESS_BESIDE;
    return beside;
}

void off_heap_append(Process *p, Term message, Term token, Heap *part)
{
    mailbox_append_beside(&p->mailbox, message, take_part(p, token, part));
}

static size_t words_of(const Fragment *f)
{
    size_t n = 0;
    for (; f != NULL; f = f->next) n += f->size;
    return n;
}

static size_t counted_bytes(const Term *box)
{
    size_t n = 0;
    for (; box != NULL; box = (const Term *)box[COUNTED_NEXT].bits)
        if (header_subtag(*box) == SUBTAG_COUNTED) n += box[COUNTED_SIZE].bits;
    return n;
}

void off_heap_join(Process *p, size_t i)
{
    Mailbox *m = &p->mailbox;
    if (mailbox_fragments(m, i) == NULL) return;
    MailboxBeside *b = &m->beside[i];
    Heap part = {.fragments = b->fragments,
                 .counted = b->counted,
                 .counted_bytes = counted_bytes(b->counted),
                 .fragment_words = words_of(b->fragments)};
    b->fragments = NULL;
    b->counted = NULL;
    if (m->seen == MAILBOX_SEEN_COLLECTED && m->save == i) {
        gc_adopt(p, &part);
        return;
    }
    // It is young, wherever it stands.
    if (m->young > i) m->young = i;
    if (m->aged > i) m->aged = i;
    gc_join(p, &part);
}

void off_heap_join_all(Process *p)
{
    for (size_t i = p->mailbox.head; i < p->mailbox.tail; i++)
        off_heap_join(p, i);
}

void off_heap_receive(Process *p)
{
    Mailbox *m = &p->mailbox;
    if (m->beside == NULL)
        p->flags &= ~(uint32_t)PROCESS_BESIDE;
    else
        off_heap_join(p, m->save);
    m->seen = MAILBOX_UNSEEN;
}

const Fragment *off_heap_fixed(Process *p)
{
    Mailbox *m = &p->mailbox;
    if (m->seen == MAILBOX_UNSEEN || m->save == m->tail) return NULL;
    m->seen = MAILBOX_SEEN_COLLECTED;
    return mailbox_fragments(m, m->save);
}

// What the heap keeps of it is garbage, or shared with what the process holds.
void off_heap_move(Process *p)
{
    Mailbox *m = &p->mailbox;
    for (size_t i = m->head; i < m->tail; i++) {
        Term message = m->slots[i];
        if (term_is_none(message) || mailbox_fragments(m, i) != NULL) continue;
        Heap part;
        size_t size = copy_size(p->node, message);
        if (size == 0) continue; // an immediate, or a literal
        heap_start(&part, size);
        message = copy_term(p->node, &part, message);
        Term token = mailbox_token(m, i);
        mailbox_replace(m, i, message, take_part(p, token, &part));
    }
}

size_t off_heap_words(const Process *p)
{
    const Mailbox *m = &p->mailbox;
    size_t n = 0;
    for (size_t i = m->head; m->beside != NULL && i < m->tail; i++)
        n += words_of(mailbox_fragments(m, i));
    return n;
}
