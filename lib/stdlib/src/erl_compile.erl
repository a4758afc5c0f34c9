%% SPDX-License-Identifier: Apache-2.0
%% The batch command for files that ask for more than merlec does by itself:
%% other languages than Erlang, listings, dependencies, features. Options are
%% those of erlc.
-module(erl_compile).

-export([compile_cmdline/0, compile/2]).

%% What the options say. [own] go to the compiler as they are.
-record(request, {folder, out = "", file = "", includes = [], macros = [],
                  warning = 1, verbose = false, own = []}).

%% With the arguments behind -extra; ends the node.
compile_cmdline() ->
    {ok, Folder} = file:get_cwd(),
    true = code:set_path([D || D <- code:get_path(),
                               D =/= "." orelse is_given(D)]),
    Arguments = init:get_plain_arguments(),
    {Pid, Ref} = spawn_monitor(fun() -> exit(compile(Arguments, Folder)) end),
    receive
        {'DOWN', Ref, process, Pid, ok} -> halt(0);
        {'DOWN', Ref, process, Pid, {error, Text}} ->
            io:put_chars(standard_error, Text),
            halt(1);
        {'DOWN', Ref, process, Pid, {crash, {Class, Reason, Stack}}} ->
            io:format(standard_error, "Crash: ~p:~tp\n~tp\n",
                      [Class, Reason, Stack]),
            halt(2)
    end.

%% The current folder is no place to find transforms unless -pa says so.
is_given(Dir) ->
    lists:any(fun({Flag, Dirs}) ->
                      (Flag =:= pa orelse Flag =:= pz)
                          andalso lists:member(Dir, Dirs)
              end, init:get_arguments()).

