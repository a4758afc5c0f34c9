// SPDX-License-Identifier: Apache-2.0
// Tags of the external term format: the byte that each term begins with.
#ifndef MERLE_EXTERNAL_TAG_H
#define MERLE_EXTERNAL_TAG_H

// Letters as the format's documentation has them; V4, NEW and NEWER are later
// forms of the same thing.
enum {
    EXTERNAL_NEW_FLOAT = 'F',
    EXTERNAL_BIT_BINARY = 'M',
    EXTERNAL_COMPRESSED = 'P',
    EXTERNAL_ATOM_CACHE_REF = 'R',
    EXTERNAL_NEW_PID = 'X',
    EXTERNAL_NEW_PORT = 'Y',
    EXTERNAL_NEWER_REFERENCE = 'Z',
    EXTERNAL_SMALL_INTEGER = 'a',
    EXTERNAL_INTEGER = 'b',
    EXTERNAL_FLOAT = 'c',
    EXTERNAL_ATOM = 'd', // Latin-1
    EXTERNAL_REFERENCE = 'e',
    EXTERNAL_PORT = 'f',
    EXTERNAL_PID = 'g',
    EXTERNAL_SMALL_TUPLE = 'h',
    EXTERNAL_LARGE_TUPLE = 'i',
    EXTERNAL_NIL = 'j',
    EXTERNAL_STRING = 'k',
    EXTERNAL_LIST = 'l',
    EXTERNAL_BINARY = 'm',
    EXTERNAL_SMALL_BIG = 'n',
    EXTERNAL_LARGE_BIG = 'o',
    EXTERNAL_NEW_FUN = 'p',
    EXTERNAL_EXPORT = 'q',
    EXTERNAL_NEW_REFERENCE = 'r',
    EXTERNAL_SMALL_ATOM = 's', // Latin-1
    EXTERNAL_MAP = 't',
    EXTERNAL_ATOM_UTF8 = 'v',
    EXTERNAL_SMALL_ATOM_UTF8 = 'w',
    EXTERNAL_V4_PORT = 'x',

    EXTERNAL_FLOAT_BYTES = 31 // of a float as text
};

#endif
