%% SPDX-License-Identifier: Apache-2.0
%% crypto: digests, ciphers, keys and random numbers, on OpenSSL's libcrypto.
%%
%% The functions named ..._nif are written in C (bif_crypto_*.c); they fail
%% with {Kind, {File, Line, Argument}, Text}, of which is made here what OTP's
%% crypto fails with. Long data goes to a thread of its own.
-module(crypto).

-export([start/0, stop/0, info/0, info_lib/0, info_fips/0, supports/0,
         supports/1, enable_fips_mode/1, version/0, format_error/2]).
-export([hash/2, hash_init/1, hash_update/2, hash_final/1, hash_info/1,
         hash_equals/2]).
-export([mac/3, mac/4, macN/4, macN/5, mac_init/2, mac_init/3, mac_update/2,
         mac_final/1, mac_finalN/2, pbkdf2_hmac/5]).
-export([crypto_init/3, crypto_init/4, crypto_update/2, crypto_final/1,
         crypto_get_data/1, crypto_one_time/4, crypto_one_time/5,
         crypto_one_time_aead/6, crypto_one_time_aead/7, crypto_dyn_iv_init/3,
         crypto_dyn_iv_update/3, cipher_info/1]).
-export([sign/4, sign/5, verify/5, verify/6, public_encrypt/4,
         private_decrypt/4, private_encrypt/4, public_decrypt/4,
         generate_key/2, generate_key/3, compute_key/4, privkey_to_pubkey/2,
         ec_curve/1, ec_curves/0]).
-export([strong_rand_bytes/1, rand_seed/0, rand_seed/1, rand_seed_s/0,
         rand_seed_alg/1, rand_seed_alg/2, rand_seed_alg_s/1,
         rand_seed_alg_s/2, rand_uniform/2, rand_plugin_next/1,
         rand_plugin_uniform/1, rand_plugin_uniform/2,
         rand_cache_plugin_next/1, rand_plugin_aes_next/1,
         rand_plugin_aes_jump/1, rand_plugin_aes_jump_2pow20/1]).
-export([exor/2, mod_pow/3, bytes_to_integer/1]).
-export([engine_get_all_methods/0, engine_load/3, engine_load/4,
         engine_unload/1, engine_unload/2, engine_by_id/1, engine_list/0,
         engine_ctrl_cmd_string/3, engine_ctrl_cmd_string/4, engine_add/1,
         engine_remove/1, engine_register/2, engine_unregister/2,
         engine_get_id/1, engine_get_name/1, ensure_engine_loaded/2,
         ensure_engine_loaded/3, ensure_engine_unloaded/1,
         ensure_engine_unloaded/2, engine_methods_convert_to_bitmask/2,
         get_test_engine/0, packed_openssl_version/4]).

-export_type([hash_state/0, mac_state/0, crypto_state/0, engine_ref/0,
              key_id/0, password/0, dh_private/0, dh_public/0,
              ec_named_curve/0, pk_encrypt_decrypt_opts/0,
              pk_sign_verify_opts/0, rsa_digest_type/0, dss_digest_type/0,
              ecdsa_digest_type/0, sha1/0, sha2/0]).

-deprecated([{crypto_dyn_iv_init, 3}, {crypto_dyn_iv_update, 3}]).
-deprecated({rand_uniform, 2, "use rand:uniform/1 instead"}).

-type key_integer() :: integer() | binary().
-type dh_private() :: key_integer().
-type dh_public() :: key_integer().
-type ec_named_curve() :: atom().
-type sha1() :: sha.
-type sha2() :: sha224 | sha256 | sha384 | sha512.
-type rsa_digest_type() :: sha1() | sha2() | md5 | ripemd160.
-type dss_digest_type() :: sha1() | sha2().
-type ecdsa_digest_type() :: sha1() | sha2().
-type pk_sign_verify_opts() :: [{atom(), term()}].
-type pk_encrypt_decrypt_opts() :: [{atom(), term()}] | atom().
-type crypto_opts() :: boolean() | [{encrypt, boolean()} | {padding, atom()}].
-type engine_ref() :: term().
-type key_id() :: string() | binary().
-type password() :: string() | binary().
-opaque hash_state() :: reference().
-opaque mac_state() :: reference().
-opaque crypto_state() :: reference().

%% Bytes from which on a call goes to a thread of its own: C works through so
%% many in about a tenth of a millisecond.
-define(LONG, 100000).

%% Calls C. A failure becomes one of the function that has this call, with
%% arguments Args (none: those are not shown); Arguments maps the arguments of
%% the C function to those of the caller, see argument/2.
-define(CALL(Call, Args, Arguments),
        try Call
        catch
            error:{FailKind, {FailFile, FailLine, FailAt}, FailText}
              when is_integer(FailAt) ->
                error({FailKind, {FailFile, FailLine}, FailText}, Args,
                      [{error_info, #{erl_function_arg_num =>
                                          argument(FailAt, Arguments)}}])
        end).

%%% What there is

-spec start() -> ok | {error, term()}.
start() -> application:start(crypto).

-spec stop() -> ok | {error, term()}.
stop() -> application:stop(crypto).

version() -> "5.1.2".

%% What it was built with and what it found.
-spec info() -> map().
info() -> (info_nif())#{otp_crypto_version => version()}.

%% The cryptographic library: its name, number and text.
-spec info_lib() -> [{binary(), integer(), binary()}].
info_lib() -> erlang:nif_error(undef).

%% There is no FIPS mode here.
-spec info_fips() -> not_supported | not_enabled | enabled.
info_fips() -> not_supported.

-spec enable_fips_mode(boolean()) -> boolean().
enable_fips_mode(Enable) -> enable_fips_mode_nif(Enable).

