%% SPDX-License-Identifier: Apache-2.0
%% c: the commands of the shell that are plain functions.
-module(c).

-export([help/0, lc/1, c/1, c/2, c/3, nc/1, nc/2, nl/1, l/1, i/0, i/1, ni/0,
         y/1, y/2, lc_batch/0, lc_batch/1, i/3, pid/3, m/0, m/1, mm/0, lm/0,
         bt/1, q/0, h/1, h/2, h/3, ht/1, ht/2, ht/3, hcb/1, hcb/2, hcb/3,
         erlangrc/0, erlangrc/1, bi/1, flush/0, regs/0, uptime/0, nregs/0,
         pwd/0, ls/0, ls/1, cd/1, memory/1, memory/0, xm/1, display_info/1,
         appcall/4]).

%%% Help

%% {Command, What it does}, in the order they are listed.
commands() ->
    [{"bt(Pid)", "stack backtrace for a process"},
     {"c(Mod)", "compile and load module or file <Mod>"},
     {"cd(Dir)", "change working directory"},
     {"flush()", "flush any messages sent to the shell"},
     {"help()", "help info"},
     {"h(M)", "module documentation"},
     {"h(M,F)", "module function documentation"},
     {"h(M,F,A)", "module function arity documentation"},
     {"i()", "information about the system"},
     {"ni()", "information about the networked system"},
     {"i(X,Y,Z)", "information about pid <X,Y,Z>"},
     {"l(Module)", "load or reload module"},
     {"lm()", "load all modified modules"},
     {"lc([File])", "compile a list of Erlang modules"},
     {"ls()", "list files in the current directory"},
     {"ls(Dir)", "list files in directory <Dir>"},
     {"m()", "which modules are loaded"},
     {"m(Mod)", "information about module <Mod>"},
     {"mm()", "list all modified modules"},
     {"memory()", "memory allocation information"},
     {"memory(T)", "memory allocation information of type <T>"},
     {"nc(File)", "compile and load code in <File> on all nodes"},
     {"nl(Module)", "load module on all nodes"},
     {"pid(X,Y,Z)", "convert X,Y,Z to a Pid"},
     {"pwd()", "print working directory"},
     {"q()", "quit - shorthand for init:stop()"},
     {"regs()", "information about registered processes"},
     {"nregs()", "information about all registered processes"},
     {"uptime()", "print node uptime"},
     {"xm(M)", "cross reference check a module"},
     {"y(File)", "generate a Yecc parser"}].

-spec help() -> ok.
help() ->
    io:put_chars([[string:pad(Command, 10), " -- ", What, $\n]
                  || {Command, What} <- commands()]).

h(Module) ->
    docs(code:get_doc(Module), fun(D) -> shell_docs:render(Module, D) end).

h(Module, Function) ->
    docs(code:get_doc(Module),
         fun(D) -> shell_docs:render(Module, Function, D) end).

h(Module, Function, Arity) ->
    docs(code:get_doc(Module),
         fun(D) -> shell_docs:render(Module, Function, Arity, D) end).

ht(Module) ->
    docs(code:get_doc(Module),
         fun(D) -> shell_docs:render_type(Module, D) end).

ht(Module, Type) ->
    docs(code:get_doc(Module),
         fun(D) -> shell_docs:render_type(Module, Type, D) end).

ht(Module, Type, Arity) ->
    docs(code:get_doc(Module),
         fun(D) -> shell_docs:render_type(Module, Type, Arity, D) end).

hcb(Module) ->
    docs(code:get_doc(Module),
         fun(D) -> shell_docs:render_callback(Module, D) end).

hcb(Module, Callback) ->
    docs(code:get_doc(Module),
         fun(D) -> shell_docs:render_callback(Module, Callback, D) end).

hcb(Module, Callback, Arity) ->
    docs(code:get_doc(Module),
         fun(D) -> shell_docs:render_callback(Module, Callback, Arity, D) end).

docs({ok, Docs}, Render) ->
    case Render(Docs) of
        {error, _} = Error -> Error;
        Text ->
            %% what stands behind the last line's end is no line
            Lines = lists:droplast(string:split([Text], "\n", all)),
            paged(fun(Line, _) ->
                          io:put_chars([Line, $\n]),
                          {1, ok}
                  end, ok, Lines),
            ok
    end;
