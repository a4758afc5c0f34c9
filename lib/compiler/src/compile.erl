%% SPDX-License-Identifier: Apache-2.0
%% The compiler's face. Reading is epp's, the checks are erl_lint's, code is
%% made by merle_compile:codegen/3 in C; what is here runs parse transforms,
%% reports, and writes files.
-module(compile).

-export([file/1, file/2, noenv_file/2, forms/1, forms/2, noenv_forms/2]).
-export([output_generated/1, noenv_output_generated/1, env_compiler_options/0]).
-export([format_error/1, options/0, batch/1]).

-record(job, {options, dir = ".", base = "", source = none, module = none,
              forms = [], code = none, errors = [], warnings = []}).

file(File) -> file(File, [verbose, report_errors, report_warnings]).

file(File, Options) ->
    noenv_file(File, listed(Options) ++ env_compiler_options()).

noenv_file(File, Options) ->
    Source = filename:rootname(text(File), ".erl") ++ ".erl",
    Job = job(Options),
    run(Job#job{source = Source, base = filename:basename(Source, ".erl")},
        fun read/1).

forms(Forms) -> forms(Forms, [verbose, report_errors, report_warnings]).

forms(Forms, Options) ->
    noenv_forms(Forms, listed(Options) ++ env_compiler_options()).

