%% SPDX-License-Identifier: Apache-2.0
%% shell: the prompt. Two processes: the shell itself reads, keeps history,
%% bindings, records and the evaluator's process dictionary, and reports; the
%% evaluator runs what was typed, and is replaced when that fails.
%%
%% The shell keeps in its process dictionary {command, N} and {result, N} for
%% each command that history and results still hold, and evaluator.
-module(shell).

-export([start/0, start/1, start/2, server/1, server/2, history/1, results/1,
         whereis_evaluator/0, whereis_evaluator/1, start_restricted/1,
         stop_restricted/0, local_allowed/3, non_local_allowed/3,
         catch_exception/1, prompt_func/1, strings/1]).

-record(shell, {number = 0 :: non_neg_integer(),
                evaluator :: pid() | undefined,
                bindings = erl_eval:new_bindings(),
                records = #{} :: shell_records:table(),
                functions = #{} :: shell_local:table(),
                definitions = 0 :: non_neg_integer(), % their module's number
                dictionary = [] :: [{term(), term()}],
                history :: non_neg_integer() | undefined,
                results :: non_neg_integer() | undefined,
                cost = none,     % of the last command
                code_count = 0 :: non_neg_integer()}). % that was compiled

%% What the evaluator carries while it works on a command.
-record(context, {shell :: pid(),
                  evaluator = self() :: pid(),
                  functions :: {map(), non_neg_integer()}, % when it began
                  local :: term(),
                  remote :: term(),
                  is_restricted = false :: boolean()}).

-define(KEPT, 20).          % commands and results
-define(CODE_COLLECT, 16).  % modules for the prompt between collections
-define(LARGE_HEAP, 1000000). % words

%%% Starting

-spec start() -> pid().
start() -> start(false, false).

start(init) -> start(false, true);
start(NoCtrlG) -> start(NoCtrlG, false).

start(NoCtrlG, Sync) -> spawn(fun() -> server(NoCtrlG, Sync) end).

server(NoCtrlG, Sync) ->
    put(no_control_g, NoCtrlG),
    server(Sync orelse is_configured()).

%% What the command line says of the shell (restricted_shell above all) is
%% known when the applications are; else the prompt need not wait for them.
is_configured() ->
    lists:any(fun(Flag) -> init:get_argument(Flag) =/= error end,
              [stdlib, config, configfd]).

-spec server(boolean()) -> terminated.
server(true) ->
    case init:notify_when_started(self()) of
        started -> ok;
        _ -> init:wait_until_started()
    end,
    server(false);
server(false) ->
    process_flag(trap_exit, true),
    _ = code:ensure_loaded(user_default),
    IsRestricted = shell_print:env(restricted_shell, undefined) =/= undefined,
    Warning = IsRestricted andalso shell_restricted:check(),
    io:put_chars(banner(erase(no_control_g))),
    IsRestricted andalso shell_restricted:warn(Warning),
    {History, Results} = kept(),
    S = #shell{history = History, results = Results,
               records = shell_records:initial()},
    loop(start_evaluator(S)).

%% The prompt may have come before the node has started; what is typed at it
%% is run afterwards.
await_node(0) ->
    case init:notify_when_started(self()) of
        started -> ok;
        ok -> init:wait_until_started()
    end;
await_node(_) -> ok.

banner(true) -> ["Eshell V", erlang:system_info(version), "\n"];
banner(_) ->
    ["Eshell V", erlang:system_info(version), "  (abort with ^G)\n"].

%% The pid of the process that evaluates what is typed at the terminal.
-spec whereis_evaluator() -> pid() | undefined.
whereis_evaluator() ->
    case whereis(user) of
        undefined -> undefined;
        User ->
            case terminal_shell(User) of
                [{shell, Shell} | _] -> whereis_evaluator(Shell);
                _ -> undefined
            end
    end.

%% That of the job which has the terminal, or that of a pipe.
terminal_shell(User) ->
    case lists:keyfind(user_drv, 1, group:interfaces(User)) of
        {_, Driver} -> [E || {_, Group} <- user_drv:interfaces(Driver),
                             {shell, _} = E <- group:interfaces(Group)];
        false -> user:interfaces(User)
    end.

-spec whereis_evaluator(pid()) -> pid() | undefined.
whereis_evaluator(Shell) when node(Shell) =/= node() -> undefined;
whereis_evaluator(Shell) ->
    case process_info(Shell, dictionary) of
        {dictionary, Dictionary} ->
            case lists:keyfind(evaluator, 1, Dictionary) of
                {_, Pid} when is_pid(Pid) -> Pid;
                _ -> undefined
            end;
        undefined -> undefined
    end.

%%% Reading commands

