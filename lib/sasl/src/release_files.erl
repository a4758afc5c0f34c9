%% SPDX-License-Identifier: Apache-2.0
%% release_files: the files of releases, and RELEASES, the file that tells
%% which there are: [{release, Name, Vsn, ErtsVsn, [{App, Vsn, Dir}], Status}].
%% Names are relative to the root, so that a system can be moved. What goes
%% wrong is thrown as {error, Reason}.
-module(release_files).

-export([known/1, save/2, release/3, consult/1, read/1, write/2, path/1,
         check/2, is_there/2, copy/2, remove/1, extract/3]).

-include("release_handler.hrl").
-include_lib("kernel/include/file.hrl").

path(Name) -> filename:absname(Name, code:root_dir()).

consult(Name) -> file:consult(path(Name)).

read(Name) -> file:read_file(path(Name)).

write(Name, Bytes) ->
    ok = filelib:ensure_dir(path(Name)),
    case file:write_file(path(Name), Bytes) of
        ok -> ok;
        {error, Reason} -> throw({error, {Reason, path(Name)}})
    end.

copy(File, Dir) ->
    To = filename:join(Dir, filename:basename(File)),
    case read(File) of
        {ok, Bytes} -> write(To, Bytes);
        {error, Reason} -> throw({error, {Reason, File}})
    end.

%% Files and whole folders; links go, not what they lead to.
remove(Name) ->
    Path = path(Name),
    case file:read_link_info(Path) of
        {ok, #file_info{type = directory}} -> done(file:del_dir_r(Path));
        {ok, _} -> done(file:delete(Path));
        {error, _} -> throw({error, {no_such_file, Name}})
    end.

done(ok) -> ok;
done({error, _} = Error) -> throw(Error).

%% [Type]: regular | directory.
check(Name, Type) ->
    is_there(Name, Type) orelse throw({error, {no_such_file, Name}}),
    ok.

is_there(Name, Type) ->
    case file:read_file_info(path(Name)) of
        {ok, #file_info{type = Type}} -> true;
        _ -> false
    end.

%% Takes all files of a package, or those named, out of it. What is there
%% stays as it is.
extract(Tar, Root, Options) ->
    case erl_tar:extract(path(Tar), [compressed, {cwd, Root} | Options]) of
        ok -> ok;
        {error, {Name, Reason}} ->
            throw({error, {cannot_extract_file, Name, Reason}});
        {error, Reason} -> throw({error, Reason})
    end.

%% ---- releases ----

%% {ok, [#release{}]} | error
known(Dir) ->
    case consult(filename:join(Dir, "RELEASES")) of
        {ok, [Releases]} -> {ok, Releases};
        _ -> error
    end.

%% What runs for now only must not seem to run after a restart.
save(Dir, Releases) ->
    Safe = [case Status of
                current -> R#release{status = unpacked};
                _ -> R
            end || #release{status = Status} = R <- Releases],
    Text = io_lib:format("%% ~s~n~tp.~n",
                         [epp:encoding_to_string(utf8), Safe]),
    File = path(filename:join(Dir, "RELEASES")),
    done(file:write_file(File, unicode:characters_to_binary(Text))).

%% The #release{} of a release file. [Libs]: [{App, Vsn, Dir}] of those that
%% are not in Root/lib; names are relative when [Root] is empty.
release(RelFile, Libs, Root) ->
    case consult(RelFile) of
        {ok, [{release, {Name, Vsn}, {erts, Erts}, Apps}]} ->
            #release{name = Name, vsn = Vsn, erts_vsn = Erts,
                     status = unpacking,
                     libs = [lib(A, Libs, Root) || A <- Apps]};
        {ok, [Other]} -> throw({error, {bad_rel_data, Other}});
        {ok, _} -> throw({error, {bad_rel_file, RelFile}});
        {error, Reason} when is_tuple(Reason) ->
            throw({error, {bad_rel_file, RelFile}});
        {error, Reason} -> throw({error, {Reason, RelFile}})
    end.

lib(Entry, Libs, Root) ->
    App = element(1, Entry),
    Vsn = element(2, Entry),
    Name = lists:concat([App, "-", Vsn]),
    case lists:keyfind(App, 1, Libs) of
        {_, _, Dir} ->
            Path = filename:join(Dir, Name),
            check_folder(Path),
            {App, Vsn, Path};
        false when Root =:= "" -> {App, Vsn, filename:join("lib", Name)};
        false -> {App, Vsn, filename:join([Root, "lib", Name])}
    end.

check_folder(Path) ->
    case {is_there(Path, directory), is_there(Path, regular)} of
        {true, _} -> ok;
        {_, true} -> throw({error, {not_a_directory, Path}});
        _ -> throw({error, {no_such_directory, Path}})
    end.