enable_fips_mode_nif(true) -> false;
enable_fips_mode_nif(false) -> true;
enable_fips_mode_nif(Other) -> error(badarg, [Other]).

%% The algorithms that can be used.
-spec supports() -> [{atom(), [atom()]}].
supports() ->
    [{Kind, supports(Kind)}
     || Kind <- [hashs, ciphers, public_keys, macs, curves, rsa_opts]].

-spec supports(atom()) -> [atom()].
supports(hashs) -> hash_algorithms();
supports(ciphers) ->
    Ciphers = cipher_algorithms(),
    Ciphers ++ lists:usort([general_name(C) || C <- Ciphers] -- Ciphers);
supports(public_keys) ->
    [rsa, dss, dh, ec_gf2m, ecdsa, ecdh, eddsa, eddh, srp];
supports(macs) -> [cmac, hmac, poly1305];
supports(curves) -> ec_curves() ++ [x25519, x448];
supports(rsa_opts) ->
    [rsa_pkcs1_pss_padding, rsa_pss_saltlen, rsa_mgf1_md,
     rsa_pkcs1_oaep_padding, rsa_oaep_label, rsa_oaep_md, signature_md,
     rsa_pkcs1_padding, rsa_x931_padding, rsa_no_padding].

info_nif() -> erlang:nif_error(undef).
hash_algorithms() -> erlang:nif_error(undef).
cipher_algorithms() -> erlang:nif_error(undef).

%% The notes below an exception at the prompt.
format_error({Kind, {File, Line}, Text}, [{_, _, _, Info} | _])
  when Kind =:= badarg; Kind =:= notsup ->
    Found = io_lib:format("(Found in the internal file ~s at line ~p)",
                          [File, Line]),
    case proplists:get_value(error_info, Info) of
        #{erl_function_arg_num := undefined} ->
            #{general => [Text, " ", Found]};
        #{erl_function_arg_num := At} -> #{At => Text, general => Found}
    end.

%% C counts arguments from 0; a tuple says which of the caller's each is, the
%% ones behind its end and those of {} are the same.
argument(At, _) when At < 0 -> undefined;
argument(At, Arguments) when At >= tuple_size(Arguments) -> At + 1;
argument(At, Arguments) ->
    case element(At + 1, Arguments) of
        Own when Own > 0 -> Own;
        _ -> undefined
    end.

%%% Digests

%% The digest of the data.
-spec hash(atom(), iodata()) -> binary().
hash(Type, Data) ->
    Bytes = iolist_to_binary(Data),
    ?CALL(case byte_size(Bytes) > ?LONG of
              true -> hash_long_nif(Type, Bytes);
              false -> hash_nif(Type, Bytes)
          end, [Type, Bytes], {}).

-spec hash_init(atom()) -> hash_state().
hash_init(Type) -> ?CALL(hash_init_nif(Type), [Type], {}).

%% A new state; the old one can be gone on from, too.
-spec hash_update(hash_state(), iodata()) -> hash_state().
hash_update(State, Data) ->
    Bytes = iolist_to_binary(Data),
    ?CALL(case byte_size(Bytes) > ?LONG of
              true -> hash_update_long_nif(State, Bytes);
              false -> hash_update_nif(State, Bytes)
          end, [State, Bytes], {}).

-spec hash_final(hash_state()) -> binary().
hash_final(State) -> ?CALL(hash_final_nif(State), [State], {}).

-spec hash_info(atom()) -> map().
hash_info(Type) ->
    try hash_info_nif(Type) of
        notsup -> error(notsup);
        Info -> Info
    catch
        error:badarg -> error(badarg, [Type])
    end.

%% Whether they are equal, in a time that does not tell where they differ.
-spec hash_equals(binary(), binary()) -> boolean().
hash_equals(A, B) -> hash_equals_nif(A, B).

hash_nif(_, _) -> erlang:nif_error(undef).
hash_long_nif(_, _) -> erlang:nif_error(undef).
hash_init_nif(_) -> erlang:nif_error(undef).
hash_update_nif(_, _) -> erlang:nif_error(undef).
hash_update_long_nif(_, _) -> erlang:nif_error(undef).
hash_final_nif(_) -> erlang:nif_error(undef).
hash_info_nif(_) -> erlang:nif_error(undef).
hash_equals_nif(_, _) -> erlang:nif_error(undef).

%%% Message authentication

-spec mac(poly1305, iodata(), iodata()) -> binary().
mac(poly1305, Key, Data) -> mac(poly1305, undefined, Key, Data).

%% The code of the data by the key.
-spec mac(hmac | cmac | poly1305, atom(), iodata(), iodata()) -> binary().
mac(Type, SubType, Key, Data) ->
    Bytes = iolist_to_binary(Key),
    Name = exact_name(SubType, Bytes),
    ?CALL(case is_long(Data) of
              true -> mac_long_nif(Type, Name, Bytes, Data);
              false -> mac_nif(Type, Name, Bytes, Data)
          end, [Type, Name, Bytes, Data], {}).

-spec macN(poly1305, iodata(), iodata(), pos_integer()) -> binary().
macN(Type, Key, Data, Size) -> macN(Type, undefined, Key, Data, Size).

%% The same, its first bytes only.
-spec macN(atom(), atom(), iodata(), iodata(), pos_integer()) -> binary().
macN(Type, SubType, Key, Data, Size) ->
    binary_part(mac(Type, SubType, Key, Data), 0, Size).

-spec mac_init(poly1305, iodata()) -> mac_state().
mac_init(poly1305, Key) ->
    ?CALL(mac_init_nif(poly1305, undefined, Key), [poly1305, undefined, Key],
          {}).

