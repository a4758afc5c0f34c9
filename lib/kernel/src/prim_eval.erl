%% SPDX-License-Identifier: Apache-2.0
%% prim_eval: receiving by a function, for evaluators of abstract code.
-module(prim_eval).

-export(['receive'/2]).

%% Takes the first message that Fun(Message) does not answer nomatch for out
%% of the queue, and answers what Fun did; timeout after [Time].
%%
%% The queue is looked at from outside; as long as nothing matches, it sleeps
%% a little longer between looks.
-spec 'receive'(fun((term()) -> nomatch | T), timeout()) -> T | timeout.
'receive'(Fun, Time) ->
    look(Fun, deadline(Time), 0, 1).

deadline(infinity) -> infinity;
deadline(Time) when is_integer(Time), Time >= 0, Time =< 16#ffffffff ->
    erlang:monotonic_time(millisecond) + Time;
deadline(_) ->
    try error(timeout_value)
    catch
        error:Reason:Stack ->
            erlang:raise(error, Reason,
                         [{?MODULE, 'receive', 2, []} | tl(tl(Stack))])
    end.

look(Fun, Deadline, Seen, Nap) ->
    {messages, Messages} = process_info(self(), messages),
    case first(lists:nthtail(min(Seen, length(Messages)), Messages), Fun) of
        {Message, Result} ->
            receive Message -> Result end;
        nomatch -> wait(Fun, Deadline, length(Messages), Nap)
    end.

first([Message | Messages], Fun) ->
    case Fun(Message) of
        nomatch -> first(Messages, Fun);
        Result -> {Message, Result}
    end;
first([], _) -> nomatch.

wait(Fun, Deadline, Seen, Nap) ->
    Now = erlang:monotonic_time(millisecond),
    {message_queue_len, Length} = process_info(self(), message_queue_len),
    if
        Length > Seen -> look(Fun, Deadline, Seen, 1);
        Now >= Deadline -> timeout;
        true ->
            Left = case Deadline of
                       infinity -> Nap;
                       _ -> min(Nap, Deadline - Now)
                   end,
            receive after Left -> ok end,
            wait(Fun, Deadline, Seen, min(Nap * 2, 8))
    end.
