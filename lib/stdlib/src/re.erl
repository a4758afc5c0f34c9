%% SPDX-License-Identifier: Apache-2.0
%% re: regular expressions. compile, run and inspect are written in C and
%% stand here as stubs; splitting and replacing are built on them.
-module(re).

-export([version/0, compile/1, compile/2, run/2, run/3, inspect/2,
         internal_run/4, split/2, split/3, replace/3, replace/4, grun/3,
         urun/3, ucompile/2]).

-export_type([mp/0, compile_option/0]).

-type mp() :: {re_pattern, _, _, _, _}.
-type compile_option() :: term().

version() -> erlang:nif_error(undef).
compile(_) -> erlang:nif_error(undef).
compile(_, _) -> erlang:nif_error(undef).
run(_, _) -> erlang:nif_error(undef).
run(_, _, _) -> erlang:nif_error(undef).
inspect(_, _) -> erlang:nif_error(undef).
internal_run(_, _, _, _) -> erlang:nif_error(undef).

grun(Subject, Pattern, {Options, _}) -> re:run(Subject, Pattern, Options).
urun(Subject, Pattern, Options) -> re:run(Subject, Pattern, Options).
ucompile(Pattern, Options) -> re:compile(Pattern, Options).

-define(BADARG(Args, Cause),
        erlang:error(badarg, Args,
                     [{error_info, #{module => erl_stdlib_errors,
                                     cause => Cause}}])).
