// SPDX-License-Identifier: Apache-2.0
// The loader: applies the rules of ops.tab to decoded code and writes the
// loop's instructions. See loader.h for the parts.
//
// Two arrays are walked: ops in order, and for each the rules of its opcode,
// longest first as the table has them. A rule may take several ops at once;
// labels between them prevent that, for somebody may jump there.
#include "loader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "external.h"
#include "memory.h"
#include "pack.h"

// Only the first: later ones follow from it.
void loader_fail(Loader *l, const char *format, ...)
{
    if (l->failed) return;
    l->failed = true;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(l->why, l->why_size, format, arguments);
    va_end(arguments);
}

// ---- words out ----

void loader_emit_word(Loader *l, CodeWord word)
{
    if (l->word_count == l->word_room)
        l->words = memory_grow(l->words, &l->word_room, 4096, sizeof word);
    l->words[l->word_count++] = word;
}

// Constants and registers are told apart by their low bits.
void loader_emit_item(Loader *l, const GenericOperand *o)
{
    if (o->kind == GENERIC_CONSTANT) {
        loader_emit_word(l, o->value);
    } else if (operand_is_register(o)) {
        loader_emit_word(l, item_register(o->kind == GENERIC_Y,
                                          (unsigned)o->value));
    } else {
        loader_fail(l, "not a source operand");
    }
}

static void add_patch(Loader *l, LabelPatch patch)
{
    if (l->patch_count == l->patch_room)
        l->patches = memory_grow(l->patches, &l->patch_room, 256,
                                 sizeof patch);
    l->patches[l->patch_count++] = patch;
}

// The words move when the array grows, so places are indices.
void loader_emit_label(Loader *l, const GenericOperand *label, size_t origin)
{
    if (label->kind != GENERIC_LABEL) loader_fail(l, "label expected");
    add_patch(l, (LabelPatch){(uint32_t)l->word_count * 2, (uint32_t)origin,
                              (uint32_t)label->value, true});
    loader_emit_word(l, 0);
}

// ---- instructions out ----

// The kinds of operand that [o] can become.
// Several kinds for one operand: the member is chosen by what a family has.
static unsigned generic_bits(const GenericOperand *o)
{
    switch (o->kind) {
    case GENERIC_X: return 1u << OPERAND_X;
    case GENERIC_Y: return 1u << OPERAND_Y;
    case GENERIC_CONSTANT:
        return 1u << OPERAND_CONSTANT
               | (unsigned)operand_is_small(o) << OPERAND_SMALL;
    // Float registers are numbered apart.
    case GENERIC_FLOAT: return 1u << OPERAND_FLOAT;
    case GENERIC_EXPORT: return 1u << OPERAND_EXPORT;
    case GENERIC_LABEL:
    case GENERIC_NO_LABEL: return 1u << OPERAND_LABEL;
    case GENERIC_NUMBER:
        // Small numbers may be a part of the opcode itself.
        return 1u << OPERAND_HALF | 1u << OPERAND_NUMBER | 1u << OPERAND_WORD
               | (o->value <= 4 ? 1u << (OPERAND_ZERO + o->value) : 0);
    default: return 0;
    }
}

static unsigned count_bits(unsigned bits)
{
    return (unsigned)__builtin_popcount(bits);
}

