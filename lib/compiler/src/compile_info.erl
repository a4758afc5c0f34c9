%% SPDX-License-Identifier: Apache-2.0
%% What a .beam file tells of its making: chunk CInf, for module_info(compile),
%% and chunk Dbgi, from which tools get the forms. extra_chunks in
%% compiler/compile.c makes the same.
-module(compile_info).

-export([debug_chunk/4, list/3, absolute/1]).

%% {ok, Bytes, Options}, the options being those that list/3 is to be given.
%% [Given] are the caller's options, [All] also those of the module.
debug_chunk(Output, Forms, Given, All) ->
    {Info, Options} = debug_info(Forms, Given, All),
    Bytes = term_to_binary(Info, [compressed]),
    case lists:member(encrypt_debug_info, Options) of
        false -> {ok, Bytes, Options};
        true -> encrypted({module(Forms), Output}, Bytes, Options)
    end.

debug_info(Forms, Given, All) ->
    Kept = [O || O <- Given, is_kept(O, lists:member(deterministic, Given))],
    Others = proplists:delete(debug_info, Given),
    case proplists:get_value(debug_info, All, false) of
        {Backend, Data} when is_atom(Backend) ->
            {{debug_info_v1, Backend, Data}, Others};
        true ->
            {{debug_info_v1, erl_abstract_code, {Forms, Kept}},
             [debug_info | Others]};
        false ->
            {{debug_info_v1, erl_abstract_code, {none, Kept}}, Given}
    end.

%% Who compiles the forms again has them with macros and transforms applied.
is_kept({i, _}, Deterministic) -> not Deterministic;
is_kept({cwd, _}, Deterministic) -> not Deterministic;
is_kept({parse_transform, _}, _) -> false;
is_kept({d, _, _}, _) -> false;
is_kept(Option, _) ->
    not lists:member(Option, [from_asm, from_core, from_abstr])
        andalso changes_code(Option).

changes_code({cwd, _}) -> false;
changes_code({outdir, _}) -> false;
changes_code(Option) ->
    not lists:member(Option, [beam, report_warnings, report_errors,
                              return_errors, return_warnings,
                              warnings_as_errors, binary, verbose]).

%% The list of chunk CInf but for the version.
list(File, Kept, All) ->
    Options = [O || O <- Kept, changes_code(O)],
    Info = proplists:get_value(compile_info, Options, []),
    Deterministic = lists:member(deterministic, All),
    Source = case absolute(File) of
                 [_ | _] = Path ->
                     [{source, Path} || not Deterministic,
                                        not lists:member(slim, All)];
                 [] -> []
             end,
    [{options, proplists:delete(compile_info, Options)}
     || not Deterministic] ++ Source ++ Info.

absolute("") -> "";
absolute(File) ->
    case file:get_cwd() of
        {ok, Folder} -> filename:absname(File, Folder);
        _ -> File
    end.

%% ---- Encryption ----

%% Who keeps no forms has nothing to hide.
module([_ | _] = Forms) ->
    {attribute, _, module, Module} = lists:keyfind(module, 3, Forms),
    Module;
module(_) -> [].

encrypted({Module, Output}, Bytes, Options) ->
    case lists:keytake(debug_info_key, 1, Options) of
        {value, {_, Key}, Others} ->
            encrypt(Key, Bytes, [{debug_info_key, '********'} | Others]);
        false ->
            Mode = proplists:get_value(crypto_mode, Options, des3_cbc),
            case beam_lib:get_crypto_key({debug_info, Mode, Module, Output}) of
                error -> {error, no_crypto_key};
                Key -> encrypt({Mode, Key}, Bytes, Options)
            end
    end.

encrypt(Text, Bytes, Options) when is_list(Text) ->
    encrypt({des3_cbc, Text}, Bytes, Options);
encrypt({Type, Text}, Bytes, Options) when is_atom(Type), is_list(Text) ->
    case start_crypto() of
        false -> {error, no_crypto};
        true ->
            try beam_lib:make_crypto_key(Type, Text) of
                Key -> {ok, encrypt_with(Key, Bytes), Options}
            catch
                error:_ -> {error, bad_crypto_key}
            end
    end;
encrypt(_, _, _) -> {error, bad_crypto_key}.

start_crypto() ->
    try apply(crypto, start, []) of
        {error, {already_started, crypto}} -> true;
        ok -> true;
        _ -> false
    catch
        error:_ -> false
    end.

%% A zero, the name of the method, the forms filled up to whole blocks.
encrypt_with({des3_cbc = Type, Key, Vector, Block}, Bytes) ->
    Missing = (Block - byte_size(Bytes) rem Block) rem Block,
    Padding = apply(crypto, strong_rand_bytes, [Missing]),
    Hidden = apply(crypto, crypto_one_time,
                   [des_ede3_cbc, Key, Vector,
                    <<Bytes/binary, Padding/binary>>, true]),
    Name = atom_to_binary(Type),
    <<0, (byte_size(Name)), Name/binary, Hidden/binary>>.