docs(Error, _) -> Error.

%%% Compiling and loading

-spec c(file:name()) -> {ok, module()} | error | {error, term()}.
c(Module) -> c(Module, []).

-spec c(file:name(), [term()] | term()) ->
          {ok, module()} | error | {error, term()}.
c(Module, Option) when not is_list(Option) -> c(Module, [Option]);
c(Module, Options) when is_atom(Module) ->
    Suffix = case filename:extension(Module) of
                 "" -> source_suffix(Options);
                 Other -> Other
             end,
    Source = filename:rootname(Module, Suffix) ++ Suffix,
    case filelib:is_file(Source) of
        true -> compile_and_load(Source, Options);
        false -> c(Module, Options, fun(_) -> true end)
    end;
c(File, Options) -> compile_and_load(File, Options).

%% Compiles the module again from where it came, with its old options as far
%% as [Filter] lets them through.
-spec c(module(), [term()], fun((term()) -> boolean())) ->
          {ok, module()} | error | {error, term()}.
c(Module, Options, Filter) when is_atom(Module) ->
    case object_file(Module) of
        Beam when is_list(Beam) -> recompile(Module, Options, Filter, Beam);
        Error -> {error, Error}
    end.

recompile(Module, Options, Filter, Beam) ->
    case compile_info(Module, Beam) of
        Info when is_list(Info) ->
            case source_of(Beam, Info) of
                Source when is_list(Source) ->
                    Old = [O || O <- proplists:get_value(options, Info, []),
                                not is_outdir(O), Filter(O)],
                    All = Options ++ [{outdir, filename:dirname(Beam)}]
                        ++ Old,
                    io:format("Recompiling ~ts\n", [Source]),
                    with_backup(Source, All, Beam);
                Error -> Error
            end;
        Error -> Error
    end.

is_outdir({outdir, _}) -> true;
is_outdir(_) -> false.

source_of(Beam, Info) ->
    case [S || {source, S} <- Info, filelib:is_file(S)] of
        [Source | _] -> Source;
        [] ->
            case filelib:find_source(Beam) of
                {ok, Source} -> Source;
                _ -> {error, no_source}
            end
    end.

%% The module's object file, if it still is where it was loaded from.
object_file(Module) ->
    case code:which(Module) of
        [_ | _] = Beam ->
            case not erlang:module_loaded(Module)
                orelse filelib:is_file(Beam) of
                true -> Beam;
                false -> code:where_is_file(atom_to_list(Module) ++ ".beam")
            end;
        Other when Other =:= ""; Other =:= cover_compiled ->
            code:where_is_file(atom_to_list(Module) ++ ".beam");
        Error -> Error
    end.

compile_info(Module, Beam) ->
    case erlang:module_loaded(Module) of
        true ->
            try erlang:get_module_info(Module, compile)
            catch error:_ -> []
            end;
        false ->
            case beam_lib:chunks(Beam, [compile_info]) of
                {ok, {_, [{compile_info, Info}]}} -> Info;
                Error -> Error
            end
    end.

%% The old object file comes back when compiling fails.
with_backup(Source, Options, Beam) ->
    Backup = Beam ++ ".bak",
    case file:rename(Beam, Backup) of
        Moved when Moved =:= ok; Moved =:= {error, enoent} ->
            Result = compile_and_load(Source, Options),
            case {Result, Moved} of
                {{ok, _}, ok} -> file:delete(Backup);
                {_, ok} -> file:rename(Backup, Beam);
                _ -> ok
            end,
            Result;
        Error -> Error
    end.

compile_and_load(File, Options) when not is_list(Options) ->
    compile_and_load(File, [Options]);
compile_and_load(File, Options0) ->
    From = case filename:extension(File) of
               ".core" -> [from_core];
               ".S" -> [from_asm];
               _ -> []
           end,
    Options = [report_errors, report_warnings
               | first_of([from_core, from_asm], Options0 ++ From)
                 ++ outdir_first(Options0)],
    case compile:file(File, Options) of
        {ok, Module} -> purge_and_load(Module, File, Options);
        {ok, Module, _} -> purge_and_load(Module, File, Options);
        Error -> Error
    end.

