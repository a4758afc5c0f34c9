// SPDX-License-Identifier: Apache-2.0
// Messages: what the compiler tells about a source, as text: place, words, the
// line of the source and a mark below it.
#ifndef MERLE_COMPILE_MESSAGE_H
#define MERLE_COMPILE_MESSAGE_H

#include "buffer.h"
#include "node.h"

// The words of [descriptor], which format_error of [module] would give.
void message_describe(Node *node, Buffer *out, Term module, Term descriptor);

// One message {Location, Module, Descriptor} about [file]; [prefix] stands
// before its words ("Warning: "). [brief]: without the source.
void message_format(Node *node, Buffer *out, Term file, Term message,
                    const char *prefix, bool brief);

#endif
