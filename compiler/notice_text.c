// SPDX-License-Identifier: Apache-2.0
// Notice: the words for what it told, {Class, What}.
//
// The words are OTP's, to the letter: builds and editors read them. Class only
// says which option is against it, so it is passed over here.
//
// Descriptors are OTP's as well: programs that take warnings as terms match on
// them, and for these no text is needed.
#include "notice_text.h"

#include <stdio.h>

#include "auto_import.h"
#include "print.h"

static void add(Buffer *out, const char *text)
{
    buffer_add(out, text, strlen(text));
}

// As ~tw.
static void add_term(Node *node, Buffer *out, Term t)
{
    PrintOptions o;
    print_options_init(&o);
    o.encoding = PRINT_UNICODE;
    print_write(node, out, t, &o);
}

// A term of which only the first parts are shown: literals in programs may be
// huge.
static void add_short(Node *node, Buffer *out, Term t)
{
    PrintOptions o;
    print_options_init(&o);
    o.encoding = PRINT_UNICODE;
    // As deep as OTP shows it.
    o.depth = 10;
    print_pretty(node, out, t, &o);
}

// As ~p shows it.
static void add_pretty(Node *node, Buffer *out, Term t)
{
    PrintOptions o;
    print_options_init(&o);
    print_pretty(node, out, t, &o);
}

// By its name alone: signs, and words that are operators.
static bool is_operator(Node *node, Term name)
{
    static const char words[]
        = " div rem band bor bxor bsl bsr bnot not and or xor ";
    const char *bytes = atom_text(node->atoms, name)->bytes;
    // Names of functions begin with a letter; signs are operators.
    if ((bytes[0] < 'a' || bytes[0] > 'z') && bytes[0] != 0) return true;
    char word[8]; // blanks on both sides: "or" stands within others
    int n = snprintf(word, sizeof word, " %s ", bytes);
    return n < (int)sizeof word && strstr(words, word) != NULL;
}

// "~p/~p", or "~p:~p/~p" when the module is to be named: functions that need no
// import are called by their names only.
static void add_function(Node *node, Buffer *out, Term mfa)
{
    Term m = term_tuple_get(mfa, 0), f = term_tuple_get(mfa, 1);
    size_t arity = (size_t)term_small_value(term_tuple_get(mfa, 2));
    bool plain = term_same(m, ATOM_erlang)
                 && (is_operator(node, f)
                     || auto_import_has(node->atoms, f, arity));
    if (!plain) {
        add_term(node, out, m);
        add(out, ":");
    }
    add_term(node, out, f);
    add(out, "/");
    add_term(node, out, term_tuple_get(mfa, 2));
}

// [going_on]: `calling f/1' for what is ignored, `the call to f/1' for what
// will fail.
static void add_call(Node *node, Buffer *out, Term mfa, bool going_on)
{
    Term f = term_tuple_get(mfa, 1);
    // fun M:F/A is a call of erlang:make_fun/3.
    if (term_same(f, ATOM_make_fun)) {
        add(out, "fun construction");
        return;
    }
    if (term_same(term_tuple_get(mfa, 0), ATOM_erlang) && is_operator(node, f))
        add(out, going_on ? "evaluating operator " : "evaluation of operator ");
    else
        add(out, going_on ? "calling " : "the call to ");
    add_function(node, out, mfa);
}

// Operators are named without their arity here.
static void add_no_effect(Node *node, Buffer *out, Term mfa)
{
    Term f = term_tuple_get(mfa, 1);
    if (is_operator(node, f)) {
        add(out, "use of operator ");
        add_term(node, out, f);
    } else {
        add(out, "the call to ");
        add_function(node, out, mfa);
    }
    add(out, " has no effect");
}

