#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# erts_bin.sh SOURCE VERSION PROGRAM RUN_ERL TO_ERL FOLDER STAMP: makes FOLDER
# what erts-VERSION/bin is to tools that make releases. PROGRAM is where
# beam.smp leads to. Without STAMP it is an installation.
set -e
source=$1 version=$2 program=$3 run_erl=$4 to_erl=$5 folder=$6 stamp=$7
[ -n "$stamp" ] || folder=$MESON_INSTALL_DESTDIR_PREFIX/$folder
mkdir -p "$folder"
for name in erl erlc epmd; do
    cp "$source/$name" "$folder/$name"
done
cp "$source/erl" "$folder/erlexec"
cp "$source/erl" "$folder/escript"
for name in erl start start_erl; do
    sed "s/@VERSION@/$version/" "$source/$name.src" > "$folder/$name.src"
    chmod 755 "$folder/$name.src"
done
cp "$run_erl" "$folder/run_erl"
cp "$to_erl" "$folder/to_erl"
ln -sf "$program" "$folder/beam.smp"
[ -z "$stamp" ] || touch "$stamp"
