%% SPDX-License-Identifier: Apache-2.0
%% standard_error: the io device of that name. It writes what io asks it to
%% and has nothing to read.
-module(standard_error).
-behaviour(supervisor_bridge).

-export([start_link/0, init/1, terminate/2]).
-export([serve/2]).

start_link() ->
    supervisor_bridge:start_link({local, standard_error_sup}, ?MODULE, []).

init([]) ->
    case whereis(?MODULE) of
        undefined ->
            Parent = self(),
            Pid = spawn_link(fun() -> serve(Parent) end),
            receive {Pid, registered} -> {ok, Pid, Pid} end;
        Pid -> {ok, Pid, Pid}
    end.

terminate(_, Pid) ->
    exit(Pid, kill),
    ok.

serve(Parent) ->
    register(?MODULE, self()),
    put(encoding, latin1),
    Parent ! {self(), registered},
    serve(latin1, true).

serve(Encoding, _) ->
    receive
        {io_request, From, Tag, Request} when is_pid(From) ->
            {Reply, New} = answer(Request, Encoding),
            From ! {io_reply, Tag, Reply},
            ?MODULE:serve(New, true);
        _ -> ?MODULE:serve(Encoding, true)
    end.

answer({put_chars, In, Chars}, E) ->
    {try put_chars(In, Chars, E)
     catch error:_ -> {error, put_chars} % no text at all
     end, E};
answer({put_chars, Chars}, E) -> answer({put_chars, latin1, Chars}, E);
answer({put_chars, In, M, F, A}, E) ->
    try apply(M, F, A) of
        Chars -> answer({put_chars, In, Chars}, E)
    catch _:_ -> {{error, F}, E}
    end;
answer({put_chars, M, F, A}, E) ->
    answer({put_chars, latin1, M, F, A}, E);
answer({requests, Requests}, E) -> several(Requests, ok, E);
answer({setopts, Options}, E) -> set_options(Options, E);
answer(getopts, E) -> {[{encoding, E}], E};
answer({get_geometry, _}, E) -> {{error, enotsup}, E};
answer(Request, E) when is_tuple(Request),
                        element(1, Request) =:= get_chars;
                        is_tuple(Request), element(1, Request) =:= get_line;
                        is_tuple(Request), element(1, Request) =:= get_until;
                        is_tuple(Request),
                        element(1, Request) =:= get_password ->
    {{error, enotsup}, E};
answer(_, E) -> {{error, request}, E}.

several([Request | Rest], {error, _} = Error, E) ->
    _ = {Request, Rest},
    {Error, E};
several([Request | Rest], _, E) ->
    {Reply, New} = answer(Request, E),
    several(Rest, Reply, New);
several([], Reply, E) -> {Reply, E}.

put_chars(In, Chars, Encoding) ->
    try encoded(In, Chars, Encoding)
    catch error:badarg -> {error, {put_chars, In, Chars}}
    end.

%% Characters that the encoding does not have are written as \x{...}.
encoded(In, Chars, latin1) ->
    case unicode:characters_to_list(Chars, In) of
        Text when is_list(Text) ->
            write([case C > 255 of
                       true -> io_lib:format("\\x{~.16B}", [C]);
                       false -> C
                   end || C <- Text]);
        _ -> {error, {no_translation, In, latin1}}
    end;
encoded(In, Chars, unicode) ->
    case unicode:characters_to_binary(Chars, In) of
        Bytes when is_binary(Bytes) -> write(Bytes);
        _ -> {error, {no_translation, In, unicode}}
    end.

write(Bytes) ->
    case prim_file:open("/dev/stderr", [append]) of
        {ok, File} ->
            Result = prim_file:write(File, Bytes),
            _ = prim_file:close(File),
            case Result of
                ok -> ok;
                _ -> {error, terminated}
            end;
        _ -> {error, terminated}
    end.

set_options([{encoding, New} | Rest], _)
  when New =:= latin1; New =:= unicode; New =:= utf8 ->
    E = case New of utf8 -> unicode; _ -> New end,
    put(encoding, E),
    set_options(Rest, E);
set_options([latin1 | Rest], E) -> set_options([{encoding, latin1} | Rest], E);
set_options([unicode | Rest], E) ->
    set_options([{encoding, unicode} | Rest], E);
set_options([Option | Rest], E) when Option =:= list; Option =:= binary ->
    set_options(Rest, E);
set_options([], E) -> {ok, E};
set_options(_, E) -> {{error, enotsup}, E}.
