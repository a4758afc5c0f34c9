// SPDX-License-Identifier: Apache-2.0
// re: regular expressions. split and replace are re.erl's.
// PCRE2 does the matching. A compiled pattern may be used by several processes
// at once, what a run needs of its own is in its Run. Nothing is allocated on
// the process's heap but the answer.
#include <stdlib.h>

#include "bif.h"
#include "bits.h"
#include "process.h"
#include "regex.h"
#include "runtime_bifs.gen.h"

enum { BYTES_A_REDUCTION = 64 }; // of the subject

// ---- compile ----

// Options of run are badarg here.
static Term compile(Process *p, Term pattern, Term options)
{
    RegexOptions o = {0};
    Regex *r;
    Term error;
    for (; term_is_cons(options); options = term_tail(options))
        if (!regex_option(term_head(options), &o))
            return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    if (!term_is_nil(options))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    switch (regex_compile(p, pattern, &o, &r, &error)) {
    case REGEX_OK:
        error = heap_tuple2(process_heap(p), ATOM_ok, regex_term(p, r));
        counted_release(&r->counted);
        return error;
    case REGEX_ERROR:
        // {error, {Text, Position}}: the pattern is at fault, not the call.
        return heap_tuple2(process_heap(p), ATOM_error, error);
    default:
        return bif_error(p, ATOM_badarg);
    }
}

Term bif_re_compile_1(Process *p, const Term *args)
{
    return compile(p, args[0], TERM_NIL);
}

Term bif_re_compile_2(Process *p, const Term *args)
{
    return compile(p, args[0], args[1]);
}

// That of the library: programs that keep compiled patterns (Elixir does, in
// .beam files) compare it, and compile anew what another library made.
Term bif_re_version_0(Process *p, const Term *args)
{
    (void)args;
    char text[64];
    int size = pcre2_config(PCRE2_CONFIG_VERSION, text);
    return heap_binary(process_heap(p), text, (size_t)size - 1);
}

// ---- the names of groups ----