// Writes operand [o] into the instruction at word [at]; [slot] counts 16 bits.
static void write_operand(Loader *l, size_t at, unsigned kind, unsigned slot,
                          const GenericOperand *o)
{
    // Each kind has its size; the slot was aligned for it by gen_ops.py.
    CodeWord *code = l->words + at;
    switch (kind) {
    case OPERAND_X:
    case OPERAND_Y:
    case OPERAND_FLOAT:
    case OPERAND_HALF:
        // Sizes come from the file: what does not fit must not be cut off.
        if (o->value > UINT16_MAX) loader_fail(l, "operand is too large");
        ((uint16_t *)code)[slot] = (uint16_t)o->value;
        return;
    case OPERAND_NUMBER:
        if (o->value > INT32_MAX) loader_fail(l, "operand is too large");
        ((int32_t *)code)[slot / 2] = (int32_t)o->value;
        return;
    case OPERAND_SMALL:
        ((int32_t *)code)[slot / 2] = (int32_t)o->value;
        return;
    // In the opcode.
    case OPERAND_ZERO:
    case OPERAND_ONE:
    case OPERAND_TWO:
    case OPERAND_THREE:
    case OPERAND_FOUR: return;
    case OPERAND_LABEL:
        // 0 stands for none, and is there already.
        if (o->kind == GENERIC_NO_LABEL) return;
        add_patch(l, (LabelPatch){(uint32_t)(at * 2 + slot / 2), (uint32_t)at,
                                  (uint32_t)o->value, false});
        return;
    default:
        code[slot / 4] = o->value; // a whole word: constant, export, or number
    }
}

// One row for the first instruction of the line; the next without a line of its
// own belongs to it.
static void note_line(Loader *l, size_t at)
{
    if (l->line == 0) return;
    uint32_t index = l->line - 1;
    CodeLine row = {(uint32_t)at, 0, 0}; // 0: a line that is not known
    if (index > 0) {
        row.line = l->file->lines[index].line;
        row.file = l->file->lines[index].file;
    }
    if (l->line_count == l->line_room)
        l->lines = memory_grow(l->lines, &l->line_room, 128, sizeof row);
    l->lines[l->line_count++] = row;
    l->line = 0;
}

// Operands are written when all words are there: they may lie in any.
static size_t emit_instruction(Loader *l, Op op, const GenericOperand *args)
{
    const Instruction *i = &instructions[op];
    size_t at = l->word_count;
    note_line(l, at);
    loader_emit_word(l, code_plain(op));
    for (unsigned w = 1; w < i->words; w++) loader_emit_word(l, 0);
    for (unsigned o = 0; o < i->operand_count; o++) {
        // The tail's words follow one by one.
        if (i->operands[o].kind != OPERAND_TAIL)
            write_operand(l, at, i->operands[o].kind, i->operands[o].slot,
                          &args[o]);
    }
    return at;
}

// The member of [f] for operands of these kinds: kinds count as digits, the
// last operand the lowest.
static Op member_of(const Family *f, const GenericOperand *args)
{
    unsigned member = 0;
    for (unsigned i = 0; i < f->operand_count; i++) {
        unsigned kinds = f->operands[i].kinds;
        unsigned kind = generic_bits(&args[i]) & kinds;
        kind &= -kind; // a small one, rather than any constant
        if ((kinds & (kinds - 1)) == 0) continue; // one kind, one member
        member = member * count_bits(kinds) + count_bits(kinds & (kind - 1));
    }
    return (Op)(f->first + member);
}

static void emit_move(Loader *l, GenericOperand from, GenericOperand to)
{
    const GenericOperand args[] = {from, to};
    loader_emit(l, FAMILY_move, args);
}

// The common way is that all operands fit; else they go through scratch
// registers, which the families all take.
size_t loader_emit(Loader *l, FamilyName name, const GenericOperand *given)
{
    const Family *f = &families[name];
    GenericOperand args[OPERANDS_MOST], out = {0}, scratch = {0};
    for (unsigned i = 0; i < f->operand_count; i++) {
        unsigned kinds = f->operands[i].kinds;
        args[i] = given[i];
        // Rules give numbers where code has small integers.
        if (args[i].kind == GENERIC_NUMBER
            && (kinds & (1u << OPERAND_CONSTANT | 1u << OPERAND_SMALL)) != 0)
            args[i] = operand_constant(
                term_small((intptr_t)(args[i].value & INT32_MAX)));
        if ((generic_bits(&args[i]) & kinds) != 0) continue;
        bool fits = (kinds & 1u << OPERAND_X) != 0
                    && (f->operands[i].out ? operand_is_register(&args[i])
                                           : operand_is_source(&args[i]));
        if (!fits) {
            // Ends: the file asks for what cannot be.
            loader_fail(l, "operand of wrong kind");
            return l->word_count;
        }
        // One scratch register for each place: none is taken twice.
        args[i] = operand_x(SCRATCH_FIRST + i);
        // At most one operand is written, so one move behind is enough.
        if (f->operands[i].out) {
            out = given[i];
            scratch = args[i];
        } else {
            emit_move(l, given[i], args[i]);
        }
    }
    size_t at = emit_instruction(l, member_of(f, args), args);
    if (scratch.kind != 0) emit_move(l, scratch, out);
    return at;
}

