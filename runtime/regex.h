// SPDX-License-Identifier: Apache-2.0
// Regex: compiled regular expressions (PCRE2), as re has them. In Erlang one is
//
//   {re_pattern, Captures, IsUnicode, UsesCrlf, Ref}     flags are 0 or 1
//
// with Ref a magic reference.
//
// Compiled once, read by any thread. What a run needs besides is the caller's.
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

// The pattern as PCRE was given it.
typedef struct {
    char *text; // of malloc
    size_t size;
} RegexSource;

typedef struct {
    Counted counted;    // must be first
    pcre2_code *code;   // PCRE's; machine code with it if it is kept
    RegexSource source; // to compile it anew with
    RegexOptions options;
    uint32_t captures; // groups that capture
    bool unicode;      // texts are to be turned into UTF-8
    bool utf8;         // they are taken as UTF-8, as the pattern may say itself
    bool crlf;         // \r\n may end a line
} Regex;

// Adds compile option [t] to [o]; false when it is none.
bool regex_option(Term t, RegexOptions *o);

typedef enum {
    REGEX_OK,
    REGEX_BAD_ARGUMENT, // the pattern is no text
    REGEX_ERROR         // it is no regular expression: [*error]
} RegexResult;

// Compiles [pattern]; the count of [*regex] is 1. [*error] gets
// {Text, Position}. [fast] is for patterns that are kept: it takes longer.
RegexResult regex_compile(Process *p, Term pattern, const RegexOptions *o,
                          bool fast, Regex **regex, Term *error);

// [regex] for texts with the line ends that [o] asks for, counted: [regex]
// itself when it is for those, or [o] asks for none.
Regex *regex_for(Process *p, Regex *regex, const RegexOptions *o);

// Ends one; also tells a magic reference of one.
void regex_destroy(Counted *c);

// The regex of term {re_pattern, ...}, NULL of others.
Regex *regex_from_term(Term t);

#endif
