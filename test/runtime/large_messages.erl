%% SPDX-License-Identifier: Apache-2.0
%% Messages that become a part of the receiver's old heap as they come.
%% expect: {waiting,{100000,66}}
%% expect: {working,[200000,200000,200000,200000]}
%% expect: {to_self,{50000,50000}}
%% expect: {kept,[1,2,3,4,5]}
%% expect: {dropped,true}
%% expect: {literals,{erased,40000}}
%% expect: {limited,killed}
%% expect: {binaries,true}
-module(large_messages).
-export([main/0]).

main() ->
    p(waiting, waiting()),
    p(working, working()),
    p(to_self, to_self()),
    p(kept, kept()),
    p(dropped, dropped()),
    p(literals, literals()),
    p(limited, limited()),
    p(binaries, binaries()).

p(What, Answer) -> io:format("~w~n", [{What, Answer}]).

text() ->
    list_to_binary(["a binary of more than sixty-four bytes, ",
                    "that is counted and shared"]).

%% The receiver waits, and lets others collect it.
waiting() ->
    Text = text(),
    {Pid, Ref} = spawn_monitor(
                   fun() ->
                           receive {List, Map} -> ok end,
                           erlang:garbage_collect(),
                           exit({length(List), byte_size(element(2, hd(maps:get(k, Map))))})
                   end),
    Pid ! {[{N, Text} || N <- lists:seq(1, 100000)],
           #{k => [{self(), Text, fun() -> Text end}]}},
    receive {'DOWN', Ref, _, _, Reason} -> Reason end.

%% It is busy, and makes garbage, while they come.
working() ->
    Self = self(),
    Pid = spawn_link(fun() -> work(Self, []) end),
    List = lists:seq(1, 200000),
    [Pid ! {N, List} || N <- lists:seq(1, 4)],
    receive {Pid, Sums} -> Sums end.

work(Parent, Got) when length(Got) =:= 4 ->
    Parent ! {self(), [lists:last(L) || {_, L} <- lists:sort(Got)]};
work(Parent, Got) ->
    _ = [{X, X} || X <- lists:seq(1, 30000)],
    receive Message -> work(Parent, [Message | Got])
    after 0 -> work(Parent, Got)
    end.

to_self() ->
    self() ! {first, lists:seq(1, 50000)},
    self() ! {second, list_to_tuple(lists:seq(1, 50000))},
    receive {second, Tuple} -> ok end,
    receive {first, List} -> ok end,
    {length(List), tuple_size(Tuple)}.

%% Some live, others do not; collections come in between.
kept() ->
    Parent = self(),
    Pid = spawn_link(fun() -> keep(Parent, []) end),
    [Pid ! {N, [[N] || _ <- lists:seq(1, 40000)]} || N <- lists:seq(1, 25)],
    Pid ! stop,
    receive {Pid, Kept} -> Kept end.

keep(Parent, Kept) ->
    receive
        {N, List} when N rem 5 =:= 0 ->
            keep(Parent, [{N div 5, List} | Kept]);
        {_, List} ->
            40000 = length(List),
            keep(Parent, Kept);
        stop ->
            Parent ! {self(), lists:sort([N || {N, List} <- Kept,
                                              lists:all(fun([M]) ->
                                                                M =:= 5 * N
                                                        end, List)])}
    end.

%% The memory of what is done with comes back.
dropped() ->
    Parent = self(),
    Pid = spawn_link(
            fun() ->
                    [receive {N, List} -> 100000 = length(List) end
                     || N <- lists:seq(1, 20)],
                    erlang:garbage_collect(),
                    {memory, Memory} = process_info(self(), memory),
                    Parent ! {self(), Memory}
            end),
    List = lists:seq(1, 100000),
    [Pid ! {N, List} || N <- lists:seq(1, 20)],
    receive {Pid, Memory} -> Memory < 1000000 end.

%% What the message shares with others goes.
literals() ->
    persistent_term:put(?MODULE, lists:seq(1, 40000)),
    self() ! {[persistent_term:get(?MODULE) | lists:seq(1, 40000)], large},
    persistent_term:erase(?MODULE),
    [spawn(fun() -> _ = lists:seq(1, 1000) end) || _ <- lists:seq(1, 50)],
    receive {[Shared | _], large} -> ok end,
    erlang:garbage_collect(),
    timer:sleep(20),
    true = lists:sum(Shared) =:= 40000 * 40001 div 2,
    {erased, length(Shared)}.

limited() ->
    {Pid, Ref} = spawn_opt(fun() ->
                                   receive
                                       List -> erlang:garbage_collect(),
                                               length(List)
                                   end
                           end,
                           [monitor, {max_heap_size,
                                      #{size => 10000, kill => true,
                                        error_logger => false}}]),
    Pid ! lists:seq(1, 100000),
    receive {'DOWN', Ref, _, _, Reason} -> Reason end.

%% Binaries of messages that are done with are released.
binaries() ->
    Before = erlang:memory(binary),
    Pid = spawn_link(fun() -> drop_all() end),
    [Pid ! {[binary:copy(<<N>>, 1000000) | lists:seq(1, 40000)], self()}
     || N <- lists:seq(1, 30)],
    Ref = monitor(process, Pid),
    Pid ! stop,
    receive {'DOWN', Ref, _, _, _} -> ok end,
    erlang:garbage_collect(),
    erlang:memory(binary) - Before < 5000000.

drop_all() ->
    receive
        stop -> ok;
        {[Binary | _], _} -> 1000000 = byte_size(Binary), drop_all()
    end.