// Lists of a file may hold anything; families take sources only.
bool loader_check_sources(Loader *l, const GenericOperand *o)
{
    if (o->kind != GENERIC_LIST) {
        loader_fail(l, "list expected");
        return false;
    }
    for (uint32_t i = 0; i < o->count; i++) {
        if (!operand_is_source(&l->operands[o->value + i])) {
            loader_fail(l, "source operand expected in list");
            return false;
        }
    }
    return true;
}

// ---- rules ----

static bool same_operand(const GenericOperand *a, const GenericOperand *b)
{
    return a->kind == b->kind && a->value == b->value && a->count == b->count;
}

// On a mismatch variables hold rubbish, which nobody reads.
static bool match_operand(const RuleOperand *pattern, const GenericOperand *o,
                          GenericOperand *variables)
{
    switch ((RuleOperandKind)pattern->kind) {
    case PATTERN_X:
        return o->kind == GENERIC_X && o->value == pattern->value;
    case PATTERN_Y:
        return o->kind == GENERIC_Y && o->value == pattern->value;
    case PATTERN_NUMBER:
        return o->kind == GENERIC_NUMBER && o->value == pattern->value;
    // 0 binds whatever comes.
    case PATTERN_BIND:
        if (pattern->value != 0 && (pattern->value >> o->kind & 1) == 0)
            return false;
        variables[pattern->variable] = *o;
        return true;
    case PATTERN_SAME:
        return same_operand(o, &variables[pattern->variable]);
    default:
        return true;
    }
}

// Whether ops of these lines may become one instruction, which has one line.
// An exception names one line; ops without a line go with any.
static bool is_one_line(const Loader *l, uint32_t a, uint32_t b)
{
    if (a <= 1 || b <= 1 || a == b) return true;
    const BeamLine *x = &l->file->lines[a - 1], *y = &l->file->lines[b - 1];
    return x->line == y->line && x->file == y->file;
}

// Whether [rule] matches at op [at]; [*results] is then where the operands of
// its results begin.
// Opcodes are compared before operands: most rules fail there.
static bool match_rule(Loader *l, const Rule *rule, size_t at,
                       GenericOperand *variables, const RuleOperand **results)
{
    const RuleOperand *pattern = rule->operands;
    // The code ends before.
    if (at + rule->pattern_count > l->op_count) return false;
    for (unsigned i = 1; i < rule->pattern_count; i++) { // the first is known
        const GenericOp *op = &l->ops[at + i];
        if (op->op != rule->patterns[i]
            || !is_one_line(l, l->ops[at].line, op->line))
            return false;
    }
    for (unsigned i = 0; i < rule->pattern_count; i++) {
        const GenericOp *op = &l->ops[at + i];
        for (unsigned o = 0; o < op->count; o++) {
            if (!match_operand(pattern++, &l->operands[op->first + o],
                               variables))
                return false;
        }
    }
    *results = pattern;
    // [when] may look at what comes behind.
    l->behind = at + rule->pattern_count;
    // The last: variables are bound.
    return rule->when == NULL || rule->when(l, variables);
}

static GenericOperand make_result(const RuleOperand *r,
                                  const GenericOperand *variables)
{
    switch ((RuleOperandKind)r->kind) {
    case RESULT_X: return operand_x(r->value);
    case RESULT_Y:
        return (GenericOperand){.kind = GENERIC_Y, .value = r->value};
    case RESULT_NUMBER: return operand_number(r->value);
    default: return variables[r->variable];
    }
}

