#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pack.py OUT ASSEMBLY DEPFILE COMPILER BUILD_DIR LIB_DIR MODULE...

Compiles the library and joins its files into one pack (see runtime/pack.h),
and writes the assembly source that puts it into the program as pack_data.
LIB_DIR holds one folder an application: src/*.erl, include/*.hrl, and
src/APP.app.src, from which the .app file is made; src/APP.appup.src, if it is
there, is the .appup file. MODULEs are those of the image. Only what changed
since the last run is compiled again. COMPILER takes erlc's options."""
import glob, gzip, os, re, struct, subprocess, sys
import embed

out, assembly, depfile, compiler, build, lib, *image = sys.argv[1:]
deps, files, stale = [lib], {}, []

def version(app):
    text = open(f'{lib}/{app}/src/{app}.app.src', encoding='utf-8').read()
    return re.search(r'\{vsn,\s*"([^"]+)"\}', text).group(1), text

def newest(paths):
    return max((os.path.getmtime(p) for p in paths), default=0)

def compile_files(ebin, app, sources):
    env = dict(os.environ, ERL_LIBS=lib)
    command = compiler.split() + ['+deterministic', '-W', '-I', f'{lib}/{app}/include', '-I', f'{lib}/{app}/src', '-o', ebin]
    for i in glob.glob(f'{lib}/*/include'):
        command += ['-I', i]
    if subprocess.run(command + sources, env=env).returncode != 0:
        sys.exit(f'{app}: does not compile')

def compile_app(app, ebin):
    """Compiles what is older than its source or any header."""
    headers = glob.glob(f'{lib}/*/include/*.hrl') + glob.glob(f'{lib}/{app}/src/*.hrl')
    limit = max(newest(headers), os.path.getmtime(compiler.split()[0])
                if os.path.exists(compiler.split()[0]) else 0)
    todo = []
    for source in sorted(glob.glob(f'{lib}/{app}/src/*.erl')):
        deps.append(source)
        beam = f'{ebin}/{os.path.basename(source)[:-4]}.beam'
        if not os.path.exists(beam) or os.path.getmtime(beam) < max(limit, os.path.getmtime(source)):
            todo.append(source)
    deps.extend(headers)
    if not todo:
        return
    compile_files(ebin, app, todo)

def compile_resources(terms, ebin):
    """The module packed_apps: what the .app files hold, as constants, so that
    a start need not read them."""
    source = f'{build}/packed_apps.erl'
    text = '-module(packed_apps).\n-export([resource/1]).\n' + ''.join(
        f'resource({app}) -> {{ok, {term.strip().rstrip(".")}}};\n'
        for app, term in sorted(terms.items())) + 'resource(_) -> undefined.\n'
    if not os.path.exists(source) or open(source, encoding='utf-8').read() != text \
            or not os.path.exists(f'{ebin}/packed_apps.beam'):
        open(source, 'w', encoding='utf-8').write(text)
        compile_files(ebin, 'kernel', [source])

def argument_names(text):
    """The top-level arguments of a head, those that are plain variables by name."""
    depth, args, last = 0, [], ''
    for c in text:
        depth += (c in '([{<') - (c in ')]}>')
        if c == ',' and depth == 0:
            args, last = args + [last], ''
        else:
            last += c
    args = args + [last] if last.strip() else args
    whole = [re.fullmatch(r'(?:.*=\s*)?([A-Z]\w*?)\d?(?:\s*=.*)?', a.strip(), re.S) for a in args]
    return [m and m[1] for m in whole]

def signatures(source):
    """Lines "name(Arg, ...)\\tfirst sentence of the comment" of what a module
    exports, for the prompt."""
    text = open(source, encoding='utf-8').read()
    lists = ' '.join(re.findall(r'^-export\(\[(.*?)\]\)', text, re.M | re.S))
    exported = {(f, int(n)) for f, n in re.findall(r'([a-z]\w*)/(\d+)', lists)}
    found = {}
    head = re.compile(r'((?:^%%[^\n]*\n)*)((?:^-spec [^.]*\.\n)?)^([a-z]\w*)\(((?:[^()]|\([^()]*\))*)\)(?=\s*(?:->|when))', re.M)
    for m in head.finditer(text):
        names = argument_names(m[4])
        old, said = found.setdefault((m[3], len(names)), ([None] * len(names), ''))
        said = said or re.split(r'(?<=[.:;])\s', ' '.join(l.strip('% ') for l in m[1].splitlines()).strip())[0]
        found[m[3], len(names)] = [a or b for a, b in zip(old, names)], said
    lines = []
    for (name, arity), (names, said) in sorted(found.items()):
        if (name, arity) not in exported and '(export_all)' not in text:
            continue
        shown = ', '.join(n or f'Arg{i}' for i, n in enumerate(names, 1))
        lines.append(f'{name}({shown})\t{said[:100]}\n')
    return ''.join(lines).encode()

