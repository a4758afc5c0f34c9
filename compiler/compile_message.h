// SPDX-License-Identifier: Apache-2.0
// Messages: what the compiler tells about a source, as text: place, words, the
// line of the source and a mark below it.
#ifndef MERLE_COMPILE_MESSAGE_H
#define MERLE_COMPILE_MESSAGE_H

#include "buffer.h"
#include "heap.h"
#include "node.h"

// The words of [descriptor], which format_error of [module] would give.
void message_describe(Node *node, Buffer *out, Term module, Term descriptor);

// One message {Location, Module, Descriptor} about [file]; [prefix] stands
// before its words ("Warning: "). [brief]: without the source.
void message_format(Node *node, Buffer *out, Term file, Term message,
                    const char *prefix, bool brief);

// The line of [path] at [location], {Line, Column} or Line, and a mark below;
// nothing when there is none.
void message_quote(Buffer *out, const char *path, Term location);

// [list], [{File, [Message]}], by file and place, each file once; but before
// all else what kept the text from being read.
Term messages_in_order(AtomTable *atoms, Heap *heap, Term list);

#endif
