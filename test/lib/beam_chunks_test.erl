%% SPDX-License-Identifier: Apache-2.0
%% Chunks of a .beam file: what stays when it is stripped, what differs, and
%% what is wrong with broken ones.
%%
%% expect: ["AtU8","Code","StrT","ImpT","ExpT"]
%% expect: [{attributes,missing_chunk},{locals,missing_chunk}]
%% expect: {chunks_different,"AtU8"}
%% expect: {not_a_directory,nowhere}
%% expect: {invalid_chunk,"ImpT"}
%% expect: {missing_chunk,"Atom"}
%% expect: not_a_beam_file
%% expect: {file_error,"lists.beam",enoent}
-module(beam_chunks_test).
-export([main/0]).

main() ->
    Beam = beam(a),
    {ok, {m, Bare}} = beam_lib:strip(Beam),
    show([Id || {Id, _, _} <- chunks(Bare), Id =/= "Line", Id =/= "Type"]),
    {ok, {m, Found}} = beam_lib:chunks(Bare, [attributes, locals],
                                       [allow_missing_chunks]),
    show(Found),
    {error, beam_lib, Differs} = beam_lib:cmp(Beam, beam(b)),
    show(Differs),
    {error, beam_lib, NoDir} = beam_lib:cmp_dirs(nowhere, nowhere),
    show(NoDir),
    {_, At, _} = lists:keyfind("ImpT", 1, chunks(Beam)),
    show(fault(beam_lib:chunks(with(17, At + 4, Beam), [imports]))),
    show(fault(beam_lib:chunks(binary:part(Beam, 0, 12), [atoms]))),
    show(element(1, element(3, beam_lib:info(<<"FOR1">>)))),
    %% a name is a file's, not a module's
    show(element(3, beam_lib:version(lists))).

beam(Atom) ->
    A = erl_anno:new(1),
    {ok, m, Beam} = compile:forms(
                      [{attribute, A, module, m},
                       {attribute, A, export, [{f, 0}]},
                       {function, A, f, 0,
                        [{clause, A, [], [], [{atom, A, Atom}]}]}],
                      []),
    Beam.

chunks(Beam) ->
    {chunks, Chunks} = lists:keyfind(chunks, 1, beam_lib:info(Beam)),
    Chunks.

with(Byte, At, Beam) ->
    <<Before:At/binary, _, After/binary>> = Beam,
    <<Before/binary, Byte, After/binary>>.

fault({error, beam_lib, {What, _, Id}}) -> {What, Id}.

show(Term) -> io:format("~0p~n", [Term]).
