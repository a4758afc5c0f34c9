%% SPDX-License-Identifier: Apache-2.0
%% escript: runs a script, which may be Erlang source (with or without "#!" and
%% "%%!" lines before it), a .beam file, or an archive of them. Source is
%% always compiled.
-module(escript).

-export([start/0, start/1, script_name/0, create/2, extract/2]).

-spec script_name() -> string().
script_name() ->
    [Script | _] = init:get_plain_arguments(),
    Script.

%%% Sections

-spec create(file:filename() | binary, [term()]) ->
          ok | {ok, binary()} | {error, term()}.
create(To, Sections) when is_list(Sections) ->
    try escript_file:bytes(Sections) of
        Bytes when To =:= binary -> {ok, Bytes};
        Bytes ->
            case file:write_file(To, Bytes) of
                ok -> ok;
                {error, Reason} -> {error, {Reason, To}}
            end
    catch
        throw:Reason -> {error, Reason}
    end.

-spec extract(file:filename(), [compile_source]) ->
          {ok, [term()]} | {error, term()}.
extract(File, Options) when is_list(File), is_list(Options) ->
    try
        [throw({badarg, O}) || O <- Options, O =/= compile_source],
        Script = escript_file:read(File, Options =:= []),
        case escript_file:body(Script) of
            {source, _} when Options =/= [] ->
                {_, _, Forms} = parse(Script, File),
                {ok, escript_file:sections(Script, compiled(Forms))};
            {_, Body} -> {ok, escript_file:sections(Script, Body)}
        end
    catch
        throw:Reason -> {error, Reason}
    end.

compiled(Forms) ->
    case compile:forms(Forms, [return_errors, debug_info]) of
        {ok, _, Beam} -> Beam;
        {error, Errors, Warnings} ->
            throw({compile, [{errors, texts(Errors)},
                             {warnings, texts(Warnings)}]})
    end.

texts(Faults) ->
    [lists:flatten([File, $:, shell_print:position(At), ": ",
                    Module:format_error(What)])
     || {File, Those} <- Faults, {At, Module, What} <- Those].

%%% Running

start() -> start([]).

%% Runs the script that the first plain argument names, with the others.
%% [Flags], strings: s checks it only, c, i and d say how source is run.
-spec start([string()]) -> no_return().
start(Flags) ->
    process_flag(trap_exit, false), % as a script expects it
    try
        case init:get_plain_arguments() of
            [Script | Args] -> run(Script, Args, Flags);
            [] -> throw("Missing filename")
        end
    of
        _ -> stop(0)
    catch
        throw:{escript_fault, Text} -> fail(Text);
        throw:Text when is_list(Text) -> fail(Text);
        Class:Reason:Stack -> fail(failure(Class, Reason, Stack))
    end.

-spec fail(iodata()) -> no_return().
fail(Text) ->
    io:put_chars(standard_error, ["escript: ", Text, $\n]),
    stop(127).

%% What was written must be out before the end.
-spec stop(integer()) -> no_return().
stop(Status) ->
    _ = io:put_chars(user, ""),
    halt(Status).

failure(Class, Reason, Stack) ->
    Print = fun(Term, _) -> io_lib:format("~0tp", [Term]) end,
    Own = lists:takewhile(fun({M, _, _, _}) -> M =/= ?MODULE end, Stack),
    erl_error:format_exception(1, Class, Reason, Own,
                               fun(_, _, _) -> false end, Print, unicode).

%% Marked, so that what a script throws is told apart.
-spec fatal(iodata()) -> no_return().
fatal(Text) -> throw({escript_fault, Text}).

run(Name, Args, Flags) ->
    %% as OTP's program says it, which looks before its module does
    filelib:is_file(Name) orelse fatal(["Failed to open file: ", Name]),
    %% A first line that is no "#!" is skipped, but for a module's file.
    Script = escript_file:read(Name, filename:extension(Name) =:= ".erl"),
    Checks = lists:member("s", Flags),
    Module = case escript_file:body(Script) of
                 {source, _} -> load_source(Script, Name, Flags);
                 {beam, Beam} -> load_beam(Beam, Name);
                 {archive, Archive} -> load_archive(Archive, Name)
             end,
    erlang:function_exported(Module, main, 1) orelse
        fatal(io_lib:format("Function ~tw:main/1 is not exported", [Module])),
    Checks orelse main(Module, Args).

%% What it throws is no fault of finding it.
main(Module, Args) ->
    try Module:main(Args)
    catch
        Class:Reason:Stack -> fail(failure(Class, Reason, Stack))
    end.

%% -escript main Module
flag_main() ->
    case init:get_argument(escript) of
        {ok, [["main", Name] | _]} -> list_to_atom(Name);
        _ -> none
    end.

load_beam(Beam, Name) ->
    case beam_lib:info(Beam) of
        Info when is_list(Info) ->
            {_, Module} = lists:keyfind(module, 1, Info),
            {module, Module} = code:load_binary(Module, Name, Beam),
            Module;
        _ -> fatal("Beam file expected")
    end.

