%% SPDX-License-Identifier: Apache-2.0
%% A term that a port keeps; time that is negative; what cannot hibernate says
%% so in its own name.
%% expect: {undefined,true,{a,[1,2.5,<<98,105,110>>]},true,small}
%% expect: [badarg,badarg,badarg,badarg]
%% expect: {true,true,true,true,true}
%% expect: [{hibernate,[1,2,3]},{hibernate,[a,2,[]]},{hibernate,[a,b,[a|b]]}]
%% expect: ok
-module(port_data).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    P = open_port({spawn, "cat"}, []),
    None = erlang:port_get_data(P),
    Set = erlang:port_set_data(P, {a, [1, 2.5, <<"bin">>]}),
    register(port_data_cat, P),
    Got = erlang:port_get_data(port_data_cat),
    show({None, Set, Got, erlang:port_set_data(port_data_cat, small),
          erlang:port_get_data(P)}),
    port_close(P),
    show([try F() catch error:R -> R end
          || F <- [fun() -> erlang:port_get_data(P) end,
                   fun() -> erlang:port_set_data(P, 1) end,
                   fun() -> erlang:port_set_data(no_port, 1) end,
                   fun() -> erlang:port_get_data(1) end]]),
    times(),
    show([why(1, 2, 3), why(a, 2, []), why(a, b, [a | b])]),
    Abs = erlang:monotonic_time(millisecond) + 10,
    erlang:start_timer(Abs, self(), late, [{abs, true}]),
    erlang:send_after(Abs - 12, self(), first, [{abs, true}]),
    show(receive first -> receive {timeout, _, late} -> ok end
         after 2000 -> timeout end).

times() ->
    Before = erlang:monotonic_time(),
    Between = erlang:monotonic_time() + erlang:time_offset(),
    show({Before < 0, Before >= -(1 bsl 59),
          abs(Between - erlang:system_time()) < 1000000000,
          erlang:system_info(start_time) < Before,
          erlang:monotonic_time(second) =< Before div 1000000000 + 1}).

why(M, F, A) ->
    try erlang:hibernate(M, F, A)
    catch error:badarg:Trace ->
        [{erlang, Name, Args, _} | _] = Trace,
        {Name, Args}
    end.

show(T) -> io:format("~w~n", [T]).
