#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gen_atoms.py ATOMS.TAB OUT.H: the constants ATOM_... and their texts.

A line of the table is an atom's text, or "name 'text'" where the text is no
C identifier. '#' starts a comment. An atom may stand in the table once."""
import re, sys

names, texts = [], []
for number, line in enumerate(open(sys.argv[1], encoding='utf-8'), 1):
    line = line.strip()
    if not line or line.startswith('#'):
        continue
    m = re.fullmatch(r"(\w+)(?:\s+'(.*)')?", line)
    if not m:
        sys.exit(f'{sys.argv[1]}:{number}: not an atom: {line}')
    name, text = m.group(1), m.group(1) if m.group(2) is None else m.group(2)
    if name in names or text in texts:
        sys.exit(f'{sys.argv[1]}:{number}: twice: {line}')
    names.append(name)
    texts.append(text)

def quote(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'

with open(sys.argv[2], 'w', encoding='utf-8') as out:
    out.write('// Generated from atoms.tab.\n#ifndef MERLE_ATOMS_GEN_H\n'
              '#define MERLE_ATOMS_GEN_H\n\n#include "term.h"\n\nenum {\n')
    out.writelines(f'    ATOM_INDEX_{n},\n' for n in names)
    out.write('    ATOM_TAB_COUNT\n};\n\n')
    out.writelines(f'#define ATOM_{n} term_atom(ATOM_INDEX_{n})\n' for n in names)
    out.write('\n// The bits of the atoms, for switch and static tables.\n')
    out.writelines(f'#define ATOM_BITS_{n} '
                   f'(((uintptr_t)ATOM_INDEX_{n} << TAG_SPECIAL_BITS) | TAG_ATOM)\n'
                   for n in names)
    out.write('\n#define ATOM_TEXTS \\\n')
    out.write(', \\\n'.join('    ' + quote(t) for t in texts))
    out.write('\n\n#endif\n')
