%% SPDX-License-Identifier: Apache-2.0
%% Digests and message authentication.
%% expect: {crypto1,hash,107240889}
%% expect: {crypto2,hash,96473524}
%% expect: {crypto3,hash,18922748}
-module(bif_crypto).
-include("named_answers.hrl").

cases() ->
    [
     {crypto1, fun() -> [{T,t(fun() -> crypto:hash(T,D) end), t(fun() -> crypto:hash_final(crypto:hash_update(crypto:hash_update(crypto:hash_init(T),"x"),D)) end)} || T <- [md5,sha,sha224,sha256,sha384,sha512,sha3_224,sha3_256,sha3_384,sha3_512,blake2b,blake2s,ripemd160], D <- [<<>>,"abc",[<<"abc">>,$d]]] end},
     {crypto2, fun() -> [{T,t(fun() -> crypto:mac(hmac,T,"key",["data"]) end),t(fun() -> crypto:macN(hmac,T,"key",["data"],5) end), t(fun() -> crypto:mac_final(crypto:mac_update(crypto:mac_init(hmac,T,"k"),"data")) end)} || T <- [md5,sha,sha256,sha512,foo]] end},
     {crypto3, fun() -> {t(fun() -> crypto:hash(foo,"a") end), t(fun() -> crypto:hash(sha,foo) end), t(fun() -> crypto:mac(foo,sha,"k","d") end), crypto:exor("abc",<<"xyz">>), t(fun() -> crypto:exor(<<1>>,<<>>) end), crypto:hash_equals(<<1>>,<<1>>), crypto:hash_info(sha256), byte_size(crypto:strong_rand_bytes(100)), t(fun() -> crypto:strong_rand_bytes(-1) end), crypto:bytes_to_integer(<<1,2,3>>)} end}
    ].


