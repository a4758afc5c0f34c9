// SPDX-License-Identifier: Apache-2.0
// Instructions of match specifications; between their compiler and their
// machine only.
#ifndef MERLE_MATCH_OP_H
#define MERLE_MATCH_OP_H

typedef enum {
    // Heads: each takes the term on top of the stack of what is to be matched.
    MATCH_SKIP,  // anything
    MATCH_SAME,  // the immediate [term]
    MATCH_EQUAL, // a term equal to [term]
    MATCH_BIND,  // anything, which becomes variable [n]
    MATCH_BOUND, // what is equal to variable [n]
    MATCH_TUPLE, // a tuple of [n] elements, which come to the top
    MATCH_CONS,  // a list cell; its tail and then its head come to the top
    MATCH_MAP,   // a map, which stays
    MATCH_KEY,   // the value of key [term] of the map at the top comes on top
    // Expressions: on a stack of values.
    MATCH_CONSTANT,   // [term]
    MATCH_VARIABLE,   // variable [n]
    MATCH_SUBJECT,    // the whole subject
    MATCH_MAKE_TUPLE, // a tuple of [n] values
    MATCH_MAKE_LIST,  // a list of [n] values; its tail lies on top
    MATCH_MAKE_MAP,   // a map of [n] pairs of key and value
    MATCH_CALL,       // [function] with [n] arguments
    MATCH_AND,        // of [n] booleans
    MATCH_OR,
    MATCH_ANDALSO,    // goes on at [n] if the value is false, else drops it
    MATCH_ORELSE,     // goes on at [n] if the value is true, else drops it
    MATCH_REQUIRE,    // takes a value, which must be true
    MATCH_BODY,       // the guards are done
    MATCH_DROP,       // takes a value
    MATCH_RETURN,     // the value is the answer
    MATCH_ACTION      // [action] with [n] arguments; see match_action.h
} MatchOpCode;

#endif
