%% SPDX-License-Identifier: Apache-2.0
%% xref: which functions call which, from the abstract code of compiled
%% modules (debug_info). A server holds modules, applications and releases,
%% and answers queries about sets of functions and of calls; xref_base does
%% what it is asked.
-module(xref).
-behaviour(gen_server).

-export([start/1, start/2, stop/1, add_release/2, add_release/3,
         add_application/2, add_application/3, add_module/2, add_module/3,
         add_directory/2, add_directory/3, replace_module/3, replace_module/4,
         replace_application/3, replace_application/4, remove_module/2,
         remove_application/2, remove_release/2, get_library_path/1,
         set_library_path/2, set_library_path/3, info/1, info/2, info/3,
         update/1, update/2, forget/1, forget/2, variables/1, variables/2,
         analyze/2, analyze/3, analyse/2, analyse/3, q/2, q/3, get_default/1,
         get_default/2, set_default/2, set_default/3, m/1, d/1,
         format_error/1]).

-export([init/1, handle_call/3, handle_cast/2]).

%% ---- Servers ----

start(Name) when is_atom(Name) ->
    gen_server:start({local, Name}, ?MODULE, [], []);
start(Options) ->
    gen_server:start(?MODULE, Options, []).

start(Name, Options) ->
    gen_server:start({local, Name}, ?MODULE, Options, []).

stop(Server) -> call(Server, stop).

call(Server, Request) -> gen_server:call(Server, Request, infinity).

%% A function of xref_base, of the server's state and [Args].
ask(Server, Function, Args) -> call(Server, {Function, Args}).

add_release(S, Dir) -> add_release(S, Dir, []).
add_release(S, Dir, Options) -> ask(S, add_release, [Dir, Options]).

add_application(S, Dir) -> add_application(S, Dir, []).
add_application(S, Dir, Options) -> ask(S, add_application, [Dir, Options]).

add_module(S, File) -> add_module(S, File, []).
add_module(S, File, Options) -> ask(S, add_module, [File, Options]).

add_directory(S, Dir) -> add_directory(S, Dir, []).
add_directory(S, Dir, Options) -> ask(S, add_directory, [Dir, Options]).

replace_module(S, Module, File) -> replace_module(S, Module, File, []).
replace_module(S, Module, File, Options) ->
    ask(S, replace_module, [Module, File, Options]).

replace_application(S, App, Dir) -> replace_application(S, App, Dir, []).
replace_application(S, App, Dir, Options) ->
    ask(S, replace_application, [App, Dir, Options]).

remove_module(S, Modules) -> ask(S, remove_module, [Modules]).
remove_application(S, Apps) -> ask(S, remove_application, [Apps]).
remove_release(S, Releases) -> ask(S, remove_release, [Releases]).

get_library_path(S) -> ask(S, get_library_path, []).
set_library_path(S, Path) -> set_library_path(S, Path, []).
set_library_path(S, Path, Options) ->
    ask(S, set_library_path, [Path, Options]).

%% How much there is, by kind; each of a kind; those named.
info(S) -> ask(S, info, []).
info(S, What) -> ask(S, info, [What]).
info(S, What, Names) -> ask(S, info, [What, Names]).

update(S) -> update(S, []).
update(S, Options) -> ask(S, update, [Options]).

forget(S) -> ask(S, forget, []).
forget(S, Variables) -> ask(S, forget, [Variables]).

variables(S) -> ask(S, variables, []).
variables(S, Options) -> ask(S, variables, [Options]).

analyze(S, What) -> analyze(S, What, []).
analyze(S, What, Options) -> ask(S, analyze, [What, Options]).

analyse(S, What) -> analyze(S, What, []).
analyse(S, What, Options) -> analyze(S, What, Options).

%% The answer to a query, as text or atom.
q(S, Query) -> q(S, Query, []).
q(S, Query, Options) -> ask(S, q, [Query, Options]).

