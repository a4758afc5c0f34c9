%% SPDX-License-Identifier: Apache-2.0
%% system_information: a report of all that matters about a system (code paths,
%% applications and modules, what erlang:system_info says, environment), for
%% those who are asked about it later; and whether its applications fit
%% together.
%%
%% A file has two terms, {system_information_version, "1.0"} and
%% {system_information, Report}. A process keeps the report that is loaded, for
%% the functions that show parts of it.
-module(system_information).
-behaviour(gen_server).

-export([report/0, to_file/1, from_file/1, sanity_check/0]).
-export([start/0, stop/0, load_report/0, load_report/2]).
-export([applications/0, applications/1, application/1, application/2,
         environment/0, environment/1, module/1, module/2, modules/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(VERSION, "1.0").

%% ---- Reports ----

-spec report() -> [{atom(), term()}].
report() ->
    [{init_arguments, init:get_arguments()}, {code_paths, code:get_path()},
     {code, [code_info(Path) || Path <- code:get_path()]},
     {system_info, [{Item, system_info(Item)} || Item <- system_items()]},
     {erts_compile_info, system_info(compile_info)},
     {beam_dynamic_libraries, os:cmd("ldd " ++ program())},
     {environment_erts, [{Name, os:getenv(Name)} || Name <- variables()]},
     {environment, [list_to_tuple(string:split(V, "=")) || V <- os:getenv()]},
     {sanity_check, sanity_check()}].

system_items() ->
    [allocator, check_io, otp_release, port_limit, process_limit, smp_support,
     system_version, system_architecture, threads, thread_pool_size,
     {wordsize, internal}, {wordsize, external}, {cpu_topology, defined},
     {cpu_topology, detected}, scheduler_bind_type, scheduler_bindings,
     compat_rel, schedulers_state, build_type, logical_processors,
     logical_processors_online, logical_processors_available, driver_version,
     nif_version, emu_args, ethread_info, beam_jump_table, taints].

system_info(Item) ->
    try erlang:system_info(Item)
    catch error:badarg -> undefined
    end.

program() ->
    filename:join(os:getenv("BINDIR", ""), os:getenv("EMU", "beam") ++ ".smp").

variables() ->
    ["BINDIR", "EMU", "ERL_CONSOLE_MODE", "ERL_CRASH_DUMP",
     "ERL_CRASH_DUMP_NICE", "ERL_CRASH_DUMP_SECONDS", "ERL_EPMD_PORT",
     "ERL_FULLSWEEP_AFTER", "ERL_LIBS", "ERL_MAX_PORTS", "ERL_MAX_ETS_TABLES",
     "ERL_THREAD_POOL_SIZE", "ERLC_EMULATOR", "ESCRIPT_EMULATOR", "HOME",
     "LANG", "LC_ALL", "LC_CTYPE", "PATH", "PROGNAME", "RELDIR", "ROOTDIR",
     "TERM", "HEART_COMMAND", "RUN_ERL_LOG_ALIVE_MINUTES",
     "RUN_ERL_LOG_ACTIVITY_MINUTES", "RUN_ERL_LOG_ALIVE_FORMAT",
     "RUN_ERL_LOG_ALIVE_IN_UTC", "RUN_ERL_LOG_GENERATIONS",
     "RUN_ERL_LOG_MAXSIZE", "RUN_ERL_DISABLE_FLOWCNTRL"].

%% Paths may lie in the program itself, so the loader reads them.
code_info(Path) ->
    Names = names(Path),
    Modules = {modules, [beam_info(filename:join(Path, N))
                         || N <- Names, filename:extension(N) =:= ".beam"]},
    case [N || N <- Names, filename:extension(N) =:= ".app"] of
        [] -> {code, [{path, Path}, Modules]};
        [App | _] ->
            {application, Name, Info} = app_file(filename:join(Path, App)),
            Get = fun(Key) -> {Key, proplists:get_value(Key, Info, [])} end,
            {application, {Name, [Get(description), Get(vsn), {path, Path},
                                  Get(runtime_dependencies), Modules]}}
    end.

names(Path) ->
    case erl_prim_loader:list_dir(Path) of
        {ok, Names} -> lists:sort(Names);
        error -> []
    end.

app_file(File) ->
    {ok, Bytes, _} = erl_prim_loader:get_file(File),
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Bytes)),
    {ok, App} = erl_parse:parse_term(Tokens),
    App.