-spec mac_init(hmac | cmac | poly1305, atom(), iodata()) -> mac_state().
mac_init(Type, SubType, Key) ->
    Bytes = iolist_to_binary(Key),
    Name = exact_name(SubType, Bytes),
    ?CALL(mac_init_nif(Type, Name, Bytes), [Type, Name, Bytes], {}).

%% Answers the same state, which has changed.
-spec mac_update(mac_state(), iodata()) -> mac_state().
mac_update(State, Data) ->
    ?CALL(case is_long(Data) of
              true -> mac_update_long_nif(State, Data);
              false -> mac_update_nif(State, Data)
          end, [State, Data], {}).

-spec mac_final(mac_state()) -> binary().
mac_final(State) -> ?CALL(mac_final_nif(State), [State], {}).

-spec mac_finalN(mac_state(), pos_integer()) -> binary().
mac_finalN(State, Size) -> binary_part(mac_final(State), 0, Size).

%% A key made of a password by many rounds.
-spec pbkdf2_hmac(atom(), binary(), binary(), pos_integer(), pos_integer()) ->
          binary().
pbkdf2_hmac(Digest, Password, Salt, Rounds, Size) ->
    ?CALL(case is_integer(Rounds) andalso Rounds > 200 of
              true ->
                  pbkdf2_hmac_long_nif(Digest, Password, Salt, Rounds, Size);
              false -> pbkdf2_hmac_nif(Digest, Password, Salt, Rounds, Size)
          end, [Digest, Password, Salt, Rounds, Size], {}).

mac_nif(_, _, _, _) -> erlang:nif_error(undef).
mac_long_nif(_, _, _, _) -> erlang:nif_error(undef).
mac_init_nif(_, _, _) -> erlang:nif_error(undef).
mac_update_nif(_, _) -> erlang:nif_error(undef).
mac_update_long_nif(_, _) -> erlang:nif_error(undef).
mac_final_nif(_) -> erlang:nif_error(undef).
pbkdf2_hmac_nif(_, _, _, _, _) -> erlang:nif_error(undef).
pbkdf2_hmac_long_nif(_, _, _, _, _) -> erlang:nif_error(undef).

%% What is no iodata is short: C finds that out.
is_long(Data) ->
    try iolist_size(Data) > ?LONG catch error:badarg -> false end.

%%% Ciphers

%% Starts a cipher that has no initialisation vector.
-spec crypto_init(atom(), iodata(), crypto_opts()) -> crypto_state().
crypto_init(Cipher, Key, Options) ->
    Name = exact_name(Cipher, Key),
    ?CALL(ng_crypto_init_nif(Name, Key, <<>>, Options),
          [Name, Key, <<>>, Options], {1, 2, -1, 3}).

-spec crypto_init(atom(), iodata(), iodata(), crypto_opts()) -> crypto_state().
crypto_init(Cipher, Key, Vector, Options) ->
    Name = exact_name(Cipher, Key),
    ?CALL(ng_crypto_init_nif(Name, Key, Vector, Options),
          [Name, Key, Vector, Options], {}).

%% Encrypts or decrypts some more; the state changes.
-spec crypto_update(crypto_state(), iodata()) -> binary().
crypto_update(State, Data) ->
    ?CALL(case is_long(Data) of
              true -> ng_crypto_update_long_nif(State, Data);
              false -> ng_crypto_update_nif(State, Data)
          end, [State, Data], {}).

%% What was still to come, with padding if that was asked for.
-spec crypto_final(crypto_state()) -> binary().
crypto_final(State) -> ?CALL(ng_crypto_final_nif(State), [State], {}).

-spec crypto_get_data(crypto_state()) -> map().
crypto_get_data(State) -> ?CALL(ng_crypto_get_data_nif(State), [State], {}).

-spec crypto_one_time(atom(), iodata(), iodata(), crypto_opts()) -> binary().
crypto_one_time(Cipher, Key, Data, Options) ->
    ?CALL(one_time(exact_name(Cipher, Key), Key, <<>>, Data, Options),
          [Cipher, Key, Data, Options], {1, 2, -1, 3, 4}).

%% Encrypts or decrypts all of the data.
-spec crypto_one_time(atom(), iodata(), iodata(), iodata(), crypto_opts()) ->
          binary().
crypto_one_time(Cipher, Key, Vector, Data, Options) ->
    ?CALL(one_time(exact_name(Cipher, Key), Key, Vector, Data, Options),
          [Cipher, Key, Vector, Data, Options], {}).

one_time(Cipher, Key, Vector, Data, Options) ->
    case is_long(Data) of
        true -> ng_crypto_one_time_long_nif(Cipher, Key, Vector, Data, Options);
        false -> ng_crypto_one_time_nif(Cipher, Key, Vector, Data, Options)
    end.

-spec crypto_one_time_aead(atom(), iodata(), iodata(), iodata(), iodata(),
                           true) -> {binary(), binary()}.
crypto_one_time_aead(Cipher, Key, Vector, Text, Extra, true) ->
    Name = exact_name(Cipher, Key),
    Size = aead_tag_len(Cipher),
    ?CALL(aead(Name, Key, Vector, Text, Extra, Size, true),
          [Name, Key, Vector, Text, Extra, Size, true], {1, 2, 3, 4, 5, -1, 6}).

%% Encrypts to {Hidden, Tag}, or decrypts, to error when the tag is wrong.
-spec crypto_one_time_aead(atom(), iodata(), iodata(), iodata(), iodata(),
                           iodata() | non_neg_integer(), boolean()) ->
          {binary(), binary()} | binary() | error.
