%% SPDX-License-Identifier: Apache-2.0
%% shell_complete: what may follow the text before the cursor at the prompt,
%% and what the function is called with whose arguments are being typed.
%%
%% The text is cut into loose tokens, newest first: {word, "map"}, {var, "X"},
%% {sign, C}, {text, "begin of a string"} or {quoted, "begin of an atom"} when
%% the cursor is within one, and space where the cursor does not touch the last
%% one. Nothing that is half typed becomes an atom.
-module(shell_complete).

-export([complete/2, hint/2, note/1, signatures/1]).

%% Asks the shell for what only it knows; [] where it does not answer.
-type ask() :: fun((term()) -> term()).

-define(WINDOW, 4000). % characters before the cursor that are looked at
-define(MOST, 200).    % matches that are shown
-define(ATOMS_MOST, 1000). % atoms that are asked for
-define(FRESH, 30).    % seconds for which a list of modules is good

%% {What all matches go on with, [Match]} for the text before the cursor.
-spec complete(string(), ask()) -> {string(), [string()]}.
complete(Before, Ask) ->
    {Begin, End, Candidates} = candidates(tokens(Before), Ask),
    Found = lists:usort([C || {Name, _} = C <- Candidates,
                              lists:prefix(Begin, Name)]),
    case lists:usort([Name || {Name, _} <- Found]) of
        [] -> {"", []};
        [Name] ->
            {lists:nthtail(length(Begin), Name) ++ ending(Name, End),
             [Label || {_, Label} <- Found]};
        [Name | Names] ->
            Shared = lists:foldl(fun shared/2, Name, Names),
            {lists:nthtail(length(Begin), Shared),
             lists:sublist([Label || {_, Label} <- Found], ?MOST)}
    end.

ending(_, End) when is_list(End) -> End;
ending(Name, End) -> End(Name).

shared([C | A], [C | B]) -> [C | shared(A, B)];
shared(_, _) -> [].

%% The rest of the only name that the text can become.
-spec hint(string(), ask()) -> string().
hint(Before, Ask) ->
    case tokens(Before) of
        [{Kind, [_, _ | _]} | _]
          when Kind =/= sign, Kind =/= text, Kind =/= number ->
            put(shell_complete_hint, true),
            try element(1, complete(Before, Ask))
            after erase(shell_complete_hint)
            end;
        _ -> ""
    end.

%%% Tokens

tokens(Before) ->
    Length = length(Before),
    Text = case Length > ?WINDOW of
               true -> lists:nthtail(Length - ?WINDOW, Before);
               false -> Before
           end,
    tokens(Text, []).

tokens([$% | Cs], Acc) ->
    case lists:dropwhile(fun(C) -> C =/= $\n end, Cs) of
        [] -> [{text, none} | Acc];
        Rest -> tokens(Rest, Acc)
    end;
tokens([$$, $\\, _ | Cs], Acc) -> tokens(Cs, [{char, ""} | Acc]);
tokens([$$, _ | Cs], Acc) -> tokens(Cs, [{char, ""} | Acc]);
tokens([Q | Cs], Acc) when Q =:= $"; Q =:= $' ->
    case quoted(Cs, Q, []) of
        {open, Text} when Q =:= $" -> [{text, Text} | Acc];
        {open, Text} -> [{quoted, Text} | Acc];
        {Text, Rest} when Q =:= $' -> tokens(Rest, [{word, Text} | Acc]);
        {_, Rest} -> tokens(Rest, [{string, ""} | Acc])
    end;
tokens([C], Acc) when C =:= $\s; C =:= $\n; C =:= $\t -> [space | Acc];
tokens([C | Cs], Acc) when C =:= $\s; C =:= $\n; C =:= $\t ->
    tokens(Cs, Acc);
tokens([C | _] = Cs, Acc) ->
    case lists:splitwith(fun is_word/1, Cs) of
        {[], _} -> tokens(tl(Cs), [{sign, C} | Acc]);
        {Word, Rest} -> tokens(Rest, [{kind(C), Word} | Acc])
    end;
tokens([], Acc) -> Acc.

quoted([$\\, C | Cs], Q, Acc) -> quoted(Cs, Q, [C | Acc]);
quoted([Q | Cs], Q, Acc) -> {lists:reverse(Acc), Cs};
quoted([C | Cs], Q, Acc) -> quoted(Cs, Q, [C | Acc]);
quoted([], _, Acc) -> {open, lists:reverse(Acc)}.

is_word(C) ->
    C =:= $_ orelse C =:= $@ orelse (C >= $0 andalso C =< $9)
        orelse (C >= $a andalso C =< $z) orelse (C >= $A andalso C =< $Z)
        orelse C >= 16#C0.

kind(C) when C >= $A, C =< $Z; C =:= $_ -> var;
kind(C) when C >= $0, C =< $9 -> number;
kind(_) -> word.

