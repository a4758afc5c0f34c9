// SPDX-License-Identifier: Apache-2.0
// Regex: compiled regular expressions (PCRE2), as re has them. In Erlang one is
//
//   {re_pattern, Captures, IsUnicode, UsesCrlf, Bytes}     flags are 0 or 1
//
// with the options and the source in Bytes, a binary: so it can be kept in
// files and sent to other nodes. What PCRE made of it is in the node's cache.
//
// A Regex is read by any thread. What a run needs besides is the caller's.
#ifndef MERLE_REGEX_H
#define MERLE_REGEX_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "bif.h"
#include "counted.h"

// What options of compile ask for.
typedef struct {
    uint32_t flags;   // PCRE2_...
    uint32_t newline; // PCRE2_NEWLINE_..., 0: \n
    uint32_t bsr;     // PCRE2_BSR_..., 0: the default
} RegexOptions;

// A pattern, in the caller's memory.
typedef struct {
    char *text;
    size_t size;
} RegexSource;

typedef struct {
    Counted counted;    // must be first
    pcre2_code *code;   // PCRE's
    RegexSource source; // of malloc
    RegexOptions options;
    uint32_t captures; // groups that capture
    bool unicode;      // texts are to be turned into UTF-8
    bool utf8;         // they are taken as UTF-8, as the pattern may say itself
    bool crlf;         // \r\n may end a line
    bool fast;         // there is machine code, too
    uint8_t uses;      // how often it was found in the cache, until it is fast
} Regex;

// Adds compile option [t] to [o]; false when it is none.
bool regex_option(Term t, RegexOptions *o);

typedef enum {
    REGEX_OK,
    REGEX_BAD_ARGUMENT, // the pattern is no text
    REGEX_ERROR         // it is no regular expression: [*error]
} RegexResult;

// Compiles [pattern]; [*regex] is counted for the caller. [*error] gets
// {Text, Position}.
RegexResult regex_compile(Process *p, Term pattern, const RegexOptions *o,
                          Regex **regex, Term *error);

// The term {re_pattern, ...} of [r].
Term regex_term(Process *p, const Regex *r);

// Whether [t] looks like one.
static inline bool regex_is_term(Term t)
{
    return term_is_tuple_of(t, 5)
           && term_same(term_tuple_get(t, 0), ATOM_re_pattern);
}

// The regex of such a term, counted, for the line ends that [ends] asks for, if
// it does. NULL when it was not made here.
Regex *regex_from_term(Process *p, Term t, const RegexOptions *ends);

#endif
