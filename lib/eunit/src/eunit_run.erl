%% SPDX-License-Identifier: Apache-2.0
%% The command "merle test [-v] FILE|DIR...": compiles sources in memory and
%% runs their tests.
%%
%% The modules beside a file are compiled with it, so that it may use them. Of
%% a directory all tests run, those in its src and test folders too. The exit
%% status is 0 when all pass, 1 when one does not, 2 when nothing could be run.
-module(eunit_run).

-export([main/0]).

main() ->
    {Flags, Paths} = lists:partition(fun(A) -> hd(A) =:= $- end,
                                     init:get_plain_arguments()),
    halt(case {Paths, Flags} of
             {[_ | _], []} -> run(Paths, []);
             {[_ | _], ["-v"]} -> run(Paths, [verbose]);
             _ -> usage()
         end).

usage() ->
    io:put_chars("usage: merle test [-v] FILE.erl|DIR...\n"),
    2.

run(Paths, Options) ->
    case [P || P <- Paths, not filelib:is_file(P)] of
        [] ->
            Wanted = lists:append([wanted(P) || P <- Paths]),
            Beside = lists:append([beside(P) || P <- Paths]) -- Wanted,
            run(Wanted, compile(unique(Wanted ++ Beside)), Options);
        Missing ->
            [io:format("~ts: no such file or directory\n", [P]) || P <- Missing],
            2
    end.

run(Wanted, {Modules, Failed}, Options) ->
    [compile:file(F, [binary, report_errors])
     || F <- Failed, lists:member(F, Wanted)],
    Tests = with_tests([M || {F, M} <- Modules, lists:member(F, Wanted)]),
    Result = case {Tests, Failed} of
        {[], [_ | _]} -> error;
        _ -> eunit:test(Tests, Options)
    end,
    case {Result, [F || F <- Failed, lists:member(F, Wanted)]} of
        {_, [_ | _]} -> 2;
        {ok, []} -> 0;
        {error, []} -> 1
    end.

%% The sources whose tests are wanted.
wanted(Path) ->
    case filelib:is_dir(Path) of
        true ->
            lists:append([sources(D) || D <- [Path, filename:join(Path, "src"),
                                              filename:join(Path, "test")]]);
        false ->
            [Path]
    end.

%% What those may need: a file's neighbours.
beside(Path) ->
    case filelib:is_dir(Path) of
        true ->
            [];
        false ->
            Dir = filename:dirname(Path),
            Here = [case Dir of "." -> filename:basename(F); _ -> F end
                    || F <- sources(Dir)],
            case filename:basename(filename:absname(Dir)) of
                "test" ->
                    Here ++ sources(filename:join([Dir, "..", "src"]));
                _ ->
                    Here
            end
    end.

sources(Dir) ->
    lists:sort(filelib:wildcard(filename:join(Dir, "*.erl"))).

unique(Files) ->
    lists:uniq(fun filename:absname/1, Files).

%% {[{File, Module}], Failed}: those that fail get another chance when others
%% are loaded, which may be their parse transforms.
compile(Files) ->
    compile(Files, [], []).

compile([F | Files], Done, Failed) ->
    Dir = filename:dirname(F),
    Options = [binary, debug_info, {d, 'TEST'}, {i, Dir},
               {i, filename:join(Dir, "../include")},
               {i, filename:join(Dir, "../src")}],
    case compile:file(F, Options) of
        {ok, M, Binary} ->
            case code:load_binary(M, filename:absname(F), Binary) of
                {module, M} -> compile(Files, [{F, M} | Done], Failed);
                {error, _} -> compile(Files, Done, [F | Failed])
            end;
        error ->
            compile(Files, Done, [F | Failed])
    end;
compile([], [], Failed) ->
    {[], lists:reverse(Failed)};
compile([], Done, []) ->
    {lists:reverse(Done), []};
compile([], Done, Failed) ->
    {More, Left} = compile(lists:reverse(Failed)),
    {lists:reverse(Done) ++ More, Left}.

%% Modules that have tests; M_tests comes with M.
with_tests(Modules) ->
    Companions = [companion(M) || M <- Modules],
    [M || M <- Modules, not lists:member(M, Companions),
          has_tests(M) orelse lists:member(companion(M), Modules)].

companion(M) ->
    list_to_atom(atom_to_list(M) ++ "_tests").

has_tests(M) ->
    lists:any(fun({F, 0}) -> eunit_autoexport:is_test(F, []);
                 ({F, A}) -> {F, A} =:= {eunit_wrapper_, 1}
              end, M:module_info(exports)).
