// SPDX-License-Identifier: Apache-2.0
// Heart: the watchdog of a node, a program of its own beside it: "merle
// heart-guard PID", started by the module heart, which talks to it through
// its standard input and output. When the node is silent for too long or has
// ended without taking leave, the guard runs a command: HEART_COMMAND, or what
// it was told.
#ifndef MERLE_HEART_H
#define MERLE_HEART_H

// The whole program; answers its exit status.
int heart_guard(int argc, char **argv);

#endif