static void apply_rule(Loader *l, const Rule *rule, const RuleOperand *operand,
                       const GenericOperand *variables)
{
    if (rule->rewrite != NULL) {
        rule->rewrite(l, variables);
        return;
    }
    // Results come one after the other, with their operands in one row.
    for (unsigned i = 0; i < rule->result_count; i++) {
        const Family *f = &families[rule->results[i]];
        GenericOperand args[OPERANDS_MOST];
        for (unsigned o = 0; o < f->operand_count; o++)
            args[o] = make_result(operand++, variables);
        loader_emit(l, (FamilyName)rule->results[i], args);
    }
}

static void define_label(Loader *l, const GenericOp *op)
{
    const GenericOperand *o = &l->operands[op->first];
    // Numbers come from the file: used as an index below.
    if (o->kind != GENERIC_NUMBER || o->value == 0
        || o->value >= l->file->label_count || l->labels[o->value] >= 0) {
        loader_fail(l, "bad label");
        return;
    }
    l->labels[o->value] = (int64_t)l->word_count;
}

// A func_info is kept even when nothing can fall into it: it tells where a
// function begins and what it is called.
static void begin_function(Loader *l, const GenericOp *op)
{
    const GenericOperand *o = &l->operands[op->first];
    if (o[0].kind != GENERIC_CONSTANT || o[1].kind != GENERIC_CONSTANT
        || !term_is_atom((Term){o[0].value})
        || !term_is_atom((Term){o[1].value}) || o[2].kind != GENERIC_NUMBER
        || o[2].value > 255) { // the most arguments a function may have
        loader_fail(l, "bad func_info");
        return;
    }
    if (l->function_count == l->function_room)
        l->functions = memory_grow(l->functions, &l->function_room, 64,
                                   sizeof *l->functions);
    // The last two words are kept free for breakpoint and NIF.
    const GenericOperand args[] = {o[2], o[0], o[1], operand_number(0),
                                   operand_number(0)};
    size_t at = loader_emit(l, FAMILY_func_info, args);
    l->functions[l->function_count++] = (CodeFunction){
        (Term){o[1].value}, (uint32_t)at, (uint16_t)o[2].value};
}

// A function that is written in C has a body in Erlang only for the compiler:
// calls from its own module, too, are to reach the C function.
static void replace_by_bif(Loader *l, const GenericOp *func_info)
{
    const GenericOperand *o = &l->operands[func_info->first];
    const Export *e = code_find_export(l->node, (Term){o[0].value},
                                       (Term){o[1].value},
                                       (unsigned)o[2].value);
    if (e == NULL || e->bif == NULL) return; // an Erlang function after all
    const GenericOperand args[]
        = {{.kind = GENERIC_EXPORT, .value = (uintptr_t)e}};
    loader_emit(l, FAMILY_call_ext_only, args);
}

// Answers how many ops were taken.
static size_t translate_op(Loader *l, size_t at)
{
    const GenericOp *op = &l->ops[at];
    const Rule *rule = rules_of[op->op];
    GenericOperand variables[RULE_VARIABLES];
    const RuleOperand *results;
    l->op = op;
    for (; rule != NULL && rule->pattern_count > 0; rule++) {
        if (!match_rule(l, rule, at, variables, &results)) continue;
        // The line of the last op that has one: where an error would be.
        for (unsigned i = 1; i < rule->pattern_count; i++) {
            if (l->ops[at + i].line != 0) l->line = l->ops[at + i].line;
        }
        apply_rule(l, rule, results, variables);
        return rule->pattern_count;
    }
    // Not one rule: an operand that no compiler emits there.
    loader_fail(l, "%s has no form with these operands",
                generic_infos[op->op].name);
    return 1;
}

