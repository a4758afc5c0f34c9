%% SPDX-License-Identifier: Apache-2.0
%% filename: names of files as text, for Unix. A name is a string, an atom, a
%% deep list of these, or a binary; binaries stay binaries.
-module(filename).

-export([absname/1, absname/2, absname_join/2, append/2, basename/1,
         basename/2, basedir/2, basedir/3, dirname/1, extension/1, find_src/1,
         find_src/2, flatten/1, join/1, join/2, nativename/1, pathtype/1,
         rootname/1, rootname/2, split/1, validate/1]).

-type name() :: file:name_all().

-spec flatten(name() | [name()]) -> string() | binary().
flatten(Name) when is_binary(Name) -> Name;
flatten(Name) -> do_flatten(Name, []).

do_flatten([C | Rest], Tail) when is_integer(C) ->
    [C | do_flatten(Rest, Tail)];
do_flatten([Part | Rest], Tail)
  when is_list(Part); is_atom(Part), Part =/= [] ->
    do_flatten(Part, do_flatten(Rest, Tail));
do_flatten([C | Rest], Tail) -> [C | do_flatten(Rest, Tail)];
do_flatten([], Tail) -> Tail;
do_flatten(Atom, Tail) when is_atom(Atom) -> atom_to_list(Atom) ++ Tail.

%% Does [Work] on the characters of a name, and makes a binary again of what
%% was one.
on_chars(Name, Work) when is_binary(Name) ->
    case Work(binary_to_list(Name)) of
        Parts when is_list(Parts) -> list_to_binary(Parts);
        Other -> Other
    end;
on_chars(Name, Work) -> Work(Name).

filename_string_to_binary(Name) ->
    case unicode:characters_to_binary(flatten(Name)) of
        Binary when is_binary(Binary) -> Binary;
        _ -> erlang:error(badarg)
    end.

-spec absname(name()) -> file:filename_all().
absname(Name) ->
    {ok, Cwd} = file:get_cwd(),
    absname(Name, Cwd).

-spec absname(name(), name()) -> file:filename_all().
absname(Name, Base) when is_binary(Name), is_list(Base) ->
    absname(Name, unicode:characters_to_binary(Base));
absname(Name, Base) ->
    case pathtype(Name) of
        absolute -> join([flatten(Name)]);
        relative -> absname_join(Base, join([flatten(Name)]))
    end.

%% Joins without looking for a volume; nothing else on Unix.
absname_join(Base, Name) -> join(Base, flatten(Name)).

-spec pathtype(name()) -> absolute | relative | volumerelative.
pathtype(<<"/", _/binary>>) -> absolute;
pathtype(Name) when is_binary(Name) -> relative;
pathtype(Name) when is_list(Name); is_atom(Name) ->
    case flatten(Name) of
        [$/ | _] -> absolute;
        _ -> relative
    end.

-spec append(name(), name()) -> file:filename_all().
append(Dir, Name) when is_binary(Dir), is_binary(Name) ->
    <<Dir/binary, "/", Name/binary>>;
append(Dir, Name) when is_binary(Dir) ->
    append(Dir, filename_string_to_binary(Name));
append(Dir, Name) when is_binary(Name) ->
    append(filename_string_to_binary(Dir), Name);
append(Dir, Name) -> Dir ++ [$/ | Name].

%%% Parts

-spec basename(name()) -> file:filename_all().
basename(Name) ->
    on_chars(flatten(Name), fun(Cs) -> base(without_end_slash(Cs)) end).

base(Cs) -> base(Cs, Cs).

base([$/ | Cs], _) -> base(Cs, Cs);
base([_ | Cs], Base) -> base(Cs, Base);
base([], Base) -> Base.

without_end_slash(Cs) ->
    case lists:suffix("/", Cs) of
        true -> lists:droplast(Cs);
        false -> Cs
    end.

-spec basename(name(), name()) -> file:filename_all().
basename(Name, Extension) when is_binary(Name), is_list(Extension) ->
    basename(Name, unicode:characters_to_binary(Extension));
basename(Name, Extension) when is_list(Name), is_binary(Extension) ->
    basename(filename_string_to_binary(Name), Extension);
basename(Name, Extension) ->
    Ext = chars(Extension),
    on_chars(flatten(Name), fun(Cs) ->
        Base = base(without_end_slash(Cs)),
        %% a folder has no extension
        case lists:suffix("/", Cs) of
            true -> Base;
            false -> cut_extension(Base, Ext)
        end
    end).

chars(Name) when is_binary(Name) -> binary_to_list(Name);
chars(Name) -> flatten(Name).

