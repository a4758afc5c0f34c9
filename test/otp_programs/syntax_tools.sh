#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# OTP's syntax_tools, from its .beam files: a module is read with its comments,
# changed and written again; code by templates; what a module holds.
. "$MERLE_TOP/test/otp_programs/applications.sh"
need syntax_tools

cat > shapes.erl <<'END'
-module(shapes).
-export([area/1]).
%% The area of a shape.
area({square, A}) -> A * A;
area({circle, R}) ->
    % about
    3 * R * R.
END

run 'Forms = epp_dodger:parse_file("shapes.erl"), {ok, F} = Forms,
     All = erl_recomment:recomment_forms(F, erl_comment_scan:file("shapes.erl")),
     Pi = fun(T) -> case erl_syntax:type(T) of
                        integer -> case erl_syntax:integer_value(T) of 3 -> erl_syntax:float(3.14); _ -> T end;
                        _ -> T
                    end end,
     Tree = erl_syntax_lib:map(Pi, All),
     io:format("~ts~n", [erl_prettypr:format(Tree)]),
     Info = erl_syntax_lib:analyze_forms(F),
     io:format("~p~n", [proplists:get_value(functions, Info)]),
     Call = merl:qquote(1, "lists:seq(_@from, _@to)",
                        [{from, merl:term(1)}, {to, merl:term(3)}]),
     io:format("~p ~ts~n", [element(2, erl_eval:exprs([erl_syntax:revert(Call)], [])),
                            erl_prettypr:format(Call)])'
expect '-module(shapes).

-export([area/1]).

%% The area of a shape.
area({square, A}) -> A * A;
area({circle, R}) ->
    % about
    3.14 * R * R.
[{area,1}]
[1,2,3] lists:seq(1, 3)'
