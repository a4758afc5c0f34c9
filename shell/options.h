// SPDX-License-Identifier: Apache-2.0
// Options: the command line, as far as it concerns the node itself.
#ifndef MERLE_OPTIONS_H
#define MERLE_OPTIONS_H

#include "node.h"

// Must outlive the node: it keeps pointers to the texts.
typedef struct {
    NodeOptions node; // as the flags say; 0 where they say nothing
    int count;        // arguments left for init, in order
    char **arguments; // of malloc; the texts belong to argv or [owned]
    char **owned;     // texts of malloc, NULL at the end
} Options;

// Reads argv: "+S 2:2", "+P N" and the like go to [node], what stands behind
// -extra or -- is left alone, all else is for init. False, with a message on
// standard error, when an emulator flag is wrong.
// Flags of OTP that mean nothing here are passed over, so that old start
// scripts work.
bool options_read(Options *options, int argc, char **argv);
void options_free(Options *options);

#endif
