%% SPDX-License-Identifier: Apache-2.0
%% The compiler's face. Reading is epp's, the checks are erl_lint's, code is
%% made by merle_compile:codegen/3 in C; what is here decides which of these
%% run, runs parse transforms, reports, and writes files. merlec does the same
%% in C (compiler/compile.c) for files that ask for nothing special: what one
%% of them writes into a .beam file or says, the other has to.
%%
%% There is no Core Erlang here: options that read or show it are errors.
-module(compile).

-export([file/1, file/2, noenv_file/2, forms/1, forms/2, noenv_forms/2]).
-export([output_generated/1, noenv_output_generated/1, env_compiler_options/0]).
-export([format_error/1, options/0]).
-export_type([option/0, forms/0]).

-type forms() :: [erl_parse:abstract_form()] | beam_disasm:asm_form().
-type option() :: atom() | {atom(), term()} | {'d', atom(), term()}.

%% A module on its way. What [code] is depends on how far it came: nothing,
%% forms, assembly, a binary.
-record(job, {options = [],        % those of -compile in front, once read
              given = [],          % those of the caller
              source = "",         % path as it is named in messages
              base = "",           % of the files that are written
              output = "",         % path of the .beam file
              module = [],         % [] until there is code
              encoding = none,     % that the source names
              chunks = [],         % more chunks of the file
              debug = none,        % forms kept as debug information
              code = none,
              errors = [], warnings = []}).

-define(DEFAULTS, [verbose, report_errors, report_warnings]).

file(File) -> file(File, ?DEFAULTS).

file(File, Options) when is_list(Options) ->
    compile({file, File}, Options ++ env_compiler_options());
file(File, Option) ->
    file(File, [Option | ?DEFAULTS]).

noenv_file(File, Options) when is_list(Options) ->
    compile({file, File}, Options);
noenv_file(File, Option) ->
    noenv_file(File, [Option | ?DEFAULTS]).

forms(Forms) -> forms(Forms, ?DEFAULTS).

forms(Forms, Options) when is_list(Options) ->
    compile({forms, Forms}, [binary | Options ++ env_compiler_options()]);
forms(Forms, Option) when is_atom(Option) ->
    forms(Forms, [Option | ?DEFAULTS]).

noenv_forms(Forms, Options) when is_list(Options) ->
    compile({forms, Forms}, [binary | Options]);
noenv_forms(Forms, Option) when is_atom(Option) ->
    noenv_forms(Forms, [Option | ?DEFAULTS]).

%% Whether a file of code would be written.
output_generated(Options) ->
    noenv_output_generated(Options ++ env_compiler_options()).

noenv_output_generated(Options0) ->
    Options = expand(Options0),
    not lists:any(fun(O) -> lists:member(O, Options) end, [binary | stops()]).

env_compiler_options() ->
    Name = "ERL_COMPILER_OPTIONS",
    case os:getenv(Name) of
        false -> [];
        Text ->
            case parse_term(Text) of
                {ok, List} when is_list(List) -> List;
                {ok, Term} -> [Term];
                error ->
                    io:format("Ignoring bad term in ~s\n", [Name]),
                    []
            end
    end.

parse_term(Text) ->
    case erl_scan:string(Text) of
        {ok, Tokens, _} ->
            case erl_parse:parse_term(Tokens ++ [{dot, erl_anno:new(1)}]) of
                {ok, _} = Term -> Term;
                {error, _} -> error
            end;
        {error, _, _} -> error
    end.

%% The options that end with something else than code, in the order of their
%% passes.
options() ->
    [io:format("~p - ~s\n", [Option, Text]) || {Option, Text} <- shown()],
    ok.

shown() ->
    [{makedep_side_effect, "Run makedep_and_output"},
     {makedep, "Run makedep"},
     {dpp, "Generate .pp file"},
     {'P', "Generate .P source listing file"},
     {dabstr, "Generate .abstr file"},
     {debug_info, "Run save_abstract_code"},
     {dexp, "Generate .expand file"},
     {'E', "Generate .E source listing file"},
     {'S', "Generate .S file"}].

