%% SPDX-License-Identifier: Apache-2.0
%% argparse: command lines by a description of their commands and arguments, as
%% OTP has it since 26. A description is a map of commands, arguments, help and
%% handler; argparse_check looks it through, argparse_help makes texts of it.
%% Here lines are read.
-module(argparse).

-export([run/3, parse/2, parse/3, help/1, help/2, format_error/1,
         validate/1, validate/2, format_error/2]).

-export_type([arg_type/0, argument_help/0, argument/0, command/0, handler/0,
              cmd_path/0, arg_map/0]).

-type arg_type() :: boolean | float | integer | string | binary | atom
                  | {float | integer, [number() | {min | max, number()}]}
                  | {string | binary, term()}
                  | {string | binary, Re :: term(), ReOptions :: [term()]}
                  | {atom, unsafe | [atom()]}
                  | {custom, fun((string()) -> term())}.
-type argument_help() :: {unicode:chardata(),
                          [unicode:chardata() | type | default]
                          | fun(() -> unicode:chardata())}.
-type argument_name() :: atom() | string() | binary().
-type argument() ::
        #{name := argument_name(), short => char(), long => string(),
          required => boolean(), default => term(), type => arg_type(),
          action => store | append | count | extend
                  | {store | append, term()},
          nargs => pos_integer() | 'maybe' | {'maybe', term()} | list
                 | nonempty_list | all,
          help => hidden | unicode:chardata() | argument_help()}.
-type arg_map() :: #{argument_name() => term()}.
-type handler() :: optional | fun((arg_map()) -> term()) | {module(), atom()}
                 | {fun(), term()} | {module(), atom(), term()}.
-type command() ::
        #{commands => #{string() => command()}, arguments => [argument()],
          help => hidden | unicode:chardata()
                | [unicode:chardata() | usage | commands | arguments | options],
          handler => handler()}.
-type cmd_path() :: [string()].
-type parser_options() ::
        #{prefixes => [char()], default => term(),
          progname => string() | atom(), command => cmd_path(),
          columns => pos_integer()}.
-type parser_error() :: {cmd_path(), argument() | undefined,
                         string() | undefined, unicode:chardata()}.
-type parse_result() :: {ok, arg_map(), cmd_path(), command()}
                      | {error, parser_error()}.

-record(state, {prefixes :: [char()],
                values = #{} :: arg_map(),
                path = [] :: cmd_path(),       % the innermost command last
                command :: command(),
                positional = [] :: [argument()], % that are still to come
                short = #{} :: #{char() => argument()},
                long = #{} :: #{string() => argument()},
                numbers = true :: boolean(), % -1 is a number and no option
                default :: error | {ok, term()}}).

-define(IS_OPTION(A), (is_map_key(short, A) orelse is_map_key(long, A))).

%% ---- the whole ----

