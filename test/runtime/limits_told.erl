%% SPDX-License-Identifier: Apache-2.0
%% What is too large or too much: who sleeps is killed when it is found to be
%% too large, too many characters come before a bad one, a fun has as many
%% arguments as there can be; options of error/3 that are none.
%% expect: killed
%% expect: [system_limit,system_limit,system_limit,ok]
%% expect: badarg
%% expect: [{error_info,#{}},false,false,false]
%% expect: [right,left]
%% expect: [badarg,badarg,timeout]
-module(limits_told).
-export([main/0]).

main() ->
    io:format("~w~n~w~n~w~n~w~n~w~n~w~n",
              [too_large(), names(), too_many(), options(), order(), sizes()]).

%% Beyond 32 bits; sleep alone takes any time.
sizes() ->
    [try F() catch error:R -> R end
     || F <- [fun() -> erlang:crc32_combine(1, 2, 1 bsl 40) end,
              fun() -> re:run("aaaa", "a", [{offset, 1 bsl 40}]) end,
              fun() ->
                  {_, Ref} = spawn_monitor(timer, sleep, [1 bsl 80]),
                  receive {'DOWN', Ref, _, _, Why} -> Why
                  after 200 -> timeout
                  end
              end]].

too_large() ->
    Pid = spawn_opt(fun() -> receive done -> ok end end,
                    [{max_heap_size, #{size => 1024, kill => true,
                                       error_logger => false}}]),
    Ref = monitor(process, Pid),
    [Pid ! lists:duplicate(I, I) || I <- lists:seq(1, 100)],
    process_info(Pid, messages),
    garbage_collect(Pid),
    receive {'DOWN', Ref, process, Pid, Why} -> Why after 2000 -> lives end.

names() ->
    [try binary_to_atom(B, utf8), ok catch error:R -> R end
     || B <- [<<0:512/unit:8, 255>>, <<0:255/unit:8, 255>>, <<0:256/unit:8>>,
              binary:copy(<<"é"/utf8>>, 255)]].

%% A fun of no arguments, with 257 terms around.
too_many() ->
    <<131, Pid/binary>> = term_to_binary(self()),
    Env = << <<97, 1>> || _ <- lists:seq(1, 257) >>,
    Fun = <<0, 0:128, 0:32, 257:32, 100, 11:16, "limits_told", 97, 0, 97, 0,
            Pid/binary, Env/binary>>,
    Size = byte_size(Fun) + 4,
    try binary_to_term(<<131, 112, Size:32, Fun/binary>>)
    catch error:R -> R
    end.

options() ->
    [try error(r, [a], O)
     catch error:r:Trace ->
         [{?MODULE, _, [a], Info} | _] = Trace,
         lists:keyfind(error_info, 1, Info)
     end || O <- [[{error_info, #{}}], [{error_info, none}], [bad], []]].

%% The compiler gives a comprehension the tail it goes in front of.
order() ->
    [note(left) || _ <- [1]] ++ [note(right)],
    lists:reverse(erase(order)).

note(What) ->
    put(order, [What | case get(order) of undefined -> []; L -> L end]).
