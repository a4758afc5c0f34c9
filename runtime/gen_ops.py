#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gen_ops.py OPS.TAB OUT.H OUT.C [OUT.MD]: all that is made from the
instruction table: enums, operand layouts, label list, rewriting rules, and
the reference for readers. The table's head explains its syntax."""
import itertools, re, sys

KINDS = {  # letter: (enum, width in 16-bit slots)
    'x': ('OPERAND_X', 1), 'y': ('OPERAND_Y', 1),
    'i': ('OPERAND_SMALL', 2),
    'c': ('OPERAND_CONSTANT', 4),
    '0': ('OPERAND_ZERO', 0), '1': ('OPERAND_ONE', 0),
    '2': ('OPERAND_TWO', 0), '3': ('OPERAND_THREE', 0),
    '4': ('OPERAND_FOUR', 0),
    'h': ('OPERAND_HALF', 1), 'n': ('OPERAND_NUMBER', 2),
    'w': ('OPERAND_WORD', 4), 'f': ('OPERAND_LABEL', 2),
    'e': ('OPERAND_EXPORT', 4), 'l': ('OPERAND_FLOAT', 1),
    '*': ('OPERAND_TAIL', 0),
}
HIDDEN = ('*',)
DIGITS = '01234'


def fail(number, text):
    sys.exit(f'{sys.argv[1]}:{number}: {text}')


class Operand:
    def __init__(self, text, number):
        m = re.fullmatch(r'(>?)(\w+):([a-z0-4]+|\*)', text)
        if not m or any(k not in KINDS for k in m.group(3)):
            fail(number, f'not an operand: {text}')
        self.out, self.name, self.kinds = bool(m.group(1)), m.group(2), m.group(3)


class Family:
    def __init__(self, line, number, first):
        head, _, self.effect = line.partition('|')
        self.effect = self.effect.strip()
        self.name, *operands = head.split()
        self.operands = [Operand(o, number) for o in operands]
        self.first = first
        self.members = []
        many = [o for o in self.operands if len(o.kinds) > 1]
        for choice in itertools.product(*(o.kinds for o in many)):
            suffix = '_' + ''.join(choice) if many else ''
            self.members.append(Member(self, self.name + suffix,
                                       dict(zip((o.name for o in many), choice))))


class Member:
    """One instruction: a family with the kinds of its operands fixed."""
    def __init__(self, family, name, choice):
        self.family, self.name, self.slots = family, name, []
        taken = [True, True]  # the handler's offset
        for o in family.operands:
            kind = choice.get(o.name, o.kinds)
            width = KINDS[kind][1]
            at = 0
            if width:
                while any(i < len(taken) and taken[i]
                          for i in range(at, at + width)):
                    at += width
                taken += [False] * (at + width - len(taken))
                for i in range(at, at + width):
                    taken[i] = True
            self.slots.append((o, kind, at))
        self.words = (len(taken) + 3) // 4


def read(path):
    section, generic, operators, families, rules = None, {}, [], [], []
    first = 0
    pending = ''
    for number, line in enumerate(open(path, encoding='utf-8'), 1):
        line = re.sub(r'(^|\s)#.*', '', line.rstrip('\n')).rstrip()
        if line.endswith('\\'):
            pending += line[:-1] + ' '
            continue
        line, pending = (pending + line).strip(), ''
        if not line:
            continue
        if line.startswith('['):
            section = line.strip('[]')
        elif section == 'generic':
            m = re.fullmatch(r'(\d+)\s+(-?)(\w+)/(\d+)', line)
            if not m:
                fail(number, f'not a generic instruction: {line}')
            generic[m.group(3)] = (int(m.group(1)), int(m.group(4)),
                                   m.group(2) == '-')
        elif section == 'operators':
            m = re.fullmatch(r'(\d+)\s+(\w+)/(\d+)\s+(\S+)/(\d)', line)
            if not m:
                fail(number, f'not an operator: {line}')
            generic[m.group(2)] = (int(m.group(1)), int(m.group(3)), False)
            operators.append((m.group(2), m.group(4), int(m.group(5))))
        elif section == 'instructions':
            f = Family(line, number, first)
            first += len(f.members)
            families.append(f)
        elif section == 'rules':
            rules.append((number, line))
        else:
            fail(number, 'outside of any section')
    return generic, operators, families, rules


