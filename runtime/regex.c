// SPDX-License-Identifier: Apache-2.0
// Regular expressions: compiling.
//
// OTP has the older PCRE; where the two differ in what a pattern means or how
// an error is worded, the older one is followed.
#include "regex.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "bits.h"
#include "memory.h"
#include "process.h"
#include "regex_cache.h"

// ---- options ----

static bool newline_option(Term value, RegexOptions *o)
{
    static const struct {
        uintptr_t name;
        uint32_t newline;
    } newlines[] = {
        {ATOM_BITS_cr, PCRE2_NEWLINE_CR},
        {ATOM_BITS_lf, PCRE2_NEWLINE_LF},
        {ATOM_BITS_crlf, PCRE2_NEWLINE_CRLF},
        {ATOM_BITS_anycrlf, PCRE2_NEWLINE_ANYCRLF},
        {ATOM_BITS_any, PCRE2_NEWLINE_ANY},
        {ATOM_BITS_nul, PCRE2_NEWLINE_NUL},
    };
    for (size_t i = 0; i < sizeof newlines / sizeof *newlines; i++)
        if (newlines[i].name == value.bits) {
            o->newline = newlines[i].newline;
            return true;
        }
    return false;
}

static const struct {
    uintptr_t name;
    uint32_t flag;
} flag_options[] = {
    {ATOM_BITS_unicode, PCRE2_UTF},
    {ATOM_BITS_anchored, PCRE2_ANCHORED},
    {ATOM_BITS_caseless, PCRE2_CASELESS},
    {ATOM_BITS_dollar_endonly, PCRE2_DOLLAR_ENDONLY},
    {ATOM_BITS_dotall, PCRE2_DOTALL},
    {ATOM_BITS_extended, PCRE2_EXTENDED},
    {ATOM_BITS_firstline, PCRE2_FIRSTLINE},
    {ATOM_BITS_multiline, PCRE2_MULTILINE},
    {ATOM_BITS_no_auto_capture, PCRE2_NO_AUTO_CAPTURE},
    {ATOM_BITS_dupnames, PCRE2_DUPNAMES},
    {ATOM_BITS_ungreedy, PCRE2_UNGREEDY},
    {ATOM_BITS_no_start_optimize, PCRE2_NO_START_OPTIMIZE},
    {ATOM_BITS_ucp, PCRE2_UCP},
    {ATOM_BITS_never_utf, PCRE2_NEVER_UTF},
};

static uint32_t all_flags(void)
{
    uint32_t all = 0;
    for (size_t i = 0; i < sizeof flag_options / sizeof *flag_options; i++)
        all |= flag_options[i].flag;
    return all;
}

// Several may be given; the last one of newline and bsr counts.
bool regex_option(Term t, RegexOptions *o)
{
    if (term_is_tuple_of(t, 2)
        && term_same(term_tuple_get(t, 0), ATOM_newline))
        return newline_option(term_tuple_get(t, 1), o);
    for (size_t i = 0; i < sizeof flag_options / sizeof *flag_options; i++)
        if (flag_options[i].name == t.bits) {
            o->flags |= flag_options[i].flag;
            return true;
        }
    if (term_same(t, ATOM_bsr_anycrlf)) o->bsr = PCRE2_BSR_ANYCRLF;
    if (term_same(t, ATOM_bsr_unicode)) o->bsr = PCRE2_BSR_UNICODE;
    return term_same(t, ATOM_bsr_anycrlf) || term_same(t, ATOM_bsr_unicode);
}

// ---- errors ----

