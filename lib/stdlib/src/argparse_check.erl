%% SPDX-License-Identifier: Apache-2.0
%% Whether a description of commands for argparse is one.
-module(argparse_check).

-export([command/3]).

%% Fails as argparse:validate/2, with what is wrong where.
-define(CHECK(Good, Kind, What, Path, Field, Text),
        (Good) orelse wrong(Kind, What, Path, Field, Text)).

-spec wrong(command | argument, term(), [{string(), term()}], atom(),
            unicode:chardata()) -> no_return().
wrong(Kind, What, Path, Field, Text) ->
    Names = lists:reverse([Name || {Name, _} <- Path]),
    erlang:error({argparse, Kind, Names, Field, Text}, [What],
                 [{error_info, #{cause => #{}, module => argparse}}]).

-spec command(string(), argparse:command(), [char()]) -> ok.
command(Program, Command, Prefixes) ->
    command([{Program, Command}], Prefixes).

%% [Path] has the innermost command first.
command([{Name, Command} | Outer] = Path, Prefixes) ->
    ?CHECK(is_list(Name) andalso not lists:member(hd(Name), Prefixes),
           command, Command, Outer, commands,
           <<"command name must be a string not starting with option prefix">>),
    ?CHECK(is_map(Command), command, Command, Path, commands,
           <<"expected command()">>),
    ?CHECK(is_command_help(maps:get(help, Command, [])),
           command, Command, Path, help,
           <<"must be a printable unicode list, or a command help template">>),
    Commands = maps:get(commands, Command, #{}),
    ?CHECK(is_map(Commands), command, Command, Path, commands,
           <<"expected map of #{string() => command()}">>),
    ?CHECK(is_handler(maps:get(handler, Command, optional)),
           command, Command, Path, handler,
           <<"handler must be a valid callback, or an atom 'optional'">>),
    Arguments = maps:get(arguments, Command, []),
    ?CHECK(is_list(Arguments), command, Command, Path, arguments,
           <<"expected a list, [argument()]">>),
    lists:foreach(fun(A) -> argument(A, Path) end, Arguments),
    _ = lists:foldl(fun({_, C}, Used) ->
                            used(maps:get(arguments, C, []), Path, Used)
                    end, {#{}, #{}}, Path),
    maps:foreach(fun(Sub, C) -> command([{Sub, C} | Path], Prefixes) end,
                 Commands).

%% Options of a command and those around it have different names. As in OTP,
%% what has a short name is known by that alone.
used([#{short := C, name := Name} = A | As], Path, {Short, Long}) ->
    conflict(C, Short, short, A, Path),
    used(As, Path, {Short#{C => Name}, Long});
used([#{long := Text, name := Name} = A | As], Path, {Short, Long}) ->
    conflict(Text, Long, long, A, Path),
    used(As, Path, {Short, Long#{Text => Name}});
used([_ | As], Path, Used) -> used(As, Path, Used);
used([], _, Used) -> Used.

conflict(Key, Used, Field, A, Path) ->
    case Used of
        #{Key := Name} ->
            wrong(argument, A, Path, Field,
                  lists:flatten(io_lib:format("~s conflicting with previously "
                                              "defined ~s for ~ts",
                                              [Field, Field, Name])));
        #{} -> ok
    end.

is_handler(optional) -> true;
is_handler({M, F}) when is_atom(M), is_atom(F) -> true;
is_handler({M, F, _}) -> is_atom(M) andalso is_atom(F);
is_handler({Fun, _}) -> is_function(Fun);
is_handler(Fun) -> is_function(Fun, 1).

is_command_help(Help) when Help =:= hidden; is_binary(Help) -> true;
is_command_help(Help) when is_list(Help) ->
    Part = fun(P) ->
                   lists:member(P, [usage, commands, arguments, options])
                       orelse is_binary(P)
                       orelse io_lib:printable_unicode_list(P)
           end,
    io_lib:printable_unicode_list(Help) orelse lists:all(Part, Help);
is_command_help(_) -> false.

is_text(Text) -> is_list(Text) orelse is_binary(Text).

is_argument_help({Short, Parts}) ->
    is_text(Short) andalso
        case is_list(Parts) of
            true ->
                lists:all(fun(P) -> P =:= type orelse P =:= default
                                        orelse is_text(P) end, Parts);
            false -> is_function(Parts, 0)
        end;
is_argument_help(Help) -> Help =:= hidden orelse is_text(Help).

argument(#{name := Name} = A, Path)
  when is_atom(Name); is_list(Name); is_binary(Name) ->
    ?CHECK(is_argument_help(maps:get(help, A, [])), argument, A, Path, help,
           <<"must be a string or valid help template">>),
    ?CHECK(io_lib:printable_unicode_list(maps:get(long, A, [])),
           argument, A, Path, long, <<"must be a printable string">>),
    ?CHECK(is_boolean(maps:get(required, A, true)),
           argument, A, Path, required, <<"must be a boolean">>),
    ?CHECK(io_lib:printable_unicode_list([maps:get(short, A, $a)]),
           argument, A, Path, short, <<"must be a printable character">>),
    action(maps:get(action, A, store), A, Path),
    type(maps:get(type, A, string), A, Path),
    ?CHECK(is_count(maps:get(nargs, A, list)), argument, A, Path, nargs,
           <<"unsupported">>);
argument(A, Path) ->
    wrong(argument, A, Path, name,
          <<"argument must be a map containing 'name' field">>).

action(extend, A, Path) ->
    Many = case A of
               #{nargs := N} ->
                   is_integer(N) orelse lists:member(N, [list, nonempty_list,
                                                         all]);
               #{} -> false
           end,
    Own = case A of
              #{type := {custom, _}} -> true;
              #{} -> false
          end,
    ?CHECK(Many orelse Own, argument, A, Path, action,
           <<"extend action works only with lists">>);
action({Kind, _}, _, _) when Kind =:= store; Kind =:= append -> true;
action(Action, A, Path) ->
    ?CHECK(lists:member(Action, [store, append, count]),
           argument, A, Path, action, <<"unsupported">>).

type({Number, Limits}, A, Path) when Number =:= integer; Number =:= float ->
    Is = case Number of
             integer -> fun erlang:is_integer/1;
             float -> fun erlang:is_float/1
         end,
    Bad = [L || {Kind, N} = L <- Limits,
                not lists:member(Kind, [min, max]) orelse not Is(N)],
    ?CHECK(Bad =:= [], argument, A, Path, type, <<"invalid validator">>);
type(Type, A, Path) ->
    ?CHECK(is_type(Type), argument, A, Path, type, <<"unsupported">>).

is_type({atom, unsafe}) -> true;
is_type({atom, Choices}) ->
    is_list(Choices) andalso lists:all(fun erlang:is_atom/1, Choices);
is_type({custom, Fun}) -> is_function(Fun, 1);
is_type({string, Text}) -> is_list(Text);
is_type({string, Regex, Options}) -> is_list(Regex) andalso is_list(Options);
is_type({binary, [Choice | _]}) -> is_binary(Choice);
is_type({binary, Regex}) -> is_binary(Regex);
is_type({binary, Regex, Options}) -> is_binary(Regex) andalso is_list(Options);
is_type(Type) ->
    lists:member(Type, [boolean, integer, float, string, binary, atom]).

is_count({'maybe', _}) -> true;
is_count(N) when is_integer(N) -> N >= 1;
is_count(Count) -> lists:member(Count, [all, list, 'maybe', nonempty_list]).
