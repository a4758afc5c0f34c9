%% SPDX-License-Identifier: Apache-2.0
%% Numbers in types are expressions of constants, which have a value.
-module(type_numbers).
-export([main/0]).

main() ->
    [run(T) || T <- types()],
    ok.

types() ->
    ["1 + 2 .. 2", "a .. 3", "1 bsl 70 .. 1 bsl 71", "- $a .. $b",
     "3 rem 2 .. 7 bxor 1", "<<_:(- 1), _:_*8>>", "<<_:(8 * 2)>>",
     "(1 band 3) | - - 3 | bnot 4", "a + 1", "not true", "3 div 0", "- 3",
     "1 - T", "{f(1 + x)}"].

run(Type) ->
    Text = ["-module(m).", "-export_type([t/0, f/1]).", "-type f(A) :: A.",
            "-type t() :: " ++ Type ++ "."],
    Forms = [form(T) || T <- Text],
    case erl_lint:module(Forms) of
        {ok, _} -> io:format("~s~n", [Type]);
        {error, [{_, Errors}], _} ->
            io:format("~s: ~s~n",
                      [Type, lists:join(", ", [M:format_error(E)
                                               || {_, M, E} <- Errors])])
    end.

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.

%% expect: 1 + 2 .. 2: bad range type
%% expect: a .. 3: bad range type
%% expect: 1 bsl 70 .. 1 bsl 71
%% expect: - $a .. $b
%% expect: 3 rem 2 .. 7 bxor 1
%% expect: <<_:(- 1), _:_*8>>: bad binary type
%% expect: <<_:(8 * 2)>>
%% expect: (1 band 3) | - - 3 | bnot 4
%% expect: a + 1: bad integer type
%% expect: not true: bad integer type
%% expect: 3 div 0: bad integer type
%% expect: - 3
%% expect: 1 - T: bad integer type
%% expect: {f(1 + x)}: bad integer type