static void translate(Loader *l)
{
    for (size_t at = 0; at < l->op_count && !l->failed;) {
        const GenericOp *op = &l->ops[at];
        if (op->line != 0) l->line = op->line;
        if (op->op == GENERIC_label) {
            define_label(l, op);
            // The entry label of a function follows its func_info.
            if (at > 0 && l->ops[at - 1].op == GENERIC_func_info && !l->failed)
                replace_by_bif(l, &l->ops[at - 1]);
            at++;
        } else if (op->op == GENERIC_func_info) {
            begin_function(l, op);
            at++;
        } else if (op->op == GENERIC_int_code_end) {
            // What comes behind is no code.
            break;
        } else {
            // The next instruction is the function.
            if (op->op == GENERIC_on_load)
                l->on_load = (int64_t)l->word_count;
            if (op->op == GENERIC_nif_start && l->function_count > 0)
                l->functions[l->function_count - 1].is_nif = true;
            at += translate_op(l, at);
        }
    }
    // Whatever runs off the end of the code stops there.
    if (!l->failed) loader_emit_word(l, code_plain(OP_if_end));
}

// All code is written: distances are known. Both kinds count in words.
static void patch_labels(Loader *l)
{
    for (size_t i = 0; i < l->patch_count && !l->failed; i++) {
        const LabelPatch *p = &l->patches[i];
        int64_t target = l->labels[p->label];
        if (target < 0) { // a call of a label that no instruction defines
            loader_fail(l, "label %u is not there", (unsigned)p->label);
        } else if (p->wide) {
            l->words[p->at / 2] = (CodeWord)(target - (int64_t)p->origin);
        } else {
            ((int32_t *)l->words)[p->at] = (int32_t)(target - p->origin);
        }
    }
}

// ---- literals ----

// Their places among the last literals; files stand last.
enum { LITERAL_ATTRIBUTES, LITERAL_COMPILE_INFO, LITERAL_FILES };

// Errors are noted once, and nil goes on in the term's place.
static Term decode_literal(Loader *l, Span span)
{
    if (span.size == 0) return TERM_NIL;
    Term t = external_decode(l->node, &l->heap, span.bytes, span.size, NULL,
                             NULL);
    if (term_is_none(t)) loader_fail(l, "damaged literal");
    return term_is_none(t) ? TERM_NIL : t;
}

// Attributes and compile information, as the file has them: an empty list when
// they make no sense, for tools strip them.
static Term decode_info(Loader *l, Span span)
{
    if (span.size == 0) return TERM_NIL;
    Term t = external_decode(l->node, &l->heap, span.bytes, span.size, NULL,
                             NULL);
    return term_list_length(t) < 0 ? TERM_NIL : t;
}

// What exceptions show when the file names no source.
static Term own_file_name(Loader *l)
{
    const AtomText *text = atom_text(l->node->atoms, l->module);
    Term suffix = heap_string(&l->heap, ".erl", 4, TERM_NIL);
    return heap_string_utf8(&l->heap, text->bytes, text->size, suffix);
}

void loader_add_literal(Loader *l, Term t)
{
    if (l->literal_count == l->literal_room)
        l->literals = memory_grow(l->literals, &l->literal_room, 64, sizeof t);
    l->literals[l->literal_count++] = t;
}

static void decode_literals(Loader *l)
{
    for (size_t i = 0; i < l->file->literal_count && !l->failed; i++)
        loader_add_literal(l, decode_literal(l, l->file->literals[i]));
}

// The last literals are those that the code itself does not name.
// After this they lie where they stay: addresses can be operands.
void loader_fix_literals(Loader *l)
{
    const BeamFile *f = l->file;
    loader_add_literal(l, decode_info(l, f->attributes));
    loader_add_literal(l, decode_info(l, f->compile_info));
    loader_add_literal(l, own_file_name(l));
    for (size_t i = 1; i <= f->file_count; i++)
        loader_add_literal(l, heap_string_utf8(&l->heap,
                                        (const char *)f->files[i].bytes,
                                        f->files[i].size, TERM_NIL));
    l->literal_block = literal_block_new(l->node, l->literal_count,
                                         l->literals);
}

// ---- the whole way ----