crypto_one_time_aead(Cipher, Key, Vector, Text, Extra, Tag, Encrypt) ->
    ?CALL(aead(exact_name(Cipher, Key), Key, Vector, Text, Extra, Tag, Encrypt),
          [Cipher, Key, Vector, Text, Extra, Tag, Encrypt], {}).

aead(Cipher, Key, Vector, Text, Extra, Tag, Encrypt) ->
    case is_long(Text) of
        true ->
            aead_cipher_long_nif(Cipher, Key, Vector, Text, Extra, Tag,
                                 Encrypt);
        false ->
            aead_cipher_nif(Cipher, Key, Vector, Text, Extra, Tag, Encrypt)
    end.

aead_tag_len(chacha20_poly1305) -> 16;
aead_tag_len(Cipher) ->
    case general_name(Cipher) of
        aes_ccm -> 12;
        aes_gcm -> 16;
        _ -> error({badarg, "Not an AEAD cipher"})
    end.

crypto_dyn_iv_init(Cipher, Key, Options) ->
    ?CALL(ng_crypto_init_nif(exact_name(Cipher, Key), Key, undefined, Options),
          [Cipher, Key, Options], {1, 2, -1, 3}).

crypto_dyn_iv_update(State, Data, Vector) ->
    ?CALL(ng_crypto_update_nif(State, Data, Vector), [State, Data, Vector],
          {}).

%% Sizes in bytes and the mode.
-spec cipher_info(atom()) -> map().
cipher_info(Cipher) ->
    try cipher_info_nif(Cipher)
    catch
        error:badarg ->
            case exact_name(Cipher, <<0:128>>) of
                Cipher -> error(badarg);
                Exact -> cipher_info(Exact)
            end
    end.

%% The cipher that a general name stands for with a key of that size.
exact_name(Name, Key)
  when Name =:= aes_cbc; Name =:= aes_cfb8; Name =:= aes_cfb128;
       Name =:= aes_ctr; Name =:= aes_ecb; Name =:= aes_gcm;
       Name =:= aes_ccm ->
    case iolist_size(Key) of
        Size when Size =:= 16; Size =:= 24; Size =:= 32 ->
            "aes_" ++ Mode = atom_to_list(Name),
            list_to_existing_atom("aes_" ++ integer_to_list(Size * 8) ++ "_"
                                  ++ Mode);
        _ -> Name
    end;
exact_name(Name, _) -> Name.

%% The other way: the name without the size, or the same.
general_name(Name) when is_atom(Name) ->
    case atom_to_list(Name) of
        "aes_" ++ [_, _, _, $_ | Mode] ->
            case lists:member(Mode, ["cbc", "cfb8", "cfb128", "ctr", "ecb",
                                     "gcm", "ccm"]) of
                true -> list_to_atom("aes_" ++ Mode);
                false -> Name
            end;
        _ -> Name
    end;
general_name(Name) -> Name.

ng_crypto_init_nif(_, _, _, _) -> erlang:nif_error(undef).
ng_crypto_update_nif(_, _) -> erlang:nif_error(undef).
ng_crypto_update_long_nif(_, _) -> erlang:nif_error(undef).
ng_crypto_update_nif(_, _, _) -> erlang:nif_error(undef).
ng_crypto_final_nif(_) -> erlang:nif_error(undef).
ng_crypto_get_data_nif(_) -> erlang:nif_error(undef).
ng_crypto_one_time_nif(_, _, _, _, _) -> erlang:nif_error(undef).
ng_crypto_one_time_long_nif(_, _, _, _, _) -> erlang:nif_error(undef).
aead_cipher_nif(_, _, _, _, _, _, _) -> erlang:nif_error(undef).
aead_cipher_long_nif(_, _, _, _, _, _, _) -> erlang:nif_error(undef).
cipher_info_nif(_) -> erlang:nif_error(undef).

%%% Signatures

-spec sign(atom(), atom(), iodata() | {digest, iodata()}, term()) -> binary().
sign(Algorithm, Digest, Data, Key) -> sign(Algorithm, Digest, Data, Key, []).

%% The signature of the data, or of a digest of it, by a private key.
-spec sign(atom(), atom(), iodata() | {digest, iodata()}, term(),
           pk_sign_verify_opts()) -> binary().
sign(Algorithm, Digest, Data, Key, Options) ->
    {Known, Type} = signed_by(Algorithm, Digest, Data),
    Formed = key(Known, Key),
    ?CALL(pkey_sign_nif(Known, Type, Data, Formed, Options), none, {}).

-spec verify(atom(), atom(), iodata() | {digest, iodata()}, binary(), term()) ->
          boolean().
verify(Algorithm, Digest, Data, Signature, Key) ->
    verify(Algorithm, Digest, Data, Signature, Key, []).

%% Whether the signature is that of the data by the other half of this key.
-spec verify(atom(), atom(), iodata() | {digest, iodata()}, binary(), term(),
             pk_sign_verify_opts()) -> boolean().
verify(Algorithm, Digest, Data, Signature, Key, Options) ->
    {Known, Type} = signed_by(Algorithm, Digest, Data),
    Formed = key(Known, Key),
    ?CALL(pkey_verify_nif(Known, Type, Data, Signature, Formed, Options), none,
          {}).

%% What OTP makes of a way to sign that is not used any more.
signed_by(dss, none, Data) -> {sha, {digest, Data}};
signed_by(Algorithm, Digest, _) -> {Algorithm, Digest}.

%%% Hiding and showing

-spec public_encrypt(rsa, binary(), term(), pk_encrypt_decrypt_opts()) ->
          binary().
public_encrypt(Algorithm, Text, Key, Options) ->
    pkey_crypt(Algorithm, Text, Key, Options, false, true).

-spec private_decrypt(rsa, binary(), term(), pk_encrypt_decrypt_opts()) ->
          binary().
