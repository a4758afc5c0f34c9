#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""image.py MAKER PACK OUT ASSEMBLY MODULE...

Has MAKER (shell/make_image.c) make the image of some modules of the library,
and writes the assembly source that puts it into the program as image_data.
Where no image can be made (the range of addresses that it needs is taken, as
by some sanitizers) it is empty: the program then starts without."""
import os, subprocess, sys
import embed

maker, pack, out, assembly = sys.argv[1:5]
if subprocess.run([maker, pack, out] + sys.argv[5:]).returncode != 0:
    sys.exit('no image')
embed.write(assembly, 'image_data', out)
