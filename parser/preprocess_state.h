// SPDX-License-Identifier: Apache-2.0
// The preprocessor's state, shared by the files preprocess*.c.
//
// All terms live on one heap, the caller's. Tokens of a form are scanned into
// [form]; directives are done from there (preprocess_directive.c), other forms
// go through macro expansion (preprocess_macro.c) to the parser. Every answer,
// form or error, is one element of [forms].
#ifndef MERLE_PREPROCESS_STATE_H
#define MERLE_PREPROCESS_STATE_H

#include "grammar.h"
#include "header.h"
#include "preprocess.h"

// ---- macros ----

enum { ARITY_NONE = -1 }; // of a macro without parentheses

// A call in a macro's body; only such calls can close a circle.
typedef struct {
    Term name; // behind the '?'
    int arity; // arguments; ARITY_NONE: no parentheses
} MacroUse;

// On pp->scratch, like all it points to: nothing is freed before the end.
typedef struct Macro Macro;
struct Macro {
    Macro *next;        // definition of the same name, older
    int arity;          // ARITY_NONE or number of parameters
    Term *parameters;   // their names
    Token *tokens;      // of the body; any may be a call
    size_t token_count; // of [tokens]
    MacroUse *uses;     // macros that the tokens call, sorted
    size_t use_count;   // of [uses]
    bool plain;         // the tokens call no macro and have no parameters
    unsigned checked;   // generation of the table in which no circle was found
};

// What a name in the table is by now; order does not matter.
typedef enum {
    NAME_ABSENT,    // removed again
    NAME_UNDEFINED, // predefined, without a value by now
    NAME_PREDEFINED,
    NAME_USER       // may be overloaded by arity
} NameKind;

// One name with all its definitions, for "f" and "f(X)" may differ.
typedef struct {
    Term name;      // TERM_NONE: vacant
    NameKind kind;
    Macro *macros;  // newest first
} MacroName;

// Removed names keep their slot: a name is mostly defined again.
typedef struct {
    MacroName *slots;   // open addressing
    size_t count, room; // slots taken, and all (a power of 2)
    // A circle that was not there can come only with a definition, so this
    // tells whether [checked] still holds.
    unsigned generation; // changes with every definition
} MacroTable;

// ---- files and conditions ----

// As in OTP: a file that includes itself is stopped here.
enum { INCLUDE_DEPTH_MOST = 8 };

// A file being read; included ones are stacked on their includer.
typedef struct SourceFile SourceFile;
struct SourceFile {
    SourceFile *below; // its includer; NULL: the main file
    Scanner scanner;   // where it is being read
    Header *header;    // of an included file: its tokens, or NULL
    size_t header_forms; // read from there
    uint8_t *text;     // of malloc when it is ours, else NULL
    bool damaged;      // no UTF-8 follows what the scanner is given
    // The two names differ behind a -file directive: forms say the second, the
    // way back from an include says both.
    Term name;          // string
    Term name2;         // what the last -file called it
    char *directory;    // where its includes are sought first
    int32_t delta;      // what -file took off the lines
    Term *conditions;   // open conditionals, as atoms, outermost first
    size_t condition_count, condition_room; // in use, and allocated
    bool skipping;      // forms are skipped: few errors count
    size_t skip_base;   // conditionals below the skipped ones
};

// Forms that another thread may parse; see preprocess_batch.c.
typedef struct Batch Batch;

// NOT_SOUGHT until a form asks for ?FUNCTION_NAME.
typedef enum { FUNCTION_NOT_SOUGHT, FUNCTION_KNOWN } FunctionState;

// On the C stack of preprocess_file; one thread uses it.
typedef struct {
    Node *node; // for its pool, pack and environment
    AtomTable *atoms; // of the node
    Heap *heap; // of all answers; nothing is collected
    Heap scratch;        // plain memory of macros
    WordCache *words; // taken from the node, and given back
    const PreprocessOptions *options; // the caller's
    Grammar *grammar; // taken while forms are read
    SourceFile *file; // the one being read; NULL at first
    size_t depth;        // included files on the stack
    MacroTable macros; // of all files together
    Term features;       // enabled
    bool maybe_words; // of the scanner, see -feature
    bool in_prefix;      // -feature is still allowed
    bool ended;          // eof was answered
    Term library;        // asked for: give up
    bool must_wait;      // for a file, or for long: likewise
    size_t text_read;    // bytes of all files so far
    TokenList form;      // as scanned
    size_t form_at;      // where in the file's text it begins
    TokenList expanded; // the same with macros expanded
    Term first, last;    // list of the answers, but for those of batches
    Batch *batch;        // newest; NULL while forms are parsed at once
    // ?FUNCTION_NAME and ?FUNCTION_ARITY of the form
    FunctionState function;
    Term function_name;             // if KNOWN
    int function_arity;             // if KNOWN
    const TokenList *function_form; // where it is to be sought; NULL: nowhere
    // Why the form is no good.
    // Set by fail_at when an expansion answers false.
    Token failed; // the token to blame
    Term failure; // epp's descriptor
} Preprocess;

// ---- answers (preprocess.c, preprocess_batch.c, preprocess_read.c) ----