stops() ->
    [makedep, dpp, 'P', to_pp, dabstr, dexp, 'E', to_exp, 'S', to_asm,
     no_code_generation | core_options()].

%% Options that stand for passes over Core Erlang and what OTP makes of it.
core_options() ->
    [from_core, to_core0, to_core, dcore, dcorefold, dcopt, dinline, dcbsm,
     dkern, dssa, dssaopt, dprecg, dcg, clint0, clint].

%% ---- Options ----

%% A key for debug information implies that there is some.
expand(Options0) ->
    Has = fun(Key) -> proplists:is_defined(Key, Options0) end,
    Options1 = case (Has(debug_info_key) orelse Has(encrypt_debug_info))
                   andalso not Has(debug_info) of
                   true -> [debug_info | Options0];
                   false -> Options0
               end,
    Options = case Has(makedep_side_effect) of
                  true -> proplists:delete(makedep, Options1);
                  false -> Options1
              end,
    lists:flatmap(fun expand_one/1, Options).

expand_one(report) -> [report_errors, report_warnings];
expand_one(return) -> [return_errors, return_warnings];
expand_one(basic_validation) -> [no_code_generation, to_pp, binary];
expand_one(strong_validation) -> [no_code_generation, to_kernel, binary];
expand_one({debug_info_key, _} = Key) -> [encrypt_debug_info, Key];
expand_one(no_type_opt = O) ->
    [O, no_ssa_opt_type_start, no_ssa_opt_type_continue,
     no_ssa_opt_type_finish];
expand_one(no_module_opt = O) -> [O, no_recv_opt];
expand_one(no_bsm4) -> expand_one(no_type_opt);
expand_one(no_make_fun3 = O) -> [O, no_fun_opt];
expand_one(r24) ->
    expand_one(no_type_opt) ++ [no_bs_create_bin, no_ssa_opt_ranges];
expand_one(r23) ->
    expand_one(no_make_fun3)
        ++ [no_bs_create_bin, no_ssa_opt_float, no_recv_opt, no_init_yregs]
        ++ expand_one(r24);
expand_one(r22) ->
    expand_one(r23) ++ [no_bs_create_bin, no_shared_fun_wrappers, no_swap]
        ++ expand_one(no_bsm4);
expand_one(Option) -> [Option].

