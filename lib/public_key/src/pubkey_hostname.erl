%% SPDX-License-Identifier: Apache-2.0
%% pubkey_hostname: whether a certificate is that of who was asked for (RFC
%% 6125): names that are wanted (references) against those it shows (presented).
-module(pubkey_hostname).

-export([verify/3, match_fun/1]).

-include("public_key.hrl").

%% As the registry of the names of services knows it.
-define(SERVICE, {1, 3, 6, 1, 4, 1, 434, 2, 2, 1, 37, 0}).

verify(#'OTPCertificate'{tbsCertificate = Tbs} = Cert, References0, Options) ->
    Fqdn = proplists:get_value(fqdn_fun, Options, fun fqdn/1),
    Fail = proplists:get_value(fail_callback, Options, fun(_) -> false end),
    Matches = matcher(proplists:get_value(match_fun, Options)),
    Any = fun(Wanted, Shown) ->
                  lists:any(fun(W) ->
                                    lists:any(fun(S) ->
                                                      Matches(W, S)
                                                          orelse Fail(Cert)
                                              end, Shown)
                            end, Wanted)
          end,
    References = [{Kind, text(Name)} || {Kind, Name} <- References0],
    case alternatives(Tbs) of
        [] ->
            Any(hosts(References, Fqdn),
                common_names(Tbs#'OTPTBSCertificate'.subject));
        Shown ->
            Any(References, Shown)
                orelse Any([{dns_id, H} || H <- hosts(References, Fqdn)],
                           Shown)
    end.

%% For HTTPS a star may stand for a part of a name.
match_fun(https) ->
    fun({dns_id, [_ | _] = Wanted}, {dNSName, [_ | _] = Shown}) ->
            has_stars(Wanted, Shown);
       (_, _) -> default
    end.

text(Text) when is_binary(Text) -> binary_to_list(Text);
text(Text) -> Text.

alternatives(#'OTPTBSCertificate'{extensions = Extensions}) ->
    try pubkey_cert:extension(?'id-ce-subjectAltName', Extensions) of
        undefined -> [];
        Names -> [{Kind, text(Name)} || {Kind, Name} <- Names]
    catch
        _:_ -> []
    end.

common_names({rdnSequence, Parts}) ->
    [{cn, text(Name)}
     || Part <- Parts,
        #'AttributeTypeAndValue'{type = ?'id-at-commonName',
                                 value = {_, Name}} <- Part];
common_names(_) -> [].

%% The names of hosts that references tell; addresses are none.
hosts(References, Fqdn) ->
    [Host || Reference <- References,
             Host <- [try host(Fqdn(Reference), Reference)
                      catch
                          _:_ -> undefined
                      end],
             is_list(Host), Host =/= "",
             inet:parse_address(Host) =:= {error, einval}].

host(default, Reference) -> fqdn(Reference);
host(Host, _) -> Host.

fqdn({dns_id, Name}) -> Name;
fqdn({uri_id, Uri}) ->
    #{scheme := "https", host := Host}
        = uri_string:normalize(Uri, [return_map]),
    Host.

matcher(undefined) -> fun matches/2;
matcher(Fun) ->
    fun(Wanted, Shown) ->
            case Fun(Wanted, Shown) of
                default -> matches(Wanted, Shown);
                Answer -> Answer
            end
    end.

matches(Wanted, Shown) -> is_match(lower(Wanted), lower(Shown)).

is_match([_ | _] = Host, {cn, Host}) -> not lists:member($*, Host);
is_match([_ | _] = Host, {cn, [_ | _] = Name}) -> has_stars(Host, Name);
is_match({dns_id, Name}, {dNSName, Name}) -> true;
is_match({uri_id, Name}, {uniformResourceIdentifier, Name}) -> true;
is_match({srv_id, Name}, {srvName, Name}) -> true;
is_match({srv_id, Name}, {?SERVICE, Name}) -> true;
is_match({ip, Wanted}, {iPAddress, [_ | _] = Shown})
  when length(Shown) =:= 4; length(Shown) =:= 16 ->
    Parsed = case Wanted of
                 _ when is_tuple(Wanted) -> {ok, Wanted};
                 _ when length(Shown) =:= 4 ->
                     inet:parse_ipv4strict_address(Wanted);
                 _ -> inet:parse_ipv6strict_address(Wanted)
             end,
    Parsed =:= {ok, address(Shown)};
is_match(_, _) -> false.

address([_, _, _, _] = Bytes) -> list_to_tuple(Bytes);
address(Bytes) ->
    list_to_tuple([N || <<N:16>> <= list_to_binary(Bytes)]).

%% Only the first part of what is shown may have a star, and only one.
has_stars(Wanted, Shown) ->
    Parts = fun(Name) -> string:tokens(lower(Name), ".") end,
    case {Parts(Wanted), Parts(Shown)} of
        {[First | Rest], [Pattern | Rest]} -> has_star(First, Pattern);
        _ -> false
    end.

has_star(Name, [$* | After]) ->
    not lists:member($*, Name) andalso not lists:member($*, After)
        andalso lists:suffix(After, Name);
has_star([C | Name], [C | Pattern]) -> has_star(Name, Pattern);
has_star(Name, Pattern) -> Name =:= Pattern.

%% ASCII only: other characters are not the same in other cases.
lower({Kind, Address}) when Kind =:= ip; Kind =:= iPAddress -> {Kind, Address};
lower({Kind, Text}) -> {Kind, lower(Text)};
lower(Text) when is_list(Text) -> [lower(C) || C <- Text];
lower(C) when C >= $A, C =< $Z -> C + 32;
lower(C) -> C.
