%% SPDX-License-Identifier: Apache-2.0
%% auth: the cookies by which nodes trust each other. A node that is alone has
%% none.
-module(auth).

-export([get_cookie/0, get_cookie/1, set_cookie/1, set_cookie/2, is_auth/1,
         cookie/0, cookie/1, node_cookie/1, node_cookie/2]).

get_cookie() -> nocookie.
get_cookie(Node) when is_atom(Node) -> nocookie.
set_cookie(Cookie) -> error(distribution_not_started, [Cookie]).
set_cookie(Node, Cookie) -> error(distribution_not_started, [Node, Cookie]).

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
