%% SPDX-License-Identifier: Apache-2.0
%% erpc: calls on other nodes whose failures are told apart. Each call runs in
%% a process of its own, made by spawn_request with a monitor: what it returns
%% is the reason it ends with, {RequestId, return | throw | exit | error, ..}.
%% A call on this node without a time limit runs in the caller.
-module(erpc).

-export([call/2, call/3, call/4, call/5, cast/2, cast/4,
         send_request/2, send_request/4, send_request/6,
         receive_response/1, receive_response/2, receive_response/3,
         wait_response/1, wait_response/2, wait_response/3,
         check_response/2, check_response/3,
         reqids_new/0, reqids_size/1, reqids_add/3, reqids_to_list/1,
         multicall/2, multicall/3, multicall/4, multicall/5,
         multicast/2, multicast/4]).
-export([execute_call/4, execute_call/3, execute_cast/3]).
-export_type([request_id/0, request_id_collection/0, timeout_time/0]).

-type request_id() :: {reference(), reference()}.
-opaque request_id_collection() :: #{reference() => term()}.
-type timeout_time() :: timeout() | {abs, integer()}.

-define(IS_TIME(T), (T =:= infinity orelse is_integer(T) andalso T >= 0
                     andalso T =< 16#ffffffff)).
-define(IS_MFA(M, F, A), is_atom(M), is_atom(F), is_list(A)).
%% Frames between what was called and who calls here.
-define(IS_CUT(Frame), (element(1, Frame) =:= ?MODULE andalso
                        (element(2, Frame) =:= execute_call orelse
                         element(2, Frame) =:= execute_cast))).
-define(FAIL(Reason), error({?MODULE, Reason})).
%% What outcome/1 says, done in the function that was called from outside: that
%% is the one that a trace shows.
-define(RETURN(Outcome),
        case Outcome of
            {value, Value__} -> Value__;
            {throw, Thrown__} -> throw(Thrown__);
            {exit, Exit__} -> exit(Exit__);
            {error, Error__} -> error(Error__)
        end).

%% ---- one call ----

call(Node, Fun) -> call(Node, Fun, infinity).

call(Node, Fun, Timeout) when is_function(Fun, 0) ->
    call(Node, erlang, apply, [Fun, []], Timeout);
call(_, _, _) -> ?FAIL(badarg).

call(Node, M, F, A) -> call(Node, M, F, A, infinity).

call(Node, M, F, A, infinity) when node() =:= Node, ?IS_MFA(M, F, A) ->
    try execute_call(M, F, A) of
        {return, Value} -> Value
    catch
        throw:Reason -> throw(Reason);
        exit:Reason -> exit({exception, Reason});
        error:Reason:Trace ->
            error({exception, Reason, own_trace(M, F, A, Trace)})
    end;
call(Node, M, F, A, Timeout) when is_atom(Node), ?IS_MFA(M, F, A) ->
    case deadline(Timeout) of
        badarg -> ?FAIL(badarg);
        Until ->
            Res = make_ref(),
            Id = spawn_request(Node, ?MODULE, execute_call, [Res, M, F, A],
                               [{reply, error_only}, monitor]),
            ?RETURN(outcome(await(Res, Id, Until, abandon)))
    end;
call(_, _, _, _, _) -> ?FAIL(badarg).

%% The part of a trace that belongs to what was called, at its end the call
%% itself. A call that was given up before it began shows its arguments.
own_trace(M, F, A, [{M, F, A, _} = Call, Cut | _])
  when ?IS_CUT(Cut) -> [Call];
own_trace(M, F, A, [Cut | _]) when ?IS_CUT(Cut) -> [{M, F, A, []}];
own_trace(M, F, A, Trace) ->
    case lists:splitwith(fun(Frame) -> not ?IS_CUT(Frame) end, Trace) of
        {_, []} -> Trace; % longer than what a trace holds
        {Own, _} -> Own ++ [{M, F, length(A), []}
                            || not is_call(M, F, A, lists:last(Own)),
                               length_known(A)]
    end.

is_call(M, F, A, {M, F, Arity, _}) -> length_known(A) andalso
                                          length(A) =:= Arity;
is_call(_, _, _, _) -> false.

length_known(A) ->
    try length(A) of
        _ -> true
    catch error:badarg -> false
    end.

%% Where a call begins.
execute_call(Ref, M, F, A) ->
    exit(try {Ref, return, apply(M, F, A)}
         catch
             throw:Reason -> {Ref, throw, Reason};
             exit:Reason -> {Ref, exit, Reason};
             error:Reason:Trace ->
                 {Ref, error, Reason, own_trace(M, F, A, Trace)}
         end).

%% One frame on the stack, by which the rest of it is told from the callers'.
execute_call(M, F, A) -> {return, apply(M, F, A)}.

cast(Node, Fun) -> cast(Node, erlang, apply, [Fun, []]).

cast(Node, M, F, A) when is_atom(Node), ?IS_MFA(M, F, A) ->
    _ = spawn_request(Node, ?MODULE, execute_cast, [M, F, A],
                      [{reply, no}]),
    ok;
cast(_, _, _, _) -> ?FAIL(badarg).

execute_cast(M, F, A) ->
    try apply(M, F, A)
    catch
        error:Reason:Trace ->
            error({exception, {Reason, own_trace(M, F, A, Trace)}})
    end.

%% ---- requests ----

send_request(Node, Fun) when is_function(Fun, 0) ->
    send_request(Node, erlang, apply, [Fun, []]);
send_request(_, _) -> ?FAIL(badarg).

send_request(Node, M, F, A) when is_atom(Node), ?IS_MFA(M, F, A) ->
    Res = make_ref(),
    {Res, spawn_request(Node, ?MODULE, execute_call, [Res, M, F, A],
                        [{reply, error_only}, monitor])};
send_request(Node, Fun, Label, Ids) when is_atom(Node), is_function(Fun, 0) ->
    send_request(Node, erlang, apply, [Fun, []], Label, Ids);
send_request(_, _, _, _) -> ?FAIL(badarg).

send_request(Node, M, F, A, Label, Ids)
  when is_atom(Node), ?IS_MFA(M, F, A), is_map(Ids) ->
    {Res, Id} = send_request(Node, M, F, A),
    Ids#{Id => [Res | Label]};
send_request(_, _, _, _, _, _) -> ?FAIL(badarg).

receive_response(Id) -> receive_response(Id, infinity).

receive_response({Res, Id}, Timeout)
  when is_reference(Res), is_reference(Id) ->
    case deadline(Timeout) of
        badarg -> ?FAIL(badarg);
        Until -> ?RETURN(outcome(await(Res, Id, Until, abandon)))
    end;
receive_response(_, _) -> ?FAIL(badarg).

wait_response(Id) -> wait_response(Id, 0).

wait_response({Res, Id}, Timeout)
  when is_reference(Res), is_reference(Id) ->
    case deadline(Timeout) of
        badarg -> ?FAIL(badarg);
        Until ->
            case await(Res, Id, Until, keep) of
                timeout -> no_response;
                Answer -> {response, ?RETURN(outcome(Answer))}
            end
    end;
wait_response(_, _) -> ?FAIL(badarg).

check_response({spawn_reply, Id, error, Reason}, {Res, Id})
  when is_reference(Res), is_reference(Id) ->
    ?RETURN(outcome({refused, Reason}));
check_response({'DOWN', Id, process, _, Reason}, {Res, Id})
  when is_reference(Res), is_reference(Id) ->
    {response, ?RETURN(outcome({down, Res, Reason}))};
check_response(_, {Res, Id}) when is_reference(Res), is_reference(Id) ->
    no_response;
check_response(_, _) -> ?FAIL(badarg).

%% {down, Res, Reason}, {refused, Reason} or timeout. With the request's
%% reference as argument, so that older messages need not be looked at.
await(Res, Id, Until, AtEnd) ->
    receive
        {spawn_reply, Id, error, Reason} -> {refused, Reason};
        {'DOWN', Id, process, _, Reason} -> {down, Res, Reason}
    after left(Until) ->
        case AtEnd of
            keep -> timeout;
            abandon -> abandon(Res, Id)
        end
    end.

%% The answer may have come in the last moment. An identifier is good for one
%% answer.
abandon(Res, Id) ->
    case spawn_request_abandon(Id) of
        true -> timeout;
        false ->
            case demonitor(Id, [info]) of
                true -> timeout;
                false ->
                    receive
                        {spawn_reply, Id, error, Reason} -> {refused, Reason};
                        {'DOWN', Id, process, _, Reason} ->
                            {down, Res, Reason}
                    after 0 -> {refused, badarg}
                    end
            end
    end.

%% What came back, as the caller's value or exception.
outcome({down, Res, {Res, return, Value}}) -> {value, Value};
outcome({down, Res, {Res, throw, Reason}}) -> {throw, Reason};
outcome({down, Res, {Res, exit, Reason}}) -> {exit, {exception, Reason}};
outcome({down, Res, {Res, error, Reason, Trace}}) ->
    {error, {exception, Reason, Trace}};
outcome({down, Res, {Res, error, ?MODULE = Reason}}) -> {error, {Reason, Res}};
outcome({down, _, noconnection}) -> {error, {?MODULE, noconnection}};
outcome({down, _, noproc}) -> {error, {?MODULE, noconnection}};
outcome({down, _, Reason}) -> {exit, {signal, Reason}};
outcome({refused, Reason}) -> {error, {?MODULE, Reason}};
outcome(timeout) -> {error, {?MODULE, timeout}}.

%% A moment, or infinity, or badarg.
deadline(infinity) -> infinity;
deadline({abs, Time}) when is_integer(Time) ->
    case Time - erlang:monotonic_time(millisecond) of
        Left when Left > 16#ffffffff -> badarg;
        _ -> Time
    end;
deadline(Time) when ?IS_TIME(Time) ->
    erlang:monotonic_time(millisecond) + Time;
deadline(_) -> badarg.

left(infinity) -> infinity;
left(Until) -> max(0, Until - erlang:monotonic_time(millisecond)).

%% ---- collections of requests ----

reqids_new() -> #{}.

reqids_size(Ids) when is_map(Ids) -> map_size(Ids);
reqids_size(_) -> ?FAIL(badarg).

reqids_add({Res, Id}, Label, Ids)
  when is_reference(Res), is_reference(Id), is_map(Ids),
       not is_map_key(Id, Ids) ->
    Ids#{Id => [Res | Label]};
reqids_add(_, _, _) -> ?FAIL(badarg).

reqids_to_list(Ids) when is_map(Ids) ->
    [case is_reference(Id) andalso Entry of
         [Res | Label] when is_reference(Res) -> {{Res, Id}, Label};
         _ -> ?FAIL(badarg)
     end || {Id, Entry} <- maps:to_list(Ids)];
reqids_to_list(_) -> ?FAIL(badarg).

receive_response(Ids, Timeout, Delete) ->
    case collection(Ids, Timeout, Delete) of
        badarg -> ?FAIL(badarg);
        _ when map_size(Ids) =:= 0 -> no_request;
        Until ->
            case await_any(Ids, Until) of
                timeout ->
                    [case abandon(Res, Id) of _ -> ok end
                     || {Id, [Res | _]} <- maps:to_list(Ids)],
                    ?FAIL(timeout);
                {Id, Answer} ->
                    {{response, Value}, Label, Rest} =
                        labelled(Id, Answer, Ids, Delete),
                    {Value, Label, Rest}
            end
    end.

wait_response(Ids, Timeout, Delete) ->
    case collection(Ids, Timeout, Delete) of
        badarg -> ?FAIL(badarg);
        _ when map_size(Ids) =:= 0 -> no_request;
        Until ->
            case await_any(Ids, Until) of
                timeout -> no_response;
                {Id, Answer} -> labelled(Id, Answer, Ids, Delete)
            end
    end.

check_response(Message, Ids, Delete) ->
    case collection(Ids, 0, Delete) of
        badarg -> ?FAIL(badarg);
        _ when map_size(Ids) =:= 0 -> no_request;
        _ ->
            case Message of
                {spawn_reply, Id, error, Reason} when is_map_key(Id, Ids) ->
                    labelled(Id, {refused, Reason}, Ids, Delete);
                {'DOWN', Id, process, _, Reason} when is_map_key(Id, Ids) ->
                    labelled(Id, {down, Reason}, Ids, Delete);
                _ -> no_response
            end
    end.

collection(Ids, Timeout, Delete) when is_map(Ids), is_boolean(Delete) ->
    deadline(Timeout);
collection(_, _, _) -> badarg.

await_any(Ids, Until) ->
    receive
        {spawn_reply, Id, error, Reason} when is_map_key(Id, Ids) ->
            {Id, {refused, Reason}};
        {'DOWN', Id, process, _, Reason} when is_map_key(Id, Ids) ->
            {Id, {down, Reason}}
    after left(Until) -> timeout
    end.

%% Failures name the request, too, that the caller knows which one failed.
labelled(Id, Answer, Ids, Delete) ->
    [Res | Label] = maps:get(Id, Ids),
    Rest = case Delete of
               true -> maps:remove(Id, Ids);
               false -> Ids
           end,
    Full = case Answer of
               {down, Reason} -> {down, Res, Reason};
               _ -> Answer
           end,
    case outcome(Full) of
        {value, Value} -> {{response, Value}, Label, Rest};
        {throw, Thrown} -> throw({Thrown, Label, Rest});
        {exit, Exit} -> exit({Exit, Label, Rest});
        {error, Error} -> error({Error, Label, Rest})
    end.

%% ---- many nodes ----

multicall(Nodes, Fun) -> multicall(Nodes, Fun, infinity).

multicall(Nodes, Fun, Timeout) when is_function(Fun, 0) ->
    multicall(Nodes, erlang, apply, [Fun, []], Timeout);
multicall(_, _, _) -> ?FAIL(badarg).

multicall(Nodes, M, F, A) -> multicall(Nodes, M, F, A, infinity).

multicall(Nodes, M, F, A, Timeout) when is_list(Nodes), ?IS_MFA(M, F, A) ->
    case is_atoms(Nodes) andalso deadline(Timeout) of
        false -> ?FAIL(badarg);
        badarg -> ?FAIL(badarg);
        Until ->
            Tag = make_ref(),
            Requests = requests(Nodes, Tag, M, F, A, Until),
            results(Requests, Tag, Until)
    end;
multicall(_, _, _, _, _) -> ?FAIL(badarg).

%% A call on this node that may take its time is made right here; no more than
%% one, so that all go on at the same time.
requests([Node | Nodes], Tag, M, F, A, infinity) when Node =:= node() ->
    [{here, M, F, A} | [ask(N, Tag, M, F, A) || N <- Nodes]];
requests([Node | Nodes], Tag, M, F, A, Until) ->
    [ask(Node, Tag, M, F, A) | requests(Nodes, Tag, M, F, A, Until)];
requests([], _, _, _, _, _) -> [].

%% All that comes back has the same tag: messages that were there before it are
%% not looked at.
ask(Node, Tag, M, F, A) ->
    spawn_request(Node, ?MODULE, execute_call, [Tag, M, F, A],
                  [{reply, error_only}, {reply_tag, Tag},
                   {monitor, [{tag, Tag}]}]).

results([{here, M, F, A} | Requests], Tag, Until) ->
    Result = try call(node(), M, F, A, infinity) of
                 Value -> {ok, Value}
             catch
                 Class:Reason -> {Class, Reason}
             end,
    [Result | results(Requests, Tag, Until)];
results([Id | Requests], Tag, Until) ->
    Answer = receive
                 {Tag, Id, error, Reason} -> {refused, Reason};
                 {Tag, Id, process, _, Reason} -> {down, Tag, Reason}
             after left(Until) -> give_up(Tag, Id)
             end,
    [result(Answer) | results(Requests, Tag, Until)];
results([], _, _) -> [].

result(Answer) ->
    case outcome(Answer) of
        {value, Value} -> {ok, Value};
        Failure -> Failure
    end.

%% As abandon/2, of one of many.
give_up(Tag, Id) ->
    case spawn_request_abandon(Id) orelse demonitor(Id, [info]) of
        true -> timeout;
        false ->
            receive
                {Tag, Id, error, Reason} -> {refused, Reason};
                {Tag, Id, process, _, Reason} -> {down, Tag, Reason}
            after 0 -> timeout
            end
    end.

is_atoms([Node | Nodes]) -> is_atom(Node) andalso is_atoms(Nodes);
is_atoms(End) -> End =:= [].

multicast(Nodes, Fun) -> multicast(Nodes, erlang, apply, [Fun, []]).

multicast(Nodes, M, F, A) when is_list(Nodes), ?IS_MFA(M, F, A) ->
    case is_atoms(Nodes) of
        true -> lists:foreach(fun(N) -> cast(N, M, F, A) end, Nodes);
        false -> ?FAIL(badarg)
    end;
multicast(_, _, _, _) -> ?FAIL(badarg).
