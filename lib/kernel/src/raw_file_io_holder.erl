%% SPDX-License-Identifier: Apache-2.0
%% raw_file_io_holder: a process that holds a raw file, and how its user talks
%% to it: {Ref, User, Request} is answered by {Ref, Answer}.
-module(raw_file_io_holder).

-export([start/4, call/2, write/2]).

-include_lib("kernel/include/file.hrl").

%% A process opens the file and then runs Serve(File, User); the descriptor's
%% functions are those of Module.
-spec start(module(), file:filename_all(), [file:mode()],
            fun((file:fd(), pid()) -> term())) ->
          {ok, file:fd()} | {error, term()}.
start(Module, Name, Modes, Serve) ->
    User = self(),
    Ref = make_ref(),
    {Pid, Monitor} = spawn_monitor(fun() ->
        case prim_file:open(Name, Modes) of
            {ok, File} ->
                User ! {Ref, ok},
                Serve(File, User);
            {error, _} = Error ->
                User ! {Ref, Error}
        end
    end),
    receive
        {Ref, Answer} ->
            demonitor(Monitor, [flush]),
            case Answer of
                ok -> {ok, #file_descriptor{module = Module, data = Pid}};
                Error -> Error
            end;
        {'DOWN', Monitor, _, _, Reason} ->
            {error, Reason}
    end.

call(#file_descriptor{data = Pid}, Request) ->
    Ref = monitor(process, Pid),
    Pid ! {Ref, self(), Request},
    receive
        {Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer =:= {error, not_on_controlling_process}
                andalso error(not_on_controlling_process),
            Answer;
        {'DOWN', Ref, _, _, _} ->
            {error, einval} % closed
    end.

write(Fd, Bytes) ->
    try iolist_to_binary(Bytes) of
        Data -> call(Fd, {write, Data})
    catch
        error:badarg -> {error, badarg}
    end.
