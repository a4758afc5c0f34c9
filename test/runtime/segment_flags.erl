%% SPDX-License-Identifier: Apache-2.0
%% A segment whose flags are no flags is no reason to read where none are: the
%% file is refused.
%% only merle
%% expect: {module,segment_flags_code}
%% expect: {error,badfile}
-module(segment_flags).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    Text = ["-module(segment_flags_code).", "-export([f/1]).",
            "f(X) -> <<X:8>>."],
    {ok, M, Code} = compile:forms([form(T) || T <- Text], ['S', binary]),
    [begin
         {ok, M, Beam} = compile:forms(C, [from_asm, binary]),
         io:format("~p~n", [code:load_binary(M, "f.beam", Beam)])
     end || C <- [Code, change(Code)]].

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.

change({bs_create_bin, Fail, Heap, Live, Unit, To,
        {list, [Type, Number, Bits, _ | Rest]}}) ->
    {bs_create_bin, Fail, Heap, Live, Unit, To,
     {list, [Type, Number, Bits, {x, 500} | Rest]}};
change(T) when is_tuple(T) -> list_to_tuple(change(tuple_to_list(T)));
change([H | T]) -> [change(H) | change(T)];
change(X) -> X.
