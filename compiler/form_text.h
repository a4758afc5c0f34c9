// SPDX-License-Identifier: Apache-2.0
// Form text: forms that are easier to read as text than as code that makes
// them.
#ifndef MERLE_FORM_TEXT_H
#define MERLE_FORM_TEXT_H

#include "node.h"

// The form of the expression [text], which ends with ". ", on [heap]; its
// places are those in [text]. TERM_NONE when it is none.
Term form_text_expression(Node *node, Heap *heap, const char *text);

#endif