// Makes exports that are not there yet: calls of them lead to the error handler
// until somebody loads the module.
static void resolve_imports(Loader *l)
{
    const BeamFile *f = l->file;
    l->imports = memory_alloc((f->import_count + 1) * sizeof *l->imports);
    for (size_t i = 0; i < f->import_count; i++) {
        const BeamImport *row = &f->imports[i];
        l->imports[i] = code_export(l->node, row->module, row->function,
                                    row->arity);
    }
}

// Entries are shared with older loads of the same version.
static void resolve_funs(Loader *l)
{
    const BeamFile *f = l->file;
    l->funs = memory_alloc((f->fun_count + 1) * sizeof *l->funs);
    for (size_t i = 0; i < f->fun_count; i++) {
        const BeamFun *row = &f->funs[i];
        FunEntry fun = {.module = l->module,
                        // Without the environment, as erlang:fun_info(F, arity)
                        // has it.
                        .arity = row->arity - row->free_count,
                        .index = (uint32_t)i,
                        .old_index = row->index,
                        .old_uniq = row->old_uniq,
                        .free_count = row->free_count};
        memcpy(fun.uniq, f->md5, sizeof fun.uniq);
        l->funs[i] = code_fun_entry(l->node, &fun, true);
    }
}

// A label within the code, with a func_info before it.
static bool entry_of(Loader *l, uint32_t label, uint32_t *entry)
{
    int64_t at = l->labels[label];
    if (at < FUNCTION_WORDS) {
        loader_fail(l, "function without code");
        return false;
    }
    *entry = (uint32_t)at;
    return true;
}

// The counts are set when the tables are whole: code_free relies on them.
static void make_exports(Loader *l, Code *code)
{
    const BeamFile *f = l->file;
    for (size_t i = 0; i < f->export_count; i++) {
        CodeExport *e = &code->exports[i];
        e->export = code_export(l->node, l->module, f->exports[i].function,
                                f->exports[i].arity);
        if (!entry_of(l, f->exports[i].label, &e->entry)) return;
    }
    code->export_count = f->export_count;
}

static void make_funs(Loader *l, Code *code)
{
    const BeamFile *f = l->file;
    for (size_t i = 0; i < f->fun_count; i++) {
        code->funs[i].entry = l->funs[i];
        if (!entry_of(l, f->funs[i].label, &code->funs[i].at)) return;
    }
    code->fun_count = f->fun_count;
}

// From here on the code owns the block.
static void keep_literals(Loader *l, Code *code)
{
    size_t files = l->file->file_count + 1;
    const Term *last = l->literals + l->literal_count - files - LITERAL_FILES;
    code->attributes = last[LITERAL_ATTRIBUTES];
    code->compile_info = last[LITERAL_COMPILE_INFO];
    memcpy(code->files, last + LITERAL_FILES, files * sizeof(Term));
    code->file_count = files;
    code->literals = l->literal_block;
    l->literal_block = NULL;
}

// The next [count] items of [size] bytes of a block that is cut at [*at].
static void *cut(uint8_t **at, size_t count, size_t size)
{
    void *part = *at;
    *at += (count * size + 7) / 8 * 8; // each part begins at a multiple of 8
    return part;
}

// Points the tables of [code] to their places behind it; answers the bytes
// that all of it takes.
// Done twice: once without memory, for the size.
static size_t lay_out(const Loader *l, Code *code)
{
    const BeamFile *f = l->file;
    uint8_t *at = (uint8_t *)(code + 1);
    code->words = cut(&at, l->word_count, sizeof *code->words);
    code->exports = cut(&at, f->export_count, sizeof *code->exports);
    code->funs = cut(&at, f->fun_count, sizeof *code->funs);
    code->files = cut(&at, f->file_count + 1, sizeof *code->files);
    code->functions = cut(&at, l->function_count, sizeof *code->functions);
    code->lines = cut(&at, l->line_count, sizeof *code->lines);
    return (size_t)(at - (uint8_t *)code);
}

