%% SPDX-License-Identifier: Apache-2.0
%% filelib: questions about files, and files by pattern.
-module(filelib).

-export([wildcard/1, wildcard/2, wildcard/3, is_dir/1, is_dir/2, is_file/1,
         is_file/2, is_regular/1, is_regular/2, compile_wildcard/1,
         fold_files/5, fold_files/6, last_modified/1, last_modified/2,
         file_size/1, file_size/2, ensure_dir/1, ensure_path/1, find_file/2,
         find_file/3, find_source/1, find_source/2, find_source/3,
         safe_relative_path/2]).

-include_lib("kernel/include/file.hrl").

-type name() :: file:name_all().

%%% What kind of file

-spec is_dir(name()) -> boolean().
is_dir(Name) -> do_is_dir(Name, file).

is_dir(Name, Mod) when is_atom(Mod) -> do_is_dir(Name, Mod).

do_is_dir(Name, Mod) -> kind(info(Name, Mod)) =:= directory.

-spec is_file(name()) -> boolean().
is_file(Name) -> do_is_file(Name, file).

is_file(Name, Mod) when is_atom(Mod) -> do_is_file(Name, Mod).

do_is_file(Name, Mod) ->
    lists:member(kind(info(Name, Mod)), [regular, directory]).

-spec is_regular(name()) -> boolean().
is_regular(Name) -> do_is_regular(Name, file).

is_regular(Name, Mod) when is_atom(Mod) -> do_is_regular(Name, Mod).

do_is_regular(Name, Mod) -> kind(info(Name, Mod)) =:= regular.

