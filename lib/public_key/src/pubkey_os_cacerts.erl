%% SPDX-License-Identifier: Apache-2.0
%% pubkey_os_cacerts: what certificates the system trusts, kept for the node.
-module(pubkey_os_cacerts).

-export([get/0, load/0, load/1, clear/0]).

-include("public_key.hrl").

get() ->
    case persistent_term:get(?MODULE, none) of
        none ->
            ok = load(),
            persistent_term:get(?MODULE);
        Certs -> Certs
    end.

load() ->
    case os:type() of
        {unix, linux} -> load(linux_files());
        {unix, darwin} -> load_keychain();
        {unix, Bsd} when Bsd =:= openbsd; Bsd =:= freebsd; Bsd =:= netbsd ->
            load(bsd_files());
        Os -> {error, {enotsup, Os}}
    end.

%% From the first of the files that has some.
load([File | Files]) when is_list(File); is_binary(File) ->
    case file:read_file(File) of
        {ok, Bytes} ->
            case store(Bytes) of
                ok -> ok;
                _ -> load(Files)
            end;
        _ -> load(Files)
    end;
load([]) -> {error, enoent}.

clear() -> persistent_term:erase(?MODULE).

store(Bytes) ->
    try lists:foldl(fun add/2, [], pubkey_pem:decode(Bytes)) of
        [] -> {error, no_cacerts_found};
        Certs -> persistent_term:put(?MODULE, Certs)
    catch
        _:Reason -> {error, Reason}
    end.

%% One that cannot be understood does not spoil the others.
add({'Certificate', Der, not_encrypted}, Certs) ->
    try [#cert{der = Der, otp = pubkey_cert_records:decode(Der)} | Certs]
    catch
        _:_ -> Certs
    end.

load_keychain() ->
    Chain = "/System/Library/Keychains/SystemRootCertificates.keychain",
    Export = "/usr/bin/security export -t certs -f pemseq -k ",
    store(unicode:characters_to_binary(os:cmd(Export ++ Chain))).

linux_files() ->
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
     "/etc/ssl/ca-bundle.pem",
     "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
     "/etc/ssl/cert.pem"].

bsd_files() ->
    ["/usr/local/share/certs/ca-root-nss.crt", "/etc/ssl/cert.pem",
     "/etc/openssl/certs/cacert.pem",
     "/etc/openssl/certs/ca-certificates.crt"].
