%% SPDX-License-Identifier: Apache-2.0
%% Lists of revoked certificates that a program has put in, for all connections
%% of the node; with {internal, [{http, Timeout}]} those that it has not are
%% asked for at the place that a certificate names.
-module(ssl_crl_cache).
-behaviour(ssl_crl_cache_api).

-export([insert/1, insert/2, delete/1]).
-export([lookup/3, select/2, fresh_crl/2]).

-export_type([crl_src/0, uri/0]).

-include_lib("public_key/include/public_key.hrl").

-type uri() :: uri_string:uri_string().
-type crl_src() :: {file, file:filename()} | {der, [binary()]}.

-define(NO_POINT, "http://no_distribution_point").

%% ---- for programs ----

-spec insert(crl_src()) -> ok | {error, term()}.
insert(Source) -> insert(?NO_POINT, Source).

-spec insert(uri(), crl_src()) -> ok | {error, term()}.
insert(Uri, Source) ->
    case {path(Uri), lists_of(Source)} of
        {{ok, Path}, {ok, Lists}} -> ssl_manager:insert_crls(Path, Lists);
        {{error, _} = Error, _} -> Error;
        {_, Error} -> Error
    end.

-spec delete(uri() | crl_src()) -> ok | {error, term()}.
delete({Kind, _} = Source) when Kind =:= file; Kind =:= der ->
    case lists_of(Source) of
        {ok, Lists} -> ssl_manager:delete_crls({lists, Lists});
        Error -> Error
    end;
delete(Uri) ->
    case path(Uri) of
        {ok, Path} -> ssl_manager:delete_crls({path, Path});
        Error -> Error
    end.

%% Hosts do not count.
path(Uri) ->
    case uri_string:normalize(Uri, [return_map]) of
        #{scheme := "http", path := Path} ->
            {ok, string:trim(Path, leading, "/")};
        _ -> {error, {only_http_distribution_points_supported, Uri}}
    end.

lists_of({der, Lists}) -> {ok, Lists};
lists_of({file, File}) ->
    case file:read_file(File) of
        {ok, Bytes} -> {ok, of_pem(Bytes)};
        Error -> Error
    end.

of_pem(Bytes) ->
    [Der || {'CertificateList', Der, not_encrypted}
                <- public_key:pem_decode(Bytes)].

%% ---- for connections ----

lookup(#'DistributionPoint'{distributionPoint = {fullName, Names}}, _,
       Handle) ->
    first(Names, Handle);
lookup(_, _, _) -> not_available.

first([], _) -> not_available;
first([{uniformResourceIdentifier, "http" ++ _ = Url} | Names], Handle) ->
    case known(Url, Handle) of
        [] -> asked(Url, Names, Handle);
        Lists -> Lists
    end;
first([_ | Names], Handle) -> first(Names, Handle).

known(Url, {none, _}) when is_list(Url) -> [];
known(Url, {Table, _}) ->
    #{path := Path} = uri_string:normalize(Url, [return_map]),
    ssl_manager:crls_at(Table, string:trim(Path, leading, "/")).

asked(Url, Names, {_, [{http, Timeout}]} = Handle) ->
    _ = application:ensure_all_started(inets),
    case httpc:request(get, {Url, [{"connection", "close"}]},
                       [{timeout, Timeout}], [{body_format, binary}]) of
        {ok, {_, _, <<"-----BEGIN", _/binary>> = Pem}} -> of_pem(Pem);
        {ok, {_, _, Der}} ->
            try public_key:der_decode('CertificateList', Der) of
                _ -> [Der]
            catch error:_ -> first(Names, Handle)
            end;
        {error, _} -> first(Names, Handle)
    end;
asked(_, Names, Handle) -> first(Names, Handle).

select(Names, Handle) when is_list(Names) ->
    lists:append([select(Issuer, Handle) || {directoryName, Issuer} <- Names]);
select(_, {none, _}) -> [];
select(Issuer, {Table, _}) -> ssl_manager:crls_of(Table, Issuer).

fresh_crl(_, List) -> List.