loop(#shell{number = N0} = S0) ->
    N = N0 + 1,
    {Prompt, S1} = prompt(N, S0),
    {Command, S} = read_command(Prompt, S1),
    case Command of
        {ok, Exprs} -> loop(run_command(Exprs, N, S));
        {error, {Location, Module, What}, Source} ->
            shell_print:say(benign, "~s: ~ts", [shell_print:position(Location),
                                    Module:format_error(What)]),
            shell_print:point_at(Location, Source),
            loop(S);
        {error, {Location, Module, What}} ->
            shell_print:say(benign, "~s: ~ts", [shell_print:position(Location),
                                    Module:format_error(What)]),
            loop(S);
        {error, terminated} ->
            exit(S#shell.evaluator, kill),
            terminated;
        {error, interrupted} ->
            exit(S#shell.evaluator, kill),
            {_, S2} = await(S),
            loop(S2);
        {error, tokens} ->
            shell_print:say(benign, "~w: Invalid tokens.", [N]),
            loop(S);
        eof ->
            %% Of a remote shell the node with the terminal ends, not this one.
            Node = node(group_leader()),
            shell_print:say(fatal, "Terminating erlang (~w)", [Node]),
            Node =:= node() andalso halt(),
            spawn(Node, erlang, halt, []),
            terminated
    end.

run_command(Exprs0, N, S0) ->
    await_node(S0#shell.number),
    try shell_history:expand(Exprs0, N) of
        Exprs ->
            {Value, S1} = command(Exprs, cmd, S0),
            {History, Results} = kept(),
            put({command, N}, Exprs),
            put({result, N}, Value),
            forget(command, N - History, N - S0#shell.history),
            forget(result, N - Results, N - S0#shell.results),
            S1#shell{number = N, history = History, results = Results}
    catch
        throw:{no_command, Text} ->
            shell_print:say(benign, "~ts", [Text]),
            S0
    end.

%% Forgets the entries from [N] down to below [Old], the last kept before.
forget(_, N, Old) when N < Old -> ok;
forget(Kind, N, Old) ->
    erase({Kind, N}),
    forget(Kind, N - 1, Old).

%% Reads in a process of its own, so that the evaluator's end is noticed.
read_command(Prompt, S) ->
    Reader = spawn_link(fun() -> exit(read(Prompt)) end),
    await_command(Reader, S).

read(Prompt) ->
    Reserved = {reserved_word_fun, fun erl_scan:reserved_word/1},
    case io:scan_erl_exprs(group_leader(), Prompt, {1, 1},
                           [text, Reserved]) of
        {ok, Tokens, _} ->
            case erl_eval:extended_parse_exprs(Tokens) of
                {error, Error} -> read_form(Tokens, {error, Error, Tokens});
                Parsed -> read_form(Tokens, Parsed)
            end;
        {eof, _} -> eof;
        {error, Error, _} ->
            skip_line(),
            {error, Error};
        Other -> Other
    end.

%% On a terminal what would stand in a module is defined here: where others
%% than people read the answers they are those of OTP 25, which has no such
%% thing.
read_form([{Kind, _} | _] = Tokens, Parsed) when Kind =:= '-' ->
    read_form_for_people(Tokens, Parsed);
read_form(Tokens, {error, _, _} = Failed) ->
    read_form_for_people(Tokens, Failed);
read_form(_, Parsed) -> Parsed.

read_form_for_people(Tokens, Parsed) ->
    case shell_print:is_for_people() andalso shell_local:form(Tokens) of
        {ok, _} = Form -> Form;
        _ -> Parsed
    end.

%% What follows an error on its line is not read again.
skip_line() ->
    Options = io:getopts(),
    io:setopts(lists:keyreplace(echo, 1, Options, {echo, false})),
    io:get_line(''),
    io:setopts(Options).

await_command(Reader, #shell{evaluator = Evaluator} = S) ->
    receive
        {'EXIT', Reader, Result} -> {Result, S};
        {shell_query, From, Query} ->
            From ! {shell_answer, self(), known(Query, S)},
            await_command(Reader, S);
        {'EXIT', Evaluator, {Reason, Trace}} ->
            shell_print:report(error, serious, {Reason, Trace},
                               S#shell.records),
            await_command(Reader, start_evaluator(S));
        {'EXIT', Evaluator, Reason} ->
            shell_print:report(error, serious, {Reason, []}, S#shell.records),
            await_command(Reader, start_evaluator(S))
    end.

%% What the editor asks, to complete what is typed.
known(variables, S) ->
    [atom_to_list(Name) || {Name, _} <- erl_eval:bindings(S#shell.bindings)];
known(records, S) ->
    [{Name, [shell_records:field_name(F) || F <- Fields]}
     || {Name, {attribute, _, _, {_, Fields}}}
            <- maps:to_list(S#shell.records)];
known({keys, Variable}, S) ->
    [lists:flatten(io_lib:format("~0tp", [Key]))
     || {Name, Map} <- erl_eval:bindings(S#shell.bindings), is_map(Map),
        atom_to_list(Name) =:= Variable,
        Key <- lists:sublist(lists:sort(maps:keys(Map)), 100)];
known(functions, S) -> shell_local:functions(S#shell.functions);
known(atoms, _) -> lists:usort([A || {{command, _}, Exprs} <- get(),
                                     A <- atoms(Exprs)]);
known(_, _) -> [].

%% The atoms of what was typed.
atoms({atom, _, A}) -> [A];
atoms({value, _, _}) -> [];
atoms(T) when is_tuple(T) -> atoms(tuple_to_list(T));
atoms([E | Es]) -> atoms(E) ++ atoms(Es);
atoms(_) -> [].

%%% The prompt

prompt(N, S) ->
    case shell_print:env(shell_prompt_func, default) of
        default -> {default_prompt(N), S};
        {M, F} when is_atom(M), is_atom(F) -> own_prompt(M, F, N, S);
        Other ->
            shell_print:say(benign, "Bad prompt function: ~tp", [Other]),
            {default_prompt(N), S}
    end.

default_prompt(N) ->
    case is_alive() of
        true -> io_lib:format("(~s)~w> ", [node(), N]);
        false -> integer_to_list(N) ++ "> "
    end.

%% A user's function makes the prompt, run by the evaluator like a command.
own_prompt(M, F, N, S) ->
    History = {cons, 1, {tuple, 1, [{atom, 1, history}, {integer, 1, N}]},
               {nil, 1}},
    Call = {call, 1, {remote, 1, {atom, 1, M}, {atom, 1, F}}, [History]},
    case command([Call], pmt, S) of
        {{pmt, Prompt}, S1} -> {Prompt, S1};
        {_, S1} ->
            shell_print:say(benign, "Bad prompt function: ~tp", [{M, F}]),
            {default_prompt(N), S1}
    end.

%%% Commands and the evaluator

%% Has the evaluator run [Exprs] and waits for it: {Value, Shell}. [What] is
%% cmd, or pmt when the value is to be answered, not shown.
command(Exprs, What, #shell{evaluator = Evaluator} = S) ->
    Evaluator ! {shell_cmd, self(), {eval, Exprs}, What},
    await(S).

await(#shell{evaluator = Evaluator} = S) ->
    receive
        {shell_rep, Evaluator, {value, Value, Changes, Dictionary}} ->
            {Value, S#shell{bindings = changed(Changes, S#shell.bindings),
                            dictionary = updated(Dictionary, S)}};
        {shell_rep, Evaluator, {command_error, {Location, M, Error}}} ->
            shell_print:say(benign, "~s: ~ts", [shell_print:position(Location),
                                    M:format_error(Error)]),
            {{'EXIT', Error}, S};
        {shell_req, Evaluator, Request} ->
            {Answer, S1} = answer(Request, S),
            Evaluator ! {shell_rep, self(), Answer},
            Request =:= exit andalso exit(normal),
            await(S1);
        {ev_exit, {Evaluator, Class, Reason}} ->
            receive {'EXIT', Evaluator, normal} -> ok end,
            shell_print:report(Class, serious, Reason, S#shell.records),
            {{'EXIT', as_exit(Class, Reason)}, start_evaluator(S)};
        {ev_caught, {Evaluator, Class, Reason}} ->
            shell_print:report(Class, benign, Reason, S#shell.records),
            {{'EXIT', as_exit(Class, Reason)}, S};
        {shell_cost, Evaluator, Cost} -> await(S#shell{cost = Cost});
        {'EXIT', _, interrupt} ->
            exit(Evaluator, kill),
            await(S);
        {'EXIT', Evaluator, {Reason, Trace}} ->
            shell_print:report(exit, serious, {Reason, Trace}, S#shell.records),
            {{'EXIT', Reason}, start_evaluator(S)};
        {'EXIT', Evaluator, Reason} ->
            shell_print:report(exit, serious, {Reason, []}, S#shell.records),
            {{'EXIT', Reason}, start_evaluator(S)};
        {'EXIT', _, Reason} ->
            exit(Evaluator, Reason),
            exit(Reason);
        _ -> await(S)
    end.

%% What the evaluator tells of its bindings and dictionary is what has changed:
%% large values would be copied anew with each command.
%% Both are in the order of names: one walk, for there may be thousands.
changes([{Name, Value} = B | New], [{Name, Was} | Old]) ->
    {Set, Gone} = changes(New, Old),
    case erts_debug:same(Was, Value) of
        true -> {Set, Gone};
        false -> {[B | Set], Gone}
    end;
changes([{Name, _} = B | New], [{Other, _} | _] = Old) when Name < Other ->
    {Set, Gone} = changes(New, Old),
    {[B | Set], Gone};
changes([], Old) -> {[], [Name || {Name, _} <- Old]};
changes(New, []) -> {New, []};
changes(New, [{Name, _} | Old]) ->
    {Set, Gone} = changes(New, Old),
    {Set, [Name | Gone]}.

changed({Set, Gone}, Bindings) ->
    orddict:merge(fun(_, Value, _) -> Value end, Set,
                  orddict:filter(fun(Name, _) -> not lists:member(Name, Gone)
                                 end, Bindings)).

updated(same, S) -> S#shell.dictionary;
updated(Dictionary, _) -> Dictionary.

answer({entry, N}, S) -> {shell_history:entry(N), S};
answer(entries, S) -> {get(), S};
answer(last_entry, #shell{number = N} = S) -> {shell_history:entry(N), S};
answer(cost, S) -> {S#shell.cost, S};
answer(records, S) -> {S#shell.records, S};
answer({records, Records}, S) -> {ok, S#shell{records = Records}};
answer(functions, S) ->
    {{S#shell.functions, S#shell.definitions}, S};
answer({functions, Table}, S) -> {ok, S#shell{functions = Table}};
answer({functions, Table, N}, S) ->
    {ok, S#shell{functions = Table, definitions = N}};
answer(collect_tokens, S) -> {ok, collect_tokens(S)};
answer({update_dict, Dictionary}, S) ->
    {ok, S#shell{dictionary = Dictionary}};
answer(exit, S) -> {exit, S}.

request(Shell, Request) ->
    Shell ! {shell_req, self(), Request},
    receive {shell_rep, Shell, Answer} -> Answer end.

as_exit(throw, {Term, Trace}) -> {{nocatch, Term}, Trace};
as_exit(_, Reason) -> Reason.

%% What is typed may fill a quarter of the memory, or a third of what is free:
%% there may be copies, and the node should outlive it.
memory_limit() ->
    try
        {ok, Text} = prim_file:read_file("/proc/meminfo"),
        Size = min(kilobytes(<<"MemTotal:">>, Text) div 4,
                   kilobytes(<<"MemAvailable:">>, Text) div 3)
            * 1024 div erlang:system_info(wordsize),
        [{max_heap_size, #{size => Size, kill => true,
                           error_logger => false}}]
    catch
        _:_ -> []
    end.

kilobytes(Name, Text) ->
    [_, Rest] = binary:split(Text, Name),
    [Number, _] = binary:split(Rest, <<" kB">>),
    binary_to_integer(string:trim(Number)).

start_evaluator(S) ->
    Shell = self(),
    #shell{bindings = Bindings, dictionary = Dictionary} = S,
    Pid = spawn_opt(fun() ->
                            [put(K, V) || {K, V} <- Dictionary],
                            evaluator(Shell, {Bindings, changed})
                    end, [link | memory_limit()]),
    put(evaluator, Pid),
    S#shell{evaluator = Pid}.

evaluator(Shell, State) ->
    case shell_print:env(restricted_shell, undefined) of
        undefined -> eval_loop(Shell, State);
        Module ->
            shell_restricted:begin_shell(),
            restricted_loop(Shell, State, Module)
    end.

eval_loop(Shell, State) ->
    receive
        {shell_cmd, Shell, {eval, Exprs}, What} ->
            eval_loop(Shell, eval_exprs(Exprs, State, What,
                                        free_context(Shell)))
    end.

restricted_loop(Shell, State, Module) ->
    receive
        {shell_cmd, Shell, {eval, Exprs}, What} ->
            shell_restricted:begin_expression(),
            C = restricted_context(Module, Shell),
            restricted_loop(Shell, eval_exprs(Exprs, State, What, C),
                            Module)
    end.

%% [Told] is what the shell knows of the dictionary; `changed`: not all of it.
eval_exprs(Exprs, {Bindings, Told}, What, #context{shell = Shell} = C) ->
    Start = usage(),
    try
        {Result, Bindings1} = exprs(Exprs, Bindings, Bindings, What, C),
        is_cost(Exprs) orelse tell_cost(Start, usage(), Shell),
        Shell ! {shell_rep, self(),
                 answered(Result, Bindings1, Bindings, Told)},
        {Bindings1, told(Result)}
    catch
        exit:normal -> exit(normal);
        throw:{command_error, _} = Error ->
            Shell ! {shell_rep, self(), Error},
            {Bindings, changed};
        Class:Reason:Trace -> failed(Class, Reason, Trace, Bindings, Shell)
    end.

answered({value, Value}, New, Old, Dictionary) ->
    Told = case get() of
               Dictionary -> same;
               Other -> Other
           end,
    {value, Value, changes(New, Old), Told};
answered(Error, _, _, _) -> Error.

told({value, _}) -> get();
told(_) -> changed.

usage() ->
    [{reductions, Reductions}, {memory, Memory}] =
        process_info(self(), [reductions, memory]),
    {erlang:monotonic_time(microsecond), Reductions, Memory}.

tell_cost({Time0, Reductions0, Before}, {Time, Reductions, After}, Shell) ->
    Shell ! {shell_cost, self(),
             {Time - Time0, Reductions - Reductions0, Before, After}}.

%% The command that shows the cost has none that matters.
is_cost([{call, _, {atom, _, cost}, []}]) -> true;
is_cost(_) -> false.

%% Tells the shell, and ends as if nothing caught it but without a report of
%% the runtime's.
failed(Class, Reason, Trace, Bindings, Shell) ->
    Failure = {self(), Class, {Reason, Trace}},
    case Class =:= exit andalso (Reason =:= restricted_shell_stopped
                                 orelse Reason =:= restricted_shell_started)
        orelse shell_print:env(shell_catch_exception, false) =/= true of
        false ->
            Shell ! {ev_caught, Failure},
            {Bindings, changed};
        true ->
            {links, Links} = process_info(self(), links),
            Exit = as_exit(Class, {Reason, Trace}),
            [exit(P, Exit) || P <- Links, P =/= Shell],
            Shell ! {ev_exit, Failure},
            exit(normal)
    end.

%% One expression after the other; the value of the last is shown. Between two
%% that are short nobody is waited for: what the first has spawned is not to
%% have ended before the second looks at it.
exprs([E0 | Es], Bindings, Bindings0, What, #context{shell = Shell} = C) ->
    Records = case shell_records:uses(E0) of
                  true -> request(Shell, records);
                  false -> #{}
              end,
    case check(E0, Bindings, Records) of
        ok ->
            E1 = local_funs(shell_records:expand(E0, Records), C),
            E = compiled(E1, Bindings, C),
            {value, Value, Bindings1} =
                erl_eval:expr(E, Bindings, C#context.local,
                              C#context.remote),
            Own = [B || {Name, _} = B <- erl_eval:bindings(Bindings1),
                        not is_made_up(Name)],
            case Es of
                [] -> {{value, shown(Value, What, Shell)}, Own};
                _ -> exprs(Es, Own, Bindings0, What, C)
            end;
        {error, Error} -> {{command_error, Error}, Bindings0}
    end.

%% Funs of functions that were typed are there like those of a module.
local_funs(E, C) ->
    case has_local_fun(E) of
        true ->
            {Table, N} = functions(C),
            shell_local:expand(E, Table, N);
        false -> E
    end.

has_local_fun({'fun', _, {function, _, _}}) -> true;
has_local_fun({value, _, _}) -> false;
has_local_fun(T) when is_tuple(T) -> has_local_fun(tuple_to_list(T));
has_local_fun([E | Es]) -> has_local_fun(E) orelse has_local_fun(Es);
has_local_fun(_) -> false.

%%% Code for typed expressions

%% What is worth it is compiled (see shell_compile), but in a restricted shell,
%% where each call has to be asked for.
compiled(E, Bindings, #context{is_restricted = false, shell = Shell}) ->
    Names = [Name || {Name, _} <- erl_eval:bindings(Bindings),
                     is_atom(Name)],
    shell_compile:exprs(E, Names,
                        {fun is_own_command/2,
                         fun(Make) -> load(Make, Shell) end});
compiled(E, _, _) -> E.

%% Loads the code that [Make] makes of a module's name.
load(Make, Shell) ->
    request(Shell, collect_tokens),
    Keeper = merle_keep:keeper(),
    purge_dropped(Keeper),
    Name = merle_keep:name(Keeper),
    case Make(Name) of
        {ok, Beam} ->
            case erlang:load_module(Name, Beam) of
                {module, Name} ->
                    {ok, Name, merle_keep:token(Keeper, Name)};
                _ -> no_code(Name, Keeper)
            end;
        error -> no_code(Name, Keeper)
    end.

no_code(Name, Keeper) ->
    merle_keep:give_back(Keeper, Name),
    error.

%% Code whose tokens are gone is purged by a process of its own.
purge_dropped(Keeper) ->
    case merle_keep:dropped(Keeper) of
        [] -> ok;
        Dropped -> spawn(fun() -> purge_code(Dropped, Keeper) end)
    end.

%% The tokens of what was typed before may be garbage by now.
collect_tokens(#shell{code_count = N} = S) ->
    N rem collect_after() =:= 0 andalso erlang:garbage_collect(),
    S#shell{code_count = N + 1}.

%% Large results that are kept would be copied.
collect_after() ->
    case process_info(self(), total_heap_size) of
        {_, Words} when Words > ?LARGE_HEAP -> 16 * ?CODE_COLLECT;
        _ -> ?CODE_COLLECT
    end.

%% Nobody can call the code any more; those who run it still do.
purge_code(Names, Keeper) ->
    case [Name || Name <- Names, not is_purged(Name, Keeper)] of
        [] -> ok;
        Left ->
            receive after 5000 -> ok end,
            purge_code(Left, Keeper)
    end.

is_purged(Name, Keeper) ->
    erlang:check_old_code(Name) orelse erlang:delete_module(Name),
    case lists:any(fun(Pid) ->
                           Pid =/= self()
                               andalso erlang:check_process_code(Pid, Name)
                   end, processes()) of
        true -> false;
        false ->
            erts_internal:purge_module(Name, complete),
            merle_keep:give_back(Keeper, Name),
            true
    end.

%% Variables of the record expansion are not the user's.
is_made_up(Name) when is_atom(Name) ->
    lists:prefix("rec", atom_to_list(Name));
is_made_up(_) -> false.

shown(Value, pmt, _) -> {pmt, Value};
shown(Value, cmd, Shell) ->
    shell_print:result(Value, request(Shell, records)),
    case kept() of
        {_, 0} ->
            erlang:garbage_collect(),
            ignored;
        _ -> Value
    end.

check(E, Bindings, Records) ->
    Used = shell_records:bindings(E, Records),
    check_command([checkable(E)],
                  lists:foldl(fun({Name, Value}, Bs) ->
                                      erl_eval:add_binding(Name, Value, Bs)
                              end, Bindings, Used)).

%% Without the compiler's checks in this program, what is wrong shows when it
%% is evaluated.
check_command(Exprs, Bindings) ->
    case erlang:function_exported(erl_lint, exprs_opt, 3)
        orelse code:ensure_loaded(erl_lint) =:= {module, erl_lint} of
        true -> erl_eval:check_command(Exprs, Bindings);
        false -> ok
    end.

%% f(X) is no use of X; values have no place in the grammar.
checkable({call, A, {atom, _, f}, [{var, _, _}]}) -> {atom, A, ok};
checkable({value, _, _}) -> {atom, 0, ok};
checkable(T) when is_tuple(T) ->
    list_to_tuple(checkable(tuple_to_list(T)));
checkable([E | Es]) -> [checkable(E) | checkable(Es)];
checkable(E) -> E.

%%% Calls out of an expression

free_context(Shell) ->
    Remote = {value, fun(Called, Args) -> apply_fun(Called, Args, Shell) end},
    C = #context{shell = Shell, remote = Remote,
                 functions = request(Shell, functions)},
    C#context{local = {eval, local_handler(C)}}.

local_handler(C) ->
    fun(Name, Args, Bindings) ->
            local(Name, Args, Bindings,
                  C#context{local = {eval, local_handler(C)}})
    end.

%% A collection that was asked for takes the shell along.
apply_fun({erlang, garbage_collect}, [], Shell) -> collect_all(Shell);
%% These end here: what they raise names this function as the one that called.
apply_fun({erlang, F}, Args, _) when F =:= error; F =:= exit; F =:= throw ->
    done(apply(erlang, F, Args));
apply_fun({M, F}, Args, _) -> apply(M, F, Args);
apply_fun(Fun, Args, _) -> apply(Fun, Args).

done(Value) -> Value.

collect_all(Shell) ->
    erlang:garbage_collect(Shell),
    catch erlang:garbage_collect(whereis(user)),
    catch erlang:garbage_collect(group_leader()),
    erlang:garbage_collect().

values(Args, Bindings, C) ->
    erl_eval:expr_list(Args, Bindings, C#context.local, C#context.remote).

-define(NO_CLAUSE(Name, Arity),
        erlang:raise(error, function_clause, [{shell, Name, Arity, []}])).

%% The shell's own commands; all others are functions of user_default and
%% shell_default.
local(v, [{integer, _, N}], Bs, C) ->
    {_, Value, _} = request(C#context.shell, {entry, N}),
    {value, Value, Bs};
local(h, [], Bs, C) ->
    Entries = [{{N, Kind}, V} || {{Kind, N}, V}
                                     <- request(C#context.shell, entries),
                                 Kind =:= command orelse Kind =:= result],
    {value, shell_print:list_commands(lists:keysort(1, Entries), records(C)),
     Bs};
local(b, [], Bs, C) ->
    {value, shell_print:list_bindings(erl_eval:bindings(Bs), records(C)), Bs};
local(f, [], _, _) -> {value, ok, erl_eval:new_bindings()};
local(f, [{var, _, Name}], Bs, _) ->
    {value, ok, erl_eval:del_binding(Name, Bs)};
local(f, [_], _, _) -> ?NO_CLAUSE(f, 1);
local(rd, [{atom, _, Name}, Definition0], Bs, C) ->
    Definition = shell_print:with_terms(Definition0),
    case shell_records:define(Name, Definition) of
        {ok, Attribute} ->
            [Name] = add_records([Attribute], Bs, C),
            {value, Name, Bs};
        {error, Text} -> exit(Text)
    end;
local(rd, [_, _], _, _) -> ?NO_CLAUSE(rd, 2);
local(rf, [], Bs, C) ->
    Initial = shell_records:initial(),
    request(C#context.shell, {records, Initial}),
    {value, lists:sort(maps:keys(Initial)), Bs};
local(rf, [A], Bs0, C) ->
    {[Names], Bs} = values([A], Bs0, C),
    Left = case Names of
               '_' -> #{};
               _ -> maps:without(listed(Names), records(C))
           end,
    request(C#context.shell, {records, Left}),
    {value, ok, Bs};
local(rl, [], Bs, C) ->
    {value, shell_print:list_records(lists:sort(maps:to_list(records(C)))), Bs};
local(rl, [A], Bs0, C) ->
    {[Names], Bs} = values([A], Bs0, C),
    Records = records(C),
    {value, shell_print:list_records([{N, map_get(N, Records)}
                          || N <- listed(Names), is_map_key(N, Records)]),
     Bs};
local(rp, [A], Bs0, C) ->
    {[Value], Bs} = values([A], Bs0, C),
    shell_print:value(Value, -1, records(C)),
    {value, ok, Bs};
local(rr, [_ | More] = Args, Bs0, C) when length(More) =< 2 ->
    {[File | Values], Bs} = values(Args, Bs0, C),
    {Selected, Options} = case Values of
                              [] -> {'_', []};
                              [S] -> {S, []};
                              [S, O] -> {S, O}
                          end,
    case shell_records:read(File, Selected, listed(Options)) of
        Attributes when is_list(Attributes) ->
            {value, add_records(Attributes, Bs, C), Bs};
        Error -> {value, Error, Bs}
    end;
local(history, [{integer, _, N}], Bs, _) -> {value, history(N), Bs};
local(history, [_], _, _) -> ?NO_CLAUSE(history, 1);
local(results, [{integer, _, N}], Bs, _) -> {value, results(N), Bs};
local(results, [_], _, _) -> ?NO_CLAUSE(results, 1);
local(catch_exception, [{atom, _, On}], Bs, _) when is_boolean(On) ->
    {value, catch_exception(On), Bs};
local(catch_exception, [_], _, _) -> ?NO_CLAUSE(catch_exception, 1);
local(exit, [], _, C) ->
    request(C#context.shell, exit),
    exit(normal);
local(Name, Args, Bs0, C) when is_atom(Name) ->
    Arity = length(Args),
    {Table, N} = functions(C),
    case is_map_key({Name, Arity}, Table) of
        true ->
            {Values, Bs} = values(Args, Bs0, C),
            {eval, shell_local:call(Name, Arity, N), Values, Bs};
        false ->
            case has_function(user_default, Name, Arity) of
                false -> own_command(Name, Args, Bs0, C);
                true -> default(Name, Args, Bs0, C)
            end
    end.

default(Name, Args, Bs0, C) ->
    {Values, Bs} = values(Args, Bs0, C),
    default_call(Name, Values, Bs).

%% Commands that OTP does not have; the user's functions come before them.
own_command(cost, [], Bs, C) ->
    {value, show_cost(request(C#context.shell, cost)), Bs};
own_command(rp, [], Bs, C) ->
    {_, Value, _} = request(C#context.shell, last_entry),
    local(rp, [{value, erl_anno:new(0), Value}], Bs, C);
own_command(watch, [E], Bs, C) -> {value, watch(E, Bs, C), Bs};
own_command(fd, [{string, _, Text}], Bs, C) ->
    {value, define(Text, C), Bs};
own_command(ff, [], Bs, C) -> {value, forget_local(functions, C), Bs};
own_command(ff, [{atom, _, F}, {integer, _, A}], Bs, C) ->
    {value, forget_local({F, A}, C), Bs};
own_command(tf, [], Bs, C) -> {value, forget_local(types, C), Bs};
own_command(fl, [], Bs, C) ->
    forget_local(functions, C),
    forget_local(types, C),
    local(rf, [], Bs, C),
    {value, ok, Bs};
own_command(lf, [], Bs, C) ->
    {value, list_local(fun shell_local:functions/1, C), Bs};
own_command(lt, [], Bs, C) ->
    {value, list_local(fun shell_local:types/1, C), Bs};
own_command(lr, [], Bs, C) -> local(rl, [], Bs, C);
own_command(Name, Args, Bs, C) -> default(Name, Args, Bs, C).

%% A function or type that was typed joins those there are, in a new module:
%% who runs the old one may go on.
define(Text, #context{shell = Shell} = C) ->
    {Table, Last} = request(Shell, functions),
    N = shell_local:next(Last),
    case shell_local:define(Text, Table, {N, maps:values(records(C))}) of
        {ok, Table} -> ok;
        {ok, New} -> request(Shell, {functions, New, N});
        {error, Error} -> throw({command_error, Error})
    end.

forget_local(What, #context{shell = Shell}) ->
    {Table, _} = request(Shell, functions),
    request(Shell, {functions, shell_local:forget(What, Table)}).

list_local(Which, #context{shell = Shell}) ->
    {Table, _} = request(Shell, functions),
    shell_print:list_forms([map_get(Key, Table) || Key <- Which(Table)]).

show_cost(none) -> ok;
show_cost({Time, Reductions, Before, After}) ->
    io:format("~.3f ms, ~w reductions, ~w KB of memory (~s~w KB)~n",
              [Time / 1000, Reductions, After div 1024,
               [$+ || After >= Before], (After - Before) div 1024]).

%% Prints the value every second until a key comes.
watch(E, Bs, C) ->
    {value, Value, _} = erl_eval:expr(E, Bs, C#context.local,
                                      C#context.remote),
    shell_print:result(Value, records(C)),
    case io:request(group_leader(), {get_key, 1000}) of
        timeout -> watch(E, Bs, C);
        {error, _} -> % no terminal: only C-c ends it
            timer:sleep(1000),
            watch(E, Bs, C);
        _ -> ok
    end.

is_own_command(Name, Arity) ->
    lists:member({Name, Arity},
                 [{cost, 0}, {rp, 0}, {watch, 1}, {fd, 1}, {ff, 0}, {ff, 2},
                   {fl, 0}, {tf, 0}, {lf, 0}, {lt, 0}, {lr, 0}, {v, 1},
                   {f, 0}, {f, 1}, {h, 0}, {b, 0}, {history, 1},
                  {results, 1}, {catch_exception, 1}, {exit, 0}, {rd, 2},
                  {rf, 0}, {rf, 1}, {rl, 0}, {rl, 1}, {rp, 1}, {rr, 1},
                  {rr, 2}, {rr, 3}]).

default_call(Name, Values, Bs) ->
    Arity = length(Values),
    case [M || M <- [user_default, shell_default],
               has_function(M, Name, Arity)] of
        [M | _] -> {eval, erlang:make_fun(M, Name, Arity), Values, Bs};
        [] -> shell_undef(Name, Arity)
    end.

%% Its name is printed.
shell_undef(Name, Arity) ->
    erlang:error({shell_undef, Name, Arity, []}).

has_function(user_default, Name, Arity) ->
    erlang:function_exported(user_default, Name, Arity);
has_function(M, Name, Arity) ->
    case code:ensure_loaded(M) of
        {module, M} -> erlang:function_exported(M, Name, Arity);
        _ -> false
    end.

listed(L) when is_list(L) -> L;
listed(E) -> [E].

%% Who evaluates may ask the shell; other processes, which run a fun of what was
%% typed, would wait until the next command, and see what there was then.
functions(#context{evaluator = Self, shell = Shell}) when Self =:= self() ->
    request(Shell, functions);
functions(#context{functions = Functions}) -> Functions.

records(#context{evaluator = Self, shell = Shell}) when Self =:= self() ->
    request(Shell, records);
records(_) -> #{}.

%% Adds definitions to the shell's; answers their names.
add_records(Attributes, Bs, C) ->
    Added = maps:from_list([{Name, A} || {attribute, _, _, {Name, _}} = A
                                             <- Attributes]),
    Numbered = lists:zip(lists:seq(0, length(Attributes) - 1), Attributes),
    WithRecords =
        lists:foldl(fun({I, {attribute, _, _, {Name, _}} = A}, Acc) ->
                            erl_eval:add_binding({record, I, Name}, A, Acc)
                    end, Bs, Numbered),
    case check_command([], WithRecords) of
        ok ->
            request(C#context.shell,
                    {records, maps:merge(records(C), Added)}),
            lists:sort(maps:keys(Added));
        {error, {_, M, Error}} ->
            exit(lists:flatten(io_lib:format("~ts", [M:format_error(Error)])))
    end.

%%% The restricted shell

start_restricted(Module) -> shell_restricted:start(Module).
stop_restricted() -> shell_restricted:stop().

%% This module as the restriction of last resort.
local_allowed(q, [], State) -> {true, State};
local_allowed(_, _, State) -> {false, State}.

non_local_allowed({init, stop}, [], State) -> {true, State};
non_local_allowed(_, _, State) -> {false, State}.

restricted_context(Module, Shell) ->
    Remote = {value, fun(Called, Args) ->
                             restricted_remote(Called, Args, Module, Shell)
                     end},
    C = #context{shell = Shell, remote = Remote, is_restricted = true,
                 functions = request(Shell, functions)},
    C#context{local = {eval, fun(Name, Args, Bs) ->
                                     restricted_local(Name, Args, Bs, Module,
                                                      Shell)
                             end}}.

restricted_local(Name, Args, Bs0, Module, Shell) ->
    C = restricted_context(Module, Shell),
    case is_own_command(Name, length(Args)) of
        true -> local(Name, Args, Bs0, C);
        false ->
            {Values, Bs} = values(Args, Bs0, C),
            case shell_restricted:local(Module, Name, Values) of
                true -> default_call(Name, Values, Bs);
                false -> disallowed(Name, Values, Shell)
            end
    end.

restricted_remote(Called, Args, Module, Shell) ->
    case shell_restricted:remote(Module, Called, Args) of
        false -> disallowed(Called, Args, Shell);
        {Called1, Args1} -> apply_fun(Called1, Args1, Shell)
    end.

disallowed(Called, Args, Shell) ->
    request(Shell, {update_dict, get()}),
    exit({restricted_shell_disallowed, {Called, Args}}).

%%% Settings

set_env(Name, Value, Default) ->
    Old = shell_print:env(Name, Default),
    application:set_env(stdlib, Name, Value),
    Old.

%% How many commands and results are kept.
kept() ->
    History = count(shell_history_length),
    {History, min(count(shell_saved_results), History)}.

count(Name) ->
    case shell_print:env(Name, ?KEPT) of
        N when is_integer(N), N >= 0 -> N;
        Other ->
            Text = io_lib:format("Invalid value of STDLIB configuration "
                                 "parameter~tw: ~tp\n", [Name, Other]),
            error_logger:info_report(lists:flatten(Text)),
            ?KEPT
    end.

-spec history(non_neg_integer()) -> non_neg_integer().
history(N) when is_integer(N), N >= 0 ->
    set_env(shell_history_length, N, ?KEPT).

-spec results(non_neg_integer()) -> non_neg_integer().
results(N) when is_integer(N), N >= 0 ->
    set_env(shell_saved_results, N, ?KEPT).

-spec catch_exception(boolean()) -> boolean().
catch_exception(On) -> set_env(shell_catch_exception, On, false).

-spec prompt_func(default | {module(), atom()}) ->
          default | {module(), atom()}.
prompt_func(Func) -> set_env(shell_prompt_func, Func, default).

-spec strings(boolean()) -> boolean().
strings(On) -> set_env(shell_strings, On, true).
