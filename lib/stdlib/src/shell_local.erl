%% SPDX-License-Identifier: Apache-2.0
%% shell_local: functions and types that were typed or pasted at the prompt, as
%% they stand in a module.
%%
%% All of them make one module, which is compiled again when one is added, so
%% that they may call each other; what they call and nobody has defined yet is
%% a command, or undefined when it comes to that. A whole module that was
%% pasted is compiled and loaded as if it were a file's.
-module(shell_local).

-export([form/1, module/1, next/1, define/3, forget/2, functions/1, types/1,
         expand/3, call/3, command/2]).

-export_type([table/0]).

%% {Name, Arity} of a function or {type, Name, Arity} => its form.
-type table() :: #{tuple() => tuple()}.

-define(MODULE_PREFIX, "shell@").

%%% What was typed

%% The expression that stands for what is a form: a call of a command that
%% defines it. Records have their own command.
-spec form([erl_scan:token()]) -> {ok, [erl_parse:abstract_expr()]} | error.
form(Tokens) ->
    case erl_parse:parse_form(Tokens) of
        {ok, {attribute, A, record, {Name, Fields}}} ->
            {ok, [{call, A, {atom, A, rd},
                   [{atom, A, Name}, {tuple, A, fields(Fields)}]}]};
        {ok, Form} ->
            case is_kept(Form) of
                true -> {ok, [definition(element(2, Form), Tokens)]};
                false -> error
            end;
        {error, _} -> error
    end.

%% rd/2 takes a tuple.
fields(Fields) -> [field(F) || F <- Fields].

field({record_field, A, Name, Value}) -> {match, A, Name, Value};
field({record_field, _, Name}) -> Name;
field({typed_record_field, Field, _}) -> field(Field).

is_kept({function, _, _, _, _}) -> true;
is_kept({attribute, _, Kind, _}) ->
    lists:member(Kind, [type, opaque, spec, callback, export, export_type,
                        import, compile, doc]);
is_kept(_) -> false.

definition(A, Tokens) ->
    {Text, _} = lists:foldl(fun add_text/2, {"", {1, 1}}, Tokens),
    {call, A, {atom, A, fd}, [{string, A, lists:flatten(Text)}]}.

%% What was typed, with every token in its place: errors tell that.
add_text(Token, {Before, {Line, Column}}) ->
    {NextLine, NextColumn} = erl_scan:location(Token),
    Blanks = case NextLine of
                 Line -> lists:duplicate(NextColumn - Column, $\s);
                 _ -> lists:duplicate(NextLine - Line, $\n)
                          ++ lists:duplicate(NextColumn - 1, $\s)
             end,
    Text = case Token of
               {dot, _} -> ".";
               _ -> erl_scan:text(Token)
           end,
    End = lists:foldl(fun($\n, {L, _}) -> {L + 1, 1};
                         (_, {L, C}) -> {L, C + 1}
                      end, {NextLine, NextColumn}, Text),
    {[Before, Blanks, Text], End}.

%%% Definitions

%% The table with what [Text] defines, as module number [N] of the prompt's, and
%% what is to be answered.
-spec define(string(), table(), {pos_integer(), [tuple()]}) ->
          {ok, table()} | {error, {term(), module(), term()}}.
define(Text, Table, {N, Records}) ->
    {ok, Tokens, _} = erl_scan:string(Text, {1, 1}),
    {ok, Form} = erl_parse:parse_form(Tokens),
    keep(key(Form), Form, Table, {N, Records}).

key({function, _, F, A, _}) -> {F, A};
key({attribute, _, Kind, {Name, _, Parameters}})
  when Kind =:= type; Kind =:= opaque ->
    {type, Name, length(Parameters)};
key(_) -> none.

%% What is only said about functions is good for nothing here.
keep(none, _, Table, _) -> {ok, Table};
keep(Key, Form, Table0, {N, Records}) ->
    Table = Table0#{Key => Form},
    case compile:forms(forms(name(N), Table, Records),
                       [binary, return_errors, deterministic]) of
        {ok, Name, Beam} -> load(Name, Beam, Table);
        {error, [{_, [Error | _]} | _], _} -> {error, Error}
    end.

%% Processes may run what the name stood for before: then it is not in the way.
load(Name, Beam, Table) ->
    code:soft_purge(Name),
    case code:load_binary(Name, "shell", Beam) of
        {module, Name} -> {ok, Table};
        {error, What} -> {error, {none, ?MODULE, What}}
    end.

%% The number of the module behind number [N] that no other shell has.
-spec next(non_neg_integer()) -> pos_integer().
next(N) ->
    case erlang:module_loaded(name(N + 1)) of
        true -> next(N + 1);
        false -> N + 1
    end.

name(N) -> list_to_atom(?MODULE_PREFIX ++ integer_to_list(N)).

