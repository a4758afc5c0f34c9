%% SPDX-License-Identifier: Apache-2.0
%% Whether a peer's certificate has been revoked: the lists are those of a
%% cache, ssl_crl_cache or a program's own; public_key looks through them.
-module(ssl_crl).

-export([check/4]).

-import(ssl_options, [value/2]).

-include_lib("public_key/include/public_key.hrl").

%% valid, or {bad_cert, Reason}. Event is valid for authorities, valid_peer for
%% the peer itself; Certs are all decoded ones that may have signed a list.
check(Cert, Event, Certs, Options) ->
    case {value(crl_check, Options), Event} of
        {false, _} -> valid;
        {peer, valid} -> valid;
        {How, _} -> look(Cert, How, Certs, Options)
    end.

%% First at the points that the certificate names, then among the lists of who
%% has issued it.
look(Cert, How, Certs, Options) ->
    {Module, {_, Arguments}} = value(crl_cache, Options),
    Cache = {Module, {ssl_manager:crls(), Arguments}},
    Validate = fun(Lists) ->
                       public_key:pkix_crls_validate(
                         Cert, Lists,
                         [{issuer_fun, {fun signer/4, Certs}},
                          {update_crl, fun(Point, List) ->
                                               fresh(Point, List, Module)
                                       end},
                          {undetermined_details, true}])
               end,
    First = case public_key:pkix_dist_points(Cert) of
                [] -> undetermined;
                Points -> Validate(at_points(Points, Cert, Cache))
            end,
    case is_undetermined(First) of
        false -> First;
        true ->
            Second = Validate(of_issuer(Cert, Cache)),
            case How =:= best_effort andalso is_undetermined(Second) of
                true -> valid;
                false -> Second
            end
    end.

is_undetermined(undetermined) -> true;
is_undetermined({bad_cert, {revocation_status_undetermined, _}}) -> true;
is_undetermined(_) -> false.

at_points(Points, Cert, Cache) ->
    Found = first_lists(Points, issuer(Cert), Cache),
    [decoded(Point, List) || Point <- lists:reverse(Points), List <- Found].

issuer(#'OTPCertificate'{tbsCertificate = Tbs}) ->
    Tbs#'OTPTBSCertificate'.issuer.

first_lists([], _, _) -> [];
first_lists([Point | Points], Issuer, {Module, Handle} = Cache) ->
    case without_report(Module:lookup(Point, Issuer, Handle)) of
        not_available -> first_lists(Points, Issuer, Cache);
        Lists -> Lists
    end.

of_issuer(Cert, {Module, Handle}) ->
    #'DistributionPoint'{distributionPoint = {fullName, Names}} = Point =
        public_key:pkix_dist_point(Cert),
    [decoded(Point, List)
     || {directoryName, Issuer} <- Names,
        List <- without_report(Module:select(Issuer, Handle))].

decoded(Point, List) ->
    {Point, {List, public_key:der_decode('CertificateList', List)}}.

fresh(Point, List, Module) -> without_report(Module:fresh_crl(Point, List)).

%% A cache may tell something for the logger along with its answer.
without_report({logger, {Level, Report, Meta}, Answer}) ->
    logger:log(Level, Report, Meta),
    Answer;
without_report(Answer) -> Answer.

%% Who has signed a list, and the path to it.
signer(_Point, List, _Start, Certs) ->
    Name = public_key:pkix_normalize_name(public_key:pkix_crl_issuer(List)),
    case [C || C <- Certs, subject(C) =:= Name,
               public_key:pkix_crl_verify(List, C)] of
        [Cert | _] ->
            [Root | _] = Path = up(Cert, Certs, [Cert]),
            {ok, Root, Path};
        [] -> {error, unknown_ca}
    end.

subject(#'OTPCertificate'{tbsCertificate = Tbs}) ->
    public_key:pkix_normalize_name(Tbs#'OTPTBSCertificate'.subject).

%% From the last issuer that there is down to Cert.
up(Cert, Certs, Path) ->
    case public_key:pkix_is_self_signed(Cert) of
        true -> Path;
        false ->
            case [C || C <- Certs, public_key:pkix_is_issuer(Cert, C),
                       not lists:member(C, Path)] of
                [Issuer | _] -> up(Issuer, Certs, [Issuer | Path]);
                [] -> Path
            end
    end.
