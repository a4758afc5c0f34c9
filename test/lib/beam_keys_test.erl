%% SPDX-License-Identifier: Apache-2.0
%% beam_lib: debug information that is hidden by a key.
%% expect: {key_missing_or_invalid,abstract_code}
%% expect: undefined
%% expect: {error,badfun}
%% expect: {error,refused}
%% expect: ok
%% expect: {error,exists}
%% expect: {key_missing_or_invalid,abstract_code}
%% expect: {ok,cleared}
%% expect: ok
%% expect: 3
%% expect: 3
%% expect: 4067494
-module(beam_keys_test).
-export([main/0]).

main() ->
    Forms = [{attribute, 1, module, hidden}, {attribute, 2, export, [{f, 0}]},
             {function, 3, f, 0, [{clause, 3, [], [], [{integer, 3, 1}]}]}],
    {ok, hidden, Code} = compile:forms(Forms, [debug_info,
                                               {debug_info_key, "a key"}]),
    show(length_of(Code)),
    show(beam_lib:clear_crypto_key_fun()),
    show(beam_lib:crypto_key_fun(no_fun)),
    show(beam_lib:crypto_key_fun(fun(init) -> {error, refused} end)),
    show(beam_lib:crypto_key_fun(keys("another"))),
    show(beam_lib:crypto_key_fun(keys("a key"))),
    show(length_of(Code)),
    show(beam_lib:clear_crypto_key_fun()),
    show(beam_lib:crypto_key_fun(fun(init) -> {ok, keys("a key")} end)),
    show(length_of(Code)),
    {ok, hidden, Again} = compile:forms(Forms, [debug_info,
                                                encrypt_debug_info]),
    show(length_of(Again)),
    show(erlang:phash2(beam_lib:make_crypto_key(des3_cbc, "text"))).

keys(Key) ->
    fun(init) -> ok;
       ({debug_info, des3_cbc, hidden, _}) -> Key;
       (clear) -> cleared
    end.

%% How many forms there are to see, or why not.
length_of(Code) ->
    case beam_lib:chunks(Code, [abstract_code]) of
        {ok, {hidden, [{abstract_code, {raw_abstract_v1, Forms}}]}} ->
            length(Forms);
        {error, beam_lib, {Reason, _, Chunk}} -> {Reason, Chunk}
    end.

show(Term) -> io:format("~0p~n", [Term]).