forms(Name, Table, Records) ->
    Forms = maps:values(Table),
    Functions = [F || {function, _, _, _, _} = F <- Forms],
    Keys = functions(Table),
    [{attribute, 1, file, {"shell", 1}}, {attribute, 1, module, Name},
     {attribute, 1, export, Keys},
     {attribute, 1, compile, {no_auto_import, Keys}},
     {attribute, 1, compile, [nowarn_unused_record, nowarn_unused_type]}]
        ++ Records ++ (Forms -- Functions) ++ Functions
        ++ [command_stub(F, A) || {F, A} <- lists:usort(calls(Functions)),
                                  not lists:member({F, A}, Keys),
                                  not erl_internal:bif(F, A)].

%% Local calls, and funs of local functions.
calls({call, _, {atom, _, F}, Args}) -> [{F, length(Args)} | calls(Args)];
calls({'fun', _, {function, F, A}}) when is_atom(F), is_integer(A) ->
    [{F, A}];
calls(T) when is_tuple(T) -> calls(tuple_to_list(T));
calls([E | Es]) -> calls(E) ++ calls(Es);
calls(_) -> [].

command_stub(F, A) ->
    Vars = [{var, 1, list_to_atom("V" ++ integer_to_list(I))}
            || I <- lists:seq(1, A)],
    List = lists:foldr(fun(V, Tail) -> {cons, 1, V, Tail} end, {nil, 1}, Vars),
    Call = {call, 1, {remote, 1, {atom, 1, ?MODULE}, {atom, 1, command}},
            [{atom, 1, F}, List]},
    {function, 1, F, A, [{clause, 1, Vars, [], [Call]}]}.

%% What a function calls that is not defined here.
command(F, Args) ->
    Arity = length(Args),
    case [M || M <- [user_default, shell_default],
               {module, M} =:= code:ensure_loaded(M),
               erlang:function_exported(M, F, Arity)] of
        [M | _] -> apply(M, F, Args);
        [] -> erlang:raise(error, {shell_undef, F, Arity, []}, [])
    end.

%% The table without functions, types, or one of them.
-spec forget(functions | types | {atom(), arity()}, table()) -> table().
forget(functions, Table) -> maps:without(functions(Table), Table);
forget(types, Table) -> maps:with(functions(Table), Table);
forget(Key, Table) -> maps:remove(Key, Table).

-spec functions(table()) -> [{atom(), arity()}].
functions(Table) -> lists:sort([K || {_, _} = K <- maps:keys(Table)]).

-spec types(table()) -> [{type, atom(), arity()}].
types(Table) -> lists:sort([K || {type, _, _} = K <- maps:keys(Table)]).

%% [E] with funs of these functions as those of module number [N].
-spec expand(term(), table(), non_neg_integer()) -> term().
expand({'fun', A, {function, F, Arity}} = E, Table, N) ->
    case Table of
        #{{F, Arity} := _} ->
            {'fun', A, {function, {atom, A, name(N)}, {atom, A, F},
                        {integer, A, Arity}}};
        #{} -> E
    end;
expand({value, _, _} = E, _, _) -> E;
expand(T, Table, N) when is_tuple(T) ->
    list_to_tuple(expand(tuple_to_list(T), Table, N));
expand([E | Es], Table, N) -> [expand(E, Table, N) | expand(Es, Table, N)];
expand(E, _, _) -> E.

%% The function of that name, when the module number [N] has it.
call(F, A, N) -> erlang:make_fun(name(N), F, A).

%%% Whole modules

%% Compiles and loads a module's text as c/1 does a file; the text is a file's
%% for as long as that takes.
-spec module(string()) -> {ok, module()} | error.
module(Text) ->
    File = filename:join(temporary_folder(),
                         "pasted_" ++ os:getpid() ++ ".erl"),
    case file:write_file(File, unicode:characters_to_binary([Text, $\n])) of
        ok ->
            try compile:file(File, [binary, return, debug_info, {i, "."},
                                    no_error_module_mismatch])
            of
                {ok, Name, Beam, Warnings} ->
                    say(Warnings, "Warning: "),
                    load_pasted(Name, Beam);
                {error, Errors, Warnings} ->
                    say(Errors, ""),
                    say(Warnings, "Warning: "),
                    error
            after
                file:delete(File)
            end;
        {error, _} = Error -> Error
    end.

temporary_folder() -> os:getenv("TMPDIR", "/tmp").

load_pasted(Name, Beam) ->
    code:purge(Name),
    case code:load_binary(Name, "pasted", Beam) of
        {module, Name} -> {ok, Name};
        {error, _} = Error -> Error
    end.

say(Messages, What) ->
    [io:format("pasted:~s~s~ts~n", [place(Location), What,
                                    M:format_error(Error)])
     || {_, Some} <- Messages, {Location, M, Error} <- Some],
    ok.

place({Line, Column}) -> io_lib:format("~w:~w: ", [Line, Column]);
place(none) -> " ";
place(Line) -> io_lib:format("~w: ", [Line]).
