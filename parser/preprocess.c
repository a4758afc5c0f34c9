// SPDX-License-Identifier: Apache-2.0
// The preprocessor's frame: files, answers, and the way of a form.
// A form takes this way: scanned (form_scan), seen to be a directive
// (directive_run) or else expanded and parsed. Whatever comes of it is one
// answer, and the next form begins with nothing left of it but macros.
#include "preprocess.h"

#include <errno.h>
#include <stdlib.h>

#include "memory.h"
#include "parser.h"
#include "preprocess_state.h"
#include "utf8.h"

void preprocess_options_init(PreprocessOptions *o)
{
    *o = (PreprocessOptions){
        .source_name = TERM_NONE, .includes = TERM_NIL, .macros = TERM_NIL,
        .features = TERM_NIL, .libraries = TERM_NIL, .start = {1, 1}};
}

// ---- answers ----

// {error, {Location, Module, Descriptor}} or the same with warning.
static void answer_tagged(Preprocess *pp, Term tag, Place place, Term module,
                          Term descriptor)
{
    Term info = heap_tuple3(pp->heap, place_to_term(pp->heap, place), module,
                            descriptor);
    answer_term(pp, heap_tuple2(pp->heap, tag, info));
}

void answer_error_at(Preprocess *pp, Place place, Term descriptor)
{
    answer_tagged(pp, ATOM_error, place, ATOM_epp, descriptor);
}

void answer_error(Preprocess *pp, const Token *at, Term descriptor)
{
    answer_error_at(pp, at->place, descriptor);
}

void answer_warning(Preprocess *pp, const Token *at, Term descriptor)
{
    answer_tagged(pp, ATOM_warning, at->place, ATOM_epp, descriptor);
}

void answer_parse_error(Preprocess *pp, const ParseError *error)
{
    answer_term(pp, heap_tuple2(pp->heap, ATOM_error,
                                grammar_error_term(pp->heap, error)));
}

static Term make_anno(Preprocess *pp, Place place, bool generated)
{
    Heap *h = pp->heap;
    Term location = place_to_term(h, place);
    // The common case: a bare location.
    if (!generated) return location;
    Term rest = heap_cons(h, heap_tuple2(h, ATOM_location, location), TERM_NIL);
    return heap_cons(h, heap_tuple2(h, ATOM_generated, ATOM_true), rest);
}

// The last component of a path, for deterministic forms.
// A trailing slash does not make an empty name.
static Term string_base_name(Term name)
{
    Term base = name;
    for (; term_is_cons(name); name = term_tail(name))
        if (term_same(term_head(name), term_small('/'))
            && term_is_cons(term_tail(name)))
            base = term_tail(name);
    return base;
}

// What ?FILE and -file show; where the file is opened is another matter.
Term source_name(const Preprocess *pp, Term name)
{
    return pp->options->deterministic ? string_base_name(name) : name;
}

// As epp:scan_file answers a -file line that nobody wrote.
static Term file_tokens(Preprocess *pp, Term anno, Term name, Place named)
{
    Heap *h = pp->heap;
    Term last = place_to_term(h, named);
    Term tokens[] = {
        heap_tuple2(h, ATOM_minus, anno),
        heap_tuple3(h, ATOM_atom, anno, ATOM_file),
        heap_tuple2(h, token_symbol(TOKEN_LPAREN), anno),
        heap_tuple3(h, ATOM_string, anno, name),
        heap_tuple2(h, token_symbol(TOKEN_COMMA), anno),
        heap_tuple3(h, ATOM_integer, anno, term_small(named.line)),
        // OTP's own quirk: this token has the line that the file names.
        heap_tuple2(h, token_symbol(TOKEN_RPAREN), last),
        heap_tuple2(h, ATOM_dot, anno)};
    return heap_list(h, sizeof tokens / sizeof tokens[0], tokens, TERM_NIL);
}

void answer_file(Preprocess *pp, Place place, bool generated, Term name,
                 Place named)
{
    Heap *h = pp->heap;
    Term anno = make_anno(pp, place, generated);
    Term shown = source_name(pp, name);
    if (pp->options->want_tokens) {
        answer_term(pp, file_tokens(pp, anno, shown, named));
        return;
    }
    // {attribute, Anno, file, {Name, Line}}: how lint and the compiler know in
    // which file a form stands.
    Term value = heap_tuple2(h, shown, term_small(named.line));
    Term form[] = {ATOM_attribute, anno, ATOM_file, value};
    answer_term(pp, heap_tuple(h, 4, form));
}

// ---- files ----

bool path_is_absolute(const char *path)
{
    return path[0] == '/';
}

