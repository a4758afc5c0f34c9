// SPDX-License-Identifier: Apache-2.0
// Relations: what a process has with others: links, monitors of its own,
// monitors of others that watch it, and its aliases. A table with open
// addresses, which only the process's owner touches.
//
// Keys are two words, whatever they are made of, so one table serves all kinds;
// kind and key together are unique.
#ifndef MERLE_RELATION_H
#define MERLE_RELATION_H

#include "process.h"
#include "ref.h"

typedef enum {
    RELATION_NONE,
    RELATION_LINK,      // key: relation_link_key of the other's pid
    RELATION_MONITOR,   // key: the reference; this process watches [other]
    RELATION_MONITORED, // key: the reference; [other] watches this process
    RELATION_ALIAS,     // key: the reference
    RELATION_RESOURCE,  // key: the number; a resource watches it, see nif.h
    // With other nodes, see dist.h:
    RELATION_UNLINKED,  // key as of a link that was, until the other knows;
                        // tag: the number of the request, small
    RELATION_WATCHED,   // key: relation_ref_key of tag; [other], of another
                        // node, watches this process under reference tag,
                        // by [name] unless that is TERM_NONE
    RELATION_SPAWN,     // key: the reference of a request to another node;
                        // tag: see dist_spawn.c
    RELATION_CARRIER    // key: the connection's number; this process carries
                        // it, to node [name]
} RelationKind;

typedef enum {
    ALIAS_NONE,             // the reference is none
    ALIAS_EXPLICIT_UNALIAS, // until unalias
    ALIAS_DEMONITOR,        // or the monitor is taken away
    ALIAS_REPLY_DEMONITOR,  // or the first answer comes
    ALIAS_REPLY             // of alias/1
} AliasMode;

typedef struct {
    RefId key;  // what it is found by
    Term other; // pid or port of the other; of a monitor of a name that
                // nobody had, TERM_NONE; time_offset; of a monitor of a
                // name on another node, that node's name
    Term name;     // of a monitor by name: the name, else TERM_NONE
    uint8_t kind;  // RelationKind
    uint8_t alias; // AliasMode; of a monitor: whether its reference is one
    Term tag;      // of a monitor: first element of its message
    uint32_t connection; // the connection to the other's node, 0: this one
    Heap *heap;    // where tag and other lie if they are no immediates
} Relation;

// The relation of this kind and key, or NULL. Good until the next is added.
Relation *relation_find(const Relations *r, RelationKind kind, RefId key);

// A new relation, zeroed but for kind and key; the present one if there is.
Relation *relation_add(Process *p, RelationKind kind, RefId key);

// Sets who the other is; [other] is copied.
void relation_set_other(Relation *r, Term other);

// Sets the tag; [tag] is copied, too.
void relation_set_tag(Relation *r, Term tag);

// Notes that [p] watches [other] under [id], by [name] unless that is
// TERM_NONE. [options] are those of monitor/3 and have been checked; answers
// the reference, on the heap of [p].
Term relation_add_monitor(Process *p, RefId id, Term other, Term name,
                          Term options);

// Takes a relation out and copies it to [*out], if that is not NULL; its tag
// and other are then the caller's to free (relation_free_tag). False when there
// is none.
bool relation_remove(Process *p, RelationKind kind, RefId key, Relation *out);

// The next relation from [*i] on, which starts at 0; NULL at the end.
Relation *relation_next(const Relations *r, size_t *i);

// The next relation that an ending process is to break, each once; NULL when
// there is none any more. Nothing may be added or removed from the first on.
const Relation *relation_next_broken(Relations *r);

size_t relation_count(const Relations *r);

void relation_free_tag(Relation *relation);
void relation_free_all(Process *p);

// The key of a link with [pid], a pid or port.
static inline RefId relation_link_key(Term pid)
{
    if (term_is_immediate(pid)) return (RefId){pid.bits, 0};
    const Term *box = term_box_ptr(pid); // EXT_PID: node, data
    return (RefId){box[2].bits, box[1].bits};
}

// The key of a reference of another node.
RefId relation_ref_key(Term ref);

#endif
