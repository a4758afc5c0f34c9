%% SPDX-License-Identifier: Apache-2.0
%% beam_lib: the chunks of a .beam file: "FOR1" Size "BEAM", then for each its
%% name, size and bytes, filled up to a multiple of four.
-module(beam_lib).

-export([info/1, chunks/2, chunks/3, all_chunks/1, cmp/2, cmp_dirs/2,
         diff_dirs/2, strip/1, strip/2, strip_files/1, strip_files/2,
         strip_release/1, strip_release/2, significant_chunks/0,
         build_module/1, version/1, md5/1, format_error/1,
         crypto_key_fun/1, clear_crypto_key_fun/0, get_crypto_key/1,
         make_crypto_key/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-behaviour(gen_server).

-export_type([beam/0, chunkid/0, attrib_entry/0, compinfo_entry/0,
              info_rsn/0]).

-type beam() :: file:filename() | binary().
-type chunkid() :: string().
-type attrib_entry() :: {atom(), [term()]}.
-type compinfo_entry() :: {atom(), term()}.
-type info_rsn() :: term().

%% Chunks with names of their own.
names() ->
    [{atoms, "AtU8"}, {attributes, "Attr"}, {compile_info, "CInf"},
     {exports, "ExpT"}, {labeled_exports, "ExpT"}, {imports, "ImpT"},
     {indexed_imports, "ImpT"}, {locals, "LocT"}, {labeled_locals, "LocT"},
     {abstract_code, "Abst"}, {debug_info, "Dbgi"},
     {documentation, "Docs"}].

%% Chunks that say what the module does.
significant_chunks() ->
    ["Line", "Type" | md5_chunks()].

md5_chunks() ->
    ["Atom", "AtU8", "Code", "StrT", "ImpT", "ExpT", "FunT", "LitT",
     "Meta"].

%%% Reading

-spec info(beam()) -> [tuple()] | {error, beam_lib, info_rsn()}.
info(File) ->
    try
        {Source, Module, Chunks, _} = read(File),
        [case is_binary(Source) of
             true -> {binary, Source};
             false -> {file, Source}
         end, {module, Module},
         {chunks, [{Id, Pos, byte_size(Bytes)}
                   || {Id, Pos, Bytes} <- Chunks, is_binary(Bytes)]}]
    catch
        throw:Error -> Error
    end.

chunks(File, Wanted) -> chunks(File, Wanted, []).

-spec chunks(beam(), [chunkid() | atom()], [atom()]) ->
          {ok, {module(), [{chunkid() | atom(), term()}]}}
        | {error, beam_lib, term()}.
chunks(File, Wanted, Options) when is_list(Wanted), is_list(Options) ->
    try
        {Source, Module, Chunks, _} = read(File),
        Missing = lists:member(allow_missing_chunks, Options),
        {ok, {Module, [{W, chunk(W, Source, Chunks, Missing)}
                       || W <- Wanted]}}
    catch
        throw:Error -> Error
    end.

-spec all_chunks(beam()) ->
          {ok, module(), [{chunkid(), binary()}]} | {error, beam_lib, term()}.
all_chunks(File) ->
    try
        {_, Module, Chunks, _} = read(File),
        {ok, Module, [{Id, Bytes} || {Id, _, Bytes} <- Chunks,
                                     is_binary(Bytes)]}
    catch
        throw:Error -> Error
    end.

-spec version(beam()) -> {ok, {module(), [term()]}} | {error, beam_lib, term()}.
version(File) ->
    case chunks(File, [attributes]) of
        {ok, {Module, [{attributes, Attributes}]}} ->
            {vsn, Version} = lists:keyfind(vsn, 1, Attributes),
            {ok, {Module, Version}};
        Error -> Error
    end.

-spec md5(beam()) -> {ok, {module(), binary()}} | {error, beam_lib, term()}.
md5(File) ->
    try
        {_, Module, Chunks, _} = read(File),
        Parts = [case Id of
                     "FunT" -> without_old_uniques(Bytes);
                     _ -> Bytes
                 end || Id <- md5_chunks(), {I, _, Bytes} <- Chunks, I =:= Id],
        {ok, {Module, erlang:md5(Parts)}}
    catch
        throw:Error -> Error
    end.

%% The last word of each fun's entry is no part of what the module does.
without_old_uniques(<<N:4/binary, Funs/binary>>) ->
    [N | [[Entry, <<0:32>>] || <<Entry:20/binary, _:32>> <= Funs]].

%% {Source, Module, [{Id, Position, Bytes}], All}
read(File0) ->
    {Source, Bytes} = contents(File0),
    case Bytes of
        <<"FOR1", _:32, "BEAM", Body/binary>> ->
            Chunks = split(Body, 12),
            {Source, module(Chunks, Source), Chunks, Bytes};
        _ -> no_beam({not_a_beam_file, where(Source)})
    end.

contents(Bytes) when is_binary(Bytes) -> {Bytes, unzipped(Bytes)};
contents(File0) ->
    File = filename:rootname(name(File0), ".beam") ++ ".beam",
    case file:read_file(File) of
        {ok, Bytes} -> {File, unzipped(Bytes)};
        {error, Reason} ->
            case filename:pathtype(File) =:= absolute
                andalso erl_prim_loader:get_file(File) of
                {ok, Bytes, _} -> {File, unzipped(Bytes)}; % of the pack
                _ -> throw({error, ?MODULE, {file_error, File, Reason}})
            end
    end.

%% What is wrong with the file as a whole is told of its name as an atom.
no_beam(Reason) -> throw({error, ?MODULE, Reason}).

where(Bytes) when is_binary(Bytes) -> Bytes;
where(File) -> list_to_atom(File).

name(File) when is_atom(File) -> atom_to_list(File);
name(File) -> lists:flatten(File).

unzipped(<<31, 139, _/binary>> = Bytes) ->
    try zlib:gunzip(Bytes)
    catch error:_ -> Bytes
    end;
unzipped(Bytes) -> Bytes.

%% What is cut off at the end is missed where it is wanted: {Size, Left}
%% stands for its bytes.
split(<<Id:4/binary, Size:32, Rest/binary>>, At) ->
    Padded = (Size + 3) band (bnot 3),
    case Rest of
        <<Bytes:Size/binary, _/binary>> ->
            After = binary:part(Rest, min(Padded, byte_size(Rest)),
                                max(0, byte_size(Rest) - Padded)),
            [{binary_to_list(Id), At + 8, Bytes}
             | split(After, At + 8 + Padded)];
        _ -> [{binary_to_list(Id), At + 8, {Size, byte_size(Rest)}}]
    end;
split(<<>>, _) -> [];
split(_, At) -> [{"", At, cut}]. % within the head of a chunk

%% The first atom is the module's name; no others need to be made for it.
module(Chunks, Source) ->
    try atoms(Chunks, 1) of
        [{1, Module} | _] -> Module;
        [] -> no_beam({missing_chunk, where(Source), "Atom"})
    catch
        error:_ -> throw({error, ?MODULE, {invalid_chunk, Source, "AtU8"}})
    end.

atoms(Chunks) -> atoms(Chunks, -1).

%% At most [Count] atoms; below 0, all.
atoms(Chunks, Count) ->
    case {lists:keyfind("AtU8", 1, Chunks), lists:keyfind("Atom", 1, Chunks)} of
        {{_, _, <<_:32, Texts/binary>>}, _} -> atoms(Texts, utf8, 1, Count);
        {_, {_, _, <<_:32, Texts/binary>>}} -> atoms(Texts, latin1, 1, Count);
        _ -> []
    end.

atoms(_, _, _, 0) -> [];
atoms(<<Size, Text:Size/binary, Rest/binary>>, Encoding, N, Count) ->
    [{N, binary_to_atom(Text, Encoding)}
     | atoms(Rest, Encoding, N + 1, Count - 1)];
atoms(<<>>, _, _, _) -> [].

chunk(Wanted, Source, Chunks, Missing) when is_atom(Wanted) ->
    case lists:keyfind(Wanted, 1, names()) of
        {_, Id} ->
            try named(Wanted, Id, Source, Chunks, Missing)
            catch
                error:_ ->
                    throw({error, ?MODULE, {invalid_chunk, Source, Id}})
            end;
        false -> throw({error, ?MODULE, {unknown_chunk, Source, Wanted}})
    end;
chunk(Id, Source, Chunks, Missing) ->
    case lists:keyfind(Id, 1, Chunks) of
        {_, _, {Size, Left}} ->
            no_beam({chunk_too_big, where(Source), Id, Size, Left});
        {_, _, Bytes} -> Bytes;
        false -> missing(Id, Source, Chunks, Missing)
    end.

missing(Id, Source, Chunks, Missing) ->
    case lists:keyfind(cut, 3, Chunks) of
        {_, At, cut} -> no_beam({invalid_beam_file, where(Source), At});
        false when Missing -> missing_chunk;
        false -> no_beam({missing_chunk, where(Source), Id})
    end.

named(atoms, _, _, Chunks, _) -> atoms(Chunks);
named(abstract_code, _, Source, Chunks, Missing) ->
    case lists:keyfind("Abst", 1, Chunks) of
        {_, _, <<>>} -> no_abstract_code;
        {_, _, Bytes} ->
            shown(abstract_code, Bytes, module(Chunks, Source), Source);
        false -> from_debug_info(Source, Chunks, Missing)
    end;
named(debug_info, Id, Source, Chunks, Missing) ->
    case chunk(Id, Source, Chunks, Missing) of
        missing_chunk -> missing_chunk;
        <<>> -> no_debug_info;
        Bytes ->
            {debug_info_v1, _, _}
                = shown(debug_info, Bytes, module(Chunks, Source), Source)
    end;
named(Name, Id, Source, Chunks, Missing) ->
    case chunk(Id, Source, Chunks, Missing) of
        missing_chunk -> missing_chunk;
        Bytes -> parsed(Name, Bytes, maps:from_list(atoms(Chunks)))
    end.

from_debug_info(Source, Chunks, _) ->
    case lists:keyfind("Dbgi", 1, Chunks) of
        {_, _, Bytes} when Bytes =/= <<>> ->
            Module = module(Chunks, Source),
            {debug_info_v1, Backend, Data}
                = shown(abstract_code, Bytes, Module, Source),
            case debug_forms(Backend, Module, Data) of
                {ok, Forms} -> {raw_abstract_v1, Forms};
                {error, missing_backend} ->
                    throw({error, ?MODULE,
                           {missing_backend, Source, Backend}});
                {error, _} -> no_abstract_code
            end;
        _ -> no_abstract_code
    end.

debug_forms(Backend, Module, Data) ->
    try Backend:debug_info(erlang_v1, Module, Data, [])
    catch
        error:undef -> {error, missing_backend};
        error:_ -> {error, missing}
    end.

parsed(attributes, Bytes, _) ->
    Attributes = binary_to_term(Bytes),
    Keys = lists:usort([K || {K, _} <- Attributes]),
    [{K, lists:append([V || {K1, V} <- Attributes, K1 =:= K])} || K <- Keys];
parsed(compile_info, Bytes, _) -> binary_to_term(Bytes);
parsed(documentation, Bytes, _) -> binary_to_term(Bytes);
parsed(indexed_imports, <<_:32, Entries/binary>>, Atoms) ->
    Imports = triples(Entries, Atoms),
    [{I, M, F, A}
     || {I, {M, F, A}} <- lists:zip(lists:seq(1, length(Imports)),
                                    Imports)];
parsed(imports, <<_:32, Entries/binary>>, Atoms) ->
    lists:sort(triples(Entries, Atoms));
parsed(Name, <<_:32, Entries/binary>>, Atoms)
  when Name =:= exports; Name =:= locals ->
    lists:sort([{map_get(F, Atoms), A} || <<F:32, A:32, _:32>> <= Entries]);
parsed(_, <<_:32, Entries/binary>>, Atoms) ->
    lists:sort([{map_get(F, Atoms), A, L}
                || <<F:32, A:32, L:32>> <= Entries]).

triples(Entries, Atoms) ->
    [{map_get(M, Atoms), map_get(F, Atoms), A}
     || <<M:32, F:32, A:32>> <= Entries].

%%% Comparing and stripping

cmp(File1, File2) ->
    try
        {_, M1, Chunks1, _} = read(File1),
        {_, M2, Chunks2, _} = read(File2),
        M1 =:= M2 orelse throw({error, ?MODULE, {modules_different, M1, M2}}),
        case [Id || Id <- md5_chunks() ++ significant_chunks(),
                    bytes(Id, Chunks1) =/= bytes(Id, Chunks2)] of
            [] -> ok;
            [Id | _] -> {error, ?MODULE, {chunks_different, Id}}
        end
    catch
        throw:Error -> Error
    end.

bytes(Id, Chunks) ->
    case lists:keyfind(Id, 1, Chunks) of
        {_, _, Bytes} -> Bytes;
        false -> none
    end.

cmp_dirs(Dir1, Dir2) ->
    try {beams(Dir1), beams(Dir2)} of
        {Names1, Names2} ->
            Both = [N || N <- Names1, lists:member(N, Names2)],
            Pairs = [{filename:join(Dir1, N), filename:join(Dir2, N)}
                     || N <- Both],
            {[filename:join(Dir1, N) || N <- Names1 -- Both],
             [filename:join(Dir2, N) || N <- Names2 -- Both],
             [Pair || {File1, File2} = Pair <- Pairs,
                      cmp(File1, File2) =/= ok]}
    catch
        throw:Error -> Error
    end.

beams(Dir) ->
    filelib:is_dir(Dir)
        orelse throw({error, ?MODULE, {not_a_directory, Dir}}),
    lists:sort([filename:basename(F)
                || F <- filelib:wildcard(filename:join(Dir, "*.beam"))]).

diff_dirs(Dir1, Dir2) ->
    case cmp_dirs(Dir1, Dir2) of
        {error, _, _} = Error -> Error;
        {Only1, Only2, Different} ->
            [io:format("Only in ~tp: ~tp~n", [Dir, Names])
             || {Dir, [_ | _] = Names} <- [{Dir1, Only1}, {Dir2, Only2}]],
            [io:format("** different: ~tp~n", [D]) || D <- Different],
            ok
    end.

strip(File) -> strip(File, []).

strip(File, Extra) ->
    case strip_files([File], Extra) of
        {ok, [Result]} -> {ok, Result};
        Error -> Error
    end.

strip_files(Files) -> strip_files(Files, []).

strip_files(Files, Extra) ->
    try {ok, [strip_one(F, Extra) || F <- Files]}
    catch throw:Error -> Error
    end.

strip_one(File, Extra) ->
    {Source, Module, Chunks, _} = read(File),
    {ok, Plain} = build_module([{Id, B} || Id <- Extra ++ significant_chunks(),
                                           {I, _, B} <- Chunks, I =:= Id]),
    Beam = zlib:gzip(Plain),
    case is_binary(Source) of
        true -> {Module, Beam};
        false ->
            case file:write_file(Source, Beam) of
                ok -> {Module, Source};
                {error, Reason} ->
                    throw({error, ?MODULE, {file_error, Source, Reason}})
            end
    end.

strip_release(Root) -> strip_release(Root, []).

strip_release(Root, Extra) ->
    strip_files(filelib:wildcard(filename:join([Root, "lib", "*", "ebin",
                                                "*.beam"])), Extra).

-spec build_module([{chunkid(), binary()}]) -> {ok, binary()}.
build_module(Chunks) ->
    Body = << <<(list_to_binary(Id))/binary, (byte_size(B)):32, B/binary,
                0:(8 * (-byte_size(B) band 3))>> || {Id, B} <- Chunks >>,
    {ok, <<"FOR1", (byte_size(Body) + 4):32, "BEAM", Body/binary>>}.

%%% Keys of encrypted chunks
%%%
%%% A process that lives from the first question to the end of the fun that
%%% knows the keys, or is to take them from a file .erlang.crypt, answers for
%%% them: its state is the fun, or none.

-define(KEEPER, beam_lib__crypto_key_server).

%% Has the fun asked for keys from here on. It is called with init first, with
%% {debug_info, Mode, Module, File} for a key, with clear in the end.
-spec crypto_key_fun(fun((term()) -> term())) -> ok | {error, term()}.
crypto_key_fun(Fun) -> ask_keeper({crypto_key_fun, Fun}).

-spec clear_crypto_key_fun() -> undefined | {ok, term()}.
clear_crypto_key_fun() -> ask_keeper(clear_crypto_key_fun).

-spec get_crypto_key(tuple()) -> error | term().
get_crypto_key(What) -> ask_keeper({get_crypto_key, What}).

%% Keys, initialisation vector and size of a block made of a text.
-spec make_crypto_key(des3_cbc, string()) ->
          {des3_cbc, [binary()], binary(), 8}.
make_crypto_key(des3_cbc, Text) ->
    <<A:8/binary, B:8/binary>> = First = erlang:md5(Text),
    <<C:8/binary, Vector:8/binary>>
        = erlang:md5([First | lists:reverse(Text)]),
    {des3_cbc, [A, B, C], Vector, 8}.

%% The term of a chunk; one that starts with a zero is hidden. That no key is
%% there is no secret, why it is wrong is.
shown(Name, <<0, Size, Mode:Size/binary, Hidden/binary>>, Module, Source) ->
    try
        Type = binary_to_existing_atom(Mode),
        Text = get_crypto_key({debug_info, Type, Module, Source}),
        {Type, Key, Vector, _} = make_crypto_key(Type, Text),
        binary_to_term(crypto:crypto_one_time(des_ede3_cbc, Key, Vector,
                                              Hidden, false))
    catch
        _:_ -> throw({error, ?MODULE, {key_missing_or_invalid, Source, Name}})
    end;
shown(_, Bytes, _, _) -> binary_to_term(Bytes).

ask_keeper(Request) ->
    try gen_server:call(?KEEPER, Request, infinity)
    catch
        exit:{Reason, _} when Reason =:= noproc; Reason =:= normal ->
            _ = gen_server:start({local, ?KEEPER}, ?MODULE, [], []),
            ask_keeper(Request)
    end.

init([]) -> {ok, none}.

handle_call({crypto_key_fun, Fun}, _, none) when is_function(Fun, 1) ->
    case catch Fun(init) of
        ok -> {reply, ok, Fun};
        {ok, Other} when is_function(Other, 1) -> {reply, ok, Other};
        {ok, Other} when is_function(Other) -> {reply, {error, badfun}, none};
        {error, Reason} -> {reply, {error, Reason}, none};
        {'EXIT', Reason} -> {reply, {error, Reason}, none}
    end;
handle_call({crypto_key_fun, _}, _, none) -> {reply, {error, badfun}, none};
handle_call({crypto_key_fun, _}, _, Fun) -> {reply, {error, exists}, Fun};
handle_call({get_crypto_key, _} = Request, From, none) ->
    case keys_from_file() of
        error -> {reply, error, none};
        Fun -> handle_call(Request, From, Fun)
    end;
handle_call({get_crypto_key, What}, From, Fun) ->
    gen_server:reply(From, try Fun(What) catch _:_ -> error end),
    erlang:garbage_collect(), % the key is not to lie around
    {noreply, Fun};
handle_call(clear_crypto_key_fun, _, none) -> {stop, normal, undefined, none};
handle_call(clear_crypto_key_fun, _, Fun) ->
    {stop, normal, {ok, catch Fun(clear)}, none}.

handle_cast(_, State) -> {noreply, State}.

handle_info(_, State) -> {noreply, State}.

%% The file holds {debug_info, Mode, Module, Key}, with [] for any module.
keys_from_file() ->
    Home = case init:get_argument(home) of
               {ok, [[Folder]]} -> [Folder];
               _ -> []
           end,
    Path = ["."] ++ Home ++ [filename:basedir(user_config, "erlang")],
    case file:path_script(Path, ".erlang.crypt") of
        {ok, Keys, _} when is_list(Keys) -> key_fun(Keys);
        _ -> error
    end.

key_fun(Keys) ->
    fun({debug_info, Mode, Module, _}) ->
            [Key | _] = [K || Wanted <- [Module, []],
                              {debug_info, M, Which, K} <- Keys,
                              M =:= Mode, Which =:= Wanted],
            Key;
       (clear) -> true
    end.

-spec format_error(term()) -> io_lib:chars().
format_error({error, ?MODULE, Error}) -> format_error(Error);
format_error({error, Module, Error}) -> Module:format_error(Error);
format_error({unknown_chunk, File, Chunk}) ->
    io_lib:format("~tp: Cannot find chunk ~p~n", [File, Chunk]);
format_error({invalid_chunk, File, Chunk}) ->
    io_lib:format("~tp: Invalid contents of chunk ~p~n", [File, Chunk]);
format_error({not_a_beam_file, File}) ->
    io_lib:format("~tp: Not a BEAM file~n", [File]);
format_error({file_error, File, Reason}) ->
    io_lib:format("~tp: ~tp~n", [File, file:format_error(Reason)]);
format_error({missing_chunk, File, Chunk}) ->
    io_lib:format("~tp: Not a BEAM file: no IFF \"~s\" chunk~n",
                  [File, Chunk]);
format_error({invalid_beam_file, File, Position}) ->
    io_lib:format("~tp: Invalid format of BEAM file near byte number ~p~n",
                  [File, Position]);
format_error({chunk_too_big, File, Chunk, Size, Left}) ->
    io_lib:format("~tp: Size of chunk \"~s\" is ~p bytes, "
                  "but only ~p bytes could be read~n",
                  [File, Chunk, Size, Left]);
format_error({chunks_different, Id}) ->
    io_lib:format("Chunk \"~s\" differs in the two files~n", [Id]);
format_error(different_chunks) -> "The two files have different chunks\n";
format_error({modules_different, M1, M2}) ->
    io_lib:format("Module names ~p and ~p differ in the two files~n",
                  [M1, M2]);
format_error({not_a_directory, Name}) ->
    io_lib:format("~tp: Not a directory~n", [Name]);
format_error({missing_backend, File, Backend}) ->
    io_lib:format("~tp: Cannot retrieve abstract code because the backend ~p "
                  "is missing", [File, Backend]);
format_error({key_missing_or_invalid, File, Chunk}) ->
    io_lib:format("~tp: Cannot decrypt ~ts because key is missing or invalid",
                  [File, Chunk]);
format_error(badfun) -> "not a fun or the fun has the wrong arity";
format_error(exists) -> "a fun has already been installed";
format_error(Other) -> io_lib:format("~tp~n", [Other]).
