// SPDX-License-Identifier: Apache-2.0
// The encoding that a source file names: "coding: utf-8" or the like in a
// comment of its first two lines.
#include <string.h>
#include <strings.h>

#include "preprocess_state.h"

// What is left to read.
typedef struct {
    const uint8_t *at, *end; // the next byte; behind the last
} Reader;

static bool is_alphanumeric(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9');
}

static void skip_spaces(Reader *r)
{
    while (r->at < r->end && *r->at == ' ') r->at++;
}

// Reads ": NAME" or "= NAME" behind the word coding; false if it is no such.
// "coding :  latin-1": blanks on both sides of the sign.
static bool read_name(Reader *r, const char **name, size_t *size)
{
    skip_spaces(r);
    if (r->at >= r->end || (*r->at != ':' && *r->at != '=')) return false;
    r->at++;
    skip_spaces(r);
    *name = (const char *)r->at;
    while (r->at < r->end && (is_alphanumeric(*r->at) || *r->at == '-'))
        r->at++;
    *size = (size_t)((const char *)r->at - *name);
    return true;
}

// Whether the name begins with these parts, parted by '-'.
// "utf-8-unix" is utf-8, "latin-12" is no latin-1.
static bool name_is(const char *name, size_t size, const char *parts)
{
    size_t n = strlen(parts);
    return size >= n && strncasecmp(name, parts, n) == 0
           && (size == n || name[n] == '-');
}

// Looks through a line from here on; true when it says something.
// The word may stand in another, such as "encoding".
static bool search_line(Reader *r, const char **name, size_t *size)
{
    static const char WORD[] = "coding";
    enum { LENGTH = sizeof WORD - 1 };
    while (r->at < r->end && *r->at != '\n') {
        if ((size_t)(r->end - r->at) < LENGTH
            || memcmp(r->at, WORD, LENGTH) != 0) {
            r->at++;
            continue;
        }
        r->at += LENGTH;
        // Else look on behind the word.
        if (read_name(r, name, size)) return true;
    }
    return false;
}

// An unknown name answers false and leaves the default.
bool encoding_find(const uint8_t *text, size_t size, bool in_comment,
                   Encoding *encoding)
{
    enum { LINES = 2 };
    Reader r = {text, text + size};
    const char *name;
    size_t name_size;
    for (int line = 0; line < LINES && r.at < r.end; line++, r.at++) {
        // In a comment only: a string of the first line says nothing.
        while (in_comment && r.at < r.end && *r.at != '\n' && *r.at != '%')
            r.at++;
        if (!search_line(&r, &name, &name_size)) continue;
        if (name_is(name, name_size, "latin-1"))
            *encoding = ENCODING_LATIN1;
        else if (name_is(name, name_size, "utf-8"))
            *encoding = ENCODING_UTF8;
        else
            return false;
        return true;
    }
    return false;
}
