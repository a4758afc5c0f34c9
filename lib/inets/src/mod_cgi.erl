%% SPDX-License-Identifier: Apache-2.0
%% mod_cgi: answers of programs in folders that the property script_alias
%% names. A program gets the request's body on its standard input, and what it
%% writes is the answer.
-module(mod_cgi).

-export([do/1, store/2]).

-include("httpd.hrl").

-define(TIMEOUT, 15). % seconds between two parts

do(#mod{data = Data, config_db = Table, request_uri = Own} = Mod) ->
    Uri = proplists:get_value(new_request_uri, Data, Own),
    Script = mod_alias:is_answered(Data)
        orelse mod_alias:real_script_name(
                 Table, Uri, httpd_util:multi_lookup(Table, script_alias)),
    case Script of
        {File, Behind} -> run(File, Behind, Mod);
        _ -> {proceed, Data}
    end.

run(File, Behind, #mod{data = Data, request_uri = Uri} = Mod) ->
    case os:find_executable(filename:basename(File), filename:dirname(File)) of
        false ->
            {proceed, [{status, {404, Uri, "mod_cgi: You don't have permission"
                                 " to execute " ++ Uri ++ " on this server"}}
                       | Data]};
        _ ->
            Environment = [{K, lists:flatten(V)}
                           || {K, V} <- httpd_env:of_request(
                                          cgi, Mod, elements(Mod, Behind)),
                              is_list(V)],
            Port = open_port({spawn_executable, File},
                             [binary, stream, exit_status, {env, Environment},
                              {cd, filename:dirname(File)}]),
            try
                give_body(Mod, Port),
                first_part({Port, timeout(Mod)}, <<>>, Mod)
            after close(Port)
            end
    end.

%% A program that does not read to the end is ended with its port.
close(Port) ->
    catch port_close(Port),
    flush(Port).

flush(Port) ->
    receive {Port, _} -> flush(Port)
    after 0 -> ok
    end.

timeout(#mod{config_db = Table}) ->
    httpd_util:lookup(Table, script_timeout, ?TIMEOUT) * 1000.

elements(#mod{method = "GET"}, {[], Query}) -> [{query_string, Query}];
elements(#mod{method = "GET"}, {Path, []}) -> [{path_info, Path}];
elements(#mod{method = "GET"}, {Path, Query}) ->
    [{query_string, Query}, {path_info, Path}];
elements(#mod{method = Method, entity_body = Body}, _)
  when Method =:= "POST"; Method =:= "PATCH"; Method =:= "PUT" ->
    [{entity_body, Body}];
elements(_, _) -> [].

give_body(#mod{entity_body = []}, _) -> ok;
give_body(#mod{entity_body = Body}, Port) -> port_command(Port, Body).

first_part({Port, Timeout} = Script, Before, #mod{data = Data} = Mod) ->
    receive
        {Port, {data, Part}} ->
            All = <<Before/binary, Part/binary>>,
            case httpd_env:head(All) of
                more -> first_part(Script, All, Mod);
                {_, Headers, _} = First ->
                    case lists:keyfind("location", 1, Headers) of
                        {_, "/" ++ _ = Path} ->
                            {proceed, [{real_name, httpd_util:split_path(Path)}
                                       | Data]};
                        _ -> begin_answer(Script, First, Mod)
                    end
            end;
        {Port, {exit_status, Status}} ->
            {proceed, [{status, {400, none,
                                 lists:concat(["Reason: ", Status])}} | Data]}
    after Timeout ->
            httpd_response:send_header(Mod, 504, []),
            http_transport:close(Mod#mod.socket),
            httpd_response:sent(504, 0, Mod)
    end.

begin_answer(Script, First, #mod{config_db = Table} = Mod) ->
    Whole = httpd_response:is_disable_chunked_send(Table),
    httpd_response:begin_script(Mod, First, Whole, script_nocache,
                                fun(Sent) -> parts(Script, Sent, Mod) end).

parts({Port, Timeout} = Script, {Code, Size, Whole}, Mod) ->
    receive
        {Port, {data, Part}} ->
            httpd_response:send_chunk(Mod, Part, Whole),
            parts(Script, {Code, Size + byte_size(Part), Whole}, Mod);
        {Port, {exit_status, _}} ->
            httpd_response:send_final_chunk(Mod, Whole),
            httpd_response:sent(Code, Size, Mod)
    after Timeout ->
            http_transport:close(Mod#mod.socket),
            httpd_response:sent(Code, Size, Mod)
    end.

store({script_nocache, Value} = Property, _) when is_boolean(Value) ->
    {ok, Property};
store({script_timeout, Seconds} = Property, _)
  when is_integer(Seconds), Seconds >= 0 ->
    {ok, Property};
store({Key, _} = Property, _) when Key =:= script_nocache;
                                   Key =:= script_timeout ->
    {error, {wrong_type, Property}}.
