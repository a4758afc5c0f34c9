%% SPDX-License-Identifier: Apache-2.0
%% pubkey_crl: whether a certificate is on lists of revoked ones (RFC 5280,
%% section 6.3). Lists come with the point they were fetched from; a delta goes
%% with the full list that it adds to.
%%
%% The state counts the reasons for which lists have been looked through: only
%% when all have been is a certificate known to be good.
-module(pubkey_crl).

-export([validate/3, verify/4, match_one/2]).

-include("public_key.hrl").

-define(NO_LIST, {undefined, undefined}).

%% Points: [{DistributionPoint, {Der, List}}], or with a delta as third.
validate(Cert, Points, Options) ->
    Update = proplists:get_value(update_crl, Options,
                                 fun(_, List) -> List end),
    All = case Points of
              [{_, _, _} | _] -> Points;
              _ -> with_deltas(Points, Update)
          end,
    State = #revoke_state{reasons_mask = sets:new(),
                          interim_reasons_mask = sets:new(),
                          cert_status = unrevoked, details = []},
    walk(Cert, All, All, Update, Options, State).

walk(_, [], _, _, Options, #revoke_state{details = Details}) ->
    undetermined(Options, case Details of
                              [] -> no_relevant_crls;
                              _ -> Details
                          end);
walk(Cert, [{Point, List, Delta} = Entry | Rest], All, Update, Options,
     State0) ->
    case fresh(Point, List, Update) of
        no_fresh_crl -> walk(Cert, Rest, All, Update, Options, State0);
        {fresh, Newest} ->
            Others = All -- [Entry],
            case check(Cert, Others, Point, Newest, Delta, Options, State0) of
                {undetermined, #revoke_state{details = Details}}
                  when Rest =:= [] ->
                    undetermined(Options, Details);
                {undetermined, State} ->
                    Known = [{Point, Newest, Delta} | Others],
                    walk(Cert, Rest, Known, Update, Options, State);
                {finished, unrevoked} -> valid;
                {finished, Reason} -> {bad_cert, {revoked, Reason}}
            end
    end.

undetermined(Options, Details) ->
    {bad_cert, case proplists:get_value(undetermined_details, Options, false) of
                   true ->
                       {revocation_status_undetermined, {bad_crls, Details}};
                   false -> revocation_status_undetermined
               end}.

%%% Which lists

with_deltas(Points, Update) ->
    Add = fun({Point, List}, Groups) ->
                  maps:update_with(Point, fun(L) -> L ++ [List] end, [List],
                                   Groups)
          end,
    Groups = maps:to_list(lists:foldl(Add, #{}, Points)),
    lists:append([with_deltas(Point, Lists, Update)
                  || {Point, Lists} <- lists:reverse(Groups)]).

with_deltas(Point, All, Update) ->
    {Deltas, Lists}
        = lists:partition(fun({_, List}) ->
                                  crl_extension(?'id-ce-deltaCRLIndicator',
                                                List) =/= undefined
                          end, All),
    [{Point, List, case fresh(Point, newest_delta(List, Deltas), Update) of
                       {fresh, Delta} -> Delta;
                       no_fresh_crl -> ?NO_LIST
                   end} || List <- Lists].

newest_delta({_, List}, Deltas) ->
    case [D || {_, Delta} = D <- Deltas, is_delta_of(Delta, List)] of
        [] -> ?NO_LIST;
        [First | Others] ->
            lists:foldl(fun(D, Newest) ->
                                case this_update(D) > this_update(Newest) of
                                    true -> D;
                                    false -> Newest
                                end
                        end, First, Others)
    end.

this_update({_, #'CertificateList'{tbsCertList = Tbs}}) ->
    pubkey_cert:seconds(Tbs#'TBSCertList'.thisUpdate).

%% The numbers say that one follows on the other, and they are for the same.
is_delta_of(Delta, List) ->
    Number = crl_extension(?'id-ce-cRLNumber', List),
    Base = crl_extension(?'id-ce-deltaCRLIndicator', Delta),
    Next = crl_extension(?'id-ce-cRLNumber', Delta),
    Number =/= undefined andalso Base =/= undefined andalso Next =/= undefined
        andalso Number >= Base andalso Number < Next
        andalso pubkey_cert:is_issuer(issuer(List), issuer(Delta))
        andalso lists:all(fun(Id) ->
                                  crl_extension(Id, List)
                                      =:= crl_extension(Id, Delta)
                          end, [?'id-ce-issuingDistributionPoint',
                                ?'id-ce-authorityKeyIdentifier']).

%% The list, or a newer one from the user when its time is over.
fresh(_, ?NO_LIST, _) -> no_fresh_crl;
fresh(Point, {_, #'CertificateList'{tbsCertList = Tbs}} = List, Update) ->
    Now = calendar:datetime_to_gregorian_seconds(calendar:universal_time()),
    case Now >= pubkey_cert:seconds(Tbs#'TBSCertList'.nextUpdate) of
        false -> {fresh, List};
        true ->
            case Update(Point, List) of
                List -> no_fresh_crl;
                Newer -> fresh(Point, Newer, Update)
            end
    end.

%%% One list

check(Cert, Others, Point, {Der, List}, {DeltaDer, Delta}, Options, State0) ->
    Tbs = List#'CertificateList'.tbsCertList,
    Revoked = revoked(List),
    Scope = crl_extension(?'id-ce-issuingDistributionPoint', List),
    Valid = are_known(Tbs#'TBSCertList'.crlExtensions)
        andalso lists:all(fun(Entry) ->
                                  are_known(entry_extensions(Entry))
                          end, Revoked),
    State = State0#revoke_state{interim_reasons_mask = reasons(Point, Scope),
                                valid_ext = Valid},
    {Find, Argument} = IssuerFun = proplists:get_value(issuer_fun, Options),
    try
        {Start, NotFound} =
            case issuer_of(Cert, Point, Scope, List) of
                {ok, Id} -> {Id, State};
                {error, Reason} -> {Reason, skip}
            end,
        case Find(Point, List, Start, Argument) of
            {ok, Trusted, Path} ->
                verify_mask(State),
                are_signed([{Der, List}, {DeltaDer, Delta}], Trusted, Path,
                           {IssuerFun, Others, Scope})
                    orelse throw({bad_crl, invalid_signature}),
                Mask = sets:union(State#revoke_state.reasons_mask,
                                  State#revoke_state.interim_reasons_mask),
                Known = State#revoke_state{reasons_mask = Mask},
                status(revoked_status(Cert, Point, Scope, List, Delta, Known));
            _ when NotFound =:= skip ->
                {undetermined, bad({bad_crl, no_issuer_cert_chain}, List,
                                   State0)};
            _ -> status(bad({bad_crl, no_issuer_cert_chain}, List, State))
        end
    catch
        throw:{bad_crl, invalid_issuer} = Fault ->
            {undetermined, bad(Fault, List, State)};
        throw:Fault -> status(bad(Fault, List, State))
    end.

bad(Fault, List, #revoke_state{details = Details} = State) ->
    State#revoke_state{details = [{Fault, List} | Details]}.

%% Whether that is enough to know.
status(#revoke_state{cert_status = unrevoked, valid_ext = true,
                     reasons_mask = Mask} = State) ->
    %% Nobody lists the reason that says nothing.
    All = sets:del_element(unspecified, all_reasons()),
    case sets:is_subset(All, Mask) of
        true -> {finished, unrevoked};
        false -> {undetermined, State}
    end;
status(#revoke_state{cert_status = unrevoked} = State) -> {undetermined, State};
status(#revoke_state{cert_status = Reason}) -> {finished, Reason}.

all_reasons() ->
    sets:from_list([unspecified, keyCompromise, cACompromise,
                    affiliationChanged, superseded, cessationOfOperation,
                    certificateHold, privilegeWithdrawn, aACompromise]).

%% The reasons that the list is for.
reasons(#'DistributionPoint'{reasons = Reasons}, Scope) ->
    Listed = case Scope of
                 undefined -> asn1_NOVALUE;
                 #'IssuingDistributionPoint'{onlySomeReasons = Some} -> Some
             end,
    case [sets:from_list(R) || R <- [Reasons, Listed], R =/= asn1_NOVALUE] of
        [] -> all_reasons();
        Sets -> sets:intersection(Sets)
    end.

verify_mask(#revoke_state{reasons_mask = Mask, interim_reasons_mask = New}) ->
    sets:is_subset(New, Mask) andalso throw({bad_crl, mask_error}),
    ok.

are_known(asn1_NOVALUE) -> true;
are_known(Extensions) ->
    Known = [?'id-ce-authorityKeyIdentifier', ?'id-ce-issuerAltName',
             ?'id-ce-cRLNumber', ?'id-ce-certificateIssuer',
             ?'id-ce-deltaCRLIndicator', ?'id-ce-issuingDistributionPoint',
             ?'id-ce-freshestCRL'],
    lists:all(fun(#'Extension'{critical = Critical, extnID = Id}) ->
                      Critical =/= true orelse lists:member(Id, Known)
              end, Extensions).

%%% Whose list, and for whom

%% How the user's function may find the certificate of who signed it.
issuer_of(#'OTPCertificate'{tbsCertificate = Tbs} = Cert, Point, Scope, List) ->
    Issuer = decoded(issuer(List)),
    IsFor = fun(Name) -> pubkey_cert:is_issuer(Name, Issuer) end,
    case Point#'DistributionPoint'.cRLIssuer of
        asn1_NOVALUE ->
            IsFor(Tbs#'OTPTBSCertificate'.issuer)
                orelse throw({bad_crl, invalid_issuer}),
            verify_scope(Cert, Point, Scope),
            issuer_id(Cert);
        Told ->
            [{directoryName, Name}] = decoded(Told),
            case IsFor(Name) andalso is_indirect(Scope) of
                true ->
                    verify_scope(Cert, Point, Scope),
                    issuer_id(Cert, List);
                false ->
                    Own = Point#'DistributionPoint'{
                            distributionPoint =
                                [Tbs#'OTPTBSCertificate'.issuer],
                            cRLIssuer = asn1_NOVALUE},
                    issuer_of(Cert, Own, Scope, List)
            end
    end.

issuer_id(Cert, List) ->
    case crl_extension(?'id-ce-authorityKeyIdentifier', List) of
        #'AuthorityKeyIdentifier'{authorityCertIssuer = Issuer,
                                  authorityCertSerialNumber = Serial}
          when Issuer =/= asn1_NOVALUE; Serial =/= asn1_NOVALUE ->
            {ok, {Serial, Issuer}};
        _ -> issuer_id(Cert)
    end.

issuer_id(Cert) ->
    pubkey_cert:issuer_id(Cert, case pubkey_cert:is_self_signed(Cert) of
                                    true -> self;
                                    false -> other
                                end).

is_indirect(#'IssuingDistributionPoint'{indirectCRL = Indirect}) -> Indirect;
is_indirect(_) -> false.

verify_scope(_, _, undefined) -> ok;
verify_scope(#'OTPCertificate'{tbsCertificate = Tbs} = Cert,
             #'DistributionPoint'{cRLIssuer = Told, distributionPoint = Name},
             #'IssuingDistributionPoint'{distributionPoint = ScopeName}
             = Scope) ->
    Issuer = Tbs#'OTPTBSCertificate'.issuer,
    Others = case general_names(Told) of
                 [{directoryName, Only}] -> Only;
                 Names -> Names
             end,
    Wanted = point_names(Name, Others, Issuer),
    Shown = point_names(ScopeName, Others, Issuer),
    case {Wanted, Shown} of
        {asn1_NOVALUE, _} when Others =:= asn1_NOVALUE ->
            throw({bad_crl, scope_error});
        {_, asn1_NOVALUE} -> ok;
        {asn1_NOVALUE, _} -> verify_match(Others, Shown);
        _ -> verify_match(Wanted, Shown)
    end,
    is_in_scope(pubkey_cert:extension(?'id-ce-basicConstraints', Cert), Scope)
        orelse throw({bad_crl, scope_error}).

verify_match(Names, Shown) ->
    match_one(Names, Shown) orelse throw({bad_crl, scope_error}).

is_in_scope(Constraints,
            #'IssuingDistributionPoint'{onlyContainsUserCerts = Users,
                                        onlyContainsCACerts = Authorities,
                                        onlyContainsAttributeCerts = Others}) ->
    IsAuthority = case Constraints of
                      #'BasicConstraints'{cA = Ca} -> Ca;
                      _ -> false
                  end,
    not (Users andalso IsAuthority)
        andalso (IsAuthority orelse not Authorities) andalso not Others.

%% The name of a point in full: it may be told relative to the issuer's.
point_names(asn1_NOVALUE, _, _) -> asn1_NOVALUE;
point_names({fullName, Names}, _, _) -> general_names(Names);
point_names({nameRelativeToCRLIssuer, Part}, Names, Issuer) ->
    {rdnSequence, Parts} = case Names of
                               asn1_NOVALUE -> Issuer;
                               _ -> Names
                           end,
    Last = [decoded(Attribute) || Attribute <- Part],
    [{directoryName, {rdnSequence, Parts ++ [Last]}}];
point_names([{rdnSequence, _} = Name], _, _) -> [{directoryName, Name}].

general_names(asn1_NOVALUE) -> asn1_NOVALUE;
general_names(Names) -> [{Kind, decoded(Name)} || {Kind, Name} <- Names].

%% Whether one of the names is among the others. A kind that those do not have
%% ends the search.
match_one([{Kind, Name} | Names], Others) ->
    case [N || {K, N} <- Others, K =:= Kind] of
        [] -> false;
        Same ->
            pubkey_path:match_name(Kind, Name, Same)
                orelse match_one(Names, Others)
    end;
match_one([], _) -> false.

%%% Signatures

%% Whether who signed the lists may do so, by a path from a trusted one.
are_signed(Lists, Trusted, Path, Context) ->
    Verify = fun(_, {bad_cert, _} = Reason, _) -> {fail, Reason};
                (_, {extension, _}, User) -> {unknown, User};
                (_, valid, User) -> {valid, User};
                (Cert, valid_peer, User) -> signer(Cert, Context, User)
             end,
    case public_key:pkix_path_validation(Trusted, Path,
                                         [{verify_fun, {Verify, []}}]) of
        {ok, {{_, Key, Parameters}, _}} ->
            lists:all(fun({Der, List}) ->
                              verify(Der, List, Key, Parameters)
                      end, Lists);
        _ -> false
    end.

%% Who may only sign lists may be revoked by another list.
signer(Cert, {IssuerFun, Others, Scope}, User) ->
    case may(cRLSign, Cert) of
        false -> {fail, crl_sign_bit_not_set};
        true ->
            case may(keyCertSign, Cert) orelse is_indirect(Scope)
                orelse pubkey_cert:is_self_signed(Cert) orelse Others =:= [] of
                true -> {valid, User};
                false ->
                    case validate(Cert, Others, [{issuer_fun, IssuerFun}]) of
                        valid -> {valid, User};
                        Reason -> {fail, Reason}
                    end
            end
    end.

may(Use, Cert) ->
    case pubkey_cert:extension(?'id-ce-keyUsage', Cert) of
        undefined -> true;
        Uses -> lists:member(Use, Uses)
    end.

%% Whether a list was signed by the other half of the key.
verify(undefined, undefined, _, _) -> true;
verify(Der, #'CertificateList'{signature = Signature,
                               signatureAlgorithm = Algorithm},
       Key, Parameters) ->
    {ok, {_, Signed, _, _}} = 'OTP-PUB-KEY':decode(signed, Der),
    {Digest, _} = public_key:pkix_sign_types(
                    Algorithm#'AlgorithmIdentifier'.algorithm),
    public_key:verify(Signed, Digest, Signature,
                      case Key of
                          #'RSAPublicKey'{} -> Key;
                          _ -> {Key, Parameters}
                      end).

%%% Who is on it

revoked(undefined) -> [];
revoked(#'CertificateList'{tbsCertList = Tbs}) ->
    case Tbs#'TBSCertList'.revokedCertificates of
        asn1_NOVALUE -> [];
        Entries -> Entries
    end.

entry_extensions(#'TBSCertList_revokedCertificates_SEQOF'{
                    crlEntryExtensions = Extensions}) ->
    Extensions.

%% The delta is newer.
revoked_status(#'OTPCertificate'{tbsCertificate = Tbs} = Cert, Point, Scope,
               List, Delta, State) ->
    Alternatives = case pubkey_cert:extension(?'id-ce-subjectAltName', Cert) of
                       undefined -> [];
                       Told -> Told
                   end,
    Names = [{directoryName, Tbs#'OTPTBSCertificate'.issuer} | Alternatives],
    Indirect = Point#'DistributionPoint'.cRLIssuer =/= asn1_NOVALUE
        andalso is_indirect(Scope),
    Default = [decoded({directoryName, issuer(List)})],
    Look = fun(Entries) ->
                   look_up(Entries, Tbs#'OTPTBSCertificate'.serialNumber,
                           Names, Indirect, Default)
           end,
    Status = case Look(revoked(Delta)) of
                 unrevoked -> Look(revoked(List));
                 removeFromCRL -> unrevoked;
                 Reason -> Reason
             end,
    State#revoke_state{cert_status = case Status of
                                         removeFromCRL -> unrevoked;
                                         _ -> Status
                                     end}.

%% An issuer that is told holds for the entries behind it, too.
look_up([], _, _, _, _) -> unrevoked;
look_up([#'TBSCertList_revokedCertificates_SEQOF'{
            userCertificate = Number, crlEntryExtensions = Extensions}
         | Entries], Serial, Names, Indirect, Issuer0) ->
    Issuer = case value(?'id-ce-certificateIssuer', Extensions) of
                 undefined -> Issuer0;
                 Told -> general_names(Told)
             end,
    case Number =:= Serial
        andalso (not Indirect orelse match_one(Issuer, Names)) of
        false -> look_up(Entries, Serial, Names, Indirect, Issuer);
        true ->
            case value(?'id-ce-cRLReasons', Extensions) of
                undefined -> unspecified;
                Reason -> Reason
            end
    end.

%%% Parts of a list

issuer(#'CertificateList'{tbsCertList = Tbs}) -> Tbs#'TBSCertList'.issuer.

crl_extension(Id, #'CertificateList'{tbsCertList = Tbs}) ->
    decoded(value(Id, Tbs#'TBSCertList'.crlExtensions)).

value(Id, Extensions) ->
    case pubkey_cert:extension(Id, Extensions) of
        undefined -> undefined;
        Bytes ->
            public_key:der_decode(pubkey_cert_records:extension_type(Id),
                                  iolist_to_binary(Bytes))
    end.

decoded(Term) -> pubkey_cert_records:transform(Term, decode).
