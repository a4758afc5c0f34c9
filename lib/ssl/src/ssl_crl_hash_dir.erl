%% SPDX-License-Identifier: Apache-2.0
%% Lists of revoked certificates in a folder, as OpenSSL has them: in files
%% HASH.r0, HASH.r1 and so on, the hash being that of an issuer's name.
-module(ssl_crl_hash_dir).
-behaviour(ssl_crl_cache_api).

-export([lookup/3, select/2, fresh_crl/2]).

-include_lib("public_key/include/public_key.hrl").

lookup(#'DistributionPoint'{cRLIssuer = asn1_NOVALUE}, Issuer, Handle) ->
    select(Issuer, Handle);
lookup(#'DistributionPoint'{cRLIssuer = Names} = Point, _, Handle) ->
    Own = fun(List) -> public_key:pkix_match_dist_point(List, Point) end,
    case select(Names, Handle) of
        {logger, Report, Lists} -> {logger, Report, lists:filter(Own, Lists)};
        Lists -> lists:filter(Own, Lists)
    end.

fresh_crl(_, List) -> List.

select({rdnSequence, _} = Issuer, Handle) ->
    select([{directoryName, Issuer}], Handle);
select([{directoryName, Issuer} | _], {_, [{dir, Dir}]}) ->
    case filelib:is_dir(Dir) of
        true ->
            Name = public_key:pkix_normalize_name(Issuer),
            Hash = public_key:short_name_hash(Name),
            reported(files(filename:join(Dir, Hash ++ ".r"), 0, [], []));
        false ->
            {logger, {error, #{description => "CRL retrieval",
                               reason => [{cannot_find_crl, not_a_directory},
                                          {dir, Dir}]}, #{}}, []}
    end;
select([_ | Names], Handle) -> select(Names, Handle);
select([], _) -> [].

%% Up to the first number that no file has.
files(Begin, N, Lists, Wrong) ->
    File = Begin ++ integer_to_list(N),
    case file:read_file(File) of
        {ok, Bytes} ->
            try der(Bytes) of
                Der -> files(Begin, N + 1, [Der | Lists], Wrong)
            catch error:Reason ->
                    files(Begin, N + 1, Lists,
                          [{{crl_parse_error, Reason}, {filename, File}}
                           | Wrong])
            end;
        {error, _} -> {Lists, Wrong}
    end.

der(<<"-----BEGIN", _/binary>> = Pem) ->
    [{'CertificateList', Der, not_encrypted}] = public_key:pem_decode(Pem),
    Der;
der(Der) -> Der.

reported({Lists, []}) -> Lists;
reported({Lists, Wrong}) ->
    {logger, {notice, #{description => "CRL file traversal", reason => Wrong},
              #{}}, Lists}.
