%% SPDX-License-Identifier: Apache-2.0
%% httpd_env: what scripts are told of a request, as CGI has it: for functions
%% of Erlang (esi) as {atom(), Value}, for programs (cgi) as {Text, Value}. And
%% what they answer in front of the first empty line.
-module(httpd_env).

-export([of_request/3, head/1]).

-include("httpd.hrl").

%% Elements tells what the script is given: query_string, path_info or
%% entity_body.
of_request(Kind, #mod{parsed_header = Headers, data = Data} = Mod, Elements) ->
    Basic = basic(Kind, Mod),
    User = [{remote_user, User}
            || {remote_user, User} <- [lists:keyfind(remote_user, 1, Data)]],
    Basic ++ headers(Kind, Headers)
        ++ lists:append([element(Kind, E, Mod) || E <- Elements])
        ++ [pair(Kind, P) || P <- User].

basic(Kind, #mod{config_db = Table, init_data = Init, method = Method,
                 request_uri = Uri, socket = Socket}) ->
    #init_data{peername = {_, Peer}, resolve = Host} = Init,
    Cert = case http_transport:peercert(Socket) of
               {ok, Der} -> Der;
               {error, no_peercert} -> no_peercert;
               _ -> undefined
           end,
    [pair(Kind, P)
     || P <- [{server_software, httpd_util:lookup(Table, server,
                                                  "inets/8.2.2")},
              {server_name, httpd_util:lookup(Table, server_name)},
              {host_name, Host}, {gateway_interface, "CGI/1.1"},
              {server_protocol, "HTTP/1.1"},
              {server_port, httpd_util:lookup(Table, port)},
              {request_method, Method}, {remote_addr, Peer},
              {peer_cert, Cert}, {script_name, Uri}],
        Kind =:= esi orelse element(1, P) =/= peer_cert].

pair(esi, Pair) -> Pair;
pair(cgi, {Key, Value}) ->
    {string:uppercase(atom_to_list(Key)),
     case Value of
         _ when is_integer(Value) -> integer_to_list(Value);
         _ -> Value
     end}.

%% Requests make no atoms: headers of other names come in a list.
headers(cgi, Headers) ->
    lists:reverse([{"HTTP_" ++ underscored(string:uppercase(Name)), Value}
                   || {Name, Value} <- Headers]);
headers(esi, Headers) ->
    Sorted = [{known(Name), Header} || {Name, _} = Header <- Headers],
    [{http_other, lists:reverse([H || {unknown, H} <- Sorted])}]
        ++ lists:reverse([{Key, Value} || {Key, {_, Value}} <- Sorted,
                                          Key =/= unknown]).

known(Name) ->
    try http_headers:is_usual(Name) orelse list_to_existing_atom(Name) of
        _ -> list_to_atom("http_" ++ underscored(Name))
    catch error:_ -> unknown
    end.

underscored(Name) -> lists:map(fun($-) -> $_; (C) -> C end, Name).

element(Kind, {query_string, _} = Pair, _) -> [pair(Kind, Pair)];
element(Kind, {path_info, Path}, #mod{config_db = Table}) ->
    {_, Real, _} = mod_alias:real_name(Table, Path,
                                       httpd_util:multi_lookup(Table, alias)),
    [pair(Kind, {path_info, Path}), pair(Kind, {path_translated, Real})];
element(Kind, {entity_body, Body}, _) ->
    [pair(Kind, {content_length, integer_to_list(iolist_size(Body))})].

%% ---- what a script answers ----

%% {Code, Headers, Rest} of what begins with headers, or more.
head(Bytes) ->
    case http_head:lines(Bytes) of
        more -> more;
        {Lines, Rest} ->
            Headers = lists:append([pair_of(Line) || Line <- Lines]),
            {status(Headers), lists:reverse(lists:keydelete("status", 1,
                                                            Headers)), Rest}
    end.

%% Lines of another form are passed over.
pair_of(Line) ->
    try http_headers:parse([Line])
    catch error:_ -> []
    end.

status(Headers) ->
    case lists:keyfind("status", 1, Headers) of
        {_, Text} ->
            case string:to_integer(Text) of
                {Code, _} when is_integer(Code) -> Code;
                _ -> 200
            end;
        false ->
            case lists:keymember("location", 1, Headers) of
                true -> 302;
                false -> 200
            end
    end.
