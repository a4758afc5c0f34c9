%% SPDX-License-Identifier: Apache-2.0
%% application_config: configuration of applications: files that -config names,
%% descriptors that -configfd names, and what the command line says of single
%% variables. A configuration is [{App, [{Key, Value}]}].
-module(application_config).

-export([initial/0, with_files/1, check/1, merge/2, command_line/1]).

%% {ok, Config} of all files, or {error, Text}.
initial() ->
    lists:foldl(fun(_, {error, _} = Error) -> Error;
                   (File, {ok, Config}) -> with_file(File, Config)
                end, {ok, []},
                files(config) ++ [{descriptor, N} || N <- files(configfd)]).

files(Flag) ->
    case init:get_argument(Flag) of
        {ok, Lists} -> lists:append(Lists);
        error -> []
    end.

with_file(File, Config) ->
    case read(File) of
        {ok, Read} ->
            case check(Read) of
                ok -> {ok, lists:foldl(fun add/2, Config, Read)};
                {error, Text} ->
                    {error, lists:flatten(["invalid config data: ", Text])}
            end;
        {error, {Name, Line, Text}} ->
            {error, lists:flatten(
                      io_lib:format("error in config file ~tp (~w): ~ts",
                                    [Name, Line, Text]))}
    end.

%% ---- what a configuration must be ----

%% ok, or {error, Text}.
check([{App, Env} | Rest]) when is_atom(App), is_list(Env) ->
    case lists:keymember(App, 1, Rest) of
        true -> {error, "duplicate application config: " ++ atom_to_list(App)};
        false ->
            case check_env(Env, App) of
                ok -> check(Rest);
                Error -> Error
            end
    end;
check([{App, Env} | _]) when is_list(Env) ->
    {error, text("application: ~tp; application name must be an atom", [App])};
check([{App, _} | _]) ->
    {error, text("application: ~tp; parameters must be a list", [App])};
check([]) -> ok;
check([Other | _]) ->
    {error, text("invalid application config: ~tp", [Other])};
check(_) ->
    {error, "configuration must be a list ended by <dot><whitespace>"}.

check_env([{Key, Value} | Env], App) when is_atom(Key) ->
    case lists:keymember(Key, 1, Env) of
        true ->
            {error, text("application: ~w; duplicate parameter: ~w",
                         [App, Key])};
        false ->
            case is_valid(App, Key, Value) of
                true -> check_env(Env, App);
                false ->
                    {error, text("application: ~w; erroneous parameter: ~w",
                                 [App, Key])}
            end
    end;
check_env([{Key, _} | _], App) ->
    {error, text("application: ~w; invalid parameter name: ~tp", [App, Key])};
check_env([Other | _], App) ->
    {error, text("application: ~w; invalid parameter: ~tp", [App, Other])};
check_env([], _) -> ok.

text(Format, Args) -> lists:flatten(io_lib:format(Format, Args)).

%% Where distributed applications may run.
is_valid(kernel, distributed, Apps) when is_list(Apps) ->
    lists:all(fun({App, Nodes}) -> is_atom(App) andalso is_list(Nodes);
                 ({App, Time, Nodes}) ->
                      is_atom(App) andalso is_list(Nodes)
                          andalso (is_integer(Time) orelse Time =:= infinity);
                 (_) -> false
              end, Apps);
is_valid(kernel, distributed, _) -> false;
is_valid(_, _, _) -> true.

%% Later pairs win; lists of pairs are not merged deeper.
merge(Old, New) ->
    lists:foldl(fun({Key, _} = Pair, Acc) ->
                        lists:keystore(Key, 1, Acc, Pair)
                end, Old, New).

%% ---- files ----

%% A configuration that names files, with what is in them; what cannot be read
%% is reported and left out.
with_files(Config) ->
    lists:foldl(fun(Entry, Acc) ->
                        case with_included([Entry], "sys.config") of
                            {ok, More} -> lists:foldl(fun add/2, Acc, More);
                            {error, {Name, Line, Text}} ->
                                error_logger:error_msg(
                                  "error in config file ~tp (~w): ~ts~n",
                                  [Name, Line, Text]),
                                Acc
                        end
                end, [], Config).

