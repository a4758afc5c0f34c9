%% SPDX-License-Identifier: Apache-2.0
%% mod_esi: answers of Erlang functions. With the property erl_script_alias,
%% {Path, [Module]}, a request for Path/Module:Function?Input calls
%% Module:Function(Session, Environment, Input), which gives its answer in parts
%% to deliver/2; the first part begins with headers and an empty line.
-module(mod_esi).

-export([do/1, store/2, deliver/2]).

-include("httpd.hrl").

-define(TIMEOUT, 15). % seconds between two parts
-define(INCOMPLETE, "199 inets server - body maybe incomplete, ").

%% A part of the answer.
-spec deliver(pid(), iodata()) -> ok | {error, bad_sessionID}.
deliver(Session, Data) when is_pid(Session) ->
    Session ! {esi_data, Data},
    ok;
deliver(_, _) -> {error, bad_sessionID}.

do(#mod{data = Data, config_db = Table, request_uri = Uri} = Mod) ->
    case mod_alias:is_answered(Data)
        orelse script(Uri, httpd_util:multi_lookup(Table, erl_script_alias)) of
        {Name, Modules} -> called(Name, Modules, Mod);
        _ -> {proceed, Data}
    end.

%% {What stands behind the alias, modules that may be called}
script(_, []) -> none;
script(Uri, [{Alias, Modules} | Aliases]) ->
    case re:run(Uri, "^" ++ Alias ++ "/", [{capture, first}]) of
        {match, [{0, Size}]} -> {lists:nthtail(Size, Uri), Modules};
        nomatch -> script(Uri, Aliases)
    end.

%% Name is Module:Function, or Module/Function, then input.
called(Name, Modules, #mod{method = Method, entity_body = Body,
                           data = Data} = Mod) ->
    case httpd_util:split(Name, ":|%3A|/", 2) of
        {ok, [_]} -> {proceed, [{status, {400, none, [Name]}} | Data]};
        {ok, [Module, Function]} when Method =:= "POST" ->
            call({Module, Function, Body, []}, Name, Modules, Mod);
        {ok, [Module, Rest]} ->
            {Function, Input, Elements} =
                case httpd_util:split(Rest, "[?/]", 2) of
                    {ok, [F]} -> {F, "", []};
                    {ok, [F, I]} ->
                        Kind = case lists:nth(length(F) + 1, Rest) of
                                   $? -> query_string;
                                   $/ -> path_info
                               end,
                        {F, I, [{Kind, I}]}
                end,
            Given = case Method of
                        _ when Method =:= "PUT"; Method =:= "PATCH" ->
                            {case Elements of [] -> undefined; _ -> Input end,
                             Body};
                        _ -> Input
                    end,
            call({Module, Function, Given, Elements}, Name, Modules, Mod)
    end.