// "." and "" are what dirname answers for a bare name; forms then say "x.hrl"
// and not "./x.hrl".
char *path_join(const char *directory, const char *name)
{
    if (path_is_absolute(name) || directory[0] == 0
        || strcmp(directory, ".") == 0)
        directory = "";
    size_t n = strlen(directory), m = strlen(name);
    char *path = memory_alloc(n + m + 2);
    memcpy(path, directory, n);
    if (n > 0 && path[n - 1] != '/') path[n++] = '/';
    memcpy(path + n, name, m + 1);
    return path;
}

static char *path_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash == NULL ? 0 : (size_t)(slash - path);
    char *directory = memory_alloc(n + 2);
    if (slash == NULL) path = ".", n = 1; // a name alone: the current directory
    if (slash == path) n = 1;             // "/x": the root keeps its slash
    memcpy(directory, path, n);
    directory[n] = 0;
    return directory;
}

// How many bytes are valid UTF-8 from the first one on.
// Checked once for the whole file, so the scanner need not.
static size_t valid_size(const uint8_t *text, size_t size)
{
    const uint8_t *at = text, *end = text + size;
    uint32_t c;
    while (at < end) {
        uint64_t words[4]; // bytes of ASCII at once
        while (end - at >= (ptrdiff_t)sizeof words) {
            memcpy(words, at, sizeof words);
            if ((words[0] | words[1] | words[2] | words[3])
                & 0x8080808080808080u)
                break;
            at += sizeof words;
        }
        if (at == end) break;
        unsigned n = *at < 0x80 ? 1 : utf8_read(at, end, &c);
        if (n == 0) break;
        at += n;
    }
    return (size_t)(at - text);
}

// Gives the scanner the text as UTF-8, whatever it is.
// After this the text is UTF-8 as far as the scanner is given it; the rest is
// reported when the scanner comes to it.
static void source_decode(Preprocess *pp, SourceFile *f, const uint8_t *text,
                          size_t size)
{
    Encoding encoding = pp->options->encoding;
    encoding_find(text, size < ENCODING_SEARCHED ? size : ENCODING_SEARCHED,
                  true, &encoding);
    if (encoding == ENCODING_LATIN1) {
        uint8_t *utf8 = scanner_text_from_latin1(text, size, &size);
        free(f->text);
        text = f->text = utf8;
    } else {
        // The bytes behind are never shown to the scanner: epp too reads up to
        // there, and then stops with an error.
        size_t valid = valid_size(text, size);
        f->damaged = valid < size;
        size = valid;
    }
    scanner_init(&f->scanner, pp->atoms, pp->heap, text, size);
    f->scanner.words = pp->words;
}

// -feature can change them in the middle of a file, for all files below.
static void set_scanner_options(Preprocess *pp)
{
    pp->file->scanner.options = pp->maybe_words ? SCANNER_MAYBE : 0;
}

// [text] becomes the file's.
static void source_push(Preprocess *pp, uint8_t *text, size_t size,
                        const char *path, Term name)
{
    SourceFile *f = memory_zeroed(1, sizeof *f);
    f->text = text;
    // The caller's text stays the caller's; it is never freed here.
    if (text == NULL)
        source_decode(pp, f, pp->options->text, pp->options->size);
    else
        source_decode(pp, f, text, size);
    f->scanner.place = pp->options->start;
    if (pp->file != NULL)
        // Columns are counted in included files as they are in the main one.
        f->scanner.place = (Place){1, pp->options->start.column > 0};
    f->name = f->name2 = name;
    f->directory = path_directory(path);
    f->below = pp->file;
    pp->file = f;
    set_scanner_options(pp);
    // A main file is mostly read once.
    if (f->below != NULL)
        f->header = header_take(parser_headers(pp->node), &f->scanner);
}

static void source_pop(Preprocess *pp)
{
    SourceFile *f = pp->file;
    pp->file = f->below;
    if (f->header != NULL)
        header_give_back(parser_headers(pp->node), f->header);
    free(f->text);
    free(f->directory);
    free(f->conditions);
    free(f);
}

// ?FILE is a string token whose place is where it was set.
static void set_file_macro(Preprocess *pp, Place place, Term name)
{
    Token token = {.kind = TOKEN_STRING, .place = place,
                   .value = source_name(pp, name)};
    macro_predefine(pp, ATOM_FILE, &token);
}

Term path_to_string(Preprocess *pp, const char *path)
{
    return heap_string_utf8(pp->heap, path, strlen(path), TERM_NIL);
}