%%% Source

load_source(Script, Name, Flags) ->
    {Module, Mode, Forms} = parse(Script, Name),
    Options = case mode(Flags, Mode) of
                  check -> [report, strong_validation];
                  compile -> [report];
                  %% OTP interprets it: it warns of what can be seen without
                  %% compiling
                  _ -> [report, brief, basic_validation]
              end,
    Result = compile:noenv_forms(Forms, Options),
    case {Result, lists:member(basic_validation, Options)} of
        {{ok, _}, false} -> stop(0); % checked
        {{ok, _, Beam}, false} -> load_compiled(Module, Name, Beam);
        {error, _} -> fatal("There were compilation errors.");
        {_, true} ->
            {ok, Module, Beam} = compile:noenv_forms(Forms, []),
            load_compiled(Module, Name, Beam)
    end.

mode(["s" | _], _) -> check;
mode(["c" | Flags], _) -> mode(Flags, compile);
mode(["i" | Flags], _) -> mode(Flags, interpret);
mode([_ | Flags], Mode) -> mode(Flags, Mode);
mode([], Mode) -> Mode.

load_compiled(Module, Name, Beam) ->
    {module, Module} = code:load_binary(Module, Name, Beam),
    Module.

%% {Module, its mode attribute, Forms}. The preprocessor reads files: the
%% source goes into one of its own for a moment, which tells where it is from.
parse(Script, Name) ->
    {Text, Line} = escript_file:source(Script),
    Module = list_to_atom(escript_file:module_name(Name)),
    Bytes = unicode:characters_to_binary(
              ["%% coding: utf-8\n",
               io_lib:format("-file(~tp, ~w).\n", [Name, Line - 1]), Text]),
    Copy = filename:join(os:getenv("TMPDIR", "/tmp"),
                         lists:concat(["escript-", os:getpid(), "-",
                                       erlang:unique_integer([positive]),
                                       ".erl"])),
    case file:write_file(Copy, Bytes) of
        ok ->
            {ok, Forms} = epp:parse_file(Copy, options(Name, Module)),
            _ = file:delete(Copy),
            report(Forms, Name),
            File = {attribute, {Line, 1}, file, {Name, Line}},
            as_module([File | tl(tl(Forms))], Module);
        {error, E} ->
            fatal([Copy, ": ", file:format_error(E)])
    end.

options(Name, Module) ->
    [{includes, [filename:dirname(Name)]}, {location, {1, 1}},
     {macros, [{'MODULE', Module, redefine},
               {'MODULE_STRING', atom_to_list(Module), redefine}]}].

%% Tells what cannot be parsed. A mode must be one that there is.
report(Forms, Name) ->
    Faults = [fault(F) || F <- Forms, is_fault(F)],
    [io:put_chars(standard_error,
                  io_lib:format("~ts:~s: ~ts~n",
                                [Name, shell_print:position(At), Text]))
     || {At, Text} <- Faults],
    Faults =:= [] orelse fatal("There were compilation errors.").

is_fault({error, _}) -> true;
is_fault({attribute, _, mode, Mode}) ->
    not lists:member(Mode, [compile, interpret, debug, native]);
is_fault(_) -> false.

fault({error, {At, Module, What}}) -> {At, Module:format_error(What)};
fault({attribute, At, mode, Mode}) ->
    {At, io_lib:format("illegal mode attribute: ~p", [Mode])}.

%% Main/1 is exported, and a script without a module's name gets one.
as_module([File | Forms], Given) ->
    Mode = lists:last([interpret | [M || {attribute, _, mode, M} <- Forms,
                                         M =/= native]]),
    case lists:keyfind(module, 3, Forms) of
        {attribute, _, module, Module} ->
            {Before, [M | After]} =
                lists:splitwith(fun(F) -> element(3, F) =/= module end, Forms),
            {Module, Mode, [File | Before] ++ [M | export(Forms)] ++ After};
        false ->
            {Given, Mode, [File, {attribute, 1, module, Given}
                           | export(Forms) ++ Forms]}
    end.

export(Forms) ->
    [{attribute, 0, export, [{main, 1}]}
     || not lists:any(fun({attribute, _, export, List}) ->
                              lists:member({main, 1}, List);
                         (_) -> false
                      end, Forms)].

%%% Archives

%% The code path gets the archive's folders, and the archive as one of them;
%% answers the module with main/1.
load_archive(Archive, Name) ->
    File = filename:absname(Name), % with single slashes
    case code_server:call({mount, File, Archive}) of
        {ok, Dirs} ->
            true = code:add_patha(File),
            code:add_pathsa(lists:reverse(Dirs));
        {error, _} -> fatal("Archive is damaged")
    end,
    Main = case flag_main() of
               none -> list_to_atom(filename:rootname(filename:basename(Name)));
               Named -> Named
           end,
    code:ensure_loaded(Main) =:= {module, Main}
        orelse fatal(io_lib:format("Cannot load module ~tw from archive",
                                   [Main])),
    Main.