# ---- rules ----

class Rule:
    def __init__(self, number, line, generic, families):
        left, arrow, right = line.partition('=>')
        if not arrow:
            fail(number, 'rule without =>')
        self.number, self.line, self.variables = number, line, []
        left, _, guard = left.partition(' when ')
        self.guard = guard.strip() or None
        self.patterns = []
        for part in left.split(' + '):
            name, *args = part.split()
            if name not in generic:
                fail(number, f'no such generic instruction: {name}')
            if len(args) != generic[name][1]:
                fail(number, f'{name} has {generic[name][1]} operands')
            self.patterns.append((name, [self.pattern(a, number) for a in args]))
        self.results, self.transform = [], None
        right = right.strip()
        if right.startswith('%'):
            self.transform = right[1:].strip()
            return
        for part in filter(None, (r.strip() for r in right.split(' + '))):
            name, *args = part.split()
            if name not in families:
                fail(number, f'no such instruction: {name}')
            f = families[name]
            wanted = [o for o in f.operands if o.kinds not in HIDDEN]
            if len(args) != len(wanted):
                fail(number, f'{name} takes {len(wanted)} operands')
            self.results.append((f, [self.result(a, number) for a in args]))

    def variable(self, name):
        if name not in self.variables:
            self.variables.append(name)
        return self.variables.index(name)

    def pattern(self, text, number):
        if text == '_':
            return 'PATTERN_ANY', 0, 0
        m = re.fullmatch(r'([xy])(\d+)', text)
        if m:
            return ('PATTERN_X' if m.group(1) == 'x' else 'PATTERN_Y',
                    0, int(m.group(2)))
        if re.fullmatch(r'\d+', text):
            return 'PATTERN_NUMBER', 0, int(text)
        m = re.fullmatch(r"([A-Z]\w*)(?::([a-zL]+))?", text)
        if not m:
            fail(number, f'not a pattern: {text}')
        mask = 0
        names = 'uxyclfpLe'  # order of GenericKind in loader.h
        for k in m.group(2) or '':
            mask |= 1 << names.index(k)
        known = m.group(1) in self.variables
        return ('PATTERN_SAME' if known else 'PATTERN_BIND',
                self.variable(m.group(1)), mask)

    def result(self, text, number):
        m = re.fullmatch(r'([xy])(\d+)', text)
        if m:
            return ('RESULT_X' if m.group(1) == 'x' else 'RESULT_Y',
                    int(m.group(2)))
        if re.fullmatch(r'\d+', text):
            return 'RESULT_NUMBER', int(text)
        if text not in self.variables:
            fail(number, f'{text} is not bound')
        return 'RESULT_VARIABLE', self.variables.index(text)


# ---- output ----

GETTERS = {
    'x': ('Term', 'x[HALF({})]', 'Term *const', '&x[HALF({})]'),
    'y': ('Term', 'y[HALF({})]', 'Term *const', '&y[HALF({})]'),
    'i': ('const Term', 'SMALL({})', None, None),
    'c': ('const Term', 'CONSTANT({})', None, None),
    'h': ('const unsigned', 'HALF({})', None, None),
    'n': ('const int32_t', 'NUMBER({})', None, None),
    'w': ('const uintptr_t', 'WORD({})', None, None),
    'e': ('Export *const', '((Export *)WORD({}))', None, None),
    'l': ('double *const', '&f[HALF({})]', 'double *const', '&f[HALF({})]'),
}