def packed(data):
    return gzip.compress(data, 9, mtime=0)

def module_bytes(module, path):
    """A .beam file as it is packed. Those of the image are as they are, for the
    place in the pack tells them; the loader reads compressed ones, too."""
    code = open(path, 'rb').read()
    return code if module in image else packed(code)

resources, kernel = {}, None
for app in sorted(os.listdir(lib)):
    if not os.path.isdir(f'{lib}/{app}/src'):
        continue
    deps += [f'{lib}/{app}/src', f'{lib}/{app}/src/{app}.app.src']
    vsn, text = version(app)
    ebin = f'{build}/{app}/ebin'
    os.makedirs(ebin, exist_ok=True)
    compile_app(app, ebin)
    modules = [os.path.basename(s)[:-4] for s in sorted(glob.glob(f'{lib}/{app}/src/*.erl'))]
    if app == 'kernel':
        kernel = f'lib/{app}-{vsn}/ebin'
    for m in modules:
        files[f'lib/{app}-{vsn}/ebin/{m}.beam'] = module_bytes(m, f'{ebin}/{m}.beam')
        files[f'hints/{m}'] = signatures(f'{lib}/{app}/src/{m}.erl')
    # what is written in C, or is no function at all, is told by hand
    for h in glob.glob(f'{lib}/{app}/src/*.hints'):
        deps.append(h)
        name = f'hints/{os.path.basename(h)[:-6]}'
        files[name] = files.get(name, b'') + open(h, 'rb').read()
    if app == 'kernel':
        modules.append('packed_apps')
    listed = ','.join(m if re.fullmatch('[a-z]\\w*', m) else f"'{m}'" for m in modules)
    resources[app] = text.replace('%MODULES%', listed)
    files[f'lib/{app}-{vsn}/ebin/{app}.app'] = resources[app].encode()
    for upgrade in glob.glob(f'{lib}/{app}/src/*.appup.src'):
        deps.append(upgrade)
        files[f'lib/{app}-{vsn}/ebin/{app}.appup'] = open(upgrade, 'rb').read()
    for h in glob.glob(f'{lib}/{app}/include/*.hrl'):
        files[f'lib/{app}-{vsn}/include/{os.path.basename(h)}'] = packed(open(h, 'rb').read())

for n in [n for n in files if n.startswith('hints/')]:
    files[n] = packed(files[n])
compile_resources(resources, f'{build}/kernel/ebin')
files[f'{kernel}/packed_apps.beam'] = open(f'{build}/kernel/ebin/packed_apps.beam', 'rb').read()

names = sorted(files, key=lambda n: n.encode())
modules = sorted((n for n in names if n.endswith('.beam')),
                 key=lambda n: os.path.basename(n)[:-5].encode())
# All names lie together: who looks for one file touches no other.
texts = b''.join(n.encode() for n in names)
place = 12 + 16 * len(names) + 4 * len(modules)
texts += b'\0' * (-(place + len(texts)) % 8)
name_at, data_at = place, place + len(texts)
head, body = b'', b''
for n in names:
    size = len(n.encode())
    head += struct.pack('<4I', name_at, size, data_at + len(body), len(files[n]))
    name_at += size
    body += files[n] + b'\0' * (-len(files[n]) % 8)
for m in modules:
    head += struct.pack('<I', names.index(m))
pack = b'MRL1' + struct.pack('<2I', len(names), len(modules)) + head + texts + body
with open(out, 'wb') as f:
    f.write(pack)
embed.write(assembly, 'pack_data', out)
with open(depfile, 'w') as f:
    f.write(out + ': ' + ' '.join(d.replace(' ', '\\ ') for d in deps) + '\n')