// The text of a compile error: as the older PCRE has it, which OTP uses, where
// that differs.
static void error_text(int code, char *text, size_t size)
{
    static const struct {
        int code;
        const char *text;
    } texts[] = {
        {107, "invalid escape sequence in character class"},
        {109, "nothing to repeat"},
        {110, "internal error: unexpected repeat"},
        {111, "unrecognized character after (? or (?-"},
        {112, "POSIX named classes are supported only within a class"},
        {113, "POSIX collating elements are not supported"},
        {114, "missing )"},
        {118, "missing ) after comment"},
        {119, "regular expression is too complicated"},
        {122, "unmatched parentheses"},
        {124, "malformed number or name after (?("},
        {126, "a numbered reference must not be zero"},
        {127, "conditional group contains more than two branches"},
        {129, "digit expected after (?+"},
        {134, "character value in \\x{} or \\o{} is too large"},
        {136, "\\C not allowed in lookbehind assertion"},
        {137, "PCRE does not support \\L, \\l, \\N{name}, \\U, or \\u"},
        {138, "number after (?C is > 255"},
        {139, "closing ) for (?C expected"},
        {142, "syntax error in subpattern name (missing terminator)"},
        {143, "two named subpatterns have the same name"},
        {144, "group name must start with a non-digit"},
        {147, "unknown property name after \\P or \\p"},
        {148, "subpattern name is too long (maximum 32 characters)"},
        {150, "invalid range in character class"},
        {154, "DEFINE group contains more than one branch"},
        {155, "missing opening brace after \\o"},
        {158, "(?R or (?[+-]digits must be followed by )"},
        {161, "number is too big"},
        {164, "non-octal character in \\o{} (closing brace missing?)"},
        {167, "non-hex character in \\x{} (closing brace missing?)"},
        {168, "\\c must be followed by an ASCII character"},
        {169, "\\k is not followed by a braced, angle-bracketed, or quoted "
              "name"},
        {171, "\\N is not supported in a class"},
        {173, "disallowed Unicode code point (>= 0xd800 && <= 0xdfff)"},
        {174, "setting UTF is disabled by the application"},
        {178, "digits missing in \\x{} or \\o{}"},
        {186, "regular expression is too complicated"},
    };
    // All of them are one error for OTP.
    if (code < 0) { // PCRE2_ERROR_UTF8_ERR1 and the like
        snprintf(text, size, "invalid UTF-8 string");
        return;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].code == code) {
            snprintf(text, size, "%s", texts[i].text);
            return;
        }
    // The same in both.
    pcre2_get_error_message(code, (PCRE2_UCHAR *)text, size);
}

static Term error_term(Process *p, int code, size_t position)
{
    char text[128];
    error_text(code, text, sizeof text);
    // Those that the older PCRE places before what is wrong.
    if ((code == 137 || code == 143 || code == 147 || code == 171)
        && position > 0)
        position--;
    if (code == 115) position++;   // and one behind it,
    if (code == 174) position = 0; // and one at the start
    Heap *h = process_heap(p);
    return heap_tuple2(h, heap_string(h, text, strlen(text), TERM_NIL),
                       term_small((intptr_t)position));
}

// ---- compiling ----

// The bytes of a pattern, of malloc; NULL when it is no text.
static char *pattern_text(Process *p, Term t, bool unicode, size_t *size)
{
    // Bytes as they are.
    if (!unicode || term_is_binary(t)) return (char *)bif_get_iodata(t, size);
    return term_is_atom(t) ? NULL : bif_get_text(p, t, size);
}

enum { DEPTH_MOST = 798 }; // of parentheses in parentheses

// Whether it may name a class of letters. PCRE2 10.42 looks up Latin-1's in the
// wrong table when it searches for where a match may start in UTF-8.
static bool has_letter_class(RegexSource pattern)
{
    for (size_t i = 0; i + 1 < pattern.size; i++)
        if (pattern.text[i] == '\\' && (pattern.text[i + 1] | 0x20) == 'w')
            return true;
    return false;
}

// Compiles it for texts whose letters are those of Latin-1.
static pcre2_code *compile(const uint8_t *letters, RegexSource pattern,
                           const RegexOptions *o, int *code,
                           size_t *position)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_set_character_tables(context, letters);
    pcre2_set_parens_nest_limit(context, DEPTH_MOST);
    pcre2_set_compile_extra_options(context,
                                    PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK);
    if (o->newline != 0) pcre2_set_newline(context, o->newline);
    if (o->bsr != 0) pcre2_set_bsr(context, o->bsr);
    uint32_t flags = o->flags;
    // Only UTF without UCP looks wrong; other patterns are as fast as ever.
    if ((flags & (PCRE2_UTF | PCRE2_UCP)) == PCRE2_UTF
        && has_letter_class(pattern))
        flags |= PCRE2_NO_START_OPTIMIZE;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern.text, pattern.size, flags, code,
                      position, context);
    pcre2_compile_context_free(context);
    return compiled;
}