// A NUL would end the path early, so it is refused.
char *string_to_path(Term t)
{
    intptr_t n = term_list_length(t);
    if (n < 0) return NULL;
    char *path = memory_alloc((size_t)n * UTF8_MOST + 1), *to = path;
    for (; term_is_cons(t); t = term_tail(t)) {
        Term c = term_head(t);
        if (!term_is_small(c) || term_small_value(c) <= 0
            || !utf8_is_valid((uint32_t)term_small_value(c))) {
            free(path);
            return NULL;
        }
        to += utf8_write((uint8_t *)to, (uint32_t)term_small_value(c));
    }
    *to = 0;
    return path;
}

// Three things tell that another file begins: the scanner, the -file form and
// ?FILE.
bool source_enter(Preprocess *pp, const char *path)
{
    size_t size;
    uint8_t *text = source_read(pp, path, &size);
    if (text == NULL) return false;
    Term name = path_to_string(pp, path);
    source_push(pp, text, size, path, name);
    pp->depth++;
    Place start = pp->file->scanner.place;
    // The included file's own -file form.
    answer_file(pp, start, false, name, start);
    set_file_macro(pp, start, name);
    return true;
}

// Goes back to the file that included the current one, or ends.
// Conditions must be closed in the file where they were opened.
static void source_leave(Preprocess *pp)
{
    SourceFile *f = pp->file;
    Place end = f->scanner.place;
    while (f->condition_count > 0) {
        Term how = heap_string_utf8(pp->heap, "unterminated", 12, TERM_NIL);
        Term what = f->conditions[--f->condition_count];
        answer_error_at(pp, end,
                        heap_tuple3(pp->heap, ATOM_illegal, how, what));
    }
    if (f->below == NULL) {
        answer_term(pp, heap_tuple2(pp->heap, ATOM_eof,
                                    place_to_term(pp->heap, end)));
        pp->ended = true;
        // The main file stays on the stack: its text is still needed by forms
        // that are not parsed yet.
        return;
    }
    source_pop(pp);
    pp->depth--;
    f = pp->file;
    set_scanner_options(pp);
    // [place] is what -file made of lines; the true line goes first.
    Place place = f->scanner.place, real = place;
    real.line += f->delta;
    set_file_macro(pp, real, f->name2);
    answer_file(pp, real, false, f->name, real);
    // After a -file two forms are needed: the real file, generated the name
    // that was given.
    if (!term_same(f->name, f->name2))
        answer_file(pp, real, true, f->name2, place);
}

// ---- forms ----

// The file cannot be read any further.
static void leave_damaged(Preprocess *pp, size_t from, Place start)
{
    SourceFile *f = pp->file;
    Place place = damaged_place(&f->scanner, from, start);
    // What file:read says of such bytes, and then epp of itself. It is epp
    // alone where a form would begin with them.
    bool begins = from == f->scanner.size;
    if (!begins)
        answer_tagged(pp, ATOM_error, place, ATOM_file_io_server,
                      ATOM_invalid_unicode);
    f->scanner.place = f->skipping ? start : place;
    // Skipped forms have no errors of their own but unclosed conditions.
    if (f->skipping) f->condition_count = f->skip_base;
    if (begins || !f->skipping) answer_error_at(pp, place, ATOM_cannot_parse);
    source_leave(pp);
}

// At the end of a file only the conditionals that are skipped count as open,
// if there are any.
// epp's recursion forgets those outside while it skips; the number of errors at
// the end must be its.
static void leave_file(Preprocess *pp)
{
    SourceFile *f = pp->file;
    if (f->skipping) {
        f->condition_count -= f->skip_base;
        memmove(f->conditions, f->conditions + f->skip_base,
                f->condition_count * sizeof(Term));
    }
    source_leave(pp);
}

// The next form of the file, from its header where that has it.
static ScanStatus read_form(Preprocess *pp, ScanError *error)
{
    SourceFile *f = pp->file;
    pp->form.count = 0;
    if (f->header != NULL
        && header_read_form(f->header, f->header_forms, &f->scanner,
                            &pp->form)) {
        f->header_forms++;
        return SCAN_FORM;
    }
    return scanner_form(&f->scanner, &pp->form, error);
}

// Whether the dot that was read last may be none: what follows it is no text.
static bool ends_in_damage(const SourceFile *f)
{
    const Scanner *s = &f->scanner;
    return f->damaged && s->at == s->size && s->text[s->at - 1] == '.';
}

