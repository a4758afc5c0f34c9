%% SPDX-License-Identifier: Apache-2.0
%% mod_auth_users: users and groups of a folder that mod_auth guards: in a table
%% of ets (read from files), in one of dets, or in tables of mnesia, httpd_user
%% and httpd_group.
-module(mod_auth_users).

-export([open/3, close/1, add_user/2, get_user/2, list_users/1, delete_user/2,
         add_member/3, list_members/2, list_groups/1, delete_member/3,
         delete_group/2]).

-include("mod_auth.hrl").

%% Folder's data with a store in it, of type plain, dets or mnesia; throws
%% {error, Reason}.
open(plain, Data, Root) ->
    [Users, Groups] =
        [begin
             Table = ets:new(Name, [public]),
             ets:insert(Table, [entry(Key, Line, Data)
                                || Line <- lines(file(Key, Data, Root))]),
             Table
         end || {Key, Name} <- [{auth_user_file, httpd_passwd},
                                {auth_group_file, httpd_group}]],
    [{auth_store, {ets, Users, Groups}} | Data];
open(dets, Data, Root) ->
    [Users, Groups] =
        [begin
             File = file(Key, Data, Root),
             case dets:open_file(make_ref(), [{file, File}]) of
                 {ok, Table} -> Table;
                 {error, Reason} -> throw({error, {{file, File}, Reason}})
             end
         end || Key <- [auth_user_file, auth_group_file]],
    [{auth_store, {dets, Users, Groups}} | Data];
open(mnesia, Data, _) -> [{auth_store, mnesia} | Data].

file(Key, Data, Root) ->
    filename:join(Root, proplists:get_value(Key, Data, "")).

