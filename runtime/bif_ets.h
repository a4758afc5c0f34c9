// SPDX-License-Identifier: Apache-2.0
// What the files with the BIFs of ets share.
#ifndef MERLE_BIF_ETS_H
#define MERLE_BIF_ETS_H

#include "process.h"

// All objects of the table args[0], as a BIF answers: faster than by a pattern
// that matches all.
Term bif_ets_all_objects(Process *p, const Term *args);

#endif