bool form_scan(Preprocess *pp)
{
    SourceFile *f = pp->file;
    Scanner *s = &f->scanner;
    for (;;) {
        size_t from = pp->form_at = s->at;
        Place start = s->place;
        ScanError error;
        ScanStatus status = read_form(pp, &error);
        if (status == SCAN_FORM && !ends_in_damage(f)) return true;
        // What came before the damage is scanned and answered first.
        if (f->damaged && s->at >= s->size) {
            leave_damaged(pp, from, start);
            return false;
        }
        if (status == SCAN_END) {
            // A last form without a dot is given on: the parser has the error.
            if (pp->form.count > 0) return true;
            leave_file(pp);
            return false;
        }
        // While skipping epp does not even see what the scanner says.
        if (!f->skipping)
            answer_tagged(pp, ATOM_error, error.place, ATOM_erl_scan,
                          error.descriptor);
    }
}

// Quoted atoms that some feature makes words of keep their text, so that lint
// can tell them from the words.
static void annotate_word(Preprocess *pp, Token *t)
{
    Heap *h = pp->heap;
    // The token's start and end are bytes of this file's text.
    const char *text = (const char *)pp->file->scanner.text + t->start;
    if (*text != '\'') return; // a word without quotes is what it says
    Term rest = make_anno(pp, t->place, false);
    rest = heap_cons(h, heap_tuple2(h, ATOM_location, rest), TERM_NIL);
    Term string = heap_string_utf8(h, text, t->end - t->start, TERM_NIL);
    t->anno = heap_cons(h, heap_tuple2(h, ATOM_text, string), rest);
}

static bool is_feature_word(Term value)
{
    return term_same(value, ATOM_maybe) || term_same(value, ATOM_else);
}

static void annotate_words(Preprocess *pp)
{
    for (size_t i = 0; i < pp->form.count; i++) {
        Token *t = &pp->form.items[i];
        if (t->kind == TOKEN_ATOM && is_feature_word(t->value))
            annotate_word(pp, t);
    }
}

// Whether the tokens as scanned call a macro.
static bool has_question(const TokenList *tokens)
{
    for (size_t i = 0; i < tokens->count; i++)
        if (tokens->items[i].kind == TOKEN_QUESTION) return true;
    return false;
}

// Goes over the form as scanned; whether it calls a macro. What to look for
// stands in its text, if anywhere, which is sooner searched than its tokens.
static bool look_over(Preprocess *pp)
{
    const Scanner *s = &pp->file->scanner;
    const uint8_t *text = s->text + pp->form_at;
    size_t size = s->at - pp->form_at;
    if (memchr(text, '\'', size) != NULL) annotate_words(pp);
    return memchr(text, '?', size) != NULL && has_question(&pp->form);
}

// For parse_erl_form with tokens: each form is a list of them.
static void answer_tokens(Preprocess *pp, TokenList *tokens)
{
    Term list = TERM_NIL;
    for (size_t i = tokens->count; i-- > 0;)
        list = heap_cons(pp->heap, token_to_term(pp->heap, &tokens->items[i]),
                         list);
    answer_term(pp, list);
}

// What -module tells later macros.
// -module(m). and the old -module(m, [Params]).; -extends(m). sets the base.
// Read from tokens, since macros in later forms need it before this one is
// parsed.
static void note_module(Preprocess *pp, const TokenList *tokens)
{
    const Token *t = tokens->items;
    // Five tokens at least, so t[4] is there.
    if (tokens->count < 5 || t[0].kind != TOKEN_MINUS
        || t[1].kind != TOKEN_ATOM || t[2].kind != TOKEN_LPAREN
        || t[3].kind != TOKEN_ATOM)
        return;
    bool base = term_same(t[1].value, ATOM_extends);
    if (!base && !term_same(t[1].value, ATOM_module)) return;
    if (t[4].kind != TOKEN_RPAREN && (base || t[4].kind != TOKEN_COMMA)) return;
    const AtomText *text = atom_text(pp->atoms, t[3].value);
    Token string = t[3];
    string.kind = TOKEN_STRING;
    string.value =
        heap_string_utf8(pp->heap, text->bytes, text->size, TERM_NIL);
    macro_predefine(pp, base ? ATOM_BASE_MODULE : ATOM_MODULE, &t[3]);
    macro_predefine(pp, base ? ATOM_BASE_MODULE_STRING : ATOM_MODULE_STRING,
                    &string);
}

// Attributes that may stand before -feature.
// Once another form was read, -feature comes too late: the scanner may have
// read "maybe" as an atom already.
static bool belongs_to_prefix(const TokenList *tokens)
{
    const Token *t = tokens->items;
    if (tokens->count == 0) return true; // an expansion to nothing
    return tokens->count > 1 && t[0].kind == TOKEN_MINUS
           && t[1].kind == TOKEN_ATOM
           && (term_same(t[1].value, ATOM_module)
               || term_same(t[1].value, ATOM_moduledoc)
               || term_same(t[1].value, ATOM_doc));
}

