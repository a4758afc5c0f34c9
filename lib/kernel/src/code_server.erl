%% SPDX-License-Identifier: Apache-2.0
%% code_server: the process that knows the code path and which module came
%% from which file, and through which all loading goes, one at a time.
%%
%% The library's modules lie in a pack inside the program. The folders of the
%% pack are part of the code path as ROOT/lib/APP-VSN/ebin, where ROOT is the
%% program's own path. A folder on disk of the same name comes first.
%%
%% It must not need a module that is not loaded, but for those of the pack:
%% error_handler loads these straight away for this process.
-module(code_server).

-export([start/1, call/1, load_from_pack/1, root/0]).
-export([system_continue/3, system_terminate/4, system_code_change/4]).

-record(state, {paths = [] :: [string()],
                root :: string(),
                mode = interactive :: interactive | embedded,
                files = #{} :: #{module() => file:filename() | atom()},
                sticky_dirs = #{} :: #{string() => []},
                sticky_modules = #{} :: #{module() => []},
                packed = #{} :: #{string() => string()},
                archives = #{} :: #{string() => code_archive:archive()},
                loader = none :: inet_loader:loader(),
                loader_path = code :: code | [string()],
                owner :: pid() | undefined,
                on_load = [] :: [tuple()]}).

%%% The other side

%% Starts the server for the command line's [Flags].
-spec start([{atom(), [string()]}]) -> ok.
start(Flags) ->
    case whereis(code_server) of
        undefined ->
            Parent = self(),
            Pid = spawn(fun() -> init(Parent, Flags) end),
            receive {Pid, started} -> ok end;
        _ -> ok
    end.

-spec call(term()) -> term().
call(Request) ->
    Monitor = monitor(process, code_server),
    code_server ! {code_call, self(), Monitor, Request},
    receive
        {code_server, Monitor, Answer} ->
            demonitor(Monitor, [flush]),
            case Answer of
                {'$failed', Reason} -> erlang:error(Reason);
                _ -> Answer
            end;
        {'DOWN', Monitor, _, _, _} -> exit({code_server, noproc})
    end.

%% Loads a module of the pack without the server: for the server itself, and
%% for the time before it runs.
-spec load_from_pack(module()) -> {module, module()} | {error, term()}.
load_from_pack(Module) ->
    case merle_pack:load(Module) of
        undefined -> {error, nofile};
        Result -> Result
    end.

%% The path of the program.
-spec root() -> string().
root() -> call(root).

%%% The server

init(Parent, Flags) ->
    register(code_server, self()),
    process_flag(trap_exit, true),
    Root = root(Flags),
    Packed = packed_dirs(Root),
    Loader = case lists:keymember(loader, 1, Flags) of
                 true -> inet_loader:start(Flags);
                 false -> none
             end,
    Paths = first_paths(Flags, Packed),
    State = mount(Paths,
                  #state{root = Root, packed = Packed, mode = mode(Flags),
                         paths = Paths, loader = Loader,
                         sticky_dirs = first_sticky(Flags, Packed)}),
    State1 = State#state{files = first_files(State)},
    Parent ! {self(), started},
    loop(State1).

%% init gives it always.
root(Flags) -> hd([R || {root, [R]} <- Flags]).

mode(Flags) ->
    case [M || {mode, [M]} <- Flags] of
        ["embedded" | _] -> embedded;
        _ -> interactive
    end.

%% The ebin folders of the pack: as on the code path, and within the pack.
packed_dirs(Root) ->
    maps:from_list([{Root ++ "/" ++ Dir, Dir} || Dir <- merle_pack:dirs()]).

dir_of(File) -> drop_last(lists:reverse(File)).

drop_last([$/ | Cs]) -> lists:reverse(Cs);
drop_last([_ | Cs]) -> drop_last(Cs);
drop_last([]) -> "".

%% -pa folders, the current folder, kernel and stdlib, ERL_LIBS, the rest of the
%% pack, -pz folders. What ERL_LIBS has of applications that the pack has, too,
%% comes behind it: it may lead to an installed OTP, whose kernel and stdlib are
%% made for another system. Flags
%% that stand earlier come first in the result of -pa as OTP has it: the
%% first folder of the last -pa is first.
first_paths(Flags, Packed) ->
    First = [D || D <- lists:reverse(lists:append([Dirs || {pa, Dirs}
                                                               <- Flags])),
                  is_dir(D) orelse archive_of(D) =/= none],
    Last = [D || {pz, Dirs} <- Flags, D <- Dirs,
                 is_dir(D) orelse archive_of(D) =/= none],
    Library = library_order(lists:sort(maps:keys(Packed))),
    Middle = case mode(Flags) of
                 interactive -> ["." | with_extra(Library, extra_libraries())];
                 embedded -> Library
             end,
    First ++ Middle ++ Last.

