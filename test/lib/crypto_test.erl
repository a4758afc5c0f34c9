%% SPDX-License-Identifier: Apache-2.0
%% crypto: known answers of digests, codes, ciphers and keys; what one half of
%% a key does, the other undoes; how bad arguments are told.
%% expect: [{blake2s,"508C5E8C327C14E2"},{blake2b,"BA80A53F981C4D0D"},{sha3_512,"B751850B1A57168A"},{sha3_384,"EC01498288516FC9"},{sha3_256,"3A985DA74FE225B2"},{sha3_224,"E642824C3F8CF24A"},{sha512,"DDAF35A193617ABA"},{sha384,"CB00753F45A35E8B"},{sha256,"BA7816BF8F01CFEA"},{sha224,"23097D223405D822"},{sha,"A9993E364706816A"},{ripemd160,"8EB208F7E05D987A"},{md5,"900150983CD24FB0"},{md4,"A448017AAF21D852"}]
%% expect: []
%% expect: {"DA23614E02469A0D7C7BD1BDAB5C9C474B1904DC","A9993E364706816ABA3E25717850C26C9CD0D89D","DA23614E02469A0D7C7BD1BDAB5C9C474B1904DC"}
%% expect: [#{block_size => 64,size => 16},#{block_size => 104,size => 48}]
%% expect: {true,false}
%% expect: "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843"
%% expect: "BFE49FF34EC0DB44290AD3C4C5F11B4D"
%% expect: "00000000000000000000000000000001"
%% expect: 13119635
%% expect: "959B4B1DC5"
%% expect: true
%% expect: "4B007901B765489ABEAD49D926F721D065A429C1"
%% expect: 35
%% expect: {aes_128_cbc,30233545,true}
%% expect: {aes_128_cfb128,38854917,true}
%% expect: {aes_128_cfb8,13874230,true}
%% expect: {aes_128_ctr,26535735,true}
%% expect: {aes_128_ecb,109888841,true}
%% expect: {aes_128_ofb,83812801,true}
%% expect: {aes_192_cbc,36747029,true}
%% expect: {aes_192_cfb128,86703402,true}
%% expect: {aes_192_cfb8,49311419,true}
%% expect: {aes_192_ctr,45842413,true}
%% expect: {aes_192_ecb,109479330,true}
%% expect: {aes_192_ofb,128720715,true}
%% expect: {aes_256_cbc,68973392,true}
%% expect: {aes_256_cfb128,86561788,true}
%% expect: {aes_256_cfb8,45030763,true}
%% expect: {aes_256_ctr,62989993,true}
%% expect: {aes_256_ecb,83422947,true}
%% expect: {aes_256_ofb,35153267,true}
%% expect: {aes_cbc,30233545,true}
%% expect: {aes_cfb128,38854917,true}
%% expect: {aes_cfb8,13874230,true}
%% expect: {aes_ctr,26535735,true}
%% expect: {aes_ecb,109888841,true}
%% expect: {blowfish_cbc,119853262,true}
%% expect: {blowfish_cfb64,99964864,true}
%% expect: {blowfish_ecb,100172519,true}
%% expect: {blowfish_ofb64,86850123,true}
%% expect: {chacha20,69390663,true}
%% expect: {des_cbc,43650294,true}
%% expect: {des_cfb,22407826,true}
%% expect: {des_ecb,33578629,true}
%% expect: {des_ede3_cbc,130189236,true}
%% expect: {des_ede3_cfb,19139899,true}
%% expect: {rc2_cbc,37845055,true}
%% expect: {rc4,31515837,true}
%% expect: [{zero,true,<<97,98,99,0,0,0,0,0,0,0,0,0,0,0,0,0>>},{pkcs_padding,true,<<"abc">>}]
%% expect: 77701954
%% expect: {[0,16,0],16,#{encrypt => true,padding_size => 4,padding_type => pkcs_padding,size => 28}}
%% expect: true
%% expect: "7D06FEAF87ED"
%% expect: {aes_128_ccm,"883985AE","10924C1EE6D63C3A135D7C2B",<<"text">>,error}
%% expect: {aes_128_gcm,"6E6EB6F7","29994C74F8E8232586883DF6B1D696AE",<<"text">>,error}
%% expect: {aes_192_ccm,"B24D60E0","760D54AD4BF843B3A798AD21",<<"text">>,error}
%% expect: {aes_192_gcm,"7213AD9C","121B43A0599F4E9290C4669C4BE63B28",<<"text">>,error}
%% expect: {aes_256_ccm,"69FFA174","70FF262550C1BA50C2DF6D7F",<<"text">>,error}
%% expect: {aes_256_gcm,"24E8655E","3391FEE288D203A470262A55810BB29A",<<"text">>,error}
%% expect: {aes_ccm,"883985AE","10924C1EE6D63C3A135D7C2B",<<"text">>,error}
%% expect: {aes_gcm,"6E6EB6F7","29994C74F8E8232586883DF6B1D696AE",<<"text">>,error}
%% expect: {chacha20_poly1305,"2FC532C9","4E9513ED0776E5CC7D7212A361AEF163",<<"text">>,error}
%% expect: {<<85,173,231,24>>,4}
%% expect: {2,8,[24,1024]}
%% expect: {[],true,false}
%% expect: {[{rsa_padding,rsa_pkcs1_pss_padding}],true,false}
%% expect: {[{rsa_padding,rsa_pkcs1_pss_padding},{rsa_pss_saltlen,20},{rsa_mgf1_md,sha}],true,false}
%% expect: {[{rsa_padding,rsa_x931_padding}],true,false}
%% expect: true
%% expect: {rsa_pkcs1_padding,<<"secret">>}
%% expect: {rsa_pkcs1_oaep_padding,<<"secret">>}
%% expect: {[{rsa_padding,rsa_pkcs1_oaep_padding},{rsa_oaep_md,sha256},{rsa_oaep_label,<<"label">>}],<<"secret">>}
%% expect: <<"open">>
%% expect: true
%% expect: {ed25519,22309468,true}
%% expect: {ed448,28778005,true}
%% expect: {true,true,false}
%% expect: {false,true,false}
%% expect: {true,true,false}
%% expect: 111851151
%% expect: {ecdh,true,true}
%% expect: {ecdh,true,true}
%% expect: {ecdh,true,true}
%% expect: {ecdh,true,true}
%% expect: {eddh,true,true}
%% expect: true
%% expect: "0451590B7A515140D2D784C85608668FDFEF8C82FD1F5BE52421554A0DC3D033EDE0C17DA8904A727D8AE1BF36BF8A79260D012F00D4D80888D1D0BB44FDA16DA4"
%% expect: {'3',50655543,true}
%% expect: {'6',24699075,true}
%% expect: {'6a',16019004,true}
%% expect: {<<10,35,3>>,<<2,6>>,258}
%% expect: [0,1,1000]
%% expect: [-2,-1,0,1,2]
%% expect: 110759997
%% expect: 374548
%% expect: {crypto,true,true}
%% expect: {crypto_cache,true,true}
%% expect: {{badarg,{"hash.c",108},"Bad digest type"},crypto,hash,true,#{erl_function_arg_num => 1}}
%% expect: {{badarg,{"hash.c",142},"Bad digest type"},crypto,hash_init,true,#{erl_function_arg_num => 1}}
%% expect: {{badarg,{"hash.c",171},"Bad state"},crypto,hash_update,true,#{erl_function_arg_num => 1}}
%% expect: {{badarg,{"mac.c",233},"Unknown mac algorithm"},crypto,mac,true,#{erl_function_arg_num => 1}}
%% expect: {{badarg,{"mac.c",263},"Bad digest algorithm for HMAC"},crypto,mac,true,#{erl_function_arg_num => 2}}
%% expect: {{badarg,{"mac.c",313},"Unknown cipher"},crypto,mac,true,#{erl_function_arg_num => 2}}
%% expect: {{badarg,{"mac.c",316},"Bad key size"},crypto,mac,true,#{erl_function_arg_num => 3}}
%% expect: {{badarg,{"mac.c",617},"Bad digest algorithm for HMAC"},crypto,mac_init,true,#{erl_function_arg_num => 2}}
%% expect: {{badarg,{"mac.c",817},"Bad ref"},crypto,mac_update,true,#{erl_function_arg_num => 1}}
%% expect: {{badarg,{"api_ng.c",242},"Unknown cipher"},crypto,crypto_one_time,true,#{erl_function_arg_num => 1}}
%% expect: {{badarg,{"api_ng.c",244},"Bad key size"},crypto,crypto_one_time,true,#{erl_function_arg_num => 2}}
%% expect: {{badarg,{"api_ng.c",310},"Bad iv size"},crypto,crypto_one_time,true,#{erl_function_arg_num => 3}}
%% expect: {{badarg,{"api_ng.c",966},"expected binary as data"},crypto,crypto_one_time,true,#{erl_function_arg_num => 4}}
%% expect: {{error,{"api_ng.c",610},"Padding 'none' but unfilled last block"},crypto,crypto_one_time,true,#{erl_function_arg_num => undefined}}
%% expect: {{badarg,{"api_ng.c",174},"Bad tag in option: nosuch"},crypto,crypto_one_time,true,#{erl_function_arg_num => 5}}
%% expect: {{badarg,{"api_ng.c",250},"Missing arguments for this cipher"},crypto,crypto_init,true,#{erl_function_arg_num => 1}}
%% expect: {{badarg,{"api_ng.c",731},"Bad State"},crypto,crypto_update,true,#{erl_function_arg_num => 1}}
%% expect: {{badarg,{"aead.c",90},"Unknown cipher or invalid key size"},crypto,crypto_one_time_aead,true,#{erl_function_arg_num => 1}}
%% expect: {{badarg,{"pbkdf2_hmac.c",38},"Not eligible digest type"},crypto,pbkdf2_hmac,true,#{erl_function_arg_num => 1}}
%% expect: {{badarg,{"pkey.c",138},"Bad digest type"},crypto,sign,5,#{erl_function_arg_num => 2}}
%% expect: {{badarg,{"pkey.c",357},"Couldn't get RSA private key"},crypto,sign,5,#{erl_function_arg_num => 4}}
%% expect: {{badarg,{"pkey.c",362},"Couldn't get ECDSA private key"},crypto,sign,5,#{erl_function_arg_num => 4}}
%% expect: {{badarg,{"pkey.c",449},"Couldn't get EDDSA public key"},crypto,verify,6,#{erl_function_arg_num => 5}}
%% expect: {{badarg,{"pkey.c",924},"Expect only two-tuples in the list"},crypto,pkey_crypt,true,#{erl_function_arg_num => 4}}
%% expect: {{badarg,{"rsa.c",465},"Can't be < 256"},crypto,generate_key,true,#{erl_function_arg_num => 2}}
%% expect: {{badarg,{"ec.c",355},"Couldn't get Curve definition"},crypto,generate_key,true,#{erl_function_arg_num => 1}}
%% expect: {{badarg,{"evp.c",50},"Not a valid raw private key"},crypto,compute_key,4,#{erl_function_arg_num => 3}}
%% expect: {badarg,crypto,rand_uniform_pos,2,undefined}
%% expect: {badarg,crypto,hash_equals_nif,true,undefined}
%% expect: {badarg,crypto,do_exor,true,undefined}
%% expect: {badarg,crypto,mod_exp_nif,true,undefined}
%% expect: {badarg,crypto,hash_info,true,undefined}
-module(crypto_test).
-export([main/0]).
-compile({nowarn_deprecated_function, {crypto, rand_uniform, 2}}).

main() ->
    ok = crypto:start(),
    digests(),
    codes(),
    ciphers(),
    in_parts(),
    tagged(),
    signatures(),
    exchanges(),
    numbers(),
    errors().

hex(Bytes) -> binary_to_list(binary:encode_hex(Bytes)).

sum(Term) -> erlang:phash2(Term).

digests() ->
    Types = crypto:supports(hashs),
    show([{T, hex(binary:part(crypto:hash(T, ["a", <<"b">>, $c]), 0, 8))}
          || T <- Types]),
    Long = binary:copy(<<"0123456789">>, 50000),
    show([T || T <- Types,
               crypto:hash(T, Long) =/=
                   crypto:hash_final(
                     lists:foldl(fun(D, S) -> crypto:hash_update(S, D) end,
                                 crypto:hash_init(T),
                                 [<<>>, binary:part(Long, 0, 7),
                                  binary:part(Long, 7, 499993)]))]),
    State = crypto:hash_update(crypto:hash_init(sha), "ab"),
    show({hex(crypto:hash_final(State)),
          hex(crypto:hash_final(crypto:hash_update(State, "c"))),
          hex(crypto:hash_final(State))}),
    show([maps:remove(type, crypto:hash_info(T)) || T <- [md5, sha3_384]]),
    show({crypto:hash_equals(<<"ab">>, <<"ab">>),
          crypto:hash_equals(<<"ab">>, <<"ac">>)}).

codes() ->
    Key = <<1:256>>,
    show(hex(crypto:mac(hmac, sha256, "Jefe", "what do ya want for nothing?"))),
    show(hex(crypto:mac(cmac, aes_cbc, <<7:128>>, "abc"))),
    show(hex(crypto:mac(poly1305, Key, "abc"))),
    show(sum([crypto:mac(cmac, C, <<7:(8 * S)>>, "abc")
              || {C, S} <- [{aes_192_cbc, 24}, {aes_256_cbc, 32},
                            {des_ede3_cbc, 24}, {blowfish_cbc, 16}]])),
    show(hex(crypto:macN(hmac, sha, Key, "abc", 5))),
    Parts = crypto:mac_update(crypto:mac_init(hmac, sha, Key), "a"),
    _ = crypto:mac_update(Parts, "bc"),
    show(crypto:mac_final(Parts) =:= crypto:mac(hmac, sha, Key, "abc")),
    show(hex(crypto:pbkdf2_hmac(sha, <<"password">>, <<"salt">>, 4096, 20))).

key_for(Cipher) ->
    #{key_length := K, iv_length := V} = crypto:cipher_info(Cipher),
    {binary:part(<<1:128, 2:128, 3:128>>, 48 - K, K), <<5:(8 * V)>>}.

ciphers() ->
    Ciphers = [C || C <- lists:sort(crypto:supports(ciphers)),
                    not is_tagged(C)],
    Text = binary:copy(<<"sixteen bytes or">>, 20),
    show(length(Ciphers)),
    [show({C, sum(one_time(C, Text, true)),
           one_time(C, one_time(C, Text, true), false) =:= Text})
     || C <- Ciphers],
    show([{P, one_time(aes_128_cbc, <<"abc">>, [{padding, P}]) =/= <<>>,
           decrypted(P)} || P <- [zero, pkcs_padding]]),
    Long = binary:copy(Text, 1000),
    show(sum(one_time(aes_256_ctr, Long, true))).

decrypted(P) ->
    one_time(aes_128_cbc, one_time(aes_128_cbc, <<"abc">>, [{padding, P}]),
             [{encrypt, false}, {padding, P}]).

is_tagged(C) -> maps:get(prop_aead, crypto:cipher_info(C)).

one_time(Cipher, Text, Options) ->
    case key_for(Cipher) of
        {Key, <<>>} -> crypto:crypto_one_time(Cipher, Key, Text, Options);
        {Key, Vector} ->
            crypto:crypto_one_time(Cipher, Key, Vector, Text, Options)
    end.

in_parts() ->
    S = crypto:crypto_init(aes_cbc, <<7:128>>, <<8:128>>,
                           [{encrypt, true}, {padding, pkcs_padding}]),
    Parts = [crypto:crypto_update(S, D) || D <- ["abc", <<0:200>>, []]],
    End = crypto:crypto_final(S),
    show({[byte_size(P) || P <- Parts], byte_size(End),
          crypto:crypto_get_data(S)}),
    show(iolist_to_binary([Parts, End]) =:=
             crypto:crypto_one_time(aes_128_cbc, <<7:128>>, <<8:128>>,
                                    ["abc", <<0:200>>],
                                    [{padding, pkcs_padding}])),
    Stream = crypto:crypto_init(rc4, <<7:128>>, true),
    show(hex(crypto:crypto_update(Stream, "abcdef"))).

tagged() ->
    [begin
         {Key, _} = key_for(C),
         {Hidden, Tag} = crypto:crypto_one_time_aead(C, Key, <<3:96>>, "text",
                                                     "more", true),
         Back = fun(T) ->
                        crypto:crypto_one_time_aead(C, Key, <<3:96>>, Hidden,
                                                    "more", T, false)
                end,
         show({C, hex(Hidden), hex(Tag), Back(Tag), Back(<<1:128>>)})
     end || C <- lists:sort(crypto:supports(ciphers)), is_tagged(C)],
    {Hidden, Tag} = crypto:crypto_one_time_aead(aes_gcm, <<1:256>>, <<3:64>>,
                                                "text", <<>>, 4, true),
    show({Hidden, byte_size(Tag)}).

signatures() ->
    {Public, Private} = crypto:generate_key(rsa, {1024, 65537}),
    show({length(Public), length(Private), [bit_size(N) || N <- Public]}),
    [show({Options,
           crypto:verify(rsa, sha256, "text",
                         crypto:sign(rsa, sha256, "text", Private, Options),
                         Public, Options),
           crypto:verify(rsa, sha256, "other",
                         crypto:sign(rsa, sha256, "text", Private, Options),
                         Public, Options)})
     || Options <- [[], [{rsa_padding, rsa_pkcs1_pss_padding}],
                    [{rsa_padding, rsa_pkcs1_pss_padding},
                     {rsa_pss_saltlen, 20}, {rsa_mgf1_md, sha}],
                    [{rsa_padding, rsa_x931_padding}]]],
    Short = [lists:nth(I, Private) || I <- [1, 2, 3]],
    show(crypto:sign(rsa, sha, "text", Private) =:=
             crypto:sign(rsa, sha, {digest, crypto:hash(sha, "text")}, Short)),
    [show({P, crypto:private_decrypt(
                rsa, crypto:public_encrypt(rsa, <<"secret">>, Public, P),
                Private, P)})
     || P <- [rsa_pkcs1_padding, rsa_pkcs1_oaep_padding,
              [{rsa_padding, rsa_pkcs1_oaep_padding}, {rsa_oaep_md, sha256},
               {rsa_oaep_label, <<"label">>}]]],
    show(crypto:public_decrypt(
           rsa, crypto:private_encrypt(rsa, <<"open">>, Private,
                                       rsa_pkcs1_padding),
           Public, rsa_pkcs1_padding)),
    show(crypto:privkey_to_pubkey(rsa, Private) =:=
             [crypto:bytes_to_integer(N) || N <- Public]),
    by_curves().

by_curves() ->
    [begin
         {Public, Private} = crypto:generate_key(eddsa, C, <<9:S/unit:8>>),
         Signature = crypto:sign(eddsa, none, "text", [Private, C]),
         show({C, sum({Public, Signature}),
               crypto:verify(eddsa, none, "text", Signature, [Public, C])})
     end || {C, S} <- [{ed25519, 32}, {ed448, 57}]],
    [begin
         {Public, Private} = crypto:generate_key(ecdh, C),
         Signature = crypto:sign(ecdsa, sha384, "text", [Private, C]),
         show({is_atom(C),
               crypto:verify(ecdsa, sha384, "text", Signature, [Public, C]),
               crypto:verify(ecdsa, sha384, "texts", Signature, [Public, C])})
     end || C <- [secp256r1, crypto:ec_curve(secp521r1), sect283k1]],
    show(sum([{C, crypto:ec_curve(C)}
              || C <- crypto:ec_curves() -- [ed25519, ed448]])).

exchanges() ->
    [begin
         {A, X} = crypto:generate_key(Type, C),
         {B, Y} = crypto:generate_key(Type, C),
         {Again, X} = crypto:generate_key(Type, C, X),
         show({Type, Again =:= A, crypto:compute_key(Type, A, Y, C) =:=
                   crypto:compute_key(Type, B, X, C)})
     end || {Type, C} <- [{ecdh, secp256k1}, {ecdh, brainpoolP384t1},
                          {ecdh, wtls7}, {ecdh, x25519}, {eddh, x448}]],
    Group = [prime(), <<2>>],
    {A, X} = crypto:generate_key(dh, Group),
    {B, Y} = crypto:generate_key(dh, Group),
    show(crypto:compute_key(dh, A, Y, Group) =:=
             crypto:compute_key(dh, B, X, Group)),
    show(hex(element(1, crypto:generate_key(ecdh, secp256r1, <<5>>)))),
    passwords().

passwords() ->
    X = crypto:hash(sha, "salt and password"),
    G = <<2>>,
    V = crypto:mod_pow(G, X, prime()),
    [begin
         {A, _} = User = crypto:generate_key(srp, {user, [G, prime(), Version]},
                                             <<9:256>>),
         {B, _} = Host = crypto:generate_key(
                           srp, {host, [V, G, prime(), Version]}, <<8:256>>),
         Mine = crypto:compute_key(srp, B, User,
                                   {user, [X, prime(), G, Version, <<77>>]}),
         show({Version, sum({User, Host, Mine}),
               Mine =:= crypto:compute_key(
                          srp, A, Host, {host, [V, prime(), Version, <<77>>]})})
     end || Version <- ['3', '6', '6a']].

%% Of RFC 5054.
prime() ->
    <<16#EEAF0AB9ADB38DD69C33F80AFA8FC5E86072618775FF3C0B9EA2314C9C256576D674DF7:300,
      16#496EA81D3383B4813D692C6E0E0D5D8E250B98BE48E495C1D6089DAD15DC7D7B46154:276,
      16#D6B6CE8EF4AD69B15D4982559B297BCF1885C529F566660E57EC68EDBC3C05726CC02:276,
      16#FD4CBF4976EAA9AFD5138FE8376435B9FC61D2FC0EB06E3:188>>.

numbers() ->
    show({crypto:mod_pow(3, 100, 1000007), crypto:exor("ab", [<<"c">>, "d"]),
          crypto:bytes_to_integer(<<1, 2>>)}),
    show([byte_size(crypto:strong_rand_bytes(N)) || N <- [0, 1, 1000]]),
    show(lists:usort([crypto:rand_uniform(-2, 3)
                      || _ <- lists:seq(1, 1000)])),
    State = crypto:rand_seed_alg_s(crypto_aes, "seed"),
    {Drawn, Later} = lists:mapfoldl(fun(_, S) -> rand:uniform_s(1 bsl 58, S) end,
                                    State, lists:seq(1, 200)),
    show(sum(Drawn)),
    show(element(1, rand:uniform_s(1000000, rand:jump(Later)))),
    [begin
         S = crypto:rand_seed_alg_s(Alg),
         {N, _} = rand:uniform_s(10, S),
         show({Alg, N >= 1, N =< 10})
     end || Alg <- [crypto, crypto_cache]].

%% Lines of OTP's C sources are part of what is raised.
errors() ->
    [show(try apply(crypto, F, Args)
          catch error:Reason:Stack ->
                  [{M, G, A, Info} | _] = Stack,
                  {Reason, M, G, is_list(A) orelse A,
                   proplists:get_value(error_info, Info)}
          end)
     || {F, Args} <-
            [{hash, [nosuch, "abc"]}, {hash_init, [nosuch]},
             {hash_update, [nosuch, "abc"]},
             {mac, [nosuch, sha, "k", "d"]}, {mac, [hmac, nosuch, "k", "d"]},
             {mac, [cmac, nosuch, "k", "d"]},
             {mac, [cmac, aes_128_cbc, "k", "d"]},
             {mac_init, [hmac, nosuch, "k"]}, {mac_update, [nosuch, "d"]},
             {crypto_one_time, [nosuch, "k", "d", true]},
             {crypto_one_time, [aes_128_ecb, "k", "d", true]},
             {crypto_one_time, [aes_128_cbc, <<0:128>>, "v", "d", true]},
             {crypto_one_time, [aes_128_cbc, <<0:128>>, <<0:128>>, d, true]},
             {crypto_one_time, [aes_128_cbc, <<0:128>>, <<0:128>>, "d",
                                [{padding, none}]]},
             {crypto_one_time, [aes_128_cbc, <<0:128>>, <<0:128>>, "d",
                                [{nosuch, 1}]]},
             {crypto_init, [aes_gcm, <<0:128>>, <<0:96>>, true]},
             {crypto_update, [nosuch, "d"]},
             {crypto_one_time_aead, [aes_128_gcm, "k", "v", "d", "m", true]},
             {pbkdf2_hmac, [md5, <<>>, <<>>, 1, 1]},
             {sign, [rsa, nosuch, "d", [3, 7]]},
             {sign, [rsa, sha, "d", [3, 7]]},
             {sign, [ecdsa, sha, "d", [1, nosuch]]},
             {verify, [eddsa, none, "d", <<>>, [<<1>>, ed25519]]},
             {public_encrypt, [rsa, <<1>>, [3, 7], [nosuch]]},
             {generate_key, [rsa, {100, 3}]},
             {generate_key, [ecdh, nosuch]},
             {compute_key, [eddh, <<1>>, <<2>>, x25519]},
             {rand_uniform, [5, 3]}, {hash_equals, [<<>>, <<1>>]},
             {exor, [<<>>, <<1>>]}, {mod_pow, [2, 5, 0]},
             {hash_info, [nosuch]}]].

show(Term) -> io:format("~0p~n", [Term]).
