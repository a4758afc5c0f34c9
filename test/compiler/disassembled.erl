%% SPDX-License-Identifier: Apache-2.0
%% The instructions of an object file name what they call.
-module(disassembled).
-export([main/0]).

main() ->
    Forms = [form(Text) || Text <- ["-module(sample).", "-export([f/2]).",
                                    "f(X, Y) -> g(lists:last(X), Y).",
                                    "g(X, Y) -> {erlang:node(), X * Y}."]],
    {ok, sample, Beam} = compile:forms(Forms, [no_inline]),
    {beam_file, sample, Exports, _, _, Functions} = beam_disasm:file(Beam),
    io:format("~w~n", [[{F, A} || {F, A, _} <- Exports]]),
    [io:format("~w/~w ~w~n", [F, A, lists:append([called(I) || I <- Is])])
     || {function, F, A, _, Is} <- Functions],
    ok.

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.

called({call_ext, _, F}) -> [F];
called({call_ext_only, _, F}) -> [F];
called({call_only, _, F}) -> [F];
called({call_last, _, F, _}) -> [F];
called({bif, Name, _, _, _}) -> [Name];
called({gc_bif, Name, _, _, _, _}) -> [Name];
called(_) -> [].

%% expect: [{f,2},{module_info,0},{module_info,1}]
%% expect: f/2 [{extfunc,lists,last,1},{sample,g,2}]
%% expect: g/2 [node,'*']
%% expect: module_info/0 [{extfunc,erlang,get_module_info,1}]
%% expect: module_info/1 [{extfunc,erlang,get_module_info,2}]