%% A name that is all extension keeps it not: basename(".erl", ".erl") is "".
cut_extension(Cs, Ext) ->
    case lists:suffix(Ext, Cs) of
        true -> lists:sublist(Cs, length(Cs) - length(Ext));
        false -> Cs
    end.

-spec dirname(name()) -> file:filename_all().
dirname(Name) -> on_chars(flatten(Name), fun dir/1).

dir(Cs) ->
    case lists:dropwhile(fun(C) -> C =/= $/ end, lists:reverse(Cs)) of
        [] -> ".";
        Reversed ->
            case lists:dropwhile(fun(C) -> C =:= $/ end, Reversed) of
                [] -> "/";
                Dir -> lists:reverse(Dir)
            end
    end.

-spec extension(name()) -> file:filename_all().
extension(Name) ->
    on_chars(flatten(Name), fun(Cs) -> element(2, split_extension(Cs)) end).

%% {Root, Extension}; a dot that begins the last part begins no extension.
split_extension(Cs) ->
    Reversed = lists:reverse(Cs),
    case lists:splitwith(fun(C) -> C =/= $. andalso C =/= $/ end, Reversed) of
        {Ext, [$. | Root]} when Root =/= [], hd(Root) =/= $/ ->
            {lists:reverse(Root), [$. | lists:reverse(Ext)]};
        _ -> {Cs, []}
    end.

-spec rootname(name()) -> file:filename_all().
rootname(Name) ->
    on_chars(flatten(Name), fun root/1).

%% A name of nothing but an extension has an empty root.
root([$. | Cs] = Name) ->
    case lists:member($., Cs) orelse lists:member($/, Cs) of
        true -> element(1, split_extension(Name));
        false -> []
    end;
root(Name) -> element(1, split_extension(Name)).

-spec rootname(name(), name()) -> file:filename_all().
rootname(Name, Extension) when is_binary(Name), not is_binary(Extension) ->
    rootname(Name, filename_string_to_binary(Extension));
rootname(Name, Extension) when is_list(Name), is_binary(Extension) ->
    rootname(filename_string_to_binary(Name), Extension);
rootname(Name, Extension) ->
    Ext = chars(Extension),
    on_chars(flatten(Name), fun(Cs) ->
        Root = cut_extension(Cs, Ext),
        %% ".gitignore" in a folder is a name, no extension
        case Root =/= Cs andalso lists:suffix("/", Root) of
            true -> Cs;
            false -> Root
        end
    end).

-spec split(name()) -> [file:filename_all()].
split(Name) when is_binary(Name) ->
    [list_to_binary(P) || P <- split_chars(binary_to_list(Name))];
split(Name) -> split_chars(flatten(Name)).

split_chars([$/ | Cs]) -> ["/" | parts(Cs)];
split_chars(Cs) -> parts(Cs).

parts(Cs) -> parts(Cs, []).

parts([$/ | Cs], []) -> parts(Cs, []);
parts([$/ | Cs], Part) -> [lists:reverse(Part) | parts(Cs, [])];
parts([C | Cs], Part) -> parts(Cs, [C | Part]);
parts([], []) -> [];
parts([], Part) -> [lists:reverse(Part)].

%%% Joining

-spec join([name()]) -> file:filename_all().
join([Name1, Name2 | Rest]) -> join([join(Name1, Name2) | Rest]);
join([Name]) when is_list(Name) -> tidy(flatten(Name));
join([Name]) when is_binary(Name) -> on_chars(flatten(Name), fun tidy/1);
join([Name]) when is_atom(Name) -> join([atom_to_list(Name)]).

-spec join(name(), name()) -> file:filename_all().
join(Name1, Name2) when is_list(Name1), is_list(Name2) ->
    join_chars(flatten(Name1), flatten(Name2));
join(Name1, Name2) when is_binary(Name1), is_binary(Name2) ->
    list_to_binary(join_chars(binary_to_list(Name1), binary_to_list(Name2)));
join(Name1, Name2) when is_binary(Name1), is_list(Name2) ->
    join(Name1, filename_string_to_binary(Name2));
join(Name1, Name2) when is_list(Name1), is_binary(Name2) ->
    join(filename_string_to_binary(Name1), Name2);
join(Name1, Name2) when is_atom(Name1) -> join(atom_to_list(Name1), Name2);
join(Name1, Name2) when is_atom(Name2) -> join(Name1, atom_to_list(Name2)).

join_chars(_, [$/ | _] = Name2) -> tidy(Name2);
join_chars(Name1, []) -> tidy(Name1);
join_chars([], Name2) -> tidy("/" ++ Name2);
join_chars(Name1, Name2) -> tidy(Name1 ++ "/" ++ Name2).

