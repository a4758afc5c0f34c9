%% SPDX-License-Identifier: Apache-2.0
%% mod_auth: guards folders, each by a property directory, {Path, Data}: who may
%% come in from where (allow_from, deny_from), and with whose password
%% (require_user, require_group, and auth_type for where these are kept).
-module(mod_auth).

-export([do/1, store/2, remove/1]).
-export([add_user/2, add_user/5, add_user/6, get_user/2, get_user/3,
         get_user/4, list_users/1, list_users/2, list_users/3, delete_user/2,
         delete_user/3, delete_user/4, add_group_member/3, add_group_member/4,
         add_group_member/5, list_group_members/2, list_group_members/3,
         list_group_members/4, list_groups/1, list_groups/2, list_groups/3,
         delete_group_member/3, delete_group_member/4, delete_group_member/5,
         delete_group/2, delete_group/3, delete_group/4, update_password/5,
         update_password/6]).

-include("httpd.hrl").
-include("mod_auth.hrl").

-define(NO_PASSWORD, "NoPassword"). % to change users, if none is set
-define(HOST, "mod_auth: Connection from your host is not allowed").

do(#mod{data = Data, config_db = Table, request_uri = Uri} = Mod) ->
    Guarded = not mod_alias:is_answered(Data)
        andalso guarded(mod_alias:path(Data, Table, Uri), Table),
    case Guarded of
        false -> {proceed, Data};
        Folder ->
            #mod{init_data = #init_data{peername = {_, Host}}} = Mod,
            case is_welcome(Host, Folder) of
                true -> known(proplists:get_value(auth_type, Folder, none),
                              Folder, Mod);
                false -> {proceed, [{status, {403, Uri, ?HOST}} | Data]}
            end
    end.

%% The data of the folder that fits a path longest.
guarded(Path, Table) ->
    Found = [{Length, Data}
             || {Folder, Data} <- httpd_util:multi_lookup(Table, directory),
                {match, [{_, Length}]} <- [re:run(Path, Folder,
                                                  [{capture, first}])]],
    case lists:reverse(lists:keysort(1, Found)) of
        [{_, Data} | _] -> Data;
        [] -> false
    end.

is_welcome(Host, Folder) ->
    fits(Host, proplists:get_value(allow_from, Folder, all))
        andalso not fits(Host, proplists:get_value(deny_from, Folder, none)).

fits(_, all) -> true;
fits(_, none) -> false;
fits(Host, Patterns) ->
    lists:any(fun(P) -> re:run(Host, P, [{capture, none}]) =:= match end,
              Patterns).

known(none, _, #mod{data = Data}) -> {proceed, Data};
known(_, Folder, #mod{data = Data, parsed_header = Headers} = Mod) ->
    Users = proplists:get_value(require_user, Folder),
    Groups = proplists:get_value(require_group, Folder),
    case http_headers:get("authorization", Headers) of
        _ when Users =:= undefined, Groups =:= undefined -> {proceed, Data};
        undefined -> required(Folder, Mod);
        "Basic" ++ Text ->
            try string:split(base64:decode_to_string(Text), ":") of
                [User, Password] ->
                    case is_member(User, Users, Groups, Folder)
                        andalso mod_auth_users:get_user(Folder, User) of
                        {ok, #httpd_user{password = Password}} ->
                            {proceed, [{remote_user, User} | Data]};
                        _ -> required(Folder, Mod)
                    end;
                _ -> bad_credentials(Text, Data)
            catch error:_ -> bad_credentials("Basic" ++ Text, Data)
            end;
        Text -> bad_credentials(Text, Data)
    end.

bad_credentials(Text, Data) ->
    {proceed, [{status, {401, none, "mod_auth: Bad credentials " ++ Text}}
               | Data]}.

is_member(User, Users, Groups, Folder) ->
    is_list(Users) andalso lists:member(User, Users)
        orelse is_list(Groups) andalso
        lists:any(fun(Group) ->
                          case mod_auth_users:list_members(Folder, Group) of
                              {ok, Members} -> lists:member(User, Members);
                              {error, _} -> false
                          end
                  end, Groups).

required(Folder, #mod{data = Data, config_db = Table}) ->
    case proplists:get_value(auth_name, Folder) of
        undefined ->
            {proceed, [{status, {500, none, "mod_auth: AuthName directive not "
                                 "specified"}} | Data]};
        Realm ->
            Phrase = httpd_util:reason_phrase(401),
            {proceed,
             [{response,
               {401, ["WWW-Authenticate: Basic realm=\"", Realm,
                      "\"\r\n\r\n<HTML>\n<HEAD>\n<TITLE>", Phrase,
                      "</TITLE>\n</HEAD>\n<BODY>\n<H1>", Phrase, "</H1>\n",
                      httpd_util:message(401, none, Table),
                      "\n</BODY>\n</HTML>\n"]}} | Data]}
    end.

%% ---- properties ----

store({directory, {Path, Data}}, All) when is_list(Path), is_list(Data) ->
    Type = proplists:get_value(auth_type, Data, none),
    [throw({error, {missing_auth_file, Key, {directory, {Path, Data}}}})
     || Type =:= plain, Key <- [auth_user_file, auth_group_file],
        not is_list(proplists:get_value(Key, Data))],
    Root = proplists:get_value(server_root, All, ""),
    Folder = filename:join(Root, Path),
    Access = ets:new(mod_auth_access, [public]),
    ets:insert(Access, {password, proplists:get_value(auth_access_password,
                                                      Data, ?NO_PASSWORD)}),
    Common = [{auth_access, Access}, {path, Folder},
              {port, proplists:get_value(port, All)},
              {bind_address, proplists:get_value(bind_address, All)}
              | lists:keydelete(auth_access_password, 1, Data)],
    case Type of
        none -> {ok, {directory, {Folder, Common}}};
        _ -> {ok, {directory, {Folder, mod_auth_users:open(Type, Common,
                                                           Root)}}}
    end;
store({directory, Wrong}, _) -> {error, {wrong_type, {directory, Wrong}}}.

remove(Table) ->
    [begin
         ets:delete(proplists:get_value(auth_access, Data)),
         mod_auth_users:close(Data)
     end || {_, Data} <- httpd_util:multi_lookup(Table, directory)],
    ok.

%% ---- users and groups, from outside ----

%% Options are port, dir, addr and authPassword; Fun gets the folder's data.
with_options(Options, Fun) ->
    case {proplists:get_value(port, Options),
          proplists:get_value(dir, Options)} of
        {Port, Dir} when is_integer(Port), is_list(Dir) ->
            with_folder(proplists:get_value(addr, Options), Port, Dir,
                        proplists:get_value(authPassword, Options,
                                            ?NO_PASSWORD), Fun);
        _ -> {error, bad_dir}
    end.

with_folder(Address, Port, Dir, Password, Fun) ->
    case [Data || Pid <- httpd_sup:servers(Address, Port),
                  {Path, Data} <- [D || {directory, D}
                                            <- httpd_server:info(Pid)],
                  Path =:= Dir] of
        [Data | _] ->
            Access = proplists:get_value(auth_access, Data),
            case ets:lookup(Access, password) of
                [{_, Password}] -> Fun(Data);
                _ -> {error, bad_password}
            end;
        [] -> {error, no_such_directory}
    end.

with_folder(Address, Port, Dir, Fun) ->
    with_folder(Address, Port, Dir, ?NO_PASSWORD, Fun).

add_user(Name, Options) ->
    case {proplists:get_value(userData, Options),
          proplists:get_value(password, Options)} of
        {undefined, _} -> {error, no_userdata};
        {_, undefined} -> {error, no_password};
        {More, Password} ->
            User = #httpd_user{username = Name, password = Password,
                               user_data = More},
            with_options(Options,
                         fun(D) -> mod_auth_users:add_user(D, User) end)
    end.
add_user(Name, Password, More, Port, Dir) ->
    add_user(Name, Password, More, undefined, Port, Dir).
add_user(Name, Password, More, Address, Port, Dir) ->
    User = #httpd_user{username = Name, password = Password,
                       user_data = More},
    with_folder(Address, Port, Dir,
                fun(D) -> mod_auth_users:add_user(D, User) end).

get_user(Name, Options) ->
    with_options(Options, fun(D) -> mod_auth_users:get_user(D, Name) end).
get_user(Name, Port, Dir) -> get_user(Name, undefined, Port, Dir).
get_user(Name, Address, Port, Dir) ->
    with_folder(Address, Port, Dir,
                fun(D) -> mod_auth_users:get_user(D, Name) end).

list_users(Options) -> with_options(Options, fun mod_auth_users:list_users/1).
list_users(Port, Dir) -> list_users(undefined, Port, Dir).
list_users(Address, Port, Dir) ->
    with_folder(Address, Port, Dir, fun mod_auth_users:list_users/1).

delete_user(Name, Options) ->
    with_options(Options, fun(D) -> mod_auth_users:delete_user(D, Name) end).
delete_user(Name, Port, Dir) -> delete_user(Name, undefined, Port, Dir).
delete_user(Name, Address, Port, Dir) ->
    with_folder(Address, Port, Dir,
                fun(D) -> mod_auth_users:delete_user(D, Name) end).

add_group_member(Group, User, Options) ->
    with_options(Options,
                 fun(D) -> mod_auth_users:add_member(D, Group, User) end).
add_group_member(Group, User, Port, Dir) ->
    add_group_member(Group, User, undefined, Port, Dir).
add_group_member(Group, User, Address, Port, Dir) ->
    with_folder(Address, Port, Dir,
                fun(D) -> mod_auth_users:add_member(D, Group, User) end).

list_group_members(Group, Options) ->
    with_options(Options, fun(D) -> mod_auth_users:list_members(D, Group) end).
list_group_members(Group, Port, Dir) ->
    list_group_members(Group, undefined, Port, Dir).
list_group_members(Group, Address, Port, Dir) ->
    with_folder(Address, Port, Dir,
                fun(D) -> mod_auth_users:list_members(D, Group) end).

list_groups(Options) -> with_options(Options, fun mod_auth_users:list_groups/1).
list_groups(Port, Dir) -> list_groups(undefined, Port, Dir).
list_groups(Address, Port, Dir) ->
    with_folder(Address, Port, Dir, fun mod_auth_users:list_groups/1).

delete_group_member(Group, User, Options) ->
    with_options(Options,
                 fun(D) -> mod_auth_users:delete_member(D, Group, User) end).
delete_group_member(Group, User, Port, Dir) ->
    delete_group_member(Group, User, undefined, Port, Dir).
delete_group_member(Group, User, Address, Port, Dir) ->
    with_folder(Address, Port, Dir,
                fun(D) -> mod_auth_users:delete_member(D, Group, User) end).

delete_group(Group, Options) ->
    with_options(Options, fun(D) -> mod_auth_users:delete_group(D, Group) end).
delete_group(Group, Port, Dir) -> delete_group(Group, undefined, Port, Dir).
delete_group(Group, Address, Port, Dir) ->
    with_folder(Address, Port, Dir,
                fun(D) -> mod_auth_users:delete_group(D, Group) end).

%% The password for all of the above.
update_password(Port, Dir, Old, New, Same) ->
    update_password(undefined, Port, Dir, Old, New, Same).
update_password(Address, Port, Dir, Old, New, New) when is_list(New) ->
    with_folder(Address, Port, Dir, Old,
                fun(Data) ->
                        ets:insert(proplists:get_value(auth_access, Data),
                                   {password, New}),
                        ok
                end);
update_password(_, _, _, _, New, New) -> {error, badtype};
update_password(_, _, _, _, _, _) -> {error, notqeual}.
