%% SPDX-License-Identifier: Apache-2.0
%% Splits an address: {Scheme, Host, Port, Path, Query} where it has a host.
-module(xmerl_uri).
-export([parse/1, resolve/2]).

resolve(_, _) -> ok.

parse(URI) ->
    case uri_string:parse(URI) of
        #{scheme := Scheme, host := [_ | _] = Host} = Parts
          when Scheme =:= "http"; Scheme =:= "https"; Scheme =:= "ftp" ->
            address(list_to_atom(Scheme), Host, Parts);
        #{scheme := Scheme}
          when Scheme =:= "http"; Scheme =:= "https"; Scheme =:= "ftp" ->
            {error, invalid_url};
        #{scheme := Scheme} ->
            {list_to_atom(Scheme), lists:nthtail(length(Scheme) + 1, URI)};
        _ -> {error, no_scheme}
    end.

address(Scheme, Host, Parts) ->
    Ports = #{http => 80, https => 443, ftp => 21},
    Port = maps:get(port, Parts, maps:get(Scheme, Ports)),
    Path = case Parts of
               #{path := [_ | _] = P} -> P;
               _ -> "/"
           end,
    case Parts of
        _ when Scheme =:= ftp ->
            {Scheme, credentials(Parts), Host, Port, Path};
        #{query := Query} -> {Scheme, Host, Port, Path, "?" ++ Query};
        #{fragment := Part} -> {Scheme, Host, Port, Path, "#" ++ Part};
        _ -> {Scheme, Host, Port, Path, ""}
    end.

credentials(Parts) ->
    case string:split(maps:get(userinfo, Parts, ""), ":") of
        [User, Password] -> {User, Password};
        [User] -> {User, ""}
    end.
