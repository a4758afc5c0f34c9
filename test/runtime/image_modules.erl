%% SPDX-License-Identifier: Apache-2.0
%% Modules of the library that lie prepared in the program are loaded, traced,
%% purged and replaced as any other.
%%
%% expect: orddict [b]
%% expect: same sum: true
%% expect: traced: {orddict,fetch_keys,[[{a,1}]]}
%% expect: again: {module,orddict}
%% expect: once more: {module,orddict}
%% expect: not purged: {error,not_purged}
%% expect: old fun: [2]
%% expect: still [b]
%% expect: deleted: true
%% expect: and back: [b]
-module(image_modules).
-export([main/0]).

main() ->
    {module, orddict} = code:ensure_loaded(orddict),
    say("orddict ~p", [orddict:fetch_keys([{b, 1}])]),
    {orddict, Beam, _} = code:get_object_code(orddict),
    {ok, {orddict, Sum}} = beam_lib:md5(Beam),
    say("same sum: ~p", [orddict:module_info(md5) =:= Sum]),
    say("traced: ~p", [traced()]),
    code:unstick_mod(orddict),
    Double = fun orddict:map/2,
    say("again: ~p", [load(Beam)]),
    code:purge(orddict),
    say("once more: ~p", [load(Beam)]),
    say("not purged: ~p", [load(Beam)]),
    [{a, 4}] = Double(fun(_, V) -> V * 2 end, [{a, 2}]),
    say("old fun: ~p", [[V || {_, V} <- Double(fun(_, V) -> V + 1 end,
                                               [{a, 1}])]]),
    say("still ~p", [orddict:fetch_keys([{b, 1}])]),
    code:purge(orddict),
    say("deleted: ~p", [code:delete(orddict)]),
    say("and back: ~p", [orddict:fetch_keys([{b, 1}])]).

load(Beam) -> erlang:load_module(orddict, Beam).

traced() ->
    Self = self(),
    Tracer = spawn(fun() -> receive {trace, _, call, C} -> Self ! {call, C} end
                   end),
    erlang:trace(Self, true, [call, {tracer, Tracer}]),
    erlang:trace_pattern({orddict, fetch_keys, 1}, true, [local]),
    orddict:fetch_keys([{a, 1}]),
    erlang:trace(Self, false, [call]),
    erlang:trace_pattern({orddict, fetch_keys, 1}, false, [local]),
    receive {call, C} -> C after 2000 -> none end.

say(Format, Args) -> io:format(Format ++ "~n", Args).
