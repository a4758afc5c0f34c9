%% SPDX-License-Identifier: Apache-2.0
%% httpc_cookie: what servers have a client remember. Cookies of a session are
%% in a table of ets; those with an age in one of dets, if the profile has a
%% folder for it, or else with the others.
-module(httpc_cookie).

-export([open/2, close/1, insert/2, header/4, of_headers/3, reset/1, all/1]).

-record(http_cookie, {domain, domain_default = false, name, value, comment,
                      max_age = session, path, path_default = false,
                      secure = false, version = "0"}).

-record(jar, {session, kept = none}).

%% Profile gives the tables' names.
open(Profile, Dir) ->
    Name = fun(Part) -> list_to_atom(atom_to_list(Profile) ++ Part) end,
    Session = ets:new(Name("__session_cookie_db"),
                      [protected, bag, {keypos, #http_cookie.domain}]),
    case Dir of
        only_session_cookies -> {ok, #jar{session = Session}};
        _ ->
            Kept = Name("__cookie_db"),
            File = filename:join(Dir, atom_to_list(Kept)),
            case dets:open_file(Kept, [{keypos, #http_cookie.domain},
                                       {type, bag}, {file, File},
                                       {ram_file, true}]) of
                {ok, Kept} -> {ok, #jar{session = Session, kept = Kept}};
                {error, Reason} ->
                    {error, {failed_open_file, Kept, File, Reason}}
            end
    end.

close(#jar{session = Session, kept = Kept}) ->
    Kept =:= none orelse dets:close(Kept),
    ets:delete(Session).

reset(#jar{session = Session, kept = Kept}) ->
    Kept =:= none orelse dets:delete_all_objects(Kept),
    ets:delete_all_objects(Session),
    ok.

all(#jar{kept = none, session = Session}) ->
    [{session_cookies, ets:tab2list(Session)}];
all(#jar{kept = Kept, session = Session}) ->
    [{cookies, dets:match_object(Kept, '_')},
     {session_cookies, ets:tab2list(Session)}].

%% In the place of one of the same name; one that is to live no longer only
%% takes the other away.
insert(#jar{kept = none} = Jar, #http_cookie{max_age = Age} = Cookie)
  when is_integer(Age) ->
    insert(Jar, Cookie#http_cookie{max_age = session});
insert(Jar, #http_cookie{max_age = Age} = Cookie) ->
    #http_cookie{domain = Domain, name = Name, path = Path} = Cookie,
    Same = #http_cookie{domain = Domain, name = Name, path = Path, _ = '_'},
    {Module, Table} = place(Jar, Age),
    [Module:delete_object(Table, Old)
     || Old <- Module:match_object(Table, Same)],
    Age =:= 0 orelse Module:insert(Table, Cookie),
    ok.

place(#jar{session = Session}, session) -> {ets, Session};
place(#jar{kept = Kept}, _) -> {dets, Kept}.

%% ---- for a request ----

%% {"cookie", Text}; "" when there are none.
header(Jar, Scheme, Host, Path) ->
    Found = [C || Domain <- domains(Host), C <- of_domain(Jar, Domain),
                  lists:prefix(C#http_cookie.path, Path), is_alive(C, Jar)],
    Sorted = lists:reverse(lists:keysort(#http_cookie.path,
                                         lists:reverse(Found))),
    case [text(C) || C <- Sorted,
                     Scheme =:= https orelse not C#http_cookie.secure] of
        [] -> {"cookie", ""};
        Texts ->
            #http_cookie{version = Version} = lists:last(Found),
            {"cookie", lists:append(["$Version=", Version, "; "
                                     | lists:join("; ", Texts)])}
    end.

%% The wider domains first, the host itself last.
domains(Host) ->
    case inet:parse_address(Host) of
        {ok, _} -> [Host];
        _ ->
            case string:lexemes(Host, ".") of
                [_ | Parts] -> wider(Parts, [Host]);
                [] -> [Host]
            end
    end.

wider([_, _ | _] = Parts, Domains) ->
    wider(tl(Parts), [lists:append(["." ++ P || P <- Parts]) | Domains]);
wider(_, Domains) -> Domains.

of_domain(#jar{session = Session, kept = Kept}, Domain) ->
    Pattern = #http_cookie{domain = Domain, _ = '_'},
    [C || Kept =/= none, C <- dets:match_object(Kept, Pattern)]
        ++ ets:match_object(Session, Pattern).

is_alive(#http_cookie{max_age = session}, _) -> true;
is_alive(#http_cookie{max_age = Age} = Cookie, #jar{kept = Kept}) ->
    Age > now_seconds() orelse dets:delete_object(Kept, Cookie) =/= ok.

text(#http_cookie{name = Name, value = Value, path = Path, domain = Domain,
                  path_default = NoPath, domain_default = NoDomain}) ->
    lists:append([Name, "=", Value]
                 ++ ["; $Path=" ++ Path || not NoPath]
                 ++ ["; $Domain=" ++ Domain || not NoDomain]).

%% ---- of an answer ----

%% The cookies of headers set-cookie that Host may set for Path.
of_headers(Headers, Path, Host) ->
    [C || {"set-cookie", Text} <- Headers,
          C <- parse(Text, Path, Host), may_set(C, Path, Host)].

parse(Text, Path, Host) ->
    case string:split(Text, "=") of
        [[_ | _] = Name, Rest] ->
            [Value | Attributes] = string:split(Rest, ";", all),
            New = #http_cookie{name = string:trim(Name),
                               value = string:trim(Value)},
            [with_defaults(lists:foldl(fun attribute/2, New,
                                       [pair(A) || A <- Attributes]),
                           Path, Host)];
        _ -> []
    end.

pair(Attribute) ->
    case string:split(Attribute, "=") of
        [Name, Value] ->
            {string:lowercase(string:trim(Name)), string:trim(Value)};
        [Name] -> {string:lowercase(string:trim(Name)), ""}
    end.

attribute({"comment", Value}, C) -> C#http_cookie{comment = Value};
attribute({"domain", Value}, C) -> C#http_cookie{domain = Value};
attribute({"path", Value}, C) -> C#http_cookie{path = Value};
attribute({"version", Value}, C) -> C#http_cookie{version = Value};
attribute({"secure", _}, C) -> C#http_cookie{secure = true};
attribute({"max-age", Value}, C) ->
    case string:to_integer(Value) of
        {0, []} -> C#http_cookie{max_age = 0};
        {Seconds, []} -> C#http_cookie{max_age = now_seconds() + Seconds};
        _ -> C
    end;
attribute({"expires", Value}, C) ->
    case http_text:parse_date(Value) of
        bad_date -> C;
        Date ->
            C#http_cookie{max_age = calendar:datetime_to_gregorian_seconds(
                                      Date)}
    end;
attribute(_, C) -> C.

now_seconds() -> calendar:datetime_to_gregorian_seconds(
                   calendar:universal_time()).

with_defaults(#http_cookie{domain = undefined} = C, Path, Host) ->
    with_defaults(C#http_cookie{domain = Host, domain_default = true}, Path,
                  Host);
with_defaults(#http_cookie{path = undefined} = C, Path, _) ->
    Begin = case Path of
                "/" -> "/";
                _ -> string:trim(Path, trailing, "/")
            end,
    C#http_cookie{path = Begin, path_default = true};
with_defaults(C, _, _) -> C.

%% A host speaks for itself, or for the domain that it is a direct part of.
may_set(#http_cookie{path = Begin, domain = Domain}, Path, Host) ->
    lists:prefix(Begin, Path)
        andalso (Domain =:= Host orelse is_part_of(Host, Domain)).

is_part_of(Host, "." ++ Rest = Domain) ->
    inet:parse_address(Host) =:= {error, einval}
        andalso lists:member($., Rest) andalso lists:suffix(Domain, Host)
        andalso not lists:member($., lists:sublist(Host, length(Host)
                                                       - length(Domain)));
is_part_of(_, _) -> false.
