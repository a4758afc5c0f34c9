%% SPDX-License-Identifier: Apache-2.0
%% A process runs code of a module that was deleted. Loading the module again
%% leaves it alone: where the new code's on_load function says no, and where it
%% says ok.
-module(on_load_beside_old).
-export([main/0]).

%% expect: fail: {error,on_load_failure} false true
%% expect: ok: {module,beside_old} false true
main() ->
    logger:set_primary_config(level, none),
    [io:format("~w: ~w ~w ~w~n", [Answer | loaded_again(Answer)])
     || Answer <- [fail, ok]].

%% What loading says, and whether the deleted code may go, before and after the
%% end of the process that runs it.
loaded_again(Answer) ->
    Self = self(),
    load(["-export([f/1]).",
          "f(P) -> P ! self(), receive stop -> ok end."]),
    {Runner, Ref} = spawn_monitor(beside_old, f, [Self]),
    receive Runner -> ok end,
    true = code:delete(beside_old),
    Loaded = load(["-on_load(f/0).", "f() -> " ++ atom_to_list(Answer) ++ "."]),
    Before = code:soft_purge(beside_old),
    Runner ! stop,
    receive {'DOWN', Ref, process, Runner, normal} -> ok end,
    After = code:soft_purge(beside_old),
    code:delete(beside_old),
    code:purge(beside_old),
    [Loaded, Before, After].

load(Lines) ->
    Forms = [form(Line) || Line <- ["-module(beside_old)." | Lines]],
    {ok, Module, Code} = compile:forms(Forms),
    code:load_binary(Module, "", Code).

form(Line) ->
    {ok, Tokens, _} = erl_scan:string(Line),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.
