# SPDX-License-Identifier: Apache-2.0
"""Files as constant data of a program."""
import hashlib, os

def write(assembly, name, path):
    """Assembly source with the bytes of [path] as [name], their number as
    [name]_size. The digest makes it change with the file, which the assembler
    reads behind the build's back."""
    with open(path, 'rb') as f:
        digest = hashlib.md5(f.read()).hexdigest()
    with open(assembly, 'w') as f:
        f.write(f"""// Generated; {digest}
    .section .rodata
    .balign 8
    .globl {name}_size
{name}_size:
    .quad {name}_end - {name}
    .balign 4096
    .globl {name}
{name}:
    .incbin "{os.path.abspath(path)}"
    .balign 4096
{name}_end:
    .section .note.GNU-stack, "", %progbits
""")
