%% SPDX-License-Identifier: Apache-2.0
%% pubkey_path: whether a chain of certificates leads from one that is trusted
%% to the last. What is wrong is told to the user's function, which may go on.
-module(pubkey_path).

-export([validate/3, match_name/3]).

-include("public_key.hrl").

%% {ok, {Key of the last, Policies}}, or the first fault that is not forgiven.
validate(Trusted, Chain, Options) ->
    {Verify, User0} = verify_fun(Options),
    try check_time(Trusted, User0, Verify) of
        User -> walk(Chain, first_state(Trusted, Chain, Verify, User, Options))
    catch
        throw:{bad_cert, _} = Reason -> {error, Reason}
    end.

verify_fun(Options) ->
    proplists:get_value(verify_fun, Options, ?DEFAULT_VERIFYFUN).

first_state(Trusted, Chain, Verify, User, Options) ->
    Max = proplists:get_value(max_path_length, Options, length(Chain)),
    Left = fun(Name) ->
                   case proplists:get_value(Name, Options, false) of
                       true -> 0;
                       false -> Max + 1
                   end
           end,
    Tree = #policy_tree_node{valid_policy = ?anyPolicy, qualifier_set = [],
                             criticality_indicator = false,
                             expected_policy_set = [?anyPolicy]},
    next_state(Trusted, #path_validation_state{
                           max_path_length = Max, valid_policy_tree = Tree,
                           explicit_policy = Left(explicit_policy),
                           inhibit_any_policy = Left(inhibit_any_policy),
                           policy_mapping = Left(policy_mapping),
                           verify_fun = Verify, user_state = User,
                           cert_num = 0}).

walk([], #path_validation_state{
            working_public_key_algorithm = Algorithm, working_public_key = Key,
            working_public_key_parameters = Parameters,
            valid_policy_tree = Tree}) ->
    {ok, {{Algorithm, Key, Parameters}, Tree}};
walk([Cert | Rest], #path_validation_state{max_path_length = Left} = State)
  when Left >= 0 ->
    try check(Cert, State#path_validation_state{last_cert = Rest =:= []}) of
        Next -> walk(Rest, Next)
    catch
        throw:Reason -> {error, Reason}
    end;
walk([Cert | _] = Path, #path_validation_state{user_state = User,
                                               verify_fun = Verify} = State) ->
    Reason = {bad_cert, max_path_length_reached},
    Otp = otp(Cert),
    try Verify(Otp, Reason, User) of
        {valid, Next} ->
            walk(Path, State#path_validation_state{max_path_length = 0,
                                                   user_state = Next});
        {fail, _} -> {error, Reason}
    catch
        _:_ -> {error, Reason}
    end.

