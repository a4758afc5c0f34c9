%% SPDX-License-Identifier: Apache-2.0
%% Receives that pass over many messages: what is taken from the end of the
%% queue must not hide what comes next.
%% expect: {calls,20000,300}
%% expect: {nested,[{1,a},{2,b},{3,c}],300}
%% expect: {rest,300,[1,2,3]}
%% expect: {late,found}
-module(marked_receive).
-export([main/0]).

main() ->
    [self() ! {other, N} || N <- lists:seq(1, 300)],
    Server = spawn_link(fun server/0),
    Sum = lists:sum([call(Server, 1) || _ <- lists:seq(1, 20000)]),
    io:format("~w~n", [{calls, Sum, queue()}]),
    nested(Server),
    late(),
    [receive {other, N} -> ok end || N <- lists:seq(1, 300)],
    io:format("~w~n", [{late, receive found -> found after 0 -> lost end}]).

queue() ->
    {message_queue_len, N} = process_info(self(), message_queue_len),
    N.

server() ->
    receive
        {From, Ref, X} -> From ! {Ref, X}, server()
    end.

call(Server, X) ->
    Ref = make_ref(),
    Server ! {self(), Ref, X},
    receive {Ref, Y} -> Y end.

%% Answers come in another order than they are waited for.
nested(Server) ->
    [A, B, C] = [begin
                     R = monitor(process, Server),
                     R
                 end || _ <- [a, b, c]],
    self() ! {B, b}, self() ! {A, a}, self() ! {C, c},
    Got = [receive {R, V} -> {N, V} end || {N, R} <- [{1, A}, {2, B}, {3, C}]],
    io:format("~w~n", [{nested, Got, queue()}]),
    [demonitor(R, [flush]) || R <- [A, B, C]],
    self() ! 1, self() ! 2, self() ! 3,
    Three = receive 3 -> 3 end,
    Two = receive 2 -> 2 end,
    One = receive 1 -> 1 end,
    io:format("~w~n", [{rest, queue(), [One, Two, Three]}]).

%% What comes while others are taken from the end.
late() ->
    Ref = make_ref(),
    self() ! {x, Ref},
    self() ! y,
    receive y -> ok end,
    receive {x, Ref} -> ok end,
    self() ! found,
    self() ! z,
    receive z -> ok end,
    [begin
         R = make_ref(),
         self() ! {R, N},
         receive {R, N} -> ok end
     end || N <- lists:seq(1, 50)].
