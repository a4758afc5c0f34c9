// SPDX-License-Identifier: Apache-2.0
// HTTP packets: what is well known is an atom, all else a string, or a binary
// in the modes that say so.
//
// Lines are read from the left; what cannot be read makes {http_error, Line}.
// Atoms are made of known names only: strangers choose the others.
#include "packet_http.h"

#include <ctype.h>
#include <strings.h>

enum { NAME_MOST = 50 }; // longer names of headers are left as they are

// In the order of their numbers, from 1 on.
static const char *const headers[] = {
    "Cache-Control", "Connection", "Date", "Pragma", "Transfer-Encoding",
    "Upgrade", "Via", "Accept", "Accept-Charset", "Accept-Encoding",
    "Accept-Language", "Authorization", "From", "Host", "If-Modified-Since",
    "If-Match", "If-None-Match", "If-Range", "If-Unmodified-Since",
    "Max-Forwards", "Proxy-Authorization", "Range", "Referer", "User-Agent",
    "Age", "Location", "Proxy-Authenticate", "Public", "Retry-After", "Server",
    "Vary", "Warning", "Www-Authenticate", "Allow", "Content-Base",
    "Content-Encoding", "Content-Language", "Content-Length",
    "Content-Location", "Content-Md5", "Content-Range", "Content-Type", "Etag",
    "Expires", "Last-Modified", "Accept-Ranges", "Set-Cookie", "Set-Cookie2",
    "X-Forwarded-For", "Cookie", "Keep-Alive", "Proxy-Connection"};

// These only are atoms; the order does not matter.
static const char *const methods[] = {"OPTIONS", "GET", "HEAD", "POST", "PUT",
                                      "DELETE", "TRACE"};

// What is left of the line, and how terms of it are built.
typedef struct {
    AtomTable *atoms;
    Heap *heap;
    bool binary;
    const char *at; // what comes next
    size_t left;
} Line;

static Term make_text(const Line *l, const char *text, size_t size)
{
    return l->binary ? heap_binary(l->heap, text, size)
                     : heap_string(l->heap, text, size, TERM_NIL);
}

// The index of a known name, from 1 on; 0 without.
static size_t find_known(const char *const *known, size_t count,
                         const char *name, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(known[i]) == size && memcmp(known[i], name, size) == 0)
            return i + 1;
    return 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static void pass(Line *l, size_t n)
{
    l->at += n;
    l->left -= n;
}

// Passes spaces; whether there were any.
static bool pass_spaces(Line *l)
{
    size_t before = l->left;
    while (l->left > 0 && is_space(*l->at)) pass(l, 1);
    return l->left < before;
}

// Characters that may stand in names of methods and headers.
// RFC 2616's separators end a token.
static size_t count_token(const Line *l)
{
    size_t n = 0;
    while (n < l->left && l->at[n] > 32 && l->at[n] < 127
           && strchr("()<>@,;:\\\"/[]?={}", l->at[n]) == NULL)
        n++;
    return n;
}

static bool read_number(Line *l, intptr_t *number)
{
    size_t before = l->left;
    *number = 0;
    for (; l->left > 0 && isdigit((unsigned char)*l->at); pass(l, 1))
        // Never more than a small: it wraps.
        *number = (*number * 10 + (*l->at - '0')) & INT32_MAX;
    return l->left < before;
}

// HTTP/1.1 -> {1, 1}; TERM_NONE when it is something else.
static Term read_version(Line *l)
{
    intptr_t major, minor;
    if (l->left < 5 || memcmp(l->at, "HTTP/", 5) != 0) return TERM_NONE;
    pass(l, 5);
    if (!read_number(l, &major) || l->left == 0 || *l->at != '.')
        return TERM_NONE;
    pass(l, 1);
    if (!read_number(l, &minor)) return TERM_NONE;
    return heap_tuple2(l->heap, term_small(major), term_small(minor));
}

// HTTP/1.1 200 OK, of which the last may be missing.
static Term read_response(Line *l)
{
    intptr_t status;
    Term version = read_version(l);
    if (term_is_none(version) || !pass_spaces(l)) return TERM_NONE;
    read_number(l, &status); // a missing status is 0
    if (!pass_spaces(l) && l->left > 0) return TERM_NONE;
    return heap_tuple(l->heap, 4, (Term[]){ATOM_http_response, version,
                                           term_small(status),
                                           make_text(l, l->at, l->left)});
}

// host[:port][/path] -> {absoluteURI, [scheme], Host, Port, Path}
static Term absolute_uri(const Line *l, Term scheme, const char *text,
                         size_t size)
{
    const char *path = memchr(text, '/', size), *end = text + size;
    if (path == NULL) path = end;
    // Before the path only.
    const char *colon = memchr(text, ':', (size_t)(path - text));
    Term port = ATOM_undefined;
    if (colon != NULL) {
        Line digits = {.at = colon + 1, .left = (size_t)(path - colon - 1)};
        intptr_t number;
        if (read_number(&digits, &number) && digits.left == 0 && number != 0)
            port = term_small(number);
    }
    const char *host_end = colon == NULL ? path : colon;
    Term host = make_text(l, text, (size_t)(host_end - text));
    Term rest = path == end ? make_text(l, "/", 1) // a path is always shown
                            : make_text(l, path, (size_t)(end - path));
    return heap_tuple(l->heap, 5, (Term[]){ATOM_absoluteURI, scheme, host,
                                           port, rest});
}

