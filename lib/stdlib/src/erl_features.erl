%% SPDX-License-Identifier: Apache-2.0
%% Features of the language that can be switched on and off. There is one, as
%% in OTP 25: maybe expressions.
-module(erl_features).

-export([all/0, configurable/0, info/1, short/1, long/1, enabled/0,
         load_allowed/1, keywords/0, keywords/1, keyword_fun/2, keyword_fun/4,
         used/1, format_error/1, format_error/2]).

-type feature() :: atom().

-spec all() -> [feature()].
all() ->
    [maybe_expr].

-spec configurable() -> [feature()].
configurable() ->
    all().

-spec info(feature()) -> map().
info(maybe_expr) ->
    #{short => "Value based error handling (EEP49)",
      description =>
          "Implementation of the maybe expression proposed in EEP49 -- "
          "Value based error handling.",
      status => experimental,
      experimental => 25,
      keywords => ['maybe', 'else'],
      type => extension};
info(Feature) ->
    error(invalid_feature, [Feature],
          [{error_info, #{module => ?MODULE,
                          cause => #{1 => "unknown feature"}}}]).

-spec short(feature()) -> iolist().
short(Feature) ->
    #{short := Short, status := Status} = Info = info(Feature),
    io_lib:format("~-40s ~-12s (~p)", [Short, Status, map_get(Status, Info)]).

-spec long(feature()) -> iolist().
long(Feature) ->
    #{short := Short, status := Status, type := Type, keywords := Keywords,
      description := Text} = Info = info(Feature),
    [io_lib:format("~s - ~s\n", [Feature, Short]),
     io_lib:format("  ~-10s ~s\n", ["Type", Type]),
     io_lib:format("  ~-10s ~-12s (~p)\n",
                   ["Status", Status, map_get(Status, Info)]),
     io_lib:format("  ~-10s ~p\n", ["Keywords", Keywords]),
     io_lib:format("\n~s\n", [fill(string:lexemes(Text, " "), 0)])].

%% Words on lines of up to 72 columns.
fill([Word | Words], 0) ->
    [Word | fill(Words, length(Word))];
fill([Word | Words], Column) when Column + length(Word) < 72 ->
    [$\s, Word | fill(Words, Column + 1 + length(Word))];
fill([Word | Words], _) ->
    [$\n, Word | fill(Words, length(Word))];
fill([], _) ->
    [].

%% Those that -enable-feature of the command line turned on.
-spec enabled() -> [feature()].
enabled() ->
    Switches = [S || {Flag, _} = S <- init:get_arguments(),
                     Flag =:= 'enable-feature'
                         orelse Flag =:= 'disable-feature'],
    lists:foldl(fun({Flag, Names}, On) ->
                        Features = [F || N <- Names, F <- named(N)],
                        case Flag of
                            'enable-feature' -> lists:umerge(On, Features);
                            'disable-feature' -> On -- Features
                        end
                end, [], Switches).

named("all") -> all();
named(Name) -> [F || F <- all(), atom_to_list(F) =:= Name].

%% Whether a module may be loaded that was compiled with features.
-spec load_allowed(binary()) -> boolean() | {not_allowed, [feature()]}.
load_allowed(_Code) ->
    true.

%% Words that are reserved by what is enabled.
-spec keywords() -> [atom()].
keywords() ->
    lists:append([keywords(F) || F <- enabled()]).

-spec keywords(feature()) -> [atom()].
keywords(Feature) ->
    map_get(keywords, info(Feature)).

-spec keyword_fun([term()], fun((atom()) -> boolean())) ->
          {ok, {[feature()], fun((atom()) -> boolean())}} | {error, term()}.
keyword_fun(Options, Fun) ->
    Switches = [{F, How} || {feature, F, How} <- Options,
                            How =:= enable orelse How =:= disable],
    case lists:usort([F || {F, _} <- Switches, F =/= all]) -- all() of
        [] -> {ok, lists:foldl(fun switch/2, {[], Fun}, expand(Switches))};
        Unknown -> {error, {?MODULE, {invalid_features, Unknown}}}
    end.

expand(Switches) ->
    lists:append([case F of
                      all -> [{A, How} || A <- all()];
                      _ -> [{F, How}]
                  end || {F, How} <- Switches]).

-spec keyword_fun(enable | disable, feature(), [feature()],
                  fun((atom()) -> boolean())) ->
          {ok, {[feature()], fun((atom()) -> boolean())}} | {error, term()}.
keyword_fun(How, Feature, Features, Fun) ->
    case lists:member(Feature, all()) of
        true -> {ok, switch({Feature, How}, {Features, Fun})};
        false -> {error, {?MODULE, {invalid_features, [Feature]}}}
    end.

switch({Feature, How}, {Features, Fun}) ->
    Words = keywords(Feature),
    IsWord = fun(Word) -> lists:member(Word, Words) end,
    case How of
        enable ->
            {[Feature | lists:delete(Feature, Features)],
             fun(Word) -> IsWord(Word) orelse Fun(Word) end};
        disable ->
            {lists:delete(Feature, Features),
             fun(Word) -> not IsWord(Word) andalso Fun(Word) end}
    end.

%% The features that a module, or the code of one, was compiled with.
-spec used(module() | file:filename()) -> [feature()] | not_found.
used(Module) when is_atom(Module) ->
    case code:get_object_code(Module) of
        error -> not_found;
        {_, Code, _} -> in_code(Code)
    end;
used(File) ->
    in_code(File).

in_code(Code) ->
    case beam_lib:chunks(Code, ["Meta"], [allow_missing_chunks]) of
        {ok, {_, [{_, Meta}]}} when is_binary(Meta) ->
            proplists:get_value(enabled_features, binary_to_term(Meta), []);
        {ok, _} ->
            [];
        _ ->
            not_found
    end.

%% Texts.

-spec format_error(term(), [term()]) -> map().
format_error(Reason, [{_, _, _, Info} | _]) ->
    #{cause := Cause} = proplists:get_value(error_info, Info, #{}),
    Cause#{reason => io_lib:format("~p: ~p", [?MODULE, Reason])}.

-spec format_error(term()) -> iolist().
format_error({Error, Features}) ->
    Names = lists:join(", ", [io_lib:format("'~p'", [F]) || F <- Features]),
    io_lib:format(text(Error, Features), [joined(Names)]).

%% The last two names have "and" between them.
joined(Names) ->
    case lists:reverse(Names) of
        [Last, _, Before | Rest] ->
            [lists:reverse(Rest), Before, " and ", Last];
        _ ->
            Names
    end.

text(invalid_features, [_]) -> "the feature ~s does not exist.";
text(invalid_features, _) -> "the features ~s do not exist.";
text(not_configurable, [_]) -> "the feature ~s is not configurable.";
text(not_configurable, _) -> "the features ~s are not configurable.";
text(incorrect_features, _) ->
    "the features ~s do not exist or are not configurable.".