%% Single slashes, none at the end, no "." between slashes.
tidy([$/]) -> "/";
tidy([$/ | Cs]) -> [$/ | behind_slash(Cs)];
tidy([C | Cs]) -> [C | tidy_rest(Cs)];
tidy([]) -> [].

tidy_rest([$/ | Cs]) ->
    case behind_slash(Cs) of
        [] -> [];
        Rest -> [$/ | Rest]
    end;
tidy_rest([C | Cs]) -> [C | tidy_rest(Cs)];
tidy_rest([]) -> [].

behind_slash([$/ | Cs]) -> behind_slash(Cs);
behind_slash("./" ++ Cs) -> behind_slash(Cs);
behind_slash([C | Cs]) -> [C | tidy_rest(Cs)];
behind_slash([]) -> [].

-spec nativename(name()) -> file:filename_all().
nativename(Name) -> join([Name]).

%% Whether the name can be one of a file at all.
-spec validate(name()) -> boolean().
validate(Name) ->
    try
        Chars = chars(Name),
        Chars =/= [] andalso not lists:member(0, Chars)
            andalso (is_binary(Name)
                     orelse is_binary(unicode:characters_to_binary(Chars)))
    catch
        error:_ -> false
    end.

%%% Sources of modules

find_src(Module) -> find_src(Module, []).

find_src(File, Rules) ->
    case filelib:find_source(object_file(File), Rules) of
        {ok, Source} -> {rootname(Source), []};
        {error, Reason} -> {error, {Reason, File}}
    end.

object_file(Module) when is_atom(Module) -> code:which(Module);
object_file(File) -> File.

%%% Folders for users' files, as the XDG rules have them

-spec basedir(atom(), name()) -> file:filename_all() | [file:filename_all()].
basedir(Kind, Application)
  when is_atom(Kind), is_list(Application);
       is_atom(Kind), is_binary(Application) ->
    basedir(Kind, Application, #{}).

-spec basedir(atom(), name(), map()) ->
          file:filename_all() | [file:filename_all()].
basedir(Kind, Application, Options) when is_map(Options) ->
    System = case Options of
        #{os := Given} -> Given;
        #{} ->
            case os:type() of
                {unix, darwin} -> darwin;
                {win32, _} -> windows;
                _ -> linux
            end
    end,
    Version = case Options of
        #{version := V} -> [V];
        #{} -> []
    end,
    try basedir_of(System, Kind, [Application | Version], Options)
    catch error:_ -> erlang:error(badarg, [Kind, Application, Options])
    end.

basedir_of(linux, Kind, Tail, _) ->
    case Kind of
        user_data -> user_dir("XDG_DATA_HOME", ".local/share", Tail);
        user_config -> user_dir("XDG_CONFIG_HOME", ".config", Tail);
        user_cache -> user_dir("XDG_CACHE_HOME", ".cache", Tail);
        user_log -> user_dir("XDG_CACHE_HOME", ".cache", Tail ++ ["log"]);
        site_data ->
            site_dirs("XDG_DATA_DIRS", "/usr/local/share/:/usr/share/", Tail);
        site_config -> site_dirs("XDG_CONFIG_DIRS", "/etc/xdg", Tail)
    end;
basedir_of(darwin, Kind, Tail, _) ->
    Library = case Kind of
        user_cache -> "Library/Caches";
        user_log -> "Library/Logs";
        _ -> "Library/Application Support"
    end,
    case Kind of
        site_data -> [join(["/", Library | Tail])];
        site_config -> [join(["/", Library | Tail])];
        _ -> join([home(), Library | Tail])
    end;
basedir_of(windows, Kind, Tail0, Options) ->
    Tail = case Options of
        #{author := Author} -> [Author | Tail0];
        #{} -> Tail0
    end,
    Roaming = os:getenv("APPDATA"),
    Local = case os:getenv("LOCALAPPDATA") of
        false -> Roaming;
        Dir -> Dir
    end,
    case Kind of
        user_data -> join([Local | Tail]);
        user_config -> join([Roaming | Tail]);
        user_cache -> join([Local | Tail] ++ ["Cache"]);
        user_log -> join([Local | Tail] ++ ["Logs"]);
        site_data -> [];
        site_config -> []
    end.

home() ->
    case os:getenv("HOME") of
        false -> "/";
        Dir -> Dir
    end.

user_dir(Variable, Default, Tail) ->
    case os:getenv(Variable) of
        false -> join([home(), Default | Tail]);
        Dir -> join([Dir | Tail])
    end.

site_dirs(Variable, Default, Tail) ->
    Dirs = case os:getenv(Variable) of
               false -> Default;
               Text -> Text
           end,
    [join([Dir | Tail]) || Dir <- string:lexemes(Dirs, ":")].
