#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Keys that move by words, kill, yank, transpose, undo and change case.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

# Starts with $1, sends the keys of the other arguments, and compares.
check() { # TEXT KEYS EXPECTED
    keys C-e C-u; type "$1"; keys $2
    await is_typed "$3" || fail "$1 and $2 do not give $3"
}

# The line is $1, not counting what is hinted at in grey.
is_typed() {
    screen -e | sed "s/$esc\[90m[^$esc]*//; s/$esc\[[0-9;]*m//g" \
        | grep -q "^1> $1 *\$"
}
esc=$(printf '\033')

start
# moving: a character is put where the cursor is
check 'one two three'   'C-a X'             'Xone two three'
check 'one two three'   'M-b M-b X'         'one Xtwo three'
check 'one two three'   'C-a M-f M-f X'     'one twoX three'
check 'one two three'   'Home C-Right X'    'oneX two three'
check 'one two three'   'C-Left End X'      'one two threeX'
check 'one two'         'C-b C-b Left X'    'one Xtwo'
check 'one two'         'Home C-f Right X'  'onXe two'
# deleting
check 'one two'         'C-h BSpace'        'one t'
check 'one two'         'C-a C-d DC'        'e two'
# killing and yanking
check 'one two three'   'C-w C-w C-y C-y'   'one two threetwo three'
check 'one two three'   'C-a M-d M-d C-e C-y' ' threeone two'
check 'one two three'   'M-b C-k C-a C-y'   'threeone two'
check 'one two three'   'M-b C-u C-y C-y'   'one two one two three'
check 'one two three'   'M-BSpace C-a C-y'  'threeone two'
check 'one two three'   'C-w Left C-w End C-y M-y' 'one  three'
# transposing
check 'abcd'            'C-t'               'abdc'
check 'abcd'            'C-b C-b C-t'       'acbd'
check 'one two'         'M-t'               'two one'
# case
check 'one two Three'   'C-a M-u M-c M-l'   'ONE Two three'
# undo, step by step
check 'one two'         'C-w C-_'           'one two'
check 'one two three'   'C-_ C-_'           'one'
check 'abc'             'C-t C-u C-_ C-_'   'abc'
keys C-e C-u; type '1 + 1.'; keys C-a Enter; expect '^2$'