static void copy_tables(const Loader *l, Code *code)
{
    memcpy(code->words, l->words, l->word_count * sizeof *l->words);
    code->word_count = l->word_count;
    code->function_count = l->function_count;
    if (l->function_count > 0)
        memcpy(code->functions, l->functions,
               l->function_count * sizeof *l->functions);
    code->line_count = l->line_count;
    if (l->line_count > 0)
        memcpy(code->lines, l->lines, l->line_count * sizeof *l->lines);
}

// One block of the literal area: nothing of it is freed apart from the rest.
static Code *make_code(Loader *l)
{
    Code measured;
    size_t size = lay_out(l, &measured);
    Code *code = literal_area_take(l->node->literals, size);
    memset(code, 0, size); // counts are 0 if something fails below
    lay_out(l, code);
    code->size = size;
    code->module = l->module;
    copy_tables(l, code);
    make_exports(l, code);
    make_funs(l, code);
    keep_literals(l, code);
    memcpy(code->md5, l->file->md5, sizeof code->md5);
    code->on_load = l->on_load;
    code->strings = l->strings;
    code->strings_size = l->file->strings.size;
    l->strings = NULL; // the code's by now: not freed with the loader
    return code;
}

// The strings that instructions point into must not move: they are copied
// before anything is emitted.
static uint8_t *copy_strings(Node *node, const BeamFile *f)
{
    if (f->strings.size == 0) return NULL;
    uint8_t *strings = literal_area_take(node->literals, f->strings.size);
    return memcpy(strings, f->strings.bytes, f->strings.size);
}

// Each step needs the one before; whatever fails leaves the rest undone.
static Code *load(Loader *l)
{
    size_t labels = l->file->label_count;
    l->labels = memory_alloc((labels + 1) * sizeof *l->labels);
    for (size_t i = 0; i <= labels; i++) l->labels[i] = -1;
    resolve_imports(l);
    resolve_funs(l);
    decode_literals(l);
    if (!l->failed) loader_decode(l);
    // Made when all of the code was read.
    if (!l->failed && l->literal_block == NULL) loader_fail(l, "code is cut short");
    if (!l->failed) translate(l);
    if (!l->failed) patch_labels(l);
    return l->failed ? NULL : make_code(l);
}

// Whatever the code took over is NULL here.
static void free_loader(Loader *l)
{
    free(l->ops);
    free(l->operands);
    free(l->imports);
    free(l->literals);
    free(l->words);
    free(l->labels);
    free(l->patches);
    free(l->functions);
    free(l->lines);
    free(l->funs);
    literal_block_free(l->node, l->literal_block);
    if (l->strings != NULL)
        literal_area_give(l->node->literals, l->strings,
                          l->file->strings.size);
    heap_free(&l->heap);
}

static Code *load_file(Node *node, const BeamFile *file, char *why,
                       size_t why_size)
{
    Loader l = {.node = node, .file = file, .module = file->atoms[1],
                .why = why, .why_size = why_size, .on_load = -1};
    heap_init(&l.heap);
    l.strings = copy_strings(node, file);
    Code *code = load(&l);
    free_loader(&l);
    // Failed when its tables were made: never published.
    if (code != NULL && l.failed) {
        code_free(node, code);
        code = NULL;
    }
    return code;
}

Code *code_prepare(Node *node, Term module, const uint8_t *bytes, size_t size,
                   char *why, size_t why_size)
{
    BeamFile file;
    // In the image, ready: nothing to decode.
    Code *code = code_take_prepared(node, bytes);
    if (code != NULL) return code;
    why[0] = 0;
    if (!beam_file_read(&file, node, (Span){bytes, size}, why, why_size)) {
        beam_file_free(&file);
        return NULL;
    }
    // code:load_binary(Module, ...) says which name it must have.
    if (!term_is_none(module) && !term_same(module, file.atoms[1])) {
        snprintf(why, why_size, "it defines module %s",
                 atom_text(node->atoms, file.atoms[1])->bytes);
    } else {
        code = load_file(node, &file, why, why_size);
    }
    if (code != NULL)
        code->is_packed = node->pack != NULL
                          && pack_place(node->pack, bytes) != 0;
    beam_file_free(&file);
    return code;
}