def operand_locals(member):
    """What a handler knows of its operands: NAME_at, the index in units of
    its size; NAME_small, whether it is a small in any case; and NAME itself,
    but for labels: those are mostly not needed."""
    parts = []
    for o, kind, at in member.slots:
        if kind == '*':
            parts.append(f'    const CodeWord *const {o.name} = pc + {member.words};')
            continue
        index = at // max(KINDS[kind][1], 1)
        known = f', {o.name}_small = {int(kind == "i")}' \
            if kind in 'xyic' and not o.out else ''
        if kind in 'xy':
            known += f', {o.name}_y = {int(kind == "y")}'
        if '1' in o.kinds:
            known = f', {o.name}_is = {kind if kind in DIGITS else -1}'
        parts.append(f'    enum {{ {o.name}_at = {index}{known} }};')
        if kind in DIGITS:
            parts.append(f'    const unsigned {o.name} = {kind};')
        if kind == 'f' or kind in DIGITS:
            continue
        vtype, value, otype, out = GETTERS[kind]
        ctype, text = (otype, out) if o.out else (vtype, value)
        parts.append(f'    {ctype} {o.name} = {text.format(index)};')
    return ' \\\n'.join(parts)


def write_header(out, generic, families):
    w = out.write
    w('// Generated from ops.tab.\n#ifndef MERLE_OPS_GEN_H\n'
      '#define MERLE_OPS_GEN_H\n\nenum { // generic instructions\n')
    for name, (number, _, _) in generic.items():
        w(f'    GENERIC_{name} = {number},\n')
    w('    GENERIC_COUNT = 256\n};\n\ntypedef enum { // instructions\n')
    for f in families:
        for m in f.members:
            w(f'    OP_{m.name},\n')
    w('    OP_COUNT\n} Op;\n\ntypedef enum { // families of instructions\n')
    for f in families:
        w(f'    FAMILY_{f.name},\n')
    w('    FAMILY_COUNT\n} FamilyName;\n\nenum { // words of an instruction, without tail\n')
    for f in families:
        for m in f.members:
            w(f'    WORDS_{m.name} = {m.words},\n')
    w('};\n\n#define OP_LABELS(LABEL) \\\n')
    w(' \\\n'.join(f'    LABEL({m.name})' for f in families for m in f.members))
    w('\n\n')
    for f in families:
        w(f'#define MEMBERS_{f.name}(MEMBER, ...) \\\n')
        w(' \\\n'.join(f'    MEMBER({m.name}, __VA_ARGS__)' for m in f.members))
        w('\n\n')
        for m in f.members:
            body = operand_locals(m)
            w(f'#define OPERANDS_{m.name} \\\n{body}\n\n' if body
              else f'#define OPERANDS_{m.name}\n\n')
    w('#endif\n')


def kind_mask(kinds):
    return ' | '.join(f'1u << {KINDS[k][0]}' for k in kinds)