beam_info(File) ->
    {ok, Bytes, _} = erl_prim_loader:get_file(File),
    {ok, {Module, Md5}} = beam_lib:md5(Bytes),
    Compiler = case beam_lib:chunks(Bytes, [compile_info]) of
                   {ok, {_, [{compile_info, Info}]}} ->
                       proplists:get_value(version, Info);
                   _ -> undefined
               end,
    {Module, [{loaded, code:is_loaded(Module) =/= false}, {native, false},
              {compiler, Compiler},
              {md5, string:lowercase(binary_to_list(binary:encode_hex(Md5)))}]}.

-spec to_file(file:name_all()) -> ok | {error, term()}.
to_file(File) ->
    file:write_file(File, io_lib:format(
        "{system_information_version, ~w}.~n{system_information,~w}.~n",
        [?VERSION, report()])).

-spec from_file(file:name_all()) -> [{atom(), term()}].
from_file(File) ->
    case file:consult(File) of
        {ok, [{system_information_version, ?VERSION},
              {system_information, Report}]} -> Report;
        {ok, _} -> error(bad_report_file);
        {error, Reason} when is_atom(Reason) -> error({badmatch, {error, Reason}});
        {error, _} -> error(bad_report_file)
    end.

%% ---- Do the applications fit together? ----

%% What each application needs to run is there, in that version or a later one.
-spec sanity_check() -> ok | {failed, [tuple()]}.
sanity_check() ->
    Apps = [{list_to_atom(filename:basename(N, ".app")), filename:join(Path, N)}
            || Path <- code:get_path(), N <- names(Path),
               filename:extension(N) =:= ".app"],
    %% The first of several in the path is the one that is used.
    Used = maps:from_list(lists:reverse(Apps)),
    Known = maps:map(fun(_, File) -> needs(File) end, Used),
    case lists:append([lacking(App, Known) || App <- maps:keys(Known)]) of
        [] -> ok;
        Issues -> {failed, Issues}
    end.

needs(File) ->
    try
        {application, _, Info} = app_file(File),
        Version = proplists:get_value(vsn, Info),
        {numbers(Version), Version,
         [begin
              [Name, V] = string:split(Need, "-"),
              {list_to_atom(Name), numbers(V), Need}
          end || Need <- proplists:get_value(runtime_dependencies, Info, [])]}
    catch _:_ -> invalid
    end.

numbers(Version) -> [list_to_integer(N) || N <- string:lexemes(Version, ".")].

lacking(App, Known) ->
    case map_get(App, Known) of
        invalid -> [{invalid_app_file, App}];
        {_, Version, Needs} ->
            case [Need || {Name, Least, Need} <- Needs,
                          not is_there(Name, Least, Known)] of
                [] -> [];
                Missing ->
                    [{missing_runtime_dependencies,
                      lists:concat([App, "-", Version]), lists:sort(Missing)}]
            end
    end.

%% The emulator is no application that has a file.
is_there(erts, Least, _) ->
    at_least(numbers(erlang:system_info(version)), Least);
is_there(Name, Least, Known) ->
    case Known of
        #{Name := {Version, _, _}} -> at_least(Version, Least);
        _ -> false
    end.

%% Parts after the third number patches of a branch: they compare only within
%% the same three.
at_least(Version, Least) ->
    {Main, Patches} = three(Version),
    {LeastMain, LeastPatches} = three(Least),
    if
        LeastPatches =:= []; Main =/= LeastMain, Patches =:= [] ->
            Main >= LeastMain;
        Main =:= LeastMain -> Patches >= LeastPatches;
        true -> false
    end.

three([X, Y, Z | Patches]) -> {[X, Y, Z], Patches};
three(Few) -> three(Few ++ [0]).