with_extra(Library, Extra) ->
    Apps = [app_of(D) || D <- Library],
    {Base, Rest} = lists:splitwith(fun is_base/1, Library),
    {Doubles, New} = lists:partition(
                       fun(D) -> lists:member(app_of(D), Apps) end, Extra),
    Base ++ New ++ Rest ++ Doubles.

is_base(Dir) -> lists:member(app_of(Dir), ["kernel", "stdlib"]).

%% kernel and stdlib come first.
library_order(Dirs) ->
    Base = [D || App <- ["kernel", "stdlib"], D <- Dirs, app_of(D) =:= App],
    Base ++ [D || D <- Dirs, not lists:member(D, Base)].

app_of(Dir) ->
    case lists:reverse(split(Dir, $/)) of
        [_, Name | _] -> hd(split(Name, $-));
        [Name] -> hd(split(Name, $-))
    end.

split(Text, Separator) -> split(Text, Separator, [], []).

split([C | Cs], C, Word, Words) ->
    split(Cs, C, [], [lists:reverse(Word) | Words]);
split([C | Cs], Separator, Word, Words) ->
    split(Cs, Separator, [C | Word], Words);
split([], _, Word, Words) ->
    lists:reverse([lists:reverse(Word) | Words]).

%% ERL_LIBS: folders of applications, separated by colons.
extra_libraries() ->
    case os:getenv("ERL_LIBS") of
        false -> [];
        Text ->
            lists:append([ebin_dirs(Dir) || Dir <- split(Text, $:), Dir =/= ""])
    end.

ebin_dirs(Library) ->
    case prim_file:list_dir(Library) of
        {ok, Names} ->
            Versions = lists:reverse(lists:sort([version(N) || N <- Names])),
            Own = Library ++ "/ebin",
            [Own || is_dir(Own)]
                ++ lists:append([ebin_of(Library, N)
                                 || N <- newest(Versions, "")]);
        _ -> []
    end.

%% {App, [Number], Name}. Of an application that is there as a folder and as an
%% archive the folder comes first.
version(Name) ->
    Base = without_ez(Name),
    Words = split(Base, $-),
    Kind = case Base of Name -> 1; _ -> 0 end,
    case catch [list_to_integer(N) || N <- split(lists:last(Words), $.)] of
        [_ | _] = Numbers when tl(Words) =/= [] ->
            Size = length(Base) - length(lists:last(Words)) - 1,
            {lists:sublist(Base, Size), Numbers, Kind, Name};
        _ -> {Base, [], Kind, Name}
    end.

without_ez(Name) ->
    case lists:reverse(Name) of
        "ze." ++ Base -> lists:reverse(Base);
        _ -> Name
    end.

%% Of each application only the highest version; names come in falling order.
newest([{App, _, _, _} | Names], App) -> newest(Names, App);
newest([{App, _, _, Name} | Names], _) -> [Name | newest(Names, App)];
newest([], _) -> [].

%% The code of an application: below its folder, in its archive, or the folder
%% itself.
ebin_of(Library, Name) ->
    Base = without_ez(Name),
    Dir = Library ++ "/" ++ Name,
    Plain = Dir ++ "/ebin",
    Archive = Library ++ "/" ++ Base ++ ".ez",
    case is_dir(Plain) of
        true -> [Plain];
        false ->
            case code_archive:open(Archive) of
                {ok, A} ->
                    {App, _, _, _} = version(Base),
                    lists:sublist([Archive ++ "/" ++ D ++ "/ebin"
                                   || D <- [App, Base],
                                      code_archive:kind(D ++ "/ebin", A)
                                          =:= dir], 1);
                error -> [Dir || is_dir(Dir)]
            end
    end.

is_dir(Dir) ->
    case prim_file:list_dir(Dir) of
        {ok, _} -> true;
        _ -> false
    end.

first_sticky(Flags, Packed) ->
    case lists:keymember(nostick, 1, Flags) of
        true -> #{};
        false ->
            maps:from_list([{D, []} || D <- maps:keys(Packed),
                                       lists:member(app_of(D),
                                                    ["kernel", "stdlib",
                                                     "compiler"])])
    end.

%% What was loaded before there was a server came from the pack.
first_files(State) ->
    maps:from_list([{M, packed_or_preloaded(M, State)}
                    || M <- erlang:loaded()]).

packed_or_preloaded(Module, State) ->
    case is_preloaded(Module) of
        true -> preloaded;
        false -> packed_file(Module, State)
    end.

%% What others have before they have this server, though here it lies in the
%% pack. What is C alone is loaded and not in the pack: packed_file/2 tells.
is_preloaded(Module) ->
    lists:member(Module, [atomics, counters, init, prim_eval, prim_inet, zlib]).