// {shadow, Line} or {shadow, Line, {Function, Arity}}, of clauses of a
// function.
static void add_shadow(Node *node, Buffer *out, Term what)
{
    add(out, "this clause ");
    if (term_arity(what) == 3) {
        Term f = term_tuple_get(what, 2);
        add(out, "for ");
        add_term(node, out, term_tuple_get(f, 0));
        add(out, "/");
        add_term(node, out, term_tuple_get(f, 1));
        add(out, " ");
    }
    add(out, "cannot match because a previous clause at line ");
    add_term(node, out, term_tuple_get(what, 1));
    add(out, " always matches");
}

// Those that need nothing but their words.
static const struct {
    uintptr_t what;
    const char *words;
} plain[] = {
    {ATOM_BITS_pattern, "pattern cannot possibly match"},
    {ATOM_BITS_bad_binary,
     "binary construction will fail because of a type mismatch"},
    {ATOM_BITS_shadow,
     "this clause cannot match because a previous clause always matches"},
    {ATOM_BITS_guard,
     "this clause cannot match because its guard evaluates to 'false'"},
    {ATOM_BITS_no_clause, "no clause will ever match"},
    {ATOM_BITS_clause_type,
     "this clause cannot match because of different types/sizes"},
    {ATOM_BITS_useless_building, "a term is constructed, but never used"},
    {ATOM_BITS_bad_map_update,
     "map update will fail with a 'badmap' exception"},
    {ATOM_BITS_embedded_binary_size,
     "binary construction will fail with a 'badarg' exception (field size for "
     "binary/bitstring greater than actual size)"},
    {ATOM_BITS_bad_unicode,
     "binary construction will fail with a 'badarg' exception (invalid Unicode "
     "code point in a utf8/utf16/utf32 segment)"},
    {ATOM_BITS_bad_float_size,
     "binary construction will fail with a 'badarg' exception (invalid size "
     "for a float segment)"},
    {ATOM_BITS_bad_segment_size,
     "binary construction will fail because the size of a segment is "
     "invalid"},
};

// What makes a segment of a pattern match nothing; false when it is no such.
// All of them are about one clause.
static bool add_segment(Node *node, Buffer *out, Term what)
{
    static const char front[] = "this clause cannot match because ";
    Term value = term_tuple_get(what, 1);
    switch (term_tuple_get(what, 0).bits) {
    case ATOM_BITS_bit_syntax_truncated:
        add(out, front);
        add(out, "the value ");
        add_short(node, out, term_tuple_get(what, 2));
        add(out, " will not fit in ");
        add(out, term_same(value, ATOM_signed) ? "a 'signed'"
                                               : "an 'unsigned'");
        add(out, " binary segment of size ");
        add_term(node, out, term_tuple_get(what, 3));
        return true;
    case ATOM_BITS_bit_syntax_unsigned:
        add(out, front);
        add(out, "the negative value ");
        add_short(node, out, value);
        add(out, " will never match the value of an 'unsigned' binary segment");
        return true;
    case ATOM_BITS_bit_syntax_size:
        add(out, front);
        add(out, "'");
        add_short(node, out, value);
        add(out, "' is not a valid size for a binary segment");
        return true;
    case ATOM_BITS_bit_syntax_type:
        add(out, front);
        add(out, "'");
        add_short(node, out, value);
        add(out, "' is not of the expected type '");
        add_term(node, out, term_tuple_get(what, 2));
        add(out, "'");
        return true;
    case ATOM_BITS_bit_syntax_unicode:
        add(out, front);
        add(out, "the value ");
        add_term(node, out, value);
        add(out, " is not a valid Unicode code point");
        return true;
    default: return false;
    }
}

// {embedded_unit, Unit, Size}.
static void add_embedded(Node *node, Buffer *out, Term what)
{
    add(out, "binary construction will fail with a 'badarg' exception (size ");
    add_term(node, out, term_tuple_get(what, 2));
    add(out, " cannot be evenly divided by unit ");
    add_term(node, out, term_tuple_get(what, 1));
    add(out, ")");
}