private_decrypt(Algorithm, Text, Key, Options) ->
    pkey_crypt(Algorithm, Text, Key, Options, true, false).

-spec private_encrypt(rsa, binary(), term(), pk_encrypt_decrypt_opts()) ->
          binary().
private_encrypt(Algorithm, Text, Key, Options) ->
    pkey_crypt(Algorithm, Text, Key, Options, true, true).

-spec public_decrypt(rsa, binary(), term(), pk_encrypt_decrypt_opts()) ->
          binary().
public_decrypt(Algorithm, Text, Key, Options) ->
    pkey_crypt(Algorithm, Text, Key, Options, false, false).

%% A padding alone is an option, too.
pkey_crypt(rsa, Text, Key, Padding, Private, Encrypt) when is_atom(Padding) ->
    pkey_crypt(rsa, Text, Key, [{rsa_padding, Padding}], Private, Encrypt);
pkey_crypt(Algorithm, Text, Key, Options, Private, Encrypt) ->
    Formed = key(Algorithm, Key),
    ?CALL(pkey_crypt_nif(Algorithm, Text, Formed, Options, Private, Encrypt),
          [Algorithm, Text, Formed, Options, Private, Encrypt], {}).

pkey_sign_nif(_, _, _, _, _) -> erlang:nif_error(undef).
pkey_verify_nif(_, _, _, _, _, _) -> erlang:nif_error(undef).
pkey_crypt_nif(_, _, _, _, _, _) -> erlang:nif_error(undef).

%%% Keys

