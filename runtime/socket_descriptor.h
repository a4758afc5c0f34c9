// SPDX-License-Identifier: Apache-2.0
// Descriptors of sockets, in the network name space that is asked for.
#ifndef MERLE_SOCKET_DESCRIPTOR_H
#define MERLE_SOCKET_DESCRIPTOR_H

#include "term.h"

// A new one that never blocks; -1 and errno. [space] is iodata: the path of
// the name space, empty for that of the node.
int socket_descriptor_new(Term space, int family, int type, int protocol);

#endif
