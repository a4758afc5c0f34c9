// SPDX-License-Identifier: Apache-2.0
// Behaviour info: the function that tells a behaviour's callbacks.
#ifndef MERLE_BEHAVIOUR_INFO_H
#define MERLE_BEHAVIOUR_INFO_H

#include "unit.h"

// Defines and exports behaviour_info/1 when the module that was read declares
// callbacks and has no such function.
void behaviour_info_define(Unit *u);

#endif
