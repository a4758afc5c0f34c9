#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tab and the grey hint know modules, functions, variables, records, maps,
# atoms, files, registered names and commands; and what is being called is told.
. "${MERLE_TOP:?}/test/shell/tmux.inc"

# What Tab makes of $1 is $2 (a basic regular expression).
check() {
    keys C-e C-u; type "$1"; keys Tab
    expect "^[0-9]*> $2 *\$"
}

cat > "$home/own_module.erl" <<'E'
-module(own_module).
-export([function_one/2, function_two/0]).
-record(own_record, {first, second}).
function_one(Left, Right) -> {Left, Right, unheard_of_before}.
function_two() -> #own_record{}.
E
start
# modules that are not loaded, and functions
check 'digraph_ut'             'digraph_utils:'
check 'lists:rever'            'lists:reverse('
check 'orddict:is_em'          'orddict:is_empty('
check 'erlang:localt'          'erlang:localtime'
check 'own_mod'                'own_mod' # no code yet
check 'c(own_m'                'c(own_module)'
type '.'; keys Enter; expect '^{ok,own_module}$'
check 'own_mod'                'own_module:'
check 'own_module:function_t'  'own_module:function_two()'
check 'fun own_module:function_o' 'fun own_module:function_one/2'
# arities and names of arguments
keys C-u C-l; type 'lists:mapf'; keys Tab; keys Tab
expect '^mapfoldl(F, Acc, List) *mapfoldr(F, Acc, List)$'
keys C-u C-l; type 'own_module:f'; keys Tab; keys Tab
expect '^function_one(Left, Right) *function_two()$'
# variables, records, maps
keys C-u; enter 'Variable = 1, Map = #{first_key => 1, "second" => 2}.'
expect '^#{first_key => 1'
check 'Varia'                  'Variable'
check '{Varia'                 '{Variable'
check 'Map#{fir'               'Map#{first_key :='
keys C-u; enter 'rr("own_module.erl").'; expect '^\[own_record\]$'
check '#own_r'                 '#own_record{'
check '#own_record{sec'        '#own_record{second ='
check '#own_record{second = 1, fi' '#own_record{second = 1, first ='
check 'X#own_record.sec'       'X#own_record.second'
# atoms: those of the text and before, any, and quoted ones
check '{zebra_crossing, zeb'   '{zebra_crossing, zebra_crossing'
check 'unheard_o'              'unheard_of_before'
keys C-u; enter "{'An atom', other_atom_typed}."; expect "'An atom'"
check 'other_at'               'other_atom_typed'
check "'An a"                  "'An atom'"
# files
mkdir "$home/a_folder"; touch "$home/a_folder/some file"
check 'file:consult("a_fo'     'file:consult("a_folder\/'
check '"a_folder/so'           '"a_folder\/some file"'
# registered names, commands, functions that are built in or typed
check 'exit(kernel_safe'       'exit(kernel_safe_sup'
check 'catch_ex'               'catch_exception('
check 'list_to_exi'            'list_to_existing_atom('
keys C-u; enter 'typed_here(X) -> X.'; expect '^ok$'
check 'typed_h'                'typed_here('

# The grey hint comes by itself, End takes it.
keys C-u C-l; type 'lists:keyrep'; expect '> lists:keyreplace($'
keys End; type 'x'; expect '> lists:keyreplace(x'
# What is called, its arguments and what it does.
keys C-u C-l; type 'lists:nth('; expect '^lists:nth(N, '
keys C-u; type 'own_module:function_one(1, '
expect '^own_module:function_one(Left, Right)'
keys C-u; type 'erlang:send_after'; expect '^erlang:send_after(Time, Dest'
keys C-u; type 'spawn_link('; expect '^spawn_link(Fun)'

keys C-u; type 'rd('; expect '^rd(Record, Definition)'
