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

os_errors(putenv, [Name, Value]) -> [{1, wrong_name(Name)}, {2, text(Value)}];
os_errors(F, [Name | _]) when F =:= getenv; F =:= unsetenv -> [{1, name(Name)}];
os_errors(set_signal, [_, _]) -> [{2, "invalid signal handling option"}];
os_errors(cmd, [Command]) -> [{1, command(Command)}];
os_errors(cmd, [Command, Options]) ->
    [{1, command(Command)},
     {2, case is_map(Options) of
             true -> "invalid option in map";
             false -> "not a map"
         end}];
os_errors(perf_counter, [_]) -> [{1, "invalid time unit"}];
os_errors(system_time, [_]) -> [{1, "invalid time unit"}];
os_errors(_, _) -> [].

wrong_name(Name) ->
    case text(Name) of
        none -> case lists:member($=, Name) of
                    true -> name(Name);
                    false -> none
                end;
        Error -> Error
    end.

text(Text) when is_list(Text) ->
    case catch unicode:characters_to_binary(Text) of
        Bytes when is_binary(Bytes) -> none;
        _ -> "not valid character data (an iodata term)"
    end;
text(_) -> "not a list".

name(Name) when is_list(Name) ->
    case lists:member($=, Name) of
        true -> "\"=\" characters is not allowed in environment variable "
                    "names";
        false -> "not valid character data (an iodata term)"
    end;
name(_) -> "not a list".

command(Command) when is_atom(Command) -> none;
command(Command) when is_list(Command) ->
    try lists:all(fun(C) -> is_integer(C) end, lists:flatten(Command)) of
        true -> none;
        false -> "not valid character data (an iodata term)"
    catch
        error:_ -> "not a list"
    end;
command(_) -> "not a list or an atom".