first_of(Kinds, Options) ->
    lists:sublist([O || O <- Options, lists:member(O, Kinds)], 1).

outdir_first(Options) ->
    {Dirs, Rest} = lists:partition(fun is_outdir/1, Options),
    [hd(Dirs ++ [{outdir, "."}])
     | [O || O <- Rest, O =/= from_core, O =/= from_asm]].

source_suffix(Options) ->
    case first_of([from_core, from_asm], Options) of
        [from_core] -> ".core";
        [from_asm] -> ".S";
        [] -> ".erl"
    end.

outdir(Options) -> proplists:get_value(outdir, Options, ".").

purge_and_load(Module, File, Options) ->
    Base = filename:basename(File, source_suffix(Options)),
    case compile:output_generated(Options) of
        true ->
            case atom_to_list(Module) of
                Base ->
                    code:purge(Module),
                    Object = filename:join(outdir(Options), Base),
                    case code:load_abs(Object, Module) of
                        {error, _} = Error -> Error;
                        _ -> {ok, Module}
                    end;
                _ ->
                    io:format("** Module name '~p' does not match file name "
                              "'~tp' **~n", [Module, File]),
                    {error, badfile}
            end;
        false ->
            io:format("** Warning: No object file created - nothing loaded "
                      "**~n"),
            ok
    end.

-spec lc([term()]) -> ok | error.
lc(Args) ->
    try batch_arguments(Args) of
        {Options, Files} ->
            All = [report_errors, report_warnings | Options],
            lists:foreach(fun(File) -> compile:file(File, All) end, Files)
    catch
        throw:error -> error
    end.

-spec lc_batch() -> no_return().
lc_batch() ->
    io:format("Error: no files to compile~n"),
    halt(1).

-spec lc_batch([term()]) -> no_return().
lc_batch(Args) ->
    try batch_arguments(Args) of
        {Options, Files} ->
            All = [report_errors, report_warnings | Options],
            case lists:member(error, [compile:file(F, All) || F <- Files]) of
                true -> halt(1);
                false -> halt(0)
            end
    catch
        throw:error -> halt(1)
    end.

%% Options in batches are the atoms @i Dir, @o Dir and @d Name=Value.
batch_arguments(['@i', Dir | Args]) ->
    with_option({i, atom_to_list(Dir)}, Args);
batch_arguments(['@o', Dir | Args]) ->
    with_option({outdir, atom_to_list(Dir)}, Args);
batch_arguments(['@d', Definition | Args]) ->
    Option = case string:split(atom_to_list(Definition), "=") of
                 [Name, Value] -> {d, list_to_atom(Name), read_term(Value)};
                 [Name] -> {d, list_to_atom(Name)}
             end,
    with_option(Option, Args);
batch_arguments([File | Args]) ->
    {Options, Files} = batch_arguments(Args),
    {Options, [File | Files]};
batch_arguments([]) -> {[], []}.

with_option(Option, Args) ->
    {Options, Files} = batch_arguments(Args),
    {[Option | Options], Files}.

read_term(Text) ->
    case erl_scan:string(Text) of
        {ok, Tokens, _} ->
            case erl_parse:parse_term(Tokens ++ [{dot, 1}]) of
                {ok, Term} -> Term;
                {error, {_, _, Reason}} -> bad_term(Reason, Text)
            end;
        {error, {_, _, Reason}, _} -> bad_term(Reason, Text)
    end.

-spec bad_term(term(), string()) -> no_return().
bad_term(Reason, Text) ->
    io:format("~ts: ~ts~n", [Reason, Text]),
    throw(error).

nc(File) -> nc(File, []).

nc(File, Option) when is_atom(Option) -> nc(File, [Option]);
nc(File, Options0) when is_list(Options0) ->
    Options = Options0 ++ [report_errors, report_warnings],
    case compile:file(File, Options) of
        {ok, Module} ->
            Object = filename:join(outdir(Options),
                                   filename:basename(File, ".erl")
                                   ++ ".beam"),
            case file:read_file(Object) of
                {ok, Beam} ->
                    rpc:eval_everywhere(code, load_binary,
                                        [Module, Object, Beam]),
                    {ok, Module};
                Error -> Error
            end;
        Error -> Error
    end.

