#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# OTP's yecc and leex, from its .beam files: a calculator's grammar and scanner
# are generated, compiled and used.
. "$MERLE_TOP/test/otp_programs/applications.sh"
need parsetools

cat > calc.yrl <<'END'
Nonterminals sum product factor.
Terminals '+' '-' '*' '/' '(' ')' number.
Rootsymbol sum.
sum -> sum '+' product : {add, '$1', '$3'}.
sum -> sum '-' product : {subtract, '$1', '$3'}.
sum -> product : '$1'.
product -> product '*' factor : {multiply, '$1', '$3'}.
product -> product '/' factor : {divide, '$1', '$3'}.
product -> factor : '$1'.
factor -> '(' sum ')' : '$2'.
factor -> number : element(3, '$1').
END
cat > calc_lex.xrl <<'END'
Definitions.
D = [0-9]
Rules.
{D}+\.{D}+ : {token, {number, TokenLine, list_to_float(TokenChars)}}.
{D}+ : {token, {number, TokenLine, list_to_integer(TokenChars)}}.
[-+*/()] : {token, {list_to_atom(TokenChars), TokenLine}}.
[\s\t\n]+ : skip_token.
Erlang code.
END

run '{ok, _} = yecc:file("calc.yrl"), {ok, _} = leex:file("calc_lex.xrl"),
     [{ok, M} = compile:file(M, [return_errors]) || M <- [calc, calc_lex]],
     Read = fun(Text) -> {ok, Tokens, _} = calc_lex:string(Text),
                         calc:parse(Tokens) end,
     io:format("~p~n", [Read("1 + 2 * (3.5 - 4)")]),
     io:format("~p~n", [Read("1 +\n* 2")])'
expect '{ok,{add,1,{multiply,2,{subtract,3.5,4}}}}
{error,{2,calc,["syntax error before: ","'"'*'"'"]}}'