static void form_run(Preprocess *pp)
{
    if (!form_scan(pp)) return;
    // Before directives, so that quoted words are marked there as well.
    bool calls_macro = look_over(pp);
    if (directive_run(pp)) return;
    TokenList *tokens = &pp->form;
    if (calls_macro) {
        // ?FUNCTION_NAME is sought only if it is asked for.
        pp->function = FUNCTION_NOT_SOUGHT;
        pp->function_form = tokens;
        bool ok = macro_expand(pp, tokens, 0);
        pp->function_form = NULL;
        if (!ok) {
            answer_error(pp, &pp->failed, pp->failure);
            // One bad call costs one form, not the file.
            return;
        }
        tokens = &pp->expanded;
    }
    if (pp->in_prefix) pp->in_prefix = belongs_to_prefix(tokens);
    note_module(pp, tokens);
    if (pp->options->want_tokens)
        answer_tokens(pp, tokens);
    else
        answer_form(pp, tokens);
}

// ---- the whole file ----

// Names as file:format_error knows them; others are rare.
static Term error_atom(int error)
{
    switch (error) {
    case ENOENT: return ATOM_enoent;
    case EACCES: return ATOM_eacces;
    case EISDIR: return ATOM_eisdir;
    case ENOTDIR: return ATOM_enotdir;
    case EMFILE: return ATOM_emfile;
    case ELOOP: return ATOM_eloop;
    case ENAMETOOLONG: return ATOM_enametoolong;
    default: return ATOM_eio;
    }
}

// The encoding that a file names, as an atom.
static Term encoding_term(const uint8_t *text, size_t size)
{
    Encoding encoding;
    if (size > ENCODING_SEARCHED) size = ENCODING_SEARCHED;
    if (!encoding_find(text, size, true, &encoding)) return ATOM_none;
    return encoding == ENCODING_LATIN1 ? ATOM_latin1 : ATOM_utf8;
}

// A missing library ends the reading: the caller calls again, with the
// directory, and everything is read once more.
static void run_all(Preprocess *pp, PreprocessResult *result)
{
    pp->grammar = parser_take_grammar(pp->node);
    while (!pp->ended && term_is_none(pp->library) && !pp->must_wait)
        form_run(pp);
    answers_finish(pp);
    parser_return_grammar(pp->node, pp->grammar);
    result->forms = pp->first;
    result->library = pp->library;
    result->features = pp->features;
    if (pp->options->want_macros) result->macros = macro_table_to_term(pp);
}

static void begin(Preprocess *pp, PreprocessResult *result)
{
    const PreprocessOptions *o = pp->options;
    Term name = o->source_name;
    if (term_is_none(name)) name = path_to_string(pp, o->path);
    // Before the macros of the options: {d, 'FILE', x} is an error.
    macro_table_init(pp, name);
    if (!macro_define_options(pp, o->macros, &result->error)) return;
    size_t size = 0;
    uint8_t *text = NULL;
    if (o->text == NULL) text = source_read(pp, o->path, &size);
    if (o->text == NULL && text == NULL) {
        // Of no meaning if the file is only to be waited for.
        result->error = error_atom(errno);
        return;
    }
    // The atom none where the source names no encoding.
    result->encoding = encoding_term(o->text != NULL ? o->text : text,
                                     o->text != NULL ? o->size : size);
    source_push(pp, text, size, o->path, name);
    answer_file(pp, o->start, false, name, o->start);
    run_all(pp, result);
}

void preprocess_file(Node *node, Heap *heap, const PreprocessOptions *o,
                     PreprocessResult *result)
{
    Preprocess pp = {.node = node, .atoms = node->atoms, .heap = heap,
                     .options = o, .features = o->features,
                     .maybe_words = o->maybe_words, .in_prefix = true};
    // Zero is TERM_NONE for all other results.
    *result = (PreprocessResult){.forms = TERM_NIL};
    heap_init(&pp.scratch);
    pp.words = parser_take_words(node);
    pp.form = parser_take_tokens(node);
    pp.expanded = parser_take_tokens(node);
    begin(&pp, result);
    // All files that are open still, after an end or a failure.
    while (pp.file != NULL) source_pop(&pp);
    result->must_wait = pp.must_wait;
    result->text_read = pp.text_read;
    macro_table_free(&pp.macros);
    parser_return_tokens(node, &pp.form);
    parser_return_tokens(node, &pp.expanded);
    parser_return_words(node, pp.words);
    // Macros die here; forms hold none of their memory.
    heap_free(&pp.scratch);
}