-spec l(module()) -> code:load_ret().
l(Module) ->
    code:purge(Module),
    code:load_file(Module).

nl(Module) ->
    case code:get_object_code(Module) of
        {_, Beam, File} ->
            rpc:eval_everywhere(code, load_binary, [Module, File, Beam]);
        Error -> Error
    end.

-spec mm() -> [module()].
mm() -> code:modified_modules().

-spec lm() -> [code:load_ret()].
lm() -> [l(Module) || Module <- mm()].

%%% Processes

-spec i() -> ok.
i() -> i(processes()).

-spec ni() -> ok.
ni() -> i(all_processes()).

-spec i([pid()]) -> ok.
i(Pids) ->
    line("Pid", "Initial Call", "Heap", "Reds", "Msgs"),
    line("Registered", "Current Function", "Stack", "", ""),
    Sum = paged(fun(Pid, Total) ->
                        {2, add(Total, display_info(Pid))}
                end, {0, 0, 0, 0}, Pids, 2),
    case Sum of
        {Reductions, Messages, Heap, Stack} ->
            line("Total", "", w(Heap), w(Reductions), w(Messages)),
            line("", "", w(Stack), "", "");
        less -> ok
    end.

add({A, B, C, D}, {A1, B1, C1, D1}) -> {A + A1, B + B1, C + C1, D + D1}.

line(A, B, C, D, E) ->
    io:format("~-21ts ~-33ts ~8s ~8s ~4s~n", [A, B, C, D, E]).

%% Shows items one after the other, and asks at the end of each page. [Show]
%% answers how many lines it took, and the next value.
paged(Show, Acc, Items) -> paged(Show, Acc, Items, 0).

paged(Show, Acc, Items, Lines) ->
    Rows = case io:rows() of
               {ok, N} -> N - 2;
               _ -> 100
           end,
    paged(Show, Acc, Items, Lines, Rows).

paged(Show, Acc, Items, Lines, Rows) when Lines >= Rows ->
    case io:get_line('more (y/n)? (y) ') of
        Answer when Answer =:= "n\n"; Answer =:= "q\n";
                    Answer =:= <<"n\n">>; Answer =:= <<"q\n">> -> less;
        _ -> paged(Show, Acc, Items, 0, Rows)
    end;
paged(Show, Acc, [Item | Items], Lines, Rows) ->
    {Used, Acc1} = Show(Item, Acc),
    paged(Show, Acc1, Items, Lines + Used, Rows);
paged(_, Acc, [], _, _) -> Acc.

%% {Reductions, Messages, Heap, Stack} of a process that was shown.
display_info(Pid) ->
    case info(Pid) of
        undefined -> {0, 0, 0, 0};
        Info ->
            Reductions = fetch(reductions, Info),
            Messages = fetch(message_queue_len, Info),
            Heap = fetch(heap_size, Info),
            Stack = fetch(stack_size, Info),
            line(w(Pid), called(initial_call(Info)), w(Heap), w(Reductions),
                 w(Messages)),
            line(case fetch(registered_name, Info) of
                     0 -> "";
                     Name -> io_lib:format("~tw", [Name])
                 end, called(fetch(current_function, Info)), w(Stack), "",
                 ""),
            {Reductions, Messages, Heap, Stack}
    end.

initial_call(Info) ->
    case fetch(initial_call, Info) of
        {proc_lib, init_p, _} -> proc_lib:translate_initial_call(Info);
        Call -> Call
    end.

called(Fun) when is_function(Fun) ->
    {module, M} = erlang:fun_info(Fun, module),
    {name, F} = erlang:fun_info(Fun, name),
    {arity, A} = erlang:fun_info(Fun, arity),
    called({M, F, A});
called({M, F, Args}) when is_list(Args) -> called({M, F, length(Args)});
called({M, F, A}) -> io_lib:format("~w:~tw/~w", [M, F, A]);
called(Other) -> w(Other).

w(Term) -> io_lib:write(Term).

fetch(Key, Info) -> proplists:get_value(Key, Info, 0).

info(Pid) ->
    case is_alive() of
        true -> rpc:call(node(Pid), erlang, process_info, [Pid]);
        false -> process_info(Pid)
    end.