// Entry [i] of the table of names, which is sorted: the group's number, and
// its name.
// Entries: two bytes of number, then the name and a NUL.
static unsigned name_entry(const Regex *r, uint32_t i, const char **name)
{
    PCRE2_SPTR table;
    uint32_t size;
    pcre2_pattern_info(r->code, PCRE2_INFO_NAMETABLE, &table);
    pcre2_pattern_info(r->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    table += (size_t)i * size;
    *name = (const char *)table + 2;
    return (unsigned)table[0] << 8 | table[1];
}

static uint32_t name_count(const Regex *r)
{
    uint32_t count;
    pcre2_pattern_info(r->code, PCRE2_INFO_NAMECOUNT, &count);
    return count;
}

static Term name_list(Heap *h, const Regex *r)
{
    Term list = TERM_NIL;
    const char *name, *later = "";
    // From the last to the first, so the list comes out sorted.
    for (uint32_t i = name_count(r); i-- > 0; later = name) {
        name_entry(r, i, &name);
        if (strcmp(name, later) != 0) // with dupnames there may be several
            list = heap_cons(h, heap_binary(h, name, strlen(name)), list);
    }
    return list;
}

// inspect(Pattern, namelist) -> {namelist, [Binary]}
// The only item that OTP knows.
Term bif_re_inspect_2(Process *p, const Term *args)
{
    const RegexOptions none = {0};
    Regex *r = regex_from_term(p, args[0], &none);
    if (r == NULL) return bif_error(p, ATOM_badarg);
    Term names = name_list(process_heap(p), r);
    counted_release(&r->counted);
    if (!term_same(args[1], ATOM_namelist))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    return heap_tuple2(process_heap(p), ATOM_namelist, names);
}

// ---- run ----

// Positions, or texts as lists or binaries.
typedef enum { CAPTURE_INDEX, CAPTURE_LIST, CAPTURE_BINARY } CaptureType;

// One call of run; on the C stack.
typedef struct {
    Process *process; // whose heap the answer is built on
    Regex *regex;          // counted for the run
    bool report_errors, global; // options of the same names
    uint32_t flags;        // PCRE2_... of a match
    size_t offset; // where to begin, in bytes
    uint32_t match_limit, depth_limit; // 0: the defaults
    Term captures;         // an atom, or a list of numbers and names
    CaptureType type; // what each captured group becomes
    // The subject.
    Term subject;           // TERM_NONE unless it is a binary
    const uint8_t *text;    // the bytes that are searched
    size_t size;            // of them
    uint8_t *owned;         // to free
    pcre2_match_data *data; // places of groups, made for the pattern
} Run;

// In any state: what is not set is NULL.
static void run_end(Run *r)
{
    pcre2_match_data_free(r->data);
    free(r->owned);
    if (r->regex != NULL) counted_release(&r->regex->counted);
}

// ---- its options ----
// Options of run and of compile may be mixed: run(S, "pattern", [caseless,
// global]) compiles first.

static bool capture_type(Run *r, Term t)
{
    r->type = term_same(t, ATOM_list)     ? CAPTURE_LIST
              : term_same(t, ATOM_binary) ? CAPTURE_BINARY
                                          : CAPTURE_INDEX;
    // index is the name of what is not list or binary.
    return r->type != CAPTURE_INDEX || term_same(t, ATOM_index);
}

static bool is_capture_spec(Term t)
{
    return term_same(t, ATOM_all) || term_same(t, ATOM_all_but_first)
           || term_same(t, ATOM_all_names) || term_same(t, ATOM_first)
           || term_same(t, ATOM_none) || term_list_length(t) >= 0;
}

// 0 would be PCRE2's own default.
static bool get_limit(Term t, uint32_t *limit)
{
    size_t n;
    if (!bif_get_size(t, &n) || n > UINT32_MAX) return false;
    *limit = (uint32_t)n;
    return true;
}

// {capture, Values}, {capture, Values, Type}, {offset, N}, {match_limit, N}.
static bool tuple_option(Run *r, Term t)
{
    Term name = term_tuple_get(t, 0), value = term_tuple_get(t, 1);
    if (term_same(name, ATOM_capture)) {
        r->captures = value;
        if (!is_capture_spec(value)) return false;
        return term_arity(t) == 2 || capture_type(r, term_tuple_get(t, 2));
    }
    if (term_arity(t) != 2) return false;
    if (term_same(name, ATOM_offset))
        return bif_get_size(value, &r->offset) && r->offset <= INT32_MAX;
    if (term_same(name, ATOM_match_limit))
        return get_limit(value, &r->match_limit);
    if (term_same(name, ATOM_match_limit_recursion))
        return get_limit(value, &r->depth_limit);
    return false;
}

// An option of run that is none of compile. Anchored and newline are both.
static bool run_option(Run *r, Term t)
{
    if (term_is_tuple_of(t, 2) || term_is_tuple_of(t, 3))
        return tuple_option(r, t);
    // An assignment, and true.
    if (term_same(t, ATOM_global)) return r->global = true;
    if (term_same(t, ATOM_report_errors)) return r->report_errors = true;
    uint32_t flag = term_same(t, ATOM_notbol)     ? PCRE2_NOTBOL
                    : term_same(t, ATOM_noteol)   ? PCRE2_NOTEOL
                    : term_same(t, ATOM_notempty) ? PCRE2_NOTEMPTY
                    : term_same(t, ATOM_notempty_atstart)
                        ? PCRE2_NOTEMPTY_ATSTART
                        : 0;
    r->flags |= flag;
    return flag != 0;
}

// Reads the options. [*compiles]: some are for compile only.
// With a compiled pattern those options are an error.
static bool get_options(Run *r, Term list, RegexOptions *o, bool *compiles)
{
    *compiles = false;
    r->captures = ATOM_all;
    for (; term_is_cons(list); list = term_tail(list)) {
        Term option = term_head(list);
        if (term_same(option, ATOM_anchored)) {
            r->flags |= PCRE2_ANCHORED;
        } else if (!run_option(r, option)) {
            if (!regex_option(option, o)) return false;
            // What ends a line and what \R is may be said for both.
            if (!term_is_tuple(option) && !term_same(option, ATOM_bsr_anycrlf)
                && !term_same(option, ATOM_bsr_unicode))
                *compiles = true;
        }
    }
    return term_is_nil(list);
}

// ---- its subject and pattern ----

// A binary is searched where it lies, and parts of it are then parts of the
// same binary. Lists are written out first.
static bool get_subject(Run *r, Term t)
{
    if (term_is_binary(t)) {
        r->subject = t;
        r->text = bits_bytes(t, &r->size, &r->owned);
        return true;
    }
    if (!term_is_list(t)) return false;
    // Without unicode a list is bytes; a character above 255 is badarg.
    r->owned = r->regex->unicode
                   ? (uint8_t *)bif_get_text(r->process, t, &r->size)
                   : bif_get_iodata(t, &r->size);
    r->text = r->owned;
    return r->owned != NULL;
}

// {error, {compile, Error}}, or badarg unless errors are to be reported.
// So re:run("a", "(") fails while report_errors tells.
static Term compile_error(Run *r, Term error)
{
    Heap *h = process_heap(r->process);
    if (!r->report_errors) return bif_error(r->process, ATOM_badarg);
    return heap_tuple2(h, ATOM_error, heap_tuple2(h, ATOM_compile, error));
}

// The regex of [t]; TERM_NONE when there is one, else the run's answer.
// True: r->regex is counted for this run.
static bool get_regex(Run *r, Term t, const RegexOptions *o, bool compiles,
                      Term *answer)
{
    Term error;
    if (regex_is_term(t)) {
        r->regex = regex_from_term(r->process, t, o);
        if (r->regex != NULL && !compiles) return true;
        *answer = bif_error(r->process, ATOM_badarg);
        return false;
    }
    switch (regex_compile(r->process, t, o, &r->regex, &error)) {
    case REGEX_OK:
        return true;
    case REGEX_ERROR:
        *answer = compile_error(r, error);
        return false;
    default:
        *answer = bif_error(r->process, ATOM_badarg);
        return false;
    }
}

// ---- what was captured ----

// A group that took no part is {-1, 0}, "" or <<>>.
static Term value_term(Run *r, size_t from, size_t to)
{
    Heap *h = process_heap(r->process);
    bool is_set = from != PCRE2_UNSET;
    if (r->type == CAPTURE_INDEX)
        return heap_tuple2(h, term_small(is_set ? (intptr_t)from : -1),
                           term_small(is_set ? (intptr_t)(to - from) : 0));
    if (!is_set) from = to = 0;
    const char *text = (const char *)r->text + from;
    if (r->type == CAPTURE_LIST)
        return r->regex->unicode ? heap_string_utf8(h, text, to - from,
                                                    TERM_NIL)
                                 : heap_string(h, text, to - from, TERM_NIL);
    if (!term_is_none(r->subject))
        // No copy: the answer keeps the subject alive.
        return heap_sub_bits(h, r->subject, from * 8, (to - from) * 8);
    return heap_binary(h, text, to - from);
}

// Group [i], which may not exist.
// A group beyond those that PCRE2 knows of is not set.
static Term group_term(Run *r, size_t i)
{
    const PCRE2_SIZE *pairs = pcre2_get_ovector_pointer(r->data);
    if (i >= pcre2_get_ovector_count(r->data))
        return value_term(r, PCRE2_UNSET, PCRE2_UNSET);
    return value_term(r, pairs[2 * i], pairs[2 * i + 1]);
}

// The groups called [name]: the first that is set.
// With dupnames several groups have the same name.
static Term named_term(Run *r, const char *name)
{
    const PCRE2_SIZE *pairs = pcre2_get_ovector_pointer(r->data);
    size_t found = SIZE_MAX;
    const char *entry;
    for (uint32_t i = 0; i < name_count(r->regex); i++) {
        unsigned group = name_entry(r->regex, i, &entry);
        if (strcmp(entry, name) != 0) continue;
        if (pairs[2 * group] != PCRE2_UNSET) return group_term(r, group);
        found = group; // none is set: any of them will do
    }
    return group_term(r, found);
}

// All names, each once, sorted.
// The list has no names, only values in their order.
static Term all_names(Run *r)
{
    Term list = TERM_NIL;
    const char *name, *later = "";
    for (uint32_t i = name_count(r->regex); i-- > 0; later = name) {
        name_entry(r->regex, i, &name);
        if (strcmp(name, later) != 0)
            list = heap_cons(process_heap(r->process), named_term(r, name),
                             list);
    }
    return list;
}

// Groups [from] to [end], as a list.
// From the last to the first, as lists are built.
static Term groups_from(Run *r, size_t from, size_t end)
{
    Term list = TERM_NIL;
    while (end-- > from)
        list = heap_cons(process_heap(r->process), group_term(r, end), list);
    return list;
}

// What the list of numbers and names asks for; TERM_NONE when it is bad.
// [1, 'name', "name"]: in the order that was asked for.
static Term listed(Run *r)
{
    Heap *h = process_heap(r->process);
    Term list = TERM_NIL, *link = &list;
    for (Term l = r->captures; term_is_cons(l); l = term_tail(l)) {
        size_t number, size;
        Term id = term_head(l), value;
        // A negative number is a group that is not there.
        if (term_is_small(id)) {
            value = group_term(r, bif_get_size(id, &number) ? number
                                                            : SIZE_MAX);
        } else {
            char *name = bif_get_text(r->process, id, &size);
            if (name == NULL) return TERM_NONE;
            value = named_term(r, name);
            free(name);
        }
        *link = heap_cons(h, value, TERM_NIL);
        link = term_cons_ptr(*link) + 1;
    }
    return list;
}

// Whether what is captured is nothing at all, and the answer only match.
// Then re:run answers match instead of {match, []}.
static bool captures_nothing(const Run *r)
{
    if (term_same(r->captures, ATOM_all_names))
        return name_count(r->regex) == 0;
    return term_same(r->captures, ATOM_none) || term_is_nil(r->captures);
}

// The list of what a match captured; [count] groups are known to PCRE.
// PCRE2 counts groups up to the last that is set; the others are left off the
// end, as OTP does.
static Term captured(Run *r, size_t count)
{
    if (term_same(r->captures, ATOM_all)) return groups_from(r, 0, count);
    if (term_same(r->captures, ATOM_all_but_first))
        return groups_from(r, 1, count);
    if (term_same(r->captures, ATOM_first)) return groups_from(r, 0, 1);
    if (term_same(r->captures, ATOM_all_names)) return all_names(r);
    return listed(r);
}

// ---- matching ----
// Nothing here is interrupted: a pattern that explodes is stopped by
// match_limit.

// NULL: the pattern's defaults.
static pcre2_match_context *new_context(const Run *r)
{
    if (r->match_limit == 0 && r->depth_limit == 0) return NULL;
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    if (r->match_limit != 0) pcre2_set_match_limit(context, r->match_limit);
    if (r->depth_limit != 0) pcre2_set_depth_limit(context, r->depth_limit);
    return context;
}

// PCRE2's answer to a search from [offset] on. The machine code counts neither
// the same steps nor any depth: what is limited is interpreted.
static int match_at(Run *r, size_t offset, uint32_t flags)
{
    pcre2_match_context *context = new_context(r);
    if (context != NULL) flags |= PCRE2_NO_JIT;
    int n = pcre2_match(r->regex->code, r->text, r->size, offset,
                        r->flags | flags, r->data, context);
    // The machine code's stack is small; the interpreter has no such limit.
    if (n == PCRE2_ERROR_JIT_STACKLIMIT)
        n = pcre2_match(r->regex->code, r->text, r->size, offset,
                        r->flags | flags | PCRE2_NO_JIT, r->data, context);
    pcre2_match_context_free(context);
    return n;
}

// The run's answer to an error of PCRE2.
// Without report_errors an exhausted limit is nomatch.
static Term match_error(Run *r, int error)
{
    Term reason = error == PCRE2_ERROR_MATCHLIMIT   ? ATOM_match_limit
                  : error == PCRE2_ERROR_DEPTHLIMIT ? ATOM_match_limit_recursion
                                                    : TERM_NONE;
    bool is_bad_text = error <= PCRE2_ERROR_UTF8_ERR1
                       && error >= PCRE2_ERROR_UTF8_ERR21;
    // Text that is no UTF-8, or an offset within a character.
    if (is_bad_text || error == PCRE2_ERROR_BADUTFOFFSET)
        return bif_error(r->process, ATOM_badarg);
    if (error == PCRE2_ERROR_BADOFFSET)
        return bif_error(r->process, ATOM_internal_error);
    if (r->report_errors && !term_is_none(reason))
        return heap_tuple2(process_heap(r->process), ATOM_error, reason);
    return ATOM_nomatch;
}

// n is 0 never: the match data was made for the pattern.
static Term run_once(Run *r)
{
    int n = match_at(r, r->offset, 0);
    if (n < 0) return match_error(r, n);
    if (captures_nothing(r)) return ATOM_match;
    Term list = captured(r, (size_t)n);
    if (term_is_none(list)) return bif_error(r->process, ATOM_badarg);
    return heap_tuple2(process_heap(r->process), ATOM_match, list);
}

// The place behind the character (or line end) at [offset].
// With crlf as newline "\r\n" is one step.
static size_t next_character(const Run *r, size_t offset)
{
    const uint8_t *at = r->text + offset;
    if (r->regex->crlf && offset + 1 < r->size && at[0] == '\r'
        && at[1] == '\n')
        return offset + 2;
    offset++;
    if (r->regex->utf8)
        while (offset < r->size && (r->text[offset] & 0xC0) == 0x80) offset++;
    return offset;
}

// All matches. After an empty one another is looked for that begins there and
// is not empty, before the search goes on behind the next character.
// As PCRE2's own pcre2demo, which OTP follows too: "a*" in "baac" finds "",
// "aa", "", "".
static Term run_global(Run *r)
{
    Heap *h = process_heap(r->process);
    Term found = TERM_NIL, *link = &found;
    size_t offset = r->offset;
    uint32_t flags = 0;
    while (offset <= r->size) {
        int n = match_at(r, offset, flags);
        if (n < 0 && n != PCRE2_ERROR_NOMATCH) return match_error(r, n);
        if (n == PCRE2_ERROR_NOMATCH) {
            // No match, empty or not, from here on.
            if (flags == 0) break;
            flags = 0;
            offset = next_character(r, offset);
            continue;
        }
        if (captures_nothing(r)) return ATOM_match;
        r->flags |= PCRE2_NO_UTF_CHECK; // once is enough
        Term list = captured(r, (size_t)n);
        if (term_is_none(list)) return bif_error(r->process, ATOM_badarg);
        *link = heap_cons(h, list, TERM_NIL);
        link = term_cons_ptr(*link) + 1;
        const PCRE2_SIZE *pairs = pcre2_get_ovector_pointer(r->data);
        flags = pairs[0] == pairs[1]
                    ? PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED
                    : 0;
        offset = pairs[1];
    }
    if (term_is_nil(found)) return ATOM_nomatch;
    return heap_tuple2(h, ATOM_match, found);
}

// A bad subject is found after the pattern: a bad pattern wins.
static Term run(Process *p, Term subject, Term pattern, Term options)
{
    Run r = {.process = p};
    RegexOptions o = {0};
    bool compiles;
    Term answer = TERM_NONE;
    if (!get_options(&r, options, &o, &compiles))
        return bif_error_cause(p, ATOM_badarg, ATOM_badopt);
    if (get_regex(&r, pattern, &o, compiles, &answer)) {
        if (get_subject(&r, subject)) {
            r.data = pcre2_match_data_create_from_pattern(r.regex->code,
                                                          NULL);
            // Only to find all is long for sure.
            if (r.global && bif_is_long(p, r.size))
                answer = bif_to_pool(p);
            else
                answer = r.global ? run_global(&r) : run_once(&r);
            bif_bump_loop(p, LOOP_REGEX, r.size, BYTES_A_REDUCTION);
        } else {
            answer = bif_error(p, ATOM_badarg);
        }
    }
    run_end(&r);
    return answer;
}

Term bif_re_run_2(Process *p, const Term *args)
{
    return run(p, args[0], args[1], TERM_NIL);
}

Term bif_re_run_3(Process *p, const Term *args)
{
    return run(p, args[0], args[1], args[2]);
}

// internal_run(Subject, Pattern, Options, IsFirst): for split and replace.
// IsFirst is of OTP's loop over long subjects, which merle has not.
Term bif_re_internal_run_4(Process *p, const Term *args)
{
    return run(p, args[0], args[1], args[2]);
}