-define(BADARG(Args),
        erlang:error(badarg, Args,
                     [{error_info, #{module => erl_stdlib_errors}}])).

%%% Splitting

split(Subject, Pattern) ->
    try split_at(Subject, Pattern, [])
    catch
        throw:badopt -> ?BADARG([Subject, Pattern], badopt);
        throw:badre -> ?BADARG([Subject, Pattern], badre);
        error:badarg -> ?BADARG([Subject, Pattern])
    end.

-spec split(unicode:chardata(), mp() | unicode:chardata(), [term()]) ->
          [unicode:chardata()].
split(Subject, Pattern, Options) ->
    try split_at(Subject, Pattern, Options)
    catch
        throw:badopt -> ?BADARG([Subject, Pattern, Options], badopt);
        throw:badre -> ?BADARG([Subject, Pattern, Options], badre);
        error:badarg -> ?BADARG([Subject, Pattern, Options])
    end.

%% {Return, Parts, Group, Trim, RunOptions}
split_options(Options) ->
    is_proper(Options) orelse throw(badopt),
    Return = return_kind(Options),
    {Parts, Trim} = lists:foldl(fun part_option/2, {infinity, false}, Options),
    Bad = [O || O <- Options, O =:= global orelse O =:= report_errors
                    orelse is_tuple(O) andalso element(1, O) =:= capture],
    Bad =:= [] orelse throw(badopt),
    {Return, Parts, lists:member(group, Options), Trim,
     [O || O <- Options, not is_own(O)]}.

%% The last of several has its say; trim is a number of parts, too.
part_option({parts, infinity}, _) -> {infinity, false};
part_option({parts, 0}, _) -> {infinity, true};
part_option({parts, N}, _) when is_integer(N), N > 0 -> {N, false};
part_option({parts, _}, _) -> throw(badopt);
part_option(trim, _) -> {infinity, true};
part_option(_, Had) -> Had.

is_proper([_ | Options]) -> is_proper(Options);
is_proper(Options) -> Options =:= [].

is_own({return, _}) -> true;
is_own({parts, _}) -> true;
is_own(O) -> lists:member(O, [group, trim]).

tuples(Options) -> [O || O <- Options, is_tuple(O)].

return_kind(Options) ->
    case lists:keyfind(return, 1, tuples(Options)) of
        {_, Kind} when Kind =:= binary; Kind =:= list; Kind =:= iodata ->
            Kind;
        false -> iodata;
        _ -> throw(badopt)
    end.

%% The pattern compiled once, and whether it is about Unicode.
compiled({re_pattern, _, Unicode, _, _} = Pattern, Options) ->
    {Pattern, Unicode =/= 0, Options};
compiled(Pattern, Options) ->
    {Compile, Run} = lists:partition(fun is_compile_option/1, Options),
    case re:compile(Pattern, Compile) of
        {ok, Compiled} ->
            {Compiled, lists:member(unicode, Options), Run};
        {error, _} -> throw(badre)
    end.

is_compile_option({newline, _}) -> true;
is_compile_option(O) ->
    lists:member(O, [unicode, anchored, caseless, dollar_endonly, dotall,
                     extended, firstline, multiline, no_auto_capture,
                     dupnames, ungreedy, bsr_anycrlf, bsr_unicode,
                     no_start_optimize, ucp, never_utf]).

bytes(Subject, true) ->
    case unicode:characters_to_binary(Subject) of
        Bytes when is_binary(Bytes) -> Bytes;
        _ -> erlang:error(badarg)
    end;
bytes(Subject, false) -> iolist_to_binary(Subject).

split_at(Subject, Pattern, Options0) ->
    {Return, Parts, Group, Trim, Options} = split_options(Options0),
    {Compiled, Unicode, Run} = compiled(Pattern, Options),
    Bytes = bytes(Subject, Unicode),
    Found = case re:run(Bytes, Compiled, [global | Run]) of
                {match, All} -> All;
                nomatch -> []
            end,
    Matches = wanted(parting(Found, 0), Parts),
    Count = element(2, Compiled),
    Pieces = pieces([filled(M, Count + 1) || M <- Matches], 0, Bytes),
    Shown = [[converted(P, Return, Unicode) || P <- Piece]
             || Piece <- Pieces],
    Parted = case Group of
                 true -> Shown;
                 false -> lists:append(Shown)
             end,
    case Trim andalso Found =/= [] of
        true -> trim(Parted);
        false -> Parted
    end.

%% The matches that part something: not the empty ones right behind another.
parting([[{At, 0} | _] | Matches], At) -> parting(Matches, At);
parting([[{At, Size} | _] = Match | Matches], _) ->
    [Match | parting(Matches, At + Size)];
parting([], _) -> [].

%% At most [Parts] - 1 of them.
wanted(Matches, infinity) -> Matches;
wanted(Matches, N) -> lists:sublist(Matches, N - 1).

%% Subpatterns at the end that took no part are there, too.
filled(Match, Count) when length(Match) >= Count -> Match;
filled(Match, Count) ->
    Match ++ lists:duplicate(Count - length(Match), {-1, 0}).

%% Each piece of text with the subpatterns of the match behind it.
pieces([[{At, Size} | Subs] | Matches], From, Bytes) ->
    Piece = [part(Bytes, From, At - From)
             | [case S of
                    {-1, _} -> <<>>;
                    {A, N} -> part(Bytes, A, N)
                end || S <- Subs]],
    [Piece | pieces(Matches, At + Size, Bytes)];
pieces([], From, Bytes) -> [[part(Bytes, From, byte_size(Bytes) - From)]].

part(Bytes, At, Size) -> binary:part(Bytes, At, Size).

converted(Bytes, list, true) -> unicode:characters_to_list(Bytes);
converted(Bytes, list, false) -> binary_to_list(Bytes);
converted(Bytes, _, _) -> Bytes.

%% Drops what is empty at the end: texts, or groups of them.
trim(Pieces) ->
    lists:reverse(lists:dropwhile(fun is_void/1, lists:reverse(Pieces))).

is_void([Text | Texts]) when is_list(Text); is_binary(Text) ->
    is_void(Text) andalso is_void(Texts);
is_void(Text) -> Text =:= <<>> orelse Text =:= [].

%%% Replacing

replace(Subject, Pattern, New) ->
    try replace_in(Subject, Pattern, New, [])
    catch
        throw:badopt -> ?BADARG([Subject, Pattern, New], badopt);
        throw:badre -> ?BADARG([Subject, Pattern, New], badre);
        error:badarg -> ?BADARG([Subject, Pattern, New])
    end.

-spec replace(unicode:chardata(), mp() | unicode:chardata(),
              unicode:chardata() | fun(), [term()]) -> unicode:chardata().
replace(Subject, Pattern, New, Options) ->
    try replace_in(Subject, Pattern, New, Options)
    catch
        throw:badopt -> ?BADARG([Subject, Pattern, New, Options], badopt);
        throw:badre -> ?BADARG([Subject, Pattern, New, Options], badre);
        error:badarg -> ?BADARG([Subject, Pattern, New, Options])
    end.

replace_in(Subject, Pattern, New, Options0) ->
    is_proper(Options0) orelse throw(badopt),
    Return = return_kind(Options0),
    Options = [O || O <- Options0, not is_own(O)],
    (lists:keymember(capture, 1, tuples(Options))
     orelse lists:member(report_errors, Options)) andalso throw(badopt),
    {Compiled, Unicode, Run} = compiled(Pattern, Options),
    Bytes = bytes(Subject, Unicode),
    Make = replacement(New, Bytes, Unicode),
    case re:run(Bytes, Compiled, Run) of
        nomatch when Return =:= iodata -> Subject;
        nomatch -> converted(Bytes, Return, Unicode);
        {match, Found} ->
            Matches = case lists:member(global, Run) of
                          true -> Found;
                          false -> [Found]
                      end,
            joined(replaced(Matches, 0, Bytes, Make), Return, Unicode)
    end.

joined(Parts, iodata, _) -> as_iodata(Parts);
joined(Parts, Return, Unicode) ->
    converted(iolist_to_binary(Parts), Return, Unicode).

%% Texts before matches and replacements in turn; the last text is the tail.
as_iodata([<<>>]) -> [];
as_iodata([Last]) -> Last;
as_iodata([<<>>, New | Parts]) -> [New | as_iodata(Parts)];
as_iodata([Before, New | Parts]) -> [Before, New | as_iodata(Parts)].

replaced([[{At, Size} | _] = Match | Matches], From, Bytes, Make) ->
    [part(Bytes, From, At - From), Make(Match)
     | replaced(Matches, At + Size, Bytes, Make)];
replaced([], From, Bytes, _) ->
    [part(Bytes, From, byte_size(Bytes) - From)].

%% A fun that makes the text for a match.
replacement(Fun, Bytes, Unicode) when is_function(Fun, 2) ->
    fun([{At, Size} | Subs]) ->
            Texts = [case S of
                         {-1, _} -> <<>>;
                         {A, N} -> part(Bytes, A, N)
                     end || S <- Subs],
            bytes(Fun(part(Bytes, At, Size), Texts), Unicode)
    end;
replacement(New, Bytes, Unicode) ->
    case references(bytes(New, Unicode), <<>>) of
        [] -> fun(_) -> [] end;
        [Text] when is_binary(Text) -> fun(_) -> Text end;
        Parts ->
            fun(Match) -> [referred(P, Match, Bytes) || P <- Parts] end
    end.

referred(Text, _, _) when is_binary(Text) -> Text;
referred(N, Match, Bytes) ->
    case N < length(Match) andalso lists:nth(N + 1, Match) of
        {At, Size} when At >= 0 -> part(Bytes, At, Size);
        _ -> <<>>
    end.

%% The text taken apart at & \N \gN \g{N}, which become numbers; a backslash
%% makes another character literal.
references(<<"&", Rest/binary>>, Acc) ->
    literal(Acc, [0 | references(Rest, <<>>)]);
references(<<"\\g{", Rest/binary>>, Acc) ->
    case digits(Rest, <<>>) of
        {N, <<"}", After/binary>>} when is_integer(N) ->
            literal(Acc, [N | references(After, <<>>)]);
        _ -> erlang:error(badarg)
    end;
references(<<"\\g", Rest/binary>>, Acc) ->
    case digits(Rest, <<>>) of
        {none, _} -> erlang:error(badarg);
        {N, After} -> literal(Acc, [N | references(After, <<>>)])
    end;
references(<<"\\", D, _/binary>> = Text, Acc) when D >= $1, D =< $9 ->
    <<_, Rest/binary>> = Text,
    {N, After} = digits(Rest, <<>>),
    literal(Acc, [N | references(After, <<>>)]);
references(<<"\\", C, Rest/binary>>, Acc) ->
    references(Rest, <<Acc/binary, C>>);
references(<<C, Rest/binary>>, Acc) -> references(Rest, <<Acc/binary, C>>);
references(<<>>, Acc) -> literal(Acc, []).

literal(<<>>, Parts) -> Parts;
literal(Text, Parts) -> [Text | Parts].

digits(<<D, Rest/binary>>, Acc) when D >= $0, D =< $9 ->
    digits(Rest, <<Acc/binary, D>>);
digits(Rest, <<>>) -> {none, Rest};
digits(Rest, Acc) -> {binary_to_integer(Acc), Rest}.
