%% SPDX-License-Identifier: Apache-2.0
%% systools_read: release files, the .app files they name, and where these are
%% looked for.
-module(systools_read).

-export([release/2, application/4, applications/2, term/1, folders/1,
         search_path/1, is_text/1, are_atoms/1]).

-include("systools.hrl").

%% ---- files ----

%% The first term of a file: {ok, Term} | {error, Reason}.
term(File) ->
    case file:read_file(File) of
        {ok, Bytes} -> first_term(Bytes, File);
        {error, Reason} -> {error, {open, File, Reason}}
    end.

first_term(Bytes, File) ->
    Result = case erl_scan:tokens([], text(Bytes), 1) of
                 {more, Rest} -> erl_scan:tokens(Rest, eof, 1);
                 Done -> Done
             end,
    case Result of
        {done, {ok, Tokens, _}, _} ->
            case erl_parse:parse_term(Tokens) of
                {ok, Term} -> {ok, Term};
                {error, Reason} -> {error, {parse, File, Reason}}
            end;
        _ -> {error, {read, File}}
    end.

text(Bytes) ->
    Encoding = case epp:read_encoding_from_binary(Bytes) of
                   none -> epp:default_encoding();
                   Named -> Named
               end,
    case unicode:characters_to_list(Bytes, Encoding) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Bytes)
    end.

%% {ok, Term, FullName} of the first folder that has the file.
in_folders(Name, [Dir | Dirs]) ->
    File = filename:join(Dir, Name),
    case file:read_file(File) of
        {ok, Bytes} ->
            case first_term(Bytes, Name) of
                {ok, Term} -> {ok, Term, File};
                Error -> Error
            end;
        _ -> in_folders(Name, Dirs)
    end;
in_folders(Name, []) -> {error, {not_found, Name}}.

%% The folders that [Options] name, and the code path.
search_path(Options) ->
    unique(folders(proplists:get_value(path, Options, []))
           ++ code:get_path()).

%% Of each name those that exist, where * stands for any part of a name.
folders(Names) ->
    lists:append([case lists:member($*, text_of(N)) of
                      true -> [D || D <- filelib:wildcard(text_of(N)),
                                    filelib:is_dir(D)];
                      false -> [text_of(N)]
                  end || N <- Names]).

text_of(Name) when is_atom(Name) -> atom_to_list(Name);
text_of(Name) -> Name.

unique([D | Ds]) -> [D | unique([E || E <- Ds, E =/= D])];
unique([]) -> [].

%% ---- the release ----

%% {#release{}, Warnings}, or throws {error, Reason}.
release(Name, Path) ->
    case in_folders(Name ++ ".rel", ["." | Path]) of
        {ok, Term, _} -> checked(Term);
        {error, Reason} -> throw({error, Reason})
    end.

checked({release, {Name, Vsn}, {erts, Erts}, Apps}) when is_list(Apps) ->
    is_text(Name) orelse throw({error, {illegal_name, Name}}),
    is_text(Vsn) orelse throw({error, {illegal_form, Vsn}}),
    is_text(Erts) orelse throw({error, {illegal_form, {erts, Erts}}}),
    case [A || A <- Apps, listed(A) =:= illegal] of
        [] -> ok;
        Illegal -> throw({error, {illegal_applications, Illegal}})
    end,
    Listed = [listed(A) || A <- Apps],
    [check_permanent(App, Listed) || App <- [kernel, stdlib]],
    {#release{name = Name, vsn = Vsn, erts_vsn = Erts,
              applications = [{N, V, T} || {N, V, T, _} <- Listed],
              incl_apps = [{N, I} || {N, _, _, I} <- Listed, is_list(I)]},
     [{warning, missing_sasl} || not lists:keymember(sasl, 1, Listed)]};
checked(_) -> throw({error, badly_formatted_release}).

%% {Name, Vsn, Type, Included | default}
listed({App, Vsn}) -> listed({App, Vsn, permanent, default});
listed({App, Vsn, Includes}) when is_list(Includes) ->
    listed({App, Vsn, permanent, Includes});
listed({App, Vsn, Type}) -> listed({App, Vsn, Type, default});
listed({App, Vsn, Type, Includes} = Entry) ->
    case is_atom(App) andalso is_text(Vsn)
        andalso lists:member(Type, [permanent, transient, temporary, load,
                                    none])
        andalso (Includes =:= default orelse are_atoms(Includes)) of
        true -> Entry;
        false -> illegal
    end;
listed(_) -> illegal.

check_permanent(App, Listed) ->
    case lists:keyfind(App, 1, Listed) of
        {_, _, permanent, _} -> ok;
        {_, _, Type, _} -> throw({error, {mandatory_app, App, Type}});
        false -> throw({error, {missing_mandatory_app, App}})
    end.

%% ---- applications ----

