%% SPDX-License-Identifier: Apache-2.0
%% erl_kernel_errors: what is wrong with the arguments of functions of os and
%% the like.
-module(erl_kernel_errors).

-export([format_error/2]).

-spec format_error(term(), [tuple()]) -> map().
format_error(_, [{os, F, Args, Info} | _]) when is_list(Args) ->
    case proplists:get_value(error_info, Info) of
        #{cause := {open_port, Why}} -> #{general => not_opened(Why)};
        _ -> maps:from_list([{I, list_to_binary(Text)}
                             || {I, Text} <- os_errors(F, Args), Text =/= none])
    end;
format_error(_, _) -> #{}.

not_opened(Why) ->
    case erl_posix_msg:message(Why) of
        "unknown POSIX error" ->
            io_lib:format("open_port failed with reason: ~tp", [Why]);
        Text -> io_lib:format("~ts (~tp)", [Text, Why])
    end.

os_errors(putenv, [Name, Value]) -> [{1, name(Name)}, {2, value(Value)}];
os_errors(F, [Name | _]) when F =:= getenv; F =:= unsetenv -> [{1, name(Name)}];
os_errors(set_signal, [Signal, Action]) ->
    IsKnown = lists:member(Action, [default, handle, ignore]),
    [{1, if
             not is_atom(Signal) -> "not an atom";
             IsKnown -> "invalid signal name";
             true -> none
         end},
     {2, case IsKnown of
             true -> none;
             false -> "invalid signal handling option"
         end}];
os_errors(cmd, [_, Options]) when not is_map(Options) -> [{2, "not a map"}];
os_errors(cmd, [Command | Options]) ->
    case {is_command(Command), Options} of
        {true, [_]} -> [{2, "invalid option in map"}];
        _ -> [{1, "not a list of characters"}]
    end;
os_errors(perf_counter, [_]) -> [{1, "invalid time unit"}];
os_errors(system_time, [_]) -> [{1, "invalid time unit"}];
os_errors(_, _) -> [].

name(Name) ->
    case characters(Name) of
        {ok, Text} ->
            case lists:member($=, Text) of
                true -> "\"=\" characters is not allowed in environment "
                            "variable names";
                false -> wrong_character(Text)
            end;
        Error -> Error
    end.

value(Value) ->
    case characters(Value) of
        {ok, Text} -> wrong_character(Text);
        Error -> Error
    end.

wrong_character(Text) ->
    case {lists:member(0, Text), unicode:characters_to_binary(Text)} of
        {true, _} ->
            "\"\\0\" characters is not allowed in environment variable names "
                "or values";
        {false, Bytes} when is_binary(Bytes) -> none;
        _ -> "invalid characters"
    end.

%% {ok, [integer()]}, or what is wrong with a deep list of them.
characters(List) when is_list(List) ->
    try lists:flatten(List) of
        Flat ->
            case lists:all(fun erlang:is_integer/1, Flat) of
                true -> {ok, Flat};
                false -> "not a list of characters"
            end
    catch error:_ -> "not a proper list"
    end;
characters(_) -> "not a list".

is_command(Command) ->
    is_atom(Command) orelse is_tuple(characters(Command)).
