%% SPDX-License-Identifier: Apache-2.0
%% edlin_expand: what OTP's line editor completes before the cursor: names of
%% modules and of exported functions. merle's own prompt asks shell_complete,
%% which knows more; this is the expand_fun that programs name and call.
%%
%% Text comes reversed, the character before the cursor first.
-module(edlin_expand).

-export([expand/1, format_matches/1]).

-define(WIDTH, 79).   % columns of a listing
-define(MARGIN, 4).   % columns between two of its names

%% {yes, What to add, Matches to show} or {no, "", Matches to show}.
-spec expand(string()) -> {yes | no, string(), [{string(), term()}]}.
expand(Before) ->
    {Rest, Word} = word(Before),
    case skip_blanks(Rest) of
        [$: | Rest1] ->
            {_, Module} = word(skip_blanks(Rest1)),
            function_names(Module, Word, "(");
        [$, | Rest1] ->
            {Rest2, Module} = word(skip_blanks(Rest1)),
            case is_help(Rest2) of
                true -> function_names(Module, Word, ",");
                false -> module_names(Word, ",")
            end;
        _ ->
            case is_help(Rest) of
                true -> module_names(Word, ",");
                false -> module_names(Word, ":")
            end
    end.

%% Within h(, a module or function is an argument: a comma follows, not a call.
is_help([$( | Rest]) ->
    {_, Word} = word(Rest),
    Word =:= "h";
is_help(_) ->
    false.

module_names("", _) ->
    {no, "", []};
module_names(Begin, End) ->
    %% Files that are not loaded must not fill the atom table with their names.
    match(Begin, [{quoted(Name), File}
                  || {Name, File, _} <- code:all_available()], End).

quoted(Name) ->
    try write_atom(list_to_existing_atom(Name))
    catch error:badarg -> lists:flatten(write_name(Name))
    end.

write_name(Name) ->
    case erl_scan:string(Name) of
        {ok, [{atom, _, _}], _} -> Name;
        _ -> io_lib:write_string(Name, $')
    end.

function_names(Module, Begin, End) ->
    case exports(Module) of
        {ok, Exports} ->
            match(Begin, [{write_atom(F), A} || {F, A} <- Exports], End);
        error -> {no, "", []}
    end.

exports(Text) ->
    case erl_scan:string(Text) of
        {ok, [{atom, _, Module}], _} ->
            case erlang:module_loaded(Module) of
                true -> {ok, Module:module_info(exports)};
                false -> exports_of_file(code:which(Module))
            end;
        _ -> error
    end.

%% A module is not loaded because somebody looks at its names.
exports_of_file(File) ->
    case beam_lib:chunks(File, [exports]) of
        {ok, {_, [{exports, Exports}]}} -> {ok, Exports};
        _ -> error
    end.

write_atom(Atom) ->
    lists:flatten(io_lib:fwrite("~tw", [Atom])).

match(Begin, All, End) ->
    Found = lists:sort([M || {Name, _} = M <- All, lists:prefix(Begin, Name)]),
    case [Name || {Name, _} <- Found] of
        [] ->
            {no, "", []};
        [Name | Names] ->
            Typed = string:length(Begin),
            Shared = lists:foldl(fun shared/2, Name, Names),
            case lists:all(fun(N) -> N =:= Name end, Names) of
                true -> {yes, string:slice(Name, Typed) ++ ending(End, Found),
                         []};
                false -> partly(Shared, Typed, Found)
            end
    end.

partly("", _, Found) ->
    {no, "", Found};
partly(Shared, Typed, Found) ->
    case string:slice(Shared, Typed) of
        "" -> {yes, "", Found};
        More -> {yes, More, []}
    end.

ending("(", [{_, 0}]) -> "()";
ending(End, _) -> End.

shared([C | A], [C | B]) -> [C | shared(A, B)];
shared(_, _) -> [].

%%% Words, backwards

word(Text) ->
    %% An odd number of quotes: the cursor is within a quoted atom.
    case length([C || C <- Text, C =:= $']) rem 2 of
        1 -> to_quote(Text, "");
        0 when Text =/= "", hd(Text) =:= $' -> to_quote(tl(Text), "'");
        0 -> plain_word(Text, "")
    end.

to_quote([$' | Text], Word) -> {Text, [$' | Word]};
to_quote([C | Text], Word) -> to_quote(Text, [C | Word]);
to_quote([], Word) -> {[], Word}.

plain_word([C | Text], Word) when C >= $a, C =< $z; C >= $A, C =< $Z;
                                  C >= $0, C =< $9; C =:= $_; C =:= $.;
                                  C >= $À, C =/= $×, C =/= $÷ ->
    plain_word(Text, [C | Word]);
plain_word(Text, Word) ->
    {Text, Word}.

skip_blanks([C | Text]) when C =:= $\s; C =:= $\t -> skip_blanks(Text);
skip_blanks(Text) -> Text.

%%% Listings

%% Matches in columns, a line feed before them.
-spec format_matches([string() | {string(), term()}]) -> iolist().
format_matches(Matches) ->
    Rows = [row(M) || M <- lists:sort(Matches)],
    case [] =/= Rows andalso lists:any(fun is_too_long/1, Rows) of
        true -> ["\n" | columns(lists:sort(without_shared(Rows)))];
        false -> ["\n" | columns(Rows)]
    end.

%% {Name, Arity as text}
row({Name, Arity}) when is_integer(Arity) ->
    {Name, [$/ | integer_to_list(Arity)]};
row({Name, _}) -> {Name, ""};
row(Name) -> {Name, ""}.

is_too_long({Name, Arity}) ->
    string:length(Name) > ?WIDTH - length(Arity).

%% Long names differ at their ends: what they all begin with goes first.
without_shared([{Name, _} | _] = Rows) ->
    Shared = lists:foldl(fun({N, _}, S) -> shared(N, S) end, Name, Rows),
    case string:length(Shared) of
        Length when Length > 3 ->
            [{"..." ++ string:slice(N, Length), A} || {N, A} <- Rows];
        _ -> Rows
    end.

columns([]) ->
    [];
columns(Rows) ->
    Longest = lists:max([string:length(N) || {N, _} <- Rows]),
    Width = case Longest < ?WIDTH - 3 of
                true -> Longest + ?MARGIN;
                false -> ?WIDTH
            end,
    lines(Rows, Width, max(1, ?WIDTH div Width)).

lines([], _, _) ->
    [];
lines(Rows, Width, Each) ->
    {Line, More} = lists:split(min(Each, length(Rows)), Rows),
    [[io_lib:format("~-*ts", [Width, cut(R)]) || R <- Line], "\n"
     | lines(More, Width, Each)].

cut({Name, Arity}) ->
    Room = ?WIDTH - length(Arity),
    case string:length(Name) > Room of
        true -> [string:slice(Name, 0, Room - 3), "...", Arity];
        false -> [Name, Arity]
    end.
