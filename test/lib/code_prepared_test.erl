%% SPDX-License-Identifier: Apache-2.0
%% Code that is prepared and loaded in one go, what is refused, and code that
%% comes while an on_load function runs.
%% expect: {ok,[1,1]}
%% expect: {error,[{prep_hook,on_load_not_allowed}]}
%% expect: {'EXIT',function_clause,finish_loading}
%% expect: {'EXIT',function_clause,finish_loading}
%% expect: waits
%% expect: {error,[{prep_hang,pending_on_load}]}
%% expect: 2
-module(code_prepared_test).
-export([main/0]).

main() ->
    A = module(prep_a, ["-export([v/0]).", "v() -> 1."]),
    B = module(prep_b, ["-export([v/0]).", "v() -> 1."]),
    {ok, Prepared} = code:prepare_loading([A, B]),
    false = erlang:module_loaded(prep_a),
    show({code:finish_loading(Prepared), [prep_a:v(), prep_b:v()]}),
    Hook = ["-on_load(f/0).", "f() -> ok."],
    show(code:prepare_loading([module(prep_hook, Hook)])),
    {Tag, _} = Prepared,
    show(refused({Tag, [x]})),
    show(refused({Tag, [{m, {<<>>, "", <<>>}}]})),
    hanging().

refused(Prepared) ->
    {'EXIT', {Reason, [{code, F, [Prepared], _} | _]}} =
        (catch code:finish_loading(Prepared)),
    {'EXIT', Reason, F}.

hanging() ->
    {M, File, Beam} = module(prep_hang,
                             ["-on_load(f/0).",
                              "f() -> register(prep_hang, self()),"
                              " receive go -> ok end."]),
    Next = module(M, ["-export([v/0]).", "v() -> 2."]),
    Self = self(),
    spawn(fun() -> Self ! {first, code:load_binary(M, File, Beam)} end),
    timer:sleep(50),
    spawn(fun() ->
                  {_, _, New} = Next,
                  Self ! {second, code:load_binary(M, File, New)}
          end),
    receive Early -> show(Early) after 100 -> show(waits) end,
    show(code:atomic_load([Next])),
    prep_hang ! go,
    receive {first, {module, M}} -> ok end,
    receive {second, {module, M}} -> ok end,
    show(M:v()).

module(Name, Lines) ->
    Text = ["-module(", atom_to_list(Name), ").\n" | lists:join("\n", Lines)],
    {ok, Tokens, _} = erl_scan:string(lists:flatten([Text, "\n"])),
    {ok, Name, Beam} = compile:forms(forms(Tokens, []), []),
    {Name, atom_to_list(Name), Beam}.

forms([{dot, _} = Dot | Tokens], Form) ->
    {ok, Parsed} = erl_parse:parse_form(lists:reverse([Dot | Form])),
    [Parsed | forms(Tokens, [])];
forms([Token | Tokens], Form) -> forms(Tokens, [Token | Form]);
forms([], []) -> [].

show(Term) -> io:format("~p~n", [Term]).