%% A key as C takes it.
key(_, #{engine := _, key_id := Id} = Key) when is_binary(Id); is_list(Id) ->
    Key;
key(_, #{engine := _} = Key) -> error({bad_key_id, Key});
key(_, #{} = Key) -> error({bad_engine_map, Key});
key(Algorithm, Key) when Algorithm =:= rsa; Algorithm =:= dss ->
    list_to_bins(Key);
key(ecdsa, [Key, Curve]) -> {curve(Curve), to_bin(Key)};
key(eddsa, [Key, Curve]) when Curve =:= ed25519; Curve =:= ed448 ->
    [to_bin(Key), Curve];
key(_, Key) -> Key.

%% A curve as C takes it: C is asked for none that OTP does not know.
curve({Field, {A, B, Seed}, Base, Order, Cofactor}) ->
    {case Field of
         {prime_field, Prime} -> {prime_field, to_bin(Prime)};
         _ -> Field
     end, {to_bin(A), to_bin(B), Seed}, to_bin(Base), to_bin(Order),
     to_bin(Cofactor)};
curve(Name) when is_atom(Name) ->
    case lists:member(Name, ec_curves()) of
        true -> Name;
        false -> undefined
    end.

-spec ec_curves() -> [ec_named_curve()].
ec_curves() -> crypto_ec_curves:curves().

%% What a curve is made of.
-spec ec_curve(ec_named_curve()) -> tuple().
ec_curve(Name) -> crypto_ec_curves:curve(Name).

-spec generate_key(atom(), term()) -> {term(), term()}.
generate_key(Type, Parameters) -> generate_key(Type, Parameters, undefined).

%% A new key {Public, Private}, or the one with that private half.
-spec generate_key(atom(), term(), term()) -> {term(), term()}.
generate_key(dh, Parameters, Private) ->
    {Group, Length} = case Parameters of
                          [P, G, Bits] -> {[P, G], Bits};
                          [_, _] -> {Parameters, 0}
                      end,
    ?CALL(dh_generate_key_nif(to_bin(Private), list_to_bins(Group), 0, Length),
          none, {});
generate_key(srp, {host, [Verifier, Generator, Prime, Version]}, Private)
  when is_binary(Verifier), is_binary(Generator), is_binary(Prime),
       is_atom(Version) ->
    srp_host_key(srp_private(to_bin(Private)), Verifier, Generator, Prime,
                 Version);
generate_key(srp, {user, [Generator, Prime, Version]}, Private)
  when is_binary(Generator), is_binary(Prime), is_atom(Version) ->
    Own = srp_private(Private),
    case mod_pow(Generator, Own, Prime) of
        error -> error;
        Public -> {Public, Own}
    end;
generate_key(rsa, {Bits, Exponent}, undefined) ->
    Key = ?CALL(rsa_generate_key_nif(Bits, to_bin(Exponent)),
                [rsa, {Bits, Exponent}, undefined], {2, 2}),
    {lists:sublist(Key, 2), Key};
generate_key(Type, Curve, Private)
  when Type =:= ecdh orelse Type =:= eddh,
       Curve =:= x25519 orelse Curve =:= x448;
       Type =:= eddsa, Curve =:= ed25519 orelse Curve =:= ed448 ->
    ?CALL(evp_generate_key_nif(Curve, to_bin(Private)), none, {});
generate_key(ecdh, Curve, Private) ->
    Known = curve(Curve),
    ?CALL(ec_generate_key_nif(Known, to_bin(Private)),
          [shown_curve(Curve, Known), to_bin(Private)], {}).

%% Traces show a curve and its name.
shown_curve(Name, Known) when is_atom(Name) -> {Known, Name};
shown_curve(_, Known) -> {Known, undefined}.

%% The secret that one's private key makes with the other's public one.
-spec compute_key(atom(), term(), term(), term()) -> binary().
compute_key(dh, Theirs, Mine, Group) ->
    ?CALL(dh_compute_key_nif(to_bin(Theirs), to_bin(Mine), list_to_bins(Group)),
          none, {});
compute_key(srp, Theirs, {Public, Private},
            {user, [Key, Prime, Generator, Version | Scrambler]})
  when is_binary(Prime), is_binary(Generator), is_atom(Version) ->
    Host = to_bin(Theirs),
    Scramble = srp_scrambler(Scrambler, Version, to_bin(Public), Host, Prime),
    srp_user_secret(Private, Scramble, Host,
                    srp_multiplier(Version, Generator, Prime),
                    {Generator, Key, Prime});
compute_key(srp, Theirs, {Public, Private},
            {host, [Verifier, Prime, Version | Scrambler]})
  when is_binary(Verifier), is_binary(Prime), is_atom(Version) ->
    User = to_bin(Theirs),
    Scramble = srp_scrambler(Scrambler, Version, User, to_bin(Public), Prime),
    srp_host_secret(Verifier, Private, Scramble, User, Prime);
compute_key(Type, Theirs, Mine, Curve)
  when Type =:= ecdh orelse Type =:= eddh,
       Curve =:= x25519 orelse Curve =:= x448 ->
    ?CALL(evp_compute_key_nif(Curve, to_bin(Theirs), to_bin(Mine)), none,
          {});
compute_key(ecdh, Theirs, Mine, Curve) ->
    ?CALL(ecdh_compute_key_nif(to_bin(Theirs), curve(Curve), to_bin(Mine)),
          none, {}).

%% The public half of a private key.
-spec privkey_to_pubkey(rsa | dss | ecdsa, term()) ->
          [integer()] | {error, not_found | notsup}.
privkey_to_pubkey(Algorithm, Key)
  when Algorithm =:= rsa; Algorithm =:= dss; Algorithm =:= ecdsa ->
    try privkey_to_pubkey_nif(Algorithm, key(Algorithm, Key)) of
        Numbers -> [bytes_to_integer(N) || N <- Numbers]
    catch
        error:{badarg, _, _} when Algorithm =:= ecdsa -> {error, notsup};
        error:{badarg, _, _} -> {error, not_found};
        error:{notsup, _, _} -> {error, notsup}
    end.

dh_generate_key_nif(_, _, _, _) -> erlang:nif_error(undef).
dh_compute_key_nif(_, _, _) -> erlang:nif_error(undef).
rsa_generate_key_nif(_, _) -> erlang:nif_error(undef).
ec_generate_key_nif(_, _) -> erlang:nif_error(undef).
ecdh_compute_key_nif(_, _, _) -> erlang:nif_error(undef).
evp_generate_key_nif(_, _) -> erlang:nif_error(undef).
evp_compute_key_nif(_, _, _) -> erlang:nif_error(undef).
privkey_to_pubkey_nif(_, _) -> erlang:nif_error(undef).

%%% Secure remote passwords (RFC 5054): a and b are private, A and B public,
%%% x is the key made of the password, v the verifier, N the prime

srp_private(undefined) -> strong_rand_bytes(32);
srp_private(Private) -> Private.

%% B = k * v + g ^ b
srp_host_key(Private, Verifier, Generator, Prime, Version) ->
    N = bytes_to_integer(Prime),
    K = bytes_to_integer(srp_multiplier(Version, Generator, Prime)),
    Power = bytes_to_integer(mod_pow(Generator, Private, Prime)),
    case (K * bytes_to_integer(Verifier) + Power) rem N of
        0 -> error;
        Public -> {int_to_bin(Public), Private}
    end.

%% (B - k * g ^ x) ^ (a + u * x)
srp_user_secret(Private, Scrambler, Host, Multiplier,
                {Generator, Key, Prime}) ->
    N = bytes_to_integer(Prime),
    B = bytes_to_integer(Host),
    Power = bytes_to_integer(mod_pow(Generator, Key, Prime)),
    Base = (B - bytes_to_integer(Multiplier) * Power) rem N,
    Exponent = to_integer(Private)
        + to_integer(Scrambler) * bytes_to_integer(Key),
    case B rem N of
        0 -> error;
        _ -> mod_pow((Base + N) rem N, Exponent, Prime)
    end.

%% (A * v ^ u) ^ b
srp_host_secret(Verifier, Private, Scrambler, User, Prime) ->
    N = bytes_to_integer(Prime),
    A = bytes_to_integer(User),
    Power = bytes_to_integer(mod_pow(Verifier, Scrambler, Prime)),
    case A rem N of
        0 -> error;
        _ -> mod_pow(A * Power rem N, Private, Prime)
    end.

srp_multiplier('6a', Generator, Prime) ->
    hash(sha, [Prime, padded(byte_size(Prime), Generator)]);
srp_multiplier('6', _, _) -> <<3>>;
srp_multiplier('3', _, _) -> <<1>>.

srp_scrambler([Scrambler], _, _, _, _) -> Scrambler;
srp_scrambler([], Version, User, Host, Prime)
  when Version =:= '6'; Version =:= '6a' ->
    Size = byte_size(Prime),
    hash(sha, [padded(Size, User), padded(Size, Host)]);
srp_scrambler([], '3', _, Host, _) -> binary:part(hash(sha, Host), 0, 4).

%% Zeros before it, up to a multiple of Size.
padded(Size, Bytes) ->
    Missing = (Size - byte_size(Bytes) rem Size) rem Size,
    <<0:Missing/unit:8, Bytes/binary>>.

to_integer(N) when is_integer(N) -> N;
to_integer(Bytes) -> bytes_to_integer(Bytes).

%%% Random bytes and numbers

%% Bytes that nobody can guess.
-spec strong_rand_bytes(non_neg_integer()) -> binary().
strong_rand_bytes(Size) ->
    case strong_rand_bytes_nif(Size) of
        false -> error(low_entropy);
        Bytes -> Bytes
    end.

%% From 0 up to Range - 1, as bytes.
strong_rand_range(Range) when is_integer(Range), Range > 0 ->
    case strong_rand_range_nif(int_to_bin(Range)) of
        false -> error(low_entropy);
        Bytes -> Bytes
    end.

%% A number from From up to To - 1; binaries are numbers behind their sizes.
-spec rand_uniform(From, From) -> From when From :: integer() | binary().
rand_uniform(<<_:32, From/binary>>, <<_:32, To/binary>>) ->
    mpint(rand_uniform(bytes_to_integer(From), bytes_to_integer(To)));
rand_uniform(From, To) when is_integer(From), is_integer(To) ->
    rand_uniform_pos(From, To).

rand_uniform_pos(From, To) when From < To ->
    From + bytes_to_integer(strong_rand_range(To - From));
rand_uniform_pos(_, _) -> error(badarg).

%% Gives libcrypto something more to make random numbers of.
-spec rand_seed(binary()) -> ok.
rand_seed(Seed) when is_binary(Seed) -> rand_seed_nif(Seed).

%% Seeds the random numbers of the process: module rand takes them from here.
rand_seed() -> rand:seed(rand_seed_s()).

rand_seed_s() -> rand_seed_alg_s(crypto).

rand_seed_alg(Algorithm) -> rand:seed(rand_seed_alg_s(Algorithm)).

rand_seed_alg(Algorithm, Seed) -> rand:seed(rand_seed_alg_s(Algorithm, Seed)).

%% The state for rand: a handler, and what it goes on from.
rand_seed_alg_s({Handler, _} = State) when is_map(Handler) -> State;
rand_seed_alg_s({Algorithm, State}) when is_atom(Algorithm) ->
    {rand_handler(Algorithm), State};
rand_seed_alg_s(crypto) -> {rand_handler(crypto), no_seed};
rand_seed_alg_s(crypto_cache) ->
    Size = (rand_cache_size() + 13) div 7 * 7,
    {rand_handler(crypto_cache), {56, Size, <<>>}}.

rand_seed_alg_s(crypto_aes, Seed) ->
    {Prefix, Counter} = counter_seed(Seed),
    {rand_handler(crypto_aes),
     {hash(sha256, Seed), (rand_cache_size() + 31) div 16, Prefix, Counter}}.

rand_handler(crypto) ->
    #{type => crypto, bits => 64, next => fun ?MODULE:rand_plugin_next/1,
      uniform => fun ?MODULE:rand_plugin_uniform/1,
      uniform_n => fun ?MODULE:rand_plugin_uniform/2};
rand_handler(crypto_cache) ->
    #{type => crypto_cache, bits => 56,
      next => fun ?MODULE:rand_cache_plugin_next/1};
rand_handler(crypto_aes) ->
    #{type => crypto_aes, bits => 58,
      next => fun ?MODULE:rand_plugin_aes_next/1,
      jump => fun ?MODULE:rand_plugin_aes_jump/1}.