%% #application{} of all that the release has, or throws {error, Reasons}.
applications(#release{applications = Listed, incl_apps = Includes}, Path) ->
    Read = [{Name, case application(atom_to_list(Name), Vsn, Path, Includes) of
                       {ok, #application{name = Name} = App} ->
                           {ok, App#application{type = Type}};
                       {ok, #application{name = N, vsn = V}} ->
                           {error, {bad_application_name, {Name, {N, V}}}};
                       {error, What} ->
                           {error, {error_reading, {Name, What}}}
                   end} || {Name, Vsn, Type} <- Listed],
    case [Reason || {_, {error, Reason}} <- Read] of
        [] -> [App || {_, {ok, App}} <- Read];
        Reasons -> throw({error, lists:reverse(Reasons)})
    end.

%% {ok, #application{}} of the first folder that has this version, or
%% {error, the first thing that was wrong}. [Includes]: [{App, [App]}], what the
%% release says is included.
application(Name, Vsn, Path, Includes) ->
    application(Name, Vsn, Path, Includes, none).

application(Name, Vsn, [Dir | Dirs], Includes, Wrong) ->
    case in_folders(Name ++ ".app", [Dir]) of
        {ok, Term, File} ->
            case from_term(Term, filename:dirname(File), Vsn, Includes) of
                {error, {no_valid_version, Other}} ->
                    application(Name, Vsn, Dirs, Includes,
                                first(Wrong, {no_valid_version,
                                              {{"should be", Vsn},
                                               {"found file", File,
                                                Other}}}));
                Result -> Result
            end;
        {error, {parse, _, {Line, _, Reason}}} ->
            File = filename:join(Dir, Name ++ ".app"),
            application(Name, Vsn, Dirs, Includes,
                        first(Wrong, {parse_error, {File, Line, Reason}}));
        {error, _} -> application(Name, Vsn, Dirs, Includes, Wrong)
    end;
application(Name, _, [], _, none) -> {error, {not_found, Name ++ ".app"}};
application(_, _, [], _, Wrong) -> {error, Wrong}.

first(none, Wrong) -> Wrong;
first(Wrong, _) -> Wrong.

from_term({application, Name, Keys} = Term, Dir, Vsn, Includes)
  when is_atom(Name), is_list(Keys) ->
    try from_keys(Name, Keys, Dir) of
        #application{vsn = Vsn} = App -> with_includes(App, Includes);
        #application{vsn = Other} -> {error, {no_valid_version, Other}}
    catch
        throw:Reason -> {error, {Reason, Term}}
    end;
from_term(Other, _, _, _) -> {error, {badly_formatted_application, Other}}.

%% What the release says of included applications holds, as far as the .app
%% file knows them.
with_includes(#application{name = Name, includes = Known} = App, Includes) ->
    case lists:keyfind(Name, 1, Includes) of
        {_, Listed} ->
            case [I || I <- Listed, not lists:member(I, Known)] of
                [] -> {ok, App#application{includes = Listed}};
                Unknown -> {error, {override_include, Unknown}}
            end;
        false -> {ok, App}
    end.

from_keys(Name, Keys, Dir) ->
    Get = fun(Key) -> value(Key, lists:keyfind(Key, 1, Keys)) end,
    #application{name = Name, dir = Dir, vsn = Get(vsn), id = Get(id),
                 description = Get(description), modules = Get(modules),
                 regs = Get(registered), uses = Get(applications),
                 optional = Get(optional_applications),
                 includes = Get(included_applications), mod = Get(mod),
                 start_phases = Get(start_phases), env = Get(env),
                 maxT = Get(maxT), maxP = Get(maxP)}.

value(Key, {_, Value}) ->
    case is_valid(Key, Value) of
        true -> Value;
        false when Key =:= mod -> throw({missing_param, Key});
        false -> throw({bad_param, Key})
    end;
value(Key, false) ->
    case default(Key) of
        {ok, Value} -> Value;
        none -> throw({missing_param, Key})
    end;
value(Key, _) -> throw({missing_param, Key}).

is_valid(Key, V) when Key =:= vsn; Key =:= id; Key =:= description ->
    is_text(V);
is_valid(mod, {M, _}) -> is_atom(M);
is_valid(mod, V) -> V =:= [];
is_valid(start_phases, undefined) -> true;
is_valid(Key, V) when Key =:= start_phases; Key =:= env ->
    is_list(V) andalso lists:all(fun({K, _}) -> is_atom(K);
                                    (_) -> false
                                 end, V);
is_valid(Key, V) when Key =:= maxT; Key =:= maxP ->
    V =:= infinity orelse is_integer(V) andalso V > 0;
is_valid(_, V) -> are_atoms(V).

default(Key) when Key =:= id; Key =:= mod; Key =:= env;
                  Key =:= optional_applications;
                  Key =:= included_applications -> {ok, []};
default(start_phases) -> {ok, undefined};
default(Key) when Key =:= maxT; Key =:= maxP -> {ok, infinity};
default(_) -> none.

%% ---- what terms are ----

is_text(T) ->
    try unicode:characters_to_list(T) =:= T
    catch error:badarg -> false
    end.

are_atoms([A | As]) -> is_atom(A) andalso are_atoms(As);
are_atoms(T) -> T =:= [].
