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
#include "preprocess.h"

// ---- macros ----

enum { ARITY_NONE = -1 }; // of a macro without parentheses

typedef struct {
    Term name;
    int arity;
} MacroUse;

typedef struct Macro Macro;
struct Macro {
    Macro *next;      // definition of the same name, older
    int arity;        // ARITY_NONE or number of parameters
    Term *parameters; // their names
    Token *tokens;
    size_t token_count;
    MacroUse *uses;   // macros that the tokens call, sorted
    size_t use_count;
    bool plain;       // the tokens call no macro and have no parameters
    unsigned checked; // generation of the table in which no circle was found
};

typedef enum {
    NAME_ABSENT,    // removed again
    NAME_UNDEFINED, // predefined, without a value by now
    NAME_PREDEFINED,
    NAME_USER       // may be overloaded by arity
} NameKind;

typedef struct {
    Term name;      // TERM_NONE: vacant
    NameKind kind;
    Macro *macros;  // newest first
} MacroName;

typedef struct {
    MacroName *slots; // open addressing
    size_t count, room;
    unsigned generation; // changes with every definition
} MacroTable;

// ---- files and conditions ----

enum { INCLUDE_DEPTH_MOST = 8 };

// A file being read; included ones are stacked on their includer.
typedef struct SourceFile SourceFile;
struct SourceFile {
    SourceFile *below;
    Scanner scanner;
    uint8_t *text;      // of malloc when it is ours, else NULL
    bool damaged;       // no UTF-8 follows what the scanner is given
    Term name;          // string
    Term name2;         // what the last -file called it
    char *directory;    // where its includes are sought first
    int32_t delta;      // what -file took off the lines
    Term *conditions;   // open conditionals, as atoms, outermost first
    size_t condition_count, condition_room;
    bool skipping;      // forms are skipped: few errors count
    size_t skip_base;   // conditionals below the skipped ones
};

typedef struct Batch Batch;

typedef enum { FUNCTION_NOT_SOUGHT, FUNCTION_KNOWN } FunctionState;

typedef struct {
    Node *node;
    AtomTable *atoms;
    Heap *heap;
    Heap scratch;        // plain memory of macros
    WordCache *words;
    const PreprocessOptions *options;
    Grammar *grammar;
    SourceFile *file;
    size_t depth;        // included files on the stack
    MacroTable macros;
    Term features;       // enabled
    bool maybe_words;
    bool in_prefix;      // -feature is still allowed
    bool ended;          // eof was answered
    Term library;        // asked for: give up
    TokenList form;      // as scanned
    TokenList expanded;
    Term first, last;    // list of the answers, but for those of batches
    Batch *batch;        // newest; NULL while forms are parsed at once
    size_t parsed;       // tokens given to the parser
    // ?FUNCTION_NAME and ?FUNCTION_ARITY of the form
    FunctionState function;
    Term function_name;
    int function_arity;
    const TokenList *function_form; // where it is to be sought; NULL: nowhere
    // Why the form is no good.
    Token failed;
    Term failure;
} Preprocess;

// ---- answers (preprocess.c, preprocess_batch.c) ----

void answer_term(Preprocess *pp, Term t);
// The form of these tokens, or the parser's error.
void answer_form(Preprocess *pp, TokenList *tokens);
// Waits until all forms are parsed and in the list.
void answers_finish(Preprocess *pp);
// {error, {Location, epp, [descriptor]}} at a token or place.
void answer_error(Preprocess *pp, const Token *at, Term descriptor);
void answer_error_at(Preprocess *pp, Place place, Term descriptor);
// {error, Info} of the parser.
void answer_parse_error(Preprocess *pp, const ParseError *error);
// The -file attribute at [place] that names [name] and the line of [named].
void answer_file(Preprocess *pp, Place place, bool generated, Term name,
                 Place named);
Term source_name(const Preprocess *pp, Term name);

// Scans the next form into pp->form; answers what is no form by the way.
// False: there is none, the file was left.
bool form_scan(Preprocess *pp);

// Begins to read [path], which is called [name]; false: an errno is left.
bool source_enter(Preprocess *pp, const char *path, Term name);
// [name] below [directory], in memory of malloc.
char *path_join(const char *directory, const char *name);
bool path_is_absolute(const char *path);

// ---- directives (preprocess_directive.c) ----

// Does the directive in pp->form; false when it is none.
bool directive_run(Preprocess *pp);
// Skips forms until the conditional [condition] ends or turns true.
void directive_skip(Preprocess *pp, Term condition);

// ---- the table of macros (preprocess_table.c) ----

void macro_table_init(Preprocess *pp, Term source_name);
void macro_table_free(MacroTable *table);
// False: [*error] is {redefine, Name} and the like.
bool macro_define_options(Preprocess *pp, Term macros, Term *error);
// NULL when there is none by now.
MacroName *macro_find(const MacroTable *table, Term name);
// The definition of [name] for [arity]; NULL without.
Macro *macro_find_arity(const MacroName *name, int arity);
// Whether -ifdef takes [name] as defined.
bool macro_is_defined(const MacroTable *table, Term name);
// Sets a predefined macro to one token; NULL: it has no value.
void macro_predefine(Preprocess *pp, Term name, const Token *token);
void macro_set_features(Preprocess *pp);
// Adds a definition; all it points to is copied.
void macro_add(Preprocess *pp, Term name, const Macro *macro);
void macro_remove(Preprocess *pp, Term name);
Term macro_table_to_term(Preprocess *pp);

// ---- expansion (preprocess_macro.c) ----

// Expands the tokens of [form] from number [from] on into pp->expanded.
// False: pp->failed and pp->failure say why.
bool macro_expand(Preprocess *pp, const TokenList *form, size_t from);
// Notes in [macro] which macros its tokens call; the array is the caller's to
// free. False: pp->failure.
bool macro_note_uses(Preprocess *pp, Macro *macro);
// Fails for [token]; answers false.
bool fail_at(Preprocess *pp, const Token *token, Term descriptor);

// ---- encodings (preprocess_encoding.c) ----

// Looks for "coding: NAME" in the first two lines (in comments only, if
// [in_comment]); false when they name none that is known.
enum { ENCODING_SEARCHED = 512 }; // bytes of a file
bool encoding_find(const uint8_t *text, size_t size, bool in_comment,
                   Encoding *encoding);

// ---- conditions (preprocess_if.c) ----

typedef enum { CONDITION_FALSE, CONDITION_TRUE, CONDITION_BAD } Condition;

// Decides the expression in pp->form from token [from] on. BAD: an error was
// answered; [directive] is the token it is put at.
Condition condition_evaluate(Preprocess *pp, size_t from,
                             const Token *directive);

#endif