rand_cache_size() ->
    case application:get_env(crypto, rand_cache_size, 1024) of
        Size when is_integer(Size), Size >= 0 -> Size;
        _ -> 1024
    end.

rand_plugin_next(State) ->
    {bytes_to_integer(strong_rand_range(1 bsl 64)), State}.

%% 53 bits, as many as a float has.
rand_plugin_uniform(State) ->
    {bytes_to_integer(strong_rand_range(1 bsl 53)) * math:pow(2, -53), State}.

rand_plugin_uniform(Range, State) ->
    {bytes_to_integer(strong_rand_range(Range)) + 1, State}.

rand_cache_plugin_next({Bits, Size, <<>>}) ->
    rand_cache_plugin_next({Bits, Size, strong_rand_bytes(Size)});
rand_cache_plugin_next({Bits, Size, Cache}) ->
    <<N:Bits, Rest/binary>> = Cache,
    {N, {Bits, Size, Rest}}.

%% crypto_aes: the low 58 bits of encrypted blocks of a counter, many at once.
%% A state is {Key, Blocks, Prefix, Counter}, or a list of the numbers made
%% that ends in {Key, Blocks, Prefix, Counter before them, Counter}.
rand_plugin_aes_next([N | Rest]) -> {N, Rest};
rand_plugin_aes_next({Key, Blocks, Prefix, Counter}) ->
    {Plain, Next} = counter_blocks(Blocks, Prefix, Counter, <<>>),
    Hidden = crypto_one_time(aes_256_ecb, Key, Plain, true),
    End = {Key, Blocks, Prefix, Counter, Next},
    rand_plugin_aes_next(numbers(Hidden, End));
rand_plugin_aes_next({Key, Blocks, Prefix, _, Counter}) ->
    rand_plugin_aes_next({Key, Blocks, Prefix, Counter}).

numbers(<<_:70, N:58, Rest/binary>>, End) -> [N | numbers(Rest, End)];
numbers(<<>>, End) -> End.

