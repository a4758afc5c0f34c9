%% SPDX-License-Identifier: Apache-2.0
%% A module whose on_load function says no is not there, and what it has started
%% ends; one that says yes takes the place of the code that was there.
%%
%% expect: {error,on_load_failure}
%% expect: killed
%% expect: false
%% expect: {module,refused}
%% expect: 1
%% expect: {error,on_load_failure}
%% expect: killed
%% expect: 1
%% expect: {module,refused}
%% expect: {module,refused}
%% expect: 3
%% expect: {error,on_load_failure}
-module(on_load_refused).
-export([main/0]).

main() ->
    %% A process that has not begun when its code is gone says so.
    logger:set_primary_config(level, none),
    register(refused, self()),
    show(load(no, 0)),
    show(ended()),
    show(erlang:module_loaded(refused)),
    show(load(ok, 1)),
    receive {started, _} -> ok end,
    show(refused:value()),
    show(load(no, 2)),
    show(ended()),
    show(refused:value()),
    show(load(ok, 2)),
    show(load(ok, 3)),
    show(refused:value()),
    %% what somebody else has watched is nothing to the server
    code_server ! {'DOWN', make_ref(), process, self(), normal},
    show(load(no, 4)).

show(What) -> io:format("~p~n", [What]).

%% The end of the process that an on_load function has started.
ended() ->
    receive
        {started, Pid} ->
            Monitor = monitor(process, Pid),
            receive {'DOWN', Monitor, _, _, Why} when Why =/= noproc -> Why;
                    {'DOWN', Monitor, _, _, noproc} -> killed
            after 5000 -> alive
            end
    end.

load(Answer, Value) ->
    Lines = ["-module(refused).", "-export([value/0, loop/0]).", "-on_load(f/0).",
             "f() -> refused ! {started, spawn(fun loop/0)}, "
                 ++ atom_to_list(Answer) ++ ".",
             "loop() -> receive after 1 -> loop() end.",
             "value() -> " ++ integer_to_list(Value) ++ "."],
    {ok, refused, Code} = compile:forms([form(L) || L <- Lines]),
    code:load_binary(refused, "refused.erl", Code).

form(Line) ->
    {ok, Tokens, _} = erl_scan:string(Line),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.