def write_tables(out, generic, operators, families, rules):
    w = out.write
    w('// Generated from ops.tab.\n#include "instruction.h"\n'
      '#include "loader.h"\n\n')
    w('const GenericInfo generic_infos[GENERIC_COUNT] = {\n')
    for name, (number, arity, obsolete) in generic.items():
        w(f'    [{number}] = {{"{name}", {arity}, {str(obsolete).lower()}}},\n')
    w('};\n\nconst OperatorInfo operator_infos[] = {\n')
    for name, function, arity in operators:
        w(f'    {{"{function}", {arity}, GENERIC_{name}}},\n')
    w('    {0}\n};\n\nconst Instruction instructions[OP_COUNT] = {\n')
    for f in families:
        for m in f.members:
            ops = ', '.join(f'{{{KINDS[k][0]}, {at}, {str(o.out).lower()}}}'
                            for o, k, at in m.slots)
            w(f'    {{"{m.name}", {m.words}, {len(m.slots)}, {{{ops}}}}},\n')
    w('};\n\nconst Family families[FAMILY_COUNT] = {\n')
    for f in families:
        ops = ', '.join(f'{{{kind_mask(o.kinds)}, {str(o.out).lower()}}}'
                        for o in f.operands if o.kinds not in HIDDEN)
        count = sum(o.kinds not in HIDDEN for o in f.operands)
        w(f'    {{OP_{f.members[0].name}, {count}, {{{ops}}}}},\n')
    w('};\n\n')
    guards = sorted({r.guard for r in rules if r.guard})
    transforms = sorted({r.transform for r in rules if r.transform})
    for g in guards:
        w(f'bool loader_when_{g}(Loader *l, const GenericOperand *v);\n')
    for t in transforms:
        w(f'void loader_rewrite_{t}(Loader *l, const GenericOperand *v);\n')
    by_first = {}
    for r in rules:
        by_first.setdefault(r.patterns[0][0], []).append(r)
    w('\nstatic const RuleOperand rule_operands[] = {\n')
    at, starts = 0, {}
    for r in rules:
        starts[id(r)] = at
        for _, args in r.patterns:
            for kind, a, b in args:
                w(f'    {{{kind}, {a}, {b}}},\n')
                at += 1
        for _, args in r.results:
            for kind, value in args:
                place = value if kind == 'RESULT_VARIABLE' else 0
                w(f'    {{{kind}, {place}, {value}}},\n')
                at += 1
    w('    {0}\n};\n\nstatic const Rule rules[] = {\n')
    index = {}
    count = 0
    for name, group in by_first.items():
        index[name] = count
        for r in group:
            patterns = ', '.join(f'GENERIC_{n}' for n, _ in r.patterns)
            results = ', '.join(f'FAMILY_{f.name}' for f, _ in r.results) or '0'
            guard = f'loader_when_{r.guard}' if r.guard else 'NULL'
            transform = f'loader_rewrite_{r.transform}' if r.transform else 'NULL'
            w(f'    {{{len(r.patterns)}, {len(r.results)}, {{{patterns}}}, '
              f'{{{results}}},\n     rule_operands + {starts[id(r)]}, '
              f'{guard}, {transform}}}, // line {r.number}\n')
            count += 1
        w('    {0},\n')
        count += 1
    w('    {0}\n};\n\nconst Rule *const rules_of[GENERIC_COUNT] = {\n')
    for name, i in index.items():
        w(f'    [GENERIC_{name}] = rules + {i},\n')
    w('};\n')


def write_doc(out, generic, families, rules):
    w = out.write
    w('# The instructions of the loop\n\nMade from `runtime/ops.tab` by '
      '`runtime/gen_ops.py`; do not edit.\n\nAn operand is `name:kinds`, `>` '
      'marks one that is written. Kinds: x and y registers, i small integer,\nc constant, 0 to 4 these\nnumbers, h 16-bit '
      'number, n 32-bit number, w word, f label, e exported function, l float '
      'register, * words behind.\nA family with several kinds stands for one '
      'instruction for each of their combinations.\n\n'
      '| instruction | operands | effect |\n|---|---|---|\n')
    for f in families:
        ops = ' '.join(('>' if o.out else '') + f'{o.name}:{o.kinds}'
                       for o in f.operands)
        effect = f.effect.replace('|', '\\|')
        w(f'| {f.name} | {ops} | {effect} |\n')
    total = sum(len(f.members) for f in families)
    w(f'\n{len(families)} families, {total} instructions, {len(rules)} rules, '
      f'{len(generic)} generic instructions and operators.\n')


generic, operators, families, raw = read(sys.argv[1])
names = {f.name: f for f in families}
rules = [Rule(n, line, generic, names) for n, line in raw]
with open(sys.argv[2], 'w', encoding='utf-8') as out:
    write_header(out, generic, families)
with open(sys.argv[3], 'w', encoding='utf-8') as out:
    write_tables(out, generic, operators, families, rules)
if len(sys.argv) > 4:
    with open(sys.argv[4], 'w', encoding='utf-8') as out:
        write_doc(out, generic, families, rules)
