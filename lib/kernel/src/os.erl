%% SPDX-License-Identifier: Apache-2.0
%% os: the operating system around the node. What is written in C stands here
%% as stubs.
-module(os).

-export([type/0, version/0, cmd/1, cmd/2, find_executable/1,
         find_executable/2, getenv/0, getenv/1, getenv/2, putenv/2,
         unsetenv/1, getpid/0, env/0, perf_counter/0, perf_counter/1,
         set_signal/2, system_time/0, system_time/1, timestamp/0]).

-export_type([env_var_name/0, env_var_value/0, env_var_name_value/0,
              os_command/0, os_command_opts/0]).

-include_lib("kernel/include/file.hrl").

-type os_command() :: atom() | io_lib:chars().
-type os_command_opts() :: #{max_size => non_neg_integer() | infinity,
                             exception_on_failure => boolean()}.
-type env_var_name() :: nonempty_string().
-type env_var_value() :: string().
-type env_var_name_value() :: nonempty_string().

-define(BADARG(Args),
        erlang:error(badarg, Args,
                     [{error_info, #{module => erl_kernel_errors}}])).
-define(BADARG(Args, Cause),
        erlang:error(badarg, Args,
                     [{error_info, #{module => erl_kernel_errors,
                                     cause => Cause}}])).

%%% Stubs of what is written in C

env() -> erlang:nif_error(undef).
getenv(_) -> erlang:nif_error(undef).
putenv(_, _) -> erlang:nif_error(undef).
unsetenv(_) -> erlang:nif_error(undef).
getpid() -> erlang:nif_error(undef).
perf_counter() -> erlang:nif_error(undef).
set_signal(_, _) -> erlang:nif_error(undef).
system_time() -> erlang:nif_error(undef).
system_time(_) -> erlang:nif_error(undef).
timestamp() -> erlang:nif_error(undef).

%%% Erlang

-spec getenv() -> [env_var_name_value()].
getenv() -> [Name ++ [$= | Value] || {Name, Value} <- os:env()].

-spec getenv(env_var_name(), env_var_value()) -> env_var_value().
getenv(Name, Default) ->
    try os:getenv(Name) of
        false -> Default;
        Value -> Value
    catch
        error:badarg -> ?BADARG([Name, Default])
    end.

-spec perf_counter(erlang:time_unit()) -> integer().
perf_counter(Unit) ->
    try erlang:convert_time_unit(os:perf_counter(), perf_counter, Unit)
    catch
        error:_ -> ?BADARG([Unit])
    end.

-spec type() -> {unix, atom()}.
type() -> erlang:system_info(os_type).

-spec version() -> {integer(), integer(), integer()}.
version() -> erlang:system_info(os_version).

-spec find_executable(string()) -> string() | false.
find_executable(Name) ->
    case os:getenv("PATH") of
        false -> find_executable(Name, []);
        Path -> find_executable(Name, Path)
    end.

-spec find_executable(string(), string()) -> string() | false.
find_executable(Name, Path) ->
    case filename:pathtype(Name) of
        relative ->
            case filename:split(Name) of
                [_] -> in_path(string:split(Path, ":", all), Name);
                _ -> executable(Name)
            end;
        _ -> executable(Name)
    end.

in_path([Dir | Dirs], Name) ->
    case executable(filename:join(Dir, Name)) of
        false -> in_path(Dirs, Name);
        Path -> filename:absname(Path)
    end;
in_path([], _) -> false.

executable(Path) ->
    case file:read_file_info(Path) of
        {ok, #file_info{type = regular, mode = Mode}}
          when Mode band 8#111 =/= 0 -> Path;
        _ -> false
    end.

%%% Commands

-spec cmd(os_command()) -> string().
cmd(Command) ->
    try run(Command, #{})
    catch
        throw:{open_port, _} = Why -> ?BADARG([Command], Why);
        throw:badopt -> ?BADARG([Command]);
        error:badarg -> ?BADARG([Command])
    end.

-spec cmd(os_command(), os_command_opts()) -> string().
cmd(Command, Options) ->
    try run(Command, Options)
    catch
        throw:{open_port, _} = Why -> ?BADARG([Command, Options], Why);
        throw:{command_failed, _, _} = Why -> error(Why, [Command, Options]);
        throw:badopt -> ?BADARG([Command, Options]);
        error:badarg -> ?BADARG([Command, Options])
    end.

%% The shell reads the command from its standard input. It ends the output with
%% an end of transmission of its own, and the command's status behind that: what
%% the command leaves running may hold the output longer.
run(Command, Options) ->
    Max = max_size(Options),
    Strict = maps:get(exception_on_failure, Options, false),
    is_boolean(Strict) orelse throw(badopt),
    Text = text(Command),
    Port = try open_port({spawn_executable, "/bin/sh"},
                         [binary, stderr_to_stdout, stream, in, out, eof, hide,
                          {args, ["-s", "unix:cmd"]}])
           catch error:Why -> throw({open_port, Why})
           end,
    Monitor = monitor(port, Port),
    port_command(Port, ["(", unicode:characters_to_binary(Text),
                        "\n) </dev/null; echo \"\^D$?\"\n"]),
    {Bytes, After} = collect(Port, Monitor, Max, 0, []),
    Status = case Strict of
                 true -> status(Port, Monitor, After);
                 false -> 0
             end,
    close(Port, Monitor),
    case decoded(Bytes) of
        Output when Status =:= 0 -> Output;
        Output -> throw({command_failed, Output, Status})
    end.

max_size(Options) when is_map(Options) ->
    case maps:get(max_size, Options, infinity) of
        infinity -> infinity;
        N when is_integer(N), N >= 0 -> N;
        _ -> throw(badopt)
    end;
max_size(_) -> throw(badopt).

text(Command) when is_atom(Command) -> atom_to_list(Command);
text(Command) ->
    Text = try lists:flatten(Command)
           catch error:function_clause -> error(badarg)
           end,
    case lists:all(fun(C) -> is_integer(C) andalso C > 0 end, Text) of
        true -> Text;
        false -> error(badarg)
    end.

%% The output, and what came behind its end, none if that was not seen.
collect(Port, Monitor, Max, Size, Acc) ->
    receive
        {Port, {data, Bytes}} ->
            {Part, After} = case binary:split(Bytes, <<$\^D>>) of
                                [All] -> {All, none};
                                [Before, Behind] -> {Before, Behind}
                            end,
            Size1 = Size + byte_size(Part),
            if
                Size1 >= Max ->
                    Last = binary:part(Part, 0, Max - Size),
                    {iolist_to_binary(lists:reverse(Acc, [Last])), none};
                After =/= none ->
                    {iolist_to_binary(lists:reverse(Acc, [Part])), After};
                true -> collect(Port, Monitor, Max, Size1, [Part | Acc])
            end;
        {Port, eof} -> {iolist_to_binary(lists:reverse(Acc)), none};
        {'DOWN', Monitor, _, _, _} ->
            {iolist_to_binary(lists:reverse(Acc)), none}
    end.

%% The command's status, 0 if it did not tell one.
status(_, _, none) -> 0;
status(Port, Monitor, Text) ->
    case binary:split(Text, <<"\n">>) of
        [Digits, _] -> binary_to_integer(Digits);
        [_] ->
            receive
                {Port, {data, More}} ->
                    status(Port, Monitor, <<Text/binary, More/binary>>);
                {Port, eof} -> 0;
                {'DOWN', Monitor, _, _, _} -> 0
            end
    end.

%% Leaves no message of the port behind.
close(Port, Monitor) ->
    catch port_close(Port),
    demonitor(Monitor, [flush]),
    flush(Port).

flush(Port) ->
    receive
        {Port, {data, _}} -> flush(Port);
        {Port, eof} -> flush(Port);
        {'EXIT', Port, _} -> flush(Port)
    after 0 -> ok
    end.

decoded(Bytes) ->
    case unicode:characters_to_list(Bytes, file:native_name_encoding()) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Bytes)
    end.