%%% Candidates

%% {What is typed of it, what stands behind a whole one, [{Name, Label}]}
candidates([{text, none} | _], _) -> {"", "", []};
candidates([{text, Text} | _], _) -> files(Text);
candidates([{quoted, Text} | _], _) -> {Text, "'", quoted_atoms(Text)};
candidates([space, {sign, C} = T | Ts], Ask) when C =:= ${; C =:= $, ->
    candidates([T | Ts], Ask);
candidates([space | _], _) -> {"", "", []};
candidates([{word, F}, {sign, $:}, {word, M} | Before], _) ->
    functions(M, F, Before);
candidates([{sign, $:}, {word, M} | Before], _) -> functions(M, "", Before);
candidates([{word, R}, {sign, $#} | _], Ask) -> {R, "{", records(Ask)};
candidates([{sign, $#} | _], Ask) -> {"", "{", records(Ask)};
candidates([{word, F}, {sign, $.}, {word, R}, {sign, $#} | _], Ask) ->
    {F, "", fields(R, Ask)};
candidates([{sign, $.}, {word, R}, {sign, $#} | _], Ask) ->
    {"", "", fields(R, Ask)};
candidates([{var, V} | _], Ask) -> {V, "", named(Ask(variables))};
candidates([{word, W}, {sign, C} | _] = Ts, Ask) when C =:= ${; C =:= $, ->
    inside(open(tl(Ts), 0), W, Ts, Ask);
candidates([{sign, C} | _] = Ts, Ask) when C =:= ${; C =:= $, ->
    case inside(open(Ts, 0), "", none, Ask) of
        {_, _, []} -> {"", "", []};
        Found -> Found
    end;
candidates([{word, W}, {sign, $(}, {word, "c"} | _] = [_ | Ts], Ask) ->
    or_words({W, ")", sources()}, [c | Ts], Ask);
candidates([{word, W} | Ts], Ask) -> words(W, Ts, Ask);
candidates(_, _) -> {"", "", []}.

%% Within the braces of a record or map, its fields or keys come first.
inside([{sign, ${}, {word, R}, {sign, $#} | _], W, Ts, Ask) ->
    or_words({W, " = ", fields(R, Ask)}, Ts, Ask);
inside([{sign, ${}, {sign, $#}, {var, V} | _], W, Ts, Ask) ->
    or_words({W, " := ", named(Ask({keys, V}))}, Ts, Ask);
inside(_, W, Ts, Ask) -> or_words({W, "", []}, Ts, Ask).

or_words(Found, none, _) -> Found;
or_words({W, _, Names} = Found, [_ | Ts], Ask) ->
    case begin_so(W, Names) of
        [] -> words(W, Ts, Ask);
        _ -> Found
    end.

begin_so(W, Names) -> [N || {Name, _} = N <- Names, lists:prefix(W, Name)].

%% From the innermost bracket that is open at the end.
open([{sign, C} = T | Ts], Depth) when C =:= $(; C =:= $[; C =:= ${ ->
    case Depth of
        0 -> [T | Ts];
        _ -> open(Ts, Depth - 1)
    end;
open([{sign, C} | Ts], Depth) when C =:= $); C =:= $]; C =:= $} ->
    open(Ts, Depth + 1);
open([_ | Ts], Depth) -> open(Ts, Depth);
open([], _) -> [].

named(Names) -> [{N, N} || N <- Names].

records(Ask) -> named([quote(R) || {R, _} <- Ask(records)]).

fields(Record, Ask) ->
    named(lists:append([[quote(F) || F <- Fields]
                        || {R, Fields} <- Ask(records),
                           atom_to_list(R) =:= Record])).

quote(Atom) -> lists:flatten(io_lib:write_atom(Atom)).

%% Functions of a module, which is loaded if it is there.
functions(M, F, Before) ->
    IsFun = case Before of
                [{word, "fun"} | _] -> true;
                _ -> false
            end,
    Exports = exports(M),
    Labels = signatures(M),
    End = case IsFun of
              true -> fun(Name) -> arity_of(Name, Exports) end;
              false -> fun(Name) -> call_end(Name, Exports) end
          end,
    {F, End, [{quote(N), label(N, A, Labels)} || {N, A} <- Exports,
                                                N =/= module_info]}.

call_end(Name, Exports) ->
    case [A || {N, A} <- Exports, quote(N) =:= Name] of
        [0] -> "()";
        _ -> "("
    end.

arity_of(Name, Exports) ->
    case [A || {N, A} <- Exports, quote(N) =:= Name] of
        [A] -> "/" ++ integer_to_list(A);
        _ -> "/"
    end.

label(N, A, Labels) ->
    case Labels of
        #{{N, A} := {Text, _}} -> Text;
        #{} -> quote(N) ++ "/" ++ integer_to_list(A)
    end.

exports(Name) ->
    case known_module(Name) of
        {ok, M} -> M:module_info(exports);
        error -> []
    end.

known_module(Name) ->
    case lists:member(Name, modules()) of
        true ->
            M = list_to_atom(Name),
            case code:ensure_loaded(M) of
                {module, M} -> {ok, M};
                _ -> error
            end;
        false -> error
    end.

%% All modules that could be called.
modules() ->
    Loaded = [atom_to_list(M) || M <- erlang:loaded()],
    [M || M <- lists:usort(Loaded ++ available()),
          not lists:prefix("erl_eval@", M), not lists:prefix("shell@", M)].

%% Those of the code path. To ask for them takes its time, so they are not asked
%% for at once again, and a mere hint has that done beside the typing.
available() ->
    Now = erlang:monotonic_time(second),
    {Then, Names} = persistent_term:get(?MODULE, {Now - ?FRESH, []}),
    case {Now - Then < ?FRESH, get(shell_complete_hint)} of
        {true, _} -> Names;
        {false, true} ->
            persistent_term:put(?MODULE, {Now, Names}),
            spawn(fun find_available/0),
            Names;
        {false, _} -> find_available()
    end.

find_available() ->
    Names = [Name || {Name, _, _} <- code:all_available()],
    persistent_term:put(?MODULE, {erlang:monotonic_time(second), Names}),
    Names.

%% Modules, commands, built-in functions, registered names, and atoms of this
%% text and those before. Where none of them begins so, all atoms there are:
%% most of them are the library's own affairs.
words(W, Ts, Ask) ->
    Modules = [{M, M} || M <- modules(), plain(M)],
    Commands = [{atom_to_list(F), atom_to_list(F)}
                || {F, _} <- commands() ++ Ask(functions)],
    Registered = named([quote(R) || R <- registered()]),
    Typed = named(lists:usort([T || {word, T} <- Ts, length(T) > 2]
                              ++ [quote(A) || A <- Ask(atoms)])),
    End = fun(Name) -> word_end(Name, Commands, Modules) end,
    case begin_so(W, Modules ++ Commands ++ Registered ++ Typed) of
        [] when length(W) > 1 -> {W, "", begin_so(W, named(atoms(W)))};
        Known -> {W, End, Known}
    end.

atoms(Begin) ->
    Prefix = unicode:characters_to_binary(Begin),
    [quote(A) || A <- merle_edit:atoms(Prefix, 0, ?ATOMS_MOST)].

%% Atoms as they are between quotes; the text before the cursor has the first.
quoted_atoms(Text) ->
    [{Inner, "'" ++ Inner ++ "'"}
     || A <- merle_edit:atoms(unicode:characters_to_binary(Text), 0,
                              ?ATOMS_MOST),
        [$' | Rest] <- [quote(A)],
        Inner <- [lists:droplast(Rest)]].

%% Modules that could be compiled here.
sources() ->
    named([quote(list_to_atom(filename:rootname(F)))
           || F <- filelib:wildcard("*.erl")]).

plain([C | Cs]) ->
    C >= $a andalso C =< $z andalso lists:all(fun is_word/1, Cs).

word_end(Name, Commands, Modules) ->
    case {lists:keymember(Name, 1, Commands),
          lists:keymember(Name, 1, Modules)} of
        {true, _} -> "(";
        {_, true} -> ":";
        _ -> ""
    end.

commands() ->
    Own = [{b, 0}, {e, 1}, {f, 0}, {f, 1}, {h, 0}, {v, 1}, {rd, 2}, {rf, 0},
           {rl, 0}, {rp, 1}, {rr, 1}, {history, 1}, {results, 1},
           {catch_exception, 1}, {cost, 0}, {watch, 1}],
    Default = [F || M <- [user_default, shell_default],
                    erlang:module_loaded(M)
                        orelse (M =:= shell_default
                                andalso element(1, code:ensure_loaded(M))
                                =:= module),
                    {Name, _} = F <- M:module_info(exports),
                    Name =/= module_info],
    Built = [F || {Name, Arity} = F <- erlang:module_info(exports),
                  erl_internal:bif(Name, Arity)],
    lists:usort(Own ++ Default ++ Built).

%% Files whose names begin as the text does.
files(Text) ->
    Base = filename:basename(Text),
    {Dir, Begin} = case lists:reverse(Text) of
                       [$/ | _] -> {Text, ""};
                       _ -> {lists:sublist(Text, length(Text) - length(Base)),
                             Base}
                   end,
    Place = case Dir of "" -> "."; _ -> Dir end,
    Names = case file:list_dir(Place) of
                {ok, All} -> [N || [C | _] = N <- All,
                                   C =/= $. orelse lists:prefix(".", Begin)];
                _ -> []
            end,
    End = fun(Name) ->
                  case filelib:is_dir(filename:join(Place, Name)) of
                      true -> "/";
                      false -> "\""
                  end
          end,
    {Begin, End, named(Names)}.

%%% Signatures

%% What is called where the cursor stands: "map(Fun, List)  what it does".
-spec note(string()) -> string().
note(Before) ->
    Tokens = tokens(Before),
    case named_call(Tokens) of
        "" -> open_call(open(Tokens, 0), arguments(Tokens, 0, 1));
        Text -> Text
    end.

%% The name before the cursor may be that of a function already.
named_call([{word, F}, {sign, $:}, {word, M} | _]) -> note(M, F, 0);
named_call(_) -> "".

open_call(Open, N) ->
    case Open of
        [{sign, $(}, {word, F}, {sign, $:}, {word, M} | _] -> note(M, F, N);
        [{sign, $(}, {word, F} | _] ->
            case [M || M <- ["shell_own", "shell_default", "erlang"],
                       shown(M, F, N) =/= ""] of
                [M | _] -> shown(M, F, N);
                [] -> ""
            end;
        _ -> ""
    end.

note(M, F, N) ->
    case shown(M, F, N) of
        "" -> "";
        Text -> M ++ ":" ++ Text
    end.

%% How many arguments the innermost open call has so far.
arguments([{sign, C} | Ts], Depth, N) when C =:= $); C =:= $]; C =:= $} ->
    arguments(Ts, Depth + 1, N);
arguments([{sign, C} | Ts], Depth, N) when C =:= $(; C =:= $[; C =:= ${ ->
    case Depth of
        0 -> N;
        _ -> arguments(Ts, Depth - 1, N)
    end;
arguments([{sign, $,} | Ts], 0, N) -> arguments(Ts, 0, N + 1);
arguments([_ | Ts], Depth, N) -> arguments(Ts, Depth, N);
arguments([], _, N) -> N.

%% The function of the least arity that has room for [N] arguments.
shown(M, F, N) ->
    case lists:sort([{A, Text, Said}
                     || {{Name, A}, {Text, Said}}
                            <- maps:to_list(signatures(M)),
                        A >= N, atom_to_list(Name) =:= F]) of
        [{_, Text, ""} | _] -> Text;
        [{_, Text, Said} | _] -> Text ++ "  " ++ Said;
        [] -> ""
    end.

%% What is known of a module's functions: #{{Name, Arity} => {Head, Said}}.
-spec signatures(string()) ->
          #{{atom(), arity()} => {string(), string()}}.
signatures(Module) ->
    Version = version(Module),
    case get({shell_complete, Module}) of
        {Version, Known} -> Known;
        _ ->
            Known = try read_signatures(Module) catch _:_ -> #{} end,
            put({shell_complete, Module}, {Version, Known}),
            Known
    end.

%% Changes when other code is loaded.
version(Module) ->
    try erlang:get_module_info(list_to_existing_atom(Module), md5)
    catch error:badarg -> none
    end.

read_signatures(Module) ->
    case merle_pack:read("hints/" ++ Module) of
        undefined -> from_code(Module);
        Packed ->
            from_lines(unicode:characters_to_list(zlib:gunzip(Packed)))
    end.

from_lines(Text) ->
    maps:from_list(
      [begin
           [Head, Said] = string:split(Line, "\t"),
           [Name, Args] = string:split(Head, "("),
           Arity = case Args of
                       ")" -> 0;
                       _ -> length([C || C <- Args, C =:= $,]) + 1
                   end,
           {{list_to_atom(Name), Arity}, {Head, Said}}
       end || Line <- string:split(Text, "\n", all), Line =/= ""]).

%% Of the user's own modules the abstract code tells, or the source.
from_code(Module) ->
    {ok, M} = known_module(Module),
    maps:from_list(
      [{{F, A}, {head(F, A, Clauses), ""}}
       || {function, _, F, A, Clauses} <- forms(M)]).

forms(M) ->
    case beam_lib:chunks(code:which(M), [abstract_code]) of
        {ok, {_, [{abstract_code, {_, Forms}}]}} -> Forms;
        _ ->
            {source, Source} = lists:keyfind(source, 1,
                                             M:module_info(compile)),
            {ok, Forms} = epp:parse_file(Source, []),
            Forms
    end.

head(F, A, Clauses) ->
    Names = [argument(I, Clauses) || I <- lists:seq(1, A)],
    lists:flatten([quote(F), "(", lists:join(", ", Names), ")"]).

argument(I, Clauses) ->
    case [atom_to_list(V) || {clause, _, Head, _, _} <- Clauses,
                             {var, _, V} <- [lists:nth(I, Head)],
                             V =/= '_'] of
        [Name | _] -> Name;
        [] -> "Arg" ++ integer_to_list(I)
    end.
