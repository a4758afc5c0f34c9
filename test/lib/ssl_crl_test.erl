%% SPDX-License-Identifier: Apache-2.0
%% ssl: certificates that have been revoked, by lists that a program has put
%% into the cache.
%% expect: {no_list,[{false,ok},{true,bad_certificate},{peer,bad_certificate},{best_effort,ok},{false,ok},{true,bad_certificate},{peer,bad_certificate},{best_effort,ok}]}
%% expect: ok
%% expect: {listed,[{false,ok},{true,ok},{peer,ok},{best_effort,ok},{false,ok},{true,certificate_revoked},{peer,certificate_revoked},{best_effort,certificate_revoked}]}
%% expect: {with_fun,handshake_failure}
%% expect: ok
%% expect: {deleted,ok}
%% expect: ok
%% expect: {elsewhere,certificate_revoked}
%% expect: ok
%% expect: {deleted,ok}
%% expect: {error,{only_http_distribution_points_supported,"ftp://x/y"}}
%% expect: {folder,certificate_revoked}
-module(ssl_crl_test).
-export([main/0]).

-include_lib("public_key/include/public_key.hrl").

main() ->
    ok = ssl:start(),
    logger:set_primary_config(level, none),
    Key = public_key:generate_key({rsa, 1024, 65537}),
    #{cert := Root} = Issuer
        = public_key:pkix_test_root_cert("issuer", [{key, Key}]),
    [Good, Bad] = [chain(Issuer) || _ <- [1, 2]],
    Checks = [false, true, peer, best_effort],
    All = fun(What) ->
                  show({What, [{C, outcome(S, C)} || S <- [Good, Bad],
                                                     C <- Checks]})
          end,
    All(no_list),
    {Der, _} = List = signed_list(Root, Key, [Bad]),
    show(ssl_crl_cache:insert({der, [Der]})),
    All(listed),
    show({with_fun, outcome(Bad, true, [{verify_fun, {fun judge/3, []}}])}),
    show(ssl_crl_cache:delete({der, [Der]})),
    show({deleted, outcome(Bad, best_effort)}),
    show(ssl_crl_cache:insert("http://here/a/list.crl", {der, [Der]})),
    show({elsewhere, outcome(Bad, best_effort)}),
    show(ssl_crl_cache:delete("http://there/a/list.crl")),
    show({deleted, outcome(Bad, best_effort)}),
    show(ssl_crl_cache:insert("ftp://x/y", {der, [Der]})),
    folder(Bad, List),
    ok.

%% As OpenSSL keeps them.
folder(Bad, {Der, List}) ->
    #'CertificateList'{tbsCertList = #'TBSCertList'{issuer = Issuer}} = List,
    Hash = public_key:short_name_hash(public_key:pkix_normalize_name(Issuer)),
    ok = file:make_dir("lists"),
    ok = file:write_file("lists/" ++ Hash ++ ".r0", Der),
    show({folder, outcome(Bad, true,
                          [{crl_cache, {ssl_crl_hash_dir,
                                        {internal, [{dir, "lists"}]}}}])}).

judge(_, {extension, _}, State) -> {unknown, State};
judge(_, {bad_cert, {revoked, Why}}, _) -> {fail, {refused, Why}};
judge(_, {bad_cert, _} = Reason, _) -> {fail, Reason};
judge(_, _, State) -> {valid, State}.

chain(Issuer) ->
    public_key:pkix_test_data(#{root => Issuer,
                                peer => [{key, {rsa, 1024, 65537}}]}).

outcome(Server, Check) -> outcome(Server, Check, []).

%% Whether a client connects to a server, or why not.
outcome(Server, Check, More) ->
    {ok, Listener} = ssl:listen(0, Server ++ [{log_level, none},
                                              {ip, {127, 0, 0, 1}}]),
    {ok, {_, Port}} = ssl:sockname(Listener),
    Pid = spawn_link(fun() ->
                             {ok, S} = ssl:transport_accept(Listener),
                             _ = ssl:handshake(S, 5000),
                             receive stop -> ok end
                     end),
    Result = ssl:connect({127, 0, 0, 1}, Port,
                         [{verify, verify_peer}, {log_level, none},
                          {crl_check, Check}, {server_name_indication, disable},
                          lists:keyfind(cacerts, 1, Server)] ++ More, 5000),
    Pid ! stop,
    ssl:close(Listener),
    case Result of
        {ok, Socket} -> ssl:close(Socket), ok;
        {error, {tls_alert, {Alert, _}}} -> Alert;
        {error, Reason} -> Reason
    end.

signed_list(Root, Key, Revoked) ->
    #'Certificate'{tbsCertificate = #'TBSCertificate'{subject = Subject}}
        = public_key:pkix_decode_cert(Root, plain),
    Algorithm = #'AlgorithmIdentifier'{algorithm = ?sha256WithRSAEncryption,
                                       parameters = <<5, 0>>},
    Tbs = #'TBSCertList'{version = v2, signature = Algorithm, issuer = Subject,
                         thisUpdate = {utcTime, "200101000000Z"},
                         nextUpdate = {utcTime, "490101000000Z"},
                         revokedCertificates = [entry(C) || C <- Revoked],
                         crlExtensions = asn1_NOVALUE},
    Signature = public_key:sign(public_key:der_encode('TBSCertList', Tbs),
                                sha256, Key),
    Der = public_key:der_encode('CertificateList',
                                #'CertificateList'{
                                   tbsCertList = Tbs,
                                   signatureAlgorithm = Algorithm,
                                   signature = Signature}),
    {Der, public_key:der_decode('CertificateList', Der)}.

entry(Chain) ->
    {cert, Der} = lists:keyfind(cert, 1, Chain),
    #'OTPCertificate'{tbsCertificate = Tbs}
        = public_key:pkix_decode_cert(Der, otp),
    #'TBSCertList_revokedCertificates_SEQOF'{
       userCertificate = Tbs#'OTPTBSCertificate'.serialNumber,
       revocationDate = {utcTime, "200101000000Z"},
       crlEntryExtensions =
           [#'Extension'{extnID = ?'id-ce-cRLReasons',
                         extnValue = public_key:der_encode('CRLReason',
                                                           keyCompromise)}]}.

show(Term) -> io:format("~0p~n", [Term]).
