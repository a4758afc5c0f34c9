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

// How a message is told.
typedef struct {
    const char *prefix; // before its words: "Warning: "
    bool brief;    // without the source
    bool coloured; // for a terminal
} MessageStyle;

// The variables of the environment that say whether colours are wanted; NULL
// where one is not set.
typedef struct {
    const char *no_color, *clicolor_force, *term;
} ColourWish;

// Whether messages to [terminal], or not, are to be coloured.
bool message_wants_colour(bool terminal, const ColourWish *wish);

// One message {Location, Module, Descriptor} about [file].
void message_format(Node *node, Buffer *out, Term file, Term message,
                    const MessageStyle *style);

// [place] and [words] as the first line of a message of [style].
void message_head(Buffer *out, const char *place, const char *words,
                  const MessageStyle *style);

// The line of [path] at [location], {Line, Column} or Line, and a mark below;
// nothing when there is none.
void message_quote(Buffer *out, const char *path, Term location,
                   const MessageStyle *style);

// [list], [{File, [Message]}], by file and place, each file once; but before
// all else what kept the text from being read.
Term messages_in_order(AtomTable *atoms, Heap *heap, Term list);

#endif
