// SPDX-License-Identifier: Apache-2.0
// Relation list: the relations of a process as OTP's tests want to see them.
#ifndef MERLE_RELATION_LIST_H
#define MERLE_RELATION_LIST_H

#include "relation.h"

// {erl_link, process | port | dist_process, Other, linked | unlinking, Number}
// of each link of [p].
Term relation_list_links(const Process *p, Heap *h);

// {erl_monitor, process | port | dist_process | time_offset, origin | target,
// Reference, Other, Name} of each monitor of [p], and of [p]; the name is nil
// without.
Term relation_list_monitors(const Process *p, Heap *h);

#endif
