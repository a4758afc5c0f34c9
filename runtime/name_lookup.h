// SPDX-License-Identifier: Apache-2.0
// NameLookup: a question to the system's resolver. One that no server answers
// takes many seconds and cannot be stopped; so each has a thread, which is none
// of the pool's, and a node that ends leaves to it what it is at.
#ifndef MERLE_NAME_LOOKUP_H
#define MERLE_NAME_LOOKUP_H

#include <netdb.h>

#include "process.h"
#include "socket_address.h"

typedef struct NameLookup NameLookup;
struct NameLookup {
    NameLookup *next; // behind it in the queue
    Term caller;      // pid of the one that waits
    Term (*tell)(const NameLookup *l, Node *node, Heap *h); // the answer
    // Asked for are the addresses of a name and a service, either may be NULL,
    // or the names of an address, which has a size.
    char *host, *service;
    struct addrinfo hints;
    SocketAddress address;
    int flags; // of getnameinfo
    // What was found, by the system's error number or 0.
    int error;
    struct addrinfo *found;
    char name[NI_MAXHOST], service_name[NI_MAXSERV];
};

// The look-ups of a node.
NameLookups *name_lookups_new(Node *node);

// Drops those that wait; those that are asked end by themselves.
void name_lookups_free(NameLookups *lookups);

// A look-up for [p], to be filled in.
NameLookup *name_lookup_new(const Process *p,
                            Term (*tell)(const NameLookup *, Node *, Heap *));

// Asks it, and frees it when it has answered the caller's request (request.h).
void name_lookup_start(NameLookups *lookups, NameLookup *l);

#endif