-spec run([string()], command(), parser_options()) -> term().
run(Args, Command, Options) ->
    try parse(Args, Command, Options) of
        {ok, Values, Path, Sub} -> handle(Command, Values, tl(Path), Sub);
        {error, {Path, _, _, _} = Error} ->
            io:format("error: ~ts~n", [format_error(Error)]),
            io:put_chars(help(Command, Options#{command => tl(Path)})),
            erlang:halt(1)
    catch
        error:Reason:Trace ->
            io:put_chars(erl_error:format_exception(error, Reason, Trace)),
            erlang:halt(1)
    end.

handle(Command, Values, Path, #{handler := Handler}) ->
    case Handler of
        {M, F} when is_atom(M), is_atom(F) -> M:F(Values);
        {M, F, Default} -> apply(M, F, list(Command, Path, Values, Default));
        {Fun, Default} when is_function(Fun) ->
            apply(Fun, list(Command, Path, Values, Default));
        Fun when is_function(Fun, 1) -> Fun(Values)
    end.

%% The arguments of all commands of the path, in their order.
list(Command, Path, Values, Default) ->
    Own = [maps:get(Name, Values, Default)
           || #{name := Name} <- maps:get(arguments, Command, [])],
    case Path of
        [] -> Own;
        [Name | Rest] ->
            #{commands := #{Name := Sub}} = Command,
            Own ++ list(Sub, Rest, Values, Default)
    end.

-spec parse([string()], command()) -> parse_result().
parse(Args, Command) -> parse(Args, Command, #{}).

-spec parse([string()], command(), parser_options()) -> parse_result().
parse(Args, Command, Options) ->
    Program = validate(Command, Options),
    Start = #state{prefixes = maps:get(prefixes, Options, "-"),
                   command = Command, default = maps:find(default, Options)},
    try read(Args, enter(Program, Command, Start))
    catch throw:{?MODULE, Error} -> {error, Error}
    end.

-spec help(command()) -> unicode:chardata().
help(Command) -> help(Command, #{}).

-spec help(command(), parser_options()) -> unicode:chardata().
help(Command, Options) ->
    argparse_help:text(validate(Command, Options), Command, Options).

-spec validate(command()) -> string().
validate(Command) -> validate(Command, #{}).

%% The program's name; fails if the description is not good.
-spec validate(command(), parser_options()) -> string().
validate(Command, Options) ->
    Program = case Options of
                  #{progname := Name} when is_atom(Name) -> atom_to_list(Name);
                  #{progname := Name} when is_binary(Name) ->
                      binary_to_list(Name);
                  #{progname := Name} -> Name;
                  #{} ->
                      {ok, [[Name]]} = init:get_argument(progname),
                      Name
              end,
    is_list(Program) orelse
        erlang:error(badarg, [Command, Options],
                     [{error_info,
                       #{cause => #{2 => <<"progname is not valid">>}}}]),
    argparse_check:command(Program, Command, maps:get(prefixes, Options, "-")),
    Program.

%% ---- errors ----

-spec format_error(parser_error()) -> unicode:chardata().
format_error({Path, Expected, Actual, Details}) ->
    Where = lists:join(" ", Path),
    case {Expected, Actual} of
        {undefined, undefined} -> io_lib:format("~ts: ~ts", [Where, Details]);
        {undefined, _} ->
            io_lib:format("~ts: unknown argument: ~ts~ts",
                          [Where, Actual, Details]);
        {#{name := Name}, undefined} ->
            io_lib:format("~ts: required argument missing: ~ts~ts",
                          [Where, Name, Details]);
        {#{name := Name}, _} ->
            io_lib:format("~ts: invalid argument for ~ts: ~ts ~ts",
                          [Where, Name, Actual, Details])
    end.

%% Of what validate/2 fails with.
-spec format_error(term(), [tuple()]) -> map().
format_error({?MODULE, Kind, Path, Field, Text}, [{_, _, [What], Info} | _]) ->
    #{cause := Cause} = proplists:get_value(error_info, Info, #{}),
    Names = lists:join(" ", Path),
    Reason = case Kind of
                 command ->
                     io_lib:format("command \"~ts\": invalid field '~ts', "
                                   "reason: ~ts", [Names, Field, Text]);
                 argument ->
                     Name = maps:get(name, What, ""),
                     io_lib:format("command \"~ts\", argument '~ts', invalid "
                                   "field '~ts': ~ts",
                                   [Names, Name, Field, Text])
             end,
    Cause#{general => [atom_to_list(Kind), " specification is invalid"],
           1 => io_lib:format("~tp", [What]), reason => Reason};
format_error(_, [{_, _, _, Info} | _]) ->
    #{cause := Cause} = proplists:get_value(error_info, Info, #{}),
    Cause.

-spec failed(#state{}, argument() | undefined, term(), unicode:chardata()) ->
          no_return().
failed(#state{path = Path}, Expected, Actual, Details) ->
    throw({?MODULE, {Path, Expected, Actual, Details}}).

%% ---- commands and what they allow ----

enter(Name, Command, #state{path = Path} = S) ->
    lists:foldl(fun allow/2, S#state{path = Path ++ [Name], command = Command},
                maps:get(arguments, Command, [])).

allow(A, S) when ?IS_OPTION(A) -> allow_long(A, allow_short(A, S));
allow(A, #state{positional = All} = S) -> S#state{positional = All ++ [A]}.

allow_short(#{short := C} = A, #state{short = All} = S) ->
    no_number([C], S#state{short = All#{C => A}});
allow_short(_, S) -> S.

allow_long(#{long := Name} = A, #state{long = All} = S) ->
    no_number(Name, S#state{long = All#{Name => A}});
allow_long(_, S) -> S.

%% An option that looks like a number makes all such texts options.
no_number(Name, #state{prefixes = Prefixes, numbers = Numbers} = S) ->
    S#state{numbers = Numbers andalso
                not (lists:member($-, Prefixes) andalso is_number_text(Name))}.

is_number_text(Text) ->
    lists:any(fun(Read) ->
                      case Read(Text) of
                          {N, []} when is_number(N) -> true;
                          _ -> false
                      end
              end, [fun string:to_integer/1, fun string:to_float/1]).

%% ---- reading a line ----

read([[C | Name] = Arg | Args], #state{prefixes = Prefixes} = S) ->
    case lists:member(C, Prefixes) of
        true -> read_option(C, Name, Args, S);
        false -> read_word(Arg, Args, S)
    end;
read([Arg | Args], S) -> read_word(Arg, Args, S);
read([], #state{command = Command, path = Path} = S) ->
    map_size(maps:get(commands, Command, #{})) > 0
        andalso not is_map_key(handler, Command)
        andalso failed(S, undefined, undefined, <<"subcommand expected">>),
    All = [{A, true} || A <- S#state.positional]
        ++ [{A, false} || A <- maps:values(S#state.short)
                              ++ maps:values(S#state.long)],
    #state{values = Values} = lists:foldl(fun missing/2, S, All),
    {ok, Values, Path, Command}.

%% What was not given has a default, or must be given.
missing({#{name := Name} = A, Positional},
        #state{values = Values, default = Default} = S) ->
    case A of
        _ when is_map_key(Name, Values) -> S;
        #{required := true} -> failed(S, A, undefined, <<>>);
        #{default := Value} -> S#state{values = Values#{Name => Value}};
        _ when Positional, not is_map_key(required, A) ->
            failed(S, A, undefined, <<>>);
        _ ->
            case Default of
                {ok, Value} -> S#state{values = Values#{Name => Value}};
                error -> S
            end
    end.

read_option(C, Name, Args, #state{short = Short} = S) ->
    case long_option(Name, S) of
        {A, Values} -> take(Values ++ Args, A, S);
        none ->
            case Name of
                [Flag] when is_map_key(Flag, Short) ->
                    take(Args, maps:get(Flag, Short), S);
                [Flag | Rest] when is_map_key(Flag, Short) ->
                    case are_flags(Name, Short) of
                        true -> read([[C, F] || F <- Name] ++ Args, S);
                        false -> take([Rest | Args], maps:get(Flag, Short), S)
                    end;
                _ when C =:= $-, S#state.numbers ->
                    case is_number_text(Name) of
                        true -> read_positional([C | Name], Args, S);
                        false -> read_unknown([[C | Name] | Args], S)
                    end;
                _ -> read_unknown([[C | Name] | Args], S)
            end
    end.

%% --name, or --name=value
long_option(Name, #state{long = Long}) ->
    case Long of
        #{Name := A} -> {A, []};
        #{} ->
            case string:split(Name, "=") of
                [Before, Value] when is_map_key(Before, Long) ->
                    {maps:get(Before, Long), [Value]};
                _ -> none
            end
    end.

%% Several short options in one; none but the last takes anything.
are_flags([Last], Short) -> is_map_key(Last, Short);
are_flags([Flag | Flags], Short) ->
    case Short of
        #{Flag := A} ->
            not argparse_help:takes_value(A) andalso are_flags(Flags, Short);
        #{} -> false
    end.

read_word(Arg, Args, #state{command = #{commands := #{} = Commands}} = S)
  when is_map_key(Arg, Commands) ->
    read(Args, enter(Arg, maps:get(Arg, Commands), S));
read_word(Arg, Args, S) -> read_positional(Arg, Args, S).

read_positional(Arg, _, #state{positional = []} = S) ->
    failed(S, undefined, Arg, <<>>);
read_positional(Arg, Args, #state{positional = [A | _]} = S) ->
    take([Arg | Args], A, S).

%% What looks like an option but is none: for an argument that takes all.
read_unknown(Args, #state{positional = [#{nargs := all} = A]} = S) ->
    stored([], convert_all(Args, A, S), A, S);
read_unknown(Args, #state{positional = [#{required := false} = A | As],
                          values = Values} = S) ->
    Next = case A of
               #{name := Name, default := Default} -> Values#{Name => Default};
               #{} -> Values
           end,
    read_unknown(Args, S#state{positional = As, values = Next});
read_unknown([Arg | _], S) -> failed(S, undefined, Arg, <<>>).

%% ---- what an argument takes ----

take(Args, #{nargs := N} = A, S) when is_integer(N) ->
    {Taken, Rest} = words(Args, N, S),
    length(Taken) < N andalso
        failed(S, A, Args, io_lib:format("expected ~b, found ~b argument(s)",
                                         [N, length(Taken)])),
    stored(Rest, convert_all(Taken, A, S), A, S);
take(Args, #{nargs := all} = A, S) ->
    stored([], convert_all(Args, A, S), A, S);
take(Args, #{nargs := Many} = A, S)
  when Many =:= list; Many =:= nonempty_list ->
    {Taken, Rest} = words(Args, -1, S),
    Taken =:= [] andalso Many =:= nonempty_list andalso
        failed(S, A, Args, <<"expected argument">>),
    stored(Rest, convert_all(Taken, A, S), A, S);
take(["true" | Args], #{type := boolean} = A, S) -> stored(Args, true, A, S);
take(["false" | Args], #{type := boolean} = A, S) -> stored(Args, false, A, S);
take(Args, #{type := boolean} = A, S) -> stored(Args, true, A, S);
take(Args, #{nargs := Perhaps} = A, S) ->
    case words(Args, 1, S) of
        {[Arg], Rest} -> stored(Rest, convert(Arg, A, S), A, S);
        {[], _} when Perhaps =:= 'maybe' -> stored(Args, default(A), A, S);
        {[], _} ->
            {'maybe', Value} = Perhaps,
            stored(Args, convert(Value, A, S), A, S)
    end;
take(Args, #{action := Action} = A, S)
  when Action =:= count; is_tuple(Action) -> stored(Args, true, A, S);
take([[C | _] = Arg | Args], A, #state{prefixes = Prefixes} = S)
  when ?IS_OPTION(A) ->
    lists:member(C, Prefixes)
        andalso not (S#state.numbers andalso is_number_text(Arg))
        andalso failed(S, A, undefined, <<"expected argument">>),
    stored(Args, convert(Arg, A, S), A, S);
take([Arg | Args], A, S) -> stored(Args, convert(Arg, A, S), A, S);
take([], A, S) -> failed(S, A, undefined, <<"expected argument">>).

%% Up to N words (all if below 0), none that may be an option.
words(Args, N, #state{prefixes = Prefixes, numbers = Numbers}) ->
    IsWord = fun([C | _] = Arg) ->
                     not lists:member(C, Prefixes)
                         orelse Numbers andalso is_number_text(Arg);
                (_) -> true
             end,
    {Words, Rest} = lists:splitwith(IsWord, Args),
    case N >= 0 andalso N < length(Words) of
        true ->
            {Taken, Others} = lists:split(N, Words),
            {Taken, Others ++ Rest};
        false -> {Words, Rest}
    end.

default(#{default := Default}) -> Default;
default(A) ->
    case maps:get(type, A, undefined) of
        boolean -> true;
        integer -> 0;
        float -> 0.0;
        string -> "";
        binary -> <<>>;
        _ -> undefined
    end.

%% Puts the value where the action wants it, and reads on.
stored(Args, Value, #{name := Name} = A, #state{values = Values} = S) ->
    New = case maps:get(action, A, store) of
              store -> Value;
              {store, Constant} -> Constant;
              append -> maps:get(Name, Values, []) ++ [Value];
              {append, Constant} -> maps:get(Name, Values, []) ++ [Constant];
              extend -> maps:get(Name, Values, []) ++ Value;
              count -> maps:get(Name, Values, 0) + 1
          end,
    Next = S#state{values = Values#{Name => New}},
    case A of
        _ when ?IS_OPTION(A) -> read(Args, Next);
        #{nargs := Many} when Many =:= list; Many =:= nonempty_list ->
            read(Args, Next);
        _ -> read(Args, Next#state{positional = tl(S#state.positional)})
    end.

%% ---- types ----

%% Errors tell of a list then, as in OTP.
convert_all(Args, A, S) ->
    Told = A#{type => {list, maps:get(type, A, string)}},
    [convert(Arg, A, Told, S) || Arg <- Args].

convert(Arg, A, S) -> convert(Arg, A, A, S).

convert(Arg, A, Told, S) ->
    try convert(maps:get(type, A, string), Arg)
    catch throw:{invalid, Details} -> failed(S, Told, Arg, Details)
    end.

-spec invalid(binary()) -> no_return().
invalid(Details) -> throw({invalid, Details}).

convert(string, Arg) -> Arg;
convert(binary, Arg) -> unicode:characters_to_binary(Arg);
convert(boolean, Arg) ->
    case Arg of
        "true" -> true;
        "false" -> false;
        _ -> invalid(<<"is not a boolean">>)
    end;
convert(integer, Arg) ->
    case string:to_integer(Arg) of
        {N, []} -> N;
        _ -> invalid(<<"is not an integer">>)
    end;
convert(float, Arg) ->
    case {string:to_float(Arg), string:to_integer(Arg)} of
        {{F, []}, _} -> F;
        {_, {N, []}} -> N;
        _ -> invalid(<<"is not a number">>)
    end;
convert(atom, Arg) ->
    try list_to_existing_atom(Arg)
    catch error:badarg -> invalid(<<"is not an existing atom">>)
    end;
convert({atom, unsafe}, Arg) -> list_to_atom(Arg);
convert({atom, Choices}, Arg) -> choice(convert(atom, Arg), Choices);
convert({Type, Limits}, Arg) when Type =:= integer; Type =:= float ->
    within(convert(Type, Arg), Limits);
convert({Type, [First | _] = Choices}, Arg)
  when Type =:= string, is_list(First); Type =:= binary, is_binary(First) ->
    choice(convert(Type, Arg), Choices);
convert({custom, Fun}, Arg) ->
    try Fun(Arg)
    catch error:badarg -> invalid(<<"failed validation">>)
    end;
convert({Type, Regex}, Arg) -> convert({Type, Regex, []}, Arg);
convert({Type, Regex, Options}, Arg) ->
    case re:run(Arg, Regex, Options) of
        nomatch -> invalid(<<"does not match">>);
        _ -> convert(Type, Arg)
    end.

choice(Value, Choices) ->
    case lists:member(Value, Choices) of
        true -> Value;
        false -> invalid(<<"is not one of the choices">>)
    end.

within(Value, [{min, Min} | _]) when Value < Min ->
    invalid(<<"is less than accepted minimum">>);
within(Value, [{max, Max} | _]) when Value > Max ->
    invalid(<<"is greater than accepted maximum">>);
within(Value, [N | _] = Choices) when is_number(N) -> choice(Value, Choices);
within(Value, [_ | Limits]) -> within(Value, Limits);
within(Value, []) -> Value.