lines(File) ->
    case file:read_file(File) of
        {ok, Bytes} ->
            [Line || Line <- string:lexemes(binary_to_list(Bytes),
                                          [$\r, $\n, "\r\n"]),
                     hd(Line) =/= $#];
        {error, _} -> throw({error, "mod_auth_plain: Can't open " ++ File})
    end.

entry(auth_user_file, Line, Data) ->
    case string:split(Line, ":") of
        [User, Password] -> {key(string:trim(User), Data),
                             string:trim(Password), []};
        _ -> throw({error, "mod_auth_plain: " ++ Line})
    end;
entry(auth_group_file, Line, Data) ->
    case string:split(Line, ":") of
        [Group, Users] -> {key(string:trim(Group), Data),
                           string:lexemes(Users, " \t")};
        _ -> throw({error, "mod_auth_plain: " ++ Line})
    end.

%% Tables may be those of more folders than one.
key(Name, Data) ->
    {Name, proplists:get_value(bind_address, Data),
     proplists:get_value(port, Data), proplists:get_value(path, Data)}.

store(Data) -> proplists:get_value(auth_store, Data).

close(Data) ->
    case store(Data) of
        {ets, Users, Groups} -> ets:delete(Users), ets:delete(Groups);
        {dets, Users, Groups} -> dets:close(Users), dets:close(Groups);
        _ -> ok
    end.

%% ---- users ----

add_user(Data, #httpd_user{username = Name, password = Password,
                           user_data = More} = User) ->
    Key = key(Name, Data),
    case store(Data) of
        mnesia ->
            done(mnesia:transaction(
                   fun() -> mnesia:write(User#httpd_user{username = Key}) end));
        {Module, Users, _} ->
            case Module:lookup(Users, Key) of
                [_] -> {error, user_already_in_db};
                [] -> inserted(Module:insert(Users, {Key, Password, More}))
            end
    end.

done({atomic, _}) -> true;
done({aborted, Reason}) -> {error, Reason}.

inserted({error, _} = Error) -> Error;
inserted(_) -> true.

get_user(Data, Name) ->
    Key = key(Name, Data),
    case read(Data, Key, httpd_user) of
        [{_, Password, More}] ->
            {ok, #httpd_user{username = Name, password = Password,
                             user_data = More}};
        [#httpd_user{} = User] -> {ok, User#httpd_user{username = Name}};
        _ -> {error, no_such_user}
    end.

read(Data, Key, Kind) ->
    case {store(Data), Kind} of
        {mnesia, _} ->
            {atomic, Found} = mnesia:transaction(
                                fun() -> mnesia:read({Kind, Key}) end),
            Found;
        {{Module, Users, _}, httpd_user} -> Module:lookup(Users, Key);
        {{Module, _, Groups}, httpd_group} -> Module:lookup(Groups, Key)
    end.

list_users(Data) -> {ok, names(Data, httpd_user, 3)}.

list_groups(Data) -> {ok, lists:usort(names(Data, httpd_group, 2))}.

%% Size is that of the tuples in tables.
names(Data, Kind, Size) ->
    {_, Address, Port, Path} = key('_', Data),
    Key = {'$1', Address, Port, Path},
    Pattern = list_to_tuple([Key | lists:duplicate(Size - 1, '_')]),
    case {store(Data), Kind} of
        {mnesia, _} ->
            {atomic, Found} =
                mnesia:transaction(
                  fun() ->
                          mnesia:select(Kind, [{erlang:insert_element(
                                                  1, Pattern, Kind),
                                                [], ['$1']}])
                  end),
            Found;
        {{Module, Users, _}, httpd_user} ->
            lists:append(Module:match(Users, Pattern));
        {{Module, _, Groups}, httpd_group} ->
            lists:append(Module:match(Groups, Pattern))
    end.

delete_user(Data, Name) ->
    Key = key(Name, Data),
    case store(Data) of
        mnesia ->
            done(mnesia:transaction(
                   fun() -> mnesia:delete({httpd_user, Key}) end));
        {Module, Users, _} ->
            case Module:lookup(Users, Key) of
                [] -> {error, no_such_user};
                _ ->
                    Module:delete(Users, Key),
                    {ok, Groups} = list_groups(Data),
                    [delete_member(Data, G, Name) || G <- Groups],
                    case Module of
                        ets -> ok; % as OTP has it
                        dets -> true
                    end
            end
    end.

%% ---- groups ----

add_member(Data, Group, User) ->
    Key = key(Group, Data),
    case store(Data) of
        mnesia ->
            Record = #httpd_group{name = Key, userlist = User},
            done(mnesia:transaction(fun() -> mnesia:write(Record) end));
        {Module, _, Groups} ->
            Before = case Module:lookup(Groups, Key) of
                         [{_, Users}] -> Users;
                         [] -> []
                     end,
            lists:member(User, Before)
                orelse inserted(Module:insert(Groups, {Key, [User | Before]}))
    end.

list_members(Data, Group) ->
    case {read(Data, key(Group, Data), httpd_group), store(Data)} of
        {Records, mnesia} -> {ok, [U || #httpd_group{userlist = U} <- Records]};
        {[{_, Users}], _} -> {ok, Users};
        {[], _} -> {error, no_such_group}
    end.

delete_member(Data, Group, User) ->
    Key = key(Group, Data),
    case store(Data) of
        mnesia ->
            Record = #httpd_group{name = Key, userlist = User},
            done(mnesia:transaction(
                   fun() -> mnesia:delete_object(Record) end));
        {Module, _, Groups} ->
            case Module:lookup(Groups, Key) of
                [{_, Users}] ->
                    case lists:member(User, Users) of
                        true ->
                            inserted(Module:insert(
                                       Groups, {Key, lists:delete(User,
                                                                  Users)}));
                        false -> {error, no_such_group_member}
                    end;
                [] -> {error, no_such_group}
            end
    end.

delete_group(Data, Group) ->
    Key = key(Group, Data),
    case store(Data) of
        mnesia ->
            done(mnesia:transaction(
                   fun() -> mnesia:delete({httpd_group, Key}) end));
        {Module, _, Groups} ->
            case Module:lookup(Groups, Key) of
                [] -> {error, no_such_group};
                _ -> Module:delete(Groups, Key), true
            end
    end.
