%% SPDX-License-Identifier: Apache-2.0
%% systools_tar: the package of a release: its applications below lib, and
%% below releases its boot file, configuration and relup. Applications of a
%% variable's folder go into a package of their own.
-module(systools_tar).

-export([write/5]).

-include("systools.hrl").

%% Writes the package of release file [Name]. [Path]: folders named by the
%% user. Throws {error, Reason}; the package is gone then.
write(Name, Release, Apps, Path, Options) ->
    Base = filename:basename(Name) ++ ".tar.gz",
    File = case proplists:get_value(outdir, Options, "") of
               "" -> Name ++ ".tar.gz";
               Dir -> filename:join(Dir, Base)
           end,
    packed(File,
           fun(Tar) ->
                   Variables = systools_script:variables(Options),
                   Own = [{V, [A || A <- Apps, variable(A, Variables) =:= V]}
                          || V <- Variables],
                   add_apps(Tar, [{A, lib_dir(A)}
                                  || A <- Apps,
                                     variable(A, Variables) =:= none],
                            Options),
                   [add_variable(Tar, V, As, Options) || {V, As} <- Own],
                   add_release(Tar, Name, Release, Path),
                   add_erts(Tar, Release, Options),
                   [add(Tar, From, To)
                    || {extra_files, Files} <- Options, {From, To} <- Files]
           end).

%% Has Fun write the package; what went wrong leaves none.
packed(File, Fun) ->
    Tar = case erl_tar:open(File, [write, compressed]) of
              {ok, Opened} -> Opened;
              {error, Reason} ->
                  throw({error, {tar_error, {open, File, Reason}}})
          end,
    try Fun(Tar) of
        _ ->
            case erl_tar:close(Tar) of
                ok -> ok;
                {error, Why} -> throw({error, {close, File, Why}})
            end
    catch
        Class:What:Stack ->
            erl_tar:close(Tar),
            file:delete(File),
            erlang:raise(Class, What, Stack)
    end.

%% Links are followed: who unpacks has what they lead to.
add(Tar, From, To) ->
    case erl_tar:add(Tar, From, To, [compressed, dereference]) of
        ok -> ok;
        {error, Reason} -> throw({error, {tar_error, {add, From, Reason}}})
    end.

%% ---- applications ----

variable(#application{dir = Dir}, Variables) ->
    case [V || {_, Value} = V <- Variables, lists:prefix(Value, Dir)] of
        [Variable | _] -> Variable;
        [] -> none
    end.

lib_dir(App) -> filename:join("lib", with_vsn(App)).

with_vsn(#application{name = Name, vsn = Vsn}) ->
    atom_to_list(Name) ++ "-" ++ Vsn.

%% [Apps]: [{App, folder in the package}]
add_apps(Tar, Apps, Options) ->
    Errors = [{error_add_appl, {A#application.name, Reason}}
              || {A, To} <- Apps, {error, Reason} <- [add_app(Tar, A, To,
                                                              Options)]],
    Errors =:= [] orelse throw({error, lists:reverse(Errors)}).

add_app(Tar, #application{name = Name, dir = Dir, modules = Mods}, To,
        Options) ->
    Above = case filename:basename(Dir) of
                "ebin" -> filename:dirname(Dir);
                _ -> Dir
            end,
    Dirs = [case D of
                _ when is_atom(D) -> atom_to_list(D);
                _ -> D
            end || {dirs, Ds} <- Options, D <- Ds],
    try
        [add(Tar, filename:join(Above, D), filename:join(To, D))
         || D <- ["priv" | Dirs], filelib:is_dir(filename:join(Above, D))],
        [add(Tar, filename:join(Dir, F), filename:join([To, "ebin", F]))
         || F <- [atom_to_list(Name) ++ ".app"
                  | [atom_to_list(M) ++ code:objfile_extension()
                     || M <- Mods]]],
        ok
    catch
        throw:{error, _} = Error -> Error
    end.

add_variable(Tar, {Name, Value}, Apps, Options) ->
    File = Name ++ ".tar.gz",
    Depth = length(filename:split(Value)),
    In = [{A, filename:join(middle(lists:nthtail(
                                     Depth, filename:split(
                                              A#application.dir)), A))}
          || A <- Apps],
    Write = fun() ->
                    packed(File, fun(Own) -> add_apps(Own, In, Options) end)
            end,
    case proplists:get_value(var_tar, Options, include) of
        omit -> ok;
        ownfile -> Write();
        include ->
            Write(),
            add(Tar, File, File),
            file:delete(File)
    end.

%% The folders between the variable's and the application's, and its own.
middle(Dirs, App) ->
    Full = with_vsn(App),
    case lists:reverse(Dirs) of
        ["ebin", _ | Middle] -> lists:reverse(Middle) ++ [Full];
        _ -> [Full]
    end.

%% ---- the release ----

add_release(Tar, Name, #release{vsn = Vsn}, Path0) ->
    Base = filename:basename(Name),
    In = filename:join("releases", Vsn),
    Path = [filename:dirname(Name), "." | Path0],
    Rel = Base ++ ".rel",
    [add(Tar, Name ++ ".rel", filename:join(Dir, Rel))
     || Dir <- ["releases", In]],
    case found(["start.boot", Base ++ ".boot"], Path) of
        {_, Boot} -> add(Tar, Boot, filename:join(In, "start.boot"));
        none -> throw({error, {tar_error, {add, boot, Name, enoent}}})
    end,
    [begin
         check(Which, File),
         add(Tar, File, filename:join(In, Which))
     end || Names <- [["relup"], ["sys.config.src", "sys.config"]],
            {Which, File} <- [found(Names, Path)]].

%% {Name, File} of the first of [Names] that is there.
found(Names, Path) ->
    case [{N, F} || N <- Names, D <- Path, F <- [filename:join(D, N)],
                    filelib:is_file(F)] of
        [First | _] -> First;
        [] -> none
    end.

%% What cannot be read would be found out when it is too late.
check("sys.config.src", _) -> ok;
check(Name, File) ->
    case file:consult(File) of
        {ok, [Term]} ->
            is_valid(Name, Term) orelse bad(Name, invalid_format);
        {ok, _} -> bad(Name, invalid_format);
        Error -> bad(Name, Error)
    end.

-spec bad(string(), term()) -> no_return().
bad(Name, Why) -> throw({error, {tar_error, {add, Name, [Why]}}}).

is_valid("relup", {[C | _], Up, Down}) ->
    is_integer(C) andalso is_list(Up) andalso is_list(Down);
is_valid("sys.config", Config) when is_list(Config) ->
    lists:all(fun({App, Env}) -> is_atom(App) andalso is_list(Env);
                 ([C | _]) -> is_integer(C);
                 (_) -> false
              end, Config);
is_valid(_, _) -> false.

%% The emulator, but for tools that a running system has no use for.
add_erts(Tar, #release{erts_vsn = Vsn}, Options) ->
    Tools = ["typer", "dialyzer", "ct_run", "yielding_c_fun", "erlc"],
    Bin = filename:join("erts-" ++ Vsn, "bin"),
    [case file:list_dir(filename:join(Root, Bin)) of
         {ok, Names} ->
             [add(Tar, filename:join([Root, Bin, N]), filename:join(Bin, N))
              || N <- Names, lists:member(erts_all, Options)
                     orelse not lists:member(N, Tools)];
         {error, Reason} ->
             throw({error, {tar_error, {add, filename:join(Root, Bin),
                                        Reason}}})
     end || {erts, Root} <- Options].