static Term make_uri(const Line *l, const char *text, size_t size)
{
    if (size == 1 && text[0] == '*') return atom_new(l->atoms, "*", 1);
    if (size <= 1 || text[0] == '/') // a path of this server
        return heap_tuple2(l->heap, ATOM_abs_path, make_text(l, text, size));
    if (size >= 7 && strncasecmp(text, "http://", 7) == 0)
        return absolute_uri(l, ATOM_http, text + 7, size - 7);
    if (size >= 8 && strncasecmp(text, "https://", 8) == 0)
        return absolute_uri(l, ATOM_https, text + 8, size - 8);
    const char *colon = memchr(text, ':', size);
    if (colon == NULL) return make_text(l, text, size);
    size_t scheme = (size_t)(colon - text);
    // Any other scheme: its name and the rest.
    Term name = make_text(l, text, scheme);
    return heap_tuple3(l->heap, ATOM_scheme, name,
                       make_text(l, colon + 1, size - scheme - 1));
}

// GET /path HTTP/1.1, of which the last may be missing.
static Term read_request(Line *l)
{
    const char *name = l->at;
    size_t size = count_token(l);
    pass(l, size);
    if (size == 0 || !pass_spaces(l)) return TERM_NONE;
    const char *uri = l->at;
    while (l->left > 0 && !is_space(*l->at)) pass(l, 1);
    size_t uri_size = (size_t)(l->at - uri);
    if (uri_size == 0) return TERM_NONE;
    pass_spaces(l);
    Term version = l->left == 0 // HTTP/0.9 has no version
                       ? heap_tuple2(l->heap, term_small(0), term_small(9))
                       : read_version(l);
    if (term_is_none(version)) return TERM_NONE;
    bool known = find_known(methods, sizeof methods / sizeof *methods, name,
                            size) > 0;
    Term method = known ? atom_new(l->atoms, name, size)
                        : make_text(l, name, size);
    return heap_tuple(l->heap, 4, (Term[]){ATOM_http_request, method,
                                           make_uri(l, uri, uri_size),
                                           version});
}

// The first letter, and those behind a "-", become large, the others small; of
// two "-" the second is the one that is behind.
static void capitalise(char *to, const char *name, size_t size)
{
    bool first = true;
    for (size_t i = 0; i < size; i++) {
        int c = (unsigned char)name[i];
        to[i] = (char)(first ? toupper(c) : tolower(c));
        first = c == '-' && !first;
    }
}

// Name: value
static Term read_header(Line *l)
{
    const char *name = l->at;
    char proper[NAME_MOST];
    size_t size = count_token(l), number = 0;
    pass(l, size);
    if (l->left == 0 || *l->at != ':') return TERM_NONE;
    pass(l, 1);
    pass_spaces(l);
    Term field = make_text(l, name, size);
    Term original = field;
    // Longer names are left as they are: they match none.
    if (size <= NAME_MOST) {
        capitalise(proper, name, size);
        number = find_known(headers, sizeof headers / sizeof *headers, proper,
                            size);
        field = number > 0 ? atom_new(l->atoms, proper, size)
                           : make_text(l, proper, size);
    }
    // As it was written stands behind what it was made.
    return heap_tuple(l->heap, 5, (Term[]){ATOM_http_header,
                                           term_small((intptr_t)number), field,
                                           original,
                                           make_text(l, l->at, l->left)});
}

// After the first line come headers, after the empty one the next message.
static Term read_line(Line *l, PacketMode *mode, bool in_headers)
{
    if (in_headers && l->left == 0) {
        mode->in_headers = false;
        return ATOM_http_eoh;
    }
    if (in_headers) return read_header(l);
    bool response = l->left >= 5 && memcmp(l->at, "HTTP/", 5) == 0;
    Term t = response ? read_response(l) : read_request(l);
    if (!term_is_none(t)) mode->in_headers = true;
    return t;
}

Term packet_http_term(AtomTable *atoms, Heap *h, PacketMode *mode,
                      const uint8_t *bytes, size_t size)
{
    bool binary = mode->type == PACKET_HTTP_BIN
                  || mode->type == PACKET_HTTPH_BIN;
    bool in_headers = mode->in_headers || mode->type == PACKET_HTTPH
                      || mode->type == PACKET_HTTPH_BIN;
    const char *text = (const char *)bytes;
    Line line = {atoms, h, binary, text, size};
    // Without the line's end.
    if (size >= 2 && bytes[size - 2] == '\r')
        line.left = size - 2;
    else if (size >= 1 && bytes[size - 1] == '\n')
        line.left = size - 1;
    Term t = read_line(&line, mode, in_headers);
    if (!term_is_none(t)) return t;
    return heap_tuple2(h, ATOM_http_error, make_text(&line, text, size));
}