has(Option, #job{options = Options}) -> lists:member(Option, Options).

value(Key, #job{options = Options}, Default) ->
    proplists:get_value(Key, Options, Default).

%% ---- The passes ----

%% In a process of its own, so that nothing is left over of a parse transform,
%% unless the caller has one for it.
compile(Input, Options0) ->
    Options = expand(Options0),
    Run = fun() -> run(Input, Options) end,
    case lists:member(no_spawn_compiler_process, Options) of
        true -> Run();
        false ->
            {Pid, Ref} = spawn_monitor(fun() -> exit(Run()) end),
            receive {'DOWN', Ref, process, Pid, Result} -> Result end
    end.

run(Input, Options) ->
    _ = [io:format("Compiling ~ts\n", [element(2, Input)])
         || element(1, Input) =:= file, lists:member(time, Options)],
    try finish(run_passes(passes(Input, Options), job(Input, Options)))
    catch
        Class:Reason:Stack ->
            io:put_chars(["\n*** Internal compiler error ***\n",
                          exception(Class, Reason, Stack), "\n"]),
            error
    end.

job({forms, Forms}, Options) ->
    Source = proplists:get_value(source, Options, ""),
    new_job(Source, "", Forms, proplists:delete(source, Options));
job({file, File}, Options) ->
    new_job(File, suffix(Options), none, Options).

new_job(File, Suffix, Code, Options0) ->
    Options = proplists:delete(extra_chunks, Options0),
    Base = filename:basename(File, Suffix),
    Source = case filename:dirname(File) of
                 "." -> Base ++ Suffix;
                 Dir -> filename:join(Dir, Base ++ Suffix)
             end,
    Job = #job{options = Options, given = Options, source = Source,
               base = Base, code = Code,
               chunks = proplists:get_value(extra_chunks, Options0, [])},
    Job#job{output = out_path(Base, "beam", Job)}.

suffix(Options) ->
    case start(Options) of
        from_abstr -> ".abstr";
        from_asm -> ".S";
        from_core -> ".core";
        source -> ".erl"
    end.

%% What is read: the first option that says so counts.
start([O | _]) when O =:= from_abstr; O =:= from_asm; O =:= from_core -> O;
start([_ | Options]) -> start(Options);
start([]) -> source.

passes({Kind, _}, Options) ->
    Made = case noenv_output_generated(Options) of
               true -> [{remove_file, fun remove_output/1}];
               false -> []
           end,
    Made ++ first_passes(Kind, start(Options)).

first_passes(file, source) ->
    [{parse_module, fun read/1} | form_passes()];
first_passes(forms, source) ->
    [{columns, fun without_columns/1} | form_passes()];
first_passes(file, from_abstr) ->
    [{consult_abstr, fun consult/1}, {lint_module, fun lint_unless_told/1}
     | abstract_passes()];
first_passes(forms, from_abstr) ->
    [{lint_module, fun lint_unless_told/1} | abstract_passes()];
first_passes(file, from_asm) ->
    [{beam_consult_asm, fun consult_assembly/1} | assembly_passes()];
first_passes(forms, from_asm) ->
    assembly_passes();
first_passes(forms, from_core) ->
    [{parse_core, fun forms_of_core/1} | code_passes()];
first_passes(file, from_core) ->
    [{parse_core, fun refuse_core/1}].

form_passes() ->
    [{transform_module, fun transform/1},
     {makedep, fun make_dependencies/1},
     {listing, listing(dpp, "pp")},
     {lint_module, fun lint/1},
     {listing, source_listing('P', "P")},
     {listing, stop(to_pp, "P")},
     {listing, listing(dabstr, "abstr")} | abstract_passes()].

abstract_passes() ->
    [{compile_directives, fun take_directives/1},
     {core, fun refuse_core/1} | code_passes()].

code_passes() ->
    [{expand_records, fun expand_records/1},
     {merle_compile, fun generate/1},
     {listing, fun list_assembly/1},
     {save_binary, fun save/1}].

assembly_passes() ->
    [{beam_asm, fun assemble/1}, {save_binary, fun save/1}].

%% A pass answers {ok, Job}, {error, Job}, or {done, Job} when nothing is to
%% follow.
run_passes([], Job) -> {ok, Job};
run_passes([{Name, Pass} | Passes], Job) ->
    case timed(Name, Pass, Job) of
        {ok, Next} -> run_passes(Passes, Next);
        Other -> Other
    end.

timed(Name, Pass, Job) ->
    Start = erlang:monotonic_time(microsecond),
    Result = guarded(Name, Pass, Job),
    case has(time, Job) andalso Name =/= listing of
        true ->
            Took = erlang:monotonic_time(microsecond) - Start,
            io:format(" ~-30s: ~10.3f s\n", [Name, Took / 1000000]);
        false -> ok
    end,
    Result.

%% What a parse transform makes need not be forms.
guarded(Name, Pass, Job) ->
    try Pass(Job)
    catch
        error:Reason:Stack -> failed(Job, {crash, Name, Reason, Stack})
    end.

failed(#job{source = Source} = Job, What) ->
    failed(Job, Source, [{none, ?MODULE, What}]).

failed(#job{errors = Errors} = Job, File, New) ->
    {error, Job#job{errors = Errors ++ [{File, New}]}}.

%% Nobody takes the file of an earlier run for that of one that failed.
remove_output(#job{output = Output} = Job) ->
    _ = file:delete(Output),
    {ok, Job}.

refuse_core(Job) ->
    case [O || O <- core_options(), has(O, Job)] of
        [] -> {ok, Job};
        [O | _] -> failed(Job, {no_core, O})
    end.

%% What v3_core has made of forms; real Core Erlang is refused.
forms_of_core(#job{code = {merle_core, Forms}} = Job) ->
    {ok, Job#job{code = Forms}};
forms_of_core(Job) -> refuse_core(Job).

%% ---- Reading ----

read(#job{source = File, options = Options} = Job) ->
    case erl_features:keyword_fun(Options, fun erl_scan:f_reserved_word/1) of
        {ok, {Features, IsWord}} ->
            Settings = [{includes, [".", filename:dirname(File) |
                                    [I || {i, I} <- Options, is_list(I)]]},
                        {source_name, source_name(Job)},
                        {deterministic, has(deterministic, Job)},
                        {macros, lists:flatmap(fun macro/1, Options)},
                        {default_encoding, utf8},
                        {location, start_location(Options)},
                        {reserved_word_fun, IsWord},
                        {features, Features}, extra],
            read(epp:parse_file(File, Settings), Job);
        {error, {Module, Reason}} ->
            failed(Job, File, [{none, Module, Reason}])
    end.

read({ok, Forms, Extra}, #job{chunks = Chunks, options = Options} = Job) ->
    Features = proplists:get_value(features, Extra),
    Next = Job#job{encoding = proplists:get_value(encoding, Extra),
                   chunks = with_features(Features, Chunks)},
    {ok, Next#job{code = lines_only(Forms, Options ++ directives(Forms))}};
read({error, Error}, Job) ->
    failed(Job, {epp, Error}).

%% The name that -file and module_info have.
source_name(#job{source = File} = Job) ->
    Name = value(source, Job, File),
    case {has(deterministic, Job), has(absolute_source, Job)} of
        {true, _} -> filename:basename(Name);
        {false, true} -> compile_info:absolute(Name);
        {false, false} -> Name
    end.

macro({d, Name}) -> [Name];
macro({d, Name, Value}) -> [{Name, Value}];
macro(_) -> [].

%% Chunk Meta tells which features the module was made with.
with_features(Features, Chunks) ->
    Meta = case lists:keyfind(<<"Meta">>, 1, Chunks) of
               {_, Bytes} -> binary_to_term(Bytes);
               false -> []
           end,
    Known = proplists:get_value(enabled_features, Meta, []),
    New = lists:keystore(enabled_features, 1, Meta,
                         {enabled_features, (Features -- Known) ++ Known}),
    lists:keystore(<<"Meta">>, 1, Chunks, {<<"Meta">>, term_to_binary(New)}).

start_location(Options) ->
    case proplists:get_value(error_location, Options, column) of
        column -> {1, 1};
        line -> 1
    end.

lines_only(Forms, Options) ->
    case start_location(Options) of
        1 -> [strip_column(F) || F <- Forms];
        _ -> Forms
    end.

strip_column({eof, {Line, _}}) -> {eof, Line};
strip_column({Kind, {{Line, _}, Module, Reason}})
  when Kind =:= error; Kind =:= warning ->
    {Kind, {Line, Module, Reason}};
strip_column(Form) ->
    erl_parse:map_anno(
      fun(A) -> erl_anno:set_location(erl_anno:line(A), A) end, Form).

without_columns(#job{code = Forms, options = Options} = Job) ->
    {ok, Job#job{code = lines_only(Forms, Options)}}.

directives(Forms) ->
    lists:append([case C of
                      _ when is_list(C) -> C;
                      _ -> [C]
                  end || {attribute, _, compile, C} <- Forms]).

consult(#job{source = File} = Job) ->
    case file:consult(File) of
        {ok, Terms} ->
            {ok, Job#job{code = Terms, encoding = epp:read_encoding(File)}};
        {error, Error} -> failed(Job, {open, Error})
    end.

consult_assembly(Job) ->
    case consult(Job) of
        {ok, #job{code = Terms} = Next} ->
            {ok, Next#job{code = beam_asm:from_listing(Terms)}};
        Error -> Error
    end.

%% ---- Parse transforms ----

%% In the order in which they are named, and never a second time for the forms
%% that they leave.
transform(#job{code = Forms, options = Options} = Job) ->
    case [M || {parse_transform, M} <- Options ++ directives(Forms)] of
        [] -> {ok, Job};
        Modules ->
            transform(Modules,
                      Job#job{code = lists:flatmap(fun untransformed/1, Forms)})
    end.

untransformed({attribute, Anno, compile, Options}) when is_list(Options) ->
    [{attribute, Anno, compile,
      [O || O <- Options, not is_transform(O)]}];
untransformed({attribute, _, compile, {parse_transform, _}}) -> [];
untransformed(Form) -> [Form].

is_transform({parse_transform, _}) -> true;
is_transform(_) -> false.

transform([], #job{code = Forms, options = Options} = Job) ->
    {ok, Job#job{code = lines_only(literals(Forms), Options)}};
transform([M | Modules], #job{options = Options} = Job) ->
    case code:ensure_loaded(M) =:= {module, M}
        andalso erlang:function_exported(M, parse_transform, 2) of
        true ->
            Forms = lines_only(Job#job.code, wanted_location(M) ++ Options),
            try M:parse_transform(Forms, Options) of
                Result -> transformed(Result, Modules, Job)
            catch
                Class:Reason:Stack ->
                    failed(Job, {parse_transform, M, {Class, Reason, Stack}})
            end;
        false ->
            failed(Job, {undef_parse_transform, M})
    end.

%% Transforms put a location with a column where they mean a number, and the
%% like: the value is what was meant.
literals([{function, A, F, Arity, Clauses} | Forms]) ->
    [{function, A, F, Arity, literal(Clauses)} | literals(Forms)];
literals([Form | Forms]) -> [Form | literals(Forms)];
literals(Forms) -> Forms.

literal({Kind, _, V} = E) when Kind =:= integer; Kind =:= char ->
    right(is_integer(V), E);
literal({float, _, V} = E) -> right(is_float(V), E);
literal({atom, _, V} = E) -> right(is_atom(V), E);
literal({string, _, V} = E) -> right(is_list(V), E);
literal(E) when is_tuple(E) -> list_to_tuple(literal(tuple_to_list(E)));
literal([E | Es]) -> [literal(E) | literal(Es)];
literal(E) -> E.

right(true, E) -> E;
right(false, {_, Anno, Value}) ->
    try
        erl_parse:abstract(Value, [{location, erl_anno:location(Anno)}])
    catch
        error:_ -> {atom, Anno, Value} % refused by the checks
    end.

%% A transform may say that it knows lines only.
wanted_location(M) ->
    case erlang:function_exported(M, parse_transform_info, 0) of
        true ->
            case M:parse_transform_info() of
                #{error_location := line} -> [{error_location, line}];
                #{} -> []
            end;
        false -> []
    end.

transformed({error, Errors, Warnings}, _, Job) ->
    {error, Job#job{errors = Job#job.errors ++ Errors,
                    warnings = Job#job.warnings ++ Warnings}};
transformed({warning, Forms, Warnings}, Modules, Job) ->
    transform(Modules, Job#job{code = Forms,
                               warnings = Job#job.warnings ++ Warnings});
transformed(Forms, Modules, Job) ->
    transform(Modules, Job#job{code = Forms}).

%% ---- Checks ----

lint_unless_told(Job) ->
    case has(no_lint, Job) of
        true -> {ok, Job};
        false -> lint(Job)
    end.

lint(#job{code = Forms, source = File, options = Options} = Job) ->
    case erl_lint:module(Forms, File, Options) of
        {ok, Warnings} ->
            Next = Job#job{warnings = Job#job.warnings ++ Warnings},
            {ok, default_base(Forms, Next)};
        {error, Errors, Warnings} ->
            {error, Job#job{errors = Job#job.errors ++ Errors,
                            warnings = Job#job.warnings ++ Warnings}}
    end.

%% Forms have no file to name listings after.
default_base(Forms, #job{source = ""} = Job) ->
    Job#job{base = atom_to_list(module_of(Forms))};
default_base(_, Job) -> Job.

module_of(Forms) ->
    case [M || {attribute, _, module, M} <- Forms] of
        [{M, _} | _] -> M;
        [M | _] -> M
    end.

take_directives(#job{code = Forms, options = Given} = Job) ->
    Options = expand(lists:flatten(directives(Forms))) ++ Given,
    Next = Job#job{options = Options},
    case [O || O <- Options, is_obsolete(O)] of
        [] -> {ok, Next};
        [O | _] -> failed(Next, {obsolete_option, O})
    end.

is_obsolete(O) ->
    lists:member(O, [r18, r19, r20, r21, no_bsm3, no_get_hd_tl, no_put_tuple2,
                     no_utf8_atoms]).

%% ---- Listings ----

%% Listings of terms, of forms as source, and forms as the result.
listing(Option, Ext) ->
    fun(Job) -> list_if(has(Option, Job), terms, Ext, Job) end.

source_listing(Option, Ext) ->
    fun(Job) -> list_if(has(Option, Job), source, Ext, Job) end.

stop(Option, Ext) ->
    fun(Job) ->
            case has(Option, Job) of
                false -> {ok, Job};
                true -> stop_here(Ext, Job)
            end
    end.

stop_here(Ext, Job) ->
    case has(binary, Job) of
        true -> {done, Job};
        false -> list_if(true, terms, Ext, Job)
    end.

list_if(false, _, _, Job) -> {ok, Job};
list_if(true, How, Ext, Job) ->
    Path = out_path(Job#job.base, Ext, Job),
    Encoding = case How of
                   source -> Job#job.encoding;
                   terms -> none
               end,
    case beam_listing:file(Path, How, Encoding, Job#job.code) of
        ok -> {done, Job};
        {error, Error} ->
            failed(Job, Path, [{none, ?MODULE, {write_error, Error}}])
    end.

%% Forms without records, for those who want to see them only: code is made of
%% forms with records.
expand_records(#job{code = Forms, options = Options} = Job) ->
    case {has(dexp, Job), has('E', Job), has(to_exp, Job)} of
        {false, false, false} -> {ok, Job};
        {true, _, _} ->
            list_if(true, terms, "expand",
                    Job#job{code = erl_expand_records:module(Forms, Options)});
        {_, ForPeople, _} ->
            Expanded = erl_expand_records:module(Forms, Options),
            case ForPeople of
                true ->
                    list_if(true, source, "E",
                            Job#job{code = legal_variables(Expanded)});
                false ->
                    stop_here("E", Job#job{code = Expanded})
            end
    end.

legal_variables(Forms) ->
    [case element(1, F) of
         function -> erl_pp:legalize_vars(F);
         _ -> F
     end || F <- Forms].

list_assembly(#job{code = Beam} = Job) ->
    case has('S', Job) orelse has(to_asm, Job) of
        false -> {ok, Job};
        true ->
            Code = beam_listing:from_beam(Beam, Job#job.source),
            Next = Job#job{code = Code},
            case has('S', Job) of
                true -> list_if(true, terms, "S", Next);
                false -> stop_here("S", Next)
            end
    end.

%% ---- Dependencies ----

make_dependencies(#job{options = Options} = Job) ->
    Wanted = has(makedep, Job),
    case Wanted orelse has(makedep_side_effect, Job) of
        false -> {ok, Job};
        true ->
            Rule = compile_makedep:rule(Job#job.source, Job#job.output,
                                        Job#job.code, Options),
            case Wanted of
                true -> only_dependencies(Job#job{code = Rule});
                false -> write_dependencies(Rule, Job)
            end
    end.

only_dependencies(Job) ->
    case has(binary, Job) of
        true -> {done, Job};
        false ->
            case write_dependencies(Job#job.code, Job) of
                {ok, Next} -> {done, Next};
                Error -> Error
            end
    end.

write_dependencies(Rule, #job{output = Output} = Job) ->
    Default = out_path(filename:basename(Output, ".beam"), "Pbeam", Job),
    case compile_makedep:write(Rule, value(makedep_output, Job, Default)) of
        ok -> {ok, Job};
        {error, none} -> failed(Job, write_error);
        {error, Error} -> failed(Job, {write_error, Error})
    end.

%% ---- Code ----

generate(#job{code = Forms, source = File} = Job) ->
    case chunks(keep_forms(Job)) of
        {ok, Chunks, Info} ->
            Options = [O || O <- Job#job.options, O =/= binary],
            generated(merle_compile:codegen(Forms, Options,
                                            [Info | Chunks]), Job);
        {error, Why} ->
            failed(Job, File, [{none, ?MODULE, Why}])
    end.

keep_forms(#job{code = Forms} = Job) ->
    case has(debug_info, Job) of
        true -> Job#job{debug = erl_parse:anno_to_term(Forms)};
        false -> Job
    end.

chunks(#job{options = Options, given = Given, source = File} = Job) ->
    case compile_info:debug_chunk(Job#job.output, Job#job.debug, Given,
                                  Options) of
        {ok, Debug, Kept} ->
            Info = compile_info:list(File, Kept, Options),
            {ok, [{<<"Dbgi">>, Debug} | Job#job.chunks],
             {compile_info, Info}};
        Error -> Error
    end.

generated({none, [], _}, Job) -> failed(Job, no_module);
generated({none, Errors, Warnings}, Job) ->
    {error, told(Errors, Warnings, Job)};
generated({Beam, Errors, Warnings}, #job{code = Forms} = Job) ->
    Next = told(Errors, Warnings, Job),
    {ok, Next#job{code = Beam, module = module_of(Forms)}}.

told(Errors, Warnings, Job) ->
    Job#job{errors = Job#job.errors ++ by_file(Errors),
            warnings = Job#job.warnings ++ by_file(Warnings)}.

by_file(List) ->
    [{File, [{At, Module, What}]}
     || {File, At, Module, What} <- lists:reverse(List)].

assemble(#job{code = {Module, _, _, _, _} = Code} = Job) ->
    case chunks(Job) of
        {ok, Chunks, {compile_info, Info}} ->
            {ok, Beam} = beam_asm:module(Code, Chunks, Info,
                                         Job#job.options),
            {ok, Job#job{code = Beam, module = Module}};
        {error, Why} -> failed(Job, Why)
    end.

%% ---- Writing ----

out_path(Base, Ext, #job{options = Options}) ->
    Name = case lists:keyfind(outdir, 1, Options) of
               {outdir, Dir} -> filename:join(Dir, Base);
               _ -> Base
           end,
    Name ++ "." ++ Ext.

save(#job{output = Output, module = Module} = Job) ->
    Base = filename:rootname(filename:basename(Output)),
    case has(binary, Job) orelse is_stopped_by_warnings(Job) of
        true -> {ok, Job};
        false ->
            case has(no_error_module_mismatch, Job)
                orelse atom_to_list(Module) =:= Base of
                true -> write(lists:droplast(Output) ++ "#", Job);
                false ->
                    failed(Job, Output, [{none, ?MODULE,
                                          {module_name, Module, Base}}])
            end
    end.

%% Written aside, then renamed: nobody sees half a file.
write(Aside, #job{code = Beam, output = Output} = Job) ->
    Told = case file:write_file(Aside, Beam,
                                [O || O <- [compressed], has(O, Job)]) of
               ok ->
                   case file:rename(Aside, Output) of
                       ok -> none;
                       {error, E} -> {Output, {rename, Aside, Output, E}}
                   end;
               {error, E} -> {Aside, {write_error, E}}
           end,
    case Told of
        none -> {ok, Job};
        {File, What} ->
            _ = file:delete(Aside),
            failed(Job, File, [{none, ?MODULE, What}])
    end.

%% ---- The answer, and what is told on the way to it ----

is_stopped_by_warnings(#job{warnings = []}) -> false;
is_stopped_by_warnings(Job) -> has(warnings_as_errors, Job).

finish({error, Job}) -> failure(Job);
finish({_, Job}) ->
    case is_stopped_by_warnings(Job) of
        true ->
            has(report_warnings, Job) andalso
                io:format("~p: warnings being treated as errors\n", [?MODULE]),
            failure(Job);
        false -> success(Job)
    end.

success(#job{module = Module, options = Options} = Job) ->
    Warnings = in_order(filtered(Job#job.warnings, Options)),
    report_warnings(Warnings, Job),
    Code = [Job#job.code || has(binary, Job), not has(no_code_generation, Job)],
    Told = [Warnings || has(return_warnings, Job)],
    list_to_tuple([ok, Module] ++ Code ++ Told).

failure(Job) ->
    Errors = in_order(Job#job.errors),
    Warnings = in_order(Job#job.warnings),
    has(report_errors, Job) andalso
        [sys_messages:list_errors(File, List, Job#job.options)
         || {File, List} <- Errors],
    report_warnings(Warnings, Job),
    case has(return_errors, Job) of
        true -> {error, Errors, Warnings};
        false -> error
    end.

report_warnings(Warnings, #job{options = Options} = Job) ->
    {Prefix, Wanted} = case has(warnings_as_errors, Job) of
                           true -> {"", has(report_errors, Job)};
                           false -> {"Warning: ", false}
                       end,
    case Wanted orelse has(report_warnings, Job) of
        true ->
            Texts = [sys_messages:format_messages(File, Prefix, List, Options)
                     || {File, List} <- Warnings],
            [io:put_chars(Text)
             || {_, Text} <- lists:sort(lists:append(Texts))],
            ok;
        false -> ok
    end.

in_order(List) -> merle_compile:in_order(List).

%% Warnings of what the compiler finds on its way to code can be turned off by
%% kind.
filtered(Warnings, Options) ->
    Off = lists:flatmap(fun(nowarn_opportunistic) -> [failed, ignored, nomatch];
                           (nowarn_failed) -> [failed];
                           (nowarn_ignored) -> [ignored];
                           (nowarn_nomatch) -> [nomatch];
                           (_) -> []
                        end, Options),
    [{File, [W || W <- List, not is_off(W, Off)]} || {File, List} <- Warnings].

is_off({_, Pass, {Kind, _}}, Off)
  when Pass =:= v3_core; Pass =:= sys_core_fold; Pass =:= v3_kernel ->
    lists:member(Kind, Off);
is_off(_, _) -> false.

%% ---- Words ----

format_error({obsolete_option, Option}) ->
    io_lib:format("the ~p option is no longer supported", [Option]);
format_error({no_core, Option}) ->
    io_lib:format("there is no Core Erlang here: option ~p is not supported",
                  [Option]);
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
                  [M, exception(C, R, Stack)]);
format_error({undef_parse_transform, M}) ->
    io_lib:format("undefined parse transform '~ts'", [M]);
format_error({core_transform, M, {C, R, Stack}}) ->
    io_lib:format("error in core transform '~s':\n~ts",
                  [M, exception(C, R, Stack)]);
format_error({crash, Pass, Reason, Stack}) ->
    io_lib:format("internal error in pass ~p:\n~ts",
                  [Pass, exception(error, Reason, Stack)]);
format_error({bad_return, Pass, Reason}) ->
    io_lib:format("internal error in pass ~p: bad return value:\n~tP",
                  [Pass, Reason, 20]);
format_error({module_name, Mod, File}) ->
    io_lib:format("Module name '~s' does not match file name '~ts'",
                  [Mod, File]);
format_error(no_module) -> "no module definition";
format_error(nesting_too_deep) -> "expression is nested too deep".

exception(Class, Reason, Stack) ->
    Ends = fun(escript, run, 2) -> true;
              (escript, start, 1) -> true;
              (init, start_it, 1) -> true;
              (init, start_em, 1) -> true;
              (_, _, _) -> false
           end,
    erl_error:format_exception(
      Class, Reason, Stack,
      #{stack_trim_fun => Ends,
        format_fun => fun(Term, _) -> io_lib:format("~tp", [Term]) end}).