noenv_forms(Forms, Options) ->
    Job = job([binary | listed(Options)]),
    Source = proplists:get_value(source, Job#job.options, none),
    run(Job#job{source = Source, forms = lists:flatten(Forms)},
        fun(J) -> {ok, J} end).

%% For merlec, when a file needs a node: -run compile batch FILE FOLDER OPTIONS
batch([File, Folder, Text]) ->
    {ok, Tokens, _} = erl_scan:string(Text ++ "."),
    {ok, Options} = erl_parse:parse_term(Tokens),
    case batch(filename:extension(File), File, Folder, Options) of
        error -> halt(1);
        _ -> halt(0)
    end.

batch(".yrl", File, Folder, Options) ->
    yecc:file(File, [{parserfile, generated(File, Folder)}
                     | generator_options(Options)]);
batch(".xrl", File, Folder, Options) ->
    leex:file(File, [{scannerfile, generated(File, Folder)}
                     | generator_options(Options)]);
batch(_, File, Folder, Options) ->
    file(File, [report, {outdir, Folder} | Options]).

generated(File, Folder) ->
    Name = filename:rootname(filename:basename(File)) ++ ".erl",
    case Folder of
        "." -> Name;
        _ -> filename:join(Folder, Name)
    end.

%% The first folder for header files is the file to include.
generator_options(Options) ->
    [{report_errors, true},
     {report_warnings, not lists:member(nowarn, Options)}]
    ++ [{includefile, I} || I <- lists:sublist([D || {i, D} <- Options], 1)]
    ++ [O || O <- [verbose, warnings_as_errors, deterministic],
             lists:member(O, Options)].

%% Whether a file of code would be written.
output_generated(Options) ->
    noenv_output_generated(listed(Options) ++ env_compiler_options()).

noenv_output_generated(Options) ->
    not lists:any(fun(O) -> lists:member(O, Options) end,
                  [binary, strong_validation, basic_validation |
                   listings()]).

env_compiler_options() ->
    case os:getenv("ERL_COMPILER_OPTIONS") of
        false -> [];
        Text ->
            {ok, Tokens, _} = erl_scan:string(Text),
            {ok, Term} = erl_parse:parse_term(Tokens ++ [{dot, 1}]),
            listed(Term)
    end.

options() -> ok.

format_error({obsolete_option, Version}) ->
    io_lib:format("the ~p option is no longer supported", [Version]);
format_error(no_crypto) ->
    "this system is not configured with crypto support.";
format_error(bad_crypto_key) -> "invalid crypto key.";
format_error(no_crypto_key) -> "no crypto key supplied.";
format_error({open, E}) ->
    io_lib:format("open error '~ts'", [file:format_error(E)]);
format_error({epp, E}) -> epp:format_error(E);
format_error(write_error) -> "error writing file";
format_error({write_error, E}) ->
    io_lib:format("error writing file: ~ts", [file:format_error(E)]);
format_error({rename, From, To, E}) ->
    io_lib:format("failed to rename ~ts to ~ts: ~ts",
                  [From, To, file:format_error(E)]);
format_error({parse_transform, M, {C, R, Stack}}) ->
    io_lib:format("error in parse transform '~ts':\n~ts",
                  [M, erl_error:format_exception(C, R, Stack)]);
format_error({undef_parse_transform, M}) ->
    io_lib:format("undefined parse transform '~ts'", [M]);
format_error({core_transform, M, {C, R, Stack}}) ->
    io_lib:format("error in core transform '~s':\n~ts",
                  [M, erl_error:format_exception(C, R, Stack)]);
format_error({crash, Pass, Reason, Stack}) ->
    io_lib:format("internal error in pass ~p:\n~ts",
                  [Pass, erl_error:format_exception(error, Reason, Stack)]);
format_error({bad_return, Pass, Reason}) ->
    io_lib:format("internal error in pass ~p: bad return value:\n~tP",
                  [Pass, Reason, 20]);
format_error({module_name, Mod, File}) ->
    io_lib:format("Module name '~s' does not match file name '~ts'",
                  [Mod, File]);
format_error(no_module) -> "no module definition";
format_error(nesting_too_deep) -> "expression is nested too deep".

%% Options.

job(Options0) ->
    Options = expand(listed(Options0)),
    Dir = text(proplists:get_value(outdir, Options, ".")),
    #job{options = Options, dir = Dir}.

listed(Options) when is_list(Options) -> Options;
listed(Option) -> [Option].

expand(Options) -> lists:flatmap(fun expand_one/1, Options).

expand_one(report) -> [report_errors, report_warnings];
expand_one(return) -> [return_errors, return_warnings];
expand_one(Option) -> [Option].

has(Option, #job{options = Options}) -> proplists:get_bool(Option, Options).

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) -> filename:flatten(Name).

%% The passes, one after the other while there is no error.

run(Job, First) ->
    Passes = [First, fun transform/1, fun lint/1, fun listing/1, fun code/1,
              fun assembly/1, fun check_name/1, fun write/1],
    finish(run_passes(Passes, Job)).

run_passes([], Job) -> {ok, Job};
run_passes([Pass | Passes], Job) ->
    case Pass(Job) of
        {ok, Next} -> run_passes(Passes, Next);
        Other -> Other
    end.

read(#job{source = Source, options = Options} = Job) ->
    Includes = [filename:dirname(Source) | proplists:get_all_values(i, Options)],
    Macros = [macro(O) || O <- Options, element(1, tuple(O)) =:= d],
    case epp:parse_file(Source, [{includes, Includes}, {macros, Macros},
                                 {location, start(Job)} |
                                 [deterministic || has(deterministic, Job)]]) of
        {ok, Forms} -> {ok, Job#job{forms = Forms}};
        {error, E} -> failed(Job, Source, [{none, ?MODULE, {epp, E}}])
    end.

start(#job{options = Options}) ->
    case proplists:get_value(error_location, Options, column) of
        line -> 1;
        column -> {1, 1}
    end.

tuple(T) when is_tuple(T), tuple_size(T) > 0 -> T;
tuple(_) -> {none}.

macro({d, Name}) -> Name;
macro({d, Name, Value}) -> {Name, Value}.

failed(#job{errors = Errors} = Job, File, New) ->
    {error, Job#job{errors = Errors ++ [{File, New}]}}.

%% Parse transforms, in the order in which they are named.

transform(#job{forms = Forms, options = Options} = Job) ->
    Named = lists:append([listed(O) || {attribute, _, compile, O} <- Forms]),
    Modules = [M || {parse_transform, M} <- Options ++ Named],
    transform(Modules, Job).

transform([], Job) -> {ok, Job};
transform([M | Modules], #job{forms = Forms} = Job) ->
    case code:ensure_loaded(M) of
        {module, M} ->
            try M:parse_transform(Forms, Job#job.options) of
                Result -> transformed(Result, Modules, Job)
            catch
                C:R:Stack ->
                    Why = {parse_transform, M, {C, R, Stack}},
                    failed(Job, file_of(Job), [{none, ?MODULE, Why}])
            end;
        {error, _} ->
            Why = {undef_parse_transform, M},
            failed(Job, file_of(Job), [{none, ?MODULE, Why}])
    end.

transformed({error, Errors, Warnings}, _, Job) ->
    {error, Job#job{errors = Job#job.errors ++ Errors,
                    warnings = Job#job.warnings ++ Warnings}};
transformed({warning, Forms, Warnings}, Modules, Job) ->
    transform(Modules, Job#job{forms = Forms,
                               warnings = Job#job.warnings ++ Warnings});
transformed(Forms, Modules, Job) ->
    transform(Modules, Job#job{forms = Forms}).

file_of(#job{source = none}) -> "no_file";
file_of(#job{source = Source}) -> Source.

%% What a parse transform makes need not be forms.
crashed(Pass, Reason, Stack, Job) ->
    failed(Job, file_of(Job), [{none, ?MODULE, {crash, Pass, Reason, Stack}}]).

%% Checks. Without erl_lint only what epp found is told.

lint(#job{forms = Forms, options = Options} = Job) ->
    case code:ensure_loaded(erl_lint) of
        {module, _} ->
            try erl_lint:module(Forms, file_of(Job), Options) of
                Result -> linted(Result, Job)
            catch
                error:Reason:Stack -> crashed(lint_module, Reason, Stack, Job)
            end;
        {error, _} ->
            File = file_of(Job),
            case [E || {error, E} <- Forms] of
                [] -> {ok, Job};
                Errors -> failed(Job, File, Errors)
            end
    end.

linted({ok, Warnings}, Job) ->
    {ok, Job#job{warnings = Job#job.warnings ++ Warnings}};
linted({error, Errors, Warnings}, Job) ->
    {error, Job#job{errors = Job#job.errors ++ Errors,
                    warnings = Job#job.warnings ++ Warnings}}.

%% 'P' and 'E' end with the forms as text, in a file or as the result.

listing(Job) ->
    case [O || O <- ['P', 'E'], has(O, Job)] of
        [] -> {ok, Job};
        [O | _] -> list_forms(O, Job)
    end.

list_forms(Option, #job{forms = Forms} = Job) ->
    case has(binary, Job) of
        true -> {stop, Job#job{code = Forms, module = []}};
        false ->
            Name = filename:join(Job#job.dir,
                                 Job#job.base ++ "." ++ atom_to_list(Option)),
            Text = [erl_pp:form(F) || F <- Forms, element(1, F) =/= eof],
            case file:write_file(Name, unicode:characters_to_binary(Text)) of
                ok -> {stop, Job#job{module = []}};
                {error, E} -> failed(Job, Name, [{none, ?MODULE,
                                                  {write_error, E}}])
            end
    end.

%% 'S' ends with the instructions, as text or as terms.

listings() -> ['P', 'E', 'S'].

assembly(#job{code = Beam} = Job) ->
    case {has('S', Job), has(binary, Job)} of
        {false, _} -> {ok, Job};
        {true, true} ->
            Code = beam_listing:from_beam(Beam, file_of(Job)),
            {stop, Job#job{code = Code, module = []}};
        {true, false} ->
            Name = filename:join(Job#job.dir, Job#job.base ++ ".S"),
            Code = beam_listing:from_beam(Beam, file_of(Job)),
            case file:open(Name, [write, {encoding, utf8}]) of
                {ok, Device} ->
                    ok = beam_listing:module(Device, Code),
                    ok = file:close(Device),
                    {stop, Job#job{module = []}};
                {error, E} -> failed(Job, Name, [{none, ?MODULE,
                                                  {write_error, E}}])
            end
    end.

%% Code.

code(#job{forms = Forms, options = Options} = Job) ->
    Codegen = [O || O <- Options, O =/= binary],
    case merle_compile:codegen(Forms, Codegen, chunks(Job)) of
        {none, [], _} ->
            failed(Job, file_of(Job), [{none, ?MODULE, no_module}]);
        {none, Errors, Warnings} ->
            {error, told(Errors, Warnings, Job)};
        {Beam, Errors, Warnings} ->
            Next = told(Errors, Warnings, Job),
            {ok, Next#job{code = Beam, module = module_of(Forms)}}
    end.

told(Errors, Warnings, Job) ->
    Job#job{errors = Job#job.errors ++ by_file(Errors),
            warnings = Job#job.warnings ++ by_file(Warnings)}.

by_file(List) ->
    [{File, [{At, Module, What}]}
     || {File, At, Module, What} <- lists:reverse(List)].

chunks(#job{forms = Forms, options = Options} = Job) ->
    Kept = case has(debug_info, Job) of
               true -> Forms;
               false -> none
           end,
    Debug = {debug_info_v1, erl_abstract_code, {Kept, Options}},
    Info = case has(deterministic, Job) of
               true -> [];
               false -> [{options, [O || O <- Options, O =/= binary]},
                         {source, absolute(Job)}]
           end,
    [{<<"Dbgi">>, term_to_binary(Debug)}, {compile_info, Info} |
     proplists:get_value(extra_chunks, Options, [])].

absolute(#job{source = none}) -> "";
absolute(#job{source = Source}) -> filename:absname(Source).

module_of(Forms) ->
    case [M || {attribute, _, module, M} <- Forms] of
        [{M, _} | _] -> M;
        [M | _] -> M;
        [] -> none
    end.

check_name(#job{base = Base, module = Module} = Job) ->
    case has(binary, Job) orelse has(no_error_module_mismatch, Job)
        orelse Base =:= "" orelse atom_to_list(Module) =:= Base of
        true -> {ok, Job};
        false -> failed(Job, filename:join(Job#job.dir, Base ++ ".beam"),
                        [{none, ?MODULE, {module_name, Module, Base}}])
    end.

%% Written aside, then renamed: nobody sees half a file.

write(#job{code = Beam, module = Module} = Job) ->
    case has(binary, Job) orelse is_stopped_by_warnings(Job) of
        true -> {ok, Job};
        false ->
            Base = filename:join(Job#job.dir, atom_to_list(Module)),
            write(Beam, Base ++ ".bea#", Base ++ ".beam", Job)
    end.

write(Beam, Aside, Name, Job) ->
    Told = case file:write_file(Aside, Beam) of
               ok ->
                   case file:rename(Aside, Name) of
                       ok -> none;
                       {error, E} -> {Name, {rename, Aside, Name, E}}
                   end;
               {error, E} -> {Aside, {write_error, E}}
           end,
    case Told of
        none -> {ok, Job};
        {File, What} ->
            _ = file:delete(Aside),
            failed(Job, File, [{none, ?MODULE, What}])
    end.

is_stopped_by_warnings(#job{warnings = []}) -> false;
is_stopped_by_warnings(Job) -> has(warnings_as_errors, Job).

%% The answer, and what is told on the way to it.

finish({Status, Job0}) ->
    Job = Job0#job{errors = in_order(Job0#job.errors),
                   warnings = in_order(Job0#job.warnings)},
    Stopped = is_stopped_by_warnings(Job),
    Stopped andalso Job#job.errors =:= [] andalso has(report_warnings, Job)
        andalso io:put_chars("compile: warnings being treated as errors\n"),
    has(report_errors, Job) andalso report(Job#job.errors, "", Job),
    Stopped andalso has(report_errors, Job)
        andalso report(Job#job.warnings, "", Job),
    not Stopped andalso has(report_warnings, Job) andalso not has(nowarn, Job)
        andalso report(Job#job.warnings, "Warning: ", Job),
    case Status =/= error andalso not Stopped of
        true -> success(Job);
        false -> failure(Job)
    end.

in_order(List) -> merle_compile:in_order(List).

success(#job{module = Module, warnings = Warnings} = Job) ->
    Code = [Job#job.code || has(binary, Job)],
    Told = [Warnings || has(return_warnings, Job)],
    list_to_tuple([ok, Module] ++ Code ++ Told).

failure(#job{errors = Errors, warnings = Warnings} = Job) ->
    case has(return_errors, Job) of
        true -> {error, Errors, Warnings};
        false -> error
    end.

report(List, Prefix, Job) ->
    [report_one(File, Message, Prefix, Job)
     || {File, Messages} <- List, Message <- Messages],
    ok.

report_one(File, {Module, What}, Prefix, Job) ->
    report_one(File, {none, Module, What}, Prefix, Job);
report_one(File, {none, Module, What}, Prefix, _) ->
    io:put_chars([File, ": ", Prefix, words(Module, What), $\n]);
report_one(File, {At, Module, What}, Prefix, Job) ->
    io:put_chars([File, $:, place(At), ": ", Prefix, words(Module, What), $\n,
                  quoted(File, At, Job)]).

%% The compiler's own passes have their words in C.
words(Module, What) when Module =:= erl_lint; Module =:= epp;
                         Module =:= erl_scan; Module =:= erl_parse ->
    merle_compile:describe(Module, What);
words(Module, What) -> Module:format_error(What).

place({Line, Column}) -> [integer_to_list(Line), $:, integer_to_list(Column)];
place(Line) -> integer_to_list(Line).

%% The line of the source, and a mark below the column.

quoted(File, At, Job) ->
    case has(brief, Job) of
        true -> "";
        false ->
            Name = unicode:characters_to_binary(File, unicode,
                                                file:native_name_encoding()),
            merle_compile:quote(Name, At)
    end.
