%% SPDX-License-Identifier: Apache-2.0
%% httpd_conf: the properties of an HTTP server: which it must have, what they
%% may be, and the table that its modules look into. A module of the server may
%% have its own say by store/2, and lets go in remove/1 of what it has stored.
-module(httpd_conf).

-export([read/1, store/1, remove/1, socket_type/1, load_mime_types/1,
         defaults/0]).

-define(SOFTWARE, "inets/8.2.2").

%% The modules of a server that names none.
defaults() ->
    [mod_alias, mod_auth, mod_esi, mod_actions, mod_cgi, mod_dir, mod_get,
     mod_head, mod_log, mod_disk_log].

%% The list of properties that Config gives itself or in a file. Throws
%% {error, Reason}.
read([{Kind, File}]) when Kind =:= file; Kind =:= proplist_file ->
    case file:consult(File) of
        {ok, [Properties]} -> read(Properties);
        _ -> throw({error, {could_not_consult_proplist_file, File}})
    end;
read(Properties) ->
    [proplists:is_defined(K, Properties)
         orelse throw({error, {missing_property, K}})
     || K <- [server_name, port, server_root, document_root]],
    addressed(with_family(Properties)).

with_family(Properties) ->
    case proplists:get_value(ipfamily, Properties) of
        undefined -> Properties;
        inet6fb4 -> lists:keystore(ipfamily, 1, Properties, {ipfamily, inet});
        Family when Family =:= inet; Family =:= inet6 -> Properties;
        Other -> throw({error, {bad_ipfamily, Other}})
    end.

addressed(Properties) ->
    Family = proplists:get_value(ipfamily, Properties, inet),
    case proplists:get_value(bind_address, Properties, any) of
        any ->
            Known = proplists:is_defined(ipfamily, Properties),
            [{bind_address, any} || not proplists:is_defined(bind_address,
                                                             Properties)]
                ++ [{ipfamily, inet} || not Known] ++ Properties;
        Given ->
            case httpd_util:ip_address(Given, Family) of
                {ok, Address} ->
                    lists:keystore(bind_address, 1, Properties,
                                   {bind_address, Address});
                {error, Reason} ->
                    throw({error, {failed_determine_ip_address, Given, Family,
                                   Reason}})
            end
    end.

%% ---- the table ----

%% A table of all properties; throws {error, Reason}.
store(Properties) ->
    try [check(P) || P <- Properties]
    catch throw:Wrong -> throw({error, {invalid_option, Wrong}})
    end,
    Modules = proplists:get_value(modules, Properties, defaults()),
    All = with_types(Properties),
    Table = ets:new(httpd_conf, [bag, protected]),
    [put_property(P, Modules, All, Table) || P <- All],
    Table.

put_property(Property, Modules, All, Table) ->
    case stored(Property, Modules, All) of
        {ok, Entries} -> ets:insert(Table, Entries);
        {error, _} = Error ->
            remove(Table),
            throw(Error)
    end.

%% By the first module that cares.
stored({server_tokens, Tokens} = Property, [], _) ->
    {ok, [Property, {server, software(Tokens)}]};
stored(Property, [], _) when is_tuple(Property) -> {ok, Property};
stored(_, [], _) -> {ok, []};
stored(Property, [Module | Modules], All) ->
    _ = code:ensure_loaded(Module),
    case erlang:function_exported(Module, store, 2) of
        true ->
            try Module:store(Property, All)
            catch error:function_clause -> stored(Property, Modules, All)
            end;
        false -> stored(Property, Modules, All)
    end.

%% Files of a server's modules are closed with it.
remove(Table) ->
    [Module:remove(Table)
     || Module <- httpd_util:lookup(Table, modules, defaults()),
        erlang:function_exported(Module, remove, 1)],
    ets:delete(Table).

software(prod) -> "inets";
software(major) -> "inets/8";
software(minor) -> "inets/8.2";
software(none) -> "";
software({private, Text}) -> Text;
software(os) ->
    {Family, _} = os:type(),
    lists:concat([?SOFTWARE, " (", Family, ")"]);
software(full) ->
    {Family, Name} = os:type(),
    lists:concat([?SOFTWARE, " (", Family, "/", Name, ") OTP/",
                  erlang:system_info(otp_release)]);