all_processes() ->
    case is_alive() of
        true ->
            lists:append([rpc:call(N, erlang, processes, [])
                          || N <- [node() | nodes()]]);
        false -> processes()
    end.

-spec pid(non_neg_integer(), non_neg_integer(), non_neg_integer()) -> pid().
pid(X, Y, Z) ->
    list_to_pid("<" ++ integer_to_list(X) ++ "." ++ integer_to_list(Y) ++ "."
                ++ integer_to_list(Z) ++ ">").

i(X, Y, Z) -> info(pid(X, Y, Z)).

-spec bt(pid()) -> ok | undefined.
bt(Pid) ->
    try
        erlang:process_display(Pid, backtrace),
        ok
    catch
        error:_ -> undefined
    end.

-spec flush() -> ok.
flush() ->
    receive
        Message ->
            Format = case lists:keyfind(encoding, 1, io:getopts()) of
                         {_, unicode} -> "Shell got ~tp~n";
                         _ -> "Shell got ~p~n"
                     end,
            io:format(Format, [Message]),
            flush()
    after 0 -> ok
    end.

-spec regs() -> ok.
regs() -> registered_on({node(), registered()}).

-spec nregs() -> ok.
nregs() ->
    Nodes = case is_alive() of
                true ->
                    [{N, rpc:call(N, erlang, registered, [])}
                     || N <- [node() | nodes()]];
                false -> [{node(), registered()}]
            end,
    lists:foreach(fun registered_on/1, Nodes).

registered_on({Node, Names}) ->
    Found = [{Name, where(Node, Name)} || Name <- lists:sort(Names)],
    io:format("~n** Registered procs on node ~w **~n", [Node]),
    process_line("Name", "Pid", "Initial Call", "Reds", "Msgs"),
    [begin
         Info = info(Pid),
         process_line(io_lib:format("~tw", [Name]), w(Pid),
                      called(initial_call(Info)),
                      w(fetch(reductions, Info)),
                      w(fetch(message_queue_len, Info)))
     end || {Name, Pid} <- Found, is_pid(Pid)],
    io:format("~n** Registered ports on node ~w **~n", [Node]),
    port_line("Name", "Id", "Command"),
    [port_line(io_lib:format("~tw", [Name]), erlang:port_to_list(Port),
               element(2, erlang:port_info(Port, name)))
     || {Name, Port} <- Found, is_port(Port)],
    ok.

where(Node, Name) when Node =/= node() ->
    rpc:call(Node, erlang, whereis, [Name]);
where(_, Name) -> whereis(Name).

process_line(Name, Pid, Call, Reductions, Messages) ->
    io:format("~-21ts ~-12s ~-25ts ~12s ~4s~n",
              [Name, Pid, Call, Reductions, Messages]).

port_line(Name, Id, Command) ->
    io:format("~-21ts ~-15s ~-40ts~n", [Name, Id, Command]).

%%% Modules

-spec m() -> ok.
m() ->
    module_line("Module", "File"),
    lists:foreach(fun({Module, File}) -> module_line(Module, File) end,
                  lists:sort(code:all_loaded())).

module_line(Module, File) -> io:format("~-20s  ~ts\n", [Module, File]).

-spec m(module()) -> ok.
m(Module) ->
    Info = Module:module_info(),
    Compile = proplists:get_value(compile, Info, []),
    io:format("Module: ~w~n", [Module]),
    case lists:keyfind(md5, 1, Info) of
        {md5, <<Md5:128>>} -> io:format("MD5: ~.16b~n", [Md5]);
        _ -> ok
    end,
    case code:is_loaded(Module) of
        {file, File} -> io:format("Object file: ~ts\n", [File]);
        false -> ok
    end,
    io:format("Compiler options:  ~p~n",
              [proplists:get_value(options, Compile, [])]),
    io:format("Exports: ~n"),
    Names = [io_lib:format("~tw/~w", [F, A])
             || {F, A} <- lists:keysort(1, proplists:get_value(exports, Info))],
    exports(Names, length(Names)).

