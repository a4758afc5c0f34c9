#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""boot_files.py MERLE ROOT OUT...

Has MERLE write the boot files that come with every node, with their scripts and
release files: OUT, and copies of them below ROOT, where tools look for them."""
import os, shutil, subprocess, sys

merle, root, outs = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3:]
releases = {  # name: applications besides kernel and stdlib, options
    'start': ('', ''), 'start_clean': ('', ''), 'start_sasl': ('sasl', ''),
    'no_dot_erlang': ('', 'no_dot_erlang, '),
}
program = """
    Version = fun(A) -> application:load(A), {ok, V} = application:get_key(A, vsn), {A, V} end,
    lists:foreach(
        fun({Name, More, Options}) ->
            Release = {release, {"Erlang/OTP", erlang:system_info(otp_release)},
                       {erts, erlang:system_info(version)},
                       [Version(A) || A <- [kernel, stdlib | More]]},
            ok = file:write_file(Name ++ ".rel", io_lib:format("~p.~n", [Release])),
            ok = systools:make_script(Name, [no_warn_sasl | Options])
        end, [%s]), halt().""" % ', '.join(
    f'{{"{n}", [{more}], [{options.rstrip(", ")}]}}' for n, (more, options) in releases.items())
where = os.path.dirname(os.path.abspath(outs[0]))
subprocess.run([merle, '-noshell', '-eval', program], cwd=where, check=True)
for place in 'bin', 'releases/25':
    os.makedirs(f'{root}/{place}', exist_ok=True)
    for name in outs:
        shutil.copy(name, f'{root}/{place}/')