%% {ok, Config} of a file and those it names, or {error, {File, Line, Text}}.
%% Only a system's own configuration may name others.
read({descriptor, Number}) ->
    read_file("/dev/fd/" ++ filename:rootname(Number, ".config"), true);
read(Name) ->
    File = case filename:extension(Name) of
               ".config" -> Name;
               _ -> Name ++ ".config"
           end,
    read_file(File, filename:basename(File) =:= "sys.config").

read_file(File, Includes) ->
    case prim_file:read_file(File) of
        {ok, Bytes} ->
            case read_list(letters(Bytes)) of
                {ok, Terms} when Includes -> with_included(Terms, File);
                {ok, Terms} -> {ok, lists:foldl(fun add/2, [], Terms)};
                {error, Line, Text} -> {error, {shown(File), Line, Text}}
            end;
        {error, _} ->
            {error, {shown(File), none, "configuration file not found"}}
    end.

shown(File) ->
    case filename:pathtype(File) of
        relative -> filename:join(".", File);
        _ -> File
    end.

letters(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Bytes)
    end.

%% The text must be one list with a dot behind it.
read_list(Text) ->
    case erl_scan:string(Text) of
        {ok, Tokens, _} ->
            case lists:splitwith(fun({dot, _}) -> false; (_) -> true end,
                                 Tokens) of
                {_, []} -> {error, none, "no ending <dot> found"};
                {Term, [Dot | Rest]} -> one_list(Term ++ [Dot], Rest)
            end;
        {error, {Line, Module, Reason}, _} ->
            {error, Line, Module:format_error(Reason)}
    end.

one_list(Tokens, Rest) ->
    case erl_parse:parse_term(Tokens) of
        {ok, Terms} when is_list(Terms), Rest =:= [] -> {ok, Terms};
        {ok, _} ->
            {error, none, "configuration file must contain ONE list ended by "
             "<dot>"};
        {error, {Line, Module, Reason}} ->
            {error, Line, Module:format_error(Reason)}
    end.

%% A name in the list is a file whose settings come before the later ones.
with_included(Terms, File) ->
    lists:foldl(
      fun(_, {error, _} = Error) -> Error;
         (Entry, {ok, Acc}) when is_tuple(Entry); is_atom(Entry) ->
              {ok, add(Entry, Acc)};
         (Other, {ok, Acc}) ->
              Name = filename:absname(Other, filename:dirname(File)),
              Exists = filelib:is_regular(Name)
                  orelse filelib:is_regular(Name ++ ".config"),
              case read(case Exists of
                            true -> Name;
                            false -> Other
                        end) of
                  {ok, More} -> {ok, lists:foldl(fun add/2, Acc, More)};
                  Error -> Error
              end
      end, {ok, []}, Terms).

add({App, Env}, Config) when is_atom(App), is_list(Env) ->
    case lists:all(fun(P) -> is_tuple(P) andalso tuple_size(P) =:= 2 end,
                   Env) of
        true ->
            Old = proplists:get_value(App, [E || {_, _} = E <- Config], []),
            lists:keystore(App, 1, Config, {App, merge(Old, Env)});
        false -> Config ++ [{App, Env}]
    end;
add(Other, Config) -> Config ++ [Other].

%% ---- the command line ----

%% "-App Key Value ...": [{Key, Value}]; what is no term is thrown as
%% {error, {bad_environment_value, Text}}.
command_line(App) -> lists:append([pairs(L) || L <- lists_of(App)]).

lists_of(App) ->
    case init:get_argument(App) of
        {ok, Lists} -> Lists;
        error -> []
    end.

pairs([Key, Value | Rest]) -> [{term(Key), term(Value)} | pairs(Rest)];
pairs(_) -> [].

term(Text) ->
    case erl_scan:string(Text) of
        {ok, Tokens, _} ->
            case erl_parse:parse_term(Tokens ++ [{dot, erl_anno:new(1)}]) of
                {ok, Term} -> Term;
                _ -> throw({error, {bad_environment_value, Text}})
            end;
        _ -> throw({error, {bad_environment_value, Text}})
    end.