otp(#cert{otp = Otp}) -> Otp;
otp(#'OTPCertificate'{} = Otp) -> Otp;
otp(Der) when is_binary(Der) -> public_key:pkix_decode_cert(Der, otp).

der(#cert{der = Der}) -> Der;
der(#'OTPCertificate'{} = Otp) ->
    public_key:pkix_encode('OTPCertificate', Otp, otp);
der(Der) -> Der.

%% Extensions come first: the users of revoked lists rely on the order.
check(Cert, #path_validation_state{
               working_issuer_name = Issuer, permitted_subtrees = Permitted,
               excluded_subtrees = Excluded, working_public_key = Key,
               working_public_key_parameters = Parameters, last_cert = Last,
               user_state = User0, verify_fun = Verify} = State0) ->
    Otp = otp(Cert),
    {State, User1} = check_extensions(Otp, State0, User0),
    Tbs = Otp#'OTPCertificate'.tbsCertificate,
    Ask = fun(true, _, User) -> User;
             (false, Fault, User) -> tell(Otp, {bad_cert, Fault}, User, Verify)
          end,
    User2 = check_time(Otp, User1, Verify),
    User3 = Ask(pubkey_cert:is_issuer(Issuer,
                                         Tbs#'OTPTBSCertificate'.issuer),
                invalid_issuer, User2),
    User4 = Ask((pubkey_cert:is_self_signed(Otp) andalso not Last)
                orelse are_names_allowed(Otp, Permitted, Excluded),
                name_not_permitted, User3),
    User5 = Ask(is_signed(Otp, der(Cert), Key, Parameters),
                invalid_signature, User4),
    User6 = tell(Otp, case Last of true -> valid_peer; false -> valid end,
                 User5, Verify),
    next_state(Otp, State#path_validation_state{user_state = User6}).

%% What the user's function says of an event: the next state of the user.
tell(Otp, Event, User0, Verify) ->
    case {Verify(Otp, Event, User0), Event} of
        {{valid, User}, _} -> User;
        {{valid_peer, User}, _} -> User;
        {{fail, {bad_cert, _} = Reason}, _} -> throw(Reason);
        {{fail, Reason}, _} -> throw({bad_cert, Reason});
        {{unknown, _}, {extension, #'Extension'{critical = true}}} ->
            throw({bad_cert, unknown_critical_extension});
        {{unknown, User}, _} -> User
    end.

check_time(#'OTPCertificate'{tbsCertificate = Tbs} = Otp, User, Verify) ->
    #'Validity'{notBefore = Before, notAfter = After}
        = Tbs#'OTPTBSCertificate'.validity,
    Now = calendar:datetime_to_gregorian_seconds(calendar:universal_time()),
    From = pubkey_cert:seconds(Before),
    To = pubkey_cert:seconds(After),
    case From =< Now andalso Now =< To of
        true -> User;
        false -> tell(Otp, {bad_cert, cert_expired}, User, Verify)
    end.

is_signed(Otp, Der, Key, Parameters) ->
    {Digest, Signed, Signature} = pubkey_cert:signed_parts(Otp, Der),
    case Key of
        #'RSAPublicKey'{} ->
            Options = case Parameters of
                          #'RSASSA-PSS-params'{} ->
                              pubkey_cert:pss_options(Parameters);
                          'NULL' -> []
                      end,
            public_key:verify(Signed, Digest, Signature, Key, Options);
        _ -> public_key:verify(Signed, Digest, Signature, {Key, Parameters})
    end.

%% The certificate's key is what the next one must be signed with. Parameters
%% that are left out are those of the one before.
next_state(#'OTPCertificate'{tbsCertificate = Tbs},
           #path_validation_state{
              working_public_key_algorithm = Before,
              working_public_key_parameters = BeforeParameters,
              cert_num = N} = State) ->
    #'OTPTBSCertificate'{subject = Subject,
                         subjectPublicKeyInfo = Info} = Tbs,
    #'OTPSubjectPublicKeyInfo'{
       subjectPublicKey = Key,
       algorithm = #'PublicKeyAlgorithm'{algorithm = Id,
                                         parameters = Own}} = Info,
    Parameters = case Own of
                     {null, 'NULL'} when Id =:= Before -> BeforeParameters;
                     asn1_NOVALUE when Id =:= ?'id-Ed25519';
                                       Id =:= ?'id-Ed448' -> {namedCurve, Id};
                     {params, Given} -> Given;
                     'NULL' when Id =:= Before -> BeforeParameters;
                     asn1_NOVALUE when Id =:= Before -> BeforeParameters;
                     _ -> Own
                 end,
    State#path_validation_state{working_public_key_algorithm = Id,
                                working_public_key = Key,
                                working_public_key_parameters = Parameters,
                                working_issuer_name = Subject,
                                cert_num = N + 1}.

%%% Extensions

check_extensions(Otp, State0, User0) ->
    Self = pubkey_cert:is_self_signed(Otp),
    {State, User, HasConstraint}
        = lists:foldl(fun(E, Acc) -> check_extension(E, Otp, Self, Acc) end,
                      {State0, User0, false}, pubkey_cert:extensions_list(Otp)),
    case HasConstraint of
        true -> {State, User};
        false -> without_constraint(Otp, Self, State, User)
    end.

%% Who signs certificates must say so in basic constraints.
without_constraint(_, true, #path_validation_state{last_cert = true} = State,
                   User) ->
    {State, User};
without_constraint(_, false, #path_validation_state{last_cert = true} = State,
                   User) ->
    {one_less(State), User};
without_constraint(Otp, Self, #path_validation_state{verify_fun = Verify}
                   = State, User0) ->
    Usage = pubkey_cert:extension(?'id-ce-keyUsage', Otp),
    case Usage =/= undefined andalso lists:member(keyCertSign, Usage) of
        true ->
            User = tell(Otp, {bad_cert, missing_basic_constraint}, User0,
                        Verify),
            {case Self of true -> State; false -> one_less(State) end, User};
        false -> {State, User0}
    end.

one_less(#path_validation_state{max_path_length = Left} = State) ->
    State#path_validation_state{max_path_length = Left - 1}.

check_extension(#'Extension'{extnID = Id, extnValue = Value,
                             critical = Critical} = Extension,
                Otp, Self, {State, User, HasConstraint}) ->
    Verify = State#path_validation_state.verify_fun,
    Ask = fun(Event) -> {State, tell(Otp, Event, User, Verify), HasConstraint}
          end,
    Go = {State, User, HasConstraint},
    case {Id, Value} of
        {?'id-ce-basicConstraints', #'BasicConstraints'{cA = false}} -> Go;
        {?'id-ce-basicConstraints',
         #'BasicConstraints'{cA = true, pathLenConstraint = Length}} ->
            {shorter(Length, Self, State), User, true};
        {?'id-ce-keyUsage', _} ->
            case State#path_validation_state.last_cert
                orelse lists:member(keyCertSign, Value) of
                true -> Go;
                false -> Ask({bad_cert, invalid_key_usage})
            end;
        {?'id-ce-subjectAltName', _} when Critical ->
            case lists:any(fun is_usable_name/1, Value) of
                true -> Go;
                false -> Ask({extension, Extension})
            end;
        {?'id-ce-nameConstraints', _} ->
            {constrained(Value, State), User, HasConstraint};
        {?'id-ce-policyConstraints', _} when not Critical ->
            {policy_constrained(Value, State), User, HasConstraint};
        _ -> Ask({extension, Extension})
    end.

shorter(Length, Self, #path_validation_state{max_path_length = Left} = State) ->
    Own = case Self of true -> Left; false -> Left - 1 end,
    State#path_validation_state{max_path_length = min(Length, Own)}.

policy_constrained(#'PolicyConstraints'{requireExplicitPolicy = Explicit,
                                        inhibitPolicyMapping = Mapping},
                   #path_validation_state{cert_num = N, explicit_policy = OldE,
                                          policy_mapping = OldM} = State) ->
    Lower = fun(Old, asn1_NOVALUE) -> Old;
               (Old, New) -> min(Old, New + N)
            end,
    State#path_validation_state{explicit_policy = Lower(OldE, Explicit),
                                policy_mapping = Lower(OldM, Mapping)}.

is_usable_name({Kind, Text}) when Kind =:= rfc822Name; Kind =:= dNSName ->
    Text =/= "";
is_usable_name({uniformResourceIdentifier, Uri}) ->
    case uri_string:normalize(Uri, [return_map]) of
        #{scheme := _} -> true;
        _ -> false
    end;
is_usable_name({directoryName, _}) -> true;
is_usable_name({_, [_ | _]}) -> true;
is_usable_name(_) -> false.

%%% Names that are allowed

are_names_allowed(Otp, Permitted, Excluded) ->
    #'OTPTBSCertificate'{subject = {rdnSequence, Parts} = Subject}
        = Otp#'OTPCertificate'.tbsCertificate,
    Mails = [{rfc822Name, Mail}
             || [#'AttributeTypeAndValue'{type = ?'id-emailAddress',
                                          value = Mail}] <- Parts],
    Names = [{directoryName, Subject} | lists:sublist(Mails, 1)],
    Others = case pubkey_cert:extension(?'id-ce-subjectAltName', Otp) of
                 undefined -> [];
                 Alternatives -> Alternatives
             end,
    is_permitted(Names, Permitted) andalso is_permitted(Others, Permitted)
        andalso not is_excluded(Names, Excluded)
        andalso not is_excluded(Others, Excluded).

is_permitted(_, no_constraints) -> true;
is_permitted(Names, Trees) ->
    lists:all(fun({Kind, Name}) -> in_trees(Kind, Name, Trees, true) end,
              Names).

is_excluded(Names, Trees) ->
    lists:any(fun({Kind, Name}) -> in_trees(Kind, Name, Trees, false) end,
              Names).

%% Whether one of the trees of this kind has the name; or when there are none.
in_trees(Kind, Name, Trees, Default) ->
    case [N || #'GeneralSubtree'{base = {K, N}} <- Trees, K =:= Kind] of
        [] -> Default;
        Names -> match_name(Kind, Name, Names)
    end.

%% Whether a name is in one of the trees that are told by names.
match_name(Kind, Name, Trees) ->
    lists:any(fun(Tree) -> matches(Kind, Name, Tree) end, Trees).

matches(directoryName, {rdnSequence, []}, {rdnSequence, [none]}) -> true;
matches(directoryName, {rdnSequence, Name}, {rdnSequence, Tree}) ->
    pubkey_cert:is_directory_name(Name, Tree, prefix);
matches(rfc822Name, Name, Tree) -> is_in_domain(Name, Tree);
matches(uniformResourceIdentifier, Uri, Tree) ->
    Host = fun(Text) -> uri_string:normalize(Text, [return_map]) end,
    case Host(Uri) of
        #{host := Name} ->
            is_in_domain(Name, case Host(Tree) of
                                   #{host := Domain} -> Domain;
                                   _ -> Tree
                               end);
        _ -> false
    end;
matches(emailAddress, Mail, Tree) ->
    case {Tree, string:tokens(Tree, "@")} of
        {[$. | Domain], [_]} -> is_suffix(Domain, Mail);
        {_, [_]} ->
            [_, Host] = string:tokens(Mail, "@"),
            is_same(Host, Tree);
        {_, [_, _]} -> is_same(Mail, Tree)
    end;
matches(dNSName, Name, Name) -> true;
matches(dNSName, Name, Tree) -> is_suffix([$. | Tree], Name);
matches(ipAdress, Ip, Tree) when length(Tree) =:= 2 * length(Ip) ->
    {Net, Mask} = lists:split(length(Ip), Tree),
    lists:all(fun({A, B, M}) -> A band M =:= B end, lists:zip3(Ip, Net, Mask));
matches(x400Address, Address, Tree) -> is_same_address(Address, Tree);
matches(_, _, _) -> false.

is_in_domain([], _) -> false;
is_in_domain(Name, [$. | _] = Domain) -> is_suffix(Domain, Name);
is_in_domain(Name, Host) ->
    case string:tokens(Name, "@") of
        [Own] -> is_same(Own, Host);
        [_, Own] -> is_same(Own, Host)
    end.

is_suffix(Suffix, Text) ->
    lists:suffix(string:to_lower(Suffix), string:to_lower(Text)).

is_same(One, Other) -> string:to_lower(One) =:= string:to_lower(Other).

is_same_address(One, Other) ->
    is_quoted(One) andalso is_quoted(Other) andalso is_same(One, Other).

is_quoted("%22" ++ Text) -> lists:suffix("%22", Text);
is_quoted(["\"" | Text]) -> lists:member(lists:last(Text), ["\"", "%22"]);
is_quoted(_) -> false.

%% Trees that are permitted narrow, trees that are excluded add up.
constrained(#'NameConstraints'{permittedSubtrees = Permitted,
                               excludedSubtrees = Excluded},
            #path_validation_state{permitted_subtrees = OldPermitted,
                                   excluded_subtrees = OldExcluded} = State) ->
    State#path_validation_state{
      permitted_subtrees =
          case {Permitted, OldPermitted} of
              {asn1_NOVALUE, _} -> OldPermitted;
              {_, no_constraints} -> Permitted;
              _ -> lists:foldl(fun narrowed/2, OldPermitted, Permitted)
          end,
      excluded_subtrees =
          case Excluded of
              asn1_NOVALUE -> OldExcluded;
              _ -> Excluded ++ OldExcluded
          end}.

%% The first tree of the same kind gives way: to the new one, or to one that
%% has no names.
narrowed(New, []) -> [New];
narrowed(#'GeneralSubtree'{base = {Kind, Name}} = New,
         [#'GeneralSubtree'{base = {Kind, Old}} = Tree | Trees]) ->
    Fits = case {Kind, Name, Old} of
               {directoryName, {rdnSequence, A}, {rdnSequence, B}} ->
                   pubkey_cert:is_directory_name(A, B, prefix);
               {x400Address, _, _} -> is_same_address(Name, Old);
               {_, Same, Same} -> true;
               _ -> is_same(Name, Old)
           end,
    case Kind of
        _ when Fits -> [New | Trees];
        directoryName ->
            [Tree#'GeneralSubtree'{base = {Kind, {rdnSequence, [none]}}}
             | Trees];
        _ -> [#'GeneralSubtree'{base = {Kind, ""}} | Trees]
    end;
narrowed(New, [Tree | Trees]) -> [Tree | narrowed(New, Trees)].