%% ---- A loaded report ----

start() -> gen_server:start({local, ?MODULE}, ?MODULE, [], []).

stop() -> gen_server:call(?MODULE, stop, infinity).

load_report() -> load_report(data, report()).

load_report(file, File) -> load_report(data, from_file(File));
load_report(data, Report) ->
    case start() of
        {ok, _} -> ok;
        {error, {already_started, _}} -> ok
    end,
    gen_server:call(?MODULE, {load, Report}, infinity).

applications() -> applications([]).
applications(Options) when is_list(Options) ->
    show(fun(Report) -> [show_app(App, Options)
                         || {application, App} <- value(code, Report)]
         end).

application(App) -> application(App, []).
application(App, Options) when is_atom(App), is_list(Options) ->
    show(fun(Report) -> [show_app(A, Options)
                         || {application, {Name, _} = A} <- value(code, Report),
                            Name =:= App]
         end).

environment() -> environment([]).
environment(Options) when is_list(Options) ->
    Which = case proplists:get_bool(full, Options) of
                true -> environment;
                false -> environment_erts
            end,
    show(fun(Report) -> [io:format(" - ~s = ~ts~n", [Name, Value])
                         || {Name, Value} <- value(Which, Report),
                            Value =/= false]
         end).

module(Module) -> module(Module, []).
module(Module, Options) when is_atom(Module), is_list(Options) ->
    show(fun(Report) ->
             Found = [{Code, Info} || Code <- value(code, Report),
                                      {M, Info} <- modules_of(Code),
                                      M =:= Module],
             Shown = case proplists:get_bool(full, Options) of
                         true -> Found;
                         false -> lists:sublist(Found, 1)
                     end,
             [show_place(Code, Info) || {Code, Info} <- Shown]
         end).

modules(native) ->
    show(fun(Report) ->
             io:format("~p~n", [[{Code, M} || Code <- value(code, Report),
                                              {M, Info} <- modules_of(Code),
                                              value(native, Info) =/= false]])
         end).

%% Prints in the server, as that has the report.
show(Fun) -> gen_server:call(?MODULE, {show, Fun}, infinity).

value(Key, List) -> proplists:get_value(Key, List, []).

modules_of({application, {_, Info}}) -> value(modules, Info);
modules_of({code, Info}) -> value(modules, Info).

show_app({App, Info}, Options) ->
    io:format(" * ~w-~s~n", [App, value(vsn, Info)]),
    case proplists:get_bool(full, Options) of
        true ->
            lists:foreach(fun({M, Facts}) ->
                              io:format("   - ~w:~n", [M]),
                              show_facts(Facts)
                          end, value(modules, Info));
        false -> ok
    end.

show_place({application, {App, Info}}, Facts) ->
    io:format(" from path \"~ts\" (~w-~s):~n",
              [value(path, Info), App, value(vsn, Info)]),
    show_facts(Facts);
show_place({code, Info}, Facts) ->
    io:format(" from path \"~ts\" (no application):~n", [value(path, Info)]),
    show_facts(Facts).

show_facts(Facts) ->
    io:format("     - compiler: ~s~n", [value(compiler, Facts)]),
    io:format("     -      md5: ~s~n", [value(md5, Facts)]),
    io:format("     -   native: ~w~n", [value(native, Facts)]),
    io:format("     -   loaded: ~w~n", [value(loaded, Facts)]).

init([]) -> {ok, none}.

handle_call(stop, _, Report) -> {stop, normal, ok, Report};
handle_call({load, Report}, _, _) ->
    io:format("Loaded report from system version: ~s~n",
              [value(system_version, value(system_info, Report))]),
    {reply, ok, Report};
handle_call(_, _, none) -> {reply, {error, report_not_loaded}, none};
handle_call({show, Fun}, _, Report) ->
    _ = Fun(Report),
    {reply, ok, Report}.

handle_cast(_, Report) -> {noreply, Report}.

handle_info(_, Report) -> {noreply, Report}.

terminate(_, _) -> ok.