%% Requests make no atoms.
call({ModuleName, FunctionName, Input, Elements}, Name, Modules,
     #mod{data = Data, request_uri = Uri} = Mod) ->
    NotFound = {proceed, [{status, {404, Uri, "Not found"}} | Data]},
    try
        Module = list_to_existing_atom(ModuleName),
        _ = code:ensure_loaded(Module),
        {Module, list_to_existing_atom(FunctionName)}
    of
        {Module, Function} ->
            case Modules =:= [all] orelse lists:member(Module, Modules) of
                true ->
                    Environment = httpd_env:of_request(esi, Mod, Elements),
                    Start = fun(Session) ->
                                    Module:Function(Session, Environment,
                                                    Input)
                            end,
                    case run(Start, Mod) of
                        not_found -> NotFound;
                        Result -> Result
                    end;
                false ->
                    {proceed, [{status, {403, Uri,
                                         "mod_esi: Client not authorized to "
                                         "evaluate: " ++ Name}} | Data]}
            end
    catch error:badarg -> NotFound
    end.

%% The function has a process of its own, as it may take long.
run(Start, #mod{config_db = Table} = Mod) ->
    Session = self(),
    {Pid, Monitor} = spawn_monitor(fun() -> exit({esi, result(Start, Session)})
                                   end),
    Timeout = httpd_util:lookup(Table, erl_script_timeout, ?TIMEOUT) * 1000,
    try first_part({Pid, Monitor, Timeout}, <<>>, Mod)
    after
        erlang:demonitor(Monitor, [flush]),
        exit(Pid, kill),
        flush()
    end.

result(Start, Session) ->
    try Start(Session) of
        {continue, _} = Continue -> Continue;
        _ -> done
    catch
        error:undef -> not_found;
        throw:_ -> done;
        exit:Reason -> {failed, Reason};
        error:Reason:Trace -> {failed, {Reason, Trace}}
    end.

flush() ->
    receive {esi_data, _} -> flush()
    after 0 -> ok
    end.

first_part({Pid, Monitor, Timeout} = Script, Before, Mod) ->
    receive
        {esi_data, Part} ->
            All = iolist_to_binary([Before, Part]),
            case httpd_env:head(All) of
                more -> first_part(Script, All, Mod);
                First -> begin_answer(Script, First, Mod)
            end;
        {'DOWN', Monitor, process, Pid, {esi, {continue, _} = Continue}} ->
            Continue;
        {'DOWN', Monitor, process, Pid, {esi, not_found}} -> not_found;
        {'DOWN', Monitor, process, Pid, Reason} ->
            error({mod_esi_linked_process_died, Pid, Reason})
    after Timeout ->
            httpd_response:send_header(Mod, 504, [{"connection", "close"}]),
            http_transport:close(Mod#mod.socket),
            httpd_response:sent(504, 0, Mod)
    end.

%% The answer is sent as it comes, in chunks.
begin_answer(Script, {Code, _, _} = First, #mod{config_db = Table} = Mod) ->
    Whole = httpd_response:is_disable_chunked_send(Table)
        orelse Code =:= 204 orelse Code =:= 304 orelse Code < 200,
    httpd_response:begin_script(Mod, First, Whole, erl_script_nocache,
                                fun(Sent) -> parts(Script, Sent, Mod) end).

parts({Pid, Monitor, Timeout} = Script, {Code, Size, Whole}, Mod) ->
    receive
        {esi_data, Part} ->
            httpd_response:send_chunk(Mod, Part, Whole),
            parts(Script, {Code, Size + iolist_size(Part), Whole}, Mod);
        {'DOWN', Monitor, process, Pid, {esi, {failed, Reason}}} ->
            httpd_response:report(Mod, 'HTTP', [{mod_esi, Reason}]),
            broken("internal server error", Whole, Mod);
        {'DOWN', Monitor, process, Pid, _} ->
            httpd_response:send_final_chunk(Mod, Whole),
            httpd_response:sent(Code, Size, Mod)
    after Timeout -> broken("timed out", Whole, Mod)
    end.

broken(Why, Whole, Mod) ->
    Warning = [{"Warning", ?INCOMPLETE ++ Why}],
    httpd_response:send_final_chunk(Mod, Warning, Whole),
    done.

store({erl_script_alias, {Path, [all]}} = Property, _) when is_list(Path) ->
    {ok, Property};
store({erl_script_alias, {Path, Modules}} = Property, _)
  when is_list(Path), is_list(Modules) ->
    try httpd_util:modules_validate(Modules) of
        ok -> {ok, Property}
    catch throw:Wrong -> {error, {wrong_type, {erl_script_alias, Wrong}}}
    end;
store({erl_script_timeout, Seconds} = Property, _)
  when is_integer(Seconds), Seconds >= 0 ->
    {ok, Property};
store({erl_script_nocache, Value} = Property, _) when is_boolean(Value) ->
    {ok, Property};
store({Key, _} = Property, _) when Key =:= erl_script_alias;
                                   Key =:= erl_script_timeout;
                                   Key =:= erl_script_nocache ->
    {error, {wrong_type, Property}}.
