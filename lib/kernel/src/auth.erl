%% SPDX-License-Identifier: Apache-2.0
%% auth: the cookies by which nodes trust each other: one that this node shows
%% and expects, and others for nodes that have their own. It comes from the
%% command line, or from the file .erlang.cookie, which is made if need be.
-module(auth).
-behaviour(gen_server).

-export([start_link/0, get_cookie/0, get_cookie/1, set_cookie/1, set_cookie/2,
         is_auth/1, cookie/0, cookie/1, node_cookie/1, node_cookie/2,
         print/3, sync_cookie/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2,
         code_change/3]).

-define(COOKIE_FILE, ".erlang.cookie").
-define(LENGTH, 20).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

get_cookie() -> get_cookie(node()).

get_cookie(Node) when is_atom(Node) ->
    case is_alive() of
        true -> call({get_cookie, Node});
        false -> nocookie
    end.

set_cookie(Cookie) -> set_cookie(node(), Cookie).

set_cookie(Node, Cookie) when is_atom(Node), is_atom(Cookie) ->
    case is_alive() of
        true -> call({set_cookie, Node, Cookie});
        false -> error(distribution_not_started, [Node, Cookie])
    end.

sync_cookie() -> call(sync_cookie).

call(Request) -> gen_server:call(?MODULE, Request, infinity).

is_auth(Node) ->
    case net_adm:ping(Node) of
        pong -> yes;
        pang -> no
    end.

cookie() -> get_cookie().
cookie([Cookie]) -> set_cookie(Cookie);
cookie(Cookie) -> set_cookie(Cookie).
node_cookie([Node, Cookie]) -> node_cookie(Node, Cookie).
node_cookie(Node, Cookie) ->
    set_cookie(Node, Cookie),
    is_auth(Node).

%% What is told of nodes that are not let in goes to them, too.
print(Node, Format, Args) ->
    (catch gen_server:cast({?MODULE, Node}, {print, Format, Args})).

%% ---- the server: {Own, #{Node => Cookie}} ----

init([]) ->
    process_flag(trap_exit, true),
    {ok, cookies()}.

handle_call({get_cookie, Node}, {From, _}, S) when node(From) =:= node() ->
    {reply, cookie_of(Node, S), S};
handle_call({set_cookie, Node, Cookie}, {From, _}, {_, Others})
  when node(From) =:= node(), Node =:= node() ->
    {reply, true, {Cookie, Others}};
handle_call({set_cookie, Node, Cookie}, {From, _}, {Own, Others})
  when node(From) =:= node() ->
    {reply, true, {Own, Others#{Node => Cookie}}};
handle_call(sync_cookie, _, {_, Others}) ->
    {Own, _} = cookies(),
    {reply, true, {Own, Others}};
handle_call(_, _, S) -> {noreply, S}.

handle_cast({print, Format, Args}, S) ->
    error_logger:error_msg(Format, Args),
    {noreply, S};
handle_cast(_, S) -> {noreply, S}.

handle_info(_, S) -> {noreply, S}.
terminate(_, _) -> ok.
code_change(_, S, _) -> {ok, S}.

cookie_of(Node, {Own, Others}) -> maps:get(Node, Others, Own).

%% ---- where it comes from ----

%% -setcookie Cookie, -setcookie Node Cookie
cookies() ->
    Given = case init:get_argument(setcookie) of
                {ok, All} -> All;
                error -> []
            end,
    Others = maps:from_list([{list_to_atom(N), list_to_atom(C)}
                             || [N, C] <- Given]),
    case [C || [C] <- Given] of
        [Own | _] -> {list_to_atom(Own), Others};
        [] -> {from_file(), Others}
    end.

from_file() ->
    case file_name() of
        {ok, Name} ->
            case read(Name) of
                {ok, Cookie} -> Cookie;
                {error, enoent} -> make(Name);
                {error, Reason} -> fail(Reason)
            end;
        none -> nocookie
    end.

%% In the home directory, or where XDG says, if it is there.
file_name() ->
    case init:get_argument(home) of
        {ok, [[Home | _] | _]} ->
            Name = filename:join(Home, ?COOKIE_FILE),
            Other = xdg_name(Home),
            case {prim_file:read_file_info(Name),
                  prim_file:read_file_info(Other)} of
                {{error, enoent}, {ok, _}} -> {ok, Other};
                _ -> {ok, Name}
            end;
        _ -> none
    end.

xdg_name(Home) ->
    Dir = case os:getenv("XDG_CONFIG_HOME") of
              false -> filename:join(Home, ".config");
              Config -> Config
          end,
    filename:join([Dir, "erlang", ?COOKIE_FILE]).

%% Nobody else may read it. The mode is the tenth element of what
%% read_file_info tells.
read(Name) ->
    case prim_file:read_file_info(Name) of
        {ok, Info} ->
            case element(8, Info) band 8#077 of
                0 -> read_text(Name);
                _ -> {error, {Name, "must be accessible by owner only"}}
            end;
        {error, enoent} -> {error, enoent};
        {error, Reason} -> {error, {Name, file:format_error(Reason)}}
    end.

read_text(Name) ->
    case prim_file:read_file(Name) of
        {ok, Bytes} ->
            case string:trim(binary_to_list(Bytes), trailing, "\r\n ") of
                "" -> {error, {Name, "Too short cookie string"}};
                Text ->
                    case [C || C <- Text, C < $\s orelse C > $~] of
                        [] -> {ok, list_to_atom(Text)};
                        _ -> {error, {Name, "Bad characters in cookie"}}
                    end
            end;
        {error, Reason} -> {error, {Name, file:format_error(Reason)}}
    end.

make(Name) ->
    <<Seed:128>> = erlang:md5(term_to_binary({erlang:unique_integer(),
                                              os:system_time(), os:getpid(),
                                              erlang:timestamp(), self()})),
    Text = letters(Seed, ?LENGTH),
    case file:write_file(Name, Text) of
        ok ->
            _ = file:change_mode(Name, 8#400),
            list_to_atom(Text);
        {error, Reason} ->
            error_logger:error_msg("Failed to create cookie file '~ts': ~tp",
                                   [Name, Reason]),
            list_to_atom(Text)
    end.

letters(_, 0) -> "";
letters(Seed, N) -> [$A + Seed rem 26 | letters(Seed div 26, N - 1)].

fail({Name, Text}) ->
    Message = lists:flatten(io_lib:format("Cookie file ~ts ~ts",
                                          [Name, Text])),
    error_logger:error_msg("~ts", [Message]),
    exit(Message).