packed_file(Module, #state{root = Root}) ->
    case merle_pack:find(Module) of
        undefined -> preloaded;
        Path -> Root ++ "/" ++ Path
    end.

loop(State) ->
    receive
        {code_call, From, Tag, Request} ->
            case handled(Request, {From, Tag}, State) of
                {reply, Answer, State1} ->
                    From ! {code_server, Tag, Answer},
                    loop(State1);
                {noreply, State1} ->
                    loop(State1)
            end;
        {'DOWN', Ref, process, Pid, Result} ->
            loop(on_load_done({Pid, Ref}, Result, State));
        {'EXIT', Owner, Reason} when Owner =:= State#state.owner ->
            exit(Reason);
        {system, From, Request} ->
            sys:handle_system_msg(Request, From, State#state.owner, ?MODULE,
                                  [], State);
        _ -> loop(State)
    end.

%% What a caller gave wrong is for the caller: the server lives on.
handled(Request, Caller, State) ->
    try handle(Request, Caller, State)
    catch error:Reason -> {reply, {'$failed', Reason}, State}
    end.

system_continue(_, _, State) -> loop(State).

-spec system_terminate(term(), pid(), term(), #state{}) -> no_return().
system_terminate(Reason, _, _, _) -> exit(Reason).

system_code_change(State, _, _, _) -> {ok, State}.

handle(root, _, S) -> {reply, S#state.root, S};
handle({owner, Pid}, _, S) -> {reply, ok, S#state{owner = Pid}};
handle(get_path, _, S) -> {reply, S#state.paths, S};
handle({loader_path, get}, _, #state{loader_path = Path} = S) ->
    {reply, case Path of code -> S#state.paths; _ -> Path end, S};
handle({loader_path, Path}, _, S) ->
    {reply, ok, S#state{loader_path = Path}};
handle(get_mode, _, S) -> {reply, S#state.mode, S};
handle({set_path, Paths}, _, S) -> set_path(Paths, S);
handle({add_paths, Where, Paths}, _, S) -> add_paths(Where, Paths, S);
handle({del_path, Name}, _, S) -> delete_path(Name, S);
handle({replace_path, Name, Dir}, _, S) -> replace_path(Name, Dir, S);
handle({lib_dir, Name}, _, S) -> {reply, lib_dir(Name, S), S};
handle({lib_dir, Name, Sub}, _, S) -> {reply, lib_dir(Name, Sub, S), S};
handle({stick_dir, Dir}, _, S) ->
    case add_path(Dir, S) of
        {ok, _} ->
            Sticky = (S#state.sticky_dirs)#{absolute(Dir) => []},
            {reply, ok, S#state{sticky_dirs = Sticky}};
        _ -> {reply, error, S}
    end;
handle({unstick_dir, Dir}, _, S) ->
    Sticky = maps:remove(absolute(Dir), S#state.sticky_dirs),
    {reply, ok, S#state{sticky_dirs = Sticky}};
handle({stick_mod, Module}, _, S) ->
    Sticky = (S#state.sticky_modules)#{Module => true},
    {reply, true, S#state{sticky_modules = Sticky}};
handle({unstick_mod, Module}, _, S) ->
    Sticky = (S#state.sticky_modules)#{Module => false},
    {reply, true, S#state{sticky_modules = Sticky}};
handle({is_sticky, Module}, _, S) -> {reply, is_sticky(Module, S), S};
handle({is_loaded, Module}, _, S) ->
    {reply, is_loaded(Module, S), S};
handle(all_loaded, _, S) ->
    {reply, [{M, file_of(M, S)} || M <- erlang:loaded()], S};
handle({find, Module}, _, S) -> {reply, with_bytes(find(Module, S)), S};
handle({where, Name}, _, S) -> {reply, find_file(Name, S#state.paths, S), S};
handle({remote, _}, _, #state{loader = none} = S) -> {reply, none, S};
handle({remote, Request}, _, #state{loader = Loader} = S) ->
    {Answer, Loader1} = inet_loader:request(Request, Loader),
    {reply, Answer, S#state{loader = Loader1}};
handle({read, File}, _, S) -> {reply, read(File, mount([File], S)), S};
handle({list_dir, Dir}, _, S) ->
    {reply, list_dir(Dir, mount([Dir], S)), S};
handle({kind, Name}, _, S) ->
    {reply, archived_kind(Name, mount([Name], S)), S};
handle(unmount, _, S) ->
    {reply, ok, mount(S#state.paths, S#state{archives = #{}})};
handle({mount, File, Bytes}, _, S) -> mount_bytes(File, Bytes, S);
handle({purge, Module}, _, S) -> {reply, purge(Module), S};
handle({soft_purge, Module}, _, S) -> {reply, soft_purge(Module), S};
handle({delete, Module}, _, S) -> delete(Module, S);
handle({ensure_loaded, Module}, From, S) ->
    case erlang:module_loaded(Module) of
        true -> {reply, {module, Module}, S};
        false when S#state.mode =:= embedded ->
            case merle_pack:find(Module) of
                undefined -> {reply, {error, embedded}, S};
                _ -> load_file(Module, From, S)
            end;
        false ->
            case is_loading(Module, S) of
                true -> wait_on_load(Module, From, S);
                false -> load_file(Module, From, S)
            end
    end;
handle({is_loading, Module}, _, S) -> {reply, is_loading(Module, S), S};
handle({boot_load, Module}, From, S) -> load_file(Module, From, S);
handle({load_file, Module}, From, S) ->
    case is_taken(Module, S) of
        true -> refuse_sticky(Module, From, S);
        false -> load_file(Module, From, S)
    end;
handle({load_abs, File, Module}, From, S) ->
    Name = absolute(File) ++ ".beam",
    case read(Name, S) of
        {ok, Beam} -> load(Module, Name, Beam, From, S);
        _ -> {reply, {error, nofile}, S}
    end;
handle({load_binary, Module, File, Beam} = Request, From, S) ->
    case is_loading(Module, S) of
        true -> load_later(Module, From, Request, S);
        false ->
            %% Of a module that was deleted old code may stay.
            _ = erlang:module_loaded(Module) andalso purge(Module),
            load(Module, File, Beam, From, S)
    end;
handle({loaded_as, Module, File}, _, S) ->
    {reply, ok, remember(Module, File, S)};
handle(_, _, S) -> {reply, {error, badrequest}, S}.

%%% Paths

%% All of the folders must be there, or the path stays.
set_path(Paths, S0) ->
    S = mount(Paths, S0),
    case is_path_list(Paths)
        andalso lists:all(fun(D) -> element(1, add_path(D, S)) =:= ok end,
                          Paths) of
        true -> {reply, true, S#state{paths = normal_paths(Paths)}};
        false -> {reply, {error, bad_directory}, S}
    end.

is_path_list(Paths) when is_list(Paths) ->
    lists:all(fun(P) -> is_list(P) orelse is_atom(P) end, Paths);
is_path_list(_) -> false.

normal_paths(Paths) -> [text(P) || P <- Paths].

text(P) when is_atom(P) -> atom_to_list(P);
text(P) when is_binary(P) -> unicode:characters_to_list(P);
text(P) -> trim(lists:flatten(P)).

%% A folder's name without the slash at its end.
trim("/") -> "/";
trim(P) ->
    case lists:reverse(P) of
        [$/ | R] -> trim(lists:reverse(R));
        _ -> P
    end.

%% Adds folders; one that is on the path already keeps its place at the end,
%% or moves to the front.
add_paths(Where, Dirs, S0) ->
    S = mount(Dirs, S0),
    Result = [add_path(D, S) || D <- Dirs],
    Good = [D || {ok, D} <- Result],
    Paths = case Where of
                first -> lists:foldl(fun add_first/2, S#state.paths, Good);
                last -> lists:foldl(fun add_last/2, S#state.paths, Good)
            end,
    Answer = case [E || {error, _} = E <- Result] of
                 [] -> true;
                 [Error | _] -> Error
             end,
    {reply, Answer, S#state{paths = Paths}}.

add_first(Dir, Paths) -> [Dir | lists:delete(Dir, Paths)].

add_last(Dir, Paths) ->
    case lists:member(Dir, Paths) of
        true -> Paths;
        false -> Paths ++ [Dir]
    end.

add_path(Dir0, S) when is_list(Dir0); is_atom(Dir0); is_binary(Dir0) ->
    try text(Dir0) of
        Dir ->
            case is_map_key(Dir, S#state.packed) orelse is_dir(Dir)
                orelse S#state.loader =/= none
                orelse archived_kind(Dir, S) =/= none of
                true -> {ok, Dir};
                false -> {error, bad_directory}
            end
    catch
        error:_ -> {error, bad_directory}
    end;
add_path(_, _) -> {error, bad_directory}.

delete_path(Name, S) when is_atom(Name); is_list(Name) ->
    Text = try text(Name) catch error:_ -> "" end,
    Kept = case lists:member(Text, S#state.paths) of
               true -> lists:delete(Text, S#state.paths);
               false -> delete_app(Text, S#state.paths)
           end,
    {reply, length(Kept) < length(S#state.paths), S#state{paths = Kept}};
delete_path(_, S) -> {reply, {error, bad_name}, S}.

delete_app(App, [Dir | Dirs]) ->
    case is_app_dir(App, Dir) of
        true -> Dirs;
        false -> [Dir | delete_app(App, Dirs)]
    end;
delete_app(_, []) -> [].

%% Whether [Dir] is .../APP/ebin or .../APP-VSN/ebin, or .../APP.
is_app_dir(App, Dir) ->
    case lists:reverse(split(Dir, $/)) of
        ["ebin", Name | _] -> Name =:= App orelse hd(split(Name, $-)) =:= App;
        [Name | _] -> Name =:= App orelse hd(split(Name, $-)) =:= App;
        [] -> false
    end.

replace_path(Name, Dir0, S) ->
    try {text(Name), text(Dir0)} of
        {App, Text} ->
            case is_app_dir(App, Text) andalso add_path(Text, S) of
                {ok, Dir} ->
                    Paths = replace_app(App, Dir, S#state.paths),
                    {reply, true, S#state{paths = Paths}};
                false -> {reply, {error, bad_name}, S};
                Error -> {reply, Error, S}
            end
    catch
        error:_ -> {reply, {error, bad_name}, S}
    end.

replace_app(App, New, [Dir | Dirs]) ->
    case is_app_dir(App, Dir) of
        true -> [New | Dirs];
        false -> [Dir | replace_app(App, New, Dirs)]
    end;
replace_app(_, New, []) -> [New].

%% The folder above the ebin folder of application [Name].
lib_dir(Name, S) ->
    try text(Name) of
        App -> lib_dir1(App, S#state.paths)
    catch
        error:_ -> {error, bad_name}
    end.

lib_dir1(App, Dirs) ->
    case [D || D <- Dirs, is_app_dir(App, D)] of
        [Dir | _] -> lib_of(absolute(Dir));
        [] -> {error, bad_name}
    end.

%% An archive stands for the folder that it has the name of.
lib_of(Dir) ->
    case lists:reverse(split(Dir, $/)) of
        ["ebin" | _] ->
            App = dir_of(Dir),
            Above = dir_of(App),
            case without_ez(Above) of
                Above -> App;
                Archived -> Archived
            end;
        _ -> Dir
    end.

%% A folder of an application, which may lie in its archive.
lib_dir(Name, Sub, S) ->
    case lib_dir(Name, S) of
        Dir when is_list(Dir) ->
            App = text(Name),
            [Ebin | _] = [absolute(D) || D <- S#state.paths,
                                         is_app_dir(App, D)],
            Inner = below(dir_of(Ebin), atom_to_list(Sub)),
            case archived_kind(Inner, S) of
                dir -> Inner;
                _ -> below(Dir, atom_to_list(Sub))
            end;
        Error -> Error
    end.

absolute(Name) ->
    case lists:flatten([Name]) of
        [$/ | _] = Path -> trim(Path);
        Path ->
            {ok, Dir} = prim_file:get_cwd(),
            below(trim(Dir), drop_dots(Path))
    end.

drop_dots("./" ++ Path) -> drop_dots(Path);
drop_dots(".") -> "";
drop_dots(Path) -> trim(Path).

below(Dir, "") -> Dir;
below("/", Path) -> "/" ++ Path;
below(Dir, Path) -> Dir ++ "/" ++ Path.

%%% Finding files

%% {ok, File, Bytes | {packed, Path}} of the module's object file, or error.
find(Module, S) -> find_in(Module, S#state.paths, S).

find_in(Module, Dirs, S) ->
    find_name(atom_to_list(Module) ++ ".beam", Dirs, S).

find_name(Name, [Dir | Dirs], S) ->
    case look_in(Dir, Name, S) of
        {ok, Found} -> {ok, below(absolute(Dir), Name), Found};
        _ -> find_name(Name, Dirs, S)
    end;
find_name(_, [], _) -> error.

look_in(Dir, Name, S) ->
    case S#state.packed of
        #{Dir := Packed} ->
            Path = Packed ++ "/" ++ Name,
            case merle_pack:has(Path) of
                true -> {ok, {packed, Path}};
                false -> error
            end;
        _ -> read_disk(below(Dir, Name), S)
    end.

with_bytes({ok, File, {packed, Path}}) -> {ok, File, merle_pack:read(Path)};
with_bytes(Found) -> Found.

%% The path of file [Name] (not only object files) on the code path.
find_file(Name, [Dir | Dirs], S) ->
    case has_file(Dir, Name, S) of
        true -> below(Dir, Name);
        false -> find_file(Name, Dirs, S)
    end;
find_file(_, [], _) -> non_existing.

has_file(Dir, Name, S) ->
    case S#state.packed of
        #{Dir := Packed} ->
            merle_pack:has(Packed ++ "/" ++ Name);
        _ ->
            File = below(Dir, Name),
            Info = case S#state.loader of
                       none -> prim_file:read_file_info(File);
                       Loader -> element(1, inet_loader:request(
                                              {read_file_info, File}, Loader))
                   end,
            case Info of
                {ok, _} -> true;
                _ -> archived_kind(File, S) =/= none
            end
    end.

%% A file by its path, on disk or in the pack.
read(File, S) ->
    case lists:prefix(S#state.root ++ "/", File) of
        true ->
            Path = lists:nthtail(length(S#state.root) + 1, File),
            case merle_pack:read(Path) of
                undefined -> read_disk(File, S);
                Bytes -> {ok, Bytes}
            end;
        false -> read_disk(File, S)
    end.

read_disk(File, #state{archives = Archives} = S)
  when map_size(Archives) =:= 0 ->
    read_file(File, S);
read_disk(File, S) ->
    case archived(File, S) of
        none -> read_file(File, S);
        {Archive, Name} -> code_archive:read(Name, Archive)
    end.

%% From the disk, or from the node that has the files for this one.
read_file(File, #state{loader = none}) -> prim_file:read_file(File);
read_file(File, #state{loader = Loader}) ->
    case inet_loader:request({get, File}, Loader) of
        {{ok, Bytes, _}, _} -> {ok, Bytes};
        _ -> {error, enoent}
    end.

%% The names in a folder, on disk or in the pack.
list_dir(Dir0, S) ->
    Dir = trim(Dir0),
    case lists:prefix(S#state.root ++ "/", Dir ++ "/") of
        true ->
            Path = Dir ++ "/",
            Names = [first_part(lists:nthtail(length(Path), File))
                     || Packed <- merle_pack:files(),
                        File <- [S#state.root ++ "/" ++ Packed],
                        lists:prefix(Path, File)],
            case lists:usort(Names) of
                [] -> list_disk(Dir, S);
                Found -> {ok, Found}
            end;
        false -> list_disk(Dir, S)
    end.

list_disk(Dir, S) ->
    case archived(Dir, S) of
        none when S#state.loader =:= none -> prim_file:list_dir(Dir);
        none ->
            {Answer, _} = inet_loader:request({list_dir, Dir}, S#state.loader),
            Answer;
        {Archive, Name} -> code_archive:list(Name, Archive)
    end.

first_part(Path) -> hd(split(Path, $/)).

%%% Archives on the path

%% Opens the archives NAME.ez that [Dirs] lie in.
mount([Dir | Dirs], S) ->
    case archive_of(Dir) of
        none -> mount(Dirs, S);
        File when is_map_key(File, S#state.archives) -> mount(Dirs, S);
        File ->
            case code_archive:open(File) of
                {ok, Archive} -> mount(Dirs, mounted(File, Archive, S));
                error -> mount(Dirs, S)
            end
    end;
mount(_, S) -> S.

%% The file of an archive that the folder is in by its name.
archive_of(Dir) ->
    try absolute(text(Dir)) of
        Path -> up_to_archive(split(Path, $/), "")
    catch
        error:_ -> none
    end.

up_to_archive([Name | Names], Above) ->
    Path = below(Above, Name),
    case lists:suffix(".ez", Name) of
        true -> Path;
        false -> up_to_archive(Names, Path)
    end;
up_to_archive([], _) -> none.

mounted(File, Archive, #state{archives = Archives} = S) ->
    S#state{archives = Archives#{File => Archive}}.

%% An archive whose bytes are at hand, of an escript; {ok, its code folders}.
mount_bytes(File0, Bytes, S) ->
    case code_archive:from_bytes(Bytes) of
        {ok, Archive} ->
            File = absolute(File0),
            {reply, {ok, [File ++ "/" ++ Dir
                          || Dir <- code_archive:code_dirs(Archive)]},
             mounted(File, Archive, S)};
        error -> {reply, {error, bad_archive}, S}
    end.

%% The archive that [Path] is in, and its name there.
archived(_, #state{archives = Archives}) when map_size(Archives) =:= 0 -> none;
archived(Path0, #state{archives = Archives}) ->
    Path = absolute(Path0),
    case [{A, tl(lists:nthtail(length(File), Path ++ "/"))}
          || {File, A} <- maps:to_list(Archives),
             lists:prefix(File ++ "/", Path ++ "/")] of
        [] -> none;
        [{Archive, Name} | _] -> {Archive, trim(Name)}
    end.

archived_kind(Path, S) ->
    case archived(Path, S) of
        none -> none;
        {Archive, Name} -> code_archive:kind(Name, Archive)
    end.

%%% Loading

load_file(Module, From, S) ->
    case find_first(Module, S) of
        {ok, File, Beam} -> load(Module, File, Beam, From, S);
        error -> {reply, {error, nofile}, S}
    end.

%% What others have loaded when their prompt is there counts as loaded from the
%% start: no file of its name comes before the pack's, unless its folder is
%% sticky.
find_first(Module, S) ->
    case is_sticky(Module, S) andalso merle_pack:find(Module) of
        "lib/kernel-" ++ _ = Path -> find_sticky(Module, Path, S);
        "lib/stdlib-" ++ _ = Path ->
            case is_at_prompt(Module) of
                true -> find_sticky(Module, Path, S);
                false -> find(Module, S)
            end;
        _ -> find(Module, S)
    end.

find_sticky(Module, Path, S) ->
    case find_in(Module, sticky_paths(S), S) of
        error -> {ok, S#state.root ++ "/" ++ Path, {packed, Path}};
        Found -> Found
    end.

sticky_paths(#state{sticky_dirs = Sticky, packed = Packed, paths = Paths}) ->
    case [D || D <- maps:keys(Sticky), not is_map_key(D, Packed)] of
        [] -> [D || D <- Paths, is_map_key(D, Sticky)];
        _ -> [D || D <- Paths, is_map_key(absolute(D), Sticky)]
    end.

load(Module, File, Beam, From, S) ->
    %% the first load of a sticky module comes from its own folder
    case is_sticky(Module, S)
        andalso (erlang:module_loaded(Module)
                 orelse not is_in_sticky_dir(File, S)) of
        true -> refuse_sticky(Module, From, S);
        false -> load_now(Module, File, Beam, From, S)
    end.

refuse_sticky(Module, From, S) ->
    refuse(From, sticky_directory,
           "Can't load module '~w' that resides in sticky dir\n", [Module], S).

%% What others have loaded by now cannot be loaded again by its name, though
%% here it may not have been used yet.
is_taken(Module, S) -> is_at_prompt(Module) andalso is_sticky(Module, S).

load_now(Module, File, Beam, From, S) ->
    handle_on_load(load_code(Module, Beam), Module, File, From, S).

%% The module's -on_load function runs in a process of its own and ends with
%% what it says; who asked for the module waits for it, the server does not.
handle_on_load({module, Module}, Module, File, _, S) ->
    {reply, {module, Module}, remember(Module, File, S)};
handle_on_load({error, on_load}, Module, File, From, S) ->
    Loader = spawn_monitor(
               fun() -> exit(erlang:call_on_load_function(Module)) end),
    {noreply, S#state{on_load = [{Module, File, Loader, [From]}
                                 | S#state.on_load]}};
handle_on_load({error, Reason}, _, File, From, S) ->
    refuse(From, Reason, "Loading of ~ts failed: ~p\n", [File, Reason], S).

load_code(Module, {packed, _}) -> merle_pack:load(Module);
load_code(Module, Beam) -> erlang:load_module(Module, Beam).

remember(Module, File, S) ->
    Sticky = maps:remove(Module, S#state.sticky_modules),
    S#state{files = (S#state.files)#{Module => File},
            sticky_modules = Sticky}.

is_loading(Module, S) -> lists:keymember(Module, 1, S#state.on_load).

wait_on_load(Module, {Pid, _} = From, S) ->
    {Module, File, Loader, Waiting} = lists:keyfind(Module, 1, S#state.on_load),
    case Loader of
        %% the function calls its own module
        {Pid, _} -> {reply, {module, Module}, S};
        _ ->
            Entry = {Module, File, Loader, [From | Waiting]},
            {noreply, S#state{on_load = lists:keyreplace(Module, 1,
                                                         S#state.on_load,
                                                         Entry)}}
    end.

on_load_done(Loader, Result, S) ->
    case lists:keytake(Loader, 3, S#state.on_load) of
        {value, Entry, Rest} ->
            S1 = finish_on_load(Entry, Result, S),
            S1#state{on_load = Rest};
        false -> S
    end.

finish_on_load({Module, File, _, Waiting}, Result, S) ->
    %% old code of a module that was deleted may stay beside what comes new
    Result =:= ok andalso erlang:module_loaded(Module)
        andalso purge(Module),
    erlang:finish_after_on_load(Module, Result =:= ok),
    %% code that said no is old: what it has started ends
    Result =:= ok orelse purge(Module),
    {Answer, S1} =
        case Result of
            ok -> {{module, Module}, remember(Module, File, S)};
            _ ->
                on_load_failed(Module, Result),
                {{error, on_load_failure}, S}
        end,
    [case Who of
         {Pid, Tag} -> Pid ! {code_server, Tag, Answer};
         {later, {Pid, Tag}, Request} ->
             self() ! {code_call, Pid, Tag, Request}
     end || Who <- lists:reverse(Waiting)],
    S1.

%% Other code of a module waits until it is known what becomes of the code
%% whose function runs.
load_later(Module, From, Request, S) ->
    {value, {_, File, Loader, Waiting}, Rest} =
        lists:keytake(Module, 1, S#state.on_load),
    Later = {later, From, Request},
    {noreply, S#state{on_load = [{Module, File, Loader, [Later | Waiting]}
                                 | Rest]}}.

%% An atom says no on purpose: nothing is reported.
on_load_failed(_, Reason) when is_atom(Reason) ->
    ok;
on_load_failed(Module, Reason) ->
    warn("The on_load function for module ~s returned:~n~P\n",
         [Module, Reason, 10]).

is_loaded(Module, S) ->
    case erlang:module_loaded(Module) orelse is_preloaded(Module) of
        true -> {file, file_of(Module, S)};
        false -> false
    end.

%% Modules of the pack may have been loaded behind the server's back.
file_of(Module, S) ->
    case S#state.files of
        #{Module := File} -> File;
        _ -> packed_or_preloaded(Module, S)
    end.

is_in_sticky_dir(File, S) when is_list(File) ->
    is_map_key(dir_of(absolute(File)), S#state.sticky_dirs);
is_in_sticky_dir(_, _) -> false.

%% Sticky is what was loaded from a sticky folder, or named so itself. What a
%% node always has is sticky before it is called, too.
is_sticky(Module, S) ->
    case S#state.sticky_modules of
        #{Module := Sticky} -> Sticky;
        _ ->
            case file_in_use(Module, S) of
                File when is_list(File) ->
                    is_map_key(dir_of(absolute(File)), S#state.sticky_dirs);
                preloaded -> S#state.sticky_dirs =/= #{};
                _ -> false
            end
    end.

file_in_use(Module, S) ->
    case erlang:module_loaded(Module) orelse is_preloaded(Module)
        orelse is_at_prompt(Module) of
        true -> file_of(Module, S);
        false -> false
    end.

%% What other nodes have loaded when their prompt is there: here it waits in
%% the pack, but nobody's own module may take its place. Other names of the
%% library are free until they are used.
is_at_prompt(Module) ->
    lists:member(Module,
                 [application, application_controller, application_master,
                  beam_lib, binary, c, code, code_server, epp,
                  erl_abstract_code, erl_anno, erl_distribution, erl_eval,
                  erl_features, erl_internal, erl_lint, erl_parse, erl_scan,
                  erl_signal_handler, erpc, error_handler, error_logger, ets,
                  file, file_io_server, file_server, filename, gb_sets,
                  gb_trees, gen, gen_event, gen_server, global, global_group,
                  group, heart, inet, inet_config, inet_db, inet_gethost_native,
                  inet_parse, inet_udp, io, io_lib, io_lib_format,
                  kernel, kernel_config, kernel_refc, lists, logger,
                  logger_backend, logger_config, logger_filters,
                  logger_formatter, logger_h_common,
                  logger_handler_watcher, logger_olp,
                  logger_proxy, logger_server, logger_simple_h, logger_std_h,
                  logger_sup, maps, net_kernel, orddict, ordsets, os,
                  otp_internal, peer, proc_lib, proplists, queue, rand,
                  raw_file_io, rpc, standard_error, string, supervisor,
                  supervisor_bridge, sys,
                  unicode, unicode_util, user, user_drv, user_sup, zlib]).

delete(Module, S) ->
    try erlang:delete_module(Module) of
        true ->
            {reply, true, S#state{files = maps:remove(Module, S#state.files)}};
        _ -> {reply, false, S}
    catch
        error:badarg -> % old code is still there
            log(error_msg, "Module ~w must be purged before deleting\n",
                [Module]),
            {reply, false, S}
    end.

%%% Purging

%% Removes old code; processes that still run it are killed. Answers whether
%% there were any.
purge(Module) ->
    {_, Killed} = erts_code_purger:purge(Module),
    Killed.

%% Removes old code unless a process runs it; answers whether it is gone.
soft_purge(Module) -> erts_code_purger:soft_purge(Module).

%%% Reports; by another process, for the logger may need code to be loaded.

%% The answer comes after the report, whose printing may need this server.
refuse({From, Tag}, Reason, Format, Args, S) ->
    spawn(fun() ->
                  error_logger:error_msg(Format, Args),
                  From ! {code_server, Tag, {error, Reason}}
          end),
    {noreply, S}.

warn(Format, Args) -> log(warning_msg, Format, Args).

log(How, Format, Args) ->
    spawn(fun() -> error_logger:How(Format, Args) end).
