// SPDX-License-Identifier: Apache-2.0
// The loop's instructions as text. All that it knows of them is the table
// that is made of ops.tab; how long a tail is, is told by the first operand
// that counts it.
//
// It reads what the loader wrote and trusts it: for code that is loaded only.
#include "disassemble.h"

#include <stdio.h>

#include "bitbuild.h"
#include "print.h"

typedef struct {
    Node *node;
    const Code *code;
    Buffer *out;
} Listing;

static void add_text(const Listing *l, const char *format, uint64_t n)
{
    char text[64];
    int size = snprintf(text, sizeof text, format, n);
    buffer_add(l->out, text, (size_t)size);
}

// On one line, as ~w has it.
static void add_term(const Listing *l, Term t)
{
    PrintOptions options;
    print_options_init(&options);
    print_write(l->node, l->out, t, &options);
}

static void add_export(const Listing *l, const Export *e)
{
    add_term(l, e->module);
    buffer_add_byte(l->out, ':');
    add_term(l, e->function);
    add_text(l, "/%lu", e->arity);
}

static void add_operand(const Listing *l, const CodeWord *pc, unsigned kind,
                        unsigned slot)
{
    uint64_t here = (uint64_t)(pc - l->code->words);
    switch (kind) {
    case OPERAND_X: add_text(l, "x%lu", code_half(pc, slot)); return;
    case OPERAND_Y: add_text(l, "y%lu", code_half(pc, slot)); return;
    case OPERAND_ZERO:
    case OPERAND_ONE:
    case OPERAND_TWO:
    case OPERAND_THREE:
    case OPERAND_FOUR: add_text(l, "%lu", kind - OPERAND_ZERO); return;
    case OPERAND_FLOAT: add_text(l, "f%lu", code_half(pc, slot)); return;
    case OPERAND_HALF: add_text(l, "%lu", code_half(pc, slot)); return;
    case OPERAND_NUMBER:
        add_text(l, "%lu", (uint64_t)code_number(pc, slot));
        return;
    case OPERAND_LABEL: // as word numbers of the listing
        add_text(l, "L%lu", here + (uint64_t)(int64_t)code_number(pc, slot));
        return;
    case OPERAND_SMALL:
        add_term(l, (Term){(uintptr_t)(intptr_t)code_number(pc, slot)});
        return;
    case OPERAND_CONSTANT:
        if (item_is_constant(code_word(pc, slot)))
            add_term(l, (Term){code_word(pc, slot)});
        else // a place that has no value here
            add_text(l, "none", 0);
        return;
    case OPERAND_EXPORT:
        add_export(l, (const Export *)code_word(pc, slot));
        return;
    default: add_text(l, "#%lx", code_word(pc, slot));
    }
}

// Words behind the instruction at [pc].
static size_t tail_words(Op op, const CodeWord *pc)
{
    const Instruction *i = &instructions[op];
    unsigned last = i->operand_count;
    if (last == 0 || i->operands[last - 1].kind != OPERAND_TAIL) return 0;
    // A jump table's count is a number, since it may be large.
    bool jump = op == OP_select_jump_x || op == OP_select_jump_y;
    size_t count = 0;
    for (unsigned o = 0; o + 1 < last; o++) {
        unsigned kind = i->operands[o].kind;
        if (kind == OPERAND_HALF) count = code_half(pc, i->operands[o].slot);
        if (kind == OPERAND_NUMBER && jump)
            count = (size_t)code_number(pc, i->operands[o].slot);
    }
    // Some count pairs, or segments of several words.
    switch (op) {
    case OP_select_val_x:
    case OP_select_val_y:
    case OP_select_exact:
    case OP_select_arity_x:
    case OP_select_arity_y: return 2 * count;
    case OP_bs_create_bin_x:
    case OP_bs_create_bin_y:
    case OP_bs_append_int8: return SEGMENT_WORDS * count;
    default: return count;
    }
}

// Segments of bitstrings begin with words that are no terms at all.
static bool is_plain(Term t)
{
    return term_is_small(t) || term_is_atom(t) || term_is_nil(t)
           || term_is_local_pid(t) || term_is_local_port(t);
}

static void add_item(const Listing *l, CodeWord word)
{
    if (item_is_constant(word) && is_plain((Term){word}))
        add_term(l, (Term){word});
    else
        add_text(l, item_is_constant(word) ? "#%lx" : "r%lu",
                 item_is_constant(word) ? word : word >> 2);
}

// Answers its words, tail included.
static size_t add_instruction(const Listing *l, const CodeWord *pc)
{
    Op op = code_op(pc);
    add_text(l, "%6lu  ", (uint64_t)(pc - l->code->words));
    if (op >= OP_COUNT) { // no handler of ours: shown as it is
        add_text(l, "? %lx\n", *pc);
        return 1;
    }
    const Instruction *i = &instructions[op];
    buffer_add(l->out, i->name, strlen(i->name));
    for (unsigned o = 0; o < i->operand_count; o++) {
        if (i->operands[o].kind == OPERAND_TAIL) continue;
        buffer_add_byte(l->out, ' ');
        add_operand(l, pc, i->operands[o].kind, i->operands[o].slot);
    }
    size_t tail = tail_words(op, pc);
    for (size_t w = 0; w < tail; w++) {
        buffer_add(l->out, w == 0 ? " |" : "", w == 0 ? 2 : 0);
        buffer_add_byte(l->out, ' ');
        add_item(l, pc[i->words + w]);
    }
    buffer_add_byte(l->out, '\n');
    return i->words + tail;
}

// From its func_info to the next one's.
void disassemble_function(Node *node, const Code *code, size_t index,
                          Buffer *out)
{
    Listing l = {node, code, out};
    size_t at = code->functions[index].info;
    size_t end = index + 1 < code->function_count
                     ? code->functions[index + 1].info
                     : code->word_count;
    while (at < end) at += add_instruction(&l, code->words + at);
}
