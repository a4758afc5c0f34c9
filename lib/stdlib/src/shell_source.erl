%% SPDX-License-Identifier: Apache-2.0
%% shell_source: commands of the prompt that look at source files: reload of
%% what has changed, and the text of a function.
-module(shell_source).

-export([reload/0, show/1, show/2, show/3]).

%%% Reload

%% Compiles and loads the modules whose source or .beam file is newer than
%% what is loaded; tells which processes still run their old code.
-spec reload() -> [module()].
reload() ->
    Changed = [{M, How} || {M, File} <- code:all_loaded(), is_list(File),
                           How <- [change(M, File)], How =/= none],
    Loaded = [M || {M, How} <- lists:sort(Changed), load(M, How)],
    lists:foreach(fun tell_old/1, Loaded),
    Loaded.

change(Module, File) ->
    Source = source(Module),
    case {modified(Source), modified(File)} of
        {Time, Beam} when Time =/= none, Beam =/= none, Time > Beam ->
            {compile, Source, filename:dirname(File)};
        {_, Beam} when Beam =/= none ->
            case code:module_status(Module) of
                modified -> load;
                _ -> none
            end;
        _ -> none
    end.

modified(none) -> none;
modified(File) ->
    case filelib:last_modified(File) of
        0 -> none;
        Time -> Time
    end.

source(Module) ->
    Info = Module:module_info(compile),
    Named = [S || {source, S} <- Info],
    Beside = case code:which(Module) of
                 File when is_list(File) ->
                     Root = filename:rootname(File),
                     [Root ++ ".erl",
                      filename:join([filename:dirname(Root), "..", "src",
                                     atom_to_list(Module) ++ ".erl"])];
                 _ -> []
             end,
    case [F || F <- Named ++ Beside, filelib:is_regular(F)] of
        [File1 | _] -> File1;
        [] -> none
    end.

load(Module, {compile, Source, Dir}) ->
    Options = [O || O <- proplists:get_value(options,
                                             Module:module_info(compile), []),
                    element(1, tuple(O)) =/= outdir],
    case compile:file(Source, [report, {outdir, Dir} | Options]) of
        {ok, Module} -> load(Module, load);
        _ ->
            io:format("~ts does not compile~n", [Source]),
            false
    end;
load(Module, load) ->
    code:soft_purge(Module) orelse tell_killed(Module),
    code:purge(Module),
    case code:load_file(Module) of
        {module, Module} ->
            io:format("~w is loaded~n", [Module]),
            true;
        {error, Why} ->
            io:format("~w: ~p~n", [Module, Why]),
            false
    end.

tuple(T) when is_tuple(T), tuple_size(T) > 0 -> T;
tuple(_) -> {none}.

tell_killed(Module) ->
    io:format("~w: processes that run its oldest code are ended~n", [Module]).

tell_old(Module) ->
    case [P || P <- processes(), P =/= self(),
               erlang:check_process_code(P, Module)] of
        [] -> ok;
        Pids -> io:format("~w: old code is still run by ~p~n", [Module, Pids])
    end.

%%% The text of functions

%% Of all loaded modules' functions called [Function], or of a module's.
-spec show(atom()) -> ok.
show(Function) ->
    show_first([{M, Function, '_'} || {M, _} <- lists:sort(code:all_loaded()),
                                      has(M, Function), source(M) =/= none],
               Function).

show(Module, Function) -> show(Module, Function, '_').

show(Module, Function, Arity) ->
    case code:ensure_loaded(Module) of
        {module, Module} ->
            case source(Module) of
                none -> io:format("The source of ~w is not here~n", [Module]);
                Source -> show_from(Source, Function, Arity)
            end;
        _ -> io:format("There is no module ~w~n", [Module])
    end.

show_first([], Function) ->
    io:format("No module with source has a function ~tw~n", [Function]);
show_first(Found, _) ->
    lists:foreach(fun({M, F, A}) -> show(M, F, A) end, Found).

has(Module, Function) ->
    lists:keymember(Function, 1, Module:module_info(functions)).

show_from(Source, Function, Arity) ->
    {ok, Bytes} = file:read_file(Source),
    Lines = binary:split(Bytes, <<"\n">>, [global]),
    {ok, Forms} = epp:parse_file(Source, [{location, 1}]),
    Own = own_forms(Forms, Source, true),
    Ends = [erl_anno:line(element(2, F)) || F <- tl(Own)]
        ++ [length(Lines) + 1],
    Found = [{erl_anno:line(A), End}
             || {{function, A, F, N, _}, End} <- lists:zip(Own, Ends),
                F =:= Function, Arity =:= '_' orelse Arity =:= N],
    case Found of
        [] -> io:format("~ts has no function ~tw~n", [Source, Function]);
        _ ->
            [io:format("%% ~ts, line ~w~n~ts~n",
                       [Source, From, part(Lines, From, End)])
             || {From, End} <- Found],
            ok
    end.

%% Without what was included.
own_forms([{attribute, _, file, {File, _}} | Forms], Source, _) ->
    own_forms(Forms, Source, filename:basename(File)
              =:= filename:basename(Source));
own_forms([Form | Forms], Source, true) ->
    [Form | own_forms(Forms, Source, true)];
own_forms([_ | Forms], Source, false) -> own_forms(Forms, Source, false);
own_forms([], _, _) -> [].

%% The lines up to the next form, without the comments that belong to that.
part(Lines, From, End) ->
    Body = lists:sublist(Lines, From, End - From),
    Kept = lists:dropwhile(fun is_between/1, lists:reverse(Body)),
    lists:join($\n, lists:reverse(Kept)).

is_between(Line) ->
    case string:trim(Line, leading) of
        <<>> -> true;
        <<"%", _/binary>> -> true;
        _ -> false
    end.