get_default(S) -> ask(S, get_default, []).
get_default(S, Option) -> ask(S, get_default, [Option]).
set_default(S, Options) -> ask(S, set_default, [Options]).
set_default(S, Option, Value) -> ask(S, set_default, [Option, Value]).

format_error({error, Module, Reason}) -> Module:format_error(Reason);
format_error(Reason) -> io_lib:format("~tp~n", [Reason]).

init(Options) ->
    case xref_base:new(Options) of
        {ok, _} = Ok -> Ok;
        {error, _, Reason} -> {stop, Reason}
    end.

handle_call(stop, _, S) ->
    {stop, normal, stopped, S};
handle_call({Function, Args}, _, S) ->
    case {Function, apply(xref_base, Function, [S | Args])} of
        {F, {Reply, S1}} when F =:= q; F =:= analyze; F =:= variables ->
            {reply, Reply, S1};
        {update, {ok, S1, Modules}} -> {reply, {ok, Modules}, S1};
        {F, {ok, S1}} when F =/= get_default, F =/= get_library_path ->
            {reply, ok, S1};
        {_, {ok, Value, S1}} -> {reply, {ok, Value}, S1};
        {_, Reply} -> {reply, Reply, S}
    end.

handle_cast(_, S) ->
    {noreply, S}.

%% ---- Without a server ----

%% What is wrong with a module: by its name, found on the code path, or its
%% file. Other modules are looked up on the code path.
m(Module) when is_atom(Module) ->
    case code:which(Module) of
        File when is_list(File) -> check_file(File);
        cover_compiled -> {error, xref_base, {cover_compiled, Module}};
        _ -> {error, xref_base, {no_such_module, Module}}
    end;
m(File) -> check_file(File).

check_file(File0) ->
    case io_lib:char_list(File0) of
        true ->
            File = filename:rootname(File0, ".beam") ++ ".beam",
            case has_debug_info(File) of
                {error, _, _} = Error -> Error;
                Has -> check(Has, fun(S) ->
                                   xref_base:add_module(S, File,
                                                        [{builtins, true}])
                           end)
            end;
        false -> {error, xref_base, {invalid_filename, File0}}
    end.

%% The same for all modules of a folder.
d(Dir) ->
    case io_lib:char_list(Dir) of
        true ->
            Files = filelib:wildcard(filename:join(Dir, "*.beam")),
            check(lists:any(fun(F) -> has_debug_info(F) =:= true end, Files),
                  fun(S) ->
                          xref_base:add_directory(S, Dir, [{builtins, true}])
                  end);
        false -> {error, xref_base, {invalid_filename, Dir}}
    end.

has_debug_info(File) ->
    case beam_lib:chunks(File, [abstract_code]) of
        {ok, {_, [{abstract_code, Code}]}} -> Code =/= no_abstract_code;
        Error -> Error
    end.

%% What the object files call is all that is told without debug information.
check(true, Add) ->
    check([], Add, [{deprecated, deprecated_function_calls},
                    {undefined, undefined_function_calls},
                    {unused, locals_not_used}]);
check(false, Add) ->
    check([{xref_mode, modules}], Add, [{deprecated, deprecated_functions},
                                        {undefined, undefined_functions}]).

check(Options, Add, Analyses) ->
    {ok, S0} = xref_base:new(Options),
    {ok, S1} = xref_base:set_library_path(S0, code_path),
    {ok, S2} = xref_base:set_default(S1, [{verbose, false},
                                          {warnings, false}]),
    case Add(S2) of
        {ok, _, S} -> results(Analyses, S);
        Error -> Error
    end.

results([{Name, Analysis} | Rest], S) ->
    case xref_base:analyze(S, Analysis) of
        {{ok, Result}, S1} ->
            case results(Rest, S1) of
                Results when is_list(Results) -> [{Name, Result} | Results];
                Error -> Error
            end;
        {Error, _} -> Error
    end;
results([], _) -> [].
