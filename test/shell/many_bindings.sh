#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A command among many variables costs a walk over them, not one for each: a
# script of thousands of lines is typed, or pasted.
MERLE=${MERLE:?}
{ seq 1500 | sed 's/.*/X& = &./'
  echo 'R = fun() -> element(2, process_info(self(), reductions)) end.'
  echo 'Before = R().'
  echo 'Again = same.'
  echo 'io:format("~ncost ~b~n", [R() - Before]).'; } > input
cost=$($MERLE < input | sed -n 's/^cost //p')
[ "${cost:-1000000}" -lt 300000 ] || { echo "reductions: $cost"; exit 1; }