kind({ok, #file_info{type = Type}}) -> Type;
kind(_) -> none.

info(Name, Mod) -> Mod:read_file_info(Name).

-spec last_modified(name()) -> file:date_time() | 0.
last_modified(Name) -> do_last_modified(Name, file).

last_modified(Name, Mod) when is_atom(Mod) -> do_last_modified(Name, Mod).

do_last_modified(Name, Mod) ->
    case info(Name, Mod) of
        {ok, #file_info{mtime = Time}} -> Time;
        _ -> 0
    end.

-spec file_size(name()) -> non_neg_integer().
file_size(Name) -> do_file_size(Name, file).

file_size(Name, Mod) when is_atom(Mod) -> do_file_size(Name, Mod).

do_file_size(Name, Mod) ->
    case info(Name, Mod) of
        {ok, #file_info{size = Size}} -> Size;
        _ -> 0
    end.

%% Makes the folders that a file of this name needs.
-spec ensure_dir(name()) -> ok | {error, file:posix()}.
ensure_dir("/") -> ok;
ensure_dir(Name) -> ensure_path(filename:dirname(Name)).

-spec ensure_path(name()) -> ok | {error, file:posix()}.
ensure_path("/") -> ok;
ensure_path(Dir) ->
    case is_dir(Dir) of
        true -> ok;
        false ->
            %% the folder above is the folder itself: nothing to climb to
            case filename:dirname(Dir) of
                Dir -> {error, einval};
                Above ->
                    %% what is wrong above is wrong here, too
                    _ = ensure_path(Above),
                    make_dir(Dir)
            end
    end.

%% Another process may have made it in between.
make_dir(Dir) ->
    case file:make_dir(Dir) of
        {error, eexist} = Error ->
            case is_dir(Dir) of
                true -> ok;
                false -> Error
            end;
        Result -> Result
    end.

%%% Folding over the files of a tree

-spec fold_files(name(), string(), boolean(), fun((name(), Acc) -> Acc),
                 Acc) -> Acc.
fold_files(Dir, Pattern, Recursive, Fun, Acc) ->
    fold_files(Dir, Pattern, Recursive, Fun, Acc, file).

fold_files(Dir, Pattern, Recursive, Fun, Acc, Mod) ->
    {ok, Compiled} = re:compile(Pattern, [unicode || has_wide(Pattern)]),
    case list_dir(Dir, Mod) of
        {ok, Names} ->
            fold_names(Names, Dir, {Compiled, Recursive, Fun, Mod}, Acc);
        _ -> Acc
    end.

has_wide(Pattern) when is_list(Pattern) ->
    lists:any(fun(C) -> C > 255 end, Pattern);
has_wide(_) -> false.

list_dir(Dir, file) -> file:list_dir_all(Dir);
list_dir(Dir, Mod) -> Mod:list_dir(Dir).

fold_names([Name | Names], Dir, {Pattern, Recursive, Fun, Mod} = How, Acc) ->
    Path = filename:join(Dir, Name),
    Acc1 = case kind(info(Path, Mod)) of
               regular ->
                   case matches(Name, Pattern) of
                       true -> Fun(Path, Acc);
                       false -> Acc
                   end;
               directory when Recursive ->
                   case list_dir(Path, Mod) of
                       {ok, Below} -> fold_names(Below, Path, How, Acc);
                       _ -> Acc
                   end;
               _ -> Acc
           end,
    fold_names(Names, Dir, How, Acc1);
fold_names([], _, _, Acc) -> Acc.

matches(Name, Pattern) ->
    try re:run(Name, Pattern, [{capture, none}]) =:= match
    catch error:_ -> false
    end.

%%% Files by pattern

%% A pattern is taken apart at its slashes into parts; each part is a plain
%% name, double_star, or a list of elements that match characters.

-spec wildcard(name()) -> [file:filename()].
wildcard(Pattern) when is_list(Pattern); is_binary(Pattern);
                       is_tuple(Pattern) ->
    try wildcard(Pattern, ".", file)
    catch error:{badpattern, _} = Reason -> error(Reason)
    end.

-spec wildcard(name(), name() | module()) -> [file:filename()].
wildcard(Pattern, Cwd) when is_list(Cwd); is_binary(Cwd) ->
    try wildcard(Pattern, Cwd, file)
    catch error:{badpattern, _} = Reason -> error(Reason)
    end;
wildcard(Pattern, Mod) when is_atom(Mod) -> wildcard(Pattern, ".", Mod).

-spec wildcard(name(), name(), module()) -> [file:filename()].
wildcard(Pattern, Cwd0, Mod) ->
    {Base, Parts} = case is_tuple(Pattern) of
                        true -> element(2, Pattern);
                        false -> compile(Pattern)
                    end,
    Cwd = to_list(Cwd0),
    lists:sort(find(Parts, Base, Cwd, Mod)).

-spec compile_wildcard(name()) -> term().
compile_wildcard(Pattern) when is_list(Pattern); is_binary(Pattern);
                       is_tuple(Pattern) ->
    try {compiled_wildcard, compile(Pattern)}
    catch error:{badpattern, _} = Reason -> error(Reason)
    end.

to_list(Name) when is_binary(Name) -> unicode:characters_to_list(Name);
to_list(Name) -> filename:flatten(Name).

compile(Pattern0) ->
    Pattern = to_list(Pattern0),
    is_list(Pattern) andalso lists:all(fun is_integer/1, Pattern)
        orelse erlang:error(badpattern),
    {Base, Rest} = case Pattern of
                       [$/ | R] -> {"/", R};
                       _ -> {"", Pattern}
                   end,
    {Base, [part(P) || P <- slash_parts(Rest), P =/= "", P =/= "."]}.

slash_parts(Pattern) -> slash_parts(Pattern, []).

slash_parts([$\\, C | Cs], Acc) -> slash_parts(Cs, [C, $\\ | Acc]);
slash_parts([$/ | Cs], Acc) -> [lists:reverse(Acc) | slash_parts(Cs, [])];
slash_parts([C | Cs], Acc) -> slash_parts(Cs, [C | Acc]);
slash_parts([], Acc) -> [lists:reverse(Acc)].

part("**") -> double_star;
part(Text) ->
    Elements = elements(Text),
    case lists:all(fun is_integer/1, Elements) of
        true -> {name, Elements};
        false -> {match, Elements}
    end.

elements([$\\, C | Cs]) -> [C | elements(Cs)];
elements([$? | Cs]) -> [any | elements(Cs)];
elements([$* | Cs]) -> [star | elements(Cs)];
elements([$[ | Cs]) ->
    case set(Cs, []) of
        {Set, Rest} -> [{set, Set} | elements(Rest)];
        error -> [$[ | elements(Cs)]
    end;
elements([${ | Cs]) ->
    case alternatives(Cs, 0, [], []) of
        {Alternatives, Rest} ->
            [{alt, [elements(A) || A <- Alternatives]} | elements(Rest)];
        error -> erlang:error({badpattern, missing_delimiter})
    end;
elements([C | Cs]) -> [C | elements(Cs)];
elements([]) -> [].

%% A closing bracket that comes first is one of the set.
set([$] | Cs], []) -> set_rest(Cs, [$]]);
set(Cs, []) -> set_rest(Cs, []).

set_rest([$] | Cs], Set) -> {Set, Cs};
set_rest([$\\, C | Cs], Set) -> set_rest(Cs, [C | Set]);
set_rest([A, $-, B | Cs], Set) when B =/= $] ->
    set_rest(Cs, lists:seq(A, max(A - 1, B)) ++ Set);
set_rest([C | Cs], Set) -> set_rest(Cs, [C | Set]);
set_rest([], _) -> error.

alternatives([$\\, C | Cs], Depth, Acc, Done) ->
    alternatives(Cs, Depth, [C, $\\ | Acc], Done);
alternatives([${ | Cs], Depth, Acc, Done) ->
    alternatives(Cs, Depth + 1, [${ | Acc], Done);
alternatives([$} | Cs], 0, Acc, Done) ->
    {lists:reverse(Done, [lists:reverse(Acc)]), Cs};
alternatives([$} | Cs], Depth, Acc, Done) ->
    alternatives(Cs, Depth - 1, [$} | Acc], Done);
alternatives([$, | Cs], 0, Acc, Done) ->
    alternatives(Cs, 0, [], [lists:reverse(Acc) | Done]);
alternatives([C | Cs], Depth, Acc, Done) ->
    alternatives(Cs, Depth, [C | Acc], Done);
alternatives([], _, _, _) -> error.

%% The names that match [Parts] below [Base], which is as it is shown. Modules
%% of others have list_dir/1 and read_link_info/1 only: what is no directory
%% shows in that it cannot be listed.
find([], Base, Cwd, Mod) -> [Base || Base =/= "", exists(Base, Cwd, Mod)];
find([{name, Name} | Parts], Base, Cwd, Mod) ->
    Path = below(Base, Name),
    case Parts of
        [] -> [Path || exists(Path, Cwd, Mod)];
        _ -> find(Parts, Path, Cwd, Mod)
    end;
find([double_star, double_star | Parts], Base, Cwd, Mod) ->
    find([double_star, {match, [star]} | Parts], Base, Cwd, Mod);
find([double_star | Parts] = All, Base, Cwd, Mod) ->
    Names = names(Base, Cwd, Mod),
    Paths = [below(Base, N) || N <- Names],
    Here = case Parts of
               [] -> Paths;
               _ when Names =:= [] -> [];
               _ -> find(Parts, Base, Cwd, Mod)
           end,
    Here ++ [F || P <- Paths, F <- find(All, P, Cwd, Mod)];
find([{match, Elements} | Parts], Base, Cwd, Mod) ->
    Found = [below(Base, N) || N <- names(Base, Cwd, Mod),
                               match(Elements, N)],
    case Parts of
        [] -> Found;
        _ -> [P || F <- Found, P <- find(Parts, F, Cwd, Mod)]
    end.

below("", Name) -> Name;
below("/", Name) -> "/" ++ Name;
below(Base, Name) -> Base ++ "/" ++ Name.

real("/" ++ _ = Path, _) -> Path;
real(Path, ".") -> Path;
real("", Cwd) -> Cwd;
real(Path, Cwd) -> filename:join(Cwd, Path).

exists(Path, Cwd, Mod) ->
    case Mod:read_link_info(real(Path, Cwd)) of
        {ok, _} -> true;
        _ -> false
    end.

names(Base, Cwd, Mod) ->
    case list_dir(case real(Base, Cwd) of "" -> "."; Dir -> Dir end, Mod) of
        {ok, Names} -> [N || N <- Names, is_list(N)];
        _ -> []
    end.

match([star | Es], Name) -> star(Es, Name);
match([any | Es], [_ | Name]) -> match(Es, Name);
match([{set, Set} | Es], [C | Name]) ->
    lists:member(C, Set) andalso match(Es, Name);
match([{alt, Alternatives} | Es], Name) ->
    lists:any(fun(A) -> match(A ++ Es, Name) end, Alternatives);
match([C | Es], [C | Name]) -> match(Es, Name);
match([], []) -> true;
match(_, _) -> false.

star(Es, Name) ->
    match(Es, Name)
        orelse (Name =/= [] andalso star(Es, tl(Name))).

%%% Files that belong to others

%% Rules say where sources lie, seen from the objects: {ObjectDir, SourceDir}.

-spec find_file(name(), name()) -> {ok, name()} | {error, not_found}.
find_file(Name, Dir) -> find_file(Name, Dir, []).

find_file(Name, Dir, []) -> find_file(Name, Dir, dir_rules());
find_file(Name, Dir, Rules) ->
    Dirs = lists:append([dirs_of(Dir, Rule) || Rule <- Rules]),
    first_file([filename:join(D, Name) || D <- Dirs]).

find_source(Path) ->
    find_source(filename:basename(Path), filename:dirname(Path)).

find_source(Name, Dir) -> find_source(Name, Dir, []).

%% Beside the object is looked first, whatever the rules.
find_source(Name, Dir, Rules) ->
    Pairs = case Rules of
                [] -> source_rules();
                _ -> Rules
            end,
    Extension = filename:extension(Name),
    Candidates =
        [filename:join(D, filename:rootname(Name) ++ To)
         || {From, To, DirRules} <- [with_dirs(R) || R <- Pairs],
            From =:= Extension,
            D <- [Dir | lists:append([dirs_of(Dir, R) || R <- DirRules])]],
    first_file(Candidates).

with_dirs({_, _, _} = Rule) -> Rule;
with_dirs({From, To}) -> {From, To, [{"", ""}]}.

dir_rules() -> [{"", ""}, {"ebin", "src"}, {"ebin", "esrc"}].

source_rules() ->
    [{".beam", ".erl", [{"ebin", "src"}, {"ebin", "esrc"}, {"", ""},
                        {"ebin", "src/*"}]},
     {".erl", ".yrl", [{"", ""}]}, {"", ".src", [{"", ""}]},
     {".so", ".c", [{"priv", "c_src"}, {"priv", "src"}]},
     {".o", ".c", [{"priv", "c_src"}, {"priv", "src"}]}, {"", ".c", []},
     {"", ".in", [{"", ""}]}].

dirs_of(Dir, {"", ""}) -> [Dir];
dirs_of(Dir, {From, To}) ->
    case lists:suffix(filename:split(From), filename:split(Dir)) of
        true ->
            Parts = filename:split(Dir),
            Kept = lists:sublist(Parts, length(Parts)
                                        - length(filename:split(From))),
            Target = filename:join(Kept ++ [To]),
            case lists:member($*, To) of
                true -> [D || D <- wildcard(Target), is_dir(D)];
                false -> [Target]
            end;
        false -> []
    end.

first_file([Path | Paths]) ->
    case is_regular(Path) of
        true -> {ok, Path};
        false -> first_file(Paths)
    end;
first_file([]) -> {error, not_found}.

%% A relative name that does not lead out of [Cwd], through links neither.
-spec safe_relative_path(name(), name()) -> unsafe | file:filename_all().
safe_relative_path(Name, Cwd) ->
    case filename:pathtype(Name) of
        relative ->
            case climb(filename:split(Name), Cwd, [], []) of
                unsafe -> unsafe;
                [] -> [];
                Parts -> filename:join(Parts)
            end;
        _ -> unsafe
    end.

%% [Seen] are the links followed, so that none is followed twice.
climb([P | Ps], Cwd, Acc, Seen) when P =:= "."; P =:= <<".">> ->
    climb(Ps, Cwd, Acc, Seen);
climb([P | Ps], Cwd, Acc, Seen) when P =:= ".."; P =:= <<"..">> ->
    case Acc of
        [] -> unsafe;
        [_ | Up] -> climb(Ps, Cwd, Up, Seen)
    end;
climb([P | Ps], Cwd, Acc, Seen) ->
    Path = filename:join([Cwd | lists:reverse(Acc, [P])]),
    case file:read_link(Path) of
        {ok, Target} ->
            Turn = {Path, Ps},
            case filename:pathtype(Target) =:= relative
                andalso not lists:member(Turn, Seen) of
                true ->
                    climb(filename:split(Target) ++ Ps, Cwd, Acc,
                          [Turn | Seen]);
                false -> unsafe
            end;
        {error, _} -> climb(Ps, Cwd, [P | Acc], Seen)
    end;
climb([], _, Acc, _) -> lists:reverse(Acc).
