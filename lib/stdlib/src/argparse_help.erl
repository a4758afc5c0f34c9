%% SPDX-License-Identifier: Apache-2.0
%% Help texts of argparse: usage, subcommands, arguments, options.
-module(argparse_help).

-export([text/3, takes_value/1]).

-define(IS_OPTION(A), (is_map_key(short, A) orelse is_map_key(long, A))).
-define(WIDEST, 24). % options: longer ones do not push the others' texts

-spec text(string(), argparse:command(), map()) -> unicode:chardata().
text(Program, Root, Options) ->
    Prefix = hd(maps:get(prefixes, Options, "-")),
    Path = case maps:get(command, Options, []) of
               [Program | Rest] -> Rest;
               Names -> Names
           end,
    {Command, All} = find(Root, Path, []),
    Shown = [A || A <- All, maps:get(help, A, "") =/= hidden],
    Optional = [A || A <- Shown, ?IS_OPTION(A)],
    Positional = [A || A <- Shown, not ?IS_OPTION(A)],
    Subs = [{Name, maps:get(help, C, "")}
            || {Name, C} <- lists:sort(maps:to_list(
                                         maps:get(commands, Command, #{}))),
               maps:get(help, C, "") =/= hidden],
    Opts = [{names(A, Prefix), description(A)} || A <- Optional],
    Args = [{text(maps:get(name, A)), description(A)} || A <- Positional],
    Longest = lists:max([0 | [min(?WIDEST, string:length(N)) || {N, _} <- Opts]
                             ++ [string:length(N) || {N, _} <- Args]]),
    Widest = lists:max([Longest | [string:length(N) || {N, _} <- Subs]]),
    Words = command_words(Command, Path)
        ++ flag_words(Optional, Prefix)
        ++ lists:append([option_words(A, Prefix) || A <- Optional])
        ++ [positional_word(A) || A <- Positional],
    Width = maps:get(columns, Options, 80),
    lists:append([part(Part, #{usage => {Program, Words},
                               commands => {Widest, Subs},
                               arguments => {Longest, Args},
                               options => {Longest, Opts}}, Width)
                  || Part <- template(own_help(Command), Subs, Args, Opts)]).

%% The command and the arguments of all on the way to it.
find(Command, Path, Outer) ->
    All = Outer ++ maps:get(arguments, Command, []),
    case Path of
        [] -> {Command, All};
        [Name | Rest] ->
            #{commands := #{Name := Sub}} = Command,
            find(Sub, Rest, All)
    end.

own_help(#{help := hidden}) -> "";
own_help(Command) -> maps:get(help, Command, "").

%% What parts there are, in what order: the command's own list of them, or its
%% text among all.
template(Help, Subs, Args, Opts) ->
    case Help =:= "" orelse io_lib:printable_unicode_list(Help) of
        true ->
            ["Usage:\n", usage, "\n"]
                ++ section("\n", Help, Help ++ "\n")
                ++ section("\nSubcommands:\n", Subs, commands)
                ++ section("\nArguments:\n", Args, arguments)
                ++ section("\nOptional arguments:\n", Opts, options);
        false -> Help
    end.

section(_, [], _) -> [];
section(Title, _, Part) -> [Title, Part].

%% ---- parts ----

part(usage, #{usage := {Program, []}}, _) -> ["  ", Program];
part(usage, #{usage := {Program, Words}}, Width) ->
    Indent = string:length(Program),
    Lines = fold(Words, Width - Indent, 0, [], []),
    ["  ", Program, lines(Lines, Indent + 3)];
part(Part, Parts, Width) when is_map_key(Part, Parts) ->
    {Longest, Texts} = maps:get(Part, Parts),
    [["  ", string:pad(Name, Longest), $\s, wrapped(Text, Longest + 3, Width),
      $\n] || {Name, Text} <- Texts];
part(Text, _, Width) -> wrapped(Text, 0, Width).

%% A text's lines, broken where they are too long.
wrapped(Text, Indent, Width) ->
    lines(lists:append([broken(Line, Width - Indent)
                        || Line <- string:split(Text, "\n", all)]), Indent).

lines(Lines, Indent) ->
    lists:join([$\n | lists:duplicate(Indent, $\s)], Lines).

broken([], _) -> [[]];
broken(Line, Width) ->
    [First | Words] = string:split(Line, " ", all),
    fold(Words, Width, string:length(First), First, []).

%% Words in lines of at most [Width], which begins anew when a word is too much.
fold([Word | Words], Width, Length, Line, Lines) ->
    Size = string:length(Word),
    case Length + 1 + Size > Width of
        true -> fold(Words, Width, Size, Word, [Line | Lines]);
        false ->
            fold(Words, Width, Length + 1 + Size, [Line, $\s, Word], Lines)
    end;
fold([], _, _, [], Lines) -> lists:reverse(Lines);
fold([], _, _, Line, Lines) -> lists:reverse(Lines, [Line]).

%% ---- the words of usage ----

command_words(Command, Path) ->
    Subs = case lists:sort(maps:keys(maps:get(commands, Command, #{}))) of
               [] -> [];
               [_, _, _, _ | _] -> ["<command>"];
               Few -> [lists:append(["{", lists:append(lists:join("|", Few)),
                                     "}"])]
           end,
    [lists:append(lists:join(" ", Path)) || Path =/= []] ++ Subs.

%% Short options that take nothing, in one word.
flag_words(Options, Prefix) ->
    case [C || #{short := C} = A <- Options, not takes_value(A)] of
        [] -> [];
        Flags -> [[$[, Prefix, Flags, $]]]
    end.

option_words(#{help := {Text, _}}, _) -> [Text];
option_words(A, Prefix) ->
    Required = maps:get(required, A, false),
    Takes = takes_value(A),
    Short = [value([Prefix, C, $\s], A, Required)
             || #{short := C} <- [A], Takes],
    Long = [case Takes of
                true -> value([Prefix, Name, $\s], A, Required);
                false when Required -> [Prefix | Name];
                false -> [$[, Prefix, Name, $]]
            end || #{long := Name} <- [A]],
    Short ++ Long.

positional_word(#{help := {Text, _}}) -> Text;
positional_word(A) -> value("", A, maps:get(required, A, true)).

value(Before, #{name := Name} = A, Required) ->
    Dots = case lists:member(maps:get(nargs, A, 1),
                             [list, all, nonempty_list]) of
               true -> "...";
               false -> ""
           end,
    Word = [Before, $<, text(Name), $>, Dots],
    case Required of
        true -> Word;
        false -> [$[, Word, $]]
    end.

names(A, Prefix) ->
    lists:append(lists:join(", ", [[Prefix, C] || #{short := C} <- [A]]
                            ++ [[Prefix | Name] || #{long := Name} <- [A]])).

%% Whether something must follow the option.
-spec takes_value(argparse:argument()) -> boolean().
takes_value(#{nargs := 'maybe'}) -> false;
takes_value(#{nargs := {'maybe', _}}) -> false;
takes_value(#{nargs := _}) -> true;
takes_value(A) ->
    lists:member(maps:get(action, A, store), [store, append])
        andalso maps:get(type, A, string) =/= boolean.

%% ---- descriptions ----

text(Name) -> io_lib:format("~ts", [Name]).

description(#{help := {_, Fun}}) when is_function(Fun, 0) -> Fun();
description(#{help := {_, Parts}} = A) ->
    [case Part of
         type -> type(maps:get(type, A, undefined));
         default -> default(A);
         Text -> Text
     end || Part <- Parts];
description(#{name := Name} = A) ->
    Help = maps:get(help, A, text(Name)),
    case {Help, type(maps:get(type, A, undefined)), default(A)} of
        {"", "", Default} -> Default;
        {"", Type, ""} -> Type;
        {_, "", ""} -> Help;
        {_, "", Default} -> [Help, " , default: ", Default];
        {_, Type, ""} -> [Help, " (", Type, ")"];
        {"", Type, Default} -> [Type, ", default: ", Default];
        {_, Type, Default} -> [Help, " (", Type, "), default: ", Default]
    end.

type(undefined) -> "";
type(boolean) -> "";
type(integer) -> "int";
type(atom) -> "existing atom";
type({atom, unsafe}) -> "atom";
type({integer, [N | _] = Choices}) when is_integer(N) -> choices("~w", Choices);
type({float, [N | _] = Choices}) when is_number(N) -> choices("~g", Choices);
type({Type, Limits}) when Type =:= integer; Type =:= float ->
    case {proplists:get_value(min, Limits), proplists:get_value(max, Limits)} of
        {undefined, undefined} -> type(Type);
        {Min, undefined} -> io_lib:format("~s >= ~tp", [type(Type), Min]);
        {undefined, Max} -> io_lib:format("~s <= ~tp", [type(Type), Max]);
        {Min, Max} -> io_lib:format("~tp <= ~s <= ~tp", [Min, type(Type), Max])
    end;
type({Type, [C | _] = Regex, _}) when Type =:= string, is_integer(C) ->
    regex(Type, Regex);
type({Type, [C | _] = Regex}) when Type =:= string, is_integer(C) ->
    regex(Type, Regex);
type({binary, Regex, _}) when is_binary(Regex) -> regex(binary, Regex);
type({binary, Regex}) when is_binary(Regex) -> regex(binary, Regex);
type({Type, Choices}) when is_list(Choices), Type =/= custom ->
    choices("~ts", Choices);
type(Type) when is_atom(Type) -> atom_to_list(Type);
type(_) -> "".

choices(Format, Choices) ->
    ["choice: ", lists:join(", ", [io_lib:format(Format, [C])
                                   || C <- Choices])].

regex(Type, Regex) -> io_lib:format("~s re: ~ts", [Type, Regex]).

default(#{default := V}) when is_list(V); is_binary(V); is_atom(V) -> text(V);
default(#{default := V}) -> io_lib:format("~tp", [V]);
default(_) -> "".
