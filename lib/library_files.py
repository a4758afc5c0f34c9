#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""library_files.py PACK LIB_DIR ROOT STAMP

Writes the library below ROOT as it seems to lie there: what PACK holds (see
pack.py), and the sources beside it. The program needs none of it, but what is no
Erlang program, or changes the working folder, or writes there, does not see the
pack. Without STAMP it is an installation."""
import glob, gzip, os, struct, sys

pack, lib, root = sys.argv[1:4]
stamp = sys.argv[4] if len(sys.argv) > 4 and sys.argv[4] else None
if not stamp:
    root = os.path.join(os.environ['MESON_INSTALL_DESTDIR_PREFIX'], root)

def packed_files(data):
    """(name, bytes) of each file that is shown."""
    count = struct.unpack_from('<I', data, 4)[0]
    for i in range(count):
        name_at, name_size, at, size = struct.unpack_from('<4I', data, 12 + 16 * i)
        name = data[name_at:name_at + name_size].decode()
        if not name.startswith('lib/'):
            continue
        body = data[at:at + size]
        yield name, gzip.decompress(body) if body[:2] == b'\x1f\x8b' else body

def sources(applications):
    """(name, bytes) of each source, by the folder of its application."""
    for folder in applications:
        app = folder.rsplit('-', 1)[0]
        for path in glob.glob(f'{lib}/{app}/src/*.[eh]rl'):
            yield f'lib/{folder}/src/{os.path.basename(path)}', open(path, 'rb').read()

def write(name, body):
    """Files that are as they should be keep their times."""
    path = f'{root}/{name}'
    if os.path.exists(path) and open(path, 'rb').read() == body:
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(body)

files = dict(packed_files(open(pack, 'rb').read()))
files.update(sources({name.split('/')[1] for name in files}))
for name, body in files.items():
    write(name, body)
# What is no longer part of the library must not be found.
for path in glob.glob(f'{root}/lib/*/[es]*/*') + glob.glob(f'{root}/lib/*/include/*'):
    if path[len(root) + 1:] not in files:
        os.remove(path)
if stamp:
    open(stamp, 'w').close()