static RegexSource copy_source(RegexSource source)
{
    RegexSource copy = {memory_alloc(source.size + 1), source.size};
    memcpy(copy.text, source.text, source.size);
    return copy;
}

static void destroy(Counted *c)
{
    Regex *r = (Regex *)c;
    pcre2_code_free(r->code);
    free(r->source.text);
    free(r);
}

static Regex *new_regex(pcre2_code *code, RegexSource source,
                        const RegexOptions *o)
{
    Regex *r = memory_zeroed(1, sizeof *r);
    uint32_t flags, newline;
    atomic_init(&r->counted.count, 1);
    r->counted.destroy = destroy;
    r->code = code;
    r->source = copy_source(source);
    r->options = *o;
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &r->captures);
    pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &flags);
    pcre2_pattern_info(code, PCRE2_INFO_NEWLINE, &newline);
    // What was asked for, and what the pattern itself may have set.
    r->unicode = (o->flags & PCRE2_UTF) != 0;
    r->utf8 = (flags & PCRE2_UTF) != 0;
    r->crlf = newline == PCRE2_NEWLINE_CRLF || newline == PCRE2_NEWLINE_ANY
              || newline == PCRE2_NEWLINE_ANYCRLF;
    return r;
}

// Makes room for one byte at [at].
static void insert_byte(RegexSource *source, size_t at, char byte)
{
    source->text = memory_resize(source->text, source->size + 1);
    memmove(source->text + at + 1, source->text + at, source->size - at);
    source->text[at] = byte;
    source->size++;
}

// Writes \c with a byte at [at] as \x with the two digits of what it means:
// the older PCRE takes every ASCII character there, the newer printable ones.
static bool spell_control(RegexSource *source, size_t at)
{
    static const char digits[] = "0123456789abcdef";
    if (at < 2 || at >= source->size || source->text[at - 1] != 'c')
        return false;
    unsigned char byte = (unsigned char)source->text[at];
    if (byte == 0 || byte > 127) return false;
    byte ^= 0x40;
    insert_byte(source, at, digits[byte >> 4]);
    source->text[at - 1] = 'x';
    source->text[at + 1] = digits[byte & 15];
    return true;
}

// A hyphen behind a class of characters is one itself for the older PCRE, as
// in [\d-z]; the newer one finds fault with the range.
static bool is_hyphen_fault(int code, RegexSource source, size_t position)
{
    return code == 150 && position < source.size
           && source.text[position] == '-';
}

// Takes the backslash before [at] away, or before the digits that end there.
// False if there is none, or it makes a reference to a group.
static bool drop_backslash(RegexSource *source, size_t at, bool digits)
{
    if (at >= source->size) return false;
    while (digits && at > 0 && isdigit((unsigned char)source->text[at - 1]))
        at--;
    if (at == 0 || source->text[at - 1] != '\\') return false;
    if (digits && source->text[at] < '8') return false;
    memmove(source->text + at - 1, source->text + at, source->size - at);
    source->size--;
    return true;
}

// Makes [source] mean for PCRE2 what it means for the older PCRE, as far as the
// fault [code] at [position] comes from a difference between the two.
static bool mend(RegexSource *source, int code, size_t position)
{
    if (is_hyphen_fault(code, *source, position)) {
        insert_byte(source, position, '\\');
        return true;
    }
    // Letters whose escape means nothing are themselves, and so is a number
    // from 8 on when there are fewer groups.
    if (code == PCRE2_ERROR_UNKNOWN_ESCAPE
        || code == PCRE2_ERROR_ESCAPE_INVALID_IN_CLASS)
        return drop_backslash(source, position, false);
    if (code == PCRE2_ERROR_BACKSLASH_C_SYNTAX)
        return spell_control(source, position);
    return code == PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE
           && drop_backslash(source, position, true);
}

// Compiles what [source] means for the older PCRE. NULL: it means nothing.
static pcre2_code *compile_mended(const uint8_t *letters, RegexSource source,
                                  const RegexOptions *o, int *code,
                                  size_t *position)
{
    pcre2_code *compiled = compile(letters, source, o, code, position);
    if (compiled != NULL) return compiled;
    RegexSource mended = copy_source(source);
    // One after the other: each fault is found by compiling again.
    while (compiled == NULL && mend(&mended, *code, *position))
        compiled = compile(letters, mended, o, code, position);
    free(mended.text);
    return compiled;
}

