// SPDX-License-Identifier: Apache-2.0
// The BIFs of module merle_epp, which epp is made of.
// Most sources are read and parsed within a millisecond, where the process
// runs; a long one, or one that lies on a disk still, is left to the pool. The
// result is built on the process's heap, and nothing collects meanwhile.
#include <stdlib.h>

#include "bif.h"
#include "parser_bifs.gen.h"
#include "preprocess.h"
#include "preprocess_state.h"
#include "process.h"

enum {
    TEXT_MOST = 128 << 10, // bytes that are parsed without the pool: 2 ms
    GARBAGE_MOST = 1 << 15, // words, perhaps, that are left lying
    BYTES_A_REDUCTION = 16 // a quarter of a microsecond
};

// Line or {Line, Column}.
static bool get_place(Term t, Place *place)
{
    Term line = t, column = term_small(0);
    if (term_is_tuple_of(t, 2)) {
        line = term_tuple_get(t, 0);
        column = term_tuple_get(t, 1);
    }
    if (!term_is_small(line) || !term_is_small(column)) return false;
    place->line = (int32_t)term_small_value(line);
    place->column = (int32_t)term_small_value(column);
    return true;
}

// The text of a binary, not copied: the caller's term holds it during the call.
// It must begin at a byte.
static bool set_text(PreprocessOptions *o, Term t)
{
    Bits bits;
    if (!term_bits(t, &bits) || bits.size % 8 != 0 || bits.offset % 8 != 0)
        return false;
    o->text = bits.base + bits.offset / 8;
    o->size = bits.size / 8;
    return true;
}

// Names are those of merle_epp's own options, made by epp.
static bool set_pair(PreprocessOptions *o, Term key, Term value)
{
    switch (key.bits) {
    case ATOM_BITS_text: return set_text(o, value);
    case ATOM_BITS_source_name: o->source_name = value; return true;
    case ATOM_BITS_includes: o->includes = value; return true;
    case ATOM_BITS_macros: o->macros = value; return true;
    case ATOM_BITS_features: o->features = value; return true;
    case ATOM_BITS_libraries: o->libraries = value; return true;
    case ATOM_BITS_location: return get_place(value, &o->start);
    case ATOM_BITS_default_encoding:
        o->encoding = term_same(value, ATOM_latin1) ? ENCODING_LATIN1
                                                    : ENCODING_UTF8;
        return true;
    default: return false;
    }
}

// A flag, or a pair.
static bool set_option(PreprocessOptions *o, Term option)
{
    switch (option.bits) {
    case ATOM_BITS_maybe: o->maybe_words = true; return true;
    case ATOM_BITS_deterministic: o->deterministic = true; return true;
    case ATOM_BITS_tokens: o->want_tokens = true; return true;
    case ATOM_BITS_macros: o->want_macros = true; return true;
    }
    if (!term_is_tuple_of(option, 2)) return false;
    return set_pair(o, term_tuple_get(option, 0), term_tuple_get(option, 1));
}

// Errors come first: then there are no forms.
static Term result_to_term(Process *p, const PreprocessResult *r)
{
    Heap *h = process_heap(p);
    if (!term_is_none(r->error)) return heap_tuple2(h, ATOM_error, r->error);
    if (!term_is_none(r->library))
        return heap_tuple2(h, ATOM_library, r->library);
    Term macros = term_is_none(r->macros) ? TERM_NIL : r->macros;
    Term all[] = {ATOM_ok, r->forms, r->encoding, r->features, macros};
    return heap_tuple(h, sizeof all / sizeof all[0], all);
}

// Reads on the scheduler if it can, and else in the pool.
static Term read_file(Process *p, PreprocessOptions *o)
{
    PreprocessResult r = {0};
    if (process_state(p) == PROCESS_RUNNING) o->text_most = TEXT_MOST;
    // A caller's own text counts as well.
    r.must_wait = o->text_most > 0 && o->size > o->text_most;
    if (!r.must_wait) preprocess_file(p->node, process_heap(p), o, &r);
    if (r.must_wait) return bif_to_pool(p);
    bif_bump(p, (o->size + r.text_read) / BYTES_A_REDUCTION);
    Term answer = result_to_term(p, &r);
    // To collect at once would be to copy all that was just built.
    if (p->heap.fragment_words > p->fragments_most)
        p->fragments_most = (uint32_t)p->heap.fragment_words;
    return answer;
}

// merle_epp:file(Path, Options) -> {ok, Forms, Encoding, Features, Macros}
//     | {library, Application} | {error, Reason}
// Path is chardata. {library, App}: call again with {App, Directory} among the
// option {libraries, List}.
Term bif_merle_epp_file_2(Process *p, const Term *args)
{
    size_t size;
    PreprocessOptions o;
    // Forms of the file before: their memory is still in the cache.
    if (process_state(p) == PROCESS_RUNNING
        && p->heap.fragment_words > GARBAGE_MOST)
        return bif_collect(p, 2, args);
    preprocess_options_init(&o);
    Term list = args[1];
    for (; term_is_cons(list); list = term_tail(list))
        if (!set_option(&o, term_head(list))) break;
    char *path = bif_get_text(p, args[0], &size); // memory of malloc
    // An unknown option, or an improper list.
    if (path == NULL || !term_is_nil(list)) {
        free(path);
        return bif_error(p, ATOM_badarg);
    }
    o.path = path;
    Term answer = read_file(p, &o);
    free(path);
    return answer;
}

// merle_epp:encoding(Binary, InCommentOnly) -> utf8 | latin1 | none
// For epp:read_encoding, which has read the beginning of the file itself.
Term bif_merle_epp_encoding_2(Process *p, const Term *args)
{
    PreprocessOptions o = {0};
    Encoding encoding;
    if (!set_text(&o, args[0])) return bif_error(p, ATOM_badarg);
    if (!encoding_find(o.text, o.size, term_same(args[1], ATOM_true),
                       &encoding))
        return ATOM_none;
    return encoding == ENCODING_LATIN1 ? ATOM_latin1 : ATOM_utf8;
}