// What is not known is written as a term rather than lost.
static void add_tuple(Node *node, Buffer *out, Term what)
{
    if (add_segment(node, out, what)) return;
    switch (term_tuple_get(what, 0).bits) {
    case ATOM_BITS_embedded_unit: add_embedded(node, out, what); return;
    case ATOM_BITS_shadow: add_shadow(node, out, what); return;
    case ATOM_BITS_no_effect:
        add_no_effect(node, out, term_tuple_get(what, 1));
        return;
    case ATOM_BITS_result:
        add(out, "the result of ");
        add_call(node, out, term_tuple_get(what, 1), true);
        add(out, " is ignored (suppress the warning by assigning the "
                 "expression to the _ variable)");
        return;
    case ATOM_BITS_eval_failure:
        add_call(node, out, term_tuple_get(what, 1), false);
        add(out, " will fail with a '");
        add_pretty(node, out, term_tuple_get(what, 2));
        add(out, "' exception");
        return;
    default: add_term(node, out, what); return;
    }
}

// A key of any type; only an atom's is quoted.
static void add_repeated(Node *node, Buffer *out, Term key)
{
    const char *quote = term_is_atom(key) ? "'" : "";
    add(out, "key ");
    add(out, quote);
    if (term_is_atom(key)) add_term(node, out, key);
    else add_short(node, out, key);
    add(out, quote);
    add(out, " will be overridden in expression");
}

// Where a reference comes from: {parameter, N} or {M, F, Arity, Line}.
static void add_creation(Node *node, Buffer *out, Term creation)
{
    if (term_arity(creation) == 2) {
        add(out, "in function parameter ");
        add_term(node, out, term_tuple_get(creation, 1));
        return;
    }
    add(out, "created by ");
    add_term(node, out, term_tuple_get(creation, 1));
    add(out, "/");
    add_term(node, out, term_tuple_get(creation, 2));
    add(out, " at line ");
    add_term(node, out, term_tuple_get(creation, 3));
}

// What recv_opt_info and bin_opt_info ask for: no warnings in truth, but OTP
// tells them as such.
static bool describe_info(Node *node, Buffer *out, Term what)
{
    static const struct {
        uintptr_t what;
        const char *words;
    } all[] = {
        {ATOM_BITS_matches_any_message,
         "INFO: receive matches any message, this is always fast"},
        {ATOM_BITS_reserved_receive_marker,
         "OPTIMIZED: reference used to mark a message queue position"},
        {ATOM_BITS_unoptimized_selective_receive,
         "NOT OPTIMIZED: all clauses do not match a suitable reference"},
        {ATOM_BITS_context_reused, "OPTIMIZED: match context reused"},
    };
    if (term_is_tuple_of(what, 2)) {
        // A marker that is passed on, or one that is used.
        bool passed = term_same(term_tuple_get(what, 0), ATOM_passed_marker);
        add(out, passed ? "INFO: passing reference "
                        : "OPTIMIZED: all clauses match reference ");
        add_creation(node, out, term_tuple_get(what, 1));
        return true;
    }
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].what == what.bits) {
            add(out, all[i].words);
            return true;
        }
    return false;
}

// False: it is not one of these passes' descriptors, and the caller writes it
// as it is.
bool notice_describe(Node *node, Buffer *out, Term module, Term descriptor)
{
    if (term_same(module, ATOM_beam_ssa_recv)
        || term_same(module, ATOM_beam_ssa_bsm))
        return describe_info(node, out, descriptor);
    if (!term_is_tuple_of(descriptor, 2)) return false;
    Term what = term_tuple_get(descriptor, 1);
    if (term_same(term_tuple_get(descriptor, 0), ATOM_map_key_repeated)) {
        add_repeated(node, out, what);
        return true;
    }
    if (term_is_tuple(what) && term_arity(what) > 1) {
        add_tuple(node, out, what);
        return true;
    }
    if (term_same(what, ATOM_bad_call)) { // two passes, two texts
        add(out, term_same(module, ATOM_v3_kernel)
                     ? "invalid module and/or function name; this call will "
                       "always fail"
                     : "invalid function call");
        return true;
    }
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (plain[i].what == what.bits) {
            add(out, plain[i].words);
            return true;
        }
    return false;
}