// In the order of the source: each is appended behind those before it.
void answer_term(Preprocess *pp, Term t);
// The form of these tokens, or the parser's error.
void answer_form(Preprocess *pp, TokenList *tokens);
// Waits until all forms are parsed and in the list.
void answers_finish(Preprocess *pp);
// {error, {Location, epp, [descriptor]}} at a token or place.
void answer_error(Preprocess *pp, const Token *at, Term descriptor);
void answer_error_at(Preprocess *pp, Place place, Term descriptor);
// The same with warning.
void answer_warning(Preprocess *pp, const Token *at, Term descriptor);
// {error, Info} of the parser.
void answer_parse_error(Preprocess *pp, const ParseError *error);
// The -file attribute at [place] that names [name] and the line of [named].
void answer_file(Preprocess *pp, Place place, bool generated, Term name,
                 Place named);
// Without directories if forms are to be deterministic.
Term source_name(const Preprocess *pp, Term name);

// The bytes of file [path] in memory of malloc. NULL with errno set; or, with
// pp->must_wait, when that may take longer than the caller can wait.
uint8_t *source_read(Preprocess *pp, const char *path, size_t *size);

// Scans the next form into pp->form; answers what is no form by the way.
// False: there is none, the file was left.
// pp->form is used again by every form.
bool form_scan(Preprocess *pp);

// Begins to read [path]; false: an errno is left.
// Its text is the file's own; macros stay when it is left.
bool source_enter(Preprocess *pp, const char *path);

// Paths are UTF-8 here, strings of code points in terms. A string's path is in
// memory of malloc; NULL when it cannot be one.
Term path_to_string(Preprocess *pp, const char *path);
char *string_to_path(Term t);

// [name] below [directory], in memory of malloc.
// [name] alone if it is absolute; "." before it is left out, as in OTP.
char *path_join(const char *directory, const char *name);
bool path_is_absolute(const char *path);

// ---- damage (preprocess_damage.c) ----

// Where reading stops before bytes that are no text, which follow what [s] has;
// the form that it was reading begins at byte [from], which is at [place].
Place damaged_place(const Scanner *s, size_t from, Place place);

// ---- directives (preprocess_directive.c) ----

// Does the directive in pp->form; false when it is none.
// A directive never reaches the parser, whether it was right or wrong.
bool directive_run(Preprocess *pp);
// Skips forms until the conditional [condition] ends or turns true.
void directive_skip(Preprocess *pp, Term condition);

// -doc {file, [string]}, or -moduledoc, which [name] is: answers the file's text
// as its value. The tokens may be overwritten, the directive's own are not read.
void directive_document(Preprocess *pp, const Token *name, const Token *string,
                        const Token *dot);

// ---- the table of macros (preprocess_table.c) ----

// Empties nothing: for a table that is all zero.
void macro_table_init(Preprocess *pp, Term source_name);
void macro_table_free(MacroTable *table);
// False: [*error] is {redefine, Name} and the like.
// Options of the form {d, Name, Value}, already without the d.
bool macro_define_options(Preprocess *pp, Term macros, Term *error);
// NULL when there is none by now.
MacroName *macro_find(const MacroTable *table, Term name);
// The definition of [name] for [arity]; NULL without.
// ARITY_NONE is an arity like any other.
Macro *macro_find_arity(const MacroName *name, int arity);
// Whether -ifdef takes [name] as defined.
bool macro_is_defined(const MacroTable *table, Term name);
// Sets a predefined macro to one token; NULL: it has no value.
// Called at every -file and include for ?FILE, so it must be cheap.
void macro_predefine(Preprocess *pp, Term name, const Token *token);
void macro_set_features(Preprocess *pp);
// Adds a definition; all it points to is copied.
// An older definition of another arity stays.
void macro_add(Preprocess *pp, Term name, const Macro *macro);
void macro_remove(Preprocess *pp, Term name);
// A list of {{atom, Name}, Definition}, as epp:macro_defs answers it.
Term macro_table_to_term(Preprocess *pp);

// ---- expansion (preprocess_macro.c) ----

// Expands the tokens of [form] from number [from] on into pp->expanded.
// False: pp->failed and pp->failure say why.
// pp->expanded is overwritten; the form's tokens stay as they are.
bool macro_expand(Preprocess *pp, const TokenList *form, size_t from);
// Notes in [macro] which macros its tokens call; the array is the caller's to
// free. False: pp->failure.
bool macro_note_uses(Preprocess *pp, Macro *macro);
// Fails for [token]; answers false.
// Its value is what every function of an expansion answers on failure.
bool fail_at(Preprocess *pp, const Token *token, Term descriptor);

// ---- encodings (preprocess_encoding.c) ----

// Looks for "coding: NAME" in the first two lines (in comments only, if
// [in_comment]); false when they name none that is known.
// epp looks at so many bytes and no more.
enum { ENCODING_SEARCHED = 512 }; // bytes of a file
bool encoding_find(const uint8_t *text, size_t size, bool in_comment,
                   Encoding *encoding);

// ---- conditions (preprocess_if.c) ----

typedef enum { CONDITION_FALSE, CONDITION_TRUE, CONDITION_BAD } Condition;

// Decides the expression in pp->form from token [from] on. BAD: an error was
// answered; [directive] is the token it is put at.
// A false condition is no error; an expression that is no guard is.
Condition condition_evaluate(Preprocess *pp, size_t from,
                             const Token *directive);

#endif
