%% SPDX-License-Identifier: Apache-2.0
%% prim_eval: receiving by a function, for evaluators of abstract code.
-module(prim_eval).
-compile(no_line_info). % as OTP has it for what is there from the start

-export(['receive'/2, wait/2]).

%% Takes the first message that Fun(Message) does not answer nomatch for out
%% of the queue, and answers what Fun did; timeout after [Time].
%%
%% The queue is looked at from outside, whenever it has become longer.
-spec 'receive'(fun((term()) -> nomatch | T), timeout()) -> T | timeout.
'receive'(Fun, Time) ->
    look(Fun, deadline(Time), 0).

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

look(Fun, Deadline, Seen) ->
    {messages, Messages} = process_info(self(), messages),
    case first(lists:nthtail(min(Seen, length(Messages)), Messages), Fun) of
        {Message, Result} ->
            receive Message -> Result end;
        nomatch ->
            Length = length(Messages),
            case wait(Length, left(Deadline)) of
                true -> look(Fun, Deadline, Length);
                false -> timeout
            end
    end.

left(infinity) -> infinity;
left(Deadline) -> max(0, Deadline - erlang:monotonic_time(millisecond)).

%% Whether more than [Seen] messages are there before the time is over.
-spec wait(non_neg_integer(), timeout()) -> boolean().
wait(_Seen, _Time) -> erlang:nif_error(undefined).

first([Message | Messages], Fun) ->
    case Fun(Message) of
        nomatch -> first(Messages, Fun);
        Result -> {Message, Result}
    end;
first([], _) -> nomatch.
