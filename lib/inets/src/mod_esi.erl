%% SPDX-License-Identifier: Apache-2.0
%% mod_esi: answers of Erlang functions. With the property erl_script_alias,
%% {Path, [Module]}, a request for Path/Module:Function?Input calls
%% Module:Function(Session, Environment, Input), which gives its answer in parts
%% to deliver/2; the first part begins with headers and an empty line.
-module(mod_esi).

-export([do/1, deliver/2]).

-include("httpd.hrl").

%% A part of the answer.
-spec deliver(pid() | reference(), iodata() | {first, map(), iodata()}) -> ok.
deliver(Session, Data) ->
    Session ! {esi_data, Session, Data},
    ok.

do(#mod{method = Method, data = Data} = Mod) ->
    case script(Mod) of
        none -> {proceed, Data};
        _ when Method =/= "GET", Method =/= "POST", Method =/= "HEAD",
               Method =/= "PUT", Method =/= "PATCH", Method =/= "DELETE" ->
            {proceed, [{status, {501, Method, "not implemented"}} | Data]};
        {Module, Function, Query, Allowed} ->
            case lists:member(Module, Allowed) of
                true -> call(Module, Function, Query, Mod);
                false -> {proceed, [{status, {403, Module, "not allowed"}}
                                    | Data]}
            end
    end.

%% What a path names: Module:Function, or Module/Function.
script(#mod{request_uri = Uri, config_db = #{erl_script_alias := {Base, Allowed}}}) ->
    {Path, Query} = case string:split(Uri, "?") of
                        [P, Q] -> {P, Q};
                        [P] -> {P, ""}
                    end,
    case string:prefix(Path, Base) of
        [$/ | Name] ->
            case string:lexemes(Name, ":/") of
                [M, F | _] -> {known(M), known(F), Query, Allowed};
                _ -> none
            end;
        _ -> none
    end;
script(_) -> none.

%% Requests make no atoms.
known(Text) ->
    try list_to_existing_atom(Text)
    catch error:badarg -> ''
    end.

call(Module, Function, Query, #mod{data = Data, config_db = Config} = Mod) ->
    Input = case Mod#mod.entity_body of
                Body when Mod#mod.method =:= "GET"; Body =:= "" -> Query;
                Body -> Body
            end,
    _ = code:ensure_loaded(Module),
    Environment = environment(Mod, Query, Module, Function),
    case erlang:function_exported(Module, Function, 3) of
        true ->
            Session = self(),
            {Pid, Monitor} = spawn_monitor(
                fun() -> Module:Function(Session, Environment, Input) end),
            Timeout = map_get(erl_script_timeout, Config) * 1000,
            first_part({Pid, Monitor, Timeout}, Mod);
        false ->
            case erlang:function_exported(Module, Function, 2) of
                true -> whole(Module:Function(Environment, Input), Mod);
                false -> {proceed, [{status, {404, Function, "not found"}}
                                    | Data]}
            end
    end.

whole(Answer, Mod) ->
    {Code, Headers, Body} = parsed(Answer),
    httpd_response:send(Mod, Code, Headers, Body),
    {proceed, [{already_sent, Code, iolist_size(Body)} | Mod#mod.data]}.

%% The answer is sent as it comes, in chunks.
first_part({Pid, Monitor, Timeout} = Script, #mod{data = Data} = Mod) ->
    receive
        {esi_data, _, Part} ->
            {Code, Headers, Body} = parsed(Part),
            Coding = [{"transfer-encoding", "chunked"}
                      || Mod#mod.http_version =:= "HTTP/1.1"],
            NoCache = [{"cache-control", "no-cache"}
                       || map_get(erl_script_nocache, Mod#mod.config_db)],
            httpd_response:send_header(Mod, Code, Headers ++ NoCache ++ Coding),
            Show = Mod#mod.method =/= "HEAD",
            Show andalso httpd_response:send_chunk(Mod, Body),
            more_parts(Script, Mod, Show),
            {proceed, [{already_sent, Code, 0} | Data]};
        {'DOWN', Monitor, process, Pid, _} ->
            {proceed, [{status, {500, script, "failed"}} | Data]}
    after Timeout ->
        exit(Pid, kill),
        demonitor(Monitor, [flush]),
        {proceed, [{status, {504, script, "too slow"}} | Data]}
    end.

more_parts({Pid, Monitor, Timeout} = Script, Mod, Show) ->
    receive
        {esi_data, _, Part} ->
            Show andalso httpd_response:send_chunk(Mod, Part),
            more_parts(Script, Mod, Show);
        {'DOWN', Monitor, process, Pid, _} ->
            Show andalso httpd_response:send_chunk(Mod, [])
    after Timeout ->
        exit(Pid, kill),
        demonitor(Monitor, [flush])
    end.

%% {Code, Headers, Body} of a first part.
parsed({first, #{} = Headers, Body}) -> {200, maps:to_list(Headers), Body};
parsed(Part) ->
    Bytes = iolist_to_binary(Part),
    case binary:split(Bytes, [<<"\r\n\r\n">>, <<"\n\n">>]) of
        [Head, Body] ->
            case headers(Head) of
                none -> {200, [{"content-type", "text/html"}], Bytes};
                Headers -> with_status(Headers, Body)
            end;
        [_] -> {200, [{"content-type", "text/html"}], Bytes}
    end.

headers(Head) ->
    Lines = string:lexemes(binary_to_list(Head), [$\r, $\n, "\r\n"]),
    Found = [case string:split(L, ":") of
                 [Name, Value] -> {string:lowercase(Name), string:trim(Value)};
                 [_] -> none
             end || L <- Lines],
    case lists:member(none, Found) of
        true -> none;
        false -> Found
    end.

with_status(Headers, Body) ->
    case lists:keytake("status", 1, Headers) of
        {value, {_, Status}, Others} ->
            {Code, _} = string:to_integer(Status),
            {Code, Others, Body};
        false ->
            Code = case lists:keymember("location", 1, Headers) of
                       true -> 302;
                       false -> 200
                   end,
            {Code, Headers, Body}
    end.

%% As CGI has it; headers as {http_NAME, Value}.
environment(#mod{init_data = #init_data{peername = {_, Peer}}} = Mod, Query,
            Module, Function) ->
    #mod{config_db = Config, parsed_header = Headers, method = Method} = Mod,
    [{server_software, "inets/8.2.2"},
     {server_name, map_get(server_name, Config)},
     {host_name, Mod#mod.init_data#init_data.resolve},
     {gateway_interface, "CGI/1.1"}, {server_protocol, Mod#mod.http_version},
     {server_port, map_get(port, Config)}, {request_method, Method},
     {remote_addr, Peer}, {peer_cert, undefined},
     {script_name, lists:concat([Module, ":", Function])}]
        ++ [{query_string, Query}]
        ++ [{content_length, integer_to_list(length(Mod#mod.entity_body))}
            || Method =:= "POST" orelse Method =:= "PUT"]
        ++ [{header_key(Name), Value} || {Name, Value} <- Headers].

header_key(Name) ->
    Text = "http_" ++ lists:flatten(string:replace(Name, "-", "_", all)),
    try list_to_existing_atom(Text)
    catch error:badarg -> Text
    end.