compile(Arguments, Folder) ->
    try options(Arguments, #request{folder = Folder, out = Folder})
    catch
        throw:{error, Text} -> {error, unicode:characters_to_binary(Text)};
        Class:Reason:Stack -> {crash, {Class, Reason, Stack}}
    end.

%% ---- Options ----

options(["--" | Files], R) -> files(Files, R);
options(["-" ++ Option | Rest], R) -> option(Option, Rest, R);
options(["+" ++ Text | Rest], R) -> options(Rest, add_last(term(Text), R));
options(Files, R) -> files(Files, R).

add(Own, #request{own = Others} = R) -> R#request{own = Own ++ Others}.

add_last(Own, #request{own = Others} = R) -> R#request{own = Others ++ [Own]}.

option("b" ++ Text, Rest0, R) ->
    {_, Rest} = value("b", Text, Rest0),
    options(Rest, R);
option("D" ++ Text, Rest0, #request{macros = Macros} = R) ->
    {Definition, Rest} = value("D", Text, Rest0),
    options(Rest, R#request{macros = [macro(Definition) | Macros]});
option("help", _, _) -> usage("");
option("I" ++ Text, Rest0, #request{includes = Includes} = R) ->
    {Dir, Rest} = value("I", Text, Rest0),
    Path = filename:absname(Dir, R#request.folder),
    options(Rest, R#request{includes = Includes ++ [Path]});
option("M" ++ Text, Rest0, R) ->
    {Own, Rest} = dependency_option(Text, Rest0),
    options(Rest, add(Own, R));
option("o" ++ Text, Rest0, R) ->
    {Name, Rest} = value("o", Text, Rest0),
    Path = filename:absname(Name, R#request.folder),
    case names_file(Path) of
        true -> options(Rest, R#request{file = Path});
        false -> options(Rest, R#request{out = Path})
    end;
option("O" ++ _, Rest, R) -> options(Rest, R);
option("v", Rest, R) -> options(Rest, R#request{verbose = true});
option("W" ++ Text, Rest, R) -> options(Rest, warnings(Text, R));
option([C], Rest, R) when C =:= $E; C =:= $P; C =:= $S ->
    options(Rest, add([list_to_atom([C])], R));
option("enable-feature" ++ Text, Rest0, R) ->
    {Feature, Rest} = value("enable-feature", Text, Rest0),
    options(Rest, add_last({feature, list_to_atom(Feature), enable}, R));
option("disable-feature" ++ Text, Rest0, R) ->
    {Feature, Rest} = value("disable-feature", Text, Rest0),
    options(Rest, add_last({feature, list_to_atom(Feature), disable}, R));
option("describe-feature" ++ Text, Rest0, _) ->
    {Feature, _} = value("disable-feature", Text, Rest0),
    throw({error, describe(list_to_atom(Feature))});
option("list-features", _, _) ->
    throw({error,
           ["Available features:\n",
            [io_lib:format(" ~-18s ~s\n", [F, erl_features:short(F)])
             || F <- erl_features:configurable()]]});
option(Option, _, _) ->
    usage(io_lib:format("Unknown option: -~ts\n", [Option])).

dependency_option("", Rest) -> {[makedep, {makedep_output, standard_io}], Rest};
dependency_option("D", Rest) -> {[makedep], Rest};
dependency_option("MD", Rest) -> {[makedep_side_effect], Rest};
dependency_option("F" ++ Text, Rest0) ->
    {File, Rest} = value("MF", Text, Rest0),
    {[makedep, {makedep_output, File}], Rest};
dependency_option("G", Rest) -> {[makedep_add_missing], Rest};
dependency_option("P", Rest) -> {[makedep_phony], Rest};
dependency_option("Q" ++ Text, Rest0) ->
    {Target, Rest} = value("MT", Text, Rest0),
    {[makedep_quote_target, {makedep_target, Target}], Rest};
dependency_option("T" ++ Text, Rest0) ->
    {Target, Rest} = value("MT", Text, Rest0),
    {[{makedep_target, Target}], Rest};
dependency_option(Option, _) ->
    usage(io_lib:format("Unknown option: -M~ts\n", [Option])).

warnings("all", R) -> R#request{warning = 999};
warnings("error", R) -> add([warnings_as_errors], R);
warnings("", R) -> R#request{warning = 1};
warnings(Text, R) ->
    try list_to_integer(Text) of
        Level -> R#request{warning = Level}
    catch
        error:badarg -> usage("")
    end.

describe(Feature) ->
    try erl_features:long(Feature)
    catch
        error:invalid_feature ->
            io_lib:format("Unknown feature: ~p\n", [Feature])
    end.

%% The value behind the letter, or the next argument.
value(_, [], [[C | _] = Value | Rest]) when C =/= $- -> {Value, Rest};
value(_, [_ | _] = Value, Rest) -> {Value, Rest};
value(Name, _, _) ->
    throw({error, "No value given to -" ++ Name ++ " option\n"}).

macro(Text) ->
    case string:split(Text, "=") of
        [Name, [_ | _] = Value] -> {d, list_to_atom(Name), term(Value)};
        [Name | _] -> {d, list_to_atom(Name)}
    end.

term(Text) ->
    case erl_scan:string(Text) of
        {ok, Tokens, _} ->
            case erl_parse:parse_term(Tokens ++ [{dot, erl_anno:new(1)}]) of
                {ok, Term} -> Term;
                {error, {_, _, Reason}} -> bad_term(Reason, Text)
            end;
        {error, {_, _, Reason}, _} -> bad_term(Reason, Text)
    end.

bad_term(Reason, Text) ->
    throw({error, io_lib:format("~ts: ~ts~n", [Reason, Text])}).

%% Whether a name that need not be there yet is that of a file.
names_file(Path) ->
    filelib:is_regular(Path)
        orelse (not filelib:is_dir(Path) andalso filename:extension(Path) =/= "").

usage(Error) ->
    throw({error, [Error, "Usage: erlc [Options] file.ext ...\n", "Options:\n",
                   [usage_line(Key, Text) || {Key, Text} <- help()]]}).

usage_line(Key, Text) when length(Key) < 15 ->
    io_lib:format("~-14s ~s\n", [Key, Text]);
usage_line(Key, Text) ->
    io_lib:format("~s\n~-14s ~s\n", [Key, "", Text]).

help() ->
    [{"-b type", "type of output file (e.g. beam)"},
     {"-d", "turn on debugging of erlc itself"},
     {"-Dname", "define name"},
     {"-Dname=value", "define name to have value"},
     {"-help", "shows this help text"},
     {"-I path", "where to search for include files"},
     {"-M", "generate a rule for make(1) describing the dependencies"},
     {"-MF file", "write the dependencies to 'file'"},
     {"-MT target", "change the target of the rule emitted by dependency "
      "generation"},
     {"-MQ target", "same as -MT but quote characters special to make(1)"},
     {"-MG", "consider missing headers as generated files and add them to "
      "the dependencies"},
     {"-MP", "add a phony target for each dependency"},
     {"-MD", "same as -M -MT file (with default 'file')"},
     {"-MMD", "generate dependencies as a side-effect"},
     {"-o name", "name output directory or file"},
     {"-pa path", "add path to the front of Erlang's code path"},
     {"-pz path", "add path to the end of Erlang's code path"},
     {"-v", "verbose compiler output"},
     {"-Werror", "make all warnings into errors"},
     {"-W0", "disable warnings"},
     {"-Wnumber", "set warning level to number"},
     {"-Wall", "enable all warnings"},
     {"-W", "enable warnings (default; same as -W1)"},
     {"-E", "generate listing of expanded code (Erlang compiler)"},
     {"-S", "generate assembly listing (Erlang compiler)"},
     {"-P", "generate listing of preprocessed code (Erlang compiler)"},
     {"-enable-feature <feature>",
      "enable <feature> when compiling (Erlang compiler)"},
     {"-disable-feature <feature>",
      "disable <feature> when compiling (Erlang compiler)"},
     {"-list-features",
      "list short descriptions of available features (Erlang compiler)"},
     {"-describe-feature <feature>", "show long description of <feature>"},
     {"+term", "pass the Erlang term unchanged to the compiler"}].

%% ---- Files ----

files([_, _ | _], #request{file = [_ | _]}) ->
    throw({error,
           "Output file name given, but more than one input file.\n"});
files(Files, R) ->
    lists:foreach(fun(F) -> file(F, R) end, Files).

file(File, #request{folder = Folder} = R) ->
    Extension = filename:extension(File),
    Root = filename:absname(filename:rootname(File), Folder),
    Output = case R#request.file of
                 "" -> filename:join(R#request.out, filename:basename(Root));
                 Name -> filename:rootname(Name)
             end,
    try run(Extension, Root, Output, R) of
        ok -> ok;
        {ok, _} -> ok;
        {ok, _, _} -> ok;
        error -> throw({error, ""});
        Other -> throw({error, io_lib:format("~ts:\n~tp~n", [File, Other])})
    catch
        error:undef ->
            throw({error, io_lib:format("No compiler for '~ts' here\n",
                                        [Extension])})
    end.

run("", Root, _, _) ->
    throw({error, io_lib:format("File has no extension: ~ts~n", [Root])});
run(".erl", Root, _, R) -> beam([], Root, R);
run(".S", Root, _, R) -> beam([from_asm], Root, R);
run(".core", Root, _, R) -> beam([from_core], Root, R);
run(".abstr", Root, _, R) -> beam([from_abstr], Root, R);
run(".yrl", Root, Output, R) ->
    yecc:file(below(R#request.folder, Root ++ ".yrl"),
              [{parserfile, Output ++ ".erl"} | generator_options(R)]);
run(".xrl", Root, Output, R) ->
    leex:file(below(R#request.folder, Root ++ ".xrl"),
              [{scannerfile, Output ++ ".erl"} | generator_options(R)]);
run(".rel", Root, Output, #request{includes = Includes}) ->
    systools:make_script(Root, [{path, Includes},
                                {outdir, filename:dirname(Output)}]);
run(".script", Root, Output, _) ->
    systools:script2boot(Root, Output, []);
run(Extension, _, _, _) ->
    throw({error, io_lib:format("Unknown extension: '~ts'\n", [Extension])}).

%% The compiler names the source as it lies from the current folder.
beam(From, Root, #request{folder = Folder, own = Own} = R) ->
    Options = [verbose || R#request.verbose]
        ++ [report_warnings || R#request.warning =/= 0]
        ++ R#request.macros
        ++ [report_errors, {cwd, Folder}, {outdir, R#request.out}]
        ++ [{i, Dir} || Dir <- R#request.includes] ++ Own,
    compile:file(below(Folder, Root), From ++ Options).

below(Folder, Path) ->
    case string:prefix(Path, Folder) of
        nomatch -> Path;
        "/" ++ Rest -> Rest;
        Rest -> Rest
    end.

%% The first folder for header files is the file to include.
generator_options(#request{includes = Includes, own = Own} = R) ->
    [{report_errors, true}, {report_warnings, R#request.warning > 0}]
        ++ [{includefile, I} || I <- lists:sublist(Includes, 1)]
        ++ [verbose || R#request.verbose]
        ++ [O || O <- Own, O =:= warnings_as_errors
                     orelse O =:= deterministic].