// The regex of [source], counted, which is compiled if nobody has used it of
// late. NULL: the fault is [*code] at [*position].
static Regex *get(Node *node, RegexSource source, const RegexOptions *o,
                  int *code, size_t *position)
{
    RegexCache *cache = regex_cache(node);
    bool fast = false;
    Regex *r = regex_cache_find(cache, source, o, &fast);
    if (r != NULL) return r;
    pcre2_code *compiled = compile_mended(regex_cache_letters(cache), source,
                                          o, code, position);
    if (compiled == NULL) return NULL;
    // Failing leaves it interpreted, which is slower and right.
    if (fast) pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
    r = new_regex(compiled, source, o);
    r->fast = fast;
    regex_cache_add(cache, r);
    return r;
}

RegexResult regex_compile(Process *p, Term pattern, const RegexOptions *o,
                          Regex **regex, Term *error)
{
    size_t position = 0;
    int code = 0;
    RegexSource source;
    source.text = pattern_text(p, pattern, (o->flags & PCRE2_UTF) != 0,
                               &source.size);
    if (source.text == NULL) return REGEX_BAD_ARGUMENT;
    *regex = get(p->node, source, o, &code, &position);
    free(source.text);
    if (*regex != NULL) return REGEX_OK;
    *error = error_term(p, code, position);
    return REGEX_ERROR;
}

// ---- as terms ----

// Before the source: who made it, the flags (the highest byte first), what
// ends lines and what \R is.
enum { MARK_SIZE = 4, HEADER_SIZE = MARK_SIZE + 6 };

static const char mark[MARK_SIZE] = "mre1";

Term regex_term(Process *p, const Regex *r)
{
    const RegexOptions *o = &r->options;
    Heap *h = process_heap(p);
    size_t size = HEADER_SIZE + r->source.size;
    uint8_t *bytes = memory_alloc(size);
    memcpy(bytes, mark, MARK_SIZE);
    for (int i = 0; i < 4; i++)
        bytes[MARK_SIZE + i] = (uint8_t)(o->flags >> (24 - 8 * i));
    bytes[MARK_SIZE + 4] = (uint8_t)o->newline;
    bytes[MARK_SIZE + 5] = (uint8_t)o->bsr;
    memcpy(bytes + HEADER_SIZE, r->source.text, r->source.size);
    Term all[] = {ATOM_re_pattern, term_small(r->captures),
                  term_small(r->unicode), term_small(r->crlf),
                  heap_binary(h, bytes, size)};
    free(bytes);
    return heap_tuple(h, 5, all);
}

// Bytes of others may stand there: flags that no option sets are refused,
// since some of them let PCRE trust what it is given.
static bool read_header(const uint8_t *bytes, size_t size, RegexOptions *o)
{
    if (size < HEADER_SIZE || memcmp(bytes, mark, MARK_SIZE) != 0)
        return false;
    const uint8_t *at = bytes + MARK_SIZE;
    o->flags = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16
               | (uint32_t)at[2] << 8 | at[3];
    o->newline = at[4];
    o->bsr = at[5];
    return (o->flags & ~all_flags()) == 0 && o->newline <= PCRE2_NEWLINE_NUL
           && o->bsr <= PCRE2_BSR_ANYCRLF;
}

Regex *regex_from_term(Process *p, Term t, const RegexOptions *ends)
{
    size_t size, position;
    int code;
    uint8_t *copy = NULL;
    Regex *r = NULL;
    RegexOptions o;
    if (!regex_is_term(t)) return NULL;
    const uint8_t *bytes = bits_bytes(term_tuple_get(t, 4), &size, &copy);
    if (bytes != NULL && read_header(bytes, size, &o)) {
        if (ends->newline != 0) o.newline = ends->newline;
        if (ends->bsr != 0) o.bsr = ends->bsr;
        RegexSource source = {(char *)(uintptr_t)bytes + HEADER_SIZE,
                              size - HEADER_SIZE};
        r = get(p->node, source, &o, &code, &position);
    }
    free(copy);
    return r;
}