software(_) -> ?SOFTWARE.

%% ---- types of files ----

with_types(Properties) ->
    Own = case proplists:get_value(mime_types, Properties) of
              undefined ->
                  filename:join([proplists:get_value(server_root, Properties),
                                 "conf", "mime.types"]);
              Given -> Given
          end,
    Types = case Own of
                [{_, _} | _] -> Own;
                _ ->
                    case load_mime_types(Own) of
                        {ok, Found} -> Found;
                        {error, _} -> [{"html", "text/html"},
                                       {"htm", "text/html"}]
                    end
            end,
    lists:keystore(mime_types, 1, Properties, {mime_types, Types}).

%% {ok, [{Extension, Type}]} of a file as Apache has it.
load_mime_types(File) ->
    case file:read_file(File) of
        {ok, Bytes} ->
            Lines = [string:lexemes(L, " \t\r\f")
                     || L <- string:lexemes(binary_to_list(Bytes),
                                            [$\n, "\r\n"])],
            {ok, lists:append(lists:reverse([[{E, Type} || E <- Es]
                                             || [Type | Es] <- Lines,
                                                hd(Type) =/= $#]))};
        {error, _} -> {error, "httpd_conf: Can't open " ++ File}
    end.

%% ---- how clients come ----

%% ip_comm | {ip_comm, Options} | {essl, Options}
socket_type(Properties) ->
    case proplists:get_value(socket_type, Properties, ip_comm) of
        {ssl, Options} -> {essl, Options};
        Kind when Kind =:= ssl; Kind =:= essl ->
            {essl, [{Option, Value}
                    || {Key, Option} <-
                           [{ssl_certificate_file, certfile},
                            {ssl_certificate_key_file, keyfile},
                            {ssl_ciphers, ciphers},
                            {ssl_verify_client_depth, depth},
                            {ssl_ca_certificate_file, cacertfile}],
                       {_, Value} <- [proplists:lookup(Key, Properties)]]};
        Type -> Type
    end.

%% ---- what properties may be; throws what is wrong ----

check({Key, Value} = Property) -> good(Key, Value) orelse throw(Property);
check(_) -> ok.

good(Key, Value) when Key =:= max_header_size; Key =:= max_body_size;
                      Key =:= max_content_length; Key =:= max_clients;
                      Key =:= max_keep_alive_request ->
    is_integer(Value) andalso Value > 0;
good(Key, Value) when Key =:= port; Key =:= keep_alive_timeout;
                      Key =:= ssl_verify_client_depth ->
    is_integer(Value) andalso Value >= 0;
good(Key, Value) when Key =:= server_name; Key =:= server_admin;
                      Key =:= default_type; Key =:= logger;
                      Key =:= ssl_ciphers ->
    is_list(Value);
good(Key, Value) when Key =:= keep_alive;
                      Key =:= disable_chunked_transfer_encoding_send ->
    is_boolean(Value);
good(server_tokens, {private, Value}) -> is_list(Value);
good(server_tokens, Value) ->
    lists:member(Value, [none, prod, major, minor, minimal, os, full]);
good(socket_type, {Kind, Options})
  when Kind =:= ip_comm; Kind =:= ssl; Kind =:= essl ->
    [throw({internaly_handled_opt_can_not_be_set, O})
     || {K, _} = O <- Options, lists:member(K, [packet, mode, active,
                                                reuseaddr])],
    true;
good(socket_type, Value) -> lists:member(Value, [ip_comm, ssl, essl]);
good(modules, Value) -> httpd_util:modules_validate(Value) =:= ok;
good(Key, Dir) when Key =:= server_root; Key =:= document_root ->
    filelib:is_dir(Dir) orelse throw({non_existing, {Key, Dir}});
good(mime_types, [{_, _} | _] = Types) ->
    [is_list(E) andalso is_list(T) orelse throw({mime_type, Type})
     || {E, T} = Type <- Types],
    true;
good(Key, File) when Key =:= mime_types; Key =:= ssl_certificate_file;
                     Key =:= ssl_certificate_key_file;
                     Key =:= ssl_ca_certificate_file ->
    File =:= [] orelse filelib:is_file(File)
        orelse throw({non_existing, {Key, File}});
good(_, _) -> true.