%% What has been taken since the counter's last stop counts after a jump, too.
rand_plugin_aes_jump({#{type := crypto_aes} = Handler, State}) ->
    {Handler, aes_jump(fun rand:exro928_jump_2pow512/1, 0, State)}.

rand_plugin_aes_jump_2pow20(State) ->
    aes_jump(fun rand:exro928_jump_2pow20/1, 0, State).

aes_jump(Jump, Left, [_ | Rest]) -> aes_jump(Jump, Left + 1, Rest);
aes_jump(Jump, Left, {Key, Blocks, Prefix, Counter, _}) ->
    {Key, Blocks, Prefix, skip(Blocks - Left, Jump(Counter))};
aes_jump(Jump, 0, {Key, Blocks, Prefix, Counter}) ->
    {Key, Blocks, Prefix, Jump(Counter)}.

skip(0, Counter) -> Counter;
skip(N, Counter) -> skip(N - 1, rand:exro928_next_state(Counter)).

%% The counter is a generator of rand: it never comes back to where it was.
counter_seed(Seed) ->
    <<X:64, _:6, Prefix:12, C:58, B:58, A:58>>
        = hash(sha256, [Seed, <<"Xoroshiro928">>]),
    {Prefix, rand:exro928_seed([A, B, C | rand:seed58(13, X)])}.

counter_blocks(0, _, Counter, Blocks) -> {Blocks, Counter};
counter_blocks(N, Prefix, Counter, Blocks) ->
    {{A, B}, Next} = rand:exro928_next(Counter),
    counter_blocks(N - 1, Prefix, Next,
                   <<Blocks/binary, Prefix:12, B:58, A:58>>).

strong_rand_bytes_nif(_) -> erlang:nif_error(undef).
strong_rand_range_nif(_) -> erlang:nif_error(undef).
rand_seed_nif(_) -> erlang:nif_error(undef).

%%% Numbers and bytes

%% Both, bit by bit one or the other.
-spec exor(iodata(), iodata()) -> binary().
exor(A, B) -> do_exor(iolist_to_binary(A), iolist_to_binary(B)).

%% Base to the power of Exponent, modulo Modulus.
-spec mod_pow(key_integer(), key_integer(), key_integer()) -> binary() | error.
mod_pow(Base, Exponent, Modulus) ->
    case mod_exp_nif(to_bin(Base), to_bin(Exponent), to_bin(Modulus), 0) of
        <<0>> -> error;
        Power -> Power
    end.

-spec bytes_to_integer(binary()) -> integer().
bytes_to_integer(Bytes) when is_binary(Bytes) ->
    binary:decode_unsigned(Bytes).

do_exor(_, _) -> erlang:nif_error(undef).
mod_exp_nif(_, _, _, _) -> erlang:nif_error(undef).

%% The bytes of an integer, as few as can be; negative ones have the top bit
%% set.
int_to_bin(N) when N >= 0 -> binary:encode_unsigned(N);
int_to_bin(N) -> negative_to_bin(N, 1).

negative_to_bin(N, Size) when N >= -(1 bsl (Size * 8 - 1)) -> <<N:Size/unit:8>>;
negative_to_bin(N, Size) -> negative_to_bin(N, Size + 1).

to_bin(N) when is_integer(N) -> int_to_bin(N);
to_bin(Other) -> Other.

%% A list of integers; others stay.
list_to_bins([N | _] = List) when is_integer(N) ->
    [int_to_bin(Each) || Each <- List];
list_to_bins(Other) -> Other.

%% A number behind its size, as SSH has them.
mpint(N) ->
    case int_to_bin(N) of
        <<1:1, _/bitstring>> = Bytes ->
            <<(byte_size(Bytes) + 1):32, 0, Bytes/binary>>;
        Bytes -> <<(byte_size(Bytes)):32, Bytes/binary>>
    end.

%%% Engines: there are none

engine_get_all_methods() -> error(notsup).

engine_load(_, Before, After) when is_list(Before), is_list(After) ->
    error(notsup).

engine_load(Id, Before, After, _) -> engine_load(Id, Before, After).

engine_unload(_) -> error(notsup).

engine_unload(Engine, _) -> engine_unload(Engine).

engine_by_id(_) -> error(notsup).

engine_add(_) -> error(notsup).

engine_remove(_) -> error(notsup).

engine_register(_, Methods) when is_list(Methods) -> no_engine(Methods).

engine_unregister(_, Methods) when is_list(Methods) -> no_engine(Methods).

%% Nothing can be registered of none; only what are no methods is told.
no_engine([]) -> ok;
no_engine([Method | _]) ->
    _ = method_bit(Method),
    error(notsup).

engine_get_id(_) -> error(notsup).

engine_get_name(_) -> error(notsup).

engine_list() -> error(notsup).

engine_ctrl_cmd_string(Engine, Name, Value) ->
    engine_ctrl_cmd_string(Engine, Name, Value, false).

engine_ctrl_cmd_string(_, _, _, Optional) when is_boolean(Optional) ->
    error(notsup).

ensure_engine_loaded(_, _) -> error(notsup).

ensure_engine_loaded(Id, Library, _) -> ensure_engine_loaded(Id, Library).

ensure_engine_unloaded(Engine) -> engine_unload(Engine).

ensure_engine_unloaded(Engine, _) -> engine_unload(Engine).

engine_methods_convert_to_bitmask(engine_method_all, _) -> 16#FFFF;
engine_methods_convert_to_bitmask(engine_method_none, _) -> 0;
engine_methods_convert_to_bitmask(Methods, Mask) ->
    lists:foldl(fun(M, Bits) -> Bits bor method_bit(M) end, Mask, Methods).

method_bit(Method) ->
    Methods = [engine_method_rsa, engine_method_dsa, engine_method_dh,
               engine_method_rand, engine_method_ecdh, engine_method_ecdsa,
               engine_method_ciphers, engine_method_digests,
               engine_method_store, engine_method_pkey_meths,
               engine_method_pkey_asn1_meths, engine_method_ec],
    case string:str([M =:= Method || M <- Methods], [true]) of
        0 -> error(badarg, [Method]);
        At -> 1 bsl (At - 1)
    end.

get_test_engine() -> {error, notexist}.

%% The number of a version of OpenSSL, its letters counted from a.
packed_openssl_version(Major, Minor, Fix, Letters) ->
    Patch = lists:sum([C - $a || C <- atom_to_list(Letters)]) + 1,
    (Major bsl 28) bor (Minor bsl 20) bor (Fix bsl 12) bor (Patch bsl 4)
        bor 16#f.
