%% SPDX-License-Identifier: Apache-2.0
%% Messages off the heap are no part of it until they are received, whatever
%% they are, and are the same when they are; collections may come at any time.
%% expect: {sizes,true,true,true}
%% expect: {kinds,[self,alias,{large,20000},{'EXIT',bye},{'DOWN',why},{binary,5000}]}
%% expect: {looked_into,300}
%% expect: {moved,ok,ok}
%% expect: {taken_apart,{[4000,3000,2000,1000],ok}}
%% expect: {flushed,[1,2]}
%% expect: {tokens,[{one,7},{two,none}]}
%% expect: {left,ok}
%% expect: {refused,badarg,badarg}
-module(messages_off_heap).
-export([main/0]).

main() ->
    p(sizes, [sizes(on_heap) > 0, sizes(off_heap) =:= 0, memory_grows()]),
    p(kinds, [kinds()]),
    p(looked_into, [looked_into()]),
    p(moved, [moved(on_heap, off_heap), moved(off_heap, on_heap)]),
    p(taken_apart, [taken_apart()]),
    p(flushed, [flushed()]),
    p(tokens, [tokens()]),
    p(left, [left()]),
    p(refused, [catch_error(fun() -> process_flag(message_queue_data, x) end),
                catch_error(fun() ->
                    spawn_opt(fun ok/0, [{message_queue_data, x}])
                end)]),
    ok.

p(What, Answers) -> io:format("~w~n", [list_to_tuple([What | Answers])]).

ok() -> ok.

catch_error(F) -> try F() catch error:R -> R end.

off(Fun) -> spawn_opt(Fun, [{message_queue_data, off_heap}]).

answer(Fun) ->
    Me = self(),
    P = off(fun() -> Me ! {self(), Fun()} end),
    receive {P, Answer} -> Answer end.

%% By how much a heap has grown that has looked at a hundred messages.
sizes(Where) ->
    P = spawn_opt(fun echo/0, [{message_queue_data, Where}]),
    call(P),
    {_, Before} = process_info(P, total_heap_size),
    [P ! lists:duplicate(N, N) || N <- lists:seq(1, 100)],
    call(P),
    {_, After} = process_info(P, total_heap_size),
    {_, 100} = process_info(P, message_queue_len),
    exit(P, kill),
    After - Before.

memory_grows() ->
    P = off(fun echo/0),
    {memory, Before} = process_info(P, memory),
    [P ! lists:duplicate(N, N) || N <- lists:seq(1, 100)],
    call(P),
    {memory, After} = process_info(P, memory),
    exit(P, kill),
    After - Before > 5050 * 16.

%% What it is asked with needs no heap at all.
echo() -> receive From when is_pid(From) -> From ! ok, echo() end.

call(P) -> P ! self(), receive ok -> ok end.

kinds() ->
    answer(fun() ->
        process_flag(trap_exit, true),
        Me = self(),
        self() ! {self, list_to_tuple(lists:seq(1, 10))},
        A = alias(),
        spawn(fun() -> A ! {alias, [A]} end),
        wait(2),
        spawn(fun() -> Me ! {large, lists:seq(1, 20000)} end),
        wait(3),
        exit(self(), bye),
        wait(4),
        spawn_monitor(fun() -> exit({why, lists:seq(1, 50)}) end),
        wait(5),
        spawn(fun() -> Me ! {binary, binary:copy(<<"ab">>, 2500)} end),
        wait(6),
        garbage_collect(),
        [kind(receive M -> M end) || _ <- lists:seq(1, 6)]
    end).

wait(N) ->
    {messages, L} = process_info(self(), messages),
    case length(L) of
        N -> ok;
        _ -> receive never -> ok after 1 -> wait(N) end
    end.

kind({self, T}) -> true = T =:= list_to_tuple(lists:seq(1, 10)), self;
kind({alias, [A]}) -> true = is_reference(A), alias;
kind({large, L}) -> {large, length(L)};
kind({'EXIT', P, Why}) when P =:= self() -> {'EXIT', Why};
kind({'DOWN', _, process, _, {Why, L}}) -> 50 = length(L), {'DOWN', Why};
kind({binary, B}) -> {binary, byte_size(B)}.

%% Others and the process itself see all that waits, as often as they look.
looked_into() ->
    P = off(fun() -> receive {go, From} -> From ! process_info(self(), messages) end end),
    L = [{N, [N], <<N:800>>} || N <- lists:seq(1, 300)],
    [P ! X || X <- L],
    {messages, L} = process_info(P, messages),
    true = erlang:garbage_collect(P),
    {messages, L} = process_info(P, messages),
    P ! {go, self()},
    receive {messages, Seen} -> length([X || X <- Seen, lists:member(X, L)]) end.

%% What waits when the flag is set is the same afterwards.
moved(From, To) ->
    Me = self(),
    P = spawn_opt(fun() ->
        receive start -> ok end,
        From = process_flag(message_queue_data, To),
        garbage_collect(),
        Me ! {self(), info, process_info(self(), messages)},
        receive two -> ok end,
        Me ! {self(), [receive X when X =/= two -> X end || _ <- "1234"]}
    end, [{message_queue_data, From}]),
    [P ! X || X <- ["a", "b"]],
    P ! start,
    {messages, ["a", "b"]} = receive {P, info, Info} -> Info end,
    [P ! X || X <- ["c", <<"d">>, two]],
    ["a", "b", "c", <<"d">>] = receive {P, All} -> All end,
    ok.

%% Binaries of messages that are looked at by guards which make garbage, so
%% that collections come between looking and taking.
taken_apart() ->
    Sizes = [1000, 2000, 3000, 4000],
    answer(fun() ->
        [self() ! {N, <<N:32, 0:(N * 8)>>, lists:seq(1, N)} || N <- Sizes],
        spin(200),
        {[pick(N) || N <- lists:reverse(Sizes)], none()}
    end).

pick(N) ->
    receive
        {_, <<N:32, R/binary>>, L}
          when byte_size(R) + (1 bsl 2000) > byte_size(R),
               hd(L) + (1 bsl 4000) - (1 bsl 3999) > 0, byte_size(R) =:= N ->
            garbage_collect(),
            N = lists:last(L),
            N = byte_size(R)
    end.

none() -> receive _ -> left after 0 -> ok end.

spin(0) -> ok;
spin(N) -> lists:sum(lists:seq(1, 1000)), spin(N - 1).

flushed() ->
    answer(fun() ->
        self() ! 1,
        {_, Ref} = spawn_monitor(fun() -> exit(lists:seq(1, 10)) end),
        wait(2),
        demonitor(Ref, [flush]),
        self() ! 2,
        garbage_collect(),
        [receive X -> X end || _ <- "12"]
    end).

tokens() ->
    answer(fun() ->
        seq_trace:set_token(label, 7),
        self() ! {one, lists:seq(1, 3)},
        seq_trace:set_token([]),
        self() ! {two, lists:seq(1, 3)},
        garbage_collect(),
        [receive
             {N, [1, 2, 3]} ->
                 case seq_trace:get_token() of
                     [] -> {N, none};
                     _ -> {label, L} = seq_trace:get_token(label), {N, L}
                 end
         end || N <- [one, two]]
    end).

%% Nobody receives them.
left() ->
    P = off(fun() -> receive stop -> ok end end),
    R = monitor(process, P),
    [P ! {N, binary:copy(<<N:32>>, 100)} || N <- lists:seq(1, 1000)],
    P ! stop,
    receive {'DOWN', R, _, _, normal} -> ok end.
