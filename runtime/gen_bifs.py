#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gen_bifs.py BIF.TAB NAME OUT.C OUT.H: the table NAME of a layer's BIFs and
the prototypes of their functions.

Lines are "module:name/arity kind [c_name]", see runtime/bif.h; '#' starts a
comment. Without c_name the C function is bif_MODULE_NAME_ARITY. Those of kind
long are plain ones behind a function that asks bif_call_long first."""
import re, sys

table, name, out_path, header = sys.argv[1:]
kinds = ('guard', 'plain', 'long', 'nif', 'dirty', 'dirty_cpu', 'op')
modules, seen = {}, set()
for number, line in enumerate(open(table, encoding='utf-8'), 1):
    line = line.split('#')[0].strip() if not line.startswith('erlang:#') else line
    if not line:
        continue
    m = re.fullmatch(r'(\w+):(\S+)/(\d+)\s+(\w+)(?:\s+(\w+))?', line)
    if not m or m.group(4) not in kinds:
        sys.exit(f'{table}:{number}: not a BIF: {line}')
    module, fun, arity, kind, c_name = m.groups()
    key = (module, fun, arity)
    if key in seen:
        sys.exit(f'{table}:{number}: twice: {line}')
    seen.add(key)
    c_name = c_name or f'bif_{module}_{fun}_{arity}'
    if not re.fullmatch(r'\w+', c_name):
        sys.exit(f'{table}:{number}: needs a C name: {line}')
    modules.setdefault(module, []).append((fun, arity, kind, c_name))

functions = sorted({b[3] for bifs in modules.values() for b in bifs})
guard = f'MERLE_{name.upper()}_GEN_H'
with open(header, 'w', encoding='utf-8') as out:
    out.write(f'// Generated from bif.tab.\n#ifndef {guard}\n#define {guard}\n\n'
              f'#include "bif.h"\n\nextern const BifModule {name}[];\n\n')
    for f in functions:
        out.write(f'Term {f}(Process *p, const Term *args);\n')
    out.write('\n#endif\n')
with open(out_path, 'w', encoding='utf-8') as out:
    out.write(f'// Generated from bif.tab.\n#include "{name}.gen.h"\n')
    for i, (module, bifs) in enumerate(modules.items()):
        for j, (fun, arity, kind, c_name) in enumerate(bifs):
            if kind != 'long':
                continue
            out.write(f'\nstatic Term call_{c_name}(Process *p, const Term *args)'
                      f'\n{{\n    return bif_call_long(p, {c_name}, {arity}, '
                      f'args);\n}}\n')
            bifs[j] = (fun, arity, 'plain', f'call_{c_name}')
        out.write(f'\nstatic const Bif bifs_{i}[] = {{ // {module}\n')
        for fun, arity, kind, c_name in bifs:
            out.write(f'    {{"{fun}", {arity}, BIF_{kind.upper()}, {c_name}}},\n')
        out.write('    {0}\n};\n')
    out.write(f'\nconst BifModule {name}[] = {{\n')
    for i, module in enumerate(modules):
        out.write(f'    {{"{module}", bifs_{i}}},\n')
    out.write('    {0}\n};\n')