%% More than 16 stand in two columns.
exports(Names, N) when N > 16 ->
    {Left, Right} = lists:split(N div 2, Names),
    %% the left column may be shorter
    Filled = Left ++ lists:duplicate(length(Right) - length(Left), " "),
    lists:foreach(fun({L, R}) -> io:format("~-30ts~ts~n", [L, R]) end,
                  lists:zip(Filled, Right));
exports(Names, _) ->
    lists:foreach(fun(Name) -> io:format("         ~ts~n", [Name]) end,
                  Names).

xm(Module) -> appcall(tools, xref, m, [Module]).

y(File) -> y(File, []).

y(File, Options) -> appcall(parsetools, yecc, file, [File, Options]).

%% Calls a function of an application that may not be there.
appcall(Application, M, F, Args) ->
    try apply(M, F, Args)
    catch
        error:undef:Trace ->
            case Trace of
                [{M, F, Args, _} | _] ->
                    io:format("Call to ~w:~w/~w in application ~w failed.\n",
                              [M, F, length(Args), Application]);
                _ -> erlang:raise(error, undef, Trace)
            end
    end.

%%% Files

-spec pwd() -> ok.
pwd() ->
    case file:get_cwd() of
        {ok, Dir} -> io:format("~ts\n", [Dir]);
        {error, _} -> io:format("Cannot determine current directory\n")
    end.

-spec cd(file:name()) -> ok.
cd(Dir) ->
    _ = file:set_cwd(Dir),
    pwd().

-spec ls() -> ok.
ls() -> ls(".").

-spec ls(file:name()) -> ok.
ls(Dir) ->
    case file:list_dir(Dir) of
        {ok, Names} -> columns(lists:sort(Names));
        {error, enotdir} -> columns([filename:flatten(Dir)]);
        {error, Reason} -> io:format("~ts\n", [file:format_error(Reason)])
    end.

columns([]) -> ok;
columns(Names) ->
    Longest = lists:max([string:length(N) || N <- Names]),
    columns(Names, min(Longest, 40) + 5, 0).

columns([_ | _] = Names, Width, At) when Width + At >= 80, At > 0 ->
    io:nl(),
    columns(Names, Width, 0);
columns([Name | Names], Width, At) ->
    io:format("~-*ts", [Width, Name]),
    columns(Names, Width, At + Width);
columns([], _, _) -> io:nl().

%%% The node

-spec q() -> ok.
q() -> init:stop().

memory() -> erlang:memory().

memory(Type) -> erlang:memory(Type).

-spec bi(atom()) -> ok.
bi(Item) ->
    case erlang:system_info(Item) of
        Text when is_binary(Text) -> io:put_chars(binary_to_list(Text));
        Text when is_list(Text) -> io:put_chars(Text);
        Term -> io:format("~w", [Term])
    end.

-spec uptime() -> ok.
uptime() ->
    {Milliseconds, _} = erlang:statistics(wall_clock),
    {D, {H, M, S}} = calendar:seconds_to_daystime(Milliseconds div 1000),
    io:put_chars([[io_lib:format("~p days, ", [D]) || D > 0],
                  [io_lib:format("~p hours, ", [H]) || D + H > 0],
                  [io_lib:format("~p minutes and ", [M]) || D + H + M > 0],
                  io_lib:format("~p seconds\n", [S])]).

%%% The user's start file

-spec erlangrc() -> {ok, file:filename()} | {error, term()}.
erlangrc() ->
    case init:get_argument(home) of
        {ok, [[Home]]} ->
            erlangrc([Home, filename:basedir(user_config, "erlang")]);
        _ -> {error, enoent}
    end.

-spec erlangrc([file:name()]) -> {ok, file:filename()} | {error, term()}.
erlangrc([Home | _] = Path) when is_list(Home) ->
    File = ".erlang",
    case file:path_eval(Path, File) of
        {error, enoent} = Error -> Error;
        {error, {Line, _, _} = E} ->
            error_logger:error_msg("file:path_eval(~tp,~tp): error on line "
                                   "~p: ~ts~n",
                                   [Path, File, Line, file:format_error(E)]),
            {error, E};
        {error, E} ->
            error_logger:error_msg("file:path_eval(~tp,~tp): ~ts~n",
                                   [Path, File, file:format_error(E)]),
            {error, E};
        Result -> Result
    end.
